//! An entry as published → the normalized entry.

// `value(…)` and `text(…)` stand for a published value, which the model has as an `Option`.
#![allow(clippy::unnecessary_wraps)]

use url::Url;

use crate::model::{
    Direction, Entry, Feed, Format, IdentityKind, RawEnclosure, RawEntry, RawFeed, RawImage,
    RawLink, RawOrigin, RawPerson, RawText, TextKind,
};
use crate::normalize::{SourceHints, normalize};

const DOCUMENT: &str = "https://a.example/feed.xml";

fn read(raw: RawFeed) -> Feed {
    let url = Url::parse(DOCUMENT).unwrap();
    normalize(raw, &SourceHints { url: Some(&url), ..SourceHints::default() })
}

/// The only entry of a feed that states nothing itself.
fn normalized(entry: RawEntry) -> Entry {
    let mut feed = read(RawFeed { entries: vec![entry], ..RawFeed::default() });
    assert_eq!(feed.entries.len(), 1, "{:?}", feed.warnings);
    feed.entries.remove(0)
}

fn text(value: &str) -> Option<RawText> {
    Some(RawText { value: value.to_owned(), ..RawText::default() })
}

fn link(rel: &str, href: &str) -> RawLink {
    RawLink { href: href.into(), rel: Some(rel.into()), ..RawLink::default() }
}

fn value(words: &str) -> Option<String> {
    Some(words.to_owned())
}

#[test]
fn an_entry_is_built_from_all_its_fields() {
    let entry = normalized(RawEntry {
        guid: value(" a-1 "),
        guid_is_permalink: Some(false),
        title: text("<b>خبر</b> &quot;عاجل&quot;"),
        links: vec![
            link("alternate", "/1?utm_source=rss"),
            link("license", "https://licence.example/"),
            link("via", "https://b.example/1"),
        ],
        summary: text("<p>موجز</p>"),
        content: text("<p>نص <a href=\"2\">آخر</a></p>"),
        published: value("Mon, 23 Nov 2026 10:00:00 +0300"),
        updated: value("2026-11-23T09:00:00Z"),
        origin: Some(RawOrigin { title: value("وكالة"), url: value("javascript:x") }),
        rights: value("© <i>الناشر</i>"),
        comments: value("/1#comments"),
        comments_feed: value("/1/feed"),
        comments_count: value(" 12 "),
        place: value("24.5 46.25"),
        language: value("ar_SA"),
        ..RawEntry::default()
    });
    assert_eq!(entry.identity.kind, IdentityKind::Guid);
    assert_eq!((entry.identity.key.as_str(), entry.guid.as_deref()), ("a-1", Some("a-1")));
    assert_eq!(entry.title.as_str(), "خبر \"عاجل\"");
    assert_eq!(entry.link.as_deref(), Some("https://a.example/1"));
    assert_eq!(entry.summary.unwrap().as_str(), "<p>موجز</p>");
    let content = entry.content.unwrap();
    assert!(content.as_str().contains("href=\"https://a.example/2\""), "{content}");
    assert_eq!(entry.published_at.unwrap().to_string(), "2026-11-23T07:00:00Z");
    assert_eq!(entry.updated_at.unwrap().to_string(), "2026-11-23T09:00:00Z");
    let origin = entry.origin.unwrap();
    assert_eq!((origin.title.unwrap().as_str(), origin.url), ("وكالة", None));
    assert_eq!(entry.rights.unwrap().as_str(), "© الناشر");
    assert_eq!(entry.licence.as_deref(), Some("https://licence.example/"));
    assert_eq!(entry.via.as_deref(), Some("https://b.example/1"));
    assert_eq!(entry.comments.as_deref(), Some("https://a.example/1#comments"));
    assert_eq!(entry.comments_feed.as_deref(), Some("https://a.example/1/feed"));
    assert_eq!(entry.comments_count, Some(12));
    assert_eq!(entry.point.unwrap().longitude_e7, 462_500_000);
    assert_eq!(entry.language.unwrap().as_str(), "ar-SA");
    assert_eq!(entry.direction, Direction::RightToLeft);
}

#[test]
fn the_link_is_a_page_or_a_guid_that_is_an_address() {
    let check = |guid: &str, permalink: Option<bool>, links: &[RawLink], expected: Option<&str>| {
        let entry = normalized(RawEntry {
            guid: value(guid),
            guid_is_permalink: permalink,
            title: text("x"),
            links: links.to_vec(),
            ..RawEntry::default()
        });
        assert_eq!(entry.link.as_deref(), expected, "{guid} {permalink:?} {links:?}");
    };
    let guid = "https://a.example/g";
    check(guid, None, &[link("alternate", "/1")], Some("https://a.example/1"));
    check(guid, None, &[link("alternate", "javascript:x")], Some(guid));
    check(guid, Some(true), &[], Some(guid));
    check(guid, Some(false), &[], None);
    check("g", Some(true), &[], None);
    check("/g", None, &[link("enclosure", "/1.mp3"), link("related", "/2")], None);
}

