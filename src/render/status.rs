//! A `StatusReport` → `/status.json` and the page `/status`.
//!
//! The report holds what the operator asks first: is it working, what fails, since when, and what
//! happens next. It holds no secret: addresses come without credentials.

mod findings;
mod full_text;
mod lost_feed;
mod search_index;
mod store;
mod system_clock;

use askama::Template;
use jiff::Timestamp;
use serde::Serialize;

use super::arabic_wording::{
    ENTRIES, FAILURES, HOURS, LocalClock, MINUTES, SOURCES, WARNINGS, count_in_words,
};
use super::{root_path, style_version, xml_text};

pub use findings::{FrozenStatus, HijackedStatus, RefusedStatus};
pub use full_text::{FullTextStatus, PageError};
pub use lost_feed::{FoundStatus, LostStatus, SilentStatus};
pub use search_index::SearchStatus;
pub use store::{InstanceStatus, SetAsideStatus, StoreStatus};
pub use system_clock::SystemClockStatus;

/// The version of the report's shape; rises when a key changes its meaning or goes.
pub const SCHEMA_VERSION: u32 = 1;

/// The media type of the report as JSON.
pub const MEDIA_TYPE: &str = "application/json; charset=utf-8";

/// The state of the whole program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StatusReport {
    /// The shape of this report: `SCHEMA_VERSION`.
    pub schema_version: u32,
    /// The program's version.
    pub version: String,
    /// When it was started.
    pub started_at: Timestamp,
    /// The address it listens on; `None`: it does not.
    pub listen: Option<String>,
    /// Why the newest configuration was not taken; `None`: it was.
    pub config_error: Option<String>,
    /// Which configuration and store it runs with.
    pub instance: InstanceStatus,
    /// How the store is.
    pub store: StoreStatus,
    /// Why this machine's clock is doubted, so that nothing is pruned; `None`: it is not.
    pub system_clock: Option<SystemClockStatus>,
    /// How the search is; `None`: nothing is searched, or the daemon does not run.
    pub search: Option<SearchStatus>,
    /// The sources in the order of the configuration.
    pub sources: Vec<SourceStatus>,
    /// Sums over the sources.
    pub totals: StatusTotals,
}

/// The state of one source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceStatus {
    /// Its id.
    pub id: String,
    /// Its shown name.
    pub name: String,
    /// Where it is, without credentials.
    pub url: String,
    /// Its first category's shown name.
    pub category: Option<String>,
    /// The shown names of all its categories.
    pub categories: Vec<String>,
    /// The last time it was asked; `None`: never yet.
    pub last_poll: Option<Timestamp>,
    /// The last good answer; `None`: never yet.
    pub last_success: Option<Timestamp>,
    /// The last time that an entry was new or changed; `None`: never yet.
    pub last_change: Option<Timestamp>,
    /// When it will be asked next; `None`: not known yet.
    pub next_poll: Option<Timestamp>,
    /// Why then (a stable word).
    pub reason: String,
    /// Failures since the last success.
    pub failures: u32,
    /// The last failure; `None` once a poll succeeded.
    pub last_error: Option<SourceError>,
    /// What is wrong with its publisher's clock; `None`: nothing that is known.
    pub clock: Option<ClockStatus>,
    /// That it answers well and has nothing new for longer than its rhythm explains; `None`: it has.
    pub silent: Option<SilentStatus>,
    /// That somebody else seems to write it; `None`: it writes as before.
    pub hijacked: Option<HijackedStatus>,
    /// That the dates of its entries say nothing; `None`: they do.
    pub frozen_dates: Option<FrozenStatus>,
    /// That it refuses our requests; `None`: it does not.
    pub refused: Option<RefusedStatus>,
    /// The words of all that was found and is told of it: `quiet`, `empty`, `frozen-dates`, `hijacked`,
    /// `refused`.
    pub findings: Vec<String>,
    /// That its feed is gone from its address; `None`: it is not.
    pub lost: Option<LostStatus>,
    /// The id of an earlier source that is the same feed; `None`: none is known.
    pub same_as: Option<String>,
    /// Where it permanently redirects to: the operator may change its address.
    pub moved: Option<MovedStatus>,
    /// Its subscription at a hub (WebSub); `None`: there is none.
    pub push: Option<PushStatus>,
    /// What became of the pages of its entries; `None`: they are not asked.
    pub full_text: Option<FullTextStatus>,
    /// Entries that are kept of it.
    pub entries: u64,
    /// Entries in the feed when last read.
    pub feed_entries: u64,
    /// How many warnings the last reading gave.
    pub warnings_count: u64,
    /// The first few warnings of the last reading.
    pub warnings: Vec<String>,
}

