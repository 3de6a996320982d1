//! Texts whose rules are checked once, when they are built: `PlainText`, `SafeHtml`, `Language`,
//! `Direction`.

use std::fmt;
use std::sync::Arc;

/// Text without markup, for display: NFC, one line, no control characters, bidi controls balanced.
///
/// Only normalization builds it; its letters are the publisher's (never folded).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct PlainText(String);

impl PlainText {
    /// Accepts a `text` that already follows the rules above, unchecked. Only `normalize` and the
    /// code that reads the store may call it.
    pub fn from_trusted(text: String) -> Self {
        Self(text)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the text is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for PlainText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// HTML that passed the allow-list once, in `normalize`: no script, no style, no event handler,
/// only `http`, `https` and `mailto` addresses, all absolute; `dir` and `lang` are kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SafeHtml(String);

impl SafeHtml {
    /// Accepts `html` that came out of the sanitizer, unchecked. Only `normalize` and the code that
    /// reads the store may call it.
    pub fn from_trusted(html: String) -> Self {
        Self(html)
    }

    /// The markup.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the markup is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for SafeHtml {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A BCP 47 language tag, well-formed and in the recommended case (`ar`, `ar-EG`, `zh-Hant`).
/// Entries share the tag of their feed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Language(Arc<str>);

/// Primary languages written from right to left (Unicode CLDR 45, script metadata).
const RIGHT_TO_LEFT: [&str; 15] =
    ["ar", "arc", "arz", "azb", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "syr", "ug", "ur", "yi"];

impl Language {
    /// Parses a tag as publishers write it (`ar`, `AR_eg`, `ar-SA `); `None`: not a tag (RFC 5646
    /// section 2.1, by shape only).
    pub fn parse(tag: &str) -> Option<Self> {
        let tag = tag.trim().replace('_', "-");
        let mut parts = Vec::new();
        for (index, part) in tag.split('-').enumerate() {
            let fits =
                (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
            if !fits || (index == 0 && !is_primary(part)) {
                return None;
            }
            parts.push(customary_case(index, part));
        }
        Some(Self(parts.join("-").into()))
    }

    /// The tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The primary subtag (`ar` of `ar-EG`).
    pub fn primary(&self) -> &str {
        self.0.split('-').next().unwrap_or_default()
    }

    /// The direction that this language is written in.
    pub fn direction(&self) -> Direction {
        let primary = self.primary();
        if primary == "ar" || RIGHT_TO_LEFT.binary_search(&primary).is_ok() {
            Direction::RightToLeft
        } else {
            Direction::LeftToRight
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_primary(part: &str) -> bool {
    (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphabetic())
}

fn customary_case(index: usize, part: &str) -> String {
    let lower = part.to_ascii_lowercase();
    match (index, part.len()) {
        (0, _) => lower,
        (_, 2) => part.to_ascii_uppercase(),
        (_, 4) if part.bytes().all(|b| b.is_ascii_alphabetic()) => {
            lower[..1].to_ascii_uppercase() + &lower[1..]
        }
        _ => lower,
    }
}

/// The direction a text is published in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Direction {
    /// Right to left.
    RightToLeft,
    /// Left to right.
    LeftToRight,
    /// Unknown: the reader's program decides.
    #[default]
    Auto,
}

impl Direction {
    /// The value of the HTML `dir` attribute.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RightToLeft => "rtl",
            Self::LeftToRight => "ltr",
            Self::Auto => "auto",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn language_tags_as_publishers_write_them() {
        let check = |input: &str, expected: Option<&str>| {
            assert_eq!(
                Language::parse(input).as_ref().map(Language::as_str),
                expected,
                "{input:?}"
            );
        };
        check("ar", Some("ar"));
        check(" AR_eg ", Some("ar-EG"));
        check("zh-hant-tw", Some("zh-Hant-TW"));
        check("es-419", Some("es-419"));
        check("", None);
        check("arabic language", None);
        check("7", None);
        check("ar--EG", None);
    }

    #[test]
    fn every_right_to_left_language_is_found_and_the_table_is_sorted() {
        assert!(RIGHT_TO_LEFT.is_sorted());
        for tag in RIGHT_TO_LEFT {
            let language = Language::parse(tag).unwrap();
            assert_eq!(language.direction(), Direction::RightToLeft, "{tag}");
        }
        assert_eq!(Language::parse("fr").unwrap().direction(), Direction::LeftToRight);
    }
}
