//! A position → the stored entries that follow it, oldest first, a page at a time. Only for requests of the
//! operator: nothing that readers trigger may scan the whole store.
//!
//! An entry that cannot be read is counted and left out: an export of a damaged store holds the rest.

use super::keys;
use super::store_error::{StoreError, read_error};
use super::{Store, decode, packs};
use crate::model::{EntryId, StoredEntry};

/// The largest page. Its entries are read while no batch can be applied: a few milliseconds.
const MAX_SCAN_PAGE: usize = 500;

/// Where a scan goes on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EntryCursor(Option<Vec<u8>>);

/// One page of a scan.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EntryScan {
    /// The entries, oldest `listed_at` first; at most 500.
    pub entries: Vec<StoredEntry>,
    /// How many entries of this page cannot be read.
    pub unreadable_count: u64,
    /// Where the next page starts; `None`: this page is the last one.
    pub next: Option<EntryCursor>,
}

impl Store {
    /// The page of stored entries that starts at `cursor`; the default cursor starts at the oldest entry.
    /// Entries that are stored during the scan are part of it if they are listed after the current page.
    ///
    /// # Errors
    /// `Database`.
    pub fn scan_entries(&self, cursor: &EntryCursor) -> Result<EntryScan, StoreError> {
        let start = cursor.0.clone().unwrap_or_else(|| keys::entry_prefix().to_vec());
        self.with_read_lock(|tree| {
            let mut page = EntryScan::default();
            let range = tree.range(start..keys::entry_prefix_end().to_vec());
            for (number, item) in range.take(MAX_SCAN_PAGE).enumerate() {
                let (key, value) = item.map_err(read_error)?;
                match decode::decode_entry(tree, &key, &value) {
                    Ok(entry) => page.entries.push(entry),
                    Err(error @ StoreError::Database { .. }) => return Err(error),
                    Err(error) => {
                        page.unreadable_count += 1;
                        tracing::warn!(%error, "an entry cannot be read and is left out");
                    }
                }
                if number + 1 == MAX_SCAN_PAGE {
                    // The smallest key after this one.
                    page.next = Some(EntryCursor(Some([&key[..], &[0]].concat())));
                }
            }
            Ok(page)
        })
    }

    /// The number of stored entries of a story.
    ///
    /// # Errors
    /// `Database`.
    pub fn story_size(&self, story: EntryId) -> Result<u64, StoreError> {
        self.with_read_lock(|tree| {
            let first = packs::read_value(tree, &keys::story_record_key(story))?;
            let mut count = u64::from(first.is_some());
            for item in tree.scan_prefix(keys::story_member_prefix(story)).keys() {
                item.map_err(read_error)?;
                count += 1;
            }
            Ok(count)
        })
    }
}
