//! All files of the log → the records after a position, one after the other.

use std::path::Path;
use std::vec;

use super::record::LogRecord;
use super::record_payload::RecordDecoder;
use super::segment::{LogDamage, SegmentFile, SegmentPart, SegmentReader, list_segments};
use crate::store::layout::LOG_DIR;
use crate::store::records::RecordError;
use crate::store::store_error::StoreError;

/// The records of the log after a position, each with its own. What cannot be read is skipped and is in
/// `damage`; then positions are missing between two records. A record that can be read but not decoded is an
/// error, after which the next one follows; after any other error nothing follows.
///
/// It reads what was in the log when it was created.
pub(in crate::store) struct LogRecords {
    segments: vec::IntoIter<SegmentFile>,
    open: Option<SegmentReader>,
    after: u64,
    decoder: RecordDecoder,
    damage: Vec<LogDamage>,
}

impl LogRecords {
    /// Reads the log of a store that no process writes to. A store without a log has no records.
    ///
    /// # Errors
    /// `Files`, `Undecodable`.
    pub(in crate::store) fn open(store_folder: &Path, after: u64) -> Result<Self, StoreError> {
        let mut segments = list_segments(&store_folder.join(LOG_DIR))?;
        // An empty one may have been left behind when it could not be used, and its name may be wrong.
        segments.retain(|segment| segment.bytes > 0);
        Self::new(segments, after)
    }

    /// Reads these segments, which are in order.
    pub(super) fn new(mut segments: Vec<SegmentFile>, after: u64) -> Result<Self, StoreError> {
        // A segment is needed if the next one begins later than the first record that is wanted.
        let wanted = after.saturating_add(1);
        let needed_from = segments.iter().rposition(|segment| segment.first <= wanted).unwrap_or(0);
        segments.drain(..needed_from);
        let decoder = RecordDecoder::new().map_err(|error| undecodable_record(wanted, error))?;
        let segments = segments.into_iter();
        Ok(Self { segments, open: None, after, decoder, damage: Vec::new() })
    }

    /// The damage in what was read so far.
    #[cfg(test)]
    pub(in crate::store) fn damage(&self) -> &[LogDamage] {
        &self.damage
    }

    fn next_record(&mut self) -> Result<Option<(u64, LogRecord)>, StoreError> {
        loop {
            let Some(reader) = &mut self.open else {
                let Some(segment) = self.segments.next() else { return Ok(None) };
                self.open = Some(SegmentReader::open(&segment)?);
                continue;
            };
            match reader.next_part()? {
                None => self.open = None,
                Some(SegmentPart::Damage(damage, _)) => self.damage.push(damage),
                Some(SegmentPart::Record(frame)) if frame.position <= self.after => {}
                Some(SegmentPart::Record(frame)) => {
                    let position = frame.position;
                    self.after = position;
                    let record = self.decoder.decode(&frame.payload);
                    return record
                        .map(|record| Some((position, record)))
                        .map_err(|error| undecodable_record(position, error));
                }
            }
        }
    }
}

impl Iterator for LogRecords {
    type Item = Result<(u64, LogRecord), StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        let item = self.next_record().transpose();
        if let Some(Err(error)) = &item
            && !matches!(error, StoreError::Undecodable { .. })
        {
            self.open = None;
            self.segments = Vec::new().into_iter();
        }
        item
    }
}

fn undecodable_record(position: u64, source: RecordError) -> StoreError {
    StoreError::Undecodable { what: format!("the record {position} of the log"), source }
}
