//! Pieces of a date → the clock time at their front, and the half of the day.

use super::named_parts::month_at;
use super::numeric::three_numbers_at;
use super::pieces::DatePiece::{self, Mark, Number, Word};
use super::tables::{
    AFTER_NOON, AT_NIGHT, AT_NOON, AT_THE_HOUR, BEFORE_NOON, DAY_HALVES, DOTTED_DAY_HALVES,
    HOUR_MARKS, MINUTE_MARKS, SECOND_MARKS,
};
use super::zones;

/// A time as written: jiff checks its range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct ClockTime {
    pub(super) hour: u32,
    pub(super) minute: u32,
    pub(super) second: u32,
    pub(super) nanosecond: i32,
}

/// The half of the day that a word beside a clock time gives for an hour of twelve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DayHalf {
    Morning,
    Afternoon,
    Noon,
    Night,
}

impl DayHalf {
    /// The half of the day at the front, and the pieces it uses.
    pub(super) fn at_front(rest: &[DatePiece]) -> Option<(Self, usize)> {
        let by_pair = |table: &[(&str, &str, bool)], word: &str, next: &str| {
            let (.., is_after) = table.iter().find(|(one, two, _)| word == *one && next == *two)?;
            Some(if *is_after { Self::Afternoon } else { Self::Morning })
        };
        match rest {
            [Word(word), Word(next), ..] if let Some(half) = by_pair(DAY_HALVES, word, next) => {
                return Some((half, 2));
            }
            [Word(word), Mark('.'), Word(next), ..]
                if let Some(half) = by_pair(DOTTED_DAY_HALVES, word, next) =>
            {
                return Some((half, 3));
            }
            _ => {}
        }
        let [Word(word), ..] = rest else { return None };
        let tables = [
            (BEFORE_NOON, Self::Morning),
            (AFTER_NOON, Self::Afternoon),
            (AT_NOON, Self::Noon),
            (AT_NIGHT, Self::Night),
        ];
        let found = tables.into_iter().find(|(table, _)| table.contains(&word.as_str()));
        found.map(|(_, half)| (half, 1))
    }

    pub(super) fn hour_of_day(self, hour: u32) -> u32 {
        match (self, hour) {
            (Self::Afternoon, 0..12) | (Self::Noon, 1..10) | (Self::Night, 6..12) => hour + 12,
            (Self::Morning | Self::Night, 12) => 0,
            _ => hour,
        }
    }
}

impl ClockTime {
    fn new(hour: u32, minute: u32, second: u32) -> Self {
        Self { hour, minute, second, nanosecond: 0 }
    }

    fn is_possible(self) -> bool {
        self.hour <= 24 && self.minute < 60 && self.second <= 60
    }

    /// The time at the front, and the pieces it uses. `is_dated`: the day is already known, so
    /// numbers with periods between them are a time.
    pub(super) fn at_front(rest: &[DatePiece], is_dated: bool) -> Option<(Self, usize)> {
        if let [Word(word), tail @ ..] = rest {
            let is_hour = AT_THE_HOUR.contains(&word.as_str());
            return is_hour.then(|| hour_at(tail)).flatten().map(|(time, used)| (time, used + 1));
        }
        with_colons(rest)
            .or_else(|| with_unit_letters(rest))
            .or_else(|| {
                with_periods(rest).filter(|(.., used)| is_dated || date_follows(rest, *used))
            })
            .or_else(|| four_digits(rest).filter(|_| is_dated))
            .or_else(|| hour_with_half(rest, is_dated))
    }
}

/// `h:m`, `h:m:s`, `h:m:s.fraction`.
fn with_colons(rest: &[DatePiece]) -> Option<(ClockTime, usize)> {
    let [Number(hour, 1 | 2), Mark(':'), Number(minute, 1 | 2), tail @ ..] = rest else {
        return None;
    };
    let (second, nanosecond, used) = match tail {
        [Mark(':'), Number(second, _), Mark('.'), Number(value, digits), ..]
        // Behind a comma, a number of another length is a day or a year.
        | [Mark(':'), Number(second, _), Mark(','), Number(value, digits @ (3 | 6 | 9)), ..] => {
            (*second, to_nanoseconds(*value, *digits), 7)
        }
        [Mark(':'), Number(second, _), ..] => (*second, 0, 5),
        _ => (0, 0, 3),
    };
    Some((ClockTime { hour: *hour, minute: *minute, second, nanosecond }, used))
}

