//! A word that someone looks for → the other forms that a text may have it in: behind a preposition, with a pronoun, in the
//! plural, as an adjective, in another spelling.
//!
//! | file | input → output |
//! | --- | --- |
//! | `affixes` | a word → the words that it may be a form of; a word → its regular forms |
//! | `form_tables` | the tables of this folder → look-ups by folded words |
//! | `spelling_pattern` | a row of `spellings.txt` → the spellings that it stands for |
//!
//! | table | what it holds |
//! | --- | --- |
//! | `spellings.txt` | names, loan words and numbers that are written in several ways |
//! | `broken_plurals.txt` | singulars and plurals that no ending shows |
//! | `own_beginnings.txt`, `own_endings.txt` | words whose first or last letters only look like a prefix or an ending |
//!
//! Forms are made, not reduced: a stemmer that cuts «ان» off «لبنان» meets «لبن», while a form that no text contains finds
//! nothing. So a wrong guess costs a look-up and hardly ever a wrong match. Like match keys, forms are for comparing only.

mod affixes;
mod form_tables;
mod spelling_pattern;

use std::collections::BTreeSet;

use crate::arabic::{MatchKey, stem_of_word};
use affixes::{bases_of, regular_forms};
use form_tables::{TABLES, other_numbers, other_spellings};

/// The fewest letters of a word that prefixes and endings are added to or taken off.
const MIN_STEM_LETTERS: usize = 3;

/// A form of a word, as tokens of `MatchKey`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WordForm {
    /// Adjacent stems with a space between each.
    stems: String,
    ending: FormEnding,
}

/// Which spellings of its last letter a form has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FormEnding {
    /// Those that folding makes equal.
    Folded,
    /// Only ه: «كتابه» (his book), and not «كتابة» (writing).
    WrittenHaa,
}

impl WordForm {
    /// The bytes of its tokens, as `MatchKey::stems` gives them, with a space between each.
    pub fn as_bytes(&self) -> &[u8] {
        self.stems.as_bytes()
    }

    /// The bytes of its tokens in order: two for a name that is also written as two words, else one.
    pub fn stems(&self) -> impl Iterator<Item = &[u8]> {
        self.stems.split(' ').map(str::as_bytes)
    }

    /// Which spellings of its last letter it has.
    pub fn ending(&self) -> FormEnding {
        self.ending
    }

    fn new(stems: String, ending: FormEnding) -> Self {
        Self { stems, ending }
    }
}

impl std::fmt::Debug for WordForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "WordForm({} bytes, {:?})", self.stems.len(), self.ending)
    }
}

/// The other forms of a word, without the word itself. None for words of another script, for function words («في», «هذا») and
/// for what is no single word.
pub fn forms_of_word(word: &str) -> BTreeSet<WordForm> {
    let key = MatchKey::of(word);
    let tokens = key.tokens();
    let [token] = tokens.as_slice() else { return BTreeSet::new() };
    let Ok(stem) = std::str::from_utf8(token.as_bytes()) else { return BTreeSet::new() };
    if token.is_stop_word() || !stem.chars().all(is_arabic_letter) {
        return BTreeSet::new();
    }
    let ending = ending_of_word(word);
    let mut bases = vec![stem.to_owned()];
    // «للبنان» gives the same stem as «بنان».
    if key.as_bytes().starts_with("لل".as_bytes()) {
        bases.push(format!("ل{stem}"));
    }
    let mut lexemes: BTreeSet<String> = bases_of(&bases, ending).into_iter().collect();
    for base in lexemes.clone() {
        lexemes.extend(other_numbers(&base));
    }
    let mut forms = Vec::new();
    for lexeme in lexemes.clone() {
        for spelling in other_spellings(&lexeme) {
            if spelling.contains(' ') {
                forms.push(WordForm::new(spelling.clone(), FormEnding::Folded));
            } else {
                lexemes.insert(spelling.clone());
            }
        }
    }
    for lexeme in &lexemes {
        forms.push(WordForm::new(lexeme.clone(), FormEnding::Folded));
        forms.extend(regular_forms(lexeme));
    }
    forms.extend(split_in_two(stem));
    forms.retain(|form| form.stems != stem);
    // Sorted once: many forms come several times.
    forms.into_iter().collect()
}

