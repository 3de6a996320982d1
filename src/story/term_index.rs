//! The words of entries → the ids of their terms, how rare each is, and the entries of the window that have it.

use super::counted_term::{CountedTerm, TermId};
use super::statistics::Statistics;
use super::terms::EntryTerms;
use super::vocabulary::Vocabulary;

/// The terms of all entries.
#[derive(Debug, Clone, Default)]
pub(super) struct TermIndex {
    pub statistics: Statistics,
    pub vocabulary: Vocabulary,
}

/// The terms of an entry, by their ids.
#[derive(Debug, Clone, Default)]
pub(super) struct IndexedTerms {
    /// Its words, in ascending order.
    pub words: Vec<CountedTerm>,
    /// The words and their parts.
    pub all: Vec<CountedTerm>,
}

impl TermIndex {
    /// Gives ids to the terms of an entry and holds them, until `remove_member` releases them.
    pub(super) fn hold_terms(&mut self, terms: &EntryTerms) -> IndexedTerms {
        let mut words = Vec::with_capacity(terms.words_count());
        let mut parts: Vec<TermId> = Vec::new();
        for word in terms.words() {
            let Some(id) = self.statistics.find_or_add(word.hash) else { continue };
            if !self.vocabulary.has_word(id) {
                parts.clear();
                parts.extend(word.parts().filter_map(|part| self.statistics.find_or_add(part)));
                self.vocabulary.add_word(id, &parts);
            }
            words.push(CountedTerm::new(id, word.count));
        }
        words.sort_unstable_by_key(|word| word.id());
        let all = self.vocabulary.with_parts(&words);
        for term in &all {
            self.statistics.hold(term.id());
        }
        IndexedTerms { words, all }
    }

    /// Adds an entry of the window, whose words are held.
    pub(super) fn add_member(&mut self, number: u32, words: &[CountedTerm]) {
        for word in words {
            self.vocabulary.push_member(word.id(), number);
        }
    }

    /// Removes an entry that has left the window, which now begins with the number `first`.
    pub(super) fn remove_member(&mut self, words: &[CountedTerm], first: u32) {
        for term in self.vocabulary.with_parts(words) {
            let id = term.id();
            let is_last = self.statistics.release(id);
            if !self.vocabulary.has_word(id) {
                continue;
            }
            if is_last {
                self.vocabulary.remove_word(id);
            } else {
                self.vocabulary.trim_members(id, first);
            }
        }
    }

    /// The bytes that it takes.
    pub(super) fn heap_bytes(&self) -> usize {
        self.bytes_by_part().into_iter().map(|(_, bytes)| bytes).sum()
    }

    /// The same of each part.
    pub(super) fn bytes_by_part(&self) -> [(&'static str, usize); 4] {
        let [postings, parts, words] = self.vocabulary.bytes_by_part();
        [postings, parts, words, ("statistics", self.statistics.heap_bytes())]
    }
}
