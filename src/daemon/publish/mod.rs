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

mod cursor;
pub mod desk;
mod edition;
mod effects;
mod explain;
mod fixed;
mod flags;
mod folder;
pub mod index;
mod links;
mod press;
mod report;
#[cfg(test)]
mod sample;
pub mod search;
mod sieve;
mod stamp;
mod tellings;
mod trial;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::daemon::search::Search;
use crate::daemon::serve::{Health, Metrics, OutputFormat, Reply, Shelf, Wanted, Wish};
use crate::daemon::store::Store;
use crate::feed::model::{Rendition, Scope};

pub use edition::{Edition, name_of};
pub use effects::{RuleEffect, idle_rules};
pub use folder::{files_of, more_files};
pub use press::Press;
pub use sieve::{Held, Sieve, Whose};

/// After a commit, changes are gathered this long before outputs are rendered again: a cold pass
/// over a thousand sources must not render a thousand times.
const GATHER: Duration = Duration::from_secs(1);
/// An output is kept warm this long after it was last asked for; the next wish warms it again.
const WARM: Duration = Duration::from_hours(1);
/// Outputs kept warm at most: the four of all sources and those of some hundred categories and
/// sources.
const MOST_WARM: usize = 1_000;
/// Wishes that may wait.
const WISHES: usize = 256;
/// What is not kept warm is at least not made twice within this time.
const SHORT_LIVED: Duration = Duration::from_secs(1);

/// What is told to the publisher.
enum Note {
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
    notes: mpsc::UnboundedSender<Note>,
    /// How many changes there were.
    changes: Arc<AtomicU64>,
}

impl Publisher {
    /// Entries or the configuration changed: warm outputs are rendered again, soon.
    pub fn changed(&self) {
        let change = self.changes.fetch_add(1, Ordering::SeqCst) + 1;
        tracing::debug!(change, "outputs are to be rendered");
        // A publisher that is gone is leaving with the program.
        let _ = self.notes.send(Note::Changed);
    }

    /// A source was polled, without news: only its health may be another.
    pub fn polled(&self) {
        let _ = self.notes.send(Note::Polled);
    }

    /// The configuration's file was refused for this reason; `None`: it is good again.
    pub fn config_refused(&self, reason: Option<String>) {
        let _ = self.notes.send(Note::ConfigRefused(reason));
    }
}

/// What the publisher works with.
pub struct Setting {
    /// The store, for reading.
    pub store: Store,
    /// What the operator wants published.
    pub edition: Arc<ArcSwap<Edition>>,
    /// Where finished bytes go.
    pub shelf: Arc<Shelf>,
    /// For counting.
    pub metrics: Arc<Metrics>,
    /// Told once the first outputs stand on the shelf.
    pub health: Arc<Health>,
    /// When the program started.
    pub started_at: Timestamp,
    /// The index, for telling how it is; `None`: nothing is searched.
    pub search: Option<Search>,
}

/// Starts the publisher; it ends when `stop` is cancelled.
pub fn start(setting: Setting, stop: CancellationToken) -> (Publisher, mpsc::Sender<Wish>) {
    let changes = Arc::default();
    let (notes, note_inbox) = mpsc::unbounded_channel();
    let (wishes, wish_inbox) = mpsc::channel(WISHES);
    setting.shelf.put_files(fixed::files());
    setting.shelf.put_notices(fixed::notices(&setting.edition.load()));
    let desk = Shop {
        setting,
        changes: Arc::clone(&changes),
        warm: first_warm(),
        fleeting: BTreeMap::new(),
        stale_since: None,
        config_error: None,
    };
    tokio::spawn(desk.work(note_inbox, wish_inbox, stop));
    (Publisher { notes, changes }, wishes)
}

/// What readers ask for first is warm from the start, and stays so.
fn first_warm() -> BTreeMap<Wanted, Option<Instant>> {
    let formats = [OutputFormat::Rss, OutputFormat::Atom, OutputFormat::Json];
    let feeds = formats.map(|format| Wanted::Feed { scope: Scope::All, format });
    let page = Wanted::Page { scope: Scope::All, before: None };
    feeds.into_iter().chain([page]).map(|wanted| (wanted, None)).collect()
}

