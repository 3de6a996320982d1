//! `SourceHealth`: what is stored about a source to detect a wrong clock, silence, duplicates, a hijacked
//! feed, meaningless dates and denied access; and the names of all findings.

use jiff::Timestamp;

use crate::model::{ClockState, NewsHistory, Silence};

/// A problem of a source that is neither the failure of one poll nor a warning about one document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Finding {
    /// It answers without errors, but has had nothing new for longer than its rhythm explains.
    Quiet,
    /// It answers without errors, but has no entries.
    Empty,
    /// The dates of its entries are meaningless.
    FrozenDates,
    /// Someone else seems to write it.
    Hijacked,
    /// It denies our requests.
    Refused,
}

impl Finding {
    /// All of them, in the order in which they are reported.
    pub const ALL: [Self; 5] =
        [Self::Quiet, Self::Empty, Self::FrozenDates, Self::Hijacked, Self::Refused];

    /// A stable kebab-case word, for machines and for the setting `ignore`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Quiet => "quiet",
            Self::Empty => "empty",
            Self::FrozenDates => "frozen-dates",
            Self::Hijacked => "hijacked",
            Self::Refused => "refused",
        }
    }

    /// The finding with this word; `None`: there is no such finding.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|finding| finding.as_str() == word)
    }
}

impl From<Silence> for Finding {
    fn from(silence: Silence) -> Self {
        match silence {
            Silence::Quiet { .. } => Self::Quiet,
            Silence::Empty { .. } => Self::Empty,
        }
    }
}

/// What a source's documents show over time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SourceHealth {
    /// What is known about the publisher's clock.
    pub clock: ClockState,
    /// When it had new entries.
    pub news: NewsHistory,
    /// The article keys of its newest entries, newest first, at most 32: an article has the same key in
    /// every feed.
    pub article_keys: Vec<u64>,
    /// Hash of the configured address and language: when they change, the fields below are reset.
    pub stands_for: u64,
    /// How its entries are written.
    pub writing: WritingProfile,
    /// How the dates of its entries behave.
    pub dates: DateHistory,
    /// It denies our requests. `None`: its last responses did not.
    pub access_denied: Option<AccessDenied>,
}

/// The number of letters by script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LetterCounts {
    /// Of the Arabic script.
    pub arabic: u32,
    /// Of the Latin script.
    pub latin: u32,
    /// Of any other.
    pub other: u32,
}

/// How a source's titles and summaries are written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WritingProfile {
    /// What is usual, from all entries except the newest.
    pub baseline: Baseline,
    /// The newest entries, oldest first, at most 12.
    pub newest: Vec<EntryProfile>,
    /// Someone else seems to write it. `None`: its entries look as usual.
    pub hijacked: Option<HijackFinding>,
}

/// What is usual for a source. Older entries count less: the sums are halved from time to time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Baseline {
    /// The number of entries counted here.
    pub entries: u32,
    /// Their letters.
    pub letters: LetterCounts,
    /// How many of them are mostly not in the Arabic script.
    pub foreign: u32,
    /// How many of them contain spam terms.
    pub spam: u32,
}

/// How one entry is written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EntryProfile {
    /// When it was first seen, in days since 1970 (UTC).
    pub day: i32,
    /// Its letters.
    pub letters: LetterCounts,
    /// Whether it contains a phrase that only sellers write.
    pub sells: bool,
    /// Its spam terms, as they are spelled in our table, at most 3.
    pub words: Vec<String>,
}

/// A feed whose entries look different than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HijackFinding {
    /// When that was first seen.
    pub since: Timestamp,
    /// The share of Arabic letters before, in percent.
    pub arabic_before: u8,
    /// The share in the newest entries when it was detected.
    pub arabic_now: u8,
    /// Spam terms in these entries, the most frequent first, at most 5; empty: only the script changed.
    pub words: Vec<String>,
}

/// How the dates of a source's entries behave.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DateHistory {
    /// The newest date that an entry claimed, at most the time when it was seen. `None`: there was no date.
    pub newest: Option<Timestamp>,
    /// How often it advanced since the first document; at most 255.
    pub moves: u8,
    /// The longest time in seconds that it was behind a new entry before it advanced.
    pub longest_seconds: u64,
    /// New entries since it last advanced that claim no newer date. `None`: no entry came since.
    pub stuck: Option<StuckDates>,
    /// The single date that all entries of the last document claimed. `None`: they claimed several.
    pub stamp: Option<Timestamp>,
    /// How many documents in a row gave all entries a new single date.
    pub stamps: u8,
    /// When the first of these documents was read.
    pub stamped_since: Option<Timestamp>,
}

/// New entries with old dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StuckDates {
    /// The number of entries.
    pub entries: u32,
    /// On how many days (UTC) they appeared; at most 255.
    pub days: u8,
    /// When the first appeared.
    pub since: Timestamp,
    /// When the last appeared.
    pub until: Timestamp,
}

/// Meaningless dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrozenDates {
    /// New entries keep appearing, but the newest date does not advance.
    Still {
        /// When the first of those entries appeared.
        since: Timestamp,
        /// The newest date.
        newest: Timestamp,
    },
    /// Every document gives all of its entries the date of its own creation.
    Stamped {
        /// When the first such document was read.
        since: Timestamp,
    },
}

/// A source that denies our requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccessDenied {
    /// Who denies them.
    pub by: DeniedBy,
    /// The HTTP status of the last denial.
    pub status: u16,
    /// When the first denial came.
    pub since: Timestamp,
    /// The number of denials without a good response between them.
    pub count: u32,
}

impl AccessDenied {
    /// Fewer may be an accident; with the usual back-off, three take at least two hours.
    const REPORTED_FROM: u32 = 3;

    /// Whether there were enough denials to report them.
    pub fn is_reported(&self) -> bool {
        self.count >= Self::REPORTED_FROM
    }
}

/// Who denies a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeniedBy {
    /// The server itself, as far as is known.
    Server,
    /// Cloudflare, in front of the server.
    Cloudflare,
    /// AWS WAF, in front of the server.
    AwsWaf,
    /// Vercel's firewall, in front of the server.
    Vercel,
}

impl DeniedBy {
    /// A stable kebab-case word for machines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Cloudflare => "cloudflare",
            Self::AwsWaf => "aws-waf",
            Self::Vercel => "vercel",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_have_words_of_their_own() {
        for finding in Finding::ALL {
            assert_eq!(Finding::from_word(finding.as_str()), Some(finding));
        }
        assert_eq!(Finding::from_word("Quiet"), None);
    }
}
