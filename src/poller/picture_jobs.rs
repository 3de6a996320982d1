//! Pictures that pages want → their copies: fetched a few at a time, beside the polls, for as long as the program runs.
//! From time to time the copies are removed whose entries or sources are gone.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use jiff::Timestamp;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use super::jobs::Jobs;
use super::settings;
use crate::config::Config;
use crate::fetch::{Client, FetchError, FetchSettings};
use crate::http::RenderRequest;
use crate::ingest::full_text::RobotsCache;
use crate::ingest::{MAX_PICTURE_BYTES, PICTURE_TIMEOUT, PictureFetcher, PollResources};
use crate::pictures::{PictureOutcome, PictureShelf, WantedPicture};
use crate::publish::{self, PublishedSite, Publisher};
use crate::store::Store;

/// The folder of the copies within the store's.
const PICTURES_FOLDER: &str = "pictures";
/// The maximum number of pictures that are fetched at the same time, each from another host.
const MAX_FETCHES: usize = 6;
/// Pages are rendered again so long after the first copy that they do not show yet: they then show many.
const REPORT_DELAY: Duration = Duration::from_secs(3);
/// Copies without an entry or a source are removed this often.
const SWEEP_INTERVAL: Duration = Duration::from_mins(10);

/// What fetching pictures shares with the polls.
pub(super) struct PictureContext {
    /// The client of the polls knows the hosts that want to be left alone.
    polls: Arc<ArcSwap<PollResources>>,
    robots: Arc<RobotsCache>,
    site: Arc<ArcSwap<PublishedSite>>,
    store: Store,
    publisher: Publisher,
}

/// The daemon's handle of the task that fetches pictures; its default: pages show none.
#[derive(Default)]
pub(super) struct PictureJobs(Option<Arc<ArcSwap<PictureFetcher>>>);

/// Opens the folder of the copies. `None`: pages show no pictures, or the folder cannot be used.
pub(super) fn open_shelf(config: &Config) -> Option<PictureShelf> {
    if !config.serve.pictures {
        return None;
    }
    let folder = config.store.path.join(PICTURES_FOLDER);
    let opened = PictureShelf::open(&folder, config.serve.pictures_bytes);
    opened
        .inspect_err(|error| {
            tracing::error!(%error, folder = %folder.display(), "pages show no pictures: their folder cannot be used");
        })
        .ok()
}

/// Starts the task that answers requests for copies. `None`: pages show no pictures.
pub(super) fn start_service(
    shelf: Option<&PictureShelf>,
    stop: &CancellationToken,
) -> Option<mpsc::Sender<RenderRequest>> {
    shelf.map(|shelf| publish::start_picture_service(shelf.clone(), stop.clone()))
}

impl PictureContext {
    /// What fetching pictures shares with these jobs.
    pub(super) fn new(
        jobs: &Jobs,
        store: &Store,
        site: &Arc<ArcSwap<PublishedSite>>,
        publisher: &Publisher,
    ) -> Self {
        Self {
            polls: Arc::clone(&jobs.poll_context),
            robots: Arc::clone(&jobs.robots_cache),
            site: Arc::clone(site),
            store: store.clone(),
            publisher: publisher.clone(),
        }
    }

    /// Starts the task that fetches pictures; it ends when `stop` is cancelled. Without a shelf there is no task.
    ///
    /// # Errors
    /// `FetchError::Setup` when the client cannot be set up.
    pub(super) fn start(
        self,
        config: &Config,
        copies: Option<PictureShelf>,
        stop: &CancellationToken,
    ) -> Result<PictureJobs, FetchError> {
        let Some(copies) = copies else { return Ok(PictureJobs::default()) };
        let decoder = Arc::new(Semaphore::new(1));
        let fetcher = Arc::new(ArcSwap::from_pointee(build_fetcher(config, decoder)?));
        let task = PictureTask { copies, fetcher: Arc::clone(&fetcher), context: Arc::new(self) };
        tokio::spawn(task.run(stop.clone()));
        Ok(PictureJobs(Some(fetcher)))
    }
}

impl PictureJobs {
    /// New requests use another configuration from now on.
    ///
    /// # Errors
    /// `FetchError::Setup` when the client cannot be set up.
    pub(super) fn reconfigure(&self, config: &Config) -> Result<(), FetchError> {
        if let Some(fetcher) = &self.0 {
            let decoder = Arc::clone(&fetcher.load().decoder);
            fetcher.store(Arc::new(build_fetcher(config, decoder)?));
        }
        Ok(())
    }
}

