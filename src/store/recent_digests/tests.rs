//! Whatever is committed, dropped, moved, restored or salvaged: the digests beside recent entries are those of their
//! records, and every recent entry has one.

use std::path::Path;

use super::super::missing_digests::ensure_recent_digests;
use super::super::sample_store::{open_store, options, sample_store};
use super::super::tests::{at, commit, listed, source};
use super::super::{Commit, Pruning, RestoreChoice, Store, StoreOptions, restore_backup};
use super::*;
use crate::model::{SourceId, StoredEntry, StoryAssignment, StoryMethod, StoryRecord};

const NOW_MS: i64 = 1_795_000_000_000;

/// All digests beside the entries, in the order in which they were put.
fn digests_in(tree: &Tree) -> Vec<ChunkedDigest> {
    let chunks = tree.scan_prefix(keys::digest_chunk_prefix()).map(Result::unwrap);
    chunks.flat_map(|(_, value)| decode_chunk(&value).collect::<Vec<_>>()).collect()
}

/// Compares the digests beside the entries with those that the records give; returns how many there are.
fn check_digests(store: &Store) -> usize {
    let tree = &store.0.tree;
    let from = digests_from(tree).unwrap().unwrap();
    let mut expected = BTreeMap::new();
    for item in tree.scan_prefix(keys::entry_prefix()) {
        let (key, value) = item.unwrap();
        let position = keys::position_of_key(&key).unwrap();
        if position.listed_ms >= from {
            let digest = EntryDigest::of_stored(tree, position, &value).unwrap();
            expected.insert(position, digest);
        }
    }
    let mut found = BTreeMap::new();
    for (position, digest) in digests_in(tree) {
        match digest {
            Some(digest) if position.listed_ms >= from => found.insert(position, digest),
            _ => found.remove(&position),
        };
    }
    assert_eq!(found, expected);
    expected.len()
}

fn story(listed: &StoredEntry, score: f32) -> StoryRecord {
    StoryRecord {
        id: listed.id,
        source: listed.source.clone(),
        listed_at: listed.listed_at,
        seen_at: listed.first_seen_at,
        assignment: StoryAssignment {
            story: listed.id,
            text_group: listed.id,
            method: StoryMethod::First,
            score: Some(score),
            closeness: None,
            nearest: None,
            related: None,
        },
    }
}

fn commit_with_stories(source: &SourceId, new: Vec<StoredEntry>) -> Commit {
    let story_records = new.iter().map(|listed| story(listed, 0.1)).collect();
    Commit { story_records, ..commit(source, new) }
}

#[test]
fn digests_follow_every_change_of_an_entry() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_store(folder.path());
    let (a, b) = (source("a"), source("b"));
    let entry = |source: &SourceId, number: u64| {
        listed(source, number, NOW_MS + number.cast_signed() * 60_000)
    };
    let first = commit_with_stories(&a, (0..5).map(|n| entry(&a, n)).collect());
    store.commit(&[first, commit(&b, vec![entry(&b, 9)])], 10).unwrap();
    assert_eq!(check_digests(&store), 6);
    let digest = |it: &StoredEntry| store.entry_digests(&[(it.id, it.listed_at)]).unwrap()[0];
    let changed = entry(&a, 2);
    let before = digest(&changed).unwrap();
    let mut changed = StoredEntry { revision: 1, ..changed };
    changed.entry.link = Some("https://a.example/2".to_owned());
    let change = Commit { changed: vec![changed.clone()], ..commit(&a, Vec::new()) };
    store.commit(&[change], 10).unwrap();
    let after = digest(&changed).unwrap();
    assert!(!after.is_of_same_record(before), "its own record changed");
    assert_eq!(check_digests(&store), 6);
    // The story record alone.
    let late = entry(&b, 9);
    let before = digest(&late).unwrap();
    store.save_story_records(&[story(&late, 0.5)]).unwrap();
    let after = digest(&late).unwrap();
    assert!(after != before && after.is_of_same_record(before));
    assert_eq!(check_digests(&store), 6);
    // Two sources of one group; entries beyond the newest go.
    let more = commit_with_stories(&a, (10..14).map(|n| entry(&a, n)).collect());
    store.commit(&[more, commit_with_stories(&b, vec![entry(&b, 15)])], 5).unwrap();
    assert_eq!(check_digests(&store), 7);
    let keep_since = at(NOW_MS + 12 * 60_000);
    let pruning = Pruning { keep_since, spare_newest: 0, spare_listed: false, at_most: 99 };
    assert_eq!(store.prune_source(&a, &pruning).unwrap(), 3);
    assert_eq!(check_digests(&store), 4);
    drop(store);
    assert_eq!(check_digests(&open_store(folder.path())), 4);
}

