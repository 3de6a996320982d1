//! The full-text state of a source ↔ its record.

use sled::Tree;

use super::batch::WriteBatch;
use super::log::{Durability, LogRecord};
use super::records::envelope::{Compression, encode_record};
use super::records::full_text;
use super::store_error::{StoreError, read_error};
use super::{Store, decode, keys};
use crate::model::{FullTextState, SourceId};

impl Store {
    /// The full-text state of a source; `None`: nothing is stored. An unreadable record counts as none and is
    /// logged; its pending pages are then not fetched.
    ///
    /// # Errors
    /// `Database`.
    pub fn full_text_state(&self, source: &SourceId) -> Result<Option<FullTextState>, StoreError> {
        self.with_read_lock(|tree| {
            let key = keys::full_text_key(source);
            let Some(value) = tree.get(&key).map_err(read_error)? else { return Ok(None) };
            match decode::decode_full_text_state(tree, &key, &value) {
                Ok(state) => Ok(Some(state)),
                Err(error @ StoreError::Database { .. }) => Err(error),
                Err(error) => {
                    tracing::warn!(%error, "the full-text state of a source cannot be read and is ignored");
                    Ok(None)
                }
            }
        })
    }

    /// Stores the full-text state of a source. Not flushed: after a power cut its last pages are fetched
    /// again.
    ///
    /// # Errors
    /// As for `commit`.
    pub fn save_full_text_state(
        &self,
        source: &SourceId,
        state: &FullTextState,
    ) -> Result<(), StoreError> {
        let record = LogRecord::FullText { source: source.clone(), state: state.clone() };
        self.write(Durability::Buffered, |_| Ok((vec![record], ())))
    }
}

/// Puts the full-text state of a source.
pub(super) fn batch_of_full_text<'a>(
    tree: &'a Tree,
    source: &SourceId,
    state: &FullTextState,
) -> Result<WriteBatch<'a>, StoreError> {
    let key = keys::full_text_key(source);
    let encoded = full_text::encode(state)
        .and_then(|fields| {
            encode_record(full_text::VERSION, "", &fields, Compression::WhereShorter)
        })
        .map_err(|error| StoreError::unencodable(&key, error))?;
    let mut batch = WriteBatch::new(tree);
    batch.put(&key, encoded)?;
    Ok(batch)
}
