//! An output → the stored entries that its feed or one of its pages holds: the newest ones that pass its
//! rules, represent their stories and fit into the limits of their sources.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

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

/// The entries that the feed of an output holds now, and the maximum that it may hold.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn feed_entries(
    stories: &StoryLookup<'_>,
) -> Result<(Vec<StoredEntry>, usize), StoreError> {
    let limit = feed_limit(stories.reader.site, stories.scope);
    Ok((select_entries(stories, limit, FeedOrPage::Feed)?, limit))
}

/// The newest entries of the output that `stories` belongs to, within the limits of their sources.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn select_entries(
    stories: &StoryLookup<'_>,
    limit: usize,
    place: FeedOrPage,
) -> Result<Vec<StoredEntry>, StoreError> {
    let (reader, scope, infos) = (stories.reader, stories.scope, stories.infos);
    let before = match place {
        FeedOrPage::Feed => None,
        FeedOrPage::Page(before) => before,
    };
    // The output of one source holds all of its entries.
    let is_merged = !matches!(scope, Scope::Source(_));
    let sources = &infos.keys().cloned().collect::<BTreeSet<SourceId>>();
    let own = reader.site.sources_of(scope);
    let own = own.filter_map(|source| Some((source.id.clone(), source.cap?)));
    let caps = &own.filter(|_| is_merged).collect::<BTreeMap<SourceId, usize>>();
    let limits = if is_merged { reader.site.per_source } else { PerSource::Any };
    let filters = &reader.site.filters;
    let passes = |listed: &StoredEntry| {
        let passes_rules =
            filters.accepts_all(scope) || filters.passes(scope, listed, infos.get(&listed.source));
        passes_rules && (!stories.collapses() || stories.is_representative(listed))
    };
    let needs_filter = stories.collapses() || !filters.accepts_all(scope);
    let filter = needs_filter.then_some(&passes as &dyn Fn(&StoredEntry) -> bool);
    let any = LatestQuery { sources, limit, before, per_source: None, caps, filter };
    match (limits, place) {
        (PerSource::AtMost(most), _) => {
            reader.store.latest_entries(&LatestQuery { per_source: Some(most), ..any })
        }
        (PerSource::Share, FeedOrPage::Feed) => {
            let share = FairShare { entries: share_limit(limit), within: SHARE_WINDOW };
            reader.store.latest_by_fair_share(&any, share)
        }
        (PerSource::Share | PerSource::Any, _) => reader.store.latest_entries(&any),
    }
}
