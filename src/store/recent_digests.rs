//! The digests of recent entries, kept beside them: which records an entry has can be compared with what was computed of
//! them without reading them. That is what a start does with the last three days.
//!
//! | key | value |
//! | --- | --- |
//! | `r` number | a chunk of digests, in the order in which they were put |
//! | `mdigests_from` | entries listed at this time or later have digests: eight bytes, big-endian |
//!
//! | bytes of a chunk, for each digest | field |
//! | --- | --- |
//! | 8, 16 | the position of the entry, as in its key |
//! | 1 | 1: it is stored; 0: it was removed |
//! | 8 | the digest of the entry's own record |
//! | 8 | that of its story record; 0: it has none |
//!
//! Each change of an entry appends another digest, and the last one counts: a new entry takes a place in a chunk, and no
//! value of its own (measured: a third of what a first pass puts into the database). They are put in the batch that
//! changes the records (`WriteBatch::pack`), so they never differ from these. They hold nothing of their own: a base or a
//! salvaged database comes back without them, and an opening computes them (`missing_digests`). A chunk of which all
//! entries are older goes with a batch that brings new ones.

use std::collections::{BTreeMap, HashMap, HashSet};

use sled::Tree;

use super::decode::decode_story_record;
use super::entry_digest::{EntryDigest, digest_of_stored_record, digest_of_value};
use super::keys::{self, ENTRY_KEY_BYTES, EntryPosition};
use super::packs::{self, RecordMap};
use super::records::envelope::Envelope;
use super::store_error::{StoreError, read_error};
use crate::model::EntryId;

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// A window of three days is read from the start of its first day.
pub(super) const NEEDED_MS: i64 = 4 * DAY_MS;
/// Digests of entries listed this long before the newest one are kept.
pub(super) const KEPT_MS: i64 = 5 * DAY_MS;
/// Older ones are removed once there is an hour of them.
const REMOVED_PER_MS: i64 = 60 * 60 * 1_000;
/// The number of chunks that are looked at, to be removed, for each one that is put, beside a few.
const REMOVED_PER_PUT: usize = 4;
const REMOVED_AT_LEAST: usize = 4;
/// A chunk is written again for each entry that comes alone: 16 of them take 656 bytes.
const CHUNK_DIGESTS: usize = 16;
const DIGEST_BYTES: usize = ENTRY_KEY_BYTES + EntryDigest::BYTES;

/// Values by key; `None`: the value is removed.
type Changes = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// What a chunk has of an entry: its digest; `None`: it was removed.
pub(super) type ChunkedDigest = (EntryPosition, Option<EntryDigest>);

/// Since when entries have digests, in milliseconds since 1970; `None`: none has.
///
/// # Errors
/// `Database`.
pub(super) fn digests_from(tree: &Tree) -> Result<Option<i64>, StoreError> {
    let value = tree.get(keys::DIGESTS_FROM).map_err(read_error)?;
    Ok(value.and_then(|bytes| <[u8; 8]>::try_from(&bytes[..]).ok()).map(i64::from_be_bytes))
}

/// The digests in a chunk. What is not one is left out.
pub(super) fn decode_chunk(value: &[u8]) -> impl DoubleEndedIterator<Item = ChunkedDigest> {
    value.as_chunks::<DIGEST_BYTES>().0.iter().filter_map(|bytes| {
        let (position, rest) = bytes.split_at(ENTRY_KEY_BYTES - 1);
        let (is_stored, digest) = rest.split_first()?;
        let digest = EntryDigest::from_bytes(digest)?;
        Some((keys::position_of_bytes(position)?, (*is_stored != 0).then_some(digest)))
    })
}

fn encode_digest(value: &mut Vec<u8>, (position, digest): ChunkedDigest) {
    value.extend_from_slice(&keys::entry_key(position)[1..]);
    value.push(u8::from(digest.is_some()));
    value.extend_from_slice(&digest.map_or([0; EntryDigest::BYTES], EntryDigest::to_bytes));
}

/// Adds the chunks that change when digests are appended.
///
/// # Errors
/// `Database`.
pub(super) fn append_digests(
    tree: &Tree,
    digests: impl IntoIterator<Item = ChunkedDigest>,
    changes: &mut Changes,
) -> Result<(), StoreError> {
    let last = tree.scan_prefix(keys::digest_chunk_prefix()).next_back().transpose();
    let last = last.map_err(read_error)?;
    let last = last.and_then(|(key, value)| Some((keys::number_of_digest_chunk(&key)?, value)));
    let (mut number, mut value) =
        last.map_or((0, Vec::new()), |(number, it)| (number, it.to_vec()));
    for digest in digests {
        if value.len() >= CHUNK_DIGESTS * DIGEST_BYTES {
            let full = std::mem::take(&mut value);
            changes.insert(keys::digest_chunk_key(number).to_vec(), Some(full));
            number += 1;
        }
        encode_digest(&mut value, digest);
    }
    changes.insert(keys::digest_chunk_key(number).to_vec(), Some(value));
    Ok(())
}

/// The digests of entries that were put last, as far as they stand in about as many chunks.
///
/// # Errors
/// `Database`.
pub(super) fn newest_digests(
    tree: &Tree,
    count: usize,
) -> Result<HashMap<EntryPosition, Option<EntryDigest>>, StoreError> {
    let Some(from) = digests_from(tree)? else { return Ok(HashMap::new()) };
    let mut newest = HashMap::new();
    let chunks = tree.scan_prefix(keys::digest_chunk_prefix()).rev();
    for item in chunks.take(2 + count.div_ceil(CHUNK_DIGESTS)) {
        for (position, digest) in decode_chunk(&item.map_err(read_error)?.1).rev() {
            // Changes of older entries are not put.
            if position.listed_ms >= from {
                newest.entry(position).or_insert(digest);
            }
        }
    }
    Ok(newest)
}

