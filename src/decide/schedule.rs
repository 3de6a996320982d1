//! What the publisher allows, the feed's rhythm and the operator's bounds → when the next poll is due,
//! and why then.
//!
//! The rules: after a success, the wait is the longest of the operator's `every` (or the feed's rhythm),
//! the response's freshness, `ttl` and `sy:updatePeriod`, within the bounds; after failures it grows, up
//! to a limit; `Retry-After` is obeyed up to a limit; after 410, polls are rare; then `skipHours` and
//! `skipDays` move the poll to the next allowed hour. Jitter comes from the source's id.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rafid_feed::hash;
use rafid_feed::model::{ClockOffset, PollHints};

use crate::model::{Freshness, PollReason, PollState, Source, SourceId};

/// `Retry-After` is obeyed up to this long: an absurd value must not stop a feed.
const MAX_RETRY_SECONDS: u64 = 7 * 24 * 3600;
/// The interval for a feed that is gone (410): some come back.
const GONE_SECONDS: u64 = 30 * 24 * 3600;
/// The back-off stops growing here, or at the regular interval if that is longer.
const MAX_BACKOFF_SECONDS: u64 = 24 * 3600;
/// 429 and 503 without a `Retry-After` wait at least this long (what NetNewsWire does).
const THROTTLED_SECONDS: u64 = 600;
/// The interval while our own network is down.
const NETWORK_DOWN_SECONDS: u64 = 60;
/// Skipped hours end for many sources at once: their polls are spread over this part of the next hour (a
/// sixth of the shortest time that is allowed then).
const AFTER_SKIP_SECONDS: u64 = 600;
/// All 24 bits of `skip_hours`, all 7 of `skip_days`: a feed that forbids everything is ignored.
const ALL_HOURS: u32 = 0x00ff_ffff;
const ALL_DAYS: u8 = 0x7f;

/// The operator's bounds on polling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The interval for feeds with an unknown rhythm.
    pub every: Duration,
    /// The shortest interval by the feed's rhythm (an `every` of the source may be shorter).
    pub at_least: Duration,
    /// The longest interval after a success.
    pub at_most: Duration,
}

/// The result of a poll, as far as the next one depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PollResultKind {
    /// 200 with a feed, or 304.
    Success,
    /// Any other failure.
    Failure,
    /// 410.
    Gone,
    /// 429 or 503.
    Throttled,
    /// Our own network is down: many sources failed at once.
    NetworkDown,
    /// No request was sent, because the host's `Retry-After` has not passed yet.
    Postponed,
}

/// Everything that the next poll depends on.
#[derive(Debug, Clone, Copy)]
pub struct ScheduleInput<'a> {
    /// When the poll ended.
    pub now: Timestamp,
    /// The source: its id determines the jitter.
    pub source: &'a SourceId,
    /// The operator's interval for this source.
    pub every: Option<Duration>,
    /// The operator's bounds for all sources.
    pub bounds: Bounds,
    /// The hints in the document.
    pub pace: &'a PollHints,
    /// The hints in the response's headers.
    pub freshness: Freshness,
    /// Publication dates of the newest entries, newest first.
    pub recent: &'a [Timestamp],
    /// When something new was last seen; `None`: never.
    pub seen_at: Option<Timestamp>,
    /// The interval while hubs push; `None`: they do not.
    pub pushed: Option<Duration>,
    /// Failures since the last success, including this one.
    pub failures: u32,
    /// The result of the poll.
    pub outcome: PollResultKind,
}

/// When the next poll is due, and why then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextPoll {
    /// When it is due.
    pub due_at: Timestamp,
    /// Why it is due then.
    pub reason: PollReason,
}

/// When the next poll is due, and why then.
pub fn schedule_next_poll(poll: &ScheduleInput<'_>) -> NextPoll {
    let (seconds, reason) = match poll.outcome {
        PollResultKind::Success => after_success(poll),
        PollResultKind::Failure => backoff_after_failures(poll),
        PollResultKind::Throttled => after_throttling(poll),
        PollResultKind::Gone => (GONE_SECONDS, PollReason::Gone),
        PollResultKind::NetworkDown => (NETWORK_DOWN_SECONDS, PollReason::NetworkDown),
        PollResultKind::Postponed => with_retry_after(poll, 1, PollReason::RetryAfter),
    };
    let due_at =
        add_seconds(poll.now, seconds.saturating_add(jitter_seconds(poll.source, seconds)));
    match first_allowed_time(due_at, poll.pace) {
        allowed if allowed > due_at => {
            let due_at = add_seconds(allowed, AFTER_SKIP_SECONDS * source_byte(poll.source) / 255);
            NextPoll { due_at, reason: PollReason::Skip }
        }
        _ => NextPoll { due_at, reason },
    }
}

