//! Nouns ↔ the bytes that stand on disk. The nouns are not serialisable: every kind of record has a
//! shape of its own here, and a version that its envelope names.
//!
//! Reading knows one version of each shape. A change of a shape raises the version of the record and the
//! format number of the store, and adds a step to `migration` that converts what earlier formats hold.

mod clock_state;
pub(super) mod envelope;
mod feed_history;
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

/// Why bytes from the disk are not the record that they should be.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// A version that this program does not know.
    #[error("unknown version: expected {expected}, found {found}")]
    Version {
        /// The one that is known.
        expected: u8,
        /// What stands there.
        found: u8,
    },
    /// A compression that this program does not know.
    #[error("unknown compression: expected 0 or 1, found {found}")]
    Codec {
        /// What stands there.
        found: u8,
    },
    /// The record ends before its fields do.
    #[error("cut short: expected at least {expected} bytes, found {found}")]
    Short {
        /// How many bytes there should be.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// The record claims or has a size that it cannot have.
    #[error("wrong size: expected {expected} bytes, found {found}")]
    Size {
        /// How many bytes there should be.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// A record that another one speaks of is not there.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// The fields cannot be told apart.
    #[error("its fields cannot be read")]
    Shape(#[from] postcard::Error),
    /// The compressed bytes cannot be unpacked.
    #[error("it cannot be unpacked")]
    Compression(#[from] std::io::Error),
    /// A field holds what it never can.
    #[error("its field {0:?} holds no such value")]
    Field(&'static str),
}

/// The instant in whole milliseconds, as the store keeps every instant: what is below a millisecond
/// is cut off (towards 1970).
pub fn whole_milliseconds(at: Timestamp) -> Timestamp {
    // Cutting brings an instant nearer to 1970, never out of range.
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}

/// Refuses every version of a record but the one that is known.
fn check_version(expected: u8, found: u8) -> Result<(), RecordError> {
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
mod tests;
