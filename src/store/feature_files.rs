//! What was computed of the texts of entries, and their story records ↔ files beside the database, one for each day
//! (UTC), so that a start does not compute it again, and reads no record of these entries.
//!
//! | bytes | of a record in the payload of a frame |
//! | --- | --- |
//! | 16 | the id of the entry |
//! | 16 | the digest of the records of the entry that it was computed from |
//! | 8 | when the entry was first seen, in milliseconds since 1970 |
//! | 2 | the length of the story record |
//! | 4 | the length of what was computed |
//! | … | the story record, as in the database |
//! | … | what was computed, as its maker writes it |
//!
//! Numbers are big-endian. The position of a frame is the hash of the rules by which its records were computed.
//!
//! A record counts for one version of its entry and for one version of the rules, so that nothing else must agree:
//! what is missing, damaged, or of another version is computed again. So the files are only appended to and never
//! synced, and no error of theirs reaches a caller.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::decode::decode_story_record;
use super::encode::encode_story_record;
use super::entry_digest::EntryDigest;
use super::frame::{FrameFormat, FramePart, FrameReader, HEADER_BYTES};
use super::layout::FEATURES_DIR;
use super::{DatabaseLocation, Store};
use crate::model::{EntryId, StoryRecord};

/// Files of this many days are kept: those in which a window of three days lies.
const KEPT_DAYS: i64 = 4;
/// The maximum length of a file.
const MAX_FEATURE_FILE_BYTES: u64 = 64 << 20;
/// The maximum length of a record.
const MAX_FEATURE_BYTES: usize = 64 << 10;
/// A frame is closed when its payload has this length.
const FULL_FRAME_BYTES: usize = 256 << 10;
/// The length of a record without the story record and what was computed.
const RECORD_HEAD_BYTES: usize = 46;
/// The kind of all frames.
const RECORDS: u8 = b'F';
const FRAMES: FrameFormat = FrameFormat {
    mark: *b"RFt\x02",
    is_stuffed: false,
    // A story record is shorter than features may be: its length has two bytes.
    max_payload_bytes: FULL_FRAME_BYTES + 2 * MAX_FEATURE_BYTES + RECORD_HEAD_BYTES,
};
const ENDING: &str = ".features";
const DAY_SECONDS: i64 = 24 * 60 * 60;

/// What was computed of an entry.
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureRecord {
    /// The entry.
    pub id: EntryId,
    /// The digest of the records of the entry that it was computed from.
    pub digest: EntryDigest,
    /// When the entry was first seen.
    pub first_seen_at: Timestamp,
    /// The story record of the entry.
    pub story: StoryRecord,
    /// What was computed.
    pub features: Vec<u8>,
}

/// Where the record of an entry is.
#[derive(Debug, Clone, Copy)]
pub struct FeaturePlace {
    /// When the entry was first seen.
    pub first_seen_at: Timestamp,
    id: EntryId,
    digest: EntryDigest,
    file: usize,
    offset: u64,
    story_bytes: u16,
    feature_bytes: u32,
}

/// The records of all files, by entry.
#[derive(Debug, Default)]
pub struct FeatureIndex {
    files: Vec<File>,
    places: BTreeMap<EntryId, FeaturePlace>,
}

impl FeatureIndex {
    /// The record of the entry whose records have this digest.
    pub fn find(&self, id: EntryId, digest: EntryDigest) -> Option<FeaturePlace> {
        self.places.get(&id).copied().filter(|place| place.digest == digest)
    }

    /// The story record, and what was computed, as it was written; `None`: they cannot be read.
    pub fn read_features(&self, place: &FeaturePlace) -> Option<(StoryRecord, Vec<u8>)> {
        let story_bytes = usize::from(place.story_bytes);
        let mut bytes = vec![0; story_bytes + usize::try_from(place.feature_bytes).ok()?];
        self.files.get(place.file)?.read_exact_at(&mut bytes, place.offset).ok()?;
        let features = bytes.split_off(story_bytes);
        if !place.digest.has_story(&bytes) {
            return None;
        }
        Some((decode_story_record(&bytes, place.id).ok()?, features))
    }

