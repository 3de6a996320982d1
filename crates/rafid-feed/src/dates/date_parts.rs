//! Pieces of a date → its fields in any order, each read once, and the pieces that were not
//! understood.

use jiff::tz::TimeZone;

use super::calendar_months::LIBYAN_MONTHS;
use super::clock_times::{ClockTime, DayHalf};
use super::fields::DateFields;
use super::known_words::FILLERS;
use super::months::ALSO_OTHER_WORDS;
use super::named_parts::{contains_month, month_at, weekday_at, year_follows};
use super::numeric::{self, NumericDate, OrderEvidence, three_numbers_at};
use super::pieces::DatePiece::{self, Mark, Number, Word};
use super::{DateDoubt, misspelled, other_calendars, zones};
use crate::model::DateOrder;

/// Between the years of the Libyan calendar, which count from the death of the Prophet, and those of
/// the Gregorian one.
const LIBYAN_EPOCH: u32 = 632;

/// The years of the Libyan calendar while it was in use: 1979 to 2012.
const LIBYAN_YEARS: std::ops::RangeInclusive<u32> = 1347..=1380;

/// The most letters in the letters of a zone: a longer word is any word.
const LONGEST_ZONE: usize = 5;

/// The fields found so far.
#[derive(Default)]
pub(super) struct DateParts {
    /// The order of day and month where both are possible.
    order: DateOrder,
    /// Whether a date of another calendar was found before.
    has_other_date: bool,
    numeric: Option<NumericDate>,
    year: Option<u32>,
    month: Option<u32>,
    day: Option<u32>,
    weekday: Option<i8>,
    is_libyan: bool,
    time: Option<ClockTime>,
    half: Option<DayHalf>,
    zone: Option<TimeZone>,
    doubts: Vec<DateDoubt>,
}

/// Reads the pieces once. A Gregorian date wins over one of another calendar, wherever they are.
/// `None`: the pieces contain no complete date, or two that disagree.
pub(super) fn gather_fields(pieces: &[DatePiece], order: DateOrder) -> Option<DateFields> {
    let Some(other) = other_calendars::take_date(pieces) else {
        let found = DateParts::collect_from(pieces, order, false)?;
        let date = found.date()?;
        return found.build_fields(date);
    };
    let found = DateParts::collect_from(&other.rest, order, true)?;
    let date = found.date().or(other.day)?;
    found.build_fields(date)
}

/// The evidence for the order of day and month in a numeric date. `None`: `pieces` contain no
/// numeric date, or one of a calendar that always has the day first.
pub(super) fn order_evidence_in(pieces: &[DatePiece]) -> Option<OrderEvidence> {
    let other = other_calendars::take_date(pieces);
    let (rest, has_other) =
        other.as_ref().map_or((pieces, false), |other| (other.rest.as_slice(), true));
    let found = DateParts::collect_from(rest, DateOrder::default(), has_other)?;
    found.numeric?.evidence(found.weekday)
}

impl DateParts {
    pub(super) fn collect_from(
        pieces: &[DatePiece],
        order: DateOrder,
        has_other_date: bool,
    ) -> Option<Self> {
        let mut found = Self { order, has_other_date, ..Self::default() };
        let mut rest = pieces;
        while let Some(first) = rest.first() {
            let used = found.take_front(rest)?;
            if used == 0 {
                found.doubt(first);
            }
            rest = rest.get(used.max(1)..)?;
        }
        found.settle();
        Some(found)
    }

    /// Decides what depends on several fields: the order of day and month, a misspelled month, the
    /// Libyan year.
    fn settle(&mut self) {
        if let Some(numeric) = self.numeric {
            let (year, month, day) = numeric.resolve(self.order, self.weekday);
            self.year = year.or(self.year);
            (self.month, self.day) = (Some(month), Some(day));
        }
        if self.month.is_none() && self.day.is_some() {
            let found = self.doubts.iter().enumerate().find_map(|(index, doubt)| match doubt {
                DateDoubt::UnreadPart(word) => Some((index, misspelled::nearest_month(word)?)),
                _ => None,
            });
            if let Some((index, month)) = found {
                self.month = Some(month);
                self.doubts.remove(index);
            }
        }
        if self.is_libyan {
            self.year = self
                .year
                .map(|year| if LIBYAN_YEARS.contains(&year) { year + LIBYAN_EPOCH } else { year });
        }
    }

    /// Records a piece that was not understood; marks are only separators.
    fn doubt(&mut self, piece: &DatePiece) {
        let Some(text) = piece.text() else { return };
        let is_zone = self.time.is_some()
            && self.zone.is_none()
            && text.len() <= LONGEST_ZONE
            && text.bytes().all(|byte| byte.is_ascii_lowercase());
        self.doubts.push(if is_zone {
            DateDoubt::UnknownZone(text)
        } else {
            DateDoubt::UnreadPart(text)
        });
    }

    /// Whether year, month and day are known.
    fn is_dated(&self) -> bool {
        let has_all = self.year.is_some() && self.month.is_some() && self.day.is_some();
        self.has_other_date || self.numeric.is_some() || has_all
    }

