//! Entries of one reading, decided → what is listed anew, what changes in place, what was dropped and is
//! kept again as it is still listed, and the names under which all of them are remembered.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rafid_feed::model::Entry;

use super::{DecideInput, listing_times};
use crate::decide::content_hash::content_hash;
use crate::decide::full_text_queue;
use crate::decide::identity_match::{self, EntryDecision};
use crate::model::{EntryId, EntryStatus, SeenEntry, SeenIndex, Source, StoredEntry};
use crate::store::ObservedEntry;

/// Changes of one entry that move its `changed_at`. Some publishers rewrite an entry at every fetch
/// (counters, advertisements): after that, the text is kept current and nobody is told.
const MAX_REVISIONS: u32 = 24;

/// What becomes of one reading's entries.
#[derive(Debug, Default)]
pub(super) struct EntryChanges {
    pub(super) new: Vec<StoredEntry>,
    pub(super) changed: Vec<StoredEntry>,
    pub(super) restored: Vec<StoredEntry>,
    pub(super) remembered: Vec<ObservedEntry>,
    /// Entries of the reading that were known before.
    known_count: usize,
}

/// When a reading came.
#[derive(Debug, Clone, Copy)]
pub(super) struct FeedTimes {
    pub(super) now: Timestamp,
    /// The feed's own date.
    pub(super) feed_at: Option<Timestamp>,
}

impl EntryChanges {
    /// Whether an entry of the reading was known before. `None`: nothing was.
    pub(super) fn has_known(&self, known: &SeenIndex) -> Option<bool> {
        let is_any_known = !known.by_fingerprint.is_empty();
        is_any_known.then_some(self.known_count > 0)
    }

    /// Leaves out what would not be kept, as newer entries take all the room that the source has.
    fn drop_beyond_retention(&mut self, memory: &DecideInput<'_>) {
        let place = |listed: &StoredEntry| (listed.listed_at, listed.id);
        let coming = self.new.iter().chain(&self.restored).map(place);
        let all: BTreeSet<(Timestamp, EntryId)> =
            coming.chain(memory.known.kept.iter().copied()).collect();
        let last =
            memory.retention.entries.checked_sub(1).and_then(|last| all.iter().nth_back(last));
        // Fewer than there is room for.
        let Some(last) = last else { return };
        self.new.retain(|listed| place(listed) >= *last);
        self.restored.retain(|listed| place(listed) >= *last);
    }
}

/// Entries of one reading that are worth showing, each with what was decided about it.
pub(super) type DecidedEntries = Vec<(Entry, EntryDecision)>;

/// Decides about the entries of one reading of `source`.
pub(super) fn decide_entries(
    source: &Source,
    entries: Vec<Entry>,
    known: &SeenIndex,
) -> DecidedEntries {
    let entries: Vec<Entry> = entries.into_iter().filter(has_content).collect();
    let decisions = identity_match::decide_entries(&source.id, &entries, known);
    entries.into_iter().zip(decisions).collect()
}

/// Lists what was decided about one reading of `source`: of new entries those that will be kept.
pub(super) fn list_entries(
    source: &Source,
    decided: DecidedEntries,
    memory: &DecideInput<'_>,
    arrival: FeedTimes,
) -> EntryChanges {
    let mut listing = EntryChanges::default();
    let places = listing_times::assign_listing_times(source, &decided, memory.known, arrival);
    for ((entry, decision), place) in decided.into_iter().zip(places) {
        let Some(place) = place else { continue };
        listing.remembered.push(ObservedEntry {
            entry: SeenEntry {
                id: decision.id,
                listed_at: place,
                content_hash: decision.content_hash,
            },
            fingerprints: decision.fingerprints.clone(),
        });
        let before = match decision.status {
            EntryStatus::New => {
                let new = new_entry(source, entry, decision, (place, arrival.now));
                listing.new.push(new);
                continue;
            }
            EntryStatus::Changed(before) | EntryStatus::Same(before) => before,
            EntryStatus::Repeated(_) => continue,
        };
        listing.known_count += 1;
        let is_changed = matches!(decision.status, EntryStatus::Changed(_));
        if !is_changed && memory.known.kept.contains(&(before.listed_at, before.id)) {
            continue;
        }
        match (memory.earlier)(&before) {
            // It was dropped, and is kept again at its place: its publisher still lists it.
            None => {
                let place = place.min(arrival.now);
                let again = new_entry(source, entry, decision, (place, arrival.now));
                listing.restored.push(again);
            }
            Some(earlier) if is_changed => {
                let mut entry = entry;
                if source.full_text {
                    full_text_queue::preserve_page_text(&mut entry, &earlier.entry);
                }
                listing.changed.push(changed_entry(earlier, entry, decision, arrival.now));
            }
            Some(_) => {}
        }
    }
    listing.drop_beyond_retention(memory);
    listing
}

/// Nobody can be shown an entry without a title, a text, a link or a file.
fn has_content(entry: &Entry) -> bool {
    !entry.title.is_empty()
        || entry.summary.is_some()
        || entry.content.is_some()
        || entry.link.is_some()
        || !entry.enclosures.is_empty()
}

fn new_entry(
    source: &Source,
    entry: Entry,
    decision: EntryDecision,
    (listed_at, now): (Timestamp, Timestamp),
) -> StoredEntry {
    let changed_at = entry.updated_at.filter(|at| *at > listed_at && *at <= now);
    StoredEntry {
        id: decision.id,
        source: source.id.clone(),
        first_seen_at: now,
        listed_at,
        changed_at: changed_at.unwrap_or(listed_at),
        revision: 0,
        fingerprints: decision.fingerprints,
        content_hash: decision.content_hash,
        entry,
    }
}

/// Whether nothing but the categories are other ones: which of them say nothing is our judgement and the
/// operator's, too.
fn only_categories_differ(earlier: &Entry, entry: &Entry) -> bool {
    let same = Entry { categories: entry.categories.clone(), ..earlier.clone() };
    content_hash(&same) == content_hash(entry)
}

/// The same entry with its new text: id and place stay, `changed_at` moves on. Other categories are taken
/// over in silence.
fn changed_entry(
    earlier: StoredEntry,
    entry: Entry,
    decision: EntryDecision,
    now: Timestamp,
) -> StoredEntry {
    let is_quiet = only_categories_differ(&earlier.entry, &entry);
    let changed_at = if earlier.revision < MAX_REVISIONS && !is_quiet {
        let claimed = entry.updated_at.filter(|at| *at > earlier.changed_at && *at <= now);
        claimed.unwrap_or(now)
    } else {
        earlier.changed_at
    };
    // What was published does not move forward in time: an edit has a date of its own, and «منذ يومين» is
    // the less exact the later it is read.
    let said = [entry.published_at, earlier.entry.published_at];
    let published_at = said.into_iter().flatten().min();
    let entry = Entry { published_at, ..entry };
    StoredEntry {
        changed_at,
        revision: earlier.revision.saturating_add(u32::from(!is_quiet)),
        fingerprints: decision.fingerprints,
        content_hash: decision.content_hash,
        entry,
        ..earlier
    }
}
