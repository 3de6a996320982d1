//! One file of the log → its frames in ascending order, and its damage.
//!
//! A segment is named by the first position that it may hold, as 16 hex digits. Other files in the folder of
//! the log are ignored.

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Take};
use std::path::{Path, PathBuf};

use super::record_payload;
use crate::store::frame::{DamagedPart, Frame, FramePart, FrameReader, HEADER_BYTES, LOG_FRAMES};
use crate::store::records::RecordError;
use crate::store::store_error::StoreError;

/// The kind of the frames that hold records.
pub(super) const RECORD_FRAME: u8 = 1;
/// The suffix of the names.
const SUFFIX: &str = ".log";
const DIGITS: usize = 16;

/// A file of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SegmentFile {
    /// The first position that it may hold.
    pub(super) first: u64,
    /// Where it is.
    pub(super) path: PathBuf,
    /// How much of it is read and counted: up to what was cut off.
    pub(super) bytes: u64,
}

/// A part of the log that cannot be read. What it held is lost, unless the database has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) struct LogDamage {
    /// The file.
    pub(in crate::store) file: PathBuf,
    /// Where in the file it begins.
    pub(in crate::store) offset: u64,
    /// Its length.
    pub(in crate::store) bytes: u64,
}

/// The next part of a segment.
pub(super) enum SegmentPart {
    /// A record, not yet decoded.
    Record(Frame),
    /// A part that cannot be read; whether the file ends with it.
    Damage(LogDamage, bool),
}

impl SegmentFile {
    /// The segment of `folder` that begins at a position, still empty.
    pub(super) fn new(folder: &Path, first: u64) -> Self {
        Self { first, path: folder.join(format!("{first:016x}{SUFFIX}")), bytes: 0 }
    }
}

/// The segments in a folder, in order; empty: the folder does not exist.
///
/// # Errors
/// `Files`.
pub(super) fn list_segments(folder: &Path) -> Result<Vec<SegmentFile>, StoreError> {
    let to_error = |error| StoreError::file_error("read", folder, error);
    let files = match fs::read_dir(folder) {
        Ok(files) => files,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(to_error(error)),
    };
    let mut segments = Vec::new();
    for file in files {
        let file = file.map_err(to_error)?;
        let name = file.file_name();
        if let Some(first) = name.to_str().and_then(parse_segment_name) {
            let bytes = file.metadata().map_err(to_error)?.len();
            segments.push(SegmentFile { first, path: file.path(), bytes });
        }
    }
    segments.sort_unstable_by_key(|segment| segment.first);
    Ok(segments)
}

/// The first position of the segment with this name; `None`: it is another file.
fn parse_segment_name(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(SUFFIX)?;
    let is_hex = digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if digits.len() != DIGITS || !is_hex {
        return None;
    }
    u64::from_str_radix(digits, 16).ok()
}

/// Reads the frames of a segment.
pub(super) struct SegmentReader {
    path: PathBuf,
    frames: FrameReader<Take<File>>,
    /// The least position that the next record may have.
    next: u64,
}

impl SegmentReader {
    /// # Errors
    /// `Files`.
    pub(super) fn open(segment: &SegmentFile) -> Result<Self, StoreError> {
        let file = File::open(&segment.path)
            .map_err(|error| StoreError::file_error("open", &segment.path, error))?;
        let frames = FrameReader::new(&LOG_FRAMES, file.take(segment.bytes));
        Ok(Self { path: segment.path.clone(), frames, next: segment.first })
    }

    /// The next part; `None`: the segment ends. A frame of another kind, or out of order, counts as damage.
    ///
    /// # Errors
    /// `Files`; `NewerSchema` when a newer program wrote the record.
    pub(super) fn next_part(&mut self) -> Result<Option<SegmentPart>, StoreError> {
        let part = self
            .frames
            .next_part()
            .map_err(|error| StoreError::file_error("read", &self.path, error))?;
        let (offset, bytes, reaches_end) = match part {
            None => return Ok(None),
            Some(FramePart::Whole(frame)) => {
                if frame.kind == RECORD_FRAME && frame.position >= self.next {
                    self.refuse_newer(&frame)?;
                    self.next = frame.position.saturating_add(1);
                    return Ok(Some(SegmentPart::Record(frame)));
                }
                let length = HEADER_BYTES.saturating_add(frame.payload.len());
                (frame.offset, u64::try_from(length).unwrap_or(u64::MAX), false)
            }
            Some(FramePart::Damaged(DamagedPart { offset, bytes, reaches_end })) => {
                (offset, bytes, reaches_end)
            }
        };
        let damage = LogDamage { file: self.path.clone(), offset, bytes };
        Ok(Some(SegmentPart::Damage(damage, reaches_end)))
    }

    fn refuse_newer(&self, frame: &Frame) -> Result<(), StoreError> {
        match record_payload::check_format(&frame.payload) {
            Err(RecordError::Version { expected, found }) => Err(StoreError::NewerSchema {
                folder: store_folder(&self.path).to_owned(),
                expected: expected.into(),
                found: found.into(),
            }),
            _ => Ok(()),
        }
    }
}

/// The folder of the store that a segment belongs to.
fn store_folder(segment: &Path) -> &Path {
    segment.parent().and_then(Path::parent).unwrap_or(segment)
}
