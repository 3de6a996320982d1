//! What polls brought → records: each poll in one atomic batch, a group of polls with one flush.
//!
//! Several polls share a batch where they can: sled writes and syncs twice for each batch, and on a
//! disk that takes 4 ms to sync a hundred polls would otherwise take a second.

use std::collections::{BTreeMap, BTreeSet};

use sled::Tree;

use super::batch::WriteBatch;
use super::keys::{self, EntryPosition};
use super::records::envelope::{Compression, EncodedRecord, encode_record};
use super::records::seen_chunk::SeenEntryRecord;
use super::records::{poll_state, stored_entry};
use super::seen_entries::SeenEntries;
use super::store_error::StoreError;
use super::{Store, story_records};
use crate::model::{
    EntryId, ObservedEntry, PollState, SeenEntry, SourceId, StoredEntry, StoryRecord,
};

/// At least this many entries of a source are remembered, kept or not: four months of a source that
/// publishes sixteen a day, at less than 130 KB.
const REMEMBERED_AT_LEAST: usize = 2_000;
/// … and this many times as many as its last whole reading held, for those that publish in bulk (a
/// part or a push holds only what is new).
const REMEMBERED_READINGS: usize = 2;

/// What one poll brought. It is kept as a whole or not at all.
#[derive(Debug, Clone)]
pub struct Commit {
    /// The source that was polled.
    pub source: SourceId,
    /// What is to be known of it at the next poll.
    pub state: PollState,
    /// Entries that were never seen. One whose id is remembered all the same keeps its place.
    pub new: Vec<StoredEntry>,
    /// Entries that changed: they are replaced in their place. One that is no longer kept stays so;
    /// one that was never seen is kept like a new one.
    pub changed: Vec<StoredEntry>,
    /// Entries that are remembered but no longer kept, and are to be kept again. One that is kept stays
    /// as it is.
    pub restored: Vec<StoredEntry>,
    /// What was decided about the stories of new entries; those of entries that are not kept are passed
    /// over.
    pub story_records: Vec<StoryRecord>,
    /// Every entry of the reading, new, changed or the same, in its order. Empty: nothing was read.
    pub observed: Vec<ObservedEntry>,
    /// Whether `remembered` is all that the source lists now; else others are listed as before.
    pub is_whole: bool,
}

impl Store {
    /// Keeps a group of polls, in order and each as a whole; of each source at most the
    /// `keep_per_source` entries that were listed last, the older ones only remembered.
    ///
    /// All instants are cut to whole milliseconds. When this returns `Ok`, everything survives the
    /// end of the process and of the power. Readers may see it a little earlier.
    ///
    /// # Errors
    /// `Database` when writing or flushing failed: how much was kept is then unknown, and the store
    /// takes no more (`Poisoned`). `Undecodable`, `Unencodable`: the polls before the one concerned
    /// are kept, the others not; committing the same again does no harm.
    pub fn commit(&self, commits: &[Commit], keep_per_source: usize) -> Result<(), StoreError> {
        self.with_write_lock(|tree| {
            let mut pending = WriteBatch::new(tree);
            let mut sources = BTreeSet::new();
            let mut outcome = Ok(());
            for commit in commits {
                // What a source's poll brings depends on what its poll before left in the tree.
                if pending.is_full() || sources.contains(&commit.source) {
                    self.apply_batch(std::mem::replace(&mut pending, WriteBatch::new(tree)))?;
                    sources.clear();
                }
                sources.insert(&commit.source);
                match batch_of_commit(tree, commit, keep_per_source) {
                    Ok(changes) => pending.extend(changes),
                    Err(error) => {
                        outcome = Err(error);
                        break;
                    }
                }
            }
            self.apply_batch(pending)?;
            self.sync()?;
            outcome
        })
    }
}

