//! The words of an entry → what is kept of them for the comparison with later entries of its source: sixteen bits of
//! each word's hash, all lists in one allocation. (Of a hundred words of another text, one looks equal in seven
//! comparisons; verdicts need half of them.)

use rafid_feed::arabic::MatchToken;

use super::countries::countries_in;
use super::recurring::names_series;
use super::text_words::{TEXT_WORDS_MAX, TextWord};

/// Words in a run around a number.
pub(super) const RUN: usize = 3;
/// The lists, in the order of `Lists`.
const LISTS: usize = 7;
/// The first list's length holds this bit if the title names a series.
const SERIES: u16 = 1 << 15;
/// More different words of a title are left out.
const TITLE_WORDS_MAX: usize = 1_000;

/// The words of an entry: lists in ascending order, without duplicates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct EntryWords {
    /// The lengths of the lists, then their words. Empty: there is nothing to compare.
    packed: Box<[u16]>,
}

/// The words of an entry, wherever they are held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct WordLists<'w> {
    packed: &'w [u16],
}

impl EntryWords {
    /// The words of an entry with a title that has no labels; `text_words` are those of the text that is compared to
    /// find copies.
    pub(super) fn from_words(title_tokens: &[MatchToken<'_>], text_words: &[TextWord]) -> Self {
        let (mut title_words, mut variables, mut is_of_series) = (Vec::new(), Vec::new(), false);
        let mut formula = TitleFormula::default();
        for token in title_tokens {
            is_of_series |= names_series(token.as_bytes());
            let word = TextWord::from_token(token);
            formula.add(&word);
            if word.is_variable {
                variables.push(word_hash(&word));
            } else if word.is_significant {
                title_words.push(word_hash(&word));
            }
        }
        let numbered = sorted_unique(numbered_runs(text_words));
        let has_meaning = |word: &&TextWord| word.is_significant && !word.is_variable;
        let text_words: Vec<u16> = text_words.iter().filter(has_meaning).map(word_hash).collect();
        let has_text = !text_words.is_empty();
        let [mut title, text_words] = [title_words, text_words].map(sorted_unique);
        title.truncate(TITLE_WORDS_MAX);
        let mut variables = sorted_unique(variables);
        variables.truncate(TITLE_WORDS_MAX);
        let is_in_text = |word: &u16| !has_text || text_words.binary_search(word).is_ok();
        let subject: Vec<u16> = title.iter().copied().filter(is_in_text).collect();
        let words = sorted_unique(title.iter().chain(&text_words).copied().collect());
        let (countries, formula) = (countries_in(title_tokens), formula.into_hashes());
        let numbered = numbered.as_flattened();
        let lists = [&title, &variables, &subject, numbered, &words, &formula[..], &countries];
        Self::from_lists(lists, is_of_series)
    }

    /// The words in these lists, in the order of the functions of `WordLists`.
    pub(super) fn from_lists(lists: [&[u16]; LISTS], is_of_series: bool) -> Self {
        // At most 65,535 different hashes, as none is zero.
        let mut lengths = lists.map(|list| u16::try_from(list.len()).unwrap_or(u16::MAX));
        lengths[0] |= if is_of_series { SERIES } else { 0 };
        Self { packed: [&lengths[..]].into_iter().chain(lists).flatten().copied().collect() }
    }

    /// The lists.
    pub(super) fn lists(&self) -> WordLists<'_> {
        WordLists { packed: &self.packed }
    }

    /// The numbers of all lists, as they are held.
    pub(super) fn as_numbers(&self) -> &[u16] {
        &self.packed
    }

    /// The words with these numbers; `None`: they are not those of any words.
    pub(super) fn from_numbers(packed: Box<[u16]>) -> Option<Self> {
        let words = Self { packed };
        let Some((_, numbers)) = words.packed.split_first_chunk::<LISTS>() else {
            return words.packed.is_empty().then_some(words);
        };
        let all: usize = (0..LISTS).map(|list| words.lists().list(list).len()).sum();
        (all == numbers.len()).then_some(words)
    }
}

impl<'w> WordLists<'w> {
    /// Whether there is nothing to compare.
    pub(super) fn is_empty(self) -> bool {
        self.packed.is_empty()
    }

