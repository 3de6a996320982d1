//! Text → markup with the same text, as the sanitizer writes it.

/// Appends text to markup.
pub(super) fn push_text(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some((plain, c, after)) = split_at_special(rest) {
        out.push_str(plain);
        rest = after;
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // A carriage return is a line break of its own unless a newline follows.
            '\r' if !rest.starts_with('\n') => out.push('\n'),
            '\u{B}' | '\u{C}' | '\u{85}' => out.push(' '),
            c if is_unwanted(c) => {}
            c => out.push(c),
        }
    }
    out.push_str(rest);
}

/// Appends the value of an attribute in double quotes: one line.
pub(super) fn push_value(out: &mut String, value: &str) {
    let mut rest = value;
    while let Some((plain, c, after)) = split_at_special(rest) {
        out.push_str(plain);
        rest = after;
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' => out.push(' '),
            c if is_unwanted(c) => {}
            c => out.push(c),
        }
    }
    out.push_str(rest);
}

/// The text before the first character that may have to be replaced, that character, and what follows.
fn split_at_special(text: &str) -> Option<(&str, char, &str)> {
    let (plain, from) = text.split_at(first_special(text.as_bytes())?);
    let mut chars = from.chars();
    chars.next().map(|c| (plain, c, chars.as_str()))
}

/// Where the first character that may have to be replaced begins. Most texts have few of them: a block of bytes is looked at
/// as a whole, which takes a quarter of the instructions of one after the other.
fn first_special(bytes: &[u8]) -> Option<usize> {
    let (blocks, rest) = bytes.as_chunks::<BLOCK_BYTES>();
    let has_special = |block: &[u8; BLOCK_BYTES]| {
        block.iter().fold(0, |has, byte| has | may_be_special(*byte)) != 0
    };
    let plain = blocks.iter().position(has_special).unwrap_or(blocks.len());
    let from = plain * BLOCK_BYTES;
    let searched = blocks.get(plain).map_or(rest, |block| &block[..]);
    searched.iter().position(|byte| may_be_special(*byte) != 0).map(|at| from + at)
}

/// Two of the registers that every processor has for such comparisons.
const BLOCK_BYTES: usize = 32;

/// The bytes with which a character that is replaced begins, besides those below the space. The last two begin U+0080 to
/// U+00BF, and U+F000 to U+FFFF; Arabic letters begin with none of them.
const SPECIAL_LEADS: [u8; 7] = [0x22, 0x26, 0x3C, 0x3E, 0x7F, 0xC2, 0xEF];

/// Whether a character that is replaced begins with a byte: not 0. A number, because a branch for each byte would not let a
/// block be looked at as a whole.
fn may_be_special(byte: u8) -> u8 {
    SPECIAL_LEADS.iter().fold(u8::from(byte < 0x20), |is, lead| is | u8::from(byte == *lead))
}

/// Control characters except tab and newline, byte order marks, and characters that XML forbids
/// (XML 1.0 section 2.2).
fn is_unwanted(c: char) -> bool {
    (c.is_control() && c != '\t' && c != '\n') || matches!(c, '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_values() {
        let check = |input: &str, text: &str, value: &str| {
            let (mut as_text, mut as_value) = (String::new(), String::new());
            push_text(&mut as_text, input);
            push_value(&mut as_value, input);
            assert_eq!((as_text.as_str(), as_value.as_str()), (text, value), "{input:?}");
        };
        check("نص", "نص", "نص");
        check("a<b>&\"c'", "a&lt;b&gt;&amp;\"c'", "a&lt;b&gt;&amp;&quot;c'");
        check("a\r\nb\rc\td\u{c}e", "a\nb\nc\td e", "a bc de");
        check("\u{0}\u{1b}\u{9c}\u{feff}\u{ffff}x", "x", "x");
        check("\r\r\n\n\u{85}\u{7f}«ﻻ»\u{a0}", "\n\n\n «ﻻ»\u{a0}", "  «ﻻ»\u{a0}");
    }

    #[test]
    fn blocks_find_what_single_bytes_find() {
        for special in ["", "\n", "\"", "&", "<", ">", "\u{7f}", "\u{85}", "\u{feff}", "\0"] {
            for before in 0..3 * BLOCK_BYTES {
                let text = format!("{}{special}{}", "x".repeat(before), "ا".repeat(before / 2));
                let one_by_one = text.bytes().position(|byte| may_be_special(byte) != 0);
                assert_eq!(first_special(text.as_bytes()), one_by_one, "{special:?} {before}");
                assert_eq!(one_by_one, (!special.is_empty()).then_some(before));
            }
        }
    }
}
