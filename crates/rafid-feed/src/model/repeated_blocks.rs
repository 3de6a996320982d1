//! Blocks of text that occur on several pages of one source.

/// Blocks of text of a source's latest pages, by their hashes; the most recently seen block is
/// last.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RepeatedBlocks {
    /// The blocks.
    pub blocks: Vec<RepeatedBlock>,
}

/// A block of text, and the pages that contain it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepeatedBlock {
    /// Hash of the text's match key.
    pub text: u64,
    /// Hashes of the addresses of different pages; at most three are kept.
    pub pages: Vec<u32>,
}
