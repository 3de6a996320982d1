//! A decision → what is committed, and what is reported about it.

use std::sync::Arc;

use crate::decide::clock_offset::ClockChange;
use crate::decide::entry_changes::EntryChanges;
use crate::decide::hub_discovery::HubDiscovery;
use crate::decide::poll::Decision;
use crate::model::{PollState, Source};
use crate::store::Commit;

/// The result of one update, for logs, progress and metrics.
#[derive(Debug, Clone)]
pub struct UpdateReport {
    /// The source.
    pub source: Arc<Source>,
    /// New entries, of those that are kept.
    pub new_count: usize,
    /// Entries that were pruned and are stored again.
    pub restored_count: usize,
    /// Entries that were updated in place.
    pub changed_count: usize,
    /// The number of entries in the document; `None`: no document was read.
    pub entries_count: Option<usize>,
    /// A new verdict about the publisher's clock.
    pub clock: Option<ClockChange>,
    /// What was learned about hubs.
    pub hubs: HubDiscovery,
    /// The committed state: status, failure, next poll and its reason.
    pub state: PollState,
}

impl UpdateReport {
    /// Whether outputs may have changed.
    pub fn changes_outputs(&self) -> bool {
        self.new_count + self.restored_count + self.changed_count > 0
    }
}

/// The commit of a decision, and the report about it.
pub(super) fn finish_update(source: &Arc<Source>, decision: Decision) -> (Commit, UpdateReport) {
    let Decision { state, changes, is_whole, entries_count, clock, hubs } = decision;
    let EntryChanges { new, changed, restored, observed, .. } = changes;
    let report = UpdateReport {
        source: Arc::clone(source),
        new_count: new.len(),
        restored_count: restored.len(),
        changed_count: changed.len(),
        entries_count,
        clock,
        hubs,
        state: state.clone(),
    };
    let commit = Commit {
        source: source.id.clone(),
        state,
        new,
        changed,
        restored,
        story_records: Vec::new(),
        observed,
        is_whole,
    };
    (commit, report)
}
