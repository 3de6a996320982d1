//! The tables of this folder → look-ups by folded words. They are written as in print and folded once.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound::{Included, Unbounded};
use std::sync::LazyLock;

use super::spelling_pattern::expand_pattern;
use super::stems_of;
use crate::arabic::{MatchKey, WordTable};

/// The tables, folded.
pub(super) static TABLES: LazyLock<FormTables> = LazyLock::new(FormTables::load);

/// What rules cannot know.
pub(super) struct FormTables {
    /// The spellings of a name, a list for each row.
    spellings: Vec<Vec<String>>,
    /// A spelling → its row.
    spelling_rows: BTreeMap<String, usize>,
    /// A singular → its broken plurals.
    plurals: BTreeMap<String, Vec<String>>,
    /// A broken plural → its singulars.
    singulars: BTreeMap<String, Vec<String>>,
    /// Beginnings whose first letter is no preposition; none begins another one.
    own_beginnings: BTreeSet<String>,
    /// Whole words whose first letter is no preposition.
    own_whole: BTreeSet<String>,
    /// Words whose last letters are no ending, and the broken plurals.
    own_endings: WordTable,
}

impl FormTables {
    fn load() -> Self {
        let mut tables = Self {
            spellings: Vec::new(),
            spelling_rows: BTreeMap::new(),
            plurals: BTreeMap::new(),
            singulars: BTreeMap::new(),
            own_beginnings: BTreeSet::new(),
            own_whole: BTreeSet::new(),
            own_endings: WordTable::new([]),
        };
        for row in rows_of(include_str!("spellings.txt")) {
            let written = row.split_whitespace().flat_map(expand_pattern);
            let spellings: BTreeSet<String> = written.filter_map(|it| stems_of(&it)).collect();
            for spelling in &spellings {
                tables.spelling_rows.insert(spelling.clone(), tables.spellings.len());
            }
            tables.spellings.push(spellings.into_iter().collect());
        }
        for row in rows_of(include_str!("broken_plurals.txt")) {
            let mut words = row.split_whitespace().filter_map(stems_of);
            let Some(singular) = words.next() else { continue };
            for plural in words {
                tables.singulars.entry(plural.clone()).or_default().push(singular.clone());
                tables.plurals.entry(singular.clone()).or_default().push(plural);
            }
        }
        let own_endings: BTreeSet<String> = folded_words(include_str!("own_endings.txt"))
            .chain(tables.singulars.keys().cloned())
            .collect();
        tables.own_endings = WordTable::new(own_endings);
        for word in rows_of(include_str!("own_beginnings.txt")).flat_map(str::split_whitespace) {
            match word.strip_suffix('$') {
                Some(whole) => tables.own_whole.extend(folded_word(whole)),
                None => tables.own_beginnings.extend(folded_word(word)),
            }
        }
        tables
    }

    /// Whether the first letter of a word is its own.
    pub(super) fn has_own_beginning(&self, word: &str) -> bool {
        let beginning =
            self.own_beginnings.range::<str, _>((Unbounded, Included(word))).next_back();
        beginning.is_some_and(|it| word.starts_with(it.as_str())) || self.own_whole.contains(word)
    }

    /// Whether the last letters of a word are its own.
    pub(super) fn has_own_ending(&self, word: &str) -> bool {
        self.own_endings.holds(word)
    }

    /// Whether a word has a broken plural.
    pub(super) fn has_broken_plural(&self, word: &str) -> bool {
        self.plurals.contains_key(word)
    }
}

/// The broken plurals of a singular; the singulars of a broken plural, and their other plurals.
pub(super) fn other_numbers(word: &str) -> Vec<String> {
    let plurals_of = |word: &str| TABLES.plurals.get(word).cloned().unwrap_or_default();
    let mut found = plurals_of(word);
    for singular in TABLES.singulars.get(word).into_iter().flatten() {
        found.extend(plurals_of(singular));
        found.push(singular.clone());
    }
    found
}

/// The spellings of a name, the given one included; none if the table has no row of it.
pub(super) fn other_spellings(word: &str) -> &'static [String] {
    let row = TABLES.spelling_rows.get(word).and_then(|row| TABLES.spellings.get(*row));
    row.map_or(&[], Vec::as_slice)
}

/// The rows of a table, without empty ones and comments.
fn rows_of(table: &str) -> impl Iterator<Item = &str> {
    table.lines().map(str::trim).filter(|row| !row.is_empty() && !row.starts_with('#'))
}

fn folded_words(table: &str) -> impl Iterator<Item = String> {
    rows_of(table).flat_map(str::split_whitespace).filter_map(folded_word)
}

/// A word's letters, folded, with the article that it may begin with.
fn folded_word(word: &str) -> Option<String> {
    std::str::from_utf8(MatchKey::of(word).as_bytes()).ok().map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_says_something_and_no_word_leads_two_rows() {
        let (mut idle, mut seen) = (Vec::new(), BTreeMap::new());
        for row in rows_of(include_str!("spellings.txt")) {
            let written = row.split_whitespace().flat_map(expand_pattern);
            let spellings: BTreeSet<String> = written.filter_map(|it| stems_of(&it)).collect();
            idle.extend((spellings.len() < 2).then_some(row));
            for spelling in spellings {
                idle.extend(seen.insert(spelling, row));
            }
        }
        assert!(idle.is_empty(), "folded to one word, or a word of two rows: {idle:?}");
        let (mut idle, mut seen) = (Vec::new(), BTreeSet::new());
        for row in rows_of(include_str!("broken_plurals.txt")) {
            let words: Vec<String> = row.split_whitespace().filter_map(stems_of).collect();
            let is_new = words.first().is_some_and(|singular| seen.insert(singular.clone()));
            let has_plural = words.len() > 1 && !words[1..].contains(&words[0]);
            idle.extend((!is_new || !has_plural).then_some(row));
        }
        assert!(idle.is_empty(), "folded to one word, or a singular of two rows: {idle:?}");
    }

    #[test]
    fn beginnings_are_found_by_one_look_up() {
        let beginnings: Vec<&String> = TABLES.own_beginnings.iter().collect();
        for pair in beginnings.windows(2) {
            assert!(!pair[1].starts_with(pair[0].as_str()), "{pair:?}: one begins the other");
        }
        for beginning in beginnings {
            assert!(beginning.starts_with(['ب', 'ل', 'ك', 'ف']), "{beginning}");
        }
        assert!(TABLES.has_own_beginning("فلسطينيون") && !TABLES.has_own_beginning("بمدرسه"));
    }
}
