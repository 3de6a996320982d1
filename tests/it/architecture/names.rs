//! The language of the code: one name for one thing, and words that a newcomer knows (`docs/glossary.md`).

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::{root, shown, source_files};

/// Words that no comment says: they belong to a private language. `telling` stays the name of a type.
const PRIVATE_WORDS: [&str; 34] = [
    "told",
    "tells",
    "tell",
    "telling",
    "tellings",
    "asked",
    "asks",
    "nobody",
    "whoever",
    "whom",
    "anew",
    "lest",
    "dear",
    "dearer",
    "hear",
    "heard",
    "mend",
    "mended",
    "mends",
    "sin",
    "awaited",
    "wronged",
    "hands",
    "heed",
    "wish",
    "wishes",
    "seen to",
    "let down",
    "for ever",
    "so many",
    "in vain",
    "where it stands",
    "is none",
    "are none",
];
/// Names that say nothing about what a free function does.
const BARE_FUNCTIONS: [&str; 18] = [
    "of", "take", "told", "hear", "give", "apart", "see_to", "read", "put", "note", "keep",
    "settle", "hold", "held", "back", "away", "web", "after",
];
/// How often the name of a file may stand in the whole project.
const MAX_SAME_STEM: usize = 2;

/// A file's text without its tests.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let end = text.find("\n#[cfg(test)]\nmod ").unwrap_or(text.len());
    text[..end].to_owned()
}

/// The word after a keyword at the start of a top-level line, visibility and qualifiers apart.
fn defined<'a>(line: &'a str, keywords: &[&str]) -> Option<&'a str> {
    let mut line = line;
    if let Some(rest) = line.strip_prefix("pub") {
        line = match rest.strip_prefix('(') {
            Some(rest) => rest.split_once(") ")?.1,
            None => rest.strip_prefix(' ')?,
        };
    }
    for qualifier in ["const ", "async "] {
        if let Some(rest) = line.strip_prefix(qualifier)
            && rest.starts_with("fn ")
        {
            line = rest;
        }
    }
    let rest = keywords.iter().find_map(|keyword| line.strip_prefix(keyword)?.strip_prefix(' '))?;
    let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
    Some(&rest[..end])
}

#[test]
fn a_type_has_a_name_of_its_own() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in source_files() {
        for line in code(&path).lines() {
            if let Some(name) = defined(line, &["struct", "enum", "trait", "type"]) {
                places.entry(name.to_owned()).or_default().push(shown(&path));
            }
        }
    }
    assert!(places.len() > 500, "only {} types were found", places.len());
    places.retain(|_, files| files.len() > 1);
    assert!(places.is_empty(), "types with the same name: {places:#?}");
}

#[test]
fn a_file_has_a_name_of_its_own() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in source_files() {
        let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if !matches!(stem.as_str(), "mod" | "lib" | "main") {
            places.entry(stem).or_default().push(shown(&path));
        }
    }
    places.retain(|_, files| files.len() > MAX_SAME_STEM);
    assert!(places.is_empty(), "files with the same name: {places:#?}");
}

#[test]
fn a_function_is_named_by_verb_and_object() {
    let mut bare = Vec::new();
    for path in source_files() {
        let code = code(&path);
        let names = code.lines().filter_map(|line| defined(line, &["fn"]));
        bare.extend(
            names
                .filter(|name| BARE_FUNCTIONS.contains(name))
                .map(|name| format!("{} in {}", name, shown(&path))),
        );
    }
    assert!(bare.is_empty(), "functions with a bare name: {bare:#?}");
}

#[test]
fn comments_use_words_that_a_newcomer_knows() {
    let mut found = Vec::new();
    for path in source_files() {
        for (number, line) in code(&path).lines().enumerate() {
            let Some(comment) = line.trim_start().strip_prefix("//") else { continue };
            let words = words_of(comment);
            for word in PRIVATE_WORDS.iter().filter(|word| words.contains(&format!(" {word} "))) {
                found.push(format!("{}:{}: {word}", shown(&path), number + 1));
            }
        }
    }
    assert!(found.is_empty(), "words that no one outside knows:\n{}", found.join("\n"));
}

/// A comment as words with a space around each; what stands between backticks is code.
fn words_of(comment: &str) -> String {
    let prose: String = comment.split('`').step_by(2).collect::<Vec<_>>().join(" ");
    let words = prose.split(|c: char| !(c.is_alphanumeric() || c == '\'' || c == '_'));
    format!(
        " {} ",
        words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ").to_lowercase()
    )
}

#[test]
fn every_word_of_the_glossary_is_explained_once() {
    let glossary = fs::read_to_string(root().join("docs/glossary.md")).unwrap();
    let rows = glossary.lines().filter_map(|line| line.strip_prefix("| **")?.split("**").next());
    let mut words: Vec<_> = rows.collect();
    assert!(words.len() >= 40, "the glossary has only {} words", words.len());
    let mut sorted = words.clone();
    sorted.sort_unstable_by_key(|word| word.to_lowercase());
    assert_eq!(words, sorted, "the glossary is sorted");
    words.dedup();
    assert_eq!(words.len(), sorted.len(), "the glossary explains a word twice");
}
