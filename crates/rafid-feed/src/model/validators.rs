//! What a conditional request repeats.

/// What a server gave to ask again with: opaque bytes, echoed as they came (RFC 9110 section 8.8).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Validators {
    /// The `ETag` header's bytes.
    pub etag: Option<Vec<u8>>,
    /// The `Last-Modified` header's bytes.
    pub last_modified: Option<Vec<u8>>,
    /// The address that gave them; they are sent to no other.
    pub url: String,
}
