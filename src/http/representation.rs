//! A rendition and the headers of a request → 200, 226, 304 or 412, with the headers for caches and browsers.
//!
//! | header | says |
//! | --- | --- |
//! | `Cache-Control` | how long it is fresh; that it may be shown for as long again while it is refetched, and for a day if that fails (RFC 5861) |
//! | `ETag`, `Last-Modified`, `Vary` | its version, its time, and the request headers it depends on |
//! | `Link` | its own address, and those of the other formats (RFC 8288) |
//! | `IM`, `Delta-Base` | with 226: that only the new entries are in it, and since which version |
//! | `Access-Control-Allow-Origin` | that pages of other sites may read it: feeds, and search results for programs |

use axum::body::Body;
use bytes::Bytes;
use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, Response, StatusCode};

use super::negotiate::{self, DeltaBase};
use super::rendition_headers::RenditionHeaders;
use super::resource::{Audience, Resource, SearchFormat};
use super::served_rendition::ServedRendition;
use crate::model::Coding;

/// A year: the usual value for content that never changes under its address (RFC 9111 names no limit).
const CACHE_FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// A file that may change with the next start of the program.
const CACHE_ONE_HOUR: HeaderValue =
    HeaderValue::from_static("public, max-age=3600, stale-if-error=86400");
/// RFC 3229 section 10.8.2: no cache stores a response with status 226, except one that knows what it is, and
/// of these only the client's own. Any other would later give the new entries of one client to another
/// client, as if they were the feed: `Vary` cannot name `If-None-Match` without ending the sharing of feeds.
const CACHE_OF_DELTAS: HeaderValue = HeaderValue::from_static("private, no-store, im");
/// RFC 3229 sections 10.5.2 and 10.5.1.
const IM: HeaderName = HeaderName::from_static("im");
const DELTA_BASE: HeaderName = HeaderName::from_static("delta-base");
/// What only the operator sees.
const NO_CACHE: HeaderValue = HeaderValue::from_static("private, no-store");
/// The request headers that a response depends on.
const VARY: HeaderValue = HeaderValue::from_static("accept-encoding");
const VARY_OF_FEEDS: HeaderValue =
    HeaderValue::from_static("accept-encoding, a-im, sec-fetch-dest");
/// The sites whose pages may read a response, and the headers that these may read.
const ALL_SITES: HeaderValue = HeaderValue::from_static("*");
const EXPOSED_HEADERS: HeaderValue = HeaderValue::from_static("etag, link");
/// As many headers as a response has at most, so that their map is made once.
const RESPONSE_HEADERS: usize = 16;

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

    fn cache_control(self, headers: &RenditionHeaders) -> Option<HeaderValue> {
        match self {
            Self::Public { .. } | Self::Feed => headers.shared_cache.clone(),
            Self::FeedGuide => headers.own_cache.clone(),
            Self::Private => Some(NO_CACHE),
            Self::File { is_versioned: true } => Some(CACHE_FOREVER),
            Self::File { is_versioned: false } => Some(CACHE_ONE_HOUR),
        }
    }

    /// The request headers that a response depends on.
    fn vary(self) -> HeaderValue {
        match self {
            Self::Feed | Self::FeedGuide => VARY_OF_FEEDS,
            Self::Public { .. } | Self::Private | Self::File { .. } => VARY,
        }
    }

    /// Whether pages of other sites may read a response.
    fn is_for_other_sites(self) -> bool {
        matches!(self, Self::Feed | Self::Public { is_for_other_sites: true })
    }
}

