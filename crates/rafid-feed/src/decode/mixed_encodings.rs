//! Bytes that are mostly UTF-8 → text, entry by entry. In an entry that is mostly valid, the few broken
//! letters are restored or become U+FFFD; an entry that is mostly invalid is decoded with the charset that
//! its bytes look like.

use std::cell::OnceCell;

use encoding_rs::Encoding;

use super::charset_guess::guess_encoding;
use super::single_bytes::restore_mark;
use super::truncated_letters::{KnownWords, TruncatedWord};

/// Where entries begin; each piece between two of these is judged by itself.
const ENTRY_STARTS: [&[u8]; 4] = [b"<item>", b"<item ", b"<entry>", b"<entry "];

/// The bytes of entries in other charsets for which these are guessed, one by one: guessing is expensive. The entries
/// after them are in the charset of the last one.
const MOST_GUESSED_BYTES: usize = 256 * 1024;

/// Whether more than half of the non-ASCII bytes are in valid UTF-8 sequences.
pub(super) fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let mut valid = 0_usize;
    let mut broken = 0_usize;
    for chunk in bytes.utf8_chunks() {
        valid += chunk.valid().bytes().filter(|byte| !byte.is_ascii()).count();
        broken += chunk.invalid().len();
    }
    valid > broken
}

/// The result of decoding entry by entry.
#[derive(Debug, Default)]
pub(super) struct MixedText {
    pub(super) text: String,
    /// Characters that became U+FFFD.
    pub(super) replaced_count: usize,
    /// Letters that were cut in half and are restored.
    pub(super) restored_count: usize,
    /// Where the first restored letter is in the text.
    pub(super) restored_at: Option<usize>,
    /// Punctuation that stood as single bytes.
    pub(super) marks_count: usize,
    /// Where the first of these marks is in the text.
    pub(super) marks_at: Option<usize>,
    /// Entries that were decoded in another charset.
    pub(super) foreign_count: usize,
    /// Where the first of these entries begins in the text, and its charset.
    pub(super) foreign: Option<(usize, &'static str)>,
}

/// The text, piece by piece.
pub(super) fn decode_by_entry(bytes: &[u8]) -> MixedText {
    let mut charsets = ForeignCharsets::default();
    let document = OnceCell::new();
    let text = String::with_capacity(bytes.len() + bytes.len() / 8);
    let mut mixed = MixedText { text, ..MixedText::default() };
    for piece in split_at_entries(bytes) {
        if is_mostly_utf8(piece) || piece.is_ascii() {
            mixed.push_utf8_piece(piece, || {
                document.get_or_init(|| KnownWords::collect_from(bytes))
            });
        } else {
            let charset = charsets.charset_of(piece);
            let decoded = charset.decode_without_bom_handling(piece).0;
            mixed.foreign_count += 1;
            mixed.foreign.get_or_insert((mixed.text.len(), charset.name()));
            mixed.replaced_count += decoded.matches('\u{FFFD}').count();
            mixed.text.push_str(&decoded);
        }
    }
    mixed
}

/// The charsets of entries that are no UTF-8.
#[derive(Default)]
struct ForeignCharsets {
    last: Option<&'static Encoding>,
    guessed_bytes: usize,
}

impl ForeignCharsets {
    fn charset_of(&mut self, entry: &[u8]) -> &'static Encoding {
        let known = self.last.filter(|_| self.guessed_bytes >= MOST_GUESSED_BYTES);
        let charset = known.unwrap_or_else(|| guess_encoding(entry));
        self.guessed_bytes = self.guessed_bytes.saturating_add(entry.len());
        self.last = Some(charset);
        charset
    }
}

impl MixedText {
    /// Adds a piece of UTF-8 in which letters may be broken.
    fn push_utf8_piece<'a>(&mut self, piece: &[u8], document: impl Fn() -> &'a KnownWords<'a>) {
        let words_of_piece = OnceCell::new();
        let mut chunks = piece.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            self.text.push_str(chunk.valid());
            if chunk.invalid().is_empty() {
                continue;
            }
            let after = chunks.peek().map_or("", |next| next.valid());
            let own = || words_of_piece.get_or_init(|| KnownWords::collect_from(piece));
            let letter =
                TruncatedWord::detect(chunk.valid(), chunk.invalid(), after).and_then(|cut| {
                    cut.missing_letter(own()).or_else(|| cut.missing_letter(document()))
                });
            if let Some(letter) = letter {
                self.restored_at.get_or_insert(self.text.len());
                self.text.push(letter);
                self.restored_count += 1;
            } else if let Some(mark) = restore_mark(&self.text, chunk.invalid(), after) {
                self.marks_at.get_or_insert(self.text.len());
                self.text.push(mark);
                self.marks_count += 1;
            } else {
                self.text.push('\u{FFFD}');
                self.replaced_count += 1;
            }
        }
    }
}

/// The document, split before every entry, in one linear walk.
fn split_at_entries(bytes: &[u8]) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for (at, byte) in bytes.iter().enumerate() {
        let here = bytes.get(at..).unwrap_or_default();
        if *byte == b'<' && at > start && ENTRY_STARTS.iter().any(|mark| here.starts_with(mark)) {
            pieces.extend(bytes.get(start..at));
            start = at;
        }
    }
    pieces.extend(bytes.get(start..));
    pieces
}
