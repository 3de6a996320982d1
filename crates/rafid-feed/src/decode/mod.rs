//! Bytes → text. The charset is decided by the first evidence of this list that applies: the operator's
//! charset; a byte order mark; the positions of NUL bytes; valid UTF-8, whatever a label says; mostly
//! UTF-8, judged per entry; bytes that look like an Arabic code page, even against a label; the HTTP
//! header; the XML declaration; a guess.
//!
//! The sizes of HTTP's chunks that were left in a body are left out before, and a packed body is unpacked.
//!
//! The majority of the bytes decides: one broken letter does not make a document invalid. Afterwards double
//! encoding is undone, on strong evidence only, and characters that XML forbids are dropped.

mod charset_guess;
mod charset_label;
mod chunks;
mod inflate;
mod mixed_encodings;
mod single_bytes;
mod truncated_letters;
mod utf16_utf32;

use std::borrow::Cow;

use encoding_rs::{Encoding, ISO_8859_6, UTF_8, WINDOWS_1256};
use memchr::memchr_iter;

use self::charset_guess::guess_encoding;
use super::arabic::undo_mojibake;
use super::model::{CharsetEvidence, DecodedText, Document, Stage, TextPosition, Warning};

/// Why bytes cannot become text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The document holds nothing but white space and NULs.
    #[error("the document is empty")]
    Empty,
    /// The operator's charset is unknown.
    #[error("unknown charset {0:?}: expected a WHATWG label such as windows-1256")]
    UnknownCharset(String),
}

/// The charset that was decided, with the evidence and the resulting text.
struct CharsetDecision<'a> {
    text: Cow<'a, str>,
    charset: &'static str,
    evidence: CharsetEvidence,
    replaced_count: usize,
    /// What had to be repaired.
    warnings: Vec<Warning>,
}

/// Decodes a whole document once. `operator` is the charset that the operator prescribes; it wins over all
/// other evidence.
///
/// # Errors
/// When there is nothing to decode, or the operator's charset is unknown.
pub fn decode<'a>(
    document: &'a Document,
    operator: Option<&str>,
) -> Result<DecodedText<'a>, DecodeError> {
    let mut warnings = Vec::new();
    let header = document.content_type.as_deref();
    let joined = chunks::join_chunks(&document.bytes, &mut warnings);
    let bytes = joined.as_deref().unwrap_or(&document.bytes);
    let unpacked = inflate::decompress(bytes, &mut warnings);
    match unpacked.or(joined) {
        Some(bytes) => {
            decode_unpacked(&bytes, header, operator, warnings).map(DecodedText::into_owned)
        }
        None => decode_unpacked(&document.bytes, header, operator, warnings),
    }
}

/// Decodes bytes that are no longer packed.
fn decode_unpacked<'a>(
    bytes: &'a [u8],
    header: Option<&str>,
    operator: Option<&str>,
    mut warnings: Vec<Warning>,
) -> Result<DecodedText<'a>, DecodeError> {
    if bytes.iter().all(|byte| byte.is_ascii_whitespace() || *byte == 0) {
        return Err(DecodeError::Empty);
    }
    let mut decision = decide_charset(bytes, header, operator)?;
    warnings.extend(wrong_label_warning(bytes, header, &decision));
    warnings.append(&mut decision.warnings);
    if decision.replaced_count > 0 {
        let at = decision.text.find('\u{FFFD}').unwrap_or_default();
        let detail = format!("bytes that are no {} were replaced", decision.charset);
        warnings.push(
            Warning::new(Stage::Decode, "bytes-replaced", detail)
                .times(decision.replaced_count)
                .at(TextPosition::at_byte(&decision.text, at)),
        );
    }
    let text = match undo_mojibake(&decision.text) {
        Some((text, through)) => {
            let detail = format!("the text was encoded twice, the second time as {through}");
            warnings.push(Warning::new(Stage::Decode, "double-encoding", detail));
            Cow::Owned(text)
        }
        None => decision.text,
    };
    let text = if may_contain_controls(text.as_bytes()) {
        let text = without_misread_punctuation(text, &mut warnings);
        without_forbidden_characters(text, &mut warnings)
    } else {
        text
    };
    if text.trim().is_empty() {
        return Err(DecodeError::Empty);
    }
    let charset = decision.charset.to_ascii_lowercase();
    Ok(DecodedText { text, charset, evidence: decision.evidence, warnings })
}

