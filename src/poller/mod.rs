//! The loop of the program: due → fetch → read → decide → commit → publish. It also reloads the
//! configuration and shuts down within a deadline. Only this loop and `cli` read the clock.
//!
//! | file | idea |
//! | --- | --- |
//! | `jobs` | fetches and reads one source, many at a time; waits until the writer has stored the result |
//! | `writer` | one thread that decides and commits, in groups |
//! | `due_queue` | which source is due when, by the monotonic clock |
//! | `poll_slots` | running polls → whether another may start |
//! | `event_loop` | what happens from one wake-up to the next |
//! | `source_states` | the stored state of every source, and how many of them fail |
//! | `reload` | a changed configuration → new and changed sources are scheduled, a few at a time |
//! | `config_change` | the configuration in force and a new one → what differs |
//! | `reload_summary` | what a reload changes, in the log |
//! | `report_gauges` | the queue and the states of the sources → gauges of `/metrics` |
//! | `hourly_summary` | what happened in the last hour, in the log |
//! | `heartbeat` | notifies systemd; what a check of the configuration's files causes |
//! | `write_pause` | a disk that takes nothing → polls pause until it does |
//! | `damage` | damage in the open store → the store is opened again, while the server goes on |
//! | `websub_events` | requests and pushes of hubs, between the polls |
//! | `page_jobs` | pending article pages (full text), between the polls |
//! | `list_refresh` | a list of feeds that is kept elsewhere → what it says now, beside the store |
//! | `list_jobs` | the lists of the configuration → refreshes of them, between the polls |
//! | `picture_jobs` | pictures that pages want → their copies |
//! | `subscriptions` | the WebSub subscriptions and their state |
//! | `subscription_table` | subscriptions → each by its token and by its source |
//! | `new_subscription` | a topic and a hub → a subscription with a random token and secret |
//! | `host_clocks` | the `Date` headers of responses → how far our clock is ahead |
//! | `prune` | a confirmed time → old entries are dropped |
//! | `recovery_base` | the store and the time → a base for recovering the store |
//! | `network_monitor` | whether our own network works |
//! | `restart_settings` | settings whose change takes effect at the next start only |
//! | `config_watcher` | the configuration's files → whether they changed, or the main one is missing |
//! | `config_checks` | runs these checks beside the loop |
//! | `shared_services` | what the loop shares with publishing, search and the finding of stories |
//! | `search_setup` | opens the search index, keeps it current and answers searches |
//! | `duplicate_sources` | the states of all sources → which of them are one feed |
//! | `log_changes` | what changed about sources, in the log |
//! | `stories` | what a document brings, and the last days → the stories of its entries |
//! | `join_thread` | a thread → whether it ended in time |
//! | `signals` | signals of the system → stop or reload |
//! | `run_error` | why the daemon ended |
//! | `pass_totals` | the updates of one pass → their sums |
//! | `requested_polls` | the operator's requests to poll sources now → polls, and an answer about each |
//! | `poll_once` | one pass over the sources, then the end |
//! | `daemon_args` | what a command gives to the loop, and what it receives |
//! | `settings` | the configuration → what each part needs of it |

mod config_change;
mod config_checks;
mod config_watcher;
mod daemon_args;
mod damage;
mod due_queue;
mod duplicate_sources;
mod event_loop;
mod heartbeat;
mod host_clocks;
mod hourly_summary;
mod jobs;
mod join_thread;
mod list_jobs;
mod list_refresh;
mod log_changes;
mod network_monitor;
mod new_subscription;
mod page_jobs;
mod pass_totals;
mod picture_jobs;
mod poll_once;
mod poll_slots;
mod prune;
mod recovery_base;
mod reload;
mod reload_summary;
mod report_gauges;
mod requested_polls;
mod restart_settings;
mod run_error;
mod search_setup;
pub mod settings;
mod shared_services;
mod signals;
mod source_states;
mod stories;
mod subscription_table;
mod subscriptions;
mod websub_events;
mod write_pause;
mod writer;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use jiff::Timestamp;
use sd_notify::NotifyState;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::config::Config;
use crate::http::{AccessRules, DaemonHealth, HttpState, Metrics, Server};
use crate::model::{PollingPause, SourceId};
use crate::pictures::PictureShelf;
use crate::publish::index_sync::IndexNotifier;
use crate::publish::{self, OpeningCause, PublishedSite, Publisher};
use crate::store::Store;
use due_queue::DueQueue;
use heartbeat::notify_systemd;
use jobs::Jobs;
use join_thread::join_within;
use picture_jobs::{PictureContext, PictureJobs};
use poll_slots::PollSlots;
use requested_polls::RequestedPolls;
use restart_settings::RestartSettings;
use search_setup::SearchHandles;
use shared_services::SharedServices;
use source_states::SourceStates;
use stories::StoryState;
use subscriptions::HubSubscriptions;
use websub_events::start_subscriptions;
use write_pause::ignore_refusal;

