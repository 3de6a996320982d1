//! Pieces of text that stand on several pages of one source.

/// Pieces of text of the last pages of a source, by their marks; the one seen last stands last.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RepeatedBlocks {
    /// The marks.
    pub blocks: Vec<RepeatedBlock>,
}

/// A piece of text, and the pages it was seen on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepeatedBlock {
    /// Hash of the text's match key.
    pub text: u64,
    /// Hashes of the addresses of different pages; more than three are not kept.
    pub pages: Vec<u32>,
}
