//! An age → the entries beyond it, dropped a few at a time from a remembered low end. They stay
//! remembered, so that a feed that still holds them does not bring them back.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sled::Tree;

use super::Store;
use super::changes::{Changes, FULL_BATCH};
use super::disk::RecordError;
use super::disk::envelope::Envelope;
use super::error::{StoreError, reading};
use super::keys::{self, Position};
use super::memory::Memory;
use super::stories;
use crate::feed::model::SourceId;

impl Store {
    /// Drops entries that were listed before `keep_since`, oldest first, at most `at_most` (and
    /// never more than 500) of them; gives how many there were. 0: none is left. Whether a source
    /// still gives an entry makes no difference: it stays remembered and never comes back as new.
    ///
    /// Not flushed: after a cut of power some may stand there again, whole, and are dropped again.
    ///
    /// # Errors
    /// As for `commit`.
    pub fn prune(&self, keep_since: Timestamp, at_most: usize) -> Result<usize, StoreError> {
        self.writing(|tree| {
            let end = Position::start_of(keep_since.as_millisecond());
            let old = oldest_before(tree, end, at_most.min(FULL_BATCH))?;
            let count = old.values().map(Vec::len).sum();
            let Some(last) = old.values().flatten().max() else { return Ok(0) };
            let mut changes = Changes::new(tree);
            changes.set(keys::LOW, &keys::body(*last));
            for (source, positions) in &old {
                for position in positions {
                    changes.remove(&keys::body(*position))?;
                    stories::remove(tree, &mut changes, position.id)?;
                }
                let mut memory = Memory::read(tree, source)?;
                memory.no_longer_kept(positions);
                memory.write(source, &mut changes)?;
            }
            self.apply(changes)?;
            Ok(count)
        })
    }
}

/// The oldest entries before `end`, by source.
fn oldest_before(
    tree: &Tree,
    end: Position,
    at_most: usize,
) -> Result<BTreeMap<SourceId, Vec<Position>>, StoreError> {
    let low = tree.get(keys::LOW).map_err(reading)?;
    let start = low.as_deref().unwrap_or(&keys::bodies()).to_vec();
    let end = keys::body(end).to_vec();
    let mut old: BTreeMap<SourceId, Vec<Position>> = BTreeMap::new();
    if start >= end {
        return Ok(old);
    }
    for item in tree.range(start..end).take(at_most) {
        let (key, value) = item.map_err(reading)?;
        let told = |error| StoreError::undecodable(&key, error);
        let label = Envelope::read(&value).map_err(told)?.label;
        let source = SourceId::new(label).map_err(|_| told(RecordError::Field("source")))?;
        let position = keys::position_of(&key).ok_or(told(RecordError::Field("key")))?;
        old.entry(source).or_default().push(position);
    }
    Ok(old)
}
