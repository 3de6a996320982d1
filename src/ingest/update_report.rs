//! What was decided about one update → what is committed, and what is reported of it.

use std::sync::Arc;

use super::{ClockChange, HubDiscovery, entry_changes, process_feed};
use crate::model::{PollState, Source};
use crate::store::Commit;

/// What one update came to, for logs, progress and metrics.
#[derive(Debug, Clone)]
pub struct UpdateReport {
    /// The source.
    pub source: Arc<Source>,
    /// Entries listed for the first time, of those that are kept.
    pub new_count: usize,
    /// Entries that were dropped before and are kept again.
    pub restored_count: usize,
    /// Entries updated in place.
    pub changed_count: usize,
    /// Entries that the document held; `None`: it was not read.
    pub entries_count: Option<usize>,
    /// What is believed of the publisher's clock from now on, where that is news.
    pub clock: Option<ClockChange>,
    /// What was learnt about pushes.
    pub hubs: HubDiscovery,
    /// The state as committed: status, failure, when next and why then.
    pub state: PollState,
}

impl UpdateReport {
    /// Whether an output may look different now.
    pub fn changes_outputs(&self) -> bool {
        self.new_count + self.restored_count + self.changed_count > 0
    }
}

/// What is to be committed, and the report of it.
pub(super) fn finish_update(
    source: &Arc<Source>,
    state: PollState,
    (taken, is_whole): (process_feed::FeedOutcome, bool),
    offered: HubDiscovery,
) -> (Commit, UpdateReport) {
    let process_feed::FeedOutcome { listing, entries_count, clock } = taken;
    let entry_changes::EntryChanges { new, changed, restored, remembered, .. } = listing;
    let report = UpdateReport {
        source: Arc::clone(source),
        new_count: new.len(),
        restored_count: restored.len(),
        changed_count: changed.len(),
        entries_count,
        clock,
        hubs: offered,
        state: state.clone(),
    };
    (
        Commit {
            source: source.id.clone(),
            state,
            new,
            changed,
            restored,
            story_records: Vec::new(),
            observed: remembered,
            is_whole,
        },
        report,
    )
}
