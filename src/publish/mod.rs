//! Committed entries → the rendition cache: renders the resources that readers request, renders them again
//! after changes, and drops those that no one requests any more. Runs beside the writer; reads the store, and
//! writes only which archive pages are closed.
//!
//! | file | input → output |
//! | --- | --- |
//! | `published_site` | what the operator publishes |
//! | `query_subject` | an entry and its source → what queries look at |
//! | `entry_stamp` | an entry and its source → a hash of all that a query can see of them |
//! | `cursor` | the end of a page ↔ a word in its address |
//! | `breaking` | a source's newest entries → whether its «عاجل» is trusted |
//! | `output_filters` | rules and named outputs → which entries an output holds |
//! | `source_cards` | the site and the poll states → what outputs say about each source, kept |
//! | `site_reader` | the store and the site → what outputs say about sources |
//! | `link_headers` | a resource → its folder and its `Link` header |
//! | `journal_index` | the journal of arrivals → the numbers of each source's arrivals |
//! | `scope_key` | an output and its rules → the key of its archive |
//! | `archive_memory` | what is remembered of the journal and the archives between renderings |
//! | `archive` | the arrivals of an output → its closed archive pages |
//! | `arrivals_since` | a number of the journal → what is new since |
//! | `static_site` | the whole site as files → the list of files, and the content of each |
//! | `program_files` | the stylesheet, the icons, the notice pages → finished bytes |
//! | `idle_rules` | rules and stored entries → the rules that have no effect |
//! | `story_lookup` | entries → those that represent their stories, and the other versions of each |
//! | `filter_dry_run` | proposed rules → their effect on the stored entries |
//! | `status_report` | the poll states → the health of every source |
//! | `selection` | an output → the entries of its feed or page |
//! | `publication` | an output → the publication that all formats are rendered from |
//! | `publication_cache` | what a publication is made from → the last publications |
//! | `fragment_cache` | what a document shows of an entry → its text, kept |
//! | `delta_feed` | an output and a position in the journal → what is new since, for a subscriber |
//! | `feed_text` | a publication → its feed in one format, and the page about that feed |
//! | `explain` | an entry → the reasons for its date, its story and its outputs |
//! | `renderer` | a resource → finished bytes |
//! | `export_row` | a stored entry → its row in an export |
//! | `entry_export` | a filter → the rows of all entries that it accepts |
//! | `operator_streams` | requests of the operator → exports and backups, piece by piece |
//! | `sources_to_index` | a source → what is indexed with its entries, and a digest of it |
//! | `index_build` | the store → all its entries for a new index, page by page |
//! | `index_updates` | what changed in the store → the same in the search index, step by step |
//! | `index_pace` | what happened when → which step is due |
//! | `index_sync` | stored entries → the search index, up to date |
//! | `search_service` | a search → finished bytes |
//! | `search_queue` | waiting searches → the next one to run |

mod archive;
mod archive_memory;
mod arrivals_since;
mod breaking;
mod cursor;
mod delta_feed;
mod entry_export;
mod entry_stamp;
mod explain;
mod export_row;
mod feed_text;
mod filter_dry_run;
mod fragment_cache;
mod idle_rules;
mod index_build;
mod index_pace;
pub mod index_sync;
mod index_updates;
mod journal_index;
mod link_headers;
mod operator_streams;
mod output_filters;
mod program_files;
mod publication;
mod publication_cache;
mod published_site;
mod query_subject;
mod renderer;
#[cfg(test)]
mod sample;
mod scope_key;
pub mod search_queue;
pub mod search_service;
mod selection;
mod site_reader;
mod sources_to_index;
mod source_cards;
mod static_site;
mod status_report;
mod story_lookup;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::http::{
    DaemonHealth, Metrics, OutputFormat, RenderRequest, RenditionCache, Reply, Resource,
};
use crate::model::{PollingPause, Rendition, Scope};
use crate::search_index::SearchIndex;
use crate::store::Store;

