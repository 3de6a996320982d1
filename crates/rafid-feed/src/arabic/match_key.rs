//! Text → a key under which its spellings are equal: hamza, taa marbuta, vowels, tatweel, digits of
//! three scripts, numbers, punctuation. The steps were measured on 31,522 Arabic titles
//! (`docs/arabic.md` lists them in a table); the key cannot be displayed.

use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

use super::letters::split_short_character;

/// A key for comparing. It offers only comparison and hashing: folded text must never reach a
/// reader.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MatchKey(String);

impl MatchKey {
    /// The key of a text: compatibility forms are folded (NFKC), marks and tatweel dropped, letters
    /// reduced to their plain form, digits written in ASCII, numbers in one notation, and
    /// everything else becomes one space.
    pub fn of(text: &str) -> Self {
        let mut folded = KeyBuilder::with_room_for(text);
        if folded.push_plain_text(text) {
            return Self(folded.finish());
        }
        let mut folded = KeyBuilder::with_room_for(text);
        text.nfkc().flat_map(char::to_lowercase).for_each(|c| folded.push(fold_character(c)));
        Self(folded.finish())
    }

    /// The key's bytes, for hashing.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Whether the text contains nothing to compare.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The number of words in the key.
    pub fn word_count(&self) -> usize {
        // One space separates two words; the ends have no space.
        let spaces = self.0.bytes().filter(|byte| *byte == b' ').count();
        if self.0.is_empty() { 0 } else { spaces + 1 }
    }

    /// Whether another key's words are the first of this one's.
    pub fn begins_with(&self, beginning: &Self) -> bool {
        let rest = self.0.strip_prefix(beginning.0.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    }

    /// The key, for this module only.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The words of the key, for this module only.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        self.0.split(' ').filter(|word| !word.is_empty())
    }
}

impl std::fmt::Debug for MatchKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MatchKey({:x})", self.0.len())
    }
}

/// A key while it is built.
struct KeyBuilder {
    key: String,
    gap: bool,
    /// A sign behind a digit; it is part of the number if another digit follows.
    separator: Option<char>,
    /// Whether the number at the end of the key contains a comma, which is not its final form.
    has_comma: bool,
}

impl KeyBuilder {
    fn with_room_for(text: &str) -> Self {
        let key = String::with_capacity(text.len());
        Self { key, gap: false, separator: None, has_comma: false }
    }

    /// Folds a text that consists of ASCII and the usual characters of Arabic news. `false`: it
    /// contains something else, which compatibility composition might change.
    fn push_plain_text(&mut self, text: &str) -> bool {
        let (table, mut rest) = (&*TABLE, text.as_bytes());
        while let Some((code, behind)) = split_short_character(rest) {
            let folded = match table.get(code) {
                Some(TableEntry::Kept) => {
                    // Most letters stay as they are, and are copied together.
                    let start = text.len() - rest.len();
                    rest = behind_kept(behind);
                    self.begin_letter();
                    self.key.push_str(&text[start..text.len() - rest.len()]);
                    continue;
                }
                Some(TableEntry::Folded(folded)) => *folded,
                Some(TableEntry::Unknown) => return false,
                None => match text[text.len() - rest.len()..].chars().next() {
                    Some(c) if is_composed(c) => fold_character(c),
                    _ => return false,
                },
            };
            self.push(folded);
            rest = behind;
        }
        true
    }

    fn push(&mut self, plain: FoldedCharacter) {
        match plain {
            FoldedCharacter::Letter(letter) if letter.is_ascii_digit() => self.push_digit(letter),
            FoldedCharacter::Letter(letter) => {
                self.begin_letter();
                self.key.push(letter);
            }
            FoldedCharacter::Dropped => {}
            FoldedCharacter::Separator(separator)
                if !self.gap && self.separator.is_none() && self.ends_in_digit() =>
            {
                self.separator = Some(separator);
            }
            FoldedCharacter::Separator(_) | FoldedCharacter::Gap => self.gap = true,
        }
    }

    fn push_digit(&mut self, digit: char) {
        match self.separator.take() {
            Some(separator) if !self.gap => {
                self.has_comma |= separator == ',';
                if separator != THOUSANDS {
                    self.key.push(separator);
                }
            }
            Some(_) => self.gap = true,
            None => {}
        }
        if self.gap {
            self.begin_letter();
        }
        self.key.push(digit);
    }