/// The response; `None`: a precondition of the client fails (412).
pub(super) async fn respond(
    served: &ServedRendition,
    request_headers: &HeaderMap,
    policy: CachePolicy,
) -> Option<Response<Body>> {
    let (rendition, values) = (served.rendition(), served.headers());
    let coding = negotiate::choose_coding(request_headers, served);
    let tag = values.tag(coding);
    let is_file = matches!(policy, CachePolicy::File { .. });
    let modified_at = (!is_file).then_some(rendition.modified_at);
    if !negotiate::is_as_expected(request_headers, &tag.text, modified_at) {
        return None;
    }
    let (mut response, tag_value) = if negotiate::is_fresh(request_headers, &tag.text, modified_at)
    {
        // RFC 9111 section 4.3.4: a cache updates the version that has the tag of the response.
        let known = negotiate::known_tag(request_headers, &tag.text);
        let known = known.filter(|known| *known != tag.text);
        let known = known.and_then(|known| HeaderValue::from_str(known).ok());
        let response = bare_response(StatusCode::NOT_MODIFIED, Body::empty());
        (response, known.or_else(|| tag.value.clone()))
    } else {
        let (response, made) = full_response(served, coding).await;
        (response, values.tag(made).value.clone())
    };
    let headers = response.headers_mut();
    headers.insert(header::VARY, policy.vary());
    insert_if_some(headers, header::ETAG, tag_value);
    insert_if_some(headers, header::CACHE_CONTROL, policy.cache_control(values));
    if !is_file {
        insert_if_some(headers, header::LAST_MODIFIED, values.last_modified.clone());
    }
    insert_if_some(headers, header::LINK, values.links.clone());
    if policy.is_for_other_sites() {
        allow_other_sites(headers);
    }
    Some(response)
}

/// The version of a feed since which the new entries will do for the client; `None`: it gets the feed, or
/// nothing because it has the feed already.
pub(super) fn delta_base(
    served: &ServedRendition,
    request_headers: &HeaderMap,
) -> Option<DeltaBase> {
    let feed = served.rendition();
    let base = negotiate::delta_base(request_headers, feed)?;
    let tag = &served.headers().tag(negotiate::choose_coding(request_headers, served)).text;
    let modified_at = Some(feed.modified_at);
    let gets_feed = negotiate::is_as_expected(request_headers, tag, modified_at)
        && !negotiate::is_fresh(request_headers, tag, modified_at);
    gets_feed.then_some(base)
}

/// The response with the entries that are new since `base` (RFC 3229 section 10.4.1). Its tag is the one of
/// the feed, as the client then has all that is in the feed. If the entries do not reach as far, it is a tag
/// with their own position: the next request brings the rest.
pub(super) async fn respond_with_delta(
    (served_delta, served_feed): (&ServedRendition, &ServedRendition),
    base: &DeltaBase,
    request_headers: &HeaderMap,
) -> Response<Body> {
    let position = |served: &ServedRendition| served.rendition().mark.map(|mark| mark.position);
    let is_complete = position(served_delta) >= position(served_feed);
    let coding = negotiate::choose_coding(request_headers, served_delta);
    let (mut response, _) = full_response(served_delta, coding).await;
    *response.status_mut() = StatusCode::IM_USED;
    let coding = negotiate::choose_coding(request_headers, served_feed);
    let headers = response.headers_mut();
    headers.insert(IM, HeaderValue::from_static("feed"));
    set_header(headers, DELTA_BASE, &base.tag);
    let values = served_feed.headers();
    let tagged = if is_complete { values } else { served_delta.headers() };
    insert_if_some(headers, header::ETAG, tagged.tag(coding).value.clone());
    headers.insert(header::VARY, CachePolicy::Feed.vary());
    headers.insert(header::CACHE_CONTROL, CACHE_OF_DELTAS);
    if is_complete {
        insert_if_some(headers, header::LAST_MODIFIED, values.last_modified.clone());
    }
    insert_if_some(headers, header::LINK, values.links.clone());
    allow_other_sites(headers);
    response
}

fn allow_other_sites(headers: &mut HeaderMap) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, ALL_SITES);
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED_HEADERS);
}

/// The response with the whole rendition, and the coding that it is in.
async fn full_response(served: &ServedRendition, coding: Coding) -> (Response<Body>, Coding) {
    let (coding, bytes) = served.body_in(coding).await;
    let media_type = served.rendition().media_type;
    let mut response = response_with_body(StatusCode::OK, media_type, bytes);
    if let Some(name) = negotiate::coding_name(coding) {
        let name = HeaderValue::from_static(name);
        response.headers_mut().insert(header::CONTENT_ENCODING, name);
    }
    (response, coding)
}

