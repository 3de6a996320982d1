//! The purpose of each element, in one table for all dialects, since their names hardly ever disagree and
//! publishers mix them. Atom's names and RSS's are both under `Core`.

use std::sync::LazyLock;

use super::namespaces::Namespace;

/// The field that an element's text holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum FieldKind {
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
    /// What the picture before it shows.
    ImageAlt,
    Credit,
    Duration,
    EpisodeNumber,
    Season,
    EpisodeKind,
    Explicit,
    /// The address that the feed moves to.
    MovedTo,
    PodcastGuid,
    Ttl,
    Hour,
    Day,
    UpdatePeriod,
    UpdateFrequency,
    UpdateBase,
}

impl FieldKind {
    /// Whether its text is words for people other than titles and bodies.
    pub(super) const fn is_plain_words(self) -> bool {
        matches!(
            self,
            Self::Category
                | Self::Keywords
                | Self::Rights
                | Self::Generator
                | Self::Credit
                | Self::ImageAlt
        )
    }
}

/// What an element collects from its children and attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ContainerElement {
    Person,
    Contributor,
    /// Someone who takes part in an episode.
    Participant,
    Image,
    /// The feed an entry was copied from.
    Origin,
}

impl ContainerElement {
    /// Whether it names a person.
    pub(super) const fn is_person(self) -> bool {
        matches!(self, Self::Person | Self::Contributor | Self::Participant)
    }
}

/// What an element states by its attributes alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AttributeElement {
    Enclosure,
    MediaContent,
    /// A picture's address as `url` or `href`, else as text.
    Picture,
    ItunesCategory,
    Transcript,
    ChapterFile,
    Chapter,
}

/// The purpose of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ElementRole {
    /// `item`, `entry`.
    Entry,
    /// `channel`, `feed`: its children are about the feed.
    Channel,
    /// Its children count as if it were not there.
    Group,
    /// Nothing in it is about the feed or entry.
    Opaque,
    Container(ContainerElement),
    Attributes(AttributeElement),
    /// Text; among several of one field the lowest rank wins, then the first.
    Text(FieldKind, u8),
}

/// How the name of an element is spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    /// As in the specification.
    Correct,
    /// In another case; the specification's spelling.
    Misspelled(&'static str),
}

use ElementRole::{Attributes, Channel, Container, Entry, Group, Opaque, Text};
use FieldKind as F;

