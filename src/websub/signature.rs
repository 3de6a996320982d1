//! A push, its `X-Hub-Signature` and the secret → whether the push is from the hub (W3C WebSub section 8).

use ring::hmac::{self, Algorithm, Key};

use crate::model::Secret;

/// The methods of section 8, as the header names them. Hubs older than the recommendation know only the
/// first; as an HMAC it is still secure (RFC 6194 section 3.3).
static METHODS: [(&str, &Algorithm); 4] = [
    ("sha1", &hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY),
    ("sha256", &hmac::HMAC_SHA256),
    ("sha384", &hmac::HMAC_SHA384),
    ("sha512", &hmac::HMAC_SHA512),
];

/// Whether `header` (`method=hex`) signs `body` with `secret`; compared in constant time. A header in another
/// form is no signature.
pub fn is_signature_valid(body: &[u8], header: &str, secret: &Secret) -> bool {
    let Some((method, hex)) = header.trim().split_once('=') else { return false };
    let known = METHODS.iter().find(|(name, _)| name.eq_ignore_ascii_case(method));
    let (Some((_, algorithm)), Some(tag)) = (known, decode_hex(hex)) else { return false };
    let key = Key::new(**algorithm, secret.reveal().as_bytes());
    hmac::verify(&key, body, &tag).is_ok()
}

/// The longest digest, in bytes.
const MAX_TAG_BYTES: usize = 64;

fn decode_hex(hex: &str) -> Option<Vec<u8>> {
    if hex.len() > 2 * MAX_TAG_BYTES {
        return None;
    }
    let (pairs, rest) = hex.as_bytes().as_chunks::<2>();
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let byte = |[high, low]: &[u8; 2]| Some(digit(*high)? << 4 | digit(*low)?);
    if rest.is_empty() { pairs.iter().map(byte).collect() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_of_every_method_are_checked() {
        // RFC 4231 section 4.3 and RFC 2202 section 3, test case 2.
        let body = b"what do ya want for nothing?";
        let secret = Secret::new("Jefe");
        let good = [
            "sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
            "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            "sha384=af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e\
             8e2240ca5e69e2c78b3239ecfab21649",
            "sha512=164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554\
             9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
        ];
        for header in good {
            assert!(is_signature_valid(body, header, &secret), "{header}");
            assert!(is_signature_valid(body, &header.to_uppercase(), &secret), "{header}");
            assert!(!is_signature_valid(body, header, &Secret::new("jefe")), "another secret");
            assert!(
                !is_signature_valid(b"what do ya want for nothing!", header, &secret),
                "another body"
            );
            assert!(
                !is_signature_valid(body, header.get(..header.len() - 2).unwrap(), &secret),
                "cut"
            );
            let (_, tag) = header.split_once('=').unwrap();
            for other in ["", "md5=", "sha1", "sha224=", "=", "sha256=0x"] {
                assert!(
                    !is_signature_valid(body, &format!("{other}{tag}"), &secret),
                    "{other}{tag}"
                );
            }
        }
        for bad in ["", "sha256=", "sha256=zz", "sha256=أب", &format!("sha512={}", "a".repeat(999))]
        {
            assert!(!is_signature_valid(body, bad, &secret), "{bad}");
        }
    }
}
