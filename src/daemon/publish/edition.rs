//! What the operator wants published: the site's words, the outputs' sizes, the sources. The
//! configuration is translated into it, so that publishing does not know the configuration.

use std::sync::Arc;

use super::sieve::Sieve;
use crate::daemon::store::{Store, StoreError};
use crate::feed::model::{
    Category, ContentPolicy, Language, Location, Output, PerSource, PollState, PublicUrl, Scope,
    Source, SourceCard, Stories,
};

/// What the operator wants published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edition {
    /// The site's title.
    pub title: String,
    /// The site's description.
    pub description: String,
    /// The public base address, ending in `/`.
    pub base: String,
    /// Where it listens; `None`: it does not (static files).
    pub listen: Option<String>,
    /// The language of the site's own words.
    pub language: Language,
    /// The zone of the times on the pages; `None`: UTC.
    pub timezone: Option<String>,
    /// How to reach the operator.
    pub contact: Option<String>,
    /// Whether pages offer a search.
    pub can_search: bool,
    /// Entries of an output feed at most.
    pub entries: usize,
    /// Entries of a page.
    pub page_entries: usize,
    /// How much of an output of several sources one of them may have.
    pub per_source: PerSource,
    /// What outputs of several sources make of stories.
    pub stories: Stories,
    /// How much of an entry is given.
    pub content: ContentPolicy,
    /// Seconds between two polls of a source that says nothing else.
    pub every_seconds: u64,
    /// The sources in the operator's order.
    pub sources: Vec<Arc<Source>>,
    /// The outputs with a name of their own, in the operator's order.
    pub outputs: Vec<Output>,
    /// Which entries are published where.
    pub sieve: Arc<Sieve>,
}

impl Edition {
    /// The sources of a scope, in the operator's order.
    pub fn sources_of<'a>(&'a self, scope: &'a Scope) -> impl Iterator<Item = &'a Arc<Source>> {
        let output = match scope {
            Scope::Output(id) => self.output(id),
            _ => None,
        };
        self.sources.iter().filter(move |source| match scope {
            Scope::All => true,
            Scope::Category(slug) => is_of(source, slug),
            Scope::Source(id) => source.id == *id,
            Scope::Output(_) => output.is_some_and(|output| takes(output, source)),
        })
    }

    /// The named output with this id.
    pub fn output(&self, id: &str) -> Option<&Output> {
        self.outputs.iter().find(|output| output.id == id)
    }

    /// The categories, each once, in the order of their first source.
    pub fn categories(&self) -> Vec<Category> {
        let mut found: Vec<Category> = Vec::new();
        for category in self.sources.iter().filter_map(|source| source.category.as_ref()) {
            if found.iter().all(|other| other.slug != category.slug) {
                found.push(category.clone());
            }
        }
        found
    }

    /// What outputs say about a source, by what the store remembers of it.
    pub(super) fn card_of(&self, store: &Store, source: &Source) -> Result<SourceCard, StoreError> {
        let state = store.poll_state(&source.id)?;
        let believes_breaking = self.sieve.believes_breaking(store, source, state.as_ref())?;
        Ok(SourceCard { believes_breaking, ..card(source, state.as_ref()) })
    }

    /// Seconds that subscribers need not ask again for: the quickest sources bring something new a
    /// few times within `every`.
    pub fn max_age_seconds(&self) -> u64 {
        (self.every_seconds / 6).clamp(60, 3600)
    }
}

fn is_of(source: &Source, slug: &str) -> bool {
    source.category.as_ref().is_some_and(|category| category.slug == slug)
}

/// Whether a named output has entries of a source; where it names neither sources nor categories it has
/// those of all.
fn takes(output: &Output, source: &Source) -> bool {
    let names_none = output.categories.is_empty() && output.sources.is_empty();
    names_none
        || output.sources.contains(&source.id)
        || output.categories.iter().any(|slug| is_of(source, slug))
}

/// What outputs say about a source: the operator's words first, then the publisher's. That it is believed
/// about breaking news is left to `card_of`.
pub(super) fn card(source: &Source, state: Option<&PollState>) -> SourceCard {
    let said = state.map(|state| &state.card);
    let language = said.and_then(|card| Language::parse(card.language.as_deref()?));
    // What its publisher says of itself would tell whose it is.
    let is_open = !source.is_private;
    let site = source.site.as_ref().map(PublicUrl::of);
    SourceCard {
        id: source.id.clone(),
        name: name_of(source, state),
        site: site.or_else(|| PublicUrl::parse(said?.site.as_deref()?).filter(|_| is_open)),
        feed_url: source.published_url(),
        category: source.category.clone(),
        language: source.language.clone().or(language),
        rights: said.and_then(|card| card.rights.clone()),
        image: said.and_then(|card| card.image.clone()).filter(|_| is_open),
        updated_at: state.and_then(|state| state.changed_at),
        believes_breaking: true,
    }
}

/// The name to show for a source: the operator's, else the publisher's title, else its host, which a
/// private source does not tell.
pub fn name_of(source: &Source, state: Option<&PollState>) -> String {
    let host = match &source.location {
        Location::Web(url) if !source.is_private => url.host_str().map(ToOwned::to_owned),
        _ => None,
    };
    let said = state.and_then(|state| state.card.title.clone());
    source.name.clone().or(said).or(host).unwrap_or_else(|| source.id.to_string())
}
