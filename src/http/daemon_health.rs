//! Reports of the event loop → the health of the daemon for `/healthz` and `/readyz`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use arc_swap::ArcSwapOption;
use bytes::Bytes;
use jiff::Timestamp;

use crate::model::PauseReason;

/// Whether the program works: the event loop reports it, supervisors request it.
#[derive(Debug)]
pub struct DaemonHealth {
    ready: AtomicBool,
    pause: ArcSwapOption<PauseReason>,
    opening: ArcSwapOption<OpeningNotice>,
    heartbeat_at_seconds: AtomicI64,
}

/// What is answered while the store is being opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpeningNotice {
    /// Why nothing can be served yet, and how far it is: one line with a line break, for supervisors and programs.
    pub reason: String,
    /// The same as a page for people.
    pub page: Bytes,
}

/// The scheduler counts as stalled after this time without a heartbeat: several of its longest sleeps, which are one
/// minute.
const STALLED_AFTER_SECONDS: u64 = 300;

impl DaemonHealth {
    /// Not ready, with a first heartbeat at `now`.
    pub fn new(now: Timestamp) -> Self {
        Self {
            ready: AtomicBool::new(false),
            pause: ArcSwapOption::empty(),
            opening: ArcSwapOption::empty(),
            heartbeat_at_seconds: AtomicI64::new(now.as_second()),
        }
    }

    /// The outputs can be served from now on.
    pub fn set_ready(&self) {
        self.ready.store(true, Ordering::Relaxed);
    }

    /// The outputs can no longer be served: the program is about to end.
    pub fn set_stopping(&self) {
        self.ready.store(false, Ordering::Relaxed);
    }

    /// Why no source is polled, `None`: polls go on. Then an operator has to act, although the outputs are still
    /// served.
    pub fn set_pause(&self, reason: Option<PauseReason>) {
        self.pause.store(reason.map(Arc::new));
    }

    /// The store is being opened: until then there is no scheduler, and what is not in the cache is answered with
    /// this notice.
    pub fn set_opening(&self, notice: OpeningNotice) {
        self.opening.store(Some(Arc::new(notice)));
    }

    /// What is answered while the store is being opened; `None`: it is open.
    pub(super) fn opening(&self) -> Option<Arc<OpeningNotice>> {
        self.opening.load_full()
    }

    /// The scheduler is alive at `now`.
    pub fn record_heartbeat(&self, now: Timestamp) {
        self.heartbeat_at_seconds.store(now.as_second(), Ordering::Relaxed);
    }

    /// Whether the outputs can be served and new entries arrive.
    ///
    /// # Errors
    /// Why not, as a line for supervisors: no path and no number, since anyone may read it.
    pub fn readiness(&self) -> Result<(), &'static str> {
        if !self.ready.load(Ordering::Relaxed) {
            return Err("not ok\n");
        }
        match self.pause.load().as_deref() {
            None => Ok(()),
            Some(PauseReason::DiskFull) => Err("polls pause: the disk is full\n"),
            Some(PauseReason::ReadOnly) => Err("polls pause: the disk is read-only\n"),
            Some(PauseReason::NotPermitted) => Err("polls pause: the store may not be written\n"),
            Some(PauseReason::StoreLost) => Err("polls pause: the store is lost\n"),
        }
    }

    /// Whether the scheduler sent a heartbeat recently. A store that is being opened may take longer, and a
    /// restart would only begin it again.
    pub fn is_alive(&self, now: Timestamp) -> bool {
        if self.opening.load().is_some() {
            return true;
        }
        let last = self.heartbeat_at_seconds.load(Ordering::Relaxed);
        let silent = now.as_second().saturating_sub(last);
        u64::try_from(silent).unwrap_or(0) <= STALLED_AFTER_SECONDS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scheduler_without_a_heartbeat_is_not_alive() {
        let at = |seconds: i64| Timestamp::from_second(seconds).unwrap();
        let health = DaemonHealth::new(at(0));
        assert!(health.is_alive(at(300)) && !health.is_alive(at(301)));
        health.record_heartbeat(at(400));
        assert!(health.is_alive(at(301)), "a clock that went back does not count as a stall");
        let opening = DaemonHealth::new(at(0));
        opening.set_opening(OpeningNotice { reason: "it opens\n".to_owned(), page: Bytes::new() });
        assert!(opening.is_alive(at(3_600)), "a recovery has no limit");
        assert_eq!(health.readiness(), Err("not ok\n"));
        health.set_ready();
        assert_eq!(health.readiness(), Ok(()));
        for reason in PauseReason::ALL {
            health.set_pause(Some(reason));
            assert!(health.readiness().unwrap_err().starts_with("polls pause: the "), "{reason:?}");
        }
        health.set_pause(None);
        assert_eq!(health.readiness(), Ok(()));
    }
}
