//! A text with what was said about it → one line that may be shown.
//!
//! | kind | reading |
//! | --- | --- |
//! | text | as it is |
//! | HTML | tags go, entities are resolved |
//! | not said | the same, but only a known element's name makes a `<` markup |
//!
//! What was escaped once too often (`&amp;quot;`, `&lt;b&gt;…&lt;/b&gt;`) is read once more, never
//! twice more. Scripts and styles say nothing; but where an escaped one is all there is, or never ends, it
//! is what the title is about, and stays as text.

use memchr::memchr2;

use super::elements::{self, Element, Role};
use super::line;
use super::signs;
use crate::feed::markup::{Scanner, Tag, Token};
use crate::feed::model::{PlainText, RawText, SafeHtml, TextKind};

/// Bytes that are collected for a line: four for each character that is looked at.
const MOST_BYTES: usize = 4 * line::MOST_LOOKED_AT;

/// The line of a text.
pub(super) fn of(raw: &RawText) -> PlainText {
    read(raw).0
}

/// The same, and whether it was escaped once too often.
pub(super) fn read(raw: &RawText) -> (PlainText, bool) {
    match raw.kind {
        TextKind::Text => (line::of(&raw.value), false),
        TextKind::Html | TextKind::Unsaid => twice(&raw.value, raw.kind),
    }
}

/// The line of words whose kind nobody can say: names, categories, rights. `None`: nothing is left.
pub(super) fn of_words(words: Option<&str>) -> Option<PlainText> {
    words.map(|words| twice(words, TextKind::Unsaid).0).filter(|line| !line.is_empty())
}

/// The first words of markup, about `most_bytes` of them, for looking at and not for showing.
pub(super) fn beginning(html: &SafeHtml, most_bytes: usize) -> String {
    let mut out = String::new();
    for token in Scanner::new(html.as_str()) {
        match token {
            Token::Text(text) => out.push_str(text),
            _ => out.push(' '),
        }
        if out.len() > most_bytes {
            break;
        }
    }
    out
}

fn twice(text: &str, kind: TextKind) -> (PlainText, bool) {
    if memchr2(b'<', b'&', text.as_bytes()).is_none() {
        return (line::of(text), false);
    }
    let once = stripped(text, kind, MOST_BYTES);
    if signs::has_sure_markup(&once) {
        let again = line::of(&stripped(&once, TextKind::Unsaid, MOST_BYTES));
        let speaks_of_code = || code_in(&once).is_some_and(|ends| !ends || again.is_empty());
        if speaks_of_code() { (line::of(&once), false) } else { (again, true) }
    } else if signs::has_entity(&once) {
        (line::of(&signs::unescaped(&once)), true)
    } else {
        (line::of(&once), false)
    }
}

/// Whether the scripts and styles of a text end; `None`: it has none.
fn code_in(text: &str) -> Option<bool> {
    let mut scanner = Scanner::new(text);
    let mut found = None;
    while let Some(token) = scanner.next() {
        let Token::Start(tag) = token else { continue };
        let element = elements::find(tag.name).filter(|element| element.role == Role::Code);
        let Some(element) = element else { continue };
        if !scanner.skip_past_end_of(element.name) {
            return Some(false);
        }
        found = Some(true);
    }
    found
}

/// The text without its tags, entities resolved, or about the first `most_bytes` of it. White space
/// stands where a tag parts two words.
pub(super) fn stripped(text: &str, kind: TextKind, most_bytes: usize) -> String {
    let mut out = String::new();
    let mut scanner = Scanner::new(text);
    while let Some(token) = scanner.next()
        && out.len() <= most_bytes
    {
        match token {
            Token::Text(text) => push(&mut out, text),
            Token::Comment => {}
            Token::Unfinished(raw) => {
                if kind == TextKind::Unsaid {
                    push(&mut out, raw);
                }
            }
            Token::Start(tag) | Token::End(tag) => match elements::find(tag.name) {
                None if kind == TextKind::Unsaid && !elements::is_known(tag.name) => {
                    push(&mut out, tag.raw);
                }
                None => {}
                Some(element) => {
                    if !element.role.is_inline() {
                        out.push(' ');
                    }
                    skip_content(&mut scanner, element, &token, tag);
                }
            },
        }
    }
    out
}

