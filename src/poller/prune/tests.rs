//! Stores with entries of every age, correct and wrong clocks → which entries are dropped.

use jiff::Timestamp;
use rafid_feed::model::{Entry, Identity, IdentityKind, PlainText};

use super::*;
use crate::model::{
    ClockDoubtKind, EntryId, Location, PollState, SeenEntry, Source, SourceId, StoredEntry,
};
use crate::store::{Commit, ObservedEntry, StoreOptions};

const DAY: i64 = 24 * 3600;
const YEARS: i64 = 10 * 365 * DAY;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + second).unwrap()
}

fn source(name: &str) -> SourceId {
    SourceId::new(name).unwrap()
}

fn store(folder: &tempfile::TempDir) -> Store {
    let settings =
        StoreOptions { cache_bytes: 1 << 20, ..StoreOptions::new(folder.path().to_owned()) };
    Store::open(&settings, at(0)).unwrap().store
}

/// An entry of a source that is `days` days old.
fn entry(of: &SourceId, days: i64) -> StoredEntry {
    let key = days.to_string();
    let identity = Identity { kind: IdentityKind::Guid, key, weaker_names: Vec::new() };
    let published_at = Some(at(-days * DAY));
    let read = Entry {
        published_at,
        ..Entry::titled(identity.clone(), PlainText::from_trusted("خبر".into()))
    };
    StoredEntry {
        id: EntryId::for_identity(of, &identity),
        source: of.clone(),
        entry: read,
        first_seen_at: at(0),
        listed_at: at(-days * DAY),
        changed_at: at(0),
        revision: 0,
        fingerprints: vec![days.unsigned_abs()],
        content_hash: 0,
    }
}

/// Stores a reading of a source in which `listed` are listed, and `new` are new.
fn keep(store: &Store, of: &SourceId, new: &[i64], listed: &[i64]) {
    let remembered = listed.iter().map(|days| entry(of, *days)).map(|listed| ObservedEntry {
        entry: SeenEntry {
            id: listed.id,
            listed_at: listed.listed_at,
            content_hash: listed.content_hash,
        },
        fingerprints: listed.fingerprints,
    });
    let mut state = PollState::new([0; 16], at(0));
    state.last_poll.polled_at = Some(at(0));
    let commit = Commit {
        source: of.clone(),
        state,
        new: new.iter().map(|days| entry(of, *days)).collect(),
        changed: Vec::new(),
        restored: Vec::new(),
        story_records: Vec::new(),
        observed: remembered.collect(),
        is_whole: true,
    };
    store.commit(&[commit], 1_000).unwrap();
}

fn bare_source(id: &SourceId) -> Arc<Source> {
    Arc::new(Source::bare(id.clone(), Location::File("/feed.xml".into())))
}

fn job(configured: &[&SourceId]) -> PruneJob {
    PruneJob {
        keep: Some(Duration::from_hours(90 * 24)),
        newest_commit: Some(at(0)),
        configured: configured.iter().map(|id| bare_source(id)).collect::<Vec<_>>().into(),
        ..PruneJob::default()
    }
}

/// The ages in days of the stored entries of a source.
fn kept(store: &Store, of: &SourceId) -> Vec<i64> {
    let known = store.seen_index(of).unwrap();
    let ages = known.kept().iter().rev();
    ages.map(|(listed_at, _)| at(0).duration_since(*listed_at).as_secs() / DAY).collect()
}

#[test]
fn what_is_listed_and_the_newest_stay_whatever_their_age() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder);
    let (slow, busy, gone) = (source("slow"), source("busy"), source("gone"));
    // A slow feed lists nothing but old entries.
    let old: Vec<i64> = (100..140).collect();
    keep(&store, &slow, &old, &old);
    // A busy feed listed old entries once, and lists others now.
    let (before, now): (Vec<i64>, Vec<i64>) = ((91..121).collect(), (0..5).collect());
    keep(&store, &busy, &before, &before);
    keep(&store, &busy, &now, &[&now[..], &[120]].concat());
    // A source that the operator took out of the configuration.
    keep(&store, &gone, &[1, 95], &[1, 95]);
    let job = job(&[&slow, &busy]);
    let done = prune_once(&store, &job, at(60)).unwrap();
    assert_eq!((done.confirmed, done.pruned_count), (Some(at(60)), 15));
    assert_eq!(kept(&store, &slow), old);
    // Twenty in all, and the one that is still listed.
    let expected: Vec<i64> = (0..5).chain(91..106).chain([120]).collect();
    assert_eq!(kept(&store, &busy), expected);
    assert_eq!(kept(&store, &gone), [1]);
    assert_eq!(prune_once(&store, &job, at(120)).unwrap().pruned_count, 0);
}

