//! All dates of a feed → whether the day or the month comes first (`03/04/2024`).
//!
//! A number above 12 is proof (`23/11/2026`); if no date has one, the order that earlier documents
//! of the feed showed applies. Without proof the order is a guess: the one with fewer dates after
//! the feed's own date, then the one with better sorted entries, then the one with dates closer
//! together; else the day comes first, as in all Arab countries. If dates contradict each other,
//! the order is a guess, too: the one with more proofs, or the day first.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::numeric::OrderEvidence;
use super::{date_parts, pieces, read_date_in_order};
use crate::model::DateOrder;

/// A feed may be written in one zone and dated in another: up to this many seconds after the feed's
/// own date, an entry is not in the future.
const A_DAY_SECONDS: i64 = 86_400;

/// How a feed writes its dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateOrderUsage {
    /// The order for all dates that are possible in both.
    pub order: DateOrder,
    /// Whether no date of the feed proves it, now or earlier, or dates contradict each other.
    pub is_guess: bool,
}

/// The evidence in `words` for the order of day and month. `None`: no evidence, for example in a
/// date that begins with the year, names its month or has the same number twice.
pub fn order_evidence(words: &str) -> Option<OrderEvidence> {
    // Most dates contain names or begin with the year; a numeric date contains at least two of
    // these marks. 0xE2 begins U+2212 and U+2013, which replace hyphens.
    let marks = words.bytes().filter(|byte| matches!(byte, b'/' | b'.' | b'-' | 0xE2));
    if words.len() > super::LONGEST_BYTES
        || marks.take(2).count() < 2
        || super::common_forms::read_common_form(words).is_some()
    {
        return None;
    }
    date_parts::order_evidence_in(&pieces::split_into_pieces(words))
}

/// The order in which a feed writes its dates, from the dates of the feed itself and of its entries
/// in document order (one for each). `zone` applies to dates without a zone; `learned` is the order
/// that earlier documents showed, if any. Takes linear time.
pub fn detect_order(
    feed: &[&str],
    entries: &[&str],
    zone: Option<&TimeZone>,
    learned: Option<DateOrder>,
) -> DateOrderUsage {
    let (mut day, mut month) = (0_usize, 0_usize);
    for words in feed.iter().chain(entries) {
        match order_evidence(words) {
            Some(OrderEvidence::Only(DateOrder::DayFirst)) => day += 1,
            Some(OrderEvidence::Only(DateOrder::MonthFirst)) => month += 1,
            Some(OrderEvidence::Either) | None => {}
        }
    }
    let order = match (day, month, learned) {
        (0, 0, Some(order)) => return DateOrderUsage { order, is_guess: false },
        (0, 0, None) => guess_order(feed, entries, zone),
        _ if month > day => DateOrder::MonthFirst,
        _ => DateOrder::DayFirst,
    };
    DateOrderUsage { order, is_guess: (day == 0) == (month == 0) }
}

/// The order that fits the dates better when no date proves it.
fn guess_order(feed: &[&str], entries: &[&str], zone: Option<&TimeZone>) -> DateOrder {
    if !entries.iter().any(|words| order_evidence(words) == Some(OrderEvidence::Either)) {
        return DateOrder::default();
    }
    let certain = |words: &&&str| order_evidence(words).is_none();
    let read = |words: &&str| read_date_in_order(words, zone, DateOrder::default());
    let feed_at = feed.iter().filter(certain).filter_map(read).max();
    let anchor = entries.iter().filter(certain).filter_map(read).chain(feed_at).max();
    let misfit = |order| {
        let instants: Vec<_> =
            entries.iter().filter_map(|words| read_date_in_order(words, zone, order)).collect();
        (
            count_after_feed(&instants, feed_at),
            count_out_of_order(&instants),
            total_distance_seconds(&instants, anchor),
        )
    };
    if misfit(DateOrder::MonthFirst) < misfit(DateOrder::DayFirst) {
        DateOrder::MonthFirst
    } else {
        DateOrder::DayFirst
    }
}

/// The number of entries dated after the feed.
fn count_after_feed(instants: &[Timestamp], feed_at: Option<Timestamp>) -> usize {
    let Some(latest) = feed_at.map(|at| at.as_second() + A_DAY_SECONDS) else {
        return 0;
    };
    instants.iter().filter(|at| at.as_second() > latest).count()
}

/// The number of neighbors that break the feed's direction, newest or oldest first.
fn count_out_of_order(instants: &[Timestamp]) -> usize {
    let pairs = || instants.iter().zip(instants.iter().skip(1));
    let rising = pairs().filter(|(before, after)| before < after).count();
    let falling = pairs().filter(|(before, after)| before > after).count();
    rising.min(falling)
}

