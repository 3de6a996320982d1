//! A text with its attributes → one line that is safe to show.
//!
//! | kind | reading |
//! | --- | --- |
//! | text | unchanged |
//! | HTML | tags are removed, entities are resolved |
//! | undeclared | the same, but a `<` is markup only before the name of a known element, and a lone tag between two words that no publisher leaves behind (`the <code> element`) is a word |
//!
//! A text that was escaped once too often (`&amp;quot;`, `&lt;b&gt;…&lt;/b&gt;`) is unescaped one
//! more time, never two. Scripts and styles are dropped; but an escaped one that is the whole
//! title, or that never ends, is the topic of the title and stays as text.

use memchr::memchr2;

use super::elements::{self, HtmlElement, HtmlRole};
use super::{line, markup_detection};
use crate::markup::{MarkupTag, MarkupToken, Scanner};
use crate::model::{PlainText, RawText, SafeHtml, TextKind};

/// The most bytes that are collected for a line: four for each character that is read.
const MOST_BYTES: usize = 4 * line::MOST_LOOKED_AT;

/// Tokens behind a tag that are searched for its end.
const MOST_SEARCHED: usize = 32;

/// Elements that a title may be about, sorted: no publisher leaves their start tag behind in one. Those that
/// format words or end lines are often left behind.
const TOPICS: [&str; 24] = [
    "article", "aside", "audio", "button", "canvas", "code", "datalist", "details", "dialog",
    "figure", "form", "iframe", "input", "main", "meta", "nav", "picture", "pre", "section",
    "select", "table", "template", "textarea", "video",
];

/// The line of a text.
pub(super) fn to_plain_text(raw: &RawText) -> PlainText {
    to_plain_text_with_escaping(raw).0
}

/// The same, and whether the text was escaped once too often.
pub(super) fn to_plain_text_with_escaping(raw: &RawText) -> (PlainText, bool) {
    match raw.kind {
        TextKind::Text => (line::to_line(&raw.value), false),
        TextKind::Html | TextKind::Unspecified => line_unescaped_twice(&raw.value, raw.kind),
    }
}

/// The line of words of unknown format: names, categories, rights. `None`: nothing is left.
pub(super) fn plain_text_of_words(words: Option<&str>) -> Option<PlainText> {
    words
        .map(|words| line_unescaped_twice(words, TextKind::Unspecified).0)
        .filter(|line| !line.is_empty())
}

/// The first words of markup, about `most_bytes` of them, for analysis and not for display.
pub(super) fn beginning_of_html(html: &SafeHtml, most_bytes: usize) -> String {
    let mut out = String::new();
    for token in Scanner::new(html.as_str()) {
        match token {
            MarkupToken::Text(text) => {
                let room = most_bytes.saturating_sub(out.len());
                out.push_str(&text[..text.floor_char_boundary(room)]);
            }
            _ => out.push(' '),
        }
        // No letter has more than four bytes.
        if out.len() + 4 > most_bytes {
            break;
        }
    }
    out
}

fn line_unescaped_twice(text: &str, kind: TextKind) -> (PlainText, bool) {
    if memchr2(b'<', b'&', text.as_bytes()).is_none() {
        return (line::to_line(text), false);
    }
    let once = strip_tags(text, kind, MOST_BYTES);
    if markup_detection::has_sure_markup(&once) {
        let again = line::to_line(&strip_tags(&once, TextKind::Unspecified, MOST_BYTES));
        let speaks_of_code =
            || has_closed_code(&once).is_some_and(|ends| !ends || again.is_empty());
        if speaks_of_code() { (line::to_line(&once), false) } else { (again, true) }
    } else if markup_detection::has_entity(&once) {
        (line::to_line(&markup_detection::unescaped(&once)), true)
    } else {
        (line::to_line(&once), false)
    }
}

/// Whether the scripts and styles of a text end; `None`: it has none.
fn has_closed_code(text: &str) -> Option<bool> {
    let mut scanner = Scanner::new(text);
    let mut found = None;
    while let Some(token) = scanner.next() {
        let MarkupToken::Start(tag) = token else { continue };
        let element =
            elements::find_element(tag.name).filter(|element| element.role == HtmlRole::Code);
        let Some(element) = element else { continue };
        if !scanner.skip_past_end_of(element.name) {
            return Some(false);
        }
        found = Some(true);
    }
    found
}

