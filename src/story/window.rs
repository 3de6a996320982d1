//! The entries of the last three days with the indexes to find them: by id, story, term and text. Older
//! entries leave, so that memory is bounded by what arrives in the window.
//!
//! Members are numbered in the order in which they came, and every index holds such numbers: four bytes instead of
//! an id of sixteen. A story's members are a chain, the earliest first.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::{SignedDuration, Timestamp};

use super::band_index::BandIndex;
use super::counted_term::TermId;
use super::day_counts::{reserve_some, tree_bytes};
use super::features::{TextFingerprint, compare_texts};
use super::number_table::NumberTable;
use super::posting_list::PostingList;
use super::repetition::Repetition;
use super::sentence_vector::SentenceVector;
use super::shingles::Signature;
use super::vector_window::{VectorNeighbors, VectorWindow};
use super::window_member::{END, MemberPlaces, NewMember, WindowMember, hash_of_id};
use crate::model::{EntryId, SourceId, StoryArrival};

/// How long an entry is remembered, and so the maximum age of a story that another entry joins: after three
/// days, follow-ups are stories of their own.
pub const WINDOW: SignedDuration = SignedDuration::from_hours(72);

/// The members by their numbers.
#[derive(Debug, Clone, Default)]
struct Members {
    /// The number of the first place.
    first: u32,
    places: VecDeque<Option<Box<WindowMember>>>,
}

impl Members {
    fn get(&self, number: u32) -> Option<&WindowMember> {
        self.places.get(number.checked_sub(self.first)? as usize)?.as_deref()
    }

    fn get_mut(&mut self, number: u32) -> Option<&mut WindowMember> {
        self.places.get_mut(number.checked_sub(self.first)? as usize)?.as_deref_mut()
    }

    /// The number of the member that is added next.
    fn next_number(&self) -> u32 {
        // Four billion arrivals are centuries of news.
        self.first.saturating_add(u32::try_from(self.places.len()).unwrap_or(u32::MAX))
    }

    fn take(&mut self, number: u32) -> Option<WindowMember> {
        let place = number.checked_sub(self.first)? as usize;
        let member = self.places.get_mut(place)?.take()?;
        while self.places.front().is_some_and(Option::is_none) {
            self.places.pop_front();
            self.first += 1;
        }
        if self.places.capacity() > 64 && self.places.len() * 4 < self.places.capacity() {
            self.places.shrink_to(self.places.len() * 2);
        }
        Some(*member)
    }

    fn iter(&self) -> impl Iterator<Item = (u32, &WindowMember)> {
        let numbered = (self.first..).zip(&self.places);
        numbered.filter_map(|(number, member)| Some((number, member.as_deref()?)))
    }

    fn hash_of(&self, number: u32) -> u64 {
        self.get(number).map_or(0, |member| hash_of_id(member.id))
    }

    fn story_hash_of(&self, number: u32) -> u64 {
        self.get(number).map_or(0, |member| hash_of_id(member.story))
    }
}

/// The window.
#[derive(Debug, Clone, Default)]
pub(super) struct StoryWindow {
    members: Members,
    by_id: NumberTable,
    /// In milliseconds.
    by_age: BTreeSet<(i64, u32)>,
    /// The first member of each story.
    stories: NumberTable,
    bands: BandIndex,
    vectors: VectorWindow,
    by_term: Vec<PostingList>,
    sources: SourceNumbers,
}

impl StoryWindow {
    /// The member with an id.
    pub(super) fn get(&self, id: EntryId) -> Option<&WindowMember> {
        self.number_of(id).and_then(|number| self.members.get(number))
    }

    /// The member with a number.
    pub(super) fn at(&self, number: u32) -> Option<&WindowMember> {
        self.members.get(number)
    }

    /// The number of members.
    pub(super) fn len(&self) -> usize {
        self.by_age.len()
    }

