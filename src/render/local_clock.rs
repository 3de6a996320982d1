//! An instant → its day and time in the site's zone and in the operator's style: names of months, digits, and the
//! Hijri day beside the Gregorian one.

use std::fmt::Write as _;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use rafid_feed::dates;

use super::arabic_wording::{PluralForms, count_in_words};
use super::hijri_date::hijri_day_in_words;
use crate::model::{DateStyle, Digits, MonthNames, SearchPeriod, WeekStart};

/// The months from January as Egypt, the Gulf and news agencies name them. (These lists: Unicode CLDR 47, `ar`,
/// `ar-LB`, `ar-DZ`, `ar-MA`.)
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
const MONTHS_OF_THE_LEVANT: [&str; 12] = [
    "كانون الثاني",
    "شباط",
    "آذار",
    "نيسان",
    "أيار",
    "حزيران",
    "تموز",
    "آب",
    "أيلول",
    "تشرين الأول",
    "تشرين الثاني",
    "كانون الأول",
];
const MONTHS_OF_THE_MAGHREB: [&str; 12] = [
    "جانفي",
    "فيفري",
    "مارس",
    "أفريل",
    "ماي",
    "جوان",
    "جويلية",
    "أوت",
    "سبتمبر",
    "أكتوبر",
    "نوفمبر",
    "ديسمبر",
];
const MONTHS_OF_MOROCCO: [&str; 12] = [
    "يناير",
    "فبراير",
    "مارس",
    "أبريل",
    "ماي",
    "يونيو",
    "يوليوز",
    "غشت",
    "شتنبر",
    "أكتوبر",
    "نونبر",
    "دجنبر",
];

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

/// The time zone of a page, its name, and how the page writes dates and numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalClock {
    zone: TimeZone,
    name: String,
    style: DateStyle,
}

impl Default for LocalClock {
    fn default() -> Self {
        let style = DateStyle::default();
        Self { zone: TimeZone::UTC, name: "بالتوقيت العالمي".to_owned(), style }
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
        Self { zone, name, style: DateStyle::default() }
    }

    /// The same clock in another style.
    #[must_use]
    pub fn with_style(self, style: DateStyle) -> Self {
        Self { style, ..self }
    }

    /// The name of the clock in a sentence: «بتوقيت الرياض».
    pub fn name(&self) -> &str {
        &self.name
    }

    /// An instant in words: «24 نوفمبر 2026، 05:02».
    pub fn format_instant(&self, at: Timestamp) -> String {
        let date = self.date_of(at);
        format!(
            "{} {}، {}",
            self.day_and_month(date),
            self.digits(&date.year()),
            self.format_time(at)
        )
    }

    /// An instant with its day of the week and its clock: «الأحد 29 نوفمبر 2026، 18:21 بتوقيت الرياض».
    pub fn format_in_full(&self, at: Timestamp) -> String {
        let day = weekday_name(self.date_of(at));
        format!("{day} {} {}", self.format_instant(at), self.name)
    }

    /// The time of day: «05:02».
    pub fn format_time(&self, at: Timestamp) -> String {
        let at = at.to_zoned(self.zone.clone());
        self.digits(&format_args!("{:02}:{:02}", at.hour(), at.minute()))
    }

    /// The time of day, with its day unless that is the day of `moment`: «05:02»، «24 نوفمبر، 05:02».
    pub fn format_since(&self, at: Timestamp, moment: Option<Timestamp>) -> String {
        let (date, today) = (self.date_of(at), moment.map(|moment| self.date_of(moment)));
        match today {
            Some(today) if today == date => self.format_time(at),
            Some(today) if today.year() == date.year() => {
                format!("{}، {}", self.day_and_month(date), self.format_time(at))
            }
            _ => self.format_instant(at),
        }
    }

