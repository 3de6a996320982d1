//! A store without a format number → the same store with one: every record written by the last version
//! without a number is served unchanged, even when the upgrade is interrupted.
//!
//! `before_format.txt` holds every record of such a store (key and value in hexadecimal), as that version
//! wrote it for `commits`. `earlier_log.txt` is a commit log of the same commits in its first format.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use rafid::model::{
    ClockVerdict, Failure, HubOffer, MoveSign, NewsHistory, PendingRedirect, PollReason, PollState,
    SiteName, SourceId, StoredEntry, StoryAssignment, StoryMethod, StoryRecord,
};
use rafid::store::{Commit, Store};
use rafid_feed::model::{ClockOffset, DateOrder, SafeHtml, Stage, Validators};

use super::crash::Child;
use super::make::{
    all_new, at, entry, names_of, newest, not_modified, open, remembered, source, state, store,
    text,
};
use super::opening::tamper;

/// The commits that the earlier version wrote: two sources, one of them with a story and an entry of several
/// parts.
fn commits() -> Vec<Commit> {
    let (a, b) = (source("a"), source("أخبار"));
    let mut first = all_new(&a, 1, entries_of(&a));
    first.story_records = first.new.iter().map(|listed| story_of(listed, &first.new[0])).collect();
    first.state = full_state();
    let second = all_new(&b, 2, entries_of(&b));
    vec![first, second, not_modified(&source("c"), 3)]
}

fn entries_of(source: &SourceId) -> Vec<StoredEntry> {
    let mut entries: Vec<StoredEntry> =
        (1..4).rev().map(|number| entry(source, number, number.cast_signed(), 150)).collect();
    if source.as_str() == "a" {
        entries[0].entry.content = Some(SafeHtml::from_trusted(text(7, 26_000)));
    }
    entries
}

fn story_of(listed: &StoredEntry, of: &StoredEntry) -> StoryRecord {
    let is_first = listed.id == of.id;
    StoryRecord {
        id: listed.id,
        source: listed.source.clone(),
        listed_at: listed.listed_at,
        seen_at: listed.listed_at,
        assignment: StoryAssignment {
            story: of.id,
            text_group: listed.id,
            method: if is_first { StoryMethod::First } else { StoryMethod::SameEvent },
            score: (!is_first).then_some(0.5),
            closeness: None,
            nearest: None,
            related: None,
        },
    }
}

/// A state with a value in each of its parts.
fn full_state() -> PollState {
    let mut full = state(1);
    full.document.validators = Some(Validators {
        etag: Some(b"\"1\"".to_vec()),
        last_modified: None,
        url: "https://news.example/feed".to_owned(),
    });
    (full.document.body_hash, full.last_poll.polled_at, full.schedule.changed_at) =
        (Some([9; 16]), Some(at(60)), Some(at(50)));
    (full.schedule.reason, full.document.date_order) =
        (PollReason::Ttl, Some(DateOrder::MonthFirst));
    full.last_poll.failure =
        Some(Failure { stage: Stage::Parse, message: "خطأ".to_owned(), at: at(40) });
    let to = "https://news.example/new".to_owned();
    let sign = MoveSign::Redirect;
    full.address.pending_redirect =
        Some(PendingRedirect { to, since: at(30), seen_count: 2, same_feed: Some(true), sign });
    full.health.clock.verdict = ClockVerdict::Off(ClockOffset::from_minutes(180).unwrap());
    full.health.news = NewsHistory { news_at: Some(at(50)), news_days: 4, empty_since: None };
    full.health.article_keys = vec![1, 2];
    full.address.hub_offer =
        Some(HubOffer { topic: "t".to_owned(), hubs: vec!["https://hub.example".to_owned()] });
    full.health.stands_for = 5;
    (full.schedule.recent, full.document.warnings) =
        (vec![at(50), at(20)], vec!["تحذير".to_owned()]);
    full
}

