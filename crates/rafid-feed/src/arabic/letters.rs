//! Characters → whether they are letters, and of which kind; a word → its runs of one kind. ASCII
//! and Arabic have a fast path: the general tables of Unicode cost more than all other work on a
//! letter.

/// The same result as `char::is_alphabetic`.
pub fn is_letter(c: char) -> bool {
    match c {
        'a'..='z' | 'A'..='Z' | '\u{621}'..='\u{64A}' | '\u{671}'..='\u{6D3}' => true,
        '\0'..='\u{7F}' => false,
        _ => c.is_alphabetic(),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum LetterKind {
    Space,
    Number,
    Arabic,
    Other,
}

/// The characters up to the end of the block Arabic.
const TABLE_SIZE: usize = 0x700;

/// The kind of each of them.
static KINDS: [LetterKind; TABLE_SIZE] = {
    let mut kinds = [LetterKind::Other; TABLE_SIZE];
    let mut code = 0;
    while code < TABLE_SIZE {
        kinds[code] = match code {
            0x20 => LetterKind::Space,
            // A period is part of a number in a key.
            0x30..=0x39 | 0x2e => LetterKind::Number,
            0x621..=0x64a | 0x66e..=0x6d3 => LetterKind::Arabic,
            _ => LetterKind::Other,
        };
        code += 1;
    }
    kinds
};

/// The character at the beginning of a text, if it has one or two bytes, else a number above the table; and the text
/// behind it. Decoding a `char` costs more than all that is done with most letters.
#[inline]
pub(super) fn split_short_character(text: &[u8]) -> Option<(usize, &[u8])> {
    match text {
        [first @ 0..0x80, behind @ ..] => Some((usize::from(*first), behind)),
        // The five low bits of the first byte, the six of the second.
        [first @ 0x80..0xE0, second, behind @ ..] => {
            Some((usize::from(first & 0x1F) << 6 | usize::from(second & 0x3F), behind))
        }
        [0xE0..0xF0, _, _, behind @ ..] | [0xF0..=0xFF, _, _, _, behind @ ..] => {
            Some((usize::MAX, behind))
        }
        _ => None,
    }
}

fn kind_of_first(text: &[u8]) -> Option<(LetterKind, usize)> {
    let (code, behind) = split_short_character(text)?;
    let kind = KINDS.get(code).copied().unwrap_or(LetterKind::Other);
    Some((kind, text.len() - behind.len()))
}

/// Cuts a text at spaces, and `covid19` and «كوفيد19» where the kind of letter changes.
pub(super) fn cut_by_kind(text: &str) -> impl Iterator<Item = &str> {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        at += bytes.get(at..)?.iter().position(|byte| *byte != b' ')?;
        let start = at;
        let (kind, _) = kind_of_first(&bytes[at..])?;
        while let Some((next, length)) = kind_of_first(&bytes[at..])
            && next == kind
        {
            at += length;
        }
        text.get(start..at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fast_path_gives_the_same_result() {
        for c in '\0'..=char::MAX {
            assert_eq!(is_letter(c), c.is_alphabetic(), "{c:?}");
        }
    }

    #[test]
    fn words_are_cut_at_spaces_and_where_the_kind_changes() {
        let check = |text: &str, expected: &[&str]| {
            assert_eq!(cut_by_kind(text).collect::<Vec<_>>(), expected, "{text:?}");
        };
        check("", &[]);
        check("  ", &[]);
        check("كلمة covid19  3.5م ж7 ", &["كلمة", "covid", "19", "3.5", "م", "ж", "7"]);
        check("新7𝗦م߿", &["新", "7", "𝗦", "م", "߿"]);
    }

    #[test]
    fn characters_of_two_bytes_are_their_numbers() {
        for c in '\0'..=char::MAX {
            let number = if c.len_utf8() <= 2 { c as usize } else { usize::MAX };
            let text = format!("{c}ب");
            assert_eq!(split_short_character(text.as_bytes()), Some((number, "ب".as_bytes())));
        }
        assert_eq!(split_short_character(b""), None);
    }
}
