//! An id, a source, or a property of an entry → the stored entries, wherever they are. Only for requests of the
//! operator and for the search index: nothing that readers trigger may scan the whole store.

use jiff::Timestamp;
use sled::Tree;

use super::keys::{self, EntryPosition};
use super::records::instant_of;
use super::store_error::{StoreError, read_error};
use super::{Store, decode, seen_entries};
use crate::model::{EntryId, SourceId, StoredEntry};

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

    /// The ids and listing times of the stored entries of a source, in no order. No entry is read for it: a
    /// thousand entries take a millisecond.
    ///
    /// # Errors
    /// `Database`, `Undecodable`.
    pub fn kept_positions(
        &self,
        source: &SourceId,
    ) -> Result<Vec<(EntryId, Timestamp)>, StoreError> {
        self.with_read_lock(|tree| {
            let mut positions = Vec::new();
            for item in tree.scan_prefix(keys::source_chunk_prefix(source.as_str())) {
                let (key, value) = item.map_err(read_error)?;
                for record in seen_entries::decode_chunk(&key, &value)? {
                    if record.kept {
                        let listed_at = instant_of(record.position.listed_ms, "listed_at")
                            .map_err(|error| StoreError::undecodable(&key, error))?;
                        positions.push((record.position.id, listed_at));
                    }
                }
            }
            Ok(positions)
        })
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
