//! What a search found → the page for people, and the same as JSON for programs.

use std::collections::BTreeMap;

use askama::Template;
use jiff::Timestamp;
use serde::Serialize;

use super::wording::{Clock, ENTRIES, counted};
use super::{clean, root_path, style_version};

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
    pub clock: Clock,
    /// Whether it is the first page.
    pub is_first: bool,
}

/// The report as JSON.
pub fn json(report: &SearchReport) -> String {
    // Our own shapes always serialise.
    serde_json::to_string(report).unwrap_or_default()
}

#[derive(Template)]
#[template(path = "search.html")]
struct Page<'a> {
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
    times: BTreeMap<usize, String>,
    clock: String,
    is_first: bool,
}

/// The whole page as text.
pub fn page(report: &SearchReport, view: &SearchView) -> String {
    let root = root_path(&view.base);
    let folder = folder(&report.query);
    let times = report.hits.iter().map(|hit| view.clock.instant(hit.listed_at)).enumerate();
    let page = Page {
        report,
        site: clean::line(&view.title),
        base: format!("{}{folder}", view.base),
        folder: format!("{root}{folder}"),
        words: percent_encoding::utf8_percent_encode(
            &report.query,
            percent_encoding::NON_ALPHANUMERIC,
        )
        .to_string(),
        style_version: style_version(),
        count: counted(report.count, &ENTRIES),
        times: times.collect(),
        clock: view.clock.name().to_owned(),
        is_first: view.is_first,
        root,
    };
    // Writing into a String cannot fail, and the template calls nothing else.
    page.render().unwrap_or_default()
}

/// The folder below the base that holds the feeds of a query.
pub fn folder(words: &str) -> String {
    format!("search/{}/", clean::segment(words))
}
