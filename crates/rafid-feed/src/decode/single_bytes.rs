//! Single bytes of a Windows code page in UTF-8 → the punctuation that is meant: an editor's quotation mark
//! that a program copied as a byte.
//!
//! A byte between two letters is no punctuation but the rest of a broken letter, and stays unreadable.

/// The mark that a byte means in windows-1252 and windows-1256 alike; letters are not guessed.
pub(super) fn windows_mark(byte: u8) -> Option<char> {
    Some(match byte {
        0x80 => '€',
        0x82 => '‚',
        0x84 => '„',
        0x85 => '…',
        0x86 => '†',
        0x87 => '‡',
        0x89 => '‰',
        0x8B => '‹',
        0x91 => '‘',
        0x92 => '’',
        0x93 => '“',
        0x94 => '”',
        0x95 => '•',
        0x96 => '–',
        0x97 => '—',
        0x99 => '™',
        0x9B => '›',
        0xA0 => '\u{A0}',
        0xA9 => '©',
        0xAB => '«',
        0xAE => '®',
        0xB0 => '°',
        0xBB => '»',
        _ => return None,
    })
}

/// The mark that a byte means in windows-1256 only.
fn arabic_mark(byte: u8) -> Option<char> {
    match byte {
        0xA1 => Some('،'),
        0xBA => Some('؛'),
        0xBF => Some('؟'),
        _ => None,
    }
}

/// The punctuation that a broken byte between two texts means. `None`: it means none for certain.
pub(super) fn restore_mark(before: &str, broken: &[u8], after: &str) -> Option<char> {
    let [byte] = *broken else { return None };
    let is_letter = |c: Option<char>| c.is_some_and(char::is_alphabetic);
    let (last, next) = (before.chars().next_back(), after.chars().next());
    if is_letter(last) && is_letter(next) {
        let is_apostrophe = byte == 0x92 && last.is_some_and(|c| c.is_ascii());
        return is_apostrophe.then_some('’');
    }
    let follows_arabic = || {
        let word = before.trim_end().chars().next_back();
        word.is_some_and(|c| matches!(c, '\u{600}'..='\u{6FF}'))
    };
    let mark = windows_mark(byte).or_else(|| arabic_mark(byte).filter(|_| follows_arabic()))?;
    let is_possible = match mark {
        '‚' | '„' | '‹' | '‘' | '“' | '«' => !is_letter(last),
        '…' | '’' | '”' | '›' | '»' | '،' | '؛' | '؟' | '™' => !is_letter(next),
        _ => true,
    };
    is_possible.then_some(mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_is_the_mark_that_fits_its_place() {
        let check = |before: &str, byte: u8, after: &str, expected: Option<char>| {
            assert_eq!(restore_mark(before, &[byte], after), expected, "{before}{byte:x}{after}");
        };
        check("قال ", 0x93, "نعم", Some('“'));
        check("نعم", 0x94, " ثم", Some('”'));
        check("سوريا ", 0x96, " خاص", Some('–'));
        check("خبر", 0x85, "", Some('…'));
        check("القاهرة", 0xA1, " دمشق", Some('،'));
        check("متى", 0xBF, "<", Some('؟'));
        check("don", 0x92, "t", Some('’'));
        check("", 0xAB, "خبر", Some('«'));
        // The second half of a letter.
        check("كل", 0x85, "ات", None);
        check("كل", 0x93, " ", None);
        check(" ", 0x94, "نص", None);
        check("Ol", 0xA1, " x", None);
        assert_eq!(restore_mark("كل ", &[0xD9], " "), None);
        assert_eq!(restore_mark("كل ", &[0xE2, 0x80], " "), None);
    }
}
