//! What is remembered of the journal, of every output's archive, and of what outputs say about sources of others,
//! between two renderings.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::journal_index::JournalIndex;
use crate::model::{ArchivePage, ArchivePageKind, Publication, Scope, ScopeKey, SourceId};
use crate::store::{Store, StoreError};

/// The journal, and the archives of the outputs that were rendered, as far as they were read; and the sources that
/// each output named although it does not include them, because they have the stories of its entries.
#[derive(Debug, Default)]
pub struct Archives {
    memory: Mutex<ArchiveMemory>,
    named: Mutex<BTreeMap<Scope, BTreeSet<SourceId>>>,
}

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
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A document of an output was rendered, and names the sources of its stories.
    pub(super) fn record_named(&self, publication: &Publication) {
        let others = publication.stories.values().flat_map(|story| &story.others);
        let others = others.filter(|other| !publication.sources.contains_key(&other.source));
        let mut named = self.named();
        for other in others {
            let sources = named.entry(publication.scope.clone()).or_default();
            sources.insert(other.source.clone());
        }
    }

    /// All documents of an output are about to be rendered: what it named before does not count.
    pub(super) fn forget_named(&self, scope: &Scope) {
        self.named().remove(scope);
    }

    /// Whether an output names a source that it does not include.
    pub(super) fn names_source(&self, scope: &Scope, source: &SourceId) -> bool {
        self.named().get(scope).is_some_and(|sources| sources.contains(source))
    }

    /// The sources that each output names, and does not include.
    pub(super) fn named(&self) -> MutexGuard<'_, BTreeMap<Scope, BTreeSet<SourceId>>> {
        // A panic cannot leave this map half changed.
        self.named.lock().unwrap_or_else(PoisonError::into_inner)
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
