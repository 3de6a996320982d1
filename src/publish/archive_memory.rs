//! What is remembered between two renderings: of the journal and of every output's archive, of the sources, of the
//! last publications, of the texts of entries, and of what outputs say about sources of others.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::fragment_cache::FragmentCache;
use super::journal_index::{IndexedArrival, JournalIndex};
use super::publication_cache::PublicationCache;
use super::source_cards::SourceCards;
use crate::model::{
    ArchivePage, ArchivePageKind, ArrivalKind, Publication, Scope, ScopeKey, SourceId,
};
use crate::store::{Store, StoreError};

/// What the outputs of one store were rendered from, as far as it was read. Everything in it is checked when it is
/// used: after a restart it is empty, and the bytes are the same.
#[derive(Debug, Default)]
pub struct Archives {
    journal: Mutex<ArchiveMemory>,
    cards: Mutex<SourceCards>,
    publications: Mutex<PublicationCache>,
    fragments: FragmentCache,
    /// The sources that each output named although it does not include them, because they have the stories of its
    /// entries.
    named: Mutex<BTreeMap<Scope, BTreeSet<SourceId>>>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct ArchiveMemory {
    pub(super) index: JournalIndex,
    pub(super) outputs: BTreeMap<ScopeKey, KnownArchive>,
    pub(super) storing: PageStoring,
}

/// When closed pages are stored.
#[derive(Debug, Clone, Default)]
pub(super) enum PageStoring {
    /// At once.
    #[default]
    AtOnce,
    /// Together with those of other outputs. These are not stored yet.
    Together(Vec<(ScopeKey, Vec<ArchivePage>)>),
}

impl PageStoring {
    /// Stores pages of an output, or keeps them until all are stored.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub(super) fn add(
        &mut self,
        store: &Store,
        output: ScopeKey,
        pages: &[ArchivePage],
    ) -> Result<(), StoreError> {
        let closed = (output, pages.to_vec());
        match self {
            Self::AtOnce => store.close_archive_pages(&[closed]),
            Self::Together(kept) => {
                kept.push(closed);
                Ok(())
            }
        }
    }
}

/// The archive of one output, as far as it was read.
#[derive(Debug, Clone, Default)]
pub(super) struct KnownArchive {
    /// The sources of the output when it was read.
    sources: Vec<SourceId>,
    /// Whether entries were left out then because another one represents their story.
    collapses: bool,
    /// The closed pages, oldest first.
    pub(super) pages: Arc<Vec<ArchivePage>>,
    /// The number of the last arrival that was judged.
    pub(super) judged_to: u64,
    /// New arrivals that the output holds and that are on no page, oldest first.
    pub(super) open: Vec<u64>,
    /// The number of oldest pages that are known to hold no entries any more.
    pub(super) empty_pages: usize,
    /// The number of the last arrival of the output's sources, and of the first arrival that was in the journal
    /// then; `None`: it was not looked for yet.
    position: Option<(u64, u64)>,
    /// What arrived since the last page of new entries.
    pub(super) since: SinceLastPage,
}

/// The arrivals of an output's sources since its last page of new entries: of each kind the last ones. With rules
/// that leave out nearly everything a page takes years to close, and a rendering must not walk through them.
#[derive(Debug, Clone, Default)]
pub(super) struct SinceLastPage {
    /// The last number on the page.
    after: u64,
    /// The number of the last arrival that was looked at.
    read_to: u64,
    /// The maximum number of each kind.
    most: usize,
    /// The numbers of new arrivals, oldest first.
    pub(super) new: VecDeque<u64>,
    /// The numbers of edits, oldest first.
    pub(super) edits: VecDeque<u64>,
}

impl Archives {
    /// Nothing is known, and closed pages are stored together by `store_pages`: a write for each of a thousand sources
    /// costs two syncs of the database.
    pub(super) fn storing_together() -> Self {
        let storing = PageStoring::Together(Vec::new());
        let memory = ArchiveMemory { storing, ..ArchiveMemory::default() };
        Self { journal: Mutex::new(memory), ..Self::default() }
    }

