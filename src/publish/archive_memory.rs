//! What is remembered of the journal and of every output's archive between two renderings.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::journal_index::JournalIndex;
use crate::model::{ArchivePage, ArchivePageKind, ScopeKey, SourceId};
use crate::store::{Store, StoreError};

/// The journal, and the archives of the outputs that were rendered, as far as they were read.
#[derive(Debug, Default)]
pub struct Archives(Mutex<ArchiveMemory>);

#[derive(Debug, Default)]
pub(super) struct ArchiveMemory {
    pub(super) index: JournalIndex,
    pub(super) outputs: BTreeMap<ScopeKey, KnownArchive>,
}

/// The archive of one output, as far as it was read.
#[derive(Debug, Default)]
pub(super) struct KnownArchive {
    /// The sources of the output when it was read.
    sources: Vec<SourceId>,
    /// The closed pages, oldest first.
    pub(super) pages: Arc<Vec<ArchivePage>>,
    /// The number of the last arrival that was judged.
    pub(super) judged_to: u64,
    /// New arrivals that the output holds and that are on no page, oldest first.
    pub(super) open: Vec<u64>,
    /// The number of oldest pages that are known to hold no entries any more.
    pub(super) empty_pages: usize,
}

impl Archives {
    pub(super) fn lock(&self) -> MutexGuard<'_, ArchiveMemory> {
        // After a panic the worst is a page that is not yet known to be closed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KnownArchive {
    /// The pages that were closed so far.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn load<'a>(
        store: &Store,
        key: ScopeKey,
        sources: impl Iterator<Item = &'a SourceId>,
    ) -> Result<Self, StoreError> {
        let pages = Arc::new(store.archive_pages(key)?);
        let mut known = Self { sources: sources.cloned().collect(), pages, ..Self::default() };
        // A source that the output did not have before may have arrivals between the two.
        let last = |kind| known.last_number(kind);
        known.judged_to = last(ArchivePageKind::Arrivals).min(last(ArchivePageKind::FirstReading));
        Ok(known)
    }

    /// Whether the output still has the same sources.
    pub(super) fn has_sources<'a>(&self, sources: impl Iterator<Item = &'a SourceId>) -> bool {
        self.sources.iter().eq(sources)
    }

    /// The last number of the last page of a kind; 0: there is no such page.
    pub(super) fn last_number(&self, kind: ArchivePageKind) -> u64 {
        self.pages.iter().rev().find(|page| page.kind == kind).map_or(0, |page| page.to)
    }
}
