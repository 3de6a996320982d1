//! An entry's images and files → the Media RSS elements (rssboard.org/media-rss) for RSS and Atom.

use std::collections::BTreeMap;

use rafid_feed::model::{Enclosure, Entry, Image};

use super::feed_elements::ExtensionElement;
use super::{href, xml_text};

/// The namespace, and its usual prefix.
pub(super) const NAMESPACE: (&str, &str) = ("media", "http://search.yahoo.com/mrss/");

/// The lead image of an entry; and all of its images with what they show, if `media:thumbnail` does not say
/// everything.
pub(super) fn image_elements(entry: &Entry) -> Vec<ExtensionElement> {
    let Some(lead) = &entry.image else { return Vec::new() };
    let attributes = size_attributes(lead);
    let mut elements =
        vec![ExtensionElement { attributes, ..ExtensionElement::new(NAMESPACE.0, "thumbnail") }];
    if !entry.more_images.is_empty() || lead.alt.is_some() || lead.credit.is_some() {
        let images = [lead].into_iter().chain(&entry.more_images);
        elements.extend(images.map(image_element));
    }
    elements
}

fn image_element(image: &Image) -> ExtensionElement {
    let mut attributes = size_attributes(image);
    attributes.insert("medium".to_owned(), "image".to_owned());
    let words = [("description", &image.alt), ("credit", &image.credit)];
    let children = words.into_iter().filter_map(|(local, words)| {
        let words = xml_text::xml_line(words.as_ref()?.as_str());
        let element = ExtensionElement::new(NAMESPACE.0, local).with_text(words);
        let is_typed = local == "description";
        Some(element.with_attribute("type", is_typed.then(|| "plain".to_owned())))
    });
    let children = children.collect();
    ExtensionElement { attributes, children, ..ExtensionElement::new(NAMESPACE.0, "content") }
}

/// The files of an entry beyond the one that RSS has a field for.
pub(super) fn further_files(entry: &Entry) -> impl Iterator<Item = ExtensionElement> {
    entry.enclosures.iter().skip(1).map(|file| ExtensionElement {
        attributes: content_attributes(file),
        ..ExtensionElement::new(NAMESPACE.0, "content")
    })
}

fn size_attributes(image: &Image) -> BTreeMap<String, String> {
    let mut attributes = BTreeMap::from([("url".to_owned(), href::encode_href(&image.url))]);
    let sizes = [("width", image.width), ("height", image.height)];
    for (name, pixels) in sizes {
        attributes.extend(pixels.map(|pixels| (name.to_owned(), pixels.to_string())));
    }
    attributes
}

fn content_attributes(file: &Enclosure) -> BTreeMap<String, String> {
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
