//! A `Publication` → the page for people: Arabic, right to left, no script, no foreign picture.
//!
//! The template escapes every word; addresses come from normalization (`http` and `https` only) and are
//! percent-encoded by `href`.
//! Links within the site are paths below the public base, so that the page works behind any name.

use askama::Template;

use super::labels::Label;
use super::rss::taken_from;
use super::wording::Clock;
use super::{also, clean, href, root_path, style_version, summary, wording};
use crate::feed::model::{Category, ListedEntry, Publication, Scope};

/// The media type of this output.
pub const MEDIA_TYPE: &str = "text/html; charset=utf-8";

/// Characters of the text under a headline: about three lines of a wide page (what large outlets
/// tolerate in links, the audit's advice of at most 300).
const TEASER_CHARACTERS: usize = 280;

/// What a page shows beside the publication.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PageView {
    /// All categories of the site in the order of the menu.
    pub categories: Vec<Category>,
    /// The named outputs of the site, (id, name), in the order of the menu.
    pub outputs: Vec<(String, String)>,
    /// The cursor that this page was asked with; `None`: it is the first.
    pub before: Option<String>,
    /// The cursor of the next older page; `None`: this is the last.
    pub older: Option<String>,
    /// The number of this page among the files of its folder, from 1.
    pub number: usize,
    /// The clock of the page.
    pub clock: Clock,
    /// Whether the site has a search.
    pub can_search: bool,
}

#[derive(Template)]
#[template(path = "page.html")]
struct Page {
    title: String,
    description: String,
    root: String,
    here: String,
    base: String,
    style_version: String,
    menu: Vec<MenuLink>,
    sources: String,
    updated: Option<(String, String)>,
    articles: Vec<Article>,
    clock: String,
    is_first: bool,
    older: Option<String>,
    can_search: bool,
    is_folder: bool,
}

struct MenuLink {
    name: String,
    href: String,
    current: bool,
}

struct Article {
    label: Label,
    link: Option<String>,
    lang: Option<String>,
    dir: &'static str,
    teaser: Option<String>,
    source: String,
    source_href: String,
    /// Whom its text is taken from.
    origins: Vec<String>,
    datetime: String,
    time: String,
    also: Option<Also>,
}

/// Who else tells of an entry.
struct Also {
    others: String,
    href: String,
    names: Vec<String>,
    has_more: bool,
}

/// Names that a page shows of those who tell of an entry, too.
const NAMES: usize = 5;

/// The whole page as text; well-formed for any publication.
pub fn render(publication: &Publication, view: &PageView) -> String {
    let root = root_path(&publication.base);
    let entries = publication.entries.iter();
    let page = Page {
        title: clean::line(&publication.title),
        description: clean::line(&publication.description),
        here: format!("{root}{}", publication.folder),
        base: clean::address(publication, ""),
        style_version: style_version(),
        menu: menu(publication, view, &root),
        sources: wording::counted(publication.sources.len() as u64, &wording::SOURCES),
        updated: publication.updated_at.map(|at| (clean::rfc_3339(at), view.clock.instant(at))),
        articles: entries.map(|listed| article(publication, listed, view, &root)).collect(),
        clock: view.clock.name().to_owned(),
        is_first: view.before.is_none(),
        can_search: view.can_search,
        older: view.older.as_deref().map(|cursor| older(publication, view, &root, cursor)),
        is_folder: publication.is_folder,
        root,
    };
    // Writing into a String cannot fail, and the template calls nothing else.
    page.render().unwrap_or_default()
}

/// The file of an older page, by its number from 2 and the cursor that it begins behind.
pub fn older_file(number: usize, cursor: &str) -> String {
    format!("older-{number}-{}.html", clean::segment(cursor))
}

/// Where the next older page is.
fn older(publication: &Publication, view: &PageView, root: &str, cursor: &str) -> String {
    let here = format!("{root}{}", publication.folder);
    if publication.is_folder {
        format!("{here}{}", older_file(view.number + 1, cursor))
    } else {
        format!("{here}?before={}", clean::segment(cursor))
    }
}

fn menu(publication: &Publication, view: &PageView, root: &str) -> Vec<MenuLink> {
    let all = MenuLink {
        name: "الكل".to_owned(),
        href: root.to_owned(),
        current: publication.scope == Scope::All,
    };
    let categories = view.categories.iter().map(|category| MenuLink {
        name: clean::line(&category.name),
        href: format!("{root}category/{}/", clean::segment(&category.slug)),
        current: publication.scope == Scope::Category(category.slug.clone()),
    });
    let outputs = view.outputs.iter().map(|(id, name)| MenuLink {
        name: clean::line(name),
        href: format!("{root}output/{}/", clean::segment(id)),
        current: publication.scope == Scope::Output(id.clone()),
    });
    std::iter::once(all).chain(categories).chain(outputs).collect()
}