/// Decides the charset by the first evidence that applies.
fn decide_charset<'a>(
    bytes: &'a [u8],
    header: Option<&str>,
    operator: Option<&str>,
) -> Result<CharsetDecision<'a>, DecodeError> {
    if let Some(name) = operator {
        let encoding = charset_label::encoding_for_label(name)
            .ok_or_else(|| DecodeError::UnknownCharset(name.to_owned()))?;
        return Ok(decode_with(
            encoding,
            utf16_utf32::without_utf_8_mark(bytes),
            CharsetEvidence::Operator,
        ));
    }
    if let Some((text, charset, evidence, replaced_count)) = utf16_utf32::decode_wide(bytes) {
        let (text, warnings) = (Cow::Owned(text), Vec::new());
        return Ok(CharsetDecision { text, charset, evidence, replaced_count, warnings });
    }
    let marked = bytes.starts_with(utf16_utf32::UTF_8_MARK);
    let bytes = utf16_utf32::without_utf_8_mark(bytes);
    if !charset_label::is_escaped_japanese(bytes, header)
        && let Ok(text) = simdutf8::basic::from_utf8(bytes)
    {
        let evidence =
            if marked { CharsetEvidence::ByteOrderMark } else { CharsetEvidence::ValidUtf8 };
        let (text, warnings) = (Cow::Borrowed(text), Vec::new());
        return Ok(CharsetDecision {
            text,
            charset: "utf-8",
            evidence,
            replaced_count: 0,
            warnings,
        });
    }
    if mixed_encodings::is_mostly_utf8(bytes) {
        let mixed = mixed_encodings::decode_by_entry(bytes);
        let warnings = mixed_warnings(&mixed);
        let mixed_encodings::MixedText { text, replaced_count, .. } = mixed;
        let (text, evidence) = (Cow::Owned(text), CharsetEvidence::MostlyUtf8);
        return Ok(CharsetDecision { text, charset: "utf-8", evidence, replaced_count, warnings });
    }
    let guessed = guess_encoding(bytes);
    if guessed == WINDOWS_1256 || guessed == ISO_8859_6 {
        return Ok(decode_with(guessed, bytes, CharsetEvidence::ArabicBytes));
    }
    // Bytes that are neither UTF-8 nor UTF-16 or UTF-32 prove every label wrong that names one of these.
    let believable =
        |encoding: &&'static Encoding| encoding.is_ascii_compatible() && *encoding != UTF_8;
    if let Some(encoding) = header.and_then(charset_label::header_encoding).filter(believable) {
        return Ok(decode_with(encoding, bytes, CharsetEvidence::HttpHeader));
    }
    if let Some(encoding) = charset_label::declared_encoding(bytes).filter(believable) {
        return Ok(decode_with(encoding, bytes, CharsetEvidence::Declaration));
    }
    Ok(decode_with(guessed, bytes, CharsetEvidence::Guess))
}

fn decode_with<'a>(
    encoding: &'static Encoding,
    bytes: &'a [u8],
    evidence: CharsetEvidence,
) -> CharsetDecision<'a> {
    let (text, damaged) = encoding.decode_without_bom_handling(bytes);
    let replaced_count = if damaged { text.matches('\u{FFFD}').count() } else { 0 };
    CharsetDecision {
        text,
        charset: encoding.name(),
        evidence,
        replaced_count,
        warnings: Vec::new(),
    }
}