fn batch_of_commit<'a>(
    tree: &'a Tree,
    commit: &Commit,
    keep_per_source: usize,
) -> Result<WriteBatch<'a>, StoreError> {
    let mut changes = WriteBatch::new(tree);
    let sealed = encode_poll_state(&commit.source, &commit.state)?;
    changes.put(&keys::poll_state_key(&commit.source), sealed)?;
    let listed = commit.new.iter().chain(&commit.changed).chain(&commit.restored);
    let bodies: BTreeMap<EntryId, &StoredEntry> =
        listed.map(|listed| (listed.id, listed)).collect();
    if bodies.is_empty() && commit.observed.is_empty() {
        return Ok(changes);
    }
    let mut memory = SeenEntries::load(tree, &commit.source)?;
    let reading = observed_records(commit, &bodies);
    let ids: BTreeSet<EntryId> = reading.iter().map(|record| record.position.id).collect();
    memory.record_reading(reading);
    if commit.is_whole && !commit.observed.is_empty() {
        memory.set_listed(&ids);
    }
    for listed in &commit.restored {
        memory.mark_kept(position_of_entry(listed));
    }
    for position in memory.drop_beyond_newest(keep_per_source) {
        changes.remove(&keys::entry_key(position))?;
        story_records::remove_story_record(tree, &mut changes, position.id)?;
    }
    for told in
        commit.story_records.iter().filter(|told| memory.position_if_kept(told.id).is_some())
    {
        story_records::put_story_record(&mut changes, told)?;
    }
    for listed in bodies.values() {
        if let Some(position) = memory.position_if_kept(listed.id) {
            changes.put_body(position, encode_entry(listed, &commit.source)?)?;
        }
    }
    if !commit.observed.is_empty() {
        let whole = usize::try_from(commit.state.document.entries_count).unwrap_or(usize::MAX);
        let held = commit.observed.len().max(whole);
        let most = REMEMBERED_AT_LEAST.max(held.saturating_mul(REMEMBERED_READINGS));
        memory.forget(most, &ids);
    }
    memory.write_changed_chunks(&commit.source, &mut changes)?;
    Ok(changes)
}

pub(super) fn encode_poll_state(
    source: &SourceId,
    state: &PollState,
) -> Result<EncodedRecord, StoreError> {
    poll_state::encode(state)
        .and_then(|fields| {
            encode_record(poll_state::VERSION, "", &fields, Compression::WhereShorter)
        })
        .map_err(|error| StoreError::unencodable(&keys::poll_state_key(source), error))
}

pub(super) fn encode_entry(
    listed: &StoredEntry,
    source: &SourceId,
) -> Result<EncodedRecord, StoreError> {
    stored_entry::encode(listed)
        .and_then(|fields| {
            encode_record(
                stored_entry::VERSION,
                source.as_str(),
                &fields,
                Compression::WhereShorter,
            )
        })
        .map_err(|source| StoreError::Unencodable {
            what: format!("the entry {}", listed.id),
            source,
        })
}

/// What a poll says of each entry, in its order.
fn observed_records(
    commit: &Commit,
    bodies: &BTreeMap<EntryId, &StoredEntry>,
) -> Vec<SeenEntryRecord> {
    let mentioned: BTreeSet<EntryId> = commit.observed.iter().map(|r| r.entry.id).collect();
    let unmentioned = bodies.values().filter(|listed| !mentioned.contains(&listed.id));
    let records = commit.observed.iter().map(|remembered| record_of_observed(remembered, bodies));
    records.chain(unmentioned.map(|listed| record_of_body(listed))).collect()
}

fn record_of_observed(
    remembered: &ObservedEntry,
    bodies: &BTreeMap<EntryId, &StoredEntry>,
) -> SeenEntryRecord {
    let SeenEntry { id, listed_at, content_hash } = remembered.entry;
    let body = bodies.get(&id);
    let listed_at = body.map_or(listed_at, |listed| listed.listed_at);
    SeenEntryRecord {
        position: EntryPosition { listed_ms: listed_at.as_millisecond(), id },
        content_hash,
        kept: body.is_some(),
        listed: true,
        fingerprints: remembered.fingerprints.clone(),
    }
}

/// A new or changed entry that the reading does not mention is remembered by what it says itself.
fn record_of_body(listed: &StoredEntry) -> SeenEntryRecord {
    SeenEntryRecord {
        position: position_of_entry(listed),
        content_hash: listed.content_hash,
        kept: true,
        listed: true,
        fingerprints: listed.fingerprints.clone(),
    }
}

/// Where an entry stands.
pub(super) fn position_of_entry(listed: &StoredEntry) -> EntryPosition {
    EntryPosition { listed_ms: listed.listed_at.as_millisecond(), id: listed.id }
}
