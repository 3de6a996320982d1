//! An entry → its texts as the memory of stories wants them: plain, and the long one a paragraph a line.

use jiff::Timestamp;

use crate::feed::markup::{lines_of, words_of};
use crate::feed::model::{ListedEntry, SafeHtml, Telling};

/// The texts of an entry, which a `Telling` borrows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Texts<'a> {
    listed: &'a ListedEntry,
    summary: String,
    text: String,
}

impl<'a> Texts<'a> {
    /// The texts of an entry.
    pub fn of(listed: &'a ListedEntry) -> Self {
        let words = |html: &Option<SafeHtml>| html.as_ref().map(|html| words_of(html.as_str()));
        let lines = listed.entry.content.as_ref().map(|html| lines_of(html.as_str()));
        Self {
            listed,
            summary: words(&listed.entry.summary).unwrap_or_default(),
            text: lines.unwrap_or_default(),
        }
    }

    /// The entry as it is told, which arrived at `seen_at`.
    pub fn telling(&self, seen_at: Timestamp) -> Telling<'_> {
        Telling {
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
