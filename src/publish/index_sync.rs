//! What the store keeps → the search index, kept in step: what was committed is put in a second later,
//! and both are compared as a whole at the start, after a change of the configuration, and every hour.
//!
//! The store is the truth. A stamp beside every indexed entry tells what of it was indexed; comparing
//! them finds what a crash, a prune or a change of a source's name left behind. After trouble (a full
//! disk, a broken file) the index is opened again, or made anew, until that succeeds.

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
use super::renderer;
use crate::http::Metrics;
use crate::model::{EntryId, Scope, SourceId, SourceInfo, StoredEntry};
use crate::query::SearchableEntry;
use crate::search_index::{IndexDocument, IndexState, SearchError, SearchIndex, SearchIndexWriter};
use crate::store::{Commit, LatestQuery, Store, StoreError};

/// Commits are gathered this long: every commit of the index writes and syncs some files.
const GATHER_TIME: Duration = Duration::from_secs(1);
/// Pruned entries stay in the index until the next comparison, which reads every entry (about a second
/// for 100,000).
const COMPARE_EVERY: Duration = Duration::from_hours(1);
/// After a failure (a full disk) it is tried again this much later, and each time twice as late, up to
/// `LAST_RETRY`; at once when the configuration is read again.
const FIRST_RETRY: Duration = Duration::from_secs(2);
const LAST_RETRY: Duration = Duration::from_mins(5);
/// Entries read from the store at a time.
const PAGE_SIZE: usize = 500;
/// Entries put in between two commits while the index is made.
const COMMIT_EVERY: u64 = 5_000;

enum IndexEvent {
    /// These were committed: id and place.
    Committed(Vec<(EntryId, Timestamp)>),
    /// The configuration changed.
    Compare,
    /// The index could not be read.
    Unreadable,
}

/// Where it is told that something changed. The index ends when the last of them is dropped.
#[derive(Clone, Default)]
pub struct IndexNotifier(Option<Sender<IndexEvent>>);

impl IndexNotifier {
    /// Polls were committed to the store.
    pub fn committed(&self, commits: &[Commit]) {
        let entries = commits
            .iter()
            .flat_map(|commit| commit.new.iter().chain(&commit.restored).chain(&commit.changed));
        let kept: Vec<_> = entries.map(|entry| (entry.id, entry.listed_at)).collect();
        if let Some(notes) = self.0.as_ref().filter(|_| !kept.is_empty()) {
            // An index that is gone is leaving with the program.
            let _ = notes.send(IndexEvent::Committed(kept));
        }
    }

    /// The configuration changed: names, categories, sources.
    pub fn request_comparison(&self) {
        if let Some(notes) = &self.0 {
            let _ = notes.send(IndexEvent::Compare);
        }
    }

    /// The index could not be read: it is to be opened again, or made anew.
    pub fn report_unreadable(&self) {
        if let Some(notes) = &self.0 {
            let _ = notes.send(IndexEvent::Unreadable);
        }
    }
}

/// What the index is fed from.
pub struct IndexSync {
    /// The index.
    pub search: SearchIndex,
    /// The store, for reading.
    pub store: Store,
    /// What the operator wants published.
    pub site: Arc<ArcSwap<PublishedSite>>,
    /// Ends the work between two pages.
    pub stop: CancellationToken,
    /// Told how many entries can be found, and whether the index fails.
    pub metrics: Arc<Metrics>,
    /// What time it is, for telling since when it fails.
    pub now: fn() -> Timestamp,
}

/// Why the index does not follow the store.
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

/// Starts the thread that keeps the index in step.
///
/// # Errors
/// When the system gives no thread.
pub fn start_index_sync(feeder: IndexSync) -> std::io::Result<(IndexNotifier, JoinHandle<()>)> {
    let (notes, inbox) = channel();
    let thread = std::thread::Builder::new().name("search index".into());
    let thread = thread.spawn(move || feeder.run(&inbox))?;
    Ok((IndexNotifier(Some(notes)), thread))
}

