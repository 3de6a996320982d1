//! Events → counters for `/metrics` (`OpenMetrics` 1.0, or the Prometheus text format 0.0.4).
//!
//! Labels are few and closed: an outcome, a status class. No outside text becomes a label. Each value of a label
//! is exported from the start with 0, because `rate()` misses the first event of a series that starts with it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

type MetricLabels = [(&'static str, &'static str); 1];

/// The classes of response status.
const STATUS_CLASSES: [&str; 4] = ["2xx", "3xx", "4xx", "5xx"];

/// The text format of the counters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricsFormat {
    /// `OpenMetrics` 1.0.
    OpenMetrics,
    /// The Prometheus text format 0.0.4.
    Text,
}

impl MetricsFormat {
    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
        }
    }
}

/// How a poll ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PollMetric {
    /// Read, with new or changed entries.
    Changed,
    /// Read, without new or changed entries.
    Unchanged,
    /// A 304 response, or the same bytes as before.
    NotModified,
    /// Failed.
    Failed,
}

impl PollMetric {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Changed, Self::Unchanged, Self::NotModified, Self::Failed];

    /// The label's value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Unchanged => "unchanged",
            Self::NotModified => "not-modified",
            Self::Failed => "failed",
        }
    }
}

/// How a push ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PushMetric {
    /// Read and stored.
    Kept,
    /// Without a valid signature.
    Forged,
    /// Signed, but not a feed.
    Unreadable,
}

impl PushMetric {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Kept, Self::Forged, Self::Unreadable];

    /// The label's value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Forged => "forged",
            Self::Unreadable => "unreadable",
        }
    }
}

/// How a search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SearchMetric {
    /// Answered in full.
    Whole,
    /// Answered, but not every entry was examined.
    Cut,
    /// Not answered: the index or the store could not be read.
    Failed,
    /// Not answered: too many expensive searches were waiting.
    Refused,
}

impl SearchMetric {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Whole, Self::Cut, Self::Failed, Self::Refused];

    /// The label's value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Cut => "cut",
            Self::Failed => "failed",
            Self::Refused => "refused",
        }
    }
}

/// Everything that is counted.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    polls: Family<MetricLabels, Counter>,
    /// In the order of `STATUS_CLASSES`.
    requests: [Counter; 4],
    pushes: Family<MetricLabels, Counter>,
    searches: Family<MetricLabels, Counter>,
    /// Entries seen for the first time.
    pub entries_new: Counter,
    /// Entries whose text changed.
    pub entries_changed: Counter,
    /// Bytes of bodies fetched.
    pub fetched_bytes: Counter,
    /// Outputs rendered.
    pub renders: Counter,
    /// Configured sources.
    pub sources: Gauge,
    /// Sources whose last poll failed.
    pub sources_failing: Gauge,
    /// Entries that a search can find.
    pub search_entries: Gauge,
    /// 1 while the search index cannot be opened, read or written, else 0.
    pub search_failing: Gauge,
    /// 1 while no source is polled because nothing could be stored, else 0.
    pub polling_paused: Gauge,
    /// Free bytes on the store's disk; -1: unknown.
    pub store_free_bytes: Gauge,
    /// Bytes of the store's commit log.
    pub store_log_bytes: Gauge,
    /// Bytes of the store's bases.
    pub store_base_bytes: Gauge,
    /// When the newest base was taken, in seconds since 1970; 0: there is no base yet.
    pub store_base_timestamp_seconds: Gauge,
    /// Damaged databases that were set aside and still exist.
    pub store_set_aside: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("rafid");
        let polls = labeled_family("outcome", PollMetric::ALL.map(PollMetric::as_str));
        let requests = labeled_family("status", STATUS_CLASSES);
        let pushes = labeled_family("outcome", PushMetric::ALL.map(PushMetric::as_str));
        let searches = labeled_family("outcome", SearchMetric::ALL.map(SearchMetric::as_str));
        let counters: [Counter; 4] = std::array::from_fn(|_| Counter::default());
        registry.register("polls", "Polls by outcome", polls.clone());
        registry.register("http_requests", "Requests by status class", requests.clone());
        registry.register("pushes", "Pushes of hubs by outcome", pushes.clone());
        registry.register("searches", "Searches by outcome", searches.clone());
        let [entries_new, entries_changed, fetched_bytes, renders] = counters;
        registry.register("entries_new", "Entries first seen", entries_new.clone());
        let help = "Entries whose text changed";
        registry.register("entries_changed", help, entries_changed.clone());
        let help = "Bytes of bodies fetched";
        registry.register_with_unit("fetched", help, Unit::Bytes, fetched_bytes.clone());
        registry.register("renders", "Outputs rendered", renders.clone());
        let paused = "1 while no source is polled because nothing could be stored";
        let free = "Free bytes on the disk of the store, -1 if unknown";
        let based = "When the newest base of the store was taken, 0 if there is no base";
        let registry = &mut registry;
        Self {
            sources: gauge(registry, "sources", "Configured sources"),
            sources_failing: gauge(registry, "sources_failing", "Sources whose last poll failed"),
            search_entries: gauge(registry, "search_entries", "Entries that can be found"),
            search_failing: gauge(registry, "search_failing", "1 while the search index fails"),
            polling_paused: gauge(registry, "polling_paused", paused),
            store_free_bytes: byte_gauge(registry, "store_free", free),
            store_log_bytes: byte_gauge(registry, "store_log", "Bytes of the commit log"),
            store_base_bytes: byte_gauge(registry, "store_base", "Bytes of the bases"),
            store_base_timestamp_seconds: gauge(registry, "store_base_timestamp_seconds", based),
            store_set_aside: gauge(registry, "store_set_aside", "Damaged databases set aside"),
            registry: std::mem::take(registry),
            polls,
            requests: STATUS_CLASSES
                .map(|class| requests.get_or_create_owned(&[("status", class)])),
            pushes,
            searches,
            entries_new,
            entries_changed,
            fetched_bytes,
            renders,
        }
    }
}

