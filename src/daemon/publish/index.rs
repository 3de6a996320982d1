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

use super::edition::Edition;
use super::press;
use super::stamp::Stamp;
use crate::daemon::search::{Document, Keeper, Search, SearchError, State};
use crate::daemon::serve::Metrics;
use crate::daemon::store::{Commit, Newest, Store, StoreError};
use crate::feed::model::{EntryId, ListedEntry, Scope, SourceCard, SourceId};
use crate::feed::query::Subject;

/// Commits are gathered this long: every commit of the index writes and syncs some files.
const GATHER: Duration = Duration::from_secs(1);
/// Pruned entries stay in the index until the next comparison, which reads every entry (about a second
/// for 100,000).
const COMPARE: Duration = Duration::from_hours(1);
/// After a failure (a full disk) it is tried again this much later, and each time twice as late, up to
/// `LAST_RETRY`; at once when the configuration is read again.
const FIRST_RETRY: Duration = Duration::from_secs(2);
const LAST_RETRY: Duration = Duration::from_mins(5);
/// Entries read from the store at a time.
const PAGE: usize = 500;
/// Entries put in between two commits while the index is made.
const CHUNK: u64 = 5_000;

enum Note {
    /// These were committed: id and place.
    Kept(Vec<(EntryId, Timestamp)>),
    /// The configuration changed.
    Compare,
    /// The index could not be read.
    Broken,
}

/// Where it is told that something changed. The index ends when the last of them is dropped.
#[derive(Clone, Default)]
pub struct IndexNotes(Option<Sender<Note>>);

impl IndexNotes {
    /// Polls were committed to the store.
    pub fn kept(&self, commits: &[Commit]) {
        let entries = commits
            .iter()
            .flat_map(|commit| commit.new.iter().chain(&commit.restored).chain(&commit.changed));
        let kept: Vec<_> = entries.map(|entry| (entry.id, entry.listed_at)).collect();
        if let Some(notes) = self.0.as_ref().filter(|_| !kept.is_empty()) {
            // An index that is gone is leaving with the program.
            let _ = notes.send(Note::Kept(kept));
        }
    }

    /// The configuration changed: names, categories, sources.
    pub fn compare(&self) {
        if let Some(notes) = &self.0 {
            let _ = notes.send(Note::Compare);
        }
    }

    /// The index could not be read: it is to be opened again, or made anew.
    pub fn broken(&self) {
        if let Some(notes) = &self.0 {
            let _ = notes.send(Note::Broken);
        }
    }
}

/// What the index is fed from.
pub struct Feeder {
    /// The index.
    pub search: Search,
    /// The store, for reading.
    pub store: Store,
    /// What the operator wants published.
    pub edition: Arc<ArcSwap<Edition>>,
    /// Ends the work between two pages.
    pub stop: CancellationToken,
    /// Told how many entries can be found, and whether the index fails.
    pub metrics: Arc<Metrics>,
    /// What time it is, for telling since when it fails.
    pub now: fn() -> Timestamp,
}

