//! The loop: due → fetch → read → decide → commit → publish; reload of the configuration; shutdown
//! with a deadline. Only this loop and `cli` ask what time it is.
//!
//! | file | idea |
//! | --- | --- |
//! | `crew` | many hands fetch and read one source; the writer answers when it is kept |
//! | `writer` | one hand decides and commits, in groups |
//! | `timetable` | which source is due when, by a clock that nobody can set |
//! | `berths` | polls under way → whether another may start |
//! | `turn` | what happens from one wake-up to the next |
//! | `beat` | the configuration's file and the store's folder, looked at again and again |
//! | `pushes` | what hubs ask and push, between the polls |
//! | `pages` | pages of entries that wait, between the polls |
//! | `hubs` | which subscriptions there are, and what is remembered of them |
//! | `host_clocks` | the `Date` headers of answers → how far our clock is ahead |
//! | `prune` | a confirmed time → old entries dropped |
//! | `weather` | whether our own network works |
//! | `at_start` | what a changed configuration changes at the next start only |
//! | `reload` | the configuration's file → whether it changed, or is gone |
//! | `searching` | the search index opened, followed and asked |
//! | `tell` | what became of sources, in the log |
//! | `stories` | new entries → the story of each |
//! | `signals` | what the system wants |
//! | `pass` | one pass over the sources and no more |
//! | `translate` | the configuration → what each part needs of it |

mod at_start;
mod beat;
mod berths;
mod crew;
mod host_clocks;
mod hubs;
mod pages;
mod pass;
mod prune;
mod pushes;
mod reload;
mod searching;
mod signals;
mod stories;
mod tell;
mod timetable;
pub mod translate;
mod turn;
mod weather;
mod writer;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use jiff::Timestamp;
use sd_notify::NotifyState;
use tokio::net::TcpListener;
use tokio::sync::{Notify, mpsc};
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::config::Config;
use crate::daemon::fetch::FetchError;
use crate::daemon::publish::index::IndexNotes;
use crate::daemon::publish::{self, Edition, Publisher};
use crate::daemon::search::Search;
use crate::daemon::serve::{self, Callbacks, Drained, Health, Metrics, ServeState, Shelf};
use crate::daemon::store::{Store, StoreError};
use crate::daemon::update::Report;
use crate::feed::model::{PollState, SourceId};
use at_start::AtStart;
use berths::Berths;
use crew::Crew;
use hubs::Hubs;
use searching::Searching;
use timetable::Timetable;

pub use pass::{Choice, Documents, pass};

/// Requests that are being answered get this long after a stop was asked for.
const DRAIN: Duration = Duration::from_secs(8);
/// Polls that are under way get this long to end after a stop was asked for: what is not read by
/// then is asked for again after the next start.
const LAST_POLLS: Duration = Duration::from_secs(3);
/// What waits to be written gets this long after that. What is not written then is fetched again after the
/// next start, as validators are kept together with the entries they came with.
const LAST_WRITES: Duration = Duration::from_secs(8);
/// What is being written when that is over (a document's entries, then the commit) gets this long.
const LAST_COMMIT: Duration = Duration::from_secs(5);
/// The search index gets this long to close. What it lacks then is put in after the next start.
const LAST_INDEXING: Duration = Duration::from_secs(4);

