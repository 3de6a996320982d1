//! An entry → its texts as the memory of stories wants them: plain, and the long one a paragraph a line.

use jiff::Timestamp;
use rafid_feed::markup::{markup_to_lines, markup_to_text};
use rafid_feed::model::SafeHtml;

use crate::model::{StoredEntry, StoryInput};

/// The texts of an entry, which a `Telling` borrows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlainTexts<'a> {
    listed: &'a StoredEntry,
    summary: String,
    text: String,
}

impl<'a> PlainTexts<'a> {
    /// The texts of an entry.
    pub fn from_entry(listed: &'a StoredEntry) -> Self {
        let words =
            |html: &Option<SafeHtml>| html.as_ref().map(|html| markup_to_text(html.as_str()));
        let lines = listed.entry.content.as_ref().map(|html| markup_to_lines(html.as_str()));
        Self {
            listed,
            summary: words(&listed.entry.summary).unwrap_or_default(),
            text: lines.unwrap_or_default(),
        }
    }

    /// The entry as it is told, which arrived at `seen_at`.
    pub fn story_input(&self, seen_at: Timestamp) -> StoryInput<'_> {
        StoryInput {
            id: self.listed.id,
            source: &self.listed.source,
            listed_at: self.listed.listed_at,
            seen_at,
            title: self.listed.entry.title.as_str(),
            summary: &self.summary,
            text: &self.text,
        }
    }
}
