//! A `Publication` → Atom 1.0 (RFC 4287), through the `atom_syndication` crate's writer.
//!
//! Every entry has its `source` (section 4.2.11), and an author: the publisher's, or else the source's name
//! (section 4.1.2 requires one). `updated` is the second of the last change to the published entry. Atom has no
//! field for a direction: the HTML has it. The origins of a text are contributors.

use std::collections::BTreeMap;

use atom_syndication::extension::{Extension, ExtensionMap};
use atom_syndication::{
    Category, Content, Entry as AtomEntry, Feed, FixedDateTime, Generator, Link, Person, Source,
    Text, TextType,
};
use jiff::Timestamp;
use rafid_feed::model::{Enclosure, Entry, Language, Person as EntryPerson};

use super::feed_elements;
use super::rss::{HISTORY, further_origins, item_published_at};
use super::shown_entry::{EntrySettings, ShownEntry, shown_entries};
use super::{
    GENERATOR, ICON, breaking_label, episode_elements, href, media_rss, other_tellings,
    site_address, summary, xml_text,
};
use crate::model::{
    ContentPolicy, PublicUrl, Publication, SiteName, SourceId, SourceInfo, StoredEntry,
};

/// The media type of this output.
pub const MEDIA_TYPE: &str = "application/atom+xml; charset=utf-8";
/// The file name of this output.
pub const FILE: &str = "atom.xml";

/// The whole feed as text; well-formed for any publication.
pub fn render_atom(publication: &Publication) -> String {
    let settings = EntrySettings::of_feed(publication);
    let entries: Vec<String> =
        shown_entries(publication, &settings).map(|shown| render_atom_entry(&shown)).collect();
    join_atom_entries(publication, &entries)
}

/// The `entry` element of an entry, without the time of its source: the whole document decides it.
pub fn render_atom_entry(shown: &ShownEntry<'_>) -> String {
    let entry = atom_entry(shown, Timestamp::UNIX_EPOCH);
    let feed = Feed { entries: vec![entry], ..Feed::default() };
    let document = feed.to_string();
    split_around_entry(&document).map(|(_, entry, _)| entry.to_owned()).unwrap_or_default()
}

/// The whole feed, from the `entry` elements of its entries.
pub fn join_atom_entries<T: AsRef<str>>(publication: &Publication, entries: &[T]) -> String {
    // An entry shows where entries are: an archive page has its mark after them.
    let feed = Feed { entries: vec![AtomEntry::default()], ..feed_without_entries(publication) };
    let document = feed.to_string();
    let (before, _, after) = split_around_entry(&document).unwrap_or((&document, "", ""));
    let length = entries.iter().map(|entry| entry.as_ref().len()).sum::<usize>();
    let mut text = String::with_capacity(before.len() + length + after.len());
    text.push_str(before);
    let changes = latest_changes(publication);
    for (listed, entry) in publication.entries.iter().zip(entries) {
        let changed_at = changes.get(&listed.source).copied();
        push_entry(&mut text, entry.as_ref(), changed_at.unwrap_or(Timestamp::UNIX_EPOCH));
    }
    text + after
}

/// Adds an `entry` element with the time of its source.
fn push_entry(text: &mut String, entry: &str, source_changed_at: Timestamp) {
    // Texts are escaped: only the source itself is in such an element.
    let (start, unset) = ("<source>", "<updated>1970-01-01T00:00:00+00:00</updated>");
    let parts = entry.split_once(start).and_then(|(before, source)| {
        let (names, rest) = source.split_once(unset)?;
        Some((before, names, rest))
    });
    let Some((before, names, rest)) = parts else { return text.push_str(entry) };
    let time = atom_instant(source_changed_at).to_rfc3339();
    for part in [before, start, names, "<updated>", &time, "</updated>", rest] {
        text.push_str(part);
    }
}

/// The time of the latest change among the published entries of each source.
fn latest_changes(publication: &Publication) -> BTreeMap<&SourceId, Timestamp> {
    let mut latest = BTreeMap::new();
    for listed in &publication.entries {
        let at = latest.entry(&listed.source).or_insert(listed.changed_at);
        *at = listed.changed_at.max(*at);
    }
    latest
}

