//! A number of the journal → the entries of an output that arrived or visibly changed since: for a reader who
//! was here before. It is what a delta holds (RFC 3229), and the page of what is new.
//!
//! Entries of a first reading count only where the feed holds them for their dates: the others are no news.

use std::collections::BTreeSet;

use super::archive::{self, OutputArchive};
use super::selection::{FeedOrPage, feed_limit, select_entries};
use super::story_lookup::StoryLookup;
use crate::model::{ArrivalKind, EntryId, StoredEntry};
use crate::store::StoreError;

/// The maximum number of entries since a number: a reader who missed more reads the archive.
pub(super) const MAX_SINCE: usize = 1_000;
/// The maximum number of arrivals that are looked at: most of them may be left out by rules.
const MAX_ARRIVALS: usize = 20_000;

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
) -> Result<Option<Vec<StoredEntry>>, StoreError> {
    let (reader, head) = (stories.reader, stories.reader.store.journal_head()?);
    let Some(from) = after.checked_add(1).filter(|_| after <= head) else { return Ok(None) };
    if from < reader.store.journal_start()? {
        return Ok(None);
    }
    if archive.position <= after {
        return Ok(Some(Vec::new()));
    }
    let arrivals = archive::arrivals_between(stories, (from, head));
    if arrivals.len() > MAX_ARRIVALS {
        return Ok(None);
    }
    let mut newest = None;
    let (mut entries, mut ids) = (Vec::new(), BTreeSet::new());
    for arrival in arrivals.into_iter().rev() {
        let Some(listed) = archive::held_entry(stories, arrival.number())? else { continue };
        if arrival.kind() == ArrivalKind::FirstReading {
            if newest.is_none() {
                newest = Some(newest_ids(stories)?);
            }
            if newest.as_ref().is_some_and(|newest| !newest.contains(&listed.id)) {
                continue;
            }
        }
        if ids.insert(listed.id) {
            if entries.len() >= at_most {
                return Ok(None);
            }
            entries.push(listed);
        }
    }
    Ok(Some(entries))
}

/// The entries that the feed holds for their dates.
fn newest_ids(stories: &StoryLookup<'_>) -> Result<BTreeSet<EntryId>, StoreError> {
    let limit = feed_limit(stories.reader.site, stories.scope);
    let entries = select_entries(stories, limit, FeedOrPage::Feed)?;
    Ok(entries.into_iter().map(|listed| listed.id).collect())
}
