//! A text → its signature: the 128 smallest hashes of its runs of three words (`MinHash`; Broder 1997), of which
//! eight bits are kept (Li, König 2010): of 256 different hashes one looks equal, which is half a hash of a signature. The
//! share of equal positions in two signatures estimates the share of runs that the texts have in common.
//!
//! One permutation of the runs gives sixteen hashes, the smallest in each of sixteen bins (Li, Owen, Zhang
//! 2012): eight multiplications per run instead of 128, and the same quality on the windows of
//! `docs/stories.md`. A single permutation with 128 bins would leave most bins of a short text empty.

use super::term_hash::mix_bits;
use super::text_words::{TEXT_WORDS_MAX, TextWord};

/// The number of hashes in a signature, which is split into bands of four: two texts that have the share `s`
/// of runs in common share a band with probability `1 - (1 - s^4)^32`: half at .38, nearly all from .6.
const HASHES: usize = 128;
const BANDS: usize = 32;
/// The low bits of each hash in a band.
const LOW_BITS: u32 = 0x7f7f_7f7f;

/// The number of hashes that one permutation gives.
const BINS: usize = 16;

/// The bits of a hash below those that are compared; the bits above them choose the bin.
const NUMBER_SHIFT: u32 = u64::BITS - BINS.ilog2() - u32::BITS;

/// The number in a bin that no run fell into.
const EMPTY: u32 = u32::MAX;

/// Words in a run.
const RUN: usize = 3;

/// The minimum number of words in a text: fewer are a headline, and headlines repeat by chance.
const WORDS_MIN: usize = 25;

/// The signature of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Signature([u32; BANDS]);

impl Signature {
    /// The number of bytes of a signature.
    pub(super) const BYTES: usize = HASHES;

    /// The signature of a text with these words; `None`: the text is too short.
    pub(super) fn from_words(words: &[TextWord]) -> Option<Self> {
        let words = words.get(..TEXT_WORDS_MAX).unwrap_or(words);
        if words.len() < WORDS_MIN {
            return None;
        }
        let mut smallest = [EMPTY; HASHES];
        let (permutations, _) = smallest.as_chunks_mut::<BINS>();
        for run in words.windows(RUN) {
            let shingle = run.iter().fold(0, |hash, word| mix_bits(hash ^ word.hash));
            for (bins, [factor, addend]) in permutations.iter_mut().zip(&PERMUTATIONS) {
                // Multiply-shift hashing (Dietzfelbinger et al. 1997): the high bits are well mixed.
                let hash = factor.wrapping_mul(shingle).wrapping_add(*addend);
                let bin = usize::try_from(hash >> (u64::BITS - BINS.ilog2())).unwrap_or(0);
                let number =
                    u32::try_from((hash >> NUMBER_SHIFT) & u64::from(u32::MAX)).unwrap_or(EMPTY);
                bins[bin] = bins[bin].min(number);
            }
        }
        permutations.iter_mut().for_each(fill_empty_bins);
        Self::from_bytes(&smallest.map(|hash| hash.to_le_bytes()[0]))
    }

    /// The hashes.
    pub(super) fn to_bytes(&self) -> [u8; HASHES] {
        let mut bytes = [0; HASHES];
        for (hashes, band) in bytes.as_chunks_mut().0.iter_mut().zip(self.0) {
            *hashes = band.to_le_bytes();
        }
        bytes
    }

    /// The signature with these hashes; `None`: they are too few or too many.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (bands, _) = bytes.as_chunks();
        let bands: &[[u8; 4]; BANDS] = bands.try_into().ok()?;
        (bytes.len() == HASHES).then(|| Self(bands.map(u32::from_le_bytes)))
    }

    /// The estimated share of runs in common, from 0 to 1.
    pub(super) fn estimated_overlap(&self, other: &Self) -> f32 {
        let equal: u32 =
            self.0.iter().zip(other.0).map(|(one, other)| equal_hashes(*one, other)).sum();
        let whole = |count: usize| f32::from(u16::try_from(count).unwrap_or(u16::MAX));
        whole(equal as usize) / whole(HASHES)
    }

    /// Whether the signatures share a band: such texts are worth comparing. Written so that the compiler compares many at
    /// once.
    #[inline]
    pub(super) fn shares_band(&self, other: &Self) -> bool {
        let mut is_shared = false;
        let mut at = 0;
        while at < BANDS {
            is_shared |= self.0[at] == other.0[at];
            at += 1;
        }
        is_shared
    }
}

