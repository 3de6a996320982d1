//! The records of an entry, as their bytes are → a digest of them. What was computed of an entry and is kept elsewhere
//! holds as long as the digest is the same. An entry is not decoded for it, and a recent one is not even read.

use jiff::Timestamp;
use rafid_feed::hash::Digest;
use sled::{IVec, Tree};

use super::keys::{self, EntryPosition};
use super::records::envelope::Envelope;
use super::records::{RecordError, instant_of};
use super::store_error::{StoreError, read_error};
use super::{Store, decode, packs, recent_digests};
use crate::model::{EntryId, StoredEntry};

/// Entries that are read at a time: a few milliseconds, in which no batch can be applied.
const PAGE_ENTRIES: usize = 128;

/// A digest of the records of an entry: its own and its story record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryDigest {
    record: u64,
    /// 0: the entry has no story record.
    story: u64,
}

impl EntryDigest {
    /// The length of a digest in bytes.
    pub(super) const BYTES: usize = 16;
    /// What an entry has whose records cannot be read.
    pub(super) const UNREADABLE: [u8; Self::BYTES] = [0; Self::BYTES];

    /// The digest of an entry by those of its records.
    pub(super) fn new(record: u64, story: Option<u64>) -> Self {
        Self { record, story: story.unwrap_or(0) }
    }

    /// The digest of the entry at a position, whose own record is `value`.
    ///
    /// # Errors
    /// `Database`, `Undecodable`.
    pub(super) fn of_stored(
        tree: &Tree,
        position: EntryPosition,
        value: &[u8],
    ) -> Result<Self, StoreError> {
        let key = keys::entry_key(position);
        let envelope =
            Envelope::parse(value).map_err(|error| StoreError::undecodable(&key, error))?;
        let record = digest_of_value(value, &decode::join_parts(tree, &key, &envelope)?);
        let story = packs::read_value(tree, &keys::story_record_key(position.id))?;
        Ok(Self::new(record, story.map(|value| Self::of_story(&value))))
    }

    /// The digest of a story record; never 0.
    pub(super) fn of_story(value: &[u8]) -> u64 {
        let mut digest = Digest::new("rafid story record 1\0");
        digest.add(value);
        digest.to_64().max(1)
    }

    /// The digest of the entry's own record.
    pub(super) fn record(self) -> u64 {
        self.record
    }

    /// Whether the entry's own record is the same.
    pub fn is_of_same_record(self, other: Self) -> bool {
        self.record == other.record
    }

    /// Whether this is the value of the story record.
    pub(super) fn has_story(self, value: &[u8]) -> bool {
        self.story == Self::of_story(value)
    }

    /// The digest as bytes.
    pub(super) fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        bytes[..8].copy_from_slice(&self.record.to_be_bytes());
        bytes[8..].copy_from_slice(&self.story.to_be_bytes());
        bytes
    }

    /// The digest of these bytes; `None`: they are none.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (record, story) = <&[u8; Self::BYTES]>::try_from(bytes).ok()?.split_first_chunk()?;
        let story = u64::from_be_bytes(story.try_into().ok()?);
        Some(Self { record: u64::from_be_bytes(*record), story })
    }
}

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

/// The digest of a value with its joined parts.
pub(super) fn digest_of_value(value: &[u8], parts: &[u8]) -> u64 {
    let mut digest = Digest::new("rafid entry record 1\0");
    digest.add_with_length(value);
    digest.add(parts);
    digest.to_64()
}
