//! What an element is for: one table for all dialects, since their names hardly ever disagree and
//! publishers mix them. Atom's names stand beside RSS's under `Core`.

use std::sync::LazyLock;

use super::names::Ns;

/// What an element's text says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Field {
    Title,
    Link,
    OriginalLink,
    /// The short text of an entry, the subtitle of a feed.
    Summary,
    Content,
    Guid,
    Published,
    Updated,
    Category,
    /// Several categories with commas between them.
    Keywords,
    Rights,
    Licence,
    Comments,
    CommentsFeed,
    CommentsCount,
    Place,
    Latitude,
    Longitude,
    Language,
    Generator,
    ImageUrl,
    Credit,
    Duration,
    Ttl,
    Hour,
    Day,
    UpdatePeriod,
    UpdateFrequency,
    UpdateBase,
}

impl Field {
    /// Whether its text is words for people, beside titles and bodies.
    pub(super) const fn is_words(self) -> bool {
        matches!(
            self,
            Self::Category | Self::Keywords | Self::Rights | Self::Generator | Self::Credit
        )
    }
}

/// What an element gathers from its children and attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gathers {
    Person,
    Image,
    /// The feed an entry was copied from.
    Origin,
}

/// What an element says by its attributes alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Says {
    Enclosure,
    MediaContent,
    /// A picture's address as `url` or `href`; else as text.
    Picture,
    ItunesCategory,
}

/// What an element is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// `item`, `entry`.
    Entry,
    /// `channel`, `feed`: what stands in it is about the feed.
    Channel,
    /// Its children count as if it were not there.
    Group,
    /// Nothing in it is about the feed or entry.
    Opaque,
    Gather(Gathers),
    Say(Says),
    /// Text; among several of one field the lowest rank wins, then the first.
    Leaf(Field, u8),
}

/// How the name of an element is spelt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    /// As the specification has it.
    Right,
    /// In another case; as the specification has it.
    Meant(&'static str),
}

use Field as F;
use Role::{Channel, Entry, Gather, Group, Leaf, Opaque, Say};

