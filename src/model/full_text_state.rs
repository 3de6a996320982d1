//! Full text of a source's entries: the text of one page, the pages that are still pending, and the
//! results so far.

use jiff::Timestamp;
use rafid_feed::model::{PublishedAttribution, RepeatedBlocks, SafeHtml, Validators};

use super::entry_id::EntryId;

/// What was extracted from a page for its entry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PageText {
    /// The text; `None`: the feed's own text is better.
    pub html: Option<SafeHtml>,
    /// The agencies or outlets that the text is credited to.
    pub attributions: Vec<PublishedAttribution>,
    /// For the next conditional request for the page.
    pub validators: Option<Validators>,
}

/// What is stored about the pages of one source.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FullTextState {
    /// Pages that still have to be fetched, those of the newest entries first.
    pub pending: Vec<PendingPage>,
    /// The day (UTC, days since 1970) that `requested_count` counts.
    pub day: i64,
    /// Pages that were requested on that day.
    pub requested_count: u32,
    /// Text blocks of the last pages, to recognize boilerplate.
    pub repeated_blocks: RepeatedBlocks,
    /// The results of all pages so far.
    pub stats: FullTextStats,
    /// The last error; `None`: there was none yet.
    pub last_error: Option<FullTextError>,
}

/// A page that has to be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingPage {
    /// The entry of the page.
    pub id: EntryId,
    /// When the entry is listed.
    pub listed_at: Timestamp,
    /// How many requests failed.
    pub tries: u8,
    /// The page is not requested before this time.
    pub not_before: Timestamp,
}

/// The results of all pages, counted since the first one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FullTextStats {
    /// The page's text is used.
    pub taken: u64,
    /// The feed's own text was longer.
    pub shorter: u64,
    /// The page was not the entry's article.
    pub other: u64,
    /// `robots.txt` forbids the page.
    pub refused: u64,
    /// The page could not be fetched or read.
    pub failed: u64,
}

/// An error with a page, as the operator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FullTextError {
    /// The address of the page.
    pub url: String,
    /// The error message.
    pub message: String,
    /// When it happened.
    pub at: Timestamp,
}
