//! Updates → lines for people on a terminal, or one structured log line each.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anstyle::{AnsiColor, Style};

use super::args::Common;
use super::{counted, isolated_in_message, log, tell};
use crate::daemon::run::{Event, Listener, Totals};
use crate::daemon::update::Report;
use crate::feed::model::ClockOffset;

/// Who tells about updates: lines for people during the first pass when log lines are text, the
/// log otherwise.
pub(super) fn listener(common: &Common) -> Listener {
    let for_people = AtomicBool::new(!log::is_json(common));
    Arc::new(move |event: Event<'_>| match event {
        Event::Updated(report) if for_people.load(Ordering::Relaxed) => {
            tell(&line(report));
            if let Some(change) = report.clock {
                tell(&format!("        {}  {change}", report.source.id));
            }
        }
        Event::Updated(report) => {
            logged(report);
            log_clock(report);
        }
        Event::Pushed(report) => tracing::info!(
            source = report.source.id.as_str(),
            entries = report.entries_count,
            new = report.new_count,
            changed = report.changed_count,
            "pushed"
        ),
        Event::FirstPass(totals) if for_people.swap(false, Ordering::Relaxed) => {
            tell(&sum(&totals));
        }
        Event::FirstPass(totals) => tracing::info!(
            polled = totals.polled,
            failed = totals.failed,
            unchanged = totals.unchanged,
            new = totals.new,
            changed = totals.changed,
            "first pass"
        ),
    })
}

fn logged(report: &Report) {
    let state = &report.state;
    let source = report.source.id.as_str();
    let (next, reason) = (state.due_at.to_string(), state.reason.as_str());
    if let Some(failure) = &state.failure {
        tracing::warn!(
            source,
            status = state.status,
            stage = failure.stage.as_str(),
            error = %report.source.published_text(&failure.message),
            failures = state.failures,
            next_poll = next,
            reason,
            "poll failed"
        );
    } else {
        tracing::info!(
            source,
            status = state.status,
            entries = report.entries_count,
            new = report.new_count,
            changed = report.changed_count,
            warnings = state.warnings_count,
            next_poll = next,
            reason,
            "polled"
        );
    }
}

/// Once, when something about a publisher's clock is news.
fn log_clock(report: &Report) {
    let Some(change) = report.clock else { return };
    let (source, was) = (report.source.id.as_str(), change.was.as_str());
    let offset_minutes = change.is.offset().map(ClockOffset::minutes);
    tracing::warn!(source, was, clock = change.is.as_str(), offset_minutes, "{change}");
}

fn line(report: &Report) -> String {
    let state = &report.state;
    let name = isolated_in_message(&crate::daemon::publish::name_of(&report.source, Some(state)));
    let (word, colour, rest) = match (&state.failure, report.entries_count) {
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
            let warned = match state.warnings_count {
                0 => String::new(),
                1 => ", 1 mend".to_owned(),
                count => format!(", {count} mends"),
            };
            let entries = counted(count, "entry", "entries");
            let what = format!("{entries}, {} new{changed}{warned}", report.new_count);
            ("ok", AnsiColor::Green, what)
        }
    };
    let style = Style::new().fg_color(Some(colour.into()));
    format!("{style}{word:>6}{style:#}  {}  {name}  {rest}", report.source.id)
}

fn sum(totals: &Totals) -> String {
    let Totals { polled, failed, unchanged, new, changed } = *totals;
    let strong = Style::new().bold();
    let sources = if polled == 1 { "source" } else { "sources" };
    format!(
        "{strong}{polled} {sources}: {} answered, {failed} failed; {new} new entries, {changed} \
         changed, {unchanged} with nothing new{strong:#}",
        polled - failed
    )
}
