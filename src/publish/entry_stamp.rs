//! An entry and the card of its source → a stamp that stands for everything that a query looks at. What was
//! once found out about an entry (whether a rule holds it back, what of it is indexed) is remembered under
//! it, and found out again where it is another.

use rafid_feed::hash::Digest;

use crate::model::{SourceInfo, StoredEntry};

/// Stands for an entry's words of now, its full text among them, and for what is said of its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct EntryStamp(u64);

impl EntryStamp {
    /// The stamp of an entry of a source with this card.
    pub(super) fn of(listed: &StoredEntry, card: Option<&SourceInfo>) -> Self {
        let mut digest = Digest::new("");
        digest.add(listed.content_hash.to_be_bytes());
        // A full text that comes later changes nothing else.
        digest.add(listed.revision.to_be_bytes());
        let name = card.map_or("", |card| card.name.as_str());
        let categories = card.into_iter().flat_map(|card| &card.categories);
        let categories = categories.map(|it| it.name.as_str()).collect::<Vec<_>>().join("\n");
        let language = card.and_then(|card| card.language.as_ref());
        let language = language.map_or("", |language| language.as_str());
        let is_believed = card.is_none_or(|card| card.believes_breaking);
        let breaking = if is_believed { "" } else { "breaking is not believed" };
        for word in [listed.source.as_str(), name, &categories, language, breaking] {
            digest.add(word);
            digest.add("\0");
        }
        Self(digest.to_64())
    }

    /// The same as a number, for keeping.
    pub(super) fn bits(self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn whatever_a_query_can_see_makes_another_stamp() {
        let (listed, card) = (sample::listed("a", "1", "خبر"), sample::card("a"));
        let stamp = EntryStamp::of(&listed, Some(&card));
        assert_eq!(EntryStamp::of(&listed.clone(), Some(&card.clone())), stamp);
        let other_entries = [
            StoredEntry { revision: 1, ..listed.clone() },
            StoredEntry { content_hash: 7, ..listed.clone() },
        ];
        let other_cards = [
            SourceInfo { name: "اسم آخر".to_owned(), ..card.clone() },
            SourceInfo { categories: Vec::new(), ..card.clone() },
            SourceInfo { language: None, ..card.clone() },
            SourceInfo { believes_breaking: false, ..card.clone() },
        ];
        let mut stamps = vec![stamp, EntryStamp::of(&listed, None)];
        stamps.extend(other_entries.iter().map(|listed| EntryStamp::of(listed, Some(&card))));
        stamps.extend(other_cards.iter().map(|card| EntryStamp::of(&listed, Some(card))));
        let count = stamps.len();
        stamps.sort_unstable_by_key(|stamp| stamp.bits());
        stamps.dedup();
        assert_eq!(stamps.len(), count);
    }
}
