//! A source's address → a `Document`, or an error that says why not.
//!
//! | file | turns |
//! | --- | --- |
//! | `client` | a request → a response, over its redirects and within its time |
//! | `timeouts` | the waits that have no setting |
//! | `deadline` | the time for a request → what is left of it |
//! | `client/post` | a form → a hub accepts it, or the reason why not |
//! | `request_headers` | what to request → the headers of the request |
//! | `redirect_chain` | a redirect → the next address |
//! | `public_address` | an IP address → whether it is public |
//! | `resolve` | a name → addresses, all of them public |
//! | `host_queue` | requests → a few at a time to one host |
//! | `host_backoff` | "too many requests" → how long an address and its whole host get no request |
//! | `client/fetch_route` | a request → its response over one route, on a new connection if a used one was closed |
//! | `client/interim_guard` | a request to an untrusted server → its response, with a limit to interim ones |
//! | `client/trusted_roots` | the certificate authorities of the system and of Mozilla → whether a server is trusted |
//! | `client/receive` | a response → its document's bytes, within its time |
//! | `memory_budget` | large documents → a few in memory at a time |
//! | `body` | a compressed body → the document's bytes, capped |
//! | `body/decoder` | a content coding → its decoder |
//! | `freshness` | the headers of a response → when to come back |
//! | `local_file` | a file → a `Document` |
//! | `waf` | the headers of a response → the service that sent it instead of the server |
//! | `fetch_error` | what went wrong → one error with its details |
//!
//! No request goes to an address that is not public, on any hop, unless the operator allowed its host and
//! port. A failed request is not repeated, unless a used connection was closed before anything of a
//! response arrived: when to retry is the schedule's task. Between two requests only open connections and
//! the backoff of hosts are remembered.

mod body;
mod client;
mod deadline;
mod fetch_error;
mod freshness;
mod host_backoff;
mod host_queue;
mod local_file;
mod memory_budget;
mod public_address;
mod redirect_chain;
mod request_headers;
mod resolve;
mod timeouts;
mod waf;

use std::collections::BTreeSet;
use std::time::Duration;

use rafid_feed::model::{Document, Validators};
use url::Url;

use crate::model::Freshness;

pub use crate::model::FollowedRedirect;
pub use client::{Client, PostError};
pub use fetch_error::{FetchError, TimeoutPhase, server_of_url};
pub use local_file::{file_modified_at, read_file};
pub use memory_budget::{LARGE_BYTES, LargeDocPermit};
pub use waf::Waf;

/// How to fetch. It has no `Debug`: the proxy's address may hold a password.
#[derive(Clone, PartialEq, Eq)]
pub struct FetchSettings {
    /// The whole `User-Agent`, contact included; see `user_agent`.
    pub user_agent: String,
    /// For a whole request, redirects included; waiting in the host's queue does not count.
    pub timeout: Duration,
    /// The largest document in bytes, both compressed and decompressed.
    pub max_bytes: u64,
    /// Requests at a time to one public host (at least one; two is usual). Hosts in `allow_private` are the
    /// operator's own machines and take more.
    pub per_host: usize,
    /// Hosts (lower case, IPv6 without brackets) and ports that may be requested though they are not
    /// public. They are requested directly, whatever `proxy` says.
    pub allow_private: BTreeSet<(String, u16)>,
    /// An `http` or `https` proxy, with its user-info. It resolves the names, so only addresses that
    /// are literally private are refused; which names it may reach is its own task. `None`: no proxy,
    /// whatever the environment says.
    pub proxy: Option<Url>,
}

/// The kind of document that is preferred.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Accept {
    /// A feed.
    #[default]
    Feed,
    /// A page that may name feeds.
    Page,
    /// A list of feeds.
    List,
    /// A picture.
    Picture,
}

/// What happens with redirects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RedirectPolicy {
    /// They are followed, at most ten in a row.
    #[default]
    All,
    /// They are an error that names the target (`FetchError::RedirectRefused`).
    Refuse,
}

/// What to request. It has no `Debug`: the headers may hold secrets.
#[derive(Clone, Copy)]
pub struct FetchRequest<'a> {
    /// The address. User-info becomes `Authorization`.
    pub url: &'a Url,
    /// The validators of the last good response; sent only to the address that gave them. `None`: the
    /// request is unconditional.
    pub validators: Option<&'a Validators>,
    /// The source's own headers (name, value): they replace ours of the same name, and are sent only to
    /// the origin of `url`.
    pub headers: &'a [(String, String)],
    /// Sent instead of the program's own `User-Agent`.
    pub user_agent: Option<&'a str>,
    /// The kind of document that is preferred.
    pub accept: Accept,
    /// What happens with redirects.
    pub follow: RedirectPolicy,
}

impl<'a> FetchRequest<'a> {
    /// A plain request for a feed.
    pub fn new(url: &'a Url) -> Self {
        Self {
            url,
            validators: None,
            headers: &[],
            user_agent: None,
            accept: Accept::Feed,
            follow: RedirectPolicy::All,
        }
    }
}

/// RFC 3229 section 10.4.1: "IM Used", here for a feed that holds only new entries.
pub const IM_USED: u16 = 226;

/// A good response.
#[expect(clippy::large_enum_variant, reason = "there is one for each poll under way")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FetchResponse {
    /// There is a document.
    Fresh {
        /// Its bytes, its `Content-Type` and the address that responded.
        document: Document,
        /// For the next request, once the document was read and its entries are stored. `None`: the server
        /// gave none, or they cannot be trusted (a cut body, a status other than 200 and `IM_USED`); older
        /// ones must be dropped.
        validators: Option<Validators>,
        /// What the headers allow.
        freshness: Freshness,
        /// 200, or another 2xx with a document. `IM_USED`: it holds only the entries that are new since
        /// the validators that were sent.
        status: u16,
        /// The redirects that led to it.
        hops: Vec<FollowedRedirect>,
        /// Its `Link` headers, at most eight of at most 8 KiB, as they came.
        links: Vec<String>,
        /// Bytes of the body on the wire.
        wire_bytes: u64,
        /// Why the body ended early; the document holds what came. `None`: it is complete.
        cut: Option<String>,
        /// The permit for its memory, to be held until the document was read and stored.
        room: LargeDocPermit,
    },
    /// The document has not changed (304).
    NotModified {
        /// The validators for the next request, if the response renewed them. `None`: those that were sent
        /// stay valid.
        validators: Option<Validators>,
        /// What the headers allow.
        freshness: Freshness,
        /// The redirects that led to it.
        hops: Vec<FollowedRedirect>,
    },
}

/// One name for all requests: `Rafid/0.1.0 (+https://news.example/about; feed aggregator)`.
///
/// `contact` is an address of a page or of a mailbox where the operator can be reached (RFC 9110
/// section 10.1.5); characters that cannot stand in such a comment are left out.
pub fn user_agent(version: &str, contact: Option<&str>) -> String {
    let fits = |c: &char| c.is_ascii_graphic() && !matches!(c, '(' | ')' | '\\');
    let contact: String = contact.unwrap_or_default().chars().filter(fits).collect();
    if contact.is_empty() {
        format!("Rafid/{version} (feed aggregator)")
    } else {
        format!("Rafid/{version} (+{contact}; feed aggregator)")
    }
}

#[cfg(test)]
pub(crate) mod test_server;
#[cfg(test)]
mod tests;
