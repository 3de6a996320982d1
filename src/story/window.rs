//! The entries of the last three days with the indexes to find them: by id, story, term and text. Older
//! entries leave, so that memory is bounded by what arrives in the window.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::features::TextFingerprint;
use super::repetition::Repetition;
use super::shingles::Signature;
use super::statistics::TermId;
use crate::model::{EntryId, SourceId, StoryArrival, StoryAssignment};

/// How long an entry is remembered, and so the maximum age of a story that another entry joins: after three
/// days, follow-ups are stories of their own.
pub const WINDOW: SignedDuration = SignedDuration::from_hours(72);

/// The index of a member; slots are reused.
pub(super) type Slot = u32;

/// An entry in the window.
#[derive(Debug, Clone)]
pub(super) struct WindowMember {
    pub id: EntryId,
    pub source: SourceId,
    pub listed_at: Timestamp,
    /// The day on which its terms were counted; `None`: they were not counted.
    pub counted_on: Option<i64>,
    pub assignment: StoryAssignment,
    pub fingerprint: TextFingerprint,
    /// The terms with their counts, in ascending order of their hashes.
    pub terms: Vec<(TermId, u8)>,
}

impl WindowMember {
    /// Whether it is the first entry with its text in its story: of the copies of a text only the first
    /// counts, and a text that is too short for a comparison does not count.
    pub(super) fn is_first_of_text(&self) -> bool {
        !self.terms.is_empty()
    }

    /// The hours between this entry and another one.
    pub(super) fn hours_from(&self, arrival: &StoryArrival<'_>) -> f32 {
        arrival.listed_at.duration_since(self.listed_at).abs().as_secs_f32() / 3_600.0
    }
}

/// The window.
#[derive(Debug, Clone, Default)]
pub(super) struct StoryWindow {
    members: Vec<Option<WindowMember>>,
    free: Vec<Slot>,
    pub(super) by_id: BTreeMap<EntryId, Slot>,
    by_age: BTreeSet<(Timestamp, EntryId)>,
    /// Each story's members by their age.
    by_story: BTreeMap<EntryId, BTreeMap<(Timestamp, EntryId), Slot>>,
    by_band: BTreeSet<(u64, Slot)>,
    by_term: Vec<Vec<Slot>>,
}

impl StoryWindow {
    /// The member with an id.
    pub(super) fn get(&self, id: EntryId) -> Option<&WindowMember> {
        self.by_id.get(&id).and_then(|slot| self.at(*slot))
    }

    /// The member in a slot.
    pub(super) fn at(&self, slot: Slot) -> Option<&WindowMember> {
        self.members.get(slot as usize)?.as_ref()
    }

    /// A story's members, the earliest first.
    pub(super) fn of_story(&self, story: EntryId) -> impl Iterator<Item = &WindowMember> {
        let slots = self.by_story.get(&story).into_iter().flat_map(BTreeMap::values);
        slots.filter_map(|slot| self.at(*slot))
    }

    /// The relation of an entry to its source's entries in a story; without such entries it is `Text`, and
    /// the story accepts it.
    pub(super) fn compare_with_source(
        &self,
        story: EntryId,
        arrival: &StoryArrival<'_>,
        fingerprint: &TextFingerprint,
    ) -> Repetition {
        let same_source = self.of_story(story).filter(|member| member.source == *arrival.source);
        same_source
            .map(|member| fingerprint.compare_with(&member.fingerprint, member.hours_from(arrival)))
            .max()
            .unwrap_or(Repetition::Text)
    }

    /// The number of members of a story.
    pub(super) fn size_of(&self, story: EntryId) -> usize {
        self.by_story.get(&story).map_or(0, BTreeMap::len)
    }

    /// The members that have a term, in no order.
    pub(super) fn with_term(&self, id: TermId) -> &[Slot] {
        self.by_term.get(id as usize).map_or(&[], Vec::as_slice)
    }

    /// The members whose text may be similar to this one; a member may occur more than once.
    pub(super) fn with_band_of(
        &self,
        signature: &Signature,
    ) -> impl Iterator<Item = &WindowMember> {
        let slots =
            signature.bands().flat_map(|band| self.by_band.range((band, 0)..=(band, Slot::MAX)));
        slots.filter_map(|(_, slot)| self.at(*slot))
    }

    /// Adds a member.
    pub(super) fn insert(&mut self, member: WindowMember) {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.members.push(None);
            // Members are bounded by the window, far below four billion.
            Slot::try_from(self.members.len() - 1).unwrap_or(Slot::MAX)
        });
        let age = (member.listed_at, member.id);
        self.by_id.insert(member.id, slot);
        self.by_age.insert(age);
        self.by_story.entry(member.assignment.story).or_default().insert(age, slot);
        for band in member.fingerprint.signature.iter().flat_map(Signature::bands) {
            self.by_band.insert((band, slot));
        }
        for (id, _) in &member.terms {
            let place = *id as usize;
            if self.by_term.len() <= place {
                self.by_term.resize(place + 1, Vec::new());
            }
            self.by_term[place].push(slot);
        }
        if let Some(place) = self.members.get_mut(slot as usize) {
            *place = Some(member);
        }
    }

    /// Removes a member and returns it.
    pub(super) fn remove(&mut self, id: EntryId) -> Option<WindowMember> {
        let slot = self.by_id.remove(&id)?;
        let member = self.members.get_mut(slot as usize)?.take()?;
        let age = (member.listed_at, member.id);
        self.by_age.remove(&age);
        if let Some(of_story) = self.by_story.get_mut(&member.assignment.story) {
            of_story.remove(&age);
            if of_story.is_empty() {
                self.by_story.remove(&member.assignment.story);
            }
        }
        for band in member.fingerprint.signature.iter().flat_map(Signature::bands) {
            self.by_band.remove(&(band, slot));
        }
        for (id, _) in &member.terms {
            let with_term = self.by_term.get_mut(*id as usize);
            if let Some((slots, place)) = with_term.and_then(|slots| {
                slots.iter().position(|other| *other == slot).map(|at| (slots, at))
            }) {
                slots.swap_remove(place);
            }
        }
        self.free.push(slot);
        Some(member)
    }

    /// The oldest member, if it is older than the window at `now`.
    pub(super) fn oldest_outdated(&self, now: Timestamp) -> Option<EntryId> {
        let (listed_at, id) = self.by_age.first()?;
        is_outdated(*listed_at, now).then_some(*id)
    }
}

/// Whether an entry is older than the window.
pub(super) fn is_outdated(listed_at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(listed_at) > WINDOW
}
