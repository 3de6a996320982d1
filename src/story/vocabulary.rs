//! The words of the entries in the window ↔ their parts, and the entries that have them.
//!
//! An entry holds only its words. Which parts these have is kept once for each word, and of a part only which words have
//! it: most terms of an entry are parts, and they follow from its words.

use super::counted_term::{CountedTerm, TermId};
use super::day_counts::reserve_some;
use super::packed_numbers::{PackedNumbers, push_number};
use super::posting_lists::{PostingList, PostingLists};

/// The place of the parts of what is no word.
const NO_PARTS: u32 = u32::MAX;
/// Bytes of parts that are moved together when most are unused, at least.
const FEW_BYTES: usize = 4_096;

/// A word in a list of a part: the lower three bytes of its id, which has no more.
type WordBytes = [u8; 3];

/// The words of the window, by the ids of their terms.
#[derive(Debug, Clone, Default)]
pub(super) struct Vocabulary {
    terms: Vec<VocabularyTerm>,
    /// The members with each word.
    postings: PostingLists,
    /// For each word how many parts it has, and their ids.
    parts: Vec<u8>,
    /// The bytes of these that belong to no word any more.
    unused: usize,
    /// The words with each part.
    words: Vec<Vec<WordBytes>>,
    vacant_words: Vec<u32>,
}

#[derive(Debug, Clone, Copy)]
struct VocabularyTerm {
    /// Of a word, where its parts are.
    parts: u32,
    /// Of a word its members, of a part the place of its words.
    list: PostingList,
}

impl VocabularyTerm {
    const NONE: Self = Self { parts: NO_PARTS, list: PostingList::EMPTY };
}

impl Vocabulary {
    /// Whether a term is a word of the window.
    pub(super) fn has_word(&self, id: TermId) -> bool {
        self.terms.get(id as usize).is_some_and(|term| term.parts != NO_PARTS)
    }

    /// Adds a word with its parts; one that occurs twice in it comes twice.
    pub(super) fn add_word(&mut self, id: TermId, parts: &[TermId]) {
        let place = u32::try_from(self.parts.len()).unwrap_or(NO_PARTS);
        self.term_mut(id).parts = place;
        reserve_some(&mut self.parts, 4 * (parts.len() + 1));
        push_number(&mut self.parts, u32::try_from(parts.len()).unwrap_or(u32::MAX));
        for (at, part) in parts.iter().enumerate() {
            push_number(&mut self.parts, *part);
            if !parts[..at].contains(part) {
                let words = self.words_mut(*part);
                reserve_some(words, 1);
                words.push(word_bytes(id));
            }
        }
    }

    /// Removes a word that no entry has any more.
    pub(super) fn remove_word(&mut self, id: TermId) {
        let parts: Vec<TermId> = self.parts_of(id).collect();
        for (at, part) in parts.iter().enumerate() {
            if !parts[..at].contains(part) {
                self.remove_word_of_part(*part, word_bytes(id));
            }
        }
        self.unused += self.packed_length(id);
        let term = self.term_mut(id);
        let mut list = term.list;
        *term = VocabularyTerm::NONE;
        self.postings.clear(&mut list);
        if self.unused > FEW_BYTES && self.unused * 2 > self.parts.len() {
            self.move_parts_together();
        }
        if self.postings.is_sparse() {
            let words = self.terms.iter_mut().filter(|term| term.parts != NO_PARTS);
            self.postings.compact(words.map(|term| &mut term.list));
        }
    }

    /// The parts of a word; one that occurs twice in it comes twice.
    pub(super) fn parts_of(&self, id: TermId) -> impl Iterator<Item = TermId> {
        let place = self.terms.get(id as usize).map_or(NO_PARTS, |term| term.parts);
        let mut numbers = PackedNumbers::new(self.parts.get(place as usize..).unwrap_or_default());
        let count = numbers.next().unwrap_or(0);
        numbers.take(count as usize)
    }

