//! A `Publication` → the page for people: Arabic, right to left, no script, no images from other sites.
//!
//! The template escapes all text; addresses come from normalization (`http` and `https` only) and are
//! percent-encoded by `href`. Links within the site are paths below the public base, so that the page works
//! under any host name.

use std::fmt::Display;

use askama::Template;

use super::arabic_wording::{self, LocalClock};
use super::breaking_label::BreakingLabel;
use super::rss::attribution_names;
use super::shown_entry::{EntrySettings, ShownEntry, shown_entries};
use super::{href, other_tellings, root_path, site_address, style_version, summary, xml_text};
use crate::model::{ArchiveAddress, Category, Publication, Scope};

/// The media type of this output.
pub const MEDIA_TYPE: &str = "text/html; charset=utf-8";

/// The length of the text under a headline, in characters: about three lines of a wide page (what large
/// outlets tolerate in links; the audit advises at most 300).
const TEASER_CHARACTERS: usize = 280;

/// What a page shows besides the publication.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PageView {
    /// All categories of the site in the order of the menu.
    pub categories: Vec<Category>,
    /// The named outputs of the site, (id, name), in the order of the menu.
    pub outputs: Vec<(String, String)>,
    /// The cursor of this page; `None`: it is the first page.
    pub before: Option<String>,
    /// The cursor of the next older page; `None`: this is the last page.
    pub older: Option<String>,
    /// The number of this page among the files of its folder, from 1.
    pub number: usize,
    /// The clock for the times on the page.
    pub clock: LocalClock,
    /// Whether the site has a search.
    pub can_search: bool,
    /// The number of the last arrival, for the link to what is new; 0: there is no such link.
    pub position: u64,
    /// What arrived since a number of the journal, if that is what the page shows.
    pub since: Option<SinceView>,
}

/// A page of what is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SinceView {
    /// Whether everything that is new can be shown.
    pub is_complete: bool,
}

#[derive(Template)]
#[template(path = "page.html")]
struct OutputPage<'a, T: Display> {
    title: String,
    description: String,
    root: String,
    here: String,
    base: String,
    style_version: String,
    menu: Vec<MenuLink>,
    sources: String,
    updated: Option<(String, String)>,
    /// The `article` elements of the entries.
    articles: &'a [T],
    clock: String,
    note: Option<String>,
    empty: &'static str,
    is_first: bool,
    newer_page: Option<String>,
    older: Option<String>,
    archive: Option<String>,
    since: Option<String>,
    can_search: bool,
    is_folder: bool,
}

struct MenuLink {
    name: String,
    href: String,
    current: bool,
}

/// An entry on a page.
#[derive(Template)]
#[template(path = "entry.html")]
struct EntryArticle {
    label: BreakingLabel,
    link: Option<String>,
    lang: Option<String>,
    dir: &'static str,
    teaser: Option<String>,
    source: String,
    source_href: String,
    /// The origins of its text.
    origins: Vec<String>,
    datetime: String,
    time: String,
    also: Option<OtherTellingsView>,
}

/// The other sources that report an entry's event.
struct OtherTellingsView {
    others: String,
    href: String,
    names: Vec<String>,
    has_more: bool,
}

/// The number of other sources that a page names for an entry.
const NAMES: usize = 5;

/// The whole page as text; well-formed for any publication.
pub fn render_html(publication: &Publication, view: &PageView) -> String {
    let settings = EntrySettings::of_publication(publication, view.clock.clone());
    let articles: Vec<String> =
        shown_entries(publication, &settings).map(|shown| render_article(&shown)).collect();
    join_articles(publication, view, &articles)
}

/// The `article` element of an entry.
pub fn render_article(shown: &ShownEntry<'_>) -> String {
    // Writing into a `String` cannot fail, and the template calls nothing else.
    entry_article(shown).render().unwrap_or_default()
}

