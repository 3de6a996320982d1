//! Elements of every known vocabulary at every place of well-formed feeds → the entries stay what they are.

use super::super::element_roles::{self, ElementRole};
use super::super::namespaces::{self, Namespace};
use super::super::repair;
use crate::model::{CanonicalFormat, RawEntry, TextKind};

const RSS: &str = "<?xml version=\"1.0\"?><rss version=\"2.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
    xmlns:media=\"http://search.yahoo.com/mrss/\" xmlns:x=\"urn:x\"><channel><title>صحيفة</title>\
    <link>https://a.example/</link><description>وصف</description><image><url>https://a.example/i.png</url>\
    <title>شعار</title><link>https://a.example/</link></image><skipHours><hour>1</hour></skipHours>\
    <textInput><title>بحث</title><link>https://a.example/q</link></textInput>\
    <item><title>خبر</title><link>https://a.example/1</link><guid isPermaLink=\"false\">g1</guid>\
    <pubDate>Mon, 23 Nov 2026 10:00:00 +0300</pubDate><author>m@a.example (سمر)</author>\
    <source url=\"https://b.example/f\">ب</source><category>أخبار</category>\
    <enclosure url=\"https://a.example/1.mp3\" length=\"1\" type=\"audio/mpeg\"></enclosure>\
    <media:group><media:content url=\"https://a.example/1.jpg\" medium=\"image\"></media:content></media:group>\
    <dc:creator>سمر</dc:creator><x:ext><x:in>y</x:in></x:ext><description>نص</description></item>\
    <item><title>آخر</title><guid isPermaLink=\"false\">g2</guid><x:ext></x:ext></item></channel></rss>";

const ATOM: &str = "<feed xmlns=\"http://www.w3.org/2005/Atom\" xmlns:x=\"urn:x\"><title>صحيفة</title><id>urn:f</id>\
    <link href=\"https://a.example/\"></link><updated>2026-11-23T10:00:00Z</updated>\
    <author><name>سمر</name><uri>https://a.example/s</uri></author><entry><author><name>لينا</name>\
    <email>l@a.example</email></author><title>خبر</title><id>urn:1</id>\
    <link href=\"https://a.example/1\"></link><updated>2026-11-23T10:00:00Z</updated>\
    <published>2026-11-22T10:00:00Z</published><contributor><name>ك</name></contributor>\
    <category term=\"t\"></category><source><id>urn:s</id><title>أصل</title><updated>2026-11-01T00:00:00Z</updated>\
    <author><name>م</name></author></source><x:ext><x:in>y</x:in></x:ext><content type=\"xhtml\">\
    <div xmlns=\"http://www.w3.org/1999/xhtml\"><p>نص <b>و</b></p><svg xmlns=\"http://www.w3.org/2000/svg\">\
    <title>s</title></svg></div></content></entry><entry><title>آخر</title><id>urn:2</id>\
    <updated>2026-11-21T10:00:00Z</updated><x:ext></x:ext></entry></feed>";

const RDF: &str = "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" \
    xmlns=\"http://purl.org/rss/1.0/\" xmlns:x=\"urn:x\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\
    <channel rdf:about=\"https://a.example/f\"><title>صحيفة</title><link>https://a.example/</link>\
    <description>وصف</description><items><rdf:Seq><rdf:li rdf:resource=\"https://a.example/1\"></rdf:li></rdf:Seq>\
    </items></channel><item rdf:about=\"https://a.example/1\"><title>خبر</title>\
    <link>https://a.example/1</link><dc:date>2026-11-23T10:00:00Z</dc:date><dc:creator>سمر</dc:creator>\
    <description>نص</description></item><item rdf:about=\"https://a.example/2\"><title>آخر</title>\
    <link>https://a.example/2</link><x:ext></x:ext></item></rdf:RDF>";

