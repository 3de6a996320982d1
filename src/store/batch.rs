//! Encoded records → one batch. The parts of a long record are put and removed together with it, and small records
//! are put into their packs.

use std::collections::BTreeMap;

use sled::{Batch, Tree};

use super::keys::{self, EntryPosition};
use super::packs::{self, RecordChanges, RecordMap};
use super::recent_digests;
use super::records::RecordError;
use super::records::envelope::{EncodedRecord, Envelope};
use super::store_error::{StoreError, read_error, write_error};

/// A batch is applied once it has this many records. It blocks all readers while it is applied, and beyond
/// some five hundred records that becomes noticeable (measured: up to 140 µs a record).
pub(super) const MAX_BATCH_RECORDS: usize = 500;

/// Records to put (or, without a value, to remove) in one batch.
#[derive(Debug)]
pub(super) struct WriteBatch<'a> {
    tree: &'a Tree,
    records: RecordMap,
}

impl<'a> WriteBatch<'a> {
    /// An empty batch for `tree`.
    pub(super) fn new(tree: &'a Tree) -> Self {
        Self { tree, records: RecordMap::new() }
    }

    /// Has room for records that will be put.
    pub(super) fn reserve(&mut self, records: usize) {
        self.records.reserve(records);
    }

    /// The tree that it is for, as it is before.
    pub(super) fn tree(&self) -> &'a Tree {
        self.tree
    }

    /// Whether it changes nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The keys of what it puts and removes.
    pub(super) fn keys(&self) -> impl Iterator<Item = &[u8]> {
        self.records.keys().map(Vec::as_slice)
    }

    /// Whether it should be applied before it grows further.
    pub(super) fn is_full(&self) -> bool {
        self.records.len() >= MAX_BATCH_RECORDS
    }

    /// Puts a record, replacing the one at `key`, if any.
    pub(super) fn put(&mut self, key: &[u8], encoded: EncodedRecord) -> Result<(), StoreError> {
        if keys::pack_key(key).is_some() && !encoded.parts.is_empty() {
            let found = encoded.parts.iter().map(Vec::len).sum();
            let too_long = RecordError::Size { expected: usize::from(u16::MAX), found };
            return Err(StoreError::unencodable(key, too_long));
        }
        self.remove(key)?;
        self.put_new(key, encoded);
        Ok(())
    }

    /// Puts a record at a key without one: no earlier record is looked up to remove its parts.
    pub(super) fn put_new(&mut self, key: &[u8], encoded: EncodedRecord) {
        for (number, part) in (0..).zip(encoded.parts) {
            self.records.insert(keys::part_key(key, number), Some(part));
        }
        self.records.insert(key.to_vec(), Some(encoded.value));
    }

    /// Puts the record of an entry.
    pub(super) fn put_entry(
        &mut self,
        at: EntryPosition,
        encoded: EncodedRecord,
    ) -> Result<(), StoreError> {
        self.put(&keys::entry_key(at), encoded)
    }

    /// Puts a value without an envelope.
    pub(super) fn put_raw(&mut self, key: &[u8], value: &[u8]) {
        self.records.insert(key.to_vec(), Some(value.to_vec()));
    }

    /// Removes a value without an envelope.
    pub(super) fn remove_raw(&mut self, key: &[u8]) {
        self.records.insert(key.to_vec(), None);
    }

    /// Removes the record at `key`, if any, with its parts.
    pub(super) fn remove(&mut self, key: &[u8]) -> Result<(), StoreError> {
        if keys::pack_key(key).is_some() {
            self.remove_raw(key);
            return Ok(());
        }
        let Some(value) = self.tree.get(key).map_err(read_error)? else { return Ok(()) };
        // The parts of an unreadable record cannot be found.
        let parts = Envelope::parse(&value).map_or(0, |envelope| envelope.parts);
        for number in 0..parts {
            self.records.insert(keys::part_key(key, number), None);
        }
        self.records.insert(key.to_vec(), None);
        Ok(())
    }

    /// Whether a record exists, once this batch is applied.
    pub(super) fn holds(&self, key: &[u8]) -> Result<bool, StoreError> {
        match self.records.get(key) {
            Some(change) => Ok(change.is_some()),
            None => Ok(packs::read_value(self.tree, key)?.is_some()),
        }
    }

    /// Adds the changes of another batch, which concern other records.
    pub(super) fn extend(&mut self, other: Self) {
        self.records.extend(other.records);
    }

    /// The same with packs in the place of the records that they hold, and with the digests of entries. Nothing else may
    /// change the tree before the result is applied.
    ///
    /// # Errors
    /// `Database`, and `Undecodable` when a pack is broken.
    pub(super) fn pack(self) -> Result<PackedBatch, StoreError> {
        let mut values: Vec<_> =
            recent_digests::digest_changes(self.tree, &self.records)?.into_iter().collect();
        let mut packs: BTreeMap<Vec<u8>, RecordChanges> = BTreeMap::new();
        for (key, change) in self.records {
            match keys::pack_key(&key) {
                None => values.push((key, change)),
                Some(pack) => packs.entry(pack).or_default().push((key, change)),
            }
        }
        for (pack, changes) in packs {
            packs::change_pack(self.tree, &pack, changes, &mut values)?;
        }
        Ok(PackedBatch(values))
    }

    /// Packs the records and applies them to the tree.
    ///
    /// # Errors
    /// As for `pack`, and `Database`.
    pub(super) fn apply(self) -> Result<(), StoreError> {
        let tree = self.tree;
        tree.apply_batch(self.pack()?.into_sled_batch()).map_err(write_error)
    }
}

/// Values to put (or to remove) in one batch, as they stand in the database.
#[derive(Debug)]
pub(super) struct PackedBatch(RecordChanges);

impl PackedBatch {
    /// The keys of what it puts and removes.
    pub(super) fn keys(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().map(|(key, _)| key.as_slice())
    }

    /// Also removes the value at a key.
    pub(super) fn remove_value(&mut self, key: &[u8]) {
        self.0.push((key.to_vec(), None));
    }

    /// The batch in sled's type.
    pub(super) fn into_sled_batch(self) -> Batch {
        let mut batch = Batch::default();
        for (key, value) in self.0 {
            match value {
                Some(value) => batch.insert(key, value),
                None => batch.remove(key),
            }
        }
        batch
    }
}
