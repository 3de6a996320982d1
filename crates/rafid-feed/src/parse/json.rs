//! JSON Feed 1.0 and 1.1 (jsonfeed.org) → `RawFeed`. The reader is lenient: numbers are accepted as ids and
//! texts, single values as lists of one, and an invalid item affects only itself.

use serde_json::{Map, Value};

use super::json_salvage::salvage_json;
use super::{ParseError, non_blank};
use crate::arabic::undo_mojibake_in_field;
use crate::model::{
    RawCategory, RawEnclosure, RawEntry, RawFeed, RawImage, RawLink, RawPerson, RawText, Stage,
    TextKind, TextPosition, Warning,
};

type JsonObject = Map<String, Value>;

/// No feed has more items; further ones are dropped and counted.
const MOST_ITEMS: usize = 60_000;

pub(super) fn parse_json(body: &str) -> Result<RawFeed, ParseError> {
    let (value, salvaged) = parse_value(body)?;
    let Value::Object(top) = value else { return Err(ParseError::NotJsonFeed) };
    let items = top.get("items").and_then(Value::as_array);
    let version = string_in(&top, "version");
    if !version.is_some_and(|version| version.contains("jsonfeed.org")) && items.is_none() {
        return Err(ParseError::NotJsonFeed);
    }
    let mut feed = RawFeed {
        id: string_in(&top, "feed_url"),
        title: plain_text(&top, "title"),
        subtitle: plain_text(&top, "description"),
        links: feed_links(&top),
        language: string_in(&top, "language"),
        images: images_in(&top, &["icon", "favicon"]),
        authors: raw_authors(&top),
        ..RawFeed::default()
    };
    feed.warnings.extend(salvaged);
    let items = items.map(Vec::as_slice).unwrap_or_default();
    let mut single_values = SingleValues::default();
    single_values.note(&top, None);
    let mut letters = MojibakeRepairs::default();
    for (index, item) in items.iter().take(MOST_ITEMS).enumerate() {
        match item {
            Value::Object(item) => {
                single_values.note(item, Some(index));
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
    feed.warnings.extend(single_values.warning);
    Ok(feed)
}

/// The value of a text, and a warning when the text had to be repaired for it.
fn parse_value(body: &str) -> Result<(Value, Option<Warning>), ParseError> {
    let error = match serde_json::from_str(body) {
        Ok(value) => return Ok((value, None)),
        Err(error) => error,
    };
    let refused = |error: &serde_json::Error| ParseError::Json {
        line: error.line(),
        column: error.column(),
        reason: error.to_string(),
    };
    let Some(value) = salvage_json(body).and_then(|text| serde_json::from_str(&text).ok()) else {
        return Err(refused(&error));
    };
    let detail = format!("the JSON is broken ({error}): what can be read of it is read");
    let position = TextPosition { line: error.line().max(1), column: error.column().max(1) };
    Ok((value, Some(Warning::new(Stage::Parse, "broken-json", detail).at(position))))
}

/// Keys whose value is a list.
const LISTS: [&str; 4] = ["tags", "authors", "attachments", "hubs"];

/// Single values where lists belong, reported once.
#[derive(Default)]
struct SingleValues {
    warning: Option<Warning>,
}

impl SingleValues {
    fn note(&mut self, object: &JsonObject, entry: Option<usize>) {
        for key in LISTS {
            let Some(value) = object.get(key) else { continue };
            if matches!(value, Value::Array(_) | Value::Null) {
                continue;
            }
            if let Some(warning) = &mut self.warning {
                warning.count += 1;
                continue;
            }
            let detail =
                format!("{key} is {} and no list: it is read as one", kind_of_value(value));
            let mut warning = Warning::new(Stage::Parse, "single-value", detail);
            warning.entry = entry;
            self.warning = Some(warning);
        }
    }
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
    let html = string_in(item, "content_html").map(|value| raw_text(value, TextKind::Html));
    RawEntry {
        guid: string_in(item, "id"),
        guid_is_permalink: Some(false),
        title: plain_text(item, "title"),
        links: entry_links(item),
        summary: plain_text(item, "summary"),
        content: html.or_else(|| plain_text(item, "content_text")),
        published: string_in(item, "date_published"),
        updated: string_in(item, "date_modified"),
        authors: raw_authors(item),
        categories: list_in(item, "tags")
            .filter_map(text_or_number)
            .map(|term| RawCategory { term, ..RawCategory::default() })
            .collect(),
        enclosures: list_in(item, "attachments").filter_map(raw_enclosure).collect(),
        images: images_in(item, &["image", "banner_image"]),
        language: string_in(item, "language"),
        ..RawEntry::default()
    }
}

fn feed_links(top: &JsonObject) -> Vec<RawLink> {
    let link = |key: &str, rel: &str| {
        string_in(top, key).map(|href| RawLink {
            href,
            rel: Some(rel.into()),
            ..RawLink::default()
        })
    };
    let hubs = list_in(top, "hubs").filter_map(|hub| {
        let href = string_in(hub.as_object()?, "url")?;
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
    let own = string_in(item, "url");
    let target = string_in(item, "external_url");
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
            name: string_in(author, "name"),
            email: None,
            url: string_in(author, "url"),
        }),
        other => Some(RawPerson { name: Some(text_or_number(other)?), ..RawPerson::default() }),
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
        url: string_in(object, "url")?,
        media_type: string_in(object, "mime_type"),
        length: string_in(object, "size_in_bytes"),
        duration: string_in(object, "duration_in_seconds"),
        title: string_in(object, "title"),
    })
}

fn images_in(object: &JsonObject, keys: &[&str]) -> Vec<RawImage> {
    keys.iter()
        .filter_map(|key| match object.get(*key)? {
            Value::Object(picture) => string_in(picture, "url"),
            other => text_or_number(other),
        })
        .map(|url| RawImage { url, ..RawImage::default() })
        .collect()
}

fn plain_text(object: &JsonObject, key: &str) -> Option<RawText> {
    string_in(object, key).map(|value| raw_text(value, TextKind::Text))
}

fn raw_text(value: String, kind: TextKind) -> RawText {
    RawText { value, kind, ..RawText::default() }
}

fn list_in<'a>(object: &'a JsonObject, key: &str) -> impl Iterator<Item = &'a Value> {
    match object.get(key) {
        Some(Value::Array(list)) => list.as_slice(),
        Some(single) => std::slice::from_ref(single),
        None => &[],
    }
    .iter()
}

fn string_in(object: &JsonObject, key: &str) -> Option<String> {
    object.get(key).and_then(text_or_number)
}

/// A text, or a number as text.
fn text_or_number(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => non_blank(text),
        // `1234.0` is a whole number.
        Value::Number(number) => Some(number.to_string().trim_end_matches(".0").to_owned()),
        _ => None,
    }
}

fn kind_of_value(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
