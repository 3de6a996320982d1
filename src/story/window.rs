//! The entries of the last three days with the indexes to find them: by id, story, text and vector. Older
//! entries leave, so that memory is bounded by what arrives in the window.
//!
//! Members are numbered in the order in which they came, and every index holds such numbers: four bytes instead of
//! an id of sixteen. A story's members are a chain, the earliest first.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::member_head::END;
use super::members::Members;
use super::number_table::NumberTable;
use super::sentence_vector::SentenceVector;
use super::shingles::Signature;
use super::signature_window::SignatureWindow;
use super::statistics::Statistics;
use super::vector_window::{VectorNeighbors, VectorWindow};
use super::window_member::{FormerMember, MemberPlaces, NewMember, WindowMember, hash_of_id};
use crate::model::{EntryId, SourceId};

/// How long an entry is remembered, and so the maximum age of a story that another entry joins: after three
/// days, follow-ups are stories of their own.
pub const WINDOW: SignedDuration = SignedDuration::from_hours(72);

/// The window.
#[derive(Debug, Clone, Default)]
pub(super) struct StoryWindow {
    members: Members,
    by_id: NumberTable,
    /// The first member of each story.
    stories: NumberTable,
    signatures: SignatureWindow,
    vectors: VectorWindow,
    sources: SourceNumbers,
}

