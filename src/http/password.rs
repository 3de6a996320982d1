//! A password ↔ its argon2id hash. Both take tens of milliseconds and the memory that the hash names: not for an
//! async thread.

use argon2::{Algorithm, Argon2, Params, Version};
use rafid_feed::hash;

use crate::model::PasswordHash;

/// The least that OWASP recommends for argon2id with one lane: 19 MiB and two passes.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
/// Bytes of a new hash; the usual number.
const OUTPUT_BYTES: usize = 32;

/// The hash of a new password, with random bytes. `None`: the system has no memory for it.
pub fn hash_password(password: &[u8], salt: [u8; 16]) -> Option<PasswordHash> {
    let salt = salt.to_vec();
    let empty = PasswordHash {
        memory_kib: MEMORY_KIB,
        passes: PASSES,
        lanes: 1,
        output: vec![0; OUTPUT_BYTES],
        salt,
    };
    Some(PasswordHash { output: compute_output(password, &empty)?, ..empty })
}

/// Whether this is the password of a hash. The comparison takes the same time however much of it matches.
pub(super) fn is_password(password: &[u8], expected: &PasswordHash) -> bool {
    compute_output(password, expected)
        .is_some_and(|output| hash::is_same_secret(output, &expected.output))
}

/// The hash of a password with the salt, the costs and the length of another.
pub(super) fn compute_output(password: &[u8], like: &PasswordHash) -> Option<Vec<u8>> {
    let mut output = vec![0; like.output.len()];
    let params = Params::new(like.memory_kib, like.passes, like.lanes, Some(output.len())).ok()?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon2.hash_password_into(password, &like.salt, &mut output).ok()?;
    Some(output)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_of_the_reference_implementation_is_understood() {
        // From the tests of github.com/P-H-C/phc-winner-argon2.
        let text = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
        let published = PasswordHash::parse(text).unwrap();
        assert!(is_password(b"password", &published));
        assert!(!is_password(b"passwore", &published));
    }

    #[test]
    fn a_new_hash_fits_its_password_alone() {
        let hash = hash_password("سرّ".as_bytes(), [7; 16]).unwrap();
        assert_eq!(PasswordHash::parse(&hash.to_string()), Some(hash.clone()));
        assert!(is_password("سرّ".as_bytes(), &hash) && !is_password(b"", &hash));
        assert_ne!(hash_password("سرّ".as_bytes(), [8; 16]).unwrap().output, hash.output);
    }
}
