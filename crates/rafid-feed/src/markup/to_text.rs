//! Markup → its words on one line, spelled as they are.

use super::{MarkupToken, Scanner};

/// Elements whose end does not end a word (HTML Living Standard, phrasing content that publishers use
/// inside words), sorted.
const INLINE: [&str; 22] = [
    "a", "abbr", "b", "bdi", "bdo", "cite", "code", "del", "em", "i", "ins", "kbd", "mark", "q",
    "s", "small", "span", "strong", "sub", "sup", "u", "wbr",
];

/// The text of sanitized markup, entities resolved, one space between words.
pub fn markup_to_text(html: &str) -> String {
    text_with_breaks(html, ' ').split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The same, with a line for each paragraph, heading or list item; no line is empty.
pub fn markup_to_lines(html: &str) -> String {
    let text = text_with_breaks(html, '\n');
    let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// The text with a separator where a tag separates two words.
fn text_with_breaks(html: &str, mark: char) -> String {
    let mut text = String::with_capacity(html.len());
    for token in Scanner::new(html) {
        match token {
            MarkupToken::Text(words) if mark == ' ' => text.push_str(&htmlize::unescape(words)),
            // A line break in the source is white space on the page.
            MarkupToken::Text(words) => text.push_str(&htmlize::unescape(words).replace('\n', " ")),
            MarkupToken::Start(tag) | MarkupToken::End(tag) => {
                let name = tag.name.to_ascii_lowercase();
                if INLINE.binary_search(&name.as_str()).is_err() {
                    text.push(mark);
                }
            }
            MarkupToken::Comment | MarkupToken::Unfinished(_) => {}
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_whole_and_blocks_separate_them() {
        assert!(INLINE.is_sorted());
        let check =
            |html: &str, expected: &str| assert_eq!(markup_to_text(html), expected, "{html}");
        check("<p>كت<b>اب</b></p><p>جديد &amp; قديم</p>", "كتاب جديد & قديم");
        check("<ul><li>أ</li><li>ب</li></ul>ج<br>د", "أ ب ج د");
        check("", "");
        assert_eq!(markup_to_lines("<p>أ\nب<p>ج<br>د"), "أ ب\nج\nد");
        for name in INLINE {
            check(&format!("أ<{name}>ب</{name}>"), "أب");
        }
    }
}
