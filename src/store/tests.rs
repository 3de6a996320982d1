//! Tests of internals: both ways to the newest entries lead to the same result, and which records a commit
//! writes. `tests/it/store` has the other tests.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, Waker};

use proptest::collection::vec;
use proptest::prelude::*;
use rafid_feed::model::{Direction, Entry, Identity, IdentityKind, PlainText, SafeHtml};

use super::batch::WriteBatch;
use super::records::envelope::{Compression, Envelope, encode_record};
use super::records::seen_chunk;
use super::*;
use crate::model::{PollReason, SeenEntry};

/// Makes every poll leave another state: sled does not write a value that is already there.
static POLLS: AtomicU32 = AtomicU32::new(0);

pub(super) fn source(name: &str) -> SourceId {
    SourceId::new(name).unwrap()
}

pub(super) fn at(millisecond: i64) -> Timestamp {
    Timestamp::from_millisecond(millisecond).unwrap()
}

pub(super) fn listed(source: &SourceId, number: u64, listed_ms: i64) -> StoredEntry {
    let identity =
        Identity { kind: IdentityKind::Guid, key: number.to_string(), weaker_names: Vec::new() };
    let id = EntryId::for_identity(source, &identity);
    let entry = Entry {
        direction: Direction::RightToLeft,
        ..Entry::titled(identity, PlainText::from_trusted(format!("خبر {number}")))
    };
    let (listed_at, first_seen_at, changed_at) = (at(listed_ms), at(listed_ms), at(listed_ms));
    let (source, fingerprints) = (source.clone(), vec![number]);
    StoredEntry {
        id,
        source,
        entry,
        first_seen_at,
        listed_at,
        changed_at,
        revision: 0,
        fingerprints,
        content_hash: 1,
    }
}

pub(super) fn commit(source: &SourceId, new: Vec<StoredEntry>) -> Commit {
    let observed = new
        .iter()
        .map(|listed| ObservedEntry {
            entry: SeenEntry {
                id: listed.id,
                listed_at: listed.listed_at,
                content_hash: listed.content_hash,
            },
            fingerprints: listed.fingerprints.clone(),
        })
        .collect();
    let state = PollState::new([0; 16], at(i64::from(POLLS.fetch_add(1, Ordering::Relaxed))));
    Commit {
        source: source.clone(),
        state,
        new,
        changed: Vec::new(),
        restored: Vec::new(),
        story_records: Vec::new(),
        observed,
        is_whole: true,
    }
}

pub(super) fn open_store(folder: &std::path::Path) -> Store {
    let options = StoreOptions { cache_bytes: 4 << 20, ..StoreOptions::new(folder.to_owned()) };
    Store::open(&options, at(0)).unwrap().store
}

/// The kinds of the keys that `work` writes, sorted, each once.
fn kinds_written(store: &Store, work: impl FnOnce()) -> String {
    let mut written = store.0.tree.watch_prefix(Vec::new());
    work();
    let mut kinds = BTreeSet::new();
    // Everything was applied, so there is nothing to wait for.
    let mut context = Context::from_waker(Waker::noop());
    while let Poll::Ready(Some(event)) = Pin::new(&mut written).poll(&mut context) {
        kinds.insert(char::from(event.key()[0]));
    }
    kinds.into_iter().collect()
}

#[test]
fn a_poll_without_news_writes_only_its_state() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_store(folder.path());
    let (a, entries) = (source("a"), |n| (0..n).map(|n| listed(&source("a"), n, 5)).collect());
    let check = |commit: Commit, expected: &str| {
        let written = kinds_written(&store, || store.commit(&[commit], 100).unwrap());
        assert_eq!(written, expected);
    };
    check(commit(&a, Vec::new()), "ms");
    check(commit(&a, entries(3)), "Jbklmrs");
    check(Commit { new: Vec::new(), ..commit(&a, entries(3)) }, "ms");
    check(commit(&a, Vec::new()), "ms");
    check(commit(&a, entries(4)), "Jbklmrs");
    let mut long = listed(&a, 9, 5);
    long.entry.content = Some(SafeHtml::from_trusted(noise_text(40_000)));
    check(commit(&a, vec![long.clone()]), "Jbklmprs");
    long.entry.content = None;
    check(Commit { new: Vec::new(), changed: vec![long], ..commit(&a, Vec::new()) }, "bmprs");
    assert_eq!(store.0.tree.scan_prefix("p").count(), 0, "parts go with their value");
}

