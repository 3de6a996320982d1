//! Decided changes → records in the commit log, then in the database.
//!
//! Every write takes this way: what changes becomes a value, the value is appended to the log, and only what
//! the log holds is applied to the database. The log decides what is durable: one write and one sync for a
//! group. The database then needs no sync of its own, because everything that it has not written yet is
//! applied again at the next opening, from the position that it holds itself.
//!
//! Without a log (`recovery = "off"`) the database is synced instead.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use sled::Tree;

use super::batch::WriteBatch;
use super::change_counter::ChangesOfBatch;
use super::journal::ArrivalNumbers;
use super::log::{CommitLog, Durability, LogRecord, LogState, LoggedCommit};
use super::store_error::{StoreError, panic_as_sled_error, read_error, write_error};
use super::{Store, apply, archive_pages, commit, keys};
use crate::model::{ScopeKey, SourceId};

/// The database writes its own files twice a second, in a thread that ends silently when that fails (sled
/// 0.34). So it is flushed this often by the writer, which notices.
const FLUSH_INTERVAL: Duration = Duration::from_secs(5);

/// What the only writer remembers between two writes.
pub(super) struct WriterState {
    /// The first failure, after which no more writes are accepted.
    failed: Option<String>,
    /// The commit log; `None`: the store has none.
    log: Option<CommitLog>,
    /// The position of the last record that is applied.
    applied: u64,
    /// Whether the log and the bases alone do not give the database.
    needs_base: bool,
    flushed_at: Instant,
}

impl WriterState {
    /// The state after opening, when everything in the log is applied.
    pub(super) fn new(log: Option<CommitLog>, applied: u64, needs_base: bool) -> Self {
        Self { failed: None, log, applied, needs_base, flushed_at: Instant::now() }
    }

    /// Refuses all writes, as after a failed one, or accepts them again.
    #[cfg(test)]
    pub(super) fn refuse_writes(&mut self, is_refusing: bool) {
        self.failed = is_refusing.then(|| "a test".to_owned());
    }

    /// Whether a write failed, so that memory and disk may differ.
    pub(super) fn has_failed(&self) -> bool {
        self.failed.is_some()
    }

    /// The commit log and the position of the last record that is applied; `None`: the store has no log.
    pub(super) fn log(&mut self) -> Option<(&mut CommitLog, u64)> {
        self.log.as_mut().map(|log| (log, self.applied))
    }

    /// Syncs the log, and says how its files are left; `None`: the store has no log, or it is not known to be intact.
    pub(super) fn close_log(&mut self) -> Option<LogState> {
        self.log.as_mut()?.close().unwrap_or_else(|error| {
            tracing::debug!(%error, "the commit log could not be closed, and is read whole at the next opening");
            None
        })
    }

    /// Whether the log and the bases alone do not give the database.
    pub(super) fn needs_base(&self) -> bool {
        self.needs_base
    }

    /// A base was created.
    pub(super) fn set_based(&mut self) {
        self.needs_base = false;
    }
}

impl Store {
    /// Decides what changes, appends it to the log and applies it. Nothing else writes records.
    ///
    /// # Errors
    /// Those of `decide`. `DiskFull`, `Vanished`: nothing is decided, and the same write can be tried again when there is
    /// room, or the store is back. `Files`: the log cannot be written; nothing was changed, and the same write can be
    /// tried again. `Unencodable`: a record is too long; nothing was changed. `Database`, `Undecodable`: the
    /// database failed while records were applied. With a log they are applied at the next opening.
    pub(super) fn write<T>(
        &self,
        durability: Durability,
        decide: impl FnOnce(&Tree) -> Result<(Vec<LogRecord>, T), StoreError>,
    ) -> Result<T, StoreError> {
        self.write_records(durability, decide).map(|(_, outcome)| outcome)
    }

