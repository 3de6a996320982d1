//! Pieces of a date → its fields, each taken once, in whatever order they stand.

use jiff::tz::TimeZone;

use super::hijri;
use super::months::{ALSO_OTHER_WORDS, MONTHS};
use super::order::{Order, Told};
use super::tables::{AFTER_NOON, AT_NIGHT, AT_NOON, BEFORE_NOON, HALVES};
use super::words::Piece::{self, Mark, Number, Word};
use super::zones;

/// A date's fields, in range for jiff to judge.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Fields {
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

/// What a word behind a clock time makes of an hour of twelve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Half {
    Morning,
    Afternoon,
    Noon,
    Night,
}

impl Half {
    /// The half that begins `rest`, the first word of which is `word`.
    fn at(word: &str, tail: &[Piece]) -> Option<Self> {
        if let [Word(next), ..] = tail
            && let Some((.., after)) =
                HALVES.iter().find(|(one, two, _)| word == *one && next == two)
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

    fn hour(self, hour: u32) -> u32 {
        match (self, hour) {
            (Self::Afternoon, 0..12) | (Self::Noon, 1..10) | (Self::Night, 6..12) => hour + 12,
            (Self::Morning | Self::Night, 12) => 0,
            _ => hour,
        }
    }
}

/// What has been found while walking.
#[derive(Default)]
struct Found {
    /// Which of day and month comes first where both are possible.
    order: Order,
    /// What the numbers tell about that.
    told: Option<Told>,
    year: Option<u32>,
    month: Option<u32>,
    day: Option<u32>,
    time: Option<(u32, u32, u32, i32)>,
    half: Option<Half>,
    zone: Option<TimeZone>,
}

/// Reads the pieces once. A Gregorian date wins over a Hijri one, wherever they stand. `None`: no
/// whole date stands in them, or two that disagree.
pub(super) fn gather(pieces: &[Piece], order: Order) -> Option<Fields> {
    let Some((of_hijri, rest)) = hijri::take(pieces) else {
        let found = Found::walk(pieces, order)?;
        return found.finish(found.date()?);
    };
    let found = Found::walk(&rest, order)?;
    found.finish(found.date().unwrap_or(of_hijri))
}

/// What a date in numbers tells about the order of day and month. `None`: there is none in `pieces`,
/// or it is a Hijri one: those have the day first.
pub(super) fn told_order(pieces: &[Piece]) -> Option<Told> {
    let rest = hijri::take(pieces).map(|(_, rest)| rest);
    Found::walk(rest.as_deref().unwrap_or(pieces), Order::default())?.told
}

impl Found {
    fn walk(pieces: &[Piece], order: Order) -> Option<Self> {
        let mut found = Self { order, ..Self::default() };
        let mut rest = pieces;
        while !rest.is_empty() {
            let used = found.step(rest)?;
            rest = rest.get(used.max(1)..)?;
        }
        Some(found)
    }

    /// Takes what stands at the front; gives how many pieces it used (0: nothing of interest).
    fn step(&mut self, rest: &[Piece]) -> Option<usize> {
        if let Some(used) = self.clock(rest) {
            return Some(used);
        }
        if let Some((zone, used)) = self.zone_at(rest) {
            self.zone = Some(zone);
            return Some(used);
        }
        match rest {
            [Number(..), ..] => self.numbers(rest),
            [Word(_), ..] => self.word(rest),
            _ => Some(1),
        }
    }

    /// The first zone, with the pieces it uses. Letters and distances stand behind a clock time.
    fn zone_at(&self, rest: &[Piece]) -> Option<(TimeZone, usize)> {
        if self.zone.is_some() {
            return None;
        }
        // In `10:00 - 3 Nov 2026` the hyphen is a dash.
        let is_dash = self.day.is_none() && matches!(rest, [Mark('-'), Number(_, 1 | 2), ..]);
        if self.time.is_some()
            && !is_dash
            && let Some((minutes, used)) = zones::offset_at(rest)
        {
            return Some((zones::fixed(minutes)?, used));
        }
        zones::told(rest)
    }

    /// `h:m`, `h:m:s`, `h:m:s.fraction`, and `10h30` as in French and Portuguese.
    fn clock(&mut self, rest: &[Piece]) -> Option<usize> {
        if self.time.is_some() {
            return None;
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
                (*second, nanoseconds(*value, *digits), 7)
            }
            [Mark(':'), Number(second, _), ..] => (*second, 0, 5),
            _ => (0, 0, 3),
        };
        self.time = Some((*hour, *minute, second, fraction));
        Some(used)
    }

    /// A date in numbers, a lone day or a lone year.
    fn numbers(&mut self, rest: &[Piece]) -> Option<usize> {
        if let Some((a, b, c, lengths)) = three_at(rest)
            && self.year.is_none()
            && self.month.is_none()
        {
            self.three(a, b, c, lengths)?;
            return Some(5);
        }
        match rest {
            [Number(value, 8), Word(t), Number(time, 6), ..] if t == "t" => {
                self.three(value / 10_000, value / 100 % 100, value % 100, (4, 2))?;
                self.time = Some((time / 10_000, time / 100 % 100, time % 100, 0));
                Some(3)
            }
            [Number(value, 8), ..] if self.year.is_none() && self.day.is_none() => {
                self.three(value / 10_000, value / 100 % 100, value % 100, (4, 2))?;
                Some(1)
            }
            [Number(year, 4), Mark('-'), Number(month, 2), ..] if self.month.is_none() => {
                (self.year, self.month, self.day) = (Some(*year), Some(*month), Some(1));
                Some(3)
            }
            [Number(value, 4), ..] if self.year.is_none() => {
                self.year = Some(*value);
                Some(1)
            }
            [Number(value, 1 | 2), ..] if self.day.is_none() => {
                self.day = Some(*value);
                Some(1)
            }
            [Number(value, 2), ..] if self.year.is_none() && self.month.is_some() => {
                self.year = Some(century(*value));
                Some(1)
            }
            _ => Some(1),
        }
    }