/// Text that cannot be compressed.
fn noise_text(length: usize) -> String {
    let mut bytes = vec![0; length];
    blake3::Hasher::new().finalize_xof().fill(&mut bytes);
    bytes.into_iter().map(|byte| char::from(b' ' + byte % 94)).collect()
}

#[test]
fn a_new_due_time_changes_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_store(folder.path());
    let a = source("a");
    store.commit(&[commit(&a, vec![listed(&a, 1, 10)])], 100).unwrap();
    let mut expected = store.poll_state(&a).unwrap().unwrap();
    let (due_at, reason) = (at(777), PollReason::Skip);
    store.save_due_time(&a, due_at, reason).unwrap();
    (expected.schedule.due_at, expected.schedule.reason) = (due_at, reason);
    assert_eq!(store.poll_state(&a).unwrap(), Some(expected));
    store.save_due_time(&source("b"), due_at, reason).unwrap();
    assert_eq!(store.poll_state(&source("b")).unwrap(), None);
    assert_eq!(
        (store.stored_sources().unwrap(), store.kept_entry_count(&a).unwrap()),
        (vec![a], 1)
    );
}

#[test]
fn a_store_can_be_shared_between_threads() {
    fn shared<T: Send + Sync + Clone + 'static>() {}
    shared::<Store>();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn both_ways_to_the_newest_entries_give_the_same_result(
        entries in vec((0..4_usize, 0..60_i64), 0..400),
        keep in 1..120_usize,
        queries in vec((0..16_u8, 0..20_usize, any::<Option<(i8, u8)>>(), any::<Option<u8>>()), 12),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let store = open_store(folder.path());
        let sources: Vec<SourceId> = ["a", "b", "c", "d"].map(source).into();
        let mut all = Vec::new();
        for (index, source) in sources.iter().enumerate() {
            let own = entries.iter().enumerate().filter(|(_, (of, _))| *of == index);
            let new: Vec<_> = own.map(|(n, (_, ms))| listed(source, n as u64, *ms)).collect();
            let mut kept = new.clone();
            kept.sort_by_key(|entry| std::cmp::Reverse((entry.listed_at, entry.id)));
            all.extend(kept.into_iter().take(keep));
            store.commit(&[commit(source, new)], keep).unwrap();
        }
        all.sort_by_key(|entry| std::cmp::Reverse((entry.listed_at, entry.id)));
        for (mask, limit, before, per_source) in queries {
            let of = |index: &usize| mask & (1 << index) != 0;
            let wanted: BTreeSet<SourceId> =
                (0..4).filter(of).map(|index| sources[index].clone()).collect();
            let before =
                before.map(|(ms, byte)| (at(i64::from(ms) / 2), EntryId::from_bytes([byte; 16])));
            let per_source = per_source.map(|cap| usize::from(cap) / 32);
            let mut room: std::collections::BTreeMap<_, usize> = std::collections::BTreeMap::new();
            let expected: Vec<&StoredEntry> = all
                .iter()
                .filter(|entry| wanted.contains(&entry.source))
                .filter(|entry| before.is_none_or(|before| (entry.listed_at, entry.id) < before))
                .filter(|entry| {
                    let taken = room.entry(&entry.source).or_default();
                    *taken += 1;
                    per_source.is_none_or(|cap| *taken <= cap)
                })
                .take(limit)
                .collect();
            let query = LatestQuery { sources: &wanted, limit, before, per_source, caps: &BTreeMap::new(), filter: None };
            for budget in [0, 1, 7, usize::MAX] {
                let found = store.latest_with_budget(&query, budget).unwrap();
                let found: Vec<&StoredEntry> = found.iter().map(AsRef::as_ref).collect();
                prop_assert_eq!(found, expected.clone(), "{}", budget);
            }
            let found = store.latest_entries(&query).unwrap();
            prop_assert_eq!(found.iter().collect::<Vec<_>>(), expected);
            if let Some(from) = before {
                check_entries_above(&store, &all, from, &query);
            }
        }
    }
}