/// Names as the specifications spell them, sorted by namespace and lower-case name.
const ROLES: &[(Ns, &str, Role)] = &[
    (Ns::Core, "abstract", Leaf(F::Summary, 4)),
    (Ns::Core, "author", Gather(Gathers::Person)),
    (Ns::Core, "body", Leaf(F::Content, 3)),
    (Ns::Core, "category", Leaf(F::Category, 0)),
    (Ns::Core, "channel", Channel),
    (Ns::Core, "cloud", Opaque),
    (Ns::Core, "comments", Leaf(F::Comments, 0)),
    (Ns::Core, "content", Leaf(F::Content, 1)),
    (Ns::Core, "contributor", Opaque),
    (Ns::Core, "copyright", Leaf(F::Rights, 0)),
    (Ns::Core, "created", Leaf(F::Published, 3)),
    (Ns::Core, "date", Leaf(F::Published, 4)),
    (Ns::Core, "day", Leaf(F::Day, 0)),
    (Ns::Core, "description", Leaf(F::Summary, 0)),
    (Ns::Core, "docs", Opaque),
    (Ns::Core, "enclosure", Say(Says::Enclosure)),
    (Ns::Core, "encoded", Leaf(F::Content, 2)),
    (Ns::Core, "entry", Entry),
    (Ns::Core, "feed", Channel),
    (Ns::Core, "fullitem", Leaf(F::Content, 3)),
    (Ns::Core, "generator", Leaf(F::Generator, 0)),
    (Ns::Core, "guid", Leaf(F::Guid, 0)),
    (Ns::Core, "hour", Leaf(F::Hour, 0)),
    (Ns::Core, "icon", Leaf(F::ImageUrl, 2)),
    (Ns::Core, "id", Leaf(F::Guid, 0)),
    (Ns::Core, "image", Gather(Gathers::Image)),
    (Ns::Core, "info", Opaque),
    (Ns::Core, "issued", Leaf(F::Published, 1)),
    (Ns::Core, "item", Entry),
    (Ns::Core, "items", Group),
    (Ns::Core, "language", Leaf(F::Language, 0)),
    (Ns::Core, "lastBuildDate", Leaf(F::Updated, 0)),
    (Ns::Core, "license", Leaf(F::Licence, 0)),
    (Ns::Core, "link", Leaf(F::Link, 0)),
    (Ns::Core, "logo", Leaf(F::ImageUrl, 1)),
    (Ns::Core, "managingEditor", Gather(Gathers::Person)),
    (Ns::Core, "modified", Leaf(F::Updated, 0)),
    (Ns::Core, "pubDate", Leaf(F::Published, 0)),
    (Ns::Core, "published", Leaf(F::Published, 0)),
    (Ns::Core, "RDF", Group),
    (Ns::Core, "rights", Leaf(F::Rights, 0)),
    (Ns::Core, "rss", Group),
    (Ns::Core, "skipDays", Group),
    (Ns::Core, "skipHours", Group),
    (Ns::Core, "source", Gather(Gathers::Origin)),
    (Ns::Core, "subtitle", Leaf(F::Summary, 3)),
    (Ns::Core, "summary", Leaf(F::Summary, 1)),
    (Ns::Core, "tagline", Leaf(F::Summary, 1)),
    (Ns::Core, "textInput", Opaque),
    (Ns::Core, "title", Leaf(F::Title, 0)),
    (Ns::Core, "ttl", Leaf(F::Ttl, 0)),
    (Ns::Core, "updated", Leaf(F::Updated, 0)),
    (Ns::Core, "webMaster", Opaque),
    (Ns::Rdf, "li", Opaque),
    (Ns::Rdf, "RDF", Group),
    (Ns::Rdf, "Seq", Opaque),
    (Ns::Dc, "creator", Gather(Gathers::Person)),
    (Ns::Dc, "date", Leaf(F::Published, 1)),
    (Ns::Dc, "description", Leaf(F::Summary, 2)),
    (Ns::Dc, "identifier", Leaf(F::Guid, 2)),
    (Ns::Dc, "language", Leaf(F::Language, 1)),
    (Ns::Dc, "rights", Leaf(F::Rights, 1)),
    (Ns::Dc, "subject", Leaf(F::Category, 1)),
    (Ns::Dc, "title", Leaf(F::Title, 1)),
    (Ns::DcTerms, "abstract", Leaf(F::Summary, 4)),
    (Ns::DcTerms, "available", Leaf(F::Published, 4)),
    (Ns::DcTerms, "created", Leaf(F::Published, 3)),
    (Ns::DcTerms, "date", Leaf(F::Published, 4)),
    (Ns::DcTerms, "issued", Leaf(F::Published, 2)),
    (Ns::DcTerms, "modified", Leaf(F::Updated, 1)),
    (Ns::DcTerms, "title", Leaf(F::Title, 2)),
    (Ns::Content, "encoded", Leaf(F::Content, 0)),
    (Ns::Content, "items", Opaque),
    (Ns::Media, "category", Leaf(F::Category, 2)),
    (Ns::Media, "content", Say(Says::MediaContent)),
    (Ns::Media, "copyright", Leaf(F::Rights, 2)),
    (Ns::Media, "credit", Leaf(F::Credit, 0)),
    (Ns::Media, "description", Leaf(F::Summary, 5)),
    (Ns::Media, "group", Group),
    (Ns::Media, "img", Say(Says::Picture)),
    (Ns::Media, "keywords", Leaf(F::Keywords, 0)),
    (Ns::Media, "license", Leaf(F::Licence, 1)),
    (Ns::Media, "text", Leaf(F::Summary, 6)),
    (Ns::Media, "thumbnail", Say(Says::Picture)),
    (Ns::Media, "title", Leaf(F::Title, 3)),
    (Ns::Itunes, "author", Gather(Gathers::Person)),
    (Ns::Itunes, "category", Say(Says::ItunesCategory)),
    (Ns::Itunes, "duration", Leaf(F::Duration, 0)),
    (Ns::Itunes, "image", Say(Says::Picture)),
    (Ns::Itunes, "keywords", Leaf(F::Keywords, 1)),
    (Ns::Itunes, "owner", Opaque),
    (Ns::Itunes, "subtitle", Leaf(F::Summary, 7)),
    (Ns::Itunes, "summary", Leaf(F::Summary, 4)),
    (Ns::Itunes, "title", Leaf(F::Title, 4)),
    (Ns::Syndication, "updateBase", Leaf(F::UpdateBase, 0)),
    (Ns::Syndication, "updateFrequency", Leaf(F::UpdateFrequency, 0)),
    (Ns::Syndication, "updatePeriod", Leaf(F::UpdatePeriod, 0)),
    (Ns::Slash, "comments", Leaf(F::CommentsCount, 0)),
    (Ns::CommentApi, "comment", Opaque),
    (Ns::CommentApi, "commentRss", Leaf(F::CommentsFeed, 0)),
    (Ns::Thread, "total", Leaf(F::CommentsCount, 1)),
    (Ns::GeoRss, "point", Leaf(F::Place, 0)),
    (Ns::GeoRss, "where", Group),
    (Ns::Geo, "lat", Leaf(F::Latitude, 0)),
    (Ns::Geo, "long", Leaf(F::Longitude, 0)),
    (Ns::Geo, "Point", Group),
    (Ns::Gml, "Point", Group),
    (Ns::Gml, "pos", Leaf(F::Place, 1)),
    (Ns::Xhtml, "body", Leaf(F::Content, 2)),
    (Ns::Xhtml, "div", Leaf(F::Content, 4)),
    (Ns::Licence, "licence", Leaf(F::Licence, 0)),
    (Ns::Licence, "license", Leaf(F::Licence, 0)),
    (Ns::FeedBurner, "origLink", Leaf(F::OriginalLink, 0)),
    (Ns::Prism, "publicationDate", Leaf(F::Published, 3)),
    (Ns::Sitemap, "lastmod", Leaf(F::Updated, 0)),
    (Ns::Sitemap, "loc", Leaf(F::Guid, 0)),
    (Ns::Sitemap, "url", Entry),
    (Ns::Sitemap, "urlset", Group),
    (Ns::News, "keywords", Leaf(F::Keywords, 0)),
    (Ns::News, "language", Leaf(F::Language, 0)),
    (Ns::News, "name", Opaque),
    (Ns::News, "news", Group),
    (Ns::News, "publication", Group),
    (Ns::News, "publication_date", Leaf(F::Published, 0)),
    (Ns::News, "title", Leaf(F::Title, 0)),
    (Ns::SitemapImage, "caption", Opaque),
    (Ns::SitemapImage, "image", Group),
    (Ns::SitemapImage, "loc", Leaf(F::ImageUrl, 0)),
    (Ns::SitemapImage, "title", Opaque),
];

