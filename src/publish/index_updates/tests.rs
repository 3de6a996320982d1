//! What changed in the store, and nothing else, is indexed.

use std::collections::BTreeMap;

use super::super::sample::{self, TestStore};
use super::*;
use crate::model::Source;
use crate::store::{Commit, Pruning};

/// A store, a site of its sources, and the index of both.
struct Follower {
    shop: TestStore,
    site: ArcSwap<PublishedSite>,
    search: SearchIndex,
    metrics: Metrics,
    _folder: tempfile::TempDir,
}

/// What an update wrote: entries that were put and removed.
type Written = (u64, u64);

impl Follower {
    /// Two sources, `a` with three entries and `b` with two.
    fn new() -> Self {
        let shop = TestStore::open();
        shop.keep_all("a", entries("a", 0..3));
        shop.keep_all("b", entries("b", 0..2));
        let folder = tempfile::tempdir().unwrap();
        let search = SearchIndex::open(&folder.path().join("search")).unwrap();
        let site = ArcSwap::new(shop.renderer(vec![sample::source("a"), sample::source("b")]).site);
        Self { shop, site, search, metrics: Metrics::default(), _folder: folder }
    }

    fn configure(&self, sources: Vec<Source>) {
        self.site.store(self.shop.renderer(sources).site);
    }

    fn begin(&self) -> IndexUpdates<'_> {
        let (search, store) = (&self.search, &self.shop.store);
        let (site, metrics) = (&self.site, &self.metrics);
        IndexUpdates::begin(UpdateContext { search, store, site, metrics }).unwrap()
    }

    /// Does everything that is due at a start.
    fn catch_up(&self) -> Written {
        let mut updates = self.begin();
        finish(&mut updates)
    }

    /// The index holds exactly the stored entries of the configured sources, as they are now.
    fn is_exact(&self) -> bool {
        let mut expected = BTreeMap::new();
        let mut sources = SourcesToIndex::new(self.site.load_full(), &self.shop.store);
        let mut indexed = BTreeMap::new();
        for id in self.shop.store.stored_sources().unwrap() {
            for (entry, at) in self.shop.store.kept_positions(&id).unwrap() {
                let Some(source) = sources.get(&id).unwrap() else { continue };
                let listed = self.shop.store.entry(entry, at).unwrap().unwrap();
                expected.insert(entry, (at, EntryStamp::of(&listed, Some(&source.info)).bits()));
            }
            for (entry, it) in self.search.entries_of_source(&id).unwrap() {
                indexed.insert(entry, (it.listed_at, it.stamp));
            }
        }
        expected == indexed
    }
}

fn finish(updates: &mut IndexUpdates<'_>) -> Written {
    while updates.index_news().unwrap() {}
    while updates.has_steps() {
        updates.step().unwrap();
    }
    let UpdateCounts { put, removed } = updates.mark_ready();
    (put, removed)
}

fn entries(source: &str, numbers: std::ops::Range<i64>) -> Vec<StoredEntry> {
    let entry = |number: i64| StoredEntry {
        listed_at: sample::at(number),
        ..sample::listed(source, &number.to_string(), &format!("خبر {number}"))
    };
    numbers.map(entry).collect()
}

#[test]
fn an_unchanged_store_is_not_read_again() {
    let follower = Follower::new();
    assert_eq!(follower.catch_up(), (5, 0));
    assert!(follower.is_exact());
    let mut updates = follower.begin();
    assert!(!updates.has_steps(), "nothing to compare");
    assert_eq!(finish(&mut updates), (0, 0));
    assert!(updates.writer.is_none(), "nothing was written");
}

#[test]
fn what_arrived_since_is_indexed() {
    let follower = Follower::new();
    follower.catch_up();
    follower.shop.keep("a", 1, entries("a", 3..7));
    let mut updates = follower.begin();
    assert!(!updates.has_steps());
    assert!(!updates.index_news().unwrap(), "all of them at once");
    assert_eq!(follower.search.len(), 9);
    assert!(follower.is_exact());
    assert!(!follower.begin().has_steps());
}

