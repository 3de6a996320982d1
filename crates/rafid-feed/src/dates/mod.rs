//! Publishers' words for dates → instants. The ladder: seconds or milliseconds since 1970; the ISO
//! 8601 and RFC 822 families and the free forms of the Arabic press in one tolerant reading. What
//! cannot be read is `None`: never 1970, never "now".
//!
//! Weekdays are ignored, they are sometimes wrong. A Hijri date is converted by the calendar Umm
//! al-Qura; a Gregorian date beside it wins («الموافق» or not). A number date is year first when it
//! begins with four digits, else in the one order of day and month that is possible, else in the
//! order of the feed's other dates (`order`), else day first. What is told from the moment of reading
//! («منذ ساعتين») is another reading (`relative`), for whoever knows that moment.

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

/// Longer words are no date: the longest real one seen has 60 characters.
const LONGEST_BYTES: usize = 256;

pub use in_link::day_in_link;
pub use order::{DateOrderUsage, Order, OrderEvidence, detect_order, order_evidence};
pub use relative::{is_relative, read_relative};

/// The instant that `words` name, day before month; `zone` is where dates without a zone are from
/// (UTC when `None`).
/// `None`: they cannot be read, or name a year before 1970 or after 9998.
pub fn read_date(words: &str, zone: Option<&TimeZone>) -> Option<Timestamp> {
    read_date_in_order(words, zone, Order::default())
}

/// The same, with day and month in the feed's order where both orders are possible (`03/04/2024`).
pub fn read_date_in_order(words: &str, zone: Option<&TimeZone>, order: Order) -> Option<Timestamp> {
    let words = trimmed_and_bounded(words)?;
    common_forms::read_common_form(words).or_else(|| parse_tolerant(words, zone, order))
}

/// The same, as a clock on a wall in `zone` shows it: a zone that the words name is passed over.
pub fn read_wall_time(words: &str, zone: Option<&TimeZone>, order: Order) -> Option<Timestamp> {
    match parse_date(trimmed_and_bounded(words)?, order)? {
        ParsedDate::Instant(instant) => Some(instant),
        ParsedDate::WallTime(civil, _) => instant_in_zone(civil, zone),
    }
}

fn trimmed_and_bounded(words: &str) -> Option<&str> {
    let words = words.trim();
    (!words.is_empty() && words.len() <= LONGEST_BYTES).then_some(words)
}

/// Reads any form, by its pieces.
fn parse_tolerant(words: &str, zone: Option<&TimeZone>, order: Order) -> Option<Timestamp> {
    match parse_date(words, order)? {
        ParsedDate::Instant(instant) => Some(instant),
        ParsedDate::WallTime(civil, own) => instant_in_zone(civil, own.as_ref().or(zone)),
    }
}

/// What words say before a zone is decided on.
enum ParsedDate {
    /// Seconds since 1970: an instant in every zone.
    Instant(Timestamp),
    /// A day and a time, and the zone that stands beside them.
    WallTime(DateTime, Option<TimeZone>),
}

fn parse_date(words: &str, order: Order) -> Option<ParsedDate> {
    let folded = pieces::fold_letters(words);
    if let Some(instant) = parse_unix_time(folded.trim()) {
        return Some(ParsedDate::Instant(instant));
    }
    let pieces = pieces::split_into_pieces(&folded);
    let fields = match folded.split_once("الموافق") {
        // What stands before it is no whole Hijri date, but its day would be taken for another.
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

/// A time zone by its IANA name or a fixed offset (`Asia/Riyadh`, `+03:00`, `+3`, `UTC`).
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

/// Nine or ten digits are seconds, twelve or thirteen milliseconds (1973 to 2286 both).
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
