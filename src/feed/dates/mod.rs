//! Publishers' words for dates → instants. The ladder: seconds or milliseconds since 1970; the ISO
//! 8601 and RFC 822 families and the free forms of the Arabic press in one tolerant reading. What
//! cannot be read is `None`: never 1970, never "now".
//!
//! Weekdays are ignored, they are sometimes wrong. A Hijri date is converted by the calendar Umm
//! al-Qura; a Gregorian date beside it wins («الموافق» or not). A number date is year first when it
//! begins with four digits, else in the one order of day and month that is possible, else in the
//! order of the feed's other dates (`order`), else day first.

mod fields;
mod hijri;
mod order;
mod quick;
mod tables;
mod words;
mod zones;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Longer words are no date: the longest real one seen has 60 characters.
const LONGEST_BYTES: usize = 256;

pub use order::{Order, Told, Usage, told, usage};

/// The instant that `words` name, day before month; `zone` is where dates without a zone are from
/// (UTC when `None`).
/// `None`: they cannot be read, or name a year before 1970 or after 9998.
pub fn read(words: &str, zone: Option<&TimeZone>) -> Option<Timestamp> {
    read_in(words, zone, Order::default())
}

/// The same, with day and month in the feed's order where both orders are possible (`03/04/2024`).
pub fn read_in(words: &str, zone: Option<&TimeZone>, order: Order) -> Option<Timestamp> {
    let words = words.trim();
    if words.is_empty() || words.len() > LONGEST_BYTES {
        return None;
    }
    quick::read(words).or_else(|| tolerant(words, zone, order))
}

