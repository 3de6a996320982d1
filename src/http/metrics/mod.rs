//! Events → metrics for `/metrics` (`OpenMetrics` 1.0, or the Prometheus text format 0.0.4).
//!
//! | file | holds |
//! | --- | --- |
//! | `metric_rows` | **one row per metric**: name, kind, label, meaning |
//! | `metric_labels` | the values of the labels |
//! | `process_metrics` | what the kernel says about this process |
//! | `text_format` | `OpenMetrics` → the older text format |
//!
//! Each value of a label is exported from the start with 0, because `rate()` misses the first event of a series that
//! starts with it.

mod metric_labels;
mod metric_rows;
mod process_metrics;
#[cfg(test)]
mod tests;
mod text_format;

use std::time::Duration;

use jiff::Timestamp;
use prometheus_client::metrics::TypedMetric;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Metric, Registry};

use crate::model::Finding;
use metric_labels::STATUS_CLASSES;
use process_metrics::ProcessMetrics;

pub use metric_labels::{PollMetric, PushMetric, SearchMetric, SuccessAge};
pub use metric_rows::{ALL_METRICS, MetricKind, MetricRow};
pub use text_format::MetricsFormat;

/// A label and its value.
type MetricLabels = [(&'static str, &'static str); 1];

/// Bounds of the durations of polls: nine in ten end within two seconds, and a poll may take two minutes and more.
const POLL_SECONDS: [f64; 10] = [0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0];
/// Bounds of the durations of requests: what is in the cache takes less than a millisecond, and a rendering at most
/// twenty seconds.
const REQUEST_SECONDS: [f64; 9] = [0.001, 0.005, 0.025, 0.1, 0.25, 1.0, 2.5, 10.0, 20.0];

