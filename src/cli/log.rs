//! Log lines: tracing events → standard error, as text on a terminal and as JSON elsewhere.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use super::args::{CommonArgs, LogFormat};

/// Words that are levels by themselves.
const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

/// A word of the command line → the filter that it is, or why it is none. A word alone must be a level or a
/// target of ours: the filter's own grammar takes any word for a target, and logs nothing.
pub(super) fn parse_log_filter(words: &str) -> Result<String, String> {
    let is_level = |word: &str| LEVELS.iter().any(|level| word.eq_ignore_ascii_case(level));
    let is_ours = |word: &str| word == "rafid" || word.starts_with("rafid::");
    let is_plain = |word: &str| !word.contains(['=', '[']);
    let parts = words.split(',').map(str::trim).filter(|part| !part.is_empty());
    let unknown = parts.clone().find(|part| is_plain(part) && !is_level(part) && !is_ours(part));
    let expected = format!(
        "expected one of {}, or targets with their levels such as info,crate::daemon=debug",
        LEVELS.join(", ")
    );
    match unknown {
        Some(word) => Err(format!("{word:?} is no level: {expected}")),
        None if parts.count() == 0 => Err(expected),
        None => match EnvFilter::try_new(words) {
            Ok(_) => Ok(words.to_owned()),
            Err(error) => Err(format!("{error}: {expected}")),
        },
    }
}

/// Starts logging.
pub(super) fn start_logging(common: &CommonArgs) {
    // The words were judged with the command line.
    let filter = EnvFilter::new(&common.log_level);
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second start (tests in one process) keeps the first.
    let _ = if is_json(common) {
        builder.json().flatten_event(true).with_current_span(false).try_init()
    } else {
        let colour = std::io::stderr().is_terminal() && !plain;
        builder.with_ansi(colour).with_target(false).try_init()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_level_is_refused() {
        for good in [
            "info",
            "DEBUG",
            "off",
            "warn,rafid=debug",
            "crate::daemon=trace",
            "rafid",
            "a[b]=info",
        ] {
            assert_eq!(parse_log_filter(good).as_deref(), Ok(good));
        }
        for bad in ["", " , ", "blah", "5", "info,blah", "rafid=blah", "warning", "a=b=c"] {
            assert!(parse_log_filter(bad).is_err(), "{bad:?}");
        }
        assert!(
            parse_log_filter("blah")
                .unwrap_err()
                .starts_with("\"blah\" is no level: expected one of off, ")
        );
    }
}
