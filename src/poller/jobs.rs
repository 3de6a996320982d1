//! Fetches and reads one source, or reads what a hub pushed, or fetches the article pages of its entries;
//! sends the result to the writer and waits until it is stored. Many of these jobs run at once.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use arc_swap::ArcSwap;
use jiff::Timestamp;
use rafid_feed::pipeline::ParsedFeed;
use tokio::sync::{Semaphore, oneshot};
use tokio::time::Instant;
use url::Url;

use super::host_clocks::HostClocks;
use super::network_monitor::NetworkMonitor;
use super::stories::{self, PreparedDocument, StoryTexts};
use super::writer::{InFlightWrite, WriteInput, WriteJob, WriteQueue};
use super::{RunError, settings};
use crate::config::Config;
use crate::decide::schedule::Bounds;
use crate::fetch::{Client, FetchError, PostError};
use crate::http::Metrics;
use crate::ingest::full_text::{self, FetchedTexts, FullTextFetcher, RobotsCache};
use crate::ingest::{
    self, LargeReader, NetworkStatus, PollBody, PollResources, PollResult, PushReadResult,
    ReuseConditions, SignedPush, UpdateError, UpdateReport,
};
use crate::model::{PollReason, PollState, Retention, Source, SourceId};
use crate::store::Store;
use crate::story::StoryVectors;

/// How one poll ended; `None`: the writer is gone.
pub(super) type PollEnded = (SourceId, Option<Result<UpdateReport, RunError>>);

/// How one push ended.
pub(super) enum PushEnded {
    /// The signature is not the hub's.
    Forged,
    /// The signature is the hub's, but the body is no feed.
    Unreadable(UpdateError),
    /// The push is stored; `None`: the writer is gone.
    Stored(Option<Result<Box<UpdateReport>, RunError>>),
}

/// Starts the jobs and holds what they share.
pub(super) struct Jobs {
    /// What polls share.
    pub(super) poll_context: Arc<ArcSwap<PollResources>>,
    /// What sites allow.
    pub(super) robots_cache: Arc<RobotsCache>,
    network_monitor: Arc<NetworkMonitor>,
    /// The clocks of the hosts.
    pub(super) host_clocks: Arc<HostClocks>,
    write_queue: WriteQueue,
    store: Store,
    story_vectors: StoryVectors,
}

/// One source to poll, or whose push is read or whose pages are fetched.
#[derive(Clone)]
pub(super) struct SourceJob {
    pub(super) source: Arc<Source>,
    pub(super) prior: PollState,
    pub(super) config_hash: [u8; 16],
    pub(super) bounds: Bounds,
    /// How many entries of each source are kept.
    pub(super) retention: Retention,
    /// Whether the whole document is requested, changed or not.
    pub(super) is_fresh: bool,
    /// The longest wait after a poll that finds nothing new, while a hub pushes.
    pub(super) relaxed_interval: Option<Duration>,
    /// The vectors that stories are found with; `None`: no output shows stories.
    pub(super) stories: Option<StoryVectors>,
}

impl Jobs {
    /// Received bytes are counted in `metrics`.
    pub(super) fn new(
        config: &Config,
        story_vectors: StoryVectors,
        write_queue: WriteQueue,
        store: &Store,
        metrics: &Metrics,
    ) -> Result<Self, RunError> {
        let mut resources = build_poll_context(config, LargeReader::start()?)?;
        resources.client = resources.client.with_byte_counter(metrics.fetched_bytes.clone());
        let resources = Arc::new(ArcSwap::from_pointee(resources));
        let (robots, network_monitor, host_clocks) =
            (Arc::default(), Arc::default(), Arc::default());
        Ok(Self {
            poll_context: resources,
            robots_cache: robots,
            network_monitor,
            host_clocks,
            write_queue,
            store: store.clone(),
            story_vectors,
        })
    }

    /// The vectors that stories are found with; `None`: no output shows stories.
    pub(super) fn stories(&self, config: &Config) -> Option<StoryVectors> {
        settings::assigns_stories(config).then(|| self.story_vectors.clone())
    }

    /// New jobs use another configuration from now on; running jobs are not affected.
    pub(super) fn reconfigure(&self, config: &Config) -> Result<(), FetchError> {
        let before = self.poll_context.load();
        let mut fresh = build_poll_context(config, before.large.clone())?;
        fresh.client = fresh.client.inherit_backoff_from(&before.client);
        self.poll_context.store(Arc::new(fresh));
        Ok(())
    }

