//! The closed archive pages of an output ↔ their records.
//!
//! | bytes of a record | field |
//! | --- | --- |
//! | 1 | the kind: 1 arrivals, 3 first reading |
//! | 8 | the number of the first arrival, big-endian |
//! | 8 | the number of the last arrival, big-endian |

use sled::Tree;

use super::batch::WriteBatch;
use super::records::RecordError;
use super::store_error::{StoreError, read_error};
use super::{Store, keys};
use crate::model::{ArchivePage, ArchivePageKind, ScopeKey};

/// The number of bytes of a record.
const RECORD_BYTES: usize = 17;

impl Store {
    /// The closed archive pages of an output, oldest first.
    ///
    /// # Errors
    /// `Database`, `Undecodable`.
    pub fn archive_pages(&self, scope: ScopeKey) -> Result<Vec<ArchivePage>, StoreError> {
        self.with_read_lock(|tree| {
            let mut pages = Vec::new();
            for item in tree.scan_prefix(keys::archive_prefix(scope)) {
                let (key, value) = item.map_err(read_error)?;
                pages.push(decode_page(&key, &value)?);
            }
            Ok(pages)
        })
    }

    /// Stores closed archive pages of an output. A page that was closed before stays as it is. Not flushed:
    /// pages are a function of the journal, and are closed in the same way after a power cut.
    ///
    /// # Errors
    /// As for `commit`.
    pub fn close_archive_pages(
        &self,
        scope: ScopeKey,
        pages: &[ArchivePage],
    ) -> Result<(), StoreError> {
        for pages in pages.chunks(super::batch::MAX_BATCH_RECORDS) {
            self.with_write_lock(|tree| self.apply_batch(batch_of_pages(tree, scope, pages)?))?;
        }
        Ok(())
    }
}

fn batch_of_pages<'a>(
    tree: &'a Tree,
    scope: ScopeKey,
    pages: &[ArchivePage],
) -> Result<WriteBatch<'a>, StoreError> {
    let mut batch = WriteBatch::new(tree);
    for page in pages {
        let key = keys::archive_page_key(scope, page.number);
        if !batch.holds(&key)? {
            batch.put_raw(&key, &encode_page(page));
        }
    }
    Ok(batch)
}

fn encode_page(page: &ArchivePage) -> Vec<u8> {
    let code = match page.kind {
        ArchivePageKind::Arrivals => 1,
        ArchivePageKind::FirstReading => 3,
    };
    [&[code], &page.from.to_be_bytes()[..], &page.to.to_be_bytes()[..]].concat()
}

fn decode_page(key: &[u8], value: &[u8]) -> Result<ArchivePage, StoreError> {
    let to_error = |error| StoreError::undecodable(key, error);
    let size = || to_error(RecordError::Size { expected: RECORD_BYTES, found: value.len() });
    let (code, rest) = value.split_first().ok_or_else(size)?;
    let (from, rest) = rest.split_first_chunk::<8>().ok_or_else(size)?;
    let to = <[u8; 8]>::try_from(rest).map_err(|_| size())?;
    let kind = match code {
        1 => ArchivePageKind::Arrivals,
        3 => ArchivePageKind::FirstReading,
        _ => return Err(to_error(RecordError::Field("kind"))),
    };
    let number = key.last_chunk::<4>().ok_or_else(|| to_error(RecordError::Field("key")))?;
    Ok(ArchivePage {
        number: u32::from_be_bytes(*number),
        from: u64::from_be_bytes(*from),
        to: u64::from_be_bytes(to),
        kind,
    })
}
