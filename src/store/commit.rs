//! The results of polls → records: each poll in one atomic batch, a group of polls with one flush.
//!
//! Several polls share a batch where possible. sled writes and syncs twice for each batch, so on a disk that
//! takes 4 ms to sync a hundred polls would otherwise take a second.

use std::collections::{BTreeMap, BTreeSet};

use sled::Tree;

use super::batch::WriteBatch;
use super::commit_records::CommitRecords;
use super::journal::{ArrivalNumbers, CommitArrivals};
use super::keys::{self, EntryPosition};
use super::label_use::LabelChanges;
use super::log::{Durability, LogRecord, LoggedCommit};
use super::poll_commit::Commit;
use super::records::envelope::EncodedRecord;
use super::records::seen_chunk::SeenEntryRecord;
use super::seen_entries::SeenEntries;
use super::store_error::{StoreError, read_error};
use super::{Store, decode, journal, label_use, story_records};
use crate::model::{EntryId, FullTextState, ObservedEntry, SeenEntry, SourceId, StoredEntry};

/// At least this many entries of a source are remembered, stored or not: four months of a source that
/// publishes sixteen a day, in less than 130 KB.
const MIN_REMEMBERED: usize = 2_000;
/// At least this many times the entries of its last whole document are remembered, for sources that publish
/// in bulk (a partial document or a push holds only new entries).
const REMEMBERED_DOCUMENTS: usize = 2;

impl Store {
    /// Stores a group of polls, in order and each completely. Of each source at most the `keep_per_source`
    /// entries that were listed last stay stored; older ones are only remembered.
    ///
    /// All timestamps are cut to whole milliseconds. After `Ok` everything survives the end of the process
    /// and a power cut. Readers may see it slightly earlier.
    ///
    /// # Errors
    /// `Files`, `Unencodable`: nothing was stored, and the same polls can be committed again. `Database`,
    /// `Undecodable`: the database failed, and the store accepts no more writes (`Poisoned`); with a commit
    /// log the next opening stores what is missing, without one it is unknown how much was stored.
    pub fn commit(&self, commits: &[Commit], keep_per_source: usize) -> Result<(), StoreError> {
        self.commit_with_pages(&mut commits.to_vec(), &[], keep_per_source)
    }

    /// The same, with the full-text states of sources, which are stored after the polls. `commits` stays as it
    /// was, but for an error: then it is empty.
    ///
    /// # Errors
    /// As for `commit`.
    pub fn commit_with_pages(
        &self,
        commits: &mut Vec<Commit>,
        pages: &[(SourceId, FullTextState)],
        keep_per_source: usize,
    ) -> Result<(), StoreError> {
        let states = pages.iter().map(|(source, state)| LogRecord::FullText {
            source: source.clone(),
            state: state.clone(),
        });
        let commits_taken = std::mem::take(commits);
        let encoded = CommitRecords::encode_group(&commits_taken)?;
        let polls = commits_taken.into_iter().zip(encoded).map(|(commit, records)| {
            let now = commit.state.last_poll.polled_at.unwrap_or(commit.state.schedule.due_at);
            LogRecord::Commit(Box::new(LoggedCommit { now, keep_per_source, commit, records }))
        });
        let mut records: Vec<_> = polls.collect();
        // A page that counts as fetched before its text is stored would never be fetched again.
        records.extend(states);
        let (written, ()) = self.write_records(Durability::Synced, |_| Ok((records, ())))?;
        commits.extend(written.into_iter().filter_map(|record| match record {
            LogRecord::Commit(logged) => Some(logged.commit),
            _ => None,
        }));
        Ok(())
    }
}

/// The new, changed and restored entries of a commit, each with its record.
type EncodedEntries<'c> = BTreeMap<EntryId, (&'c StoredEntry, &'c EncodedRecord)>;

