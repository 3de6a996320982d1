//! Reports of the event loop → the health of the daemon for `/healthz` and `/readyz`.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use jiff::Timestamp;

/// Whether the program works: the event loop reports it, supervisors request it.
#[derive(Debug)]
pub struct DaemonHealth {
    ready: AtomicBool,
    store_lost: AtomicBool,
    heartbeat_at_seconds: AtomicI64,
}

/// The scheduler counts as stalled after this time without a heartbeat: several of its longest sleeps, which are one
/// minute.
const STALLED_AFTER_SECONDS: u64 = 300;

impl DaemonHealth {
    /// Not ready, with a first heartbeat at `now`.
    pub fn new(now: Timestamp) -> Self {
        Self {
            ready: AtomicBool::new(false),
            store_lost: AtomicBool::new(false),
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

    /// Whether new data will be lost because the store's folder was deleted or replaced: then an operator has to
    /// act, even if the outputs can still be served.
    pub fn set_store_lost(&self, is_lost: bool) {
        self.store_lost.store(is_lost, Ordering::Relaxed);
    }

    /// The scheduler is alive at `now`.
    pub fn record_heartbeat(&self, now: Timestamp) {
        self.heartbeat_at_seconds.store(now.as_second(), Ordering::Relaxed);
    }

    /// Whether the outputs can be served and new data is not lost.
    pub fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Relaxed) && !self.store_lost.load(Ordering::Relaxed)
    }

    /// Whether the scheduler sent a heartbeat recently.
    pub fn is_alive(&self, now: Timestamp) -> bool {
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
        assert!(health.is_alive(at(300)) && !health.is_alive(at(301)) && !health.is_ready());
        health.record_heartbeat(at(400));
        assert!(health.is_alive(at(301)), "a clock that went back does not count as a stall");
        health.set_ready();
        assert!(health.is_ready());
        health.set_store_lost(true);
        assert!(!health.is_ready());
        health.set_store_lost(false);
        assert!(health.is_ready());
    }
}