/// How many hashes of two bands are equal: the bytes of their difference that are zero.
fn equal_hashes(one: u32, other: u32) -> u32 {
    let difference = one ^ other;
    let other_bits = ((difference & LOW_BITS) + LOW_BITS) | difference | LOW_BITS;
    (!other_bits).count_ones()
}

/// Gives each bin without a run the number of another one: the first that has any, in an order of its own
/// (densification by Shrivastava 2017), so that short texts are estimated as well as long ones.
fn fill_empty_bins(bins: &mut [u32; BINS]) {
    let filled = *bins;
    for (bin, number) in bins.iter_mut().enumerate().filter(|(_, number)| **number == EMPTY) {
        // An odd step visits every bin.
        let mut others = (1..BINS).map(|count| filled[(bin + count * STEPS[bin]) % BINS]);
        *number = others.find(|number| *number != EMPTY).unwrap_or(EMPTY);
    }
}

/// For each bin, the odd distance between the bins that it takes a number from.
const STEPS: [usize; BINS] = [7, 3, 13, 5, 11, 15, 9, 1, 5, 13, 3, 11, 7, 9, 15, 1];

/// An odd factor and an addend for each permutation.
const PERMUTATIONS: [[u64; 2]; HASHES / BINS] = {
    let mut table = [[0; 2]; HASHES / BINS];
    let mut index = 0;
    while index < table.len() {
        let seed = index as u64;
        table[index] = [mix_bits(2 * seed + 1) | 1, mix_bits(2 * seed + 2)];
        index += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::story::text_words::text_words;

    fn signature(text: &str) -> Option<Signature> {
        Signature::from_words(&text_words(text, |_| {}))
    }

    fn words(numbers: impl Iterator<Item = u32>) -> String {
        let letter =
            |digit: char| "بتثجحخدذرز".chars().nth(digit.to_digit(10).unwrap() as usize).unwrap();
        let word = |number: u32| number.to_string().chars().map(letter).collect::<String>();
        numbers.map(|number| format!("كلم{}", word(number))).collect::<Vec<_>>().join(" ") + " "
    }

    #[test]
    fn similarity_is_the_share_of_common_runs() {
        let one = signature(&words(0..100)).unwrap();
        let check = |text: &str, from: f32, to: f32| {
            let similarity = one.estimated_overlap(&signature(text).unwrap());
            assert!((from..=to).contains(&similarity), "{similarity} is not in {from}..={to}");
        };
        check(&words(0..100), 1.0, 1.0);
        check(&words(200..300), 0.0, 0.05);
        // Half of the words differ: about a third of all runs are in both.
        check(&(words(0..50) + &words(300..350)), 0.2, 0.45);
        check(&(words(0..90) + &words(300..310)), 0.7, 0.92);
    }

    #[test]
    fn short_texts_have_no_signature() {
        assert_eq!(signature(&words(0..24)), None);
        assert!(signature(&words(0..25)).is_some());
        assert_eq!(signature(""), None);
    }

    #[test]
    fn similar_texts_share_a_band() {
        let one = signature(&words(0..100)).unwrap();
        let is_shared = |text: &str| signature(text).unwrap().shares_band(&one);
        assert!(is_shared(&(words(0..90) + &words(300..310))));
        assert!(!is_shared(&words(200..300)));
    }

    #[test]
    fn equal_hashes_are_counted() {
        let of_bytes = |bytes: [u8; HASHES]| Signature::from_bytes(&bytes).unwrap();
        let mut bytes = [0; HASHES];
        for (at, byte) in (0_u8..).zip(&mut bytes) {
            *byte = at.wrapping_mul(37);
        }
        let one = of_bytes(bytes);
        assert_eq!(one.to_bytes(), bytes);
        for (at, bit) in [(0, 1), (1, 128), (2, 255), (64, 127), (127, 64)] {
            bytes[at] ^= bit;
            let overlap = one.estimated_overlap(&of_bytes(bytes)) * 128.0;
            let equal = one.to_bytes().into_iter().zip(bytes).filter(|(one, other)| one == other);
            assert!((overlap - f32::from(u8::try_from(equal.count()).unwrap())).abs() < 1e-6);
        }
        assert_eq!(Signature::from_bytes(&bytes[1..]), None);
    }
}
