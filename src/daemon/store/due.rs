//! When a source is polled next, where that changes between two polls → its poll state's record.

use jiff::Timestamp;

use super::Store;
use super::changes::Changes;
use super::commit::sealed_state;
use super::error::{StoreError, reading};
use super::{keys, values};
use crate::feed::model::{PollReason, PollState, SourceId};

impl Store {
    /// Keeps when a source that was polled before is polled next, and why then; everything else that is
    /// remembered of it stays. Not flushed.
    ///
    /// # Errors
    /// As for `commit`; `Undecodable`.
    pub fn keep_due(
        &self,
        source: &SourceId,
        due_at: Timestamp,
        reason: PollReason,
    ) -> Result<(), StoreError> {
        let key = keys::state(source);
        self.writing(|tree| {
            let Some(value) = tree.get(&key).map_err(reading)? else { return Ok(()) };
            let state = values::poll_state(tree, &key, &value)?;
            let mut changes = Changes::new(tree);
            changes.put(&key, sealed_state(source, &PollState { due_at, reason, ..state })?)?;
            self.apply(changes)
        })
    }
}
