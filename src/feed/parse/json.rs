//! JSON Feed 1.0 and 1.1 (jsonfeed.org) → `RawFeed`. Read loosely: numbers stand for ids and texts,
//! one bad item harms only itself.

use serde_json::{Map, Value};

use super::{ParseError, said};
use crate::feed::arabic::undo_in_field;
use crate::feed::model::{
    RawCategory, RawEnclosure, RawEntry, RawFeed, RawImage, RawLink, RawPerson, RawText, Stage,
    TextKind, Warning,
};

type Object = Map<String, Value>;

/// No feed has more; a flood is cut here, and counted.
const MOST_ITEMS: usize = 60_000;

pub(super) fn parse(body: &str) -> Result<RawFeed, ParseError> {
    let value: Value = serde_json::from_str(body).map_err(|error| ParseError::Json {
        line: error.line(),
        column: error.column(),
        reason: error.to_string(),
    })?;
    let Value::Object(top) = value else { return Err(ParseError::NotJsonFeed) };
    let items = top.get("items").and_then(Value::as_array);
    let version = string(&top, "version");
    if !version.is_some_and(|version| version.contains("jsonfeed.org")) && items.is_none() {
        return Err(ParseError::NotJsonFeed);
    }
    let mut feed = RawFeed {
        id: string(&top, "feed_url"),
        title: plain(&top, "title"),
        subtitle: plain(&top, "description"),
        links: feed_links(&top),
        language: string(&top, "language"),
        images: pictures(&top, &["icon", "favicon"]),
        authors: authors(&top),
        ..RawFeed::default()
    };
    let items = items.map(Vec::as_slice).unwrap_or_default();
    let mut letters = Letters::default();
    for (index, item) in items.iter().take(MOST_ITEMS).enumerate() {
        match item {
            Value::Object(item) => {
                let mut entry = entry(item);
                letters.mend(index, &mut entry);
                feed.entries.push(entry);
            }
            other => feed.warnings.push(
                Warning::new(Stage::Parse, "item-no-object", format!("an item is {}", kind(other)))
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
    Ok(feed)
}

/// Fields that were encoded twice, told once.
#[derive(Default)]
struct Letters {
    warning: Option<Warning>,
}

impl Letters {
    /// Puts the words of an entry right.
    fn mend(&mut self, index: usize, entry: &mut RawEntry) {
        let texts = [&mut entry.title, &mut entry.summary, &mut entry.content];
        let texts = texts.into_iter().flatten().map(|text| &mut text.value);
        let names = entry.authors.iter_mut().filter_map(|person| person.name.as_mut());
        let terms = entry.categories.iter_mut().map(|category| &mut category.term);
        for words in texts.chain(names).chain(terms) {
            let Some((meant, page)) = undo_in_field(words) else { continue };
            *words = meant;
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

fn entry(item: &Object) -> RawEntry {
    let html = string(item, "content_html").map(|value| text(value, TextKind::Html));
    RawEntry {
        guid: string(item, "id"),
        guid_is_permalink: Some(false),
        title: plain(item, "title"),
        links: entry_links(item),
        summary: plain(item, "summary"),
        content: html.or_else(|| plain(item, "content_text")),
        published: string(item, "date_published"),
        updated: string(item, "date_modified"),
        authors: authors(item),
        categories: list(item, "tags")
            .filter_map(word)
            .map(|term| RawCategory { term, ..RawCategory::default() })
            .collect(),
        enclosures: list(item, "attachments").filter_map(attachment).collect(),
        images: pictures(item, &["image", "banner_image"]),
        language: string(item, "language"),
        ..RawEntry::default()
    }
}

fn feed_links(top: &Object) -> Vec<RawLink> {
    let link = |key: &str, rel: &str| {
        string(top, key).map(|href| RawLink { href, rel: Some(rel.into()), ..RawLink::default() })
    };
    let hubs = list(top, "hubs").filter_map(|hub| {
        let href = string(hub.as_object()?, "url")?;
        Some(RawLink { href, rel: Some("hub".into()), ..RawLink::default() })
    });
    let mut links: Vec<RawLink> = link("home_page_url", "alternate").into_iter().collect();
    links.extend(link("feed_url", "self"));
    links.extend(link("next_url", "next"));
    links.extend(hubs);
    links
}

/// The item's own page first; a link blog's target stands in when there is no other.
fn entry_links(item: &Object) -> Vec<RawLink> {
    let own = string(item, "url");
    let target = string(item, "external_url");
    let rel = if own.is_some() { "related" } else { "alternate" };
    let own = own.map(|href| RawLink { href, ..RawLink::default() });
    let target = target.map(|href| RawLink { href, rel: Some(rel.into()), ..RawLink::default() });
    own.into_iter().chain(target).collect()
}

/// 1.1 has `authors`, 1.0 `author`; some write a name where an object belongs.
fn authors(object: &Object) -> Vec<RawPerson> {
    let one = object.get("author").into_iter();
    let people = list(object, "authors").chain(one).filter_map(|author| match author {
        Value::Object(author) => Some(RawPerson {
            name: string(author, "name"),
            email: None,
            url: string(author, "url"),
        }),
        other => Some(RawPerson { name: Some(word(other)?), ..RawPerson::default() }),
    });
    let mut found = Vec::new();
    for person in people {
        if person != RawPerson::default() && !found.contains(&person) {
            found.push(person);
        }
    }
    found
}

fn attachment(value: &Value) -> Option<RawEnclosure> {
    let object = value.as_object()?;
    Some(RawEnclosure {
        url: string(object, "url")?,
        media_type: string(object, "mime_type"),
        length: string(object, "size_in_bytes"),
        duration: string(object, "duration_in_seconds"),
        title: string(object, "title"),
    })
}

fn pictures(object: &Object, keys: &[&str]) -> Vec<RawImage> {
    keys.iter()
        .filter_map(|key| string(object, key))
        .map(|url| RawImage { url, ..RawImage::default() })
        .collect()
}

fn plain(object: &Object, key: &str) -> Option<RawText> {
    string(object, key).map(|value| text(value, TextKind::Text))
}

fn text(value: String, kind: TextKind) -> RawText {
    RawText { value, kind, ..RawText::default() }
}

fn list<'a>(object: &'a Object, key: &str) -> impl Iterator<Item = &'a Value> {
    object.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn string(object: &Object, key: &str) -> Option<String> {
    object.get(key).and_then(word)
}

/// A text, or a number as one.
fn word(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => said(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
