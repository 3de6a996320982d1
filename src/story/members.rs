//! The entries of the window by their numbers, in blocks of some hundred that arrived one after another: what has the same
//! size for all of them, and beside it an arena for the rest. A block whose entries have all left is given back, and one
//! that half of its bytes have left is packed again.

use std::collections::VecDeque;

use jiff::Timestamp;

use super::member_head::{END, MemberHead, NO_PLACE, NOT_COUNTED};
use super::statistics::Statistics;
use super::window_member::{MemberPlaces, NewMember, WindowMember, hash_of_id};
use super::word_units::push_words;
use super::wording_units::push_wording;
use crate::model::EntryId;

/// The members of a block.
const BLOCK: usize = 256;
/// The units of an id.
const ID_UNITS: usize = 8;

/// The members.
#[derive(Debug, Clone, Default)]
pub(super) struct Members {
    /// The number of the first member of the first block.
    first: u32,
    blocks: VecDeque<MemberBlock>,
    count: usize,
}

#[derive(Debug, Clone, Default)]
struct MemberBlock {
    heads: Vec<MemberHead>,
    units: Vec<u16>,
    /// The units of members that have left.
    unused: usize,
    /// The members that have not left.
    count: usize,
    /// The earliest of their times.
    oldest: i64,
}

impl Members {
    /// The number of members.
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// The numbers from the first one to that of the last member; some of these have left.
    pub(super) fn numbers(&self) -> std::ops::Range<u32> {
        let last = self.blocks.back().map_or(0, |block| block.heads.len());
        let before = self.blocks.len().saturating_sub(1) * BLOCK;
        // Four billion arrivals are centuries of news.
        let count = u32::try_from(before + last).unwrap_or(u32::MAX);
        self.first..self.first.saturating_add(count)
    }

    /// The member with a number.
    #[inline]
    pub(super) fn get(&self, number: u32) -> Option<WindowMember<'_>> {
        let (block, place) = self.place_of(number)?;
        self.blocks.get(block)?.get(place)
    }

    /// Puts another number behind a member of a story.
    pub(super) fn set_next_in_story(&mut self, number: u32, next: u32) {
        let head = self.place_of(number).and_then(|(block, place)| {
            self.blocks.get_mut(block).and_then(|block| block.heads.get_mut(place))
        });
        if let Some(head) = head {
            head.next_in_story = next;
        }
    }

    /// Adds a member; its number is the end of `numbers`.
    pub(super) fn push(
        &mut self,
        member: &NewMember<'_>,
        places: MemberPlaces,
        statistics: &Statistics,
    ) {
        if self.blocks.back().is_none_or(|block| block.heads.len() == BLOCK) {
            if let Some(full) = self.blocks.back_mut() {
                full.units.shrink_to_fit();
            }
            self.blocks.push_back(MemberBlock::default());
        }
        if let Some(block) = self.blocks.back_mut() {
            block.push(member, places, statistics);
            self.count += 1;
        }
    }

    /// Removes a member.
    pub(super) fn remove(&mut self, number: u32) {
        let Some((block, place)) = self.place_of(number) else { return };
        let Some(block) = self.blocks.get_mut(block) else { return };
        if block.remove(place) {
            self.count -= 1;
        }
        // The last block is not full.
        while self.blocks.len() > 1 && self.blocks.front().is_some_and(|block| block.count == 0) {
            self.blocks.pop_front();
            self.first += u32::try_from(BLOCK).unwrap_or(0);
        }
        if self.blocks.capacity() > 64 && self.blocks.len() * 4 < self.blocks.capacity() {
            self.blocks.shrink_to(self.blocks.len() * 2);
        }
    }

    /// All members with their numbers.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, WindowMember<'_>)> {
        self.numbers().filter_map(|number| Some((number, self.get(number)?)))
    }

    /// A member that `is_outdated`, if the oldest one is.
    pub(super) fn find_outdated(
        &self,
        is_outdated: impl Fn(Timestamp) -> bool,
    ) -> Option<WindowMember<'_>> {
        let is_old = |at: i64| Timestamp::from_millisecond(at).is_ok_and(&is_outdated);
        let block = self.blocks.iter().find(|block| block.count > 0 && is_old(block.oldest))?;
        let members = (0..block.heads.len()).filter_map(|place| block.get(place));
        members.min_by_key(|member| member.head.listed_at)
    }

    /// A hash of the id of a member.
    pub(super) fn hash_of(&self, number: u32) -> u64 {
        self.get(number).map_or(0, |member| hash_of_id(member.id()))
    }

    /// A hash of the id of its story.
    pub(super) fn story_hash_of(&self, number: u32) -> u64 {
        self.get(number).map_or(0, |member| hash_of_id(member.story))
    }

    /// The bytes that all members take: what has the same size for all, and the rest.
    pub(super) fn heap_bytes(&self) -> [usize; 2] {
        let heads = self.blocks.iter().map(|block| block.heads.capacity());
        let units = self.blocks.iter().map(|block| block.units.capacity());
        [
            heads.sum::<usize>() * size_of::<MemberHead>()
                + self.blocks.capacity() * size_of::<MemberBlock>(),
            units.sum::<usize>() * size_of::<u16>(),
        ]
    }

    fn place_of(&self, number: u32) -> Option<(usize, usize)> {
        let place = number.checked_sub(self.first)? as usize;
        Some((place / BLOCK, place % BLOCK))
    }
}

