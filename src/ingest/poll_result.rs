//! `PollResult`: what a poll fetched and read, before anything is decided.

use rafid_feed::model::Validators;
use rafid_feed::pipeline::ParsedFeed;

use super::large_documents::ReservedMemory;
use super::update_error::UpdateError;
use crate::decide::lost_feed::RediscoveryResult;
use crate::model::{FailureKind, FollowedRedirect, Freshness, HubOffer};

/// What a poll fetched and read.
#[derive(Debug)]
pub struct PollResult {
    /// The response.
    pub body: PollBody,
    /// HTTP status; 0: there was none (a file, or no response).
    pub status: u16,
    /// What the response's headers allow.
    pub freshness: Freshness,
    /// The redirects that were followed.
    pub hops: Vec<FollowedRedirect>,
    /// The result of the search for a lost feed; `None`: there was no search.
    pub rediscovery: Option<RediscoveryResult>,
}

/// The response to a poll.
#[derive(Debug)]
pub enum PollBody {
    /// A new document.
    Changed {
        /// The document as it was read.
        reading: Box<ParsedFeed>,
        /// For the next conditional request.
        validators: Option<Validators>,
        /// Hash of the body; `None`: the body was cut short or contains only new entries, so the next
        /// one is read in any case.
        body_hash: Option<[u8; 16]>,
        /// The hubs that it names; `None`: it names none.
        offer: Option<HubOffer>,
        /// The memory that is reserved for it until it is stored.
        held: ReservedMemory,
    },
    /// The document has not changed (304).
    NotModified {
        /// The new validators; `None`: the old ones remain valid.
        validators: Option<Validators>,
    },
    /// The same bytes as last time.
    SameBody {
        /// The new validators; `None`: the response has none, and the old ones are no longer valid.
        validators: Option<Validators>,
    },
    /// No usable document.
    Failed(UpdateError),
}

impl PollResult {
    pub(super) fn new(
        body: PollBody,
        status: u16,
        freshness: Freshness,
        hops: Vec<FollowedRedirect>,
    ) -> Self {
        Self { body, status, freshness, hops, rediscovery: None }
    }

    /// The memory that is reserved for its document until that is stored.
    pub fn reserved_memory(&self) -> ReservedMemory {
        match &self.body {
            PollBody::Changed { held, .. } => held.clone(),
            _ => ReservedMemory::default(),
        }
    }
}

/// Whether no request was sent, because the host's `Retry-After` has not passed yet.
pub fn is_postponed(body: &PollBody) -> bool {
    matches!(body, PollBody::Failed(error) if error.kind() == FailureKind::HostBackoff)
}
