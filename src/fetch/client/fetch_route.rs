//! A request → its response over one route: the connections, and the permits to use them.
//!
//! A server may close a used connection at the very moment when the next request is written to it (RFC
//! 9112 section 9.3.1). That means nothing for the feed: such a request is sent once more, on a new
//! connection. No other request is repeated: what a server does to a new connection is its response.
//!
//! Interim responses are limited for untrusted servers, whose requests go through `interim_guard`:
//!
//! | untrusted | until |
//! | --- | --- |
//! | an origin without any request yet | its first response or failure in time |
//! | an address whose response did not come in time | its next response or failure in time |
//! | an address that sent interim responses without end | the program ends |

use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::hash::{BuildHasher, RandomState};
use std::io::ErrorKind;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll};

use http::{HeaderMap, Method};
use reqwest::{ClientBuilder, Response};
use tower::{Layer, Service};
use url::Url;

use super::super::deadline::RequestDeadline;
use super::super::fetch_error::{
    FetchError, TimeoutPhase, error_causes, error_chain, host_of_url, port_of_url,
};
use super::super::host_backoff::{self, HostBackoff};
use super::super::host_queue::{HostPermit, HostQueues};
use super::interim_guard::{self, CaptureLayer};
use super::trusted_roots::HttpVersions;
use crate::model::Freshness;

/// A route: connections, and permits to use them.
pub(super) struct FetchRoute {
    pub(super) http: reqwest::Client,
    pub(super) queues: Arc<HostQueues>,
    /// `None`: responses pause no host of this route.
    pub(super) backoff: Option<Arc<HostBackoff>>,
    /// Sets up another client for the same route.
    builder: Box<dyn Fn(HttpVersions) -> ClientBuilder + Send + Sync>,
    /// A client whose connections are all new, created when needed; `None` inside: it cannot be set up.
    unpooled: OnceLock<Option<reqwest::Client>>,
    /// A client that only connects; `None` inside: a proxy connects, or the client cannot be set up.
    connector: OnceLock<Option<reqwest::Client>>,
    /// Which servers are untrusted.
    trust: Mutex<InterimTrust>,
}

/// At most this many suspects are remembered.
const MAX_SUSPECTS: usize = 1000;
/// At most this many origins are remembered, in nine bytes each: twice the sources of the largest configuration.
/// Requests to other origins are guarded, which costs a connection for each request.
const MAX_ORIGINS: usize = 100_000;

/// Which servers limit their interim responses, as far as is known.
#[derive(Debug, Default)]
struct InterimTrust {
    /// Addresses that misbehaved, and how.
    suspects: HashMap<String, Misbehavior>,
    /// Origins (RFC 6454) that have responded, or failed, in time: hashes with a random key, so that no server can
    /// choose a name that passes for another.
    answered: HashSet<u64>,
    hash_key: RandomState,
}

/// How an address misbehaved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Misbehavior {
    /// Its response did not come in time.
    Late,
    /// It sent interim responses without end.
    InterimFlood,
}

impl InterimTrust {
    fn origin_key(&self, url: &Url) -> u64 {
        self.hash_key.hash_one(url.origin().ascii_serialization())
    }

    fn is_guarded(&self, url: &Url) -> bool {
        self.suspects.contains_key(url.as_str()) || !self.answered.contains(&self.origin_key(url))
    }

    /// Records how a request ended. After a failure other than lateness the next request is unguarded: a
    /// server may refuse the protocol of `interim_guard` (HTTP/1.1).
    fn record(&mut self, url: &Url, answer: &Result<Result<Response, FetchError>, FetchError>) {
        let before = self.suspects.get(url.as_str()).copied();
        if before == Some(Misbehavior::InterimFlood) {
            return;
        }
        let misbehavior = match answer {
            Err(_) => Misbehavior::Late,
            Ok(Err(error)) if interim_guard::is_interim_flood(error) => Misbehavior::InterimFlood,
            Ok(_) => {
                self.suspects.remove(url.as_str());
                if self.answered.len() < MAX_ORIGINS {
                    self.answered.insert(self.origin_key(url));
                }
                return;
            }
        };
        if before.is_some() || self.suspects.len() < MAX_SUSPECTS {
            self.suspects.insert(url.as_str().to_owned(), misbehavior);
        }
    }
}

