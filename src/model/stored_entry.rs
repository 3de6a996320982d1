//! What is known about entries, what was decided and what is stored: `SeenEntry` → `EntryStatus` →
//! `StoredEntry`.

use jiff::Timestamp;
use rafid_feed::model::Entry;

use crate::model::{EntryId, SourceId};

/// A 64-bit name of an entry within its source: the hash of one identity key or of one weaker name.
pub type Fingerprint = u64;

/// What the store keeps about an entry even after the entry itself is pruned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeenEntry {
    /// Its id.
    pub id: EntryId,
    /// When it is listed: its position in every output.
    pub listed_at: Timestamp,
    /// Hash of its published content, to detect changes.
    pub content_hash: u64,
}

/// What is to be remembered of one entry of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedEntry {
    /// Its id, listing time and hash. An entry that is neither known yet nor among the new ones is remembered
    /// without being stored: it never appears as new.
    pub entry: SeenEntry,
    /// The fingerprints that it appeared with; the store keeps the first twelve.
    pub fingerprints: Vec<Fingerprint>,
}

/// What was decided about one entry of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryStatus {
    /// Never seen: it will be listed.
    New,
    /// Seen before, and its content has changed: it will be updated in place.
    Changed(SeenEntry),
    /// Seen before, and nothing has changed.
    Same(SeenEntry),
    /// A second copy of the entry with this index in the same document.
    Repeated(usize),
}

/// An entry as it is stored and published: the publisher's content and our own times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEntry {
    /// Its permanent id.
    pub id: EntryId,
    /// The source that it came from.
    pub source: SourceId,
    /// Its content.
    pub entry: Entry,
    /// When it was first seen.
    pub first_seen_at: Timestamp,
    /// When it is listed: the publisher's date, but never later than `first_seen_at`. Never changes.
    pub listed_at: Timestamp,
    /// When its published content last changed: the publisher's `updated_at` if it is plausible,
    /// else the time of the poll that brought the change; equal to `listed_at` until then.
    pub changed_at: Timestamp,
    /// How often it changed since it was first seen.
    pub revision: u32,
    /// The fingerprints that identify it.
    pub fingerprints: Vec<Fingerprint>,
    /// Hash of its published content.
    pub content_hash: u64,
}
