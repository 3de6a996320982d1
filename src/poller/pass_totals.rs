//! The updates of one pass → their sums, for the log and for people.

use crate::ingest::UpdateReport;

/// Sums over the updates of one pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PassTotals {
    /// Sources that were polled.
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
