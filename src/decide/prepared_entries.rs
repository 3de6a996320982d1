//! The entries of a document → what their decision needs and nothing else changes: hashes of their content, and
//! how they are written. It is computed where the document is read, many at a time, so that the one thread that
//! decides only compares. What is missing here that thread computes itself.

use std::collections::BTreeMap;

use rafid_feed::model::Entry;

use super::content_hash::content_hash;
use crate::health::hijack::WritingSample;

/// What was computed of the entries of a document, by their place in it.
#[derive(Debug, Clone, Default)]
pub struct PreparedEntries {
    content_hashes: Vec<u64>,
    samples: BTreeMap<usize, WritingSample>,
}

impl PreparedEntries {
    /// The hashes of these entries, all of a document.
    pub fn new(entries: &[Entry]) -> Self {
        Self {
            content_hashes: entries.iter().map(content_hash).collect(),
            samples: BTreeMap::new(),
        }
    }

    /// The entries of the document, each with its hash.
    pub fn with_hashes<'e>(&self, entries: &'e [Entry]) -> impl Iterator<Item = (&'e Entry, u64)> {
        entries.iter().zip(&self.content_hashes).map(|(entry, hash)| (entry, *hash))
    }

    /// Adds how the entry at `place` is written.
    pub fn add_sample(&mut self, place: usize, sample: WritingSample) {
        self.samples.insert(place, sample);
    }

    /// The entries of a document that pass `is_accepted`, each with its hash and, if there is one, its sample.
    pub(super) fn attach_to(
        &self,
        entries: Vec<Entry>,
        is_accepted: fn(&Entry) -> bool,
    ) -> ListableEntries {
        let is_complete = self.content_hashes.len() == entries.len();
        let mut document = ListableEntries::default();
        for (place, entry) in entries.into_iter().enumerate() {
            if !is_accepted(&entry) {
                continue;
            }
            let prepared = self.content_hashes.get(place).filter(|_| is_complete).copied();
            let sample = self.samples.get(&place).filter(|_| is_complete).cloned();
            document.content_hashes.push(prepared.unwrap_or_else(|| content_hash(&entry)));
            document.samples.push(sample);
            document.entries.push(entry);
        }
        document
    }
}

/// Entries, with what was computed of each.
#[derive(Debug, Default)]
pub(super) struct ListableEntries {
    pub(super) entries: Vec<Entry>,
    pub(super) content_hashes: Vec<u64>,
    /// How each is written; `None`: it was not computed.
    pub(super) samples: Vec<Option<WritingSample>>,
}

#[cfg(test)]
mod tests {
    use rafid_feed::model::{Identity, IdentityKind, PlainText};

    use super::*;

    fn entry(title: &str) -> Entry {
        let identity =
            Identity { kind: IdentityKind::Guid, key: title.to_owned(), weaker_names: Vec::new() };
        Entry::titled(identity, PlainText::from_trusted(title.to_owned()))
    }

    fn sample(sells: bool) -> WritingSample {
        WritingSample { sells, ..WritingSample::default() }
    }

    #[test]
    fn what_was_computed_stays_with_its_entry() {
        let entries = [entry("زلزال"), entry(""), entry("حريق")];
        let mut prepared = PreparedEntries::new(&entries);
        prepared.add_sample(1, sample(false));
        prepared.add_sample(2, sample(true));
        let document = prepared.attach_to(entries.to_vec(), |entry| !entry.title.is_empty());
        assert_eq!(document.entries, [entries[0].clone(), entries[2].clone()]);
        assert_eq!(document.content_hashes, [&entries[0], &entries[2]].map(content_hash));
        assert_eq!(document.samples, [None, Some(sample(true))]);
    }

    #[test]
    fn what_was_computed_of_another_document_is_not_used() {
        let entries = [entry("زلزال"), entry("حريق")];
        let mut prepared = PreparedEntries::new(&entries[1..]);
        prepared.add_sample(0, sample(true));
        for prepared in [prepared, PreparedEntries::default()] {
            let document = prepared.attach_to(entries.to_vec(), |_| true);
            assert_eq!(document.content_hashes, [&entries[0], &entries[1]].map(content_hash));
            assert_eq!(document.samples, [None, None]);
        }
    }
}
