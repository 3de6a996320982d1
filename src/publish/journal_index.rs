//! The journal of arrivals → the numbers of each source's arrivals, in memory: 8 bytes for each. So an output
//! of a few quiet sources finds its own arrivals among a million without reading the others.

use std::collections::BTreeMap;

use crate::model::{ArrivalKind, SourceId};
use crate::store::{self, Store, StoreError};

/// The number of arrivals that are read at a time.
const ARRIVALS_PER_READ: usize = 4_096;

/// After this many arrivals the index is made again: those whose entries were deleted have left the journal.
const ARRIVALS_PER_REBUILD: usize = 1_000_000;

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
#[derive(Debug, Default)]
pub(super) struct JournalIndex {
    /// The number of the last arrival that was read.
    read_to: u64,
    /// Arrivals before this number were removed.
    start: u64,
    /// The number of arrivals that were added since the index was made.
    added: usize,
    by_source: BTreeMap<u32, Vec<IndexedArrival>>,
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
            }
        }
        if is_new {
            self.added = 0;
        }
        Ok(())
    }

    /// The number of the last arrival that was read.
    pub(super) fn head(&self) -> u64 {
        self.read_to
    }

    /// The arrivals of these sources with numbers from `from` to `to`, in their order.
    pub(super) fn arrivals_of<'a>(
        &self,
        sources: impl Iterator<Item = &'a SourceId>,
        (from, to): (u64, u64),
    ) -> Vec<IndexedArrival> {
        let mut found = Vec::new();
        for arrivals in sources.filter_map(|id| self.by_source.get(&store::source_hash(id))) {
            let begin = arrivals.partition_point(|arrival| arrival.number() < from);
            let end = arrivals.partition_point(|arrival| arrival.number() <= to);
            found.extend(arrivals.get(begin..end).unwrap_or_default());
        }
        found.sort_unstable();
        found
    }

    /// The number of the last arrival of these sources; `None`: nothing has arrived yet.
    pub(super) fn last_of<'a>(&self, sources: impl Iterator<Item = &'a SourceId>) -> Option<u64> {
        let arrivals = sources.filter_map(|id| self.by_source.get(&store::source_hash(id)));
        arrivals.filter_map(|arrivals| arrivals.last()).map(|last| last.number()).max()
    }
}
