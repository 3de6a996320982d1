//! A salvaged tree → the same without the memory that lost entries are stored: readers look for what is said to
//! be there.

use sled::Tree;

use super::super::batch::WriteBatch;
use super::super::keys;
use super::super::records::envelope::{Compression, encode_record};
use super::super::records::seen_chunk;
use super::super::seen_entries;
use super::super::store_error::{StoreError, read_error};

/// Marks the entries that are missing as remembered only. Returns how many.
///
/// # Errors
/// `Database`.
pub(super) fn forget_missing_entries(tree: &Tree) -> Result<u64, StoreError> {
    let mut missing = 0;
    for item in tree.scan_prefix(keys::chunk_prefix()) {
        let (key, value) = item.map_err(read_error)?;
        let mut records = seen_entries::decode_chunk(&key, &value)?;
        let before = missing;
        for record in records.iter_mut().filter(|record| record.kept) {
            if !tree.contains_key(keys::entry_key(record.position)).map_err(read_error)? {
                record.kept = false;
                missing += 1;
            }
        }
        if missing > before {
            let encoded = seen_chunk::encode(&records)
                .and_then(|fields| {
                    encode_record(seen_chunk::VERSION, "", &fields, Compression::Never)
                })
                .map_err(|error| StoreError::unencodable(&key, error))?;
            let mut batch = WriteBatch::new(tree);
            batch.put(&key, encoded)?;
            batch.apply()?;
        }
    }
    Ok(missing)
}