    /// The same; returns the records, too.
    ///
    /// # Errors
    /// As for `write`.
    pub(super) fn write_records<T>(
        &self,
        durability: Durability,
        decide: impl FnOnce(&Tree) -> Result<(Vec<LogRecord>, T), StoreError>,
    ) -> Result<(Vec<LogRecord>, T), StoreError> {
        self.check_writable()?;
        self.with_write_lock(|tree, state| {
            let (records, outcome) = decide(tree)?;
            if records.is_empty() {
                return Ok((records, outcome));
            }
            let before = state.applied;
            if let Some(log) = &mut state.log {
                state.applied = log.append(&records, durability)?;
                if durability == Durability::Synced {
                    self.0.log_syncs.fetch_add(1, Ordering::Relaxed);
                }
            }
            let has_log = state.log.is_some();
            let positions = has_log.then_some(before);
            if let Err(error) = self.apply_records(tree, &records, positions) {
                if has_log {
                    // What the log holds and the database does not is applied at the next opening only.
                    state.failed = Some(error.to_string());
                }
                return Err(error);
            }
            if has_log {
                self.flush_sometimes(state)?;
            } else if durability == Durability::Synced {
                self.sync()?;
            }
            Ok((records, outcome))
        })
    }

    /// Applies records that follow `after` in the log; `None`: they are in no log. Of the polls before a
    /// failing one everything is applied, of the failing one nothing.
    pub(super) fn apply_records(
        &self,
        tree: &Tree,
        records: &[LogRecord],
        after: Option<u64>,
    ) -> Result<(), StoreError> {
        let mut pending = PendingBatch::new(tree, after);
        let mut outcome = Ok(());
        for record in records {
            outcome = pending.add(record, &|batch| self.apply_batch(batch));
            if outcome.is_err() {
                break;
            }
        }
        pending.finish(&|batch| self.apply_batch(batch))?;
        outcome
    }

    fn flush_sometimes(&self, state: &mut WriterState) -> Result<(), StoreError> {
        if state.flushed_at.elapsed() < FLUSH_INTERVAL {
            return Ok(());
        }
        state.flushed_at = Instant::now();
        self.sync()
    }

    /// Runs `work` as the only writer. After a failure or panic of the database no more writes are accepted,
    /// because memory and disk may then differ.
    pub(super) fn with_write_lock<T>(
        &self,
        work: impl FnOnce(&Tree, &mut WriterState) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut state = self.0.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(first) = &state.failed {
            return Err(StoreError::Poisoned { first: first.clone() });
        }
        let done = catch_unwind(AssertUnwindSafe(|| work(&self.0.tree, &mut state)))
            .unwrap_or_else(|panic| Err(write_error(panic_as_sled_error(&*panic))));
        if let Err(StoreError::Database { source, .. }) = &done {
            state.failed = Some(source.to_string());
        }
        done.inspect_err(|error| self.mark_suspect(error))
    }

    fn apply_batch(&self, batch: WriteBatch<'_>) -> Result<(), StoreError> {
        self.0.before_images.wait_for_room();
        let changes = ChangesOfBatch::of_batch(&batch);
        // This thread is the only writer.
        let batch = batch.pack()?;
        let _gate = self.0.gate.write().unwrap_or_else(PoisonError::into_inner);
        self.0.before_images.keep(&self.0.tree, &batch)?;
        let outcome = self.0.tree.apply_batch(batch.into_sled_batch()).map_err(write_error);
        // After a failure no one knows how much was applied.
        self.0.changes.record(changes);
        outcome
    }

    /// Makes the database itself durable.
    pub(super) fn sync(&self) -> Result<(), StoreError> {
        self.0.db.flush().map(drop).map_err(write_error)
    }
}

/// Where a batch goes.
type BatchSink<'s> = &'s dyn Fn(WriteBatch<'_>) -> Result<(), StoreError>;

/// Records that are applied together. sled writes and syncs twice for each batch, so several polls, and the archive
/// pages of several outputs, share one where possible.
pub(super) struct PendingBatch<'a> {
    tree: &'a Tree,
    batch: WriteBatch<'a>,
    /// The sources of the polls in the batch.
    sources: BTreeSet<SourceId>,
    /// The outputs of the archive pages in the batch.
    outputs: BTreeSet<ScopeKey>,
    /// The numbers of the next arrivals, once one of the records may have some.
    numbers: Option<ArrivalNumbers>,
    /// The position of the last record that was added; `None`: the records are in no log.
    position: Option<u64>,
}

