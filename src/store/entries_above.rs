//! A position → the stored entries at it and above it, the nearest first: those of the page before a page.
//!
//! They are found in the same two ways as the newest entries (`latest`): by a scan, and once it has skipped too many
//! entries of other sources, through the seen entries of each source.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use sled::Tree;

use super::keys::{self, EntryPosition};
use super::latest::{FilteredPage, LatestPage, ScanEnd, skip_budget};
use super::store_error::{StoreError, read_error};
use super::{LatestQuery, Store, seen_entries};
use crate::model::{EntryId, StoredEntry};

impl Store {
    /// The entries that are listed at this position or above it, oldest first; all else is as in `latest_shared`, but
    /// that `before` has no effect. With limits for each source they are those of the page that ends at the position:
    /// in both directions each source has as many entries as it may have, or as there are.
    ///
    /// # Errors
    /// `Database`, `Undecodable`.
    pub fn entries_above(
        &self,
        (listed_at, id): (Timestamp, EntryId),
        query: &LatestQuery<'_>,
    ) -> Result<Vec<Arc<StoredEntry>>, StoreError> {
        let position = EntryPosition { listed_ms: listed_at.as_millisecond(), id };
        let mut start = keys::entry_key(position).to_vec();
        let Some(filter) = query.filter else {
            return self.above_within_budget(start, query, skip_budget(query));
        };
        let mut filtered = FilteredPage::new(query, filter);
        let mut page = filtered.first_query();
        while filtered.wants_more() {
            let entries = self.above_within_budget(start, &page, skip_budget(&page))?;
            let Some(last) = entries.last() else { break };
            start = key_after(&keys::entry_key(EntryPosition::of_entry(last)));
            if !filtered.add_page(&mut page.limit, entries) {
                break;
            }
        }
        Ok(filtered.found)
    }

    /// The same without a filter: a scan that skips at most `budget` entries before the second way is taken.
    pub(super) fn above_within_budget(
        &self,
        start: Vec<u8>,
        query: &LatestQuery<'_>,
        budget: usize,
    ) -> Result<Vec<Arc<StoredEntry>>, StoreError> {
        let decode =
            |tree: &Tree, key: &[u8], value: &[u8]| self.0.entries.decode_entry(tree, key, value);
        let mut page = LatestPage::new(query, &decode);
        self.with_read_lock(|tree| {
            let range = tree.range(start.clone()..keys::entry_prefix_end().to_vec());
            if let ScanEnd::Stopped { reached } = page.scan(tree, range, budget)? {
                let rest = reached.map_or(start, |key| key_after(&key));
                let positions = positions_above(&page, tree, &rest)?;
                page.add_positions(tree, positions.into_iter())?;
            }
            Ok(page.found)
        })
    }
}

/// The smallest key after this one.
fn key_after(key: &[u8]) -> Vec<u8> {
    [key, &[0]].concat()
}

/// The positions from `start` on that still have room on the page, by the seen entries of each source.
fn positions_above(
    page: &LatestPage<'_>,
    tree: &Tree,
    start: &[u8],
) -> Result<BTreeSet<EntryPosition>, StoreError> {
    let missing = page.query.limit.saturating_sub(page.found.len());
    let start_ms = start.get(..keys::ENTRY_KEY_BYTES).and_then(keys::position_of_key);
    let start_ms = start_ms.map(|position| position.listed_ms);
    let mut nearest = BTreeSet::new();
    for source in page.query.sources {
        let room = page.room_of(source).min(missing);
        let mut own = BTreeSet::new();
        for item in tree.scan_prefix(keys::source_chunk_prefix(source.as_str())) {
            let (key, value) = item.map_err(read_error)?;
            let newest = seen_entries::decode_chunk_header(&key, &value)?.newest_kept_ms;
            if newest.is_none_or(|ms| start_ms.is_some_and(|start_ms| ms < start_ms)) {
                continue;
            }
            let kept = seen_entries::decode_chunk(&key, &value)?.into_iter().filter(|it| it.kept);
            own.extend(kept.map(|it| it.position).filter(|it| keys::entry_key(*it)[..] >= *start));
            while own.len() > room {
                own.pop_last();
            }
        }
        nearest.append(&mut own);
        while nearest.len() > missing {
            nearest.pop_last();
        }
    }
    Ok(nearest)
}
