//! A text → its signature: the 128 smallest hashes of its runs of three words (`MinHash`; Broder 1997). The
//! share of equal positions in two signatures estimates the share of runs that the texts have in common.

use super::term_hash::mix_bits;
use super::text_words::{TEXT_WORDS_MAX, TextWord};

/// The number of hashes in a signature, which is split into bands of four: two texts that have the share `s`
/// of runs in common share a band with probability `1 - (1 - s^4)^32`: half at .38, nearly all from .6.
const HASHES: usize = 128;
const BANDS: usize = 32;
const ROWS: usize = HASHES / BANDS;

/// Words in a run.
const RUN: usize = 3;

/// The minimum number of words in a text: fewer are a headline, and headlines repeat by chance.
const WORDS_MIN: usize = 25;

/// The signature of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Signature(Box<[u32; HASHES]>);

impl Signature {
    /// The signature of a text with these words; `None`: the text is too short.
    pub(super) fn from_words(words: &[TextWord]) -> Option<Self> {
        let words = words.get(..TEXT_WORDS_MAX).unwrap_or(words);
        if words.len() < WORDS_MIN {
            return None;
        }
        let mut smallest = Box::new([u32::MAX; HASHES]);
        for run in words.windows(RUN) {
            let shingle = run.iter().fold(0, |hash, word| mix_bits(hash ^ word.hash));
            for (place, [factor, addend]) in smallest.iter_mut().zip(&PERMUTATIONS) {
                // Multiply-shift hashing (Dietzfelbinger et al. 1997): the high half is well mixed.
                let hash = factor.wrapping_mul(shingle).wrapping_add(*addend) >> 32;
                *place = u32::try_from(hash).map_or(*place, |hash| hash.min(*place));
            }
        }
        Some(Self(smallest))
    }

    /// The estimated share of runs in common, from 0 to 1.
    pub(super) fn estimated_overlap(&self, other: &Self) -> f32 {
        let equal = self.0.iter().zip(other.0.iter()).filter(|(one, other)| one == other).count();
        let whole = |count: usize| f32::from(u16::try_from(count).unwrap_or(u16::MAX));
        whole(equal) / whole(HASHES)
    }

    /// The keys of the signature's bands; texts that share one are worth comparing.
    pub(super) fn bands(&self) -> impl Iterator<Item = u64> {
        let (rows, _) = self.0.as_chunks::<ROWS>();
        let name =
            |band: &[u32; ROWS]| band.iter().fold(0, |hash, row| mix_bits(hash ^ u64::from(*row)));
        rows.iter().zip(1..).map(move |(band, number)| mix_bits(name(band) ^ number))
    }
}

/// An odd factor and an addend for each hash.
const PERMUTATIONS: [[u64; 2]; HASHES] = {
    let mut table = [[0; 2]; HASHES];
    let mut index = 0;
    while index < HASHES {
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
        Signature::from_words(&text_words(text))
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
        let bands = |text: &str| signature(text).unwrap().bands().collect::<Vec<_>>();
        let one = bands(&words(0..100));
        assert_eq!(one.len(), BANDS);
        let shared = |text: &str| bands(text).iter().filter(|band| one.contains(band)).count();
        assert!(shared(&(words(0..90) + &words(300..310))) > 0);
        assert_eq!(shared(&words(200..300)), 0);
    }
}
