//! A token → the word of the vectors that stands for it: itself, or itself without an attached letter at its front or an
//! ending.
//!
//! Only words without a vector of their own are cut, and only where a known word remains: names keep their letters.

use rafid_feed::arabic::{MatchToken, has_letters};

use super::terms::is_significant;
use super::word_vectors::WordVectors;

/// Prepositions and conjunctions of one letter.
const FRONT_LETTERS: [&str; 5] = ["ب", "ل", "ك", "ف", "و"];

/// Letters that a word has before its front letter is cut off.
const FRONT_LETTERS_FROM: usize = 4;

/// Letters that remain before an ending.
const REMAINING_LETTERS: usize = 3;

/// Endings in the order in which they are tried: pronouns, plurals, the dual, the feminine. Those with `true` follow a
/// feminine noun, whose last letter they turn into «ت».
const ENDINGS: [(&str, bool); 9] = [
    ("هما", true),
    ("ها", true),
    ("هم", true),
    ("نا", true),
    ("ات", true),
    ("ين", false),
    ("ون", false),
    ("ان", false),
    ("ه", true),
];

/// The plural that replaces the feminine ending.
const FEMININE_PLURAL: &str = "ات";
/// The feminine ending, as matching writes it.
const FEMININE: &str = "ه";
/// The same before a pronoun.
const BOUND_FEMININE: &str = "ت";

/// Whether a token may stand for a word of the vectors: numbers and single letters say nothing there.
pub(super) fn has_meaning(token: &MatchToken<'_>) -> bool {
    is_significant(token) && !token.as_bytes().first().is_some_and(u8::is_ascii_digit)
}

/// The number of the word that stands for a token.
pub(super) fn find_word(vectors: &WordVectors, token: &MatchToken<'_>) -> Option<u16> {
    let bytes = token.as_bytes();
    if let Some(own) = vectors.find(bytes) {
        return Some(own);
    }
    let word = std::str::from_utf8(bytes).ok().filter(|word| !word.is_ascii())?;
    let front = FRONT_LETTERS.iter().find_map(|letter| word.strip_prefix(letter));
    let rest = front.filter(|_| has_letters(word, FRONT_LETTERS_FROM));
    let forms = [Some(word), rest];
    let whole = rest.and_then(|rest| vectors.find(rest.as_bytes()));
    whole
        .or_else(|| forms.into_iter().flatten().find_map(|word| find_without_ending(vectors, word)))
}

fn find_without_ending(vectors: &WordVectors, word: &str) -> Option<u16> {
    ENDINGS.into_iter().find_map(|(ending, may_bind_feminine)| {
        let stem = word.strip_suffix(ending).filter(|stem| has_letters(stem, REMAINING_LETTERS))?;
        let feminine = |stem: &str| vectors.find([stem, FEMININE].concat().as_bytes());
        let unbound = stem.strip_suffix(BOUND_FEMININE).filter(|_| may_bind_feminine);
        let singular = Some(stem).filter(|_| ending == FEMININE_PLURAL);
        unbound
            .and_then(feminine)
            .or_else(|| singular.and_then(feminine))
            .or_else(|| vectors.find(stem.as_bytes()))
    })
}

#[cfg(test)]
mod tests {
    use rafid_feed::arabic::MatchKey;

    use super::*;
    use crate::story::sample_vectors::vectors_file;

    #[test]
    fn words_are_found_without_attached_letters_and_endings() {
        let mut words =
            ["bank", "زلزال", "قوه", "مدرسه", "معلم", "كتاب", "بيان", "سيار", "سياره", "وقود"];
        words.sort_unstable();
        let vectors = WordVectors::from_bytes(vectors_file(&words)).unwrap();
        let check = |word: &str, expected: Option<&str>| {
            let key = MatchKey::of(word);
            let found = key.tokens().iter().find_map(|token| find_word(&vectors, token));
            let number = expected.map(|word| words.iter().position(|it| *it == word).unwrap());
            assert_eq!(found.map(usize::from), number, "{word}");
        };
        check("زلزال", Some("زلزال"));
        check("بزلزال", Some("زلزال"));
        check("والزلزال", Some("زلزال"));
        check("بقوة", Some("قوه"));
        check("وقوده", Some("وقود"));
        check("بيان", Some("بيان"));
        check("ببيانها", Some("بيان"));
        check("معلمون", Some("معلم"));
        check("لمعلميهم", None);
        check("مدرستهما", Some("مدرسه"));
        check("مدرسات", Some("مدرسه"));
        check("سيارات", Some("سياره"));
        check("سيارتنا", Some("سياره"));
        check("كتابان", Some("كتاب"));
        check("كتب", None);
        check("بها", None);
        check("bank", Some("bank"));
        check("banks", None);
    }
}
