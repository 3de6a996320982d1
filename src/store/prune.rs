//! An age and what is spared of it → the entries of one source beyond it, dropped. They stay remembered, so
//! that a feed that lists them again does not bring them as news.

use sled::Tree;

use super::batch::{MAX_BATCH_RECORDS, WriteBatch};
use super::keys::{self, EntryPosition};
use super::seen_entries::SeenEntries;
use super::store_error::StoreError;
use super::{Store, story_records};
use crate::model::SourceId;

/// What is dropped of one source.
#[derive(Debug, Clone, Copy)]
pub struct Pruning {
    /// Only entries that were listed before this.
    pub keep_since: jiff::Timestamp,
    /// The newest kept entries that are spared, whatever their age.
    pub spare_newest: usize,
    /// Whether the entries are spared that the source's last whole document held.
    pub spare_listed: bool,
    /// This many at most, the oldest first (and never more than 500).
    pub at_most: usize,
}

impl Store {
    /// Drops entries of a source; gives how many there were.
    ///
    /// Not flushed: after a cut of power some may stand there again, whole, and are dropped again.
    ///
    /// # Errors
    /// As for `commit`.
    pub fn prune_source(&self, source: &SourceId, pruning: &Pruning) -> Result<usize, StoreError> {
        self.with_write_lock(|tree| {
            let mut memory = SeenEntries::load(tree, source)?;
            let old = entries_to_prune(&memory, pruning);
            if old.is_empty() {
                return Ok(0);
            }
            self.apply_batch(batch_without_entries(tree, source, &mut memory, &old)?)?;
            Ok(old.len())
        })
    }
}

/// The places of the entries to drop, oldest first.
fn entries_to_prune(memory: &SeenEntries, pruning: &Pruning) -> Vec<EntryPosition> {
    let end = EntryPosition::start_of(pruning.keep_since.as_millisecond());
    let mut kept: Vec<_> = memory.records().filter(|record| record.kept).collect();
    kept.sort_unstable_by_key(|record| record.position);
    kept.truncate(kept.len().saturating_sub(pruning.spare_newest));
    let old = kept.into_iter().filter(|record| record.position < end);
    let old = old.filter(|record| !(pruning.spare_listed && record.listed));
    old.map(|record| record.position).take(pruning.at_most.min(MAX_BATCH_RECORDS)).collect()
}

fn batch_without_entries<'a>(
    tree: &'a Tree,
    source: &SourceId,
    memory: &mut SeenEntries,
    positions: &[EntryPosition],
) -> Result<WriteBatch<'a>, StoreError> {
    let mut changes = WriteBatch::new(tree);
    for position in positions {
        changes.remove(&keys::entry_key(*position))?;
        story_records::remove_story_record(tree, &mut changes, position.id)?;
    }
    memory.mark_dropped(positions);
    memory.write_changed_chunks(source, &mut changes)?;
    Ok(changes)
}
