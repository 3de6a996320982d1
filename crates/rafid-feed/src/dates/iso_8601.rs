//! ISO 8601 in all its forms, character by character → a day, a time and an offset. White space and
//! punctuation have one meaning here, so a zone behind a date is never mistaken for a time.
//!
//! | part | forms |
//! | --- | --- |
//! | day | `2026-11-16`, `20261116` |
//! | ordinal day | `2026-320`, `2026320` |
//! | week | `2026-W47-1`, `2026W471`, `2026-W47` (its Monday) |
//! | time behind `T` or white space | `11:05:30`, `110530`, `11-05-30`, `11.05`; behind `T` also `1105`, `11` |
//! | day and time together | `20261116110530`, `202611161105` |
//! | fraction of a second | `.250`, `,250` |
//! | zone | `Z`, `+03`, `+0300`, `+03:00`, also behind a day without a time |

use jiff::civil::{Date, DateTime, ISOWeekDate, Time, Weekday};
use jiff::tz::TimeZone;

use super::zones;

/// The day and time in `words` (folded), and the zone if there is one. `None`: any character does
/// not fit, or the year is before 1970.
pub(super) fn read_iso_8601(words: &str) -> Option<(DateTime, Option<TimeZone>)> {
    let mut scanner = IsoScanner { rest: words.as_bytes() };
    let (date, is_compact_time) = scanner.take_date()?;
    let (time, days_on) =
        if is_compact_time { scanner.take_joined_time()? } else { scanner.take_time()? };
    let zone = if scanner.rest.is_empty() {
        None
    } else {
        Some(zones::fixed_zone(scanner.take_offset()?)?)
    };
    let is_valid = scanner.rest.is_empty() && date.year() >= 1970;
    let civil = date.to_datetime(time).checked_add(jiff::Span::new().days(days_on)).ok()?;
    is_valid.then_some((civil, zone))
}

/// The text that is not read yet.
struct IsoScanner<'a> {
    rest: &'a [u8],
}

