//! Bytes that are mostly UTF-8 → text, entry by entry: an entry that is mostly valid has its few
//! broken letters restored or kept as U+FFFD, one that is mostly not is decoded by what it looks like.

use std::cell::OnceCell;

use encoding_rs::Encoding;

use super::truncated_letters::{KnownWords, TruncatedWord};

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

/// What reading bytes entry by entry gave.
#[derive(Debug, Default)]
pub(super) struct MixedText {
    pub(super) text: String,
    /// Characters that stand as U+FFFD now.
    pub(super) replaced_count: usize,
    /// Letters that were cut in half and are whole again.
    pub(super) restored_count: usize,
    /// Where the first of them stands in the text.
    pub(super) restored_at: Option<usize>,
    /// Entries that were read in another charset.
    pub(super) foreign_count: usize,
    /// Where the first of them begins in the text, and its charset.
    pub(super) foreign: Option<(usize, &'static str)>,
}

/// The text, piece by piece. `guess` names the encoding of foreign entries.
pub(super) fn decode_by_entry(bytes: &[u8], guess: fn(&[u8]) -> &'static Encoding) -> MixedText {
    let document = OnceCell::new();
    let text = String::with_capacity(bytes.len() + bytes.len() / 8);
    let mut read = MixedText { text, ..MixedText::default() };
    for piece in split_at_entries(bytes) {
        if is_mostly_utf8(piece) || piece.is_ascii() {
            read.push_utf8_piece(piece, || {
                document.get_or_init(|| KnownWords::collect_from(bytes))
            });
        } else {
            let charset = guess(piece);
            let decoded = charset.decode_without_bom_handling(piece).0;
            read.foreign_count += 1;
            read.foreign.get_or_insert((read.text.len(), charset.name()));
            read.replaced_count += decoded.matches('\u{FFFD}').count();
            read.text.push_str(&decoded);
        }
    }
    read
}

impl MixedText {
    /// Takes a piece of UTF-8 in which letters may be broken.
    fn push_utf8_piece<'a>(&mut self, piece: &[u8], document: impl Fn() -> &'a KnownWords<'a>) {
        let own = OnceCell::new();
        let mut chunks = piece.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            self.text.push_str(chunk.valid());
            if chunk.invalid().is_empty() {
                continue;
            }
            let after = chunks.peek().map_or("", |next| next.valid());
            let own = || own.get_or_init(|| KnownWords::collect_from(piece));
            let letter =
                TruncatedWord::detect(chunk.valid(), chunk.invalid(), after).and_then(|cut| {
                    cut.missing_letter(own()).or_else(|| cut.missing_letter(document()))
                });
            if let Some(letter) = letter {
                self.restored_at.get_or_insert(self.text.len());
                self.text.push(letter);
                self.restored_count += 1;
            } else {
                self.text.push('\u{FFFD}');
                self.replaced_count += 1;
            }
        }
    }
}

/// The document cut before every entry; one linear walk.
fn split_at_entries(bytes: &[u8]) -> Vec<&[u8]> {
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