/// The text without its tags, with entities resolved, or about the first `most_bytes` of it. A
/// space replaces a tag that separates two words.
pub(super) fn strip_tags(text: &str, kind: TextKind, most_bytes: usize) -> String {
    let mut out = String::with_capacity(text.len().min(most_bytes));
    let mut scanner = Scanner::new(text);
    while let Some(token) = scanner.next()
        && out.len() <= most_bytes
    {
        match token {
            MarkupToken::Text(text) => push_spaced(&mut out, text),
            MarkupToken::Comment => {}
            MarkupToken::Unfinished(raw) => {
                if kind == TextKind::Unspecified {
                    push_spaced(&mut out, raw);
                }
            }
            MarkupToken::Start(tag)
                if kind == TextKind::Unspecified && is_topic(&out, &scanner, &tag) =>
            {
                push_spaced(&mut out, tag.raw);
            }
            MarkupToken::Start(tag) | MarkupToken::End(tag) => {
                match elements::find_element(tag.name) {
                    None if kind == TextKind::Unspecified && !elements::is_known(tag.name) => {
                        push_spaced(&mut out, tag.raw);
                    }
                    None => {}
                    Some(element) => {
                        if !element.role.is_inline() {
                            out.push(' ');
                        }
                        skip_content(&mut scanner, element, &token, tag);
                    }
                }
            }
        }
    }
    out
}

/// Whether a start tag is a word of the text: it stands alone between two words.
fn is_topic(before: &str, scanner: &Scanner<'_>, tag: &MarkupTag<'_>) -> bool {
    if tag.has_values() || tag.is_empty_element() || !before.ends_with(char::is_whitespace) {
        return false;
    }
    let name = tag.name.to_ascii_lowercase();
    let mut behind = scanner.clone().take(MOST_SEARCHED);
    TOPICS.binary_search(&name.as_str()).is_ok()
        && !before.trim().is_empty()
        && matches!(behind.next(), Some(MarkupToken::Text(text))
            if text.starts_with(char::is_whitespace) && !text.trim().is_empty())
        && !behind.any(
            |token| matches!(token, MarkupToken::End(end) if end.name.eq_ignore_ascii_case(&name)),
        )
}

fn push_spaced(out: &mut String, text: &str) {
    out.push_str(&markup_detection::unescaped(text));
}

