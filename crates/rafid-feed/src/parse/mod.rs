//! A repaired document → the publisher's own words: RSS through `rss`, Atom through `atom_syndication`,
//! JSON Feed by its own types; a page by the operator's selectors. Values that the repair keeps beside the
//! document win; the crates' fields fill the gaps.

mod atom;
mod html_page;
mod json;
mod json_types;
mod loose_json;
mod rss;

use super::model::{CanonicalFormat, RawEntry, RawFeed, RawPerson, RepairedDocument};

pub(crate) use html_page::parse_page;
pub use html_page::selector_error;

/// Why a repaired document cannot be parsed.
#[derive(Debug, thiserror::Error)]
pub enum ParseError {
    /// The `rss` crate rejects a document that the repair calls canonical.
    #[error("the canonical RSS was refused: {0}")]
    Rss(#[source] ::rss::Error),
    /// The `atom_syndication` crate rejects a document that the repair calls canonical.
    #[error("the canonical Atom was refused: {0}")]
    Atom(#[source] atom_syndication::Error),
    /// The text begins like JSON and is not valid.
    #[error("line {line}, column {column}: the JSON is broken: {reason}")]
    Json {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What was expected.
        reason: String,
    },
    /// It is JSON, but not a JSON Feed.
    #[error("this JSON is no JSON Feed: expected a version of jsonfeed.org, or a list of items")]
    NotJsonFeed,
    /// A selector of the operator's is invalid.
    #[error("`{selector}` is no CSS selector: {reason}")]
    Selector {
        /// As given.
        selector: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// No element of a page is an entry: the page is not built as the operator expects.
    #[error(
        "the page was read ({elements_count} elements) but the selector `{selector}` matches nothing"
    )]
    NothingMatches {
        /// Elements of the page.
        elements_count: usize,
        /// The selector of entries.
        selector: String,
    },
    /// Elements are entries, but none of them has a title or a link.
    #[error(
        "the selector `{selector}` matches {matches_count} elements, and none of them holds a title or a link"
    )]
    NoTitleOrLink {
        /// Elements that match.
        matches_count: usize,
        /// The selector of entries.
        selector: String,
    },
    /// The crates return another number of entries than the repair wrote.
    #[error("the document was repaired to {repaired} entries but parsed to {parsed}")]
    EntryCountMismatch {
        /// Entries that the repair wrote.
        repaired: usize,
        /// Entries that the crates returned.
        parsed: usize,
    },
}

/// Parses a repaired document.
///
/// # Errors
/// When the crates reject a document that the repair calls canonical (a defect of this library), or JSON is
/// invalid or not a JSON Feed.
pub fn parse(repaired: RepairedDocument) -> Result<RawFeed, ParseError> {
    let format = repaired.format;
    let mut feed = match repaired.canonical {
        CanonicalFormat::Rss => join_with_repaired(rss::parse_rss(&repaired.body)?, repaired)?,
        CanonicalFormat::Atom => join_with_repaired(atom::parse_atom(&repaired.body)?, repaired)?,
        CanonicalFormat::Json => json::parse_json(&repaired.body)?,
    };
    feed.format = Some(format);
    Ok(feed)
}

/// Joins what the crates return with what the repair keeps beside the document, entry by entry.
fn join_with_repaired(parsed: RawFeed, repaired: RepairedDocument) -> Result<RawFeed, ParseError> {
    if parsed.entries.len() != repaired.entries.len() {
        return Err(ParseError::EntryCountMismatch {
            repaired: repaired.entries.len(),
            parsed: parsed.entries.len(),
        });
    }
    // In place: an entry is large, and moving it costs more than filling the gaps.
    let mut entries = repaired.entries;
    for (kept, parsed) in entries.iter_mut().zip(parsed.entries) {
        fill_entry(kept, parsed);
    }
    let kept = repaired.feed;
    Ok(RawFeed {
        format: None,
        id: kept.id.or(parsed.id),
        title: kept.title.or(parsed.title),
        subtitle: kept.subtitle.or(parsed.subtitle),
        links: non_empty_or(kept.links, parsed.links),
        language: kept.language.or(parsed.language),
        direction: kept.direction.or(parsed.direction),
        base: kept.base.or(parsed.base),
        images: non_empty_or(kept.images, parsed.images),
        updated: kept.updated.or(parsed.updated),
        published: kept.published.or(parsed.published),
        authors: split_people(non_empty_or(kept.authors, parsed.authors)),
        categories: non_empty_or(kept.categories, parsed.categories),
        rights: kept.rights.or(parsed.rights),
        generator: kept.generator.or(parsed.generator),
        moved_to: kept.moved_to,
        podcast_guid: kept.podcast_guid,
        poll_hints: kept.poll_hints,
        entries,
        warnings: parsed.warnings,
    })
}