/// The form in which two adjacent words are written as one: «تيكتوك» for «تيك توك»; `None`: one of them is too short or of
/// another script.
pub fn joined_form(first: &str, second: &str) -> Option<WordForm> {
    for word in [first, second] {
        let key = MatchKey::of(word);
        let letters = std::str::from_utf8(key.as_bytes()).ok()?;
        let is_word = letters.chars().all(|c| c.is_alphabetic() && !c.is_ascii());
        if !is_word || letters.chars().nth(MIN_STEM_LETTERS - 1).is_none() {
            return None;
        }
    }
    stems_of(&format!("{first}{second}")).map(|stems| WordForm::new(stems, FormEnding::Folded))
}

/// The stems of the words of a text that are written with ه at their end: those that `FormEnding::WrittenHaa` may match.
/// `visit` gets the bytes of each.
pub fn visit_words_with_haa(text: &str, mut visit: impl FnMut(&[u8])) {
    let mut behind = 0;
    for at in memchr::memmem::find_iter(text.as_bytes(), HAA) {
        let end = at + HAA.len();
        let next = text[end..].chars().find(|c| !is_mark(*c));
        let goes_on = next.is_some_and(char::is_alphanumeric);
        if at < behind || goes_on {
            continue;
        }
        let before = text[..at].char_indices().rev().take_while(|(_, c)| is_of_word(*c)).last();
        let Some((start, _)) = before else { continue };
        behind = end;
        if text[start..at].chars().nth(MIN_STEM_LETTERS - 1).is_some() {
            MatchKey::of(&text[start..end]).stems().last().into_iter().for_each(&mut visit);
        }
    }
}

/// Whether a word is written with ه at its end, and not with ة.
pub fn ends_in_written_haa(word: &str) -> bool {
    ending_of_word(word) == FormEnding::WrittenHaa
}

const HAA: &[u8] = "ه".as_bytes();

/// Whether a character is a letter of a folded Arabic word.
fn is_arabic_letter(c: char) -> bool {
    matches!(c, '\u{621}'..='\u{64A}' | '\u{66E}'..='\u{6D3}')
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || is_mark(c)
}

/// A vowel or tatweel.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{640}' | '\u{64B}'..='\u{65F}' | '\u{670}')
}

fn ending_of_word(word: &str) -> FormEnding {
    match word.chars().rev().find(|c| c.is_alphabetic() && !is_mark(*c)) {
        Some('ه') => FormEnding::WrittenHaa,
        _ => FormEnding::Folded,
    }
}

/// The stems of a text with a space between each; `None`: it has none.
fn stems_of(text: &str) -> Option<String> {
    let key = MatchKey::of(text);
    let stems: Vec<&str> = key.stems().filter_map(|stem| std::str::from_utf8(stem).ok()).collect();
    (!stems.is_empty()).then(|| stems.join(" "))
}

/// A word as two words: «تيك توك» for «تيكتوك», «عبد الله» for «عبدالله».
fn split_in_two(stem: &str) -> Vec<WordForm> {
    let letters = stem.chars().count();
    let mut found = Vec::new();
    for (index, (at, _)) in stem.char_indices().enumerate() {
        if index >= MIN_STEM_LETTERS && letters - index >= MIN_STEM_LETTERS {
            let (first, second) = stem.split_at(at);
            // The second word may begin with the article: «عبد» and «الله».
            let stems = [stem_of_word(first), stem_of_word(second)].join(" ");
            found.push(WordForm::new(stems, FormEnding::Folded));
        }
    }
    found
}

#[cfg(test)]
mod tests;
