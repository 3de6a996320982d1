//! Checks the clock from time to time → drops entries older than `keep`, if the time is confirmed: a few
//! at a time, off the loop's thread. Entries that the publisher still lists and the newest entries of
//! every configured source are spared.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::duplicate_sources::result_of_finished;
use super::{Daemon, RunError, recovery_base};
use crate::decide::confirmed_time::{self, TimeEvidence};
use crate::model::{SourceList, SystemClock};
use crate::store::{Pruning, Store, StoreError};

/// The newest entries of each source are kept, whatever their age.
const SPARED_PER_SOURCE: usize = 20;
/// The clock is checked this often.
const CHECK_INTERVAL: Duration = Duration::from_mins(1);
/// Old entries are dropped this often.
const PRUNE_INTERVAL: Duration = Duration::from_mins(10);

/// What the loop remembers between two checks.
#[derive(Debug, Default)]
pub(super) struct Pruner {
    under_way: Option<JoinHandle<Result<PruneResult, StoreError>>>,
    checked_at: Option<Instant>,
    pruned_at: Option<Instant>,
    /// The last confirmed time, and the monotonic instant of it.
    confirmed: Option<(Timestamp, Instant)>,
}

/// The input of one check and its pruning.
#[derive(Debug, Clone, Default)]
pub(super) struct PruneJob {
    pub(super) by_monotonic: Option<Timestamp>,
    /// The newest commit, if no time was confirmed yet.
    pub(super) newest_commit: Option<Timestamp>,
    pub(super) ahead_of_hosts: Vec<i64>,
    /// The sources whose entries are spared.
    pub(super) configured: SourceList,
    /// How long entries are kept; `None`: forever, or this check prunes nothing.
    pub(super) keep: Option<Duration>,
    pub(super) stop: CancellationToken,
}

/// The result of one check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct PruneResult {
    /// The time, if it is confirmed.
    pub(super) confirmed: Option<Timestamp>,
    /// Entries that were dropped.
    pub(super) pruned_count: usize,
    /// Entries that were listed in the future and are moved to the present.
    pub(super) moved_back_count: usize,
}

impl Daemon {
    /// Checks the clock if a check is due, and records the result of the last one.
    pub(super) fn prune_if_due(&mut self, now: Timestamp) -> Result<(), RunError> {
        match self.pruner.under_way.take() {
            Some(task) if !task.is_finished() => {
                self.pruner.under_way = Some(task);
                return Ok(());
            }
            // It is finished: the result is available.
            Some(task) => {
                if let Some(done) = result_of_finished(task) {
                    if let Some(done) = self.pause_if_refused(done.map_err(RunError::from))? {
                        self.on_pruned(done);
                    }
                } else {
                    tracing::error!("pruning panicked; please report it");
                }
            }
            None => {}
        }
        let is_due = self.pruner.checked_at.is_none_or(|at| at.elapsed() >= CHECK_INTERVAL);
        if is_due && !self.is_paused() {
            self.start_pruning(now);
        }
        Ok(())
    }

    fn on_pruned(&mut self, done: PruneResult) {
        if let Some(at) = done.confirmed {
            let checked_at = self.pruner.checked_at.unwrap_or_else(Instant::now);
            self.pruner.confirmed = Some((at, checked_at));
        }
        if done.moved_back_count + done.pruned_count > 0 {
            self.publisher.changed();
        }
        if done.moved_back_count > 0 {
            self.index_notifier.report_moved_entries();
        }
    }

    fn start_pruning(&mut self, now: Timestamp) {
        let pruner = &mut self.pruner;
        let is_due = pruner.pruned_at.is_none_or(|at| at.elapsed() >= PRUNE_INTERVAL);
        let since = |at: &Instant| SignedDuration::try_from(at.elapsed()).ok();
        let by_monotonic = pruner.confirmed.as_ref();
        let by_monotonic =
            by_monotonic.and_then(|(confirmed, at)| confirmed.checked_add(since(at)?).ok());
        let mut job = PruneJob {
            by_monotonic,
            newest_commit: None,
            ahead_of_hosts: self.jobs.host_clocks.ahead_of_hosts(now),
            configured: self.config.sources.clone(),
            keep: self.config.store.keep.filter(|_| is_due),
            stop: self.stop.clone(),
        };
        pruner.checked_at = Some(Instant::now());
        if is_due {
            pruner.pruned_at = pruner.checked_at;
        }
        let (store, metrics) = (self.store.clone(), Arc::clone(&self.metrics));
        pruner.under_way = Some(tokio::task::spawn_blocking(move || {
            job.newest_commit = newest_unconfirmed_commit(&store)?;
            let done = prune_once(&store, &job, now)?;
            recovery_base::create_base_if_due(&store, now)?;
            recovery_base::report_space(&store, &metrics)?;
            Ok(done)
        }));
    }
}

