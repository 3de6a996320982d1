//! Stored entries → the search index, up to date: committed entries are indexed a second later, and store and
//! index are compared completely at the start, after a change of the configuration, and every hour.
//!
//! The store decides. A stamp beside every indexed entry shows what of it was indexed; comparing the stamps
//! finds what a crash, a prune or a renamed source left behind. After a failure (a full disk, a damaged file)
//! the index is opened again, or rebuilt, until that succeeds.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::entry_stamp::EntryStamp;
use super::published_site::PublishedSite;
use super::query_subject::query_subject;
use crate::http::Metrics;
use crate::model::{EntryId, Scope, SourceId, SourceInfo, StoredEntry};
use crate::search_index::{IndexDocument, IndexState, SearchError, SearchIndex, SearchIndexWriter};
use crate::store::{Commit, LatestQuery, Store, StoreError};

/// Commits are gathered for this long, because every commit of the index writes and syncs several files.
const GATHER_TIME: Duration = Duration::from_secs(1);
/// Pruned entries stay in the index until the next comparison, which reads every entry (about a second for
/// 100,000).
const COMPARE_EVERY: Duration = Duration::from_hours(1);
/// After a failure (a full disk) it waits this long before it tries again. The wait doubles each time up to
/// `LAST_RETRY`. When the configuration is read again it tries at once.
const FIRST_RETRY: Duration = Duration::from_secs(2);
const LAST_RETRY: Duration = Duration::from_mins(5);
/// The number of entries read from the store at a time.
const PAGE_SIZE: usize = 500;
/// The number of entries added between two commits while the index is built.
const COMMIT_EVERY: u64 = 5_000;

enum IndexEvent {
    /// Entries were committed to the store: id and `listed_at` of each.
    Committed(Vec<(EntryId, Timestamp)>),
    /// The configuration changed.
    Compare,
    /// The index could not be read.
    Unreadable,
}

/// Reports changes to the index thread. The thread ends when the last clone is dropped.
#[derive(Clone, Default)]
pub struct IndexNotifier(Option<Sender<IndexEvent>>);

impl IndexNotifier {
    /// Reports that polls were committed to the store.
    pub fn committed(&self, commits: &[Commit]) {
        let entries = commits
            .iter()
            .flat_map(|commit| commit.new.iter().chain(&commit.restored).chain(&commit.changed));
        let committed: Vec<_> = entries.map(|entry| (entry.id, entry.listed_at)).collect();
        if let Some(events) = self.0.as_ref().filter(|_| !committed.is_empty()) {
            // Sending fails only when the index thread has ended because the program ends.
            let _ = events.send(IndexEvent::Committed(committed));
        }
    }

    /// Reports that the configuration changed: names, categories, sources.
    pub fn request_comparison(&self) {
        if let Some(events) = &self.0 {
            let _ = events.send(IndexEvent::Compare);
        }
    }

    /// Reports that the index could not be read. It is then opened again or rebuilt.
    pub fn report_unreadable(&self) {
        if let Some(events) = &self.0 {
            let _ = events.send(IndexEvent::Unreadable);
        }
    }
}

/// What the index thread works with.
pub struct IndexSync {
    /// The index.
    pub search: SearchIndex,
    /// The store, for reading.
    pub store: Store,
    /// What the operator publishes.
    pub site: Arc<ArcSwap<PublishedSite>>,
    /// Stops the work between two pages.
    pub stop: CancellationToken,
    /// Receives the number of searchable entries, and whether the index fails.
    pub metrics: Arc<Metrics>,
    /// The current time, for the start of a failure.
    pub now: fn() -> Timestamp,
}

