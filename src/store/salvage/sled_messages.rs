//! sled's file `db` → its valid messages: the last whole state of each page, and the changes after it.
//!
//! The file consists of segments of 512 KiB (`sled` 0.34.7, `pagecache/logger.rs`). A segment begins with
//! 20 bytes: a checksum, its position in the log, the last synced position. Messages follow:
//!
//! | bytes | content |
//! | --- | --- |
//! | 4 | CRC-32 of the body and then of the rest of the header, inverted |
//! | 1 | kind |
//! | 1–9 | length of the body |
//! | 1–9 | number of the segment: its position divided by its length |
//! | 1–9 | number of the page |
//! | … | the body |
//!
//! After a damaged message the next valid one is searched for, byte by byte. The unused end of a segment is
//! filled with zeros, or with a message of the kind "cap". Bodies longer than a quarter of a segment are in
//! files of their own; the store never writes such ones.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use flate2::Crc;

use super::sled_number::split_number;

const SEGMENT_BYTES: usize = 512 << 10;
const SEGMENT_HEADER_BYTES: usize = 20;
/// sled starts no message in the last bytes of a segment.
const UNUSED_BYTES: usize = 32;
/// sled stores positions of segments like this.
const POSITION_MASK: u64 = 0x7fff_ffff_ffff_ffff;

/// What a message does to its page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PageChange {
    /// Its body is the whole page.
    Replace,
    /// Its body is a change of the page.
    Link,
    /// The page is no longer used.
    Free,
}

/// Where the body of a valid message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PageMessage {
    /// Its position in the log: later ones are greater.
    pub(super) lsn: u64,
    /// What it does.
    pub(super) change: PageChange,
    at: u64,
    length: usize,
}

/// The valid messages of a file.
#[derive(Debug, Default)]
pub(super) struct SledMessages {
    /// The messages of each page that count, in the order of the log: the last whole state, and what
    /// follows.
    pub(super) pages: BTreeMap<u64, Vec<PageMessage>>,
    /// The number of damaged places.
    pub(super) damaged_places: u64,
}

/// A message that was found in a segment.
struct Found {
    kind: u8,
    segment: u64,
    page: u64,
    body_start: usize,
    end: usize,
}

impl SledMessages {
    /// Reads all of a file.
    ///
    /// # Errors
    /// When the system cannot read it.
    pub(super) fn read_from(file: &mut File) -> io::Result<Self> {
        let mut messages = Self::default();
        let damaged_places = read_segments(file, &mut |start, found| messages.keep(start, found))?;
        messages.damaged_places = damaged_places;
        for list in messages.pages.values_mut() {
            list.sort_by_key(|message| message.lsn);
        }
        Ok(messages)
    }

    /// Keeps a message unless a later one replaces it.
    fn keep(&mut self, start: u64, found: &Found) {
        let change = match found.kind {
            4 => PageChange::Free,
            8 => PageChange::Replace,
            10 => PageChange::Link,
            // Cancelled, filling, bounds of batches, sled's own pages, or in a file of its own.
            _ => return,
        };
        let to_u64 = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let Some(lsn) = found.segment.checked_mul(to_u64(SEGMENT_BYTES)) else { return };
        let message = PageMessage {
            lsn: lsn.saturating_add(to_u64(found.body_start)),
            change,
            at: start + to_u64(found.body_start),
            length: found.end - found.body_start,
        };
        let list = self.pages.entry(found.page).or_default();
        let last_state = list.iter().find(|known| known.change != PageChange::Link);
        if last_state.is_some_and(|known| known.lsn > message.lsn) {
            return;
        }
        if change != PageChange::Link {
            list.retain(|known| known.lsn > message.lsn);
        }
        list.push(message);
    }
}

/// The number of damaged places of a file. No message is kept for it: those of a million entries take 100 MB.
///
/// # Errors
/// When the system cannot read it.
pub(super) fn count_damaged_places(file: &mut File) -> io::Result<u64> {
    read_segments(file, &mut |_, _| {})
}

