//! Events of the poller → lines for people on a terminal, or one structured log line each.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anstyle::{AnsiColor, Style};
use rafid_feed::model::ClockOffset;

use super::args::CommonArgs;
use super::{bidi_isolate_for_stderr, eprint, log, pluralize};
use crate::ingest::UpdateReport;
use crate::poller::{EventSink, PassTotals, PollEvent};

/// The receiver of poll events: it prints lines for people during the first pass if log lines are text, and logs
/// otherwise.
pub(super) fn event_sink(common: &CommonArgs) -> EventSink {
    let for_people = AtomicBool::new(!log::is_json(common));
    Arc::new(move |event: PollEvent<'_>| match event {
        PollEvent::Updated(report) if for_people.load(Ordering::Relaxed) => {
            eprint(&poll_line(report));
            if let Some(change) = report.clock {
                eprint(&format!("        {}  {change}", report.source.id));
            }
        }
        PollEvent::Updated(report) => {
            log_poll(report);
            log_clock_change(report);
        }
        PollEvent::Pushed(report) => tracing::info!(
            source = report.source.id.as_str(),
            entries = report.entries_count,
            new = report.new_count,
            changed = report.changed_count,
            "pushed"
        ),
        PollEvent::InitialPass(totals) if for_people.swap(false, Ordering::Relaxed) => {
            eprint(&totals_line(&totals));
        }
        PollEvent::InitialPass(totals) => tracing::info!(
            polled = totals.polled,
            failed = totals.failed,
            unchanged = totals.unchanged,
            new = totals.new,
            changed = totals.changed,
            "first pass"
        ),
    })
}

fn log_poll(report: &UpdateReport) {
    let state = &report.state;
    let source = report.source.id.as_str();
    let (next, reason) = (state.schedule.due_at.to_string(), state.schedule.reason.as_str());
    if let Some(failure) = &state.last_poll.failure {
        tracing::warn!(
            source,
            status = state.last_poll.status,
            stage = failure.stage.as_str(),
            error = %report.source.published_text(&failure.message),
            failures = state.last_poll.failures,
            next_poll = next,
            reason,
            "poll failed"
        );
    } else {
        log_success(report, &next);
    }
}

/// A poll without news is of no interest unless someone looks for it: the hourly summary counts it.
fn log_success(report: &UpdateReport, next: &str) {
    let (state, source) = (&report.state, report.source.id.as_str());
    macro_rules! log_polled {
        ($level:ident) => {
            tracing::$level!(
                source,
                status = state.last_poll.status,
                entries = report.entries_count,
                new = report.new_count,
                changed = report.changed_count,
                warnings = state.document.warnings_count,
                next_poll = next,
                reason = state.schedule.reason.as_str(),
                "polled"
            )
        };
    }
    if report.changes_outputs() {
        log_polled!(info);
    } else {
        log_polled!(debug);
    }
}

/// Logs once when the verdict on a publisher's clock changes.
fn log_clock_change(report: &UpdateReport) {
    let Some(change) = report.clock else { return };
    let (source, was) = (report.source.id.as_str(), change.was.as_str());
    let offset_minutes = change.is.offset().map(ClockOffset::minutes);
    tracing::warn!(source, was, clock = change.is.as_str(), offset_minutes, "{change}");
}

fn poll_line(report: &UpdateReport) -> String {
    let state = &report.state;
    let name = bidi_isolate_for_stderr(&crate::publish::display_name(&report.source, Some(state)));
    let (word, color, rest) = match (&state.last_poll.failure, report.entries_count) {
        (Some(failure), _) => {
            let message = report.source.published_text(&failure.message);
            let what = format!("{}: {message}", failure.stage.as_str());
            ("failed", AnsiColor::Red, what)
        }
        (None, None) => ("same", AnsiColor::BrightBlack, "nothing new".to_owned()),
        (None, Some(count)) => {
            let changed = match report.changed_count {
                0 => String::new(),
                changed => format!(", {changed} changed"),
            };
            let warned = match state.document.warnings_count {
                0 => String::new(),
                1 => ", 1 repair".to_owned(),
                count => format!(", {count} repairs"),
            };
            let entries = pluralize(count, "entry", "entries");
            let what = format!("{entries}, {} new{changed}{warned}", report.new_count);
            ("ok", AnsiColor::Green, what)
        }
    };
    let style = Style::new().fg_color(Some(color.into()));
    format!("{style}{word:>6}{style:#}  {}  {name}  {rest}", report.source.id)
}

fn totals_line(totals: &PassTotals) -> String {
    let PassTotals { polled, failed, unchanged, new, changed } = *totals;
    let strong = Style::new().bold();
    let sources = if polled == 1 { "source" } else { "sources" };
    format!(
        "{strong}{polled} {sources}: {} answered, {failed} failed; {new} new entries, {changed} \
         changed, {unchanged} with nothing new{strong:#}",
        polled - failed
    )
}
