//! New entries, one after another → the story of each. The memory of the last days is rebuilt from the
//! store at the start, so that the same entries in the same order give the same stories, also after a
//! restart. (As far as they are kept: what the store dropped since, a memory without restart still has.)
//!
//! What is decided about is what is kept: instants in whole milliseconds. Arrivals never go back, so that
//! a day that is over learns nothing more.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::model::{DailyTermCounts, StoredEntry, StoryInput, StoryMethod, StoryRecord};
use crate::store::{Commit, Store, StoreError, whole_milliseconds};
use crate::story::{DAYS, PlainTexts, StoryMemory, StorySettings, WINDOW};

/// Answers that were there at nearly the same time are kept in any order; what goes back farther is a
/// clock that was set back. (A large document waits for its turn for minutes.)
const CLOCK_SET_BACK_LIMIT: SignedDuration = SignedDuration::from_hours(1);
const DAY_SECONDS: i64 = 24 * 60 * 60;

/// The memory of stories on its way.
pub(super) enum StoryState {
    /// Nothing was written yet: the last days are read when something is.
    NotLoaded,
    /// Whoever decides is there.
    Loaded(Box<StoryAssigner>),
    /// The last days could not be read: entries stand alone.
    Unavailable,
}

impl StoryState {
    /// Decides about the entries of commits that arrived together; `false`: there are none, or nobody can.
    pub(super) fn assign_all(
        &mut self,
        store: &Store,
        commits: &mut [Commit],
        now: Timestamp,
    ) -> bool {
        let is_quiet = |commit: &Commit| {
            commit.new.is_empty() && commit.restored.is_empty() && commit.changed.is_empty()
        };
        if commits.iter().all(is_quiet) {
            return false;
        }
        if let Self::Loaded(desk) = self
            && desk.latest_arrival.is_some_and(|latest| was_clock_set_back(latest, now))
        {
            *self = Self::NotLoaded;
        }
        if matches!(self, Self::NotLoaded) {
            *self = match StoryAssigner::rebuild(store, now) {
                Ok(desk) => Self::Loaded(Box::new(desk)),
                Err(error) => {
                    tracing::error!(%error, "the last days cannot be read: nothing is compared");
                    Self::Unavailable
                }
            };
        }
        let Self::Loaded(desk) = self else { return false };
        desk.assign_all(commits, now);
        true
    }

    /// Keeps what was learnt on days that are over.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub(super) fn store_closed_days(&mut self, store: &Store) -> Result<(), StoreError> {
        match self {
            Self::Loaded(desk) => desk.store_closed_days(store),
            Self::NotLoaded | Self::Unavailable => Ok(()),
        }
    }
}

/// Who decides about stories: the writer has it, and nobody else.
pub(super) struct StoryAssigner {
    memory: StoryMemory,
    /// The latest arrival; `None`: nothing arrived yet.
    latest_arrival: Option<Timestamp>,
    /// The first day that is not kept yet.
    open_from: i64,
}

