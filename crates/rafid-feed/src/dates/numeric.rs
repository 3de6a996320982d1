//! A date in numbers → year, month and day. The year is first if it has four digits; day and month
//! are in the only possible order, else in the order that the weekday beside the date proves, else
//! in the order of the feed.

use jiff::civil::Date;

use super::pieces::DatePiece::{self, Mark, Number};
use crate::model::DateOrder;

/// The evidence of one date for the order of a feed's dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderEvidence {
    /// The date is possible in this order only.
    Only(DateOrder),
    /// The date is possible in both orders and names two different days.
    Either,
}

/// A date of three numbers before its order is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NumericDate {
    /// Year, month, day.
    YearFirst(u32, u32, u32),
    /// Two numbers for day and month, and the year, where the date has one.
    YearLast(u32, u32, Option<u32>),
}

impl NumericDate {
    /// Three numbers with the numbers of digits of the first and the last.
    pub(super) fn from_numbers(
        (a, b, c): (u32, u32, u32),
        lengths: (usize, usize),
    ) -> Option<Self> {
        match lengths {
            (4, _) => Some(Self::YearFirst(a, b, c)),
            (2, 2) if a > 31 => Some(Self::YearFirst(full_year(a), b, c)),
            (_, 4) => Some(Self::YearLast(a, b, Some(c))),
            (1 | 2, 2) => Some(Self::YearLast(a, b, Some(full_year(c)))),
            _ => None,
        }
    }

    /// `20261116`.
    pub(super) fn from_eight_digits(value: u32) -> Self {
        Self::YearFirst(value / 10_000, value / 100 % 100, value % 100)
    }

    /// The evidence for the order of day and month; `weekday` (1 is Monday) decides if it fits one
    /// order only.
    pub(super) fn evidence(self, weekday: Option<i8>) -> Option<OrderEvidence> {
        let Self::YearLast(a, b, year) = self else { return None };
        match (a, b) {
            (1..=12, 1..=12) if a == b => None,
            (1..=12, 1..=12) => {
                let proven = weekday.and_then(|weekday| order_of_weekday(a, b, year?, weekday));
                Some(proven.map_or(OrderEvidence::Either, OrderEvidence::Only))
            }
            (13..=31, 1..=12) => Some(OrderEvidence::Only(DateOrder::DayFirst)),
            (1..=12, 13..=31) => Some(OrderEvidence::Only(DateOrder::MonthFirst)),
            _ => None,
        }
    }

    /// Year, month and day; `order` applies where both are possible.
    pub(super) fn resolve(self, order: DateOrder, weekday: Option<i8>) -> (Option<u32>, u32, u32) {
        let (a, b, year) = match self {
            Self::YearFirst(year, month, day) => return (Some(year), month, day),
            Self::YearLast(a, b, year) => (a, b, year),
        };
        let order = match self.evidence(weekday) {
            Some(OrderEvidence::Only(order)) => order,
            _ => order,
        };
        match order {
            DateOrder::DayFirst => (year, b, a),
            DateOrder::MonthFirst => (year, a, b),
        }
    }
}

/// The order in which the date falls on the weekday; `None`: both orders do, or neither.
fn order_of_weekday(a: u32, b: u32, year: u32, weekday: i8) -> Option<DateOrder> {
    let falls = |month: u32, day: u32| {
        let date = Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?);
        Some(date.ok()?.weekday().to_monday_one_offset() == weekday)
    };
    match (falls(b, a)?, falls(a, b)?) {
        (true, false) => Some(DateOrder::DayFirst),
        (false, true) => Some(DateOrder::MonthFirst),
        _ => None,
    }
}

/// Three numbers with the same mark between them, and the numbers of digits of the first and the
/// last.
pub(super) fn three_numbers_at(rest: &[DatePiece]) -> Option<(u32, u32, u32, (usize, usize))> {
    match rest {
        [Number(a, la), Mark(m1), Number(b, _), Mark(m2), Number(c, lc), ..]
            if m1 == m2 && matches!(m1, '-' | '/' | '.') =>
        {
            Some((*a, *b, *c, (*la, *lc)))
        }
        _ => None,
    }
}

/// RFC 2822 section 4.3: two-digit years up to 49 are in this century.
pub(super) fn full_year(year: u32) -> u32 {
    if year < 50 { 2000 + year } else { 1900 + year }
}