/// Passes each valid message of a file to `keep`, with the start of its segment. Returns the number of damaged places.
fn read_segments(file: &mut File, keep: &mut dyn FnMut(u64, &Found)) -> io::Result<u64> {
    file.seek(SeekFrom::Start(0))?;
    let limit = u64::try_from(SEGMENT_BYTES).unwrap_or(u64::MAX);
    let (mut start, mut damaged_places) = (0, 0);
    let mut segment = Vec::with_capacity(SEGMENT_BYTES);
    loop {
        segment.clear();
        file.by_ref().take(limit).read_to_end(&mut segment)?;
        damaged_places += read_segment(&segment, &mut |found| keep(start, found));
        if segment.len() < SEGMENT_BYTES {
            return Ok(damaged_places);
        }
        start += limit;
    }
}

/// The same for one segment.
fn read_segment(segment: &[u8], keep: &mut dyn FnMut(&Found)) -> u64 {
    let Some(header) = segment.get(..SEGMENT_HEADER_BYTES) else { return 0 };
    let expected = segment_number(header);
    let mut damaged_places = 0;
    if expected.is_none() && header.iter().any(|byte| *byte != 0) {
        damaged_places += 1;
    }
    // Behind the last byte that was ever written nothing is damaged.
    let used = segment.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let mut at = SEGMENT_HEADER_BYTES;
    let mut is_damaged = false;
    while at < used && at + UNUSED_BYTES <= SEGMENT_BYTES {
        match parse_message(segment, at, expected) {
            Some(found) if expected.is_none_or(|number| number == found.segment) => {
                at = found.end;
                is_damaged = false;
                keep(&found);
                continue;
            }
            Some(_) => {
                // What follows is left from before the segment was used again.
                damaged_places -= u64::from(is_damaged);
                break;
            }
            None => {}
        }
        if !is_damaged {
            is_damaged = true;
            damaged_places += 1;
        }
        at += 1;
    }
    damaged_places
}

impl PageMessage {
    /// Reads the body from the file.
    pub(super) fn read_body(&self, file: &mut File) -> io::Result<Vec<u8>> {
        let mut body = vec![0; self.length];
        file.seek(SeekFrom::Start(self.at))?;
        file.read_exact(&mut body)?;
        Ok(body)
    }
}

/// The number of a segment by its header; `None`: the header is damaged.
fn segment_number(header: &[u8]) -> Option<u64> {
    let (digest, checked) = header.split_first_chunk::<4>()?;
    let mut crc = Crc::new();
    crc.update(checked);
    let position = u64::from_le_bytes(*checked.first_chunk()?) ^ POSITION_MASK;
    let is_valid = u32::from_le_bytes(*digest) == !crc.sum();
    is_valid.then(|| position / u64::try_from(SEGMENT_BYTES).unwrap_or(u64::MAX))
}

/// The valid message at `at`, of the segment `expected` or of an earlier use of its space; `None`: no message
/// begins there.
fn parse_message(segment: &[u8], at: usize, expected: Option<u64>) -> Option<Found> {
    let message = segment.get(at..)?;
    let (digest, rest) = message.split_first_chunk::<4>()?;
    let (&kind, rest) = rest.split_first()?;
    if !(1..=11).contains(&kind) {
        return None;
    }
    let (length, rest) = split_number(rest)?;
    let (number, rest) = split_number(rest)?;
    if expected.is_some_and(|expected| number > expected) {
        return None;
    }
    let (page, rest) = split_number(rest)?;
    let length = usize::try_from(length).ok()?;
    let body = rest.get(..length)?;
    let header_bytes = message.len() - rest.len();
    let mut crc = Crc::new();
    crc.update(body);
    crc.update(&message[4..header_bytes]);
    let body_start = at + header_bytes;
    let end = body_start + length;
    (!crc.sum() == u32::from_le_bytes(*digest)).then_some(Found {
        kind,
        segment: number,
        page,
        body_start,
        end,
    })
}
