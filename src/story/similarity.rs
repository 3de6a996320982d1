//! Two tellings → how alike they are, and the words that make them so: for explaining, afterwards. What is
//! shown of a word is its own spelling; what was compared is folded.

use std::collections::BTreeMap;

use rafid_feed::arabic::MatchKey;

use super::statistics::Statistics;
use super::term_hash::{part_term, word_term};
use super::terms::{EntryTerms, PART, is_significant, lead_text};
use crate::model::{DailyTermCounts, StoryInput};

/// How alike two tellings are.
#[derive(Debug, Clone, PartialEq)]
pub struct StorySimilarity {
    /// The cosine of their terms, from 0 to 1: what a story's score is made of, before the costs of time
    /// and of the same source.
    pub cosine: f32,
    /// The words of the first telling that add to it, those that add most first.
    pub words: Vec<SharedWord>,
}

/// A word that two tellings share, or parts of which they share.
#[derive(Debug, Clone, PartialEq)]
pub struct SharedWord {
    /// As the first telling spells it first.
    pub word: String,
    /// Its part of the cosine, with the parts of it that both have; those that several words have are
    /// divided among them. All words together make the cosine.
    pub share: f32,
}

/// Compares two tellings by how rare words were on `days`; without days, all words are equally rare.
pub fn compare_tellings(
    one: &StoryInput<'_>,
    other: &StoryInput<'_>,
    days: Vec<DailyTermCounts>,
) -> StorySimilarity {
    let mut statistics = Statistics::default();
    let after = days.iter().map(|day| day.day).max().map(|last| last.saturating_add(1));
    statistics.import_days(days);
    if let Some(today) = after {
        statistics.move_to(today);
    }
    let mut weighted = |telling: &StoryInput<'_>| -> BTreeMap<u64, f32> {
        let terms = EntryTerms::from_texts(telling.title, telling.summary, telling.text).counts;
        let held: Vec<_> = terms.iter().map(|(hash, _)| statistics.acquire_id(*hash)).collect();
        let weights = statistics.weights();
        let weighted = held.into_iter().zip(terms);
        weighted.map(|(id, (hash, count))| (hash, weights.weight_of(id, count))).collect()
    };
    let (one_terms, other_terms) = (weighted(one), weighted(other));
    let norm = |terms: &BTreeMap<u64, f32>| terms.values().map(|it| it * it).sum::<f32>().sqrt();
    let norms = norm(&one_terms) * norm(&other_terms);
    if norms <= 0.0 {
        return StorySimilarity { cosine: 0.0, words: Vec::new() };
    }
    let shared = one_terms.iter().filter_map(|(hash, weight)| {
        let product = weight * other_terms.get(hash)?;
        Some((*hash, product / norms))
    });
    let shared: BTreeMap<u64, f32> = shared.collect();
    StorySimilarity { cosine: shared.values().sum(), words: shared_words(one, &shared) }
}

/// The words of a telling, each with what its terms add.
fn shared_words(telling: &StoryInput<'_>, shared: &BTreeMap<u64, f32>) -> Vec<SharedWord> {
    // By the word as a term: its first spelling and all of its terms.
    let mut words: BTreeMap<u64, (&str, Vec<u64>)> = BTreeMap::new();
    for text in [telling.title, lead_text(telling.summary, telling.text)] {
        for spelling in text.split_whitespace() {
            let spelling = spelling.trim_matches(|c: char| !c.is_alphanumeric());
            for token in
                MatchKey::of(spelling).tokens().iter().filter(|token| is_significant(token))
            {
                let own = word_term(token.as_bytes());
                let parts = || token.letter_ngrams(PART).map(part_term);
                words
                    .entry(own)
                    .or_insert_with(|| (spelling, std::iter::once(own).chain(parts()).collect()));
            }
        }
    }
    let mut owners: BTreeMap<u64, f32> = BTreeMap::new();
    for (_, terms) in words.values_mut() {
        terms.sort_unstable();
        terms.dedup();
        terms.retain(|term| shared.contains_key(term));
        for term in terms {
            *owners.entry(*term).or_default() += 1.0;
        }
    }
    let part_of = |term: &u64| shared.get(term).unwrap_or(&0.0) / owners.get(term).unwrap_or(&1.0);
    let mut found: Vec<SharedWord> = words
        .into_values()
        .filter(|(_, terms)| !terms.is_empty())
        .map(|(word, terms)| SharedWord {
            word: word.to_owned(),
            share: terms.iter().map(part_of).sum(),
        })
        .collect();
    found.sort_by(|one, other| {
        other.share.total_cmp(&one.share).then_with(|| one.word.cmp(&other.word))
    });
    found
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::model::{EntryId, SourceId};

    fn compared(
        one: (&str, &str),
        other: (&str, &str),
        days: Vec<DailyTermCounts>,
    ) -> StorySimilarity {
        let source = SourceId::new("a").unwrap();
        let telling = |(title, summary)| StoryInput {
            id: EntryId::from_bytes([0; 16]),
            source: &source,
            listed_at: Timestamp::UNIX_EPOCH,
            seen_at: Timestamp::UNIX_EPOCH,
            title,
            summary,
            text: "",
        };
        compare_tellings(&telling(one), &telling(other), days)
    }

    fn check(one: (&str, &str), other: (&str, &str), expected: &[&str]) {
        let found = compared(one, other, Vec::new());
        let words: Vec<&str> = found.words.iter().map(|shared| shared.word.as_str()).collect();
        assert_eq!(words, expected, "{found:?}");
        let sum: f32 = found.words.iter().map(|shared| shared.share).sum();
        assert!((sum - found.cosine).abs() < 1e-5, "{sum} of {}", found.cosine);
    }

    #[test]
    fn the_words_that_both_have_make_them_alike() {
        check(("زلزال في الجزيرة", ""), ("سوق القمح", ""), &[]);
        check(("«زلزال» قوي", "في المدينة"), ("زلزالٌ عنيف", "حريق"), &["زلزال"]);
        check(("", ""), ("زلزال", ""), &[]);
        // The first spelling stands for all, and letters that differ in form are the same.
        check(("سورية تنتخب", "السورية"), ("انتخابات سوريا", ""), &["سورية", "تنتخب"]);
    }

    #[test]
    fn parts_of_a_word_count_for_the_words_that_have_them() {
        let found = compared(("غوتيريش يزور", ""), ("جوتيريش يصل", ""), Vec::new());
        assert_eq!(found.words.len(), 1);
        assert!(found.words[0].share > 0.2 && found.cosine < 1.0, "{found:?}");
    }

    #[test]
    fn two_of_one_text_are_wholly_alike() {
        let text = ("زلزال يضرب الجزيرة", "خلف الزلزال قتلى في قرى الجبل");
        assert!((compared(text, text, Vec::new()).cosine - 1.0).abs() < 1e-5);
    }

    #[test]
    fn what_is_rare_tells_more() {
        let often = word_term("زلزال".as_bytes());
        let days =
            vec![DailyTermCounts { day: 3, documents_count: 500, terms: vec![(often, 400)] }];
        let share = |days: Vec<DailyTermCounts>| {
            let found = compared(("زلزال بركان", ""), ("زلزال بركان", ""), days);
            found.words.iter().find(|it| it.word == "زلزال").unwrap().share
        };
        assert!(share(days) < share(Vec::new()));
    }
}
