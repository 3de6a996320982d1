//! A feed understood → what is listed of it, and what is remembered of the feed itself.

use jiff::Timestamp;
use rafid_feed::model::{Feed, Warning};

use super::clock_offset::{self, ClockChange, PollTimes};
use super::entry_changes::{self, DecidedEntries, EntryChanges};
use super::{DecideInput, feed_health, format_warning};
use crate::decide::identity_match::EntryDecision;
use crate::health::{duplicate_feeds, implausible, silence};
use crate::model::{EntryStatus, FeedInfo, PollState, Source};

/// Publication instants that are remembered for the rhythm.
pub(super) const MAX_RECENT: usize = 32;
/// Warnings that are remembered as text.
const MAX_WARNINGS: usize = 8;

/// What a document came to.
#[derive(Debug, Default)]
pub(super) struct FeedOutcome {
    /// What is listed anew and what changes.
    pub(super) listing: EntryChanges,
    /// Entries that the document held; `None`: it was not read.
    pub(super) entries_count: Option<usize>,
    /// News about the publisher's clock.
    pub(super) clock: Option<ClockChange>,
}

/// Decides about every entry, sees to their dates, lists them.
pub(super) fn process_feed(
    source: &Source,
    mut feed: Feed,
    state: &mut PollState,
    memory: &DecideInput<'_>,
    moment: PollTimes,
) -> FeedOutcome {
    let entries = std::mem::take(&mut feed.entries);
    let entries_count = entries.len();
    // As their publisher said them: before the clock is seen to.
    let odd_dates = implausible::implausible_date_warnings(entries.iter(), moment.now);
    let mut decided = entry_changes::decide_entries(source, entries, memory.known);
    // First, as only the first few warnings are remembered.
    let claims = flood_warning(&decided, memory).into_iter().chain(odd_dates);
    feed.warnings.splice(0..0, claims);
    let clock = clock_offset::apply_clock_offset(
        source,
        &mut feed,
        &mut decided,
        &mut state.health.clock,
        moment,
    );
    feed_health::check_dates(source, &mut decided, &mut state.health.dates, moment.now);
    record_feed_info(state, &feed);
    state.document.entries_count = u32::try_from(entries_count).unwrap_or(u32::MAX);
    state.schedule.recent = decided.iter().filter_map(|(entry, _)| entry.published_at).collect();
    state.schedule.recent.sort_unstable_by(|a, b| b.cmp(a));
    state.schedule.recent.truncate(MAX_RECENT);
    state.health.article_keys =
        duplicate_feeds::latest_article_keys(decided.iter().map(|(entry, _)| entry));
    let empty_since = state.health.news.empty_since.or(Some(moment.now));
    state.health.news.empty_since = empty_since.filter(|_| decided.is_empty());
    let arrival = entry_changes::FeedTimes { now: moment.now, feed_at: feed.updated_at };
    let listing = entry_changes::list_entries(source, decided, memory, arrival);
    record_news(&listing, state, memory, moment.now);
    FeedOutcome { listing, entries_count: Some(entries_count), clock }
}

/// A warning when a later reading brings more than anybody writes: at the first one all is new.
fn flood_warning(decided: &DecidedEntries, memory: &DecideInput<'_>) -> Option<Warning> {
    let is_new = |decision: &EntryDecision| matches!(decision.status, EntryStatus::New);
    let new = decided.iter().filter(|(_, decision)| is_new(decision)).count();
    implausible::flood_warning(new, decided.len())
        .filter(|_| !memory.known.by_fingerprint.is_empty())
}

/// Takes note of news.
pub(super) fn record_news(
    listing: &EntryChanges,
    state: &mut PollState,
    memory: &DecideInput<'_>,
    now: Timestamp,
) {
    if listing.new.is_empty() {
        return;
    }
    let is_first = memory.known.by_fingerprint.is_empty();
    let reading =
        if is_first { silence::WhichReading::First } else { silence::WhichReading::Later };
    let dates = listing.new.iter().filter_map(|listed| listed.entry.published_at);
    silence::record_news(&mut state.health.news, &dates.collect::<Vec<_>>(), reading, now);
    feed_health::record_new_entries(listing, state, reading, now);
}

/// Takes over what the document says about the feed itself.
fn record_feed_info(state: &mut PollState, feed: &Feed) {
    state.schedule.poll_hints = feed.poll_hints.clone();
    state.document.feed_info = FeedInfo {
        title: feed.title.as_ref().map(ToString::to_string),
        site: feed.site.clone(),
        language: feed.language.as_ref().map(ToString::to_string),
        rights: feed.rights.as_ref().map(ToString::to_string),
        image: feed.image.as_ref().map(|image| image.url.clone()),
        updated_at: feed.updated_at,
    };
    let count: usize = feed.warnings.iter().map(|warning| warning.count).sum();
    state.document.warnings_count = u32::try_from(count).unwrap_or(u32::MAX);
    state.document.warnings = feed.warnings.iter().take(MAX_WARNINGS).map(format_warning).collect();
}