tokio::task_local! {
    /// Whether a connection was opened for the request of this task.
    static HAS_CONNECTED: Cell<bool>;
}

impl FetchRoute {
    /// A route whose clients are set up by `builder`.
    pub(super) fn new(
        builder: impl Fn(HttpVersions) -> ClientBuilder + Send + Sync + 'static,
        queues: Arc<HostQueues>,
        backoff: Option<Arc<HostBackoff>>,
    ) -> Result<Self, FetchError> {
        let http = builder(HttpVersions::All).connector_layer(ConnectMarkLayer).build();
        let http = http.map_err(|error| FetchError::Setup { reason: error_chain(&error) })?;
        Ok(Self {
            http,
            queues,
            backoff,
            builder: Box::new(builder),
            unpooled: OnceLock::new(),
            connector: OnceLock::new(),
            trust: Mutex::default(),
        })
    }

    /// The same route through a proxy, if `is_proxied`: no request is guarded there.
    pub(super) fn behind_proxy(self, is_proxied: bool) -> Self {
        let connector = if is_proxied { OnceLock::from(None) } else { OnceLock::new() };
        Self { connector, ..self }
    }

    /// Sends a request, guarded if the server is untrusted.
    pub(super) async fn send(
        &self,
        url: &Url,
        headers: HeaderMap,
        deadline: &RequestDeadline,
    ) -> Result<Response, FetchError> {
        let is_guarded = self.lock_trust().is_guarded(url);
        let connector = if is_guarded { self.guarded_client() } else { None };
        let answer = if let Some(connector) = connector {
            deadline
                .run_within(
                    TimeoutPhase::Response,
                    interim_guard::send_guarded(connector, url, headers),
                )
                .await
        } else {
            let answer =
                deadline.run_within(TimeoutPhase::Response, self.send_pooled(url, headers)).await;
            answer.map(|answer| answer.map_err(|error| FetchError::from_request_error(&error, url)))
        };
        self.lock_trust().record(url, &answer);
        answer?
    }

    /// Nothing panics while the lock is held, so a poisoned lock guards sound values.
    fn lock_trust(&self) -> MutexGuard<'_, InterimTrust> {
        self.trust.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn guarded_client(&self) -> Option<&reqwest::Client> {
        let build = || {
            let unpooled = (self.builder)(HttpVersions::One).pool_max_idle_per_host(0);
            unpooled.connector_layer(CaptureLayer).build().ok()
        };
        self.connector.get_or_init(build).as_ref()
    }

    /// Sends a request once, or twice if a used connection gave no response.
    async fn send_pooled(&self, url: &Url, headers: HeaderMap) -> Result<Response, reqwest::Error> {
        let request = |headers| {
            let mut request = reqwest::Request::new(Method::GET, url.clone());
            *request.headers_mut() = headers;
            request
        };
        let first = request(headers.clone());
        let first = async {
            let answer = self.http.execute(first).await;
            (answer, HAS_CONNECTED.with(Cell::get))
        };
        let (answer, has_connected) = HAS_CONNECTED.scope(Cell::new(false), first).await;
        match answer {
            Err(error) if !has_connected && is_closed_unanswered(&error) => {
                match self.unpooled_client() {
                    Some(client) => client.execute(request(headers)).await,
                    None => Err(error),
                }
            }
            answer => answer,
        }
    }

    fn unpooled_client(&self) -> Option<&reqwest::Client> {
        let build = || (self.builder)(HttpVersions::All).pool_max_idle_per_host(0).build().ok();
        self.unpooled.get_or_init(build).as_ref()
    }