/// What a document with one entry has before, in and after its `entry` element. Texts and attributes of the
/// document are escaped, and hold no tags.
fn split_around_entry(document: &str) -> Option<(&str, &str, &str)> {
    const END: &str = "</entry>";
    let (start, end) = (document.find("<entry>")?, document.rfind(END)? + END.len());
    Some((document.get(..start)?, document.get(start..end)?, document.get(end..)?))
}

fn feed_without_entries(publication: &Publication) -> Feed {
    Feed {
        title: plain_atom_text(&publication.title, None),
        subtitle: Some(plain_atom_text(&publication.description, None)),
        id: publication.name.id_of(&format!("{}{FILE}", site_address::lasting_folder(publication))),
        updated: atom_instant(publication.updated_at.unwrap_or(Timestamp::UNIX_EPOCH)),
        generator: Some(Generator { value: GENERATOR.to_owned(), ..Generator::default() }),
        links: feed_links(publication),
        extensions: history_extensions(publication),
        icon: Some(site_address::icon_address(publication, ICON)),
        lang: Some(publication.language.as_str().to_owned()),
        namespaces: feed_namespaces(publication),
        ..Feed::default()
    }
}

fn feed_namespaces(publication: &Publication) -> BTreeMap<String, String> {
    let history = publication.archive.page.map(|_| HISTORY);
    let used = [media_rss::NAMESPACE].into_iter().chain(history);
    let used = used.chain(episode_elements::used_namespaces(publication));
    used.map(|(prefix, name)| (prefix.to_owned(), name.to_owned())).collect()
}

/// The links of the document: to itself, to the page for people, and to its archive.
fn feed_links(publication: &Publication) -> Vec<Link> {
    let own_type = "application/atom+xml";
    let page = site_address::own_file_address(publication, "");
    let own = [
        atom_link("self", site_address::own_file_address(publication, FILE), own_type),
        atom_link("alternate", page, "text/html"),
    ];
    let archive = site_address::archive_relations(publication, FILE).into_iter();
    own.into_iter()
        .chain(archive.map(|(relation, address)| atom_link(relation, address, own_type)))
        .collect()
}

/// The mark of an archive page (RFC 5005 section 4).
fn history_extensions(publication: &Publication) -> ExtensionMap {
    let mark = |_| {
        let mark = Extension { name: format!("{}:archive", HISTORY.0), ..Extension::default() };
        (HISTORY.0.to_owned(), BTreeMap::from([("archive".to_owned(), vec![mark])]))
    };
    publication.archive.page.map(mark).into_iter().collect()
}

fn atom_entry(shown: &ShownEntry<'_>, source_changed_at: Timestamp) -> AtomEntry {
    let (listed, info) = (shown.listed, shown.source_info());
    let entry = &listed.entry;
    let language = entry.language.as_ref();
    let html = other_tellings::entry_body(shown);
    let (summary, content) = match shown.settings.content {
        // Section 4.1.2: an entry without a link to its page has content.
        ContentPolicy::Summary if entry.link.is_some() => (html, None),
        _ => (None, html.or_else(|| entry.link.is_none().then(|| headline_body(entry)))),
    };
    AtomEntry {
        title: plain_atom_text(&summary::entry_headline(entry), language),
        id: listed.id.to_urn(),
        updated: entry_updated_at(listed),
        published: Some(atom_instant(item_published_at(listed))),
        authors: atom_authors(listed, info),
        contributors: atom_contributors(entry),
        categories: atom_categories(shown),
        links: entry_links(shown),
        rights: entry.rights.as_ref().map(|rights| plain_atom_text(rights.as_str(), language)),
        source: info.map(|info| atom_source(shown, info, source_changed_at)),
        extensions: entry_extensions(listed),
        summary: summary.map(|html| Text {
            value: html,
            lang: language.map(Language::to_string),
            r#type: TextType::Html,
            base: None,
        }),
        content: content.map(|html| Content {
            value: Some(html),
            lang: language.map(Language::to_string),
            content_type: Some("html".to_owned()),
            ..Content::default()
        }),
        ..AtomEntry::default()
    }
}

