//! The time of a source's next poll, changed between two polls → the record of its poll state.

use jiff::Timestamp;
use sled::Tree;

use super::batch::WriteBatch;
use super::encode::encode_poll_state;
use super::log::{Durability, LogRecord};
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
        let record = LogRecord::DueTime { source: source.clone(), due_at, reason };
        self.write(Durability::Buffered, |_| Ok((vec![record], ())))
    }
}

/// Changes the time of the next poll of a source; nothing, if it was never polled.
pub(super) fn batch_of_due_time<'a>(
    tree: &'a Tree,
    source: &SourceId,
    (due_at, reason): (Timestamp, PollReason),
) -> Result<WriteBatch<'a>, StoreError> {
    let key = keys::poll_state_key(source);
    let mut batch = WriteBatch::new(tree);
    if let Some(value) = tree.get(&key).map_err(read_error)? {
        let mut state = decode::decode_poll_state(tree, &key, &value)?;
        (state.schedule.due_at, state.schedule.reason) = (due_at, reason);
        batch.put(&key, encode_poll_state(source, &state)?)?;
    }
    Ok(batch)
}