impl MemberBlock {
    #[inline]
    fn get(&self, place: usize) -> Option<WindowMember<'_>> {
        let head = self.heads.get(place).filter(|head| !head.has_left)?;
        let mut units = self.units.get(head.start as usize..)?.get(..head.units as usize)?;
        let mut id_if = |is_there: bool| {
            let (id, rest) = units.split_at_checked(ID_UNITS).filter(|_| is_there)?;
            units = rest;
            Some(id_from(id))
        };
        let story = id_if(head.has_story).unwrap_or(head.id);
        let text_group = id_if(head.has_group).unwrap_or(head.id);
        Some(WindowMember { head, story, text_group, units })
    }

    fn push(&mut self, member: &NewMember<'_>, places: MemberPlaces, statistics: &Statistics) {
        let MemberPlaces { source, signature, vector } = places;
        let start = self.units.len();
        let assignment = member.assignment;
        let (story, text_group) = (assignment.story, assignment.text_group);
        let (has_story, has_group) = (story != member.id, text_group != member.id);
        for id in [(has_story, story), (has_group, text_group)].iter().filter(|id| id.0) {
            self.units.extend(units_of(id.1));
        }
        let words_start = self.units.len();
        push_words(&mut self.units, member.words);
        let words_units = length(self.units.len() - words_start);
        // No entry is ever compared with one that has neither: its words would be of no use.
        if signature.is_some() || words_units > 0 {
            let hashes = member.words.iter().map(|word| statistics.hash_of(word.id()));
            push_wording(&mut self.units, &member.fingerprint.wording, hashes);
        }
        let listed_at = member.listed_at.as_millisecond();
        self.oldest = if self.count == 0 { listed_at } else { self.oldest.min(listed_at) };
        self.count += 1;
        let counted_on = member.counted_on.and_then(|day| i32::try_from(day).ok());
        if self.heads.is_empty() {
            self.heads.reserve_exact(BLOCK / 8);
        }
        self.heads.push(MemberHead {
            id: member.id,
            listed_at,
            source,
            next_in_story: END,
            closeness: assignment.closeness.unwrap_or_default(),
            counted_on: counted_on.unwrap_or(NOT_COUNTED),
            signature: signature.unwrap_or(NO_PLACE),
            vector: vector.unwrap_or(NO_PLACE),
            start: length(start),
            units: length(self.units.len() - start),
            words_units,
            method: assignment.method,
            has_story,
            has_group,
            has_left: false,
        });
    }

    /// Removes a member; `false`: it had left.
    fn remove(&mut self, place: usize) -> bool {
        let Some(head) = self.heads.get_mut(place).filter(|head| !head.has_left) else {
            return false;
        };
        head.has_left = true;
        self.unused += head.units as usize;
        self.count -= 1;
        if head.listed_at == self.oldest {
            let left = self.heads.iter().filter(|head| !head.has_left);
            self.oldest = left.map(|head| head.listed_at).min().unwrap_or(i64::MAX);
        }
        if self.unused * 2 > self.units.len() {
            self.pack();
        }
        true
    }

    /// Moves the units of its members together.
    fn pack(&mut self) {
        let mut units = Vec::with_capacity(self.units.len() - self.unused);
        for head in &mut self.heads {
            let kept = if head.has_left { 0 } else { head.units as usize };
            let start = head.start as usize;
            (head.start, head.units) = (length(units.len()), length(kept));
            units.extend_from_slice(&self.units[start..start + kept]);
        }
        (self.units, self.unused) = (units, 0);
    }
}

fn length(units: usize) -> u32 {
    u32::try_from(units).unwrap_or(u32::MAX)
}

fn units_of(id: EntryId) -> [u16; ID_UNITS] {
    let bytes = id.to_bytes();
    let mut units = [0; ID_UNITS];
    for (unit, pair) in units.iter_mut().zip(bytes.as_chunks().0) {
        *unit = u16::from_le_bytes(*pair);
    }
    units
}

