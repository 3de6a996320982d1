//! A request to an untrusted server → its response over a separate connection, with a limit to interim
//! responses.
//!
//! A server may send any number of interim responses (1xx) before its response (RFC 9110 section 15.2).
//! The HTTP client skips all of them silently and reads on until the time is over, as fast as they come. So
//! requests to untrusted servers (`fetch_route`) are sent here: the HTTP client connects (names, refusals,
//! TLS) and passes the connection on, and this code speaks HTTP/1.1 on it and counts interim responses.

use std::cell::RefCell;
use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::HOST;
use http::{HeaderMap, HeaderValue, Uri};
use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper::rt::{Read, ReadBufCursor, Write};
use reqwest::{Body, Response};
use tower::{BoxError, Layer, Service};
use url::{Position, Url};

use super::super::fetch_error::{FetchError, host_of_url, join_reasons};

/// Servers send one interim response, or a few. After this many, or this many bytes of their headers, no
/// response can be expected.
const MAX_INTERIM_RESPONSES: usize = 100;
const MAX_INTERIM_BYTES: usize = 64 * 1024;

pub(super) const INTERIM_FLOOD: &str = "it sends interim answers (1xx) without end";

/// Whether a request failed because of interim responses.
pub(super) fn is_interim_flood(error: &FetchError) -> bool {
    matches!(error, FetchError::NoResponse { reason, .. } if reason == INTERIM_FLOOD)
}

type ErrorCause = dyn Error + 'static;

fn next_cause<'a>(cause: &&'a ErrorCause) -> Option<&'a ErrorCause> {
    (*cause).source()
}

/// A connection, plain or TLS.
trait ByteStream: Read + Write + Send + Unpin {}
impl<T: Read + Write + Send + Unpin> ByteStream for T {}

tokio::task_local! {
    /// The connection that was opened for the task.
    static CAPTURED_STREAM: RefCell<Option<Box<dyn ByteStream>>>;
}

/// Sends a request over a separate connection, which `connector` opens; it has the layer `CaptureLayer`.
pub(super) async fn send_guarded(
    connector: &reqwest::Client,
    url: &Url,
    headers: HeaderMap,
) -> Result<Response, FetchError> {
    let no_answer = |reason| FetchError::NoResponse { host: host_of_url(url), reason };
    let opening = async {
        let opened = connector.execute(reqwest::Request::new(http::Method::GET, url.clone())).await;
        (opened.err(), CAPTURED_STREAM.with(RefCell::take))
    };
    let io = match CAPTURED_STREAM.scope(RefCell::default(), opening).await {
        (_, Some(io)) => io,
        (Some(error), None) => return Err(FetchError::from_request_error(&error, url)),
        (None, None) => return Err(no_answer("no connection was handed over".to_owned())),
    };
    let is_flood = Arc::new(AtomicBool::new(false));
    let guarded = GuardedStream { io, is_flood: Arc::clone(&is_flood) };
    let failed = |error: &hyper::Error| {
        if is_flood.load(Ordering::Relaxed) {
            return no_answer(INTERIM_FLOOD.to_owned());
        }
        no_answer(join_reasons(std::iter::successors(Some(error as &ErrorCause), next_cause)))
    };
    let (mut sender, connection) = http1::Builder::new()
        .ignore_invalid_headers_in_responses(true)
        .allow_spaces_after_header_name_in_responses(true)
        .allow_obsolete_multiline_headers_in_responses(true)
        .handshake(guarded)
        .await
        .map_err(|error| failed(&error))?;
    // It ends with the body of the response, or when the task stops waiting for the response.
    tokio::spawn(connection);
    let mut request = http1_request(url, headers)?;
    let interim = InterimCounter::default();
    let flag = Arc::clone(&is_flood);
    hyper::ext::on_informational(&mut request, move |answer| {
        if interim.count_and_check(answer.headers()) {
            flag.store(true, Ordering::Relaxed);
        }
    });
    let answer = sender.send_request(request).await.map_err(|error| failed(&error))?;
    Ok(Response::from(answer.map(Body::wrap)))
}

