//! Sources → their newest entries, page by page.
//!
//! There are two ways to the same result. Most outputs hold a good part of all sources: a scan back from the
//! newest entry that skips those of other sources soon fills a page. For a few quiet sources that scan would
//! be long. When it has skipped too many, the rest is found through the seen entries of each source, which
//! show what is stored and where.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use sled::{IVec, Tree};

use super::keys::{self, EntryPosition};
use super::records::RecordError;
use super::records::envelope::Envelope;
use super::store_error::{StoreError, read_error};
use super::{Store, decode, seen_entries};
use crate::model::{EntryId, SourceId, StoredEntry};

/// How many entries are skipped for each requested one, and how many besides, before the second way is taken:
/// in all no more than `SKIPPED_PER_SOURCE` for each source. Skipping an entry takes about 1 µs, reading the seen
/// entries of a source some 50 µs.
const SKIPPED_PER_ENTRY: usize = 8;
const MIN_SKIPPED: usize = 256;
const SKIPPED_PER_SOURCE: usize = 50;

/// The maximum number of entries that are checked against a filter: reading one takes about 5 µs, and fifty
/// sources with fifty entries a day have written this many in a week.
pub(super) const MAX_FILTERED: usize = 20_000;
/// The minimum number of entries read at a time for a filter that left out too many of the first ones.
const MIN_FILTER_PAGE: usize = 256;
/// A fourth more entries than requested are read for a filter at first.
const FIRST_PAGE_RESERVE: usize = 4;

/// No source has a limit of its own.
static NO_CAPS: BTreeMap<SourceId, usize> = BTreeMap::new();

/// Which entries to return.
#[derive(Clone, Copy)]
pub struct LatestQuery<'a> {
    /// Only entries of these sources.
    pub sources: &'a BTreeSet<SourceId>,
    /// At most this many.
    pub limit: usize,
    /// Only entries after this position (`listed_at` and id), where the previous page ended. `None`: from the
    /// newest one.
    pub before: Option<(Timestamp, EntryId)>,
    /// At most this many of each source in one result; `None`: any number.
    pub per_source: Option<usize>,
    /// Sources with their own limit instead.
    pub caps: &'a BTreeMap<SourceId, usize>,
    /// Only entries that this accepts, among the newest `MAX_FILTERED`; `None`: all. It may read the store.
    pub filter: Option<&'a dyn Fn(&StoredEntry) -> bool>,
}

/// Reads an entry from its key and record.
pub(super) type EntryDecoder<'d> =
    &'d dyn Fn(&Tree, &[u8], &[u8]) -> Result<Arc<StoredEntry>, StoreError>;

/// A result while it is collected.
pub(super) struct LatestPage<'a> {
    pub(super) query: &'a LatestQuery<'a>,
    decode: EntryDecoder<'a>,
    /// How many entries each source has in the result.
    used: BTreeMap<&'a SourceId, usize>,
    pub(super) found: Vec<Arc<StoredEntry>>,
}

/// How a scan ended.
pub(super) enum ScanEnd {
    /// The page is full, or there are no more entries.
    Complete,
    /// It skipped too many, and more entries may follow.
    Stopped {
        /// The key of the last record that was scanned; `None`: there was none.
        reached: Option<IVec>,
    },
}

/// The entries of a result that a filter accepts, while they are collected.
pub(super) struct FilteredPage<'a> {
    query: &'a LatestQuery<'a>,
    filter: &'a dyn Fn(&StoredEntry) -> bool,
    /// How many entries each source has in the result.
    used: BTreeMap<SourceId, usize>,
    pub(super) found: Vec<Arc<StoredEntry>>,
    checked: usize,
}

impl Store {
    /// The newest entries by `listed_at`, newest first. Of two with the same time, the one with the greater
    /// id comes first.
    ///
    /// # Errors
    /// `Database`, `Undecodable`.
    pub fn latest_entries(&self, query: &LatestQuery<'_>) -> Result<Vec<StoredEntry>, StoreError> {
        let decode = |tree: &Tree, key: &[u8], value: &[u8]| {
            decode::decode_entry(tree, key, value).map(Arc::new)
        };
        let found = self.latest(query, &decode)?;
        Ok(found.into_iter().map(Arc::unwrap_or_clone).collect())
    }

    /// The same entries, decoded once for all who show them: for what is read again and again.
    ///
    /// # Errors
    /// `Database`, `Undecodable`.
    pub fn latest_shared(
        &self,
        query: &LatestQuery<'_>,
    ) -> Result<Vec<Arc<StoredEntry>>, StoreError> {
        self.latest(query, &|tree, key, value| self.0.entries.decode_entry(tree, key, value))
    }

