//! A source, or a guid or link → the indexed entries, by a key in the index and without a query.

use std::collections::HashMap;

use jiff::Timestamp;
use tantivy::columnar::Column;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, SegmentReader, TERMINATED, Term};

use super::{OpenIndex, SearchError, SearchIndex, join_id, name_key, source_key, split_id};
use crate::model::{EntryId, SourceId};

/// What the index holds about an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexedEntry {
    /// Its listing time in the store, as it was indexed.
    pub listed_at: Timestamp,
    /// The stamp of what was indexed.
    pub stamp: u64,
}

impl SearchIndex {
    /// The committed entries of a source.
    ///
    /// # Errors
    /// When the index is not open, or cannot be read.
    pub fn entries_of_source(
        &self,
        source: &SourceId,
    ) -> Result<HashMap<EntryId, IndexedEntry>, SearchError> {
        let index = self.open_index()?;
        let mut found = HashMap::new();
        visit_entries(&index, source_key(source), |id, entry| {
            found.insert(id, entry);
        })?;
        Ok(found)
    }

    /// The committed entries with this guid or link, or with another spelling of it: ids and listing times. A few
    /// entries with another name may be among them.
    ///
    /// # Errors
    /// When the index is not open, or cannot be read.
    pub fn entries_named(&self, name: &str) -> Result<Vec<(EntryId, Timestamp)>, SearchError> {
        let index = self.open_index()?;
        let mut found = Vec::new();
        visit_entries(&index, name_key(name), |id, entry| found.push((id, entry.listed_at)))?;
        Ok(found)
    }
}

impl OpenIndex {
    /// Whether an entry was committed, or another one with the same half of its id. It may be removed again.
    pub(super) fn holds(&self, id: EntryId) -> Result<bool, SearchError> {
        let term = Term::from_field_u64(self.fields.keys, split_id(id).0);
        Ok(self.reader.searcher().doc_freq(&term)? > 0)
    }
}

/// Visits the entries with a key.
fn visit_entries(
    index: &OpenIndex,
    key: u64,
    mut visit: impl FnMut(EntryId, IndexedEntry),
) -> Result<(), SearchError> {
    let keys = index.fields.keys;
    let term = Term::from_field_u64(keys, key);
    for segment in index.reader.searcher().segment_readers() {
        let inverted = segment.inverted_index(keys)?;
        let postings = inverted.read_postings(&term, IndexRecordOption::Basic);
        let Some(mut postings) = postings.map_err(tantivy::TantivyError::from)? else { continue };
        let columns = EntryColumns::open(segment)?;
        let mut document = postings.doc();
        while document != TERMINATED {
            if !segment.is_deleted(document)
                && let Some((id, entry)) = columns.entry(document)
            {
                visit(id, entry);
            }
            document = postings.advance();
        }
    }
    Ok(())
}

/// The columns of a segment that describe its entries.
struct EntryColumns {
    high: Column,
    low: Column,
    listed: Column<i64>,
    stamp: Column,
}

impl EntryColumns {
    fn open(segment: &SegmentReader) -> Result<Self, SearchError> {
        let fast = segment.fast_fields();
        Ok(Self {
            high: fast.u64("id_high")?,
            low: fast.u64("id_low")?,
            listed: fast.i64("listed")?,
            stamp: fast.u64("stamp")?,
        })
    }

    fn entry(&self, document: DocId) -> Option<(EntryId, IndexedEntry)> {
        let id = join_id(self.high.first(document)?, self.low.first(document)?);
        let listed_at = Timestamp::from_millisecond(self.listed.first(document)?);
        let stamp = self.stamp.first(document)?;
        Some((id, IndexedEntry { listed_at: listed_at.unwrap_or_default(), stamp }))
    }
}
