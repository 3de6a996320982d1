//! The text of an entry → its first words, folded and hashed once for everything that is compared of them:
//! the signature and the words themselves.

use rafid_feed::arabic::{MatchToken, report_lines};

use super::recurring::is_variable;
use super::term_hash::text_hash;
use super::terms::is_significant;

/// The number of words after which no further line of a text is read: outlets cut agency texts from the end
/// (measured on copies of agency texts).
pub(super) const TEXT_WORDS_MAX: usize = 150;

/// A word of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TextWord {
    /// Its hash, `term_hash::text_hash`.
    pub hash: u64,
    /// Whether it varies between the editions of a series.
    pub is_variable: bool,
    /// Whether it has a meaning of its own.
    pub is_significant: bool,
}

impl TextWord {
    /// A token as a word.
    pub(super) fn from_token(token: &MatchToken<'_>) -> Self {
        let hash = text_hash(token.as_bytes());
        Self {
            hash,
            is_variable: is_variable(token.as_bytes(), hash),
            is_significant: is_significant(token),
        }
    }
}

/// The words of a text without its dateline and boilerplate: whole lines, until there are enough. `visit` is called with
/// the tokens of each of these lines.
pub(super) fn text_words(text: &str, mut visit: impl FnMut(&[MatchToken<'_>])) -> Vec<TextWord> {
    let mut words = Vec::new();
    for (_, key) in report_lines(text) {
        let tokens = key.tokens();
        visit(&tokens);
        words.extend(tokens.iter().map(TextWord::from_token));
        if words.len() >= TEXT_WORDS_MAX {
            break;
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_lines_are_read_until_there_are_enough_words() {
        let line = "كلام طويل ".repeat(TEXT_WORDS_MAX / 2);
        let check = |text: &str, expected: usize| {
            assert_eq!(text_words(text, |_| {}).len(), expected, "{text}");
        };
        check("", 0);
        check("زلزال قوي\nفي الجزيرة", 4);
        check(&format!("زلزال\n{line}\nوكلام آخر"), TEXT_WORDS_MAX + 1);
    }

    #[test]
    fn words_are_marked() {
        let marks = |text: &str| -> Vec<(bool, bool)> {
            text_words(text, |_| {})
                .iter()
                .map(|word| (word.is_variable, word.is_significant))
                .collect()
        };
        assert_eq!(
            marks("في الزلزال ٤ ج"),
            [(false, false), (false, true), (true, true), (false, false)]
        );
    }
}
