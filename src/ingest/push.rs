//! A push, from bytes to the commit: `receive` (many hands: check and read), then `settle_push` (one
//! hand: decide as for a poll, but take what came for a part of the feed and never for all of it).

use std::sync::Arc;

use jiff::Timestamp;
use rafid_feed::model::{DateOrder, Document, ReadHints};
use rafid_feed::pipeline::{self, ParsedFeed};

use super::process_feed::{self, MAX_RECENT};
use super::{
    DecideInput, PollResources, UpdateError, UpdateReport, clock_offset, entry_changes,
    feed_health, update_report,
};
use crate::health::duplicate_feeds;
use crate::model::{HubOffer, PollState, Secret, Source};
use crate::store::Commit;
use crate::websub;

/// A push as it came.
pub struct SignedPush {
    /// Its body, under the address of its topic.
    pub document: Document,
    /// Its `X-Hub-Signature` header; `None`: it has none.
    pub signature: Option<String>,
    /// What it must be signed with.
    pub secret: Secret,
}

/// What a push came to.
#[derive(Debug)]
pub enum PushReadResult {
    /// It is not the hub's: nobody looks at it any further.
    Forged,
    /// It is the hub's, and no feed: a poll will tell what is new.
    Unreadable(UpdateError),
    /// A part of the feed, understood.
    Read(Box<ParsedFeed>),
}

/// What a poll learnt about pushes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HubDiscovery {
    /// Nothing, as no document was read to its end, and none before it named hubs.
    Unknown,
    /// The publisher names no hub.
    NoHubs,
    /// The publisher names hubs.
    Hubs(HubOffer),
}

impl HubDiscovery {
    /// What the last document that told of hubs offers, where the answer is that nothing changed.
    pub(super) fn from_state(state: &PollState) -> Self {
        state.address.hub_offer.clone().map_or(Self::Unknown, Self::Hubs)
    }

    /// Remembers it for answers without a document.
    pub(super) fn store_in(&self, state: &mut PollState) {
        match self {
            Self::Unknown => {}
            Self::NoHubs => state.address.hub_offer = None,
            Self::Hubs(offer) => state.address.hub_offer = Some(offer.clone()),
        }
    }

    /// What a document offers; one that is not whole may have named a hub in what is missing.
    pub(super) fn from_document(offer: Option<HubOffer>, is_whole: bool) -> Self {
        match offer {
            Some(offer) => Self::Hubs(offer),
            None if is_whole => Self::NoHubs,
            None => Self::Unknown,
        }
    }
}

/// Checks a push and reads it. Never fails: a failure is a result. `date_order` is what polls learnt.
pub async fn read_push(
    hands: &PollResources,
    source: &Arc<Source>,
    push: SignedPush,
    date_order: Option<DateOrder>,
    now: Timestamp,
) -> PushReadResult {
    let defect = PushReadResult::Unreadable(UpdateError::Defect);
    // The semaphore is never closed.
    let Ok(_turn) = hands.readers.acquire().await else { return defect };
    let source = Arc::clone(source);
    // Checking and reading are CPU work: off the async threads, and a panic harms this push only.
    let reading = tokio::task::spawn_blocking(move || {
        let SignedPush { document, signature, secret } = push;
        let is_signed = signature
            .is_some_and(|header| websub::is_signature_valid(&document.bytes, &header, &secret));
        if !is_signed {
            return PushReadResult::Forged;
        }
        match pipeline::read_feed(
            &document,
            ReadHints { date_order, read_at: Some(now), ..source.read_hints() },
        ) {
            Ok(reading) => PushReadResult::Read(Box::new(reading)),
            Err(error) => PushReadResult::Unreadable(error.into()),
        }
    });
    reading.await.unwrap_or(defect)
}

/// Decides what a push means. What is known of the feed as a whole (validators, its head, the order of day
/// and month, when to poll, failures, how many entries it holds) stays as the last poll left it.
pub fn decide_push(
    source: &Arc<Source>,
    mut reading: ParsedFeed,
    mut state: PollState,
    memory: &DecideInput<'_>,
    now: Timestamp,
) -> (Commit, UpdateReport) {
    let entries = std::mem::take(&mut reading.feed.entries);
    let entries_count = Some(entries.len());
    let mut decided = entry_changes::decide_entries(source, entries, memory.known);
    clock_offset::shift_dates(source, &mut reading.feed, &mut decided, &state.health.clock);
    feed_health::drop_meaningless_dates(source, &mut decided, &mut state.health.dates, now);
    let marks = duplicate_feeds::latest_article_keys(decided.iter().map(|(entry, _)| entry));
    let before = std::mem::replace(&mut state.health.article_keys, marks);
    duplicate_feeds::append_article_keys(&mut state.health.article_keys, before);
    let arrival = entry_changes::FeedTimes { now, feed_at: reading.feed.updated_at };
    let listing = entry_changes::list_entries(source, decided, memory, arrival);
    process_feed::record_news(&listing, &mut state, memory, now);
    if !listing.new.is_empty() || !listing.changed.is_empty() {
        state.schedule.changed_at = Some(now);
    }
    // The rhythm is that of all entries, however they came.
    state.schedule.recent.extend(listing.new.iter().filter_map(|listed| listed.entry.published_at));
    state.schedule.recent.sort_unstable_by(|a, b| b.cmp(a));
    state.schedule.recent.truncate(MAX_RECENT);
    let taken = process_feed::FeedOutcome { listing, entries_count, clock: None };
    // A push is a part of the feed at most, and says nothing about the hub.
    update_report::finish_update(source, state, (taken, false), HubDiscovery::Unknown)
}
