//! Records in packs are read, changed and removed as if each stood by itself, in stores and bases of this format and
//! of the one before.

use std::collections::BTreeMap;
use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::*;

use super::super::batch::WriteBatch;
use super::super::sample_store::{all_records, open_store, sample_store};
use super::super::store_options::StoreOptions;
use super::super::{Store, restore_backup, tests::at};
use super::*;
use crate::model::EntryId;

fn empty_tree() -> Tree {
    let db = sled::Config::new().temporary(true).cache_capacity(8 << 20).open().unwrap();
    db.open_tree("packs").unwrap()
}

/// Keys of story records, several of which share a pack, and of arrivals.
fn key_of(number: u8) -> Vec<u8> {
    let mut id = [number; 16];
    id[..3].copy_from_slice(&[number % 3, 0, number]);
    if number.is_multiple_of(2) {
        keys::story_record_key(EntryId::from_bytes(id)).to_vec()
    } else {
        keys::arrival_key(u64::from(number)).to_vec()
    }
}

/// The records that stand in packs, whichever form the tree has.
fn unpacked(tree: &Tree) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut records = BTreeMap::new();
    for item in tree {
        let (key, value) = item.unwrap();
        match keys::packed_kind(&key) {
            Some(_) => records.extend(decode_pack(tree, &key, &value).unwrap()),
            None => drop(records.insert(key.to_vec(), value.to_vec())),
        }
    }
    records
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn packed_records_are_like_records_of_their_own(
        batches in vec(vec((any::<u8>(), proptest::option::of(vec(any::<u8>(), 0..60))), 0..40), 1..8),
    ) {
        let (tree, mut expected) = (empty_tree(), BTreeMap::new());
        for changes in batches {
            let mut batch = WriteBatch::new(&tree);
            for (number, value) in changes {
                let key = key_of(number);
                if let Some(value) = value {
                    batch.put_raw(&key, &value);
                    expected.insert(key, value);
                } else {
                    batch.remove(&key).unwrap();
                    expected.remove(&key);
                }
            }
            batch.apply().unwrap();
            prop_assert_eq!(&unpacked(&tree), &expected);
            for number in 0..=u8::MAX {
                let key = key_of(number);
                let found = read_value(&tree, &key).unwrap().map(|value| value.to_vec());
                prop_assert_eq!(&found, &expected.get(&key).cloned());
            }
            for first in [0, 7, 32, 200] {
                let first = keys::arrival_key(first);
                let found: Vec<_> = arrivals_from(&tree, &first).map(Result::unwrap).collect();
                let later = expected.range(first.to_vec()..vec![b'k']);
                let later: Vec<_> = later.map(|(key, it)| (key.clone(), it.clone())).collect();
                prop_assert_eq!(found, later);
            }
            let arrivals = expected.range(vec![b'j']..vec![b'k']);
            let last = arrivals.last().map(|(key, _)| key.clone());
            prop_assert_eq!(last_arrival_key(&tree).unwrap(), last);
        }
    }
}

#[test]
fn an_empty_pack_goes() {
    let tree = empty_tree();
    let key = key_of(4);
    let mut batch = WriteBatch::new(&tree);
    batch.put_raw(&key, b"value");
    batch.apply().unwrap();
    assert_eq!(tree.len(), 1);
    let mut batch = WriteBatch::new(&tree);
    batch.remove(&key).unwrap();
    assert!(!batch.holds(&key).unwrap());
    batch.apply().unwrap();
    assert_eq!(tree.len(), 0);
}

#[test]
fn a_pack_longer_than_a_value_may_be_is_split_and_joined() {
    let tree = empty_tree();
    for round in 0..2_u8 {
        let mut batch = WriteBatch::new(&tree);
        for number in 0..32 {
            batch.put_raw(&keys::arrival_key(number), &[round; 1_000]);
        }
        batch.apply().unwrap();
        assert_eq!(tree.scan_prefix(keys::part_prefix()).count(), 6);
        assert_eq!(arrivals_from(&tree, &keys::arrival_key(0)).count(), 32);
    }
    let mut batch = WriteBatch::new(&tree);
    (1..32).for_each(|number| batch.remove_raw(&keys::arrival_key(number)));
    batch.apply().unwrap();
    assert_eq!(tree.len(), 1, "its parts are gone");
}

