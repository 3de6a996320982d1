//! A request → a response: route, shelf or wish, negotiation, headers.
//!
//! | case | status |
//! | --- | --- |
//! | a head of more than 32 KiB | 431 (RFC 6585 section 5) |
//! | HTTP/1.1 without exactly one sound `Host` | 400 (RFC 9112 section 3.2) |
//! | a hub's callback | what `callback` says |
//! | neither GET nor HEAD | 405 with `Allow` |
//! | no such path, or the wish was answered "there is none" | 404 |
//! | the client wants it only as it was, and it is not | 412 |
//! | the client has it | 304 |
//! | too many wishes wait, or ten seconds passed | 503 with `Retry-After` |
//! | what it is made from cannot be read | 503 |
//!
//! What is not given is a `notice`: a page in Arabic for people, one line for programs.
//! A request with a body that nobody reads is the last of its connection, so that nothing in the body
//! can be taken for the next request. `Range` is ignored, as RFC 9110 section 14.2 allows. What `Host`
//! says is never used.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use http::header::{self, HeaderName, HeaderValue};
use http::request::Parts;
use http::uri::Authority;
use http::{HeaderMap, Method, Response, StatusCode, Version};
use tokio::sync::oneshot;
use tower_http::catch_panic::CatchPanicLayer;

use super::notice::{self, TEXT, short};
use super::observe::MetricsFormat;
use super::representation::{self, Terms, set};
use super::route::{self, Route, Wanted};
use super::{Reply, ServeState, Wish, negotiate};
use crate::feed::hash;
use crate::feed::model::Notice;

/// How long a client waits for something that must be rendered first; longer than any render, and
/// shorter than the patience of feed readers (30 s and more).
const WISH_PATIENCE: Duration = Duration::from_secs(10);
/// As much as common servers allow altogether (nginx: 4 buffers of 8 KiB); times the connections of
/// `listen`, 16 MiB.
pub(super) const HEAD_BYTES: usize = 32 * 1024;

/// On every response: no script, no frame, no guessing of types. Pictures of full texts may come
/// from anywhere over https, the icon from here.
const SECURITY: [(HeaderName, &str); 3] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; img-src 'self' https:; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
];

/// The router over `state`; one handler, as the paths' table is `route`'s.
pub(super) fn router(state: ServeState) -> Router {
    Router::new().fallback(answer).layer(CatchPanicLayer::new()).with_state(state)
}

