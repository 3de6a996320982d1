//! A `Warning`: a publisher's error and how it was handled. Never fatal, never silent.

/// The station of the pipeline that reports a warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Fetches the bytes.
    Fetch,
    /// Bytes to text.
    Decode,
    /// Text to well-formed text.
    Repair,
    /// Text to the publisher's own values.
    Parse,
    /// The publisher's values to normalized ones.
    Normalize,
    /// Normalized entries to new, changed and known ones.
    Relate,
    /// Writes to the store.
    Store,
}

impl Stage {
    /// A stable lower-case word, shown to operators.
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

/// A position in the decoded text. Lines and columns count from 1; columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TextPosition {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl TextPosition {
    /// The position of byte `at` of `text`, or of the end when `at` is beyond it. Takes time linear
    /// in `at`.
    pub fn at_byte(text: &str, at: usize) -> Self {
        let before = text.get(..at).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let column = before.get(line_start..).map_or(0, |part| part.chars().count());
        Self { line: before.matches('\n').count() + 1, column: column + 1 }
    }
}

/// One repair or doubt, as a publisher can be informed of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Warning {
    /// The station that found it.
    pub stage: Stage,
    /// A stable kebab-case code (`bare-ampersand`, `unreadable-date`).
    pub code: &'static str,
    /// What was found and what was done: lower case, no final period.
    pub detail: String,
    /// The first position, where one is known.
    pub position: Option<TextPosition>,
    /// The entry (index in the document, from 0), where the warning is about one.
    pub entry: Option<usize>,
    /// How often the same thing happened (at least 1): a repeated error is one warning.
    pub count: usize,
}

impl Warning {
    /// A warning about the document, counted once.
    pub fn new(stage: Stage, code: &'static str, detail: impl Into<String>) -> Self {
        Self { stage, code, detail: detail.into(), position: None, entry: None, count: 1 }
    }

    /// The same warning, with a position.
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

    /// The same warning, for `count` findings.
    #[must_use]
    pub fn times(mut self, count: usize) -> Self {
        self.count = count;
        self
    }
}
