//! Committed entries → the shelf: renders what was asked for, keeps it warm after changes, and lets
//! go of what nobody asks for any more. Runs beside the writer; reads the store, never writes it.
//!
//! | file | turns |
//! | --- | --- |
//! | `edition` | what the operator wants published |
//! | `press` | what is wanted → finished bytes |
//! | `fixed` | what hangs on no entry: stylesheet, icons, pages of notices |
//! | `folder` | the whole site as files → which there are, and what stands in each |
//! | `flags` | a source's newest entries → whether its «عاجل» is believed |
//! | `sieve` | rules and named outputs → which entries an output holds |
//! | `stamp` | an entry and its source's card → what stands for all that a query sees of them |
//! | `tellings` | entries → those that stand for their stories, and who else tells of each |
//! | `trial` | rules on trial → what they make of the stored entries |
//! | `explain` | an entry → why it stands where it stands |
//! | `cursor` | where a page ends ↔ a word in its address |
//! | `index` | what the store keeps → the search index, in step |
//! | `search` | what is looked for → finished bytes |
//! | `links` | what is wanted → its address, and those of the same in other formats |
//! | `desk` | searches that wait → who is answered next |
//! | `report` | what the store remembers → the health of every source |

mod breaking;
mod cursor;
mod entry_stamp;
mod explain;
mod filter_dry_run;
mod idle_rules;
pub mod index_sync;
mod link_headers;
mod output_filters;
mod program_files;
mod published_site;
mod renderer;
#[cfg(test)]
mod sample;
pub mod search_queue;
pub mod search_service;
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
use crate::model::{Rendition, Scope};
use crate::search_index::SearchIndex;
use crate::store::Store;

pub use idle_rules::{IdleRule, idle_rules};
pub use output_filters::{Exclusion, OutputFilters, RuleOwner};
pub use published_site::{PublishedSite, display_name};
pub use renderer::{Renderer, outline_kind};
pub use static_site::{linked_files, site_files};

/// After a commit, changes are gathered this long before outputs are rendered again: a cold pass
/// over a thousand sources must not render a thousand times.
const GATHER_TIME: Duration = Duration::from_secs(1);
/// An output is kept warm this long after it was last asked for; the next wish warms it again.
const WARM_TIME: Duration = Duration::from_hours(1);
/// Outputs kept warm at most: the four of all sources and those of some hundred categories and
/// sources.
const MAX_WARM: usize = 1_000;
/// Wishes that may wait.
const MAX_RENDER_REQUESTS: usize = 256;
/// What is not kept warm is at least not made twice within this time.
const SHORT_CACHE_TIME: Duration = Duration::from_secs(1);

/// What is told to the publisher.
enum PublisherEvent {
    /// Entries or the configuration changed.
    Changed,
    /// A source was polled: its health may be another.
    Polled,
    /// The configuration's file was refused, or is good again.
    ConfigRefused(Option<String>),
}

/// The loop's end of the publisher.
#[derive(Clone)]
pub struct Publisher {
    events: mpsc::UnboundedSender<PublisherEvent>,
    /// How many changes there were.
    changes: Arc<AtomicU64>,
}

impl Publisher {
    /// Entries or the configuration changed: warm outputs are rendered again, soon.
    pub fn changed(&self) {
        let change = self.changes.fetch_add(1, Ordering::SeqCst) + 1;
        tracing::debug!(change, "outputs are to be rendered");
        // A publisher that is gone is leaving with the program.
        let _ = self.events.send(PublisherEvent::Changed);
    }

    /// A source was polled, without news: only its health may be another.
    pub fn polled(&self) {
        let _ = self.events.send(PublisherEvent::Polled);
    }

    /// The configuration's file was refused for this reason; `None`: it is good again.
    pub fn config_refused(&self, reason: Option<String>) {
        let _ = self.events.send(PublisherEvent::ConfigRefused(reason));
    }
}

/// What the publisher works with.
pub struct PublisherSetup {
    /// The store, for reading.
    pub store: Store,
    /// What the operator wants published.
    pub site: Arc<ArcSwap<PublishedSite>>,
    /// Where finished bytes go.
    pub cache: Arc<RenditionCache>,
    /// For counting.
    pub metrics: Arc<Metrics>,
    /// Told once the first outputs stand on the shelf.
    pub health: Arc<DaemonHealth>,
    /// When the program started.
    pub started_at: Timestamp,
    /// The index, for telling how it is; `None`: nothing is searched.
    pub search: Option<SearchIndex>,
}

/// Starts the publisher; it ends when `stop` is cancelled.
pub fn start_publisher(
    setting: PublisherSetup,
    stop: CancellationToken,
) -> (Publisher, mpsc::Sender<RenderRequest>) {
    let changes = Arc::default();
    let (notes, note_inbox) = mpsc::unbounded_channel();
    let (wishes, wish_inbox) = mpsc::channel(MAX_RENDER_REQUESTS);
    setting.cache.put_files(program_files::program_files());
    setting.cache.put_notices(program_files::notice_pages(&setting.site.load()));
    let desk = PublisherTask {
        setup: setting,
        changes: Arc::clone(&changes),
        warm: initial_warm_outputs(),
        short_cache: BTreeMap::new(),
        stale_since: None,
        config_error: None,
    };
    tokio::spawn(desk.run(note_inbox, wish_inbox, stop));
    (Publisher { events: notes, changes }, wishes)
}

