//! Whatever is written meanwhile, a snapshot shows its moment; and what the writer keeps for it is limited.

use std::collections::BTreeMap;
use std::thread;

use proptest::collection::vec;
use proptest::prelude::*;

use super::super::batch::WriteBatch;
use super::super::decode::join_fields;
use super::super::records::envelope::{Compression, Envelope, encode_record};
use super::*;

/// Kinds of records with an envelope, before and after the parts and the database's own.
const KINDS: [u8; 4] = *b"bksw";
const KEYS: u16 = 700;

type Records = BTreeMap<Vec<u8>, Vec<u8>>;

fn empty_tree() -> Tree {
    let db = sled::Config::new().temporary(true).cache_capacity(8 << 20).open().unwrap();
    db.open_tree("snapshot").unwrap()
}

fn key_of(number: u16) -> Vec<u8> {
    let kind = KINDS[usize::from(number) % KINDS.len()];
    [&[kind][..], &number.to_be_bytes()].concat()
}

/// Puts a record of this length, or removes it. Beyond 6,000 bytes it has parts.
fn add(batch: &mut WriteBatch<'_>, number: u16, length: Option<usize>, fill: u8) {
    let key = key_of(number);
    match length {
        Some(length) => {
            let encoded = encode_record(1, "", &vec![fill; length], Compression::Never).unwrap();
            batch.put(&key, encoded).unwrap();
        }
        None => batch.remove(&key).unwrap(),
    }
}

fn filled_tree() -> Tree {
    let tree = empty_tree();
    let mut batch = WriteBatch::new(&tree);
    for number in 0..KEYS {
        let length = if number % 10 == 0 { 13_000 } else { 40 };
        add(&mut batch, number, Some(length), 0);
    }
    batch.put_raw(b"mname", b"before");
    batch.apply().unwrap();
    tree
}

/// As the store applies a batch.
fn apply(tree: &Tree, gate: &RwLock<()>, images: &BeforeImages, batch: WriteBatch<'_>) {
    images.wait_for_room();
    let _gate = gate.write().unwrap();
    let batch = batch.pack().unwrap();
    images.keep(tree, &batch).unwrap();
    tree.apply_batch(batch.into_sled_batch()).unwrap();
}

fn fields(parts: &impl PartSource, key: &[u8], value: &[u8]) -> Vec<u8> {
    join_fields(parts, key, &Envelope::parse(value).unwrap()).unwrap()
}

/// The fields of all records but the database's own and parts.
fn all_fields(tree: &Tree) -> Records {
    let records = tree.iter().map(Result::unwrap);
    let records = records.filter(|(key, _)| KINDS.contains(&key[0]));
    records.map(|(key, value)| (key.to_vec(), fields(tree, &key, &value))).collect()
}

/// Reads a snapshot as a dump does, and calls `meanwhile` between reading a slice and decoding it.
fn read_all(snapshot: &TreeSnapshot<'_>, mut meanwhile: impl FnMut()) -> Records {
    let mut found = Records::new();
    for (from, end) in [(&b""[..], Some(&b"m"[..])), (b"n", Some(b"p")), (b"q", None)] {
        let mut from = Some(from.to_vec());
        while let Some(start) = from {
            let slice = snapshot.read_slice(&start, end).unwrap();
            meanwhile();
            for (key, value) in &slice.records {
                let before = found.insert(key.to_vec(), fields(snapshot, key, value));
                assert_eq!(before, None, "read once");
            }
            from = slice.next;
        }
    }
    found
}

/// The number of a record, its new length and what it is filled with.
type Change = (u16, Option<usize>, u8);

fn changes() -> impl Strategy<Value = Vec<Vec<Change>>> {
    let length = prop_oneof![Just(None), Just(Some(30)), Just(Some(9_000)), Just(Some(20_000))];
    // Some numbers are of records that did not exist.
    vec(vec((0..KEYS + 100, length, 1_u8..), 0..60), 12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_snapshot_shows_its_moment_whatever_is_written_meanwhile(changes in changes()) {
        let (tree, gate, images) = (filled_tree(), RwLock::new(()), BeforeImages::default());
        let expected = all_fields(&tree);
        let snapshot = images.take_turn().begin(&tree, &gate);
        let mut batches = changes.iter();
        let found = read_all(&snapshot, || {
            let mut batch = WriteBatch::new(&tree);
            for &(number, length, fill) in batches.next().into_iter().flatten() {
                add(&mut batch, number, length, fill);
            }
            batch.put_raw(b"mname", b"after");
            apply(&tree, &gate, &images, batch);
        });
        prop_assert!(found == expected);
        let about_database = snapshot.records_with_prefix(b'm').unwrap();
        drop(snapshot);
        prop_assert!(images.lock().is_none(), "nothing is kept any more");
        // It counts as read once the records after it are.
        prop_assert_eq!(about_database.len(), 1);
    }
}

#[test]
fn what_is_known_about_the_database_is_of_the_same_moment() {
    let (tree, gate, images) = (filled_tree(), RwLock::new(()), BeforeImages::default());
    let snapshot = images.take_turn().begin(&tree, &gate);
    let mut batch = WriteBatch::new(&tree);
    batch.put_raw(b"mname", b"after");
    batch.put_raw(b"mother", b"new");
    apply(&tree, &gate, &images, batch);
    let records = snapshot.records_with_prefix(b'm').unwrap();
    let records: Vec<_> = records.iter().map(|(key, value)| (&key[..], &value[..])).collect();
    assert_eq!(records, [(&b"mname"[..], &b"before"[..])]);
}

#[test]
fn the_writer_waits_when_it_has_kept_enough() {
    let (tree, gate) = (filled_tree(), RwLock::new(()));
    let images = BeforeImages::with_limit(40_000);
    let expected = all_fields(&tree);
    let snapshot = images.take_turn().begin(&tree, &gate);
    let largest = thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for number in (0..KEYS).rev() {
                let mut batch = WriteBatch::new(&tree);
                add(&mut batch, number, Some(50), 7);
                apply(&tree, &gate, &images, batch);
            }
        });
        let mut largest = 0;
        let found = read_all(&snapshot, || {
            largest = largest.max(images.lock().as_ref().unwrap().bytes);
        });
        assert!(found == expected);
        drop(snapshot);
        writer.join().unwrap();
        largest
    });
    // A record has 13,000 bytes in parts.
    assert!(largest < 40_000 + 14_000, "{largest}");
    assert!(all_fields(&tree).values().all(|fields| fields == &[7; 50]));
}