#[test]
fn entries_of_a_clock_that_was_ahead_keep_their_digests() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_store(folder.path());
    let a = source("a");
    let year = 365 * DAY_MS;
    let entries = [NOW_MS, NOW_MS + year, NOW_MS + year + 5].into_iter().zip(0..);
    let entries = entries.map(|(ms, number)| listed(&a, number, ms)).collect();
    store.commit(&[commit_with_stories(&a, entries)], 10).unwrap();
    assert_eq!(store.move_future_entries_to(at(NOW_MS + 1)).unwrap(), 2);
    check_digests(&store);
    let next = commit_with_stories(&a, vec![listed(&a, 7, NOW_MS + 9)]);
    store.commit(&[next], 10).unwrap();
    check_digests(&store);
    drop(store);
    assert_eq!(check_digests(&open_store(folder.path())), 4, "an opening computes what is missing");
}

#[test]
fn digests_of_older_entries_go_and_the_window_stays_whole() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_store(folder.path());
    let a = source("a");
    let mut most = 0;
    for number in 0..300_u64 {
        // Eight a day, for more than a month.
        let at_ms = NOW_MS + number.cast_signed() * DAY_MS / 8;
        let new = vec![listed(&a, number, at_ms)];
        store.commit(&[commit_with_stories(&a, new)], 1_000).unwrap();
        let from = digests_from(&store.0.tree).unwrap().unwrap();
        assert!(from <= at_ms - NEEDED_MS, "entry {number}");
        check_digests(&store);
        most = most.max(digests_in(&store.0.tree).len());
    }
    // Forty in five days, and those of a chunk that is not full of older ones yet.
    assert!((40..=40 + 2 * CHUNK_DIGESTS).contains(&most), "{most}");
}

#[test]
fn digests_that_are_appended_fill_chunks() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_store(folder.path());
    let a = source("a");
    let sizes = [1, 2, CHUNK_DIGESTS - 3, 1, CHUNK_DIGESTS, 3 * CHUNK_DIGESTS + 5];
    let mut count = 0;
    for size in sizes {
        let numbers = (0..).skip(count).take(size);
        count += size;
        let new = numbers.map(|number| listed(&a, number, NOW_MS + number.cast_signed())).collect();
        store.commit(&[commit(&a, new)], 1_000).unwrap();
        assert_eq!(check_digests(&store), count);
    }
    let chunks = store.0.tree.scan_prefix(keys::digest_chunk_prefix()).map(Result::unwrap);
    let lengths: Vec<_> = chunks.map(|(_, value)| decode_chunk(&value).count()).collect();
    let (last, full) = lengths.split_last().unwrap();
    assert!(full.iter().all(|length| *length == CHUNK_DIGESTS), "{lengths:?}");
    assert_eq!(full.len() * CHUNK_DIGESTS + last, count);
}

#[test]
fn the_newest_digests_are_those_of_the_records() {
    let folder = tempfile::tempdir().unwrap();
    let store = sample_store(folder.path(), 400);
    let a = source("a");
    let late: Vec<_> = (0..40)
        .map(|number| listed(&a, number, NOW_MS + 9_000_000 + number.cast_signed()))
        .collect();
    store.commit(&[commit_with_stories(&a, late.clone())], 1_000).unwrap();
    // The last one is removed, and one is of an entry that was never stored.
    let late: Vec<_> = late.iter().map(|it| (it.id, it.listed_at)).collect();
    let mut entries = late.clone();
    entries.push((late[0].0, at(NOW_MS + 1)));
    store
        .visit_digests_since(at(NOW_MS), |id, listed_at, _| {
            entries.push((id, listed_at));
            Ok(true)
        })
        .unwrap();
    let keep_since = at(NOW_MS + 9_000_039);
    let pruning = Pruning { keep_since, spare_newest: 0, spare_listed: false, at_most: 99 };
    assert_eq!(store.prune_source(&a, &pruning).unwrap(), 39);
    let tree = &store.0.tree;
    let newest = newest_digests(tree, 40).unwrap();
    assert_eq!(newest.values().filter(|digest| digest.is_none()).count(), 39);
    let expected = entries.iter().map(|(id, listed_at)| {
        let position = EntryPosition { listed_ms: listed_at.as_millisecond(), id: *id };
        let value = tree.get(keys::entry_key(position)).unwrap();
        value.map(|value| EntryDigest::of_stored(tree, position, &value).unwrap())
    });
    assert_eq!(store.entry_digests(&entries).unwrap(), expected.collect::<Vec<_>>());
}

