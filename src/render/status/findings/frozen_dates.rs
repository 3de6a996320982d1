//! Dates of entries that carry no information → their JSON and the sentences about them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::FrozenDates;
use crate::render::english_wording::relative_time;
use crate::render::local_clock::LocalClock;

/// Dates that carry no information.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FrozenStatus {
    /// `still`: entries keep coming, and the newest date does not move. `stamped`: every document gives all of
    /// its entries a new date.
    pub kind: String,
    /// When the first of those entries, or the first such document, came.
    pub since: Timestamp,
    /// The date that does not move; `None`: they are stamped.
    pub newest: Option<Timestamp>,
}

impl FrozenStatus {
    /// For the log, when it begins.
    pub const LOG_BEGIN: &str = "the dates of its entries say nothing";
    /// For the log, when it ends.
    pub const LOG_END: &str = "the dates of its entries move again";

    /// Frozen dates in the shape of the report.
    pub fn from_finding(frozen: FrozenDates) -> Self {
        match frozen {
            FrozenDates::Still { since, newest } => {
                Self { kind: "still".to_owned(), since, newest: Some(newest) }
            }
            FrozenDates::Stamped { since } => {
                Self { kind: "stamped".to_owned(), since, newest: None }
            }
        }
    }

    /// For the page.
    pub fn in_arabic(&self, clock: &LocalClock) -> String {
        let since = clock.format_instant(self.since);
        match self.newest {
            Some(newest) => format!(
                "أخباره تتوالى، وأحدث تاريخ تذكره ({}) لم يتقدّم منذ {since}، فيُرتَّب جديدها بوقت ظهوره.",
                clock.format_instant(newest)
            ),
            None => format!(
                "صار منذ {since} يؤرّخ أخباره كلها من جديد كلما أعاد توليد خلاصته، فتبقى مرتّبة بوقت ظهورها أول مرة."
            ),
        }
    }

    /// For the terminal.
    pub fn in_english(&self, now: Timestamp) -> String {
        let since = relative_time(Some(self.since), now);
        match self.newest {
            Some(newest) => format!(
                "new entries come, and the newest date that they claim stays {newest} (first seen \
                 {since}); they are placed by when they were first seen"
            ),
            None => format!(
                "every document gives all of its entries a new date (first seen {since}); they stay \
                 where they were first placed"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at() -> Timestamp {
        "2026-11-24T05:02:00Z".parse().unwrap()
    }

    fn check(frozen: &FrozenStatus, arabic: &[&str], english: &str) {
        let line = frozen.in_arabic(&LocalClock::default());
        assert!(line.contains("24 نوفمبر 2026"), "{line}");
        assert!(arabic.iter().all(|words| line.contains(words)), "{line}");
        let line = frozen.in_english("2026-11-27T05:02:00Z".parse().unwrap());
        assert!(line.starts_with(english), "{line}");
    }

    #[test]
    fn frozen_dates_in_words() {
        let newest = "2019-01-02T00:00:00Z".parse().unwrap();
        let still = FrozenStatus::from_finding(FrozenDates::Still { since: at(), newest });
        assert_eq!((still.kind.as_str(), still.newest), ("still", Some(newest)));
        let english = "new entries come, and the newest date that they claim stays \
                       2019-01-02T00:00:00Z (first seen 3 d ago)";
        check(&still, &["2 يناير 2019", "لم يتقدّم منذ"], english);
        let stamped = FrozenStatus::from_finding(FrozenDates::Stamped { since: at() });
        assert_eq!((stamped.kind.as_str(), stamped.newest), ("stamped", None));
        let english = "every document gives all of its entries a new date (first seen 3 d ago)";
        check(&stamped, &["كلما أعاد توليد خلاصته"], english);
    }
}
