//! A request → its answer over one way out: connections, and turns to use them.
//!
//! A connection that was used before may be closed by its server at the very moment when the next
//! request is written to it (RFC 9112 section 9.3.1). That says nothing about the feed: such a request is
//! sent once more, on a connection of its own. So is nothing else: what a server does to a new connection
//! is its answer.
//!
//! Interim answers have an end for those who are not trusted, whom `guard` asks:
//!
//! | who | until |
//! | --- | --- |
//! | an origin that has not been asked yet | its first answer or failure in time |
//! | an address whose answer did not come in time | its next answer or failure in time |
//! | an address that sent interim answers without end | the program ends |

use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::error::Error;
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
use crate::model::Freshness;

/// A way out: connections, and turns to use them.
pub(super) struct FetchRoute {
    pub(super) http: reqwest::Client,
    pub(super) turns: Arc<HostQueues>,
    /// `None`: hosts that wait for nobody.
    pub(super) rests: Option<Arc<HostBackoff>>,
    /// How a client is set up that goes the same way.
    builder: Box<dyn Fn() -> ClientBuilder + Send + Sync>,
    /// A client whose connections are all new, once it was needed; `None` inside: it cannot be set up.
    unpooled: OnceLock<Option<reqwest::Client>>,
    /// A client that only connects; `None` inside: a proxy does, or it cannot be set up.
    connector: OnceLock<Option<reqwest::Client>>,
    /// Who is asked under guard.
    trust: Mutex<InterimTrust>,
}

/// More suspects than this are not remembered at a time.
const MAX_SUSPECTS: usize = 1000;
/// More origins than this are not remembered: ten times the sources of a large configuration. Others are
/// asked under guard, which costs them a connection for each request.
const MAX_ORIGINS: usize = 10_000;

/// Who sends interim answers that have an end, as far as is known.
#[derive(Debug, Default)]
struct InterimTrust {
    /// Addresses that misbehaved, and how.
    suspects: HashMap<String, Misbehavior>,
    /// Origins (RFC 6454) that have answered, or failed, in time.
    answered: HashSet<String>,
}

/// How an address misbehaved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Misbehavior {
    /// Its answer did not come in time.
    Late,
    /// It sent interim answers without end.
    InterimFlood,
}

impl InterimTrust {
    fn is_guarded(&self, url: &Url) -> bool {
        self.suspects.contains_key(url.as_str()) || !self.answered.contains(&origin_key(url))
    }

    /// Records how a request ended. Whoever fails otherwise than by being late is asked in the usual way next:
    /// a server may refuse what `guard` speaks (HTTP/1.1).
    fn record(&mut self, url: &Url, answer: &Result<Result<Response, FetchError>, FetchError>) {
        let before = self.suspects.get(url.as_str()).copied();
        if before == Some(Misbehavior::InterimFlood) {
            return;
        }
        let suspicion = match answer {
            Err(_) => Misbehavior::Late,
            Ok(Err(error)) if interim_guard::is_interim_flood(error) => Misbehavior::InterimFlood,
            Ok(_) => {
                self.suspects.remove(url.as_str());
                if self.answered.len() < MAX_ORIGINS {
                    self.answered.insert(origin_key(url));
                }
                return;
            }
        };
        if before.is_some() || self.suspects.len() < MAX_SUSPECTS {
            self.suspects.insert(url.as_str().to_owned(), suspicion);
        }
    }
}

fn origin_key(url: &Url) -> String {
    url.origin().ascii_serialization()
}

tokio::task_local! {
    /// Whether a connection was opened for the request that the task waits for.
    static HAS_CONNECTED: Cell<bool>;
}

impl FetchRoute {
    /// A way whose clients are set up by `builder`.
    pub(super) fn new(
        builder: impl Fn() -> ClientBuilder + Send + Sync + 'static,
        turns: Arc<HostQueues>,
        rests: Option<Arc<HostBackoff>>,
    ) -> Result<Self, FetchError> {
        let http = builder().connector_layer(ConnectMarkLayer).build();
        let http = http.map_err(|error| FetchError::Setup { reason: error_chain(&error) })?;
        Ok(Self {
            http,
            turns,
            rests,
            builder: Box::new(builder),
            unpooled: OnceLock::new(),
            connector: OnceLock::new(),
            trust: Mutex::default(),
        })
    }

