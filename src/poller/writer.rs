//! The only writer: one thread that takes the results of polls, decides, commits in groups, flushes
//! once per group, and only then replies.
//!
//! Polls that start together end in any order, and the order means nothing. So the first readings of
//! sources are gathered for a moment, and so are all results of one pass: a group arrives at one time, and
//! its stories are decided in an order that does not depend on which source answered first.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rafid_feed::pipeline::ParsedFeed;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{self, timeout_at};

use super::stories::{StoryState, StoryTexts};
use crate::decide::prepared_entries::PreparedEntries;
use crate::decide::schedule::Bounds;
use crate::ingest::full_text::{self, FetchedTexts};
use crate::ingest::{self, DecideInput, NetworkStatus, PollBody, PollResult, UpdateReport};
use crate::model::{FullTextState, PollState, Retention, SeenEntry, SeenIndex, Source, SourceId};
use crate::publish::index_sync::IndexNotifier;
use crate::store::{Commit, Store, StoreError};

/// At most this many updates are committed together, with one flush for all of them.
const MAX_GROUP_SIZE: usize = 64;

/// A gathered group is closed when all running polls have delivered, when none did for this long…
const GATHER_QUIET_TIME: Duration = Duration::from_millis(500);
/// …and in any case this long after its first job.
const MAX_GATHER_TIME: Duration = Duration::from_secs(2);
/// How often to check whether all polls have delivered.
const DELIVERED_CHECK_INTERVAL: Duration = Duration::from_millis(20);
/// First readings within this time of one another arrived together: they are of sources that were added
/// at once and answered at their own pace.
const SAME_ARRIVAL_WINDOW: Duration = Duration::from_mins(10);

/// Which jobs are gathered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GroupingMode {
    /// First readings; later ones are stored at once.
    FirstReads,
    /// All: they belong to one pass.
    WholePass,
}

/// The content of a job and where it came from.
pub(super) enum WriteInput {
    /// A poll fetched it.
    Polled(Box<PollResult>),
    /// A hub pushed it.
    Pushed(Box<ParsedFeed>),
    /// Only article pages of entries that are listed already.
    Pages,
}

impl WriteInput {
    /// Whether there are entries to compare with those that were seen before: an answer 304 has none.
    fn brings_entries(&self) -> bool {
        match self {
            Self::Polled(polled) => matches!(polled.body, PollBody::Changed { .. }),
            Self::Pushed(_) => true,
            Self::Pages => false,
        }
    }
}

/// One poll's result, or a push, on its way to the store.
pub(super) struct WriteJob {
    /// The source as it was polled.
    pub(super) source: Arc<Source>,
    /// What was received.
    pub(super) input: WriteInput,
    /// What was prepared of its entries.
    pub(super) prepared: PreparedEntries,
    /// The texts of its entries, as far as they were prepared; `None`: no output shows stories.
    pub(super) texts: Option<StoryTexts>,
    /// What was fetched of the pages of its entries; `None`: no page was requested.
    pub(super) pages: Option<FetchedTexts>,
    /// The state at the start of the poll.
    pub(super) prior: PollState,
    /// The hash of the source's settings.
    pub(super) config_hash: [u8; 16],
    /// The operator's bounds on polling.
    pub(super) bounds: Bounds,
    /// How many entries are kept of each source, and how long.
    pub(super) retention: Retention,
    /// Whether our own network works.
    pub(super) network: NetworkStatus,
    /// The longest wait after a poll that finds nothing new, while a hub pushes.
    pub(super) relaxed_interval: Option<Duration>,
    /// When the response had arrived.
    pub(super) answered_at: Timestamp,
    /// Receives the report when the commit is durable.
    pub(super) reply: oneshot::Sender<Result<UpdateReport, Arc<StoreError>>>,
}

/// Where jobs go, and how many are still to come.
#[derive(Clone)]
pub(super) struct WriteQueue {
    sender: mpsc::Sender<WriteJob>,
    in_flight_count: Arc<AtomicUsize>,
}

impl WriteQueue {
    /// Announces a poll that will deliver a job.
    pub(super) fn begin_write(&self) -> InFlightWrite {
        self.in_flight_count.fetch_add(1, Ordering::AcqRel);
        InFlightWrite(Arc::clone(&self.in_flight_count))
    }

    /// Sends a job to the writer; the announcement ends then. `None`: the writer is gone.
    pub(super) async fn send(&self, job: WriteJob, in_flight: Option<InFlightWrite>) -> Option<()> {
        let sent = self.sender.send(job).await;
        drop(in_flight);
        sent.ok()
    }
}

/// An announced job, until it is dropped.
pub(super) struct InFlightWrite(Arc<AtomicUsize>);

