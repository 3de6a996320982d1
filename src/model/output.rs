//! Which entries the operator publishes, and in which additional feeds: publishing rules and named
//! outputs, as they are configured.

use rafid_feed::model::Language;

use super::{OutputToken, SourceId, StoryDisplay};

/// Which entries are published, as queries (`query`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct PublishRules {
    /// Only entries that match one of these queries; empty: all.
    pub keep: Vec<String>,
    /// Of those, no entry that matches one of these queries.
    pub drop: Vec<String>,
    /// Whether the words of `keep`, and of an output's query, also match in their other forms. Those of `drop` never do.
    pub forms: bool,
}

impl PublishRules {
    /// Whether there is no rule.
    pub fn is_empty(&self) -> bool {
        self.keep.is_empty() && self.drop.is_empty()
    }
}

/// Who can find a named output.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum OutputAccess {
    /// Everyone, at `/output/<id>/`; menus list it.
    #[default]
    Public,
    /// Those who have its secret address, `/private/<token>/`. `None`: it has no address at present.
    Private(Option<OutputToken>),
}

/// A named output: a feed and a page of the entries that match its conditions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// The slug in `/output/<id>/`, unless it is private.
    pub id: String,
    /// The displayed name.
    pub name: String,
    /// Who can find it.
    pub access: OutputAccess,
    /// Only entries that match this query; `None`: all.
    pub query: Option<String>,
    /// Only sources of these categories, by slug; empty: of any.
    pub categories: Vec<String>,
    /// Only these sources; empty: any. With categories: these in addition to the sources of the categories.
    pub sources: Vec<SourceId>,
    /// Only entries in these languages, by their primary tag; empty: in any.
    pub languages: Vec<Language>,
    /// The most entries in its feed; `None`: as many as in the other outputs.
    pub entries: Option<usize>,
    /// How it displays stories; `None`: like the other outputs.
    pub stories: Option<StoryDisplay>,
    /// Additional rules.
    pub rules: PublishRules,
}

impl Output {
    /// Whether it is in no list.
    pub fn is_private(&self) -> bool {
        matches!(self.access, OutputAccess::Private(_))
    }

    /// Whether it has entries of all sources: it names neither sources nor categories.
    pub fn has_all_sources(&self) -> bool {
        self.categories.is_empty() && self.sources.is_empty()
    }
}
