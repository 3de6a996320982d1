//! A place as written (`georss:point`, `geo:lat` and `geo:long` joined) → a point on Earth.

use crate::model::GeoPoint;

/// Ten-millionths of a degree.
const E7: i64 = 10_000_000;

/// Parses `latitude longitude`, separated by a space or a comma. `None`: not a place, or "0 0",
/// which programs write when the place is unknown.
pub(super) fn parse_point(words: &str) -> Option<GeoPoint> {
    let mut parts = words.split([' ', ',', ';', '\t', '\n']).filter(|part| !part.is_empty());
    let (latitude, longitude) =
        (parse_degrees(parts.next()?, 90)?, parse_degrees(parts.next()?, 180)?);
    let is_point = parts.next().is_none() && (latitude, longitude) != (0, 0);
    is_point.then_some(GeoPoint { latitude_e7: latitude, longitude_e7: longitude })
}

/// A decimal number of degrees within ±`most`, exactly; digits after the seventh are cut off.
fn parse_degrees(words: &str, most: i64) -> Option<i32> {
    let (sign, digits) = match words.strip_prefix(['-', '−']) {
        Some(digits) => (-1, digits),
        None => (1, words.strip_prefix('+').unwrap_or(words)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 3 || !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    let fraction: String = fraction.chars().chain("0000000".chars()).take(7).collect();
    let degrees = sign * (whole.parse::<i64>().ok()? * E7 + fraction.parse::<i64>().ok()?);
    i32::try_from(degrees).ok().filter(|degrees| i64::from(*degrees).abs() <= most * E7)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points() {
        let check = |words: &str, expected: Option<(i32, i32)>| {
            let got = parse_point(words).map(|point| (point.latitude_e7, point.longitude_e7));
            assert_eq!(got, expected, "{words:?}");
        };
        check("24.7136 46.6753", Some((247_136_000, 466_753_000)));
        check(" 24.7136,\n46.6753 ", Some((247_136_000, 466_753_000)));
        check("-33 +151.123456789", Some((-330_000_000, 1_511_234_567)));
        check("90 -180", Some((900_000_000, -1_800_000_000)));
        check("90.1 0", None);
        check("0 180.0000001", None);
        check("0 0", None);
        check("0.0,0.0", None);
        check("24.7", None);
        check("24.7 46.6 3", None);
        check("24.7N 46.6E", None);
        check("", None);
        check("1e2 5", None);
    }
}
