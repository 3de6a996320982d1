//! Pieces of a date → the Hijri or Persian date among them as a Gregorian day, and the other pieces:
//! the time, the zone and, when two calendars are written, the Gregorian date.
//!
//! Hijri dates follow Umm al-Qura, the civil calendar of Saudi Arabia, with the month lengths of
//! `icu_calendar` (ICU's `islamcal.cpp`). All months of 1420 to 1450 were compared with the table
//! of Hijridate 2 and agree; before and after that range, published tables differ by a day. Other
//! countries follow sightings of the moon, so a difference of one day is possible, and a Gregorian
//! date beside a Hijri one always wins. A day that the calendar does not have is not read.
//!
//! A date in numbers names its calendar by its era, else by its year: the Web is no older than 1369
//! of the Persian and 1411 of the Hijri calendar, and the Persian one reaches 1420 in 2041.

use icu_calendar::Date;
use icu_calendar::cal::{Gregorian, Hijri, Persian};

use super::calendar_months::{HIJRI_MONTHS, PERSIAN_MONTHS};
use super::pieces::DatePiece::{self, Mark, Number, Word};
use super::tables::{HIJRI_ERA, LUNAR_ERA, PERSIAN_ERA};

/// A calendar with years that are not Gregorian.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Calendar {
    /// Umm al-Qura.
    Hijri,
    /// The Solar Hijri calendar of Iran and Afghanistan.
    Persian,
}

/// The first year that is taken as Hijri without the name of a month or of the era. 1420 began in
/// April 1999.
const FIRST_UNNAMED_HIJRI_YEAR: u32 = 1420;

/// The most pieces in the name of a month: `dhu al-qi'dah` has six.
const LONGEST_MONTH: usize = 6;

/// Dates of other calendars that one text contains; a third is never needed.
const MOST_DATES: usize = 2;

/// Words between a day, its month and its year: «25 من شهر رمضان لعام 1445», `25th of Ramadan`,
/// «۲۵ آبان ماه سال ۱۴۰۵».
const BETWEEN: &[&str] = &[
    "شهر",
    "عام",
    "سنه",
    "للعام",
    "لسنه",
    "لعام",
    "من",
    "ماه",
    "سال",
    "nd",
    "of",
    "rd",
    "st",
    "th",
];

/// The date of another calendar in a text.
pub(super) struct OtherDate {
    /// Its day in the Gregorian calendar; `None`: its calendar has no such day.
    pub(super) day: Option<(i16, i8, i8)>,
    /// The other pieces, in their order.
    pub(super) rest: Vec<DatePiece>,
}

/// A day and month without a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DayOfYear {
    pub(super) calendar: Calendar,
    pub(super) month: u8,
    pub(super) day: u8,
}

/// A date as written.
#[derive(Clone, Copy)]
struct CalendarDate {
    calendar: Calendar,
    year: u32,
    month: u8,
    day: u32,
}

impl Calendar {
    /// The accepted years. Hijri: those of ICU's table; 1500 begins in November 2076. Persian: those
    /// since March 1970.
    fn years(self) -> std::ops::RangeInclusive<u32> {
        match self {
            Self::Hijri => 1343..=1500,
            Self::Persian => 1349..=1500,
        }
    }

    /// Year, month and day in the Gregorian calendar; `None`: the day does not exist.
    pub(super) fn to_gregorian(self, year: i32, month: u8, day: u8) -> Option<(i16, i8, i8)> {
        let rata_die = match self {
            Self::Hijri => {
                let calendar = Hijri::new_umm_al_qura();
                Date::try_new_hijri_with_calendar(year, month, day, calendar).ok()?.to_rata_die()
            }
            Self::Persian => Date::try_new_persian(year, month, day).ok()?.to_rata_die(),
        };
        let day = Date::from_rata_die(rata_die, Gregorian);
        let year = i16::try_from(day.era_year().year).ok()?;
        let month = i8::try_from(day.month().ordinal).ok()?;
        Some((year, month, i8::try_from(day.day_of_month().0).ok()?))
    }

    /// The year of this calendar in which a Gregorian day is.
    pub(super) fn year_of(self, day: jiff::civil::Date) -> Option<i32> {
        let (month, day_of_month) =
            (u8::try_from(day.month()).ok()?, u8::try_from(day.day()).ok()?);
        let day = Date::try_new_gregorian(i32::from(day.year()), month, day_of_month).ok()?;
        let rata_die = day.to_rata_die();
        Some(match self {
            Self::Hijri => {
                Date::from_rata_die(rata_die, Hijri::new_umm_al_qura()).year().extended_year()
            }
            Self::Persian => Date::from_rata_die(rata_die, Persian).year().extended_year(),
        })
    }
}

/// Takes the dates of other calendars out of `pieces`. A Persian date counts before a Hijri one, as
/// no sighting of the moon shifts it. `None`: there is no such date.
pub(super) fn take_date(pieces: &[DatePiece]) -> Option<OtherDate> {
    let (date, mut rest) = take_one_date(pieces)?;
    let mut dates = vec![date];
    while dates.len() < MOST_DATES
        && let Some((date, left)) = take_one_date(&rest)
    {
        dates.push(date);
        rest = left;
    }
    dates.sort_by_key(|date| date.calendar != Calendar::Persian);
    Some(OtherDate { day: dates.into_iter().find_map(CalendarDate::to_gregorian), rest })
}

fn take_one_date(pieces: &[DatePiece]) -> Option<(CalendarDate, Vec<DatePiece>)> {
    let (date, start, end) = (0..pieces.len())
        .find_map(|at| named_date_at(pieces, at).or_else(|| numbered_date_at(pieces, at)))
        .filter(|(date, ..)| date.calendar.years().contains(&date.year))?;
    Some((date, without(pieces, start, end)?))
}

