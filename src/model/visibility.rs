//! Who may see what the program reports about itself.

/// Who may see a report. The operator always may: by the store's key, or at the operator's own address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Visibility {
    /// Everyone.
    #[default]
    Public,
    /// Programs on this machine alone.
    Local,
    /// The operator alone.
    Off,
}

impl Visibility {
    /// The visibility that a word of the configuration means; `None`: it is not one of the words.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "public" => Some(Self::Public),
            "local" => Some(Self::Local),
            "off" => Some(Self::Off),
            _ => None,
        }
    }
}
