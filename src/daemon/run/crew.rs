//! Many hands: fetches and reads one source, or reads what a hub brought, or asks for the pages of its
//! entries, hands the result to the writer, and waits until it is kept.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use arc_swap::ArcSwap;
use jiff::Timestamp;
use prometheus_client::metrics::counter::Counter;
use tokio::sync::{Semaphore, oneshot};
use tokio::time::Instant;
use url::Url;

use super::host_clocks::HostClocks;
use super::weather::Weather;
use super::writer::{Brought, Flight, Parcel, Parcels};
use super::{RunError, translate};
use crate::config::Config;
use crate::daemon::fetch::{Client, FetchError, PostError};
use crate::daemon::store::Store;
use crate::daemon::update::pages::{self, Desk, Gathered, Rules};
use crate::daemon::update::{
    self, Hands, LargeReader, Network, Push, Received, Report, Terms, UpdateError,
};
use crate::feed::model::{PollReason, PollState, Retention, Source, SourceId};
use crate::feed::schedule::Bounds;

/// How one poll ended; `None`: the writer is gone.
pub(super) type Ended = (SourceId, Option<Result<Report, RunError>>);

/// How one push ended.
pub(super) enum Delivered {
    /// It is not the hub's.
    Forged,
    /// It is the hub's, and no feed.
    Unreadable(UpdateError),
    /// It is kept; `None`: the writer is gone.
    Kept(Option<Result<Box<Report>, RunError>>),
}

/// Those who fetch and read.
pub(super) struct Crew {
    hands: ArcSwap<Hands>,
    rules: Arc<Rules>,
    weather: Arc<Weather>,
    /// What the clocks of hosts say.
    pub(super) hosts: Arc<HostClocks>,
    parcels: Parcels,
    store: Store,
}

/// One poll to be made, one push to be read, or pages to be asked.
#[derive(Clone)]
pub(super) struct Errand {
    pub(super) source: Arc<Source>,
    pub(super) prior: PollState,
    pub(super) config_hash: [u8; 16],
    pub(super) bounds: Bounds,
    /// How much is kept of each source.
    pub(super) retention: Retention,
    /// Whether the whole document is requested, changed or not.
    pub(super) is_fresh: bool,
    /// How long may be waited if the poll finds nothing new, as hubs push.
    pub(super) pushed: Option<Duration>,
}

impl Crew {
    /// What is received is counted in `received_bytes`.
    pub(super) fn new(
        config: &Config,
        parcels: Parcels,
        store: Store,
        received_bytes: Counter,
    ) -> Result<Self, RunError> {
        let mut hands = hands(config, LargeReader::start()?)?;
        hands.client = hands.client.counting(received_bytes);
        let hands = ArcSwap::from_pointee(hands);
        let (rules, weather, hosts) = (Arc::default(), Arc::default(), Arc::default());
        Ok(Self { hands, rules, weather, hosts, parcels, store })
    }

    /// From now on polls are made under another configuration; those under way are not disturbed.
    pub(super) fn retool(&self, config: &Config) -> Result<(), FetchError> {
        let before = self.hands.load();
        let mut fresh = hands(config, before.large.clone())?;
        fresh.client = fresh.client.heir_of(&before.client);
        self.hands.store(Arc::new(fresh));
        Ok(())
    }

    /// What a host asked for before the start still holds, for all of its sources.
    pub(super) fn heed(&self, source: &Source, state: &PollState, now: Timestamp) {
        let is_throttled =
            state.reason == PollReason::RetryAfter && matches!(state.status, 429 | 503);
        let left = u64::try_from(state.due_at.duration_since(now).as_secs()).unwrap_or(0);
        if is_throttled && let Some(url) = update::address_of(source, state) {
            self.hands.load().client.leave_alone(&url, left);
        }
    }

    /// The sources that were blamed while the network was down, once it is up.
    pub(super) fn take_wronged(&self) -> BTreeSet<SourceId> {
        self.weather.take_wronged()
    }

    /// Several polls are begun, which the writer does not take one by one.
    pub(super) fn begin_several(&self) -> Flight {
        self.parcels.take_off()
    }