    /// The terms of an entry with these words: the words, and their parts with the number of their occurrences.
    pub(super) fn with_parts(&self, words: &[CountedTerm]) -> Vec<CountedTerm> {
        let mut parts: Vec<(TermId, u8)> = Vec::with_capacity(words.len() * 4);
        for word in words {
            parts.extend(self.parts_of(word.id()).map(|part| (part, word.count())));
        }
        parts.sort_unstable();
        let mut terms = words.to_vec();
        terms.extend(parts.chunk_by(|one, other| one.0 == other.0).map(|same| {
            let count = same.iter().fold(0, |count: u8, (_, more)| count.saturating_add(*more));
            CountedTerm::new(same[0].0, count)
        }));
        terms
    }

    /// Adds a member with a word; its number is above all others.
    pub(super) fn push_member(&mut self, word: TermId, number: u32) {
        if let Some(term) = self.terms.get_mut(word as usize) {
            self.postings.push(&mut term.list, number);
        }
    }

    /// Forgets members with a word before the first of the window.
    pub(super) fn trim_members(&mut self, word: TermId, first: u32) {
        if let Some(term) = self.terms.get_mut(word as usize) {
            self.postings.trim(&mut term.list, first);
        }
    }

    /// Calls `visit` for the members that have a term, and for some that had it; for one with several words that have a
    /// part, several times.
    pub(super) fn visit_members(&self, id: TermId, mut visit: impl FnMut(u32)) {
        let Some(term) = self.terms.get(id as usize) else { return };
        if term.parts != NO_PARTS {
            return self.postings.for_each(term.list, visit);
        }
        let words = term.list.place().and_then(|place| self.words.get(place as usize));
        for word in words.into_iter().flatten() {
            if let Some(term) = self.terms.get(word_of(*word) as usize) {
                self.postings.for_each(term.list, &mut visit);
            }
        }
    }

