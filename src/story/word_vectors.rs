//! The bytes of a file of word vectors → the words that it has, and a vector for each of them.
//!
//! | bytes | content |
//! | --- | --- |
//! | 8 | `RFDVEC01` |
//! | 4, 4, 4 | how many words there are, the numbers of a vector (96), the bytes of all words |
//! | 4 each | the mean of many sentences, as `f32` |
//! | 4 each | where each word begins, and where the last one ends |
//! | | the words in UTF-8, in ascending order of their bytes |
//! | 2 each | the scale of each vector, as a half-precision number |
//! | 96 each | the vectors: a number is its byte, with a sign, times the scale |
//!
//! Numbers are little-endian. A file may come from anywhere, so every length, offset and number is checked before any of
//! them is used; after that nothing can fail.

use std::borrow::Cow;

/// The numbers of a vector. Files with fewer were worse, and a fixed size keeps the comparison fast.
pub(super) const DIMENSIONS: usize = 96;

/// The maximum number of words in a file: the table of words holds numbers of two bytes.
pub const WORDS_MAX: usize = 65_000;

const MAGIC: &[u8; 8] = b"RFDVEC01";
const HEAD_BYTES: usize = 20;
/// A free place in the table.
const FREE: u16 = u16::MAX;

/// Why bytes are not word vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WordVectorsError {
    /// The file begins with something else.
    #[error("not a file of word vectors: it does not begin with RFDVEC01")]
    Magic,
    /// Its vectors have another size.
    #[error("vectors of {0} numbers: this version compares vectors of 96")]
    Dimensions(usize),
    /// It has no words, or too many.
    #[error("{0} words: between 1 and 65,000 are possible")]
    Words(usize),
    /// It is shorter or longer than its head says.
    #[error("{found} bytes, but its head says {expected}")]
    Length {
        /// The length that follows from its head.
        expected: usize,
        /// Its length.
        found: usize,
    },
    /// A word is damaged: its place, its letters or its order.
    #[error("word {0} is damaged, or not in order")]
    Word(usize),
    /// A number of the mean or a scale is not a number, or out of range.
    #[error("a number that is none, or out of range")]
    Number,
}

/// Words with their vectors.
#[derive(Debug, Clone)]
pub struct WordVectors {
    bytes: Cow<'static, [u8]>,
    words: usize,
    /// Where each part begins.
    parts: Parts,
    mean: [f32; DIMENSIONS],
    /// The numbers of words, each at the first free place from that of its hash on. Its length is a power of two.
    table: Box<[u16]>,
}

#[derive(Debug, Clone, Copy)]
struct Parts {
    offsets: usize,
    words: usize,
    scales: usize,
    rows: usize,
}

impl WordVectors {
    /// The vectors of a file.
    ///
    /// # Errors
    /// The bytes are not those of such a file, or damaged.
    pub fn from_bytes(bytes: impl Into<Cow<'static, [u8]>>) -> Result<Self, WordVectorsError> {
        let bytes = bytes.into();
        let (words, parts) = measure_parts(&bytes)?;
        let table = vec![FREE; (words * 2).next_power_of_two()].into_boxed_slice();
        let mean = read_mean(&bytes)?;
        let mut vectors = Self { bytes, words, parts, mean, table };
        vectors.check_scales()?;
        vectors.add_words()?;
        Ok(vectors)
    }

    /// The number of a word; `None`: it has no vector.
    pub(super) fn find(&self, word: &[u8]) -> Option<u16> {
        let mask = self.table.len() - 1;
        let mut place = hash_of_word(word) & mask;
        loop {
            match self.table.get(place) {
                Some(&number) if number != FREE => {
                    if self.word_at(number.into()) == Some(word) {
                        return Some(number);
                    }
                    place = (place + 1) & mask;
                }
                _ => return None,
            }
        }
    }

    /// The vector of a word: its scale, and its numbers as bytes with a sign.
    pub(super) fn row(&self, number: u16) -> Option<(f32, &[u8; DIMENSIONS])> {
        let number = usize::from(number);
        let scales = self.bytes.get(self.parts.scales..self.parts.rows)?;
        let rows = self.bytes.get(self.parts.rows..)?;
        let scale = half_to_single(*scales.as_chunks().0.get(number)?)?;
        Some((scale, rows.as_chunks().0.get(number)?))
    }

