//! Records → their positions in the log, durable when requested.
//!
//! | failure | what follows |
//! | --- | --- |
//! | a record cannot be encoded | nothing is written |
//! | the disk is full, a write or a sync fails | the file is cut back to its length before, and the next records may be appended; after a failed sync, records before it that were not synced may not survive a power cut |
//! | cutting back fails too | nothing more is appended until the log is opened again |
//! | the process or the machine stops while writing | the next opening cuts off what is not a whole record |
//! | a part of a file is damaged | the other records can be read |
//!
//! Opening only reads: files and folders are created, and the end of the last file is cut, when the first
//! record is appended.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use rafid_feed::hash::Digest;

use super::log_files::{AppendFile, DiskFiles, LogFiles};
use super::log_records::LogRecords;
use super::record::LogRecord;
use super::record_payload::{FORMAT, RecordEncoder};
use super::segment::{
    LogDamage, RECORD_FRAME, SegmentFile, SegmentPart, SegmentReader, list_segments,
};
use crate::store::file_time::set_back_time;
use crate::store::frame::LOG_FRAMES;
use crate::store::layout::LOG_DIR;
use crate::store::store_error::StoreError;

/// A segment that is longer takes no more records: the next one begins. Short enough that what a base covers
/// is soon deleted, long enough that there are few files.
const MAX_SEGMENT_BYTES: u64 = 64 * 1024 * 1024;
/// A longer buffer is not kept for the next group of records.
const KEPT_BUFFER_BYTES: usize = 1024 * 1024;

/// Whether records have to survive a power cut when `append` returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Durability {
    /// They do, with all records before them.
    Synced,
    /// They survive the end of the process, and a power cut only after the next records that are synced.
    Buffered,
}

/// What a log was found to hold when it was opened.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::store) struct LogCondition {
    /// The position of the first record that can be read; `None`: there is no record.
    pub(in crate::store) first: Option<u64>,
    /// The highest position that is known to have been used; 0: none. The database may know a higher one,
    /// when the end of the log is damaged: see `skip_to`.
    pub(in crate::store) last: u64,
    /// The parts that cannot be read, in order. What is cut off the end is not among them.
    pub(in crate::store) damage: Vec<LogDamage>,
    /// The end of the last segment that is not a whole record: it is cut off before the next record is
    /// appended.
    pub(in crate::store) torn_end: Option<LogDamage>,
}

/// The files of a log as they were left when it was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) struct LogState {
    /// A digest of the format of records, and of the name, length and time of each file.
    pub(in crate::store) digest: u64,
    /// The highest position that was used; 0: none.
    pub(in crate::store) last: u64,
}

/// The log of a store, open for appending.
pub(in crate::store) struct CommitLog {
    folder: PathBuf,
    files: Box<dyn LogFiles>,
    /// In order. Records are appended to the last one.
    segments: Vec<SegmentFile>,
    /// The last segment, once it is open.
    open: Option<Box<dyn AppendFile>>,
    /// Whether the last segment holds records that were not synced.
    has_unsynced: bool,
    last: u64,
    /// Whether all that was in it when it was opened could be read.
    is_intact: bool,
    encoder: RecordEncoder,
    buffer: Vec<u8>,
    /// Why nothing more is appended.
    failed: Option<String>,
}

impl CommitLog {
    /// Opens the log of a store that no other process has open. A store without a log gets one with the first
    /// record. Reads all of the log, unless its files are as they were `left`, intact.
    ///
    /// # Errors
    /// `Files`; `NewerSchema` when a newer program wrote a record.
    pub(in crate::store) fn open(
        store_folder: &Path,
        left: Option<LogState>,
    ) -> Result<(Self, LogCondition), StoreError> {
        Self::open_with(store_folder, left, Box::new(DiskFiles))
    }

    pub(super) fn open_with(
        store_folder: &Path,
        left: Option<LogState>,
        files: Box<dyn LogFiles>,
    ) -> Result<(Self, LogCondition), StoreError> {
        let folder = store_folder.join(LOG_DIR);
        let mut segments = list_segments(&folder)?;
        let condition = match left {
            Some(left) if digest_of_files(&segments).is_ok_and(|digest| digest == left.digest) => {
                LogCondition {
                    first: first_position(&segments)?,
                    last: left.last,
                    ..LogCondition::default()
                }
            }
            _ => check_segments(&mut segments)?,
        };
        let encoder = RecordEncoder::new().map_err(|source| StoreError::Unencodable {
            what: "a record of the log".to_owned(),
            source,
        })?;
        let log = Self {
            folder,
            files,
            segments,
            open: None,
            has_unsynced: false,
            last: condition.last,
            is_intact: condition.damage.is_empty(),
            encoder,
            buffer: Vec::new(),
            failed: None,
        };
        Ok((log, condition))
    }

