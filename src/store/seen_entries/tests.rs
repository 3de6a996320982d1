//! What a memory keeps, whom a name leads to, and what is never forgotten.

use super::*;

fn id(number: u32) -> EntryId {
    let mut bytes = [0; 16];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    EntryId::from_bytes(bytes)
}

fn record(number: u32, names: &[Fingerprint]) -> SeenEntryRecord {
    SeenEntryRecord {
        position: EntryPosition { listed_ms: i64::from(number) * 1_000, id: id(number) },
        content_hash: 1,
        kept: true,
        listed: true,
        fingerprints: names.to_vec(),
    }
}

/// Notes one reading, newest first as feeds have it.
fn read(memory: &mut SeenEntries, reading: &[SeenEntryRecord]) {
    memory.record_reading(reading.to_vec());
}

/// As it is after it was written: nothing changed since.
fn settle(memory: &mut SeenEntries) {
    for chunk in &mut memory.chunks {
        chunk.changed = false;
    }
}

fn changed(memory: &SeenEntries) -> Vec<u32> {
    memory.chunks.iter().filter(|chunk| chunk.changed).map(|chunk| chunk.number).collect()
}

fn names(memory: &SeenEntries, number: u32) -> Vec<Fingerprint> {
    let found = memory.records().find(|record| record.position.id == id(number));
    found.map(|record| record.fingerprints.clone()).unwrap_or_default()
}

#[test]
fn a_reading_without_news_changes_no_chunk() {
    let mut memory = SeenEntries::default();
    let reading: Vec<SeenEntryRecord> =
        (0..100).rev().map(|n| record(n, &[u64::from(n), 1_000 + u64::from(n)])).collect();
    read(&mut memory, &reading);
    assert_eq!(changed(&memory), [0, 1, 2], "100 entries are three chunks");
    settle(&mut memory);
    read(&mut memory, &reading);
    assert_eq!(changed(&memory), [0_u32; 0]);
    let mut edited = record(50, &[50]);
    edited.content_hash = 2;
    read(&mut memory, &[edited]);
    assert_eq!(changed(&memory), [1], "only the chunk of the entry that changed");
    assert!(memory.records().map(|r| r.position.listed_ms).is_sorted(), "newest last");
}

#[test]
fn an_entry_keeps_its_place_and_is_kept_again_only_by_name() {
    let mut memory = SeenEntries::default();
    read(&mut memory, &[record(1, &[10])]);
    let mut moved = record(1, &[10]);
    moved.position.listed_ms = 99;
    read(&mut memory, std::slice::from_ref(&moved));
    assert_eq!(memory.position_if_kept(id(1)), Some(record(1, &[]).position));
    memory.mark_dropped(&[record(1, &[]).position]);
    read(&mut memory, std::slice::from_ref(&moved));
    assert_eq!(memory.position_if_kept(id(1)), None);
    assert_eq!(memory.records().count(), 1);
    memory.mark_kept(moved.position);
    assert_eq!(memory.position_if_kept(id(1)), Some(moved.position));
    memory.mark_kept(record(1, &[]).position);
    assert_eq!(
        memory.position_if_kept(id(1)),
        Some(moved.position),
        "what is kept stays where it is"
    );
}

#[test]
fn a_whole_document_tells_what_is_listed_and_a_part_only_adds() {
    let mut memory = SeenEntries::default();
    let reading: Vec<SeenEntryRecord> =
        (0..100).rev().map(|n| record(n, &[u64::from(n)])).collect();
    read(&mut memory, &reading);
    settle(&mut memory);
    let listed = |memory: &SeenEntries| memory.records().filter(|record| record.listed).count();
    let ids: BTreeSet<EntryId> = (10..100).map(id).collect();
    memory.set_listed(&ids);
    assert_eq!((listed(&memory), changed(&memory)), (90, vec![0]));
    settle(&mut memory);
    memory.set_listed(&ids);
    assert_eq!(changed(&memory), [0_u32; 0], "the same again changes nothing");
    read(&mut memory, &[record(3, &[3])]);
    assert_eq!(listed(&memory), 91);
}