    fn add_file(&mut self, path: &Path, rules: u64) -> io::Result<()> {
        let file = File::open(path)?;
        let number = self.files.len();
        let mut reader = FrameReader::new(&FRAMES, &file);
        while let Some(part) = reader.next_part()? {
            let FramePart::Whole(frame) = part else { continue };
            if frame.position == rules && frame.kind == RECORDS {
                let start = frame.offset + u64::try_from(HEADER_BYTES).unwrap_or(0);
                self.add_records(number, start, &frame.payload);
            }
        }
        self.files.push(file);
        Ok(())
    }

    /// Adds the records of a payload that begins at `start` in the file.
    fn add_records(&mut self, file: usize, start: u64, payload: &[u8]) {
        let mut rest = payload;
        while let Some((id, place, behind)) = parse_record(rest) {
            let before = u64::try_from(payload.len() - rest.len() + RECORD_HEAD_BYTES);
            let offset = start + before.unwrap_or(0);
            // A later record is of a later version of the entry.
            self.places.insert(id, FeaturePlace { file, offset, ..place });
            rest = behind;
        }
    }
}

/// The first record of a payload, with a place that has no offset yet, and what follows.
fn parse_record(payload: &[u8]) -> Option<(EntryId, FeaturePlace, &[u8])> {
    let (id, rest) = payload.split_first_chunk()?;
    let (digest, rest) = rest.split_at_checked(EntryDigest::BYTES)?;
    let (first_seen_ms, rest) = rest.split_first_chunk()?;
    let (story_bytes, rest) = rest.split_first_chunk()?;
    let (feature_bytes, rest) = rest.split_first_chunk()?;
    let story_bytes = u16::from_be_bytes(*story_bytes);
    let feature_bytes = u32::from_be_bytes(*feature_bytes);
    let length = usize::from(story_bytes).checked_add(usize::try_from(feature_bytes).ok()?)?;
    let (id, rest) = (EntryId::from_bytes(*id), rest.get(length..)?);
    let place = FeaturePlace {
        first_seen_at: Timestamp::from_millisecond(i64::from_be_bytes(*first_seen_ms)).ok()?,
        id,
        digest: EntryDigest::from_bytes(digest)?,
        file: 0,
        offset: 0,
        story_bytes,
        feature_bytes,
    };
    Some((id, place, rest))
}

/// Appends records to the file of the day.
#[derive(Debug)]
pub struct FeatureWriter {
    /// `None`: nothing is written any more.
    folder: Option<PathBuf>,
    rules: u64,
    today: Option<(i64, File)>,
}

impl FeatureWriter {
    /// Appends records that were computed on a day (days since 1970-01-01, UTC). Records that are too long are left
    /// out; after an error, all later ones.
    pub fn append(&mut self, day: i64, records: &[FeatureRecord]) {
        let Some(folder) = self.folder.clone().filter(|_| !records.is_empty()) else { return };
        if let Err(error) = self.append_to(&folder, day, records) {
            tracing::warn!(%error, folder = %folder.display(),
                "story features cannot be kept: the next start computes them again");
            (self.folder, self.today) = (None, None);
        }
    }

    fn append_to(&mut self, folder: &Path, day: i64, records: &[FeatureRecord]) -> io::Result<()> {
        let mut file = match self.today.take() {
            Some((today, file)) if today == day => file,
            _ => open_day(folder, day, self.rules)?,
        };
        let mut written = file.metadata()?.len();
        for frame in frames_of_records(records, self.rules) {
            written = written.saturating_add(u64::try_from(frame.len()).unwrap_or(u64::MAX));
            if written > MAX_FEATURE_FILE_BYTES {
                break;
            }
            file.write_all(&frame)?;
        }
        self.today = Some((day, file));
        Ok(())
    }
}

