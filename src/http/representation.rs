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

use super::cache_policy::CachePolicy;
use super::negotiate::{self, DeltaBase};
use super::served_rendition::ServedRendition;
use crate::model::Coding;

/// RFC 3229 section 10.8.2: no cache stores a response with status 226, except one that knows what it is, and
/// of these only the client's own. Any other would later give the new entries of one client to another
/// client, as if they were the feed: `Vary` cannot name `If-None-Match` without ending the sharing of feeds.
const CACHE_OF_DELTAS: HeaderValue = HeaderValue::from_static("private, no-store, im");
/// RFC 3229 sections 10.5.2 and 10.5.1.
const IM: HeaderName = HeaderName::from_static("im");
const DELTA_BASE: HeaderName = HeaderName::from_static("delta-base");
/// The response; `None`: a precondition of the client fails (412).
pub(super) async fn respond(
    served: &ServedRendition,
    request_headers: &HeaderMap,
    policy: CachePolicy,
) -> Option<Response<Body>> {
    let values = served.headers();
    let coding = negotiate::choose_coding(request_headers, served);
    let tag = values.tag(coding);
    let modified_at = (!policy.is_for_files()).then_some(served.rendition().modified_at);
    if !negotiate::is_as_expected(request_headers, tag, modified_at) {
        return None;
    }
    if !negotiate::is_fresh(request_headers, tag, modified_at) {
        return Some(full_response(served, coding, policy).await);
    }
    let mut response = bare_response(StatusCode::NOT_MODIFIED, Body::empty());
    let headers = response.headers_mut();
    *headers = values.response_headers(policy, coding);
    // RFC 9111 section 4.3.4: a cache updates the version that has the tag of the response.
    if let Some(known) = negotiate::known_tag(request_headers, tag) {
        set_header(headers, header::ETAG, known);
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
    let tag = served.headers().tag(negotiate::choose_coding(request_headers, served));
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
    let mut response = full_response(served_delta, coding, CachePolicy::Feed).await;
    *response.status_mut() = StatusCode::IM_USED;
    let headers = response.headers_mut();
    headers.insert(IM, HeaderValue::from_static("feed"));
    set_header(headers, DELTA_BASE, &base.tag);
    headers.insert(header::CACHE_CONTROL, CACHE_OF_DELTAS);
    let coding = negotiate::choose_coding(request_headers, served_feed);
    let values = served_feed.headers();
    let tagged = if is_complete { values } else { served_delta.headers() };
    set_header(headers, header::ETAG, tagged.tag(coding));
    replace_header(headers, header::LINK, values.links.clone());
    let last_modified = values.last_modified.clone().filter(|_| is_complete);
    replace_header(headers, header::LAST_MODIFIED, last_modified);
    response
}

/// The response with the whole rendition.
async fn full_response(
    served: &ServedRendition,
    coding: Coding,
    policy: CachePolicy,
) -> Response<Body> {
    let (coding, bytes) = served.body_in(coding).await;
    let length = HeaderValue::from(bytes.len());
    let mut response = bare_response(StatusCode::OK, Body::from(bytes));
    let headers = response.headers_mut();
    *headers = served.headers().response_headers(policy, coding);
    let media_type = HeaderValue::from_static(served.rendition().media_type);
    headers.insert(header::CONTENT_TYPE, media_type);
    headers.insert(header::CONTENT_LENGTH, length);
    if let Some(name) = negotiate::coding_name(coding) {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
    }
    response
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

/// A response without headers.
fn bare_response(status: StatusCode, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
}

/// Sets a header, or removes it.
fn replace_header(headers: &mut HeaderMap, name: HeaderName, value: Option<HeaderValue>) {
    match value {
        Some(value) => drop(headers.insert(name, value)),
        None => drop(headers.remove(name)),
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
    use crate::http::encode_rendition;
    use crate::http::entity_tag::entity_tag;

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
            &[
                ("cache-control", Some("public, max-age=31536000, immutable")),
                ("last-modified", None),
            ],
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
}