fn bytes_of_hex(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
    digits.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

/// Creates the store that the earlier version wrote.
fn create_earlier_store(folder: &Path) {
    let db = sled::open(folder.join("river")).unwrap();
    let tree = db.open_tree("river").unwrap();
    for line in include_str!("before_format.txt").lines() {
        let (key, value) = line.split_once(' ').unwrap();
        tree.insert(bytes_of_hex(key), bytes_of_hex(value)).unwrap();
    }
    db.flush().unwrap();
}

/// All records, except the count of openings, the format, and what that version did not have: the journal, the use of
/// labels, and the digests of recent entries. Story records stand by themselves, as in that version, and not in packs.
fn records_of(folder: &Path) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut records = BTreeMap::new();
    tamper(folder, |tree| {
        let all = tree.iter().map(Result::unwrap);
        records = all.flat_map(|(key, value)| unpacked(&key, &value)).collect();
    });
    records.remove(&b"mopenings"[..]);
    records.remove(&b"mformat"[..]);
    records.remove(&b"mapplied"[..]);
    records.remove(&b"mjournal"[..]);
    records.remove(&b"mdigests_from"[..]);
    let later = [b"J", b"j", b"l", b"r"];
    records.retain(|key, _| !later.iter().any(|kind| key.starts_with(*kind)));
    records
}

/// The story records of a pack (`packs.rs`), or the record itself.
fn unpacked(key: &[u8], value: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    if !key.starts_with(b"A") {
        return vec![(key.to_vec(), value.to_vec())];
    }
    let (mut records, mut rest) = (Vec::new(), &value[10..]);
    while let Some((length, behind)) = rest.split_first() {
        let (id, behind) = behind.split_at(usize::from(*length));
        let (length, behind) = behind.split_first_chunk().unwrap();
        let (value, behind) = behind.split_at(usize::from(u16::from_be_bytes(*length)));
        records.push(([b"a", id].concat(), value.to_vec()));
        rest = behind;
    }
    records
}

/// The same with their fields uncompressed: another compression is no other record. Of a long record, the fields of
/// which are in parts, their length remains (`check_served` reads them).
fn uncompressed_records_of(folder: &Path) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let records = records_of(folder).into_iter().filter(|(key, _)| !key.starts_with(b"p"));
    records.map(|(key, value)| (key, uncompressed(&value).unwrap_or(value))).collect()
}

/// What a value has in its envelope (`records/envelope.rs`); `None`: it has none.
fn uncompressed(value: &[u8]) -> Option<Vec<u8>> {
    let ([version, codec, p0, p1, f0, f1, f2, f3, l0, l1], rest) = value.split_first_chunk()?;
    let label = usize::from(u16::from_be_bytes([*l0, *l1]));
    let (label, body) = rest.split_at_checked(label)?;
    let length = u32::from_be_bytes([*f0, *f1, *f2, *f3]);
    let length = usize::try_from(length).ok()?;
    let is_in_parts = [*p0, *p1] != [0, 0];
    let fields = match codec {
        0..=2 if is_in_parts => length.to_string().into_bytes(),
        0 => Some(body.to_vec()).filter(|fields| fields.len() == length)?,
        1 => zstd::bulk::decompress(body, length).ok()?,
        2 => {
            let dictionary = include_bytes!("../../../assets/record-dictionary-1.bin");
            let mut decompressor = zstd::bulk::Decompressor::with_dictionary(dictionary).ok()?;
            decompressor.decompress(body, length).ok()?
        }
        _ => return None,
    };
    Some([&[*version], label, &fields].concat())
}

/// Checks that everything committed is there.
fn check_served(store: &Store) {
    let address = SiteName::from_address("https://site.example/");
    assert_eq!(store.site_name().unwrap(), Some(address));
    for commit in commits() {
        assert_eq!(store.poll_state(&commit.source).unwrap().as_ref(), Some(&commit.state));
        assert_eq!(store.kept_entry_count(&commit.source).unwrap(), commit.new.len() as u64);
        assert_eq!(newest(store, &[&commit.source], 10), commit.new);
        let known = names_of(store, &commit.source);
        for listed in &commit.new {
            assert_eq!(known[&listed.content_hash], remembered(listed).entry);
        }
        for record in &commit.story_records {
            assert_eq!(store.story_record(record.id).unwrap().as_ref(), Some(record));
        }
        if let Some(first) = commit.story_records.first() {
            assert_eq!(store.story_members(first.id).unwrap().len(), commit.story_records.len());
        }
    }
}

#[test]
fn a_store_of_the_earlier_version_opens_and_serves_the_same() {
    let folder = tempfile::tempdir().unwrap();
    create_earlier_store(folder.path());
    let before = records_of(folder.path());
    for _ in 0..2 {
        check_served(&store(folder.path()));
        assert_eq!(records_of(folder.path()), before, "current records are left as they are");
    }
    tamper(folder.path(), |tree| {
        assert_eq!(tree.get("mformat").unwrap().unwrap(), &[0, 0, 0, 3]);
    });
    let store = store(folder.path());
    store.commit(&[not_modified(&source("c"), 9)], 100).unwrap();
    assert_eq!(store.poll_state(&source("c")).unwrap(), Some(state(9)));
}

