//! A `Publication` → RSS 2.0, through the `rss` crate's writer.
//!
//! Titles and names are plain text that stays the same when it is parsed as HTML; descriptions are HTML in a
//! box with `dir` and `lang`. The guid is the entry's own id, never the publisher's (two publishers may use
//! the same one). Additional namespaces: `dc` for authors (RSS's own `author` is an e-mail address), for the
//! language of an entry, for contributors and for the origins of its text (`dc:contributor`: `dc:source` means the same
//! as `source` to W3C's validator); `atom` for the `self` link; `media` for the images and for files beyond the first;
//! `itunes`, `podcast` and `psc` for episodes, declared only where there are some.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rafid_feed::model::Entry;
use rss::extension::dublincore::DublinCoreExtension;
use rss::extension::{Extension, ExtensionMap};
use rss::{Category, Channel, Enclosure, Guid, Image, Item, Source};

use super::feed_elements::{self, ExtensionElement};
use super::shown_entry::{EntrySettings, ShownEntry, shown_entries};
use super::{
    GENERATOR, ICON, breaking_label, episode_elements, href, media_rss, other_tellings,
    site_address, xml_text,
};
use crate::model::{Publication, StoredEntry};

/// The media type of this output.
pub const MEDIA_TYPE: &str = "application/rss+xml; charset=utf-8";
/// The file name of this output.
pub const FILE: &str = "feed.xml";

/// The namespace of archive pages and its usual prefix (RFC 5005 section 1.2).
pub(super) const HISTORY: (&str, &str) = ("fh", "http://purl.org/syndication/history/1.0");

/// RSS requires the type of an enclosure: this is the type of unknown bytes (RFC 2046 section 4.5.1).
const UNKNOWN_TYPE: &str = "application/octet-stream";

/// The whole feed as text; well-formed for any publication.
pub fn render_rss(publication: &Publication) -> String {
    let settings = EntrySettings::of_feed(publication);
    let items: Vec<String> =
        shown_entries(publication, &settings).map(|shown| render_rss_item(&shown)).collect();
    join_rss_items(publication, &items)
}

/// The end of the document, which follows its items.
const END: &str = "</channel></rss>";

/// The `item` element of an entry.
pub fn render_rss_item(shown: &ShownEntry<'_>) -> String {
    let document = Channel { items: vec![rss_item(shown)], ..Channel::default() }.to_string();
    // Before it there are only empty elements, and the crate writes nothing between the items and the end.
    let item = document.find("<item>").and_then(|start| document.get(start..));
    item.and_then(|item| item.strip_suffix(END)).unwrap_or_default().to_owned()
}

/// The whole feed, from the `item` elements of its entries.
pub fn join_rss_items<T: AsRef<str>>(publication: &Publication, items: &[T]) -> String {
    let document = channel_without_items(publication).to_string();
    let mut text = document.strip_suffix(END).unwrap_or(&document).to_owned();
    text.reserve_exact(items.iter().map(|item| item.as_ref().len()).sum::<usize>() + END.len());
    for item in items {
        text.push_str(item.as_ref());
    }
    text + END
}

fn channel_without_items(publication: &Publication) -> Channel {
    Channel {
        title: xml_text::inert_line(&publication.title),
        link: site_address::output_file_address(publication, ""),
        description: xml_text::xml_text(&publication.description),
        language: Some(publication.language.as_str().to_owned()),
        webmaster: channel_webmaster(publication),
        last_build_date: publication.updated_at.and_then(xml_text::rfc_822),
        generator: Some(GENERATOR.to_owned()),
        ttl: Some(publication.ttl_seconds.div_ceil(60).max(1).to_string()),
        image: Some(channel_icon(publication)),
        extensions: channel_extensions(publication),
        namespaces: channel_namespaces(publication),
        ..Channel::default()
    }
}

/// The icon; RSS 2.0 shows it at 144 pixels at most.
fn channel_icon(publication: &Publication) -> Image {
    Image {
        url: xml_text::xml_line(&format!("{}{ICON}", publication.base)),
        title: xml_text::inert_line(&publication.title),
        link: site_address::output_file_address(publication, ""),
        width: Some("144".to_owned()),
        height: Some("144".to_owned()),
        description: None,
    }
}