    /// The same way, which leads through a proxy: there nobody is asked under guard.
    pub(super) fn behind_proxy(self, is_so: bool) -> Self {
        let connector = if is_so { OnceLock::from(None) } else { OnceLock::new() };
        Self { connector, ..self }
    }

    /// Asks, under guard who is not trusted.
    pub(super) async fn send(
        &self,
        url: &Url,
        headers: HeaderMap,
        clock: &RequestDeadline,
    ) -> Result<Response, FetchError> {
        let is_guarded = self.lock_trust().is_guarded(url);
        let connector = if is_guarded { self.guarded_client() } else { None };
        let answer = if let Some(connector) = connector {
            clock
                .run_within(
                    TimeoutPhase::Response,
                    interim_guard::send_guarded(connector, url, headers),
                )
                .await
        } else {
            let answer =
                clock.run_within(TimeoutPhase::Response, self.send_pooled(url, headers)).await;
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
            let alone = (self.builder)().http1_only().pool_max_idle_per_host(0);
            alone.connector_layer(CaptureLayer).build().ok()
        };
        self.connector.get_or_init(build).as_ref()
    }

    /// Asks once, or twice when nothing came of a connection that was used before.
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
        let build = || (self.builder)().pool_max_idle_per_host(0).build().ok();
        self.unpooled.get_or_init(build).as_ref()
    }

    /// A turn at a host, unless that wants to be left alone.
    pub(super) async fn acquire_permit(&self, url: &Url) -> Result<HostPermit, FetchError> {
        let rest = || self.rests.as_ref().and_then(|rests| rests.remaining(url));
        let resting = |left| FetchError::HostBackoff { host: host_of_url(url), left };
        if let Some(left) = rest() {
            return Err(resting(left));
        }
        let turn = self.turns.acquire(&self.queue_key(url)).await;
        // Somebody before us in the queue may have been told.
        rest().map_or(Ok(turn), |left| Err(resting(left)))
    }

    /// The queue in which turns at an address are waited for: strangers' hosts are one each, whatever
    /// the port; of the operator's own machines every port is another server.
    pub(super) fn queue_key(&self, url: &Url) -> String {
        match self.rests {
            Some(_) => host_of_url(url),
            None => format!("{}:{}", host_of_url(url), port_of_url(url)),
        }
    }

    /// What an answer asks of all who ask the host.
    pub(super) fn apply_backoff(&self, url: &Url, status: u16, allowed: Freshness) {
        let asked = host_backoff::requested_backoff_seconds(status, allowed.retry_after_seconds);
        if let (Some(rests), Some(seconds)) = (&self.rests, asked) {
            rests.set(url, seconds);
        }
    }
}

/// Whether the connection ended before there was the head of an answer.
fn is_closed_unanswered(error: &reqwest::Error) -> bool {
    error_causes(error).any(|cause| is_incomplete(cause) || is_broken_off(cause))
}

fn is_incomplete(cause: &(dyn Error + 'static)) -> bool {
    let cause = cause.downcast_ref::<hyper::Error>();
    cause.is_some_and(|cause| cause.is_incomplete_message() || cause.is_canceled())
}

fn is_broken_off(cause: &(dyn Error + 'static)) -> bool {
    use ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected, UnexpectedEof};
    let kind = cause.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
    // A TLS connection that ends without a farewell is an unexpected end.
    matches!(
        kind,
        Some(BrokenPipe | ConnectionAborted | ConnectionReset | NotConnected | UnexpectedEof)
    )
}

/// Notices, for the task that waits for it, that a connection is opened.
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
        // A form is sent by nobody who wants to know.
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
        check(late(), true, "a stranger that is late");
        check(failed("it speaks HTTP/2 only"), false, "it is asked in the usual way then");
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
