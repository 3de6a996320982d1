//! Log lines: tracing events → standard error, as text on a terminal and as JSON elsewhere.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use super::args::{CommonArgs, LogFormat};

/// Starts logging. A command that ends by itself is quiet unless something is wrong: cron sends mail about every line.
pub(super) fn start_logging(common: &CommonArgs, is_daemon: bool) {
    // The value was validated when the command line was parsed.
    let given = common.log_level.as_deref();
    let filter = EnvFilter::new(given.unwrap_or_else(|| default_filter(is_daemon, common.verbose)));
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

/// What is logged if the command line and the environment name no level. Other crates stay at `info`: their own steps
/// explain nothing to an operator.
fn default_filter(is_daemon: bool, verbose: u8) -> &'static str {
    match verbose.saturating_add(u8::from(is_daemon)) {
        0 => "warn",
        1 => "info",
        2 => "info,rafid=debug",
        _ => "info,rafid=trace",
    }
}

/// Whether log lines are JSON.
pub(super) fn is_json(common: &CommonArgs) -> bool {
    match common.log_format {
        LogFormat::Json => true,
        LogFormat::Text => false,
        LogFormat::Auto => !std::io::stderr().is_terminal(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_quiet_and_the_daemon_is_not() {
        assert_eq!(
            [0, 1, 2].map(|verbose| default_filter(false, verbose)),
            ["warn", "info", "info,rafid=debug"]
        );
        assert_eq!(
            [0, 1, 9].map(|verbose| default_filter(true, verbose)),
            ["info", "info,rafid=debug", "info,rafid=trace"]
        );
    }
}