    /// Stores the pages that were closed.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub(super) fn store_pages(&self, store: &Store) -> Result<(), StoreError> {
        match &mut self.lock().storing {
            PageStoring::Together(kept) if !kept.is_empty() => {
                store.close_archive_pages(&std::mem::take(kept))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, ArchiveMemory> {
        // After a panic the worst is a page that is not yet known to be closed.
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known of the journal and the archives alone, as if nothing had been rendered from it.
    #[cfg(test)]
    pub(super) fn with_journal_only(&self) -> Self {
        Self { journal: Mutex::new(self.lock().clone()), ..Self::default() }
    }

    pub(super) fn cards(&self) -> MutexGuard<'_, SourceCards> {
        // After a panic the worst is a source that is read again.
        self.cards.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn publications(&self) -> MutexGuard<'_, PublicationCache> {
        // A panic cannot leave this list half changed.
        self.publications.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn fragments(&self) -> &FragmentCache {
        &self.fragments
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
    /// The pages that were closed so far. `collapses`: entries are left out whose story another one represents.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn load<'a>(
        store: &Store,
        key: ScopeKey,
        sources: impl Iterator<Item = &'a SourceId>,
        collapses: bool,
    ) -> Result<Self, StoreError> {
        let pages = Arc::new(store.archive_pages(key)?);
        let sources = sources.cloned().collect();
        let mut known = Self { sources, collapses, pages, ..Self::default() };
        // A source that the output did not have before may have arrivals between the two.
        let last = |kind| known.last_number(kind);
        known.judged_to = last(ArchivePageKind::Arrivals).min(last(ArchivePageKind::FirstReading));
        Ok(known)
    }

    /// Whether what was judged still holds: the output has the same sources, and leaves out the same.
    pub(super) fn was_judged_for<'a>(
        &self,
        sources: impl Iterator<Item = &'a SourceId>,
        collapses: bool,
    ) -> bool {
        self.collapses == collapses && self.sources.iter().eq(sources)
    }

    /// The number of the last arrival of the output's sources with these hashes, of which `arrivals` were not
    /// judged before; 0: nothing is in the journal.
    pub(super) fn update_position(
        &mut self,
        index: &JournalIndex,
        hashes: &[u32],
        arrivals: &[IndexedArrival],
    ) -> u64 {
        let new = arrivals.last().map_or(0, |last| last.number());
        let known = self.position.filter(|(_, start)| *start == index.start());
        let last =
            known.map_or_else(|| index.last_of(hashes).unwrap_or(0), |(last, _)| last.max(new));
        self.position = Some((last, index.start()));
        last
    }

    /// The last number of the last page of a kind; 0: there is no such page.
    pub(super) fn last_number(&self, kind: ArchivePageKind) -> u64 {
        self.pages.iter().rev().find(|page| page.kind == kind).map_or(0, |page| page.to)
    }
}

impl SinceLastPage {
    /// Looks at what arrived since the last call, when `after` is the last number on the last page.
    pub(super) fn update(&mut self, index: &JournalIndex, hashes: &[u32], after: u64, most: usize) {
        if after < self.after || most > self.most {
            *self = Self::default();
        }
        (self.after, self.most) = (after, most);
        for numbers in [&mut self.new, &mut self.edits] {
            let on_pages = numbers.partition_point(|number| *number <= after);
            numbers.drain(..on_pages);
        }
        let from = self.read_to.max(after) + 1;
        for arrival in index.arrivals_of(hashes, (from, index.head())) {
            let numbers = match arrival.kind() {
                ArrivalKind::New => &mut self.new,
                ArrivalKind::Changed => &mut self.edits,
                ArrivalKind::FirstReading => continue,
            };
            numbers.push_back(arrival.number());
            while numbers.len() > most {
                numbers.pop_front();
            }
        }
        self.read_to = index.head();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_arrived_since_a_page_is_the_same_in_one_step_and_in_many() {
        let kinds = [ArrivalKind::New, ArrivalKind::Changed, ArrivalKind::FirstReading];
        let mut index = JournalIndex::default();
        let mut since = SinceLastPage::default();
        for number in 1..=60_u64 {
            let kind = kinds[usize::try_from(number * number % 7 % 3).unwrap()];
            index.push(number, kind, u32::from(number % 4 == 0));
            if number % 5 == 0 {
                // A page closed half way back, and another site allows more.
                let (after, most) = (number / 2, if number < 30 { 4 } else { 8 });
                since.update(&index, &[0], after, most);
                let mut at_once = SinceLastPage::default();
                at_once.update(&index, &[0], after, most);
                assert_eq!((&since.new, &since.edits), (&at_once.new, &at_once.edits), "{number}");
                assert!(since.new.len() <= most && since.new.iter().all(|it| *it > after));
            }
        }
        assert_eq!(since.new.len(), 3);
    }
}
