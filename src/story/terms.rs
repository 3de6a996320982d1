//! Title and lead → terms: words, and the parts of three letters of which they are made. The parts find
//! what endings, broken plurals and foreign names spelt by ear keep apart.

use rafid_feed::arabic::{MatchKey, MatchToken};

use super::term_hash::{part_term, word_term};

/// Letters in a part of a word (measured: 3 is as good as 4, and better than a stemmer).
pub(super) const PART: usize = 3;

/// How often the title counts.
const TITLE_WEIGHT: u8 = 2;

/// Words of the lead that are looked at: later paragraphs are background, which tellings of different
/// events in one crisis share.
const LEAD_WORDS_MAX: usize = 60;

/// The terms of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EntryTerms {
    /// Hashes, ascending, each with how often the term stands there.
    pub counts: Vec<(u64, u8)>,
    /// How many different words that are no stop words.
    pub words_count: usize,
}

impl EntryTerms {
    /// The terms of a title, and of the summary or, when there is none, of the text.
    pub(super) fn from_texts(title: &str, summary: &str, text: &str) -> Self {
        let mut found = Vec::new();
        let mut words = Vec::new();
        let mut take = |text: &str, weight: u8, words_max: usize| {
            let key = MatchKey::of(text);
            for token in key.tokens().iter().take(words_max).filter(|token| is_significant(token)) {
                let word = word_term(token.as_bytes());
                words.push(word);
                found.push((word, weight));
                found.extend(token.letter_ngrams(PART).map(|part| (part_term(part), weight)));
            }
        };
        take(title, TITLE_WEIGHT, usize::MAX);
        take(lead_text(summary, text), 1, LEAD_WORDS_MAX);
        words.sort_unstable();
        words.dedup();
        Self { counts: sum_counts(found), words_count: words.len() }
    }
}

/// Where the words of the lead stand: in the summary, else in the beginning of the text.
pub(super) fn lead_text<'a>(summary: &'a str, text: &'a str) -> &'a str {
    if summary.trim().is_empty() { start_of_text(text) } else { summary }
}

/// A single letter tells nothing; a single digit may be the whole difference.
pub(super) fn is_significant(token: &MatchToken<'_>) -> bool {
    let is_letter =
        token.letter_ngrams(2).next().is_none() && !token.as_bytes().iter().all(u8::is_ascii_digit);
    !token.is_stop_word() && !is_letter
}

/// The beginning of a text in which surely all the words of a lead stand: folding a whole article for
/// sixty words would be waste. Words are parted by spaces, and stop words count.
fn start_of_text(text: &str) -> &str {
    let mut words = 0;
    let mut was_space = true;
    for (at, c) in text.char_indices() {
        words += usize::from(was_space && !c.is_whitespace());
        was_space = c.is_whitespace();
        if words > LEAD_WORDS_MAX {
            return &text[..at];
        }
    }
    text
}

/// Adds up what stands more than once.
fn sum_counts(mut found: Vec<(u64, u8)>) -> Vec<(u64, u8)> {
    found.sort_unstable();
    found.dedup_by(|later, earlier| {
        let is_same = later.0 == earlier.0;
        if is_same {
            earlier.1 = earlier.1.saturating_add(later.1);
        }
        is_same
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count_of(terms: &EntryTerms, term: u64) -> Option<u8> {
        terms.counts.iter().find(|counted| counted.0 == term).map(|counted| counted.1)
    }

    #[test]
    fn the_title_counts_twice_and_the_text_only_without_a_summary() {
        let terms = EntryTerms::from_texts("زلزال في الجزيرة", "زلزال قوي", "نص آخر");
        assert_eq!(count_of(&terms, word_term("زلزال".as_bytes())), Some(3));
        assert_eq!(count_of(&terms, word_term("قوي".as_bytes())), Some(1));
        assert_eq!(count_of(&terms, part_term("زلز".as_bytes())), Some(3));
        assert_eq!(count_of(&terms, word_term("نص".as_bytes())), None);
        assert_eq!(terms.words_count, 3, "«في» is a stop word");
        assert!(terms.counts.is_sorted());
        assert_ne!(
            count_of(&EntryTerms::from_texts("", " ", "نص آخر"), word_term("نص".as_bytes())),
            None
        );
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
    fn a_term_that_stands_a_thousand_times_is_counted_to_the_end_of_the_scale() {
        let terms = EntryTerms::from_texts(&"زلزال ".repeat(1_000), "", "");
        assert_eq!(count_of(&terms, word_term("زلزال".as_bytes())), Some(u8::MAX));
    }
}
