//! Requests of the operator → exports and backups, written piece by piece to the client. One at a time, on a
//! thread of its own: the publisher and the readers do not wait for it.

use std::io::{self, ErrorKind, Write};
use std::sync::Arc;

use arc_swap::ArcSwap;
use bytes::Bytes;
use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::published_site::PublishedSite;
use super::renderer::Renderer;
use crate::http::{StreamPiece, StreamRequest, StreamResource};
use crate::store::Store;

/// The requests that wait while another one is answered.
const MAX_WAITING_STREAMS: usize = 2;
/// The bytes of a piece: large enough that the channel costs nothing, small beside everything else in memory.
const PIECE_BYTES: usize = 64 * 1024;

/// Starts the task that answers requests for streams; it ends when `stop` is cancelled.
pub fn start_operator_streams(
    store: Store,
    site: &Arc<ArcSwap<PublishedSite>>,
    stop: &CancellationToken,
) -> mpsc::Sender<StreamRequest> {
    let (requests, mut inbox) = mpsc::channel::<StreamRequest>(MAX_WAITING_STREAMS);
    let (site, stop) = (Arc::clone(site), stop.clone());
    tokio::spawn(async move {
        loop {
            let request = tokio::select! {
                biased;
                () = stop.cancelled() => return,
                request = inbox.recv() => request,
            };
            let Some(StreamRequest { resource, pieces }) = request else { return };
            let renderer = Renderer {
                store: store.clone(),
                site: site.load_full(),
                started_at: Timestamp::now(),
                config_error: None,
                polling_pause: None,
                polled_at: None,
                search: None,
                archives: Arc::default(),
                pictures: None,
            };
            let last_piece = pieces.clone();
            let out = PieceWriter { pieces, buffer: Vec::new(), stop: stop.clone() };
            let done = tokio::task::spawn_blocking(move || write_stream(&renderer, &resource, out));
            if done.await.is_err() {
                tracing::error!("an export or backup panicked; please report it");
                // Without it the response would seem complete.
                let _ = last_piece.send(Err(io::Error::other("it panicked"))).await;
            }
        }
    });
    requests
}

fn write_stream(renderer: &Renderer, resource: &StreamResource, mut out: PieceWriter) {
    let written = match resource {
        StreamResource::Entries(filter) => {
            let exported = renderer.export_entries(filter, &mut out);
            exported.map(drop).map_err(|error| error.to_string())
        }
        StreamResource::Backup => {
            let written = renderer.store.write_backup(&mut out, Timestamp::now(), &|_| {});
            written.map(drop).map_err(|error| error.to_string())
        }
    };
    if let Err(error) = written.and_then(|()| out.flush().map_err(|error| error.to_string())) {
        // A client that disconnects also leads here.
        tracing::warn!(%error, "an export or backup ended early");
        let _ = out.pieces.blocking_send(Err(io::Error::other(error)));
    }
}

/// Bytes → pieces of a stream.
struct PieceWriter {
    pieces: mpsc::Sender<StreamPiece>,
    buffer: Vec<u8>,
    stop: CancellationToken,
}

impl Write for PieceWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= PIECE_BYTES {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.stop.is_cancelled() {
            return Err(io::Error::other("the daemon is being stopped"));
        }
        if self.buffer.is_empty() {
            return Ok(());
        }
        let piece = Bytes::from(std::mem::take(&mut self.buffer));
        let gone = |_| io::Error::new(ErrorKind::BrokenPipe, "the client is gone");
        self.pieces.blocking_send(Ok(piece)).map_err(gone)
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{self, TestStore, listed};
    use super::*;
    use crate::model::ExportFilter;

    fn writer(stop: &CancellationToken) -> (PieceWriter, mpsc::Receiver<StreamPiece>) {
        let (pieces, inbox) = mpsc::channel(8);
        (PieceWriter { pieces, buffer: Vec::new(), stop: stop.clone() }, inbox)
    }

    /// The bytes of a stream, and whether it ended with an error.
    fn bytes_of(mut inbox: mpsc::Receiver<StreamPiece>) -> (Vec<u8>, bool) {
        let mut bytes = Vec::new();
        while let Some(piece) = inbox.blocking_recv() {
            match piece {
                Ok(piece) => bytes.extend(piece),
                Err(_) => return (bytes, true),
            }
        }
        (bytes, false)
    }

    #[test]
    fn a_stream_holds_what_is_written_and_ends_with_an_error_when_it_is_cut() {
        let test = TestStore::open();
        let entries: Vec<_> =
            (0..200).map(|number| listed("a", &number.to_string(), &"خبر ".repeat(100))).collect();
        test.keep_all("a", entries);
        let renderer = test.renderer(vec![sample::source("a")]);
        let resource = StreamResource::Entries(ExportFilter::default());
        let mut expected = Vec::new();
        renderer.export_entries(&ExportFilter::default(), &mut expected).unwrap();
        assert!(expected.len() > 2 * PIECE_BYTES);
        let (out, inbox) = writer(&CancellationToken::new());
        write_stream(&renderer, &resource, out);
        assert!(bytes_of(inbox) == (expected, false));

        let query = Some("(".to_owned());
        let refused = StreamResource::Entries(ExportFilter { query, ..ExportFilter::default() });
        let (out, inbox) = writer(&CancellationToken::new());
        write_stream(&renderer, &refused, out);
        assert_eq!(bytes_of(inbox), (Vec::new(), true));

        let stop = CancellationToken::new();
        stop.cancel();
        let (out, inbox) = writer(&stop);
        write_stream(&renderer, &resource, out);
        assert_eq!(bytes_of(inbox), (Vec::new(), true), "the daemon stops");
    }

    #[test]
    fn a_client_that_is_gone_ends_the_work() {
        let (mut out, inbox) = writer(&CancellationToken::new());
        drop(inbox);
        let written = out.write_all(&vec![0; PIECE_BYTES]);
        assert_eq!(written.unwrap_err().kind(), ErrorKind::BrokenPipe);
    }
}
