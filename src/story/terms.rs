//! Title and lead → terms: words, and their parts of three letters. The parts match words that differ by
//! endings, broken plurals or the transcription of foreign names.
//!
//! Only words are collected: their letters say which parts they have, and most words were there before.

use rafid_feed::arabic::MatchToken;
#[cfg(test)]
use rafid_feed::arabic::{MatchKey, report_lines};

use super::term_hash::{part_term, word_term};

/// Letters in a part of a word (measured: 3 is as good as 4, and better than a stemmer).
const PART: usize = 3;

/// The weight of a term in the title.
const TITLE_WEIGHT: u8 = 2;

/// The number of words of the lead that are used: later paragraphs are background, which entries about
/// different events of one crisis share.
pub(super) const LEAD_WORDS_MAX: usize = 60;

/// A word of an entry that is no stop word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TermWord<'a> {
    /// Its hash as a term.
    pub hash: u64,
    /// The number of its occurrences.
    pub count: u8,
    /// Its letters, folded.
    pub letters: &'a str,
}

impl TermWord<'_> {
    /// The hashes of its parts; one that occurs twice in it comes twice.
    pub(super) fn parts(&self) -> impl Iterator<Item = u64> {
        parts_of(self.letters)
    }
}

/// The hashes of the parts of a word.
pub(super) fn parts_of(letters: &str) -> impl Iterator<Item = u64> {
    let starts = letters.char_indices().map(|(start, _)| start);
    let ends = letters.char_indices().map(|(start, letter)| start + letter.len_utf8());
    let parts = starts.zip(ends.skip(PART - 1));
    parts.map(|(start, end)| part_term(&letters.as_bytes()[start..end]))
}

/// The terms of an entry, as its words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct EntryTerms {
    /// In ascending order of their hashes.
    words: Vec<PlacedWord>,
    /// Their letters, one word behind the other.
    letters: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct PlacedWord {
    hash: u64,
    count: u8,
    /// The bytes of its letters.
    length: u32,
}

impl EntryTerms {
    /// The terms of words, each with the number of its occurrences.
    pub(super) fn from_counted<'a>(words: impl Iterator<Item = (&'a str, u8)>) -> Self {
        let mut found = FoundTerms::default();
        for (letters, count) in words {
            found.add_word(letters, count);
        }
        found.into_terms()
    }

    /// The terms of a title, and of the lead of the text or the summary.
    #[cfg(test)]
    pub(super) fn from_texts(title: &str, summary: &str, text: &str) -> Self {
        let mut found = FoundTerms::default();
        found.add_title(&MatchKey::of(title).tokens());
        for (_, key) in report_lines(compared_text(summary, text)) {
            found.add_lead(&key.tokens());
        }
        found.into_terms()
    }

    /// The number of different words.
    pub(super) fn words_count(&self) -> usize {
        self.words.len()
    }

    /// The different words.
    pub(super) fn words(&self) -> impl Iterator<Item = TermWord<'_>> {
        let mut rest = self.letters.as_str();
        self.words.iter().map(move |word| {
            let (letters, behind) =
                rest.split_at_checked(word.length as usize).unwrap_or((rest, ""));
            rest = behind;
            TermWord { hash: word.hash, count: word.count, letters }
        })
    }

    /// The hashes of words and parts in ascending order, each with the number of its occurrences.
    pub(super) fn with_parts(&self) -> Vec<(u64, u8)> {
        let of_word = |word: TermWord<'_>| {
            let parts: Vec<(u64, u8)> = word.parts().map(|part| (part, word.count)).collect();
            std::iter::once((word.hash, word.count)).chain(parts)
        };
        let mut terms: Vec<(u64, u8)> = self.words().flat_map(of_word).collect();
        terms.sort_unstable();
        terms.dedup_by(|later, earlier| {
            let is_same = later.0 == earlier.0;
            if is_same {
                earlier.1 = earlier.1.saturating_add(later.1);
            }
            is_same
        });
        terms
    }
}

/// Terms that are collected.
#[derive(Debug, Default)]
pub(super) struct FoundTerms {
    /// The hash of each word that occurs, its weight and the place of its letters.
    words: Vec<(u64, u8, std::ops::Range<usize>)>,
    letters: String,
    lead_words: usize,
}

