//! Our outputs are read back by our own reader unchanged: the same entries, in the same order, whatever they
//! contain.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use proptest::prelude::*;
use rafid::model::{
    ArchiveLinks, Category, ContentPolicy, EntryId, PublicUrl, Publication, Scope, SiteName,
    SourceId, SourceInfo, StoredEntry,
};
use rafid::render;
use rafid_feed::arabic::direction_of;
use rafid_feed::model::{
    Direction, Document, Enclosure, Entry, Feed, Identity, IdentityKind, Image, Language, Person,
    PlainText, ReadHints, SafeHtml,
};
use rafid_feed::pipeline;

fn plain(text: &str) -> PlainText {
    PlainText::from_trusted(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Words of several scripts with everything that markup could consist of.
fn words() -> impl Strategy<Value = String> {
    "[ا-ي]{1,8}( ([ا-ي]{1,8}|[a-z]{1,6}|[0-9]{1,3}|<b>|&amp;|&|\"|'|]]>|<|>|«خبر»|ﷺ|😀)){0,6}"
}

#[derive(Debug, Clone)]
struct Drawn {
    title: String,
    text: String,
    second: i64,
    tags: Vec<String>,
    files: usize,
    author: Option<String>,
    has_link: bool,
}

fn drawn() -> impl Strategy<Value = Drawn> {
    (
        words(),
        words(),
        0..40_000_000_i64,
        // Shorter ones may be words that no reader keeps (عام, خبر).
        proptest::collection::vec("[ا-ي]{6,9}", 0..3),
        0..3_usize,
        proptest::option::of("[ا-ي]{2,9} [ا-ي]{2,9}"),
        any::<bool>(),
    )
        .prop_map(|(title, text, second, tags, files, author, has_link)| Drawn {
            title,
            text,
            second,
            tags,
            files,
            author,
            has_link,
        })
}

fn listed(index: usize, drawn: &Drawn) -> StoredEntry {
    let source = SourceId::new("one").unwrap();
    let key = format!("{index}");
    let identity =
        Identity { kind: IdentityKind::Guid, key: key.clone(), weaker_names: Vec::new() };
    let at = Timestamp::from_second(1_750_000_000 + drawn.second).unwrap();
    let text = plain(&drawn.text);
    let escaped = text.as_str().replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let file = |number: usize| Enclosure {
        url: format!("https://one.example/{index}/{number}.mp3?a=1&b=2"),
        media_type: Some("audio/mpeg".into()),
        length_bytes: Some(9),
        duration_seconds: None,
        title: None,
    };
    StoredEntry {
        id: EntryId::for_identity(&source, &identity),
        entry: Entry {
            guid: Some(key),
            link: drawn.has_link.then(|| format!("https://one.example/n/{index}?x=1&y=2")),
            summary: Some(SafeHtml::from_trusted(format!("<p>{escaped}</p>"))),
            published_at: Some(at),
            authors: drawn
                .author
                .iter()
                .map(|name| Person { name: plain(name), url: None })
                .collect(),
            categories: drawn.tags.iter().map(|tag| plain(tag)).collect(),
            enclosures: (0..drawn.files).map(file).collect(),
            image: (drawn.files == 2).then(|| Image {
                url: format!("https://one.example/{index}.jpg"),
                width: Some(800),
                height: Some(600),
                credit: None,
                alt: Some(plain(&drawn.title)),
            }),
            language: Language::parse("ar"),
            direction: direction_of(&format!("{} {}", drawn.title, drawn.text))
                .unwrap_or(Direction::RightToLeft),
            ..Entry::titled(identity, plain(&drawn.title))
        },
        source,
        first_seen_at: at,
        listed_at: at,
        changed_at: at,
        revision: 0,
        fingerprints: Vec::new(),
        content_hash: 0,
    }
}

fn publication(entries: &[Drawn]) -> Publication {
    let id = SourceId::new("one").unwrap();
    let card = SourceInfo {
        id: id.clone(),
        name: "وكالة <الأولى> & أخواتها".into(),
        description: None,
        site: PublicUrl::parse("https://one.example/"),
        feed_url: PublicUrl::parse("https://one.example/rss?a=1&b=2"),
        categories: Category::new("اقتصاد").into_iter().collect(),
        language: Language::parse("ar"),
        rights: None,
        image: None,
        are_dates_sure: true,
        believes_breaking: true,
    };
    Publication {
        scope: Scope::All,
        title: "الرافد".into(),
        description: "أخبار".into(),
        base: "https://river.example/".into(),
        folder: String::new(),
        is_private: false,
        archive: ArchiveLinks::default(),
        is_folder: false,
        name: SiteName::Generated([7; 16]),
        language: Language::parse("ar").unwrap(),
        updated_at: Timestamp::from_second(1_800_000_000).ok(),
        ttl_seconds: 1800,
        content: ContentPolicy::Summary,
        contact: None,
        entries: entries
            .iter()
            .enumerate()
            .map(|(index, drawn)| Arc::new(listed(index, drawn)))
            .collect(),
        stories: BTreeMap::new(),
        sources: Arc::new(BTreeMap::from([(id, Arc::new(card))])),
    }
}

fn read(text: String) -> Feed {
    let document = Document { bytes: text.into_bytes(), ..Document::default() };
    pipeline::read_feed(&document, ReadHints::default()).unwrap().feed
}

/// Text without markup and white space, to compare summaries.
fn letters(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some((before, after)) = rest.split_once('<') {
        text.push_str(before);
        rest = after.split_once('>').map_or("", |(_, after)| after);
    }
    text.push_str(rest);
    htmlize::unescape(text).chars().filter(|c| !c.is_whitespace()).collect()
}

/// Whether title and text each have the entry's direction, and no word of them looks like markup, which a reader may
/// take it for. Else the direction depends on what a reader keeps of them.
fn is_of_one_direction(entry: &Entry) -> bool {
    let text = entry.summary.as_ref().map_or("", |html| html.as_str());
    let words = [entry.title.as_str(), text.trim_start_matches("<p>").trim_end_matches("</p>")];
    words.iter().all(|words| {
        let direction = direction_of(words).unwrap_or(entry.direction);
        direction == entry.direction && !words.contains(['<', '&'])
    })
}

fn check(publication: &Publication, feed: &Feed, format: &str) -> Result<(), TestCaseError> {
    prop_assert_eq!(feed.entries.len(), publication.entries.len(), "{}", format);
    for (was, is) in publication.entries.iter().zip(&feed.entries) {
        prop_assert_eq!(&is.guid, &Some(was.id.to_urn()), "{}", format);
        // RSS does not say whether a title is text or markup: words that look like markup are read as markup,
        // here as by every reader.
        if format != "rss" || !was.entry.title.as_str().contains(['<', '&']) {
            prop_assert_eq!(&is.title, &was.entry.title, "{}", format);
            if is_of_one_direction(&was.entry) {
                prop_assert_eq!(is.direction, was.entry.direction, "{}", format);
            }
        }
        prop_assert_eq!(&is.link, &was.entry.link, "{}", format);
        prop_assert_eq!(is.published_at, was.entry.published_at, "{}", format);
        prop_assert_eq!(&is.categories, &distinct(&was.entry.categories), "{}", format);
        let urls =
            |entry: &Entry| entry.enclosures.iter().map(|f| f.url.clone()).collect::<Vec<_>>();
        prop_assert_eq!(urls(is), urls(&was.entry), "{}", format);
        let picture = was.entry.image.as_ref().map(|image| &image.url);
        prop_assert_eq!(is.image.as_ref().map(|image| &image.url), picture, "{}", format);
        let body = is.content.as_ref().or(is.summary.as_ref()).map_or("", SafeHtml::as_str);
        let meant = was.entry.summary.as_ref().map_or("", SafeHtml::as_str);
        prop_assert_eq!(letters(body), letters(meant), "{}", format);
        if !was.entry.authors.is_empty() {
            prop_assert_eq!(&is.authors, &was.entry.authors, "{}", format);
        }
    }
    Ok(())
}

/// Categories without duplicates, as in a reading.
fn distinct(names: &[PlainText]) -> Vec<PlainText> {
    let mut seen = Vec::new();
    let mut kept = Vec::new();
    for name in names {
        let key = rafid_feed::arabic::MatchKey::of(name.as_str());
        if !seen.contains(&key) {
            seen.push(key);
            kept.push(name.clone());
        }
    }
    kept
}

proptest! {
    #[test]
    fn the_three_outputs_are_read_back_as_the_same_entries(
        entries in proptest::collection::vec(drawn(), 0..6),
    ) {
        let publication = publication(&entries);
        check(&publication, &read(render::rss::render_rss(&publication)), "rss")?;
        check(&publication, &read(render::atom::render_atom(&publication)), "atom")?;
        check(&publication, &read(render::json_feed::render_json_feed(&publication)), "json")?;
    }
}
