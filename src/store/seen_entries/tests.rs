//! Which entries are remembered, which entry a fingerprint identifies, and what is never forgotten.

use super::*;

fn id(number: u32) -> EntryId {
    let mut bytes = [0; 16];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    EntryId::from_bytes(bytes)
}

fn record(number: u32, fingerprints: &[Fingerprint]) -> SeenEntryRecord {
    SeenEntryRecord {
        position: EntryPosition { listed_ms: i64::from(number) * 1_000, id: id(number) },
        content_hash: 1,
        kept: true,
        listed: true,
        fingerprints: fingerprints.to_vec(),
    }
}

/// Records one document, newest first as in feeds.
fn read(seen: &mut SeenEntries, document: &[SeenEntryRecord]) {
    seen.record_document(document.to_vec());
}

/// The state after writing: nothing is marked as changed.
fn mark_written(seen: &mut SeenEntries) {
    for chunk in &mut seen.chunks {
        chunk.changed = false;
    }
}

fn changed(seen: &SeenEntries) -> Vec<u32> {
    seen.chunks.iter().filter(|chunk| chunk.changed).map(|chunk| chunk.number).collect()
}

fn fingerprints(seen: &SeenEntries, number: u32) -> Vec<Fingerprint> {
    let found = seen.records().find(|record| record.position.id == id(number));
    found.map(|record| record.fingerprints.clone()).unwrap_or_default()
}

#[test]
fn a_document_without_news_changes_no_chunk() {
    let mut seen = SeenEntries::default();
    let document: Vec<SeenEntryRecord> =
        (0..100).rev().map(|n| record(n, &[u64::from(n), 1_000 + u64::from(n)])).collect();
    read(&mut seen, &document);
    assert_eq!(changed(&seen), [0, 1, 2], "100 entries are three chunks");
    mark_written(&mut seen);
    read(&mut seen, &document);
    assert_eq!(changed(&seen), [0_u32; 0]);
    let mut edited = record(50, &[50]);
    edited.content_hash = 2;
    read(&mut seen, &[edited]);
    assert_eq!(changed(&seen), [1], "only the chunk of the entry that changed");
    assert!(seen.records().map(|r| r.position.listed_ms).is_sorted(), "newest last");
}

#[test]
fn an_entry_keeps_its_position_and_is_stored_again_only_on_request() {
    let mut seen = SeenEntries::default();
    read(&mut seen, &[record(1, &[10])]);
    let mut moved = record(1, &[10]);
    moved.position.listed_ms = 99;
    read(&mut seen, std::slice::from_ref(&moved));
    assert_eq!(seen.position_if_kept(id(1)), Some(record(1, &[]).position));
    seen.mark_dropped(&[record(1, &[]).position]);
    read(&mut seen, std::slice::from_ref(&moved));
    assert_eq!(seen.position_if_kept(id(1)), None);
    assert_eq!(seen.records().count(), 1);
    seen.mark_kept(moved.position);
    assert_eq!(seen.position_if_kept(id(1)), Some(moved.position));
    seen.mark_kept(record(1, &[]).position);
    assert_eq!(
        seen.position_if_kept(id(1)),
        Some(moved.position),
        "what is kept stays where it is"
    );
}

#[test]
fn a_whole_document_decides_what_is_listed_and_a_partial_one_only_adds() {
    let mut seen = SeenEntries::default();
    let document: Vec<SeenEntryRecord> =
        (0..100).rev().map(|n| record(n, &[u64::from(n)])).collect();
    read(&mut seen, &document);
    mark_written(&mut seen);
    let listed = |seen: &SeenEntries| seen.records().filter(|record| record.listed).count();
    let ids: BTreeSet<EntryId> = (10..100).map(id).collect();
    seen.set_listed(&ids);
    assert_eq!((listed(&seen), changed(&seen)), (90, vec![0]));
    mark_written(&mut seen);
    seen.set_listed(&ids);
    assert_eq!(changed(&seen), [0_u32; 0], "the same again changes nothing");
    read(&mut seen, &[record(3, &[3])]);
    assert_eq!(listed(&seen), 91);
}