impl IsoScanner<'_> {
    /// The number of digits at the front.
    fn digit_run(&self) -> usize {
        self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
    }

    /// A number of exactly `length` digits; more may follow.
    fn take_number(&mut self, length: usize) -> Option<i32> {
        let (digits, rest) = self.rest.split_at_checked(length)?;
        let value = digits.iter().try_fold(0_i32, |value, digit| {
            digit.is_ascii_digit().then(|| value * 10 + i32::from(digit - b'0'))
        })?;
        self.rest = rest;
        Some(value)
    }

    fn take_small_number(&mut self, length: usize) -> Option<i8> {
        i8::try_from(self.take_number(length)?).ok()
    }

    fn take_byte(&mut self, byte: u8) -> bool {
        let found = self.rest.first() == Some(&byte);
        if found {
            self.rest = self.rest.get(1..).unwrap_or_default();
        }
        found
    }

    fn take_spaces(&mut self) -> bool {
        let before = self.rest.len();
        self.rest = self.rest.trim_ascii_start();
        self.rest.len() < before
    }

    /// The day, and whether the digits of a time follow immediately.
    fn take_date(&mut self) -> Option<(Date, bool)> {
        let run = self.digit_run();
        let year = i16::try_from(self.take_number(4)?).ok()?;
        if run == 4 && self.take_byte(b'-') {
            return Some((self.take_day_with_hyphens(year)?, false));
        }
        match run {
            4 if self.take_byte(b'w') => {
                let week = self.take_small_number(2)?;
                let day = if self.digit_run() == 1 { self.take_small_number(1)? } else { 1 };
                Some((week_day(year, week, day)?, false))
            }
            7 => Some((ordinal_day(year, self.take_number(3)?)?, false)),
            8 | 12 | 14 => {
                let month = self.take_small_number(2)?;
                let day = self.take_small_number(2)?;
                Some((Date::new(year, month, day).ok()?, run > 8))
            }
            _ => None,
        }
    }

    fn take_day_with_hyphens(&mut self, year: i16) -> Option<Date> {
        if self.take_byte(b'w') {
            let week = self.take_small_number(2)?;
            let has_day = matches!(self.rest, [b'-', b'1'..=b'7', rest @ ..] if !rest.first().is_some_and(u8::is_ascii_digit));
            let day = if has_day && self.take_byte(b'-') { self.take_small_number(1)? } else { 1 };
            return week_day(year, week, day);
        }
        if self.digit_run() == 3 {
            return ordinal_day(year, self.take_number(3)?);
        }
        let month = self.take_small_number(2)?;
        let day = self.take_byte(b'-').then(|| self.take_small_number(2))??;
        Date::new(year, month, day).ok()
    }

    /// `1105` or `110530` without punctuation; with the days to add for 24:00.
    fn take_joined_time(&mut self) -> Option<(Time, i64)> {
        let run = self.digit_run();
        let hour = self.take_small_number(2)?;
        let minute = if run >= 4 { self.take_small_number(2)? } else { 0 };
        let second = if run == 6 { self.take_small_number(2)? } else { 0 };
        let nanosecond = if run == 6 { self.take_fraction() } else { 0 };
        matches!(run, 2 | 4 | 6).then(|| to_time(hour, minute, second, nanosecond))?
    }

    /// The time behind `T` or white space; midnight at the end of the text or before a zone.
    fn take_time(&mut self) -> Option<(Time, i64)> {
        let is_date_alone = match self.rest {
            [] | [b'z' | b'+', ..] => true,
            [b'-', h1, h2, b':', ..] => h1.is_ascii_digit() && h2.is_ascii_digit(),
            _ => false,
        };
        if is_date_alone {
            return Some((Time::midnight(), 0));
        }
        let is_spaced = self.take_spaces();
        let has_letter = self.take_byte(b't');
        if has_letter {
            self.take_spaces();
        }
        if !is_spaced && !has_letter {
            return None;
        }
        let run = self.digit_run();
        if run == 6 || run == 4 && has_letter {
            return self.take_joined_time();
        }
        let hour = self.take_small_number(2).filter(|_| run == 2)?;
        let Some((mark, minute)) = self.take_minute() else {
            return has_letter.then(|| to_time(hour, 0, 0, 0))?;
        };
        let second = if self.take_byte(mark) { self.take_small_number(2)? } else { 0 };
        let nanosecond = self.take_fraction();
        to_time(hour, minute, second, nanosecond)
    }

    /// The minutes and the mark before them. A hyphen is the sign of a zone unless minutes and
    /// seconds follow.
    fn take_minute(&mut self) -> Option<(u8, i8)> {
        let is_minute = match self.rest {
            [b':' | b'.', m1, m2, ..] => m1.is_ascii_digit() && m2.is_ascii_digit(),
            [b'-', m1, m2, b'-', s1, s2, ..] => [m1, m2, s1, s2].iter().all(|b| b.is_ascii_digit()),
            _ => false,
        };
        let mark = *self.rest.first().filter(|_| is_minute)?;
        self.take_byte(mark);
        Some((mark, self.take_small_number(2)?))
    }

    /// The fraction of a second in nanoseconds; digits beyond the ninth are dropped.
    fn take_fraction(&mut self) -> i32 {
        let [b'.' | b',', digits @ ..] = self.rest else { return 0 };
        let run = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if run == 0 {
            return 0;
        }
        let (digits, rest) = digits.split_at(run);
        self.rest = rest;
        let padded = digits.iter().copied().chain(std::iter::repeat(b'0')).take(9);
        padded.fold(0, |value, digit| value * 10 + i32::from(digit - b'0'))
    }

    /// The offset of the zone in minutes; `None`: anything else is at the front.
    fn take_offset(&mut self) -> Option<i32> {
        self.take_spaces();
        if self.take_byte(b'z') {
            return Some(0);
        }
        let sign = *self.rest.first().filter(|byte| matches!(byte, b'+' | b'-'))?;
        self.take_byte(sign);
        let run = self.digit_run();
        let hours = self.take_number(2)?;
        let minutes = match run {
            4 => self.take_number(2)?,
            2 if self.take_byte(b':') => self.take_number(2)?,
            2 => 0,
            _ => return None,
        };
        let total = hours * 60 + minutes;
        let is_possible = hours <= zones::MOST_OFFSET_HOURS && minutes < 60;
        is_possible.then_some(if sign == b'-' { -total } else { total })
    }
}

fn week_day(year: i16, week: i8, day: i8) -> Option<Date> {
    let weekday = Weekday::from_monday_one_offset(day).ok()?;
    Some(ISOWeekDate::new(year, week, weekday).ok()?.date())
}

fn ordinal_day(year: i16, day: i32) -> Option<Date> {
    let first = Date::new(year, 1, 1).ok()?;
    let date = first.checked_add(jiff::Span::new().days(day.checked_sub(1)?)).ok()?;
    (day >= 1 && date.year() == year).then_some(date)
}

/// The time of day, and the days to add: 24:00 is the next day's midnight (ISO 8601:2004 section
/// 4.2.3). A leap second is read as the second before it.
fn to_time(hour: i8, minute: i8, second: i8, nanosecond: i32) -> Option<(Time, i64)> {
    let second = if second == 60 { 59 } else { second };
    if (hour, minute, second, nanosecond) == (24, 0, 0, 0) {
        return Some((Time::midnight(), 1));
    }
    Some((Time::new(hour, minute, second, nanosecond).ok()?, 0))
}
