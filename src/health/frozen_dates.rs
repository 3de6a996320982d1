//! The dates that entries claim, reading after reading → whether they say anything: some publishers give
//! every new entry the same old date, others date all entries anew whenever the document is made.
//!
//! | what is seen | so often | then |
//! | --- | --- | --- |
//! | new entries, and none of them claims a newer date than was known | 5 of them, on 3 days | the dates stand still, when the newest one lies back for longer than it ever did |
//! | all entries of a document claim the same minute, that of the poll or shortly before it, a later one than in the document before, and nothing else of them has changed | 3 documents in a row | they are stamped by whoever makes the document |
//!
//! *Longer than it ever did* is twice the longest time that the newest date lay behind a new entry before it
//! moved on, and a week at least: an issue that is dated by its first day fills up for weeks. Until the
//! date has moved on five times, it is 45 days. Dates in the future are none of news and are passed over,
//! beyond what an issue is dated ahead; feeds without dates say nothing that could be wrong.

use jiff::{SignedDuration, Timestamp};
use rafid_feed::model::Entry;

use crate::model::{DateHistory, FrozenDates, StuckDates};

const DAY: u64 = 24 * 3600;
/// Less may be an old text that was put in later.
const FEWEST_STUCK: u32 = 5;
/// One bad day is one import.
const STUCK_DAYS: u8 = 3;
/// The date that has moved on so often is of a feed that dates its entries.
const MOVES_KNOWN: u8 = 5;
/// A week of holidays, in which a publisher may put older entries back into its feed.
const LEAST_SECONDS: u64 = 7 * DAY;
/// Half as long again as a monthly's month; also the most that was seen before counts for.
const UNKNOWN_SECONDS: u64 = 45 * DAY;
/// An issue may be dated by the day when it is in the shops.
const AHEAD: SignedDuration = SignedDuration::from_hours(48);
/// Two documents are not made within one minute, and making one takes no longer.
const STAMP: SignedDuration = SignedDuration::from_mins(1);
/// What lies farther back was made then, or is told from now in coarse words («منذ يوم»); what lies farther
/// ahead is of a clock that is off. Caches keep a document for a quarter of an hour, as a rule.
const STAMPED_WITHIN: SignedDuration = SignedDuration::from_mins(30);
/// Fewer entries may have been written at once.
const FEWEST_STAMPED: usize = 3;
/// A publisher may repair all dates at once, and once more.
const STAMPS: u8 = 3;

/// Takes note of the dates of entries that are new at `now`; the first ones are only remembered.
pub fn record_entries(dates: &mut DateHistory, claimed: &[Timestamp], now: Timestamp) {
    let latest = now.checked_add(AHEAD).unwrap_or(Timestamp::MAX);
    let believable = || claimed.iter().copied().filter(|at| *at <= latest);
    let Some(claim) = believable().max().map(|claim| claim.min(now)) else { return };
    let Some(newest) = dates.newest else {
        dates.newest = Some(claim);
        return;
    };
    if claim > newest {
        if let Some(stuck) = dates.stuck.take() {
            let behind = seconds_between(newest, stuck.until).min(UNKNOWN_SECONDS);
            dates.longest_seconds = dates.longest_seconds.max(behind);
        }
        dates.moves = dates.moves.saturating_add(1);
        dates.newest = Some(claim);
        return;
    }
    let count = u32::try_from(believable().count()).unwrap_or(u32::MAX);
    let stuck =
        dates.stuck.get_or_insert(StuckDates { entries: 0, days: 0, since: now, until: now });
    let is_new_day = stuck.days == 0 || day_number(now) > day_number(stuck.until);
    stuck.entries = stuck.entries.saturating_add(count);
    stuck.days = stuck.days.saturating_add(u8::from(is_new_day));
    stuck.until = stuck.until.max(now);
}

