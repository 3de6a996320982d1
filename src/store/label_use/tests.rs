//! The record says what the newest entries say, whatever happened to them.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use rafid_feed::model::PlainText;

use super::super::tests::{at, commit, listed, open_store, source};
use super::*;
use crate::store::{Commit, LatestQuery, Pruning};

/// What happens to the entries of a source.
#[derive(Debug, Clone)]
enum Change {
    /// New entries, each labeled or not.
    Arrivals(Vec<bool>),
    /// An entry that is listed in the future, and moved back.
    FutureArrival(bool),
    /// A stored entry with another title.
    Edit(usize, bool),
    /// An entry that is only remembered is stored again.
    Restored(usize, bool),
    /// All but the newest few are deleted.
    Pruned(usize),
    /// A poll without news.
    Unchanged,
    /// A program of before the record wrote the store.
    RecordLost,
    /// Such a program added an entry.
    ForeignArrival(bool),
}

fn change() -> impl Strategy<Value = Change> {
    let number = || 0..100_usize;
    prop_oneof![
        4 => vec(any::<bool>(), 1..9).prop_map(Change::Arrivals),
        1 => any::<bool>().prop_map(Change::FutureArrival),
        3 => (number(), any::<bool>()).prop_map(|(number, label)| Change::Edit(number, label)),
        2 => (number(), any::<bool>()).prop_map(|(number, label)| Change::Restored(number, label)),
        2 => (0..25_usize).prop_map(Change::Pruned),
        1 => Just(Change::Unchanged),
        1 => Just(Change::RecordLost),
        1 => any::<bool>().prop_map(Change::ForeignArrival),
    ]
}

/// A store, and every entry that its source ever had.
struct Fixture {
    store: Store,
    source: SourceId,
    keep: usize,
    published: Vec<StoredEntry>,
}

impl Fixture {
    fn next(&self, is_labeled: bool) -> StoredEntry {
        let number = u64::try_from(self.published.len()).unwrap();
        let entry = listed(&self.source, number, 1_000 + i64::try_from(number).unwrap());
        titled(entry, is_labeled)
    }

    fn commit(&self, change: impl FnOnce(&mut Commit)) {
        let mut commit = Commit { is_whole: false, ..commit(&self.source, Vec::new()) };
        change(&mut commit);
        self.store.commit(&[commit], self.keep).unwrap();
    }

    fn stored(&self, limit: usize) -> Vec<StoredEntry> {
        let query = LatestQuery {
            sources: &std::collections::BTreeSet::from([self.source.clone()]),
            limit,
            before: None,
            per_source: None,
            caps: &BTreeMap::new(),
            filter: None,
        };
        self.store.latest_entries(&query).unwrap()
    }

    fn expected(&self) -> LabelUse {
        let newest = self.stored(MAX_CHECKED);
        let labeled = newest.iter().filter(|listed| is_breaking(&listed.entry)).count();
        LabelUse { labeled, checked: newest.len() }
    }

    fn record(&self) -> Option<IVec> {
        self.store.0.tree.get(keys::label_use_key(&self.source)).unwrap()
    }

