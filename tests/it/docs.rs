//! Pages of `docs/` whose tables repeat what the source says: each row is compared with the source, and what
//! the source adds must be on the page.
//!
//! `docs/limits.md`: a bound stands in the third column as a file and one of three forms:
//!
//! | form | the file contains |
//! | --- | --- |
//! | `` `NAME = literal` `` | the constant `NAME` with this value |
//! | `` `key = range` `` | the row of the configuration key `key`, which has this range |
//! | `` `field: literal` `` | these words |
//!
//! Any page: a count of instructions stands behind its mark, `<!-- bench profile.row -->1,234`, and is the one of
//! `benches/baseline.toml`.

use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A bound as a page names it: a file, and what stands there.
struct Bound {
    file: String,
    words: String,
}

/// The bounds in the third column of a page's tables.
fn bounds_of(page: &str) -> Vec<Bound> {
    let mut found = Vec::new();
    for line in page.lines().filter(|line| line.starts_with("| ")) {
        let Some(cell) = line.split(" | ").nth(2) else { continue };
        let spans: Vec<&str> = cell.split('`').skip(1).step_by(2).collect();
        for pair in spans.chunks(2) {
            let [file, words] = pair else { panic!("a file without a bound: {line}") };
            found.push(Bound { file: (*file).to_owned(), words: (*words).to_owned() });
        }
    }
    found
}

/// The constants of a file outside of functions and tests, as `NAME = literal`.
fn constants_of(text: &str) -> Vec<String> {
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    let mut found = Vec::new();
    let mut rest = code;
    while let Some(at) = rest.find("const ") {
        let line_start = rest[..at].rfind('\n').map_or(0, |end| end + 1);
        let before = &rest[line_start..at];
        let statement = &rest[at + "const ".len()..];
        rest = statement;
        let is_item = before.is_empty() || (before.starts_with("pub") && before.ends_with(' '));
        let Some((name, after)) = statement.split_once(": ") else { break };
        let is_name =
            name.bytes().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == b'_');
        if let Some((_, value)) = after.split_once('=').filter(|_| is_item && is_name) {
            let value = value.split(';').next().unwrap();
            let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
            found.push(format!("{name} = {value}"));
        }
    }
    found
}

fn is_stated(bound: &Bound) -> bool {
    let Ok(text) = std::fs::read_to_string(root().join(&bound.file)) else { return false };
    match bound.words.split_once(" = ") {
        None => text.contains(&bound.words),
        Some(_) => constants_of(&text).contains(&bound.words),
    }
}

/// Words in the name of a constant by which it is a bound.
const BOUND_WORDS: [&str; 7] = ["MAX", "MOST", "LONGEST", "DEEPEST", "TIMEOUT", "LIMIT", "CAP"];

fn collect_rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("tests") {
            collect_rust_files(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("tests.rs") {
            found.push(path);
        }
    }
}

/// Constants of the source that are bounds by their names, each with its file.
fn bounds_in_source() -> Vec<Bound> {
    let mut files = Vec::new();
    for folder in ["src", "crates/rafid-feed/src"] {
        collect_rust_files(&root().join(folder), &mut files);
    }
    let mut found = Vec::new();
    for path in files {
        let file = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
        for words in constants_of(&std::fs::read_to_string(&path).unwrap()) {
            let (name, value) = words.split_once(" = ").unwrap();
            let is_bound = name.split('_').any(|word| BOUND_WORDS.contains(&word));
            if is_bound && !value.contains(['"', '[', '{']) {
                found.push(Bound { file: file.clone(), words });
            }
        }
    }
    found
}

fn limits() -> Vec<Bound> {
    bounds_of(&std::fs::read_to_string(root().join("docs/limits.md")).unwrap())
}

#[test]
fn every_limit_on_the_page_is_the_one_of_the_source() {
    let limits = limits();
    assert!(limits.len() > 200, "{} rows: is the table still read?", limits.len());
    let wrong: Vec<String> = limits
        .iter()
        .filter(|bound| !is_stated(bound))
        .map(|bound| format!("{}: {}", bound.file, bound.words))
        .collect();
    assert!(wrong.is_empty(), "docs/limits.md is out of date:\n{}", wrong.join("\n"));
}

#[test]
fn every_limit_of_the_source_is_on_the_page() {
    let limits = limits();
    let in_source = bounds_in_source();
    assert!(in_source.len() > 150, "{} constants: is the source still read?", in_source.len());
    let missing: Vec<String> = in_source
        .iter()
        .filter(|bound| {
            !limits.iter().any(|row| row.file == bound.file && row.words == bound.words)
        })
        .map(|bound| format!("{}: {}", bound.file, bound.words))
        .collect();
    assert!(missing.is_empty(), "docs/limits.md lacks:\n{}", missing.join("\n"));
}

/// A count of instructions on a page: the profile and the row that its mark names, and the figure behind it.
struct QuotedCount {
    name: String,
    figure: String,
}

/// The counts on a page, each behind its mark.
fn quoted_counts_of(page: &str) -> Vec<QuotedCount> {
    let after_marks = page.split("<!-- bench ").skip(1);
    let quoted = after_marks.map(|rest| {
        let (name, after) = rest.split_once(" -->").unwrap();
        let end = after.find(|c: char| !c.is_ascii_digit() && c != ',').unwrap_or(after.len());
        QuotedCount { name: name.to_owned(), figure: after[..end].replace(',', "") }
    });
    quoted.collect()
}

/// Each row of the baseline as `profile.row`, with its count.
fn baseline_counts() -> Vec<(String, String)> {
    let text = std::fs::read_to_string(root().join("benches/baseline.toml")).unwrap();
    let file: toml::Table = text.parse().unwrap();
    let mut found = Vec::new();
    for (profile, section) in &file {
        for (row, count) in section.as_table().unwrap() {
            found.extend(
                count.as_integer().map(|count| (format!("{profile}.{row}"), count.to_string())),
            );
        }
    }
    found
}

#[test]
fn counts_of_instructions_are_those_of_the_baseline() {
    let baseline = baseline_counts();
    let docs = std::fs::read_dir(root().join("docs")).unwrap();
    let pages = docs.map(|entry| entry.unwrap().path());
    let pages =
        pages.chain(["README.md", "README.ar.md", "CONTRIBUTING.md"].map(|name| root().join(name)));
    let mut quoted = Vec::new();
    for page in pages.filter(|page| page.extension().is_some_and(|end| end == "md")) {
        for count in quoted_counts_of(&std::fs::read_to_string(&page).unwrap()) {
            let stated = baseline.iter().find(|(name, _)| *name == count.name);
            let stated = stated.map(|(_, figure)| figure.as_str());
            assert_eq!(stated, Some(count.figure.as_str()), "{}: {}", page.display(), count.name);
            quoted.push(count.name);
        }
    }
    for (name, _) in baseline.iter().filter(|(name, _)| name.starts_with("dev.")) {
        assert!(quoted.contains(name), "docs/performance.md has no row {name}");
    }
}
