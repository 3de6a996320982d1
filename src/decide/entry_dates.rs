//! Decided entries and the history of their dates → the new history, and entries without meaningless dates.

use jiff::Timestamp;

use super::decided_feed::{DecidedEntries, claimed_time};
use crate::health::frozen_dates::{self, Novelty};
use crate::model::{DateHistory, EntryStatus, Finding, Source};

/// Records the dates of a full document, and removes meaningless dates, unless the operator ignores this
/// finding.
pub(super) fn check_dates(
    source: &Source,
    entries: &mut DecidedEntries,
    mut dates: DateHistory,
    now: Timestamp,
) -> DateHistory {
    let claims: Vec<Timestamp> =
        entries.iter().filter_map(|(entry, _)| claimed_time(entry)).collect();
    let is_same = |status: &EntryStatus| matches!(status, EntryStatus::Same(_));
    let unchanged = entries.iter().filter(|(_, decision)| is_same(&decision.status)).count();
    frozen_dates::record_document(&mut dates, &claims, unchanged, now);
    drop_meaningless_dates(source, entries, dates, now)
}

/// The same for a part of a document, which shows nothing about the other entries.
pub(super) fn drop_meaningless_dates(
    source: &Source,
    entries: &mut DecidedEntries,
    mut dates: DateHistory,
    now: Timestamp,
) -> DateHistory {
    let new = entries.iter().filter(|(_, decision)| novelty(decision.status) == Novelty::New);
    let claims: Vec<Timestamp> = new.filter_map(|(entry, _)| claimed_time(entry)).collect();
    frozen_dates::record_entries(&mut dates, &claims, now);
    let found =
        frozen_dates::detect_frozen_dates(&dates).filter(|_| source.reports(Finding::FrozenDates));
    if let Some(found) = found {
        let entries = entries.iter_mut();
        let entries = entries.map(|(entry, decision)| (entry, novelty(decision.status)));
        frozen_dates::ignore_dates(found, entries);
    }
    dates
}

fn novelty(status: EntryStatus) -> Novelty {
    match status {
        EntryStatus::New => Novelty::New,
        EntryStatus::Changed(_) | EntryStatus::Same(_) | EntryStatus::Repeated(_) => Novelty::Known,
    }
}
