//! Sources → their newest entries, page by page.
//!
//! There are two ways to the same result. Most outputs hold a good part of all sources: a scan back from the
//! newest entry that skips those of other sources soon fills a page. For a few quiet sources that scan would
//! be long. When it has skipped too many, the rest is found through the seen entries of each source, which
//! show what is stored and where.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use sled::Tree;

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
type EntryDecoder<'d> = &'d dyn Fn(&Tree, &[u8], &[u8]) -> Result<Arc<StoredEntry>, StoreError>;

/// A result while it is collected.
struct LatestPage<'a> {
    query: &'a LatestQuery<'a>,
    decode: EntryDecoder<'a>,
    /// How many entries each source has in the result.
    used: BTreeMap<&'a SourceId, usize>,
    found: Vec<Arc<StoredEntry>>,
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
        let skipped = query.limit.saturating_mul(SKIPPED_PER_ENTRY).saturating_add(MIN_SKIPPED);
        let budget = skipped.min(query.sources.len().saturating_mul(SKIPPED_PER_SOURCE));
        match query.filter {
            Some(filter) => self.latest_filtered(query, filter, decode),
            None => self.latest_within_budget(query, budget, decode),
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
        // Most filters leave out few entries.
        let first = query.limit.saturating_add(query.limit / FIRST_PAGE_RESERVE);
        let no_caps = BTreeMap::new();
        let mut page =
            LatestQuery { limit: first, per_source: None, caps: &no_caps, filter: None, ..*query };
        let mut room: BTreeMap<SourceId, usize> = BTreeMap::new();
        let (mut found, mut checked) = (Vec::new(), 0);
        while found.len() < query.limit && checked < MAX_FILTERED {
            let entries = self.latest(&page, decode)?;
            let Some(last) = entries.last() else { break };
            page.before = Some((last.listed_at, last.id));
            checked += entries.len();
            let is_last = entries.len() < page.limit;
            page.limit = query.limit.max(MIN_FILTER_PAGE);
            for listed in entries {
                let most = query.caps.get(&listed.source).copied().or(query.per_source);
                let used = match room.get_mut(&listed.source) {
                    Some(used) => used,
                    None => room.entry(listed.source.clone()).or_default(),
                };
                let has_room = most.is_none_or(|most| *used < most);
                if has_room && found.len() < query.limit && filter(&listed) {
                    *used += 1;
                    found.push(listed);
                }
            }
            if is_last {
                break;
            }
        }
        Ok(found)
    }

    /// The same without a filter: a scan that skips at most `budget` entries before the second way is taken.
    fn latest_within_budget(
        &self,
        query: &LatestQuery<'_>,
        budget: usize,
        decode: EntryDecoder<'_>,
    ) -> Result<Vec<Arc<StoredEntry>>, StoreError> {
        let mut page = LatestPage { query, decode, used: BTreeMap::new(), found: Vec::new() };
        let end = match query.before {
            Some((listed_at, id)) => {
                let listed_ms = listed_at.as_millisecond();
                keys::entry_key(EntryPosition { listed_ms, id }).to_vec()
            }
            None => keys::entry_prefix_end().to_vec(),
        };
        self.with_read_lock(|tree| {
            if let Some(rest) = page.scan_back(tree, end, budget)? {
                page.fill_from_seen_entries(tree, &rest)?;
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
    /// Scans back from `end` (exclusive). Returns where it stopped, if the page is not full and more entries
    /// may follow.
    fn scan_back(
        &mut self,
        tree: &Tree,
        end: Vec<u8>,
        budget: usize,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let mut reached = end.clone();
        let mut scan = tree.range(keys::entry_prefix().to_vec()..end).rev();
        let mut skipped = 0;
        while skipped < budget {
            if self.is_full() {
                return Ok(None);
            }
            let Some(item) = scan.next() else { return Ok(None) };
            let (key, value) = item.map_err(read_error)?;
            let label = Envelope::parse(&value)
                .map_err(|error| StoreError::undecodable(&key, error))?
                .label;
            if self.accept(label) {
                self.found.push((self.decode)(tree, &key, &value)?);
            } else {
                skipped += 1;
            }
            reached.clear();
            reached.extend_from_slice(&key);
        }
        Ok((!self.is_full()).then_some(reached))
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
        for position in best.into_iter().rev() {
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
    fn room_of(&self, source: &'a SourceId) -> usize {
        let most = self.query.caps.get(source).copied().or(self.query.per_source);
        let used = self.used.get(source).copied().unwrap_or_default();
        most.unwrap_or(usize::MAX).saturating_sub(used)
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
