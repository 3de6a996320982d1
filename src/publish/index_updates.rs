//! What changed in the store → the same in the search index, in steps that each take a fraction of a second.
//!
//! | step | when | reads |
//! | --- | --- | --- |
//! | news | after every commit of the store | the arrivals after the position that the index holds |
//! | building | the index is new | every entry, newest first |
//! | entries of a source | its name, its categories, its language or its rules changed; the index cannot say what it holds | every entry of it |
//! | positions of a source | each source once an hour | where its entries are, but no entry |
//!
//! The store decides. A stamp beside every indexed entry shows what of it was indexed. Only the positions show what
//! was deleted from the store: until then such an entry may be counted, but is not shown.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use arc_swap::ArcSwap;
use jiff::Timestamp;
use rafid_feed::hash::Digest;

use super::entry_stamp::EntryStamp;
use super::index_build::IndexBuild;
use super::published_site::PublishedSite;
use super::query_subject::query_subject;
use super::sources_to_index::{IndexSyncError, SourcesToIndex};
use crate::http::Metrics;
use crate::model::{EntryId, SourceId, StoredEntry};
use crate::search_index::{
    IndexDocument, IndexProgress, IndexState, SearchError, SearchIndex, SearchIndexWriter,
    SourceDigests,
};
use crate::store::{Store, StoreError};

/// The number of entries added between two commits. The library holds them in memory until it has indexed them.
const COMMIT_EVERY: usize = 2_000;
/// A round through the positions of all sources has this many parts.
const PARTS_OF_ROUND: usize = 60;

/// What the updates read and report to.
pub(super) struct UpdateContext<'a> {
    pub(super) search: &'a SearchIndex,
    pub(super) store: &'a Store,
    pub(super) site: &'a ArcSwap<PublishedSite>,
    pub(super) metrics: &'a Metrics,
}

/// How a source is compared with the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SourceCheck {
    /// Each entry, by its stamp.
    Entries,
    /// Which entries there are, and where.
    Positions,
}

/// The updates of an open index.
pub(super) struct IndexUpdates<'a> {
    pub(super) context: UpdateContext<'a>,
    /// `None`: nothing was written for a while.
    writer: Option<SearchIndexWriter>,
    pub(super) progress: IndexProgress,
    /// Whether the index holds everything up to `progress`.
    is_whole: bool,
    digests: SourceDigests,
    build: Option<IndexBuild>,
    checks: VecDeque<(SourceId, SourceCheck)>,
    /// Sources whose positions are not checked yet in this round.
    round: VecDeque<SourceId>,
    /// Entries that changed without an arrival, with their listing times.
    changed: BTreeMap<EntryId, Timestamp>,
    /// The digest of the entries of a source that were not indexed at its last check: the rules exclude them.
    missing: BTreeMap<SourceId, u64>,
    /// What was put and removed since the index was ready.
    counts: UpdateCounts,
}

/// The number of entries that were put into the index and removed from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct UpdateCounts {
    put: u64,
    removed: u64,
}

impl<'a> IndexUpdates<'a> {
    /// The updates of an open index, and what is to do at first.
    ///
    /// # Errors
    /// When store or index fails.
    pub(super) fn begin(context: UpdateContext<'a>) -> Result<Self, IndexSyncError> {
        let head = context.store.journal_head()?;
        let known = match context.search.progress()? {
            Some(progress) if is_of_this_store(context.store, progress, head)? => Some(progress),
            _ => None,
        };
        let digests = context.search.source_digests();
        let mut updates = Self {
            progress: known.unwrap_or(IndexProgress { journal: head, entry: None }),
            is_whole: known.is_some(),
            writer: None,
            digests,
            build: None,
            checks: VecDeque::new(),
            round: VecDeque::new(),
            changed: BTreeMap::new(),
            missing: BTreeMap::new(),
            counts: UpdateCounts::default(),
            context,
        };
        if updates.is_whole {
            updates.check_changed_sources()?;
        } else if updates.context.search.is_empty() {
            let site = updates.context.site.load();
            updates.build = Some(IndexBuild::new(updates.context.store, &site)?);
        } else {
            let site = updates.context.site.load_full();
            let sources = site.sources.iter().map(|source| source.id.clone());
            updates.checks = sources.map(|source| (source, SourceCheck::Entries)).collect();
        }
        Ok(updates)
    }

    /// An entry changed without an arrival: its text came later.
    pub(super) fn add_changed(&mut self, entries: impl IntoIterator<Item = (EntryId, Timestamp)>) {
        self.changed.extend(entries);
    }

