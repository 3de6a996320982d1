//! An entry's picture and files → the elements of Media RSS (rssboard.org/media-rss) that RSS and
//! Atom carry them in, as names and attributes.

use std::collections::BTreeMap;

use super::{clean, href};
use crate::feed::model::{Enclosure, Image};

/// The namespace, and the prefix that everybody uses for it.
pub(super) const NAMESPACE: (&str, &str) = ("media", "http://search.yahoo.com/mrss/");

/// The attributes of `media:thumbnail`.
pub(super) fn thumbnail(image: &Image) -> BTreeMap<String, String> {
    let mut attributes = BTreeMap::from([("url".to_owned(), href::of(&image.url))]);
    let sizes = [("width", image.width), ("height", image.height)];
    for (name, pixels) in sizes {
        attributes.extend(pixels.map(|pixels| (name.to_owned(), pixels.to_string())));
    }
    attributes
}

/// The attributes of `media:content`, for files beyond the one that RSS has a place for.
pub(super) fn content(file: &Enclosure) -> BTreeMap<String, String> {
    let mut attributes = BTreeMap::from([("url".to_owned(), href::of(&file.url))]);
    let facts = [
        ("type", file.media_type.as_deref().map(clean::line)),
        ("fileSize", file.length_bytes.map(|bytes| bytes.to_string())),
        ("duration", file.duration_seconds.map(|seconds| seconds.to_string())),
    ];
    for (name, fact) in facts {
        attributes.extend(fact.map(|fact| (name.to_owned(), fact)));
    }
    attributes
}
