//! An entry and a window → the nearest stories: those that a comparison with every candidate finds.

use super::*;
use crate::story::score::{NearestStory, ScoredEntry, Scorer};
use crate::story::term_hash::mix_bits;

/// A text of words that are rare or common.
fn words(seed: u64, count: u64) -> String {
    let word = |at: u64| {
        let random = mix_bits(seed << 8 | at);
        let rank = (1 << (random % 9)) + (random >> 16) % (1 << (random % 9));
        let letters = |digit: char| "بتثجحخدذرز".chars().nth(digit.to_digit(10).unwrap() as usize);
        (rank * 37 + 1_000).to_string().chars().filter_map(letters).collect::<String>()
    };
    (0..count).map(word).collect::<Vec<_>>().join(" ")
}

#[test]
fn what_is_left_out_of_the_comparison_is_not_nearest() {
    let mut memory = StoryMemory::default();
    let merge = memory.settings.merge;
    let (mut with_nearest, mut with_open) = (0, 0);
    for number in 0..400_u64 {
        // Every third reports an earlier one in some words of its own.
        let event = if number % 3 == 2 { mix_bits(number) % number } else { number };
        let title = words(event, 6) + " " + &words(number + 10_000, 2);
        let summary = words(event + 20_000, 20) + " " + &words(number + 30_000, 12);
        let source = format!("s{}", number % 7);
        let new = entry(&source, i64::try_from(number).unwrap() * 5, &title, &summary);
        let (input, arrival) = (new.story_input(), new.story_input().arrival());
        let features = StoryFeatures::from_input(&input, None);
        let mut compared = memory.clone();
        let counted = compared.count_terms(&features.terms, None);
        let features_of_entry = ScoredEntry {
            fingerprint: &features.fingerprint,
            terms: &counted.terms.all,
            vector: None,
            neighbors: &VectorNeighbors::default(),
        };
        let scorer = Scorer {
            window: &compared.window,
            index: &compared.index,
            merge,
            pair_score: PairScore { uses_vectors: false },
        };
        let found = scorer.nearest_stories(&arrival, &features_of_entry);
        assert_eq!(found, scorer.nearest_of_all(&arrival, &features_of_entry), "{number}");
        with_nearest += usize::from(found[0].is_some());
        with_open += usize::from(found[1].is_some());
        memory.assign(&input);
    }
    assert!(with_nearest > 300 && with_open > 50, "{with_nearest} {with_open}");
}

impl Scorer<'_> {
    /// The same as `nearest_stories`, by the score of every candidate.
    fn nearest_of_all(
        &self,
        arrival: &StoryArrival<'_>,
        entry: &ScoredEntry<'_>,
    ) -> [Option<NearestStory>; 2] {
        let mut best: [Option<NearestStory>; 2] = [None; 2];
        for mut scored in self.score_all(arrival, entry) {
            if scored.score >= self.merge {
                let comparison = SourceComparison {
                    window: self.window,
                    arrival,
                    fingerprint: entry.fingerprint,
                    statistics: &self.index.statistics,
                };
                scored.repetition = comparison.with_source_in(scored.story);
            }
            let is_open = scored.score >= self.merge && scored.repetition.belongs_to_story();
            for (place, may_be) in best.iter_mut().zip([true, is_open]) {
                if may_be && place.is_none_or(|other| scored.score > other.score) {
                    *place = Some(scored);
                }
            }
        }
        best
    }
}
