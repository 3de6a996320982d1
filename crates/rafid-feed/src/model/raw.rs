//! A feed and its entries as published: `RawFeed` and `RawEntry`. Nothing is resolved and nothing
//! is checked.
//!
//! Every string is as written (only the entities of the carrier format are undone): addresses may
//! be relative, dates are unread, titles may contain markup. An absent or empty element is `None`.

use crate::model::{Format, Warning};

/// The format that a text declares for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum TextKind {
    /// Declared as plain text (Atom `type="text"`, JSON `content_text`).
    Text,
    /// Declared as HTML (Atom `type="html"`/`xhtml`, JSON `content_html`).
    Html,
    /// Not declared (RSS): perhaps escaped HTML.
    #[default]
    Unspecified,
}

/// A text with its attributes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RawText {
    /// The text itself.
    pub value: String,
    /// Its declared format.
    pub kind: TextKind,
    /// `xml:lang` on the element itself (not an inherited one).
    pub language: Option<String>,
    /// `dir` on the element or on its single wrapping element.
    pub direction: Option<String>,
    /// The `xml:base` in force, as written; nested ones are already joined, from the outermost to
    /// the innermost.
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

/// A person or an editorial desk.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RawPerson {
    /// The name as written (RSS `author` may contain `mail (name)`).
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
    /// The label for people, where it differs (Atom `label`).
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
    /// What it shows, for those who do not see it: `media:description`, `title` of RSS `image`,
    /// `image:caption`.
    pub alt: Option<String>,
    /// The same number means the same picture in other sizes (`media:group`); `None`: it is no part
    /// of a group.
    pub group: Option<usize>,
}

/// The feed an entry was copied from: RSS `source`, Atom `source`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RawOrigin {
    /// Its title.
    pub title: Option<String>,
    /// Its feed address.
    pub url: Option<String>,
}

/// A file with the words of an episode: `podcast:transcript`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RawTranscript {
    /// The address as written.
    pub url: String,
    /// Media type as claimed.
    pub media_type: Option<String>,
    /// Language as claimed.
    pub language: Option<String>,
    /// `captions`, or anything else.
    pub rel: Option<String>,
}

/// A chapter of an episode: `psc:chapter`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RawChapter {
    /// Where it begins, as written (`HH:MM:SS.mmm`).
    pub start: String,
    /// Its title.
    pub title: Option<String>,
    /// A page about it, as written.
    pub href: Option<String>,
    /// Its picture, as written.
    pub image: Option<String>,
}

/// Someone who takes part in an episode: `podcast:person`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RawParticipant {
    /// The name and a page.
    pub person: RawPerson,
    /// The role as written.
    pub role: Option<String>,
    /// The group of the role as written.
    pub group: Option<String>,
    /// A portrait, as written.
    pub image: Option<String>,
}

/// What an entry says of itself as an episode of a podcast.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RawEpisode {
    /// `itunes:episode`, `podcast:episode`.
    pub number: Option<String>,
    /// `itunes:season`, `podcast:season`.
    pub season: Option<String>,
    /// `itunes:episodeType`.
    pub kind: Option<String>,
    /// `itunes:explicit`.
    pub explicit: Option<String>,
    /// `podcast:transcript`.
    pub transcripts: Vec<RawTranscript>,
    /// `podcast:chapters`: the address and the media type.
    pub chapter_file: Option<(String, Option<String>)>,
    /// `psc:chapter`.
    pub chapters: Vec<RawChapter>,
    /// `podcast:person`.
    pub participants: Vec<RawParticipant>,
}

/// The publisher's hints about polling, as written.
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

/// One entry as published.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RawEntry {
    /// `guid`, `atom:id`, `rdf:about`, JSON `id`.
    pub guid: Option<String>,
    /// RSS `isPermaLink`, as written; `None`: absent (RSS's default is true).
    pub guid_is_permalink: Option<bool>,
    /// The title.
    pub title: Option<RawText>,
    /// All links, the best alternate first.
    pub links: Vec<RawLink>,
    /// The short text: `description` beside a longer text, `summary`, `media:description`.
    pub summary: Option<RawText>,
    /// The full text: `content:encoded`, `atom:content`, `xhtml:body`, JSON `content_html`.
    pub content: Option<RawText>,
    /// First publication, as written.
    pub published: Option<String>,
    /// Last change, as written.
    pub updated: Option<String>,
    /// Authors in order.
    pub authors: Vec<RawPerson>,
    /// `contributor`, `dc:contributor`.
    pub contributors: Vec<RawPerson>,
    /// Categories in order.
    pub categories: Vec<RawCategory>,
    /// Enclosures in order, repeats included.
    pub enclosures: Vec<RawEnclosure>,
    /// Pictures, the best first.
    pub images: Vec<RawImage>,
    /// The feed it was copied from.
    pub origin: Option<RawOrigin>,
    /// The `xml:lang` in force (inherited within the entry), `dc:language`, JSON `language`.
    pub language: Option<String>,
    /// `dir` on the entry.
    pub direction: Option<String>,
    /// The `xml:base` in force on the entry, as written.
    pub base: Option<String>,
    /// `rights`, `dc:rights`, `copyright`.
    pub rights: Option<String>,
    /// RSS `comments`: the page with the comments.
    pub comments: Option<String>,
    /// `wfw:commentRss`.
    pub comments_feed: Option<String>,
    /// `slash:comments`, `thr:total`.
    pub comments_count: Option<String>,
    /// `georss:point` and the like, as written.
    pub place: Option<String>,
    /// What it says of itself as an episode of a podcast.
    pub episode: Option<Box<RawEpisode>>,
}

/// A whole feed as published.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RawFeed {
    /// The format; `None` only while the feed is being built.
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
    /// `itunes:new-feed-url`: the address that the feed moves to.
    pub moved_to: Option<String>,
    /// `podcast:guid`.
    pub podcast_guid: Option<String>,
    /// The hints about polling.
    pub poll_hints: RawPollHints,
    /// The entries in document order.
    pub entries: Vec<RawEntry>,
    /// The warnings of the parser (the warnings of the repair are not repeated here).
    pub warnings: Vec<Warning>,
}
