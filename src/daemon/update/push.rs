//! A push, from bytes to the commit: `receive` (many hands: check and read), then `settle_push` (one
//! hand: decide as for a poll, but take what came for a part of the feed and never for all of it).

use std::sync::Arc;

use jiff::Timestamp;

use super::clock;
use super::take::{self, RECENT};
use super::{Hands, Memory, Report, UpdateError, listing, report, signs};
use crate::daemon::store::Commit;
use crate::feed::likeness;
use crate::feed::model::{DateOrder, Document, Offer, PollState, Secret, Source};
use crate::feed::pipeline::{self, Hints, Reading};
use crate::feed::push;

/// A push as it came.
pub struct Push {
    /// Its body, under the address of its topic.
    pub document: Document,
    /// Its `X-Hub-Signature` header; `None`: it has none.
    pub signature: Option<String>,
    /// What it must be signed with.
    pub secret: Secret,
}

/// What a push came to.
#[derive(Debug)]
pub enum Received {
    /// It is not the hub's: nobody looks at it any further.
    Forged,
    /// It is the hub's, and no feed: a poll will tell what is new.
    Unreadable(UpdateError),
    /// A part of the feed, understood.
    Read(Box<Reading>),
}

/// What a poll learnt about pushes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offered {
    /// Nothing, as no document was read to its end, and none before it named hubs.
    Unread,
    /// The publisher names no hub.
    Nothing,
    /// The publisher names hubs.
    Hubs(Offer),
}

impl Offered {
    /// What the last document that told of hubs offers, where the answer is that nothing changed.
    pub(super) fn as_before(state: &PollState) -> Self {
        state.offer.clone().map_or(Self::Unread, Self::Hubs)
    }

    /// Remembers it for answers without a document.
    pub(super) fn keep(&self, state: &mut PollState) {
        match self {
            Self::Unread => {}
            Self::Nothing => state.offer = None,
            Self::Hubs(offer) => state.offer = Some(offer.clone()),
        }
    }

    /// What a document offers; one that is not whole may have named a hub in what is missing.
    pub(super) fn of(offer: Option<Offer>, is_whole: bool) -> Self {
        match offer {
            Some(offer) => Self::Hubs(offer),
            None if is_whole => Self::Nothing,
            None => Self::Unread,
        }
    }
}

/// Checks a push and reads it. Never fails: a failure is a result. `date_order` is what polls learnt.
pub async fn receive(
    hands: &Hands,
    source: &Arc<Source>,
    push: Push,
    date_order: Option<DateOrder>,
    now: Timestamp,
) -> Received {
    let defect = Received::Unreadable(UpdateError::Defect);
    // The semaphore is never closed.
    let Ok(_turn) = hands.readers.acquire().await else { return defect };
    let source = Arc::clone(source);
    // Checking and reading are CPU work: off the async threads, and a panic harms this push only.
    let reading = tokio::task::spawn_blocking(move || {
        let Push { document, signature, secret } = push;
        let is_signed =
            signature.is_some_and(|header| push::is_signed(&document.bytes, &header, &secret));
        if !is_signed {
            return Received::Forged;
        }
        match pipeline::read(
            &document,
            Hints { date_order, read_at: Some(now), ..Hints::of(&source) },
        ) {
            Ok(reading) => Received::Read(Box::new(reading)),
            Err(error) => Received::Unreadable(error.into()),
        }
    });
    reading.await.unwrap_or(defect)
}

/// Decides what a push means. What is known of the feed as a whole (validators, its head, the order of day
/// and month, when to poll, failures, how many entries it holds) stays as the last poll left it.
pub fn settle_push(
    source: &Arc<Source>,
    mut reading: Reading,
    mut state: PollState,
    memory: &Memory<'_>,
    now: Timestamp,
) -> (Commit, Report) {
    let entries = std::mem::take(&mut reading.feed.entries);
    let entries_count = Some(entries.len());
    let mut decided = listing::decide(source, entries, memory.known);
    clock::correct(source, &mut reading.feed, &mut decided, &state.clock);
    signs::pass_over_dates(source, &mut decided, &mut state.health.dates, now);
    let marks = likeness::marks(decided.iter().map(|(entry, _)| entry));
    let before = std::mem::replace(&mut state.life.marks, marks);
    likeness::add(&mut state.life.marks, before);
    let arrival = listing::Arrival { now, feed_at: reading.feed.updated_at };
    let listing = listing::list(source, decided, memory, arrival);
    take::hear(&listing, &mut state, memory, now);
    if !listing.new.is_empty() || !listing.changed.is_empty() {
        state.changed_at = Some(now);
    }
    // The rhythm is that of all entries, however they came.
    state.recent.extend(listing.new.iter().filter_map(|listed| listed.entry.published_at));
    state.recent.sort_unstable_by(|a, b| b.cmp(a));
    state.recent.truncate(RECENT);
    let taken = take::Taken { listing, entries_count, clock: None };
    // A push is a part of the feed at most, and says nothing about the hub.
    report::ended(source, state, (taken, false), Offered::Unread)
}
