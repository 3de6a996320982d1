//! The time that the store takes for a day's work of 1,000 sources: wall time, so a busy machine
//! affects the figures.
//!
//! `cargo bench --bench store`

#![allow(clippy::unwrap_used, clippy::print_stdout, unreachable_pub, missing_docs)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rafid::model::{EntryId, PollState, SeenEntry, SourceId, StoredEntry};
use rafid::store::{Commit, LatestQuery, ObservedEntry, Store, StoreOptions};
use rafid_feed::model::{Direction, Entry, Identity, IdentityKind, PlainText, SafeHtml};

use support::WORDS;

const SOURCES: usize = 1_000;
const ENTRIES: usize = 30;
const TEXT_BYTES: usize = 1_500;
/// The number of polls that share one flush.
const GROUP: usize = 64;
const KEEP: usize = 500;
/// The number of words that texts are made of: the first ones of the list.
const WORD_COUNT: u64 = 16;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let settings = StoreOptions::new(folder.path());
    let now: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
    let store = Store::open(&settings, now).unwrap().store;
    let sources: Vec<SourceId> =
        (0..SOURCES).map(|n| SourceId::new(&format!("source-{n}")).unwrap()).collect();
    let readings: Vec<Commit> = sources.iter().map(|source| reading(source, now)).collect();
    println!("memory before: {}", memory());
    timed("first readings", SOURCES, || commit(&store, &readings));
    let same: Vec<Commit> = readings.iter().map(|reading| later(reading, 1, now)).collect();
    timed("readings without news", SOURCES, || commit(&store, &same));
    let states: Vec<Commit> = readings
        .iter()
        .map(|reading| Commit { observed: Vec::new(), ..later(reading, 2, now) })
        .collect();
    timed("polls not modified", SOURCES, || commit(&store, &states));
    let all: BTreeSet<SourceId> = sources.iter().cloned().collect();
    let few: BTreeSet<SourceId> = sources.iter().take(3).cloned().collect();
    for (what, sources, per_source) in
        [("of all", &all, None), ("of all, 2 each", &all, Some(2)), ("of three", &few, None)]
    {
        let query = LatestQuery {
            sources,
            limit: 100,
            before: None,
            per_source,
            caps: &BTreeMap::new(),
            filter: None,
        };
        timed(&format!("newest 100 {what}"), 20, || {
            for _ in 0..20 {
                store.latest_entries(&query).unwrap();
            }
        });
    }
    timed("known", SOURCES, || {
        for source in &sources {
            store.seen_index(source).unwrap();
        }
    });
    println!("disk: {} KB for {SOURCES} x {ENTRIES} entries", store.disk_bytes().unwrap() / 1024);
    println!("memory after: {}", memory());
    println!("syncs: {}", store.sync_count());
    drop(store);
    let opened = timed("opening again", 1, || Store::open(&settings, now).unwrap());
    assert_eq!(opened.store.kept_entry_count(&sources[SOURCES - 1]).unwrap(), ENTRIES as u64);
}

fn commit(store: &Store, commits: &[Commit]) {
    for group in commits.chunks(GROUP) {
        store.commit(group, KEEP).unwrap();
    }
}

/// Runs the work and prints the time per item of `count`.
fn timed<T>(what: &str, count: usize, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let done = work();
    let took = start.elapsed();
    println!("{what}: {took:?}, {:?} each", took / u32::try_from(count).unwrap());
    done
}

/// The first commit of a source.
fn reading(source: &SourceId, now: Timestamp) -> Commit {
    let new: Vec<StoredEntry> = (0..ENTRIES).map(|n| entry(source, n, now)).collect();
    let remembered = new
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
    let state = PollState::new([1; 16], now);
    Commit {
        source: source.clone(),
        state,
        new,
        changed: Vec::new(),
        restored: Vec::new(),
        story_records: Vec::new(),
        observed: remembered,
        is_whole: true,
    }
}

/// The same commit again, without news.
fn later(reading: &Commit, hours: i64, now: Timestamp) -> Commit {
    let due_at = now + Duration::from_secs(3_600 * hours.unsigned_abs());
    Commit { new: Vec::new(), state: PollState::new([1; 16], due_at), ..reading.clone() }
}

fn entry(source: &SourceId, number: usize, now: Timestamp) -> StoredEntry {
    let key = format!("https://news.example/{source}/{number}");
    let identity =
        Identity { kind: IdentityKind::Guid, key: key.clone(), weaker_names: Vec::new() };
    let id = EntryId::for_identity(source, &identity);
    let seed = u64::from_be_bytes(id.to_bytes()[..8].try_into().unwrap());
    let listed_at = now - Duration::from_secs(seed % 86_400);
    let entry = Entry {
        guid: Some(key.clone()),
        link: Some(key),
        summary: Some(SafeHtml::from_trusted(text(seed ^ 1, TEXT_BYTES))),
        published_at: Some(listed_at),
        direction: Direction::RightToLeft,
        ..Entry::titled(identity, PlainText::from_trusted(text(seed, 80)))
    };
    StoredEntry {
        id,
        source: source.clone(),
        entry,
        first_seen_at: now,
        listed_at,
        changed_at: listed_at,
        revision: 0,
        fingerprints: vec![seed, seed ^ 1, seed ^ 2],
        content_hash: seed,
    }
}

/// Random words, with numbers among them so that the text does not compress better than prose.
fn text(seed: u64, bytes: usize) -> String {
    let (mut state, mut text) = (seed | 1, String::with_capacity(bytes + 32));
    while text.len() < bytes {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        text.push_str(WORDS[(state % WORD_COUNT) as usize]);
        text.push(' ');
        if state.is_multiple_of(3) {
            text.push_str(&(state >> 40).to_string());
            text.push(' ');
        }
    }
    text
}

/// The memory of the process; only Linux reports it.
fn memory() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    resident.map_or("unknown".to_owned(), |resident| resident.trim().to_owned())
}
