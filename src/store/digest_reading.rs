//! An entry, or a time → the digests of stored entries: those beside recent ones, else of the records as they are read.

use std::collections::BTreeMap;

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
/// Chunks of digests that are read at a time.
const PAGE_CHUNKS: usize = 128;

impl Store {
    /// The digests of the records of entries, of which most were stored last; `None`: the entry is not stored.
    ///
    /// # Errors
    /// `Database`, `Undecodable`.
    pub fn entry_digests(
        &self,
        entries: &[(EntryId, Timestamp)],
    ) -> Result<Vec<Option<EntryDigest>>, StoreError> {
        self.with_read_lock(|tree| {
            let newest = recent_digests::newest_digests(tree, entries.len())?;
            let digest = |(id, listed_at): &(EntryId, Timestamp)| {
                let position = EntryPosition { listed_ms: listed_at.as_millisecond(), id: *id };
                if let Some(digest) = newest.get(&position) {
                    return Ok(*digest);
                }
                let value = tree.get(keys::entry_key(position)).map_err(read_error)?;
                value.map(|value| EntryDigest::of_stored(tree, position, &value)).transpose()
            };
            entries.iter().map(digest).collect()
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
        let digests_from = self.with_read_lock(recent_digests::digests_from)?;
        let start = EntryPosition::start_of(since.as_millisecond());
        if digests_from.is_none_or(|from| from > start.listed_ms) {
            let visit = |(id, listed_at, digest)| visit(id, listed_at, digest);
            return self.visit_records(start, digest_of_listed, visit);
        }
        for (position, digest) in self.recent_digests_since(start)? {
            let to_error = |error| StoreError::undecodable(&keys::entry_key(position), error);
            let listed_at = instant_of(position.listed_ms, "listed_at").map_err(to_error)?;
            if !visit(position.id, listed_at, digest)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The digests beside the entries from a position on, in the order of these.
    fn recent_digests_since(
        &self,
        start: EntryPosition,
    ) -> Result<BTreeMap<EntryPosition, EntryDigest>, StoreError> {
        let mut digests = BTreeMap::new();
        let mut from = keys::digest_chunk_key(0).to_vec();
        let end = keys::digest_chunk_prefix().map(|kind| kind + 1).to_vec();
        loop {
            let page = self.with_read_lock(|tree| {
                let range = tree.range(from.clone()..end.clone()).take(PAGE_CHUNKS);
                range.collect::<Result<Vec<_>, _>>().map_err(read_error)
            })?;
            for (position, digest) in
                page.iter().flat_map(|(_, chunk)| recent_digests::decode_chunk(chunk))
            {
                match digest.filter(|_| position >= start) {
                    Some(digest) => digests.insert(position, digest),
                    None => digests.remove(&position),
                };
            }
            match page.last() {
                // More may be appended to the last one until the next page is read.
                Some((last, _)) if page.len() == PAGE_CHUNKS => from = last.to_vec(),
                _ => return Ok(digests),
            }
        }
    }

    /// The stored entries that were listed at `since` or later.
    ///
    /// # Errors
    /// `Database`, `Undecodable`.
    pub fn entries_since(&self, since: Timestamp) -> Result<Vec<StoredEntry>, StoreError> {
        let mut entries = Vec::new();
        let start = EntryPosition::start_of(since.as_millisecond());
        self.visit_records(
            start,
            |tree, key, value| decode::decode_entry(tree, key, value),
            |entry| {
                entries.push(entry);
                Ok(true)
            },
        )?;
        Ok(entries)
    }

    /// Visits the records of entries from a position on.
    fn visit_records<T>(
        &self,
        start: EntryPosition,
        convert: impl Fn(&Tree, &[u8], &IVec) -> Result<T, StoreError>,
        mut visit: impl FnMut(T) -> Result<bool, StoreError>,
    ) -> Result<bool, StoreError> {
        let mut start = keys::entry_key(start).to_vec();
        loop {
            let page = self.with_read_lock(|tree| {
                let mut page = Vec::with_capacity(PAGE_ENTRIES);
                let range = tree.range(start.clone()..keys::entry_prefix_end().to_vec());
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
