//! Stored entries → the search index, up to date: the thread that follows the store, and what wakes it.
//!
//! Commits of the store are gathered, because every commit of the index writes and syncs several files and adds a
//! segment. After a failure (a full disk, a damaged file) the index is opened again, or rebuilt, until that succeeds.

use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::index_pace::IndexPace;
use super::index_updates::{IndexUpdates, UpdateContext};
use super::published_site::PublishedSite;
use crate::http::Metrics;
use crate::model::EntryId;
use crate::search_index::{IndexState, SearchIndex};
use crate::store::{Commit, Store};

pub use super::sources_to_index::IndexSyncError;

/// After a failure (a full disk) it waits this long before it tries again. The wait doubles each time up to
/// `LAST_RETRY`. When the configuration is read again it tries at once.
const FIRST_RETRY: Duration = Duration::from_secs(2);
const LAST_RETRY: Duration = Duration::from_mins(5);

enum IndexEvent {
    /// Entries were committed to the store. Of those that changed: id and `listed_at` of each.
    Committed(Vec<(EntryId, Timestamp)>),
    /// The configuration changed.
    Compare,
    /// Entries were moved to other times.
    Moved,
    /// The index could not be read.
    Unreadable,
}

/// Reports changes to the index thread. The thread ends when the last clone is dropped.
#[derive(Clone, Default)]
pub struct IndexNotifier(Option<Sender<IndexEvent>>);

impl IndexNotifier {
    /// Reports that polls were committed to the store.
    pub fn committed(&self, commits: &[Commit]) {
        let has_news = |commit: &Commit| {
            !(commit.new.is_empty() && commit.restored.is_empty() && commit.changed.is_empty())
        };
        if commits.iter().any(has_news) {
            // What arrived is in the journal of the store, but a text that came later is not.
            let changed = commits.iter().flat_map(|commit| &commit.changed);
            let changed = changed.map(|entry| (entry.id, entry.listed_at)).collect();
            self.send(IndexEvent::Committed(changed));
        }
    }

    /// Reports that the configuration changed: names, categories, sources.
    pub fn request_comparison(&self) {
        self.send(IndexEvent::Compare);
    }

    /// Reports that entries were moved to other listing times.
    pub fn report_moved_entries(&self) {
        self.send(IndexEvent::Moved);
    }

    /// Reports that the index could not be read. It is then opened again or rebuilt.
    pub fn report_unreadable(&self) {
        self.send(IndexEvent::Unreadable);
    }

    fn send(&self, event: IndexEvent) {
        if let Some(events) = &self.0 {
            // Sending fails only when the index thread has ended because the program ends.
            let _ = events.send(event);
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
    /// Stops the work between two steps.
    pub stop: CancellationToken,
    /// Receives the number of searchable entries, and whether the index fails.
    pub metrics: Arc<Metrics>,
    /// The current time, for the start of a failure.
    pub now: fn() -> Timestamp,
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

    /// The updates of the index, which is opened if it is not, or failed.
    fn begin_updates(&self) -> Result<IndexUpdates<'_>, IndexSyncError> {
        let is_failed = matches!(*self.search.state(), IndexState::Failed { .. });
        if is_failed || !self.search.is_open() {
            self.search.reopen()?;
        }
        IndexUpdates::begin(UpdateContext {
            search: &self.search,
            store: &self.store,
            site: &self.site,
            metrics: &self.metrics,
        })
    }

    /// Brings the index up to date with a store that does not change meanwhile.
    ///
    /// # Errors
    /// When store or index fails.
    pub fn bring_up_to_date(&self) -> Result<(), IndexSyncError> {
        let mut updates = self.begin_updates()?;
        while updates.index_news()? {}
        while updates.has_steps() {
            updates.step()?;
        }
        updates.mark_ready();
        Ok(())
    }

    /// Follows the store until all notifiers are dropped, or the program ends.
    fn follow(&self, inbox: &Receiver<IndexEvent>) -> Result<(), IndexSyncError> {
        let mut updates = self.begin_updates()?;
        while !self.stop.is_cancelled() && updates.index_news()? {}
        if !updates.has_steps() {
            updates.mark_ready();
        }
        let mut pace = IndexPace::new(Instant::now());
        while !self.stop.is_cancelled() {
            let now = Instant::now();
            let wait = if updates.has_steps() { Duration::ZERO } else { pace.wait(now) };
            match inbox.recv_timeout(wait) {
                Ok(event) => take_event(event, &mut updates, &mut pace)?,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
            while let Ok(event) = inbox.try_recv() {
                take_event(event, &mut updates, &mut pace)?;
            }
            let now = Instant::now();
            if pace.is_news_due(now) {
                let is_more_left = updates.index_news()?;
                pace.record_commit(Instant::now(), is_more_left);
            } else if updates.has_steps() {
                if updates.step()? {
                    pace.record_write(Instant::now());
                }
                if !updates.has_steps() {
                    updates.mark_ready();
                }
            }
            if pace.take_check(now) && updates.check_next_positions() {
                updates.check_changed_sources()?;
            }
            if pace.take_idle(now) {
                updates.release_writer()?;
            }
            updates.report_backlog()?;
        }
        Ok(())
    }
}

fn take_event(
    event: IndexEvent,
    updates: &mut IndexUpdates<'_>,
    pace: &mut IndexPace,
) -> Result<(), IndexSyncError> {
    match event {
        IndexEvent::Committed(changed) => {
            updates.add_changed(changed);
            pace.record_news(Instant::now());
        }
        IndexEvent::Compare => updates.check_changed_sources()?,
        IndexEvent::Moved => updates.check_all_positions(),
        IndexEvent::Unreadable => return Err(IndexSyncError::Unreadable),
    }
    Ok(())
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
