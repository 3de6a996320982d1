//! The days with news and the dates of the newest entries → whether a feed that answers without errors has
//! been silent for longer than its own rhythm explains.
//!
//! | what is known about the rhythm | shortest silence that is reported |
//! | --- | --- |
//! | four days with news, over more than a week | one day |
//! | four days with news | four days: its weekend is not known yet |
//! | five entries | 45 days: they may be one issue of a monthly |
//! | less | one year |
//!
//! The silence that is tolerated is the longest of: this minimum; three times the gap that nine of ten gaps
//! between entries do not exceed; one day more than twice the number of days without news that nineteen of
//! twenty such pauses do not exceed. So weekends, holidays and monthly issues count as they were observed.
//! The limit is a year.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;

use crate::model::{NewsHistory, Silence};

const DAY: i64 = 24 * 3600;
/// This many days with news show a rhythm: there are three gaps between them.
const DAYS_KNOWN: usize = 4;
/// A week and a day: every day of the week was seen, and one of them twice.
const A_WEEK_SEEN: i64 = 8;
/// The minimum before a whole week was seen: longer than any weekend.
const WITHOUT_WEEK: i64 = 4 * DAY;
/// Fewer entries say nothing.
const ENTRIES_KNOWN: usize = 5;
/// One and a half months, for a monthly publication.
const FEW_DAYS: i64 = 45 * DAY;
/// Even a yearbook appears once a year.
const LONGEST: i64 = 365 * DAY;
/// A feed without entries is reported after this time: some are empty for a night.
const EMPTY: i64 = 3 * DAY;

/// Records entries that are new at `now`, with the `dates` of those that have one.
pub fn record_news(
    news: &mut NewsHistory,
    dates: &[Timestamp],
    reading: WhichReading,
    now: Timestamp,
) {
    let past = || dates.iter().copied().filter(|date| *date <= now);
    let at = match reading {
        WhichReading::First => past().max().unwrap_or(now),
        WhichReading::Later => now,
    };
    let days = news.news_at.map_or(0, |before| day_number(at) - day_number(before));
    let shifted = u32::try_from(days)
        .map_or(news.news_days, |days| news.news_days.checked_shl(days).unwrap_or_default());
    let at = news.news_at.map_or(at, |before| before.max(at));
    (news.news_at, news.news_days) = (Some(at), shifted | 1);
    news.empty_since = None;
    for date in past() {
        if let Ok(back @ 0..64) = u32::try_from(day_number(at) - day_number(date)) {
            news.news_days |= 1 << back;
        }
    }
}

/// Whether a feed is read for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhichReading {
    /// The first time: the newest date counts as the time of the latest news.
    First,
    /// A later time: new entries count as news from now, whatever their date.
    Later,
}

/// Whether a feed was silent at its last good response, at `until`. `recent`: the dates of its newest
/// entries in any order. `None`: it was not, or too little is known about it.
pub fn detect_silence(
    news: &NewsHistory,
    recent: &[Timestamp],
    until: Timestamp,
) -> Option<Silence> {
    if let Some(since) = news.empty_since {
        let is_long = seconds_between(since, until) >= EMPTY;
        return is_long.then_some(Silence::Empty { since });
    }
    let mut recent: Vec<Timestamp> = recent.iter().copied().filter(|at| *at <= until).collect();
    recent.sort_unstable();
    let since = news.news_at.max(recent.last().copied())?;
    let patience = patience_seconds(news, &recent);
    let is_silent = seconds_between(since, until) > patience;
    let patience = Duration::from_secs(u64::try_from(patience).unwrap_or(0));
    is_silent.then_some(Silence::Quiet { since, patience })
}

/// The tolerated silence in seconds; `recent` is sorted.
fn patience_seconds(news: &NewsHistory, recent: &[Timestamp]) -> i64 {
    let days = days_with_news(news, recent);
    let span = days.last().zip(days.first()).map_or(0, |(last, first)| last - first);
    let least = match days.len() {
        DAYS_KNOWN.. if span >= A_WEEK_SEEN => DAY,
        DAYS_KNOWN.. => WITHOUT_WEEK,
        _ if recent.len() >= ENTRIES_KNOWN => FEW_DAYS,
        _ => LONGEST,
    };
    let times: Vec<i64> = recent.iter().map(|at| at.as_second()).collect();
    let by_entries = largest_without_outliers(gaps_between(&times), 10).saturating_mul(3);
    let days: Vec<i64> = days.into_iter().collect();
    let without = largest_without_outliers(gaps_between(&days), 20).saturating_sub(1).max(0);
    let by_days = without.saturating_mul(2).saturating_add(1).saturating_mul(DAY);
    least.max(by_entries).max(by_days).min(LONGEST)
}

fn days_with_news(news: &NewsHistory, recent: &[Timestamp]) -> BTreeSet<i64> {
    let last = news.news_at.map(day_number);
    let marked = (0..64).filter(|back| news.news_days & (1 << back) != 0);
    let marked = last.into_iter().flat_map(|last| marked.clone().map(move |back| last - back));
    marked.chain(recent.iter().copied().map(day_number)).collect()
}

fn gaps_between(sorted: &[i64]) -> Vec<i64> {
    let pairs = sorted.windows(2).filter_map(|pair| Some(pair.get(1)? - pair.first()?));
    pairs.collect()
}

