//! Pieces of a date → the Hijri date among them as a Gregorian day, and the other pieces: the time,
//! the zone and, when both calendars are written, the Gregorian date.
//!
//! The calendar is Umm al-Qura, the civil calendar of Saudi Arabia, with the month lengths of
//! `icu_calendar` (ICU's `islamcal.cpp`). All months of 1420 to 1450 were compared with the table
//! of Hijridate 2 and agree; before and after that range, published tables differ by a day. Other
//! countries follow sightings of the moon, so a difference of one day is possible, and a Gregorian
//! date beside a Hijri one always wins.

use icu_calendar::Date;
use icu_calendar::cal::{Gregorian, Hijri};

use super::months::HIJRI_MONTHS;
use super::pieces::DatePiece::{self, Mark, Number, Word};
use super::tables::HIJRI_ERA;

/// The years of ICU's table that are accepted; any other year belongs to another calendar. 1500
/// begins in November 2076.
const YEARS: std::ops::RangeInclusive<u32> = 1343..=1500;

/// In a numeric date without the name of a month or of the era, earlier years are as likely Persian
/// (1403/05/12 is a day of 2024), so they are not read. 1420 began in April 1999; the Persian
/// calendar reaches it in 2041.
const FIRST_UNNAMED_YEAR: u32 = 1420;

/// The most pieces in the name of a month: `dhu al-qi'dah` has six.
const LONGEST_MONTH: usize = 6;

/// Words between a day, its month and its year: «25 من شهر رمضان لعام 1445», `25th of Ramadan`.
const BETWEEN: &[&str] =
    &["شهر", "عام", "سنه", "للعام", "لسنه", "لعام", "من", "nd", "of", "rd", "st", "th"];

/// Takes the first complete Hijri date out of `pieces`: year, month and day in the Gregorian
/// calendar, and the other pieces in their order. `None`: there is no such date.
pub(super) fn take_hijri_date(pieces: &[DatePiece]) -> Option<((i16, i8, i8), Vec<DatePiece>)> {
    let (date, start, end) = (0..pieces.len())
        .find_map(|at| named_date_at(pieces, at).or_else(|| numbered_date_at(pieces, at)))
        .filter(|(date, ..)| YEARS.contains(&date.year))?;
    let rest = pieces.get(..start)?.iter().chain(pieces.get(end..)?).cloned().collect();
    Some((to_gregorian(date)?, rest))
}

/// A Hijri day as written.
#[derive(Clone, Copy)]
struct HijriDate {
    year: u32,
    month: u8,
    day: u32,
}

/// The date around the name of a month at `at`, with its start and end: day and year before or
/// behind the name, in any unambiguous order.
fn named_date_at(pieces: &[DatePiece], at: usize) -> Option<(HijriDate, usize, usize)> {
    let (month, used) = month_at(pieces.get(at..)?)?;
    let (mut day, mut year) = (None, None);
    let mut start = at;
    if let Some((place, value, digits)) = number_before(pieces, at) {
        match digits {
            1 | 2 => day = Some(value),
            4 if YEARS.contains(&value) => year = Some(value),
            _ => return None,
        }
        start = place;
    }
    let mut end = at + used;
    while day.is_none() || year.is_none() {
        let (place, value, digits) = number_behind(pieces, end)?;
        match digits {
            1 | 2 if day.is_none() => day = Some(value),
            4 if year.is_none() => year = Some(value),
            _ => return None,
        }
        end = place + 1;
    }
    let date = HijriDate { year: year?, month, day: day? };
    Some((date, start, era_behind(pieces, end).unwrap_or(end)))
}

/// A date of three numbers at `at`: the year is first if it has four digits; else the day is first
/// unless only the month can be.
fn numbered_date_at(pieces: &[DatePiece], at: usize) -> Option<(HijriDate, usize, usize)> {
    let [Number(a, la), Mark(m1), Number(b, _), Mark(m2), Number(c, lc), ..] = pieces.get(at..)?
    else {
        return None;
    };
    if m1 != m2 || !matches!(m1, '-' | '/' | '.') {
        return None;
    }
    let (year, month, day) = match (*la, *lc) {
        (4, 1 | 2) => (*a, *b, *c),
        (1 | 2, 4) if *b > 12 => (*c, *a, *b),
        (1 | 2, 4) => (*c, *b, *a),
        _ => return None,
    };
    let end = era_behind(pieces, at + 5);
    let first_year = if end.is_some() { *YEARS.start() } else { FIRST_UNNAMED_YEAR };
    if year < first_year || !YEARS.contains(&year) {
        return None;
    }
    let date = HijriDate { year, month: u8::try_from(month).ok()?, day };
    Some((date, at, end.unwrap_or(at + 5)))
}

