//! An entry's terms and the window → the story whose entries are most similar to it, and how similar.
//!
//! The score is the mean similarity to the story's entries (average link: single link chains events together),
//! minus a little for every hour to the nearest entry, and minus a cost if all of the story's entries are
//! from the same source as this one: outlets rarely publish the same news twice, and often publish
//! follow-ups. `pair_score` says what the similarity of two entries is.

use super::counted_term::CountedTerm;
use super::features::TextFingerprint;
use super::pair_score::{PairParts, PairScore};
use super::repetition::Repetition;
use super::sentence_vector::SentenceVector;
use super::term_cosine::TermCosine;
use super::term_index::TermIndex;
use super::vector_window::VectorNeighbors;
use super::window::{StoryWindow, WINDOW};
use super::window_member::WindowMember;
use crate::model::{EntryId, StoryArrival};

/// The cost of an hour (measured; 0 to .005 differ by less than the sample's noise).
const HOUR_COST: f32 = 0.004;

/// The cost if all of a story's entries are from the entry's own source (measured; .1 to .2 as above).
const SAME_SOURCE_COST: f32 = 0.15;

/// The number of postings that are read for an entry's terms, the rarest terms first: this bounds the cost of
/// an entry that has only common ones. (The omitted terms have almost no weight.)
const POSTINGS_MAX: usize = 20_000;

/// The members with the most weight in common, whose stories become candidates.
const MEMBERS_MAX: usize = 200;

/// The entries of one story that an entry is compared with, the earliest first: as many as a story has before
/// it is a crowd.
const COMPARED_MAX: usize = 40;

/// The maximum number of stories to score.
const CANDIDATES_MAX: usize = 40;

/// A story with its score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct NearestStory {
    pub story: EntryId,
    pub score: f32,
    /// The most similar entry.
    pub member: EntryId,
    pub size: usize,
    /// The relation of the entry to its source's entries in the story, if the score is high enough: it decides
    /// whether the story accepts the entry.
    pub repetition: Repetition,
}

/// Scores an entry against the whole window.
pub(super) struct Scorer<'w> {
    pub window: &'w StoryWindow,
    pub index: &'w TermIndex,
    /// The minimum score with which an entry joins any story.
    pub merge: f32,
    pub pair_score: PairScore,
}

/// What of an entry is compared.
pub(super) struct ScoredEntry<'e> {
    pub fingerprint: &'e TextFingerprint,
    /// Its words and their parts.
    pub terms: &'e [CountedTerm],
    pub vector: Option<&'e SentenceVector>,
    /// How near its vector is to those in the window.
    pub neighbors: &'e VectorNeighbors,
}