impl StoryAssigner {
    /// Rebuilds the memory of the last days as of `now`. Entries that were kept by a version that knew no
    /// stories are decided about now, in the order in which they arrived.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    fn rebuild(store: &Store, now: Timestamp) -> Result<Self, StoreError> {
        let mut days = store.daily_term_counts()?;
        // Today is not over, whatever a clock said that was ahead.
        days.retain(|day| day.day < utc_day(now));
        let closed: BTreeSet<i64> = days.iter().map(|day| day.day).collect();
        let open_from = first_open_day(&closed, utc_day(now));
        let memory = StoryMemory::new(StorySettings::default(), days);
        let mut desk = Self { memory, latest_arrival: None, open_from };
        let before = |at: Timestamp| at.checked_sub(WINDOW).unwrap_or(Timestamp::MIN);
        // What arrived on an open day is counted, though it may have left the window since.
        let mut entries = store.entries_since(before(start_of_day(open_from)))?;
        entries.retain(|listed| !was_clock_set_back(listed.listed_at, now));
        entries.sort_by_key(|listed| (listed.first_seen_at, listed.listed_at, listed.id));
        let mut late = Vec::new();
        for listed in &entries {
            match store.story_record(listed.id)? {
                Some(told) => {
                    let is_ahead = was_clock_set_back(told.seen_at, now);
                    let seen_at = if is_ahead { whole_milliseconds(now) } else { told.seen_at };
                    desk.latest_arrival = desk.latest_arrival.max(Some(seen_at));
                    desk.memory.restore(
                        &PlainTexts::from_entry(listed).story_input(seen_at),
                        told.assignment,
                    );
                }
                None if listed.listed_at < before(now) => {}
                None => late.push(
                    desk.assign_story(listed, move_to_open_day(listed.first_seen_at, &closed)),
                ),
            }
        }
        store.save_story_records(&late)?;
        Ok(desk)
    }

    /// Decides about the new entries of commits that arrived together, in an order that does not hang on who
    /// came first, and remembers what changed.
    fn assign_all(&mut self, commits: &mut [Commit], now: Timestamp) {
        let now = whole_milliseconds(now);
        let seen_at = self.latest_arrival.map_or(now, |latest| latest.max(now));
        self.latest_arrival = Some(seen_at);
        self.memory.advance_to(seen_at);
        let coming = commits.iter().flat_map(|commit| commit.new.iter().chain(&commit.restored));
        let mut order: Vec<(usize, &StoredEntry)> = coming.enumerate().collect();
        // No matter which source answered first; those of one source as it lists them.
        order.sort_by(|(_, one), (_, other)| one.source.cmp(&other.source));
        let mut told: Vec<(usize, StoryRecord)> = order
            .into_iter()
            .map(|(at, listed)| (at, self.assign_story(listed, seen_at)))
            .collect();
        told.sort_by_key(|(at, _)| *at);
        let mut told = told.into_iter().map(|(_, told)| told);
        for commit in commits.iter_mut() {
            commit.story_records =
                told.by_ref().take(commit.new.len() + commit.restored.len()).collect();
        }
        for listed in commits.iter().flat_map(|commit| &commit.changed) {
            // It keeps its story; others are compared with what it says now.
            if self.memory.contains(listed.id) {
                self.memory.assign(&PlainTexts::from_entry(listed).story_input(seen_at));
            }
        }
    }

    fn assign_story(&mut self, listed: &StoredEntry, seen_at: Timestamp) -> StoryRecord {
        let texts = PlainTexts::from_entry(listed);
        let listed_at = whole_milliseconds(listed.listed_at);
        let assignment =
            self.memory.assign(&StoryInput { listed_at, ..texts.story_input(seen_at) });
        if assignment.method == StoryMethod::SameEvent || assignment.method == StoryMethod::SameText
        {
            tracing::debug!(entry = %listed.id, story = %assignment.story,
                method = assignment.method.as_str(), score = assignment.score, "told before");
        }
        StoryRecord { id: listed.id, source: listed.source.clone(), listed_at, seen_at, assignment }
    }

    /// Keeps what was learnt on days before the latest arrival's; of a day without entries, that there
    /// were none.
    ///
    /// # Errors
    /// When the store cannot be written.
    fn store_closed_days(&mut self, store: &Store) -> Result<(), StoreError> {
        let Some(today) = self.memory.today() else { return Ok(()) };
        for day in self.open_from.max(today - DAYS + 1)..today {
            let silent = || DailyTermCounts { day, documents_count: 0, terms: Vec::new() };
            let terms = self.memory.closed_day_counts(day).unwrap_or_else(silent);
            store.save_daily_term_counts(&terms, today - DAYS)?;
            self.open_from = day + 1;
        }
        Ok(())
    }
}

/// Whether `at` is so much later than `now` that a clock was set back.
fn was_clock_set_back(at: Timestamp, now: Timestamp) -> bool {
    at.duration_since(now) > CLOCK_SET_BACK_LIMIT
}

/// The first of the days that weigh a word today which is not kept; those before the first kept one were
/// never known.
fn first_open_day(closed: &BTreeSet<i64>, today: i64) -> i64 {
    let earliest = today - DAYS + 1;
    let known_from = closed.first().map_or(earliest, |first| earliest.max(*first));
    (known_from..today).find(|day| !closed.contains(day)).unwrap_or(today)
}

/// The instant, or the first one after it that is on no closed day: those count nothing any more.
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
