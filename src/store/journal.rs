//! Commits → the journal of arrivals: one record for each entry that arrives or visibly changes, in the same
//! batch as the entry, under a number that is never used twice. Feeds, archives and deltas are ranges of it.
//!
//! | bytes of a record | field |
//! | --- | --- |
//! | 1 | the kind (1 new, 2 changed, 3 first reading), plus 128 for the first arrival of a commit |
//! | 8 | when the entry was listed as it arrived, in milliseconds since 1970, big-endian |
//! | 16 | the id of the entry |
//! | 4 | the hash of its source, big-endian |
//!
//! With its key a record takes 38 bytes. It has no envelope, which would take 10 more; the format number of
//! the store covers it.
//!
//! The first number of a store is the time of its first arrival in milliseconds. Numbers grow by one, which
//! is slower than one in a millisecond. So a store that starts again after a loss repeats none of them, and a
//! validator that a reader kept from before never means something else.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use rafid_feed::hash::digest_32;
use sled::Tree;

use super::batch::{MAX_BATCH_RECORDS, WriteBatch};
use super::keys::{self, EntryPosition};
use super::records::{RecordError, instant_of};
use super::store_error::{StoreError, read_error};
use super::{Store, decode, packs, story_records};
use crate::model::{Arrival, ArrivalKind, EntryId, SourceId, StoredEntry};

/// The flag of the first arrival of a commit.
const STARTS_COMMIT: u8 = 0x80;
/// How many arrivals are checked for each deleted entry: the journal then has at most a third more than those
/// of stored entries.
const CHECKED_PER_REMOVED: usize = 4;
/// The number of bytes of a record.
const RECORD_BYTES: usize = 29;

impl Store {
    /// The number of the last arrival; 0: nothing has arrived yet.
    ///
    /// # Errors
    /// `Database`, `Undecodable`.
    pub fn journal_head(&self) -> Result<u64, StoreError> {
        self.with_read_lock(|tree| Ok(read_next_number(tree)?.map_or(0, |next| next - 1)))
    }

    /// The number of the first arrival that is still in the journal; 0: it is empty.
    ///
    /// # Errors
    /// `Database`.
    pub fn journal_start(&self) -> Result<u64, StoreError> {
        self.with_read_lock(|tree| {
            let first = packs::arrivals_from(tree, &keys::arrival_prefix()).next().transpose()?;
            Ok(first.and_then(|(key, _)| keys::number_of_arrival_key(&key)).unwrap_or(0))
        })
    }

    /// The arrivals after a number, in their order, at most `at_most`. A record that cannot be read is left
    /// out and logged.
    ///
    /// # Errors
    /// `Database`.
    pub fn arrivals_after(&self, after: u64, at_most: usize) -> Result<Vec<Arrival>, StoreError> {
        self.with_read_lock(|tree| {
            let Some(first) = after.checked_add(1) else { return Ok(Vec::new()) };
            let mut arrivals = Vec::new();
            for item in packs::arrivals_from(tree, &keys::arrival_key(first)).take(at_most) {
                match item.and_then(|(key, value)| decode_arrival(&key, &value)) {
                    Ok(arrival) => arrivals.push(arrival),
                    Err(error @ StoreError::Database { .. }) => return Err(error),
                    Err(error) => {
                        tracing::warn!(%error, "an arrival cannot be read and is left out");
                    }
                }
            }
            Ok(arrivals)
        })
    }

    /// The arrival with this number; `None`: it is not in the journal, or cannot be read.
    ///
    /// # Errors
    /// `Database`.
    pub fn arrival(&self, number: u64) -> Result<Option<Arrival>, StoreError> {
        let key = keys::arrival_key(number);
        self.with_read_lock(|tree| {
            let value = packs::read_value(tree, &key)?;
            Ok(value.and_then(|value| decode_arrival(&key, &value).ok()))
        })
    }

