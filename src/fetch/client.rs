//! A request → an answer: turn by turn and hop by hop, within its time.
//!
//! There are two ways out, each with its own connections. The public one refuses addresses that are
//! not in public, literal or resolved. The other resolves freely and is taken only for a host *and
//! port* that the operator named: a host that is allowed on one port is refused on another, and a
//! connection of one way is never used by the other.

mod fetch_route;
mod interim_guard;
mod post;
mod receive;

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use http::header::{CONTENT_TYPE, ETAG, HeaderMap, HeaderName, LAST_MODIFIED, LINK, LOCATION};
use jiff::Timestamp;
use prometheus_client::metrics::counter::Counter;
use rafid_feed::model::{Document, Validators};
use reqwest::redirect::Policy;
use reqwest::{Certificate, ClientBuilder, Response};
use url::{Host, Url};

use super::body::DecompressedBody;
use super::deadline::RequestDeadline;
use super::fetch_error::{FetchError, error_chain, host_of_url, port_of_url, redacted};
use super::host_queue::HostQueues;
use super::memory_budget::LargeDocBudget;
use super::redirect_chain::{RedirectChain, is_redirect};
use super::request_headers::{A_IM, RequestHeaders, can_echo_validator};
use super::resolve::PublicOnlyResolver;
use super::waf::Waf;
use super::{
    FetchRequest, FetchResponse, FetchSettings, IM_USED, RedirectPolicy, freshness, public_address,
};
use crate::model::Freshness;
use fetch_route::FetchRoute;

pub use post::PostError;

/// A host that does not take a connection (name and TLS included) in this time is down: the slowest
/// honest ones, on another continent over a bad line, need three seconds.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Apache closes idle connections after 5 s: shorter than that, ours are not the ones that find out
/// in the middle of a request. It is enough for the next feed of the same host.
const IDLE_TIMEOUT: Duration = Duration::from_secs(4);
/// Requests at a time to a server of the operator's own: no courtesy, only an end. One that is stuck
/// with many of its feeds keeps none of the others waiting.
const PER_OWN_SERVER: usize = 64;
/// Cap on the head of an HTTP/2 answer, in bytes. That of HTTP/1 is set in hyper: 100 headers, 400 KB.
const HTTP2_HEAD_BYTES: u32 = 64 * 1024;

/// What is waited for without a setting of its own.
#[derive(Debug, Clone, Copy)]
pub(super) struct Timeouts {
    /// Without a single byte for this long, an answer will not come any more.
    pub(super) silence: Duration,
    /// Between the starts of requests to one public host.
    pub(super) gap: Duration,
}

/// A gap of 250 ms asks a site with fifty feeds for all of them in 13 s, at a rate that no limiter
/// minds; 20 s of silence is what browsers' users bear at most.
pub(super) const DEFAULT_TIMEOUTS: Timeouts =
    Timeouts { silence: Duration::from_secs(20), gap: Duration::from_millis(250) };

/// The HTTP client of the daemon: one for all requests, shared.
pub struct Client {
    public: FetchRoute,
    own: FetchRoute,
    allow_private: BTreeSet<(String, u16)>,
    user_agent: HeaderValue,
    max_bytes: usize,
    timeout: Duration,
    silence: Duration,
    rooms: LargeDocBudget,
    received_bytes: Counter,
}

/// What was done to a document before it was sent (RFC 3229 section 10.5.2).
const IM: HeaderName = HeaderName::from_static("im");

impl Client {
    /// Sets up the client. Trusted are the certificate authorities of the system and of Mozilla.
    ///
    /// # Errors
    /// `FetchError::Setup` when a setting cannot be used.
    pub fn new(settings: &FetchSettings) -> Result<Self, FetchError> {
        Self::with_timeouts(settings, DEFAULT_TIMEOUTS)
    }

