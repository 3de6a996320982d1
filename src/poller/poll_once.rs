//! One pass over the sources that are due (or named), and no more: for `rafid poll` and cron.

use std::sync::Arc;

use jiff::Timestamp;
use prometheus_client::metrics::counter::Counter;
use tokio::task::JoinSet;
use url::Url;

use super::host_clocks::HostClocks;
use super::jobs::{Jobs, PollEnded, SourceJob};
use super::{EventSink, PassTotals, PollEvent, RunError, prune, settings, writer};
use crate::config::Config;
use crate::decide::schedule;
use crate::model::{PollReason, PollState, Source, SourceId};
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

/// What is requested of publishers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FetchMode {
    /// Those that changed since the last poll.
    Conditional,
    /// Whole documents, changed or not.
    Unconditional,
}

/// Polls the chosen sources once, and drops what is older than `keep`; gives the sums, and how many
/// sources were not due.
///
/// # Errors
/// `RunError` when the store or the system fails; a source's failure is never one.
pub async fn poll_once(
    store: &Store,
    config: &Config,
    choice: &PollSelection,
    documents: FetchMode,
    on_event: &EventSink,
) -> Result<(PassTotals, usize), RunError> {
    store.ensure_site_name(config.site.address.as_ref().map(Url::as_str))?;
    let (parcels, writer) =
        writer::start(store.clone(), IndexNotifier::default(), writer::GroupingMode::WholePass)?;
    let crew = Arc::new(Jobs::new(config, parcels, store.clone(), Counter::default())?);
    let newest_commit = prune::newest_unconfirmed_commit(store)?;
    let (waiting, mut not_due) = select_sources(store, config, &crew, choice)?;
    let mut totals = PassTotals::default();
    let mut polls = JoinSet::new();
    let mut waiting = waiting.into_iter();
    loop {
        let several = crew.begin_batch();
        while polls.len() < config.polling.concurrency {
            let Some((source, prior, config_hash)) = waiting.next() else { break };
            // The pass may be late: hours that the publisher skips may have begun since.
            if *choice == PollSelection::Due && is_in_skipped_hours(&source, &prior, config_hash) {
                not_due += 1;
                continue;
            }
            let (bounds, retention) = (config.polling.bounds(), settings::retention(config));
            let is_fresh = documents == FetchMode::Unconditional;
            // Who calls from cron is no daemon that hubs could call back.
            let pushed = None;
            let errand = SourceJob {
                source,
                prior,
                config_hash,
                bounds,
                retention,
                is_fresh,
                relaxed_interval: pushed,
            };
            polls.spawn(poll_with_pages(Arc::clone(&crew), errand));
        }
        drop(several);
        let Some(ended) = polls.join_next().await else { break };
        if let Ok((_, Some(report))) = ended {
            let report = report?;
            totals.add(&report);
            on_event(PollEvent::Updated(&report));
        }
    }
    let hosts = Arc::clone(&crew.host_clocks);
    drop(crew);
    // The writer ends when nobody can bring it anything any more.
    let written = tokio::task::spawn_blocking(move || writer.join()).await;
    if !matches!(written, Ok(Ok(()))) {
        tracing::error!("the writer ended badly");
    }
    prune_old_entries(store, config, newest_commit, &hosts)?;
    on_event(PollEvent::InitialPass(totals));
    Ok((totals, not_due))
}

/// A source to be polled, what is remembered of it, and what stands for the operator's word on it.
type SelectedSource = (Arc<Source>, PollState, [u8; 16]);

/// The sources to be polled, and how many others there are.
fn select_sources(
    store: &Store,
    config: &Config,
    crew: &Jobs,
    choice: &PollSelection,
) -> Result<(Vec<SelectedSource>, usize), RunError> {
    let mut waiting = Vec::new();
    let mut not_due = 0;
    let now = Timestamp::now();
    for source in &config.sources {
        let hash = config.source_hash(source);
        let mut prior = match store.poll_state(&source.id)? {
            Some(state) => state,
            None => PollState::new(hash, now),
        };
        // The operator may say another interval than when the source was polled.
        let due = schedule::reschedule(source, &prior, config.polling.bounds(), None);
        if let Some(due) = due {
            (prior.schedule.due_at, prior.schedule.reason) = (due.due_at, due.reason);
        }
        if !matches!(choice, PollSelection::Only(_)) {
            crew.restore_host_backoff(source, &prior, now);
        }
        if is_selected(source, &prior, hash, choice, now) {
            waiting.push((Arc::clone(source), prior, hash));
        } else {
            not_due += 1;
        }
    }
    Ok((waiting, not_due))
}

/// Drops what is older than `keep`, as the daemon does, by what the hosts of this pass say of the time.
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
        configured: prune::configured_sources(config),
        keep: config.store.keep,
        ..prune::PruneJob::default()
    };
    prune::prune_once(store, &job, now)?;
    Ok(())
}

/// Whether a source that is due lies in hours or days that its publisher skips.
fn is_in_skipped_hours(source: &Source, prior: &PollState, hash: [u8; 16]) -> bool {
    prior.document.config_hash == hash
        && schedule::next_allowed_time(&source.id, &prior.schedule.poll_hints, Timestamp::now())
            .is_some()
}

/// One poll, and the pages that wait then.
fn poll_with_pages(
    crew: Arc<Jobs>,
    errand: SourceJob,
) -> impl Future<Output = PollEnded> + Send + 'static {
    // Under way from now on, not from when it is first looked at.
    let sent = crew.poll_source(errand.clone());
    async move {
        let ended = sent.await;
        if let (_, Some(Ok(report))) = &ended
            && errand.source.full_text
            && report.state.last_poll.failure.is_none()
        {
            let (id, kept) =
                crew.fetch_pending_pages(SourceJob { prior: report.state.clone(), ..errand }).await;
            if let Some(Err(error)) = kept {
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
    choice: &PollSelection,
    now: Timestamp,
) -> bool {
    match choice {
        PollSelection::All => !must_wait_for_server(prior, now),
        PollSelection::Due => prior.schedule.due_at <= now || prior.document.config_hash != hash,
        PollSelection::Only(ids) => ids.contains(&source.id),
    }
}

/// Whether a server asked for patience that is not over: who wants all sources polled is not asked to
/// break that promise.
fn must_wait_for_server(prior: &PollState, now: Timestamp) -> bool {
    let is_throttled = matches!(prior.last_poll.status, 429 | 503);
    let asked = match prior.schedule.reason {
        PollReason::RetryAfter => true,
        PollReason::Backoff => is_throttled,
        _ => false,
    };
    asked && prior.schedule.due_at > now
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_that_a_server_asked_for_holds_for_all() {
        let at = |second: i64| Timestamp::from_second(1_795_000_000 + second).unwrap();
        let check = |reason: PollReason, status: u16, due: i64, is_chosen_of_all: bool| {
            let mut state = PollState::new([0; 16], at(due));
            (state.schedule.reason, state.last_poll.status) = (reason, status);
            assert_eq!(
                !must_wait_for_server(&state, at(0)),
                is_chosen_of_all,
                "{reason:?} {status} {due}"
            );
        };
        check(PollReason::Rhythm, 200, 60, true);
        check(PollReason::Backoff, 500, 60, true);
        check(PollReason::Backoff, 429, 60, false);
        check(PollReason::Backoff, 503, 60, false);
        check(PollReason::RetryAfter, 429, 60, false);
        check(PollReason::RetryAfter, 200, 60, false);
        check(PollReason::RetryAfter, 429, -1, true);
        check(PollReason::Gone, 410, 60, true);
    }
}
