//! Story records and term counts ↔ their records: one for each stored entry, and beside it the members of
//! each story with more than one, in the order of arrival. They are written and deleted together with the
//! entry's own record.

use sled::Tree;

use super::batch::WriteBatch;
use super::encode::encode_story_record;
use super::keys;
use super::log::{Durability, LogRecord};
use super::records::envelope::{Compression, EncodedRecord, encode_record};
use super::records::story_record;
use super::store_error::{StoreError, read_error};
use super::{Store, decode, packs};
use crate::model::{DailyTermCounts, EntryId, StoryMethod, StoryRecord};

/// The maximum number of members of one story that are returned; the earliest ones. Real stories have a
/// dozen.
const MAX_MEMBERS: usize = 200;

impl Store {
    /// The story record of an entry; `None`: it has none, or is no longer stored.
    ///
    /// # Errors
    /// `Database`, `Undecodable`.
    pub fn story_record(&self, id: EntryId) -> Result<Option<StoryRecord>, StoreError> {
        self.with_read_lock(|tree| read_story_record(tree, id))
    }

    /// The stored members of a story, in the order of arrival; at most 200.
    ///
    /// # Errors
    /// `Database`, `Undecodable`.
    pub fn story_members(&self, story: EntryId) -> Result<Vec<StoryRecord>, StoreError> {
        let mut members: Vec<StoryRecord> = self.story_record(story)?.into_iter().collect();
        members.extend(self.later_story_members(story)?);
        Ok(members)
    }

    /// The same without the entry that the story begins with.
    ///
    /// # Errors
    /// As for `story_members`.
    pub fn later_story_members(&self, story: EntryId) -> Result<Vec<StoryRecord>, StoreError> {
        self.with_read_lock(|tree| {
            let mut members = Vec::new();
            for item in tree.scan_prefix(keys::story_member_prefix(story)).take(MAX_MEMBERS) {
                let (key, _) = item.map_err(read_error)?;
                if let Some(id) = keys::entry_of_member_key(&key) {
                    members.extend(read_story_record(tree, id)?);
                }
            }
            Ok(members)
        })
    }

    /// Stores the records of entries that an earlier version stored without one. Not flushed.
    ///
    /// # Errors
    /// As for `commit`.
    pub fn save_story_records(&self, all: &[StoryRecord]) -> Result<(), StoreError> {
        for records in all.chunks(super::batch::MAX_BATCH_RECORDS / 2) {
            let record = LogRecord::StoryRecords(records.to_vec());
            self.write(Durability::Buffered, |_| Ok((vec![record], ())))?;
        }
        Ok(())
    }

    /// The term counts of all stored days. A day that cannot be read is left out and logged.
    ///
    /// # Errors
    /// `Database`.
    pub fn daily_term_counts(&self) -> Result<Vec<DailyTermCounts>, StoreError> {
        self.with_read_lock(|tree| {
            let mut days = Vec::new();
            for item in tree.scan_prefix(keys::term_day_prefix()) {
                let (key, value) = item.map_err(read_error)?;
                match decode::decode_daily_term_counts(tree, &key, &value) {
                    Ok(day) => days.push(day),
                    Err(error @ StoreError::Database { .. }) => return Err(error),
                    Err(error) => tracing::warn!(%error, "the term counts of a day cannot be read and are left out"),
                }
            }
            Ok(days)
        })
    }

    /// Stores the term counts of a day, and deletes those of days before `keep_from`. Not flushed.
    ///
    /// # Errors
    /// As for `commit`.
    pub fn save_daily_term_counts(
        &self,
        day: &DailyTermCounts,
        keep_from: i64,
    ) -> Result<(), StoreError> {
        let record = LogRecord::TermCounts { counts: day.clone(), keep_from };
        self.write(Durability::Buffered, |_| Ok((vec![record], ())))
    }
}

/// Puts story records that were decided later than their entries.
pub(super) fn batch_of_story_records<'a>(
    tree: &'a Tree,
    records: &[StoryRecord],
) -> Result<WriteBatch<'a>, StoreError> {
    let mut batch = WriteBatch::new(tree);
    for record in records {
        put_story_record(&mut batch, record, encode_story_record(record)?)?;
    }
    Ok(batch)
}

/// Puts the term counts of a day, and removes those of days before `keep_from`.
pub(super) fn batch_of_term_counts<'a>(
    tree: &'a Tree,
    day: &DailyTermCounts,
    keep_from: i64,
) -> Result<WriteBatch<'a>, StoreError> {
    let key = keys::term_day_key(day.day);
    let encoded = story_record::encode_day(day)
        .and_then(|fields| {
            encode_record(story_record::DAY_VERSION, "", &fields, Compression::WhereShorter)
        })
        .map_err(|error| StoreError::unencodable(&key, error))?;
    let mut batch = WriteBatch::new(tree);
    batch.put(&key, encoded)?;
    let earlier = keys::term_day_prefix().to_vec()..keys::term_day_key(keep_from).to_vec();
    for item in tree.range(earlier) {
        let (key, _) = item.map_err(read_error)?;
        batch.remove(&key)?;
    }
    Ok(batch)
}

pub(super) fn read_story_record(
    tree: &Tree,
    id: EntryId,
) -> Result<Option<StoryRecord>, StoreError> {
    let key = keys::story_record_key(id);
    let Some(value) = packs::read_value(tree, &key)? else { return Ok(None) };
    decode::decode_story_record(&value, id)
        .map(Some)
        .map_err(|error| StoreError::undecodable(&key, error))
}

/// Puts the story record of an entry.
pub(super) fn put_story_record(
    batch: &mut WriteBatch<'_>,
    record: &StoryRecord,
    encoded: EncodedRecord,
) -> Result<(), StoreError> {
    batch.put(&keys::story_record_key(record.id), encoded)?;
    if has_joined_story(record) {
        batch.put_raw(
            &keys::story_member_key(
                record.assignment.story,
                record.seen_at.as_millisecond(),
                record.id,
            ),
            &[],
        );
    }
    Ok(())
}

/// Removes the story record of an entry that is no longer stored.
pub(super) fn remove_story_record(
    tree: &Tree,
    batch: &mut WriteBatch<'_>,
    id: EntryId,
) -> Result<(), StoreError> {
    // For an unreadable record the key of a member stays behind, which leads nowhere.
    let Ok(Some(record)) = read_story_record(tree, id) else {
        return batch.remove(&keys::story_record_key(id));
    };
    batch.remove(&keys::story_record_key(id))?;
    if has_joined_story(&record) {
        batch.remove_raw(&keys::story_member_key(
            record.assignment.story,
            record.seen_at.as_millisecond(),
            id,
        ));
    }
    Ok(())
}

/// Whether an entry joined a story that existed before.
fn has_joined_story(record: &StoryRecord) -> bool {
    matches!(record.assignment.method, StoryMethod::SameText | StoryMethod::SameEvent)
        && record.assignment.story != record.id
}