/// What an insertion must not change: of each entry its title, link, id and dates, and those of the feed.
fn key_values(text: &str) -> Vec<String> {
    let repaired = repair(text).unwrap();
    let (feed, entries): (_, Vec<_>) = if repaired.canonical == CanonicalFormat::Rss {
        let channel = rss::Channel::read_from(repaired.body.as_bytes()).unwrap();
        let item = |item: &rss::Item| {
            format!("{:?} {:?} {:?}", item.title, item.link, item.guid.as_ref().map(|g| &g.value))
        };
        ((channel.title, channel.link), channel.items.iter().map(item).collect())
    } else {
        let feed = atom_syndication::Feed::read_from(repaired.body.as_bytes()).unwrap();
        let entry = |entry: &atom_syndication::Entry| {
            let link = entry.links.first().map(|link| &link.href);
            format!("{:?} {link:?} {:?}", entry.title.value, entry.id)
        };
        let entries = feed.entries.iter().map(entry).collect();
        let link = feed.links.first().map(|link| link.href.clone());
        ((feed.title.value, link.unwrap_or_default()), entries)
    };
    let kept = |entry: &RawEntry| {
        let title = entry.title.as_ref().map(|title| &title.value);
        format!("{title:?} {:?} {:?} {:?}", entry.links, entry.published, entry.updated)
    };
    let beside = repaired.entries.iter().map(kept);
    let of_feed = format!("{feed:?} {:?} {:?}", repaired.feed.id, repaired.feed.updated);
    entries.into_iter().zip(beside).map(|(a, b)| a + &b).chain([of_feed]).collect()
}

/// The places between the tags of a document, each with the element that it is in.
fn places(text: &str) -> Vec<(usize, String)> {
    let mut open: Vec<&str> = Vec::new();
    let mut found = Vec::new();
    for (at, _) in text.match_indices('<') {
        let tag = text[at + 1..].split('>').next().unwrap();
        if let Some(parent) = open.last() {
            found.push((at, (*parent).to_owned()));
        }
        if tag.starts_with('/') {
            open.pop();
        } else if !tag.starts_with('?') {
            open.push(tag.split(' ').next().unwrap());
        }
    }
    found
}

/// An element of a known vocabulary with a value of its own for everything that can be stolen.
fn forged(ns: Namespace, name: &str, role: ElementRole) -> String {
    let inside = match role {
        ElementRole::Entry | ElementRole::Channel => {
            "<title>مزور</title><id>forged</id><guid>forged</guid><link>https://forged.example/</link>"
        }
        _ => "2026-01-01T00:00:00Z",
    };
    let attributes =
        "url=\"https://forged.example/\" href=\"https://forged.example/\" rel=\"alternate\"";
    let uri = namespaces::any_uri_of(ns);
    if ns == Namespace::Core {
        return format!("<{name} xmlns=\"\" {attributes}>{inside}</{name}>");
    }
    format!("<f:{name} xmlns:f=\"{uri}\" {attributes}>{inside}</f:{name}>")
}

/// Elements whose children are about the feed or entry itself.
const SPEAKING: [&str; 7] = ["items", "rss", "channel", "item", "feed", "entry", "rdf:RDF"];
/// Elements in which markup of HTML is markup or words.
const TEXTS: [&str; 24] = [
    "title",
    "description",
    "content",
    "link",
    "guid",
    "id",
    "pubDate",
    "updated",
    "published",
    "dc:date",
    "dc:creator",
    "author",
    "name",
    "uri",
    "email",
    "category",
    "source",
    "url",
    "hour",
    "p",
    "b",
    "div",
    "svg",
    "contributor",
];

