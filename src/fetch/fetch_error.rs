//! What went wrong while fetching → one error with its details, for the operator and the schedule.
//!
//! The HTTP client wraps reasons in reasons; the whole chain is read, and its layers without information
//! are left out. Addresses are shown without user-info; no message holds a header.

use std::error::Error;
use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use super::resolve::ResolveError;
use super::timeouts::CONNECT_TIMEOUT;
use super::waf::Waf;
use crate::model::{Freshness, PublicUrl};

/// Longer addresses are cut when shown: a `Location` header may hold 400 KB.
const MAX_REDACTED_CHARACTERS: usize = 300;

/// Why there is no document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The HTTP client cannot be set up.
    #[error("the HTTP client cannot be set up: {reason}")]
    Setup {
        /// What is wrong with which setting.
        reason: String,
    },
    /// No request can be sent to the address.
    #[error("no request can be sent to {url}: {reason}")]
    BadAddress {
        /// The address, without user-info.
        url: String,
        /// Why.
        reason: String,
    },
    /// The address, of the source or of a redirect, is neither `http` nor `https`.
    #[error("{url} is refused: expected http or https")]
    SchemeRefused {
        /// The address, without user-info.
        url: String,
    },
    /// A header of the source cannot be sent. Its value is not shown: it may be a secret.
    #[error("the header {name:?} cannot be sent: {reason}")]
    BadHeader {
        /// The header's name.
        name: String,
        /// Why.
        reason: &'static str,
    },
    /// The host, of the source or of a redirect, is or resolves to an address that is not public.
    #[error(
        "{host} is refused: {ip} is {kind} (name \"{}\" in `allow_private` to allow it)",
        host_and_port(host, *port)
    )]
    PrivateAddress {
        /// The host, lower case, IPv6 without brackets.
        host: String,
        /// The port of the request.
        port: u16,
        /// The address.
        ip: IpAddr,
        /// What it is: `loopback`, `private`, …
        kind: &'static str,
    },
    /// The host's name was not resolved.
    #[error("the name {host} was not resolved: {reason}")]
    Dns {
        /// The host.
        host: String,
        /// The resolver's message.
        reason: String,
    },
    /// There was no connection.
    #[error("no connection to {host}: {reason}")]
    Connect {
        /// The host.
        host: String,
        /// The whole chain of reasons.
        reason: String,
    },
    /// There was a connection, but no TLS on it.
    #[error("no secure connection to {host}: {reason}")]
    Tls {
        /// The host.
        host: String,
        /// The TLS library's message.
        reason: String,
    },
    /// There was a connection, but no HTTP response.
    #[error("no answer from {host}: {reason}")]
    NoResponse {
        /// The host.
        host: String,
        /// The whole chain of reasons.
        reason: String,
    },
    /// It took too long.
    #[error("gave up after {after:?} while {waiting}")]
    Timeout {
        /// The limit that was reached.
        after: Duration,
        /// What the request was waiting for.
        waiting: TimeoutPhase,
    },
    /// The document is larger than allowed, compressed or decompressed.
    #[error("the document is larger than {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: u64,
    },
    /// The body grows as no text does, so the rest was not decompressed.
    #[error("the document is packed to be larger than any text of its size on the wire")]
    DecompressionBomb,
    /// The redirects did not end.
    #[error("more than {count} redirects")]
    TooManyRedirects {
        /// How many were followed.
        count: usize,
    },
    /// A redirect leads back to an earlier address (some servers send clients without cookies there).
    #[error("the redirects come back to {url}")]
    RedirectLoop {
        /// Where they come back to.
        url: String,
    },
    /// A redirect has no usable target.
    #[error("{url} answered {status} with no address to go to: {reason}")]
    BadRedirect {
        /// The redirect's status.
        status: u16,
        /// The address that responded.
        url: String,
        /// What is wrong with its `Location`.
        reason: String,
    },
    /// A redirect to another address, where redirects are not followed.
    #[error("it leads to {}", redacted(to))]
    RedirectRefused {
        /// The target.
        to: Url,
    },
    /// The server responded without a document.
    #[error("{url} answered {}{}, expected a document", status_text(*code), waf_note(*reason))]
    Status {
        /// The status code.
        code: u16,
        /// The address that responded: after redirects not the source's own address.
        url: String,
        /// The service in front of the server, if it identifies itself.
        reason: Option<Waf>,
        /// What the headers of the response allow.
        freshness: Freshness,
    },
    /// No request was sent: the host requested a pause, in a response to another source.
    #[error("{host} asked to be left alone, for another {left:.0?}")]
    HostBackoff {
        /// The host, lower case, IPv6 without brackets.
        host: String,
        /// For how long.
        left: Duration,
    },
    /// 304 in response to an unconditional request (RFC 9110 section 15.4.5).
    #[error("{url} answered 304 not modified to an unconditional request")]
    UnexpectedNotModified {
        /// The address that responded.
        url: String,
    },
    /// The body broke off before its first byte could be decoded.
    #[error("the body cannot be read: {reason}")]
    Body {
        /// The whole chain of reasons.
        reason: String,
    },
    /// A file cannot be read.
    #[error("{} cannot be read: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}

