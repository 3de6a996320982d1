//! The results of a search → the page for people, and the same as JSON for programs.

use std::collections::BTreeMap;

use askama::Template;
use jiff::Timestamp;
use rafid_feed::arabic;
use serde::Serialize;

use super::arabic_wording::ENTRIES;
use super::local_clock::LocalClock;
use super::masthead::{MastheadView, SiteFrame, render_masthead};
use super::{root_path, site_address, style_version, text_direction, xml_text};
use crate::model::{Category, SearchOrder};

/// The version of the report's format; it rises when a key changes its meaning or is removed.
pub const SCHEMA_VERSION: u32 = 1;

/// The result of a search.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct SearchReport {
    /// The format of this report: `SCHEMA_VERSION`.
    pub schema_version: u32,
    /// The query as given.
    pub query: String,
    /// `new` or `best`.
    pub sort: String,
    /// `ready`; `building`: the results may be incomplete; `failed`: they may be outdated.
    pub index: String,
    /// The number of entries found in all, or so far.
    pub count: u64,
    /// Whether there may be more than `count`, because not every entry could be checked.
    pub may_be_more: bool,
    /// What is wrong with the query; `None`: nothing.
    pub mistake: Option<SearchMistake>,
    /// What in the query is surely not meant.
    pub hints: Vec<SearchHint>,
    /// The entries in order.
    pub hits: Vec<SearchHit>,
    /// The value of `before=` for the next page; `None`: this is the last.
    pub next: Option<String>,
    /// The same for the page before this page; `None`: the first page is before it, or it is the first.
    #[serde(skip)]
    pub newer: Option<String>,
}

/// What is wrong with a query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SearchMistake {
    /// The position, in characters from 1.
    pub column: usize,
    /// The mistake, in English.
    pub message: String,
    /// The mistake, in Arabic.
    pub arabic: String,
}

/// What in a valid query is surely not meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SearchHint {
    /// In English.
    pub message: String,
    /// In Arabic.
    pub arabic: String,
}

/// One entry of the results.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SearchHit {
    /// Its id, as in the feeds.
    pub id: String,
    /// Its title in pieces; may be empty.
    pub title: Vec<SearchPiece>,
    /// A few words around the first match, in pieces.
    pub excerpt: Vec<SearchPiece>,
    /// Its page.
    pub link: Option<String>,
    /// The id of its source.
    pub source: String,
    /// The source's name.
    pub source_name: String,
    /// When it was listed.
    pub listed_at: Timestamp,
    /// Its language.
    pub language: Option<String>,
    /// Its direction, as in HTML.
    pub direction: &'static str,
    /// Whether its publisher marks the news as breaking, and is trusted in that.
    pub breaking: bool,
}

/// A piece of a text in its own spelling.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SearchPiece {
    /// The text of the piece.
    pub text: String,
    /// Whether it matches the query.
    pub found: bool,
}

/// What the page shows besides the report.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SearchView {
    /// What all pages show of the site.
    pub frame: SiteFrame,
    /// The sources that a search can be limited to, (id, name); empty: they are too many for a list.
    pub sources: Vec<(String, String)>,
    /// The clock for the times on the page.
    pub clock: LocalClock,
    /// Whether it is the first page.
    pub is_first: bool,
}

/// The report as JSON.
pub fn search_json(report: &SearchReport) -> String {
    // Our own types always serialize.
    serde_json::to_string(report).unwrap_or_default()
}

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage<'a> {
    report: &'a SearchReport,
    site: String,
    root: String,
    /// The whole address of the folder of this query's feeds.
    folder: String,
    base: String,
    /// The addresses of the first page in both orders.
    newest_first: String,
    best_first: String,
    /// The links between the pages of the results.
    links: Vec<PageLink>,
    style_version: String,
    masthead: String,
    categories: &'a [Category],
    sources: &'a [(String, String)],
    count: String,
    breaking: &'static str,
    /// What the page shows of each hit besides the report.
    shown: BTreeMap<usize, HitView>,
    clock: String,
    is_first: bool,
}

