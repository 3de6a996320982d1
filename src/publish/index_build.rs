//! The store → all its entries, newest first and page by page, for an index that is new: the newest can be found while
//! the older ones are still indexed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::published_site::PublishedSite;
use crate::model::{EntryId, SourceId, StoredEntry};
use crate::search_index::IndexState;
use crate::store::{LatestQuery, Store, StoreError};

/// The number of entries read from the store at a time.
const PAGE_SIZE: usize = 500;

/// An index that is being built.
pub(super) struct IndexBuild {
    sources: BTreeSet<SourceId>,
    before: Option<(Timestamp, EntryId)>,
    done: u64,
    total: u64,
}

impl IndexBuild {
    /// A build of the entries of all sources of the site.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn new(store: &Store, site: &PublishedSite) -> Result<Self, StoreError> {
        let sources: BTreeSet<SourceId> =
            site.sources.iter().map(|source| source.id.clone()).collect();
        let mut total = 0;
        for source in &sources {
            total += store.kept_entry_count(source)?;
        }
        Ok(Self { sources, before: None, done: 0, total })
    }

    /// The next entries; none: all were returned.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn next_page(&mut self, store: &Store) -> Result<Vec<StoredEntry>, StoreError> {
        let page = store.latest_entries(&LatestQuery {
            sources: &self.sources,
            limit: PAGE_SIZE,
            before: self.before,
            per_source: None,
            caps: &BTreeMap::new(),
            filter: None,
        })?;
        self.before = page.last().map(|last| (last.listed_at, last.id));
        self.done += u64::try_from(page.len()).unwrap_or_default();
        Ok(page)
    }

    /// The sources whose entries are returned.
    pub(super) fn sources(&self) -> &BTreeSet<SourceId> {
        &self.sources
    }

    /// The state of the index meanwhile.
    pub(super) fn state(&self) -> IndexState {
        IndexState::Building { done: self.done, total: self.total }
    }
}