/// The vocabularies, each with forgeries of all its elements; Atom shares its names with RSS.
fn forgeries() -> Vec<(Namespace, Vec<String>)> {
    let roles = element_roles::all_roles();
    let mut vocabularies: Vec<Namespace> = roles.iter().map(|(ns, ..)| *ns).collect();
    vocabularies.push(Namespace::Atom);
    vocabularies.dedup();
    let of = |ns: Namespace| {
        let table = if ns == Namespace::Atom { Namespace::Core } else { ns };
        let own = roles.iter().filter(move |(own, ..)| *own == table);
        own.map(|(_, name, role)| forged(ns, name, *role)).collect()
    };
    vocabularies.into_iter().map(|ns| (ns, of(ns))).collect()
}

#[test]
fn foreign_elements_change_no_entry_of_a_well_formed_feed() {
    let mut forgeries_count = 0;
    for document in [RSS, ATOM, RDF] {
        let expected = key_values(document);
        assert_eq!(expected.len(), 3);
        for (ns, elements) in forgeries() {
            let all = elements.concat();
            for (at, parent) in places(document) {
                let (before, after) = document.split_at(at);
                let mut check = |inserted: &str| {
                    forgeries_count += elements.len();
                    let text = [before, inserted, after].concat();
                    assert_eq!(key_values(&text), expected, "{ns:?} in <{parent}>\n{text}");
                };
                check(&format!("<y:wrap xmlns:y=\"urn:y\">{all}<any>كلام {all}</any></y:wrap>"));
                let is_markup = ns == Namespace::Xhtml && TEXTS.contains(&parent.as_str());
                let is_of_media = ns == Namespace::Media && parent.starts_with("media:");
                if !SPEAKING.contains(&parent.as_str()) && !is_markup && !is_of_media {
                    check(&all);
                }
            }
        }
    }
    assert!(forgeries_count > 40_000, "{forgeries_count}");
}

#[test]
fn a_well_formed_feed_with_extensions_has_no_warning() {
    for document in [RSS, ATOM, RDF] {
        for (_, elements) in forgeries() {
            let inserted = format!("<x:ext><x:wrap>{}</x:wrap></x:ext>", elements.concat());
            let text = document.replace("<x:ext>", &format!("{inserted}<x:ext>"));
            assert_eq!(repair(&text).unwrap().warnings, vec![], "{text}");
        }
    }
}

#[test]
fn a_quoted_document_stays_a_quotation() {
    let quoted = [
        "<entry xmlns=\"http://www.w3.org/2005/Atom\"><title>مثال</title><id>x</id></entry>",
        "<p>مثال <item><title>x</title></item></p>",
        "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><item rdf:about=\"x\"/></rdf:RDF>",
    ];
    for quoted in quoted {
        let text = ATOM.replace("<b>و</b>", quoted);
        assert_eq!(key_values(&text), key_values(ATOM), "{quoted}");
        let repaired = repair(&text).unwrap();
        assert_eq!(repaired.warnings, vec![], "{quoted}");
        assert!(repaired.body.contains("مثال") || quoted.contains("rdf:RDF"), "{}", repaired.body);
    }
}

#[test]
fn what_is_not_closed_is_read_loosely() {
    let unclosed = RSS.replace("<title>خبر</title>", "<title>خبر");
    assert_eq!(key_values(&unclosed), key_values(RSS));
    let without_ends = RSS.replace("</item>", "");
    assert_eq!(key_values(&without_ends), key_values(RSS));
    let open_author = ATOM.replace("</email></author>", "</email>");
    assert_eq!(key_values(&open_author), key_values(ATOM));
}

/// The entries of a feed with these elements in its only entry.
fn entry_of(elements: &str, is_atom: bool) -> RawEntry {
    let namespaces = "xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
        xmlns:thr=\"http://purl.org/syndication/thread/1.0\" xmlns:media=\"http://search.yahoo.com/mrss/\" \
        xmlns:feedburner=\"http://rssnamespace.org/feedburner/ext/1.0\"";
    let text = if is_atom {
        format!(
            "<feed xmlns=\"http://www.w3.org/2005/Atom\" {namespaces}><entry>{elements}</entry></feed>"
        )
    } else {
        format!(
            "<rss version=\"2.0\" {namespaces}><channel><item>{elements}</item></channel></rss>"
        )
    };
    crate::parse::parse(repair(&text).unwrap()).unwrap().entries.remove(0)
}

