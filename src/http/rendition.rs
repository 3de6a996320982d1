//! Text → `Rendition`: its bytes with their hash. The content codings are made when clients want them
//! (`served_rendition`).

use bytes::Bytes;
use jiff::Timestamp;
use rafid_feed::hash;

use crate::model::Rendition;

/// Completes `body` with its hash and validators.
pub fn encode_rendition(
    media_type: &'static str,
    body: impl Into<Bytes>,
    modified_at: Timestamp,
    max_age_seconds: u64,
) -> Rendition {
    let body = body.into();
    let hash = rendition_hash(&body);
    Rendition { media_type, body, hash, modified_at, max_age_seconds, links: None, mark: None }
}

/// The hash of a text as renditions store it: 16 bytes in hex.
pub fn rendition_hash(text: impl AsRef<[u8]>) -> String {
    hash::short_hex(text, 32)
}
