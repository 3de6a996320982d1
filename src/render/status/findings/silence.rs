//! A feed that answers well and brings nothing new → its JSON and the sentences about it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::Silence;
use crate::render::arabic_wording::{DAYS, count_in_words};
use crate::render::english_wording::relative_time;
use crate::render::local_clock::LocalClock;

const DAY: u64 = 24 * 3600;

/// A feed that answers well and has nothing new.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SilentStatus {
    /// `quiet`: it has had nothing new for longer than its rhythm explains. `empty`: it holds no entry.
    pub kind: String,
    /// Since when.
    pub since: Timestamp,
    /// How long it may be silent without being reported, in seconds; `None`: it is empty.
    pub patience_seconds: Option<u64>,
}

impl SilentStatus {
    /// For the log, when it ends.
    pub const LOG_END: &str = "is silent no longer";

    /// For the log, when it begins.
    pub fn log_begin(silence: Silence) -> &'static str {
        match silence {
            Silence::Quiet { .. } => "answers well, and has nothing new for unusually long",
            Silence::Empty { .. } => "answers well, and its feed is empty",
        }
    }

    /// A silence in the shape of the report.
    pub fn from_silence(silence: Silence) -> Self {
        match silence {
            Silence::Quiet { since, patience } => {
                Self { kind: "quiet".to_owned(), since, patience_seconds: Some(patience.as_secs()) }
            }
            Silence::Empty { since } => {
                Self { kind: "empty".to_owned(), since, patience_seconds: None }
            }
        }
    }

    /// For the page.
    pub fn in_arabic(&self, clock: &LocalClock) -> String {
        let since = clock.format_instant(self.since);
        match self.patience_seconds {
            Some(seconds) => {
                let patience = count_in_words(seconds.div_ceil(DAY), &DAYS);
                format!(
                    "يُقرأ بلا إخفاق، لكن لا جديد فيه منذ {since}، ولا ينقطع نشره عادةً أكثر من {patience}."
                )
            }
            None => format!("يُقرأ بلا إخفاق، لكنه خالٍ من الأخبار منذ {since}."),
        }
    }

    /// For the terminal.
    pub fn in_english(&self, now: Timestamp) -> String {
        let since = relative_time(Some(self.since), now);
        match self.patience_seconds {
            Some(seconds) => format!(
                "answers well, but the last news came {since}; it is seldom silent for more than {} d",
                seconds.div_ceil(DAY),
            ),
            None => format!("answers well, but its feed is empty; first seen {since}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at() -> Timestamp {
        "2026-11-24T05:02:00Z".parse().unwrap()
    }

    #[test]
    fn silence_in_arabic() {
        let check = |silence: Silence, expected: &str| {
            let line = SilentStatus::from_silence(silence).in_arabic(&LocalClock::default());
            assert!(line.contains(expected) && line.contains("24 نوفمبر 2026"), "{line}");
        };
        let quiet = |days: u64| Silence::Quiet {
            since: at(),
            patience: Duration::from_secs(days * DAY - 9),
        };
        check(quiet(1), "ولا ينقطع نشره عادةً أكثر من يوم واحد.");
        check(quiet(2), "أكثر من يومين.");
        check(quiet(5), "أكثر من 5 أيام.");
        check(quiet(21), "أكثر من 21 يومًا.");
        check(quiet(300), "أكثر من 300 يوم.");
        check(Silence::Empty { since: at() }, "لكنه خالٍ من الأخبار منذ");
    }

    #[test]
    fn silence_in_english() {
        let check = |silence: Silence, expected: &str| {
            let now = "2026-11-27T05:02:00Z".parse().unwrap();
            assert_eq!(SilentStatus::from_silence(silence).in_english(now), expected);
        };
        let line =
            "answers well, but the last news came 3 d ago; it is seldom silent for more than 2 d";
        let patience = Duration::from_secs(DAY + 1);
        check(Silence::Quiet { since: at(), patience }, line);
        let line = "answers well, but its feed is empty; first seen 3 d ago";
        check(Silence::Empty { since: at() }, line);
    }
}