    /// The bytes that each part takes.
    pub(super) fn bytes_by_part(&self) -> [(&'static str, usize); 3] {
        let words: usize =
            self.words.iter().map(|words| words.capacity() * size_of::<WordBytes>()).sum();
        let places = self.words.capacity() * size_of::<Vec<WordBytes>>()
            + self.vacant_words.capacity() * size_of::<u32>();
        let terms = self.terms.capacity() * size_of::<VocabularyTerm>();
        [
            ("postings", self.postings.heap_bytes()),
            ("parts of words", terms + self.parts.capacity()),
            ("words of parts", words + places),
        ]
    }

    fn term_mut(&mut self, id: TermId) -> &mut VocabularyTerm {
        let place = id as usize;
        if self.terms.len() <= place {
            let more = place + 1 - self.terms.len();
            reserve_some(&mut self.terms, more);
            self.terms.resize(place + 1, VocabularyTerm::NONE);
        }
        &mut self.terms[place]
    }

    fn words_mut(&mut self, part: TermId) -> &mut Vec<WordBytes> {
        let place = self.term_mut(part).list.place().unwrap_or_else(|| {
            let place = self.vacant_words.pop().unwrap_or_else(|| {
                reserve_some(&mut self.words, 1);
                self.words.push(Vec::new());
                u32::try_from(self.words.len() - 1).unwrap_or(u32::MAX)
            });
            self.term_mut(part).list = PostingList::at(place);
            place
        });
        &mut self.words[place as usize]
    }

    fn remove_word_of_part(&mut self, part: TermId, word: WordBytes) {
        let Some(place) = self.term_mut(part).list.place() else { return };
        let Some(words) = self.words.get_mut(place as usize) else { return };
        if let Some(at) = words.iter().position(|other| *other == word) {
            words.swap_remove(at);
        }
        if words.is_empty() {
            *words = Vec::new();
            self.vacant_words.push(place);
            *self.term_mut(part) = VocabularyTerm::NONE;
        } else if words.len() * 4 < words.capacity() {
            words.shrink_to(words.len() * 2);
        }
    }

    /// The bytes of the parts of a word.
    fn packed_length(&self, id: TermId) -> usize {
        let Some(term) = self.terms.get(id as usize) else { return 0 };
        let bytes = self.parts.get(term.parts as usize..).unwrap_or_default();
        let mut numbers = PackedNumbers::new(bytes);
        let count = numbers.next().unwrap_or(0);
        for _ in 0..count {
            numbers.next();
        }
        bytes.len() - numbers.rest().len()
    }

    fn move_parts_together(&mut self) {
        let mut moved = Vec::with_capacity(self.parts.len() - self.unused);
        for place in 0..self.terms.len() {
            let length = self.packed_length(u32::try_from(place).unwrap_or(u32::MAX));
            let term = &mut self.terms[place];
            if term.parts != NO_PARTS {
                let start = term.parts as usize;
                term.parts = u32::try_from(moved.len()).unwrap_or(NO_PARTS);
                moved.extend_from_slice(&self.parts[start..start + length]);
            }
        }
        (self.parts, self.unused) = (moved, 0);
    }
}

fn word_bytes(id: TermId) -> WordBytes {
    let [first, second, third, _] = id.to_le_bytes();
    [first, second, third]
}

fn word_of([first, second, third]: WordBytes) -> TermId {
    u32::from_le_bytes([first, second, third, 0])
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::story::term_hash::mix_bits;

    /// Parts of a word, of a few that all words share; some occur twice.
    fn parts_for(word: u32) -> Vec<TermId> {
        let random = mix_bits(u64::from(word));
        let part = |at: u64| 100_000 + u32::try_from(mix_bits(random + at) % 60).unwrap();
        (0..random % 7).map(part).collect()
    }

    fn members_with(vocabulary: &Vocabulary, id: TermId) -> BTreeSet<u32> {
        let mut members = BTreeSet::new();
        vocabulary.visit_members(id, |number| {
            members.insert(number);
        });
        members
    }

    #[test]
    fn a_word_is_found_by_its_parts_until_it_leaves() {
        let mut vocabulary = Vocabulary::default();
        let mut expected: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
        for step in 0..9_000_u32 {
            let word = u32::try_from(mix_bits(u64::from(step)) % 2_000).unwrap();
            if step % 5 == 4 && step > 3_000 {
                let Some((leaving, _)) = expected.range(word..).next() else { continue };
                let leaving = *leaving;
                expected.remove(&leaving);
                vocabulary.remove_word(leaving);
                assert!(!vocabulary.has_word(leaving));
                continue;
            }
            if !vocabulary.has_word(word) {
                vocabulary.add_word(word, &parts_for(word));
            }
            vocabulary.push_member(word, step);
            expected.entry(word).or_default().insert(step);
        }
        for (word, members) in &expected {
            assert_eq!(vocabulary.parts_of(*word).collect::<Vec<_>>(), parts_for(*word));
            assert_eq!(members_with(&vocabulary, *word), *members);
        }
        for part in 100_000..100_060 {
            let with_part = expected.iter().filter(|(word, _)| parts_for(**word).contains(&part));
            let members = with_part.flat_map(|(_, members)| members).copied().collect();
            assert_eq!(members_with(&vocabulary, part), members);
        }
        let full: usize = vocabulary.bytes_by_part()[..2].iter().map(|(_, bytes)| bytes).sum();
        for word in expected.keys() {
            vocabulary.remove_word(*word);
        }
        assert!(vocabulary.words.iter().all(|words| words.capacity() == 0));
        assert!(vocabulary.parts.len() <= 2 * FEW_BYTES, "of {full} bytes");
    }

    #[test]
    fn terms_are_words_and_parts_with_their_counts() {
        let mut vocabulary = Vocabulary::default();
        vocabulary.add_word(1, &[7, 8, 7]);
        vocabulary.add_word(2, &[8]);
        vocabulary.add_word(3, &[]);
        let counted = |terms: &[(u32, u8)]| -> Vec<CountedTerm> {
            terms.iter().map(|(id, count)| CountedTerm::new(*id, *count)).collect()
        };
        let words = counted(&[(1, 2), (2, 254), (3, 1)]);
        let expected = [(1, 2), (2, 254), (3, 1), (7, 4), (8, 255)];
        assert_eq!(vocabulary.with_parts(&words), counted(&expected));
    }
}
