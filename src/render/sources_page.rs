//! The report on the sources → the page of all sources for readers: by category, with the time of their last news and
//! their state in a word.

use std::collections::BTreeMap;

use askama::Template;
use jiff::Timestamp;
use rafid_feed::arabic::MatchKey;

use super::arabic_wording::{ENTRIES, SOURCES};
use super::local_clock::LocalClock;
use super::masthead::{MastheadView, SiteFrame, render_masthead};
use super::status::{SourceState, SourceStatus, StatusReport};
use super::{root_path, site_address, style_version, xml_text};

/// The maximum number of sources on the page: 400 kB. The list for programs has all of them.
const MAX_LISTED: usize = 2_000;
/// The heading of sources without a category.
const OTHERS: &str = "غير ذلك";

/// What the page shows besides the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourcesView {
    /// What all pages show of the site.
    pub frame: SiteFrame,
    /// The clock for the times on the page.
    pub clock: LocalClock,
    /// The current time.
    pub now: Timestamp,
}

#[derive(Template)]
#[template(path = "sources.html")]
struct SourcesPage<'a> {
    site: String,
    root: String,
    style_version: String,
    masthead: String,
    count: String,
    /// When a source was polled last.
    polled: Option<(String, String)>,
    groups: Vec<SourceGroup<'a>>,
    is_cut: bool,
    clock: String,
    has_status: bool,
}

/// The sources of one category.
struct SourceGroup<'a> {
    heading: String,
    sources: Vec<ListedSource<'a>>,
}

struct ListedSource<'a> {
    name: &'a str,
    href: String,
    /// When it had news last.
    newest: Option<(String, String)>,
    /// Its state, unless all is well.
    state: Option<&'static str>,
    class: &'static str,
    entries: String,
}

/// The whole page as text.
pub fn render_sources_page(report: &StatusReport, view: &SourcesView) -> String {
    let root = root_path(&view.frame.base);
    let polled = report.sources.iter().filter_map(|source| source.last_poll).max();
    let page = SourcesPage {
        site: xml_text::xml_line(&view.frame.title),
        style_version: style_version(),
        masthead: render_masthead(&view.frame, &MastheadView::default()),
        count: view.clock.count(report.sources.len() as u64, &SOURCES),
        polled: polled.map(|at| shown_time(at, view)),
        groups: group_sources(report, view, &root),
        is_cut: report.sources.len() > MAX_LISTED,
        has_status: !view.frame.hides_status,
        clock: view.clock.name().to_owned(),
        root,
    };
    // Writing into a `String` cannot fail, and the template calls nothing else.
    xml_text::xml_text(&page.render().unwrap_or_default())
}

/// The sources by their first category, in the order of the menu; those without one come last.
fn group_sources<'a>(
    report: &'a StatusReport,
    view: &SourcesView,
    root: &str,
) -> Vec<SourceGroup<'a>> {
    let mut by_name: BTreeMap<&str, Vec<&SourceStatus>> = BTreeMap::new();
    for source in report.sources.iter().take(MAX_LISTED) {
        by_name.entry(source.category.as_deref().unwrap_or(OTHERS)).or_default().push(source);
    }
    let menu = view.frame.categories.iter().map(|category| category.name.as_str());
    let mut groups = Vec::new();
    for heading in menu.chain([OTHERS]) {
        let Some(mut sources) = by_name.remove(heading) else { continue };
        sources.sort_by_cached_key(|source| MatchKey::of(&source.name));
        let sources = sources.into_iter().map(|source| listed_source(source, view, root));
        let heading = xml_text::xml_line(heading);
        groups.push(SourceGroup { heading, sources: sources.collect() });
    }
    groups
}

fn listed_source<'a>(source: &'a SourceStatus, view: &SourcesView, root: &str) -> ListedSource<'a> {
    let state = source.state();
    ListedSource {
        name: &source.name,
        href: format!("{root}source/{}/", site_address::path_segment(&source.id)),
        newest: source.last_change.map(|at| shown_time(at, view)),
        state: (state != SourceState::Good).then(|| state.in_arabic()),
        class: state.css_class(),
        entries: view.clock.count(source.entries, &ENTRIES),
    }
}

/// An instant for programs and for people.
fn shown_time(at: Timestamp, view: &SourcesView) -> (String, String) {
    (xml_text::rfc_3339(at), view.clock.format_since(at, Some(view.now)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample;

    fn source(id: &str, name: &str, category: Option<&str>) -> SourceStatus {
        SourceStatus {
            id: id.to_owned(),
            name: name.to_owned(),
            category: category.map(ToOwned::to_owned),
            last_success: Some(Timestamp::UNIX_EPOCH),
            entries: 3,
            ..SourceStatus::default()
        }
    }

    fn view() -> SourcesView {
        let now = "2026-11-24T12:00:00Z".parse().unwrap();
        SourcesView { frame: sample::frame(), clock: LocalClock::default(), now }
    }

    #[test]
    fn sources_are_listed_by_category_with_their_last_news() {
        let mut fresh = source("b", "وكالة <ب>", Some("العالم"));
        fresh.last_change = "2026-11-24T05:02:00Z".parse().ok();
        fresh.last_poll = "2026-11-24T11:58:00Z".parse().ok();
        let failing =
            SourceStatus { failures: 2, ..source("c", "أخبار", Some("العالم")) };
        let report = StatusReport {
            sources: vec![source("d", "بلا تصنيف", None), fresh, failing],
            ..StatusReport::default()
        };
        let page = render_sources_page(&report, &view());
        for expected in [
            "<h1>المصادر</h1>",
            "3 مصادر",
            "آخر تفقّد للمصادر <time datetime=\"2026-11-24T11:58:00Z\">11:58</time>",
            "<a href=\"/source/b/\"><bdi>وكالة &#60;ب&#62;</bdi></a>",
            "<time datetime=\"2026-11-24T05:02:00Z\">05:02</time>",
            "متعثّر",
        ] {
            assert!(page.contains(expected), "{expected} in {page}");
        }
        let places =
            ["<h2>العالم</h2>", "/source/c/", "/source/b/", "<h2>غير ذلك</h2>", "/source/d/"];
        let places = places.map(|part| page.find(part).unwrap());
        assert!(places.is_sorted(), "{page}");
        assert_eq!(page.matches("class=\"state\"").count(), 1, "the others are well");
    }

    #[test]
    fn a_very_long_list_says_that_it_is_cut() {
        let sources = (0..=MAX_LISTED).map(|number| source(&format!("s{number}"), "x", None));
        let report = StatusReport { sources: sources.collect(), ..StatusReport::default() };
        let page = render_sources_page(&report, &view());
        assert_eq!(page.matches("<li class=").count(), MAX_LISTED);
        assert!(page.contains("بقيتها") && !page.contains("/source/s2000/"), "the last one");
        let short = StatusReport { sources: report.sources[..5].to_vec(), ..report };
        assert!(!render_sources_page(&short, &view()).contains("بقيتها"));
    }
}