    /// The highest position that was used; 0: none.
    #[cfg(test)]
    pub(in crate::store) fn last_position(&self) -> u64 {
        self.last
    }

    /// The size of its files, in bytes.
    pub(in crate::store) fn size_bytes(&self) -> u64 {
        self.segments.iter().map(|segment| segment.bytes).sum()
    }

    /// Appends records in order, with one write, and returns the position of the last one. All of them are
    /// appended, or after an error none. Without records, syncs those before if that is requested.
    ///
    /// # Errors
    /// `Unencodable`; `Files`, with the system's error, when the disk is full or fails; `Poisoned` when an
    /// earlier failure could not be undone.
    pub(in crate::store) fn append(
        &mut self,
        records: &[LogRecord],
        durability: Durability,
    ) -> Result<u64, StoreError> {
        self.check_usable()?;
        if records.is_empty() {
            if durability == Durability::Synced {
                self.sync()?;
            }
            return Ok(self.last);
        }
        let mut bytes = std::mem::take(&mut self.buffer);
        bytes.clear();
        let outcome = self
            .encode_records(records, &mut bytes)
            .and_then(|last| self.write(&bytes, durability).map(|()| last));
        bytes.shrink_to(KEPT_BUFFER_BYTES);
        self.buffer = bytes;
        self.last = outcome?;
        Ok(self.last)
    }

    /// Makes all records durable that were appended before.
    ///
    /// # Errors
    /// `Files`. It is then unknown which of them are durable.
    pub(in crate::store) fn sync(&mut self) -> Result<(), StoreError> {
        if let (Some(file), Some(segment), true) =
            (&self.open, self.segments.last(), self.has_unsynced)
        {
            file.sync().map_err(|error| StoreError::file_error("sync", &segment.path, error))?;
            self.has_unsynced = false;
        }
        Ok(())
    }

    /// Syncs what was appended, and says how the files are left. `None`: a part of them cannot be read, or they are not as
    /// they were written.
    ///
    /// # Errors
    /// `Files`.
    pub(in crate::store) fn close(&mut self) -> Result<Option<LogState>, StoreError> {
        self.sync()?;
        let Some(newest) = self.segments.last().filter(|_| self.is_intact && self.failed.is_none())
        else {
            return Ok(None);
        };
        let to_error = |error| StoreError::file_error("read", &self.folder, error);
        if newest.bytes > 0 {
            set_back_time(&newest.path).map_err(to_error)?;
        }
        let digest = digest_of_files(&self.segments).map_err(to_error)?;
        let are_whole = list_segments(&self.folder)? == self.segments;
        Ok(are_whole.then_some(LogState { digest, last: self.last }))
    }

    /// The records after a position. See `LogRecords`.
    ///
    /// # Errors
    /// `Undecodable` when there is no memory for reading. Each record may be an error of its own.
    pub(in crate::store) fn records_after(&self, position: u64) -> Result<LogRecords, StoreError> {
        LogRecords::new(self.segments.clone(), position)
    }

    /// Syncs what was appended and begins a new file, so that the files before it can be deleted later. Does
    /// nothing if the last file is empty.
    ///
    /// # Errors
    /// `Files`; then the last file stays in use. `Poisoned`.
    pub(in crate::store) fn start_segment(&mut self) -> Result<(), StoreError> {
        self.check_usable()?;
        if self.segments.last().is_some_and(|segment| segment.bytes == 0) {
            return Ok(());
        }
        self.sync()?;
        let segment = SegmentFile::new(&self.folder, self.last.saturating_add(1));
        let to_error = |error| StoreError::file_error("create", &segment.path, error);
        self.files.create_folder(&self.folder).map_err(to_error)?;
        let file = self.files.open_file(&segment.path).map_err(to_error)?;
        self.files.sync_folder(&self.folder).map_err(to_error)?;
        self.segments.push(segment);
        self.open = Some(file);
        Ok(())
    }

    /// Deletes the files whose records are all before a position. The last file always stays.
    ///
    /// # Errors
    /// `Files`; the files that were not deleted are deleted by the next call.
    pub(in crate::store) fn drop_segments_before(
        &mut self,
        position: u64,
    ) -> Result<(), StoreError> {
        while let [oldest, next, ..] = self.segments.as_slice()
            && next.first <= position
        {
            let to_error = |error| StoreError::file_error("delete", &oldest.path, error);
            self.files.remove_file(&oldest.path).map_err(to_error)?;
            self.segments.remove(0);
        }
        Ok(())
    }