pub use archive_memory::Archives;
pub use entry_export::{ExportError, ExportSummary};
pub use export_row::{ColumnKind, EXPORT_COLUMNS};
pub use idle_rules::{IdleRule, idle_rules};
pub use operator_streams::start_operator_streams;
pub use output_filters::{Exclusion, OutputFilters, RuleOwner};
pub use program_files::{cache_without_entries, opening_notice};
pub use publication::close_archive_pages;
pub use published_site::{PublishedSite, display_name};
pub use renderer::{Renderer, outline_kind};
pub use static_site::{linked_files, site_files};
pub use status_report::find_duplicate_sources;

/// After a commit, changes are gathered for this long before outputs are rendered again: a first pass over a
/// thousand sources must not render a thousand times.
const GATHER_TIME: Duration = Duration::from_secs(1);
/// An output stays warm for this long after the last request for it. The next request warms it again.
const WARM_TIME: Duration = Duration::from_hours(1);
/// The maximum number of warm outputs: the four of all sources, and those of some hundred categories and
/// sources.
const MAX_WARM: usize = 1_000;
/// The maximum number of archive pages in memory, with a hundred entries each: 12 MB.
const MAX_ARCHIVE_PAGES: usize = 64;
/// The maximum number of waiting render requests.
const MAX_RENDER_REQUESTS: usize = 256;
/// A resource that is not kept warm is rendered at most once within this time.
const SHORT_CACHE_TIME: Duration = Duration::from_secs(1);

/// An event that the daemon sends to the publisher.
enum PublisherEvent {
    /// Entries or the configuration changed.
    Changed,
    /// A source was polled. Its health may have changed.
    Polled,
    /// The configuration file was refused for this reason; `None`: it is accepted again.
    ConfigRefused(Option<String>),
    /// No source is polled for this reason; `None`: polls go on.
    PollingPaused(Option<Box<PollingPause>>),
}

/// The daemon's handle of the publisher.
#[derive(Clone)]
pub struct Publisher {
    events: mpsc::UnboundedSender<PublisherEvent>,
    /// The number of changes so far.
    changes: Arc<AtomicU64>,
}

impl Publisher {
    /// Reports that entries or the configuration changed. Warm outputs are rendered again soon.
    pub fn changed(&self) {
        let change = self.changes.fetch_add(1, Ordering::SeqCst) + 1;
        tracing::debug!(change, "outputs are to be rendered");
        // Sending fails only when the publisher has ended because the program ends.
        let _ = self.events.send(PublisherEvent::Changed);
    }

    /// Reports that a source was polled without news. Only its health may have changed.
    pub fn polled(&self) {
        let _ = self.events.send(PublisherEvent::Polled);
    }

    /// Reports that the configuration file was refused for this reason; `None`: it is accepted again.
    pub fn config_refused(&self, reason: Option<String>) {
        let _ = self.events.send(PublisherEvent::ConfigRefused(reason));
    }

    /// Reports that no source is polled for this reason; `None`: polls go on.
    pub fn polling_paused(&self, pause: Option<PollingPause>) {
        let _ = self.events.send(PublisherEvent::PollingPaused(pause.map(Box::new)));
    }
}

/// Everything that the publisher works with.
pub struct PublisherSetup {
    /// The store, for reading.
    pub store: Store,
    /// What the operator publishes.
    pub site: Arc<ArcSwap<PublishedSite>>,
    /// Where finished bytes go.
    pub cache: Arc<RenditionCache>,
    /// Counts renderings.
    pub metrics: Arc<Metrics>,
    /// Set to ready once the first outputs are in the cache.
    pub health: Arc<DaemonHealth>,
    /// When the program started.
    pub started_at: Timestamp,
    /// The search index, for reporting its state; `None`: this process does not maintain one.
    pub search: Option<SearchIndex>,
}

