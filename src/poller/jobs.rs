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
use super::network_monitor::NetworkMonitor;
use super::writer::{InFlightWrite, WriteInput, WriteJob, WriteQueue};
use super::{RunError, settings};
use crate::config::Config;
use crate::decide::schedule::Bounds;
use crate::fetch::{Client, FetchError, PostError};
use crate::ingest::full_text::{self, FetchedTexts, FullTextFetcher, RobotsCache};
use crate::ingest::{
    self, LargeReader, NetworkStatus, PollResources, PushReadResult, ReuseConditions, SignedPush,
    UpdateError, UpdateReport,
};
use crate::model::{PollReason, PollState, Retention, Source, SourceId};
use crate::store::Store;

/// How one poll ended; `None`: the writer is gone.
pub(super) type PollEnded = (SourceId, Option<Result<UpdateReport, RunError>>);

/// How one push ended.
pub(super) enum PushEnded {
    /// It is not the hub's.
    Forged,
    /// It is the hub's, and no feed.
    Unreadable(UpdateError),
    /// It is kept; `None`: the writer is gone.
    Stored(Option<Result<Box<UpdateReport>, RunError>>),
}

/// Those who fetch and read.
pub(super) struct Jobs {
    poll_context: ArcSwap<PollResources>,
    robots_cache: Arc<RobotsCache>,
    network_monitor: Arc<NetworkMonitor>,
    /// What the clocks of hosts say.
    pub(super) host_clocks: Arc<HostClocks>,
    write_queue: WriteQueue,
    store: Store,
}

/// One poll to be made, one push to be read, or pages to be asked.
#[derive(Clone)]
pub(super) struct SourceJob {
    pub(super) source: Arc<Source>,
    pub(super) prior: PollState,
    pub(super) config_hash: [u8; 16],
    pub(super) bounds: Bounds,
    /// How much is kept of each source.
    pub(super) retention: Retention,
    /// Whether the whole document is requested, changed or not.
    pub(super) is_fresh: bool,
    /// How long may be waited if the poll finds nothing new, as hubs push.
    pub(super) relaxed_interval: Option<Duration>,
}

impl Jobs {
    /// What is received is counted in `received_bytes`.
    pub(super) fn new(
        config: &Config,
        parcels: WriteQueue,
        store: Store,
        received_bytes: Counter,
    ) -> Result<Self, RunError> {
        let mut hands = build_poll_context(config, LargeReader::start()?)?;
        hands.client = hands.client.with_byte_counter(received_bytes);
        let hands = ArcSwap::from_pointee(hands);
        let (rules, weather, hosts) = (Arc::default(), Arc::default(), Arc::default());
        Ok(Self {
            poll_context: hands,
            robots_cache: rules,
            network_monitor: weather,
            host_clocks: hosts,
            write_queue: parcels,
            store,
        })
    }

    /// From now on polls are made under another configuration; those under way are not disturbed.
    pub(super) fn reconfigure(&self, config: &Config) -> Result<(), FetchError> {
        let before = self.poll_context.load();
        let mut fresh = build_poll_context(config, before.large.clone())?;
        fresh.client = fresh.client.inherit_backoff_from(&before.client);
        self.poll_context.store(Arc::new(fresh));
        Ok(())
    }

    /// What a host asked for before the start still holds, for all of its sources.
    pub(super) fn restore_host_backoff(&self, source: &Source, state: &PollState, now: Timestamp) {
        let is_throttled = state.schedule.reason == PollReason::RetryAfter
            && matches!(state.last_poll.status, 429 | 503);
        let left = u64::try_from(state.schedule.due_at.duration_since(now).as_secs()).unwrap_or(0);
        if is_throttled && let Some(url) = ingest::poll_address(source, &state.address) {
            self.poll_context.load().client.set_backoff(&url, left);
        }
    }

    /// The sources that were blamed while the network was down, once it is up.
    pub(super) fn take_sources_to_retry(&self) -> BTreeSet<SourceId> {
        self.network_monitor.take_sources_to_retry()
    }

    /// Several polls are begun, which the writer does not take one by one.
    pub(super) fn begin_batch(&self) -> InFlightWrite {
        self.write_queue.begin_write()
    }