/// The changes of one poll.
pub(super) fn batch_of_commit<'a>(
    tree: &'a Tree,
    logged: &LoggedCommit,
    numbers: &mut ArrivalNumbers,
) -> Result<WriteBatch<'a>, StoreError> {
    let LoggedCommit { keep_per_source, commit, records, .. } = logged;
    let mut batch = WriteBatch::new(tree);
    batch.put(&keys::poll_state_key(&commit.source), records.state.clone())?;
    let entries: EncodedEntries<'_> =
        commit.entries().zip(&records.entries).map(|entry| (entry.0.id, entry)).collect();
    if entries.is_empty() && commit.observed.is_empty() {
        label_use::put_missing_labels(tree, &mut batch, &commit.source)?;
        return Ok(batch);
    }
    // Of most entries: the entry, its story record, its story's list and its arrival.
    batch.reserve(4 * entries.len());
    let mut seen = SeenEntries::load(tree, &commit.source)?;
    let labels = LabelChanges::begin(tree, &commit.source, &seen)?;
    let is_first_reading = is_first_reading(tree, &commit.source, &seen)?;
    let unseen: BTreeSet<EntryId> =
        entries.keys().copied().filter(|id| !seen.contains(*id)).collect();
    let observed = observed_records(commit, &entries);
    let ids: BTreeSet<EntryId> = observed.iter().map(|record| record.position.id).collect();
    seen.record_document(observed);
    if commit.is_whole && !commit.observed.is_empty() {
        seen.set_listed(&ids);
    }
    for listed in &commit.restored {
        seen.mark_kept(EntryPosition::of_entry(listed));
    }
    let dropped = seen.drop_beyond_newest(*keep_per_source);
    for position in &dropped {
        batch.remove(&keys::entry_key(*position))?;
        story_records::remove_story_record(tree, &mut batch, position.id)?;
    }
    if !dropped.is_empty() {
        journal::remove_arrivals(tree, &mut batch, dropped.len())?;
    }
    let stored = put_entries(&mut batch, (commit, records), &entries, (&seen, &unseen))?;
    let written = |id| entries.get(&id).map(|(listed, _)| *listed);
    labels.put(&mut batch, (&commit.source, &seen), &written)?;
    let restored = commit.restored.iter().map(|listed| listed.id).collect();
    let arrivals = CommitArrivals { is_first_reading, stored, restored, unseen };
    numbers.put_arrivals(tree, &mut batch, arrivals)?;
    if !commit.observed.is_empty() {
        let whole = usize::try_from(commit.state.document.entries_count).unwrap_or(usize::MAX);
        let document_size = commit.observed.len().max(whole);
        let limit = MIN_REMEMBERED.max(document_size.saturating_mul(REMEMBERED_DOCUMENTS));
        seen.forget(limit, &ids);
    }
    seen.write_changed_chunks(&commit.source, &mut batch)?;
    Ok(batch)
}

/// Puts the entries of a commit that stay stored, and their story records; returns these entries with their positions.
/// What is `unseen` has no earlier record.
fn put_entries<'c>(
    batch: &mut WriteBatch<'_>,
    (commit, records): (&Commit, &CommitRecords),
    entries: &EncodedEntries<'c>,
    (seen, unseen): (&SeenEntries, &BTreeSet<EntryId>),
) -> Result<Vec<(EntryPosition, &'c StoredEntry)>, StoreError> {
    for (record, encoded) in commit.story_records.iter().zip(&records.stories) {
        if seen.position_if_kept(record.id).is_some() {
            story_records::put_story_record(batch, record, encoded.clone())?;
        }
    }
    let mut stored = Vec::new();
    for (listed, encoded) in entries.values() {
        let Some(position) = seen.position_if_kept(listed.id) else { continue };
        let encoded = EncodedRecord::clone(encoded);
        if unseen.contains(&listed.id) {
            batch.put_new(&keys::entry_key(position), encoded);
        } else {
            batch.put_entry(position, encoded)?;
        }
        stored.push((position, *listed));
    }
    Ok(stored)
}

/// Whether the source was never read before.
fn is_first_reading(
    tree: &Tree,
    source: &SourceId,
    seen: &SeenEntries,
) -> Result<bool, StoreError> {
    if seen.records().next().is_some() {
        return Ok(false);
    }
    // Its documents may have held no entries.
    let key = keys::poll_state_key(source);
    let Some(value) = tree.get(&key).map_err(read_error)? else { return Ok(true) };
    Ok(decode::decode_poll_state(tree, &key, &value)?.document.body_hash.is_none())
}

/// What a poll reports about each entry, in its order.
fn observed_records(commit: &Commit, entries: &EncodedEntries<'_>) -> Vec<SeenEntryRecord> {
    let mentioned: BTreeSet<EntryId> = commit.observed.iter().map(|r| r.entry.id).collect();
    let listed = entries.values().map(|(listed, _)| listed);
    let unmentioned = listed.filter(|listed| !mentioned.contains(&listed.id));
    let records =
        commit.observed.iter().map(|observed_entry| record_of_observed(observed_entry, entries));
    records.chain(unmentioned.map(|listed| record_of_entry(listed))).collect()
}

fn record_of_observed(
    observed_entry: &ObservedEntry,
    entries: &EncodedEntries<'_>,
) -> SeenEntryRecord {
    let SeenEntry { id, listed_at, content_hash } = observed_entry.entry;
    let entry = entries.get(&id).map(|(listed, _)| listed);
    let listed_at = entry.map_or(listed_at, |listed| listed.listed_at);
    SeenEntryRecord {
        position: EntryPosition { listed_ms: listed_at.as_millisecond(), id },
        content_hash,
        kept: entry.is_some(),
        listed: true,
        fingerprints: observed_entry.fingerprints.clone(),
    }
}

/// A new or changed entry that is missing from `observed` is remembered by its own values.
fn record_of_entry(listed: &StoredEntry) -> SeenEntryRecord {
    SeenEntryRecord {
        position: EntryPosition::of_entry(listed),
        content_hash: listed.content_hash,
        kept: true,
        listed: true,
        fingerprints: listed.fingerprints.clone(),
    }
}
