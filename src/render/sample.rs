//! Test data for the outputs: a small publication with Arabic and English entries, and arbitrary text.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use proptest::prelude::*;
use rafid_feed::model::{
    Chapter, ChapterFile, Direction, Enclosure, Entry, EntryPage, Episode, EpisodeKind, Identity,
    IdentityKind, Image, Language, Participant, Person, PlainText, PublishedAttribution, SafeHtml,
    Transcript,
};

use crate::model::{
    ArchiveLinks, Category, ContentPolicy, EntryId, OtherTelling, PublicUrl, Publication, Scope,
    SiteName, SourceId, SourceInfo, StoredEntry, StorySummary,
};
use crate::render::masthead::SiteFrame;

fn plain(text: &str) -> PlainText {
    PlainText::from_trusted(text.to_owned())
}

fn source_info(id: &str, name: &str, category: &str) -> SourceInfo {
    SourceInfo {
        id: SourceId::new(id).unwrap(),
        name: name.to_owned(),
        description: None,
        site: PublicUrl::parse(&format!("https://{id}.example/")),
        feed_url: PublicUrl::parse(&format!("https://{id}.example/rss")),
        categories: Category::new(category).into_iter().collect(),
        language: Language::parse("ar"),
        rights: Some("جميع الحقوق محفوظة".to_owned()),
        image: None,
        are_dates_sure: true,
        believes_breaking: true,
    }
}

