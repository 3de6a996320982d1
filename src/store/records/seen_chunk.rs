//! Some entries that were seen in a source ↔ the fields of one record, with a header that can be read alone.

use serde::{Deserialize, Serialize};

use super::super::keys::EntryPosition;
use super::field_bytes::to_field_bytes;
use super::{RecordError, check_version, instant_of};
use crate::model::{EntryId, Fingerprint, ObservedEntry, RememberedEntry, SeenEntry};

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
#[derive(Serialize)]
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
    Ok(to_field_bytes(&(header, &records), USUAL_RECORD_BYTES * (1 + records.len()))?)
}

/// The header alone.
pub(crate) fn decode_header(version: u8, fields: &[u8]) -> Result<ChunkHeader, RecordError> {
    check_version(VERSION, version)?;
    let (header, _) = postcard::take_from_bytes::<HeaderV1>(fields)?;
    Ok(ChunkHeader { kept_count: header.kept_count, newest_kept_ms: header.newest_kept_ms })
}

/// The entries of a chunk. All of a source are read at each poll with news: arrays of bytes are taken as such, which the
/// decoder of the fields would do byte after byte.
pub(crate) fn decode(version: u8, fields: &[u8]) -> Result<Vec<SeenEntryRecord>, RecordError> {
    check_version(VERSION, version)?;
    let ((_, count), mut rest) = postcard::take_from_bytes::<(HeaderV1, u32)>(fields)?;
    let mut records = Vec::with_capacity((count as usize).min(fields.len() / MIN_RECORD_BYTES));
    for _ in 0..count {
        records.push(take_record(&mut rest)?);
    }
    Ok(records)
}

/// About the length of a record with three fingerprints.
const USUAL_RECORD_BYTES: usize = 64;
/// The length of a record without fingerprints.
const MIN_RECORD_BYTES: usize = 16 + 1 + 8 + 1 + 1 + 1;

/// The fields of `RecordV2`, from the front of these bytes.
fn take_record(rest: &mut &[u8]) -> Result<SeenEntryRecord, RecordError> {
    let id = EntryId::from_bytes(take_array(rest)?);
    let listed_ms = take_value(rest)?;
    let content_hash = u64::from_be_bytes(take_array(rest)?);
    let kept = take_value(rest)?;
    let fingerprints_bytes = (take_value::<u32>(rest)? as usize).saturating_mul(8);
    let short = RecordError::Short { expected: fingerprints_bytes, found: rest.len() };
    let (fingerprints, behind) = rest.split_at_checked(fingerprints_bytes).ok_or(short)?;
    *rest = behind;
    Ok(SeenEntryRecord {
        position: EntryPosition { listed_ms, id },
        content_hash,
        kept,
        listed: take_value(rest)?,
        fingerprints: fingerprints.as_chunks().0.iter().map(|it| u64::from_be_bytes(*it)).collect(),
    })
}

fn take_value<'b, T: Deserialize<'b>>(rest: &mut &'b [u8]) -> Result<T, RecordError> {
    let (value, behind) = postcard::take_from_bytes(rest)?;
    *rest = behind;
    Ok(value)
}

fn take_array<const BYTES: usize>(rest: &mut &[u8]) -> Result<[u8; BYTES], RecordError> {
    let short = RecordError::Short { expected: BYTES, found: rest.len() };
    let (array, behind) = rest.split_first_chunk().ok_or(short)?;
    *rest = behind;
    Ok(*array)
}

impl SeenEntryRecord {
    /// The same as a value of the model.
    pub(crate) fn into_remembered_entry(self) -> Result<RememberedEntry, RecordError> {
        let EntryPosition { listed_ms, id } = self.position;
        let listed_at = instant_of(listed_ms, "listed_at")?;
        let entry = SeenEntry { id, listed_at, content_hash: self.content_hash };
        let seen = ObservedEntry { entry, fingerprints: self.fingerprints };
        Ok(RememberedEntry { seen, is_kept: self.kept })
    }
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
}
