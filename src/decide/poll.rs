//! What a poll observed and the state before it → the new state of the source, the changes of its entries,
//! and what is reported.

use jiff::Timestamp;
use rafid_feed::model::Validators;

use super::basis::DecisionBasis;
use super::clock_offset::{ClockChange, PollTimes};
use super::decided_feed::DecidedFeed;
use super::delta_feed::FullFeedState;
use super::entry_changes::EntryChanges;
use super::hub_discovery::HubDiscovery;
use super::lost_feed::{self, RediscoveryResult};
use super::process_feed::{self, FeedOutcome};
use super::redirect_adoption::{SeenAddress, StatedAddress};
use super::schedule::{self, NextPoll, PollResultKind, ScheduleInput};
use super::{outcome, redirect_adoption};
use crate::health::{access_denied, source_change};
use crate::model::{
    FailureKind, FeedAddress, FollowedRedirect, Freshness, HubOffer, LastDocument, LastPoll,
    PollFailure, PollSchedule, PollState, Source, SourceHealth,
};

/// What a poll observed.
#[derive(Debug)]
pub struct PollObservation {
    /// The response.
    pub body: ObservedBody,
    /// HTTP status; 0: there was none (a file, or no response).
    pub status: u16,
    /// What the response's headers allow.
    pub freshness: Freshness,
    /// The redirects that were followed.
    pub redirects: Vec<FollowedRedirect>,
    /// The result of the search for a lost feed; `None`: there was no search.
    pub rediscovery: Option<RediscoveryResult>,
}

/// The response to a poll.
#[derive(Debug)]
pub enum ObservedBody {
    /// A new document.
    Changed(Box<ChangedDocument>),
    /// The document has not changed (304).
    NotModified {
        /// The new validators, if the response has some.
        validators: Option<Validators>,
    },
    /// The same bytes as last time.
    SameBody {
        /// The new validators.
        validators: Option<Validators>,
    },
    /// No usable document.
    Failed {
        /// The failure.
        failure: PollFailure,
        /// What the document was supposed to contain.
        extent: DocumentExtent,
    },
}

/// A new document.
#[derive(Debug)]
pub struct ChangedDocument {
    /// The feed, with the decisions about its entries.
    pub feed: DecidedFeed,
    /// For the next conditional request.
    pub validators: Option<Validators>,
    /// Hash of the body; `None`: the body was cut short or contains only new entries.
    pub body_hash: Option<[u8; 16]>,
    /// The hubs that the document names.
    pub offer: Option<HubOffer>,
    /// What the document contains.
    pub extent: DocumentExtent,
}

/// What a document contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentExtent {
    /// The whole feed.
    FullFeed,
    /// Only entries that are new since the last poll (RFC 3229).
    DeltaFeed,
}

/// What was decided about a poll or a push.
#[derive(Debug)]
pub struct Decision {
    /// The new state of the source.
    pub state: PollState,
    /// The changes of its entries.
    pub changes: EntryChanges,
    /// Whether the document contains all entries that the source lists now.
    pub is_whole: bool,
    /// The number of entries in the document; `None`: no document was read.
    pub entries_count: Option<usize>,
    /// A new verdict about the publisher's clock.
    pub clock: Option<ClockChange>,
    /// What was learned about hubs.
    pub hubs: HubDiscovery,
}

/// What the response alone decides.
struct ResponseDecision {
    state: PollState,
    result: PollResultKind,
    outcome: FeedOutcome,
    /// Whether the feed has entries that were known before; `None`: unknown.
    same_feed: Option<bool>,
    hubs: HubDiscovery,
    is_whole: bool,
}

/// Decides what a poll of `source` means; `before` is the state of the source before the poll.
pub fn decide_poll(
    source: &Source,
    observed: PollObservation,
    before: PollState,
    basis: &DecisionBasis<'_>,
    now: Timestamp,
) -> Decision {
    let PollObservation { body, status, freshness, redirects, rediscovery } = observed;
    let state = PollState {
        last_poll: after_request(before.last_poll, &body, status, now),
        address: redirect_adoption::for_configured_address(before.address, source),
        health: source_change::for_source(before.health, source),
        ..before
    };
    let mut stated = StatedAddress::Unchanged;
    let decided = match body {
        ObservedBody::Failed { failure, extent } => {
            let kind = failure.kind;
            let address = redirect_adoption::after_failed_trial(state.address, kind);
            let address = lost_feed::after_failure(address, source, kind, rediscovery, now);
            let document = after_unreadable(state.document, extent);
            let state = PollState { document, address, ..state };
            decide_failure(state, failure, basis, now)
        }
        ObservedBody::NotModified { validators } => decide_unchanged(state, None, validators),
        ObservedBody::SameBody { validators } => {
            let same_feed = (state.document.entries_count > 0).then_some(true);
            let document = LastDocument { validators: None, ..state.document };
            decide_unchanged(PollState { document, ..state }, same_feed, validators)
        }
        // Another feed is where this one should be: nothing of it is taken.
        ObservedBody::Changed(document) if is_other_feed(&document, &state) => {
            decide_unchanged(state, Some(false), None)
        }
        ObservedBody::Changed(document) => {
            stated = StatedAddress::of(document.feed.feed.moved_to.clone());
            decide_document(source, *document, state, basis, now)
        }
    };
    let ResponseDecision { mut state, result, outcome, same_feed, hubs, is_whole } = decided;
    if result == PollResultKind::Success {
        state = after_success(state, freshness, now);
        let seen = SeenAddress { redirects: &redirects, stated: &stated };
        let address = redirect_adoption::after_success(state.address, source, seen, same_feed, now);
        state = PollState { address, ..state };
    }
    let push_interval = basis.push_interval.filter(|_| outcome.changes.new.is_empty());
    let basis = DecisionBasis { push_interval, ..*basis };
    let NextPoll { due_at, reason } = next_poll(source, &state, &basis, (result, freshness), now);
    let schedule = PollSchedule { due_at, reason, ..state.schedule };
    let FeedOutcome { changes, entries_count, clock } = outcome;
    let state = PollState { schedule, ..state };
    Decision { state, changes, is_whole, entries_count, clock, hubs }
}

