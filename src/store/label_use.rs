//! The newest entries of a source → how many of them are labeled as breaking news. It is kept in a record of its
//! own, so that outputs need not read these entries. The record follows from them: it is not in the commit log.
//!
//! | bytes | field |
//! | --- | --- |
//! | 1 | the number of entries |
//! | 4 | a bit for each, the newest in the lowest one: whether it is labeled |
//! | 4 | checksum of their ids and content hashes: the bits are those of these entries |
//!
//! Numbers are big-endian. A program that does not know the record may have changed the entries since; then the
//! next commit with entries reads them again.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use rafid_feed::arabic::is_breaking;
use rafid_feed::hash::digest_32;
use sled::{IVec, Tree};

use super::batch::WriteBatch;
use super::keys::{self, EntryPosition};
use super::seen_entries::SeenEntries;
use super::store_error::{StoreError, read_error};
use super::{Store, decode};
use crate::model::{EntryId, SourceId, StoredEntry};

/// The newest entries of a source that are checked for the label: as many as half of all feeds hold.
const MAX_CHECKED: usize = 20;
const RECORD_BYTES: usize = 9;

/// How a source uses the label for breaking news.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LabelUse {
    /// The number of entries that are labeled.
    pub labeled: usize,
    /// The number of entries that were checked: the newest ones, at most 20.
    pub checked: usize,
}

impl Store {
    /// How many of the newest entries of a source are labeled as breaking news.
    ///
    /// # Errors
    /// `Database`, `Undecodable`.
    pub fn label_use(&self, source: &SourceId) -> Result<LabelUse, StoreError> {
        self.with_read_lock(|tree| {
            let stored = tree.get(keys::label_use_key(source)).map_err(read_error)?;
            if let Some(labels) = stored.as_deref().and_then(NewestLabels::decode) {
                return Ok(labels.to_label_use());
            }
            // A store of before this record, until the next commit.
            let newest = newest_entries(&SeenEntries::load(tree, source)?);
            let labels = newest.iter().map(|(position, _)| is_labeled(tree, *position));
            let labels = labels.collect::<Result<Vec<bool>, StoreError>>()?;
            Ok(NewestLabels::new(&newest, &labels).to_label_use())
        })
    }
}

/// The labels of a source's newest entries, while a batch changes its entries.
pub(super) struct LabelChanges {
    stored: Option<IVec>,
    /// Whether each of the newest entries was labeled before; empty: not known.
    before: BTreeMap<EntryId, bool>,
}

impl LabelChanges {
    /// What is known before `seen` changes.
    ///
    /// # Errors
    /// `Database`.
    pub(super) fn begin(
        tree: &Tree,
        source: &SourceId,
        seen: &SeenEntries,
    ) -> Result<Self, StoreError> {
        let stored = tree.get(keys::label_use_key(source)).map_err(read_error)?;
        let newest = newest_entries(seen);
        let labels = stored.as_deref().and_then(NewestLabels::decode);
        let before = match labels.filter(|it| it.checksum == checksum_of(&newest)) {
            Some(labels) => newest.iter().map(|(at, _)| at.id).zip(labels.flags()).collect(),
            None => BTreeMap::new(),
        };
        Ok(Self { stored, before })
    }

    /// Puts the labels of the entries that are the newest now. `written` finds an entry that the batch writes.
    ///
    /// # Errors
    /// `Database`.
    pub(super) fn put<'e>(
        self,
        batch: &mut WriteBatch<'_>,
        (source, seen): (&SourceId, &SeenEntries),
        written: &dyn Fn(EntryId) -> Option<&'e StoredEntry>,
    ) -> Result<(), StoreError> {
        let newest = newest_entries(seen);
        if newest.is_empty() && self.stored.is_none() {
            return Ok(());
        }
        let label = |(position, _): &(EntryPosition, u64)| match written(position.id) {
            Some(listed) => Ok(is_breaking(&listed.entry)),
            None => match self.before.get(&position.id) {
                Some(is_labeled) => Ok(*is_labeled),
                None => is_labeled(batch.tree(), *position),
            },
        };
        let labels = newest.iter().map(label).collect::<Result<Vec<bool>, StoreError>>()?;
        let record = NewestLabels::new(&newest, &labels).encode();
        if self.stored.as_deref() != Some(&record) {
            batch.put_raw(&keys::label_use_key(source), &record);
        }
        Ok(())
    }
}

