//! A request → a response: route, cache or render request, negotiation, headers.
//!
//! | case | status |
//! | --- | --- |
//! | a head of more than 32 KiB | 431 (RFC 6585 section 5) |
//! | HTTP/1.1 without exactly one valid `Host` | 400 (RFC 9112 section 3.2) |
//! | the store is being opened | see `opening_notice` |
//! | a hub's callback | see `callback` |
//! | no credentials of a user, where the site has users; too many wait to be checked | 401; 503 |
//! | neither GET nor HEAD, but for a POST of the operator to `/poll` | 405 with `Allow` |
//! | no such path, or the renderer replied that the resource does not exist | 404 |
//! | the page of an archive was deleted with all of its entries | 410 |
//! | a precondition of the client fails | 412 |
//! | the client already has this version | 304 |
//! | the client has an earlier version of a feed, and only the new entries will do | 226 (RFC 3229) |
//! | too many render requests wait, or twenty seconds passed | 503 with `Retry-After` |
//! | the resource's data cannot be read | 503 |
//!
//! An error is answered with a notice (`notice_response`): a page in Arabic for people, one line for
//! programs.
//! A request whose body is not read is the last of its connection, so that nothing in the body can be taken
//! for the next request. `Range` is ignored, as RFC 9110 section 14.2 allows. No response holds the value of
//! `Host`.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::BoxError;
use axum::body::{Body, Bytes, HttpBody};
use http::header::{self, HeaderValue};
use http::request::Parts;
use http::uri::Authority;
use http::{HeaderMap, Method, Request, Response, StatusCode, Version};
use tokio::sync::oneshot;

use super::access_rules::RequestOrigin;
use super::cache_policy::CachePolicy;
use super::feed_variants;
use super::metrics::MetricsFormat;
use super::notice_response::{self, TEXT, short_response};
use super::opening_notice;
use super::representation::{self, set_header};
use super::request_access::RequestAccess;
use super::resource::Resource;
use super::route::{self, Route};
use super::security_headers;
use super::served_rendition::ServedRendition;
use super::{HttpState, RenderRequest, Reply, negotiate, operator_stream, stream_route};
use crate::model::Notice;

/// How long a client waits for a resource that must be rendered first: longer than any render (the health of
/// 50,000 sources takes a second of a processor, and more on a busy machine), and shorter than the timeout of
/// feed readers (30 s and more).
const RENDER_TIMEOUT: Duration = Duration::from_secs(20);
/// As much as common servers allow in total (nginx: 4 buffers of 8 KiB); times the connections of `listen`,
/// 16 MiB.
pub(super) const MAX_HEAD_BYTES: usize = 32 * 1024;

/// The response to a request. A defect of the program harms no other request of the connection.
pub(super) async fn respond_to_request<B>(
    state: &HttpState,
    origin: RequestOrigin,
    request: Request<B>,
) -> Response<Body>
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let mut response = pin!(handle_request(state, origin, request));
    let caught = |context: &mut Context<'_>| {
        let poll = AssertUnwindSafe(|| response.as_mut().poll(context));
        catch_unwind(poll).unwrap_or_else(|_| {
            tracing::error!("answering a request panicked; please report it");
            let text = "internal error\n";
            Poll::Ready(short_response(StatusCode::INTERNAL_SERVER_ERROR, TEXT, text))
        })
    };
    poll_fn(caught).await
}

async fn handle_request<B>(
    state: &HttpState,
    origin: RequestOrigin,
    request: Request<B>,
) -> Response<Body>
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let (method, began) = (request.method().clone(), Instant::now());
    let refusal = request_error(&request);
    let mut response = if let Some(notice) = refusal {
        let access = RequestAccess::new(state, origin, request.headers());
        let mut response = if access.has_users() {
            notice_response::plain_notice(notice)
        } else {
            notice_response::respond(notice, &state.cache, request.headers(), false)
        };
        close_connection(&mut response);
        response
    } else if let Some(token) = callback_token(state, request.uri().path()) {
        state.callbacks.respond(token, request.map(Body::new)).await
    } else {
        // The body is never read; without it the head can be shared across threads.
        let (head, body) = request.into_parts();
        let has_body = !body.is_end_stream();
        drop(body);
        let access = RequestAccess::new(state, origin, &head.headers);
        let mut response = respond_to_head(state, &access, &head).await;
        if has_body {
            close_connection(&mut response);
        }
        response
    };
    security_headers::add_to(response.headers_mut());
    state.metrics.count_response(response.status(), began.elapsed());
    if method == Method::HEAD {
        *response.body_mut() = Body::empty();
    }
    response
}

