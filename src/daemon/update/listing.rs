//! Entries of one reading, decided → what is listed anew, what changes in place, and the names under
//! which all of them are remembered.

use jiff::Timestamp;

use super::Memory;
use crate::daemon::store::Remembered;
use crate::feed::model::{Assignment, Entry, Known, KnownEntry, ListedEntry, Source};
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
    pub(super) remembered: Vec<Remembered>,
}

impl Listing {
    /// Whether an entry of the reading was known before. `None`: nothing was.
    pub(super) fn has_known(&self, known: &Known) -> Option<bool> {
        let is_any_known = !known.by_fingerprint.is_empty();
        is_any_known.then_some(self.remembered.len() > self.new.len())
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

/// Lists what was decided about one reading of `source`.
pub(super) fn list(
    source: &Source,
    decided: Decided,
    memory: &Memory<'_>,
    now: Timestamp,
) -> Listing {
    let mut listing = Listing::default();
    for (entry, decision) in decided {
        let Some(place) = place(&entry, &decision, now) else { continue };
        listing.remembered.push(Remembered {
            entry: KnownEntry {
                id: decision.id,
                listed_at: place,
                content_hash: decision.content_hash,
            },
            fingerprints: decision.fingerprints.clone(),
        });
        match decision.assignment {
            Assignment::New => {
                listing.new.push(first_listing(source, entry, decision, place, now));
            }
            // An entry that was pruned stays pruned, whatever its publisher changes.
            Assignment::Changed(before) => {
                if let Some(earlier) = (memory.earlier)(&before) {
                    let mut entry = entry;
                    if source.full_text {
                        pages::keep(&mut entry, &earlier.entry);
                    }
                    listing.changed.push(next_listing(earlier, entry, decision, now));
                }
            }
            Assignment::Same(_) | Assignment::Repeated(_) => {}
        }
    }
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

/// An entry's place in time, which never moves. `None`: it is a second copy.
fn place(entry: &Entry, decision: &Decision, now: Timestamp) -> Option<Timestamp> {
    match decision.assignment {
        Assignment::New => {
            Some(entry.published_at.or(entry.updated_at).map_or(now, |claimed| claimed.min(now)))
        }
        Assignment::Changed(before) | Assignment::Same(before) => Some(before.listed_at),
        Assignment::Repeated(_) => None,
    }
}

fn first_listing(
    source: &Source,
    entry: Entry,
    decision: Decision,
    listed_at: Timestamp,
    now: Timestamp,
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

/// The same entry with its new text: id and place stay, `changed_at` moves on.
fn next_listing(
    earlier: ListedEntry,
    entry: Entry,
    decision: Decision,
    now: Timestamp,
) -> ListedEntry {
    let changed_at = if earlier.revision < MOST_REVISIONS {
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
        revision: earlier.revision.saturating_add(1),
        fingerprints: decision.fingerprints,
        content_hash: decision.content_hash,
        entry,
        ..earlier
    }
}
