//! `rafid status`: the health of each source, or of some, from the running daemon or the store; the first line says
//! which of them answers, and since when it runs or rests.

use std::fmt::Write;

use comfy_table::{ContentArrangement, Table, presets};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::args::CommonArgs;
use super::source_args::StatusArgs;
use super::{CliError, EXIT_FAILURE, bidi_isolate, daemon_client, eprint, load, print};
use crate::config::Config;
use crate::render::english_wording::relative_time;
use crate::render::status::{self, SourceStatus, StatusReport, StatusTotals};
use crate::store::closed_since;

/// What a report comes from.
enum ReportOrigin {
    /// A running daemon.
    Daemon {
        /// Its address.
        address: String,
        /// When it started.
        since: Timestamp,
    },
    /// A store that no daemon has open.
    Store {
        /// Its folder.
        folder: String,
        /// When it was closed, where that is known.
        since: Option<Timestamp>,
    },
}

/// Prints the report of the running daemon, or of the store where none runs.
pub(super) fn run(common: &CommonArgs, args: &StatusArgs) -> Result<(), CliError> {
    let config = load::load_config_leniently(common)?;
    let (mut text, mut report, origin) = if let Some(base) =
        daemon_client::find_daemon_leniently(&config)?
    {
        config.warn_if_refused();
        let answer = daemon_client::get_as_user(&config.config, &base, "status.json")?;
        let report: StatusReport = daemon_client::parse_json_response(&answer)?;
        let origin = ReportOrigin::Daemon { address: base.to_string(), since: report.started_at };
        (String::from_utf8_lossy(&answer).into_owned(), report, origin)
    } else {
        let (report, origin) = report_from_store(&config.into_config()?)?;
        (status::status_json(&report), report, origin)
    };
    if args.failing || !args.sources.is_empty() {
        choose_sources(&mut report, args)?;
        text = status::status_json(&report);
    }
    if args.json {
        print(&format!("{}\n", insert_first_key(&text, "answered_by", &origin.to_json())))?;
    } else {
        let now = Timestamp::now();
        print(&format!("{}\n\n", origin.line(now)))?;
        print_program_findings(&report, now);
        let is_empty = report.sources.is_empty();
        let nothing = "no source fails\n".to_owned();
        print(&if is_empty && args.failing { nothing } else { as_text(&report, now) })?;
    }
    if args.exit_code && report.totals.failing > 0 {
        return Err(CliError { code: EXIT_FAILURE, message: String::new() });
    }
    Ok(())
}

/// Leaves the sources that the arguments name, with the totals of these.
fn choose_sources(report: &mut StatusReport, args: &StatusArgs) -> Result<(), CliError> {
    let is_known = |id: &&String| report.sources.iter().any(|source| source.id == **id);
    if let Some(unknown) = args.sources.iter().find(|id| !is_known(id)) {
        let known = report.sources.iter().map(|source| source.id.as_str());
        return Err(load::unknown_source(unknown, known));
    }
    report.sources.retain(|source| {
        (args.sources.is_empty() || args.sources.contains(&source.id))
            && (!args.failing || source.failures > 0)
    });
    report.totals = StatusTotals::sum_sources(&report.sources);
    Ok(())
}

/// The report of a store that no daemon has open.
fn report_from_store(config: &Config) -> Result<(StatusReport, ReportOrigin), CliError> {
    let folder = &config.store.path;
    let since = closed_since(folder);
    let renderer = load::open_renderer(config)?;
    let report =
        renderer.status_report().map_err(|error| CliError::working(format!("error: {error}")))?;
    Ok((report, ReportOrigin::Store { folder: folder.display().to_string(), since }))
}

/// A JSON object with a key before all others; any other JSON stays as it is.
fn insert_first_key(object: &str, key: &str, value: &Value) -> String {
    match object.trim_start().strip_prefix('{') {
        Some(rest) => format!("{{\n  \"{key}\": {value},{rest}"),
        None => object.to_owned(),
    }
}

impl ReportOrigin {
    /// Its value in the JSON output.
    fn to_json(&self) -> Value {
        match self {
            Self::Daemon { address, since } => {
                json!({ "kind": "daemon", "address": address, "since": since })
            }
            Self::Store { folder, since } => {
                json!({ "kind": "store", "folder": folder, "since": since })
            }
        }
    }

    /// The first line of the output.
    fn line(&self, now: Timestamp) -> String {
        let (what, since) = match self {
            Self::Daemon { address, since } => {
                (format!("a running daemon at {address}"), Some(*since))
            }
            Self::Store { folder, since } => {
                (format!("no daemon runs; the store in {folder} is at rest"), *since)
            }
        };
        let since = since.map(|since| {
            let at = since.strftime("%Y-%m-%d %H:%M:%S UTC");
            format!(" since {at} ({})", relative_time(Some(since), now))
        });
        what + &since.unwrap_or_default()
    }
}

/// What is wrong with the program and its store, on standard error.
fn print_program_findings(report: &StatusReport, now: Timestamp) {
    if let Some(error) = &report.config_error {
        eprint(&format!("the daemon refused the newest configuration:\n{error}\n"));
    }
    if let Some(error) = &report.store.error {
        eprint(&format!("{error}\n"));
    }
    if let Some(pause) = report.polling_pause_apart() {
        eprint(&format!("{}\n", pause.in_english(now)));
    }
    for database in &report.store.set_aside {
        eprint(&format!("{}\n", database.in_english(now)));
    }
    if let Some(clock) = &report.system_clock {
        eprint(&format!("{}\n", clock.in_english(now)));
    }
    for list in &report.lists {
        if let Some(line) = list.in_english(now) {
            eprint(&format!("{line}\n"));
        }
    }
    if let Some(line) = report.search.as_ref().and_then(|search| search.in_english(now)) {
        eprint(&format!("{line}\n"));
    }
}