fn plain_atom_text(text: &str, language: Option<&Language>) -> Text {
    Text {
        value: xml_text::xml_line(text),
        lang: language.map(Language::to_string),
        r#type: TextType::Text,
        base: None,
    }
}

fn atom_instant(at: Timestamp) -> FixedDateTime {
    chrono::DateTime::from_timestamp(at.as_second(), 0).unwrap_or_default().fixed_offset()
}

/// The second of the last change, and a fraction that is the entry's own: the entries of one poll change in the same
/// moment, and W3C's validator warns about entries with the same `updated`.
fn entry_updated_at(listed: &StoredEntry) -> FixedDateTime {
    let [.., a, b, c, d] = listed.id.to_bytes();
    let fraction = u32::from_be_bytes([a, b, c, d]) % 1_000_000_000;
    let at = chrono::DateTime::from_timestamp(listed.changed_at.as_second(), fraction);
    at.unwrap_or_default().fixed_offset()
}

/// The headline as a body: content is not empty, either (W3C's validator).
fn headline_body(entry: &Entry) -> String {
    xml_text::in_direction_box(&summary::html_paragraph(&summary::entry_headline(entry)), entry)
}

fn atom_link(rel: &str, href: String, media_type: &str) -> Link {
    Link {
        href,
        rel: rel.to_owned(),
        mime_type: (!media_type.is_empty()).then(|| media_type.to_owned()),
        ..Link::default()
    }
}

fn entry_links(shown: &ShownEntry<'_>) -> Vec<Link> {
    let entry = &shown.listed.entry;
    let related = shown.story.into_iter().flat_map(|story| &story.others).filter_map(|other| {
        let mut link = atom_link("related", href::encode_href(other.link.as_deref()?), "");
        link.title = Some(xml_text::xml_line(&other.name));
        Some(link)
    });
    let page = entry.link.iter();
    let page = page.map(|address| atom_link("alternate", href::encode_href(address), ""));
    page.chain(entry.enclosures.iter().map(enclosure_link)).chain(related).collect()
}

fn enclosure_link(enclosure: &Enclosure) -> Link {
    Link {
        href: href::encode_href(&enclosure.url),
        rel: "enclosure".to_owned(),
        mime_type: enclosure.media_type.as_deref().map(xml_text::xml_line),
        title: enclosure.title.as_ref().map(|title| xml_text::xml_line(title.as_str())),
        length: enclosure.length_bytes.map(|length| length.to_string()),
        hreflang: None,
    }
}

/// Images, and the values of an episode.
fn entry_extensions(listed: &StoredEntry) -> ExtensionMap {
    let mut elements = media_rss::image_elements(&listed.entry);
    elements.extend(episode_elements::episode_elements(&listed.entry));
    feed_elements::to_atom(elements)
}

fn atom_authors(listed: &StoredEntry, info: Option<&SourceInfo>) -> Vec<Person> {
    let authors = atom_people(&listed.entry.authors);
    if authors.is_empty() {
        let name = info.map_or(listed.source.as_str(), |info| info.name.as_str());
        return vec![atom_person(
            name,
            info.and_then(|info| info.site.as_ref()).map(PublicUrl::as_str),
        )];
    }
    authors
}

fn atom_people(people: &[EntryPerson]) -> Vec<Person> {
    people.iter().map(|it| atom_person(it.name.as_str(), it.url.as_deref())).collect()
}

fn atom_person(name: &str, uri: Option<&str>) -> Person {
    Person { name: xml_text::xml_line(name), uri: uri.map(href::encode_href), ..Person::default() }
}

/// The contributors, and the origins of the text: as `dc:source` they would mean the same as `source` to W3C's
/// validator, and would be one at most.
fn atom_contributors(entry: &Entry) -> Vec<Person> {
    let mut people = atom_people(&entry.contributors);
    people.extend(further_origins(entry).iter().map(|name| atom_person(name, None)));
    people
}

fn atom_categories(shown: &ShownEntry<'_>) -> Vec<Category> {
    let names = breaking_label::published_categories(shown).into_iter();
    names.map(|name| Category { term: xml_text::xml_line(name), ..Category::default() }).collect()
}

