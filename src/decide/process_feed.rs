//! A feed with decided entries → the changes of its entries, and the new state of its source.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rafid_feed::model::{Feed, Warning};

use super::basis::DecisionBasis;
use super::clock_offset::{self, ClockChange, PollTimes};
use super::decided_feed::DecidedFeed;
use super::entry_changes::{self, EntryChanges};
use super::entry_dates;
use super::listing_times::FeedTimes;
use super::recent_dates::newest_dates;
use crate::health::duplicate_feeds;
use crate::health::hijack::{self, WritingSample};
use crate::health::silence::{self, WhichReading};
use crate::model::{
    EntryId, FeedInfo, LastDocument, NewsHistory, PollSchedule, PollState, SeenIndex, Source,
    SourceHealth,
};

/// Warnings that are stored as text.
const MAX_WARNINGS: usize = 8;
/// Characters of a publisher's description that are stored: pages show a few hundred.
const MAX_DESCRIPTION_CHARACTERS: usize = 1_000;

/// What a document changes.
#[derive(Debug, Default)]
pub(super) struct FeedOutcome {
    /// The changes of its entries.
    pub(super) changes: EntryChanges,
    /// The number of its entries; `None`: no document was read.
    pub(super) entries_count: Option<usize>,
    /// A new verdict about the publisher's clock.
    pub(super) clock: Option<ClockChange>,
}

/// Corrects the dates of the entries, lists them, and records what the feed shows.
pub(super) fn process_feed(
    source: &Source,
    feed: DecidedFeed,
    state: PollState,
    basis: &DecisionBasis<'_>,
    times: PollTimes,
) -> (PollState, FeedOutcome) {
    let DecidedFeed { mut feed, mut entries, entries_count, samples } = feed;
    let PollState { document, schedule, health, .. } = state;
    let now = times.now;
    let (clock, clock_change) =
        clock_offset::apply_clock_offset(source, &mut feed, &mut entries, health.clock, times);
    let dates = entry_dates::check_dates(source, &mut entries, health.dates, now);
    let document = LastDocument {
        entries_count: u32::try_from(entries_count).unwrap_or(u32::MAX),
        ..with_feed_info(document, &feed)
    };
    let recent = entries.iter().filter_map(|(entry, _)| entry.published_at).collect();
    let schedule = PollSchedule {
        recent: newest_dates(recent),
        poll_hints: feed.poll_hints.clone(),
        ..schedule
    };
    let article_keys = duplicate_feeds::latest_article_keys(entries.iter().map(|(entry, _)| entry));
    let empty_since = health.news.empty_since.or(Some(now)).filter(|_| entries.is_empty());
    let news = NewsHistory { empty_since, ..health.news };
    let health = SourceHealth { clock, news, article_keys, dates, ..health };
    let feed_times = FeedTimes { now, feed_at: feed.updated_at };
    let changes = entry_changes::list_entries(source, entries, basis, feed_times);
    let health = with_news(health, &changes, &samples, basis.known, now);
    let outcome = FeedOutcome { changes, entries_count: Some(entries_count), clock: clock_change };
    (PollState { document, schedule, health, ..state }, outcome)
}

/// Records when there was news and how it is written; `samples` were computed before.
pub(super) fn with_news(
    mut health: SourceHealth,
    changes: &EntryChanges,
    samples: &BTreeMap<EntryId, WritingSample>,
    known: &SeenIndex,
    now: Timestamp,
) -> SourceHealth {
    if changes.new.is_empty() {
        return health;
    }
    let is_first = known.is_empty();
    let reading = if is_first { WhichReading::First } else { WhichReading::Later };
    let dates = changes.new.iter().filter_map(|listed| listed.entry.published_at);
    silence::record_news(&mut health.news, &dates.collect::<Vec<_>>(), reading, now);
    let mut new: Vec<_> = changes.new.iter().collect();
    new.sort_by_key(|listed| listed.listed_at);
    let newest = hijack::newest_entries(&new).iter().map(|listed| {
        let prepared = samples.get(&listed.id).cloned();
        prepared.unwrap_or_else(|| hijack::sample_writing(&listed.entry))
    });
    let newest: Vec<WritingSample> = newest.collect();
    match reading {
        WhichReading::First => hijack::learn_baseline(&mut health.writing, newest, now),
        WhichReading::Later => hijack::record_and_judge(&mut health.writing, newest, now),
    }
    health
}

fn first_characters(words: &str) -> String {
    words.chars().take(MAX_DESCRIPTION_CHARACTERS).collect()
}

/// With what the document says about the feed itself.
fn with_feed_info(document: LastDocument, feed: &Feed) -> LastDocument {
    let feed_info = FeedInfo {
        title: feed.title.as_ref().map(ToString::to_string),
        description: feed.subtitle.as_ref().map(|words| first_characters(words.as_str())),
        site: feed.site.clone(),
        language: feed.language.as_ref().map(ToString::to_string),
        rights: feed.rights.as_ref().map(ToString::to_string),
        image: feed.image.as_ref().map(|image| image.url.clone()),
        updated_at: feed.updated_at,
    };
    let count: usize = feed.warnings.iter().map(|warning| warning.count).sum();
    LastDocument {
        feed_info,
        warnings_count: u32::try_from(count).unwrap_or(u32::MAX),
        warnings: feed.warnings.iter().take(MAX_WARNINGS).map(format_warning).collect(),
        ..document
    }
}

/// A warning on one line, for operators.
pub fn format_warning(warning: &Warning) -> String {
    let place = warning
        .position
        .map_or(String::new(), |p| format!("line {}, column {}: ", p.line, p.column));
    let times =
        if warning.count > 1 { format!(" ({} times)", warning.count) } else { String::new() };
    format!("{}: {place}{}{times}", warning.stage.as_str(), warning.detail)
}
