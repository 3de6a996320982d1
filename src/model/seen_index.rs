//! The entries that were seen in a source, by the fingerprints that identify them.

use std::cmp::Reverse;

use jiff::Timestamp;

use super::{EntryId, Fingerprint, ObservedEntry, SeenEntry};

/// What the store knows about the entries of one source: every fingerprint of every entry. Several
/// fingerprints may belong to one entry.
///
/// Each poll with news makes one of all remembered entries, a thousand of most sources: sorted lists take a fifth of the
/// time of trees.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SeenIndex {
    entries: Vec<SeenEntry>,
    /// Fingerprints in their order, each with the place of its entry.
    names: Vec<(Fingerprint, usize)>,
    /// `listed_at` and id of those that are still stored, in this order.
    kept: Vec<(Timestamp, EntryId)>,
}

/// The fingerprints of most entries: of the guid, the link and the title.
const USUAL_NAMES: usize = 3;

/// An entry as the store remembers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RememberedEntry {
    /// Its values, and its fingerprints.
    pub seen: ObservedEntry,
    /// Whether it is still stored, not only remembered.
    pub is_kept: bool,
}

impl SeenIndex {
    /// Whether no fingerprint is known: nothing of the source was read yet.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The entry that a fingerprint identifies.
    pub fn find(&self, name: Fingerprint) -> Option<SeenEntry> {
        let at = self.names.binary_search_by_key(&name, |(name, _)| *name).ok()?;
        let (_, place) = self.names.get(at)?;
        self.entries.get(*place).copied()
    }

    /// Every fingerprint with its entry, in the order of the fingerprints.
    pub fn names(&self) -> impl Iterator<Item = (Fingerprint, SeenEntry)> {
        let entry = |place: usize| self.entries.get(place).copied();
        self.names.iter().filter_map(move |(name, place)| Some((*name, entry(*place)?)))
    }

    /// All entries, in the order in which they were seen.
    pub fn entries(&self) -> &[SeenEntry] {
        &self.entries
    }

    /// Whether an entry is still stored.
    pub fn is_kept(&self, entry: &SeenEntry) -> bool {
        self.kept.binary_search(&(entry.listed_at, entry.id)).is_ok()
    }

    /// `listed_at` and id of the entries that are still stored, in this order.
    pub fn kept(&self) -> &[(Timestamp, EntryId)] {
        &self.kept
    }
}

/// A fingerprint identifies the last entry that has it.
impl Extend<RememberedEntry> for SeenIndex {
    fn extend<T: IntoIterator<Item = RememberedEntry>>(&mut self, remembered: T) {
        let remembered = remembered.into_iter();
        let (least, _) = remembered.size_hint();
        self.entries.reserve(least);
        self.names.reserve(least * USUAL_NAMES);
        for RememberedEntry { seen, is_kept } in remembered {
            let place = self.entries.len();
            self.entries.push(seen.entry);
            self.names.extend(seen.fingerprints.into_iter().map(|name| (name, place)));
            if is_kept {
                self.kept.push((seen.entry.listed_at, seen.entry.id));
            }
        }
        self.names.sort_unstable_by_key(|(name, place)| (*name, Reverse(*place)));
        self.names.dedup_by_key(|(name, _)| *name);
        self.kept.sort_unstable();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_identifies_the_last_entry_that_has_it() {
        let entry = |number: u8| SeenEntry {
            id: EntryId::from_bytes([number; 16]),
            listed_at: Timestamp::from_second(100 - i64::from(number)).unwrap(),
            content_hash: u64::from(number),
        };
        let remembered = |number, fingerprints: &[Fingerprint], is_kept| RememberedEntry {
            seen: ObservedEntry { entry: entry(number), fingerprints: fingerprints.to_vec() },
            is_kept,
        };
        let mut known = SeenIndex::default();
        assert!(known.is_empty());
        known.extend([remembered(1, &[7, 3], true), remembered(2, &[5], false)]);
        known.extend([remembered(3, &[3, 9], true)]);
        let names: Vec<_> = known.names().map(|(name, entry)| (name, entry.content_hash)).collect();
        assert_eq!(names, [(3, 3), (5, 2), (7, 1), (9, 3)]);
        assert_eq!((known.find(7), known.find(4)), (Some(entry(1)), None));
        assert_eq!([1, 2, 3].map(|number| known.is_kept(&entry(number))), [true, false, true]);
        assert_eq!(known.kept(), [3, 1].map(|number| (entry(number).listed_at, entry(number).id)));
        assert_eq!((known.entries().len(), known.is_empty()), (3, false));
    }
}
