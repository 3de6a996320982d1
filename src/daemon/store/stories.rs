//! What was decided about entries' stories ↔ their records: one for each kept entry, and beside it the
//! members of each story that has more than one, in the order in which they arrived. They are written and
//! dropped together with the entry's own record.

use jiff::Timestamp;
use sled::Tree;

use super::Store;
use super::changes::Changes;
use super::disk::envelope::{Envelope, Packing, seal};
use super::disk::told;
use super::error::{StoreError, reading};
use super::keys::{self, Position};
use super::values;
use crate::feed::model::{DayOfTerms, EntryId, ListedEntry, StoryMethod, Told};

/// Members of one story that are given, at most; the earliest. Real stories have a dozen.
const MOST_MEMBERS: usize = 200;

impl Store {
    /// What was decided about an entry; `None`: nothing was, or the entry is no longer kept.
    ///
    /// # Errors
    /// `Database`, `Undecodable`.
    pub fn told(&self, id: EntryId) -> Result<Option<Told>, StoreError> {
        self.reading(|tree| told_in(tree, id))
    }

    /// The kept members of a story, in the order in which they arrived; at most 200.
    ///
    /// # Errors
    /// `Database`, `Undecodable`.
    pub fn members(&self, story: EntryId) -> Result<Vec<Told>, StoreError> {
        self.reading(|tree| {
            let mut members: Vec<Told> = told_in(tree, story)?.into_iter().collect();
            for item in tree.scan_prefix(keys::members(story)).take(MOST_MEMBERS) {
                let (key, _) = item.map_err(reading)?;
                if let Some(id) = keys::member_of(&key) {
                    members.extend(told_in(tree, id)?);
                }
            }
            Ok(members)
        })
    }

    /// Keeps what was decided about entries that were kept without it, by an earlier version. Not
    /// flushed.
    ///
    /// # Errors
    /// As for `commit`.
    pub fn keep_told(&self, all: &[Told]) -> Result<(), StoreError> {
        for some in all.chunks(super::changes::FULL_BATCH / 2) {
            self.writing(|tree| {
                let mut changes = Changes::new(tree);
                for told in some {
                    put(&mut changes, told)?;
                }
                self.apply(changes)
            })?;
        }
        Ok(())
    }

    /// The days whose terms are kept.
    ///
    /// # Errors
    /// `Database`. A day that cannot be read is passed over and told in the log.
    pub fn days_of_terms(&self) -> Result<Vec<DayOfTerms>, StoreError> {
        self.reading(|tree| {
            let mut days = Vec::new();
            for item in tree.scan_prefix(keys::days()) {
                let (key, value) = item.map_err(reading)?;
                match values::day_of_terms(tree, &key, &value) {
                    Ok(day) => days.push(day),
                    Err(error @ StoreError::Database { .. }) => return Err(error),
                    Err(error) => tracing::warn!(%error, "a day of terms is passed over"),
                }
            }
            Ok(days)
        })
    }

    /// Keeps a day's terms, and forgets those of days before `keep_from`. Not flushed.
    ///
    /// # Errors
    /// As for `commit`.
    pub fn keep_day_of_terms(&self, day: &DayOfTerms, keep_from: i64) -> Result<(), StoreError> {
        let key = keys::day(day.day);
        self.writing(|tree| {
            let sealed = told::encode_day(day)
                .and_then(|fields| seal(told::DAY_VERSION, "", &fields, Packing::WhereShorter))
                .map_err(|error| StoreError::unencodable(&key, error))?;
            let mut changes = Changes::new(tree);
            changes.put(&key, sealed)?;
            for item in tree.range(keys::days().to_vec()..keys::day(keep_from).to_vec()) {
                let (key, _) = item.map_err(reading)?;
                changes.remove(&key)?;
            }
            self.apply(changes)
        })
    }

    /// The kept entries that stand at `since` or later.
    ///
    /// # Errors
    /// `Database`, `Undecodable`.
    pub fn listed_since(&self, since: Timestamp) -> Result<Vec<ListedEntry>, StoreError> {
        let start = keys::body(Position::start_of(since.as_millisecond())).to_vec();
        self.reading(|tree| {
            let mut entries = Vec::new();
            for item in tree.range(start..keys::after_bodies().to_vec()) {
                let (key, value) = item.map_err(reading)?;
                entries.push(values::entry(tree, &key, &value)?);
            }
            Ok(entries)
        })
    }
}

pub(super) fn told_in(tree: &Tree, id: EntryId) -> Result<Option<Told>, StoreError> {
    let key = keys::told(id);
    let Some(value) = tree.get(key).map_err(reading)? else { return Ok(None) };
    let fault = |error| StoreError::undecodable(&key, error);
    let envelope = Envelope::read(&value).map_err(fault)?;
    let fields = envelope.fields().map_err(fault)?;
    told::decode(envelope.version, id, &fields).map(Some).map_err(fault)
}

/// Puts what was decided about an entry.
pub(super) fn put(changes: &mut Changes<'_>, it: &Told) -> Result<(), StoreError> {
    let key = keys::told(it.id);
    let sealed = told::encode(it)
        .and_then(|fields| seal(told::VERSION, "", &fields, Packing::Never))
        .map_err(|error| StoreError::unencodable(&key, error))?;
    changes.put(&key, sealed)?;
    if joined(it) {
        changes.set(&keys::member(it.assignment.story, it.seen_at.as_millisecond(), it.id), &[]);
    }
    Ok(())
}

/// Takes away what was decided about an entry that is no longer kept.
pub(super) fn remove(
    tree: &Tree,
    changes: &mut Changes<'_>,
    id: EntryId,
) -> Result<(), StoreError> {
    // What cannot be read leaves a member behind that leads nowhere.
    let Ok(Some(it)) = told_in(tree, id) else { return changes.remove(&keys::told(id)) };
    changes.remove(&keys::told(id))?;
    if joined(&it) {
        changes.unset(&keys::member(it.assignment.story, it.seen_at.as_millisecond(), id));
    }
    Ok(())
}

/// Whether an entry came to a story that was there before.
fn joined(it: &Told) -> bool {
    matches!(it.assignment.method, StoryMethod::SameText | StoryMethod::SameEvent)
        && it.assignment.story != it.id
}