#[test]
fn a_fingerprint_identifies_the_entry_that_appeared_under_it_last() {
    let mut seen = SeenEntries::default();
    read(&mut seen, &[record(1, &[10, 7])]);
    read(&mut seen, &[record(2, &[20, 7])]);
    assert_eq!((fingerprints(&seen, 1), fingerprints(&seen, 2)), (vec![10], vec![20, 7]));
    // Within one document the first entry gets it, and keeps it while the feed stays like this.
    let both = [record(1, &[10, 7]), record(2, &[20, 7])];
    read(&mut seen, &both);
    assert_eq!((fingerprints(&seen, 1), fingerprints(&seen, 2)), (vec![10, 7], vec![20]));
    mark_written(&mut seen);
    read(&mut seen, &both);
    assert_eq!(changed(&seen), [0_u32; 0]);
}

#[test]
fn old_fingerprints_stay_until_there_are_twelve() {
    let mut seen = SeenEntries::default();
    read(&mut seen, &[record(1, &[1, 2])]);
    read(&mut seen, &[record(1, &[3, 2])]);
    assert_eq!(fingerprints(&seen, 1), [3, 2, 1], "those of the last appearance first");
    for fingerprint in 4..100 {
        read(&mut seen, &[record(1, &[fingerprint])]);
    }
    assert_eq!(fingerprints(&seen, 1), (88..100).rev().collect::<Vec<_>>());
    let flood = [record(2, &(100..200).collect::<Vec<_>>())];
    read(&mut seen, &flood);
    assert_eq!(fingerprints(&seen, 2), (100..112).collect::<Vec<_>>(), "a flood is cut at once");
    mark_written(&mut seen);
    read(&mut seen, &flood);
    assert_eq!(changed(&seen), [0_u32; 0], "and the next time it is nothing new");
}

#[test]
fn a_full_chunk_with_many_fingerprints_stays_short() {
    let mut seen = SeenEntries::default();
    for number in 0..44 {
        let fingerprints: Vec<u64> =
            (0..12).map(|n| u64::MAX - u64::from(number * 12 + n)).collect();
        let mut long = record(number, &fingerprints);
        long.position.listed_ms = i64::MIN;
        read(&mut seen, &[long]);
    }
    assert_eq!(seen.chunks.len(), 1);
    let bytes = seen_chunk::encode(&seen.chunks[0].records).unwrap().len();
    assert!((5_500..6_000).contains(&bytes), "{bytes}");
}

#[test]
fn the_newest_are_kept_by_position_not_by_arrival() {
    let mut seen = SeenEntries::default();
    read(&mut seen, &[record(9, &[]), record(8, &[])]);
    read(&mut seen, &[record(1, &[]), record(10, &[]), record(5, &[])]);
    assert_eq!(seen.drop_beyond_newest(5), []);
    let dropped = seen.drop_beyond_newest(3);
    assert_eq!(dropped, [record(1, &[]).position, record(5, &[]).position]);
    assert_eq!(seen.drop_beyond_newest(3), []);
    assert_eq!(seen.records().filter(|record| record.kept).count(), 3);
}

#[test]
fn only_entries_neither_stored_nor_in_the_feed_are_forgotten_oldest_first() {
    let mut seen = SeenEntries::default();
    let mut all: Vec<SeenEntryRecord> = (0..300).map(|number| record(number, &[])).collect();
    for record in &mut all {
        record.kept = record.position.listed_ms == 7_000;
    }
    for record in &all {
        read(&mut seen, std::slice::from_ref(record));
    }
    mark_written(&mut seen);
    seen.forget(300, &BTreeSet::new());
    assert_eq!(changed(&seen), [0_u32; 0], "no more than may be");
    let document = BTreeSet::from([id(3), id(299)]);
    seen.forget(250, &document);
    let left: Vec<i64> = seen.records().map(|r| r.position.listed_ms / 1_000).collect();
    assert_eq!(left.len(), 300 - 50 - 44, "as many as must be and a chunk's worth");
    assert_eq!(left[..3], [3, 7, 96]);
    assert_eq!(changed(&seen), [0, 1, 2]);
    seen.forget(0, &document);
    let left: Vec<i64> = seen.records().map(|r| r.position.listed_ms / 1_000).collect();
    assert_eq!(left, [3, 7, 299]);
}
