//! The entries of a document → the features of those that are new, computed on a reader's thread; the writer,
//! which decides about stories one entry after another, finds them by the digest of the texts.
//!
//! What the writer does not find it computes itself: the text of an article's page that came later, an entry
//! that looked known. So what is prepared changes the time of a decision, never the decision.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rafid_feed::hash::Digest;
use rafid_feed::model::{Entry, SafeHtml};

use crate::decide::content_hash::content_hash;
use crate::ingest::PollResources;
use crate::model::{SeenIndex, SourceId};
use crate::store::Store;
use crate::story::{StoryFeatures, WINDOW};

/// The features of texts, by the digest of the texts.
#[derive(Debug, Default)]
pub(super) struct StoryTexts(BTreeMap<[u8; 16], StoryFeatures>);

impl StoryTexts {
    /// Prepares those entries of a document of `source` that the store does not know as they are, and that
    /// are young enough to belong to a story.
    pub(super) async fn prepare(
        resources: &PollResources,
        store: &Store,
        source: &SourceId,
        entries: &[Entry],
        now: Timestamp,
    ) -> Self {
        if entries.is_empty() {
            return Self::default();
        }
        // Without it all entries look new; the writer will report the error.
        let known = store.seen_index(source).unwrap_or_default();
        let copies: Vec<Entry> = new_entries(entries, &known, now).map(copy_texts).collect();
        if copies.is_empty() {
            return Self::default();
        }
        let prepare = |entry: &Entry| (text_digest(entry), StoryFeatures::from_entry(entry));
        let prepared =
            resources.run_blocking(move || copies.iter().map(prepare).collect::<BTreeMap<_, _>>());
        Self(prepared.await.unwrap_or_default())
    }

    /// Those of two documents; `None`: no output shows stories.
    pub(super) fn merge(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        match (one, other) {
            (Some(mut one), Some(mut other)) => {
                one.0.append(&mut other.0);
                Some(one)
            }
            (one, other) => one.or(other),
        }
    }

    /// The features of an entry.
    pub(super) fn take_features(&mut self, entry: &Entry) -> StoryFeatures {
        let prepared = if self.0.is_empty() { None } else { self.0.remove(&text_digest(entry)) };
        prepared.unwrap_or_else(|| StoryFeatures::from_entry(entry))
    }
}

fn new_entries<'e>(
    entries: &'e [Entry],
    known: &SeenIndex,
    now: Timestamp,
) -> impl Iterator<Item = &'e Entry> {
    let hashes: BTreeSet<u64> =
        known.by_fingerprint.values().map(|known| known.content_hash).collect();
    entries.iter().filter(move |entry| {
        let claimed = entry.published_at.or(entry.updated_at);
        let is_young = claimed.is_none_or(|claimed| now.duration_since(claimed) <= WINDOW);
        is_young && (hashes.is_empty() || !hashes.contains(&content_hash(entry)))
    })
}

/// A copy of what an entry's features depend on.
fn copy_texts(entry: &Entry) -> Entry {
    Entry {
        summary: entry.summary.clone(),
        content: entry.content.clone(),
        ..Entry::titled(entry.identity.clone(), entry.title.clone())
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
    use crate::model::{EntryId, SeenEntry};

    fn entry(title: &str, published_at: Option<&str>) -> Entry {
        let identity =
            Identity { kind: IdentityKind::Guid, key: title.to_owned(), weaker_names: Vec::new() };
        let published_at = published_at.map(|at| at.parse().unwrap());
        Entry { published_at, ..Entry::titled(identity, PlainText::from_trusted(title.to_owned())) }
    }

    fn prepared(entries: &[Entry]) -> StoryTexts {
        let prepared =
            entries.iter().map(|entry| (text_digest(entry), StoryFeatures::from_entry(entry)));
        StoryTexts(prepared.collect())
    }

    #[test]
    fn entries_that_are_new_and_young_are_prepared() {
        let now: Timestamp = "2026-11-30T10:00:00Z".parse().unwrap();
        let entries = [
            entry("زلزال في الجزيرة", None),
            entry("حريق في السوق", Some("2026-11-30T08:00:00Z")),
            entry("قمة في العاصمة", Some("2026-11-27T09:59:59Z")),
            entry("موعد في الغد", Some("2026-12-01T08:00:00Z")),
        ];
        let check = |known: &SeenIndex, expected: &[usize]| {
            let found: Vec<&Entry> = new_entries(&entries, known, now).collect();
            let expected: Vec<&Entry> = expected.iter().map(|at| &entries[*at]).collect();
            assert_eq!(found, expected);
        };
        let mut known = SeenIndex::default();
        check(&known, &[0, 1, 3]);
        for (number, content_hash) in [(1, content_hash(&entries[0])), (2, 7)] {
            let seen =
                SeenEntry { id: EntryId::from_bytes([number; 16]), listed_at: now, content_hash };
            known.by_fingerprint.insert(u64::from(number), seen);
        }
        check(&known, &[1, 3]);
    }

    #[test]
    fn features_are_those_of_the_texts_prepared_or_not() {
        let [one, other] = ["زلزال في الجزيرة", "حريق في السوق"].map(|title| entry(title, None));
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
        assert_eq!(copy_texts(&changed).content, changed.content);
    }
}
