//! Markup → its words on one line, in their own spelling.

use super::{Scanner, Token};

/// Elements whose end is not the end of a word (HTML Living Standard, phrasing content that
/// publishers use inside words), sorted.
const INLINE: [&str; 22] = [
    "a", "abbr", "b", "bdi", "bdo", "cite", "code", "del", "em", "i", "ins", "kbd", "mark", "q",
    "s", "small", "span", "strong", "sub", "sup", "u", "wbr",
];

/// The text of sanitised markup, entities resolved, one space between words.
pub(in crate::feed) fn words_of(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    for token in Scanner::new(html) {
        match token {
            Token::Text(words) => text.push_str(&htmlize::unescape(words)),
            Token::Start(tag) | Token::End(tag) => {
                let name = tag.name.to_ascii_lowercase();
                if INLINE.binary_search(&name.as_str()).is_err() {
                    text.push(' ');
                }
            }
            Token::Comment | Token::Unfinished(_) => {}
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_whole_and_blocks_part_them() {
        assert!(INLINE.is_sorted());
        let check = |html: &str, expected: &str| assert_eq!(words_of(html), expected, "{html}");
        check("<p>كت<b>اب</b></p><p>جديد &amp; قديم</p>", "كتاب جديد & قديم");
        check("<ul><li>أ</li><li>ب</li></ul>ج<br>د", "أ ب ج د");
        check("", "");
        for name in INLINE {
            check(&format!("أ<{name}>ب</{name}>"), "أب");
        }
    }
}
