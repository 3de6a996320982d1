//! Bytes that are mostly UTF-8 → text, entry by entry: an entry that is mostly valid keeps its few
//! broken letters as U+FFFD, one that is mostly not is decoded by what it looks like.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8};

/// Where entries begin; pieces between two of these are judged apart.
const ENTRY_STARTS: [&[u8]; 4] = [b"<item>", b"<item ", b"<entry>", b"<entry "];

/// Whether more than half of the bytes above ASCII stand in valid UTF-8 sequences.
pub(super) fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let mut valid = 0_usize;
    let mut broken = 0_usize;
    for chunk in bytes.utf8_chunks() {
        valid += chunk.valid().bytes().filter(|byte| !byte.is_ascii()).count();
        broken += chunk.invalid().len();
    }
    valid > broken
}

/// The text, and how many characters were replaced. `guess` names the encoding of foreign entries.
pub(super) fn read(bytes: &[u8], guess: fn(&[u8]) -> &'static Encoding) -> (String, usize) {
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 8);
    let mut replaced = 0;
    for piece in pieces(bytes) {
        let encoding = if is_mostly_utf8(piece) || piece.is_ascii() { UTF_8 } else { guess(piece) };
        let decoded: Cow<'_, str> = encoding.decode_without_bom_handling(piece).0;
        replaced += decoded.matches('\u{FFFD}').count();
        text.push_str(&decoded);
    }
    (text, replaced)
}

/// The document cut before every entry; one linear walk.
fn pieces(bytes: &[u8]) -> Vec<&[u8]> {
    let mut found = Vec::new();
    let mut start = 0;
    for (at, byte) in bytes.iter().enumerate() {
        let here = bytes.get(at..).unwrap_or_default();
        if *byte == b'<' && at > start && ENTRY_STARTS.iter().any(|mark| here.starts_with(mark)) {
            found.extend(bytes.get(start..at));
            start = at;
        }
    }
    found.extend(bytes.get(start..));
    found
}
