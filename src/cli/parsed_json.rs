//! What was understood of a document → JSON Feed 1.1 with `_rafid`, as `parse` and `probe` print it.

use rafid_feed::arabic::is_breaking;
use rafid_feed::model::{
    Enclosure, Entry, Language, Person, PlainText, RawEntryValues, SafeHtml, Warning,
};
use rafid_feed::pipeline::ParsedFeed;
use serde_json::{Map, Value, json};

/// The reading as JSON Feed 1.1 (jsonfeed.org/version/1.1). What the publisher did not say is left
/// out; `_rafid` holds what the format has no place for. An item's `url` is the publisher's link as
/// said; what is made of it stands in `_rafid` as `canonical_url`.
pub(super) fn reading_as_json_feed(reading: &ParsedFeed, words: &[RawEntryValues]) -> Value {
    let feed = &reading.feed;
    let mut top = Map::new();
    insert_text(&mut top, "version", Some("https://jsonfeed.org/version/1.1"));
    insert_text(&mut top, "title", Some(feed.title.as_ref().map_or("", PlainText::as_str)));
    insert_text(&mut top, "home_page_url", feed.site.as_deref());
    insert_text(&mut top, "feed_url", feed.self_link.as_deref());
    insert_text(&mut top, "description", feed.subtitle.as_ref().map(PlainText::as_str));
    insert_text(&mut top, "icon", feed.image.as_ref().map(|image| image.url.as_str()));
    insert_text(&mut top, "language", feed.language.as_ref().map(Language::as_str));
    let hubs = feed.hubs.iter().map(|url| json!({"type": "WebSub", "url": url}));
    insert_list(&mut top, "hubs", hubs.collect());
    let nothing = RawEntryValues::default();
    let words = words.iter().chain(std::iter::repeat(&nothing));
    let items = feed.entries.iter().zip(words).map(|(entry, words)| entry_as_json(entry, words));
    top.insert("items".into(), items.collect());
    top.insert(
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
    Value::Object(top)
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

fn entry_as_json(entry: &Entry, words: &RawEntryValues) -> Value {
    let mut item = Map::new();
    let id = entry.guid.as_deref().unwrap_or(&entry.identity.key);
    insert_text(&mut item, "id", Some(id));
    insert_text(&mut item, "url", words.link.as_deref().or(entry.link.as_deref()));
    insert_text(&mut item, "title", Some(entry.title.as_str()).filter(|title| !title.is_empty()));
    let body = entry.content.as_ref().or(entry.summary.as_ref());
    insert_text(&mut item, "content_html", body.map(SafeHtml::as_str));
    if entry.content.is_some() {
        insert_text(&mut item, "summary", entry.summary.as_ref().map(SafeHtml::as_str));
    }
    insert_text(&mut item, "image", entry.image.as_ref().map(|image| image.url.as_str()));
    // An entry that says only when it was updated was published then, as far as is known (RFC 4287,
    // section 4.2.9, leaves the other one out).
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
            "published_as_written": words.published,
            "updated_as_written": words.updated,
            "categories_as_written": words.categories,
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