fn push(out: &mut String, text: &str) {
    out.push_str(&signs::unescaped(text));
}

/// Moves behind the content of an element that says nothing.
fn skip_content(scanner: &mut Scanner, element: &Element, token: &Token, tag: Tag) {
    let opens = matches!(token, Token::Start(_)) && !tag.is_empty_element();
    match element.role {
        Role::Gone if opens => {
            scanner.skip_past_end_of(element.name);
        }
        Role::Code if opens && !scanner.skip_past_end_of(element.name) => scanner.skip_all(),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: TextKind, input: &str, expected: &str) {
        let raw = RawText { value: input.to_owned(), kind, ..RawText::default() };
        assert_eq!(of(&raw).as_str(), expected, "{input:?}");
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
    fn what_nobody_called_html_keeps_its_signs() {
        check(TextKind::Unsaid, "a < b", "a < b");
        check(TextKind::Unsaid, "I <3 you", "I <3 you");
        check(TextKind::Unsaid, "Vec<String> و List<T>", "Vec<String> و List<T>");
        check(TextKind::Unsaid, "a<o:p></o:p>b", "ab");
        check(TextKind::Unsaid, "Vec<std::string>", "Vec<std::string>");
        check(TextKind::Unsaid, "5 <b", "5 <b");
        check(TextKind::Unsaid, "R&D and AT&T", "R&D and AT&T");
        check(TextKind::Unsaid, "a.example/?a=1&copy=2", "a.example/?a=1&copy=2");
        check(TextKind::Unsaid, "&quot;خبر&quot; &#8211; &copy 2026", "\"خبر\" – © 2026");
        check(TextKind::Unsaid, "<b>خبر</b>", "خبر");
        check(TextKind::Unsaid, "<B CLASS=x>خبر", "خبر");
    }

    #[test]
    fn what_was_escaped_twice_is_read_twice_and_not_thrice() {
        check(TextKind::Unsaid, "&amp;quot;خبر&amp;quot;", "\"خبر\"");
        check(TextKind::Unsaid, "&lt;b&gt;خبر&lt;/b&gt;", "خبر");
        check(TextKind::Unsaid, "&amp;lt;b&amp;gt;خبر&amp;lt;/b&amp;gt;", "<b>خبر</b>");
        check(TextKind::Unsaid, "&amp;amp;amp; x", "&amp; x");
        check(TextKind::Html, "&lt;script&gt;x&lt;/script&gt;خبر", "خبر");
        let alone = "&lt;script&gt;alert(1)&lt;/script&gt;";
        check(TextKind::Unsaid, alone, "<script>alert(1)</script>");
        check(TextKind::Html, alone, "<script>alert(1)</script>");
        check(TextKind::Html, "ما وسم &lt;script&gt;؟", "ما وسم <script>؟");
        check(TextKind::Html, "&lt;p&gt;&lt;/p&gt;", "");
        check(TextKind::Html, "AT&amp;amp;T and the &lt;b&gt; tag", "AT&T and the <b> tag");
    }

    #[test]
    fn long_titles_cost_little() {
        for unit in
            ["<", "<b>", "&lt;b&gt;", "&amp;", "<!--", "<a x=\"", "كلمة ", "\u{64e}", "<script>"]
        {
            let raw = RawText { value: unit.repeat(100_000), ..RawText::default() };
            assert!(of(&raw).as_str().chars().count() <= line::MOST_CHARACTERS + 1, "{unit}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_title_makes_it_panic(value in "(<[a-z!/]{0,3}|&[a-z#0-9]{0,4};?|[ =\"'>a-zأ-ي-]){0,40}") {
            for kind in [TextKind::Html, TextKind::Unsaid] {
                let _ = of(&RawText { value: value.clone(), kind, ..RawText::default() });
            }
        }
    }
}
