//! Base64 (RFC 4648 sections 4 and 5) → text, as leniently as publishers write it: white space is ignored,
//! both alphabets are read, padding may be missing and ends the text. There is no text when the input is
//! not base64 or its bytes are not UTF-8.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The text that `coded` encodes.
pub(super) fn decode_text(coded: &str) -> Option<String> {
    let digits = coded.bytes().filter(|byte| !byte.is_ascii_whitespace());
    let mut digits: Vec<u8> = digits.take_while(|byte| *byte != b'=').map(standard).collect();
    // The last digit of a cut text holds less than a byte; it must still be a valid digit.
    let is_cut = digits.len() % 4 == 1;
    if is_cut {
        digits.push(b'A');
    }
    let mut bytes = LENIENT.decode(digits).ok()?;
    if is_cut {
        bytes.pop();
    }
    String::from_utf8(bytes).ok()
}

/// Whether a text holds what base64 never does, as words do.
pub(super) fn is_certainly_not_base64(text: &str) -> bool {
    let is_digit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_' | '=');
    text.chars().any(|c| !is_digit(c) && !c.is_ascii_whitespace())
}

/// A digit of the URL alphabet as one of the standard alphabet.
fn standard(digit: u8) -> u8 {
    match digit {
        b'-' => b'+',
        b'_' => b'/',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_of_the_standard_and_invalid_input() {
        let check = |coded: &str, expected: Option<&str>| {
            assert_eq!(decode_text(coded).as_deref(), expected, "{coded}");
        };
        check("", Some(""));
        check("Zg==", Some("f"));
        check("Zm8=", Some("fo"));
        check("Zm 9v\nYmFy", Some("foobar"));
        check("2LPZhNin2YU=", Some("سلام"));
        check("not base64!", None);
        check("/w==", None);
    }

    #[test]
    fn what_publishers_leave_out_or_mix_is_read() {
        let check = |coded: &str, expected: Option<&str>| {
            assert_eq!(decode_text(coded).as_deref(), expected, "{coded}");
        };
        check("Zg", Some("f"));
        check("Zh==", Some("f"));
        check("Zm9v=YmFy", Some("foo"));
        check("Zm9vY", Some("foo"));
        check("Zm9v!", None);
        check("fn5-", Some("~~~"));
        check("Pz8_", Some("???"));
        check("Pz8/fn5+", Some("???~~~"));
    }
}
