//! The metrics an hour ago and now → what happened in that hour, one line of the log. Polls without news are not
//! logged each, and this line shows that they go on.

use std::time::{Duration, Instant};

use super::Daemon;
use crate::http::MetricTotals;

/// Between two lines.
const SUMMARY_INTERVAL: Duration = Duration::from_hours(1);

/// Where the hour began.
#[derive(Debug)]
pub(super) struct HourlySummary {
    began: Instant,
    before: MetricTotals,
}

impl HourlySummary {
    /// The first hour begins.
    pub(super) fn new(now: Instant) -> Self {
        Self { began: now, before: MetricTotals::default() }
    }

    /// What happened in the hour, at its end; the next one begins.
    fn take_if_due(&mut self, totals: MetricTotals, now: Instant) -> Option<MetricTotals> {
        if now.duration_since(self.began) < SUMMARY_INTERVAL {
            return None;
        }
        let before = std::mem::replace(self, Self { began: now, before: totals }).before;
        Some(totals.since(before))
    }
}

impl Daemon {
    /// Logs what happened in the last hour.
    pub(super) fn log_hour_if_due(&mut self) {
        let due = self.hourly_summary.take_if_due(self.metrics.totals(), Instant::now());
        let Some(hour) = due else { return };
        tracing::info!(
            polls = hour.polls,
            failed = hour.polls_failed,
            pushes = hour.pushes,
            new = hour.entries_new,
            changed = hour.entries_changed,
            fetched_bytes = hour.fetched_bytes,
            requests = hour.requests,
            requests_failed = hour.requests_failed,
            sources = self.states.len(),
            sources_failing = self.states.failing_count(),
            "the last hour"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_hour_is_counted_once() {
        let start = Instant::now();
        let at = |minutes| start + Duration::from_mins(minutes);
        let totals = |polls| MetricTotals { polls, requests: 2 * polls, ..MetricTotals::default() };
        let mut summary = HourlySummary::new(start);
        assert_eq!(summary.take_if_due(totals(7), at(59)), None);
        assert_eq!(summary.take_if_due(totals(9), at(60)), Some(totals(9)));
        assert_eq!(summary.take_if_due(totals(9), at(119)), None);
        assert_eq!(summary.take_if_due(totals(12), at(121)), Some(totals(3)));
        assert_eq!(summary.take_if_due(totals(12), at(181)), Some(totals(0)));
    }
}
