//! The loop's turns: what is due is polled, what came back is published and planned anew, the
//! watchdog is fed, hubs are asked, the configuration's file is looked at.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use sd_notify::NotifyState;
use tokio::sync::Notify;
use tokio::task::JoinError;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::crew::{Ended, Errand};
use super::{Event, Loop, RunError, Totals, tell, tell_system, translate};
use crate::daemon::serve::PollOutcome;
use crate::daemon::update::Report;
use crate::feed::model::{PollReason, PollState, Source, SourceId};
use crate::feed::schedule;

/// The loop wakes at least this often: it feeds the watchdog and looks at the configuration's file.
const HEARTBEAT: Duration = Duration::from_secs(1);
/// No wait that this program plans is longer (410 asks again after 30 days, with jitter): what the
/// store says beyond it comes from a clock that was wrong.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(45 * 24);
/// A source that was polled "in the future" (the clock was set back) waits no longer than this.
const AFTER_CLOCK_CHANGE: SignedDuration = SignedDuration::from_hours(24);

/// The sources that were due at the start and have not answered yet, and the sums so far.
#[derive(Debug)]
pub(super) struct FirstPass {
    waiting: BTreeSet<SourceId>,
    totals: Totals,
}

impl Loop {
    /// Puts every configured source into the timetable, from what the store remembers.
    pub(super) fn plan_all(&mut self, now: Timestamp) -> Result<(), RunError> {
        let mut waiting = BTreeSet::new();
        for source in self.config.sources.clone() {
            self.plan(&source, now)?;
            if self.states.get(&source.id).is_some_and(|state| state.due_at <= now) {
                waiting.insert(source.id.clone());
            }
        }
        tell::idle_rules(&self.store, &self.edition.load_full());
        self.first_pass = Some(FirstPass { waiting, totals: Totals::default() });
        self.count_sources();
        self.end_first_pass();
        Ok(())
    }

    fn plan(&mut self, source: &Arc<Source>, now: Timestamp) -> Result<(), RunError> {
        let hash = self.config.source_hash(source);
        let mut state = match self.store.poll_state(&source.id)? {
            Some(state) => state,
            None => PollState::new(hash, now),
        };
        self.plan_again(source, &mut state, now)?;
        state.due_at = believable(&state, now);
        if state.config_hash != hash {
            (state.due_at, state.reason) = (now, PollReason::New);
        }
        self.crew.heed(source, &state, now);
        if self.is_let_down(&source.id, &state, now) {
            state.due_at = now;
        }
        self.table.put(&source.id, instant(state.due_at, now));
        self.states.insert(source.id.clone(), state);
        Ok(())
    }

    /// The operator may say another interval than when the source was polled.
    fn plan_again(
        &self,
        source: &Source,
        state: &mut PollState,
        now: Timestamp,
    ) -> Result<(), RunError> {
        let pushed = self.hubs.relaxed(&source.id, now);
        let due = schedule::planned_again(source, state, self.config.polling.bounds(), pushed);
        if let Some(due) = due.filter(|due| due.due_at != state.due_at) {
            (state.due_at, state.reason) = (due.due_at, due.reason);
            self.store.keep_due(&source.id, due.due_at, due.reason)?;
        }
        Ok(())
    }