#[test]
fn whether_anything_is_old_enough_is_known_from_the_oldest_entry() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder);
    let now = at(0);
    assert!(!store.has_entry_before(now).unwrap(), "nothing is stored");
    let one = source("one");
    keep(&store, &one, &[1, 5], &[]);
    let days_ago = |days: i64| now - SignedDuration::from_hours(24 * days);
    for (days, expected) in [(0, true), (2, true), (5, false), (6, false)] {
        assert_eq!(store.has_entry_before(days_ago(days)).unwrap(), expected, "{days}");
    }
}

#[test]
fn a_wrong_clock_drops_nothing_and_records_the_doubt() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder);
    let a = source("a");
    let ages: Vec<i64> = (0..80).collect();
    keep(&store, &a, &ages, &[]);
    keep(&store, &a, &[85], &[85]);
    let count = || store.kept_entry_count(&a).unwrap();
    let before = count();
    let job = job(&[&a]);
    assert_eq!(prune_once(&store, &job, at(0)).unwrap().confirmed, Some(at(0)));
    let doubt = || store.system_clock().unwrap().unwrap().doubt.map(|doubt| doubt.kind);
    // Ten years ahead for twenty seconds: by the monotonic clock, by hosts, by the newest commit.
    let jumped = PruneJob { by_monotonic: Some(at(20)), ..job.clone() };
    assert_eq!(prune_once(&store, &jumped, at(YEARS)).unwrap(), PruneResult::default());
    assert_eq!((doubt(), count()), (Some(ClockDoubtKind::Jump), before));
    let hosts = PruneJob { ahead_of_hosts: vec![YEARS, YEARS, YEARS], ..job.clone() };
    assert_eq!(prune_once(&store, &hosts, at(YEARS)).unwrap(), PruneResult::default());
    assert_eq!((doubt(), count()), (Some(ClockDoubtKind::Hosts), before));
    assert_eq!(prune_once(&store, &job, at(YEARS)).unwrap(), PruneResult::default());
    assert_eq!((doubt(), count()), (Some(ClockDoubtKind::Ahead), before));
    // Right again.
    assert_eq!(prune_once(&store, &job, at(40)).unwrap().confirmed, Some(at(40)));
    assert_eq!((doubt(), count()), (None, before));
}

#[test]
fn one_hour_drops_a_share_at_most() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder);
    let a = source("a");
    let old: Vec<i64> = (100..1_000).collect();
    keep(&store, &a, &old, &[50]);
    let job = job(&[]);
    // At least 200, and no more before an hour is over.
    assert_eq!(prune_once(&store, &job, at(0)).unwrap().pruned_count, 200);
    assert_eq!(prune_once(&store, &job, at(3_000)).unwrap().pruned_count, 0);
    assert_eq!(prune_once(&store, &job, at(3_700)).unwrap().pruned_count, 200);
    assert_eq!(store.kept_entry_count(&a).unwrap(), 500);
}

#[test]
fn entries_listed_in_the_future_move_back_to_their_place() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder);
    let a = source("a");
    let mut undated = entry(&a, 7);
    undated.entry.published_at = None;
    (undated.listed_at, undated.first_seen_at) = (at(YEARS), at(YEARS));
    let mut dated = entry(&a, 8);
    (dated.listed_at, dated.first_seen_at) = (at(YEARS), at(YEARS));
    keep(&store, &a, &[1], &[1]);
    let mut state = PollState::new([0; 16], at(0));
    state.last_poll.polled_at = Some(at(0));
    let commit = Commit {
        source: a.clone(),
        state,
        new: vec![undated.clone(), dated.clone()],
        changed: Vec::new(),
        restored: Vec::new(),
        story_records: Vec::new(),
        observed: Vec::new(),
        is_whole: false,
    };
    store.commit(&[commit], 1_000).unwrap();
    let done = prune_once(&store, &job(&[&a]), at(60)).unwrap();
    assert_eq!((done.moved_back_count, done.pruned_count), (2, 0));
    let found = store.entry(undated.id, at(60)).unwrap().unwrap();
    assert_eq!((found.first_seen_at, found.changed_at), (at(60), at(60)));
    assert!(store.entry(dated.id, at(-8 * DAY)).unwrap().is_some());
    assert_eq!(store.seen_index(&a).unwrap().kept().len(), 3);
    assert_eq!(prune_once(&store, &job(&[&a]), at(120)).unwrap().moved_back_count, 0);
}