#[test]
fn a_broken_pack_costs_its_own_records() {
    let tree = empty_tree();
    let mut batch = WriteBatch::new(&tree);
    (0..96).for_each(|number| batch.put_raw(&keys::arrival_key(number), b"value"));
    batch.apply().unwrap();
    let pack = keys::pack_key(&keys::arrival_key(40)).unwrap();
    let value = tree.get(&pack).unwrap().unwrap();
    for broken in [&value[..value.len() - 1], &value[..9], &[9], b""] {
        tree.insert(&pack, broken).unwrap();
        assert!(read_value(&tree, &keys::arrival_key(40)).is_err());
        let read: Vec<_> = arrivals_from(&tree, &keys::arrival_key(0)).collect();
        assert_eq!(read.iter().filter(|item| item.is_ok()).count(), 64);
        assert_eq!(read.iter().filter(|item| item.is_err()).count(), 1);
    }
}

/// Gives a store the form of the format before packs.
fn unpack_store(store: &Store) {
    let tree = &store.0.tree;
    let records = unpacked(tree);
    tree.clear().unwrap();
    for (key, value) in &records {
        tree.insert(key, &value[..]).unwrap();
    }
    tree.insert(keys::FORMAT, &[0, 0, 0, 2]).unwrap();
}

#[test]
fn a_store_of_the_format_before_packs_is_upgraded() {
    let folder = tempfile::tempdir().unwrap();
    let store = sample_store(folder.path(), 300);
    let without_openings = |tree: &Tree| {
        let mut records = all_records(tree);
        records.remove(keys::OPENINGS);
        records
    };
    let before = without_openings(&store.0.tree);
    unpack_store(&store);
    assert_ne!(without_openings(&store.0.tree), before);
    // An interrupted upgrade: one record is in its pack already, and changed since.
    let (key, newer) = (keys::arrival_key(store.journal_head().unwrap()), [7; 29]);
    let mut batch = WriteBatch::new(&store.0.tree);
    batch.put_raw(&key, &newer);
    batch.apply().unwrap();
    drop(store);
    let store = open_store(folder.path());
    assert_eq!(read_value(&store.0.tree, &key).unwrap().unwrap(), newer[..]);
    let mut expected = before;
    let pack = keys::pack_key(&key).unwrap();
    expected.insert(pack.clone(), store.0.tree.get(&pack).unwrap().unwrap().to_vec());
    assert_eq!(without_openings(&store.0.tree), expected);
}

/// Restores the backup of a store into a new one.
fn restored(backup: &[u8], folder: &Path) -> Store {
    let path = folder.join("backup");
    std::fs::write(&path, backup).unwrap();
    let options = StoreOptions::new(folder.join("restored"));
    restore_backup(&path, &options, super::super::RestoreChoice::default(), at(0), &|_| {})
        .unwrap();
    open_store(&folder.join("restored"))
}

#[test]
fn a_backup_of_the_format_before_packs_is_restored() {
    let folder = tempfile::tempdir().unwrap();
    let store = sample_store(&folder.path().join("store"), 300);
    let of_store = |store: &Store| {
        let mut records = unpacked(&store.0.tree);
        records.retain(|key, _| key.first() != Some(&b'm') && !keys::is_derived(key));
        records
    };
    let expected = of_store(&store);
    unpack_store(&store);
    let mut backup = Vec::new();
    store.write_backup(&mut backup, at(0), &|_| {}).unwrap();
    let store = restored(&backup, folder.path());
    assert!(store.0.tree.scan_prefix([b'J']).next().is_some());
    assert_eq!(of_store(&store), expected);
    for prefix in keys::packed_prefixes() {
        assert!(store.0.tree.scan_prefix(prefix).next().is_none());
    }
}
