//! Records of entries → decoded entries, each decoded once while its record stays the same.
//!
//! All outputs show nearly the same newest entries, and read them again after every commit. A decoded entry is
//! used again only if its position and the bytes of its record are the same, so that no write has to reach
//! this cache.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sled::Tree;

use super::records::envelope::Envelope;
use super::store_error::StoreError;
use super::{decode, keys};
use crate::model::{EntryId, RecentlyUsed, StoredEntry};

/// The maximum size of the entries that were used lately, as far as it can be counted, and of those that were used
/// before: the newest hundred of ten outputs each that have no entry in common.
const MAX_ENTRY_BYTES: usize = 4 << 20;
/// What a decoded entry takes besides its texts: dozens of small allocations.
const OVERHEAD_BYTES: usize = 1_000;

/// Decoded entries.
pub(super) struct EntryCache(Mutex<RecentlyUsed<EntryId, CachedEntry>>);

/// A decoded entry and its record, with its parts.
struct CachedEntry {
    record: Box<[u8]>,
    listed: Arc<StoredEntry>,
}

impl Default for EntryCache {
    fn default() -> Self {
        Self(Mutex::new(RecentlyUsed::new(MAX_ENTRY_BYTES)))
    }
}

impl fmt::Debug for EntryCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EntryCache").finish_non_exhaustive()
    }
}

impl EntryCache {
    /// The entry whose record is `value`.
    ///
    /// # Errors
    /// As for `decode_entry`.
    pub(super) fn decode_entry(
        &self,
        tree: &Tree,
        key: &[u8],
        value: &[u8],
    ) -> Result<Arc<StoredEntry>, StoreError> {
        let to_error = |error| StoreError::undecodable(key, error);
        let envelope = Envelope::parse(value).map_err(to_error)?;
        let record = match envelope.parts {
            0 => Cow::Borrowed(value),
            _ => Cow::Owned([value, &decode::join_parts(tree, key, &envelope)?].concat()),
        };
        if let Some(position) = keys::position_of_key(key)
            && let Some(cached) = self.lock().find(&position.id)
            && *cached.record == *record
            && cached.listed.listed_at.as_millisecond() == position.listed_ms
        {
            return Ok(Arc::clone(&cached.listed));
        }
        let listed = Arc::new(decode::decode_entry(tree, key, value)?);
        let bytes = OVERHEAD_BYTES + record.len() + envelope.fields_len();
        let cached = CachedEntry { record: record.into(), listed: Arc::clone(&listed) };
        self.lock().put(listed.id, cached, bytes);
        Ok(listed)
    }

    fn lock(&self) -> MutexGuard<'_, RecentlyUsed<EntryId, CachedEntry>> {
        // A panic cannot make a wrong entry of a right one: each is checked when it is used.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample_store::sample_store;
    use super::*;

    /// The entries of a store, each with its key and its record.
    fn records(tree: &Tree) -> Vec<(Vec<u8>, Vec<u8>)> {
        let records = tree.scan_prefix(keys::entry_prefix()).map(Result::unwrap);
        records.map(|(key, value)| (key.to_vec(), value.to_vec())).collect()
    }

    #[test]
    fn an_entry_is_decoded_once_until_its_record_changes() {
        let folder = tempfile::tempdir().unwrap();
        let store = sample_store(folder.path(), 2);
        let (tree, cache) = (&store.0.tree, EntryCache::default());
        let records = records(tree);
        let [(key, value), (other_key, other_value)] = &records[..] else { panic!("two entries") };
        let first = cache.decode_entry(tree, key, value).unwrap();
        assert!(Arc::ptr_eq(&first, &cache.decode_entry(tree, key, value).unwrap()));
        let other = cache.decode_entry(tree, other_key, other_value).unwrap();
        assert_ne!(first.id, other.id);
        // The same entry with another record, and another entry with the same record.
        let edited = cache.decode_entry(tree, key, other_value).unwrap();
        assert_eq!((edited.id, &edited.entry), (first.id, &other.entry));
        let again = cache.decode_entry(tree, key, value).unwrap();
        assert_eq!(again, first);
    }

    #[test]
    fn an_entry_that_moved_has_its_new_time() {
        let folder = tempfile::tempdir().unwrap();
        let store = sample_store(folder.path(), 9);
        let (tree, cache) = (&store.0.tree, EntryCache::default());
        // Parts would have moved, too.
        let is_whole = |(_, value): &(Vec<u8>, Vec<u8>)| Envelope::parse(value).unwrap().parts == 0;
        let (key, value) = records(tree).into_iter().find(is_whole).unwrap();
        let before = cache.decode_entry(tree, &key, &value).unwrap();
        let mut moved = keys::position_of_key(&key).unwrap();
        moved.listed_ms -= 7;
        let after = cache.decode_entry(tree, &keys::entry_key(moved), &value).unwrap();
        let ms = |listed: &StoredEntry| listed.listed_at.as_millisecond();
        assert_eq!(ms(&after), ms(&before) - 7);
    }
}
