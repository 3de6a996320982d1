//! A `Subscription`: what is remembered of one source's WebSub subscription at one hub.

use std::fmt;

use jiff::Timestamp;

use crate::model::SourceId;

/// A word that only we and the hub may know. Its `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Secret(String);

impl Secret {
    /// Takes a word; who calls vouches that it cannot be guessed.
    pub fn new(word: impl Into<String>) -> Self {
        Self(word.into())
    }

    /// The word itself: for requests to the hub and for the disk, never for logs and outputs.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What a publisher says about pushes: the feed's name at the hubs, and the hubs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HubOffer {
    /// The address under which hubs know the feed; absolute `http(s)`.
    pub topic: String,
    /// The hubs, at least one; absolute `http(s)`. One of them is enough.
    pub hubs: Vec<String>,
}

/// What a hub is asked for (W3C WebSub section 5.1, `hub.mode`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HubMode {
    /// To bring what is new, or to go on doing so.
    Subscribe,
    /// To bring nothing any more.
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

/// A request to the hub, which it verifies with us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PendingRequest {
    /// What was asked for.
    pub mode: HubMode,
    /// When.
    pub at: Timestamp,
}

/// Where a subscription stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubscriptionState {
    /// Wanted, and never verified by the hub yet.
    Wanted,
    /// Verified: the hub brings what is new until then.
    Active {
        /// The end of the lease.
        until: Timestamp,
    },
    /// The lease ran out; it is asked for again.
    Expired,
    /// The hub said no; it is asked again after days.
    Denied,
    /// Not wanted any more: the hub is asked to end it.
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
    /// The source whose entries it brings.
    pub source: SourceId,
    /// The feed's name at the hub.
    pub topic: String,
    /// The hub.
    pub hub: String,
    /// Our public base address when it was made: the hub calls back below it.
    pub base: String,
    /// The last part of the callback's address: at least 128 random bits.
    pub token: Secret,
    /// The key of the pushes' signatures: at least 128 random bits, less than 200 bytes of text.
    pub secret: Secret,
    /// Where it stands.
    pub state: SubscriptionState,
    /// The last request to the hub; `None`: none yet.
    pub pending_request: Option<PendingRequest>,
    /// Requests since the hub last verified one.
    pub attempts: u32,
    /// When the hub is asked next: for the first time, again, or to renew the lease.
    pub next_at: Timestamp,
    /// What the hub (or the way to it) said against it, one short line; `None`: nothing since the
    /// last verification.
    pub last_error: Option<String>,
    /// When it was made.
    pub made_at: Timestamp,
    /// The last push that was signed and read; `None`: none yet.
    pub pushed_at: Option<Timestamp>,
    /// Whether the source is polled rarely: a push came, and no poll since has found anything that
    /// should have been pushed.
    pub is_trusted: bool,
}
