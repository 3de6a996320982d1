//! Decided entries of one document → the entries to add, to update in place, and to store again although they
//! were pruned, and what to remember of all of them.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rafid_feed::model::Entry;

use super::basis::DecisionBasis;
use super::content_hash::content_hash;
use super::decided_feed::DecidedEntries;
use super::full_text_queue;
use super::identity_match::EntryDecision;
use super::listing_times::{self, FeedTimes};
use crate::model::{EntryStatus, ObservedEntry, SeenEntry, SeenIndex, Source, StoredEntry};

/// How many changes of one entry update its `changed_at`. Some publishers rewrite an entry for every request
/// (counters, advertisements): further changes update only the text.
const MAX_REVISIONS: u32 = 24;

/// What one document changes.
#[derive(Debug, Default)]
pub struct EntryChanges {
    /// Entries that were never seen, of those that will be kept.
    pub new: Vec<StoredEntry>,
    /// Entries that are updated in place.
    pub changed: Vec<StoredEntry>,
    /// Entries that were pruned and are stored again, as they are still in the feed.
    pub restored: Vec<StoredEntry>,
    /// All entries of the document, to remember them.
    pub observed: Vec<ObservedEntry>,
    /// How many entries of the document were known before.
    known_count: usize,
}

impl EntryChanges {
    /// Only updates in place.
    pub fn with_changed(changed: Vec<StoredEntry>) -> Self {
        Self { changed, ..Self::default() }
    }

    /// Whether an entry is new or changed.
    pub(super) fn has_news(&self) -> bool {
        !self.new.is_empty() || !self.changed.is_empty()
    }

    /// Whether an entry of the document was known before. `None`: no entry of the source was.
    pub(super) fn has_known(&self, known: &SeenIndex) -> Option<bool> {
        let is_any_known = !known.is_empty();
        is_any_known.then_some(self.known_count > 0)
    }

    /// Leaves out entries that would be pruned at once, because the source has enough newer ones.
    fn drop_beyond_retention(&mut self, basis: &DecisionBasis<'_>) {
        let position = |listed: &StoredEntry| (listed.listed_at, listed.id);
        let kept = basis.known.kept();
        let at_most = basis.retention.entries;
        if self.new.len() + self.restored.len() + kept.len() <= at_most || at_most == 0 {
            return;
        }
        let added: BTreeSet<_> = self.new.iter().chain(&self.restored).map(position).collect();
        let mut all: Vec<_> = kept.iter().copied().filter(|it| !added.contains(it)).collect();
        all.extend(added);
        let Some(beyond) = all.len().checked_sub(at_most) else { return };
        let (_, last, _) = all.select_nth_unstable(beyond);
        self.new.retain(|listed| position(listed) >= *last);
        self.restored.retain(|listed| position(listed) >= *last);
    }
}

/// Makes the changes from the decided entries of one document of `source`.
pub(super) fn list_entries(
    source: &Source,
    entries: DecidedEntries,
    basis: &DecisionBasis<'_>,
    times: FeedTimes,
) -> EntryChanges {
    let mut changes = EntryChanges::default();
    let now = times.now;
    let listing_times = listing_times::assign_listing_times(source, &entries, basis.known, times);
    for ((entry, decision), listed_at) in entries.into_iter().zip(listing_times) {
        let Some(listed_at) = listed_at else { continue };
        changes.observed.push(ObservedEntry {
            entry: SeenEntry { id: decision.id, listed_at, content_hash: decision.content_hash },
            fingerprints: decision.fingerprints.clone(),
        });
        let before = match decision.status {
            EntryStatus::New => {
                changes.new.push(new_entry(source, entry, decision, (listed_at, now)));
                continue;
            }
            EntryStatus::Changed(before) | EntryStatus::Same(before) => before,
            EntryStatus::Repeated(_) => continue,
        };
        changes.known_count += 1;
        let is_changed = matches!(decision.status, EntryStatus::Changed(_));
        if !is_changed && basis.known.is_kept(&before) {
            continue;
        }
        match basis.stored.get(&before.id) {
            // It was pruned, and is stored again with its old listing time: it is still in the feed.
            None => {
                let listed_at = listed_at.min(now);
                changes.restored.push(new_entry(source, entry, decision, (listed_at, now)));
            }
            Some(earlier) if is_changed => {
                let mut entry = entry;
                if source.full_text {
                    full_text_queue::preserve_page_text(&mut entry, &earlier.entry);
                }
                changes.changed.push(changed_entry(earlier.clone(), entry, decision, now));
            }
            Some(_) => {}
        }
    }
    changes.drop_beyond_retention(basis);
    changes
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

/// Whether only the categories differ: they also change when the program or the operator filters them in a
/// different way.
fn only_categories_differ(earlier: &Entry, entry: &Entry) -> bool {
    let same = Entry { categories: entry.categories.clone(), ..earlier.clone() };
    content_hash(&same) == content_hash(entry)
}

/// The same entry with its new content: id and listing time stay, `changed_at` advances. If only the
/// categories differ, `changed_at` and the revision stay, too.
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
    // The publication date never moves forward: an edit has its own date, and the later «منذ يومين» is read,
    // the less exact it is.
    let dates = [entry.published_at, earlier.entry.published_at];
    let published_at = dates.into_iter().flatten().min();
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

#[cfg(test)]
mod tests {
    use rafid_feed::model::{Identity, IdentityKind, PlainText};

    use super::*;
    use crate::model::{EntryId, SourceId};

    fn titled(title: &str) -> Entry {
        let identity =
            Identity { kind: IdentityKind::Guid, key: "a".to_owned(), weaker_names: Vec::new() };
        Entry::titled(identity, PlainText::from_trusted(title.to_owned()))
    }

    /// A publisher that rewrites an entry for every request must not keep it at the top.
    #[test]
    fn only_the_first_changes_of_an_entry_move_it() {
        let at = |second| Timestamp::from_second(1_000_000 + second).unwrap();
        let entry = titled("0");
        let id = EntryId::for_identity(&SourceId::new("a").unwrap(), &entry.identity);
        let mut listed = StoredEntry {
            id,
            source: SourceId::new("a").unwrap(),
            first_seen_at: at(0),
            listed_at: at(0),
            changed_at: at(0),
            revision: 0,
            fingerprints: Vec::new(),
            content_hash: 0,
            entry,
        };
        for number in 1..=30 {
            let decision = EntryDecision {
                status: EntryStatus::New,
                id,
                content_hash: 0,
                fingerprints: Vec::new(),
                reason: "",
            };
            let now = at(i64::from(number));
            listed = changed_entry(listed, titled(&number.to_string()), decision, now);
            assert_eq!(listed.revision, number);
            assert_eq!(listed.entry.title.as_str(), number.to_string(), "the text stays current");
            assert_eq!(listed.changed_at, at(i64::from(number.min(24))), "change {number}");
        }
    }
}
