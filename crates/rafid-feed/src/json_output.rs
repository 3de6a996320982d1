//! A document that was read → one JSON object: the feed as JSON Feed 1.1 with `_rafid`, or why it is no
//! feed. `docs/parse.md` describes the keys.
//!
//! Warnings quote what offends: the document's text at their position, else the value that their
//! detail names; and they say what the publisher should do (`warning_advice`).

use serde_json::{Map, Value, json};
use url::Url;

use crate::arabic::is_breaking;
use crate::discover;
use crate::entry_json::{self, JsonEncoder};
use crate::model::{
    Enclosure, Entry, Feed, Language, Person, PlainText, RawEntryValues, SafeHtml, Stage, Warning,
};
use crate::pipeline::{ParsedFeed, ReadError};
use crate::warning_advice::{AdviceLanguage, advice_for};

/// The version of the keys in `_rafid`.
const SCHEMA_VERSION: u32 = 1;

/// The most characters of a document that a warning quotes.
const MOST_QUOTED: usize = 60;

/// What an output says besides the result.
#[derive(Debug, Clone, Copy, Default)]
pub struct JsonContext<'a> {
    /// The name of the document, for outputs about many.
    pub file: Option<&'a str>,
    /// The decoded text, for quotes; without it, only values of the feed are quoted.
    pub text: Option<&'a str>,
    /// The address of the document: the base of what a page names.
    pub url: Option<&'a Url>,
    /// The language of details and advice.
    pub language: AdviceLanguage,
}

/// The feed as JSON Feed 1.1 (jsonfeed.org/version/1.1). Fields that the publisher does not give are
/// left out; `_rafid` holds what the format has no field for. `raw_values` are those of the entries,
/// in their order. The `url` of an item is the publisher's link, absolute, with its trackers.
pub fn feed_to_json(
    parsed: &ParsedFeed,
    raw_values: &[RawEntryValues],
    context: &JsonContext<'_>,
) -> Value {
    let feed = &parsed.feed;
    let mut object = Map::new();
    insert_text(&mut object, "version", Some("https://jsonfeed.org/version/1.1"));
    insert_text(&mut object, "title", Some(feed.title.as_ref().map_or("", PlainText::as_str)));
    insert_text(&mut object, "home_page_url", feed.site.as_deref());
    insert_text(&mut object, "feed_url", feed.self_link.as_deref());
    insert_text(&mut object, "description", feed.subtitle.as_ref().map(PlainText::as_str));
    insert_text(&mut object, "next_url", feed.next.as_deref());
    insert_text(&mut object, "icon", feed.image.as_ref().map(|image| image.url.as_str()));
    insert_list(&mut object, "authors", feed.authors.iter().map(person_to_json).collect());
    insert_text(&mut object, "language", feed.language.as_ref().map(Language::as_str));
    let hubs = feed.hubs.iter().map(|url| json!({"type": "WebSub", "url": url}));
    insert_list(&mut object, "hubs", hubs.collect());
    let no_values = RawEntryValues::default();
    let raw_values = raw_values.iter().chain(std::iter::repeat(&no_values));
    let items = feed.entries.iter().zip(raw_values);
    let items = items.map(|(entry, raw_values)| entry_to_json(entry, raw_values));
    object.insert("items".into(), items.collect());
    object.insert("_rafid".into(), extension_of_feed(parsed, context));
    Value::Object(object)
}

fn extension_of_feed(parsed: &ParsedFeed, context: &JsonContext<'_>) -> Value {
    let feed = &parsed.feed;
    let warnings = feed.warnings.iter().map(|warning| warning_to_json(warning, feed, context));
    json!({
        "schema_version": SCHEMA_VERSION,
        "file": context.file,
        "format": parsed.format.as_str(),
        "charset": parsed.charset,
        "charset_evidence": parsed.evidence.as_str(),
        "direction": feed.direction.as_str(),
        "categories": texts_to_json(&feed.categories),
        "rights": feed.rights.as_ref().map(PlainText::as_str),
        "licence": feed.licence,
        "generator": feed.generator.as_ref().map(PlainText::as_str),
        "moved_to": feed.moved_to,
        "podcast_guid": feed.podcast_guid,
        "updated_at": feed.updated_at.map(|at| at.to_string()),
        "ttl_seconds": feed.poll_hints.ttl_seconds,
        "update_seconds": feed.poll_hints.update_seconds,
        "warnings": warnings.collect::<Vec<_>>(),
    })
}

