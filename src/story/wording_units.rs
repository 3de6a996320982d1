//! The words of an entry for comparisons within its source ↔ numbers of two bytes, beside the words that are its terms:
//! most of them are the same words, so that two bits say of each term where it occurs.
//!
//! | units | content |
//! | --- | --- |
//! | 1 | the lengths of the lists of a few words, four bits each |
//! | 1 | how many numbers the runs with numbers take; `SERIES`, `FORMULA` |
//! | 1 | how many words of the text are no terms |
//! | 0 to 4 | the lengths that four bits do not hold |
//! | … | the countries; where each term occurs; the formula; the runs; the variable words; the words that are no terms |

use super::entry_words::{EntryWords, WordLists, short_hash};

/// Set beside the length of the runs if the title names a series, and if there is a formula.
const SERIES: u16 = 1 << 15;
const FORMULA: u16 = 1 << 14;
/// The bits of a length in the first unit; its largest value says that a unit of its own has the length.
const LENGTH_BITS: u32 = 4;
const OWN_UNIT: u16 = (1 << LENGTH_BITS) - 1;
/// The lists whose lengths are in the first unit: countries, variable words, words of the title, words of the subject.
const FEW_WORDS: usize = 4;
/// The bits that say where a term occurs, and the terms that a unit has room for.
const PLACE_BITS: u32 = 2;
const TERMS_OF_UNIT: usize = 8;

/// Where a word occurs: only in the text, in the title, in the title as a subject, or nowhere, as labels are left out.
const TEXT: u16 = 0;
const TITLE: u16 = 1;
const SUBJECT: u16 = 2;
const NOWHERE: u16 = 3;

/// Adds the words of an entry whose terms have these hashes.
pub(super) fn push_wording(
    units: &mut Vec<u16>,
    wording: &EntryWords,
    terms: impl Iterator<Item = u64>,
) {
    let lists = wording.lists();
    if lists.is_empty() {
        return;
    }
    let terms: Vec<u16> = terms.map(short_hash).collect();
    let mut known = terms.clone();
    known.sort_unstable();
    let mut others: [Vec<u16>; 3] = Default::default();
    for word in lists.words().iter().filter(|word| known.binary_search(word).is_err()) {
        others[usize::from(place_in(lists, *word))].push(*word);
    }
    let [text, title, subject] = &others;
    let few = [lists.countries(), lists.variables(), title, subject];
    let runs = lists.numbered().as_flattened();
    let flag = |is_set: bool, flag: u16| if is_set { flag } else { 0 };
    let flags = flag(lists.is_of_series(), SERIES) | flag(!lists.formula().is_empty(), FORMULA);
    units.push(
        few.iter().rev().fold(0, |lengths, list| lengths << LENGTH_BITS | short_length(list)),
    );
    units.push(length(runs) | flags);
    units.push(length(text));
    units.extend(few.iter().filter(|list| short_length(list) == OWN_UNIT).map(|list| length(list)));
    units.extend(lists.countries());
    for terms in terms.chunks(TERMS_OF_UNIT) {
        let places = terms.iter().rev().map(|term| place_in(lists, *term));
        units.push(places.fold(0, |all, place| all << PLACE_BITS | place));
    }
    for list in [lists.formula(), runs, lists.variables(), title, subject, text] {
        units.extend(list);
    }
}

/// The words that `push_wording` added.
pub(super) fn read_wording(units: &[u16], terms: impl Iterator<Item = u64>) -> EntryWords {
    let Some((head, rest)) = WordingHead::read(units) else { return EntryWords::default() };
    let terms: Vec<u16> = terms.map(short_hash).collect();
    let [countries_count, variables_count, title_count, subject_count] = head.few;
    let mut rest = rest;
    let mut next = |count: usize| {
        let (list, behind) = rest.split_at_checked(count).unwrap_or((rest, &[]));
        rest = behind;
        list
    };
    let countries = next(countries_count);
    let places = next(terms.len().div_ceil(TERMS_OF_UNIT));
    let (formula, runs, variables) = (next(head.formula), next(head.runs), next(variables_count));
    let others =
        [(TITLE, next(title_count)), (SUBJECT, next(subject_count)), (TEXT, next(head.text))];
    let [mut title, mut subject, mut words]: [Vec<u16>; 3] = Default::default();
    let mut add = |place: u16, word: u16| {
        if place != NOWHERE {
            words.push(word);
        }
        if place == TITLE || place == SUBJECT {
            title.push(word);
        }
        if place == SUBJECT {
            subject.push(word);
        }
    };
    for (terms, places) in terms.chunks(TERMS_OF_UNIT).zip(places) {
        for (at, term) in (0..).zip(terms) {
            add(places >> (at * PLACE_BITS) & NOWHERE, *term);
        }
    }
    for (place, list) in others {
        for word in list {
            add(place, *word);
        }
    }
    for list in [&mut title, &mut subject, &mut words] {
        list.sort_unstable();
        list.dedup();
    }
    let lists = [&title, variables, &subject, runs, &words, formula, countries];
    EntryWords::from_lists(lists, head.is_of_series)
}