/// A link to another page of the results.
struct PageLink {
    address: String,
    words: &'static str,
    relation: &'static str,
    is_older: bool,
}

/// A hit as the page shows it.
struct HitView {
    /// When it was listed.
    time: String,
    /// The part of the title that marks the news as breaking, in pieces; empty without one.
    label: Vec<SearchPiece>,
    /// Whether it is breaking news whose title does not say so.
    is_labelled: bool,
    /// The title after its label.
    title: Vec<SearchPiece>,
    /// The direction of the title and of the excerpt, where it is another than that of the entry.
    title_dir: Option<&'static str>,
    excerpt_dir: Option<&'static str>,
}

impl HitView {
    fn from_hit(hit: &SearchHit, clock: &LocalClock) -> Self {
        let join = |pieces: &[SearchPiece]| -> String {
            pieces.iter().map(|piece| piece.text.as_str()).collect()
        };
        let title = join(&hit.title);
        let title_dir = text_direction::differing_direction(&title, hit.direction);
        let label_length =
            if hit.breaking { arabic::split_breaking_label(&title).0.len() } else { 0 };
        let (label, title) = split_pieces(&hit.title, label_length);
        Self {
            time: clock.format_instant(hit.listed_at),
            is_labelled: hit.breaking && label.is_empty(),
            label,
            title,
            title_dir,
            excerpt_dir: text_direction::differing_direction(&join(&hit.excerpt), hit.direction),
        }
    }
}

/// The pieces before and after an offset in their text, in bytes.
fn split_pieces(pieces: &[SearchPiece], at: usize) -> (Vec<SearchPiece>, Vec<SearchPiece>) {
    let (mut before, mut after, mut remaining) = (Vec::new(), Vec::new(), at);
    for piece in pieces {
        let (first, rest) = piece.text.split_at(piece.text.floor_char_boundary(remaining));
        for (part, side) in [(first, &mut before), (rest, &mut after)] {
            if !part.is_empty() {
                side.push(SearchPiece { text: part.to_owned(), found: piece.found });
            }
        }
        remaining -= first.len();
    }
    (before, after)
}

/// The whole page as text.
pub fn render_search_page(report: &SearchReport, view: &SearchView) -> String {
    let root = root_path(&view.frame.base);
    let folder = search_folder(&report.query);
    let shown = report.hits.iter().map(|hit| HitView::from_hit(hit, &view.clock)).enumerate();
    let page = SearchPage {
        report,
        site: xml_text::xml_line(&view.frame.title),
        base: format!("{}{folder}", view.frame.base),
        masthead: search_masthead(report, view, &folder),
        categories: &view.frame.categories,
        sources: &view.sources,
        folder: format!("{root}{folder}"),
        newest_first: page_address(&root, &report.query, SearchOrder::Newest, None),
        best_first: page_address(&root, &report.query, SearchOrder::Best, None),
        links: page_links(report, view, &root),
        style_version: style_version(),
        count: view.clock.count(report.count, &ENTRIES),
        breaking: arabic::BREAKING,
        shown: shown.collect(),
        clock: view.clock.name().to_owned(),
        is_first: view.is_first,
        root,
    };
    // Writing into a `String` cannot fail, and the template calls nothing else.
    page.render().unwrap_or_default()
}

/// The links to the first, the previous and the next page of the results. Where the previous is the first, one link is
/// enough.
fn page_links(report: &SearchReport, view: &SearchView, root: &str) -> Vec<PageLink> {
    let order = SearchOrder::from_word(&report.sort).unwrap_or_default();
    let (previous, next) = match order {
        SearchOrder::Newest => ("الأحدث", "الأقدم"),
        SearchOrder::Best => ("السابق", "التالي"),
    };
    let link = |words, relation, before: Option<&str>| PageLink {
        address: page_address(root, &report.query, order, before),
        words,
        relation,
        is_older: relation == "next",
    };
    let mut links = Vec::new();
    match report.newer.as_deref() {
        _ if view.is_first => {}
        None => links.push(link(previous, "first prev", None)),
        newer => {
            links.push(link("الصفحة الأولى", "first", None));
            links.push(link(previous, "prev", newer));
        }
    }
    links.extend(report.next.as_deref().map(|cursor| link(next, "next", Some(cursor))));
    links
}

