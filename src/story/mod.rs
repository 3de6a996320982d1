//! Entries in the order of their arrival → the story of each entry, and why.
//!
//! 1. The same text again, whatever its headline: a *text group*, by `MinHash` over runs of three words.
//! 2. The same event in other words: a *story*, by the cosine of words and parts of words over title and
//!    lead, weighted by how rare they were in the last seven days, and by the cosine of word vectors.
//!
//! Entries of one source form one story only if they have the same text (`repetition`): its
//! other entries must not disappear.
//!
//! (Whether an entry is a known entry again is decided earlier, by `decide`.)
//!
//! A decision is final, and the same entries in the same order give the same stories. The memory is a value:
//! rebuilt from the entries of its window and the decisions about them, it decides as if there had been no
//! restart. `docs/stories.md` says where the numbers and thresholds come from.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod counted_term;
mod counting_day;
mod countries;
mod damping;
mod day_counts;
mod decision;
mod entry_words;
mod feature_bytes;
mod feature_rules;
mod features;
mod member_head;
mod members;
mod number_table;
mod packed_numbers;
mod pair_score;
mod placed_values;
mod plain_texts;
mod posting_lists;
mod recurring;
mod repetition;
#[cfg(test)]
pub(crate) mod sample_vectors;
mod score;
mod sentence_vector;
mod shingles;
mod signature_window;
mod similarity;
mod source_comparison;
mod statistics;
mod story_vectors;
mod term_cosine;
mod term_hash;
mod term_index;
mod term_table;
mod terms;
mod text_words;
mod thresholds;
mod vector_window;
mod vector_words;
mod vocabulary;
mod window;
mod window_member;
mod word_units;
mod word_vectors;
mod wording_units;

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::model::{
    DailyTermCounts, EntryId, SourceId, StoryArrival, StoryAssignment, StoryInput, StoryMethod,
};
use counting_day::{day_number, day_of_counting};
use decision::{assign_by_event, assignment_alone};
use features::TextFingerprint;
use pair_score::PairScore;
use repetition::Repetition;
use score::{ScoredEntry, Scorer};
use sentence_vector::SentenceVector;
use source_comparison::SourceComparison;
use term_index::{IndexedTerms, TermIndex};
use terms::EntryTerms;
use thresholds::WORDS_MIN;
use vector_window::VectorNeighbors;
use window::{StoryWindow, is_outdated};
use window_member::{FormerMember, NewMember, WindowMember};

pub use features::StoryFeatures;
pub use plain_texts::PlainTexts;
pub use similarity::{
    ComparedEntry, SharedWord, StorySimilarity, VectorSimilarity, compare_tellings,
};
pub use statistics::DAYS;
pub use story_vectors::StoryVectors;
pub use thresholds::{CROWD_MERGE, CROWD_SIZE, SAME_TEXT_SHARE, StorySettings};
pub use window::WINDOW;
pub use word_vectors::{WORDS_MAX, WordVectors, WordVectorsError};

/// What is known about the entries of the last days.
#[derive(Debug, Clone, Default)]
pub struct StoryMemory {
    settings: StorySettings,
    index: TermIndex,
    window: StoryWindow,
    now: Option<Timestamp>,
    /// The days whose counts were imported.
    closed: BTreeSet<i64>,
}

impl StoryMemory {
    /// A memory without entries that has the counts of finished days (`closed_day_counts`). The caller then
    /// calls `restore` with the entries of the last three days, and with all that arrived on a day that is
    /// not among `closed_days`.
    pub fn new(settings: StorySettings, closed_days: Vec<DailyTermCounts>) -> Self {
        let closed = closed_days.iter().map(|day| day.day).collect();
        let mut index = TermIndex::default();
        index.statistics.import_days(closed_days);
        Self { settings, index, closed, ..Self::default() }
    }

    /// Decides about an entry without vectors and remembers it. A known entry keeps its story; later entries are compared
    /// with its new text.
    pub fn assign(&mut self, input: &StoryInput<'_>) -> StoryAssignment {
        self.assign_features(&input.arrival(), || StoryFeatures::from_input(input, None))
    }

