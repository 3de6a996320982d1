//! `LostFeed`: a feed that is gone from its address, and the feed on its site that may be the same.

use jiff::Timestamp;

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
