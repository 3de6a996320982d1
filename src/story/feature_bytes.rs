//! The features of an entry ↔ bytes, for a file.
//!
//! | bytes | content |
//! | --- | --- |
//! | 1 | 1: there is a signature; 2: there is a vector; 3: both; 0: none |
//! | 4, 4, 4 | how many numbers the words for comparisons within a source take, how many words are terms, the bytes of their letters |
//! | 128 | the signature, if there is one |
//! | 96 | the vector, if there is one |
//! | 2 each | the numbers of the words |
//! | 1 each | how often each word that is a term occurs |
//! | … | the letters of all of them, with a space between two |
//!
//! Numbers are little-endian.

use super::entry_words::EntryWords;
use super::features::{StoryFeatures, TextFingerprint};
use super::sentence_vector::SentenceVector;
use super::shingles::Signature;
use super::terms::EntryTerms;

const HEAD_BYTES: usize = 13;
/// There is a signature.
const SIGNATURE: u8 = 1;
/// There is a vector.
const VECTOR: u8 = 2;
/// What stands between two words: none has a space.
const BETWEEN: &str = " ";

impl StoryFeatures {
    /// The features as bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let Self { fingerprint: TextFingerprint { signature, wording }, terms, vector } = self;
        let packed = wording.as_numbers();
        let length = |count: usize| u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes();
        let parts = Signature::BYTES + SentenceVector::BYTES;
        let mut bytes =
            Vec::with_capacity(HEAD_BYTES + parts + packed.len() * 2 + terms.words_count() * 16);
        let flag = |is_there: bool, flag: u8| if is_there { flag } else { 0 };
        bytes.push(flag(signature.is_some(), SIGNATURE) | flag(vector.is_some(), VECTOR));
        bytes.extend(length(packed.len()));
        bytes.extend(length(terms.words_count()));
        bytes.extend(length(letters_length(terms)));
        if let Some(signature) = signature {
            bytes.extend(signature.to_bytes());
        }
        bytes.extend(vector.iter().flat_map(|vector| vector.to_bytes()));
        bytes.extend(packed.iter().flat_map(|number| number.to_le_bytes()));
        bytes.extend(terms.words().map(|word| word.count));
        for (at, word) in terms.words().enumerate() {
            bytes.extend(if at == 0 { "" } else { BETWEEN }.as_bytes());
            bytes.extend(word.letters.as_bytes());
        }
        bytes
    }

    /// The features that `to_bytes` wrote; `None`: they are not such bytes.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (parts, rest) =
            bytes.split_first().filter(|(parts, _)| **parts <= SIGNATURE | VECTOR)?;
        let (packed_count, rest) = split_length(rest)?;
        let (terms_count, rest) = split_length(rest)?;
        let (letters_count, rest) = split_length(rest)?;
        let has = |flag: u8| parts & flag != 0;
        let length_of = |flag: u8, length: usize| if has(flag) { length } else { 0 };
        let (signature, rest) = rest.split_at_checked(length_of(SIGNATURE, Signature::BYTES))?;
        let (vector, rest) = rest.split_at_checked(length_of(VECTOR, SentenceVector::BYTES))?;
        let (packed, rest) = rest.split_at_checked(packed_count.checked_mul(2)?)?;
        let (counts, letters) = rest.split_at_checked(terms_count)?;
        let terms = terms_from(counts, letters)
            .filter(|terms| [letters_length(terms), letters.len()] == [letters_count; 2])?;
        let signature = if has(SIGNATURE) { Some(Signature::from_bytes(signature)?) } else { None };
        let vector = if has(VECTOR) { Some(SentenceVector::from_bytes(vector)?) } else { None };
        let wording = EntryWords::from_numbers(numbers_of(packed).collect())?;
        Some(Self { fingerprint: TextFingerprint { signature, wording }, terms, vector })
    }
}

fn terms_from(counts: &[u8], letters: &[u8]) -> Option<EntryTerms> {
    let words = std::str::from_utf8(letters).ok()?.split(BETWEEN).filter(|word| !word.is_empty());
    let terms = EntryTerms::from_counted(words.zip(counts.iter().copied()));
    (terms.words_count() == counts.len()).then_some(terms)
}

/// The bytes of the letters of all words, with what stands between them.
fn letters_length(terms: &EntryTerms) -> usize {
    let words = terms.words().map(|word| word.letters.len() + BETWEEN.len());
    words.sum::<usize>().saturating_sub(BETWEEN.len())
}

fn split_length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    Some((usize::try_from(u32::from_le_bytes(*length)).ok()?, rest))
}

fn numbers_of(bytes: &[u8]) -> impl Iterator<Item = u16> {
    bytes.as_chunks().0.iter().map(|number| u16::from_le_bytes(*number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::story::sample_vectors::vectors_file;
    use crate::story::word_vectors::WordVectors;

    fn features() -> [StoryFeatures; 5] {
        let vectors = WordVectors::from_bytes(vectors_file(&["جزيره", "زلزال", "قوي"])).unwrap();
        let long = "زلزال قوي ضرب 7 قرى في الجزيرة صباح الثلاثاء ".repeat(8);
        [
            StoryFeatures::from_texts("زلزال في الجزيرة", ("خلف 3 قتلى", ""), None),
            StoryFeatures::from_texts("أسعار القمح 7", ("", &long), None),
            StoryFeatures::from_texts("", ("", ""), Some(&vectors)),
            StoryFeatures::from_texts("زلزال قوي", ("", ""), Some(&vectors)),
            StoryFeatures::from_texts(
                &"زلزال بركان ".repeat(300),
                (&long, "نص آخر"),
                Some(&vectors),
            ),
        ]
    }

    #[test]
    fn features_come_back() {
        for features in features() {
            assert_eq!(StoryFeatures::from_bytes(&features.to_bytes()), Some(features));
        }
    }

    #[test]
    fn other_bytes_are_no_features() {
        for features in features() {
            let bytes = features.to_bytes();
            for length in 0..bytes.len() {
                assert_eq!(StoryFeatures::from_bytes(&bytes[..length]), None, "{length} bytes");
            }
            assert_eq!(StoryFeatures::from_bytes(&[&bytes[..], &[0]].concat()), None);
        }
        assert_eq!(StoryFeatures::from_bytes(&[0xff; 600]), None);
    }
}
