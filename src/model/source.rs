//! A `Source`: a configured feed, and what the operator said about it.

use std::fmt;
use std::time::Duration;

use rafid_feed::model::{
    ArticleSelectors, CategorySettings, ClockSetting, Language, PageSelectors, ReadHints,
};
use url::Url;

use crate::model::{Finding, PublicUrl, PublishRules};

/// The name a source keeps for ever: entries, ids and addresses (`/source/<id>/`) hang on it.
///
/// Letters (of any script, lower case), digits and inner hyphens; 1 to 64 characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(String);

/// Why a word cannot be a source's id or a category's slug.
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

/// Makes a slug of any words: `أخبار العالم` → `أخبار-العالم`, `World News!` → `world-news`.
///
/// Empty when nothing is left. Arabic marks and tatweel are dropped, as nobody types them in an
/// address.
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

/// A category as the operator names it, with its address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Category {
    /// As shown: `اقتصاد`.
    pub name: String,
    /// As in `/category/<slug>/`.
    pub slug: String,
}

impl Category {
    /// A category by its shown name; `None` when no slug can be made of it.
    pub fn new(name: &str) -> Option<Self> {
        let slug = make_slug(name);
        (!slug.is_empty()).then(|| Self { name: name.trim().to_owned(), slug })
    }
}

/// Where a source's bytes are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Location {
    /// `http` or `https`; user-info was moved to the headers.
    Web(Url),
    /// A file on this machine, absolute (from the config only).
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

/// What stands in the place of a private source's address.
const PRIVATE: &str = "(private)";

/// A configured feed. Every `None` means that the operator did not say.
#[derive(Clone, PartialEq, Eq)]
pub struct Source {
    /// Its name for ever.
    pub id: SourceId,
    /// Where it is; may hold secrets: what is published is `published_url`.
    pub location: Location,
    /// Published instead of where it is.
    pub public_url: Option<PublicUrl>,
    /// Whether no address of it is published at all.
    pub is_private: bool,
    /// Shown instead of the publisher's own title.
    pub name: Option<String>,
    /// The publisher's page.
    pub site: Option<Url>,
    /// The categories it belongs to, the first before the others.
    pub categories: Vec<Category>,
    /// The language its entries are in when they do not say.
    pub language: Option<Language>,
    /// The charset, whatever anybody says (WHATWG label).
    pub charset: Option<String>,
    /// Where the entries stand, if the document is a page and no feed.
    pub page: Option<PageSelectors>,
    /// Whether the pages of its entries are fetched for their full text.
    pub full_text: bool,
    /// Where the text stands in those pages.
    pub article: ArticleSelectors,
    /// The zone of dates without one: an IANA name or a fixed offset.
    pub timezone: Option<String>,
    /// Whether the publisher's clock is believed, and what is wrong with it.
    pub clock: ClockSetting,
    /// Poll as often as this, if the publisher allows it.
    pub every: Option<Duration>,
    /// Sent instead of the program's own `User-Agent`.
    pub user_agent: Option<String>,
    /// Further request headers (name, value); may hold secrets, never shown.
    pub headers: Vec<(String, String)>,
    /// Entries of this source in merged outputs at most; `None`: the outputs' own cap.
    pub cap: Option<usize>,
    /// Which of its entries are published.
    pub rules: PublishRules,
    /// What its categories and its «عاجل» are worth.
    pub labels: CategorySettings,
    /// Whether hubs may push it, where WebSub is on at all.
    pub push: bool,
    /// What is not told of it, whatever is found.
    pub ignore: Vec<Finding>,
}

impl Source {
    /// What the operator says about its documents.
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

    /// The address that is published of it. `None`: it is private, or a file.
    pub fn published_url(&self) -> Option<PublicUrl> {
        let own = || match &self.location {
            Location::Web(url) => Some(PublicUrl::redact(url)),
            Location::File(_) => None,
        };
        self.public_url.clone().or_else(own).filter(|_| !self.is_private)
    }

    /// A text about it (an error, a warning) as everybody may read it.
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

    /// Where it is, for everybody: of a file only its name.
    pub fn published_location(&self) -> String {
        match (self.published_url(), &self.location) {
            (Some(url), _) => url.as_str().to_owned(),
            (None, Location::File(path)) if !self.is_private => {
                format!("file:{}", path.file_name().unwrap_or_default().to_string_lossy())
            }
            (None, _) => PRIVATE.to_owned(),
        }
    }

    /// Whether a finding is told of it.
    pub fn reports(&self, finding: Finding) -> bool {
        !self.ignore.contains(&finding)
    }
}

/// Without headers and secrets of its address.
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
