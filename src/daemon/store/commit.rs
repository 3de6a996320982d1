//! What polls brought → records: each poll in one atomic batch, a group of polls with one flush.
//!
//! Several polls share a batch where they can: sled writes and syncs twice for each batch, and on a
//! disk that takes 4 ms to sync a hundred polls would otherwise take a second.

use std::collections::{BTreeMap, BTreeSet};

use sled::Tree;

use super::Store;
use super::changes::Changes;
use super::disk::chunk::Record;
use super::disk::envelope::{Packing, Sealed, seal};
use super::disk::{entry, poll_state};
use super::error::StoreError;
use super::keys::{self, Position};
use super::memory::Memory;
use super::stories;
use crate::feed::model::{
    EntryId, Fingerprint, KnownEntry, ListedEntry, PollState, SourceId, Told,
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
    pub new: Vec<ListedEntry>,
    /// Entries that changed: they are replaced in their place. One that is no longer kept stays so;
    /// one that was never seen is kept like a new one.
    pub changed: Vec<ListedEntry>,
    /// Entries that are remembered but no longer kept, and are to be kept again. One that is kept stays
    /// as it is.
    pub restored: Vec<ListedEntry>,
    /// What was decided about the stories of new entries; those of entries that are not kept are passed
    /// over.
    pub told: Vec<Told>,
    /// Every entry of the reading, new, changed or the same, in its order. Empty: nothing was read.
    pub remembered: Vec<Remembered>,
    /// Whether `remembered` is all that the source lists now; else others are listed as before.
    pub is_whole: bool,
}

/// What is to be remembered of one entry of a reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    /// Its id, place and hash. An entry that is neither remembered yet nor among the new ones is
    /// remembered without being kept: it will never come as new.
    pub entry: KnownEntry,
    /// The names that it appeared under; the first twelve count.
    pub fingerprints: Vec<Fingerprint>,
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
        self.writing(|tree| {
            let mut pending = Changes::new(tree);
            let mut sources = BTreeSet::new();
            let mut outcome = Ok(());
            for commit in commits {
                // What a source's poll brings depends on what its poll before left in the tree.
                if pending.is_full() || sources.contains(&commit.source) {
                    self.apply(std::mem::replace(&mut pending, Changes::new(tree)))?;
                    sources.clear();
                }
                sources.insert(&commit.source);
                match changes_of(tree, commit, keep_per_source) {
                    Ok(changes) => pending.extend(changes),
                    Err(error) => {
                        outcome = Err(error);
                        break;
                    }
                }
            }
            self.apply(pending)?;
            self.sync()?;
            outcome
        })
    }
}

fn changes_of<'a>(
    tree: &'a Tree,
    commit: &Commit,
    keep_per_source: usize,
) -> Result<Changes<'a>, StoreError> {
    let mut changes = Changes::new(tree);
    let sealed = sealed_state(&commit.source, &commit.state)?;
    changes.put(&keys::state(&commit.source), sealed)?;
    let listed = commit.new.iter().chain(&commit.changed).chain(&commit.restored);
    let bodies: BTreeMap<EntryId, &ListedEntry> =
        listed.map(|listed| (listed.id, listed)).collect();
    if bodies.is_empty() && commit.remembered.is_empty() {
        return Ok(changes);
    }
    let mut memory = Memory::read(tree, &commit.source)?;
    let reading = reading_of(commit, &bodies);
    let ids: BTreeSet<EntryId> = reading.iter().map(|record| record.position.id).collect();
    memory.note(reading);
    if commit.is_whole && !commit.remembered.is_empty() {
        memory.only_listed(&ids);
    }
    for listed in &commit.restored {
        memory.keep_again(position_of(listed));
    }
    for position in memory.keep_newest(keep_per_source) {
        changes.remove(&keys::body(position))?;
        stories::remove(tree, &mut changes, position.id)?;
    }
    for told in commit.told.iter().filter(|told| memory.kept(told.id).is_some()) {
        stories::put(&mut changes, told)?;
    }
    for listed in bodies.values() {
        if let Some(position) = memory.kept(listed.id) {
            changes.put_body(position, sealed_body(listed, &commit.source)?)?;
        }
    }
    if !commit.remembered.is_empty() {
        let whole = usize::try_from(commit.state.entries_count).unwrap_or(usize::MAX);
        let held = commit.remembered.len().max(whole);
        let most = REMEMBERED_AT_LEAST.max(held.saturating_mul(REMEMBERED_READINGS));
        memory.forget(most, &ids);
    }
    memory.write(&commit.source, &mut changes)?;
    Ok(changes)
}

pub(super) fn sealed_state(source: &SourceId, state: &PollState) -> Result<Sealed, StoreError> {
    poll_state::encode(state)
        .and_then(|fields| seal(poll_state::VERSION, "", &fields, Packing::WhereShorter))
        .map_err(|error| StoreError::unencodable(&keys::state(source), error))
}

pub(super) fn sealed_body(listed: &ListedEntry, source: &SourceId) -> Result<Sealed, StoreError> {
    entry::encode(listed)
        .and_then(|fields| seal(entry::VERSION, source.as_str(), &fields, Packing::WhereShorter))
        .map_err(|source| StoreError::Unencodable {
            what: format!("the entry {}", listed.id),
            source,
        })
}

/// What a poll says of each entry, in its order.
fn reading_of(commit: &Commit, bodies: &BTreeMap<EntryId, &ListedEntry>) -> Vec<Record> {
    let mentioned: BTreeSet<EntryId> = commit.remembered.iter().map(|r| r.entry.id).collect();
    let unmentioned = bodies.values().filter(|listed| !mentioned.contains(&listed.id));
    let records = commit.remembered.iter().map(|remembered| record(remembered, bodies));
    records.chain(unmentioned.map(|listed| record_of_body(listed))).collect()
}

fn record(remembered: &Remembered, bodies: &BTreeMap<EntryId, &ListedEntry>) -> Record {
    let KnownEntry { id, listed_at, content_hash } = remembered.entry;
    let body = bodies.get(&id);
    let listed_at = body.map_or(listed_at, |listed| listed.listed_at);
    Record {
        position: Position { listed_ms: listed_at.as_millisecond(), id },
        content_hash,
        kept: body.is_some(),
        listed: true,
        fingerprints: remembered.fingerprints.clone(),
    }
}

/// A new or changed entry that the reading does not mention is remembered by what it says itself.
fn record_of_body(listed: &ListedEntry) -> Record {
    Record {
        position: position_of(listed),
        content_hash: listed.content_hash,
        kept: true,
        listed: true,
        fingerprints: listed.fingerprints.clone(),
    }
}

/// Where an entry stands.
pub(super) fn position_of(listed: &ListedEntry) -> Position {
    Position { listed_ms: listed.listed_at.as_millisecond(), id: listed.id }
}
