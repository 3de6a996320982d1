//! The time that a search is limited to ↔ its words in queries and on the page.

use jiff::{SignedDuration, Timestamp};

/// The time before now that a search is limited to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SearchPeriod {
    /// The last 24 hours.
    Day,
    /// The last 7 days.
    Week,
    /// The last 30 days.
    Month,
    /// The last 365 days.
    Year,
}

/// The periods with their words: the first is the one in addresses.
const PERIODS: [(SearchPeriod, &[&str], i64); 4] = [
    (SearchPeriod::Day, &["day", "يوم"], 1),
    (SearchPeriod::Week, &["week", "أسبوع", "اسبوع"], 7),
    (SearchPeriod::Month, &["month", "شهر"], 30),
    (SearchPeriod::Year, &["year", "سنة", "سنه", "عام"], 365),
];

impl SearchPeriod {
    /// The period with this word. `None`: no period has it.
    pub fn from_word(word: &str) -> Option<Self> {
        let word = word.to_lowercase();
        let row = PERIODS.iter().find(|(_, words, _)| words.contains(&word.as_str()));
        row.map(|(period, ..)| *period)
    }

    /// When it began.
    pub fn start_before(self, now: Timestamp) -> Timestamp {
        let row = PERIODS.iter().find(|(period, ..)| *period == self);
        let days = row.map_or(0, |(.., days)| *days);
        now.saturating_sub(SignedDuration::from_hours(24 * days)).unwrap_or(Timestamp::MIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_end_now() {
        let now = Timestamp::from_second(100_000_000).unwrap();
        for (words, days) in [(["day", "يوم"], 1), (["Week", "أسبوع"], 7), (["year", "سنة"], 365)]
        {
            for word in words {
                let start = SearchPeriod::from_word(word).unwrap().start_before(now);
                assert_eq!(now.as_second() - start.as_second(), days * 86_400, "{word}");
            }
        }
        assert_eq!(SearchPeriod::from_word("قرن"), None);
        let _ = SearchPeriod::Year.start_before(Timestamp::MIN);
    }
}