    /// The same for an entry whose texts may have been prepared elsewhere. `features` is called if they are
    /// needed: an entry that is too old is compared with nothing.
    pub fn assign_features(
        &mut self,
        arrival: &StoryArrival<'_>,
        features: impl FnOnce() -> StoryFeatures,
    ) -> StoryAssignment {
        self.advance_to(arrival.seen_at);
        if let Some(known) = self.window.get(arrival.id).map(|member| member.assignment()) {
            return self.revise(arrival, features(), known);
        }
        if is_outdated(arrival.listed_at, arrival.seen_at) {
            return assignment_alone(arrival.id, StoryMethod::TooOld);
        }
        let StoryFeatures { fingerprint, terms, vector } = features();
        if let Some(assignment) = self.decide_without_terms(arrival, &fingerprint, &terms) {
            self.remember(arrival, assignment, fingerprint, CountedTerms::default());
            return assignment;
        }
        let day = day_of_counting(arrival);
        let counted = CountedTerms { vector, ..self.count_terms(&terms, day) };
        let neighbors = self.find_neighbors(vector.as_ref());
        let Self { settings, index, window, .. } = &*self;
        let scorer = Scorer {
            window,
            index,
            merge: settings.merge,
            pair_score: PairScore { uses_vectors: settings.uses_vectors },
        };
        let entry = ScoredEntry {
            fingerprint: &fingerprint,
            terms: &counted.terms.all,
            vector: vector.as_ref(),
            neighbors: &neighbors,
        };
        let nearest = scorer.nearest_stories(arrival, &entry);
        let closeness = settings.uses_vectors.then_some(neighbors.closeness);
        let mut assignment =
            StoryAssignment { closeness, ..assign_by_event(*settings, arrival.id, nearest) };
        // The text is known from a story that has another text of this source: the entry joins the text
        // group, not the story.
        if let Some((_, member)) =
            self.find_same_text(arrival, &fingerprint, |again| !again.belongs_to_story())
        {
            assignment.text_group = member.text_group;
        }
        self.remember(arrival, assignment, fingerprint, counted);
        assignment
    }

    /// Remembers an entry with an earlier decision, to rebuild a memory. The entries must be passed in the
    /// order of their arrival.
    pub fn restore(&mut self, input: &StoryInput<'_>, assignment: StoryAssignment) {
        let features = || StoryFeatures::from_input(input, None);
        self.restore_features(&input.arrival(), features, assignment);
    }

    /// The same for an entry whose texts may have been prepared elsewhere. `features` is called if they are
    /// needed.
    pub fn restore_features(
        &mut self,
        arrival: &StoryArrival<'_>,
        features: impl FnOnce() -> StoryFeatures,
        assignment: StoryAssignment,
    ) {
        self.advance_to(arrival.seen_at);
        if assignment.method == StoryMethod::TooOld {
            return;
        }
        let day = day_of_counting(arrival).filter(|day| !self.closed.contains(day));
        let StoryFeatures { fingerprint, terms, vector } = features();
        let counted = self.count_again((&terms, vector), assignment, day);
        // A version without vectors did not record it.
        let vector = counted.vector.as_ref();
        let closeness =
            assignment.closeness.or_else(|| vector.map(|_| self.find_neighbors(vector).closeness));
        self.remember(arrival, StoryAssignment { closeness, ..assignment }, fingerprint, counted);
    }

    /// Moves the memory forward in time: entries that are too old are removed, and earlier days are finished.
    pub fn advance_to(&mut self, seen_at: Timestamp) {
        let now = self.now.map_or(seen_at, |now| now.max(seen_at));
        self.now = Some(now);
        while let Some(member) =
            self.window.find_outdated(now).and_then(|id| self.window.remove(id))
        {
            self.release_terms(&member);
        }
        self.index.statistics.move_to(day_number(now));
    }

    /// The term counts of a day before the latest one, for the store to keep: they no longer change. `None`:
    /// nothing was counted on the day, or it is too old or not finished.
    pub fn closed_day_counts(&self, day: i64) -> Option<DailyTermCounts> {
        let is_over = self.now.is_some_and(|now| day < day_number(now));
        if is_over { self.index.statistics.day_counts(day) } else { None }
    }

    /// The latest day (days since 1970-01-01, UTC); `None`: no entry has arrived yet.
    pub fn today(&self) -> Option<i64> {
        self.now.map(day_number)
    }

    /// Removes the entries of a source beyond its newest, which the store no longer holds: after a restart they
    /// would not be known.
    pub fn drop_beyond_newest(&mut self, source: &SourceId, newest: usize) {
        for id in self.window.beyond_newest(source, newest) {
            if let Some(member) = self.window.remove(id) {
                self.release_terms(&member);
            }
        }
    }

    /// The number of entries in the memory.
    pub fn entries_count(&self) -> usize {
        self.window.len()
    }

    /// The bytes that the memory takes, by the sizes and capacities of its structures.
    pub fn heap_bytes(&self) -> usize {
        self.index.heap_bytes() + self.window.heap_bytes()
    }

    /// Whether an entry is in the memory.
    pub fn contains(&self, id: EntryId) -> bool {
        self.window.get(id).is_some()
    }

