//! What is remembered of the pages of a source's entries ↔ its record, one for each source.

use super::Store;
use super::changes::Changes;
use super::disk::envelope::{Packing, seal};
use super::disk::page;
use super::error::{StoreError, reading};
use super::{keys, values};
use crate::feed::model::{Pages, SourceId};

impl Store {
    /// What is remembered of a source's pages; `None`: nothing. What cannot be read is nothing, and told in
    /// the log: the pages that were awaited are then not asked.
    ///
    /// # Errors
    /// `Database`.
    pub fn pages(&self, source: &SourceId) -> Result<Option<Pages>, StoreError> {
        self.reading(|tree| {
            let key = keys::pages(source);
            let Some(value) = tree.get(&key).map_err(reading)? else { return Ok(None) };
            match values::pages(tree, &key, &value) {
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
    pub fn keep_pages(&self, source: &SourceId, pages: &Pages) -> Result<(), StoreError> {
        let key = keys::pages(source);
        self.writing(|tree| {
            let sealed = page::encode(pages)
                .and_then(|fields| seal(page::VERSION, "", &fields, Packing::WhereShorter))
                .map_err(|error| StoreError::unencodable(&key, error))?;
            let mut changes = Changes::new(tree);
            changes.put(&key, sealed)?;
            self.apply(changes)
        })
    }
}
