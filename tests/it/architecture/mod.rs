//! Rules of the house that a machine can check: who may name whom, what the pure modules never do, sizes, names,
//! and that the map is true. ARCHITECTURE.md gives the reasons.

mod graph;
mod names;

use std::fs;
use std::path::{Path, PathBuf};

use graph::Graph;

/// Lines before a file's tests, at most.
const FILE_LIMIT: usize = 400;
/// Lines of tests in one file, at most.
const TESTS_LIMIT: usize = 400;

/// The folders of `src`, and what each may name beside itself, `model` and `rafid_feed`. Floor 0 names nouns
/// alone; doors and pure modules (1, 2) name no other, but for the exceptions in this table.
const FLOORS: [(&str, &[&str]); 17] = [
    ("model", &[]),
    ("decide", &["health"]),
    ("health", &[]),
    ("story", &[]),
    ("query", &[]),
    ("websub", &[]),
    ("render", &["query"]),
    ("fetch", &[]),
    ("pictures", &[]),
    ("store", &[]),
    ("search_index", &["query"]),
    ("http", &["query"]),
    ("ingest", &["decide", "health", "websub", "story", "fetch", "pictures", "store"]),
    (
        "publish",
        &[
            "decide",
            "health",
            "story",
            "query",
            "render",
            "pictures",
            "store",
            "search_index",
            "http",
        ],
    ),
    ("poller", ALL),
    ("config", ALL),
    ("cli", ALL),
];
/// Everything below floor 4, and floor 4 itself.
const ALL: &[&str] = &[
    "decide",
    "health",
    "story",
    "query",
    "websub",
    "render",
    "fetch",
    "pictures",
    "store",
    "search_index",
    "http",
    "ingest",
    "publish",
    "poller",
    "config",
    "cli",
];
/// The folders of `src` that touch no world. `clippy.toml` lists what they may not call.
const PURE: [&str; 7] = ["model", "decide", "health", "story", "query", "websub", "render"];

