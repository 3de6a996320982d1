//! An entry's picture and files → the elements of Media RSS (rssboard.org/media-rss) that RSS and
//! Atom carry them in, as names and attributes.

use std::collections::BTreeMap;

use rafid_feed::model::{Enclosure, Image};

use super::{href, xml_text};

/// The namespace, and the prefix that everybody uses for it.
pub(super) const NAMESPACE: (&str, &str) = ("media", "http://search.yahoo.com/mrss/");

/// The attributes of `media:thumbnail`.
pub(super) fn thumbnail_attributes(image: &Image) -> BTreeMap<String, String> {
    let mut attributes = BTreeMap::from([("url".to_owned(), href::encode_href(&image.url))]);
    let sizes = [("width", image.width), ("height", image.height)];
    for (name, pixels) in sizes {
        attributes.extend(pixels.map(|pixels| (name.to_owned(), pixels.to_string())));
    }
    attributes
}

/// The attributes of `media:content`, for files beyond the one that RSS has a place for.
pub(super) fn content_attributes(file: &Enclosure) -> BTreeMap<String, String> {
    let mut attributes = BTreeMap::from([("url".to_owned(), href::encode_href(&file.url))]);
    let facts = [
        ("type", file.media_type.as_deref().map(xml_text::xml_line)),
        ("fileSize", file.length_bytes.map(|bytes| bytes.to_string())),
        ("duration", file.duration_seconds.map(|seconds| seconds.to_string())),
    ];
    for (name, fact) in facts {
        attributes.extend(fact.map(|fact| (name.to_owned(), fact)));
    }
    attributes
}
