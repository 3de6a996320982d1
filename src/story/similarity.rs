//! Two entries → how similar they are, each part of it, and the words that make them similar, for explanations. Words
//! are shown in their own spelling; the folded words were compared.

use std::collections::BTreeMap;

use rafid_feed::arabic::{MatchKey, report_lines};

use super::counted_term::CountedTerm;
use super::countries::are_different;
use super::features::{StoryFeatures, compare_texts};
use super::pair_score::{PairParts, PairScore};
use super::sentence_vector::SentenceVector;
use super::statistics::Statistics;
use super::term_hash::word_term;
use super::terms::{EntryTerms, LEAD_WORDS_MAX, compared_text, is_significant, parts_of};
use super::vector_window::above_closeness;
use super::word_vectors::WordVectors;
use crate::model::{DailyTermCounts, StoryInput};

/// An entry to compare.
#[derive(Debug, Clone, Copy)]
pub struct ComparedEntry<'a> {
    /// The entry.
    pub input: StoryInput<'a>,
    /// How near everything was to its words when it arrived (`StoryAssignment`).
    pub closeness: Option<f32>,
}

/// The similarity of two entries.
#[derive(Debug, Clone, PartialEq)]
pub struct StorySimilarity {
    /// The similarity: the basis of a story's score, before the costs of time and of the same source.
    pub similarity: f32,
    /// The cosine of their terms, from 0 to 1.
    pub cosine: f32,
    /// The similarity of their vectors; `None`: vectors are off, or one of them has none.
    pub vectors: Option<VectorSimilarity>,
    /// Whether their titles name different countries.
    pub names_other_countries: bool,
    /// For two entries of one source, whether the later one may join the story of the earlier one: `text` (the same
    /// text: it may), `edition` (the next of a series) or `other-text`.
    pub repetition: Option<&'static str>,
    /// The words of the first entry that contribute to it, the largest contribution first.
    pub words: Vec<SharedWord>,
}

/// The similarity of two vectors.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VectorSimilarity {
    /// The cosine, from -1 to 1.
    pub cosine: f32,
    /// The closeness of both entries.
    pub closeness: [f32; 2],
    /// The cosine above the closeness, up to the bound: what counts.
    pub above_closeness: f32,
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

/// Compares an entry with an earlier one by the rarity of words on `days`; without days, all words are equally rare.
pub fn compare_tellings(
    [one, other]: [ComparedEntry<'_>; 2],
    days: Vec<DailyTermCounts>,
    vectors: Option<&WordVectors>,
) -> StorySimilarity {
    let features = [one, other].map(|entry| StoryFeatures::from_input(&entry.input, vectors));
    let [own, earlier] = &features;
    let shared = shared_terms([&own.terms, &earlier.terms], days);
    let cosine = shared.values().sum();
    let vectors_similarity = match [own.vector, earlier.vector] {
        [Some(vector), Some(other_vector)] => {
            let closeness = [one.closeness, other.closeness].map(Option::unwrap_or_default);
            Some(compare_vectors(&vector, &other_vector, closeness))
        }
        _ => None,
    };
    let countries = [own, earlier].map(|it| it.fingerprint.wording.lists().countries());
    let score = PairScore { uses_vectors: vectors.is_some() };
    let repetition = (one.input.source == other.input.source).then(|| {
        let age = one.input.listed_at.duration_since(other.input.listed_at).abs();
        let words = (earlier.fingerprint.signature.as_ref(), earlier.fingerprint.wording.lists());
        compare_texts(&own.fingerprint, words, age.as_secs_f32() / 3_600.0).as_str()
    });
    StorySimilarity {
        similarity: score.similarity(PairParts {
            terms: cosine,
            vectors: vectors_similarity.map(|it| (it.cosine, it.closeness)),
            countries,
        }),
        cosine,
        vectors: vectors_similarity,
        names_other_countries: are_different(countries[0], countries[1]),
        repetition,
        words: shared_words(&one.input, &shared),
    }
}

fn compare_vectors(
    one: &SentenceVector,
    other: &SentenceVector,
    closeness: [f32; 2],
) -> VectorSimilarity {
    let cosine = one.cosine(other);
    VectorSimilarity {
        cosine,
        closeness,
        above_closeness: above_closeness(cosine, closeness[0], closeness[1]),
    }
}

/// The terms that two entries have in common, each with its part of the cosine.
fn shared_terms(terms: [&EntryTerms; 2], days: Vec<DailyTermCounts>) -> BTreeMap<u64, f32> {
    let mut statistics = Statistics::default();
    let after = days.iter().map(|day| day.day).max().map(|last| last.saturating_add(1));
    statistics.import_days(days);
    if let Some(today) = after {
        statistics.move_to(today);
    }
    let [one, other] = terms.map(|terms| -> BTreeMap<u64, f32> {
        let numbered = terms.with_parts().into_iter().filter_map(|(hash, count)| {
            Some((hash, CountedTerm::new(statistics.find_or_add(hash)?, count)))
        });
        let held: Vec<_> = numbered.collect();
        let weights = statistics.weights();
        held.into_iter().map(|(hash, term)| (hash, weights.weight_of(term))).collect()
    });
    let norm = |terms: &BTreeMap<u64, f32>| terms.values().map(|it| it * it).sum::<f32>().sqrt();
    let norms = norm(&one) * norm(&other);
    if norms <= 0.0 {
        return BTreeMap::new();
    }
    let shared = one.iter().filter_map(|(hash, weight)| {
        let product = weight * other.get(hash)?;
        Some((*hash, product / norms))
    });
    shared.collect()
}

/// The words of a title and a lead in their own spelling.
fn spelled_words<'a>(input: &StoryInput<'a>) -> impl Iterator<Item = &'a str> {
    let lines = report_lines(compared_text(input.summary, input.text)).map(|(line, _)| line);
    let lead = lines.flat_map(str::split_whitespace).take(LEAD_WORDS_MAX);
    input.title.split_whitespace().chain(lead)
}

/// The words of an entry with the contributions of their terms.
fn shared_words(input: &StoryInput<'_>, shared: &BTreeMap<u64, f32>) -> Vec<SharedWord> {
    // By the word's own term: its first spelling and all of its terms.
    let mut words: BTreeMap<u64, (&str, Vec<u64>)> = BTreeMap::new();
    for spelling in spelled_words(input) {
        let spelling = spelling.trim_matches(|c: char| !c.is_alphanumeric());
        for token in MatchKey::of(spelling).tokens().iter().filter(|token| is_significant(token)) {
            let Ok(letters) = std::str::from_utf8(token.as_bytes()) else { continue };
            let own = word_term(letters.as_bytes());
            let parts = || parts_of(letters);
            words
                .entry(own)
                .or_insert_with(|| (spelling, std::iter::once(own).chain(parts()).collect()));
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
        let compared = |texts| ComparedEntry { input: input(texts), closeness: None };
        compare_tellings([compared(one), compared(other)], days, None)
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
