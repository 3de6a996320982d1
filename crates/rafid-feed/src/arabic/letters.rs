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

fn letter_kind(c: char) -> LetterKind {
    KINDS.get(c as usize).copied().unwrap_or(LetterKind::Other)
}

/// Cuts a text at spaces, and `covid19` and «كوفيد19» where the kind of letter changes.
pub(super) fn cut_by_kind(text: &str) -> impl Iterator<Item = &str> {
    let mut letters = text.char_indices();
    std::iter::from_fn(move || {
        let (start, first) = letters.find(|(_, c)| *c != ' ')?;
        let kind = letter_kind(first);
        loop {
            let mut behind = letters.clone();
            match behind.next() {
                Some((_, c)) if letter_kind(c) == kind => letters = behind,
                Some((end, _)) => return text.get(start..end),
                None => return text.get(start..),
            }
        }
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
    }
}
