//! What is remembered of the pages of a source's entries ↔ its record, one for each source.

use super::batch::WriteBatch;
use super::records::envelope::{Compression, encode_record};
use super::records::full_text;
use super::store_error::{StoreError, read_error};
use super::{Store, decode, keys};
use crate::model::{FullTextState, SourceId};

impl Store {
    /// What is remembered of a source's pages; `None`: nothing. What cannot be read is nothing, and told in
    /// the log: the pages that were awaited are then not asked.
    ///
    /// # Errors
    /// `Database`.
    pub fn full_text_state(&self, source: &SourceId) -> Result<Option<FullTextState>, StoreError> {
        self.with_read_lock(|tree| {
            let key = keys::full_text_key(source);
            let Some(value) = tree.get(&key).map_err(read_error)? else { return Ok(None) };
            match decode::decode_full_text_state(tree, &key, &value) {
                Ok(pages) => Ok(Some(pages)),
                Err(error @ StoreError::Database { .. }) => Err(error),
                Err(error) => {
                    tracing::warn!(%error, "what was remembered of pages is passed over");
                    Ok(None)
                }
            }
        })
    }

    /// Keeps what is to be remembered of a source's pages. Not flushed: the commit that follows is.
    ///
    /// # Errors
    /// As for `commit`.
    pub fn save_full_text_state(
        &self,
        source: &SourceId,
        pages: &FullTextState,
    ) -> Result<(), StoreError> {
        let key = keys::full_text_key(source);
        self.with_write_lock(|tree| {
            let sealed = full_text::encode(pages)
                .and_then(|fields| {
                    encode_record(full_text::VERSION, "", &fields, Compression::WhereShorter)
                })
                .map_err(|error| StoreError::unencodable(&key, error))?;
            let mut changes = WriteBatch::new(tree);
            changes.put(&key, sealed)?;
            self.apply_batch(changes)
        })
    }
}
