//! What a commit, an edit and pruning leave in the journal, and how the journal of an earlier store is filled.

use super::super::tests::{at, commit, listed, open_store, source};
use super::super::{Commit, Pruning};
use super::*;
use crate::model::{
    ArchivePage, ArchivePageKind, ScopeKey, StoryAssignment, StoryMethod, StoryRecord,
};

/// Number, kind and whether a commit starts, for each arrival.
fn arrivals(store: &Store) -> Vec<(u64, ArrivalKind, bool)> {
    let all = store.arrivals_after(0, 1_000).unwrap();
    all.iter().map(|it| (it.number, it.kind, it.starts_commit)).collect()
}

fn seen(source: &SourceId, number: u64, listed_ms: i64, seen_ms: i64) -> StoredEntry {
    StoredEntry { first_seen_at: at(seen_ms), ..listed(source, number, listed_ms) }
}

#[test]
fn entries_arrive_in_order_under_numbers_that_begin_with_the_time() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_store(folder.path());
    let (a, b) = (source("a"), source("b"));
    assert_eq!((store.journal_head().unwrap(), store.journal_start().unwrap()), (0, 0));
    let first = [seen(&a, 2, 80, 900), seen(&a, 1, 70, 900)];
    let group = [commit(&a, first.to_vec()), commit(&b, vec![seen(&b, 1, 75, 901)])];
    store.commit(&group, 100).unwrap();
    let late = seen(&a, 3, 10, 950);
    store.commit(&[commit(&a, vec![late.clone()])], 100).unwrap();
    let (first_reading, new) = (ArrivalKind::FirstReading, ArrivalKind::New);
    let expected = [
        (900, first_reading, true),
        (901, first_reading, false),
        (902, first_reading, true),
        (903, new, true),
    ];
    assert_eq!(arrivals(&store), expected);
    assert_eq!((store.journal_head().unwrap(), store.journal_start().unwrap()), (903, 900));
    let last = store.arrivals_after(902, 10).unwrap()[0];
    assert_eq!(store.arrived_entry(&last).unwrap().as_deref(), Some(&late));
    assert_eq!(last.source_hash, source_hash(&a));
    assert_eq!(store.arrivals_after(900, 2).unwrap().len(), 2);
    assert!(store.arrivals_after(u64::MAX, 2).unwrap().is_empty());
    drop(store);
    assert_eq!(arrivals(&open_store(folder.path())), expected);
}

#[test]
fn only_an_edit_that_readers_see_arrives_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_store(folder.path());
    let a = source("a");
    let entry = listed(&a, 1, 10);
    store.commit(&[commit(&a, vec![entry.clone()])], 100).unwrap();
    let edit = |changed_ms: i64, hash: u64| {
        let changed =
            StoredEntry { changed_at: at(changed_ms), content_hash: hash, ..entry.clone() };
        let commit = Commit { changed: vec![changed], ..commit(&a, Vec::new()) };
        store.commit(&[commit], 100).unwrap();
        store.arrivals_after(0, 9).unwrap().iter().map(|it| it.kind).collect::<Vec<_>>()
    };
    assert_eq!(edit(10, 2), [ArrivalKind::FirstReading]);
    assert_eq!(edit(20, 3), [ArrivalKind::FirstReading, ArrivalKind::Changed]);
    assert_eq!(edit(20, 4).len(), 2);
    store.commit(&[commit(&a, Vec::new())], 100).unwrap();
    assert_eq!(store.journal_head().unwrap(), 11);
}

#[test]
fn an_entry_that_is_stored_again_is_no_news() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_store(folder.path());
    let a = source("a");
    let entries: Vec<StoredEntry> = (1..=3).map(|n| listed(&a, n, n.cast_signed())).collect();
    store.commit(&[commit(&a, entries.clone())], 2).unwrap();
    assert_eq!(arrivals(&store).len(), 2, "the oldest one was not stored");
    let again = Commit { restored: entries[..1].to_vec(), ..commit(&a, Vec::new()) };
    store.commit(&[again], 3).unwrap();
    assert_eq!(arrivals(&store).last(), Some(&(4, ArrivalKind::FirstReading, true)));
}

