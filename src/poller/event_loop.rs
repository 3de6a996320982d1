//! The event loop: starts due polls, publishes and reschedules what came back, feeds the watchdog,
//! sends requests to hubs and checks the configuration file.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use sd_notify::NotifyState;
use tokio::sync::Notify;
use tokio::task::JoinError;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::heartbeat::notify_systemd;
use super::jobs::{PollEnded, SourceJob};
use super::{Daemon, PassTotals, PollEvent, RequestedPollOutcome, RunError, log_changes};
use crate::decide::schedule::{self, NextPoll};
use crate::http::PollMetric;
use crate::ingest::UpdateReport;
use crate::model::{PollReason, PollState, Source, SourceId};
use crate::publish::{self, SourceUpdate};

/// The loop wakes at least this often: it feeds the watchdog and checks the configuration file.
const HEARTBEAT: Duration = Duration::from_secs(1);
/// The program plans no longer wait than this (after a 410 it retries after 30 days, with jitter). A
/// longer wait in the store comes from a clock that was wrong.
const MAX_WAIT: SignedDuration = SignedDuration::from_hours(45 * 24);
/// A source that was polled "in the future" (the clock was set back) waits at most this long.
const MAX_WAIT_AFTER_CLOCK_CHANGE: SignedDuration = SignedDuration::from_hours(24);

/// Sources that are scheduled at one turn of the loop after an outage: some milliseconds.
const RETRIES_PER_TURN: usize = 1_000;

/// The sources that were due at the start and have not been polled yet, and the sums so far.
#[derive(Debug)]
pub(super) struct InitialPass {
    pub(super) waiting: BTreeSet<SourceId>,
    totals: PassTotals,
}

impl Daemon {
    /// Puts every configured source into the queue, according to the stored state.
    pub(super) fn schedule_all_sources(&mut self, now: Timestamp) -> Result<(), RunError> {
        let mut waiting = BTreeSet::new();
        for source in &self.config.sources.clone() {
            self.schedule_source(source, now)?;
            if self.states.get(&source.id).is_some_and(|state| state.schedule.due_at <= now) {
                waiting.insert(source.id.clone());
            }
        }
        log_changes::warn_of_idle_rules(&self.store, &self.site.load_full());
        self.initial_pass = Some(InitialPass { waiting, totals: PassTotals::default() });
        self.count_sources();
        self.finish_initial_pass();
        Ok(())
    }

    pub(super) fn schedule_source(
        &mut self,
        source: &Arc<Source>,
        now: Timestamp,
    ) -> Result<(), RunError> {
        let hash = self.config.source_hash(source);
        let mut state = match self.store.poll_state(&source.id)? {
            Some(state) => state,
            None => PollState::new(hash, now),
        };
        let applied = self.apply_new_interval(source, &mut state, now);
        self.pause_if_refused(applied)?;
        state.schedule.due_at = clamp_due_time(&state, now);
        if state.document.config_hash != hash {
            (state.schedule.due_at, state.schedule.reason) = (now, PollReason::New);
        }
        self.jobs.restore_host_backoff(source, &state, now);
        if self.has_lost_push(&source.id, &state, now) {
            state.schedule.due_at = now;
        }
        self.due_queue.schedule(&source.id, to_monotonic(state.schedule.due_at, now));
        self.states.insert(source.id.clone(), state);
        Ok(())
    }

    /// Applies an interval that the operator changed since the last poll.
    fn apply_new_interval(
        &self,
        source: &Source,
        state: &mut PollState,
        now: Timestamp,
    ) -> Result<(), RunError> {
        let relaxed = self.subscriptions.relaxed_interval(&source.id, now);
        let due = schedule::reschedule(source, state, self.config.polling.bounds(), relaxed);
        if let Some(due) = due.filter(|due| due.due_at != state.schedule.due_at) {
            (state.schedule.due_at, state.schedule.reason) = (due.due_at, due.reason);
            self.store.save_due_time(&source.id, due.due_at, due.reason)?;
        }
        Ok(())
    }

