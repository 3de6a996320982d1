//! An entry, or a time → the digests of stored entries: those beside recent ones, else of the records as they are read.

use jiff::Timestamp;
use sled::{IVec, Tree};

use super::entry_digest::EntryDigest;
use super::keys::{self, EntryPosition};
use super::records::{RecordError, instant_of};
use super::store_error::{StoreError, read_error};
use super::{Store, decode, recent_digests};
use crate::model::{EntryId, StoredEntry};

/// Entries that are read at a time: a few milliseconds, in which no batch can be applied.
const PAGE_ENTRIES: usize = 128;

impl Store {
    /// The digest of an entry's records; `None`: it is not stored.
    ///
    /// # Errors
    /// `Database`, `Undecodable`.
    pub fn entry_digest(
        &self,
        id: EntryId,
        listed_at: Timestamp,
    ) -> Result<Option<EntryDigest>, StoreError> {
        let position = EntryPosition { listed_ms: listed_at.as_millisecond(), id };
        self.with_read_lock(|tree| {
            let recent = recent_digests::recent_digest(tree, position)?;
            if recent.is_some() {
                return Ok(recent);
            }
            let value = tree.get(keys::entry_key(position)).map_err(read_error)?;
            value.map(|value| EntryDigest::of_stored(tree, position, &value)).transpose()
        })
    }

    /// An entry with the digest of its records; `None`: it is not stored.
    ///
    /// # Errors
    /// `Database`, `Undecodable`.
    pub fn entry_with_digest(
        &self,
        id: EntryId,
        listed_at: Timestamp,
    ) -> Result<Option<(StoredEntry, EntryDigest)>, StoreError> {
        let position = EntryPosition { listed_ms: listed_at.as_millisecond(), id };
        let key = keys::entry_key(position);
        self.with_read_lock(|tree| {
            let Some(value) = tree.get(key).map_err(read_error)? else { return Ok(None) };
            let digest = EntryDigest::of_stored(tree, position, &value)?;
            Ok(Some((decode::decode_entry(tree, &key, &value)?, digest)))
        })
    }

    /// Calls `visit` for the stored entries that were listed at `since` or later, in that order, until it returns
    /// `false`; returns whether it never did. Batches can be applied between any few of them. Of recent entries no
    /// record is read.
    ///
    /// # Errors
    /// `Database`, `Undecodable`.
    pub fn visit_digests_since(
        &self,
        since: Timestamp,
        mut visit: impl FnMut(EntryId, Timestamp, EntryDigest) -> Result<bool, StoreError>,
    ) -> Result<bool, StoreError> {
        let recent_from = self.with_read_lock(recent_digests::recent_from)?;
        let start = EntryPosition::start_of(since.as_millisecond());
        let visit = |(id, listed_at, digest)| visit(id, listed_at, digest);
        if recent_from.is_some_and(|from| from <= start.listed_ms) {
            let range = (keys::recent_digest_key(start), keys::recent_digest_prefix());
            return self.visit_records(range, digest_of_recent, visit);
        }
        let range = (keys::entry_key(start), keys::entry_prefix());
        self.visit_records(range, digest_of_listed, visit)
    }

    /// The stored entries that were listed at `since` or later.
    ///
    /// # Errors
    /// `Database`, `Undecodable`.
    pub fn entries_since(&self, since: Timestamp) -> Result<Vec<StoredEntry>, StoreError> {
        let mut entries = Vec::new();
        let start = EntryPosition::start_of(since.as_millisecond());
        self.visit_records(
            (keys::entry_key(start), keys::entry_prefix()),
            |tree, key, value| decode::decode_entry(tree, key, value),
            |entry| {
                entries.push(entry);
                Ok(true)
            },
        )?;
        Ok(entries)
    }

    /// Visits the records from a key on that have a prefix.
    fn visit_records<T>(
        &self,
        (first, [kind]): ([u8; keys::ENTRY_KEY_BYTES], [u8; 1]),
        convert: impl Fn(&Tree, &[u8], &IVec) -> Result<T, StoreError>,
        mut visit: impl FnMut(T) -> Result<bool, StoreError>,
    ) -> Result<bool, StoreError> {
        let mut start = first.to_vec();
        loop {
            let page = self.with_read_lock(|tree| {
                let mut page = Vec::with_capacity(PAGE_ENTRIES);
                let range = tree.range(start.clone()..vec![kind + 1]);
                for item in range.take(PAGE_ENTRIES) {
                    let (key, value) = item.map_err(read_error)?;
                    page.push(convert(tree, &key, &value)?);
                    // The smallest key after this one.
                    start = [&key[..], &[0]].concat();
                }
                Ok(page)
            })?;
            let is_last = page.len() < PAGE_ENTRIES;
            for item in page {
                if !visit(item)? {
                    return Ok(false);
                }
            }
            if is_last {
                return Ok(true);
            }
        }
    }
}

type DigestOfEntry = (EntryId, Timestamp, EntryDigest);

fn digest_of_listed(tree: &Tree, key: &[u8], value: &IVec) -> Result<DigestOfEntry, StoreError> {
    let to_error = |error| StoreError::undecodable(key, error);
    let position = keys::position_of_key(key).ok_or_else(|| to_error(RecordError::Field("key")))?;
    let listed_at = instant_of(position.listed_ms, "listed_at").map_err(to_error)?;
    Ok((position.id, listed_at, EntryDigest::of_stored(tree, position, value)?))
}

fn digest_of_recent(_: &Tree, key: &[u8], value: &IVec) -> Result<DigestOfEntry, StoreError> {
    let to_error = |error| StoreError::undecodable(key, error);
    let position = keys::position_of_recent_digest(key);
    let position = position.ok_or_else(|| to_error(RecordError::Field("key")))?;
    let listed_at = instant_of(position.listed_ms, "listed_at").map_err(to_error)?;
    let digest = EntryDigest::from_bytes(value);
    Ok((position.id, listed_at, digest.ok_or_else(|| to_error(RecordError::Field("digest")))?))
}