#[test]
fn a_name_leads_to_the_entry_that_appeared_under_it_last() {
    let mut memory = SeenEntries::default();
    read(&mut memory, &[record(1, &[10, 7])]);
    read(&mut memory, &[record(2, &[20, 7])]);
    assert_eq!((names(&memory, 1), names(&memory, 2)), (vec![10], vec![20, 7]));
    // Within one reading the first has it, and keeps it as long as the feed stays like this.
    let both = [record(1, &[10, 7]), record(2, &[20, 7])];
    read(&mut memory, &both);
    assert_eq!((names(&memory, 1), names(&memory, 2)), (vec![10, 7], vec![20]));
    settle(&mut memory);
    read(&mut memory, &both);
    assert_eq!(changed(&memory), [0_u32; 0]);
}

#[test]
fn old_names_stay_until_there_are_twelve() {
    let mut memory = SeenEntries::default();
    read(&mut memory, &[record(1, &[1, 2])]);
    read(&mut memory, &[record(1, &[3, 2])]);
    assert_eq!(names(&memory, 1), [3, 2, 1], "those of the last appearance first");
    for name in 4..100 {
        read(&mut memory, &[record(1, &[name])]);
    }
    assert_eq!(names(&memory, 1), (88..100).rev().collect::<Vec<_>>());
    let flood = [record(2, &(100..200).collect::<Vec<_>>())];
    read(&mut memory, &flood);
    assert_eq!(names(&memory, 2), (100..112).collect::<Vec<_>>(), "a flood is cut at once");
    settle(&mut memory);
    read(&mut memory, &flood);
    assert_eq!(changed(&memory), [0_u32; 0], "and the next time it is nothing new");
}

#[test]
fn a_full_chunk_of_long_names_stays_short() {
    let mut memory = SeenEntries::default();
    for number in 0..44 {
        let names: Vec<u64> = (0..12).map(|n| u64::MAX - u64::from(number * 12 + n)).collect();
        let mut long = record(number, &names);
        long.position.listed_ms = i64::MIN;
        read(&mut memory, &[long]);
    }
    assert_eq!(memory.chunks.len(), 1);
    let bytes = seen_chunk::encode(&memory.chunks[0].records).unwrap().len();
    assert!((5_500..6_000).contains(&bytes), "{bytes}");
}

#[test]
fn the_newest_are_kept_by_place_not_by_arrival() {
    let mut memory = SeenEntries::default();
    read(&mut memory, &[record(9, &[]), record(8, &[])]);
    read(&mut memory, &[record(1, &[]), record(10, &[]), record(5, &[])]);
    assert_eq!(memory.drop_beyond_newest(5), []);
    let dropped = memory.drop_beyond_newest(3);
    assert_eq!(dropped, [record(1, &[]).position, record(5, &[]).position]);
    assert_eq!(memory.drop_beyond_newest(3), []);
    assert_eq!(memory.records().filter(|record| record.kept).count(), 3);
}

#[test]
fn only_what_is_neither_kept_nor_in_the_feed_is_forgotten_and_the_oldest_first() {
    let mut memory = SeenEntries::default();
    let mut all: Vec<SeenEntryRecord> = (0..300).map(|number| record(number, &[])).collect();
    for record in &mut all {
        record.kept = record.position.listed_ms == 7_000;
    }
    for record in &all {
        read(&mut memory, std::slice::from_ref(record));
    }
    settle(&mut memory);
    memory.forget(300, &BTreeSet::new());
    assert_eq!(changed(&memory), [0_u32; 0], "no more than may be");
    let reading = BTreeSet::from([id(3), id(299)]);
    memory.forget(250, &reading);
    let left: Vec<i64> = memory.records().map(|r| r.position.listed_ms / 1_000).collect();
    assert_eq!(left.len(), 300 - 50 - 44, "as many as must be and a chunk's worth");
    assert_eq!(left[..3], [3, 7, 96]);
    assert_eq!(changed(&memory), [0, 1, 2]);
    memory.forget(0, &reading);
    let left: Vec<i64> = memory.records().map(|r| r.position.listed_ms / 1_000).collect();
    assert_eq!(left, [3, 7, 299]);
}
