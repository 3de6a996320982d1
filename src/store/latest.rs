//! Sources → their newest entries, page by page.
//!
//! Two ways lead to the same answer. Most outputs hold a good part of all sources: walking back from
//! the newest entry, and passing over those of other sources, finds a page soon. For a few quiet
//! sources that walk would be long; when it has taken its budget, the rest is found through what is
//! remembered of each source: that tells what is kept and where.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use sled::Tree;

use super::keys::{self, EntryPosition};
use super::records::RecordError;
use super::records::envelope::Envelope;
use super::store_error::{StoreError, read_error};
use super::{Store, decode, seen_entries};
use crate::model::{EntryId, SourceId, StoredEntry};

/// How many entries are walked over for one that is wanted, and how many at least, before the other
/// way is taken. Passing over an entry takes about 1 µs, reading a source's memory some 50 µs.
const WALK_PER_ENTRY: usize = 8;
const WALK_AT_LEAST: usize = 256;

/// Entries that are looked at for those that fit: reading one takes about 5 µs, and fifty sources with
/// fifty entries a day have written so many in a week.
pub(super) const LOOKED_AT: usize = 20_000;
/// Entries that are looked at at once, at least.
const LOOKED_AT_ONCE: usize = 256;

/// Which entries are wanted.
#[derive(Clone, Copy)]
pub struct LatestQuery<'a> {
    /// Only those of these sources.
    pub sources: &'a BTreeSet<SourceId>,
    /// This many at most.
    pub limit: usize,
    /// Only those that stand after this one (its `listed_at` and id): where the page before ended.
    /// `None`: from the top.
    pub before: Option<(Timestamp, EntryId)>,
    /// In one answer this many of each source at most; `None`: any number.
    pub per_source: Option<usize>,
    /// Sources that have a number of their own instead.
    pub caps: &'a BTreeMap<SourceId, usize>,
    /// Only those that this says yes to, among the newest `LOOKED_AT`; `None`: all. It may read the
    /// store.
    pub filter: Option<&'a dyn Fn(&StoredEntry) -> bool>,
}

/// An answer as it grows.
struct LatestPage<'a> {
    /// For each source, how many more of it may come.
    room: BTreeMap<&'a str, usize>,
    limit: usize,
    found: Vec<StoredEntry>,
}

impl Store {
    /// The newest entries by `listed_at`, newest first; of two with the same instant, the one with
    /// the greater id first.
    ///
    /// # Errors
    /// `Database`, `Undecodable`.
    pub fn latest_entries(&self, wanted: &LatestQuery<'_>) -> Result<Vec<StoredEntry>, StoreError> {
        let budget = wanted.limit.saturating_mul(WALK_PER_ENTRY).saturating_add(WALK_AT_LEAST);
        match wanted.filter {
            Some(fits) => self.latest_filtered(wanted, fits),
            None => self.latest_within_budget(wanted, budget),
        }
    }

    /// Those that fit, page by page: what says whether one does may read the store itself, so no page is
    /// being read meanwhile.
    fn latest_filtered(
        &self,
        wanted: &LatestQuery<'_>,
        fits: &dyn Fn(&StoredEntry) -> bool,
    ) -> Result<Vec<StoredEntry>, StoreError> {
        let (limit, none) = (wanted.limit.max(LOOKED_AT_ONCE), BTreeMap::new());
        let mut page =
            LatestQuery { limit, per_source: None, caps: &none, filter: None, ..*wanted };
        let mut room: BTreeMap<SourceId, usize> = BTreeMap::new();
        let (mut found, mut looked_at) = (Vec::new(), 0);
        while found.len() < wanted.limit && looked_at < LOOKED_AT {
            let some = self.latest_entries(&page)?;
            let Some(last) = some.last() else { break };
            page.before = Some((last.listed_at, last.id));
            looked_at += some.len();
            let is_last = some.len() < limit;
            for listed in some {
                let most = wanted.caps.get(&listed.source).copied().or(wanted.per_source);
                let taken = room.entry(listed.source.clone()).or_default();
                let has_room = most.is_none_or(|most| *taken < most);
                if has_room && found.len() < wanted.limit && fits(&listed) {
                    *taken += 1;
                    found.push(listed);
                }
            }
            if is_last {
                break;
            }
        }
        Ok(found)
    }

    /// The same, walking over at most `budget` entries before the other way is taken.
    pub(super) fn latest_within_budget(
        &self,
        wanted: &LatestQuery<'_>,
        budget: usize,
    ) -> Result<Vec<StoredEntry>, StoreError> {
        let room = |source: &SourceId| {
            wanted.caps.get(source).copied().or(wanted.per_source).unwrap_or(usize::MAX)
        };
        let mut page = LatestPage {
            room: wanted.sources.iter().map(|source| (source.as_str(), room(source))).collect(),
            limit: wanted.limit,
            found: Vec::new(),
        };
        let end = match wanted.before {
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
}

impl LatestPage<'_> {
    /// Walks back from `end` (exclusive). Gives where it stopped, if the page may still grow.
    fn scan_back(
        &mut self,
        tree: &Tree,
        end: Vec<u8>,
        budget: usize,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let mut reached = end.clone();
        let mut walk = tree.range(keys::entry_prefix().to_vec()..end).rev();
        for _ in 0..budget {
            if self.is_full() {
                return Ok(None);
            }
            let Some(item) = walk.next() else { return Ok(None) };
            let (key, value) = item.map_err(read_error)?;
            let label = Envelope::parse(&value)
                .map_err(|error| StoreError::undecodable(&key, error))?
                .label;
            if self.accept(label) {
                self.found.push(decode::decode_entry(tree, &key, &value)?);
            }
            reached = key.to_vec();
        }
        Ok((!self.is_full()).then_some(reached))
    }

    /// Fills the page with what stands before `end`, as the memory of each source tells it.
    fn fill_from_seen_entries(&mut self, tree: &Tree, end: &[u8]) -> Result<(), StoreError> {
        let missing = self.limit - self.found.len();
        let mut best = BTreeSet::new();
        for (source, room) in self.room.iter().filter(|(_, room)| **room > 0) {
            let mut own = TopPerSource { at_most: missing.min(*room), positions: BTreeSet::new() };
            for item in tree.scan_prefix(keys::source_chunk_prefix(source)).rev() {
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
            self.found.push(decode::decode_entry(tree, &key, &value)?);
        }
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.found.len() >= self.limit || self.room.is_empty()
    }

    /// Whether the next entry of `source` belongs on the page; if so it counts.
    fn accept(&mut self, source: &str) -> bool {
        match self.room.get_mut(source) {
            Some(room) if *room > 0 => {
                *room -= 1;
                true
            }
            _ => false,
        }
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

    /// Whether nothing that was listed at `newest_ms` or earlier can be among them.
    fn is_beyond(&self, newest_ms: i64) -> bool {
        let full = self.positions.len() >= self.at_most;
        full && self.positions.first().is_none_or(|worst| is_past(newest_ms, *worst))
    }
}

fn is_past(newest_ms: i64, worst: EntryPosition) -> bool {
    newest_ms < worst.listed_ms
}