/// The ids and digests of the entries of the last days, by either way.
fn visited(store: &Store, since_ms: i64) -> Vec<(EntryId, EntryDigest)> {
    let mut found = Vec::new();
    let is_whole = store.visit_digests_since(at(since_ms), |id, _, digest| {
        found.push((id, digest));
        Ok(true)
    });
    assert!(is_whole.unwrap());
    found
}

#[test]
fn both_ways_to_the_digests_of_recent_entries_give_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let store = sample_store(folder.path(), 400);
    let since = NOW_MS + 3_600_000;
    let beside = visited(&store, since);
    assert!(beside.len() > 300);
    store.0.tree.remove(keys::DIGESTS_FROM).unwrap();
    assert_eq!(visited(&store, since), beside);
}

fn backup_of(store: &Store, folder: &Path) -> std::path::PathBuf {
    let path = folder.join("backup");
    let mut file = std::fs::File::create(&path).unwrap();
    store.write_backup(&mut file, at(NOW_MS), &|_| {}).unwrap();
    path
}

#[test]
fn a_restored_and_a_salvaged_store_get_digests_of_what_they_hold() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let store = sample_store(&path, 400);
    // What stands in the file must not be believed.
    let mut wrong = 0;
    for item in store.0.tree.scan_prefix(keys::digest_chunk_prefix()) {
        let (key, value) = item.unwrap();
        wrong += decode_chunk(&value).count();
        let digest = EntryDigest::from_bytes(&[7; EntryDigest::BYTES]);
        let mut chunk = Vec::new();
        decode_chunk(&value)
            .for_each(|(position, _)| encode_digest(&mut chunk, (position, digest)));
        store.0.tree.insert(key, chunk).unwrap();
    }
    assert!(wrong >= 400);
    store.flush().unwrap();
    let backup = backup_of(&store, folder.path());
    let to = StoreOptions { folder: folder.path().join("restored"), ..options(&path) };
    restore_backup(&backup, &to, RestoreChoice::default(), at(NOW_MS), &|_| {}).unwrap();
    assert_eq!(check_digests(&open_store(&to.folder)), 400);
    drop(store);
    let db = sled::Config::new().temporary(true).cache_capacity(8 << 20).open().unwrap();
    let tree = db.open_tree("salvaged").unwrap();
    super::super::salvage::salvage_database(&path.join("river"), &tree, &|_, _| {}).unwrap();
    assert_eq!(digests_from(&tree).unwrap(), None);
    assert_eq!(digests_in(&tree), []);
    ensure_recent_digests(&tree).unwrap();
    assert_eq!(digests_in(&tree).len(), 400);
}

#[test]
fn an_opening_after_an_earlier_version_computes_them() {
    let folder = tempfile::tempdir().unwrap();
    for digests_of_own in [false, true] {
        let store = sample_store(&folder.path().join(digests_of_own.to_string()), 100);
        let tree = &store.0.tree;
        let chunks: Vec<_> = digests_in(tree);
        for key in tree.scan_prefix(keys::digest_chunk_prefix()).keys() {
            tree.remove(key.unwrap()).unwrap();
        }
        if digests_of_own {
            // Such a version also ran after one with chunks.
            tree.insert(keys::EARLIER_DIGESTS_FROM, &i64::MIN.to_be_bytes()).unwrap();
            for (position, _) in chunks {
                let mut key = keys::entry_key(position);
                key[0] = keys::digest_chunk_prefix()[0];
                tree.insert(key, &[7; EntryDigest::BYTES]).unwrap();
            }
        } else {
            tree.remove(keys::DIGESTS_FROM).unwrap();
        }
        let path = store.folder().to_owned();
        drop(store);
        assert_eq!(check_digests(&open_store(&path)), 100);
    }
}