#[test]
fn dates_are_read_in_the_feeds_zone_or_are_absent() {
    let raw = |published: &str| RawFeed {
        entries: vec![
            RawEntry {
                title: text("x"),
                published: value(published),
                ..RawEntry::default()
            };
            3
        ],
        ..RawFeed::default()
    };
    let hints = SourceHints { timezone: Some("Asia/Riyadh"), ..SourceHints::default() };
    let feed = normalize(raw("2026-11-23 10:00"), &hints);
    assert_eq!(feed.entries[0].published_at.unwrap().to_string(), "2026-11-23T07:00:00Z");
    assert!(feed.warnings.is_empty());
    let feed = normalize(raw("أمس"), &hints);
    assert_eq!(feed.entries[0].published_at, None);
    let warning = &feed.warnings[0];
    assert_eq!((warning.code, warning.entry, warning.count), ("unreadable-date", Some(0), 3));
    assert_eq!(warning.detail, "the date \"أمس\" cannot be read: left out");
    assert!(normalize(raw(" "), &hints).warnings.is_empty(), "a blank date is absent");
    assert_eq!(normalize(raw("1969-12-31"), &hints).entries[0].published_at, None);
}

#[test]
fn relative_addresses_follow_the_base_else_the_page() {
    let check = |feed_base: Option<&str>,
                 entry_base: Option<&str>,
                 text_base: Option<&str>,
                 expected: &str| {
        let content = RawText {
            value: "<img src=x.jpg>".into(),
            base: text_base.map(str::to_owned),
            ..RawText::default()
        };
        let entry = RawEntry {
            links: vec![link("alternate", "https://www.a.example/news/1")],
            content: Some(content),
            base: entry_base.map(str::to_owned),
            ..RawEntry::default()
        };
        let raw = RawFeed {
            base: feed_base.map(str::to_owned),
            entries: vec![entry],
            ..RawFeed::default()
        };
        let image = read(raw).entries.remove(0).image.unwrap();
        assert_eq!(image.url, expected, "{feed_base:?} {entry_base:?} {text_base:?}");
    };
    check(None, None, None, "https://www.a.example/news/x.jpg");
    check(Some("/b/"), None, None, "https://a.example/b/x.jpg");
    check(Some("/b/"), Some("c/"), None, "https://a.example/b/c/x.jpg");
    check(Some("/b/"), Some("c/"), Some("d/"), "https://a.example/b/c/d/x.jpg");
    check(None, None, Some("https://c.example/"), "https://c.example/x.jpg");
}

#[test]
fn the_lead_picture() {
    let check = |images: &[&str], file: Option<&str>, content: &str, expected: Option<&str>| {
        let entry = normalized(RawEntry {
            title: text("x"),
            content: text(content),
            images: images
                .iter()
                .map(|url| RawImage { url: (*url).into(), ..RawImage::default() })
                .collect(),
            enclosures: file
                .map(|url| RawEnclosure { url: url.into(), ..RawEnclosure::default() })
                .into_iter()
                .collect(),
            ..RawEntry::default()
        });
        let enclosures = usize::from(file.is_some());
        assert_eq!(entry.image.map(|image| image.url).as_deref(), expected);
        assert_eq!(entry.enclosures.len(), enclosures, "a picture stays an enclosure");
    };
    let (one, two) = ("https://a.example/1.jpg", "https://a.example/2.jpg");
    check(&[one], Some(two), "", Some(one));
    check(&["data:x"], Some(two), "", Some(two));
    check(&[], Some("https://a.example/1.mp3"), "<img src=/2.jpg>", Some(two));
    check(&[], None, "<img src=/0.gif width=1><img src=/1.jpg><img src=/2.jpg>", Some(one));
    check(&[], None, "x", None);
}