/// Reads any form, by its pieces.
fn tolerant(words: &str, zone: Option<&TimeZone>, order: Order) -> Option<Timestamp> {
    let folded = words::fold(words);
    if let Some(instant) = since_1970(folded.trim()) {
        return Some(instant);
    }
    let pieces = words::pieces(&folded);
    let fields = match folded.split_once("الموافق") {
        // What stands before it is no whole Hijri date, but its day would be taken for another.
        Some((_, behind)) if hijri::take(&pieces).is_none() => {
            fields::gather(&words::pieces(behind), order)
                .or_else(|| fields::gather(&pieces, order))?
        }
        _ => fields::gather(&pieces, order)?,
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
    let zone = fields.zone.or_else(|| zone.cloned()).unwrap_or(TimeZone::UTC);
    let instant = zone.to_ambiguous_timestamp(civil).compatible().ok()?;
    (instant.as_second() > 0).then_some(instant)
}

/// A time zone by its IANA name or a fixed offset (`Asia/Riyadh`, `+03:00`, `+3`, `UTC`).
pub fn zone(name: &str) -> Option<TimeZone> {
    let name = name.trim();
    if name.starts_with(['+', '-', '−']) || name.eq_ignore_ascii_case("z") {
        let (minutes, _) = zones::offset_at(&words::pieces(name))?;
        return zones::fixed(minutes);
    }
    if name.eq_ignore_ascii_case("utc") || name.eq_ignore_ascii_case("gmt") {
        return Some(TimeZone::UTC);
    }
    TimeZone::get(name).ok()
}

/// Nine or ten digits are seconds, twelve or thirteen milliseconds (1973 to 2286 both).
fn since_1970(digits: &str) -> Option<Timestamp> {
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
mod tests {
    use super::*;

    /// `expected` in RFC 3339, UTC; empty: not to be read.
    fn check(words: &str, expected: &str) {
        let got = read(words, None).map(|at| at.to_string()).unwrap_or_default();
        assert_eq!(got, expected, "{words:?}");
    }

    #[test]
    fn the_rfc_822_family() {
        check("Mon, 23 Nov 2026 10:00:00 +0300", "2026-11-23T07:00:00Z");
        check("Mon, 23 Nov 2026 10:00:00 GMT", "2026-11-23T10:00:00Z");
        check("Sun, 23 Nov 2026 10:00 UT", "2026-11-23T10:00:00Z");
        check("23 nov 26 10:00 EST", "2026-11-23T15:00:00Z");
        check("Mon 23 November 2026 10:00:00 +03:00", "2026-11-23T07:00:00Z");
        check("Mon, 23 Nov 2026 10:00:00 GMT+3", "2026-11-23T07:00:00Z");
        check("Mon, 23 Nov 2026 10:00:00 UTC+0300", "2026-11-23T07:00:00Z");
        check("Mon, 23 Nov 2026 10:00:00 -0330", "2026-11-23T13:30:00Z");
        check("Mon, 23 Nov 2026 10:00:00+0300", "2026-11-23T07:00:00Z");
        check("Mon, 23 Nov 2026 10:00:00 +03", "2026-11-23T07:00:00Z");
        check("Mon, 23 Nov 2026 10:00:00 AST", "2026-11-23T07:00:00Z");
        check("Mon, 23 Nov 2026 10:00:00 EET", "2026-11-23T08:00:00Z");
        check("Mon, 23 Nov 2026 24:00:00 GMT", "2026-11-24T00:00:00Z");
        check("Mon, 23 Nov 2026 23:59:60 GMT", "2026-11-23T23:59:59Z");
        check("Nov 23, 2026 1:19:00 PM", "2026-11-23T13:19:00Z");
        check("Nov 23, 2026 12:19 AM", "2026-11-23T00:19:00Z");
        check("lundi 23 novembre 2026 à 10:00", "2026-11-23T10:00:00Z");
        check("23 Nov 2026", "2026-11-23T00:00:00Z");
    }

    #[test]
    fn the_iso_8601_family() {
        check("2026-11-23T10:00:00Z", "2026-11-23T10:00:00Z");
        check("2026-11-23T10:00:00.250Z", "2026-11-23T10:00:00.25Z");
        check("2026-11-23T10:00:00+0300", "2026-11-23T07:00:00Z");
        check("2026-11-23T10:00:00+03", "2026-11-23T07:00:00Z");
        check("2026-11-23T10:00:00 -05:00", "2026-11-23T15:00:00Z");
        check("2026-11-23 10:00:00", "2026-11-23T10:00:00Z");
        check("2026-11-23T10:00", "2026-11-23T10:00:00Z");
        check("2026-11-23", "2026-11-23T00:00:00Z");
        check("2026/1/3 14:33:00", "2026-01-03T14:33:00Z");
        check("20261123T100000Z", "2026-11-23T10:00:00Z");
        check("20261123", "2026-11-23T00:00:00Z");
        check("2026-11", "2026-11-01T00:00:00Z");
    }

    #[test]
    fn numbers_alone() {
        check("1795428000", "2026-11-23T10:00:00Z");
        check("1795428000000", "2026-11-23T10:00:00Z");
        check("23/11/2026 10:00", "2026-11-23T10:00:00Z");
        check("11/23/2026 10:00", "2026-11-23T10:00:00Z");
        check("21-01-2017", "2017-01-21T00:00:00Z");
        check("03.04.2026", "2026-04-03T00:00:00Z");
        check("23/11/26", "2026-11-23T00:00:00Z");
    }

    #[test]
    fn numbers_in_the_order_of_their_feed() {
        for (words, expected) in [
            ("03/04/2026", "2026-03-04T00:00:00Z"),
            ("3-4-26 10:00", "2026-03-04T10:00:00Z"),
            ("23/11/2026", "2026-11-23T00:00:00Z"),
            ("2026/11/03", "2026-11-03T00:00:00Z"),
            ("03/04/1446", "2024-10-06T00:00:00Z"),
        ] {
            let at = read_in(words, None, Order::MonthFirst).map(|at| at.to_string());
            assert_eq!(at.as_deref(), Some(expected), "{words}");
        }
    }

    #[test]
    fn the_arabic_press() {
        check("الإثنين، ٢٣ نوفمبر ٢٠٢٦ ١٠:٠٠ ص", "2026-11-23T10:00:00Z");
        check("۲۳ نوفمبر ۲۰۲۶", "2026-11-23T00:00:00Z");
        check("الاثنين 23 تشرين الثاني 2026 - 01:19 م", "2026-11-23T13:19:00Z");
        check("23 تشرين الثاني / نوفمبر 2026", "2026-11-23T00:00:00Z");
        check("الأحد، 04 آب/اغسطس 2013، آخر تحديث 02:21 (GMT+0400)", "2013-08-03T22:21:00Z");
        check("23 نونبر 2026 10:00", "2026-11-23T10:00:00Z");
        check("5 جويلية 2026", "2026-07-05T00:00:00Z");
        check("الرياض 26 شوال 1436 هـ الموافق 11 أغسطس 2015 م واس", "2015-08-11T00:00:00Z");
        check("الساعة 10:00 مساءً 23 أبريل 2026", "2026-04-23T22:00:00Z");
        check("23\u{200f}/11\u{200f}/2026", "2026-11-23T00:00:00Z");
        check("23 نوفمبر 2026 10:00 بتوقيت مكة", "2026-11-23T07:00:00Z");
        check("Tuesday, 11 August 2015 - 16:10 pm", "2015-08-11T16:10:00Z");
    }

    /// Umm al-Qura, against dates that Saudi Arabia kept.
    #[test]
    fn hijri_dates_are_converted() {
        check("1 رمضان 1444", "2023-03-23T00:00:00Z");
        check("1 رمضان 1445", "2024-03-11T00:00:00Z");
        check("1 شوال 1445", "2024-04-10T00:00:00Z");
        check("1 محرم 1446", "2024-07-07T00:00:00Z");
        check("1 محرم 1447", "2025-06-26T00:00:00Z");
        check("14 رمضان 1432", "2011-08-14T00:00:00Z");
        check("26 شوال 1436 هـ", "2015-08-11T00:00:00Z");
        check("17 محرم 1437", "2015-10-30T00:00:00Z");
        check("13 جمادى الآخرة 1448", "2026-11-23T00:00:00Z");
        check("10 ذو الحجة 1445", "2024-06-16T00:00:00Z");
    }

    #[test]
    fn hijri_dates_in_their_forms() {
        for words in [
            "25 رمضان 1445",
            "٢٥ رَمَضَان ١٤٤٥ هـ",
            "الخميس 25 رمضان 1445هـ",
            "الخميس، ٢٥ من شهر رمضان المبارك لعام ١٤٤٥ هجرية",
            "25/رمضان/1445",
            "رمضان 25، 1445",
            "1445 رمضان 25",
            "25/09/1445",
            "25-9-1445 هـ",
            "09/25/1445",
            "1445-09-25",
            "1445/9/25 هـ",
            "25.09.1445",
            "25 Ramadan 1445",
            "Thursday, 25th of Ramadhan 1445 AH",
            "Ramadan 25, 1445H",
        ] {
            check(words, "2024-04-04T00:00:00Z");
        }
        check("٢٥ رمضان ١٤٤٥ هـ - ٠٨:٤٥ م", "2024-04-04T20:45:00Z");
        check("08:45 ص 25 رمضان 1445", "2024-04-04T08:45:00Z");
        check("25/09/1445 20:45:10 +0300", "2024-04-04T17:45:10Z");
        check("1445-09-25T20:45:10Z", "2024-04-04T20:45:10Z");
        check("15 محرم ١٤٤٦ هـ", "2024-07-21T00:00:00Z");
        check("15/01/1446", "2024-07-21T00:00:00Z");
        check("3 Rabi' al-Awwal 1446", "2024-09-06T00:00:00Z");
        check("3 Dhū al-Ḥijjah 1445", "2024-06-09T00:00:00Z");
        check("2 ربيع 2 1446", "2024-10-05T00:00:00Z");
        // Before 1420 other tables of the calendar differ by a day (Hijridate 2: 8 July).
        check("20/10/1405 هـ", "1985-07-09T00:00:00Z");
        // Sha'ban 1445 had 29 days.
        check("30 شعبان 1445", "2024-03-11T00:00:00Z");
    }

    #[test]
    fn the_gregorian_of_two_calendars_wins() {
        for words in [
            "26 شوال 1436 هـ الموافق 12 أغسطس 2015 م",
            "12 أغسطس 2015 الموافق 26 شوال 1436",
            "26 شوال الموافق 12 أغسطس 2015",
            "26/10/1436 - 12/8/2015",
            "12/8/2015 (26/10/1436هـ)",
            "26 شوال 1436 / 12 أغسطس 2015",
            "1436-10-26هـ 2015-08-12م",
        ] {
            check(words, "2015-08-12T00:00:00Z");
        }
        check("10:30 26 شوال 1436 الموافق 12 أغسطس 2015", "2015-08-12T10:30:00Z");
        check("الموافق 26 شوال 1436", "2015-08-11T00:00:00Z");
    }

    #[test]
    fn what_is_no_date_is_absent() {
        for words in [
            "",
            "now",
            "أمس",
            "0000-00-00 00:00:00",
            "1969-12-31",
            "2026-13-01",
            "2026-02-30",
            "32 نوفمبر 2026",
            "25 رمضان",
            "رمضان 1445",
            "25 رمضان 2024",
            "31 رمضان 1445",
            "0 رمضان 1445",
            "25 رمضان 1501",
            "25 رمضان 1342 هـ",
            "25 ربيع 1445",
            "10:25 رمضان 1445",
            "15/13/1446/هـ",
            "1446-13-15",
            // As likely a Persian year.
            "1403/05/12",
            "15/01/1389 هـ",
            "23 كانون 2026",
            "23 آب/أيلول 2026",
            "1970-01-01T00:00:00Z",
            "10:00",
            "99999-01-01",
            "-",
            "2026",
        ] {
            check(words, "");
        }
        check(&"2026-11-23 ".repeat(100), "");
    }

    #[test]
    fn every_month_and_zone_can_match() {
        for (name, number) in tables::MONTHS {
            check(&format!("3 {name} 2026"), &format!("2026-{number:02}-03T00:00:00Z"));
        }
        for (name, number) in tables::HIJRI_MONTHS {
            let expected = read(&format!("1445-{number}-3 هـ"), None);
            assert!(expected.is_some());
            assert_eq!(read(&format!("3 {name} 1445"), None), expected, "{name}");
            assert_eq!(words::fold(name), *name);
        }
        for era in tables::HIJRI_ERA {
            check(&format!("20/10/1405 {era}"), "1985-07-09T00:00:00Z");
        }
        for (name, minutes) in tables::ZONES {
            let at = read(&format!("2026-11-23 12:00 {name}"), None).unwrap();
            let noon = read("2026-11-23T12:00Z", None).unwrap();
            assert_eq!(noon.as_second() - at.as_second(), i64::from(*minutes) * 60, "{name}");
        }
        for name in tables::UNIVERSAL {
            check(&format!("2026-11-23 12:00 {name}"), "2026-11-23T12:00:00Z");
            check(&format!("2026-11-23 12:00 {name}+3"), "2026-11-23T09:00:00Z");
            check(&format!("2026-11-23 12:00 {name} 3+"), "2026-11-23T09:00:00Z");
        }
        for (name, place) in tables::PLACES {
            assert_eq!(words::fold(name), *name);
            let expected = read("2026-07-23 12:00", Some(&zone(place).unwrap()));
            assert!(expected.is_some());
            assert_eq!(read(&format!("2026-07-23 12:00 بتوقيت {name}"), None), expected, "{name}");
        }
        for area in tables::AREAS {
            let names: Vec<_> = jiff::tz::db().available().map(|name| name.to_string()).collect();
            let name =
                names.iter().find(|name| name.to_lowercase().starts_with(&format!("{area}/")));
            let expected = read("2026-07-23 12:00", zone(name.unwrap()).as_ref());
            assert_eq!(
                read(&format!("2026-07-23 12:00 {}", name.unwrap()), None),
                expected,
                "{area}"
            );
        }
        for (words, hour) in [(tables::BEFORE_NOON, 3), (tables::AFTER_NOON, 15)] {
            for word in words {
                check(&format!("2026-11-23 3:00 {word}"), &format!("2026-11-23T{hour:02}:00:00Z"));
            }
        }
    }

    #[test]
    fn zones_are_told_in_many_ways() {
        for zone in [
            "+3",
            "+03",
            "+0300",
            "+03:00",
            "GMT+3",
            "GMT +3",
            "(GMT +03:00)",
            "UTC+3",
            "UTC+03:00",
            "GMT+0300 (Arabian Standard Time)",
            "+3 GMT",
            "AST",
            "(KSA)",
            "EEST",
            "Asia/Riyadh",
            "[Asia/Riyadh]",
            "+03:00[Asia/Riyadh]",
            "asia/riyadh",
            "Etc/GMT-3",
            "بتوقيت مكة",
            "بتوقيت مكة المكرمة",
            "(بتوقيت المملكة العربية السعودية)",
            "حسب توقيت دولة الكويت",
            "بتوقيت غرينتش +3",
            "بتوقيت القاهرة",
            "بتوقيت بيروت",
        ] {
            check(&format!("2026-07-23 10:00 {zone}"), "2026-07-23T07:00:00Z");
            check(&format!("23/07/2026 10:00 {zone}"), "2026-07-23T07:00:00Z");
            check(&format!("٢٣ يوليو ٢٠٢٦ ١٠:٠٠ ص {zone}"), "2026-07-23T07:00:00Z");
        }
        for (words, expected) in [
            ("2026-07-23 10:00 GST", "2026-07-23T06:00:00Z"),
            ("2026-07-23 10:00 بتوقيت دبي", "2026-07-23T06:00:00Z"),
            ("2026-07-23 10:00 بتوقيت سلطنة عمان", "2026-07-23T06:00:00Z"),
            ("2026-07-23 10:00 EET", "2026-07-23T08:00:00Z"),
            // Cairo and New York put the clock forward in summer.
            ("2026-11-23 10:00 بتوقيت القاهرة", "2026-11-23T08:00:00Z"),
            ("2026-11-23 10:00 Africa/Cairo", "2026-11-23T08:00:00Z"),
            ("2026-11-23 10:00 America/New_York", "2026-11-23T15:00:00Z"),
            ("2026-11-23 10:00 America/Argentina/Buenos_Aires", "2026-11-23T13:00:00Z"),
            ("بتوقيت القاهرة 10:00 23 نوفمبر 2026", "2026-11-23T08:00:00Z"),
            // A dateline is no zone.
            ("القاهرة 23 نوفمبر 2026 10:00", "2026-11-23T10:00:00Z"),
            ("23 نوفمبر 2026 10:00 القاهرة", "2026-11-23T10:00:00Z"),
            ("10:00 - 3 نوفمبر 2026", "2026-11-03T10:00:00Z"),
            ("10:00 - 3/11/2026", "2026-11-03T10:00:00Z"),
            ("3/11/2026 - 10:00 -3", "2026-11-03T13:00:00Z"),
        ] {
            check(words, expected);
        }
        let riyadh = zone("Asia/Riyadh").unwrap();
        for zone in ["بتوقيت جرينتش", "بتوقيت غرينيتش", "ت غ", "ت.غ", "ت م", "GMT", "Z"]
        {
            let at = read(&format!("2026-11-23 10:00 {zone}"), Some(&riyadh)).unwrap();
            assert_eq!(at.to_string(), "2026-11-23T10:00:00Z", "{zone}");
        }
    }

    #[test]
    fn a_source_has_a_zone_for_dates_without_one() {
        let riyadh = zone("Asia/Riyadh").unwrap();
        let at = read("2026-11-23 10:00", Some(&riyadh)).unwrap();
        assert_eq!(at.to_string(), "2026-11-23T07:00:00Z");
        let at = read("2026-11-23 10:00 GMT", Some(&riyadh)).unwrap();
        assert_eq!(at.to_string(), "2026-11-23T10:00:00Z");
        for (name, seconds) in [("+03:00", 10_800), ("-3", -10_800), ("+0330", 12_600), ("UTC", 0)]
        {
            let at = zone(name).unwrap().to_offset(jiff::Timestamp::UNIX_EPOCH);
            assert_eq!(at.seconds(), seconds, "{name}");
        }
        for name in ["", "Mars/Olympus", "+99:00", "+"] {
            assert!(zone(name).is_none(), "{name}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_parts_of_dates_make_it_panic(
            parts in proptest::collection::vec(
                "[0-9]{1,4}|[-/.:+ ]|رمضان|ربيع|الاول|هـ|ت|م|بتوقيت|القاهرة|Etc|GMT|Dhu|al|نوفمبر",
                0..12,
            ),
        ) {
            for words in [parts.concat(), parts.join(" ")] {
                let _ = told(&words);
                for order in [Order::DayFirst, Order::MonthFirst] {
                    let _ = read_in(&words, None, order);
                }
            }
        }

        #[test]
        fn no_words_make_it_panic(words in ".{0,80}") {
            let _ = read(&words, None);
        }
    }
}