/// The whole page, from the `article` elements of its entries.
pub fn join_articles<T: Display>(
    publication: &Publication,
    view: &PageView,
    articles: &[T],
) -> String {
    let root = root_path(&publication.base);
    let page = OutputPage {
        title: xml_text::xml_line(&publication.title),
        description: xml_text::xml_line(&publication.description),
        here: format!("{root}{}", publication.folder),
        base: site_address::output_file_address(publication, ""),
        style_version: style_version(),
        menu: menu_links(publication, view, &root),
        sources: arabic_wording::count_in_words(
            publication.sources.len() as u64,
            &arabic_wording::SOURCES,
        ),
        updated: publication
            .updated_at
            .map(|at| (xml_text::rfc_3339(at), view.clock.format_instant(at))),
        articles,
        clock: view.clock.name().to_owned(),
        note: page_note(publication, view),
        empty: empty_page_text(view),
        is_first: view.before.is_none()
            && view.since.is_none()
            && publication.archive.page.is_none(),
        newer_page: publication.archive.next.map(|page| archive_address(publication, &root, page)),
        archive: publication
            .archive
            .previous
            .filter(|_| publication.archive.page.is_none())
            .map(|page| archive_address(publication, &root, page)),
        since: (view.position > 0 && !publication.is_folder)
            .then(|| format!("{root}{}?after={}", publication.folder, view.position)),
        can_search: view.can_search,
        older: older_address(publication, view, &root),
        is_folder: publication.is_folder,
        root,
    };
    // Writing into a `String` cannot fail, and the template calls nothing else.
    page.render().unwrap_or_default()
}

/// What kind of page it is, if it is not one of the newest entries.
fn page_note(publication: &Publication, view: &PageView) -> Option<String> {
    match (publication.archive.page, view.since) {
        (Some(page), _) => Some(format!("الأرشيف، الصفحة {}", page.number)),
        (_, Some(_)) => Some("الجديد منذ زيارتك".to_owned()),
        _ => None,
    }
}

/// What a page without entries says instead.
fn empty_page_text(view: &PageView) -> &'static str {
    match view.since {
        None => "لا أخبار هنا بعد. تصل الأخبار تباعًا بعد قراءة المصادر؛ عُد بعد دقائق.",
        Some(SinceView { is_complete: true }) => "لم يصل جديد منذ زيارتك.",
        Some(SinceView { is_complete: false }) => {
            "وصل منذ زيارتك أكثر مما تتسع له صفحة واحدة، أو مضى عليها وقت طويل. ستجد كل ما فاتك في الأحدث وفي الأرشيف."
        }
    }
}

/// The address of an archive page for people.
fn archive_address(publication: &Publication, root: &str, page: ArchiveAddress) -> String {
    format!("{root}{}{}", publication.folder, site_address::archive_folder(page))
}

/// The file of an older page, by its number from 2 and the cursor that it starts after.
pub fn older_file(number: usize, cursor: &str) -> String {
    format!("older-{number}-{}.html", site_address::path_segment(cursor))
}

/// Where the older entries are: on the next older page of the archive, or on the page after a cursor.
fn older_address(publication: &Publication, view: &PageView, root: &str) -> Option<String> {
    if publication.archive.page.is_some() {
        return publication.archive.previous.map(|page| archive_address(publication, root, page));
    }
    let cursor = view.older.as_deref()?;
    Some(older_page_address(publication, view, root, cursor))
}

/// The address of the next older page.
fn older_page_address(
    publication: &Publication,
    view: &PageView,
    root: &str,
    cursor: &str,
) -> String {
    let here = format!("{root}{}", publication.folder);
    if publication.is_folder {
        format!("{here}{}", older_file(view.number + 1, cursor))
    } else {
        format!("{here}?before={}", site_address::path_segment(cursor))
    }
}

fn menu_links(publication: &Publication, view: &PageView, root: &str) -> Vec<MenuLink> {
    let all = MenuLink {
        name: "الكل".to_owned(),
        href: root.to_owned(),
        current: publication.scope == Scope::All,
    };
    let categories = view.categories.iter().map(|category| MenuLink {
        name: xml_text::xml_line(&category.name),
        href: format!("{root}category/{}/", site_address::path_segment(&category.slug)),
        current: publication.scope == Scope::Category(category.slug.clone()),
    });
    let outputs = view.outputs.iter().map(|(id, name)| MenuLink {
        name: xml_text::xml_line(name),
        href: format!("{root}output/{}/", site_address::path_segment(id)),
        current: publication.scope == Scope::Output(id.clone()),
    });
    std::iter::once(all).chain(categories).chain(outputs).collect()
}