pub use daemon_args::{ConfigLoader, DaemonArgs, EventSink, PollEvent};
pub use damage::serve_opening_notice;
pub use list_refresh::refresh_lists;
pub use pass_totals::PassTotals;
pub use poll_once::{FetchMode, PollSelection, poll_once};
pub use requested_polls::{RequestedPollOutcome, RequestedPollReport};
pub use run_error::{DamagedStore, RunError};
pub use signals::Signals;

/// Running polls get this long to end after a stop was requested. What is not read by then is
/// fetched again after the next start.
const POLL_STOP_TIMEOUT: Duration = Duration::from_secs(3);
/// Queued results get this long after that to be written. What is not written by then is fetched again
/// after the next start, because validators are stored together with the entries they came with.
const WRITE_STOP_TIMEOUT: Duration = Duration::from_secs(8);
/// The group that is being written at that moment (a document's entries, then the commit) gets this long.
const COMMIT_STOP_TIMEOUT: Duration = Duration::from_secs(5);
/// The search index gets this long to close. What is missing from it is added after the next start.
const INDEX_STOP_TIMEOUT: Duration = Duration::from_secs(4);

/// The state of the loop.
struct Daemon {
    store: Store,
    config: Config,
    site: Arc<ArcSwap<PublishedSite>>,
    listen: String,
    recover_after: Instant,
    jobs: Jobs,
    pictures: PictureJobs,
    lists: list_jobs::ListJobs,
    due_queue: DueQueue,
    poll_slots: PollSlots,
    states: SourceStates,
    /// Running polls, and how long each took.
    polls: JoinSet<(jobs::PollEnded, Duration)>,
    /// Fetches of article pages that are running.
    page_rounds: JoinSet<jobs::PollEnded>,
    subscriptions: HubSubscriptions,
    requested_polls: RequestedPolls,
    publisher: Publisher,
    index_notifier: IndexNotifier,
    metrics: Arc<Metrics>,
    health: Arc<DaemonHealth>,
    on_event: EventSink,
    /// Who may see what the server has.
    access: Arc<ArcSwap<AccessRules>>,
    config_checks: config_checks::ConfigChecks,
    /// Why nothing is polled at present; `None`: polls go on.
    pause: Option<PollingPause>,
    /// Settings of the configuration at the start that stay in force until the next start.
    restart_settings: RestartSettings,
    reloads: reload::Reloads,
    /// Sources that failed while our network was down, and are not scheduled yet.
    retries: VecDeque<SourceId>,
    duplicate_sources: duplicate_sources::DuplicateSources,
    pruner: prune::Pruner,
    hourly_summary: hourly_summary::HourlySummary,
    /// When the sources were last counted for the metrics; `None`: never.
    sources_reported_at: Option<Instant>,
    /// Cancelled when the program is about to end.
    stop: CancellationToken,
    /// The first pass, until its totals were reported.
    initial_pass: Option<event_loop::InitialPass>,
}

/// Runs until a signal ends it, or the store fails. Returns when the last commit is durable. At its end the server is
/// stopped, unless the store is to be opened again.
///
/// # Errors
/// `RunError` when the store or the system fails; never because of a single source.
pub async fn run(
    daemon: DaemonArgs,
    server: &mut Server,
    signals: &Signals,
) -> Result<(), RunError> {
    let tasks = signals.stop.child_token();
    let _end_of_tasks = tasks.clone().drop_guard();
    let (store, recover_after) = (daemon.store.clone(), daemon.recover_after);
    let ended = run_until_stopped(daemon, server, signals, &tasks).await;
    match (ended, damage::recoverable_damage(&store, recover_after)) {
        (Err(RunError::Store(_)), Some(why)) => {
            Err(RunError::Damaged(DamagedStore { why, config: None }))
        }
        (ended, _) => ended,
    }
}

