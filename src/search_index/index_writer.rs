//! New, changed and removed entries → the index, in commits that the caller groups.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use tantivy::indexer::IndexWriterOptions;
use tantivy::{IndexWriter, TantivyDocument, Term};

use super::index_progress::IndexProgress;
use super::merge_policy::SegmentMergePolicy;
use super::{OpenIndex, SearchError, SearchIndex, name_key, sort_position, source_key, split_id};
use crate::model::EntryId;
use crate::query::{QueryField, SearchableEntry};

/// Memory for uncommitted entries, in bytes. It is taken as entries are added, and given back by the commit. The
/// library's minimum (15 MB) has room for 430 entries, this for the 2,000 that an index in building adds between two
/// commits: a fifth of the segments to write and to merge.
const HEAP_BYTES: usize = 24_000_000;

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
    /// The first halves of the ids of entries that were added since the last commit.
    added: HashSet<u64>,
    has_changes: bool,
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
        writer.set_merge_policy(Box::new(SegmentMergePolicy::new()));
        Ok(SearchIndexWriter { index, writer, added: HashSet::new(), has_changes: false })
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
        let own = [high, source_key(document.subject.source())];
        let names: BTreeSet<u64> = document.subject.names().map(name_key).collect();
        for key in own.into_iter().chain(names) {
            entry.add_u64(fields.keys, key);
        }
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
        self.added.insert(high);
        self.has_changes = true;
        Ok(())
    }

    /// Removes an entry; does nothing when it is not indexed. (A removal makes the library open all segments at
    /// the next commit, which takes longer than to look for the entry.)
    pub fn remove(&mut self, id: EntryId) {
        let high = split_id(id).0;
        if self.added.contains(&high) || self.index.holds(id).unwrap_or(true) {
            self.writer.delete_term(Term::from_field_u64(self.index.fields.keys, high));
            self.has_changes = true;
        }
    }

    /// Removes all entries of the source with this key (`SourceDigests::forget_all_but`); returns how many.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn remove_source(&mut self, key: u64) -> Result<u64, SearchError> {
        let term = Term::from_field_u64(self.index.fields.keys, key);
        let count = self.index.reader.searcher().doc_freq(&term)?;
        self.writer.delete_term(term);
        self.has_changes = true;
        Ok(count)
    }

    /// Whether something changed since the last commit.
    pub fn has_changes(&self) -> bool {
        self.has_changes
    }

    /// The number of entries that were added since the last commit.
    pub fn added_count(&self) -> usize {
        self.added.len()
    }

    /// Makes everything since the last commit durable and searchable. Nothing is claimed about how far the index
    /// follows the store.
    ///
    /// # Errors
    /// When the index cannot be written. Then none of it may be there, and the writer cannot be used any
    /// more.
    pub fn commit(&mut self) -> Result<(), SearchError> {
        self.writer.commit()?;
        self.on_committed()
    }

    /// The same; the index then holds everything up to `progress`.
    ///
    /// # Errors
    /// As for `commit`.
    pub fn commit_progress(&mut self, progress: IndexProgress) -> Result<(), SearchError> {
        let mut prepared = self.writer.prepare_commit()?;
        prepared.set_payload(&progress.to_payload());
        prepared.commit()?;
        self.on_committed()
    }

    fn on_committed(&mut self) -> Result<(), SearchError> {
        self.added.clear();
        self.has_changes = false;
        self.index.reader.reload()?;
        Ok(())
    }

    /// Waits for merges, and ends the threads and gives back the memory of the writer.
    ///
    /// # Errors
    /// When a thread of the library failed.
    pub fn close(self) -> Result<(), SearchError> {
        self.writer.wait_merging_threads()?;
        Ok(())
    }
}