/// Skips the content of an element that is never shown.
fn skip_content(scanner: &mut Scanner, element: &HtmlElement, token: &MarkupToken, tag: MarkupTag) {
    let opens = matches!(token, MarkupToken::Start(_)) && !tag.is_empty_element();
    match element.role {
        HtmlRole::Dropped if opens => {
            scanner.skip_past_end_of(element.name);
        }
        HtmlRole::Code if opens && !scanner.skip_past_end_of(element.name) => scanner.skip_all(),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: TextKind, input: &str, expected: &str) {
        let raw = RawText { value: input.to_owned(), kind, ..RawText::default() };
        assert_eq!(to_plain_text(&raw).as_str(), expected, "{input:?}");
    }

    #[test]
    fn text_is_text() {
        check(TextKind::Text, "<b>a</b> &amp; b", "<b>a</b> &amp; b");
    }

    #[test]
    fn html_is_stripped() {
        check(TextKind::Html, "<b>خبر</b>&nbsp;<i>عاجل</i>", "خبر عاجل");
        check(TextKind::Html, "خ<b>ب</b>ر", "خبر");
        check(TextKind::Html, "<p>واحد</p><p>اثنان<br>ثلاثة</p>", "واحد اثنان ثلاثة");
        check(TextKind::Html, "a<o:p></o:p>b<!-- c -->", "ab");
        check(TextKind::Html, "<script>x</script><style>y</style>z", "z");
        check(TextKind::Html, "z<script>x", "z");
        check(TextKind::Html, "<svg><title>x</title></svg>z", "z");
        check(TextKind::Html, "a <img src=x onerror=alert(1)> b <b", "a b");
        check(TextKind::Html, "the &lt;b&gt; tag", "the <b> tag");
    }

    #[test]
    fn undeclared_text_keeps_its_signs() {
        check(TextKind::Unspecified, "a < b", "a < b");
        check(TextKind::Unspecified, "I <3 you", "I <3 you");
        check(TextKind::Unspecified, "Vec<String> و List<T>", "Vec<String> و List<T>");
        check(TextKind::Unspecified, "a<o:p></o:p>b", "ab");
        check(TextKind::Unspecified, "Vec<std::string>", "Vec<std::string>");
        check(TextKind::Unspecified, "5 <b", "5 <b");
        check(TextKind::Unspecified, "R&D and AT&T", "R&D and AT&T");
        check(TextKind::Unspecified, "a.example/?a=1&copy=2", "a.example/?a=1&copy=2");
        check(TextKind::Unspecified, "&quot;خبر&quot; &#8211; &copy 2026", "\"خبر\" – © 2026");
        check(TextKind::Unspecified, "<b>خبر</b>", "خبر");
        check(TextKind::Unspecified, "<B CLASS=x>خبر", "خبر");
        check(TextKind::Unspecified, "عنصر <code> في HTML", "عنصر <code> في HTML");
        check(
            TextKind::Unspecified,
            "the <video> and <Table> elements",
            "the <video> and <Table> elements",
        );
        check(TextKind::Unspecified, "خبر <b> عاجل", "خبر عاجل");
        check(TextKind::Unspecified, "عنصر <code> في </code> HTML", "عنصر في HTML");
        check(TextKind::Unspecified, "<table> خبر", "خبر");
        check(TextKind::Unspecified, "خبر <table>", "خبر");
        check(TextKind::Html, "عنصر <code> في HTML", "عنصر في HTML");
        assert!(TOPICS.is_sorted());
    }

    #[test]
    fn text_escaped_twice_is_unescaped_twice_and_not_more() {
        check(TextKind::Unspecified, "&amp;quot;خبر&amp;quot;", "\"خبر\"");
        check(TextKind::Unspecified, "&lt;b&gt;خبر&lt;/b&gt;", "خبر");
        check(TextKind::Unspecified, "&amp;lt;b&amp;gt;خبر&amp;lt;/b&amp;gt;", "<b>خبر</b>");
        check(TextKind::Unspecified, "&amp;amp;amp; x", "&amp; x");
        check(TextKind::Html, "&lt;script&gt;x&lt;/script&gt;خبر", "خبر");
        let alone = "&lt;script&gt;alert(1)&lt;/script&gt;";
        check(TextKind::Unspecified, alone, "<script>alert(1)</script>");
        check(TextKind::Html, alone, "<script>alert(1)</script>");
        check(TextKind::Html, "ما وسم &lt;script&gt;؟", "ما وسم <script>؟");
        check(TextKind::Html, "&lt;p&gt;&lt;/p&gt;", "");
        check(TextKind::Html, "AT&amp;amp;T and the &lt;b&gt; tag", "AT&T and the <b> tag");
    }

    #[test]
    fn long_titles_are_cheap() {
        for unit in [
            "<",
            "<b>",
            "a <code> ",
            "&lt;b&gt;",
            "&amp;",
            "<!--",
            "<a x=\"",
            "كلمة ",
            "\u{64e}",
            "<script>",
        ] {
            let raw = RawText { value: unit.repeat(100_000), ..RawText::default() };
            assert!(
                to_plain_text(&raw).as_str().chars().count() <= line::MOST_CHARACTERS + 1,
                "{unit}"
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn no_title_makes_it_panic(value in "(<[a-z!/]{0,3}|&[a-z#0-9]{0,4};?|[ =\"'>a-zأ-ي-]){0,40}") {
            for kind in [TextKind::Html, TextKind::Unspecified] {
                let _ = to_plain_text(&RawText { value: value.clone(), kind, ..RawText::default() });
            }
        }
    }
}
