//! An id, or a property of an entry → the stored entries, wherever they are. Only for requests of the
//! operator: nothing that readers trigger may scan the whole store.

use sled::Tree;

use super::keys::{self, EntryPosition};
use super::store_error::{StoreError, read_error};
use super::{Store, decode};
use crate::model::{EntryId, StoredEntry};

/// The number of records read while no batch can be applied: a few milliseconds.
const RECORDS_PER_LOCK: usize = 512;

impl Store {
    /// The entry with an id; `None`: it is not stored.
    ///
    /// # Errors
    /// `Database`, `Undecodable`.
    pub fn find_entry(&self, id: EntryId) -> Result<Option<StoredEntry>, StoreError> {
        if let Some(record) = self.story_record(id)? {
            return self.entry(id, record.listed_at);
        }
        // Entries that were stored before story records existed are found by a scan.
        let mut found = None;
        self.visit_entries(|tree, position, value| {
            if position.id == id {
                found = Some(decode::decode_entry(tree, &keys::entry_key(position), value)?);
            }
            Ok(found.is_none())
        })?;
        Ok(found)
    }

    /// The stored entries that `filter` accepts, newest first, at most `at_most`.
    ///
    /// # Errors
    /// `Database`, `Undecodable`.
    pub fn find_entries(
        &self,
        filter: &dyn Fn(&StoredEntry) -> bool,
        at_most: usize,
    ) -> Result<Vec<StoredEntry>, StoreError> {
        let mut found = Vec::new();
        self.visit_entries(|tree, position, value| {
            let listed = decode::decode_entry(tree, &keys::entry_key(position), value)?;
            found.extend(Some(listed).filter(filter));
            Ok(found.len() < at_most)
        })?;
        Ok(found)
    }

    /// Visits entries from the newest on, until `visit` returns `false`.
    fn visit_entries(
        &self,
        mut visit: impl FnMut(&Tree, EntryPosition, &[u8]) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        let mut end = keys::entry_prefix_end().to_vec();
        loop {
            let last = self.with_read_lock(|tree| {
                let mut last = None;
                for item in tree
                    .range(keys::entry_prefix().to_vec()..end.clone())
                    .rev()
                    .take(RECORDS_PER_LOCK)
                {
                    let (key, value) = item.map_err(read_error)?;
                    let is_enough = match keys::position_of_key(&key) {
                        Some(position) => !visit(tree, position, &value)?,
                        None => false,
                    };
                    if is_enough {
                        return Ok(None);
                    }
                    last = Some(key.to_vec());
                }
                Ok(last)
            })?;
            match last {
                Some(last) => end = last,
                None => return Ok(()),
            }
        }
    }
}