    /// The entry that arrived; `None`: it is no longer stored.
    ///
    /// # Errors
    /// `Database`, `Undecodable`.
    pub fn arrived_entry(&self, arrival: &Arrival) -> Result<Option<Arc<StoredEntry>>, StoreError> {
        if let Some(listed) = self.shared_entry(arrival.id, arrival.listed_at)? {
            return Ok(Some(listed));
        }
        // It may have been listed in the future, and was moved.
        match self.story_record(arrival.id)? {
            Some(record) => self.shared_entry(arrival.id, record.listed_at),
            None => Ok(None),
        }
    }
}

/// The hash of a source in the journal.
pub fn source_hash(source: &SourceId) -> u32 {
    digest_32(source.as_str())
}

/// What a commit adds to the journal, while its batch is made.
pub(super) struct CommitArrivals<'a> {
    /// Whether the source was never read successfully before this commit.
    pub(super) is_first_reading: bool,
    /// The entries that the commit stores, each with its position.
    pub(super) stored: Vec<(EntryPosition, &'a StoredEntry)>,
    /// The entries that are stored again although they are not new.
    pub(super) restored: BTreeSet<EntryId>,
    /// The entries that the source never had before, so that none of them is stored.
    pub(super) unseen: BTreeSet<EntryId>,
}

/// The numbers of arrivals, across the commits of one group.
pub(super) struct ArrivalNumbers {
    next: Option<u64>,
}

impl ArrivalNumbers {
    /// Reads where the journal ends.
    pub(super) fn load(tree: &Tree) -> Result<Self, StoreError> {
        Ok(Self { next: read_next_number(tree)? })
    }

    /// Puts the arrivals of one commit, in the order of their positions.
    pub(super) fn put_arrivals(
        &mut self,
        tree: &Tree,
        batch: &mut WriteBatch<'_>,
        arrivals: CommitArrivals<'_>,
    ) -> Result<(), StoreError> {
        let CommitArrivals { is_first_reading, mut stored, restored, unseen } = arrivals;
        stored.sort_unstable_by_key(|(position, _)| *position);
        let mut starts_commit = true;
        for (position, listed) in stored {
            let added = if restored.contains(&listed.id) || is_first_reading {
                ArrivalKind::FirstReading
            } else {
                ArrivalKind::New
            };
            let is_unseen = unseen.contains(&listed.id);
            let before = if is_unseen { None } else { read_entry(tree, position)? };
            let kind = match before {
                None => added,
                Some(before) if before.changed_at < listed.changed_at => ArrivalKind::Changed,
                Some(_) => continue,
            };
            let first = || u64::try_from(listed.first_seen_at.as_millisecond()).unwrap_or(0).max(1);
            let number = self.next.unwrap_or_else(first);
            put_arrival(batch, number, (kind, starts_commit), (position, &listed.source));
            self.next = Some(number + 1);
            starts_commit = false;
        }
        if let Some(next) = self.next.filter(|_| !starts_commit) {
            batch.put_raw(keys::NEXT_ARRIVAL, &next.to_be_bytes());
        }
        Ok(())
    }
}

/// Removes arrivals whose entries are no longer stored once `batch` is applied, because `removed` entries go:
/// the oldest ones, up to the first whose entry is stored, and those among the next few of all others. A
/// source that is silent for years keeps its entries, and must not keep the journal of all others.
pub(super) fn remove_arrivals(
    tree: &Tree,
    batch: &mut WriteBatch<'_>,
    removed: usize,
) -> Result<(), StoreError> {
    for item in packs::arrivals_from(tree, &keys::arrival_prefix()).take(MAX_BATCH_RECORDS) {
        let (key, value) = item?;
        if is_live(tree, batch, &key, &value)? {
            break;
        }
        batch.remove_raw(&key);
    }
    let swept = read_number(tree, keys::SWEPT_ARRIVAL)?.unwrap_or(0);
    let after_swept = keys::arrival_key(swept.saturating_add(1));
    let checked = removed.saturating_mul(CHECKED_PER_REMOVED).min(MAX_BATCH_RECORDS);
    let (mut count, mut last) = (0, 0);
    for item in packs::arrivals_from(tree, &after_swept).take(checked) {
        let (key, value) = item?;
        (count, last) = (count + 1, keys::number_of_arrival_key(&key).unwrap_or(0));
        if !is_live(tree, batch, &key, &value)? {
            batch.remove_raw(&key);
        }
    }
    // At the end of the journal it begins again.
    let reached = if count < checked { 0 } else { last };
    batch.put_raw(keys::SWEPT_ARRIVAL, &reached.to_be_bytes());
    Ok(())
}