pub fn root() -> PathBuf {
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

/// The files with code in them, without `tests.rs` and what is in a folder `tests`.
pub fn sources_below(folder: &Path) -> Vec<PathBuf> {
    rust_below(folder).into_iter().filter(|path| !is_of_tests(path)).collect()
}

/// The files of both packages.
pub fn source_files() -> Vec<PathBuf> {
    graph::PACKAGES.iter().flat_map(|(_, folder)| sources_below(&root().join(folder))).collect()
}

fn is_of_tests(path: &Path) -> bool {
    let within = path.strip_prefix(root()).unwrap();
    path.ends_with("tests.rs")
        || path.ends_with("test_server.rs")
        || within.components().any(|part| part.as_os_str() == "tests")
}

/// The file without its tests and without comment lines.
fn code_of(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let code = text.split("#[cfg(test)]").next().unwrap_or("");
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

pub fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().display().to_string()
}

#[test]
fn every_file_opens_with_its_purpose_and_keeps_its_size() {
    let mut broken = Vec::new();
    for path in source_files() {
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
    let folders = ["src", "crates", "tests", "benches", "tools"];
    for path in folders.iter().flat_map(|name| rust_below(&root().join(name))) {
        let text = fs::read_to_string(&path).unwrap();
        let is_source = shown(&path).contains("src/") && !is_of_tests(&path);
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
fn imports_point_down() {
    let graph = Graph::read();
    assert!(graph.edges.len() > 300, "only {} files were read", graph.edges.len());
    let folder_of = |file: &str| {
        let within = file.strip_prefix("src/")?;
        Some(within.split('/').next().unwrap_or("").trim_end_matches(".rs").to_owned())
    };
    let mut broken = Vec::new();
    for (file, targets) in &graph.edges {
        let Some(own) = folder_of(file) else {
            let up = targets.iter().filter(|target| target.starts_with("src/"));
            broken.extend(up.map(|target| format!("{file} names {target}")));
            continue;
        };
        if own == "lib" {
            continue;
        }
        let (_, allowed) = FLOORS.iter().find(|(folder, _)| *folder == own).unwrap_or_else(|| {
            panic!("{file} is in a folder that the table of floors does not name")
        });
        for target in targets {
            let other = folder_of(target);
            let is_allowed = match other.as_deref() {
                None => own != "model" || is_plain_noun(target),
                Some("lib") => true,
                Some(other) => other == own || other == "model" || allowed.contains(&other),
            };
            if !is_allowed {
                broken.push(format!("{file} names {target}"));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// What the nouns of the program may name of the library: its nouns, and the digests they are made with.
fn is_plain_noun(target: &str) -> bool {
    let within = target.strip_prefix("crates/rafid-feed/src/").unwrap();
    within.starts_with("model/") || within == "hash.rs"
}

#[test]
fn no_files_name_each_other_in_a_circle() {
    let circles = Graph::read().circles();
    let shown: Vec<_> = circles.iter().map(|circle| circle.join("\n  ")).collect();
    assert!(circles.is_empty(), "circles:\n  {}", shown.join("\n\n  "));
}

#[test]
fn the_library_depends_on_no_runtime_client_store_or_server() {
    const WORLD: [&str; 12] = [
        "rafid", "tokio", "reqwest", "sled", "axum", "hyper", "tantivy", "clap", "tracing", "rand",
        "ring", "rustls",
    ];
    let manifest = fs::read_to_string(root().join("crates/rafid-feed/Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    for (name, _) in manifest["dependencies"].as_table().unwrap() {
        assert!(!WORLD.contains(&name.as_str()), "rafid-feed depends on {name}");
    }
}

/// What clippy cannot list: whole crates and modules.
const OUTSIDE: [&str; 10] = [
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "tokio::",
    "reqwest::",
    "sled::",
    "tracing::",
    "println!",
];

#[test]
fn pure_modules_refuse_what_touches_the_world() {
    let library = [root().join("crates/rafid-feed/src/lib.rs")];
    let modules = PURE.map(|name| root().join("src").join(name).join("mod.rs"));
    for path in library.iter().chain(&modules) {
        let text = fs::read_to_string(path).unwrap();
        let denies = "#![deny(clippy::disallowed_methods, clippy::disallowed_types)]";
        assert!(text.contains(denies), "{} does not say {denies}", shown(path));
    }
    let folders = PURE.map(|name| root().join("src").join(name));
    let library = root().join("crates/rafid-feed/src");
    for path in folders.iter().chain([&library]).flat_map(|folder| sources_below(folder)) {
        let code = code_of(&path);
        let found = OUTSIDE.iter().find(|word| code.contains(**word));
        assert_eq!(found, None, "in {}", shown(&path));
    }
}

#[test]
fn nouns_are_not_serializable() {
    let folders = ["src/model", "crates/rafid-feed/src/model"];
    for path in folders.iter().flat_map(|folder| sources_below(&root().join(folder))) {
        assert!(!code_of(&path).contains("serde"), "{} says serde", shown(&path));
    }
}

#[test]
fn a_large_dependency_has_one_door() {
    let doors = [
        ("sled::", "src/store"),
        ("tantivy::", "src/search_index"),
        ("reqwest::", "src/fetch"),
        ("axum::", "src/http"),
        ("image::", "src/pictures"),
        ("blake3::", "crates/rafid-feed/src/hash.rs"),
    ];
    for path in source_files() {
        for (word, door) in doors {
            let is_door = shown(&path).starts_with(door);
            assert!(is_door || !code_of(&path).contains(word), "{} says {word}", shown(&path));
        }
    }
}

#[test]
fn one_file_at_most_is_unsafe() {
    let files = source_files().into_iter().filter(|path| code_of(path).contains("unsafe "));
    let files: Vec<_> = files.map(|path| shown(&path)).collect();
    assert!(files.len() <= 1, "unsafe in {files:?}");
}

#[test]
fn the_map_is_true() {
    let map = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    for word in map.split('`').skip(1).step_by(2).filter(|word| is_path(word)) {
        assert!(root().join(word).exists(), "ARCHITECTURE.md names {word}, which does not exist");
    }
    for path in source_files() {
        let folder = shown(path.parent().unwrap());
        assert!(map.contains(&format!("`{folder}")), "ARCHITECTURE.md does not name {folder}");
    }
}

#[test]
fn a_new_test_is_part_of_the_one_test_program() {
    let mut files: Vec<_> = fs::read_dir(root().join("tests")).unwrap().collect();
    files.retain(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|e| e == "rs"));
    assert!(
        files.is_empty(),
        "{files:?} would be a program of its own: tests/it/main.rs says where it belongs"
    );
}

#[test]
fn the_table_of_warnings_is_whole() {
    /// Beginnings of words in these files that are no kinds of warnings: charsets, names of HTML and of Apple.
    const OTHER: [&str; 5] = ["utf-", "data-", "amp-img", "annotation-xml", "new-feed-url"];
    const PLACES: [&str; 5] = [
        "crates/rafid-feed/src/decode",
        "crates/rafid-feed/src/repair",
        "crates/rafid-feed/src/parse",
        "crates/rafid-feed/src/normalize",
        "src/health/implausible.rs",
    ];
    let table = fs::read_to_string(root().join("docs/warnings.md")).unwrap();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let mut documented: Vec<&str> = rows.collect();
    let mut reported = Vec::new();
    for path in PLACES.iter().flat_map(|place| files_of(place)) {
        for word in code_of(&path).split('"').filter(|word| is_kind(word)) {
            let is_single = matches!(word, "packed" | "flood");
            if is_single || word.contains('-') && !OTHER.iter().any(|o| word.starts_with(o)) {
                reported.push(word.to_owned());
            }
        }
    }
    for word in &reported {
        assert!(documented.contains(&word.as_str()), "docs/warnings.md does not name {word}");
    }
    for kind in &documented {
        assert!(
            reported.iter().any(|word| word == kind),
            "docs/warnings.md names {kind}, which no file reports"
        );
    }
    let count = documented.len();
    documented.sort_unstable();
    documented.dedup();
    assert_eq!(documented.len(), count, "docs/warnings.md names a kind twice");
}

/// Whether a text is written like the code of a warning: `a-few-words`; two have a single word.
fn is_kind(word: &str) -> bool {
    (word.contains('-') || matches!(word, "packed" | "flood"))
        && word.starts_with(|c: char| c.is_ascii_lowercase())
        && word.ends_with(|c: char| c.is_ascii_alphanumeric())
        && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn is_path(word: &str) -> bool {
    [
        "src/",
        "crates/",
        "tests/",
        "docs/",
        "benches/",
        "examples/",
        ".ci/",
        "packaging/",
        "tools/",
        "fuzz/",
    ]
    .iter()
    .any(|start| word.starts_with(start))
}

fn files_of(place: &str) -> Vec<PathBuf> {
    let path = root().join(place);
    if path.is_dir() { sources_below(&path) } else { vec![path] }
}
