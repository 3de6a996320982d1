//! The values that a conditional request repeats.

/// The validators that a server sent, for the next request: opaque bytes, repeated unchanged (RFC
/// 9110 section 8.8).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Validators {
    /// The `ETag` header's bytes.
    pub etag: Option<Vec<u8>>,
    /// The `Last-Modified` header's bytes.
    pub last_modified: Option<Vec<u8>>,
    /// The address that sent them; no other address receives them.
    pub url: String,
}
