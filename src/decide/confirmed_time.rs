//! The machine's clock and other evidence of the time → whether the clock is confirmed, and how many entries
//! may be pruned by it.
//!
//! Pruned entries are lost, so a clock that is wrong for a moment must not decide about pruning. The first
//! matching row decides; differences of up to an hour do not count:
//!
//! | evidence | the clock is |
//! | --- | --- |
//! | more than half of the hosts (their `Date` headers) agree with it | confirmed |
//! | two or more hosts contradict it, and fewer agree | in doubt: `hosts` |
//! | it advanced like the monotonic clock since it was last confirmed | confirmed |
//! | it did not | in doubt: `jump` |
//! | the newest commit under a confirmed clock is later | in doubt: `behind` |
//! | that commit is more than a week old | in doubt: `ahead` |
//! | it is not | confirmed |
//! | there is no commit yet | unknown: nothing is pruned, but the clock is not in doubt |
//!
//! A doubt that does not come from hosts ends when the clock has run steadily for a day: a machine that was
//! off for weeks and reads only files has no other evidence.

use jiff::{SignedDuration, Timestamp};

use crate::model::{ClockDoubt, ClockDoubtKind, SystemClock};

/// Clocks that differ by less agree: a header is as old as it takes to read the response.
const AGREES_SECONDS: u64 = 3600;
/// A machine may have been off for this long since its newest commit.
const OFF_SECONDS: i64 = 7 * 24 * 3600;
/// A doubt that does not come from hosts ends when the clock has run steadily for this long…
const STEADY_SECONDS: u64 = 24 * 3600;
/// …to which one check adds at most this much.
const CHECK_SECONDS: u64 = 2 * 3600;
/// In one hour at most one in this many stored entries is pruned…
const SHARE: u64 = 20;
/// …or this many entries, if that is more.
const AT_LEAST: u64 = 200;
/// An hour.
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// The evidence of the time.
#[derive(Debug, Clone, Copy)]
pub struct TimeEvidence<'a> {
    /// The time of the machine's clock.
    pub now: Timestamp,
    /// The last confirmed time plus what the monotonic clock has measured since; `None`: the clock was
    /// not confirmed since the start.
    pub by_monotonic: Option<Timestamp>,
    /// The newest commit; it counts only until a time is confirmed for the first time.
    pub newest_commit: Option<Timestamp>,
    /// How far the machine's clock is ahead of the clock of each host that answered recently.
    pub ahead_of_hosts: &'a [i64],
}

/// The result of a check of the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockCheck {
    /// The new state to store.
    pub clock: SystemClock,
    /// The time, if it is confirmed.
    pub confirmed: Option<Timestamp>,
}

/// Checks the clock.
pub fn check_clock(before: &SystemClock, evidence: &TimeEvidence<'_>) -> ClockCheck {
    let now = evidence.now;
    let witnesses = [before.confirmed_at, evidence.newest_commit, evidence.by_monotonic];
    let is_unknown = witnesses.iter().all(Option::is_none);
    let found = find_contradiction(before, evidence);
    let found = found.filter(|(kind, _)| *kind == ClockDoubtKind::Hosts || !is_steady(before, now));
    match found {
        Some((kind, ahead_seconds)) => {
            let doubt = ClockDoubt { kind, ahead_seconds, ..continue_doubt(before, now) };
            // Commits under a doubtful clock are no evidence: keep the newest one from before the doubt.
            let confirmed_at = before.confirmed_at.or(evidence.newest_commit);
            ClockCheck {
                clock: SystemClock { confirmed_at, doubt: Some(doubt), ..*before },
                confirmed: None,
            }
        }
        None if is_unknown && !most_hosts_agree(evidence.ahead_of_hosts) => {
            ClockCheck { clock: SystemClock { doubt: None, ..*before }, confirmed: None }
        }
        None => {
            let clock = SystemClock { confirmed_at: Some(now), doubt: None, ..*before };
            ClockCheck { clock, confirmed: Some(now) }
        }
    }
}

/// What contradicts the clock, and how far the clock is ahead of that. `None`: nothing does.
fn find_contradiction(
    before: &SystemClock,
    evidence: &TimeEvidence<'_>,
) -> Option<(ClockDoubtKind, i64)> {
    let hosts = evidence.ahead_of_hosts;
    if most_hosts_agree(hosts) {
        return None;
    }
    let mut against: Vec<i64> =
        hosts.iter().copied().filter(|ahead| !is_small_difference(*ahead)).collect();
    if against.len() >= 2 && against.len() * 2 > hosts.len() {
        against.sort_unstable();
        return Some((ClockDoubtKind::Hosts, *against.get(against.len() / 2)?));
    }
    let ahead_of = |at: Timestamp| evidence.now.as_second().saturating_sub(at.as_second());
    if let Some(ahead) = evidence.by_monotonic.map(ahead_of) {
        return (!is_small_difference(ahead)).then_some((ClockDoubtKind::Jump, ahead));
    }
    match before.confirmed_at.or(evidence.newest_commit).map(ahead_of)? {
        ahead if ahead < 0 && !is_small_difference(ahead) => Some((ClockDoubtKind::Behind, ahead)),
        ahead if ahead > OFF_SECONDS => Some((ClockDoubtKind::Ahead, ahead)),
        _ => None,
    }
}