    /// The mean of many sentences.
    pub(super) fn mean(&self) -> &[f32; DIMENSIONS] {
        &self.mean
    }

    /// The number of words.
    pub fn words_count(&self) -> usize {
        self.words
    }

    fn word_at(&self, number: usize) -> Option<&[u8]> {
        let offset = |number: usize| -> Option<usize> {
            let at = self.parts.offsets + number * 4;
            let bytes = self.bytes.get(at..)?.first_chunk()?;
            usize::try_from(u32::from_le_bytes(*bytes)).ok()
        };
        let words = self.bytes.get(self.parts.words..self.parts.scales)?;
        words.get(offset(number)?..offset(number + 1)?)
    }

    fn check_scales(&self) -> Result<(), WordVectorsError> {
        let scales = self.bytes.get(self.parts.scales..self.parts.rows).unwrap_or_default();
        let mut scales = scales.as_chunks().0.iter();
        let are_good = scales.all(|scale| half_to_single(*scale).is_some());
        if are_good { Ok(()) } else { Err(WordVectorsError::Number) }
    }

    /// Checks all words and fills the table.
    fn add_words(&mut self) -> Result<(), WordVectorsError> {
        let mut table = std::mem::take(&mut self.table);
        let mask = table.len() - 1;
        let mut before: &[u8] = &[];
        let mut end = 0;
        for number in 0..self.words {
            let damaged = WordVectorsError::Word(number);
            let word = self.word_at(number).ok_or(damaged)?;
            if word <= before || std::str::from_utf8(word).is_err() {
                return Err(damaged);
            }
            let mut place = hash_of_word(word) & mask;
            while table[place] != FREE {
                place = (place + 1) & mask;
            }
            table[place] = u16::try_from(number).map_err(|_| damaged)?;
            (before, end) = (word, end + word.len());
        }
        // Words that follow one another without a gap end where their bytes end.
        if end != self.parts.scales - self.parts.words {
            return Err(WordVectorsError::Word(self.words));
        }
        self.table = table;
        Ok(())
    }
}

/// The number of words and where the parts begin.
fn measure_parts(bytes: &[u8]) -> Result<(usize, Parts), WordVectorsError> {
    let head = bytes.strip_prefix(MAGIC).ok_or(WordVectorsError::Magic)?;
    let [words, dimensions, words_bytes] = [0, 1, 2].map(|index| {
        let number = head.as_chunks().0.get(index).map_or(0, |bytes| u32::from_le_bytes(*bytes));
        usize::try_from(number).unwrap_or(usize::MAX)
    });
    if dimensions != DIMENSIONS {
        return Err(WordVectorsError::Dimensions(dimensions));
    }
    if !(1..=WORDS_MAX).contains(&words) {
        return Err(WordVectorsError::Words(words));
    }
    let offsets = HEAD_BYTES + DIMENSIONS * 4;
    let words_at = offsets + (words + 1) * 4;
    let scales = words_at.saturating_add(words_bytes);
    let rows = scales.saturating_add(words * 2);
    let expected = rows.saturating_add(words * DIMENSIONS);
    if bytes.len() != expected {
        return Err(WordVectorsError::Length { expected, found: bytes.len() });
    }
    Ok((words, Parts { offsets, words: words_at, scales, rows }))
}

fn read_mean(bytes: &[u8]) -> Result<[f32; DIMENSIONS], WordVectorsError> {
    let numbers = bytes.get(HEAD_BYTES..).unwrap_or_default();
    let mut mean = [0.0; DIMENSIONS];
    for (number, bytes) in mean.iter_mut().zip(numbers.as_chunks().0) {
        *number = f32::from_le_bytes(*bytes);
    }
    // The mean of vectors of length one is no longer than they are.
    if mean.iter().all(|number: &f32| number.abs() <= 1.0) {
        Ok(mean)
    } else {
        Err(WordVectorsError::Number)
    }
}

