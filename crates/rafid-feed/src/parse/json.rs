//! JSON Feed 1.0 and 1.1 (jsonfeed.org) → `RawFeed`. The reader is lenient: broken JSON is read as far as it
//! goes (`loose_json`), values of other types where they are certain (`json_types`), and an invalid item
//! affects only itself.

use serde_json::Value;

use super::ParseError;
use super::json_types::{
    JsonObject, TypeFaults, items_in, kind_of_value, list_in, text_in, text_of, words_in,
};
use super::loose_json::read_loose_json;
use crate::arabic::undo_mojibake_in_field;
use crate::model::{
    RawCategory, RawEnclosure, RawEntry, RawFeed, RawImage, RawLink, RawPerson, RawText, Stage,
    TextKind, TextPosition, Warning,
};

/// No feed has more items; further ones are dropped and counted.
const MOST_ITEMS: usize = 60_000;

pub(super) fn parse_json(body: &str) -> Result<RawFeed, ParseError> {
    let (value, salvaged) = parse_value(body)?;
    let Value::Object(top) = value else { return Err(ParseError::NotJsonFeed) };
    if !is_json_feed(&top) {
        return Err(ParseError::NotJsonFeed);
    }
    let mut feed = RawFeed {
        id: text_in(&top, "feed_url"),
        title: plain_text(&top, "title"),
        subtitle: plain_text(&top, "description"),
        links: feed_links(&top),
        language: text_in(&top, "language"),
        images: images_in(&top, &["icon", "favicon"]),
        authors: raw_authors(&top),
        ..RawFeed::default()
    };
    feed.warnings.extend(salvaged);
    let items = items_in(&top);
    let mut faults = TypeFaults::default();
    faults.note(&top, None);
    let mut letters = MojibakeRepairs::default();
    for item in items.iter().copied().take(MOST_ITEMS) {
        let index = feed.entries.len();
        match item {
            Value::Object(item) => {
                faults.note(item, Some(index));
                let mut entry = raw_entry(item);
                letters.repair_entry(index, &mut entry);
                feed.entries.push(entry);
            }
            other => feed.warnings.push(
                Warning::new(
                    Stage::Parse,
                    "item-no-object",
                    format!("an item is {}", kind_of_value(other)),
                )
                .of_entry(index),
            ),
        }
    }
    if items.len() > MOST_ITEMS {
        feed.warnings.push(
            Warning::new(Stage::Parse, "entries-dropped", "too many items")
                .times(items.len() - MOST_ITEMS),
        );
    }
    feed.warnings.extend(letters.warning);
    feed.warnings.extend(faults.into_warnings());
    Ok(feed)
}

/// Whether an object is a feed, by its version or its list of items.
fn is_json_feed(top: &JsonObject) -> bool {
    text_in(top, "version").is_some_and(|version| version.contains("jsonfeed.org"))
        || matches!(top.get("items"), Some(Value::Array(_) | Value::Object(_)))
}

/// The value of a text, and a warning when the text had to be repaired for it.
fn parse_value(body: &str) -> Result<(Value, Option<Warning>), ParseError> {
    let error = match serde_json::from_str(body) {
        Ok(value) => return Ok((value, None)),
        Err(error) => error,
    };
    let place = place_of(&error, body);
    // The place is said apart, in characters.
    let reason = error.to_string();
    let reason = reason.split(" at line ").next().unwrap_or_default().to_owned();
    match read_loose_json(body) {
        Some(Value::Object(top)) if is_json_feed(&top) => {
            let detail = format!("the JSON is broken ({reason}): what can be read of it is read");
            let value = Value::Object(top);
            Ok((value, Some(Warning::new(Stage::Parse, "broken-json", detail).at(place))))
        }
        _ => Err(ParseError::Json { line: place.line, column: place.column, reason }),
    }
}

/// Where an error is; `serde_json` counts bytes of a line.
fn place_of(error: &serde_json::Error, body: &str) -> TextPosition {
    let line = error.line().max(1);
    let text = body.split('\n').nth(line - 1).unwrap_or_default();
    let before = text.get(..text.floor_char_boundary(error.column().saturating_sub(1)));
    TextPosition { line, column: before.unwrap_or_default().chars().count() + 1 }
}

/// Fields that were encoded twice, reported once.
#[derive(Default)]
struct MojibakeRepairs {
    warning: Option<Warning>,
}