/// The changes of digests that belong to a batch of records: `tree` is as it is before.
///
/// # Errors
/// `Database`, `Undecodable`.
pub(super) fn digest_changes(tree: &Tree, records: &RecordMap) -> Result<Changes, StoreError> {
    let mut changes = Changes::new();
    let is_concerned = |key: &Vec<u8>| {
        keys::position_of_key(key).is_some() || keys::entry_of_story_key(key).is_some()
    };
    if !records.keys().any(is_concerned) {
        return Ok(changes);
    }
    let Some(from) = digests_from(tree)? else { return Ok(changes) };
    let entries: Vec<_> = records.keys().filter_map(|key| keys::position_of_key(key)).collect();
    let ids: HashSet<EntryId> = entries.iter().map(|position| position.id).collect();
    let mut digests: BTreeMap<EntryPosition, Option<EntryDigest>> = BTreeMap::new();
    for position in entries.into_iter().filter(|position| position.listed_ms >= from) {
        digests.insert(position, digest_after(tree, records, position)?);
    }
    for (key, change) in records {
        let Some(id) = keys::entry_of_story_key(key).filter(|id| !ids.contains(id)) else {
            continue;
        };
        let position = position_of_story(tree, id, change.as_deref())?;
        let Some(position) = position.filter(|it| it.listed_ms >= from) else { continue };
        if let Some(digest) = digest_after(tree, records, position)? {
            digests.insert(position, Some(digest));
        }
    }
    if digests.is_empty() {
        return Ok(changes);
    }
    let newest =
        digests.iter().rfind(|(_, digest)| digest.is_some()).map(|(position, _)| *position);
    append_digests(tree, digests, &mut changes)?;
    if let Some(newest) = newest {
        let before_ms = newest.listed_ms.saturating_sub(KEPT_MS);
        remove_older(tree, &mut changes, (from, before_ms))?;
    }
    Ok(changes)
}

/// The position of the entry of a story record that is put, or of the one that is removed.
fn position_of_story(
    tree: &Tree,
    id: EntryId,
    put: Option<&[u8]>,
) -> Result<Option<EntryPosition>, StoreError> {
    let key = keys::story_record_key(id);
    let value = match put {
        Some(value) => Some(value.to_vec()),
        None => packs::read_value(tree, &key)?.map(|value| value.to_vec()),
    };
    let record = value.and_then(|value| decode_story_record(&value, id).ok());
    Ok(record.map(|it| EntryPosition { listed_ms: it.listed_at.as_millisecond(), id }))
}

/// The digests of an entry once the records are applied; `None`: it is not stored then.
fn digest_after(
    tree: &Tree,
    records: &RecordMap,
    position: EntryPosition,
) -> Result<Option<EntryDigest>, StoreError> {
    let entry_key = keys::entry_key(position);
    let record = match records.get(&entry_key[..]) {
        Some(None) => return Ok(None),
        Some(Some(value)) => digest_of_new_record(records, &entry_key, value)?,
        None => match tree.get(entry_key).map_err(read_error)? {
            Some(value) => digest_of_stored_record(tree, &entry_key, &value)?,
            None => return Ok(None),
        },
    };
    let story_key = keys::story_record_key(position.id);
    let story = match records.get(&story_key[..]) {
        Some(change) => change.as_deref().map(EntryDigest::of_story),
        None => packs::read_value(tree, &story_key)?.map(|value| EntryDigest::of_story(&value)),
    };
    Ok(Some(EntryDigest::new(record, story)))
}

/// The digest of a record that the batch puts, with its parts.
fn digest_of_new_record(records: &RecordMap, key: &[u8], value: &[u8]) -> Result<u64, StoreError> {
    let envelope = Envelope::parse(value).map_err(|error| StoreError::undecodable(key, error))?;
    let parts = (0..envelope.parts).map(|number| keys::part_key(key, number));
    let parts = parts.filter_map(|part| records.get(&part)?.as_deref());
    Ok(digest_of_value(value, &parts.collect::<Vec<_>>().concat()))
}

/// Removes chunks of entries that were all listed before a time, as many as a batch of this size may.
fn remove_older(
    tree: &Tree,
    changes: &mut Changes,
    (from, before_ms): (i64, i64),
) -> Result<(), StoreError> {
    if before_ms.saturating_sub(from) < REMOVED_PER_MS {
        return Ok(());
    }
    let limit = REMOVED_AT_LEAST + REMOVED_PER_PUT * changes.len();
    let (mut count, mut last_ms) = (0, from);
    for item in tree.scan_prefix(keys::digest_chunk_prefix()).take(limit) {
        let (key, value) = item.map_err(read_error)?;
        count += 1;
        let newest_ms = decode_chunk(&value).map(|(position, _)| position.listed_ms).max();
        if newest_ms.is_some_and(|newest| newest >= before_ms) || changes.contains_key(&key[..]) {
            continue;
        }
        last_ms = newest_ms.map_or(last_ms, |newest| newest.max(last_ms));
        changes.insert(key.to_vec(), None);
    }
    let from = if count < limit { before_ms } else { last_ms.saturating_add(1) };
    changes.insert(keys::DIGESTS_FROM.to_vec(), Some(from.to_be_bytes().to_vec()));
    Ok(())
}

#[cfg(test)]
mod tests;