    /// Leaves out the positions up to this one, because the database already holds what was written at them.
    /// The next record gets the position after it.
    pub(in crate::store) fn skip_to(&mut self, position: u64) {
        self.last = self.last.max(position);
    }

    fn check_usable(&self) -> Result<(), StoreError> {
        match &self.failed {
            Some(first) => Err(StoreError::Poisoned { first: first.clone() }),
            None => Ok(()),
        }
    }

    /// Appends the frames of records to `out`; returns the position of the last one.
    fn encode_records(
        &mut self,
        records: &[LogRecord],
        out: &mut Vec<u8>,
    ) -> Result<u64, StoreError> {
        let mut position = self.last;
        for record in records {
            position = position.saturating_add(1);
            self.encoder
                .encode(record)
                .and_then(|payload| LOG_FRAMES.append(out, RECORD_FRAME, position, &payload))
                .map_err(|source| StoreError::Unencodable {
                    what: format!("the record {position} of the log"),
                    source,
                })?;
        }
        Ok(position)
    }

    fn write(&mut self, bytes: &[u8], durability: Durability) -> Result<(), StoreError> {
        if self.segments.last().is_none_or(|segment| segment.bytes >= MAX_SEGMENT_BYTES) {
            self.start_segment()?;
        }
        let Some(segment) = self.segments.last_mut() else { return Ok(()) };
        let to_error = |error| StoreError::file_error("write to", &segment.path, error);
        let file = if let Some(file) = &mut self.open {
            file
        } else {
            self.open.insert(open_at(&*self.files, segment).map_err(to_error)?)
        };
        let mut outcome = file.append(bytes);
        if outcome.is_ok() && durability == Durability::Synced {
            outcome = file.sync();
        }
        if let Err(error) = outcome {
            if let Err(second) = file.cut(segment.bytes) {
                self.failed = Some(format!("{error}; and it could not be undone: {second}"));
            }
            return Err(to_error(error));
        }
        segment.bytes = segment.bytes.saturating_add(u64::try_from(bytes.len()).unwrap_or(0));
        self.has_unsynced = durability == Durability::Buffered;
        Ok(())
    }
}

/// Opens a segment to append to it, and cuts off what is not a whole record.
fn open_at(files: &dyn LogFiles, segment: &SegmentFile) -> std::io::Result<Box<dyn AppendFile>> {
    let file = files.open_file(&segment.path)?;
    if file.length()? != segment.bytes {
        file.cut(segment.bytes)?;
        file.sync()?;
    }
    Ok(file)
}

/// See `LogState`.
fn digest_of_files(segments: &[SegmentFile]) -> std::io::Result<u64> {
    let mut digest = Digest::new("rafid log files 1\0");
    digest.add([FORMAT]);
    for SegmentFile { first, path, bytes } in segments {
        let modified = fs::metadata(path)?.modified()?;
        let modified = modified.duration_since(UNIX_EPOCH).map_err(std::io::Error::other)?;
        digest.add(first.to_be_bytes());
        digest.add(bytes.to_be_bytes());
        digest.add(modified.as_nanos().to_be_bytes());
    }
    Ok(digest.to_64())
}

/// The position of the first record; `None`: the log is empty.
fn first_position(segments: &[SegmentFile]) -> Result<Option<u64>, StoreError> {
    for segment in segments {
        if let Some(SegmentPart::Record(frame)) = SegmentReader::open(segment)?.next_part()? {
            return Ok(Some(frame.position));
        }
    }
    Ok(None)
}

/// Reads all segments. Sets the length of the last one to the end of its last record, and leaves out empty
/// ones that records before them contradict: they were created and then could not be used.
fn check_segments(segments: &mut Vec<SegmentFile>) -> Result<LogCondition, StoreError> {
    let mut condition = LogCondition::default();
    if let Some(last) = segments.pop() {
        segments.retain(|segment| segment.bytes > 0);
        segments.push(last);
    }
    let count = segments.len();
    for (number, segment) in (1..).zip(segments.iter_mut()) {
        let mut reader = SegmentReader::open(segment)?;
        while let Some(part) = reader.next_part()? {
            match part {
                SegmentPart::Record(frame) => {
                    condition.first.get_or_insert(frame.position);
                    condition.last = condition.last.max(frame.position);
                }
                SegmentPart::Damage(damage, true) if number == count => {
                    segment.bytes = damage.offset;
                    condition.torn_end = Some(damage);
                }
                SegmentPart::Damage(damage, _) => condition.damage.push(damage),
            }
        }
    }
    let used = condition.last;
    segments.retain(|segment| segment.bytes > 0 || segment.first > used);
    let begun = segments.last().map_or(0, |segment| segment.first.saturating_sub(1));
    condition.last = used.max(begun);
    Ok(condition)
}

#[cfg(test)]
mod tests;