pub(super) fn listed(source: &str, title: &str, summary: &str, at: &str) -> StoredEntry {
    let source = SourceId::new(source).unwrap();
    let latin = title.starts_with(|c: char| c.is_ascii_alphabetic());
    let identity =
        Identity { kind: IdentityKind::Guid, key: title.to_owned(), weaker_names: Vec::new() };
    let at: Timestamp = at.parse().unwrap();
    StoredEntry {
        id: EntryId::for_identity(&source, &identity),
        entry: Entry {
            guid: Some(title.to_owned()),
            link: Some(format!("https://{source}.example/a?x=1&y=2")),
            summary: Some(SafeHtml::from_trusted(summary.to_owned())),
            published_at: Some(at),
            categories: vec![plain("اقتصاد")],
            language: Language::parse(if latin { "en" } else { "ar" }),
            direction: if latin { Direction::LeftToRight } else { Direction::RightToLeft },
            ..Entry::titled(identity, plain(title))
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

/// The same entry with an image and two sound files.
fn with_media(mut listed: StoredEntry) -> StoredEntry {
    let file = |url: &str| Enclosure {
        url: url.to_owned(),
        media_type: Some("audio/mpeg".to_owned()),
        length_bytes: Some(7),
        duration_seconds: None,
        title: None,
    };
    listed.entry.enclosures =
        vec![file("https://one.example/1.mp3"), file("https://one.example/2.mp3")];
    listed.entry.image = Some(Image {
        url: "https://one.example/1.jpg?a=1&b=2".to_owned(),
        width: Some(800),
        height: Some(600),
        credit: None,
        alt: None,
    });
    listed
}

/// A picture with the same words for what it shows and for its owner.
pub(super) fn image(url: &str, words: &str) -> Image {
    let (credit, alt) = (Some(plain(words)), Some(plain(words)));
    Image { url: url.to_owned(), width: Some(640), height: None, credit, alt }
}

/// An episode with the same address and the same words everywhere.
pub(super) fn episode(url: &str, words: &str) -> Episode {
    let person = Person { name: plain(words), url: Some(url.to_owned()) };
    Episode {
        number: Some(7),
        season: Some(2),
        kind: Some(EpisodeKind::Bonus),
        is_explicit: Some(false),
        transcripts: vec![Transcript {
            url: url.to_owned(),
            media_type: Some("text/vtt".to_owned()),
            language: Some(words.to_owned()),
            is_captions: true,
        }],
        chapter_file: Some(ChapterFile { url: url.to_owned(), media_type: None }),
        chapters: vec![Chapter {
            start_ms: 62_500,
            title: plain(words),
            url: Some(url.to_owned()),
            image_url: None,
        }],
        participants: vec![Participant {
            person,
            role: Some(plain(words)),
            group: None,
            image_url: Some(url.to_owned()),
        }],
    }
}

/// Gives an entry the text of its page.
pub(super) fn read_page(listed: &mut StoredEntry) {
    let attribution = |line: Option<&str>, name: &str| PublishedAttribution {
        line: line.map(plain),
        name: plain(name),
    };
    listed.entry.content = Some(SafeHtml::from_trusted("<p>النص الكامل</p>".to_owned()));
    listed.entry.page = Some(EntryPage {
        is_text: true,
        attributions: vec![attribution(Some("المصدر: واس"), "واس"), attribution(None, "رويترز")],
        validators: None,
    });
}

/// An address as some publishers write it, and its form in outputs.
pub(super) const ODD_ADDRESS: &str = "https://me:s3cret@a.example/أخ \"<x>|[1]?q={س}&a=1";
pub(super) const ODD_ADDRESS_ENCODED: &str =
    "https://a.example/%D8%A3%D8%AE%20%22%3Cx%3E%7C%5B1%5D?q=%7B%D8%B3%7D&a=1";

/// Sets that address wherever the first entry has one, also in its full text.
pub(super) fn odd_addresses(publication: &mut Publication) {
    publication.content = ContentPolicy::Full;
    let entry = &mut entry_mut(publication, 0).entry;
    entry.link = Some(ODD_ADDRESS.to_owned());
    entry.comments = entry.link.clone();
    entry.authors = vec![Person { name: plain("كاتب"), url: entry.link.clone() }];
    for file in &mut entry.enclosures {
        file.url = ODD_ADDRESS.to_owned();
    }
    if let Some(image) = &mut entry.image {
        image.url = ODD_ADDRESS.to_owned();
    }
    let escaped = super::xml_text::escape_html(ODD_ADDRESS);
    entry.content = Some(SafeHtml::from_trusted(format!("<p><a href=\"{escaped}\">خبر</a></p>")));
}

/// The entry with this index, to change it.
pub(super) fn entry_mut(publication: &mut Publication, index: usize) -> &mut StoredEntry {
    Arc::make_mut(&mut publication.entries[index])
}

pub(super) fn publication() -> Publication {
    let sources = [
        source_info("one", "وكالة الأولى", "اقتصاد"),
        source_info("two", "Second News", "العالم"),
        source_info("three", "صحيفة الميزان", "علوم وتقنية"),
    ];
    Publication {
        scope: Scope::All,
        title: "الرافد".to_owned(),
        description: "أخبار العالم العربي من مصادر كثيرة في مجرى واحد".to_owned(),
        base: "https://news.example/".to_owned(),
        folder: String::new(),
        is_private: false,
        archive: ArchiveLinks::default(),
        is_folder: false,
        name: SiteName::Generated([7; 16]),
        language: Language::parse("ar").unwrap(),
        updated_at: Some("2026-11-24T05:02:00Z".parse().unwrap()),
        ttl_seconds: 600,
        content: ContentPolicy::Summary,
        contact: None,
        entries: [
            with_media(listed(
                "one",
                "أسعار القمح ترتفع إلى أعلى مستوى منذ عامين مع تراجع محاصيل الخريف",
                "<p>قال تجار في الموانئ إن العقود الآجلة صعدت 3.4% يوم الإثنين، وإن المشترين يترقبون \
                 تقرير المحاصيل المقبل لمعرفة حجم المخزون المتبقي قبل موسم الشتاء.</p>",
                "2026-11-24T05:02:00Z",
            )),
            listed(
                "two",
                "Harbour reopens after a week of storms",
                "<p>Ships that had waited offshore began to enter the port on Monday.</p>",
                "2026-11-24T04:40:00Z",
            ),
            listed(
                "three",
                "«CNN» و OpenAI: ماذا تعني اتفاقية المحتوى الجديدة للصحف العربية؟",
                "<p>تفتح الاتفاقية بابًا واسعًا أمام الأسئلة حول حقوق النشر والذكاء الاصطناعي.</p>",
                "2026-11-23T22:15:00Z",
            ),
            listed("one", "المنتخب يفوز 2-1 ويتأهل إلى ربع النهائي", "", "2026-11-23T20:00:00Z"),
        ]
        .map(Arc::new)
        .into(),
        stories: BTreeMap::new(),
        sources: Arc::new(sources.map(|info| (info.id.clone(), Arc::new(info))).into()),
    }
}

/// Gives an entry a story that these sources report, too.
pub(super) fn join_story(publication: &mut Publication, index: usize, sources: &[&str]) {
    let first = Arc::clone(&publication.entries[index]);
    let others = sources.iter().map(|source| OtherTelling {
        id: first.id,
        source: SourceId::new(source).unwrap(),
        name: format!("صحيفة {source} & <i>"),
        title: plain("خبر <آخر>"),
        link: Some("https://other.example/?a=1&b=2".to_owned()),
        listed_at: first.listed_at,
        is_same_text: false,
    });
    let story = StorySummary { id: first.id, others: others.collect() };
    publication.stories.insert(first.id, story);
}

/// What pages show of the site of that publication.
pub(super) fn frame() -> SiteFrame {
    let categories = ["اقتصاد", "العالم", "علوم وتقنية", "رياضة"];
    SiteFrame {
        title: "الرافد".to_owned(),
        base: "https://news.example/".to_owned(),
        categories: categories.into_iter().filter_map(Category::new).collect(),
        outputs: vec![("syria".to_owned(), "أخبار سوريا".to_owned())],
        can_search: true,
        is_folder: false,
        hides_status: false,
    }
}

/// One entry, with the same words in every field that has words.
pub(super) fn hostile(words: &str) -> Publication {
    let mut publication = publication();
    publication.entries.truncate(1);
    publication.title = words.to_owned();
    publication.description = words.to_owned();
    publication.contact = Some(words.to_owned());
    let entry = &mut entry_mut(&mut publication, 0).entry;
    entry.title = plain(words);
    entry.guid = Some(words.to_owned());
    entry.summary = Some(SafeHtml::from_trusted(words.to_owned()));
    entry.link = Some(format!("https://a.example/{words}"));
    entry.categories = vec![plain(words)];
    entry.rights = Some(plain(words));
    entry.comments = Some(words.to_owned());
    entry.authors = vec![Person { name: plain(words), url: Some(words.to_owned()) }];
    entry.contributors = entry.authors.clone();
    entry.image = Some(image(words, words));
    entry.more_images = vec![image(words, words)];
    entry.episode = Some(Box::new(episode(words, words)));
    entry.enclosures = vec![Enclosure {
        url: words.to_owned(),
        media_type: Some(words.to_owned()),
        length_bytes: None,
        duration_seconds: None,
        title: Some(plain(words)),
    }];
    for info in Arc::make_mut(&mut publication.sources).values_mut() {
        let info = Arc::make_mut(info);
        info.name = words.to_owned();
        info.rights = Some(words.to_owned());
        info.feed_url = PublicUrl::parse(&format!("https://a.example/{words}"));
    }
    publication
}

/// Text from pieces that break writers, and any characters.
pub(super) fn any_words() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("]]>".to_owned()),
        Just("<![CDATA[".to_owned()),
        Just("&amp;<b>\"'".to_owned()),
        Just("\u{0}\u{1}\u{b}\u{1f}\r\n\t".to_owned()),
        Just("\u{fffe}\u{ffff}\u{202e}".to_owned()),
        Just("خبرٌ عاجل ".to_owned()),
        any::<String>(),
    ];
    proptest::collection::vec(piece, 1..6).prop_map(|pieces| pieces.concat())
}
