//! The report on the whole program: a typed value ↔ the JSON of `/status.json`.
//!
//! A field that the JSON lacks takes its default, and a field that is unknown is ignored: the daemon and the
//! command that reads its report may be of different versions.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::findings::{
    ListStatus, PollingPauseStatus, SearchStatus, StoreStatus, SystemClockStatus,
};
use super::source_status::SourceStatus;

/// The version of the shape of the report; it rises when a key changes its meaning or is removed.
pub const SCHEMA_VERSION: u32 = 1;

/// The media type of the report as JSON.
pub const MEDIA_TYPE: &str = "application/json; charset=utf-8";

/// What the public report has in place of a message for the operator.
const NOT_SHOWN: &str = "shown to the operator";

/// The state of the whole program.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct StatusReport {
    /// The shape of this report: `SCHEMA_VERSION`.
    pub schema_version: u32,
    /// The version of the program.
    pub version: String,
    /// When it was started.
    pub started_at: Timestamp,
    /// The address that it listens on; `None`: it serves nothing.
    pub listen: Option<String>,
    /// Why the newest configuration is refused; `None`: it is in force.
    pub config_error: Option<String>,
    /// Which configuration and store it runs with.
    pub instance: InstanceStatus,
    /// The state of the store.
    pub store: StoreStatus,
    /// Why no source is polled; `None`: polls go on, or the daemon does not run.
    pub polling_paused: Option<PollingPauseStatus>,
    /// Why the clock of this machine is doubted, so that nothing is pruned; `None`: it is not.
    pub system_clock: Option<SystemClockStatus>,
    /// The state of the search index; `None`: it does not exist, or the daemon does not run.
    pub search: Option<SearchStatus>,
    /// The lists of feeds that are kept elsewhere, in the order of the configuration.
    pub lists: Vec<ListStatus>,
    /// The sources in the order of the configuration.
    pub sources: Vec<SourceStatus>,
    /// Sums over the sources.
    pub totals: StatusTotals,
}

impl StatusReport {
    /// The pause of polls, where it has another reason than a lost store, which is reported by itself.
    pub fn polling_pause_apart(&self) -> Option<&PollingPauseStatus> {
        self.polling_paused.as_ref().filter(|_| self.store.error.is_none())
    }

    /// The part that anyone may see: what works and since when, without paths, messages of the system, the text of
    /// the configuration, the addresses of lists, the details of subscriptions, and what publishers' documents have wrong.
    #[must_use]
    pub fn into_public(mut self) -> Self {
        let not_shown = |message: &mut Option<String>| {
            if let Some(text) = message {
                NOT_SHOWN.clone_into(text);
            }
        };
        (self.listen, self.instance) = (None, InstanceStatus::default());
        not_shown(&mut self.config_error);
        not_shown(&mut self.store.error);
        self.store.set_aside.clear();
        if let Some(pause) = &mut self.polling_paused {
            NOT_SHOWN.clone_into(&mut pause.error);
            (pause.free_bytes, pause.needed_bytes) = (None, None);
        }
        if let Some(search) = &mut self.search {
            not_shown(&mut search.error);
        }
        for list in &mut self.lists {
            list.url = None;
            if let Some(problem) = &mut list.problem {
                NOT_SHOWN.clone_into(&mut problem.message);
            }
        }
        for source in &mut self.sources {
            source.push = None;
            source.warnings.clear();
            if let Some(error) = &mut source.last_error {
                NOT_SHOWN.clone_into(&mut error.message);
            }
            if let Some(pages) = &mut source.full_text {
                pages.last_error = None;
            }
        }
        self
    }
}

/// Which configuration and store a daemon runs with, so that a command does not take the daemon of another
/// configuration for its own. Both are short hashes, because the paths are private.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct InstanceStatus {
    /// The hash of the configuration's path.
    pub configuration: String,
    /// The hash of the path of the store's folder.
    pub store: String,
}

/// Sums over all sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
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
    /// Stored entries.
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