/// The namespace and the beginning of each row's name in one number, in the rows' order: a number is
/// compared at once, and every tag of a document is looked up.
static KEYS: LazyLock<Vec<u128>> =
    LazyLock::new(|| ROLES.iter().map(|(ns, name, _)| key(*ns, name)).collect());

/// The namespace, then the first eight bytes of the name in lower case.
fn key(ns: Ns, name: &str) -> u128 {
    let mut beginning = [0; 8];
    for (place, byte) in beginning.iter_mut().zip(name.bytes()) {
        *place = byte.to_ascii_lowercase();
    }
    (ns as u128) << 64 | u128::from(u64::from_be_bytes(beginning))
}

/// Other spellings that specifications have: RSS 0.9 and 1.0, the comment API itself, and the class of
/// Creative Commons.
const ALSO: [(Ns, &str); 3] =
    [(Ns::Core, "textinput"), (Ns::CommentApi, "commentRSS"), (Ns::Licence, "License")];

/// What an element is for, and how its name is spelt. `None`: nothing is known of it.
pub(super) fn of(ns: Ns, local: &str) -> Option<(Role, Spelling)> {
    let ns = if ns == Ns::Atom { Ns::Core } else { ns };
    let wanted = key(ns, local);
    let first = KEYS.partition_point(|key| *key < wanted);
    let rows = ROLES.iter().zip(KEYS.iter()).skip(first);
    let mut alike = rows.take_while(|(_, key)| **key == wanted);
    let ((_, name, role), _) = alike.find(|((_, name, _), _)| name.eq_ignore_ascii_case(local))?;
    let is_right = *name == local || ALSO.contains(&(ns, local));
    Some((*role, if is_right { Spelling::Right } else { Spelling::Meant(name) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_every_row_is_found_in_any_case() {
        assert!(ROLES.is_sorted_by_key(|row| (row.0, row.1.to_ascii_lowercase())));
        for (ns, name, role) in ROLES {
            assert_eq!(of(*ns, name), Some((*role, Spelling::Right)), "{ns:?} {name}");
            let (found, spelling) = of(*ns, &name.to_uppercase()).unwrap();
            assert_eq!(found, *role, "{ns:?} {name}");
            if name.to_uppercase() != *name {
                assert_eq!(spelling, Spelling::Meant(name));
            }
        }
        for (ns, name) in ALSO {
            assert_eq!(of(ns, name).map(|found| found.1), Some(Spelling::Right), "{name}");
        }
        assert_eq!(of(Ns::Atom, "title").map(|found| found.0), Some(Leaf(F::Title, 0)));
        assert_eq!(of(Ns::Core, "pubdate").map(|found| found.1), Some(Spelling::Meant("pubDate")));
        assert_eq!(of(Ns::Other, "title"), None);
        assert_eq!(of(Ns::Core, "post-id"), None);
    }
}