/// A publisher's clock that is or seems to be off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClockStatus {
    /// `suspected` or `off`.
    pub verdict: String,
    /// How far, in minutes: ahead is positive, behind is negative.
    pub offset_minutes: i32,
    /// The same in words: `3 hours behind`.
    pub offset: String,
    /// Since when that is believed.
    pub since: Option<Timestamp>,
    /// Whether dates are moved because of it.
    pub corrected: bool,
    /// The setting `clock` under which it is so.
    pub setting: String,
}

/// A subscription at a hub, without its secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PushStatus {
    /// Where it stands: `wanted`, `active`, `expired`, `denied` or `leaving`.
    pub state: String,
    /// The hub.
    pub hub: String,
    /// The end of the lease; `None`: the hub has verified none that holds.
    pub lease_until: Option<Timestamp>,
    /// The last push that was signed and read; `None`: none yet.
    pub last_push: Option<Timestamp>,
    /// Whether the source is polled rarely because of it.
    pub relaxes_polling: bool,
    /// What the hub, or the way to it, last said against it.
    pub trouble: Option<String>,
}

/// A permanent redirect of a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MovedStatus {
    /// Where it leads.
    pub to: String,
    /// When it was first seen.
    pub since: Timestamp,
    /// Since when the source is asked there instead of its configured address; `None`: it is not.
    pub adopted_at: Option<Timestamp>,
}

/// A failure of a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceError {
    /// The station that failed (a stable word).
    pub stage: String,
    /// What was found and what was expected.
    pub message: String,
    /// When.
    pub at: Timestamp,
}

/// Sums over all sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct StatusTotals {
    /// Configured sources.
    pub sources: u64,
    /// Sources whose last poll failed.
    pub failing: u64,
    /// Sources that answer well and are silent.
    pub silent: u64,
    /// Sources that somebody else seems to write.
    pub hijacked: u64,
    /// Sources that were never read.
    pub waiting: u64,
    /// Entries that are kept.
    pub entries: u64,
}

impl StatusTotals {
    /// The sums over `sources`.
    pub fn sum_sources(sources: &[SourceStatus]) -> Self {
        let mut totals = Self::default();
        for source in sources {
            totals.sources += 1;
            totals.failing += u64::from(source.failures > 0);
            totals.silent += u64::from(source.silent.is_some());
            totals.hijacked += u64::from(source.hijacked.is_some());
            totals.waiting += u64::from(source.failures == 0 && source.last_success.is_none());
            totals.entries = totals.entries.saturating_add(source.entries);
        }
        totals
    }
}

#[derive(Template)]
#[template(path = "status.html")]
struct StatusPage<'a> {
    report: &'a StatusReport,
    root: String,
    style_version: String,
    started: (String, String),
    clock: String,
    sources: String,
    failing: String,
    silent: Option<String>,
    hijacked: Option<String>,
    entries: String,
    system_clock: Option<String>,
    search: Option<String>,
    /// When broken databases were set aside, and under which names.
    set_aside: Vec<(String, &'a str)>,
    rows: Vec<SourceRow<'a>>,
}

