//! `rafid poll ID…` while a daemon runs: sources → the daemon polls them now, as far as their publishers allow it, and
//! what became of each.

use std::io::{self, Write};

use jiff::Timestamp;
use serde_json::{Value, json};
use url::Url;

use super::args::PollArgs;
use super::daemon_stream::{StreamFailure, post_as_operator};
use super::{CliError, EXIT_USAGE, daemon_client, pluralize, print, print_json};
use crate::config::Config;
use crate::http::MAX_REQUESTED_POLLS;
use crate::model::SourceId;
use crate::poller::{RequestedPollOutcome, RequestedPollReport};
use crate::render::english_wording::relative_time;

/// Requests the polls, prints a line about each as it ends, and fails if none of the sources could be read.
pub(super) fn run(
    config: &Config,
    base: &Url,
    sources: &[SourceId],
    args: &PollArgs,
) -> Result<(), CliError> {
    if sources.len() > MAX_REQUESTED_POLLS {
        let message =
            format!("error: a running daemon polls at most {MAX_REQUESTED_POLLS} sources at once");
        return Err(CliError { code: EXIT_USAGE, message });
    }
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(sources.iter().map(|id| ("source", id.as_str())));
    let mut printer = ReportPrinter { is_silent: args.json, ..ReportPrinter::default() };
    let done = post_as_operator(config, base, &format!("poll?{}", query.finish()), &mut printer);
    done.map_err(|failure| match failure {
        StreamFailure::Daemon(error) => error,
        StreamFailure::Output(error) => CliError::working(format!("error: {error}")),
    })?;
    let mut reports = printer.reports;
    for id in sources {
        if reports.iter().all(|report| report.source != id.as_str()) {
            let missing = RequestedPollReport { source: id.to_string(), ..Default::default() };
            if !args.json {
                print(&format!("{}\n", describe_report(&missing, Timestamp::now())))?;
            }
            reports.push(missing);
        }
    }
    let totals = count_outcomes(&reports);
    if args.json {
        print_json(&totals_as_json(base, &reports, totals))?;
    }
    match totals {
        PollCounts { polled: 0, .. } => Err(CliError::working("error: nothing was polled")),
        PollCounts { polled, failed, .. } if polled == failed => {
            let read = pluralize(failed, "source could be read", "sources could be read");
            Err(CliError::working(format!("error: 0 of {read}")))
        }
        _ => Ok(()),
    }
}

/// How many sources were polled, failed and were unchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct PollCounts {
    polled: usize,
    failed: usize,
    unchanged: usize,
}

fn count_outcomes(reports: &[RequestedPollReport]) -> PollCounts {
    let mut counts = PollCounts::default();
    for report in reports {
        let (is_failed, is_unchanged) = match report.outcome {
            RequestedPollOutcome::Polled => (false, false),
            RequestedPollOutcome::Unchanged => (false, true),
            RequestedPollOutcome::Failed => (true, false),
            _ => continue,
        };
        counts.polled += 1;
        counts.failed += usize::from(is_failed);
        counts.unchanged += usize::from(is_unchanged);
    }
    counts
}

/// The keys of a pass without a daemon, and what became of each source.
fn totals_as_json(base: &Url, reports: &[RequestedPollReport], counts: PollCounts) -> Value {
    json!({
        "schema_version": 1,
        "polled": counts.polled,
        "failed": counts.failed,
        "unchanged": counts.unchanged,
        "new": reports.iter().map(|report| report.new).sum::<usize>(),
        "changed": reports.iter().map(|report| report.changed).sum::<usize>(),
        "not_due": reports.len() - counts.polled,
        "left_to": base.as_str(),
        "sources": reports,
    })
}

/// Lines of JSON → reports, printed as they come.
#[derive(Default)]
struct ReportPrinter {
    is_silent: bool,
    line: Vec<u8>,
    reports: Vec<RequestedPollReport>,
}

