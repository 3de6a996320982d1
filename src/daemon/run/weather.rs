//! Whether our own network works: when nobody at all answers, no source is to blame.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::daemon::update::{Brought, Network, Polled, is_networks};
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
