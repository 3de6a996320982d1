//! Entries and a query → which entries are found, newest or best first. The only place that says
//! `tantivy`.
//!
//! | file | what it turns into what |
//! | --- | --- |
//! | `schema` | an entry → fields, cut into words by the match key's tokens |
//! | `translate` | a query of ours → one of the index |
//! | `budget` | words of a query → how much of the index must be read for them |
//! | `keep` | entries new, changed or gone → the index |
//! | `find` | a query → places in the store |
//! | `error` | what can go wrong |
//!
//! The index holds no text and is never the truth: the store is. It can be deleted at any time and is
//! made again; a stamp beside every entry tells what of it was indexed, so that index and store can be
//! compared after a crash.

mod cost;
mod index_error;
mod index_writer;
mod query_translation;
mod schema;
mod searcher;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use arc_swap::{ArcSwap, ArcSwapOption};
use jiff::Timestamp;
use tantivy::directory::MmapDirectory;
use tantivy::tokenizer::TextAnalyzer;
use tantivy::{Index, IndexReader, ReloadPolicy};

use crate::model::EntryId;
use schema::{IndexFields, MatchKeyTokenizer, TOKENIZER_NAME};

pub use index_error::SearchError;
pub use index_writer::{IndexDocument, SearchIndexWriter};
pub use searcher::{Hit, IndexMatches, MAX_SKIPPED, SearchRequest};

/// The form of the index: another one is deleted and made again. It counts up with the fields, with
/// the analyser (tokens of match keys) and with the library's own format.
const FORMAT: &str = "rafid search 2\n";
/// The file that says it.
const FORMAT_FILE: &str = "format";

/// What can be said of the index just now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IndexState {
    /// It is being made: what is found may be incomplete.
    Building {
        /// Entries looked at.
        done: u64,
        /// Entries that there are.
        total: u64,
    },
    /// It follows the store.
    Ready,
    /// It could not be opened, read or written: what is found is as old as that, or nothing is.
    Failed {
        /// Why.
        reason: String,
        /// Since when.
        since: Timestamp,
    },
}

/// An index in a folder, open or not. Clones are the same index.
#[derive(Clone)]
pub struct SearchIndex(Arc<SearchIndexInner>);

struct SearchIndexInner {
    folder: PathBuf,
    opened: ArcSwapOption<OpenIndex>,
    state: ArcSwap<IndexState>,
}

struct OpenIndex {
    index: Index,
    fields: IndexFields,
    reader: IndexReader,
}

impl SearchIndex {
    /// The index in a folder, not open yet.
    pub fn unopened(folder: &Path) -> Self {
        let state = ArcSwap::from_pointee(IndexState::Building { done: 0, total: 0 });
        let opened = ArcSwapOption::empty();
        Self(Arc::new(SearchIndexInner { folder: folder.to_owned(), opened, state }))
    }

    /// The index in a folder, opened.
    ///
    /// # Errors
    /// As `reopen`.
    pub fn open(folder: &Path) -> Result<Self, SearchError> {
        let search = Self::unopened(folder);
        search.reopen()?;
        Ok(search)
    }

    /// Opens what stands in the folder now. What is missing, of another form or damaged is begun anew,
    /// empty; the files' checksums are read for it (some 100 MB in a tenth of a second). Nobody may hold
    /// the right to write.
    ///
    /// # Errors
    /// When the folder cannot be used. What was open before stays open.
    pub fn reopen(&self) -> Result<(), SearchError> {
        let folder = &self.0.folder;
        let opened = match OpenIndex::open_existing(folder) {
            Some(opened) => opened,
            None => OpenIndex::create(folder)?,
        };
        self.0.opened.store(Some(Arc::new(opened)));
        Ok(())
    }

    fn open_index(&self) -> Result<Arc<OpenIndex>, SearchError> {
        self.0.opened.load_full().ok_or(SearchError::Closed)
    }

    /// What can be said of it just now.
    pub fn state(&self) -> Arc<IndexState> {
        self.0.state.load_full()
    }

    /// Says so.
    pub fn set_state(&self, state: IndexState) {
        self.0.state.store(Arc::new(state));
    }

    /// How many entries can be found.
    pub fn len(&self) -> u64 {
        self.open_index().map_or(0, |opened| opened.reader.searcher().num_docs())
    }

    /// Whether nothing can be found.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl OpenIndex {
    fn create(folder: &Path) -> Result<Self, SearchError> {
        empty_folder(folder)?;
        let directory = MmapDirectory::open(folder).map_err(tantivy::TantivyError::from)?;
        let (schema, _) = IndexFields::new();
        let opened = Self::with_reader(Index::open_or_create(directory, schema)?)?;
        // Written last: what was interrupted before is begun anew.
        fs::write(folder.join(FORMAT_FILE), FORMAT)?;
        Ok(opened)
    }

    /// What stands there, if it is whole and of this form.
    fn open_existing(folder: &Path) -> Option<Self> {
        if fs::read_to_string(folder.join(FORMAT_FILE)).ok()? != FORMAT {
            return None;
        }
        let index = Index::open_in_dir(folder).ok()?;
        let is_same = index.schema() == IndexFields::new().0;
        let is_whole = index.validate_checksum().is_ok_and(|broken| broken.is_empty());
        if !is_same || !is_whole {
            tracing::warn!(folder = %folder.display(), "the search index is damaged; making it anew");
            return None;
        }
        Self::with_reader(index).ok()
    }

    fn with_reader(index: Index) -> Result<Self, SearchError> {
        index.tokenizers().register(TOKENIZER_NAME, TextAnalyzer::from(MatchKeyTokenizer));
        let (_, fields) = IndexFields::new();
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(Self { index, fields, reader })
    }
}

/// Makes a folder if there is none, and takes away what stands in it. The folder itself stays: it may be
/// a volume of its own, or a link to another place.
fn empty_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// The halves of an id.
fn split_id(id: EntryId) -> (u64, u64) {
    let number = u128::from_be_bytes(id.to_bytes());
    let low = number & u128::from(u64::MAX);
    (u64::try_from(number >> 64).unwrap_or_default(), u64::try_from(low).unwrap_or_default())
}

/// The id of two halves.
fn join_id(high: u64, low: u64) -> EntryId {
    EntryId::from_bytes((u128::from(high) << 64 | u128::from(low)).to_be_bytes())
}

/// Bits of a place that tell entries of one millisecond apart.
const ID_BITS: u32 = 20;
/// Milliseconds before and after 1970 that places tell apart: 139 years.
const SPAN_MS: i64 = 1 << 42;

/// Where an entry stands among all: later listed, greater.
fn sort_position(listed_at: Timestamp, id: EntryId) -> u64 {
    let ms = listed_at.as_millisecond().clamp(-SPAN_MS, SPAN_MS - 1) + SPAN_MS;
    ms.cast_unsigned() << ID_BITS | split_id(id).1 & ((1 << ID_BITS) - 1)
}

#[cfg(test)]
mod tests;