impl MojibakeRepairs {
    /// Repairs the texts of an entry.
    fn repair_entry(&mut self, index: usize, entry: &mut RawEntry) {
        let texts = [&mut entry.title, &mut entry.summary, &mut entry.content];
        let texts = texts.into_iter().flatten().map(|text| &mut text.value);
        let names = entry.authors.iter_mut().filter_map(|person| person.name.as_mut());
        let terms = entry.categories.iter_mut().map(|category| &mut category.term);
        for words in texts.chain(names).chain(terms) {
            let Some((repaired, page)) = undo_mojibake_in_field(words) else { continue };
            *words = repaired;
            if let Some(warning) = &mut self.warning {
                warning.count += 1;
                continue;
            }
            let detail =
                format!("a text was encoded twice, the second time as {page}: it is put right");
            let warning = Warning::new(Stage::Parse, "field-encoded-twice", detail);
            self.warning = Some(warning.of_entry(index));
        }
    }
}

fn raw_entry(item: &JsonObject) -> RawEntry {
    let html = text_in(item, "content_html").map(|value| raw_text(value, TextKind::Html));
    RawEntry {
        guid: text_in(item, "id"),
        guid_is_permalink: Some(false),
        title: plain_text(item, "title"),
        links: entry_links(item),
        summary: plain_text(item, "summary"),
        content: html.or_else(|| plain_text(item, "content_text")),
        published: text_in(item, "date_published"),
        updated: text_in(item, "date_modified"),
        authors: raw_authors(item),
        categories: words_in(item, "tags")
            .into_iter()
            .map(|term| RawCategory { term, ..RawCategory::default() })
            .collect(),
        enclosures: list_in(item, "attachments").filter_map(raw_enclosure).collect(),
        images: images_in(item, &["image", "banner_image"]),
        language: text_in(item, "language"),
        ..RawEntry::default()
    }
}

fn feed_links(top: &JsonObject) -> Vec<RawLink> {
    let link = |key: &str, rel: &str| {
        text_in(top, key).map(|href| RawLink { href, rel: Some(rel.into()), ..RawLink::default() })
    };
    let hubs = list_in(top, "hubs").filter_map(|hub| {
        let href = text_in(hub.as_object()?, "url")?;
        Some(RawLink { href, rel: Some("hub".into()), ..RawLink::default() })
    });
    let mut links: Vec<RawLink> = link("home_page_url", "alternate").into_iter().collect();
    links.extend(link("feed_url", "self"));
    links.extend(link("next_url", "next"));
    links.extend(hubs);
    links
}

/// The item's own page first; a link blog's target takes its place when there is no page.
fn entry_links(item: &JsonObject) -> Vec<RawLink> {
    let own = text_in(item, "url");
    let target = text_in(item, "external_url");
    let rel = if own.is_some() { "related" } else { "alternate" };
    let own = own.map(|href| RawLink { href, ..RawLink::default() });
    let target = target.map(|href| RawLink { href, rel: Some(rel.into()), ..RawLink::default() });
    own.into_iter().chain(target).collect()
}

/// Version 1.1 has `authors`, 1.0 `author`; some publishers write a name in place of an object.
fn raw_authors(object: &JsonObject) -> Vec<RawPerson> {
    let one = object.get("author").into_iter();
    let people = list_in(object, "authors").chain(one).filter_map(|author| match author {
        Value::Object(author) => Some(RawPerson {
            name: text_in(author, "name"),
            email: None,
            url: text_in(author, "url"),
        }),
        other => Some(RawPerson { name: Some(text_of(other)?), ..RawPerson::default() }),
    });
    let mut found = Vec::new();
    for person in people {
        if person != RawPerson::default() && !found.contains(&person) {
            found.push(person);
        }
    }
    found
}

fn raw_enclosure(value: &Value) -> Option<RawEnclosure> {
    let object = value.as_object()?;
    Some(RawEnclosure {
        url: text_in(object, "url")?,
        media_type: text_in(object, "mime_type"),
        length: text_in(object, "size_in_bytes"),
        duration: text_in(object, "duration_in_seconds"),
        title: text_in(object, "title"),
    })
}

fn images_in(object: &JsonObject, keys: &[&str]) -> Vec<RawImage> {
    keys.iter()
        .filter_map(|key| match object.get(*key)? {
            Value::Object(picture) => text_in(picture, "url"),
            Value::Array(list) => list.iter().find_map(text_of),
            other => text_of(other),
        })
        .map(|url| RawImage { url, ..RawImage::default() })
        .collect()
}

fn plain_text(object: &JsonObject, key: &str) -> Option<RawText> {
    text_in(object, key).map(|value| raw_text(value, TextKind::Text))
}

fn raw_text(value: String, kind: TextKind) -> RawText {
    RawText { value, kind, ..RawText::default() }
}
