//! A tree that goes on changing → its records as they were at one moment, some at a time.
//!
//! sled has no snapshots to read from. So the writer keeps what a record was (its before-image) when it changes
//! one that the reader has not reached yet, and the reader puts these in the place of what the tree holds by
//! then. A base and a backup hold one moment of the store in this way, and polls are stored meanwhile.
//!
//! The before-images are limited: beyond that the writer waits until the reader has passed some of them.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, RwLock};

use sled::{IVec, Tree};

use super::batch::PackedBatch;
use super::decode::PartSource;
use super::keys;
use super::store_error::{StoreError, read_error};

/// The most that before-images take.
const MAX_IMAGE_BYTES: usize = 32 << 20;
/// The number of records that are read while the writer waits: some 2 ms.
const SLICE_RECORDS: usize = 128;

/// What the writer keeps for the reader of a snapshot.
pub(super) struct BeforeImages {
    /// Held by the one who reads a snapshot.
    turn: Mutex<()>,
    /// `None`: no snapshot is read.
    images: Mutex<Option<Images>>,
    /// Images were dropped.
    dropped: Condvar,
    max_bytes: usize,
}

impl Default for BeforeImages {
    fn default() -> Self {
        Self::with_limit(MAX_IMAGE_BYTES)
    }
}

#[derive(Debug, Default)]
struct Images {
    /// The records before this key were read.
    next: Vec<u8>,
    /// What the changed records were; `None`: they did not exist.
    records: BTreeMap<Vec<u8>, Option<IVec>>,
    /// The same of the parts of long records. They are read with their records, whatever their own keys are.
    parts: BTreeMap<Vec<u8>, Option<IVec>>,
    /// What `records` and `parts` take.
    bytes: usize,
}

impl BeforeImages {
    fn with_limit(max_bytes: usize) -> Self {
        let (turn, images) = (Mutex::new(()), Mutex::new(None));
        Self { turn, images, dropped: Condvar::new(), max_bytes }
    }

    /// Waits until no other snapshot is read. Never called while the writer's lock is held.
    pub(super) fn take_turn(&self) -> SnapshotTurn<'_> {
        SnapshotTurn {
            _turn: self.turn.lock().unwrap_or_else(PoisonError::into_inner),
            images: self,
        }
    }

    /// Waits until there is room for the before-images of a batch. Not called under the lock that readers hold.
    pub(super) fn wait_for_room(&self) {
        let is_full = |images: &mut Option<Images>| {
            images.as_ref().is_some_and(|images| images.bytes >= self.max_bytes)
        };
        drop(self.dropped.wait_while(self.lock(), is_full));
    }

    /// Keeps what the batch is going to change.
    ///
    /// # Errors
    /// `Database` when a record cannot be read.
    pub(super) fn keep(&self, tree: &Tree, batch: &PackedBatch) -> Result<(), StoreError> {
        match self.lock().as_mut() {
            Some(images) => batch.keys().try_for_each(|key| images.keep(tree, key)),
            None => Ok(()),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Images>> {
        self.images.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Images {
    fn keep(&mut self, tree: &Tree, key: &[u8]) -> Result<(), StoreError> {
        let is_part = key.starts_with(&keys::part_prefix());
        if !is_part && key < &self.next[..] {
            return Ok(());
        }
        let kept = if is_part { &mut self.parts } else { &mut self.records };
        if !kept.contains_key(key) {
            let value = tree.get(key).map_err(read_error)?;
            self.bytes += image_bytes(key, value.as_ref());
            kept.insert(key.to_vec(), value);
        }
        Ok(())
    }

    /// The records before this key were read.
    fn pass(&mut self, next: Vec<u8>) {
        let unread = self.records.split_off(&next);
        for (key, value) in std::mem::replace(&mut self.records, unread) {
            self.bytes = self.bytes.saturating_sub(image_bytes(&key, value.as_ref()));
        }
        self.next = next;
    }
}

fn image_bytes(key: &[u8], value: Option<&IVec>) -> usize {
    key.len() + value.map_or(0, |value| value.len())
}

/// The right to read a snapshot.
pub(super) struct SnapshotTurn<'a> {
    _turn: MutexGuard<'a, ()>,
    images: &'a BeforeImages,
}

impl<'a> SnapshotTurn<'a> {
    /// The tree as it is now. Nothing is written during this call: the caller is the only writer, or has its lock.
    /// `gate` is held by the writer while it applies a batch.
    pub(super) fn begin(self, tree: &'a Tree, gate: &'a RwLock<()>) -> TreeSnapshot<'a> {
        *self.images.lock() = Some(Images::default());
        TreeSnapshot { tree, gate, turn: self }
    }
}

/// The records of a tree as they were when it began.
pub(super) struct TreeSnapshot<'a> {
    tree: &'a Tree,
    gate: &'a RwLock<()>,
    turn: SnapshotTurn<'a>,
}

