//! The two forms in which nearly all feeds write their dates, character by character → instants:
//! `Mon, 23 Nov 2026 10:00:00 +0300` (RFC 822 with a four-digit year, also with `GMT`, also without
//! the weekday) and `2026-11-23T10:00:00+03:00` (RFC 3339, also with `Z`). A date that differs by a
//! single character is left to the tolerant parser, which gives the same result for these forms.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

const WEEKDAYS: [&[u8; 5]; 7] =
    [b"Mon, ", b"Tue, ", b"Wed, ", b"Thu, ", b"Fri, ", b"Sat, ", b"Sun, "];
const MONTHS: [&[u8; 3]; 12] = [
    b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec",
];

/// The instant; `None`: the date has another form, or its fields are out of range.
pub(super) fn read_common_form(words: &str) -> Option<Timestamp> {
    read_rfc_822(words.as_bytes()).or_else(|| read_rfc_3339(words.as_bytes()))
}

fn read_rfc_822(words: &[u8]) -> Option<Timestamp> {
    let words = match words.split_first_chunk::<5>() {
        Some((weekday, rest)) if WEEKDAYS.contains(&weekday) => rest,
        _ => words,
    };
    let (day, rest) = match words {
        [ones, b' ', rest @ ..] => (parse_number(&[*ones])?, rest),
        [tens, ones, b' ', rest @ ..] => (parse_number(&[*tens, *ones])?, rest),
        _ => return None,
    };
    let (month, rest) = rest.split_first_chunk::<3>()?;
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    let [b' ', y1, y2, y3, y4, b' ', rest @ ..] = rest else { return None };
    let (clock, rest) = rest.split_first_chunk::<8>()?;
    let offset = match rest {
        b" GMT" => 0,
        [b' ', sign @ (b'+' | b'-'), h1, h2, m1, m2] => {
            offset_seconds(*sign, [*h1, *h2], [*m1, *m2])?
        }
        _ => return None,
    };
    let year = parse_number(&[*y1, *y2, *y3, *y4])?;
    to_instant((year, i8::try_from(month).ok()?, to_i8(day)?), *clock, offset)
}

fn read_rfc_3339(words: &[u8]) -> Option<Timestamp> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', rest @ ..] = words else { return None };
    let (clock, rest) = rest.split_first_chunk::<8>()?;
    let offset = match rest {
        b"Z" => 0,
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            offset_seconds(*sign, [*h1, *h2], [*m1, *m2])?
        }
        _ => return None,
    };
    let (month, day) = (parse_number(&[*m1, *m2])?, parse_number(&[*d1, *d2])?);
    to_instant((parse_number(&[*y1, *y2, *y3, *y4])?, to_i8(month)?, to_i8(day)?), *clock, offset)
}

/// A day, a clock time and an offset in seconds as an instant, if all are in range. The tolerant
/// parser handles the rest: 24:00, leap seconds, years before 1970.
fn to_instant((year, month, day): (i16, i8, i8), clock: [u8; 8], offset: i32) -> Option<Timestamp> {
    let [h1, h2, b':', m1, m2, b':', s1, s2] = clock else { return None };
    let time = [[h1, h2], [m1, m2], [s1, s2]].map(|pair| to_i8(parse_number(&pair)?));
    let [Some(hour), Some(minute), Some(second)] = time else { return None };
    let civil = DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
    let instant = Offset::from_seconds(offset).ok()?.to_timestamp(civil).ok()?;
    ((1970..=9998).contains(&year) && instant.as_second() > 0).then_some(instant)
}

/// The seconds of an offset of at most 15 hours; no zone is farther from Greenwich.
fn offset_seconds(sign: u8, hours: [u8; 2], minutes: [u8; 2]) -> Option<i32> {
    let (hours, minutes) = (parse_number(&hours)?, parse_number(&minutes)?);
    if hours > 15 || minutes > 59 {
        return None;
    }
    let seconds = (i32::from(hours) * 60 + i32::from(minutes)) * 60;
    Some(if sign == b'-' { -seconds } else { seconds })
}

/// A number of at most four digits.
fn parse_number(digits: &[u8]) -> Option<i16> {
    digits.iter().try_fold(0, |value, digit| {
        digit.is_ascii_digit().then(|| value * 10 + i16::from(digit - b'0'))
    })
}

fn to_i8(value: i16) -> Option<i8> {
    i8::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    use super::super::{DateOrder, parse_tolerant, read_date_in_order};
    use super::*;

    #[test]
    fn common_forms_are_read_and_others_are_not() {
        for (words, expected) in [
            ("Mon, 23 Nov 2026 10:00:00 +0300", "2026-11-23T07:00:00Z"),
            ("Tue, 3 Nov 2026 00:00:59 GMT", "2026-11-03T00:00:59Z"),
            ("23 Nov 2026 10:00:00 -0330", "2026-11-23T13:30:00Z"),
            ("2026-11-23T10:00:00Z", "2026-11-23T10:00:00Z"),
            ("2026-11-23T10:00:00-05:00", "2026-11-23T15:00:00Z"),
        ] {
            let at = read_common_form(words).map(|at| at.to_string());
            assert_eq!(at.as_deref(), Some(expected), "{words}");
        }
        for words in [
            "",
            "Mon, 23 Nov 2026",
            "Mon, 31 Nov 2026 10:00:00 +0300",
            "Mon, 23 Nov 2026 24:00:00 GMT",
            "Mon, 23 Nov 2026 10:00:00 EET",
            "mon, 23 nov 2026 10:00:00 GMT",
            "2026-11-23 10:00:00Z",
            "2026-11-23T10:00:00.5Z",
            "1969-11-23T10:00:00Z",
            "1446-11-23T10:00:00Z",
            "2026-11-23T10:00:00+16:00",
        ] {
            assert_eq!(read_common_form(words), None, "{words}");
        }
    }

    fn slowly(words: &str) -> Option<Timestamp> {
        parse_tolerant(words, None, DateOrder::MonthFirst).map(|reading| reading.instant)
    }

    proptest::proptest! {
        #[test]
        fn the_quick_way_is_the_same_way(
            words in "((Mon|Sun|Mai), )?[0-9]{1,2} (Jan|May|Nov|nov) [0-2][0-9]{3} [0-2][0-9]:[0-6][0-9]:[0-6][0-9] (GMT|Z|[+-][01][0-9]{3})\
                     |(19|20)[0-9]{2}-[0-9]{2}-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](Z|[+-][01][0-9]:[0-9]{2})",
        ) {
            if let Some(at) = read_common_form(&words) {
                proptest::prop_assert_eq!(Some(at), slowly(&words), "{}", words);
            }
            let at = read_date_in_order(&words, None, DateOrder::MonthFirst);
            proptest::prop_assert_eq!(at, slowly(&words));
        }
    }
}
