//! The unguessable part of the address of a private output.

use std::fmt;

/// The random bytes of a token: as many as a key of 128 bits.
const TOKEN_BYTES: usize = 16;

/// The token in the address `/private/<token>/`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OutputToken(String);

impl OutputToken {
    /// The token that random bytes make.
    pub fn new(random: [u8; TOKEN_BYTES]) -> Self {
        let halves = random.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        Self(halves.filter_map(|half| char::from_digit(u32::from(half), 16)).collect())
    }

    /// A token as it is stored. `None`: the text has another form.
    pub fn parse(text: &str) -> Option<Self> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let is_token = text.len() == 2 * TOKEN_BYTES && text.bytes().all(is_digit);
        is_token.then(|| Self(text.to_owned()))
    }

    /// As it stands in the address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Leaves out the token.
impl fmt::Debug for OutputToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OutputToken")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_hexadecimal_and_not_shown() {
        let token = OutputToken::new(std::array::from_fn(|at| u8::try_from(at * 16).unwrap()));
        assert_eq!(token.as_str(), "00102030405060708090a0b0c0d0e0f0");
        assert_eq!(OutputToken::parse(token.as_str()), Some(token.clone()));
        assert!(!format!("{token:?}").contains('0'));
        for text in ["", "00", &"0".repeat(33), &"g".repeat(32), &"A".repeat(32)] {
            assert_eq!(OutputToken::parse(text), None, "{text}");
        }
    }
}
