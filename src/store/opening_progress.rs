//! The steps of a recovery → how much of it is done, for those who wait until the store is open.
//!
//! One thread opens the store, others look. A store that is intact has no steps worth showing.
//!
//! | step | its part of the whole, with a base | without one |
//! | --- | --- | --- |
//! | the base is verified | 0 to 10 percent | |
//! | it is restored | 10 to 80 percent | |
//! | the log is applied | 80 to 100 percent | 0 to 100 percent |
//!
//! | step, where neither base nor log suffice | its part of the whole |
//! | --- | --- |
//! | what can be read is copied | 0 to 90 percent |
//! | the log is applied | 90 to 100 percent |
//!
//! The parts are estimates: restoring compresses every record again, which takes several times as long as
//! reading it, and the log holds what came after the base, a day at most.

use std::sync::atomic::{AtomicU8, Ordering};

/// What stands for a recovery that has not begun: no percentage is as high.
const NOT_BEGUN: u8 = u8::MAX;

/// How much of a recovery is done.
#[derive(Debug)]
pub struct OpeningProgress {
    percent: AtomicU8,
}

/// A step of a recovery, and which part of the whole it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RecoveryStep {
    /// A base is verified.
    VerifyBase,
    /// A base is restored.
    RestoreBase,
    /// What came after the base is applied.
    ReplayAfterBase,
    /// What can be read of a damaged database is copied.
    Salvage,
    /// What came after that is applied.
    ReplayAfterSalvage,
    /// The log is applied to the database that is there, or to an empty one.
    ReplayOnly,
}

impl RecoveryStep {
    /// Where it begins and ends, in percent of the whole.
    fn bounds(self) -> (u8, u8) {
        match self {
            Self::VerifyBase => (0, 10),
            Self::RestoreBase => (10, 80),
            Self::ReplayAfterBase => (80, 100),
            Self::Salvage => (0, 90),
            Self::ReplayAfterSalvage => (90, 100),
            Self::ReplayOnly => (0, 100),
        }
    }
}

impl Default for OpeningProgress {
    fn default() -> Self {
        Self { percent: AtomicU8::new(NOT_BEGUN) }
    }
}

impl OpeningProgress {
    /// How much of the recovery is done, from 0 to 100; `None`: there is no recovery so far.
    pub fn percent(&self) -> Option<u8> {
        Some(self.percent.load(Ordering::Relaxed)).filter(|percent| *percent != NOT_BEGUN)
    }

    /// A new database is built: whatever was done before does not count.
    pub(super) fn start_rebuilding(&self) {
        self.percent.store(0, Ordering::Relaxed);
    }

    /// `done` of `total` equal parts of a step are done.
    pub(super) fn record(&self, step: RecoveryStep, done: u64, total: u64) {
        let (from, to) = step.bounds();
        let of_step =
            u128::from(to - from) * u128::from(done.min(total)) / u128::from(total.max(1));
        let percent = u8::try_from(of_step).map_or(to, |of_step| from + of_step);
        self.percent.store(percent, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_follow_each_other_up_to_the_whole() {
        let progress = OpeningProgress::default();
        assert_eq!(progress.percent(), None);
        progress.start_rebuilding();
        assert_eq!(progress.percent(), Some(0));
        let check = |step, done, total, expected| {
            progress.record(step, done, total);
            assert_eq!(progress.percent(), Some(expected), "{step:?}: {done} of {total}");
        };
        check(RecoveryStep::VerifyBase, 50, 100, 5);
        check(RecoveryStep::VerifyBase, 100, 100, 10);
        check(RecoveryStep::RestoreBase, 0, 100, 10);
        check(RecoveryStep::RestoreBase, 1 << 40, 1 << 41, 45);
        check(RecoveryStep::RestoreBase, 7, 7, 80);
        check(RecoveryStep::ReplayAfterBase, 0, 0, 80);
        check(RecoveryStep::ReplayAfterBase, 3, 2, 100);
        check(RecoveryStep::Salvage, 1, 3, 30);
        check(RecoveryStep::ReplayAfterSalvage, 1, 2, 95);
        check(RecoveryStep::ReplayOnly, u64::MAX, u64::MAX, 100);
        check(RecoveryStep::ReplayOnly, 1, 3, 33);
    }
}
