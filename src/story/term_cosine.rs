//! The terms of an entry, and the words of others → the cosine of their terms, weighted by how rare they are today.
//!
//! Weights are whole numbers of 65,536ths, so that a sum is the same in any order: ids are not the same after a restart.

use super::counted_term::CountedTerm;
use super::statistics::Weights;
use super::term_table::TermTable;
use super::vocabulary::Vocabulary;

/// The whole numbers of a weight of one.
const ONE: f32 = 65_536.0;

/// An entry that is compared with others.
pub(super) struct TermCosine<'w> {
    vocabulary: &'w Vocabulary,
    weights: Weights<'w>,
    /// Its weights.
    own: TermTable,
    /// The sum of their squares.
    squares: u64,
    /// The parts of the words of another entry, while they are counted.
    parts: TermTable,
}

/// The sums of a cosine.
#[derive(Default)]
struct CosineSums {
    products: u64,
    squares: u64,
}

impl<'w> TermCosine<'w> {
    /// An entry with these words and parts.
    pub(super) fn new(
        terms: &[CountedTerm],
        vocabulary: &'w Vocabulary,
        weights: Weights<'w>,
    ) -> Self {
        let (mut own, mut squares) = (TermTable::new(), 0_u64);
        for term in terms {
            let weight = whole_weight(&weights, *term);
            squares = squares.wrapping_add(u64::from(weight) * u64::from(weight));
            *own.get_mut(term.id()) = weight;
        }
        Self { vocabulary, weights, own, squares, parts: TermTable::new() }
    }

    /// The cosine to an entry with these words.
    pub(super) fn cosine(&mut self, words: impl Iterator<Item = CountedTerm>) -> f32 {
        let mut sums = CosineSums::default();
        for word in words {
            self.add_term(&mut sums, word);
            for part in self.vocabulary.parts_of(word.id()) {
                *self.parts.get_mut(part) += u32::from(word.count());
            }
        }
        for (part, count) in self.parts.take_all() {
            let count = u8::try_from(count).unwrap_or(u8::MAX);
            self.add_term(&mut sums, CountedTerm::new(part, count));
        }
        sums.cosine(self.squares)
    }

    #[inline]
    fn add_term(&self, sums: &mut CosineSums, term: CountedTerm) {
        let weight = u64::from(whole_weight(&self.weights, term));
        sums.squares = sums.squares.wrapping_add(weight * weight);
        let own = u64::from(self.own.get(term.id()));
        sums.products = sums.products.wrapping_add(weight * own);
    }
}

impl CosineSums {
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a score")]
    fn cosine(&self, own_squares: u64) -> f32 {
        let lengths = (own_squares as f64).sqrt() * (self.squares as f64).sqrt();
        if lengths > 0.0 { (self.products as f64 / lengths) as f32 } else { 0.0 }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "below 200, and above 0"
)]
#[inline]
fn whole_weight(weights: &Weights<'_>, term: CountedTerm) -> u32 {
    (weights.weight_of(term) * ONE) as u32
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::story::term_hash::mix_bits;
    use crate::story::term_index::TermIndex;
    use crate::story::terms::EntryTerms;

    /// Words that share parts with one another.
    fn terms(seed: u64) -> EntryTerms {
        let word = |at: u64| {
            let random = mix_bits(seed << 8 | at) % 4_000;
            let letters = random.to_string().chars().chain("كتاب".chars()).collect::<String>();
            (
                letters.repeat(1 + usize::from(random.is_multiple_of(5))),
                u8::try_from(1 + random % 3).unwrap(),
            )
        };
        let words: Vec<(String, u8)> = (0..20).map(word).collect();
        EntryTerms::from_counted(words.iter().map(|(word, count)| (word.as_str(), *count)))
    }

    #[test]
    fn the_cosine_is_that_of_all_terms() {
        let mut index = TermIndex::default();
        let entries: Vec<EntryTerms> = (0..40).map(terms).collect();
        let indexed: Vec<_> = entries.iter().map(|terms| index.hold_terms(terms)).collect();
        for (day, terms) in indexed.iter().enumerate() {
            index.statistics.count(i64::try_from(day % 3).unwrap(), &terms.all);
        }
        let weights_of = |terms: &EntryTerms, index: &mut TermIndex| -> BTreeMap<u64, f64> {
            let weigh = |(hash, count)| {
                let id = index.statistics.find_or_add(hash).unwrap();
                let weight = index.statistics.weights().weight_of(CountedTerm::new(id, count));
                (hash, f64::from(weight))
            };
            terms.with_parts().into_iter().map(weigh).collect()
        };
        let plain: Vec<BTreeMap<u64, f64>> =
            entries.iter().map(|terms| weights_of(terms, &mut index)).collect();
        let length =
            |terms: &BTreeMap<u64, f64>| terms.values().map(|it| it * it).sum::<f64>().sqrt();
        for (own, own_terms) in plain.iter().zip(&indexed) {
            let weights = index.statistics.weights();
            let mut cosine = TermCosine::new(&own_terms.all, &index.vocabulary, weights);
            for (other, other_terms) in plain.iter().zip(&indexed) {
                let found = cosine.cosine(other_terms.words.iter().copied());
                let products =
                    own.iter().map(|(hash, weight)| weight * other.get(hash).unwrap_or(&0.0));
                let expected = products.sum::<f64>() / (length(own) * length(other));
                assert!((f64::from(found) - expected).abs() < 1e-5, "{found} for {expected}");
            }
        }
    }
}
