//! The entries of a document with many undated ones → an estimated listing time for each of these.
//!
//! When a source is read for the first time, "now" would put all of its undated entries above everything
//! else. The rules: the day in the entry's link; else earlier than the newest dated entry of the document,
//! than the feed's own date, and than one day ago, in the order of the document.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rafid_feed::dates;

/// A later document is treated like the first one if it has at least this many new undated entries.
const MANY: usize = 10;
/// Entries of unknown age are listed as if they were older than this.
const BEHIND: SignedDuration = SignedDuration::from_hours(24);
/// The distance between two of them.
const STEP: SignedDuration = SignedDuration::from_mins(1);

/// What is known about the date of one entry.
#[derive(Debug, Clone, Copy)]
pub struct DatedEntry<'a> {
    /// When it is listed by its own date; `None`: it has no date.
    pub at: Option<Timestamp>,
    /// Its link.
    pub link: Option<&'a str>,
}

/// What is known about the document.
#[derive(Debug, Clone)]
pub struct UndatedReading {
    /// When it was read.
    pub now: Timestamp,
    /// The feed's own date.
    pub feed_at: Option<Timestamp>,
    /// The source's time zone: the days in links are days of this zone.
    pub zone: TimeZone,
}

/// Whether a later document has too many new undated entries for all of them to be from now.
pub fn is_bulk(new_undated: usize, entries: usize) -> bool {
    new_undated >= MANY && new_undated > entries / 2
}

/// The listing time of each entry in the document's order: its own, or an estimate.
pub fn estimate_listed_at(entries: &[DatedEntry<'_>], reading: &UndatedReading) -> Vec<Timestamp> {
    let earlier = |at: Timestamp, by| at.checked_sub(by).unwrap_or(at);
    let dated = || entries.iter().filter_map(|entry| entry.at);
    let known = [dated().max(), reading.feed_at.filter(|at| *at <= reading.now)];
    let day_ago = earlier(reading.now, BEHIND);
    let mut last = known.into_iter().flatten().fold(day_ago, Timestamp::min);
    let is_newest_first = is_newest_first(&dated().collect::<Vec<_>>());
    let mut times = Vec::with_capacity(entries.len());
    for (index, entry) in entries.iter().enumerate() {
        let behind = entries.len() - index;
        let by_link = || entry.link.and_then(|link| day_in_link(link, behind, reading));
        let time = match entry.at.or_else(by_link) {
            Some(at) if is_newest_first => {
                last = last.min(at);
                at
            }
            Some(at) => at,
            None => {
                last = earlier(last, STEP);
                last
            }
        };
        times.push(time);
    }
    times
}

/// The start of the day in a link, plus one millisecond for each entry `behind` this one in the document:
/// the entries of a day keep the document's order.
fn day_in_link(link: &str, behind: usize, reading: &UndatedReading) -> Option<Timestamp> {
    let day = dates::day_in_link(link)?.at(0, 0, 0, 0);
    let start = reading.zone.to_ambiguous_timestamp(day).compatible().ok()?;
    let order = SignedDuration::from_millis(i64::try_from(behind).ok()?);
    start.checked_add(order).ok().filter(|at| *at <= reading.now)
}

fn is_newest_first(dated: &[Timestamp]) -> bool {
    let falling = dated.windows(2).filter(|pair| pair.first() > pair.last()).count();
    let rising = dated.windows(2).filter(|pair| pair.first() < pair.last()).count();
    falling >= rising
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(word: &str) -> Timestamp {
        word.parse().unwrap()
    }

    fn reading(feed_at: Option<&str>) -> UndatedReading {
        let now = at("2026-11-29T12:00:00Z");
        UndatedReading { now, feed_at: feed_at.map(at), zone: TimeZone::UTC }
    }

    /// Each entry is a date, a link or nothing.
    fn check(entries: &[&str], feed_at: Option<&str>, expected: &[&str]) {
        let entries = entries.iter().map(|word| DatedEntry {
            at: word.starts_with('2').then(|| at(word)),
            link: word.starts_with('/').then_some(*word),
        });
        let entries: Vec<_> = entries.collect();
        let times = estimate_listed_at(&entries, &reading(feed_at));
        let expected: Vec<_> = expected.iter().map(|word| at(word)).collect();
        assert_eq!(times, expected, "{entries:?}");
    }

    #[test]
    fn a_link_gives_the_day() {
        check(
            &["/2026/11/29/a", "/2026/11/29/b", "/2019/05/01/c"],
            None,
            &["2026-11-29T00:00:00.003Z", "2026-11-29T00:00:00.002Z", "2019-05-01T00:00:00.001Z"],
        );
        // A day that has not begun in this zone does not count.
        check(&["/2026/11/30/a"], None, &["2026-11-28T11:59:00Z"]);
        let zone = dates::parse_zone("+03:00").unwrap();
        let there = UndatedReading { zone, ..reading(None) };
        let entry = DatedEntry { at: None, link: Some("/2026/11/29/a") };
        assert_eq!(estimate_listed_at(&[entry], &there), [at("2026-11-28T21:00:00.001Z")]);
    }

    #[test]
    fn without_a_link_they_are_listed_behind() {
        let yesterday = ["2026-11-28T11:59:00Z", "2026-11-28T11:58:00Z"];
        check(&["", ""], None, &yesterday);
        check(&["", ""], Some("2026-11-29T11:00:00Z"), &yesterday);
        check(&["", ""], Some("2099-01-01T00:00:00Z"), &yesterday);
        check(
            &["", ""],
            Some("2026-01-01T00:00:00Z"),
            &["2025-12-31T23:59:00Z", "2025-12-31T23:58:00Z"],
        );
        // Behind the newest dated entry, and behind the entry above.
        check(
            &["", "2026-11-20T00:00:00Z", "", "2026-11-01T00:00:00Z", ""],
            None,
            &[
                "2026-11-19T23:59:00Z",
                "2026-11-20T00:00:00Z",
                "2026-11-19T23:58:00Z",
                "2026-11-01T00:00:00Z",
                "2026-10-31T23:59:00Z",
            ],
        );
        // In a document that begins with its oldest entry, the order does not matter.
        check(
            &["2026-11-01T00:00:00Z", "2026-11-20T00:00:00Z", ""],
            None,
            &["2026-11-01T00:00:00Z", "2026-11-20T00:00:00Z", "2026-11-19T23:59:00Z"],
        );
        check(
            &["2026-11-29T11:59:00Z", ""],
            None,
            &["2026-11-29T11:59:00Z", "2026-11-28T11:59:00Z"],
        );
    }

    #[test]
    fn a_hundred_undated_entries_are_not_from_now() {
        let entries = [DatedEntry { at: None, link: None }; 118];
        let reading = reading(None);
        let times = estimate_listed_at(&entries, &reading);
        assert!(times.iter().all(|at| reading.now.duration_since(*at) > BEHIND));
        assert!(times.is_sorted_by(|one, next| one > next), "in the document's order");
        assert!(is_bulk(118, 118) && is_bulk(10, 19) && !is_bulk(9, 9) && !is_bulk(10, 20));
    }
}
