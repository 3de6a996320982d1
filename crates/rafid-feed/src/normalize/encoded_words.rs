//! Encoded words of mail (RFC 2047: `=?utf-8?B?2K4=?=`) in a title → the words. Nothing else is written like
//! this, so it is certain.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use encoding_rs::Encoding;

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// One encoded word: its bytes and their charset.
struct EncodedWord {
    charset: &'static Encoding,
    bytes: Vec<u8>,
}

/// The title with its encoded words read. `None`: it has none, or one that cannot be read.
pub(super) fn undo_encoded_words(title: &str) -> Option<String> {
    let mut out = String::new();
    let mut open: Option<EncodedWord> = None;
    let mut rest = title;
    while let Some(at) = rest.find("=?") {
        let (before, from) = rest.split_at(at);
        let (word, behind) = read_encoded_word(from)?;
        // White space between two encoded words is no part of the text (section 6.2).
        let is_next = open.is_some() && before.trim().is_empty();
        open = match open.take() {
            // A character may be cut by the end of a word.
            Some(mut earlier) if is_next && earlier.charset == word.charset => {
                earlier.bytes.extend(word.bytes);
                Some(earlier)
            }
            earlier => {
                push_word(&mut out, earlier)?;
                if !is_next {
                    out.push_str(before);
                }
                Some(word)
            }
        };
        rest = behind;
    }
    open.as_ref()?;
    push_word(&mut out, open)?;
    out.push_str(rest);
    Some(out)
}

/// Adds a word. `None`: its bytes are invalid in its charset.
fn push_word(out: &mut String, word: Option<EncodedWord>) -> Option<()> {
    if let Some(EncodedWord { charset, bytes }) = word {
        out.push_str(&charset.decode_without_bom_handling_and_without_replacement(&bytes)?);
    }
    Some(())
}

/// The encoded word that `text` begins with, and what follows it.
fn read_encoded_word(text: &str) -> Option<(EncodedWord, &str)> {
    let (charset, rest) = text.strip_prefix("=?")?.split_once('?')?;
    // A language may follow the charset (RFC 2231 section 5).
    let charset = charset.split('*').next().unwrap_or_default();
    let charset = Encoding::for_label(charset.as_bytes())?;
    let (coding, rest) = rest.split_once('?')?;
    let (coded, behind) = rest.split_once("?=")?;
    let bytes = match coding {
        "B" | "b" => LENIENT.decode(coded.trim_end_matches('=')).ok()?,
        "Q" | "q" => decode_quoted(coded)?,
        _ => return None,
    };
    Some((EncodedWord { charset, bytes }, behind))
}

/// The "Q" encoding (section 4.2).
fn decode_quoted(coded: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(coded.len());
    let mut rest = coded.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'_' => b' ',
            b'=' => {
                let digits = [rest.next()?, rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            other => other,
        });
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_words_are_read() {
        for (title, expected) in [
            ("=?UTF-8?B?2K7YqNixINi52KfYrNmE?=", "خبر عاجل"),
            ("=?utf-8?Q?=D8=AE=D8=A8=D8=B1_=D8=B9?=", "خبر ع"),
            ("=?windows-1256?B?zsjR?= | صدى", "خبر | صدى"),
            ("=?utf-8?q?=D8=AE=D8?= =?UTF-8?Q?=A8=D8=B1?= x", "خبر x"),
            ("=?utf-8*ar?B?2K7YqNix?= و =?utf-8?B?2LnYp9is2YQ?=", "خبر و عاجل"),
            ("=?utf-8?B?2K7YqNix?= =?windows-1256?B?zsjR?=", "خبرخبر"),
        ] {
            assert_eq!(undo_encoded_words(title).as_deref(), Some(expected), "{title}");
        }
    }

    #[test]
    fn other_words_stay() {
        for title in [
            "a =? b",
            "=?klingon?B?2K4=?=",
            "=?utf-8?B?/w==?=",
            "=?utf-8?Q?=D?=",
            "=?utf-8?X?a?=",
            "=?utf-8?B?2K7YqNix",
            "خبر = ?",
        ] {
            assert_eq!(undo_encoded_words(title), None, "{title}");
        }
    }
}
