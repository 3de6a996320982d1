//! "Too many requests", "busy" → how long a whole host is left alone.
//!
//! A limit is a host's, not an address's: what one source is answered holds for all sources of that
//! host, also for those whose requests were waiting for their turn meanwhile. But one broken address
//! does not silence a whole host for days:
//!
//! | who asks for rest | who rests, and for how long |
//! | --- | --- |
//! | one address | that address as long as it asked; the host as long, an hour at most |
//! | `SEVERAL` addresses of the host | the host, as long as so many of them asked |

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use url::Url;

use super::fetch_error::host_of_url;

/// The longest wait that is obeyed, as for a single source: no absurd value silences a host.
const MAX_BACKOFF_SECONDS: u64 = 7 * 24 * 3600;
/// For one or two addresses a host rests no longer: limiters count by the minute or the hour, and what
/// says "in five days" is one broken feed of many, as on hosts that make feeds for others.
const MAX_SINGLE_ADDRESS_BACKOFF_SECONDS: u64 = 3600;
/// So many addresses of a host that ask for rest speak for the host.
const ADDRESSES_FOR_WHOLE_HOST: usize = 3;
/// 429 without a time: ten minutes, as for a single source.
const DEFAULT_BACKOFF_SECONDS: u64 = 600;
/// More hosts than this do not rest at a time; those whose time is over are forgotten then.
const SWEEP_AT: usize = 256;
/// Addresses of one host whose rests are remembered at a time; the shortest rests are forgotten first.
const ADDRESSES_PER_HOST: usize = 64;

/// Which hosts rest, and until when.
#[derive(Debug, Default)]
pub(super) struct HostBackoff(Mutex<HashMap<String, BackoffState>>);

/// The rest of one host.
#[derive(Debug)]
struct BackoffState {
    /// Until then no address of the host is asked.
    until: Instant,
    /// Until when each of its addresses asked to be left alone.
    by_address: HashMap<String, Instant>,
}

/// What an answer asks of all who ask the host, in seconds; `None`: nothing.
pub(super) fn requested_backoff_seconds(
    status: u16,
    retry_after_seconds: Option<u64>,
) -> Option<u64> {
    match (status, retry_after_seconds) {
        (429, None | Some(0)) => Some(DEFAULT_BACKOFF_SECONDS),
        (429 | 503, asked) => asked,
        _ => None,
    }
}

impl HostBackoff {
    /// Leaves an address alone for so long, and its host as the table above says. No rest that began
    /// before becomes shorter.
    pub(super) fn set(&self, url: &Url, seconds: u64) {
        let now = Instant::now();
        let mut rests = self.lock();
        if rests.len() >= SWEEP_AT {
            rests.retain(|_, rest| !rest.is_over(now));
        }
        let rest = rests.entry(host_of_url(url));
        let rest = rest.or_insert_with(|| BackoffState { until: now, by_address: HashMap::new() });
        rest.extend(address_without_fragment(url), now, seconds);
    }

    /// For how long an address is still to be left alone; `None`: it may be asked.
    pub(super) fn remaining(&self, url: &Url) -> Option<Duration> {
        let rests = self.lock();
        let rest = rests.get(&host_of_url(url))?;
        let own = rest.by_address.get(address_without_fragment(url));
        let until = own.map_or(rest.until, |own| rest.until.max(*own));
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

/// What makes an address of a host: all of it but its fragment, which no server sees.
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
    fn what_an_answer_asks_for() {
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
    async fn the_longest_rest_counts_and_ends() {
        let rests = HostBackoff::default();
        let left = |at: &str| rests.remaining(&url(at)).map(|left| left.as_secs());
        rests.set(&url("a/1"), 60);
        rests.set(&url("a/1"), 30);
        rests.set(&url("b/1"), u64::MAX);
        assert_eq!((left("a/1"), left("a/2"), left("c/1")), (Some(60), Some(60), None));
        assert_eq!((left("b/1"), left("b/1#top")), (Some(7 * DAY), Some(7 * DAY)));
        tokio::time::advance(Duration::from_mins(1)).await;
        assert_eq!((left("a/1"), left("a/2")), (None, None));
        rests.set(&url("c/1"), 0);
        assert_eq!(left("c/1"), None);
    }

    #[tokio::test(start_paused = true)]
    async fn one_address_does_not_silence_its_host_for_days() {
        let check = async |asked: &[(&str, u64)], expected: Option<u64>| {
            let rests = HostBackoff::default();
            for (at, seconds) in asked {
                rests.set(&url(&format!("a.example/{at}")), *seconds);
            }
            let left = |at: &str| {
                rests.remaining(&url(&format!("a.example/{at}"))).map(|left| left.as_secs())
            };
            assert_eq!(left("other"), expected, "{asked:?}");
            for (at, seconds) in asked {
                let own = (*seconds).min(7 * DAY);
                assert!(left(at).unwrap() >= own, "{asked:?}: {at} is obeyed whole");
            }
            tokio::time::advance(Duration::from_secs(HOUR)).await;
            let after = expected.filter(|seconds| *seconds > HOUR).map(|seconds| seconds - HOUR);
            assert_eq!(left("other"), after, "{asked:?}, an hour later");
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
    async fn addresses_whose_rest_is_over_do_not_count() {
        let rests = HostBackoff::default();
        rests.set(&url("a/1"), 2 * HOUR);
        rests.set(&url("a/2"), 2 * HOUR);
        tokio::time::advance(Duration::from_secs(2 * HOUR)).await;
        rests.set(&url("a/3"), DAY);
        assert_eq!(rests.remaining(&url("a/4")), Some(Duration::from_secs(HOUR)));
    }

    #[tokio::test(start_paused = true)]
    async fn hosts_and_addresses_that_rested_are_forgotten() {
        let rests = HostBackoff::default();
        for index in 0..10 * SWEEP_AT {
            rests.set(&url(&format!("host-{index}/")), 1);
            tokio::time::advance(Duration::from_secs(1)).await;
            assert!(rests.lock().len() <= SWEEP_AT, "{index}");
        }
        for index in 0..10 * ADDRESSES_PER_HOST {
            rests.set(&url(&format!("a/{index}")), DAY + index as u64);
            assert!(rests.lock()["a"].by_address.len() <= ADDRESSES_PER_HOST + 1, "{index}");
        }
    }
}
