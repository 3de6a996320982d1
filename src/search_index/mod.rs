//! Entries and a query → the matching entries, newest or best first. Only this room uses `tantivy`.
//!
//! | file | input → output |
//! | --- | --- |
//! | `index_error` | what can go wrong |
//! | `schema` | an entry → fields, split into the tokens of the match key |
//! | `cost` | the words of a query → how much of the index must be read for them |
//! | `word_set` | words → those that a dictionary of the index has |
//! | `found_words` | words that a dictionary has → a query for the entries with one of them |
//! | `query_translation` | a query of Rafid → a query of the index |
//! | `merge_policy` | the files of the index → which of them become one |
//! | `index_progress` | how far the index follows the store ↔ its files |
//! | `index_writer` | new, changed and removed entries → the index |
//! | `index_lookup` | a source, an id, a link → the indexed entries, without a query |
//! | `searcher` | a query → positions in the store |
//!
//! The index holds no text, and the store decides what exists. The index can be deleted at any time and is
//! then rebuilt. A stamp beside every entry shows what of it was indexed, and every commit holds how far the
//! index follows the store, so that only what changed since is looked at after a start.

mod cost;
mod found_words;
mod index_error;
mod index_lookup;
mod index_progress;
mod index_writer;
mod merge_policy;
mod query_translation;
mod schema;
mod searcher;
mod word_set;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use arc_swap::{ArcSwap, ArcSwapOption};
use jiff::Timestamp;
use rafid_feed::hash::digest_64;
use rafid_feed::normalize::link_form;
use tantivy::directory::MmapDirectory;
use tantivy::tokenizer::TextAnalyzer;
use tantivy::{Index, IndexReader, ReloadPolicy};

use crate::model::{EntryId, SourceId};
use schema::{IndexFields, MatchKeyTokenizer, TOKENIZER_NAME};

pub use index_error::SearchError;
pub use index_lookup::IndexedEntry;
pub use index_progress::{IndexProgress, SourceDigests};
pub use index_writer::{IndexDocument, SearchIndexWriter};
pub use searcher::{Hit, IndexMatches, MAX_SKIPPED, SearchRequest};

/// The format of the index. An index of another format is deleted and rebuilt. The number increases with
/// changes of the fields, of the tokens of match keys and of the library's own format.
const FORMAT: &str = "rafid search 4\n";
/// The file that holds the format.
const FORMAT_FILE: &str = "format";

/// The current state of the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IndexState {
    /// It is being built, so results may be incomplete.
    Building {
        /// Entries processed so far.
        done: u64,
        /// Entries in all.
        total: u64,
    },
    /// It is up to date with the store.
    Ready,
    /// It could not be opened, read or written. Results are as old as the failure, or there are no results.
    Failed {
        /// The reason.
        reason: String,
        /// When it began.
        since: Timestamp,
    },
}

/// An index in a folder, open or not. Clones share it.
#[derive(Clone)]
pub struct SearchIndex(Arc<SearchIndexInner>);

struct SearchIndexInner {
    folder: PathBuf,
    index: ArcSwapOption<OpenIndex>,
    state: ArcSwap<IndexState>,
}

struct OpenIndex {
    index: Index,
    fields: IndexFields,
    reader: IndexReader,
}

impl SearchIndex {
    /// The index in a folder, not yet open.
    pub fn unopened(folder: &Path) -> Self {
        let state = ArcSwap::from_pointee(IndexState::Building { done: 0, total: 0 });
        let index = ArcSwapOption::empty();
        Self(Arc::new(SearchIndexInner { folder: folder.to_owned(), index, state }))
    }

    /// The index in a folder, open.
    pub fn open(folder: &Path) -> Result<Self, SearchError> {
        let search = Self::unopened(folder);
        search.reopen()?;
        Ok(search)
    }

