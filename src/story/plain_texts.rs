//! An entry → its texts in the form that the story memory needs: plain, with one line per paragraph of the
//! full text.

use jiff::Timestamp;
use rafid_feed::markup::{markup_to_lines, markup_to_text};
use rafid_feed::model::Entry;

use crate::model::{StoredEntry, StoryInput};

/// The plain texts of an entry, which a `StoryInput` borrows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlainTexts<'a> {
    stored: &'a StoredEntry,
    summary: String,
    text: String,
}

impl<'a> PlainTexts<'a> {
    /// The texts of an entry.
    pub fn from_entry(stored: &'a StoredEntry) -> Self {
        let entry = &stored.entry;
        Self { stored, summary: plain_summary(entry), text: plain_text(entry) }
    }

    /// The input of the story memory for this entry, which arrived at `seen_at`.
    pub fn story_input(&self, seen_at: Timestamp) -> StoryInput<'_> {
        StoryInput {
            id: self.stored.id,
            source: &self.stored.source,
            listed_at: self.stored.listed_at,
            seen_at,
            title: self.stored.entry.title.as_str(),
            summary: &self.summary,
            text: &self.text,
        }
    }
}

/// The summary of an entry; empty: it has none.
pub(super) fn plain_summary(entry: &Entry) -> String {
    entry.summary.as_ref().map(|html| markup_to_text(html.as_str())).unwrap_or_default()
}

/// The full text of an entry, one paragraph per line; empty: it has none.
pub(super) fn plain_text(entry: &Entry) -> String {
    entry.content.as_ref().map(|html| markup_to_lines(html.as_str())).unwrap_or_default()
}