/// Whether an arrival leads to a stored entry. A record that cannot be read leads nowhere.
fn is_live(
    tree: &Tree,
    batch: &WriteBatch<'_>,
    key: &[u8],
    value: &[u8],
) -> Result<bool, StoreError> {
    match decode_arrival(key, value) {
        Ok(arrival) => is_stored(tree, batch, &arrival),
        Err(_) => Ok(false),
    }
}

fn is_stored(tree: &Tree, batch: &WriteBatch<'_>, arrival: &Arrival) -> Result<bool, StoreError> {
    let listed_ms = arrival.listed_at.as_millisecond();
    if batch.holds(&keys::entry_key(EntryPosition { listed_ms, id: arrival.id }))? {
        return Ok(true);
    }
    let Ok(Some(record)) = story_records::read_story_record(tree, arrival.id) else {
        return Ok(false);
    };
    let listed_ms = record.listed_at.as_millisecond();
    batch.holds(&keys::entry_key(EntryPosition { listed_ms, id: arrival.id }))
}

/// Fills the journal of a store from before journals, in the order in which its entries were first seen.
/// Returns the number of arrivals.
///
/// # Errors
/// `Database`, and `Undecodable` when an entry is broken.
pub(super) fn fill_journal(tree: &Tree) -> Result<u64, StoreError> {
    let mut order = Vec::new();
    let mut first_readings: BTreeMap<u32, i64> = BTreeMap::new();
    for item in tree.scan_prefix(keys::entry_prefix()) {
        let (key, value) = item.map_err(read_error)?;
        let listed = decode::decode_entry(tree, &key, &value)?;
        let Some(position) = keys::position_of_key(&key) else { continue };
        let (seen_ms, source) =
            (listed.first_seen_at.as_millisecond(), source_hash(&listed.source));
        let first = first_readings.entry(source).or_insert(seen_ms);
        *first = seen_ms.min(*first);
        order.push((seen_ms, listed.id, position.listed_ms, source));
    }
    order.sort_unstable();
    let Some((first_ms, ..)) = order.first() else { return Ok(0) };
    let start = u64::try_from(*first_ms).unwrap_or(0).max(1);
    let (mut number, mut last_ms) = (start, None);
    let mut batch = WriteBatch::new(tree);
    for (seen_ms, id, listed_ms, source) in order {
        let is_first = first_readings.get(&source) == Some(&seen_ms);
        let kind = if is_first { ArrivalKind::FirstReading } else { ArrivalKind::New };
        let head = (kind, last_ms.replace(seen_ms) != Some(seen_ms));
        let record = encode_arrival(head, EntryPosition { listed_ms, id }, source);
        batch.put_raw(&keys::arrival_key(number), &record);
        number += 1;
        if batch.is_full() {
            std::mem::replace(&mut batch, WriteBatch::new(tree)).apply()?;
        }
    }
    batch.put_raw(keys::NEXT_ARRIVAL, &number.to_be_bytes());
    batch.apply()?;
    Ok(number - start)
}