    fn latest(
        &self,
        query: &LatestQuery<'_>,
        decode: EntryDecoder<'_>,
    ) -> Result<Vec<Arc<StoredEntry>>, StoreError> {
        match query.filter {
            Some(filter) => self.latest_filtered(query, filter, decode),
            None => self.latest_within_budget(query, skip_budget(query), decode),
        }
    }

    /// The entries that the filter accepts. It may read the store itself, so they are read page by page and
    /// the filter runs while no page is being read.
    fn latest_filtered(
        &self,
        query: &LatestQuery<'_>,
        filter: &dyn Fn(&StoredEntry) -> bool,
        decode: EntryDecoder<'_>,
    ) -> Result<Vec<Arc<StoredEntry>>, StoreError> {
        let mut filtered = FilteredPage::new(query, filter);
        let mut page = filtered.first_query();
        while filtered.wants_more() {
            let entries = self.latest(&page, decode)?;
            let Some(last) = entries.last() else { break };
            page.before = Some((last.listed_at, last.id));
            if !filtered.add_page(&mut page.limit, entries) {
                break;
            }
        }
        Ok(filtered.found)
    }

    /// The same without a filter: a scan that skips at most `budget` entries before the second way is taken.
    fn latest_within_budget(
        &self,
        query: &LatestQuery<'_>,
        budget: usize,
        decode: EntryDecoder<'_>,
    ) -> Result<Vec<Arc<StoredEntry>>, StoreError> {
        let mut page = LatestPage::new(query, decode);
        let end = match query.before {
            Some((listed_at, id)) => {
                let listed_ms = listed_at.as_millisecond();
                keys::entry_key(EntryPosition { listed_ms, id }).to_vec()
            }
            None => keys::entry_prefix_end().to_vec(),
        };
        self.with_read_lock(|tree| {
            let range = tree.range(keys::entry_prefix().to_vec()..end.clone()).rev();
            if let ScanEnd::Stopped { reached } = page.scan(tree, range, budget)? {
                page.fill_from_seen_entries(tree, reached.as_deref().unwrap_or(&end))?;
            }
            Ok(page.found)
        })
    }

    /// The entries of a query without a filter, with a given budget.
    #[cfg(test)]
    pub(super) fn latest_with_budget(
        &self,
        query: &LatestQuery<'_>,
        budget: usize,
    ) -> Result<Vec<Arc<StoredEntry>>, StoreError> {
        self.latest_within_budget(query, budget, &|tree, key, value| {
            self.0.entries.decode_entry(tree, key, value)
        })
    }
}

impl<'a> LatestPage<'a> {
    /// An empty result.
    pub(super) fn new(query: &'a LatestQuery<'a>, decode: EntryDecoder<'a>) -> Self {
        Self { query, decode, used: BTreeMap::new(), found: Vec::new() }
    }

    /// Scans records of entries, and skips at most `budget`.
    pub(super) fn scan(
        &mut self,
        tree: &Tree,
        mut records: impl Iterator<Item = sled::Result<(IVec, IVec)>>,
        budget: usize,
    ) -> Result<ScanEnd, StoreError> {
        let mut reached: Option<IVec> = None;
        let mut skipped = 0;
        while skipped < budget {
            if self.is_full() {
                return Ok(ScanEnd::Complete);
            }
            let Some(item) = records.next() else { return Ok(ScanEnd::Complete) };
            let (key, value) = item.map_err(read_error)?;
            let label = Envelope::parse(&value)
                .map_err(|error| StoreError::undecodable(&key, error))?
                .label;
            if self.accept(label) {
                self.found.push((self.decode)(tree, &key, &value)?);
            } else {
                skipped += 1;
            }
            reached = Some(key);
        }
        Ok(if self.is_full() { ScanEnd::Complete } else { ScanEnd::Stopped { reached } })
    }

    /// Fills the page with entries before `end`, found through the seen entries of each source.
    fn fill_from_seen_entries(&mut self, tree: &Tree, end: &[u8]) -> Result<(), StoreError> {
        let missing = self.query.limit - self.found.len();
        let mut best = BTreeSet::new();
        for source in self.query.sources {
            let room = self.room_of(source);
            if room == 0 {
                continue;
            }
            let mut own = TopPerSource { at_most: missing.min(room), positions: BTreeSet::new() };
            for item in tree.scan_prefix(keys::source_chunk_prefix(source.as_str())).rev() {
                let (key, value) = item.map_err(read_error)?;
                let newest = seen_entries::decode_chunk_header(&key, &value)?.newest_kept_ms;
                let worst = if best.len() < missing { None } else { best.first().copied() };
                if newest
                    .is_none_or(|ms| own.is_beyond(ms) || worst.is_some_and(|w| is_past(ms, w)))
                {
                    continue;
                }
                let records = seen_entries::decode_chunk(&key, &value)?;
                let kept = records.into_iter().filter(|r| r.kept).map(|r| r.position);
                own.add(kept.filter(|position| keys::entry_key(*position)[..] < *end));
            }
            best.append(&mut own.positions);
            while best.len() > missing {
                best.pop_first();
            }
        }
        self.add_positions(tree, best.into_iter().rev())
    }

