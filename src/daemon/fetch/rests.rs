//! "Too many requests", "busy" → how long a whole host is left alone.
//!
//! A limit is a host's, not an address's: what one source was told holds for all sources of that host,
//! also for those whose requests were waiting for their turn meanwhile.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// The longest wait that is obeyed, as for a single source: no absurd value silences a host.
const LONGEST_SECONDS: u64 = 7 * 24 * 3600;
/// 429 without a time: ten minutes, as for a single source.
const UNTOLD_SECONDS: u64 = 600;
/// More hosts than this do not rest at a time; those whose time is over are forgotten then.
const SWEEP_AT: usize = 256;

/// Which hosts rest, and until when.
#[derive(Debug, Default)]
pub(super) struct Rests(Mutex<HashMap<String, Instant>>);

/// What an answer asks of all who ask the host, in seconds; `None`: nothing.
pub(super) fn asked_for(status: u16, retry_after_seconds: Option<u64>) -> Option<u64> {
    match (status, retry_after_seconds) {
        (429, None | Some(0)) => Some(UNTOLD_SECONDS),
        (429 | 503, asked) => asked,
        _ => None,
    }
}

impl Rests {
    /// Leaves a host alone for so long, if it does not rest for longer already.
    pub(super) fn begin(&self, host: &str, seconds: u64) {
        let now = Instant::now();
        let until = now + Duration::from_secs(seconds.min(LONGEST_SECONDS));
        let mut rests = self.lock();
        if rests.len() >= SWEEP_AT {
            rests.retain(|_, until| *until > now);
        }
        let rest = rests.entry(host.to_owned()).or_insert(until);
        *rest = until.max(*rest);
    }

    /// For how long a host is still to be left alone; `None`: it may be asked.
    pub(super) fn left(&self, host: &str) -> Option<Duration> {
        let until = *self.lock().get(host)?;
        let left = until.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }

    /// Nothing panics while the lock is held, so a poisoned lock guards sound values.
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_answer_asks_for() {
        let check = |status, retry_after, expected| {
            assert_eq!(asked_for(status, retry_after), expected, "{status} {retry_after:?}");
        };
        check(429, Some(60), Some(60));
        check(429, Some(0), Some(600));
        check(429, None, Some(600));
        check(503, Some(60), Some(60));
        check(503, None, None);
        check(500, Some(60), None);
        check(200, Some(60), None);
    }

    #[tokio::test(start_paused = true)]
    async fn the_longest_rest_counts_and_ends() {
        let rests = Rests::default();
        let left = |host: &str| rests.left(host).map(|left| left.as_secs());
        rests.begin("a", 60);
        rests.begin("a", 30);
        rests.begin("b", u64::MAX);
        assert_eq!((left("a"), left("b"), left("c")), (Some(60), Some(7 * 24 * 3600), None));
        tokio::time::advance(Duration::from_mins(1)).await;
        assert_eq!(left("a"), None);
        rests.begin("c", 0);
        assert_eq!(left("c"), None);
    }

    #[tokio::test(start_paused = true)]
    async fn hosts_that_rested_are_forgotten() {
        let rests = Rests::default();
        for index in 0..10 * SWEEP_AT {
            rests.begin(&format!("host-{index}"), 1);
            tokio::time::advance(Duration::from_secs(1)).await;
            assert!(rests.lock().len() <= SWEEP_AT, "{index}");
        }
    }
}
