//! Text → a throw-away key under which its spellings meet: hamza, taa marbuta, vowels, tatweel,
//! digits of three scripts, punctuation. The steps are those measured on 31,522 Arabic titles; the
//! key cannot be shown.

use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

/// A key for comparing. It has no way out but comparison and hashing: folded text must never reach
/// a reader.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MatchKey(String);

impl MatchKey {
    /// The key of a text: compatibility forms folded (NFKC), marks and tatweel dropped, letters in
    /// their plain form, digits in ASCII, everything else one space.
    pub fn of(text: &str) -> Self {
        let mut folded = Folded::with_room_for(text);
        if folded.push_plain_text(text) {
            return Self(folded.key);
        }
        let mut folded = Folded::with_room_for(text);
        text.nfkc().flat_map(char::to_lowercase).for_each(|c| folded.push(plain(c)));
        Self(folded.key)
    }

    /// The key's bytes, for hashing.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Whether nothing comparable was in the text.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The key's words, in order.
    pub fn word_count(&self) -> usize {
        // One space stands between two words, and none at the ends.
        let spaces = self.0.bytes().filter(|byte| *byte == b' ').count();
        if self.0.is_empty() { 0 } else { spaces + 1 }
    }
}

impl std::fmt::Debug for MatchKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MatchKey({:x})", self.0.len())
    }
}

/// A key as it grows.
struct Folded {
    key: String,
    gap: bool,
}

impl Folded {
    fn with_room_for(text: &str) -> Self {
        Self { key: String::with_capacity(text.len()), gap: false }
    }

    /// Folds a text of ASCII and what Arabic news is written with. `false`: it holds something else,
    /// which compatibility composition might change.
    fn push_plain_text(&mut self, text: &str) -> bool {
        let table = &*TABLE;
        text.chars().all(|c| {
            let plain = match table.get(c as usize) {
                Some(plain) => *plain,
                None if is_composed(c) => Some(plain(c)),
                None => None,
            };
            plain.map(|plain| self.push(plain)).is_some()
        })
    }

    fn push(&mut self, plain: Plain) {
        match plain {
            Plain::Letter(letter) => {
                if self.gap && !self.key.is_empty() {
                    self.key.push(' ');
                }
                self.gap = false;
                self.key.push(letter);
            }
            Plain::Dropped => {}
            Plain::Gap => self.gap = true,
        }
    }
}

/// Whether compatibility composition cannot change the key: ASCII and what Arabic news is written
/// with. Marks are left to it, as they may compose, but for the vowels, which are dropped either way.
const fn is_composed(c: char) -> bool {
    matches!(c,
        '\0'..='\u{7F}' | '«' | '»' | '–' | '—' | '‘' | '’' | '“' | '”'
        | '\u{200B}'..='\u{200F}' | '\u{600}'..='\u{652}' | '\u{660}'..='\u{674}'
        | '\u{679}'..='\u{6BF}' | '\u{6F0}'..='\u{6FF}')
}

/// What becomes of each character up to the end of the block Arabic; `None`: composition decides.
static TABLE: LazyLock<Vec<Option<Plain>>> = LazyLock::new(|| {
    let plain = |c: char| is_composed(c).then(|| plain(c.to_ascii_lowercase()));
    ('\0'..='\u{6FF}').map(plain).collect()
});

#[derive(Clone, Copy)]
enum Plain {
    Letter(char),
    Dropped,
    Gap,
}

fn plain(c: char) -> Plain {
    match c {
        c if is_dropped(c) => Plain::Dropped,
        'أ' | 'إ' | 'آ' | 'ٱ' | 'ٲ' | 'ٳ' | 'ٵ' => Plain::Letter('ا'),
        'ى' | 'ی' | 'ې' | 'ے' | 'ئ' => Plain::Letter('ي'),
        'ؤ' => Plain::Letter('و'),
        'ة' | 'ۀ' | 'ہ' | 'ھ' | 'ە' | 'ۃ' => Plain::Letter('ه'),
        'ک' | 'ڪ' | 'گ' => Plain::Letter('ك'),
        'پ' => Plain::Letter('ب'),
        'چ' => Plain::Letter('ج'),
        'ڤ' => Plain::Letter('ف'),
        '٠'..='٩' => Plain::Letter(ascii_digit(c, '٠')),
        '۰'..='۹' => Plain::Letter(ascii_digit(c, '۰')),
        c if c.is_alphanumeric() => Plain::Letter(c),
        _ => Plain::Gap,
    }
}

/// Marks of direction, joiners, soft hyphen; vowels and Koranic signs; tatweel, hamza, the Arabic
/// thousands separator.
fn is_dropped(c: char) -> bool {
    matches!(c,
        '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{AD}' | '\u{FEFF}'
        | '\u{2060}'..='\u{2069}' | '\u{610}'..='\u{61A}' | '\u{64B}'..='\u{65F}' | '\u{670}'
        | '\u{6D6}'..='\u{6DC}' | '\u{6DF}'..='\u{6E4}' | '\u{6E7}' | '\u{6E8}'
        | '\u{6EA}'..='\u{6ED}' | '\u{8D3}'..='\u{8FF}' | 'ـ' | 'ء' | '٬')
}

fn ascii_digit(digit: char, zero: char) -> char {
    char::from_digit(u32::from(digit) - u32::from(zero), 10).unwrap_or('0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_meet() {
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

    #[test]
    fn different_words_stay_apart() {
        for (one, other) in [("كتب", "كتاب"), ("3", "4"), ("سنديان", "سندان")] {
            assert_ne!(MatchKey::of(one), MatchKey::of(other));
        }
        assert!(MatchKey::of("… !").is_empty());
        assert_eq!(MatchKey::of("مدينة السنديان، 2026").word_count(), 3);
    }

    proptest::proptest! {
        #[test]
        fn the_quick_way_is_the_same_way(text in "[ -~«»–—“”\u{600}-\u{6ff}]{0,60}") {
            let mut slow = Folded::with_room_for(&text);
            text.nfkc().flat_map(char::to_lowercase).for_each(|c| slow.push(plain(c)));
            proptest::prop_assert_eq!(&MatchKey::of(&text).0, &slow.key);
        }

        #[test]
        fn folding_twice_is_folding_once(text in "\\PC{0,60}") {
            let once = MatchKey::of(&text).0;
            proptest::prop_assert_eq!(&MatchKey::of(&once).0, &once);
        }
    }
}
