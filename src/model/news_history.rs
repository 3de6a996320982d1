//! `NewsHistory` → `Silence`: when a source had new entries, and that it has none for too long.

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
