//! Some entries that were seen in a source ↔ the fields of one record, with a header that can be read alone.

use serde::{Deserialize, Serialize};

use super::super::keys::EntryPosition;
use super::{RecordError, check_version};
use crate::model::{EntryId, Fingerprint};

/// The version that is written and read.
pub(crate) const VERSION: u8 = 2;

/// What is remembered about one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SeenEntryRecord {
    /// Its id and its position.
    pub(crate) position: EntryPosition,
    /// The hash of its published content.
    pub(crate) content_hash: u64,
    /// Whether the entry itself is stored, or only remembered.
    pub(crate) kept: bool,
    /// Whether the last whole document of the source held it.
    pub(crate) listed: bool,
    /// The fingerprints that identify it, those of its last appearance first.
    pub(crate) fingerprints: Vec<Fingerprint>,
}

/// Information about a chunk that can be read without its entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct ChunkHeader {
    /// The number of stored entries in it.
    pub(crate) kept_count: u64,
    /// When its newest stored entry was listed; `None`: none of its entries is stored.
    pub(crate) newest_kept_ms: Option<i64>,
}

impl ChunkHeader {
    /// The header of a chunk with these entries.
    pub(crate) fn of_records(records: &[SeenEntryRecord]) -> Self {
        let kept = || records.iter().filter(|record| record.kept);
        Self {
            kept_count: kept().map(|_| 1).sum(),
            newest_kept_ms: kept().map(|record| record.position.listed_ms).max(),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct HeaderV1 {
    kept_count: u64,
    newest_kept_ms: Option<i64>,
}

/// Hashes are arrays of bytes. As numbers of variable length most of them would take ten bytes instead of
/// eight.
#[derive(Serialize, Deserialize)]
struct RecordV2 {
    id: [u8; 16],
    listed_ms: i64,
    content_hash: [u8; 8],
    kept: bool,
    fingerprints: Vec<[u8; 8]>,
    listed: bool,
}

/// The fields of a chunk.
pub(crate) fn encode(records: &[SeenEntryRecord]) -> Result<Vec<u8>, RecordError> {
    let header = ChunkHeader::of_records(records);
    let header = HeaderV1 { kept_count: header.kept_count, newest_kept_ms: header.newest_kept_ms };
    let records: Vec<RecordV2> = records.iter().map(RecordV2::of).collect();
    Ok(postcard::to_stdvec(&(header, records))?)
}

/// The header alone.
pub(crate) fn decode_header(version: u8, fields: &[u8]) -> Result<ChunkHeader, RecordError> {
    check_version(VERSION, version)?;
    let (header, _) = postcard::take_from_bytes::<HeaderV1>(fields)?;
    Ok(ChunkHeader { kept_count: header.kept_count, newest_kept_ms: header.newest_kept_ms })
}

/// The entries of a chunk.
pub(crate) fn decode(version: u8, fields: &[u8]) -> Result<Vec<SeenEntryRecord>, RecordError> {
    check_version(VERSION, version)?;
    let (_, records) = postcard::from_bytes::<(HeaderV1, Vec<RecordV2>)>(fields)?;
    Ok(records.into_iter().map(RecordV2::into_record).collect())
}

impl RecordV2 {
    fn of(record: &SeenEntryRecord) -> Self {
        Self {
            id: record.position.id.to_bytes(),
            listed_ms: record.position.listed_ms,
            content_hash: record.content_hash.to_be_bytes(),
            kept: record.kept,
            fingerprints: record.fingerprints.iter().map(|name| name.to_be_bytes()).collect(),
            listed: record.listed,
        }
    }

    fn into_record(self) -> SeenEntryRecord {
        SeenEntryRecord {
            position: EntryPosition { listed_ms: self.listed_ms, id: EntryId::from_bytes(self.id) },
            content_hash: u64::from_be_bytes(self.content_hash),
            kept: self.kept,
            listed: self.listed,
            fingerprints: self.fingerprints.into_iter().map(u64::from_be_bytes).collect(),
        }
    }
}
