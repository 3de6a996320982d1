//! The rows of the keys → a parser for each, sound examples, and the comments of `feeds.toml`.

use std::fs;

use super::*;
use crate::config::key_row::{KeyRow, KeyTable, ValueKind};
use crate::config::key_table::SECTIONS;
use crate::config::nested_keys::{ARTICLE, PAGE, SECRET};
use crate::config::site_keys::TOP;

/// Every table with the names of its parsers.
fn tables() -> Vec<(&'static KeyTable, Vec<&'static str>)> {
    fn names<T>(parsers: &[(&'static str, value::ParseKey<T>)]) -> Vec<&'static str> {
        parsers.iter().map(|(name, _)| *name).collect()
    }
    let parsers = [
        names(include::TOP_PARSERS),
        names(sections::SITE_PARSERS),
        names(sections::POLLING_PARSERS),
        names(sections::STORE_PARSERS),
        names(sections::SERVE_PARSERS),
        names(sections::STORIES_PARSERS),
        names(sections::WEBSUB_PARSERS),
        names(source::SOURCE_PARSERS),
        names(output::OUTPUT_PARSERS),
        names(lists::list_section::LIST_PARSERS),
        names(page_selectors::PAGE_PARSERS),
        names(article_selectors::ARTICLE_PARSERS),
        names(secret::SECRET_PARSERS),
    ];
    let tables = [&TOP].into_iter().chain(SECTIONS).chain([&PAGE, &ARTICLE, &SECRET]);
    tables.zip(parsers).collect()
}

#[test]
fn every_row_has_a_parser() {
    for (table, parsers) in tables() {
        let rows: Vec<&str> = table.keys.iter().map(|row| row.name).collect();
        assert_eq!(rows, parsers, "{}", table.heading);
    }
}

#[test]
fn every_row_has_an_example_and_a_meaning() {
    for (table, _) in tables() {
        let mut has_comment = false;
        for row in table.keys {
            let name = format!("{} {}", table.heading, row.name);
            assert!(!shown_value(row).is_empty(), "{name} has no example");
            assert!(row.english.ends_with('.') && !row.hint.ends_with('.'), "{name}");
            has_comment |= !row.arabic.is_empty();
            assert!(has_comment, "{name} has no meaning in Arabic");
        }
    }
}

#[test]
fn the_defaults_of_the_rows_are_those_of_the_settings() {
    let mut text = String::new();
    for table in SECTIONS.into_iter().filter(|table| !["output", "list"].contains(&table.name)) {
        text.extend([table.heading, "\n"]);
        for row in table.keys.iter().filter(|row| !row.default.is_empty()) {
            text.extend([row.name, " = ", row.default, "\n"]);
        }
    }
    // The source is the last section.
    let url = "url = \"https://a.example/\"\n";
    let written = read(&(text + url)).unwrap();
    let defaults = read(&format!("[[source]]\n{url}")).unwrap();
    assert_eq!(written.site, defaults.site);
    assert_eq!(written.polling, defaults.polling);
    assert_eq!(written.store, defaults.store);
    assert_eq!(written.serve, defaults.serve);
    assert_eq!(written.websub, defaults.websub);
    assert_eq!(written.sources, defaults.sources);
}

#[test]
fn numbers_are_accepted_within_the_bounds_of_their_rows() {
    let is_refused = |heading: &str, name: &str, number: u64| {
        let read = read(&format!("{heading}\n{name} = {number}"));
        read.is_err_and(|error| error.to_string().contains(&format!("`{name}`: expected a ")))
    };
    let mut count = 0;
    for table in SECTIONS {
        for row in table.keys {
            let (low, high) = match row.kind {
                ValueKind::Integer { low, high } | ValueKind::IntegerOrWord { low, high, .. } => {
                    (low as u64, high as u64)
                }
                ValueKind::Duration { low, high } => (low.as_secs(), high.as_secs()),
                ValueKind::Size { low, high } => (low, high),
                _ => continue,
            };
            count += 1;
            for (number, refused) in
                [(low, false), (high, false), (low - 1, true), (high + 1, true)]
            {
                assert_eq!(
                    is_refused(table.heading, row.name, number),
                    refused,
                    "{} {number}",
                    row.name
                );
            }
        }
    }
    assert!(count >= 13, "only {count} keys have bounds");
}

/// The lines of `feeds.toml` with the comment of every key taken from its row, where it differs.
fn with_comments_of_rows(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut table: Option<&KeyTable> = Some(&TOP);
    let mut seen: Vec<*const KeyRow> = Vec::new();
    for line in text.lines() {
        let heading = line.trim_start_matches('#');
        if heading.starts_with('[') {
            table = SECTIONS.into_iter().find(|table| table.heading == heading);
        }
        let key = line.strip_prefix('#').and_then(|rest| rest.split_once(" = "));
        let row = key.and_then(|(name, _)| table?.find(name));
        match row.filter(|row| !seen.contains(&std::ptr::from_ref(*row))) {
            Some(row) => {
                seen.push(row);
                replace_comment(&mut lines, row);
                lines.push(format!("#{} = {}", row.name, shown_value(row)));
            }
            None => lines.push(line.to_owned()),
        }
    }
    for (table, _) in tables().iter().filter(|(table, _)| {
        table.name == TOP.name || SECTIONS.iter().any(|it| it.name == table.name)
    }) {
        for row in table.keys {
            let is_seen = seen.contains(&std::ptr::from_ref(row));
            assert!(is_seen, "write `#{} =` below `{}` in feeds.toml", row.name, table.heading);
        }
    }
    lines.join("\n") + "\n"
}

/// Puts the comment of a row in the place of the comment at the end of `lines`, unless it says the same.
fn replace_comment(lines: &mut Vec<String>, row: &KeyRow) {
    let start = lines.iter().rposition(|line| !line.starts_with("# ")).map_or(0, |at| at + 1);
    let written: Vec<&str> = lines[start..].iter().map(|line| &line[2..]).collect();
    if written.join(" ") == row.arabic {
        return;
    }
    lines.truncate(start);
    let mut line = String::from("#");
    for word in row.arabic.split(' ').filter(|word| !word.is_empty()) {
        if line.chars().count() + word.chars().count() > 108 {
            lines.push(std::mem::replace(&mut line, String::from("#")));
        }
        line.extend([" ", word]);
    }
    if line != "#" {
        lines.push(line);
    }
}

#[test]
fn the_comments_of_the_shipped_list_are_those_of_the_rows() {
    let path = root().join("feeds.toml");
    let text = fs::read_to_string(&path).unwrap();
    let expected = with_comments_of_rows(&text);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, &expected).unwrap();
        return;
    }
    let difference = text.lines().zip(expected.lines()).find(|(got, expected)| got != expected);
    assert!(text == expected, "UPDATE_GOLDEN=1 writes it; first difference: {difference:?}");
}
