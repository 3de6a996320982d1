//! What a search found → the page for people, and the same as JSON for programs.

use std::collections::BTreeMap;

use askama::Template;
use jiff::Timestamp;
use rafid_feed::arabic;
use serde::Serialize;

use super::arabic_wording::{ENTRIES, LocalClock, count_in_words};
use super::{root_path, style_version, xml_text};

/// The version of the report's shape; rises when a key changes its meaning or goes.
pub const SCHEMA_VERSION: u32 = 1;

/// What a search came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct SearchReport {
    /// The shape of this report: `SCHEMA_VERSION`.
    pub schema_version: u32,
    /// The query as given.
    pub query: String,
    /// `new` or `best`.
    pub sort: String,
    /// `ready`; `building`: what is found may be incomplete; `failed`: it may be old.
    pub index: String,
    /// How many entries are found in all, or so far.
    pub count: u64,
    /// Whether there may be more than `count`: not every entry could be looked at.
    pub may_be_more: bool,
    /// What is wrong with the query; `None`: nothing.
    pub mistake: Option<SearchMistake>,
    /// The entries in order.
    pub hits: Vec<SearchHit>,
    /// The word for the next page (`before=`); `None`: this is the last.
    pub next: Option<String>,
}

/// What is wrong with a query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SearchMistake {
    /// Where, in characters from 1.
    pub column: usize,
    /// What, in English.
    pub message: String,
    /// What, in Arabic.
    pub arabic: String,
}

/// One entry that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SearchHit {
    /// Its id, as in the feeds.
    pub id: String,
    /// Its title in pieces; may be empty.
    pub title: Vec<SearchPiece>,
    /// A few words around what was found, in pieces.
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
    /// Its direction, as HTML has it.
    pub direction: &'static str,
    /// Whether its publisher says that the news is breaking, and is believed.
    pub breaking: bool,
}

/// A piece of a text in its own spelling.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SearchPiece {
    /// Its letters.
    pub text: String,
    /// Whether the query found it.
    pub found: bool,
}

/// What the page shows beside the report.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SearchView {
    /// The site's title.
    pub title: String,
    /// The public base address.
    pub base: String,
    /// The clock of the page.
    pub clock: LocalClock,
    /// Whether it is the first page.
    pub is_first: bool,
}

/// The report as JSON.
pub fn search_json(report: &SearchReport) -> String {
    // Our own shapes always serialise.
    serde_json::to_string(report).unwrap_or_default()
}

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage<'a> {
    report: &'a SearchReport,
    site: String,
    root: String,
    /// The folder of the feeds of this query, and its whole address.
    folder: String,
    base: String,
    /// The query as a value of an address.
    words: String,
    style_version: String,
    count: String,
    breaking: &'static str,
    /// What the page shows of each hit beside the report.
    shown: BTreeMap<usize, HitView>,
    clock: String,
    is_first: bool,
}

/// A hit as the page shows it.
struct HitView {
    /// When it was listed.
    time: String,
    /// The words of the title that say that its news is breaking, in pieces; empty: it does not say so.
    label: Vec<SearchPiece>,
    /// Whether it is breaking news whose title does not say so.
    is_labelled: bool,
    /// The title, behind its label.
    title: Vec<SearchPiece>,
}

impl HitView {
    fn from_hit(hit: &SearchHit, clock: &LocalClock) -> Self {
        let title: String = hit.title.iter().map(|piece| piece.text.as_str()).collect();
        let own = if hit.breaking { arabic::split_breaking_label(&title).0.len() } else { 0 };
        let (label, title) = split_pieces(&hit.title, own);
        Self {
            time: clock.format_instant(hit.listed_at),
            is_labelled: hit.breaking && label.is_empty(),
            label,
            title,
        }
    }
}

/// Pieces before and behind a place in their text, counted in bytes.
fn split_pieces(pieces: &[SearchPiece], at: usize) -> (Vec<SearchPiece>, Vec<SearchPiece>) {
    let (mut before, mut behind, mut left) = (Vec::new(), Vec::new(), at);
    for piece in pieces {
        let (first, rest) = piece.text.split_at(piece.text.floor_char_boundary(left));
        for (part, side) in [(first, &mut before), (rest, &mut behind)] {
            if !part.is_empty() {
                side.push(SearchPiece { text: part.to_owned(), found: piece.found });
            }
        }
        left -= first.len();
    }
    (before, behind)
}

/// The whole page as text.
pub fn render_search_page(report: &SearchReport, view: &SearchView) -> String {
    let root = root_path(&view.base);
    let folder = search_folder(&report.query);
    let shown = report.hits.iter().map(|hit| HitView::from_hit(hit, &view.clock)).enumerate();
    let page = SearchPage {
        report,
        site: xml_text::xml_line(&view.title),
        base: format!("{}{folder}", view.base),
        folder: format!("{root}{folder}"),
        words: percent_encoding::utf8_percent_encode(
            &report.query,
            percent_encoding::NON_ALPHANUMERIC,
        )
        .to_string(),
        style_version: style_version(),
        count: count_in_words(report.count, &ENTRIES),
        breaking: arabic::BREAKING,
        shown: shown.collect(),
        clock: view.clock.name().to_owned(),
        is_first: view.is_first,
        root,
    };
    // Writing into a String cannot fail, and the template calls nothing else.
    page.render().unwrap_or_default()
}

/// The folder below the base that holds the feeds of a query.
pub fn search_folder(words: &str) -> String {
    format!("search/{}/", xml_text::path_segment(words))
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
    fn an_empty_query_has_its_place_at_the_right() {
        let page = render_search_page(&SearchReport::default(), &SearchView::default());
        assert!(page.contains("placeholder=\"ابحث في الأخبار\""), "{page}");
        let style = super::super::STYLE;
        assert!(style.contains("input:placeholder-shown { direction: rtl;"), "{style}");
    }
}
