//! The tables, row by row: each row can match.

use super::*;

#[test]
fn every_month_and_zone_can_match() {
    for (name, number) in months::MONTHS {
        check(&format!("3 {name} 2026"), &format!("2026-{number:02}-03T00:00:00Z"));
        assert_eq!(pieces::fold_letters(name), *name);
        let rows = months::MONTHS.iter().filter(|(other, _)| other == name).count();
        assert_eq!(rows, 1, "{name}");
    }
    for name in months::ALSO_OTHER_WORDS {
        assert!(months::MONTHS.iter().any(|(month, _)| month == name), "{name}");
        check(&format!("{name} 3/11/2026"), "2026-11-03T00:00:00Z");
    }
    for (name, number) in months::HIJRI_MONTHS {
        let expected = read_date(&format!("1445-{number}-3 هـ"), None);
        assert!(expected.is_some());
        assert_eq!(read_date(&format!("3 {name} 1445"), None), expected, "{name}");
        assert_eq!(pieces::fold_letters(name), *name);
    }
    for era in tables::HIJRI_ERA {
        check(&format!("20/10/1405 {era}"), "1985-07-09T00:00:00Z");
    }
    for (name, minutes) in tables::ZONES {
        let at = read_date(&format!("2026-11-23 12:00 {name}"), None).unwrap();
        let noon = read_date("2026-11-23T12:00Z", None).unwrap();
        assert_eq!(noon.as_second() - at.as_second(), i64::from(*minutes) * 60, "{name}");
    }
    for name in tables::GREENWICH_NAMES {
        check(&format!("2026-11-23 12:00 {name}"), "2026-11-23T12:00:00Z");
        check(&format!("2026-11-23 12:00 {name}+3"), "2026-11-23T09:00:00Z");
        check(&format!("2026-11-23 12:00 {name} 3+"), "2026-11-23T09:00:00Z");
    }
    for (name, place) in tables::PLACES {
        assert_eq!(pieces::fold_letters(name), *name);
        let expected = read_date("2026-07-23 12:00", Some(&parse_zone(place).unwrap()));
        assert!(expected.is_some());
        assert_eq!(read_date(&format!("2026-07-23 12:00 بتوقيت {name}"), None), expected, "{name}");
    }
    for area in tables::IANA_AREAS {
        let names: Vec<_> = jiff::tz::db().available().map(|name| name.to_string()).collect();
        let name = names.iter().find(|name| name.to_lowercase().starts_with(&format!("{area}/")));
        let expected = read_date("2026-07-23 12:00", parse_zone(name.unwrap()).as_ref());
        assert_eq!(
            read_date(&format!("2026-07-23 12:00 {}", name.unwrap()), None),
            expected,
            "{area}"
        );
    }
}

#[test]
fn halves_of_the_day() {
    let check_hours = |word: &str, hours: [u32; 4]| {
        for (said, hour) in [3, 8, 11, 12].into_iter().zip(hours) {
            check(&format!("2026-11-23 {said}:00 {word}"), &format!("2026-11-23T{hour:02}:00:00Z"));
        }
    };
    let tables = [
        (tables::BEFORE_NOON, [3, 8, 11, 0]),
        (tables::AFTER_NOON, [15, 20, 23, 12]),
        (tables::AT_NOON, [15, 20, 11, 12]),
        (tables::AT_NIGHT, [3, 20, 23, 0]),
    ];
    for (words, hours) in tables {
        for word in words {
            check_hours(word, hours);
        }
    }
    for (one, two, is_after) in tables::DAY_HALVES {
        let hours = if *is_after { [15, 20, 23, 12] } else { [3, 8, 11, 0] };
        check_hours(&format!("{one} {two}"), hours);
    }
    for (one, two, is_after) in tables::DOTTED_DAY_HALVES {
        let hours = if *is_after { [15, 20, 23, 12] } else { [3, 8, 11, 0] };
        check_hours(&format!("{one}.{two}."), hours);
    }
    check("8 أبريل 2018 1:15 بعد منتصف الليل", "2018-04-08T01:15:00Z");
    check("8 أبريل 2018 14:05 مساءً", "2018-04-08T14:05:00Z");
}
