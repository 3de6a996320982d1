//! The chunks of one source ↔ the entries that were seen in it, and how a document changes them.
//!
//! The rules follow from what is remembered, not from the value of a document:
//! - an entry that is remembered keeps its position, whatever position it gets later;
//! - a fingerprint identifies one entry: the one that appeared under it last (within one document, the first
//!   that claims it);
//! - an entry that is remembered but not stored is stored again only through `mark_kept`;
//! - an entry is listed as long as the last whole document held it, or a partial one since;
//! - entries are remembered in the order of arrival, so that the oldest come first and a document without
//!   news changes no chunk.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sled::Tree;

use super::batch::WriteBatch;
use super::keys::{self, EntryPosition};
use super::records::envelope::{Compression, Envelope, encode_record};
use super::records::seen_chunk::{self, ChunkHeader, SeenEntryRecord};
use super::store_error::{StoreError, read_error};
use crate::model::{EntryId, Fingerprint, SourceId};

/// With all its fingerprints an entry takes at most 132 bytes (16 of id, 8 of hash, at most 10 of time, 2 of
/// flags and length, 96 of fingerprints), so that a full chunk stays below 6 KB. Typical is half of that.
const ENTRIES_PER_CHUNK: usize = 44;
/// The maximum number of fingerprints of one entry: a feed that renames everything at every poll must not
/// grow forever.
const FINGERPRINTS_PER_ENTRY: usize = 12;

/// The entries that were seen in one source.
#[derive(Debug, Default)]
pub(super) struct SeenEntries {
    chunks: Vec<SeenChunk>,
    /// The chunk of each entry and its index there.
    places: HashMap<EntryId, (usize, usize)>,
}

#[derive(Debug)]
struct SeenChunk {
    number: u32,
    records: Vec<SeenEntryRecord>,
    changed: bool,
}

impl SeenEntries {
    /// Reads all seen entries of `source` from the tree.
    pub(super) fn load(tree: &Tree, source: &SourceId) -> Result<Self, StoreError> {
        let mut seen = Self::default();
        for item in tree.scan_prefix(keys::source_chunk_prefix(source.as_str())) {
            let (key, value) = item.map_err(read_error)?;
            let number = keys::chunk_number(&key).unwrap_or(0);
            seen.chunks.push(SeenChunk {
                number,
                records: decode_chunk(&key, &value)?,
                changed: false,
            });
        }
        seen.places =
            (0..).zip(&seen.chunks).flat_map(|(at, chunk)| chunk.record_places(at)).collect();
        Ok(seen)
    }

    /// The seen entries in the order of arrival.
    pub(super) fn records(&self) -> impl Iterator<Item = &SeenEntryRecord> {
        self.chunks.iter().flat_map(|chunk| &chunk.records)
    }

    /// Whether an entry is remembered, stored or not.
    pub(super) fn contains(&self, id: EntryId) -> bool {
        self.places.contains_key(&id)
    }

    /// The position of a stored entry; `None`: it is not stored.
    pub(super) fn position_if_kept(&self, id: EntryId) -> Option<EntryPosition> {
        let (chunk, index) = self.places.get(&id)?;
        let record = self.chunks.get(*chunk)?.records.get(*index)?;
        record.kept.then_some(record.position)
    }

    /// Records the entries of one document, given in its order. Position and `kept` of entries that are
    /// already remembered stay as they are; the current fingerprints of an entry come first, earlier ones
    /// after them.
    pub(super) fn record_document(&mut self, mut document: Vec<SeenEntryRecord>) {
        let mut owners = BTreeMap::new();
        for record in &mut document {
            let id = record.position.id;
            record.fingerprints.truncate(FINGERPRINTS_PER_ENTRY);
            record
                .fingerprints
                .retain(|fingerprint| *owners.entry(*fingerprint).or_insert(id) == id);
        }
        let mut has_new_fingerprint = false;
        // Feeds list the newest entries first; here they come last.
        for record in document.into_iter().rev() {
            has_new_fingerprint |= self.record_one(record);
        }
        if has_new_fingerprint {
            self.reassign_fingerprints(&owners);
        }
    }

    /// Returns whether the entry has a fingerprint that it did not have before.
    fn record_one(&mut self, seen: SeenEntryRecord) -> bool {
        let known = self.places.get(&seen.position.id).and_then(|(chunk, index)| {
            let chunk = self.chunks.get_mut(*chunk)?;
            Some((chunk.records.get_mut(*index)?, &mut chunk.changed))
        });
        let Some((record, changed)) = known else {
            let has_names = !seen.fingerprints.is_empty();
            self.append(seen);
            return has_names;
        };
        if !record.listed {
            record.listed = true;
            *changed = true;
        }
        if record.content_hash != seen.content_hash {
            record.content_hash = seen.content_hash;
            *changed = true;
        }
        let has_new_fingerprint =
            seen.fingerprints.iter().any(|fingerprint| !record.fingerprints.contains(fingerprint));
        if has_new_fingerprint {
            let earlier = std::mem::replace(&mut record.fingerprints, seen.fingerprints);
            for fingerprint in earlier {
                if !record.fingerprints.contains(&fingerprint) {
                    record.fingerprints.push(fingerprint);
                }
            }
            record.fingerprints.truncate(FINGERPRINTS_PER_ENTRY);
            *changed = true;
        }
        has_new_fingerprint
    }

