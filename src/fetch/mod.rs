//! A source's address → a `Document`, or why there is none.
//!
//! | file | turns |
//! | --- | --- |
//! | `client` | a request → an answer, over its redirects and within its time |
//! | `clock` | the time for a request → what is left of it |
//! | `client/post` | a form → a hub's yes, or why not |
//! | `head` | what to ask for → the head of a request |
//! | `redirect` | a redirect → the next address |
//! | `address` | an IP address → whether it is in public |
//! | `resolve` | a name → addresses, all of them in public |
//! | `turns` | requests → so many at a time to one host |
//! | `rests` | "too many requests" → how long an address and its whole host are left alone |
//! | `client/way` | a request → its answer over one way out, on a new connection where a used one was closed |
//! | `client/guard` | a request to who is not trusted → its answer, with an end to interim ones |
//! | `client/receive` | an answer → its document's bytes, within its time |
//! | `room` | large documents → so many in memory at a time |
//! | `body` | a packed body → the document's bytes, capped |
//! | `freshness` | an answer's headers → when to come back |
//! | `file` | a file → a `Document` |
//! | `blocked` | an answer's headers → who sent it instead of the server |
//! | `error` | what went wrong → one error with its facts |
//!
//! No address that is not in public is asked, on any hop, unless the operator named its host and
//! port. A request that failed is not repeated, unless a used connection was closed before anything of an
//! answer came: when to ask again is the schedule's task. Nothing is remembered between two requests but
//! open connections and which hosts want rest.

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
mod waf;

use std::collections::BTreeSet;
use std::time::Duration;

use rafid_feed::model::{Document, Validators};
use url::Url;

use crate::model::Freshness;

pub use crate::model::FollowedRedirect;
pub use client::{Client, PostError};
pub use fetch_error::{FetchError, TimeoutPhase};
pub use local_file::{file_modified_at, read_file};
pub use memory_budget::{LARGE_BYTES, LargeDocPermit};
pub use waf::Waf;

/// How to fetch. It has no `Debug`: the proxy's address may hold a password.
#[derive(Clone)]
pub struct FetchSettings {
    /// The whole `User-Agent`, contact included; see `user_agent`.
    pub user_agent: String,
    /// For a whole request, redirects included; waiting for a turn is not counted.
    pub timeout: Duration,
    /// The largest document, unpacked or on the wire, in bytes.
    pub max_bytes: u64,
    /// Requests at a time to one public host (at least one; two is the custom). Hosts in
    /// `allow_private` are the operator's own machines and take more.
    pub per_host: usize,
    /// Hosts (lower case, IPv6 without brackets) and ports that may be asked though they are not in
    /// public. They are asked directly, whatever `proxy` says.
    pub allow_private: BTreeSet<(String, u16)>,
    /// An `http` or `https` proxy, with its user-info. It resolves the names, so only addresses that
    /// are literally private are refused; what names it may reach is its own task. `None`: no proxy,
    /// whatever the environment says.
    pub proxy: Option<Url>,
}

/// What to ask for first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Accept {
    /// A feed.
    #[default]
    Feed,
    /// A page that may name feeds.
    Page,
}

/// What is done about redirects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RedirectPolicy {
    /// They are followed, at most ten in a row.
    #[default]
    All,
    /// They are an error that says where they lead (`FetchError::Elsewhere`).
    Refuse,
}

/// What to ask. It has no `Debug`: the headers may hold secrets.
#[derive(Clone, Copy)]
pub struct FetchRequest<'a> {
    /// The address. User-info becomes `Authorization`.
    pub url: &'a Url,
    /// What the last good answer gave; sent only to the address that gave them. `None`: ask without
    /// a condition.
    pub validators: Option<&'a Validators>,
    /// The source's own headers (name, value): they replace ours of that name, and are sent only to
    /// the origin of `url`.
    pub headers: &'a [(String, String)],
    /// Sent instead of the program's own `User-Agent`.
    pub user_agent: Option<&'a str>,
    /// What to ask for first.
    pub accept: Accept,
    /// What is done about redirects.
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

/// RFC 3229 section 10.4.1: "IM Used", here with a feed of nothing but new entries.
pub const IM_USED: u16 = 226;

/// A good answer.
#[expect(clippy::large_enum_variant, reason = "there is one for each poll under way")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FetchResponse {
    /// There is a document.
    Fresh {
        /// Its bytes, its `Content-Type` and the address that answered.
        document: Document,
        /// To ask again with, once the document was read and its entries are kept. `None`: the
        /// server gave none, or may not be believed (a cut body, a status other than 200 and `PART`): any older
        /// ones are to be dropped.
        validators: Option<Validators>,
        /// What the headers allow.
        freshness: Freshness,
        /// 200, or another 2xx that came with a document. `PART`: it holds only the entries that are
        /// new since the validators that were sent.
        status: u16,
        /// The redirects that led to it.
        hops: Vec<FollowedRedirect>,
        /// Its `Link` headers, at most eight of at most 8 KiB, as they came.
        links: Vec<String>,
        /// Bytes of the body on the wire.
        wire_bytes: u64,
        /// Why the body ended before its end; the document holds what came. `None`: it is whole.
        cut: Option<String>,
        /// Its room in memory, to be held until it was read and kept.
        room: LargeDocPermit,
    },
    /// The document is as it was (304).
    NotModified {
        /// To ask with from now on, where the answer renewed them. `None`: those that were sent hold.
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