/// `10h30`, `15h`, `10h05m30s`, `18 heures 30`.
fn with_unit_letters(rest: &[DatePiece]) -> Option<(ClockTime, usize)> {
    let [Number(hour, 1 | 2), Word(mark), tail @ ..] = rest else { return None };
    if !HOUR_MARKS.contains(&mark.as_str()) {
        return None;
    }
    let (minute, second, used) = match tail {
        [Number(minute, 1 | 2), Word(m), Number(second, 1 | 2), Word(s), ..]
            if MINUTE_MARKS.contains(&m.as_str()) && SECOND_MARKS.contains(&s.as_str()) =>
        {
            (*minute, *second, 6)
        }
        [Number(minute, 1 | 2), Word(m), ..] if MINUTE_MARKS.contains(&m.as_str()) => {
            (*minute, 0, 4)
        }
        [Number(minute, 2), ..] if !day_follows(tail) => (*minute, 0, 3),
        _ => (0, 0, 2),
    };
    Some((ClockTime::new(*hour, minute, second), used)).filter(|(time, _)| time.is_possible())
}

/// Whether the number at the front is the day of a date: `14h 16 Nov`, `14h 16/11/2026`.
fn day_follows(tail: &[DatePiece]) -> bool {
    match tail {
        [Number(..), Mark('/'), Number(..), ..] => true,
        _ if three_numbers_at(tail).is_some() => true,
        [Number(..), Word(word), tail @ ..] => month_at(word, tail).is_some(),
        _ => false,
    }
}

/// `14.05` and `11.05.30`.
fn with_periods(rest: &[DatePiece]) -> Option<(ClockTime, usize)> {
    let (time, used) = match rest {
        [
            Number(hour, 1 | 2),
            Mark('.'),
            Number(minute, 2),
            Mark('.'),
            Number(second, 2),
            tail @ ..,
        ] => {
            let time = ClockTime::new(*hour, *minute, *second);
            match tail {
                // As databases write it: `11.05.30.000000 AM`.
                [Mark('.'), Number(value, digits @ (3 | 6 | 9)), ..] => {
                    (ClockTime { nanosecond: to_nanoseconds(*value, *digits), ..time }, 7)
                }
                _ => (time, 5),
            }
        }
        _ if three_numbers_at(rest).is_some() => return None,
        [Number(hour, 1 | 2), Mark('.'), Number(minute, 2), ..] => {
            (ClockTime::new(*hour, *minute, 0), 3)
        }
        _ => return None,
    };
    time.is_possible().then_some((time, used))
}

/// Whether a whole date with a year of four digits follows the first `used` pieces.
fn date_follows(rest: &[DatePiece], used: usize) -> bool {
    let tail = rest.get(used..).unwrap_or_default();
    let starts = (0..tail.len()).filter_map(|at| tail.get(at..));
    let mut has_day = false;
    for rest in starts {
        match rest {
            _ if three_numbers_at(rest).is_some_and(|(.., (a, c))| a == 4 || c == 4) => {
                return true;
            }
            [Number(_, 1 | 2), ..] => has_day = true,
            [Number(_, 4), ..] if has_day => return true,
            _ => {}
        }
    }
    false
}

/// `1500` before a zone: `03 Apr 02 1500 GMT`.
fn four_digits(rest: &[DatePiece]) -> Option<(ClockTime, usize)> {
    let [Number(value, 4), tail @ ..] = rest else { return None };
    // In `2015-08-12` the hyphen is no sign.
    let has_zone = match tail {
        [Mark('-'), Number(_, digits), ..] => *digits == 4,
        _ => zones::zone_letters_at(tail).is_some(),
    };
    if !has_zone {
        return None;
    }
    let time = ClockTime::new(value / 100, value % 100, 0);
    time.is_possible().then_some((time, 1))
}

/// `9 a.m.`, `٩ صباحا`. «م» alone also marks a Gregorian date, so it needs a known day before it.
fn hour_with_half(rest: &[DatePiece], is_dated: bool) -> Option<(ClockTime, usize)> {
    let [Number(hour @ 1..=12, 1 | 2), tail @ ..] = rest else { return None };
    DayHalf::at_front(tail)?;
    let is_era = matches!(tail, [Word(word), ..] if word == "م");
    (is_dated || !is_era).then_some((ClockTime::new(*hour, 0, 0), 1))
}

/// `15.05` and `3` behind «الساعة».
fn hour_at(rest: &[DatePiece]) -> Option<(ClockTime, usize)> {
    match rest {
        [Number(..), Mark(':'), Number(..), ..] => None,
        _ if three_numbers_at(rest).is_some() => with_periods(rest).filter(|(.., used)| *used == 5),
        [Number(hour, 1 | 2), Mark('.'), Number(minute, 2), ..] => {
            Some((ClockTime::new(*hour, *minute, 0), 3))
        }
        [Number(_, 1 | 2), Word(mark), ..] if HOUR_MARKS.contains(&mark.as_str()) => None,
        [Number(hour, 1 | 2), ..] => Some((ClockTime::new(*hour, 0, 0), 1)),
        _ => None,
    }
}

fn to_nanoseconds(value: u32, digits: usize) -> i32 {
    let exponent = 9_u32.saturating_sub(u32::try_from(digits.min(9)).unwrap_or(9));
    i32::try_from(value.saturating_mul(10_u32.pow(exponent))).unwrap_or(0)
}