/// When a source that was already polled is due with the operator's current settings, as `every` and the
/// bounds may have changed. `pushed` is the interval while hubs push. `None`: its due time does not depend
/// on these settings (a failure, `Retry-After`), or an earlier version set it.
pub fn reschedule(
    source: &Source,
    state: &PollState,
    bounds: Bounds,
    pushed: Option<Duration>,
) -> Option<NextPoll> {
    let is_well = state.last_poll.failures == 0 && state.last_poll.failure.is_none();
    let is_planned = match state.schedule.reason {
        PollReason::Rhythm
        | PollReason::Operator
        | PollReason::CacheControl
        | PollReason::Ttl
        | PollReason::UpdatePeriod
        | PollReason::Skip
        | PollReason::Push => is_well,
        PollReason::New
        | PollReason::RetryAfter
        | PollReason::Backoff
        | PollReason::Gone
        | PollReason::NetworkDown => false,
    };
    let (now, freshness) = (state.last_poll.polled_at?, state.schedule.freshness?);
    is_planned.then(|| {
        schedule_next_poll(&ScheduleInput {
            now,
            source: &source.id,
            every: source.every,
            bounds,
            pace: &state.schedule.poll_hints,
            freshness,
            recent: &state.schedule.recent,
            seen_at: state.schedule.changed_at,
            pushed: pushed.filter(|_| state.schedule.reason == PollReason::Push),
            failures: 0,
            outcome: PollResultKind::Success,
        })
    })
}

/// When a source that is due now may be polled: later if `now` is in an hour or on a day that its publisher
/// skips, as a poll may be late. `None`: now.
pub fn next_allowed_time(source: &SourceId, pace: &PollHints, now: Timestamp) -> Option<Timestamp> {
    let allowed = first_allowed_time(now, pace);
    (allowed > now).then(|| add_seconds(allowed, AFTER_SKIP_SECONDS * source_byte(source) / 255))
}

/// The longest interval wins; each is limited by `at_most`, so that none stops a feed.
fn after_success(poll: &ScheduleInput<'_>) -> (u64, PollReason) {
    let at_most = poll.bounds.at_most.as_secs();
    let mut best = match poll.every {
        Some(every) => (every.as_secs().max(1), PollReason::Operator),
        None => (interval_from_rhythm(poll), PollReason::Rhythm),
    };
    let intervals = [
        (poll.freshness.fresh_seconds, PollReason::CacheControl),
        (poll.pace.ttl_seconds, PollReason::Ttl),
        (poll.pace.update_seconds, PollReason::UpdatePeriod),
        // The operator's interval counts even while hubs push.
        (poll.pushed.filter(|_| poll.every.is_none()).map(|it| it.as_secs()), PollReason::Push),
    ];
    for (interval, reason) in intervals {
        if let Some(seconds) = interval.map(|seconds| seconds.min(at_most))
            && seconds > best.0
        {
            best = (seconds, reason);
        }
    }
    best
}

fn interval_from_rhythm(poll: &ScheduleInput<'_>) -> u64 {
    let bounds = &poll.bounds;
    let interval = rhythm_seconds(poll.recent, poll.seen_at, poll.now).unwrap_or(bounds.every);
    interval.clamp(bounds.at_least, bounds.at_most.max(bounds.at_least)).as_secs().max(1)
}

/// Half of the median gap between entries, or a quarter of the silence since the newest one, whichever is
/// longer. `None`: there are fewer than three entries, which is too few for a rhythm.
pub fn rhythm_seconds(
    recent: &[Timestamp],
    seen_at: Option<Timestamp>,
    now: Timestamp,
) -> Option<Duration> {
    let mut gaps: Vec<i64> = recent
        .windows(2)
        .filter_map(|pair| Some(pair.first()?.as_second() - pair.get(1)?.as_second()))
        .filter(|gap| *gap >= 0)
        .collect();
    if gaps.len() < 2 {
        return None;
    }
    gaps.sort_unstable();
    let middle = gaps.get(gaps.len() / 2)?;
    let seconds = (middle / 2).max(silence_seconds(*recent.first()?, seen_at, now) / 4);
    Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
}