async fn respond_to_head(
    state: &HttpState,
    access: &RequestAccess<'_>,
    request: &Parts,
) -> Response<Body> {
    let found = access.find_route(&request.uri);
    if let Some(notice) = access.check_login(&found).await {
        let has_pages = route::has_pages(request.uri.path());
        return notice_response::respond(notice, &state.cache, &request.headers, has_pages);
    }
    let privacy = access.privacy_of(&found);
    let mut response = match (opening_response(state, &found.route, request), &request.method) {
        (Some(response), _) => response,
        (None, &Method::GET | &Method::HEAD) => dispatch(state, access, request, found.route).await,
        (None, &Method::POST) => dispatch_post(state, access, request),
        (None, _) => method_not_allowed(state, &request.headers),
    };
    privacy.mark(&mut response);
    response
}

/// The notice that the store is being opened; `None`: it is open, or the answer is ready without it. What was
/// rendered before a store was found to be damaged is still served.
fn opening_response(state: &HttpState, route: &Route, request: &Parts) -> Option<Response<Body>> {
    let notice = state.health.opening()?;
    let is_reading = matches!(request.method, Method::GET | Method::HEAD);
    if is_reading
        && let Route::Rendered(resource) = route
        && state.cache.get(&for_reader(resource.clone(), request).0).is_some()
    {
        return None;
    }
    opening_notice::respond_while_opening(&notice, (route, request.uri.path()), &request.headers)
}

/// What is wrong with a request, whatever its path; `None`: nothing.
fn request_error<B>(request: &Request<B>) -> Option<Notice> {
    if head_size(request) > MAX_HEAD_BYTES {
        return Some(Notice::HeadTooLarge);
    }
    (!is_well_addressed(request)).then_some(Notice::BadRequest)
}

/// The size of a head in bytes as RFC 9112 writes it. hyper's own limit counts what it reads at once, so that
/// slightly longer heads pass it.
fn head_size<B>(request: &Request<B>) -> usize {
    const LINE: usize = "  HTTP/1.1\r\n".len();
    const FIELD: usize = ": \r\n".len();
    const END: usize = "\r\n".len();
    let uri = request.uri();
    let target = match (uri.authority(), uri.path_and_query()) {
        (None, Some(target)) => target.as_str().len(),
        _ => uri.to_string().len(),
    };
    let fields = request.headers().iter();
    let fields: usize = fields.map(|(name, value)| name.as_str().len() + value.len() + FIELD).sum();
    request.method().as_str().len() + target + LINE + fields + END
}

/// RFC 9112 section 3.2: HTTP/1.1 requires exactly one `Host`, and it must be a host.
fn is_well_addressed<B>(request: &Request<B>) -> bool {
    if request.version() != Version::HTTP_11 {
        return true;
    }
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return false;
    };
    // Empty: the target has no authority.
    let is_host = |host: &[u8]| Authority::try_from(host).is_ok_and(|_| !host.contains(&b'@'));
    host.is_empty() || is_plain_host(host.as_bytes()) || is_host(host.as_bytes())
}

/// A name or an IPv4 address, perhaps with a port: what nearly every request has, recognized without an allocation.
fn is_plain_host(host: &[u8]) -> bool {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    let end = host.iter().position(|byte| !is_name(*byte)).unwrap_or(host.len());
    let is_port = |port: &[u8]| port.len() <= 5 && port.iter().all(u8::is_ascii_digit);
    end > 0
        && match host.split_at(end).1 {
            [] => true,
            [b':', port @ ..] => is_port(port),
            _ => false,
        }
}

fn close_connection(response: &mut Response<Body>) {
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(header::CONNECTION, close);
}

