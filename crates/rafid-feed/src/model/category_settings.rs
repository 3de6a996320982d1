//! The operator's settings for the labels that a source puts on its entries: categories and «عاجل».

/// Whether a source's claims of breaking news are trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum BreakingSetting {
    /// Trusted unless the source flags more than half of its newest entries.
    #[default]
    Auto,
    /// Always.
    Trusted,
    /// Never.
    Ignored,
}

/// The operator's settings for a source's labels.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct CategorySettings {
    /// Categories to drop, in addition to those that are meaningless in any feed.
    pub junk: Vec<String>,
    /// Categories never to drop.
    pub keep: Vec<String>,
    /// Whether the source's claims of breaking news are trusted.
    pub breaking: BreakingSetting,
}
