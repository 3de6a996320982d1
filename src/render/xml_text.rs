//! Any text → text that is valid in XML 1.0 and in JSON, and instants → the notation of each format.
//!
//! XML 1.0 section 2.2 allows tab, newline, return and everything from U+0020 except surrogates, U+FFFE and
//! U+FFFF. Forbidden characters cannot even be escaped, so they are dropped. Returns become newlines, as in
//! every XML reader (section 2.11).

use jiff::Timestamp;
use rafid_feed::model::Entry;

use super::text_direction;

/// Text for an element.
pub(super) fn xml_text(text: &str) -> String {
    let mut allowed = String::with_capacity(text.len());
    let mut after_return = false;
    for c in text.chars() {
        match c {
            '\r' => allowed.push('\n'),
            '\n' if after_return => {}
            '\t' | '\n' => allowed.push(c),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            _ => allowed.push(c),
        }
        after_return = c == '\r';
    }
    allowed
}

/// Text for an attribute or for one line: white space becomes a space (XML 1.0 section 3.3.3).
pub(super) fn xml_line(line: &str) -> String {
    xml_text(line).replace(['\t', '\n'], " ")
}

/// One line that is the same text for a reader that parses it as HTML, as many do with titles of RSS, which
/// does not define their type: an invisible word joiner is inserted wherever markup would begin (HTML, "tag
/// open state").
pub(super) fn inert_line(plain: &str) -> String {
    let allowed = xml_line(plain);
    let mut inert = String::with_capacity(allowed.len());
    let mut rest = allowed.chars().peekable();
    while let Some(c) = rest.next() {
        inert.push(c);
        let starts_markup =
            |next: &char| next.is_ascii_alphabetic() || ['/', '!', '?'].contains(next);
        if c == '<' && rest.peek().is_some_and(starts_markup) {
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

/// Markup in a box with its direction and language: feed formats have no field for a direction, and readers
/// respect the markup.
pub(super) fn in_direction_box(html: &str, entry: &Entry) -> String {
    let lang =
        entry.language.as_ref().map(|language| format!(" lang=\"{language}\"")).unwrap_or_default();
    let direction = text_direction::direction_of_html(html, entry);
    xml_text(&format!("<div dir=\"{direction}\"{lang}>{html}</div>"))
}

/// An instant in the notation of RSS (RFC 822 with a year of four digits); `None`: the notation has no such
/// year.
pub(super) fn rfc_822(at: Timestamp) -> Option<String> {
    jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&at).ok()
}

/// An instant in the notation of JSON Feed and HTML (RFC 3339, whole seconds, UTC).
pub(super) fn rfc_3339(at: Timestamp) -> String {
    Timestamp::from_second(at.as_second()).unwrap_or(at).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_xml_forbids_are_dropped() {
        let check =
            |input: &str, expected: &str| assert_eq!(xml_text(input), expected, "{input:?}");
        check("أ\u{0}ب\u{1f}\u{fffe}\u{ffff}", "أب");
        check("a\r\nb\rc\r\r\nd", "a\nb\nc\n\nd");
        check("\t😀\u{7f}", "\t😀\u{7f}");
        assert_eq!(xml_line("a\nb\tc"), "a b c");
    }

    #[test]
    fn a_line_starts_no_markup() {
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
    fn instants_in_the_notation_of_each_format() {
        let at: Timestamp = "2026-11-24T05:02:03.5Z".parse().unwrap();
        assert_eq!(rfc_822(at).unwrap(), "Tue, 24 Nov 2026 05:02:03 GMT");
        assert_eq!(rfc_3339(at), "2026-11-24T05:02:03Z");
    }
}
