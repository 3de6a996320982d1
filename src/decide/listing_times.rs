//! Decided entries of one document → the listing time of each, which never changes.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rafid_feed::dates;
use rafid_feed::model::Entry;

use super::decided_feed::{DecidedEntries, claimed_time};
use super::undated::{self, DatedEntry};
use crate::model::{EntryStatus, SeenIndex, Source};

/// When a document was read.
#[derive(Debug, Clone, Copy)]
pub(super) struct FeedTimes {
    pub(super) now: Timestamp,
    /// The feed's own date.
    pub(super) feed_at: Option<Timestamp>,
}

/// The listing time of each entry; `None`: it is a second copy. For a new entry it is the publisher's date,
/// but never in the future; without a date it is the time when the entry was first seen, unless many such
/// entries come at once.
pub(super) fn assign_listing_times(
    source: &Source,
    decided: &DecidedEntries,
    known: &SeenIndex,
    times: FeedTimes,
) -> Vec<Option<Timestamp>> {
    let estimated = estimate_listing_times(source, decided, known, times);
    let now = times.now;
    let time = |index: usize, entry: &Entry, status: EntryStatus| match status {
        EntryStatus::New => match estimated.get(index) {
            Some(time) => Some(*time),
            None => Some(claimed_time(entry).map_or(now, |claimed| claimed.min(now))),
        },
        EntryStatus::Changed(before) | EntryStatus::Same(before) => Some(before.listed_at),
        EntryStatus::Repeated(_) => None,
    };
    let entries = decided.iter().enumerate();
    entries.map(|(index, (entry, decision))| time(index, entry, decision.status)).collect()
}

/// The listing times of all entries, if the document has undated ones that cannot be from now; empty: it has
/// none. Dates in the future count as missing if many entries have such dates.
fn estimate_listing_times(
    source: &Source,
    decided: &DecidedEntries,
    known: &SeenIndex,
    times: FeedTimes,
) -> Vec<Timestamp> {
    let FeedTimes { now, feed_at } = times;
    let new = decided.iter().filter(|(_, decision)| decision.status == EntryStatus::New);
    let claims: Vec<Option<Timestamp>> = new.map(|(entry, _)| claimed_time(entry)).collect();
    let undated = claims.iter().filter(|claimed| claimed.is_none()).count();
    let ahead = claims.iter().flatten().filter(|claimed| **claimed > now).count();
    let are_many = |count| undated::is_bulk(count, decided.len());
    let is_first = known.is_empty() && undated > 0;
    if !is_first && !are_many(undated) && !are_many(ahead) {
        return Vec::new();
    }
    let dated = |claimed: &Timestamp| *claimed <= now || !are_many(ahead);
    let entries: Vec<DatedEntry<'_>> = decided
        .iter()
        .map(|(entry, _)| DatedEntry {
            at: claimed_time(entry).filter(dated).map(|claimed| claimed.min(now)),
            link: entry.link.as_deref(),
        })
        .collect();
    let zone = source.timezone.as_deref().and_then(dates::parse_zone).unwrap_or(TimeZone::UTC);
    undated::estimate_listed_at(&entries, &undated::UndatedReading { now, feed_at, zone })
}
