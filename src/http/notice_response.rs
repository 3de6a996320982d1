//! A `Notice` → a response: a page if the client reads pages, else one line of text.
//!
//! Browsers name HTML in `Accept`. Most programs name nothing, and get the format that is usual at the path.

use axum::body::Body;
use bytes::Bytes;
use http::header::{self, HeaderValue};
use http::{HeaderMap, Response, StatusCode};

use super::cache::RenditionCache;
use super::negotiate;
use super::representation::{response_with_body, set_header};
use crate::model::Notice;

/// How long `Retry-After` makes a client wait when nothing could be served.
pub(super) const RETRY_AFTER_SECONDS: u64 = 30;
/// RFC 7617: section 2, and 2.1 for names and passwords that are not ASCII.
const CHALLENGE: HeaderValue = HeaderValue::from_static("Basic realm=\"Rafid\", charset=\"UTF-8\"");
pub(super) const HTML: &str = "text/html; charset=utf-8";
pub(super) const TEXT: &str = "text/plain; charset=utf-8";

/// The notice for a client with these headers; `has_pages` says whether the path has pages.
pub(super) fn respond(
    notice: Notice,
    cache: &RenditionCache,
    headers: &HeaderMap,
    has_pages: bool,
) -> Response<Body> {
    let page = cache.notice(notice).filter(|_| negotiate::wants_page(headers, has_pages));
    let mut response = match page {
        Some(page) => with_status(notice, HTML, page),
        None => plain_notice(notice),
    };
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept"));
    response
}

/// The notice as text.
pub(super) fn plain_notice(notice: Notice) -> Response<Body> {
    with_status(notice, TEXT, Bytes::from_static(notice.text().as_bytes()))
}

fn with_status(notice: Notice, media_type: &'static str, body: Bytes) -> Response<Body> {
    let status = StatusCode::from_u16(notice.status());
    let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = response_with_body(status, media_type, body);
    let headers = response.headers_mut();
    let cache = match notice {
        Notice::NotFound => "public, max-age=60",
        // A deleted page does not come back, unless entries are stored again.
        Notice::Gone => "public, max-age=3600",
        _ => "no-store",
    };
    set_header(headers, header::CACHE_CONTROL, cache);
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, CHALLENGE);
    }
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_SECONDS));
    }
    response
}

/// A short response that must not be cached.
pub(super) fn short_response(
    status: StatusCode,
    media_type: &'static str,
    text: impl Into<Bytes>,
) -> Response<Body> {
    let mut response = response_with_body(status, media_type, text.into());
    let never = HeaderValue::from_static("no-store");
    response.headers_mut().insert(header::CACHE_CONTROL, never);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_get_pages_and_programs_get_text() {
        let cache = RenditionCache::default();
        cache.put_notices(Notice::ALL.map(|notice| (notice, Bytes::from("صفحة"))).into());
        let check = |accept: Option<&'static str>, has_pages: bool, expected: &str| {
            let headers = accept.map(|it| (header::ACCEPT, HeaderValue::from_static(it)));
            let headers = HeaderMap::from_iter(headers);
            for notice in Notice::ALL {
                let response = respond(notice, &cache, &headers, has_pages);
                assert_eq!(response.headers()[header::CONTENT_TYPE], expected, "{accept:?}");
                assert_eq!(response.status().as_u16(), notice.status());
                let may_come_again = response.headers().contains_key(header::RETRY_AFTER);
                assert_eq!(may_come_again, notice.status() == 503);
            }
        };
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        check(Some(browser), true, HTML);
        check(Some(browser), false, HTML);
        check(None, true, HTML);
        check(None, false, TEXT);
        check(Some("*/*"), true, HTML);
        check(Some("*/*"), false, TEXT);
        check(Some("application/json"), true, TEXT);
        check(Some("text/html;q=0, */*"), true, TEXT);
        check(Some("image/avif,image/webp,*/*;q=0.8"), false, TEXT);
    }

    #[test]
    fn without_its_page_a_notice_is_text() {
        let response =
            respond(Notice::NotFound, &RenditionCache::default(), &HeaderMap::new(), true);
        assert_eq!(response.headers()[header::CONTENT_TYPE], TEXT);
    }
}