/// Starts the publisher; it ends when `stop` is cancelled.
pub fn start_publisher(
    setup: PublisherSetup,
    stop: CancellationToken,
) -> (Publisher, mpsc::Sender<RenderRequest>) {
    let changes = Arc::default();
    let (events, event_inbox) = mpsc::unbounded_channel();
    let (requests, request_inbox) = mpsc::channel(MAX_RENDER_REQUESTS);
    setup.cache.put_files(program_files::program_files());
    setup.cache.put_notices(program_files::notice_pages(&setup.site.load()));
    let task = PublisherTask {
        setup,
        changes: Arc::clone(&changes),
        warm: initial_warm_outputs(),
        short_cache: BTreeMap::new(),
        archive_cache: BTreeMap::new(),
        archives: Arc::default(),
        stale_since: None,
        config_error: None,
        polling_pause: None,
    };
    tokio::spawn(task.run(event_inbox, request_inbox, stop));
    (Publisher { events, changes }, requests)
}

/// The outputs that readers request first are warm from the start and stay warm.
fn initial_warm_outputs() -> BTreeMap<Resource, Option<Instant>> {
    let formats = [OutputFormat::Rss, OutputFormat::Atom, OutputFormat::Json];
    let feeds = formats.map(|format| Resource::Feed { scope: Scope::All, format });
    let page = Resource::Page { scope: Scope::All, before: None };
    feeds.into_iter().chain([page]).map(|resource| (resource, None)).collect()
}

struct PublisherTask {
    setup: PublisherSetup,
    /// The number of changes, as the daemon counts them.
    changes: Arc<AtomicU64>,
    /// The warm outputs, each with the time of its last request (`None`: it is always warm).
    warm: BTreeMap<Resource, Option<Instant>>,
    /// Renditions made a moment ago that are not kept warm.
    short_cache: BTreeMap<Resource, (Instant, Arc<Rendition>)>,
    /// Pages of archives, made since the last change of entries or the configuration.
    archive_cache: BTreeMap<Resource, Arc<Rendition>>,
    archives: Arc<Archives>,
    stale_since: Option<Instant>,
    config_error: Option<String>,
    polling_pause: Option<PollingPause>,
}

