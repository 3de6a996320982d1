//! Zones as words, letters and offsets → the instant that they mean.

use super::*;

#[test]
fn zones_are_written_in_many_ways() {
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
        // Cairo and New York have daylight saving time in summer.
        ("2026-11-23 10:00 بتوقيت القاهرة", "2026-11-23T08:00:00Z"),
        ("2026-11-23 10:00 Africa/Cairo", "2026-11-23T08:00:00Z"),
        ("2026-11-23 10:00 America/New_York", "2026-11-23T15:00:00Z"),
        ("2026-11-23 10:00 America/Argentina/Buenos_Aires", "2026-11-23T13:00:00Z"),
        ("بتوقيت القاهرة 10:00 23 نوفمبر 2026", "2026-11-23T08:00:00Z"),
        // A dateline is not a zone.
        ("القاهرة 23 نوفمبر 2026 10:00", "2026-11-23T10:00:00Z"),
        ("23 نوفمبر 2026 10:00 القاهرة", "2026-11-23T10:00:00Z"),
        ("10:00 - 3 نوفمبر 2026", "2026-11-03T10:00:00Z"),
        ("10:00 - 3/11/2026", "2026-11-03T10:00:00Z"),
        ("3/11/2026 - 10:00 -3", "2026-11-03T13:00:00Z"),
    ] {
        check(words, expected);
    }
    let riyadh = parse_zone("Asia/Riyadh").unwrap();
    for zone in ["بتوقيت جرينتش", "بتوقيت غرينيتش", "ت غ", "ت.غ", "ت م", "GMT", "Z"]
    {
        let at = read_date(&format!("2026-11-23 10:00 {zone}"), Some(&riyadh)).unwrap();
        assert_eq!(at.to_string(), "2026-11-23T10:00:00Z", "{zone}");
    }
}

#[test]
fn a_wall_clock_ignores_the_named_zone() {
    let riyadh = parse_zone("Asia/Riyadh").unwrap();
    for (words, in_utc, in_riyadh) in [
        ("Mon, 23 Nov 2026 10:00:00 +0300", "10:00", "07:00"),
        ("Mon, 23 Nov 2026 10:00:00 GMT", "10:00", "07:00"),
        ("2026-11-23T10:00:00Z", "10:00", "07:00"),
        ("23 نوفمبر 2026 10:00 بتوقيت القاهرة", "10:00", "07:00"),
        ("2026-11-23 10:00", "10:00", "07:00"),
        ("1795428000", "10:00", "10:00"),
    ] {
        for (zone, expected) in [(None, in_utc), (Some(&riyadh), in_riyadh)] {
            let got = read_wall_time(words, zone, DateOrder::default()).map(|at| at.to_string());
            assert_eq!(got, Some(format!("2026-11-23T{expected}:00Z")), "{words:?}");
        }
    }
    for words in ["", "now", "1970-01-01T00:00:00 -0500"] {
        assert_eq!(read_wall_time(words, None, DateOrder::default()), None, "{words:?}");
    }
}

#[test]
fn a_source_has_a_zone_for_dates_without_one() {
    let riyadh = parse_zone("Asia/Riyadh").unwrap();
    let at = read_date("2026-11-23 10:00", Some(&riyadh)).unwrap();
    assert_eq!(at.to_string(), "2026-11-23T07:00:00Z");
    let at = read_date("2026-11-23 10:00 GMT", Some(&riyadh)).unwrap();
    assert_eq!(at.to_string(), "2026-11-23T10:00:00Z");
    for (name, seconds) in [("+03:00", 10_800), ("-3", -10_800), ("+0330", 12_600), ("UTC", 0)] {
        let at = parse_zone(name).unwrap().to_offset(jiff::Timestamp::UNIX_EPOCH);
        assert_eq!(at.seconds(), seconds, "{name}");
    }
    for name in ["", "Mars/Olympus", "+99:00", "+"] {
        assert!(parse_zone(name).is_none(), "{name}");
    }
}
