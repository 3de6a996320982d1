//! Whether our own network works: when nobody at all answers, no source is to blame.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::ingest::{NetworkStatus, PollBody, PollResult, is_network_failure, is_postponed};
use crate::model::{Location, Source, SourceId};

/// This many polls in a row must fail without any answer…
const MIN_UNANSWERED_POLLS: usize = 5;
/// …of this many hosts: one host with many feeds proves nothing.
const MIN_UNANSWERED_HOSTS: usize = 3;

/// What the last polls tell about our network.
#[derive(Debug, Default)]
pub(super) struct NetworkMonitor(Mutex<NetworkState>);

#[derive(Debug, Default)]
struct NetworkState {
    /// The sources that failed without an answer since somebody answered last.
    unanswered: BTreeSet<SourceId>,
    hosts: BTreeSet<String>,
    /// Sources that were blamed for what was our network's fault.
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
    /// Takes one poll into account; gives what is known then.
    pub(super) fn record(&self, source: &Source, polled: &PollResult) -> NetworkStatus {
        let Location::Web(url) = &source.location else { return NetworkStatus::Up };
        let mut seen = self.lock_state();
        match &polled.body {
            PollBody::Failed(error) if is_network_failure(error) => {
                seen.unanswered.insert(source.id.clone());
                seen.hosts.extend(url.host_str().map(ToOwned::to_owned));
            }
            brought if is_postponed(brought) => {}
            _ => {
                if seen.network() == NetworkStatus::Down {
                    let wronged = std::mem::take(&mut seen.unanswered);
                    seen.blamed_during_outage.extend(wronged);
                }
                seen.unanswered.clear();
                seen.hosts.clear();
            }
        }
        seen.network()
    }

    /// The sources that failed while the network was down, once it is up again: they may be asked
    /// at once.
    pub(super) fn take_sources_to_retry(&self) -> BTreeSet<SourceId> {
        std::mem::take(&mut self.lock_state().blamed_during_outage)
    }

    fn lock_state(&self) -> MutexGuard<'_, NetworkState> {
        // Nothing in here can panic half-way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fetch::FetchError;
    use crate::ingest::UpdateError;
    use crate::model::Freshness;
    use rafid_feed::model::ClockSetting;

    fn source(host: &str, number: usize) -> Source {
        Source {
            id: SourceId::new(&format!("{}-{number}", host.replace('.', "-"))).unwrap(),
            public_url: None,
            is_private: false,
            location: Location::Web(format!("https://{host}/{number}").parse().unwrap()),
            name: None,
            site: None,
            categories: Vec::new(),
            language: None,
            charset: None,
            timezone: None,
            clock: ClockSetting::Auto,
            page: None,
            full_text: false,
            article: rafid_feed::model::ArticleSelectors::default(),
            every: None,
            user_agent: None,
            headers: Vec::new(),
            cap: None,
            rules: crate::model::PublishRules::default(),
            labels: rafid_feed::model::CategorySettings::default(),
            push: true,
            ignore: Vec::new(),
        }
    }

    fn polled(brought: PollBody) -> PollResult {
        PollResult {
            body: brought,
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
    fn silence_of_many_hosts_is_ours_and_forgiven_later() {
        let weather = NetworkMonitor::default();
        let hosts = ["a.example", "b.example", "c.example"];
        for number in 0..4 {
            let host = hosts[number % 3];
            assert_eq!(weather.record(&source(host, number), &unanswered()), NetworkStatus::Up);
        }
        assert_eq!(weather.record(&source("b.example", 9), &unanswered()), NetworkStatus::Down);
        assert_eq!(weather.record(&source("a.example", 0), &unanswered()), NetworkStatus::Down);
        let left = std::time::Duration::from_mins(1);
        let rests = FetchError::HostBackoff { host: "a.example".into(), left };
        let unasked = polled(PollBody::Failed(UpdateError::Fetch(rests)));
        assert_eq!(weather.record(&source("a.example", 0), &unasked), NetworkStatus::Down);
        assert!(weather.take_sources_to_retry().is_empty(), "not before it is over");
        assert_eq!(weather.record(&source("c.example", 8), &answered()), NetworkStatus::Up);
        assert_eq!(weather.take_sources_to_retry().len(), 5);
        assert!(weather.take_sources_to_retry().is_empty(), "once");
    }

    #[test]
    fn one_host_proves_nothing() {
        let weather = NetworkMonitor::default();
        for number in 0..20 {
            assert_eq!(
                weather.record(&source("a.example", number), &unanswered()),
                NetworkStatus::Up
            );
        }
        assert_eq!(weather.record(&source("b.example", 1), &answered()), NetworkStatus::Up);
        assert!(weather.take_sources_to_retry().is_empty());
    }
}
