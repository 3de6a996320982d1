//! The time that a search is limited to ↔ its words in queries and on the page.

/// The time before now that a search is limited to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SearchPeriod {
    /// This day, by the site's clock.
    Today,
    /// The last 24 hours.
    Day,
    /// This week, since its first day by the site's clock.
    ThisWeek,
    /// The last 7 days.
    Week,
    /// The last 30 days.
    Month,
    /// The last 365 days.
    Year,
}

/// The periods with their words, and how many days they last that end now; `None`: they begin with a day.
const PERIODS: [(SearchPeriod, &[&str], Option<i64>); 6] = [
    (SearchPeriod::Today, &["today", "اليوم"], None),
    (SearchPeriod::Day, &["day", "يوم"], Some(1)),
    (SearchPeriod::ThisWeek, &["this-week", "الأسبوع", "الاسبوع", "هذا الأسبوع", "هذا الاسبوع"], None),
    (SearchPeriod::Week, &["week", "أسبوع", "اسبوع"], Some(7)),
    (SearchPeriod::Month, &["month", "شهر"], Some(30)),
    (SearchPeriod::Year, &["year", "سنة", "سنه", "عام"], Some(365)),
];

impl SearchPeriod {
    /// The period with this word. `None`: no period has it.
    pub fn from_word(word: &str) -> Option<Self> {
        let word = word.to_lowercase();
        let row = PERIODS.iter().find(|(_, words, _)| words.contains(&word.as_str()));
        row.map(|(period, ..)| *period)
    }

    /// How many days of 24 hours it lasts that end now. `None`: it begins with a day of the calendar.
    pub fn days_until_now(self) -> Option<i64> {
        PERIODS.iter().find(|(period, ..)| *period == self).and_then(|(.., days)| *days)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_have_words_in_both_languages() {
        for (words, period, days) in [
            (["today", "اليوم"], SearchPeriod::Today, None),
            (["day", "يوم"], SearchPeriod::Day, Some(1)),
            (["This-Week", "هذا الأسبوع"], SearchPeriod::ThisWeek, None),
            (["Week", "أسبوع"], SearchPeriod::Week, Some(7)),
            (["year", "سنة"], SearchPeriod::Year, Some(365)),
        ] {
            for word in words {
                assert_eq!(SearchPeriod::from_word(word), Some(period), "{word}");
            }
            assert_eq!(period.days_until_now(), days, "{period:?}");
        }
        assert_eq!(SearchPeriod::from_word("قرن"), None);
    }
}
