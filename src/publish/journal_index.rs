//! The journal of arrivals → the numbers of each source's arrivals, in memory: 8 bytes for each. So an output
//! of a few quiet sources finds its own arrivals among a million without reading the others.

use std::collections::{BTreeMap, VecDeque};

use crate::model::ArrivalKind;
use crate::store::{Store, StoreError};

/// The number of arrivals that are read at a time.
const ARRIVALS_PER_READ: usize = 4_096;

/// After this many arrivals the index is made again: those whose entries were deleted have left the journal.
const ARRIVALS_PER_REBUILD: usize = 1_000_000;

/// The maximum number of last arrivals that are also kept in the order of all: a rendering looks at what arrived
/// since the one before, whatever the number of sources.
const MAX_RECENT: usize = 8_192;

/// An arrival in the index: its number, and what it is, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct IndexedArrival(u64);

impl IndexedArrival {
    fn new(number: u64, kind: ArrivalKind, starts_commit: bool) -> Self {
        let code = match kind {
            ArrivalKind::New => 0,
            ArrivalKind::Changed => 1,
            ArrivalKind::FirstReading => 2,
        };
        // Numbers are milliseconds at first and grow by one: 61 bits are enough for 70 million years.
        Self(number << 3 | u64::from(starts_commit) << 2 | code)
    }

    /// Its number.
    pub(super) fn number(self) -> u64 {
        self.0 >> 3
    }

    /// Whether it is the first arrival of its commit.
    pub(super) fn starts_commit(self) -> bool {
        self.0 & 4 != 0
    }

    /// Why it is in the journal.
    pub(super) fn kind(self) -> ArrivalKind {
        match self.0 & 3 {
            0 => ArrivalKind::New,
            1 => ArrivalKind::Changed,
            _ => ArrivalKind::FirstReading,
        }
    }
}

/// The arrivals of each source, by the hash of the source.
#[derive(Debug, Clone, Default)]
pub(super) struct JournalIndex {
    /// The number of the last arrival that was read.
    read_to: u64,
    /// Arrivals before this number were removed.
    start: u64,
    /// The number of arrivals that were added since the index was made.
    added: usize,
    by_source: BTreeMap<u32, Vec<IndexedArrival>>,
    /// The last arrivals of all sources, each with the hash of its source.
    recent: VecDeque<(IndexedArrival, u32)>,
}

impl JournalIndex {
    /// Reads what was added to the journal since the last call, and forgets what was removed from it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn update(&mut self, store: &Store) -> Result<(), StoreError> {
        let start = store.journal_start()?;
        if start > self.start {
            self.start = start;
            self.by_source.retain(|_, arrivals| {
                let removed = arrivals.partition_point(|arrival| arrival.number() < start);
                arrivals.drain(..removed);
                !arrivals.is_empty()
            });
            let removed = self.recent.partition_point(|(arrival, _)| arrival.number() < start);
            self.recent.drain(..removed);
        }
        if self.added >= ARRIVALS_PER_REBUILD {
            *self = Self::default();
        }
        let is_new = self.read_to == 0;
        let head = store.journal_head()?;
        while self.read_to < head {
            let arrivals = store.arrivals_after(self.read_to, ARRIVALS_PER_READ)?;
            let Some(last) = arrivals.last() else { break };
            self.read_to = last.number;
            self.added += arrivals.len();
            for it in arrivals {
                let indexed = IndexedArrival::new(it.number, it.kind, it.starts_commit);
                self.by_source.entry(it.source_hash).or_default().push(indexed);
                if self.recent.len() == MAX_RECENT {
                    self.recent.pop_front();
                }
                self.recent.push_back((indexed, it.source_hash));
            }
        }
        if is_new {
            self.added = 0;
        }
        Ok(())
    }

    /// Adds an arrival, for tests.
    #[cfg(test)]
    pub(super) fn push(&mut self, number: u64, kind: ArrivalKind, hash: u32) {
        let arrival = IndexedArrival::new(number, kind, true);
        self.by_source.entry(hash).or_default().push(arrival);
        self.recent.push_back((arrival, hash));
        self.read_to = number;
    }

    /// The number of the last arrival that was read.
    pub(super) fn head(&self) -> u64 {
        self.read_to
    }

    /// The number of the first arrival that was in the journal at the last update; 0: it was empty.
    pub(super) fn start(&self) -> u64 {
        self.start
    }

    /// The arrivals of the sources with these sorted hashes and with numbers from `from` to `to`, in their order.
    pub(super) fn arrivals_of(
        &self,
        hashes: &[u32],
        (from, to): (u64, u64),
    ) -> Vec<IndexedArrival> {
        if let Some((first, _)) = self.recent.front()
            && first.number() <= from
        {
            let begin = self.recent.partition_point(|(arrival, _)| arrival.number() < from);
            let end = self.recent.partition_point(|(arrival, _)| arrival.number() <= to);
            let range = self.recent.range(begin..end.max(begin));
            let own = range.filter(|(_, hash)| hashes.binary_search(hash).is_ok());
            return own.map(|(arrival, _)| *arrival).collect();
        }
        let mut found = Vec::new();
        for arrivals in hashes.iter().filter_map(|hash| self.by_source.get(hash)) {
            let begin = arrivals.partition_point(|arrival| arrival.number() < from);
            let end = arrivals.partition_point(|arrival| arrival.number() <= to);
            found.extend(arrivals.get(begin..end).unwrap_or_default());
        }
        found.sort_unstable();
        found
    }

    /// The number of the last arrival of the sources with these hashes; `None`: nothing has arrived yet.
    pub(super) fn last_of(&self, hashes: &[u32]) -> Option<u64> {
        let arrivals = hashes.iter().filter_map(|hash| self.by_source.get(hash));
        arrivals.filter_map(|arrivals| arrivals.last()).map(|last| last.number()).max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrivals_are_found_by_their_order_and_by_their_sources() {
        let mut index = JournalIndex::default();
        for number in 1..=100_u32 {
            index.push(number.into(), ArrivalKind::New, number % 3);
        }
        let by_source = JournalIndex { recent: VecDeque::new(), ..index.clone() };
        let mut half = index.clone();
        half.recent.drain(..50);
        for range in [(0, 100), (1, 100), (7, 7), (40, 60), (51, 60), (60, u64::MAX), (90, 10)] {
            for hashes in [&[][..], &[1], &[0, 2], &[0, 1, 2, 3]] {
                let found = index.arrivals_of(hashes, range);
                assert_eq!(found, by_source.arrivals_of(hashes, range), "{range:?} {hashes:?}");
                assert_eq!(found, half.arrivals_of(hashes, range), "{range:?} {hashes:?}");
            }
        }
        assert_eq!(index.arrivals_of(&[0], (4, 9)).len(), 2);
    }
}
