//! What is remembered of this machine's clock ↔ its record; and entries that were listed while that clock
//! was ahead → their place now, so that none stands on top for years.

use jiff::{SignedDuration, Timestamp};
use sled::Tree;

use super::changes::{Changes, FULL_BATCH};
use super::commit::{position_of, sealed_body};
use super::disk::envelope::{Envelope, Packing, seal};
use super::disk::system_clock;
use super::error::{StoreError, reading};
use super::keys::{self, Position};
use super::memory::Memory;
use super::{Store, stories, values, whole_milliseconds};
use crate::feed::model::{ListedEntry, SystemClock, Told};

/// Places later than this are in the future: clocks differ by less.
const AHEAD: SignedDuration = SignedDuration::from_hours(1);
/// Entries that are moved in one batch at most.
const MOVED_AT_ONCE: usize = FULL_BATCH / 5;

impl Store {
    /// What is remembered of the clock; `None`: nothing, or nothing that can be read.
    ///
    /// # Errors
    /// `Database`.
    pub fn system_clock(&self) -> Result<Option<SystemClock>, StoreError> {
        self.reading(|tree| {
            let Some(value) = tree.get(keys::SYSTEM_CLOCK).map_err(reading)? else {
                return Ok(None);
            };
            let decoded = Envelope::read(&value)
                .and_then(|envelope| system_clock::decode(envelope.version, &envelope.fields()?));
            Ok(decoded.ok())
        })
    }

    /// Keeps what is to be remembered of the clock. Not flushed.
    ///
    /// # Errors
    /// As for `commit`.
    pub fn keep_system_clock(&self, clock: &SystemClock) -> Result<(), StoreError> {
        self.writing(|tree| {
            let sealed = system_clock::encode(clock)
                .and_then(|fields| seal(system_clock::VERSION, "", &fields, Packing::Never))
                .map_err(|error| StoreError::unencodable(keys::SYSTEM_CLOCK, error))?;
            let mut changes = Changes::new(tree);
            changes.put(keys::SYSTEM_CLOCK, sealed)?;
            self.apply(changes)
        })
    }

    /// When a source was last polled; `None`: none was.
    ///
    /// # Errors
    /// `Database`, `Undecodable`.
    pub fn newest_poll(&self) -> Result<Option<Timestamp>, StoreError> {
        let mut newest = None;
        for source in self.sources()? {
            newest = newest.max(self.poll_state(&source)?.and_then(|state| state.polled_at));
        }
        Ok(newest)
    }

    /// Moves entries that stand in the future (they were listed while the clock was ahead) to their
    /// publisher's date, or to `now`, which must be certain; gives how many there were. A few hundred
    /// at most: 0 means that none is left. Not flushed.
    ///
    /// # Errors
    /// As for `commit`; `Undecodable`.
    pub fn pull_back(&self, now: Timestamp) -> Result<usize, StoreError> {
        let now = whole_milliseconds(now);
        self.writing(|tree| {
            let ahead = entries_after(tree, now.saturating_add(AHEAD).unwrap_or(Timestamp::MAX))?;
            for listed in &ahead {
                // One at a time: several may be of one source, whose memory they all change.
                self.apply(moved_back(tree, listed, now)?)?;
            }
            Ok(ahead.len())
        })
    }
}

fn entries_after(tree: &Tree, at: Timestamp) -> Result<Vec<ListedEntry>, StoreError> {
    let start = keys::body(Position::start_of(at.as_millisecond())).to_vec();
    let mut found = Vec::new();
    for item in tree.range(start..keys::after_bodies().to_vec()).take(MOVED_AT_ONCE) {
        let (key, value) = item.map_err(reading)?;
        found.push(values::entry(tree, &key, &value)?);
    }
    Ok(found)
}

/// The entry at its place as of `now`, with its story.
fn moved_back<'a>(
    tree: &'a Tree,
    listed: &ListedEntry,
    now: Timestamp,
) -> Result<Changes<'a>, StoreError> {
    let said = listed.entry.published_at.or(listed.entry.updated_at);
    let listed_at = whole_milliseconds(said.map_or(now, |said| said.min(now)));
    let moved = ListedEntry {
        first_seen_at: listed.first_seen_at.min(now),
        listed_at,
        changed_at: listed.changed_at.min(now).max(listed_at),
        ..listed.clone()
    };
    let mut changes = Changes::new(tree);
    changes.remove(&keys::body(position_of(listed)))?;
    changes.put_body(position_of(&moved), sealed_body(&moved, &moved.source)?)?;
    if let Some(told) = stories::told_in(tree, listed.id)? {
        stories::remove(tree, &mut changes, listed.id)?;
        stories::put(&mut changes, &Told { listed_at, seen_at: told.seen_at.min(now), ..told })?;
    }
    let mut memory = Memory::read(tree, &listed.source)?;
    memory.replace(position_of(&moved));
    memory.write(&listed.source, &mut changes)?;
    Ok(changes)
}
