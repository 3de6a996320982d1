//! A day without a year («16 نوفمبر 11:05», `Mon, 16 Nov`, «25 رمضان», `16/11`) and the time of
//! reading → the instant in the nearest past. Today counts as past at every hour, as the zone may be
//! unknown. Every other word of the date must be understood: `Set 5 alarms` is no day.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::date_parts::DateParts;
use super::fields::DateFields;
use super::other_calendars::{self, DayOfYear};
use super::pieces::split_into_pieces;
use super::{DateContext, DateDoubt, DateReading};

/// The 29th of February is at most eight years ago; no day of another calendar is rarer.
const YEARS_BACK: i16 = 8;

/// Reads the day and its time.
pub(super) fn read_without_year(folded: &str, context: &DateContext<'_>) -> Option<DateReading> {
    if has_year_of_four_digits(folded) {
        return None;
    }
    let pieces = split_into_pieces(folded);
    let (day, rest) = match other_calendars::take_day_of_year(&pieces) {
        Some((day, rest)) => (Some(day), rest),
        None => (None, pieces),
    };
    let parts = DateParts::collect_from(&rest, context.order, day.is_some())?;
    if parts.has_year() || !parts.is_understood() {
        return None;
    }
    let zone = parts.zone().or(context.zone).cloned().unwrap_or(TimeZone::UTC);
    let today = context.now?.to_zoned(zone.clone()).date();
    let date = match (parts.month_and_day(), day) {
        (Some((month, day)), _) => latest_gregorian(month, day, today)?,
        (None, Some(day)) => day.latest_until(today)?,
        (None, None) => return None,
    };
    let fields = parts.build_fields((date.year(), date.month(), date.day()))?;
    to_reading(fields, &zone)
}

/// A quick check: nearly all dates have a year of four digits, which is no offset (`+0300`).
pub(super) fn has_year_of_four_digits(words: &str) -> bool {
    let mut run = 0;
    let mut before = ' ';
    for c in words.chars().chain([' ']) {
        if c.is_numeric() {
            run += 1;
            continue;
        }
        if run > 4 || run == 4 && !matches!(before, '+' | '-') {
            return true;
        }
        (run, before) = (0, c);
    }
    false
}

fn latest_gregorian(month: i8, day: i8, today: Date) -> Option<Date> {
    (0..=YEARS_BACK)
        .filter_map(|back| Date::new(today.year() - back, month, day).ok())
        .find(|date| *date <= today)
}

fn to_reading(fields: DateFields, zone: &TimeZone) -> Option<DateReading> {
    let civil = fields.civil()?;
    let instant = zone.to_ambiguous_timestamp(civil).compatible().ok()?;
    let mut doubts = fields.doubts;
    doubts.push(DateDoubt::GuessedYear);
    Some(DateReading { instant, doubts })
}

impl DayOfYear {
    /// The latest such day until `today`.
    fn latest_until(self, today: Date) -> Option<Date> {
        let this_year = self.calendar.year_of(today)?;
        (0..=i32::from(YEARS_BACK))
            .filter_map(|back| self.calendar.to_gregorian(this_year - back, self.month, self.day))
            .filter_map(|(year, month, day)| Date::new(year, month, day).ok())
            .find(|date| *date <= today)
    }
}