    /// Ends the number and the word before a letter that is no digit, or before the next word.
    #[inline]
    fn begin_letter(&mut self) {
        if self.gap || self.separator.is_some() || self.has_comma {
            self.begin_word();
        }
    }

    fn begin_word(&mut self) {
        self.gap |= self.separator.take().is_some();
        self.finish_number();
        if self.gap && !self.key.is_empty() {
            self.key.push(' ');
        }
        self.gap = false;
    }

    fn ends_in_digit(&self) -> bool {
        self.key.as_bytes().last().is_some_and(u8::is_ascii_digit)
    }

    /// Gives the number at the end of the key its final form: commas between groups of three digits
    /// are dropped, so `1,200` becomes `1200`; any other comma is a decimal point, as in `3,5`.
    fn finish_number(&mut self) {
        if !std::mem::take(&mut self.has_comma) {
            return;
        }
        let is_of_number = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',');
        let start = self.key.trim_end_matches(is_of_number).len();
        let number = self.key.split_off(start);
        let whole = number.split('.').next().unwrap_or_default();
        let are_groups = whole.split(',').skip(1).all(|group| group.len() == 3)
            && !number[whole.len()..].contains(',');
        let plain = number.replace(',', if are_groups { "" } else { "." });
        self.key.push_str(&plain);
    }

    fn finish(mut self) -> String {
        self.finish_number();
        self.key
    }
}

/// What follows the letters at the beginning of a text that stay as they are, with single spaces between them.
fn behind_kept(text: &[u8]) -> &[u8] {
    let kept = &*KEPT_ARABIC;
    let is_kept = |lead: u8, second: u8| kept[usize::from(lead & 3)] >> (second & 0x3F) & 1 != 0;
    let mut rest = text;
    loop {
        rest = match rest {
            [lead @ 0xD8..=0xDB, second, behind @ ..] if is_kept(*lead, *second) => behind,
            // It is in the key only if a letter follows.
            [b' ', lead @ 0xD8..=0xDB, second, behind @ ..] if is_kept(*lead, *second) => behind,
            [b'a'..=b'z', behind @ ..] | [b' ', b'a'..=b'z', behind @ ..] => behind,
            _ => return rest,
        }
    }
}

/// Which letters of the block Arabic stay as they are: a bit for each, 64 of the same first byte in UTF-8 together.
static KEPT_ARABIC: LazyLock<[u64; 4]> = LazyLock::new(|| {
    let bits = |first: usize| {
        let kept = (0..64).filter(|bit| matches!(TABLE.get(first + bit), Some(TableEntry::Kept)));
        kept.fold(0, |bits, bit| bits | 1 << bit)
    };
    [0x600, 0x640, 0x680, 0x6C0].map(bits)
});

/// The Arabic thousands separator (U+066C).
const THOUSANDS: char = '٬';

/// Whether compatibility composition cannot change the key: ASCII and the usual characters of
/// Arabic news. Marks may compose, so they take the general path, except vowels, which are dropped
/// either way.
const fn is_composed(c: char) -> bool {
    matches!(c,
        '\0'..='\u{7F}' | '«' | '»' | '–' | '—' | '‘' | '’' | '“' | '”'
        | '\u{200B}'..='\u{200F}' | '\u{600}'..='\u{652}' | '\u{660}'..='\u{674}'
        | '\u{679}'..='\u{6BF}' | '\u{6F0}'..='\u{6FF}')
}

/// What becomes of each character up to the end of the block Arabic.
static TABLE: LazyLock<Vec<TableEntry>> = LazyLock::new(|| {
    let entry = |c: char| {
        if !is_composed(c) {
            return TableEntry::Unknown;
        }
        match fold_character(c.to_ascii_lowercase()) {
            FoldedCharacter::Letter(letter) if letter == c && !c.is_ascii_digit() => {
                TableEntry::Kept
            }
            folded => TableEntry::Folded(folded),
        }
    };
    ('\0'..='\u{6FF}').map(entry).collect()
});

enum TableEntry {
    /// A letter that stays as it is.
    Kept,
    /// Another character.
    Folded(FoldedCharacter),
    /// Composition decides.
    Unknown,
}

