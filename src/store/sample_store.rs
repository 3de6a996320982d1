//! A number of entries → a store of them with every kind of record, to test with.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use rafid_feed::model::{Direction, Entry, Identity, IdentityKind, PlainText, SafeHtml};
use sled::Tree;

use super::{Commit, Store, StoreOptions, keys};
use crate::model::{
    DailyTermCounts, EntryId, ObservedEntry, PollState, Secret, SeenEntry, SourceId, StoredEntry,
    StoryAssignment, StoryMethod, StoryRecord, Subscription, SubscriptionState,
};

/// The number of sources that the entries come from.
const SOURCES: u64 = 40;
/// Arabic texts of newspapers.
const TEXTS: &str = include_str!("../../tests/fixtures/stories/texts.jsonl");

/// A small generator (xorshift64) of numbers that are the same in every run.
pub(super) struct Numbers(u64);

impl Numbers {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `end`.
    pub(super) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(end).unwrap()).unwrap()
    }
}

fn at(second: u64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + i64::try_from(second).unwrap()).unwrap()
}

pub(super) fn options(folder: &Path) -> StoreOptions {
    StoreOptions { cache_bytes: 8 << 20, ..StoreOptions::new(folder) }
}

pub(super) fn open_store(folder: &Path) -> Store {
    Store::open(&options(folder), at(0)).unwrap().store
}

/// A store with `entries` entries of about 2 KB.
pub(super) fn sample_store(folder: &Path, entries: u64) -> Store {
    let store = open_store(folder);
    let words: Vec<&str> = TEXTS.split(|c: char| !c.is_alphabetic()).collect();
    for first in (0..entries).step_by(25) {
        store.commit(&[commit_of_words(first, entries.min(first + 25), &words)], 1_000).unwrap();
    }
    let counts = DailyTermCounts { day: 20_700, documents_count: 3, terms: vec![(1, 2), (7, 1)] };
    store.save_daily_term_counts(&counts, 0).unwrap();
    store.save_subscription(&subscription()).unwrap();
    // As later kinds of records may be: without an envelope, whatever their bytes look like.
    for number in 0..50_u64 {
        let key = [b"z", &number.to_be_bytes()[..]].concat();
        store.0.tree.insert(key, &[1, 1, 0, 9, 0, 0, 0, 5, 0, 0][..]).unwrap();
    }
    store.flush().unwrap();
    store
}

/// The commit of `count` entries of one source, the first with this number.
pub(super) fn commit_of_new_entries(first: u64, count: u64) -> Commit {
    let words: Vec<&str> = TEXTS.split(|c: char| !c.is_alphabetic()).collect();
    commit_of_words(first, first + count, &words)
}

fn commit_of_words(first: u64, end: u64, words: &[&str]) -> Commit {
    let source = SourceId::new(&format!("source-{}", first / 25 % SOURCES)).unwrap();
    let new = (first..end).map(|number| stored_entry(&source, number, words)).collect();
    commit(&source, new, first)
}

/// Stores one more entry of each source, and deletes all but `keep` of the others.
pub(super) fn shrink_store(store: &Store, keep: usize) {
    for number in 0..SOURCES {
        let source = SourceId::new(&format!("source-{number}")).unwrap();
        let new = vec![stored_entry(&source, 1_000_000 + number, &["كلمة"])];
        store.commit(&[commit(&source, new, 1_000_000 + number)], keep).unwrap();
    }
    store.flush().unwrap();
}

fn stored_entry(source: &SourceId, number: u64, words: &[&str]) -> StoredEntry {
    let mut numbers = Numbers::new(number + 1);
    let key = format!("https://news.example/2026/11/{}.html", numbers.below(usize::MAX));
    let identity = Identity { kind: IdentityKind::Guid, key: key.clone(), weaker_names: vec![] };
    let id = EntryId::for_identity(source, &identity);
    // One entry in fifty is long enough to be stored in parts.
    let length = if number.is_multiple_of(50) { 4_000 } else { 150 + numbers.below(150) };
    let mut text = String::new();
    for _ in 0..length {
        text.push_str(words[numbers.below(words.len())]);
        if numbers.below(6) == 0 {
            text.push_str(&numbers.below(1_000_000).to_string());
        }
        text.push(' ');
    }
    let entry = Entry {
        guid: Some(key.clone()),
        link: Some(key),
        content: Some(SafeHtml::from_trusted(text)),
        published_at: Some(at(number * 60)),
        direction: Direction::RightToLeft,
        ..Entry::titled(identity, PlainText::from_trusted(format!("خبر رقم {number}")))
    };
    StoredEntry {
        id,
        source: source.clone(),
        entry,
        first_seen_at: at(number * 60),
        listed_at: at(number * 60),
        changed_at: at(number * 60),
        revision: 0,
        fingerprints: vec![number],
        content_hash: number,
    }
}

fn commit(source: &SourceId, new: Vec<StoredEntry>, number: u64) -> Commit {
    let observed = new.iter().map(|listed| ObservedEntry {
        entry: SeenEntry {
            id: listed.id,
            listed_at: listed.listed_at,
            content_hash: listed.content_hash,
        },
        fingerprints: listed.fingerprints.clone(),
    });
    let first = new[0].id;
    // The first three entries of a commit are one story.
    let method = |number| match number % 25 {
        1 | 2 => StoryMethod::SameText,
        _ => StoryMethod::First,
    };
    let story_records = new.iter().map(|listed| StoryRecord {
        id: listed.id,
        source: source.clone(),
        listed_at: listed.listed_at,
        seen_at: listed.first_seen_at,
        assignment: StoryAssignment {
            story: if listed.content_hash % 25 < 3 { first } else { listed.id },
            text_group: listed.id,
            method: method(listed.content_hash),
            score: None,
            closeness: None,
            nearest: None,
            related: None,
        },
    });
    Commit {
        source: source.clone(),
        state: PollState::new([0; 16], at(number)),
        observed: observed.collect(),
        story_records: story_records.collect(),
        new,
        changed: Vec::new(),
        restored: Vec::new(),
        is_whole: false,
    }
}

fn subscription() -> Subscription {
    Subscription {
        source: SourceId::new("source-1").unwrap(),
        topic: "https://news.example/feed".to_owned(),
        hub: "https://hub.example/".to_owned(),
        base: "https://rafid.example/".to_owned(),
        token: Secret::new("token"),
        secret: Secret::new("secret"),
        state: SubscriptionState::Wanted,
        pending_request: None,
        attempts: 0,
        next_at: at(0),
        last_error: None,
        made_at: at(0),
        pushed_at: None,
        is_trusted: false,
    }
}

/// All records of a tree but the number of openings.
pub(super) fn all_records(tree: &Tree) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let records = tree.iter().map(Result::unwrap);
    records
        .filter(|(key, _)| &key[..] != keys::OPENINGS && !keys::is_derived(key))
        .map(|(key, value)| (key.to_vec(), value.to_vec()))
        .collect()
}