/// The silence since the newest entry by its date; or since something new was seen, as far as a slow clock
/// can explain the difference.
fn silence_seconds(newest: Timestamp, seen_at: Option<Timestamp>, now: Timestamp) -> i64 {
    let since = |at: Timestamp| now.as_second().saturating_sub(at.as_second());
    let by_date = since(newest);
    let clock = ClockOffset::FARTHEST_ZONE_HOURS * 3600;
    seen_at.map_or(by_date, |seen_at| by_date.min(since(seen_at).max(by_date - clock)))
}

/// The wait doubles with every failure; it is never shorter than after a success.
fn backoff_after_failures(poll: &ScheduleInput<'_>) -> (u64, PollReason) {
    // Pushes say nothing about when a failing feed works again.
    let (usual, _) = after_success(&ScheduleInput { pushed: None, ..*poll });
    let first = poll.every.unwrap_or(poll.bounds.every).as_secs().max(usual);
    let doublings = poll.failures.saturating_sub(1).min(16);
    let longest = MAX_BACKOFF_SECONDS.max(first);
    let seconds = first.saturating_mul(1 << doublings).min(longest);
    with_retry_after(poll, seconds, PollReason::Backoff)
}

fn after_throttling(poll: &ScheduleInput<'_>) -> (u64, PollReason) {
    let (seconds, _) = backoff_after_failures(poll);
    with_retry_after(poll, seconds.max(THROTTLED_SECONDS), PollReason::Backoff)
}

fn with_retry_after(
    poll: &ScheduleInput<'_>,
    seconds: u64,
    reason: PollReason,
) -> (u64, PollReason) {
    match poll.freshness.retry_after_seconds.map(|after| after.min(MAX_RETRY_SECONDS)) {
        Some(after) if after >= seconds => (after, PollReason::RetryAfter),
        _ => (seconds, reason),
    }
}

/// Up to a tenth of the wait, always the same for one source; only added, so that no poll is too early.
fn jitter_seconds(source: &SourceId, seconds: u64) -> u64 {
    // A wait of less than ten seconds is a test or an intranet: it stays exact.
    if seconds < 10 { 0 } else { seconds.min(MAX_BACKOFF_SECONDS) / 10 * source_byte(source) / 255 }
}

/// A number from 0 to 255: always the same for one source, and evenly distributed over many sources.
fn source_byte(source: &SourceId) -> u64 {
    hash::spread(source.as_str())
}

/// The first time from `at` on that is not in a skipped hour or day (UTC, as RSS 2.0 says).
fn first_allowed_time(at: Timestamp, pace: &PollHints) -> Timestamp {
    let hours = if pace.skip_hours & ALL_HOURS == ALL_HOURS { 0 } else { pace.skip_hours };
    let days = if pace.skip_days & ALL_DAYS == ALL_DAYS { 0 } else { pace.skip_days };
    let mut candidate = at;
    // The hours of a week: every combination of hour and day occurs once.
    for _ in 0..7 * 24 {
        let civil = TimeZone::UTC.to_datetime(candidate);
        let hour = u32::try_from(civil.hour()).unwrap_or(0);
        let day = u32::try_from(civil.date().weekday().to_monday_zero_offset()).unwrap_or(0);
        if hours & (1 << hour) == 0 && days & (1 << day) == 0 {
            return candidate;
        }
        let into_hour = i64::from(civil.minute()) * 60 + i64::from(civil.second());
        candidate = add_seconds(candidate, u64::try_from(3600 - into_hour).unwrap_or(3600));
    }
    at
}

