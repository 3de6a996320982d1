//! The features of an entry ↔ bytes, for a file.
//!
//! | bytes | content |
//! | --- | --- |
//! | 1 | 1: there is a signature |
//! | 4 | the number of different words |
//! | 4, 4 | how many numbers the words take, how many terms there are |
//! | 128 | the signature, if there is one |
//! | 2 each | the numbers of the words |
//! | 8 each | the hashes of the terms |
//! | 1 each | how often each term occurs |
//!
//! Numbers are little-endian.

use super::entry_words::EntryWords;
use super::features::{StoryFeatures, TextFingerprint};
use super::shingles::Signature;
use super::terms::EntryTerms;

const HEAD_BYTES: usize = 13;

impl StoryFeatures {
    /// The features as bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let Self { fingerprint: TextFingerprint { signature, wording }, terms } = self;
        let packed = wording.as_numbers();
        let length = |count: usize| u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes();
        let signature_bytes = signature.as_ref().map_or(0, |_| Signature::BYTES);
        let mut bytes = Vec::with_capacity(
            HEAD_BYTES + signature_bytes + packed.len() * 2 + terms.counts.len() * 9,
        );
        bytes.push(u8::from(signature.is_some()));
        bytes.extend(length(terms.words_count));
        bytes.extend(length(packed.len()));
        bytes.extend(length(terms.counts.len()));
        if let Some(signature) = signature {
            bytes.extend(signature.as_bytes());
        }
        bytes.extend(packed.iter().flat_map(|number| number.to_le_bytes()));
        bytes.extend(terms.counts.iter().flat_map(|(hash, _)| hash.to_le_bytes()));
        bytes.extend(terms.counts.iter().map(|(_, count)| *count));
        bytes
    }

    /// The features that `to_bytes` wrote; `None`: they are not such bytes.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (has_signature, rest) = bytes.split_first()?;
        let (words_count, rest) = split_length(rest)?;
        let (packed_count, rest) = split_length(rest)?;
        let (terms_count, rest) = split_length(rest)?;
        let signature_bytes = usize::from(*has_signature) * Signature::BYTES;
        let (signature, rest) = rest.split_at_checked(signature_bytes)?;
        let (packed, rest) = rest.split_at_checked(packed_count.checked_mul(2)?)?;
        let (hashes, counts) = rest.split_at_checked(terms_count.checked_mul(8)?)?;
        let hashes = hashes.as_chunks().0.iter().map(|hash| u64::from_le_bytes(*hash));
        let counts: Vec<(u64, u8)> =
            (counts.len() == terms_count).then(|| hashes.zip(counts.iter().copied()).collect())?;
        let signature = match has_signature {
            0 => None,
            _ => Some(Signature::from_bytes(signature)?),
        };
        let wording = EntryWords::from_numbers(numbers_of(packed).collect())?;
        Some(Self {
            fingerprint: TextFingerprint { signature, wording },
            terms: EntryTerms { counts, words_count },
        })
    }
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

    fn features() -> [StoryFeatures; 4] {
        let long = "زلزال قوي ضرب 7 قرى في الجزيرة صباح الثلاثاء ".repeat(8);
        [
            StoryFeatures::from_texts("زلزال في الجزيرة", "خلف 3 قتلى", ""),
            StoryFeatures::from_texts("أسعار القمح 7", "", &long),
            StoryFeatures::from_texts("", "", ""),
            StoryFeatures::from_texts(&"زلزال بركان ".repeat(300), &long, "نص آخر"),
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
