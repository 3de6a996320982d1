//! An id, or what an entry says of itself → the kept entries, wherever they stand. For questions of the
//! operator: nothing that is done for a reader may walk over the whole store.

use sled::Tree;

use super::Store;
use super::error::{StoreError, reading};
use super::keys::{self, Position};
use super::values;
use crate::feed::model::{EntryId, ListedEntry};

/// Records that are read while no batch can be applied: a few milliseconds.
const AT_ONCE: usize = 512;

impl Store {
    /// The entry with an id; `None`: it is not kept.
    ///
    /// # Errors
    /// `Database`, `Undecodable`.
    pub fn find(&self, id: EntryId) -> Result<Option<ListedEntry>, StoreError> {
        if let Some(told) = self.told(id)? {
            return self.entry(id, told.listed_at);
        }
        // One that was kept before stories were known.
        let mut found = None;
        self.walk(|tree, position, value| {
            if position.id == id {
                found = Some(values::entry(tree, &keys::body(position), value)?);
            }
            Ok(found.is_none())
        })?;
        Ok(found)
    }

    /// The kept entries that `fits` says yes to, the newest first, this many at most.
    ///
    /// # Errors
    /// `Database`, `Undecodable`.
    pub fn find_all(
        &self,
        fits: &dyn Fn(&ListedEntry) -> bool,
        at_most: usize,
    ) -> Result<Vec<ListedEntry>, StoreError> {
        let mut found = Vec::new();
        self.walk(|tree, position, value| {
            let listed = values::entry(tree, &keys::body(position), value)?;
            found.extend(Some(listed).filter(fits));
            Ok(found.len() < at_most)
        })?;
        Ok(found)
    }

    /// Looks at entries from the newest on, until `look` says that it is enough.
    fn walk(
        &self,
        mut look: impl FnMut(&Tree, Position, &[u8]) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        let mut end = keys::after_bodies().to_vec();
        loop {
            let goes_on = self.reading(|tree| {
                let mut last = None;
                for item in tree.range(keys::bodies().to_vec()..end.clone()).rev().take(AT_ONCE) {
                    let (key, value) = item.map_err(reading)?;
                    let is_enough = match keys::position_of(&key) {
                        Some(position) => !look(tree, position, &value)?,
                        None => false,
                    };
                    if is_enough {
                        return Ok(None);
                    }
                    last = Some(key.to_vec());
                }
                Ok(last)
            })?;
            match goes_on {
                Some(last) => end = last,
                None => return Ok(()),
            }
        }
    }
}
