//! A resource → who may cache a response with it, for how long, and whose pages may read it.

use http::header::HeaderValue;

use super::resource::{Audience, Resource, SearchFormat};

/// A year: the usual value for content that never changes under its address (RFC 9111 names no limit).
const CACHE_FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// A file that may change with the next start of the program.
const CACHE_ONE_HOUR: HeaderValue =
    HeaderValue::from_static("public, max-age=3600, stale-if-error=86400");
/// What only the operator sees.
const NO_CACHE: HeaderValue = HeaderValue::from_static("private, no-store");
/// The request headers that a response depends on.
const VARY: HeaderValue = HeaderValue::from_static("accept-encoding");
const VARY_OF_FEEDS: HeaderValue =
    HeaderValue::from_static("accept-encoding, a-im, sec-fetch-dest");

/// Who may cache a rendition, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CachePolicy {
    /// Everyone, for as long as the rendition itself says.
    Public {
        /// Whether pages of other sites may read it.
        is_for_other_sites: bool,
    },
    /// Everyone, for as long as the rendition itself says; a person's browser gets a page instead.
    Feed,
    /// The page instead of a feed: only the client's own cache stores it. A cache in front of the server that
    /// ignores `Vary` would otherwise give the page to feed readers.
    FeedGuide,
    /// The operator only: no cache stores it.
    Private,
    /// Everyone; a file of the program.
    File {
        /// Whether its address changes with its content.
        is_versioned: bool,
    },
}

impl CachePolicy {
    /// The policy for a resource that its reader may read.
    pub(super) fn of(resource: &Resource) -> Self {
        let is_for_other_sites = match resource {
            Resource::Feed { .. } | Resource::ArchiveFeed { .. } => return Self::Feed,
            Resource::Search { form: SearchFormat::Feed(_), .. } => return Self::Feed,
            Resource::Search { form, .. } => matches!(form, SearchFormat::Json { .. }),
            Resource::Opml => true,
            Resource::Picture(_) => return Self::File { is_versioned: true },
            Resource::Status { audience: Audience::Operator, .. }
            | Resource::StatusJson { audience: Audience::Operator } => return Self::Private,
            _ => false,
        };
        Self::Public { is_for_other_sites }
    }

    /// Whether it is for files of the program: their times say nothing, as they are those of a build.
    pub(super) fn is_for_files(self) -> bool {
        matches!(self, Self::File { .. })
    }

    /// `Cache-Control`; `None`: the rendition says it.
    pub(super) fn cache_control(self) -> Option<HeaderValue> {
        match self {
            Self::Public { .. } | Self::Feed | Self::FeedGuide => None,
            Self::Private => Some(NO_CACHE),
            Self::File { is_versioned: true } => Some(CACHE_FOREVER),
            Self::File { is_versioned: false } => Some(CACHE_ONE_HOUR),
        }
    }

    /// The request headers that a response depends on.
    pub(super) fn vary(self) -> HeaderValue {
        match self {
            Self::Feed | Self::FeedGuide => VARY_OF_FEEDS,
            Self::Public { .. } | Self::Private | Self::File { .. } => VARY,
        }
    }

    /// Whether pages of other sites may read a response.
    pub(super) fn is_for_other_sites(self) -> bool {
        matches!(self, Self::Feed | Self::Public { is_for_other_sites: true })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::OutputFormat;
    use crate::model::{Scope, SearchOrder};

    #[test]
    fn feeds_are_for_other_sites_and_pages_are_not() {
        let check = |resource: Resource, is_for_other_sites: bool| {
            let policy = CachePolicy::of(&resource);
            assert_eq!(policy.is_for_other_sites(), is_for_other_sites, "{resource:?}");
            let has_guide = resource.feed_guide().is_some();
            assert_eq!(policy == CachePolicy::Feed, has_guide, "{resource:?}");
        };
        let search = |form| Resource::Search { words: String::new(), form };
        let (order, before) = (SearchOrder::Newest, None);
        for format in [OutputFormat::Rss, OutputFormat::Atom, OutputFormat::Json] {
            check(Resource::Feed { scope: Scope::All, format }, true);
            check(search(SearchFormat::Feed(format)), true);
        }
        check(Resource::Opml, true);
        check(search(SearchFormat::Json { order, before, limit: 1 }), true);
        check(search(SearchFormat::Page { order, before }), false);
        check(Resource::Page { scope: Scope::All, before: None }, false);
        for audience in [Audience::Public, Audience::Operator] {
            let order = crate::model::StatusOrder::default();
            check(Resource::Status { failing_only: false, order, audience }, false);
            check(Resource::StatusJson { audience }, false);
        }
        let operators = Resource::StatusJson { audience: Audience::Operator };
        assert_eq!(CachePolicy::of(&operators), CachePolicy::Private);
    }
}
