//! Title and lead → terms: words, and their parts of three letters. The parts match words that differ by
//! endings, broken plurals or the transcription of foreign names.

use rafid_feed::arabic::MatchToken;
#[cfg(test)]
use rafid_feed::arabic::{MatchKey, report_lines};

use super::term_hash::{part_term, word_term};

/// Letters in a part of a word (measured: 3 is as good as 4, and better than a stemmer).
pub(super) const PART: usize = 3;

/// The weight of a term in the title.
const TITLE_WEIGHT: u8 = 2;

/// The number of words of the lead that are used: later paragraphs are background, which entries about
/// different events of one crisis share.
pub(super) const LEAD_WORDS_MAX: usize = 60;

/// The terms of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EntryTerms {
    /// Hashes in ascending order, each with the number of its occurrences.
    pub counts: Vec<(u64, u8)>,
    /// The number of different words that are not stop words.
    pub words_count: usize,
}

impl EntryTerms {
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
}

/// Terms that are collected.
#[derive(Debug, Default)]
pub(super) struct FoundTerms {
    terms: Vec<(u64, u8)>,
    words: Vec<u64>,
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
            let word = word_term(token.as_bytes());
            self.words.push(word);
            self.terms.push((word, weight));
            self.terms.extend(token.letter_ngrams(PART).map(|part| (part_term(part), weight)));
        }
    }

    /// The terms of all that was added.
    pub(super) fn into_terms(self) -> EntryTerms {
        let Self { terms, mut words, .. } = self;
        words.sort_unstable();
        words.dedup();
        EntryTerms { counts: sum_counts(terms), words_count: words.len() }
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

/// Adds up the counts of repeated terms.
fn sum_counts(mut terms: Vec<(u64, u8)>) -> Vec<(u64, u8)> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn count_of(terms: &EntryTerms, term: u64) -> Option<u8> {
        terms.counts.iter().find(|counted| counted.0 == term).map(|counted| counted.1)
    }

    #[test]
    fn the_title_counts_twice_and_of_summary_and_text_the_longer_one() {
        let terms = EntryTerms::from_texts("زلزال في الجزيرة", "زلزال قوي", "نص آخر");
        assert_eq!(count_of(&terms, word_term("زلزال".as_bytes())), Some(3));
        assert_eq!(count_of(&terms, word_term("قوي".as_bytes())), Some(1));
        assert_eq!(count_of(&terms, part_term("زلز".as_bytes())), Some(3));
        assert_eq!(count_of(&terms, word_term("نص".as_bytes())), None);
        assert_eq!(terms.words_count, 3, "«في» is a stop word");
        assert!(terms.counts.is_sorted());
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
        assert_eq!(EntryTerms::from_texts("ج 7", "", "").words_count, 1);
        assert_eq!(
            EntryTerms::from_texts("", "", ""),
            EntryTerms { counts: Vec::new(), words_count: 0 }
        );
    }

    #[test]
    fn a_term_that_occurs_a_thousand_times_has_the_maximum_count() {
        let terms = EntryTerms::from_texts(&"زلزال ".repeat(1_000), "", "");
        assert_eq!(count_of(&terms, word_term("زلزال".as_bytes())), Some(u8::MAX));
    }
}
