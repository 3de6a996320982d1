//! `RemoteList`: a list of feeds that is kept elsewhere, with the operator's settings for it; `StoredList`: what is
//! known of it.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use rafid_feed::hash::Digest;
use rafid_feed::model::Validators;

use super::source::{Location, Source};
use super::source_id::SourceId;

/// A configured list of feeds.
#[derive(Clone, PartialEq, Eq)]
pub struct RemoteList {
    /// Its permanent id: the ids of its sources begin with it.
    pub id: SourceId,
    /// Where it is; may contain secrets: publish `published_location` instead.
    pub location: Location,
    /// Additional request headers (name, value); may contain secrets.
    pub headers: Vec<(String, String)>,
    /// How often it is refreshed, if its server allows that.
    pub refresh: Duration,
    /// Whether the folders of the list are categories of its sources.
    pub uses_folders: bool,
    /// The settings that its sources have in common. Its id and location are those of the list.
    pub template: Source,
    /// The hash of the copy that its sources are made of; `None`: there is no copy yet.
    pub copy_hash: Option<[u8; 16]>,
}

impl RemoteList {
    /// The public form of its location.
    pub fn published_location(&self) -> String {
        self.template.published_location()
    }
}

/// Hides the headers and the secrets in the address.
impl fmt::Debug for RemoteList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("RemoteList");
        shown.field("id", &self.id).field("place", &self.published_location());
        shown.finish_non_exhaustive()
    }
}

/// A feed of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedFeed {
    /// The id of its source: it stays as long as the feed is in the list.
    pub id: SourceId,
    /// Its address as the list writes it: `http` or `https`, perhaps with user-info.
    pub url: String,
    /// Its name; empty: the list gives none.
    pub title: String,
    /// The publisher's page.
    pub site: Option<String>,
    /// The names of the folders that it is in, the innermost first.
    pub categories: Vec<String>,
    /// Its language tag.
    pub language: Option<String>,
}

/// An entry of a list that is no source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedFeed {
    /// The line of the list that it is on, from 1.
    pub line: usize,
    /// Its name; empty: the list gives none.
    pub title: String,
    /// Why it is no source, without its address.
    pub reason: String,
}

/// The last good copy of a list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListCopy {
    /// Its feeds, in its order.
    pub feeds: Vec<ListedFeed>,
    /// What is in it besides.
    pub skipped: Vec<SkippedFeed>,
}

impl ListCopy {
    /// A digest of everything that its sources are made of.
    pub fn hash(&self) -> [u8; 16] {
        let mut digest = Digest::new("rafid list 1");
        for feed in &self.feeds {
            let number = |count: usize| (count as u64).to_be_bytes();
            digest.add(number(feed.categories.len()));
            let texts = [feed.id.as_str(), &feed.url, &feed.title];
            let optional = [&feed.site, &feed.language].map(|it| it.as_deref().unwrap_or_default());
            let categories = feed.categories.iter().map(String::as_str);
            for text in texts.into_iter().chain(optional).chain(categories) {
                digest.add_with_length(text);
            }
        }
        digest.to_128()
    }
}

/// Why a list cannot be used as it is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListProblemKind {
    /// It could not be fetched.
    Fetch,
    /// It is no list of feeds, or it is broken.
    Unreadable,
    /// It names no feed.
    Empty,
    /// It names less than half of the feeds that it had.
    Shrunk,
    /// It names more feeds than a list may have.
    TooLong,
}

impl ListProblemKind {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Fetch, Self::Unreadable, Self::Empty, Self::Shrunk, Self::TooLong];

    /// Its name in reports and on disk.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fetch => "fetch",
            Self::Unreadable => "unreadable",
            Self::Empty => "empty",
            Self::Shrunk => "shrunk",
            Self::TooLong => "too-long",
        }
    }

    /// The one with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// Why the last good copy of a list stays in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListProblem {
    /// Why.
    pub kind: ListProblemKind,
    /// The same in words, for the operator.
    pub message: String,
    /// Since when.
    pub since: Timestamp,
}

/// What is known of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredList {
    /// A digest of the address that the rest belongs to.
    pub address: [u8; 16],
    /// The validators of the document that the copy was made of.
    pub validators: Option<Validators>,
    /// When it was last refreshed; `None`: never.
    pub checked_at: Option<Timestamp>,
    /// When it was last found good; `None`: never.
    pub succeeded_at: Option<Timestamp>,
    /// When it is refreshed next.
    pub due_at: Timestamp,
    /// Whether its server requested that wait.
    pub waits_for_server: bool,
    /// Refreshes in a row that found a problem.
    pub failures: u32,
    /// Why the copy is not what the list says now; `None`: it is.
    pub problem: Option<ListProblem>,
    /// The last good copy; `None`: there was none yet.
    pub copy: Option<ListCopy>,
}

impl StoredList {
    /// A list at this address that was never refreshed.
    pub fn new(address: [u8; 16], now: Timestamp) -> Self {
        Self {
            address,
            validators: None,
            checked_at: None,
            succeeded_at: None,
            due_at: now,
            waits_for_server: false,
            failures: 0,
            problem: None,
            copy: None,
        }
    }
}