impl IndexSync {
    fn run(&self, inbox: &Receiver<IndexEvent>) {
        let mut wait = FIRST_RETRY;
        loop {
            let began = Instant::now();
            // A panic of the library harms the index only, which is then opened again.
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

    /// Tells that the index does not follow the store.
    pub fn fail(&self, reason: &str) {
        let since = match &*self.search.state() {
            IndexState::Failed { since, .. } => *since,
            _ => (self.now)(),
        };
        self.search.set_state(IndexState::Failed { reason: reason.to_owned(), since });
        self.metrics.search_failing.set(1);
        // Last: who reads it finds the state that it tells of.
        tracing::error!(error = reason, "the search index does not follow the store");
    }

    /// Opens the index again where it failed.
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

    /// Follows the store until nobody can tell anything any more.
    fn follow(&self, inbox: &Receiver<IndexEvent>) -> Result<(), IndexSyncError> {
        self.recover()?;
        let mut keeper = self.search.writer()?;
        self.compare(&mut keeper)?;
        let mut compared = Instant::now();
        loop {
            let first = match inbox.recv_timeout(COMPARE_EVERY.saturating_sub(compared.elapsed())) {
                Ok(note) => note,
                Err(RecvTimeoutError::Timeout) => IndexEvent::Compare,
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            };
            match gather_events(first, inbox) {
                IndexEvent::Committed(kept) => self.index_committed(&mut keeper, &kept)?,
                IndexEvent::Compare => {
                    self.compare(&mut keeper)?;
                    compared = Instant::now();
                }
                IndexEvent::Unreadable => return Err(IndexSyncError::Unreadable),
            }
        }
    }

    fn index_committed(
        &self,
        keeper: &mut SearchIndexWriter,
        kept: &[(EntryId, Timestamp)],
    ) -> Result<(), IndexSyncError> {
        let (edition, cards) = (self.site.load_full(), self.source_infos()?);
        for (id, listed_at) in kept {
            // The program stops: the comparison at the next start puts in what is missing.
            if self.stop.is_cancelled() {
                return Ok(());
            }
            // What is kept no longer, or in another place, is seen to by the next comparison.
            if let Some(listed) = self.store.entry(*id, *listed_at)?
                && let Some(card) = cards.get(&listed.source)
            {
                if is_published(&edition, &listed, card) {
                    index_entry(keeper, &listed, card, stamp_bits(&listed, card))?;
                } else {
                    keeper.remove(*id);
                }
            }
        }
        keeper.commit()?;
        self.update_entry_count();
        tracing::debug!(entries = kept.len(), "search index follows");
        Ok(())
    }

    /// Brings the index to what the store holds of the configured sources.
    ///
    /// # Errors
    /// When one of them fails.
    pub fn compare(&self, keeper: &mut SearchIndexWriter) -> Result<(), IndexSyncError> {
        let (edition, cards) = (self.site.load_full(), self.source_infos()?);
        let sources: BTreeSet<SourceId> = cards.keys().cloned().collect();
        let mut total = 0;
        for source in &sources {
            total += self.store.kept_entry_count(source)?;
        }
        let is_first = *self.search.state() != IndexState::Ready;
        let mut stamps = keeper.stamps()?;
        let (mut done, mut put_count, mut before) = (0, 0_u64, None);
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
                let card = cards.get(&listed.source);
                let Some(card) = card.filter(|card| is_published(&edition, listed, card)) else {
                    continue;
                };
                let stamp = stamp_bits(listed, card);
                if stamps.remove(&listed.id) == Some(stamp) {
                    continue;
                }
                index_entry(keeper, listed, card, stamp)?;
                put_count += 1;
                if put_count.is_multiple_of(COMMIT_EVERY) {
                    keeper.commit()?;
                    tracing::info!(done, total, "making the search index");
                }
            }
            done += u64::try_from(page.len()).unwrap_or_default();
            if is_first {
                self.search.set_state(IndexState::Building { done, total });
            }
        }
        for id in stamps.keys() {
            keeper.remove(*id);
        }
        if put_count > 0 || !stamps.is_empty() {
            keeper.commit()?;
        }
        self.mark_ready();
        let (entries, removed) = (self.search.len(), stamps.len());
        tracing::info!(entries, put = put_count, removed, "search index ready");
        Ok(())
    }

    fn source_infos(&self) -> Result<BTreeMap<SourceId, SourceInfo>, StoreError> {
        let edition = self.site.load();
        let cards = edition
            .sources
            .iter()
            .map(|source| Ok((source.id.clone(), edition.source_info(&self.store, source)?)));
        cards.collect()
    }
}

/// Waits for a while, or until the configuration is read again. `false`: nobody can tell anything any
/// more.
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

/// All that comes within a second, or the first note that outdoes it.
fn gather_events(first: IndexEvent, inbox: &Receiver<IndexEvent>) -> IndexEvent {
    let until = Instant::now() + GATHER_TIME;
    let mut kept = Vec::new();
    let mut note = first;
    loop {
        match note {
            IndexEvent::Committed(more) => kept.extend(more),
            IndexEvent::Compare | IndexEvent::Unreadable => return note,
        }
        match inbox.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(next) => note = next,
            Err(_) => return IndexEvent::Committed(kept),
        }
    }
}

fn index_entry(
    keeper: &mut SearchIndexWriter,
    listed: &StoredEntry,
    card: &SourceInfo,
    stamp: u64,
) -> Result<(), SearchError> {
    let subject = subject_of(listed, card);
    keeper.upsert(&IndexDocument {
        id: listed.id,
        listed_at: listed.listed_at,
        stamp,
        subject: &subject,
    })
}

/// Whether the operator's rules for all merged outputs let an entry pass: what they hold back is not to
/// be found either.
fn is_published(edition: &PublishedSite, listed: &StoredEntry, card: &SourceInfo) -> bool {
    let sieve = &edition.filters;
    let is_held =
        || sieve.exclusion(&Scope::All, &listed.source, &subject_of(listed, card)).is_some();
    sieve.accepts_all(&Scope::All) || !is_held()
}

/// An entry as a query sees it.
pub(super) fn subject_of<'a>(listed: &'a StoredEntry, card: &'a SourceInfo) -> SearchableEntry<'a> {
    renderer::query_subject(listed, Some(card))
}

/// Stands for everything of an entry that is indexed.
fn stamp_bits(listed: &StoredEntry, card: &SourceInfo) -> u64 {
    EntryStamp::of(listed, Some(card)).bits()
}