fn entry_article(shown: &ShownEntry<'_>) -> EntryArticle {
    let ShownEntry { listed, story, settings, .. } = *shown;
    let info = shown.source_info();
    let root = root_path(&settings.base);
    let entry = &listed.entry;
    let untitled = entry.title.is_empty();
    let title = summary::entry_headline(entry);
    let name = info.map_or(listed.source.as_str(), |info| info.name.as_str());
    EntryArticle {
        label: BreakingLabel::from_entry(listed, info, title),
        link: entry.link.as_deref().map(href::encode_href),
        lang: entry.language.as_ref().map(ToString::to_string),
        dir: entry.direction.as_str(),
        teaser: summary::plain_summary(entry, TEASER_CHARACTERS).filter(|_| !untitled),
        source: xml_text::xml_line(name),
        source_href: format!(
            "{root}source/{}/",
            site_address::path_segment(listed.source.as_str())
        ),
        origins: attribution_names(entry),
        datetime: xml_text::rfc_3339(listed.listed_at),
        time: settings.clock.format_instant(listed.listed_at),
        also: story.map(|story| {
            let names = other_tellings::other_names(story);
            OtherTellingsView {
                others: other_tellings::others_line(listed, story),
                href: other_tellings::story_page_address(&root, story, settings.is_folder),
                has_more: names.len() > NAMES,
                names: names.into_iter().take(NAMES).collect(),
            }
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ArchiveLinks;
    use crate::render::sample;
    use rafid_feed::model::PlainText;

    fn view() -> PageView {
        PageView {
            categories: ["اقتصاد", "العالم", "علوم وتقنية", "رياضة"]
                .into_iter()
                .filter_map(Category::new)
                .collect(),
            outputs: vec![("syria".to_owned(), "أخبار سوريا".to_owned())],
            before: None,
            older: Some("c-1".to_owned()),
            number: 1,
            clock: LocalClock::default(),
            can_search: true,
            position: 0,
            since: None,
        }
    }

    #[test]
    fn pages_of_the_archive_lead_to_each_other() {
        let mut publication = sample::publication();
        let page = |number| Some(ArchiveAddress { rules: None, number });
        publication.archive.previous = page(8);
        let first = render_html(&publication, &PageView { position: 17, ..view() });
        assert!(first.contains("<a href=\"/archive/8/\">الأرشيف</a>"), "{first}");
        assert!(first.contains("<a href=\"/?after=17\" rel=\"nofollow\">"), "{first}");
        let archive = ArchiveLinks { page: page(7), previous: page(6), next: page(8) };
        let publication = Publication { archive, ..publication };
        let text = render_html(&publication, &PageView { older: None, ..view() });
        for expected in [
            "الأرشيف، الصفحة 7",
            "<a href=\"/\" rel=\"first\">الأحدث</a>",
            "href=\"/archive/8/\" rel=\"prev\"",
            "href=\"/archive/6/\" rel=\"next\"",
        ] {
            assert!(text.contains(expected), "{expected} in {text}");
        }
        assert!(!text.contains("?after") && !text.contains("?before"), "{text}");
    }

    #[test]
    fn a_page_of_what_is_new_says_when_it_holds_nothing() {
        let publication = Publication { entries: Vec::new(), ..sample::publication() };
        for (is_complete, expected) in [(true, "لم يصل جديد"), (false, "كل ما فاتك")]
        {
            let since = Some(SinceView { is_complete });
            let text = render_html(&publication, &PageView { since, older: None, ..view() });
            assert!(text.contains(expected) && text.contains("الجديد منذ زيارتك"), "{text}");
            assert!(text.contains("الأحدث"), "{text}");
        }
    }

    #[test]
    fn the_page_says_its_language_and_direction() {
        let page = render_html(&sample::publication(), &view());
        for needle in [
            "<html lang=\"ar\" dir=\"rtl\">",
            "<article lang=\"en\" dir=\"ltr\"",
            "<bdi>Second News</bdi>",
            "24 نوفمبر 2026، 05:02",
            "datetime=\"2026-11-24T05:02:00Z\"",
            "?before=c-1",
            "href=\"https://news.example/atom.xml\"",
            "3 مصادر",
            "aria-current=\"page\"",
            "<a href=\"/output/syria/\"><bdi>أخبار سوريا</bdi></a>",
        ] {
            assert!(page.contains(needle), "{needle} in {page}");
        }
        assert!(!page.contains("<script") && !page.contains("<img") && !page.contains("الأحدث"));
    }

    #[test]
    fn the_origin_of_a_text_is_beside_its_source() {
        let mut publication = sample::publication();
        assert!(!render_html(&publication, &view()).contains("نقلًا عن"));
        sample::read_page(sample::entry_mut(&mut publication, 0));
        let page = render_html(&publication, &view());
        let expected = "<span class=\"origins\">نقلًا عن <bdi>واس</bdi>، <bdi>رويترز</bdi></span>";
        assert!(page.contains(expected), "{page}");
    }

    #[test]
    fn breaking_news_has_a_label_and_its_title_every_letter() {
        let mut publication = sample::publication();
        let plain = |words: &str| PlainText::from_trusted(words.to_owned());
        sample::entry_mut(&mut publication, 0).entry.title =
            plain("🔴 عاجل | زلزال <يضرب> المدينة");
        sample::entry_mut(&mut publication, 1).entry.categories = vec![plain("Breaking News")];
        sample::entry_mut(&mut publication, 2).entry.title = plain("عاجل الشفاء للمصابين");
        let page = render_html(&publication, &view());
        for expected in [
            "rel=\"noopener\"><bdi class=\"breaking\">🔴 عاجل</bdi> | زلزال &#60;يضرب&#62; المدينة</a>",
            "<bdi class=\"breaking\" lang=\"ar\" dir=\"rtl\">عاجل</bdi> Harbour reopens after",
            "rel=\"noopener\">عاجل الشفاء للمصابين</a>",
        ] {
            assert!(page.contains(expected), "{expected} in {page}");
        }
        assert_eq!(page.matches("class=\"breaking\"").count(), 2);
        for info in std::sync::Arc::make_mut(&mut publication.sources).values_mut() {
            std::sync::Arc::make_mut(info).believes_breaking = false;
        }
        let page = render_html(&publication, &view());
        assert!(!page.contains("class=\"breaking\"") && page.contains("🔴 عاجل | زلزال"));
    }

    #[test]
    fn addresses_are_valid_uris() {
        let mut publication = sample::publication();
        sample::odd_addresses(&mut publication);
        let page = render_html(&publication, &view());
        let escaped = sample::ODD_ADDRESS_ENCODED.replace('&', "&#38;");
        assert!(page.contains(&format!("href=\"{escaped}\"")), "{page}");
        assert!(!page.contains("s3cret"), "{page}");
    }

    #[test]
    fn a_page_of_a_folder_leads_to_files_only() {
        let mut publication = sample::publication();
        publication.is_folder = true;
        let page = render_html(&publication, &PageView { can_search: false, ..view() });
        assert!(page.contains("href=\"/older-2-c-1.html\" rel=\"next\""), "{page}");
        assert!(!page.contains("before=") && !page.contains("/status") && !page.contains("<form"));
    }

    #[test]
    fn text_never_becomes_markup() {
        let page = render_html(&sample::hostile("<script>\"'&\u{1}"), &view());
        assert!(!page.contains("<script") && !page.contains('\u{1}'));
    }

    #[test]
    fn an_empty_page_says_so_and_an_old_page_leads_back() {
        let mut publication = sample::publication();
        publication.entries.clear();
        let mut view = view();
        view.before = Some("x".to_owned());
        view.older = None;
        let page = render_html(&publication, &view);
        assert!(page.contains("لا أخبار هنا بعد"));
        assert!(page.contains("الأحدث") && !page.contains("الأقدم"));
    }
}
