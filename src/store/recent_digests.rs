//! The digests of recent entries, kept beside them: which records an entry has can be compared with what was computed of
//! them without reading them. That is what a start does with the last three days.
//!
//! | key | value |
//! | --- | --- |
//! | `r` time, id | the digest of the entry's own record, and that of its story record (0: it has none), eight bytes each |
//! | `mrecent_from` | entries listed at this time or later have digests: eight bytes, big-endian |
//!
//! They are put in the batch that changes the records (`WriteBatch::pack`), so they never differ from these. They hold
//! nothing of their own: a base or a salvaged database comes back without them, and an opening computes them
//! (`missing_digests`). Those of older entries are removed, some with each batch that brings new ones.

use std::collections::{BTreeMap, HashSet};

use sled::Tree;

use super::decode::decode_story_record;
use super::entry_digest::{EntryDigest, digest_of_value};
use super::keys::{self, EntryPosition};
use super::packs;
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
/// The number of them that are removed for each one that is put, beside a few.
const REMOVED_PER_PUT: usize = 4;
const REMOVED_AT_LEAST: usize = 16;

/// Records by key; `None`: the record is removed.
type Changes = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// Since when entries have digests, in milliseconds since 1970; `None`: none has.
///
/// # Errors
/// `Database`.
pub(super) fn recent_from(tree: &Tree) -> Result<Option<i64>, StoreError> {
    let value = tree.get(keys::RECENT_FROM).map_err(read_error)?;
    Ok(value.and_then(|bytes| <[u8; 8]>::try_from(&bytes[..]).ok()).map(i64::from_be_bytes))
}

/// The digests of a recent entry; `None`: it has none.
///
/// # Errors
/// `Database`.
pub(super) fn recent_digest(
    tree: &Tree,
    position: EntryPosition,
) -> Result<Option<EntryDigest>, StoreError> {
    let value = tree.get(keys::recent_digest_key(position)).map_err(read_error)?;
    Ok(value.and_then(|value| EntryDigest::from_bytes(&value)))
}

/// The changes of digests that belong to a batch of records: `tree` is as it is before.
///
/// # Errors
/// `Database`, `Undecodable`.
pub(super) fn digest_changes(tree: &Tree, records: &Changes) -> Result<Changes, StoreError> {
    let mut changes = Changes::new();
    let is_concerned = |key: &Vec<u8>| {
        keys::position_of_key(key).is_some() || keys::entry_of_story_key(key).is_some()
    };
    if !records.keys().any(is_concerned) {
        return Ok(changes);
    }
    let Some(from) = recent_from(tree)? else { return Ok(changes) };
    let entries: Vec<_> = records.keys().filter_map(|key| keys::position_of_key(key)).collect();
    let ids: HashSet<EntryId> = entries.iter().map(|position| position.id).collect();
    let mut positions = entries;
    for (key, change) in records {
        let Some(id) = keys::entry_of_story_key(key) else { continue };
        if !ids.contains(&id) {
            positions.extend(position_of_story(tree, id, change.as_deref())?);
        }
    }
    for position in positions.into_iter().filter(|position| position.listed_ms >= from) {
        let digest = digest_after(tree, records, position)?.map(|it| it.to_bytes().to_vec());
        changes.insert(keys::recent_digest_key(position).to_vec(), digest);
    }
    let newest = changes.iter().filter(|(_, change)| change.is_some());
    let newest = newest.filter_map(|(key, _)| keys::position_of_recent_digest(key)).max();
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
    records: &Changes,
    position: EntryPosition,
) -> Result<Option<EntryDigest>, StoreError> {
    let entry_key = keys::entry_key(position);
    let record = match records.get(&entry_key[..]) {
        Some(None) => return Ok(None),
        Some(Some(value)) => digest_of_new_record(records, &entry_key, value)?,
        None => match recent_digest(tree, position)? {
            Some(before) => before.record(),
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
fn digest_of_new_record(records: &Changes, key: &[u8], value: &[u8]) -> Result<u64, StoreError> {
    let envelope = Envelope::parse(value).map_err(|error| StoreError::undecodable(key, error))?;
    let parts = (0..envelope.parts).map(|number| keys::part_key(key, number));
    let parts = parts.filter_map(|part| records.get(&part)?.as_deref());
    Ok(digest_of_value(value, &parts.collect::<Vec<_>>().concat()))
}

/// Removes digests of entries that were listed before a time, as many as a batch of this size may.
fn remove_older(
    tree: &Tree,
    changes: &mut Changes,
    (from, before_ms): (i64, i64),
) -> Result<(), StoreError> {
    if before_ms.saturating_sub(from) < REMOVED_PER_MS {
        return Ok(());
    }
    let limit = REMOVED_AT_LEAST + REMOVED_PER_PUT * changes.len();
    let end = keys::recent_digest_key(EntryPosition::start_of(before_ms));
    let older = tree.range(keys::recent_digest_prefix().to_vec()..end.to_vec()).take(limit);
    let (mut count, mut last_ms) = (0, from);
    for item in older {
        let (key, _) = item.map_err(read_error)?;
        let position = keys::position_of_recent_digest(&key);
        last_ms = position.map_or(last_ms, |position| position.listed_ms.max(last_ms));
        changes.insert(key.to_vec(), None);
        count += 1;
    }
    let from = if count < limit { before_ms } else { last_ms.saturating_add(1) };
    changes.insert(keys::RECENT_FROM.to_vec(), Some(from.to_be_bytes().to_vec()));
    Ok(())
}

#[cfg(test)]
mod tests;
