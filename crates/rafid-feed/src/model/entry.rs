//! The normalized `Feed` and `Entry`: addresses are absolute, dates are instants, texts are safe to
//! show.

use jiff::Timestamp;

use crate::model::{
    DateOrder, Direction, EntryPage, Episode, Language, Person, PlainText, PollHints, SafeHtml,
    Warning,
};

/// The kind of key that identifies an entry, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IdentityKind {
    /// The publisher's guid or id.
    Guid,
    /// The canonical link.
    Link,
    /// Link and title together (links repeat in the feed).
    LinkAndTitle,
    /// Title and date, when there is no guid and no link.
    TitleAndDate,
    /// The text itself, when there is nothing else.
    Content,
}

impl IdentityKind {
    /// A stable kebab-case word for machines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Guid => "guid",
            Self::Link => "link",
            Self::LinkAndTitle => "link-and-title",
            Self::TitleAndDate => "title-and-date",
            Self::Content => "content",
        }
    }
}

/// How an entry is recognized within its source.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity {
    /// The kind of the key.
    pub kind: IdentityKind,
    /// The key (the guid, the canonical link, …); unique within one document.
    pub key: String,
    /// Weaker names that may match the entry in earlier documents (canonical link, title key), each
    /// prefixed by its kind (`link:…`, `title:…`); only names that are unique in this document.
    pub weaker_names: Vec<String>,
}

/// A file that belongs to an entry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Enclosure {
    /// Absolute `http(s)` address.
    pub url: String,
    /// Media type, lower case (`audio/mpeg`); `None`: the publisher gives none, and the file name
    /// does not show it.
    pub media_type: Option<String>,
    /// Size in bytes.
    pub length_bytes: Option<u64>,
    /// Duration in seconds.
    pub duration_seconds: Option<u64>,
    /// Title.
    pub title: Option<PlainText>,
}

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Image {
    /// Absolute `http(s)` address.
    pub url: String,
    /// Width in pixels.
    pub width: Option<u32>,
    /// Height in pixels.
    pub height: Option<u32>,
    /// The photographer or owner.
    pub credit: Option<PlainText>,
    /// What it shows, for those who do not see it.
    pub alt: Option<PlainText>,
}

impl Image {
    /// A picture of which nothing but its address is known; absolute `http(s)`.
    pub fn of_url(url: String) -> Self {
        Self { url, width: None, height: None, credit: None, alt: None }
    }
}

/// The feed an entry says it was copied from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CopiedFrom {
    /// Its title.
    pub title: Option<PlainText>,
    /// Its address; absolute `http(s)`.
    pub url: Option<String>,
}

/// A place on Earth (WGS 84), in ten-millionths of a degree: about a centimeter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GeoPoint {
    /// Latitude, north positive, within ±90 degrees.
    pub latitude_e7: i32,
    /// Longitude, east positive, within ±180 degrees.
    pub longitude_e7: i32,
}

/// A normalized entry. `None` means that the publisher did not say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// How the entry is recognized.
    pub identity: Identity,
    /// The publisher's guid or id, as written.
    pub guid: Option<String>,
    /// The publisher's link: absolute `http(s)`, trackers removed, every other byte unchanged.
    pub link: Option<String>,
    /// The title; empty when it is missing.
    pub title: PlainText,
    /// The publisher's short text, not cut; `None`: it is missing (the outputs then shorten the
    /// content).
    pub summary: Option<SafeHtml>,
    /// The publisher's full text.
    pub content: Option<SafeHtml>,
    /// The date of first publication that the publisher claims; may lie in the future.
    pub published_at: Option<Timestamp>,
    /// The date of the last change that the publisher claims.
    pub updated_at: Option<Timestamp>,
    /// Authors in order.
    pub authors: Vec<Person>,
    /// Who else took part, in order.
    pub contributors: Vec<Person>,
    /// The publisher's categories, for display, without repeats.
    pub categories: Vec<PlainText>,
    /// Enclosures in order, without repeats.
    pub enclosures: Vec<Enclosure>,
    /// The lead picture.
    pub image: Option<Image>,
    /// Its other pictures, in order: each picture once, not in several sizes.
    pub more_images: Vec<Image>,
    /// The language, from the publisher or from the operator's setting.
    pub language: Option<Language>,
    /// The direction to publish the title and the text in.
    pub direction: Direction,
    /// The feed it was copied from.
    pub origin: Option<CopiedFrom>,
    /// Rights, for display.
    pub rights: Option<PlainText>,
    /// The license's page; absolute `http(s)`.
    pub licence: Option<String>,
    /// The page with the comments; absolute `http(s)`.
    pub comments: Option<String>,
    /// The feed of the comments; absolute `http(s)`.
    pub comments_feed: Option<String>,
    /// The number of comments that the publisher states.
    pub comments_count: Option<u32>,
    /// The page where the publisher found it (`rel="via"`); absolute `http(s)`.
    pub via: Option<String>,
    /// The place of the event.
    pub point: Option<GeoPoint>,
    /// What it says of itself as an episode of a podcast; `None`: nothing.
    pub episode: Option<Box<Episode>>,
    /// What was added from the entry's own page; `None`: the page was not read.
    pub page: Option<EntryPage>,
}