    /// Opens the index that is in the folder now. An index that is missing, of another format or damaged is
    /// replaced by an empty one. Opening reads the checksums of the files (some 100 MB in a tenth of a
    /// second). No writer may exist.
    ///
    /// # Errors
    /// When the folder cannot be used. An index that was open before stays open.
    pub fn reopen(&self) -> Result<(), SearchError> {
        let folder = &self.0.folder;
        let index = match OpenIndex::open_existing(folder) {
            Some(index) => index,
            None => OpenIndex::create(folder)?,
        };
        self.0.index.store(Some(Arc::new(index)));
        Ok(())
    }

    fn open_index(&self) -> Result<Arc<OpenIndex>, SearchError> {
        self.0.index.load_full().ok_or(SearchError::Closed)
    }

    /// Whether it is open.
    pub fn is_open(&self) -> bool {
        self.0.index.load().is_some()
    }

    /// Its current state.
    pub fn state(&self) -> Arc<IndexState> {
        self.0.state.load_full()
    }

    /// Sets its state.
    pub fn set_state(&self, state: IndexState) {
        self.0.state.store(Arc::new(state));
    }

    /// The number of searchable entries.
    pub fn len(&self) -> u64 {
        self.open_index().map_or(0, |index| index.reader.searcher().num_docs())
    }

    /// Whether it has no searchable entries.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl OpenIndex {
    fn create(folder: &Path) -> Result<Self, SearchError> {
        empty_folder(folder)?;
        let directory = MmapDirectory::open(folder).map_err(tantivy::TantivyError::from)?;
        let (schema, _) = IndexFields::new();
        let index = Self::with_reader(Index::open_or_create(directory, schema)?)?;
        // Written last: an index whose creation was interrupted is created again.
        fs::write(folder.join(FORMAT_FILE), FORMAT)?;
        Ok(index)
    }

    /// The index in the folder, if it is intact and of this format.
    fn open_existing(folder: &Path) -> Option<Self> {
        if fs::read_to_string(folder.join(FORMAT_FILE)).ok()? != FORMAT {
            return None;
        }
        let index = Index::open_in_dir(folder).ok()?;
        let is_same = index.schema() == IndexFields::new().0;
        let is_whole = index.validate_checksum().is_ok_and(|broken| broken.is_empty());
        if !is_same || !is_whole {
            tracing::warn!(folder = %folder.display(), "the search index is damaged and will be rebuilt");
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

/// Creates a folder if it does not exist, and deletes its contents. The folder itself stays: it may be a volume,
/// or a link to another folder. The folder above it must exist: a store that was moved away could not be put back
/// where a part of it was created again.
fn empty_folder(folder: &Path) -> io::Result<()> {
    match fs::create_dir(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
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

/// The two halves of an id.
fn split_id(id: EntryId) -> (u64, u64) {
    let number = u128::from_be_bytes(id.to_bytes());
    let low = number & u128::from(u64::MAX);
    (u64::try_from(number >> 64).unwrap_or_default(), u64::try_from(low).unwrap_or_default())
}

/// Joins two halves to an id.
fn join_id(high: u64, low: u64) -> EntryId {
    EntryId::from_bytes((u128::from(high) << 64 | u128::from(low)).to_be_bytes())
}

/// The key of a source.
fn source_key(source: &SourceId) -> u64 {
    digest_64(source.as_str())
}

/// The key of a guid or link: the same for all spellings of an address.
fn name_key(name: &str) -> u64 {
    link_form(name).map_or_else(|| digest_64(name), digest_64)
}

/// The bits of a position that distinguish entries of one millisecond.
const ID_BITS: u32 = 20;
/// Positions distinguish this many milliseconds before and after 1970: 139 years.
const SPAN_MS: i64 = 1 << 42;

/// The position that no entry of this time or a later one is before.
fn first_position(listed_at: Timestamp) -> u64 {
    sort_position(listed_at, EntryId::from_bytes([0; 16]))
}

/// The position of an entry in the order of listing times: a later one is greater.
fn sort_position(listed_at: Timestamp, id: EntryId) -> u64 {
    let ms = listed_at.as_millisecond().clamp(-SPAN_MS, SPAN_MS - 1) + SPAN_MS;
    ms.cast_unsigned() << ID_BITS | split_id(id).1 & ((1 << ID_BITS) - 1)
}

#[cfg(test)]
mod tests;