    /// Turns until told to stop.
    pub(super) async fn turn_until(
        &mut self,
        stop: &CancellationToken,
        reload: &Notify,
    ) -> Result<(), RunError> {
        let mut heartbeat = tokio::time::interval(HEARTBEAT);
        heartbeat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            self.start_pushes();
            self.start_due()?;
            let next = self.next_start();
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                () = reload.notified() => {
                    tracing::info!("asked to read the configuration again");
                    self.watch.seen();
                    self.reload()?;
                }
                Some(ended) = self.polls.join_next() => self.take_back(ended)?,
                Some(ended) = self.pages.join_next() => self.take_pages(ended)?,
                Some(call) = self.hubs.calls.recv() => self.take_call(call)?,
                Some(read) = self.hubs.readings.join_next() => self.take_pushed(read)?,
                Some(answered) = self.hubs.requests.join_next() => self.take_hub_answer(answered)?,
                _ = heartbeat.tick() => self.beat()?,
                () = tokio::time::sleep_until(next) => {}
            }
        }
    }

    /// When the next poll may start; without one, at the next heartbeat.
    fn next_start(&mut self) -> Instant {
        let next = if self.may_start() { self.table.next() } else { self.berths.next_stuck() };
        let latest = Instant::now() + HEARTBEAT;
        next.map_or(latest, |next| next.min(latest))
    }

    fn may_start(&mut self) -> bool {
        let at_once = self.config.polling.concurrency;
        self.berths.is_free(self.polls.len(), at_once, Instant::now())
    }

    fn start_due(&mut self) -> Result<(), RunError> {
        let _several = self.crew.begin_several();
        while self.may_start() {
            let Some(id) = self.table.take_due(Instant::now()) else { break };
            let now = Timestamp::now();
            let Some(errand) = self.errand(&id, now) else {
                self.table.back(&id);
                continue;
            };
            if self.waits_for_skipped(&errand, now)? {
                continue;
            }
            self.berths.begin(&id, Instant::now());
            self.polls.spawn(self.crew.send(errand));
        }
        Ok(())
    }

    /// Puts off a poll that is so late that its publisher's skipped hours have begun.
    fn waits_for_skipped(&mut self, errand: &Errand, now: Timestamp) -> Result<bool, RunError> {
        let (id, state) = (&errand.source.id, &errand.prior);
        // What another document said means nothing for this one.
        let is_current = state.config_hash == errand.config_hash;
        let due = schedule::after_skipped(id, &state.pace, now).filter(|_| is_current);
        let Some(due_at) = due else { return Ok(false) };
        self.table.back(id);
        self.table.put(id, instant(due_at, now));
        let reason = PollReason::Skip;
        self.store.keep_due(id, due_at, reason)?;
        self.states.insert(id.clone(), PollState { due_at, reason, ..state.clone() });
        if let Some(pass) = &mut self.first_pass {
            pass.waiting.remove(id);
        }
        self.end_first_pass();
        Ok(true)
    }

    /// The watchdog lives on this beat: if the loop stands still, the system restarts us.
    fn beat(&mut self) -> Result<(), RunError> {
        let now = Timestamp::now();
        self.health.beat(now);
        self.ask_hubs(now)?;
        self.prune(now)?;
        self.copies.look(&self.config.sources, &self.states, now);
        tell_system(&[NotifyState::Watchdog]);
        self.look_at_store();
        self.look_at_config()
    }

    fn take_back(&mut self, ended: Result<Ended, JoinError>) -> Result<(), RunError> {
        // A poll that panicked (a defect of ours) leaves its source away until the next start.
        let (id, report) = match ended {
            Ok(ended) => ended,
            Err(error) => {
                tracing::error!(%error, "a poll ended badly; please report it");
                return Ok(());
            }
        };
        self.berths.end(&id);
        let was_planned = self.table.back(&id);
        let Some(report) = report.transpose()? else { return Ok(()) };
        self.metrics.polled(outcome(&report));
        self.metrics.entries_new.inc_by(report.new_count as u64);
        self.metrics.entries_changed.inc_by(report.changed_count as u64);
        let now = Timestamp::now();
        if let Some(source) = self.config.source(&id).map(Arc::clone) {
            if report.new_count > 0 {
                self.hubs.missed(&id)?;
            }
            self.hubs.learn(&source, &report.offered, now)?;
            let due = if was_planned {
                self.due_again(&source, &report.state, now)
            } else {
                self.due(&source, &report.state, now)
            };
            self.table.put(&id, instant(due, now));
            if let Some(before) = self.states.insert(id.clone(), report.state.clone()) {
                tell::changes(&before, &report);
            }
            if report.state.failure.is_none() {
                self.start_pages(&id, now);
            }
            self.ask_hubs(now)?;
        }
        if report.changes_outputs() {
            self.publisher.changed();
        } else {
            self.publisher.polled();
        }
        (self.on_event)(Event::Updated(&report));
        self.note_first_pass(&report);
        self.count_sources();
        self.forgive(now);
        Ok(())
    }

    /// When a source is due after a poll or a push.
    pub(super) fn due(&self, source: &Source, state: &PollState, now: Timestamp) -> Timestamp {
        // A source that was changed while it was away is polled again.
        let is_current =
            self.config.source_hash(source) == state.config_hash || state.failure.is_some();
        if is_current && !self.is_let_down(&source.id, state, now) { state.due_at } else { now }
    }

    /// The same for one that was to be planned while it was away.
    pub(super) fn due_again(
        &self,
        source: &Source,
        state: &PollState,
        now: Timestamp,
    ) -> Timestamp {
        let pushed = self.hubs.relaxed(&source.id, now);
        let due = schedule::planned_again(source, state, self.config.polling.bounds(), pushed);
        let due_at = due.map_or(state.due_at, |due| due.due_at);
        self.due(source, &PollState { due_at, ..state.clone() }, now)
    }

    /// Once the network is up again, those who failed with it are asked without delay.
    fn forgive(&mut self, now: Timestamp) {
        let wronged = self.crew.take_wronged();
        if wronged.is_empty() {
            return;
        }
        tracing::info!(sources = wronged.len(), "the network is up again");
        for id in wronged.iter().filter(|id| self.states.contains_key(id)) {
            self.table.put(id, instant(now, now));
        }
    }

    fn count_sources(&self) {
        let failing = self.states.values().filter(|state| state.failures > 0).count();
        self.metrics.sources.set(i64::try_from(self.states.len()).unwrap_or(i64::MAX));
        self.metrics.sources_failing.set(i64::try_from(failing).unwrap_or(i64::MAX));
    }

    fn note_first_pass(&mut self, report: &Report) {
        if let Some(pass) = &mut self.first_pass
            && pass.waiting.remove(&report.source.id)
        {
            pass.totals.add(report);
            self.end_first_pass();
        }
    }

    fn end_first_pass(&mut self) {
        if let Some(pass) = self.first_pass.take_if(|pass| pass.waiting.is_empty()) {
            (self.on_event)(Event::FirstPass(pass.totals));
        }
    }

    /// Reads the configuration again; a bad one changes nothing and is told.
    pub(super) fn reload(&mut self) -> Result<(), RunError> {
        let fresh = match (self.reread)() {
            Ok(fresh) => fresh,
            Err(error) => {
                // Who reads the log line finds it on the status page.
                self.publisher.config_refused(Some(error.to_string()));
                tracing::error!(%error, "the configuration is refused; the old one stays in force");
                return Ok(());
            }
        };
        if let Err(error) = self.crew.retool(&fresh) {
            self.publisher.config_refused(Some(error.to_string()));
            tracing::error!(%error, "the configuration cannot be used; the old one stays in force");
            return Ok(());
        }
        let waiting = self.at_start.waiting(&self.config, &fresh);
        if !waiting.is_empty() {
            let settings = waiting.join(", ");
            tracing::warn!(settings, "changed, and in force from the next start on");
        }
        let before = std::mem::replace(&mut self.config, fresh);
        let now = Timestamp::now();
        self.hubs.set(&self.config, now)?;
        for source in self.config.sources.clone() {
            let was = before.source(&source.id);
            if was.is_some_and(|was| was.location != source.location) {
                // What the old address was subscribed to is another feed.
                self.hubs.leave(&source.id, now)?;
            }
            let is_same = was.is_some_and(|was| {
                before.source_hash(was) == self.config.source_hash(&source)
                    && was.every == source.every
                    && before.polling.bounds() == self.config.polling.bounds()
            });
            if !is_same {
                self.plan(&source, now)?;
            }
        }
        self.drop_removed();
        self.tighten(now);
        self.edition.store(Arc::new(translate::edition(&self.config, Some(&self.listen))));
        tell::idle_rules(&self.store, &self.edition.load_full());
        self.publisher.config_refused(None);
        self.publisher.changed();
        self.index.compare();
        self.count_sources();
        tracing::info!(sources = self.config.sources.len(), "the configuration was read again");
        Ok(())
    }

    fn drop_removed(&mut self) {
        let removed: Vec<SourceId> =
            self.states.keys().filter(|id| self.config.source(id).is_none()).cloned().collect();
        for id in removed {
            self.table.remove(&id);
            self.states.remove(&id);
            if let Some(pass) = &mut self.first_pass {
                pass.waiting.remove(&id);
            }
        }
        self.end_first_pass();
    }
}

