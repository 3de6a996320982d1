//! Decided entries of one reading → the place in time of each, which never moves.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::listing::{Arrival, Decided};
use crate::feed::dates;
use crate::feed::model::{Assignment, Entry, Known, Source};
use crate::feed::undated::{self, Dated};

/// The place of each entry; `None`: it is a second copy. A new one stands at its publisher's date, but
/// never in the future; one without a date stands where it was first seen, unless many come at once.
pub(super) fn of(
    source: &Source,
    decided: &Decided,
    known: &Known,
    arrival: Arrival,
) -> Vec<Option<Timestamp>> {
    let estimated = estimated(source, decided, known, arrival);
    let now = arrival.now;
    let place = |index: usize, entry: &Entry, assignment: Assignment| match assignment {
        Assignment::New => match estimated.get(index) {
            Some(place) => Some(*place),
            None => Some(claim(entry).map_or(now, |claimed| claimed.min(now))),
        },
        Assignment::Changed(before) | Assignment::Same(before) => Some(before.listed_at),
        Assignment::Repeated(_) => None,
    };
    let places = decided.iter().enumerate();
    places.map(|(index, (entry, decision))| place(index, entry, decision.assignment)).collect()
}

fn claim(entry: &Entry) -> Option<Timestamp> {
    entry.published_at.or(entry.updated_at)
}

/// Where all entries stand in a reading that brings undated ones which are not of now; empty: there are
/// none. Dates in the future are none where many entries have such.
fn estimated(
    source: &Source,
    decided: &Decided,
    known: &Known,
    arrival: Arrival,
) -> Vec<Timestamp> {
    let Arrival { now, feed_at } = arrival;
    let new = decided.iter().filter(|(_, decision)| decision.assignment == Assignment::New);
    let claims: Vec<Option<Timestamp>> = new.map(|(entry, _)| claim(entry)).collect();
    let undated = claims.iter().filter(|claimed| claimed.is_none()).count();
    let ahead = claims.iter().flatten().filter(|claimed| **claimed > now).count();
    let are_many = |count| undated::is_bulk(count, decided.len());
    let is_first = known.by_fingerprint.is_empty() && undated > 0;
    if !is_first && !are_many(undated) && !are_many(ahead) {
        return Vec::new();
    }
    let dated = |claimed: &Timestamp| *claimed <= now || !are_many(ahead);
    let entries: Vec<Dated<'_>> = decided
        .iter()
        .map(|(entry, _)| Dated {
            at: claim(entry).filter(dated).map(|claimed| claimed.min(now)),
            link: entry.link.as_deref(),
        })
        .collect();
    let zone = source.timezone.as_deref().and_then(dates::zone).unwrap_or(TimeZone::UTC);
    undated::places(&entries, &undated::Reading { now, feed_at, zone })
}
