//! What clients can request and that must be rendered: the feeds, pages and lists of a site.

use crate::model::{
    ArchiveAddress, EntryId, PictureId, PublishRules, Scope, SearchOrder, StatusOrder,
};

/// The formats of an output feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OutputFormat {
    /// RSS 2.0.
    Rss,
    /// Atom 1.0.
    Atom,
    /// JSON Feed 1.1.
    Json,
}

/// Who reads a report about the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Audience {
    /// Anyone: without what only the operator needs.
    Public,
    /// The operator.
    Operator,
}

/// A resource that clients can request and that must be rendered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resource {
    /// A feed.
    Feed {
        /// The entries in it.
        scope: Scope,
        /// Its format.
        format: OutputFormat,
    },
    /// The entries of a feed that arrived or visibly changed after a position in the journal of arrivals.
    DeltaFeed {
        /// The entries in the feed.
        scope: Scope,
        /// The feed's format.
        format: OutputFormat,
        /// The number of the last arrival that the client has.
        after: u64,
    },
    /// The page about a feed, for a person who opened the feed's address in a browser.
    FeedGuide {
        /// The entries in the feed.
        scope: Scope,
        /// The feed's format.
        format: OutputFormat,
    },
    /// A page for people.
    Page {
        /// The entries in it.
        scope: Scope,
        /// The cursor after which its entries start; `None`: from the newest.
        before: Option<String>,
    },
    /// A page for people with headlines alone.
    CompactPage {
        /// The entries in it.
        scope: Scope,
        /// The cursor after which its entries start; `None`: from the newest.
        before: Option<String>,
    },
    /// A page for people, with what is new.
    NewSince {
        /// The entries in it.
        scope: Scope,
        /// The number of the journal after which its entries arrived.
        after: u64,
    },
    /// A closed page of an archive, as a feed.
    ArchiveFeed {
        /// The entries in it.
        scope: Scope,
        /// Its format.
        format: OutputFormat,
        /// Which page it is.
        page: ArchiveAddress,
    },
    /// A closed page of an archive, for people.
    ArchivePage {
        /// The entries in it.
        scope: Scope,
        /// Which page it is.
        page: ArchiveAddress,
    },
    /// The list of sources.
    Opml,
    /// The sources for readers.
    Sources,
    /// The results of a search.
    Search {
        /// The query as given.
        words: String,
        /// The format of the results.
        form: SearchFormat,
    },
    /// The state of the sources for people.
    Status {
        /// Only of those whose last poll failed.
        failing_only: bool,
        /// In which order.
        order: StatusOrder,
        /// How much of it is shown.
        audience: Audience,
    },
    /// The state of the sources for programs.
    StatusJson {
        /// How much of it is shown.
        audience: Audience,
    },
    /// A story with every source's version, by the id of one of its entries.
    Story(EntryId),
    /// The copy of a picture.
    Picture(PictureId),
    /// A file of the folder that `rafid build` writes, by its path; for the operator only.
    SiteFile(String),
    /// What is known about an entry, by its id, one of its addresses or its link; for the operator only.
    Explanation(String),
    /// What filter rules do with the stored entries; for the operator only.
    FilterDryRun {
        /// The output whose entries are filtered.
        scope: Scope,
        /// The rules to try.
        rules: PublishRules,
    },
}

impl Resource {
    /// The output whose entries it holds; `None`: it is of no single output, or for the operator alone.
    pub fn scope(&self) -> Option<&Scope> {
        match self {
            Self::Feed { scope, .. }
            | Self::DeltaFeed { scope, .. }
            | Self::FeedGuide { scope, .. }
            | Self::Page { scope, .. }
            | Self::CompactPage { scope, .. }
            | Self::NewSince { scope, .. }
            | Self::ArchiveFeed { scope, .. }
            | Self::ArchivePage { scope, .. } => Some(scope),
            _ => None,
        }
    }
}

/// The format of search results.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SearchFormat {
    /// As a feed, newest first.
    Feed(OutputFormat),
    /// As the page about that feed.
    FeedGuide(OutputFormat),
    /// As a page.
    Page {
        /// The sort order.
        order: SearchOrder,
        /// The rank after which the page starts; `None`: the first page.
        before: Option<u64>,
    },
    /// For programs.
    Json {
        /// The sort order.
        order: SearchOrder,
        /// The rank after which the results start; `None`: from the first.
        before: Option<u64>,
        /// The maximum number of results.
        limit: usize,
    },
}
