//! Entries of one reading, decided → what is listed anew, what changes in place, what was dropped and is
//! kept again as it is still listed, and the names under which all of them are remembered.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{Memory, places};
use crate::daemon::store::Remembered;
use crate::feed::model::{Assignment, Entry, EntryId, Known, KnownEntry, ListedEntry, Source};
use crate::feed::pages;
use crate::feed::relate::{self, Decision};

/// Changes of one entry that move its `changed_at`. Some publishers rewrite an entry at every fetch
/// (counters, advertisements): after that, the text is kept current and nobody is told.
const MOST_REVISIONS: u32 = 24;

/// What becomes of one reading's entries.
#[derive(Debug, Default)]
pub(super) struct Listing {
    pub(super) new: Vec<ListedEntry>,
    pub(super) changed: Vec<ListedEntry>,
    pub(super) restored: Vec<ListedEntry>,
    pub(super) remembered: Vec<Remembered>,
    /// Entries of the reading that were known before.
    known_count: usize,
}

/// When a reading came.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrival {
    pub(super) now: Timestamp,
    /// The feed's own date.
    pub(super) feed_at: Option<Timestamp>,
}

impl Listing {
    /// Whether an entry of the reading was known before. `None`: nothing was.
    pub(super) fn has_known(&self, known: &Known) -> Option<bool> {
        let is_any_known = !known.by_fingerprint.is_empty();
        is_any_known.then_some(self.known_count > 0)
    }

    /// Leaves out what would not be kept, as newer entries take all the room that the source has.
    fn leave_out_beyond(&mut self, memory: &Memory<'_>) {
        let place = |listed: &ListedEntry| (listed.listed_at, listed.id);
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
pub(super) type Decided = Vec<(Entry, Decision)>;

/// Decides about the entries of one reading of `source`.
pub(super) fn decide(source: &Source, entries: Vec<Entry>, known: &Known) -> Decided {
    let entries: Vec<Entry> = entries.into_iter().filter(is_worth_showing).collect();
    let decisions = relate::decide(&source.id, &entries, known);
    entries.into_iter().zip(decisions).collect()
}

/// Lists what was decided about one reading of `source`: of new entries those that will be kept.
pub(super) fn list(
    source: &Source,
    decided: Decided,
    memory: &Memory<'_>,
    arrival: Arrival,
) -> Listing {
    let mut listing = Listing::default();
    let places = places::of(source, &decided, memory.known, arrival);
    for ((entry, decision), place) in decided.into_iter().zip(places) {
        let Some(place) = place else { continue };
        listing.remembered.push(Remembered {
            entry: KnownEntry {
                id: decision.id,
                listed_at: place,
                content_hash: decision.content_hash,
            },
            fingerprints: decision.fingerprints.clone(),
        });
        let before = match decision.assignment {
            Assignment::New => {
                let new = first_listing(source, entry, decision, (place, arrival.now));
                listing.new.push(new);
                continue;
            }
            Assignment::Changed(before) | Assignment::Same(before) => before,
            Assignment::Repeated(_) => continue,
        };
        listing.known_count += 1;
        let is_changed = matches!(decision.assignment, Assignment::Changed(_));
        if !is_changed && memory.known.kept.contains(&(before.listed_at, before.id)) {
            continue;
        }
        match (memory.earlier)(&before) {
            // It was dropped, and is kept again at its place: its publisher still lists it.
            None => {
                let place = place.min(arrival.now);
                let again = first_listing(source, entry, decision, (place, arrival.now));
                listing.restored.push(again);
            }
            Some(earlier) if is_changed => {
                let mut entry = entry;
                if source.full_text {
                    pages::keep(&mut entry, &earlier.entry);
                }
                listing.changed.push(next_listing(earlier, entry, decision, arrival.now));
            }
            Some(_) => {}
        }
    }
    listing.leave_out_beyond(memory);
    listing
}

/// Nobody can be shown an entry without a title, a text, a link or a file.
fn is_worth_showing(entry: &Entry) -> bool {
    !entry.title.is_empty()
        || entry.summary.is_some()
        || entry.content.is_some()
        || entry.link.is_some()
        || !entry.enclosures.is_empty()
}

fn first_listing(
    source: &Source,
    entry: Entry,
    decision: Decision,
    (listed_at, now): (Timestamp, Timestamp),
) -> ListedEntry {
    let changed_at = entry.updated_at.filter(|at| *at > listed_at && *at <= now);
    ListedEntry {
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
fn differ_in_categories(earlier: &Entry, entry: &Entry) -> bool {
    let same = Entry { categories: entry.categories.clone(), ..earlier.clone() };
    relate::content_hash(&same) == relate::content_hash(entry)
}

/// The same entry with its new text: id and place stay, `changed_at` moves on. Other categories are taken
/// over in silence.
fn next_listing(
    earlier: ListedEntry,
    entry: Entry,
    decision: Decision,
    now: Timestamp,
) -> ListedEntry {
    let is_quiet = differ_in_categories(&earlier.entry, &entry);
    let changed_at = if earlier.revision < MOST_REVISIONS && !is_quiet {
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
    ListedEntry {
        changed_at,
        revision: earlier.revision.saturating_add(u32::from(!is_quiet)),
        fingerprints: decision.fingerprints,
        content_hash: decision.content_hash,
        entry,
        ..earlier
    }
}