    /// One poll, from asking to keeping.
    pub(super) fn send(
        &self,
        errand: Errand,
    ) -> impl Future<Output = Ended> + Send + 'static + use<> {
        let hands = self.hands.load_full();
        let (weather, parcels) = (Arc::clone(&self.weather), self.parcels.clone());
        let (rules, store) = (Arc::clone(&self.rules), self.store.clone());
        let hosts = Arc::clone(&self.hosts);
        let flight = Some(self.parcels.take_off());
        async move {
            let Errand { source, prior, config_hash, retention, is_fresh, .. } = &errand;
            let id = source.id.clone();
            let terms =
                Terms { config_hash: *config_hash, retention: *retention, is_fresh: *is_fresh };
            let now = Timestamp::now();
            let polled = update::poll(&hands, source, prior, terms, now).await;
            hosts.record(source, now, polled.freshness);
            let network = weather.note(source, &polled);
            let held = polled.held();
            let desk = Desk { hands: &hands, rules: &rules, store: &store, source };
            let gathered = match &polled.brought {
                update::Brought::Fresh { reading, .. } => {
                    // What is large is to be kept at once: others wait for its room.
                    let entries = &reading.feed.entries[..];
                    let asked = if held.is_large() { &[] } else { entries };
                    desk.beside(asked, Timestamp::now()).await
                }
                _ => None,
            };
            let brought = Brought::Polled(Box::new(polled));
            let kept = keep(&parcels, errand, Load { brought, gathered, network, flight }).await;
            drop(held);
            (id, kept)
        }
    }

    /// One push, from checking to keeping.
    pub(super) fn receive(
        &self,
        errand: Errand,
        push: Push,
    ) -> impl Future<Output = Delivered> + Send + 'static {
        let (hands, parcels) = (self.hands.load_full(), self.parcels.clone());
        let (rules, store) = (Arc::clone(&self.rules), self.store.clone());
        async move {
            let date_order = errand.prior.learnt_order(errand.config_hash);
            match update::receive(&hands, &errand.source, push, date_order, Timestamp::now()).await
            {
                Received::Forged => Delivered::Forged,
                Received::Unreadable(error) => Delivered::Unreadable(error),
                Received::Read(reading) => {
                    let source = &errand.source;
                    let desk = Desk { hands: &hands, rules: &rules, store: &store, source };
                    let gathered = desk.beside(&reading.feed.entries, Timestamp::now()).await;
                    let brought = Brought::Pushed(reading);
                    let (network, flight) = (Network::Up, None);
                    let load = Load { brought, gathered, network, flight };
                    let kept = keep(&parcels, errand, load).await;
                    Delivered::Kept(kept.map(|kept| kept.map(Box::new)))
                }
            }
        }
    }

    /// Asks for pages of a source that wait, round after round, each kept. `None`: none was due.
    pub(super) fn ask_pages(&self, errand: Errand) -> impl Future<Output = Ended> + Send + 'static {
        let (hands, parcels) = (self.hands.load_full(), self.parcels.clone());
        let (rules, store) = (Arc::clone(&self.rules), self.store.clone());
        async move {
            let (id, source) = (errand.source.id.clone(), Arc::clone(&errand.source));
            let desk = Desk { hands: &hands, rules: &rules, store: &store, source: &source };
            let until = Instant::now() + pages::ROUNDS_TIME;
            let mut kept: Option<Result<Report, RunError>> = None;
            for _ in 0..pages::ROUNDS {
                let Some(gathered) = desk.round(until, Timestamp::now()).await else { break };
                let gathered = Some(gathered);
                let (brought, network, flight) = (Brought::Pages, Network::Up, None);
                let load = Load { brought, gathered, network, flight };
                let before = kept.and_then(Result::ok).map_or(0, |report| report.changed_count);
                kept = keep(&parcels, errand.clone(), load).await;
                match &mut kept {
                    Some(Ok(report)) => report.changed_count += before,
                    _ => break,
                }
            }
            (id, kept)
        }
    }

    /// Asks a hub.
    pub(super) fn ask(
        &self,
        hub: Url,
        form: String,
    ) -> impl Future<Output = Result<(), PostError>> + Send + 'static {
        let hands = self.hands.load_full();
        async move { hands.client.post(&hub, &form, Timestamp::now()).await }
    }
}

/// What goes to the writer.
struct Load {
    brought: Brought,
    gathered: Option<Gathered>,
    network: Network,
    /// What the writer waits for until it is handed over.
    flight: Option<Flight>,
}

/// Hands something to the writer and waits until it is kept; `None`: the writer is gone.
async fn keep(parcels: &Parcels, errand: Errand, load: Load) -> Option<Result<Report, RunError>> {
    let Errand { source, prior, config_hash, bounds, retention, is_fresh: _, pushed } = errand;
    let Load { brought, gathered, network, flight } = load;
    let (reply, answer) = oneshot::channel();
    let now = Timestamp::now();
    let parcel = Parcel {
        source,
        brought,
        gathered,
        prior,
        config_hash,
        bounds,
        retention,
        network,
        pushed,
        now,
        reply,
    };
    parcels.send(parcel, flight).await?;
    answer.await.ok().map(|kept| kept.map_err(RunError::Store))
}

fn hands(config: &Config, large: LargeReader) -> Result<Hands, FetchError> {
    let readers = thread::available_parallelism().map_or(2, usize::from);
    Ok(Hands {
        client: Client::new(&translate::fetch_settings(config))?,
        max_bytes: config.polling.max_bytes,
        readers: Semaphore::new(readers),
        large,
    })
}