#[derive(Clone, Copy)]
enum FoldedCharacter {
    Letter(char),
    Dropped,
    /// Part of a number between two digits, otherwise a gap.
    Separator(char),
    Gap,
}

fn fold_character(c: char) -> FoldedCharacter {
    match c {
        c if is_dropped(c) => FoldedCharacter::Dropped,
        'أ' | 'إ' | 'آ' | 'ٱ' | 'ٲ' | 'ٳ' | 'ٵ' => FoldedCharacter::Letter('ا'),
        'ى' | 'ی' | 'ې' | 'ے' | 'ئ' => FoldedCharacter::Letter('ي'),
        'ؤ' => FoldedCharacter::Letter('و'),
        'ة' | 'ۀ' | 'ہ' | 'ھ' | 'ە' | 'ۃ' => FoldedCharacter::Letter('ه'),
        'ک' | 'ڪ' | 'گ' => FoldedCharacter::Letter('ك'),
        'پ' => FoldedCharacter::Letter('ب'),
        'چ' => FoldedCharacter::Letter('ج'),
        'ڤ' => FoldedCharacter::Letter('ف'),
        '٠'..='٩' => FoldedCharacter::Letter(ascii_digit(c, '٠')),
        '۰'..='۹' => FoldedCharacter::Letter(ascii_digit(c, '۰')),
        '.' | '٫' => FoldedCharacter::Separator('.'),
        ',' => FoldedCharacter::Separator(','),
        THOUSANDS => FoldedCharacter::Separator(THOUSANDS),
        c if c.is_alphanumeric() => FoldedCharacter::Letter(c),
        _ => FoldedCharacter::Gap,
    }
}

/// Direction marks, joiners, soft hyphen; vowels and Koranic signs; tatweel, hamza and the high
/// hamza that compatibility forms contain.
fn is_dropped(c: char) -> bool {
    matches!(c,
        '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{AD}' | '\u{FEFF}'
        | '\u{2060}'..='\u{2069}' | '\u{610}'..='\u{61A}' | '\u{64B}'..='\u{65F}' | '\u{670}'
        | '\u{6D6}'..='\u{6DC}' | '\u{6DF}'..='\u{6E4}' | '\u{6E7}' | '\u{6E8}'
        | '\u{6EA}'..='\u{6ED}' | '\u{8D3}'..='\u{8FF}' | 'ـ' | 'ء' | '\u{674}')
}