async fn run_until_stopped(
    daemon: DaemonArgs,
    server: &mut Server,
    signals: &Signals,
    stop: &CancellationToken,
) -> Result<(), RunError> {
    let store = daemon.store.clone();
    let address = daemon.config.site.address.as_ref();
    ignore_refusal(store.ensure_site_name(address.map(Url::as_str)).map(drop))?;
    settings::warn_if_no_public_address(&daemon.config, server.address());
    let access = server.access();
    access.store(Arc::new(settings::access_rules(&daemon.config, &access.load())?));
    let site = settings::build_site(&daemon.config, Some(&server.address().to_string()));
    let site = Arc::new(ArcSwap::from_pointee(site));
    let metrics = Arc::new(Metrics::default());
    metrics.process_start_time_seconds.set(daemon.started_at.as_second());
    let search = search_setup::start_search(&daemon, &site, &metrics, stop)?;
    let story_vectors = publish::load_story_vectors(&daemon.config.stories.vectors);
    let write_deadline = writer::WriteDeadline::default();
    let (write_queue, writer) = writer::start_with_deadline(
        store.clone(),
        search.index_notifier.clone(),
        StoryState::start(&daemon.config, &store, &story_vectors, Timestamp::now()),
        writer::GroupingMode::FirstReads,
        write_deadline.clone(),
    )?;
    let SearchHandles { index_notifier, search, requests: search_requests, thread: index_thread } =
        search;
    let stream_requests = publish::start_operator_streams(store.clone(), &site, stop);
    let services = SharedServices {
        site,
        index_notifier,
        search,
        search_requests,
        stream_requests,
        metrics,
        story_vectors,
    };
    let mut daemon = Daemon::new(daemon, server, services, write_queue, stop)?;
    daemon.check_store(Timestamp::now())?;
    daemon.schedule_all_sources(Timestamp::now())?;
    notify_systemd(&[NotifyState::Ready]);
    let ended = daemon.run_until(stop, &signals.reload).await;
    let ended = daemon.end_of_loop(ended);
    if matches!(ended, Err(RunError::Damaged(_))) {
        serve_opening_notice(server, &daemon.site.load(), OpeningCause::Damage);
    } else {
        notify_systemd(&[NotifyState::Stopping]);
        daemon.health.set_stopping();
        signals.stop.cancel();
    }
    stop.cancel();
    write_deadline.set(Instant::now() + POLL_STOP_TIMEOUT + WRITE_STOP_TIMEOUT);
    daemon.finish_running_jobs().await;
    drop(daemon);
    // Both threads end when their last sender is gone.
    let is_written =
        join_within("the writer", writer, WRITE_STOP_TIMEOUT + COMMIT_STOP_TIMEOUT).await;
    // A writer that is still running can still send changes to the index.
    if let Some(thread) = index_thread.filter(|_| is_written) {
        join_within("the search index", thread, INDEX_STOP_TIMEOUT).await;
    }
    // Commits are durable already; a stuck writer would block the flush, and a damaged database cannot be trusted.
    if is_written && store.damage().is_none() {
        store.flush()?;
    }
    ended
}

/// What the publisher works with.
fn publisher_setup(
    daemon: &DaemonArgs,
    services: &SharedServices,
    pictures: Option<&PictureShelf>,
) -> publish::PublisherSetup {
    let now = Timestamp::now();
    publish::PublisherSetup {
        store: daemon.store.clone(),
        site: Arc::clone(&services.site),
        cache: Arc::default(),
        metrics: Arc::clone(&services.metrics),
        health: Arc::new(DaemonHealth::new(now)),
        started_at: now,
        search: services.search.clone(),
        pictures: pictures.cloned(),
    }
}

