//! `export --format jsonl|parquet`: which entries are written, by whom, and that a file is complete or absent.

use std::fs;

use rafid::publish::{ColumnKind, EXPORT_COLUMNS};
use rafid::query::Query;
use serde_json::Value;

use crate::support::program::{Home, err, out};
use crate::support::web::get;
use crate::support::{Origin, Page, feeds};

const ONE: [(&str, &str, &str, u8); 2] =
    [("a1", "افتتاح مكتبة", "نص قصير", 20), ("a2", "سعر الخبز", "نص آخر", 22)];
const TWO: [(&str, &str, &str, u8); 1] = [("b1", "معرض كتاب", "في بيروت", 21)];

fn home() -> (Origin, Home) {
    let origin = Origin::start();
    origin.put("/one", Page::xml(feeds::rss("وكالة", &ONE)));
    origin.put("/two", Page::xml(feeds::rss("صحيفة", &TWO)));
    let source = |id: &str| {
        format!("[[source]]\nid = \"{id}\"\nurl = \"{}\"\n", origin.url(&format!("/{id}")))
    };
    let rules = "[serve]\ndrop = [\"خبز\"]\n\n";
    let home = Home::new(&origin, &[rules, &source("one"), &source("two")].concat());
    (origin, home)
}

/// The titles in the lines of an export, in their order.
fn titles(lines: &str) -> Vec<String> {
    let rows = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    rows.map(|row| row["title"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_daemon_and_the_store_at_rest_write_the_same_bytes() {
    let (_origin, home) = home();
    let export = |more: &[&str]| {
        let output = home.command(&[&["export", "--format", "jsonl"], more].concat());
        assert!(output.status.success(), "{}", err(&output));
        out(&output)
    };
    let program = home.run();
    program.wait_for("first pass", |_| true);
    let cases: [(&[&str], &[&str]); 6] = [
        (&[], &["افتتاح مكتبة", "معرض كتاب", "سعر الخبز"]),
        (&["--source", "one"], &["افتتاح مكتبة", "سعر الخبز"]),
        (&["--query", "كتاب OR مكتبة"], &["افتتاح مكتبة", "معرض كتاب"]),
        (&["--since", "1h", "--query", "-كتاب", "--source", "two"], &[]),
        (&["--since", "2026-01-01"], &["افتتاح مكتبة", "معرض كتاب", "سعر الخبز"]),
        (&["--until", "2026-01-01"], &[]),
    ];
    let mut from_daemon = Vec::new();
    for (more, expected) in cases {
        let lines = export(more);
        assert_eq!(titles(&lines), expected, "{more:?}");
        from_daemon.push(lines);
    }
    for path in ["/export.jsonl", "/backup"] {
        assert_eq!(get(program.address, path).status, 404, "{path} needs the store's key");
    }
    let parquet = ["export", "--format", "parquet", "--output", "live.parquet"];
    assert!(home.command(&parquet).status.success());
    assert!(program.stop().success());
    for ((more, _), lines) in cases.iter().zip(&from_daemon) {
        assert_eq!(&export(more), lines, "{more:?}");
    }
    let row: Value = serde_json::from_str(from_daemon[0].lines().next().unwrap()).unwrap();
    assert_eq!(row["source_name"], "وكالة");
    assert_eq!((&row["summary_text"], &row["story_size"]), (&"نص قصير".into(), &1.into()));
    let parquet = ["export", "--format", "parquet", "--output", "rest.parquet"];
    let written = home.command(&parquet);
    assert_eq!(err(&written), "3 entries written into rest.parquet\n");
    let read = |name: &str| fs::read(home.folder.path().join(name)).unwrap();
    let file = read("rest.parquet");
    assert!(file.starts_with(b"PAR1") && file.ends_with(b"PAR1"));
    assert_eq!(read("live.parquet"), file);
}

#[test]
fn a_file_is_there_when_it_is_complete() {
    let (_origin, home) = home();
    let words = ["export", "--format", "jsonl", "-o", "x.jsonl"];
    let without_store = home.command(&words);
    assert_eq!(without_store.status.code(), Some(1));
    assert!(err(&without_store).contains("there is no store in"), "{}", err(&without_store));
    let names = || fs::read_dir(home.folder.path()).unwrap().count();
    assert_eq!(names(), 1, "only the configuration");
    assert!(home.command(&["poll"]).status.success());
    let written = home.command(&words);
    assert_eq!((written.status.code(), out(&written)), (Some(0), String::new()));
    let lines = fs::read_to_string(home.folder.path().join("x.jsonl")).unwrap();
    assert_eq!(titles(&lines).len(), 3);
    assert_eq!(names(), 3, "the configuration, the store and the file");
    let nowhere = home.command(&["export", "--format", "jsonl", "-o", "none/x.jsonl"]);
    assert_eq!(nowhere.status.code(), Some(1));
    assert!(err(&nowhere).contains("cannot write none/x.jsonl.part"), "{}", err(&nowhere));
}

#[test]
fn wrong_usage_is_refused() {
    let (_origin, home) = home();
    let check = |words: &[&str], expected: &str| {
        let output = home.command(&[&["export"], words].concat());
        assert_eq!(output.status.code(), Some(2), "{words:?}");
        assert!(err(&output).contains(expected), "{words:?}: {}", err(&output));
    };
    check(&["--since", "24h"], "add --format jsonl");
    check(&["--format", "jsonl", "--since", "yesterday"], "expected a time such as 24h");
    check(&["--format", "jsonl", "--query", "("], "is no query");
    check(&["--format", "jsonl", "--source", "A/B"], "is no source");
    check(&["--opml", "--format", "jsonl"], "cannot be used with");
}

#[test]
fn the_page_names_every_column() {
    let page = include_str!("../../docs/export.md");
    let table = page.split("| key | type | meaning |").nth(1).unwrap();
    let rows = table.lines().skip(2).take_while(|line| line.starts_with("| "));
    let documented: Vec<(&str, &str)> = rows
        .map(|row| {
            let mut cells = row.split(" | ");
            let key = cells.next().unwrap().trim_matches(['|', ' ', '`']);
            (key, cells.next().unwrap())
        })
        .collect();
    let words = |kind: ColumnKind| match kind {
        ColumnKind::Text => "text",
        ColumnKind::Integer => "integer",
        ColumnKind::Real => "number",
        ColumnKind::Boolean => "boolean",
        ColumnKind::Time => "time",
        ColumnKind::TextList => "list of texts",
        ColumnKind::RecordList(_) => "list of records",
    };
    let columns: Vec<(&str, &str)> =
        EXPORT_COLUMNS.iter().map(|(name, kind)| (*name, words(*kind))).collect();
    assert_eq!(documented, columns);
    for words in page.split("--query '").skip(1) {
        let query = words.split('\'').next().unwrap();
        assert!(Query::parse(query).is_ok(), "{query}");
    }
    for (name, kind) in EXPORT_COLUMNS {
        let ColumnKind::RecordList(fields) = kind else { continue };
        let fields: Vec<String> =
            fields.iter().map(|(name, kind)| format!("`{name}` ({})", words(*kind))).collect();
        let row = format!("| `{name}` | list of records | {} |", fields.join(", "));
        assert!(page.contains(&row), "{row}");
    }
}
