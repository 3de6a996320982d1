//! An output → the stored entries that its feed or one of its pages holds: the newest ones that pass its
//! rules, represent their stories and fit into the limits of their sources.
//!
//! A feed also holds everything that arrived since the newest closed page of its archive, whatever its date:
//! an entry that comes late, and the rest of a burst, reach every reader that follows the archive.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::archive::{self, EDITS_PER_PLACE, OutputArchive};
use super::published_site::PublishedSite;
use super::story_lookup::StoryLookup;
use crate::model::{EntryId, PerSource, Scope, SourceId, StoredEntry};
use crate::store::{FairShare, LatestQuery, StoreError};

/// A third: two sources that flood at the same time leave room for all others, and the busiest
/// newsroom (100 entries a day) still has its last eight hours in a feed of a hundred.
const SHARE_DIVISOR: usize = 3;
/// Shares count within a day before the newest entry. Readers had a whole day to read anything older.
const SHARE_WINDOW: SignedDuration = SignedDuration::from_hours(24);

/// Whether entries are selected for a feed or for a page.
#[derive(Debug, Clone, Copy)]
pub(super) enum FeedOrPage {
    /// The feed.
    Feed,
    /// The page of entries older than this position; `None`: the first page.
    Page(Option<(Timestamp, EntryId)>),
}

/// The maximum number of entries in an output's feed.
pub(super) fn feed_limit(site: &PublishedSite, scope: &Scope) -> usize {
    let own = match scope {
        Scope::Output(id) => site.output(id).and_then(|output| output.entries),
        _ => None,
    };
    own.unwrap_or(site.entries)
}

/// In a feed of `limit` entries where sources have shares: how many entries of one source come before those
/// of other sources.
pub(super) fn share_limit(limit: usize) -> usize {
    limit.div_ceil(SHARE_DIVISOR)
}

/// The entries that the feed of an output holds now, newest first, and the number of those that are there for
/// their dates alone; at most twice as many in all.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn feed_entries(
    stories: &StoryLookup<'_>,
    archive: &OutputArchive,
) -> Result<(Vec<Arc<StoredEntry>>, usize), StoreError> {
    let limit = feed_limit(stories.reader.site, stories.scope);
    let mut feed = FeedEntries {
        entries: select_entries(stories, limit, FeedOrPage::Feed)?,
        most: limit.saturating_mul(2),
        ids: BTreeSet::new(),
        used: BTreeMap::new(),
    };
    for listed in &feed.entries {
        feed.ids.insert(listed.id);
        *feed.used.entry(listed.source.clone()).or_default() += 1;
    }
    // New entries come before edits, and the latest ones first: an entry is missed if it is left out.
    let edits = archive.edits.iter().rev().take(limit.saturating_mul(EDITS_PER_PLACE));
    let represented = archive.represented.iter().rev().take(limit);
    for number in archive.open.iter().rev().chain(represented).chain(edits) {
        feed.add_arrival(stories, *number)?;
    }
    feed.entries.sort_by_key(|listed| std::cmp::Reverse((listed.listed_at, listed.id)));
    Ok((feed.entries, limit))
}

/// The entries of a feed, while arrivals are added.
struct FeedEntries {
    entries: Vec<Arc<StoredEntry>>,
    most: usize,
    ids: BTreeSet<EntryId>,
    /// The number of entries of each source.
    used: BTreeMap<SourceId, usize>,
}

impl FeedEntries {
    /// Adds the entry of an arrival, unless the feed is full or the operator limits its source to fewer.
    fn add_arrival(&mut self, stories: &StoryLookup<'_>, number: u64) -> Result<(), StoreError> {
        if self.entries.len() >= self.most {
            return Ok(());
        }
        let Some(arrival) = stories.reader.store.arrival(number)? else { return Ok(()) };
        let is_left_out = stories.collapses() && !stories.is_representative(arrival.id);
        if self.ids.contains(&arrival.id) || is_left_out {
            return Ok(());
        }
        let Some(listed) = archive::held_arrival(stories, &arrival)? else { return Ok(()) };
        let used = self.used.entry(listed.source.clone()).or_default();
        let has_room = source_cap(stories, &listed.source).is_none_or(|most| *used < most);
        if has_room {
            *used += 1;
            self.ids.insert(listed.id);
            self.entries.push(listed);
        }
        Ok(())
    }
}

/// The number of entries of one source that the operator allows in an output of several sources; `None`: any
/// number.
fn source_cap(stories: &StoryLookup<'_>, source: &SourceId) -> Option<usize> {
    if matches!(stories.scope, Scope::Source(_)) {
        return None;
    }
    let site = stories.reader.site;
    let most = match site.per_source {
        PerSource::AtMost(most) => Some(most),
        PerSource::Share | PerSource::Any => None,
    };
    stories.reader.source(source).and_then(|source| source.cap).or(most)
}

/// The newest entries of the output that `stories` belongs to, within the limits of their sources.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn select_entries(
    stories: &StoryLookup<'_>,
    limit: usize,
    place: FeedOrPage,
) -> Result<Vec<Arc<StoredEntry>>, StoreError> {
    let reader = stories.reader;
    let before = match place {
        FeedOrPage::Feed => None,
        FeedOrPage::Page(before) => before,
    };
    with_query(stories, limit, |any| match (reader.site.per_source, place) {
        (PerSource::Share, FeedOrPage::Feed) if is_merged(stories) => {
            let share = FairShare { entries: share_limit(limit), within: SHARE_WINDOW };
            reader.store.latest_by_fair_share(&LatestQuery { before, ..*any }, share)
        }
        _ => reader.store.latest_shared(&LatestQuery { before, ..*any }),
    })
}

/// Where the page starts that ends at the position `from`, if it holds `limit` entries: after which entry. `None`:
/// from the newest.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn find_newer_page(
    stories: &StoryLookup<'_>,
    limit: usize,
    from: (Timestamp, EntryId),
) -> Result<Option<Arc<StoredEntry>>, StoreError> {
    let store = stories.reader.store;
    let above = with_query(stories, limit.saturating_add(1), |any| store.entries_above(from, any))?;
    Ok(above.into_iter().nth(limit))
}

/// Whether the output holds entries of several sources: that of one holds all of its entries.
fn is_merged(stories: &StoryLookup<'_>) -> bool {
    !matches!(stories.scope, Scope::Source(_))
}

/// Runs a query for the newest entries of an output, within the limits of its pages.
fn with_query<T>(
    stories: &StoryLookup<'_>,
    limit: usize,
    run: impl FnOnce(&LatestQuery<'_>) -> T,
) -> T {
    let (reader, scope) = (stories.reader, stories.scope);
    let (sources, no_caps) = (&stories.sources.ids, BTreeMap::new());
    let caps = if is_merged(stories) { &stories.sources.caps } else { &no_caps };
    let per_source = match reader.site.per_source {
        PerSource::AtMost(most) if is_merged(stories) => Some(most),
        PerSource::AtMost(_) | PerSource::Share | PerSource::Any => None,
    };
    let passes = |listed: &StoredEntry| stories.holds(listed);
    let needs_filter = stories.collapses() || !reader.site.filters.accepts_all(scope);
    let filter = needs_filter.then_some(&passes as &dyn Fn(&StoredEntry) -> bool);
    run(&LatestQuery { sources, limit, before: None, per_source, caps, filter })
}
