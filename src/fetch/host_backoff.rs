//! "Too many requests", "busy" → how long a whole host gets no request.
//!
//! A rate limit belongs to a host, not to an address: the response to one source holds for all sources of
//! that host, including those whose requests are waiting in the queue. But one broken address does not
//! silence a whole host for days:
//!
//! | who requests a pause | what is paused, and for how long |
//! | --- | --- |
//! | one address | that address as long as requested; the host as long, an hour at most |
//! | `ADDRESSES_FOR_WHOLE_HOST` addresses of the host | the host, as long as all of them requested |

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use url::Url;

use super::fetch_error::host_of_url;

/// The longest wait that is respected, as for a single source: no absurd value silences a host.
const MAX_BACKOFF_SECONDS: u64 = 7 * 24 * 3600;
/// One or two addresses pause their host at most this long: rate limiters count by the minute or the hour,
/// and "in five days" comes from one broken feed of many, as on hosts that make feeds for others.
const MAX_SINGLE_ADDRESS_BACKOFF_SECONDS: u64 = 3600;
/// When this many addresses of a host request a pause, the whole host is paused.
const ADDRESSES_FOR_WHOLE_HOST: usize = 3;
/// 429 without a time: ten minutes, as for a single source.
const DEFAULT_BACKOFF_SECONDS: u64 = 600;
/// At this many hosts, those whose pause is over are forgotten.
const SWEEP_AT: usize = 256;
/// Addresses of one host whose pauses are remembered; the shortest pauses are forgotten first.
const ADDRESSES_PER_HOST: usize = 64;

/// Which hosts are paused, and until when.
#[derive(Debug, Default)]
pub(super) struct HostBackoff(Mutex<HashMap<String, BackoffState>>);

/// The pause of one host.
#[derive(Debug)]
struct BackoffState {
    /// Until then no request goes to any address of the host.
    until: Instant,
    /// Until when each of its addresses requested a pause.
    by_address: HashMap<String, Instant>,
}

/// The pause that a response requests, in seconds; `None`: none.
pub(super) fn requested_backoff_seconds(
    status: u16,
    retry_after_seconds: Option<u64>,
) -> Option<u64> {
    match (status, retry_after_seconds) {
        (429, None | Some(0)) => Some(DEFAULT_BACKOFF_SECONDS),
        (429 | 503, requested) => requested,
        _ => None,
    }
}

impl HostBackoff {
    /// Pauses an address for `seconds`, and its host as the table above says. No earlier pause becomes
    /// shorter.
    pub(super) fn set(&self, url: &Url, seconds: u64) {
        let now = Instant::now();
        let mut hosts = self.lock();
        if hosts.len() >= SWEEP_AT {
            hosts.retain(|_, state| !state.is_over(now));
        }
        let state = hosts.entry(host_of_url(url));
        let state =
            state.or_insert_with(|| BackoffState { until: now, by_address: HashMap::new() });
        state.extend(address_without_fragment(url), now, seconds);
    }

    /// How long an address is still paused; `None`: a request may go out.
    pub(super) fn remaining(&self, url: &Url) -> Option<Duration> {
        let hosts = self.lock();
        let state = hosts.get(&host_of_url(url))?;
        let own = state.by_address.get(address_without_fragment(url));
        let until = own.map_or(state.until, |own| state.until.max(*own));
        let left = until.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }

    /// Nothing panics while the lock is held, so a poisoned lock guards sound values.
    fn lock(&self) -> MutexGuard<'_, HashMap<String, BackoffState>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl BackoffState {
    fn extend(&mut self, address: &str, now: Instant, seconds: u64) {
        let until = now + Duration::from_secs(seconds.min(MAX_BACKOFF_SECONDS));
        let own = self.by_address.entry(address.to_owned()).or_insert(until);
        *own = until.max(*own);
        let for_one = until.min(now + Duration::from_secs(MAX_SINGLE_ADDRESS_BACKOFF_SECONDS));
        self.until = self.until.max(for_one);
        self.by_address.retain(|_, until| *until > now);
        let mut longest: Vec<Instant> = self.by_address.values().copied().collect();
        longest.sort_unstable_by(|one, other| other.cmp(one));
        if let Some(agreed) = longest.get(ADDRESSES_FOR_WHOLE_HOST - 1) {
            self.until = self.until.max(*agreed);
        }
        if let Some(shortest) = longest.get(ADDRESSES_PER_HOST) {
            self.by_address.retain(|_, until| *until > *shortest);
        }
    }

    fn is_over(&self, now: Instant) -> bool {
        self.until <= now && self.by_address.values().all(|until| *until <= now)
    }
}

