//! Dates as publishers write them → instants, or nothing where they cannot be read.

mod calendar_dates;
mod languages;
mod press;
mod rows;
mod table;
mod zones;

use super::*;

/// `expected` in RFC 3339, UTC; empty: the words are not read.
fn check(words: &str, expected: &str) {
    let got = read_date(words, None).map(|at| at.to_string()).unwrap_or_default();
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
        let at = read_date_in_order(words, None, DateOrder::MonthFirst).map(|at| at.to_string());
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

#[test]
fn other_text_is_not_a_date() {
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

proptest::proptest! {
    #[test]
    fn no_parts_of_dates_make_it_panic(
        parts in proptest::collection::vec(
            "[0-9]{1,4}|[-/.:+ ]|رمضان|ربيع|الاول|هـ|ت|م|بتوقيت|القاهرة|Etc|GMT|Dhu|al|نوفمبر|mar|h",
            0..12,
        ),
    ) {
        for words in [parts.concat(), parts.join(" ")] {
            let _ = order_evidence(&words);
            for order in [DateOrder::DayFirst, DateOrder::MonthFirst] {
                let _ = read_date_in_order(&words, None, order);
            }
        }
    }

    #[test]
    fn no_words_make_it_panic(words in ".{0,80}") {
        let _ = read_date(&words, None);
    }
}
