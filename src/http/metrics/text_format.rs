//! The metrics in `OpenMetrics` → the same in the older text format of Prometheus.

use std::collections::BTreeSet;
use std::fmt::Write as _;

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

/// `OpenMetrics` text → the older format, which describes a counter under the name of its samples and has neither
/// units nor an end marker.
pub(super) fn to_prometheus_text(open: &str) -> String {
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