/// Everything that is counted.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    /// In the order of `PollMetric::ALL`.
    polls: [Counter; 4],
    poll_duration: Histogram,
    /// In the order of `STATUS_CLASSES`.
    requests: [Counter; 4],
    request_duration: Histogram,
    /// In the order of `PushMetric::ALL`.
    pushes: [Counter; 3],
    /// In the order of `SearchMetric::ALL`.
    searches: [Counter; 4],
    /// In the order of `SuccessAge::ALL`.
    sources_by_age: [Gauge; 5],
    /// In the order of `Finding::ALL`.
    source_findings: [Gauge; 5],
    /// Entries seen for the first time.
    pub entries_new: Counter,
    /// Entries whose text changed.
    pub entries_changed: Counter,
    /// Bytes of bodies fetched.
    pub fetched_bytes: Counter,
    /// Outputs rendered.
    pub renders: Counter,
    /// Polls that are under way.
    pub polls_running: Gauge,
    /// Sources that are due and wait for their poll to start.
    pub polls_due: Gauge,
    /// Configured sources.
    pub sources: Gauge,
    /// Sources whose last poll failed.
    pub sources_failing: Gauge,
    /// Configured lists of feeds that are kept elsewhere.
    pub lists: Gauge,
    /// Such lists whose last good copy is in force.
    pub lists_failing: Gauge,
    /// When a poll of any source last succeeded, in seconds since 1970; 0: never.
    pub last_success_timestamp_seconds: Gauge,
    /// 1 while the configuration file is missing or wrong and an earlier one is in force, else 0.
    pub config_refused: Gauge,
    /// Entries that a search can find.
    pub search_entries: Gauge,
    /// Arrived entries that are not in the search index yet.
    pub search_entries_pending: Gauge,
    /// 1 while the search index cannot be opened, read or written, else 0.
    pub search_failing: Gauge,
    /// 1 while no source is polled because nothing could be stored, else 0.
    pub polling_paused: Gauge,
    /// Free bytes on the store's disk; -1: unknown.
    pub store_free_bytes: Gauge,
    /// Bytes of the store's database.
    pub store_database_bytes: Gauge,
    /// Bytes of the store's commit log.
    pub store_log_bytes: Gauge,
    /// Bytes of the store's bases.
    pub store_base_bytes: Gauge,
    /// When the newest base was taken, in seconds since 1970; 0: there is no base yet.
    pub store_base_timestamp_seconds: Gauge,
    /// Damaged databases that were set aside and still exist.
    pub store_set_aside: Gauge,
    /// When the process started, in seconds since 1970.
    pub process_start_time_seconds: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let all = &mut Registry::default();
        let [build]: [Gauge; 1] = family(all, metric_rows::BUILD, [env!("CARGO_PKG_VERSION")]);
        build.set(1);
        Self {
            polls: family(all, metric_rows::POLLS, PollMetric::ALL.map(PollMetric::as_str)),
            poll_duration: histogram(all, metric_rows::POLL_DURATION, POLL_SECONDS),
            requests: family(all, metric_rows::REQUESTS, STATUS_CLASSES),
            request_duration: histogram(all, metric_rows::REQUEST_DURATION, REQUEST_SECONDS),
            pushes: family(all, metric_rows::PUSHES, PushMetric::ALL.map(PushMetric::as_str)),
            searches: family(
                all,
                metric_rows::SEARCHES,
                SearchMetric::ALL.map(SearchMetric::as_str),
            ),
            sources_by_age: family(
                all,
                metric_rows::SOURCES_BY_AGE,
                SuccessAge::ALL.map(SuccessAge::as_str),
            ),
            source_findings: family(
                all,
                metric_rows::SOURCE_FINDINGS,
                Finding::ALL.map(Finding::as_str),
            ),
            entries_new: single(all, metric_rows::ENTRIES_NEW),
            entries_changed: single(all, metric_rows::ENTRIES_CHANGED),
            fetched_bytes: single(all, metric_rows::FETCHED),
            renders: single(all, metric_rows::RENDERS),
            polls_running: single(all, metric_rows::POLLS_RUNNING),
            polls_due: single(all, metric_rows::POLLS_DUE),
            sources: single(all, metric_rows::SOURCES),
            sources_failing: single(all, metric_rows::SOURCES_FAILING),
            lists: single(all, metric_rows::LISTS),
            lists_failing: single(all, metric_rows::LISTS_FAILING),
            last_success_timestamp_seconds: single(all, metric_rows::LAST_SUCCESS),
            config_refused: single(all, metric_rows::CONFIG_REFUSED),
            search_entries: single(all, metric_rows::SEARCH_ENTRIES),
            search_entries_pending: single(all, metric_rows::SEARCH_PENDING),
            search_failing: single(all, metric_rows::SEARCH_FAILING),
            polling_paused: single(all, metric_rows::POLLING_PAUSED),
            store_free_bytes: single(all, metric_rows::STORE_FREE),
            store_database_bytes: single(all, metric_rows::STORE_DATABASE),
            store_log_bytes: single(all, metric_rows::STORE_LOG),
            store_base_bytes: single(all, metric_rows::STORE_BASE),
            store_base_timestamp_seconds: single(all, metric_rows::STORE_BASE_TIME),
            store_set_aside: single(all, metric_rows::STORE_SET_ASIDE),
            process_start_time_seconds: single(all, metric_rows::PROCESS_START),
            registry: {
                all.register_collector(Box::new(ProcessMetrics));
                std::mem::take(all)
            },
        }
    }
}

/// Registers a metric under the name of its row.
fn register(registry: &mut Registry, row: MetricRow, metric: impl Metric) {
    match metric_rows::split_unit(row.name) {
        (name, Some(unit)) => registry.register_with_unit(name, row.help, unit, metric),
        (name, None) => registry.register(name, row.help, metric),
    }
}

/// A metric without a label.
fn single<M: Metric + Clone + Default>(registry: &mut Registry, row: MetricRow) -> M {
    let metric = M::default();
    register(registry, row, metric.clone());
    metric
}

fn histogram<const N: usize>(
    registry: &mut Registry,
    row: MetricRow,
    bounds: [f64; N],
) -> Histogram {
    let metric = Histogram::new(bounds);
    register(registry, row, metric.clone());
    metric
}

