//! A Gregorian day → the day of the Umm al-Qura calendar in words: «19 جمادى الآخرة 1448 هـ».
//!
//! The civil calendar of Saudi Arabia, by the table of `icu_calendar`. Other countries follow sightings of the
//! moon and may be a day off.

use icu_calendar::Date;
use icu_calendar::cal::Hijri;

/// The months of the Hijri year.
const MONTHS: [&str; 12] = [
    "محرم",
    "صفر",
    "ربيع الأول",
    "ربيع الآخر",
    "جمادى الأولى",
    "جمادى الآخرة",
    "رجب",
    "شعبان",
    "رمضان",
    "شوال",
    "ذو القعدة",
    "ذو الحجة",
];

/// The day in words; `None`: the calendar does not reach it.
pub(super) fn hijri_day_in_words(day: jiff::civil::Date) -> Option<String> {
    let (month, date) = (u8::try_from(day.month()).ok()?, u8::try_from(day.day()).ok()?);
    let gregorian = Date::try_new_gregorian(i32::from(day.year()), month, date).ok()?;
    let hijri = gregorian.to_calendar(Hijri::new_umm_al_qura());
    let name = MONTHS.get(usize::from(hijri.month().ordinal).checked_sub(1)?)?;
    Some(format!("{} {name} {} هـ", hijri.day_of_month().0, hijri.era_year().year))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_published_calendar() {
        for (day, expected) in [
            ("2024-03-11", "1 رمضان 1445 هـ"),
            ("2023-07-19", "1 محرم 1445 هـ"),
            ("2024-06-16", "10 ذو الحجة 1445 هـ"),
            ("2025-03-30", "1 شوال 1446 هـ"),
        ] {
            assert_eq!(
                hijri_day_in_words(day.parse().unwrap()).as_deref(),
                Some(expected),
                "{day}"
            );
        }
    }
}
