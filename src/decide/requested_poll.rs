//! A source, its stored state and the present → whether the operator's request to poll it now may be followed, and
//! else from when on. A request by hand is as polite as a poll by itself.
//!
//! | what holds | until |
//! | --- | --- |
//! | a wait that the server requested (`Retry-After`, 429, 503) | it is over |
//! | `max-age`, `Expires`, `ttl`, `sy:updatePeriod` of the last success | as long after it, at most `at_most` |
//! | `skipHours`, `skipDays` | the next allowed hour |
//! | the shortest interval (`at_least`, or a shorter `every` of the source) | as long after the last request |

use std::time::Duration;

use jiff::Timestamp;

use super::schedule::{self, Bounds, NextPoll};
use crate::model::{Location, PollReason, PollState, Source};

/// When a poll that the operator requests may be sent, and why not before. `None`: now.
pub fn earliest_requested_poll(
    source: &Source,
    state: &PollState,
    bounds: Bounds,
    now: Timestamp,
) -> Option<NextPoll> {
    // No publisher is disturbed by it.
    if matches!(source.location, Location::File(_)) {
        return None;
    }
    let server = must_wait_for_server(state, now)
        .then_some(NextPoll { due_at: state.schedule.due_at, reason: state.schedule.reason });
    let skipped = schedule::next_allowed_time(&source.id, &state.schedule.poll_hints, now)
        .map(|due_at| NextPoll { due_at, reason: PollReason::Skip });
    let waits = after_last_request(source, state, bounds, now);
    let all = waits.into_iter().chain(server).chain(skipped);
    all.filter(|wait| wait.due_at > now).max_by_key(|wait| wait.due_at)
}

/// Whether a server requested a wait that is not over.
pub fn must_wait_for_server(state: &PollState, now: Timestamp) -> bool {
    let is_throttled = matches!(state.last_poll.status, 429 | 503);
    let is_requested = match state.schedule.reason {
        PollReason::RetryAfter => true,
        PollReason::Backoff => is_throttled,
        _ => false,
    };
    is_requested && state.schedule.due_at > now
}