/// What a request was waiting for when its time was over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeoutPhase {
    /// A connection, name resolution and TLS included.
    Connection,
    /// The head of the response; possibly the connection did not exist yet.
    Response,
    /// More of the body.
    Body,
    /// Other large documents to be finished.
    Memory,
}

impl fmt::Display for TimeoutPhase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connection => "connecting",
            Self::Response => "waiting for an answer",
            Self::Body => "waiting for the rest of the body",
            Self::Memory => "waiting for other large documents to be read",
        })
    }
}

impl FetchError {
    /// The HTTP status of the failure; `None`: it has none.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Status { code, .. } => Some(*code),
            Self::BadRedirect { status, .. } => Some(*status),
            Self::UnexpectedNotModified { .. } => Some(304),
            _ => None,
        }
    }

    /// What the headers of the response allow; nothing if there was no response.
    pub fn freshness(&self) -> Freshness {
        match self {
            Self::Status { freshness, .. } => *freshness,
            // A second more, so that the backoff is over then.
            Self::HostBackoff { left, .. } => Freshness {
                retry_after_seconds: Some(left.as_secs().saturating_add(1)),
                ..Freshness::default()
            },
            _ => Freshness::default(),
        }
    }

    /// Whether no server was reached at all. When that happens to many sources at once, our own network
    /// is down.
    pub fn is_unreachable(&self) -> bool {
        matches!(
            self,
            Self::Dns { .. }
                | Self::Connect { .. }
                | Self::Timeout { waiting: TimeoutPhase::Connection, .. }
        )
    }

    /// Whether a later request fails in the same way: the reason lies in the address, the settings, the redirects or
    /// the size. What a status means is for the caller to decide.
    pub fn is_permanent(&self) -> bool {
        matches!(
            self,
            Self::PrivateAddress { .. }
                | Self::SchemeRefused { .. }
                | Self::BadAddress { .. }
                | Self::BadHeader { .. }
                | Self::BadRedirect { .. }
                | Self::RedirectLoop { .. }
                | Self::TooLarge { .. }
        )
    }

    /// Why a request to `url` got no response.
    pub(super) fn from_request_error(error: &reqwest::Error, url: &Url) -> Self {
        let host = host_of_url(url);
        if let Some(refusal) =
            error_causes(error).find_map(|cause| cause.downcast_ref::<ResolveError>())
        {
            return match refusal {
                ResolveError::Private { ip, kind } => {
                    Self::PrivateAddress { host, port: port_of_url(url), ip: *ip, kind }
                }
                _ => Self::Dns { host, reason: refusal.to_string() },
            };
        }
        let reason = error_chain(error);
        if error.is_builder() {
            Self::BadAddress { url: redacted(url), reason }
        } else if error.is_dns() {
            Self::Dns { host, reason }
        } else if let Some(tls) = error_causes(error).find_map(tls_error) {
            Self::Tls { host, reason: tls_reason(tls) }
        } else if error.is_connect() && error.is_timeout() {
            Self::Timeout { after: CONNECT_TIMEOUT, waiting: TimeoutPhase::Connection }
        } else if error.is_connect() {
            Self::Connect { host, reason }
        } else {
            Self::NoResponse { host, reason }
        }
    }
}

/// The host as messages and `allow_private` write it: lower case, IPv6 without brackets.
pub(super) fn host_of_url(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    host.trim_start_matches('[').trim_end_matches(']').to_owned()
}

/// The host and the port of a request to `url`, as `allow_private` names servers.
pub fn server_of_url(url: &Url) -> (String, u16) {
    (host_of_url(url), port_of_url(url))
}

/// A host of that form with its port, as `allow_private` reads it.
fn host_and_port(host: &str, port: u16) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

/// The port of a request to `url`.
pub(super) fn port_of_url(url: &Url) -> u16 {
    url.port_or_known_default().unwrap_or_default()
}

