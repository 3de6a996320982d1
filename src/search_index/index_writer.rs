//! New, changed and removed entries → the index, in commits that the caller groups.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use tantivy::indexer::IndexWriterOptions;
use tantivy::{IndexWriter, TantivyDocument, Term};

use super::{OpenIndex, SearchError, SearchIndex, sort_position, split_id};
use crate::model::EntryId;
use crate::query::{QueryField, SearchableEntry};

/// Memory for uncommitted entries, in bytes: the minimum of the library. More makes building only a little
/// faster, and is held as long as the daemon runs.
const HEAP_BYTES: usize = 15_000_000;

/// An entry to index.
pub struct IndexDocument<'a> {
    /// Its id.
    pub id: EntryId,
    /// Its listing time in the store.
    pub listed_at: Timestamp,
    /// Changes with everything of it that is indexed.
    pub stamp: u64,
    /// Its text, as queries look at it.
    pub subject: &'a SearchableEntry<'a>,
}

/// The only writer of the index.
pub struct SearchIndexWriter {
    index: Arc<OpenIndex>,
    writer: IndexWriter,
}

impl SearchIndex {
    /// The right to write. Only one writer exists at a time.
    ///
    /// # Errors
    /// When the index is not open, another writer exists, or the folder cannot be written.
    pub fn writer(&self) -> Result<SearchIndexWriter, SearchError> {
        let options = IndexWriterOptions::builder()
            .num_worker_threads(1)
            .memory_budget_per_thread(HEAP_BYTES)
            .num_merge_threads(1)
            .build();
        let index = self.open_index()?;
        let writer = index.index.writer_with_options(options)?;
        Ok(SearchIndexWriter { index, writer })
    }
}

impl SearchIndexWriter {
    /// Adds an entry, replacing the one with the same id.
    ///
    /// # Errors
    /// When the index cannot be written.
    pub fn upsert(&mut self, document: &IndexDocument<'_>) -> Result<(), SearchError> {
        self.remove(document.id);
        let fields = self.index.fields;
        let (high, low) = split_id(document.id);
        let mut entry = TantivyDocument::default();
        entry.add_u64(fields.id_high, high);
        entry.add_u64(fields.id_low, low);
        entry.add_i64(fields.listed, document.listed_at.as_millisecond());
        entry.add_u64(fields.place, sort_position(document.listed_at, document.id));
        entry.add_u64(fields.stamp, document.stamp);
        for (field, place) in fields.words() {
            match field {
                QueryField::Title | QueryField::Summary | QueryField::Text => {
                    entry.add_text(place, document.subject.words(field));
                }
                _ => {
                    for label in document.subject.labels(field) {
                        entry.add_text(place, label);
                    }
                }
            }
        }
        if let Err(error) = self.writer.add_document(entry) {
            // The library's thread has ended. Only a commit returns the reason (a full disk).
            return Err(self.writer.commit().err().unwrap_or(error).into());
        }
        Ok(())
    }

    /// Removes an entry; does nothing when it is not indexed.
    pub fn remove(&mut self, id: EntryId) {
        self.writer.delete_term(Term::from_field_u64(self.index.fields.id_high, split_id(id).0));
    }

    /// Makes everything since the last commit durable and searchable.
    ///
    /// # Errors
    /// When the index cannot be written. Then none of it may be there, and the writer cannot be used any
    /// more.
    pub fn commit(&mut self) -> Result<(), SearchError> {
        self.writer.commit()?;
        self.index.reader.reload()?;
        Ok(())
    }

    /// The stamps of all committed entries.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn stamps(&self) -> Result<HashMap<EntryId, u64>, SearchError> {
        let searcher = self.index.reader.searcher();
        let mut stamps = HashMap::new();
        for segment in searcher.segment_readers() {
            let fast = segment.fast_fields();
            let (high, low) = (fast.u64("id_high")?, fast.u64("id_low")?);
            let stamp = fast.u64("stamp")?;
            for document in segment.doc_ids_alive() {
                let all = (high.first(document), low.first(document), stamp.first(document));
                if let (Some(high), Some(low), Some(stamp)) = all {
                    stamps.insert(super::join_id(high, low), stamp);
                }
            }
        }
        Ok(stamps)
    }
}