/// The Gregorian day. The 30th of a month that has 29 days in this calendar is the following day:
/// the publisher's country saw the moon a day later.
fn to_gregorian(date: HijriDate) -> Option<(i16, i8, i8)> {
    let calendar = Hijri::new_umm_al_qura();
    let year = i32::try_from(date.year).ok()?;
    let first = Date::try_new_hijri_with_calendar(year, date.month, 1, calendar).ok()?;
    if !(1..=30).contains(&date.day) {
        return None;
    }
    let days_on = i64::from(date.day) - 1;
    let day = Date::from_rata_die(first.to_rata_die() + days_on, Gregorian);
    let year = i16::try_from(day.era_year().year).ok()?;
    let month = i8::try_from(day.month().ordinal).ok()?;
    Some((year, month, i8::try_from(day.day_of_month().0).ok()?))
}

/// The month that begins at the front, and the pieces it uses: the longest name that matches. Names
/// are compared without spaces, hyphens, apostrophes and the marks of transliteration.
fn month_at(pieces: &[DatePiece]) -> Option<(u8, usize)> {
    let Word(_) = pieces.first()? else {
        return None;
    };
    let mut name = String::new();
    let mut longest = None;
    for (index, piece) in pieces.iter().take(LONGEST_MONTH).enumerate() {
        match piece {
            Word(word) => name.extend(word.chars().filter_map(plain_letter)),
            Number(value @ 1..=2, 1) => name.push_str(&value.to_string()),
            Mark('-' | '\'' | '’' | '‘' | '`') => continue,
            _ => break,
        }
        let row = HIJRI_MONTHS.iter().find(|(row, _)| is_name(row, &name));
        if let Some((_, month)) = row {
            longest = Some((*month, index + 1));
        }
    }
    longest
}

fn is_name(row: &str, name: &str) -> bool {
    row.chars().filter(|c| *c != ' ').eq(name.chars())
}

/// A letter of a transliteration without its marks; `None`: the character is a mark.
fn plain_letter(letter: char) -> Option<char> {
    match letter {
        'ā' | 'â' => Some('a'),
        'ī' | 'î' => Some('i'),
        'ū' | 'û' => Some('u'),
        'ḥ' => Some('h'),
        'ḍ' => Some('d'),
        'ʻ' | 'ʼ' | 'ʾ' | 'ʿ' => None,
        other => Some(other),
    }
}

/// The number before `at`, skipping words and marks that may be between: its position, value and
/// digits.
fn number_before(pieces: &[DatePiece], at: usize) -> Option<(usize, u32, usize)> {
    let before = pieces.get(..at)?;
    let place = before.iter().rposition(|piece| !is_between(piece))?;
    let Number(value, digits) = before.get(place)? else {
        return None;
    };
    // The minutes of a clock time are not a day.
    let of_clock = place > 0 && matches!(before.get(place - 1), Some(Mark(':')));
    (!of_clock).then_some((place, *value, *digits))
}

/// The number at or behind `at`, in the same way.
fn number_behind(pieces: &[DatePiece], at: usize) -> Option<(usize, u32, usize)> {
    let behind = pieces.get(at..)?;
    let place = behind.iter().position(|piece| !is_between(piece))?;
    match behind.get(place..)? {
        // The hour of a clock time is not a day.
        [Number(..), Mark(':'), ..] => None,
        [Number(value, digits), ..] => Some((at + place, *value, *digits)),
        _ => None,
    }
}

fn is_between(piece: &DatePiece) -> bool {
    match piece {
        Word(word) => BETWEEN.contains(&word.as_str()),
        Mark(mark) => matches!(mark, ',' | '-' | '/' | '.'),
        Number(..) => false,
    }
}

/// The end of the era's name, if one is at `at`.
fn era_behind(pieces: &[DatePiece], at: usize) -> Option<usize> {
    match pieces.get(at..)? {
        [Word(era), ..] if HIJRI_ERA.contains(&era.as_str()) => Some(at + 1),
        _ => None,
    }
}
