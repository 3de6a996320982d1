//! A day by its name («أمس 14:30», `yesterday`) and the time of reading → an instant.
//!
//! | words | instant |
//! | --- | --- |
//! | the name with a clock time | that day at that time, in the zone |
//! | the name alone, or with its weekday, a part of the day, or words that change nothing | that number of days before |
//!
//! The names are ordinary words, too, and names of papers and of days («اليوم السابع», «المصري اليوم», «اليوم
//! العالمي للكتاب»): with another word beside them they are no date. Neither are two of them («أمس واليوم»).

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::clock_times::DayHalf;
use super::named_parts::{is_quiet, weekday_at};
use super::pieces::DatePiece;
use super::tables::AT_THE_HOUR;
use super::{DateContext, DateDoubt, DateReading};

/// Names of days, folded, and how many days ago they were. Longer names come first.
const DAY_NAMES: &[(&[&str], i32)] = &[
    (&["اول", "من", "امس"], 2),
    (&["اول", "امس"], 2),
    (&["امس", "الاول"], 2),
    (&["قبل", "امس"], 2),
    (&["امس"], 1),
    (&["البارحه"], 1),
    (&["اليوم"], 0),
    (&["yesterday"], 1),
    (&["today"], 0),
    (&["hier"], 1),
];

/// A name found among the pieces of a date.
struct NamedDay<'a> {
    names: &'a [&'a str],
    days_back: i32,
    before: &'a [DatePiece],
    behind: &'a [DatePiece],
}

/// Reads a date with the name of a day; `None`: there is no such name, or it names no day.
pub(super) fn read_named_day(
    pieces: &[DatePiece],
    folded: &str,
    context: &DateContext<'_>,
) -> Option<DateReading> {
    let found = find_name(pieces)?;
    let zone = context.zone.cloned().unwrap_or(TimeZone::UTC);
    let days = jiff::Span::new().days(found.days_back);
    let then = context.now?.to_zoned(zone.clone()).checked_sub(days).ok()?;
    if folded.contains(':') || found.has_hour() {
        let words = format!("{} {}", then.date(), found.other_words(folded));
        let reading = super::parse_tolerant(&words, Some(&zone), context.order)?;
        return found.is_only_time(&reading, folded.contains(':')).then_some(reading);
    }
    found.is_alone().then(|| reading_at(then.timestamp()))
}

fn reading_at(instant: Timestamp) -> DateReading {
    DateReading { instant, doubts: Vec::new() }
}

fn find_name(pieces: &[DatePiece]) -> Option<NamedDay<'_>> {
    DAY_NAMES.iter().find_map(|(names, days_back)| {
        let is_name = |some: &[DatePiece]| {
            some.iter()
                .zip(*names)
                .all(|(piece, name)| matches!(piece, DatePiece::Word(word) if word == name))
        };
        let at = pieces.windows(names.len()).position(is_name)?;
        let (before, behind) = (pieces.get(..at)?, pieces.get(at + names.len()..)?);
        Some(NamedDay { names, days_back: *days_back, before, behind })
    })
}

impl NamedDay<'_> {
    /// Whether an hour is written without minutes: «الساعة 3», «3 مساءً».
    fn has_hour(&self) -> bool {
        let others = || self.before.iter().chain(self.behind);
        let is_hour_word = |piece: &DatePiece| {
            DayHalf::at_front(std::slice::from_ref(piece)).is_some()
                || matches!(piece, DatePiece::Word(word) if AT_THE_HOUR.contains(&word.as_str()))
        };
        others().any(|piece| matches!(piece, DatePiece::Number(_, 1 | 2)))
            && others().any(is_hour_word)
    }

    /// The words around the name.
    fn other_words(&self, folded: &str) -> String {
        let before = self.names.first().and_then(|first| folded.split_once(first));
        let behind = self.names.last().and_then(|last| folded.split_once(last));
        let (before, behind) = (before.map_or("", |cut| cut.0), behind.map_or("", |cut| cut.1));
        format!("{before} {behind}")
    }

    /// Whether all is understood that could change the meaning of the name: numbers, the words beside it, and
    /// every word if the time has no minutes.
    fn is_only_time(&self, reading: &DateReading, has_minutes: bool) -> bool {
        let is_beside = |part: &str| {
            let beside = [self.before.last(), self.behind.first()];
            beside.into_iter().flatten().any(|piece| piece.text().as_deref() == Some(part))
        };
        reading.doubts.iter().all(|doubt| match doubt {
            DateDoubt::UnreadPart(part) => {
                let is_number = part.bytes().any(|byte| byte.is_ascii_digit());
                has_minutes && !is_number && !is_beside(part)
            }
            DateDoubt::UnknownZone(_) | DateDoubt::GuessedYear => true,
        })
    }

    /// Whether nothing else is in the date that could be a name.
    fn is_alone(&self) -> bool {
        let are_of_day = |pieces: &[DatePiece]| {
            (0..pieces.len()).all(|at| pieces.get(at..).is_some_and(is_of_day))
        };
        are_of_day(self.before) && are_of_day(self.behind)
    }
}