    /// Waits for a permit for a host, unless the host is paused.
    pub(super) async fn acquire_permit(&self, url: &Url) -> Result<HostPermit, FetchError> {
        let remaining = || self.backoff.as_ref().and_then(|backoff| backoff.remaining(url));
        let paused = |left| FetchError::HostBackoff { host: host_of_url(url), left };
        if let Some(left) = remaining() {
            return Err(paused(left));
        }
        let permit = self.queues.acquire(&self.queue_key(url)).await;
        // The response to an earlier request of the queue may have paused the host.
        remaining().map_or(Ok(permit), |left| Err(paused(left)))
    }

    /// The queue for an address: one per public host, whatever the port; on the operator's own machines
    /// every port is a separate server.
    pub(super) fn queue_key(&self, url: &Url) -> String {
        match self.backoff {
            Some(_) => host_of_url(url),
            None => format!("{}:{}", host_of_url(url), port_of_url(url)),
        }
    }

    /// Applies the pause that a response requests for its host.
    pub(super) fn apply_backoff(&self, url: &Url, status: u16, allowed: Freshness) {
        let requested =
            host_backoff::requested_backoff_seconds(status, allowed.retry_after_seconds);
        if let (Some(backoff), Some(seconds)) = (&self.backoff, requested) {
            backoff.set(url, seconds);
        }
    }
}

/// Whether the connection ended before the head of a response.
fn is_closed_unanswered(error: &reqwest::Error) -> bool {
    error_causes(error).any(|cause| is_incomplete(cause) || is_connection_lost(cause))
}

fn is_incomplete(cause: &(dyn Error + 'static)) -> bool {
    let cause = cause.downcast_ref::<hyper::Error>();
    cause.is_some_and(|cause| cause.is_incomplete_message() || cause.is_canceled())
}

fn is_connection_lost(cause: &(dyn Error + 'static)) -> bool {
    use ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected, UnexpectedEof};
    let kind = cause.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
    // A TLS connection that ends without a close message is an unexpected end.
    matches!(
        kind,
        Some(BrokenPipe | ConnectionAborted | ConnectionReset | NotConnected | UnexpectedEof)
    )
}

/// Marks, for the waiting task, that a connection is opened.
#[derive(Debug, Clone, Copy)]
struct ConnectMarkLayer;

/// A connector that does so.
#[derive(Debug, Clone)]
struct ConnectMarkConnector<S>(S);

impl<S> Layer<S> for ConnectMarkLayer {
    type Service = ConnectMarkConnector<S>;

    fn layer(&self, connector: S) -> Self::Service {
        ConnectMarkConnector(connector)
    }
}

impl<S: Service<T>, T> Service<T> for ConnectMarkConnector<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, target: T) -> Self::Future {
        // The task that sends a form does not need to know.
        let _ = HAS_CONNECTED.try_with(|has_connected| has_connected.set(true));
        self.0.call(target)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn trust_is_gained_in_time_and_lost_for_good() {
        let url = Url::parse("https://a.example/feed").unwrap();
        let mut trust = InterimTrust::default();
        let late =
            || Err(FetchError::Timeout { after: Duration::ZERO, waiting: TimeoutPhase::Response });
        let failed = |reason: &str| {
            Ok(Err(FetchError::NoResponse {
                host: "a.example".to_owned(),
                reason: reason.to_owned(),
            }))
        };
        let good = || Ok(Ok(Response::from(http::Response::new(""))));
        let mut check = |answer, expected: bool, what: &str| {
            trust.record(&url, &answer);
            assert_eq!(trust.is_guarded(&url), expected, "{what}");
        };
        check(late(), true, "an unknown server that is late");
        check(failed("it speaks HTTP/2 only"), false, "the next request is unguarded");
        check(late(), true, "late again");
        check(good(), false, "it answered");
        check(failed(interim_guard::INTERIM_FLOOD), true, "without end");
        check(good(), true, "it is never trusted again");
        check(failed("closed"), true, "whatever happens");
        let other = Url::parse("https://a.example/other").unwrap();
        assert!(!trust.is_guarded(&other), "the origin is known");
        assert!(
            trust.is_guarded(&Url::parse("https://b.example/feed").unwrap()),
            "this one is not"
        );
    }
}
