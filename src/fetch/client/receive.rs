//! A response → its document's bytes, decompressed, capped, within its time and within the memory budget.

use bytes::Bytes;
use http::HeaderMap;
use reqwest::Response;
use url::Url;

use super::super::body::{
    DecompressError, DecompressedBody, Decompressor, PIECE_BYTES, stated_length,
};
use super::super::fetch_error::{FetchError, TimeoutPhase, error_chain, host_of_url};
use super::super::memory_budget::{LARGE_BYTES, LargeDocPermit};
use super::{Client, RequestDeadline};

/// Cap on the head of a response, in bytes, as for HTTP/2: servers themselves allow requests 8 KB. The
/// HTTP client itself stops at 100 header lines and some 400 KB.
const MAX_HEAD_BYTES: usize = super::HTTP2_HEAD_BYTES as usize;

/// Refuses a response of `url` whose head is larger than any server needs.
pub(super) fn check_head_size(headers: &HeaderMap, url: &Url) -> Result<(), FetchError> {
    let bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if bytes <= MAX_HEAD_BYTES {
        return Ok(());
    }
    let reason = format!("the head of the answer is larger than {MAX_HEAD_BYTES} bytes");
    Err(FetchError::NoResponse { host: host_of_url(url), reason })
}

impl Client {
    /// The document's bytes, as far as they came, and the permit for their memory.
    pub(super) async fn read_body(
        &self,
        mut response: Response,
        deadline: &mut RequestDeadline,
    ) -> Result<(DecompressedBody, LargeDocPermit), FetchError> {
        let length = stated_length(response.headers());
        if length.is_some_and(|length| length > self.max_bytes as u64) {
            return Err(self.decompress_failure(DecompressError::TooLarge));
        }
        let mut permit = LargeDocPermit::default();
        let decompressor = Decompressor::new(response.headers(), self.max_bytes);
        let mut decompressor = decompressor.map_err(|error| self.decompress_failure(error))?;
        let truncated = 'body: loop {
            let piece = match self.read_chunk(&mut response, deadline).await? {
                Ok(Some(piece)) => piece,
                Ok(None) => break None,
                Err(error) => break Some(error_chain(&error)),
            };
            for part in piece.chunks(PIECE_BYTES) {
                match decompressor.push(part) {
                    Ok(()) => {}
                    Err(DecompressError::Corrupt(reason)) => break 'body Some(reason),
                    Err(error) => return Err(self.decompress_failure(error)),
                }
                if decompressor.buffered_bytes() > LARGE_BYTES && !permit.is_large() {
                    permit = deadline
                        .excluded_from_budget(TimeoutPhase::Memory, self.memory_budget.acquire())
                        .await?;
                }
            }
        };
        let body = match truncated {
            Some(reason) => decompressor.finish_truncated(reason),
            None => decompressor.finish_body(),
        };
        let body = body.map_err(|error| self.decompress_failure(error))?;
        match body.truncated {
            Some(reason) if body.bytes.is_empty() => Err(FetchError::Body { reason }),
            _ => Ok((body, permit)),
        }
    }

    /// The next piece of a body, counted; `None`: the body has ended.
    pub(super) async fn read_chunk(
        &self,
        response: &mut Response,
        deadline: &RequestDeadline,
    ) -> Result<reqwest::Result<Option<Bytes>>, FetchError> {
        let piece = deadline.run_within(TimeoutPhase::Body, response.chunk()).await?;
        if let Ok(Some(piece)) = &piece {
            self.received_bytes.inc_by(piece.len() as u64);
        }
        Ok(piece)
    }

    fn decompress_failure(&self, error: DecompressError) -> FetchError {
        match error {
            DecompressError::TooLarge => FetchError::TooLarge { limit: self.max_bytes as u64 },
            DecompressError::Bomb => FetchError::DecompressionBomb,
            DecompressError::Corrupt(reason) => FetchError::Body { reason },
        }
    }
}
