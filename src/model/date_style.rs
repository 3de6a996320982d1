//! How pages write dates and numbers: the operator's choice of month names, digits, a second calendar and
//! the first day of the week.

/// The names of the Gregorian months, by the region that uses them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MonthNames {
    /// يناير، فبراير: Egypt, Sudan, Libya, and news agencies.
    #[default]
    Egypt,
    /// The same names, as the Gulf and Yemen use them.
    Gulf,
    /// كانون الثاني، شباط: Iraq, Jordan, Lebanon, Palestine, Syria.
    Levant,
    /// جانفي، فيفري: Algeria and Tunisia.
    Maghreb,
    /// يناير، فبراير، غشت، دجنبر: Morocco.
    Morocco,
}

impl MonthNames {
    /// The words of the configuration.
    pub const WORDS: &'static [&'static str] = &["egypt", "gulf", "levant", "maghreb", "morocco"];

    /// The names that a word of the configuration means; `None`: it is not one of the words.
    pub fn from_word(word: &str) -> Option<Self> {
        let all = [Self::Egypt, Self::Gulf, Self::Levant, Self::Maghreb, Self::Morocco];
        Self::WORDS.iter().zip(all).find(|(own, _)| **own == word).map(|(_, names)| names)
    }
}

/// The digits of numbers and times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Digits {
    /// 0 to 9.
    #[default]
    Latin,
    /// ٠ to ٩.
    Arabic,
}

impl Digits {
    /// The words of the configuration.
    pub const WORDS: &'static [&'static str] = &["latn", "arab"];

    /// The digits that a word of the configuration means; `None`: it is not one of the words.
    pub fn from_word(word: &str) -> Option<Self> {
        let all = [Self::Latin, Self::Arabic];
        Self::WORDS.iter().zip(all).find(|(own, _)| **own == word).map(|(_, digits)| digits)
    }
}

/// The first day of a week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WeekStart {
    /// In most Arab countries.
    #[default]
    Saturday,
    /// As in Saudi Arabia.
    Sunday,
    /// As in Europe.
    Monday,
}

impl WeekStart {
    /// The words of the configuration.
    pub const WORDS: &'static [&'static str] = &["saturday", "sunday", "monday"];

    /// The day that a word of the configuration means; `None`: it is not one of the words.
    pub fn from_word(word: &str) -> Option<Self> {
        let all = [Self::Saturday, Self::Sunday, Self::Monday];
        Self::WORDS.iter().zip(all).find(|(own, _)| **own == word).map(|(_, day)| day)
    }
}

/// How pages write dates and numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DateStyle {
    /// The names of the months.
    pub months: MonthNames,
    /// The digits.
    pub digits: Digits,
    /// Whether the day of the Hijri calendar is beside the Gregorian one.
    pub has_hijri: bool,
    /// The first day of a week.
    pub week_start: WeekStart,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_has_a_meaning_of_its_own() {
        let months: Vec<_> = MonthNames::WORDS.iter().map(|it| MonthNames::from_word(it)).collect();
        assert_eq!(months[2], Some(MonthNames::Levant));
        assert!(months.iter().all(Option::is_some));
        assert_eq!(MonthNames::from_word("Levant"), None);
        assert_eq!(Digits::from_word("arab"), Some(Digits::Arabic));
        assert_eq!(Digits::from_word("latn"), Some(Digits::default()));
        assert_eq!(Digits::from_word("latin"), None);
        assert_eq!(WeekStart::from_word("monday"), Some(WeekStart::Monday));
        assert_eq!(WeekStart::from_word("friday"), None);
    }
}
