//! The dates of entries, document after document → whether they are meaningless: some publishers give every
//! new entry the same old date, others give all entries a new date whenever they create the document.
//!
//! | what is seen | how often | result |
//! | --- | --- | --- |
//! | new entries without a newer date than those already known | 5 entries, on 3 days | the dates stand still, if the newest date is older than it usually gets |
//! | all entries of a document have the same minute, close to the time of the poll and later than in the previous document, and their content has not changed | 3 documents in a row | the dates are stamped when the document is created |
//!
//! *Older than it usually gets* means twice the longest time that the newest date was behind a new entry
//! before it advanced, and at least a week: an issue that has the date of its first day grows for weeks.
//! Until the date has advanced five times, it means 45 days. Dates in the future are ignored, unless they are
//! as near as the date of a coming issue; feeds without dates have no wrong dates.

use jiff::{SignedDuration, Timestamp};
use rafid_feed::model::Entry;

use crate::model::{DateHistory, FrozenDates, StuckDates};

const DAY: u64 = 24 * 3600;
/// Fewer may be old texts that were added later.
const FEWEST_STUCK: u32 = 5;
/// A single day may be an import.
const STUCK_DAYS: u8 = 3;
/// A feed whose newest date advanced this often dates its entries.
const MOVES_KNOWN: u8 = 5;
/// A week of holidays, when a publisher may put older entries back into its feed.
const LEAST_SECONDS: u64 = 7 * DAY;
/// One and a half months, for a monthly publication; also the limit for the longest time seen before.
const UNKNOWN_SECONDS: u64 = 45 * DAY;
/// An issue may have the date of the day when it is sold.
const AHEAD: SignedDuration = SignedDuration::from_hours(48);
/// Creating a document takes less than a minute, and two are not created within one.
const STAMP: SignedDuration = SignedDuration::from_mins(1);
/// An older document date means that entries were written then, or is a coarse relative date («منذ يوم»); a
/// date farther ahead means a wrong clock. Caches usually keep a document for a quarter of an hour.
const STAMPED_WITHIN: SignedDuration = SignedDuration::from_mins(30);
/// Fewer entries may really have the same date.
const FEWEST_STAMPED: usize = 3;
/// A publisher may fix all of its dates once or twice.
const STAMPS: u8 = 3;

/// Records the dates of entries that are new at `now`; the first ones are only the starting point.
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

/// Records the dates of all entries of a document that was read at `now`. `unchanged`: how many of these
/// entries were known before and have the same content.
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

/// Whether the dates are meaningless. `None`: nothing shows that they are.
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

/// Removes dates that stand still from entries without a newer one: these are listed when they are first
/// seen, like entries without a date. If most entries of a document are new, it keeps its dates: then the
/// entries are old, whatever their dates.
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

/// Whether an entry of a document was known before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Novelty {
    /// It was not known.
    New,
    /// It was known.
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

    /// Documents: when each was read, and the dates of its new entries, in hours. `expected` is the first one
    /// after which the dates stand still.
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
        // Constant for years: reported with the fifth entry on the third day.
        let old = |now: i64, count: usize| (now, vec![-20_000; count]);
        check(&[old(0, 20), old(24, 2), old(48, 2), old(72, 1)], Some(3));
        check(&[old(0, 20), old(24, 2), old(48, 1), old(72, 1), old(73, 1)], Some(4));
        check(&[old(0, 20), old(24, 9), old(30, 9), old(47, 9)], None);
        // Older dates than before.
        check(&[old(0, 9), (24, vec![-30_000, -30_001]), old(48, 2), (72, vec![-40_000])], Some(3));
        // A feed with prompt dates is reported after a week.
        let mut froze = newsroom();
        froze.extend((30..60).map(|n| (n * 8, vec![231])));
        let expected = froze.iter().position(|(now, _)| *now > 231 + 7 * 24);
        check(&froze, expected);
    }

    #[test]
    fn honest_dates() {
        check(&newsroom(), None);
        // A monthly whose issue grows for four weeks, all of it with the date of the month's first day.
        let monthly = |month: i64| {
            (0..10).map(move |n| (month * 720 + n * 70, vec![month * 720; 3])).collect::<Vec<_>>()
        };
        check(&(0..12).flat_map(monthly).collect::<Vec<_>>(), None);
        // A weekly that does the same.
        let weekly: Vec<_> = (0..140).map(|day| (day * 24 + 9, vec![day / 7 * 168])).collect();
        check(&weekly, None);
        // One entry per poll with the current date; dates without a time of day.
        check(&(0..99).map(|n| (n, vec![n])).collect::<Vec<_>>(), None);
        check(&(0..200).map(|n| (n, vec![n / 24 * 24])).collect::<Vec<_>>(), None);
        // Dates of the next day, which are in the future.
        check(&(0..99).map(|day| (day * 24 + 20, vec![day * 24 + 24])).collect::<Vec<_>>(), None);
        // No dates, no entries, an archive that is added while news continue.
        check(&(0..99).map(|n| (n * 24, Vec::new())).collect::<Vec<_>>(), None);
        check(&(0..99).map(|n| (n * 24, vec![n * 24, -9_000, -9_999])).collect::<Vec<_>>(), None);
        // An event of next year that stays at the top does not affect the other dates.
        let mut pinned = newsroom();
        pinned[3].1.push(9_000);
        check(&pinned, None);
    }

    #[test]
    fn the_finding_ends_when_the_newest_date_advances() {
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

    /// Documents: the dates of their entries in minutes, and how many entries are unchanged. Each is read
    /// `after` minutes after its latest date. `expected` is the first one after which dates are stamped.
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
    fn dates_of_the_moment_when_a_document_is_created() {
        let made = |at: i64, unchanged: usize| (vec![at, at, at + 1, at], unchanged);
        check_stamps(&[made(0, 0), made(60, 3), made(120, 4), made(180, 2)], Some(3));
        // From a cache; with «منذ يوم» for all entries; from a wrong clock.
        let documents: Vec<_> = (0..9).map(|n| made(n * 60, 4)).collect();
        check_stamps_after(25, &documents, Some(3));
        check_stamps_after(24 * 60, &documents, None);
        check_stamps_after(-180, &documents, None);
        // With responses of a cache between them.
        let cached = [made(0, 0), made(60, 4), made(60, 4), made(90, 4), made(90, 4), made(99, 4)];
        check_stamps(&cached, Some(5));
        // Dates that were fixed twice.
        check_stamps(&[made(0, 0), made(60, 4), made(120, 4), made(120, 4), made(120, 4)], None);
        // Whole issues, each with one date; a table with every row really rewritten.
        check_stamps(&(0..9).map(|n| made(n * 1440, 0)).collect::<Vec<_>>(), None);
        check_stamps(&(0..9).map(|n| made(n * 60, 1)).collect::<Vec<_>>(), None);
        // One page that is updated; two.
        check_stamps(&(0..9).map(|n| (vec![n * 60], 1)).collect::<Vec<_>>(), None);
        check_stamps(&(0..9).map(|n| (vec![n * 60; 2], 2)).collect::<Vec<_>>(), None);
        // News.
        check_stamps(&(0..9).map(|n| (vec![n * 60, 0, -60], 2)).collect::<Vec<_>>(), None);
        // The finding ends with the first document that has several dates.
        let mut ends: Vec<_> = (0..4).map(|n| made(n * 60, 4)).collect();
        check_stamps(&ends, Some(3));
        ends.insert(2, (vec![60, 61, 90], 3));
        check_stamps(&ends, None);
    }

    #[test]
    fn meaningless_dates_are_ignored_and_new_ones_are_not() {
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
