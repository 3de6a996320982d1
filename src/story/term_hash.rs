//! Bytes → 64 bits that are the same on every machine and in every version: the store keeps them.

/// FNV-1a (Fowler, Noll, Vo), started with a kind so that a word and a part of a word never have the same
/// hash, and mixed at the end.
fn fnv_hash(kind: &[u8], bytes: &[u8]) -> u64 {
    let hash = kind.iter().chain(&[0]).chain(bytes).fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    mix_bits(hash)
}

/// A word of a text.
pub(super) fn text_hash(bytes: &[u8]) -> u64 {
    fnv_hash(b"word", bytes)
}

/// A word as a term: its last bit is set.
pub(super) fn word_term(bytes: &[u8]) -> u64 {
    text_hash(bytes) | 1
}

/// A part of a word as a term: its last bit is not set.
pub(super) fn part_term(bytes: &[u8]) -> u64 {
    fnv_hash(b"part", bytes) & !1
}

/// Whether a term is a part of a word.
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
        assert_ne!(fnv_hash(b"word", b"abc"), fnv_hash(b"part", b"abc"));
        assert!(is_part_term(part_term(b"abc")) && !is_part_term(word_term(b"abc")));
        assert_ne!(fnv_hash(b"word", b"abc"), fnv_hash(b"word", b"abd"));
        assert_eq!(fnv_hash(b"word", "سلام".as_bytes()), fnv_hash(b"word", "سلام".as_bytes()));
    }
}
