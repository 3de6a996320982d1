//! A `FeedHistory`: what is remembered of a source beyond its last answer, so that it can be told when a feed
//! falls silent, empties, goes away, or is another source's feed.

use std::time::Duration;

use jiff::Timestamp;

/// What is remembered of a source's life.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FeedHistory {
    /// Its newest news: when an entry was last seen for the first time. Of the first reading the date of
    /// the newest entry, as that reading tells nothing else. `None`: it never had an entry.
    pub news_at: Option<Timestamp>,
    /// The days (UTC) with news: bit n stands for the day n days before that of `news_at`.
    pub news_days: u64,
    /// Since when its feed holds no entry. `None`: it holds some, or was never read.
    pub empty_since: Option<Timestamp>,
    /// The marks of its newest entries when last read, newest first, at most 32: the same article has
    /// the same mark in every feed.
    pub article_keys: Vec<u64>,
    /// That its feed is gone. `None`: it is not, as far as is known.
    pub lost: Option<LostFeed>,
}

/// A feed that answers well and has nothing new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Silence {
    /// It holds entries, and none has been new for longer than its rhythm explains.
    Quiet {
        /// The newest news.
        since: Timestamp,
        /// How long it may be silent without anybody wondering.
        patience: Duration,
    },
    /// It holds no entry at all.
    Empty {
        /// When that was first seen.
        since: Timestamp,
    },
}

/// A feed that is gone from its address: 404, 410, or a page where it stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LostFeed {
    /// The address that it is gone from.
    pub address: String,
    /// The first failure of that kind since the last good answer.
    pub since: Timestamp,
    /// When it was last looked for on its site; `None`: not yet.
    pub searched_at: Option<Timestamp>,
    /// What was found there: told, and never asked again by itself. `None`: nothing.
    pub rediscovered: Option<RediscoveredFeed>,
}

/// A feed that a lost one's site names, and that seems to be the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RediscoveredFeed {
    /// Its address.
    pub url: String,
    /// The publisher's title of it.
    pub title: Option<String>,
    /// Why it seems to be the same.
    pub likeness: Likeness,
}

/// Why a feed seems to be another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    /// It has so many of the entries that were last known.
    Entries(u32),
    /// It has the same title, and none of those entries.
    Title,
    /// Nothing was ever known of the lost one; this one is what its site names first.
    NamedOnly,
}

impl Likeness {
    /// A stable kebab-case word for machines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Entries(_) => "entries",
            Self::Title => "title",
            Self::NamedOnly => "named-only",
        }
    }
}
