//! Entries as the memory of stories is told of them, and what it decides: `Telling` →
//! `StoryAssignment`.

use jiff::Timestamp;

use crate::model::{EntryId, SourceId};

/// An entry as far as it tells of an event. The texts are plain, without markup.
#[derive(Debug, Clone, Copy)]
pub struct StoryInput<'a> {
    /// The entry.
    pub id: EntryId,
    /// Who tells it.
    pub source: &'a SourceId,
    /// Its place in time, never later than `seen_at`.
    pub listed_at: Timestamp,
    /// When it arrived. From one telling to the next this never goes back.
    pub seen_at: Timestamp,
    /// The title; empty when there is none.
    pub title: &'a str,
    /// The publisher's short text; empty when there is none.
    pub summary: &'a str,
    /// The publisher's full text, a paragraph a line; empty when there is none.
    pub text: &'a str,
}

/// By what an entry came to its story.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StoryMethod {
    /// Nothing like it is known: it begins a story.
    First,
    /// Its text is that of an entry of the story.
    SameText,
    /// It tells of the same event in other words.
    SameEvent,
    /// It has too few words to be compared, and stays alone.
    TooShort,
    /// It was old when it arrived, and stays alone.
    TooOld,
}

impl StoryMethod {
    /// A stable kebab-case word for machines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::SameText => "same-text",
            Self::SameEvent => "same-event",
            Self::TooShort => "too-short",
            Self::TooOld => "too-old",
        }
    }
}

/// What was decided about an entry, and why.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StoryAssignment {
    /// The story: the id of the entry that began it. Never changes once decided.
    pub story: EntryId,
    /// The text group: the id of the entry that first had this text, perhaps its own.
    pub text_group: EntryId,
    /// By what it was decided.
    pub method: StoryMethod,
    /// How alike: after `SameText` the estimated share of common shingles, else the score against the
    /// story that came nearest, joined or not; `None`: no story had anything in common with it.
    pub score: Option<f32>,
    /// The entry that came nearest, in the story that `score` speaks of.
    pub nearest: Option<EntryId>,
    /// A story that is not the same but near, for "related".
    pub related: Option<EntryId>,
}

/// What was decided about a kept entry, with what its place among the others of its story hangs on.
#[derive(Debug, Clone, PartialEq)]
pub struct StoryRecord {
    /// The entry.
    pub id: EntryId,
    /// Who tells it.
    pub source: SourceId,
    /// Its place in time.
    pub listed_at: Timestamp,
    /// When it arrived: the order of a story's tellings.
    pub seen_at: Timestamp,
    /// What was decided.
    pub assignment: StoryAssignment,
}

/// What one day's entries taught about terms: for the store, which keeps closed days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DailyTermCounts {
    /// Days since 1970-01-01, UTC.
    pub day: i64,
    /// How many texts were counted.
    pub documents_count: u32,
    /// In how many of them each term stood, by the term's hash, in ascending order.
    pub terms: Vec<(u64, u32)>,
}
