//! One hand writes: a thread that takes what polls brought, decides, commits in groups, flushes
//! once per group, and only then reports.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};

use super::stories::Stories;
use crate::daemon::publish::index::IndexNotes;
use crate::daemon::store::{Commit, Store, StoreError};
use crate::daemon::update::pages::{self, Gathered};
use crate::daemon::update::{self, Memory, Network, Polled, Report};
use crate::feed::model::{KnownEntry, Pages, PollState, Retention, Source, SourceId};
use crate::feed::pipeline::Reading;
use crate::feed::schedule::Bounds;

/// Updates committed together at most: one flush for all of them.
const GROUP: usize = 64;

/// What came, and how.
pub(super) enum Brought {
    /// A poll brought it.
    Polled(Box<Polled>),
    /// A hub brought it.
    Pushed(Box<Reading>),
    /// Nothing but pages of entries that are listed.
    Pages,
}

/// One poll's result, or a push, on its way to the store.
pub(super) struct Parcel {
    /// The source as it was polled.
    pub(super) source: Arc<Source>,
    /// What came.
    pub(super) brought: Brought,
    /// What was had of pages of its entries; `None`: none was asked.
    pub(super) gathered: Option<Gathered>,
    /// The state that the poll began with.
    pub(super) prior: PollState,
    /// Stands for what the operator said about the source.
    pub(super) config_hash: [u8; 16],
    /// The operator's bounds on polling.
    pub(super) bounds: Bounds,
    /// How much is kept of each source.
    pub(super) retention: Retention,
    /// Whether our own network works.
    pub(super) network: Network,
    /// How long may be waited if the poll finds nothing new, as hubs push.
    pub(super) pushed: Option<Duration>,
    /// When the answer was there.
    pub(super) now: Timestamp,
    /// Told once the commit is durable.
    pub(super) reply: oneshot::Sender<Result<Report, Arc<StoreError>>>,
}

/// Where parcels go.
pub(super) type Parcels = mpsc::Sender<Parcel>;

/// Starts the thread. It ends when every sender is gone, after the last commit.
///
/// # Errors
/// When the system gives no thread.
pub(super) fn start(store: Store, index: IndexNotes) -> std::io::Result<(Parcels, JoinHandle<()>)> {
    let (parcels, mut inbox) = mpsc::channel(GROUP);
    let thread = std::thread::Builder::new().name("writer".into()).spawn(move || {
        let mut group = Vec::with_capacity(GROUP);
        let mut stories = Stories::Unread;
        while inbox.blocking_recv_many(&mut group, GROUP) > 0 {
            write_group(&store, (&mut stories, &index), &mut group);
        }
    })?;
    Ok((parcels, thread))
}

fn write_group(
    store: &Store,
    (stories, index): (&mut Stories, &IndexNotes),
    group: &mut Vec<Parcel>,
) {
    let mut commits = Vec::with_capacity(group.len());
    let mut replies = Vec::with_capacity(group.len());
    let mut all_pages = Vec::new();
    let mut keep_entries = usize::MAX;
    let mut is_told = false;
    for parcel in group.drain(..) {
        keep_entries = keep_entries.min(parcel.retention.entries);
        let known = match store.known(&parcel.source.id) {
            Ok(known) => known,
            Err(error) => {
                // The receiver is gone only when the program is leaving anyway.
                let _ = parcel.reply.send(Err(Arc::new(error)));
                continue;
            }
        };
        let earlier = |known: &KnownEntry| store.entry(known.id, known.listed_at).ok().flatten();
        let memory = Memory {
            known: &known,
            earlier: &earlier,
            bounds: parcel.bounds,
            config_hash: parcel.config_hash,
            retention: parcel.retention,
            network: parcel.network,
            pushed: parcel.pushed,
        };
        let (source, prior, now) = (&parcel.source, parcel.prior, parcel.now);
        let (mut commit, report) = match parcel.brought {
            Brought::Polled(polled) => update::settle(source, *polled, prior, &memory, now),
            Brought::Pushed(reading) => update::settle_push(source, *reading, prior, &memory, now),
            Brought::Pages => {
                pages::settle_pages(source, parcel.gathered.as_ref(), prior, &earlier)
            }
        };
        if let Some(gathered) = parcel.gathered {
            let pages = gathered.settle(&mut commit, now);
            all_pages.push((commit.source.clone(), pages));
        }
        // Behind the pages: a story is told by what is shown of it.
        is_told |= stories.decide(store, &mut commit, now);
        commits.push(commit);
        replies.push((parcel.reply, report));
    }
    let done = keep(store, &commits, &all_pages, keep_entries)
        .and_then(|()| if is_told { stories.close_days(store) } else { Ok(()) })
        .map_err(Arc::new);
    if done.is_ok() {
        index.kept(&commits);
    }
    for (reply, report) in replies {
        let _ = reply.send(done.clone().map(|()| report));
    }
}

/// Keeps what is remembered of pages first: the commits' flush is theirs, too.
fn keep(
    store: &Store,
    commits: &[Commit],
    all_pages: &[(SourceId, Pages)],
    keep_entries: usize,
) -> Result<(), StoreError> {
    for (source, pages) in all_pages {
        store.keep_pages(source, pages)?;
    }
    store.commit(commits, keep_entries)
}