/// Whether a document is not of the feed that should be at the address that was tried.
fn is_other_feed(document: &ChangedDocument, state: &PollState) -> bool {
    let is_trial = redirect_adoption::trial_address(&state.address).is_some();
    is_trial && !document.feed.has_known_entry()
}

fn after_request(last: LastPoll, body: &ObservedBody, status: u16, now: Timestamp) -> LastPoll {
    match body {
        ObservedBody::Failed { failure, .. } if failure.kind == FailureKind::HostBackoff => last,
        _ => LastPoll { polled_at: Some(now), status, ..last },
    }
}

/// After a document that could not be read: instead of a delta feed, the full feed is requested next.
fn after_unreadable(document: LastDocument, extent: DocumentExtent) -> LastDocument {
    match extent {
        DocumentExtent::DeltaFeed => LastDocument { validators: None, ..document },
        DocumentExtent::FullFeed => document,
    }
}

fn decide_failure(
    state: PollState,
    failure: PollFailure,
    basis: &DecisionBasis<'_>,
    now: Timestamp,
) -> ResponseDecision {
    let kind = failure.kind;
    let (last_poll, mut result) =
        outcome::after_failure(&state.last_poll, failure, basis.network, now);
    let (mut address, mut health) = (state.address, state.health);
    if outcome::is_counted(result) {
        let access_denied = access_denied::after_failure(health.access_denied, kind, now);
        health = SourceHealth { access_denied, ..health };
        if redirect_adoption::has_failed(&address, &last_poll, now) {
            address = redirect_adoption::without_redirects(address);
            // The next poll requests the configured address.
            result = PollResultKind::Failure;
        }
    }
    ResponseDecision {
        state: PollState { last_poll, address, health, ..state },
        result,
        outcome: FeedOutcome::default(),
        same_feed: None,
        hubs: HubDiscovery::Unknown,
        is_whole: false,
    }
}

fn decide_unchanged(
    state: PollState,
    same_feed: Option<bool>,
    validators: Option<Validators>,
) -> ResponseDecision {
    let validators = validators.or(state.document.validators);
    let hubs = HubDiscovery::from_stored(state.address.hub_offer.as_ref());
    let document = LastDocument { validators, ..state.document };
    ResponseDecision {
        state: PollState { document, ..state },
        result: PollResultKind::Success,
        outcome: FeedOutcome::default(),
        same_feed,
        hubs,
        is_whole: false,
    }
}

fn decide_document(
    source: &Source,
    read: ChangedDocument,
    state: PollState,
    basis: &DecisionBasis<'_>,
    now: Timestamp,
) -> ResponseDecision {
    let ChangedDocument { feed, validators, body_hash, offer, extent } = read;
    let times = PollTimes { before: state.last_poll.succeeded_at, now };
    let hubs = HubDiscovery::from_document(offer, body_hash.is_some());
    let hub_offer = hubs.offer_to_store(state.address.hub_offer);
    let is_delta = extent == DocumentExtent::DeltaFeed;
    let is_whole = body_hash.is_some() && !is_delta;
    let retention = if is_whole { Some(basis.retention) } else { state.document.retention };
    let document = LastDocument {
        validators,
        body_hash,
        config_hash: basis.config_hash,
        retention,
        date_order: feed.feed.date_order,
        ..state.document
    };
    let address = FeedAddress { hub_offer, ..state.address };
    let state = PollState { document, address, ..state };
    let full_feed = is_delta.then(|| FullFeedState::from_state(&state));
    let (state, outcome) = process_feed::process_feed(source, feed, state, basis, times);
    let mut state = match full_feed {
        Some(full_feed) => full_feed.merge_into(state),
        None => state,
    };
    let same_feed = outcome.changes.has_known(basis.known).filter(|_| !is_delta);
    if outcome.changes.has_news() {
        state.schedule.changed_at = Some(now);
    }
    let result = PollResultKind::Success;
    ResponseDecision { state, result, outcome, same_feed, hubs, is_whole }
}

fn after_success(state: PollState, freshness: Freshness, now: Timestamp) -> PollState {
    // The difference to the server's clock is true only at this moment.
    let freshness = Some(Freshness { clock_ahead_seconds: None, ..freshness });
    PollState {
        schedule: PollSchedule { freshness, ..state.schedule },
        last_poll: outcome::after_success(&state.last_poll, now),
        address: FeedAddress { lost: None, ..state.address },
        health: SourceHealth { access_denied: None, ..state.health },
        ..state
    }
}

/// When the source is polled next.
fn next_poll(
    source: &Source,
    state: &PollState,
    basis: &DecisionBasis<'_>,
    (outcome, freshness): (PollResultKind, Freshness),
    now: Timestamp,
) -> NextPoll {
    schedule::schedule_next_poll(&ScheduleInput {
        now,
        source: &source.id,
        every: source.every,
        bounds: basis.bounds,
        pace: &state.schedule.poll_hints,
        freshness,
        recent: &state.schedule.recent,
        seen_at: state.schedule.changed_at,
        pushed: basis.push_interval,
        failures: state.last_poll.failures,
        outcome,
    })
}
