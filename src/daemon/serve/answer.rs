//! A request → a response: route, shelf or wish, negotiation, headers.
//!
//! | case | status |
//! | --- | --- |
//! | HTTP/1.1 without exactly one sound `Host` | 400 (RFC 9112 section 3.2) |
//! | a hub's callback | what `callback` says |
//! | neither GET nor HEAD | 405 with `Allow` |
//! | no such path, or the wish was answered "there is none" | 404, a page in Arabic |
//! | the client wants it only as it was, and it is not | 412 |
//! | the client has it | 304 |
//! | too many wishes wait, or ten seconds passed | 503 with `Retry-After` |
//! | what it is made from cannot be read | 503, for searches with words in Arabic |
//!
//! A request with a body that nobody reads is the last of its connection, so that nothing in the body
//! can be taken for the next request. `Range` is ignored, as RFC 9110 section 14.2 allows. What `Host`
//! says is never used.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use bytes::Bytes;
use http::header::{self, HeaderName, HeaderValue};
use http::request::Parts;
use http::uri::Authority;
use http::{HeaderMap, Method, Response, StatusCode, Version};
use tokio::sync::oneshot;
use tower_http::catch_panic::CatchPanicLayer;

use super::route::{self, Route, Wanted};
use super::unsearched::{self, Why};
use super::{Reply, ServeState, Wish, negotiate};
use crate::feed::model::{Coding, Rendition};

/// How long a client waits for something that must be rendered first; longer than any render, and
/// shorter than the patience of feed readers (30 s and more).
const WISH_PATIENCE: Duration = Duration::from_secs(10);
/// What a client is told to wait when there was no answer.
const RETRY_AFTER_SECONDS: u64 = 30;
/// A year: the custom for what never changes under its address (RFC 9111 names no limit).
const FOR_EVER: &str = "public, max-age=31536000, immutable";

const STYLE: &str = include_str!("../../../templates/style.css");
const NOT_FOUND: &str = include_str!("../../../templates/not_found.html");
pub(super) const HTML: &str = "text/html; charset=utf-8";
pub(super) const TEXT: &str = "text/plain; charset=utf-8";
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// On every response: no script, no frame, no guessing of types. Pictures of full texts may come
/// from anywhere over https.
const SECURITY: [(HeaderName, &str); 3] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; img-src https:; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
];

/// The router over `state`; one handler, as the paths' table is `route`'s.
pub fn router(state: ServeState) -> Router {
    Router::new().fallback(answer).layer(CatchPanicLayer::new()).with_state(state)
}

async fn answer(State(state): State<ServeState>, request: Request) -> Response<Body> {
    let method = request.method().clone();
    let mut response = if !is_well_addressed(&request) {
        let mut response = short(StatusCode::BAD_REQUEST, TEXT, "expected one sound Host\n");
        close(&mut response);
        response
    } else if let Some(token) = state.callbacks.token(request.uri().path()) {
        state.callbacks.answer(token, request).await
    } else {
        // The body is never read; without it the head can be shared across threads.
        let (head, _) = request.into_parts();
        let mut response = match method {
            Method::GET | Method::HEAD => routed(&state, &head).await,
            _ => not_allowed(),
        };
        if has_body(&head.headers) {
            close(&mut response);
        }
        response
    };
    for (name, value) in SECURITY {
        let value = HeaderValue::from_static(value);
        response.headers_mut().insert(name, value);
    }
    state.metrics.answered(response.status());
    if method == Method::HEAD {
        *response.body_mut() = Body::empty();
    }
    response
}

/// RFC 9112 section 3.2: HTTP/1.1 demands one `Host`, and that it is a host.
fn is_well_addressed(request: &Request) -> bool {
    if request.version() != Version::HTTP_11 {
        return true;
    }
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return false;
    };
    // Empty: the target has no authority.
    let is_host = |host: &[u8]| Authority::try_from(host).is_ok_and(|_| !host.contains(&b'@'));
    host.is_empty() || is_host(host.as_bytes())
}

fn has_body(headers: &HeaderMap) -> bool {
    let is_empty = |length: &HeaderValue| length.as_bytes().iter().all(|byte| *byte == b'0');
    headers.contains_key(header::TRANSFER_ENCODING)
        || headers.get(header::CONTENT_LENGTH).is_some_and(|length| !is_empty(length))
}

fn close(response: &mut Response<Body>) {
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(header::CONNECTION, close);
}

async fn routed(state: &ServeState, request: &Parts) -> Response<Body> {
    let uri = &request.uri;
    match route::of(uri.path(), uri.query()) {
        Route::Rendered(wanted) => found(state, wanted, &request.headers).await,
        Route::Private(wanted) if is_operator(state, &request.headers) => {
            found(state, wanted, &request.headers).await
        }
        Route::Private(_) => not_found(),
        Route::Style(version) => style(version.as_deref()),
        Route::Alive => judged(state.health.is_alive((state.now)())),
        Route::Ready => judged(state.health.is_ready()),
        Route::Metrics => short(StatusCode::OK, OPEN_METRICS, state.metrics.text()),
        Route::Elsewhere(path) => elsewhere(&path, uri.query()),
        Route::Nothing => not_found(),
    }
}

/// The header in which the operator's own programs show the store's key.
pub const KEY_HEADER: &str = "x-rafid-key";

/// Whether a request knows the store's key. The time of the comparison does not tell how much of it.
fn is_operator(state: &ServeState, headers: &HeaderMap) -> bool {
    let (Some(key), Some(shown)) = (&state.key, headers.get(KEY_HEADER)) else { return false };
    // Hashes of both: no comparison of them tells anything of the key.
    blake3::hash(shown.as_bytes()) == blake3::hash(key.as_bytes())
}

