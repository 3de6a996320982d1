//! A password of a reader as the configuration holds it: the text of an argon2id hash ↔ its parts (RFC 9106; the form
//! of the text is that of the reference implementation).

use std::fmt;

use base64::prelude::{BASE64_STANDARD_NO_PAD, Engine};

/// The memory that a check may take: one at a time, beside all that the daemon holds.
const MAX_MEMORY_KIB: u32 = 256 * 1024;
/// Passes over that memory: with the memory allowed, seconds of a processor.
const MAX_PASSES: u32 = 16;
/// Lanes of that memory; RFC 9106 recommends four.
const MAX_LANES: u32 = 16;
/// Bytes of a salt, and of a hash, at most; tools write 16 and 32.
const MAX_PART_BYTES: usize = 64;
/// RFC 9106 section 3.1 allows a salt of eight bytes.
const LEAST_SALT_BYTES: usize = 8;
/// A shorter hash is no defense.
const LEAST_OUTPUT_BYTES: usize = 16;

/// The hash of a password.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash {
    /// The memory of a check, in KiB.
    pub memory_kib: u32,
    /// The passes over it.
    pub passes: u32,
    /// Its lanes.
    pub lanes: u32,
    /// The random bytes that were hashed with the password.
    pub salt: Vec<u8>,
    /// The hash itself.
    pub output: Vec<u8>,
}

impl PasswordHash {
    /// Parses `$argon2id$v=19$m=…,t=…,p=…$salt$hash`. `None`: it has another form, or its check would cost more than
    /// the limits allow.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.strip_prefix("$argon2id$v=19$")?.split('$');
        let (costs, salt, output) = (parts.next()?, parts.next()?, parts.next()?);
        let mut costs = costs.split(',');
        let mut cost = |name: &str| costs.next()?.strip_prefix(name)?.parse::<u32>().ok();
        let (memory_kib, passes, lanes) = (cost("m=")?, cost("t=")?, cost("p=")?);
        let is_end = costs.next().is_none() && parts.next().is_none();
        let bytes = |text: &str| BASE64_STANDARD_NO_PAD.decode(text).ok();
        let (salt, output) = (bytes(salt)?, bytes(output)?);
        let is_allowed = (1..=MAX_LANES).contains(&lanes)
            && (8 * lanes..=MAX_MEMORY_KIB).contains(&memory_kib)
            && (1..=MAX_PASSES).contains(&passes)
            && (LEAST_SALT_BYTES..=MAX_PART_BYTES).contains(&salt.len())
            && (LEAST_OUTPUT_BYTES..=MAX_PART_BYTES).contains(&output.len());
        (is_end && is_allowed).then_some(Self { memory_kib, passes, lanes, salt, output })
    }
}

impl fmt::Display for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { memory_kib, passes, lanes, salt, output } = self;
        let text = |bytes: &[u8]| BASE64_STANDARD_NO_PAD.encode(bytes);
        write!(
            f,
            "$argon2id$v=19$m={memory_kib},t={passes},p={lanes}${}${}",
            text(salt),
            text(output)
        )
    }
}

/// Leaves out the hash: a weak password can be guessed from it.
impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasswordHash").field("memory_kib", &self.memory_kib).finish_non_exhaustive()
    }
}

/// A reader who may log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteUser {
    /// The name; without a colon (RFC 7617 section 2).
    pub name: String,
    /// The password.
    pub password: PasswordHash,
}

/// The longest name of a user, in bytes.
const MAX_NAME_BYTES: usize = 64;

impl SiteUser {
    /// Parses `name:$argon2id$…`. `None`: the name or the hash has another form.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, hash) = text.split_once(':')?;
        let password = PasswordHash::parse(hash)?;
        Self::is_name(name).then(|| Self { name: name.to_owned(), password })
    }

    /// Whether a text can be the name of a user.
    pub fn is_name(text: &str) -> bool {
        (1..=MAX_NAME_BYTES).contains(&text.len())
            && !text.contains(|c: char| c == ':' || c.is_control())
            && text.trim() == text
    }
}

impl fmt::Display for SiteUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.name, self.password)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQxMjM0$MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI";

    #[test]
    fn a_hash_round_trips() {
        let hash = PasswordHash::parse(HASH).unwrap();
        assert_eq!((hash.memory_kib, hash.passes, hash.lanes), (19_456, 2, 1));
        assert_eq!(hash.salt, b"somesalt1234");
        assert_eq!(hash.to_string(), HASH);
        assert!(!format!("{hash:?}").contains("MTIz"));
    }

    #[test]
    fn other_algorithms_and_excessive_costs_are_refused() {
        let check = |from: &str, to: &str| {
            let changed = HASH.replace(from, to);
            assert_ne!(changed, HASH);
            assert_eq!(PasswordHash::parse(&changed), None, "{changed}");
        };
        check("argon2id", "argon2i");
        check("v=19", "v=16");
        check("m=19456", "m=262145");
        check("m=19456", "m=7");
        check("t=2", "t=17");
        check("t=2", "t=0");
        check("p=1", "p=0");
        check("p=1", "p=17");
        check("p=1", "p=1,x=1");
        check("m=19456,t=2", "t=2,m=19456");
        check("c29tZXNhbHQxMjM0", "c29t");
        check("c29tZXNhbHQxMjM0", "c29tZXNhbHQxMjM0=");
        check("MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI", "MTIz");
        assert_eq!(PasswordHash::parse(&format!("{HASH}$")), None);
    }

    #[test]
    fn a_user_has_a_name_without_a_colon() {
        let user = SiteUser::parse(&format!("ليلى:{HASH}")).unwrap();
        assert_eq!((user.name.as_str(), user.to_string()), ("ليلى", format!("ليلى:{HASH}")));
        for name in ["", " a", "a\n", &"a".repeat(65)] {
            assert_eq!(SiteUser::parse(&format!("{name}:{HASH}")), None, "{name:?}");
        }
        assert_eq!(SiteUser::parse("a:secret"), None);
        assert_eq!(SiteUser::parse(HASH), None);
    }
}
