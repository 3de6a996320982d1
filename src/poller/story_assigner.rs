//! New entries, one after another → the story of each. The memory of the last days is rebuilt from the
//! store at the start, so that the same entries in the same order give the same stories, also after a
//! restart. (This holds for stored entries: a memory without restart still has what the store dropped.)
//!
//! Decisions use the values as they are stored: times in whole milliseconds. Arrivals never go back, so
//! that the counts of a closed day do not change.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::story_texts::StoryTexts;
use crate::model::{DailyTermCounts, StoredEntry, StoryArrival, StoryMethod, StoryRecord};
use crate::store::{Commit, Store, StoreError, whole_milliseconds};
use crate::story::{DAYS, PlainTexts, StoryMemory, StorySettings, WINDOW};

/// Responses that arrive at nearly the same time are stored in any order; a larger step back is a clock
/// that was set back. (A large document waits minutes for its turn.)
const CLOCK_SET_BACK_LIMIT: SignedDuration = SignedDuration::from_hours(1);
const DAY_SECONDS: i64 = 24 * 60 * 60;

/// Whether the memory of stories is loaded.
pub(super) enum StoryState {
    /// Nothing was written yet: the last days are read before the first write.
    NotLoaded,
    /// The memory is loaded.
    Loaded(Box<StoryAssigner>),
    /// The last days could not be read: every entry is a story of its own.
    Unavailable,
}

impl StoryState {
    /// Decides the stories of commits that arrived together; `false`: there is nothing to decide, or the
    /// memory is unavailable. `texts` were prepared; `None`: no output shows stories, so nothing is decided or
    /// kept in memory. (What is stored without a decision is decided when the memory is rebuilt.)
    pub(super) fn assign_all(
        &mut self,
        store: &Store,
        commits: &mut [Commit],
        texts: Option<StoryTexts>,
        now: Timestamp,
    ) -> bool {
        let Some(texts) = texts else {
            *self = Self::NotLoaded;
            return false;
        };
        let is_quiet = |commit: &Commit| {
            commit.new.is_empty() && commit.restored.is_empty() && commit.changed.is_empty()
        };
        if commits.iter().all(is_quiet) {
            return false;
        }
        if let Self::Loaded(assigner) = self
            && assigner.latest_arrival.is_some_and(|latest| was_clock_set_back(latest, now))
        {
            *self = Self::NotLoaded;
        }
        if matches!(self, Self::NotLoaded) {
            *self = match StoryAssigner::rebuild(store, now) {
                Ok(assigner) => Self::Loaded(Box::new(assigner)),
                Err(error) => {
                    tracing::error!(%error, "the last days cannot be read: stories are not assigned");
                    Self::Unavailable
                }
            };
        }
        let Self::Loaded(assigner) = self else { return false };
        assigner.assign_all(commits, texts, now);
        true
    }

    /// Stores the term counts of days that are over.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub(super) fn store_closed_days(&mut self, store: &Store) -> Result<(), StoreError> {
        match self {
            Self::Loaded(assigner) => assigner.store_closed_days(store),
            Self::NotLoaded | Self::Unavailable => Ok(()),
        }
    }
}

/// Decides about stories; only the writer has it.
pub(super) struct StoryAssigner {
    memory: StoryMemory,
    /// The latest arrival; `None`: nothing arrived yet.
    latest_arrival: Option<Timestamp>,
    /// The first day whose counts are not stored yet.
    open_from: i64,
}

