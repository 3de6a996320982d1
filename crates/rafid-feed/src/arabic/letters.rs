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
    Number,
    Arabic,
    Other,
}

fn letter_kind(c: char) -> LetterKind {
    match c {
        '0'..='9' | '.' => LetterKind::Number,
        '\u{621}'..='\u{64A}' | '\u{66E}'..='\u{6D3}' => LetterKind::Arabic,
        _ => LetterKind::Other,
    }
}

/// Cuts `covid19` and «كوفيد19» where the kind of letter changes.
pub(super) fn cut_by_kind(word: &str) -> impl Iterator<Item = &str> {
    let mut rest = word;
    std::iter::from_fn(move || {
        let first = letter_kind(rest.chars().next()?);
        let end = rest.find(|c| letter_kind(c) != first).unwrap_or(rest.len());
        let (head, tail) = rest.split_at(end);
        rest = tail;
        Some(head)
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
}