struct SourceRow<'a> {
    source: &'a SourceStatus,
    state: &'static str,
    word: &'static str,
    last_success: Option<(String, String)>,
    next_poll: Option<(String, String)>,
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

/// The report as JSON, indented for people with `curl`.
pub fn status_json(report: &StatusReport) -> String {
    // Strings, numbers and lists always serialise.
    serde_json::to_string_pretty(report).unwrap_or_default()
}

/// The report as a page below the public base address `base`: failing sources first, then those that
/// somebody else writes, then silent ones and those whose dates say nothing.
pub fn render_status_page(report: &StatusReport, base: &str, clock: &LocalClock) -> String {
    let mut rows: Vec<SourceRow> =
        report.sources.iter().map(|source| source_row(source, clock)).collect();
    rows.sort_by_key(|row| {
        let of = row.source;
        let (is_own, has_dates) = (of.hijacked.is_none(), of.frozen_dates.is_none());
        (of.failures == 0, is_own, of.silent.is_none(), has_dates)
    });
    let page = StatusPage {
        report,
        root: root_path(base),
        style_version: style_version(),
        started: (xml_text::rfc_3339(report.started_at), clock.format_instant(report.started_at)),
        clock: clock.name().to_owned(),
        sources: count_in_words(report.totals.sources, &SOURCES),
        failing: count_in_words(report.totals.failing, &SOURCES),
        silent: source_count_words(report.totals.silent),
        hijacked: source_count_words(report.totals.hijacked),
        entries: count_in_words(report.totals.entries, &ENTRIES),
        system_clock: report.system_clock.as_ref().map(|doubt| doubt.line(clock)),
        search: report.search.as_ref().and_then(|search| search.line(clock)),
        set_aside: report
            .store
            .set_aside
            .iter()
            .map(|it| (it.time_words(clock), &*it.name))
            .collect(),
        rows,
    };
    // Writing into a String cannot fail, and the template calls nothing else.
    xml_text::xml_text(&page.render().unwrap_or_default())
}

/// So many sources in words; `None`: there are none.
fn source_count_words(count: u64) -> Option<String> {
    (count > 0).then(|| count_in_words(count, &SOURCES))
}

/// What was found beside silence, for people.
fn finding_lines(source: &SourceStatus, clock: &LocalClock) -> Vec<String> {
    let hijacked = source.hijacked.as_ref().map(|hijacked| hijacked.line(clock));
    let frozen = source.frozen_dates.as_ref().map(|frozen| frozen.line(clock));
    let refused = source.refused.as_ref().map(|refused| refused.line(clock));
    [hijacked, frozen, refused].into_iter().flatten().collect()
}

fn source_row<'a>(source: &'a SourceStatus, clock: &LocalClock) -> SourceRow<'a> {
    let both = |at: Timestamp| (xml_text::rfc_3339(at), clock.format_instant(at));
    let (state, word) = match (source.failures, source.last_success) {
        (0, Some(_)) if source.hijacked.is_some() => ("hijacked", "يُشتبه في اختطافه"),
        (0, Some(_)) if source.silent.is_some() => ("silent", "ساكت"),
        (0, Some(_)) => ("good", "يعمل"),
        (0, None) => ("waiting", "لم يُقرأ بعد"),
        _ => ("failing", "متعثّر"),
    };
    SourceRow {
        source,
        state,
        word,
        last_success: source.last_success.map(both),
        next_poll: source.next_poll.map(both),
        failures: count_in_words(source.failures.into(), &FAILURES),
        failed: source.last_error.as_ref().map(|error| both(error.at)),
        clock: source.clock.as_ref().map(clock_line),
        silent: source.silent.as_ref().map(|silent| silent.line(clock)),
        findings: finding_lines(source, clock),
        lost: source.lost.as_ref().map(|lost| lost.line(clock)),
        push: source.push.as_ref().map(|push| subscription_state_word(&push.state)),
        last_push: source.push.as_ref().and_then(|push| push.last_push).map(both),
        full_text: source.full_text.as_ref().map(FullTextStatus::line),
        entries: count_in_words(source.entries, &ENTRIES),
        warnings: count_in_words(source.warnings_count, &WARNINGS),
        feed_entries: count_in_words(source.feed_entries, &ENTRIES),
        last_change: source.last_change.map(both),
        reason: poll_reason_words(&source.reason),
    }
}

