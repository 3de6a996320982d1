//! Damaged disks and power cuts: whatever happens to one file of the data folder, the entries come back.
//!
//! Every round has a seed, so that a failure can be repeated.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use jiff::SignedDuration;
use rafid::store::{LatestQuery, RecoveryMethod, Store};

use super::make::{self, all_new, entry, next, now, open, source, state};
use crate::support::memory::wait_until_free;

/// The polls of a store, each with ten new entries.
const POLLS: u32 = 40;

/// A store with a base in its middle and a log after it, closed. Returns the files of its folder.
fn make_store_with_base(folder: &Path) -> Vec<PathBuf> {
    let store = make::open_without_log(folder).store;
    commit_polls(&store, 0..POLLS / 4);
    drop(store);
    let store = open(folder).store;
    assert!(store.create_base_if_due(now()).unwrap(), "the log does not hold what was before it");
    commit_polls(&store, POLLS / 4..POLLS / 2);
    assert!(!store.create_base_if_due(now()).unwrap());
    assert!(store.create_base_if_due(now() + SignedDuration::from_hours(25)).unwrap());
    commit_polls(&store, POLLS / 2..POLLS);
    drop(store);
    wait_until_free(folder);
    files_of(folder)
}

fn commit_polls(store: &Store, polls: std::ops::Range<u32>) {
    let a = source("a");
    for poll in polls {
        let numbers = (0..10).map(|n| u64::from(poll) * 10 + n);
        let new = numbers.map(|n| entry(&a, n, n.cast_signed(), 1_500)).collect();
        store.commit(&[all_new(&a, poll + 1, new)], 100_000).unwrap();
    }
}

fn files_of(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for file in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if file.file_type().unwrap().is_dir() {
                folders.push(file.path());
            } else {
                files.push(file.path());
            }
        }
    }
    files.sort();
    files
}

fn copy_folder(from: &Path, to: &Path) {
    for file in files_of(from) {
        let target = to.join(file.strip_prefix(from).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(&file, &target).unwrap();
    }
}

/// Opens the store as the daemon does: when a record cannot be read, it is opened again. Returns the number
/// of entries, each of which was read.
fn count_entries(folder: &Path, round: &str) -> usize {
    for _ in 0..2 {
        let store = open(folder).store;
        let sources = BTreeSet::from([source("a")]);
        let (limit, caps) = (100_000, BTreeMap::new());
        let query = LatestQuery {
            sources: &sources,
            limit,
            before: None,
            per_source: None,
            caps: &caps,
            filter: None,
        };
        let (entries, state) = (store.latest_entries(&query), store.poll_state(&source("a")));
        if let (Ok(entries), Ok(Some(_))) = (entries, state) {
            return entries.len();
        }
        drop(store);
        wait_until_free(folder);
    }
    panic!("{round}: the store cannot be read");
}

#[test]
fn one_damaged_byte_or_a_truncation_in_any_file_loses_nothing() {
    let original = tempfile::tempdir().unwrap();
    let files = make_store_with_base(original.path());
    let all = POLLS as usize * 10;
    let mut seed = 14;
    let mut methods = Vec::new();
    for round in 0..160 {
        let folder = tempfile::tempdir().unwrap();
        copy_folder(original.path(), folder.path());
        seed = next(seed);
        let file = &files[usize::try_from(seed >> 16).unwrap() % files.len()];
        let target = folder.path().join(file.strip_prefix(original.path()).unwrap());
        let mut bytes = fs::read(&target).unwrap();
        if bytes.is_empty() {
            continue;
        }
        seed = next(seed);
        let at = usize::try_from(seed >> 16).unwrap() % bytes.len();
        if round % 4 == 3 {
            bytes.truncate(at);
        } else {
            bytes[at] ^= 1 << (seed % 8);
        }
        fs::write(&target, bytes).unwrap();
        let how = format!("round {round}, {} at {at}", target.display());
        assert_eq!(count_entries(folder.path(), &how), all, "{how}");
        methods.push(how);
    }
    assert!(methods.len() > 100, "{}", methods.len());
}

#[test]
fn a_damaged_log_and_a_lost_database_cost_at_most_the_damaged_records() {
    let original = tempfile::tempdir().unwrap();
    let files = make_store_with_base(original.path());
    let all = POLLS as usize * 10;
    let is_log = |file: &&PathBuf| file.extension().is_some_and(|end| end == "log");
    let newest = files.iter().filter(is_log).max().unwrap();
    let mut seed = 41;
    for round in 0..40 {
        let folder = tempfile::tempdir().unwrap();
        copy_folder(original.path(), folder.path());
        let target = folder.path().join(newest.strip_prefix(original.path()).unwrap());
        let mut bytes = fs::read(&target).unwrap();
        seed = next(seed);
        let at = usize::try_from(seed >> 16).unwrap() % bytes.len();
        bytes[at] ^= 1 << (seed % 8);
        fs::write(&target, bytes).unwrap();
        fs::remove_dir_all(folder.path().join("river")).unwrap();
        let opened = open(folder.path());
        assert!(matches!(opened.recovery.method, RecoveryMethod::Rebuilt { .. }), "round {round}");
        let count = newest_count(&opened.store);
        assert!(count + 10 >= all, "round {round}: {count} of {all}");
    }
}

#[test]
fn a_deleted_database_comes_back_from_base_and_log() {
    let folder = tempfile::tempdir().unwrap();
    make_store_with_base(folder.path());
    fs::remove_dir_all(folder.path().join("river")).unwrap();
    let opened = open(folder.path());
    assert_eq!((opened.recovery.lost, opened.recovery.set_aside), (0, None));
    assert_eq!(newest_count(&opened.store), POLLS as usize * 10);
    assert_eq!(opened.store.poll_state(&source("a")).unwrap(), Some(state(POLLS)));
}

/// A power cut leaves the log up to the last sync, and of the database any mixture of earlier and later parts:
/// as a copy that is made while it is written.
#[test]
fn acknowledged_polls_survive_power_cuts() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).store;
    let mut acknowledged = 0;
    for round in 0..50 {
        let cut = tempfile::tempdir().unwrap();
        acknowledged = std::thread::scope(|scope| {
            let copying = scope.spawn(|| copy_database(folder.path(), cut.path()));
            commit_polls(&store, acknowledged..acknowledged + 4);
            copying.join().unwrap();
            acknowledged + 4
        });
        // What was acknowledged by now is synced in the log.
        copy_folder(&folder.path().join("log"), &cut.path().join("log"));
        let how = format!("round {round}");
        assert_eq!(count_entries(cut.path(), &how), acknowledged as usize * 10, "{how}");
    }
}

fn copy_database(folder: &Path, to: &Path) {
    copy_folder(&folder.join("river"), &to.join("river"));
}

fn newest_count(store: &Store) -> usize {
    super::make::newest(store, &[&source("a")], 100_000).len()
}
