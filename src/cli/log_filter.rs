//! The value of `--log-level` → a filter of log lines that is known to be valid.

use tracing_subscriber::EnvFilter;

/// The names of levels.
const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

/// The value of `--log-level`, or why it is not a filter. A word without a level must be a level or a target of
/// this program: `EnvFilter` takes any other word for a target and logs nothing.
pub(super) fn parse_log_filter(words: &str) -> Result<String, String> {
    let is_level = |word: &str| LEVELS.iter().any(|level| word.eq_ignore_ascii_case(level));
    let is_own_target = |word: &str| word == "rafid" || word.starts_with("rafid::");
    let is_plain = |word: &str| !word.contains(['=', '[']);
    let parts = words.split(',').map(str::trim).filter(|part| !part.is_empty());
    let unknown =
        parts.clone().find(|part| is_plain(part) && !is_level(part) && !is_own_target(part));
    let expected = format!(
        "expected one of {}, or targets with their levels such as info,rafid::poller=debug",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_levels_are_refused() {
        for good in [
            "info",
            "DEBUG",
            "off",
            "warn,rafid=debug",
            "rafid::poller=trace",
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
