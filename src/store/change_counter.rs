//! Applied batches → which poll states changed since a number, and whether anything else changed that outputs
//! show. Outputs are rendered from what they remember, and read again only what changed.
//!
//! It is kept in memory alone: another process starts from nothing, and reads everything once.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Store;
use super::batch::WriteBatch;
use crate::model::SourceId;

/// What changed since the store was opened.
#[derive(Debug, Default)]
pub(super) struct ChangeCounter(Mutex<CountedChanges>);

#[derive(Debug, Default)]
struct CountedChanges {
    /// The number of changes of what outputs show, besides poll states.
    published: u64,
    /// The number of changes of poll states.
    poll_states: u64,
    /// The sources with a changed poll state, by the number of their last change.
    by_number: BTreeMap<u64, SourceId>,
    /// The number of the last change of each of them.
    by_source: HashMap<SourceId, u64>,
}

/// What a batch changes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ChangesOfBatch {
    /// The sources whose poll states it writes, or whose use of labels.
    pub(super) poll_states: Vec<SourceId>,
    /// Whether it writes anything else that outputs show.
    pub(super) is_published: bool,
}

/// The sources whose poll states changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedPollStates {
    /// The sources, each once.
    pub sources: Vec<SourceId>,
    /// The number to continue from.
    pub number: u64,
}

impl Store {
    /// A number that grows with every change of something that outputs show: entries, stories, the journal,
    /// archive pages, the name of the site; but not with poll states. A value that is read after the number is
    /// at least as new as the number says.
    pub fn published_changes(&self) -> u64 {
        self.0.changes.lock().published
    }

    /// The sources whose poll states were written after the number `after`, by this process; 0: since the
    /// store was opened.
    pub fn poll_states_changed_since(&self, after: u64) -> ChangedPollStates {
        let counted = self.0.changes.lock();
        let changed = counted.by_number.range(after.saturating_add(1)..);
        let sources = changed.map(|(_, source)| source.clone()).collect();
        ChangedPollStates { sources, number: counted.poll_states }
    }
}

impl ChangeCounter {
    /// Records what an applied batch changed.
    pub(super) fn record(&self, changes: ChangesOfBatch) {
        let mut counted = self.lock();
        counted.published += u64::from(changes.is_published);
        for source in changes.poll_states {
            counted.poll_states += 1;
            let number = counted.poll_states;
            if let Some(before) = counted.by_source.insert(source.clone(), number) {
                counted.by_number.remove(&before);
            }
            counted.by_number.insert(number, source);
        }
    }

    fn lock(&self) -> MutexGuard<'_, CountedChanges> {
        // A panic may only lose the number of a change whose batch failed as well.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ChangesOfBatch {
    /// What a batch changes once it is applied.
    pub(super) fn of_batch(batch: &WriteBatch<'_>) -> Self {
        let described: BTreeSet<SourceId> =
            batch.keys().filter_map(super::keys::source_described_at).collect();
        let is_published = batch.keys().any(super::keys::is_published);
        Self { poll_states: described.into_iter().collect(), is_published }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{commit, open_store, source};
    use super::*;

    #[test]
    fn each_source_counts_once_after_its_last_change() {
        let counter = ChangeCounter::default();
        let record = |ids: &[&str]| {
            let poll_states = ids.iter().map(|id| source(id)).collect();
            counter.record(ChangesOfBatch { poll_states, is_published: false });
        };
        let since = |after: u64| {
            let known = counter.lock();
            let changed = known.by_number.range(after + 1..);
            changed.map(|(_, source)| source.to_string()).collect::<Vec<_>>()
        };
        record(&["a", "b"]);
        record(&["a"]);
        assert_eq!(
            (since(0), since(2), since(3)),
            (vec!["b".into(), "a".into()], vec!["a".into()], vec![])
        );
        assert_eq!(counter.lock().by_number.len(), 2);
    }

    #[test]
    fn a_poll_without_news_changes_only_its_poll_state() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_store(folder.path());
        let poll = commit(&source("a"), Vec::new());
        let before = (store.published_changes(), store.poll_states_changed_since(0).number);
        store.commit(&[poll], 10).unwrap();
        assert_eq!(store.published_changes(), before.0);
        let changed = store.poll_states_changed_since(before.1);
        assert_eq!(changed.sources, [source("a")]);
        assert!(store.poll_states_changed_since(changed.number).sources.is_empty());
        store.ensure_site_name(Some("https://news.example/")).unwrap();
        assert!(store.published_changes() > before.0, "ids of feeds change");
    }
}
