//! Lists of the numbers of members, one for each word: ascending, so that each number is its distance to the one before,
//! in a byte or two. A list of one number needs nothing but its handle: most words are rare. A longer one is a ring of
//! chunks in one arena, without an allocation of its own.
//!
//! Members leave nearly in the order in which they came, so a list gives back chunks at its beginning. One that leaves
//! before its turn stays in the list until then; what visits a list knows the members.

use super::day_counts::reserve_some;
use super::packed_numbers::{PackedNumbers, pack_number};

/// The bytes of a chunk for numbers.
const CHUNK_BYTES: usize = 20;
/// Set in the handle of a list that is one number.
const SINGLE: u32 = 1 << 31;
/// What numbers in a chunk are counted from: its first one is one more than itself, so none is zero.
const BEFORE_FIRST: u32 = u32::MAX;
/// Chunks that are moved together when most are vacant, at least.
const FEW_CHUNKS: usize = 256;

/// A list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PostingList(u32);

impl PostingList {
    /// A list without members.
    pub(super) const EMPTY: Self = Self(u32::MAX);

    /// A handle for a list of something else, which is at this place.
    pub(super) fn at(place: u32) -> Self {
        Self(place & !SINGLE)
    }

    /// That place.
    pub(super) fn place(self) -> Option<u32> {
        (self.0 & SINGLE == 0).then_some(self.0)
    }

    fn tail(self) -> Option<usize> {
        self.place().map(|place| place as usize)
    }

    fn single(self) -> Option<u32> {
        (self != Self::EMPTY && self.0 & SINGLE != 0).then_some(self.0 & !SINGLE)
    }
}

/// The arena of all lists.
#[derive(Debug, Clone, Default)]
pub(super) struct PostingLists {
    chunks: Vec<PostingChunk>,
    vacant: Vec<u32>,
}

#[derive(Debug, Clone, Copy)]
struct PostingChunk {
    /// The next chunk; of the last one, the first.
    next: u32,
    /// The distance of each number to the one before; the rest is zero.
    bytes: [u8; CHUNK_BYTES],
}

impl PostingChunk {
    const EMPTY: Self = Self { next: 0, bytes: [0; CHUNK_BYTES] };

    fn for_each(&self, mut visit: impl FnMut(u32)) {
        let mut number = BEFORE_FIRST;
        for distance in PackedNumbers::new(&self.bytes) {
            if distance == 0 {
                return;
            }
            number = number.wrapping_add(distance);
            visit(number);
        }
    }

    /// The last number, and the bytes that are taken.
    fn end(&self) -> (u32, usize) {
        let mut end = (BEFORE_FIRST, 0);
        let mut numbers = PackedNumbers::new(&self.bytes);
        while let Some(distance) = numbers.next().filter(|distance| *distance > 0) {
            end = (end.0.wrapping_add(distance), CHUNK_BYTES - numbers.rest().len());
        }
        end
    }

    /// Adds a number; `false`: there is no room.
    fn push(&mut self, number: u32) -> bool {
        let (last, taken) = self.end();
        let (packed, length) = pack_number(number.wrapping_sub(last));
        let Some(room) = self.bytes.get_mut(taken..taken + length) else { return false };
        room.copy_from_slice(&packed[..length]);
        true
    }
}

impl PostingLists {
    /// Adds a number, which is above all others of the list.
    pub(super) fn push(&mut self, list: &mut PostingList, number: u32) {
        // Two billion arrivals are centuries of news.
        let number = number & !SINGLE;
        if *list == PostingList::EMPTY {
            *list = PostingList(number | SINGLE);
            return;
        }
        if let Some(tail) = list.tail() {
            let Some(chunk) = self.chunks.get_mut(tail) else { return };
            if chunk.push(number) {
                return;
            }
            let first = chunk.next;
            let added = self.add_chunk(first);
            self.chunks[tail].next = added;
            *list = PostingList(added);
        } else {
            let added = self.add_chunk(0);
            self.chunks[added as usize].next = added;
            list.single().map(|single| self.chunks[added as usize].push(single));
            *list = PostingList(added);
        }
        self.chunks[list.0 as usize].push(number);
    }

    /// Calls `visit` for each number: all members, and some that were.
    pub(super) fn for_each(&self, list: PostingList, mut visit: impl FnMut(u32)) {
        if let Some(number) = list.single() {
            visit(number);
        }
        let Some(tail) = list.tail().and_then(|tail| self.chunks.get(tail)) else { return };
        let mut at = tail.next;
        while let Some(chunk) = self.chunks.get(at as usize) {
            chunk.for_each(&mut visit);
            if at == list.0 {
                return;
            }
            at = chunk.next;
        }
    }