fn gauge(registry: &mut Registry, name: &str, help: &str) -> Gauge {
    let gauge = Gauge::default();
    registry.register(name, help, gauge.clone());
    gauge
}

fn byte_gauge(registry: &mut Registry, name: &str, help: &str) -> Gauge {
    let gauge = Gauge::default();
    registry.register_with_unit(name, help, Unit::Bytes, gauge.clone());
    gauge
}

/// A family that starts with each of these values of its label.
fn labeled_family<const N: usize>(
    label: &'static str,
    values: [&'static str; N],
) -> Family<MetricLabels, Counter> {
    let family = Family::default();
    for value in values {
        let _: Counter = family.get_or_create_owned(&[(label, value)]);
    }
    family
}

impl Metrics {
    /// Counts a poll.
    pub fn count_poll(&self, outcome: PollMetric) {
        let labels = [("outcome", outcome.as_str())];
        self.polls.get_or_create(&labels).inc();
    }

    /// Counts a push.
    pub fn count_push(&self, outcome: PushMetric) {
        self.pushes.get_or_create(&[("outcome", outcome.as_str())]).inc();
    }

    /// Counts a search.
    pub fn count_search(&self, outcome: SearchMetric) {
        self.searches.get_or_create(&[("outcome", outcome.as_str())]).inc();
    }

    /// Counts an answered request.
    pub fn count_response(&self, status: http::StatusCode) {
        let [success, redirection, client_error, server_error] = &self.requests;
        let counter = match status.as_u16() {
            200..=299 => success,
            300..=399 => redirection,
            400..=499 => client_error,
            _ => server_error,
        };
        counter.inc();
    }

    /// Everything as text.
    pub fn render(&self, format: MetricsFormat) -> String {
        let mut text = String::new();
        // Writing into a String cannot fail.
        let _ = prometheus_client::encoding::text::encode(&mut text, &self.registry);
        match format {
            MetricsFormat::OpenMetrics => text,
            MetricsFormat::Text => to_prometheus_text(&text),
        }
    }
}

/// `OpenMetrics` text → the older format, which describes a counter under the name of its samples and has neither
/// units nor an end marker.
fn to_prometheus_text(open: &str) -> String {
    let described = |line: &str| -> Option<(String, String, String)> {
        let mut words = line.strip_prefix("# ")?.splitn(3, ' ').map(ToOwned::to_owned);
        Some((words.next()?, words.next()?, words.next()?))
    };
    let types = open.lines().filter_map(described).filter(|(keyword, ..)| keyword == "TYPE");
    let counters: BTreeSet<String> =
        types.filter(|(.., kind)| kind == "counter").map(|(_, name, _)| name).collect();
    let mut plain = String::with_capacity(open.len());
    for line in open.lines().filter(|line| *line != "# EOF") {
        match described(line) {
            Some((keyword, ..)) if keyword == "UNIT" => continue,
            Some((keyword, name, rest)) => {
                let suffix = if counters.contains(&name) { "_total" } else { "" };
                // Writing into a String cannot fail.
                let _ = write!(plain, "# {keyword} {name}{suffix} {rest}");
            }
            None => plain.push_str(line),
        }
        plain.push('\n');
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_exported_by_name() {
        let metrics = Metrics::default();
        metrics.count_poll(PollMetric::NotModified);
        metrics.count_response(http::StatusCode::NOT_FOUND);
        metrics.count_push(PushMetric::Forged);
        metrics.entries_new.inc_by(3);
        metrics.fetched_bytes.inc_by(10);
        metrics.sources.set(2);
        metrics.count_search(SearchMetric::Cut);
        metrics.search_failing.set(1);
        let text = metrics.render(MetricsFormat::OpenMetrics);
        for line in [
            "rafid_polls_total{outcome=\"not-modified\"} 1",
            "rafid_http_requests_total{status=\"4xx\"} 1",
            "rafid_pushes_total{outcome=\"forged\"} 1",
            "rafid_entries_new_total 3",
            "rafid_fetched_bytes_total 10",
            "rafid_sources 2",
            "rafid_searches_total{outcome=\"cut\"} 1",
            "rafid_search_failing 1",
            "# EOF",
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
    }

    #[test]
    fn every_value_of_a_label_is_there_from_the_start() {
        let text = Metrics::default().render(MetricsFormat::Text);
        let series = text.lines().filter(|line| line.contains('{')).count();
        assert_eq!(series, 4 + 4 + 3 + 4, "{text}");
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            assert!(line.ends_with(" 0"), "{line}");
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
        ] {
            assert!(text.contains(lines), "{lines} in {text}");
        }
    }
}