/// Names as the specifications spell them, sorted by namespace and lower-case name.
const ROLES: &[(Namespace, &str, ElementRole)] = &[
    (Namespace::Core, "abstract", Text(F::Summary, 4)),
    (Namespace::Core, "author", Container(ContainerElement::Person)),
    (Namespace::Core, "body", Text(F::Content, 3)),
    (Namespace::Core, "category", Text(F::Category, 0)),
    (Namespace::Core, "channel", Channel),
    (Namespace::Core, "cloud", Opaque),
    (Namespace::Core, "comments", Text(F::Comments, 0)),
    (Namespace::Core, "content", Text(F::Content, 1)),
    (Namespace::Core, "contributor", Container(ContainerElement::Contributor)),
    (Namespace::Core, "copyright", Text(F::Rights, 0)),
    (Namespace::Core, "created", Text(F::Published, 3)),
    (Namespace::Core, "date", Text(F::Published, 4)),
    (Namespace::Core, "day", Text(F::Day, 0)),
    (Namespace::Core, "description", Text(F::Summary, 0)),
    (Namespace::Core, "docs", Opaque),
    (Namespace::Core, "enclosure", Attributes(AttributeElement::Enclosure)),
    (Namespace::Core, "encoded", Text(F::Content, 2)),
    (Namespace::Core, "entry", Entry),
    (Namespace::Core, "feed", Channel),
    (Namespace::Core, "fullitem", Text(F::Content, 3)),
    (Namespace::Core, "generator", Text(F::Generator, 0)),
    (Namespace::Core, "guid", Text(F::Guid, 0)),
    (Namespace::Core, "hour", Text(F::Hour, 0)),
    (Namespace::Core, "icon", Text(F::ImageUrl, 2)),
    (Namespace::Core, "id", Text(F::Guid, 0)),
    (Namespace::Core, "image", Container(ContainerElement::Image)),
    (Namespace::Core, "info", Opaque),
    (Namespace::Core, "issued", Text(F::Published, 1)),
    (Namespace::Core, "item", Entry),
    (Namespace::Core, "items", Group),
    (Namespace::Core, "language", Text(F::Language, 0)),
    (Namespace::Core, "lastBuildDate", Text(F::Updated, 0)),
    (Namespace::Core, "license", Text(F::Licence, 0)),
    (Namespace::Core, "link", Text(F::Link, 0)),
    (Namespace::Core, "logo", Text(F::ImageUrl, 1)),
    (Namespace::Core, "managingEditor", Container(ContainerElement::Person)),
    (Namespace::Core, "modified", Text(F::Updated, 0)),
    (Namespace::Core, "pubDate", Text(F::Published, 0)),
    (Namespace::Core, "published", Text(F::Published, 0)),
    (Namespace::Core, "RDF", Group),
    (Namespace::Core, "rights", Text(F::Rights, 0)),
    (Namespace::Core, "rss", Group),
    (Namespace::Core, "skipDays", Group),
    (Namespace::Core, "skipHours", Group),
    (Namespace::Core, "source", Container(ContainerElement::Origin)),
    (Namespace::Core, "subtitle", Text(F::Summary, 3)),
    (Namespace::Core, "summary", Text(F::Summary, 1)),
    (Namespace::Core, "tagline", Text(F::Summary, 1)),
    (Namespace::Core, "textInput", Opaque),
    (Namespace::Core, "title", Text(F::Title, 0)),
    (Namespace::Core, "ttl", Text(F::Ttl, 0)),
    (Namespace::Core, "updated", Text(F::Updated, 0)),
    (Namespace::Core, "webMaster", Opaque),
    (Namespace::Rdf, "li", Opaque),
    (Namespace::Rdf, "RDF", Group),
    (Namespace::Rdf, "Seq", Opaque),
    (Namespace::Dc, "contributor", Container(ContainerElement::Contributor)),
    (Namespace::Dc, "creator", Container(ContainerElement::Person)),
    (Namespace::Dc, "date", Text(F::Published, 1)),
    (Namespace::Dc, "description", Text(F::Summary, 2)),
    (Namespace::Dc, "identifier", Text(F::Guid, 2)),
    (Namespace::Dc, "language", Text(F::Language, 1)),
    (Namespace::Dc, "rights", Text(F::Rights, 1)),
    (Namespace::Dc, "subject", Text(F::Category, 1)),
    (Namespace::Dc, "title", Text(F::Title, 1)),
    (Namespace::DcTerms, "abstract", Text(F::Summary, 4)),
    (Namespace::DcTerms, "available", Text(F::Published, 4)),
    (Namespace::DcTerms, "created", Text(F::Published, 3)),
    (Namespace::DcTerms, "date", Text(F::Published, 4)),
    (Namespace::DcTerms, "issued", Text(F::Published, 2)),
    (Namespace::DcTerms, "modified", Text(F::Updated, 1)),
    (Namespace::DcTerms, "title", Text(F::Title, 2)),
    (Namespace::Content, "encoded", Text(F::Content, 0)),
    (Namespace::Content, "items", Opaque),
    (Namespace::Media, "category", Text(F::Category, 2)),
    (Namespace::Media, "content", Attributes(AttributeElement::MediaContent)),
    (Namespace::Media, "copyright", Text(F::Rights, 2)),
    (Namespace::Media, "credit", Text(F::Credit, 0)),
    (Namespace::Media, "description", Text(F::Summary, 5)),
    (Namespace::Media, "group", Group),
    (Namespace::Media, "img", Attributes(AttributeElement::Picture)),
    (Namespace::Media, "keywords", Text(F::Keywords, 0)),
    (Namespace::Media, "license", Text(F::Licence, 1)),
    (Namespace::Media, "text", Text(F::Summary, 6)),
    (Namespace::Media, "thumbnail", Attributes(AttributeElement::Picture)),
    (Namespace::Media, "title", Text(F::Title, 3)),
    (Namespace::Itunes, "author", Container(ContainerElement::Person)),
    (Namespace::Itunes, "category", Attributes(AttributeElement::ItunesCategory)),
    (Namespace::Itunes, "duration", Text(F::Duration, 0)),
    (Namespace::Itunes, "episode", Text(F::EpisodeNumber, 0)),
    (Namespace::Itunes, "episodeType", Text(F::EpisodeKind, 0)),
    (Namespace::Itunes, "explicit", Text(F::Explicit, 0)),
    (Namespace::Itunes, "image", Attributes(AttributeElement::Picture)),
    (Namespace::Itunes, "keywords", Text(F::Keywords, 1)),
    (Namespace::Itunes, "new-feed-url", Text(F::MovedTo, 0)),
    (Namespace::Itunes, "owner", Opaque),
    (Namespace::Itunes, "season", Text(F::Season, 0)),
    (Namespace::Itunes, "subtitle", Text(F::Summary, 7)),
    (Namespace::Itunes, "summary", Text(F::Summary, 4)),
    (Namespace::Itunes, "title", Text(F::Title, 4)),
    (Namespace::Podcast, "chapters", Attributes(AttributeElement::ChapterFile)),
    (Namespace::Podcast, "episode", Text(F::EpisodeNumber, 0)),
    (Namespace::Podcast, "guid", Text(F::PodcastGuid, 0)),
    (Namespace::Podcast, "person", Container(ContainerElement::Participant)),
    (Namespace::Podcast, "season", Text(F::Season, 0)),
    (Namespace::Podcast, "transcript", Attributes(AttributeElement::Transcript)),
    (Namespace::Chapters, "chapter", Attributes(AttributeElement::Chapter)),
    (Namespace::Chapters, "chapters", Group),
    (Namespace::Syndication, "updateBase", Text(F::UpdateBase, 0)),
    (Namespace::Syndication, "updateFrequency", Text(F::UpdateFrequency, 0)),
    (Namespace::Syndication, "updatePeriod", Text(F::UpdatePeriod, 0)),
    (Namespace::Slash, "comments", Text(F::CommentsCount, 0)),
    (Namespace::CommentApi, "comment", Opaque),
    (Namespace::CommentApi, "commentRss", Text(F::CommentsFeed, 0)),
    (Namespace::Thread, "total", Text(F::CommentsCount, 1)),
    (Namespace::GeoRss, "point", Text(F::Place, 0)),
    (Namespace::GeoRss, "where", Group),
    (Namespace::Geo, "lat", Text(F::Latitude, 0)),
    (Namespace::Geo, "long", Text(F::Longitude, 0)),
    (Namespace::Geo, "Point", Group),
    (Namespace::Gml, "Point", Group),
    (Namespace::Gml, "pos", Text(F::Place, 1)),
    (Namespace::Xhtml, "body", Text(F::Content, 2)),
    (Namespace::Xhtml, "div", Text(F::Content, 4)),
    (Namespace::Licence, "licence", Text(F::Licence, 0)),
    (Namespace::Licence, "license", Text(F::Licence, 0)),
    (Namespace::FeedBurner, "origLink", Text(F::OriginalLink, 0)),
    (Namespace::Prism, "publicationDate", Text(F::Published, 3)),
    (Namespace::Sitemap, "lastmod", Text(F::Updated, 0)),
    (Namespace::Sitemap, "loc", Text(F::Guid, 0)),
    (Namespace::Sitemap, "url", Entry),
    (Namespace::Sitemap, "urlset", Group),
    (Namespace::News, "keywords", Text(F::Keywords, 0)),
    (Namespace::News, "language", Text(F::Language, 0)),
    (Namespace::News, "name", Opaque),
    (Namespace::News, "news", Group),
    (Namespace::News, "publication", Group),
    (Namespace::News, "publication_date", Text(F::Published, 0)),
    (Namespace::News, "title", Text(F::Title, 0)),
    (Namespace::SitemapImage, "caption", Text(F::ImageAlt, 0)),
    (Namespace::SitemapImage, "image", Group),
    (Namespace::SitemapImage, "loc", Text(F::ImageUrl, 0)),
    (Namespace::SitemapImage, "title", Opaque),
];

