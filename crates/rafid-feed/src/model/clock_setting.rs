//! The operator's setting for a publisher's clock: how far it is off.

use std::fmt;
use std::str::FromStr;

/// The largest offset that an operator can set. A difference of more than a day is not a clock
/// error.
const MAX_OFFSET_MINUTES: i32 = 24 * 60;

/// How far a publisher's clock is off, in minutes, never zero. Positive: the clock is ahead and its
/// dates are too late. Negative: it is behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClockOffset(i32);

impl ClockOffset {
    /// No zone is farther from UTC (Kiribati; IANA time zone database), so no clock that is off
    /// because of its zone is off by more.
    pub const FARTHEST_ZONE_HOURS: i64 = 14;

    /// An offset of `minutes` ahead; `None`: zero, or more than a day.
    pub fn from_minutes(minutes: i32) -> Option<Self> {
        (minutes != 0 && minutes.abs() <= MAX_OFFSET_MINUTES).then_some(Self(minutes))
    }

    /// Minutes ahead.
    pub fn minutes(self) -> i32 {
        self.0
    }

    /// Seconds ahead.
    pub fn seconds(self) -> i64 {
        i64::from(self.0) * 60
    }

    /// As the setting `clock` spells it: `+03:00`, `-00:30`.
    pub fn as_setting(self) -> String {
        let sign = if self.0 < 0 { '-' } else { '+' };
        format!("{sign}{:02}:{:02}", self.0.abs() / 60, self.0.abs() % 60)
    }
}

/// `3 hours behind`, `1 hour ahead`, `5 h 30 min ahead`.
impl fmt::Display for ClockOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0.abs() / 60, self.0.abs() % 60) {
            (1, 0) => f.write_str("1 hour")?,
            (hours, 0) => write!(f, "{hours} hours")?,
            (0, minutes) => write!(f, "{minutes} min")?,
            (hours, minutes) => write!(f, "{hours} h {minutes} min")?,
        }
        f.write_str(if self.0 < 0 { " behind" } else { " ahead" })
    }
}

/// The operator's setting for a publisher's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum ClockSetting {
    /// No setting: the clock is watched, and its dates are corrected once the evidence is strong.
    #[default]
    Auto,
    /// Dates are used unchanged.
    Trust,
    /// The zones that its dates name are wrong: the dates show the wall clock of the source's
    /// `timezone`.
    Wall,
    /// The clock is off by this much.
    Off(ClockOffset),
}

/// The error for a text that is not a `ClockSetting`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected {}", ClockSetting::EXPECTED)]
pub struct ClockSettingError;

impl ClockSetting {
    /// The allowed values, for messages.
    pub const EXPECTED: &str =
        "\"auto\", \"trust\", \"wall\", or how far it is off, such as \"+03:00\" or \"-2h\"";
}

impl fmt::Display for ClockSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Trust => f.write_str("trust"),
            Self::Wall => f.write_str("wall"),
            Self::Off(offset) => f.write_str(&offset.as_setting()),
        }
    }
}

/// `auto`, `trust`, `wall`; `+03:00`, `-0230`, `+3`, `+3h`, `-90m`, `+5h30m`. The sign is required.
impl FromStr for ClockSetting {
    type Err = ClockSettingError;

    fn from_str(words: &str) -> Result<Self, ClockSettingError> {
        match words {
            "auto" => Ok(Self::Auto),
            "trust" => Ok(Self::Trust),
            "wall" => Ok(Self::Wall),
            _ => parse_offset(words).map(Self::Off).ok_or(ClockSettingError),
        }
    }
}

fn parse_offset(words: &str) -> Option<ClockOffset> {
    let (sign, amount) = match words.strip_prefix('+') {
        Some(amount) => (1, amount),
        None => (-1, words.strip_prefix(['-', '\u{2212}'])?),
    };
    let (hours, minutes) = if let Some((hours, minutes)) = amount.split_once(':') {
        (parse_number(hours)?, parse_number(minutes).filter(|_| minutes.len() == 2)?)
    } else if let Some((hours, minutes)) = amount.split_once('h') {
        let minutes = minutes.strip_suffix('m').unwrap_or(minutes);
        (parse_number(hours)?, if minutes.is_empty() { 0 } else { parse_number(minutes)? })
    } else if let Some(minutes) = amount.strip_suffix('m') {
        (0, parse_number(minutes)?)
    } else if amount.len() == 4 {
        (parse_number(amount)? / 100, parse_number(amount)? % 100)
    } else {
        (parse_number(amount).filter(|_| amount.len() <= 2)?, 0)
    };
    if hours > 0 && minutes > 59 {
        return None;
    }
    ClockOffset::from_minutes(sign * (hours * 60 + minutes))
}

/// A number of one to four digits.
fn parse_number(digits: &str) -> Option<i32> {
    let is_number = (1..=4).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse().ok().filter(|_| is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_parsed_and_formatted() {
        let check = |words: &str, expected: &str| {
            let got = words.parse::<ClockSetting>().map(|setting| setting.to_string());
            assert_eq!(got.unwrap_or_default(), expected, "{words:?}");
        };
        for same in ["auto", "trust", "wall", "+03:00", "-02:00", "+05:45", "-00:30", "+24:00"] {
            check(same, same);
        }
        for (words, expected) in [
            ("+3", "+03:00"),
            ("+3h", "+03:00"),
            ("-2h", "-02:00"),
            ("\u{2212}2", "-02:00"),
            ("-90m", "-01:30"),
            ("+5h30m", "+05:30"),
            ("+5h30", "+05:30"),
            ("-0330", "-03:30"),
            ("+14:00", "+14:00"),
        ] {
            check(words, expected);
        }
        for bad in [
            "",
            "3h",
            "03:00",
            "Auto",
            "+",
            "+0",
            "-00:00",
            "+25h",
            "+3x",
            "+03:60",
            "+03:5",
            "+3:+1",
            "+-3",
            "+ 3h",
            "+h",
            "+300",
            "+5h75m",
            "++3",
            "+٣",
            "wall clock",
        ] {
            check(bad, "");
        }
    }

    #[test]
    fn offsets_are_formatted_in_words() {
        let check = |minutes: i32, expected: &str| {
            let text = ClockOffset::from_minutes(minutes).map(|offset| offset.to_string());
            assert_eq!(text.unwrap_or_default(), expected, "{minutes}");
        };
        check(180, "3 hours ahead");
        check(-60, "1 hour behind");
        check(330, "5 h 30 min ahead");
        check(-45, "45 min behind");
        check(0, "");
        check(1441, "");
    }
}
