//! Sources → their newest entries, page by page.
//!
//! Two ways lead to the same answer. Most outputs hold a good part of all sources: walking back from
//! the newest entry, and passing over those of other sources, finds a page soon. For a few quiet
//! sources that walk would be long; when it has taken its budget, the rest is found through what is
//! remembered of each source: that tells what is kept and where.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use sled::Tree;

use super::Store;
use super::disk::RecordError;
use super::disk::envelope::Envelope;
use super::error::{StoreError, reading};
use super::keys::{self, Position};
use super::{memory, values};
use crate::feed::model::{EntryId, ListedEntry, SourceId};

/// How many entries are walked over for one that is wanted, and how many at least, before the other
/// way is taken. Passing over an entry takes about 1 µs, reading a source's memory some 50 µs.
const WALK_PER_ENTRY: usize = 8;
const WALK_AT_LEAST: usize = 256;

/// Entries that are looked at for those that fit: reading one takes about 5 µs, and fifty sources with
/// fifty entries a day have written so many in a week.
pub(super) const LOOKED_AT: usize = 20_000;

/// Which entries are wanted.
#[derive(Clone, Copy)]
pub struct Newest<'a> {
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
    /// Only those that this says yes to, among the newest `LOOKED_AT`; `None`: all.
    pub fits: Option<&'a dyn Fn(&ListedEntry) -> bool>,
}

/// An answer as it grows.
struct Page<'a> {
    /// For each source, how many more of it may come.
    room: BTreeMap<&'a str, usize>,
    limit: usize,
    fits: Option<&'a dyn Fn(&ListedEntry) -> bool>,
    found: Vec<ListedEntry>,
}

impl Store {
    /// The newest entries by `listed_at`, newest first; of two with the same instant, the one with
    /// the greater id first.
    ///
    /// # Errors
    /// `Database`, `Undecodable`.
    pub fn newest(&self, wanted: &Newest<'_>) -> Result<Vec<ListedEntry>, StoreError> {
        let budget = match wanted.fits {
            Some(_) => LOOKED_AT,
            None => wanted.limit.saturating_mul(WALK_PER_ENTRY).saturating_add(WALK_AT_LEAST),
        };
        self.newest_within(wanted, budget)
    }

    /// The same, walking over at most `budget` entries before the other way is taken.
    pub(super) fn newest_within(
        &self,
        wanted: &Newest<'_>,
        budget: usize,
    ) -> Result<Vec<ListedEntry>, StoreError> {
        let room = |source: &SourceId| {
            wanted.caps.get(source).copied().or(wanted.per_source).unwrap_or(usize::MAX)
        };
        let mut page = Page {
            room: wanted.sources.iter().map(|source| (source.as_str(), room(source))).collect(),
            limit: wanted.limit,
            fits: wanted.fits,
            found: Vec::new(),
        };
        let end = match wanted.before {
            Some((listed_at, id)) => {
                let listed_ms = listed_at.as_millisecond();
                keys::body(Position { listed_ms, id }).to_vec()
            }
            None => keys::after_bodies().to_vec(),
        };
        self.reading(|tree| {
            // Memory does not tell which entries fit.
            if let Some(rest) = page.walk(tree, end, budget)?
                && wanted.fits.is_none()
            {
                page.rest_from_memory(tree, &rest)?;
            }
            Ok(page.found)
        })
    }
}

impl Page<'_> {
    /// Walks back from `end` (exclusive). Gives where it stopped, if the page may still grow.
    fn walk(
        &mut self,
        tree: &Tree,
        end: Vec<u8>,
        budget: usize,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let mut reached = end.clone();
        let mut walk = tree.range(keys::bodies().to_vec()..end).rev();
        for _ in 0..budget {
            if self.is_full() {
                return Ok(None);
            }
            let Some(item) = walk.next() else { return Ok(None) };
            let (key, value) = item.map_err(reading)?;
            let label =
                Envelope::read(&value).map_err(|error| StoreError::undecodable(&key, error))?.label;
            if self.has_room(label) {
                let listed = values::entry(tree, &key, &value)?;
                if self.fits.is_none_or(|fits| fits(&listed)) {
                    self.take(label);
                    self.found.push(listed);
                }
            }
            reached = key.to_vec();
        }
        Ok((!self.is_full()).then_some(reached))
    }

    /// Fills the page with what stands before `end`, as the memory of each source tells it.
    fn rest_from_memory(&mut self, tree: &Tree, end: &[u8]) -> Result<(), StoreError> {
        let missing = self.limit - self.found.len();
        let mut best = BTreeSet::new();
        for (source, room) in self.room.iter().filter(|(_, room)| **room > 0) {
            let mut own = Best { at_most: missing.min(*room), positions: BTreeSet::new() };
            for item in tree.scan_prefix(keys::chunks_of(source)).rev() {
                let (key, value) = item.map_err(reading)?;
                let newest = memory::head(&key, &value)?.newest_kept_ms;
                let worst = if best.len() < missing { None } else { best.first().copied() };
                if newest.is_none_or(|ms| own.misses(ms) || worst.is_some_and(|w| is_past(ms, w))) {
                    continue;
                }
                let records = memory::records(&key, &value)?;
                let kept = records.into_iter().filter(|r| r.kept).map(|r| r.position);
                own.add(kept.filter(|position| keys::body(*position)[..] < *end));
            }
            best.append(&mut own.positions);
            while best.len() > missing {
                best.pop_first();
            }
        }
        for position in best.into_iter().rev() {
            let key = keys::body(position);
            let value = tree.get(key).map_err(reading)?;
            let value = value
                .ok_or_else(|| StoreError::undecodable(&key, RecordError::Missing("its record")))?;
            self.found.push(values::entry(tree, &key, &value)?);
        }
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.found.len() >= self.limit || self.room.is_empty()
    }

    /// Whether the next entry of `source` may stand on the page.
    fn has_room(&self, source: &str) -> bool {
        self.room.get(source).is_some_and(|room| *room > 0)
    }

    /// An entry of `source` stands on the page.
    fn take(&mut self, source: &str) {
        if let Some(room) = self.room.get_mut(source) {
            *room = room.saturating_sub(1);
        }
    }
}

/// The newest positions of one source.
struct Best {
    at_most: usize,
    positions: BTreeSet<Position>,
}

impl Best {
    fn add(&mut self, positions: impl Iterator<Item = Position>) {
        for position in positions {
            self.positions.insert(position);
            if self.positions.len() > self.at_most {
                self.positions.pop_first();
            }
        }
    }

    /// Whether nothing that was listed at `newest_ms` or earlier can be among them.
    fn misses(&self, newest_ms: i64) -> bool {
        let full = self.positions.len() >= self.at_most;
        full && self.positions.first().is_none_or(|worst| is_past(newest_ms, *worst))
    }
}

fn is_past(newest_ms: i64, worst: Position) -> bool {
    newest_ms < worst.listed_ms
}