/// Whether more than half of the hosts agree with the clock.
fn most_hosts_agree(hosts: &[i64]) -> bool {
    hosts.iter().filter(|ahead| is_small_difference(**ahead)).count() * 2 > hosts.len()
}

fn is_small_difference(ahead_seconds: i64) -> bool {
    ahead_seconds.unsigned_abs() <= AGREES_SECONDS
}

/// The earlier doubt, or a new one if the clock jumped again.
fn continue_doubt(before: &SystemClock, now: Timestamp) -> ClockDoubt {
    let new = ClockDoubt {
        kind: ClockDoubtKind::Jump,
        ahead_seconds: 0,
        since: now,
        last_at: now,
        steady_seconds: 0,
    };
    match before.doubt {
        Some(doubt) => match steady_seconds_since(&doubt, now) {
            Some(seconds) => {
                let steady_seconds =
                    doubt.steady_seconds.saturating_add(seconds.min(CHECK_SECONDS));
                ClockDoubt { last_at: now, steady_seconds, ..doubt }
            }
            None => new,
        },
        None => new,
    }
}

/// How long the clock has run since its last check; `None`: it jumped in between.
fn steady_seconds_since(doubt: &ClockDoubt, now: Timestamp) -> Option<u64> {
    let seconds = now.as_second().saturating_sub(doubt.last_at.as_second());
    let is_set_back = seconds < 0 && !is_small_difference(seconds);
    (!is_set_back && seconds <= OFF_SECONDS).then(|| u64::try_from(seconds).unwrap_or(0))
}

fn is_steady(before: &SystemClock, now: Timestamp) -> bool {
    before.doubt.is_some() && continue_doubt(before, now).steady_seconds >= STEADY_SECONDS
}

/// How many of the stored entries may be pruned now: never all of them in one hour, even if the time is
/// certain.
pub fn prune_allowance(clock: &SystemClock, kept_count: u64, now: Timestamp) -> u64 {
    let most = (kept_count / SHARE).max(AT_LEAST);
    if is_same_hour(clock, now) { most.saturating_sub(clock.pruned_count) } else { most }
}

/// The same clock after `count` entries were pruned at `now`.
#[must_use]
pub fn with_pruned(clock: SystemClock, count: u64, now: Timestamp) -> SystemClock {
    if is_same_hour(&clock, now) {
        let pruned_count = clock.pruned_count.saturating_add(count);
        return SystemClock { pruned_count, ..clock };
    }
    SystemClock { hour_began_at: Some(now), pruned_count: count, ..clock }
}

fn is_same_hour(clock: &SystemClock, now: Timestamp) -> bool {
    clock.hour_began_at.is_some_and(|began_at| now.duration_since(began_at).abs() < HOUR)
}

#[cfg(test)]
mod tests {
    use super::*;