/// The newest commit, if no time was ever confirmed. Must be read before polls by this clock are stored.
///
/// # Errors
/// As for reading the store.
pub(super) fn newest_unconfirmed_commit(store: &Store) -> Result<Option<Timestamp>, StoreError> {
    match store.system_clock()?.and_then(|clock| clock.confirmed_at) {
        Some(_) => Ok(None),
        None => store.latest_poll(),
    }
}

/// Checks the clock once, and prunes if the clock allows it.
///
/// # Errors
/// As for reading and writing the store.
pub(super) fn prune_once(
    store: &Store,
    job: &PruneJob,
    now: Timestamp,
) -> Result<PruneResult, StoreError> {
    let before = store.system_clock()?.unwrap_or_default();
    let check = confirmed_time::check_clock(
        &before,
        &TimeEvidence {
            now,
            by_monotonic: job.by_monotonic,
            newest_commit: job.newest_commit,
            ahead_of_hosts: &job.ahead_of_hosts,
        },
    );
    log_clock_change(&before, &check.clock);
    store.save_system_clock(&check.clock)?;
    let mut done = PruneResult { confirmed: check.confirmed, ..PruneResult::default() };
    if check.confirmed.is_none() {
        return Ok(done);
    }
    while !job.stop.is_cancelled() {
        let moved = store.move_future_entries_to(now)?;
        if moved == 0 {
            break;
        }
        done.moved_back_count += moved;
    }
    let keep = job.keep.and_then(|keep| SignedDuration::try_from(keep).ok());
    if let Some(keep_since) = keep.and_then(|keep| now.checked_sub(keep).ok()) {
        done.pruned_count = drop_entries_before(store, job, check.clock, (keep_since, now))?;
    }
    if done != (PruneResult { confirmed: done.confirmed, ..PruneResult::default() }) {
        tracing::info!(
            pruned = done.pruned_count,
            moved_back = done.moved_back_count,
            "old entries dropped"
        );
    }
    Ok(done)
}

/// Drops what was listed before `keep_since`, up to the limit of this hour; returns how many entries.
fn drop_entries_before(
    store: &Store,
    job: &PruneJob,
    mut clock: SystemClock,
    (keep_since, now): (Timestamp, Timestamp),
) -> Result<usize, StoreError> {
    // Most passes find nothing old: they need not read what is known of each source.
    if !store.has_entry_before(keep_since)? {
        return Ok(0);
    }
    let sources = store.stored_sources()?;
    let counts = sources
        .iter()
        .map(|source| store.kept_entry_count(source))
        .collect::<Result<Vec<_>, _>>()?;
    let kept_count = counts.iter().sum();
    let mut pruned = 0;
    for source in &sources {
        let allowance = confirmed_time::prune_allowance(&clock, kept_count, now);
        if allowance == 0 || job.stop.is_cancelled() {
            break;
        }
        let is_configured = job.configured.find(source).is_some();
        let count = store.prune_source(
            source,
            &Pruning {
                keep_since,
                spare_newest: if is_configured { SPARED_PER_SOURCE } else { 0 },
                spare_listed: is_configured,
                at_most: usize::try_from(allowance).unwrap_or(usize::MAX),
            },
        )?;
        if count > 0 {
            pruned += count;
            clock = confirmed_time::with_pruned(clock, count as u64, now);
            store.save_system_clock(&clock)?;
        }
    }
    Ok(pruned)
}

fn log_clock_change(before: &SystemClock, after: &SystemClock) {
    let kind = |clock: &SystemClock| clock.doubt.map(|doubt| doubt.kind);
    match (kind(before), after.doubt) {
        (was, Some(doubt)) if was != Some(doubt.kind) => tracing::warn!(
            contradicted_by = doubt.kind.as_str(),
            ahead_seconds = doubt.ahead_seconds,
            "the system clock may be wrong; nothing is pruned until it is confirmed"
        ),
        (Some(_), None) => tracing::info!("the system clock is confirmed again"),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
