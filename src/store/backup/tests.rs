//! A backup holds one moment of a store, and is restored whole or, where that is wanted, as far as it can be read.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs::File;
use std::thread;

use super::super::sample_store::{
    all_records, commit_of_new_entries, open_store, options, sample_store,
};
use super::*;
use crate::model::{SourceId, StoredEntry};

fn now() -> Timestamp {
    Timestamp::from_second(1_796_000_000).unwrap()
}

fn backup_into(store: &Store, path: &Path) -> BackupSummary {
    let mut file = File::create(path).unwrap();
    store.write_backup(&mut file, now(), &|_| {}).unwrap()
}

fn restore(path: &Path, folder: &Path, choice: RestoreChoice) -> Result<RestoredStore, StoreError> {
    restore_backup(path, &options(folder), choice, now(), &|_| {})
}

const REPLACE: RestoreChoice = RestoreChoice { replaces_store: true, accepts_damage: false };
const FORCE: RestoreChoice = RestoreChoice { replaces_store: true, accepts_damage: true };

/// All records but the number of the next arrival, which a restoration raises.
fn records(store: &Store) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut records = all_records(&store.0.tree);
    records.remove(keys::NEXT_ARRIVAL);
    records
}

#[test]
fn a_restored_store_has_every_record() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup");
    let store = sample_store(&folder.path().join("one"), 200);
    let expected = records(&store);
    let summary = backup_into(&store, &file);
    assert_eq!((summary.unreadable, summary.bytes), (0, fs::metadata(&file).unwrap().len()));
    let contents = inspect_backup(&file, &|_| {}).unwrap();
    assert!(contents.is_intact());
    assert_eq!((contents.entries, contents.sources), (200, 8));
    assert_eq!((contents.taken_at, contents.records), (Some(now()), summary.records));
    let other = folder.path().join("other");
    let restored = restore(&file, &other, RestoreChoice::default()).unwrap();
    assert_eq!(restored, RestoredStore { contents, set_aside: None });
    assert!(records(&open_store(&other)) == expected, "every byte");
    assert!(!other.join(RESTORING_DIR).exists());
}

#[test]
fn a_store_is_replaced_only_where_that_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let (file, other) = (folder.path().join("backup"), folder.path().join("other"));
    backup_into(&sample_store(&folder.path().join("one"), 50), &file);
    let present = sample_store(&other, 25);
    let in_use = restore(&file, &other, FORCE);
    assert!(matches!(in_use, Err(StoreError::InUse { .. })), "{in_use:?}");
    let expected = records(&present);
    drop(present);
    let refused = restore(&file, &other, RestoreChoice::default());
    assert!(matches!(refused, Err(StoreError::Exists { .. })), "{refused:?}");
    fs::create_dir_all(other.join("log")).unwrap();
    let restored = restore(&file, &other, REPLACE).unwrap();
    assert_eq!(restored.contents.entries, 50);
    let aside = restored.set_aside.unwrap();
    assert!(aside.join("log").is_dir() && !other.join("log").exists());
    let store = open_store(&other);
    assert_eq!(store.stored_sources().unwrap().len(), 2);
    assert_eq!(store.find_entries(&|_| true, 100).unwrap().len(), 50, "of the backup alone");
    assert_eq!(store.broken_databases()[0].path, aside);
    drop(store);
    let before = folder.path().join("before");
    fs::create_dir(&before).unwrap();
    fs::rename(&aside, before.join(DB_DIR)).unwrap();
    assert!(records(&open_store(&before)) == expected, "every byte");
}

