//! The store → the memory of the last days, as if there had been no restart.
//!
//! The daemon begins this at its start, on a thread of its own. Polls that bring nothing new are written meanwhile;
//! the first one that does waits for the rest: a decision about a story is final, and one without the last days
//! would be wrong. What is kept of an entry's texts in files is taken from there with its story record, and no record
//! of it is read. The other entries are read a few at a
//! time, and their texts are understood on several threads, so that it takes a part of the time that one thread needs
//! and no more memory than the result.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use jiff::Timestamp;

use super::kept_features::{ComputedFeatures, FeatureKeeper, KeptFeatures};
use super::story_assigner::{
    StoryAssigner, assign_story, start_of_day, utc_day, was_clock_set_back,
};
use crate::model::{EntryId, StoredEntry, StoryMethod, StoryRecord};
use crate::store::{FeaturePlace, Store, StoreError, whole_milliseconds};
use crate::story::{DAYS, StoryFeatures, StoryMemory, StorySettings, StoryVectors, WINDOW};

/// Entries that are read at a time, by each thread.
const PART_ENTRIES: usize = 64;
/// More threads would disturb what else a daemon does at its start.
const THREADS: usize = 4;

/// The loading of the last days. When it is dropped, it stops.
pub(in crate::poller) struct StoryLoading {
    thread: Option<JoinHandle<Result<Option<StoryAssigner>, StoreError>>>,
    stop: Arc<AtomicBool>,
}

impl StoryLoading {
    /// Begins to load the last days as of `now`. `None`: the system gives no thread.
    pub(super) fn start(store: &Store, vectors: &StoryVectors, now: Timestamp) -> Option<Self> {
        let (store, stop) = (store.clone(), Arc::new(AtomicBool::new(false)));
        let (vectors, is_stopped) = (vectors.clone(), Arc::clone(&stop));
        let load = move || load_assigner(&store, &vectors, now, &is_stopped);
        let thread = thread::Builder::new().name("stories".into()).spawn(load).ok()?;
        Some(Self { thread: Some(thread), stop })
    }

    /// Waits until the last days are loaded. `None`: the thread panicked.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub(super) fn wait(mut self) -> Result<Option<StoryAssigner>, StoreError> {
        self.thread.take().and_then(|thread| thread.join().ok()).unwrap_or(Ok(None))
    }
}

impl Drop for StoryLoading {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // The store is closed when nothing uses it any more.
            let _ = thread.join();
        }
    }
}

/// An entry that may be in a window.
struct ArrivedEntry {
    first_seen_at: Timestamp,
    listed_at: Timestamp,
    id: EntryId,
    /// Where its features are; `None`: they are computed.
    kept: Option<FeaturePlace>,
}

/// An entry with its features, if they are needed.
struct LoadedEntry {
    listed_at: Timestamp,
    /// The earlier decision.
    record: Option<StoryRecord>,
    features: Option<StoryFeatures>,
    /// What was read and computed because it was not kept.
    computed: Option<(StoredEntry, Option<ComputedFeatures>)>,
}

/// Where features come from: files, or the texts and vectors.
#[derive(Clone, Copy)]
struct FeatureSources<'a> {
    store: &'a Store,
    kept: &'a KeptFeatures,
    vectors: &'a StoryVectors,
}

/// Loads the memory of the last days as of `now`. Entries stored by a version without stories are decided now,
/// in the order in which they arrived. `None`: it was stopped.
///
/// # Errors
/// When the store cannot be read or written.
pub(super) fn load_assigner(
    store: &Store,
    vectors: &StoryVectors,
    now: Timestamp,
    stop: &AtomicBool,
) -> Result<Option<StoryAssigner>, StoreError> {
    let mut days = store.daily_term_counts()?;
    // Today is not over, even if an earlier clock was ahead.
    days.retain(|day| day.day < utc_day(now));
    let closed: BTreeSet<i64> = days.iter().map(|day| day.day).collect();
    let open_from = first_open_day(&closed, utc_day(now));
    let settings = StorySettings::new(vectors.vectors().is_some());
    let memory = StoryMemory::new(settings, days);
    let keeper = FeatureKeeper::new(store, vectors);
    let mut assigner = StoryAssigner::new(memory, open_from, keeper);
    let kept = KeptFeatures::open(store, vectors);
    let sources = FeatureSources { store, kept: &kept, vectors };
    // Entries that arrived on an open day are counted, even if they have left the window since.
    let from = window_start(start_of_day(open_from));
    let Some(arrived) = arrivals_since(store, &kept, (from, now), stop)? else {
        return Ok(None);
    };
    let threads = thread::available_parallelism().map_or(1, usize::from).min(THREADS);
    for entries in arrived.chunks(PART_ENTRIES * threads) {
        if stop.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let (mut late, mut computed) = (Vec::new(), Vec::new());
        for mut loaded in load_entries(sources, entries, now)? {
            let (stored, newly_computed) = loaded.computed.take().unzip();
            computed.extend(newly_computed.flatten());
            if let Some(record) = loaded.record {
                assigner.restore(&record, loaded.listed_at, loaded.features, now);
            } else if let (Some(stored), Some(features)) = (stored, loaded.features) {
                let seen_at = move_to_open_day(stored.first_seen_at, &closed);
                late.push(assign_story(&mut assigner.memory, &stored, || features, seen_at));
            }
        }
        store.save_story_records(&late)?;
        assigner.keeper.write_computed(store, computed, utc_day(now))?;
    }
    Ok(Some(assigner))
}

