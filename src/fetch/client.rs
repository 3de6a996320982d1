//! A request → a response: through the host's queue and over redirects, within its time.
//!
//! There are two routes, each with its own connections. The public route refuses addresses that are
//! not public, literal or resolved. The other resolves freely and is used only for a host *and port*
//! that the operator allowed: a host that is allowed on one port is refused on another, and a
//! connection of one route is never used by the other.

mod fetch_route;
mod interim_guard;
mod post;
mod receive;
mod trusted_roots;

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
use reqwest::{ClientBuilder, Response};
use url::{Host, Url};

use super::body::DecompressedBody;
use super::deadline::RequestDeadline;
use super::fetch_error::{FetchError, error_chain, redacted, server_of_url};
use super::host_queue::HostQueues;
use super::memory_budget::LargeDocBudget;
use super::redirect_chain::{RedirectChain, is_redirect};
use super::request_headers::{A_IM, RequestHeaders, can_echo_validator};
use super::resolve::PublicOnlyResolver;
use super::timeouts::{CONNECT_TIMEOUT, DEFAULT_TIMEOUTS, IDLE_TIMEOUT, Timeouts};
use super::waf::Waf;
use super::{
    FetchRequest, FetchResponse, FetchSettings, IM_USED, RedirectPolicy, freshness, public_address,
};
use crate::model::Freshness;
use fetch_route::FetchRoute;
use trusted_roots::{HttpVersions, TlsSettings};

pub use post::PostError;

/// Requests at a time to a server of the operator's own: not out of courtesy, only as a limit. A stuck
/// server with many feeds does not block the others.
const PER_OWN_SERVER: usize = 64;
/// Cap on the head of an HTTP/2 response, in bytes. The cap for HTTP/1 is set in hyper: 100 headers, 400 KB.
const HTTP2_HEAD_BYTES: u32 = 64 * 1024;

/// The HTTP client of the daemon: one for all requests, shared.
pub struct Client {
    public: FetchRoute,
    own: FetchRoute,
    allow_private: BTreeSet<(String, u16)>,
    user_agent: HeaderValue,
    max_bytes: usize,
    timeout: Duration,
    silence: Duration,
    memory_budget: LargeDocBudget,
    received_bytes: Counter,
}

/// The manipulation that was applied to a document before it was sent (RFC 3229 section 10.5.2).
const IM: HeaderName = HeaderName::from_static("im");

impl Client {
    /// Sets up the client. It trusts the certificate authorities of the system and of Mozilla.
    ///
    /// # Errors
    /// `FetchError::Setup` when a setting cannot be used.
    pub fn new(settings: &FetchSettings) -> Result<Self, FetchError> {
        Self::with_timeouts(settings, DEFAULT_TIMEOUTS)
    }

    pub(super) fn with_timeouts(
        settings: &FetchSettings,
        timeouts: Timeouts,
    ) -> Result<Self, FetchError> {
        let setup = |reason: String| FetchError::Setup { reason };
        let user_agent = HeaderValue::from_str(&settings.user_agent).map_err(|_| {
            setup(format!("no header can hold the user agent {:?}", settings.user_agent))
        })?;
        let tls = TlsSettings::new().map_err(|error| setup(error.to_string()))?;
        let proxy = settings.proxy.as_ref().map(checked_proxy).transpose()?;
        let own_tls = tls.clone();
        let own = move |versions| client_builder(&own_tls, versions).no_proxy();
        let public = move |versions| match &proxy {
            Some(proxy) => client_builder(&tls, versions).proxy(proxy.clone()),
            None => client_builder(&tls, versions).no_proxy().dns_resolver(PublicOnlyResolver),
        };
        let queues = HostQueues::new(settings.per_host, timeouts.gap);
        Ok(Self {
            public: FetchRoute::new(public, queues, Some(Arc::default()))?
                .behind_proxy(settings.proxy.is_some()),
            own: FetchRoute::new(own, HostQueues::new(PER_OWN_SERVER, Duration::ZERO), None)?,
            allow_private: settings.allow_private.clone(),
            user_agent,
            max_bytes: usize::try_from(settings.max_bytes).unwrap_or(usize::MAX),
            timeout: settings.timeout,
            silence: timeouts.silence,
            memory_budget: LargeDocBudget::default(),
            received_bytes: Counter::default(),
        })
    }

    /// The same client, which counts the bytes of every body as they come over the wire, including bodies
    /// that are cut or refused.
    #[must_use]
    pub fn with_byte_counter(mut self, received_bytes: Counter) -> Self {
        self.received_bytes = received_bytes;
        self
    }

