//! The store and the search index → how many entries are not indexed yet, for `/metrics`.

use super::index_updates::IndexUpdates;
use super::sources_to_index::IndexSyncError;
use crate::search_index::IndexState;

impl IndexUpdates<'_> {
    /// Reports how many entries are not indexed yet: what is left of a new index, and what arrived meanwhile.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn report_backlog(&self) -> Result<(), IndexSyncError> {
        let arrived = self.context.store.journal_head()?.saturating_sub(self.progress.journal);
        let left = match *self.context.search.state() {
            IndexState::Building { done, total } => total.saturating_sub(done),
            _ => 0,
        };
        let pending = arrived.saturating_add(left);
        self.context.metrics.search_entries_pending.set(i64::try_from(pending).unwrap_or(i64::MAX));
        Ok(())
    }
}
