//! What is known of a key of `feeds.toml`: one `KeyRow` for each key, one `KeyTable` for each table of the file.
//!
//! Known keys and suggestions, bounds and their messages, the hash of a source, the JSON Schema, the comments of
//! `feeds.toml`, `docs/configuration.md` and the man page follow from these rows.

use std::time::Duration;

use super::hash_part::HashPart;

/// Rules of one list, at most: no one reads more.
pub(super) const MAX_RULES: usize = 200;
/// The values of `stories`.
pub(super) const STORY_WORDS: &[&str] = &["collapse", "related", "off"];

/// Readers who may log in, at most: more are no circle of readers, but the members of a service.
pub(super) const MAX_USERS: usize = 200;
/// The values of `status` and `metrics`.
pub(super) const VISIBILITY_WORDS: &[&str] = &["public", "local", "off"];

/// One key.
pub(super) struct KeyRow {
    /// Its name.
    pub(super) name: &'static str,
    /// What it is for, in a few words: advice after a misspelling.
    pub(super) hint: &'static str,
    /// Its type and bounds.
    pub(super) kind: ValueKind,
    /// Its default as the file would write it; empty: it has none, and the meaning says what applies.
    pub(super) default: &'static str,
    /// A value as the file writes it; empty: the default is the example.
    pub(super) example: &'static str,
    /// What it means, in English. Code is in backticks.
    pub(super) english: &'static str,
    /// What it means, in Arabic: its comment in `feeds.toml`. Empty: the comment of the row before covers it.
    #[cfg_attr(not(test), expect(dead_code, reason = "only the generated documents hold it"))]
    pub(super) arabic: &'static str,
    /// What it adds to the hash of a source; `None`: no document is read differently because of it.
    pub(super) hash: Option<HashPart>,
}

/// One table of the file.
pub(super) struct KeyTable {
    /// Its name: `polling`, `source`.
    pub(super) name: &'static str,
    /// As the file writes it: `[polling]`, `[[source]]`.
    pub(super) heading: &'static str,
    /// Where it is written.
    pub(super) kind: TableKind,
    /// What it is for, in English.
    pub(super) english: &'static str,
    /// Its keys, in the order in which messages list them.
    pub(super) keys: &'static [KeyRow],
}

impl KeyTable {
    /// The key with this name.
    pub(super) fn find(&self, name: &str) -> Option<&'static KeyRow> {
        self.keys.iter().find(|row| row.name == name)
    }
}

/// Where a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TableKind {
    /// Above all sections.
    Top,
    /// Once in the file.
    Section,
    /// Any number of times.
    List,
    /// Once in each source.
    WithinSource,
    /// In place of a value.
    Inline,
}

/// The type of a value, and its bounds.
#[derive(Clone, Copy)]
pub(super) enum ValueKind {
    /// One line of text.
    Line,
    /// A string as it is written.
    Verbatim,
    /// Text that a header of HTTP can hold.
    HeaderValue,
    /// `true` or `false`.
    Boolean,
    /// `true`, `false`, or one of these words.
    BooleanOrWord(&'static [&'static str]),
    /// One of these words.
    Word(&'static [&'static str]),
    /// A whole number.
    Integer { low: usize, high: usize },
    /// A whole number, or one of these words.
    IntegerOrWord { low: usize, high: usize, words: &'static [&'static str] },
    /// A length of time.
    Duration { low: Duration, high: Duration },
    /// A length of time, or a word.
    DurationOrWord { low: Duration, high: Duration, word: &'static str },
    /// A size in bytes.
    Size { low: u64, high: u64 },
    /// An `http` or `https` address without user name and password.
    WebAddress,
    /// An `http`, `https` or `file` address.
    FeedAddress,
    /// An `http` or `https` address, or where it is kept.
    Proxy,
    /// An address of IP with a port.
    Listen,
    /// A host with a port.
    HostPort,
    /// An e-mail address or a URL.
    Contact,
    /// A language tag.
    Language,
    /// A charset.
    Charset,
    /// A time zone or an offset.
    TimeZone,
    /// Whether the clock of a publisher is believed.
    Clock,
    /// The id of a source or an output.
    Id,
    /// The id of a source of this file.
    SourceReference,
    /// The name of a category.
    CategoryName,
    /// The path of a file, with a pattern as its name.
    FilePattern,
    /// A query.
    Query,
    /// A CSS selector.
    Selector { example: &'static str },
    /// A finding of health.
    Finding,
    /// Names of headers with their values.
    Headers,
    /// The value of a header, or where it is kept.
    HeaderSecret,
    /// A reader who may log in, or where the line about it is kept.
    User,
    /// A list.
    List { of: &'static ValueKind, most: Option<usize> },
    /// A table of this file.
    Table(&'static KeyTable),
}
