//! A parsed feed → JSON Feed 1.1 with `_rafid`, for `parse` and `probe`.

use rafid_feed::arabic::is_breaking;
use rafid_feed::model::{
    Enclosure, Entry, Language, Person, PlainText, RawEntryValues, SafeHtml, Warning,
};
use rafid_feed::pipeline::ParsedFeed;
use serde_json::{Map, Value, json};

/// The parsed feed as JSON Feed 1.1 (jsonfeed.org/version/1.1). Fields that the publisher does not give are left
/// out; `_rafid` holds what the format has no field for. The `url` of an item is the link as the publisher wrote
/// it; the canonical form of it is `canonical_url` in `_rafid`.
pub(super) fn reading_as_json_feed(reading: &ParsedFeed, raw_values: &[RawEntryValues]) -> Value {
    let feed = &reading.feed;
    let mut object = Map::new();
    insert_text(&mut object, "version", Some("https://jsonfeed.org/version/1.1"));
    insert_text(&mut object, "title", Some(feed.title.as_ref().map_or("", PlainText::as_str)));
    insert_text(&mut object, "home_page_url", feed.site.as_deref());
    insert_text(&mut object, "feed_url", feed.self_link.as_deref());
    insert_text(&mut object, "description", feed.subtitle.as_ref().map(PlainText::as_str));
    insert_text(&mut object, "icon", feed.image.as_ref().map(|image| image.url.as_str()));
    insert_text(&mut object, "language", feed.language.as_ref().map(Language::as_str));
    let hubs = feed.hubs.iter().map(|url| json!({"type": "WebSub", "url": url}));
    insert_list(&mut object, "hubs", hubs.collect());
    let no_values = RawEntryValues::default();
    let raw_values = raw_values.iter().chain(std::iter::repeat(&no_values));
    let items = feed
        .entries
        .iter()
        .zip(raw_values)
        .map(|(entry, raw_values)| entry_as_json(entry, raw_values));
    object.insert("items".into(), items.collect());
    object.insert(
        "_rafid".into(),
        json!({
            "schema_version": 1,
            "format": reading.format.as_str(),
            "charset": reading.charset,
            "charset_evidence": reading.evidence.as_str(),
            "direction": feed.direction.as_str(),
            "rights": feed.rights.as_ref().map(PlainText::as_str),
            "generator": feed.generator.as_ref().map(PlainText::as_str),
            "updated_at": feed.updated_at.map(|at| at.to_string()),
            "ttl_seconds": feed.poll_hints.ttl_seconds,
            "update_seconds": feed.poll_hints.update_seconds,
            "warnings": feed.warnings.iter().map(warning_as_json).collect::<Vec<_>>(),
        }),
    );
    Value::Object(object)
}

/// A warning as an object; columns and lines count from 1, entries from 0.
pub(super) fn warning_as_json(warning: &Warning) -> Value {
    json!({
        "stage": warning.stage.as_str(),
        "code": warning.code,
        "detail": warning.detail,
        "line": warning.position.map(|place| place.line),
        "column": warning.position.map(|place| place.column),
        "entry": warning.entry,
        "count": warning.count,
    })
}

fn entry_as_json(entry: &Entry, raw_values: &RawEntryValues) -> Value {
    let mut item = Map::new();
    let id = entry.guid.as_deref().unwrap_or(&entry.identity.key);
    insert_text(&mut item, "id", Some(id));
    insert_text(&mut item, "url", raw_values.link.as_deref().or(entry.link.as_deref()));
    insert_text(&mut item, "title", Some(entry.title.as_str()).filter(|title| !title.is_empty()));
    let body = entry.content.as_ref().or(entry.summary.as_ref());
    insert_text(&mut item, "content_html", body.map(SafeHtml::as_str));
    if entry.content.is_some() {
        insert_text(&mut item, "summary", entry.summary.as_ref().map(SafeHtml::as_str));
    }
    insert_text(&mut item, "image", entry.image.as_ref().map(|image| image.url.as_str()));
    // An entry with only a date of its update counts as published then: RFC 4287 allows that (section 4.2.9 makes
    // `published` optional).
    let published_at = entry.published_at.or(entry.updated_at);
    insert_text(&mut item, "date_published", published_at.map(|at| at.to_string()).as_deref());
    insert_text(&mut item, "date_modified", entry.updated_at.map(|at| at.to_string()).as_deref());
    insert_list(&mut item, "authors", entry.authors.iter().map(person_as_json).collect());
    let tags = entry.categories.iter().map(|tag| Value::from(tag.as_str()));
    insert_list(&mut item, "tags", tags.collect());
    insert_list(&mut item, "attachments", entry.enclosures.iter().map(enclosure_as_json).collect());
    insert_text(&mut item, "language", entry.language.as_ref().map(Language::as_str));
    item.insert(
        "_rafid".into(),
        json!({
            "canonical_url": entry.link,
            "published_as_written": raw_values.published,
            "updated_as_written": raw_values.updated,
            "categories_as_written": raw_values.categories,
            "breaking": is_breaking(entry),
            "identity": entry.identity.kind.as_str(),
            "direction": entry.direction.as_str(),
            "rights": entry.rights.as_ref().map(PlainText::as_str),
            "licence": entry.licence,
            "comments": entry.comments,
            "comments_feed": entry.comments_feed,
            "comments_count": entry.comments_count,
            "via": entry.via,
            "image_credit": entry.image.as_ref().and_then(|image| {
                image.credit.as_ref().map(PlainText::as_str)
            }),
            "latitude": entry.point.map(|point| degrees(point.latitude_e7)),
            "longitude": entry.point.map(|point| degrees(point.longitude_e7)),
            "origin": entry.origin.as_ref().map(|origin| json!({
                "title": origin.title.as_ref().map(PlainText::as_str),
                "url": origin.url,
            })),
        }),
    );
    Value::Object(item)
}

/// Ten-millionths of a degree in degrees.
fn degrees(e7: i32) -> f64 {
    f64::from(e7) / 1e7
}

fn person_as_json(person: &Person) -> Value {
    let mut author = Map::new();
    insert_text(&mut author, "name", Some(person.name.as_str()));
    insert_text(&mut author, "url", person.url.as_deref());
    Value::Object(author)
}

fn enclosure_as_json(enclosure: &Enclosure) -> Value {
    let mut attachment = Map::new();
    insert_text(&mut attachment, "url", Some(&enclosure.url));
    let media_type = enclosure.media_type.as_deref().unwrap_or("application/octet-stream");
    insert_text(&mut attachment, "mime_type", Some(media_type));
    insert_text(&mut attachment, "title", enclosure.title.as_ref().map(PlainText::as_str));
    if let Some(size) = enclosure.length_bytes {
        attachment.insert("size_in_bytes".into(), size.into());
    }
    if let Some(seconds) = enclosure.duration_seconds {
        attachment.insert("duration_in_seconds".into(), seconds.into());
    }
    Value::Object(attachment)
}

fn insert_text(object: &mut Map<String, Value>, key: &str, value: Option<&str>) {
    if let Some(value) = value {
        object.insert(key.into(), value.into());
    }
}

fn insert_list(object: &mut Map<String, Value>, key: &str, list: Vec<Value>) {
    if !list.is_empty() {
        object.insert(key.into(), Value::Array(list));
    }
}
