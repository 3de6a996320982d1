//! An age and exceptions → the older entries of one source, deleted. They stay remembered, so that they do
//! not count as new when a feed lists them again.

use sled::Tree;

use super::batch::{MAX_BATCH_RECORDS, WriteBatch};
use super::keys::{self, EntryPosition};
use super::label_use::LabelChanges;
use super::log::{Durability, LogRecord};
use super::seen_entries::SeenEntries;
use super::store_error::{StoreError, read_error};
use super::{Store, journal, story_records};
use crate::model::SourceId;

/// Which entries of a source to delete.
#[derive(Debug, Clone, Copy)]
pub struct Pruning {
    /// Only entries that were listed before this.
    pub keep_since: jiff::Timestamp,
    /// The newest stored entries are spared, whatever their age: this many.
    pub spare_newest: usize,
    /// Whether to spare the entries of the source's last whole document.
    pub spare_listed: bool,
    /// At most this many, oldest first (and never more than 500).
    pub at_most: usize,
}

impl Store {
    /// Whether any stored entry was listed before a time: one look at the oldest.
    ///
    /// # Errors
    /// As for reading.
    pub fn has_entry_before(&self, time: jiff::Timestamp) -> Result<bool, StoreError> {
        let end = keys::entry_key(EntryPosition::start_of(time.as_millisecond()));
        self.with_read_lock(|tree| {
            let oldest = tree.range(keys::entry_prefix().to_vec()..end.to_vec()).next();
            Ok(oldest.transpose().map_err(read_error)?.is_some())
        })
    }

    /// Deletes entries of a source; returns how many.
    ///
    /// Not flushed: after a power cut some may be there again, complete, and are deleted again.
    ///
    /// # Errors
    /// As for `commit`.
    pub fn prune_source(&self, source: &SourceId, pruning: &Pruning) -> Result<usize, StoreError> {
        self.write(Durability::Buffered, |tree| {
            let entries = entries_to_prune(&SeenEntries::load(tree, source)?, pruning);
            let count = entries.len();
            let pruned = LogRecord::Pruned { source: source.clone(), entries };
            Ok(((count > 0).then_some(pruned).into_iter().collect(), count))
        })
    }
}

/// The positions of the entries to delete, oldest first.
fn entries_to_prune(seen: &SeenEntries, pruning: &Pruning) -> Vec<EntryPosition> {
    let end = EntryPosition::start_of(pruning.keep_since.as_millisecond());
    let mut kept: Vec<_> = seen.records().filter(|record| record.kept).collect();
    kept.sort_unstable_by_key(|record| record.position);
    kept.truncate(kept.len().saturating_sub(pruning.spare_newest));
    let positions = kept.into_iter().filter(|record| record.position < end);
    let positions = positions.filter(|record| !(pruning.spare_listed && record.listed));
    positions.map(|record| record.position).take(pruning.at_most.min(MAX_BATCH_RECORDS)).collect()
}

/// Deletes entries of a source, which stay remembered.
pub(super) fn batch_without_entries<'a>(
    tree: &'a Tree,
    source: &SourceId,
    positions: &[EntryPosition],
) -> Result<WriteBatch<'a>, StoreError> {
    let mut seen = SeenEntries::load(tree, source)?;
    let labels = LabelChanges::begin(tree, source, &seen)?;
    let mut batch = WriteBatch::new(tree);
    for position in positions {
        batch.remove(&keys::entry_key(*position))?;
        story_records::remove_story_record(tree, &mut batch, position.id)?;
    }
    journal::remove_arrivals(tree, &mut batch, positions.len())?;
    seen.mark_dropped(positions);
    labels.put(&mut batch, (source, &seen), &|_| None)?;
    seen.write_changed_chunks(source, &mut batch)?;
    Ok(batch)
}