impl Drop for InFlightWrite {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Until when queued jobs are still written. Unset: no limit.
#[derive(Debug, Clone, Default)]
pub(super) struct WriteDeadline(Arc<OnceLock<Instant>>);

impl WriteDeadline {
    /// The program stops. The first call counts.
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
    grouping: GroupingMode,
) -> std::io::Result<(WriteQueue, JoinHandle<()>)> {
    let stories = StoryState::NotLoaded;
    start_with_deadline(store, index, stories, grouping, WriteDeadline::default())
}

/// The same with a deadline, after which queued jobs are dropped: their senders get no reply, and because
/// nothing of them is stored, they are fetched again.
///
/// # Errors
/// When the system gives no thread.
pub(super) fn start_with_deadline(
    store: Store,
    index: IndexNotifier,
    mut stories: StoryState,
    grouping: GroupingMode,
    deadline: WriteDeadline,
) -> std::io::Result<(WriteQueue, JoinHandle<()>)> {
    let (sender, mut inbox) = mpsc::channel(MAX_GROUP_SIZE);
    let write_queue = WriteQueue { sender, in_flight_count: Arc::default() };
    let (runtime, in_flight_count) = (Handle::current(), Arc::clone(&write_queue.in_flight_count));
    let thread = std::thread::Builder::new().name("writer".into()).spawn(move || {
        let mut group = Vec::with_capacity(MAX_GROUP_SIZE);
        let (mut shared_arrival, mut dropped) = (None, 0);
        while inbox.blocking_recv_many(&mut group, MAX_GROUP_SIZE) > 0 {
            let is_gathered = group.iter().any(|job| grouping.applies_to(job));
            if is_gathered && !deadline.is_over() {
                runtime.block_on(gather_group(&mut inbox, &mut group, &in_flight_count));
            }
            // Jobs that are stored together were read at one time: entries without a date get one place.
            let Some(now) = group.iter().map(|job| job.answered_at).max() else { continue };
            let times = (now, group_arrival(now, is_gathered, grouping, &mut shared_arrival));
            dropped += write_group(&store, (&mut stories, &index), &mut group, times, &deadline);
        }
        if dropped > 0 {
            tracing::warn!(polls = dropped, "not written before the stop; they are polled again");
        }
    })?;
    Ok((write_queue, thread))
}

impl GroupingMode {
    fn applies_to(self, job: &WriteJob) -> bool {
        self == Self::WholePass || job.prior.last_poll.succeeded_at.is_none()
    }
}

/// Waits for more jobs, until all polls have delivered, none comes for a moment, or the group is full.
async fn gather_group(
    inbox: &mut mpsc::Receiver<WriteJob>,
    group: &mut Vec<WriteJob>,
    in_flight_count: &AtomicUsize,
) {
    let until = time::Instant::now() + MAX_GATHER_TIME;
    let mut quiet = time::Instant::now() + GATHER_QUIET_TIME;
    while group.len() < MAX_GROUP_SIZE {
        // Checked first: everything delivered before is in the inbox then.
        let all_delivered = in_flight_count.load(Ordering::Acquire) == 0;
        let wait = if all_delivered {
            time::Instant::now()
        } else {
            time::Instant::now() + DELIVERED_CHECK_INTERVAL
        };
        let room = MAX_GROUP_SIZE - group.len();
        match timeout_at(wait, inbox.recv_many(group, room)).await {
            Ok(0) => break,
            Ok(_) => quiet = time::Instant::now() + GATHER_QUIET_TIME,
            Err(_) if all_delivered || time::Instant::now() >= quiet.min(until) => break,
            Err(_) => {}
        }
    }
}

/// The arrival time of a group that ended at `latest`: gathered jobs share the time of earlier groups of
/// their pass, or of first readings of a short while ago.
fn group_arrival(
    latest: Timestamp,
    is_gathered: bool,
    grouping: GroupingMode,
    shared_arrival: &mut Option<Timestamp>,
) -> Timestamp {
    if !is_gathered {
        return latest;
    }
    let is_near = |first: &Timestamp| {
        grouping == GroupingMode::WholePass
            || latest.duration_since(*first).unsigned_abs() < SAME_ARRIVAL_WINDOW
    };
    let first = shared_arrival.filter(is_near).unwrap_or(latest);
    *shared_arrival = Some(first);
    first
}

/// Writes the jobs that are not dropped at the deadline; returns how many are dropped.
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
    let (mut all_pages, mut all_texts) = (Vec::new(), None);
    let mut keep_entries = usize::MAX;
    for job in group.drain(..) {
        if deadline.is_over() {
            dropped += 1;
            continue;
        }
        keep_entries = keep_entries.min(job.retention.entries);
        all_texts = StoryTexts::merge(all_texts, job.texts);
        let known = match known_entries(store, &job.source.id, &job.input) {
            Ok(known) => known,
            Err(error) => {
                // The receiver is gone only when the program is ending anyway.
                let _ = job.reply.send(Err(Arc::new(error)));
                continue;
            }
        };
        let earlier = |known: &SeenEntry| store.entry(known.id, known.listed_at).ok().flatten();
        let input = DecideInput {
            known: &known,
            prepared: &job.prepared,
            earlier: &earlier,
            bounds: job.bounds,
            config_hash: job.config_hash,
            retention: job.retention,
            network: job.network,
            push_interval: job.relaxed_interval,
        };
        let (source, prior) = (&job.source, job.prior);
        let (mut commit, report) = match job.input {
            WriteInput::Polled(polled) => ingest::decide_poll(source, *polled, prior, &input, now),
            WriteInput::Pushed(reading) => {
                ingest::decide_push(source, *reading, prior, &input, now)
            }
            WriteInput::Pages => {
                full_text::commit_page_texts(source, job.pages.as_ref(), prior, &earlier)
            }
        };
        if let Some(fetched) = job.pages {
            let pages = fetched.apply_to_commit(&mut commit, now);
            all_pages.push((commit.source.clone(), pages));
        }
        commits.push(commit);
        replies.push((job.reply, report));
    }
    if commits.is_empty() {
        return dropped;
    }
    let group = (&mut commits, &all_pages[..], all_texts);
    let done = store_group(store, stories, group, (arrived, keep_entries));
    let done = done.map_err(Arc::new);
    if done.is_ok() {
        index.committed(&commits);
    }
    for (reply, report) in replies {
        let _ = reply.send(done.clone().map(|()| report));
    }
    dropped
}