#[test]
fn a_text_that_comes_later_is_indexed_without_an_arrival() {
    let follower = Follower::new();
    follower.catch_up();
    let mut later = entries("a", 1..2).remove(0);
    later.revision = 1;
    let state = crate::model::PollState::new([0; 16], sample::at(2));
    let commit = Commit {
        source: later.source.clone(),
        state,
        new: Vec::new(),
        changed: vec![later.clone()],
        restored: Vec::new(),
        story_records: Vec::new(),
        observed: Vec::new(),
        is_whole: false,
    };
    let head = follower.shop.store.journal_head().unwrap();
    follower.shop.store.commit(&[commit], 10).unwrap();
    assert_eq!(follower.shop.store.journal_head().unwrap(), head, "it does not count as a change");
    let mut updates = follower.begin();
    assert!(!follower.is_exact());
    updates.add_changed([(later.id, later.listed_at)]);
    updates.index_news().unwrap();
    assert!(follower.is_exact());
}

#[test]
fn only_the_source_that_changed_is_compared() {
    let follower = Follower::new();
    follower.catch_up();
    let renamed = Source { name: Some("اسم آخر".to_owned()), ..sample::source("b") };
    follower.configure(vec![sample::source("a"), renamed]);
    let mut updates = follower.begin();
    assert_eq!(updates.checks.len(), 1);
    assert_eq!(finish(&mut updates), (2, 0));
    assert!(follower.is_exact());
    assert!(!follower.begin().has_steps(), "that is remembered");
}

#[test]
fn a_source_that_is_removed_is_not_found_until_it_is_back() {
    let follower = Follower::new();
    follower.catch_up();
    follower.configure(vec![sample::source("a")]);
    assert_eq!(follower.catch_up(), (0, 2));
    assert_eq!(follower.search.len(), 3);
    follower.configure(vec![sample::source("a"), sample::source("b")]);
    assert_eq!(follower.catch_up(), (2, 0));
    assert!(follower.is_exact());
}

#[test]
fn a_check_of_positions_finds_what_was_deleted_or_is_missing() {
    let follower = Follower::new();
    follower.catch_up();
    let source = SourceId::new("a").unwrap();
    let pruning =
        Pruning { keep_since: sample::at(1), spare_newest: 0, spare_listed: false, at_most: 100 };
    assert_eq!(follower.shop.store.prune_source(&source, &pruning).unwrap(), 1);
    let mut writer = follower.search.writer().unwrap();
    writer.remove(entries("b", 0..1)[0].id);
    writer.commit_progress(follower.search.progress().unwrap().unwrap()).unwrap();
    drop(writer);
    let mut updates = follower.begin();
    assert!(!updates.has_steps(), "nothing shows it");
    updates.check_all_positions();
    assert_eq!(finish(&mut updates), (1, 1));
    assert!(follower.is_exact());
    updates.check_all_positions();
    assert_eq!(finish(&mut updates), (0, 0));
}

#[test]
fn what_the_rules_exclude_is_not_indexed_and_not_read_every_hour() {
    let follower = Follower::new();
    let mut source = sample::source("a");
    source.rules.drop = vec!["1".to_owned()];
    follower.configure(vec![source.clone(), sample::source("b")]);
    assert_eq!(follower.catch_up(), (4, 0));
    let mut updates = follower.begin();
    updates.check_all_positions();
    assert_eq!(finish(&mut updates), (0, 0));
    assert_eq!(updates.missing.len(), 2, "what is missing is known");
    drop(updates);
    source.rules.drop.clear();
    follower.configure(vec![source, sample::source("b")]);
    assert_eq!(follower.catch_up(), (1, 0), "other rules");
    assert!(follower.is_exact());
}

#[test]
fn a_store_that_is_not_the_one_of_before_is_compared() {
    let (one, two) = (Follower::new(), Follower::new());
    one.catch_up();
    let entry = Some(entries("b", 0..1)[0].id);
    let head = one.shop.store.journal_head().unwrap();
    for progress in [
        IndexProgress { journal: head + 1, entry: None },
        IndexProgress { journal: head - 4, entry },
        IndexProgress { journal: 7, entry },
    ] {
        let mut writer = two.search.writer().unwrap();
        writer.commit_progress(progress).unwrap();
        drop(writer);
        assert!(two.begin().has_steps(), "{progress:?}");
    }
    // An index that holds other entries and claims nothing.
    let mut writer = one.search.writer().unwrap();
    writer.remove(entries("a", 0..1)[0].id);
    writer.commit().unwrap();
    drop(writer);
    assert_eq!(one.catch_up(), (1, 0));
    assert!(one.is_exact());
}
