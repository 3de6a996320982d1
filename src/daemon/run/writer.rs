//! One hand writes: a thread that takes what polls brought, decides, commits in groups, flushes
//! once per group, and only then reports.

use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

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

/// Until when what waits is still written. Without a moment: as long as it takes.
#[derive(Debug, Clone, Default)]
pub(super) struct Deadline(Arc<OnceLock<Instant>>);

impl Deadline {
    /// The program stops. The first word counts.
    pub(super) fn set(&self, until: Instant) {
        let _ = self.0.set(until);
    }

    fn is_over(&self) -> bool {
        self.0.get().is_some_and(|until| Instant::now() >= *until)
    }
}

/// Starts the thread. It ends when every sender is gone, after the last commit.
///
/// # Errors
/// When the system gives no thread.
pub(super) fn start(store: Store, index: IndexNotes) -> std::io::Result<(Parcels, JoinHandle<()>)> {
    start_until(store, index, Deadline::default())
}

/// The same with a deadline, behind which what waits is dropped: its senders hear nothing, and as nothing
/// of it is kept, it is fetched again.
///
/// # Errors
/// When the system gives no thread.
pub(super) fn start_until(
    store: Store,
    index: IndexNotes,
    deadline: Deadline,
) -> std::io::Result<(Parcels, JoinHandle<()>)> {
    let (parcels, mut inbox) = mpsc::channel(GROUP);
    let thread = std::thread::Builder::new().name("writer".into()).spawn(move || {
        let mut group = Vec::with_capacity(GROUP);
        let mut stories = Stories::Unread;
        let mut dropped = 0;
        while inbox.blocking_recv_many(&mut group, GROUP) > 0 {
            dropped += write_group(&store, (&mut stories, &index), &mut group, &deadline);
        }
        if dropped > 0 {
            tracing::warn!(polls = dropped, "not written before the stop; they are made again");
        }
    })?;
    Ok((parcels, thread))
}

/// Writes what was not dropped at the deadline; how many were.
fn write_group(
    store: &Store,
    (stories, index): (&mut Stories, &IndexNotes),
    group: &mut Vec<Parcel>,
    deadline: &Deadline,
) -> usize {
    let mut dropped = 0;
    let mut commits = Vec::with_capacity(group.len());
    let mut replies = Vec::with_capacity(group.len());
    let mut all_pages = Vec::new();
    let mut keep_entries = usize::MAX;
    let mut is_told = false;
    for parcel in group.drain(..) {
        if deadline.is_over() {
            dropped += 1;
            continue;
        }
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
    if commits.is_empty() {
        return dropped;
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
    dropped
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::daemon::store::Settings;

    /// What became of polls that waited: whether each was kept, and how many the store knows.
    fn polls_kept(deadline: &Deadline) -> (Vec<bool>, usize) {
        let folder = tempfile::tempdir().unwrap();
        let now: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
        let store = Store::open(&Settings::new(folder.path()), now).unwrap().store;
        let text = "[[source]]\nid = \"a\"\nurl = \"https://a.example/\"\n\
                    [[source]]\nid = \"b\"\nurl = \"https://b.example/\"\n";
        let config = crate::config::parse(text, Path::new("x"), Path::new("/")).unwrap();
        let (parcels, thread) =
            start_until(store.clone(), IndexNotes::default(), deadline.clone()).unwrap();
        let answers: Vec<_> = config
            .sources
            .iter()
            .map(|source| {
                let (reply, answer) = oneshot::channel();
                let parcel = Parcel {
                    source: Arc::clone(source),
                    brought: Brought::Pages,
                    gathered: None,
                    prior: PollState::new([0; 16], now),
                    config_hash: [0; 16],
                    bounds: config.polling.bounds(),
                    keep_entries: 10,
                    network: Network::Up,
                    pushed: None,
                    now,
                    reply,
                };
                parcels.blocking_send(parcel).unwrap();
                answer
            })
            .collect();
        drop(parcels);
        thread.join().unwrap();
        let kept = answers.into_iter().map(|answer| answer.blocking_recv().is_ok()).collect();
        let known = config.sources.iter().filter(|it| store.poll_state(&it.id).unwrap().is_some());
        (kept, known.count())
    }

    #[test]
    fn what_waits_behind_the_deadline_is_dropped_whole() {
        let deadline = Deadline::default();
        assert_eq!(polls_kept(&deadline), (vec![true, true], 2));
        deadline.set(Instant::now());
        assert_eq!(polls_kept(&deadline), (vec![false, false], 0));
        deadline.set(Instant::now() + Duration::from_hours(1));
        assert_eq!(polls_kept(&deadline), (vec![false, false], 0), "a stop is not taken back");
        let later = Deadline::default();
        later.set(Instant::now() + Duration::from_hours(1));
        assert_eq!(polls_kept(&later), (vec![true, true], 2), "there is time left");
    }
}
