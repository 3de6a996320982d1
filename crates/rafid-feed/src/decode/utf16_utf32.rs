//! Byte order marks and NUL patterns → text, for UTF-16 and UTF-32 (WHATWG omits UTF-32, feeds do not).

use encoding_rs::{UTF_16BE, UTF_16LE};

use crate::model::CharsetEvidence;

/// UTF-8's byte order mark.
pub(super) const UTF_8_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Text, charset, evidence and the number of replaced characters.
type WideText = (String, &'static str, CharsetEvidence, usize);

#[derive(Clone, Copy)]
enum WideEncoding {
    Utf16Le,
    Utf16Be,
    Utf32Le,
    Utf32Be,
}

/// The text of UTF-16 or UTF-32 bytes; `None`: neither a byte order mark nor NULs around `<` indicate one.
pub(super) fn decode_wide(bytes: &[u8]) -> Option<WideText> {
    let marked = [
        (&b"\xFF\xFE\0\0"[..], WideEncoding::Utf32Le),
        (b"\0\0\xFE\xFF", WideEncoding::Utf32Be),
        (b"\xFF\xFE", WideEncoding::Utf16Le),
        (b"\xFE\xFF", WideEncoding::Utf16Be),
    ];
    for (mark, form) in marked {
        if let Some(rest) = bytes.strip_prefix(mark) {
            return Some(decode_in_encoding(rest, form, CharsetEvidence::ByteOrderMark));
        }
    }
    let start = bytes.iter().position(|byte| *byte == b'<' || *byte == b'{')?;
    let form = match (bytes.get(start.saturating_sub(3)..start)?, bytes.get(start + 1..start + 4)?)
    {
        (_, [0, 0, 0]) if start % 4 == 0 => WideEncoding::Utf32Le,
        ([0, 0, 0], _) => WideEncoding::Utf32Be,
        (_, [0, after, 0]) if *after != 0 && start % 2 == 0 => WideEncoding::Utf16Le,
        ([.., 0], [0, after, ..]) if *after != 0 => WideEncoding::Utf16Be,
        (_, [0, after, 0]) if *after != 0 => WideEncoding::Utf16Be,
        _ => return None,
    };
    Some(decode_in_encoding(bytes, form, CharsetEvidence::NulPattern))
}

fn decode_in_encoding(bytes: &[u8], form: WideEncoding, evidence: CharsetEvidence) -> WideText {
    let (text, charset) = match form {
        WideEncoding::Utf16Le => {
            (UTF_16LE.decode_without_bom_handling(bytes).0.into_owned(), "utf-16le")
        }
        WideEncoding::Utf16Be => {
            (UTF_16BE.decode_without_bom_handling(bytes).0.into_owned(), "utf-16be")
        }
        WideEncoding::Utf32Le => (decode_utf_32(bytes, u32::from_le_bytes), "utf-32le"),
        WideEncoding::Utf32Be => (decode_utf_32(bytes, u32::from_be_bytes), "utf-32be"),
    };
    let replaced = text.matches('\u{FFFD}').count();
    (text, charset, evidence, replaced)
}

fn decode_utf_32(bytes: &[u8], value: fn([u8; 4]) -> u32) -> String {
    let (units, _) = bytes.as_chunks::<4>();
    units.iter().map(|unit| char::from_u32(value(*unit)).unwrap_or('\u{FFFD}')).collect()
}

/// The bytes after UTF-8's byte order mark, which may be repeated or follow white space.
pub(super) fn without_utf_8_mark(bytes: &[u8]) -> &[u8] {
    let mut rest = bytes;
    while let Some(after) = rest.trim_ascii_start().strip_prefix(UTF_8_MARK) {
        rest = after;
    }
    rest
}