/// The request in the form of HTTP/1.1 (RFC 9112 section 3.2).
fn http1_request(url: &Url, headers: HeaderMap) -> Result<http::Request<Empty<Bytes>>, FetchError> {
    let bad = |reason: String| FetchError::BadAddress { url: host_of_url(url), reason };
    let target: Uri = url[Position::BeforePath..Position::AfterQuery]
        .parse()
        .map_err(|error: http::uri::InvalidUri| bad(error.to_string()))?;
    let host = HeaderValue::from_str(&url[Position::BeforeHost..Position::AfterPort])
        .map_err(|error| bad(error.to_string()))?;
    let mut request = http::Request::new(Empty::new());
    *request.uri_mut() = target;
    *request.headers_mut() = headers;
    request.headers_mut().insert(HOST, host);
    Ok(request)
}

/// The interim responses so far.
#[derive(Debug, Default)]
struct InterimCounter {
    count: AtomicUsize,
    bytes: AtomicUsize,
}

impl InterimCounter {
    /// Counts one more; returns whether there are too many now.
    fn count_and_check(&self, headers: &HeaderMap) -> bool {
        let bytes: usize =
            headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
        let count = self.count.fetch_add(1, Ordering::Relaxed) + 1;
        let bytes = self.bytes.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes);
        count > MAX_INTERIM_RESPONSES || bytes > MAX_INTERIM_BYTES
    }
}

/// A connection that fails to read after too many interim responses.
struct GuardedStream {
    io: Box<dyn ByteStream>,
    is_flood: Arc<AtomicBool>,
}

impl Read for GuardedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<std::io::Result<()>> {
        if self.is_flood.load(Ordering::Relaxed) {
            return Poll::Ready(Err(std::io::Error::other(INTERIM_FLOOD)));
        }
        Pin::new(&mut self.io).poll_read(context, buffer)
    }
}

impl Write for GuardedStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(context, bytes)
    }

    fn poll_flush(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }
}

/// Passes every connection to the task that requested it, instead of to the HTTP client.
#[derive(Debug, Clone, Copy)]
pub(super) struct CaptureLayer;

/// A connector that does so.
#[derive(Debug, Clone)]
pub(super) struct CaptureConnector<S>(S);

impl<S> Layer<S> for CaptureLayer {
    type Service = CaptureConnector<S>;

    fn layer(&self, connector: S) -> Self::Service {
        CaptureConnector(connector)
    }
}

impl<S, T> Service<T> for CaptureConnector<S>
where
    S: Service<T, Error = BoxError>,
    S::Future: Send + 'static,
    S::Response: Read + Write + Send + Unpin + 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, target: T) -> Self::Future {
        let connecting = self.0.call(target);
        Box::pin(async move {
            let io = connecting.await?;
            let _ = CAPTURED_STREAM.try_with(|slot| slot.replace(Some(Box::new(io))));
            Err("the connection was handed over".into())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interim_responses_are_limited() {
        let check = |headers: &HeaderMap, most: usize| {
            let interim = InterimCounter::default();
            let taken = (0..10_000).take_while(|_| !interim.count_and_check(headers)).count();
            assert_eq!(taken, most);
        };
        check(&HeaderMap::new(), 100);
        let mut large = HeaderMap::new();
        large.insert("link", HeaderValue::from_str(&"x".repeat(16_380)).unwrap());
        check(&large, 4);
    }

    #[test]
    fn a_request_names_its_host() {
        let url = Url::parse("http://me:secret@a.example:8080/feed?k=1#top").unwrap();
        let request = http1_request(&url, HeaderMap::new()).unwrap();
        assert_eq!(request.uri().to_string(), "/feed?k=1");
        assert_eq!(request.headers()[HOST], "a.example:8080");
        let url = Url::parse("https://a.example:443/").unwrap();
        assert_eq!(http1_request(&url, HeaderMap::new()).unwrap().headers()[HOST], "a.example");
    }
}
