//! What is known about the clock of this machine ↔ its record. And: entries that were listed while that clock
//! was ahead → their correct position, so that none stays at the top for years.

use jiff::{SignedDuration, Timestamp};
use sled::Tree;

use super::batch::{MAX_BATCH_RECORDS, WriteBatch};
use super::encode::{encode_entry, encode_story_record};
use super::keys::{self, EntryPosition};
use super::label_use::LabelChanges;
use super::log::{Durability, LogRecord};
use super::records::envelope::{Compression, Envelope, encode_record};
use super::records::machine_clock;
use super::seen_entries::SeenEntries;
use super::store_error::{StoreError, read_error};
use super::{Store, decode, story_records, whole_milliseconds};
use crate::model::{EntryId, StoredEntry, StoryRecord, SystemClock};

/// Positions later than this are in the future. Accurate clocks differ by less.
const MIN_AHEAD: SignedDuration = SignedDuration::from_hours(1);
/// The maximum number of entries moved at a time.
const MOVED_PER_BATCH: usize = MAX_BATCH_RECORDS / 5;

impl Store {
    /// What is known about the clock; `None`: there is no record, or it cannot be read.
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

    /// Stores what is known about the clock. Not flushed.
    ///
    /// # Errors
    /// As for `commit`.
    pub fn save_system_clock(&self, clock: &SystemClock) -> Result<(), StoreError> {
        let record = LogRecord::SystemClock(*clock);
        self.write(Durability::Buffered, |_| Ok((vec![record], ())))
    }

    /// When a source was last polled; `None`: no source was.
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

    /// Moves entries that are listed in the future (because the clock was ahead) to their publisher's date,
    /// or to `now`, which must be certain. Returns how many it moved, a few hundred at most; 0 means that
    /// none is left. Not flushed.
    ///
    /// # Errors
    /// As for `commit`; `Undecodable`.
    pub fn move_future_entries_to(&self, now: Timestamp) -> Result<usize, StoreError> {
        let now = whole_milliseconds(now);
        self.write(Durability::Buffered, |tree| {
            let start = now.saturating_add(MIN_AHEAD).unwrap_or(Timestamp::MAX);
            let entries = entries_after(tree, start)?;
            let count = entries.len();
            let moved = LogRecord::MovedBack { now, entries };
            Ok(((count > 0).then_some(moved).into_iter().collect(), count))
        })
    }
}

/// Puts what is known about the clock of this machine.
pub(super) fn batch_of_system_clock<'a>(
    tree: &'a Tree,
    clock: &SystemClock,
) -> Result<WriteBatch<'a>, StoreError> {
    let encoded = machine_clock::encode(clock)
        .and_then(|fields| encode_record(machine_clock::VERSION, "", &fields, Compression::Never))
        .map_err(|error| StoreError::unencodable(keys::SYSTEM_CLOCK, error))?;
    let mut batch = WriteBatch::new(tree);
    batch.put(keys::SYSTEM_CLOCK, encoded)?;
    Ok(batch)
}

fn entries_after(tree: &Tree, at: Timestamp) -> Result<Vec<EntryPosition>, StoreError> {
    let start = keys::entry_key(EntryPosition::start_of(at.as_millisecond())).to_vec();
    let mut found = Vec::new();
    for item in tree.range(start..keys::entry_prefix_end().to_vec()).take(MOVED_PER_BATCH) {
        let (key, _) = item.map_err(read_error)?;
        found.extend(keys::position_of_key(&key));
    }
    Ok(found)
}

/// Moves the entry to its position as of `now`, with its story record.
pub(super) fn batch_of_move(
    tree: &Tree,
    from: EntryPosition,
    now: Timestamp,
) -> Result<WriteBatch<'_>, StoreError> {
    let key = keys::entry_key(from);
    // It is gone when the same move was applied before.
    let Some(value) = tree.get(key).map_err(read_error)? else { return Ok(WriteBatch::new(tree)) };
    let listed = &decode::decode_entry(tree, &key, &value)?;
    let publisher_date = listed.entry.published_at.or(listed.entry.updated_at);
    let listed_at =
        whole_milliseconds(publisher_date.map_or(now, |publisher_date| publisher_date.min(now)));
    let moved = StoredEntry {
        first_seen_at: listed.first_seen_at.min(now),
        listed_at,
        changed_at: listed.changed_at.min(now).max(listed_at),
        ..listed.clone()
    };
    let mut batch = WriteBatch::new(tree);
    batch.remove(&keys::entry_key(EntryPosition::of_entry(listed)))?;
    batch.put_entry(EntryPosition::of_entry(&moved), encode_entry(&moved, &moved.source)?)?;
    if let Some(record) = story_records::read_story_record(tree, listed.id)? {
        story_records::remove_story_record(tree, &mut batch, listed.id)?;
        let record = StoryRecord { listed_at, seen_at: record.seen_at.min(now), ..record };
        story_records::put_story_record(&mut batch, &record, encode_story_record(&record)?)?;
    }
    let mut seen = SeenEntries::load(tree, &listed.source)?;
    let labels = LabelChanges::begin(tree, &listed.source, &seen)?;
    seen.move_entry(EntryPosition::of_entry(&moved));
    let written = |id: EntryId| Some(&moved).filter(|moved| moved.id == id);
    labels.put(&mut batch, (&listed.source, &seen), &written)?;
    seen.write_changed_chunks(&listed.source, &mut batch)?;
    Ok(batch)
}
