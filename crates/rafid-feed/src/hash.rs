//! Bytes → digests of them, by BLAKE3 but for one that the compiler can compute. No other file calls the hash function.
//!
//! | function | result | used for |
//! | --- | --- | --- |
//! | `digest_64` | first 8 bytes, big-endian | fingerprints, keys of entries, versions |
//! | `digest_128` | first 16 bytes | names that must not collide even on purpose |
//! | `digest_32` | first 4 bytes, big-endian | keys of pages |
//! | `short_hex` | first digits in lowercase hex | validators, versions in URLs, suffixes of ids |
//! | `spread` | first byte | a fixed position among many |
//! | `hash_source` | 8 bytes, not BLAKE3, also by the compiler | whether rules and records are those of before; texts within a document |
//!
//! Most results are stored or published (entry ids, content hashes, names in URLs): the digest of the same
//! bytes never changes, which the program's `tests/it/digests.rs` checks. `Digest` takes the bytes piece by
//! piece; the functions take them whole. A digest that begins with a domain (`rafid entry 1\0`) differs
//! from every digest of the same words for another purpose; the number of the domain increases when the
//! layout changes.

use uuid::{Builder, Uuid};

/// A digest that receives its bytes piece by piece.
pub struct Digest {
    hasher: blake3::Hasher,
}

impl Digest {
    /// Starts with the bytes of a domain; an empty one adds nothing.
    pub fn new(domain: impl AsRef<[u8]>) -> Self {
        let mut digest = Self { hasher: blake3::Hasher::new() };
        digest.add(domain);
        digest
    }

    /// Adds bytes. Pieces are not separated: `ab`, `c` and `a`, `bc` give the same digest.
    pub fn add(&mut self, bytes: impl AsRef<[u8]>) {
        self.hasher.update(bytes.as_ref());
    }

    /// Adds the length (8 bytes, big-endian) and then the bytes, so that no two lists give the same input.
    pub fn add_with_length(&mut self, bytes: impl AsRef<[u8]>) {
        let bytes = bytes.as_ref();
        self.add(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
        self.add(bytes);
    }

    /// The first 8 bytes, big-endian.
    pub fn to_64(&self) -> u64 {
        u64::from_be_bytes(first(&self.hasher.finalize()))
    }

    /// The first 16 bytes.
    pub fn to_128(&self) -> [u8; 16] {
        first(&self.hasher.finalize())
    }

    /// The first 16 bytes as a UUID of version 8, which is for digests (RFC 9562 section 5.8).
    pub fn to_uuid(&self) -> Uuid {
        Builder::from_custom_bytes(self.to_128()).into_uuid()
    }
}

/// The first 4 bytes of the digest, big-endian.
pub fn digest_32(bytes: impl AsRef<[u8]>) -> u32 {
    u32::from_be_bytes(first(&blake3::hash(bytes.as_ref())))
}

/// The first 8 bytes of the digest, big-endian.
pub fn digest_64(bytes: impl AsRef<[u8]>) -> u64 {
    u64::from_be_bytes(first(&blake3::hash(bytes.as_ref())))
}

/// The first 16 bytes of the digest.
pub fn digest_128(bytes: impl AsRef<[u8]>) -> [u8; 16] {
    first(&blake3::hash(bytes.as_ref()))
}

/// The first digits of the digest in lowercase hex, 64 at most.
pub fn short_hex(bytes: impl AsRef<[u8]>, digits: usize) -> String {
    let mut hex = blake3::hash(bytes.as_ref()).to_hex().to_string();
    hex.truncate(digits);
    hex
}

/// A number from 0 to 255 that is always the same for the same bytes and evenly distributed over many.
pub fn spread(bytes: impl AsRef<[u8]>) -> u64 {
    let [byte] = first(&blake3::hash(bytes.as_ref()));
    u64::from(byte)
}

/// Whether both are the same bytes. The time of the comparison depends on their lengths only.
pub fn is_same_secret(one: impl AsRef<[u8]>, other: impl AsRef<[u8]>) -> bool {
    // Hashes compare in constant time.
    blake3::hash(one.as_ref()) == blake3::hash(other.as_ref())
}

/// A number that depends on all bytes and on `seed`, which may be the number of other bytes. It can be computed by
/// the compiler, is no defense against intent, and is FNV-1a (Fowler, Noll, Vo) over words of eight bytes.
pub const fn hash_source(seed: u64, bytes: &[u8]) -> u64 {
    const PRIME: u64 = 0x0100_0000_01b3;
    let (words, rest) = bytes.as_chunks::<8>();
    let mut hash = seed ^ 0xcbf2_9ce4_8422_2325;
    let mut index = 0;
    while index < words.len() {
        hash = (hash ^ u64::from_le_bytes(words[index])).wrapping_mul(PRIME);
        // The prime moves low bits up only.
        hash ^= hash >> 32;
        index += 1;
    }
    index = 0;
    while index < rest.len() {
        hash = (hash ^ rest[index] as u64).wrapping_mul(PRIME);
        index += 1;
    }
    hash ^ bytes.len() as u64
}

fn first<const N: usize>(hash: &blake3::Hash) -> [u8; N] {
    // No digest above is longer than the hash, which has 32 bytes.
    hash.as_bytes().first_chunk().copied().unwrap_or([0; N])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The hash of no bytes begins `af1349b9f5f9a1a6…` (the first of BLAKE3's test vectors), that of
    /// `abc` `6437b3ac38465133ffb63b75273a8db5…`.
    #[test]
    fn digests_are_the_beginning_of_the_hash() {
        assert_eq!(digest_32(""), 0xaf13_49b9);
        assert_eq!(digest_64(""), 0xaf13_49b9_f5f9_a1a6);
        assert_eq!(short_hex("", 16), "af1349b9f5f9a1a6");
        assert_eq!(spread(""), 0xaf);
        assert_eq!(digest_64("abc"), 0x6437_b3ac_3846_5133);
        assert_eq!(digest_128("abc")[..4], [0x64, 0x37, 0xb3, 0xac]);
        assert_eq!(short_hex("abc", 32), "6437b3ac38465133ffb63b75273a8db5");
        assert_eq!(short_hex("abc", 99).len(), 64);
    }

    #[test]
    fn pieces_are_one_digest() {
        let digest = |pieces: &[&str]| {
            let mut digest = Digest::new("a");
            for piece in pieces {
                digest.add(piece);
            }
            digest
        };
        assert_eq!(digest(&["b", "", "c"]).to_64(), digest_64("abc"));
        assert_eq!(digest(&["bc"]).to_128(), digest_128("abc"));
        let uuid = digest(&["bc"]).to_uuid().to_string();
        assert_eq!(uuid, "6437b3ac-3846-8133-bfb6-3b75273a8db5", "version 8 of the same bytes");
        let mut listed = Digest::new("");
        listed.add_with_length("abc");
        assert_eq!(listed.to_64(), digest_64("\0\0\0\0\0\0\0\x03abc"));
    }

    #[test]
    fn every_byte_of_a_source_counts() {
        let source = b"a table of nineteen";
        let whole = hash_source(0, source);
        for index in 0..source.len() {
            let mut other = *source;
            other[index] ^= 0x80;
            assert_ne!(hash_source(0, &other), whole, "byte {index}");
            assert_ne!(hash_source(0, &source[..index]), whole);
        }
        assert_ne!(hash_source(1, source), whole);
    }

    #[test]
    fn secrets_are_compared() {
        assert!(is_same_secret("abc", b"abc"));
        assert!(!is_same_secret("abc", "abd") && !is_same_secret("abc", ""));
    }
}
