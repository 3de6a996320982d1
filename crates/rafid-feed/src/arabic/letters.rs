//! Characters → whether they are letters, at once for ASCII and Arabic, where the general tables of
//! Unicode cost more than all else that is done with a letter.

/// What `char::is_alphabetic` says.
pub fn is_letter(c: char) -> bool {
    match c {
        'a'..='z' | 'A'..='Z' | '\u{621}'..='\u{64A}' | '\u{671}'..='\u{6D3}' => true,
        '\0'..='\u{7F}' => false,
        _ => c.is_alphabetic(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quick_way_is_the_same_way() {
        for c in '\0'..=char::MAX {
            assert_eq!(is_letter(c), c.is_alphabetic(), "{c:?}");
        }
    }
}