    /// Runs until `stop` is cancelled.
    pub(super) async fn run_until(
        &mut self,
        stop: &CancellationToken,
        reload: &Notify,
    ) -> Result<(), RunError> {
        let mut heartbeat = tokio::time::interval(HEARTBEAT);
        heartbeat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            self.schedule_reloaded_sources()?;
            self.schedule_requested_polls();
            self.schedule_retries();
            self.start_pending_pushes();
            self.start_due_polls()?;
            let next = self.next_wakeup();
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                () = reload.notified() => {
                    tracing::info!("received SIGHUP: reading the configuration again");
                    self.config_checks.request_reload();
                    self.request_list_refreshes(Timestamp::now());
                }
                Some(ended) = self.polls.join_next() => self.on_poll_finished(ended)?,
                Some(ended) = self.page_rounds.join_next() => self.on_pages(ended)?,
                Some(refresh) = self.lists.next_refresh() => self.on_list_refresh(refresh),
                Some(check) = self.config_checks.next_check() => self.on_config_check(check),
                Some(read) = self.reloads.next_read() => self.on_config_read(read)?,
                Some(request) = self.requested_polls.next_request() => self.on_poll_request(request),
                Some(call) = self.subscriptions.calls.recv() => self.on_callback(call)?,
                Some(read) = self.subscriptions.push_reads.join_next() => self.on_push(read)?,
                Some(answered) = self.subscriptions.requests.join_next() => self.on_hub_response(answered)?,
                _ = heartbeat.tick() => self.on_heartbeat()?,
                () = tokio::time::sleep_until(next) => {}
            }
        }
    }

    /// When the next poll may start, at the latest at the next heartbeat.
    fn next_wakeup(&mut self) -> Instant {
        if self.reloads.has_unscheduled_sources() || !self.retries.is_empty() {
            return Instant::now();
        }
        let next = if self.is_paused() {
            None
        } else if self.can_start_poll() {
            self.due_queue.next_due()
        } else {
            self.poll_slots.next_expiry()
        };
        let latest = Instant::now() + HEARTBEAT;
        next.map_or(latest, |next| next.min(latest))
    }

    fn can_start_poll(&mut self) -> bool {
        let at_once = self.config.polling.concurrency;
        self.poll_slots.has_free_slot(self.polls.len(), at_once, Instant::now())
    }

    fn start_due_polls(&mut self) -> Result<(), RunError> {
        let _batch = self.jobs.begin_batch();
        while !self.is_paused() && self.can_start_poll() {
            let Some(id) = self.due_queue.take_due(Instant::now()) else { break };
            let now = Timestamp::now();
            let Some(job) = self.job_for_source(&id, now) else {
                self.due_queue.release(&id);
                self.requested_polls.on_refused(&id, RequestedPollOutcome::Unknown);
                continue;
            };
            let postponed = self.postpone_if_skipped(&job, now);
            if self.pause_if_refused(postponed)?.unwrap_or(true) {
                continue;
            }
            self.poll_slots.begin(&id, Instant::now());
            let (poll, began) = (self.jobs.poll_source(job), Instant::now());
            self.polls.spawn(async move { (poll.await, began.elapsed()) });
        }
        Ok(())
    }

    /// Postpones a poll that is so late that the skipped hours of its publisher have begun.
    fn postpone_if_skipped(&mut self, job: &SourceJob, now: Timestamp) -> Result<bool, RunError> {
        let (id, state) = (&job.source.id, &job.prior);
        // The hints of another document do not apply to this one.
        let is_current = state.document.config_hash == job.config_hash;
        let due =
            schedule::next_allowed_time(id, &state.schedule.poll_hints, now).filter(|_| is_current);
        let Some(due_at) = due else { return Ok(false) };
        self.due_queue.release(id);
        self.due_queue.schedule(id, to_monotonic(due_at, now));
        let reason = PollReason::Skip;
        self.store.save_due_time(id, due_at, reason)?;
        let mut state = state.clone();
        (state.schedule.due_at, state.schedule.reason) = (due_at, reason);
        self.states.insert(id.clone(), state);
        self.requested_polls.on_postponed(id, NextPoll { due_at, reason });
        if let Some(pass) = &mut self.initial_pass {
            pass.waiting.remove(id);
        }
        self.finish_initial_pass();
        Ok(true)
    }

    /// Also notifies the watchdog: if the loop hangs, the system restarts the program.
    fn on_heartbeat(&mut self) -> Result<(), RunError> {
        let now = Timestamp::now();
        self.health.record_heartbeat(now);
        self.check_damage()?;
        self.check_store(now)?;
        self.send_hub_requests(now)?;
        self.prune_if_due(now)?;
        self.duplicate_sources.compare_if_due(&self.store, &self.config.sources, now);
        self.report_gauges(now);
        self.log_hour_if_due();
        notify_systemd(&[NotifyState::Watchdog]);
        self.config_checks.start_check();
        self.start_list_refreshes(now);
        Ok(())
    }

    fn on_poll_finished(
        &mut self,
        ended: Result<(PollEnded, Duration), JoinError>,
    ) -> Result<(), RunError> {
        // A poll that panicked (a defect of the program) leaves its source reserved until the next start.
        let ((id, report), took) = match ended {
            Ok(ended) => ended,
            Err(error) => {
                tracing::error!(%error, "a poll panicked; please report it");
                return Ok(());
            }
        };
        self.poll_slots.end(&id);
        let was_rescheduled = self.due_queue.release(&id);
        let Some(stored) = report else { return Ok(()) };
        let now = Timestamp::now();
        let Some(report) = self.pause_if_refused(stored)? else {
            self.requested_polls.on_refused(&id, RequestedPollOutcome::Paused);
            self.repeat_refused_poll(&id, now);
            return Ok(());
        };
        self.count_poll(&report, took);
        let mut before = None;
        if let Some(source) = self.config.source(&id).map(Arc::clone) {
            let updated = self.update_subscriptions(&source, &report, now);
            self.pause_if_refused(updated)?;
            let due = if was_rescheduled {
                self.recomputed_due_time(&source, &report.state, now)
            } else {
                self.due_time(&source, &report.state, now)
            };
            self.due_queue.schedule(&id, to_monotonic(due, now));
            self.requested_polls.on_polled(&report, due);
            before = self.states.insert(id.clone(), report.state.clone());
            if let Some(before) = &before {
                log_changes::log_poll_changes(before, &report);
            }
            if report.state.last_poll.failure.is_none() {
                self.start_pending_pages(&id, now);
            }
            // A walk over all subscriptions after each poll would cost their square.
            if self.subscriptions.take_changed() {
                self.send_hub_requests(now)?;
            }
        }
        self.publish_update(before.as_ref(), &report);
        (self.on_event)(PollEvent::Updated(&report));
        self.record_initial_pass(&report);
        self.count_sources();
        self.retry_after_outage();
        Ok(())
    }

    /// Reports to the publisher what an update changed. `before`: the state of the source until then.
    pub(super) fn publish_update(&self, before: Option<&PollState>, report: &UpdateReport) {
        let source = &report.source;
        let is_described_otherwise = publish::is_described_otherwise(source, before, &report.state);
        if report.changes_outputs() || is_described_otherwise {
            self.publisher.source_changed(SourceUpdate {
                source: source.id.clone(),
                has_edits: report.changed_count > 0,
                is_described_otherwise,
            });
        } else {
            self.publisher.polled();
        }
    }

    /// When a source is due after a poll or a push.
    pub(super) fn due_time(&self, source: &Source, state: &PollState, now: Timestamp) -> Timestamp {
        // A source whose settings changed during the poll is polled again.
        let is_current = self.config.source_hash(source) == state.document.config_hash
            || state.last_poll.failure.is_some();
        if is_current && !self.has_lost_push(&source.id, state, now) {
            state.schedule.due_at
        } else {
            now
        }
    }

    /// The same for a source that was rescheduled during its poll.
    pub(super) fn recomputed_due_time(
        &self,
        source: &Source,
        state: &PollState,
        now: Timestamp,
    ) -> Timestamp {
        let relaxed = self.subscriptions.relaxed_interval(&source.id, now);
        let due = schedule::reschedule(source, state, self.config.polling.bounds(), relaxed);
        let mut state = state.clone();
        state.schedule.due_at = due.map_or(state.schedule.due_at, |due| due.due_at);
        self.due_time(source, &state, now)
    }

    /// When the network is up again, the sources that failed during the outage are polled without delay.
    fn retry_after_outage(&mut self) {
        let sources = self.jobs.take_sources_to_retry();
        if !sources.is_empty() {
            tracing::info!(sources = sources.len(), "the network is up again");
            self.retries.extend(sources);
        }
    }

    /// Schedules the next of them: all of tens of thousands at once would stop the loop for a while.
    fn schedule_retries(&mut self) {
        let count = self.retries.len().min(RETRIES_PER_TURN);
        let now = Instant::now();
        for id in self.retries.drain(..count) {
            if self.states.contains_key(&id) {
                self.due_queue.schedule(&id, now);
            }
        }
    }

    pub(super) fn count_sources(&self) {
        let failing = self.states.failing_count();
        self.metrics.sources.set(i64::try_from(self.states.len()).unwrap_or(i64::MAX));
        self.metrics.sources_failing.set(i64::try_from(failing).unwrap_or(i64::MAX));
    }

    fn count_poll(&self, report: &UpdateReport, took: Duration) {
        self.metrics.count_poll(poll_metric(report), took);
        self.metrics.entries_new.inc_by(report.new_count as u64);
        self.metrics.entries_changed.inc_by(report.changed_count as u64);
        if report.state.last_poll.failure.is_none() {
            self.report_success(report.state.last_poll.succeeded_at);
        }
    }

    fn record_initial_pass(&mut self, report: &UpdateReport) {
        if let Some(pass) = &mut self.initial_pass
            && pass.waiting.remove(&report.source.id)
        {
            pass.totals.add(report);
            self.finish_initial_pass();
        }
    }

    pub(super) fn finish_initial_pass(&mut self) {
        if let Some(pass) = self.initial_pass.take_if(|pass| pass.waiting.is_empty()) {
            self.report_sources(Timestamp::now());
            (self.on_event)(PollEvent::InitialPass(pass.totals));
        }
    }
}

