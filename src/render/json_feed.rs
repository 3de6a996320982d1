//! A `Publication` → JSON Feed 1.1 (<https://www.jsonfeed.org/version/1.1/>).
//!
//! `next_url` is the next older page of the archive; `feed_url` is that of the feed on every page, as it names
//! the feed.
//!
//! The extension `_rafid` of each item has what the format has no field for:
//!
//! | key | meaning |
//! | --- | --- |
//! | `source` | `id`, `name`, `feed_url` (absent for a local file and a private source) of the feed it came from |
//! | `guid` | the publisher's own guid or id, as written |
//! | `direction` | `rtl`, `ltr` or `auto`: the direction of title and text |
//! | `first_seen_at` | when it was first seen here |
//! | `listed_at` | its position in the feed; never changes |
//! | `breaking` | `true`: its publisher marks the news as breaking, and is trusted in that (absent otherwise); its tags then include «عاجل» |
//! | `story` | other sources report the same event: `id`, `url` of its page, `also` with `id`, `source`, `name`, `title`, `url`, `listed_at`, `same_text` of each other entry (absent without one) |
//! | `full_text` | `true`: the text is from the entry's own page, not from the feed (absent otherwise) |
//! | `attributions` | the origins of the text according to its page: `name`, and the `line` that says so, if there is such a line (absent if no origin is named) |
//! | `images` | the images, the lead first: `url`, `width`, `height`, `alt`, `credit` (absent if `image` says everything) |
//! | `contributors` | who else took part: `name`, `url` (absent without one) |
//! | `episode` | what the entry says of itself as an episode of a podcast, as in `docs/parse.md` (absent if it says nothing) |

use rafid_feed::entry_json::{self, JsonEncoder};
use rafid_feed::model::{Entry, Image, Person};
use serde::Serialize;
use serde_json::Value;

use super::rss::item_published_at;
use super::shown_entry::{EntrySettings, ShownEntry, shown_entries};
use super::{FAVICON, ICON, breaking_label, href, other_tellings, site_address, xml_text};
use crate::model::{OtherTelling, Publication, SourceInfo, StoredEntry};

/// The media type of this output.
pub const MEDIA_TYPE: &str = "application/feed+json; charset=utf-8";
/// The file name of this output.
pub const FILE: &str = "feed.json";

/// Addresses and words of what the library writes.
const ENCODER: JsonEncoder = JsonEncoder { address: href::encode_href, words: xml_text::xml_line };

#[derive(Serialize)]
struct JsonFeedDocument {
    version: &'static str,
    title: String,
    home_page_url: String,
    feed_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_url: Option<String>,
    description: String,
    icon: String,
    favicon: String,
    language: String,
    items: Vec<JsonItem>,
}

#[derive(Serialize)]
struct JsonItem {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    content_html: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<String>,
    date_published: String,
    date_modified: String,
    authors: Vec<JsonAuthor>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<JsonAttachment>,
    #[serde(rename = "_rafid")]
    rafid: JsonExtension,
}

#[derive(Serialize)]
struct JsonAuthor {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

#[derive(Serialize)]
struct JsonAttachment {
    url: String,
    mime_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size_in_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_in_seconds: Option<u64>,
}

#[derive(Serialize)]
struct JsonExtension {
    source: JsonOrigin,
    #[serde(skip_serializing_if = "Option::is_none")]
    guid: Option<String>,
    direction: &'static str,
    first_seen_at: String,
    listed_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    breaking: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    story: Option<JsonStory>,
    #[serde(skip_serializing_if = "Option::is_none")]
    full_text: Option<bool>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attributions: Vec<JsonAttribution>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    images: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    contributors: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    episode: Option<Value>,
}

#[derive(Serialize)]
struct JsonStory {
    id: String,
    url: String,
    also: Vec<JsonTelling>,
}

#[derive(Serialize)]
struct JsonTelling {
    id: String,
    source: String,
    name: String,
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    listed_at: String,
    same_text: bool,
}

#[derive(Serialize)]
struct JsonAttribution {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<String>,
}

#[derive(Serialize)]
struct JsonOrigin {
    id: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    feed_url: Option<String>,
}

/// The whole feed as text.
pub fn render_json_feed(publication: &Publication) -> String {
    let settings = EntrySettings::of_feed(publication);
    let items: Vec<String> =
        shown_entries(publication, &settings).map(|shown| render_json_item(&shown)).collect();
    join_json_items(publication, &items)
}

/// The object of an entry in `items`.
pub fn render_json_item(shown: &ShownEntry<'_>) -> String {
    // Strings, numbers and lists always serialize; there is no map with other keys here.
    serde_json::to_string(&json_item(shown)).unwrap_or_default()
}

/// The whole feed, from the objects of its entries.
pub fn join_json_items<T: AsRef<str>>(publication: &Publication, items: &[T]) -> String {
    /// The end of the list of items, which comes last.
    const END: &str = "]}";
    let document = serde_json::to_string(&feed_without_items(publication)).unwrap_or_default();
    let mut text = document.strip_suffix(END).unwrap_or(&document).to_owned();
    text.reserve_exact(items.iter().map(|item| item.as_ref().len() + 1).sum::<usize>() + 1);
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        text.push_str(item.as_ref());
    }
    text + END
}