/// One metric for each of these values of the row's label.
fn family<M: Metric + TypedMetric + Clone + Default, const N: usize>(
    registry: &mut Registry,
    row: MetricRow,
    values: [&'static str; N],
) -> [M; N] {
    let family = Family::<MetricLabels, M>::default();
    register(registry, row, family.clone());
    values.map(|value| family.get_or_create_owned(&[(row.label, value)]))
}

/// What the metrics counted until a moment, for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MetricTotals {
    /// Polls that ended.
    pub polls: u64,
    /// Polls that failed.
    pub polls_failed: u64,
    /// Pushes that were stored.
    pub pushes: u64,
    /// Entries seen for the first time.
    pub entries_new: u64,
    /// Entries whose text changed.
    pub entries_changed: u64,
    /// Bytes of bodies fetched.
    pub fetched_bytes: u64,
    /// Requests that were answered.
    pub requests: u64,
    /// Requests that were answered with a status from 500 on.
    pub requests_failed: u64,
}

impl MetricTotals {
    /// What was counted after `before`.
    #[must_use]
    pub fn since(self, before: Self) -> Self {
        Self {
            polls: self.polls - before.polls,
            polls_failed: self.polls_failed - before.polls_failed,
            pushes: self.pushes - before.pushes,
            entries_new: self.entries_new - before.entries_new,
            entries_changed: self.entries_changed - before.entries_changed,
            fetched_bytes: self.fetched_bytes - before.fetched_bytes,
            requests: self.requests - before.requests,
            requests_failed: self.requests_failed - before.requests_failed,
        }
    }
}

impl Metrics {
    /// Counts a poll, and how long it took.
    pub fn count_poll(&self, outcome: PollMetric, took: Duration) {
        increment(&self.polls, outcome as usize);
        self.poll_duration.observe(took.as_secs_f64());
    }

    /// Counts a push.
    pub fn count_push(&self, outcome: PushMetric) {
        increment(&self.pushes, outcome as usize);
    }

    /// Counts a search.
    pub fn count_search(&self, outcome: SearchMetric) {
        increment(&self.searches, outcome as usize);
    }

    /// Counts an answered request, and how long it took to answer.
    pub fn count_response(&self, status: http::StatusCode, took: Duration) {
        let class = usize::from(status.as_u16() / 100).clamp(2, 5) - 2;
        increment(&self.requests, class);
        self.request_duration.observe(took.as_secs_f64());
    }

    /// Reports the sources by the age of their last success and by their findings, in the orders of
    /// `SuccessAge::ALL` and `Finding::ALL`.
    pub fn report_sources(&self, by_age: [i64; 5], by_finding: [i64; 5]) {
        let ages = self.sources_by_age.iter().zip(by_age);
        for (gauge, count) in ages.chain(self.source_findings.iter().zip(by_finding)) {
            gauge.set(count);
        }
    }

    /// What was counted until now.
    pub fn totals(&self) -> MetricTotals {
        let [changed, unchanged, not_modified, failed] = self.polls.each_ref().map(Counter::get);
        let [success, redirection, client_error, server_error] =
            self.requests.each_ref().map(Counter::get);
        let [kept, ..] = self.pushes.each_ref().map(Counter::get);
        MetricTotals {
            polls: changed + unchanged + not_modified + failed,
            polls_failed: failed,
            pushes: kept,
            entries_new: self.entries_new.get(),
            entries_changed: self.entries_changed.get(),
            fetched_bytes: self.fetched_bytes.get(),
            requests: success + redirection + client_error + server_error,
            requests_failed: server_error,
        }
    }

    /// Everything as text.
    pub fn render(&self, format: MetricsFormat) -> String {
        let mut text = String::new();
        // Writing into a String cannot fail.
        let _ = prometheus_client::encoding::text::encode(&mut text, &self.registry);
        match format {
            MetricsFormat::OpenMetrics => text,
            MetricsFormat::Text => text_format::to_prometheus_text(&text),
        }
    }
}

/// The labels are variants of an enum, in the order of the counters.
fn increment(counters: &[Counter], at: usize) {
    if let Some(counter) = counters.get(at) {
        counter.inc();
    }
}

/// A moment as a gauge shows it; 0: there was none.
pub fn unix_seconds(at: Option<Timestamp>) -> i64 {
    at.map_or(0, Timestamp::as_second)
}