/// Warnings about what was repaired while decoding entry by entry.
fn mixed_warnings(mixed: &mixed_encodings::MixedText) -> Vec<Warning> {
    let foreign = mixed.foreign.map(|(at, charset)| {
        let detail = format!("an entry is no UTF-8: it is read as {charset}");
        Warning::new(Stage::Decode, "entry-in-another-charset", detail)
            .times(mixed.foreign_count)
            .at(TextPosition::at_byte(&mixed.text, at))
    });
    let restored = mixed.restored_at.map(|at| {
        let detail = "letters that were cut in half were restored after the same words elsewhere";
        Warning::new(Stage::Decode, "letters-restored", detail)
            .times(mixed.restored_count)
            .at(TextPosition::at_byte(&mixed.text, at))
    });
    let marks = mixed.marks_at.map(|at| {
        let detail = "punctuation of a Windows code page stood as single bytes in UTF-8";
        Warning::new(Stage::Decode, "windows-punctuation", detail)
            .times(mixed.marks_count)
            .at(TextPosition::at_byte(&mixed.text, at))
    });
    foreign.into_iter().chain(restored).chain(marks).collect()
}

/// A label that the bytes prove wrong: first the declaration's, then the header's. Every label is right for
/// a document of ASCII only.
fn wrong_label_warning(
    bytes: &[u8],
    header: Option<&str>,
    decision: &CharsetDecision<'_>,
) -> Option<Warning> {
    use CharsetEvidence::{ArabicBytes, ByteOrderMark, MostlyUtf8, ValidUtf8};
    let is_proof =
        matches!(decision.evidence, ArabicBytes | ByteOrderMark | MostlyUtf8 | ValidUtf8);
    let is_wrong = |label: &&'static Encoding| {
        // UTF-16 is detected by its own marks, and its label need not state the byte order.
        is_proof
            && label.is_ascii_compatible()
            && !label.name().eq_ignore_ascii_case(decision.charset)
    };
    let declared =
        charset_label::declared_encoding(bytes).filter(is_wrong).map(|label| (label, "document"));
    let served = || {
        header
            .and_then(charset_label::header_encoding)
            .filter(is_wrong)
            .map(|label| (label, "header"))
    };
    let (label, who) = declared.or_else(served).filter(|_| !bytes.is_ascii())?;
    if decision.charset.starts_with("utf-16") || decision.charset.starts_with("utf-32") {
        return None;
    }
    let charset = decision.charset.to_ascii_lowercase();
    let detail = format!("the {who} says {} and is {charset}", label.name().to_ascii_lowercase());
    Some(Warning::new(Stage::Decode, "wrong-charset", detail))
}

/// A quick check of the bytes for what the next two functions search by character; nearly all documents
/// contain nothing of it.
fn may_contain_controls(bytes: &[u8]) -> bool {
    let behind = bytes.get(1..).unwrap_or_default();
    let is_control = |first: u8, second: u8| {
        // U+0080 to U+009F are C2 and a byte below A0; «, » and the hard space are C2 and another.
        (first < b' ' && !matches!(first, b'\t' | b'\n' | b'\r'))
            || (first == 0xC2 && second < 0xA0)
    };
    // A block at a time, so that the compiler can vectorize the check.
    let mut pieces = bytes.chunks(4_096).zip(behind.chunks(4_096));
    let in_pieces = pieces.any(|(piece, behind)| {
        let pairs = piece.iter().zip(behind);
        pairs.fold(false, |any, (first, second)| any | is_control(*first, *second))
    });
    // EF BB BF, EF BF BE and EF BF BF; presentation forms of Arabic begin with EF as well.
    let has_mark_or_noncharacter =
        |at: usize| matches!(bytes.get(at + 1..at + 3), Some([0xBB, 0xBF] | [0xBF, 0xBE | 0xBF]));
    in_pieces
        || bytes.last().is_some_and(|last| is_control(*last, 0xFF))
        || memchr_iter(0xEF, bytes).any(has_mark_or_noncharacter)
}

/// Restores the punctuation of the Windows code pages where its byte values appear as control characters
/// U+0080–U+009F, which no text holds (as HTML does for references, section 13.2.5.80).
fn without_misread_punctuation<'a>(
    text: Cow<'a, str>,
    warnings: &mut Vec<Warning>,
) -> Cow<'a, str> {
    let punctuation = |c: char| {
        let byte = u8::try_from(u32::from(c)).ok().filter(|byte| (0x80..0xA0).contains(byte))?;
        single_bytes::windows_mark(byte)
    };
    let Some(at) = text.find(|c| punctuation(c).is_some()) else { return text };
    let count = text.chars().filter(|c| punctuation(*c).is_some()).count();
    let detail = "punctuation of a Windows code page stood as control characters";
    warnings.push(
        Warning::new(Stage::Decode, "windows-punctuation", detail)
            .times(count)
            .at(TextPosition::at_byte(&text, at)),
    );
    text.chars().map(|c| punctuation(c).unwrap_or(c)).collect()
}

