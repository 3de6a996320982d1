//! A request while the store is being opened → why it cannot be served yet, and how far the opening is.
//!
//! | request | response |
//! | --- | --- |
//! | `/healthz`, the files of the program, what was rendered before a recovery | as always |
//! | `/readyz` | 503 with the reason in one line |
//! | every other, whatever its method | 503 with `Retry-After`: a page for people, the reason for programs |
//!
//! Subscribers keep what they have after a 503, and hubs send their pushes again.

use axum::body::Body;
use http::header::{self, HeaderValue};
use http::{HeaderMap, Response, StatusCode};

use super::daemon_health::OpeningNotice;
use super::negotiate;
use super::notice_response::{HTML, RETRY_AFTER_SECONDS, TEXT, short_response};
use super::route::{self, Route};

/// The response to a request; `None`: it needs no store.
pub(super) fn respond_while_opening(
    notice: &OpeningNotice,
    (route, path): (&Route, &str),
    headers: &HeaderMap,
) -> Option<Response<Body>> {
    let is_for_supervisors = match route {
        Route::Healthz | Route::File { .. } => return None,
        Route::Readyz => true,
        _ => false,
    };
    let wants_page = !is_for_supervisors && negotiate::wants_page(headers, route::has_pages(path));
    let status = StatusCode::SERVICE_UNAVAILABLE;
    let mut response = if wants_page {
        short_response(status, HTML, notice.page.clone())
    } else {
        short_response(status, TEXT, notice.reason.clone())
    };
    let added = response.headers_mut();
    added.insert(header::VARY, HeaderValue::from_static("accept"));
    added.insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_SECONDS));
    Some(response)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    #[test]
    fn every_resource_but_the_files_is_answered_with_the_notice() {
        let notice = OpeningNotice {
            reason: "the store is being recovered: 42 %\n".to_owned(),
            page: Bytes::from("<p>صفحة"),
        };
        let browser = HeaderValue::from_static("text/html,application/xml;q=0.9,*/*;q=0.8");
        let browser = HeaderMap::from_iter([(header::ACCEPT, browser)]);
        let respond = |path: &'static str, headers: &HeaderMap| {
            let uri = http::Uri::from_static(path);
            let route = route::parse_route(uri.path(), uri.query());
            respond_while_opening(&notice, (&route, path), headers)
        };
        let (page, text) = (HTML, TEXT);
        for (path, of_browser, of_program) in [
            ("/", page, page),
            ("/status", page, page),
            ("/source/a/", page, page),
            ("/search?q=a", page, page),
            ("/nothing", page, page),
            ("/feed.xml", page, text),
            ("/search.json?q=a", page, text),
            ("/status.json", page, text),
            ("/metrics", page, text),
            ("/readyz", text, text),
        ] {
            for (headers, expected) in [(&browser, of_browser), (&HeaderMap::new(), of_program)] {
                let response = respond(path, headers).unwrap();
                assert_eq!(response.headers()[header::CONTENT_TYPE], expected, "{path}");
                assert_eq!(response.status(), 503, "{path}");
                assert_eq!(response.headers()[header::RETRY_AFTER], "30", "{path}");
                assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store", "{path}");
            }
        }
        for path in ["/healthz", "/style.css", "/favicon.ico", "/robots.txt"] {
            assert!(respond(path, &browser).is_none(), "{path}");
        }
    }
}