fn feed_without_items(publication: &Publication) -> JsonFeedDocument {
    let older = publication.archive.previous;
    JsonFeedDocument {
        version: "https://jsonfeed.org/version/1.1",
        title: xml_text::xml_line(&publication.title),
        home_page_url: site_address::output_file_address(publication, ""),
        feed_url: site_address::output_file_address(publication, FILE),
        next_url: older.map(|page| site_address::archive_file_address(publication, page, FILE)),
        description: xml_text::xml_text(&publication.description),
        icon: site_address::icon_address(publication, ICON),
        favicon: site_address::icon_address(publication, FAVICON),
        language: publication.language.as_str().to_owned(),
        items: Vec::new(),
    }
}

fn json_item(shown: &ShownEntry<'_>) -> JsonItem {
    let (listed, info) = (shown.listed, shown.source_info());
    let entry = &listed.entry;
    let language = entry.language.as_ref();
    JsonItem {
        id: listed.id.to_urn(),
        url: entry.link.as_deref().map(href::encode_href),
        title: (!entry.title.is_empty()).then(|| xml_text::xml_line(entry.title.as_str())),
        content_html: other_tellings::entry_body(shown).unwrap_or_default(),
        image: entry.image.as_ref().map(|image| href::encode_href(&image.url)),
        date_published: xml_text::rfc_3339(item_published_at(listed)),
        date_modified: xml_text::rfc_3339(listed.changed_at),
        authors: json_authors(listed, info),
        tags: breaking_label::published_categories(shown)
            .into_iter()
            .map(xml_text::xml_line)
            .collect(),
        language: language
            .filter(|language| **language != shown.settings.language)
            .map(ToString::to_string),
        attachments: json_attachments(listed),
        rafid: json_extension(shown),
    }
}

fn json_authors(listed: &StoredEntry, info: Option<&SourceInfo>) -> Vec<JsonAuthor> {
    let author = |person: &Person| JsonAuthor {
        name: xml_text::xml_line(person.name.as_str()),
        url: person.url.as_deref().map(href::encode_href),
    };
    if listed.entry.authors.is_empty() {
        let name = info.map_or(listed.source.as_str(), |info| info.name.as_str());
        return vec![JsonAuthor {
            name: xml_text::xml_line(name),
            url: info
                .and_then(|info| info.site.as_ref())
                .map(|site| href::encode_href(site.as_str())),
        }];
    }
    listed.entry.authors.iter().map(author).collect()
}

fn json_attachments(listed: &StoredEntry) -> Vec<JsonAttachment> {
    let enclosures = listed.entry.enclosures.iter();
    enclosures
        .map(|enclosure| JsonAttachment {
            url: href::encode_href(&enclosure.url),
            mime_type: xml_text::xml_line(
                enclosure.media_type.as_deref().unwrap_or("application/octet-stream"),
            ),
            title: enclosure.title.as_ref().map(|title| xml_text::xml_line(title.as_str())),
            size_in_bytes: enclosure.length_bytes,
            duration_in_seconds: enclosure.duration_seconds,
        })
        .collect()
}