    /// The day of an instant as a heading: «اليوم، الأحد 29 نوفمبر». `moment`: when the page is read, about;
    /// `None`: at any time, and the year is named.
    pub fn format_day(&self, at: Timestamp, moment: Option<Timestamp>) -> String {
        let date = self.date_of(at);
        let today = moment.map(|moment| self.date_of(moment));
        let yesterday = today.and_then(|today| today.checked_sub(1.day()).ok());
        let mut words = String::new();
        if today == Some(date) {
            words.push_str("اليوم، ");
        } else if yesterday == Some(date) {
            words.push_str("أمس، ");
        }
        let _ = write!(words, "{} {}", weekday_name(date), self.day_and_month(date));
        if today.is_none_or(|today| today.year() != date.year()) {
            let _ = write!(words, " {}", self.digits(&date.year()));
        }
        if let Some(hijri) = hijri_day_in_words(date).filter(|_| self.style.has_hijri) {
            let _ = write!(words, " · {}", self.digits(&hijri));
        }
        words
    }

    /// The day of an instant.
    pub fn date_of(&self, at: Timestamp) -> Date {
        at.to_zoned(self.zone.clone()).date()
    }

    /// When a period began that ends now.
    pub fn start_of_period(&self, period: SearchPeriod, now: Timestamp) -> Timestamp {
        if let Some(days) = period.days_until_now() {
            return now.saturating_sub((24 * days).hours()).unwrap_or(Timestamp::MIN);
        }
        let today = self.date_of(now);
        let first = match period {
            SearchPeriod::ThisWeek => self.first_day_of_week(today),
            _ => today,
        };
        first.to_zoned(self.zone.clone()).map_or(now, |start| start.timestamp())
    }

    fn first_day_of_week(&self, date: Date) -> Date {
        let first = match self.style.week_start {
            WeekStart::Saturday => Weekday::Saturday,
            WeekStart::Sunday => Weekday::Sunday,
            WeekStart::Monday => Weekday::Monday,
        };
        date.saturating_sub(i64::from(date.weekday().since(first)).days())
    }

    /// `count` things in words: «3 مصادر».
    pub fn count(&self, count: u64, forms: &PluralForms) -> String {
        self.digits(&count_in_words(count, forms))
    }

    /// A text in the site's digits.
    pub fn digits(&self, text: &impl ToString) -> String {
        let text = text.to_string();
        match self.style.digits {
            Digits::Latin => text,
            Digits::Arabic => text.chars().map(arabic_digit).collect(),
        }
    }

    /// «24 نوفمبر».
    fn day_and_month(&self, date: Date) -> String {
        let names = match self.style.months {
            MonthNames::Egypt | MonthNames::Gulf => &MONTHS,
            MonthNames::Levant => &MONTHS_OF_THE_LEVANT,
            MonthNames::Maghreb => &MONTHS_OF_THE_MAGHREB,
            MonthNames::Morocco => &MONTHS_OF_MOROCCO,
        };
        let index = usize::try_from(date.month() - 1).ok();
        let month = index.and_then(|index| names.get(index)).unwrap_or(&"");
        self.digits(&format_args!("{} {month}", date.day()))
    }
}

/// ٠ to ٩ for 0 to 9, the mark between thousands, and every other character itself.
fn arabic_digit(character: char) -> char {
    if character == ',' {
        return '٬';
    }
    let digit = character.to_digit(10).filter(|_| character.is_ascii());
    digit.and_then(|digit| char::from_u32(0x660 + digit)).unwrap_or(character)
}