struct Shop {
    setting: Setting,
    /// As the loop counts them.
    changes: Arc<AtomicU64>,
    /// What is kept warm, and when it was last asked for (`None`: always).
    warm: BTreeMap<Wanted, Option<Instant>>,
    /// What was made a moment ago and is not kept.
    fleeting: BTreeMap<Wanted, (Instant, Arc<Rendition>)>,
    stale_since: Option<Instant>,
    config_error: Option<String>,
}

impl Shop {
    async fn work(
        mut self,
        mut notes: mpsc::UnboundedReceiver<Note>,
        mut wishes: mpsc::Receiver<Wish>,
        stop: CancellationToken,
    ) {
        self.freshen().await;
        self.setting.health.set_ready();
        loop {
            let gather = self.stale_since.map(|since| since + GATHER);
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                Some(note) = notes.recv() => self.note(note),
                () = until(gather) => self.freshen().await,
                Some(wish) = wishes.recv() => self.grant(wish).await,
            }
        }
        // Requests that came before the end are still answered.
        wishes.close();
        while let Some(wish) = wishes.recv().await {
            self.grant(wish).await;
        }
    }

    fn note(&mut self, note: Note) {
        match note {
            Note::Changed => {
                self.stale_since.get_or_insert_with(Instant::now);
            }
            Note::Polled => {}
            Note::ConfigRefused(reason) => self.config_error = reason,
        }
        self.fleeting.clear();
    }

    /// Renders every warm output again and lets the cold ones go.
    async fn freshen(&mut self) {
        self.stale_since = None;
        self.setting.shelf.put_notices(fixed::notices(&self.setting.edition.load()));
        self.warm.retain(|_, asked| asked.is_none_or(|asked| asked.elapsed() < WARM));
        let wanted: Vec<Wanted> = self.warm.keys().cloned().collect();
        // What is read from the store below holds them all.
        let change = self.changes.load(Ordering::SeqCst);
        let mut ready = BTreeMap::new();
        for wanted in wanted {
            let printed = self.print(wanted.clone()).await;
            // What could not be rendered just now stays as it was.
            let before = || self.setting.shelf.get(&wanted);
            if let Some(rendition) = printed.unwrap_or_else(before) {
                ready.insert(wanted, rendition);
            }
        }
        let count = ready.len();
        self.setting.shelf.replace(ready);
        tracing::debug!(outputs = count, change, "outputs rendered");
    }

    async fn grant(&mut self, wish: Wish) {
        let Wish { wanted, reply } = wish;
        let kept = self.setting.shelf.get(&wanted).or_else(|| {
            let (made, rendition) = self.fleeting.get(&wanted)?;
            (made.elapsed() < SHORT_LIVED).then(|| Arc::clone(rendition))
        });
        // Several readers may have asked before the first was answered.
        if let Some(ready) = kept {
            let _ = reply.send(Reply::Ready(ready));
            return;
        }
        // Dropping the reply tells "not now".
        let Some(rendition) = self.print(wanted.clone()).await else { return };
        if let Some(rendition) = &rendition {
            self.keep(wanted, rendition);
        }
        let _ = reply.send(rendition.into());
    }

    fn keep(&mut self, wanted: Wanted, rendition: &Arc<Rendition>) {
        if is_kept(&wanted) && self.warm.len() < MOST_WARM {
            self.setting.shelf.put(&wanted, rendition);
            self.warm.insert(wanted, Some(Instant::now()));
        } else {
            self.fleeting.retain(|_, (made, _)| made.elapsed() < SHORT_LIVED);
            self.fleeting.insert(wanted, (Instant::now(), Arc::clone(rendition)));
        }
    }

    /// Renders off the async threads; what did not change keeps its bytes and validators. The outer
    /// `None`: it failed, and was logged; the inner: there is no such thing.
    async fn print(&self, wanted: Wanted) -> Option<Option<Arc<Rendition>>> {
        self.setting.metrics.renders.inc();
        let press = Press {
            store: self.setting.store.clone(),
            edition: self.setting.edition.load_full(),
            started_at: self.setting.started_at,
            config_error: self.config_error.clone(),
            search: self.setting.search.clone(),
        };
        let before = self.setting.shelf.get(&wanted);
        let name = format!("{wanted:?}");
        let printed = tokio::task::spawn_blocking(move || {
            press.print(&wanted, before.as_ref(), Timestamp::now())
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
fn is_kept(wanted: &Wanted) -> bool {
    matches!(wanted, Wanted::Feed { .. } | Wanted::Opml | Wanted::Page { before: None, .. })
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
