//! Pieces of a date → its fields in any order, each read once.

use jiff::tz::TimeZone;

use super::months::{ALSO_OTHER_WORDS, MONTHS};
use super::pieces::DatePiece::{self, Mark, Number, Word};
use super::tables::{
    AFTER_NOON, AT_NIGHT, AT_NOON, AT_THE_HOUR, BEFORE_NOON, DAY_HALVES, DOTTED_DAY_HALVES,
};
use super::{hijri, zones};
use crate::model::DateOrder;

/// The evidence of one date for the order of a feed's dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderEvidence {
    /// The date is possible in this order only.
    Only(DateOrder),
    /// The date is possible in both orders and names two different days.
    Either,
}

/// The fields of a date; jiff checks their ranges.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct DateFields {
    pub(super) year: i16,
    pub(super) month: i8,
    pub(super) day: i8,
    pub(super) hour: i8,
    pub(super) minute: i8,
    pub(super) second: i8,
    pub(super) nanosecond: i32,
    /// Whole days to add: 1 for 24:00.
    pub(super) days_on: i8,
    /// `None`: the date names no zone.
    pub(super) zone: Option<TimeZone>,
}

/// The half of the day that a word behind a clock time gives for an hour of twelve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DayHalf {
    Morning,
    Afternoon,
    Noon,
    Night,
}

impl DayHalf {
    /// The half of the day at the front; `word` is the first word and `tail` follows it.
    fn at_front(word: &str, tail: &[DatePiece]) -> Option<Self> {
        if let [Word(next), ..] = tail
            && let Some((.., after)) =
                DAY_HALVES.iter().find(|(one, two, _)| word == *one && next == two)
        {
            return Some(if *after { Self::Afternoon } else { Self::Morning });
        }
        if let [Mark('.'), Word(next), ..] = tail
            && let Some((.., after)) =
                DOTTED_DAY_HALVES.iter().find(|(one, two, _)| word == *one && next == two)
        {
            return Some(if *after { Self::Afternoon } else { Self::Morning });
        }
        let tables = [
            (BEFORE_NOON, Self::Morning),
            (AFTER_NOON, Self::Afternoon),
            (AT_NOON, Self::Noon),
            (AT_NIGHT, Self::Night),
        ];
        tables.into_iter().find(|(table, _)| table.contains(&word)).map(|(_, half)| half)
    }

    fn hour_of_day(self, hour: u32) -> u32 {
        match (self, hour) {
            (Self::Afternoon, 0..12) | (Self::Noon, 1..10) | (Self::Night, 6..12) => hour + 12,
            (Self::Morning | Self::Night, 12) => 0,
            _ => hour,
        }
    }
}

/// The fields found so far.
#[derive(Default)]
struct DateParts {
    /// The order of day and month where both are possible.
    order: DateOrder,
    /// The evidence for that order in the numbers.
    order_evidence: Option<OrderEvidence>,
    year: Option<u32>,
    month: Option<u32>,
    day: Option<u32>,
    time: Option<(u32, u32, u32, i32)>,
    half: Option<DayHalf>,
    zone: Option<TimeZone>,
}

/// Reads the pieces once. A Gregorian date wins over a Hijri one, wherever they are. `None`: the
/// pieces contain no complete date, or two that disagree.
pub(super) fn gather_fields(pieces: &[DatePiece], order: DateOrder) -> Option<DateFields> {
    let Some((of_hijri, rest)) = hijri::take_hijri_date(pieces) else {
        let found = DateParts::collect_from(pieces, order)?;
        return found.build_fields(found.date()?);
    };
    let found = DateParts::collect_from(&rest, order)?;
    found.build_fields(found.date().unwrap_or(of_hijri))
}

/// The evidence for the order of day and month in a numeric date. `None`: `pieces` contain no
/// numeric date, or a Hijri one, which always has the day first.
pub(super) fn order_evidence_in(pieces: &[DatePiece]) -> Option<OrderEvidence> {
    let rest = hijri::take_hijri_date(pieces).map(|(_, rest)| rest);
    DateParts::collect_from(rest.as_deref().unwrap_or(pieces), DateOrder::default())?.order_evidence
}

impl DateParts {
    fn collect_from(pieces: &[DatePiece], order: DateOrder) -> Option<Self> {
        let mut found = Self { order, ..Self::default() };
        let mut rest = pieces;
        while !rest.is_empty() {
            let used = found.take_front(rest)?;
            rest = rest.get(used.max(1)..)?;
        }
        Some(found)
    }

    /// Reads the field at the front and returns how many pieces it used (0: nothing was
    /// recognized).
    fn take_front(&mut self, rest: &[DatePiece]) -> Option<usize> {
        if let Some(used) = self.take_clock_time(rest) {
            return Some(used);
        }
        if let Some((zone, used)) = self.zone_at(rest) {
            self.zone = Some(zone);
            return Some(used);
        }
        match rest {
            [Number(..), ..] => self.take_numbers(rest),
            [Word(_), ..] => self.take_word(rest),
            _ => Some(1),
        }
    }

