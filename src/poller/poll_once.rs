//! One pass over the sources that are due (or named), for `rafid poll` and cron.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::task::JoinSet;
use url::Url;

use super::host_clocks::HostClocks;
use super::jobs::{Jobs, PollEnded, SourceJob};
use super::{EventSink, PassTotals, PollEvent, RunError, prune, recovery_base, settings, writer};
use crate::config::Config;
use crate::decide::requested_poll::must_wait_for_server;
use crate::decide::schedule;
use crate::http::Metrics;
use crate::model::{PollState, Source, SourceId};
use crate::publish;
use crate::publish::index_sync::IndexNotifier;
use crate::store::Store;

/// Which sources are polled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PollSelection {
    /// Those that are due.
    Due,
    /// All of them, due or not.
    All,
    /// These, due or not.
    Only(Vec<SourceId>),
}

/// What is requested from publishers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FetchMode {
    /// Documents that changed since the last poll.
    Conditional,
    /// Whole documents, changed or not.
    Unconditional,
}

/// Polls the selected sources once, and drops what is older than `keep`; returns the sums, and how many
/// sources were not due.
///
/// # Errors
/// `RunError` when the store or the system fails; never because of a single source.
pub async fn poll_once(
    store: &Store,
    config: &Config,
    selection: &PollSelection,
    documents: FetchMode,
    on_event: &EventSink,
) -> Result<(PassTotals, usize), RunError> {
    // Nothing is requested whose answer could not be stored.
    store.check_writable()?;
    store.ensure_site_name(config.site.address.as_ref().map(Url::as_str))?;
    let (write_queue, writer) =
        writer::start(store.clone(), IndexNotifier::default(), writer::GroupingMode::WholePass)?;
    let vectors = publish::load_story_vectors(&config.stories.vectors);
    let jobs = Jobs::new(config, vectors, write_queue, store, &Metrics::default())?;
    let jobs = Arc::new(jobs);
    let newest_commit = prune::newest_unconfirmed_commit(store)?;
    let (waiting, mut not_due) = select_sources(store, config, &jobs, selection)?;
    let mut totals = PassTotals::default();
    let mut polls = JoinSet::new();
    let mut waiting = waiting.into_iter();
    loop {
        let batch = jobs.begin_batch();
        while polls.len() < config.polling.concurrency {
            let Some((source, prior, config_hash)) = waiting.next() else { break };
            // The pass may be late: the skipped hours of the publisher may have begun since.
            if *selection == PollSelection::Due && is_in_skipped_hours(&source, &prior, config_hash)
            {
                not_due += 1;
                continue;
            }
            let (bounds, retention) = (config.polling.bounds(), settings::retention(config));
            let is_fresh = documents == FetchMode::Unconditional;
            // A program started by cron is no daemon that hubs could call back.
            let relaxed_interval = None;
            let job = SourceJob {
                source,
                prior,
                config_hash,
                bounds,
                retention,
                is_fresh,
                relaxed_interval,
                stories: jobs.stories(config),
            };
            polls.spawn(poll_with_pages(Arc::clone(&jobs), job));
        }
        drop(batch);
        let Some(ended) = polls.join_next().await else { break };
        if let Ok((_, Some(report))) = ended {
            let report = report?;
            totals.add(&report);
            on_event(PollEvent::Updated(&report));
        }
    }
    let hosts = Arc::clone(&jobs.host_clocks);
    drop(jobs);
    // The writer ends when its last sender is gone.
    let written = tokio::task::spawn_blocking(move || writer.join()).await;
    if !matches!(written, Ok(Ok(()))) {
        tracing::error!("the writer panicked");
    }
    prune_old_entries(store, config, newest_commit, &hosts)?;
    // Without an arrival no page is full that was not full before. Looking reads every source.
    if totals.new + totals.changed > 0 {
        publish::close_archive_pages(store, &settings::build_site(config, None))?;
    }
    recovery_base::create_base_if_due(store, Timestamp::now())?;
    on_event(PollEvent::InitialPass(totals));
    Ok((totals, not_due))
}

/// A source to poll, its stored state, and the hash of its settings.
type SelectedSource = (Arc<Source>, PollState, [u8; 16]);

/// The sources to be polled, and how many others there are.
fn select_sources(
    store: &Store,
    config: &Config,
    jobs: &Jobs,
    selection: &PollSelection,
) -> Result<(Vec<SelectedSource>, usize), RunError> {
    let mut waiting = Vec::new();
    let mut not_due = 0;
    let now = Timestamp::now();
    for source in &config.sources {
        if matches!(selection, PollSelection::Only(ids) if !ids.contains(&source.id)) {
            not_due += 1;
            continue;
        }
        let hash = config.source_hash(source);
        let mut prior = match store.poll_state(&source.id)? {
            Some(state) => state,
            None => PollState::new(hash, now),
        };
        // The operator may have changed the interval since the last poll.
        let due = schedule::reschedule(source, &prior, config.polling.bounds(), None);
        if let Some(due) = due {
            (prior.schedule.due_at, prior.schedule.reason) = (due.due_at, due.reason);
        }
        if !matches!(selection, PollSelection::Only(_)) {
            jobs.restore_host_backoff(source, &prior, now);
        }
        if is_selected(source, &prior, hash, selection, now) {
            waiting.push((Arc::clone(source), prior, hash));
        } else {
            not_due += 1;
        }
    }
    Ok((waiting, not_due))
}

/// Drops what is older than `keep`, as the daemon does, by the clocks of the hosts of this pass.
fn prune_old_entries(
    store: &Store,
    config: &Config,
    newest_commit: Option<Timestamp>,
    hosts: &HostClocks,
) -> Result<(), RunError> {
    let now = Timestamp::now();
    let job = prune::PruneJob {
        newest_commit,
        ahead_of_hosts: hosts.ahead_of_hosts(now),
        configured: config.sources.clone(),
        keep: config.store.keep,
        ..prune::PruneJob::default()
    };
    prune::prune_once(store, &job, now)?;
    Ok(())
}

/// Whether a due source lies in hours or days that its publisher skips.
fn is_in_skipped_hours(source: &Source, prior: &PollState, hash: [u8; 16]) -> bool {
    prior.document.config_hash == hash
        && schedule::next_allowed_time(&source.id, &prior.schedule.poll_hints, Timestamp::now())
            .is_some()
}

/// One poll, then the pages that are pending.
fn poll_with_pages(
    jobs: Arc<Jobs>,
    job: SourceJob,
) -> impl Future<Output = PollEnded> + Send + 'static {
    let for_pages = job.source.full_text.then(|| job.clone());
    // Counts as running from now on, not from the first time that the future is polled.
    let poll = jobs.poll_source(job);
    async move {
        let ended = poll.await;
        if let (_, Some(Ok(report))) = &ended
            && let Some(job) = for_pages
            && report.state.last_poll.failure.is_none()
        {
            let job = SourceJob { prior: report.state.clone(), ..job };
            let (id, stored) = Box::pin(jobs.fetch_pending_pages(job)).await;
            if let Some(Err(error)) = stored {
                return (id, Some(Err(error)));
            }
        }
        ended
    }
}

fn is_selected(
    source: &Source,
    prior: &PollState,
    hash: [u8; 16],
    selection: &PollSelection,
    now: Timestamp,
) -> bool {
    match selection {
        PollSelection::All => !must_wait_for_server(prior, now),
        PollSelection::Due => prior.schedule.due_at <= now || prior.document.config_hash != hash,
        PollSelection::Only(ids) => ids.contains(&source.id),
    }
}
