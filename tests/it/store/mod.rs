//! The promises of the store, through its public interface: durability, order, paging, retention, one user at
//! a time, and the handling of broken databases.

mod crash;
mod damage;
mod make;
mod model;
mod opening;
mod reading;
mod room;
mod shares;
mod subscriptions;
mod upgrade;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};

use rafid::model::{SourceId, StoredEntry};
use rafid::store::{Commit, LatestQuery, ObservedEntry, Pruning, Store, whole_milliseconds};
use rafid_feed::model::SafeHtml;

use make::{
    all_changed, all_new, at, entry, ids, names_of, newest, not_modified, remembered, source,
    state, store, text,
};

/// Entries with these numbers, each listed at the second of its number.
fn entries(of: &str, numbers: impl Iterator<Item = u64>) -> Vec<StoredEntry> {
    let of = source(of);
    numbers.map(|number| entry(&of, number, i64::try_from(number).unwrap(), 100)).collect()
}

#[test]
fn committed_entries_are_there_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let (a, b) = (source("a"), source("أخبار-العالم"));
    let (of_a, of_b) = (entries("a", 0..5), entries("أخبار-العالم", 3..4));
    let check = |store: &Store| {
        assert_eq!(store.poll_state(&a).unwrap(), Some(state(3)));
        assert_eq!(store.poll_state(&b).unwrap(), Some(state(2)));
        for listed in of_a.iter().chain(&of_b) {
            let found = store.entry(listed.id, listed.listed_at).unwrap();
            assert_eq!(found.as_ref(), Some(listed));
            let known = store.seen_index(&listed.source).unwrap();
            assert_eq!(known.find(listed.content_hash), Some(remembered(listed).entry));
        }
        assert_eq!(names_of(store, &a).len(), 5);
        assert_eq!(
            (store.kept_entry_count(&a).unwrap(), store.kept_entry_count(&b).unwrap()),
            (5, 1)
        );
        assert_eq!(store.entry(of_a[0].id, at(77)).unwrap(), None, "not its place");
    };
    let first = store(folder.path());
    assert_eq!(first.poll_state(&a).unwrap(), None);
    assert!(names_of(&first, &a).is_empty());
    let group = [all_new(&a, 1, of_a.clone()), all_new(&b, 2, of_b.clone()), not_modified(&a, 3)];
    first.commit(&group, 100).unwrap();
    check(&first);
    drop(first);
    check(&store(folder.path()));
}

#[test]
fn timestamps_are_stored_in_whole_milliseconds() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let a = source("a");
    let fine = "2026-11-23T10:00:00.123456789Z".parse().unwrap();
    let mut listed = entry(&a, 1, 5, 0);
    (listed.listed_at, listed.first_seen_at, listed.changed_at) = (fine, fine, fine);
    let mut commit = all_new(&a, 1, vec![listed.clone()]);
    commit.state.schedule.due_at = fine;
    store.commit(&[commit], 10).unwrap();
    let found = store.entry(listed.id, fine).unwrap().expect("found by the finer instant, too");
    let whole = whole_milliseconds(fine);
    assert_eq!(whole.to_string(), "2026-11-23T10:00:00.123Z");
    assert_eq!((found.listed_at, found.first_seen_at, found.changed_at), (whole, whole, whole));
    assert_eq!(names_of(&store, &a)[&1].listed_at, whole);
    assert_eq!(store.poll_state(&a).unwrap().unwrap().schedule.due_at, whole);
}

#[test]
fn pages_follow_each_other_without_gap_or_repeat() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let (a, b, other) = (source("a"), source("b"), source("other"));
    // Many have the same timestamp, so that pages end between entries of the same one.
    let of = |id, first: u64| {
        (first..first + 40).map(|n| entry(id, n, (n / 7).cast_signed(), 10)).collect()
    };
    let group =
        [all_new(&a, 1, of(&a, 0)), all_new(&b, 1, of(&b, 20)), all_new(&other, 1, of(&other, 0))];
    store.commit(&group, 100).unwrap();
    let mut expected: Vec<StoredEntry> = group[..2].iter().flat_map(|c| c.new.clone()).collect();
    expected.sort_by_key(|listed| std::cmp::Reverse((listed.listed_at, listed.id)));
    let sources = BTreeSet::from([a.clone(), b.clone(), source("never-polled")]);
    for limit in [1, 7, 33, 80, 1_000] {
        let (mut read, mut before) = (Vec::new(), None);
        loop {
            let wanted = LatestQuery {
                sources: &sources,
                limit,
                before,
                per_source: None,
                caps: &BTreeMap::new(),
                filter: None,
            };
            let page = store.latest_entries(&wanted).unwrap();
            assert!(page.len() <= limit);
            let Some(last) = page.last() else { break };
            before = Some((last.listed_at, last.id));
            read.extend(page);
        }
        assert_eq!(ids(&read), ids(&expected), "pages of {limit}");
    }
    let wanted = LatestQuery {
        sources: &sources,
        limit: 50,
        before: None,
        per_source: Some(2),
        caps: &BTreeMap::new(),
        filter: None,
    };
    let capped = store.latest_entries(&wanted).unwrap();
    let first_two = |of| expected.iter().filter(move |listed| listed.source == of).take(2);
    assert_eq!(capped.len(), 4);
    assert!(first_two(a).chain(first_two(b)).all(|listed| capped.contains(listed)));
    assert_eq!(newest(&store, &[], 10), []);
    assert_eq!(newest(&store, &[&source("never-polled")], 10), []);
}

