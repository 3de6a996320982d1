//! A feed and the known entries of its source → the entries worth listing, each with its decision, and which
//! stored entries are needed to list them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rafid_feed::model::{Entry, Feed, Warning};

use super::identity_match::{self, EntryDecision};
use super::prepared_entries::{ListableEntries, PreparedEntries};
use crate::health::hijack::WritingSample;
use crate::health::implausible;
use crate::model::{EntryId, EntryStatus, SeenEntry, SeenIndex, Source};

/// Entries of one document that are worth listing, each with its decision.
pub type DecidedEntries = Vec<(Entry, EntryDecision)>;

/// A feed with the decisions about its entries.
#[derive(Debug)]
pub struct DecidedFeed {
    /// The feed without its entries. Its first warnings are those about implausible entries, as only the
    /// first few warnings are stored.
    pub feed: Feed,
    /// Its entries that are worth listing.
    pub entries: DecidedEntries,
    /// The number of all of its entries.
    pub entries_count: usize,
    /// How entries are written, as far as it was computed before.
    pub samples: BTreeMap<EntryId, WritingSample>,
}

impl DecidedFeed {
    /// Decides about the entries of a feed of `source` that was read at `now`; `prepared` was computed of them.
    pub fn new(
        source: &Source,
        mut feed: Feed,
        prepared: &PreparedEntries,
        known: &SeenIndex,
        now: Timestamp,
    ) -> Self {
        let entries = std::mem::take(&mut feed.entries);
        let entries_count = entries.len();
        // The dates as the publisher wrote them, before any correction.
        let implausible_dates = implausible::implausible_date_warnings(entries.iter(), now);
        let ListableEntries { entries, content_hashes, samples } =
            prepared.attach_to(entries, has_content);
        let hashed = (&entries[..], &content_hashes[..]);
        let decisions = identity_match::decide_hashed_entries(&source.id, hashed, known);
        let is_new = |decision: &EntryDecision| decision.status == EntryStatus::New;
        let named = decisions.iter().zip(samples).filter(|(decision, _)| is_new(decision));
        let samples = named.filter_map(|(decision, sample)| Some((decision.id, sample?))).collect();
        let entries = entries.into_iter().zip(decisions).collect();
        let warnings = flood_warning(&entries, known).into_iter().chain(implausible_dates);
        feed.warnings.splice(0..0, warnings);
        Self { feed, entries, entries_count, samples }
    }

    /// Whether it has an entry that was already known.
    pub(super) fn has_known_entry(&self) -> bool {
        let is_known =
            |status: EntryStatus| matches!(status, EntryStatus::Same(_) | EntryStatus::Changed(_));
        self.entries.iter().any(|(_, decision)| is_known(decision.status))
    }

    /// The known entries whose stored form is needed: those that changed, and those that may be stored again.
    pub fn entries_to_load(&self, known: &SeenIndex) -> Vec<SeenEntry> {
        let needed = |status: EntryStatus| match status {
            EntryStatus::Changed(before) => Some(before),
            EntryStatus::Same(before) => Some(before).filter(|before| !known.is_kept(before)),
            EntryStatus::New | EntryStatus::Repeated(_) => None,
        };
        self.entries.iter().filter_map(|(_, decision)| needed(decision.status)).collect()
    }
}

/// Decides about those entries of one document of `source` that are worth listing.
pub fn decide_listable_entries(
    source: &Source,
    entries: Vec<Entry>,
    known: &SeenIndex,
) -> DecidedEntries {
    let entries: Vec<Entry> = entries.into_iter().filter(has_content).collect();
    let decisions = identity_match::decide_entries(&source.id, &entries, known);
    entries.into_iter().zip(decisions).collect()
}

/// Whether an entry has anything to display: a title, a text, a link or a file.
fn has_content(entry: &Entry) -> bool {
    !entry.title.is_empty()
        || entry.summary.is_some()
        || entry.content.is_some()
        || entry.link.is_some()
        || !entry.enclosures.is_empty()
}

/// A warning if a later document has too many new entries: in the first one, all entries are new.
fn flood_warning(decided: &DecidedEntries, known: &SeenIndex) -> Option<Warning> {
    let new = decided.iter().filter(|(_, decision)| decision.status == EntryStatus::New).count();
    implausible::flood_warning(new, decided.len()).filter(|_| !known.is_empty())
}

/// The date of an entry, as its publisher claims it. `None`: it has none.
pub(super) fn claimed_time(entry: &Entry) -> Option<Timestamp> {
    entry.published_at.or(entry.updated_at)
}
