//! Arabic letters that are cut in half: a publisher that shortens a text by bytes leaves the first byte of
//! its last letter. The letter is restored where the same word appears whole elsewhere in the document (its
//! own entry is searched first) and only one letter fits.

use std::collections::BTreeSet;

/// A run of more letters than this is not a word.
const LONGEST_WORD: usize = 40;
/// Fewer letters than this before the cut prove nothing.
const SHORTEST_STUMP: usize = 2;

/// The words that a range of bytes holds whole.
pub(super) struct KnownWords<'a>(BTreeSet<&'a str>);

impl<'a> KnownWords<'a> {
    /// Collects the Arabic words of the valid UTF-8 in `bytes`. The last word before a broken byte is left
    /// out: it is incomplete itself.
    pub(super) fn collect_from(bytes: &'a [u8]) -> Self {
        let mut words = BTreeSet::new();
        for chunk in bytes.utf8_chunks() {
            let mut rest = chunk.valid();
            if !chunk.invalid().is_empty() {
                rest = rest.get(..rest.len() - word_before_cut(rest).len()).unwrap_or_default();
            }
            words.extend(rest.split(|c| !is_word_letter(c)).filter(|word| word.len() > 2));
        }
        Self(words)
    }

    /// The one letter that begins with the byte `lead` and completes `stump` to a known word.
    fn completing_letter(&self, stump: &str, lead: u8) -> Option<char> {
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

/// A word whose last letter was cut in half.
pub(super) struct TruncatedWord<'a> {
    /// The letters before the cut one.
    stump: &'a str,
    /// The first byte of the cut letter.
    lead: u8,
}

impl<'a> TruncatedWord<'a> {
    /// Whether `broken`, between `before` and `after`, is half an Arabic letter at the end of a word.
    pub(super) fn detect(before: &'a str, broken: &[u8], after: &str) -> Option<Self> {
        let [lead @ 0xD8..=0xDB] = *broken else { return None };
        let stump = word_before_cut(before);
        let is_word = (SHORTEST_STUMP..LONGEST_WORD).contains(&stump.chars().count());
        (is_word && !after.starts_with(is_word_letter)).then_some(Self { stump, lead })
    }

    /// The letter that completes the word to one of `words`, where only one fits.
    pub(super) fn missing_letter(&self, words: &KnownWords<'_>) -> Option<char> {
        words.completing_letter(self.stump, self.lead)
    }
}

/// The letters at the end of a text that can belong to a word.
fn word_before_cut(text: &str) -> &str {
    let start =
        text.char_indices().rev().take(LONGEST_WORD).take_while(|(_, c)| is_word_letter(*c));
    start.last().and_then(|(at, _)| text.get(at..)).unwrap_or_default()
}

/// Arabic letters and the marks over them, which UTF-8 encodes in two bytes.
const fn is_word_letter(c: char) -> bool {
    matches!(c, '\u{620}'..='\u{65F}' | '\u{66E}'..='\u{6D3}' | '\u{6D5}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_restored_on_evidence_only() {
        let rows = [
            // text with the whole words, what precedes the cut, the byte that is left, what follows
            ("مباراة مدينة واشنطن", "سفير تونس من واشنط", 0xD9, "</title>", Some('ن')),
            ("الأيام المقبلة", "بالانتخابات المقبل", 0xD8, "<", Some('ة')),
            // two letters fit: the choice is open
            ("كتاب كتات", "هذا كتا", 0xD8, "<", None),
            // the letter that fits begins with another byte
            ("كتاب", "هذا كتا", 0xD9, "<", None),
            // no such word
            ("مدينة", "هذا كتا", 0xD8, "<", None),
            // the word continues
            ("كتاب", "هذا كتا", 0xD8, "ية", None),
            // one letter proves nothing
            ("من", "م", 0xD9, "<", None),
        ];
        for (whole, before, lead, after, expected) in rows {
            let words = KnownWords::collect_from(whole.as_bytes());
            let cut = TruncatedWord::detect(before, &[lead], after);
            assert_eq!(cut.and_then(|cut| cut.missing_letter(&words)), expected, "{before}");
        }
    }

    #[test]
    fn a_second_fitting_word_prevents_the_repair() {
        let cut = TruncatedWord::detect("كتا", &[0xD8], "<").unwrap();
        assert_eq!(cut.missing_letter(&KnownWords::collect_from("كتاب".as_bytes())), Some('ب'));
        assert_eq!(cut.missing_letter(&KnownWords::collect_from("كتاب كتات".as_bytes())), None);
    }

    #[test]
    fn a_stump_is_no_evidence_for_a_stump() {
        let mut bytes = "كتاب".as_bytes().to_vec();
        bytes.push(0xD8);
        let words = KnownWords::collect_from(&bytes);
        assert_eq!(
            TruncatedWord::detect("كتا", &[0xD8], "<").unwrap().missing_letter(&words),
            None
        );
    }
}