#[test]
fn a_quiet_source_is_found_below_thousands_of_others() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let (loud, quiet) = (source("loud"), source("quiet"));
    store.commit(&[all_new(&quiet, 1, entries("quiet", 1..4))], 5_000).unwrap();
    store.commit(&[all_new(&loud, 1, entries("loud", 100..2_100))], 5_000).unwrap();
    assert_eq!(newest(&store, &[&quiet], 10), entries("quiet", (1..4).rev()));
    let both = newest(&store, &[&quiet, &loud], 2_002);
    assert_eq!(both[2_000..], entries("quiet", (2..4).rev()));
}

#[test]
fn a_changed_entry_stays_in_its_position() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let a = source("a");
    store.commit(&[all_new(&a, 1, entries("a", 1..4))], 10).unwrap();
    let mut edited = entry(&a, 2, 2, 30_000);
    (edited.revision, edited.content_hash, edited.fingerprints) = (1, 99, vec![2, 77]);
    let mut moved = edited.clone();
    moved.listed_at = at(500);
    store.commit(&[all_changed(&a, 2, vec![moved])], 10).unwrap();
    assert_eq!(store.entry(edited.id, at(2)).unwrap(), Some(edited.clone()));
    assert_eq!(store.entry(edited.id, at(500)).unwrap(), None);
    assert_eq!(ids(&newest(&store, &[&a], 10)), ids(&entries("a", (1..4).rev())));
    let known = names_of(&store, &a);
    assert_eq!((known[&2].content_hash, known[&77].listed_at), (99, at(2)));
    assert_eq!(store.kept_entry_count(&a).unwrap(), 3);
}

/// Commits a document whose known entries are the same and whose others are new, as the program does.
fn read_feed(store: &Store, feed: &[StoredEntry], keep: usize) {
    let of = feed[0].source.clone();
    let known = names_of(store, &of);
    let is_new = |listed: &&StoredEntry| !known.contains_key(&listed.fingerprints[0]);
    let new = feed.iter().filter(is_new).cloned().collect();
    let remembered = feed.iter().map(remembered).collect();
    store.commit(&[Commit { new, observed: remembered, ..not_modified(&of, 1) }], keep).unwrap();
}

#[test]
fn entries_beyond_the_limit_are_deleted_and_never_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let a = source("a");
    let feed = entries("a", (0..30).rev());
    read_feed(&store, &feed, 10);
    for reading in 0..3 {
        assert_eq!(newest(&store, &[&a], 100), feed[..10], "after reading {reading}");
        assert_eq!(store.kept_entry_count(&a).unwrap(), 10);
        assert_eq!(names_of(&store, &a).len(), 30, "all are remembered");
        read_feed(&store, &feed, 10);
    }
    let mut edited = feed[29].clone();
    edited.content_hash = 99;
    store.commit(&[all_changed(&a, 2, vec![edited])], 10).unwrap();
    assert_eq!(store.entry(feed[29].id, at(0)).unwrap(), None, "an edit does not bring it back");
    assert_eq!(names_of(&store, &a)[&0].content_hash, 99);
    read_feed(&store, &entries("a", 28..33), 4);
    assert_eq!(newest(&store, &[&a], 100), entries("a", (29..33).rev()));
    read_feed(&store, &entries("a", 28..33), 0);
    assert_eq!((newest(&store, &[&a], 100).len(), store.kept_entry_count(&a).unwrap()), (0, 0));
}

/// The pruning of a source that is not configured.
fn before(since: i64, at_most: usize) -> Pruning {
    Pruning { keep_since: at(since), spare_newest: 0, spare_listed: false, at_most }
}