    /// Restores the wait that a host requested before the start, for all sources of the host.
    pub(super) fn restore_host_backoff(&self, source: &Source, state: &PollState, now: Timestamp) {
        let is_throttled = state.schedule.reason == PollReason::RetryAfter
            && matches!(state.last_poll.status, 429 | 503);
        let left = u64::try_from(state.schedule.due_at.duration_since(now).as_secs()).unwrap_or(0);
        if is_throttled && let Some(url) = ingest::poll_address(source, &state.address) {
            self.poll_context.load().client.set_backoff(&url, left);
        }
    }

    /// How long the host of a source must still be left alone; `None`: a request may be sent.
    pub(super) fn host_backoff(&self, source: &Source, state: &PollState) -> Option<Duration> {
        let url = ingest::poll_address(source, &state.address)?;
        self.poll_context.load().client.remaining_backoff(&url)
    }

    /// The sources that were blamed while the network was down, once it is up.
    pub(super) fn take_sources_to_retry(&self) -> BTreeSet<SourceId> {
        self.network_monitor.take_sources_to_retry()
    }

    /// Announces that several polls begin, so that the writer does not write them one by one.
    pub(super) fn begin_batch(&self) -> InFlightWrite {
        self.write_queue.begin_write()
    }

    /// One poll, from the request to the stored result. It is in a box, as it is large, and a task that is started with it
    /// copies it several times.
    pub(super) fn poll_source(
        &self,
        job: SourceJob,
    ) -> impl Future<Output = PollEnded> + Send + 'static + use<> {
        let resources = self.poll_context.load_full();
        let (network_monitor, write_queue) =
            (Arc::clone(&self.network_monitor), self.write_queue.clone());
        let (robots, store) = (Arc::clone(&self.robots_cache), self.store.clone());
        let host_clocks = Arc::clone(&self.host_clocks);
        let in_flight = Some(self.write_queue.begin_write());
        Box::pin(async move {
            let SourceJob { source, prior, config_hash, retention, is_fresh, .. } = &job;
            let id = source.id.clone();
            let conditions = ReuseConditions {
                config_hash: *config_hash,
                retention: *retention,
                requests_whole: *is_fresh,
            };
            let now = Timestamp::now();
            let mut polled = ingest::poll(&resources, source, prior, conditions, now).await;
            host_clocks.record(source, now, polled.freshness);
            let network = network_monitor.record(source, &polled);
            let reserved = polled.reserved_memory();
            let fetcher =
                FullTextFetcher { resources: &resources, robots: &robots, store: &store, source };
            let mut prepared = PreparedDocument::default();
            let mut pages = None;
            // A large document is stored at once: others wait for its memory.
            if !reserved.is_large() {
                (polled, prepared) = prepare_poll(&fetcher, &job, polled).await;
            }
            if let PollBody::Changed { reading, .. } = &polled.body {
                let entries = &reading.feed.entries[..];
                let small = if reserved.is_large() { &[] } else { entries };
                pages = fetcher.fetch_before_listing(small, Timestamp::now()).await;
            }
            let input = WriteInput::Polled(Box::new(polled));
            let result = JobResult { input, prepared, pages, network, in_flight };
            let stored = write_and_wait(&write_queue, job, result).await;
            drop(reserved);
            (id, stored)
        })
    }

    /// One push, from the check of its signature to the stored result.
    pub(super) fn read_push(
        &self,
        job: SourceJob,
        push: SignedPush,
    ) -> impl Future<Output = PushEnded> + Send + 'static {
        let (resources, write_queue) = (self.poll_context.load_full(), self.write_queue.clone());
        let (robots, store) = (Arc::clone(&self.robots_cache), self.store.clone());
        async move {
            let date_order = job.prior.learned_date_order(job.config_hash);
            match ingest::read_push(&resources, &job.source, push, date_order, Timestamp::now())
                .await
            {
                PushReadResult::Forged => PushEnded::Forged,
                PushReadResult::Unreadable(error) => PushEnded::Unreadable(error),
                PushReadResult::Read(reading) => {
                    let source = &job.source;
                    let fetcher = FullTextFetcher {
                        resources: &resources,
                        robots: &robots,
                        store: &store,
                        source,
                    };
                    let Some((reading, prepared)) = prepare(&fetcher, &job, reading).await else {
                        return PushEnded::Unreadable(UpdateError::Defect);
                    };
                    let pages =
                        fetcher.fetch_before_listing(&reading.feed.entries, Timestamp::now()).await;
                    let input = WriteInput::Pushed(reading);
                    let (network, in_flight) = (NetworkStatus::Up, None);
                    let result = JobResult { input, prepared, pages, network, in_flight };
                    let stored = write_and_wait(&write_queue, job, result).await;
                    PushEnded::Stored(stored.map(|stored| stored.map(Box::new)))
                }
            }
        }
    }

    /// Fetches the pending pages of a source, round after round, and stores each round. `None`: none was due.
    pub(super) fn fetch_pending_pages(
        &self,
        job: SourceJob,
    ) -> impl Future<Output = PollEnded> + Send + 'static {
        let (resources, write_queue) = (self.poll_context.load_full(), self.write_queue.clone());
        let (robots, store) = (Arc::clone(&self.robots_cache), self.store.clone());
        async move {
            let (id, source) = (job.source.id.clone(), Arc::clone(&job.source));
            let fetcher = FullTextFetcher {
                resources: &resources,
                robots: &robots,
                store: &store,
                source: &source,
            };
            let until = Instant::now() + full_text::ROUNDS_TIME;
            let mut stored: Option<Result<UpdateReport, RunError>> = None;
            for _ in 0..full_text::ROUNDS {
                let Some(pages) = fetcher.fetch_pending(until, Timestamp::now()).await else {
                    break;
                };
                let pages = Some(pages);
                let (input, network, in_flight) = (WriteInput::Pages, NetworkStatus::Up, None);
                let prepared = PreparedDocument::default();
                let result = JobResult { input, prepared, pages, network, in_flight };
                let before = stored.and_then(Result::ok).map_or(0, |report| report.changed_count);
                stored = write_and_wait(&write_queue, job.clone(), result).await;
                match &mut stored {
                    Some(Ok(report)) => report.changed_count += before,
                    _ => break,
                }
            }
            (id, stored)
        }
    }

    /// Sends a request to a hub.
    pub(super) fn post_to_hub(
        &self,
        hub: Url,
        form: String,
    ) -> impl Future<Output = Result<(), PostError>> + Send + 'static {
        let resources = self.poll_context.load_full();
        async move { resources.client.post(&hub, &form, Timestamp::now()).await }
    }
}