/// Takes note of the dates of all entries of one document that came at `now`. `unchanged`: how many of
/// these entries were known before, and say what they said then.
pub fn record_document(
    dates: &mut DateHistory,
    claimed: &[Timestamp],
    unchanged: usize,
    now: Timestamp,
) {
    let (Some(first), Some(last)) = (claimed.iter().min(), claimed.iter().max()) else { return };
    if claimed.len() < FEWEST_STAMPED {
        return;
    }
    let is_stamp =
        last.duration_since(*first) <= STAMP && now.duration_since(*last).abs() <= STAMPED_WITHIN;
    let before = dates.stamp.take().filter(|_| is_stamp);
    dates.stamp = is_stamp.then_some(*last);
    let Some(before) = before else {
        (dates.stamps, dates.stamped_since) = (0, None);
        return;
    };
    if last.duration_since(before) <= STAMP {
        dates.stamp = Some(before);
    } else if unchanged * 2 >= claimed.len() {
        dates.stamps = dates.stamps.saturating_add(1);
        dates.stamped_since = dates.stamped_since.or(Some(now));
    } else {
        (dates.stamps, dates.stamped_since) = (0, None);
    }
}

/// Whether the dates say nothing, as far as was seen. `None`: they do.
pub fn detect_frozen_dates(dates: &DateHistory) -> Option<FrozenDates> {
    if let (Some(newest), Some(stuck)) = (dates.newest, dates.stuck)
        && stuck.entries >= FEWEST_STUCK
        && stuck.days >= STUCK_DAYS
        && seconds_between(newest, stuck.until) > patience_seconds(dates)
    {
        return Some(FrozenDates::Still { since: stuck.since, newest });
    }
    let since = dates.stamped_since.filter(|_| dates.stamps >= STAMPS)?;
    Some(FrozenDates::Stamped { since })
}

fn patience_seconds(dates: &DateHistory) -> u64 {
    if dates.moves < MOVES_KNOWN {
        return UNKNOWN_SECONDS;
    }
    dates.longest_seconds.saturating_mul(2).max(LEAST_SECONDS)
}

/// Takes dates that stand still from entries that claim no newer one: they are listed when they are first
/// seen, as entries without a date are. A feed of which most is new at once keeps its dates: what comes is
/// old then, whatever its dates say.
pub fn ignore_dates<'a>(
    frozen: FrozenDates,
    entries: impl Iterator<Item = (&'a mut Entry, Novelty)>,
) {
    let FrozenDates::Still { newest, .. } = frozen else { return };
    let entries: Vec<_> = entries.collect();
    let new = entries.iter().filter(|(_, novelty)| *novelty == Novelty::New).count();
    if new * 2 > entries.len() {
        return;
    }
    for (entry, _) in entries {
        for date in [&mut entry.published_at, &mut entry.updated_at] {
            *date = date.filter(|at| *at > newest);
        }
    }
}

/// Whether an entry of a reading was known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Novelty {
    /// It was not.
    New,
    /// It was.
    Known,
}

fn day_number(at: Timestamp) -> i64 {
    at.as_second().div_euclid(24 * 3600)
}