/// What is wrong with a publisher's clock, for people.
fn clock_line(clock: &ClockStatus) -> String {
    let minutes = u64::from(clock.offset_minutes.unsigned_abs());
    let amount = match (minutes / 60, minutes % 60) {
        (hours, 0) => count_in_words(hours, &HOURS),
        (0, minutes) => count_in_words(minutes, &MINUTES),
        (hours, minutes) => {
            format!("{} و{}", count_in_words(hours, &HOURS), count_in_words(minutes, &MINUTES))
        }
    };
    let way = if clock.offset_minutes < 0 { "متأخرة" } else { "متقدمة" };
    match (clock.corrected, clock.verdict.as_str()) {
        (true, _) => format!("ساعة الناشر {way} {amount}، وتُعدَّل تواريخ أخباره بقدر ذلك."),
        (false, "off") => {
            format!("ساعة الناشر {way} {amount}، وتبقى تواريخ أخباره كما تقضي الإعدادات.")
        }
        _ => format!("يبدو أن ساعة الناشر {way} {amount}، ولم تُعدَّل تواريخ أخباره لذلك."),
    }
}

/// Where a subscription stands, for people.
fn subscription_state_word(state: &str) -> &'static str {
    match state {
        "active" => "مشترك في الموزّع",
        "expired" => "انتهت مدة الاشتراك، ويُطلب تجديده",
        "denied" => "رفض الموزّع الاشتراك",
        "leaving" => "يُنهى الاشتراك",
        _ => "طُلب الاشتراك",
    }
}

/// The reasons of the next poll (`PollReason::as_str`) for people, sorted.
const REASONS: [(&str, &str); 12] = [
    ("backoff", "تمهّل بعد إخفاق"),
    ("cache-control", "مهلة الخادم"),
    ("gone", "أُزيل من موقعه"),
    ("network-down", "الشبكة منقطعة"),
    ("new", "مصدر جديد"),
    ("operator", "بحسب الإعدادات"),
    ("push", "الجديد يأتي بالدفع"),
    ("retry-after", "طلب الخادم الانتظار"),
    ("rhythm", "بحسب وتيرة النشر"),
    ("skip", "وقت لا يُقرأ فيه"),
    ("ttl", "مهلة الناشر"),
    ("update-period", "وتيرة أعلنها الناشر"),
];

/// A reason in Arabic; an unknown word stays as it is.
fn poll_reason_words(word: &str) -> &str {
    let row = REASONS.binary_search_by_key(&word, |row| row.0);
    row.ok().and_then(|index| REASONS.get(index)).map_or(word, |row| row.1)
}