/// Why a document is no feed: its kind, and what it names instead (the feeds of a page, the sitemaps
/// of an index).
pub fn refusal_to_json(error: &ReadError, context: &JsonContext<'_>) -> Value {
    let mut refusal = Map::new();
    insert_text(&mut refusal, "kind", Some(error.kind()));
    insert_text(&mut refusal, "stage", Some(error.stage().as_str()));
    let message = match context.language {
        AdviceLanguage::English => error.to_string(),
        AdviceLanguage::Arabic => refusal_in_arabic(error.kind()).to_owned(),
    };
    insert_text(&mut refusal, "message", Some(&message));
    if error.is_page() {
        let feeds = context.text.map(|text| feeds_of_page(text, context.url)).unwrap_or_default();
        refusal.insert("feeds".into(), Value::Array(feeds));
    }
    if let Some(sitemaps) = error.sitemaps() {
        refusal.insert("sitemaps".into(), sitemaps.into());
    }
    json!({"schema_version": SCHEMA_VERSION, "file": context.file, "error": refusal})
}

/// A document that cannot even be opened; `message` is in the language of the system.
pub fn unopened_to_json(message: &str, context: &JsonContext<'_>) -> Value {
    let refusal = json!({"kind": "unopened", "stage": Stage::Fetch.as_str(), "message": message});
    json!({"schema_version": SCHEMA_VERSION, "file": context.file, "error": refusal})
}

fn refusal_in_arabic(kind: &str) -> &'static str {
    match kind {
        "empty" => "الوثيقة فارغة",
        "unknown-charset" => "الترميز المطلوب غير معروف",
        "html" => "هذه صفحة HTML لا موجز، وقد تسمّي الصفحة موجزها",
        "opml" => "هذه قائمة اشتراكات (OPML) لا موجز",
        "sitemap" => "هذه خريطة موقع بلا أخبار لا موجز",
        "sitemap-index" => "هذا فهرس خرائط مواقع لا موجز",
        "unknown-root" => "لا موجز يبدأ بهذا العنصر: المنتظر rss أو rdf:RDF أو feed أو JSON",
        "no-markup" => "لا وسوم في الوثيقة: المنتظر موجز بصيغة XML أو JSON",
        "no-feed-elements" => "ليس في هذه الوثيقة شيء من عناصر الخلاصات",
        "broken-json" => "وثيقة JSON غير سليمة",
        "other-json" => "هذه وثيقة JSON وليست JSON Feed",
        _ => "لا يمكن قراءة الوثيقة بوصفها خلاصة",
    }
}

/// The feeds that a page names. Without the page's address, a relative address has no `url`.
fn feeds_of_page(text: &str, url: Option<&Url>) -> Vec<Value> {
    /// A base that no page has, to recognize relative addresses.
    const NO_BASE: &str = "https://page.invalid/";
    let Some(base) = url.cloned().or_else(|| Url::parse(NO_BASE).ok()) else {
        return Vec::new();
    };
    let candidates = discover::feeds_in(text, &base);
    let rows = candidates.iter().map(|candidate| {
        let address = candidate.url.as_str();
        let relative = address.strip_prefix(NO_BASE);
        json!({
            "url": relative.is_none().then_some(address),
            "path": relative.map(|path| format!("/{path}")),
            "title": candidate.title,
            "media_type": candidate.media_type,
        })
    });
    rows.collect()
}

/// A warning with its place (line and column from 1, entry from 0), its quote and its advice.
fn warning_to_json(warning: &Warning, feed: &Feed, context: &JsonContext<'_>) -> Value {
    let advice = advice_for(warning.code);
    let detail = match (context.language, &advice) {
        (AdviceLanguage::Arabic, Some(advice)) => advice.found_arabic,
        _ => &warning.detail,
    };
    let entry = warning.entry.and_then(|index| feed.entries.get(index));
    json!({
        "stage": warning.stage.as_str(),
        "code": warning.code,
        "detail": detail,
        "quote": quote_of_text(warning, context.text).or_else(|| quote_of_detail(&warning.detail)),
        "advice": advice.map(|advice| advice.advice(context.language)),
        "line": warning.position.map(|place| place.line),
        "column": warning.position.map(|place| place.column),
        "entry": warning.entry,
        "entry_id": entry.map(entry_id),
        "count": warning.count,
    })
}

