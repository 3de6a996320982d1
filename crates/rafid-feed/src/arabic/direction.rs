//! Text → the direction to publish it in, by the share of its words and never by its first letter:
//! product names and agencies' names often come first.

use super::letters::{count_if_all_arabic, is_letter};
use crate::model::Direction;

/// A text is right-to-left when more than this percentage of its words are (the figure of
/// `CommaFeed`; addresses and numbers do not count).
const SHARE_PERCENT: usize = 40;

/// The direction of a text; `None`: it contains no words.
pub fn direction_of(text: &str) -> Option<Direction> {
    if let Some(letters) = count_if_all_arabic(text) {
        return (letters > 0).then_some(Direction::RightToLeft);
    }
    let mut right_to_left = 0_usize;
    let mut words = 0_usize;
    for word in text.split_ascii_whitespace() {
        let Some(first) = word.chars().find(|c| is_letter(*c)) else { continue };
        // An address begins with a Latin letter.
        if first.is_ascii() && is_address(word) {
            continue;
        }
        words += 1;
        right_to_left += usize::from(is_right_to_left(first));
    }
    if words == 0 {
        None
    } else if right_to_left * 100 > words * SHARE_PERCENT {
        Some(Direction::RightToLeft)
    } else {
        Some(Direction::LeftToRight)
    }
}

/// Whether more than half of a text's letters are of the Arabic script.
pub fn is_mostly_arabic(text: &str) -> bool {
    if let Some(letters) = count_if_all_arabic(text) {
        return letters > 0;
    }
    let letters = text.chars().filter(|c| is_letter(*c));
    let (mut arabic, mut all) = (0_usize, 0_usize);
    for letter in letters {
        all += 1;
        arabic += usize::from(is_arabic(letter));
    }
    arabic * 2 > all
}

fn is_address(word: &str) -> bool {
    // Most words contain none of these, and one search is faster than three.
    if !word.bytes().any(|byte| matches!(byte, b':' | b'.')) {
        return false;
    }
    word.contains("://") || word.starts_with("www.") || (word.contains('@') && word.contains('.'))
}

/// Whether a character is in a block of the Arabic script (Unicode 16, Blocks.txt).
pub fn is_arabic(c: char) -> bool {
    matches!(c,
        '\u{600}'..='\u{6FF}' | '\u{750}'..='\u{77F}' | '\u{870}'..='\u{8FF}'
        | '\u{FB50}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFE}')
}

/// Letters of `Bidi_Class` R or AL, by block (Unicode 16, UAX #9).
fn is_right_to_left(c: char) -> bool {
    is_arabic(c)
        || matches!(c, '\u{590}'..='\u{5FF}' | '\u{700}'..='\u{86F}' | '\u{FB1D}'..='\u{FB4F}')
        || matches!(c, '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_of_words_decides_not_the_first_letter() {
        let check = |text: &str, expected: Option<Direction>| {
            assert_eq!(direction_of(text), expected, "{text}");
        };
        let (rtl, ltr) = (Some(Direction::RightToLeft), Some(Direction::LeftToRight));
        check("افتتاح مكتبة السنديان", rtl);
        check("CNN: افتتاح مكتبة السنديان", rtl);
        check("Super Erase .. تطبيق جديد", rtl);
        check("https://a.example/x تطبيق 2026", rtl);
        check("The word سلام means peace", ltr);
        check("שלום עולם", rtl);
        check("2026 — 11", None);
        check("", None);
    }

    #[test]
    fn arabic_letters_are_counted() {
        assert!(is_mostly_arabic("سلام ok"));
        assert!(!is_mostly_arabic("hello سلام"));
        assert!(!is_mostly_arabic("12"));
    }
}