/// The operator's e-mail address followed by a name, as readers and validators expect (RSS 2.0, and RFC 822
/// for a comment). `None`: there is no e-mail address; RSS has no field for a page.
fn channel_webmaster(publication: &Publication) -> Option<String> {
    let mail = contact_mail(publication)?;
    let name = xml_text::inert_line(&publication.title).replace(['(', ')', '\\'], " ");
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let name = if name.is_empty() { "Rafid" } else { &name };
    Some(format!("{mail} ({name})"))
}

/// The operator's e-mail address; `None`: the contact is missing or a page.
fn contact_mail(publication: &Publication) -> Option<String> {
    let contact = publication.contact.as_deref().map(xml_text::xml_line)?;
    (contact.contains('@') && !contact.contains("://")).then_some(contact)
}

fn channel_namespaces(publication: &Publication) -> BTreeMap<String, String> {
    let history = publication.archive.page.map(|_| HISTORY);
    let used = [
        ("atom", "http://www.w3.org/2005/Atom"),
        ("dc", "http://purl.org/dc/elements/1.1/"),
        media_rss::NAMESPACE,
    ];
    let of_episodes = episode_elements::used_namespaces(publication);
    let used = used.into_iter().chain(history).chain(of_episodes);
    used.map(|(prefix, name)| (prefix.to_owned(), name.to_owned())).collect()
}

/// The links of the document, and the mark of an archive page (RFC 5005 section 4).
fn channel_extensions(publication: &Publication) -> ExtensionMap {
    let link = |(relation, address): (&str, String)| Extension {
        name: "atom:link".to_owned(),
        attrs: BTreeMap::from([
            ("href".to_owned(), address),
            ("rel".to_owned(), relation.to_owned()),
            ("type".to_owned(), "application/rss+xml".to_owned()),
        ]),
        ..Extension::default()
    };
    let own = ("self", site_address::own_file_address(publication, FILE));
    let relations = site_address::archive_relations(publication, FILE);
    let links = [own].into_iter().chain(relations).map(link).collect();
    let mut extensions = feed_elements::to_rss(episode_elements::channel_elements(
        publication,
        contact_mail(publication),
    ));
    extensions.insert("atom".to_owned(), BTreeMap::from([("link".to_owned(), links)]));
    if publication.archive.page.is_some() {
        let mark = Extension { name: format!("{}:archive", HISTORY.0), ..Extension::default() };
        let mark = BTreeMap::from([("archive".to_owned(), vec![mark])]);
        extensions.insert(HISTORY.0.to_owned(), mark);
    }
    extensions
}

fn rss_item(shown: &ShownEntry<'_>) -> Item {
    let (listed, info) = (shown.listed, shown.source_info());
    let entry = &listed.entry;
    Item {
        title: (!entry.title.is_empty()).then(|| xml_text::inert_line(entry.title.as_str())),
        link: entry.link.as_deref().map(href::encode_href),
        description: other_tellings::entry_body(shown),
        categories: rss_categories(shown),
        comments: entry.comments.as_deref().map(href::encode_href),
        enclosure: entry.enclosures.first().map(|enclosure| Enclosure {
            url: href::encode_href(&enclosure.url),
            // RSS requires a length; 0 is the convention for an unknown one.
            length: enclosure.length_bytes.unwrap_or(0).to_string(),
            mime_type: xml_text::xml_line(enclosure.media_type.as_deref().unwrap_or(UNKNOWN_TYPE)),
        }),
        guid: Some(Guid { value: listed.id.to_urn(), permalink: false }),
        pub_date: xml_text::rfc_822(item_published_at(listed)),
        source: info.map(|info| Source {
            url: site_address::source_address(&shown.settings.base, info),
            title: Some(xml_text::inert_line(&info.name)),
        }),
        dublin_core_ext: dublin_core_extension(shown),
        extensions: feed_elements::to_rss(extension_elements(entry)),
        ..Item::default()
    }
}

/// The publisher's date, unless it was in the future when we first saw the entry: readers hide future
/// entries, or keep them on top without end.
pub(super) fn item_published_at(listed: &StoredEntry) -> Timestamp {
    listed.entry.published_at.filter(|at| *at <= listed.first_seen_at).unwrap_or(listed.listed_at)
}

fn rss_categories(shown: &ShownEntry<'_>) -> Vec<Category> {
    let names = breaking_label::published_categories(shown).into_iter();
    names.map(|name| Category { name: xml_text::inert_line(name), domain: None }).collect()
}

