//! All dates of a feed → whether it writes the day or the month first (`03/04/2024`).
//!
//! The ladder: a number above 12 tells (`23/11/2026`); where none does, what earlier documents of the
//! feed told. Where nothing told it, the order is a guess: the one under which fewer dates lie after
//! the feed's own, then the one under which the entries are better sorted, then the one under which
//! dates lie closer together; else the day comes first, as in all Arab countries. Where dates tell
//! different things, it is a guess, too: the order of the greater number, or the day first.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{fields, pieces, read_date_in_order};

pub use crate::model::DateOrder as Order;

/// A feed may be written in one zone and dated in another: so many seconds after the feed's own date
/// an entry is not from the future.
const A_DAY_SECONDS: i64 = 86_400;

/// What one date tells about the order of a feed's dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderEvidence {
    /// It is possible in this order only.
    Only(Order),
    /// It is possible in both, and names two different days.
    Either,
}

/// How a feed writes its dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateOrderUsage {
    /// The order for all dates that are possible in both.
    pub order: Order,
    /// Whether no date of the feed told it, now or earlier, or dates told different things.
    pub is_guess: bool,
}

/// What `words` tell about the order of day and month. `None`: nothing, as with a date that begins
/// with the year, names its month or has the same number twice.
pub fn order_evidence(words: &str) -> Option<OrderEvidence> {
    // Most dates have names or begin with the year; two of these marks are the least. 0xE2 begins
    // U+2212 and U+2013, which stand for hyphens.
    let marks = words.bytes().filter(|byte| matches!(byte, b'/' | b'.' | b'-' | 0xE2));
    if words.len() > super::LONGEST_BYTES
        || marks.take(2).count() < 2
        || super::common_forms::read_common_form(words).is_some()
    {
        return None;
    }
    fields::order_evidence_in(&pieces::split_into_pieces(words))
}

/// How a feed writes its dates, by the dates of the feed itself and of its entries in document order
/// (one for each); `zone` is where dates without a zone are from, `learnt` what its earlier documents
/// told, if they told anything. Takes linear time.
pub fn detect_order(
    feed: &[&str],
    entries: &[&str],
    zone: Option<&TimeZone>,
    learnt: Option<Order>,
) -> DateOrderUsage {
    let (mut day, mut month) = (0_usize, 0_usize);
    for words in feed.iter().chain(entries) {
        match order_evidence(words) {
            Some(OrderEvidence::Only(Order::DayFirst)) => day += 1,
            Some(OrderEvidence::Only(Order::MonthFirst)) => month += 1,
            Some(OrderEvidence::Either) | None => {}
        }
    }
    let order = match (day, month, learnt) {
        (0, 0, Some(order)) => return DateOrderUsage { order, is_guess: false },
        (0, 0, None) => guess_order(feed, entries, zone),
        _ if month > day => Order::MonthFirst,
        _ => Order::DayFirst,
    };
    DateOrderUsage { order, is_guess: (day == 0) == (month == 0) }
}

/// The order that suits the dates better, when no date tells it.
fn guess_order(feed: &[&str], entries: &[&str], zone: Option<&TimeZone>) -> Order {
    if !entries.iter().any(|words| order_evidence(words) == Some(OrderEvidence::Either)) {
        return Order::default();
    }
    let certain = |words: &&&str| order_evidence(words).is_none();
    let read = |words: &&str| read_date_in_order(words, zone, Order::default());
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
    if misfit(Order::MonthFirst) < misfit(Order::DayFirst) {
        Order::MonthFirst
    } else {
        Order::DayFirst
    }
}

/// How many entries are dated after the feed.
fn count_after_feed(instants: &[Timestamp], feed_at: Option<Timestamp>) -> usize {
    let Some(latest) = feed_at.map(|at| at.as_second() + A_DAY_SECONDS) else {
        return 0;
    };
    instants.iter().filter(|at| at.as_second() > latest).count()
}

/// How many neighbours stand against the feed's direction, newest or oldest first.
fn count_out_of_order(instants: &[Timestamp]) -> usize {
    let pairs = || instants.iter().zip(instants.iter().skip(1));
    let rising = pairs().filter(|(before, after)| before < after).count();
    let falling = pairs().filter(|(before, after)| before > after).count();
    rising.min(falling)
}

/// How far, in seconds, the dates lie from the latest certain one; without one, from each other.
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
    use super::Order::{DayFirst, MonthFirst};
    use super::*;

    #[test]
    fn what_one_date_tells() {
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
    fn a_feeds_other_dates_tell_the_order() {
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
        // Two hands in one feed: the greater number of dates, the day first when they are as many.
        check(&[], &["03/23/2024", "03/24/2024", "23/03/2024"], MonthFirst, true);
        check(&[], &["03/23/2024", "23/03/2024"], DayFirst, true);
        // Nothing tells.
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
        // Sorted under both: three days in a row are likelier than three months.
        check(&[], &["03/04/2024", "02/04/2024", "01/04/2024"], DayFirst, true);
        check(&[], &["04/03/2024", "04/02/2024", "04/01/2024"], MonthFirst, true);
    }

    #[test]
    fn what_earlier_documents_told_holds_until_one_tells_otherwise() {
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