/// The largest value without the top one in every `many` (with fewer values all count). 0: there is no value.
fn largest_without_outliers(mut values: Vec<i64>, many: usize) -> i64 {
    values.sort_unstable();
    let last = values.len().saturating_sub(1);
    values.get(last.saturating_sub(values.len() / many)).copied().unwrap_or(0)
}

fn day_number(at: Timestamp) -> i64 {
    at.as_second().div_euclid(DAY)
}

fn seconds_between(since: Timestamp, until: Timestamp) -> i64 {
    until.as_second().saturating_sub(since.as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hour(hour: i64) -> Timestamp {
        Timestamp::from_second(1_795_000_000 / DAY * DAY + hour * 3600).unwrap()
    }

    /// A feed with entries at these hours, read after each of them, with the last `holds` of them.
    /// `expected`: after how many hours it is first reported as silent.
    fn check(hours: &[i64], holds: usize, expected: Option<i64>) {
        let mut news = NewsHistory::default();
        let dates: Vec<Timestamp> = hours.iter().copied().map(hour).collect();
        for (index, date) in dates.iter().enumerate() {
            let reading = if index == 0 { WhichReading::First } else { WhichReading::Later };
            record_news(&mut news, &[*date], reading, *date);
        }
        let recent = &dates[dates.len().saturating_sub(holds)..];
        let last = *hours.last().unwrap();
        let found =
            (0..400 * 24).find(|after| detect_silence(&news, recent, hour(last + after)).is_some());
        assert_eq!(found, expected, "{hours:?}");
    }

    #[test]
    fn every_feed_has_its_own_rhythm() {
        let newsroom: Vec<i64> = (0..14 * 24).collect();
        check(&newsroom, 32, Some(25));
        let agency: Vec<i64> = newsroom.iter().copied().filter(|h| h / 24 % 7 < 5).collect();
        check(&agency, 32, Some(5 * 24 + 1));
        let diary: Vec<i64> = (0..20).map(|day| day * 24 + day % 5).collect();
        check(&diary, 20, Some(3 * 25 + 1));
        let weekly: Vec<i64> = (0..10).map(|week| week * 7 * 24).collect();
        check(&weekly, 10, Some(21 * 24 + 1));
        let issues: Vec<i64> =
            weekly.iter().flat_map(|at| (0..20).map(move |n| at + n / 8)).collect();
        check(&issues, 20, Some(13 * 24 + 1));
    }

    #[test]
    fn a_new_feed_gets_more_time() {
        check(&[0, 24, 48, 50], 4, Some(365 * 24 + 1));
        check(&[0, 1, 2, 3, 4], 5, Some(45 * 24 + 1));
        let first_days: Vec<i64> = (0..4 * 24).collect();
        check(&first_days, 32, Some(4 * 24 + 1));
        assert_eq!(detect_silence(&NewsHistory::default(), &[], hour(0)), None);
    }

    #[test]
    fn dates_alone_show_a_silent_feed() {
        let mut news = NewsHistory::default();
        let old: Vec<Timestamp> = (0..20).map(|day| hour(-24 * (1_000 + day))).collect();
        record_news(&mut news, &old, WhichReading::First, hour(0));
        let expected = Silence::Quiet { since: hour(-24_000), patience: Duration::from_hours(72) };
        assert_eq!(detect_silence(&news, &old, hour(0)), Some(expected));
        // A later entry is news, even with a date as old as that of the others.
        record_news(&mut news, &old[..1], WhichReading::Later, hour(1));
        assert_eq!(detect_silence(&news, &old, hour(2)), None);
        // Dates in the future do not count as news.
        let ahead = [hour(9_000)];
        let mut news = NewsHistory::default();
        record_news(&mut news, &ahead, WhichReading::First, hour(0));
        assert_eq!(news.news_at, Some(hour(0)));
        assert_eq!(detect_silence(&news, &ahead, hour(24 * 365)), None);
        assert!(detect_silence(&news, &[], hour(24 * 365 + 1)).is_some());
    }

    #[test]
    fn empty_feeds_are_reported_after_days() {
        let news = NewsHistory { empty_since: Some(hour(0)), ..NewsHistory::default() };
        assert_eq!(detect_silence(&news, &[], hour(71)), None);
        assert_eq!(detect_silence(&news, &[], hour(72)), Some(Silence::Empty { since: hour(0) }));
    }

    #[test]
    fn days_are_marked_behind_the_newest() {
        let mut news = NewsHistory::default();
        record_news(&mut news, &[hour(-48), hour(0)], WhichReading::First, hour(5));
        assert_eq!((news.news_at, news.news_days), (Some(hour(0)), 0b101));
        record_news(&mut news, &[], WhichReading::Later, hour(30));
        assert_eq!((news.news_at, news.news_days), (Some(hour(30)), 0b1011));
        // A clock that was set back changes nothing.
        record_news(&mut news, &[], WhichReading::Later, hour(2));
        assert_eq!((news.news_at, news.news_days), (Some(hour(30)), 0b1011));
        record_news(&mut news, &[], WhichReading::Later, hour(24 * 500));
        assert_eq!(news.news_days, 1);
    }
}
