//! Sources, entries and commits to test with.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jiff::Timestamp;
use rafid::model::{EntryId, PollState, SeenEntry, SourceId, StoredEntry};
use rafid::store::{Commit, LatestQuery, ObservedEntry, OpenedStore, Store, StoreOptions};
use rafid_feed::model::{Direction, Entry, Identity, IdentityKind, PlainText, SafeHtml};

/// Every remembered fingerprint of a source, with its entry.
pub(crate) fn names_of(store: &Store, of: &SourceId) -> BTreeMap<u64, SeenEntry> {
    store.seen_index(of).unwrap().names().collect()
}

/// The time of every test.
pub(crate) fn now() -> Timestamp {
    "2026-11-23T10:00:00Z".parse().unwrap()
}

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

pub(crate) fn source(name: &str) -> SourceId {
    SourceId::new(name).unwrap()
}

pub(crate) fn options(folder: &Path) -> StoreOptions {
    StoreOptions { cache_bytes: 8 << 20, ..StoreOptions::new(folder) }
}

pub(crate) fn open(folder: &Path) -> OpenedStore {
    Store::open(&options(folder), now()).unwrap()
}

/// Opens a store that has neither a commit log nor bases.
pub(crate) fn open_without_log(folder: &Path) -> OpenedStore {
    Store::open(&StoreOptions { recovery_percent: None, ..options(folder) }, now()).unwrap()
}

/// Opens a store that is not broken.
pub(crate) fn store(folder: &Path) -> Store {
    let opened = open(folder);
    assert_eq!(opened.recovery.set_aside, None);
    opened.store
}

/// Entry `number` of a source, listed at this second, with a text of this many bytes.
pub(crate) fn entry(of: &SourceId, number: u64, second: i64, text_bytes: usize) -> StoredEntry {
    let key = format!("https://news.example/{number}");
    let identity =
        Identity { kind: IdentityKind::Guid, key: key.clone(), weaker_names: Vec::new() };
    let id = EntryId::for_identity(of, &identity);
    let content = text(number, text_bytes);
    let entry = Entry {
        guid: Some(key.clone()),
        link: Some(key),
        content: (text_bytes > 0).then(|| SafeHtml::from_trusted(content)),
        published_at: Some(at(second)),
        direction: Direction::RightToLeft,
        ..Entry::titled(identity, PlainText::from_trusted(format!("خبر رقم {number}")))
    };
    StoredEntry {
        id,
        source: of.clone(),
        entry,
        first_seen_at: at(second),
        listed_at: at(second),
        changed_at: at(second),
        revision: 0,
        fingerprints: vec![number],
        content_hash: number,
    }
}

/// Words of at least this many bytes, different for every number.
pub(crate) fn text(number: u64, bytes: usize) -> String {
    const WORDS: [&str; 12] = [
        "الخبر",
        "اليوم",
        "أعلنت",
        "الوزارة",
        "عن",
        "خطة",
        "جديدة",
        "في",
        "المدينة",
        "بعد",
        "اجتماع",
        "مساء",
    ];
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut text = String::with_capacity(bytes + 32);
    while text.len() < bytes {
        state = next(state);
        text.push_str(WORDS[usize::try_from(state % 12).unwrap()]);
        if state.is_multiple_of(5) {
            text.push_str(&state.to_string());
        }
        text.push(' ');
    }
    text
}

/// A small generator (xorshift64) of numbers that are the same in every run.
pub(crate) fn next(mut state: u64) -> u64 {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    state
}

pub(crate) fn remembered(listed: &StoredEntry) -> ObservedEntry {
    ObservedEntry {
        entry: SeenEntry {
            id: listed.id,
            listed_at: listed.listed_at,
            content_hash: listed.content_hash,
        },
        fingerprints: listed.fingerprints.clone(),
    }
}

/// A state that differs from others by its number.
pub(crate) fn state(number: u32) -> PollState {
    let mut state = PollState::new([7; 16], at(i64::from(number)));
    state.document.entries_count = number;
    state
}

/// A poll that was not modified.
pub(crate) fn not_modified(of: &SourceId, number: u32) -> Commit {
    Commit {
        source: of.clone(),
        state: state(number),
        new: Vec::new(),
        changed: Vec::new(),
        restored: Vec::new(),
        story_records: Vec::new(),
        observed: Vec::new(),
        is_whole: true,
    }
}

/// A document in which every entry is new.
pub(crate) fn all_new(of: &SourceId, number: u32, new: Vec<StoredEntry>) -> Commit {
    let remembered = new.iter().map(remembered).collect();
    Commit { new, observed: remembered, ..not_modified(of, number) }
}

/// A document in which every entry changed.
pub(crate) fn all_changed(of: &SourceId, number: u32, changed: Vec<StoredEntry>) -> Commit {
    let remembered = changed.iter().map(remembered).collect();
    Commit { changed, observed: remembered, ..not_modified(of, number) }
}

/// The newest entries of these sources.
pub(crate) fn newest(store: &Store, sources: &[&SourceId], limit: usize) -> Vec<StoredEntry> {
    let sources: BTreeSet<SourceId> = sources.iter().map(|source| (*source).clone()).collect();
    let wanted = LatestQuery {
        sources: &sources,
        limit,
        before: None,
        per_source: None,
        caps: &BTreeMap::new(),
        filter: None,
    };
    store.latest_entries(&wanted).unwrap()
}

pub(crate) fn ids(entries: &[StoredEntry]) -> Vec<EntryId> {
    entries.iter().map(|listed| listed.id).collect()
}

/// Checks that the journal leads to every stored entry and that its numbers grow.
pub(crate) fn check_journal(store: &Store) {
    let arrivals = store.arrivals_after(0, usize::MAX).unwrap();
    assert!(arrivals.is_sorted_by_key(|arrival| arrival.number));
    let last = arrivals.last().map_or(0, |arrival| arrival.number);
    assert!(last <= store.journal_head().unwrap(), "a number is not used twice");
    let live = arrivals.iter().filter(|it| store.arrived_entry(it).unwrap().is_some());
    let live: BTreeSet<EntryId> = live.map(|arrival| arrival.id).collect();
    let stored = store.find_entries(&|_| true, usize::MAX).unwrap();
    assert_eq!(live, stored.into_iter().map(|listed| listed.id).collect());
}
