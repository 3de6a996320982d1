//! Dates as publishers write them → instants, in this order: the forms of nearly all feeds; numbers
//! that count from 1970; ISO 8601; then the RFC 822 family and the free forms of the press in one
//! tolerant parser. A date that cannot be read is `None`: never 1970, never "now". What a date
//! contains besides and is not understood is a `DateDoubt`, and so is an unknown zone.
//!
//! A Hijri date is converted by the calendar Umm al-Qura, a Persian one by the Solar Hijri calendar;
//! a Gregorian date beside them wins (with or without «الموافق»). A numeric date has the
//! year first when it begins with four digits. Else it is read in the only possible order of day
//! and month, else in the order that the weekday proves, else in that of the feed's other dates
//! (`order`), else with the day first. Weekdays are ignored otherwise: they are sometimes wrong.
//! Relative dates («منذ ساعتين») and days without a year have parsers of their own (`relative`,
//! `without_year`), for callers that know the time of reading.

mod calendar_months;
mod clock_times;
mod common_forms;
mod date_parts;
mod fields;
mod in_link;
mod iso_8601;
mod known_words;
mod misspelled;
mod months;
mod named_days;
mod named_parts;
mod numeric;
mod order;
mod other_calendars;
mod pieces;
mod relative;
mod tables;
mod unix_time;
mod without_year;
mod zones;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::model::DateOrder;

/// A longer text is not a date: the longest real one seen has 60 characters.
const LONGEST_BYTES: usize = 256;

pub use in_link::day_in_link;
pub use numeric::OrderEvidence;
pub use order::{DateOrderUsage, detect_order, order_evidence};
pub use relative::{is_relative, read_relative};

/// A date as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DateReading {
    /// The instant.
    pub instant: Timestamp,
    /// What was not understood or was guessed, in the order of the text.
    pub doubts: Vec<DateDoubt>,
}

/// A part of a date that was not understood or that was guessed. Words are folded: lower case, plain
/// letters and digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DateDoubt {
    /// The name of a zone that is not known, or that means several zones (`IST`); the time is read
    /// in the zone of dates without one, a place that could be in two zones in the likelier one.
    UnknownZone(String),
    /// A word or a number that is no part of the date.
    UnreadPart(String),
    /// The date has no year: the nearest past one is assumed.
    GuessedYear,
}

/// What is known about the dates of a feed.
#[derive(Debug, Clone, Copy, Default)]
pub struct DateContext<'a> {
    /// The zone of dates that name none; UTC when `None`.
    pub zone: Option<&'a TimeZone>,
    /// The order of day and month where both are possible.
    pub order: DateOrder,
    /// The time of reading; without it, relative dates and days without a year are not read.
    pub now: Option<Timestamp>,
}

/// The date in `words`, with what is doubtful about it. `None`: it cannot be read, or its year is
/// before 1970 or after 9998.
pub fn read_in_context(words: &str, context: &DateContext<'_>) -> Option<DateReading> {
    let words = trimmed_and_bounded(words)?;
    if let Some(instant) = common_forms::read_common_form(words) {
        return Some(DateReading { instant, doubts: Vec::new() });
    }
    parse_tolerant(words, context.zone, context.order)
        .or_else(|| relative::read_relative_in_context(words, context))
}

/// The instant of the date in `words`, day before month; `zone` applies to dates without a zone
/// (UTC when `None`). `None`: the date cannot be read, or its year is before 1970 or after 9998.
pub fn read_date(words: &str, zone: Option<&TimeZone>) -> Option<Timestamp> {
    read_date_in_order(words, zone, DateOrder::default())
}

/// The same, with the feed's order of day and month where both orders are possible (`03/04/2024`).
pub fn read_date_in_order(
    words: &str,
    zone: Option<&TimeZone>,
    order: DateOrder,
) -> Option<Timestamp> {
    let context = DateContext { zone, order, now: None };
    read_in_context(words, &context).map(|reading| reading.instant)
}

/// The same, read as the wall clock in `zone`: a zone that the date names is ignored.
pub fn read_wall_time(words: &str, zone: Option<&TimeZone>, order: DateOrder) -> Option<Timestamp> {
    match parse_date(trimmed_and_bounded(words)?, order)? {
        ParsedDate::Instant(instant) => Some(instant),
        ParsedDate::WallTime(civil, ..) => instant_in_zone(civil, zone),
    }
}

fn trimmed_and_bounded(words: &str) -> Option<&str> {
    let words = words.trim();
    (!words.is_empty() && words.len() <= LONGEST_BYTES).then_some(words)
}

/// Reads any absolute form.
fn parse_tolerant(words: &str, zone: Option<&TimeZone>, order: DateOrder) -> Option<DateReading> {
    match parse_date(words, order)? {
        ParsedDate::Instant(instant) => Some(DateReading { instant, doubts: Vec::new() }),
        ParsedDate::WallTime(civil, own, doubts) => {
            let instant = instant_in_zone(civil, own.as_ref().or(zone))?;
            Some(DateReading { instant, doubts })
        }
    }
}

/// A date before its zone is decided.
enum ParsedDate {
    /// Seconds since 1970: an instant in every zone.
    Instant(Timestamp),
    /// A day and a time, the zone that the date names, and what was not understood.
    WallTime(DateTime, Option<TimeZone>, Vec<DateDoubt>),
}

fn parse_date(words: &str, order: DateOrder) -> Option<ParsedDate> {
    let folded = pieces::fold_letters(words);
    let trimmed = folded.trim();
    if let Some((civil, zone)) = iso_8601::read_iso_8601(trimmed) {
        return Some(ParsedDate::WallTime(civil, zone, Vec::new()));
    }
    if let Some(instant) = unix_time::read_unix_time(trimmed) {
        return Some(ParsedDate::Instant(instant));
    }
    let pieces = pieces::split_into_pieces(&folded);
    let fields = match folded.split_once("الموافق") {
        // The part before it is not a complete date of another calendar, but its day would be
        // mistaken for the Gregorian one.
        Some((_, behind)) if other_calendars::take_date(&pieces).is_none() => {
            match other_calendars::take_day_of_year(&pieces) {
                Some((_, rest)) => date_parts::gather_fields(&rest, order),
                None => None,
            }
            .or_else(|| date_parts::gather_fields(&pieces::split_into_pieces(behind), order))
            .or_else(|| date_parts::gather_fields(&pieces, order))?
        }
        _ => date_parts::gather_fields(&pieces, order)?,
    };
    let civil = fields.civil()?;
    Some(ParsedDate::WallTime(civil, fields.zone, fields.doubts))
}

fn instant_in_zone(civil: DateTime, zone: Option<&TimeZone>) -> Option<Timestamp> {
    let zone = zone.cloned().unwrap_or(TimeZone::UTC);
    let instant = zone.to_ambiguous_timestamp(civil).compatible().ok()?;
    (instant.as_second() > 0).then_some(instant)
}

/// A time zone by its IANA name or as a fixed offset (`Asia/Riyadh`, `+03:00`, `+3`, `UTC`).
pub fn parse_zone(name: &str) -> Option<TimeZone> {
    let name = name.trim();
    if name.starts_with(['+', '-', '−']) || name.eq_ignore_ascii_case("z") {
        let (minutes, _) = zones::offset_at(&pieces::split_into_pieces(name))?;
        return zones::fixed_zone(minutes);
    }
    if name.eq_ignore_ascii_case("utc") || name.eq_ignore_ascii_case("gmt") {
        return Some(TimeZone::UTC);
    }
    TimeZone::get(name).ok()
}

#[cfg(test)]
mod tests;