    /// Indexes what arrived and changed; returns whether more is left.
    ///
    /// # Errors
    /// When store or index fails.
    pub(super) fn index_news(&mut self) -> Result<bool, IndexSyncError> {
        let store = self.context.store;
        let arrivals = store.arrivals_after(self.progress.journal, COMMIT_EVERY)?;
        let changed = std::mem::take(&mut self.changed);
        let (mut infos, counts) = (self.source_infos(), self.counts);
        let mut seen = BTreeSet::new();
        for arrival in &arrivals {
            if seen.insert(arrival.id)
                && let Some(listed) = store.arrived_entry(arrival)?
            {
                self.index_entry(&mut infos, &listed)?;
            }
        }
        for (id, listed_at) in changed {
            // An entry that moved is found by its position.
            if seen.insert(id)
                && let Some(listed) = store.entry(id, listed_at)?
            {
                self.index_entry(&mut infos, &listed)?;
            }
        }
        if let Some(last) = arrivals.last() {
            self.progress = IndexProgress { journal: last.number, entry: Some(last.id) };
        }
        // A source without a digest had no entries: now all of them are indexed.
        for (source, info) in infos.loaded() {
            if self.is_whole && self.digests.get(source).is_none() {
                self.digests.set(source, info.digest);
            }
        }
        if !seen.is_empty() {
            self.commit()?;
            self.update_entry_count();
            tracing::debug!(entries = seen.len(), "search index updated");
        }
        if *self.context.search.state() == IndexState::Ready {
            self.counts = counts;
        }
        Ok(arrivals.len() == COMMIT_EVERY)
    }

    /// Whether there is a step to do beside news.
    pub(super) fn has_steps(&self) -> bool {
        let has_changes = self.writer.as_ref().is_some_and(SearchIndexWriter::has_changes);
        self.build.is_some() || !self.checks.is_empty() || !self.is_whole || has_changes
    }

    /// Does one step; returns whether it changed the index. After the last one the index is up to date with the
    /// store (`mark_ready`).
    ///
    /// # Errors
    /// When store or index fails.
    pub(super) fn step(&mut self) -> Result<bool, IndexSyncError> {
        let before = self.counts;
        if let Some(build) = self.build.take() {
            self.build = self.build_page(build)?;
        } else if let Some((source, check)) = self.checks.pop_front() {
            self.check_source(&source, check)?;
        }
        if self.writer.as_ref().is_some_and(|writer| writer.added_count() >= COMMIT_EVERY) {
            self.commit()?;
            if let IndexState::Building { done, total } = *self.context.search.state() {
                tracing::info!(done, total, "building the search index");
            }
        }
        if self.build.is_none() && self.checks.is_empty() {
            self.finish_steps()?;
        }
        Ok(self.counts != before)
    }

    /// Everything is done: claims it in the index.
    fn finish_steps(&mut self) -> Result<(), IndexSyncError> {
        let was_whole = std::mem::replace(&mut self.is_whole, true);
        if !was_whole || self.writer.as_ref().is_some_and(SearchIndexWriter::has_changes) {
            self.commit()?;
        }
        Ok(self.context.search.save_source_digests(&mut self.digests)?)
    }

    /// Reports that nothing is left to do; returns what was done since the last time.
    pub(super) fn mark_ready(&mut self) -> UpdateCounts {
        let counts = std::mem::take(&mut self.counts);
        let was_ready = *self.context.search.state() == IndexState::Ready;
        self.context.search.set_state(IndexState::Ready);
        self.context.metrics.search_failing.set(0);
        self.update_entry_count();
        if !was_ready || counts != UpdateCounts::default() {
            let (entries, UpdateCounts { put, removed }) = (self.context.search.len(), counts);
            tracing::info!(entries, put, removed, "search index ready");
        }
        counts
    }

    /// Queues the sources whose name, categories, language or rules changed, and removes the entries of those
    /// that are no longer configured.
    ///
    /// # Errors
    /// When store or index fails.
    pub(super) fn check_changed_sources(&mut self) -> Result<(), IndexSyncError> {
        let mut infos = self.source_infos();
        let site = self.context.site.load_full();
        for key in self.digests.forget_all_but(site.sources.iter().map(|source| &source.id)) {
            self.counts.removed += self.writer()?.remove_source(key)?;
        }
        for source in &site.sources {
            let Some(info) = infos.get(&source.id)? else { continue };
            let is_changed = match self.digests.get(&source.id) {
                Some(digest) => digest != info.digest,
                None => self.context.store.kept_entry_count(&source.id)? > 0,
            };
            if is_changed {
                self.checks.push_back((source.id.clone(), SourceCheck::Entries));
            }
        }
        Ok(())
    }

    /// Queues the next part of the sources, of 60, for a check of their positions; `true`: a round is complete.
    pub(super) fn check_next_positions(&mut self) -> bool {
        if self.round.is_empty() {
            self.round = self.context.site.load().sources.iter().map(|it| it.id.clone()).collect();
        }
        let all = self.context.site.load().sources.len();
        for _ in 0..all.div_ceil(PARTS_OF_ROUND) {
            let Some(source) = self.round.pop_front() else { break };
            self.checks.push_back((source, SourceCheck::Positions));
        }
        self.round.is_empty()
    }

    /// Queues all sources for a check of their positions.
    pub(super) fn check_all_positions(&mut self) {
        self.round.clear();
        while !self.check_next_positions() {}
    }

