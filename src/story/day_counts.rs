//! The number of documents with each term on one day. The day that is being counted is a map; a finished day, which
//! does not change but for a rare late entry, is a list of bytes of a fifth of its size.

use std::collections::BTreeMap;

use super::counted_term::TermId;
use super::packed_numbers::{PackedNumbers, push_number};

/// The counts of one day.
#[derive(Debug, Clone, Default)]
pub(super) struct DayCounts {
    /// The number of documents.
    pub(super) documents: u32,
    counts: Counts,
}

#[derive(Debug, Clone)]
enum Counts {
    Open(BTreeMap<TermId, u32>),
    /// For each term, its distance to the one before and its count.
    Packed(Box<[u8]>),
}

impl Default for Counts {
    fn default() -> Self {
        Self::Open(BTreeMap::new())
    }
}

impl DayCounts {
    /// A day with these counts.
    pub(super) fn new(documents: u32, counts: BTreeMap<TermId, u32>) -> Self {
        Self { documents, counts: Counts::Open(counts) }
    }

    /// Changes the counts.
    pub(super) fn change<T>(&mut self, change: impl FnOnce(&mut BTreeMap<TermId, u32>) -> T) -> T {
        let mut counts = match std::mem::take(&mut self.counts) {
            Counts::Open(counts) => counts,
            packed @ Counts::Packed(_) => {
                Self { documents: self.documents, counts: packed }.iter().collect()
            }
        };
        let outcome = change(&mut counts);
        self.counts = Counts::Open(counts);
        outcome
    }

    /// Packs the counts of a day that is over.
    pub(super) fn pack(&mut self) {
        let Counts::Open(counts) = &self.counts else { return };
        let (mut bytes, mut before) = (Vec::new(), 0);
        for (id, count) in counts {
            push_number(&mut bytes, id - before);
            push_number(&mut bytes, *count);
            before = *id;
        }
        self.counts = Counts::Packed(bytes.into_boxed_slice());
    }

    /// The terms in the order of their ids, with their counts.
    pub(super) fn iter(&self) -> impl Iterator<Item = (TermId, u32)> {
        let (open, packed): (_, &[u8]) = match &self.counts {
            Counts::Open(counts) => (Some(counts), &[]),
            Counts::Packed(bytes) => (None, bytes),
        };
        let open = open.into_iter().flatten().map(|(id, count)| (*id, *count));
        let mut numbers = PackedNumbers::new(packed);
        let mut before = 0;
        let packed = std::iter::from_fn(move || {
            before += numbers.next()?;
            Some((before, numbers.next()?))
        });
        open.chain(packed)
    }

    /// The bytes that it takes beside itself.
    pub(super) fn heap_bytes(&self) -> usize {
        match &self.counts {
            Counts::Open(counts) => tree_bytes::<(TermId, u32)>(counts.len()),
            Counts::Packed(bytes) => bytes.len(),
        }
    }
}

/// Makes room for some more items, and for an eighth beyond them: the room that a vector makes itself would be
/// empty for the most part, and there is one item for each term of a week.
pub(super) fn reserve_some<T>(items: &mut Vec<T>, more: usize) {
    if items.capacity() - items.len() < more {
        items.reserve_exact(more + items.len() / 8);
    }
}

/// The bytes of a tree's items: its nodes are two thirds full.
pub(super) fn tree_bytes<T>(items: usize) -> usize {
    items * size_of::<T>() * 3 / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packed_day_holds_what_it_held() {
        let counts: BTreeMap<TermId, u32> =
            [(0, 1), (1, 127), (2, 128), (300, 70_000), (16_000_000, u32::MAX)].into();
        let mut day = DayCounts::new(9, counts.clone());
        for _ in 0..2 {
            day.pack();
            assert!(matches!(day.counts, Counts::Packed(_)));
            assert_eq!(day.iter().collect::<BTreeMap<_, _>>(), counts);
        }
        assert_eq!(day.heap_bytes(), 1 + 1 + 1 + 1 + 1 + 2 + 2 + 3 + 4 + 5);
        day.change(|open| assert_eq!(*open, counts));
        assert!(matches!(day.counts, Counts::Open(_)));
        assert_eq!(day.iter().collect::<BTreeMap<_, _>>(), counts);
        let mut empty = DayCounts::default();
        empty.pack();
        assert_eq!(empty.iter().count(), 0);
    }
}
