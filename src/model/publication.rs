//! What is published: `Publication` (the wish) → `Rendition` (finished bytes).

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use rafid_feed::model::{Language, PlainText};

use crate::model::{Category, EntryId, PublicUrl, SiteName, SourceId, StoredEntry};

/// How much of an entry an output gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum ContentPolicy {
    /// The publisher's own summary, cut at about 500 characters (publishers reserve rights).
    #[default]
    Summary,
    /// Everything that the publisher's feed gives.
    Full,
}

/// How much of an output of several sources one of them may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum PerSource {
    /// A third of a feed, as long as others have news of the same day; on pages any number, as they
    /// can be leafed through.
    #[default]
    Share,
    /// This many entries at most, in feeds and on pages.
    AtMost(usize),
    /// Any number.
    Any,
}

/// What an output says about a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceInfo {
    /// Its id.
    pub id: SourceId,
    /// The name to show: the operator's, else the publisher's title, else the host.
    pub name: String,
    /// The publisher's page; `None`: not known, or the source is private.
    pub site: Option<PublicUrl>,
    /// The feed's address; `None`: it is a file, or private.
    pub feed_url: Option<PublicUrl>,
    /// The categories that the operator gave it.
    pub categories: Vec<Category>,
    /// The language.
    pub language: Option<Language>,
    /// Rights.
    pub rights: Option<String>,
    /// The picture.
    pub image: Option<String>,
    /// Whether its dates can be believed: nothing speaks against its clock.
    pub are_dates_sure: bool,
    /// Whether it is believed when it says that news is breaking.
    pub believes_breaking: bool,
}

/// What an output makes of stories: the same event told by several entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum StoryDisplay {
    /// A story stands in it once, as the telling that arrived first, which names the others.
    #[default]
    Collapse,
    /// Every telling stands in it, and names the others.
    Related,
    /// Every telling stands in it by itself.
    Off,
}

/// Another telling of an entry's story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherTelling {
    /// The entry.
    pub id: EntryId,
    /// Its source.
    pub source: SourceId,
    /// The name to show for the source.
    pub name: String,
    /// Its title; empty when there is none.
    pub title: PlainText,
    /// Its link.
    pub link: Option<String>,
    /// Its place in time.
    pub listed_at: Timestamp,
    /// Whether it has the very same text.
    pub is_same_text: bool,
}

/// The story of an entry as an output tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StorySummary {
    /// The story's name: the id of the entry that began it.
    pub id: EntryId,
    /// The other tellings, in the order in which they arrived.
    pub others: Vec<OtherTelling>,
}

/// Which entries an output holds.
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

/// One output feed, ready to be rendered: everything an output says comes from here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// Which entries.
    pub scope: Scope,
    /// Its title.
    pub title: String,
    /// Its description.
    pub description: String,
    /// The public base address, ending in `/` (`https://news.example/`).
    pub base: String,
    /// The path of this output's folder below the base, percent-encoded: empty, `category/<slug>/`,
    /// `source/<id>/` or `output/<id>/`.
    pub folder: String,
    /// Whether it is a file of a folder, and not served: all of its links lead to files.
    pub is_folder: bool,
    /// What ids of the site's own are made of.
    pub name: SiteName,
    /// The language of the title and description.
    pub language: Language,
    /// The newest `changed_at` of its entries; `None` when there are none yet.
    pub updated_at: Option<Timestamp>,
    /// For subscribers: seconds that need not be asked again for, as HTTP says it (`max-age`).
    pub ttl_seconds: u64,
    /// How much of an entry is given.
    pub content: ContentPolicy,
    /// The address of the operator, for readers; `None`: not said.
    pub contact: Option<String>,
    /// The entries, newest `listed_at` first.
    pub entries: Vec<StoredEntry>,
    /// The stories of those entries of which others tell, too.
    pub stories: BTreeMap<EntryId, StorySummary>,
    /// A card for every source of `entries` (and, for OPML and the page, of the whole scope).
    pub sources: BTreeMap<SourceId, SourceInfo>,
}

/// A coding that finished bytes stand in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Coding {
    /// As they are.
    Identity,
    /// RFC 1952.
    Gzip,
    /// RFC 7932.
    Brotli,
    /// RFC 8878.
    Zstd,
}

/// Finished bytes with all that a server needs to hand them out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendition {
    /// `application/rss+xml; charset=utf-8` and so on.
    pub media_type: &'static str,
    /// The bytes per coding; `Identity` is always there.
    pub bodies: BTreeMap<Coding, Bytes>,
    /// Hash of the identity bytes, hex; entity tags are made of it and the coding.
    pub hash: String,
    /// When the content last changed.
    pub modified_at: Timestamp,
    /// For `Cache-Control: max-age`.
    pub max_age_seconds: u64,
    /// For `Link`: its own address and those of the same in other formats (RFC 8288).
    pub links: Option<String>,
}

impl Rendition {
    /// The same bytes, with the age that subscribers may rely on now.
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
        let bodies = BTreeMap::from([(Coding::Identity, Bytes::from_static(b"x"))]);
        let (hash, modified_at) = ("1".to_owned(), Timestamp::UNIX_EPOCH);
        let media_type = "text/plain";
        let (max_age_seconds, links) = (300, None);
        let before = Rendition { media_type, bodies, hash, modified_at, max_age_seconds, links };
        let before = Arc::new(before);
        assert!(Arc::ptr_eq(&before, &before.with_max_age(300)));
        let after = before.with_max_age(60);
        assert_eq!(*after, Rendition { max_age_seconds: 60, ..Rendition::clone(&before) });
    }
}
