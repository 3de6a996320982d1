//! Any text → text that may stand in XML 1.0 and in JSON, and instants → the words of each format.
//!
//! XML 1.0 section 2.2 allows tab, newline, return and everything from U+0020 but surrogates,
//! U+FFFE and U+FFFF; what it forbids cannot even be escaped, so it is dropped. Returns become
//! newlines as every XML reader would make them (section 2.11).

use jiff::Timestamp;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use rafid_feed::model::Entry;

use super::href;
use crate::model::{Publication, SourceInfo};

/// What must not stand in one segment of a path (RFC 3986 section 3.3).
const SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b']')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Text for an element.
pub(super) fn xml_text(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut after_return = false;
    for c in text.chars() {
        match c {
            '\r' => clean.push('\n'),
            '\n' if after_return => {}
            '\t' | '\n' => clean.push(c),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            _ => clean.push(c),
        }
        after_return = c == '\r';
    }
    clean
}

/// Text for an attribute or one line: white space becomes a space (XML 1.0 section 3.3.3).
pub(super) fn xml_line(line: &str) -> String {
    xml_text(line).replace(['\t', '\n'], " ")
}

/// One line that is the same text for a reader that takes it for HTML, as many do with titles of RSS,
/// which does not say what they are: a word joiner, which nobody sees, stands wherever markup would
/// begin (HTML, "tag open state").
pub(super) fn inert_line(plain: &str) -> String {
    let clean = xml_line(plain);
    let mut inert = String::with_capacity(clean.len());
    let mut rest = clean.chars().peekable();
    while let Some(c) = rest.next() {
        inert.push(c);
        let begins = |next: &char| next.is_ascii_alphabetic() || ['/', '!', '?'].contains(next);
        if c == '<' && rest.peek().is_some_and(begins) {
            inert.push('\u{2060}');
        }
    }
    inert
}

/// Escapes text for HTML, in elements and in double-quoted attributes.
pub(super) fn escape_html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            _ => escaped.push(c),
        }
    }
    escaped
}

/// Markup in a box that says its direction and language: feed formats have no place for a
/// direction, and readers believe the markup.
pub(super) fn in_direction_box(html: &str, entry: &Entry) -> String {
    let lang =
        entry.language.as_ref().map(|language| format!(" lang=\"{language}\"")).unwrap_or_default();
    xml_text(&format!("<div dir=\"{}\"{lang}>{html}</div>", entry.direction.as_str()))
}

/// An instant as RSS wants it (RFC 822 with four digits of year); `None`: no such year there.
pub(super) fn rfc_822(at: Timestamp) -> Option<String> {
    jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&at).ok()
}

/// An instant as JSON Feed and HTML want it (RFC 3339, whole seconds, UTC).
pub(super) fn rfc_3339(at: Timestamp) -> String {
    Timestamp::from_second(at.as_second()).unwrap_or(at).to_string()
}

/// One word as a segment of a path, percent-encoded.
pub(super) fn path_segment(word: &str) -> String {
    utf8_percent_encode(word, SEGMENT).to_string()
}

/// The address of one file of this output.
pub(super) fn output_file_address(publication: &Publication, file: &str) -> String {
    xml_line(&format!("{}{}{file}", publication.base, publication.folder))
}

/// The address by which an output names a source: its feed, or its folder here for a local file and a
/// private source.
pub(super) fn source_address(publication: &Publication, card: &SourceInfo) -> String {
    match &card.feed_url {
        Some(url) => href::encode_href(url.as_str()),
        None => format!("{}source/{}/", publication.base, path_segment(card.id.as_str())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_forbids_never_leaves() {
        let check =
            |input: &str, expected: &str| assert_eq!(xml_text(input), expected, "{input:?}");
        check("أ\u{0}ب\u{1f}\u{fffe}\u{ffff}", "أب");
        check("a\r\nb\rc\r\r\nd", "a\nb\nc\n\nd");
        check("\t😀\u{7f}", "\t😀\u{7f}");
        assert_eq!(xml_line("a\nb\tc"), "a b c");
    }

    #[test]
    fn a_line_begins_no_markup() {
        let check =
            |input: &str, expected: &str| assert_eq!(inert_line(input), expected, "{input}");
        check("<script>", "<\u{2060}script>");
        check("</b><!--<?x", "<\u{2060}/b><\u{2060}!--<\u{2060}?x");
        check("<\u{0}b", "<\u{2060}b");
        check("<<b", "<<\u{2060}b");
        check("1 < 2, <3, <-, <", "1 < 2, <3, <-, <");
        check("&lt;b&gt; < خبر", "&lt;b&gt; < خبر");
    }

    #[test]
    fn instants_in_the_words_of_each_format() {
        let at: Timestamp = "2026-11-24T05:02:03.5Z".parse().unwrap();
        assert_eq!(rfc_822(at).unwrap(), "Tue, 24 Nov 2026 05:02:03 GMT");
        assert_eq!(rfc_3339(at), "2026-11-24T05:02:03Z");
    }

    #[test]
    fn segments_are_encoded() {
        assert_eq!(path_segment("أخبار/x"), "%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1%2Fx");
    }
}