    /// The numbers from the first one to that of the last member.
    pub(super) fn numbers(&self) -> std::ops::Range<u32> {
        let count = u32::try_from(self.members.places.len()).unwrap_or(u32::MAX);
        self.members.first..self.members.first.saturating_add(count)
    }

    /// A story's members, the earliest first.
    pub(super) fn of_story(&self, story: EntryId) -> impl Iterator<Item = &WindowMember> {
        let first = self.first_of_story(story).and_then(|number| self.members.get(number));
        std::iter::successors(first, |member| self.members.get(member.next_in_story))
    }

    /// The relation of an entry to its source's entries in a story; without such entries it is `Text`, and
    /// the story accepts it.
    pub(super) fn compare_with_source(
        &self,
        story: EntryId,
        arrival: &StoryArrival<'_>,
        fingerprint: &TextFingerprint,
    ) -> Repetition {
        let Some(source) = self.source_number(arrival.source) else { return Repetition::Text };
        let same_source = self.of_story(story).filter(|member| member.source == source);
        same_source
            .map(|member| self.compare_with_member(member, arrival, fingerprint))
            .max()
            .unwrap_or(Repetition::Text)
    }

    /// The relation of an entry to a member of its source.
    pub(super) fn compare_with_member(
        &self,
        member: &WindowMember,
        arrival: &StoryArrival<'_>,
        fingerprint: &TextFingerprint,
    ) -> Repetition {
        let signature = member.signature.and_then(|place| self.bands.get(place));
        compare_texts(fingerprint, (signature, &member.wording), member.hours_from(arrival))
    }

    /// The number of a source; `None`: it has no member.
    pub(super) fn source_number(&self, source: &SourceId) -> Option<u32> {
        self.sources.numbers.get(source).copied()
    }

    /// The members that have a term.
    pub(super) fn with_term(&self, id: TermId) -> Option<&PostingList> {
        self.by_term.get(id as usize)
    }

