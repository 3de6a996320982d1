//! What was appended comes back, in order and once; a failure or damage loses nothing beside what it touches.

mod damage;
mod faults;
mod faulty_files;

use std::fs;

use jiff::Timestamp;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use tempfile::TempDir;

use super::super::record_fields::tests::any_record;
use super::super::record_payload::FORMAT;
use super::*;
use crate::model::{PollReason, SourceId};

/// The same records at every run.
fn records(count: usize) -> Vec<LogRecord> {
    let mut runner = TestRunner::deterministic();
    vec(any_record(), count).new_tree(&mut runner).unwrap().current()
}

/// A short record that differs from those with another number.
fn record(number: i64) -> LogRecord {
    LogRecord::DueTime {
        source: SourceId::new("bayan").unwrap(),
        due_at: Timestamp::from_second(number).unwrap(),
        reason: PollReason::Rhythm,
    }
}

fn open(store: &TempDir) -> (CommitLog, LogCondition) {
    CommitLog::open(store.path(), None).unwrap()
}

fn read_after(log: &CommitLog, position: u64) -> Vec<(u64, LogRecord)> {
    log.records_after(position).unwrap().collect::<Result<_, _>>().unwrap()
}

fn numbered(first: u64, records: &[LogRecord]) -> Vec<(u64, LogRecord)> {
    (first..).zip(records.iter().cloned()).collect()
}

/// That these are the records: with their positions in the message, as a record may fill pages.
#[track_caller]
fn assert_records(found: &[(u64, LogRecord)], expected: &[(u64, LogRecord)]) {
    let positions = |records: &[(u64, LogRecord)]| -> Vec<u64> {
        records.iter().map(|(position, _)| *position).collect()
    };
    assert_eq!(positions(found), positions(expected));
    let differing = found.iter().zip(expected).find(|(one, two)| one != two);
    assert!(differing.is_none(), "another record at position {}", differing.unwrap().0.0);
}

/// The names and bytes of the files of the log.
fn files(store: &TempDir) -> Vec<(String, Vec<u8>)> {
    let Ok(entries) = fs::read_dir(store.path().join(LOG_DIR)) else { return Vec::new() };
    let mut files: Vec<_> = entries
        .map(|entry| {
            let entry = entry.unwrap();
            (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())
        })
        .collect();
    files.sort();
    files
}

#[test]
fn records_come_back_with_their_positions() {
    let store = tempfile::tempdir().unwrap();
    let all = records(60);
    let (mut log, condition) = open(&store);
    assert_eq!(condition, LogCondition::default());
    assert_eq!(read_after(&log, 0), []);
    assert_eq!(log.append(&all[..1], Durability::Synced).unwrap(), 1);
    assert_eq!(log.append(&all[1..40], Durability::Buffered).unwrap(), 40);
    assert_eq!(log.append(&[], Durability::Synced).unwrap(), 40);
    drop(log);
    let (mut log, condition) = open(&store);
    assert_eq!((condition.first, condition.last), (Some(1), 40));
    assert_eq!((condition.damage, condition.torn_end), (vec![], None));
    assert_eq!(log.append(&all[40..], Durability::Synced).unwrap(), 60);
    assert_eq!(log.last_position(), 60);
    let expected = numbered(1, &all);
    for after in [0, 1, 39, 40, 59, 60, 99] {
        let rest = &expected[usize::try_from(after).unwrap().min(60)..];
        assert_records(&read_after(&log, after), rest);
    }
    let read: Result<Vec<_>, _> = LogRecords::open(store.path(), 0).unwrap().collect();
    assert_records(&read.unwrap(), &expected);
}