    /// The first zone, and the pieces it uses. Zone letters and offsets follow a clock time.
    fn zone_at(&self, rest: &[DatePiece]) -> Option<(TimeZone, usize)> {
        if self.zone.is_some() {
            return None;
        }
        // In `10:00 - 3 Nov 2026` the hyphen is a dash.
        let is_dash = self.day.is_none() && matches!(rest, [Mark('-'), Number(_, 1 | 2), ..]);
        if self.time.is_some()
            && !is_dash
            && let Some((minutes, used)) = zones::offset_at(rest)
        {
            return Some((zones::fixed_zone(minutes)?, used));
        }
        zones::named_zone(rest)
    }

    /// `h:m`, `h:m:s`, `h:m:s.fraction`, and `10h30` as in French and Portuguese.
    fn take_clock_time(&mut self, rest: &[DatePiece]) -> Option<usize> {
        if self.time.is_some() {
            // The same moment in another place: «10:00 بتوقيت غرينتش (13:00 بتوقيت مكة)».
            return matches!(rest, [Number(_, 1 | 2), Mark(':'), Number(_, 2), ..]).then_some(3);
        }
        if let [Word(word), tail @ ..] = rest
            && word == AT_THE_HOUR
        {
            return self.take_hour(tail).map(|used| used + 1);
        }
        if let [Number(hour, 1 | 2), Word(mark), Number(minute, 2), ..] = rest
            && mark == "h"
        {
            self.time = Some((*hour, *minute, 0, 0));
            return Some(3);
        }
        let [Number(hour, _), Mark(':'), Number(minute, _), tail @ ..] = rest else {
            return None;
        };
        let (second, fraction, used) = match tail {
            [Mark(':'), Number(second, _), Mark('.' | ','), Number(value, digits), ..] => {
                (*second, to_nanoseconds(*value, *digits), 7)
            }
            [Mark(':'), Number(second, _), ..] => (*second, 0, 5),
            _ => (0, 0, 3),
        };
        self.time = Some((*hour, *minute, second, fraction));
        Some(used)
    }

    /// `15.05` and `3` behind «الساعة»; elsewhere they are not clock times.
    fn take_hour(&mut self, rest: &[DatePiece]) -> Option<usize> {
        let (hour, minute, used) = match rest {
            [Number(..), Mark(':'), Number(..), ..] => return None,
            _ if three_numbers_at(rest).is_some() => return None,
            [Number(hour, 1 | 2), Mark('.'), Number(minute, 2), ..] => (*hour, *minute, 3),
            [Number(_, 1 | 2), Word(mark), ..] if mark == "h" => return None,
            [Number(hour, 1 | 2), ..] => (*hour, 0, 1),
            _ => return None,
        };
        self.time = Some((hour, minute, 0, 0));
        Some(used)
    }

    /// A numeric date, a single day or a single year.
    fn take_numbers(&mut self, rest: &[DatePiece]) -> Option<usize> {
        if let Some((a, b, c, lengths)) = three_numbers_at(rest)
            && self.year.is_none()
            && self.month.is_none()
        {
            self.set_three_numbers(a, b, c, lengths)?;
            return Some(5 + gregorian_era(rest, 5));
        }
        match rest {
            [Number(value, 8), Word(t), Number(time, 6), ..] if t == "t" => {
                self.set_three_numbers(value / 10_000, value / 100 % 100, value % 100, (4, 2))?;
                self.time = Some((time / 10_000, time / 100 % 100, time % 100, 0));
                Some(3)
            }
            [Number(value, 8), ..] if self.year.is_none() && self.day.is_none() => {
                self.set_three_numbers(value / 10_000, value / 100 % 100, value % 100, (4, 2))?;
                Some(1)
            }
            [Number(year, 4), Mark('-'), Number(month, 2), ..] if self.month.is_none() => {
                (self.year, self.month, self.day) = (Some(*year), Some(*month), Some(1));
                Some(3)
            }
            [Number(value, 4), ..] if self.year.is_none() => {
                self.year = Some(*value);
                Some(1 + gregorian_era(rest, 1))
            }
            [Number(value, 1 | 2), ..] if self.day.is_none() => {
                self.day = Some(*value);
                Some(1)
            }
            [Number(value, 2), ..] if self.year.is_none() && self.month.is_some() => {
                self.year = Some(full_year(*value));
                Some(1)
            }
            _ => Some(1),
        }
    }

    /// Three numbers: the year is first if it has four digits; day and month are in the only
    /// possible order, or in the given order if both are possible.
    fn set_three_numbers(&mut self, a: u32, b: u32, c: u32, lengths: (usize, usize)) -> Option<()> {
        let year = match lengths {
            (4, _) => return self.set_date(a, b, c),
            (2, 2) if a > 31 => return self.set_date(full_year(a), b, c),
            (_, 4) => c,
            (1 | 2, 2) => full_year(c),
            _ => return None,
        };
        self.order_evidence = match (a, b) {
            (1..=12, 1..=12) if a == b => None,
            (1..=12, 1..=12) => Some(OrderEvidence::Either),
            (13..=31, 1..=12) => Some(OrderEvidence::Only(DateOrder::DayFirst)),
            (1..=12, 13..=31) => Some(OrderEvidence::Only(DateOrder::MonthFirst)),
            _ => None,
        };
        let order = match self.order_evidence {
            Some(OrderEvidence::Only(order)) => order,
            _ => self.order,
        };
        match order {
            DateOrder::DayFirst => self.set_date(year, b, a),
            DateOrder::MonthFirst => self.set_date(year, a, b),
        }
    }