/// Some records of a snapshot.
pub(super) struct SnapshotSlice {
    /// Keys and values, in the order of the keys.
    pub(super) records: BTreeMap<IVec, IVec>,
    /// Where the next slice begins; `None`: the range has no more.
    pub(super) next: Option<Vec<u8>>,
}

impl TreeSnapshot<'_> {
    /// The first records from `from` on and before `end` (`None`: the end of the tree). Slices are read in the
    /// order of the keys: what precedes `from` counts as read.
    ///
    /// # Errors
    /// `Database` when a record cannot be read.
    pub(super) fn read_slice(
        &self,
        from: &[u8],
        end: Option<&[u8]>,
    ) -> Result<SnapshotSlice, StoreError> {
        let _gate = self.gate.read().unwrap_or_else(PoisonError::into_inner);
        let mut images = self.turn.images.lock();
        let mut records = self.records_of_tree(from, end, SLICE_RECORDS)?;
        let is_last = records.len() < SLICE_RECORDS;
        let last = records.last_key_value().filter(|_| !is_last);
        let next = last.map(|(key, _)| [&key[..], &[0]].concat());
        let until = next.as_deref().or(end);
        if let Some(images) = images.as_mut() {
            put_images(&mut records, &images.records, from, until);
            if let Some(until) = until {
                images.pass(until.to_vec());
            }
        }
        drop(images);
        self.turn.images.dropped.notify_all();
        Ok(SnapshotSlice { records, next })
    }

    /// All records with this prefix, which does not count as read.
    ///
    /// # Errors
    /// `Database` when a record cannot be read.
    pub(super) fn records_with_prefix(
        &self,
        prefix: u8,
    ) -> Result<BTreeMap<IVec, IVec>, StoreError> {
        let (from, end) = ([prefix], [prefix + 1]);
        let _gate = self.gate.read().unwrap_or_else(PoisonError::into_inner);
        let mut records = self.records_of_tree(&from, Some(&end), usize::MAX)?;
        if let Some(images) = self.turn.images.lock().as_ref() {
            put_images(&mut records, &images.records, &from, Some(&end));
        }
        Ok(records)
    }

    fn records_of_tree(
        &self,
        from: &[u8],
        end: Option<&[u8]>,
        max_records: usize,
    ) -> Result<BTreeMap<IVec, IVec>, StoreError> {
        let end = end.map_or(Bound::Unbounded, Bound::Excluded);
        let items = self.tree.range::<&[u8], _>((Bound::Included(from), end));
        items.take(max_records).map(|item| item.map_err(read_error)).collect()
    }
}

/// Puts the before-images of a range in the place of what the tree holds.
fn put_images(
    records: &mut BTreeMap<IVec, IVec>,
    images: &BTreeMap<Vec<u8>, Option<IVec>>,
    from: &[u8],
    end: Option<&[u8]>,
) {
    let end = end.map_or(Bound::Unbounded, Bound::Excluded);
    for (key, value) in images.range::<[u8], _>((Bound::Included(from), end)) {
        match value {
            Some(value) => drop(records.insert(IVec::from(&key[..]), value.clone())),
            None => drop(records.remove(&key[..])),
        }
    }
}

impl PartSource for TreeSnapshot<'_> {
    fn read_part(&self, key: &[u8]) -> Result<Option<IVec>, StoreError> {
        let _gate = self.gate.read().unwrap_or_else(PoisonError::into_inner);
        let images = self.turn.images.lock();
        match images.as_ref().and_then(|images| images.parts.get(key)) {
            Some(image) => Ok(image.clone()),
            None => self.tree.get(key).map_err(read_error),
        }
    }
}

impl Drop for TreeSnapshot<'_> {
    fn drop(&mut self) {
        *self.turn.images.lock() = None;
        self.turn.images.dropped.notify_all();
    }
}

#[cfg(test)]
mod tests;