/// Why the index is out of date.
#[derive(Debug, thiserror::Error)]
pub enum IndexSyncError {
    /// The index failed.
    #[error("{0}")]
    Search(#[from] SearchError),
    /// The store could not be read.
    #[error("the store could not be read: {0}")]
    Store(#[from] StoreError),
    /// A search could not be answered.
    #[error("the search index could not be read")]
    Unreadable,
}

/// Starts the thread that keeps the index up to date.
///
/// # Errors
/// When the system cannot start a thread.
pub fn start_index_sync(sync: IndexSync) -> std::io::Result<(IndexNotifier, JoinHandle<()>)> {
    let (events, inbox) = channel();
    let thread = std::thread::Builder::new().name("search index".into());
    let thread = thread.spawn(move || sync.run(&inbox))?;
    Ok((IndexNotifier(Some(events)), thread))
}

impl IndexSync {
    fn run(&self, inbox: &Receiver<IndexEvent>) {
        let mut wait = FIRST_RETRY;
        loop {
            let began = Instant::now();
            // A panic of the library affects only the index, which is then opened again.
            let ended = panic::catch_unwind(AssertUnwindSafe(|| self.follow(inbox)));
            match ended {
                Ok(Ok(())) => return,
                Ok(Err(error)) => self.fail(&error.to_string()),
                Err(_) => self.fail("keeping the search index panicked; please report it"),
            }
            if began.elapsed() > LAST_RETRY {
                wait = FIRST_RETRY;
            }
            if !wait_for_retry(inbox, wait) {
                return;
            }
            wait = (wait * 2).min(LAST_RETRY);
        }
    }

    /// Reports that the index is out of date.
    pub fn fail(&self, reason: &str) {
        let since = match &*self.search.state() {
            IndexState::Failed { since, .. } => *since,
            _ => (self.now)(),
        };
        self.search.set_state(IndexState::Failed { reason: reason.to_owned(), since });
        self.metrics.search_failing.set(1);
        // Logged last: a reader of the log already finds the new state.
        tracing::error!(error = reason, "the search index does not follow the store");
    }

    /// Opens the index again after a failure.
    fn recover(&self) -> Result<(), SearchError> {
        if matches!(*self.search.state(), IndexState::Failed { .. }) {
            self.search.reopen()?;
        }
        Ok(())
    }

    fn mark_ready(&self) {
        self.search.set_state(IndexState::Ready);
        self.metrics.search_failing.set(0);
        self.update_entry_count();
    }

    fn update_entry_count(&self) {
        self.metrics.search_entries.set(i64::try_from(self.search.len()).unwrap_or(i64::MAX));
    }

    /// Follows the store until all notifiers are dropped.
    fn follow(&self, inbox: &Receiver<IndexEvent>) -> Result<(), IndexSyncError> {
        self.recover()?;
        let mut writer = self.search.writer()?;
        self.compare(&mut writer)?;
        let mut compared = Instant::now();
        loop {
            let first = match inbox.recv_timeout(COMPARE_EVERY.saturating_sub(compared.elapsed())) {
                Ok(event) => event,
                Err(RecvTimeoutError::Timeout) => IndexEvent::Compare,
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            };
            match gather_events(first, inbox) {
                IndexEvent::Committed(committed) => {
                    self.index_committed(&mut writer, &committed)?;
                }
                IndexEvent::Compare => {
                    self.compare(&mut writer)?;
                    compared = Instant::now();
                }
                IndexEvent::Unreadable => return Err(IndexSyncError::Unreadable),
            }
        }
    }

    fn index_committed(
        &self,
        writer: &mut SearchIndexWriter,
        committed: &[(EntryId, Timestamp)],
    ) -> Result<(), IndexSyncError> {
        let (site, infos) = (self.site.load_full(), self.source_infos()?);
        for (id, listed_at) in committed {
            // The program ends. The comparison at the next start adds the missing entries.
            if self.stop.is_cancelled() {
                return Ok(());
            }
            // An entry that is no longer stored, or that moved, is handled by the next comparison.
            if let Some(listed) = self.store.entry(*id, *listed_at)?
                && let Some(info) = infos.get(&listed.source)
            {
                if is_published(&site, &listed, info) {
                    index_entry(writer, &listed, info, stamp_bits(&listed, info))?;
                } else {
                    writer.remove(*id);
                }
            }
        }
        writer.commit()?;
        self.update_entry_count();
        tracing::debug!(entries = committed.len(), "search index updated");
        Ok(())
    }

    /// Makes the index match the stored entries of the configured sources.
    ///
    /// # Errors
    /// When store or index fails.
    pub fn compare(&self, writer: &mut SearchIndexWriter) -> Result<(), IndexSyncError> {
        let (site, infos) = (self.site.load_full(), self.source_infos()?);
        let sources: BTreeSet<SourceId> = infos.keys().cloned().collect();
        let mut total = 0;
        for source in &sources {
            total += self.store.kept_entry_count(source)?;
        }
        let is_first = *self.search.state() != IndexState::Ready;
        let mut stamps = writer.stamps()?;
        let (mut done, mut added_count, mut before) = (0, 0_u64, None);
        loop {
            if self.stop.is_cancelled() {
                return Ok(());
            }
            let caps = BTreeMap::new();
            let newest = LatestQuery {
                sources: &sources,
                limit: PAGE_SIZE,
                before,
                per_source: None,
                caps: &caps,
                filter: None,
            };
            let page = self.store.latest_entries(&newest)?;
            let Some(last) = page.last() else { break };
            before = Some((last.listed_at, last.id));
            for listed in &page {
                let info = infos.get(&listed.source);
                let Some(info) = info.filter(|info| is_published(&site, listed, info)) else {
                    continue;
                };
                let stamp = stamp_bits(listed, info);
                if stamps.remove(&listed.id) == Some(stamp) {
                    continue;
                }
                index_entry(writer, listed, info, stamp)?;
                added_count += 1;
                if added_count.is_multiple_of(COMMIT_EVERY) {
                    writer.commit()?;
                    tracing::info!(done, total, "building the search index");
                }
            }
            done += u64::try_from(page.len()).unwrap_or_default();
            if is_first {
                self.search.set_state(IndexState::Building { done, total });
            }
        }
        for id in stamps.keys() {
            writer.remove(*id);
        }
        if added_count > 0 || !stamps.is_empty() {
            writer.commit()?;
        }
        self.mark_ready();
        let (entries, removed) = (self.search.len(), stamps.len());
        tracing::info!(entries, put = added_count, removed, "search index ready");
        Ok(())
    }

    fn source_infos(&self) -> Result<BTreeMap<SourceId, SourceInfo>, StoreError> {
        let site = self.site.load();
        let infos = site
            .sources
            .iter()
            .map(|source| Ok((source.id.clone(), site.source_info(&self.store, source)?)));
        infos.collect()
    }
}

/// Waits for a while, or until the configuration is read again. `false`: all notifiers are dropped.
fn wait_for_retry(inbox: &Receiver<IndexEvent>, wait: Duration) -> bool {
    let until = Instant::now() + wait;
    loop {
        match inbox.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(IndexEvent::Compare) | Err(RecvTimeoutError::Timeout) => return true,
            Ok(_) => {}
            Err(RecvTimeoutError::Disconnected) => return false,
        }
    }
}

/// All commits within a second, or the first event that makes them irrelevant.
fn gather_events(first: IndexEvent, inbox: &Receiver<IndexEvent>) -> IndexEvent {
    let until = Instant::now() + GATHER_TIME;
    let mut committed = Vec::new();
    let mut event = first;
    loop {
        match event {
            IndexEvent::Committed(more) => committed.extend(more),
            IndexEvent::Compare | IndexEvent::Unreadable => return event,
        }
        match inbox.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(next) => event = next,
            Err(_) => return IndexEvent::Committed(committed),
        }
    }
}

fn index_entry(
    writer: &mut SearchIndexWriter,
    listed: &StoredEntry,
    info: &SourceInfo,
    stamp: u64,
) -> Result<(), SearchError> {
    let subject = query_subject(listed, Some(info));
    writer.upsert(&IndexDocument {
        id: listed.id,
        listed_at: listed.listed_at,
        stamp,
        subject: &subject,
    })
}

/// Whether the operator's rules for all merged outputs accept an entry. Entries that they exclude cannot be
/// found by a search either.
fn is_published(site: &PublishedSite, listed: &StoredEntry, info: &SourceInfo) -> bool {
    let filters = &site.filters;
    let is_held = || {
        filters.exclusion(&Scope::All, &listed.source, &query_subject(listed, Some(info))).is_some()
    };
    filters.accepts_all(&Scope::All) || !is_held()
}

/// Changes with everything of an entry that is indexed.
fn stamp_bits(listed: &StoredEntry, info: &SourceInfo) -> u64 {
    EntryStamp::of(listed, Some(info)).bits()
}