fn fill_entry(kept: &mut RawEntry, parsed: RawEntry) {
    fill_if_none(&mut kept.guid, parsed.guid);
    fill_if_none(&mut kept.guid_is_permalink, parsed.guid_is_permalink);
    fill_if_none(&mut kept.title, parsed.title);
    fill_if_none(&mut kept.summary, parsed.summary);
    fill_if_none(&mut kept.content, parsed.content);
    fill_if_empty(&mut kept.links, parsed.links);
    fill_if_empty(&mut kept.authors, parsed.authors);
    fill_if_empty(&mut kept.categories, parsed.categories);
    fill_if_empty(&mut kept.enclosures, parsed.enclosures);
    if !kept.contributors.is_empty() {
        kept.contributors = split_people(std::mem::take(&mut kept.contributors));
    }
}

fn fill_if_none<T>(kept: &mut Option<T>, parsed: Option<T>) {
    if kept.is_none() {
        *kept = parsed;
    }
}

fn fill_if_empty<T>(kept: &mut Vec<T>, parsed: Vec<T>) {
    if kept.is_empty() {
        *kept = parsed;
    }
}

fn non_empty_or<T>(kept: Vec<T>, parsed: Vec<T>) -> Vec<T> {
    if kept.is_empty() { parsed } else { kept }
}

