//! An answer → its document's bytes, unpacked, capped, within its time and with room for them.

use bytes::Bytes;
use http::HeaderMap;
use http::header::CONTENT_LENGTH;
use reqwest::Response;
use url::Url;

use super::super::body::{PIECE_BYTES, Stop, Unpacked, Unpacker};
use super::super::error::{FetchError, Waiting, chain, host};
use super::super::room::{LARGE_BYTES, Room};
use super::{Client, Clock, text};

/// Cap on the head of an answer, in bytes, as for HTTP/2: servers themselves allow requests 8 KB. The
/// HTTP client ends heads of 100 lines and of some 400 KB by itself.
const HEAD_BYTES: usize = super::HTTP2_HEAD_BYTES as usize;

/// Refuses an answer of `url` whose head is larger than anybody needs.
pub(super) fn refuse_head(headers: &HeaderMap, url: &Url) -> Result<(), FetchError> {
    let bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if bytes <= HEAD_BYTES {
        return Ok(());
    }
    let reason = format!("the head of the answer is larger than {HEAD_BYTES} bytes");
    Err(FetchError::NoAnswer { host: host(url), reason })
}

impl Client {
    /// The document's bytes, as far as they came, and the room that they take.
    pub(super) async fn body(
        &self,
        mut response: Response,
        clock: &mut Clock,
    ) -> Result<(Unpacked, Room), FetchError> {
        let length = text(response.headers(), &CONTENT_LENGTH);
        let length = length.and_then(|length| length.parse::<u64>().ok());
        if length.is_some_and(|length| length > self.max_bytes as u64) {
            return Err(self.error(Stop::TooLarge));
        }
        let mut room = Room::default();
        let unpacker = Unpacker::new(response.headers(), self.max_bytes);
        let mut unpacker = unpacker.map_err(|stop| self.error(stop))?;
        let broken = 'body: loop {
            let piece = match self.piece(&mut response, clock).await? {
                Ok(Some(piece)) => piece,
                Ok(None) => break None,
                Err(error) => break Some(chain(&error)),
            };
            for part in piece.chunks(PIECE_BYTES) {
                match unpacker.push(part) {
                    Ok(()) => {}
                    Err(Stop::Broken(reason)) => break 'body Some(reason),
                    Err(stop) => return Err(self.error(stop)),
                }
                if unpacker.held() > LARGE_BYTES && !room.is_large() {
                    room = clock.beside(Waiting::Room, self.rooms.wait()).await?;
                }
            }
        };
        let body = match broken {
            Some(reason) => unpacker.stop(reason),
            None => unpacker.end(),
        };
        let body = body.map_err(|stop| self.error(stop))?;
        match body.cut {
            Some(reason) if body.bytes.is_empty() => Err(FetchError::Body { reason }),
            _ => Ok((body, room)),
        }
    }

    /// The next piece of a body, counted; `None`: it is at its end.
    pub(super) async fn piece(
        &self,
        response: &mut Response,
        clock: &Clock,
    ) -> Result<reqwest::Result<Option<Bytes>>, FetchError> {
        let piece = clock.within(Waiting::Body, response.chunk()).await?;
        if let Ok(Some(piece)) = &piece {
            self.received_bytes.inc_by(piece.len() as u64);
        }
        Ok(piece)
    }

    fn error(&self, stop: Stop) -> FetchError {
        match stop {
            Stop::TooLarge => FetchError::TooLarge { limit: self.max_bytes as u64 },
            Stop::Grows => FetchError::Bomb,
            Stop::Broken(reason) => FetchError::Body { reason },
        }
    }
}