async fn dispatch(
    state: &HttpState,
    access: &RequestAccess<'_>,
    request: &Parts,
    route: Route,
) -> Response<Body> {
    let (uri, headers) = (&request.uri, &request.headers);
    let error_response = |notice| {
        notice_response::respond(notice, &state.cache, headers, route::has_pages(uri.path()))
    };
    let result = match route {
        Route::Rendered(resource) => match access.permit(resource) {
            Some(resource) => {
                let (resource, policy) = for_reader(resource, request);
                respond_with(state, resource, headers, policy).await
            }
            None => Err(Notice::NotFound),
        },
        Route::OperatorOnly(resource) if access.has_key() => {
            respond_with(state, resource, headers, CachePolicy::Private).await
        }
        Route::OperatorStream(resource) if access.has_key() => {
            operator_stream::respond_with_stream(state, resource)
        }
        Route::File { name, version } => {
            program_file(state, name, version.as_deref(), headers).await
        }
        Route::Healthz => Ok(health_response(liveness(state))),
        Route::Readyz => Ok(health_response(state.health.readiness())),
        Route::Metrics if access.may_see_metrics() => Ok(metrics_response(state, headers)),
        Route::Redirect(path) => Ok(redirect_response(&path, uri.query())),
        Route::OperatorOnly(_) | Route::OperatorStream(_) | Route::Metrics | Route::NotFound => {
            Err(Notice::NotFound)
        }
    };
    result.unwrap_or_else(error_response)
}

/// What the operator requests to be done.
fn dispatch_post(state: &HttpState, access: &RequestAccess<'_>, request: &Parts) -> Response<Body> {
    let (uri, headers) = (&request.uri, &request.headers);
    match stream_route::parse_post(uri.path(), uri.query()) {
        Some(sources) if access.has_key() => operator_stream::respond_with_polls(state, sources)
            .unwrap_or_else(|notice| {
                notice_response::respond(notice, &state.cache, headers, false)
            }),
        _ => method_not_allowed(state, headers),
    }
}

/// The token at the end of a callback's path, which may be below the path of the public base address.
fn callback_token(state: &HttpState, path: &str) -> Option<String> {
    if !state.callbacks.is_open() {
        return None;
    }
    let below = state.cache.path_below_base(path);
    below.and_then(|path| state.callbacks.token(path)).or_else(|| state.callbacks.token(path))
}

/// The resource that this client can read: a person who opens a feed's address gets a page.
fn for_reader(resource: Resource, request: &Parts) -> (Resource, CachePolicy) {
    let is_for_person = negotiate::opens_in_browser(&request.headers)
        && !feed_variants::wants_raw(request.uri.query());
    if is_for_person && let Some(guide) = resource.feed_guide() {
        return (guide, CachePolicy::FeedGuide);
    }
    let policy = CachePolicy::of(&resource);
    (resource, policy)
}

/// The response with a resource, or with what is new in it.
async fn respond_with(
    state: &HttpState,
    resource: Resource,
    headers: &HeaderMap,
    policy: CachePolicy,
) -> Result<Response<Body>, Notice> {
    let rendition = get_or_render(state, &resource).await?;
    // If the new entries alone cannot be given, the whole feed is.
    if let Some(base) = representation::delta_base(&rendition, headers)
        && let Some(delta) = resource.delta_feed(base.position)
        && let Ok(delta) = get_or_render(state, &delta).await
    {
        let response = representation::respond_with_delta((&delta, &rendition), &base, headers);
        return Ok(response.await);
    }
    representation::respond(&rendition, headers, policy).await.ok_or(Notice::Changed)
}

/// Returns the rendition from the cache, or else requests it from the renderer.
async fn get_or_render(
    state: &HttpState,
    resource: &Resource,
) -> Result<Arc<ServedRendition>, Notice> {
    if let Some(rendition) = state.cache.get(resource) {
        return Ok(rendition);
    }
    let (queue, busy, unavailable) = match (resource, &state.search_requests) {
        (Resource::Search { .. }, None) => return Err(Notice::NotFound),
        (Resource::Search { .. }, Some(search)) => {
            (search, Notice::SearchBusy, Notice::SearchFailing)
        }
        (Resource::Picture(_), _) => {
            let pictures = state.picture_requests.as_ref().ok_or(Notice::NotFound)?;
            (pictures, Notice::NotReady, Notice::NotReady)
        }
        _ => (&state.render_requests, Notice::NotReady, Notice::NotReady),
    };
    let (reply, answer) = oneshot::channel();
    let request = RenderRequest { resource: resource.clone(), reply };
    queue.try_send(request).map_err(|_| busy)?;
    match tokio::time::timeout(RENDER_TIMEOUT, answer).await {
        Ok(Ok(Reply::Ready(rendition))) => Ok(rendition),
        Ok(Ok(Reply::NotFound)) => Err(Notice::NotFound),
        Ok(Ok(Reply::Gone)) => Err(Notice::Gone),
        Ok(Ok(Reply::Unavailable)) => Err(unavailable),
        Ok(Err(_)) | Err(_) => Err(busy),
    }
}