    /// Three numbers: year first by its length, else day and month in the order that is possible, or
    /// in the given one where both are.
    fn three(&mut self, a: u32, b: u32, c: u32, lengths: (usize, usize)) -> Option<()> {
        let year = match lengths {
            (4, _) => return self.ymd(a, b, c),
            (2, 2) if a > 31 => return self.ymd(century(a), b, c),
            (_, 4) => c,
            (1 | 2, 2) => century(c),
            _ => return None,
        };
        self.told = match (a, b) {
            (1..=12, 1..=12) if a == b => None,
            (1..=12, 1..=12) => Some(Told::Either),
            (13..=31, 1..=12) => Some(Told::Only(Order::DayFirst)),
            (1..=12, 13..=31) => Some(Told::Only(Order::MonthFirst)),
            _ => None,
        };
        let order = match self.told {
            Some(Told::Only(order)) => order,
            _ => self.order,
        };
        match order {
            Order::DayFirst => self.ymd(year, b, a),
            Order::MonthFirst => self.ymd(year, a, b),
        }
    }

    #[allow(clippy::unnecessary_wraps)] // the end of `three`
    fn ymd(&mut self, year: u32, month: u32, day: u32) -> Option<()> {
        (self.year, self.month, self.day) = (Some(year), Some(month), Some(day));
        Some(())
    }

    /// A month, a half of the day, a zone; other words are passed over.
    fn word(&mut self, rest: &[Piece]) -> Option<usize> {
        let [Word(word), tail @ ..] = rest else {
            return Some(1);
        };
        if let Some((month, used)) = month_at(word, tail) {
            if ALSO_OTHER_WORDS.contains(&word.as_str())
                && (self.month.is_some() || (tells_month(tail) && !year_follows(tail)))
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
        // «م» after a year says Gregorian, after a clock time it says afternoon.
        if self.time.is_some() && self.half.is_none() {
            self.half = Half::at(word, tail);
        }
        Some(1)
    }

    /// Year, month and day of the Gregorian calendar, when all were found.
    fn date(&self) -> Option<(i16, i8, i8)> {
        let year = i16::try_from(self.year?).ok().filter(|year| (1970..=9998).contains(year))?;
        Some((year, i8::try_from(self.month?).ok()?, i8::try_from(self.day?).ok()?))
    }

    fn finish(&self, (year, month, day): (i16, i8, i8)) -> Option<Fields> {
        let (hour, minute, second, nanosecond) = self.time.unwrap_or_default();
        let hour = self.half.map_or(hour, |half| half.hour(hour));
        let midnight_after = hour == 24 && minute == 0 && second == 0;
        Some(Fields {
            year,
            month,
            day,
            hour: i8::try_from(if midnight_after { 0 } else { hour }).ok()?,
            minute: i8::try_from(minute).ok()?,
            // A leap second is told as the second before it.
            second: i8::try_from(second.min(if second == 60 { 59 } else { second })).ok()?,
            nanosecond,
            days_on: i8::from(midnight_after),
            zone: self.zone.clone(),
        })
    }
}

/// The month that begins at `word`, and the pieces it uses. Two-word names come first.
fn month_at(word: &str, tail: &[Piece]) -> Option<(u32, usize)> {
    let row = |name: &str| MONTHS.iter().find(|(row, _)| *row == name).map(|(_, number)| *number);
    if let [Word(second), ..] = tail
        && let Some(number) = row(&format!("{word} {second}"))
    {
        return Some((u32::try_from(number).ok()?, 2));
    }
    Some((u32::try_from(row(word)?).ok()?, 1))
}

/// Three numbers with the same mark between them, and how many digits the first and the last have.
fn three_at(rest: &[Piece]) -> Option<(u32, u32, u32, (usize, usize))> {
    match rest {
        [Number(a, la), Mark(m1), Number(b, _), Mark(m2), Number(c, lc), ..]
            if m1 == m2 && matches!(m1, '-' | '/' | '.') =>
        {
            Some((*a, *b, *c, (*la, *lc)))
        }
        _ => None,
    }
}

/// Whether a month is told in `rest`, by its name or in numbers.
fn tells_month(rest: &[Piece]) -> bool {
    (0..rest.len()).filter_map(|at| rest.get(at..)).any(|rest| match rest {
        [Word(word), tail @ ..] => month_at(word, tail).is_some(),
        _ => three_at(rest).is_some(),
    })
}

/// Whether the next number in `rest` is a year by itself, as behind a month's name.
fn year_follows(rest: &[Piece]) -> bool {
    let next = rest.iter().position(|piece| matches!(piece, Number(..)));
    next.and_then(|at| rest.get(at..))
        .is_some_and(|rest| matches!(rest, [Number(_, 4), ..]) && three_at(rest).is_none())
}

/// RFC 2822 section 4.3: two-digit years up to 49 are of this century.
fn century(year: u32) -> u32 {
    if year < 50 { 2000 + year } else { 1900 + year }
}

fn nanoseconds(value: u32, digits: usize) -> i32 {
    let exponent = 9_u32.saturating_sub(u32::try_from(digits.min(9)).unwrap_or(9));
    i32::try_from(value.saturating_mul(10_u32.pow(exponent))).unwrap_or(0)
}
