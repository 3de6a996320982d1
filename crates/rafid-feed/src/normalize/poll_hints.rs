//! The publisher's hints about polling, as written → `PollHints`. Absurd values are ignored.

use crate::model::{PollHints, RawPollHints};

/// A publisher cannot mean a wait of more than a year between two polls: a larger number means
/// something else.
const LONGEST_SECONDS: u64 = 366 * 24 * 3600;

/// Days as RSS 2.0 names them (`skipDays`), Monday first; their first three letters decide.
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Periods of the RSS 1.0 syndication module and their seconds.
const PERIODS: [(&str, u64); 5] = [
    ("hourly", 3600),
    ("daily", 24 * 3600),
    ("weekly", 7 * 24 * 3600),
    ("monthly", 30 * 24 * 3600),
    ("yearly", 365 * 24 * 3600),
];

/// Reads the hints.
pub(super) fn normalize_poll_hints(raw: &RawPollHints) -> PollHints {
    let ttl = raw.ttl.as_deref().and_then(parse_number).and_then(|minutes| minutes.checked_mul(60));
    let hours =
        raw.skip_hours.iter().filter_map(|hour| parse_number(hour)).filter(|hour| *hour <= 24);
    let days = raw.skip_days.iter().filter_map(|day| parse_weekday(day));
    PollHints {
        ttl_seconds: ttl.filter(|seconds| is_sane(*seconds)),
        // Some publishers count the hours from 1 to 24 (RSS 0.91): 24 is midnight.
        skip_hours: hours.fold(0, |bits, hour| bits | (1 << (hour % 24))),
        skip_days: days.fold(0, |bits, day| bits | (1 << day)),
        update_seconds: update_seconds(raw),
    }
}

/// The period divided by the frequency, which is one when absent.
fn update_seconds(raw: &RawPollHints) -> Option<u64> {
    let period = raw.update_period.as_deref()?.trim().to_ascii_lowercase();
    let (_, seconds) = PERIODS.iter().find(|(name, _)| *name == period)?;
    let frequency = match raw.update_frequency.as_deref() {
        None => 1,
        Some(frequency) => parse_number(frequency).filter(|often| *often > 0)?,
    };
    Some(seconds / frequency).filter(|seconds| is_sane(*seconds))
}

fn is_sane(seconds: u64) -> bool {
    (1..=LONGEST_SECONDS).contains(&seconds)
}

fn parse_number(words: &str) -> Option<u64> {
    words.trim().parse().ok()
}

fn parse_weekday(words: &str) -> Option<usize> {
    let start = words.trim().get(..3)?.to_ascii_lowercase();
    DAYS.iter().position(|day| *day == start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ttl_is_minutes() {
        let check = |ttl: &str, expected: Option<u64>| {
            let raw = RawPollHints { ttl: Some(ttl.into()), ..RawPollHints::default() };
            assert_eq!(normalize_poll_hints(&raw).ttl_seconds, expected, "{ttl}");
        };
        check(" 60 ", Some(3600));
        check("0", None);
        check("-5", None);
        check("1.5", None);
        check("99999999", None);
        check("99999999999999999999", None);
        check("18446744073709551615", None);
        check("often", None);
    }

    #[test]
    fn hours_and_days_are_bits() {
        let check = |hours: &[&str], days: &[&str], expected: (u32, u8)| {
            let words = |list: &[&str]| list.iter().map(ToString::to_string).collect();
            let raw = RawPollHints {
                skip_hours: words(hours),
                skip_days: words(days),
                ..RawPollHints::default()
            };
            let pace = normalize_poll_hints(&raw);
            assert_eq!((pace.skip_hours, pace.skip_days), expected, "{hours:?} {days:?}");
        };
        check(&["0", "23", "1"], &[], (0x0080_0003, 0));
        check(&["24", "25", "x"], &[], (1, 0));
        check(&[], &["Monday", " SUNDAY", "tue", "x", "السبت"], (0, 0b100_0011));
    }

    #[test]
    fn periods_are_divided() {
        let check = |period: &str, frequency: Option<&str>, expected: Option<u64>| {
            let raw = RawPollHints {
                update_period: Some(period.into()),
                update_frequency: frequency.map(Into::into),
                ..RawPollHints::default()
            };
            assert_eq!(
                normalize_poll_hints(&raw).update_seconds,
                expected,
                "{period} {frequency:?}"
            );
        };
        for (name, seconds) in PERIODS {
            check(&name.to_uppercase(), None, Some(seconds));
        }
        check(" hourly\n", Some("\t1\n"), Some(3600));
        check("daily", Some("4"), Some(21_600));
        check("daily", Some("0"), None);
        check("hourly", Some("9999"), None);
        check("always", None, None);
    }
}
