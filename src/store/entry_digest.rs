//! The records of an entry, as their bytes are → a digest of them. What was computed of an entry and is kept elsewhere
//! holds as long as the digest is the same. An entry is not decoded for it, and a recent one is not even read.

use rafid_feed::hash::hash_source;
use sled::Tree;

use super::keys::{self, EntryPosition};
use super::records::envelope::Envelope;
use super::store_error::StoreError;
use super::{decode, packs};

/// Any numbers: equal bytes of both kinds have different digests.
const RECORD_SEED: u64 = 1;
const STORY_SEED: u64 = 2;

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
    pub(super) const UNREADABLE: Self = Self { record: 0, story: 0 };

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
        let record = digest_of_stored_record(tree, &keys::entry_key(position), value)?;
        let story = packs::read_value(tree, &keys::story_record_key(position.id))?;
        Ok(Self::new(record, story.map(|value| Self::of_story(&value))))
    }

    /// The digest of a story record; never 0.
    pub(super) fn of_story(value: &[u8]) -> u64 {
        hash_source(STORY_SEED, value).max(1)
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

    /// The digest of these bytes; `None`: their number is another.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (record, story) = <&[u8; Self::BYTES]>::try_from(bytes).ok()?.split_first_chunk()?;
        let story = u64::from_be_bytes(story.try_into().ok()?);
        Some(Self { record: u64::from_be_bytes(*record), story })
    }
}

/// The digest of the record at `key` whose value is `value`.
///
/// # Errors
/// `Database`, `Undecodable`.
pub(super) fn digest_of_stored_record(
    tree: &Tree,
    key: &[u8],
    value: &[u8],
) -> Result<u64, StoreError> {
    let envelope = Envelope::parse(value).map_err(|error| StoreError::undecodable(key, error))?;
    Ok(digest_of_value(value, &decode::join_parts(tree, key, &envelope)?))
}

/// The digest of a value with its joined parts.
pub(super) fn digest_of_value(value: &[u8], parts: &[u8]) -> u64 {
    let digest = hash_source(RECORD_SEED, value);
    if parts.is_empty() { digest } else { hash_source(digest, parts) }
}
