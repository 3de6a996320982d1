//! One hand writes: a thread that takes what polls brought, decides, commits in groups, flushes
//! once per group, and only then reports.
//!
//! What is asked at once arrives in any order, and who answers first says nothing. So what sources bring
//! at their first reading is gathered for a moment, and so is everything of one pass: a group arrives at
//! one instant, and its stories are decided in an order that does not hang on who answered first.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{self, timeout_at};

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

/// A group that is gathered is closed when all polls under way have landed, when none did for this long…
const QUIET: Duration = Duration::from_millis(500);
/// …and at this time behind its first parcel in any case.
const GATHER: Duration = Duration::from_secs(2);
/// How often it is looked whether all have landed.
const LOOK: Duration = Duration::from_millis(20);
/// First readings that come within this time of one another arrived together: sources that were added at
/// once, and answer as they like.
const TOGETHER: Duration = Duration::from_mins(10);

/// Which parcels are gathered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gathers {
    /// First readings: what comes later is kept at once.
    First,
    /// All: they are of one pass.
    Pass,
}

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

/// Where parcels go, and how many are on their way.
#[derive(Clone)]
pub(super) struct Parcels {
    sender: mpsc::Sender<Parcel>,
    flying: Arc<AtomicUsize>,
}

impl Parcels {
    /// A poll begins that will bring a parcel.
    pub(super) fn take_off(&self) -> Flight {
        self.flying.fetch_add(1, Ordering::AcqRel);
        Flight(Arc::clone(&self.flying))
    }

    /// Hands a parcel to the writer; its flight ends then. `None`: the writer is gone.
    pub(super) async fn send(&self, parcel: Parcel, flight: Option<Flight>) -> Option<()> {
        let sent = self.sender.send(parcel).await;
        drop(flight);
        sent.ok()
    }
}

/// A parcel that is on its way, until it is dropped.
pub(super) struct Flight(Arc<AtomicUsize>);

impl Drop for Flight {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

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
pub(super) fn start(
    store: Store,
    index: IndexNotes,
    gathers: Gathers,
) -> std::io::Result<(Parcels, JoinHandle<()>)> {
    start_until(store, index, gathers, Deadline::default())
}

/// The same with a deadline, behind which what waits is dropped: its senders hear nothing, and as nothing
/// of it is kept, it is fetched again.
///
/// # Errors
/// When the system gives no thread.
pub(super) fn start_until(
    store: Store,
    index: IndexNotes,
    gathers: Gathers,
    deadline: Deadline,
) -> std::io::Result<(Parcels, JoinHandle<()>)> {
    let (sender, mut inbox) = mpsc::channel(GROUP);
    let parcels = Parcels { sender, flying: Arc::default() };
    let (clock, flying) = (Handle::current(), Arc::clone(&parcels.flying));
    let thread = std::thread::Builder::new().name("writer".into()).spawn(move || {
        let mut group = Vec::with_capacity(GROUP);
        let mut stories = Stories::Unread;
        let (mut together, mut dropped) = (None, 0);
        while inbox.blocking_recv_many(&mut group, GROUP) > 0 {
            let is_gathered = group.iter().any(|parcel| gathers.takes(parcel));
            if is_gathered && !deadline.is_over() {
                clock.block_on(gather(&mut inbox, &mut group, &flying));
            }
            // What is kept together was read at one instant: entries without a date stand at one place.
            let Some(now) = group.iter().map(|parcel| parcel.now).max() else { continue };
            let times = (now, arrival(now, is_gathered, gathers, &mut together));
            dropped += write_group(&store, (&mut stories, &index), &mut group, times, &deadline);
        }
        if dropped > 0 {
            tracing::warn!(polls = dropped, "not written before the stop; they are made again");
        }
    })?;
    Ok((parcels, thread))
}

impl Gathers {
    fn takes(self, parcel: &Parcel) -> bool {
        self == Self::Pass || parcel.prior.succeeded_at.is_none()
    }
}

/// Waits for more parcels, until all have landed, none comes for a moment, or the group is full.
async fn gather(inbox: &mut mpsc::Receiver<Parcel>, group: &mut Vec<Parcel>, flying: &AtomicUsize) {
    let until = time::Instant::now() + GATHER;
    let mut quiet = time::Instant::now() + QUIET;
    while group.len() < GROUP {
        // Looked at first: what landed before is in the inbox then.
        let have_landed = flying.load(Ordering::Acquire) == 0;
        let wait = if have_landed { time::Instant::now() } else { time::Instant::now() + LOOK };
        let room = GROUP - group.len();
        match timeout_at(wait, inbox.recv_many(group, room)).await {
            Ok(0) => break,
            Ok(_) => quiet = time::Instant::now() + QUIET,
            Err(_) if have_landed || time::Instant::now() >= quiet.min(until) => break,
            Err(_) => {}
        }
    }
}

/// When the news of a group arrived that ended at `latest`: what is gathered comes together with earlier
/// groups of its pass, or with first readings of a short while ago.
fn arrival(
    latest: Timestamp,
    is_gathered: bool,
    gathers: Gathers,
    together: &mut Option<Timestamp>,
) -> Timestamp {
    if !is_gathered {
        return latest;
    }
    let is_near = |first: &Timestamp| {
        gathers == Gathers::Pass || latest.duration_since(*first).unsigned_abs() < TOGETHER
    };
    let first = together.filter(is_near).unwrap_or(latest);
    *together = Some(first);
    first
}

/// Writes what was not dropped at the deadline; how many were.
fn write_group(
    store: &Store,
    (stories, index): (&mut Stories, &IndexNotes),
    group: &mut Vec<Parcel>,
    (now, arrived): (Timestamp, Timestamp),
    deadline: &Deadline,
) -> usize {
    let mut dropped = 0;
    let mut commits = Vec::with_capacity(group.len());
    let mut replies = Vec::with_capacity(group.len());
    let mut all_pages = Vec::new();
    let mut keep_entries = usize::MAX;
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
        let (source, prior) = (&parcel.source, parcel.prior);
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
        commits.push(commit);
        replies.push((parcel.reply, report));
    }
    if commits.is_empty() {
        return dropped;
    }
    // Behind the pages: a story is told by what is shown of it.
    let is_told = stories.decide_all(store, &mut commits, arrived);
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
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let (parcels, thread) = runtime.block_on(async {
            let index = IndexNotes::default();
            start_until(store.clone(), index, Gathers::First, deadline.clone()).unwrap()
        });
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
                    retention: Retention { keep_seconds: None, entries: 10 },
                    network: Network::Up,
                    pushed: None,
                    now,
                    reply,
                };
                runtime.block_on(parcels.send(parcel, None)).unwrap();
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

    #[test]
    fn what_is_gathered_arrives_together() {
        let at = |minute: i64| Timestamp::from_second(1_795_400_000 + minute * 60).unwrap();
        let mut together = None;
        let mut first =
            |minute, is_gathered| arrival(at(minute), is_gathered, Gathers::First, &mut together);
        assert_eq!(first(0, true), at(0));
        assert_eq!(first(9, true), at(0), "added at once");
        assert_eq!(first(9, false), at(9), "what comes later comes when it comes");
        assert_eq!(first(10, true), at(10), "added later");
        let mut together = None;
        let mut pass = |minute| arrival(at(minute), true, Gathers::Pass, &mut together);
        assert_eq!([pass(0), pass(7), pass(70)], [at(0); 3]);
    }
}
