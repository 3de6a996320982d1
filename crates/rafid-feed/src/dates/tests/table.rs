//! `dates.tsv`: each date with its instant and its doubts. Zones were computed with the tz database
//! of Python, Hijri days with Hijridate, Persian ones with jdatetime.

use super::*;

/// The doubts as the table writes them: `zone:ist part:x year`, or `-`.
fn doubts_as_text(doubts: &[DateDoubt]) -> String {
    let words: Vec<_> = doubts
        .iter()
        .map(|doubt| match doubt {
            DateDoubt::UnknownZone(name) => format!("zone:{name}"),
            DateDoubt::UnreadPart(part) => format!("part:{part}"),
            DateDoubt::GuessedYear => "year".to_owned(),
        })
        .collect();
    if words.is_empty() { "-".to_owned() } else { words.join(" ") }
}

/// One row read with its context: the instant or `none`, and the doubts.
fn read_row(words: &str, context: &str) -> (String, String) {
    let value = |key: &str| context.split(' ').find_map(|part| part.strip_prefix(key));
    let zone = value("zone=").map(|name| parse_zone(name).unwrap());
    let order = match value("order=") {
        Some("month") => DateOrder::MonthFirst,
        _ => DateOrder::DayFirst,
    };
    let now = value("now=").map(|now| now.parse().unwrap());
    match read_in_context(words, &DateContext { zone: zone.as_ref(), order, now }) {
        Some(reading) => (reading.instant.to_string(), doubts_as_text(&reading.doubts)),
        None => ("none".to_owned(), "-".to_owned()),
    }
}

#[test]
fn every_date_of_the_table_has_its_instant() {
    let rows = include_str!("dates.tsv").lines().filter(|line| !line.starts_with("# "));
    let mut wrong = Vec::new();
    let mut count = 0;
    for row in rows {
        count += 1;
        let columns: Vec<_> = row.split('\t').collect();
        let [words, context, instant, doubts] = columns[..] else { panic!("columns: {row}") };
        let got = read_row(words, context);
        if got != (instant.to_owned(), doubts.to_owned()) {
            wrong.push(format!("{row}\n    got {got:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {count} rows\n{}", wrong.len(), wrong.join("\n"));
    assert!(count >= 400, "{count} rows");
}
