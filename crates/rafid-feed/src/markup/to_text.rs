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
    text_with_breaks(html, ' ')
}

/// The same, with a line for each paragraph, heading or list item; no line is empty.
pub fn markup_to_lines(html: &str) -> String {
    text_with_breaks(html, '\n')
}

/// The words, with this separator where a tag separates two of them.
fn text_with_breaks(html: &str, separator: char) -> String {
    let mut text = JoinedWords { text: String::with_capacity(html.len()), gap: None };
    for token in Scanner::new(html) {
        match token {
            MarkupToken::Text(words) => text.push_words(&htmlize::unescape(words)),
            MarkupToken::Start(tag) | MarkupToken::End(tag) => {
                if !is_inline(tag.name) {
                    text.gap = Some(separator);
                }
            }
            MarkupToken::Comment | MarkupToken::Unfinished(_) => {}
        }
    }
    text.text
}

fn is_inline(name: &str) -> bool {
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return INLINE.binary_search(&name.to_ascii_lowercase().as_str()).is_ok();
    }
    INLINE.binary_search(&name).is_ok()
}

/// Words with one separator between two.
struct JoinedWords {
    text: String,
    /// What separates the next word from those before it; `None`: nothing does.
    gap: Option<char>,
}

impl JoinedWords {
    /// Adds text of the source, in which a line break is white space like any other.
    fn push_words(&mut self, words: &str) {
        if !may_have_other_gaps(words) {
            return self.push_spaced(words);
        }
        let mut rest = words;
        while let Some((start, length)) = find_white_space(rest) {
            self.push_word(&rest[..start]);
            self.gap = self.gap.or(Some(' '));
            rest = &rest[start + length..];
        }
        self.push_word(rest);
    }

    /// Adds words that are separated by single spaces already.
    fn push_spaced(&mut self, words: &str) {
        let words = words.strip_prefix(' ').map_or(words, |words| {
            self.gap = self.gap.or(Some(' '));
            words
        });
        let trimmed = words.strip_suffix(' ').unwrap_or(words);
        self.push_word(trimmed);
        if trimmed.len() < words.len() {
            self.gap = self.gap.or(Some(' '));
        }
    }

    fn push_word(&mut self, word: &str) {
        if word.is_empty() {
            return;
        }
        if let Some(gap) = self.gap.take()
            && !self.text.is_empty()
        {
            self.text.push(gap);
        }
        self.text.push_str(word);
    }
}

/// Whether a text may have white space other than single spaces between words. Most texts of news have none. All bytes are
/// looked at together and without a branch, which takes a tenth of the instructions of one after the other.
fn may_have_other_gaps(text: &str) -> bool {
    let seconds = text.as_bytes().get(1..).unwrap_or_default();
    let is_other = |byte: u8, next: u8| {
        let is_quote = u8::from(next == 0xAB) | u8::from(next == 0xBB);
        u8::from(byte.wrapping_sub(9) < 5)
            | u8::from(byte.wrapping_sub(0xE1) < 3)
            | u8::from(byte == 0xC2) & (is_quote ^ 1)
            | u8::from(byte == b' ') & u8::from(next == b' ')
    };
    let pairs = text.bytes().zip(seconds);
    let found = pairs.fold(0, |found, (byte, next)| found | is_other(byte, *next));
    // The last byte is in no pair, and begins white space only if it is of ASCII.
    found != 0 || text.ends_with(|c: char| matches!(c, '\t'..='\r'))
}

/// Whether a character that may be white space begins with a byte: ASCII; then U+0085 and U+00A0; U+1680; U+2000 to
/// U+205F; U+3000 (Unicode 16, PropList.txt).
static MAY_BE_SPACE: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < table.len() {
        table[byte] = matches!(byte, 9..=13 | 0x20 | 0xC2 | 0xE1..=0xE3);
        byte += 1;
    }
    table
};

/// Where the first white space (`char::is_whitespace`) of a text begins, and its length in bytes.
fn find_white_space(text: &str) -> Option<(usize, usize)> {
    let mut from = 0;
    loop {
        let rest = &text.as_bytes()[from..];
        let at = from + rest.iter().position(|byte| MAY_BE_SPACE[usize::from(*byte)])?;
        let c = text[at..].chars().next()?;
        if c.is_whitespace() {
            return Some((at, c.len_utf8()));
        }
        from = at + c.len_utf8();
    }
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
            check(&format!("أ<{0}>ب</{0}>", name.to_ascii_uppercase()), "أب");
        }
    }

    #[test]
    fn every_white_space_separates_words() {
        for c in ('\0'..='\u{FFFF}').filter(|c| !matches!(c, '<' | '&' | 'أ' | 'ب')) {
            let expected = if c.is_whitespace() { "أ ب".to_owned() } else { format!("أ{c}ب") };
            assert_eq!(markup_to_text(&format!("{c}أ{c}ب{c}")).trim_matches(c), expected, "{c:?}");
            assert_eq!(
                markup_to_text(&format!("{c}<b>أ</b>{c}<b>ب</b>")).trim_matches(c),
                expected
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn lines_are_those_of_the_words(html in "([ءبa&<>/\n\u{a0}\u{2009} ]|<p>|</b>|<BR>|&#10;|&nbsp;){0,40}") {
            let joined = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
            let text = markup_to_text(&html);
            proptest::prop_assert_eq!(&joined(&text), &text);
            let lines = markup_to_lines(&html);
            for line in lines.split('\n') {
                proptest::prop_assert_eq!(&joined(line), line);
                proptest::prop_assert!(!line.is_empty() || lines.is_empty());
            }
            proptest::prop_assert_eq!(joined(&lines), text);
        }
    }
}
