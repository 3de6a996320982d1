//! The site and a page's place in it → the head that every page has: the site's name, the search, how to subscribe,
//! and the menu of the categories and named outputs. It needs no script: `details` opens the addresses, and one click
//! selects one of them.

use askama::Template;

use super::{atom, json_feed, root_path, rss, site_address, xml_text};
use crate::model::{Category, PageDensity, Scope};

/// The formats of a feed in the order of how many readers know them.
pub(super) const FORMATS: [FormatLink; 3] = [
    FormatLink { name: "RSS", file: rss::FILE, media_type: "application/rss+xml" },
    FormatLink { name: "Atom", file: atom::FILE, media_type: "application/atom+xml" },
    FormatLink { name: "JSON Feed", file: json_feed::FILE, media_type: "application/feed+json" },
];

/// One format of a feed.
pub(super) struct FormatLink {
    pub(super) name: &'static str,
    pub(super) file: &'static str,
    pub(super) media_type: &'static str,
}

/// What all pages show of the site.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SiteFrame {
    /// The site's title.
    pub title: String,
    /// The public base address, ending in `/`.
    pub base: String,
    /// All categories of the site in the order of the menu.
    pub categories: Vec<Category>,
    /// The named outputs of the site, (id, name), in the order of the menu.
    pub outputs: Vec<(String, String)>,
    /// Whether the site has a search.
    pub can_search: bool,
    /// Whether all links lead to files.
    pub is_folder: bool,
    /// Whether readers may not see the state of the sources, so that no page links to it.
    pub hides_status: bool,
}

/// What the head shows of one page.
#[derive(Default)]
pub(super) struct MastheadView<'a> {
    /// Whether the site's name is the heading of the page.
    pub(super) is_heading: bool,
    /// The output that the page shows; `None`: it shows none.
    pub(super) scope: Option<&'a Scope>,
    /// The words in the field of the search.
    pub(super) words: &'a str,
    /// What the page's own feeds hold, and their folder below the base; `None`: it has none but those of the site.
    pub(super) own_feeds: Option<(&'static str, String)>,
    /// The path of the newest page of the archive.
    pub(super) archive: Option<&'a str>,
    /// The view that the links of the menu keep.
    pub(super) density: PageDensity,
}

#[derive(Template)]
#[template(path = "masthead.html")]
struct MastheadTemplate<'a> {
    view: &'a MastheadView<'a>,
    site: String,
    root: &'a str,
    base: String,
    query: &'static str,
    /// What the feeds hold.
    held: &'static str,
    feeds: Vec<CopiedAddress>,
    menu: Vec<MenuLink>,
    can_search: bool,
    is_folder: bool,
}

struct CopiedAddress {
    name: &'static str,
    path: String,
    address: String,
}

struct MenuLink {
    name: String,
    href: String,
    current: bool,
}

/// The head of a page.
pub(super) fn render_masthead(frame: &SiteFrame, view: &MastheadView<'_>) -> String {
    let root = root_path(&frame.base);
    let base = xml_text::xml_line(&frame.base);
    let (held, folder) = match &view.own_feeds {
        Some((held, folder)) => (*held, xml_text::xml_line(folder)),
        None => ("أخبار الموقع كلها", String::new()),
    };
    let feeds = FORMATS.iter().map(|it| CopiedAddress {
        name: it.name,
        path: format!("{root}{folder}{}", it.file),
        address: format!("{base}{folder}{}", it.file),
    });
    let masthead = MastheadTemplate {
        view,
        site: xml_text::xml_line(&frame.title),
        root: &root,
        query: density_query(view.density),
        held,
        feeds: feeds.collect(),
        menu: menu_links(frame, view, &root),
        can_search: frame.can_search,
        is_folder: frame.is_folder,
        base,
    };
    // Writing into a `String` cannot fail, and the template calls nothing else.
    masthead.render().unwrap_or_default()
}

/// What an address without a query has after it, to keep the view.
pub(super) fn density_query(density: PageDensity) -> &'static str {
    match density {
        PageDensity::Normal => "",
        PageDensity::Compact => "?density=compact",
    }
}

/// What a feed of an output holds, in the words of the subscription.
pub(super) fn held_by_scope(scope: &Scope) -> &'static str {
    match scope {
        Scope::All => "أخبار الموقع كلها",
        Scope::Category(_) => "أخبار هذا القسم",
        Scope::Source(_) => "أخبار هذا المصدر",
        Scope::Output(_) => "أخبار هذه الخلاصة",
    }
}

