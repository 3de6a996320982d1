//! A feed as published → the normalized feed.

// `value(…)` and `text(…)` stand for a published value, which the model has as an `Option`.
#![allow(clippy::unnecessary_wraps)]

use proptest::prelude::*;
use url::Url;

use super::*;
use crate::arabic::MatchKey;
use crate::model::{
    RawCategory, RawEnclosure, RawEntry, RawImage, RawLink, RawPerson, RawPollHints, RawText,
    SafeHtml, Stage, TextKind, Warning,
};

fn value(words: &str) -> Option<String> {
    Some(words.to_owned())
}

fn text(value: &str) -> Option<RawText> {
    Some(RawText { value: value.to_owned(), ..RawText::default() })
}

fn link(rel: &str, href: &str) -> RawLink {
    RawLink { href: href.into(), rel: Some(rel.into()), ..RawLink::default() }
}

#[test]
fn the_header_of_a_feed() {
    let url = Url::parse("https://feeds.example/a.xml").unwrap();
    let hints = SourceHints { url: Some(&url), timezone: Some("+03:00"), ..SourceHints::default() };
    let feed = normalize(
        RawFeed {
            title: text("<b>أخبار</b> المدينة"),
            subtitle: text(" كل &quot;جديد&quot; "),
            links: vec![
                link("self", "/a.xml?x=1"),
                link("alternate", "https://a.example/"),
                link("hub", "https://hub.example/"),
                link("hub", "https://hub.example/"),
                link("hub", "javascript:x"),
                link("next", "?page=2"),
                link("license", "https://licence.example/"),
            ],
            language: value("ar"),
            images: vec![RawImage { url: "/logo.png".into(), ..RawImage::default() }],
            published: value("2026-11-23 10:00"),
            rights: value("© الناشر"),
            generator: value("WordPress &amp; co"),
            poll_hints: RawPollHints { ttl: value("60"), ..RawPollHints::default() },
            ..RawFeed::default()
        },
        &hints,
    );
    assert_eq!(feed.title.unwrap().as_str(), "أخبار المدينة");
    assert_eq!(feed.subtitle.unwrap().as_str(), "كل \"جديد\"");
    assert_eq!(feed.site.as_deref(), Some("https://a.example/"));
    assert_eq!(feed.self_link.as_deref(), Some("https://feeds.example/a.xml?x=1"));
    assert_eq!(feed.hubs, ["https://hub.example/"]);
    assert_eq!(feed.next.as_deref(), Some("https://feeds.example/a.xml?page=2"));
    assert_eq!(feed.licence.as_deref(), Some("https://licence.example/"));
    assert_eq!(feed.image.unwrap().url, "https://feeds.example/logo.png");
    assert_eq!(feed.updated_at.unwrap().to_string(), "2026-11-23T07:00:00Z");
    assert_eq!(feed.rights.unwrap().as_str(), "© الناشر");
    assert_eq!(feed.generator.unwrap().as_str(), "WordPress & co");
    assert_eq!(feed.poll_hints.ttl_seconds, Some(3600));
    assert_eq!(feed.language.unwrap().as_str(), "ar");
    assert_eq!(feed.direction, crate::model::Direction::RightToLeft);
    assert!(feed.warnings.is_empty() && feed.entries.is_empty());
}

#[test]
fn the_title_of_a_feed_may_be_escapes() {
    let title = text("=?utf-8?B?2LXYrdmK2YHYqQ==?=");
    let feed = normalize(RawFeed { title, ..RawFeed::default() }, &SourceHints::default());
    assert_eq!(feed.title.unwrap().as_str(), "صحيفة");
    assert_eq!((feed.warnings[0].code, feed.warnings[0].entry), ("escaped-letters", None));
}

#[test]
fn an_empty_feed_gives_empty_fields() {
    let feed = normalize(RawFeed::default(), &SourceHints::default());
    assert_eq!((feed.title, feed.site, feed.language, feed.updated_at), (None, None, None, None));
    assert_eq!(feed.direction, crate::model::Direction::Auto);
    assert!(feed.warnings.is_empty());
}

