//! Tables of sources → the sources that are polled, and the hash of what their documents depend on.

use super::*;
use crate::config::source_keys::SOURCE;
use crate::model::{Location, SourceId};

#[test]
fn the_published_part_of_an_address() {
    let published = |keys: &str| {
        let url = "https://me:word@a.example/feed?token=s3cret&cat=7";
        let config = read(&format!("[[source]]\nurl = \"{url}\"\n{keys}")).unwrap();
        let source = config.sources[0].clone();
        let url = source.published_url().map(|url| url.to_string());
        (source.id.to_string(), url, source.published_location())
    };
    let own = "https://a.example/feed?cat=7".to_owned();
    assert_eq!(published(""), ("a-example-cat-7".into(), Some(own.clone()), own));
    let other = "https://b.example/?key=1".to_owned();
    let keys = "id = \"a\"\npublic_url = \"https://b.example/?key=1\"";
    assert_eq!(published(keys), ("a".into(), Some(other.clone()), other));
    let keys = "id = \"a\"\nprivate = true";
    assert_eq!(published(keys), ("a".into(), None, "(private)".into()));
    for (keys, expected) in [
        ("private = true", "a private source needs an `id`"),
        (
            "id = \"a\"\nprivate = true\npublic_url = \"https://b.example/\"",
            "a private source publishes no address",
        ),
        ("public_url = \"https://me:word@b.example/\"", "without a name and a password"),
    ] {
        let text = format!("[[source]]\nurl = \"https://a.example/\"\n{keys}");
        let error = read(&text).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn every_key_of_a_source_is_parsed() {
    let config = read(
        r#"
        [[source]]
        url = "https://me:word@A.example:443/feed#top"
        id = "أخبار"
        name = "أخبارٌ"
        category = "اقتصاد"
        site = "https://a.example"
        language = "ar"
        charset = "cp1256"
        timezone = "+03:00"
        every = "1h"
        user_agent = "Reader/2"
        headers = { X-Token = "t", accept = "*/*" }
        cap = 7
        push = false
        enabled = true
        full_text = true
        junk_categories = [" ملفات ", "News Feed"]
        keep_categories = ["منوعات"]
        breaking = false
        article = { keep = ".story", drop = "aside, .more" }
        [source.page]
        entry = "article.card"
        title = "h2, h3"
        date = "time"
        "#,
    )
    .unwrap();
    let id = SourceId::new("أخبار").unwrap();
    let source = config.source(&id).unwrap();
    assert_eq!(source.location.to_string(), "https://a.example/feed");
    assert_eq!(source.name.as_deref(), Some("أخبارٌ"));
    assert_eq!(source.categories[0].slug, "اقتصاد");
    assert_eq!(source.site.as_ref().unwrap().as_str(), "https://a.example/");
    assert_eq!(source.language.as_ref().unwrap().as_str(), "ar");
    assert_eq!(source.charset.as_deref(), Some("windows-1256"));
    assert_eq!(source.timezone.as_deref(), Some("+03:00"));
    assert_eq!(source.every, Some(Duration::from_hours(1)));
    assert_eq!(source.user_agent.as_deref(), Some("Reader/2"));
    let headers: Vec<_> = source.headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let expected = [("x-token", "t"), ("accept", "*/*"), ("authorization", "Basic bWU6d29yZA==")];
    assert_eq!(headers, expected);
    assert_eq!((source.cap, source.push), (Some(7), false));
    let page = source.page.as_ref().unwrap();
    assert_eq!((page.entry.as_str(), page.title.as_deref()), ("article.card", Some("h2, h3")));
    assert_eq!((page.link.as_deref(), page.date.as_deref()), (None, Some("time")));
    let article = (source.article.keep.as_deref(), source.article.drop.as_deref());
    assert!(source.full_text && article == (Some(".story"), Some("aside, .more")));
    let labels = &source.labels;
    assert_eq!(
        (&labels.junk[..], &labels.keep[..]),
        (&["ملفات".into(), "News Feed".into()][..], &["منوعات".into()][..])
    );
    assert_eq!(labels.breaking, rafid_feed::model::BreakingSetting::Ignored);
    assert!(!format!("{source:?} {config:?}").contains("bWU6"), "a password is shown");
    assert!(config.source(&SourceId::new("other").unwrap()).is_none());
}

#[test]
fn no_article_is_fetched_by_default() {
    let list = sources("[[source]]\nurl = \"https://a.example/\"");
    assert!(!list[0].full_text);
}

#[test]
fn a_source_has_any_number_of_categories() {
    let check = |keys: &str, expected: &[&str]| {
        let list = sources(&format!("[[source]]\nurl = \"https://a.example/\"\n{keys}"));
        let names: Vec<&str> = list[0].categories.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, expected, "{keys}");
    };
    check("", &[]);
    check("category = \"اقتصاد\"", &["اقتصاد"]);
    check("categories = [\"اقتصاد\", \"الخليج\"]", &["اقتصاد", "الخليج"]);
    check("category = \"اقتصاد\"\ncategories = [\"الخليج\", \"اقتصـاد\"]", &["اقتصاد", "الخليج"]);
    check("categories = []", &[]);
}

#[test]
fn disabled_sources_are_left_out_and_files_are_found() {
    let list = sources(
        r#"
        [[source]]
        url = "https://a.example/"
        enabled = false
        [[source]]
        url = "file:a/b.xml"
        "#,
    );
    let [source] = list.as_slice() else { panic!("{list:?}") };
    assert_eq!(source.location, Location::File("/etc/rafid/a/b.xml".into()));
    assert_eq!(source.id.as_str(), "a-b");
}

#[test]
fn categories_with_the_same_address_are_one() {
    let list = sources(
        r#"
        source = [
            { url = "https://a.example/", category = "اقتصاد" },
            { url = "https://b.example/", category = "اقتصـاد" },
            { url = "https://c.example/", category = "رياضة" },
        ]"#,
    );
    let names: Vec<_> = list.iter().map(|s| s.categories[0].name.as_str()).collect();
    assert_eq!(names, ["اقتصاد", "اقتصاد", "رياضة"]);
}

const PLAIN: &str = "url = \"https://a.example/\"";

/// The hash of a source with these keys.
fn hash(before: &str, keys: &str) -> [u8; 16] {
    let config = read(&format!("{before}\n[[source]]\nid = \"a\"\n{keys}")).unwrap();
    config.source_hash(&config.sources[0])
}

#[test]
fn a_key_changes_the_hash_where_its_row_says_so() {
    let plain = hash("", PLAIN);
    for row in SOURCE.keys.iter().filter(|row| row.name != "enabled") {
        // A value that is not the default.
        let value = match row.default {
            "true" => "false",
            "false" => "true",
            "\"auto\"" if row.name == "clock" => "\"wall\"",
            "\"auto\"" => "true",
            _ => shown_value(row),
        };
        let line = format!("{} = {value}", row.name);
        let others = ["id = \"a\"", PLAIN].into_iter();
        let lines = others.filter(|other| !other.starts_with(&format!("{} ", row.name)));
        let lines: Vec<&str> = lines.chain([line.as_str()]).collect();
        let config = read(&format!("[[source]]\n{}", lines.join("\n"))).unwrap();
        let changed = config.source_hash(&config.sources[0]) != plain;
        assert_eq!(changed, row.hash.is_some(), "{line}");
    }
}

#[test]
fn parts_of_the_hash_have_orders_of_their_own() {
    let mut orders: Vec<u8> =
        SOURCE.keys.iter().filter_map(|row| row.hash.as_ref()).map(|part| part.order).collect();
    orders.sort_unstable();
    let expected: Vec<u8> = (0..).take(orders.len()).collect();
    assert_eq!(orders, expected);
}

#[test]
fn hashes_stay_what_they_were() {
    // An upgrade that changes one of these fetches every document again.
    let hex = |keys: &str| hash("", keys).map(|byte| format!("{byte:02x}")).concat();
    assert_eq!(hex(PLAIN), "ac9315009c5083e08b169db4ab527e9f");
    let all = "url = \"https://a.example/feed\"\nlanguage = \"ar\"\ncharset = \"windows-1256\"\n\
               timezone = \"+03:00\"\nclock = \"wall\"\npage = { entry = \"li\", title = \"h2\" }\n\
               user_agent = \"x\"\nheaders = { a = \"b\" }\njunk_categories = [\"a\"]\n\
               keep_categories = [\"b\"]";
    assert_eq!(hex(all), "37e7c348e47a03abc50d9267fa647acb");
}

#[test]
fn the_hash_of_a_source_is_of_what_its_documents_depend_on() {
    let plain = hash("", PLAIN);
    let others = [
        "language = \"ar\"",
        "charset = \"utf-8\"",
        "timezone = \"+03:00\"",
        "user_agent = \"x\"",
        "headers = { a = \"b\" }",
        "headers = { b = \"a\" }",
        "headers = { ab = \"\" }",
        "junk_categories = [\"a\"]",
        "junk_categories = [\"a\", \"b\"]",
        "keep_categories = [\"a\"]",
    ];
    let mut seen =
        vec![plain, hash("", "url = \"http://a.example/\""), hash("", "url = \"file:a\"")];
    for other in others {
        seen.push(hash("", &format!("{PLAIN}\n{other}")));
    }
    let count = seen.len();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), count);
    let agent = "[polling]\nuser_agent = \"x\"";
    assert_eq!(hash(agent, PLAIN), hash("", &format!("{PLAIN}\nuser_agent = \"x\"")));
    assert_eq!(hash(agent, "url = \"file:a\""), hash("", "url = \"file:a\""));
}
