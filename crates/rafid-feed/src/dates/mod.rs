//! Dates as publishers write them → instants, in this order: seconds or milliseconds since 1970;
//! then the ISO 8601 and RFC 822 families and the free forms of the Arabic press in one tolerant
//! parser. A date that cannot be read is `None`: never 1970, never "now".
//!
//! Weekdays are ignored because they are sometimes wrong. A Hijri date is converted by the calendar
//! Umm al-Qura; a Gregorian date beside it wins (with or without «الموافق»). A numeric date has the
//! year first when it begins with four digits. Else it is read in the only possible order of day
//! and month, else in the order of the feed's other dates (`order`), else with the day first.
//! Relative dates («منذ ساعتين») have a parser of their own (`relative`), for callers that know the
//! time of reading.

mod common_forms;
mod fields;
mod hijri;
mod in_link;
mod months;
mod order;
mod pieces;
mod relative;
mod tables;
mod zones;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::model::DateOrder;

/// A longer text is not a date: the longest real one seen has 60 characters.
const LONGEST_BYTES: usize = 256;

pub use fields::OrderEvidence;
pub use in_link::day_in_link;
pub use order::{DateOrderUsage, detect_order, order_evidence};
pub use relative::{is_relative, read_relative};

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
    let words = trimmed_and_bounded(words)?;
    common_forms::read_common_form(words).or_else(|| parse_tolerant(words, zone, order))
}

/// The same, read as the wall clock in `zone`: a zone that the date names is ignored.
pub fn read_wall_time(words: &str, zone: Option<&TimeZone>, order: DateOrder) -> Option<Timestamp> {
    match parse_date(trimmed_and_bounded(words)?, order)? {
        ParsedDate::Instant(instant) => Some(instant),
        ParsedDate::WallTime(civil, _) => instant_in_zone(civil, zone),
    }
}

fn trimmed_and_bounded(words: &str) -> Option<&str> {
    let words = words.trim();
    (!words.is_empty() && words.len() <= LONGEST_BYTES).then_some(words)
}

/// Reads any form, piece by piece.
fn parse_tolerant(words: &str, zone: Option<&TimeZone>, order: DateOrder) -> Option<Timestamp> {
    match parse_date(words, order)? {
        ParsedDate::Instant(instant) => Some(instant),
        ParsedDate::WallTime(civil, own) => instant_in_zone(civil, own.as_ref().or(zone)),
    }
}

/// A date before its zone is decided.
enum ParsedDate {
    /// Seconds since 1970: an instant in every zone.
    Instant(Timestamp),
    /// A day and a time, and the zone that the date names.
    WallTime(DateTime, Option<TimeZone>),
}

fn parse_date(words: &str, order: DateOrder) -> Option<ParsedDate> {
    let folded = pieces::fold_letters(words);
    if let Some(instant) = parse_unix_time(folded.trim()) {
        return Some(ParsedDate::Instant(instant));
    }
    let pieces = pieces::split_into_pieces(&folded);
    let fields = match folded.split_once("الموافق") {
        // The part before it is not a complete Hijri date, but its day would be mistaken for the
        // Gregorian one.
        Some((_, behind)) if hijri::take_hijri_date(&pieces).is_none() => {
            fields::gather_fields(&pieces::split_into_pieces(behind), order)
                .or_else(|| fields::gather_fields(&pieces, order))?
        }
        _ => fields::gather_fields(&pieces, order)?,
    };
    let civil = DateTime::new(
        fields.year,
        fields.month,
        fields.day,
        fields.hour,
        fields.minute,
        fields.second,
        fields.nanosecond,
    );
    // 24:00 is the next day's midnight (ISO 8601:2004 section 4.2.3).
    let civil = civil.ok()?.checked_add(jiff::Span::new().days(i64::from(fields.days_on))).ok()?;
    Some(ParsedDate::WallTime(civil, fields.zone))
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

/// Nine or ten digits are seconds, twelve or thirteen milliseconds (both cover 1973 to 2286).
fn parse_unix_time(digits: &str) -> Option<Timestamp> {
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number: i64 = digits.parse().ok()?;
    match digits.len() {
        9 | 10 => Timestamp::from_second(number).ok(),
        12 | 13 => Timestamp::from_millisecond(number).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