/// The report as JSON, indented for people with `curl`.
pub fn status_json(report: &StatusReport) -> String {
    // Strings, numbers and lists always serialize.
    serde_json::to_string_pretty(report).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::status::{
        FullTextStatus, ListProblemStatus, PageError, PushStatus, SetAsideStatus, SourceError,
    };

    #[test]
    fn the_report_survives_json() {
        let at: Timestamp = "2026-11-24T05:02:00Z".parse().unwrap();
        let source = SourceStatus {
            id: "one".to_owned(),
            failures: 2,
            next_poll: Some(at),
            same_as: Some("two".to_owned()),
            ..SourceStatus::default()
        };
        let totals = StatusTotals::sum_sources(std::slice::from_ref(&source));
        let report = StatusReport {
            schema_version: SCHEMA_VERSION,
            started_at: at,
            totals,
            sources: vec![source],
            ..StatusReport::default()
        };
        let read: StatusReport = serde_json::from_str(&status_json(&report)).unwrap();
        assert_eq!(read, report);
    }

    #[test]
    fn a_lost_store_is_reported_once() {
        let paused = PollingPauseStatus::default();
        let mut report = StatusReport { polling_paused: Some(paused), ..StatusReport::default() };
        assert!(report.polling_pause_apart().is_some());
        report.store.error = Some("the store is lost".to_owned());
        assert!(report.polling_pause_apart().is_none());
    }

    fn list_with_secrets(secret: String) -> ListStatus {
        let problem = ListProblemStatus {
            kind: "empty".to_owned(),
            message: secret.clone(),
            ..ListProblemStatus::default()
        };
        let id = "dawn".to_owned();
        ListStatus { id, url: Some(secret), problem: Some(problem), ..ListStatus::default() }
    }

    #[test]
    fn the_public_part_has_no_internals() {
        let secret = || "/var/lib/secret".to_owned();
        let source = SourceStatus {
            id: "one".to_owned(),
            url: "https://a.example/".to_owned(),
            failures: 2,
            last_error: Some(SourceError {
                stage: "fetch".to_owned(),
                message: secret(),
                ..SourceError::default()
            }),
            push: Some(PushStatus { hub: secret(), ..PushStatus::default() }),
            full_text: Some(FullTextStatus {
                taken: 3,
                last_error: Some(PageError { message: secret(), ..PageError::default() }),
                ..FullTextStatus::default()
            }),
            warnings_count: 1,
            warnings: vec![secret()],
            ..SourceStatus::default()
        };
        let paused = PollingPauseStatus {
            reason: "disk-full".to_owned(),
            error: secret(),
            free_bytes: Some(7),
            ..PollingPauseStatus::default()
        };
        let report = StatusReport {
            listen: Some(secret()),
            config_error: Some(secret()),
            instance: InstanceStatus { store: secret(), ..InstanceStatus::default() },
            store: StoreStatus {
                error: Some(secret()),
                set_aside: vec![SetAsideStatus { name: secret(), ..SetAsideStatus::default() }],
            },
            polling_paused: Some(paused),
            search: Some(SearchStatus { error: Some(secret()), ..SearchStatus::default() }),
            lists: vec![list_with_secrets(secret())],
            sources: vec![source],
            ..StatusReport::default()
        };
        let public = report.into_public();
        let json = status_json(&public);
        assert!(!json.contains("secret") && !json.contains("free_bytes\": 7"), "{json}");
        for shown in [
            "\"dawn\"",
            "\"empty\"",
            "\"disk-full\"",
            "https://a.example/",
            "\"taken\": 3",
            "\"fetch\"",
        ] {
            assert!(json.contains(shown), "{shown} in {json}");
        }
        assert!(public.config_error.is_some() && public.store.error.is_some(), "that, not why");
        assert_eq!(public.clone().into_public(), public);
    }

    #[test]
    fn fields_may_be_missing_or_unknown() {
        let json =
            r#"{"schema_version": 1, "weather": "dry", "sources": [{"id": "a", "mood": 3}]}"#;
        let report: StatusReport = serde_json::from_str(json).unwrap();
        assert_eq!((report.schema_version, report.sources[0].id.as_str()), (1, "a"));
        assert_eq!((report.listen, report.totals), (None, StatusTotals::default()));
    }
}