/// The result of a job, for the writer.
struct JobResult {
    input: WriteInput,
    prepared: PreparedDocument,
    pages: Option<FetchedTexts>,
    network: NetworkStatus,
    /// The announcement that the writer waits for.
    in_flight: Option<InFlightWrite>,
}

/// Prepares what a poll brought for the writer.
async fn prepare_poll(
    fetcher: &FullTextFetcher<'_>,
    job: &SourceJob,
    polled: PollResult,
) -> (PollResult, PreparedDocument) {
    let PollResult { body, status, freshness, hops, rediscovery } = polled;
    let (body, prepared) = match body {
        PollBody::Changed { reading, validators, body_hash, offer, held } => {
            match prepare(fetcher, job, reading).await {
                Some((reading, prepared)) => {
                    (PollBody::Changed { reading, validators, body_hash, offer, held }, prepared)
                }
                None => (PollBody::Failed(UpdateError::Defect), PreparedDocument::default()),
            }
        }
        body => (body, PreparedDocument::default()),
    };
    (PollResult { body, status, freshness, hops, rediscovery }, prepared)
}

/// Prepares a document for the writer; `None`: that panicked.
async fn prepare(
    fetcher: &FullTextFetcher<'_>,
    job: &SourceJob,
    reading: Box<ParsedFeed>,
) -> Option<(Box<ParsedFeed>, PreparedDocument)> {
    let FullTextFetcher { resources, store, .. } = fetcher;
    let source = (&job.source.id, job.stories.as_ref());
    stories::prepare_document(resources, store, source, reading, Timestamp::now()).await
}

/// Sends a result to the writer and waits until it is stored; `None`: the writer is gone.
async fn write_and_wait(
    write_queue: &WriteQueue,
    job: SourceJob,
    result: JobResult,
) -> Option<Result<UpdateReport, RunError>> {
    let SourceJob {
        source, prior, config_hash, bounds, retention, relaxed_interval, stories, ..
    } = job;
    let JobResult { input, prepared, pages, network, in_flight } = result;
    let PreparedDocument { entries: prepared, texts } = prepared;
    let (reply, answer) = oneshot::channel();
    let now = Timestamp::now();
    let write_job = WriteJob {
        source,
        input,
        prepared,
        texts: stories.map(|vectors| texts.unwrap_or_else(|| StoryTexts::new(vectors))),
        pages,
        prior,
        config_hash,
        bounds,
        retention,
        network,
        relaxed_interval,
        answered_at: now,
        reply,
    };
    write_queue.send(write_job, in_flight).await?;
    answer.await.ok().map(|stored| stored.map_err(RunError::Store))
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
