//! Many hands: fetches and reads one source, hands the result to the writer, and waits until it is
//! kept.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::thread;

use arc_swap::ArcSwap;
use jiff::Timestamp;
use tokio::sync::{Semaphore, oneshot};

use super::weather::Weather;
use super::writer::{Parcel, Parcels};
use super::{RunError, translate};
use crate::config::Config;
use crate::daemon::fetch::{Client, FetchError};
use crate::daemon::update::{self, Hands, Report};
use crate::feed::model::{PollReason, PollState, Source, SourceId};
use crate::feed::schedule::Bounds;

/// How one poll ended; `None`: the writer is gone.
pub(super) type Ended = (SourceId, Option<Result<Report, RunError>>);

/// Those who fetch and read.
pub(super) struct Crew {
    hands: ArcSwap<Hands>,
    weather: Arc<Weather>,
    parcels: Parcels,
}

/// One poll to be made.
pub(super) struct Errand {
    pub(super) source: Arc<Source>,
    pub(super) prior: PollState,
    pub(super) config_hash: [u8; 16],
    pub(super) bounds: Bounds,
    pub(super) keep_entries: usize,
}

impl Crew {
    pub(super) fn new(config: &Config, parcels: Parcels) -> Result<Self, FetchError> {
        let hands = ArcSwap::from_pointee(hands(config)?);
        Ok(Self { hands, weather: Arc::default(), parcels })
    }

    /// From now on polls are made under another configuration; those under way are not disturbed.
    pub(super) fn retool(&self, config: &Config) -> Result<(), FetchError> {
        let mut fresh = hands(config)?;
        fresh.client = fresh.client.heir_of(&self.hands.load().client);
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

    /// One poll, from asking to keeping.
    pub(super) fn send(&self, errand: Errand) -> impl Future<Output = Ended> + Send + 'static {
        let hands = self.hands.load_full();
        let (weather, parcels) = (Arc::clone(&self.weather), self.parcels.clone());
        async move {
            let Errand { source, prior, config_hash, bounds, keep_entries } = errand;
            let id = source.id.clone();
            let polled = update::poll(&hands, &source, &prior, config_hash, Timestamp::now()).await;
            let network = weather.note(&source, &polled);
            let (reply, answer) = oneshot::channel();
            let now = Timestamp::now();
            let parcel = Parcel {
                source,
                polled,
                prior,
                config_hash,
                bounds,
                keep_entries,
                network,
                now,
                reply,
            };
            if parcels.send(parcel).await.is_err() {
                return (id, None);
            }
            let report = answer.await.ok().map(|kept| kept.map_err(RunError::Store));
            (id, report)
        }
    }
}

fn hands(config: &Config) -> Result<Hands, FetchError> {
    let readers = thread::available_parallelism().map_or(2, usize::from);
    Ok(Hands {
        client: Client::new(&translate::fetch_settings(config))?,
        max_bytes: config.polling.max_bytes,
        readers: Semaphore::new(readers),
    })
}