fn add_seconds(at: Timestamp, seconds: u64) -> Timestamp {
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    Timestamp::from_second(at.as_second().saturating_add(seconds)).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: u64 = 60;
    const HOUR: u64 = 3600;

    fn bounds() -> Bounds {
        Bounds {
            every: Duration::from_secs(30 * MINUTE),
            at_least: Duration::from_secs(15 * MINUTE),
            at_most: Duration::from_secs(24 * HOUR),
        }
    }

    /// Tuesday, 24 November 2026, 10:00 UTC.
    fn now() -> Timestamp {
        "2026-11-24T10:00:00Z".parse().unwrap()
    }

    fn poll<'a>(source: &'a SourceId, pace: &'a PollHints) -> ScheduleInput<'a> {
        ScheduleInput {
            now: now(),
            source,
            every: None,
            bounds: bounds(),
            pace,
            freshness: Freshness::default(),
            recent: &[],
            seen_at: None,
            pushed: None,
            failures: 0,
            outcome: PollResultKind::Success,
        }
    }

    /// Checks the wait without its jitter (which is at most a tenth, and never negative).
    fn check(poll: &ScheduleInput<'_>, seconds: u64, reason: PollReason) {
        let due = schedule_next_poll(poll);
        let wait = u64::try_from(due.due_at.as_second() - poll.now.as_second()).unwrap();
        assert_eq!(due.reason, reason, "{poll:?}");
        assert!(
            wait >= seconds && wait <= seconds + seconds / 10,
            "{wait} for {seconds}: {poll:?}"
        );
    }

    #[test]
    fn the_longest_interval_decides_after_a_success() {
        let id = SourceId::new("a").unwrap();
        let none = PollHints::default();
        let plain = poll(&id, &none);
        check(&plain, 30 * MINUTE, PollReason::Rhythm);
        let every = Some(Duration::from_secs(5));
        check(&ScheduleInput { every, ..plain }, 5, PollReason::Operator);
        let fresh = Freshness {
            fresh_seconds: Some(2 * HOUR),
            retry_after_seconds: None,
            ..Freshness::default()
        };
        check(&ScheduleInput { freshness: fresh, ..plain }, 2 * HOUR, PollReason::CacheControl);
        check(
            &ScheduleInput { freshness: fresh, every, ..plain },
            2 * HOUR,
            PollReason::CacheControl,
        );
        let absurd = Freshness {
            fresh_seconds: Some(u64::MAX),
            retry_after_seconds: None,
            ..Freshness::default()
        };
        check(&ScheduleInput { freshness: absurd, ..plain }, 24 * HOUR, PollReason::CacheControl);
        let short =
            Freshness { fresh_seconds: Some(0), retry_after_seconds: None, ..Freshness::default() };
        check(&ScheduleInput { freshness: short, ..plain }, 30 * MINUTE, PollReason::Rhythm);
        let ttl =
            PollHints { ttl_seconds: Some(3 * HOUR), update_seconds: Some(HOUR), ..none.clone() };
        check(&ScheduleInput { pace: &ttl, ..plain }, 3 * HOUR, PollReason::Ttl);
        let daily = PollHints { update_seconds: Some(12 * HOUR), ..none.clone() };
        check(&ScheduleInput { pace: &daily, ..plain }, 12 * HOUR, PollReason::UpdatePeriod);
    }

    #[test]
    fn pushed_sources_are_polled_rarely() {
        let id = SourceId::new("a").unwrap();
        let pace = PollHints::default();
        let pushed =
            ScheduleInput { pushed: Some(Duration::from_secs(20 * HOUR)), ..poll(&id, &pace) };
        check(&pushed, 20 * HOUR, PollReason::Push);
        let every = Some(Duration::from_secs(HOUR));
        check(&ScheduleInput { every, ..pushed }, HOUR, PollReason::Operator);
        let often = Bounds { at_most: Duration::from_secs(2 * HOUR), ..bounds() };
        check(&ScheduleInput { bounds: often, ..pushed }, 2 * HOUR, PollReason::Push);
        let failed = ScheduleInput { outcome: PollResultKind::Failure, failures: 1, ..pushed };
        check(&failed, 30 * MINUTE, PollReason::Backoff);
    }

    #[test]
    fn failures_back_off_and_always_come_back() {
        let id = SourceId::new("a").unwrap();
        let pace = PollHints::default();
        let failed =
            ScheduleInput { outcome: PollResultKind::Failure, failures: 1, ..poll(&id, &pace) };
        for (failures, seconds) in
            [(1, 30 * MINUTE), (2, HOUR), (3, 2 * HOUR), (7, 24 * HOUR), (u32::MAX, 24 * HOUR)]
        {
            check(&ScheduleInput { failures, ..failed }, seconds, PollReason::Backoff);
        }
        check(
            &ScheduleInput { outcome: PollResultKind::Gone, ..failed },
            30 * 24 * HOUR,
            PollReason::Gone,
        );
        check(
            &ScheduleInput { outcome: PollResultKind::NetworkDown, ..failed },
            60,
            PollReason::NetworkDown,
        );
        let after =
            |seconds| Freshness { retry_after_seconds: Some(seconds), ..Freshness::default() };
        let throttled = ScheduleInput { outcome: PollResultKind::Throttled, ..failed };
        check(
            &ScheduleInput { freshness: after(2 * HOUR), ..throttled },
            2 * HOUR,
            PollReason::RetryAfter,
        );
        check(
            &ScheduleInput { freshness: after(0), ..throttled },
            30 * MINUTE,
            PollReason::Backoff,
        );
        let postponed = ScheduleInput { outcome: PollResultKind::Postponed, ..failed };
        check(&ScheduleInput { freshness: after(60), ..postponed }, 60, PollReason::RetryAfter);
        let forever = MAX_RETRY_SECONDS;
        let due = schedule_next_poll(&ScheduleInput { freshness: after(u64::MAX), ..throttled });
        let wait = u64::try_from(due.due_at.as_second() - now().as_second()).unwrap();
        assert!((forever..=forever + MAX_BACKOFF_SECONDS).contains(&wait), "{wait}");
    }

    #[test]
    fn a_failure_never_shortens_the_wait() {
        let id = SourceId::new("a").unwrap();
        let none = PollHints::default();
        let failed =
            ScheduleInput { outcome: PollResultKind::Failure, failures: 1, ..poll(&id, &none) };
        let ttl = PollHints { ttl_seconds: Some(3 * HOUR), ..none.clone() };
        check(&ScheduleInput { pace: &ttl, ..failed }, 3 * HOUR, PollReason::Backoff);
        check(&ScheduleInput { pace: &ttl, failures: 2, ..failed }, 6 * HOUR, PollReason::Backoff);
        let daily = PollHints { update_seconds: Some(24 * HOUR), ..none.clone() };
        check(
            &ScheduleInput { pace: &daily, failures: 9, ..failed },
            24 * HOUR,
            PollReason::Backoff,
        );
        let fresh = Freshness {
            fresh_seconds: Some(2 * HOUR),
            retry_after_seconds: None,
            ..Freshness::default()
        };
        check(&ScheduleInput { freshness: fresh, ..failed }, 2 * HOUR, PollReason::Backoff);
        let fresh = Freshness {
            fresh_seconds: Some(u64::MAX),
            retry_after_seconds: None,
            ..Freshness::default()
        };
        check(&ScheduleInput { freshness: fresh, ..failed }, 24 * HOUR, PollReason::Backoff);
        let hours: Vec<_> = (40..44).map(|age| now() - jiff::Span::new().hours(age)).collect();
        check(&ScheduleInput { recent: &hours, ..failed }, 10 * HOUR, PollReason::Backoff);
        let every = Some(Duration::from_secs(5));
        check(&ScheduleInput { every, failures: 3, ..failed }, 20, PollReason::Backoff);
    }

    #[test]
    fn sources_polled_together_are_spread() {
        let pace = |skip_hours| PollHints { skip_hours, ..PollHints::default() };
        for (pace, spread) in [(pace(0), 180), (pace(1 << 10), 600)] {
            let mut dues: Vec<i64> = (0..1000)
                .map(|number| {
                    let id = SourceId::new(&format!("source-{number}")).unwrap();
                    let due = schedule_next_poll(&poll(&id, &pace)).due_at;
                    assert_eq!(
                        schedule_next_poll(&poll(&id, &pace)).due_at,
                        due,
                        "always the same"
                    );
                    due.as_second()
                })
                .collect();
            dues.sort_unstable();
            assert!(dues[999] - dues[0] <= spread);
            let most = dues.chunk_by(|one, other| one == other).map(<[i64]>::len).max();
            assert!(most.unwrap() <= 25, "{most:?} in one second");
        }
    }

    #[test]
    fn the_rhythm_is_the_feeds_own() {
        let at = |hours: i64| Timestamp::from_second(now().as_second() - hours * 3600).unwrap();
        assert_eq!(rhythm_seconds(&[], None, now()), None);
        assert_eq!(rhythm_seconds(&[at(0), at(2)], None, now()), None);
        let hours = |count| Some(Duration::from_secs(count * HOUR));
        assert_eq!(rhythm_seconds(&[at(0), at(2), at(4), at(6)], None, now()), hours(1));
        assert_eq!(
            rhythm_seconds(&[at(40), at(42), at(44), at(46)], None, now()),
            hours(10),
            "a feed falls silent"
        );
        assert_eq!(
            rhythm_seconds(&[at(1), at(0), at(2), at(4)], None, now()),
            hours(1),
            "disorder is passed over"
        );
    }

    #[test]
    fn a_slow_clock_is_no_silence() {
        let at = |hours: i64| Timestamp::from_second(now().as_second() - hours * 3600).unwrap();
        let check = |newest: i64, seen: Option<i64>, expected: u64| {
            let recent = [at(newest), at(newest + 2), at(newest + 4)];
            let rhythm = rhythm_seconds(&recent, seen.map(at), now());
            let expected = Some(Duration::from_secs(expected * HOUR / 4));
            assert_eq!(rhythm, expected, "{newest} {seen:?}");
        };
        check(8, None, 8);
        check(8, Some(0), 4);
        check(8, Some(6), 6);
        check(8, Some(9), 8);
        check(24, Some(0), 10);
        check(24, Some(12), 12);
        check(-3, Some(0), 4);
    }

    #[test]
    fn skipped_hours_and_days_are_waited_out() {
        let id = SourceId::new("a").unwrap();
        let check = |skip_hours: u32, skip_days: u8, expected: &str| {
            let pace = PollHints { skip_hours, skip_days, ..PollHints::default() };
            let due = schedule_next_poll(&ScheduleInput {
                every: Some(Duration::from_secs(9)),
                ..poll(&id, &pace)
            });
            let late = due.due_at.duration_since(expected.parse().unwrap()).as_secs();
            let most = if due.reason == PollReason::Skip { 600 } else { 0 };
            assert!((0..=most).contains(&late), "{skip_hours:b} {skip_days:b}: {}", due.due_at);
        };
        check(0, 0, "2026-11-24T10:00:09Z");
        check(1 << 10, 0, "2026-11-24T11:00:00Z");
        check(0b11 << 10, 0, "2026-11-24T12:00:00Z");
        check(0, 1 << 1, "2026-11-25T00:00:00Z");
        check(1, 1 << 1, "2026-11-25T01:00:00Z");
        check(ALL_HOURS, 0, "2026-11-24T10:00:09Z");
        check(0, ALL_DAYS, "2026-11-24T10:00:09Z");
    }

    #[test]
    fn a_late_poll_waits_for_the_end_of_skipped_hours() {
        let id = SourceId::new("a").unwrap();
        let check = |skip_hours: u32, expected: Option<&str>| {
            let pace = PollHints { skip_hours, ..PollHints::default() };
            let found = next_allowed_time(&id, &pace, now());
            match (found, expected) {
                (Some(at), Some(expected)) => {
                    let late = at.duration_since(expected.parse().unwrap()).as_secs();
                    assert!((0..=600).contains(&late), "{at}");
                }
                (found, expected) => assert_eq!(found.is_some(), expected.is_some()),
            }
        };
        check(0, None);
        check(1 << 9 | 1 << 11, None);
        check(1 << 10, Some("2026-11-24T11:00:00Z"));
        check(0b11 << 10, Some("2026-11-24T12:00:00Z"));
        check(ALL_HOURS, None);
    }

    proptest::proptest! {
        #[test]
        fn the_next_poll_is_in_the_future_and_within_reach(
            every in proptest::option::of(1..90_000_u64),
            fresh in proptest::option::of(proptest::num::u64::ANY),
            retry in proptest::option::of(proptest::num::u64::ANY),
            ttl in proptest::option::of(proptest::num::u64::ANY),
            hours: u32,
            days: u8,
            failures: u32,
            kind in 0..6_usize,
        ) {
            let id = SourceId::new("a").unwrap();
            let pace = PollHints { ttl_seconds: ttl, skip_hours: hours, skip_days: days, update_seconds: None };
            let outcome = [PollResultKind::Success, PollResultKind::Failure, PollResultKind::Gone, PollResultKind::Throttled, PollResultKind::NetworkDown, PollResultKind::Postponed][kind];
            let due = schedule_next_poll(&ScheduleInput {
                every: every.map(Duration::from_secs),
                freshness: Freshness {
                    fresh_seconds: fresh,
                    retry_after_seconds: retry,
                    clock_ahead_seconds: None,
                },
                failures,
                outcome,
                ..poll(&id, &pace)
            });
            let wait = due.due_at.as_second() - now().as_second();
            proptest::prop_assert!(wait > 0);
            proptest::prop_assert!(wait <= 45 * 24 * 3600);
        }
    }
}
