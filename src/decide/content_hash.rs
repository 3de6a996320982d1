//! An entry → the hash of its published content: only a new hash counts as a change for subscribers.
//! The hash has a version, so that a new program does not silently treat every old entry as changed.

use rafid_feed::hash::Digest;
use rafid_feed::model::{Entry, EpisodeKind, SafeHtml};

/// Increase it when the fields or their order below change.
const VERSION: &str = "rafid content 2";

/// The hash of title, texts, link, authors, categories, enclosures, image and the values of an episode. Dates
/// are left out: some feeds change `updated` with every request, and some date every entry "now". Further images
/// and contributors are left out, too: they are no news.
pub fn content_hash(entry: &Entry) -> u64 {
    let mut digest = Digest::new(VERSION);
    let mut field = |name: u8, value: &str| {
        digest.add([0, name]);
        digest.add(value);
    };
    field(1, entry.title.as_str());
    field(2, entry.link.as_deref().unwrap_or_default());
    field(3, entry.summary.as_ref().map(SafeHtml::as_str).unwrap_or_default());
    field(4, entry.content.as_ref().map(SafeHtml::as_str).unwrap_or_default());
    for author in &entry.authors {
        field(5, author.name.as_str());
    }
    for category in &entry.categories {
        field(6, category.as_str());
    }
    for enclosure in &entry.enclosures {
        field(7, &enclosure.url);
    }
    if let Some(image) = &entry.image {
        field(8, &image.url);
    }
    // The transcript and the chapters of an episode come hours after it.
    if let Some(episode) = &entry.episode {
        let kind = episode.kind.map_or("", EpisodeKind::as_str);
        let numbers = (episode.season, episode.number, episode.is_explicit);
        field(9, &format!("{kind} {numbers:?}"));
        for transcript in &episode.transcripts {
            field(10, &transcript.url);
        }
        for chapter in &episode.chapters {
            field(11, &format!("{} {}", chapter.start_ms, chapter.title));
        }
        if let Some(file) = &episode.chapter_file {
            field(12, &file.url);
        }
        for participant in &episode.participants {
            field(13, participant.person.name.as_str());
        }
    }
    digest.to_64()
}