/// Puts the labels of a source that has entries and no record yet.
///
/// # Errors
/// `Database`, `Undecodable`.
pub(super) fn put_missing_labels(
    tree: &Tree,
    batch: &mut WriteBatch<'_>,
    source: &SourceId,
) -> Result<(), StoreError> {
    if tree.contains_key(keys::label_use_key(source)).map_err(read_error)? {
        return Ok(());
    }
    let seen = SeenEntries::load(tree, source)?;
    LabelChanges::begin(tree, source, &seen)?.put(batch, (source, &seen), &|_| None)
}

/// Removes the records of all sources: some of their entries are lost.
///
/// # Errors
/// `Database`.
pub(super) fn remove_label_uses(tree: &Tree, batch: &mut WriteBatch<'_>) -> Result<(), StoreError> {
    for item in tree.scan_prefix(keys::label_use_prefix()) {
        batch.remove_raw(&item.map_err(read_error)?.0);
    }
    Ok(())
}

/// The newest stored entries of a source, newest first, each with its content hash.
fn newest_entries(seen: &SeenEntries) -> Vec<(EntryPosition, u64)> {
    let kept = seen.records().filter(|record| record.kept);
    let mut newest: Vec<_> = kept.map(|record| (record.position, record.content_hash)).collect();
    if newest.len() > MAX_CHECKED {
        newest.select_nth_unstable_by_key(MAX_CHECKED, |(position, _)| Reverse(*position));
        newest.truncate(MAX_CHECKED);
    }
    newest.sort_unstable_by_key(|(position, _)| Reverse(*position));
    newest
}

fn checksum_of(newest: &[(EntryPosition, u64)]) -> u32 {
    let mut bytes = Vec::with_capacity(newest.len() * 24);
    for (position, content_hash) in newest {
        bytes.extend(position.id.to_bytes());
        bytes.extend(content_hash.to_be_bytes());
    }
    digest_32(bytes)
}

/// Whether a stored entry is labeled. One that cannot be read is not, and is damage for its readers.
fn is_labeled(tree: &Tree, position: EntryPosition) -> Result<bool, StoreError> {
    let key = keys::entry_key(position);
    let Some(value) = tree.get(key).map_err(read_error)? else { return Ok(false) };
    match decode::decode_entry(tree, &key, &value) {
        Ok(listed) => Ok(is_breaking(&listed.entry)),
        Err(error @ StoreError::Database { .. }) => Err(error),
        Err(_) => Ok(false),
    }
}

/// The record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct NewestLabels {
    count: u8,
    bits: u32,
    checksum: u32,
}

impl NewestLabels {
    fn new(newest: &[(EntryPosition, u64)], labels: &[bool]) -> Self {
        let bits = labels.iter().rev().fold(0, |bits, label| bits << 1 | u32::from(*label));
        let count = u8::try_from(labels.len()).unwrap_or(u8::MAX);
        Self { count, bits, checksum: checksum_of(newest) }
    }

    /// `None`: the record is damaged.
    fn decode(record: &[u8]) -> Option<Self> {
        let [count, b0, b1, b2, b3, c0, c1, c2, c3] =
            *<&[u8; RECORD_BYTES]>::try_from(record).ok()?;
        let bits = u32::from_be_bytes([b0, b1, b2, b3]);
        let checksum = u32::from_be_bytes([c0, c1, c2, c3]);
        let is_valid = usize::from(count) <= MAX_CHECKED && bits >> count == 0;
        is_valid.then_some(Self { count, bits, checksum })
    }

    fn encode(self) -> [u8; RECORD_BYTES] {
        let ([b0, b1, b2, b3], [c0, c1, c2, c3]) =
            (self.bits.to_be_bytes(), self.checksum.to_be_bytes());
        [self.count, b0, b1, b2, b3, c0, c1, c2, c3]
    }

    /// The label of each entry, newest first.
    fn flags(self) -> impl Iterator<Item = bool> {
        (0..self.count).map(move |number| self.bits >> number & 1 == 1)
    }

    fn to_label_use(self) -> LabelUse {
        LabelUse {
            labeled: self.flags().filter(|is_labeled| *is_labeled).count(),
            checked: usize::from(self.count),
        }
    }
}

#[cfg(test)]
mod tests;