    /// The same client, which takes over the backoff of hosts, the memory budget and the byte counter of
    /// `before`.
    #[must_use]
    pub fn inherit_backoff_from(mut self, before: &Self) -> Self {
        self.received_bytes = before.received_bytes.clone();
        self.memory_budget = before.memory_budget.clone();
        self.public.backoff.clone_from(&before.public.backoff);
        self
    }

    /// Sends no request to `url` for `seconds`, nor to its host as `host_backoff` describes, as a server
    /// requested before this client existed. Does not apply to the operator's own hosts.
    pub fn set_backoff(&self, url: &Url, seconds: u64) {
        if let Ok(FetchRoute { backoff: Some(backoff), .. }) = self.route_to(url) {
            backoff.set(url, seconds);
        }
    }

    /// How long `set_backoff` or a response of the host still forbids a request to `url`; `None`: it does not.
    pub fn remaining_backoff(&self, url: &Url) -> Option<Duration> {
        self.route_to(url).ok()?.backoff.as_ref()?.remaining(url)
    }

    /// Sends the request, follows redirects and returns the document; dates in headers are compared with
    /// `now`. It first waits in the queue of the host, for as long as that takes.
    ///
    /// # Errors
    /// Every `FetchError` but `Setup` and `File`.
    pub async fn get(
        &self,
        request: &FetchRequest<'_>,
        now: Timestamp,
    ) -> Result<FetchResponse, FetchError> {
        let request_headers = RequestHeaders::new(&self.own.http, request, &self.user_agent)?;
        let mut chain = RedirectChain::new(request.url);
        let mut deadline = RequestDeadline::new(self.timeout, self.silence);
        let mut requested_wait = None;
        loop {
            let route = self.route_to(chain.current())?;
            // Released before the request waits for the next hop's permit: no request holds one host while it
            // waits for another.
            let _permit = route.acquire_permit(chain.current()).await?;
            deadline.resume();
            let (headers, is_conditional) = request_headers.for_hop(chain.current());
            let accepts_delta = headers.contains_key(A_IM);
            let response = send_request(route, chain.current(), headers, &deadline).await?;
            let status = response.status().as_u16();
            let mut allowed = freshness::parse_freshness(response.headers(), now);
            allowed.retry_after_seconds = allowed.retry_after_seconds.or(requested_wait);
            if is_redirect(status) {
                let location = response.headers().get(LOCATION);
                chain.follow(status, location.map(HeaderValue::as_bytes))?;
                if request.follow == RedirectPolicy::Refuse {
                    return Err(FetchError::RedirectRefused { to: chain.into_parts().0 });
                }
                requested_wait = allowed.retry_after_seconds;
                deadline.pause();
                continue;
            }
            if status == 304 {
                let given = request.validators.filter(|_| is_conditional);
                return not_modified_response(&response, chain, given, allowed);
            }
            route.apply_backoff(chain.current(), status, allowed);
            if accepts_delta && is_delta_response(&response) {
                return self
                    .read_fresh_response(response, IM_USED, (chain, allowed), &mut deadline)
                    .await;
            }
            check_status(&response, chain.current(), allowed)?;
            return self
                .read_fresh_response(response, status, (chain, allowed), &mut deadline)
                .await;
        }
    }