/// The namespace and the beginning of each row's name in one number, in the rows' order: every tag of a
/// document is looked up, and numbers compare fastest.
static KEYS: LazyLock<Vec<u128>> =
    LazyLock::new(|| ROLES.iter().map(|(ns, name, _)| role_key(*ns, name)).collect());

/// The namespace, then the first eight bytes of the name in lower case.
fn role_key(ns: Namespace, name: &str) -> u128 {
    let mut beginning = [0; 8];
    for (place, byte) in beginning.iter_mut().zip(name.bytes()) {
        *place = byte.to_ascii_lowercase();
    }
    (ns as u128) << 64 | u128::from(u64::from_be_bytes(beginning))
}

/// Other spellings in specifications: RSS 0.9 and 1.0, the comment API itself, and the class of Creative
/// Commons.
const OTHER_SPELLINGS: [(Namespace, &str); 3] = [
    (Namespace::Core, "textinput"),
    (Namespace::CommentApi, "commentRSS"),
    (Namespace::Licence, "License"),
];

/// The namespace, the name and the purpose of every element that is known.
#[cfg(test)]
pub(super) fn all_roles() -> &'static [(Namespace, &'static str, ElementRole)] {
    ROLES
}

/// The purpose of an element, and how its name is spelled. `None`: the element is unknown.
pub(super) fn role_of(ns: Namespace, local: &str) -> Option<(ElementRole, Spelling)> {
    let ns = if ns == Namespace::Atom { Namespace::Core } else { ns };
    let key_of_name = role_key(ns, local);
    let first = KEYS.partition_point(|key| *key < key_of_name);
    let rows = ROLES.iter().zip(KEYS.iter()).skip(first);
    let mut alike = rows.take_while(|(_, key)| **key == key_of_name);
    let ((_, name, role), _) = alike.find(|((_, name, _), _)| name.eq_ignore_ascii_case(local))?;
    let is_right = *name == local || OTHER_SPELLINGS.contains(&(ns, local));
    Some((*role, if is_right { Spelling::Correct } else { Spelling::Misspelled(name) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_every_row_is_found_in_any_case() {
        assert!(ROLES.is_sorted_by_key(|row| (row.0, row.1.to_ascii_lowercase())));
        for (ns, name, role) in ROLES {
            assert_eq!(role_of(*ns, name), Some((*role, Spelling::Correct)), "{ns:?} {name}");
            let (found, spelling) = role_of(*ns, &name.to_uppercase()).unwrap();
            assert_eq!(found, *role, "{ns:?} {name}");
            if name.to_uppercase() != *name {
                assert_eq!(spelling, Spelling::Misspelled(name));
            }
        }
        for (ns, name) in OTHER_SPELLINGS {
            assert_eq!(role_of(ns, name).map(|found| found.1), Some(Spelling::Correct), "{name}");
        }
        assert_eq!(role_of(Namespace::Atom, "title").map(|found| found.0), Some(Text(F::Title, 0)));
        assert_eq!(
            role_of(Namespace::Core, "pubdate").map(|found| found.1),
            Some(Spelling::Misspelled("pubDate"))
        );
        assert_eq!(role_of(Namespace::Other, "title"), None);
        assert_eq!(role_of(Namespace::Core, "post-id"), None);
    }
}