#[test]
fn segments_are_read_as_one_log_and_deleted_from_the_front() {
    let store = tempfile::tempdir().unwrap();
    let all = records(30);
    let (mut log, _) = open(&store);
    log.start_segment().unwrap();
    for group in all.chunks(10) {
        log.append(group, Durability::Buffered).unwrap();
        log.start_segment().unwrap();
        log.start_segment().unwrap();
    }
    let names: Vec<String> = files(&store).into_iter().map(|(name, _)| name).collect();
    let expected = [1, 11, 21, 31].map(|first| format!("{first:016x}.log"));
    assert_eq!(names, expected);
    let length = |log: &CommitLog| usize::try_from(log.size_bytes()).unwrap();
    assert_eq!(length(&log), files(&store).iter().map(|it| it.1.len()).sum::<usize>());
    let check = |log: &CommitLog, first: usize| {
        let expected = numbered(u64::try_from(first).unwrap() + 1, &all[first..]);
        assert_records(&read_after(log, 0), &expected);
        assert_records(&read_after(log, 25), &numbered(26, &all[25..]));
        let (reopened, condition) = open(&store);
        assert_records(&read_after(&reopened, 0), &expected);
        assert_eq!(condition.last, 30);
        assert_eq!(reopened.size_bytes(), log.size_bytes());
    };
    for (before, first) in [(0, 0), (10, 0), (11, 10), (20, 10)] {
        log.drop_segments_before(before).unwrap();
        check(&log, first);
    }
    log.drop_segments_before(99).unwrap();
    assert_eq!((read_after(&log, 0), log.size_bytes()), (vec![], 0));
    assert_eq!(open(&store).1, LogCondition { last: 30, ..LogCondition::default() });
    assert_eq!(log.append(&all[..1], Durability::Synced).unwrap(), 31);
    assert_records(&read_after(&log, 0), &numbered(31, &all[..1]));
}

#[test]
fn positions_that_the_database_has_used_are_left_out() {
    let store = tempfile::tempdir().unwrap();
    let (mut log, _) = open(&store);
    log.skip_to(7);
    assert_eq!(log.append(&[record(1)], Durability::Synced).unwrap(), 8);
    log.skip_to(3);
    log.skip_to(20);
    assert_eq!(log.append(&[record(2), record(3)], Durability::Synced).unwrap(), 22);
    let expected = [(8, record(1)), (21, record(2)), (22, record(3))];
    assert_eq!(read_after(&log, 0), expected);
    assert_eq!(read_after(&open(&store).0, 8), expected[1..]);
}

#[test]
fn a_reader_sees_what_was_there_when_it_began() {
    let store = tempfile::tempdir().unwrap();
    let (mut log, _) = open(&store);
    log.append(&[record(1), record(2)], Durability::Buffered).unwrap();
    let reader = log.records_after(1).unwrap();
    log.append(&[record(3)], Durability::Buffered).unwrap();
    let read: Vec<_> = reader.map(Result::unwrap).collect();
    assert_eq!(read, [(2, record(2))]);
}

#[test]
fn a_log_of_a_newer_program_is_refused_and_stays_as_it_is() {
    let store = tempfile::tempdir().unwrap();
    let (mut log, _) = open(&store);
    log.append(&records(5), Durability::Synced).unwrap();
    let path = log.segments[0].path.clone();
    let mut newer = fs::read(&path).unwrap();
    LOG_FRAMES.append(&mut newer, RECORD_FRAME, 6, &[FORMAT + 1, 0, 0]).unwrap();
    newer.extend(b"a torn end");
    fs::write(&path, &newer).unwrap();
    let refused = |error: StoreError| {
        let StoreError::NewerSchema { expected, found, .. } = error else { panic!("{error}") };
        assert_eq!((expected, found), (FORMAT.into(), u32::from(FORMAT) + 1));
        assert!(error.to_string().contains(&store.path().display().to_string()), "{error}");
        assert!(!error.is_damage());
    };
    refused(CommitLog::open(store.path(), None).map(drop).unwrap_err());
    let items: Vec<_> = LogRecords::open(store.path(), 0).unwrap().collect();
    assert_eq!(items.len(), 6);
    refused(items.into_iter().last().unwrap().unwrap_err());
    assert_eq!(fs::read(&path).unwrap(), newer);
}

#[test]
fn other_files_beside_the_log_are_ignored() {
    let store = tempfile::tempdir().unwrap();
    let (mut log, _) = open(&store);
    log.append(&[record(1)], Durability::Synced).unwrap();
    for name in ["x.log", "00.log", "000000000000000G.log", "0000000000000002.log.bak", "note"] {
        fs::write(store.path().join(LOG_DIR).join(name), b"not a log").unwrap();
    }
    let (log, condition) = open(&store);
    assert_eq!(condition, LogCondition { first: Some(1), last: 1, ..LogCondition::default() });
    assert_eq!(read_after(&log, 0), [(1, record(1))]);
}

