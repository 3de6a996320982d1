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
use super::source_comparison::SourceComparison;
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

/// A bound of a score may be this much too low, as its sums are rounded.
const ROUNDING: f32 = 1e-4;

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
        let (window, fingerprint) = (self.window, entry.fingerprint);
        let comparison = SourceComparison { window, arrival, fingerprint, statistics };
        let bounds = self.score_bounds(arrival, entry);
        // The story with the highest bound is mostly the nearest: what cannot reach its score is not compared.
        let likeliest = bounds.iter().max_by(|one, other| one.1.total_cmp(&other.1));
        let likeliest = likeliest
            .and_then(|(story, _)| self.score_exactly(arrival, *story, (entry, &mut terms)));
        let [mut nearest, mut open]: [Option<NearestStory>; 2] = [None; 2];
        for (story, bound) in bounds {
            let is_below =
                |than: Option<NearestStory>| than.is_some_and(|other| bound < other.score);
            let may_be_open = bound >= self.merge && !is_below(open);
            if (is_below(nearest) || is_below(likeliest)) && !may_be_open {
                continue;
            }
            let known = likeliest.filter(|likeliest| likeliest.story == story);
            let scored = known.or_else(|| self.score_exactly(arrival, story, (entry, &mut terms)));
            let Some(mut scored) = scored else { continue };
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

    /// The candidates, each with a score that its own is not above: cosines are most of the work, and most stories are far
    /// below the nearest one.
    fn score_bounds(
        &self,
        arrival: &StoryArrival<'_>,
        entry: &ScoredEntry<'_>,
    ) -> Vec<(EntryId, f32)> {
        let shared = self.shared_weights(entry.terms);
        let stories = self.candidates(entry, &shared).into_iter();
        let bounds = stories.map(|story| {
            let at_most = |number: u32, member: WindowMember<'_>| {
                self.similarity_to(entry, member, shared.highest_cosine(number))
            };
            let scored = self.score_story(arrival, story, at_most)?;
            Some((story, scored.score + ROUNDING))
        });
        bounds.flatten().collect()
    }

    /// The score against one story by the cosines of terms; `None`: the story is too old for new entries.
    fn score_exactly(
        &self,
        arrival: &StoryArrival<'_>,
        story: EntryId,
        (entry, terms): (&ScoredEntry<'_>, &mut TermCosine<'_>),
    ) -> Option<NearestStory> {
        self.score_story(arrival, story, |_, member| {
            self.similarity_to(entry, member, terms.cosine(member.words()))
        })
    }

    /// The scores of all candidates.
    #[cfg(test)]
    pub(super) fn score_all(
        &self,
        arrival: &StoryArrival<'_>,
        entry: &ScoredEntry<'_>,
    ) -> Vec<NearestStory> {
        let TermIndex { statistics, vocabulary } = self.index;
        let mut terms = TermCosine::new(entry.terms, vocabulary, statistics.weights());
        let stories = self.candidates(entry, &self.shared_weights(entry.terms)).into_iter();
        stories.filter_map(|it| self.score_exactly(arrival, it, (entry, &mut terms))).collect()
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
    fn candidates(&self, entry: &ScoredEntry<'_>, shared: &SharedWeights) -> Vec<EntryId> {
        let mut members: Vec<(f32, u32)> = shared
            .of_members
            .iter()
            .map(|(shared, _)| *shared)
            .zip(self.window.numbers())
            .collect();
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

    /// What the members have in common with an entry of these terms.
    fn shared_weights(&self, terms: &[CountedTerm]) -> SharedWeights {
        let TermIndex { statistics, vocabulary } = self.index;
        let weights = statistics.weights();
        let probe = |term: &CountedTerm| {
            (statistics.documents_with(term.id()), statistics.hash_of(term.id()), *term)
        };
        let mut probes: Vec<(u32, u64, CountedTerm)> = terms.iter().map(probe).collect();
        probes.sort_unstable_by_key(|(documents, hash, _)| (*documents, *hash));
        let numbers = self.window.numbers();
        let mut shared = SharedWeights {
            first: numbers.start,
            of_members: vec![(0.0, 0); numbers.len()],
            unread: 0.0,
            all: 0.0,
        };
        let mut postings = 0;
        for (probe, (_, _, term)) in (1..).zip(probes) {
            let weight = weights.weight_of(term);
            shared.all += weight * weight;
            // The entry itself holds the term.
            postings += statistics.members_with(term.id()).saturating_sub(1) as usize;
            if postings > POSTINGS_MAX {
                shared.unread += weight * weight;
                continue;
            }
            vocabulary.visit_members(term.id(), |number| {
                let place = shared.place_of(number);
                // Those that have left since may be before the first one; and several words may have one part.
                if let Some((sum, last_probe)) = shared.of_members.get_mut(place)
                    && *last_probe != probe
                {
                    *sum += weight * weight;
                    *last_probe = probe;
                }
            });
        }
        shared
    }

    /// The score against one story; `None`: the story is too old for new entries.
    fn score_story(
        &self,
        arrival: &StoryArrival<'_>,
        story: EntryId,
        mut similarity_to: impl FnMut(u32, WindowMember<'_>) -> f32,
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
        for (number, member) in self.window.of_story(story) {
            size += 1;
            hours = hours.min(member.hours_from(arrival));
            is_same_source &= Some(member.head.source) == source;
            if member.is_first_of_text() && compared_count < COMPARED_MAX {
                compared_count += 1;
                let similarity = similarity_to(number, member);
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

/// What the members of the window have in common with an entry: sums of the squared weights that its terms have in it.
struct SharedWeights {
    /// The number of the first member.
    first: u32,
    /// By the distance to the first number: the sum, and the probe that was the last to add to it.
    of_members: Vec<(f32, u32)>,
    /// That of the terms whose members were not looked up.
    unread: f32,
    /// That of all terms.
    all: f32,
}

impl SharedWeights {
    #[inline]
    fn place_of(&self, number: u32) -> usize {
        number.wrapping_sub(self.first) as usize
    }

    /// A cosine of terms that the one of this member is not above. (Cauchy and Schwarz: the product of what both have in
    /// common is at most that of its lengths in both, and in the member it is at most the whole.)
    #[inline]
    fn highest_cosine(&self, number: u32) -> f32 {
        let shared = self.of_members.get(self.place_of(number)).map_or(0.0, |(sum, _)| *sum);
        if self.all > 0.0 { ((shared + self.unread) / self.all).sqrt().min(1.0) } else { 0.0 }
    }
}