#[cfg(test)]
mod tests {
    use super::*;

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
            last_change: None,
            next_poll: Some(at),
            reason: "rhythm".to_owned(),
            failures,
            last_error: (failures > 0).then(|| SourceError {
                stage: "fetch".to_owned(),
                message: "the server answered 503, expected 200 or 304".to_owned(),
                at,
            }),
            clock: (failures == 0).then(|| behind(at)),
            silent: None,
            hijacked: None,
            frozen_dates: None,
            refused: None,
            findings: Vec::new(),
            lost: None,
            same_as: None,
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
        };
        let sources = vec![source("one", 0), source("two", 3)];
        StatusReport {
            schema_version: SCHEMA_VERSION,
            version: "0.1.0".to_owned(),
            started_at: at,
            listen: Some("127.0.0.1:8080".to_owned()),
            system_clock: None,
            config_error: None,
            instance: InstanceStatus::default(),
            store: StoreStatus::default(),
            search: None,
            totals: StatusTotals::sum_sources(&sources),
            sources,
        }
    }

    #[test]
    fn every_reason_has_its_words() {
        use crate::model::PollReason as R;
        assert!(REASONS.is_sorted());
        let all = [
            R::New,
            R::Rhythm,
            R::Operator,
            R::CacheControl,
            R::Ttl,
            R::UpdatePeriod,
            R::Skip,
            R::RetryAfter,
            R::Backoff,
            R::Gone,
            R::NetworkDown,
            R::Push,
        ];
        assert_eq!(all.len(), REASONS.len());
        for word in all.map(R::as_str) {
            assert_ne!(poll_reason_words(word), word);
        }
        assert_eq!(poll_reason_words("other"), "other");
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
    fn clocks_that_are_off() {
        let check = |verdict: &str, offset_minutes: i32, corrected: bool, expected: &str| {
            let clock = ClockStatus {
                verdict: verdict.to_owned(),
                offset_minutes,
                offset: String::new(),
                since: None,
                corrected,
                setting: "auto".to_owned(),
            };
            assert_eq!(clock_line(&clock), expected);
        };
        check("off", -180, true, "ساعة الناشر متأخرة 3 ساعات، وتُعدَّل تواريخ أخباره بقدر ذلك.");
        check(
            "off",
            120,
            false,
            "ساعة الناشر متقدمة ساعتين، وتبقى تواريخ أخباره كما تقضي الإعدادات.",
        );
        check(
            "suspected",
            60,
            false,
            "يبدو أن ساعة الناشر متقدمة ساعة واحدة، ولم تُعدَّل تواريخ أخباره لذلك.",
        );
        check(
            "suspected",
            -690,
            false,
            "يبدو أن ساعة الناشر متأخرة 11 ساعة و30 دقيقة، ولم تُعدَّل تواريخ أخباره لذلك.",
        );
    }

    #[test]
    fn the_report_as_a_page() {
        let page = render_status_page(&report(), "https://news.example/", &LocalClock::default());
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
        let page =
            super::render_status_page(&report, "https://news.example/", &LocalClock::default());
        assert!(page.contains("صار يُقرأ منه"));
    }

    #[test]
    fn a_source_that_lives_oddly() {
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
        let page = render_status_page(&report, "https://news.example/", &LocalClock::default());
        let (failing, odd) = (page.find("مصدر two").unwrap(), page.find("مصدر three").unwrap());
        assert!(failing < odd && odd < page.find("مصدر one").unwrap(), "silent ones second");
        assert_eq!(page.matches("ساكت").count(), 2);
        assert!(page.contains("والساكت: مصدر واحد"));
        assert!(page.contains("على يوم واحد.") && page.contains("وفيها 4 أخبار معروفة؛"));
        assert!(page.contains("https://new.example/&#60;feed&#62;"), "escaped");
        assert!(page.contains("خلاصة واحدة") && page.contains("source/one/"));
    }

    #[test]
    fn what_was_found_stands_on_the_page_and_in_the_totals() {
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
        let page = render_status_page(&report, "https://news.example/", &LocalClock::default());
        let at = |name: &str| page.find(name).unwrap();
        let order = ["مصدر two", "مصدر three", "مصدر four", "مصدر one"].map(at);
        assert!(order.is_sorted(), "{order:?}");
        assert!(page.contains("والمشتبه في اختطافه: مصدر واحد"), "{page}");
        assert_eq!(page.matches("class=\"source hijacked\"").count(), 1);
        assert!(page.contains("&#60;slot&#62;") && !page.contains("<slot>"), "escaped");
        assert!(page.contains("كلما صنع خلاصته") && page.contains("راسل الناشر"));
    }
}
