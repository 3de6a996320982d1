//! Two entries → how similar they are, and the words that make them similar, for explanations. Words are
//! shown in their own spelling; the folded words were compared.

use std::collections::BTreeMap;

use rafid_feed::arabic::MatchKey;

use super::counted_term::CountedTerm;
use super::statistics::Statistics;
use super::term_hash::{part_term, word_term};
use super::terms::{EntryTerms, PART, is_significant, lead_text};
use crate::model::{DailyTermCounts, StoryInput};

/// The similarity of two entries.
#[derive(Debug, Clone, PartialEq)]
pub struct StorySimilarity {
    /// The cosine of their terms, from 0 to 1: the basis of a story's score, before the costs of time and of
    /// the same source.
    pub cosine: f32,
    /// The words of the first entry that contribute to it, the largest contribution first.
    pub words: Vec<SharedWord>,
}

/// A word that two entries share, wholly or in parts.
#[derive(Debug, Clone, PartialEq)]
pub struct SharedWord {
    /// In the first spelling of the first entry.
    pub word: String,
    /// Its contribution to the cosine, including its parts that both entries have; parts that occur in
    /// several words are divided among them. All words together give the cosine.
    pub share: f32,
}

/// Compares two entries by the rarity of words on `days`; without days, all words are equally rare.
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
    let mut weighted = |input: &StoryInput<'_>| -> BTreeMap<u64, f32> {
        let terms = EntryTerms::from_texts(input.title, input.summary, input.text).counts;
        let held: Vec<_> = terms
            .into_iter()
            .filter_map(|(hash, count)| {
                Some((hash, CountedTerm::new(statistics.acquire_id(hash)?, count)))
            })
            .collect();
        let weights = statistics.weights();
        held.into_iter().map(|(hash, term)| (hash, weights.weight_of(term))).collect()
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

/// The words of an entry with the contributions of their terms.
fn shared_words(input: &StoryInput<'_>, shared: &BTreeMap<u64, f32>) -> Vec<SharedWord> {
    // By the word's own term: its first spelling and all of its terms.
    let mut words: BTreeMap<u64, (&str, Vec<u64>)> = BTreeMap::new();
    for text in [input.title, lead_text(input.summary, input.text)] {
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
    let mut words_by_share: Vec<SharedWord> = words
        .into_values()
        .filter(|(_, terms)| !terms.is_empty())
        .map(|(word, terms)| SharedWord {
            word: word.to_owned(),
            share: terms.iter().map(part_of).sum(),
        })
        .collect();
    words_by_share.sort_by(|one, other| {
        other.share.total_cmp(&one.share).then_with(|| one.word.cmp(&other.word))
    });
    words_by_share
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
        let input = |(title, summary)| StoryInput {
            id: EntryId::from_bytes([0; 16]),
            source: &source,
            listed_at: Timestamp::UNIX_EPOCH,
            seen_at: Timestamp::UNIX_EPOCH,
            title,
            summary,
            text: "",
        };
        compare_tellings(&input(one), &input(other), days)
    }

    fn check(one: (&str, &str), other: (&str, &str), expected: &[&str]) {
        let similarity = compared(one, other, Vec::new());
        let words: Vec<&str> = similarity.words.iter().map(|shared| shared.word.as_str()).collect();
        assert_eq!(words, expected, "{similarity:?}");
        let sum: f32 = similarity.words.iter().map(|shared| shared.share).sum();
        assert!((sum - similarity.cosine).abs() < 1e-5, "{sum} of {}", similarity.cosine);
    }

    #[test]
    fn common_words_make_entries_similar() {
        check(("زلزال في الجزيرة", ""), ("سوق القمح", ""), &[]);
        check(("«زلزال» قوي", "في المدينة"), ("زلزالٌ عنيف", "حريق"), &["زلزال"]);
        check(("", ""), ("زلزال", ""), &[]);
        // The first spelling represents all, and letters with several forms are the same.
        check(("سورية تنتخب", "السورية"), ("انتخابات سوريا", ""), &["سورية", "تنتخب"]);
    }

    #[test]
    fn parts_of_a_word_count_for_the_words_that_have_them() {
        let similarity = compared(("غوتيريش يزور", ""), ("جوتيريش يصل", ""), Vec::new());
        assert_eq!(similarity.words.len(), 1);
        assert!(similarity.words[0].share > 0.2 && similarity.cosine < 1.0, "{similarity:?}");
    }

    #[test]
    fn entries_with_one_text_have_similarity_one() {
        let text = ("زلزال يضرب الجزيرة", "خلف الزلزال قتلى في قرى الجبل");
        assert!((compared(text, text, Vec::new()).cosine - 1.0).abs() < 1e-5);
    }

    #[test]
    fn rare_words_weigh_more() {
        let often = word_term("زلزال".as_bytes());
        let days =
            vec![DailyTermCounts { day: 3, documents_count: 500, terms: vec![(often, 400)] }];
        let share = |days: Vec<DailyTermCounts>| {
            let similarity = compared(("زلزال بركان", ""), ("زلزال بركان", ""), days);
            similarity.words.iter().find(|it| it.word == "زلزال").unwrap().share
        };
        assert!(share(days) < share(Vec::new()));
    }
}