    /// Calls `visit` for the members whose text may be similar to this one; for some more than once.
    pub(super) fn visit_similar<'w>(
        &'w self,
        signature: &Signature,
        mut visit: impl FnMut(&'w WindowMember, &'w Signature),
    ) {
        self.bands.visit_similar(signature, |number, signature| {
            if let Some(member) = self.members.get(number) {
                visit(member, signature);
            }
        });
    }

    /// How near a vector is to the members'.
    pub(super) fn find_neighbors(&self, vector: &SentenceVector) -> VectorNeighbors {
        self.vectors.find_neighbors(vector)
    }

    /// The cosine of a vector and a member's; `None`: the member has none.
    pub(super) fn vector_cosine(
        &self,
        vector: &SentenceVector,
        member: &WindowMember,
    ) -> Option<f32> {
        self.vectors.cosine(vector, member.vector?)
    }

    /// Adds a member.
    pub(super) fn insert(&mut self, mut member: NewMember<'_>) {
        let source = self.sources.number(member.source);
        let number = self.members.next_number();
        let signature = member.fingerprint.signature.take();
        let signature = signature.map(|signature| self.bands.insert(signature, number));
        let vector = member.vector.map(|vector| self.vectors.insert(vector, number));
        let member = member.into_member(MemberPlaces { source, signature, vector });
        let age = member.listed_at.as_millisecond();
        let terms = member.terms.clone();
        self.members.places.push_back(Some(Box::new(member)));
        let members = &self.members;
        self.by_id.insert(number, |number| members.hash_of(number));
        self.by_age.insert((age, number));
        self.link_to_story(number);
        for term in &terms {
            let place = term.id() as usize;
            if self.by_term.len() <= place {
                let more = place + 1 - self.by_term.len();
                reserve_some(&mut self.by_term, more);
                self.by_term.resize(place + 1, PostingList::default());
            }
            self.by_term[place].push(number);
        }
    }

    /// Removes a member and returns it.
    pub(super) fn remove(&mut self, id: EntryId) -> Option<WindowMember> {
        let number = self.number_of(id)?;
        let members = &self.members;
        let hash_of = |number: u32| members.hash_of(number);
        self.by_id.remove(hash_of_id(id), |other| other == number, hash_of);
        self.unlink_from_story(number);
        let member = self.members.take(number)?;
        if let Some(place) = member.signature {
            self.bands.remove(place);
        }
        if let Some(place) = member.vector {
            self.vectors.remove(place);
        }
        self.by_age.remove(&(member.listed_at.as_millisecond(), number));
        let members = &self.members;
        for term in &member.terms {
            if let Some(list) = self.by_term.get_mut(term.id() as usize) {
                list.remove(number, |number| members.get(number).is_some());
            }
        }
        Some(member)
    }

    /// The oldest member, if it is older than the window at `now`.
    pub(super) fn oldest_outdated(&self, now: Timestamp) -> Option<EntryId> {
        let (_, number) = self.by_age.first()?;
        let member = self.members.get(*number)?;
        is_outdated(member.listed_at, now).then_some(member.id)
    }

    /// The members of a source beyond its newest.
    pub(super) fn beyond_newest(&self, source: &SourceId, newest: usize) -> Vec<EntryId> {
        let Some(source) = self.source_number(source) else { return Vec::new() };
        let of_source = self.members.iter().filter(|(_, member)| member.source == source);
        let mut ages: Vec<(Timestamp, EntryId)> =
            of_source.map(|(_, member)| (member.listed_at, member.id)).collect();
        ages.sort_unstable();
        ages.truncate(ages.len().saturating_sub(newest));
        ages.into_iter().map(|(_, id)| id).collect()
    }

    /// The bytes that it takes.
    pub(super) fn heap_bytes(&self) -> usize {
        self.bytes_by_part().into_iter().map(|(_, bytes)| bytes).sum()
    }

    /// The same of each part.
    pub(super) fn bytes_by_part(&self) -> [(&'static str, usize); 8] {
        let of_members = |bytes: fn(&WindowMember) -> usize| -> usize {
            self.members.iter().map(|(_, member)| bytes(member)).sum()
        };
        let places = self.members.places.capacity() * size_of::<Option<Box<WindowMember>>>();
        let lists: usize = self.by_term.iter().map(PostingList::heap_bytes).sum();
        [
            ("members", places + of_members(WindowMember::own_bytes)),
            ("words", of_members(WindowMember::wording_bytes)),
            ("terms", of_members(WindowMember::terms_bytes)),
            ("ids and stories", self.by_id.heap_bytes() + self.stories.heap_bytes()),
            ("ages", tree_bytes::<(i64, u32)>(self.by_age.len())),
            ("signatures", self.bands.heap_bytes()),
            ("vectors", self.vectors.heap_bytes()),
            ("postings", self.by_term.capacity() * size_of::<PostingList>() + lists),
        ]
    }

    fn number_of(&self, id: EntryId) -> Option<u32> {
        let has_id = |number| self.members.get(number).is_some_and(|member| member.id == id);
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
        let next = if is_later(first) {
            self.stories.replace(hash, |other| other == first, number);
            first
        } else {
            let mut before = first;
            while let Some(next) = self.members.get(before).map(|member| member.next_in_story)
                && !is_later(next)
            {
                before = next;
            }
            let Some(before) = self.members.get_mut(before) else { return };
            std::mem::replace(&mut before.next_in_story, number)
        };
        if let Some(member) = self.members.get_mut(number) {
            member.next_in_story = next;
        }
    }

    fn unlink_from_story(&mut self, number: u32) {
        let Some(member) = self.members.get(number) else { return };
        let (story, next) = (member.story, member.next_in_story);
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
        let mut at = first;
        while let Some(before) = self.members.get_mut(at) {
            if before.next_in_story == number {
                before.next_in_story = next;
                return;
            }
            at = before.next_in_story;
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