    /// Words of the title, without labels before it, numbers and days.
    pub(super) fn title(self) -> &'w [u16] {
        self.list(0)
    }

    /// Numbers and days of the title.
    pub(super) fn variables(self) -> &'w [u16] {
        self.list(1)
    }

    /// Words of the title that also occur in the text; all of them if there is no text.
    pub(super) fn subject(self) -> &'w [u16] {
        self.list(2)
    }

    /// Runs of the text that contain a number: the hash without the number, and with it.
    pub(super) fn numbered(self) -> &'w [[u16; 2]] {
        self.list(3).as_chunks().0
    }

    /// Words of title and text.
    pub(super) fn words(self) -> &'w [u16] {
        self.list(4)
    }

    /// Whether another title has the same words in the same order but for numbers and days, and those differ.
    pub(super) fn is_next_in_series_of(self, other: WordLists<'_>) -> bool {
        match (self.formula(), other.formula()) {
            ([own_words, own_variables], [words, variables]) => {
                own_words == words && own_variables != variables
            }
            _ => false,
        }
    }

    /// Two hashes of the words of the title in their order: of those that vary between editions, and of the others.
    pub(super) fn formula(self) -> &'w [u16] {
        self.list(5)
    }

    /// The numbers of the countries that the title names.
    pub(super) fn countries(self) -> &'w [u16] {
        self.list(6)
    }

    /// Whether the title names a series.
    pub(super) fn is_of_series(self) -> bool {
        self.packed.first().is_some_and(|length| length & SERIES != 0)
    }

    fn list(self, number: usize) -> &'w [u16] {
        let Some((lengths, words)) = self.packed.split_first_chunk::<LISTS>() else { return &[] };
        let length =
            |list: usize| usize::from(if list == 0 { lengths[0] & !SERIES } else { lengths[list] });
        let start: usize = (0..number).map(length).sum();
        words.get(start..start + length(number)).unwrap_or_default()
    }
}

/// The words of a title in their order, as two hashes: of those that vary between editions, and of the others.
#[derive(Debug, Default)]
struct TitleFormula {
    words: u32,
    variables: u32,
}

impl TitleFormula {
    fn add(&mut self, word: &TextWord) {
        let hash = if word.is_variable {
            &mut self.variables
        } else if word.is_significant {
            &mut self.words
        } else {
            return;
        };
        *hash = add_to_run(*hash, word_hash(word));
    }

    fn into_hashes(self) -> [u16; 2] {
        [self.words, self.variables].map(high_bits)
    }
}

fn add_to_run(hash: u32, word: u16) -> u32 {
    (hash.rotate_left(5) ^ u32::from(word)).wrapping_mul(0x9e37_79b1)
}

/// The runs of a text that contain numbers.
fn numbered_runs(text_words: &[TextWord]) -> Vec<[u16; 2]> {
    // Each word as 0 if it varies between editions, and as it is.
    let all: Vec<(u16, u16)> = text_words
        .iter()
        .take(TEXT_WORDS_MAX)
        .map(|word| (if word.is_variable { 0 } else { word_hash(word) }, word_hash(word)))
        .collect();
    let run_of = |words: &mut dyn Iterator<Item = u16>| high_bits(words.fold(0, add_to_run));
    let runs = all.windows(RUN).filter(|run| run.iter().any(|(masked, _)| *masked == 0));
    let runs = runs.map(|run| {
        let masked = run_of(&mut run.iter().map(|(masked, _)| *masked));
        [masked, run_of(&mut run.iter().map(|(_, word)| *word))]
    });
    runs.collect()
}

/// A quarter of a word's hash is enough to distinguish the words of two texts; it is never zero.
fn word_hash(word: &TextWord) -> u16 {
    short_hash(word.hash)
}

/// The same of the hash of a word, or of its term.
pub(super) fn short_hash(hash: u64) -> u16 {
    high_bits(u32::try_from(hash >> 32).unwrap_or(u32::MAX)).max(1)
}

fn high_bits(hash: u32) -> u16 {
    u16::try_from(hash >> 16).unwrap_or(u16::MAX)
}

fn sorted_unique<T: Ord>(mut hashes: Vec<T>) -> Vec<T> {
    hashes.sort_unstable();
    hashes.dedup();
    hashes
}

#[cfg(test)]
mod tests {
    use rafid_feed::arabic::MatchKey;

    use super::*;
    use crate::story::text_words::text_words;

    #[test]
    fn the_lists_come_back() {
        let words = |text: &str| text_words(text, |_| {});
        let hashes = |text: &str| -> Vec<u16> { words(text).iter().map(word_hash).collect() };
        let sorted = |text: &str| sorted_unique(hashes(text));
        let text = "ارتفعت أسعار القمح 7 ريالات";
        let title = MatchKey::of("أسعار القمح 7 قفزت");
        let entry = EntryWords::from_words(&title.tokens(), &words(text));
        let entry = entry.lists();
        assert_eq!(entry.title(), sorted("أسعار القمح قفزت"));
        assert_eq!(entry.variables(), sorted("7"));
        assert_eq!(entry.subject(), sorted("أسعار القمح"));
        assert_eq!(entry.words(), sorted("ارتفعت أسعار القمح ريالات قفزت"));
        assert_eq!(entry.numbered().len(), 2, "two runs of three words hold the number");
        assert!(entry.is_of_series());
        let plain = EntryWords::from_words(&MatchKey::of("زلزال").tokens(), &[]);
        let plain = plain.lists();
        assert_eq!((plain.subject().len(), plain.is_of_series()), (1, false));
        let empty = EntryWords::default();
        assert_eq!((empty.lists().words().len(), empty.lists().numbered().len()), (0, 0));
    }
}
