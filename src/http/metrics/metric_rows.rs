//! The table of all metrics: name, kind, label and meaning. The registry, the help texts and `docs/metrics.md` are
//! made from it.
//!
//! A name never changes: dashboards and alerts of operators hold it. Labels are few and closed: no source, no
//! address and no other outside text is a label, so the number of series does not grow with the configuration.

use prometheus_client::registry::Unit;

/// What a metric is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricKind {
    /// A number that only grows; its samples end in `_total`.
    Counter,
    /// A number that rises and falls.
    Gauge,
    /// How often something took how long; its samples end in `_bucket`, `_sum` and `_count`.
    Histogram,
}

impl MetricKind {
    /// Its name in the text formats.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// One metric.
#[derive(Debug, Clone, Copy)]
pub struct MetricRow {
    /// Its whole name, but for the `_total` of a counter.
    pub name: &'static str,
    /// What it is.
    pub kind: MetricKind,
    /// Its label; empty: it has none.
    pub label: &'static str,
    /// What it says, without a period.
    pub help: &'static str,
}

impl MetricRow {
    const fn by(self, label: &'static str) -> Self {
        Self { label, ..self }
    }
}

const fn counter(name: &'static str, help: &'static str) -> MetricRow {
    MetricRow { name, kind: MetricKind::Counter, label: "", help }
}

const fn gauge(name: &'static str, help: &'static str) -> MetricRow {
    MetricRow { name, kind: MetricKind::Gauge, label: "", help }
}

const fn histogram(name: &'static str, help: &'static str) -> MetricRow {
    MetricRow { name, kind: MetricKind::Histogram, label: "", help }
}

pub(super) const BUILD: MetricRow =
    gauge("rafid_build_info", "Always 1; the label is the version of the program").by("version");
pub(super) const POLLS: MetricRow = counter("rafid_polls", "Polls by outcome").by("outcome");
pub(super) const POLL_DURATION: MetricRow =
    histogram("rafid_poll_duration_seconds", "Time from the start of a poll to its stored result");
pub(super) const POLLS_RUNNING: MetricRow =
    gauge("rafid_polls_running", "Polls that are under way");
pub(super) const POLLS_DUE: MetricRow =
    gauge("rafid_polls_due", "Sources that are due and wait for their poll to start");
pub(super) const POLLING_PAUSED: MetricRow = gauge(
    "rafid_polling_paused",
    "1 while no source is polled because nothing could be stored (docs/store.md), else 0",
);
pub(super) const ENTRIES_NEW: MetricRow = counter("rafid_entries_new", "Entries first seen");
pub(super) const ENTRIES_CHANGED: MetricRow =
    counter("rafid_entries_changed", "Entries whose text changed");
pub(super) const FETCHED: MetricRow = counter("rafid_fetched_bytes", "Bytes of bodies fetched");
pub(super) const PUSHES: MetricRow =
    counter("rafid_pushes", "Pushes of hubs by outcome").by("outcome");
pub(super) const SOURCES: MetricRow = gauge("rafid_sources", "Configured sources");
pub(super) const SOURCES_FAILING: MetricRow =
    gauge("rafid_sources_failing", "Sources whose last poll failed");
pub(super) const SOURCES_BY_AGE: MetricRow = gauge(
    "rafid_sources_last_success",
    "Sources by the time since their last successful poll; each source counts once",
)
.by("age");
pub(super) const SOURCE_FINDINGS: MetricRow = gauge(
    "rafid_source_findings",
    "Sources with a finding that the operator does not ignore (docs/health.md)",
)
.by("finding");
pub(super) const LISTS: MetricRow =
    gauge("rafid_lists", "Configured lists of feeds that are kept elsewhere");
pub(super) const LISTS_FAILING: MetricRow = gauge(
    "rafid_lists_failing",
    "Such lists that cannot be used as they are now, so that the last good copy is in force",
);
pub(super) const LAST_SUCCESS: MetricRow = gauge(
    "rafid_last_success_timestamp_seconds",
    "When a poll of any source last succeeded, in seconds since 1970, 0 if never",
);
pub(super) const CONFIG_REFUSED: MetricRow = gauge(
    "rafid_config_refused",
    "1 while the configuration file is missing or wrong and an earlier one is in force, else 0",
);
pub(super) const RENDERS: MetricRow = counter("rafid_renders", "Outputs rendered");
pub(super) const REQUESTS: MetricRow =
    counter("rafid_http_requests", "Requests by status class").by("status");
pub(super) const REQUEST_DURATION: MetricRow = histogram(
    "rafid_http_request_duration_seconds",
    "Time from the head of a request to the head of its response",
);
pub(super) const SEARCHES: MetricRow =
    counter("rafid_searches", "Searches by outcome").by("outcome");
pub(super) const SEARCH_ENTRIES: MetricRow =
    gauge("rafid_search_entries", "Entries that can be found");
pub(super) const SEARCH_PENDING: MetricRow =
    gauge("rafid_search_entries_pending", "Arrived entries that are not in the search index yet");
pub(super) const SEARCH_FAILING: MetricRow =
    gauge("rafid_search_failing", "1 while the search index fails, else 0");
pub(super) const STORE_FREE: MetricRow =
    gauge("rafid_store_free_bytes", "Free bytes on the disk of the store, -1 if unknown");
pub(super) const STORE_DATABASE: MetricRow =
    gauge("rafid_store_database_bytes", "Bytes of the database, measured once a minute");
pub(super) const STORE_LOG: MetricRow =
    gauge("rafid_store_log_bytes", "Bytes of the commit log, measured once a minute");
pub(super) const STORE_BASE: MetricRow =
    gauge("rafid_store_base_bytes", "Bytes of the bases, measured once a minute");
pub(super) const STORE_BASE_TIME: MetricRow = gauge(
    "rafid_store_base_timestamp_seconds",
    "When the newest base of the store was taken, in seconds since 1970, 0 if there is no base",
);
pub(super) const STORE_SET_ASIDE: MetricRow =
    gauge("rafid_store_set_aside", "Damaged databases that were set aside and still exist");
pub(super) const PROCESS_START: MetricRow =
    gauge("process_start_time_seconds", "When the process started, in seconds since 1970");
pub(super) const PROCESS_CPU: MetricRow =
    counter("process_cpu_seconds", "Processor time of the process");
pub(super) const PROCESS_RESIDENT: MetricRow =
    gauge("process_resident_memory_bytes", "Memory of the process that is in RAM");
pub(super) const PROCESS_VIRTUAL: MetricRow =
    gauge("process_virtual_memory_bytes", "Address space of the process");
pub(super) const PROCESS_FDS: MetricRow = gauge("process_open_fds", "Open file descriptors");
pub(super) const PROCESS_MAX_FDS: MetricRow =
    gauge("process_max_fds", "The most file descriptors that may be open");

/// All of them, in the order of the documentation.
pub const ALL_METRICS: [MetricRow; 37] = [
    BUILD,
    POLLS,
    POLL_DURATION,
    POLLS_RUNNING,
    POLLS_DUE,
    POLLING_PAUSED,
    ENTRIES_NEW,
    ENTRIES_CHANGED,
    FETCHED,
    PUSHES,
    SOURCES,
    SOURCES_FAILING,
    SOURCES_BY_AGE,
    SOURCE_FINDINGS,
    LISTS,
    LISTS_FAILING,
    LAST_SUCCESS,
    CONFIG_REFUSED,
    RENDERS,
    REQUESTS,
    REQUEST_DURATION,
    SEARCHES,
    SEARCH_ENTRIES,
    SEARCH_PENDING,
    SEARCH_FAILING,
    STORE_FREE,
    STORE_DATABASE,
    STORE_LOG,
    STORE_BASE,
    STORE_BASE_TIME,
    STORE_SET_ASIDE,
    PROCESS_START,
    PROCESS_CPU,
    PROCESS_RESIDENT,
    PROCESS_VIRTUAL,
    PROCESS_FDS,
    PROCESS_MAX_FDS,
];

/// A name without the unit that ends it: the registry appends units itself.
pub(super) fn split_unit(name: &str) -> (&str, Option<Unit>) {
    let units = [("_bytes", Unit::Bytes), ("_seconds", Unit::Seconds)];
    let found =
        units.into_iter().find_map(|(end, unit)| Some((name.strip_suffix(end)?, Some(unit))));
    found.unwrap_or((name, None))
}