#[test]
fn a_damaged_backup_is_restored_only_where_that_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let (file, other) = (folder.path().join("backup"), folder.path().join("other"));
    backup_into(&sample_store(&folder.path().join("one"), 2_000), &file);
    let whole = fs::read(&file).unwrap();
    let mut damaged = whole.clone();
    damaged[whole.len() / 2] ^= 1;
    for bytes in [&damaged[..], &whole[..whole.len() - 10]] {
        fs::write(&file, bytes).unwrap();
        let contents = inspect_backup(&file, &|_| {}).unwrap();
        assert!(!contents.is_intact(), "{contents:?}");
        let refused = restore(&file, &other, REPLACE);
        assert!(matches!(refused, Err(StoreError::DamagedBackup { .. })), "{refused:?}");
        assert!(!store_exists(&other));
        let restored = restore(&file, &other, FORCE).unwrap();
        assert!(restored.contents.entries > 500, "{restored:?}");
        let store = open_store(&other);
        assert_eq!(
            store.find_entries(&|_| true, 3_000).unwrap().len() as u64,
            restored.contents.entries
        );
        drop(store);
        fs::remove_dir_all(&other).unwrap();
    }
    fs::write(&file, "no backup").unwrap();
    assert!(matches!(restore(&file, &other, FORCE), Err(StoreError::NotABackup { .. })));
    assert!(matches!(restore(folder.path(), &other, FORCE), Err(StoreError::Files { .. })));
    assert!(!store_exists(&other));
}

/// Arrivals that the store had after the backup are lost, but their numbers are known to readers.
#[test]
fn numbers_of_arrivals_go_on_after_all_that_were_given() {
    let folder = tempfile::tempdir().unwrap();
    let (file, other) = (folder.path().join("backup"), folder.path().join("other"));
    let store = sample_store(&folder.path().join("one"), 1);
    store.0.tree.insert(keys::NEXT_ARRIVAL, &5_u64.to_be_bytes()).unwrap();
    store.0.tree.insert(keys::APPLIED, &7_u64.to_be_bytes()).unwrap();
    backup_into(&store, &file);
    let restored = restore(&file, &other, RestoreChoice::default()).unwrap();
    assert_eq!(restored.contents.position, 7);
    let next = open_store(&other).0.tree.get(keys::NEXT_ARRIVAL).unwrap().unwrap();
    assert_eq!(&next[..], 1_796_000_000_000_u64.to_be_bytes());
}

/// Each commit adds an entry and changes the poll state and the seen entries of its source: a backup holds all of
/// it or nothing.
#[test]
fn polls_are_stored_while_a_backup_is_written_and_are_not_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let (file, other) = (folder.path().join("backup"), folder.path().join("other"));
    let store = sample_store(&folder.path().join("one"), 2_000);
    let expected = records(&store);
    let stored = Cell::new(0);
    let store_more = |_| {
        // Both new entries and changes of records that are in the backup.
        store.commit(&[commit_of_new_entries(10_000 + stored.get(), 1)], 1_000).unwrap();
        stored.set(stored.get() + 1);
    };
    store.write_backup(&mut File::create(&file).unwrap(), now(), &store_more).unwrap();
    assert!(stored.get() > 1, "{}", stored.get());
    restore(&file, &other, RestoreChoice::default()).unwrap();
    assert!(records(&open_store(&other)) == expected, "every byte of the moment when it began");
}

#[test]
fn a_backup_beside_a_writer_holds_whole_commits() {
    let folder = tempfile::tempdir().unwrap();
    let (file, other) = (folder.path().join("backup"), folder.path().join("other"));
    let store = sample_store(&folder.path().join("one"), 400);
    thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for number in 400..480 {
                store.commit(&[commit_of_new_entries(number, 1)], 1_000).unwrap();
            }
        });
        for _ in 0..4 {
            backup_into(&store, &file);
            let restored = restore(&file, &other, REPLACE).unwrap();
            let read = open_store(&other);
            let kept = |id: &SourceId| read.kept_entry_count(id).unwrap();
            let sources = read.stored_sources().unwrap();
            assert_eq!(sources.iter().map(kept).sum::<u64>(), restored.contents.entries);
            let has_story = |listed: &StoredEntry| read.story_record(listed.id).unwrap().is_some();
            let entries = read.find_entries(&|_| true, 1_000).unwrap();
            assert_eq!(entries.len() as u64, restored.contents.entries);
            assert!(entries.iter().all(has_story));
            drop(read);
        }
        writer.join().unwrap();
    });
}