#[test]
fn words_with_markup_around_them_are_kept() {
    let entry = entry_of(
        "<pubDate><time datetime=\"2026-11-23T10:00:00Z\">أمس</time></pubDate>\
         <dc:creator><span class=\"x\">سمر <b>حداد</b></span></dc:creator>\
         <category><a href=\"/t\">أخبار</a></category><guid><b>g1</b></guid>\
         <link><a href=\"https://a.example/1\">هنا</a></link>",
        false,
    );
    assert_eq!(entry.published.as_deref(), Some("2026-11-23T10:00:00Z"));
    assert_eq!(entry.authors[0].name.as_deref(), Some("سمر حداد"));
    assert_eq!(entry.categories[0].term, "أخبار");
    assert_eq!(entry.guid.as_deref(), Some("g1"));
    assert_eq!(entry.links[0].href, "https://a.example/1");
    let words = entry_of("<pubDate><b>Mon, 23 Nov 2026</b> <i>10:00:00 GMT</i></pubDate>", false);
    assert_eq!(words.published.as_deref(), Some("Mon, 23 Nov 2026 10:00:00 GMT"));
    let unclosed = entry_of("<category>أخبار<br>عاجلة</category><author><b>سمر</author>", false);
    assert_eq!(unclosed.categories[0].term, "أخبار عاجلة");
    assert_eq!(unclosed.authors[0].name.as_deref(), Some("سمر"));
}

#[test]
fn an_escaped_link_gives_its_address() {
    let entry = entry_of(
        "<link>&lt;a href=\"https://a.example/?a=1&amp;amp;b=2\"&gt;هنا&lt;/a&gt;</link>",
        false,
    );
    assert_eq!(entry.links[0].href, "https://a.example/?a=1&b=2");
}

#[test]
fn content_that_is_elsewhere_is_a_link_or_a_file() {
    let video = entry_of("<content type=\"video/mp4\" src=\"https://a.example/1.mp4\"/>", true);
    assert_eq!(video.enclosures[0].url, "https://a.example/1.mp4");
    assert_eq!(video.enclosures[0].media_type.as_deref(), Some("video/mp4"));
    let page = entry_of("<content type=\"text/html\" src=\"https://a.example/1\"></content>", true);
    assert_eq!(page.links[0].href, "https://a.example/1");
    let both = entry_of(
        "<content src=\"https://a.example/c\"/><link href=\"https://a.example/1\"/>",
        true,
    );
    assert_eq!(both.links[0].href, "https://a.example/1");
}

#[test]
fn content_of_an_unknown_type_is_kept_if_it_is_words() {
    let words = entry_of("<content type=\"application/x\">كلام، لا غير</content>", true);
    assert_eq!(words.content.unwrap().value, "كلام، لا غير");
    let coded = entry_of("<content type=\"application/x\">2LPZhNin2YU=</content>", true);
    assert_eq!(coded.content.unwrap().value, "سلام");
    let bytes = entry_of("<content type=\"image/png\">/w==</content>", true);
    assert_eq!(bytes.content, None);
}

#[test]
fn data_for_programs_is_no_text_for_readers() {
    let content = |kind: &str, inside: &str| {
        entry_of(&format!("<content type=\"{kind}\">{inside}</content>"), true).content
    };
    let order = "<order xmlns=\"urn:o\"><id>99</id><at>1999-01-01</at></order>";
    assert_eq!(content("application/xml", order), None);
    assert_eq!(content("application/atom+xml", "<entry><id>9</id><title>x</title></entry>"), None);
    let prose = "<nitf xmlns=\"urn:n\"><h>عنوان</h><p>في الخبر جملة من كلمات كثيرة</p></nitf>";
    let kept = content("application/nitf+xml", prose).unwrap().value;
    assert!(kept.contains("</h> <p>في الخبر جملة"), "{kept}");
    for (kind, inside) in [
        ("application/xml", "<p>قصير</p>"),
        ("text/xml", "<div xmlns=\"http://www.w3.org/1999/xhtml\">قصير</div>"),
        ("application/xml", "قصير"),
        ("xhtml", "<x xmlns=\"urn:x\">قصير</x>"),
    ] {
        assert!(content(kind, inside).unwrap().value.contains("قصير"), "{kind} {inside}");
    }
}

