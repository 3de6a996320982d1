//! How a poll ended → what is stored about the last poll, and whether a failure is the source's.

use jiff::Timestamp;

use super::basis::NetworkStatus;
use super::schedule::PollResultKind;
use crate::model::{Failure, FailureKind, LastPoll, PollFailure};

/// After a good response.
pub(super) fn after_success(last: &LastPoll, now: Timestamp) -> LastPoll {
    LastPoll { succeeded_at: Some(now), failures: 0, failure: None, ..*last }
}

/// After a failure, with its effect on the schedule. Failures of our own network and requests that were not
/// sent do not count as failures of the source.
pub(super) fn after_failure(
    last: &LastPoll,
    failure: PollFailure,
    network: NetworkStatus,
    now: Timestamp,
) -> (LastPoll, PollResultKind) {
    let PollFailure { stage, message, kind } = failure;
    let result = match kind {
        FailureKind::HostBackoff => PollResultKind::Postponed,
        FailureKind::Unreachable if network == NetworkStatus::Down => PollResultKind::NetworkDown,
        _ => match last.status {
            410 => PollResultKind::Gone,
            429 | 503 => PollResultKind::Throttled,
            _ => PollResultKind::Failure,
        },
    };
    let failures = last.failures.saturating_add(u32::from(is_counted(result)));
    (LastPoll { failure: Some(Failure { stage, message, at: now }), failures, ..*last }, result)
}

/// Whether a failure counts as one of the source.
pub(super) fn is_counted(result: PollResultKind) -> bool {
    match result {
        PollResultKind::Failure | PollResultKind::Gone | PollResultKind::Throttled => true,
        PollResultKind::Success | PollResultKind::NetworkDown | PollResultKind::Postponed => false,
    }
}
