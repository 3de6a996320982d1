//! What is published: `Publication` (the content of an output) → `Rendition` (finished bytes).

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use rafid_feed::model::{Language, PlainText};

use crate::model::{ArchiveLinks, Category, EntryId, PublicUrl, SiteName, SourceId, StoredEntry};

/// How much of an entry an output contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum ContentPolicy {
    /// The publisher's own summary, cut at about 500 characters (publishers reserve rights).
    #[default]
    Summary,
    /// The full text of the publisher's feed.
    Full,
}

/// How many entries one source may have in an output of several sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum PerSource {
    /// A third of a feed, as long as other sources have news of the same day; any number on pages, as
    /// these continue on further pages.
    #[default]
    Share,
    /// At most this many entries, in feeds and on pages.
    AtMost(usize),
    /// Any number.
    Any,
}

/// What an output says about a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceInfo {
    /// Its id.
    pub id: SourceId,
    /// The displayed name: the operator's, else the publisher's title, else the host.
    pub name: String,
    /// What the publisher says about the feed; `None`: nothing but its name, or the source is private.
    pub description: Option<String>,
    /// The publisher's site; `None`: unknown, or the source is private.
    pub site: Option<PublicUrl>,
    /// The feed's address; `None`: the source is a file, or private.
    pub feed_url: Option<PublicUrl>,
    /// The categories that the operator assigned to it.
    pub categories: Vec<Category>,
    /// The language.
    pub language: Option<Language>,
    /// The rights statement.
    pub rights: Option<String>,
    /// The address of its picture.
    pub image: Option<String>,
    /// Whether its dates are reliable: its clock is not known or suspected to be wrong.
    pub are_dates_sure: bool,
    /// Whether its label «عاجل» (breaking news) counts.
    pub believes_breaking: bool,
}

/// How an output displays stories: several entries about the same event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum StoryDisplay {
    /// A story appears once, as the entry that arrived first, with links to the others.
    #[default]
    Collapse,
    /// Every entry appears, with links to the others.
    Related,
    /// Every entry appears, without links to the others.
    Off,
}

/// Another entry of the same story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherTelling {
    /// The entry.
    pub id: EntryId,
    /// Its source.
    pub source: SourceId,
    /// The displayed name of the source.
    pub name: String,
    /// Its title; empty: it has no title.
    pub title: PlainText,
    /// Its link.
    pub link: Option<String>,
    /// When it is listed.
    pub listed_at: Timestamp,
    /// Whether it has the same text.
    pub is_same_text: bool,
}

/// The story of an entry, as an output shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StorySummary {
    /// The id of the story: that of its first entry.
    pub id: EntryId,
    /// The other entries, in the order of arrival.
    pub others: Vec<OtherTelling>,
}

/// Which entries an output contains.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// All sources.
    All,
    /// The sources of one category (its slug).
    Category(String),
    /// One source.
    Source(SourceId),
    /// A named output (its id).
    Output(String),
}

/// One output feed, ready to be rendered: everything in the output comes from here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// Which entries it contains.
    pub scope: Scope,
    /// Its title.
    pub title: String,
    /// Its description.
    pub description: String,
    /// The public base address, ending in `/` (`https://news.example/`).
    pub base: String,
    /// The path of this output's folder below the base, percent-encoded: empty, `category/<slug>/`,
    /// `source/<id>/`, `output/<id>/` or `private/<token>/`.
    pub folder: String,
    /// Whether its folder is secret: search engines are to leave it out.
    pub is_private: bool,
    /// Its place in the chain of archive pages.
    pub archive: ArchiveLinks,
    /// Whether it is written to a folder instead of served: all of its links lead to files.
    pub is_folder: bool,
    /// The site's name, from which the ids of its feeds are made.
    pub name: SiteName,
    /// The language of the title and description.
    pub language: Language,
    /// The newest `changed_at` of its entries; `None`: it has no entries yet.
    pub updated_at: Option<Timestamp>,
    /// How many seconds subscribers may reuse a response (`max-age`).
    pub ttl_seconds: u64,
    /// How much of an entry it contains.
    pub content: ContentPolicy,
    /// The address of the operator, for readers; `None`: not configured.
    pub contact: Option<String>,
    /// The entries, newest `listed_at` first.
    pub entries: Vec<Arc<StoredEntry>>,
    /// The stories of those entries that have other entries in their story.
    pub stories: BTreeMap<EntryId, StorySummary>,
    /// Every source of `entries` (for OPML and the page: every source of the scope).
    pub sources: Arc<BTreeMap<SourceId, Arc<SourceInfo>>>,
}

/// A content coding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Coding {
    /// The bytes themselves.
    Identity,
    /// RFC 1952.
    Gzip,
    /// RFC 7932.
    Brotli,
    /// RFC 8878.
    Zstd,
}

/// Where a feed stands in the journal of arrivals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FeedMark {
    /// A digest of what decides which entries the feed holds. Positions under other rules say nothing about
    /// what a subscriber has.
    pub rules: u32,
    /// The number of the last arrival at the time of rendering: the feed may hold all arrivals up to it.
    pub position: u64,
}

/// Finished bytes and everything that a server needs to send them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendition {
    /// `application/rss+xml; charset=utf-8` and so on.
    pub media_type: &'static str,
    /// The bytes.
    pub body: Bytes,
    /// Hash of the bytes, in hex; an entity tag consists of it and the coding.
    pub hash: String,
    /// When the content last changed.
    pub modified_at: Timestamp,
    /// For `Cache-Control: max-age`.
    pub max_age_seconds: u64,
    /// The header `Link`: its own address and those of the other formats (RFC 8288).
    pub links: Option<String>,
    /// Its position in the journal of arrivals; `None`: it is no feed, or that of a search.
    pub mark: Option<FeedMark>,
}

impl Rendition {
    /// The same bytes with another `max-age`.
    #[must_use]
    pub fn with_max_age(self: &Arc<Self>, max_age_seconds: u64) -> Arc<Self> {
        if self.max_age_seconds == max_age_seconds {
            return Arc::clone(self);
        }
        Arc::new(Self { max_age_seconds, ..Self::clone(self) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_bytes_can_last_longer() {
        let body = Bytes::from_static(b"x");
        let (hash, modified_at) = ("1".to_owned(), Timestamp::UNIX_EPOCH);
        let media_type = "text/plain";
        let (max_age_seconds, links) = (300, None);
        let mark = Some(FeedMark { rules: 1, position: 2 });
        let before =
            Rendition { media_type, body, hash, modified_at, max_age_seconds, links, mark };
        let before = Arc::new(before);
        assert!(Arc::ptr_eq(&before, &before.with_max_age(300)));
        let after = before.with_max_age(60);
        assert_eq!(*after, Rendition { max_age_seconds: 60, ..Rendition::clone(&before) });
    }
}
