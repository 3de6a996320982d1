//! The files of a damaged database → every record that can still be read, in a new tree.
//!
//! sled itself is not used for reading. It gives up at the first damaged page of its log: it then opens an
//! empty or shortened database, panics, or cannot reach the pages below a damaged one. Its file is simple,
//! though: messages with checksums, in segments, each with a page or a change of one. This room reads every
//! valid message, wherever it is, and puts the last state of each page together.
//!
//! | file | input → output |
//! | --- | --- |
//! | `sled_number` | bytes ↔ a number of variable length |
//! | `sled_messages` | sled's file → its valid messages, the last ones of each page |
//! | `sled_page` | the messages of one page → its records |
//! | `rebuild` | pages → records in a tree, without those that cannot be decoded |
//! | `missing_entries` | a salvaged tree → the same without the memory of lost entries |
//! | `snapshots` | a folder of sled → the same without snapshots, so that sled reads its log |

mod missing_entries;
mod rebuild;
mod sled_messages;
mod sled_number;
mod sled_page;
mod snapshots;

pub(in crate::store) use rebuild::{damaged_places, salvage_database};
pub(in crate::store) use snapshots::set_snapshots_aside;

/// What was salvaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::store) struct Salvage {
    /// The number of records in the new tree.
    pub(in crate::store) copied: u64,
    /// The number of places of the file that hold neither a valid message nor unused space.
    pub(in crate::store) damaged_places: u64,
    /// The number of records that were found but cannot be decoded, and were left out.
    pub(in crate::store) undecodable: u64,
    /// The number of entries that are known to have been stored, but were not found.
    pub(in crate::store) missing_entries: u64,
}

#[cfg(test)]
mod tests;
