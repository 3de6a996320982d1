//! The whole tree of a store → a base: one compressed file with checksums, and back.
//!
//! A base is the store at a position of its log. Together with the log after that position it gives the
//! whole store again. It is also a backup that another machine can read.
//!
//! | file | input → output |
//! | --- | --- |
//! | `block` | payloads ↔ blocks of a file, with resynchronization after damage |
//! | `dumped_record` | a record of the tree ↔ its uncompressed bytes in a block |
//! | `description` | what a base states about itself ↔ its first and last block |
//! | `dump` | a tree → the blocks of a base |
//! | `restore` | a file with blocks → what it contains, and an empty tree → the dumped one |
//! | `files` | a store's folder → its bases: created whole or not at all, the newest two kept |
//!
//! | block | content |
//! | --- | --- |
//! | first | the formats, the time, and all records about the database itself (`m…`) |
//! | records | about 1 MiB of records, in the order of their keys |
//! | last | as the first, and the number of records |
//!
//! One damaged block costs its own records and no others; the records about the database itself stand in two
//! blocks. Values are stored as they were before compression, because a block compresses better as a whole
//! (Arabic texts repeat each other's words), and restoring compresses them again. Parts of long values are
//! joined. How often the database was opened (`mopenings`) is a matter of its own files and is left out, and so are the digests
//! of recent entries (`r…`), which follow from the entries.

mod block;
mod description;
mod dump;
mod dumped_record;
mod files;
mod restore;

use std::path::PathBuf;

use jiff::Timestamp;

pub(in crate::store) use dump::write_base;
pub(in crate::store) use files::{base_bytes, bases, create_base, keep_newest_only};
pub(in crate::store) use restore::{inspect_base, restore_base, verify_base};

/// Where and when a base is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) struct BasePoint {
    /// The position of the last log record that the base certainly contains. Records after it may be
    /// contained too; applying them again changes nothing.
    pub(in crate::store) position: u64,
    /// When it is taken.
    pub(in crate::store) taken_at: Timestamp,
}

/// How far a dump, a check or a restoration is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) struct BaseProgress {
    /// The number of records so far.
    pub(in crate::store) records: u64,
    /// The number of bytes of the base so far.
    pub(in crate::store) bytes: u64,
    /// The length of the base; `None`: it is being written.
    pub(in crate::store) total_bytes: Option<u64>,
}

/// What was dumped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) struct BaseSummary {
    /// The number of dumped records. Parts of long values do not count.
    pub(in crate::store) records: u64,
    /// The number of records that cannot be decoded, and are not in the base.
    pub(in crate::store) left_out: u64,
    /// The number of bytes that were written.
    pub(in crate::store) bytes: u64,
}

/// What a base contains, as far as it can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) struct BaseContents {
    /// The position of the log at which it was taken.
    pub(in crate::store) position: u64,
    /// When it was taken; `None`: neither the first nor the last block can be read.
    pub(in crate::store) taken_at: Option<Timestamp>,
    /// The format number of the dumped store; `None`: as above, or the store had none.
    pub(in crate::store) store_format: Option<u32>,
    /// The number of readable records.
    pub(in crate::store) records: u64,
    /// The number of dumped records; `None`: the last block cannot be read.
    pub(in crate::store) expected_records: Option<u64>,
    /// The number of damaged or missing blocks, as far as it can be determined; 0: the base is intact.
    pub(in crate::store) damaged_blocks: u64,
}

impl BaseContents {
    /// Whether everything that was dumped can be read.
    pub(in crate::store) fn is_intact(&self) -> bool {
        self.damaged_blocks == 0 && self.expected_records == Some(self.records)
    }
}

/// A base in a store's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) struct BaseFile {
    /// Its file.
    pub(in crate::store) path: PathBuf,
    /// Its position, as in its name.
    pub(in crate::store) position: u64,
    /// Its length in bytes.
    pub(in crate::store) bytes: u64,
    /// When it was taken; `None`: its first block cannot be read.
    pub(in crate::store) taken_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests;
