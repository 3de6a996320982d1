//! The numbers of the entries that have a term: ascending, so that each is stored as its distance to the one before,
//! in one byte for a common term. Up to three need no allocation: most terms are rare.
//!
//! An entry that leaves stays in a long list until a quarter of the list has left.

/// The numbers that a list holds without an allocation.
const FEW: usize = 3;

/// Ascending numbers.
#[derive(Debug, Clone)]
pub(super) enum PostingList {
    /// This many of these numbers; all of them are members.
    Few(u8, [u32; FEW]),
    /// More numbers, or once more.
    Many(Box<PackedNumbers>),
}

/// Numbers as distances.
#[derive(Debug, Clone, Default)]
pub(super) struct PackedNumbers {
    /// The last number.
    last: u32,
    /// How many numbers there are.
    total: u32,
    /// How many of them are members.
    live: u32,
    /// The distance of each to the one before, seven bits a byte, the lowest first; the last byte of each has its
    /// high bit set.
    bytes: Vec<u8>,
}

impl Default for PostingList {
    fn default() -> Self {
        Self::Few(0, [0; FEW])
    }
}

impl PostingList {
    /// The number of members.
    pub(super) fn members_count(&self) -> usize {
        match self {
            Self::Few(count, _) => usize::from(*count),
            Self::Many(packed) => packed.live as usize,
        }
    }

    /// Adds a member whose number is above all others.
    pub(super) fn push(&mut self, number: u32) {
        match self {
            Self::Few(count, numbers) => {
                if let Some(place) = numbers.get_mut(usize::from(*count)) {
                    *place = number;
                    *count += 1;
                    return;
                }
                let mut packed = PackedNumbers::default();
                for number in numbers {
                    packed.push(*number);
                }
                packed.push(number);
                *self = Self::Many(Box::new(packed));
            }
            Self::Many(packed) => packed.push(number),
        }
    }

    /// Calls `visit` for each number: all members, and some that were.
    pub(super) fn for_each(&self, mut visit: impl FnMut(u32)) {
        match self {
            Self::Few(count, numbers) => {
                numbers.iter().take(usize::from(*count)).for_each(|number| visit(*number));
            }
            Self::Many(packed) => packed.for_each(visit),
        }
    }

    /// Removes a member, which `is_member` no longer accepts.
    pub(super) fn remove(&mut self, number: u32, is_member: impl Fn(u32) -> bool) {
        match self {
            Self::Few(count, numbers) => {
                let kept = usize::from(*count);
                if let Some(at) = numbers.iter().take(kept).position(|other| *other == number) {
                    numbers.copy_within(at + 1..kept, at);
                    *count -= 1;
                }
            }
            Self::Many(packed) => {
                packed.live = packed.live.saturating_sub(1);
                let live = packed.live as usize;
                if live <= FEW || packed.total - packed.live > packed.total / 4 {
                    let mut left = Self::default();
                    if live > FEW {
                        left = Self::Many(Box::default());
                    }
                    packed.for_each(|number| {
                        if is_member(number) {
                            left.push(number);
                        }
                    });
                    *self = left;
                }
            }
        }
    }

    /// The bytes that it takes beside itself.
    pub(super) fn heap_bytes(&self) -> usize {
        match self {
            Self::Few(..) => 0,
            Self::Many(packed) => size_of::<PackedNumbers>() + packed.bytes.capacity(),
        }
    }
}

impl PackedNumbers {
    fn push(&mut self, number: u32) {
        let mut distance = number.wrapping_sub(self.last);
        if self.bytes.capacity() - self.bytes.len() < 5 {
            // Doubling would leave a third of all lists empty.
            self.bytes.reserve_exact(8 + self.bytes.len() / 8);
        }
        loop {
            let low = u8::try_from(distance & 0x7f).unwrap_or(0);
            distance >>= 7;
            if distance == 0 {
                self.bytes.push(low | 0x80);
                break;
            }
            self.bytes.push(low);
        }
        self.last = number;
        self.total += 1;
        self.live += 1;
    }

    fn for_each(&self, mut visit: impl FnMut(u32)) {
        let (mut number, mut distance, mut shift) = (0_u32, 0_u32, 0);
        for byte in &self.bytes {
            distance |= u32::from(byte & 0x7f) << shift;
            if *byte < 0x80 {
                shift += 7;
            } else {
                number = number.wrapping_add(distance);
                visit(number);
                (distance, shift) = (0, 0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::story::term_hash::mix_bits;

    #[test]
    fn members_come_back_in_their_order_and_leave_in_any() {
        let (mut list, mut members, mut number) = (PostingList::default(), BTreeSet::new(), 0);
        for step in 0..3_000_u64 {
            let random = mix_bits(step);
            // More come than leave at first, and fewer in the end.
            if random % 10 < if step < 1_500 { 7 } else { 3 } {
                number += 1 + u32::try_from(random >> 40).unwrap() % 90_000;
                list.push(number);
                members.insert(number);
            } else if let Some(leaving) =
                members.iter().nth(usize::try_from(random >> 33).unwrap() % members.len().max(1))
            {
                let leaving = *leaving;
                members.remove(&leaving);
                list.remove(leaving, |number| members.contains(&number));
            }
            assert_eq!(list.members_count(), members.len());
            let mut found = Vec::new();
            list.for_each(|number| found.push(number));
            assert!(found.is_sorted());
            assert!(found.len() <= members.len() + members.len() / 3 + 1, "few have left");
            found.retain(|number| members.contains(number));
            assert_eq!(found, members.iter().copied().collect::<Vec<_>>());
        }
    }

    #[test]
    fn common_terms_take_a_byte_a_member_and_rare_ones_nothing_more() {
        let mut list = PostingList::default();
        (1..=3).for_each(|number| list.push(number * 100_000));
        assert_eq!((size_of::<PostingList>(), list.heap_bytes()), (16, 0));
        let mut list = PostingList::default();
        (0..10_000).for_each(|number| list.push(number * 9));
        assert!(list.heap_bytes() < 11_500, "{}", list.heap_bytes());
    }
}
