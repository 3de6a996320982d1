//! The configured sources → what of them is indexed with their entries, and a digest of it. Their entries are compared
//! with the index only when the digest changes.

use std::collections::BTreeMap;
use std::sync::Arc;

use rafid_feed::hash::Digest;

use super::published_site::{PublishedSite, source_info};
use super::query_subject::query_subject;
use crate::model::{PublishRules, Scope, Source, SourceId, SourceInfo, StoredEntry};
use crate::search_index::SearchError;
use crate::store::{Store, StoreError};

/// Why the index is out of date.
#[derive(Debug, thiserror::Error)]
pub enum IndexSyncError {
    /// The index failed.
    #[error("{0}")]
    Search(#[from] SearchError),
    /// The store could not be read.
    #[error("the store could not be read: {0}")]
    Store(#[from] StoreError),
    /// A file beside the index could not be written.
    #[error("the search index could not be written: {0}")]
    Files(#[from] std::io::Error),
    /// A search could not be answered.
    #[error("the search index could not be read")]
    Unreadable,
}

/// What is indexed of a source.
pub(super) struct SourceToIndex {
    /// What outputs say about it.
    pub(super) info: SourceInfo,
    /// Changes with everything outside an entry that decides how it is indexed, and whether.
    pub(super) digest: u64,
}

/// The sources of one step, each read when it is first needed.
pub(super) struct SourcesToIndex<'a> {
    site: Arc<PublishedSite>,
    store: &'a Store,
    loaded: BTreeMap<SourceId, Option<Arc<SourceToIndex>>>,
}

impl<'a> SourcesToIndex<'a> {
    /// The sources of a site.
    pub(super) fn new(site: Arc<PublishedSite>, store: &'a Store) -> Self {
        Self { site, store, loaded: BTreeMap::new() }
    }

    /// A source; `None`: it is not configured.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn get(&mut self, id: &SourceId) -> Result<Option<Arc<SourceToIndex>>, StoreError> {
        if let Some(known) = self.loaded.get(id) {
            return Ok(known.clone());
        }
        let found = match self.site.sources.find(id) {
            Some(source) => {
                let info = source_info(self.store, source)?;
                let digest = digest_source(source, &info, &self.site.merged_rules);
                Some(Arc::new(SourceToIndex { info, digest }))
            }
            None => None,
        };
        self.loaded.insert(id.clone(), found.clone());
        Ok(found)
    }

    /// The configured sources that were needed so far.
    pub(super) fn loaded(&self) -> impl Iterator<Item = (&SourceId, &SourceToIndex)> {
        self.loaded.iter().filter_map(|(id, source)| Some((id, source.as_deref()?)))
    }

    /// Whether the operator's rules for all merged outputs accept an entry. Entries that they exclude cannot be found
    /// by a search either.
    pub(super) fn accept(&self, listed: &StoredEntry, source: &SourceToIndex) -> bool {
        let filters = &self.site.filters;
        let is_held = || {
            let subject = query_subject(listed, Some(&source.info));
            filters.exclusion(&Scope::All, &listed.source, &subject).is_some()
        };
        filters.accepts_all(&Scope::All) || !is_held()
    }
}

fn digest_source(source: &Source, info: &SourceInfo, merged: &PublishRules) -> u64 {
    let mut digest = Digest::new("rafid indexed source 1");
    let mut add = |words: &[&str]| {
        digest.add(u64::try_from(words.len()).unwrap_or(u64::MAX).to_be_bytes());
        for word in words {
            digest.add_with_length(word);
        }
    };
    let categories: Vec<&str> = info
        .categories
        .iter()
        .flat_map(|category| [category.name.as_str(), category.slug.as_str()])
        .collect();
    let language = info.language.as_ref().map_or("", |language| language.as_str());
    let breaking = if info.believes_breaking { "breaking" } else { "" };
    add(&[info.id.as_str(), &info.name, language, breaking]);
    add(&categories);
    for rules in [&source.rules, merged] {
        add(&rules.keep.iter().map(String::as_str).collect::<Vec<_>>());
        add(&rules.drop.iter().map(String::as_str).collect::<Vec<_>>());
        if rules.forms {
            add(&["forms"]);
        }
    }
    digest.to_64()
}
