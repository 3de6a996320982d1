//! A `Warning`: something a publisher did wrong and how it was answered. Never fatal, never silent.

/// The station of the river that speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Getting the bytes.
    Fetch,
    /// Bytes to text.
    Decode,
    /// Text to well-formed text.
    Repair,
    /// Text to the publisher's words.
    Parse,
    /// Words to belief.
    Normalize,
    /// Belief to what is new, changed, known.
    Relate,
    /// Keeping it.
    Store,
}

impl Stage {
    /// A stable lower-case word, as shown to operators.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fetch => "fetch",
            Self::Decode => "decode",
            Self::Repair => "repair",
            Self::Parse => "parse",
            Self::Normalize => "normalize",
            Self::Relate => "relate",
            Self::Store => "store",
        }
    }
}

/// Where in the decoded text something was found. Lines and columns count from 1; columns count
/// characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TextPosition {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl TextPosition {
    /// The place of a byte of `text`; of its end when `at` lies beyond it. Looks at all before it.
    pub fn at_byte(text: &str, at: usize) -> Self {
        let before = text.get(..at).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let column = before.get(line_start..).map_or(0, |part| part.chars().count());
        Self { line: before.matches('\n').count() + 1, column: column + 1 }
    }
}

/// One mend or doubt, so that a publisher can be told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Warning {
    /// Who found it.
    pub stage: Stage,
    /// A stable kebab-case code (`bare-ampersand`, `unreadable-date`).
    pub code: &'static str,
    /// What was found and what was done: lower case, no final stop.
    pub detail: String,
    /// The first place, where one is known.
    pub position: Option<TextPosition>,
    /// The entry concerned (index in the document, from 0), where it is one.
    pub entry: Option<usize>,
    /// How often the same thing happened (at least 1): a flood of one sin is one warning.
    pub count: usize,
}

impl Warning {
    /// A warning about the document, counted once.
    pub fn new(stage: Stage, code: &'static str, detail: impl Into<String>) -> Self {
        Self { stage, code, detail: detail.into(), position: None, entry: None, count: 1 }
    }

    /// The same warning, at a place.
    #[must_use]
    pub fn at(mut self, place: TextPosition) -> Self {
        self.position = Some(place);
        self
    }

    /// The same warning, about one entry.
    #[must_use]
    pub fn of_entry(mut self, index: usize) -> Self {
        self.entry = Some(index);
        self
    }

    /// The same warning, about so many findings.
    #[must_use]
    pub fn times(mut self, count: usize) -> Self {
        self.count = count;
        self
    }
}