/// The countries that the title names.
pub(super) fn countries_in_units(units: &[u16]) -> &[u16] {
    let head = WordingHead::read(units);
    head.and_then(|(head, rest)| rest.get(..head.few[0])).unwrap_or_default()
}

/// The lengths of the lists.
struct WordingHead {
    few: [usize; FEW_WORDS],
    runs: usize,
    formula: usize,
    text: usize,
    is_of_series: bool,
}

impl WordingHead {
    /// The lengths, and what is behind them.
    fn read(units: &[u16]) -> Option<(Self, &[u16])> {
        let ([lengths, runs, text], mut rest) = units.split_first_chunk()?;
        let mut few = [0; FEW_WORDS];
        for (at, count) in (0..).zip(&mut few) {
            let mut short = lengths >> (at * LENGTH_BITS) & OWN_UNIT;
            if short == OWN_UNIT {
                (short, rest) = rest.split_first().map(|(length, rest)| (*length, rest))?;
            }
            *count = usize::from(short);
        }
        let head = Self {
            few,
            runs: usize::from(runs & !(SERIES | FORMULA)),
            formula: if runs & FORMULA == 0 { 0 } else { 2 },
            text: usize::from(*text),
            is_of_series: runs & SERIES != 0,
        };
        Some((head, rest))
    }
}

fn place_in(lists: WordLists<'_>, word: u16) -> u16 {
    let is_in = |list: &[u16]| list.binary_search(&word).is_ok();
    if is_in(lists.subject()) {
        SUBJECT
    } else if is_in(lists.title()) {
        TITLE
    } else if is_in(lists.words()) {
        TEXT
    } else {
        NOWHERE
    }
}

fn length(list: &[u16]) -> u16 {
    u16::try_from(list.len()).unwrap_or(u16::MAX)
}

fn short_length(list: &[u16]) -> u16 {
    length(list).min(OWN_UNIT)
}

#[cfg(test)]
mod tests {
    use rafid_feed::arabic::MatchKey;

    use super::*;
    use crate::story::features::StoryFeatures;
    use crate::story::text_words::text_words;

    fn check(wording: &EntryWords, terms: &[u64]) -> usize {
        let mut units = Vec::new();
        push_wording(&mut units, wording, terms.iter().copied());
        assert_eq!(read_wording(&units, terms.iter().copied()), *wording);
        assert_eq!(countries_in_units(&units), wording.lists().countries());
        units.len()
    }

    #[test]
    fn a_term_takes_two_bits() {
        let text = "ضرب زلزال قوي مدنا في شمال الجزيرة وخلف قتلى وجرحى ودمارا واسعا في القرى";
        let features = StoryFeatures::from_texts("زلزال قوي في الجزيرة", (text, ""), None);
        let terms: Vec<u64> = features.terms.words().map(|word| word.hash).collect();
        let words = features.fingerprint.wording.lists().words().len();
        assert_eq!(words, 11);
        assert_eq!(check(&features.fingerprint.wording, &terms), 3 + 2 + 2);
        assert_eq!(check(&features.fingerprint.wording, &[]), 3 + 2 + words);
        assert_eq!(check(&EntryWords::default(), &terms), 0);
    }

    proptest::proptest! {
        #[test]
        fn words_come_back(
            title in "(عاجل: )?([ء-ي0-9]{1,3} ){0,30}(أسعار )?(مصر )?",
            text in "([ء-ي0-9]{1,4} ){0,60}",
            left_out in 0..7_usize,
        ) {
            let features = StoryFeatures::from_texts(&title, ("", &text), None);
            // Some terms have no id.
            let terms = features.terms.words().map(|word| word.hash);
            let terms: Vec<u64> =
                terms.enumerate().filter(|(at, _)| at % 7 >= left_out).map(|(_, hash)| hash).collect();
            check(&features.fingerprint.wording, &terms);
            let words = text_words(&text, |_| {});
            let wording = EntryWords::from_words(&MatchKey::of(&title).tokens(), &words);
            check(&wording, &terms);
        }
    }
}
