//! Counted nouns → Modern Standard Arabic.
//!
//! They take six forms (Unicode CLDR 45, plural rules for `ar`): zero, one, two, few (n mod 100 in 3–10), many
//! (11–99), other. Digits are 0–9; `LocalClock` writes the site's own.

/// The six forms of a counted noun; zero, one and two are written without a number.
#[derive(Debug, Clone, Copy)]
pub struct PluralForms {
    /// Zero.
    pub zero: &'static str,
    /// One.
    pub one: &'static str,
    /// Two.
    pub two: &'static str,
    /// After 3 to 10.
    pub few: &'static str,
    /// After 11 to 99.
    pub many: &'static str,
    /// After 100 to 102 and so on.
    pub other: &'static str,
}

/// Sources.
pub const SOURCES: PluralForms = PluralForms {
    zero: "لا مصادر",
    one: "مصدر واحد",
    two: "مصدران",
    few: "مصادر",
    many: "مصدرًا",
    other: "مصدر",
};

/// News entries.
pub const ENTRIES: PluralForms = PluralForms {
    zero: "لا أخبار",
    one: "خبر واحد",
    two: "خبران",
    few: "أخبار",
    many: "خبرًا",
    other: "خبر",
};

/// Failures in a row.
pub const FAILURES: PluralForms = PluralForms {
    zero: "لا إخفاقات",
    one: "إخفاق واحد",
    two: "إخفاقان",
    few: "إخفاقات",
    many: "إخفاقًا",
    other: "إخفاق",
};

/// Warnings.
pub const WARNINGS: PluralForms = PluralForms {
    zero: "لا تنبيهات",
    one: "تنبيه واحد",
    two: "تنبيهان",
    few: "تنبيهات",
    many: "تنبيهًا",
    other: "تنبيه",
};

/// Hours, as an amount: «متأخرة ساعتين».
pub const HOURS: PluralForms = PluralForms {
    zero: "أقل من ساعة",
    one: "ساعة واحدة",
    two: "ساعتين",
    few: "ساعات",
    many: "ساعة",
    other: "ساعة",
};

/// Minutes, as an amount.
pub const MINUTES: PluralForms = PluralForms {
    zero: "أقل من دقيقة",
    one: "دقيقة واحدة",
    two: "دقيقتين",
    few: "دقائق",
    many: "دقيقة",
    other: "دقيقة",
};

/// Days, as an amount: «على يومين».
pub const DAYS: PluralForms = PluralForms {
    zero: "أقل من يوم",
    one: "يوم واحد",
    two: "يومين",
    few: "أيام",
    many: "يومًا",
    other: "يوم",
};

/// Pages.
pub const PAGES: PluralForms = PluralForms {
    zero: "لا صفحات",
    one: "صفحة واحدة",
    two: "صفحتان",
    few: "صفحات",
    many: "صفحة",
    other: "صفحة",
};

/// News entries that are already known.
pub const KNOWN_ENTRIES: PluralForms = PluralForms {
    zero: "لا أخبار معروفة",
    one: "خبر معروف واحد",
    two: "خبران معروفان",
    few: "أخبار معروفة",
    many: "خبرًا معروفًا",
    other: "خبر معروف",
};

/// `count` things in words: «مصدران», «3 مصادر», «11 مصدرًا», «1,200 مصدر».
pub fn count_in_words(count: u64, forms: &PluralForms) -> String {
    let noun = match (count, count % 100) {
        (0, _) => return forms.zero.to_owned(),
        (1, _) => return forms.one.to_owned(),
        (2, _) => return forms.two.to_owned(),
        (_, 3..=10) => forms.few,
        (_, 11..=99) => forms.many,
        _ => forms.other,
    };
    format!("{} {noun}", group_thousands(count))
}

/// A number with a comma between its thousands, as the press writes it.
fn group_thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_forms() {
        let check =
            |count: u64, expected: &str| assert_eq!(count_in_words(count, &SOURCES), expected);
        check(0, "لا مصادر");
        check(1, "مصدر واحد");
        check(2, "مصدران");
        check(3, "3 مصادر");
        check(10, "10 مصادر");
        check(11, "11 مصدرًا");
        check(99, "99 مصدرًا");
        check(100, "100 مصدر");
        check(102, "102 مصدر");
        check(103, "103 مصادر");
        check(111, "111 مصدرًا");
        check(1000, "1,000 مصدر");
        check(12_345, "12,345 مصدرًا");
        check(u64::MAX, "18,446,744,073,709,551,615 مصدرًا");
        assert_eq!(count_in_words(0, &HOURS), "أقل من ساعة");
        assert_eq!(count_in_words(0, &MINUTES), "أقل من دقيقة");
    }
}
