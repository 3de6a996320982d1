//! Flipped bytes, files that were cut, and an end that was never written completely.

use super::*;
use crate::store::frame::{FramePart, FrameReader, LOG_FRAMES};

/// The same numbers at every run.
fn random_numbers(seed: u64) -> impl FnMut(usize) -> usize {
    let mut state = seed;
    move |below| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    }
}

/// A log of some hundred records in three files.
struct Sample {
    store: TempDir,
    records: Vec<(u64, LogRecord)>,
    segments: Vec<SegmentFile>,
}

impl Sample {
    fn new(count: usize) -> Self {
        let store = tempfile::tempdir().unwrap();
        let all = records(count);
        let (mut log, _) = open(&store);
        for group in all.chunks(count.div_ceil(3)) {
            log.start_segment().unwrap();
            log.append(group, Durability::Buffered).unwrap();
        }
        let (records, segments) = (numbered(1, &all), log.segments.clone());
        Self { store, records, segments }
    }

    /// The positions of the records of a file, each with where its frame ends.
    fn ends(bytes: &[u8]) -> Vec<(u64, usize)> {
        let mut reader = FrameReader::new(&LOG_FRAMES, bytes);
        let frames: Vec<_> = std::iter::from_fn(|| reader.next_part().unwrap())
            .map(|part| match part {
                FramePart::Whole(frame) => frame,
                FramePart::Damaged(part) => panic!("{part:?}"),
            })
            .collect();
        let starts = frames.iter().skip(1).map(|frame| usize::try_from(frame.offset).unwrap());
        let ends = starts.chain([bytes.len()]);
        frames.iter().map(|frame| frame.position).zip(ends).collect()
    }

    /// Replaces a file, checks that exactly the records that `is_lost` names are lost, also after another
    /// record was appended, and puts the file back.
    fn check(&self, number: usize, bytes: &[u8], is_lost: &dyn Fn(u64) -> bool) {
        let path = &self.segments[number].path;
        let last = &self.segments.last().unwrap().path;
        let (before, last_before) = (fs::read(path).unwrap(), fs::read(last).unwrap());
        fs::write(path, bytes).unwrap();
        let expected: Vec<_> =
            self.records.iter().filter(|(position, _)| !is_lost(*position)).cloned().collect();
        let (mut log, condition) = open(&self.store);
        assert_records(&read_after(&log, 0), &expected);
        assert_eq!(condition.last, expected.last().unwrap().0);
        let at_end = number + 1 == self.segments.len();
        let reported = condition.damage.iter().chain(&condition.torn_end);
        assert!(reported.clone().all(|damage| damage.file == *path));
        assert!(condition.torn_end.is_none() || at_end);
        let next = log.append(&[record(1)], Durability::Synced).unwrap();
        assert_eq!(next, condition.last + 1);
        let (log, again) = open(&self.store);
        assert_eq!(read_after(&log, condition.last), [(next, record(1))]);
        assert_eq!((again.damage, again.torn_end), (condition.damage, None), "the end was cut");
        fs::write(path, before).unwrap();
        fs::write(last, last_before).unwrap();
    }
}

#[test]
fn a_flipped_byte_loses_its_own_record_alone() {
    let sample = Sample::new(150);
    let mut random = random_numbers(3);
    for round in 0..200 {
        let number = random(sample.segments.len());
        let mut bytes = fs::read(&sample.segments[number].path).unwrap();
        let at = random(bytes.len());
        let ends = Sample::ends(&bytes);
        let lost = ends.iter().find(|(_, end)| at < *end).unwrap().0;
        bytes[at] ^= 1 << (round % 8);
        sample.check(number, &bytes, &|position| position == lost);
    }
}

#[test]
fn a_cut_file_loses_the_records_after_the_cut() {
    let sample = Sample::new(150);
    let mut random = random_numbers(4);
    for _ in 0..100 {
        let number = random(sample.segments.len());
        let mut bytes = fs::read(&sample.segments[number].path).unwrap();
        let ends = Sample::ends(&bytes);
        bytes.truncate(random(bytes.len()));
        let lost: Vec<u64> =
            ends.iter().filter(|(_, end)| bytes.len() < *end).map(|it| it.0).collect();
        sample.check(number, &bytes, &|position| lost.contains(&position));
    }
}

#[test]
fn damage_is_reported_with_its_file_and_place() {
    let sample = Sample::new(30);
    let path = &sample.segments[1].path;
    let mut bytes = fs::read(path).unwrap();
    let ends = Sample::ends(&bytes);
    bytes[ends[2].1] ^= 1;
    bytes[ends[5].1 - 1] ^= 1;
    fs::write(path, &bytes).unwrap();
    let damage = |from: usize, to: usize| LogDamage {
        file: path.clone(),
        offset: u64::try_from(ends[from].1).unwrap(),
        bytes: u64::try_from(ends[to].1 - ends[from].1).unwrap(),
    };
    let expected = [damage(2, 3), damage(4, 5)];
    assert_eq!(open(&sample.store).1.damage, expected);
    let mut reader = LogRecords::open(sample.store.path(), 0).unwrap();
    let positions: Vec<u64> = reader.by_ref().map(|item| item.unwrap().0).collect();
    assert_eq!(positions, (1..=30).filter(|it| ![14, 16].contains(it)).collect::<Vec<_>>());
    assert_eq!(reader.damage(), expected);
}

#[test]
fn a_torn_end_is_cut_off_before_the_next_record() {
    let store = tempfile::tempdir().unwrap();
    let (mut log, _) = open(&store);
    log.append(&[record(1), record(2)], Durability::Synced).unwrap();
    let path = log.segments[0].path.clone();
    let before = fs::read(&path).unwrap();
    log.append(&records(1), Durability::Synced).unwrap();
    let whole = fs::read(&path).unwrap();
    for length in before.len() + 1..whole.len() {
        let torn = &whole[..length];
        fs::write(&path, torn).unwrap();
        let (mut log, condition) = open(&store);
        let offset = u64::try_from(before.len()).unwrap();
        let bytes = u64::try_from(length).unwrap() - offset;
        assert_eq!(condition.torn_end, Some(LogDamage { file: path.clone(), offset, bytes }));
        assert_eq!((condition.last, condition.damage), (2, vec![]));
        assert_eq!(fs::read(&path).unwrap(), torn, "opening only reads");
        assert_eq!(log.append(&[record(3)], Durability::Synced).unwrap(), 3);
        let (log, condition) = open(&store);
        assert_eq!(read_after(&log, 0), numbered(1, &[1, 2, 3].map(record)));
        assert_eq!((condition.torn_end, condition.damage), (None, vec![]));
    }
}

#[test]
fn a_file_that_exists_twice_is_read_once() {
    let sample = Sample::new(30);
    let twice = fs::read(&sample.segments[0].path).unwrap().repeat(2);
    fs::write(&sample.segments[0].path, &twice).unwrap();
    let (log, condition) = open(&sample.store);
    assert_records(&read_after(&log, 0), &sample.records);
    assert_eq!(condition.damage.len(), 10);
}