    fn revise(
        &mut self,
        arrival: &StoryArrival<'_>,
        features: StoryFeatures,
        assignment: StoryAssignment,
    ) -> StoryAssignment {
        let today = day_number(arrival.seen_at);
        let Some(member) = self.window.remove(arrival.id) else { return assignment };
        // A finished day is not counted again.
        let recounted_on = member.counted_on.filter(|day| *day == today);
        if recounted_on.is_some() {
            let terms = self.index.vocabulary.with_parts(&member.words);
            self.index.statistics.uncount(today, &terms);
        }
        self.release_terms(&member);
        let StoryFeatures { fingerprint, terms, vector } = features;
        let counted = self.count_again((&terms, vector), assignment, recounted_on);
        let counted = CountedTerms { day: member.counted_on, ..counted };
        let revised = StoryArrival { listed_at: member.listed_at, ..*arrival };
        self.remember(&revised, assignment, fingerprint, counted);
        assignment
    }

    /// The decision, if it needs no comparison of terms.
    fn decide_without_terms(
        &self,
        arrival: &StoryArrival<'_>,
        fingerprint: &TextFingerprint,
        terms: &EntryTerms,
    ) -> Option<StoryAssignment> {
        if let Some((similarity, member)) =
            self.find_same_text(arrival, fingerprint, Repetition::belongs_to_story)
        {
            return Some(StoryAssignment {
                story: member.story,
                text_group: member.text_group,
                score: Some(similarity),
                nearest: Some(member.id()),
                ..assignment_alone(arrival.id, StoryMethod::SameText)
            });
        }
        (terms.words_count() < WORDS_MIN)
            .then(|| assignment_alone(arrival.id, StoryMethod::TooShort))
    }

    /// The member whose text is most similar to this one, and similar enough; among equals the earliest.
    /// `is_accepted` says which members count, by the entry's relation to the member's story.
    fn find_same_text(
        &self,
        arrival: &StoryArrival<'_>,
        fingerprint: &TextFingerprint,
        is_accepted: fn(Repetition) -> bool,
    ) -> Option<(f32, WindowMember<'_>)> {
        let signature = fingerprint.signature.as_ref()?;
        let source = self.window.source_number(arrival.source);
        let (window, statistics) = (&self.window, &self.index.statistics);
        let comparison = SourceComparison { window, arrival, fingerprint, statistics };
        let mut best: Option<(f32, WindowMember<'_>)> = None;
        self.window.visit_similar(signature, |member, other| {
            let similarity = signature.estimated_overlap(other);
            let is_better = best.is_none_or(|(highest, found)| {
                similarity > highest || (similarity >= highest && member.age() < found.age())
            });
            let is_same = similarity >= SAME_TEXT_SHARE
                && is_better
                && (Some(member.head.source) != source
                    || comparison.with_member(member) == Repetition::Text)
                && is_accepted(comparison.with_source_in(member.story));
            if is_same {
                best = Some((similarity, member));
            }
        });
        best
    }

    /// The terms of an entry with an earlier decision, if it is the first with its text in its story.
    fn count_again(
        &mut self,
        (terms, vector): (&EntryTerms, Option<SentenceVector>),
        assignment: StoryAssignment,
        day: Option<i64>,
    ) -> CountedTerms {
        match assignment.method {
            StoryMethod::First | StoryMethod::SameEvent => {
                CountedTerms { vector, ..self.count_terms(terms, day) }
            }
            StoryMethod::SameText | StoryMethod::TooShort | StoryMethod::TooOld => {
                CountedTerms::default()
            }
        }
    }

    /// Gives ids to terms, and counts them on `day` if there is one.
    fn count_terms(&mut self, terms: &EntryTerms, day: Option<i64>) -> CountedTerms {
        let terms = self.index.hold_terms(terms);
        if let Some(day) = day {
            self.index.statistics.count(day, &terms.all);
        }
        CountedTerms { terms, day, vector: None }
    }

    /// How near a vector is to those in the window; without one, nothing is.
    fn find_neighbors(&self, vector: Option<&SentenceVector>) -> VectorNeighbors {
        vector.map(|vector| self.window.find_neighbors(vector)).unwrap_or_default()
    }

    fn remember(
        &mut self,
        arrival: &StoryArrival<'_>,
        assignment: StoryAssignment,
        fingerprint: TextFingerprint,
        counted: CountedTerms,
    ) {
        let words = counted.terms.words;
        let member = NewMember {
            id: arrival.id,
            source: arrival.source,
            listed_at: arrival.listed_at,
            counted_on: counted.day,
            assignment,
            fingerprint,
            words: &words,
            vector: counted.vector,
        };
        let number = self.window.insert(member, &self.index.statistics);
        self.index.add_member(number, &words);
    }

    fn release_terms(&mut self, member: &FormerMember) {
        self.index.remove_member(&member.words, self.window.numbers().start);
    }
}

/// What an entry is compared by, if it is compared by its words.
#[derive(Debug, Default)]
struct CountedTerms {
    terms: IndexedTerms,
    /// The day on which they were counted; `None`: they were not counted.
    day: Option<i64>,
    vector: Option<SentenceVector>,
}

#[cfg(test)]
mod tests;
