//! The publisher's own words: `RawFeed` and `RawEntry`. Nothing resolved, nothing believed.
//!
//! Every string is as written (entities of the carrier format undone, nothing else): addresses may
//! be relative, dates unread, titles full of markup. An absent or empty element is `None`.

use crate::model::{Format, Warning};

/// How a text says it is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum TextKind {
    /// Plain text by its own word (Atom `type="text"`, JSON `content_text`).
    Text,
    /// HTML by its own word (Atom `type="html"`/`xhtml`, JSON `content_html`).
    Html,
    /// Not said (RSS): perhaps escaped HTML.
    #[default]
    Unspecified,
}

/// A text with what was said about it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RawText {
    /// The text itself.
    pub value: String,
    /// How it is to be read.
    pub kind: TextKind,
    /// `xml:lang` in force on the element itself (not inherited ones).
    pub language: Option<String>,
    /// `dir` on the element or on its single wrapping element.
    pub direction: Option<String>,
    /// `xml:base` in force, as written, already joined from the outside in where several nest.
    pub base: Option<String>,
}

/// A link with its relation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RawLink {
    /// The address as written, perhaps relative.
    pub href: String,
    /// `alternate`, `self`, `hub`, `enclosure`, `via`, `next`…; `None` means `alternate`.
    pub rel: Option<String>,
    /// Media type as claimed.
    pub media_type: Option<String>,
    /// Language of the target.
    pub hreflang: Option<String>,
    /// Human-readable title.
    pub title: Option<String>,
}

/// A person or desk.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RawPerson {
    /// The name as written (RSS `author` may hold `mail (name)`).
    pub name: Option<String>,
    /// An e-mail address.
    pub email: Option<String>,
    /// A page about the person.
    pub url: Option<String>,
}

/// A category or tag.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RawCategory {
    /// The term (RSS: the text).
    pub term: String,
    /// The human label, where it differs (Atom `label`).
    pub label: Option<String>,
    /// Atom `scheme`, RSS `domain`.
    pub scheme: Option<String>,
}

/// A file that belongs to an entry: RSS `enclosure`, Atom `rel="enclosure"`, `media:content`, JSON
/// `attachments`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RawEnclosure {
    /// The address as written.
    pub url: String,
    /// Media type as claimed, or the `medium` of Media RSS (`image`, `video`, `audio`).
    pub media_type: Option<String>,
    /// Size in bytes, as written.
    pub length: Option<String>,
    /// Duration as written (`itunes:duration`, Media RSS `duration`).
    pub duration: Option<String>,
    /// Title.
    pub title: Option<String>,
}

/// A picture of an entry or feed: `media:thumbnail`, `image`, `itunes:image`, JSON `image`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RawImage {
    /// The address as written.
    pub url: String,
    /// Width in pixels, as written.
    pub width: Option<String>,
    /// Height in pixels, as written.
    pub height: Option<String>,
    /// `media:credit`.
    pub credit: Option<String>,
}

/// The feed an entry was copied from: RSS `source`, Atom `source`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RawOrigin {
    /// Its title.
    pub title: Option<String>,
    /// Its feed address.
    pub url: Option<String>,
}

/// The publisher's wishes about polling, as written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RawPollHints {
    /// RSS `ttl` (minutes).
    pub ttl: Option<String>,
    /// RSS `skipHours/hour`.
    pub skip_hours: Vec<String>,
    /// RSS `skipDays/day`.
    pub skip_days: Vec<String>,
    /// `sy:updatePeriod`.
    pub update_period: Option<String>,
    /// `sy:updateFrequency`.
    pub update_frequency: Option<String>,
    /// `sy:updateBase`.
    pub update_base: Option<String>,
}

/// One entry in the publisher's own words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RawEntry {
    /// `guid`, `atom:id`, `rdf:about`, JSON `id`.
    pub guid: Option<String>,
    /// RSS `isPermaLink`, as said; `None`: not said (RSS's default is true).
    pub guid_is_permalink: Option<bool>,
    /// The title.
    pub title: Option<RawText>,
    /// All links, the best alternate first.
    pub links: Vec<RawLink>,
    /// The short text: `description` beside a longer content, `summary`, `media:description`.
    pub summary: Option<RawText>,
    /// The full text: `content:encoded`, `atom:content`, `xhtml:body`, JSON `content_html`.
    pub content: Option<RawText>,
    /// First publication, as written.
    pub published: Option<String>,
    /// Last change, as written.
    pub updated: Option<String>,
    /// Authors in order.
    pub authors: Vec<RawPerson>,
    /// Categories in order.
    pub categories: Vec<RawCategory>,
    /// Enclosures in order, repeats included.
    pub enclosures: Vec<RawEnclosure>,
    /// Pictures, the best first.
    pub images: Vec<RawImage>,
    /// Where it was copied from.
    pub origin: Option<RawOrigin>,
    /// `xml:lang` in force (inherited within the entry), `dc:language`, JSON `language`.
    pub language: Option<String>,
    /// `dir` on the entry.
    pub direction: Option<String>,
    /// `xml:base` in force on the entry, as written.
    pub base: Option<String>,
    /// `rights`, `dc:rights`, `copyright`.
    pub rights: Option<String>,
    /// RSS `comments`: the page with the comments.
    pub comments: Option<String>,
    /// `wfw:commentRss`.
    pub comments_feed: Option<String>,
    /// `slash:comments`, `thr:total`.
    pub comments_count: Option<String>,
    /// `georss:point` and kin, as written.
    pub place: Option<String>,
}

/// A whole feed in the publisher's own words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RawFeed {
    /// The dialect; `None` only while a feed is being assembled.
    pub format: Option<Format>,
    /// `atom:id`, `rdf:about`, JSON `feed_url`.
    pub id: Option<String>,
    /// The title.
    pub title: Option<RawText>,
    /// `description`, `subtitle`.
    pub subtitle: Option<RawText>,
    /// All links with their relations, the site's page first (`alternate`).
    pub links: Vec<RawLink>,
    /// `language`, `xml:lang` of the root, `dc:language`.
    pub language: Option<String>,
    /// `dir` of the root.
    pub direction: Option<String>,
    /// `xml:base` of the root.
    pub base: Option<String>,
    /// `image`, `logo`, `icon`, the best first.
    pub images: Vec<RawImage>,
    /// Last change, as written (`lastBuildDate`, `updated`).
    pub updated: Option<String>,
    /// Publication, as written (`pubDate`).
    pub published: Option<String>,
    /// Authors and editors.
    pub authors: Vec<RawPerson>,
    /// Categories.
    pub categories: Vec<RawCategory>,
    /// Rights.
    pub rights: Option<String>,
    /// Generator, as written.
    pub generator: Option<String>,
    /// Wishes about polling.
    pub poll_hints: RawPollHints,
    /// The entries in document order.
    pub entries: Vec<RawEntry>,
    /// What parsing had to say (the repairs' warnings are not repeated here).
    pub warnings: Vec<Warning>,
}