    fn append(&mut self, record: SeenEntryRecord) {
        if self.chunks.last().is_none_or(|chunk| chunk.records.len() >= ENTRIES_PER_CHUNK) {
            let number = self.chunks.last().map_or(0, |chunk| chunk.number.saturating_add(1));
            self.chunks.push(SeenChunk { number, records: Vec::new(), changed: true });
        }
        let at = self.chunks.len() - 1;
        if let Some(chunk) = self.chunks.last_mut() {
            self.places.insert(record.position.id, (at, chunk.records.len()));
            chunk.records.push(record);
            chunk.changed = true;
        }
    }

    /// Removes fingerprints from all entries except their owners.
    fn reassign_fingerprints(&mut self, owners: &BTreeMap<Fingerprint, EntryId>) {
        for chunk in &mut self.chunks {
            for record in &mut chunk.records {
                let id = record.position.id;
                let before = record.fingerprints.len();
                record
                    .fingerprints
                    .retain(|fingerprint| owners.get(fingerprint).is_none_or(|owner| *owner == id));
                chunk.changed |= record.fingerprints.len() != before;
            }
        }
    }

    /// Marks the oldest entries beyond the `at_most` newest as not stored; returns their positions.
    pub(super) fn drop_beyond_newest(&mut self, at_most: usize) -> Vec<EntryPosition> {
        let mut kept: Vec<EntryPosition> =
            self.records().filter(|record| record.kept).map(|record| record.position).collect();
        let excess = kept.len().saturating_sub(at_most);
        if excess == 0 {
            return Vec::new();
        }
        kept.sort_unstable();
        kept.truncate(excess);
        self.mark_dropped(&kept);
        kept
    }

    /// Marks an entry that is only remembered as stored again, at the given position.
    pub(super) fn mark_kept(&mut self, position: EntryPosition) {
        self.update_record(position.id, |record| {
            if !record.kept {
                (record.kept, record.position) = (true, position);
            }
        });
    }

    /// Moves a remembered entry to another position.
    pub(super) fn move_entry(&mut self, position: EntryPosition) {
        self.update_record(position.id, |record| record.position = position);
    }

    fn update_record(&mut self, id: EntryId, change: impl FnOnce(&mut SeenEntryRecord)) {
        let Some((chunk, index)) = self.places.get(&id) else { return };
        let Some(chunk) = self.chunks.get_mut(*chunk) else { return };
        if let Some(record) = chunk.records.get_mut(*index) {
            change(record);
            chunk.changed = true;
        }
    }

    /// Records that a whole document held these entries and no others.
    pub(super) fn set_listed(&mut self, ids: &BTreeSet<EntryId>) {
        for chunk in &mut self.chunks {
            for record in chunk.records.iter_mut().filter(|record| record.listed) {
                if !ids.contains(&record.position.id) {
                    record.listed = false;
                    chunk.changed = true;
                }
            }
        }
    }

    /// Marks these entries as no longer stored.
    pub(super) fn mark_dropped(&mut self, positions: &[EntryPosition]) {
        for position in positions {
            self.update_record(position.id, |record| record.kept = false);
        }
    }

    /// Forgets the oldest entries when there are more than `at_most`, but none that is stored or part of
    /// `document`. This must be the last step before writing.
    pub(super) fn forget(&mut self, at_most: usize, document: &BTreeSet<EntryId>) {
        let count: usize = self.chunks.iter().map(|chunk| chunk.records.len()).sum();
        if count <= at_most {
            return;
        }
        // One chunk more than necessary, so that the oldest chunks are not rewritten every time.
        let mut excess = count - at_most + ENTRIES_PER_CHUNK;
        for chunk in &mut self.chunks {
            let before = chunk.records.len();
            chunk.records.retain(|record| {
                let is_kept = excess == 0 || record.kept || document.contains(&record.position.id);
                excess -= usize::from(!is_kept);
                is_kept
            });
            chunk.changed |= chunk.records.len() != before;
        }
    }

    /// Puts the chunks that changed.
    pub(super) fn write_changed_chunks(
        &self,
        source: &SourceId,
        batch: &mut WriteBatch<'_>,
    ) -> Result<(), StoreError> {
        for chunk in self.chunks.iter().filter(|chunk| chunk.changed) {
            let key = keys::chunk_key(source, chunk.number);
            if chunk.records.is_empty() {
                batch.remove(&key)?;
                continue;
            }
            let encoded = seen_chunk::encode(&chunk.records)
                .and_then(|fields| {
                    encode_record(seen_chunk::VERSION, "", &fields, Compression::Never)
                })
                .map_err(|error| StoreError::unencodable(&key, error))?;
            batch.put(&key, encoded)?;
        }
        Ok(())
    }
}

impl SeenChunk {
    fn record_places(&self, at: usize) -> impl Iterator<Item = (EntryId, (usize, usize))> {
        self.records.iter().enumerate().map(move |(i, record)| (record.position.id, (at, i)))
    }
}

/// The entries of one chunk, oldest first.
pub(super) fn decode_chunk(key: &[u8], value: &[u8]) -> Result<Vec<SeenEntryRecord>, StoreError> {
    Envelope::parse(value)
        .and_then(|envelope| seen_chunk::decode(envelope.version, &envelope.fields()?))
        .map_err(|error| StoreError::undecodable(key, error))
}

/// The header of a chunk, without reading its entries.
pub(super) fn decode_chunk_header(key: &[u8], value: &[u8]) -> Result<ChunkHeader, StoreError> {
    Envelope::parse(value)
        .and_then(|envelope| match envelope.uncompressed_fields() {
            Some(fields) => seen_chunk::decode_header(envelope.version, fields),
            None => seen_chunk::decode_header(envelope.version, &envelope.fields()?),
        })
        .map_err(|error| StoreError::undecodable(key, error))
}

#[cfg(test)]
mod tests;