/// The total distance, in seconds, of the dates from the latest certain one; without one, from each
/// other.
fn total_distance_seconds(instants: &[Timestamp], anchor: Option<Timestamp>) -> u64 {
    let from = |anchor: Timestamp| {
        instants.iter().map(|at| at.as_second().abs_diff(anchor.as_second())).sum()
    };
    match (anchor, instants.iter().min(), instants.iter().max()) {
        (Some(anchor), ..) => from(anchor),
        (None, Some(first), Some(last)) => last.as_second().abs_diff(first.as_second()),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::DateOrder::{DayFirst, MonthFirst};
    use super::*;

    #[test]
    fn evidence_of_one_date() {
        let check =
            |words: &str, expected| assert_eq!(order_evidence(words), expected, "{words:?}");
        check("23/11/2026", Some(OrderEvidence::Only(DayFirst)));
        check("٢٣/١١/٢٠٢٦ ١٠:٠٠", Some(OrderEvidence::Only(DayFirst)));
        check("23-11-26", Some(OrderEvidence::Only(DayFirst)));
        check("11/23/2026 1:19 PM", Some(OrderEvidence::Only(MonthFirst)));
        check("11.23.2026", Some(OrderEvidence::Only(MonthFirst)));
        check("03/04/2024", Some(OrderEvidence::Either));
        check("3-4-2024 10:00", Some(OrderEvidence::Either));
        check("03.04.2024", Some(OrderEvidence::Either));
        check("3\u{200f}/4\u{200f}/2024", Some(OrderEvidence::Either));
        check("3–4–2024", Some(OrderEvidence::Either));
        for words in [
            "04/04/2024",
            "2024-03-04",
            "2024/03/04",
            "3 أبريل 2024",
            "Mon, 23 Nov 2026 10:00:00 -0500",
            "03/04/1446",
            "13/13/2024",
            "0/4/2024",
            "3/4",
            "",
        ] {
            check(words, None);
        }
    }

    #[test]
    fn the_other_dates_of_a_feed_show_the_order() {
        let check = |feed: &[&str], entries: &[&str], order, is_guess| {
            assert_eq!(
                detect_order(feed, entries, None, None),
                DateOrderUsage { order, is_guess },
                "{feed:?} {entries:?}"
            );
        };
        check(&[], &["03/04/2024", "23/03/2024"], DayFirst, false);
        check(&[], &["03/04/2024", "03/23/2024"], MonthFirst, false);
        check(&["11/23/2024"], &["03/04/2024"], MonthFirst, false);
        // Two writers in one feed: the order with more dates, or the day first when they are equal.
        check(&[], &["03/23/2024", "03/24/2024", "23/03/2024"], MonthFirst, true);
        check(&[], &["03/23/2024", "23/03/2024"], DayFirst, true);
        // No evidence.
        check(&[], &["03/04/2024"], DayFirst, true);
        check(&[], &[], DayFirst, true);
        check(&["2024-04-03"], &["no date"], DayFirst, true);
        // The feed's own date.
        check(&["2024-04-03"], &["03/04/2024"], DayFirst, true);
        check(&["2024-03-04"], &["03/04/2024"], MonthFirst, true);
        check(&["Mon, 03 Jun 2024 10:00:00 GMT"], &["05/07/2024"], MonthFirst, true);
        check(&["2024-03-01"], &["01/03/2024", "01/02/2024", "01/01/2024"], DayFirst, true);
        // Another entry's date.
        check(&[], &["2024-03-05", "03/04/2024"], MonthFirst, true);
        // Sorted under one order only.
        check(&[], &["02/02/2024", "12/01/2024", "05/01/2024"], DayFirst, true);
        check(&[], &["02/02/2024", "01/12/2024", "01/05/2024"], MonthFirst, true);
        // Sorted in both orders: three days in a row are more likely than three months.
        check(&[], &["03/04/2024", "02/04/2024", "01/04/2024"], DayFirst, true);
        check(&[], &["04/03/2024", "04/02/2024", "04/01/2024"], MonthFirst, true);
    }

    #[test]
    fn the_order_of_earlier_documents_holds_until_a_date_contradicts_it() {
        let check = |entries: &[&str], order, is_guess| {
            let usage = detect_order(&[], entries, None, Some(MonthFirst));
            assert_eq!(usage, DateOrderUsage { order, is_guess }, "{entries:?}");
        };
        check(&["03/04/2024", "02/04/2024", "01/04/2024"], MonthFirst, false);
        check(&[], MonthFirst, false);
        check(&["23/03/2024"], DayFirst, false);
        check(&["03/23/2024", "23/03/2024"], DayFirst, true);
    }
}