    /// One poll, from asking to keeping.
    pub(super) fn poll_source(
        &self,
        errand: SourceJob,
    ) -> impl Future<Output = PollEnded> + Send + 'static + use<> {
        let hands = self.poll_context.load_full();
        let (weather, parcels) = (Arc::clone(&self.network_monitor), self.write_queue.clone());
        let (rules, store) = (Arc::clone(&self.robots_cache), self.store.clone());
        let hosts = Arc::clone(&self.host_clocks);
        let flight = Some(self.write_queue.begin_write());
        async move {
            let SourceJob { source, prior, config_hash, retention, is_fresh, .. } = &errand;
            let id = source.id.clone();
            let terms = ReuseConditions {
                config_hash: *config_hash,
                retention: *retention,
                requests_whole: *is_fresh,
            };
            let now = Timestamp::now();
            let polled = ingest::poll(&hands, source, prior, terms, now).await;
            hosts.record(source, now, polled.freshness);
            let network = weather.record(source, &polled);
            let held = polled.reserved_memory();
            let desk = FullTextFetcher { resources: &hands, robots: &rules, store: &store, source };
            let gathered = match &polled.body {
                ingest::PollBody::Changed { reading, .. } => {
                    // What is large is to be kept at once: others wait for its room.
                    let entries = &reading.feed.entries[..];
                    let asked = if held.is_large() { &[] } else { entries };
                    desk.fetch_before_listing(asked, Timestamp::now()).await
                }
                _ => None,
            };
            let brought = WriteInput::Polled(Box::new(polled));
            let kept = write_and_wait(
                &parcels,
                errand,
                JobResult { input: brought, pages: gathered, network, in_flight: flight },
            )
            .await;
            drop(held);
            (id, kept)
        }
    }

    /// One push, from checking to keeping.
    pub(super) fn read_push(
        &self,
        errand: SourceJob,
        push: SignedPush,
    ) -> impl Future<Output = PushEnded> + Send + 'static {
        let (hands, parcels) = (self.poll_context.load_full(), self.write_queue.clone());
        let (rules, store) = (Arc::clone(&self.robots_cache), self.store.clone());
        async move {
            let date_order = errand.prior.learned_date_order(errand.config_hash);
            match ingest::read_push(&hands, &errand.source, push, date_order, Timestamp::now())
                .await
            {
                PushReadResult::Forged => PushEnded::Forged,
                PushReadResult::Unreadable(error) => PushEnded::Unreadable(error),
                PushReadResult::Read(reading) => {
                    let source = &errand.source;
                    let desk = FullTextFetcher {
                        resources: &hands,
                        robots: &rules,
                        store: &store,
                        source,
                    };
                    let gathered =
                        desk.fetch_before_listing(&reading.feed.entries, Timestamp::now()).await;
                    let brought = WriteInput::Pushed(reading);
                    let (network, flight) = (NetworkStatus::Up, None);
                    let load =
                        JobResult { input: brought, pages: gathered, network, in_flight: flight };
                    let kept = write_and_wait(&parcels, errand, load).await;
                    PushEnded::Stored(kept.map(|kept| kept.map(Box::new)))
                }
            }
        }
    }

    /// Asks for pages of a source that wait, round after round, each kept. `None`: none was due.
    pub(super) fn fetch_pending_pages(
        &self,
        errand: SourceJob,
    ) -> impl Future<Output = PollEnded> + Send + 'static {
        let (hands, parcels) = (self.poll_context.load_full(), self.write_queue.clone());
        let (rules, store) = (Arc::clone(&self.robots_cache), self.store.clone());
        async move {
            let (id, source) = (errand.source.id.clone(), Arc::clone(&errand.source));
            let desk = FullTextFetcher {
                resources: &hands,
                robots: &rules,
                store: &store,
                source: &source,
            };
            let until = Instant::now() + full_text::ROUNDS_TIME;
            let mut kept: Option<Result<UpdateReport, RunError>> = None;
            for _ in 0..full_text::ROUNDS {
                let Some(gathered) = desk.fetch_pending(until, Timestamp::now()).await else {
                    break;
                };
                let gathered = Some(gathered);
                let (brought, network, flight) = (WriteInput::Pages, NetworkStatus::Up, None);
                let load =
                    JobResult { input: brought, pages: gathered, network, in_flight: flight };
                let before = kept.and_then(Result::ok).map_or(0, |report| report.changed_count);
                kept = write_and_wait(&parcels, errand.clone(), load).await;
                match &mut kept {
                    Some(Ok(report)) => report.changed_count += before,
                    _ => break,
                }
            }
            (id, kept)
        }
    }

    /// Asks a hub.
    pub(super) fn post_to_hub(
        &self,
        hub: Url,
        form: String,
    ) -> impl Future<Output = Result<(), PostError>> + Send + 'static {
        let hands = self.poll_context.load_full();
        async move { hands.client.post(&hub, &form, Timestamp::now()).await }
    }
}

/// What goes to the writer.
struct JobResult {
    input: WriteInput,
    pages: Option<FetchedTexts>,
    network: NetworkStatus,
    /// What the writer waits for until it is handed over.
    in_flight: Option<InFlightWrite>,
}

/// Hands something to the writer and waits until it is kept; `None`: the writer is gone.
async fn write_and_wait(
    parcels: &WriteQueue,
    errand: SourceJob,
    load: JobResult,
) -> Option<Result<UpdateReport, RunError>> {
    let SourceJob {
        source,
        prior,
        config_hash,
        bounds,
        retention,
        is_fresh: _,
        relaxed_interval: pushed,
    } = errand;
    let JobResult { input: brought, pages: gathered, network, in_flight: flight } = load;
    let (reply, answer) = oneshot::channel();
    let now = Timestamp::now();
    let parcel = WriteJob {
        source,
        input: brought,
        pages: gathered,
        prior,
        config_hash,
        bounds,
        retention,
        network,
        relaxed_interval: pushed,
        answered_at: now,
        reply,
    };
    parcels.send(parcel, flight).await?;
    answer.await.ok().map(|kept| kept.map_err(RunError::Store))
}

fn build_poll_context(config: &Config, large: LargeReader) -> Result<PollResources, FetchError> {
    let readers = thread::available_parallelism().map_or(2, usize::from);
    Ok(PollResources {
        client: Client::new(&settings::fetch_settings(config))?,
        max_bytes: config.polling.max_bytes,
        readers: Semaphore::new(readers),
        large,
    })
}