fn dublin_core_extension(shown: &ShownEntry<'_>) -> Option<DublinCoreExtension> {
    let entry = &shown.listed.entry;
    let authors = entry.authors.iter().map(|person| xml_text::inert_line(person.name.as_str()));
    let mut creators: Vec<String> = authors.collect();
    if creators.is_empty() {
        // Hardly any reader shows `source`; all show the author.
        creators.extend(shown.source_info().map(|info| xml_text::inert_line(&info.name)));
    }
    let own = &shown.settings.language;
    let other = entry.language.iter().filter(|language| *language != own);
    let core = DublinCoreExtension {
        creators,
        languages: other.map(ToString::to_string).collect(),
        contributors: contributor_names(entry),
        ..DublinCoreExtension::default()
    };
    (core != DublinCoreExtension::default()).then_some(core)
}

/// The contributors, and the origins of the text, each once.
fn contributor_names(entry: &Entry) -> Vec<String> {
    let people = entry.contributors.iter().map(|person| xml_text::inert_line(person.name.as_str()));
    let origins = further_origins(entry).into_iter().map(|name| xml_text::inert_line(&name));
    people.chain(origins).collect()
}

/// The names of the origins of an entry's text that are no contributors of it, each once.
pub(super) fn further_origins(entry: &Entry) -> Vec<String> {
    let people = entry.contributors.iter().map(|person| xml_text::xml_line(person.name.as_str()));
    let mut listed: Vec<String> = people.collect();
    let people_count = listed.len();
    for name in attribution_names(entry) {
        if !listed.contains(&name) {
            listed.push(name);
        }
    }
    listed.split_off(people_count)
}

/// The names of the origins of an entry's text, from its page.
pub(super) fn attribution_names(entry: &Entry) -> Vec<String> {
    let attributions = entry.page.iter().flat_map(|page| &page.attributions);
    attributions.map(|attribution| xml_text::xml_line(attribution.name.as_str())).collect()
}