    /// Reads the field at the front and returns how many pieces it used (0: nothing was
    /// recognized).
    fn take_front(&mut self, rest: &[DatePiece]) -> Option<usize> {
        if let Some(used) = self.take_clock_time(rest) {
            return Some(used);
        }
        if let Some(used) = self.take_zone(rest) {
            return Some(used);
        }
        match rest {
            [Number(..), ..] => Some(self.take_numbers(rest)),
            [Word(_), ..] => self.take_word(rest),
            // Behind a zone, a comment may name it again: `+0300 (Arabian Standard Time)`.
            [Mark('('), ..] if self.zone.is_some() && self.is_dated() => {
                let end = rest.iter().position(|piece| *piece == Mark(')'));
                Some(end.map_or(1, |end| end + 1))
            }
            _ => Some(1),
        }
    }

    fn take_clock_time(&mut self, rest: &[DatePiece]) -> Option<usize> {
        if self.time.is_some() {
            // The same moment in another place: «10:00 بتوقيت غرينتش (13:00 بتوقيت مكة)».
            return matches!(rest, [Number(_, 1 | 2), Mark(':'), Number(_, 2), ..]).then_some(3);
        }
        if let Some((half, used)) = DayHalf::at_front(rest)
            && matches!(rest.get(used..), Some([Number(_, 1 | 2), Mark(':'), Number(_, 2), ..]))
        {
            self.half = Some(half);
            return Some(used);
        }
        let (time, used) = ClockTime::at_front(rest, self.is_dated())?;
        self.time = Some(time);
        Some(used)
    }

    /// A zone: the first one counts. Zone letters and offsets follow a clock time or a whole date.
    fn take_zone(&mut self, rest: &[DatePiece]) -> Option<usize> {
        if self.zone.is_some() {
            // The same zone by another name, or that of a second clock.
            let is_word = matches!(rest, [Word(_), ..]);
            let known = || zones::named_zone(rest).or_else(|| zones::zone_letters_at(rest));
            return is_word.then(known).flatten().map(|(_, used)| used);
        }
        if let Some((zone, used)) = zones::named_zone(rest) {
            if zones::is_ambiguous_place(rest.get(..used)?) {
                self.doubts.push(DateDoubt::UnknownZone(zones::place_text(rest.get(..used)?)));
            }
            self.zone = Some(zone);
            return Some(used);
        }
        if let Some(used) = zones::unknown_place_at(rest) {
            self.doubts.push(DateDoubt::UnknownZone(zones::place_text(rest.get(..used)?)));
            return Some(used);
        }
        // In `10:00 - 3 Nov 2026` the hyphen is a dash; behind a day alone it is one, too.
        let has_day = self.day.is_some() || self.numeric.is_some() || self.has_other_date;
        let is_dash = !has_day && matches!(rest, [Mark('-'), Number(_, 1 | 2), ..]);
        let follows = match rest {
            [Mark('-'), ..] => self.time.is_some(),
            _ => self.time.is_some() || self.is_dated(),
        };
        if is_dash || !follows {
            return None;
        }
        if let Some((offset, used)) = zones::impossible_offset_at(rest) {
            self.doubts.push(DateDoubt::UnknownZone(offset));
            return Some(used);
        }
        let (zone, used) = zones::zone_letters_at(rest)?;
        self.zone = Some(zone);
        Some(used)
    }

    /// A numeric date, a single day or a single year.
    fn take_numbers(&mut self, rest: &[DatePiece]) -> usize {
        if let Some((a, b, c, lengths)) = three_numbers_at(rest)
            && self.year.is_none()
            && self.month.is_none()
            && let Some(numeric) = NumericDate::from_numbers((a, b, c), lengths)
        {
            return 5 + self.set_numeric(numeric, rest, 5);
        }
        if self.is_same_date(rest) {
            return 5;
        }
        let is_open = self.numeric.is_none();
        match rest {
            [Number(value, 8), tail @ ..]
                if is_open && self.year.is_none() && self.day.is_none() =>
            {
                self.numeric = Some(NumericDate::from_eight_digits(*value));
                self.year = Some(value / 10_000);
                match tail {
                    [Word(t), Number(time, 6), ..] if t == "t" && self.time.is_none() => {
                        let (hour, minute) = (time / 10_000, time / 100 % 100);
                        let time = ClockTime { hour, minute, second: time % 100, nanosecond: 0 };
                        self.time = Some(time);
                        3
                    }
                    _ => 1,
                }
            }
            [Number(year, 4), Mark('-'), Number(month, 2), ..]
                if is_open && self.month.is_none() =>
            {
                (self.year, self.month, self.day) = (Some(*year), Some(*month), Some(1));
                3
            }
            [Number(a, 1 | 2), Mark('/'), Number(b, 1 | 2), ..]
                if is_open && self.day.is_none() && self.month.is_none() =>
            {
                self.numeric = Some(NumericDate::YearLast(*a, *b, None));
                3
            }
            [Number(value, 4), ..] if self.year.is_none() => {
                self.year = Some(*value);
                1 + self.take_era(rest, 1)
            }
            [Number(value, 4), ..] if self.is_known_year(*value) => 1,
            [Number(value, 1 | 2), ..] if is_open && self.day.is_none() => {
                self.day = Some(*value);
                1
            }
            [Number(value, 2), ..] if self.year.is_none() && self.month.is_some() => {
                self.year = Some(numeric::full_year(*value));
                1
            }
            _ => 0,
        }
    }