    const H: i64 = 3600;
    const DAY: i64 = 24 * H;
    const YEARS: i64 = 10 * 365 * DAY;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_795_000_000 + second).unwrap()
    }

    fn confirmed(second: i64) -> SystemClock {
        SystemClock { confirmed_at: Some(at(second)), ..SystemClock::default() }
    }

    #[test]
    fn a_time_is_confirmed_or_says_what_contradicts_it() {
        let new = SystemClock::default();
        let check = |before: &SystemClock,
                     (now, monotonic, commit): (i64, Option<i64>, Option<i64>),
                     hosts: &[i64],
                     expected: &str| {
            let evidence = TimeEvidence {
                now: at(now),
                by_monotonic: monotonic.map(at),
                newest_commit: commit.map(at),
                ahead_of_hosts: hosts,
            };
            let checked = check_clock(before, &evidence);
            let found = match (checked.confirmed, checked.clock.doubt) {
                (Some(at), None) if checked.clock.confirmed_at == Some(at) => "confirmed",
                (None, Some(doubt)) => doubt.kind.as_str(),
                (None, None) => "unknown",
                (found, doubt) => panic!("{found:?} {doubt:?}"),
            };
            assert_eq!(found, expected, "{before:?} {evidence:?}");
        };
        // Only hosts give evidence.
        check(&new, (0, None, None), &[], "unknown");
        check(&new, (0, None, None), &[YEARS], "unknown");
        check(&new, (0, None, None), &[5], "confirmed");
        check(&new, (0, None, None), &[YEARS, YEARS], "hosts");
        // The newest commit, at the very first check.
        check(&new, (0, None, Some(-60)), &[], "confirmed");
        check(&new, (0, None, Some(-6 * DAY)), &[], "confirmed");
        check(&new, (0, None, Some(-8 * DAY)), &[], "ahead");
        check(&new, (0, None, Some(60)), &[], "confirmed");
        check(&new, (0, None, Some(2 * H)), &[], "behind");
        check(&new, (YEARS, None, Some(0)), &[YEARS], "ahead");
        check(&new, (0, None, Some(-60 * DAY)), &[0], "confirmed");
        // The last confirmed time counts more than a commit under a wrong clock.
        check(&confirmed(0), (YEARS, None, Some(YEARS)), &[], "ahead");
        check(&confirmed(0), (-2 * H, None, Some(-3 * H)), &[], "behind");
        // The monotonic clock.
        check(&confirmed(0), (60, Some(60), None), &[], "confirmed");
        check(&confirmed(0), (60 + H, Some(60), None), &[], "confirmed");
        check(&confirmed(0), (60 + 2 * H, Some(60), None), &[], "jump");
        check(&confirmed(0), (60 - 2 * H, Some(60), None), &[], "jump");
        check(&confirmed(0), (YEARS, Some(20), None), &[], "jump");
        check(&confirmed(0), (30 * DAY, Some(30 * DAY), None), &[], "confirmed");
        // Hosts override all other evidence if most of them agree.
        check(&confirmed(0), (8 * H, Some(0), None), &[3], "confirmed");
        check(&confirmed(0), (8 * H, Some(0), None), &[8 * H, 8 * H, 0], "hosts");
        check(&confirmed(0), (60, Some(60), None), &[YEARS, 0, 1], "confirmed");
        check(&confirmed(0), (60, Some(60), None), &[YEARS, 0], "confirmed");
        check(&confirmed(0), (60, Some(60), None), &[YEARS], "confirmed");
        check(&confirmed(0), (60, Some(60), None), &[-YEARS, -YEARS], "hosts");
    }

    /// Checks every `step` seconds, without hosts; returns the last result.
    fn checks(mut clock: SystemClock, from: i64, step: i64, count: i64) -> ClockCheck {
        let mut last = None;
        for number in 0..count {
            let evidence = TimeEvidence {
                now: at(from + number * step),
                by_monotonic: None,
                newest_commit: None,
                ahead_of_hosts: &[],
            };
            let checked = check_clock(&clock, &evidence);
            clock = checked.clock;
            last = Some(checked);
        }
        last.unwrap()
    }

    #[test]
    fn a_doubt_ends_when_the_clock_is_right_again_or_has_run_for_a_day() {
        let wrong = checks(confirmed(0), YEARS, 60, 20);
        assert!(wrong.confirmed.is_none());
        assert_eq!(wrong.clock.doubt.unwrap().since, at(YEARS));
        assert_eq!(checks(wrong.clock, 1_300, 60, 1).confirmed, Some(at(1_300)), "right again");
        assert!(checks(confirmed(0), YEARS, H, 24).confirmed.is_none());
        assert!(checks(confirmed(0), YEARS, H, 26).confirmed.is_some(), "a day later");
        assert!(checks(confirmed(0), YEARS, DAY, 12).confirmed.is_none(), "few checks");
        assert!(checks(confirmed(0), YEARS, DAY, 14).confirmed.is_some());
        let again = checks(checks(confirmed(0), YEARS, H, 20).clock, 2 * YEARS, H, 20);
        assert!(again.confirmed.is_none(), "another jump starts again");
        // If the very first check finds a wrong clock, what it was compared with is stored.
        let evidence = TimeEvidence {
            now: at(YEARS),
            by_monotonic: None,
            newest_commit: Some(at(0)),
            ahead_of_hosts: &[],
        };
        let first = check_clock(&SystemClock::default(), &evidence);
        let poisoned =
            TimeEvidence { now: at(YEARS + 60), newest_commit: Some(at(YEARS)), ..evidence };
        assert!(check_clock(&first.clock, &poisoned).confirmed.is_none());
    }

    #[test]
    fn one_hour_prunes_a_share_at_most() {
        let check = |kept: u64, pruned: Option<(i64, u64)>, expected: u64| {
            let clock = SystemClock {
                hour_began_at: pruned.map(|(began, _)| at(began)),
                pruned_count: pruned.map_or(0, |(_, count)| count),
                ..SystemClock::default()
            };
            assert_eq!(prune_allowance(&clock, kept, at(0)), expected, "{kept} {pruned:?}");
        };
        check(0, None, 200);
        check(838, None, 200);
        check(100_000, None, 5_000);
        check(100_000, Some((-60, 4_000)), 1_000);
        check(100_000, Some((-60, 9_000)), 0);
        check(100_000, Some((-H, 5_000)), 5_000);
        check(100_000, Some((-H + 1, 5_000)), 0);
        check(100_000, Some((YEARS, 5_000)), 5_000);
        let once = with_pruned(SystemClock::default(), 7, at(0));
        let twice = with_pruned(once, 5, at(60));
        assert_eq!((twice.hour_began_at, twice.pruned_count), (Some(at(0)), 12));
        let later = with_pruned(twice, 1, at(H));
        assert_eq!((later.hour_began_at, later.pruned_count), (Some(at(H)), 1));
    }
}