/// The entries of the source that were seen before; empty when the job brings none to compare with them.
fn known_entries(
    store: &Store,
    source: &SourceId,
    input: &WriteInput,
) -> Result<SeenIndex, StoreError> {
    if !input.brings_entries() {
        return Ok(SeenIndex::default());
    }
    store.seen_index(source)
}

/// Decides the stories of a group and stores all of it.
fn store_group(
    store: &Store,
    stories: &mut StoryState,
    (commits, all_pages, texts): (
        &mut Vec<Commit>,
        &[(SourceId, FullTextState)],
        Option<StoryTexts>,
    ),
    (arrived, keep_entries): (Timestamp, usize),
) -> Result<(), StoreError> {
    // Entries that arrive together are in the journal in an order that does not depend on which source
    // answered first.
    commits.sort_by(|one, other| one.source.cmp(&other.source));
    // After the pages: a story is decided by the text that is shown.
    let is_assigned = stories.assign_all(store, commits, texts, arrived);
    store
        .commit_with_pages(commits, all_pages, keep_entries)
        .inspect(|()| {
            stories.forget_dropped(commits, keep_entries);
            stories.keep_features(store);
        })
        .and_then(|()| if is_assigned { stories.store_closed_days(store) } else { Ok(()) })
        // They hold entries that are not stored: the last days are read again before the next write.
        .inspect_err(|_| *stories = StoryState::NotLoaded)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::store::StoreOptions;

    /// What became of queued polls: whether each was stored, and how many the store knows.
    fn polls_kept(deadline: &WriteDeadline) -> (Vec<bool>, usize) {
        let folder = tempfile::tempdir().unwrap();
        let now: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
        let store = Store::open(&StoreOptions::new(folder.path()), now).unwrap().store;
        let text = "[[source]]\nid = \"a\"\nurl = \"https://a.example/\"\n\
                    [[source]]\nid = \"b\"\nurl = \"https://b.example/\"\n";
        let config = crate::config::parse(text, Path::new("x"), Path::new("/")).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let (write_queue, thread) = runtime.block_on(async {
            let index = IndexNotifier::default();
            let (stories, grouping) = (StoryState::NotLoaded, GroupingMode::FirstReads);
            start_with_deadline(store.clone(), index, stories, grouping, deadline.clone()).unwrap()
        });
        let answers: Vec<_> = config
            .sources
            .iter()
            .map(|source| {
                let (reply, answer) = oneshot::channel();
                let job = WriteJob {
                    source: Arc::clone(source),
                    input: WriteInput::Pages,
                    prepared: PreparedEntries::default(),
                    texts: None,
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
                runtime.block_on(write_queue.send(job, None)).unwrap();
                answer
            })
            .collect();
        drop(write_queue);
        thread.join().unwrap();
        let kept = answers.into_iter().map(|answer| answer.blocking_recv().is_ok()).collect();
        let known = config.sources.iter().filter(|it| store.poll_state(&it.id).unwrap().is_some());
        (kept, known.count())
    }

    #[test]
    fn queued_jobs_are_dropped_after_the_deadline() {
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
    fn gathered_jobs_arrive_together() {
        let at = |minute: i64| Timestamp::from_second(1_795_400_000 + minute * 60).unwrap();
        let mut shared_arrival = None;
        let mut first = |minute, is_gathered| {
            group_arrival(at(minute), is_gathered, GroupingMode::FirstReads, &mut shared_arrival)
        };
        assert_eq!(first(0, true), at(0));
        assert_eq!(first(9, true), at(0), "added at once");
        assert_eq!(first(9, false), at(9), "what comes later comes when it comes");
        assert_eq!(first(10, true), at(10), "added later");
        let mut shared_arrival = None;
        let mut pass =
            |minute| group_arrival(at(minute), true, GroupingMode::WholePass, &mut shared_arrival);
        assert_eq!([pass(0), pass(7), pass(70)], [at(0); 3]);
    }
}
