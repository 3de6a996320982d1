//! Log lines: tracing events → standard error, as text on a terminal and as JSON elsewhere.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use super::args::{CommonArgs, LogFormat};

/// Starts logging.
pub(super) fn start_logging(common: &CommonArgs) {
    // The value was validated when the command line was parsed.
    let filter = EnvFilter::new(&common.log_level);
    let is_plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second start (tests in one process) keeps the first.
    let _ = if is_json(common) {
        builder.json().flatten_event(true).with_current_span(false).try_init()
    } else {
        let has_color = std::io::stderr().is_terminal() && !is_plain;
        builder.with_ansi(has_color).with_target(false).try_init()
    };
}

/// Whether log lines are JSON.
pub(super) fn is_json(common: &CommonArgs) -> bool {
    match common.log_format {
        LogFormat::Json => true,
        LogFormat::Text => false,
        LogFormat::Auto => !std::io::stderr().is_terminal(),
    }
}
