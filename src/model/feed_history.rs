//! What is stored about a source to detect that its feed falls silent or disappears: `NewsHistory` → `Silence`,
//! and `LostFeed`.

use std::time::Duration;

use jiff::Timestamp;

/// When a source had new entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NewsHistory {
    /// When a new entry was last seen. After the first document it is the date of the newest entry, as
    /// all entries are new then. `None`: the source never had an entry.
    pub news_at: Option<Timestamp>,
    /// The days (UTC) with new entries: bit n is the day n days before that of `news_at`.
    pub news_days: u64,
    /// Since when the feed has no entries. `None`: it has entries, or was never read.
    pub empty_since: Option<Timestamp>,
}

/// A feed that answers without errors and has nothing new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Silence {
    /// It has entries, but nothing new for longer than its rhythm explains.
    Quiet {
        /// When it last had a new entry.
        since: Timestamp,
        /// The longest silence that its rhythm explains.
        patience: Duration,
    },
    /// It has no entries at all.
    Empty {
        /// When it was first seen empty.
        since: Timestamp,
    },
}

/// A feed that is gone from its address: 404, 410, or a web page in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LostFeed {
    /// The address of the lost feed.
    pub address: String,
    /// The first failure of this kind since the last good response.
    pub since: Timestamp,
    /// When its site was last searched for it; `None`: not yet.
    pub searched_at: Option<Timestamp>,
    /// What was found there: it is reported, but never polled automatically. `None`: nothing.
    pub rediscovered: Option<RediscoveredFeed>,
}

/// A feed on the site of a lost one that seems to be the same feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RediscoveredFeed {
    /// Its address.
    pub url: String,
    /// Its title.
    pub title: Option<String>,
    /// Why it seems to be the same feed.
    pub likeness: Likeness,
}

/// Why two feeds seem to be the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    /// It has this many of the last known entries.
    Entries(u32),
    /// It has the same title, but none of those entries.
    Title,
    /// The lost feed was never read; this is the first feed that its site links to.
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
