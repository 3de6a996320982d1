//! A word that is no length of time, zone or language as this file writes them → the value that was probably meant.

use rafid_feed::dates;
use rafid_feed::model::Language;

use super::suggest::suggest_nearest;
use super::units;

/// Words for units of time, and the unit. A month and a year are no units: their lengths differ.
const UNIT_WORDS: [(&str, &[&str]); 5] = [
    ("s", &["s", "sec", "secs", "second", "seconds", "ثانية", "ثوان"]),
    ("m", &["m", "min", "mins", "minute", "minutes", "دقيقة", "دقائق"]),
    ("h", &["h", "hr", "hrs", "hour", "hours", "ساعة", "ساعات"]),
    ("d", &["d", "day", "days", "يوم", "أيام"]),
    ("w", &["w", "week", "weeks", "أسبوع", "أسابيع"]),
];

/// Names of languages, and their tags (BCP 47).
const LANGUAGES: [(&str, &str); 10] = [
    ("arabic", "ar"),
    ("عربي", "ar"),
    ("عربية", "ar"),
    ("العربية", "ar"),
    ("english", "en"),
    ("french", "fr"),
    ("kurdish", "ku"),
    ("persian", "fa"),
    ("turkish", "tr"),
    ("hebrew", "he"),
];

/// `30m` for `30 minutes`, `1h30m` for `1 hour 30 min`. `None`: something else was meant.
pub(super) fn suggest_duration(words: &str) -> Option<String> {
    let mut rest = words.trim();
    let mut suggested = String::new();
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, after) =
            rest.split_at_checked(digits).filter(|(number, _)| !number.is_empty())?;
        let after = after.trim_start();
        let end = after.find(|c: char| !c.is_alphabetic()).unwrap_or(after.len());
        let (word, next) = after.split_at_checked(end)?;
        let word = word.to_lowercase();
        let (unit, _) = UNIT_WORDS.iter().find(|(_, words)| words.contains(&word.as_str()))?;
        suggested.extend([number, *unit]);
        rest = next.trim_start_matches([' ', ',']);
    }
    units::parse_duration(&suggested).map(|_| suggested)
}

/// `Asia/Riyadh` for `Riyadh` and `Asia/Ryadh`, `+03:00` for `GMT+3`.
pub(super) fn suggest_zone(name: &str) -> Option<String> {
    let name = name.trim();
    let offset = name.to_ascii_uppercase();
    let offset = offset.strip_prefix("GMT").or_else(|| offset.strip_prefix("UTC"));
    if let Some(offset) = offset.map(str::trim).filter(|offset| dates::parse_zone(offset).is_some())
    {
        return Some(offset.to_owned());
    }
    let mut zones: Vec<String> =
        jiff::tz::db().available().map(|zone| zone.as_str().to_owned()).collect();
    zones.sort_unstable();
    // Cities are separated by `_` where people write a blank.
    let spelled = name.replace([' ', '-'], "_");
    let city = |zone: &str| zone.rsplit('/').next().unwrap_or_default().to_owned();
    let by_city = zones.iter().find(|zone| city(zone).eq_ignore_ascii_case(&spelled));
    if let Some(zone) = by_city {
        return Some(zone.clone());
    }
    if let Some(near) = suggest_nearest(&spelled, zones.iter().map(String::as_str)) {
        return Some(near.to_owned());
    }
    let cities: Vec<String> = zones.iter().map(|zone| city(zone)).collect();
    let near = suggest_nearest(&spelled, cities.iter().map(String::as_str))?;
    zones.into_iter().zip(&cities).find(|(_, city)| *city == near).map(|(zone, _)| zone)
}

/// `ar` for `Arabic`, `ar-EG` for `ar_EG`.
pub(super) fn suggest_language(name: &str) -> Option<String> {
    let hyphens = name.trim().replace('_', "-");
    if hyphens != name && Language::parse(&hyphens).is_some() {
        return Some(hyphens);
    }
    let near = suggest_nearest(&hyphens, LANGUAGES.iter().map(|(name, _)| *name))?;
    LANGUAGES.iter().find(|(name, _)| *name == near).map(|(_, tag)| (*tag).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_suggested_in_their_own_form() {
        for (words, expected) in [
            ("30 min", Some("30m")),
            ("30min", Some("30m")),
            ("1 hour, 30 minutes", Some("1h30m")),
            ("2 Days", Some("2d")),
            ("15 دقيقة", Some("15m")),
            ("30 minutes 1 hour", None),
            ("3 months", None),
            ("1y", None),
            ("often", None),
            ("30", None),
            ("1.5h", None),
            ("", None),
        ] {
            assert_eq!(suggest_duration(words).as_deref(), expected, "{words:?}");
        }
    }

    #[test]
    fn zones_are_suggested_by_city_and_spelling() {
        for (name, expected) in [
            ("Riyadh", Some("Asia/Riyadh")),
            ("cairo", Some("Africa/Cairo")),
            ("Asia/Ryadh", Some("Asia/Riyadh")),
            ("Bagdad", Some("Asia/Baghdad")),
            ("New York", Some("America/New_York")),
            ("GMT+3", Some("+3")),
            ("utc +03:00", Some("+03:00")),
            ("nowhere at all", None),
            ("", None),
        ] {
            assert_eq!(suggest_zone(name).as_deref(), expected, "{name:?}");
        }
    }

    #[test]
    fn languages_are_suggested_by_name() {
        for (name, expected) in [
            ("Arabic", Some("ar")),
            ("العربية", Some("ar")),
            ("ar_EG", Some("ar-EG")),
            ("englisch", Some("en")),
            ("klingon", None),
            ("", None),
        ] {
            assert_eq!(suggest_language(name).as_deref(), expected, "{name:?}");
        }
    }
}
