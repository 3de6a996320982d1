//! The address of an article → the day in its path, as most outlets write it.
//!
//! | form | example |
//! | --- | --- |
//! | year, month, day, separate | `/2026/11/29/`, `/2026-11-29/`, `/2026-11/29/`, `/news_2026_11_29` |
//! | year, month with day | `/2026/1129/` |
//! | eight digits | `/20261129/`, `/20261129-title` |
//!
//! Only the path is read. A group of digits counts only as a whole: no letter and no other digit is
//! next to it. A day that does not exist in the calendar, or that is before the Web, is ignored.

use jiff::civil::Date;

/// The first year in which an outlet could have published a page on the Web.
const FIRST_YEAR: i16 = 1994;
/// A longer address is read only up to this length.
const LONGEST_BYTES: usize = 2048;

/// A group of digits, and the character behind it (`None`: the end of the path).
struct DigitGroup<'a> {
    digits: &'a str,
    behind: Option<u8>,
}

/// The first day that the path of `link` names; `None`: it names no day.
pub fn day_in_link(link: &str) -> Option<Date> {
    let groups = digit_groups(path_of(link));
    (0..groups.len()).find_map(|at| day_in_groups(groups.get(at..)?))
}

/// The part behind scheme and host, before query and fragment.
fn path_of(link: &str) -> &str {
    let end = link.find(['?', '#']).unwrap_or(link.len());
    let link = link.get(..end).unwrap_or_default();
    let rest = link.split_once("://").map_or(link, |(_, rest)| rest);
    let path = rest.find('/').and_then(|at| rest.get(at..)).unwrap_or_default();
    path.char_indices().nth(LONGEST_BYTES).map_or(path, |(end, _)| path.get(..end).unwrap_or(path))
}

fn digit_groups(path: &str) -> Vec<DigitGroup<'_>> {
    let bytes = path.as_bytes();
    let mut groups = Vec::new();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            // A percent escape is one character.
            b'%' => at += 3,
            byte if byte.is_ascii_digit() => {
                let rest = bytes.get(at..).unwrap_or_default();
                let length = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
                let behind = rest.get(length).copied();
                let before = at.checked_sub(1).and_then(|before| bytes.get(before));
                let is_alone = ![before.copied(), behind].into_iter().flatten().any(is_letter);
                if let Some(digits) = path.get(at..at + length).filter(|_| is_alone) {
                    groups.push(DigitGroup { digits, behind });
                } else {
                    // An empty group separates the digits before it from those behind it.
                    groups.push(DigitGroup { digits: "", behind: None });
                }
                at += length;
            }
            _ => at += 1,
        }
    }
    groups
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || !byte.is_ascii()
}

/// The day that the first groups form together.
fn day_in_groups(groups: &[DigitGroup<'_>]) -> Option<Date> {
    let first = groups.first()?;
    let (second, third) = (groups.get(1), groups.get(2));
    let is_joined =
        |group: &DigitGroup<'_>| matches!(group.behind, Some(b'/' | b'-' | b'_' | b'.'));
    match first.digits.len() {
        8 => valid_date(first.digits.get(..4)?, first.digits.get(4..6)?, first.digits.get(6..)?),
        4 if is_joined(first) => match (second?, third) {
            (second, _) if second.digits.len() == 4 && first.behind == Some(b'/') => {
                valid_date(first.digits, second.digits.get(..2)?, second.digits.get(2..)?)
            }
            (second, Some(third)) if is_joined(second) && is_short(second) && is_short(third) => {
                valid_date(first.digits, second.digits, third.digits)
            }
            _ => None,
        },
        _ => None,
    }
}

fn is_short(group: &DigitGroup<'_>) -> bool {
    matches!(group.digits.len(), 1 | 2)
}

fn valid_date(year: &str, month: &str, day: &str) -> Option<Date> {
    let year = year.parse().ok().filter(|year| *year >= FIRST_YEAR)?;
    Date::new(year, month.parse().ok()?, day.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_in_every_form() {
        let check = |link: &str, expected: Option<&str>| {
            let found = day_in_link(link).map(|day| day.to_string());
            assert_eq!(found.as_deref(), expected, "{link}");
        };
        let day = Some("2026-11-29");
        check("https://news.example/2026/11/29/title", day);
        check("https://news.example/2026/11/29", day);
        check("https://news.example/ar/2026/11/29/?page=2", day);
        check("https://news.example/2026-11-29/title", day);
        check("https://news.example/story-2026-11-29-title.html", day);
        check("https://news.example/2026-11/29/c_123.htm", day);
        check("https://news.example/2026/1129/c90000-1.html", day);
        check("https://news.example/20261129/1.shtml", day);
        check("https://news.example/a/20261129-title", day);
        check("https://news.example/news_2026_11_29", day);
        check("https://news.example/2026.11.29/x", day);
        check("/2026/11/29/x", day);
        check("https://news.example/2026/1/5/x", Some("2026-01-05"));
        check("https://news.example/12/2026/11/29/x", day);
        check("https://news.example/%D8%AE%D8%A8%D8%B1-2026-11-29", day);
        check("https://news.example/2024/02/29/x", Some("2024-02-29"));
        // A day that does not exist, or no day at all.
        check("https://news.example/2025/02/29/x", None);
        check("https://news.example/2026/13/01/x", None);
        check("https://news.example/2026/11/32/x", None);
        check("https://news.example/20261301/x", None);
        check("https://news.example/1970/01/01/x", None);
        check("https://news.example/2026/11/title", None);
        check("https://news.example/2026/", None);
        check("https://news.example/2025/2026/11", None);
        check("https://news.example/12345678", None);
        check("https://news.example/120261129", None);
        check("https://news.example/202611291", None);
        check("https://news.example/a20261129", None);
        check("https://news.example/20261129خبر", None);
        check("https://news.example/2026/11x/29", None);
        check("https://news.example/%2026/11/29", None);
        check("https://2026.11.29.example/x", None);
        check("https://news.example/x?d=2026/11/29", None);
        check("https://news.example/x#/2026/11/29", None);
        check("https://news.example", None);
        check("", None);
        check("%", None);
    }

    proptest::proptest! {
        #[test]
        fn no_link_panics(link in "\\PC{0,80}") {
            let _ = day_in_link(&link);
        }
    }
}
