//! The identifiers of sources, categories and outputs.

use std::fmt;

/// The permanent id of a source: its entries, their ids and its address (`/source/<id>/`) depend on it.
///
/// It has 1 to 64 characters: letters (of any script, lower case), digits and inner hyphens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(String);

/// A word that cannot be a source's id or a category's slug.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no identifier: expected 1 to 64 lower-case letters, digits and inner hyphens")]
pub struct IdentifierError(pub String);

impl SourceId {
    /// Checks the rule above.
    ///
    /// # Errors
    /// `IdentifierError` when a character is neither a letter, a digit nor an inner hyphen, when a
    /// letter is upper case, or when the length is wrong.
    pub fn new(id: &str) -> Result<Self, IdentifierError> {
        if is_slug(id) { Ok(Self(id.to_owned())) } else { Err(IdentifierError(id.to_owned())) }
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

pub(super) fn is_slug(word: &str) -> bool {
    let inner = |c: char| (c.is_alphanumeric() && !c.is_uppercase()) || c == '-';
    (1..=64).contains(&word.chars().count())
        && word.chars().all(inner)
        && !word.starts_with('-')
        && !word.ends_with('-')
}

/// Makes a slug from any text: `أخبار العالم` → `أخبار-العالم`, `World News!` → `world-news`.
///
/// It is empty when the text has no letter or digit. Arabic diacritics and tatweel are dropped, as
/// people do not type them in an address.
pub fn make_slug(words: &str) -> String {
    let mut slug = String::new();
    for c in words.chars().flat_map(char::to_lowercase) {
        if is_arabic_mark(c) {
            continue;
        }
        if c.is_alphanumeric() && !c.is_uppercase() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let short: String = slug.chars().take(64).collect();
    short.trim_matches('-').to_owned()
}

fn is_arabic_mark(c: char) -> bool {
    matches!(c, '\u{0640}' | '\u{064B}'..='\u{065F}' | '\u{0670}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_keep_their_rule() {
        for good in ["bbc-arabic", "a", "أخبار", "x1"] {
            assert!(SourceId::new(good).is_ok(), "{good}");
        }
        for bad in ["", "-a", "a-", "A", "a b", "a/b", "..", &"x".repeat(65)] {
            assert!(SourceId::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn slugs_are_ids() {
        let check =
            |words: &str, expected: &str| assert_eq!(make_slug(words), expected, "{words:?}");
        check("أخبار العالم", "أخبار-العالم");
        check("  World News! ", "world-news");
        check("اقتصـاد", "اقتصاد");
        check("https://a.example/feed", "https-a-example-feed");
        check("!!!", "");
        assert!(SourceId::new(&make_slug(&"كلمة طويلة ".repeat(20))).is_ok());
    }
}
