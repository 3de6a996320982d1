//! The code of a warning → what it means in Arabic, and what the publisher should do, in English and
//! Arabic. The table is `warning_advice.tsv`; its English is that of `docs/warnings.md`.

/// The language of what people read in an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AdviceLanguage {
    /// English.
    #[default]
    English,
    /// Modern Standard Arabic.
    Arabic,
}

/// What a publisher should know about one kind of warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WarningAdvice {
    /// The code of the warning.
    pub code: &'static str,
    /// What was found and done, in Arabic.
    pub found_arabic: &'static str,
    /// What the publisher should do, in English.
    pub advice_english: &'static str,
    /// The same in Arabic.
    pub advice_arabic: &'static str,
}

impl WarningAdvice {
    /// What the publisher should do, in a language.
    pub fn advice(&self, language: AdviceLanguage) -> &'static str {
        match language {
            AdviceLanguage::English => self.advice_english,
            AdviceLanguage::Arabic => self.advice_arabic,
        }
    }
}

/// The advice about a kind of warning; `None`: the code is unknown.
pub fn advice_for(code: &str) -> Option<WarningAdvice> {
    all_advice().find(|advice| advice.code == code)
}

/// The advice about all kinds.
pub fn all_advice() -> impl Iterator<Item = WarningAdvice> {
    let rows = include_str!("warning_advice.tsv").lines().filter(|line| !line.starts_with('#'));
    rows.filter_map(|row| {
        let mut columns = row.split('\t');
        Some(WarningAdvice {
            code: columns.next()?,
            found_arabic: columns.next()?,
            advice_english: columns.next()?,
            advice_arabic: columns.next()?,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_four_columns_in_its_languages() {
        let rows = include_str!("warning_advice.tsv").lines().skip(1);
        for row in rows.clone() {
            assert_eq!(row.split('\t').filter(|cell| !cell.is_empty()).count(), 4, "{row}");
        }
        assert_eq!(all_advice().count(), rows.count());
        for advice in all_advice() {
            assert_eq!(advice_for(advice.code), Some(advice));
            let is_arabic = |text: &str| text.chars().any(|c| ('ا'..='ي').contains(&c));
            assert!(is_arabic(advice.found_arabic), "{}", advice.code);
            assert!(is_arabic(advice.advice(AdviceLanguage::Arabic)), "{}", advice.code);
            assert!(!is_arabic(advice.code));
        }
        assert_eq!(advice_for("no-such-kind"), None);
    }
}