/// When a source is due by what the store says, as far as the clock makes it believable.
fn believable(state: &PollState, now: Timestamp) -> Timestamp {
    let later = |wait: SignedDuration| now.checked_add(wait).unwrap_or(now);
    let wait = state.due_at.duration_since(now);
    match state.polled_at {
        Some(polled) if polled > now => {
            let planned = state.due_at.duration_since(polled);
            later(planned.clamp(SignedDuration::ZERO, AFTER_CLOCK_CHANGE))
        }
        _ if wait > LONGEST_WAIT => now,
        _ => state.due_at,
    }
}

/// A moment of the wall clock on the monotonic one.
pub(super) fn instant(at: Timestamp, now: Timestamp) -> Instant {
    let wait = Duration::try_from(at.duration_since(now)).unwrap_or(Duration::ZERO);
    Instant::now() + wait
}

fn outcome(report: &Report) -> PollOutcome {
    match (&report.state.failure, report.entries_count) {
        (Some(_), _) => PollOutcome::Failed,
        (None, None) => PollOutcome::NotModified,
        (None, Some(_)) if report.changes_outputs() => PollOutcome::Changed,
        (None, Some(_)) => PollOutcome::Unchanged,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_wrong_silences_nobody() {
        let at = |hour: i64| Timestamp::from_second(1_795_000_000 + hour * 3600).unwrap();
        let check = |due: i64, polled: Option<i64>, expected: i64| {
            let state = PollState {
                due_at: at(due),
                polled_at: polled.map(at),
                ..PollState::new([0; 16], at(0))
            };
            assert_eq!(believable(&state, at(0)), at(expected), "{due} {polled:?}");
        };
        check(1, Some(-1), 1);
        check(-1, Some(-2), -1);
        check(24 * 365, Some(-1), 0);
        check(24 * 365 + 2, Some(24 * 365), 2);
        check(24 * 365, Some(24), 24);
        check(5, None, 5);
    }
}