/// The text at the warning's position, up to the end of the line.
fn quote_of_text(warning: &Warning, text: Option<&str>) -> Option<String> {
    let place = warning.position?;
    let line = text?.split('\n').nth(place.line.checked_sub(1)?)?;
    let rest = line.chars().skip(place.column.checked_sub(1)?);
    let quote: String = rest.filter(|c| !c.is_control()).take(MOST_QUOTED).collect();
    let quote = quote.trim();
    (!quote.is_empty()).then(|| quote.to_owned())
}

/// The value that a detail names between quotation marks.
fn quote_of_detail(detail: &str) -> Option<String> {
    let (_, rest) = detail.split_once('"')?;
    let (quote, _) = rest.rsplit_once('"')?;
    let end = quote.find("\" in ").unwrap_or(quote.len());
    quote.get(..end).filter(|quote| !quote.is_empty()).map(str::to_owned)
}

fn entry_id(entry: &Entry) -> &str {
    entry.guid.as_deref().unwrap_or(&entry.identity.key)
}

fn entry_to_json(entry: &Entry, raw_values: &RawEntryValues) -> Value {
    let mut item = Map::new();
    insert_text(&mut item, "id", Some(entry_id(entry)));
    insert_text(&mut item, "url", raw_values.url.as_deref().or(entry.link.as_deref()));
    insert_text(&mut item, "title", Some(entry.title.as_str()).filter(|title| !title.is_empty()));
    let body = entry.content.as_ref().or(entry.summary.as_ref());
    insert_text(&mut item, "content_html", body.map(SafeHtml::as_str));
    if entry.content.is_some() {
        insert_text(&mut item, "summary", entry.summary.as_ref().map(SafeHtml::as_str));
    }
    insert_text(&mut item, "image", entry.image.as_ref().map(|image| image.url.as_str()));
    // An entry with only a date of its update counts as published then: RFC 4287 allows that (section
    // 4.2.9 makes `published` optional).
    let published_at = entry.published_at.or(entry.updated_at);
    insert_text(&mut item, "date_published", published_at.map(|at| at.to_string()).as_deref());
    insert_text(&mut item, "date_modified", entry.updated_at.map(|at| at.to_string()).as_deref());
    insert_list(&mut item, "authors", entry.authors.iter().map(person_to_json).collect());
    insert_list(&mut item, "tags", texts_to_json(&entry.categories));
    insert_list(&mut item, "attachments", entry.enclosures.iter().map(file_to_json).collect());
    insert_text(&mut item, "language", entry.language.as_ref().map(Language::as_str));
    item.insert("_rafid".into(), extension_of_entry(entry, raw_values));
    Value::Object(item)
}

fn extension_of_entry(entry: &Entry, raw_values: &RawEntryValues) -> Value {
    let credit = entry.image.as_ref().and_then(|image| image.credit.as_ref());
    json!({
        "canonical_url": entry.link,
        "url_as_written": raw_values.link,
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
        "image_credit": credit.map(PlainText::as_str),
        "images": entry_json::images_to_json(entry, JsonEncoder::PLAIN),
        "contributors": entry_json::contributors_to_json(entry, JsonEncoder::PLAIN),
        "episode": entry.episode.as_ref().map(|it| entry_json::episode_to_json(it, JsonEncoder::PLAIN)),
        "latitude": entry.point.map(|point| degrees(point.latitude_e7)),
        "longitude": entry.point.map(|point| degrees(point.longitude_e7)),
        "origin": entry.origin.as_ref().map(|origin| json!({
            "title": origin.title.as_ref().map(PlainText::as_str),
            "url": origin.url,
        })),
    })
}

/// Ten-millionths of a degree in degrees.
fn degrees(e7: i32) -> f64 {
    f64::from(e7) / 1e7
}

fn texts_to_json(texts: &[PlainText]) -> Vec<Value> {
    texts.iter().map(|text| Value::from(text.as_str())).collect()
}