/// The entries that may be in a window since `from`, in the order in which they arrived; `None`: it was stopped.
fn arrivals_since(
    store: &Store,
    kept: &KeptFeatures,
    (from, now): (Timestamp, Timestamp),
    stop: &AtomicBool,
) -> Result<Option<Vec<ArrivedEntry>>, StoreError> {
    let mut arrived: Vec<ArrivedEntry> = Vec::new();
    let is_whole = store.visit_digests_since(from, |id, listed_at, digest| {
        if !was_clock_set_back(listed_at, now) {
            let kept = kept.find(id, digest);
            let first_seen_at = match &kept {
                Some(kept) => Some(kept.first_seen_at),
                None => store.entry(id, listed_at)?.map(|stored| stored.first_seen_at),
            };
            arrived.extend(first_seen_at.map(|first_seen_at| ArrivedEntry {
                first_seen_at,
                listed_at,
                id,
                kept,
            }));
        }
        Ok(!stop.load(Ordering::Relaxed))
    })?;
    arrived.sort_unstable_by_key(|it| (it.first_seen_at, it.listed_at, it.id));
    Ok(Some(arrived).filter(|_| is_whole))
}

/// Loads entries, on several threads. Those that are no longer stored are left out.
fn load_entries(
    sources: FeatureSources<'_>,
    entries: &[ArrivedEntry],
    now: Timestamp,
) -> Result<Vec<LoadedEntry>, StoreError> {
    let load_part = |part: &[ArrivedEntry]| -> Result<Vec<LoadedEntry>, StoreError> {
        let loaded = part.iter().map(|arrived| load_entry(sources, arrived, now));
        loaded.filter_map(Result::transpose).collect()
    };
    let parts: Vec<Result<Vec<LoadedEntry>, StoreError>> = thread::scope(|scope| {
        let mut parts = entries.chunks(PART_ENTRIES);
        let own = parts.next();
        let others: Vec<_> = parts.map(|part| (part, scope.spawn(|| load_part(part)))).collect();
        let own = own.map(load_part);
        let others = others.into_iter().map(|(part, thread)| {
            // A panic is repeated here, where it ends this loading.
            thread.join().unwrap_or_else(|_| load_part(part))
        });
        own.into_iter().chain(others).collect()
    });
    let mut loaded = Vec::with_capacity(entries.len());
    for part in parts {
        loaded.extend(part?);
    }
    Ok(loaded)
}

fn load_entry(
    sources: FeatureSources<'_>,
    arrived: &ArrivedEntry,
    now: Timestamp,
) -> Result<Option<LoadedEntry>, StoreError> {
    let FeatureSources { store, kept, vectors } = sources;
    let ArrivedEntry { listed_at, id, .. } = *arrived;
    if let Some((record, features)) = arrived.kept.and_then(|place| kept.read_features(&place)) {
        let (record, features) = (Some(record), Some(features));
        return Ok(Some(LoadedEntry { listed_at, record, features, computed: None }));
    }
    let record = store.story_record(id)?;
    let Some((stored, digest)) = store.entry_with_digest(id, listed_at)? else { return Ok(None) };
    let is_needed = match &record {
        Some(record) => record.assignment.method != StoryMethod::TooOld,
        None => listed_at >= window_start(now),
    };
    let features = is_needed.then(|| StoryFeatures::from_entry(&stored.entry, vectors.vectors()));
    let computed =
        features.as_ref().map(|features| ComputedFeatures::new(&stored, digest, features));
    Ok(Some(LoadedEntry { listed_at, record, features, computed: Some((stored, computed)) }))
}

fn window_start(at: Timestamp) -> Timestamp {
    at.checked_sub(WINDOW).unwrap_or(Timestamp::MIN)
}

/// The first day without stored counts, among the days that weigh terms today. Days before the first
/// stored one were never known.
fn first_open_day(closed: &BTreeSet<i64>, today: i64) -> i64 {
    let earliest = today - DAYS + 1;
    let known_from = closed.first().map_or(earliest, |first| earliest.max(*first));
    (known_from..today).find(|day| !closed.contains(day)).unwrap_or(today)
}

/// The time itself, or the start of the first open day after it: closed days count nothing any more.
fn move_to_open_day(at: Timestamp, closed: &BTreeSet<i64>) -> Timestamp {
    let arrived = utc_day(at);
    let closed_in_a_row =
        (arrived..).zip(closed.range(arrived..)).take_while(|(day, it)| day == *it);
    let open = closed_in_a_row.last().map_or(arrived, |(last, _)| last + 1);
    whole_milliseconds(at).max(start_of_day(open))
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    fn start() -> Timestamp {
        start_of_day(20_600)
    }

    #[test]
    fn a_late_entry_is_counted_on_an_open_day() {
        let hour = SignedDuration::from_hours;
        let today = utc_day(start());
        let check = |closed: &[i64], expected: i64| {
            let closed = closed.iter().map(|day| today + day).collect();
            let at = start() + hour(5);
            let expected = if expected == 0 { at } else { start() + hour(24 * expected) };
            assert_eq!(move_to_open_day(at, &closed), expected, "{closed:?}");
        };
        check(&[], 0);
        check(&[-1, 1], 0);
        check(&[0], 1);
        check(&[-2, 0, 1, 3], 2);
        check(&[0, 1, 2, 3], 4);
    }

    #[test]
    fn the_first_open_day_is_the_first_without_stored_counts() {
        let check = |closed: &[i64], expected: i64| {
            let closed = closed.iter().copied().collect();
            assert_eq!(first_open_day(&closed, 100), expected, "{closed:?}");
        };
        check(&[], 94);
        check(&[99], 100);
        check(&[97, 99], 98);
        check(&[98], 99);
        check(&[90, 91], 94);
        check(&[96, 97, 98, 99, 100], 100);
    }
}
