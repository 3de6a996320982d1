//! An entry → the hash of what is published of it: a change here, and only here, is a change to
//! subscribers. Versioned, so that a new program does not call every old entry changed in silence.

use super::first_64_bits;
use crate::feed::model::{Entry, SafeHtml};

/// Raised when the fields or their order below change.
const VERSION: &[u8] = b"rafid content 1";

/// The hash over title, texts, link, dates, people, categories, files and picture. The publisher's
/// `updated_at` alone is no change: some feeds move it at every fetch.
pub fn content_hash(entry: &Entry) -> u64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(VERSION);
    let mut field = |name: u8, value: &str| {
        hasher.update(&[0, name]);
        hasher.update(value.as_bytes());
    };
    field(1, entry.title.as_str());
    field(2, entry.link.as_deref().unwrap_or_default());
    field(3, entry.summary.as_ref().map(SafeHtml::as_str).unwrap_or_default());
    field(4, entry.content.as_ref().map(SafeHtml::as_str).unwrap_or_default());
    if let Some(at) = entry.published_at {
        field(5, &at.to_string());
    }
    for author in &entry.authors {
        field(6, author.name.as_str());
    }
    for category in &entry.categories {
        field(7, category.as_str());
    }
    for enclosure in &entry.enclosures {
        field(8, &enclosure.url);
    }
    if let Some(image) = &entry.image {
        field(9, &image.url);
    }
    first_64_bits(&hasher)
}
