//! The pages of a source's entries, where the operator wants their full text: what a page gave, which
//! pages are awaited, what was seen of them.

use jiff::Timestamp;
use rafid_feed::model::{PublishedAttribution, RepeatedBlocks, SafeHtml, Validators};

use super::entry_id::EntryId;

/// What was taken from a page, to be put into its entry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PageText {
    /// The text; `None`: the feed's own is better.
    pub html: Option<SafeHtml>,
    /// Whom it is taken from.
    pub attributions: Vec<PublishedAttribution>,
    /// To ask the page again with.
    pub validators: Option<Validators>,
}

/// What is remembered of the pages of one source.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FullTextState {
    /// Pages that are to be asked, those of the newest entries first.
    pub pending: Vec<PendingPage>,
    /// The day (UTC, counted from 1970) that `asked_count` is of.
    pub day: i64,
    /// Pages that were asked on that day.
    pub requested_count: u32,
    /// Pieces of text of the last pages.
    pub repeated_blocks: RepeatedBlocks,
    /// What became of all pages so far.
    pub stats: FullTextStats,
    /// What last went wrong with one of them; `None`: nothing yet.
    pub last_error: Option<FullTextError>,
}

/// A page that is to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingPage {
    /// The entry that it is of.
    pub id: EntryId,
    /// The entry's place.
    pub listed_at: Timestamp,
    /// How often it was asked in vain.
    pub tries: u8,
    /// Not to be asked before.
    pub not_before: Timestamp,
}

/// What became of pages, counted since the first one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FullTextStats {
    /// Their text was taken.
    pub taken: u64,
    /// The feed's own text was longer.
    pub shorter: u64,
    /// They were no page of that article.
    pub other: u64,
    /// `robots.txt` forbids them.
    pub refused: u64,
    /// They could not be had or read.
    pub failed: u64,
}

/// What went wrong with a page, as the operator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FullTextError {
    /// Its address.
    pub url: String,
    /// What was found.
    pub message: String,
    /// When.
    pub at: Timestamp,
}
