//! Seeded damage to the files of a database: what comes back.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::super::database;
use super::super::sample_store::{
    Numbers, all_records, open_store, options, sample_store, shrink_store,
};
use super::*;

type Records = BTreeMap<Vec<u8>, Vec<u8>>;

const ENTRIES: u64 = 4_000;

/// A store that was written, closed, opened again and closed: with a snapshot and all records of its tree.
fn closed_store(folder: &Path) -> Records {
    drop(sample_store(folder, ENTRIES));
    let store = open_store(folder);
    let records = all_records(&store.0.tree);
    drop(store);
    records
}

/// The files of the database in `folder`, by their names' beginnings.
fn file_of(folder: &Path, name: &str) -> PathBuf {
    let files = fs::read_dir(folder.join("river")).unwrap().map(|file| file.unwrap().path());
    let is_wanted = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().starts_with(name);
    files.filter(is_wanted).max().unwrap()
}

fn copied(from: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    fs::create_dir(copy.path().join("river")).unwrap();
    for file in fs::read_dir(from.join("river")).unwrap().map(Result::unwrap) {
        if file.file_type().unwrap().is_file() {
            fs::copy(file.path(), copy.path().join("river").join(file.file_name())).unwrap();
        }
    }
    copy
}

fn salvaged(folder: &Path) -> (Records, Salvage) {
    let db = sled::Config::new().temporary(true).cache_capacity(8 << 20).open().unwrap();
    let tree = db.open_tree("salvaged").unwrap();
    let salvage = salvage_database(&folder.join("river"), &tree, &|_, _| {}).unwrap();
    (all_records(&tree), salvage)
}

/// The entries with the values of before.
fn same_entries(before: &Records, after: &Records) -> usize {
    let entries = after.iter().filter(|(key, _)| key[0] == b'b');
    entries.filter(|(key, value)| before.get(*key) == Some(value)).count()
}

#[test]
fn an_intact_database_is_salvaged_byte_for_byte() {
    let folder = tempfile::tempdir().unwrap();
    let before = closed_store(folder.path());
    let (after, salvage) = salvaged(folder.path());
    assert!(after == before, "{} of {} records", after.len(), before.len());
    let copied = u64::try_from(before.len()).unwrap();
    assert_eq!(salvage, Salvage { copied, ..Salvage::default() });
}

#[test]
fn a_database_with_deleted_records_is_salvaged_byte_for_byte() {
    let folder = tempfile::tempdir().unwrap();
    let store = sample_store(folder.path(), 2_000);
    for keep in [40, 30, 10, 3] {
        shrink_store(&store, keep);
    }
    let before = all_records(&store.0.tree);
    drop(store);
    let (after, salvage) = salvaged(folder.path());
    let entries = before.keys().filter(|key| key[0] == b'b').count();
    assert_eq!(entries, 120, "the others are deleted");
    assert!(after == before, "{} of {} records", after.len(), before.len());
    assert_eq!((salvage.damaged_places, salvage.missing_entries), (0, 0));
}

#[test]
fn a_flipped_byte_of_the_database_costs_one_page() {
    let folder = tempfile::tempdir().unwrap();
    let before = closed_store(folder.path());
    let mut numbers = Numbers::new(7);
    let mut found = Vec::new();
    for round in 0..20 {
        let copy = copied(folder.path());
        let path = file_of(copy.path(), "db");
        let mut bytes = fs::read(&path).unwrap();
        let used = bytes.iter().rposition(|byte| *byte != 0).unwrap();
        let at = numbers.below(used);
        bytes[at] ^= 1 << numbers.below(8);
        fs::write(&path, bytes).unwrap();
        let (after, salvage) = salvaged(copy.path());
        let same = same_entries(&before, &after);
        let entries = usize::try_from(ENTRIES).unwrap();
        assert!(same + 17 >= entries, "round {round}, byte {at}: {same} entries, {salvage:?}");
        assert!(after.keys().all(|key| before.contains_key(key)), "nothing is invented");
        found.push(same);
    }
    println!("entries of {ENTRIES} after one flipped byte: {found:?}");
}

#[test]
fn a_cut_off_database_loses_what_was_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let before = closed_store(folder.path());
    let mut found = Vec::new();
    for percent in [95, 75, 50, 25, 0] {
        let copy = copied(folder.path());
        let path = file_of(copy.path(), "db");
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() / 100 * percent]).unwrap();
        let (after, _) = salvaged(copy.path());
        let same = same_entries(&before, &after);
        let entries = usize::try_from(ENTRIES).unwrap();
        assert!(same >= entries * percent / 200, "{percent} %: {same} entries");
        found.push((percent, same));
    }
    println!("entries of {ENTRIES} by percent of the file: {found:?}");
}

#[test]
fn damage_to_a_snapshot_or_to_the_settings_costs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let before = closed_store(folder.path());
    let mut numbers = Numbers::new(3);
    for (name, rounds) in [("snap.", 4), ("conf", 4)] {
        for round in 0..rounds {
            let copy = copied(folder.path());
            let path = file_of(copy.path(), name);
            let mut bytes = fs::read(&path).unwrap();
            let at = numbers.below(bytes.len());
            if round == 0 {
                bytes.truncate(at);
            } else {
                bytes[at] ^= 1 << numbers.below(8);
            }
            fs::write(&path, bytes).unwrap();
            assert!(database::open_database(&options(copy.path())).is_err(), "{name} {round}");
            let aside = set_snapshots_aside(&copy.path().join("river")).unwrap();
            assert!(aside.iter().all(|path| path.exists()) && aside.len() >= 2);
            let store = open_store(copy.path());
            assert!(all_records(&store.0.tree) == before, "{name} {round}");
        }
    }
}

#[test]
fn records_that_cannot_be_decoded_are_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let store = sample_store(folder.path(), 50);
    let tree = &store.0.tree;
    let keys_of = |kind: u8| -> Vec<Vec<u8>> {
        all_records(tree).into_keys().filter(|key| key[0] == kind).collect()
    };
    let (entries, parts) = (keys_of(b'b'), keys_of(b'p'));
    tree.insert(&entries[7], &b"\x01\x00"[..]).unwrap();
    tree.remove(&parts[0]).unwrap();
    store.flush().unwrap();
    drop(store);
    let (after, salvage) = salvaged(folder.path());
    assert_eq!((salvage.undecodable, salvage.missing_entries), (2, 2));
    let left: BTreeSet<&Vec<u8>> = after.keys().filter(|key| key[0] == b'b').collect();
    assert_eq!(left.len(), entries.len() - 2);
    assert!(!left.contains(&entries[7]));
}
