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
use rafid_feed::pipeline::ParsedFeed;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{self, timeout_at};

use super::story_assigner::StoryState;
use crate::decide::schedule::Bounds;
use crate::ingest::full_text::{self, FetchedTexts};
use crate::ingest::{self, DecideInput, NetworkStatus, PollResult, UpdateReport};
use crate::model::{FullTextState, PollState, Retention, SeenEntry, Source, SourceId};
use crate::publish::index_sync::IndexNotifier;
use crate::store::{Commit, Store, StoreError};

/// Updates committed together at most: one flush for all of them.
const MAX_GROUP_SIZE: usize = 64;

/// A group that is gathered is closed when all polls under way have landed, when none did for this long…
const GATHER_QUIET_TIME: Duration = Duration::from_millis(500);
/// …and at this time behind its first parcel in any case.
const MAX_GATHER_TIME: Duration = Duration::from_secs(2);
/// How often it is looked whether all have landed.
const LANDED_CHECK_INTERVAL: Duration = Duration::from_millis(20);
/// First readings that come within this time of one another arrived together: sources that were added at
/// once, and answer as they like.
const SAME_ARRIVAL_WINDOW: Duration = Duration::from_mins(10);

/// Which parcels are gathered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GroupingMode {
    /// First readings: what comes later is kept at once.
    FirstReads,
    /// All: they are of one pass.
    WholePass,
}

/// What came, and how.
pub(super) enum WriteInput {
    /// A poll brought it.
    Polled(Box<PollResult>),
    /// A hub brought it.
    Pushed(Box<ParsedFeed>),
    /// Nothing but pages of entries that are listed.
    Pages,
}

/// One poll's result, or a push, on its way to the store.
pub(super) struct WriteJob {
    /// The source as it was polled.
    pub(super) source: Arc<Source>,
    /// What came.
    pub(super) input: WriteInput,
    /// What was had of pages of its entries; `None`: none was asked.
    pub(super) pages: Option<FetchedTexts>,
    /// The state that the poll began with.
    pub(super) prior: PollState,
    /// Stands for what the operator said about the source.
    pub(super) config_hash: [u8; 16],
    /// The operator's bounds on polling.
    pub(super) bounds: Bounds,
    /// How much is kept of each source.
    pub(super) retention: Retention,
    /// Whether our own network works.
    pub(super) network: NetworkStatus,
    /// How long may be waited if the poll finds nothing new, as hubs push.
    pub(super) relaxed_interval: Option<Duration>,
    /// When the answer was there.
    pub(super) answered_at: Timestamp,
    /// Told once the commit is durable.
    pub(super) reply: oneshot::Sender<Result<UpdateReport, Arc<StoreError>>>,
}

/// Where parcels go, and how many are on their way.
#[derive(Clone)]
pub(super) struct WriteQueue {
    sender: mpsc::Sender<WriteJob>,
    in_flight_count: Arc<AtomicUsize>,
}

impl WriteQueue {
    /// A poll begins that will bring a parcel.
    pub(super) fn begin_write(&self) -> InFlightWrite {
        self.in_flight_count.fetch_add(1, Ordering::AcqRel);
        InFlightWrite(Arc::clone(&self.in_flight_count))
    }

    /// Hands a parcel to the writer; its flight ends then. `None`: the writer is gone.
    pub(super) async fn send(&self, parcel: WriteJob, flight: Option<InFlightWrite>) -> Option<()> {
        let sent = self.sender.send(parcel).await;
        drop(flight);
        sent.ok()
    }
}

/// A parcel that is on its way, until it is dropped.
pub(super) struct InFlightWrite(Arc<AtomicUsize>);

