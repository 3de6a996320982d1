//! A `StatusReport` → the page `/status`.

use askama::Template;
use jiff::Timestamp;
use rafid_feed::arabic::MatchKey;

use super::findings::{ClockStatus, FullTextStatus, ListStatus, PushStatus};
use super::poll_reason;
use super::source_status::SourceStatus;
use super::status_report::StatusReport;
use crate::model::StatusOrder;
use crate::render::arabic_wording::{ENTRIES, FAILURES, SOURCES, WARNINGS, count_in_words};
use crate::render::local_clock::LocalClock;
use crate::render::masthead::{MastheadView, SiteFrame, render_masthead};
use crate::render::{href, root_path, style_version, xml_text};

/// What the page needs beside the report.
#[derive(Debug, Clone)]
pub struct StatusView {
    /// What every page of the site shows.
    pub frame: SiteFrame,
    /// The site's time zone, in digits that the findings have, too.
    pub clock: LocalClock,
    /// The time: days before it are named.
    pub now: Timestamp,
    /// Only sources whose last poll failed are listed.
    pub failing_only: bool,
    /// In which order the sources are listed.
    pub order: StatusOrder,
}

#[derive(Template)]
#[template(path = "status.html")]
struct StatusPage<'a> {
    report: &'a StatusReport,
    root: String,
    style_version: String,
    masthead: String,
    started: (String, String),
    clock: String,
    sources: String,
    failing: String,
    silent: Option<String>,
    hijacked: Option<String>,
    entries: String,
    polling_paused: Option<String>,
    system_clock: Option<String>,
    search: Option<String>,
    /// The ids of the lists that cannot be used, with what is wrong and the message.
    lists: Vec<(&'a str, String, &'a str)>,
    /// When broken databases were set aside, and their names.
    set_aside: Vec<(String, &'a str, &'static str)>,
    /// The same page with all sources or with those that fail, whichever this one is not; `None`: none fails.
    other_sources: Option<(&'static str, String)>,
    /// The orders with their addresses; the order of this page has none.
    orders: Vec<(&'static str, Option<String>)>,
    failing_only: bool,
    rows: Vec<SourceRow<'a>>,
}

struct SourceRow<'a> {
    source: &'a SourceStatus,
    state: &'static str,
    word: &'static str,
    last_success: Option<(String, String)>,
    next_poll: Option<(String, String)>,
    /// The times of the row, without what a reader knows: the last success, the last news and the next poll.
    short_times: [(&'static str, Option<(String, String)>); 3],
    failures: String,
    failed: Option<(String, String)>,
    clock: Option<String>,
    silent: Option<String>,
    findings: Vec<String>,
    lost: Option<String>,
    push: Option<&'static str>,
    last_push: Option<(String, String)>,
    full_text: Option<String>,
    entries: String,
    warnings: String,
    feed_entries: String,
    last_change: Option<(String, String)>,
    reason: &'a str,
}

/// The times of a row.
const COLUMNS: [&str; 3] = ["آخر قراءة ناجحة", "آخر خبر جديد", "القراءة التالية"];

/// The report as a page of the site, a line for each source.
pub fn render_status_page(report: &StatusReport, view: &StatusView) -> String {
    let StatusView { frame, clock, now, failing_only, order } = view;
    let listed = report.sources.iter().filter(|source| !failing_only || source.failures > 0);
    let mut listed: Vec<&SourceStatus> = listed.collect();
    sort_sources(&mut listed, *order);
    let rows = listed.into_iter().map(|source| source_row(source, clock, *now)).collect();
    let page = StatusPage {
        report,
        root: root_path(&frame.base),
        style_version: style_version(),
        masthead: render_masthead(frame, &MastheadView::default()),
        started: (xml_text::rfc_3339(report.started_at), clock.format_instant(report.started_at)),
        clock: clock.name().to_owned(),
        sources: count_in_words(report.totals.sources, &SOURCES),
        failing: count_in_words(report.totals.failing, &SOURCES),
        silent: source_count_words(report.totals.silent),
        hijacked: source_count_words(report.totals.hijacked),
        entries: count_in_words(report.totals.entries, &ENTRIES),
        polling_paused: report.polling_pause_apart().map(|pause| pause.in_arabic(clock)),
        system_clock: report.system_clock.as_ref().map(|doubt| doubt.in_arabic(clock)),
        search: report.search.as_ref().and_then(|search| search.in_arabic(clock)),
        lists: list_problems(report, clock),
        set_aside: report
            .store
            .set_aside
            .iter()
            .map(|it| (it.time_in_arabic(clock), &*it.name, it.restored_in_arabic()))
            .collect(),
        other_sources: (report.totals.failing > 0 || *failing_only).then(|| other_sources(view)),
        orders: order_links(view),
        failing_only: *failing_only,
        rows,
    };
    // Writing into a String cannot fail, and the template calls nothing else.
    xml_text::xml_text(&page.render().unwrap_or_default())
}

/// Sorts the sources; where an order says nothing, they stay as configured.
fn sort_sources(sources: &mut [&SourceStatus], order: StatusOrder) {
    match order {
        StatusOrder::Severity => sources.sort_by_key(|source| source.severity_key()),
        StatusOrder::Name => sources.sort_by_cached_key(|source| MatchKey::of(&source.name)),
        StatusOrder::OldestNews => sources.sort_by_key(|source| source.last_change),
        StatusOrder::Entries => sources.sort_by_key(|source| std::cmp::Reverse(source.entries)),
    }
}

/// The address of the page with these sources in this order.
fn status_address(view: &StatusView, failing_only: bool, order: StatusOrder) -> String {
    let mut address = format!("{}status", root_path(&view.frame.base));
    let mut separator = '?';
    for (name, value) in
        [("show", if failing_only { "failing" } else { "" }), ("sort", order.as_word())]
    {
        if !value.is_empty() {
            address.extend([&separator.to_string(), name, "=", value]);
            separator = '&';
        }
    }
    address
}

fn other_sources(view: &StatusView) -> (&'static str, String) {
    let words = if view.failing_only {
        "المصادر كلها"
    } else {
        "المتعثّر منها وحده"
    };
    (words, status_address(view, !view.failing_only, view.order))
}

fn order_links(view: &StatusView) -> Vec<(&'static str, Option<String>)> {
    let link = |order: StatusOrder| {
        let words = match order {
            StatusOrder::Severity => "الأحوج إلى النظر أولًا",
            StatusOrder::Name => "بالاسم",
            StatusOrder::OldestNews => "الأقدم خبرًا أولًا",
            StatusOrder::Entries => "الأكثر أخبارًا أولًا",
        };
        let is_other = order != view.order;
        (words, is_other.then(|| status_address(view, view.failing_only, order)))
    };
    StatusOrder::ALL.map(link).into()
}

fn list_problems<'a>(
    report: &'a StatusReport,
    clock: &LocalClock,
) -> Vec<(&'a str, String, &'a str)> {
    let problem = |list: &'a ListStatus| {
        let message = &list.problem.as_ref()?.message;
        Some((list.id.as_str(), list.in_arabic(clock)?, message.as_str()))
    };
    report.lists.iter().filter_map(problem).collect()
}

