//! Whatever is done to the bytes of a file, exactly the frames in its other parts come back.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

const MARK: [u8; 4] = LOG_FRAMES.mark;

/// The same numbers at every run.
fn random_numbers(seed: u64) -> impl FnMut(usize) -> usize {
    let mut state = seed;
    move |below| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    }
}

/// Payloads of all lengths; each fourth one is full of marks and parts of marks.
fn payloads(count: usize) -> Vec<Vec<u8>> {
    let mut random = random_numbers(7);
    let pieces = [&MARK[..], &MARK[..3], &MARK[..2], &MARK[..1], &[STUFFING], &[MARK[3]], b"x"];
    (0..count)
        .map(|number| match number % 4 {
            0 => (0..random(30)).flat_map(|_| pieces[random(pieces.len())].to_vec()).collect(),
            1 => vec![],
            2 => (0..random(3_000)).map(|_| u8::try_from(random(256)).unwrap()).collect(),
            _ => "خبر عاجل من بغداد ".repeat(random(20)).into_bytes(),
        })
        .collect()
}

/// The frames of the payloads at the positions 1, 2, …; and where each frame ends.
fn file_of(payloads: &[Vec<u8>]) -> (Vec<u8>, Vec<usize>) {
    let (mut file, mut ends) = (Vec::new(), Vec::new());
    for (position, payload) in (1..).zip(payloads) {
        LOG_FRAMES.append(&mut file, 3, position, payload).unwrap();
        ends.push(file.len());
    }
    (file, ends)
}

fn parts(file: &[u8]) -> Vec<FramePart> {
    let mut reader = FrameReader::new(&LOG_FRAMES, file);
    std::iter::from_fn(|| reader.next_part().unwrap()).collect()
}

fn frames(file: &[u8]) -> Vec<(u64, Vec<u8>)> {
    let whole = |part| match part {
        FramePart::Whole(frame) => Some((frame.position, frame.payload)),
        FramePart::Damaged(_) => None,
    };
    parts(file).into_iter().filter_map(whole).collect()
}

/// The frames that come back when those between two offsets are damaged.
fn frames_without(
    payloads: &[Vec<u8>],
    ends: &[usize],
    damaged: Range<usize>,
) -> Vec<(u64, Vec<u8>)> {
    let starts = std::iter::once(&0).chain(ends);
    let numbered = (1..).zip(payloads).zip(starts.zip(ends));
    numbered
        .filter(|(_, (start, end))| **end <= damaged.start || **start >= damaged.end)
        .map(|((position, payload), _)| (position, payload.clone()))
        .collect()
}

#[test]
fn payloads_come_back_with_kind_position_and_offset() {
    let payloads = payloads(40);
    let (file, ends) = file_of(&payloads);
    assert!(payloads.iter().any(|payload| memmem::find(payload, &MARK).is_some()));
    assert_eq!(memmem::find_iter(&file, &MARK).count(), payloads.len(), "marks only begin frames");
    let mut offset = 0;
    for ((position, part), (payload, end)) in
        (1..).zip(parts(&file)).zip(payloads.into_iter().zip(ends))
    {
        assert_eq!(part, FramePart::Whole(Frame { kind: 3, position, offset, payload }));
        offset = u64::try_from(end).unwrap();
    }
    assert_eq!(parts(&[]), []);
}

#[test]
fn a_long_payload_comes_back_between_short_ones() {
    let long: Vec<u8> = (0..3 * READ_BYTES).map(|at| u8::try_from(at % 251).unwrap()).collect();
    let payloads = vec![b"before".to_vec(), long, b"behind".to_vec()];
    let (mut file, ends) = file_of(&payloads);
    assert_eq!(frames(&file), frames_without(&payloads, &ends, 0..0));
    file[ends[0] + 5] ^= 1;
    assert_eq!(frames(&file), frames_without(&payloads, &ends, ends[0]..ends[1]));
}