#[test]
fn this_version_writes_the_records_of_the_earlier_version() {
    let (theirs, ours) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    create_earlier_store(theirs.path());
    let store = store(ours.path());
    store.ensure_site_name(Some("https://site.example/")).unwrap();
    store.commit(&commits(), 100).unwrap();
    drop(store);
    let [ours, theirs] = [ours, theirs].map(|folder| uncompressed_records_of(folder.path()));
    assert_eq!(ours, theirs);
}

#[test]
fn a_commit_log_of_the_first_format_gives_the_same_records() {
    let (earlier, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    create_earlier_store(earlier.path());
    let log: Vec<u8> = include_str!("earlier_log.txt").lines().flat_map(bytes_of_hex).collect();
    std::fs::create_dir(folder.path().join("log")).unwrap();
    std::fs::write(folder.path().join("log/0000000000000001.log"), log).unwrap();
    check_served(&store(folder.path()));
    assert_eq!(uncompressed_records_of(folder.path()), uncompressed_records_of(earlier.path()));
    // The log goes on in the current format, and the database is lost again.
    store(folder.path())
        .commit(&[all_new(&source("new"), 1, entries_of(&source("new")))], 9)
        .unwrap();
    let before = records_of(folder.path());
    std::fs::remove_dir_all(folder.path().join("river")).unwrap();
    check_served(&store(folder.path()));
    assert_eq!(records_of(folder.path()), before);
}

#[test]
fn a_copy_of_a_store_without_a_number_is_read_and_the_store_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    create_earlier_store(folder.path());
    let settings = super::make::options(folder.path());
    check_served(&Store::open_copy(&settings, &[]).unwrap());
    tamper(folder.path(), |tree| assert_eq!(tree.get("mformat").unwrap(), None));
}

#[test]
fn a_broken_record_of_an_earlier_version_is_damage() {
    let folder = tempfile::tempdir().unwrap();
    create_earlier_store(folder.path());
    tamper(folder.path(), |tree| {
        let (key, value) = tree.scan_prefix("b").next().unwrap().unwrap();
        tree.insert(key, [&[1], &value[1..20]].concat()).unwrap();
    });
    assert!(open(folder.path()).recovery.set_aside.is_some());
}

/// A poll state without optional parts, as a record of an earlier version.
fn to_earlier_version(value: &[u8], version: u8) -> Vec<u8> {
    let lacks = [35, 25, 19, 2][usize::from(version) - 1];
    let (head, fields) = value.split_at(10);
    assert_eq!(&head[..2], &[5, 0], "not packed");
    let (kept, cut) = fields.split_at(fields.len() - lacks);
    assert!(cut.iter().all(|byte| *byte == 0));
    let length = u32::try_from(kept.len()).unwrap().to_be_bytes();
    [&[version, 0, 0, 0][..], &length, &[0, 0], kept].concat()
}

#[test]
fn an_upgrade_that_is_killed_continues_at_the_next_opening() {
    let folder = tempfile::tempdir().unwrap();
    let of = |number: u32| source(&format!("s{number}"));
    let polls: Vec<Commit> = (0..4_000).map(|number| not_modified(&of(number), number)).collect();
    let first = store(folder.path());
    first.commit(&polls, 10).unwrap();
    drop(first);
    let current = records_of(folder.path());
    tamper(folder.path(), |tree| {
        let states = current.iter().filter(|(key, _)| key.starts_with(b"s"));
        for ((key, value), version) in states.zip([1, 2, 3, 4].into_iter().cycle()) {
            tree.insert(key.as_slice(), to_earlier_version(value, version)).unwrap();
        }
        tree.remove("mformat").unwrap();
    });
    for milliseconds in [10, 20, 30, 45, 60, 80, 110, 150] {
        let mut child = Child::start("open", folder.path());
        // Waits for nothing: the test needs a random moment.
        std::thread::sleep(Duration::from_millis(milliseconds));
        child.kill();
    }
    drop(store(folder.path()));
    assert_eq!(records_of(folder.path()), current);
}