fn seconds_between(since: Timestamp, until: Timestamp) -> u64 {
    u64::try_from(until.as_second().saturating_sub(since.as_second())).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rafid_feed::model::{Identity, IdentityKind, PlainText};

    fn hour(hour: i64) -> Timestamp {
        Timestamp::from_second(1_795_046_400 + hour * 3600).unwrap()
    }

    /// Readings: when each was made, and the dates of what was new in it, in hours. After which of them
    /// is it first told that the dates stand still?
    fn check(readings: &[(i64, Vec<i64>)], expected: Option<usize>) {
        let mut dates = DateHistory::default();
        let found = readings.iter().position(|(now, claimed)| {
            let claimed: Vec<Timestamp> = claimed.iter().copied().map(hour).collect();
            record_entries(&mut dates, &claimed, hour(*now));
            detect_frozen_dates(&dates).is_some()
        });
        assert_eq!(found, expected, "{readings:?}");
    }

    /// A newsroom that dated its entries well for ten days.
    fn newsroom() -> Vec<(i64, Vec<i64>)> {
        (0..30).map(|n| (n * 8, vec![n * 8 - 1, n * 8 - 2])).collect()
    }

    #[test]
    fn dates_that_stand_still() {
        // Constant for years: told with the fifth entry on the third day.
        let old = |now: i64, count: usize| (now, vec![-20_000; count]);
        check(&[old(0, 20), old(24, 2), old(48, 2), old(72, 1)], Some(3));
        check(&[old(0, 20), old(24, 2), old(48, 1), old(72, 1), old(73, 1)], Some(4));
        check(&[old(0, 20), old(24, 9), old(30, 9), old(47, 9)], None);
        // Older ones than before.
        check(&[old(0, 9), (24, vec![-30_000, -30_001]), old(48, 2), (72, vec![-40_000])], Some(3));
        // One that was prompt is told after a week.
        let mut froze = newsroom();
        froze.extend((30..60).map(|n| (n * 8, vec![231])));
        let expected = froze.iter().position(|(now, _)| *now > 231 + 7 * 24);
        check(&froze, expected);
    }

    #[test]
    fn honest_dates() {
        check(&newsroom(), None);
        // A monthly whose issue fills up for four weeks, all of it dated by the month's first day.
        let monthly = |month: i64| {
            (0..10).map(move |n| (month * 720 + n * 70, vec![month * 720; 3])).collect::<Vec<_>>()
        };
        check(&(0..12).flat_map(monthly).collect::<Vec<_>>(), None);
        // A weekly the same way.
        let weekly: Vec<_> = (0..140).map(|day| (day * 24 + 9, vec![day / 7 * 168])).collect();
        check(&weekly, None);
        // One entry a poll, dated as it comes; dates by the day alone.
        check(&(0..99).map(|n| (n, vec![n])).collect::<Vec<_>>(), None);
        check(&(0..200).map(|n| (n, vec![n / 24 * 24])).collect::<Vec<_>>(), None);
        // Dated by the next day, which lies in the future.
        check(&(0..99).map(|day| (day * 24 + 20, vec![day * 24 + 24])).collect::<Vec<_>>(), None);
        // No dates, no entries, an archive that is put in while news go on.
        check(&(0..99).map(|n| (n * 24, Vec::new())).collect::<Vec<_>>(), None);
        check(&(0..99).map(|n| (n * 24, vec![n * 24, -9_000, -9_999])).collect::<Vec<_>>(), None);
        // An event of next year that stays in front says nothing about the others.
        let mut pinned = newsroom();
        pinned[3].1.push(9_000);
        check(&pinned, None);
    }

    #[test]
    fn it_ends_when_the_newest_date_moves() {
        let mut dates = DateHistory::default();
        for day in 0..5 {
            record_entries(&mut dates, &[hour(-9_999); 3], hour(day * 24));
        }
        let expected = FrozenDates::Still { since: hour(24), newest: hour(-9_999) };
        assert_eq!(detect_frozen_dates(&dates), Some(expected));
        record_entries(&mut dates, &[hour(120)], hour(121));
        assert_eq!(
            (detect_frozen_dates(&dates), dates.newest, dates.stuck),
            (None, Some(hour(120)), None)
        );
        assert_eq!(
            dates.longest_seconds, UNKNOWN_SECONDS,
            "years do not make it patient for years"
        );
    }

    /// Documents: the dates of their entries in minutes, how many entries are as before. They came so many
    /// minutes after the latest of these dates. After which of them is it told that they are stamped?
    fn check_stamps_after(after: i64, documents: &[(Vec<i64>, usize)], expected: Option<usize>) {
        let mut dates = DateHistory::default();
        let found = documents.iter().position(|(claimed, unchanged)| {
            let minute = |minute: i64| hour(0) + SignedDuration::from_mins(minute);
            let now = minute(claimed.iter().max().unwrap() + after);
            let claimed: Vec<Timestamp> = claimed.iter().copied().map(minute).collect();
            record_document(&mut dates, &claimed, *unchanged, now);
            detect_frozen_dates(&dates).is_some()
        });
        assert_eq!(found, expected, "{documents:?}");
    }

    fn check_stamps(documents: &[(Vec<i64>, usize)], expected: Option<usize>) {
        check_stamps_after(5, documents, expected);
    }

    #[test]
    fn dates_of_the_moment_when_a_document_is_made() {
        let made = |at: i64, unchanged: usize| (vec![at, at, at + 1, at], unchanged);
        check_stamps(&[made(0, 0), made(60, 3), made(120, 4), made(180, 2)], Some(3));
        // Of a document in a cache; of one that says «منذ يوم» of all, and of a clock that is off.
        let documents: Vec<_> = (0..9).map(|n| made(n * 60, 4)).collect();
        check_stamps_after(25, &documents, Some(3));
        check_stamps_after(24 * 60, &documents, None);
        check_stamps_after(-180, &documents, None);
        // Answers of a cache between them.
        let cached = [made(0, 0), made(60, 4), made(60, 4), made(90, 4), made(90, 4), made(99, 4)];
        check_stamps(&cached, Some(5));
        // Repaired twice.
        check_stamps(&[made(0, 0), made(60, 4), made(120, 4), made(120, 4), made(120, 4)], None);
        // Whole issues, each with one date; a table whose every row is really written anew.
        check_stamps(&(0..9).map(|n| made(n * 1440, 0)).collect::<Vec<_>>(), None);
        check_stamps(&(0..9).map(|n| made(n * 60, 1)).collect::<Vec<_>>(), None);
        // One page that is kept current; two.
        check_stamps(&(0..9).map(|n| (vec![n * 60], 1)).collect::<Vec<_>>(), None);
        check_stamps(&(0..9).map(|n| (vec![n * 60; 2], 2)).collect::<Vec<_>>(), None);
        // News.
        check_stamps(&(0..9).map(|n| (vec![n * 60, 0, -60], 2)).collect::<Vec<_>>(), None);
        // It ends with the first document of several dates.
        let mut ends: Vec<_> = (0..4).map(|n| made(n * 60, 4)).collect();
        check_stamps(&ends, Some(3));
        ends.insert(2, (vec![60, 61, 90], 3));
        check_stamps(&ends, None);
    }

    #[test]
    fn worthless_dates_are_passed_over_and_new_ones_are_not() {
        let identity =
            Identity { kind: IdentityKind::Guid, key: "x".into(), weaker_names: Vec::new() };
        let entry = |published: i64| Entry {
            published_at: Some(hour(published)),
            updated_at: Some(hour(published)),
            ..Entry::titled(identity.clone(), PlainText::from_trusted("x".into()))
        };
        let check = |frozen: FrozenDates, news: &[Novelty], expected: &[bool]| {
            let mut entries = [entry(0), entry(-5), entry(1)];
            ignore_dates(frozen, entries.iter_mut().zip(news.iter().copied()));
            let dated: Vec<bool> = entries.iter().map(|e| e.published_at.is_some()).collect();
            assert_eq!(dated, expected);
            assert!(entries.iter().all(|e| e.published_at == e.updated_at));
        };
        let still = FrozenDates::Still { since: hour(0), newest: hour(0) };
        check(still, &[Novelty::New, Novelty::Known, Novelty::Known], &[false, false, true]);
        check(still, &[Novelty::New, Novelty::New, Novelty::Known], &[true, true, true]);
        check(FrozenDates::Stamped { since: hour(0) }, &[Novelty::Known; 3], &[true, true, true]);
    }
}