fn id_from(units: &[u16]) -> EntryId {
    let mut bytes = [0; 16];
    for (pair, unit) in bytes.as_chunks_mut().0.iter_mut().zip(units) {
        *pair = unit.to_le_bytes();
    }
    EntryId::from_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::SignedDuration;

    use super::*;
    use crate::model::{SourceId, StoryAssignment, StoryMethod};
    use crate::story::counted_term::CountedTerm;
    use crate::story::entry_words::EntryWords;
    use crate::story::features::TextFingerprint;
    use crate::story::term_hash::mix_bits;

    fn random_id(seed: u64) -> EntryId {
        EntryId::from_bytes((u128::from(mix_bits(seed)) << 3).to_be_bytes())
    }

    /// What a member must give back.
    #[derive(Debug, PartialEq)]
    struct Expected {
        assignment: StoryAssignment,
        listed_at: Timestamp,
        words: Vec<CountedTerm>,
        wording: EntryWords,
    }

    fn push(members: &mut Members, statistics: &Statistics, seed: u64) -> (u32, Expected) {
        let (id, number) = (random_id(seed), members.numbers().end);
        let random = mix_bits(seed);
        let own_or = |is_own: bool, other: u64| if is_own { id } else { random_id(other) };
        let assignment = StoryAssignment {
            story: own_or(!random.is_multiple_of(3), seed / 2),
            text_group: own_or(!random.is_multiple_of(5), seed / 3),
            method: StoryMethod::First,
            score: None,
            closeness: random.is_multiple_of(2).then_some(0.25),
            nearest: None,
            related: None,
        };
        let words: Vec<CountedTerm> = (0..u32::try_from(random % 40).unwrap())
            .map(|at| CountedTerm::new(at * 700, u8::try_from(at % 5 + 1).unwrap()))
            .collect();
        let runs: Vec<u16> = (0..u16::try_from(random % 9).unwrap()).collect();
        let wording = match words[..] {
            [] => EntryWords::default(),
            _ => EntryWords::from_lists([&[], &[3], &[], &[], &runs, &[1, 2], &[]], false),
        };
        let age = SignedDuration::from_mins(i64::try_from(random % 900).unwrap());
        let minutes = SignedDuration::from_mins(i64::try_from(seed).unwrap() * 5);
        let listed_at = Timestamp::UNIX_EPOCH + minutes - age;
        let member = NewMember {
            id,
            source: &SourceId::new("a").unwrap(),
            listed_at,
            counted_on: random.is_multiple_of(2).then_some(7),
            assignment,
            fingerprint: TextFingerprint { signature: None, wording: wording.clone() },
            words: &words,
            vector: None,
        };
        let places = MemberPlaces { source: 7, signature: None, vector: Some(number) };
        members.push(&member, places, statistics);
        (number, Expected { assignment, listed_at, words, wording })
    }

    #[test]
    fn members_are_as_they_came_until_they_leave() {
        let (mut members, statistics) = (Members::default(), Statistics::default());
        let mut expected: BTreeMap<u32, Expected> = BTreeMap::new();
        let found_in = |members: &Members| -> BTreeMap<u32, Expected> {
            let found = members.iter().map(|(number, member)| {
                assert_eq!((member.head.source, member.head.vector()), (7, Some(number)));
                let (assignment, listed_at) = (member.assignment(), member.listed_at());
                let (words, wording) = (member.words().collect(), member.wording(&statistics));
                (number, Expected { assignment, listed_at, words, wording })
            });
            found.collect()
        };
        for seed in 0..4_000 {
            let (number, member) = push(&mut members, &statistics, seed);
            let now = Timestamp::UNIX_EPOCH
                + SignedDuration::from_mins(i64::try_from(seed).unwrap() * 5 - 5_000);
            expected.insert(number, member);
            while let Some(outdated) = members.find_outdated(|at| at < now).map(|it| it.head.id) {
                let (number, oldest) =
                    expected.iter().min_by_key(|(number, it)| (it.listed_at, **number)).unwrap();
                assert!(oldest.listed_at < now);
                let number = match members.get(*number) {
                    Some(member) if member.id() == outdated => *number,
                    _ => members.iter().find(|(_, it)| it.id() == outdated).unwrap().0,
                };
                assert!(expected.remove(&number).unwrap().listed_at < now);
                members.remove(number);
                members.remove(number);
                assert!(members.get(number).is_none());
            }
            assert!(expected.values().all(|member| member.listed_at >= now));
            // Some leave before their time.
            if seed % 4 == 3
                && let Some(leaving) = expected.keys().nth(usize::try_from(seed).unwrap() % 300)
            {
                let leaving = *leaving;
                expected.remove(&leaving);
                members.remove(leaving);
            }
            assert_eq!(members.len(), expected.len());
            if seed % 500 == 499 {
                assert_eq!(found_in(&members), expected);
            }
        }
        let [heads, units] = members.heap_bytes();
        assert!(heads < 2_000 * 64 && units < 2_000 * 120, "{heads} and {units} bytes");
        let numbers: Vec<u32> = expected.into_keys().collect();
        for number in numbers {
            members.remove(number);
        }
        assert_eq!((members.len(), members.blocks.len()), (0, 1), "the block that is not full");
    }
}