/// Both ways give the entries above a position, and they are those of the page that ends there.
fn check_entries_above(
    store: &Store,
    all: &[StoredEntry],
    from: (jiff::Timestamp, EntryId),
    query: &LatestQuery<'_>,
) {
    let mut room = BTreeMap::<&SourceId, usize>::new();
    let above = all.iter().rev().filter(|entry| (entry.listed_at, entry.id) >= from);
    let above = above.filter(|entry| query.sources.contains(&entry.source)).filter(|entry| {
        let taken = room.entry(&entry.source).or_default();
        *taken += 1;
        query.per_source.is_none_or(|cap| *taken <= cap)
    });
    let expected: Vec<&StoredEntry> = above.take(query.limit).collect();
    let position = keys::EntryPosition { listed_ms: from.0.as_millisecond(), id: from.1 };
    for budget in [0, 1, 7, usize::MAX] {
        let start = keys::entry_key(position).to_vec();
        let found = store.above_within_budget(start, query, budget).unwrap();
        assert_eq!(found.iter().map(AsRef::as_ref).collect::<Vec<_>>(), expected, "{budget}");
    }
    let is_even = |entry: &StoredEntry| entry.fingerprints[0].is_multiple_of(2);
    let any = LatestQuery { per_source: None, ..*query };
    let filtered = LatestQuery { filter: Some(&is_even), ..any };
    let found = store.entries_above(from, &filtered).unwrap();
    let all = store.entries_above(from, &LatestQuery { limit: 400, ..any }).unwrap();
    let expected = all.iter().filter(|entry| is_even(entry)).take(query.limit);
    assert_eq!(found.iter().collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    // A page that begins above as many as fill it has just these.
    if let Some((start, page)) = store
        .entries_above(from, &LatestQuery { limit: query.limit + 1, ..*query })
        .unwrap()
        .split_last()
        && page.len() == query.limit
    {
        let before = Some((start.listed_at, start.id));
        let mut below = store.latest_shared(&LatestQuery { before, ..*query }).unwrap();
        below.reverse();
        let ends_there = below.iter().all(|entry| (entry.listed_at, entry.id) >= from);
        assert!(ends_there && below.len() == page.len(), "{below:?}");
    }
}

#[test]
fn entries_are_found_at_any_position() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_store(folder.path());
    let source = source("a");
    let entries: Vec<StoredEntry> =
        (0..1_200).map(|number| listed(&source, number, 10 * number.cast_signed())).collect();
    store.commit(&[commit(&source, entries.clone())], 2_000).unwrap();
    for entry in [&entries[0], &entries[600], &entries[1_199]] {
        assert_eq!(
            store.find_entry(entry.id).unwrap().as_ref(),
            Some(entry),
            "it has no story record"
        );
    }
    assert_eq!(store.find_entry(EntryId::from_bytes([1; 16])).unwrap(), None);
    let even = |entry: &StoredEntry| entry.fingerprints[0].is_multiple_of(2);
    let check = |at_most: usize, expected: &[u64]| {
        let found = store.find_entries(&even, at_most).unwrap();
        let numbers: Vec<u64> = found.iter().map(|entry| entry.fingerprints[0]).collect();
        assert!(numbers.starts_with(expected) && numbers.len() <= at_most, "{numbers:?}");
    };
    check(3, &[1_198, 1_196, 1_194]);
    assert_eq!(store.find_entries(&even, 2_000).unwrap().len(), 600);
}

/// The records whose keys start with `prefix`.
fn records_of(store: &Store, prefix: &str) -> Vec<(Vec<u8>, Vec<u8>)> {
    let records = store.0.tree.scan_prefix(prefix).map(Result::unwrap);
    records.map(|(key, value)| (key.to_vec(), value.to_vec())).collect()
}