#[test]
fn the_second_reading_of_a_source_without_entries_is_news() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_store(folder.path());
    let a = source("a");
    let mut empty = commit(&a, Vec::new());
    empty.state.document.body_hash = Some([1; 16]);
    store.commit(&[empty], 9).unwrap();
    store.commit(&[commit(&a, vec![listed(&a, 1, 5)])], 9).unwrap();
    assert_eq!(arrivals(&store), [(5, ArrivalKind::New, true)]);
}

#[test]
fn pruning_removes_the_arrivals_of_deleted_entries() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_store(folder.path());
    let (a, b) = (source("a"), source("b"));
    let prune = |source: &SourceId, keep_ms: i64| {
        let pruning =
            Pruning { keep_since: at(keep_ms), spare_newest: 0, spare_listed: false, at_most: 99 };
        store.prune_source(source, &pruning).unwrap();
        arrivals(&store).iter().map(|(number, ..)| *number).collect::<Vec<_>>()
    };
    store.commit(&[commit(&a, vec![listed(&a, 1, 10), listed(&a, 2, 20)])], 9).unwrap();
    store.commit(&[commit(&b, vec![listed(&b, 1, 15)])], 9).unwrap();
    store.commit(&[commit(&a, vec![listed(&a, 3, 30)])], 9).unwrap();
    assert_eq!(prune(&a, 15), [11, 12, 13]);
    assert_eq!(prune(&a, 25), [12, 13]);
    assert_eq!(prune(&a, 40), [12], "the entry of the other source is still there");
    assert_eq!(prune(&b, 40), [0; 0]);
    assert_eq!((store.journal_head().unwrap(), store.journal_start().unwrap()), (13, 0));
    store.commit(&[commit(&b, vec![listed(&b, 2, 50)])], 9).unwrap();
    assert_eq!(arrivals(&store), [(14, ArrivalKind::New, true)], "no number is used twice");
}

#[test]
fn a_silent_source_does_not_keep_the_arrivals_of_others() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_store(folder.path());
    let (silent, busy) = (source("silent"), source("busy"));
    store.commit(&[commit(&silent, vec![listed(&silent, 1, 1)])], 9).unwrap();
    let mut most = 0;
    for number in 10..400_u64 {
        let new = vec![listed(&busy, number, number.cast_signed())];
        store.commit(&[commit(&busy, new)], 30).unwrap();
        let journal = store.arrivals_after(0, 1_000).unwrap();
        let live = journal.iter().filter(|it| store.arrived_entry(it).unwrap().is_some()).count();
        assert_eq!(live, 1 + 30.min(usize::try_from(number - 9).unwrap()), "none is lost");
        most = most.max(journal.len());
    }
    assert!(most <= 31 + 31 / 3 + CHECKED_PER_REMOVED, "{most}");
    assert_eq!(store.journal_start().unwrap(), 1);
}

#[test]
fn the_journal_of_a_store_of_the_first_format_is_filled_by_first_sight() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_store(folder.path());
    let (a, b) = (source("a"), source("b"));
    store.commit(&[commit(&b, vec![seen(&b, 1, 500, 700), seen(&b, 2, 400, 700)])], 9).unwrap();
    store.commit(&[commit(&a, vec![seen(&a, 1, 900, 600)])], 9).unwrap();
    store.commit(&[commit(&a, vec![seen(&a, 2, 100, 800)])], 9).unwrap();
    let to_first_format = |store: Store| {
        store.0.tree.insert(keys::FORMAT, &[0, 0, 0, 1]).unwrap();
        drop(store);
        open_store(folder.path())
    };
    // What an interrupted upgrade left behind.
    let tree = &store.0.tree;
    tree.insert(keys::arrival_key(9_999), &[1_u8][..]).unwrap();
    let store = to_first_format(store);
    let all = store.arrivals_after(0, 9).unwrap();
    let order: Vec<_> = all.iter().map(|it| store.arrived_entry(it).unwrap().unwrap()).collect();
    let times: Vec<i64> = order.iter().map(|it| it.first_seen_at.as_millisecond()).collect();
    assert_eq!(times, [600, 700, 700, 800]);
    assert!(order[1].id < order[2].id);
    let (first, new) = (ArrivalKind::FirstReading, ArrivalKind::New);
    let expected = [(600, first, true), (601, first, true), (602, first, false), (603, new, true)];
    assert_eq!(arrivals(&store), expected);
    assert_eq!(store.journal_head().unwrap(), 603);
    let again = to_first_format(store);
    assert_eq!(arrivals(&again), expected, "an upgrade gives the same numbers each time");
}