fn ascii_digit(digit: char, zero: char) -> char {
    char::from_digit(u32::from(digit) - u32::from(zero), 10).unwrap_or('0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_give_one_key() {
        let check = |one: &str, other: &str| {
            assert_eq!(MatchKey::of(one).0, MatchKey::of(other).0, "{one} and {other}");
        };
        check("أخبار إلى آخر ٱلمدينة", "اخبار الى اخر المدينه");
        check("مُحَمَّدٌ", "محمد");
        check("اقتصــاد", "اقتصاد");
        check("٣ قتلى في ۴ حوادث", "3 قتلي في 4 حوادث");
        check("ﻻ ﷲ", "لا الله");
        check("«عاجل»: رويترز — Reuters!", "عاجل رويترز REUTERS");
        check("شؤون هيئة بيئية", "شوون هييه بيييه");
        check("سماء", "سما");
        check("  a\u{200f}b  c ", "ab c");
    }

    fn check(text: &str, expected: &str) {
        assert_eq!(MatchKey::of(text).0, expected, "{text:?}");
    }

    /// The first four steps of `docs/arabic.md`, row by row.
    #[test]
    fn every_row_of_letters_and_marks_folds() {
        // 1. Compatibility forms.
        for (form, letters) in [
            ("\u{fee1}\u{fe94}", "مه"),
            ("ﻻ", "لا"),
            ("ﻷ", "لا"),
            ("ﻹ", "لا"),
            ("ﻵ", "لا"),
            ("ﷲ", "الله"),
            ("ﷺ", "صلي الله عليه وسلم"),
            ("ﷴ", "محمد"),
            ("Ａ１", "a1"),
            ("ﬁ", "fi"),
        ] {
            check(form, letters);
        }
        // 2. and 3. Direction marks and joiners; vowels and signs, tatweel, hamza.
        let dropped = [
            0x61c..=0x61c,
            0x200b..=0x200f,
            0x202a..=0x202e,
            0x2060..=0x2069,
            0xfeff..=0xfeff,
            0xad..=0xad,
            0x610..=0x61a,
            0x64b..=0x652,
            0x656..=0x65f,
            0x670..=0x670,
            0x6d6..=0x6dc,
            0x6df..=0x6e4,
            0x6e7..=0x6e8,
            0x6ea..=0x6ed,
            0x8d3..=0x8ff,
            0x640..=0x640,
            0x621..=0x621,
        ];
        for c in dropped.into_iter().flatten().filter_map(char::from_u32) {
            check(&format!("با{c}ب"), "باب");
        }
        // Marks that compose.
        for (text, key) in [
            ("ا\u{653}ب", "اب"),
            ("ا\u{654}ب", "اب"),
            ("ا\u{655}ب", "اب"),
            ("ي\u{654}", "ي"),
            ("و\u{654}", "و"),
        ] {
            check(text, key);
        }
        // 4. Letters.
        for (letters, plain) in [
            ("أإآٱٲٳٵ", 'ا'),
            ("ىیېےئ", 'ي'),
            ("ؤ", 'و'),
            ("ةۀہھەۃ", 'ه'),
            ("کڪگ", 'ك'),
            ("پ", 'ب'),
            ("چ", 'ج'),
            ("ڤ", 'ف'),
        ] {
            for letter in letters.chars() {
                check(&format!("ب{letter}ب"), &format!("ب{plain}ب"));
            }
        }
    }

    /// The fifth step.
    #[test]
    fn every_row_of_digits_and_punctuation_folds() {
        // Digits, numbers, punctuation, capitals.
        for (text, key) in [
            ("٠١٢٣٤٥٦٧٨٩", "0123456789"),
            ("۰۱۲۳۴۵۶۷۸۹", "0123456789"),
            ("٣٫٥", "3.5"),
            ("3,5", "3.5"),
            ("3.5", "3.5"),
            ("١٬٢٠٠", "1200"),
            ("1,200", "1200"),
            ("1,200,000", "1200000"),
            ("1,200.5", "1200.5"),
            ("1,200 3,5", "1200 3.5"),
            ("1,20,300", "1.20.300"),
            ("1.5,200", "1.5.200"),
            ("8.4.2018", "8.4.2018"),
            ("3.", "3"),
            (".5", "5"),
            ("3..5", "3 5"),
            ("3. 5", "3 5"),
            ("3.ب", "3 ب"),
            ("ب.3", "ب 3"),
            ("ب٬ب", "ب ب"),
            ("1,200ب", "1200ب"),
            ("ا،ب؛ج؟د«ه»و“ز”ح‘ط’ي…ك–ل—م!ن", "ا ب ج د ه و ز ح ط ي ك ل م ن"),
            ("A-B_C/D", "a b c d"),
            ("", ""),
            ("،", ""),
        ] {
            check(text, key);
        }
    }

    #[test]
    fn different_words_give_different_keys() {
        for (one, other) in [("كتب", "كتاب"), ("3", "4"), ("سنديان", "سندان")] {
            assert_ne!(MatchKey::of(one), MatchKey::of(other));
        }
        assert!(MatchKey::of("… !").is_empty());
        assert_eq!(MatchKey::of("مدينة السنديان، 2026").word_count(), 3);
    }

    proptest::proptest! {
        #[test]
        fn the_quick_way_is_the_same_way(text in "[ -~«»–—“”\u{600}-\u{6ff}]{0,60}") {
            let mut slow = KeyBuilder::with_room_for(&text);
            text.nfkc().flat_map(char::to_lowercase).for_each(|c| slow.push(fold_character(c)));
            proptest::prop_assert_eq!(&MatchKey::of(&text).0, &slow.finish());
        }

        #[test]
        fn numbers_fold_once(text in "[0-9٠-٩.,٫٬ ،ب]{0,16}") {
            let once = MatchKey::of(&text).0;
            proptest::prop_assert_eq!(&MatchKey::of(&once).0, &once);
        }

        #[test]
        fn folding_twice_is_folding_once(text in "\\PC{0,60}") {
            let once = MatchKey::of(&text).0;
            proptest::prop_assert_eq!(&MatchKey::of(&once).0, &once);
        }
    }
}
