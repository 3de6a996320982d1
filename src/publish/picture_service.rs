//! Requests for copies of pictures → their bytes, read from the folder beside the publisher: forty pictures of a page
//! wait for no rendering.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

use crate::http::{RenderRequest, Reply, Resource, ServedRendition, encode_rendition};
use crate::pictures::{PictureFile, PictureShelf};

/// The maximum number of requests that wait; further ones are answered 503. As many as there are connections
/// (`http::listen`).
const MAX_WAITING_PICTURES: usize = 512;
/// The maximum number of files that are read at the same time.
const MAX_PICTURE_READS: usize = 4;
/// Seconds that a copy is fresh: a year, as it never changes under its address.
const FRESH_SECONDS: u64 = 31_536_000;

/// Starts the task that answers requests for copies; it ends when `stop` is cancelled.
pub fn start_picture_service(
    shelf: PictureShelf,
    stop: CancellationToken,
) -> mpsc::Sender<RenderRequest> {
    let (requests, mut inbox) = mpsc::channel::<RenderRequest>(MAX_WAITING_PICTURES);
    tokio::spawn(async move {
        let permits = Arc::new(Semaphore::new(MAX_PICTURE_READS));
        while let Some(Some(request)) = stop.run_until_cancelled(inbox.recv()).await {
            let Ok(permit) = Arc::clone(&permits).acquire_owned().await else { break };
            let shelf = shelf.clone();
            tokio::task::spawn_blocking(move || {
                let _permit = permit;
                answer_request(&shelf, request);
            });
        }
    });
    requests
}

fn answer_request(shelf: &PictureShelf, request: RenderRequest) {
    // The client no longer waits.
    if request.reply.is_closed() {
        return;
    }
    let Resource::Picture(id) = request.resource else { return };
    let reply = match shelf.read(id) {
        Ok(file) => Reply::from(file.map(served_picture)),
        Err(error) => {
            tracing::error!(%error, "the copy of a picture cannot be read");
            Reply::Unavailable
        }
    };
    let _ = request.reply.send(reply);
}

fn served_picture(file: PictureFile) -> Arc<ServedRendition> {
    let made_at = file.made_at.unwrap_or(Timestamp::UNIX_EPOCH);
    let rendition = encode_rendition(file.media_type, file.bytes, made_at, FRESH_SECONDS);
    Arc::new(ServedRendition::new(Arc::new(rendition)))
}
