//! Any text → one line that is safe to show: `PlainText`.
//!
//! In this order: control characters are dropped and every white space becomes a space; bidi
//! controls are balanced; NFC, never NFKC; several spaces become one; joiners and direction marks
//! at both ends are dropped, and so is an isolate or embedding around the whole line; a line that
//! is too long is cut between two words. Letters are never folded: hamza, taa marbuta, vowels,
//! tatweel, presentation forms and inner joiners stay unchanged.

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};
use unicode_segmentation::UnicodeSegmentation;

use super::bidi;
use crate::model::PlainText;

/// The most characters of a line; the longest of 9,747 titles in real feeds has 338.
pub(super) const MOST_CHARACTERS: usize = 1_000;
/// The most characters that are read to fill a line: enough for the dropped ones, and a bound on
/// the work for a title of 32 MB.
pub(super) const MOST_LOOKED_AT: usize = 8 * MOST_CHARACTERS;

/// The line of a text.
pub fn to_line(text: &str) -> PlainText {
    let text = text.trim();
    if is_line(text) {
        return PlainText::from_trusted(text.to_owned());
    }
    let kept: String = text.chars().filter_map(kept_character).take(MOST_LOOKED_AT).collect();
    let balanced = bidi::balance_controls(kept);
    let composed = match is_nfc_quick(balanced.chars()) {
        IsNormalized::Yes => balanced,
        _ => balanced.nfc().collect(),
    };
    PlainText::from_trusted(shorten(collapse_spaces(&composed)))
}

/// The same without a limit of length: a paragraph.
pub(super) fn to_long_line(text: &str) -> String {
    let kept: String = text.chars().filter_map(kept_character).collect();
    collapse_spaces(&bidi::balance_controls(kept).nfc().collect::<String>())
}

/// Whether `line`, made from the text `raw`, was cut because of its length.
pub(super) fn is_truncated(line: &PlainText, raw: &str) -> bool {
    let bare = line.as_str().trim_end_matches(['\u{202C}', '\u{2069}']);
    raw.len() > MOST_CHARACTERS
        && bare.ends_with('…')
        && bare.chars().nth(MOST_CHARACTERS / 2 - 1).is_some()
}

/// Whether a text is already such a line, by one check of each character: short, single spaces, and
/// only ASCII, Arabic letters, digits and punctuation, which do not compose.
fn is_line(text: &str) -> bool {
    if text.len() > MOST_CHARACTERS {
        return false;
    }
    let mut after_space = false;
    for c in text.chars() {
        let is_plain = matches!(c,
            ' '..='~' | '«' | '»' | '،' | '؛' | '؟' | '\u{621}'..='\u{63A}' | '\u{640}'..='\u{64A}'
            | '٠'..='٩');
        if !is_plain || (after_space && c == ' ') {
            return false;
        }
        after_space = c == ' ';
    }
    true
}

/// The character to write; `None`: it is dropped.
fn kept_character(c: char) -> Option<char> {
    match c {
        c if c.is_whitespace() => Some(' '),
        c if c.is_control() => None,
        '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}' => None,
        c => Some(c),
    }
}

/// The text with one space instead of several, and none at the ends.
fn collapse_spaces(text: &str) -> String {
    let mut text = text;
    loop {
        text = text.trim_matches(|c: char| c == ' ' || matches!(c, '\u{200B}'..='\u{200F}'));
        match bidi::without_outer_controls(text) {
            Some(inner) => text = inner,
            None => break,
        }
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c != ' ' || !out.ends_with(' ') {
            out.push(c);
        }
    }
    out
}