/// What readers ask for first is warm from the start, and stays so.
fn initial_warm_outputs() -> BTreeMap<Resource, Option<Instant>> {
    let formats = [OutputFormat::Rss, OutputFormat::Atom, OutputFormat::Json];
    let feeds = formats.map(|format| Resource::Feed { scope: Scope::All, format });
    let page = Resource::Page { scope: Scope::All, before: None };
    feeds.into_iter().chain([page]).map(|wanted| (wanted, None)).collect()
}

struct PublisherTask {
    setup: PublisherSetup,
    /// As the loop counts them.
    changes: Arc<AtomicU64>,
    /// What is kept warm, and when it was last asked for (`None`: always).
    warm: BTreeMap<Resource, Option<Instant>>,
    /// What was made a moment ago and is not kept.
    short_cache: BTreeMap<Resource, (Instant, Arc<Rendition>)>,
    stale_since: Option<Instant>,
    config_error: Option<String>,
}

impl PublisherTask {
    async fn run(
        mut self,
        mut notes: mpsc::UnboundedReceiver<PublisherEvent>,
        mut wishes: mpsc::Receiver<RenderRequest>,
        stop: CancellationToken,
    ) {
        self.rerender_warm().await;
        self.setup.health.set_ready();
        loop {
            let gather = self.stale_since.map(|since| since + GATHER_TIME);
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                Some(note) = notes.recv() => self.handle_event(note),
                () = sleep_until_or_forever(gather) => self.rerender_warm().await,
                Some(wish) = wishes.recv() => self.answer(wish).await,
            }
        }
        // Requests that came before the end are still answered.
        wishes.close();
        while let Some(wish) = wishes.recv().await {
            self.answer(wish).await;
        }
    }

    fn handle_event(&mut self, note: PublisherEvent) {
        match note {
            PublisherEvent::Changed => {
                self.stale_since.get_or_insert_with(Instant::now);
            }
            PublisherEvent::Polled => {}
            PublisherEvent::ConfigRefused(reason) => self.config_error = reason,
        }
        self.short_cache.clear();
    }

    /// Renders every warm output again and lets the cold ones go.
    async fn rerender_warm(&mut self) {
        self.stale_since = None;
        self.setup.cache.put_notices(program_files::notice_pages(&self.setup.site.load()));
        self.warm.retain(|_, asked| asked.is_none_or(|asked| asked.elapsed() < WARM_TIME));
        let wanted: Vec<Resource> = self.warm.keys().cloned().collect();
        // What is read from the store below holds them all.
        let change = self.changes.load(Ordering::SeqCst);
        let mut ready = BTreeMap::new();
        for wanted in wanted {
            let printed = self.render(wanted.clone()).await;
            // What could not be rendered just now stays as it was.
            let before = || self.setup.cache.get(&wanted);
            if let Some(rendition) = printed.unwrap_or_else(before) {
                ready.insert(wanted, rendition);
            }
        }
        let count = ready.len();
        self.setup.cache.replace(ready);
        tracing::debug!(outputs = count, change, "outputs rendered");
    }

    async fn answer(&mut self, wish: RenderRequest) {
        let RenderRequest { resource: wanted, reply } = wish;
        let kept = self.setup.cache.get(&wanted).or_else(|| {
            let (made, rendition) = self.short_cache.get(&wanted)?;
            (made.elapsed() < SHORT_CACHE_TIME).then(|| Arc::clone(rendition))
        });
        // Several readers may have asked before the first was answered.
        if let Some(ready) = kept {
            let _ = reply.send(Reply::Ready(ready));
            return;
        }
        // Dropping the reply tells "not now".
        let Some(rendition) = self.render(wanted.clone()).await else { return };
        if let Some(rendition) = &rendition {
            self.cache_rendition(wanted, rendition);
        }
        let _ = reply.send(rendition.into());
    }

    fn cache_rendition(&mut self, wanted: Resource, rendition: &Arc<Rendition>) {
        if is_cacheable(&wanted) && self.warm.len() < MAX_WARM {
            self.setup.cache.put(&wanted, rendition);
            self.warm.insert(wanted, Some(Instant::now()));
        } else {
            self.short_cache.retain(|_, (made, _)| made.elapsed() < SHORT_CACHE_TIME);
            self.short_cache.insert(wanted, (Instant::now(), Arc::clone(rendition)));
        }
    }

    /// Renders off the async threads; what did not change keeps its bytes and validators. The outer
    /// `None`: it failed, and was logged; the inner: there is no such thing.
    async fn render(&self, wanted: Resource) -> Option<Option<Arc<Rendition>>> {
        self.setup.metrics.renders.inc();
        let press = Renderer {
            store: self.setup.store.clone(),
            site: self.setup.site.load_full(),
            started_at: self.setup.started_at,
            config_error: self.config_error.clone(),
            search: self.setup.search.clone(),
        };
        let before = self.setup.cache.get(&wanted);
        let name = format!("{wanted:?}");
        let printed = tokio::task::spawn_blocking(move || {
            press.render(&wanted, before.as_ref(), Timestamp::now())
        });
        match printed.await {
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

/// Older pages are without number, and the status is new every second: neither is kept.
fn is_cacheable(wanted: &Resource) -> bool {
    matches!(wanted, Resource::Feed { .. } | Resource::Opml | Resource::Page { before: None, .. })
}

async fn sleep_until_or_forever(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