/// A number of sources in words; `None` for 0.
fn source_count_words(count: u64) -> Option<String> {
    (count > 0).then(|| count_in_words(count, &SOURCES))
}

/// The findings about a source that are shown together.
fn finding_lines(source: &SourceStatus, clock: &LocalClock) -> Vec<String> {
    let hijacked = source.hijacked.as_ref().map(|hijacked| hijacked.in_arabic(clock));
    let frozen = source.frozen_dates.as_ref().map(|frozen| frozen.in_arabic(clock));
    let refused = source.refused.as_ref().map(|refused| refused.in_arabic(clock));
    [hijacked, frozen, refused].into_iter().flatten().collect()
}

fn source_row<'a>(source: &'a SourceStatus, clock: &LocalClock, now: Timestamp) -> SourceRow<'a> {
    let both = |at: Timestamp| (xml_text::rfc_3339(at), clock.format_instant(at));
    let short = |at: Timestamp| (xml_text::rfc_3339(at), clock.format_since(at, Some(now)));
    SourceRow {
        source,
        state: source.state().css_class(),
        word: source.state().in_arabic(),
        last_success: source.last_success.map(both),
        next_poll: source.next_poll.map(both),
        short_times: [
            (COLUMNS[0], source.last_success.map(short)),
            (COLUMNS[1], source.last_change.map(short)),
            (COLUMNS[2], source.next_poll.map(short)),
        ],
        failures: count_in_words(source.failures.into(), &FAILURES),
        failed: source.last_error.as_ref().map(|error| both(error.at)),
        clock: source.clock.as_ref().map(ClockStatus::in_arabic),
        silent: source.silent.as_ref().map(|silent| silent.in_arabic(clock)),
        findings: finding_lines(source, clock),
        lost: source.lost.as_ref().map(|lost| lost.in_arabic(clock)),
        push: source.push.as_ref().map(PushStatus::in_arabic),
        last_push: source.push.as_ref().and_then(|push| push.last_push).map(both),
        full_text: source.full_text.as_ref().map(FullTextStatus::in_arabic),
        entries: count_in_words(source.entries, &ENTRIES),
        warnings: count_in_words(source.warnings_count, &WARNINGS),
        feed_entries: count_in_words(source.feed_entries, &ENTRIES),
        last_change: source.last_change.map(both),
        reason: poll_reason::reason_in_arabic(&source.reason),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{
        FoundStatus, FrozenStatus, HijackedStatus, ListProblemStatus, LostStatus, MovedStatus,
        PageError, RefusedStatus, SCHEMA_VERSION, SilentStatus, SourceError, StatusTotals,
        status_json,
    };
    use super::*;
    use crate::render::sample;

    fn full_text(at: Timestamp) -> FullTextStatus {
        FullTextStatus {
            taken: 7,
            shorter: 0,
            other: 0,
            refused: 2,
            failed: 0,
            waiting: 0,
            last_error: Some(PageError {
                url: "https://one.example/1".to_owned(),
                message: "robots.txt forbids <it>".to_owned(),
                at,
            }),
        }
    }

    fn behind(at: Timestamp) -> ClockStatus {
        ClockStatus {
            verdict: "off".to_owned(),
            offset_minutes: -180,
            offset: "3 hours behind".to_owned(),
            since: Some(at),
            corrected: true,
            setting: "auto".to_owned(),
        }
    }

    fn report() -> StatusReport {
        let at: Timestamp = "2026-11-24T05:02:00Z".parse().unwrap();
        let source = |id: &str, failures: u32| SourceStatus {
            id: id.to_owned(),
            name: format!("مصدر {id}"),
            url: format!("https://{id}.example/rss"),
            category: Some("اقتصاد".to_owned()),
            categories: vec!["اقتصاد".to_owned()],
            last_poll: Some(at),
            last_success: Some(at),
            next_poll: Some(at),
            reason: "rhythm".to_owned(),
            failures,
            last_error: (failures > 0).then(|| SourceError {
                stage: "fetch".to_owned(),
                message: "the server answered 503, expected 200 or 304".to_owned(),
                at,
            }),
            clock: (failures == 0).then(|| behind(at)),
            moved: (failures == 0).then(|| MovedStatus {
                to: "https://new.example/".to_owned(),
                since: at,
                adopted_at: None,
            }),
            push: (failures == 0).then(|| PushStatus {
                state: "active".to_owned(),
                hub: "https://hub.example/".to_owned(),
                lease_until: Some(at),
                last_push: Some(at),
                relaxes_polling: true,
                trouble: None,
            }),
            full_text: (failures == 0).then(|| full_text(at)),
            entries: 25,
            feed_entries: 20,
            warnings_count: 1,
            warnings: vec!["<bare> ampersand".to_owned()],
            ..SourceStatus::default()
        };
        let sources = vec![source("one", 0), source("two", 3)];
        StatusReport {
            schema_version: SCHEMA_VERSION,
            version: "0.1.0".to_owned(),
            started_at: at,
            listen: Some("127.0.0.1:8080".to_owned()),
            totals: StatusTotals::sum_sources(&sources),
            sources,
            ..StatusReport::default()
        }
    }

    fn view() -> StatusView {
        let now = "2026-11-24T12:00:00Z".parse().unwrap();
        let (frame, clock) = (sample::frame(), LocalClock::default());
        StatusView { frame, clock, now, failing_only: false, order: StatusOrder::default() }
    }

    #[test]
    fn the_address_says_the_order_and_links_keep_what_is_shown() {
        let mut report = report();
        for (source, (name, news, entries)) in report
            .sources
            .iter_mut()
            .zip([("البلاد", Some("2026-11-23T05:02:00Z"), 7), ("أخبار اليوم", None, 90)])
        {
            source.name = name.to_owned();
            source.last_change = news.and_then(|at| at.parse().ok());
            (source.entries, source.failures) = (entries, 1);
        }
        for (order, first) in [
            (StatusOrder::Severity, "البلاد"),
            (StatusOrder::Name, "أخبار اليوم"),
            (StatusOrder::OldestNews, "أخبار اليوم"),
            (StatusOrder::Entries, "أخبار اليوم"),
        ] {
            let page = render_status_page(&report, &StatusView { order, ..view() });
            let (_, list) = page.split_once("<summary class=\"row\">").unwrap();
            assert!(list.starts_with(&format!("<h2><bdi>{first}</bdi>")), "{order:?}: {list}");
        }
        let view = StatusView { failing_only: true, order: StatusOrder::Name, ..view() };
        let page = render_status_page(&report, &view);
        for expected in [
            "<b>بالاسم</b>",
            "<a href=\"/status?show=failing\" rel=\"nofollow\">الأحوج إلى النظر أولًا</a>",
            "<a href=\"/status?show=failing&#38;sort=news\" rel=\"nofollow\">",
            "<a href=\"/status?sort=name\">المصادر كلها</a>",
        ] {
            assert!(page.contains(expected), "{expected} in {page}");
        }
    }

    #[test]
    fn failing_sources_alone() {
        let page = render_status_page(&report(), &StatusView { failing_only: true, ..view() });
        assert!(page.contains("مصدر two") && !page.contains("مصدر one"));
        assert!(page.contains("href=\"/status\""), "the way back to all of them");
        let page = render_status_page(&report(), &view());
        assert!(page.contains("href=\"/status?show=failing\""));
        let mut report = report();
        report.sources.truncate(1);
        report.totals = StatusTotals::sum_sources(&report.sources);
        let page = render_status_page(&report, &StatusView { failing_only: true, ..view() });
        assert!(page.contains("لا مصدر متعثّر"), "{page}");
    }

    #[test]
    fn a_line_says_what_is_wrong_and_when_there_was_news() {
        let mut report = report();
        report.sources[0].last_change = "2026-11-23T05:02:00Z".parse().ok();
        let page = render_status_page(&report, &view());
        let lines: Vec<&str> = page.split("<summary class=\"row\">").skip(1).collect();
        assert_eq!(lines.len(), 2);
        let lines: Vec<&str> =
            lines.iter().map(|it| it.split("</summary>").next().unwrap()).collect();
        assert!(lines[0].contains("fetch: the server answered 503") && lines[0].contains("متعثّر"));
        assert!(
            lines[1].contains(">05:02</time>") && lines[1].contains(">23 نوفمبر، 05:02</time>")
        );
        assert!(!lines[1].contains("<a "), "what can be opened holds no link");
    }

    #[test]
    fn the_report_as_json() {
        let json: serde_json::Value = serde_json::from_str(&status_json(&report())).unwrap();
        assert_eq!(json["schema_version"], 1);
        assert_eq!(json["totals"]["failing"], 1);
        assert_eq!(json["sources"][1]["last_error"]["stage"], "fetch");
        assert_eq!(json["sources"][0]["next_poll"], "2026-11-24T05:02:00Z");
        assert_eq!(json["sources"][0]["push"]["state"], "active");
        assert!(json["sources"][1]["push"].is_null());
        assert_eq!(json["sources"][0]["clock"]["offset_minutes"], -180);
        assert_eq!(json["sources"][1]["clock"], serde_json::Value::Null);
    }

    #[test]
    fn the_report_as_a_page() {
        let page = render_status_page(&report(), &view());
        let failing = page.find("مصدر two").unwrap();
        assert!(failing < page.find("مصدر one").unwrap(), "failing sources first");
        assert!(
            page.contains("<time datetime=\"2026-11-24T05:02:00Z\">24 نوفمبر 2026، 05:02</time>")
        );
        assert_eq!(page.matches("<time").count(), page.matches("<time datetime=\"").count());
        assert!(page.contains("3 إخفاقات") && page.contains("مصدران"));
        assert_eq!(page.matches("مشترك في الموزّع").count(), 1);
        assert!(page.contains("&#60;bare&#62;"), "escaped");
        assert!(page.contains("أُخذ نصها: 7 صفحات، منعها robots.txt: صفحتان"), "{page}");
        assert!(page.contains("robots.txt forbids &#60;it&#62;"), "escaped");
        assert_eq!(page.matches("ساعة الناشر متأخرة 3 ساعات").count(), 1);
        assert!(page.contains("حدّثه في ملف الإعدادات") && !page.contains("صار يُقرأ منه"));
        let mut report = report();
        report.sources[0].moved.as_mut().unwrap().adopted_at = Some(report.started_at);
        let page = render_status_page(&report, &view());
        assert!(page.contains("صار يُقرأ منه"));
    }

    #[test]
    fn silent_duplicate_and_lost_feeds_on_the_page() {
        let mut report = report();
        let at = report.started_at;
        report.sources.push(report.sources[0].clone());
        let odd = &mut report.sources[2];
        odd.name = "مصدر three".to_owned();
        let patience_seconds = Some(86_400);
        odd.silent = Some(SilentStatus { kind: "quiet".to_owned(), since: at, patience_seconds });
        odd.same_as = Some("one".to_owned());
        let found = FoundStatus {
            url: "https://new.example/<feed>".to_owned(),
            title: None,
            likeness: "entries".to_owned(),
            shared_entries: 4,
        };
        let address = odd.url.clone();
        odd.lost =
            Some(LostStatus { address, since: at, searched_at: Some(at), found: Some(found) });
        report.totals = StatusTotals::sum_sources(&report.sources);
        assert_eq!(report.totals.silent, 1);
        let page = render_status_page(&report, &view());
        let (failing, odd) = (page.find("مصدر two").unwrap(), page.find("مصدر three").unwrap());
        assert!(failing < odd && odd < page.find("مصدر one").unwrap(), "silent ones second");
        assert_eq!(page.matches("متوقف عن النشر").count(), 2);
        assert!(page.contains("والمتوقف عن النشر: مصدر واحد"));
        assert!(page.contains("أكثر من يوم واحد.") && page.contains("وفيها 4 أخبار معروفة؛"));
        assert!(page.contains("https://new.example/&#60;feed&#62;"), "escaped");
        assert!(page.contains("خلاصة واحدة") && page.contains("source/one/"));
    }

    #[test]
    fn findings_are_on_the_page_and_in_the_totals() {
        let mut report = report();
        let at = report.started_at;
        let (mut hijacked, mut frozen) = (report.sources[0].clone(), report.sources[0].clone());
        (hijacked.name, frozen.name) = ("مصدر three".to_owned(), "مصدر four".to_owned());
        hijacked.hijacked = Some(HijackedStatus {
            since: at,
            arabic_percent_before: 99,
            arabic_percent_now: 1,
            words: vec!["<slot>".to_owned()],
        });
        let kind = "stamped".to_owned();
        frozen.frozen_dates = Some(FrozenStatus { kind, since: at, newest: None });
        report.sources.extend([frozen, hijacked]);
        let (by, status) = ("cloudflare".to_owned(), 403);
        let refused = RefusedStatus { by, status, since: at, answered_before: true };
        report.sources[1].refused = Some(refused);
        report.totals = StatusTotals::sum_sources(&report.sources);
        assert_eq!(report.totals.hijacked, 1);
        let page = render_status_page(&report, &view());
        let at = |name: &str| page.find(name).unwrap();
        let order = ["مصدر two", "مصدر three", "مصدر four", "مصدر one"].map(at);
        assert!(order.is_sorted(), "{order:?}");
        assert!(page.contains("والمشتبه في اختطافه: مصدر واحد"), "{page}");
        assert_eq!(page.matches("class=\"source hijacked\"").count(), 1);
        assert!(page.contains("&#60;slot&#62;") && !page.contains("<slot>"), "escaped");
        assert!(page.contains("كلما أعاد توليد خلاصته") && page.contains("راسل الناشر"));
    }
    #[test]
    fn a_list_that_cannot_be_used_is_on_the_page() {
        let problem = ListProblemStatus {
            kind: "shrunk".to_owned(),
            message: "it names <1> feed".to_owned(),
            since: "2026-11-24T05:02:00Z".parse().unwrap(),
        };
        let list =
            |id: &str, problem| ListStatus { id: id.to_owned(), problem, ..ListStatus::default() };
        let lists = vec![list("dawn", Some(problem)), list("dusk", None)];
        let page = render_status_page(&StatusReport { lists, ..report() }, &view());
        assert!(page.contains("القائمة <bdi dir=\"ltr\">dawn</bdi>"), "{page}");
        assert!(page.contains("نقصت القائمة عن نصف ما كان فيها منذ"), "{page}");
        assert!(page.contains("it names &#60;1&#62; feed") && !page.contains("dusk"), "{page}");
    }
}