#[test]
fn old_entries_are_deleted_in_small_steps_and_never_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let (a, b) = (source("a"), source("b"));
    let (of_a, of_b) = (entries("a", 0..10), entries("b", 5..15));
    read_feed(&store, &of_a, 100);
    read_feed(&store, &of_b, 100);
    let prune = |of: &SourceId, since: i64, at_most: usize| {
        store.prune_source(of, &before(since, at_most)).unwrap()
    };
    assert_eq!(prune(&a, 0, 100), 0);
    assert_eq!(prune(&a, 8, 5), 5);
    assert_eq!((store.kept_entry_count(&a).unwrap(), store.kept_entry_count(&b).unwrap()), (5, 10));
    assert_eq!((prune(&a, 8, 5), prune(&b, 8, 0), prune(&b, 8, 500)), (3, 0, 3));
    assert_eq!((prune(&a, 8, 500), prune(&b, 8, 500)), (0, 0));
    read_feed(&store, &of_a, 100);
    read_feed(&store, &of_b, 100);
    assert_eq!(newest(&store, &[&a], 100), entries("a", (8..10).rev()));
    assert_eq!(newest(&store, &[&b], 100), entries("b", (8..15).rev()));
    // A source that is added later may have entries older than all that were deleted.
    let late = source("late");
    read_feed(&store, &entries("late", 1..3), 100);
    assert_eq!((store.kept_entry_count(&late).unwrap(), prune(&late, 8, 500)), (2, 2));
    // They come back only on request, at the given position.
    let again = entry(&a, 1, 1, 10);
    let commit = Commit { restored: vec![again.clone()], ..all_new(&a, 3, Vec::new()) };
    store.commit(&[Commit { observed: vec![remembered(&again)], ..commit }], 100).unwrap();
    assert_eq!(store.entry(again.id, at(1)).unwrap(), Some(again));
    assert_eq!(prune(&a, 8, 500), 1);
    drop(store);
    let store = make::store(folder.path());
    assert_eq!(newest(&store, &[&a, &b, &late], 100).len(), 9);
}

#[test]
fn remembered_entries_are_bounded_but_include_all_that_the_feed_still_holds() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let a = source("a");
    let known = || names_of(&store, &a);
    // A pinned entry is in every document; the other fifty differ each time.
    for reading in 0..60 {
        let mut feed = entries("a", (reading * 50 + 1..reading * 50 + 51).rev());
        feed.insert(0, entry(&a, 0, 0, 10));
        read_feed(&store, &feed, 20);
        assert!(known().len() <= 2_000, "{}", known().len());
    }
    assert!(known().len() > 1_900, "{}", known().len());
    assert!(known().contains_key(&0), "the pinned one");
    assert!(!known().contains_key(&1) && known().contains_key(&3_000), "the oldest are forgotten");
    assert_eq!(newest(&store, &[&a], 100), entries("a", (2_981..3_001).rev()));
    // Twice the entries of a bulk feed are remembered.
    read_feed(&store, &entries("a", 5_000..7_500), 20);
    read_feed(&store, &entries("a", 7_500..10_000), 20);
    assert!(known().len() <= 5_000 && known().contains_key(&5_500), "{}", known().len());
}

#[test]
fn an_entry_that_is_only_remembered_never_counts_as_new() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let a = source("a");
    let listed = entry(&a, 1, 1, 10);
    let only_remembered = vec![remembered(&listed)];
    store.commit(&[Commit { observed: only_remembered, ..not_modified(&a, 1) }], 10).unwrap();
    assert_eq!((store.kept_entry_count(&a).unwrap(), names_of(&store, &a).len()), (0, 1));
    store.commit(&[all_new(&a, 2, vec![listed.clone()])], 10).unwrap();
    assert_eq!(store.entry(listed.id, listed.listed_at).unwrap(), None);
    // An entry that is missing from `observed` is remembered by its own values.
    let other = entry(&a, 2, 2, 10);
    store.commit(&[Commit { new: vec![other.clone()], ..not_modified(&a, 3) }], 10).unwrap();
    assert_eq!(newest(&store, &[&a], 10), std::slice::from_ref(&other));
    assert_eq!(names_of(&store, &a)[&2], remembered(&other).entry);
}