    /// The route to an address, if a request may go there at all.
    fn route_to(&self, url: &Url) -> Result<&FetchRoute, FetchError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(FetchError::SchemeRefused { url: redacted(url) });
        }
        let host_and_port = server_of_url(url);
        if self.allow_private.contains(&host_and_port) {
            return Ok(&self.own);
        }
        let (host, port) = host_and_port;
        // The connector does not resolve literal addresses, and resolvers differ about `localhost.`.
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
        (chain, freshness): (RedirectChain, Freshness),
        deadline: &mut RequestDeadline,
    ) -> Result<FetchResponse, FetchError> {
        let headers = response.headers();
        let content_type = headers.get(CONTENT_TYPE);
        let content_type =
            content_type.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        let given = response_validators(headers, chain.current());
        let links = link_headers(headers);
        let (DecompressedBody { bytes, wire_bytes, truncated: cut }, room) =
            self.read_body(response, deadline).await?;
        let (url, hops) = chain.into_parts();
        // RFC 9111 section 3.3: an incomplete document must not be confirmed by a later 304.
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

/// What both routes have in common. Content codings are decoded by `body`, not by the client. Mangled
/// header lines are skipped: PHP warnings and old servers put them there, above a good feed.
fn client_builder(tls: &TlsSettings, versions: HttpVersions) -> ClientBuilder {
    let builder = reqwest::Client::builder()
        .redirect(Policy::none())
        .referer(false)
        .tls_backend_preconfigured(tls.for_versions(versions))
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .http2_max_header_list_size(HTTP2_HEAD_BYTES)
        .http1_ignore_invalid_headers_in_responses(true)
        .http1_allow_spaces_after_header_name_in_responses(true)
        .http1_allow_obsolete_multiline_headers_in_responses(true)
        .no_gzip()
        .no_deflate()
        .no_brotli()
        .no_zstd();
    match versions {
        HttpVersions::All => builder,
        HttpVersions::One => builder.http1_only(),
    }
}

/// The client would silently skip a proxy that it does not understand, and connect directly.
fn checked_proxy(url: &Url) -> Result<reqwest::Proxy, FetchError> {
    let address = redacted(url);
    let setup = |why: String| FetchError::Setup { reason: format!("the proxy {address} {why}") };
    if !matches!(url.scheme(), "http" | "https") {
        return Err(setup("is refused: expected http or https".to_owned()));
    }
    reqwest::Proxy::all(url.clone())
        .map_err(|error| setup(format!("is wrong: {}", error_chain(&error))))
}

/// The address of a name that means this machine without DNS (RFC 6761 section 6.3).
fn loopback_address(name: &str) -> Option<IpAddr> {
    let name = name.trim_end_matches('.');
    let is_local = name == "localhost" || name.ends_with(".localhost");
    is_local.then_some(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST))
}

async fn send_request(
    route: &FetchRoute,
    url: &Url,
    headers: HeaderMap,
    deadline: &RequestDeadline,
) -> Result<Response, FetchError> {
    let response = route.send(url, headers, deadline).await?;
    receive::check_head_size(response.headers(), url)?;
    Ok(response)
}

/// Whether a response holds only the entries that are new since: some servers send that with 200 (RFC 3229
/// section 10.5.2: `IM` names the manipulation, which must be the requested one).
fn is_delta_response(response: &Response) -> bool {
    let manipulation =
        response.headers().get(IM).map(|manipulation| manipulation.as_bytes().trim_ascii());
    matches!(response.status().as_u16(), 200 | IM_USED)
        && manipulation.is_some_and(|manipulation| manipulation.eq_ignore_ascii_case(b"feed"))
}

/// An error for everything but a 2xx with a document. 204 and 205 have none; 206 and 226 have a part that
/// was not requested.
fn check_status(response: &Response, url: &Url, freshness: Freshness) -> Result<(), FetchError> {
    let code = response.status().as_u16();
    let reason = Waf::detect(response.headers());
    let has_document = matches!(code, 200..=299) && !matches!(code, 204 | 205 | 206 | 226);
    if has_document && reason.is_none() {
        return Ok(());
    }
    Err(FetchError::Status { code, url: redacted(url), reason, freshness })
}

/// 304: the validators that were sent stay valid, unless the response renews them (RFC 9111 section
/// 4.3.4).
fn not_modified_response(
    response: &Response,
    chain: RedirectChain,
    given: Option<&Validators>,
    freshness: Freshness,
) -> Result<FetchResponse, FetchError> {
    let Some(given) = given else {
        return Err(FetchError::UnexpectedNotModified { url: redacted(chain.current()) });
    };
    let renewed =
        response_validators(response.headers(), chain.current()).map(|renewed| Validators {
            etag: renewed.etag.or_else(|| given.etag.clone()),
            last_modified: renewed.last_modified.or_else(|| given.last_modified.clone()),
            url: renewed.url,
        });
    let validators = renewed.filter(|renewed| renewed != given);
    Ok(FetchResponse::NotModified { validators, freshness, hops: chain.into_parts().1 })
}

/// The validators of a response of `url`; `None`: none could be sent back.
fn response_validators(headers: &HeaderMap, url: &Url) -> Option<Validators> {
    let bytes = |name| {
        headers.get(name).map(HeaderValue::as_bytes).filter(|value| can_echo_validator(value))
    };
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
    let values = headers.get_all(LINK).iter().map(HeaderValue::as_bytes);
    let short = values.filter(|value| value.len() <= MAX_LINK_BYTES).take(MAX_LINKS);
    short.map(|value| String::from_utf8_lossy(value).into_owned()).collect()
}
