//! A page's structured data (JSON-LD, schema.org) → what it states about the article.
//!
//! Only objects whose type is an article are read: alone, in a list, in a `@graph`, or as the main entity
//! of a page. Line breaks within strings, which JSON forbids and pages contain, are read as spaces.

use serde_json::Value;

use crate::markup::{MarkupToken, Scanner};

/// Scripts of one page that are read, at most; pages have two or three.
const MOST_SCRIPTS: usize = 16;
/// Bytes of one script that are read, at most.
const MOST_BYTES: usize = 512 * 1024;
/// Objects that are read, at most.
const MOST_OBJECTS: usize = 200;

/// The article in a page's structured data; texts as written.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct StructuredData {
    pub(super) headline: Option<String>,
    pub(super) body: Option<String>,
    pub(super) description: Option<String>,
    pub(super) author: Option<String>,
    pub(super) published: Option<String>,
    pub(super) publisher: Option<String>,
    pub(super) image: Option<String>,
    pub(super) language: Option<String>,
}

/// Reads the structured data of a page; the first article with a text wins, else the first article.
pub(super) fn read_structured_data(page: &str) -> StructuredData {
    let mut found: Vec<StructuredData> = Vec::new();
    for script in find_scripts(page) {
        let Some(value) = parse_script(script) else { continue };
        let mut left = MOST_OBJECTS;
        collect_articles(&value, &mut left, &mut found);
    }
    let at = found.iter().position(|data| data.body.is_some()).unwrap_or(0);
    found.into_iter().nth(at).unwrap_or_default()
}

fn find_scripts(page: &str) -> Vec<&str> {
    let mut scanner = Scanner::new(page);
    let mut found = Vec::new();
    while let Some(token) = scanner.next()
        && found.len() < MOST_SCRIPTS
    {
        let MarkupToken::Start(tag) = token else { continue };
        if !tag.name.eq_ignore_ascii_case("script") {
            continue;
        }
        let is_data = tag.attributes().any(|(name, value)| {
            name.eq_ignore_ascii_case("type")
                && value.trim().to_ascii_lowercase().starts_with("application/ld+json")
        });
        if let Some(content) = scanner.take_to_end_of("script")
            && is_data
            && content.len() <= MOST_BYTES
        {
            found.push(content);
        }
    }
    found
}

fn parse_script(script: &str) -> Option<Value> {
    let bare = script.trim().trim_start_matches("<![CDATA[").trim_end_matches("]]>").trim();
    let bare = bare.trim_start_matches("<!--").trim_end_matches("-->").trim_end_matches(';');
    serde_json::from_str(bare).ok().or_else(|| {
        let mended: String = bare.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        serde_json::from_str(&mended).ok()
    })
}

/// Adds the articles in a value.
fn collect_articles(value: &Value, left: &mut usize, found: &mut Vec<StructuredData>) {
    let Some(rest) = left.checked_sub(1) else { return };
    *left = rest;
    match value {
        Value::Array(values) => {
            for value in values {
                collect_articles(value, left, found);
            }
        }
        Value::Object(object) => {
            if is_article(object.get("@type")) {
                found.push(structured_data_of(value));
            }
            for key in ["@graph", "mainEntity", "mainEntityOfPage"] {
                object.get(key).into_iter().for_each(|value| collect_articles(value, left, found));
            }
        }
        _ => {}
    }
}

/// `NewsArticle`, `Article`, `ReportageNewsArticle`, `BlogPosting`, `LiveBlogPosting`…
fn is_article(kind: Option<&Value>) -> bool {
    let is_one = |kind: &Value| {
        kind.as_str().is_some_and(|kind| kind.ends_with("Article") || kind.ends_with("Posting"))
    };
    match kind {
        Some(Value::Array(kinds)) => kinds.iter().any(is_one),
        Some(kind) => is_one(kind),
        None => false,
    }
}

fn structured_data_of(value: &Value) -> StructuredData {
    StructuredData {
        headline: text_value(value.get("headline")).or_else(|| text_value(value.get("name"))),
        body: text_value(value.get("articleBody")),
        description: text_value(value.get("description")),
        author: name_value(value.get("author")),
        published: text_value(value.get("datePublished")),
        publisher: name_value(value.get("publisher")),
        image: address_value(value.get("image")),
        language: text_value(value.get("inLanguage")),
    }
}

fn text_value(value: Option<&Value>) -> Option<String> {
    let text = value?.as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// A person or an organization: its name, or the names of several.
fn name_value(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::Array(values) => {
            let names: Vec<String> =
                values.iter().filter_map(|value| name_value(Some(value))).collect();
            (!names.is_empty()).then(|| names.join("، "))
        }
        Value::Object(object) => text_value(object.get("name")),
        value => text_value(Some(value)),
    }
}

fn address_value(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::Array(values) => address_value(values.first()),
        Value::Object(object) => text_value(object.get("url")),
        value => text_value(Some(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(json: &str) -> String {
        format!("<script>x</script><script type='application/ld+json'>{json}</script>")
    }

    #[test]
    fn articles_are_found_at_any_place() {
        let check = |json: &str, headline: Option<&str>, body: Option<&str>| {
            let data = read_structured_data(&page(json));
            assert_eq!(
                (data.headline.as_deref(), data.body.as_deref()),
                (headline, body),
                "{json}"
            );
        };
        let article = r#"{"@type":"NewsArticle","headline":"عنوان","articleBody":"نص"}"#;
        check(article, Some("عنوان"), Some("نص"));
        check(&format!("[{{\"@type\":\"WebSite\"}},{article}]"), Some("عنوان"), Some("نص"));
        check(&format!("{{\"@graph\":[{article}]}}"), Some("عنوان"), Some("نص"));
        check(r#"{"@type":["Article","X"],"name":"ن","articleBody":" "}"#, Some("ن"), None);
        check("{\"@type\":\"Article\",\"articleBody\":\"سطر\nسطر\"}", None, Some("سطر سطر"));
        check(r#"{"@type":"Organization","name":"صحيفة"}"#, None, None);
        check("{", None, None);
    }

    #[test]
    fn people_and_pictures() {
        let data = read_structured_data(&page(
            r#"{"@type":"Article","author":[{"name":"أ"},{"name":"ب"}],"publisher":{"name":"ن"},
                "image":{"url":"/x.jpg"},"datePublished":"2026-11-25"}"#,
        ));
        assert_eq!(data.author.as_deref(), Some("أ، ب"));
        assert_eq!(data.publisher.as_deref(), Some("ن"));
        assert_eq!(data.image.as_deref(), Some("/x.jpg"));
        assert_eq!(data.published.as_deref(), Some("2026-11-25"));
    }

    #[test]
    fn floods_are_bounded() {
        let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(read_structured_data(&page(&deep)), StructuredData::default());
        let wide = format!("[{}1]", "{\"@type\":\"Article\"},".repeat(1_000));
        assert_eq!(read_structured_data(&page(&wide)), StructuredData::default());
    }
}