#[test]
fn large_entries_come_back_and_no_value_becomes_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let open = store(folder.path());
    let a = source("a");
    let mut all: Vec<StoredEntry> = (0..60)
        .map(|n| entry(&a, n, n.cast_signed(), if n % 20 == 0 { 1_000_000 } else { 14_000 }))
        .collect();
    open.commit(&[all_new(&a, 1, all.clone())], 100).unwrap();
    drop(open);
    let open = store(folder.path());
    all.reverse();
    assert_eq!(newest(&open, &[&a], 100), all);
    // Longer, shorter, and shorter than one record.
    for (bytes, revision) in [(3_000_000, 1), (50_000, 2), (10, 3)] {
        let mut edited = all[59].clone();
        edited.entry.content = Some(SafeHtml::from_trusted(text(revision, bytes)));
        edited.content_hash = revision;
        open.commit(&[all_changed(&a, 2, vec![edited.clone()])], 100).unwrap();
        assert_eq!(open.entry(edited.id, at(0)).unwrap(), Some(edited));
    }
    assert_eq!(open.prune_source(&a, &before(1_000, 500)).unwrap(), 60);
    open.flush().unwrap();
    assert_eq!(fs::read_dir(folder.path().join("river/blobs")).unwrap().count(), 0);
    assert!(open.disk_bytes().unwrap() > 1 << 19);
}

#[test]
fn a_commit_of_only_a_state_leaves_the_entries_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let a = source("a");
    store.commit(&[all_new(&a, 1, entries("a", 0..3))], 10).unwrap();
    store.commit(&[not_modified(&a, 2)], 1).unwrap();
    assert_eq!(
        (store.poll_state(&a).unwrap(), store.kept_entry_count(&a).unwrap()),
        (Some(state(2)), 3)
    );
    store.commit(&[], 1).unwrap();
    let names: Vec<ObservedEntry> = entries("a", 0..3).iter().map(remembered).collect();
    store.commit(&[Commit { observed: names, ..not_modified(&a, 3) }], 1).unwrap();
    assert_eq!(store.kept_entry_count(&a).unwrap(), 1, "the next reading applies a smaller bound");
}

#[test]
fn readers_never_see_half_a_commit() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let a = source("a");
    // Each commit replaces an entry of many records by another one and adds ten small ones.
    let commit = |number: u32| {
        let mut long = entry(&a, 0, 0, 0);
        (long.revision, long.content_hash) = (number, u64::from(number));
        long.entry.content = Some(SafeHtml::from_trusted(text(u64::from(number), 60_000)));
        let first = u64::from(number) * 10;
        let new: Vec<StoredEntry> = entries("a", first..first + 10);
        let mut commit = all_new(&a, number, new);
        commit.observed.push(remembered(&long));
        commit.changed.push(long);
        commit
    };
    store.commit(&[commit(1)], 1_000).unwrap();
    let done = AtomicBool::new(false);
    let read = || {
        let mut last = 0;
        loop {
            let finished = done.load(Ordering::Relaxed);
            let all = newest(&store, &[&a], 1_000);
            assert_eq!(all.len() % 10, 1, "ten at a time");
            let long = all.last().unwrap();
            assert_eq!(all.len(), usize::try_from(long.revision).unwrap() * 10 + 1);
            let content = long.entry.content.as_ref().unwrap().as_str();
            assert_eq!(content, text(u64::from(long.revision), 60_000));
            assert!(store.kept_entry_count(&a).unwrap() >= all.len() as u64);
            assert!(all.len() >= last, "nothing goes back");
            last = all.len();
            if finished {
                return last;
            }
        }
    };
    std::thread::scope(|scope| {
        let readers = [scope.spawn(read), scope.spawn(read)];
        let written = (2..=40).try_for_each(|number| store.commit(&[commit(number)], 1_000));
        done.store(true, Ordering::Relaxed);
        written.unwrap();
        assert!(readers.into_iter().all(|reader| reader.join().unwrap() == 401));
    });
}

#[test]
fn of_a_group_with_an_entry_that_is_too_long_nothing_is_stored() {
    let folder = tempfile::tempdir().unwrap();
    let first = store(folder.path());
    let (a, b, c) = (source("a"), source("b"), source("c"));
    let mut long = entry(&b, 1, 1, 0);
    long.entry.content = Some(SafeHtml::from_trusted("x".repeat(64 << 20)));
    let good = |of: &str| all_new(&source(of), 1, entries(of, 1..3));
    let error = first.commit(&[good("a"), all_new(&b, 1, vec![long]), good("c")], 10).unwrap_err();
    assert!(error.to_string().contains("cannot be written to the store: "), "{error}");
    drop(first);
    let again = store(folder.path());
    let states = [&a, &b, &c].map(|source| again.poll_state(source).unwrap());
    assert_eq!(states, [None, None, None]);
    again.commit(&[good("a"), good("c")], 10).unwrap();
    assert_eq!((again.kept_entry_count(&a).unwrap(), again.kept_entry_count(&b).unwrap()), (2, 0));
    assert_eq!(newest(&again, &[&a, &b, &c], 10).len(), 4);
}