    pub(super) fn with_timeouts(
        settings: &FetchSettings,
        patience: Timeouts,
    ) -> Result<Self, FetchError> {
        // Installed already is as good: by another client, or by the tests of another module.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let setup = |reason: String| FetchError::Setup { reason };
        let user_agent = HeaderValue::from_str(&settings.user_agent).map_err(|_| {
            setup(format!("no header can hold the user agent {:?}", settings.user_agent))
        })?;
        let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter();
        let roots: Result<Vec<_>, _> = roots.map(|root| Certificate::from_der(root)).collect();
        let roots = roots.map_err(|error| setup(error_chain(&error)))?;
        let proxy = settings.proxy.as_ref().map(checked_proxy).transpose()?;
        let own_roots = roots.clone();
        let own = move || client_builder(&own_roots).no_proxy();
        let public = move || match &proxy {
            Some(proxy) => client_builder(&roots).proxy(proxy.clone()),
            None => client_builder(&roots).no_proxy().dns_resolver(PublicOnlyResolver),
        };
        let turns = HostQueues::new(settings.per_host, patience.gap);
        Ok(Self {
            public: FetchRoute::new(public, turns, Some(Arc::default()))?
                .behind_proxy(settings.proxy.is_some()),
            own: FetchRoute::new(own, HostQueues::new(PER_OWN_SERVER, Duration::ZERO), None)?,
            allow_private: settings.allow_private.clone(),
            user_agent,
            max_bytes: usize::try_from(settings.max_bytes).unwrap_or(usize::MAX),
            timeout: settings.timeout,
            silence: patience.silence,
            rooms: LargeDocBudget::default(),
            received_bytes: Counter::default(),
        })
    }

    /// The same client, which counts the bytes of every body that it receives, as they come over the
    /// wire, also of those that are cut or refused.
    #[must_use]
    pub fn with_byte_counter(mut self, received_bytes: Counter) -> Self {
        self.received_bytes = received_bytes;
        self
    }

    /// The same client, which goes on to leave alone whom `before` leaves alone, shares its room and
    /// counts where it counts.
    #[must_use]
    pub fn inherit_backoff_from(mut self, before: &Self) -> Self {
        self.received_bytes = before.received_bytes.clone();
        self.rooms = before.rooms.clone();
        self.public.rests.clone_from(&before.public.rests);
        self
    }

    /// Leaves `url` alone for so long, and its host as `rests` says, as was asked for before this client
    /// was there. The operator's own hosts are asked all the same.
    pub fn set_backoff(&self, url: &Url, seconds: u64) {
        if let Ok(FetchRoute { rests: Some(rests), .. }) = self.route_to(url) {
            rests.set(url, seconds);
        }
    }

    /// Asks, follows redirects and brings the document; `now` is what dates in headers are compared
    /// with. It first waits for a turn at the host, for as long as that takes.
    ///
    /// # Errors
    /// Every `FetchError` but `Setup` and `File`.
    pub async fn get(
        &self,
        request: &FetchRequest<'_>,
        now: Timestamp,
    ) -> Result<FetchResponse, FetchError> {
        let head = RequestHeaders::new(&self.own.http, request, &self.user_agent)?;
        let mut trail = RedirectChain::new(request.url);
        let mut clock = RequestDeadline::new(self.timeout, self.silence);
        let mut asked_to_wait = None;
        loop {
            let way = self.route_to(trail.current())?;
            // Given back before the next hop's turn is awaited: nobody holds one host and waits for
            // another.
            let _turn = way.acquire_permit(trail.current()).await?;
            clock.resume();
            let (headers, is_conditional) = head.for_hop(trail.current());
            let would_take_part = headers.contains_key(A_IM);
            let response = send_request(way, trail.current(), headers, &clock).await?;
            let status = response.status().as_u16();
            let mut allowed = freshness::parse_freshness(response.headers(), now);
            allowed.retry_after_seconds = allowed.retry_after_seconds.or(asked_to_wait);
            if is_redirect(status) {
                let location = response.headers().get(LOCATION);
                trail.follow(status, location.map(HeaderValue::as_bytes))?;
                if request.follow == RedirectPolicy::Refuse {
                    return Err(FetchError::RedirectRefused { to: trail.into_parts().0 });
                }
                asked_to_wait = allowed.retry_after_seconds;
                clock.pause();
                continue;
            }
            if status == 304 {
                let given = request.validators.filter(|_| is_conditional);
                return not_modified_response(&response, trail, given, allowed);
            }
            way.apply_backoff(trail.current(), status, allowed);
            if would_take_part && is_delta_response(&response) {
                return self
                    .read_fresh_response(response, IM_USED, (trail, allowed), &mut clock)
                    .await;
            }
            check_status(&response, trail.current(), allowed)?;
            return self.read_fresh_response(response, status, (trail, allowed), &mut clock).await;
        }
    }

