//! Words → the bytes of a file of vectors for them, for tests.

use super::term_hash::mix_bits;
use super::word_vectors::DIMENSIONS;

/// A file with words in ascending order. Each has numbers of its own, the same in every run, and the scale one half.
pub(crate) fn vectors_file(words: &[&str]) -> Vec<u8> {
    let mut bytes = b"RFDVEC01".to_vec();
    let length = |number: usize| u32::try_from(number).unwrap().to_le_bytes();
    let letters: usize = words.iter().map(|word| word.len()).sum();
    for number in [words.len(), DIMENSIONS, letters] {
        bytes.extend(length(number));
    }
    bytes.extend([0; DIMENSIONS * 4]);
    let ends = words.iter().scan(0, |end, word| {
        *end += word.len();
        Some(*end)
    });
    bytes.extend(std::iter::once(0).chain(ends).flat_map(length));
    bytes.extend(words.concat().bytes());
    bytes.extend([0x00, 0x38].repeat(words.len()));
    for number in 0..words.len() {
        bytes.extend(sample_row(number));
    }
    bytes
}

/// The vector of a word, by its number.
pub(crate) fn sample_row(number: usize) -> [u8; DIMENSIONS] {
    let seed = u64::try_from(number).unwrap() << 8;
    std::array::from_fn(|at| mix_bits(seed + u64::try_from(at).unwrap()).to_le_bytes()[0])
}