    /// Adds the entries at these positions.
    pub(super) fn add_positions(
        &mut self,
        tree: &Tree,
        positions: impl Iterator<Item = EntryPosition>,
    ) -> Result<(), StoreError> {
        for position in positions {
            let key = keys::entry_key(position);
            let value = tree.get(key).map_err(read_error)?;
            let value = value
                .ok_or_else(|| StoreError::undecodable(&key, RecordError::Missing("its record")))?;
            self.found.push((self.decode)(tree, &key, &value)?);
        }
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.found.len() >= self.query.limit || self.query.sources.is_empty()
    }

    /// Whether the next entry of `source` belongs on the page. If so, it is counted.
    fn accept(&mut self, source: &str) -> bool {
        let source = SourceId::new(source).ok();
        let Some(source) = source.and_then(|id| self.query.sources.get(&id)) else { return false };
        if self.room_of(source) == 0 {
            return false;
        }
        *self.used.entry(source).or_default() += 1;
        true
    }

    /// How many more entries of a source may follow.
    pub(super) fn room_of(&self, source: &'a SourceId) -> usize {
        let most = self.query.caps.get(source).copied().or(self.query.per_source);
        let used = self.used.get(source).copied().unwrap_or_default();
        most.unwrap_or(usize::MAX).saturating_sub(used)
    }
}

/// How many entries a scan skips at most.
pub(super) fn skip_budget(query: &LatestQuery<'_>) -> usize {
    let skipped = query.limit.saturating_mul(SKIPPED_PER_ENTRY).saturating_add(MIN_SKIPPED);
    skipped.min(query.sources.len().saturating_mul(SKIPPED_PER_SOURCE))
}

impl<'a> FilteredPage<'a> {
    /// An empty result.
    pub(super) fn new(
        query: &'a LatestQuery<'a>,
        filter: &'a dyn Fn(&StoredEntry) -> bool,
    ) -> Self {
        Self { query, filter, used: BTreeMap::new(), found: Vec::new(), checked: 0 }
    }

    /// The first entries to check: a few more than are wanted, as most filters leave out few.
    pub(super) fn first_query(&self) -> LatestQuery<'a> {
        let limit = self.query.limit.saturating_add(self.query.limit / FIRST_PAGE_RESERVE);
        LatestQuery { limit, per_source: None, caps: &NO_CAPS, filter: None, ..*self.query }
    }

    /// Whether more entries are to be checked.
    pub(super) fn wants_more(&self) -> bool {
        self.found.len() < self.query.limit && self.checked < MAX_FILTERED
    }

    /// Checks the next entries, of which `limit` were wanted; it becomes that of the entries after them. Returns
    /// whether there may be more.
    pub(super) fn add_page(&mut self, limit: &mut usize, entries: Vec<Arc<StoredEntry>>) -> bool {
        self.checked += entries.len();
        let is_last = entries.len() < *limit;
        *limit = self.query.limit.max(MIN_FILTER_PAGE);
        for listed in entries {
            let most = self.query.caps.get(&listed.source).copied().or(self.query.per_source);
            let used = match self.used.get_mut(&listed.source) {
                Some(used) => used,
                None => self.used.entry(listed.source.clone()).or_default(),
            };
            let has_room = most.is_none_or(|most| *used < most);
            if has_room && self.found.len() < self.query.limit && (self.filter)(&listed) {
                *used += 1;
                self.found.push(listed);
            }
        }
        !is_last
    }
}

/// The newest positions of one source.
struct TopPerSource {
    at_most: usize,
    positions: BTreeSet<EntryPosition>,
}

impl TopPerSource {
    fn add(&mut self, positions: impl Iterator<Item = EntryPosition>) {
        for position in positions {
            self.positions.insert(position);
            if self.positions.len() > self.at_most {
                self.positions.pop_first();
            }
        }
    }

    /// Whether no entry listed at `newest_ms` or earlier can be among them.
    fn is_beyond(&self, newest_ms: i64) -> bool {
        let full = self.positions.len() >= self.at_most;
        full && self.positions.first().is_none_or(|worst| is_past(newest_ms, *worst))
    }
}

fn is_past(newest_ms: i64, worst: EntryPosition) -> bool {
    newest_ms < worst.listed_ms
}
