//! An answer → its document's bytes, unpacked, capped, within its time and with room for them.

use bytes::Bytes;
use http::HeaderMap;
use http::header::CONTENT_LENGTH;
use reqwest::Response;
use url::Url;

use super::super::body::{DecompressError, DecompressedBody, Decompressor, PIECE_BYTES};
use super::super::fetch_error::{FetchError, TimeoutPhase, error_chain, host_of_url};
use super::super::memory_budget::{LARGE_BYTES, LargeDocPermit};
use super::{Client, RequestDeadline, header_text};

/// Cap on the head of an answer, in bytes, as for HTTP/2: servers themselves allow requests 8 KB. The
/// HTTP client ends heads of 100 lines and of some 400 KB by itself.
const MAX_HEAD_BYTES: usize = super::HTTP2_HEAD_BYTES as usize;

/// Refuses an answer of `url` whose head is larger than anybody needs.
pub(super) fn check_head_size(headers: &HeaderMap, url: &Url) -> Result<(), FetchError> {
    let bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if bytes <= MAX_HEAD_BYTES {
        return Ok(());
    }
    let reason = format!("the head of the answer is larger than {MAX_HEAD_BYTES} bytes");
    Err(FetchError::NoResponse { host: host_of_url(url), reason })
}

impl Client {
    /// The document's bytes, as far as they came, and the room that they take.
    pub(super) async fn read_body(
        &self,
        mut response: Response,
        clock: &mut RequestDeadline,
    ) -> Result<(DecompressedBody, LargeDocPermit), FetchError> {
        let length = header_text(response.headers(), &CONTENT_LENGTH);
        let length = length.and_then(|length| length.parse::<u64>().ok());
        if length.is_some_and(|length| length > self.max_bytes as u64) {
            return Err(self.decompress_failure(DecompressError::TooLarge));
        }
        let mut room = LargeDocPermit::default();
        let unpacker = Decompressor::new(response.headers(), self.max_bytes);
        let mut unpacker = unpacker.map_err(|stop| self.decompress_failure(stop))?;
        let broken = 'body: loop {
            let piece = match self.read_chunk(&mut response, clock).await? {
                Ok(Some(piece)) => piece,
                Ok(None) => break None,
                Err(error) => break Some(error_chain(&error)),
            };
            for part in piece.chunks(PIECE_BYTES) {
                match unpacker.push(part) {
                    Ok(()) => {}
                    Err(DecompressError::Corrupt(reason)) => break 'body Some(reason),
                    Err(stop) => return Err(self.decompress_failure(stop)),
                }
                if unpacker.buffered_bytes() > LARGE_BYTES && !room.is_large() {
                    room = clock
                        .excluded_from_budget(TimeoutPhase::Memory, self.rooms.acquire())
                        .await?;
                }
            }
        };
        let body = match broken {
            Some(reason) => unpacker.finish_truncated(reason),
            None => unpacker.finish_body(),
        };
        let body = body.map_err(|stop| self.decompress_failure(stop))?;
        match body.truncated {
            Some(reason) if body.bytes.is_empty() => Err(FetchError::Body { reason }),
            _ => Ok((body, room)),
        }
    }

    /// The next piece of a body, counted; `None`: it is at its end.
    pub(super) async fn read_chunk(
        &self,
        response: &mut Response,
        clock: &RequestDeadline,
    ) -> Result<reqwest::Result<Option<Bytes>>, FetchError> {
        let piece = clock.run_within(TimeoutPhase::Body, response.chunk()).await?;
        if let Ok(Some(piece)) = &piece {
            self.received_bytes.inc_by(piece.len() as u64);
        }
        Ok(piece)
    }

    fn decompress_failure(&self, stop: DecompressError) -> FetchError {
        match stop {
            DecompressError::TooLarge => FetchError::TooLarge { limit: self.max_bytes as u64 },
            DecompressError::Bomb => FetchError::DecompressionBomb,
            DecompressError::Corrupt(reason) => FetchError::Body { reason },
        }
    }
}
