//! The `Date` headers of responses → how far this machine's clock is ahead of each host's clock.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use crate::model::{Freshness, Location, Source};

/// A `Date` header that is older than this is ignored.
const MAX_AGE: Duration = Duration::from_hours(24);

/// The clock of every host that responded lately: its time, and the monotonic instant at which it was
/// read, so that a jump of our clock does not matter.
#[derive(Debug, Default)]
pub(super) struct HostClocks(Mutex<BTreeMap<String, (Timestamp, Instant)>>);

impl HostClocks {
    /// Records a response of a source's host to a request made at `now`.
    pub(super) fn record(&self, source: &Source, now: Timestamp, freshness: Freshness) {
        let Location::Web(url) = &source.location else { return };
        let ahead = freshness.clock_ahead_seconds.map(SignedDuration::from_secs);
        let host_time = ahead.and_then(|ahead| now.checked_add(ahead).ok());
        if let (Some(host_time), Some(host)) = (host_time, url.host_str()) {
            self.lock_clocks().insert(host.to_owned(), (host_time, Instant::now()));
        }
    }

    /// How far `now` is ahead of each host's clock, in seconds.
    pub(super) fn ahead_of_hosts(&self, now: Timestamp) -> Vec<i64> {
        let mut clocks = self.lock_clocks();
        clocks.retain(|_, (_, at)| at.elapsed() < MAX_AGE);
        let ahead = clocks.values().map(|(host_time, at)| {
            let since = i64::try_from(at.elapsed().as_secs()).unwrap_or(i64::MAX);
            now.as_second().saturating_sub(host_time.as_second()).saturating_sub(since)
        });
        ahead.collect()
    }

    fn lock_clocks(&self) -> MutexGuard<'_, BTreeMap<String, (Timestamp, Instant)>> {
        // Nothing in here can panic halfway.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
