//! Whether our own network works: when nobody at all answers, no source is to blame.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::daemon::update::{Brought, Network, Polled, is_networks, is_postponed};
use crate::feed::model::{Location, Source, SourceId};

/// This many polls in a row must fail without any answer…
const POLLS: usize = 5;
/// …of this many hosts: one host with many feeds proves nothing.
const HOSTS: usize = 3;

/// What the last polls tell about our network.
#[derive(Debug, Default)]
pub(super) struct Weather(Mutex<Seen>);

#[derive(Debug, Default)]
struct Seen {
    /// The sources that failed without an answer since somebody answered last.
    unanswered: BTreeSet<SourceId>,
    hosts: BTreeSet<String>,
    /// Sources that were blamed for what was our network's fault.
    wronged: BTreeSet<SourceId>,
}

impl Seen {
    fn network(&self) -> Network {
        if self.unanswered.len() >= POLLS && self.hosts.len() >= HOSTS {
            Network::Down
        } else {
            Network::Up
        }
    }
}

impl Weather {
    /// Takes one poll into account; gives what is known then.
    pub(super) fn note(&self, source: &Source, polled: &Polled) -> Network {
        let Location::Web(url) = &source.location else { return Network::Up };
        let mut seen = self.seen();
        match &polled.brought {
            Brought::Failed(error) if is_networks(error) => {
                seen.unanswered.insert(source.id.clone());
                seen.hosts.extend(url.host_str().map(ToOwned::to_owned));
            }
            brought if is_postponed(brought) => {}
            _ => {
                if seen.network() == Network::Down {
                    let wronged = std::mem::take(&mut seen.unanswered);
                    seen.wronged.extend(wronged);
                }
                seen.unanswered.clear();
                seen.hosts.clear();
            }
        }
        seen.network()
    }

    /// The sources that failed while the network was down, once it is up again: they may be asked
    /// at once.
    pub(super) fn take_wronged(&self) -> BTreeSet<SourceId> {
        std::mem::take(&mut self.seen().wronged)
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        // Nothing in here can panic half-way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::daemon::fetch::FetchError;
    use crate::daemon::update::UpdateError;
    use crate::feed::model::{ClockSetting, Freshness};

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
            article: crate::feed::model::ArticleSelectors::default(),
            every: None,
            user_agent: None,
            headers: Vec::new(),
            cap: None,
            rules: crate::feed::model::Rules::default(),
            labels: crate::feed::model::LabelSettings::default(),
            push: true,
            ignore: Vec::new(),
        }
    }

    fn polled(brought: Brought) -> Polled {
        Polled {
            brought,
            status: 0,
            freshness: Freshness::default(),
            hops: Vec::new(),
            searched: None,
        }
    }

    fn unanswered() -> Polled {
        let error = FetchError::Dns { host: "x".into(), reason: "no answer".into() };
        polled(Brought::Failed(UpdateError::Fetch(error)))
    }

    fn answered() -> Polled {
        polled(Brought::Same { validators: None })
    }

    #[test]
    fn silence_of_many_hosts_is_ours_and_forgiven_later() {
        let weather = Weather::default();
        let hosts = ["a.example", "b.example", "c.example"];
        for number in 0..4 {
            let host = hosts[number % 3];
            assert_eq!(weather.note(&source(host, number), &unanswered()), Network::Up);
        }
        assert_eq!(weather.note(&source("b.example", 9), &unanswered()), Network::Down);
        assert_eq!(weather.note(&source("a.example", 0), &unanswered()), Network::Down);
        let left = std::time::Duration::from_mins(1);
        let rests = FetchError::HostRests { host: "a.example".into(), left };
        let unasked = polled(Brought::Failed(UpdateError::Fetch(rests)));
        assert_eq!(weather.note(&source("a.example", 0), &unasked), Network::Down);
        assert!(weather.take_wronged().is_empty(), "not before it is over");
        assert_eq!(weather.note(&source("c.example", 8), &answered()), Network::Up);
        assert_eq!(weather.take_wronged().len(), 5);
        assert!(weather.take_wronged().is_empty(), "once");
    }

    #[test]
    fn one_host_proves_nothing() {
        let weather = Weather::default();
        for number in 0..20 {
            assert_eq!(weather.note(&source("a.example", number), &unanswered()), Network::Up);
        }
        assert_eq!(weather.note(&source("b.example", 1), &answered()), Network::Up);
        assert!(weather.take_wronged().is_empty());
    }
}