impl<'a> PendingBatch<'a> {
    /// An empty batch for the records that follow `after` in the log.
    pub(super) fn new(tree: &'a Tree, after: Option<u64>) -> Self {
        let (batch, sources, outputs) = (WriteBatch::new(tree), BTreeSet::new(), BTreeSet::new());
        Self { tree, batch, sources, outputs, numbers: None, position: after }
    }

    /// What was added last has this position: the next record does not follow the one before it.
    pub(super) fn move_to(&mut self, position: u64) {
        self.position = self.position.map(|_| position);
    }

    /// Adds the next record.
    pub(super) fn add(
        &mut self,
        record: &LogRecord,
        sink: BatchSink<'_>,
    ) -> Result<(), StoreError> {
        match record {
            LogRecord::Commit(logged) => self.add_commit(logged, sink)?,
            LogRecord::ArchivePages { scope, pages } => {
                // Which of them are there already depends on what was closed of the output before.
                if self.batch.is_full() || self.outputs.contains(scope) {
                    self.apply(sink)?;
                }
                let batch = archive_pages::batch_of_pages(self.tree, *scope, pages)?;
                self.outputs.insert(*scope);
                self.batch.extend(batch);
            }
            _ => {
                // What follows may depend on the records before it.
                self.apply(sink)?;
                let position = self.position.map(|position| position + 1);
                apply::apply_record(self.tree, record, &mut |mut batch, is_last| {
                    if is_last {
                        put_position(&mut batch, position);
                    }
                    sink(batch)
                })?;
            }
        }
        self.position = self.position.map(|position| position + 1);
        Ok(())
    }

    fn add_commit(&mut self, logged: &LoggedCommit, sink: BatchSink<'_>) -> Result<(), StoreError> {
        // The batch of a poll depends on the records that the source's previous poll wrote to the tree.
        let source = &logged.commit.source;
        if self.batch.is_full() || self.sources.contains(source) {
            self.apply(sink)?;
        }
        let numbers = match &mut self.numbers {
            Some(numbers) => numbers,
            None => self.numbers.insert(ArrivalNumbers::load(self.tree)?),
        };
        let batch = commit::batch_of_commit(self.tree, logged, numbers)?;
        self.sources.insert(source.clone());
        self.batch.extend(batch);
        Ok(())
    }

    /// Applies what is left, and records up to which position everything is applied.
    pub(super) fn finish(mut self, sink: BatchSink<'_>) -> Result<(), StoreError> {
        self.apply(sink)
    }

    fn apply(&mut self, sink: BatchSink<'_>) -> Result<(), StoreError> {
        let mut batch = std::mem::replace(&mut self.batch, WriteBatch::new(self.tree));
        self.sources.clear();
        self.outputs.clear();
        if batch.is_empty() {
            return Ok(());
        }
        put_position(&mut batch, self.position);
        sink(batch)
    }
}

fn put_position(batch: &mut WriteBatch<'_>, position: Option<u64>) {
    if let Some(position) = position {
        batch.put_raw(keys::APPLIED, &position.to_be_bytes());
    }
}

/// Notes in the database that the log is applied up to a position.
///
/// # Errors
/// `Database`.
pub(super) fn put_applied(tree: &Tree, position: u64) -> Result<(), StoreError> {
    tree.insert(keys::APPLIED, &position.to_be_bytes()).map(drop).map_err(write_error)
}

/// The position in the log of the last record that the database holds; `None`: it never had a log.
pub(super) fn applied_position(tree: &Tree) -> Result<Option<u64>, StoreError> {
    let value = tree.get(keys::APPLIED).map_err(read_error)?;
    Ok(value.and_then(|bytes| <[u8; 8]>::try_from(&bytes[..]).ok()).map(u64::from_be_bytes))
}
