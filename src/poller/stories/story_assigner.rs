//! New entries, one after another → the story of each. The memory of the last days is loaded from the
//! store at the start (`story_loading`), so that the same entries in the same order give the same stories,
//! also after a restart. What the store drops because its source has enough newer entries leaves the memory,
//! too.
//!
//! Decisions use the values as they are stored: times in whole milliseconds. Arrivals never go back, so
//! that the counts of a closed day do not change.

use jiff::{SignedDuration, Timestamp};

use super::kept_features::FeatureKeeper;
use super::story_texts::StoryTexts;
use crate::model::{DailyTermCounts, StoredEntry, StoryArrival, StoryMethod, StoryRecord};
use crate::store::{Commit, Store, StoreError, whole_milliseconds};
use crate::story::{DAYS, StoryFeatures, StoryMemory};

/// Responses that arrive at nearly the same time are stored in any order; a larger step back is a clock
/// that was set back. (A large document waits minutes for its turn.)
const CLOCK_SET_BACK_LIMIT: SignedDuration = SignedDuration::from_hours(1);
const DAY_SECONDS: i64 = 24 * 60 * 60;

/// Decides about stories; only the writer has it.
pub(in crate::poller) struct StoryAssigner {
    pub(super) memory: StoryMemory,
    /// The latest arrival; `None`: nothing arrived yet.
    pub(super) latest_arrival: Option<Timestamp>,
    /// The first day whose counts are not stored yet.
    open_from: i64,
    pub(super) keeper: FeatureKeeper,
}

impl StoryAssigner {
    /// An assigner with this memory.
    pub(super) fn new(memory: StoryMemory, open_from: i64, keeper: FeatureKeeper) -> Self {
        Self { memory, latest_arrival: None, open_from, keeper }
    }

    /// Remembers a stored entry with an earlier decision, as of `now`. Without features it was too old when it
    /// arrived.
    pub(super) fn restore(
        &mut self,
        record: &StoryRecord,
        listed_at: Timestamp,
        features: Option<StoryFeatures>,
        now: Timestamp,
    ) {
        let is_ahead = was_clock_set_back(record.seen_at, now);
        let seen_at = if is_ahead { whole_milliseconds(now) } else { record.seen_at };
        self.latest_arrival = self.latest_arrival.max(Some(seen_at));
        let Some(features) = features else { return self.memory.advance_to(seen_at) };
        let arrival = StoryArrival { id: record.id, source: &record.source, listed_at, seen_at };
        self.memory.restore_features(&arrival, || features, record.assignment);
    }

    /// Decides the stories of new entries of commits that arrived together, in an order that does not depend
    /// on which source answered first, and records what changed.
    pub(super) fn assign_all(
        &mut self,
        commits: &mut [Commit],
        mut texts: StoryTexts,
        now: Timestamp,
    ) {
        let now = whole_milliseconds(now);
        let seen_at = self.latest_arrival.map_or(now, |latest| latest.max(now));
        self.latest_arrival = Some(seen_at);
        self.memory.advance_to(seen_at);
        let coming = commits.iter().flat_map(|commit| commit.new.iter().chain(&commit.restored));
        let mut order: Vec<(usize, &StoredEntry)> = coming.enumerate().collect();
        // Independent of which source answered first; entries of one source in the order of its document.
        order.sort_by(|(_, one), (_, other)| one.source.cmp(&other.source));
        let Self { memory, keeper, .. } = self;
        let mut features_of = |listed: &StoredEntry| {
            let features = texts.take_features(&listed.entry);
            keeper.add_coming(listed, &features);
            features
        };
        let mut records: Vec<(usize, StoryRecord)> = order
            .into_iter()
            .map(|(at, listed)| (at, assign_story(memory, listed, || features_of(listed), seen_at)))
            .collect();
        records.sort_by_key(|(at, _)| *at);
        let mut records = records.into_iter().map(|(_, record)| record);
        for commit in commits.iter_mut() {
            commit.story_records =
                records.by_ref().take(commit.new.len() + commit.restored.len()).collect();
        }
        for listed in commits.iter().flat_map(|commit| &commit.changed) {
            // The entry keeps its story; others are compared with its new text.
            if memory.contains(listed.id) {
                memory.assign_features(&story_arrival(listed, seen_at), || features_of(listed));
            }
        }
    }

    /// Writes the features of the entries of the last `assign_all`, which are stored now. Without them the next
    /// start computes them again, so an error is only logged.
    pub(super) fn write_features(&mut self, store: &Store) {
        let Some(now) = self.latest_arrival else { return };
        if let Err(error) = self.keeper.write_coming(store, utc_day(now)) {
            tracing::warn!(%error, "the features of new entries are not kept");
        }
    }

    /// Stores the term counts of days before the day of the latest arrival; for a day without entries, an
    /// empty count.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub(super) fn store_closed_days(&mut self, store: &Store) -> Result<(), StoreError> {
        let Some(today) = self.memory.today() else { return Ok(()) };
        for day in self.open_from.max(today - DAYS + 1)..today {
            let empty = || DailyTermCounts { day, documents_count: 0, terms: Vec::new() };
            let terms = self.memory.closed_day_counts(day).unwrap_or_else(empty);
            store.save_daily_term_counts(&terms, today - DAYS)?;
            self.open_from = day + 1;
        }
        Ok(())
    }
}

/// Decides the story of an entry that arrives at `seen_at`.
pub(super) fn assign_story(
    memory: &mut StoryMemory,
    listed: &StoredEntry,
    features: impl FnOnce() -> StoryFeatures,
    seen_at: Timestamp,
) -> StoryRecord {
    let listed_at = whole_milliseconds(listed.listed_at);
    let arrival = StoryArrival { listed_at, ..story_arrival(listed, seen_at) };
    let assignment = memory.assign_features(&arrival, features);
    if assignment.method == StoryMethod::SameEvent || assignment.method == StoryMethod::SameText {
        tracing::debug!(entry = %listed.id, story = %assignment.story,
            method = assignment.method.as_str(), score = assignment.score, "belongs to an earlier story");
    }
    StoryRecord { id: listed.id, source: listed.source.clone(), listed_at, seen_at, assignment }
}

fn story_arrival(listed: &StoredEntry, seen_at: Timestamp) -> StoryArrival<'_> {
    StoryArrival { id: listed.id, source: &listed.source, listed_at: listed.listed_at, seen_at }
}

/// Whether `at` is so much later than `now` that a clock was set back.
pub(super) fn was_clock_set_back(at: Timestamp, now: Timestamp) -> bool {
    at.duration_since(now) > CLOCK_SET_BACK_LIMIT
}

/// Days since 1970-01-01, UTC.
pub(super) fn utc_day(at: Timestamp) -> i64 {
    at.as_second().div_euclid(DAY_SECONDS)
}

/// The first instant of a day.
pub(super) fn start_of_day(day: i64) -> Timestamp {
    Timestamp::from_second(day.saturating_mul(DAY_SECONDS)).unwrap_or(Timestamp::MIN)
}
