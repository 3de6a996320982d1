//! `Source`: a configured feed with the operator's settings for it.

use std::fmt;
use std::time::Duration;

use rafid_feed::model::{
    ArticleSelectors, CategorySettings, ClockSetting, Language, PageSelectors, ReadHints,
};
use url::Url;

use crate::model::{Finding, PublicUrl, PublishRules};

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

fn is_slug(word: &str) -> bool {
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

/// A category: the operator's name for it, and its slug.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Category {
    /// The displayed name: `اقتصاد`.
    pub name: String,
    /// The slug in `/category/<slug>/`.
    pub slug: String,
}

impl Category {
    /// A category with this name; `None`: the name gives no slug.
    pub fn new(name: &str) -> Option<Self> {
        let slug = make_slug(name);
        (!slug.is_empty()).then(|| Self { name: name.trim().to_owned(), slug })
    }
}

/// Where a source's document is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Location {
    /// An `http` or `https` address; user-info is moved to the request headers.
    Web(Url),
    /// The absolute path of a file on this machine (only from the configuration).
    File(std::path::PathBuf),
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Web(url) => f.write_str(url.as_str()),
            Self::File(path) => write!(f, "file:{}", path.display()),
        }
    }
}

/// The text in place of a private source's address.
const PRIVATE: &str = "(private)";

/// A configured feed. `None` always means that the operator did not set the value.
#[derive(Clone, PartialEq, Eq)]
pub struct Source {
    /// Its permanent id.
    pub id: SourceId,
    /// Where its document is; may contain secrets: publish `published_url` instead.
    pub location: Location,
    /// The address that is published instead.
    pub public_url: Option<PublicUrl>,
    /// Whether none of its addresses is published.
    pub is_private: bool,
    /// The name that is displayed instead of the publisher's title.
    pub name: Option<String>,
    /// The publisher's site.
    pub site: Option<Url>,
    /// Its categories; the first is the main one.
    pub categories: Vec<Category>,
    /// The language of entries that do not name one.
    pub language: Option<Language>,
    /// The charset (WHATWG label), which overrides the document and the headers.
    pub charset: Option<String>,
    /// The selectors of entries, if the document is a web page instead of a feed.
    pub page: Option<PageSelectors>,
    /// Whether the pages of its entries are fetched for their full text.
    pub full_text: bool,
    /// The selectors of the text in those pages.
    pub article: ArticleSelectors,
    /// The time zone of dates without one: an IANA name or a fixed offset.
    pub timezone: Option<String>,
    /// How errors of the publisher's clock are handled.
    pub clock: ClockSetting,
    /// The polling interval, if the publisher allows it.
    pub every: Option<Duration>,
    /// The `User-Agent` that replaces the program's own.
    pub user_agent: Option<String>,
    /// Additional request headers (name, value); may contain secrets, so they are never displayed.
    pub headers: Vec<(String, String)>,
    /// The most entries of this source in merged outputs; `None`: the outputs' own limit.
    pub cap: Option<usize>,
    /// Which of its entries are published.
    pub rules: PublishRules,
    /// How its categories and its label «عاجل» are treated.
    pub labels: CategorySettings,
    /// Whether to subscribe at its hubs, if WebSub is enabled.
    pub push: bool,
    /// Findings that are not reported for it.
    pub ignore: Vec<Finding>,
}

impl Source {
    /// The operator's settings for reading its documents.
    pub fn read_hints(&self) -> ReadHints<'_> {
        ReadHints {
            name: self.name.as_deref(),
            labels: Some(&self.labels),
            charset: self.charset.as_deref(),
            language: self.language.as_ref(),
            timezone: self.timezone.as_deref(),
            clock: self.clock,
            page: self.page.as_ref(),
            date_order: None,
            read_at: None,
        }
    }

    /// Its published address. `None`: it is private, or a file.
    pub fn published_url(&self) -> Option<PublicUrl> {
        let own = || match &self.location {
            Location::Web(url) => Some(PublicUrl::redact(url)),
            Location::File(_) => None,
        };
        self.public_url.clone().or_else(own).filter(|_| !self.is_private)
    }

    /// The public form of a text about it (an error, a warning).
    pub fn published_text(&self, text: &str) -> String {
        let hidden = match &self.location {
            Location::Web(url) => Some(url),
            Location::File(_) => None,
        };
        if self.is_private {
            PublicUrl::replace_in_text(text, hidden, PRIVATE)
        } else {
            PublicUrl::redact_in_text(text)
        }
    }

    /// The public form of its location: of a file, only the name.
    pub fn published_location(&self) -> String {
        match (self.published_url(), &self.location) {
            (Some(url), _) => url.as_str().to_owned(),
            (None, Location::File(path)) if !self.is_private => {
                format!("file:{}", path.file_name().unwrap_or_default().to_string_lossy())
            }
            (None, _) => PRIVATE.to_owned(),
        }
    }

    /// Whether a finding is reported for it.
    pub fn reports(&self, finding: Finding) -> bool {
        !self.ignore.contains(&finding)
    }
}

/// Hides the headers and the secrets in the address.
impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Source");
        shown
            .field("id", &self.id)
            .field("place", &self.published_location())
            .finish_non_exhaustive()
    }
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