impl Drop for InFlightWrite {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Until when what waits is still written. Without a moment: as long as it takes.
#[derive(Debug, Clone, Default)]
pub(super) struct WriteDeadline(Arc<OnceLock<Instant>>);

impl WriteDeadline {
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
    index: IndexNotifier,
    gathers: GroupingMode,
) -> std::io::Result<(WriteQueue, JoinHandle<()>)> {
    start_with_deadline(store, index, gathers, WriteDeadline::default())
}

/// The same with a deadline, behind which what waits is dropped: its senders hear nothing, and as nothing
/// of it is kept, it is fetched again.
///
/// # Errors
/// When the system gives no thread.
pub(super) fn start_with_deadline(
    store: Store,
    index: IndexNotifier,
    gathers: GroupingMode,
    deadline: WriteDeadline,
) -> std::io::Result<(WriteQueue, JoinHandle<()>)> {
    let (sender, mut inbox) = mpsc::channel(MAX_GROUP_SIZE);
    let parcels = WriteQueue { sender, in_flight_count: Arc::default() };
    let (clock, flying) = (Handle::current(), Arc::clone(&parcels.in_flight_count));
    let thread = std::thread::Builder::new().name("writer".into()).spawn(move || {
        let mut group = Vec::with_capacity(MAX_GROUP_SIZE);
        let mut stories = StoryState::NotLoaded;
        let (mut together, mut dropped) = (None, 0);
        while inbox.blocking_recv_many(&mut group, MAX_GROUP_SIZE) > 0 {
            let is_gathered = group.iter().any(|parcel| gathers.applies_to(parcel));
            if is_gathered && !deadline.is_over() {
                clock.block_on(gather_group(&mut inbox, &mut group, &flying));
            }
            // What is kept together was read at one instant: entries without a date stand at one place.
            let Some(now) = group.iter().map(|parcel| parcel.answered_at).max() else { continue };
            let times = (now, group_arrival(now, is_gathered, gathers, &mut together));
            dropped += write_group(&store, (&mut stories, &index), &mut group, times, &deadline);
        }
        if dropped > 0 {
            tracing::warn!(polls = dropped, "not written before the stop; they are made again");
        }
    })?;
    Ok((parcels, thread))
}

impl GroupingMode {
    fn applies_to(self, parcel: &WriteJob) -> bool {
        self == Self::WholePass || parcel.prior.last_poll.succeeded_at.is_none()
    }
}

/// Waits for more parcels, until all have landed, none comes for a moment, or the group is full.
async fn gather_group(
    inbox: &mut mpsc::Receiver<WriteJob>,
    group: &mut Vec<WriteJob>,
    flying: &AtomicUsize,
) {
    let until = time::Instant::now() + MAX_GATHER_TIME;
    let mut quiet = time::Instant::now() + GATHER_QUIET_TIME;
    while group.len() < MAX_GROUP_SIZE {
        // Looked at first: what landed before is in the inbox then.
        let have_landed = flying.load(Ordering::Acquire) == 0;
        let wait = if have_landed {
            time::Instant::now()
        } else {
            time::Instant::now() + LANDED_CHECK_INTERVAL
        };
        let room = MAX_GROUP_SIZE - group.len();
        match timeout_at(wait, inbox.recv_many(group, room)).await {
            Ok(0) => break,
            Ok(_) => quiet = time::Instant::now() + GATHER_QUIET_TIME,
            Err(_) if have_landed || time::Instant::now() >= quiet.min(until) => break,
            Err(_) => {}
        }
    }
}

/// When the news of a group arrived that ended at `latest`: what is gathered comes together with earlier
/// groups of its pass, or with first readings of a short while ago.
fn group_arrival(
    latest: Timestamp,
    is_gathered: bool,
    gathers: GroupingMode,
    together: &mut Option<Timestamp>,
) -> Timestamp {
    if !is_gathered {
        return latest;
    }
    let is_near = |first: &Timestamp| {
        gathers == GroupingMode::WholePass
            || latest.duration_since(*first).unsigned_abs() < SAME_ARRIVAL_WINDOW
    };
    let first = together.filter(is_near).unwrap_or(latest);
    *together = Some(first);
    first
}

/// Writes what was not dropped at the deadline; how many were.
fn write_group(
    store: &Store,
    (stories, index): (&mut StoryState, &IndexNotifier),
    group: &mut Vec<WriteJob>,
    (now, arrived): (Timestamp, Timestamp),
    deadline: &WriteDeadline,
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
        let known = match store.seen_index(&parcel.source.id) {
            Ok(known) => known,
            Err(error) => {
                // The receiver is gone only when the program is leaving anyway.
                let _ = parcel.reply.send(Err(Arc::new(error)));
                continue;
            }
        };
        let earlier = |known: &SeenEntry| store.entry(known.id, known.listed_at).ok().flatten();
        let memory = DecideInput {
            known: &known,
            earlier: &earlier,
            bounds: parcel.bounds,
            config_hash: parcel.config_hash,
            retention: parcel.retention,
            network: parcel.network,
            push_interval: parcel.relaxed_interval,
        };
        let (source, prior) = (&parcel.source, parcel.prior);
        let (mut commit, report) = match parcel.input {
            WriteInput::Polled(polled) => ingest::decide_poll(source, *polled, prior, &memory, now),
            WriteInput::Pushed(reading) => {
                ingest::decide_push(source, *reading, prior, &memory, now)
            }
            WriteInput::Pages => {
                full_text::commit_page_texts(source, parcel.pages.as_ref(), prior, &earlier)
            }
        };
        if let Some(gathered) = parcel.pages {
            let pages = gathered.apply_to_commit(&mut commit, now);
            all_pages.push((commit.source.clone(), pages));
        }
        commits.push(commit);
        replies.push((parcel.reply, report));
    }
    if commits.is_empty() {
        return dropped;
    }
    // Behind the pages: a story is told by what is shown of it.
    let is_told = stories.assign_all(store, &mut commits, arrived);
    let done = commit_group(store, &commits, &all_pages, keep_entries)
        .and_then(|()| if is_told { stories.store_closed_days(store) } else { Ok(()) })
        .map_err(Arc::new);
    if done.is_ok() {
        index.committed(&commits);
    }
    for (reply, report) in replies {
        let _ = reply.send(done.clone().map(|()| report));
    }
    dropped
}

