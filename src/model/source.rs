//! `Source`: a configured feed with the operator's settings for it.

use std::fmt;
use std::time::Duration;

use rafid_feed::model::{
    ArticleSelectors, CategorySettings, ClockSetting, Language, PageSelectors, ReadHints,
};
use url::Url;

use super::category::Category;
use super::source_id::SourceId;
use crate::model::{Finding, PublicUrl, PublishRules};

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
    /// The list that names it; `None`: the configuration does.
    pub list: Option<SourceId>,
}

impl Source {
    /// A source with an id and a location and no other setting, for tests.
    #[cfg(test)]
    pub(crate) fn bare(id: SourceId, location: Location) -> Self {
        Self {
            id,
            public_url: None,
            is_private: false,
            location,
            name: None,
            site: None,
            categories: Vec::new(),
            language: None,
            charset: None,
            timezone: None,
            clock: ClockSetting::Auto,
            page: None,
            full_text: false,
            article: ArticleSelectors::default(),
            every: None,
            user_agent: None,
            headers: Vec::new(),
            cap: None,
            rules: PublishRules::default(),
            labels: CategorySettings::default(),
            push: true,
            ignore: Vec::new(),
            list: None,
        }
    }

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
