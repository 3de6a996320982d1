//! Small records ↔ packs of them, each of which is one value of the database.
//!
//! A leaf of sled holds at most 16 values, eight when their keys come in ascending order, and takes some 300 bytes of
//! memory from the opening to the end, whether it is read or not. A million entries with a story record and an
//! arrival each had 294,000 leaves, which no size of the cache makes smaller. `keys::pack_key` has the records that are
//! packed.
//!
//! A batch holds records; they are packed when it is applied (`WriteBatch::pack`), so that the code that makes one
//! need not know which other records a pack holds. The fields of a pack are its records in the order of their keys:
//!
//! | bytes | of a record in a pack |
//! | --- | --- |
//! | 1 | the length of its key |
//! | … | its key, without the kind, which the key of the pack has |
//! | 2 | the length of its value, big-endian |
//! | … | its value |

use std::collections::{BTreeMap, HashMap};

use sled::{IVec, Tree};

use super::decode::{PartSource, join_fields};
use super::keys;
use super::records::envelope::{Compression, EncodedRecord, Envelope, encode_record};
use super::records::{RecordError, check_version};
use super::store_error::{StoreError, read_error};

/// The version that is written and read.
const VERSION: u8 = 1;

/// The records of a pack: keys with their kind, and values.
pub(super) type PackedRecords = BTreeMap<Vec<u8>, Vec<u8>>;

/// Changes of records or values: each with its key; `None`: it is removed. The last one of a key counts.
pub(super) type RecordChanges = Vec<(Vec<u8>, Option<Vec<u8>>)>;

/// The records of a batch by key; `None`: the record is removed.
pub(super) type RecordMap = HashMap<Vec<u8>, Option<Vec<u8>>>;

/// The value of a record, wherever it is stored; `None`: it is not stored.
///
/// # Errors
/// `Database`, and `Undecodable` when its pack is broken.
pub(super) fn read_value(tree: &Tree, key: &[u8]) -> Result<Option<IVec>, StoreError> {
    let Some(pack) = keys::pack_key(key) else { return tree.get(key).map_err(read_error) };
    let Some(value) = tree.get(&pack).map_err(read_error)? else { return Ok(None) };
    let fields = fields_of_pack(tree, &pack, &value)?;
    let mut rest = &fields[..];
    while let Some((found, value, behind)) = split_record(rest) {
        if Some(found) == key.get(1..) {
            return Ok(Some(IVec::from(value)));
        }
        rest = behind;
    }
    Ok(None)
}

/// The arrivals from a key on, in their order; of a pack that cannot be read there is one error.
pub(super) fn arrivals_from(
    tree: &Tree,
    first: &[u8],
) -> impl Iterator<Item = Result<(Vec<u8>, Vec<u8>), StoreError>> {
    let start = keys::pack_key(first).unwrap_or_else(|| keys::arrival_pack_prefix().to_vec());
    let end = keys::arrival_pack_prefix().map(|kind| kind + 1).to_vec();
    let first = first.to_vec();
    tree.range(start..end).flat_map(move |item| {
        let records =
            item.map_err(read_error).and_then(|(key, value)| decode_pack(tree, &key, &value));
        let (records, error) = match records {
            Ok(mut records) => (records.split_off(&first), None),
            Err(error) => (PackedRecords::new(), Some(Err(error))),
        };
        records.into_iter().map(Ok).chain(error)
    })
}

/// The key of the last arrival; `None`: the journal is empty.
///
/// # Errors
/// `Database`, and `Undecodable` when the last pack is broken.
pub(super) fn last_arrival_key(tree: &Tree) -> Result<Option<Vec<u8>>, StoreError> {
    let last = tree.scan_prefix(keys::arrival_pack_prefix()).next_back().transpose();
    let Some((key, value)) = last.map_err(read_error)? else { return Ok(None) };
    Ok(decode_pack(tree, &key, &value)?.pop_last().map(|(key, _)| key))
}

/// Adds what changes of the pack at `key` by some changes of its records. Without records it goes.
///
/// # Errors
/// `Database`, `Undecodable`, `Unencodable`.
pub(super) fn change_pack(
    tree: &Tree,
    key: &[u8],
    changes: RecordChanges,
    values: &mut RecordChanges,
) -> Result<(), StoreError> {
    let (mut records, parts) = match tree.get(key).map_err(read_error)? {
        // Its other parts are those that it has no more.
        Some(value) => {
            (decode_pack(tree, key, &value)?, Envelope::parse(&value).map_or(0, |it| it.parts))
        }
        None => (PackedRecords::new(), 0),
    };
    let mut is_changed = false;
    for (key, change) in changes {
        let before = match &change {
            Some(value) => records.insert(key, value.clone()),
            None => records.remove(&key),
        };
        is_changed |= before != change;
    }
    if !is_changed {
        return Ok(());
    }
    values.extend((0..parts).map(|number| (keys::part_key(key, number), None)));
    if records.is_empty() {
        values.push((key.to_vec(), None));
        return Ok(());
    }
    let encoded = encode_pack(&records).map_err(|error| StoreError::unencodable(key, error))?;
    let parts = (0..).zip(encoded.parts);
    values.extend(parts.map(|(number, part)| (keys::part_key(key, number), Some(part))));
    values.push((key.to_vec(), Some(encoded.value)));
    Ok(())
}

fn encode_pack(records: &PackedRecords) -> Result<EncodedRecord, RecordError> {
    let mut fields = Vec::new();
    for (key, value) in records {
        let key = key.get(1..).unwrap_or_default();
        fields.push(u8::try_from(key.len()).map_err(|_| RecordError::Field("key"))?);
        fields.extend_from_slice(key);
        let length = u16::try_from(value.len());
        let too_long =
            |_| RecordError::Size { expected: usize::from(u16::MAX), found: value.len() };
        fields.extend(length.map_err(too_long)?.to_be_bytes());
        fields.extend_from_slice(value);
    }
    encode_record(VERSION, "", &fields, Compression::Never)
}

/// The records of a pack whose value is `value`.
///
/// # Errors
/// `Database` when its parts cannot be read, `Undecodable`.
pub(super) fn decode_pack(
    parts: &impl PartSource,
    key: &[u8],
    value: &[u8],
) -> Result<PackedRecords, StoreError> {
    let to_error = |error| StoreError::undecodable(key, error);
    let kind = keys::packed_kind(key).ok_or_else(|| to_error(RecordError::Field("key")))?;
    let fields = fields_of_pack(parts, key, value)?;
    let mut records = PackedRecords::new();
    let mut rest = &fields[..];
    while !rest.is_empty() {
        let Some((key, value, behind)) = split_record(rest) else {
            return Err(to_error(RecordError::Field("record of a pack")));
        };
        records.insert([&[kind], key].concat(), value.to_vec());
        rest = behind;
    }
    Ok(records)
}

fn fields_of_pack(
    parts: &impl PartSource,
    key: &[u8],
    value: &[u8],
) -> Result<Vec<u8>, StoreError> {
    let to_error = |error| StoreError::undecodable(key, error);
    let envelope = Envelope::parse(value).map_err(to_error)?;
    check_version(VERSION, envelope.version).map_err(to_error)?;
    join_fields(parts, key, &envelope)
}

/// The key and the value of the first record, and what follows.
fn split_record(fields: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (length, rest) = fields.split_first()?;
    let (key, rest) = rest.split_at_checked(usize::from(*length))?;
    let (length, rest) = rest.split_first_chunk::<2>()?;
    let (value, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    Some((key, value, rest))
}

#[cfg(test)]
mod tests;
