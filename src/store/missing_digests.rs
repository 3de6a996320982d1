//! A database without the digests of its recent entries (a new one, one of an earlier format, a restored or a salvaged
//! one) → the same with them.

use sled::Tree;

use super::batch::WriteBatch;
use super::entry_digest::EntryDigest;
use super::keys::{self, EntryPosition};
use super::recent_digests::{KEPT_MS, NEEDED_MS, recent_from};
use super::store_error::{StoreError, read_error, write_error};

/// Computes the digests of the entries of the last days before the newest one, unless they are there.
///
/// # Errors
/// `Database`. What cannot be decoded has none.
pub(super) fn ensure_recent_digests(tree: &Tree) -> Result<(), StoreError> {
    let mut entries = tree.range(keys::entry_prefix().to_vec()..keys::entry_prefix_end().to_vec());
    let newest = entries.next_back().transpose().map_err(read_error)?;
    let newest = newest.and_then(|(key, _)| keys::position_of_key(&key));
    let needed = newest.map_or(i64::MAX, |newest| newest.listed_ms.saturating_sub(NEEDED_MS));
    if recent_from(tree)?.is_some_and(|from| from <= needed) {
        return Ok(());
    }
    // What is there may be of other records.
    tree.remove(keys::RECENT_FROM).map_err(write_error)?;
    let mut batch = WriteBatch::new(tree);
    for item in tree.scan_prefix(keys::recent_digest_prefix()) {
        batch.remove_raw(&item.map_err(read_error)?.0);
        if batch.is_full() {
            std::mem::replace(&mut batch, WriteBatch::new(tree)).apply()?;
        }
    }
    let from = newest.map_or(i64::MIN, |newest| newest.listed_ms.saturating_sub(KEPT_MS));
    let start = keys::entry_key(EntryPosition::start_of(from)).to_vec();
    for item in tree.range(start..keys::entry_prefix_end().to_vec()) {
        let (key, value) = item.map_err(read_error)?;
        let Some(position) = keys::position_of_key(&key) else { continue };
        // Loading reads an entry without digests, and reports what is wrong with it.
        let digest = EntryDigest::of_stored(tree, position, &value);
        if let Err(error @ StoreError::Database { .. }) = digest {
            return Err(error);
        }
        let bytes = digest.map_or(EntryDigest::UNREADABLE, EntryDigest::to_bytes);
        batch.put_raw(&keys::recent_digest_key(position), &bytes);
        if batch.is_full() {
            std::mem::replace(&mut batch, WriteBatch::new(tree)).apply()?;
        }
    }
    batch.put_raw(keys::RECENT_FROM, &from.to_be_bytes());
    batch.apply()
}