/// Takes the first day with a month of another calendar and no year out of `pieces`.
pub(super) fn take_day_of_year(pieces: &[DatePiece]) -> Option<(DayOfYear, Vec<DatePiece>)> {
    (0..pieces.len()).find_map(|at| {
        let (calendar, month, used) = month_at(pieces.get(at..)?)?;
        let before = number_before(pieces, at).filter(|(.., digits)| *digits <= 2);
        let behind = || number_behind(pieces, at + used).filter(|(.., digits)| *digits <= 2);
        let (start, end, day) = match before {
            Some((place, day, _)) => (place, at + used, day),
            None => behind().map(|(place, day, _)| (at, place + 1, day))?,
        };
        let day = DayOfYear { calendar, month, day: u8::try_from(day).ok()? };
        Some((day, without(pieces, start, end)?))
    })
}

fn without(pieces: &[DatePiece], start: usize, end: usize) -> Option<Vec<DatePiece>> {
    Some(pieces.get(..start)?.iter().chain(pieces.get(end..)?).cloned().collect())
}

impl CalendarDate {
    fn to_gregorian(self) -> Option<(i16, i8, i8)> {
        let (year, day) = (i32::try_from(self.year).ok()?, u8::try_from(self.day).ok()?);
        self.calendar.to_gregorian(year, self.month, day)
    }
}

/// The date around the name of a month at `at`, with its start and end: day and year before or
/// behind the name, in any unambiguous order.
fn named_date_at(pieces: &[DatePiece], at: usize) -> Option<(CalendarDate, usize, usize)> {
    let (calendar, month, used) = month_at(pieces.get(at..)?)?;
    let (mut day, mut year) = (None, None);
    let mut start = at;
    if let Some((place, value, digits)) = number_before(pieces, at) {
        match digits {
            1 | 2 => day = Some(value),
            4 if calendar.years().contains(&value) => year = Some(value),
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
    let date = CalendarDate { calendar, year: year?, month, day: day? };
    Some((date, start, era_at(pieces, end).map_or(end, |(_, end)| end)))
}

/// A date of three numbers at `at`: the year is first if it has four digits; else the day is first
/// unless only the month can be.
fn numbered_date_at(pieces: &[DatePiece], at: usize) -> Option<(CalendarDate, usize, usize)> {
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
    let end = at + 5;
    if libyan_era_at(pieces.get(end..)?).is_some() {
        return None;
    }
    let (calendar, end) = match era_at(pieces, end) {
        Some(era) => era,
        None if year >= FIRST_UNNAMED_HIJRI_YEAR => (Calendar::Hijri, end),
        None => (Calendar::Persian, end),
    };
    if !calendar.years().contains(&year) {
        return None;
    }
    Some((CalendarDate { calendar, year, month: u8::try_from(month).ok()?, day }, at, end))
}

/// The month that begins at the front, and the pieces it uses: the longest name that matches. Names
/// are compared without spaces, hyphens, apostrophes and the marks of transliteration.
fn month_at(pieces: &[DatePiece]) -> Option<(Calendar, u8, usize)> {
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
        let tables = [(Calendar::Hijri, HIJRI_MONTHS), (Calendar::Persian, PERSIAN_MONTHS)];
        let row = tables.into_iter().find_map(|(calendar, table)| {
            let (_, month) = table.iter().find(|(row, _)| is_name(row, &name))?;
            Some((calendar, *month, index + 1))
        });
        longest = row.or(longest);
    }
    longest
}

/// A month that is written with «ماه» (month) as one word is the same one: «آبان‌ماه».
fn is_name(row: &str, name: &str) -> bool {
    let name = name.strip_suffix("ماه").unwrap_or(name);
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
    let of_clock = matches!(before.get(..place), Some([.., Number(..), Mark(':')]));
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

/// The calendar of the era whose name is at `at`, and the end of the name; periods may separate its
/// words (`ه.ش`).
fn era_at(pieces: &[DatePiece], at: usize) -> Option<(Calendar, usize)> {
    let word_at = |at: usize| match pieces.get(at) {
        Some(Word(word)) => Some(word.as_str()),
        _ => None,
    };
    let first = word_at(at)?;
    if PERSIAN_ERA.contains(&first) {
        return Some((Calendar::Persian, at + 1));
    }
    if !HIJRI_ERA.contains(&first) {
        return None;
    }
    let next = at + 1 + usize::from(pieces.get(at + 1) == Some(&Mark('.')));
    match word_at(next) {
        Some(word) if PERSIAN_ERA.contains(&word) => Some((Calendar::Persian, next + 1)),
        Some(word) if LUNAR_ERA.contains(&word) => Some((Calendar::Hijri, next + 1)),
        _ => Some((Calendar::Hijri, at + 1)),
    }
}

/// The number of pieces of «و.ر» at the front, the era of the Libyan calendar: «من وفاة الرسول».
pub(super) fn libyan_era_at(rest: &[DatePiece]) -> Option<usize> {
    match rest {
        [Word(one), Mark('.'), Word(two), ..] if one == "و" && two == "ر" => Some(3),
        [Word(one), Word(two), ..] if one == "و" && two == "ر" => Some(2),
        [Word(one), Word(two), Word(three), ..]
            if one == "من" && two == "وفاه" && three == "الرسول" =>
        {
            Some(3)
        }
        [Word(one), ..] if one == "ور" => Some(1),
        _ => None,
    }
}