/// Converts every second record of a kind back to an earlier version.
fn downgrade_records(
    store: &Store,
    prefix: &str,
    (version, compression): (u8, Compression),
    change: impl Fn(Vec<u8>) -> Vec<u8>,
) {
    let tree = &store.0.tree;
    for (key, value) in records_of(store, prefix).into_iter().step_by(2) {
        let envelope = Envelope::parse(&value).unwrap();
        let fields = change(decode::join_fields(tree, &key, &envelope).unwrap());
        let mut batch = WriteBatch::new(tree);
        batch
            .put(&key, encode_record(version, envelope.label, &fields, compression).unwrap())
            .unwrap();
        batch.apply().unwrap();
    }
}

/// Half of the records are current, as in a store that was killed in the middle of an upgrade.
#[test]
fn a_store_with_records_of_several_versions_is_upgraded() {
    let folder = tempfile::tempdir().unwrap();
    let a = source("a");
    let mut entries: Vec<StoredEntry> =
        (0..1_200_u64).map(|n| listed(&a, n, n.cast_signed())).collect();
    entries[6].entry.content = Some(SafeHtml::from_trusted(noise_text(40_000)));
    let store = open_store(folder.path());
    store.commit(&[commit(&a, entries)], 2_000).unwrap();
    let (bodies, parts) = (records_of(&store, "b"), records_of(&store, "p"));
    assert!(parts.len() > 5);
    let known = store.seen_index(&a).unwrap();
    downgrade_records(&store, "b", (1, Compression::WhereShorter), |mut fields| {
        assert_eq!(fields.pop(), Some(0));
        fields
    });
    downgrade_records(&store, "k", (1, Compression::Never), |fields| {
        let records = seen_chunk::decode(seen_chunk::VERSION, &fields).unwrap();
        let header = seen_chunk::ChunkHeader::of_records(&records);
        let first: Vec<migration::EntryOfChunk> = records
            .into_iter()
            .map(|it| {
                let names = it.fingerprints.into_iter().map(u64::to_be_bytes).collect();
                let EntryPosition { id, listed_ms } = it.position;
                (id.to_bytes(), listed_ms, it.content_hash.to_be_bytes(), it.kept, names)
            })
            .collect();
        postcard::to_stdvec(&((header.kept_count, header.newest_kept_ms), first)).unwrap()
    });
    assert_ne!(records_of(&store, "b"), bodies);
    let error = store.seen_index(&a).unwrap_err().to_string();
    assert!(error.ends_with("unknown version: expected 2, found 1"), "{error}");
    store.0.tree.remove(keys::FORMAT).unwrap();
    drop(store);
    let opened_again = Store::open(
        &StoreOptions { cache_bytes: 4 << 20, ..StoreOptions::new(folder.path().to_owned()) },
        at(0),
    );
    let OpenedStore { store, recovery } = opened_again.unwrap();
    assert_eq!(recovery.set_aside, None);
    assert_eq!((records_of(&store, "b"), records_of(&store, "p")), (bodies, parts));
    let again = store.seen_index(&a).unwrap();
    assert_eq!(again, known);
    assert_eq!(store.kept_entry_count(&a).unwrap(), 1_200);
    let format = store.0.tree.get(keys::FORMAT).unwrap().unwrap();
    assert_eq!(&format[..], &[0, 0, 0, 3]);
}

#[test]
fn a_store_of_the_second_format_gets_its_number_and_keeps_everything() {
    let folder = tempfile::tempdir().unwrap();
    let a = source("a");
    let store = open_store(folder.path());
    store.commit(&[commit(&a, (0..9).map(|n| listed(&a, n, 5)).collect())], 100).unwrap();
    store.0.tree.insert(keys::FORMAT, &[0, 0, 0, 2]).unwrap();
    let everything = |store: &Store| {
        let kinds = ["b", "k", "p"].map(|prefix| records_of(store, prefix));
        (kinds, store.arrivals_after(0, 99).unwrap())
    };
    let before = everything(&store);
    assert_eq!((before.0[0].len(), before.1.len()), (9, 9));
    drop(store);
    let store = open_store(folder.path());
    assert_eq!(everything(&store), before);
    assert_eq!(&store.0.tree.get(keys::FORMAT).unwrap().unwrap()[..], &[0, 0, 0, 3]);
}
