//! What is known of a key of `feeds.toml`: one `KeyRow` for each key, one `KeyTable` for each table of the file.
//!
//! Known keys and suggestions, bounds and their messages, the hash of a source, the JSON Schema, the comments of
//! `feeds.toml`, `docs/configuration.md` and the man page follow from these rows.

use super::hash_part::HashPart;
use super::value_kind::ValueKind;

/// Rules of one list, at most: no one reads more.
pub(super) const MAX_RULES: usize = 200;
/// The values of `stories`.
pub(super) const STORY_WORDS: &[&str] = &["collapse", "related", "off"];

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

impl KeyRow {
    /// The value that `feeds.toml` shows.
    pub(super) fn shown_value(&self) -> &'static str {
        if self.example.is_empty() { self.default } else { self.example }
    }
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
    /// Once in the file.
    Section,
    /// Any number of times.
    List,
    /// Once in each source.
    WithinSource,
    /// In place of a value.
    Inline,
}