/// A fetcher with a client of its own: one request at a time to a host, and less patience than a poll has.
fn build_fetcher(config: &Config, decoder: Arc<Semaphore>) -> Result<PictureFetcher, FetchError> {
    let polls = settings::fetch_settings(config);
    let servers = polls.allow_private.clone();
    let own = FetchSettings {
        timeout: polls.timeout.min(PICTURE_TIMEOUT),
        max_bytes: MAX_PICTURE_BYTES,
        per_host: 1,
        ..polls
    };
    let public = Client::new(&FetchSettings { allow_private: BTreeSet::new(), ..own.clone() })?;
    let own_servers = if servers.is_empty() { None } else { Some((servers, Client::new(&own)?)) };
    Ok(PictureFetcher { public, own_servers, decoder })
}

/// The task that fetches pictures.
struct PictureTask {
    copies: PictureShelf,
    fetcher: Arc<ArcSwap<PictureFetcher>>,
    context: Arc<PictureContext>,
}

impl PictureTask {
    async fn run(self, stop: CancellationToken) {
        let mut running = JoinSet::new();
        let mut sweeps = tokio::time::interval(SWEEP_INTERVAL);
        sweeps.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut report_at: Option<Instant> = None;
        loop {
            while running.len() < MAX_FETCHES
                && let Some(wanted) = self.copies.start_next()
            {
                running.spawn(self.fetch(wanted));
            }
            let report = report_at.unwrap_or_else(Instant::now);
            tokio::select! {
                () = stop.cancelled() => return,
                Some(ended) = running.join_next() => {
                    if ended.unwrap_or(false) {
                        report_at.get_or_insert_with(|| Instant::now() + REPORT_DELAY);
                    }
                }
                () = self.copies.wait_until_wanted() => {}
                () = tokio::time::sleep_until(report), if report_at.is_some() => {
                    report_at = None;
                    self.context.publisher.pictures_changed();
                }
                _ = sweeps.tick() => self.sweep().await,
            }
        }
    }

    /// Fetches a picture and stores how that ended. Returns whether a page can show something else now.
    fn fetch(&self, wanted: WantedPicture) -> impl Future<Output = bool> + Send + 'static + use<> {
        let (copies, fetcher) = (self.copies.clone(), self.fetcher.load_full());
        let context = Arc::clone(&self.context);
        async move {
            let source = context.site.load().sources.find(&wanted.source).map(Arc::clone);
            let polls = context.polls.load_full();
            let outcome = match source {
                Some(source) => {
                    let polite = (&polls.client, &*context.robots);
                    fetcher.fetch(&wanted, &source, polite, Timestamp::now()).await
                }
                // It was removed meanwhile.
                None => PictureOutcome::Failed,
            };
            let stored = tokio::task::spawn_blocking(move || {
                let put = |outcome: &PictureOutcome| copies.put(&wanted, outcome, Timestamp::now());
                // Without a mark of the failure a full disk would have every page fetch it again.
                put(&outcome).inspect_err(|_| drop(put(&PictureOutcome::Failed)))
            });
            match stored.await {
                Ok(Ok(is_news)) => is_news,
                Ok(Err(error)) => {
                    tracing::warn!(%error, "the copy of a picture cannot be written");
                    false
                }
                Err(_) => false,
            }
        }
    }

    /// Removes what nothing shows any more.
    async fn sweep(&self) {
        let (copies, context) = (self.copies.clone(), Arc::clone(&self.context));
        let swept = tokio::task::spawn_blocking(move || {
            let site = context.site.load();
            let unwanted = publish::find_unwanted_pictures(&copies, &context.store, &site)
                .map_err(|error| error.to_string())?;
            copies.sweep(&unwanted, Timestamp::now()).map_err(|error| error.to_string())
        });
        match swept.await {
            Ok(Ok(0)) => {}
            Ok(Ok(removed)) => {
                tracing::debug!(removed, "copies of pictures removed");
                self.context.publisher.pictures_changed();
            }
            Ok(Err(error)) => tracing::warn!(%error, "old copies of pictures cannot be removed"),
            Err(_) => tracing::error!("removing copies of pictures panicked; please report it"),
        }
    }
}