impl StoryAssigner {
    /// Rebuilds the memory of the last days as of `now`. Entries stored by a version without stories are
    /// decided now, in the order in which they arrived.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    fn rebuild(store: &Store, now: Timestamp) -> Result<Self, StoreError> {
        let mut days = store.daily_term_counts()?;
        // Today is not over, even if an earlier clock was ahead.
        days.retain(|day| day.day < utc_day(now));
        let closed: BTreeSet<i64> = days.iter().map(|day| day.day).collect();
        let open_from = first_open_day(&closed, utc_day(now));
        let memory = StoryMemory::new(StorySettings::default(), days);
        let mut assigner = Self { memory, latest_arrival: None, open_from };
        let before = |at: Timestamp| at.checked_sub(WINDOW).unwrap_or(Timestamp::MIN);
        // Entries that arrived on an open day are counted, even if they have left the window since.
        let mut entries = store.entries_since(before(start_of_day(open_from)))?;
        entries.retain(|listed| !was_clock_set_back(listed.listed_at, now));
        entries.sort_by_key(|listed| (listed.first_seen_at, listed.listed_at, listed.id));
        let mut late = Vec::new();
        for listed in &entries {
            match store.story_record(listed.id)? {
                Some(record) => {
                    let is_ahead = was_clock_set_back(record.seen_at, now);
                    let seen_at = if is_ahead { whole_milliseconds(now) } else { record.seen_at };
                    assigner.latest_arrival = assigner.latest_arrival.max(Some(seen_at));
                    assigner.memory.restore(
                        &PlainTexts::from_entry(listed).story_input(seen_at),
                        record.assignment,
                    );
                }
                None if listed.listed_at < before(now) => {}
                None => {
                    let seen_at = move_to_open_day(listed.first_seen_at, &closed);
                    late.push(assigner.assign_story(listed, &mut StoryTexts::default(), seen_at));
                }
            }
        }
        store.save_story_records(&late)?;
        Ok(assigner)
    }

    /// Decides the stories of new entries of commits that arrived together, in an order that does not depend
    /// on which source answered first, and records what changed.
    fn assign_all(&mut self, commits: &mut [Commit], mut texts: StoryTexts, now: Timestamp) {
        let now = whole_milliseconds(now);
        let seen_at = self.latest_arrival.map_or(now, |latest| latest.max(now));
        self.latest_arrival = Some(seen_at);
        self.memory.advance_to(seen_at);
        let coming = commits.iter().flat_map(|commit| commit.new.iter().chain(&commit.restored));
        let mut order: Vec<(usize, &StoredEntry)> = coming.enumerate().collect();
        // Independent of which source answered first; entries of one source in the order of its document.
        order.sort_by(|(_, one), (_, other)| one.source.cmp(&other.source));
        let mut records: Vec<(usize, StoryRecord)> = order
            .into_iter()
            .map(|(at, listed)| (at, self.assign_story(listed, &mut texts, seen_at)))
            .collect();
        records.sort_by_key(|(at, _)| *at);
        let mut records = records.into_iter().map(|(_, record)| record);
        for commit in commits.iter_mut() {
            commit.story_records =
                records.by_ref().take(commit.new.len() + commit.restored.len()).collect();
        }
        for listed in commits.iter().flat_map(|commit| &commit.changed) {
            // The entry keeps its story; others are compared with its new text.
            if self.memory.contains(listed.id) {
                let arrival = story_arrival(listed, seen_at);
                self.memory.assign_features(&arrival, || texts.take_features(&listed.entry));
            }
        }
    }

    fn assign_story(
        &mut self,
        listed: &StoredEntry,
        texts: &mut StoryTexts,
        seen_at: Timestamp,
    ) -> StoryRecord {
        let listed_at = whole_milliseconds(listed.listed_at);
        let arrival = StoryArrival { listed_at, ..story_arrival(listed, seen_at) };
        let assignment =
            self.memory.assign_features(&arrival, || texts.take_features(&listed.entry));
        if assignment.method == StoryMethod::SameEvent || assignment.method == StoryMethod::SameText
        {
            tracing::debug!(entry = %listed.id, story = %assignment.story,
                method = assignment.method.as_str(), score = assignment.score, "belongs to an earlier story");
        }
        StoryRecord { id: listed.id, source: listed.source.clone(), listed_at, seen_at, assignment }
    }

    /// Stores the term counts of days before the day of the latest arrival; for a day without entries, an
    /// empty count.
    ///
    /// # Errors
    /// When the store cannot be written.
    fn store_closed_days(&mut self, store: &Store) -> Result<(), StoreError> {
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

fn story_arrival(listed: &StoredEntry, seen_at: Timestamp) -> StoryArrival<'_> {
    StoryArrival { id: listed.id, source: &listed.source, listed_at: listed.listed_at, seen_at }
}

/// Whether `at` is so much later than `now` that a clock was set back.
fn was_clock_set_back(at: Timestamp, now: Timestamp) -> bool {
    at.duration_since(now) > CLOCK_SET_BACK_LIMIT
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

/// Days since 1970-01-01, UTC.
fn utc_day(at: Timestamp) -> i64 {
    at.as_second().div_euclid(DAY_SECONDS)
}

/// The first instant of a day.
fn start_of_day(day: i64) -> Timestamp {
    Timestamp::from_second(day.saturating_mul(DAY_SECONDS)).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests;
