//! The text of the metrics is what the table of rows says, and `docs/metrics.md` is made of both.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::*;

/// A metric as the text describes it: name, kind, help.
type Described = (String, String, String);

/// The described metrics of a text of `OpenMetrics`.
fn described(text: &str) -> BTreeSet<Described> {
    let value = |keyword: &str, name: &str| {
        let start = format!("# {keyword} {name} ");
        text.lines().find_map(|line| line.strip_prefix(start.as_str())).unwrap().to_owned()
    };
    let names = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next());
    let describe = |name: &str| {
        let help = value("HELP", name).trim_end_matches('.').to_owned();
        (name.to_owned(), value("TYPE", name), help)
    };
    names.map(describe).collect()
}

#[test]
fn metrics_are_exported_by_name() {
    let metrics = Metrics::default();
    let took = Duration::from_millis(300);
    metrics.count_poll(PollMetric::NotModified, took);
    metrics.count_poll(PollMetric::Failed, took * 100);
    metrics.count_response(http::StatusCode::NOT_FOUND, took);
    metrics.count_response(http::StatusCode::SWITCHING_PROTOCOLS, took);
    metrics.count_response(http::StatusCode::SERVICE_UNAVAILABLE, took);
    metrics.count_push(PushMetric::Forged);
    metrics.entries_new.inc_by(3);
    metrics.fetched_bytes.inc_by(10);
    metrics.sources.set(2);
    metrics.count_search(SearchMetric::Cut);
    metrics.search_failing.set(1);
    metrics.report_sources([1, 2, 3, 4, 5], [6, 7, 8, 9, 10]);
    let text = metrics.render(MetricsFormat::OpenMetrics);
    for line in [
        "rafid_polls_total{outcome=\"not-modified\"} 1",
        "rafid_polls_total{outcome=\"failed\"} 1",
        "rafid_poll_duration_seconds_bucket{le=\"0.25\"} 0",
        "rafid_poll_duration_seconds_bucket{le=\"0.5\"} 1",
        "rafid_poll_duration_seconds_count 2",
        "rafid_http_requests_total{status=\"2xx\"} 1",
        "rafid_http_requests_total{status=\"4xx\"} 1",
        "rafid_http_requests_total{status=\"5xx\"} 1",
        "rafid_http_request_duration_seconds_bucket{le=\"+Inf\"} 3",
        "rafid_pushes_total{outcome=\"forged\"} 1",
        "rafid_entries_new_total 3",
        "rafid_fetched_bytes_total 10",
        "rafid_sources 2",
        "rafid_sources_last_success{age=\"never\"} 5",
        "rafid_source_findings{finding=\"refused\"} 10",
        "rafid_searches_total{outcome=\"cut\"} 1",
        "rafid_search_failing 1",
        "# EOF",
    ] {
        assert!(text.lines().any(|it| it == line), "{line} in {text}");
    }
    let totals = MetricTotals {
        polls: 2,
        polls_failed: 1,
        entries_new: 3,
        fetched_bytes: 10,
        requests: 3,
        requests_failed: 1,
        ..MetricTotals::default()
    };
    assert_eq!(metrics.totals(), totals);
}

#[test]
fn every_value_of_a_label_is_there_from_the_start() {
    let text = Metrics::default().render(MetricsFormat::Text);
    let own = text.lines().filter(|line| line.starts_with("rafid_"));
    let labeled = own.clone().filter(|line| line.contains('{') && !line.contains("_bucket{"));
    assert_eq!(labeled.count(), 1 + 4 + 4 + 3 + 4 + 5 + 5, "{text}");
    for line in own.filter(|line| !line.starts_with("rafid_build_info{")) {
        assert!(line.ends_with(" 0") || line.ends_with(" 0.0"), "{line}");
    }
}

#[test]
fn the_older_format_describes_what_it_counts() {
    let text = Metrics::default().render(MetricsFormat::Text);
    assert!(!text.contains("# EOF") && !text.contains("# UNIT"), "{text}");
    for lines in [
        "# HELP rafid_polls_total Polls by outcome.\n# TYPE rafid_polls_total counter\n\
         rafid_polls_total{outcome=\"",
        "# TYPE rafid_fetched_bytes_total counter\nrafid_fetched_bytes_total 0\n",
        "# TYPE rafid_sources gauge\nrafid_sources 0\n",
        "# TYPE rafid_poll_duration_seconds histogram\nrafid_poll_duration_seconds_sum 0.0\n",
    ] {
        assert!(text.contains(lines), "{lines} in {text}");
    }
}

/// Where there is no `/proc`, the kernel says nothing about the process.
#[cfg(target_os = "linux")]
#[test]
fn the_text_describes_what_the_rows_say() {
    let text = Metrics::default().render(MetricsFormat::OpenMetrics);
    let rows = ALL_METRICS
        .map(|row| (row.name.to_owned(), row.kind.as_str().to_owned(), row.help.to_owned()));
    assert_eq!(described(&text), rows.into_iter().collect());
    for row in ALL_METRICS.iter().filter(|row| row.kind != MetricKind::Histogram) {
        let total = if row.kind == MetricKind::Counter { "_total" } else { "" };
        let label = if row.label.is_empty() { " ".to_owned() } else { format!("{{{}=", row.label) };
        let start = format!("{}{total}{label}", row.name);
        assert!(text.lines().any(|line| line.starts_with(&start)), "{start} in {text}");
    }
}

/// The values of a row's label; empty: it has none.
fn label_values(text: &str, name: &str) -> Vec<String> {
    let value = |line: &str| Some(line.split_once("=\"")?.1.split_once('"')?.0.to_owned());
    let lines = text.lines().filter(|line| {
        line.strip_prefix(name)
            .is_some_and(|rest| rest.trim_start_matches("_total").starts_with('{'))
    });
    let values: BTreeSet<String> = lines.filter_map(value).collect();
    values.into_iter().collect()
}

#[test]
fn the_page_is_made_of_the_rows() {
    let text = Metrics::default().render(MetricsFormat::OpenMetrics);
    let mut page = String::from(
        "# Metrics: every name in `/metrics`\n\n\
         <!-- Made of src/http/metrics/metric_rows.rs: `UPDATE_GOLDEN=1 cargo test --lib http::metrics` writes it. -->\n\n\
         `/metrics` is the Prometheus text format, or OpenMetrics for clients that accept it. Every value of a label \
         is present from the start. No source is a label: a daemon with 50,000 sources has as many series as one with \
         ten, and `rafid status --json` has the state of each source. A name never changes its meaning; new ones may \
         be added.\n\n\
         The `process_` metrics are the standard ones of Prometheus' own libraries, read from `/proc` at each request \
         (Linux). Alerts and a dashboard that use all of this: \
         [operations.md](operations.md#metrics-alerts-and-a-dashboard).\n\n\
         | metric | kind | label | meaning |\n| --- | --- | --- | --- |\n",
    );
    for row in ALL_METRICS {
        let total = if row.kind == MetricKind::Counter { "_total" } else { "" };
        let values = label_values(&text, row.name);
        let label = match (row.label, &values[..]) {
            ("" | "le", _) => String::new(),
            ("version", _) => "`version`".to_owned(),
            (label, values) => format!("`{label}`: `{}`", values.join("`, `")),
        };
        let (name, kind, help) = (row.name, row.kind.as_str(), row.help);
        writeln!(page, "| `{name}{total}` | {kind} | {label} | {help} |").unwrap();
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/metrics.md");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, &page).unwrap();
    }
    assert!(fs::read_to_string(&path).unwrap() == page, "UPDATE_GOLDEN=1 writes docs/metrics.md");
}
