//! A body in which the sizes of HTTP's chunks were left (RFC 9112 section 7.1) → the body without them. A proxy
//! or script that copies the bytes of a connection publishes such documents.

use crate::model::{Stage, TextPosition, Warning};

/// Digits of a size: more than 4 GiB are no chunk.
const MOST_DIGITS: usize = 8;

/// The body; `None`: it does not begin with the size of a chunk, or the first chunk has another size.
pub(super) fn join_chunks(bytes: &[u8], warnings: &mut Vec<Warning>) -> Option<Vec<u8>> {
    if !bytes.first().is_some_and(u8::is_ascii_hexdigit) {
        return None;
    }
    let mut joined = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    let mut chunks_count = 0_usize;
    while let Some((size, after)) = split_size_line(rest) {
        if size == 0 {
            rest = &[];
            break;
        }
        let Some((chunk, after)) = after.split_at_checked(size) else {
            // A cut document.
            joined.extend_from_slice(after);
            (rest, chunks_count) = (&[], chunks_count + 1);
            break;
        };
        let Some(after) = after.strip_prefix(b"\r\n").or(after.is_empty().then_some(after)) else {
            break;
        };
        joined.extend_from_slice(chunk);
        (rest, chunks_count) = (after, chunks_count + 1);
    }
    if chunks_count == 0 || !begins_document(&joined) {
        return None;
    }
    let detail = if rest.is_empty() {
        "the sizes of HTTP's chunks stand in the document and are left out"
    } else {
        "the sizes of HTTP's chunks stand in the document; they are left out as far as they are right, and behind \
         that they may stand in its texts"
    };
    joined.extend_from_slice(rest);
    let warning = Warning::new(Stage::Decode, "chunk-sizes", detail);
    warnings.push(warning.times(chunks_count).at(TextPosition { line: 1, column: 1 }));
    Some(joined)
}

/// The size on the first line, and what follows the line; `None`: the line is no size. Extensions are passed
/// over.
fn split_size_line(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let digits_count = bytes.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    if digits_count == 0 || digits_count > MOST_DIGITS {
        return None;
    }
    let (digits, after) = bytes.split_at_checked(digits_count)?;
    let line_end = after.windows(2).take(64).position(|pair| pair == b"\r\n")?;
    let extension = after.get(..line_end)?;
    let is_plain = extension.iter().all(|byte| matches!(byte, b' ' | b'\t'));
    if !is_plain && !extension.starts_with(b";") {
        return None;
    }
    let size = usize::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    Some((size, after.get(line_end + 2..)?))
}

/// Whether bytes begin like a document: markup, JSON, or a byte order mark.
fn begins_document(bytes: &[u8]) -> bool {
    matches!(bytes.trim_ascii_start().first(), Some(b'<' | b'{' | b'[' | 0xef | 0xfe | 0xff))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunked(parts: &[&str]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for part in parts {
            bytes.extend(format!("{:X}\r\n{part}\r\n", part.len()).bytes());
        }
        bytes
    }

    fn joined(bytes: &[u8]) -> (Option<String>, usize) {
        let mut warnings = Vec::new();
        let joined = join_chunks(bytes, &mut warnings);
        let count = warnings.first().map_or(0, |warning| warning.count);
        (joined.map(|bytes| String::from_utf8(bytes).unwrap()), count)
    }

    #[test]
    fn sizes_are_left_out_where_they_are_right() {
        let whole = [chunked(&["<rss>خب", "ر</rss>"]), b"0\r\n\r\n".to_vec()].concat();
        assert_eq!(joined(&whole), (Some("<rss>خبر</rss>".into()), 2));
        let without_end = chunked(&["<rss>", "</rss>"]);
        assert_eq!(joined(&without_end), (Some("<rss></rss>".into()), 2));
        assert_eq!(joined(b"ff;name=x\r\n<rss>"), (Some("<rss>".into()), 1), "a cut document");
        let wrong_later = [chunked(&["<rss>"]), b"3\r\n<item>\r\n".to_vec()].concat();
        assert_eq!(joined(&wrong_later), (Some("<rss>3\r\n<item>\r\n".into()), 1));
    }

    #[test]
    fn other_documents_stay_as_they_are() {
        for other in [
            "<rss>",
            "1\r\n<rss>",
            "5\r\nwords\r\n",
            "5 words\r\n<rss>",
            "123456789\r\n<rss>",
            "0\r\n",
            "",
            "ab",
        ] {
            assert_eq!(joined(other.as_bytes()), (None, 0), "{other}");
        }
    }
}
