//! The chunks of one source ↔ what is remembered of it, and what changes in that by a reading.
//!
//! Everything here follows from what a memory is, nothing from what a reading is worth:
//! - an entry that is remembered keeps its place, whatever place it is given later;
//! - a name leads to one entry: to the one that appeared under it last (within one reading, to the
//!   first that claims it);
//! - an entry that is remembered but not kept is kept again only where that is asked for by name;
//! - an entry is listed as long as the last whole document held it, or a part since;
//! - entries are remembered in the order that they came in, so that what is oldest stands first and
//!   a reading without news changes no chunk.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sled::Tree;

use super::changes::Changes;
use super::disk::chunk::{self, Head, Record};
use super::disk::envelope::{Envelope, Packing, seal};
use super::error::{StoreError, reading};
use super::keys::{self, Position};
use crate::feed::model::{EntryId, Fingerprint, SourceId};

/// With all its names an entry takes at most 132 bytes (16 of id, 8 of hash, at most 10 of time, 2
/// of flags and length, 96 of names), so that a full chunk stays below 6 KB. Typical is half of that.
const ENTRIES_PER_CHUNK: usize = 44;
/// Names of one entry at most: a feed that renames everything at every poll must not grow for ever.
const NAMES_PER_ENTRY: usize = 12;

/// What is remembered of one source.
#[derive(Debug, Default)]
pub(super) struct Memory {
    chunks: Vec<Chunk>,
    /// Chunk and index in it.
    places: HashMap<EntryId, (usize, usize)>,
}

#[derive(Debug)]
struct Chunk {
    number: u32,
    records: Vec<Record>,
    changed: bool,
}

impl Memory {
    /// Everything that the tree remembers of `source`.
    pub(super) fn read(tree: &Tree, source: &SourceId) -> Result<Self, StoreError> {
        let mut memory = Self::default();
        for item in tree.scan_prefix(keys::chunks_of(source.as_str())) {
            let (key, value) = item.map_err(reading)?;
            let number = keys::chunk_number(&key).unwrap_or(0);
            memory.chunks.push(Chunk { number, records: records(&key, &value)?, changed: false });
        }
        memory.places =
            (0..).zip(&memory.chunks).flat_map(|(at, chunk)| chunk.places(at)).collect();
        Ok(memory)
    }

    /// What is remembered, in the order that it came in.
    pub(super) fn records(&self) -> impl Iterator<Item = &Record> {
        self.chunks.iter().flat_map(|chunk| &chunk.records)
    }

    /// Where an entry stands that is kept; `None`: it is not.
    pub(super) fn kept(&self, id: EntryId) -> Option<Position> {
        let (chunk, index) = self.places.get(&id)?;
        let record = self.chunks.get(*chunk)?.records.get(*index)?;
        record.kept.then_some(record.position)
    }

    /// Takes note of the entries of one reading, given in its order. Of an entry that is remembered
    /// already, place and `kept` stay as they are; its names of now come first, earlier ones after.
    pub(super) fn note(&mut self, mut reading: Vec<Record>) {
        let mut owners = BTreeMap::new();
        for record in &mut reading {
            let id = record.position.id;
            record.fingerprints.truncate(NAMES_PER_ENTRY);
            record.fingerprints.retain(|name| *owners.entry(*name).or_insert(id) == id);
        }
        let mut names_moved = false;
        // Feeds give the newest first; here the newest stand last.
        for record in reading.into_iter().rev() {
            names_moved |= self.note_one(record);
        }
        if names_moved {
            self.names_lead_to(&owners);
        }
    }

    /// Tells whether the entry has a name that it did not have before.
    fn note_one(&mut self, seen: Record) -> bool {
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
        let names_moved = seen.fingerprints.iter().any(|name| !record.fingerprints.contains(name));
        if names_moved {
            let earlier = std::mem::replace(&mut record.fingerprints, seen.fingerprints);
            for name in earlier {
                if !record.fingerprints.contains(&name) {
                    record.fingerprints.push(name);
                }
            }
            record.fingerprints.truncate(NAMES_PER_ENTRY);
            *changed = true;
        }
        names_moved
    }

    fn append(&mut self, record: Record) {
        if self.chunks.last().is_none_or(|chunk| chunk.records.len() >= ENTRIES_PER_CHUNK) {
            let number = self.chunks.last().map_or(0, |chunk| chunk.number.saturating_add(1));
            self.chunks.push(Chunk { number, records: Vec::new(), changed: true });
        }
        let at = self.chunks.len() - 1;
        if let Some(chunk) = self.chunks.last_mut() {
            self.places.insert(record.position.id, (at, chunk.records.len()));
            chunk.records.push(record);
            chunk.changed = true;
        }
    }

