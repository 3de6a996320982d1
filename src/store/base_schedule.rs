//! Sizes and times → whether a new base is due, and the base. A base is created once a day, and earlier when
//! the log has grown beyond its share of the space: log and bases together stay within a part of the
//! database's own size.
//!
//! It holds exactly what the log holds up to its position, and polls are stored while it is written: it is
//! written from a snapshot. It takes some 70 µs for each entry.

use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::{SignedDuration, Timestamp};

use super::base::{self, BaseFile, BasePoint};
use super::store_error::{StoreError, panic_as_sled_error, read_error};
use super::write::WriterState;
use super::{DatabaseLocation, Store};

/// A log since yesterday is applied in seconds.
const BASE_INTERVAL: SignedDuration = SignedDuration::from_hours(24);
/// The log may grow to this size whatever the size of the database: otherwise a new store would create bases
/// all the time.
const MIN_LOG_BYTES: u64 = 4 * 1024 * 1024;

/// What the files for recovery take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RecoverySpace {
    /// The commit log, in bytes.
    pub log_bytes: u64,
    /// The bases, in bytes.
    pub base_bytes: u64,
    /// When the newest base was taken; `None`: there is no base.
    pub base_taken_at: Option<Timestamp>,
}

impl Store {
    /// What the files for recovery take; `None`: the store has none.
    ///
    /// # Errors
    /// `Poisoned` after a failed write.
    pub fn recovery_space(&self) -> Result<Option<RecoverySpace>, StoreError> {
        self.with_write_lock(|_, state| {
            let Some((log, _)) = state.log() else { return Ok(None) };
            let newest = base::bases(self.folder()).into_iter().next();
            Ok(Some(RecoverySpace {
                log_bytes: log.size_bytes(),
                base_bytes: base::base_bytes(self.folder()),
                base_taken_at: newest.and_then(|base| base.taken_at),
            }))
        })
    }

    /// Creates a base if one is due. Returns whether one was created.
    ///
    /// # Errors
    /// `DiskFull`, `Files`: the base cannot be written; the earlier ones stay. `Database`: the database cannot be read.
    pub fn create_base_if_due(&self, now: Timestamp) -> Result<bool, StoreError> {
        if !matches!(self.0.location, DatabaseLocation::Own { .. }) {
            return Ok(false);
        }
        let turn = self.0.before_images.take_turn();
        let begun = self.with_write_lock(|_, state| {
            if !self.is_base_due(state, now)? {
                return Ok(None);
            }
            let position = self.prepare_base(state)?;
            Ok(position.map(|position| (position, turn.begin(&self.0.tree, &self.0.gate))))
        })?;
        let Some((position, snapshot)) = begun else { return Ok(false) };
        let point = BasePoint { position, taken_at: now };
        let create = || base::create_base(self.folder(), &snapshot, point, self.0.on_progress);
        let created = catch_unwind(AssertUnwindSafe(create))
            .unwrap_or_else(|panic| Err(read_error(panic_as_sled_error(&*panic))));
        // The writer waits for a snapshot that has much to keep, and this waits for the writer.
        drop(snapshot);
        self.with_write_lock(|_, state| self.complete_base(state, &created?))?;
        Ok(true)
    }

    fn is_base_due(&self, state: &mut WriterState, now: Timestamp) -> Result<bool, StoreError> {
        let needs_base = state.needs_base();
        let Some((log, applied)) = state.log() else { return Ok(false) };
        if needs_base {
            return Ok(true);
        }
        let newest = base::bases(self.folder()).into_iter().next();
        if newest.as_ref().is_some_and(|base| base.position == applied) {
            return Ok(false);
        }
        if log.size_bytes() > self.log_allowance(newest.as_ref().map_or(0, |base| base.bytes))? {
            return Ok(true);
        }
        let taken_at = newest.and_then(|base| base.taken_at);
        Ok(taken_at.is_some_and(|at| now.duration_since(at) >= BASE_INTERVAL))
    }

    /// How large the log may become beside bases of this size.
    fn log_allowance(&self, base_bytes: u64) -> Result<u64, StoreError> {
        let space = self.space()?;
        let beside_two = space.saturating_sub(base_bytes.saturating_mul(2));
        let beside_one = space.saturating_sub(base_bytes);
        let allowance = if beside_two >= MIN_LOG_BYTES { beside_two } else { beside_one };
        Ok(allowance.max(MIN_LOG_BYTES))
    }

    /// The space for log and bases together.
    fn space(&self) -> Result<u64, StoreError> {
        let percent = u64::from(self.0.recovery_percent.unwrap_or(0));
        Ok(self.disk_bytes()? / 100 * percent)
    }

    /// Makes sure of the room for a base, and lets the log go on in a new segment, so that what the base holds can be
    /// deleted. Returns the position of the base; `None`: the store has no log.
    fn prepare_base(&self, state: &mut WriterState) -> Result<Option<u64>, StoreError> {
        let newest = base::bases(self.folder()).into_iter().next();
        let expected_bytes = newest.map_or(self.disk_bytes()? / 2, |base| base.bytes / 4 * 5);
        let Some((log, applied)) = state.log() else { return Ok(None) };
        self.0.disk.require(|room| room.needed_bytes.saturating_add(expected_bytes))?;
        log.start_segment()?;
        Ok(Some(applied))
    }

    /// Deletes what the base makes superfluous.
    fn complete_base(&self, state: &mut WriterState, base: &BaseFile) -> Result<(), StoreError> {
        let folder = self.folder();
        if base.bytes.saturating_mul(2).saturating_add(MIN_LOG_BYTES) > self.space()? {
            base::keep_newest_only(folder);
        }
        let oldest = base::bases(folder).last().map_or(base.position, |base| base.position);
        if let Some((log, _)) = state.log() {
            log.drop_segments_before(oldest + 1)?;
        }
        state.set_based();
        tracing::info!(
            bytes = base.bytes,
            position = base.position,
            "a base of the store was written"
        );
        Ok(())
    }
}
