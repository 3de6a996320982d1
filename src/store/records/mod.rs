//! Values of the model ↔ the bytes on disk. The model is not serializable: every kind of record has its own
//! structs here, and a version in its envelope.
//!
//! Decoding knows one version of each record. A change of the structs raises the version of the record and
//! the format number of the store, and adds a step to `migration` that converts the records of earlier
//! formats. What is only added stands behind the fields instead, in a struct of its own (`additions`).

mod additions;
pub(super) mod archive_page;
mod clock_state;
mod entry_additions;
mod entry_parts;
pub(super) mod envelope;
mod feed_history;
pub(super) mod field_bytes;
pub(super) mod full_text;
pub(super) mod machine_clock;
pub(super) mod poll_state;
mod redirects;
mod retention;
pub(super) mod seen_chunk;
mod source_health;
pub(super) mod stored_entry;
pub(super) mod story_record;
pub(super) mod subscription;

use jiff::Timestamp;

/// Why bytes from the disk are not a valid record.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// A version that this program does not know.
    #[error("unknown version: expected {expected}, found {found}")]
    Version {
        /// The known version.
        expected: u8,
        /// The version in the record.
        found: u8,
    },
    /// A compression that this program does not know.
    #[error("unknown compression: {found}")]
    Codec {
        /// The compression in the record.
        found: u8,
    },
    /// The record ends before its fields do.
    #[error("cut short: expected at least {expected} bytes, found {found}")]
    Short {
        /// The number of bytes that there should be.
        expected: usize,
        /// The number of bytes that there are.
        found: usize,
    },
    /// The record states or has an impossible size.
    #[error("wrong size: expected {expected} bytes, found {found}")]
    Size {
        /// The number of bytes that there should be.
        expected: usize,
        /// The number of bytes that there are.
        found: usize,
    },
    /// A record that another one refers to does not exist.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// The fields cannot be decoded.
    #[error("its fields cannot be read")]
    Shape(#[from] postcard::Error),
    /// The compressed bytes cannot be decompressed.
    #[error("it cannot be unpacked")]
    Compression(#[from] std::io::Error),
    /// A field holds an invalid value.
    #[error("its field {0:?} holds no such value")]
    Field(&'static str),
}

/// The timestamp in whole milliseconds, as the store holds every timestamp. The rest is cut off (towards
/// 1970).
pub fn whole_milliseconds(at: Timestamp) -> Timestamp {
    // Cutting moves a timestamp nearer to 1970, so it stays in range.
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}

/// Refuses every version of a record except the known one.
pub(super) fn check_version(expected: u8, found: u8) -> Result<(), RecordError> {
    if found == expected { Ok(()) } else { Err(RecordError::Version { expected, found }) }
}

pub(super) fn instant_of(milliseconds: i64, field: &'static str) -> Result<Timestamp, RecordError> {
    Timestamp::from_millisecond(milliseconds).map_err(|_| RecordError::Field(field))
}

fn optional_instant(
    milliseconds: Option<i64>,
    field: &'static str,
) -> Result<Option<Timestamp>, RecordError> {
    milliseconds.map(|milliseconds| instant_of(milliseconds, field)).transpose()
}

fn optional_milliseconds(at: Option<Timestamp>) -> Option<i64> {
    at.map(Timestamp::as_millisecond)
}

#[cfg(test)]
pub(super) mod tests;