fn article(
    publication: &Publication,
    listed: &ListedEntry,
    view: &PageView,
    root: &str,
) -> Article {
    let entry = &listed.entry;
    let card = publication.sources.get(&listed.source);
    let untitled = entry.title.is_empty();
    let title = summary::headline(entry);
    let name = card.map_or(listed.source.as_str(), |card| card.name.as_str());
    Article {
        label: Label::of(listed, card, title),
        link: entry.link.as_deref().map(href::of),
        lang: entry.language.as_ref().map(ToString::to_string),
        dir: entry.direction.as_str(),
        teaser: summary::plain(entry, TEASER_CHARACTERS).filter(|_| !untitled),
        source: clean::line(name),
        source_href: format!("{root}source/{}/", clean::segment(listed.source.as_str())),
        origins: taken_from(entry),
        datetime: clean::rfc_3339(listed.listed_at),
        time: view.clock.instant(listed.listed_at),
        also: publication.stories.get(&listed.id).map(|card| {
            let names = also::names(card);
            Also {
                others: also::others(listed, card),
                href: also::address(root, card, publication.is_folder),
                has_more: names.len() > NAMES,
                names: names.into_iter().take(NAMES).collect(),
            }
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::model::PlainText;
    use crate::feed::render::sample;

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
            clock: Clock::default(),
            can_search: true,
        }
    }

    #[test]
    fn the_page_says_its_language_and_direction() {
        let page = render(&sample::publication(), &view());
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
    fn whom_a_text_is_taken_from_stands_beside_its_source() {
        let mut publication = sample::publication();
        assert!(!render(&publication, &view()).contains("نقلًا عن"));
        sample::read_page(&mut publication.entries[0]);
        let page = render(&publication, &view());
        let expected = "<span class=\"origins\">نقلًا عن <bdi>واس</bdi>، <bdi>رويترز</bdi></span>";
        assert!(page.contains(expected), "{page}");
    }

    #[test]
    fn breaking_news_has_a_label_and_its_title_every_letter() {
        let mut publication = sample::publication();
        let plain = |words: &str| PlainText::vouched(words.to_owned());
        publication.entries[0].entry.title = plain("🔴 عاجل | زلزال <يضرب> المدينة");
        publication.entries[1].entry.categories = vec![plain("Breaking News")];
        publication.entries[2].entry.title = plain("عاجل الشفاء للمصابين");
        let page = render(&publication, &view());
        for expected in [
            "rel=\"noopener\"><bdi class=\"breaking\">🔴 عاجل</bdi> | زلزال &#60;يضرب&#62; المدينة</a>",
            "<bdi class=\"breaking\" lang=\"ar\" dir=\"rtl\">عاجل</bdi> Harbour reopens after",
            "rel=\"noopener\">عاجل الشفاء للمصابين</a>",
        ] {
            assert!(page.contains(expected), "{expected} in {page}");
        }
        assert_eq!(page.matches("class=\"breaking\"").count(), 2);
        publication.sources.values_mut().for_each(|card| card.believes_breaking = false);
        let page = render(&publication, &view());
        assert!(!page.contains("class=\"breaking\"") && page.contains("🔴 عاجل | زلزال"));
    }

    #[test]
    fn addresses_are_those_of_uris() {
        let mut publication = sample::publication();
        sample::odd_addresses(&mut publication);
        let page = render(&publication, &view());
        let escaped = sample::ODD_ADDRESS_ENCODED.replace('&', "&#38;");
        assert!(page.contains(&format!("href=\"{escaped}\"")), "{page}");
        assert!(!page.contains("s3cret"), "{page}");
    }

    #[test]
    fn a_page_of_a_folder_leads_to_files_only() {
        let mut publication = sample::publication();
        publication.is_folder = true;
        let page = render(&publication, &PageView { can_search: false, ..view() });
        assert!(page.contains("href=\"/older-2-c-1.html\" rel=\"next\""), "{page}");
        assert!(!page.contains("before=") && !page.contains("/status") && !page.contains("<form"));
    }

    #[test]
    fn words_never_become_markup() {
        let page = render(&sample::hostile("<script>\"'&\u{1}"), &view());
        assert!(!page.contains("<script") && !page.contains('\u{1}'));
    }

    #[test]
    fn an_empty_river_says_so_and_an_old_page_leads_back() {
        let mut publication = sample::publication();
        publication.entries.clear();
        let mut view = view();
        view.before = Some("x".to_owned());
        view.older = None;
        let page = render(&publication, &view);
        assert!(page.contains("لا أخبار هنا بعد"));
        assert!(page.contains("الأحدث") && !page.contains("الأقدم"));
    }
}
