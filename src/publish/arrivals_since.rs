//! A number of the journal → the entries of an output that arrived or visibly changed since: for a reader who
//! was here before. It is what a delta holds (RFC 3229), and the page of what is new.
//!
//! Entries of a first reading count only where the feed holds them for their dates: the others are no news.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::archive::{self, OutputArchive};
use super::selection::{FeedOrPage, feed_limit, select_entries};
use super::story_lookup::StoryLookup;
use crate::model::{ArrivalKind, EntryId, StoredEntry};
use crate::store::StoreError;

/// The maximum number of entries since a number: a reader who missed more reads the archive.
pub(super) const MAX_SINCE: usize = 1_000;
/// The maximum number of arrivals that are looked at: most of them may be left out by rules.
const MAX_ARRIVALS: usize = 20_000;

/// What arrived in an output after a number of the journal.
pub(super) struct EntriesSince {
    /// The entries of the oldest arrivals, the last one first, each once.
    pub(super) entries: Vec<Arc<StoredEntry>>,
    /// The number up to which these are all that arrived.
    pub(super) position: u64,
    /// Whether these are all that arrived until now.
    pub(super) is_complete: bool,
}

/// The most that is looked at.
#[derive(Clone, Copy)]
pub(super) struct SinceLimits {
    /// The number of entries.
    pub(super) entries: usize,
    /// The number of arrivals of the output's sources; if there are more, the result is `None`.
    pub(super) arrivals: usize,
}

/// The entries of an output that arrived or changed after a number of the journal, the last one first, each
/// once. `None`: the journal does not reach back to it, it is of another store, or there are more than
/// `at_most`.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn entries_since(
    stories: &StoryLookup<'_>,
    archive: &OutputArchive,
    after: u64,
    at_most: usize,
) -> Result<Option<Vec<Arc<StoredEntry>>>, StoreError> {
    let limits = SinceLimits { entries: at_most, arrivals: MAX_ARRIVALS };
    let since = first_entries_since(stories, archive, after, limits)?;
    Ok(since.filter(|since| since.is_complete).map(|since| since.entries))
}

/// The same, but of more entries than the limit the ones that arrived first. `None`: the journal does not
/// reach back to the number, it is of another store, or too much arrived since.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn first_entries_since(
    stories: &StoryLookup<'_>,
    archive: &OutputArchive,
    after: u64,
    limits: SinceLimits,
) -> Result<Option<EntriesSince>, StoreError> {
    let (reader, head) = (stories.reader, stories.reader.store.journal_head()?);
    let Some(from) = after.checked_add(1).filter(|_| after <= head) else { return Ok(None) };
    if from < reader.store.journal_start()? {
        return Ok(None);
    }
    let arrivals = archive::arrivals_between(stories, (from, archive.position));
    if arrivals.len() > limits.arrivals {
        return Ok(None);
    }
    let (mut newest, mut position, mut is_complete) = (None, archive.position, true);
    let mut found: BTreeMap<EntryId, (u64, Arc<StoredEntry>)> = BTreeMap::new();
    for arrival in arrivals {
        let Some(listed) = archive::held_entry(stories, arrival.number())? else { continue };
        if arrival.kind() == ArrivalKind::FirstReading {
            if newest.is_none() {
                newest = Some(newest_ids(stories)?);
            }
            if newest.as_ref().is_some_and(|newest| !newest.contains(&listed.id)) {
                continue;
            }
        }
        if found.len() >= limits.entries && !found.contains_key(&listed.id) {
            (position, is_complete) = (arrival.number() - 1, false);
            break;
        }
        found.insert(listed.id, (arrival.number(), listed));
    }
    let mut entries: Vec<(u64, Arc<StoredEntry>)> = found.into_values().collect();
    entries.sort_unstable_by_key(|(number, _)| std::cmp::Reverse(*number));
    let entries = entries.into_iter().map(|(_, listed)| listed).collect();
    Ok(Some(EntriesSince { entries, position, is_complete }))
}

/// The entries that the feed holds for their dates.
fn newest_ids(stories: &StoryLookup<'_>) -> Result<BTreeSet<EntryId>, StoreError> {
    let limit = feed_limit(stories.reader.site, stories.scope);
    let entries = select_entries(stories, limit, FeedOrPage::Feed)?;
    Ok(entries.into_iter().map(|listed| listed.id).collect())
}
