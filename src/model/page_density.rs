//! How many entries a page fits on a screen: a choice of the reader that the address holds.

/// How much a page shows of each entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum PageDensity {
    /// The headline and the text below it.
    #[default]
    Normal,
    /// The headline alone.
    Compact,
}

impl PageDensity {
    /// The density that a word in an address means; `None`: it is not one of the words.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "" | "normal" => Some(Self::Normal),
            "compact" => Some(Self::Compact),
            _ => None,
        }
    }
}
