//! An age and what is spared of it → the entries of one source beyond it, dropped. They stay remembered, so
//! that a feed that lists them again does not bring them as news.

use sled::Tree;

use super::Store;
use super::changes::{Changes, FULL_BATCH};
use super::error::StoreError;
use super::keys::{self, Position};
use super::memory::Memory;
use super::stories;
use crate::feed::model::SourceId;

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
    pub fn prune(&self, source: &SourceId, pruning: &Pruning) -> Result<usize, StoreError> {
        self.writing(|tree| {
            let mut memory = Memory::read(tree, source)?;
            let old = old_entries(&memory, pruning);
            if old.is_empty() {
                return Ok(0);
            }
            self.apply(without(tree, source, &mut memory, &old)?)?;
            Ok(old.len())
        })
    }
}

/// The places of the entries to drop, oldest first.
fn old_entries(memory: &Memory, pruning: &Pruning) -> Vec<Position> {
    let end = Position::start_of(pruning.keep_since.as_millisecond());
    let mut kept: Vec<_> = memory.records().filter(|record| record.kept).collect();
    kept.sort_unstable_by_key(|record| record.position);
    kept.truncate(kept.len().saturating_sub(pruning.spare_newest));
    let old = kept.into_iter().filter(|record| record.position < end);
    let old = old.filter(|record| !(pruning.spare_listed && record.listed));
    old.map(|record| record.position).take(pruning.at_most.min(FULL_BATCH)).collect()
}

fn without<'a>(
    tree: &'a Tree,
    source: &SourceId,
    memory: &mut Memory,
    positions: &[Position],
) -> Result<Changes<'a>, StoreError> {
    let mut changes = Changes::new(tree);
    for position in positions {
        changes.remove(&keys::body(*position))?;
        stories::remove(tree, &mut changes, position.id)?;
    }
    memory.no_longer_kept(positions);
    memory.write(source, &mut changes)?;
    Ok(changes)
}
