//! The time of a source's next poll, changed between two polls → the record of its poll state.

use jiff::Timestamp;

use super::batch::WriteBatch;
use super::commit::encode_poll_state;
use super::store_error::{StoreError, read_error};
use super::{Store, decode, keys};
use crate::model::{PollReason, SourceId};

impl Store {
    /// Stores when a source is polled next, and why then. Everything else in its poll state stays. Does
    /// nothing for a source without a poll state. Not flushed.
    ///
    /// # Errors
    /// As for `commit`; `Undecodable`.
    pub fn save_due_time(
        &self,
        source: &SourceId,
        due_at: Timestamp,
        reason: PollReason,
    ) -> Result<(), StoreError> {
        let key = keys::poll_state_key(source);
        self.with_write_lock(|tree| {
            let Some(value) = tree.get(&key).map_err(read_error)? else { return Ok(()) };
            let mut state = decode::decode_poll_state(tree, &key, &value)?;
            (state.schedule.due_at, state.schedule.reason) = (due_at, reason);
            let mut batch = WriteBatch::new(tree);
            batch.put(&key, encode_poll_state(source, &state)?)?;
            self.apply_batch(batch)
        })
    }
}
