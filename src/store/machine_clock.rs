//! What is remembered of this machine's clock ↔ its record; and entries that were listed while that clock
//! was ahead → their place now, so that none stands on top for years.

use jiff::{SignedDuration, Timestamp};
use sled::Tree;

use super::batch::{MAX_BATCH_RECORDS, WriteBatch};
use super::commit::{encode_entry, position_of_entry};
use super::keys::{self, EntryPosition};
use super::records::envelope::{Compression, Envelope, encode_record};
use super::records::machine_clock;
use super::seen_entries::SeenEntries;
use super::store_error::{StoreError, read_error};
use super::{Store, decode, story_records, whole_milliseconds};
use crate::model::{StoredEntry, StoryRecord, SystemClock};

/// Places later than this are in the future: clocks differ by less.
const AHEAD: SignedDuration = SignedDuration::from_hours(1);
/// Entries that are moved in one batch at most.
const MOVED_PER_BATCH: usize = MAX_BATCH_RECORDS / 5;

impl Store {
    /// What is remembered of the clock; `None`: nothing, or nothing that can be read.
    ///
    /// # Errors
    /// `Database`.
    pub fn system_clock(&self) -> Result<Option<SystemClock>, StoreError> {
        self.with_read_lock(|tree| {
            let Some(value) = tree.get(keys::SYSTEM_CLOCK).map_err(read_error)? else {
                return Ok(None);
            };
            let decoded = Envelope::parse(&value)
                .and_then(|envelope| machine_clock::decode(envelope.version, &envelope.fields()?));
            Ok(decoded.ok())
        })
    }

    /// Keeps what is to be remembered of the clock. Not flushed.
    ///
    /// # Errors
    /// As for `commit`.
    pub fn save_system_clock(&self, clock: &SystemClock) -> Result<(), StoreError> {
        self.with_write_lock(|tree| {
            let sealed = machine_clock::encode(clock)
                .and_then(|fields| {
                    encode_record(machine_clock::VERSION, "", &fields, Compression::Never)
                })
                .map_err(|error| StoreError::unencodable(keys::SYSTEM_CLOCK, error))?;
            let mut changes = WriteBatch::new(tree);
            changes.put(keys::SYSTEM_CLOCK, sealed)?;
            self.apply_batch(changes)
        })
    }

    /// When a source was last polled; `None`: none was.
    ///
    /// # Errors
    /// `Database`, `Undecodable`.
    pub fn latest_poll(&self) -> Result<Option<Timestamp>, StoreError> {
        let mut newest = None;
        for source in self.stored_sources()? {
            newest =
                newest.max(self.poll_state(&source)?.and_then(|state| state.last_poll.polled_at));
        }
        Ok(newest)
    }

    /// Moves entries that stand in the future (they were listed while the clock was ahead) to their
    /// publisher's date, or to `now`, which must be certain; gives how many there were. A few hundred
    /// at most: 0 means that none is left. Not flushed.
    ///
    /// # Errors
    /// As for `commit`; `Undecodable`.
    pub fn move_future_entries_to(&self, now: Timestamp) -> Result<usize, StoreError> {
        let now = whole_milliseconds(now);
        self.with_write_lock(|tree| {
            let ahead = entries_after(tree, now.saturating_add(AHEAD).unwrap_or(Timestamp::MAX))?;
            for listed in &ahead {
                // One at a time: several may be of one source, whose memory they all change.
                self.apply_batch(moved_back(tree, listed, now)?)?;
            }
            Ok(ahead.len())
        })
    }
}

fn entries_after(tree: &Tree, at: Timestamp) -> Result<Vec<StoredEntry>, StoreError> {
    let start = keys::entry_key(EntryPosition::start_of(at.as_millisecond())).to_vec();
    let mut found = Vec::new();
    for item in tree.range(start..keys::entry_prefix_end().to_vec()).take(MOVED_PER_BATCH) {
        let (key, value) = item.map_err(read_error)?;
        found.push(decode::decode_entry(tree, &key, &value)?);
    }
    Ok(found)
}

/// The entry at its place as of `now`, with its story.
fn moved_back<'a>(
    tree: &'a Tree,
    listed: &StoredEntry,
    now: Timestamp,
) -> Result<WriteBatch<'a>, StoreError> {
    let said = listed.entry.published_at.or(listed.entry.updated_at);
    let listed_at = whole_milliseconds(said.map_or(now, |said| said.min(now)));
    let moved = StoredEntry {
        first_seen_at: listed.first_seen_at.min(now),
        listed_at,
        changed_at: listed.changed_at.min(now).max(listed_at),
        ..listed.clone()
    };
    let mut changes = WriteBatch::new(tree);
    changes.remove(&keys::entry_key(position_of_entry(listed)))?;
    changes.put_body(position_of_entry(&moved), encode_entry(&moved, &moved.source)?)?;
    if let Some(told) = story_records::read_story_record(tree, listed.id)? {
        story_records::remove_story_record(tree, &mut changes, listed.id)?;
        story_records::put_story_record(
            &mut changes,
            &StoryRecord { listed_at, seen_at: told.seen_at.min(now), ..told },
        )?;
    }
    let mut memory = SeenEntries::load(tree, &listed.source)?;
    memory.move_entry(position_of_entry(&moved));
    memory.write_changed_chunks(&listed.source, &mut changes)?;
    Ok(changes)
}