#[test]
fn too_many_entries_are_cut_and_counted() {
    let entries = (0..MOST_ENTRIES + 7)
        .map(|n| RawEntry { guid: Some(n.to_string()), title: text("x"), ..RawEntry::default() })
        .collect();
    let parsed = Warning::new(Stage::Parse, "item-no-object", "x");
    let raw = RawFeed { entries, warnings: vec![parsed.clone()], ..RawFeed::default() };
    let feed = normalize(raw, &SourceHints::default());
    assert_eq!(feed.entries.len(), MOST_ENTRIES);
    assert_eq!(feed.entries[3].guid.as_deref(), Some("3"), "the first ones are kept");
    assert_eq!(feed.warnings[0], parsed, "the parser's warnings come first");
    assert_eq!((feed.warnings[1].code, feed.warnings[1].count), ("entries-dropped", 7));
}

fn words() -> impl Strategy<Value = String> {
    let pieces = vec![
        "خبر",
        "x",
        " ",
        "\u{a0}",
        "<b>",
        "</b>",
        "<p dir=rtl>",
        "<img src=x.jpg>",
        "&amp;",
        "&lt;p&gt;",
        "https://a.example/1?utm_source=x",
        "javascript:x",
        "/y",
        "#",
        "?",
        "2026-11-23",
        "10:00",
        "أمس",
        "1",
        "24.5",
        "\u{202e}",
        "\u{2069}",
        "\u{0}",
        "ar",
        "rtl",
        "<script>",
        "data:x",
        "-",
    ];
    prop::collection::vec(prop::sample::select(pieces), 0..6).prop_map(|pieces| pieces.concat())
}

fn maybe_words() -> impl Strategy<Value = Option<String>> {
    prop::option::of(words())
}

prop_compose! {
    fn raw_text()(
        value in words(),
        kind in prop::sample::select(vec![TextKind::Text, TextKind::Html, TextKind::Unspecified]),
        language in maybe_words(),
        direction in maybe_words(),
        base in maybe_words(),
    ) -> Option<RawText> {
        Some(RawText { value, kind, language, direction, base })
    }
}

prop_compose! {
    fn raw_entry()(
        guid in maybe_words(),
        guid_is_permalink in prop::option::of(any::<bool>()),
        (title, summary, content) in (raw_text(), raw_text(), raw_text()),
        href in words(),
        (published, updated, place) in (maybe_words(), maybe_words(), maybe_words()),
        (name, file, picture) in (maybe_words(), words(), words()),
        (duration, base) in (maybe_words(), maybe_words()),
    ) -> RawEntry {
        RawEntry {
            guid,
            guid_is_permalink,
            title,
            links: vec![RawLink { href, ..RawLink::default() }],
            summary,
            content,
            published,
            updated,
            authors: vec![RawPerson { name: name.clone(), url: name.clone(), ..RawPerson::default() }],
            categories: vec![RawCategory { term: file.clone(), label: name, scheme: None }],
            enclosures: vec![RawEnclosure {
                url: file,
                length: duration.clone(),
                duration,
                ..RawEnclosure::default()
            }],
            images: vec![RawImage { url: picture, ..RawImage::default() }],
            base,
            place,
            ..RawEntry::default()
        }
    }
}

proptest! {
    #[test]
    fn any_feed_is_normalized_safely_and_without_panic(
        title in raw_text(),
        entries in prop::collection::vec(raw_entry(), 0..4),
        base in maybe_words(),
    ) {
        let url = Url::parse("https://a.example/feed").unwrap();
        let hints = SourceHints { url: Some(&url), ..SourceHints::default() };
        let feed = normalize(RawFeed { title, base, entries, ..RawFeed::default() }, &hints);
        for entry in &feed.entries {
            let texts = entry.summary.iter().chain(&entry.content).map(SafeHtml::as_str);
            for html in texts {
                prop_assert!(!html.contains("<script") && !html.contains("=\"javascript:"), "{}", html);
                prop_assert!(!html.contains("=\"data:"), "{}", html);
            }
            let pictures = entry.image.iter().map(|image| &image.url);
            let files = entry.enclosures.iter().map(|file| &file.url);
            for address in entry.link.iter().chain(pictures).chain(files) {
                prop_assert!(address.starts_with("http"), "{}", address);
            }
            prop_assert!(!entry.title.as_str().contains(char::is_control));
        }
        // Titles differ for readers by their letters: "" and "#" do not.
        let title = |entry: &Entry| MatchKey::of(entry.title.as_str());
        let keys: std::collections::BTreeSet<_> =
            feed.entries.iter().map(|e| (e.identity.kind, &e.identity.key, &e.link, title(e))).collect();
        let names: std::collections::BTreeSet<_> =
            feed.entries.iter().map(|e| (e.identity.kind, &e.identity.key)).collect();
        prop_assert_eq!(keys.len(), names.len(), "different entries have different keys");
    }
}
