//! A closed archive page ↔ the bytes of its record. Its number is in the key.
//!
//! | bytes | field |
//! | --- | --- |
//! | 1 | the kind: 1 arrivals, 3 first reading |
//! | 8 | the number of the first arrival, big-endian |
//! | 8 | the number of the last arrival, big-endian |

use super::RecordError;
use crate::model::{ArchivePage, ArchivePageKind};

/// The number of bytes of a record.
const RECORD_BYTES: usize = 17;

/// The bytes of a page.
pub(crate) fn encode(page: &ArchivePage) -> Vec<u8> {
    let code = kind_code(page.kind);
    [&[code], &page.from.to_be_bytes()[..], &page.to.to_be_bytes()[..]].concat()
}

/// The page with this number.
pub(crate) fn decode(number: u32, bytes: &[u8]) -> Result<ArchivePage, RecordError> {
    let size = || RecordError::Size { expected: RECORD_BYTES, found: bytes.len() };
    let (code, rest) = bytes.split_first().ok_or_else(size)?;
    let (from, rest) = rest.split_first_chunk::<8>().ok_or_else(size)?;
    let to = <[u8; 8]>::try_from(rest).map_err(|_| size())?;
    let (from, to) = (u64::from_be_bytes(*from), u64::from_be_bytes(to));
    Ok(ArchivePage { number, from, to, kind: kind_of(*code)? })
}

/// The code of a kind on disk, which never changes.
pub(crate) fn kind_code(kind: ArchivePageKind) -> u8 {
    match kind {
        ArchivePageKind::Arrivals => 1,
        ArchivePageKind::FirstReading => 3,
    }
}

/// The kind with a code.
pub(crate) fn kind_of(code: u8) -> Result<ArchivePageKind, RecordError> {
    match code {
        1 => Ok(ArchivePageKind::Arrivals),
        3 => Ok(ArchivePageKind::FirstReading),
        _ => Err(RecordError::Field("kind")),
    }
}