fn atom_source(shown: &ShownEntry<'_>, info: &SourceInfo, changed_at: Timestamp) -> Source {
    let mut links = Vec::new();
    if let Some(site) = &info.site {
        links.push(atom_link("alternate", href::encode_href(site.as_str()), "text/html"));
    }
    if info.feed_url.is_some() {
        let address = site_address::source_address(&shown.settings.base, info);
        links.push(atom_link("self", address, ""));
    }
    Source {
        title: plain_atom_text(&info.name, info.language.as_ref()),
        id: atom_source_id(&shown.settings.name, info),
        updated: atom_instant(changed_at),
        links,
        logo: info.image.as_deref().map(href::encode_href),
        rights: info
            .rights
            .as_deref()
            .map(|rights| plain_atom_text(rights, info.language.as_ref())),
        ..Source::default()
    }
}

/// A source's id: the address of its feed, or else an id made from the site's name.
fn atom_source_id(name: &SiteName, info: &SourceInfo) -> String {
    let made_id =
        || name.id_of(&format!("source/{}/", site_address::path_segment(info.id.as_str())));
    info.feed_url.as_ref().map_or_else(made_id, |url| href::encode_href(url.as_str()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::ArchiveAddress;
    use crate::render::sample;
    use rafid_feed::model::PlainText;

    #[test]
    fn the_origin_of_a_text_is_named() {
        let mut publication = sample::publication();
        let entry = sample::entry_mut(&mut publication, 0);
        sample::read_page(entry);
        let names = &mut entry.entry.page.as_mut().unwrap().attributions;
        names[1].name = PlainText::from_trusted("a < b & c".to_owned());
        let text = render_atom(&publication);
        let element = |name: &str| format!("<contributor><name>{name}</name></contributor>");
        let expected = element("واس") + &element("a &lt; b &amp; c");
        assert!(text.contains(&expected), "{text}");
        assert_eq!(text.matches("<contributor>").count(), 2);
    }

    #[test]
    fn contributors_images_and_episodes_are_elements() {
        let mut publication = sample::publication();
        let entry = &mut sample::entry_mut(&mut publication, 0).entry;
        let name = PlainText::from_trusted("ليلى & خالد".to_owned());
        entry.contributors =
            vec![EntryPerson { name, url: Some("https://a.example/l".to_owned()) }];
        entry.image = Some(sample::image("https://a.example/1.jpg?a=1&b=2", "ميناء"));
        entry.episode = Some(Box::new(sample::episode("https://a.example/e", "a < b & \"c\"")));
        let text = render_atom(&publication);
        let feed = Feed::read_from(text.as_bytes()).unwrap();
        let entry = &feed.entries[0];
        let contributor = &entry.contributors[0];
        let names = (contributor.name.as_str(), contributor.uri.as_deref());
        assert_eq!(names, ("ليلى & خالد", Some("https://a.example/l")));
        let media = &entry.extensions["media"];
        assert_eq!(media["content"][0].attrs["url"], "https://a.example/1.jpg?a=1&b=2");
        assert_eq!(media["content"][0].children["description"][0].value.as_deref(), Some("ميناء"));
        assert_eq!(media["thumbnail"].len(), 1);
        let itunes = &entry.extensions["itunes"];
        assert_eq!(itunes["episodeType"][0].value.as_deref(), Some("bonus"));
        let person = &entry.extensions["podcast"]["person"][0];
        assert_eq!(person.attrs["role"], "a < b & \"c\"");
        let chapters = &entry.extensions["psc"]["chapters"][0];
        assert_eq!(chapters.children["chapter"][0].attrs["start"], "00:01:02.500");
        assert_eq!(text.matches("xmlns:podcast=").count(), 1);
    }

    #[test]
    fn a_feed_is_parsed_back_as_written() {
        let publication = sample::publication();
        let text = render_atom(&publication);
        let feed = Feed::read_from(text.as_bytes()).unwrap();
        assert_eq!(feed.lang.as_deref(), Some("ar"));
        assert_eq!(feed.links[0].href, "https://news.example/atom.xml");
        assert_eq!(feed.entries.len(), publication.entries.len());
        let (entry, listed) = (&feed.entries[0], &publication.entries[0]);
        assert_eq!(entry.id, listed.id.to_urn());
        assert_eq!(entry.title.value, listed.entry.title.as_str());
        assert_eq!(entry.title.lang.as_deref(), Some("ar"));
        assert_eq!(entry.authors[0].name, "وكالة الأولى");
        let source = entry.source.as_ref().unwrap();
        assert_eq!(source.id, "https://one.example/rss");
        assert_eq!(source.title.value, "وكالة الأولى");
        assert_eq!(entry.updated.timestamp(), listed.changed_at.as_second());
        assert!(entry.summary.as_ref().unwrap().value.contains("dir=\"rtl\""));
        assert!(entry.content.is_none());
        let thumbnail = &entry.extensions["media"]["thumbnail"][0];
        assert_eq!(thumbnail.attrs["url"], "https://one.example/1.jpg?a=1&b=2");
        let files = entry.links.iter().filter(|link| link.rel == "enclosure");
        assert_eq!(files.count(), 2);
    }

    #[test]
    fn a_title_is_never_empty() {
        let mut publication = sample::publication();
        sample::entry_mut(&mut publication, 0).entry.title = PlainText::from_trusted(String::new());
        sample::entry_mut(&mut publication, 3).entry.title =
            PlainText::from_trusted("\u{1}".to_owned());
        let feed = Feed::read_from(render_atom(&publication).as_bytes()).unwrap();
        assert!(feed.entries[0].title.value.starts_with("قال تجار في الموانئ"));
        assert_eq!(feed.entries[3].title.value, "(بلا عنوان)");
    }

    #[test]
    fn addresses_are_valid_uris() {
        let mut publication = sample::publication();
        sample::odd_addresses(&mut publication);
        let text = render_atom(&publication);
        let feed = Feed::read_from(text.as_bytes()).unwrap();
        let entry = &feed.entries[0];
        assert!(entry.links.iter().all(|link| link.href == sample::ODD_ADDRESS_ENCODED));
        assert_eq!(entry.authors[0].uri.as_deref(), Some(sample::ODD_ADDRESS_ENCODED));
        let content = entry.content.as_ref().unwrap().value.as_deref().unwrap();
        let escaped = xml_text::escape_html(sample::ODD_ADDRESS_ENCODED);
        assert!(content.contains(&format!("<a href=\"{escaped}\">خبر</a>")), "{content}");
        assert!(!text.contains("s3cret") && !text.contains("/أخ"), "{text}");
    }

    #[test]
    fn the_full_text_is_content() {
        let mut publication = sample::publication();
        publication.content = ContentPolicy::Full;
        let feed = Feed::read_from(render_atom(&publication).as_bytes()).unwrap();
        let content = feed.entries[0].content.as_ref().unwrap();
        assert_eq!(content.content_type.as_deref(), Some("html"));
        assert!(feed.entries[0].summary.is_none());
    }

    proptest! {
        #[test]
        fn joined_entries_are_the_document_that_the_crate_writes(words in sample::any_words()) {
            let mut publication = sample::hostile(&words);
            publication.entries.extend(sample::publication().entries);
            publication.archive.page = Some(ArchiveAddress { rules: None, number: 1 });
            let settings = EntrySettings::of_feed(&publication);
            let changes = latest_changes(&publication);
            let entry = |shown: ShownEntry<'_>| atom_entry(&shown, changes[&shown.listed.source]);
            let entries = shown_entries(&publication, &settings).map(entry).collect();
            let whole = Feed { entries, ..feed_without_entries(&publication) };
            prop_assert_eq!(render_atom(&publication), whole.to_string());
        }

        #[test]
        fn anything_is_written_well_formed_and_read_back(words in sample::any_words()) {
            let text = render_atom(&sample::hostile(&words));
            let feed = Feed::read_from(text.as_bytes()).unwrap();
            prop_assert_eq!(feed.entries.len(), 1);
            let title = xml_text::xml_line(&words);
            if !title.trim().is_empty() {
                prop_assert_eq!(feed.entries[0].title.value.trim(), title.trim());
            }
            prop_assert!(text.chars().all(|c| c >= ' ' || c == '\n' || c == '\t'));
        }
    }
}
