//! The records of the log after a position → applied to a database, as many as can be read.

use std::path::Path;

use sled::Tree;

use super::batch::WriteBatch;
use super::log::LogRecords;
use super::store_error::StoreError;
use super::write::{PendingBatch, applied_position};

/// Progress is reported whenever this many records more are applied: some tenths of a second.
const RECORDS_PER_PROGRESS: u64 = 200;
/// A line of the log is written whenever this many records more are applied.
const RECORDS_PER_LINE: u64 = 2_000;

/// What was applied from a log.
pub(super) struct Replayed {
    /// The position of the last record.
    pub(super) last: u64,
    /// The number of records that were applied.
    pub(super) applied: u64,
    /// The number of positions without a readable record.
    pub(super) missing: u64,
}

/// Applies the records after a position. `on_progress` receives the position of the last one from time to time.
///
/// # Errors
/// As for reading the log and writing the database.
pub(super) fn replay_records(
    tree: &Tree,
    records: LogRecords,
    (after, on_progress): (u64, &dyn Fn(u64)),
) -> Result<Replayed, StoreError> {
    let sink = |batch: WriteBatch<'_>| batch.apply();
    let mut pending = PendingBatch::new(tree, Some(after));
    let mut replayed = Replayed { last: after, applied: 0, missing: 0 };
    for item in records {
        let (position, record) = match item {
            Ok(item) => item,
            Err(error @ StoreError::Undecodable { .. }) => {
                tracing::error!(%error, "a record is left out");
                continue;
            }
            Err(error) => return Err(error),
        };
        replayed.missing += position.saturating_sub(replayed.last + 1);
        pending.move_to(position.saturating_sub(1));
        match pending.add(&record, &sink) {
            Err(error @ StoreError::Unencodable { .. }) => {
                tracing::error!(%error, position, "a record is left out");
            }
            done => done?,
        }
        replayed.last = position;
        replayed.applied += 1;
        if replayed.applied.is_multiple_of(RECORDS_PER_PROGRESS) {
            on_progress(position);
        }
        if replayed.applied.is_multiple_of(RECORDS_PER_LINE) {
            tracing::info!(records = replayed.applied, "the commit log is being applied");
        }
    }
    pending.finish(&sink)?;
    Ok(replayed)
}

/// Applies what the log in `folder` holds after a database that is a copy.
///
/// # Errors
/// As for reading the log and writing the copy.
pub(super) fn catch_up_copy(tree: &Tree, folder: &Path) -> Result<(), StoreError> {
    let Some(applied) = applied_position(tree)? else { return Ok(()) };
    let records = LogRecords::open(folder, applied)?;
    replay_records(tree, records, (applied, &|_| {})).map(drop)
}