/// Drops and counts what XML 1.0 (section 2.2, Char) forbids, and stray byte order marks.
fn without_forbidden_characters<'a>(
    text: Cow<'a, str>,
    warnings: &mut Vec<Warning>,
) -> Cow<'a, str> {
    let forbidden = |c: char| {
        matches!(c, '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}')
            || matches!(c, '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}')
    };
    let Some(at) = text.find(forbidden) else { return text };
    let count = text.chars().filter(|c| forbidden(*c)).count();
    warnings.push(
        Warning::new(
            Stage::Decode,
            "control-characters",
            "characters that no feed may hold were dropped",
        )
        .times(count)
        .at(TextPosition::at_byte(&text, at)),
    );
    text.chars().filter(|c| !forbidden(*c)).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use encoding_rs::WINDOWS_1252;

    use super::*;

    const ARABIC: &str = "<rss><channel><title>أخبار مدينة السنديان</title><item><title>افتتاح مكتبة \
                          عامة في حي الزيتون</title></item></channel></rss>";

    fn served(bytes: Vec<u8>, content_type: Option<&str>) -> Document {
        Document { bytes, content_type: content_type.map(Into::into), url: None }
    }

    fn decode_whole(
        document: &Document,
        operator: Option<&str>,
    ) -> Result<DecodedText<'static>, DecodeError> {
        decode(document, operator).map(DecodedText::into_owned)
    }

    fn check(bytes: Vec<u8>, content_type: Option<&str>, charset: &str, evidence: CharsetEvidence) {
        let decoded = decode_whole(&served(bytes, content_type), None).unwrap();
        assert!(decoded.text.contains("أخبار مدينة السنديان"), "{}: {}", charset, decoded.text);
        assert_eq!((decoded.charset.as_str(), decoded.evidence), (charset, evidence));
    }

    fn arabic_page(encoding: &'static Encoding, prefix: &str) -> Vec<u8> {
        encoding.encode(&format!("{prefix}{ARABIC}")).0.into_owned()
    }

    fn utf_16(big: bool, marked: bool) -> Vec<u8> {
        let text = if marked { format!("\u{FEFF}{ARABIC}") } else { ARABIC.to_owned() };
        text.encode_utf16()
            .flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() })
            .collect()
    }

    #[test]
    fn each_kind_of_evidence() {
        use CharsetEvidence as By;
        let utf8 = || ARABIC.as_bytes().to_vec();
        let says_1256 = "<?xml version=\"1.0\" encoding=\"windows-1256\"?>";
        let says_utf8 = "<?xml version=\"1.0\" encoding=\"utf-8\"?>";
        check(utf8(), None, "utf-8", By::ValidUtf8);
        check(utf8(), Some("text/xml; charset=iso-8859-1"), "utf-8", By::ValidUtf8);
        check(format!("{says_1256}{ARABIC}").into(), None, "utf-8", By::ValidUtf8);
        check(format!("\u{FEFF}\n\u{FEFF}{ARABIC}").into(), None, "utf-8", By::ByteOrderMark);
        check(utf_16(false, true), None, "utf-16le", By::ByteOrderMark);
        check(utf_16(true, true), None, "utf-16be", By::ByteOrderMark);
        check(utf_16(false, false), None, "utf-16le", By::NulPattern);
        check(utf_16(true, false), None, "utf-16be", By::NulPattern);
        let utf_32 = ARABIC.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect();
        check(utf_32, None, "utf-32be", By::NulPattern);
        check(arabic_page(WINDOWS_1256, ""), None, "windows-1256", By::ArabicBytes);
        check(arabic_page(WINDOWS_1256, says_utf8), None, "windows-1256", By::ArabicBytes);
        let latin = Some("text/xml; charset=iso-8859-1");
        check(arabic_page(WINDOWS_1256, ""), latin, "windows-1256", By::ArabicBytes);
        check(arabic_page(ISO_8859_6, ""), None, "iso-8859-6", By::ArabicBytes);
    }

    #[test]
    fn labels_decide_only_when_the_bytes_do_not() {
        let bytes = WINDOWS_1252.encode("<rss><title>Caf\u{e9}</title></rss>").0.into_owned();
        let decoded =
            decode_whole(&served(bytes.clone(), Some("text/xml; charset=iso-8859-2")), None);
        assert_eq!(decoded.unwrap().evidence, CharsetEvidence::HttpHeader);
        let mut declared = b"<?xml version='1.0' encoding='iso-8859-15'?>".to_vec();
        declared.extend(&bytes);
        let decoded = decode_whole(&served(declared, None), None).unwrap();
        assert_eq!(
            (decoded.charset.as_str(), decoded.evidence),
            ("iso-8859-15", CharsetEvidence::Declaration)
        );
        let decoded = decode_whole(&served(bytes, None), Some("windows-1251")).unwrap();
        assert_eq!(decoded.evidence, CharsetEvidence::Operator);
        assert!(decode_whole(&served(b"x".to_vec(), None), Some("klingon")).is_err());
    }

    #[test]
    fn one_cut_letter_does_not_make_a_document_invalid() {
        let mut bytes = ARABIC.as_bytes().to_vec();
        let cut = bytes.iter().rposition(|byte| *byte >= 0x80).unwrap();
        bytes.remove(cut);
        check(bytes.clone(), None, "utf-8", CharsetEvidence::MostlyUtf8);
        let decoded = decode_whole(&served(bytes, None), None).unwrap();
        assert_eq!(decoded.warnings[0].code, "bytes-replaced");
        assert_eq!(decoded.warnings[0].count, 1);
    }

    #[test]
    fn a_cut_letter_is_searched_in_its_own_entry_first() {
        let check = |own: &str, expected: &str| {
            let mut bytes = format!("{ARABIC}<item>كتات</item><item>{own} كتا").into_bytes();
            bytes.extend(b"\xD8 x</item><item>");
            bytes.extend("كتاب</item>".as_bytes());
            let decoded = decode_whole(&served(bytes, None), None).unwrap();
            assert!(decoded.text.contains(expected), "{}", decoded.text);
        };
        check("كتاب", "كتاب كتاب x");
        check("", " كتا\u{FFFD} x");
    }

    #[test]
    fn an_entry_in_another_charset_is_decoded_by_itself() {
        let mut bytes = format!("{}<item>", ARABIC.repeat(3)).into_bytes();
        bytes
            .extend(WINDOWS_1256.encode("وصول قافلة المساعدات إلى الميناء القديم</item>").0.iter());
        let decoded = decode_whole(&served(bytes, None), None).unwrap();
        assert!(decoded.text.contains("قافلة المساعدات"), "{}", decoded.text);
    }

    #[test]
    fn a_body_packed_twice_is_unpacked_and_a_cut_one_yields_its_beginning() {
        let text = ARABIC.repeat(200);
        let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        writer.write_all(text.as_bytes()).unwrap();
        let packed = writer.finish().unwrap();
        check(packed.clone(), None, "utf-8", CharsetEvidence::ValidUtf8);
        let decoded =
            decode_whole(&served(packed[..packed.len() - 12].to_vec(), None), None).unwrap();
        assert!(decoded.warnings.iter().any(|warning| warning.code == "packed-cut"));
    }

    #[test]
    fn empty_documents_are_an_error() {
        for bytes in [&b""[..], b" \r\n", b"\0\0", b"\xEF\xBB\xBF", b"\x01\x02"] {
            assert_eq!(decode_whole(&served(bytes.to_vec(), None), None), Err(DecodeError::Empty));
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_cause_a_panic(bytes: Vec<u8>) {
            let _ = decode_whole(&served(bytes, None), None);
        }

        #[test]
        fn utf8_is_kept_to_the_letter(text in "[ء-ي a-z<>&]{1,60}") {
            proptest::prop_assume!(!text.trim().is_empty());
            let decoded = decode_whole(&served(text.clone().into_bytes(), None), None).unwrap();
            proptest::prop_assert_eq!(decoded.text, text);
        }
    }
}