fn menu_links(frame: &SiteFrame, view: &MastheadView<'_>, root: &str) -> Vec<MenuLink> {
    let query = density_query(view.density);
    let link = |name: &str, folder: String, scope: &Scope| MenuLink {
        name: xml_text::xml_line(name),
        href: format!("{root}{folder}{query}"),
        current: view.scope == Some(scope),
    };
    let folder = |kind: &str, id: &str| format!("{kind}/{}/", site_address::path_segment(id));
    let all = link("الكل", String::new(), &Scope::All);
    let categories = frame
        .categories
        .iter()
        .map(|it| link(&it.name, folder("category", &it.slug), &Scope::Category(it.slug.clone())));
    let outputs = frame
        .outputs
        .iter()
        .map(|(id, name)| link(name, folder("output", id), &Scope::Output(id.clone())));
    std::iter::once(all).chain(categories).chain(outputs).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame() -> SiteFrame {
        SiteFrame {
            title: "الرافد".to_owned(),
            base: "https://news.example/below/".to_owned(),
            categories: Category::new("اقتصاد").into_iter().collect(),
            outputs: vec![("syria".to_owned(), "أخبار سوريا".to_owned())],
            can_search: true,
            is_folder: false,
            hides_status: false,
        }
    }

    #[test]
    fn every_page_leads_to_addresses_that_can_be_copied() {
        let site = render_masthead(&frame(), &MastheadView::default());
        for (name, file) in [("RSS", "feed.xml"), ("Atom", "atom.xml"), ("JSON Feed", "feed.json")]
        {
            let expected = format!(
                "<a href=\"/below/{file}\"><bdi lang=\"en\">{name}</bdi></a><code class=\"copy\" dir=\"ltr\" \
                 lang=\"en\">https://news.example/below/{file}</code>"
            );
            assert!(site.contains(&expected), "{expected} in {site}");
        }
        assert!(
            site.contains("/below/sources.opml") && site.contains("أخبار الموقع كلها"),
            "{site}"
        );
        let own = MastheadView {
            own_feeds: Some((
                held_by_scope(&Scope::Output(String::new())),
                "output/syria/".to_owned(),
            )),
            archive: Some("/below/output/syria/archive/7/"),
            ..MastheadView::default()
        };
        let own = render_masthead(&frame(), &own);
        for expected in [
            ">https://news.example/below/output/syria/atom.xml</code>",
            ">https://news.example/below/feed.xml</code>",
            "أخبار هذه الخلاصة",
            "<a href=\"/below/output/syria/archive/7/\">",
        ] {
            assert!(own.contains(expected), "{expected} in {own}");
        }
        assert!(!own.contains("<script") && !own.contains("<h1"), "{own}");
    }

    #[test]
    fn the_menu_keeps_the_view_and_names_the_page() {
        let scope = Scope::Category("اقتصاد".to_owned());
        let view = MastheadView {
            scope: Some(&scope),
            density: PageDensity::Compact,
            is_heading: true,
            words: "<كتاب>",
            ..MastheadView::default()
        };
        let head = render_masthead(&frame(), &view);
        for expected in [
            "<h1 class=\"brand\"><a href=\"/below/?density=compact\">",
            "<a href=\"/below/output/syria/?density=compact\"><bdi>أخبار سوريا</bdi></a>",
            "?density=compact\" aria-current=\"page\"><bdi>اقتصاد</bdi>",
            "value=\"&#60;كتاب&#62;\"",
        ] {
            assert!(head.contains(expected), "{expected} in {head}");
        }
        assert_eq!(head.matches("aria-current").count(), 1);
    }

    #[test]
    fn a_site_without_search_and_categories_has_neither() {
        let bare =
            SiteFrame { can_search: false, outputs: Vec::new(), categories: Vec::new(), ..frame() };
        let head = render_masthead(&bare, &MastheadView::default());
        assert!(!head.contains("<form") && !head.contains("<nav"), "{head}");
    }

    #[test]
    fn paper_has_no_forms_menus_and_buttons() {
        let (rules, print) = super::super::STYLE.split_once("@media print {").unwrap();
        let (before, _) = print.split_once(" { display: none; }").unwrap();
        let hidden: Vec<&str> = before.lines().last().unwrap().split(',').map(str::trim).collect();
        // The words of a search are in its form.
        assert!(
            rules.contains(".paper { display: none; }")
                && print.contains(".paper { display: inline; }")
        );
        for (element, class) in [
            ("form", ".search"),
            ("nav", ".menu"),
            ("nav", ".paging"),
            ("details", ".subscribe"),
            ("p", ".filters"),
        ] {
            // A class that sets how it is displayed has precedence over the name of its element.
            let start = format!("{class} {{");
            let mut own = rules.lines().filter(|line| line.trim_start().starts_with(&start));
            let is_styled = own.any(|line| line.contains("display:"));
            let is_hidden = hidden.contains(&class) || (!is_styled && hidden.contains(&element));
            assert!(is_hidden, "{class} is printed: {hidden:?}");
        }
    }
}
