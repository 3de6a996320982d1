//! The `Date` headers of answers → how far this machine's clock is ahead of each host's.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use crate::model::{Freshness, Location, Source};

/// What a host said longer ago counts no more.
const MAX_AGE: Duration = Duration::from_hours(24);

/// The clock of every host that answered lately: what it said, and when that was by the monotonic clock,
/// so that it goes on when ours jumps.
#[derive(Debug, Default)]
pub(super) struct HostClocks(Mutex<BTreeMap<String, (Timestamp, Instant)>>);

impl HostClocks {
    /// Takes note of an answer of a source's host, which was requested at `now`.
    pub(super) fn record(&self, source: &Source, now: Timestamp, freshness: Freshness) {
        let Location::Web(url) = &source.location else { return };
        let ahead = freshness.clock_ahead_seconds.map(SignedDuration::from_secs);
        let said = ahead.and_then(|ahead| now.checked_add(ahead).ok());
        if let (Some(said), Some(host)) = (said, url.host_str()) {
            self.lock_clocks().insert(host.to_owned(), (said, Instant::now()));
        }
    }

    /// How far `now` is ahead of each host's clock, in seconds.
    pub(super) fn ahead_of_hosts(&self, now: Timestamp) -> Vec<i64> {
        let mut clocks = self.lock_clocks();
        clocks.retain(|_, (_, at)| at.elapsed() < MAX_AGE);
        let ahead = clocks.values().map(|(said, at)| {
            let since = i64::try_from(at.elapsed().as_secs()).unwrap_or(i64::MAX);
            now.as_second().saturating_sub(said.as_second()).saturating_sub(since)
        });
        ahead.collect()
    }

    fn lock_clocks(&self) -> MutexGuard<'_, BTreeMap<String, (Timestamp, Instant)>> {
        // Nothing in here can panic half-way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
