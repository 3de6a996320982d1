//! Entries → what the decision about their stories needs of their texts, computed on a reader's thread; the
//! writer, which decides about stories one entry after another, finds it by a number of the texts.
//!
//! What the writer does not find it computes itself: the text of an article's page that came later, an entry
//! that looked known. So what is prepared changes the time of a decision, never the decision.

use std::collections::BTreeMap;

use rafid_feed::hash::hash_source;
use rafid_feed::model::{Entry, SafeHtml};

use crate::story::{StoryFeatures, StoryVectors};

/// The features of texts, and the vectors with which they are computed.
#[derive(Debug)]
pub(in crate::poller) struct StoryTexts {
    vectors: StoryVectors,
    /// By the number of the texts.
    prepared: BTreeMap<u64, StoryFeatures>,
}

impl StoryTexts {
    /// Nothing is prepared yet.
    pub(in crate::poller) fn new(vectors: StoryVectors) -> Self {
        Self { vectors, prepared: BTreeMap::new() }
    }

    /// The vectors of the features.
    pub(super) fn vectors(&self) -> &StoryVectors {
        &self.vectors
    }

    /// Prepares an entry.
    pub(super) fn prepare(&mut self, entry: &Entry) {
        let features = StoryFeatures::from_entry(entry, self.vectors.vectors());
        self.prepared.insert(text_number(entry), features);
    }

    /// Those of two documents; `None`: no output shows stories.
    pub(in crate::poller) fn merge(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        match (one, other) {
            (Some(mut one), Some(mut other)) => {
                one.prepared.append(&mut other.prepared);
                Some(one)
            }
            (one, other) => one.or(other),
        }
    }

    /// The number of prepared entries.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.prepared.len()
    }

    /// The features of an entry.
    pub(super) fn take_features(&mut self, entry: &Entry) -> StoryFeatures {
        let is_prepared = !self.prepared.is_empty();
        let prepared = is_prepared.then(|| self.prepared.remove(&text_number(entry))).flatten();
        prepared.unwrap_or_else(|| StoryFeatures::from_entry(entry, self.vectors.vectors()))
    }
}

/// A number of all that an entry's features depend on. It is no defense against intent: a publisher who gives two of its
/// entries the same number gives one of them the features of the other's texts, and could as well give it these texts.
fn text_number(entry: &Entry) -> u64 {
    let texts = [&entry.summary, &entry.content];
    let texts = texts.map(|text| text.as_ref().map_or("", SafeHtml::as_str));
    // Each with its length.
    let title = hash_source(0, entry.title.as_str().as_bytes());
    texts.iter().fold(title, |number, text| hash_source(number, text.as_bytes()))
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

    fn prepared(entries: &[Entry]) -> StoryTexts {
        let mut texts = StoryTexts::new(StoryVectors::default());
        for entry in entries {
            texts.prepare(entry);
        }
        texts
    }

    #[test]
    fn features_are_those_of_the_texts_prepared_or_not() {
        let [one, other] = ["زلزال في الجزيرة", "حريق في السوق"].map(entry);
        let texts = [&one, &other].map(|entry| Some(prepared(std::slice::from_ref(entry))));
        let merged = texts.into_iter().chain([None]).reduce(StoryTexts::merge);
        let mut texts = merged.flatten().unwrap();
        let changed = Entry {
            content: Some(SafeHtml::from_trusted("<p>نص آخر</p>".to_owned())),
            ..other.clone()
        };
        for entry in [&one, &changed, &one] {
            let vectors = StoryVectors::default();
            let expected = StoryFeatures::from_entry(entry, vectors.vectors());
            assert_eq!(texts.take_features(entry), expected);
        }
        assert_eq!(texts.prepared.keys().copied().collect::<Vec<_>>(), [text_number(&other)]);
    }
}