#[test]
fn language_and_direction() {
    let arabic = "افتتح مجلس المدينة مكتبة جديدة";
    let raw = |title: &str, language: Option<&str>, direction: Option<&str>| RawFeed {
        language: value("en-US"),
        entries: vec![RawEntry {
            title: text(title),
            language: language.map(str::to_owned),
            direction: direction.map(str::to_owned),
            ..RawEntry::default()
        }],
        ..RawFeed::default()
    };
    let check = |raw: RawFeed, language: &str, direction: Direction, warnings: &[&str]| {
        let feed = read(raw);
        let entry = &feed.entries[0];
        assert_eq!(entry.language.as_ref().unwrap().as_str(), language, "{}", entry.title);
        assert_eq!(entry.direction, direction, "{}", entry.title);
        let codes: Vec<&str> = feed.warnings.iter().map(|warning| warning.code).collect();
        assert_eq!(codes, warnings, "{}", entry.title);
    };
    let (rtl, ltr) = (Direction::RightToLeft, Direction::LeftToRight);
    check(raw(arabic, None, None), "ar", rtl, &["language-mismatch"]);
    check(raw(arabic, Some("fr"), Some("ltr")), "ar", ltr, &["language-mismatch"]);
    check(raw("CNN: مكتبة السنديان", Some("ar-EG"), None), "ar-EG", rtl, &["language-mismatch"]);
    check(raw("A new library opens", None, None), "en-US", ltr, &[]);
    check(raw("2026", Some("ar"), None), "ar", rtl, &[]);
    let mut claimed = raw("A new library", None, None);
    claimed.entries[0].content = Some(RawText {
        value: "x".into(),
        direction: value("RTL"),
        language: value("he"),
        ..RawText::default()
    });
    check(claimed, "he", rtl, &[]);
    let mut mixed = raw("A new library opens in the city", None, None);
    mixed.entries.insert(0, RawEntry { title: text(arabic), ..RawEntry::default() });
    mixed.title = text("The English title of an English feed about the news");
    check(mixed, "ar", rtl, &["language-mismatch"]);
}

#[test]
fn without_another_base_files_are_beside_the_page_of_their_entry() {
    let file = RawEnclosure { url: "/1.mp3".into(), ..RawEnclosure::default() };
    let entry = |address: &str| RawEntry {
        links: vec![link("alternate", address)],
        enclosures: vec![file.clone()],
        ..RawEntry::default()
    };
    let files = |entry: RawEntry| {
        let raw = RawFeed { entries: vec![entry], ..RawFeed::default() };
        let feed = normalize(raw, &SourceHints::default());
        feed.entries[0].enclosures.iter().map(|file| file.url.clone()).collect::<String>()
    };
    assert_eq!(files(entry("https://b.example/n/1")), "https://b.example/1.mp3");
    assert_eq!(files(entry("n/1")), "");
}

#[test]
fn a_text_is_kept_once_and_an_empty_entry_gives_a_warning() {
    let both = normalized(RawEntry {
        summary: text("<p>نص</p>"),
        content: text("<p class=x>نص</p>"),
        ..RawEntry::default()
    });
    assert!(both.summary.is_none() && both.content.is_some());
    let empty = RawEntry {
        guid: value("g"),
        title: text(" \u{200f} "),
        summary: text("<script>x</script>"),
        links: vec![link("alternate", "javascript:x")],
        ..RawEntry::default()
    };
    let file = RawEnclosure { url: "/1.mp3".into(), ..RawEnclosure::default() };
    let sound = RawEntry { enclosures: vec![file], ..RawEntry::default() };
    let feed = read(RawFeed { entries: vec![empty.clone(), sound, empty], ..RawFeed::default() });
    assert_eq!(feed.entries.len(), 3, "kept, with a warning");
    let warnings: Vec<_> =
        feed.warnings.iter().map(|warning| (warning.code, warning.entry, warning.count)).collect();
    let expected =
        [("unusable-link", Some(0), 2), ("repeated-id", Some(2), 1), ("empty-entry", Some(0), 2)];
    assert_eq!(warnings, expected);
}

#[test]
fn entries_inherit_the_authors_of_the_feed_in_formats_that_allow_it() {
    let check = |format: Format, expected: &[&str]| {
        let person = |name: &str| RawPerson { name: value(name), ..RawPerson::default() };
        let entry = RawEntry { title: text("x"), ..RawEntry::default() };
        let own = RawEntry { authors: vec![person("سمر")], ..entry.clone() };
        let feed = read(RawFeed {
            format: Some(format),
            authors: vec![person("تحرير")],
            entries: vec![entry, own],
            ..RawFeed::default()
        });
        let names: Vec<&str> =
            feed.entries.iter().flat_map(|e| e.authors.iter().map(|a| a.name.as_str())).collect();
        assert_eq!(names, expected, "{format:?}");
    };
    check(Format::Atom, &["تحرير", "سمر"]);
    check(Format::JsonFeed, &["تحرير", "سمر"]);
    check(Format::Rss, &["سمر"]);
}

#[test]
fn losses_in_texts_give_warnings() {
    let deep =
        RawText { value: "<div>".repeat(200) + "x", kind: TextKind::Html, ..RawText::default() };
    let long = RawText { value: "<b>x</b> ".repeat(40_000), ..RawText::default() };
    let entry = RawEntry { content: Some(deep), summary: Some(long), ..RawEntry::default() };
    let feed = read(RawFeed { entries: vec![entry.clone(), entry], ..RawFeed::default() });
    let shown: Vec<_> = feed.warnings.iter().map(|w| (w.code, w.entry, w.count)).collect();
    assert_eq!(shown, [("nesting-flattened", Some(0), 2), ("text-cut", Some(0), 2)]);
}
