//! A disk that is full, a disk that fails, and power cuts.

use std::io::ErrorKind;

use super::faulty_files::FaultyFiles;
use super::*;

fn open_faulty(store: &TempDir) -> (CommitLog, FaultyFiles) {
    let files = FaultyFiles::default();
    let (log, _) = CommitLog::open_with(store.path(), None, Box::new(files.clone())).unwrap();
    (log, files)
}

fn system_error_of(error: &StoreError) -> ErrorKind {
    match error {
        StoreError::Files { source, .. } => source.kind(),
        other => panic!("{other}"),
    }
}

#[test]
fn a_full_disk_leaves_the_log_as_it_was() {
    let store = tempfile::tempdir().unwrap();
    let all = records(12);
    let (mut log, faulty) = open_faulty(&store);
    log.append(&all[..4], Durability::Synced).unwrap();
    let before = files(&store);
    let group = &all[4..8];
    let needed = {
        let other = tempfile::tempdir().unwrap();
        let (mut log, _) = open(&other);
        log.skip_to(4);
        log.append(group, Durability::Buffered).unwrap();
        usize::try_from(log.size_bytes()).unwrap()
    };
    for room in (0..needed).step_by(11).chain([needed - 1]) {
        faulty.set_room(Some(room));
        let error = log.append(group, Durability::Synced).unwrap_err();
        assert_eq!(system_error_of(&error), ErrorKind::StorageFull, "room for {room} bytes");
        assert_eq!((files(&store) == before, log.last_position()), (true, 4), "{room} bytes");
    }
    faulty.set_room(Some(needed));
    assert_eq!(log.append(group, Durability::Synced).unwrap(), 8);
    faulty.set_room(None);
    assert_eq!(log.append(&all[8..], Durability::Synced).unwrap(), 12);
    assert_records(&read_after(&log, 0), &numbered(1, &all));
    let (log, condition) = open(&store);
    assert_records(&read_after(&log, 0), &numbered(1, &all));
    assert_eq!(condition.damage, []);
}

#[test]
fn records_that_could_not_be_synced_are_not_in_the_log() {
    let store = tempfile::tempdir().unwrap();
    let (mut log, faulty) = open_faulty(&store);
    log.append(&[record(1)], Durability::Synced).unwrap();
    let before = files(&store);
    faulty.fail_syncs(1);
    let error = log.append(&[record(2)], Durability::Synced).unwrap_err();
    assert!(error.to_string().contains("os error 5"), "{error}");
    assert_eq!(files(&store), before);
    assert_eq!(log.append(&[record(3)], Durability::Synced).unwrap(), 2);
    assert_eq!(read_after(&open(&store).0, 0), [(1, record(1)), (2, record(3))]);
}

#[test]
fn a_log_that_cannot_be_cut_back_refuses_records_until_it_is_opened_again() {
    let store = tempfile::tempdir().unwrap();
    let (mut log, faulty) = open_faulty(&store);
    log.append(&[record(1)], Durability::Synced).unwrap();
    faulty.set_room(Some(5));
    faulty.refuse_cuts(true);
    let error = log.append(&[record(2)], Durability::Synced).unwrap_err();
    assert_eq!(system_error_of(&error), ErrorKind::StorageFull);
    faulty.set_room(None);
    faulty.refuse_cuts(false);
    let refused = log.append(&[record(2)], Durability::Synced).unwrap_err();
    assert!(matches!(refused, StoreError::Poisoned { .. }), "{refused}");
    assert!(matches!(log.start_segment(), Err(StoreError::Poisoned { .. })));
    assert_eq!(read_after(&log, 0), [(1, record(1))], "it can still be read");
    let (mut log, condition) = open(&store);
    assert_eq!(condition.torn_end.unwrap().bytes, 5);
    assert_eq!(log.append(&[record(2)], Durability::Synced).unwrap(), 2);
    assert_eq!(read_after(&log, 0), [(1, record(1)), (2, record(2))]);
}

#[test]
fn a_segment_that_could_not_be_created_hides_no_records() {
    let store = tempfile::tempdir().unwrap();
    let (mut log, faulty) = open_faulty(&store);
    log.append(&[record(1), record(2)], Durability::Synced).unwrap();
    faulty.fail_folder_syncs(1);
    assert!(log.start_segment().is_err());
    assert_eq!(files(&store).len(), 2, "the empty file stays");
    // The file in use goes on beyond the position in the name of the empty one.
    log.append(&[record(3), record(4)], Durability::Synced).unwrap();
    let check = |log: &CommitLog| {
        assert_eq!(read_after(log, 3), [(4, record(4))]);
        let read: Vec<_> = LogRecords::open(store.path(), 3).unwrap().map(Result::unwrap).collect();
        assert_eq!(read, [(4, record(4))]);
    };
    check(&log);
    let (mut log, condition) = open(&store);
    assert_eq!(condition.last, 4);
    check(&log);
    log.start_segment().unwrap();
    log.append(&[record(5)], Durability::Synced).unwrap();
    log.drop_segments_before(4).unwrap();
    let (mut log, _) = open(&store);
    assert_eq!(read_after(&log, 3), [(4, record(4)), (5, record(5))]);
    log.drop_segments_before(4).unwrap();
    assert_eq!(read_after(&log, 3), [(4, record(4)), (5, record(5))]);
}

/// One step of a process that appends.
#[derive(Debug, Clone, Copy)]
enum Step {
    Append(usize, Durability),
    StartSegment,
    Sync,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let durability = prop::sample::select(vec![Durability::Synced, Durability::Buffered]);
    let append = (1..4_usize, durability).prop_map(|(count, it)| Step::Append(count, it));
    vec(prop_oneof![6 => append, 1 => Just(Step::StartSegment), 1 => Just(Step::Sync)], 1..20)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_power_cut_loses_only_what_was_not_synced(lives in vec(steps(), 1..4)) {
        let store = tempfile::tempdir().unwrap();
        let mut kept: Vec<(u64, LogRecord)> = Vec::new();
        let mut number = 0;
        for steps in lives {
            let (mut log, faulty) = open_faulty(&store);
            let (mut appended, mut durable) = (kept.clone(), kept.len());
            for step in steps {
                match step {
                    Step::Append(count, durability) => {
                        let group: Vec<_> =
                            (0..count).map(|_| { number += 1; record(number) }).collect();
                        let first = log.last_position() + 1;
                        log.append(&group, durability).unwrap();
                        appended.extend(numbered(first, &group));
                        if durability == Durability::Synced {
                            durable = appended.len();
                        }
                    }
                    Step::StartSegment => {
                        log.start_segment().unwrap();
                        durable = appended.len();
                    }
                    Step::Sync => {
                        log.sync().unwrap();
                        durable = appended.len();
                    }
                }
            }
            drop(log);
            faulty.cut_power();
            kept = read_after(&open(&store).0, 0);
            prop_assert!(kept.len() >= durable, "{} of {durable}", kept.len());
            prop_assert_eq!(&kept[..], &appended[..kept.len()]);
        }
    }
}
