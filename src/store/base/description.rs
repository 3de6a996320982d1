//! What a base states about itself ↔ the content of its first and last block: the time, the number of
//! records, and all records about the database itself.
//!
//! | bytes | content |
//! | --- | --- |
//! | 8 | when the base was taken, in milliseconds since 1970 |
//! | 8 | the number of records in the base, these included; in the first block 0 |
//! | … | the records whose keys begin with `m` |
//!
//! They stand in both blocks because without them the other records are useless: the format number, the
//! number of the next arrival, the name of the site.

use super::super::keys;
use super::super::snapshot::TreeSnapshot;
use super::super::store_error::StoreError;
use super::dumped_record::append_record;
use jiff::Timestamp;

/// What a base states about itself.
#[derive(Debug)]
pub(super) struct Description<'a> {
    /// When it was taken.
    pub(super) taken_at: Timestamp,
    /// The number of its records; 0 in the first block.
    pub(super) records: u64,
    /// The records about the database itself, one after the other.
    pub(super) about_database: &'a [u8],
}

impl Description<'_> {
    /// The content of a block.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut content = Vec::with_capacity(16 + self.about_database.len());
        content.extend(self.taken_at.as_millisecond().to_be_bytes());
        content.extend(self.records.to_be_bytes());
        content.extend(self.about_database);
        content
    }

    /// Parses the content of a block; `None`: it is not valid.
    pub(super) fn parse(content: &[u8]) -> Option<Description<'_>> {
        let (taken_ms, rest) = content.split_first_chunk()?;
        let (records, about_database) = rest.split_first_chunk()?;
        Some(Description {
            taken_at: Timestamp::from_millisecond(i64::from_be_bytes(*taken_ms)).ok()?,
            records: u64::from_be_bytes(*records),
            about_database,
        })
    }
}

/// The records about the database itself, and their number.
///
/// # Errors
/// `Database`.
pub(super) fn records_about_database(
    snapshot: &TreeSnapshot<'_>,
) -> Result<(Vec<u8>, u64), StoreError> {
    let (mut bytes, mut count) = (Vec::new(), 0);
    let [prefix] = keys::database_prefix();
    for (key, value) in snapshot.records_with_prefix(prefix)? {
        let is_dumped = &key[..] != keys::OPENINGS && !keys::is_derived(&key);
        if is_dumped && append_record(&mut bytes, snapshot, &key, &value)? {
            count += 1;
        }
    }
    Ok((bytes, count))
}