    fn make(&mut self, change: Change) {
        match change {
            Change::Arrivals(labels) => {
                let before = self.published.len();
                for is_labeled in labels {
                    self.published.push(self.next(is_labeled));
                }
                let new = self.published[before..].to_vec();
                self.commit(|commit| commit.new = new);
            }
            Change::FutureArrival(is_labeled) => {
                let future =
                    StoredEntry { listed_at: at(i64::from(u32::MAX)), ..self.next(is_labeled) };
                self.published.push(future.clone());
                self.commit(|commit| commit.new = vec![future]);
                self.store.move_future_entries_to(at(2_000)).unwrap();
            }
            Change::Edit(number, is_labeled) => {
                let stored = self.stored(1_000);
                let Some(before) = stored.get(number % stored.len().max(1)) else { return };
                let content_hash = before.content_hash + 1;
                let edited = titled(StoredEntry { content_hash, ..before.clone() }, is_labeled);
                self.commit(|commit| commit.changed = vec![edited]);
            }
            Change::Restored(number, is_labeled) => {
                let stored: Vec<EntryId> = self.stored(1_000).iter().map(|it| it.id).collect();
                let forgotten = self.published.iter().filter(|it| !stored.contains(&it.id));
                let forgotten: Vec<StoredEntry> = forgotten.cloned().collect();
                let Some(entry) = forgotten.get(number % forgotten.len().max(1)) else { return };
                let entry = titled(entry.clone(), is_labeled);
                self.commit(|commit| commit.restored = vec![entry]);
            }
            Change::Pruned(spare_newest) => {
                let pruning = Pruning {
                    keep_since: at(i64::from(u32::MAX)),
                    spare_newest,
                    spare_listed: false,
                    at_most: 500,
                };
                self.store.prune_source(&self.source, &pruning).unwrap();
            }
            Change::Unchanged => self.commit(|_| {}),
            Change::RecordLost => {
                self.store.0.tree.remove(keys::label_use_key(&self.source)).unwrap();
                assert_eq!(self.store.label_use(&self.source).unwrap(), self.expected());
                self.commit(|_| {});
            }
            Change::ForeignArrival(is_labeled) => {
                let before = self.record();
                self.make(Change::Arrivals(vec![is_labeled]));
                let key = keys::label_use_key(&self.source);
                match before {
                    Some(record) => self.store.0.tree.insert(key, record).unwrap(),
                    None => self.store.0.tree.remove(key).unwrap(),
                };
                self.make(Change::Arrivals(vec![!is_labeled]));
            }
        }
    }
}

fn titled(mut listed: StoredEntry, is_labeled: bool) -> StoredEntry {
    let title = if is_labeled { "عاجل: خبر" } else { "خبر" };
    listed.entry.title = PlainText::from_trusted(title.to_owned());
    listed
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_record_says_what_the_entries_say(keep in 3..45_usize, changes in vec(change(), 1..25)) {
        let folder = tempfile::tempdir().unwrap();
        let (store, published) = (open_store(folder.path()), Vec::new());
        let mut fixture = Fixture { store, source: source("a"), keep, published };
        for change in changes {
            fixture.make(change.clone());
            let found = fixture.store.label_use(&fixture.source).unwrap();
            prop_assert_eq!(found, fixture.expected(), "{:?}", change);
            let has_entries = found.checked > 0;
            prop_assert!(fixture.record().is_some() || !has_entries, "no record after {change:?}");
        }
    }
}

#[test]
fn the_oldest_of_the_checked_entries_goes_when_a_new_one_comes() {
    let folder = tempfile::tempdir().unwrap();
    let (store, published) = (open_store(folder.path()), Vec::new());
    let mut fixture = Fixture { store, source: source("a"), keep: 100, published };
    let label_use = |labeled, checked| LabelUse { labeled, checked };
    assert_eq!(fixture.store.label_use(&fixture.source).unwrap(), label_use(0, 0));
    for (labels, expected) in [
        (vec![true; 3], label_use(3, 3)),
        (vec![false; 17], label_use(3, 20)),
        (vec![true; 1], label_use(3, 20)),
        (vec![false; 2], label_use(1, 20)),
    ] {
        fixture.make(Change::Arrivals(labels));
        assert_eq!(fixture.store.label_use(&fixture.source).unwrap(), expected);
    }
}

#[test]
fn a_record_of_another_length_or_with_other_bits_is_not_used() {
    let labels = NewestLabels { count: 2, bits: 0b10, checksum: 7 };
    let record = labels.encode();
    assert_eq!(record, [2, 0, 0, 0, 2, 0, 0, 0, 7]);
    assert_eq!(NewestLabels::decode(&record), Some(labels));
    for damaged in [&record[..8], &[1, 0, 0, 0, 2, 0, 0, 0, 7], &[21, 0, 0, 0, 2, 0, 0, 0, 7]] {
        assert_eq!(NewestLabels::decode(damaged), None);
    }
}

#[test]
fn a_source_whose_use_of_labels_changed_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let (store, published) = (open_store(folder.path()), Vec::new());
    let mut fixture = Fixture { store, source: source("a"), keep: 100, published };
    fixture.make(Change::Arrivals(vec![true, false]));
    let number = fixture.store.poll_states_changed_since(0).number;
    fixture.make(Change::Pruned(1));
    let changed = fixture.store.poll_states_changed_since(number);
    assert_eq!(changed.sources, [source("a")]);
    fixture.make(Change::Pruned(1));
    let changed = fixture.store.poll_states_changed_since(changed.number);
    assert_eq!(changed.sources, [], "nothing was deleted");
}