    /// The way to an address, if it may be asked at all.
    fn route_to(&self, url: &Url) -> Result<&FetchRoute, FetchError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(FetchError::SchemeRefused { url: redacted(url) });
        }
        let named = (host_of_url(url), port_of_url(url));
        if self.allow_private.contains(&named) {
            return Ok(&self.own);
        }
        let (host, port) = named;
        // The connector asks no resolver for literal addresses, and resolvers differ about `localhost.`.
        let literal = match url.host() {
            Some(Host::Ipv4(ip)) => Some(IpAddr::V4(ip)),
            Some(Host::Ipv6(ip)) => Some(IpAddr::V6(ip)),
            Some(Host::Domain(name)) => loopback_address(name),
            None => None,
        };
        match literal.and_then(|ip| Some((ip, public_address::private_reason(ip)?))) {
            Some((ip, kind)) => Err(FetchError::PrivateAddress { host, port, ip, kind }),
            None => Ok(&self.public),
        }
    }

    async fn read_fresh_response(
        &self,
        response: Response,
        status: u16,
        (trail, freshness): (RedirectChain, Freshness),
        clock: &mut RequestDeadline,
    ) -> Result<FetchResponse, FetchError> {
        let headers = response.headers();
        let content_type = headers.get(CONTENT_TYPE);
        let content_type =
            content_type.map(|said| String::from_utf8_lossy(said.as_bytes()).into_owned());
        let given = response_validators(headers, trail.current());
        let links = link_headers(headers);
        let (DecompressedBody { bytes, wire_bytes, truncated: cut }, room) =
            self.read_body(response, clock).await?;
        let (url, hops) = trail.into_parts();
        // RFC 9111 section 3.3: what is incomplete must not be confirmed by a later 304.
        let validators = given.filter(|_| matches!(status, 200 | IM_USED) && cut.is_none());
        let document = Document { bytes, content_type, url: Some(url) };
        Ok(FetchResponse::Fresh {
            document,
            validators,
            freshness,
            status,
            hops,
            links,
            wire_bytes,
            cut,
            room,
        })
    }
}

/// What both ways have in common. Content codings are undone by `body`, not by the client. Mangled
/// header lines are passed over: PHP warnings and old servers put them there, above a good feed.
fn client_builder(roots: &[Certificate]) -> ClientBuilder {
    reqwest::Client::builder()
        .redirect(Policy::none())
        .referer(false)
        .tls_certs_merge(roots.iter().cloned())
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .http2_max_header_list_size(HTTP2_HEAD_BYTES)
        .http1_ignore_invalid_headers_in_responses(true)
        .http1_allow_spaces_after_header_name_in_responses(true)
        .http1_allow_obsolete_multiline_headers_in_responses(true)
        .no_gzip()
        .no_deflate()
        .no_brotli()
        .no_zstd()
}

/// The client would pass over a proxy that it does not understand, and go directly.
fn checked_proxy(url: &Url) -> Result<reqwest::Proxy, FetchError> {
    let address = redacted(url);
    let setup = |why: String| FetchError::Setup { reason: format!("the proxy {address} {why}") };
    if !matches!(url.scheme(), "http" | "https") {
        return Err(setup("is refused: expected http or https".to_owned()));
    }
    reqwest::Proxy::all(url.clone())
        .map_err(|error| setup(format!("is wrong: {}", error_chain(&error))))
}