    /// Takes names away from all entries but their owners.
    fn names_lead_to(&mut self, owners: &BTreeMap<Fingerprint, EntryId>) {
        for chunk in &mut self.chunks {
            for record in &mut chunk.records {
                let id = record.position.id;
                let before = record.fingerprints.len();
                record.fingerprints.retain(|name| owners.get(name).is_none_or(|own| *own == id));
                chunk.changed |= record.fingerprints.len() != before;
            }
        }
    }

    /// Stops keeping the oldest entries beyond the `at_most` newest; gives where they stood.
    pub(super) fn keep_newest(&mut self, at_most: usize) -> Vec<Position> {
        let mut kept: Vec<Position> =
            self.records().filter(|record| record.kept).map(|record| record.position).collect();
        let excess = kept.len().saturating_sub(at_most);
        if excess == 0 {
            return Vec::new();
        }
        kept.sort_unstable();
        kept.truncate(excess);
        self.no_longer_kept(&kept);
        kept
    }

    /// Keeps an entry again that is only remembered, at the given place.
    pub(super) fn keep_again(&mut self, position: Position) {
        self.change(position.id, |record| {
            if !record.kept {
                (record.kept, record.position) = (true, position);
            }
        });
    }

    /// Moves a remembered entry to another place.
    pub(super) fn replace(&mut self, position: Position) {
        self.change(position.id, |record| record.position = position);
    }

    fn change(&mut self, id: EntryId, change: impl FnOnce(&mut Record)) {
        let Some((chunk, index)) = self.places.get(&id) else { return };
        let Some(chunk) = self.chunks.get_mut(*chunk) else { return };
        if let Some(record) = chunk.records.get_mut(*index) {
            change(record);
            chunk.changed = true;
        }
    }

    /// A whole document held these entries and no others.
    pub(super) fn only_listed(&mut self, ids: &BTreeSet<EntryId>) {
        for chunk in &mut self.chunks {
            for record in chunk.records.iter_mut().filter(|record| record.listed) {
                if !ids.contains(&record.position.id) {
                    record.listed = false;
                    chunk.changed = true;
                }
            }
        }
    }

    /// Takes note that these entries are not kept any more.
    pub(super) fn no_longer_kept(&mut self, positions: &[Position]) {
        for position in positions {
            self.change(position.id, |record| record.kept = false);
        }
    }

    /// Forgets the oldest entries when there are more than `at_most`, but none that is kept or that
    /// stands in `reading`. The last thing to do before writing.
    pub(super) fn forget(&mut self, at_most: usize, reading: &BTreeSet<EntryId>) {
        let count: usize = self.chunks.iter().map(|chunk| chunk.records.len()).sum();
        if count <= at_most {
            return;
        }
        // A chunk's worth more than must be, so that the oldest chunks are not rewritten every time.
        let mut excess = count - at_most + ENTRIES_PER_CHUNK;
        for chunk in &mut self.chunks {
            let before = chunk.records.len();
            chunk.records.retain(|record| {
                let stays = excess == 0 || record.kept || reading.contains(&record.position.id);
                excess -= usize::from(!stays);
                stays
            });
            chunk.changed |= chunk.records.len() != before;
        }
    }

    /// Puts the chunks that changed.
    pub(super) fn write(
        &self,
        source: &SourceId,
        changes: &mut Changes<'_>,
    ) -> Result<(), StoreError> {
        for chunk in self.chunks.iter().filter(|chunk| chunk.changed) {
            let key = keys::chunk(source, chunk.number);
            if chunk.records.is_empty() {
                changes.remove(&key)?;
                continue;
            }
            let sealed = chunk::encode(&chunk.records)
                .and_then(|fields| seal(chunk::VERSION, "", &fields, Packing::Never))
                .map_err(|error| StoreError::unencodable(&key, error))?;
            changes.put(&key, sealed)?;
        }
        Ok(())
    }
}

impl Chunk {
    fn places(&self, at: usize) -> impl Iterator<Item = (EntryId, (usize, usize))> {
        self.records.iter().enumerate().map(move |(i, record)| (record.position.id, (at, i)))
    }
}

/// The entries of one chunk, oldest first.
pub(super) fn records(key: &[u8], value: &[u8]) -> Result<Vec<Record>, StoreError> {
    Envelope::read(value)
        .and_then(|envelope| chunk::decode(envelope.version, &envelope.fields()?))
        .map_err(|error| StoreError::undecodable(key, error))
}

/// What can be known of a chunk without reading its entries.
pub(super) fn head(key: &[u8], value: &[u8]) -> Result<Head, StoreError> {
    Envelope::read(value)
        .and_then(|envelope| match envelope.plain() {
            Some(fields) => chunk::decode_head(envelope.version, fields),
            None => chunk::decode_head(envelope.version, &envelope.fields()?),
        })
        .map_err(|error| StoreError::undecodable(key, error))
}

#[cfg(test)]
mod tests;
