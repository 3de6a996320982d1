//! What the operator says of the words that a source puts on its entries: categories, and «عاجل».

/// Whether a source's word that its news is breaking is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum BreakingSetting {
    /// Unless it says so of more than half of its newest entries.
    #[default]
    Auto,
    /// Always.
    Trusted,
    /// Never.
    Ignored,
}

/// What the operator says of a source's labels.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct CategorySettings {
    /// Categories that are dropped, beside those that say nothing in any feed.
    pub junk: Vec<String>,
    /// Categories that are never dropped.
    pub keep: Vec<String>,
    /// Whether its word that news is breaking is believed.
    pub breaking: BreakingSetting,
}
