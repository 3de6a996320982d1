//! How far the index follows the store ↔ what is stored of it: the position in the journal of arrivals with every
//! commit of the index, and a digest for each source in a file beside its segments.
//!
//! The digest of a source covers everything outside its entries that is indexed with them (its name, its rules). An
//! index without these files is compared with the store entry by entry.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Write as _};

use super::{SearchError, SearchIndex, source_key};
use crate::model::{EntryId, SourceId};

/// The file of the digests.
const DIGESTS_FILE: &str = "sources";
/// The same while it is written.
const NEW_DIGESTS_FILE: &str = "sources.new";
/// Its first line.
const DIGESTS_HEADER: &str = "rafid sources 1";

/// Up to where the index holds everything that arrived in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexProgress {
    /// The number of the last arrival that is indexed.
    pub journal: u64,
    /// The entry of that arrival; `None`: unknown. Another entry under this number means another store.
    pub entry: Option<EntryId>,
}

impl IndexProgress {
    pub(super) fn to_payload(self) -> String {
        let entry = self.entry.map(|entry| entry.to_string()).unwrap_or_default();
        format!("{} {entry}", self.journal)
    }

    fn parse(payload: &str) -> Option<Self> {
        let (journal, entry) = payload.split_once(' ')?;
        let entry = if entry.is_empty() { None } else { Some(EntryId::parse(entry)?) };
        Some(Self { journal: journal.parse().ok()?, entry })
    }
}

/// The digest of each source as of its last complete comparison. A source without one has no entries in the index.
#[derive(Debug, Clone, Default)]
pub struct SourceDigests {
    /// By the key of the source.
    by_key: BTreeMap<u64, u64>,
    is_saved: bool,
}

impl SourceDigests {
    /// The digest of a source; `None`: it has no entries in the index.
    pub fn get(&self, source: &SourceId) -> Option<u64> {
        self.by_key.get(&source_key(source)).copied()
    }

    /// Sets the digest of a source.
    pub fn set(&mut self, source: &SourceId, digest: u64) {
        self.is_saved &= self.by_key.insert(source_key(source), digest) == Some(digest);
    }

    /// Forgets all other sources; returns their keys.
    pub fn forget_all_but<'a>(&mut self, sources: impl Iterator<Item = &'a SourceId>) -> Vec<u64> {
        let keys: BTreeSet<u64> = sources.map(source_key).collect();
        let gone: Vec<u64> =
            self.by_key.keys().filter(|key| !keys.contains(key)).copied().collect();
        for key in &gone {
            self.by_key.remove(key);
        }
        self.is_saved &= gone.is_empty();
        gone
    }

    fn parse(text: &str) -> Self {
        let mut lines = text.lines();
        if lines.next() != Some(DIGESTS_HEADER) {
            return Self::default();
        }
        let number = |word: &str| u64::from_str_radix(word, 16).ok();
        let pair = |line: &str| {
            let (key, digest) = line.split_once(' ')?;
            Some((number(key)?, number(digest)?))
        };
        Self { by_key: lines.filter_map(pair).collect(), is_saved: true }
    }

    fn to_text(&self) -> String {
        let mut text = format!("{DIGESTS_HEADER}\n");
        for (key, digest) in &self.by_key {
            // Writing into a String cannot fail.
            let _ = writeln!(text, "{key:016x} {digest:016x}");
        }
        text
    }
}

impl SearchIndex {
    /// What the last commit says about its progress; `None`: nothing, so the index may miss anything.
    ///
    /// # Errors
    /// When the index is not open, or cannot be read.
    pub fn progress(&self) -> Result<Option<IndexProgress>, SearchError> {
        let payload = self.open_index()?.index.load_metas()?.payload;
        Ok(payload.and_then(|payload| IndexProgress::parse(&payload)))
    }

    /// The stored digests of sources; empty: none are stored, or they cannot be read.
    pub fn source_digests(&self) -> SourceDigests {
        let text = fs::read_to_string(self.0.folder.join(DIGESTS_FILE));
        SourceDigests::parse(&text.unwrap_or_default())
    }

    /// Stores the digests if they changed, after a commit with the entries that they are about.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn save_source_digests(&self, digests: &mut SourceDigests) -> io::Result<()> {
        if digests.is_saved {
            return Ok(());
        }
        let new = self.0.folder.join(NEW_DIGESTS_FILE);
        let mut file = File::create(&new)?;
        file.write_all(digests.to_text().as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, self.0.folder.join(DIGESTS_FILE))?;
        digests.is_saved = true;
        Ok(())
    }
}
