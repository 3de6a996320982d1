//! The feed of a push and the state before it → the new state of the source and the changes of its entries.
//! It is decided like that of a poll, but it is only a part of the feed.

use jiff::Timestamp;

use super::basis::DecisionBasis;
use super::decided_feed::DecidedFeed;
use super::hub_discovery::HubDiscovery;
use super::listing_times::FeedTimes;
use super::poll::Decision;
use super::recent_dates::newest_dates;
use super::{clock_offset, entry_changes, entry_dates, process_feed};
use crate::health::duplicate_feeds;
use crate::model::{PollState, Source, SourceHealth};

/// Decides what a push means. What is known about the feed as a whole (validators, feed information, order
/// of day and month, next poll, failures, number of entries) stays as the last poll left it.
pub fn decide_push(
    source: &Source,
    feed: DecidedFeed,
    before: PollState,
    basis: &DecisionBasis<'_>,
    now: Timestamp,
) -> Decision {
    let DecidedFeed { mut feed, mut entries, entries_count, samples } = feed;
    let PollState { mut schedule, health, .. } = before;
    clock_offset::shift_dates(source, &mut feed, &mut entries, &health.clock);
    let dates = entry_dates::drop_meaningless_dates(source, &mut entries, health.dates, now);
    let mut article_keys =
        duplicate_feeds::latest_article_keys(entries.iter().map(|(entry, _)| entry));
    duplicate_feeds::append_article_keys(&mut article_keys, health.article_keys);
    let health = SourceHealth { article_keys, dates, ..health };
    let feed_times = FeedTimes { now, feed_at: feed.updated_at };
    let changes = entry_changes::list_entries(source, entries, basis, feed_times);
    let health = process_feed::with_news(health, &changes, &samples, basis.known, now);
    if changes.has_news() {
        schedule.changed_at = Some(now);
    }
    // The rhythm is that of all entries, from polls and from pushes.
    let mut recent = schedule.recent;
    recent.extend(changes.new.iter().filter_map(|listed| listed.entry.published_at));
    schedule.recent = newest_dates(recent);
    Decision {
        state: PollState { schedule, health, ..before },
        changes,
        // A push is only a part of the feed, and says nothing about hubs.
        is_whole: false,
        entries_count: Some(entries_count),
        clock: None,
        hubs: HubDiscovery::Unknown,
    }
}