fn person_to_json(person: &Person) -> Value {
    let mut author = Map::new();
    insert_text(&mut author, "name", Some(person.name.as_str()));
    insert_text(&mut author, "url", person.url.as_deref());
    Value::Object(author)
}

fn file_to_json(file: &Enclosure) -> Value {
    let mut attachment = Map::new();
    insert_text(&mut attachment, "url", Some(&file.url));
    let media_type = file.media_type.as_deref().unwrap_or("application/octet-stream");
    insert_text(&mut attachment, "mime_type", Some(media_type));
    insert_text(&mut attachment, "title", file.title.as_ref().map(PlainText::as_str));
    if let Some(size) = file.length_bytes {
        attachment.insert("size_in_bytes".into(), size.into());
    }
    if let Some(seconds) = file.duration_seconds {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Document, ReadHints, TextPosition};
    use crate::pipeline::read_feed_with_raw_values;

    fn refusal(text: &str, url: Option<&str>, language: AdviceLanguage) -> Value {
        let url = url.map(|url| Url::parse(url).unwrap());
        let document = Document { bytes: text.into(), content_type: None, url };
        let error = read_feed_with_raw_values(&document, ReadHints::default()).unwrap_err();
        let url = document.url.as_ref();
        refusal_to_json(&error, &JsonContext { text: Some(text), url, language, file: Some("x") })
    }

    #[test]
    fn refusals_have_a_kind() {
        for (text, kind) in [
            (" \n", "empty"),
            ("<!doctype html><html><p>x", "html"),
            ("<opml version=\"2.0\"><body/></opml>", "opml"),
            (
                "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\"><url><loc>https://a.example/</loc></url></urlset>",
                "sitemap",
            ),
            (
                "<sitemapindex><sitemap><loc>https://a.example/s.xml</loc></sitemap></sitemapindex>",
                "sitemap-index",
            ),
            ("<svg/>", "unknown-root"),
            ("كلمات", "no-markup"),
            ("{\"a\": 1}", "other-json"),
        ] {
            let refused = refusal(text, None, AdviceLanguage::Arabic);
            assert_eq!(refused["error"]["kind"], kind, "{text}");
            assert_eq!(refused["file"], "x");
            let message = refused["error"]["message"].as_str().unwrap();
            assert!(message.chars().any(|c| ('ا'..='ي').contains(&c)), "{message}");
            assert_ne!(message, refusal_in_arabic("anything else"), "{kind}");
        }
        let text =
            "<sitemapindex><sitemap><loc>https://a.example/s.xml</loc></sitemap></sitemapindex>";
        let index = refusal(text, None, AdviceLanguage::English);
        assert_eq!(index["error"]["sitemaps"], json!(["https://a.example/s.xml"]));
    }

    #[test]
    fn a_page_names_its_feeds() {
        let page = "<!doctype html><html><link rel=alternate type='application/rss+xml' title='أخبار' href='/rss'>\
                    <link rel=alternate type='application/atom+xml' href='https://b.example/atom'>";
        let feeds = |url| refusal(page, url, AdviceLanguage::English)["error"]["feeds"].clone();
        let named = feeds(Some("https://a.example/x"));
        assert_eq!(named[0]["url"], "https://a.example/rss");
        assert_eq!(named[0]["title"], "أخبار");
        assert_eq!(named[1]["media_type"], "application/atom+xml");
        let relative = feeds(None);
        assert_eq!((&relative[0]["url"], &relative[0]["path"]), (&Value::Null, &"/rss".into()));
        assert_eq!(relative[1]["url"], "https://b.example/atom");
    }

    #[test]
    fn warnings_quote_what_offends() {
        let place = TextPosition { line: 2, column: 4 };
        let warning = Warning::new(Stage::Repair, "bare-ampersand", "x").at(place);
        assert_eq!(quote_of_text(&warning, Some("a\nab & c\nd")).as_deref(), Some("& c"));
        assert_eq!(quote_of_text(&warning, None), None);
        assert_eq!(quote_of_detail("the zone \"ist\" in \"16 Nov\" is"), Some("ist".to_owned()));
        assert_eq!(quote_of_detail("the date \"x\" cannot be read"), Some("x".to_owned()));
        assert_eq!(quote_of_detail("no value"), None);
    }
}
