//! A record of the tree ↔ its bytes in a block: values with an envelope uncompressed and joined from their
//! parts.
//!
//! | bytes | content |
//! | --- | --- |
//! | 1 | form: 0 the value as it is, 1 fields that are not compressed in the tree, 2 fields that are |
//! | 2 | length of the key |
//! | … | the key |
//! | 1 | form 1 and 2: version of the fields |
//! | 2 | form 1 and 2: length of the label |
//! | … | form 1 and 2: the label |
//! | 4 | length of the value or the fields |
//! | … | the value or the fields |

use super::super::decode::{PartSource, join_fields};
use super::super::keys;
use super::super::records::RecordError;
use super::super::records::envelope::{Compression, EncodedRecord, Envelope, encode_record};
use super::super::store_error::StoreError;

const AS_IT_IS: u8 = 0;
const NOT_COMPRESSED: u8 = 1;
const COMPRESSED: u8 = 2;

/// A record in a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DumpedRecord<'a> {
    /// Its key in the tree.
    pub(super) key: &'a [u8],
    /// Its value.
    pub(super) value: DumpedValue<'a>,
}

/// The value of a dumped record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DumpedValue<'a> {
    /// A value without an envelope.
    Raw(&'a [u8]),
    /// The contents of an envelope.
    Fields { version: u8, label: &'a str, compression: Compression, fields: &'a [u8] },
}

/// Appends the record to `block`. `false`: it cannot be decoded, and nothing was appended.
///
/// # Errors
/// `Database` when its parts cannot be read.
pub(super) fn append_record(
    block: &mut Vec<u8>,
    parts: &impl PartSource,
    key: &[u8],
    value: &[u8],
) -> Result<bool, StoreError> {
    let start = block.len();
    let appended = if keys::has_envelope(key) {
        match Envelope::parse(value)
            .map_err(|error| StoreError::undecodable(key, error))
            .and_then(|envelope| Ok((envelope, join_fields(parts, key, &envelope)?)))
        {
            Ok((envelope, fields)) => {
                let (version, label) = (envelope.version, envelope.label);
                let compression = envelope.compression();
                let value = DumpedValue::Fields { version, label, compression, fields: &fields };
                encode_dumped(block, &DumpedRecord { key, value })
            }
            Err(error @ StoreError::Database { .. }) => return Err(error),
            Err(_) => None,
        }
    } else {
        encode_dumped(block, &DumpedRecord { key, value: DumpedValue::Raw(value) })
    };
    if appended.is_none() {
        block.truncate(start);
    }
    Ok(appended.is_some())
}

/// `None`: a length does not fit; `block` may then hold a part of it.
fn encode_dumped(block: &mut Vec<u8>, record: &DumpedRecord<'_>) -> Option<()> {
    let form = match record.value {
        DumpedValue::Raw(_) => AS_IT_IS,
        DumpedValue::Fields { compression: Compression::Never, .. } => NOT_COMPRESSED,
        DumpedValue::Fields { compression: Compression::WhereShorter, .. } => COMPRESSED,
    };
    block.push(form);
    block.extend(u16::try_from(record.key.len()).ok()?.to_be_bytes());
    block.extend(record.key);
    let rest = match record.value {
        DumpedValue::Raw(value) => value,
        DumpedValue::Fields { version, label, fields, .. } => {
            block.push(version);
            block.extend(u16::try_from(label.len()).ok()?.to_be_bytes());
            block.extend(label.as_bytes());
            fields
        }
    };
    block.extend(u32::try_from(rest.len()).ok()?.to_be_bytes());
    block.extend(rest);
    Some(())
}

/// The record at the start of `block`, and the rest of the block; `None`: there is no valid one.
pub(super) fn decode_dumped(block: &[u8]) -> Option<(DumpedRecord<'_>, &[u8])> {
    let (form, block) = block.split_first()?;
    let (key, block) = short_bytes(block)?;
    let (fields_of, block) = match *form {
        AS_IT_IS => (None, block),
        NOT_COMPRESSED | COMPRESSED => {
            let (version, block) = block.split_first()?;
            let (label, block) = short_bytes(block)?;
            (Some((*version, std::str::from_utf8(label).ok()?)), block)
        }
        _ => return None,
    };
    let (length, block) = block.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let (rest, block) = block.split_at_checked(length)?;
    let value = fields_of.map_or(DumpedValue::Raw(rest), |(version, label)| {
        let is_compressed = *form == COMPRESSED;
        let compression =
            if is_compressed { Compression::WhereShorter } else { Compression::Never };
        DumpedValue::Fields { version, label, compression, fields: rest }
    });
    Some((DumpedRecord { key, value }, block))
}

/// Bytes after their length of two bytes.
fn short_bytes(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, bytes) = bytes.split_first_chunk::<2>()?;
    bytes.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}

impl DumpedValue<'_> {
    /// The value as it stands in the tree, with its parts.
    pub(super) fn encode(&self) -> Result<EncodedRecord, RecordError> {
        match *self {
            Self::Raw(value) => Ok(EncodedRecord { value: value.to_vec(), parts: Vec::new() }),
            Self::Fields { version, label, compression, fields } => {
                encode_record(version, label, fields, compression)
            }
        }
    }
}
