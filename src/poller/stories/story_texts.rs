//! Entries → what the decision about their stories needs of their texts, computed on a reader's thread; the
//! writer, which decides about stories one entry after another, finds it by the digest of the texts.
//!
//! What the writer does not find it computes itself: the text of an article's page that came later, an entry
//! that looked known. So what is prepared changes the time of a decision, never the decision.

use std::collections::BTreeMap;

use rafid_feed::hash::Digest;
use rafid_feed::model::{Entry, SafeHtml};

use crate::story::StoryFeatures;

/// The features of texts, by the digest of the texts.
#[derive(Debug, Default)]
pub(in crate::poller) struct StoryTexts(BTreeMap<[u8; 16], StoryFeatures>);

impl StoryTexts {
    /// Prepares an entry.
    pub(super) fn prepare(&mut self, entry: &Entry) {
        self.0.insert(text_digest(entry), StoryFeatures::from_entry(entry));
    }

    /// Those of two documents; `None`: no output shows stories.
    pub(in crate::poller) fn merge(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        match (one, other) {
            (Some(mut one), Some(mut other)) => {
                one.0.append(&mut other.0);
                Some(one)
            }
            (one, other) => one.or(other),
        }
    }

    /// The number of prepared entries.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The features of an entry.
    pub(super) fn take_features(&mut self, entry: &Entry) -> StoryFeatures {
        let prepared = if self.0.is_empty() { None } else { self.0.remove(&text_digest(entry)) };
        prepared.unwrap_or_else(|| StoryFeatures::from_entry(entry))
    }
}

/// The digest of all that an entry's features depend on.
fn text_digest(entry: &Entry) -> [u8; 16] {
    let mut digest = Digest::new("rafid story texts 1");
    digest.add_with_length(entry.title.as_str());
    for text in [&entry.summary, &entry.content] {
        digest.add_with_length(text.as_ref().map_or("", SafeHtml::as_str));
    }
    digest.to_128()
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
        let mut texts = StoryTexts::default();
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
            assert_eq!(texts.take_features(entry), StoryFeatures::from_entry(entry));
        }
        assert_eq!(texts.0.keys().copied().collect::<Vec<_>>(), [text_digest(&other)]);
    }
}
