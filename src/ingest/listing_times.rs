//! Decided entries of one reading → the place in time of each, which never moves.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rafid_feed::dates;
use rafid_feed::model::Entry;

use super::entry_changes::{DecidedEntries, FeedTimes};
use crate::decide::undated::{self, DatedEntry};
use crate::model::{EntryStatus, SeenIndex, Source};

/// The place of each entry; `None`: it is a second copy. A new one stands at its publisher's date, but
/// never in the future; one without a date stands where it was first seen, unless many come at once.
pub(super) fn assign_listing_times(
    source: &Source,
    decided: &DecidedEntries,
    known: &SeenIndex,
    arrival: FeedTimes,
) -> Vec<Option<Timestamp>> {
    let estimated = estimate_listing_times(source, decided, known, arrival);
    let now = arrival.now;
    let place = |index: usize, entry: &Entry, assignment: EntryStatus| match assignment {
        EntryStatus::New => match estimated.get(index) {
            Some(place) => Some(*place),
            None => Some(claimed_time(entry).map_or(now, |claimed| claimed.min(now))),
        },
        EntryStatus::Changed(before) | EntryStatus::Same(before) => Some(before.listed_at),
        EntryStatus::Repeated(_) => None,
    };
    let places = decided.iter().enumerate();
    places.map(|(index, (entry, decision))| place(index, entry, decision.status)).collect()
}

fn claimed_time(entry: &Entry) -> Option<Timestamp> {
    entry.published_at.or(entry.updated_at)
}

/// Where all entries stand in a reading that brings undated ones which are not of now; empty: there are
/// none. Dates in the future are none where many entries have such.
fn estimate_listing_times(
    source: &Source,
    decided: &DecidedEntries,
    known: &SeenIndex,
    arrival: FeedTimes,
) -> Vec<Timestamp> {
    let FeedTimes { now, feed_at } = arrival;
    let new = decided.iter().filter(|(_, decision)| decision.status == EntryStatus::New);
    let claims: Vec<Option<Timestamp>> = new.map(|(entry, _)| claimed_time(entry)).collect();
    let undated = claims.iter().filter(|claimed| claimed.is_none()).count();
    let ahead = claims.iter().flatten().filter(|claimed| **claimed > now).count();
    let are_many = |count| undated::is_bulk(count, decided.len());
    let is_first = known.by_fingerprint.is_empty() && undated > 0;
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
