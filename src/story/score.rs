//! An entry's terms and the window → the story whose tellings are most like it, and how much.
//!
//! The score is the mean cosine to the story's tellings (average link: single link chains events
//! together), less a little for every hour to the nearest one and for a story that only its own source
//! told: outlets rarely tell the same twice, and often follow up.

use super::TextFingerprint;
use super::statistics::{Statistics, TermId, Weights};
use super::telling_words::Repetition;
use super::window::{Slot, StoryWindow, WINDOW};
use crate::model::{EntryId, StoryInput};

/// What an hour costs (measured; 0 to .005 differ by less than the sample's noise).
const HOUR_COST: f32 = 0.004;

/// What it costs that all of a story's tellings are the same source's (measured; .1 to .2 as above).
const SAME_SOURCE_COST: f32 = 0.15;

/// Places at which an entry's terms are looked up, the rarest terms first: this bounds the cost of an
/// entry that has but common ones. (The terms
/// that are left out tell nearly nothing.)
const PLACES_MAX: usize = 20_000;

/// Members that share most, among which stories are looked for.
const MEMBERS_MAX: usize = 200;

/// Tellings of one story that an entry is compared with, the earliest: as many as a story takes before
/// it is a crowd.
const TELLINGS_MAX: usize = 40;

/// Stories that are scored: those of the members that share most, by the terms that were looked up.
const CANDIDATES_MAX: usize = 40;

/// How near a story came.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct NearestStory {
    pub story: EntryId,
    pub score: f32,
    /// The telling with the highest cosine.
    pub member: EntryId,
    pub size: usize,
    /// Whether it takes the entry, as its source told nothing of it yet, or this text.
    pub repetition: Repetition,
}

/// Where an entry stands against all of the window.
pub(super) struct Scorer<'w> {
    pub window: &'w StoryWindow,
    pub statistics: &'w Statistics,
}

impl Scorer<'_> {
    /// The story that is nearest, and the nearest of those that take the entry; of equals the one that
    /// shares more.
    pub(super) fn nearest_stories(
        &self,
        telling: &StoryInput<'_>,
        said: &TextFingerprint,
        terms: &[(TermId, u8)],
    ) -> [Option<NearestStory>; 2] {
        let weights = self.statistics.weights();
        let query = TermVector::new(terms, &weights);
        let [mut nearest, mut open]: [Option<NearestStory>; 2] = [None; 2];
        for story in self.candidates(terms, &weights) {
            let Some(mut found) = self.score_story(telling, story, &query, &weights) else {
                continue;
            };
            found.repetition = self.window.compare_with_source(story, telling, said);
            let is_nearer =
                |than: Option<NearestStory>| than.is_none_or(|other| found.score > other.score);
            if is_nearer(nearest) {
                nearest = Some(found);
            }
            if is_nearer(open) && found.repetition.belongs_to_story() {
                open = Some(found);
            }
        }
        [nearest, open]
    }

    /// The stories that are worth scoring.
    fn candidates(&self, terms: &[(TermId, u8)], weights: &Weights<'_>) -> Vec<EntryId> {
        let mut probes: Vec<(u32, usize)> =
            terms.iter().map(|(id, _)| self.statistics.documents_with(*id)).zip(0..).collect();
        probes.sort_unstable();
        let mut shared: Vec<f32> = Vec::new();
        let mut places = 0;
        for (id, count) in probes.into_iter().filter_map(|(_, place)| terms.get(place)) {
            let slots = self.window.with_term(*id);
            places += slots.len();
            if places > PLACES_MAX {
                break;
            }
            let weight = weights.weight_of(*id, *count);
            for slot in slots {
                let place = *slot as usize;
                if shared.len() <= place {
                    shared.resize(place + 1, 0.0);
                }
                shared[place] += weight * weight;
            }
        }
        let mut members: Vec<(f32, Slot)> =
            shared.into_iter().zip(0..).filter(|(shared, _)| *shared > 0.0).collect();
        // By what they share, and then by their ids: slots are not the same after a restart.
        let id_in = |slot: Slot| self.window.at(slot).map(|member| member.id);
        let order = |one: &(f32, Slot), other: &(f32, Slot)| {
            other.0.total_cmp(&one.0).then_with(|| id_in(one.1).cmp(&id_in(other.1)))
        };
        if members.len() > MEMBERS_MAX {
            members.select_nth_unstable_by(MEMBERS_MAX, order);
            members.truncate(MEMBERS_MAX);
        }
        members.sort_unstable_by(order);
        let mut stories = Vec::with_capacity(CANDIDATES_MAX);
        for member in members.into_iter().filter_map(|(_, slot)| self.window.at(slot)) {
            if stories.len() < CANDIDATES_MAX && !stories.contains(&member.assignment.story) {
                stories.push(member.assignment.story);
            }
        }
        stories
    }

    /// The score against one story; `None`: it takes no more tellings, as it is too old.
    fn score_story(
        &self,
        telling: &StoryInput<'_>,
        story: EntryId,
        query: &TermVector,
        weights: &Weights<'_>,
    ) -> Option<NearestStory> {
        let first = self.window.get(story)?;
        if telling.listed_at.duration_since(first.listed_at).abs() > WINDOW {
            return None;
        }
        let (mut sum, mut count, mut best) = (0.0, 0.0, None);
        let mut hours = f32::INFINITY;
        let mut is_same_source = true;
        let mut told = 0;
        for member in self.window.of_story(story) {
            hours = hours.min(member.hours_from(telling));
            is_same_source &= member.source == *telling.source;
            if member.is_first_of_text() && told < TELLINGS_MAX {
                told += 1;
                let cosine = query.cosine(&member.terms, weights);
                sum += cosine;
                count += 1.0;
                if best.is_none_or(|(highest, _)| cosine > highest) {
                    best = Some((cosine, member.id));
                }
            }
        }
        let (_, member) = best?;
        let cost = HOUR_COST * hours + if is_same_source { SAME_SOURCE_COST } else { 0.0 };
        let size = self.window.size_of(story);
        Some(NearestStory {
            story,
            score: sum / count - cost,
            member,
            size,
            repetition: Repetition::Text,
        })
    }
}

/// An entry's weighted terms, by their numbers.
struct TermVector {
    weights: Vec<f32>,
    norm: f32,
}

impl TermVector {
    fn new(terms: &[(TermId, u8)], weights: &Weights<'_>) -> Self {
        let length = terms.iter().map(|(id, _)| *id as usize + 1).max().unwrap_or(0);
        let mut query = Self { weights: vec![0.0; length], norm: 0.0 };
        for (id, count) in terms {
            let weight = weights.weight_of(*id, *count);
            query.norm += weight * weight;
            query.weights[*id as usize] = weight;
        }
        query.norm = query.norm.sqrt();
        query
    }

    /// The cosine to a member's terms, both weighted by what is known now. The sums run in the order
    /// of the terms' hashes, so that they are the same after a restart.
    fn cosine(&self, terms: &[(TermId, u8)], weights: &Weights<'_>) -> f32 {
        let (mut dot, mut norm) = (0.0_f32, 0.0_f32);
        for (id, count) in terms {
            let weight = weights.weight_of(*id, *count);
            norm += weight * weight;
            dot += weight * self.weights.get(*id as usize).copied().unwrap_or(0.0);
        }
        let norms = norm.sqrt() * self.norm;
        if norms > 0.0 { dot / norms } else { 0.0 }
    }
}
