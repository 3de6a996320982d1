//! A feed understood → what is listed of it, and what is remembered of the feed itself.

use jiff::Timestamp;

use super::clock::{self, ClockChange, Moment};
use super::listing::{self, Decided, Listing};
use super::{Memory, signs, warning_line};
use crate::feed::model::{Assignment, Feed, FeedCard, PollState, Source, Warning};
use crate::feed::relate::Decision;
use crate::feed::silence;
use crate::feed::{claims, likeness};

/// Publication instants that are remembered for the rhythm.
pub(super) const RECENT: usize = 32;
/// Warnings that are remembered as text.
const WARNINGS: usize = 8;

/// What a document came to.
#[derive(Debug, Default)]
pub(super) struct Taken {
    /// What is listed anew and what changes.
    pub(super) listing: Listing,
    /// Entries that the document held; `None`: it was not read.
    pub(super) entries_count: Option<usize>,
    /// News about the publisher's clock.
    pub(super) clock: Option<ClockChange>,
}

/// Decides about every entry, sees to their dates, lists them.
pub(super) fn take(
    source: &Source,
    mut feed: Feed,
    state: &mut PollState,
    memory: &Memory<'_>,
    moment: Moment,
) -> Taken {
    let entries = std::mem::take(&mut feed.entries);
    let entries_count = entries.len();
    // As their publisher said them: before the clock is seen to.
    let odd_dates = claims::odd_dates(entries.iter(), moment.now);
    let mut decided = listing::decide(source, entries, memory.known);
    // First, as only the first few warnings are remembered.
    let claims = flood(&decided, memory).into_iter().chain(odd_dates);
    feed.warnings.splice(0..0, claims);
    let clock = clock::see_to(source, &mut feed, &mut decided, &mut state.clock, moment);
    signs::see_to_dates(source, &mut decided, &mut state.health.dates, moment.now);
    remember(state, &feed);
    state.entries_count = u32::try_from(entries_count).unwrap_or(u32::MAX);
    state.recent = decided.iter().filter_map(|(entry, _)| entry.published_at).collect();
    state.recent.sort_unstable_by(|a, b| b.cmp(a));
    state.recent.truncate(RECENT);
    state.life.marks = likeness::marks(decided.iter().map(|(entry, _)| entry));
    let empty_since = state.life.empty_since.or(Some(moment.now));
    state.life.empty_since = empty_since.filter(|_| decided.is_empty());
    let arrival = listing::Arrival { now: moment.now, feed_at: feed.updated_at };
    let listing = listing::list(source, decided, memory, arrival);
    hear(&listing, state, memory, moment.now);
    Taken { listing, entries_count: Some(entries_count), clock }
}

/// A warning when a later reading brings more than anybody writes: at the first one all is new.
fn flood(decided: &Decided, memory: &Memory<'_>) -> Option<Warning> {
    let is_new = |decision: &Decision| matches!(decision.assignment, Assignment::New);
    let new = decided.iter().filter(|(_, decision)| is_new(decision)).count();
    claims::flood(new, decided.len()).filter(|_| !memory.known.by_fingerprint.is_empty())
}

/// Takes note of news.
pub(super) fn hear(listing: &Listing, state: &mut PollState, memory: &Memory<'_>, now: Timestamp) {
    if listing.new.is_empty() {
        return;
    }
    let is_first = memory.known.by_fingerprint.is_empty();
    let reading = if is_first { silence::Reading::First } else { silence::Reading::Later };
    let dates = listing.new.iter().filter_map(|listed| listed.entry.published_at);
    silence::hear(&mut state.life, &dates.collect::<Vec<_>>(), reading, now);
    signs::hear(listing, state, reading, now);
}

/// Takes over what the document says about the feed itself.
fn remember(state: &mut PollState, feed: &Feed) {
    state.pace = feed.pace.clone();
    state.card = FeedCard {
        title: feed.title.as_ref().map(ToString::to_string),
        site: feed.site.clone(),
        language: feed.language.as_ref().map(ToString::to_string),
        rights: feed.rights.as_ref().map(ToString::to_string),
        image: feed.image.as_ref().map(|image| image.url.clone()),
        updated_at: feed.updated_at,
    };
    let count: usize = feed.warnings.iter().map(|warning| warning.count).sum();
    state.warnings_count = u32::try_from(count).unwrap_or(u32::MAX);
    state.warnings = feed.warnings.iter().take(WARNINGS).map(warning_line).collect();
}
