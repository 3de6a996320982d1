//! The pages of a source's entries, where the operator wants their full text: what a page gave, which
//! pages are awaited, what was seen of them.

use jiff::Timestamp;

use super::article::PublishedAttribution;
use super::entry::EntryId;
use super::pace::Validators;
use super::text::SafeHtml;

/// What an entry has from its own page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EntryPage {
    /// Whether the entry's `content` is the page's text; else it is the feed's own, which was better.
    pub is_text: bool,
    /// Whom the text is taken from, in the page's words.
    pub attributions: Vec<PublishedAttribution>,
    /// To ask the page again with; `None`: it gave none.
    pub validators: Option<Validators>,
}

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
pub struct Pages {
    /// Pages that are to be asked, those of the newest entries first.
    pub waiting: Vec<AwaitedPage>,
    /// The day (UTC, counted from 1970) that `asked_count` is of.
    pub day: i64,
    /// Pages that were asked on that day.
    pub asked_count: u32,
    /// Pieces of text of the last pages.
    pub repeats: Repeats,
    /// What became of all pages so far.
    pub tally: PageTally,
    /// What last went wrong with one of them; `None`: nothing yet.
    pub trouble: Option<PageTrouble>,
}

/// A page that is to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwaitedPage {
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
pub struct PageTally {
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
pub struct PageTrouble {
    /// Its address.
    pub url: String,
    /// What was found.
    pub message: String,
    /// When.
    pub at: Timestamp,
}

/// Pieces of text of the last pages of a source, by their marks; the one seen last stands last.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Repeats {
    /// The marks.
    pub marks: Vec<RepeatMark>,
}

/// A piece of text, and the pages it was seen on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepeatMark {
    /// Hash of the text's match key.
    pub text: u64,
    /// Hashes of the addresses of different pages; more than three are not kept.
    pub pages: Vec<u32>,
}
