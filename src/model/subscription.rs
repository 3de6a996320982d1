//! `Subscription`: what is stored about one source's WebSub subscription at one hub.

use std::fmt;

use jiff::Timestamp;

use crate::model::SourceId;

/// A word that only the program and the hub know. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Secret(String);

impl Secret {
    /// Wraps a word; the caller guarantees that it cannot be guessed.
    pub fn new(word: impl Into<String>) -> Self {
        Self(word.into())
    }

    /// The word itself: for requests to the hub and for the store, never for logs and outputs.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The hubs that a feed names, and the feed's topic there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HubOffer {
    /// The topic: the address by which hubs know the feed; absolute `http(s)`.
    pub topic: String,
    /// The hubs, at least one; absolute `http(s)`. Subscribing at one of them is enough.
    pub hubs: Vec<String>,
}

/// What is requested from a hub (W3C WebSub section 5.1, `hub.mode`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HubMode {
    /// To start or to renew a subscription.
    Subscribe,
    /// To end a subscription.
    Unsubscribe,
}

impl HubMode {
    /// The word of the protocol.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Subscribe => "subscribe",
            Self::Unsubscribe => "unsubscribe",
        }
    }
}

/// A request to the hub that the hub has not verified yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PendingRequest {
    /// What was requested.
    pub mode: HubMode,
    /// When it was sent.
    pub at: Timestamp,
}

/// The state of a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubscriptionState {
    /// Requested, but not verified by the hub yet.
    Wanted,
    /// Verified: the hub pushes new entries.
    Active {
        /// The end of the lease.
        until: Timestamp,
    },
    /// The lease ended; it is requested again.
    Expired,
    /// The hub denied it; it is requested again after days.
    Denied,
    /// No longer needed: the hub is requested to end it.
    Leaving,
}

impl SubscriptionState {
    /// A stable word for machines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Wanted => "wanted",
            Self::Active { .. } => "active",
            Self::Expired => "expired",
            Self::Denied => "denied",
            Self::Leaving => "leaving",
        }
    }
}

/// One source's subscription at one hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// The source whose entries are pushed.
    pub source: SourceId,
    /// The feed's topic at the hub.
    pub topic: String,
    /// The hub.
    pub hub: String,
    /// The public base address when the subscription was created: the callback is below it.
    pub base: String,
    /// The last part of the callback's path: at least 128 random bits.
    pub token: Secret,
    /// The key of the pushes' signatures: at least 128 random bits, less than 200 bytes of text.
    pub secret: Secret,
    /// Its state.
    pub state: SubscriptionState,
    /// The last request to the hub, until it is verified; `None`: none is open.
    pub pending_request: Option<PendingRequest>,
    /// The number of requests since the hub last verified one.
    pub attempts: u32,
    /// When the next request is due: the first one, a retry, or the renewal of the lease.
    pub next_at: Timestamp,
    /// The last error of the hub or of the connection to it, in one short line; `None`: none since the
    /// last verification.
    pub last_error: Option<String>,
    /// When it was created.
    pub made_at: Timestamp,
    /// The last push that was signed and read; `None`: there was none yet.
    pub pushed_at: Option<Timestamp>,
    /// Whether the source is polled rarely: a push came, and no poll since then has found an entry that
    /// should have been pushed.
    pub is_trusted: bool,
}
