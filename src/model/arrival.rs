//! What the journal of arrivals holds, and the archive pages that are closed from it: each arrival has a number
//! that is never used twice, and a page is a range of numbers.

use jiff::Timestamp;

use crate::model::EntryId;

/// Why an entry stands in the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ArrivalKind {
    /// A new entry of a source that was read before.
    New,
    /// An edit that readers see: the entry's `changed_at` advanced.
    Changed,
    /// An entry that is not news although it arrived: part of the first reading of a source, or stored again.
    FirstReading,
}

/// One record of the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// Its number: greater than those of all earlier arrivals.
    pub number: u64,
    /// Why it is there.
    pub kind: ArrivalKind,
    /// Whether it is the first arrival of its commit.
    pub starts_commit: bool,
    /// The entry.
    pub id: EntryId,
    /// When the entry was listed as it arrived.
    pub listed_at: Timestamp,
    /// The hash of the entry's source.
    pub source_hash: u32,
}

/// The output and the rules that decide what it holds, as a digest: pages that were closed under other rules
/// are other pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeKey(pub [u8; 16]);

/// What an archive page holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ArchivePageKind {
    /// New entries, in the order of their arrival.
    Arrivals,
    /// Entries of a first reading.
    FirstReading,
}

/// A closed page of an output's archive: the entries of a range of the journal. What it holds never changes,
/// except that entries are edited and deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArchivePage {
    /// Its number among the pages of its output, from 1.
    pub number: u32,
    /// The number of the first arrival that it may hold.
    pub from: u64,
    /// The number of the last one.
    pub to: u64,
    /// Which arrivals of this range it holds.
    pub kind: ArchivePageKind,
}