/// When a source is due according to the store, limited to what a correct clock could have planned.
fn clamp_due_time(state: &PollState, now: Timestamp) -> Timestamp {
    let later = |wait: SignedDuration| now.checked_add(wait).unwrap_or(now);
    let wait = state.schedule.due_at.duration_since(now);
    match state.last_poll.polled_at {
        Some(polled_at) if polled_at > now => {
            let planned = state.schedule.due_at.duration_since(polled_at);
            later(planned.clamp(SignedDuration::ZERO, MAX_WAIT_AFTER_CLOCK_CHANGE))
        }
        _ if wait > MAX_WAIT => now,
        _ => state.schedule.due_at,
    }
}

/// A time of the wall clock as an instant of the monotonic clock.
pub(super) fn to_monotonic(at: Timestamp, now: Timestamp) -> Instant {
    let wait = Duration::try_from(at.duration_since(now)).unwrap_or(Duration::ZERO);
    Instant::now() + wait
}

fn poll_metric(report: &UpdateReport) -> PollMetric {
    match (&report.state.last_poll.failure, report.entries_count) {
        (Some(_), _) => PollMetric::Failed,
        (None, None) => PollMetric::NotModified,
        (None, Some(_)) if report.changes_outputs() => PollMetric::Changed,
        (None, Some(_)) => PollMetric::Unchanged,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_clock_silences_no_source() {
        let at = |hour: i64| Timestamp::from_second(1_795_000_000 + hour * 3600).unwrap();
        let check = |due: i64, polled: Option<i64>, expected: i64| {
            let mut state = PollState::new([0; 16], at(due));
            state.last_poll.polled_at = polled.map(at);
            assert_eq!(clamp_due_time(&state, at(0)), at(expected), "{due} {polled:?}");
        };
        check(1, Some(-1), 1);
        check(-1, Some(-2), -1);
        check(24 * 365, Some(-1), 0);
        check(24 * 365 + 2, Some(24 * 365), 2);
        check(24 * 365, Some(24), 24);
        check(5, None, 5);
    }
}
