//! An entry as input of story detection, and the result: `StoryInput` → `StoryAssignment`.

use std::path::PathBuf;

use jiff::Timestamp;

use crate::model::{EntryId, SourceId};

/// What story detection needs to know about an entry. The texts are plain, without markup.
#[derive(Debug, Clone, Copy)]
pub struct StoryInput<'a> {
    /// The entry.
    pub id: EntryId,
    /// Its source.
    pub source: &'a SourceId,
    /// When it is listed, never later than `seen_at`.
    pub listed_at: Timestamp,
    /// When it arrived. Never earlier than that of the entry before.
    pub seen_at: Timestamp,
    /// The title; empty: it has no title.
    pub title: &'a str,
    /// The publisher's summary; empty: it has no summary.
    pub summary: &'a str,
    /// The publisher's full text, one paragraph per line; empty: it has no full text.
    pub text: &'a str,
}

impl<'a> StoryInput<'a> {
    /// The entry without its texts.
    pub fn arrival(&self) -> StoryArrival<'a> {
        let Self { id, source, listed_at, seen_at, .. } = *self;
        StoryArrival { id, source, listed_at, seen_at }
    }
}

/// What story detection needs to know about an entry besides its texts.
#[derive(Debug, Clone, Copy)]
pub struct StoryArrival<'a> {
    /// The entry.
    pub id: EntryId,
    /// Its source.
    pub source: &'a SourceId,
    /// When it is listed, never later than `seen_at`.
    pub listed_at: Timestamp,
    /// When it arrived. Never earlier than that of the entry before.
    pub seen_at: Timestamp,
}

/// How the story of an entry was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StoryMethod {
    /// No known entry is similar: it begins a story.
    First,
    /// An entry of the story has the same text.
    SameText,
    /// It reports the same event in other words.
    SameEvent,
    /// It has too few words for a comparison: it stays alone.
    TooShort,
    /// It was old when it arrived: it stays alone.
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

/// The story that an entry was assigned to, and why.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StoryAssignment {
    /// The story: the id of its first entry. Never changes.
    pub story: EntryId,
    /// The text group: the id of the first entry with this text, which may be its own id.
    pub text_group: EntryId,
    /// How the story was found.
    pub method: StoryMethod,
    /// The similarity: for `SameText` the estimated share of common shingles, else the score of the
    /// most similar story, joined or not; `None`: no story has anything in common with it.
    pub score: Option<f32>,
    /// How near everything was to its words when it arrived, which later comparisons take into account; `None`: it is
    /// compared with no other by its words, or a version without word vectors decided.
    pub closeness: Option<f32>,
    /// The most similar entry, in the story with that `score`.
    pub nearest: Option<EntryId>,
    /// Another story that is similar but not the same, for "related".
    pub related: Option<EntryId>,
}

/// The story assignment of a stored entry, and what its order within the story depends on.
#[derive(Debug, Clone, PartialEq)]
pub struct StoryRecord {
    /// The entry.
    pub id: EntryId,
    /// Its source.
    pub source: SourceId,
    /// When it is listed.
    pub listed_at: Timestamp,
    /// When it arrived: the order of a story's entries.
    pub seen_at: Timestamp,
    /// The assignment.
    pub assignment: StoryAssignment,
}

/// The word vectors that stories are found with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum StoryVectorsChoice {
    /// Those that are part of the program.
    #[default]
    BuiltIn,
    /// None.
    Off,
    /// Those of a file.
    File(PathBuf),
}

/// How many texts of one day contain each term; the store keeps finished days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DailyTermCounts {
    /// Days since 1970-01-01, UTC.
    pub day: i64,
    /// The number of texts.
    pub documents_count: u32,
    /// The hash of each term and the number of texts that contain it, in ascending order.
    pub terms: Vec<(u64, u32)>,
}