fn json_extension(shown: &ShownEntry<'_>) -> JsonExtension {
    let (listed, info, settings) = (shown.listed, shown.source_info(), shown.settings);
    JsonExtension {
        source: JsonOrigin {
            id: listed.source.as_str().to_owned(),
            name: xml_text::xml_line(
                info.map_or(listed.source.as_str(), |info| info.name.as_str()),
            ),
            feed_url: info
                .and_then(|info| info.feed_url.as_ref())
                .map(|url| href::encode_href(url.as_str())),
        },
        guid: listed.entry.guid.as_deref().map(redacted_guid),
        direction: listed.entry.direction.as_str(),
        first_seen_at: xml_text::rfc_3339(listed.first_seen_at),
        listed_at: xml_text::rfc_3339(listed.listed_at),
        breaking: breaking_label::is_breaking(listed, info).then_some(true),
        story: shown.story.map(|story| JsonStory {
            id: story.id.to_urn(),
            url: other_tellings::story_page_address(&settings.base, story, settings.is_folder),
            also: story.others.iter().map(json_telling).collect(),
        }),
        full_text: listed.entry.page.as_ref().filter(|page| page.is_text).map(|_| true),
        attributions: json_attributions(listed),
        images: json_images(&listed.entry),
        contributors: entry_json::contributors_to_json(&listed.entry, ENCODER),
        episode: listed
            .entry
            .episode
            .as_ref()
            .map(|episode| entry_json::episode_to_json(episode, ENCODER)),
    }
}

/// The images, if `image` does not say everything. They are no attachments: those are files to open.
fn json_images(entry: &Entry) -> Vec<Value> {
    let has_words = |image: &Image| image.alt.is_some() || image.credit.is_some();
    if entry.more_images.is_empty() && !entry.image.as_ref().is_some_and(has_words) {
        return Vec::new();
    }
    entry_json::images_to_json(entry, ENCODER)
}

/// The publisher's own guid as written; user-info is removed if it is an address.
fn redacted_guid(written: &str) -> String {
    let is_address = written.contains("://") && written.contains('@');
    if is_address { href::encode_href(written) } else { xml_text::xml_text(written) }
}

fn json_telling(also: &OtherTelling) -> JsonTelling {
    JsonTelling {
        id: also.id.to_urn(),
        source: also.source.as_str().to_owned(),
        name: xml_text::xml_line(&also.name),
        title: xml_text::xml_line(also.title.as_str()),
        url: also.link.as_deref().map(href::encode_href),
        listed_at: xml_text::rfc_3339(also.listed_at),
        same_text: also.is_same_text,
    }
}

