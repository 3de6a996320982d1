//! A document that was read → what the writer needs to know of its entries, computed on a reader's thread: the
//! hash of each, and of those that are new also how they are written and what stories compare of their texts.
//!
//! The writer computes what it does not find: what is prepared changes the time of a decision, never the decision.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rafid_feed::model::Entry;
use rafid_feed::pipeline::ParsedFeed;

use super::story_texts::StoryTexts;
use crate::decide::prepared_entries::PreparedEntries;
use crate::health::hijack;
use crate::ingest::PollResources;
use crate::model::{SeenIndex, SourceId};
use crate::store::Store;
use crate::story::{StoryVectors, WINDOW};

/// What was prepared of a document.
#[derive(Debug, Default)]
pub(in crate::poller) struct PreparedDocument {
    /// Of its entries.
    pub(in crate::poller) entries: PreparedEntries,
    /// Of their texts; `None`: no output shows stories.
    pub(in crate::poller) texts: Option<StoryTexts>,
}

/// Prepares a document of a source; the texts only if stories are assigned, with these vectors. `None`: that panicked.
pub(in crate::poller) async fn prepare_document(
    resources: &PollResources,
    store: &Store,
    (source, stories): (&SourceId, Option<&StoryVectors>),
    reading: Box<ParsedFeed>,
    now: Timestamp,
) -> Option<(Box<ParsedFeed>, PreparedDocument)> {
    let (source, store, stories) = (source.clone(), store.clone(), stories.cloned());
    let prepare = move || {
        // Without it all entries look new; the writer will report the error.
        let known = store.seen_index(&source).unwrap_or_default();
        let prepared = prepare_entries(&reading.feed.entries, &known, stories, now);
        (reading, prepared)
    };
    resources.run_blocking(prepare).await
}

fn prepare_entries(
    entries: &[Entry],
    known: &SeenIndex,
    stories: Option<StoryVectors>,
    now: Timestamp,
) -> PreparedDocument {
    let mut prepared = PreparedEntries::new(entries);
    let unknown = unknown_entries(entries, &prepared, known);
    let mut texts = stories.map(StoryTexts::new);
    if let Some(texts) = &mut texts {
        for (_, entry) in unknown.iter().filter(|(_, entry)| is_young(entry, now)) {
            texts.prepare(entry);
        }
    }
    for (place, entry) in newest_of_document(unknown, now) {
        prepared.add_sample(place, hijack::sample_writing(entry));
    }
    PreparedDocument { entries: prepared, texts }
}

/// The entries that the store does not know as they are, each with its place in the document.
fn unknown_entries<'e>(
    entries: &'e [Entry],
    prepared: &PreparedEntries,
    known: &SeenIndex,
) -> Vec<(usize, &'e Entry)> {
    let hashes: BTreeSet<u64> = known.entries().iter().map(|known| known.content_hash).collect();
    let placed = prepared.with_hashes(entries).enumerate();
    placed
        .filter(|(_, (_, hash))| !hashes.contains(hash))
        .map(|(place, (entry, _))| (place, entry))
        .collect()
}

/// Whether an entry is young enough to belong to a story.
fn is_young(entry: &Entry, now: Timestamp) -> bool {
    let claimed = entry.published_at.or(entry.updated_at);
    claimed.is_none_or(|claimed| now.duration_since(claimed) <= WINDOW)
}

/// Those whose writing is recorded, as far as their dates are true.
fn newest_of_document(mut entries: Vec<(usize, &Entry)>, now: Timestamp) -> Vec<(usize, &Entry)> {
    entries.sort_by_key(|(_, entry)| entry.published_at.or(entry.updated_at).unwrap_or(now));
    hijack::newest_entries(&entries).to_vec()
}

#[cfg(test)]
mod tests {
    use rafid_feed::model::{Identity, IdentityKind, PlainText};

    use super::*;
    use crate::decide::content_hash::content_hash;
    use crate::model::{EntryId, ObservedEntry, RememberedEntry, SeenEntry};

    fn entry(title: &str, published_at: Option<&str>) -> Entry {
        let identity =
            Identity { kind: IdentityKind::Guid, key: title.to_owned(), weaker_names: Vec::new() };
        let published_at = published_at.map(|at| at.parse().unwrap());
        Entry { published_at, ..Entry::titled(identity, PlainText::from_trusted(title.to_owned())) }
    }

    #[test]
    fn what_is_unknown_and_young_is_prepared() {
        let now: Timestamp = "2026-11-30T10:00:00Z".parse().unwrap();
        let entries = [
            entry("زلزال في الجزيرة", None),
            entry("حريق في السوق", Some("2026-11-30T08:00:00Z")),
            entry("قمة في العاصمة", Some("2026-11-27T09:59:59Z")),
            entry("موعد في الغد", Some("2026-12-01T08:00:00Z")),
        ];
        let check = |known: &SeenIndex, expected: &[usize], young: &[usize]| {
            let prepared = PreparedEntries::new(&entries);
            let found = unknown_entries(&entries, &prepared, known);
            let places = |found: &[(usize, &Entry)]| -> Vec<usize> {
                found.iter().map(|(place, _)| *place).collect()
            };
            assert_eq!(places(&found), expected);
            let is_old = |(_, entry): &(usize, &Entry)| !is_young(entry, now);
            let young_ones: Vec<_> = found.into_iter().filter(|it| !is_old(it)).collect();
            assert_eq!(places(&young_ones), young);
            let count = |stories: Option<StoryVectors>| {
                prepare_entries(&entries, known, stories, now).texts.map(|texts| texts.len())
            };
            assert_eq!(count(Some(StoryVectors::off())), Some(young.len()));
            assert_eq!(count(None), None);
        };
        let mut known = SeenIndex::default();
        check(&known, &[0, 1, 2, 3], &[0, 1, 3]);
        for (number, content_hash) in [(1, content_hash(&entries[0])), (2, 7)] {
            let seen =
                SeenEntry { id: EntryId::from_bytes([number; 16]), listed_at: now, content_hash };
            let seen = ObservedEntry { entry: seen, fingerprints: vec![u64::from(number)] };
            known.extend([RememberedEntry { seen, is_kept: true }]);
        }
        check(&known, &[1, 2, 3], &[1, 3]);
    }

    #[test]
    fn the_newest_of_a_large_document_are_sampled() {
        let now: Timestamp = "2026-11-30T10:00:00Z".parse().unwrap();
        let at = |hour: i64| (now - jiff::SignedDuration::from_hours(hour)).to_string();
        let entries: Vec<Entry> =
            (0..30).map(|hour| entry(&hour.to_string(), Some(&at(hour)))).collect();
        let newest = newest_of_document(entries.iter().enumerate().collect(), now);
        let mut places: Vec<usize> = newest.into_iter().map(|(place, _)| place).collect();
        places.sort_unstable();
        assert_eq!(places, (0..places.len()).collect::<Vec<_>>());
        assert!(places.len() < entries.len(), "more would be recorded nowhere");
    }
}
