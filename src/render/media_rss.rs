//! An entry's image and files → the Media RSS elements (rssboard.org/media-rss) for RSS and Atom, as names
//! and attributes.

use std::collections::BTreeMap;

use rafid_feed::model::{Enclosure, Image};

use super::{href, xml_text};

/// The namespace, and its usual prefix.
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

/// The attributes of `media:content`, for files beyond the one that RSS has a field for.
pub(super) fn content_attributes(file: &Enclosure) -> BTreeMap<String, String> {
    let mut attributes = BTreeMap::from([("url".to_owned(), href::encode_href(&file.url))]);
    let fields = [
        ("type", file.media_type.as_deref().map(xml_text::xml_line)),
        ("fileSize", file.length_bytes.map(|bytes| bytes.to_string())),
        ("duration", file.duration_seconds.map(|seconds| seconds.to_string())),
    ];
    for (name, value) in fields {
        attributes.extend(value.map(|value| (name.to_owned(), value)));
    }
    attributes
}