async fn answer(State(state): State<ServeState>, request: Request) -> Response<Body> {
    let method = request.method().clone();
    let refused = refusal(&request);
    let mut response = if let Some(notice) = refused {
        let mut response = notice::respond(notice, &state.shelf, request.headers(), false);
        close(&mut response);
        response
    } else if let Some(token) = state.callbacks.token(request.uri().path()) {
        state.callbacks.answer(token, request).await
    } else {
        // The body is never read; without it the head can be shared across threads.
        let (head, _) = request.into_parts();
        let mut response = match method {
            Method::GET | Method::HEAD => routed(&state, &head).await,
            _ => not_allowed(&state, &head.headers),
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

/// What is wrong with a request, whatever it asks for; `None`: nothing.
fn refusal(request: &Request) -> Option<Notice> {
    if head_bytes(request) > HEAD_BYTES {
        return Some(Notice::HeadTooLarge);
    }
    (!is_well_addressed(request)).then_some(Notice::BadRequest)
}

/// The bytes of a head as RFC 9112 writes it. The connection's own limit counts by what it reads at once, so
/// that it lets some more through.
fn head_bytes(request: &Request) -> usize {
    const LINE: usize = "  HTTP/1.1\r\n".len();
    const FIELD: usize = ": \r\n".len();
    const END: usize = "\r\n".len();
    let target = request.uri().to_string().len();
    let fields = request.headers().iter();
    let fields: usize = fields.map(|(name, value)| name.as_str().len() + value.len() + FIELD).sum();
    request.method().as_str().len() + target + LINE + fields + END
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
    let (uri, asked) = (&request.uri, &request.headers);
    let refuse =
        |notice| notice::respond(notice, &state.shelf, asked, route::has_pages(uri.path()));
    let found = match route::of(uri.path(), uri.query()) {
        Route::Rendered(wanted) => {
            let terms = Terms::of(&wanted);
            found(state, wanted, asked, terms).await
        }
        Route::Private(wanted) if is_operator(state, asked) => {
            found(state, wanted, asked, Terms::Private).await
        }
        Route::Private(_) | Route::Nothing => Err(Notice::NotFound),
        Route::File { name, version } => file(state, name, version.as_deref(), asked),
        Route::Alive => Ok(judged(state.health.is_alive((state.now)()))),
        Route::Ready => Ok(judged(state.health.is_ready())),
        Route::Metrics => Ok(metrics(state, asked)),
        Route::Elsewhere(path) => Ok(elsewhere(&path, uri.query())),
    };
    found.unwrap_or_else(refuse)
}

/// The header in which the operator's own programs show the store's key.
pub const KEY_HEADER: &str = "x-rafid-key";

/// Whether a request knows the store's key. The time of the comparison does not tell how much of it.
fn is_operator(state: &ServeState, headers: &HeaderMap) -> bool {
    let (Some(key), Some(shown)) = (&state.key, headers.get(KEY_HEADER)) else { return false };
    hash::is_same_secret(shown, key.as_bytes())
}

/// From the shelf, else by wish.
async fn found(
    state: &ServeState,
    wanted: Wanted,
    asked: &HeaderMap,
    terms: Terms,
) -> Result<Response<Body>, Notice> {
    let give = |rendition| representation::respond(rendition, asked, terms).ok_or(Notice::Changed);
    if let Some(rendition) = state.shelf.get(&wanted) {
        return give(&rendition);
    }
    let (place, busy, failing) = match (&wanted, &state.search) {
        (Wanted::Search { .. }, None) => return Err(Notice::NotFound),
        (Wanted::Search { .. }, Some(search)) => {
            (search, Notice::SearchBusy, Notice::SearchFailing)
        }
        _ => (&state.wish, Notice::NotReady, Notice::NotReady),
    };
    let (reply, answer) = oneshot::channel();
    place.try_send(Wish { wanted, reply }).map_err(|_| busy)?;
    match tokio::time::timeout(WISH_PATIENCE, answer).await {
        Ok(Ok(Reply::Ready(rendition))) => give(&rendition),
        Ok(Ok(Reply::None)) => Err(Notice::NotFound),
        Ok(Ok(Reply::Failing)) => Err(failing),
        Ok(Err(_)) | Err(_) => Err(busy),
    }
}

fn judged(good: bool) -> Response<Body> {
    if good {
        short(StatusCode::OK, TEXT, "ok\n")
    } else {
        short(StatusCode::SERVICE_UNAVAILABLE, TEXT, "not ok\n")
    }
}

/// The counters in the format that the client names, else in the one that every scraper reads.
fn metrics(state: &ServeState, asked: &HeaderMap) -> Response<Body> {
    let is_open = negotiate::names_open_metrics(asked);
    let format = if is_open { MetricsFormat::OpenMetrics } else { MetricsFormat::Text };
    let mut response = short(StatusCode::OK, format.media_type(), state.metrics.text(format));
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept"));
    response
}

/// A file of the program: for ever under its own version, else for an hour.
fn file(
    state: &ServeState,
    name: &str,
    version: Option<&str>,
    asked: &HeaderMap,
) -> Result<Response<Body>, Notice> {
    let file = state.shelf.file(name).ok_or(Notice::NotFound)?;
    let is_versioned = version.is_some_and(|it| it.len() == 16 && file.hash.starts_with(it));
    let terms = Terms::File { is_versioned };
    representation::respond(&file, asked, terms).ok_or(Notice::Changed)
}

fn elsewhere(path: &str, query: Option<&str>) -> Response<Body> {
    let address = query.map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
    let mut response = short(StatusCode::PERMANENT_REDIRECT, TEXT, "");
    set(response.headers_mut(), header::LOCATION, &address);
    response
}

fn not_allowed(state: &ServeState, asked: &HeaderMap) -> Response<Body> {
    let mut response = notice::respond(Notice::MethodNotAllowed, &state.shelf, asked, false);
    set(response.headers_mut(), header::ALLOW, "GET, HEAD");
    response
}