/// The frames of records.
fn frames_of_records(records: &[FeatureRecord], rules: u64) -> Vec<Vec<u8>> {
    let mut payloads = vec![Vec::new()];
    for record in records.iter().filter(|record| record.features.len() <= MAX_FEATURE_BYTES) {
        if payloads.last().is_some_and(|last| last.len() >= FULL_FRAME_BYTES) {
            payloads.push(Vec::new());
        }
        let Some(payload) = payloads.last_mut() else { continue };
        let Ok(story) = encode_story_record(&record.story) else { continue };
        let Ok(story_bytes) = u16::try_from(story.value.len()) else { continue };
        let Ok(feature_bytes) = u32::try_from(record.features.len()) else { continue };
        payload.extend(record.id.to_bytes());
        payload.extend(record.digest.to_bytes());
        payload.extend(record.first_seen_at.as_millisecond().to_be_bytes());
        payload.extend(story_bytes.to_be_bytes());
        payload.extend(feature_bytes.to_be_bytes());
        payload.extend_from_slice(&story.value);
        payload.extend_from_slice(&record.features);
    }
    let to_frame = |payload: Vec<u8>| {
        let mut frame = Vec::with_capacity(HEADER_BYTES + payload.len());
        FRAMES.append(&mut frame, RECORDS, rules, &payload).ok()?;
        Some(frame).filter(|_| !payload.is_empty())
    };
    payloads.into_iter().filter_map(to_frame).collect()
}

/// Opens the file of a day, and removes the files of days that are too old, or too new, and one that other rules filled:
/// after an upgrade it would have no room.
fn open_day(folder: &Path, day: i64, rules: u64) -> io::Result<File> {
    let [oldest, today] = [day - KEPT_DAYS + 1, day].map(file_name);
    match fs::create_dir(folder) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    for (name, path) in feature_files(folder)? {
        if name < oldest || name > today || (name == today && is_full_of_others(&path, rules)?) {
            fs::remove_file(path)?;
        }
    }
    OpenOptions::new().create(true).append(true).mode(0o600).open(folder.join(today))
}

/// Whether a file is more than half full and begins with records of other rules.
fn is_full_of_others(path: &Path, rules: u64) -> io::Result<bool> {
    let file = File::open(path)?;
    if file.metadata()?.len() < MAX_FEATURE_FILE_BYTES / 2 {
        return Ok(false);
    }
    let first = FrameReader::new(&FRAMES, &file).next_part()?;
    Ok(!matches!(first, Some(FramePart::Whole(frame)) if frame.position == rules))
}

/// The name of the file of a day. Names are in the order of their days.
fn file_name(day: i64) -> String {
    let start = Timestamp::from_second(day.saturating_mul(DAY_SECONDS)).unwrap_or_default();
    format!("{}{ENDING}", start.strftime("%Y-%m-%d"))
}

/// The files in the folder, the oldest first.
fn feature_files(folder: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let mut files = Vec::new();
    for file in fs::read_dir(folder)? {
        let file = file?;
        let name = file.file_name().into_string().unwrap_or_default();
        if name.ends_with(ENDING) {
            files.push((name, file.path()));
        }
    }
    files.sort();
    Ok(files)
}

impl Store {
    /// The records that were computed by these rules. A file that cannot be read is left out.
    pub fn feature_index(&self, rules: u64) -> FeatureIndex {
        let mut index = FeatureIndex::default();
        let files = match feature_files(&self.folder().join(FEATURES_DIR)) {
            Ok(files) => files,
            Err(error) if error.kind() == ErrorKind::NotFound => return index,
            Err(error) => {
                tracing::warn!(%error, "the folder of story features cannot be read");
                return index;
            }
        };
        for (_, path) in files {
            if let Err(error) = index.add_file(&path, rules) {
                tracing::warn!(%error, path = %path.display(), "story features cannot be read");
            }
        }
        index
    }

    /// Appends records that are computed by these rules. A copy of a store gets none.
    pub fn feature_writer(&self, rules: u64) -> FeatureWriter {
        let folder = match &self.0.location {
            DatabaseLocation::Own { lock, .. } => Some(lock.folder().join(FEATURES_DIR)),
            DatabaseLocation::Copy { .. } => None,
        };
        FeatureWriter { folder, rules, today: None }
    }
}

#[cfg(test)]
mod tests;
