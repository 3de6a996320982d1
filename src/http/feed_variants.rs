//! A feed → the other documents that its address gives: the new entries alone (RFC 3229), and the page for a
//! person's browser.

use super::resource::{Resource, SearchFormat};

/// The parameter with which a browser gets a feed itself instead of the page.
pub const RAW_PARAMETER: &str = "raw";

/// Whether a query requests the feed itself.
pub(super) fn wants_raw(query: Option<&str>) -> bool {
    let query = query.unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == RAW_PARAMETER)
}

impl Resource {
    /// The new entries of this resource, if it is a feed of the site; `None`: it has no positions.
    pub(super) fn delta_feed(&self, after: u64) -> Option<Self> {
        let Self::Feed { scope, format } = self else { return None };
        Some(Self::DeltaFeed { scope: scope.clone(), format: *format, after })
    }

    /// The page about this resource, or with the same entries, if it is a feed; `None`: people can read the
    /// resource itself.
    pub(super) fn feed_guide(&self) -> Option<Self> {
        match self {
            Self::Feed { scope, format } => {
                Some(Self::FeedGuide { scope: scope.clone(), format: *format })
            }
            Self::ArchiveFeed { scope, page, .. } => {
                Some(Self::ArchivePage { scope: scope.clone(), page: *page })
            }
            Self::Search { words, form: SearchFormat::Feed(format) } => {
                Some(Self::Search { words: words.clone(), form: SearchFormat::FeedGuide(*format) })
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::OutputFormat;
    use crate::model::{ArchiveAddress, Scope};

    #[test]
    fn only_feeds_have_a_page_for_people() {
        let (format, words) = (OutputFormat::Atom, || "كتاب".to_owned());
        let page = ArchiveAddress { rules: None, number: 7 };
        let feed = Resource::Feed { scope: Scope::All, format };
        let guide = Resource::FeedGuide { scope: Scope::All, format };
        let archive_page = Resource::ArchivePage { scope: Scope::All, page };
        let search = |form| Resource::Search { words: words(), form };
        for (resource, expected) in [
            (feed, Some(guide.clone())),
            (Resource::ArchiveFeed { scope: Scope::All, format, page }, Some(archive_page.clone())),
            (search(SearchFormat::Feed(format)), Some(search(SearchFormat::FeedGuide(format)))),
            (guide, None),
            (archive_page, None),
            (Resource::Opml, None),
            (Resource::Page { scope: Scope::All, before: None }, None),
        ] {
            assert_eq!(resource.feed_guide(), expected, "{resource:?}");
        }
    }

    #[test]
    fn only_feeds_of_the_site_have_new_entries_alone() {
        let format = OutputFormat::Json;
        let delta = Resource::DeltaFeed { scope: Scope::All, format, after: 3 };
        let feed = Resource::Feed { scope: Scope::All, format };
        assert_eq!(feed.delta_feed(3), Some(delta.clone()));
        let search = Resource::Search { words: "a".to_owned(), form: SearchFormat::Feed(format) };
        for other in [delta, search, Resource::Opml] {
            assert_eq!(other.delta_feed(3), None, "{other:?}");
        }
    }

    #[test]
    fn a_browser_can_request_the_feed_itself() {
        for (query, expected) in [
            (None, false),
            (Some("raw"), true),
            (Some("q=a&raw="), true),
            (Some("q=raw"), false),
            (Some("rawer"), false),
        ] {
            assert_eq!(wants_raw(query), expected, "{query:?}");
        }
    }
}
