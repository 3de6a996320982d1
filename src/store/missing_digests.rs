//! A database without the digests of its recent entries (a new one, one of an earlier format, a restored or a salvaged
//! one) → the same with them.

use std::collections::BTreeMap;

use sled::{Batch, Tree};

use super::batch::MAX_BATCH_RECORDS;
use super::entry_digest::EntryDigest;
use super::keys::{self, EntryPosition};
use super::recent_digests::{self, ChunkedDigest, KEPT_MS, NEEDED_MS};
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
    let is_of_earlier = tree.contains_key(keys::EARLIER_DIGESTS_FROM).map_err(read_error)?;
    let from = recent_digests::digests_from(tree)?;
    if from.is_some_and(|from| from <= needed) && !is_of_earlier {
        return Ok(());
    }
    remove_digests(tree)?;
    let from = newest.map_or(i64::MIN, |newest| newest.listed_ms.saturating_sub(KEPT_MS));
    let start = keys::entry_key(EntryPosition::start_of(from)).to_vec();
    let mut digests = Vec::new();
    for item in tree.range(start..keys::entry_prefix_end().to_vec()) {
        let (key, value) = item.map_err(read_error)?;
        let Some(position) = keys::position_of_key(&key) else { continue };
        // Loading reads an entry without digests, and reports what is wrong with it.
        let digest = EntryDigest::of_stored(tree, position, &value);
        if let Err(error @ StoreError::Database { .. }) = digest {
            return Err(error);
        }
        digests.push((position, Some(digest.unwrap_or(EntryDigest::UNREADABLE))));
        if digests.len() >= MAX_BATCH_RECORDS {
            append(tree, &mut digests)?;
        }
    }
    append(tree, &mut digests)?;
    tree.insert(keys::DIGESTS_FROM, &from.to_be_bytes()).map_err(write_error)?;
    Ok(())
}

/// Removes what is there: it may be of other records, or of an earlier version.
fn remove_digests(tree: &Tree) -> Result<(), StoreError> {
    for key in [keys::DIGESTS_FROM, keys::EARLIER_DIGESTS_FROM] {
        tree.remove(key).map_err(write_error)?;
    }
    loop {
        let mut batch = Batch::default();
        let chunks = tree.scan_prefix(keys::digest_chunk_prefix()).keys().take(MAX_BATCH_RECORDS);
        let mut count = 0;
        for key in chunks {
            batch.remove(key.map_err(read_error)?);
            count += 1;
        }
        if count == 0 {
            return Ok(());
        }
        tree.apply_batch(batch).map_err(write_error)?;
    }
}

fn append(tree: &Tree, digests: &mut Vec<ChunkedDigest>) -> Result<(), StoreError> {
    let mut changes = BTreeMap::new();
    recent_digests::append_digests(tree, digests.drain(..), &mut changes)?;
    let mut batch = Batch::default();
    for (key, value) in changes {
        batch.insert(key, value.unwrap_or_default());
    }
    tree.apply_batch(batch).map_err(write_error)
}