impl Entry {
    /// An entry with an identity and a title and nothing else; the reader's program decides its
    /// direction.
    pub fn titled(identity: Identity, title: PlainText) -> Self {
        Self {
            identity,
            title,
            guid: None,
            link: None,
            summary: None,
            content: None,
            published_at: None,
            updated_at: None,
            authors: Vec::new(),
            contributors: Vec::new(),
            categories: Vec::new(),
            enclosures: Vec::new(),
            image: None,
            more_images: Vec::new(),
            language: None,
            direction: Direction::Auto,
            origin: None,
            rights: None,
            licence: None,
            comments: None,
            comments_feed: None,
            comments_count: None,
            via: None,
            point: None,
            episode: None,
            page: None,
        }
    }
}

/// An entry's link, dates and categories as written; used to explain a result, never stored.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RawEntryValues {
    /// The link as written, with its trackers, resolved against the base that the document states;
    /// may be relative.
    pub link: Option<String>,
    /// The same link for use: absolute `http(s)`, with its trackers; `None`: it is no web address
    /// (`javascript:`), or the document states no base for it.
    pub url: Option<String>,
    /// The date of first publication as written.
    pub published: Option<String>,
    /// The date of the last change as written.
    pub updated: Option<String>,
    /// The categories as written, dropped ones included.
    pub categories: Vec<String>,
}

/// A normalized feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// The publisher's title; `None`: it is missing.
    pub title: Option<PlainText>,
    /// The publisher's subtitle.
    pub subtitle: Option<PlainText>,
    /// The publisher's page; absolute `http(s)`.
    pub site: Option<String>,
    /// The address that the feed gives as its own; never used for identity.
    pub self_link: Option<String>,
    /// The WebSub hubs it names; absolute `http(s)`.
    pub hubs: Vec<String>,
    /// The next page of a paged feed (RFC 5005 section 3); absolute `http(s)`, followed only on
    /// request.
    pub next: Option<String>,
    /// The language.
    pub language: Option<Language>,
    /// The direction of its titles.
    pub direction: Direction,
    /// Its picture.
    pub image: Option<Image>,
    /// Its authors and editors, in order.
    pub authors: Vec<Person>,
    /// Its categories, for display, without repeats.
    pub categories: Vec<PlainText>,
    /// Rights, for display.
    pub rights: Option<PlainText>,
    /// The license's page; absolute `http(s)`.
    pub licence: Option<String>,
    /// The program that made the feed, as it states.
    pub generator: Option<PlainText>,
    /// The address that the feed says it moves to; absolute `http(s)`.
    pub moved_to: Option<String>,
    /// The id of the podcast (podcastindex.org/namespace/1.0), as written.
    pub podcast_guid: Option<String>,
    /// The date of the last change that the publisher claims.
    pub updated_at: Option<Timestamp>,
    /// The order of day and month that this document or earlier ones showed; `None`: a guess.
    pub date_order: Option<DateOrder>,
    /// The publisher's hints about polling.
    pub poll_hints: PollHints,
    /// The entries in document order.
    pub entries: Vec<Entry>,
    /// All repairs and warnings of the stations.
    pub warnings: Vec<Warning>,
}
