//! Sealed values → one batch, parts put and taken away together with the value that they belong to.

use std::collections::BTreeMap;

use sled::{Batch, Tree};

use super::keys::{self, EntryPosition};
use super::records::envelope::{EncodedRecord, Envelope};
use super::store_error::{StoreError, read_error};

/// A batch is applied once it has so many records: it stops all readers meanwhile, and beyond some
/// five hundred that can be felt (measured: up to 140 µs a record).
pub(super) const MAX_BATCH_RECORDS: usize = 500;

/// Records to be put (or, where there is no value, taken away) in one batch.
#[derive(Debug)]
pub(super) struct WriteBatch<'a> {
    tree: &'a Tree,
    records: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
}

impl<'a> WriteBatch<'a> {
    /// No changes yet to what stands in `tree`.
    pub(super) fn new(tree: &'a Tree) -> Self {
        Self { tree, records: BTreeMap::new() }
    }

    /// Whether it should be applied before it grows.
    pub(super) fn is_full(&self) -> bool {
        self.records.len() >= MAX_BATCH_RECORDS
    }

    /// Puts a value in place of the one that stands at `key`, if any.
    pub(super) fn put(&mut self, key: &[u8], sealed: EncodedRecord) -> Result<(), StoreError> {
        self.remove(key)?;
        for (number, part) in (0..).zip(sealed.parts) {
            self.records.insert(keys::part_key(key, number), Some(part));
        }
        self.records.insert(key.to_vec(), Some(sealed.value));
        Ok(())
    }

    /// Puts the value of an entry.
    pub(super) fn put_body(
        &mut self,
        at: EntryPosition,
        sealed: EncodedRecord,
    ) -> Result<(), StoreError> {
        self.put(&keys::entry_key(at), sealed)
    }

    /// Puts a bare value.
    pub(super) fn put_raw(&mut self, key: &[u8], value: &[u8]) {
        self.records.insert(key.to_vec(), Some(value.to_vec()));
    }

    /// Takes away a bare value.
    pub(super) fn remove_raw(&mut self, key: &[u8]) {
        self.records.insert(key.to_vec(), None);
    }

    /// Takes away the value that stands at `key`, if any.
    pub(super) fn remove(&mut self, key: &[u8]) -> Result<(), StoreError> {
        let Some(value) = self.tree.get(key).map_err(read_error)? else { return Ok(()) };
        // One that cannot be read has no parts that could be found.
        let parts = Envelope::parse(&value).map_or(0, |envelope| envelope.parts);
        for number in 0..parts {
            self.records.insert(keys::part_key(key, number), None);
        }
        self.records.insert(key.to_vec(), None);
        Ok(())
    }

    /// Adds changes to other records.
    pub(super) fn extend(&mut self, other: Self) {
        self.records.extend(other.records);
    }

    /// The batch.
    pub(super) fn into_sled_batch(self) -> Batch {
        let mut batch = Batch::default();
        for (key, value) in self.records {
            match value {
                Some(value) => batch.insert(key, value),
                None => batch.remove(key),
            }
        }
        batch
    }
}