/// Why the index does not follow the store.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The index failed.
    #[error("{0}")]
    Search(#[from] SearchError),
    /// The store could not be read.
    #[error("the store could not be read: {0}")]
    Store(#[from] StoreError),
    /// A search could not be answered.
    #[error("the search index could not be read")]
    Broken,
}

/// Starts the thread that keeps the index in step.
///
/// # Errors
/// When the system gives no thread.
pub fn start(feeder: Feeder) -> std::io::Result<(IndexNotes, JoinHandle<()>)> {
    let (notes, inbox) = channel();
    let thread = std::thread::Builder::new().name("search index".into());
    let thread = thread.spawn(move || feeder.work(&inbox))?;
    Ok((IndexNotes(Some(notes)), thread))
}

impl Feeder {
    fn work(&self, inbox: &Receiver<Note>) {
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
            if !rest(inbox, wait) {
                return;
            }
            wait = (wait * 2).min(LAST_RETRY);
        }
    }

    /// Tells that the index does not follow the store.
    pub fn fail(&self, reason: &str) {
        let since = match &*self.search.state() {
            State::Failed { since, .. } => *since,
            _ => (self.now)(),
        };
        self.search.set_state(State::Failed { reason: reason.to_owned(), since });
        self.metrics.search_failing.set(1);
        // Last: who reads it finds the state that it tells of.
        tracing::error!(error = reason, "the search index does not follow the store");
    }

    /// Opens the index again where it failed.
    fn recover(&self) -> Result<(), SearchError> {
        if matches!(*self.search.state(), State::Failed { .. }) {
            self.search.reopen()?;
        }
        Ok(())
    }

    fn ready(&self) {
        self.search.set_state(State::Ready);
        self.metrics.search_failing.set(0);
        self.count();
    }

    fn count(&self) {
        self.metrics.search_entries.set(i64::try_from(self.search.len()).unwrap_or(i64::MAX));
    }

    /// Follows the store until nobody can tell anything any more.
    fn follow(&self, inbox: &Receiver<Note>) -> Result<(), FeedError> {
        self.recover()?;
        let mut keeper = self.search.keeper()?;
        self.compare(&mut keeper)?;
        let mut compared = Instant::now();
        loop {
            let first = match inbox.recv_timeout(COMPARE.saturating_sub(compared.elapsed())) {
                Ok(note) => note,
                Err(RecvTimeoutError::Timeout) => Note::Compare,
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            };
            match gather(first, inbox) {
                Note::Kept(kept) => self.put_kept(&mut keeper, &kept)?,
                Note::Compare => {
                    self.compare(&mut keeper)?;
                    compared = Instant::now();
                }
                Note::Broken => return Err(FeedError::Broken),
            }
        }
    }

    fn put_kept(
        &self,
        keeper: &mut Keeper,
        kept: &[(EntryId, Timestamp)],
    ) -> Result<(), FeedError> {
        let (edition, cards) = (self.edition.load_full(), self.cards()?);
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
                    put(keeper, &listed, card, stamp_of(&listed, card))?;
                } else {
                    keeper.remove(*id);
                }
            }
        }
        keeper.commit()?;
        self.count();
        tracing::debug!(entries = kept.len(), "search index follows");
        Ok(())
    }

    /// Brings the index to what the store holds of the configured sources.
    ///
    /// # Errors
    /// When one of them fails.
    pub fn compare(&self, keeper: &mut Keeper) -> Result<(), FeedError> {
        let (edition, cards) = (self.edition.load_full(), self.cards()?);
        let sources: BTreeSet<SourceId> = cards.keys().cloned().collect();
        let mut total = 0;
        for source in &sources {
            total += self.store.count(source)?;
        }
        let is_first = *self.search.state() != State::Ready;
        let mut stamps = keeper.stamps()?;
        let (mut done, mut put_count, mut before) = (0, 0_u64, None);
        loop {
            if self.stop.is_cancelled() {
                return Ok(());
            }
            let caps = BTreeMap::new();
            let newest = Newest {
                sources: &sources,
                limit: PAGE,
                before,
                per_source: None,
                caps: &caps,
                fits: None,
            };
            let page = self.store.newest(&newest)?;
            let Some(last) = page.last() else { break };
            before = Some((last.listed_at, last.id));
            for listed in &page {
                let card = cards.get(&listed.source);
                let Some(card) = card.filter(|card| is_published(&edition, listed, card)) else {
                    continue;
                };
                let stamp = stamp_of(listed, card);
                if stamps.remove(&listed.id) == Some(stamp) {
                    continue;
                }
                put(keeper, listed, card, stamp)?;
                put_count += 1;
                if put_count.is_multiple_of(CHUNK) {
                    keeper.commit()?;
                    tracing::info!(done, total, "making the search index");
                }
            }
            done += u64::try_from(page.len()).unwrap_or_default();
            if is_first {
                self.search.set_state(State::Building { done, total });
            }
        }
        for id in stamps.keys() {
            keeper.remove(*id);
        }
        if put_count > 0 || !stamps.is_empty() {
            keeper.commit()?;
        }
        self.ready();
        let (entries, removed) = (self.search.len(), stamps.len());
        tracing::info!(entries, put = put_count, removed, "search index ready");
        Ok(())
    }

    fn cards(&self) -> Result<BTreeMap<SourceId, SourceCard>, StoreError> {
        let edition = self.edition.load();
        let cards = edition
            .sources
            .iter()
            .map(|source| Ok((source.id.clone(), edition.card_of(&self.store, source)?)));
        cards.collect()
    }
}

/// Waits for a while, or until the configuration is read again. `false`: nobody can tell anything any
/// more.
fn rest(inbox: &Receiver<Note>, wait: Duration) -> bool {
    let until = Instant::now() + wait;
    loop {
        match inbox.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(Note::Compare) | Err(RecvTimeoutError::Timeout) => return true,
            Ok(_) => {}
            Err(RecvTimeoutError::Disconnected) => return false,
        }
    }
}

/// All that comes within a second, or the first note that outdoes it.
fn gather(first: Note, inbox: &Receiver<Note>) -> Note {
    let until = Instant::now() + GATHER;
    let mut kept = Vec::new();
    let mut note = first;
    loop {
        match note {
            Note::Kept(more) => kept.extend(more),
            Note::Compare | Note::Broken => return note,
        }
        match inbox.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(next) => note = next,
            Err(_) => return Note::Kept(kept),
        }
    }
}

fn put(
    keeper: &mut Keeper,
    listed: &ListedEntry,
    card: &SourceCard,
    stamp: u64,
) -> Result<(), SearchError> {
    let subject = subject_of(listed, card);
    keeper.put(&Document { id: listed.id, listed_at: listed.listed_at, stamp, subject: &subject })
}

/// Whether the operator's rules for all merged outputs let an entry pass: what they hold back is not to
/// be found either.
fn is_published(edition: &Edition, listed: &ListedEntry, card: &SourceCard) -> bool {
    let sieve = &edition.sieve;
    let is_held = || sieve.judge(&Scope::All, &listed.source, &subject_of(listed, card)).is_some();
    sieve.is_open(&Scope::All) || !is_held()
}

/// An entry as a query sees it.
pub(super) fn subject_of<'a>(listed: &'a ListedEntry, card: &'a SourceCard) -> Subject<'a> {
    press::subject(listed, Some(card))
}

/// Stands for everything of an entry that is indexed.
fn stamp_of(listed: &ListedEntry, card: &SourceCard) -> u64 {
    Stamp::of(listed, Some(card)).bits()
}