#[test]
fn a_record_that_cannot_be_decoded_is_an_error_of_its_own() {
    let store = tempfile::tempdir().unwrap();
    let (mut log, _) = open(&store);
    log.append(&[record(1)], Durability::Synced).unwrap();
    let path = log.segments[0].path.clone();
    let mut bytes = fs::read(&path).unwrap();
    LOG_FRAMES.append(&mut bytes, RECORD_FRAME, 2, &[1, 0, 0, 0, 0, 1, 99]).unwrap();
    fs::write(&path, &bytes).unwrap();
    let (mut log, _) = open(&store);
    log.append(&[record(3)], Durability::Synced).unwrap();
    let items: Vec<_> = log.records_after(0).unwrap().collect();
    let [Ok((1, _)), Err(error), Ok((3, _))] = items.as_slice() else { panic!("{items:?}") };
    assert!(error.to_string().starts_with("the record 2 of the log cannot be read"), "{error}");
    assert!(error.is_damage());
}

#[test]
fn the_log_and_its_readers_may_move_to_other_threads() {
    fn check<T: Send>(_: &T) {}
    let store = tempfile::tempdir().unwrap();
    let (log, _) = open(&store);
    check(&log);
    check(&log.records_after(0).unwrap());
}

#[test]
fn a_log_that_is_as_it_was_left_is_not_read() {
    let store = tempfile::tempdir().unwrap();
    let (mut log, _) = open(&store);
    assert_eq!(log.close().unwrap(), None, "there are no files");
    let all = records(8);
    log.append(&all[..5], Durability::Synced).unwrap();
    log.start_segment().unwrap();
    log.append(&all[5..7], Durability::Buffered).unwrap();
    let left = log.close().unwrap();
    let paths: Vec<_> = log.segments.iter().map(|segment| segment.path.clone()).collect();
    let (read, condition) = open(&store);
    let trusted = || CommitLog::open(store.path(), left).unwrap();
    assert_eq!(trusted().1, condition);
    assert_eq!(trusted().0.segments, read.segments);
    // Without another time, it is not noticed that the first record of the second file is damaged.
    let (bytes, modified) = (fs::read(&paths[1]).unwrap(), modified(&paths[1]));
    let mut damaged = bytes.clone();
    damaged[20] ^= 1;
    fs::write(&paths[1], &damaged).unwrap();
    let (_, found) = trusted();
    assert_eq!((found.damage.len(), found.last), (1, 7), "the time is another one");
    set_modified(&paths[1], modified);
    assert_eq!(trusted().1, condition);
    fs::write(&paths[1], [&bytes[..], b"torn"].concat()).unwrap();
    set_modified(&paths[1], modified);
    assert!(trusted().1.torn_end.is_some(), "the file is longer");
    fs::write(&paths[1], &bytes).unwrap();
    set_modified(&paths[1], modified);
    let (mut log, found) = trusted();
    assert_eq!(found, condition);
    assert_eq!(log.append(&all[7..], Durability::Synced).unwrap(), 8);
    assert_eq!(trusted().1.last, 8, "it was written since");
    assert_records(&read_after(&log, 0), &numbered(1, &all));
    fs::remove_file(&paths[0]).unwrap();
    assert_eq!(trusted().1.first, Some(6), "a file is missing");
}

#[test]
fn a_log_that_is_not_intact_is_read_at_each_opening() {
    let store = tempfile::tempdir().unwrap();
    let (mut log, _) = open(&store);
    log.append(&[record(1), record(2)], Durability::Synced).unwrap();
    let path = log.segments[0].path.clone();
    let whole = fs::read(&path).unwrap();
    let mut damaged = whole.clone();
    damaged[20] ^= 1;
    fs::write(&path, &damaged).unwrap();
    let (mut log, condition) = open(&store);
    assert_eq!((condition.damage.len(), log.close().unwrap()), (1, None));
    fs::write(&path, [&whole[..], b"torn"].concat()).unwrap();
    let (mut log, condition) = open(&store);
    assert!(condition.torn_end.is_some());
    assert_eq!(log.close().unwrap(), None, "the end is still there");
    log.append(&[record(3)], Durability::Synced).unwrap();
    assert!(log.close().unwrap().is_some());
}

fn modified(path: &Path) -> std::time::SystemTime {
    fs::metadata(path).unwrap().modified().unwrap()
}

fn set_modified(path: &Path, at: std::time::SystemTime) {
    fs::File::options().write(true).open(path).unwrap().set_modified(at).unwrap();
}