impl FoundTerms {
    /// Adds the words of a title.
    pub(super) fn add_title(&mut self, tokens: &[MatchToken<'_>]) {
        self.add_words(tokens, TITLE_WEIGHT);
    }

    /// Adds the words of the next line of the lead, as many as count.
    pub(super) fn add_lead(&mut self, tokens: &[MatchToken<'_>]) {
        let count = tokens.len().min(LEAD_WORDS_MAX - self.lead_words);
        self.lead_words += count;
        self.add_words(&tokens[..count], 1);
    }

    fn add_words(&mut self, tokens: &[MatchToken<'_>], weight: u8) {
        for token in tokens.iter().filter(|token| is_significant(token)) {
            if let Ok(letters) = std::str::from_utf8(token.as_bytes()) {
                self.add_word(letters, weight);
            }
        }
    }

    fn add_word(&mut self, letters: &str, weight: u8) {
        let start = self.letters.len();
        self.letters.push_str(letters);
        self.words.push((word_term(letters.as_bytes()), weight, start..self.letters.len()));
    }

    /// The terms of all that was added.
    pub(super) fn into_terms(self) -> EntryTerms {
        let Self { mut words, letters: found, .. } = self;
        words.sort_unstable_by_key(|(hash, _, place)| (*hash, place.start));
        let mut terms = EntryTerms::default();
        for same in words.chunk_by(|one, other| one.0 == other.0) {
            let [(hash, _, place), ..] = same else { continue };
            let count = same.iter().fold(0, |count: u8, (_, more, _)| count.saturating_add(*more));
            let letters = found.get(place.clone()).unwrap_or_default();
            // Four billion bytes are no word.
            let length = u32::try_from(letters.len()).unwrap_or(u32::MAX);
            terms.letters.push_str(letters);
            terms.words.push(PlacedWord { hash: *hash, count, length });
        }
        terms
    }
}

/// The text that is compared: the full text, or the summary if that is longer. (Some feeds give a line of the text as the
/// full text. Measured: the first words of the text find more than a summary of the same length.)
pub(super) fn compared_text<'a>(summary: &'a str, text: &'a str) -> &'a str {
    if text.trim().len() < summary.trim().len() { summary } else { text }
}

/// A single letter has no meaning; a single digit may be the whole difference.
pub(super) fn is_significant(token: &MatchToken<'_>) -> bool {
    if token.is_stop_word() {
        return false;
    }
    let bytes = token.as_bytes();
    // Where letters begin: other bytes continue one.
    let mut letters = bytes.iter().filter(|byte| **byte & 0xC0 != 0x80);
    letters.nth(1).is_some() || bytes.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count_of(terms: &EntryTerms, term: u64) -> Option<u8> {
        terms.with_parts().iter().find(|counted| counted.0 == term).map(|counted| counted.1)
    }

    #[test]
    fn the_title_counts_twice_and_of_summary_and_text_the_longer_one() {
        let terms = EntryTerms::from_texts("زلزال في الجزيرة", "زلزال قوي", "نص آخر");
        assert_eq!(count_of(&terms, word_term("زلزال".as_bytes())), Some(3));
        assert_eq!(count_of(&terms, word_term("قوي".as_bytes())), Some(1));
        assert_eq!(count_of(&terms, part_term("زلز".as_bytes())), Some(3));
        assert_eq!(count_of(&terms, word_term("نص".as_bytes())), None);
        assert_eq!(terms.words_count(), 3, "«في» is a stop word");
        assert!(terms.with_parts().is_sorted());
        assert!(terms.words().map(|word| word.hash).is_sorted());
        let letters =
            |count: u8| terms.words().find(|word| word.count == count).map(|word| word.letters);
        assert_eq!([letters(3), letters(2)], [Some("زلزال"), Some("جزيره")]);
        for summary in [" ", "زلزال"] {
            let terms = EntryTerms::from_texts("", summary, "نص آخر\nوسطر ثان");
            assert!(count_of(&terms, word_term("نص".as_bytes())).is_some());
            assert!(count_of(&terms, word_term("سطر".as_bytes())).is_some());
            assert_eq!(count_of(&terms, word_term("زلزال".as_bytes())), None);
        }
    }

    #[test]
    fn late_words_and_single_letters_are_left_out() {
        let long = "كلام ".repeat(LEAD_WORDS_MAX) + "زلزال";
        assert_eq!(
            count_of(&EntryTerms::from_texts("", &long, ""), word_term("زلزال".as_bytes())),
            None
        );
        assert_eq!(
            count_of(&EntryTerms::from_texts("", "", &long), word_term("زلزال".as_bytes())),
            None
        );
        assert_eq!(EntryTerms::from_texts("ج 7", "", "").words_count(), 1);
        assert_eq!(EntryTerms::from_texts("", "", ""), EntryTerms::default());
    }

    #[test]
    fn a_term_that_occurs_a_thousand_times_has_the_maximum_count() {
        let terms = EntryTerms::from_texts(&"زلزال ".repeat(1_000), "", "");
        assert_eq!(count_of(&terms, word_term("زلزال".as_bytes())), Some(u8::MAX));
    }

    #[test]
    fn a_part_counts_as_often_as_it_occurs() {
        let terms = EntryTerms::from_counted([("مكمكم", 2), ("كمكات", 3), ("مك", 9)].into_iter());
        let counts =
            ["مكم", "كمك", "مكا", "كات"].map(|part| count_of(&terms, part_term(part.as_bytes())));
        assert_eq!(counts, [Some(4), Some(5), Some(3), Some(3)]);
        assert_eq!(terms.with_parts().len(), 3 + 4);
    }
}