/// The waits that are counted from the last request. A time in the future comes from a clock that was wrong.
fn after_last_request(
    source: &Source,
    state: &PollState,
    bounds: Bounds,
    now: Timestamp,
) -> Vec<NextPoll> {
    let polled_at = state.last_poll.polled_at.filter(|at| *at <= now);
    // While our own network was down, nothing reached the publisher.
    let polled_at = polled_at.filter(|_| state.schedule.reason != PollReason::NetworkDown);
    let Some(polled_at) = polled_at else { return Vec::new() };
    let shortest = source.every.map_or(bounds.at_least, |every| every.min(bounds.at_least));
    let mut intervals = vec![(shortest, PollReason::Operator)];
    if state.last_poll.failures == 0 {
        let hints = &state.schedule.poll_hints;
        let fresh = state.schedule.freshness.and_then(|freshness| freshness.fresh_seconds);
        let published = [
            (fresh, PollReason::CacheControl),
            (hints.ttl_seconds, PollReason::Ttl),
            (hints.update_seconds, PollReason::UpdatePeriod),
        ];
        intervals.extend(published.into_iter().filter_map(|(seconds, reason)| {
            Some((Duration::from_secs(seconds?).min(bounds.at_most), reason))
        }));
    }
    let wait_until = |(interval, reason)| {
        Some(NextPoll { due_at: polled_at.checked_add(interval).ok()?, reason })
    };
    intervals.into_iter().filter_map(wait_until).collect()
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;
    use crate::model::{Freshness, SourceId};

    const MINUTE: i64 = 60;

    fn at(minute: i64) -> Timestamp {
        // Tuesday, 24 November 2026, 10:00 UTC.
        let now: Timestamp = "2026-11-24T10:00:00Z".parse().unwrap();
        Timestamp::from_second(now.as_second() + minute * MINUTE).unwrap()
    }

    fn source(every: Option<u64>) -> Source {
        let location = Location::Web(Url::parse("https://a.example/").unwrap());
        let every = every.map(Duration::from_mins);
        Source { every, ..Source::bare(SourceId::new("a").unwrap(), location) }
    }

    /// A source that was polled ten minutes ago.
    fn polled() -> PollState {
        let mut state = PollState::new([0; 16], at(20));
        state.schedule.reason = PollReason::Rhythm;
        state.last_poll.polled_at = Some(at(-10));
        state
    }

    fn check(source: &Source, state: &PollState, expected: Option<(i64, PollReason)>) {
        let minutes = Duration::from_mins;
        let bounds =
            Bounds { every: minutes(30), at_least: minutes(15), at_most: minutes(24 * 60) };
        let earliest = earliest_requested_poll(source, state, bounds, at(0));
        let earliest = earliest.map(|next| (next.due_at, next.reason));
        assert_eq!(earliest, expected.map(|(minute, reason)| (at(minute), reason)));
    }

    #[test]
    fn the_shortest_interval_holds_for_requests_as_well() {
        let own = |every| source(Some(every));
        check(&source(None), &polled(), Some((5, PollReason::Operator)));
        check(&own(12), &polled(), Some((2, PollReason::Operator)));
        check(&own(600), &polled(), Some((5, PollReason::Operator)));
        check(&own(1), &polled(), None);
        check(&source(None), &PollState::new([0; 16], at(0)), None);
        let mut failed = polled();
        failed.last_poll.failures = 9;
        (failed.schedule.reason, failed.schedule.due_at) = (PollReason::Backoff, at(900));
        check(&source(None), &failed, Some((5, PollReason::Operator)));
        failed.schedule.reason = PollReason::NetworkDown;
        check(&source(None), &failed, None);
        let mut ahead = polled();
        ahead.last_poll.polled_at = Some(at(9000));
        check(&source(None), &ahead, None);
        let file = Location::File("/feed.xml".into());
        check(&Source::bare(SourceId::new("a").unwrap(), file), &polled(), None);
    }

    #[test]
    fn what_the_publisher_allows_holds_for_requests() {
        let mut state = polled();
        state.schedule.freshness =
            Some(Freshness { fresh_seconds: Some(30 * 60), ..Freshness::default() });
        check(&source(Some(1)), &state, Some((20, PollReason::CacheControl)));
        state.schedule.poll_hints.ttl_seconds = Some(40 * 60);
        check(&source(Some(1)), &state, Some((30, PollReason::Ttl)));
        state.schedule.poll_hints.update_seconds = Some(90 * 24 * 3600);
        check(&source(Some(1)), &state, Some((24 * 60 - 10, PollReason::UpdatePeriod)));
        state.last_poll.failures = 1;
        check(&source(Some(1)), &state, None);
        state.schedule.poll_hints.skip_hours = 1 << 10;
        let bounds = Bounds {
            every: Duration::ZERO,
            at_least: Duration::ZERO,
            at_most: Duration::from_hours(24),
        };
        let skipped = earliest_requested_poll(&source(None), &state, bounds, at(0)).unwrap();
        assert!(skipped.reason == PollReason::Skip && skipped.due_at >= at(60));
    }

    #[test]
    fn a_wait_that_a_server_requested_holds() {
        for (reason, status, due, waits) in [
            (PollReason::Rhythm, 200, 60, false),
            (PollReason::Backoff, 500, 60, false),
            (PollReason::Backoff, 429, 60, true),
            (PollReason::Backoff, 503, 60, true),
            (PollReason::RetryAfter, 429, 60, true),
            (PollReason::RetryAfter, 200, 60, true),
            (PollReason::RetryAfter, 429, -1, false),
            (PollReason::Gone, 410, 60, false),
        ] {
            let mut state = PollState::new([0; 16], at(due));
            (state.schedule.reason, state.last_poll.status) = (reason, status);
            assert_eq!(must_wait_for_server(&state, at(0)), waits, "{reason:?} {status} {due}");
            check(&source(None), &state, waits.then_some((due, reason)));
        }
    }
}
