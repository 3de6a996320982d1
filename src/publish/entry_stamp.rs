//! An entry and the information about its source → a hash of everything that a query can see of them. Results
//! about an entry (whether a rule excludes it, what of it is indexed) are cached with the stamp and computed
//! again when it changes.

use rafid_feed::hash::Digest;

use crate::model::{SourceInfo, StoredEntry};

/// A hash of an entry's current content, its full text included, and of what is published about its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct EntryStamp(u64);

impl EntryStamp {
    /// The stamp of an entry of a source with this information.
    pub(super) fn of(listed: &StoredEntry, info: Option<&SourceInfo>) -> Self {
        let mut digest = Digest::new("");
        digest.add(listed.content_hash.to_be_bytes());
        // A full text that arrives later changes only the revision.
        digest.add(listed.revision.to_be_bytes());
        let name = info.map_or("", |info| info.name.as_str());
        let categories = info.into_iter().flat_map(|info| &info.categories);
        let categories = categories.map(|it| it.name.as_str()).collect::<Vec<_>>().join("\n");
        let language = info.and_then(|info| info.language.as_ref());
        let language = language.map_or("", |language| language.as_str());
        let is_trusted = info.is_none_or(|info| info.believes_breaking);
        let breaking = if is_trusted { "" } else { "breaking is not believed" };
        for word in [listed.source.as_str(), name, &categories, language, breaking] {
            digest.add(word);
            digest.add("\0");
        }
        Self(digest.to_64())
    }

    /// The stamp as a number, for storing it.
    pub(super) fn bits(self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn everything_that_a_query_can_see_changes_the_stamp() {
        let (listed, info) = (sample::listed("a", "1", "خبر"), sample::info("a"));
        let stamp = EntryStamp::of(&listed, Some(&info));
        assert_eq!(EntryStamp::of(&listed.clone(), Some(&info.clone())), stamp);
        let other_entries = [
            StoredEntry { revision: 1, ..listed.clone() },
            StoredEntry { content_hash: 7, ..listed.clone() },
        ];
        let other_infos = [
            SourceInfo { name: "اسم آخر".to_owned(), ..info.clone() },
            SourceInfo { categories: Vec::new(), ..info.clone() },
            SourceInfo { language: None, ..info.clone() },
            SourceInfo { believes_breaking: false, ..info.clone() },
        ];
        let mut stamps = vec![stamp, EntryStamp::of(&listed, None)];
        stamps.extend(other_entries.iter().map(|listed| EntryStamp::of(listed, Some(&info))));
        stamps.extend(other_infos.iter().map(|info| EntryStamp::of(&listed, Some(info))));
        let count = stamps.len();
        stamps.sort_unstable_by_key(|stamp| stamp.bits());
        stamps.dedup();
        assert_eq!(stamps.len(), count);
    }
}