/// From the shelf, else by wish.
async fn found(state: &ServeState, wanted: Wanted, asked: &HeaderMap) -> Response<Body> {
    if let Some(rendition) = state.shelf.get(&wanted) {
        return give(&rendition, asked);
    }
    let (reply, answer) = oneshot::channel();
    let (place, form) = match (&wanted, &state.search) {
        (Wanted::Search { .. }, None) => return not_found(),
        (Wanted::Search { form, .. }, Some(search)) => (search, Some(form.clone())),
        _ => (&state.wish, None),
    };
    let not_now = |why| match &form {
        Some(form) => unsearched::response(form, why),
        None => unavailable(),
    };
    let wish = Wish { wanted, reply };
    if place.try_send(wish).is_err() {
        return not_now(Why::Busy);
    }
    match tokio::time::timeout(WISH_PATIENCE, answer).await {
        Ok(Ok(Reply::Ready(rendition))) => give(&rendition, asked),
        Ok(Ok(Reply::None)) => not_found(),
        Ok(Ok(Reply::Failing)) => not_now(Why::Failing),
        Ok(Err(_)) | Err(_) => not_now(Why::Busy),
    }
}

fn give(rendition: &Rendition, asked: &HeaderMap) -> Response<Body> {
    let coding = negotiate::coding(asked, rendition);
    let tag = negotiate::entity_tag(rendition, coding);
    if !negotiate::is_as_expected(asked, &tag, rendition.modified_at) {
        return short(StatusCode::PRECONDITION_FAILED, TEXT, "it has changed\n");
    }
    let mut response = if negotiate::is_fresh(asked, &tag, rendition.modified_at) {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response
    } else {
        full(rendition, coding)
    };
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    set(headers, header::ETAG, &tag);
    let cache = format!("public, max-age={}", rendition.max_age_seconds);
    set(headers, header::CACHE_CONTROL, &cache);
    let modified = httpdate::fmt_http_date(rendition.modified_at.max(EPOCH).into());
    set(headers, header::LAST_MODIFIED, &modified);
    response
}

/// HTTP dates begin here for us: `httpdate` cannot write earlier ones.
const EPOCH: jiff::Timestamp = jiff::Timestamp::UNIX_EPOCH;

fn full(rendition: &Rendition, coding: Coding) -> Response<Body> {
    let bytes = rendition.bodies.get(&coding).cloned().unwrap_or_default();
    let mut response = with_body(StatusCode::OK, rendition.media_type, bytes);
    if let Some(name) = negotiate::name(coding) {
        let name = HeaderValue::from_static(name);
        response.headers_mut().insert(header::CONTENT_ENCODING, name);
    }
    response
}

fn with_body(status: StatusCode, media_type: &'static str, bytes: Bytes) -> Response<Body> {
    let length = HeaderValue::from(bytes.len());
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CONTENT_LENGTH, length);
    response
}

/// Something small that nobody may keep.
pub(super) fn short(
    status: StatusCode,
    media_type: &'static str,
    text: impl Into<Bytes>,
) -> Response<Body> {
    let mut response = with_body(status, media_type, text.into());
    let never = HeaderValue::from_static("no-store");
    response.headers_mut().insert(header::CACHE_CONTROL, never);
    response
}

fn judged(good: bool) -> Response<Body> {
    if good {
        short(StatusCode::OK, TEXT, "ok\n")
    } else {
        short(StatusCode::SERVICE_UNAVAILABLE, TEXT, "not ok\n")
    }
}

/// The stylesheet: for ever under its own version, else for an hour.
fn style(asked_version: Option<&str>) -> Response<Body> {
    let version = &blake3::hash(STYLE.as_bytes()).to_hex()[..16];
    let cache = match asked_version {
        Some(asked) if asked == version => FOR_EVER,
        _ => "public, max-age=3600",
    };
    let body = Bytes::from_static(STYLE.as_bytes());
    let mut response = with_body(StatusCode::OK, "text/css; charset=utf-8", body);
    set(response.headers_mut(), header::CACHE_CONTROL, cache);
    response
}

fn elsewhere(path: &str, query: Option<&str>) -> Response<Body> {
    let address = query.map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
    let mut response = short(StatusCode::PERMANENT_REDIRECT, TEXT, "");
    set(response.headers_mut(), header::LOCATION, &address);
    response
}

pub(super) fn not_found() -> Response<Body> {
    let mut response =
        with_body(StatusCode::NOT_FOUND, HTML, Bytes::from_static(NOT_FOUND.as_bytes()));
    set(response.headers_mut(), header::CACHE_CONTROL, "public, max-age=60");
    response
}

fn not_allowed() -> Response<Body> {
    let mut response = short(StatusCode::METHOD_NOT_ALLOWED, TEXT, "GET or HEAD only\n");
    set(response.headers_mut(), header::ALLOW, "GET, HEAD");
    response
}

pub(super) fn unavailable() -> Response<Body> {
    not_now(TEXT, "not ready yet\n")
}

/// 503 with the time after which it is worth asking again.
pub(super) fn not_now(media_type: &'static str, text: impl Into<Bytes>) -> Response<Body> {
    let mut response = short(StatusCode::SERVICE_UNAVAILABLE, media_type, text);
    let wait = HeaderValue::from(RETRY_AFTER_SECONDS);
    response.headers_mut().insert(header::RETRY_AFTER, wait);
    response
}

/// Sets a header made of our own words; what could not stand in a header is left out.
fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
