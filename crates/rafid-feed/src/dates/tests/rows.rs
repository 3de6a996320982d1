//! The tables, row by row: each row can match.

use super::*;

#[test]
fn every_month_can_match() {
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
    for (name, number) in calendar_months::HIJRI_MONTHS {
        let expected = read_date(&format!("1445-{number}-3 هـ"), None);
        assert!(expected.is_some());
        assert_eq!(read_date(&format!("3 {name} 1445"), None), expected, "{name}");
        assert_eq!(pieces::fold_letters(name), *name);
    }
    for (name, number) in calendar_months::PERSIAN_MONTHS {
        let expected = read_date(&format!("1405/{number}/3"), None);
        assert!(expected.is_some());
        assert_eq!(read_date(&format!("3 {name} 1405"), None), expected, "{name}");
        assert_eq!(pieces::fold_letters(name), *name);
    }
    for (name, number) in calendar_months::LIBYAN_MONTHS {
        check(&format!("3 {name} 1376"), &format!("2008-{number:02}-03T00:00:00Z"));
        check(&format!("3 {name} 2008"), &format!("2008-{number:02}-03T00:00:00Z"));
        assert_eq!(pieces::fold_letters(name), *name);
    }
    for (letter, digit, number) in months::NUMBERED_MONTHS {
        check(&format!("3 {letter}{digit} 2026"), &format!("2026-{number:02}-03T00:00:00Z"));
    }
    for era in tables::HIJRI_ERA {
        check(&format!("20/10/1405 {era}"), "1985-07-09T00:00:00Z");
    }
}

#[test]
fn every_zone_can_match() {
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
    for (name, zone) in tables::ZONES_OF_PLACES {
        let expected = read_date("2026-07-23 12:00", Some(&parse_zone(zone).unwrap()));
        assert_eq!(read_date(&format!("2026-07-23 12:00 {name}"), None), expected, "{name}");
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

#[test]
fn words_that_are_no_field_leave_no_doubt() {
    let doubts_about = |words: &str| {
        let context = DateContext::default();
        let reading = read_in_context(words, &context);
        reading.unwrap_or_else(|| panic!("{words} is not read")).doubts
    };
    let weekdays = known_words::WEEKDAYS.into_iter().flatten().map(|name| (*name).to_owned());
    let pairs = known_words::WEEKDAY_PAIRS.iter().map(|(one, two, _)| format!("{one} {two}"));
    let fillers = known_words::FILLERS.iter().map(|word| (*word).to_owned());
    for word in weekdays.chain(pairs).chain(fillers) {
        assert_eq!(pieces::fold_letters(&word), word);
        assert_eq!(doubts_about(&format!("{word}, 23/11/2026 10:05")), [], "{word}");
    }
}

#[test]
fn every_weekday_settles_the_order() {
    for (weekday, names) in (1..).zip(known_words::WEEKDAYS) {
        let of_day = |month: u32, day: u32| {
            let date = jiff::civil::date(2026, month.try_into().unwrap(), day.try_into().unwrap());
            date.weekday().to_monday_one_offset() == weekday
        };
        let pairs = (1..=12).flat_map(|a| (1..=12).map(move |b| (a, b)));
        let (a, b) = pairs.clone().find(|(a, b)| of_day(*a, *b) && !of_day(*b, *a)).unwrap();
        for name in names {
            let expected = format!("2026-{a:02}-{b:02}T00:00:00Z");
            check(&format!("{name}, {a:02}/{b:02}/2026"), &expected);
            check(&format!("{b:02}/{a:02}/2026 {name}"), &expected);
        }
    }
}
