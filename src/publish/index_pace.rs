//! What happened when → what the index thread does next, and how long it may wait for it.

use std::time::{Duration, Instant};

/// News is gathered for this long, so that a reading of several sources is one commit.
const GATHER_TIME: Duration = Duration::from_secs(1);
/// Between two commits for news. A new entry is found after five seconds at the latest, and at one entry a second
/// four share the cost of a commit.
const COMMIT_INTERVAL: Duration = Duration::from_secs(4);
/// How often a part of the sources is checked; all of them in an hour.
const CHECK_INTERVAL: Duration = Duration::from_mins(1);
/// The writer is closed when nothing was written for this long.
const WRITER_IDLE_TIME: Duration = Duration::from_mins(2);

/// The times that decide what is due.
#[derive(Debug, Clone, Copy)]
pub(super) struct IndexPace {
    /// When the first news came that is not indexed; `None`: all is.
    news_since: Option<Instant>,
    committed_at: Option<Instant>,
    checked_at: Instant,
    /// When something was last written; `None`: the writer is closed.
    written_at: Option<Instant>,
}

impl IndexPace {
    /// Nothing is known to be new.
    pub(super) fn new(now: Instant) -> Self {
        Self { news_since: None, committed_at: None, checked_at: now, written_at: Some(now) }
    }

    /// Something arrived in the store.
    pub(super) fn record_news(&mut self, now: Instant) {
        self.news_since.get_or_insert(now);
    }

    /// What was new is committed, but for what is left.
    pub(super) fn record_commit(&mut self, now: Instant, is_more_left: bool) {
        self.written_at = Some(now);
        // What is left is indexed at once.
        self.committed_at = (!is_more_left).then_some(now);
        self.news_since = is_more_left.then(|| now.checked_sub(GATHER_TIME).unwrap_or(now));
    }

    /// A step changed the index.
    pub(super) fn record_write(&mut self, now: Instant) {
        self.written_at = Some(now);
    }

    /// Whether news is to be indexed.
    pub(super) fn is_news_due(&self, now: Instant) -> bool {
        self.news_due_at().is_some_and(|due_at| due_at <= now)
    }

    /// Whether the next sources are to be checked; counts as done.
    pub(super) fn take_check(&mut self, now: Instant) -> bool {
        let is_due = self.checked_at + CHECK_INTERVAL <= now;
        if is_due {
            self.checked_at = now;
        }
        is_due
    }

    /// Whether the writer is to be closed; counts as done.
    pub(super) fn take_idle(&mut self, now: Instant) -> bool {
        let is_due = self.written_at.is_some_and(|at| at + WRITER_IDLE_TIME <= now);
        if is_due {
            self.written_at = None;
        }
        is_due
    }

    /// How long nothing is due.
    pub(super) fn wait(&self, now: Instant) -> Duration {
        let idle_at = self.written_at.map(|at| at + WRITER_IDLE_TIME);
        let due = [self.news_due_at(), Some(self.checked_at + CHECK_INTERVAL), idle_at];
        let next = due.into_iter().flatten().min();
        next.map_or(CHECK_INTERVAL, |next| next.saturating_duration_since(now))
    }

    fn news_due_at(&self) -> Option<Instant> {
        let gathered = self.news_since? + GATHER_TIME;
        Some(self.committed_at.map_or(gathered, |at| gathered.max(at + COMMIT_INTERVAL)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(number: f64) -> Duration {
        Duration::from_secs_f64(number)
    }

    #[test]
    fn news_is_committed_after_a_second_and_then_every_four_seconds() {
        let start = Instant::now();
        let mut pace = IndexPace::new(start);
        assert!(!pace.is_news_due(start + seconds(50.0)), "there is no news");
        let mut commits = Vec::new();
        // News every quarter of a second, for eleven seconds.
        for quarter in 0..44 {
            let now = start + seconds(f64::from(quarter) / 4.0);
            pace.record_news(now);
            if pace.is_news_due(now) {
                commits.push(quarter);
                pace.record_commit(now, false);
            }
        }
        assert_eq!(commits, [4, 20, 36], "after 1, 5 and 9 seconds");
        let last = start + seconds(10.75);
        assert_eq!(pace.wait(last), seconds(2.25), "the last ones are not forgotten");
    }

    #[test]
    fn a_long_reading_is_indexed_without_pauses() {
        let start = Instant::now();
        let mut pace = IndexPace::new(start);
        pace.record_commit(start, true);
        assert!(pace.is_news_due(start));
        pace.record_commit(start, false);
        assert!(!pace.is_news_due(start + seconds(30.0)));
    }

    #[test]
    fn checks_are_due_once_a_minute_and_the_writer_rests_after_two() {
        let start = Instant::now();
        let mut pace = IndexPace::new(start);
        assert_eq!(pace.wait(start), seconds(60.0));
        assert!(!pace.take_check(start + seconds(59.0)));
        assert!(pace.take_check(start + seconds(60.0)));
        assert!(!pace.take_check(start + seconds(60.0)), "once");
        assert!(!pace.take_idle(start + seconds(119.0)));
        assert!(pace.take_idle(start + seconds(120.0)));
        assert!(!pace.take_idle(start + seconds(500.0)), "until something is written again");
        pace.record_write(start + seconds(500.0));
        assert!(pace.take_idle(start + seconds(620.0)));
    }
}
