//! Numbers and instants → Modern Standard Arabic.
//!
//! Counted nouns take six forms (Unicode CLDR 45, plural rules for `ar`): zero, one, two, few
//! (n mod 100 in 3–10), many (11–99), other. Digits are 0–9, as Arabic news pages write them.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The six forms of a counted noun; zero, one and two stand without a number.
#[derive(Debug, Clone, Copy)]
pub struct Forms {
    /// None at all.
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
pub const SOURCES: Forms = Forms {
    zero: "لا مصادر",
    one: "مصدر واحد",
    two: "مصدران",
    few: "مصادر",
    many: "مصدرًا",
    other: "مصدر",
};

/// News entries.
pub const ENTRIES: Forms = Forms {
    zero: "لا أخبار",
    one: "خبر واحد",
    two: "خبران",
    few: "أخبار",
    many: "خبرًا",
    other: "خبر",
};

/// Failures in a row.
pub const FAILURES: Forms = Forms {
    zero: "لا إخفاقات",
    one: "إخفاق واحد",
    two: "إخفاقان",
    few: "إخفاقات",
    many: "إخفاقًا",
    other: "إخفاق",
};

/// Warnings.
pub const WARNINGS: Forms = Forms {
    zero: "لا تنبيهات",
    one: "تنبيه واحد",
    two: "تنبيهان",
    few: "تنبيهات",
    many: "تنبيهًا",
    other: "تنبيه",
};

/// The months from January (the names of Egypt and the Gulf, which news agencies use).
const MONTHS: [&str; 12] = [
    "يناير",
    "فبراير",
    "مارس",
    "أبريل",
    "مايو",
    "يونيو",
    "يوليو",
    "أغسطس",
    "سبتمبر",
    "أكتوبر",
    "نوفمبر",
    "ديسمبر",
];

/// `count` things in words: «مصدران», «3 مصادر», «11 مصدرًا».
pub fn counted(count: u64, forms: &Forms) -> String {
    let noun = match (count, count % 100) {
        (0, _) => return forms.zero.to_owned(),
        (1, _) => return forms.one.to_owned(),
        (2, _) => return forms.two.to_owned(),
        (_, 3..=10) => forms.few,
        (_, 11..=99) => forms.many,
        _ => forms.other,
    };
    format!("{count} {noun}")
}

/// An instant in words, UTC: «24 نوفمبر 2026، 05:02».
pub fn instant(at: Timestamp) -> String {
    let at = at.to_zoned(TimeZone::UTC);
    let month =
        usize::try_from(at.month() - 1).ok().and_then(|index| MONTHS.get(index)).unwrap_or(&"");
    format!("{} {month} {}، {:02}:{:02}", at.day(), at.year(), at.hour(), at.minute())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_forms() {
        let check = |count: u64, expected: &str| assert_eq!(counted(count, &SOURCES), expected);
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
        check(1000, "1000 مصدر");
        check(u64::MAX, "18446744073709551615 مصدرًا");
    }

    #[test]
    fn every_month_has_its_name() {
        for (index, name) in MONTHS.iter().enumerate() {
            let at: Timestamp = format!("2026-{:02}-04T05:02:00Z", index + 1).parse().unwrap();
            assert_eq!(instant(at), format!("4 {name} 2026، 05:02"));
        }
    }
}
