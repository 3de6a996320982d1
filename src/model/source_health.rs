//! A `Health`: what is remembered of a source to tell whether its feed is still its publisher's, whether
//! its dates say anything, and whether it answers us at all; and the words for what is found.

use jiff::Timestamp;

use crate::model::Silence;

/// What can be found out about a source that is neither a failure of one poll nor a warning of one
/// document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Finding {
    /// It answers well and has had nothing new for longer than its rhythm explains.
    Quiet,
    /// It answers well and holds no entry.
    Empty,
    /// The dates of its entries say nothing.
    FrozenDates,
    /// Somebody else seems to write it.
    Hijacked,
    /// It refuses our requests.
    Refused,
}

impl Finding {
    /// All of them, in the order in which they are told of.
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

    /// The finding that a word stands for; `None`: it stands for none.
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

/// What is remembered of a source beside its life.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SourceHealth {
    /// Stands for the address and the language that the operator gives: of others nothing here holds.
    pub stands_for: u64,
    /// How it writes.
    pub writing: WritingProfile,
    /// What its entries' dates did.
    pub dates: DateHistory,
    /// That it refuses our requests. `None`: its last answers were no refusals.
    pub access_denied: Option<AccessDenied>,
}

/// Letters by their script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LetterCounts {
    /// Of the Arabic script.
    pub arabic: u32,
    /// Of the Latin script.
    pub latin: u32,
    /// Of any other.
    pub other: u32,
}

/// How a source writes, by its titles and summaries.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WritingProfile {
    /// What is usual, of all entries but the newest.
    pub baseline: Baseline,
    /// The newest entries, oldest first, at most 12.
    pub newest: Vec<EntryProfile>,
    /// That somebody else seems to write it. `None`: it writes as it always did, as far as is known.
    pub hijacked: Option<HijackFinding>,
}

/// What is usual of a source. Older entries count less: the sums are halved now and then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Baseline {
    /// Entries that this stands on.
    pub entries: u32,
    /// Their letters.
    pub letters: LetterCounts,
    /// Those of them that are hardly in the Arabic script.
    pub foreign: u32,
    /// Those of them in which words of the trades that take over feeds stand.
    pub spam: u32,
}

/// How one entry is written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EntryProfile {
    /// When it was first seen, in days since 1970 (UTC).
    pub day: i32,
    /// Its letters.
    pub letters: LetterCounts,
    /// Whether it holds a phrase that only sellers write.
    pub sells: bool,
    /// Words of the trades that take over feeds, as they are spelled in our table, at most 3.
    pub words: Vec<String>,
}

/// A feed that writes otherwise than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HijackFinding {
    /// When that was first seen.
    pub since: Timestamp,
    /// The share of Arabic letters before, in percent.
    pub arabic_before: u8,
    /// The same of the newest entries then.
    pub arabic_now: u8,
    /// Words that were found in them, the most frequent first, at most 5; none: the script tells alone.
    pub words: Vec<String>,
}

/// What the dates of a source's entries did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DateHistory {
    /// The newest date that an entry claimed, never later than it was seen. `None`: there was none.
    pub newest: Option<Timestamp>,
    /// How often it moved on since the first reading; counts to 255.
    pub moves: u8,
    /// The longest that it lay behind an entry that was new, before it moved on; in seconds.
    pub longest_seconds: u64,
    /// Entries that came since it moved and claim no newer date. `None`: none.
    pub stuck: Option<StuckDates>,
    /// The one date that all entries of the last document claimed. `None`: they claimed several.
    pub stamp: Option<Timestamp>,
    /// How many documents in a row gave all of their entries a new date of that kind.
    pub stamps: u8,
    /// When the first of these came.
    pub stamped_since: Option<Timestamp>,
}

/// New entries with dates that are not new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StuckDates {
    /// How many.
    pub entries: u32,
    /// On how many days (UTC) they came; counts to 255.
    pub days: u8,
    /// When the first came.
    pub since: Timestamp,
    /// When the last came.
    pub until: Timestamp,
}

/// Dates that say nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrozenDates {
    /// Entries keep coming, and the newest date stands still.
    Still {
        /// When the first of those entries came.
        since: Timestamp,
        /// The date.
        newest: Timestamp,
    },
    /// Every document dates all of its entries anew, by the moment that it was made.
    Stamped {
        /// When the first such document came.
        since: Timestamp,
    },
}

/// A source that refuses our requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccessDenied {
    /// Who refuses.
    pub by: DeniedBy,
    /// The HTTP status of the last refusal.
    pub status: u16,
    /// When the first came.
    pub since: Timestamp,
    /// How many came, with no good answer between them.
    pub count: u32,
}

impl AccessDenied {
    /// Fewer may be an accident; by the usual back-off three take two hours at least.
    const REPORTED_FROM: u32 = 3;

    /// Whether there were enough of them to be told.
    pub fn is_reported(&self) -> bool {
        self.count >= Self::REPORTED_FROM
    }
}

/// Who refuses a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeniedBy {
    /// The server itself, as far as is known.
    Server,
    /// Cloudflare, before the server.
    Cloudflare,
    /// AWS WAF, before the server.
    AwsWaf,
    /// Vercel's firewall, before the server.
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
