//! The closed archive pages of an output ↔ their records.

use sled::Tree;

use super::batch::WriteBatch;
use super::log::{Durability, LogRecord};
use super::records::{RecordError, archive_page};
use super::store_error::{StoreError, read_error};
use super::{Store, keys};
use crate::model::{ArchivePage, ScopeKey};

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

    /// Stores closed archive pages of outputs, with one write. A page that was closed before stays as it is. Not flushed:
    /// pages are a function of the journal, and are closed in the same way after a power cut.
    ///
    /// # Errors
    /// As for `commit`.
    pub fn close_archive_pages(
        &self,
        closed: &[(ScopeKey, Vec<ArchivePage>)],
    ) -> Result<(), StoreError> {
        let records = closed.iter().flat_map(|(scope, pages)| {
            let parts = pages.chunks(super::batch::MAX_BATCH_RECORDS);
            parts.map(|pages| LogRecord::ArchivePages { scope: *scope, pages: pages.to_vec() })
        });
        self.write(Durability::Buffered, |_| Ok((records.collect(), ())))
    }
}

/// Puts closed pages that are not there yet.
pub(super) fn batch_of_pages<'a>(
    tree: &'a Tree,
    scope: ScopeKey,
    pages: &[ArchivePage],
) -> Result<WriteBatch<'a>, StoreError> {
    let mut batch = WriteBatch::new(tree);
    for page in pages {
        let key = keys::archive_page_key(scope, page.number);
        if !batch.holds(&key)? {
            batch.put_raw(&key, &archive_page::encode(page));
        }
    }
    Ok(batch)
}

fn decode_page(key: &[u8], value: &[u8]) -> Result<ArchivePage, StoreError> {
    let to_error = |error| StoreError::undecodable(key, error);
    let number = key.last_chunk::<4>().ok_or_else(|| to_error(RecordError::Field("key")))?;
    archive_page::decode(u32::from_be_bytes(*number), value).map_err(to_error)
}
