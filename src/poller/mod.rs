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

mod config_watcher;
mod due_queue;
mod event_loop;
mod heartbeat;
mod host_clocks;
mod jobs;
mod log_changes;
mod network_monitor;
mod page_jobs;
mod poll_once;
mod poll_slots;
mod prune;
mod restart_settings;
mod search_setup;
pub mod settings;
mod signals;
mod story_assigner;
mod subscriptions;
mod websub_events;
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
use crate::fetch::FetchError;
use crate::http::{
    self, CallbackEndpoint, DaemonHealth, HttpState, Metrics, RenditionCache, ShutdownResult,
};
use crate::ingest::UpdateReport;
use crate::model::{PollState, SourceId};
use crate::publish::index_sync::IndexNotifier;
use crate::publish::{self, PublishedSite, Publisher};
use crate::search_index::SearchIndex;
use crate::store::{Store, StoreError};
use due_queue::DueQueue;
use jobs::Jobs;
use poll_slots::PollSlots;
use restart_settings::RestartSettings;
use search_setup::SearchHandles;
use subscriptions::HubSubscriptions;

pub use poll_once::{FetchMode, PollSelection, poll_once};

/// Requests that are being answered get this long after a stop was asked for.
const HTTP_DRAIN_TIMEOUT: Duration = Duration::from_secs(8);
/// Polls that are under way get this long to end after a stop was asked for: what is not read by
/// then is asked for again after the next start.
const POLL_STOP_TIMEOUT: Duration = Duration::from_secs(3);
/// What waits to be written gets this long after that. What is not written then is fetched again after the
/// next start, as validators are kept together with the entries they came with.
const WRITE_STOP_TIMEOUT: Duration = Duration::from_secs(8);
/// What is being written when that is over (a document's entries, then the commit) gets this long.
const COMMIT_STOP_TIMEOUT: Duration = Duration::from_secs(5);
/// The search index gets this long to close. What it lacks then is put in after the next start.
const INDEX_STOP_TIMEOUT: Duration = Duration::from_secs(4);

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
pub enum PollEvent<'a> {
    /// One source was polled, and what came of it is kept.
    Updated(&'a UpdateReport),
    /// A hub pushed something of one source, and it is kept.
    Pushed(&'a UpdateReport),
    /// Every source that was due at the start has been polled.
    InitialPass(PassTotals),
}

/// Who is told.
pub type EventSink = Arc<dyn Fn(PollEvent<'_>) + Send + Sync>;

/// Sums over the updates of one pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PassTotals {
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

impl PassTotals {
    /// Adds one update.
    pub fn add(&mut self, report: &UpdateReport) {
        self.polled += 1;
        self.failed += usize::from(report.state.last_poll.failure.is_some());
        let same = report.state.last_poll.failure.is_none() && report.entries_count.is_none();
        self.unchanged += usize::from(same);
        self.new += report.new_count;
        self.changed += report.changed_count;
    }
}

/// What the loop runs with. The store is open and the listener bound before it starts.
pub struct DaemonArgs {
    /// The store, opened by the caller.
    pub store: Store,
    /// The configuration, read whole and judged.
    pub config: Config,
    /// What is read again when the file changes: the command line's words stay in force.
    pub load_config: ConfigLoader,
    /// Where to serve.
    pub listener: TcpListener,
    /// Told about every update.
    pub on_event: EventSink,
}

/// Reads the configuration's file again, with the command line's words in force.
pub type ConfigLoader = Arc<dyn Fn() -> Result<Config, crate::config::ConfigError> + Send + Sync>;

/// Everything the loop holds between two turns.
struct Daemon {
    store: Store,
    config: Config,
    site: Arc<ArcSwap<PublishedSite>>,
    listen: String,
    jobs: Jobs,
    due_queue: DueQueue,
    poll_slots: PollSlots,
    states: BTreeMap<SourceId, PollState>,
    polls: JoinSet<jobs::PollEnded>,
    /// Rounds of pages under way.
    page_rounds: JoinSet<jobs::PollEnded>,
    subscriptions: HubSubscriptions,
    publisher: Publisher,
    index_notifier: IndexNotifier,
    metrics: Arc<Metrics>,
    health: Arc<DaemonHealth>,
    on_event: EventSink,
    config_watcher: config_watcher::ConfigWatcher,
    is_store_lost: bool,
    /// What the configuration said at the start and is in force until the next one.
    restart_settings: RestartSettings,
    load_config: ConfigLoader,
    duplicate_sources: log_changes::DuplicateSources,
    pruner: prune::Pruner,
    /// Cancelled when the program is about to end.
    stop: CancellationToken,
    /// The first pass, until its total was told.
    initial_pass: Option<event_loop::InitialPass>,
}

/// Runs until a signal or `stop` ends it, or the store fails. Returns after the last commit is
/// durable and every request answered or cut off.
///
/// # Errors
/// `RunError` when the store or the system fails; a source's failure is never one.
pub async fn run(daemon: DaemonArgs, stop: CancellationToken) -> Result<(), RunError> {
    let reload = Arc::new(Notify::new());
    signals::listen_for_signals(stop.clone(), Arc::clone(&reload))?;
    let store = daemon.store.clone();
    let address = daemon.config.site.address.as_ref();
    store.ensure_site_name(address.map(Url::as_str))?;
    warn_if_no_public_address(&daemon)?;
    let edition = initial_site(&daemon)?;
    let metrics = Arc::new(Metrics::default());
    let searching = search_setup::start_search(&daemon, &edition, &metrics, &stop)?;
    let notes = searching.index_notifier.clone();
    let last_writes = writer::WriteDeadline::default();
    let gathers = writer::GroupingMode::FirstReads;
    let (parcels, writer) =
        writer::start_with_deadline(store.clone(), notes, gathers, last_writes.clone())?;
    let SearchHandles { index_notifier: index, search, requests: wishes, thread: indexing } =
        searching;
    let desk = SharedServices {
        site: edition,
        index_notifier: index,
        search,
        search_requests: wishes,
        metrics,
    };
    let (mut river, server) = Daemon::new(daemon, desk, parcels, &stop)?;
    river.schedule_all_sources(Timestamp::now())?;
    notify_systemd(&[NotifyState::Ready]);
    let result = river.run_until(&stop, &reload).await;
    notify_systemd(&[NotifyState::Stopping]);
    river.health.set_stopping();
    stop.cancel();
    last_writes.set(Instant::now() + POLL_STOP_TIMEOUT + WRITE_STOP_TIMEOUT);
    river.finish_running_jobs().await;
    drop(river);
    // Both threads end when nobody can bring them anything any more.
    let is_written =
        join_within("the writer", writer, WRITE_STOP_TIMEOUT + COMMIT_STOP_TIMEOUT).await;
    // A writer that goes on can still tell the index something.
    if let Some(thread) = indexing.filter(|_| is_written) {
        join_within("the search index", thread, INDEX_STOP_TIMEOUT).await;
    }
    if let Ok(ShutdownResult::CutOff(count)) = server.await {
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
async fn join_within(name: &str, thread: std::thread::JoinHandle<()>, at_most: Duration) -> bool {
    let joined = tokio::task::spawn_blocking(move || thread.join());
    match tokio::time::timeout(at_most, joined).await {
        Ok(Ok(Ok(()))) => return true,
        Ok(_) => tracing::error!("{name} ended badly"),
        Err(_) => tracing::warn!("{name} did not end in time; leaving without it"),
    }
    false
}

/// What publishing and searching share.
struct SharedServices {
    site: Arc<ArcSwap<PublishedSite>>,
    index_notifier: IndexNotifier,
    search: Option<SearchIndex>,
    search_requests: Option<mpsc::Sender<http::RenderRequest>>,
    metrics: Arc<Metrics>,
}

/// Whoever reads from elsewhere is led to the address that the program listens on, where none is given.
fn warn_if_no_public_address(daemon: &DaemonArgs) -> Result<(), RunError> {
    let listen = daemon.listener.local_addr()?;
    if daemon.config.site.address.is_none() && !listen.ip().is_loopback() {
        tracing::warn!(
            %listen,
            "serves others, and [site] has no `address`: links of the outputs lead to http://{listen}/"
        );
    }
    Ok(())
}

fn initial_site(daemon: &DaemonArgs) -> Result<Arc<ArcSwap<PublishedSite>>, RunError> {
    let listen = daemon.listener.local_addr()?.to_string();
    Ok(Arc::new(ArcSwap::from_pointee(settings::build_site(&daemon.config, Some(&listen)))))
}

impl Daemon {
    fn new(
        daemon: DaemonArgs,
        desk: SharedServices,
        parcels: writer::WriteQueue,
        stop: &CancellationToken,
    ) -> Result<(Self, JoinHandle<ShutdownResult>), RunError> {
        let now = Timestamp::now();
        let listen = daemon.listener.local_addr()?.to_string();
        let edition = desk.site;
        let (shelf, metrics) = (Arc::new(RenditionCache::default()), desk.metrics);
        let health = Arc::new(DaemonHealth::new(now));
        let setting = publish::PublisherSetup {
            store: daemon.store.clone(),
            site: Arc::clone(&edition),
            cache: Arc::clone(&shelf),
            metrics: Arc::clone(&metrics),
            health: Arc::clone(&health),
            started_at: now,
            search: desk.search,
        };
        let (publisher, wish) = publish::start_publisher(setting, stop.clone());
        let (callbacks, calls) = CallbackEndpoint::new();
        let callbacks = Arc::new(callbacks);
        let state = HttpState {
            cache: shelf,
            render_requests: wish,
            search_requests: desk.search_requests,
            metrics: Arc::clone(&metrics),
            callbacks: Arc::clone(&callbacks),
            operator_key: daemon.store.folder_key().map(Arc::from),
            health: Arc::clone(&health),
            now: Timestamp::now,
        };
        let received_bytes = metrics.fetched_bytes.clone();
        let crew = Jobs::new(&daemon.config, parcels, daemon.store.clone(), received_bytes)?;
        let mut hubs = HubSubscriptions::new(daemon.store.clone(), callbacks, calls)?;
        hubs.reconfigure(&daemon.config, now)?;
        let serving =
            http::serve_until_shutdown(daemon.listener, state, stop.clone(), HTTP_DRAIN_TIMEOUT);
        let river = Self {
            jobs: crew,
            config_watcher: config_watcher::ConfigWatcher::new(&daemon.config.path),
            is_store_lost: false,
            restart_settings: RestartSettings::from_config(&daemon.config),
            store: daemon.store,
            config: daemon.config,
            site: edition,
            listen,
            due_queue: DueQueue::default(),
            poll_slots: PollSlots::default(),
            states: BTreeMap::new(),
            polls: JoinSet::new(),
            page_rounds: JoinSet::new(),
            subscriptions: hubs,
            publisher,
            index_notifier: desk.index_notifier,
            metrics,
            health,
            on_event: daemon.on_event,
            load_config: daemon.load_config,
            duplicate_sources: log_changes::DuplicateSources::default(),
            pruner: prune::Pruner::default(),
            stop: stop.clone(),
            initial_pass: None,
        };
        Ok((river, tokio::spawn(serving)))
    }

    /// Lets the polls and pushes under way end, but not for long. Pages are asked another time.
    async fn finish_running_jobs(&mut self) {
        self.page_rounds.shutdown().await;
        let last = async {
            while self.polls.join_next().await.is_some() {}
            while self.subscriptions.push_reads.join_next().await.is_some() {}
        };
        if tokio::time::timeout(POLL_STOP_TIMEOUT, last).await.is_err() {
            self.polls.abort_all();
        }
        if let Err(error) = self.subscriptions.drop_pending_pushes() {
            tracing::error!(%error, "it could not be kept that pushes were lost");
        }
    }
}

/// Tells systemd, where it listens; anywhere else this is nothing.
fn notify_systemd(states: &[NotifyState<'_>]) {
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
        let unit = include_str!("../../packaging/rafid.service");
        let seconds = unit.lines().find_map(|line| line.strip_prefix("TimeoutStopSec="));
        let limit = Duration::from_secs(seconds.unwrap().parse().unwrap());
        let whole =
            POLL_STOP_TIMEOUT + WRITE_STOP_TIMEOUT + COMMIT_STOP_TIMEOUT + INDEX_STOP_TIMEOUT;
        // A quarter is left for the last flush of a slow disk.
        assert!(whole.max(HTTP_DRAIN_TIMEOUT) <= limit * 3 / 4, "{whole:?} of {limit:?}");
    }
}