impl PublisherTask {
    async fn run(
        mut self,
        mut events: mpsc::UnboundedReceiver<PublisherEvent>,
        mut requests: mpsc::Receiver<RenderRequest>,
        stop: CancellationToken,
    ) {
        self.rerender_warm().await;
        self.setup.health.set_ready();
        loop {
            let gather = self.stale_since.map(|since| since + GATHER_TIME);
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                Some(event) = events.recv() => self.handle_event(event),
                () = sleep_until_or_forever(gather) => self.rerender_warm().await,
                Some(request) = requests.recv() => self.answer(request).await,
            }
        }
        // Requests that arrived before the end are still answered.
        requests.close();
        while let Some(request) = requests.recv().await {
            self.answer(request).await;
        }
    }

    fn handle_event(&mut self, event: PublisherEvent) {
        match event {
            PublisherEvent::Changed => {
                self.stale_since.get_or_insert_with(Instant::now);
                self.archive_cache.clear();
            }
            PublisherEvent::Polled => {}
            PublisherEvent::ConfigRefused(reason) => self.config_error = reason,
            PublisherEvent::PollingPaused(pause) => self.polling_pause = pause.map(|it| *it),
        }
        self.short_cache.clear();
    }

    /// Renders every warm output again and drops those that were not requested for a while.
    async fn rerender_warm(&mut self) {
        self.stale_since = None;
        self.setup.cache.put_notices(program_files::notice_pages(&self.setup.site.load()));
        self.warm.retain(|_, requested_at| {
            requested_at.is_none_or(|requested_at| requested_at.elapsed() < WARM_TIME)
        });
        let resources: Vec<Resource> = self.warm.keys().cloned().collect();
        // Everything that is read from the store below includes these changes.
        let change = self.changes.load(Ordering::SeqCst);
        let mut ready = BTreeMap::new();
        for resource in resources {
            let outcome = self.render(resource.clone()).await;
            // An output that cannot be rendered now keeps its previous bytes.
            let before = || self.setup.cache.get(&resource);
            if let Some(rendition) = outcome.unwrap_or_else(before) {
                ready.insert(resource, rendition);
            }
        }
        let count = ready.len();
        self.setup.cache.replace(ready);
        tracing::debug!(outputs = count, change, "outputs rendered");
    }

    async fn answer(&mut self, request: RenderRequest) {
        let RenderRequest { resource, reply } = request;
        let cached =
            self.setup.cache.get(&resource).or_else(|| self.archive_cache.get(&resource).cloned());
        let cached = cached.or_else(|| {
            let (made, rendition) = self.short_cache.get(&resource)?;
            (made.elapsed() < SHORT_CACHE_TIME).then(|| Arc::clone(rendition))
        });
        // Several readers may have requested it before the first was answered.
        if let Some(ready) = cached {
            let _ = reply.send(Reply::Ready(ready));
            return;
        }
        // Dropping the reply channel means "not now".
        let Some(rendition) = self.render(resource.clone()).await else { return };
        let answer = match rendition {
            Some(rendition) => {
                self.cache_rendition(resource, &rendition);
                Reply::Ready(rendition)
            }
            None if self.is_gone(resource).await => Reply::Gone,
            None => Reply::NotFound,
        };
        let _ = reply.send(answer);
    }

    fn cache_rendition(&mut self, resource: Resource, rendition: &Arc<Rendition>) {
        if is_cacheable(&resource) && self.warm.len() < MAX_WARM {
            self.setup.cache.put(&resource, rendition);
            self.warm.insert(resource, Some(Instant::now()));
        } else if is_archive(&resource) {
            if self.archive_cache.len() >= MAX_ARCHIVE_PAGES {
                self.archive_cache.clear();
            }
            self.archive_cache.insert(resource, Arc::clone(rendition));
        } else {
            self.short_cache.retain(|_, (made, _)| made.elapsed() < SHORT_CACHE_TIME);
            self.short_cache.insert(resource, (Instant::now(), Arc::clone(rendition)));
        }
    }

    fn renderer(&self) -> Renderer {
        Renderer {
            store: self.setup.store.clone(),
            site: self.setup.site.load_full(),
            started_at: self.setup.started_at,
            config_error: self.config_error.clone(),
            polling_pause: self.polling_pause.clone(),
            search: self.setup.search.clone(),
            archives: Arc::clone(&self.archives),
        }
    }

    /// Whether a resource that is not there was deleted. What cannot be determined was not.
    async fn is_gone(&self, resource: Resource) -> bool {
        if !is_archive(&resource) {
            return false;
        }
        let renderer = self.renderer();
        let outcome = tokio::task::spawn_blocking(move || renderer.is_gone(&resource)).await;
        matches!(outcome, Ok(Ok(true)))
    }

    /// Renders outside the async threads. An output that did not change keeps its bytes and validators. The
    /// outer `None`: rendering failed and the failure was logged. The inner `None`: there is no such
    /// resource.
    async fn render(&self, resource: Resource) -> Option<Option<Arc<Rendition>>> {
        self.setup.metrics.renders.inc();
        let renderer = self.renderer();
        let before = self.setup.cache.get(&resource);
        let name = format!("{resource:?}");
        let outcome = tokio::task::spawn_blocking(move || {
            renderer.render(&resource, before.as_ref(), Timestamp::now())
        });
        match outcome.await {
            Ok(Ok(rendition)) => Some(rendition),
            Ok(Err(error)) => {
                tracing::error!(%error, output = name, "an output could not be rendered");
                None
            }
            Err(_) => {
                tracing::error!(output = name, "rendering an output panicked; please report it");
                None
            }
        }
    }
}

/// There is no limit to the number of older pages, and the status changes every second. Neither is kept.
fn is_cacheable(resource: &Resource) -> bool {
    matches!(resource, Resource::Feed { .. } | Resource::Opml | Resource::Page { before: None, .. })
}

fn is_archive(resource: &Resource) -> bool {
    matches!(resource, Resource::ArchiveFeed { .. } | Resource::ArchivePage { .. })
}

async fn sleep_until_or_forever(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
