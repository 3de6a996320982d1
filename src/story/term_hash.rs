//! Bytes → 64 bits that are the same on every machine and in every version: the store keeps them.

/// Hashes begin with their kind, so that a word and a part of a word never have the same one.
const WORD: u64 = add_bytes(0xcbf2_9ce4_8422_2325, b"word\0");
const PART: u64 = add_bytes(0xcbf2_9ce4_8422_2325, b"part\0");

/// FNV-1a (Fowler, Noll, Vo).
const fn add_bytes(mut hash: u64, bytes: &[u8]) -> u64 {
    let mut index = 0;
    while index < bytes.len() {
        hash = (hash ^ bytes[index] as u64).wrapping_mul(0x0100_0000_01b3);
        index += 1;
    }
    hash
}

/// A word of a text.
pub(super) fn text_hash(bytes: &[u8]) -> u64 {
    mix_bits(add_bytes(WORD, bytes))
}

/// A word as a term: its last bit is set.
pub(super) fn word_term(bytes: &[u8]) -> u64 {
    text_hash(bytes) | 1
}

/// A part of a word as a term: its last bit is not set.
pub(super) fn part_term(bytes: &[u8]) -> u64 {
    mix_bits(add_bytes(PART, bytes)) & !1
}

/// Whether a term is a part of a word.
#[inline]
pub(super) const fn is_part_term(term: u64) -> bool {
    term & 1 == 0
}

/// Spreads every bit over all others (the finalizer of `splitmix64`; Steele, Lea, Flood 2014).
pub(super) const fn mix_bits(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_that_the_store_keeps() {
        assert_eq!(
            mix_bits(0),
            0xe220_a839_7b1d_cdaf,
            "the first number of splitmix64 from seed 0"
        );
        // Computed once from the definition: FNV-1a of `word`, a zero byte and `abc`, then mixed.
        assert_eq!(text_hash(b"abc"), 0x70a2_9d40_3aa4_c9a3);
        assert!(is_part_term(part_term(b"abc")) && !is_part_term(word_term(b"abc")));
        assert_ne!(text_hash(b"abc"), text_hash(b"abd"));
    }
}