impl Write for ReportPrinter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for byte in bytes {
            if *byte != b'\n' {
                self.line.push(*byte);
                continue;
            }
            let line = std::mem::take(&mut self.line);
            let report: RequestedPollReport = daemon_client::parse_json_response(&line)
                .map_err(|it| io::Error::other(it.message))?;
            if !self.is_silent {
                let shown = format!("{}\n", describe_report(&report, Timestamp::now()));
                print(&shown).map_err(|error| io::Error::other(error.message))?;
            }
            self.reports.push(report);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A line about one source.
fn describe_report(report: &RequestedPollReport, now: Timestamp) -> String {
    let next = || relative_time(report.next_poll, now);
    let reason = report.reason.as_deref().unwrap_or_default();
    let what = match report.outcome {
        RequestedPollOutcome::Polled => {
            let entries = pluralize(report.entries.unwrap_or_default(), "entry", "entries");
            let (new, changed) = (report.new, report.changed);
            format!("{entries}, {new} new, {changed} changed; next poll {}", next())
        }
        RequestedPollOutcome::Unchanged => format!("nothing new; next poll {}", next()),
        RequestedPollOutcome::Failed => {
            let error = report.error.as_deref().unwrap_or("no reason is given");
            format!("failed: {error}; next poll {}", next())
        }
        RequestedPollOutcome::TooEarly => {
            format!("not polled: {}; allowed {}", describe_wait(reason), next())
        }
        RequestedPollOutcome::Paused => {
            "not polled: the store takes nothing, so nothing is polled (`rafid status` says why)".to_owned()
        }
        RequestedPollOutcome::Unknown => {
            "not polled: the running daemon has no such source; is `feeds.toml` refused? (`rafid status`)".to_owned()
        }
        RequestedPollOutcome::NoAnswer => "not polled: the daemon was stopped before".to_owned(),
    };
    format!("{}: {what}", report.source)
}

/// Why a source may not be polled yet.
fn describe_wait(reason: &str) -> &str {
    match reason {
        "retry-after" | "backoff" => "its server requested a pause",
        "cache-control" => "its server says that the last answer is still fresh (Cache-Control)",
        "ttl" | "update-period" => "its feed says how long to wait between two polls",
        "skip" => "its feed excludes this hour or day",
        "operator" => "the shortest interval between two polls (`at_least`) is not over",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_000_000 + second).unwrap()
    }

    fn report(outcome: RequestedPollOutcome, reason: &str) -> RequestedPollReport {
        RequestedPollReport {
            source: "a".to_owned(),
            outcome,
            entries: Some(2),
            new: 1,
            error: Some("fetch: no answer".to_owned()),
            next_poll: Some(at(600)),
            reason: Some(reason.to_owned()),
            ..RequestedPollReport::default()
        }
    }

    #[test]
    fn every_outcome_has_its_line() {
        use RequestedPollOutcome as Outcome;
        for (outcome, reason, expected) in [
            (Outcome::Polled, "rhythm", "a: 2 entries, 1 new, 0 changed; next poll in 10 min"),
            (Outcome::Unchanged, "rhythm", "a: nothing new; next poll in 10 min"),
            (Outcome::Failed, "backoff", "a: failed: fetch: no answer; next poll in 10 min"),
            (
                Outcome::TooEarly,
                "retry-after",
                "a: not polled: its server requested a pause; allowed in 10 min",
            ),
            (
                Outcome::TooEarly,
                "skip",
                "a: not polled: its feed excludes this hour or day; allowed in 10 min",
            ),
            (Outcome::NoAnswer, "", "a: not polled: the daemon was stopped before"),
        ] {
            assert_eq!(describe_report(&report(outcome, reason), at(0)), expected);
        }
    }

    #[test]
    fn reports_are_read_as_they_come() {
        let mut printer = ReportPrinter { is_silent: true, ..ReportPrinter::default() };
        printer.write_all(b"{\"source\": \"a\", \"outcome\": \"too-early\"}\n{\"source\"").unwrap();
        assert_eq!(printer.reports.len(), 1);
        printer.write_all(b": \"b\", \"outcome\": \"of a later version\"}\n").unwrap();
        let outcomes: Vec<_> = printer.reports.iter().map(|report| report.outcome).collect();
        assert_eq!(outcomes, [RequestedPollOutcome::TooEarly, RequestedPollOutcome::NoAnswer]);
        assert_eq!(count_outcomes(&printer.reports), PollCounts::default());
        assert!(printer.write_all(b"nothing\n").is_err());
    }
}
