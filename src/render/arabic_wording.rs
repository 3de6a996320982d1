//! Numbers and instants → Modern Standard Arabic.
//!
//! Counted nouns take six forms (Unicode CLDR 45, plural rules for `ar`): zero, one, two, few
//! (n mod 100 in 3–10), many (11–99), other. Digits are 0–9, as Arabic news pages write them.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rafid_feed::dates;

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
    zero: "لا ساعة",
    one: "ساعة واحدة",
    two: "ساعتين",
    few: "ساعات",
    many: "ساعة",
    other: "ساعة",
};

/// Minutes, as an amount.
pub const MINUTES: PluralForms = PluralForms {
    zero: "لا دقيقة",
    one: "دقيقة واحدة",
    two: "دقيقتين",
    few: "دقائق",
    many: "دقيقة",
    other: "دقيقة",
};

/// Days, as an amount: «على يومين».
pub const DAYS: PluralForms = PluralForms {
    zero: "لا يوم",
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
pub fn count_in_words(count: u64, forms: &PluralForms) -> String {
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

/// Zones of the Arab world by the city that people name them after, sorted (IANA time zone database 2026a,
/// `zone1970.tab` and `backward`).
const CITIES: [(&str, &str); 23] = [
    ("Africa/Algiers", "الجزائر"),
    ("Africa/Cairo", "القاهرة"),
    ("Africa/Casablanca", "الدار البيضاء"),
    ("Africa/Djibouti", "جيبوتي"),
    ("Africa/El_Aaiun", "العيون"),
    ("Africa/Khartoum", "الخرطوم"),
    ("Africa/Mogadishu", "مقديشو"),
    ("Africa/Nouakchott", "نواكشوط"),
    ("Africa/Tripoli", "طرابلس"),
    ("Africa/Tunis", "تونس"),
    ("Asia/Aden", "عدن"),
    ("Asia/Amman", "عمّان"),
    ("Asia/Baghdad", "بغداد"),
    ("Asia/Bahrain", "المنامة"),
    ("Asia/Beirut", "بيروت"),
    ("Asia/Damascus", "دمشق"),
    ("Asia/Dubai", "دبي"),
    ("Asia/Gaza", "غزة"),
    ("Asia/Hebron", "الخليل"),
    ("Asia/Kuwait", "الكويت"),
    ("Asia/Muscat", "مسقط"),
    ("Asia/Qatar", "الدوحة"),
    ("Asia/Riyadh", "الرياض"),
];

/// The time zone of a page and its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalClock {
    zone: TimeZone,
    name: String,
}

impl Default for LocalClock {
    fn default() -> Self {
        Self { zone: TimeZone::UTC, name: "بالتوقيت العالمي".to_owned() }
    }
}

impl LocalClock {
    /// The clock of a zone by its IANA name or a fixed offset. UTC if `timezone` is `None` or unknown.
    pub fn in_timezone(timezone: Option<&str>) -> Self {
        let Some((name, zone)) = timezone.and_then(|name| Some((name, dates::parse_zone(name)?)))
        else {
            return Self::default();
        };
        let city = CITIES.binary_search_by_key(&name, |row| row.0).ok();
        let name = match city.and_then(|row| CITIES.get(row)) {
            Some((_, city)) => format!("بتوقيت {city}"),
            // A Latin name in an Arabic line is isolated (UAX #9: LRI and PDI).
            None => format!("بتوقيت \u{2066}{name}\u{2069}"),
        };
        Self { zone, name }
    }

    /// The name of the clock in a sentence: «بتوقيت الرياض».
    pub fn name(&self) -> &str {
        &self.name
    }

    /// An instant in words: «24 نوفمبر 2026، 05:02».
    pub fn format_instant(&self, at: Timestamp) -> String {
        let at = at.to_zoned(self.zone.clone());
        let month =
            usize::try_from(at.month() - 1).ok().and_then(|index| MONTHS.get(index)).unwrap_or(&"");
        format!("{} {month} {}، {:02}:{:02}", at.day(), at.year(), at.hour(), at.minute())
    }
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
        check(1000, "1000 مصدر");
        check(u64::MAX, "18446744073709551615 مصدرًا");
    }

    #[test]
    fn clocks_of_cities_offsets_and_unknown_zones() {
        assert!(CITIES.is_sorted());
        let at: Timestamp = "2026-11-24T22:02:00Z".parse().unwrap();
        for (zone, city) in CITIES {
            assert_ne!(LocalClock::in_timezone(Some(zone)), LocalClock::default(), "{zone}");
            assert_eq!(LocalClock::in_timezone(Some(zone)).name(), format!("بتوقيت {city}"));
        }
        assert_eq!(
            LocalClock::in_timezone(Some("Asia/Riyadh")).format_instant(at),
            "25 نوفمبر 2026، 01:02"
        );
        let offset = LocalClock::in_timezone(Some("+03:30"));
        assert_eq!(offset.format_instant(at), "25 نوفمبر 2026، 01:32");
        assert_eq!(offset.name(), "بتوقيت \u{2066}+03:30\u{2069}");
        assert_eq!(LocalClock::in_timezone(None), LocalClock::default());
        assert_eq!(LocalClock::in_timezone(Some("Mars/Olympus")), LocalClock::default());
    }

    #[test]
    fn every_month_has_its_name() {
        for (index, name) in MONTHS.iter().enumerate() {
            let at: Timestamp = format!("2026-{:02}-04T05:02:00Z", index + 1).parse().unwrap();
            assert_eq!(LocalClock::default().format_instant(at), format!("4 {name} 2026، 05:02"));
        }
    }
}