/// Whether the piece at the front may stand beside the name of a day.
fn is_of_day(rest: &[DatePiece]) -> bool {
    weekday_at(rest).is_some()
        || DayHalf::at_front(rest).is_some()
        || rest.first().is_some_and(|piece| match piece {
            DatePiece::Word(word)
                if DAY_NAMES.iter().any(|(names, _)| names == &[word.as_str()]) =>
            {
                false
            }
            DatePiece::Word(word) if PARTS_OF_DAY.contains(&word.as_str()) => true,
            piece => is_quiet(piece),
        })
}

/// Parts of a day that name no hour, folded.
const PARTS_OF_DAY: &[&str] = &["صباح", "ظهر", "عصر", "فجر", "ليل", "ليله", "morning", "evening"];

#[cfg(test)]
mod tests {
    use super::super::{is_relative, parse_zone, read_relative};

    /// As in `relative`: a Wednesday, half past two in Riyadh.
    fn check(words: &str, expected: &str) {
        let now = "2026-11-25T11:30:00Z".parse().unwrap();
        let got = read_relative(words, now, parse_zone("Asia/Riyadh").as_ref());
        assert_eq!(got.map(|at| at.to_string()).unwrap_or_default(), expected, "{words:?}");
        assert_eq!(is_relative(words), !expected.is_empty(), "{words:?}");
    }

    #[test]
    fn named_days() {
        check("اليوم", "2026-11-25T11:30:00Z");
        check("اليوم 09:15", "2026-11-25T06:15:00Z");
        check("اليوم الساعة 9:15 صباحاً", "2026-11-25T06:15:00Z");
        check("14:05 اليوم", "2026-11-25T11:05:00Z");
        check("أمس", "2026-11-24T11:30:00Z");
        check("أمس، ١٠:٠٠ م", "2026-11-24T19:00:00Z");
        check("البارحة 08:00 بتوقيت غرينتش", "2026-11-24T08:00:00Z");
        check("أول أمس 08:00", "2026-11-23T05:00:00Z");
        check("أول من أمس", "2026-11-23T11:30:00Z");
        check("Yesterday at 10:00 PM", "2026-11-24T19:00:00Z");
        check("مساء أمس", "2026-11-24T11:30:00Z");
        check("أمس الثلاثاء", "2026-11-24T11:30:00Z");
        check("نُشر اليوم", "2026-11-25T11:30:00Z");
        check("أمس الساعة 3 مساءً", "2026-11-24T12:00:00Z");
        check("اليوم 8 صباحاً", "2026-11-25T05:00:00Z");
    }

    #[test]
    fn names_of_papers_and_days_are_no_dates() {
        for words in [
            "اليوم السابع",
            "المصري اليوم",
            "السعودية اليوم",
            "اليوم الوطني",
            "اليوم العالمي للغة العربية",
            "أمس واليوم وغدا",
            "أمس واليوم",
            "أمس اليوم",
            "المصري اليوم 10:30",
            "اليوم السابع - 10:30",
            "اليوم 2026",
            "اليوم 5",
            "USA Today",
            "today in history",
        ] {
            check(words, "");
        }
    }

    #[test]
    fn a_day_and_a_month_beside_the_name_win() {
        check("اليوم 24 نوفمبر", "2026-11-23T21:00:00Z");
        check("اليوم الثلاثاء 24 نوفمبر 10:30", "2026-11-24T07:30:00Z");
    }
}