/// Keeps what is remembered of pages first: the commits' flush is theirs, too.
fn commit_group(
    store: &Store,
    commits: &[Commit],
    all_pages: &[(SourceId, FullTextState)],
    keep_entries: usize,
) -> Result<(), StoreError> {
    for (source, pages) in all_pages {
        store.save_full_text_state(source, pages)?;
    }
    store.commit(commits, keep_entries)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::store::StoreOptions;

    /// What became of polls that waited: whether each was kept, and how many the store knows.
    fn polls_kept(deadline: &WriteDeadline) -> (Vec<bool>, usize) {
        let folder = tempfile::tempdir().unwrap();
        let now: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
        let store = Store::open(&StoreOptions::new(folder.path()), now).unwrap().store;
        let text = "[[source]]\nid = \"a\"\nurl = \"https://a.example/\"\n\
                    [[source]]\nid = \"b\"\nurl = \"https://b.example/\"\n";
        let config = crate::config::parse(text, Path::new("x"), Path::new("/")).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let (parcels, thread) = runtime.block_on(async {
            let index = IndexNotifier::default();
            start_with_deadline(store.clone(), index, GroupingMode::FirstReads, deadline.clone())
                .unwrap()
        });
        let answers: Vec<_> = config
            .sources
            .iter()
            .map(|source| {
                let (reply, answer) = oneshot::channel();
                let parcel = WriteJob {
                    source: Arc::clone(source),
                    input: WriteInput::Pages,
                    pages: None,
                    prior: PollState::new([0; 16], now),
                    config_hash: [0; 16],
                    bounds: config.polling.bounds(),
                    retention: Retention { keep_seconds: None, entries: 10 },
                    network: NetworkStatus::Up,
                    relaxed_interval: None,
                    answered_at: now,
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
        let deadline = WriteDeadline::default();
        assert_eq!(polls_kept(&deadline), (vec![true, true], 2));
        deadline.set(Instant::now());
        assert_eq!(polls_kept(&deadline), (vec![false, false], 0));
        deadline.set(Instant::now() + Duration::from_hours(1));
        assert_eq!(polls_kept(&deadline), (vec![false, false], 0), "a stop is not taken back");
        let later = WriteDeadline::default();
        later.set(Instant::now() + Duration::from_hours(1));
        assert_eq!(polls_kept(&later), (vec![true, true], 2), "there is time left");
    }

    #[test]
    fn what_is_gathered_arrives_together() {
        let at = |minute: i64| Timestamp::from_second(1_795_400_000 + minute * 60).unwrap();
        let mut together = None;
        let mut first = |minute, is_gathered| {
            group_arrival(at(minute), is_gathered, GroupingMode::FirstReads, &mut together)
        };
        assert_eq!(first(0, true), at(0));
        assert_eq!(first(9, true), at(0), "added at once");
        assert_eq!(first(9, false), at(9), "what comes later comes when it comes");
        assert_eq!(first(10, true), at(10), "added later");
        let mut together = None;
        let mut pass =
            |minute| group_arrival(at(minute), true, GroupingMode::WholePass, &mut together);
        assert_eq!([pass(0), pass(7), pass(70)], [at(0); 3]);
    }
}
