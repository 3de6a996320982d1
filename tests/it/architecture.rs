//! The house's rules that a machine can check: floors, purity, sizes, and that the map is true.

use std::fs;
use std::path::{Path, PathBuf};

/// Lines before a file's tests, at most.
const FILE_LIMIT: usize = 400;
/// Lines of tests in one file, at most.
const TESTS_LIMIT: usize = 400;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn rust_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(rust_below(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The files with code in them, that is without `tests.rs` and what stands in a folder `tests`.
fn sources_below(folder: &Path) -> Vec<PathBuf> {
    rust_below(folder).into_iter().filter(|path| !is_of_tests(path)).collect()
}

fn is_of_tests(path: &Path) -> bool {
    let within = path.strip_prefix(root()).unwrap();
    path.ends_with("tests.rs") || within.components().any(|part| part.as_os_str() == "tests")
}

/// The file without its tests and without comment lines.
fn code_of(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    without_comments(text.split("#[cfg(test)]").next().unwrap_or(""))
}

fn without_comments(code: &str) -> String {
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().display().to_string()
}

#[test]
fn every_file_opens_with_its_purpose_and_keeps_its_size() {
    let mut broken = Vec::new();
    for path in sources_below(&root().join("src")) {
        let text = fs::read_to_string(&path).unwrap();
        if !text.starts_with("//!") {
            broken.push(format!("{} does not open with //!", shown(&path)));
        }
        let lines = text.split("#[cfg(test)]").next().unwrap_or("").lines().count();
        if lines > FILE_LIMIT {
            broken.push(format!("{} has {lines} lines before its tests", shown(&path)));
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn tests_open_with_their_purpose_and_keep_their_size() {
    let mut broken = Vec::new();
    for path in ["src", "tests", "benches"].iter().flat_map(|name| rust_below(&root().join(name))) {
        let text = fs::read_to_string(&path).unwrap();
        let is_source = path.starts_with(root().join("src")) && !is_of_tests(&path);
        if !text.starts_with("//!") {
            broken.push(format!("{} does not open with //!", shown(&path)));
        }
        let before = if is_source { text.find("#[cfg(test)]").unwrap_or(text.len()) } else { 0 };
        let lines = text[before..].lines().count();
        if lines > TESTS_LIMIT {
            broken.push(format!("{} has {lines} lines of tests", shown(&path)));
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_pure_half_does_not_touch_the_world() {
    const WORLD: [&str; 14] = [
        "std::fs",
        "std::net",
        "std::env",
        "std::process",
        "std::thread",
        "tokio::",
        "reqwest::",
        "sled::",
        "tracing::",
        "Instant",
        "SystemTime",
        "Timestamp::now",
        "Zoned::now",
        "HashMap",
    ];
    let mut broken = Vec::new();
    // Tests too: what they judge must be the same on every machine.
    for path in rust_below(&root().join("src/feed")) {
        let code = without_comments(&fs::read_to_string(&path).unwrap());
        for word in WORLD.iter().filter(|word| code.contains(**word)) {
            broken.push(format!("{} says {word}", shown(&path)));
        }
        for word in ["crate::daemon", "crate::config", "crate::cli"] {
            if code.contains(word) {
                broken.push(format!("{} imports from above: {word}", shown(&path)));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn a_station_never_imports_another_station() {
    const STATIONS: [&str; 22] = [
        "claims",
        "clock",
        "decode",
        "repair",
        "parse",
        "normalize",
        "relate",
        "silence",
        "hijack",
        "frozen",
        "likeness",
        "schedule",
        "render",
        "discover",
        "extract",
        "opml",
        "query",
        "robots",
        "pages",
        "push",
        "story",
        "pipeline",
    ];
    let mut broken = Vec::new();
    for station in STATIONS.iter().filter(|name| **name != "pipeline") {
        for path in files_of("src/feed", station) {
            let code = code_of(&path);
            for other in STATIONS.iter().filter(|other| *other != station) {
                if imports(&code, "feed", other) {
                    broken.push(format!("{} imports feed::{other}", shown(&path)));
                }
            }
        }
    }
    for (door, others) in [
        ("fetch", ["store", "serve", "update", "publish", "run"]),
        ("store", ["fetch", "serve", "update", "publish", "run"]),
        ("serve", ["fetch", "store", "update", "publish", "run"]),
        ("search", ["fetch", "store", "serve", "publish", "run"]),
    ] {
        for path in files_of("src/daemon", door) {
            let code = code_of(&path);
            for other in others.iter().filter(|other| imports(&code, "daemon", other)) {
                broken.push(format!("{} imports daemon::{other}", shown(&path)));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_nouns_import_only_values() {
    for path in sources_below(&root().join("src/feed/model")) {
        let code = code_of(&path);
        // Digests are plain values, too.
        let code = code.replace("crate::feed::hash::", "");
        assert!(!code.contains("crate::"), "{} imports from above", shown(&path));
        assert!(!code.contains("serde"), "{}: nouns are not serialisable", shown(&path));
    }
}

#[test]
fn only_the_store_says_sled_and_only_the_search_says_tantivy() {
    for path in sources_below(&root().join("src")) {
        if !shown(&path).starts_with("src/daemon/search") {
            assert!(!code_of(&path).contains("tantivy::"), "{} says tantivy", shown(&path));
        }
        if !shown(&path).starts_with("src/daemon/store") {
            assert!(!code_of(&path).contains("sled::"), "{} says sled", shown(&path));
        }
    }
}

#[test]
fn only_one_file_is_unsafe() {
    let unsafe_files: Vec<_> = sources_below(&root().join("src"))
        .into_iter()
        .filter(|path| code_of(path).contains("unsafe "))
        .map(|path| shown(&path))
        .collect();
    assert!(unsafe_files.len() <= 1, "unsafe in {unsafe_files:?}");
}

#[test]
fn the_map_is_true() {
    let map = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    for word in map.split('`').skip(1).step_by(2).filter(|word| is_path(word)) {
        assert!(root().join(word).exists(), "ARCHITECTURE.md names {word}, which does not exist");
    }
    for path in sources_below(&root().join("src")) {
        let folder = shown(path.parent().unwrap());
        assert!(map.contains(&format!("`{folder}")), "ARCHITECTURE.md does not name {folder}");
    }
}

#[test]
fn the_table_of_warnings_is_whole() {
    /// Beginnings of words in these stations that are no kinds of warnings: charsets, names of HTML.
    const OTHER: [&str; 4] = ["utf-", "data-", "amp-img", "annotation-xml"];
    let table = fs::read_to_string(root().join("docs/warnings.md")).unwrap();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let mut told: Vec<&str> = rows.collect();
    let mut said = Vec::new();
    for station in ["decode", "repair", "parse", "normalize", "claims"] {
        for path in files_of("src/feed", station) {
            let code = code_of(&path);
            for word in code.split('"').filter(|word| is_kind(word)) {
                if matches!(word, "packed" | "flood")
                    || word.contains('-') && !OTHER.iter().any(|o| word.starts_with(o))
                {
                    said.push(word.to_owned());
                }
            }
        }
    }
    for word in &said {
        assert!(told.contains(&word.as_str()), "docs/warnings.md does not tell {word}");
    }
    for kind in &told {
        assert!(
            said.iter().any(|word| word == kind),
            "docs/warnings.md tells {kind}, which is not said"
        );
    }
    let count = told.len();
    told.sort_unstable();
    told.dedup();
    assert_eq!(told.len(), count, "docs/warnings.md tells a kind twice");
}

/// Whether a text is written like the code of a warning: `a-few-words`; two have a single word.
fn is_kind(word: &str) -> bool {
    (word.contains('-') || matches!(word, "packed" | "flood"))
        && word.starts_with(|c: char| c.is_ascii_lowercase())
        && word.ends_with(|c: char| c.is_ascii_alphanumeric())
        && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn is_path(word: &str) -> bool {
    ["src/", "tests/", "docs/", "benches/", "examples/", ".ci/", "packaging/"]
        .iter()
        .any(|start| word.starts_with(start))
}

fn files_of(half: &str, name: &str) -> Vec<PathBuf> {
    let folder = root().join(half).join(name);
    if folder.is_dir() {
        sources_below(&folder)
    } else {
        vec![root().join(half).join(format!("{name}.rs"))]
    }
}

fn imports(code: &str, half: &str, other: &str) -> bool {
    [format!("crate::{half}::{other}::"), format!("crate::{half}::{other};")]
        .iter()
        .any(|path| code.contains(path.as_str()))
        || code.lines().any(|line| {
            line.trim_start().starts_with(&format!("use crate::{half}::{{"))
                && line.split(['{', '}', ',']).any(|part| {
                    let part = part.trim();
                    part == other || part.starts_with(&format!("{other}::"))
                })
        })
}