/// A half-precision number that is finite and not negative (IEEE 754-2008, binary16).
fn half_to_single(bytes: [u8; 2]) -> Option<f32> {
    let bits = u16::from_le_bytes(bytes);
    let (exponent, fraction) = (u32::from(bits >> 10), u32::from(bits & 0x3ff));
    match exponent {
        0 => Some(f32::from(bits) * f32::from_bits((127 - 24) << 23)),
        1..=30 => Some(f32::from_bits((exponent + 127 - 15) << 23 | fraction << 13)),
        _ => None,
    }
}

/// FNV-1a of 32 bits, with its high bits mixed into the low ones: the place in the table.
fn hash_of_word(word: &[u8]) -> usize {
    let mut hash: u32 = 0x811c_9dc5;
    for byte in word {
        hash = (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
    }
    usize::try_from(hash ^ hash >> 15).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::story::sample_vectors::{sample_row, vectors_file};

    #[test]
    fn every_word_has_its_vector() {
        let words = ["b", "زلزال", "زلزل", "هزه"];
        let vectors = WordVectors::from_bytes(vectors_file(&words)).unwrap();
        for (number, word) in words.iter().enumerate() {
            let found = vectors.find(word.as_bytes()).unwrap();
            assert_eq!(usize::from(found), number);
            assert_eq!(vectors.row(found), Some((0.5, &sample_row(number))));
        }
        assert_eq!(vectors.find("زلز".as_bytes()), None);
        assert_eq!(vectors.find(b""), None);
        assert_eq!((vectors.row(4), vectors.words_count()), (None, 4));
    }

    #[test]
    fn damaged_files_are_refused() {
        let good = vectors_file(&["bb", "زلزال", "هزه"]);
        let check = |bytes: &[u8], expected: WordVectorsError| {
            assert_eq!(WordVectors::from_bytes(bytes.to_vec()).unwrap_err(), expected);
        };
        let with = |at: usize, new: &[u8]| -> Vec<u8> {
            let mut bytes = good.clone();
            bytes[at..at + new.len()].copy_from_slice(new);
            bytes
        };
        check(b"", WordVectorsError::Magic);
        check(b"RFDVEC01", WordVectorsError::Dimensions(0));
        check(&with(7, b"2"), WordVectorsError::Magic);
        check(&with(8, &[0, 0]), WordVectorsError::Words(0));
        check(&with(8, &70_000_u32.to_le_bytes()), WordVectorsError::Words(70_000));
        check(&with(12, &64_u32.to_le_bytes()), WordVectorsError::Dimensions(64));
        for length in [good.len() - 1, HEAD_BYTES + 3] {
            let expected = good.len();
            check(&good[..length], WordVectorsError::Length { expected, found: length });
        }
        let huge = WordVectors::from_bytes(with(16, &u32::MAX.to_le_bytes())).unwrap_err();
        assert!(matches!(huge, WordVectorsError::Length { .. }), "{huge:?}");
        check(&with(HEAD_BYTES, &f32::NAN.to_le_bytes()), WordVectorsError::Number);
        let offsets = HEAD_BYTES + DIMENSIONS * 4;
        check(&with(offsets, &[1]), WordVectorsError::Word(3));
        check(&with(offsets + 4, &u32::MAX.to_le_bytes()), WordVectorsError::Word(0));
        check(&with(offsets + 8, &[0]), WordVectorsError::Word(1));
        // Half of a letter, and words in another order.
        check(&with(offsets + 4, &[3]), WordVectorsError::Word(0));
        check(&with(offsets + 16, &[0xff]), WordVectorsError::Word(0));
        check(&with(offsets + 18, &[0xd8, 0x01]), WordVectorsError::Word(1));
        let scales = good.len() - 3 * (DIMENSIONS + 2);
        check(&with(scales, &[0x00, 0x7c]), WordVectorsError::Number);
        check(&with(scales + 2, &[0x00, 0xb8]), WordVectorsError::Number);
    }

    #[test]
    fn half_precision_numbers_are_read() {
        let check = |bits: u16, expected: Option<f32>| {
            assert_eq!(half_to_single(bits.to_le_bytes()), expected, "{bits:#x}");
        };
        check(0x0000, Some(0.0));
        check(0x3c00, Some(1.0));
        check(0x3555, Some(0.333_251_95));
        check(0x7bff, Some(65_504.0));
        check(0x0001, Some(5.960_464_5e-8));
        check(0x7c00, None);
        check(0x7e00, None);
        check(0x8001, None);
    }
}
