//! Arabic letters cut in half: a publisher that shortens a text by bytes leaves the first byte of its
//! last letter. The letter is restored where the same word stands whole elsewhere in the document,
//! first of all in the same entry, and only one letter fits.

use std::collections::HashSet;

/// Words that are longer than this many letters are no words.
const LONGEST_WORD: usize = 40;
/// Fewer letters than this before the cut prove nothing.
const SHORTEST_STUMP: usize = 2;

/// The words that a stretch of bytes holds whole.
pub(super) struct Words<'a>(HashSet<&'a str>);

impl<'a> Words<'a> {
    /// Gathers the Arabic words of what is valid UTF-8 in `bytes`. The last word before a broken
    /// byte is left out: it is a stump itself.
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        let mut words = HashSet::new();
        for chunk in bytes.utf8_chunks() {
            let mut rest = chunk.valid();
            if !chunk.invalid().is_empty() {
                rest = rest.get(..rest.len() - stump(rest).len()).unwrap_or_default();
            }
            words.extend(rest.split(|c| !is_of_word(c)).filter(|word| word.len() > 2));
        }
        Self(words)
    }

    /// The one letter that begins with the byte `lead` and makes a known word of `stump`.
    fn completes(&self, stump: &str, lead: u8) -> Option<char> {
        let mut word = String::with_capacity(stump.len() + 2);
        let mut fitting = (0x80..=0xBF_u8).filter_map(|second| {
            let pair = [lead, second];
            let letter = std::str::from_utf8(&pair).ok()?;
            word.clear();
            word.push_str(stump);
            word.push_str(letter);
            self.0.contains(word.as_str()).then(|| letter.chars().next()).flatten()
        });
        let first = fitting.next();
        first.filter(|_| fitting.next().is_none())
    }
}

/// The letter that was cut after `before`, of which `cut` is left, with `after` behind it: looked
/// for in the entry's own words, then in those of the whole document.
pub(super) fn letter(before: &str, cut: &[u8], after: &str, known: &[&Words<'_>]) -> Option<char> {
    let [lead @ 0xD8..=0xDB] = cut else { return None };
    let stump = stump(before);
    let letters = stump.chars().count();
    if !(SHORTEST_STUMP..LONGEST_WORD).contains(&letters) || after.starts_with(is_of_word) {
        return None;
    }
    known.iter().find_map(|words| words.completes(stump, *lead))
}

/// The letters at the end of a text that a word may hold.
fn stump(text: &str) -> &str {
    let start = text.char_indices().rev().take(LONGEST_WORD).take_while(|(_, c)| is_of_word(*c));
    start.last().and_then(|(at, _)| text.get(at..)).unwrap_or_default()
}

/// Arabic letters and the marks over them, as two bytes of UTF-8 hold them.
const fn is_of_word(c: char) -> bool {
    matches!(c, '\u{620}'..='\u{65F}' | '\u{66E}'..='\u{6D3}' | '\u{6D5}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_restored_on_evidence_only() {
        let rows = [
            // text with the whole words, what stands before the cut, what is left, what follows
            ("مباراة مدينة واشنطن", "سفير تونس من واشنط", 0xD9, "</title>", Some('ن')),
            ("الأيام المقبلة", "بالانتخابات المقبل", 0xD8, "<", Some('ة')),
            // two letters fit: nobody knows
            ("كتاب كتات", "هذا كتا", 0xD8, "<", None),
            // the letter that fits begins with another byte
            ("كتاب", "هذا كتا", 0xD9, "<", None),
            // no such word
            ("مدينة", "هذا كتا", 0xD8, "<", None),
            // the word goes on
            ("كتاب", "هذا كتا", 0xD8, "ية", None),
            // one letter proves nothing
            ("من", "م", 0xD9, "<", None),
        ];
        for (whole, before, lead, after, expected) in rows {
            let words = Words::of(whole.as_bytes());
            assert_eq!(letter(before, &[lead], after, &[&words]), expected, "{before}");
        }
    }

    #[test]
    fn the_entry_itself_is_asked_first() {
        let entry = Words::of("كتاب".as_bytes());
        let document = Words::of("كتاب كتات".as_bytes());
        assert_eq!(letter("كتا", &[0xD8], "<", &[&entry, &document]), Some('ب'));
        assert_eq!(letter("كتا", &[0xD8], "<", &[&document]), None);
    }

    #[test]
    fn a_stump_is_no_evidence_for_a_stump() {
        let mut bytes = "كتاب".as_bytes().to_vec();
        bytes.push(0xD8);
        let words = Words::of(&bytes);
        assert_eq!(letter("كتا", &[0xD8], "<", &[&words]), None);
    }
}
