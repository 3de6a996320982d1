//! Whether our own network works: when no host at all answers, no source is to blame.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::ingest::{NetworkStatus, PollBody, PollResult, is_network_failure, is_postponed};
use crate::model::{Location, Source, SourceId};

/// This many polls in a row must fail without any answer…
const MIN_UNANSWERED_POLLS: usize = 5;
/// …of this many hosts: one host with many feeds proves nothing.
const MIN_UNANSWERED_HOSTS: usize = 3;

/// What the last polls show about our network.
#[derive(Debug, Default)]
pub(super) struct NetworkMonitor(Mutex<NetworkState>);

#[derive(Debug, Default)]
struct NetworkState {
    /// The sources that failed without an answer since the last answer of any host.
    unanswered: BTreeSet<SourceId>,
    hosts: BTreeSet<String>,
    /// Sources that were blamed for a fault of our network.
    blamed_during_outage: BTreeSet<SourceId>,
}

impl NetworkState {
    fn network(&self) -> NetworkStatus {
        if self.unanswered.len() >= MIN_UNANSWERED_POLLS && self.hosts.len() >= MIN_UNANSWERED_HOSTS
        {
            NetworkStatus::Down
        } else {
            NetworkStatus::Up
        }
    }
}

impl NetworkMonitor {
    /// Records one poll; returns the status of the network after it.
    pub(super) fn record(&self, source: &Source, polled: &PollResult) -> NetworkStatus {
        let Location::Web(url) = &source.location else { return NetworkStatus::Up };
        let mut state = self.lock_state();
        match &polled.body {
            PollBody::Failed(error) if is_network_failure(error) => {
                state.unanswered.insert(source.id.clone());
                state.hosts.extend(url.host_str().map(ToOwned::to_owned));
            }
            body if is_postponed(body) => {}
            _ => {
                if state.network() == NetworkStatus::Down {
                    let blamed = std::mem::take(&mut state.unanswered);
                    state.blamed_during_outage.extend(blamed);
                }
                state.unanswered.clear();
                state.hosts.clear();
            }
        }
        state.network()
    }

    /// The sources that failed while the network was down, once it is up again: they may be polled
    /// at once.
    pub(super) fn take_sources_to_retry(&self) -> BTreeSet<SourceId> {
        std::mem::take(&mut self.lock_state().blamed_during_outage)
    }

    fn lock_state(&self) -> MutexGuard<'_, NetworkState> {
        // Nothing in here can panic halfway.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fetch::FetchError;
    use crate::ingest::UpdateError;
    use crate::model::Freshness;

    fn source(host: &str, number: usize) -> Source {
        let id = SourceId::new(&format!("{}-{number}", host.replace('.', "-"))).unwrap();
        Source::bare(id, Location::Web(format!("https://{host}/{number}").parse().unwrap()))
    }

    fn polled(body: PollBody) -> PollResult {
        PollResult {
            body,
            status: 0,
            freshness: Freshness::default(),
            hops: Vec::new(),
            rediscovery: None,
        }
    }

    fn unanswered() -> PollResult {
        let error = FetchError::Dns { host: "x".into(), reason: "no answer".into() };
        polled(PollBody::Failed(UpdateError::Fetch(error)))
    }

    fn answered() -> PollResult {
        polled(PollBody::NotModified { validators: None })
    }

    #[test]
    fn silence_of_many_hosts_is_an_outage_and_their_sources_are_retried() {
        let monitor = NetworkMonitor::default();
        let hosts = ["a.example", "b.example", "c.example"];
        for number in 0..4 {
            let host = hosts[number % 3];
            assert_eq!(monitor.record(&source(host, number), &unanswered()), NetworkStatus::Up);
        }
        assert_eq!(monitor.record(&source("b.example", 9), &unanswered()), NetworkStatus::Down);
        assert_eq!(monitor.record(&source("a.example", 0), &unanswered()), NetworkStatus::Down);
        let left = std::time::Duration::from_mins(1);
        let backoff = FetchError::HostBackoff { host: "a.example".into(), left };
        let postponed = polled(PollBody::Failed(UpdateError::Fetch(backoff)));
        assert_eq!(monitor.record(&source("a.example", 0), &postponed), NetworkStatus::Down);
        assert!(monitor.take_sources_to_retry().is_empty(), "not before it is over");
        assert_eq!(monitor.record(&source("c.example", 8), &answered()), NetworkStatus::Up);
        assert_eq!(monitor.take_sources_to_retry().len(), 5);
        assert!(monitor.take_sources_to_retry().is_empty(), "once");
    }

    #[test]
    fn one_host_proves_nothing() {
        let monitor = NetworkMonitor::default();
        for number in 0..20 {
            assert_eq!(
                monitor.record(&source("a.example", number), &unanswered()),
                NetworkStatus::Up
            );
        }
        assert_eq!(monitor.record(&source("b.example", 1), &answered()), NetworkStatus::Up);
        assert!(monitor.take_sources_to_retry().is_empty());
    }
}