    /// Whether a number repeats the year, perhaps in the Gregorian calendar behind a Libyan year.
    fn is_known_year(&self, value: u32) -> bool {
        self.year == Some(value)
            || self.is_libyan && self.year.map(|y| y + LIBYAN_EPOCH) == Some(value)
    }

    /// Whether the numbers at the front repeat the date: «24 مارس 2026 (24/03/2026)».
    fn is_same_date(&self, rest: &[DatePiece]) -> bool {
        let numeric = three_numbers_at(rest)
            .and_then(|(a, b, c, lengths)| NumericDate::from_numbers((a, b, c), lengths));
        let known = (self.year, self.month, self.day);
        numeric.is_some_and(|numeric| {
            [DateOrder::DayFirst, DateOrder::MonthFirst].into_iter().any(|order| {
                let (year, month, day) = numeric.resolve(order, None);
                known == (year, Some(month), Some(day))
            })
        })
    }

    /// Keeps a numeric date; the pieces of an era behind it.
    fn set_numeric(&mut self, numeric: NumericDate, rest: &[DatePiece], at: usize) -> usize {
        let (year, ..) = numeric.resolve(self.order, None);
        (self.numeric, self.year) = (Some(numeric), year);
        self.take_era(rest, at)
    }

    /// The number of pieces of an era behind a year that ends at `at`: «م» marks the year as
    /// Gregorian there and does not mean afternoon, «و.ر» as Libyan.
    fn take_era(&mut self, rest: &[DatePiece], at: usize) -> usize {
        match rest.get(at..) {
            Some([Word(era), ..]) if era == "م" => 1,
            Some(behind) if let Some(used) = other_calendars::libyan_era_at(behind) => {
                self.is_libyan = true;
                used
            }
            _ => 0,
        }
    }

    /// A month, a weekday, a half of the day, or a word that changes nothing.
    fn take_word(&mut self, rest: &[DatePiece]) -> Option<usize> {
        let [Word(word), tail @ ..] = rest else {
            return Some(1);
        };
        if let Some((month, used)) = month_at(word, tail) {
            let has_month = self.month.is_some() || self.numeric.is_some();
            if ALSO_OTHER_WORDS.contains(&word.as_str())
                && (has_month || (contains_month(tail) && !year_follows(tail)))
            {
                self.weekday = self.weekday.or_else(|| (word == "mar").then_some(2));
                return Some(1);
            }
            self.is_libyan |= LIBYAN_MONTHS.iter().any(|(name, _)| name.starts_with(word.as_str()));
            let before = match self.numeric {
                Some(numeric) => Some(numeric.resolve(self.order, self.weekday).1),
                None => self.month,
            };
            return match before {
                Some(before) if before != month => None,
                _ => {
                    self.month = Some(month);
                    Some(used)
                }
            };
        }
        if let Some((day, used)) = weekday_at(rest) {
            self.weekday = self.weekday.or(Some(day));
            return Some(used);
        }
        if let Some((half, used)) = DayHalf::at_front(rest).filter(|_| self.time.is_some()) {
            self.half = self.half.or(Some(half));
            return Some(used);
        }
        // Behind a time, a single letter may be a military zone; `h` is the unit of the time.
        let may_be_zone = word.len() == 1 && word != "h" && self.zone.is_none();
        let is_filler = FILLERS.contains(&word.as_str());
        Some(usize::from(is_filler && !(may_be_zone && self.time.is_some() && self.is_dated())))
    }

    /// Year, month and day in the Gregorian calendar, if all were found.
    fn date(&self) -> Option<(i16, i8, i8)> {
        let year = i16::try_from(self.year?).ok().filter(|year| (1970..=9998).contains(year))?;
        let (month, day) = self.month_and_day()?;
        Some((year, month, day))
    }

    /// Month and day in the Gregorian calendar, if both were found.
    pub(super) fn month_and_day(&self) -> Option<(i8, i8)> {
        Some((i8::try_from(self.month?).ok()?, i8::try_from(self.day?).ok()?))
    }

    /// Whether a year was found.
    pub(super) fn has_year(&self) -> bool {
        self.year.is_some()
    }

    /// Whether every piece was understood, but for the name of a zone.
    pub(super) fn is_understood(&self) -> bool {
        !self.doubts.iter().any(|doubt| matches!(doubt, DateDoubt::UnreadPart(_)))
    }

    /// The zone that the date names.
    pub(super) fn zone(&self) -> Option<&TimeZone> {
        self.zone.as_ref()
    }

    /// The fields, with the given day.
    pub(super) fn build_fields(self, (year, month, day): (i16, i8, i8)) -> Option<DateFields> {
        let ClockTime { hour, minute, second, nanosecond } = self.time.unwrap_or_default();
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
            zone: self.zone,
            doubts: self.doubts,
        })
    }
}