/// The address of a page of the results: of the first, or of that with this cursor.
fn page_address(root: &str, words: &str, order: SearchOrder, before: Option<&str>) -> String {
    let words = percent_encoding::utf8_percent_encode(words, percent_encoding::NON_ALPHANUMERIC);
    let sort = match order {
        SearchOrder::Newest => "",
        SearchOrder::Best => "&sort=best",
    };
    let before = before.map(|cursor| format!("&before={cursor}")).unwrap_or_default();
    format!("{root}search?q={words}{sort}{before}")
}

fn search_masthead(report: &SearchReport, view: &SearchView, folder: &str) -> String {
    let has_feeds = !report.query.is_empty() && report.mistake.is_none();
    let own_feeds = has_feeds.then(|| ("نتائج هذا البحث", folder.to_owned()));
    let head = MastheadView { words: &report.query, own_feeds, ..MastheadView::default() };
    // A search is there to be searched, whatever the site says.
    let frame = SiteFrame { can_search: true, ..view.frame.clone() };
    render_masthead(&frame, &head)
}

/// The folder below the base that has the feeds of a query.
pub fn search_folder(words: &str) -> String {
    format!("search/{}/", site_address::path_segment(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(breaking: bool, title: &[(&str, bool)]) -> SearchReport {
        let piece = |&(text, found): &(&str, bool)| SearchPiece { text: text.to_owned(), found };
        SearchReport {
            query: "زلزال".to_owned(),
            sort: "new".to_owned(),
            count: 1,
            hits: vec![SearchHit {
                id: "urn:x".to_owned(),
                title: title.iter().map(piece).collect(),
                excerpt: Vec::new(),
                link: Some("https://one.example/1".to_owned()),
                source: "one".to_owned(),
                source_name: "وكالة".to_owned(),
                listed_at: Timestamp::UNIX_EPOCH,
                language: Some("en".to_owned()),
                direction: "ltr",
                breaking,
            }],
            ..SearchReport::default()
        }
    }

    #[test]
    fn breaking_news_keeps_its_label() {
        let check = |breaking: bool, title: &[(&str, bool)], expected: &str| {
            let page = render_search_page(&report(breaking, title), &SearchView::default());
            let start = page.find("rel=\"noopener\">").unwrap() + "rel=\"noopener\">".len();
            let end = start + page[start..].find("</a></h2>").unwrap();
            assert_eq!(&page[start..end], expected, "{title:?}");
        };
        check(false, &[("عاجل: ", false), ("زلزال", true)], "عاجل: <mark>زلزال</mark>");
        check(
            true,
            &[("عاجل: ", false), ("زلزال", true)],
            "<bdi class=\"breaking\">عاجل</bdi>: <mark>زلزال</mark>",
        );
        check(
            true,
            &[("🔴 ", false), ("عاجل", true), (" | زلزال", false)],
            "<bdi class=\"breaking\">🔴 <mark>عاجل</mark></bdi> | زلزال",
        );
        check(
            true,
            &[("quake", true)],
            "<bdi class=\"breaking\" lang=\"ar\" dir=\"rtl\">عاجل</bdi> <mark>quake</mark>",
        );
        let json = search_json(&report(true, &[("زلزال", true)]));
        assert!(json.contains("\"breaking\":true"), "{json}");
    }

    #[test]
    fn pages_lead_on_and_back() {
        let check = |sort: &str, newer: Option<&str>, next: Option<&str>, expected: &[&str]| {
            let (newer, next) = (newer.map(str::to_owned), next.map(str::to_owned));
            let sort = sort.to_owned();
            let report =
                SearchReport { sort, next, newer, ..report(false, &[("زلزال", true)]) };
            let frame =
                SiteFrame { base: "https://x.example/news/".into(), ..SiteFrame::default() };
            let view = SearchView { frame, ..SearchView::default() };
            let page = render_search_page(&report, &view);
            let (_, nav) = page.split_once("<nav class=\"paging\"").unwrap();
            let (nav, _) = nav.split_once("</nav>").unwrap();
            let links: Vec<&str> = nav.lines().skip(1).filter(|line| !line.is_empty()).collect();
            let words = "%D8%B2%D9%84%D8%B2%D8%A7%D9%84";
            let expected: Vec<String> = expected
                .iter()
                .map(|link| link.replace("HERE", &format!("/news/search?q={words}")))
                .collect();
            assert_eq!(links, expected, "{sort}", sort = report.sort);
        };
        check("new", None, None, &["<a href=\"HERE\" rel=\"first prev\">الأحدث</a>"]);
        check(
            "new",
            Some("9"),
            Some("5"),
            &[
                "<a href=\"HERE\" rel=\"first\">الصفحة الأولى</a>",
                "<a href=\"HERE&#38;before=9\" rel=\"prev\">الأحدث</a>",
                "<a class=\"older\" href=\"HERE&#38;before=5\" rel=\"next\">الأقدم</a>",
            ],
        );
        check(
            "best",
            Some("40"),
            None,
            &[
                "<a href=\"HERE&#38;sort=best\" rel=\"first\">الصفحة الأولى</a>",
                "<a href=\"HERE&#38;sort=best&#38;before=40\" rel=\"prev\">السابق</a>",
            ],
        );
        let view = SearchView { is_first: true, ..SearchView::default() };
        let page = render_search_page(&report(false, &[("زلزال", true)]), &view);
        assert!(!page.contains("class=\"paging\""), "{page}");
    }

    #[test]
    fn hints_and_the_choice_of_a_period_are_shown() {
        let hint =
            SearchHint { message: "m".to_owned(), arabic: "لا أثر للنجمة".to_owned() };
        let report = SearchReport { hints: vec![hint], ..report(false, &[("زلزال", true)]) };
        let page = render_search_page(&report, &SearchView::default());
        assert!(page.contains("role=\"status\">لا أثر للنجمة.</p>"), "{page}");
        assert!(page.contains("<select name=\"within\" form=\"find\""), "{page}");
    }

    #[test]
    fn the_other_order_is_a_link_of_its_own() {
        for (sort, expected) in [
            (
                "new",
                "<span><b>الأحدث أولًا</b></span><span><a href=\"/search?q=%D8%B2%D9%84%D8%B2%D8%A7%D9%84&#38;sort=best\" rel=\"nofollow\">الأنسب أولًا</a></span></p>",
            ),
            (
                "best",
                "<span><a href=\"/search?q=%D8%B2%D9%84%D8%B2%D8%A7%D9%84\" rel=\"nofollow\">الأحدث أولًا</a></span><span><b>الأنسب أولًا</b></span></p>",
            ),
        ] {
            let report =
                SearchReport { sort: sort.into(), ..report(false, &[("زلزال", true)]) };
            let page = render_search_page(&report, &SearchView::default());
            assert!(page.contains(expected), "{page}");
        }
    }

    #[test]
    fn a_printed_page_names_the_words() {
        let page = render_search_page(&report(false, &[]), &SearchView::default());
        assert!(
            page.contains("<h1>نتائج البحث<span class=\"paper\"> عن: <bdi>زلزال</bdi></span></h1>"),
            "{page}"
        );
        let page = render_search_page(&SearchReport::default(), &SearchView::default());
        assert!(page.contains("<h1>البحث في الأخبار</h1>"), "{page}");
    }

    #[test]
    fn an_empty_query_is_aligned_right() {
        let page = render_search_page(&SearchReport::default(), &SearchView::default());
        assert!(page.contains("placeholder=\"ابحث في الأخبار\""), "{page}");
        let style = super::super::STYLE;
        assert!(style.contains("input:placeholder-shown { direction: rtl;"), "{style}");
    }
}