/// The text, or its beginning and an ellipsis: cut between two words if a word ends in the second
/// half, else between two graphemes, so that no letter loses its marks.
fn shorten(text: String) -> String {
    let Some((limit, _)) = text.char_indices().nth(MOST_CHARACTERS) else { return text };
    let room = &text[..limit];
    let at = match room.rfind(' ') {
        Some(at) if at >= limit / 2 => at,
        _ => {
            let mut starts = text.grapheme_indices(true).map(|(start, _)| start);
            starts.by_ref().take_while(|start| *start <= limit).last().unwrap_or(0)
        }
    };
    let cut = if at == 0 { room } else { &text[..at] };
    bidi::balance_controls(format!("{}…", cut.trim_end()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn letters_stay_and_the_result_is_one_line() {
        let check = |input: &str, expected: &str| {
            assert_eq!(to_line(input).as_str(), expected, "{input:?}");
        };
        check("", "");
        check(" الخبر الأول: «عاجل»، ٣ ", "الخبر الأول: «عاجل»، ٣");
        check("a  b", "a b");
        check(" \u{a0}أخبار\n\t اليوم\u{2028}\u{85}الآن ", "أخبار اليوم الآن");
        check("a\u{0}\u{1b}b\u{9c}c\u{feff}\u{fffe}\u{ffff}\u{7f}d", "abcd");
        check("e\u{301}\u{627}\u{653}", "é\u{622}");
        check("e\u{0}\u{301} e\u{202c}\u{301}", "é é");
        check("ﷺ ﻻ ٣ إلى أُمَّة ـ", "ﷺ ﻻ ٣ إلى أُمَّة ـ");
        check("\u{200f}\u{200b} می\u{200c}خواهم \u{200e}", "می\u{200c}خواهم");
        check("\u{202b}خبر", "خبر");
        check("\u{202b}أ ف ب\u{202c}", "أ ف ب");
        check("\u{2067} \u{202a}CNN\u{202c}\u{200f} \u{2069}", "CNN");
        check("\u{202b}أ\u{202c} و\u{202b}ب\u{202c}", "\u{202b}أ\u{202c} و\u{202b}ب\u{202c}");
        check("\u{202e}خبر\u{202c}", "\u{202e}خبر\u{202c}");
        check("a \u{2069} b", "a b");
        check("a\u{200f} b", "a\u{200f} b");
    }

    #[test]
    fn long_lines_are_cut_between_words() {
        let short = to_line(&"كلمة ".repeat(1_000));
        assert!(short.as_str().ends_with("كلمة…"), "{short}");
        assert_eq!(short.as_str().chars().count(), 1_000);
        let one_word = to_line(&"ب\u{64e}".repeat(2_000));
        assert_eq!(one_word.as_str().chars().count(), 1_001);
        assert!(one_word.as_str().ends_with("\u{64e}…"), "no letter loses its mark");
        let cut = |text: &str| is_truncated(&to_line(text), text);
        assert!(cut(&"كلمة ".repeat(1_000)) && cut(&format!("\u{202e}{}", "a ".repeat(1_000))));
        assert!(!cut(&"كلمة ".repeat(100)) && !cut("قال…") && !cut(&" ".repeat(9_000)));
        let turned = to_line(&format!("\u{202e}{}", "a ".repeat(1_000)));
        assert!(turned.as_str().ends_with("…\u{202c}"), "{turned}");
        let marks = to_line(&"\u{64e}".repeat(3_000));
        assert_eq!(marks.as_str().chars().count(), 1_001, "one grapheme longer than a line");
    }

    proptest! {
        #[test]
        fn a_line_is_a_line(text in "(\\PC|[\u{0}-\u{20}\u{80}-\u{a0}\u{200b}-\u{200f}\u{2028}-\u{202e}\u{2066}-\u{2069}\u{301}\u{64b}-\u{655}]){0,60}") {
            let line = to_line(&text);
            let unfit = line.as_str().chars().any(|c| c.is_control() || (c.is_whitespace() && c != ' '));
            prop_assert!(!unfit);
            prop_assert_eq!(&bidi::balance_controls(line.as_str().to_owned()), line.as_str());
            let nfc: String = line.as_str().nfc().collect();
            prop_assert_eq!(&nfc, line.as_str());
            let again = to_line(line.as_str());
            prop_assert_eq!(&again, &line);
        }
    }
}