/// A response with a body whose length is known.
pub(super) fn response_with_body(
    status: StatusCode,
    media_type: &'static str,
    bytes: Bytes,
) -> Response<Body> {
    let length = HeaderValue::from(bytes.len());
    let mut response = bare_response(status, Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CONTENT_LENGTH, length);
    response
}

/// A response without headers, but with room for them.
fn bare_response(status: StatusCode, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = HeaderMap::with_capacity(RESPONSE_HEADERS);
    response
}

fn insert_if_some(headers: &mut HeaderMap, name: HeaderName, value: Option<HeaderValue>) {
    if let Some(value) = value {
        headers.insert(name, value);
    }
}

/// Sets a header whose value we made; a value that is not valid in a header is left out.
pub(super) fn set_header(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::Timestamp;

    use super::*;
    use crate::http::entity_tag::entity_tag;
    use crate::http::{OutputFormat, encode_rendition};
    use crate::model::Scope;
    use crate::model::SearchOrder;

    async fn check(policy: CachePolicy, max_age: u64, expected: &[(&str, Option<&str>)]) {
        let mut rendition = encode_rendition("text/plain", "x", Timestamp::UNIX_EPOCH, max_age);
        rendition.links = Some("<https://a.example/>; rel=\"self\"".to_owned());
        let tag = entity_tag(&rendition, Coding::Identity);
        let served = ServedRendition::new(Arc::new(rendition));
        let has_it = [(header::IF_NONE_MATCH, HeaderValue::from_str(&tag).unwrap())];
        for request_headers in [HeaderMap::new(), HeaderMap::from_iter(has_it)] {
            let response = respond(&served, &request_headers, policy).await.unwrap();
            let is_fresh = response.status() == StatusCode::NOT_MODIFIED;
            assert_eq!(is_fresh, !request_headers.is_empty());
            for (name, value) in expected {
                let actual = response.headers().get(*name).map(|value| value.to_str().unwrap());
                assert_eq!(actual, *value, "{policy:?} {name}");
            }
        }
    }

    #[tokio::test]
    async fn headers_for_caches_and_other_sites() {
        let shared = CachePolicy::Public { is_for_other_sites: true };
        check(
            shared,
            300,
            &[
                (
                    "cache-control",
                    Some("public, max-age=300, stale-while-revalidate=300, stale-if-error=86400"),
                ),
                ("access-control-allow-origin", Some("*")),
                ("access-control-expose-headers", Some("etag, link")),
                ("last-modified", Some("Thu, 01 Jan 1970 00:00:00 GMT")),
                ("vary", Some("accept-encoding")),
                ("link", Some("<https://a.example/>; rel=\"self\"")),
            ],
        )
        .await;
        let depends = ("vary", Some("accept-encoding, a-im, sec-fetch-dest"));
        check(CachePolicy::Feed, 300, &[("access-control-allow-origin", Some("*")), depends]).await;
        let own = ("cache-control", Some("private, max-age=300"));
        check(CachePolicy::FeedGuide, 300, &[own, ("access-control-allow-origin", None), depends])
            .await;
        check(
            CachePolicy::Public { is_for_other_sites: false },
            0,
            &[("cache-control", Some("public, max-age=0")), ("access-control-allow-origin", None)],
        )
        .await;
        check(
            CachePolicy::Private,
            0,
            &[("cache-control", Some("private, no-store")), ("access-control-allow-origin", None)],
        )
        .await;
        check(
            CachePolicy::File { is_versioned: true },
            0,
            &[("cache-control", CACHE_FOREVER.to_str().ok()), ("last-modified", None)],
        )
        .await;
    }

    #[tokio::test]
    async fn a_file_is_not_compared_by_dates() {
        let file = encode_rendition("text/css", "x", Timestamp::UNIX_EPOCH, 0);
        let file = ServedRendition::new(Arc::new(file));
        for name in [header::IF_MODIFIED_SINCE, header::IF_UNMODIFIED_SINCE] {
            let date = HeaderValue::from_static("Tue, 24 Nov 2026 05:02:03 GMT");
            let request_headers = HeaderMap::from_iter([(name, date)]);
            let policy = CachePolicy::File { is_versioned: false };
            let response = respond(&file, &request_headers, policy).await.unwrap();
            assert_eq!(response.status(), StatusCode::OK);
        }
    }

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