/// Lets the numbers go on from the time `now` in milliseconds, if they are not beyond it. For a store that was
/// restored from an earlier state: the numbers since then were used, and readers know them.
pub(super) fn batch_of_skipped_numbers(
    tree: &Tree,
    now: Timestamp,
) -> Result<WriteBatch<'_>, StoreError> {
    let mut batch = WriteBatch::new(tree);
    // An empty journal begins at the time of its first arrival anyway.
    if let Some(next) = read_next_number(tree)? {
        let next = next.max(u64::try_from(now.as_millisecond()).unwrap_or(0));
        batch.put_raw(keys::NEXT_ARRIVAL, &next.to_be_bytes());
    }
    Ok(batch)
}

fn put_arrival(
    batch: &mut WriteBatch<'_>,
    number: u64,
    head: (ArrivalKind, bool),
    (position, source): (EntryPosition, &SourceId),
) {
    let record = encode_arrival(head, position, source_hash(source));
    batch.put_raw(&keys::arrival_key(number), &record);
}

fn encode_arrival(
    (kind, starts_commit): (ArrivalKind, bool),
    position: EntryPosition,
    source: u32,
) -> Vec<u8> {
    let code = match kind {
        ArrivalKind::New => 1,
        ArrivalKind::Changed => 2,
        ArrivalKind::FirstReading => 3,
    };
    let code = if starts_commit { code | STARTS_COMMIT } else { code };
    let (time, id) = (position.listed_ms.to_be_bytes(), position.id.to_bytes());
    [&[code], &time[..], &id[..], &source.to_be_bytes()[..]].concat()
}

fn decode_arrival(key: &[u8], value: &[u8]) -> Result<Arrival, StoreError> {
    let to_error = |error| StoreError::undecodable(key, error);
    let number =
        keys::number_of_arrival_key(key).ok_or_else(|| to_error(RecordError::Field("key")))?;
    let size = || to_error(RecordError::Size { expected: RECORD_BYTES, found: value.len() });
    let (code, rest) = value.split_first().ok_or_else(size)?;
    let (time, rest) = rest.split_first_chunk::<8>().ok_or_else(size)?;
    let (id, rest) = rest.split_first_chunk::<16>().ok_or_else(size)?;
    let source = <[u8; 4]>::try_from(rest).map_err(|_| size())?;
    let kind = match code & !STARTS_COMMIT {
        1 => ArrivalKind::New,
        2 => ArrivalKind::Changed,
        3 => ArrivalKind::FirstReading,
        _ => return Err(to_error(RecordError::Field("kind"))),
    };
    Ok(Arrival {
        number,
        kind,
        starts_commit: code & STARTS_COMMIT != 0,
        id: EntryId::from_bytes(*id),
        listed_at: instant_of(i64::from_be_bytes(*time), "listed_at").map_err(to_error)?,
        source_hash: u32::from_be_bytes(source),
    })
}

fn read_entry(tree: &Tree, position: EntryPosition) -> Result<Option<StoredEntry>, StoreError> {
    let key = keys::entry_key(position);
    let Some(value) = tree.get(key).map_err(read_error)? else { return Ok(None) };
    decode::decode_entry(tree, &key, &value).map(Some)
}

/// The number of the next arrival; `None`: nothing has arrived yet.
fn read_next_number(tree: &Tree) -> Result<Option<u64>, StoreError> {
    if let Some(next) = read_number(tree, keys::NEXT_ARRIVAL)? {
        // A zero would be damage: the number before it must exist.
        return Ok(Some(next.max(1)));
    }
    // A salvaged database may have lost it.
    let last = packs::last_arrival_key(tree)?;
    let last = last.and_then(|key| keys::number_of_arrival_key(&key));
    Ok(last.map(|last| last.saturating_add(1)))
}

fn read_number(tree: &Tree, key: &[u8]) -> Result<Option<u64>, StoreError> {
    let Some(value) = tree.get(key).map_err(read_error)? else { return Ok(None) };
    let bytes = <[u8; 8]>::try_from(&value[..]).map_err(|_| {
        StoreError::undecodable(key, RecordError::Size { expected: 8, found: value.len() })
    })?;
    Ok(Some(u64::from_be_bytes(bytes)))
}

#[cfg(test)]
mod tests;
