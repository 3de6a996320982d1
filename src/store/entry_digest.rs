//! The record of an entry, as its bytes are → a digest of it. What was computed of an entry and is kept elsewhere
//! holds as long as the digest is the same. An entry is not decoded for it.

use jiff::Timestamp;
use rafid_feed::hash::Digest;
use sled::{IVec, Tree};

use super::keys::{self, EntryPosition};
use super::records::envelope::Envelope;
use super::records::{RecordError, instant_of};
use super::store_error::{StoreError, read_error};
use super::{Store, decode};
use crate::model::{EntryId, StoredEntry};

/// Entries that are read at a time: a few milliseconds, in which no batch can be applied.
const PAGE_ENTRIES: usize = 128;

/// A digest of the record of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryDigest(u64);

impl EntryDigest {
    /// The digest as a number.
    pub(super) fn to_number(self) -> u64 {
        self.0
    }

    /// The digest with a number.
    pub(super) fn from_number(number: u64) -> Self {
        Self(number)
    }
}

impl Store {
    /// The digest of an entry's record; `None`: it is not stored.
    ///
    /// # Errors
    /// `Database`, `Undecodable`.
    pub fn entry_digest(
        &self,
        id: EntryId,
        listed_at: Timestamp,
    ) -> Result<Option<EntryDigest>, StoreError> {
        let key = keys::entry_key(EntryPosition { listed_ms: listed_at.as_millisecond(), id });
        self.with_read_lock(|tree| {
            let Some(value) = tree.get(key).map_err(read_error)? else { return Ok(None) };
            digest_of_record(tree, &key, &value).map(Some)
        })
    }

    /// An entry with the digest of its record; `None`: it is not stored.
    ///
    /// # Errors
    /// `Database`, `Undecodable`.
    pub fn entry_with_digest(
        &self,
        id: EntryId,
        listed_at: Timestamp,
    ) -> Result<Option<(StoredEntry, EntryDigest)>, StoreError> {
        let key = keys::entry_key(EntryPosition { listed_ms: listed_at.as_millisecond(), id });
        self.with_read_lock(|tree| {
            let Some(value) = tree.get(key).map_err(read_error)? else { return Ok(None) };
            let digest = digest_of_record(tree, &key, &value)?;
            Ok(Some((decode::decode_entry(tree, &key, &value)?, digest)))
        })
    }

    /// Calls `visit` for the stored entries that were listed at `since` or later, in that order, until it returns
    /// `false`; returns whether it never did. Batches can be applied between any few of them.
    ///
    /// # Errors
    /// `Database`, `Undecodable`.
    pub fn visit_digests_since(
        &self,
        since: Timestamp,
        mut visit: impl FnMut(EntryId, Timestamp, EntryDigest) -> Result<bool, StoreError>,
    ) -> Result<bool, StoreError> {
        self.visit_records_since(since, digest_of_listed, |(id, listed_at, digest)| {
            visit(id, listed_at, digest)
        })
    }

    /// The stored entries that were listed at `since` or later.
    ///
    /// # Errors
    /// `Database`, `Undecodable`.
    pub fn entries_since(&self, since: Timestamp) -> Result<Vec<StoredEntry>, StoreError> {
        let mut entries = Vec::new();
        self.visit_records_since(
            since,
            |tree, key, value| decode::decode_entry(tree, key, value),
            |entry| {
                entries.push(entry);
                Ok(true)
            },
        )?;
        Ok(entries)
    }

    fn visit_records_since<T>(
        &self,
        since: Timestamp,
        convert: impl Fn(&Tree, &[u8], &IVec) -> Result<T, StoreError>,
        mut visit: impl FnMut(T) -> Result<bool, StoreError>,
    ) -> Result<bool, StoreError> {
        let mut start = keys::entry_key(EntryPosition::start_of(since.as_millisecond())).to_vec();
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

fn digest_of_listed(
    tree: &Tree,
    key: &[u8],
    value: &IVec,
) -> Result<(EntryId, Timestamp, EntryDigest), StoreError> {
    let to_error = |error| StoreError::undecodable(key, error);
    let position = keys::position_of_key(key).ok_or_else(|| to_error(RecordError::Field("key")))?;
    let listed_at = instant_of(position.listed_ms, "listed_at").map_err(to_error)?;
    Ok((position.id, listed_at, digest_of_record(tree, key, value)?))
}

/// The digest of a record with its parts.
fn digest_of_record(tree: &Tree, key: &[u8], value: &[u8]) -> Result<EntryDigest, StoreError> {
    let envelope = Envelope::parse(value).map_err(|error| StoreError::undecodable(key, error))?;
    let mut digest = Digest::new("rafid entry record 1\0");
    digest.add_with_length(value);
    if envelope.parts > 0 {
        digest.add(decode::join_parts(tree, key, &envelope)?);
    }
    Ok(EntryDigest(digest.to_64()))
}