/// The report as a table, the most severe state first, and below it what is wrong with the sources.
fn as_text(report: &StatusReport, now: Timestamp) -> String {
    let mut sources: Vec<&SourceStatus> = report.sources.iter().collect();
    sources.sort_by_key(|source| source.severity_key());
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header([
        "SOURCE",
        "STATE",
        "LAST SUCCESS",
        "NEXT POLL",
        "WHY THEN",
        "PUSH",
        "ENTRIES",
        "NAME",
    ]);
    for source in &sources {
        table.add_row(table_row(source, now));
    }
    let mut text = format!("{table}\n");
    for (id, line) in status::findings_in_english(&sources, now) {
        // Writing into a String cannot fail.
        let _ = write!(text, "\n{id}: {line}\n");
    }
    text
}

fn table_row(source: &SourceStatus, now: Timestamp) -> [String; 8] {
    [
        source.id.clone(),
        source.state().in_english(),
        relative_time(source.last_success, now),
        relative_time(source.next_poll, now),
        source.reason.clone(),
        source.push.as_ref().map_or("-", |push| &push.state).to_owned(),
        source.entries.to_string(),
        bidi_isolate(&source.name),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::EXIT_USAGE;
    use super::*;
    use crate::render::status::{PushStatus, SourceError};

    #[test]
    fn the_first_line_says_who_answers() {
        let now = Timestamp::from_second(1_000_000).unwrap();
        let at: Timestamp = "1970-01-12T13:45:40Z".parse().unwrap();
        let address = "http://127.0.0.1:8080/".to_owned();
        assert_eq!(
            ReportOrigin::Daemon { address, since: at }.line(now),
            "a running daemon at http://127.0.0.1:8080/ since 1970-01-12 13:45:40 UTC (1 min ago)"
        );
        let store = |since| ReportOrigin::Store { folder: "/d".to_owned(), since };
        assert_eq!(
            store(Some(at)).line(now),
            "no daemon runs; the store in /d is at rest since 1970-01-12 13:45:40 UTC (1 min ago)"
        );
        assert_eq!(store(None).line(now), "no daemon runs; the store in /d is at rest");
    }

    #[test]
    fn the_json_says_who_answers() {
        let at = "1970-01-12T13:45:40Z";
        let origin = ReportOrigin::Store { folder: "/d".to_owned(), since: at.parse().ok() };
        let text = insert_first_key("{\n  \"a\": 1\n}", "answered_by", &origin.to_json());
        let expected = "{\n  \"answered_by\": {\"folder\":\"/d\",\"kind\":\"store\",\"since\":\
                        \"1970-01-12T13:45:40Z\"},\n  \"a\": 1\n}";
        assert_eq!(text, expected);
    }

    #[test]
    fn sources_are_chosen_by_id_and_by_failure() {
        let source = |id: &str, failures: u32| SourceStatus {
            id: id.to_owned(),
            failures,
            ..SourceStatus::default()
        };
        let choose = |ids: &[&str], failing: bool| {
            let sources = vec![source("a", 0), source("b", 2), source("c", 1)];
            let mut report = StatusReport { sources, ..StatusReport::default() };
            let sources = ids.iter().map(|id| (*id).to_owned()).collect();
            let args = StatusArgs { sources, failing, exit_code: false, json: false };
            choose_sources(&mut report, &args)?;
            let ids: String = report.sources.iter().map(|source| source.id.as_str()).collect();
            Ok::<_, CliError>((ids, report.totals.sources, report.totals.failing))
        };
        assert_eq!(choose(&[], true).unwrap(), ("bc".to_owned(), 2, 2));
        assert_eq!(choose(&["c", "a"], false).unwrap(), ("ac".to_owned(), 2, 1));
        assert_eq!(choose(&["a", "b"], true).unwrap(), ("b".to_owned(), 1, 1));
        assert_eq!(choose(&["d"], false).unwrap_err().code, EXIT_USAGE);
    }

    #[test]
    fn sources_that_fail_come_first_with_their_errors() {
        let now = Timestamp::from_second(1_000_000).unwrap();
        let push = PushStatus {
            state: "denied".to_owned(),
            hub: "https://hub.example/".to_owned(),
            trouble: Some("no more".to_owned()),
            ..PushStatus::default()
        };
        let source = |id: &str, failures: u32, last_error: Option<SourceError>| SourceStatus {
            id: id.to_owned(),
            name: "اسم".to_owned(),
            failures,
            last_error,
            push: Some(push.clone()),
            ..SourceStatus::default()
        };
        let (stage, message) = ("fetch".to_owned(), "no answer".to_owned());
        let error = SourceError { stage, message, at: now };
        let sources = vec![source("good", 0, None), source("bad", 2, Some(error))];
        let text = as_text(&StatusReport { sources, ..StatusReport::default() }, now);
        assert!(text.find("bad").unwrap() < text.find("good").unwrap(), "{text}");
        assert!(text.contains("bad: not pushed (denied) by https://hub.example/\n  no more\n"));
        assert!(text.contains("bad: 2 failures in a row, the last 0 s ago\n  fetch: no answer"));
    }
}
