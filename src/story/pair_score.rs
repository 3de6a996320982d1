//! The parts of a comparison of two entries → their similarity.
//!
//! | part | what it sees |
//! | --- | --- |
//! | the cosine of their terms | the same words, names and numbers, by their rarity |
//! | the cosine of their vectors, above the closeness of both | the same subject in other words |
//! | the countries in their titles | one template in two countries |

use super::countries::are_different;
use super::vector_window::above_closeness;

/// The share of the vectors in a similarity; the rest is the terms'. (Measured with vectors of another origin: .25 to .45
/// are alike.)
const VECTOR_SHARE: f32 = 0.35;

/// What titles lose that name different countries (measured: .05 to .1 are alike).
const COUNTRY_COST: f32 = 0.1;

/// What the cosine of terms gains where one entry has no vector: as much as the thresholds with vectors are above those
/// without.
const MISSING_VECTOR_GAIN: f32 = 0.02;

/// How similarities are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PairScore {
    /// Whether entries have vectors.
    pub uses_vectors: bool,
}

/// What is compared of two entries.
#[derive(Debug, Clone, Copy)]
pub(super) struct PairParts<'w> {
    /// The cosine of their terms.
    pub terms: f32,
    /// The cosine of their vectors, and their closeness; `None`: one of them has no vector.
    pub vectors: Option<(f32, [f32; 2])>,
    /// The countries in their titles.
    pub countries: [&'w [u16]; 2],
}

impl PairScore {
    /// The similarity.
    pub(super) fn similarity(self, parts: PairParts<'_>) -> f32 {
        let PairParts { terms, vectors, countries: [one, other] } = parts;
        let of_texts = match vectors {
            Some((cosine, [one_closeness, other_closeness])) => {
                (1.0 - VECTOR_SHARE) * terms
                    + VECTOR_SHARE * above_closeness(cosine, one_closeness, other_closeness)
            }
            None if self.uses_vectors => terms + MISSING_VECTOR_GAIN,
            None => terms,
        };
        if are_different(one, other) { of_texts - COUNTRY_COST } else { of_texts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_changes_the_similarity() {
        let check = |uses_vectors: bool, vectors: Option<(f32, [f32; 2])>, expected: f32| {
            let score = PairScore { uses_vectors };
            let of = |countries| score.similarity(PairParts { terms: 0.4, vectors, countries });
            for (countries, cost) in
                [([&[][..], &[1]], 0.0), ([&[1, 2], &[2]], 0.0), ([&[1, 2], &[3]], COUNTRY_COST)]
            {
                let found = of(countries);
                assert!((found - (expected - cost)).abs() < 1e-6, "{found} {countries:?}");
            }
        };
        check(false, None, 0.4);
        check(true, None, 0.42);
        check(true, Some((0.5, [0.0, 0.0])), 0.435);
        check(true, Some((0.7, [0.4, 0.2])), 0.4525);
        check(true, Some((0.9, [0.4, 0.2])), 0.47);
    }
}