    /// Ends the threads of the writer and gives back its memory.
    ///
    /// # Errors
    /// When the index fails.
    pub(super) fn release_writer(&mut self) -> Result<(), IndexSyncError> {
        Ok(self.writer.take().map_or(Ok(()), SearchIndexWriter::close)?)
    }

    /// Indexes the next page of a build; `None`: it was the last one.
    fn build_page(&mut self, mut build: IndexBuild) -> Result<Option<IndexBuild>, IndexSyncError> {
        let page = build.next_page(self.context.store)?;
        let mut infos = self.source_infos();
        if page.is_empty() {
            for source in build.sources() {
                if self.context.store.kept_entry_count(source)? > 0
                    && let Some(info) = infos.get(source)?
                {
                    self.digests.set(source, info.digest);
                }
            }
            return Ok(None);
        }
        for listed in &page {
            self.index_entry(&mut infos, listed)?;
        }
        self.context.search.set_state(build.state());
        Ok(Some(build))
    }

    /// Compares a source with the index. Where only positions are compared, no entry is read that is in its place.
    fn check_source(
        &mut self,
        source: &SourceId,
        check: SourceCheck,
    ) -> Result<(), IndexSyncError> {
        let mut infos = self.source_infos();
        let Some(own) = infos.get(source)? else { return Ok(()) };
        let mut indexed = self.context.search.entries_of_source(source)?;
        let mut missing = Digest::new("");
        let mut to_read = Vec::new();
        for (id, listed_at) in self.context.store.kept_positions(source)? {
            let known = indexed.remove(&id).filter(|known| known.listed_at == listed_at);
            if known.is_none() {
                missing.add(id.to_bytes());
            }
            if known.is_none() || check == SourceCheck::Entries {
                to_read.push((id, listed_at, known.map(|known| known.stamp)));
            }
        }
        for id in indexed.keys() {
            self.remove_entry(*id)?;
        }
        // What the rules exclude is missing, too. It is read again only when something else is missing.
        let missing = missing.to_64();
        if check == SourceCheck::Positions && self.missing.get(source) == Some(&missing) {
            return Ok(());
        }
        for (id, listed_at, stamp) in to_read {
            let Some(listed) = self.context.store.entry(id, listed_at)? else { continue };
            if stamp != Some(EntryStamp::of(&listed, Some(&own.info)).bits())
                || !infos.accept(&listed, &own)
            {
                self.index_entry(&mut infos, &listed)?;
            }
        }
        self.missing.insert(source.clone(), missing);
        if check == SourceCheck::Entries {
            self.digests.set(source, own.digest);
        }
        Ok(())
    }

    /// Indexes an entry of a configured source, or removes it if it is not published.
    fn index_entry(
        &mut self,
        infos: &mut SourcesToIndex<'a>,
        listed: &StoredEntry,
    ) -> Result<(), IndexSyncError> {
        let Some(info) = infos.get(&listed.source)? else { return Ok(()) };
        if !infos.accept(listed, &info) {
            self.writer()?.remove(listed.id);
            return Ok(());
        }
        let subject = query_subject(listed, Some(&info.info));
        let stamp = EntryStamp::of(listed, Some(&info.info)).bits();
        let (id, listed_at) = (listed.id, listed.listed_at);
        self.writer()?.upsert(&IndexDocument { id, listed_at, stamp, subject: &subject })?;
        self.counts.put += 1;
        Ok(())
    }

    fn remove_entry(&mut self, id: EntryId) -> Result<(), IndexSyncError> {
        self.writer()?.remove(id);
        self.counts.removed += 1;
        Ok(())
    }

    fn commit(&mut self) -> Result<(), IndexSyncError> {
        let (progress, is_whole) = (self.progress, self.is_whole);
        let writer = self.writer()?;
        if is_whole {
            writer.commit_progress(progress)?;
            self.context.search.save_source_digests(&mut self.digests)?;
        } else {
            writer.commit()?;
        }
        Ok(())
    }

    fn writer(&mut self) -> Result<&mut SearchIndexWriter, SearchError> {
        match &mut self.writer {
            Some(writer) => Ok(writer),
            none => Ok(none.insert(self.context.search.writer()?)),
        }
    }

    fn update_entry_count(&self) {
        let count = self.context.search.len();
        self.context.metrics.search_entries.set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    fn source_infos(&self) -> SourcesToIndex<'a> {
        SourcesToIndex::new(self.context.site.load_full(), self.context.store)
    }
}

/// Whether the arrival that the index holds last is one of this store, and not of the state before it was restored
/// from a backup or lost a part.
fn is_of_this_store(store: &Store, progress: IndexProgress, head: u64) -> Result<bool, StoreError> {
    let arrival = store.arrival(progress.journal)?;
    let is_same = progress.entry.is_none_or(|entry| arrival.is_some_and(|it| it.id == entry));
    Ok(progress.journal <= head && is_same)
}

#[cfg(test)]
mod tests;
