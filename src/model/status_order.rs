//! In which order the state of the sources is listed: a choice of the reader that the address holds.

/// The order of the sources on the page of their state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum StatusOrder {
    /// Those with the most severe findings first.
    #[default]
    Severity,
    /// By their names.
    Name,
    /// Those without news for the longest time first.
    OldestNews,
    /// Those with the most stored entries first.
    Entries,
}

impl StatusOrder {
    /// All of them, in the order of their links.
    pub const ALL: [Self; 4] = [Self::Severity, Self::Name, Self::OldestNews, Self::Entries];

    /// Its word in an address; the usual order has none.
    pub fn as_word(self) -> &'static str {
        match self {
            Self::Severity => "",
            Self::Name => "name",
            Self::OldestNews => "news",
            Self::Entries => "entries",
        }
    }

    /// The order that a word in an address means; `None`: it is not one of the words.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|order| order.as_word() == word)
    }
}