fn json_attributions(listed: &StoredEntry) -> Vec<JsonAttribution> {
    let attributions = listed.entry.page.iter().flat_map(|page| &page.attributions);
    attributions
        .map(|attribution| JsonAttribution {
            name: xml_text::xml_line(attribution.name.as_str()),
            line: attribution.line.as_ref().map(|line| xml_text::xml_line(line.as_str())),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ContentPolicy;
    use crate::render::sample;
    use rafid_feed::model::PlainText;

    #[test]
    fn a_feed_as_json() {
        let publication = sample::publication();
        let feed: serde_json::Value =
            serde_json::from_str(&render_json_feed(&publication)).unwrap();
        assert_eq!(feed["version"], "https://jsonfeed.org/version/1.1");
        assert_eq!(feed["language"], "ar");
        assert_eq!(feed["feed_url"], "https://news.example/feed.json");
        let item = &feed["items"][0];
        assert_eq!(item["id"], publication.entries[0].id.to_urn());
        assert_eq!(item["authors"][0]["name"], "وكالة الأولى");
        assert_eq!(item["_rafid"]["source"]["id"], "one");
        assert_eq!(item["_rafid"]["direction"], "rtl");
        assert!(item.get("language").is_none(), "the same as the feed's");
        assert_eq!(feed["items"][1]["language"], "en");
    }

    #[test]
    fn breaking_news_is_marked() {
        let mut publication = sample::publication();
        sample::entry_mut(&mut publication, 0).entry.title =
            PlainText::from_trusted("عاجل: زلزال".to_owned());
        let feed: serde_json::Value =
            serde_json::from_str(&render_json_feed(&publication)).unwrap();
        let item = &feed["items"][0];
        assert_eq!(
            (&item["_rafid"]["breaking"], &item["title"]),
            (&true.into(), &"عاجل: زلزال".into())
        );
        assert_eq!(item["tags"], serde_json::json!(["اقتصاد", "عاجل"]));
        assert!(feed["items"][1]["_rafid"].get("breaking").is_none());
    }

    #[test]
    fn a_full_text_names_its_origin() {
        let mut publication = sample::publication();
        sample::read_page(sample::entry_mut(&mut publication, 0));
        publication.content = ContentPolicy::Full;
        let feed: serde_json::Value =
            serde_json::from_str(&render_json_feed(&publication)).unwrap();
        let (with, without) = (&feed["items"][0], &feed["items"][1]["_rafid"]);
        assert_eq!(with["_rafid"]["full_text"], true);
        let expected =
            serde_json::json!([{"name": "واس", "line": "المصدر: واس"}, {"name": "رويترز"}]);
        assert_eq!(with["_rafid"]["attributions"], expected);
        assert_eq!(
            with["content_html"],
            "<div dir=\"rtl\" lang=\"ar\"><p>النص الكامل</p><p>المصدر: واس</p></div>"
        );
        assert!(without.get("full_text").is_none() && without.get("attributions").is_none());
        // Publishers reserve rights: a summary stays the feed's own.
        publication.content = ContentPolicy::Summary;
        let summary = render_json_feed(&publication);
        assert!(!summary.contains("النص الكامل") && summary.contains("قال تجار"));
    }

    #[test]
    fn addresses_are_valid_uris() {
        let mut publication = sample::publication();
        sample::odd_addresses(&mut publication);
        sample::entry_mut(&mut publication, 0).entry.guid = Some(sample::ODD_ADDRESS.to_owned());
        let text = render_json_feed(&publication);
        let feed: serde_json::Value = serde_json::from_str(&text).unwrap();
        let item = &feed["items"][0];
        let given = [
            &item["url"],
            &item["image"],
            &item["authors"][0]["url"],
            &item["attachments"][0]["url"],
            &item["_rafid"]["guid"],
        ];
        assert!(given.iter().all(|given| **given == sample::ODD_ADDRESS_ENCODED), "{given:?}");
        assert!(!text.contains("s3cret") && !text.contains("/أخ"), "{text}");
    }

    #[test]
    fn images_contributors_and_episodes_are_in_the_extension() {
        let mut publication = sample::publication();
        let item = |publication: &Publication| {
            let feed: Value = serde_json::from_str(&render_json_feed(publication)).unwrap();
            feed["items"][0].clone()
        };
        let plain = item(&publication);
        for key in ["images", "contributors", "episode"] {
            assert_eq!(plain["_rafid"][key], Value::Null, "{key}");
        }
        let entry = &mut sample::entry_mut(&mut publication, 0).entry;
        entry.contributors =
            vec![Person { name: PlainText::from_trusted("ليلى".to_owned()), url: None }];
        entry.image = Some(sample::image("https://one.example/1.jpg", "ميناء"));
        entry.more_images = vec![sample::image("https://one.example/2.jpg", "سفن")];
        entry.episode = Some(Box::new(sample::episode("https://one.example/e", "خالد")));
        let item = item(&publication);
        assert_eq!(item["image"], "https://one.example/1.jpg");
        let extension = &item["_rafid"];
        assert_eq!(extension["images"][1]["alt"], "سفن");
        assert_eq!(extension["contributors"][0]["name"], "ليلى");
        assert_eq!(extension["episode"]["chapters"][0]["start_ms"], 62_500);
        assert_eq!(extension["episode"]["persons"][0]["role"], "خالد");
    }

    #[test]
    fn control_characters_are_dropped() {
        let text = render_json_feed(&sample::hostile("أ\u{1}ب\u{0}"));
        assert!(!text.contains("\\u00"), "{text}");
    }

    #[test]
    fn joined_items_are_the_document_that_the_crate_writes() {
        for count in 0..=4 {
            let mut publication = sample::publication();
            publication.entries.truncate(count);
            let settings = EntrySettings::of_feed(&publication);
            let items = shown_entries(&publication, &settings).map(|shown| json_item(&shown));
            let whole =
                JsonFeedDocument { items: items.collect(), ..feed_without_items(&publication) };
            let whole = serde_json::to_string(&whole).unwrap();
            assert_eq!(render_json_feed(&publication), whole, "{count}");
        }
    }
}
