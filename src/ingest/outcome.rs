//! How a poll ended → the source's health, and who is to blame for a failure.

use jiff::Timestamp;

use super::{PollBody, PollResult, UpdateError, feed_health, redirect_adoption};
use crate::decide::schedule::PollResultKind;
use crate::fetch::{FetchError, IM_USED};
use crate::model::{Failure, Freshness, PollState, Source};

/// Whether our own network works, as far as can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NetworkStatus {
    /// A failure is the source's.
    Up,
    /// Nobody answers at all: a failure is ours, and no source is blamed for it.
    Down,
}

/// Takes into account that somebody was asked, if so, and forgets what is known of another address.
pub(super) fn record_request(
    state: &mut PollState,
    source: &Source,
    polled: &PollResult,
    now: Timestamp,
) {
    feed_health::reset_if_source_changed(state, source);
    if !is_postponed(&polled.body) {
        state.last_poll.polled_at = Some(now);
        state.last_poll.status = polled.status;
    }
}

/// Takes a good answer into account.
pub(super) fn record_success(state: &mut PollState, freshness: Freshness, now: Timestamp) {
    state.last_poll.succeeded_at = Some(now);
    // What the server's clock says is of this moment only.
    state.schedule.freshness = Some(Freshness { clock_ahead_seconds: None, ..freshness });
    state.last_poll.failures = 0;
    state.last_poll.failure = None;
    state.address.lost = None;
    state.health.access_denied = None;
}

/// Takes a failure into account. Neither our own network nor a host that wants rest is the source's
/// fault: neither counts.
pub(super) fn record_failure(
    state: &mut PollState,
    error: &UpdateError,
    network: NetworkStatus,
    now: Timestamp,
) -> PollResultKind {
    state.last_poll.failure =
        Some(Failure { stage: error.stage(), message: error.to_string(), at: now });
    if matches!(error, UpdateError::Fetch(FetchError::HostBackoff { .. })) {
        return PollResultKind::Postponed;
    }
    if network == NetworkStatus::Down && is_network_failure(error) {
        return PollResultKind::NetworkDown;
    }
    if state.last_poll.status == IM_USED {
        // What could not be understood of it is asked for again, as a whole.
        state.document.validators = None;
    }
    state.last_poll.failures = state.last_poll.failures.saturating_add(1);
    feed_health::record_refusal(state, error, now);
    let is_asked_elsewhere = redirect_adoption::give_up_redirect_if_failing(state, now);
    match state.last_poll.status {
        _ if is_asked_elsewhere => PollResultKind::Failure,
        410 => PollResultKind::Gone,
        429 | 503 => PollResultKind::Throttled,
        _ => PollResultKind::Failure,
    }
}

/// Whether nobody was asked, since the host wants to be left alone.
pub fn is_postponed(brought: &PollBody) -> bool {
    matches!(brought, PollBody::Failed(UpdateError::Fetch(FetchError::HostBackoff { .. })))
}

/// Whether an error can come from our own network being down.
pub fn is_network_failure(error: &UpdateError) -> bool {
    matches!(error, UpdateError::Fetch(error) if error.is_unreachable())
}
