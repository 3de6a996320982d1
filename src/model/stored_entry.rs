//! What was decided and what is kept: `Known` → `EntryStatus` → `StoredEntry`.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rafid_feed::model::Entry;

use crate::model::{EntryId, SourceId};

/// A 64-bit name under which an entry is remembered within its source (hash of one identity key or
/// of one weaker name).
pub type Fingerprint = u64;

/// What the store remembers of one entry of one source, also after the entry itself was pruned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeenEntry {
    /// Its id.
    pub id: EntryId,
    /// When we first listed it: its place in every output.
    pub listed_at: Timestamp,
    /// Hash of what we published of it, to tell a change.
    pub content_hash: u64,
}

/// What the store remembers of one source: every fingerprint of every entry. Several fingerprints
/// may lead to one entry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SeenIndex {
    /// The entries by fingerprint.
    pub by_fingerprint: BTreeMap<Fingerprint, SeenEntry>,
    /// The places (`listed_at` and id) of those entries that are kept, not only remembered.
    pub kept: BTreeSet<(Timestamp, EntryId)>,
}

/// What was decided about one entry of a reading, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryStatus {
    /// Never seen: to be listed.
    New,
    /// Seen, and what the publisher says has changed: update in place.
    Changed(SeenEntry),
    /// Seen, nothing changed.
    Same(SeenEntry),
    /// A second copy of an entry that stands earlier in the same reading (its index).
    Repeated(usize),
}

/// An entry as it is kept and published: the publisher's words as we believe them, and our own times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEntry {
    /// Its name for ever.
    pub id: EntryId,
    /// The source it came from.
    pub source: SourceId,
    /// What we believe of it.
    pub entry: Entry,
    /// When we first saw it.
    pub first_seen_at: Timestamp,
    /// Its place in time: the publisher's date, but never later than `first_seen_at`. Never moves.
    pub listed_at: Timestamp,
    /// When what we publish of it last changed: the publisher's `updated_at` where it is plausible,
    /// else the time of the poll that brought the change; equals `listed_at` until then.
    pub changed_at: Timestamp,
    /// How often it was changed since it was first seen.
    pub revision: u32,
    /// The fingerprints it is remembered under.
    pub fingerprints: Vec<Fingerprint>,
    /// Hash of what is published of it.
    pub content_hash: u64,
}