impl StoryWindow {
    /// The member with an id.
    pub(super) fn get(&self, id: EntryId) -> Option<WindowMember<'_>> {
        self.number_of(id).and_then(|number| self.members.get(number))
    }

    /// The member with a number.
    pub(super) fn at(&self, number: u32) -> Option<WindowMember<'_>> {
        self.members.get(number)
    }

    /// The number of members.
    pub(super) fn len(&self) -> usize {
        self.members.len()
    }

    /// The numbers from the first one to that of the last member.
    pub(super) fn numbers(&self) -> std::ops::Range<u32> {
        self.members.numbers()
    }

    /// A story's members with their numbers, the earliest first.
    pub(super) fn of_story(&self, story: EntryId) -> impl Iterator<Item = (u32, WindowMember<'_>)> {
        let numbered = |number: u32| Some((number, self.members.get(number)?));
        let first = self.first_of_story(story).and_then(numbered);
        std::iter::successors(first, move |(_, member)| numbered(member.head.next_in_story))
    }

    /// The number of a source; `None`: it has no member.
    pub(super) fn source_number(&self, source: &SourceId) -> Option<u32> {
        self.sources.numbers.get(source).copied()
    }

    /// Calls `visit` for the members whose text may be similar to this one.
    pub(super) fn visit_similar<'w>(
        &'w self,
        signature: &Signature,
        mut visit: impl FnMut(WindowMember<'w>, &'w Signature),
    ) {
        self.signatures.visit_similar(signature, |number, signature| {
            if let Some(member) = self.members.get(number) {
                visit(member, signature);
            }
        });
    }

    /// The signature of a member's text; `None`: the text is too short.
    pub(super) fn signature_of(&self, member: WindowMember<'_>) -> Option<&Signature> {
        member.head.signature().and_then(|place| self.signatures.get(place))
    }

    /// How near a vector is to the members'.
    pub(super) fn find_neighbors(&self, vector: &SentenceVector) -> VectorNeighbors {
        self.vectors.find_neighbors(vector)
    }

    /// The cosine of a vector and a member's; `None`: the member has none.
    pub(super) fn vector_cosine(
        &self,
        vector: &SentenceVector,
        member: WindowMember<'_>,
    ) -> Option<f32> {
        self.vectors.cosine(vector, member.head.vector()?)
    }

    /// Adds a member. Its number, which is above all others, is returned.
    pub(super) fn insert(&mut self, mut member: NewMember<'_>, statistics: &Statistics) -> u32 {
        let source = self.sources.number(member.source);
        let number = self.members.numbers().end;
        let signature = member.fingerprint.signature.take();
        let signature = signature.map(|signature| self.signatures.insert(signature, number));
        let listed_at = member.listed_at;
        let vector = member.vector.map(|vector| self.vectors.insert(vector, number, listed_at));
        self.members.push(&member, MemberPlaces { source, signature, vector }, statistics);
        let members = &self.members;
        self.by_id.insert(number, |number| members.hash_of(number));
        self.link_to_story(number);
        number
    }

    /// Removes a member. What is needed of it is returned.
    pub(super) fn remove(&mut self, id: EntryId) -> Option<FormerMember> {
        let number = self.number_of(id)?;
        let members = &self.members;
        let hash_of = |number: u32| members.hash_of(number);
        self.by_id.remove(hash_of_id(id), |other| other == number, hash_of);
        self.unlink_from_story(number);
        let member = self.members.get(number)?;
        let (signature, vector) = (member.head.signature(), member.head.vector());
        let former = member.to_former();
        self.members.remove(number);
        if let Some(place) = signature {
            self.signatures.remove(place);
        }
        if let Some(place) = vector {
            self.vectors.remove(place);
        }
        Some(former)
    }

    /// A member that is older than the window at `now`.
    pub(super) fn find_outdated(&self, now: Timestamp) -> Option<EntryId> {
        let outdated = self.members.find_outdated(|listed_at| is_outdated(listed_at, now));
        outdated.map(|member| member.id())
    }

    /// The members of a source beyond its newest.
    pub(super) fn beyond_newest(&self, source: &SourceId, newest: usize) -> Vec<EntryId> {
        let Some(source) = self.source_number(source) else { return Vec::new() };
        let of_source = self.members.iter().filter(|(_, member)| member.head.source == source);
        let mut ages: Vec<(i64, EntryId)> = of_source.map(|(_, member)| member.age()).collect();
        ages.sort_unstable();
        ages.truncate(ages.len().saturating_sub(newest));
        ages.into_iter().map(|(_, id)| id).collect()
    }

    /// The bytes that it takes.
    pub(super) fn heap_bytes(&self) -> usize {
        self.bytes_by_part().into_iter().map(|(_, bytes)| bytes).sum()
    }

    /// The same of each part.
    pub(super) fn bytes_by_part(&self) -> [(&'static str, usize); 5] {
        let [heads, units] = self.members.heap_bytes();
        [
            ("members", heads),
            ("words", units),
            ("ids and stories", self.by_id.heap_bytes() + self.stories.heap_bytes()),
            ("signatures", self.signatures.heap_bytes()),
            ("vectors", self.vectors.heap_bytes()),
        ]
    }

    fn number_of(&self, id: EntryId) -> Option<u32> {
        let has_id = |number| self.members.get(number).is_some_and(|member| member.id() == id);
        self.by_id.find(hash_of_id(id), has_id)
    }

    fn first_of_story(&self, story: EntryId) -> Option<u32> {
        let is_of_story =
            |number| self.members.get(number).is_some_and(|member| member.story == story);
        self.stories.find(hash_of_id(story), is_of_story)
    }

    fn link_to_story(&mut self, number: u32) {
        let Some(member) = self.members.get(number) else { return };
        let (story, age) = (member.story, member.age());
        let hash = hash_of_id(story);
        let is_later = |number: u32| self.members.get(number).is_none_or(|it| it.age() > age);
        let Some(first) = self.first_of_story(story) else {
            let members = &self.members;
            return self.stories.insert(number, |number| members.story_hash_of(number));
        };
        if is_later(first) {
            self.stories.replace(hash, |other| other == first, number);
            return self.members.set_next_in_story(number, first);
        }
        let mut before = first;
        let next_of = |number: u32| self.members.get(number).map(|it| it.head.next_in_story);
        while let Some(next) = next_of(before)
            && !is_later(next)
        {
            before = next;
        }
        let Some(next) = next_of(before) else { return };
        self.members.set_next_in_story(before, number);
        self.members.set_next_in_story(number, next);
    }

    fn unlink_from_story(&mut self, number: u32) {
        let Some(member) = self.members.get(number) else { return };
        let (story, next) = (member.story, member.head.next_in_story);
        let hash = hash_of_id(story);
        let Some(first) = self.first_of_story(story) else { return };
        if first == number {
            if next == END {
                let members = &self.members;
                let hash_of = |number: u32| members.story_hash_of(number);
                self.stories.remove(hash, |other| other == number, hash_of);
            } else {
                self.stories.replace(hash, |other| other == number, next);
            }
            return;
        }
        let mut before = first;
        while let Some(after) = self.members.get(before).map(|it| it.head.next_in_story) {
            if after == number {
                return self.members.set_next_in_story(before, next);
            }
            before = after;
        }
    }
}

/// Sources by their numbers, which members hold. A source keeps its number: there are few.
#[derive(Debug, Clone, Default)]
struct SourceNumbers {
    numbers: BTreeMap<SourceId, u32>,
}

impl SourceNumbers {
    fn number(&mut self, source: &SourceId) -> u32 {
        if let Some(number) = self.numbers.get(source) {
            return *number;
        }
        let number = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        self.numbers.insert(source.clone(), number);
        number
    }
}

/// Whether an entry is older than the window.
pub(super) fn is_outdated(listed_at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(listed_at) > WINDOW
}
