//! What the operator wants published beside the feed of everything, and what in no feed: rules and named
//! outputs, in the operator's words.

use rafid_feed::model::Language;

use super::{SourceId, StoryDisplay};

/// Which entries are published, as queries of `feed::query`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct PublishRules {
    /// Only entries that one of these finds; empty: all.
    pub keep: Vec<String>,
    /// Of those, no entry that one of these finds.
    pub drop: Vec<String>,
}

impl PublishRules {
    /// Whether they leave everything as it is.
    pub fn is_empty(&self) -> bool {
        self.keep.is_empty() && self.drop.is_empty()
    }
}

/// An output with a name of its own: a feed and a page of what its words find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// As in `/output/<id>/`: a slug.
    pub id: String,
    /// As shown.
    pub name: String,
    /// Only what this query finds; `None`: everything.
    pub query: Option<String>,
    /// Only sources of these categories, by slug; empty: of any.
    pub categories: Vec<String>,
    /// Only these sources; empty: any. With categories: these beside those of the categories.
    pub sources: Vec<SourceId>,
    /// Only entries in these languages, by their primary tag; empty: in any.
    pub languages: Vec<Language>,
    /// Entries of its feed at most; `None`: as many as the others have.
    pub entries: Option<usize>,
    /// What it makes of stories; `None`: as the others.
    pub stories: Option<StoryDisplay>,
    /// Further rules.
    pub rules: PublishRules,
}