    /// Gives back the chunks whose numbers are all below `first`.
    pub(super) fn trim(&mut self, list: &mut PostingList, first: u32) {
        if list.single().is_some_and(|number| number < first) {
            *list = PostingList::EMPTY;
        }
        while let Some(tail) = list.tail() {
            let head = self.chunks[tail].next;
            let chunk = self.chunks[head as usize];
            if chunk.end().0 >= first {
                return;
            }
            self.vacant.push(head);
            if head == list.0 {
                *list = PostingList::EMPTY;
            } else {
                self.chunks[tail].next = chunk.next;
            }
        }
    }

    /// Gives back a list.
    pub(super) fn clear(&mut self, list: &mut PostingList) {
        self.trim(list, u32::MAX);
        *list = PostingList::EMPTY;
    }

    /// Whether most chunks are vacant.
    pub(super) fn is_sparse(&self) -> bool {
        self.chunks.len() > FEW_CHUNKS && self.vacant.len() * 2 > self.chunks.len()
    }

    /// Moves the chunks of all lists together.
    pub(super) fn compact<'l>(&mut self, lists: impl Iterator<Item = &'l mut PostingList>) {
        let before = std::mem::take(self);
        self.chunks.reserve_exact(before.chunks.len() - before.vacant.len());
        for list in lists {
            let Some(tail) = list.tail() else { continue };
            let (start, mut at) = (self.chunks.len(), before.chunks[tail].next);
            loop {
                let chunk = before.chunks[at as usize];
                let next = u32::try_from(self.chunks.len() + 1).unwrap_or(u32::MAX);
                self.chunks.push(PostingChunk { next, ..chunk });
                if at == list.0 {
                    break;
                }
                at = chunk.next;
            }
            let last = self.chunks.len() - 1;
            self.chunks[last].next = u32::try_from(start).unwrap_or(u32::MAX);
            *list = PostingList(u32::try_from(last).unwrap_or(u32::MAX));
        }
    }

    /// The bytes that it takes.
    pub(super) fn heap_bytes(&self) -> usize {
        self.chunks.capacity() * size_of::<PostingChunk>()
            + self.vacant.capacity() * size_of::<u32>()
    }

    fn add_chunk(&mut self, next: u32) -> u32 {
        let chunk = PostingChunk { next, ..PostingChunk::EMPTY };
        if let Some(place) = self.vacant.pop() {
            self.chunks[place as usize] = chunk;
            return place;
        }
        reserve_some(&mut self.chunks, 1);
        self.chunks.push(chunk);
        u32::try_from(self.chunks.len() - 1).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::story::term_hash::mix_bits;

    fn numbers_in(lists: &PostingLists, list: PostingList) -> Vec<u32> {
        let mut numbers = Vec::new();
        lists.for_each(list, |number| numbers.push(number));
        numbers
    }

    #[test]
    fn numbers_come_back_until_the_window_has_passed() {
        let mut lists = PostingLists::default();
        let mut expected: BTreeMap<u64, (PostingList, Vec<u32>)> = BTreeMap::new();
        for step in 0..6_000_u32 {
            let random = mix_bits(u64::from(step));
            // A few common words, and many rare ones.
            let word = (random >> 8) % (1 << (random % 9));
            let (list, numbers) = expected.entry(word).or_insert((PostingList::EMPTY, Vec::new()));
            let number = step * 40 + u32::from(step > 4_000) * 90_000;
            lists.push(list, number);
            numbers.push(number);
            if step.is_multiple_of(97) {
                let first = number.saturating_sub(30_000);
                for (list, numbers) in expected.values_mut() {
                    lists.trim(list, first);
                    let left = numbers_in(&lists, *list);
                    assert!(numbers.ends_with(&left));
                    let gone = numbers.len() - left.len();
                    assert!(numbers[..gone].iter().all(|number| *number < first));
                    let late = left.iter().filter(|number| **number < first).count();
                    assert!(late < CHUNK_BYTES, "{late} are left of a chunk");
                    numbers.drain(..gone);
                }
            }
            if step.is_multiple_of(1_000) && lists.chunks.len() > lists.vacant.len() {
                lists.compact(expected.values_mut().map(|(list, _)| list));
                assert!(lists.vacant.is_empty());
            }
        }
        for (list, numbers) in expected.values_mut() {
            assert_eq!(numbers_in(&lists, *list), *numbers);
            lists.clear(list);
            assert!(numbers_in(&lists, *list).is_empty());
        }
        assert_eq!(lists.vacant.len(), lists.chunks.len());
    }

    #[test]
    fn common_words_take_a_byte_or_two_a_member_and_rare_ones_nothing() {
        let mut lists = PostingLists::default();
        let mut rare = PostingList::EMPTY;
        lists.push(&mut rare, 100_000);
        assert_eq!((numbers_in(&lists, rare), lists.heap_bytes()), (vec![100_000], 0));
        let mut common = PostingList::EMPTY;
        (0..10_000).for_each(|number| lists.push(&mut common, number * 9));
        assert!(lists.heap_bytes() < 16_500, "{}", lists.heap_bytes());
    }
}