fn liveness(state: &HttpState) -> Result<(), &'static str> {
    if state.health.is_alive((state.now)()) { Ok(()) } else { Err("not ok\n") }
}

fn health_response(state: Result<(), &'static str>) -> Response<Body> {
    match state {
        Ok(()) => short_response(StatusCode::OK, TEXT, "ok\n"),
        Err(why) => short_response(StatusCode::SERVICE_UNAVAILABLE, TEXT, why),
    }
}

/// The counters in the format that the client names, or else in the one that every scraper reads.
fn metrics_response(state: &HttpState, headers: &HeaderMap) -> Response<Body> {
    let is_open = negotiate::names_open_metrics(headers);
    let format = if is_open { MetricsFormat::OpenMetrics } else { MetricsFormat::Text };
    let mut response =
        short_response(StatusCode::OK, format.media_type(), state.metrics.render(format));
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept"));
    response
}

/// A file of the program: cached without limit under its own version, otherwise for an hour.
async fn program_file(
    state: &HttpState,
    name: &str,
    version: Option<&str>,
    headers: &HeaderMap,
) -> Result<Response<Body>, Notice> {
    let file = state.cache.file(name).ok_or(Notice::NotFound)?;
    let is_versioned =
        version.is_some_and(|it| it.len() == 16 && file.rendition().hash.starts_with(it));
    let policy = CachePolicy::File { is_versioned };
    representation::respond(&file, headers, policy).await.ok_or(Notice::Changed)
}

fn redirect_response(path: &str, query: Option<&str>) -> Response<Body> {
    let address = query.map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
    let mut response = short_response(StatusCode::PERMANENT_REDIRECT, TEXT, "");
    set_header(response.headers_mut(), header::LOCATION, &address);
    response
}

fn method_not_allowed(state: &HttpState, headers: &HeaderMap) -> Response<Body> {
    let mut response =
        notice_response::respond(Notice::MethodNotAllowed, &state.cache, headers, false);
    set_header(response.headers_mut(), header::ALLOW, "GET, HEAD");
    response
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::http::access_rules::ListenerKind;
    use crate::http::{DaemonHealth, RenditionCache};

    /// The status for a path, where the clock is broken.
    async fn status_without_clock(path: &str) -> u16 {
        let health = Arc::new(DaemonHealth::new(Timestamp::UNIX_EPOCH));
        let cache = Arc::new(RenditionCache::default());
        let state = HttpState::without_store(cache, health, || panic!("there is no clock"));
        let request = Request::builder().uri(path).header("host", "a").body(Body::empty());
        let origin = RequestOrigin::new(ListenerKind::Sole, None);
        respond_to_request(&state, origin, request.unwrap()).await.status().as_u16()
    }

    #[tokio::test]
    async fn a_panic_is_one_failed_request() {
        assert_eq!(status_without_clock("/healthz").await, 500);
        assert_eq!(status_without_clock("/readyz").await, 503);
    }

    #[test]
    fn plain_hosts_are_hosts() {
        for (host, is_plain) in [
            ("a", true),
            ("news.example", true),
            ("news.example:8080", true),
            ("127.0.0.1:1", true),
            ("xn--mgbh0fb.example", true),
            ("[::1]:80", false),
            ("a:80:80", false),
            ("a:http", false),
            ("a_b", false),
            ("me@a", false),
            ("a/b", false),
            (":80", false),
            ("", false),
        ] {
            assert_eq!(is_plain_host(host.as_bytes()), is_plain, "{host:?}");
            assert!(!is_plain || Authority::try_from(host).is_ok(), "{host:?}");
        }
    }
}