/// An address for a message: without secrets and fragment, and of limited length.
pub(super) fn redacted(url: &Url) -> String {
    let mut text = PublicUrl::redact(url).to_string();
    if text.len() > MAX_REDACTED_CHARACTERS {
        let end = text
            .char_indices()
            .map(|(at, _)| at)
            .take_while(|at| *at <= MAX_REDACTED_CHARACTERS)
            .last();
        text.truncate(end.unwrap_or(0));
        text.push('…');
    }
    text
}

/// Layers of the HTTP client's errors whose information the next layer repeats better.
const EMPTY_LAYERS: [&str; 5] = [
    "error sending request",
    "error decoding response body",
    "request or response body error",
    "error resolving DNS",
    "client error (",
];

/// The reasons behind an error, from the outermost to the last, in one line.
pub(super) fn error_chain(error: &reqwest::Error) -> String {
    join_reasons(error_causes(error))
}

/// The messages of errors, from the outermost to the last, in one line.
pub(super) fn join_reasons<'a>(causes: impl Iterator<Item = &'a (dyn Error + 'static)>) -> String {
    let mut messages: Vec<String> = Vec::new();
    for cause in causes {
        let message = cause.to_string();
        let is_empty = EMPTY_LAYERS.iter().any(|layer| message.starts_with(layer));
        // Some layers repeat the message of the layer below them.
        let is_repeated = messages.last().is_some_and(|before| before.ends_with(&message));
        if !is_empty && !is_repeated {
            messages.push(message);
        }
    }
    if messages.is_empty() { "no reason given".to_owned() } else { messages.join(": ") }
}

/// The causes of an error; the error itself, which only repeats the address, is left out.
pub(super) fn error_causes<'a>(
    error: &'a reqwest::Error,
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(error.source(), |cause: &&'a (dyn Error + 'static)| (*cause).source())
}

/// TLS errors are wrapped in I/O errors, even twice, which hide them from `source`.
fn tls_error<'a>(cause: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    let inside = |outer: &&'a (dyn Error + 'static)| {
        let inner = outer.downcast_ref::<std::io::Error>()?.get_ref()?;
        Some(inner as &'a (dyn Error + 'static))
    };
    std::iter::successors(Some(cause), inside).find_map(|cause| cause.downcast_ref())
}

fn tls_reason(error: &rustls::Error) -> String {
    use rustls::InvalidMessage::InvalidContentType;
    match error {
        rustls::Error::InvalidMessage(InvalidContentType) => {
            "the server does not speak TLS on this port".to_owned()
        }
        _ => error.to_string(),
    }
}

fn status_text(code: u16) -> String {
    let status = http::StatusCode::from_u16(code).ok();
    match status.and_then(|status| status.canonical_reason()) {
        Some(reason) => format!("{code} {}", reason.to_ascii_lowercase()),
        None => code.to_string(),
    }
}

fn waf_note(waf: Option<Waf>) -> String {
    waf.map_or_else(String::new, |waf| format!(" (a browser challenge of {waf})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_plain() {
        let status = |code, reason| FetchError::Status {
            code,
            url: "http://a.example/feed".to_owned(),
            reason,
            freshness: Freshness::default(),
        };
        let check = |error: FetchError, expected: &str| assert_eq!(error.to_string(), expected);
        check(
            status(404, None),
            "http://a.example/feed answered 404 not found, expected a document",
        );
        check(status(799, None), "http://a.example/feed answered 799, expected a document");
        check(
            status(403, Some(Waf::Cloudflare)),
            "http://a.example/feed answered 403 forbidden (a browser challenge of Cloudflare), \
             expected a document",
        );
        check(
            FetchError::PrivateAddress {
                host: "::1".to_owned(),
                port: 80,
                ip: "::1".parse().unwrap(),
                kind: "loopback",
            },
            "::1 is refused: ::1 is loopback (name \"[::1]:80\" in `allow_private` to allow it)",
        );
        check(
            FetchError::Timeout { after: Duration::from_secs(20), waiting: TimeoutPhase::Body },
            "gave up after 20s while waiting for the rest of the body",
        );
    }

    #[test]
    fn redacted_addresses_hold_no_secrets_and_are_limited() {
        let check = |url: &str, expected: &str| {
            assert_eq!(redacted(&Url::parse(url).unwrap()), expected, "{url}");
        };
        check("https://user:secret@a.example/feed?k=1#top", "https://a.example/feed?k=1");
        check("ftp://user:secret@a.example/", "ftp://a.example/");
        check("https://a.example/feed?token=secret&k=1", "https://a.example/feed?k=1");
        let long =
            redacted(&Url::parse(&format!("http://a.example/{}", "x".repeat(9000))).unwrap());
        assert_eq!(long.chars().count(), MAX_REDACTED_CHARACTERS + 1);
    }
}
