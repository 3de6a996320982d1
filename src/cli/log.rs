//! Log lines: tracing events → standard error, as text on a terminal and as JSON elsewhere.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use super::args::{Common, LogFormat};

/// Starts logging. An unreadable filter falls back to `info`, and says so.
pub(super) fn start(common: &Common) {
    let (filter, complaint) = match EnvFilter::try_new(&common.log_level) {
        Ok(filter) => (filter, None),
        Err(error) => (EnvFilter::new("info"), Some(error)),
    };
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second start (tests in one process) keeps the first.
    let _ = if is_json(common) {
        builder.json().flatten_event(true).with_current_span(false).try_init()
    } else {
        let colour = std::io::stderr().is_terminal() && !plain;
        builder.with_ansi(colour).with_target(false).try_init()
    };
    if let Some(error) = complaint {
        tracing::warn!(%error, "the log filter cannot be read; logging at info");
    }
}

/// Whether log lines are JSON.
pub(super) fn is_json(common: &Common) -> bool {
    match common.log_format {
        LogFormat::Json => true,
        LogFormat::Text => false,
        LogFormat::Auto => !std::io::stderr().is_terminal(),
    }
}
