//! The words of an entry's title and summary → one vector for what they are about: entries that report an event in other
//! words are near one another.
//!
//! The vector is the sum of the vectors of its words, a word that occurs more often weighing a little more, of length
//! one, minus the mean of many such sentences (which all of them share), of length one again. It is kept as bytes: the
//! cosine of two differs from the exact one in its third decimal, and 96 bytes an entry can stay in memory for days.

use rafid_feed::arabic::MatchToken;

use super::damping::damped_counts;
use super::vector_words::{find_word, has_meaning};
use super::word_vectors::{DIMENSIONS, WordVectors};

/// What a word of the title counts.
const TITLE_WEIGHT: u8 = 2;
/// The number of words of a summary that count, among those that have vectors.
const SUMMARY_WORDS_MAX: usize = 60;
/// The number of words of a text that count where there is no summary, with vectors or without.
const TEXT_WORDS_MAX: usize = 40;

/// The vector of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SentenceVector([i8; DIMENSIONS]);

impl SentenceVector {
    /// The number of bytes of a vector.
    pub(super) const BYTES: usize = DIMENSIONS;

    /// The bytes, for a file.
    pub(super) fn to_bytes(self) -> [u8; DIMENSIONS] {
        self.0.map(i8::cast_unsigned)
    }

    /// The vector with these bytes; `None`: they are no vector.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let bytes: [u8; DIMENSIONS] = bytes.try_into().ok()?;
        Some(Self(bytes.map(u8::cast_signed))).filter(|vector| vector.dot(vector) > 0)
    }

    /// The sum of the products of the numbers of two vectors. Written so that the compiler multiplies many at once.
    #[inline]
    pub(super) fn dot(&self, other: &Self) -> i32 {
        let mut sum = 0;
        for at in 0..DIMENSIONS {
            sum += i32::from(self.0[at]) * i32::from(other.0[at]);
        }
        sum
    }

    /// What a product is multiplied with, for each of two vectors, to become a cosine.
    #[expect(clippy::cast_precision_loss, reason = "at most 96 × 127², which is exact")]
    pub(super) fn inverse_length(&self) -> f32 {
        1.0 / (self.dot(self) as f32).sqrt()
    }

    /// The cosine of the angle between two vectors.
    pub(super) fn cosine(&self, other: &Self) -> f32 {
        cosine_of(self.dot(other), self.inverse_length(), other.inverse_length())
    }

    /// The vector of a sum of word vectors; `None`: the sum is zero, or no different from the mean.
    fn from_sum(mut sum: [f32; DIMENSIONS], mean: &[f32; DIMENSIONS]) -> Option<Self> {
        let length = sum.iter().map(|number| number * number).sum::<f32>().sqrt();
        if length <= 0.0 {
            return None;
        }
        for (number, mean) in sum.iter_mut().zip(mean) {
            *number = *number / length - mean;
        }
        let largest = sum.iter().fold(0.0_f32, |largest, number| largest.max(number.abs()));
        // The length does not matter to a cosine.
        (largest > 0.0).then(|| Self(sum.map(|number| rounded_byte(number / largest))))
    }
}

/// A cosine from a product and the inverse lengths of both vectors.
#[expect(clippy::cast_precision_loss, reason = "at most 96 × 127², which is exact")]
pub(super) fn cosine_of(dot: i32, one: f32, other: f32) -> f32 {
    dot as f32 * one * other
}

#[expect(clippy::cast_possible_truncation, reason = "from -127 to 127")]
fn rounded_byte(number: f32) -> i8 {
    (number * 127.0).round() as i8
}

/// Words that are collected for a vector.
pub(super) struct SentenceWords<'v> {
    vectors: &'v WordVectors,
    /// Numbers of words with their counts, as they come.
    words: Vec<(u16, u8)>,
    /// How many words have a meaning, and how many of these have no vector.
    meanings: usize,
    unknown: usize,
    summary_words: usize,
    text_words: usize,
}

impl<'v> SentenceWords<'v> {
    /// No words yet.
    pub(super) fn new(vectors: &'v WordVectors) -> Self {
        let words = Vec::with_capacity(SUMMARY_WORDS_MAX);
        Self { vectors, words, meanings: 0, unknown: 0, summary_words: 0, text_words: 0 }
    }

    /// Adds the words of a title.
    pub(super) fn add_title(&mut self, tokens: &[MatchToken<'_>]) {
        for token in tokens {
            self.add_word(token, TITLE_WEIGHT);
        }
    }

    /// Adds words of a summary, as many as count.
    pub(super) fn add_summary(&mut self, tokens: &[MatchToken<'_>]) {
        for token in tokens {
            if self.summary_words == SUMMARY_WORDS_MAX {
                return;
            }
            self.summary_words += usize::from(self.add_word(token, 1));
        }
    }

    /// Adds words of a text, as many as count.
    pub(super) fn add_text(&mut self, tokens: &[MatchToken<'_>]) {
        for token in tokens.iter().take(TEXT_WORDS_MAX - self.text_words) {
            self.add_word(token, 1);
            self.text_words += 1;
        }
    }

    /// The vector. `None`: half of the words or more have none. (A headline in another language with a few names would
    /// be near to whatever has these names.)
    pub(super) fn into_vector(self) -> Option<SentenceVector> {
        let Self { vectors, mut words, .. } = self;
        if self.unknown * 2 >= self.meanings {
            return None;
        }
        // In the order of the file: the sum of the same words is the same.
        words.sort_unstable();
        let mut sum = [0.0; DIMENSIONS];
        for same in words.chunk_by(|one, other| one.0 == other.0) {
            let count = same.iter().fold(0, |count: u8, (_, more)| count.saturating_add(*more));
            let Some((scale, row)) = vectors.row(same[0].0) else { continue };
            let weight = damped_counts()[usize::from(count)] * scale;
            for at in 0..DIMENSIONS {
                sum[at] += weight * f32::from(row[at].cast_signed());
            }
        }
        SentenceVector::from_sum(sum, vectors.mean())
    }

    /// Adds a word; `false`: it has no vector.
    fn add_word(&mut self, token: &MatchToken<'_>, count: u8) -> bool {
        if !has_meaning(token) {
            return false;
        }
        self.meanings += 1;
        let found = find_word(self.vectors, token);
        self.unknown += usize::from(found.is_none());
        self.words.extend(found.map(|word| (word, count)));
        found.is_some()
    }
}

#[cfg(test)]
mod tests;