fn weekday_name(date: Date) -> &'static str {
    match date.weekday() {
        Weekday::Monday => "الاثنين",
        Weekday::Tuesday => "الثلاثاء",
        Weekday::Wednesday => "الأربعاء",
        Weekday::Thursday => "الخميس",
        Weekday::Friday => "الجمعة",
        Weekday::Saturday => "السبت",
        Weekday::Sunday => "الأحد",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
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

    #[test]
    fn days_have_names_while_the_page_is_fresh() {
        let clock = LocalClock::in_timezone(Some("Asia/Riyadh"));
        let moment = Some(at("2026-11-29T15:40:00Z"));
        for (instant, expected) in [
            ("2026-11-29T15:21:00Z", "اليوم، الأحد 29 نوفمبر"),
            ("2026-11-28T21:00:00Z", "اليوم، الأحد 29 نوفمبر"),
            ("2026-11-28T20:59:00Z", "أمس، السبت 28 نوفمبر"),
            ("2026-11-27T12:00:00Z", "الجمعة 27 نوفمبر"),
            ("2025-12-31T12:00:00Z", "الأربعاء 31 ديسمبر 2025"),
            ("2026-11-29T22:00:00Z", "الاثنين 30 نوفمبر"),
        ] {
            assert_eq!(clock.format_day(at(instant), moment), expected, "{instant}");
        }
        let day = clock.format_day(at("2026-11-29T15:21:00Z"), None);
        assert_eq!(day, "الأحد 29 نوفمبر 2026", "no page is fresh at any time");
        let times = ["2026-11-29T15:21:00Z", "2026-11-28T20:59:00Z", "2025-11-28T20:59:00Z"];
        let times = times.map(|instant| clock.format_since(at(instant), moment));
        assert_eq!(times, ["18:21", "28 نوفمبر، 23:59", "28 نوفمبر 2025، 23:59"]);
        assert_eq!(
            clock.format_in_full(at("2026-11-29T15:21:00Z")),
            "الأحد 29 نوفمبر 2026، 18:21 بتوقيت الرياض"
        );
    }

    #[test]
    fn weeks_begin_with_the_day_that_the_operator_says() {
        // A Monday in Riyadh, and a Sunday in UTC.
        let now = at("2026-11-22T22:30:00Z");
        let start = |zone: &str, period: SearchPeriod, week_start: WeekStart| {
            let style = DateStyle { week_start, ..DateStyle::default() };
            let clock = LocalClock::in_timezone(Some(zone)).with_style(style);
            clock.start_of_period(period, now).to_string()
        };
        for (zone, week_start, expected) in [
            ("Asia/Riyadh", WeekStart::Saturday, "2026-11-20T21:00:00Z"),
            ("Asia/Riyadh", WeekStart::Sunday, "2026-11-21T21:00:00Z"),
            ("Asia/Riyadh", WeekStart::Monday, "2026-11-22T21:00:00Z"),
            ("UTC", WeekStart::Sunday, "2026-11-22T00:00:00Z"),
            ("UTC", WeekStart::Monday, "2026-11-16T00:00:00Z"),
        ] {
            assert_eq!(start(zone, SearchPeriod::ThisWeek, week_start), expected, "{zone}");
        }
        let saturday = WeekStart::Saturday;
        assert_eq!(start("UTC", SearchPeriod::Today, saturday), "2026-11-22T00:00:00Z");
        assert_eq!(start("Asia/Riyadh", SearchPeriod::Today, saturday), "2026-11-22T21:00:00Z");
        assert_eq!(start("Asia/Riyadh", SearchPeriod::Week, saturday), "2026-11-15T22:30:00Z");
        let clock = LocalClock::in_timezone(None);
        assert_eq!(clock.start_of_period(SearchPeriod::Year, Timestamp::MIN), Timestamp::MIN);
    }

    #[test]
    fn months_and_digits_are_those_of_the_region() {
        for (months, april, december) in [
            (MonthNames::Egypt, "أبريل", "ديسمبر"),
            (MonthNames::Gulf, "أبريل", "ديسمبر"),
            (MonthNames::Levant, "نيسان", "كانون الأول"),
            (MonthNames::Maghreb, "أفريل", "ديسمبر"),
            (MonthNames::Morocco, "أبريل", "دجنبر"),
        ] {
            let style = DateStyle { months, ..DateStyle::default() };
            let clock = LocalClock::default().with_style(style);
            let words = |text: &str| clock.format_instant(at(text));
            assert_eq!(words("2026-04-03T10:05:00Z"), format!("3 {april} 2026، 10:05"));
            assert_eq!(words("2026-12-03T10:05:00Z"), format!("3 {december} 2026، 10:05"));
        }
        let style = DateStyle { digits: Digits::Arabic, has_hijri: true, ..DateStyle::default() };
        let clock = LocalClock::default().with_style(style);
        assert_eq!(clock.format_instant(at("2026-04-03T10:05:00Z")), "٣ أبريل ٢٠٢٦، ١٠:٠٥");
        assert_eq!(
            clock.format_day(at("2024-03-11T10:05:00Z"), None),
            "الاثنين ١١ مارس ٢٠٢٤ · ١ رمضان ١٤٤٥ هـ"
        );
        assert_eq!(clock.count(14, &super::super::arabic_wording::SOURCES), "١٤ مصدرًا");
        assert_eq!(clock.count(12_345, &super::super::arabic_wording::ENTRIES), "١٢٬٣٤٥ خبرًا");
    }
}