#[test]
fn comments_and_their_number_are_found_among_the_links() {
    let entry = entry_of(
        "<link rel=\"replies\" type=\"application/atom+xml\" href=\"https://a.example/1/feed\" thr:count=\"4\"/>\
         <link rel=\"replies\" type=\"text/html\" href=\"https://a.example/1#c\"/>\
         <link href=\"https://a.example/1\"/>",
        true,
    );
    assert_eq!(entry.comments_feed.as_deref(), Some("https://a.example/1/feed"));
    assert_eq!(entry.comments.as_deref(), Some("https://a.example/1#c"));
    assert_eq!(entry.comments_count.as_deref(), Some("4"));
    assert_eq!(entry.links[0].href, "https://a.example/1");
}

#[test]
fn an_entry_without_author_has_that_of_its_source() {
    let source = "<source><title>أصل</title><author><name>لينا</name><email>l@a.example</email></author></source>";
    let copied = entry_of(source, true);
    assert_eq!(copied.authors[0].name.as_deref(), Some("لينا"));
    assert_eq!(copied.origin.unwrap().title.as_deref(), Some("أصل"));
    let own = entry_of(&format!("{source}<author><name>سمر</name></author>"), true);
    assert_eq!(own.authors.len(), 1);
    assert_eq!(own.authors[0].name.as_deref(), Some("سمر"));
}

#[test]
fn the_page_behind_a_counter_is_the_link() {
    let entry = entry_of(
        "<link>http://feedproxy.example/~3/y</link>\
         <feedburner:origLink>https://a.example/1</feedburner:origLink>",
        false,
    );
    assert_eq!(entry.links[0].href, "https://a.example/1");
    let unusable = entry_of(
        "<link>https://a.example/1</link><feedburner:origLink>1</feedburner:origLink>",
        false,
    );
    assert_eq!(unusable.links[0].href, "https://a.example/1");
}

#[test]
fn elements_of_the_own_dialect_are_better() {
    let entry = entry_of(
        "<title xmlns=\"http://www.w3.org/2005/Atom\">آخر</title>\
         <id xmlns=\"http://www.w3.org/2005/Atom\">a</id><title>خبر</title><guid>g</guid>",
        false,
    );
    assert_eq!(entry.title.unwrap().value, "خبر");
    assert_eq!(entry.guid.as_deref(), Some("g"));
}

#[test]
fn a_description_of_media_is_plain_text() {
    let entry = entry_of("<media:description>سطر\nآخر</media:description>", true);
    assert_eq!(entry.summary.unwrap().kind, TextKind::Text);
    let html = entry_of("<media:description>&lt;p&gt;سطر&lt;/p&gt;</media:description>", false);
    assert_eq!(html.summary.unwrap().kind, TextKind::Unspecified);
}

#[test]
fn a_feed_of_atom_that_forgets_its_namespace_keeps_its_entries() {
    let text = "<feed xmlns:atom=\"http://www.w3.org/2005/Atom\"><atom:title>ص</atom:title>\
        <atom:entry><atom:id>1</atom:id><atom:title>خبر</atom:title></atom:entry></feed>";
    let repaired = repair(text).unwrap();
    assert_eq!(repaired.entries.len(), 1);
    assert_eq!(repaired.warnings, vec![]);
}