    #[allow(clippy::unnecessary_wraps)] // the end of `three`
    fn set_date(&mut self, year: u32, month: u32, day: u32) -> Option<()> {
        (self.year, self.month, self.day) = (Some(year), Some(month), Some(day));
        Some(())
    }

    /// A month, a half of the day or a zone; other words are ignored.
    fn take_word(&mut self, rest: &[DatePiece]) -> Option<usize> {
        let [Word(word), tail @ ..] = rest else {
            return Some(1);
        };
        if let Some((month, used)) = month_at(word, tail) {
            if ALSO_OTHER_WORDS.contains(&word.as_str())
                && (self.month.is_some() || (contains_month(tail) && !year_follows(tail)))
            {
                return Some(1);
            }
            return match self.month {
                Some(before) if before != month => None,
                _ => {
                    self.month = Some(month);
                    Some(used)
                }
            };
        }
        if self.time.is_some() && self.half.is_none() {
            self.half = DayHalf::at_front(word, tail);
        }
        Some(1)
    }

    /// Year, month and day in the Gregorian calendar, if all were found.
    fn date(&self) -> Option<(i16, i8, i8)> {
        let year = i16::try_from(self.year?).ok().filter(|year| (1970..=9998).contains(year))?;
        Some((year, i8::try_from(self.month?).ok()?, i8::try_from(self.day?).ok()?))
    }

    fn build_fields(&self, (year, month, day): (i16, i8, i8)) -> Option<DateFields> {
        let (hour, minute, second, nanosecond) = self.time.unwrap_or_default();
        let hour = self.half.map_or(hour, |half| half.hour_of_day(hour));
        let midnight_after = hour == 24 && minute == 0 && second == 0;
        Some(DateFields {
            year,
            month,
            day,
            hour: i8::try_from(if midnight_after { 0 } else { hour }).ok()?,
            minute: i8::try_from(minute).ok()?,
            // A leap second is read as the second before it.
            second: i8::try_from(second.min(if second == 60 { 59 } else { second })).ok()?,
            nanosecond,
            days_on: i8::from(midnight_after),
            zone: self.zone.clone(),
        })
    }
}

/// The number of pieces that «م» uses behind a year that ends at `at`: there it marks the year as
/// Gregorian and does not mean afternoon.
fn gregorian_era(rest: &[DatePiece], at: usize) -> usize {
    usize::from(matches!(rest.get(at), Some(Word(word)) if word == "م"))
}

/// The month that begins at `word`, and the pieces it uses. Names of two words are tried first.
fn month_at(word: &str, tail: &[DatePiece]) -> Option<(u32, usize)> {
    let row = |name: &str| MONTHS.iter().find(|(row, _)| *row == name).map(|(_, number)| *number);
    if let [Word(second), ..] = tail
        && let Some(number) = row(&format!("{word} {second}"))
    {
        return Some((u32::try_from(number).ok()?, 2));
    }
    Some((u32::try_from(row(word)?).ok()?, 1))
}

/// Three numbers with the same mark between them, and the numbers of digits of the first and the
/// last.
fn three_numbers_at(rest: &[DatePiece]) -> Option<(u32, u32, u32, (usize, usize))> {
    match rest {
        [Number(a, la), Mark(m1), Number(b, _), Mark(m2), Number(c, lc), ..]
            if m1 == m2 && matches!(m1, '-' | '/' | '.') =>
        {
            Some((*a, *b, *c, (*la, *lc)))
        }
        _ => None,
    }
}

/// Whether `rest` contains a month, by name or in numbers.
fn contains_month(rest: &[DatePiece]) -> bool {
    (0..rest.len()).filter_map(|at| rest.get(at..)).any(|rest| match rest {
        [Word(word), tail @ ..] => month_at(word, tail).is_some(),
        _ => three_numbers_at(rest).is_some(),
    })
}

/// Whether the next number in `rest` is a year alone, as behind the name of a month.
fn year_follows(rest: &[DatePiece]) -> bool {
    let next = rest.iter().position(|piece| matches!(piece, Number(..)));
    next.and_then(|at| rest.get(at..))
        .is_some_and(|rest| matches!(rest, [Number(_, 4), ..]) && three_numbers_at(rest).is_none())
}

/// RFC 2822 section 4.3: two-digit years up to 49 are in this century.
fn full_year(year: u32) -> u32 {
    if year < 50 { 2000 + year } else { 1900 + year }
}

fn to_nanoseconds(value: u32, digits: usize) -> i32 {
    let exponent = 9_u32.saturating_sub(u32::try_from(digits.min(9)).unwrap_or(9));
    i32::try_from(value.saturating_mul(10_u32.pow(exponent))).unwrap_or(0)
}
