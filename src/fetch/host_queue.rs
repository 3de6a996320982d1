//! Requests → permits: a few at a time to one host, first come, first served, with a small gap between
//! the starts.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// The map is swept when it has grown to this many hosts, and then at twice the number that remained: a
/// sweep is rare, and hosts without requests are not kept.
const SWEEP_AT: usize = 256;

/// The queues of all hosts.
#[derive(Debug)]
pub(super) struct HostQueues {
    at_once: usize,
    gap: Duration,
    queues: Mutex<QueueTable>,
}

#[derive(Debug)]
struct QueueTable {
    by_host: HashMap<String, HostQueue>,
    sweep_at: usize,
}

#[derive(Debug)]
struct HostQueue {
    permits: Arc<Semaphore>,
    /// Requests that hold a permit or wait for one.
    count: usize,
    /// When the next request may start.
    next_at: Instant,
}

/// Permission for one request to a host; it ends when dropped.
#[derive(Debug)]
pub(super) struct HostPermit {
    /// `None` only if the semaphore were closed, which never happens.
    _permit: Option<OwnedSemaphorePermit>,
    _slot: QueueSlot,
}

/// A place in the queue of one host; dropping it leaves the queue, also while waiting.
#[derive(Debug)]
struct QueueSlot {
    queues: Arc<HostQueues>,
    host: String,
}

impl HostQueues {
    /// At most `at_once` requests (at least one) at a time to one host, their starts `gap` apart.
    pub(super) fn new(at_once: usize, gap: Duration) -> Arc<Self> {
        let queues = QueueTable { by_host: HashMap::new(), sweep_at: SWEEP_AT };
        Arc::new(Self { at_once: at_once.max(1), gap, queues: Mutex::new(queues) })
    }

    /// Waits for a permit for `host`. Dropping the future leaves the queue.
    pub(super) async fn acquire(self: &Arc<Self>, host: &str) -> HostPermit {
        let (slot, permits) = self.enqueue(host);
        // The semaphore serves in the order of requests.
        let permit = permits.acquire_owned().await.ok();
        let start_at = self.reserve_start(host);
        if start_at > Instant::now() {
            tokio::time::sleep_until(start_at).await;
        }
        HostPermit { _permit: permit, _slot: slot }
    }

    fn enqueue(self: &Arc<Self>, host: &str) -> (QueueSlot, Arc<Semaphore>) {
        let mut queues = self.lock();
        if !queues.by_host.contains_key(host) {
            queues.sweep();
        }
        let queue = queues.by_host.entry(host.to_owned()).or_insert_with(|| HostQueue {
            permits: Arc::new(Semaphore::new(self.at_once)),
            count: 0,
            next_at: Instant::now(),
        });
        queue.count += 1;
        let permits = Arc::clone(&queue.permits);
        (QueueSlot { queues: Arc::clone(self), host: host.to_owned() }, permits)
    }

    /// When the request may start; the next one starts a gap later.
    fn reserve_start(&self, host: &str) -> Instant {
        let now = Instant::now();
        let mut queues = self.lock();
        let Some(queue) = queues.by_host.get_mut(host) else { return now };
        let start_at = queue.next_at.max(now);
        queue.next_at = start_at + self.gap;
        start_at
    }

    /// Nothing panics while the lock is held, so a poisoned lock guards sound values.
    fn lock(&self) -> MutexGuard<'_, QueueTable> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl QueueTable {
    /// Forgets hosts without requests whose gap is over, if a sweep is due.
    fn sweep(&mut self) {
        if self.by_host.len() < self.sweep_at {
            return;
        }
        let now = Instant::now();
        self.by_host.retain(|_, queue| queue.count > 0 || queue.next_at > now);
        self.sweep_at = SWEEP_AT.max(self.by_host.len() * 2);
    }
}

impl Drop for QueueSlot {
    fn drop(&mut self) {
        if let Some(queue) = self.queues.lock().by_host.get_mut(&self.host) {
            queue.count -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    const GAP: Duration = Duration::from_millis(250);

    #[tokio::test(start_paused = true)]
    async fn two_at_a_time_in_the_order_of_requests() {
        let queues = HostQueues::new(2, Duration::ZERO);
        let first = queues.acquire("a").await;
        let second = queues.acquire("a").await;
        let mut third = Box::pin(queues.acquire("a"));
        let mut fourth = Box::pin(queues.acquire("a"));
        assert!((&mut third).now_or_never().is_none(), "two are running");
        assert!((&mut fourth).now_or_never().is_none());
        drop(second);
        assert!((&mut fourth).now_or_never().is_none(), "the third came before");
        let third = (&mut third).now_or_never().unwrap();
        drop(first);
        assert!((&mut fourth).now_or_never().is_some());
        drop(third);
    }

    #[tokio::test(start_paused = true)]
    async fn hosts_do_not_wait_for_each_other() {
        let queues = HostQueues::new(1, GAP);
        let _a = queues.acquire("a").await;
        assert!(queues.acquire("b").now_or_never().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn starts_are_a_gap_apart() {
        let queues = HostQueues::new(2, GAP);
        let begun = Instant::now();
        for expected in [Duration::ZERO, GAP, GAP * 2] {
            drop(queues.acquire("a").await);
            assert_eq!(begun.elapsed(), expected);
        }
        tokio::time::advance(GAP * 5).await;
        let begun = Instant::now();
        drop(queues.acquire("a").await);
        assert_eq!(
            begun.elapsed(),
            Duration::ZERO,
            "a host without recent requests gets one at once"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_stops_waiting_leaves_the_queue() {
        let queues = HostQueues::new(1, Duration::ZERO);
        let first = queues.acquire("a").await;
        let mut second = Box::pin(queues.acquire("a"));
        let mut third = Box::pin(queues.acquire("a"));
        assert!((&mut second).now_or_never().is_none());
        assert!((&mut third).now_or_never().is_none());
        drop(second);
        drop(first);
        drop((&mut third).now_or_never().unwrap());
        assert_eq!(queues.lock().by_host["a"].count, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn hosts_without_requests_are_forgotten() {
        let queues = HostQueues::new(2, GAP);
        let kept = queues.acquire("kept").await;
        for index in 0..10 * SWEEP_AT {
            drop(queues.acquire(&format!("host-{index}")).await);
            tokio::time::advance(GAP).await;
            assert!(queues.lock().by_host.len() <= SWEEP_AT, "{index}");
        }
        assert!(queues.lock().by_host.contains_key("kept"));
        drop(kept);
    }
}
