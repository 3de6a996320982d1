//! The queue and the states of the sources → gauges of `/metrics`. A walk over tens of thousands of sources takes
//! milliseconds, so what needs one is counted once a minute, and what changes between two heartbeats at each.

use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::Daemon;
use crate::http::{self, SuccessAge};
use crate::model::{Finding, PollState, Source};
use crate::publish;

/// Between two walks over all sources.
const WALK_INTERVAL: Duration = Duration::from_mins(1);

/// How many sources there are of each kind.
#[derive(Debug, Default, PartialEq, Eq)]
struct SourceCounts {
    /// In the order of `SuccessAge::ALL`.
    by_age: [i64; 5],
    /// In the order of `Finding::ALL`.
    by_finding: [i64; 5],
    last_success: Option<Timestamp>,
}

impl SourceCounts {
    fn add(&mut self, source: &Source, state: &PollState, now: Timestamp) {
        let succeeded_at = state.last_poll.succeeded_at;
        let age = SuccessAge::since(succeeded_at, now);
        let ages = SuccessAge::ALL.into_iter().zip(&mut self.by_age);
        ages.filter(|(it, _)| *it == age).for_each(|(_, count)| *count += 1);
        for finding in publish::reported_findings(source, state) {
            let counts = Finding::ALL.into_iter().zip(&mut self.by_finding);
            counts.filter(|(it, _)| *it == finding).for_each(|(_, count)| *count += 1);
        }
        self.last_success = self.last_success.max(succeeded_at);
    }
}

impl Daemon {
    /// Reports what a heartbeat shows; once a minute also what a walk over the sources shows.
    pub(super) fn report_gauges(&mut self, now: Timestamp) {
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        self.metrics.polls_running.set(number(self.polls.len()));
        self.metrics.polls_due.set(number(self.due_queue.due_count(tokio::time::Instant::now())));
        if self.sources_reported_at.is_none_or(|at| at.elapsed() >= WALK_INTERVAL) {
            self.report_sources(now);
        }
    }

    /// Counts all sources.
    pub(super) fn report_sources(&mut self, now: Timestamp) {
        let mut counts = SourceCounts::default();
        for source in &self.config.sources {
            if let Some(state) = self.states.get(&source.id) {
                counts.add(source, state, now);
            }
        }
        self.metrics.report_sources(counts.by_age, counts.by_finding);
        self.report_success(counts.last_success);
        self.sources_reported_at = Some(Instant::now());
    }

    /// Reports when a poll of any source last succeeded.
    pub(super) fn report_success(&self, at: Option<Timestamp>) {
        self.metrics.last_success_timestamp_seconds.set(http::unix_seconds(at));
    }

    /// Reports why the configuration's files cannot be used, or that they can.
    pub(super) fn report_config_error(&self, error: Option<String>) {
        self.metrics.config_refused.set(i64::from(error.is_some()));
        self.publisher.config_refused(error);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{HijackFinding, Location, SourceId};

    #[test]
    fn sources_are_counted_by_age_and_finding() {
        let at = |hour: i64| Timestamp::from_second(1_795_000_000 + hour * 3600).unwrap();
        let location = || Location::Web("https://a.example/".parse().unwrap());
        let mut source = Source::bare(SourceId::new("a").unwrap(), location());
        let state = |success: Option<i64>| {
            let mut state = PollState::new([0; 16], at(0));
            state.last_poll.succeeded_at = success.map(at);
            state
        };
        let mut hijacked = state(Some(-30));
        hijacked.health.writing.hijacked = Some(HijackFinding {
            since: at(-40),
            arabic_before: 90,
            arabic_now: 3,
            words: Vec::new(),
        });
        let mut counts = SourceCounts::default();
        for state in [&state(None), &state(Some(0)), &state(Some(-5)), &hijacked] {
            counts.add(&source, state, at(0));
        }
        assert_eq!(counts.by_age, [1, 1, 1, 0, 1]);
        assert_eq!(counts.by_finding, [0, 0, 0, 1, 0]);
        assert_eq!(counts.last_success, Some(at(0)));
        source.ignore = vec![Finding::Hijacked];
        counts.add(&source, &hijacked, at(0));
        assert_eq!(counts.by_finding, [0, 0, 0, 1, 0], "an ignored finding is not reported");
    }
}
