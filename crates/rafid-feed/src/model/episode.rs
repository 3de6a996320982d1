//! `Episode`: what an entry says of itself as an episode of a podcast, in the words of Apple's
//! elements (`itunes:`), of the podcast namespace (podcastindex.org/namespace/1.0) and of Podlove's
//! simple chapters (`psc:`).

use crate::model::{Person, PlainText};

/// The kind of an episode (`itunes:episodeType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EpisodeKind {
    /// The complete episode.
    Full,
    /// A short piece that promotes the show.
    Trailer,
    /// Extra content.
    Bonus,
}

impl EpisodeKind {
    /// The word of `itunes:episodeType`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Trailer => "trailer",
            Self::Bonus => "bonus",
        }
    }

    /// The kind that a word names, in any case; `None`: it names none.
    pub fn parse(word: &str) -> Option<Self> {
        let kinds = [Self::Full, Self::Trailer, Self::Bonus];
        kinds.into_iter().find(|kind| kind.as_str().eq_ignore_ascii_case(word.trim()))
    }
}

/// A file with the words of an episode (`podcast:transcript`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Transcript {
    /// Absolute `http(s)` address.
    pub url: String,
    /// Media type, lower case (`text/vtt`).
    pub media_type: Option<String>,
    /// Language tag as written.
    pub language: Option<String>,
    /// Whether it has the times of the words (`rel="captions"`).
    pub is_captions: bool,
}

/// A file with the chapters of an episode (`podcast:chapters`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChapterFile {
    /// Absolute `http(s)` address.
    pub url: String,
    /// Media type, lower case (`application/json+chapters`).
    pub media_type: Option<String>,
}

/// A chapter of an episode (`psc:chapter`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Chapter {
    /// Where it begins, in milliseconds from the beginning of the episode.
    pub start_ms: u64,
    /// Its title.
    pub title: PlainText,
    /// A page about it; absolute `http(s)`.
    pub url: Option<String>,
    /// Its picture; absolute `http(s)`.
    pub image_url: Option<String>,
}

/// Someone who takes part in an episode (`podcast:person`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Participant {
    /// The name and a page.
    pub person: Person,
    /// The role as written (`guest`); `None`: the host.
    pub role: Option<PlainText>,
    /// The group of the role as written (`cast`).
    pub group: Option<PlainText>,
    /// A portrait; absolute `http(s)`.
    pub image_url: Option<String>,
}

/// What an entry says of itself as an episode. `None` means that the publisher did not say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Episode {
    /// Its number, from 1.
    pub number: Option<u32>,
    /// The number of its season, from 1.
    pub season: Option<u32>,
    /// Its kind.
    pub kind: Option<EpisodeKind>,
    /// Whether it has explicit language.
    pub is_explicit: Option<bool>,
    /// Its transcripts, in order.
    pub transcripts: Vec<Transcript>,
    /// The file with its chapters.
    pub chapter_file: Option<ChapterFile>,
    /// Its chapters, by their start.
    pub chapters: Vec<Chapter>,
    /// Who takes part, in order.
    pub participants: Vec<Participant>,
}
