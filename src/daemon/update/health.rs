//! How a poll ended → the source's health, and who is to blame for a failure.

use jiff::Timestamp;

use super::{Brought, Polled, UpdateError, moved, signs};
use crate::daemon::fetch::{FetchError, PART};
use crate::feed::model::{Failure, Freshness, PollState, Source};
use crate::feed::schedule::Outcome;

/// Whether our own network works, as far as can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// A failure is the source's.
    Up,
    /// Nobody answers at all: a failure is ours, and no source is blamed for it.
    Down,
}

/// Takes into account that somebody was asked, if so, and forgets what is known of another address.
pub(super) fn note_asked(state: &mut PollState, source: &Source, polled: &Polled, now: Timestamp) {
    signs::forget_if_changed(state, source);
    if !is_postponed(&polled.brought) {
        state.polled_at = Some(now);
        state.status = polled.status;
    }
}

/// Takes a good answer into account.
pub(super) fn note_success(state: &mut PollState, freshness: Freshness, now: Timestamp) {
    state.succeeded_at = Some(now);
    // What the server's clock says is of this moment only.
    state.freshness = Some(Freshness { clock_ahead_seconds: None, ..freshness });
    state.failures = 0;
    state.failure = None;
    state.life.lost = None;
    state.health.refusal = None;
}

/// Takes a failure into account. Neither our own network nor a host that wants rest is the source's
/// fault: neither counts.
pub(super) fn note_failure(
    state: &mut PollState,
    error: &UpdateError,
    network: Network,
    now: Timestamp,
) -> Outcome {
    state.failure = Some(Failure { stage: error.stage(), message: error.to_string(), at: now });
    if matches!(error, UpdateError::Fetch(FetchError::HostRests { .. })) {
        return Outcome::Postponed;
    }
    if network == Network::Down && is_networks(error) {
        return Outcome::NetworkDown;
    }
    if state.status == PART {
        // What could not be understood of it is asked for again, as a whole.
        state.validators = None;
    }
    state.failures = state.failures.saturating_add(1);
    signs::note_failure(state, error, now);
    let is_asked_elsewhere = moved::note_failure(state, now);
    match state.status {
        _ if is_asked_elsewhere => Outcome::Failure,
        410 => Outcome::Gone,
        429 | 503 => Outcome::Throttled,
        _ => Outcome::Failure,
    }
}

/// Whether nobody was asked, since the host wants to be left alone.
pub fn is_postponed(brought: &Brought) -> bool {
    matches!(brought, Brought::Failed(UpdateError::Fetch(FetchError::HostRests { .. })))
}

/// Whether an error can come from our own network being down.
pub fn is_networks(error: &UpdateError) -> bool {
    matches!(error, UpdateError::Fetch(error) if error.is_unreachable())
}
