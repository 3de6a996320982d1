//! What we believe: `Feed` and `Entry`. Addresses absolute, dates instants, texts safe to show.

use jiff::Timestamp;

use crate::model::{
    DateOrder, Direction, EntryPage, Language, PlainText, PollHints, SafeHtml, Warning,
};

/// Which rung of the identity ladder named an entry (strongest first).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IdentityKind {
    /// The publisher's guid or id.
    Guid,
    /// The canonical link.
    Link,
    /// Link and title together (the feed repeats its links).
    LinkAndTitle,
    /// Title and date, when there is neither guid nor link.
    TitleAndDate,
    /// Nothing but the text itself.
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

/// How an entry is known again within its source.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity {
    /// The rung that decided.
    pub kind: IdentityKind,
    /// The words it decided by (the guid, the canonical link, …); unique within one reading of a feed.
    pub key: String,
    /// Weaker names by which the entry may be known from earlier readings (canonical link, title
    /// key), each prefixed by its kind (`link:…`, `title:…`); only names unique in this feed.
    pub weaker_names: Vec<String>,
}

/// An author.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Person {
    /// The name, for display.
    pub name: PlainText,
    /// A page about the person; absolute `http(s)`.
    pub url: Option<String>,
}

/// A file that belongs to an entry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Enclosure {
    /// Absolute `http(s)` address.
    pub url: String,
    /// Media type, lower case (`audio/mpeg`); `None`: not said and not to be told from the name.
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
    /// Who made it.
    pub credit: Option<PlainText>,
}

/// The feed an entry says it was copied from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CopiedFrom {
    /// Its title.
    pub title: Option<PlainText>,
    /// Its address; absolute `http(s)`.
    pub url: Option<String>,
}

/// A place on the earth (WGS 84), in ten-millionths of a degree: about a centimetre.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GeoPoint {
    /// Latitude, north positive, within ±90 degrees.
    pub latitude_e7: i32,
    /// Longitude, east positive, within ±180 degrees.
    pub longitude_e7: i32,
}

/// An entry as we believe it. `None` means that the publisher did not say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// How it is known again.
    pub identity: Identity,
    /// The publisher's guid or id, as written.
    pub guid: Option<String>,
    /// The publisher's link: absolute `http(s)`, trackers removed, every other byte as it came.
    pub link: Option<String>,
    /// The title; empty when there is none.
    pub title: PlainText,
    /// The publisher's short text, not cut; `None`: there is none (the outputs then cut the content).
    pub summary: Option<SafeHtml>,
    /// The publisher's full text.
    pub content: Option<SafeHtml>,
    /// The publisher's claim of first publication; may lie in the future.
    pub published_at: Option<Timestamp>,
    /// The publisher's claim of the last change.
    pub updated_at: Option<Timestamp>,
    /// Authors in order.
    pub authors: Vec<Person>,
    /// The publisher's categories, for display, without repeats.
    pub categories: Vec<PlainText>,
    /// Enclosures in order, without repeats.
    pub enclosures: Vec<Enclosure>,
    /// The lead picture.
    pub image: Option<Image>,
    /// The language, by the publisher's or the operator's word.
    pub language: Option<Language>,
    /// The direction to publish title and text in.
    pub direction: Direction,
    /// Where it was copied from.
    pub origin: Option<CopiedFrom>,
    /// Rights, for display.
    pub rights: Option<PlainText>,
    /// The licence's page; absolute `http(s)`.
    pub licence: Option<String>,
    /// The page with the comments; absolute `http(s)`.
    pub comments: Option<String>,
    /// The feed of the comments; absolute `http(s)`.
    pub comments_feed: Option<String>,
    /// How many comments the publisher counts.
    pub comments_count: Option<u32>,
    /// Where the publisher found it (`rel="via"`); absolute `http(s)`.
    pub via: Option<String>,
    /// Where it happened.
    pub point: Option<GeoPoint>,
    /// What it has from its own page; `None`: that was not read.
    pub page: Option<EntryPage>,
}

impl Entry {
    /// An entry of which the identity and the title are known and nothing else; its direction is
    /// left to the reader.
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
            categories: Vec::new(),
            enclosures: Vec::new(),
            image: None,
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
            page: None,
        }
    }
}

/// Where and when in the publisher's own words: for explaining what was made of them, never kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RawEntryValues {
    /// The link as said, trackers and all, against the base that the document states; perhaps
    /// relative.
    pub link: Option<String>,
    /// The date of first publication as written.
    pub published: Option<String>,
    /// The date of the last change as written.
    pub updated: Option<String>,
    /// The categories as written, those that are dropped among them.
    pub categories: Vec<String>,
}

/// A feed as we believe it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// The publisher's title; `None` when there is none.
    pub title: Option<PlainText>,
    /// The publisher's subtitle.
    pub subtitle: Option<PlainText>,
    /// The publisher's page; absolute `http(s)`.
    pub site: Option<String>,
    /// The address the feed gives as its own; never trusted for identity.
    pub self_link: Option<String>,
    /// The WebSub hubs it names; absolute `http(s)`.
    pub hubs: Vec<String>,
    /// The next page of a paged feed (RFC 5005 section 3); absolute `http(s)`, never followed unasked.
    pub next: Option<String>,
    /// The language.
    pub language: Option<Language>,
    /// The direction of its titles.
    pub direction: Direction,
    /// Its picture.
    pub image: Option<Image>,
    /// Rights, for display.
    pub rights: Option<PlainText>,
    /// The licence's page; absolute `http(s)`.
    pub licence: Option<String>,
    /// The program that made it, as it says.
    pub generator: Option<PlainText>,
    /// The publisher's claim of the last change.
    pub updated_at: Option<Timestamp>,
    /// The order of day and month in its dates, as they or earlier ones told it; `None`: a guess.
    pub date_order: Option<DateOrder>,
    /// What the publisher allows about polling.
    pub poll_hints: PollHints,
    /// The entries in document order.
    pub entries: Vec<Entry>,
    /// Everything that the stations had to mend.
    pub warnings: Vec<Warning>,
}