impl Scorer<'_> {
    /// The nearest story, and the nearest of those that the entry may join; among equals the one that shares
    /// more.
    pub(super) fn nearest_stories(
        &self,
        arrival: &StoryArrival<'_>,
        entry: &ScoredEntry<'_>,
    ) -> [Option<NearestStory>; 2] {
        let TermIndex { statistics, vocabulary } = self.index;
        let mut terms = TermCosine::new(entry.terms, vocabulary, statistics.weights());
        let comparison = self.window.compare_source(arrival, entry.fingerprint, statistics);
        let [mut nearest, mut open]: [Option<NearestStory>; 2] = [None; 2];
        for story in self.candidates(entry) {
            let similarity = |member: WindowMember<'_>| {
                self.similarity_to(entry, member, terms.cosine(member.words()))
            };
            let Some(mut scored) = self.score_story(arrival, story, similarity) else { continue };
            let score = scored.score;
            let is_nearer =
                |than: Option<NearestStory>| than.is_none_or(|other| score > other.score);
            let (is_nearest, is_nearest_open) = (is_nearer(nearest), is_nearer(open));
            // The comparison takes longer than the score, and below it nothing depends on it.
            let is_near = score >= self.merge && (is_nearest || is_nearest_open);
            if is_near {
                scored.repetition = comparison.with_source_in(story);
            }
            if is_nearest {
                nearest = Some(scored);
            }
            if is_near && is_nearest_open && scored.repetition.belongs_to_story() {
                open = Some(scored);
            }
        }
        [nearest, open]
    }

    /// The similarity to a member; `terms` is the cosine of their terms.
    fn similarity_to(&self, entry: &ScoredEntry<'_>, member: WindowMember<'_>, terms: f32) -> f32 {
        let cosine = entry.vector.and_then(|vector| self.window.vector_cosine(vector, member));
        self.pair_score.similarity(PairParts {
            terms,
            vectors: cosine
                .map(|cosine| (cosine, [entry.neighbors.closeness, member.head.closeness])),
            countries: [entry.fingerprint.wording.lists().countries(), member.countries()],
        })
    }

    /// The stories that are worth scoring: those of the entries with the most weight in common, then those of the
    /// entries with the nearest vectors.
    fn candidates(&self, entry: &ScoredEntry<'_>) -> Vec<EntryId> {
        let TermIndex { statistics, vocabulary } = self.index;
        let weights = statistics.weights();
        let probe = |term: &CountedTerm| {
            (statistics.documents_with(term.id()), statistics.hash_of(term.id()), *term)
        };
        let mut probes: Vec<(u32, u64, CountedTerm)> = entry.terms.iter().map(probe).collect();
        probes.sort_unstable_by_key(|(documents, hash, _)| (*documents, *hash));
        let numbers = self.window.numbers();
        // By the distance to the first number: the shared weight, and the probe that was the last to add to it.
        let mut shared: Vec<(f32, u32)> = vec![(0.0, 0); numbers.len()];
        let mut postings = 0;
        for (probe, (_, _, term)) in (1..).zip(probes) {
            // The entry itself holds the term.
            postings += statistics.members_with(term.id()).saturating_sub(1) as usize;
            if postings > POSTINGS_MAX {
                break;
            }
            let weight = weights.weight_of(term);
            vocabulary.visit_members(term.id(), |number| {
                let place = number.wrapping_sub(numbers.start) as usize;
                // Those that have left since may be before the first one; and several words may have one part.
                if let Some((shared, last_probe)) = shared.get_mut(place)
                    && *last_probe != probe
                {
                    *shared += weight * weight;
                    *last_probe = probe;
                }
            });
        }
        let mut members: Vec<(f32, u32)> =
            shared.into_iter().map(|(shared, _)| shared).zip(numbers).collect();
        members.retain(|(shared, _)| *shared > 0.0);
        // Some have left.
        members.retain(|(_, number)| self.window.at(*number).is_some());
        // By the shared weight, then by the ids: numbers are not the same after a restart.
        let id_in = |number: u32| self.window.at(number).map(|member| member.id());
        let order = |one: &(f32, u32), other: &(f32, u32)| {
            other.0.total_cmp(&one.0).then_with(|| id_in(one.1).cmp(&id_in(other.1)))
        };
        if members.len() > MEMBERS_MAX {
            members.select_nth_unstable_by(MEMBERS_MAX, order);
            members.truncate(MEMBERS_MAX);
        }
        members.sort_unstable_by(order);
        let mut stories = Vec::with_capacity(CANDIDATES_MAX);
        for member in members.into_iter().filter_map(|(_, number)| self.window.at(number)) {
            if stories.len() < CANDIDATES_MAX && !stories.contains(&member.story) {
                stories.push(member.story);
            }
        }
        let nearest = entry.neighbors.nearest.iter().filter_map(|number| self.window.at(*number));
        let mut of_nearest: Vec<EntryId> = nearest.map(|member| member.story).collect();
        of_nearest.sort_unstable();
        of_nearest.retain(|story| !stories.contains(story));
        of_nearest.dedup();
        stories.extend(of_nearest);
        stories
    }

    /// The score against one story; `None`: the story is too old for new entries.
    fn score_story(
        &self,
        arrival: &StoryArrival<'_>,
        story: EntryId,
        mut similarity_to: impl FnMut(WindowMember<'_>) -> f32,
    ) -> Option<NearestStory> {
        let first = self.window.get(story)?;
        if arrival.listed_at.duration_since(first.listed_at()).abs() > WINDOW {
            return None;
        }
        let (mut sum, mut count, mut best) = (0.0, 0.0, None);
        let mut hours = f32::INFINITY;
        let mut is_same_source = true;
        let source = self.window.source_number(arrival.source);
        let (mut compared_count, mut size) = (0, 0);
        for member in self.window.of_story(story) {
            size += 1;
            hours = hours.min(member.hours_from(arrival));
            is_same_source &= Some(member.head.source) == source;
            if member.is_first_of_text() && compared_count < COMPARED_MAX {
                compared_count += 1;
                let similarity = similarity_to(member);
                sum += similarity;
                count += 1.0;
                if best.is_none_or(|(highest, _)| similarity > highest) {
                    best = Some((similarity, member.id()));
                }
            }
        }
        let (_, member) = best?;
        let cost = HOUR_COST * hours + if is_same_source { SAME_SOURCE_COST } else { 0.0 };
        Some(NearestStory {
            story,
            score: sum / count - cost,
            member,
            size,
            repetition: Repetition::Text,
        })
    }
}
