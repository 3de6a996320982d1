//! The order of search results ↔ its word in addresses and on the command line.

/// Which search results come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum SearchOrder {
    /// The latest listed entry.
    #[default]
    Newest,
    /// The entry with the most occurrences of the words in the fewest words; a title counts more.
    Best,
}

impl SearchOrder {
    /// Its word in addresses and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Newest => "new",
            Self::Best => "best",
        }
    }

    /// The order with this word. `None`: no order has it.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Newest, Self::Best].into_iter().find(|order| order.as_str() == word)
    }
}