#[test]
fn an_entry_that_was_listed_in_the_future_is_found_after_it_moved() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_store(folder.path());
    let (a, b) = (source("a"), source("b"));
    let ahead = StoredEntry { first_seen_at: at(5_000), ..listed(&a, 1, 10_000_000_000) };
    let record = StoryRecord {
        id: ahead.id,
        source: a.clone(),
        listed_at: ahead.listed_at,
        seen_at: at(5_000),
        assignment: StoryAssignment {
            story: ahead.id,
            text_group: ahead.id,
            method: StoryMethod::First,
            score: None,
            closeness: None,
            nearest: None,
            related: None,
        },
    };
    let first = Commit { story_records: vec![record], ..commit(&a, vec![ahead.clone()]) };
    store.commit(&[first], 9).unwrap();
    assert_eq!(store.move_future_entries_to(at(6_000)).unwrap(), 1);
    // A deletion removes the arrivals that lead nowhere.
    store.commit(&[commit(&b, vec![listed(&b, 1, 10), listed(&b, 2, 20)])], 2).unwrap();
    store.commit(&[commit(&b, vec![listed(&b, 3, 30)])], 2).unwrap();
    let arrivals = store.arrivals_after(0, 9).unwrap();
    let entries = arrivals.iter().map(|it| store.arrived_entry(it).unwrap().unwrap());
    let times: Vec<i64> = entries.map(|it| it.listed_at.as_millisecond()).collect();
    assert_eq!(times, [6_000, 20, 30]);
}

#[test]
fn numbers_that_a_lost_state_used_are_skipped() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_store(folder.path());
    let a = source("a");
    skip_used_numbers(&store, 7_000);
    assert_eq!(store.journal_head().unwrap(), 0, "nothing was used");
    store.commit(&[commit(&a, vec![listed(&a, 1, 10)])], 9).unwrap();
    for (now, head) in [(7_000, 6_999), (500, 6_999)] {
        skip_used_numbers(&store, now);
        assert_eq!(store.journal_head().unwrap(), head);
    }
    store.commit(&[commit(&a, vec![listed(&a, 2, 20)])], 9).unwrap();
    assert_eq!(arrivals(&store).last().map(|(number, ..)| *number), Some(7_000));
}

#[test]
fn a_record_that_cannot_be_read_is_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_store(folder.path());
    let a = source("a");
    store.commit(&[commit(&a, vec![listed(&a, 1, 10), listed(&a, 2, 20)])], 9).unwrap();
    let tree = &store.0.tree;
    for damaged in [&[][..], &[1; 28], &[1; 30], &[4; 29]] {
        let mut batch = WriteBatch::new(tree);
        batch.put_raw(&keys::arrival_key(10), damaged);
        batch.apply().unwrap();
        assert_eq!(arrivals(&store), [(11, ArrivalKind::FirstReading, false)]);
    }
    let entry = seen(&a, 3, 30, 9_000);
    store.commit(&[commit(&a, vec![entry])], 9).unwrap();
    assert_eq!(store.journal_head().unwrap(), 12);
}

#[test]
fn closed_pages_come_back_and_stay_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_store(folder.path());
    let (one, other) = (ScopeKey([1; 16]), ScopeKey([2; 16]));
    let page = |number: u32, to: u64, kind| ArchivePage { number, from: 1, to, kind };
    let first = page(1, 9, ArchivePageKind::FirstReading);
    let second = page(2, u64::MAX, ArchivePageKind::Arrivals);
    store.close_archive_pages(&[(one, vec![first])]).unwrap();
    let pages = vec![page(1, 7, ArchivePageKind::Arrivals), second];
    store.close_archive_pages(&[(one, pages)]).unwrap();
    assert_eq!(store.archive_pages(one).unwrap(), [first, second]);
    assert_eq!(store.archive_pages(other).unwrap(), []);
    let damaged = [&[2][..], &[0; 16]].concat();
    store.0.tree.insert(keys::archive_page_key(other, 1), damaged).unwrap();
    assert!(store.archive_pages(other).is_err());
}

/// As after a restoration of an earlier state.
fn skip_used_numbers(store: &Store, now: i64) {
    let tree = &store.0.tree;
    let batch = batch_of_skipped_numbers(tree, at(now)).unwrap();
    batch.apply().unwrap();
}