/// What distinguishes an address of a host: all but its fragment, which no server sees.
fn address_without_fragment(url: &Url) -> &str {
    let text = url.as_str();
    text.split_once('#').map_or(text, |(address, _)| address)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 3600;
    const DAY: u64 = 24 * HOUR;

    fn url(text: &str) -> Url {
        Url::parse(&format!("http://{text}")).unwrap()
    }

    #[test]
    fn the_pause_that_a_response_requests() {
        let check = |status, retry_after, expected| {
            assert_eq!(
                requested_backoff_seconds(status, retry_after),
                expected,
                "{status} {retry_after:?}"
            );
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
    async fn the_longest_pause_counts_and_ends() {
        let backoff = HostBackoff::default();
        let left = |at: &str| backoff.remaining(&url(at)).map(|left| left.as_secs());
        backoff.set(&url("a/1"), 60);
        backoff.set(&url("a/1"), 30);
        backoff.set(&url("b/1"), u64::MAX);
        assert_eq!((left("a/1"), left("a/2"), left("c/1")), (Some(60), Some(60), None));
        assert_eq!((left("b/1"), left("b/1#top")), (Some(7 * DAY), Some(7 * DAY)));
        tokio::time::advance(Duration::from_mins(1)).await;
        assert_eq!((left("a/1"), left("a/2")), (None, None));
        backoff.set(&url("c/1"), 0);
        assert_eq!(left("c/1"), None);
    }

    #[tokio::test(start_paused = true)]
    async fn one_address_does_not_silence_its_host_for_days() {
        let check = async |requests: &[(&str, u64)], expected: Option<u64>| {
            let backoff = HostBackoff::default();
            for (at, seconds) in requests {
                backoff.set(&url(&format!("a.example/{at}")), *seconds);
            }
            let left = |at: &str| {
                backoff.remaining(&url(&format!("a.example/{at}"))).map(|left| left.as_secs())
            };
            assert_eq!(left("other"), expected, "{requests:?}");
            for (at, seconds) in requests {
                let own = (*seconds).min(7 * DAY);
                assert!(left(at).unwrap() >= own, "{requests:?}: {at} is respected completely");
            }
            tokio::time::advance(Duration::from_secs(HOUR)).await;
            let after = expected.filter(|seconds| *seconds > HOUR).map(|seconds| seconds - HOUR);
            assert_eq!(left("other"), after, "{requests:?}, an hour later");
        };
        check(&[("1", 120)], Some(120)).await;
        check(&[("1", HOUR)], Some(HOUR)).await;
        check(&[("1", 5 * DAY)], Some(HOUR)).await;
        check(&[("1", u64::MAX)], Some(HOUR)).await;
        check(&[("1", 5 * DAY), ("1", 5 * DAY), ("1", 5 * DAY)], Some(HOUR)).await;
        check(&[("1", 5 * DAY), ("2", 5 * DAY)], Some(HOUR)).await;
        check(&[("1", 5 * DAY), ("2", 5 * DAY), ("3", 60)], Some(HOUR)).await;
        check(&[("1", 5 * DAY), ("2", 2 * DAY), ("3", 3 * DAY)], Some(2 * DAY)).await;
        check(&[("1", 5 * DAY), ("2", 2 * HOUR), ("3", 3 * DAY)], Some(2 * HOUR)).await;
        check(&[("?a=1", DAY), ("?a=2", DAY), ("?a=3", DAY), ("4", 9)], Some(DAY)).await;
    }

    #[tokio::test(start_paused = true)]
    async fn addresses_whose_pause_is_over_do_not_count() {
        let backoff = HostBackoff::default();
        backoff.set(&url("a/1"), 2 * HOUR);
        backoff.set(&url("a/2"), 2 * HOUR);
        tokio::time::advance(Duration::from_secs(2 * HOUR)).await;
        backoff.set(&url("a/3"), DAY);
        assert_eq!(backoff.remaining(&url("a/4")), Some(Duration::from_secs(HOUR)));
    }

    #[tokio::test(start_paused = true)]
    async fn hosts_and_addresses_whose_pause_is_over_are_forgotten() {
        let backoff = HostBackoff::default();
        for index in 0..10 * SWEEP_AT {
            backoff.set(&url(&format!("host-{index}/")), 1);
            tokio::time::advance(Duration::from_secs(1)).await;
            assert!(backoff.lock().len() <= SWEEP_AT, "{index}");
        }
        for index in 0..10 * ADDRESSES_PER_HOST {
            backoff.set(&url(&format!("a/{index}")), DAY + index as u64);
            assert!(backoff.lock()["a"].by_address.len() <= ADDRESSES_PER_HOST + 1, "{index}");
        }
    }
}