impl Daemon {
    fn new(
        daemon: DaemonArgs,
        server: &mut Server,
        services: SharedServices,
        write_queue: writer::WriteQueue,
        stop: &CancellationToken,
    ) -> Result<Self, RunError> {
        let copies = picture_jobs::open_shelf(&daemon.config);
        let setup = publisher_setup(&daemon, &services, copies.as_ref());
        let (cache, health) = (Arc::clone(&setup.cache), Arc::clone(&setup.health));
        let (site, metrics, vectors) = (services.site, services.metrics, services.story_vectors);
        let (publisher, render_requests) = publish::PreparedPublisher::new(setup);
        let (callbacks, subscriptions) = start_subscriptions(&daemon.store, &daemon.config)?;
        let (poll_requests, requested_polls) = RequestedPolls::new();
        let state = HttpState {
            cache,
            render_requests,
            search_requests: services.search_requests,
            picture_requests: picture_jobs::start_service(copies.as_ref(), stop),
            stream_requests: services.stream_requests,
            poll_requests,
            metrics: Arc::clone(&metrics),
            callbacks,
            operator_key: daemon.store.folder_key().map(Arc::from),
            access: server.access(),
            health: Arc::clone(&health),
            now: Timestamp::now,
        };
        let jobs = Jobs::new(&daemon.config, vectors, write_queue, &daemon.store, &metrics)?;
        server.serve(state);
        let publisher = publisher.start(stop.clone());
        let context = PictureContext::new(&jobs, &daemon.store, &site, &publisher);
        let pictures = context.start(&daemon.config, copies, stop)?;
        Ok(Self {
            pictures,
            lists: list_jobs::ListJobs::default(),
            jobs,
            config_checks: config_checks::ConfigChecks::new(&daemon.config),
            pause: None,
            restart_settings: RestartSettings::from_config(&daemon.config),
            store: daemon.store,
            config: daemon.config,
            site,
            listen: server.address().to_string(),
            access: server.access(),
            recover_after: daemon.recover_after,
            due_queue: DueQueue::default(),
            poll_slots: PollSlots::default(),
            states: SourceStates::default(),
            polls: JoinSet::new(),
            page_rounds: JoinSet::new(),
            subscriptions,
            requested_polls,
            publisher,
            index_notifier: services.index_notifier,
            metrics,
            health,
            on_event: daemon.on_event,
            reloads: reload::Reloads::new(daemon.load_config),
            retries: VecDeque::new(),
            duplicate_sources: duplicate_sources::DuplicateSources::default(),
            pruner: prune::Pruner::default(),
            hourly_summary: hourly_summary::HourlySummary::new(Instant::now()),
            sources_reported_at: None,
            stop: stop.clone(),
            initial_pass: None,
        })
    }

    /// Lets running polls and pushes end, within a limit. Pages are fetched another time.
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
            tracing::error!(%error, "the loss of waiting pushes could not be recorded");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit_value(key: &str) -> String {
        let unit = include_str!("../../packaging/rafid.service");
        let key = format!("{key}=");
        let mut values = unit.lines().filter_map(|line| line.strip_prefix(&key));
        let value = values.next().unwrap_or_else(|| panic!("no {key}"));
        assert_eq!(values.next(), None, "{key} twice");
        value.to_owned()
    }

    /// A full disk or a slow mount may last for hours. systemd must never give up, nor try every moment.
    #[test]
    fn the_unit_restarts_for_good_and_ever_more_slowly() {
        assert_eq!(unit_value("StartLimitIntervalSec"), "0", "no limit on starts");
        assert_eq!(unit_value("Restart"), "on-failure");
        let seconds = |key: &str| unit_value(key).parse::<u64>().unwrap();
        let (first, steps, longest) =
            (seconds("RestartSec"), seconds("RestartSteps"), seconds("RestartMaxDelaySec"));
        // Before version 254 systemd knows no steps, and this pause is the only one.
        assert!((2..=10).contains(&first) && steps >= 3);
        assert!((60..=600).contains(&longest), "an operator who made room does not wait for long");
        let forever = unit_value("RestartPreventExitStatus");
        assert_eq!(forever, "2 78", "usage and configuration alone need a person");
    }

    /// systemd kills the process when this limit is over.
    #[test]
    fn a_stop_ends_before_the_unit_kills() {
        let limit = Duration::from_secs(unit_value("TimeoutStopSec").parse().unwrap());
        let whole =
            POLL_STOP_TIMEOUT + WRITE_STOP_TIMEOUT + COMMIT_STOP_TIMEOUT + INDEX_STOP_TIMEOUT;
        // A quarter is left for the last flush on a slow disk.
        assert!(whole.max(crate::http::DRAIN_TIMEOUT) <= limit * 3 / 4, "{whole:?} of {limit:?}");
    }
}