/// Why the daemon ended in failure.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The store failed: nothing can be kept any more.
    #[error("the store failed: {0}")]
    Store(Arc<StoreError>),
    /// The client could not be built.
    #[error("the fetching client could not be built: {0}")]
    Client(#[from] FetchError),
    /// A thread or a signal handler could not be had.
    #[error("the system refused: {0}")]
    System(#[from] std::io::Error),
}

impl From<StoreError> for RunError {
    fn from(error: StoreError) -> Self {
        Self::Store(Arc::new(error))
    }
}

/// What is told while polling; progress lines and log lines are made of it.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// One source was polled, and what came of it is kept.
    Updated(&'a Report),
    /// A hub pushed something of one source, and it is kept.
    Pushed(&'a Report),
    /// Every source that was due at the start has been polled.
    FirstPass(Totals),
}

/// Who is told.
pub type Listener = Arc<dyn Fn(Event<'_>) + Send + Sync>;

/// Sums over the updates of one pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Sources that were asked.
    pub polled: usize,
    /// Sources that failed.
    pub failed: usize,
    /// Sources that had nothing new (304, or the same body).
    pub unchanged: usize,
    /// Entries listed for the first time.
    pub new: usize,
    /// Entries updated in place.
    pub changed: usize,
}

impl Totals {
    /// Adds one update.
    pub fn add(&mut self, report: &Report) {
        self.polled += 1;
        self.failed += usize::from(report.state.failure.is_some());
        let same = report.state.failure.is_none() && report.entries_count.is_none();
        self.unchanged += usize::from(same);
        self.new += report.new_count;
        self.changed += report.changed_count;
    }
}

/// What the loop runs with. The store is open and the listener bound before it starts.
pub struct Daemon {
    /// The store, opened by the caller.
    pub store: Store,
    /// The configuration, read whole and judged.
    pub config: Config,
    /// What is read again when the file changes: the command line's words stay in force.
    pub reread: Reread,
    /// Where to serve.
    pub listener: TcpListener,
    /// Told about every update.
    pub on_event: Listener,
}

/// Reads the configuration's file again, with the command line's words in force.
pub type Reread = Arc<dyn Fn() -> Result<Config, crate::config::ConfigError> + Send + Sync>;

/// Everything the loop holds between two turns.
struct Loop {
    store: Store,
    config: Config,
    edition: Arc<ArcSwap<Edition>>,
    listen: String,
    crew: Crew,
    table: Timetable,
    berths: Berths,
    states: BTreeMap<SourceId, PollState>,
    polls: JoinSet<crew::Ended>,
    /// Rounds of pages under way.
    pages: JoinSet<crew::Ended>,
    hubs: Hubs,
    publisher: Publisher,
    index: IndexNotes,
    metrics: Arc<Metrics>,
    health: Arc<Health>,
    on_event: Listener,
    watch: reload::Watch,
    is_store_lost: bool,
    /// What the configuration said at the start and is in force until the next one.
    at_start: AtStart,
    reread: Reread,
    copies: tell::Copies,
    pruner: prune::Pruner,
    /// Cancelled when the program is about to end.
    stop: CancellationToken,
    /// The first pass, until its total was told.
    first_pass: Option<turn::FirstPass>,
}

/// Runs until a signal or `stop` ends it, or the store fails. Returns after the last commit is
/// durable and every request answered or cut off.
///
/// # Errors
/// `RunError` when the store or the system fails; a source's failure is never one.
pub async fn run(daemon: Daemon, stop: CancellationToken) -> Result<(), RunError> {
    let reload = Arc::new(Notify::new());
    signals::listen(stop.clone(), Arc::clone(&reload))?;
    let store = daemon.store.clone();
    let address = daemon.config.site.address.as_ref();
    store.name_site(address.map(Url::as_str))?;
    warn_of_no_address(&daemon)?;
    let edition = edition_of(&daemon)?;
    let metrics = Arc::new(Metrics::default());
    let searching = searching::start(&daemon, &edition, &metrics, &stop)?;
    let notes = searching.notes.clone();
    let last_writes = writer::Deadline::default();
    let gathers = writer::Gathers::First;
    let (parcels, writer) =
        writer::start_until(store.clone(), notes, gathers, last_writes.clone())?;
    let Searching { notes: index, search, wishes, thread: indexing } = searching;
    let desk = Desk { edition, index, search, searches: wishes, metrics };
    let (mut river, server) = Loop::new(daemon, desk, parcels, &stop)?;
    river.plan_all(Timestamp::now())?;
    tell_system(&[NotifyState::Ready]);
    let result = river.turn_until(&stop, &reload).await;
    tell_system(&[NotifyState::Stopping]);
    river.health.set_leaving();
    stop.cancel();
    last_writes.set(Instant::now() + LAST_POLLS + LAST_WRITES);
    river.finish().await;
    drop(river);
    // Both threads end when nobody can bring them anything any more.
    let is_written = ended("the writer", writer, LAST_WRITES + LAST_COMMIT).await;
    // A writer that goes on can still tell the index something.
    if let Some(thread) = indexing.filter(|_| is_written) {
        ended("the search index", thread, LAST_INDEXING).await;
    }
    if let Ok(Drained::CutOff(count)) = server.await {
        tracing::warn!(connections = count, "requests were cut off at the deadline");
    }
    // Commits are durable already; a writer that is stuck would not let anybody else write.
    if is_written {
        store.flush()?;
    }
    result
}

/// Waits until a thread has ended, but no longer than that: the process then ends without it, as a killed
/// one would, which store and index survive. Whether it has.
async fn ended(name: &str, thread: std::thread::JoinHandle<()>, at_most: Duration) -> bool {
    let joined = tokio::task::spawn_blocking(move || thread.join());
    match tokio::time::timeout(at_most, joined).await {
        Ok(Ok(Ok(()))) => return true,
        Ok(_) => tracing::error!("{name} ended badly"),
        Err(_) => tracing::warn!("{name} did not end in time; leaving without it"),
    }
    false
}

/// What publishing and searching share.
struct Desk {
    edition: Arc<ArcSwap<Edition>>,
    index: IndexNotes,
    search: Option<Search>,
    searches: Option<mpsc::Sender<serve::Wish>>,
    metrics: Arc<Metrics>,
}

/// Whoever reads from elsewhere is led to the address that the program listens on, where none is given.
fn warn_of_no_address(daemon: &Daemon) -> Result<(), RunError> {
    let listen = daemon.listener.local_addr()?;
    if daemon.config.site.address.is_none() && !listen.ip().is_loopback() {
        tracing::warn!(
            %listen,
            "serves others, and [site] has no `address`: links of the outputs lead to http://{listen}/"
        );
    }
    Ok(())
}

fn edition_of(daemon: &Daemon) -> Result<Arc<ArcSwap<Edition>>, RunError> {
    let listen = daemon.listener.local_addr()?.to_string();
    Ok(Arc::new(ArcSwap::from_pointee(translate::edition(&daemon.config, Some(&listen)))))
}

impl Loop {
    fn new(
        daemon: Daemon,
        desk: Desk,
        parcels: writer::Parcels,
        stop: &CancellationToken,
    ) -> Result<(Self, JoinHandle<Drained>), RunError> {
        let now = Timestamp::now();
        let listen = daemon.listener.local_addr()?.to_string();
        let edition = desk.edition;
        let (shelf, metrics) = (Arc::new(Shelf::default()), desk.metrics);
        let health = Arc::new(Health::new(now));
        let setting = publish::Setting {
            store: daemon.store.clone(),
            edition: Arc::clone(&edition),
            shelf: Arc::clone(&shelf),
            metrics: Arc::clone(&metrics),
            health: Arc::clone(&health),
            started_at: now,
            search: desk.search,
        };
        let (publisher, wish) = publish::start(setting, stop.clone());
        let (callbacks, calls) = Callbacks::new();
        let callbacks = Arc::new(callbacks);
        let state = ServeState {
            shelf,
            wish,
            search: desk.searches,
            metrics: Arc::clone(&metrics),
            callbacks: Arc::clone(&callbacks),
            key: daemon.store.key().map(Arc::from),
            health: Arc::clone(&health),
            now: Timestamp::now,
        };
        let received_bytes = metrics.fetched_bytes.clone();
        let crew = Crew::new(&daemon.config, parcels, daemon.store.clone(), received_bytes)?;
        let mut hubs = Hubs::new(daemon.store.clone(), callbacks, calls)?;
        hubs.set(&daemon.config, now)?;
        let serving = serve::run(daemon.listener, state, stop.clone(), DRAIN);
        let river = Self {
            crew,
            watch: reload::Watch::new(&daemon.config.path),
            is_store_lost: false,
            at_start: AtStart::of(&daemon.config),
            store: daemon.store,
            config: daemon.config,
            edition,
            listen,
            table: Timetable::default(),
            berths: Berths::default(),
            states: BTreeMap::new(),
            polls: JoinSet::new(),
            pages: JoinSet::new(),
            hubs,
            publisher,
            index: desk.index,
            metrics,
            health,
            on_event: daemon.on_event,
            reread: daemon.reread,
            copies: tell::Copies::default(),
            pruner: prune::Pruner::default(),
            stop: stop.clone(),
            first_pass: None,
        };
        Ok((river, tokio::spawn(serving)))
    }

    /// Lets the polls and pushes under way end, but not for long. Pages are asked another time.
    async fn finish(&mut self) {
        self.pages.shutdown().await;
        let last = async {
            while self.polls.join_next().await.is_some() {}
            while self.hubs.readings.join_next().await.is_some() {}
        };
        if tokio::time::timeout(LAST_POLLS, last).await.is_err() {
            self.polls.abort_all();
        }
        if let Err(error) = self.hubs.give_up_waiting() {
            tracing::error!(%error, "it could not be kept that pushes were lost");
        }
    }
}

/// Tells systemd, where it listens; anywhere else this is nothing.
fn tell_system(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "systemd was not told");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// systemd kills what has not ended by then.
    #[test]
    fn a_stop_ends_before_the_unit_kills() {
        let unit = include_str!("../../../packaging/rafid.service");
        let seconds = unit.lines().find_map(|line| line.strip_prefix("TimeoutStopSec="));
        let limit = Duration::from_secs(seconds.unwrap().parse().unwrap());
        let whole = LAST_POLLS + LAST_WRITES + LAST_COMMIT + LAST_INDEXING;
        // A quarter is left for the last flush of a slow disk.
        assert!(whole.max(DRAIN) <= limit * 3 / 4, "{whole:?} of {limit:?}");
    }
}