/// The address of a name that means this machine without asking anybody (RFC 6761 section 6.3).
fn loopback_address(name: &str) -> Option<IpAddr> {
    let name = name.trim_end_matches('.');
    let is_local = name == "localhost" || name.ends_with(".localhost");
    is_local.then_some(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST))
}

async fn send_request(
    way: &FetchRoute,
    url: &Url,
    headers: HeaderMap,
    clock: &RequestDeadline,
) -> Result<Response, FetchError> {
    let response = way.send(url, headers, clock).await?;
    receive::check_head_size(response.headers(), url)?;
    Ok(response)
}

/// Whether an answer holds only the entries that are new since: some servers say so with 200 (RFC 3229
/// section 10.5.2: `IM` names what was done, which must be what was asked for).
fn is_delta_response(response: &Response) -> bool {
    let done = response.headers().get(IM).map(|done| done.as_bytes().trim_ascii());
    matches!(response.status().as_u16(), 200 | IM_USED)
        && done.is_some_and(|done| done.eq_ignore_ascii_case(b"feed"))
}

/// Everything but a 2xx with a document. 204 and 205 have none; 206 and 226 have a part of one that
/// nobody asked for.
fn check_status(response: &Response, url: &Url, freshness: Freshness) -> Result<(), FetchError> {
    let code = response.status().as_u16();
    let reason = Waf::detect(response.headers());
    let has_document = matches!(code, 200..=299) && !matches!(code, 204 | 205 | 206 | 226);
    if has_document && reason.is_none() {
        return Ok(());
    }
    Err(FetchError::Status { code, url: redacted(url), reason, freshness })
}

/// 304: the validators that were sent hold, as far as the answer does not renew them (RFC 9111
/// section 4.3.4).
fn not_modified_response(
    response: &Response,
    trail: RedirectChain,
    given: Option<&Validators>,
    freshness: Freshness,
) -> Result<FetchResponse, FetchError> {
    let Some(given) = given else {
        return Err(FetchError::UnexpectedNotModified { url: redacted(trail.current()) });
    };
    let renewed =
        response_validators(response.headers(), trail.current()).map(|renewed| Validators {
            etag: renewed.etag.or_else(|| given.etag.clone()),
            last_modified: renewed.last_modified.or_else(|| given.last_modified.clone()),
            url: renewed.url,
        });
    let validators = renewed.filter(|renewed| renewed != given);
    Ok(FetchResponse::NotModified { validators, freshness, hops: trail.into_parts().1 })
}

/// What an answer of `url` gave to ask again with; `None`: nothing that could be sent back.
fn response_validators(headers: &HeaderMap, url: &Url) -> Option<Validators> {
    let bytes =
        |name| headers.get(name).map(HeaderValue::as_bytes).filter(|said| can_echo_validator(said));
    let (etag, last_modified) = (bytes(ETAG), bytes(LAST_MODIFIED));
    (etag.is_some() || last_modified.is_some()).then(|| Validators {
        etag: etag.map(<[u8]>::to_vec),
        last_modified: last_modified.map(<[u8]>::to_vec),
        url: url.as_str().to_owned(),
    })
}

/// `Link` headers that are kept, and the longest of them in bytes: some sites list all their scripts.
const MAX_LINKS: usize = 8;
const MAX_LINK_BYTES: usize = 8 * 1024;

fn link_headers(headers: &HeaderMap) -> Vec<String> {
    let said = headers.get_all(LINK).iter().map(HeaderValue::as_bytes);
    let short = said.filter(|said| said.len() <= MAX_LINK_BYTES).take(MAX_LINKS);
    short.map(|said| String::from_utf8_lossy(said).into_owned()).collect()
}

fn header_text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