/// Text that is not blank, without the surrounding white space.
fn non_blank(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The same for an owned text: without a copy where there is nothing to trim.
fn non_blank_owned(text: String) -> Option<String> {
    match text.trim().len() {
        0 => None,
        length if length == text.len() => Some(text),
        _ => non_blank(&text),
    }
}

/// RSS writes people as `mail (name)`, `name <mail>`, a bare mail or a bare name.
fn parse_person(words: &str) -> Option<RawPerson> {
    let words = non_blank(words)?;
    let split = words
        .split_once('(')
        .map(|(mail, name)| (mail, name.trim_end().trim_end_matches(')')))
        .or_else(|| words.split_once('<').map(|(name, mail)| (mail.trim_end_matches('>'), name)));
    let is_mail = |text: &str| text.contains('@') && !text.trim().contains(char::is_whitespace);
    Some(match split {
        Some((mail, name)) if is_mail(mail) => {
            RawPerson { name: non_blank(name), email: non_blank(mail), url: None }
        }
        _ if is_mail(&words) => RawPerson { name: None, email: Some(words), url: None },
        _ => RawPerson { name: Some(words), email: None, url: None },
    })
}

/// People whose name is still written as in RSS, with their mail apart.
fn split_people(people: Vec<RawPerson>) -> Vec<RawPerson> {
    let split = |person: RawPerson| match &person.name {
        Some(words) if person.email.is_none() && person.url.is_none() => parse_person(words),
        _ => Some(person),
    };
    people.into_iter().filter_map(split).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Format, RawText};

    fn repaired(
        canonical: CanonicalFormat,
        format: Format,
        body: &str,
        entries: usize,
    ) -> RepairedDocument {
        RepairedDocument {
            format,
            canonical,
            body: body.into(),
            feed: RawFeed::default(),
            entries: vec![RawEntry::default(); entries],
            warnings: Vec::new(),
        }
    }

    const RSS: &str = "<rss version=\"2.0\"><channel><title>أخبار</title><link>https://a.example/</link>\
        <description/><item><title>خبر</title><guid>g1</guid><author>x@a.example (سمر)</author>\
        <enclosure url=\"https://a.example/1.mp3\" type=\"audio/mpeg\" length=\"7\"/></item>\
        </channel></rss>";

    #[test]
    fn what_the_repair_keeps_wins_and_the_crate_fills_the_gaps() {
        let mut document = repaired(CanonicalFormat::Rss, Format::Rss, RSS, 1);
        document.entries[0].published = Some("أمس".into());
        document.entries[0].title = Some(RawText { value: "آخر".into(), ..RawText::default() });
        let feed = parse(document).unwrap();
        assert_eq!(feed.title.unwrap().value, "أخبار");
        let entry = &feed.entries[0];
        assert_eq!(entry.title.as_ref().unwrap().value, "آخر");
        assert_eq!(entry.guid.as_deref(), Some("g1"));
        assert_eq!(entry.published.as_deref(), Some("أمس"));
        assert_eq!(entry.authors[0].name.as_deref(), Some("سمر"));
        assert_eq!(entry.enclosures[0].url, "https://a.example/1.mp3");
        let lost = parse(repaired(CanonicalFormat::Rss, Format::Rss, RSS, 2));
        assert!(matches!(lost, Err(ParseError::EntryCountMismatch { repaired: 2, parsed: 1 })));
    }

    #[test]
    fn atom_keeps_relations_and_kinds() {
        let body = "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"ar\"><id>f</id>\
            <title>أخبار</title><updated>2026-11-24T00:00:00Z</updated><entry><id>e</id>\
            <title type=\"html\">&lt;b&gt;خبر&lt;/b&gt;</title><updated>2026-11-24T00:00:00Z</updated>\
            <link rel=\"enclosure\" href=\"https://a.example/1.mp3\"/><author><name>سمر</name></author>\
            <content type=\"html\">&lt;p&gt;نص&lt;/p&gt;</content></entry></feed>";
        let feed = parse(repaired(CanonicalFormat::Atom, Format::Atom03, body, 1)).unwrap();
        assert_eq!((feed.format, feed.language.as_deref()), (Some(Format::Atom03), Some("ar")));
        let entry = &feed.entries[0];
        assert_eq!(entry.title.as_ref().unwrap().kind, crate::model::TextKind::Html);
        assert_eq!(entry.content.as_ref().unwrap().value, "<p>نص</p>");
        assert_eq!(entry.enclosures.len(), 1);
        assert_eq!(entry.updated, None, "dates come beside the document");
    }

    #[test]
    fn json_feeds_are_read_leniently() {
        let body = r#"{"version":"https://jsonfeed.org/version/1","title":"أخبار","author":{"name":"سمر"},
            "hubs":[{"type":"WebSub","url":"https://hub.example/"}],"feed_url":"https://a.example/f",
            "items":[{"id":7,"content_text":"نص","tags":["ا",3,null],"attachments":[{"url":"u","size_in_bytes":9}]},
            "junk",{"id":"x","url":"https://a.example/x","external_url":"https://b.example/","authors":["وكالة"]}]}"#;
        let feed = parse(repaired(CanonicalFormat::Json, Format::JsonFeed, body, 0)).unwrap();
        assert_eq!(feed.entries.len(), 2);
        assert_eq!(feed.warnings[0].entry, Some(1));
        assert_eq!(feed.entries[0].guid.as_deref(), Some("7"));
        assert_eq!(feed.entries[0].categories.len(), 2);
        assert_eq!(feed.entries[0].enclosures[0].length.as_deref(), Some("9"));
        assert_eq!(feed.entries[1].authors[0].name.as_deref(), Some("وكالة"));
        assert_eq!(feed.entries[1].links.len(), 2);
        assert_eq!(feed.links.len(), 2);
    }

    #[test]
    fn broken_json_is_salvaged_with_a_warning() {
        let read = |body: &str| {
            let feed = parse(repaired(CanonicalFormat::Json, Format::JsonFeed, body, 0)).unwrap();
            let codes: Vec<_> = feed.warnings.iter().map(|warning| warning.code).collect();
            (feed.entries.len(), codes.concat())
        };
        let broken = "broken-json".to_owned();
        assert_eq!(read(r#"{"items":[{"id":"1",},{"id":"2"},],}"#), (2, broken.clone()));
        assert_eq!(read(r#"{"items":[{"id":"1"},{"id":"2","title":"عن"#), (2, broken.clone()));
        assert_eq!(read(r#"{"items":[{"id":"1","title":"قال "نعم" ثم"}{id:'2'}]}"#), (2, broken));
        assert_eq!(read(r#"{"items":[{"id":"1"}]}"#), (1, String::new()));
    }

    #[test]
    fn values_of_other_types_are_read() {
        let body = r#"{"version":"https://jsonfeed.org/version/1.1","authors":"سمر","items":[
            {"id":123,"tags":"خبر","authors":{"name":"لينا"},"image":{"url":"https://a.example/1.jpg"},
            "attachments":{"url":"https://a.example/1.mp3","size_in_bytes":1234.0,"duration_in_seconds":"61.5"}}]}"#;
        let feed = parse(repaired(CanonicalFormat::Json, Format::JsonFeed, body, 0)).unwrap();
        let entry = &feed.entries[0];
        assert_eq!(feed.authors[0].name.as_deref(), Some("سمر"));
        assert_eq!(entry.guid.as_deref(), Some("123"));
        assert_eq!(entry.categories[0].term, "خبر");
        assert_eq!(entry.authors[0].name.as_deref(), Some("لينا"));
        assert_eq!(entry.images[0].url, "https://a.example/1.jpg");
        let file = &entry.enclosures[0];
        assert_eq!(
            (file.length.as_deref(), file.duration.as_deref()),
            (Some("1234"), Some("61.5"))
        );
        let found = feed.warnings.iter().map(|it| (it.code, it.count, it.entry));
        let expected = [("single-value", 4, None), ("value-type", 3, Some(0))];
        assert_eq!(found.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn the_place_of_a_fault_counts_characters_and_an_entry_counts_objects() {
        let body = "{\"items\": [5,\n{\"id\": \"سمر\",},{\"id\":\"2\",\"title\":7}]}";
        let feed = parse(repaired(CanonicalFormat::Json, Format::JsonFeed, body, 0)).unwrap();
        let codes: Vec<_> = feed.warnings.iter().map(|it| (it.code, it.entry)).collect();
        let expected =
            [("broken-json", None), ("item-no-object", Some(0)), ("value-type", Some(1))];
        assert_eq!(codes, expected);
        let place = feed.warnings[0].position.unwrap();
        assert_eq!((place.line, place.column), (2, 14));
    }

    #[test]
    fn json_that_is_not_a_feed_has_an_error() {
        let check = |body: &str, expected: &str| {
            let error =
                parse(repaired(CanonicalFormat::Json, Format::JsonFeed, body, 0)).unwrap_err();
            assert!(error.to_string().starts_with(expected), "{error}");
        };
        check("{\n  \"a\": }", "line 2, column 8: the JSON is broken");
        check("{\"a\": 1}", "this JSON is no JSON Feed");
        check("[]", "this JSON is no JSON Feed");
    }

    #[test]
    fn people_as_rss_writes_them() {
        let check = |words: &str, name: Option<&str>, email: Option<&str>| {
            let got = parse_person(words).unwrap();
            assert_eq!((got.name.as_deref(), got.email.as_deref()), (name, email), "{words}");
        };
        check("x@a.example (سمر حداد)", Some("سمر حداد"), Some("x@a.example"));
        check("سمر <x@a.example>", Some("سمر"), Some("x@a.example"));
        check("x@a.example", None, Some("x@a.example"));
        check("سمر (مراسلة)", Some("سمر (مراسلة)"), None);
        assert_eq!(parse_person("  "), None);
    }
}