/// What the modules have elements for: images, further files, the values of an episode.
fn extension_elements(entry: &Entry) -> Vec<ExtensionElement> {
    let mut elements = media_rss::image_elements(entry);
    elements.extend(media_rss::further_files(entry));
    elements.extend(episode_elements::episode_elements(entry));
    elements
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::{ArchiveAddress, ArchiveLinks};
    use crate::render::sample;
    use rafid_feed::model::{Image, PlainText};

    #[test]
    fn an_archive_page_says_what_it_is() {
        let page = |number| Some(ArchiveAddress { rules: None, number });
        let archive = ArchiveLinks { page: page(2), previous: page(1), next: page(3) };
        let text = render_rss(&Publication { archive, ..sample::publication() });
        let channel = Channel::read_from(text.as_bytes()).unwrap();
        assert_eq!(channel.namespaces[HISTORY.0], HISTORY.1);
        assert_eq!(channel.extensions["fh"]["archive"].len(), 1);
        let links = channel.extensions["atom"]["link"].iter();
        let links: Vec<_> =
            links.map(|link| (link.attrs["rel"].as_str(), link.attrs["href"].as_str())).collect();
        let expected = [
            ("self", "https://news.example/archive/2/feed.xml"),
            ("current", "https://news.example/feed.xml"),
            ("prev-archive", "https://news.example/archive/1/feed.xml"),
            ("next-archive", "https://news.example/archive/3/feed.xml"),
        ];
        assert_eq!(links, expected);
        assert!(!render_rss(&sample::publication()).contains("fh:"), "the feed is no page");
    }

    #[test]
    fn a_feed_is_parsed_back_as_written() {
        let publication = sample::publication();
        let text = render_rss(&publication);
        let channel = Channel::read_from(text.as_bytes()).unwrap();
        assert_eq!(channel.title, publication.title);
        assert_eq!(channel.language.as_deref(), Some("ar"));
        assert_eq!(channel.ttl.as_deref(), Some("10"));
        let icon = channel.image.as_ref().unwrap();
        assert_eq!(icon.url, "https://news.example/icon.png");
        assert_eq!((icon.title.as_str(), icon.link.as_str()), ("الرافد", "https://news.example/"));
        assert!(text.contains("<atom:link href=\"https://news.example/feed.xml\" rel=\"self\""));
        let item = &channel.items[0];
        let listed = &publication.entries[0];
        assert_eq!(item.title.as_deref(), Some(listed.entry.title.as_str()));
        let guid = item.guid.as_ref().unwrap();
        assert_eq!(guid.value, listed.id.to_urn());
        assert!(!guid.permalink);
        assert_eq!(item.source.as_ref().unwrap().url, "https://one.example/rss");
        assert!(text.contains("isPermaLink=\"false\""));
        let description = item.description.as_deref().unwrap();
        assert!(description.starts_with("<div dir=\"rtl\" lang=\"ar\"><p>"), "{description}");
        let creators = &item.dublin_core_ext.as_ref().unwrap().creators;
        assert_eq!(creators[..], ["وكالة الأولى"], "the source, where no author is named");
        assert_eq!(text.matches("xmlns:dc=").count(), 1);
        assert_eq!(text.matches("xmlns:atom=").count(), 1);
    }

    #[test]
    fn pictures_files_and_languages_are_kept() {
        let text = render_rss(&sample::publication());
        let picture = "<media:thumbnail height=\"600\" url=\"https://one.example/1.jpg?a=1&amp;b=2\" width=\"800\">";
        assert!(text.contains(picture), "{text}");
        assert!(text.contains("<enclosure url=\"https://one.example/1.mp3\""), "{text}");
        assert!(text.contains("url=\"https://one.example/2.mp3\""), "{text}");
        assert_eq!(text.matches("<dc:language>en</dc:language>").count(), 1);
        assert_eq!(text.matches("xmlns:media=").count(), 1);
    }

    #[test]
    fn the_origin_of_a_text_is_named() {
        let mut publication = sample::publication();
        sample::read_page(sample::entry_mut(&mut publication, 0));
        let text = render_rss(&publication);
        assert!(
            text.contains(
                "<dc:contributor>واس</dc:contributor><dc:contributor>رويترز</dc:contributor>"
            ),
            "{text}"
        );
        assert_eq!(text.matches("<dc:contributor>").count(), 2);
        let attributions =
            &mut sample::entry_mut(&mut publication, 0).entry.page.as_mut().unwrap().attributions;
        attributions[0].name = PlainText::from_trusted("<script>".to_owned());
        let text = render_rss(&publication);
        assert!(text.contains("<dc:contributor>&lt;\u{2060}script&gt;</dc:contributor>"), "{text}");
    }

    #[test]
    fn an_episode_has_the_elements_of_podcasts() {
        let mut publication = sample::publication();
        let plain = render_rss(&publication);
        for prefix in ["itunes", "podcast", "psc"] {
            assert!(!plain.contains(&format!("xmlns:{prefix}=")), "{prefix}");
        }
        let entry = &mut sample::entry_mut(&mut publication, 0).entry;
        entry.episode = Some(Box::new(sample::episode("https://one.example/e", "ليلى & خالد")));
        entry.image = Some(sample::image("https://one.example/e.jpg", "ميناء"));
        let text = render_rss(&publication);
        for element in [
            "<itunes:episode>7</itunes:episode>",
            "<itunes:season>2</itunes:season>",
            "<itunes:episodeType>bonus</itunes:episodeType>",
            "<itunes:explicit>false</itunes:explicit>",
            "<itunes:image href=\"https://one.example/e.jpg\">",
            "<podcast:transcript language=\"ليلى &amp; خالد\" rel=\"captions\" type=\"text/vtt\" \
             url=\"https://one.example/e\">",
            "<podcast:chapters type=\"application/json+chapters\" url=\"https://one.example/e\">",
            ">ليلى &amp; خالد</podcast:person>",
            "<psc:chapter href=\"https://one.example/e\" start=\"00:01:02.500\"",
        ] {
            assert!(text.contains(element), "{element} in {text}");
        }
        for prefix in ["itunes", "podcast", "psc"] {
            assert_eq!(text.matches(&format!("xmlns:{prefix}=")).count(), 1, "{prefix}");
        }
    }

    #[test]
    fn pictures_that_say_more_than_a_thumbnail_are_all_there() {
        let mut publication = sample::publication();
        let image = |publication: &Publication| {
            let channel = Channel::read_from(render_rss(publication).as_bytes()).unwrap();
            let mut media = channel.items[0].extensions.get("media").cloned().unwrap_or_default();
            (
                media.remove("thumbnail").unwrap_or_default(),
                media.remove("content").unwrap_or_default(),
            )
        };
        let entry = &mut sample::entry_mut(&mut publication, 0).entry;
        entry.enclosures.clear();
        let bare =
            Image { credit: None, alt: None, ..sample::image("https://one.example/1.jpg", "") };
        entry.image = Some(bare.clone());
        let (thumbnails, contents) = image(&publication);
        assert_eq!((thumbnails.len(), contents.len()), (1, 0));
        let entry = &mut sample::entry_mut(&mut publication, 0).entry;
        entry.image = Some(bare);
        entry.more_images = vec![sample::image("https://one.example/2.jpg", "ميناء <قديم>")];
        let (thumbnails, contents) = image(&publication);
        assert_eq!(thumbnails[0].attrs["url"], "https://one.example/1.jpg");
        let urls: Vec<_> = contents.iter().map(|it| it.attrs["url"].as_str()).collect();
        assert_eq!(urls, ["https://one.example/1.jpg", "https://one.example/2.jpg"]);
        let described = &contents[1];
        assert_eq!(described.attrs["medium"], "image");
        assert_eq!(described.children["description"][0].value.as_deref(), Some("ميناء <قديم>"));
        assert_eq!(described.children["credit"].len(), 1);
    }

    #[test]
    fn an_operator_is_named_by_mail_and_name_or_not_at_all() {
        let mut publication = sample::publication();
        let mut check = |contact: &str, title: &str, expected: Option<&str>| {
            publication.contact = Some(contact.to_owned());
            publication.title = title.to_owned();
            let text = render_rss(&publication);
            let channel = Channel::read_from(text.as_bytes()).unwrap();
            assert_eq!(channel.webmaster.as_deref(), expected, "{contact}");
        };
        check("me@a.example", "الرافد", Some("me@a.example (الرافد)"));
        check("me@a.example", "(a) \\ b)", Some("me@a.example (a b)"));
        check("me@a.example", "()", Some("me@a.example (Rafid)"));
        check("https://a.example/about", "الرافد", None);
        check("https://a.example/@me", "الرافد", None);
    }

    #[test]
    fn addresses_are_valid_uris() {
        let mut publication = sample::publication();
        sample::odd_addresses(&mut publication);
        let text = render_rss(&publication);
        let channel = Channel::read_from(text.as_bytes()).unwrap();
        let item = &channel.items[0];
        assert_eq!(item.link.as_deref(), Some(sample::ODD_ADDRESS_ENCODED));
        assert_eq!(item.comments.as_deref(), Some(sample::ODD_ADDRESS_ENCODED));
        assert_eq!(item.enclosure.as_ref().unwrap().url, sample::ODD_ADDRESS_ENCODED);
        assert!(!text.contains("s3cret") && !text.contains("/أخ"), "{text}");
    }

    #[test]
    fn a_date_from_the_future_is_not_published() {
        let mut publication = sample::publication();
        let listed = sample::entry_mut(&mut publication, 0);
        listed.entry.published_at = Some("2099-01-01T00:00:00Z".parse().unwrap());
        let (text, expected) =
            (xml_text::rfc_822(item_published_at(listed)), xml_text::rfc_822(listed.listed_at));
        assert_eq!(text, expected);
    }

    proptest! {
        #[test]
        fn joined_items_are_the_document_that_the_crate_writes(words in sample::any_words()) {
            let mut publication = sample::hostile(&words);
            publication.entries.extend(sample::publication().entries);
            publication.archive.page = Some(ArchiveAddress { rules: None, number: 1 });
            let settings = EntrySettings::of_feed(&publication);
            let items = shown_entries(&publication, &settings).map(|shown| rss_item(&shown));
            let whole = Channel { items: items.collect(), ..channel_without_items(&publication) };
            prop_assert_eq!(render_rss(&publication), whole.to_string());
        }

        #[test]
        fn anything_is_written_well_formed_and_read_back(words in sample::any_words()) {
            let publication = sample::hostile(&words);
            let text = render_rss(&publication);
            let channel = Channel::read_from(text.as_bytes()).unwrap();
            prop_assert_eq!(channel.items.len(), 1);
            let title = channel.items[0].title.as_deref().unwrap_or_default();
            let expected = xml_text::inert_line(&words);
            prop_assert_eq!(title.trim(), expected.trim());
            prop_assert!(text.chars().all(|c| c >= ' ' || c == '\n' || c == '\t'));
        }
    }
}
