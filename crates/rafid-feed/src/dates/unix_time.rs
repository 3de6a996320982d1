//! Numbers that count from 1970 → instants: seconds to nanoseconds by the number of digits, with a
//! decimal fraction, and the `/Date(…)/` of Microsoft's JSON, which always counts milliseconds.

use jiff::Timestamp;

/// The instant in `words` (folded). `None`: they are not such a number, or it is not after 1970.
pub(super) fn read_unix_time(words: &str) -> Option<Timestamp> {
    let instant = match inside_date_call(words) {
        Some(milliseconds) => Timestamp::from_millisecond(milliseconds.parse().ok()?).ok()?,
        None => read_number(words)?,
    };
    (instant.as_second() > 0).then_some(instant)
}

/// The number in `/Date(1795428000000+0300)/`, also with escaped slashes or behind `new`. The
/// offset is only a hint for display: the number itself is UTC.
fn inside_date_call(words: &str) -> Option<&str> {
    let call = words.trim_start_matches(['\\', '/']).trim_end_matches(['\\', '/', ';']);
    let call = call.strip_prefix("new ").map_or(call, str::trim_start);
    let inside = call.strip_prefix("date(")?.strip_suffix(')')?.trim();
    let digits = inside.find(|c: char| !c.is_ascii_digit()).unwrap_or(inside.len());
    let (number, offset) = inside.split_at(digits);
    let has_offset = offset.strip_prefix(['+', '-']).is_some_and(is_number);
    (offset.is_empty() || has_offset).then_some(number)
}

/// Nine or ten digits are seconds, twelve or thirteen milliseconds, then microseconds and
/// nanoseconds (each covers 1973 to 2286).
fn read_number(words: &str) -> Option<Timestamp> {
    let (whole, fraction) = words.split_once('.').unwrap_or((words, ""));
    if !is_number(whole) || whole.len() > 19 || !(fraction.is_empty() || is_number(fraction)) {
        return None;
    }
    let exponent = match whole.len() {
        9 | 10 => 9,
        12 | 13 => 6,
        15 | 16 => 3,
        18 | 19 => 0,
        _ => return None,
    };
    let padded: String = fraction.chars().chain(std::iter::repeat('0')).take(exponent).collect();
    Timestamp::from_nanosecond(format!("{whole}{padded}").parse().ok()?).ok()
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
