//! A point in time on the command line → the instant that is meant.
//!
//! | form | meaning |
//! | --- | --- |
//! | `90m`, `24h`, `7d`, `2w` | this long ago |
//! | `2026-11-01` | the start of the day |
//! | `2026-11-01T08:30` | that time of that day |
//! | `2026-11-01T08:30:00Z`, `2026-11-01T08:30:00+03:00` | that instant |
//!
//! Days and times without a zone are in the `timezone` of `[site]`, else in UTC.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use crate::config::parse_duration;

/// A point in time as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TimeArgument {
    /// An instant.
    Instant(Timestamp),
    /// This long before now.
    Ago(Duration),
    /// A date and time without a zone.
    Local(DateTime),
}

/// Parses one of the forms above.
pub(super) fn parse_time_argument(words: &str) -> Result<TimeArgument, String> {
    let words = words.trim();
    let instant = words.parse().ok().map(TimeArgument::Instant);
    let ago = || parse_duration(words).map(TimeArgument::Ago);
    let has_time = words.contains(['T', 't', ' ', ':']);
    let day = || words.parse::<Date>().ok().filter(|_| !has_time).map(|it| it.at(0, 0, 0, 0));
    let local = || day().or_else(|| words.parse().ok()).map(TimeArgument::Local);
    instant.or_else(ago).or_else(local).ok_or_else(|| {
        "expected a time such as 24h (ago), 2026-11-01 or 2026-11-01T08:30:00Z".to_owned()
    })
}

impl TimeArgument {
    /// The instant, at `now`, with this zone for times without one. `None`: no clock shows it.
    pub(super) fn resolve(self, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        match self {
            Self::Instant(at) => Some(at),
            Self::Ago(duration) => now.checked_sub(duration).ok(),
            Self::Local(time) => time.to_zoned(zone.clone()).ok().map(|it| it.timestamp()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_means_one_instant() {
        let now: Timestamp = "2026-11-30T12:00:00Z".parse().unwrap();
        let zone = TimeZone::get("Asia/Riyadh").unwrap();
        let check = |words: &str, expected: &str| {
            let at = parse_time_argument(words).unwrap().resolve(now, &zone).unwrap();
            assert_eq!(at.to_string(), expected, "{words}");
        };
        check("24h", "2026-11-29T12:00:00Z");
        check("1h30m", "2026-11-30T10:30:00Z");
        check("2w", "2026-11-16T12:00:00Z");
        check("2026-11-01", "2026-10-31T21:00:00Z");
        check(" 2026-11-01T08:30 ", "2026-11-01T05:30:00Z");
        check("2026-11-01 08:30:15", "2026-11-01T05:30:15Z");
        check("2026-11-01T08:30:00Z", "2026-11-01T08:30:00Z");
        check("2026-11-01T08:30:00+02:00", "2026-11-01T06:30:00Z");
        for bad in ["", "24", "yesterday", "2026-13-01", "2026-11-31", "-1h", "08:30"] {
            assert!(parse_time_argument(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_time_before_all_clocks_is_none() {
        let now: Timestamp = "2026-11-30T12:00:00Z".parse().unwrap();
        let ago = parse_time_argument("900000000w").unwrap();
        assert_eq!(ago.resolve(now, &TimeZone::UTC), None);
    }
}