#[test]
fn a_changed_byte_loses_its_own_frame_alone() {
    let payloads = payloads(40);
    let (file, ends) = file_of(&payloads);
    let mut random = random_numbers(1);
    // The headers of the first frames byte by byte, and bytes everywhere.
    for at in (0..ends[3]).chain((0..1_000).map(|_| random(file.len()))) {
        let mut damaged = file.clone();
        damaged[at] ^= 1 << (at % 8);
        assert_eq!(frames(&damaged), frames_without(&payloads, &ends, at..at + 1), "byte {at}");
        let lost = |part: &FramePart| matches!(part, FramePart::Damaged(_));
        assert_eq!(parts(&damaged).iter().filter(|part| lost(part)).count(), 1, "byte {at}");
    }
}

#[test]
fn missing_zeroed_and_inserted_bytes_lose_the_frames_they_touch() {
    let payloads = payloads(40);
    let (file, ends) = file_of(&payloads);
    let mut random = random_numbers(2);
    for _ in 0..300 {
        let start = random(file.len());
        let range = start..(start + 1 + random(2_000)).min(file.len());
        let expected = frames_without(&payloads, &ends, range.clone());
        let mut zeroed = file.clone();
        zeroed[range.clone()].fill(0);
        let mut missing = file.clone();
        missing.drain(range.clone());
        for damaged in [zeroed, missing] {
            let found = frames(&damaged);
            // Zeros may be put where zeros were.
            let original = |at: u64| &payloads[usize::try_from(at).unwrap() - 1];
            assert!(found.iter().all(|(at, payload)| original(*at) == payload), "{range:?}");
            assert!(expected.iter().all(|frame| found.contains(frame)), "{range:?}");
        }
    }
}

#[test]
fn a_cut_file_gives_the_frames_before_the_cut() {
    let payloads = payloads(12);
    let (file, ends) = file_of(&payloads);
    for length in 0..file.len() {
        let cut = &file[..length];
        let expected = frames_without(&payloads, &ends, length..file.len());
        assert_eq!(frames(cut), expected, "{length} bytes");
        let whole = expected.len().checked_sub(1).map_or(0, |last| ends[last]);
        let torn = FramePart::Damaged(DamagedPart {
            offset: u64::try_from(whole).unwrap(),
            bytes: u64::try_from(length - whole).unwrap(),
            reaches_end: true,
        });
        let last = parts(cut).pop();
        assert_eq!(last == Some(torn), length > whole, "{length} bytes: {last:?}");
    }
}

#[test]
fn a_frame_within_a_payload_is_never_returned() {
    let mut inner = Vec::new();
    LOG_FRAMES.append(&mut inner, 3, 2, b"not of this file").unwrap();
    let payloads = vec![inner, b"next".to_vec()];
    let (file, ends) = file_of(&payloads);
    for at in 0..ends[0] {
        let mut damaged = file.clone();
        damaged[at] ^= 0x40;
        assert_eq!(frames(&damaged), [(2, b"next".to_vec())], "byte {at}");
    }
}

#[test]
fn an_impossible_length_is_damage() {
    let mut file = Vec::new();
    LOG_FRAMES.append(&mut file, 1, 1, b"first").unwrap();
    file[13..17].copy_from_slice(&u32::try_from(MAX_PAYLOAD_BYTES + 1).unwrap().to_be_bytes());
    let checksum = digest_32(&file[CHECKED_HEADER]);
    file[17..21].copy_from_slice(&checksum.to_be_bytes());
    LOG_FRAMES.append(&mut file, 1, 2, b"second").unwrap();
    assert_eq!(frames(&file), [(2, b"second".to_vec())]);
}

proptest! {
    #[test]
    fn any_bytes_are_read_to_their_end(
        bytes in vec(prop_oneof![any::<u8>(), prop::sample::select(MARK.to_vec())], 0..300),
    ) {
        let length = |part: FramePart| match part {
            FramePart::Damaged(part) => part.bytes,
            FramePart::Whole(_) => 0,
        };
        let read: u64 = parts(&bytes).into_iter().map(length).sum();
        prop_assert_eq!(read, u64::try_from(bytes.len()).unwrap());
    }
}
