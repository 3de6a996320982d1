//! A relative date («منذ ساعتين», «أمس 14:30», `3 hours ago`) and the time of reading → an instant.
//!
//! | words | instant |
//! | --- | --- |
//! | `منذ`, `قبل`, `il y a` and an amount; an amount and `ago` or `مضت` | that amount before |
//! | «بضع», «عدة» or nothing before a plural («منذ ساعات») | three, the fewest that the words allow |
//! | `الآن`, `للتو`, `منذ قليل`, `just now` | the time of reading |
//! | a day by its name («أمس 14:30») | `named_days` |
//!
//! Publishers round down: «منذ يومين» may be almost three days ago. A month has thirty days here, a
//! year 365. Sentences and points in history are no dates («تصدر منذ عام 1990», «قبل عام 2000», «منذ يوم
//! الأحد»): no number and no weekday follows the amount, and at most three words are no part of it.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::named_parts::{is_quiet, weekday_at};
use super::pieces::{DatePiece, fold_letters, split_into_pieces};
use super::{DateContext, DateReading, named_days, without_year};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Units, folded: the singular, which means one of it, and plurals, which need a number.
const UNITS: &[(&[&str], &[&str], i64)] = &[
    (
        &["ثانيه", "second", "seconde"],
        &["ثوان", "ثواني", "ث", "seconds", "secs", "sec", "secondes"],
        1,
    ),
    (&["دقيقه", "minute"], &["دقايق", "د", "minutes", "mins", "min"], MINUTE),
    (&["ساعه", "hour", "heure"], &["ساعات", "س", "hours", "hrs", "hr", "heures"], HOUR),
    (&["يوم", "day", "jour"], &["ايام", "يوما", "days", "jours"], DAY),
    (&["اسبوع", "week", "semaine"], &["اسابيع", "اسبوعا", "weeks", "semaines"], 7 * DAY),
    (&["شهر", "month", "mois"], &["اشهر", "شهور", "شهرا", "months"], 30 * DAY),
    (&["سنه", "عام", "year", "an"], &["سنوات", "سنين", "اعوام", "عاما", "years", "ans"], 365 * DAY),
];

/// Arabic duals, folded, in both cases.
const DUALS: &[(&[&str], i64)] = &[
    (&["ثانيتين", "ثانيتان"], 1),
    (&["دقيقتين", "دقيقتان"], MINUTE),
    (&["ساعتين", "ساعتان"], HOUR),
    (&["يومين", "يومان"], DAY),
    (&["اسبوعين", "اسبوعان"], 7 * DAY),
    (&["شهرين", "شهران"], 30 * DAY),
    (&["سنتين", "سنتان", "عامين", "عامان"], 365 * DAY),
];

/// Numbers as words, folded, with and without taa marbuta.
const NUMBER_WORDS: &[(&[&str], i64)] = &[
    (&["a", "an", "one", "une", "un", "واحده", "واحد"], 1),
    (&["two", "deux"], 2),
    (&["ثلاث", "ثلاثه"], 3),
    (&["اربع", "اربعه"], 4),
    (&["خمس", "خمسه"], 5),
    (&["ست", "سته"], 6),
    (&["سبع", "سبعه"], 7),
    (&["ثماني", "ثمانيه", "ثمان"], 8),
    (&["تسع", "تسعه"], 9),
    (&["عشر", "عشره"], 10),
    (&["بضع", "بضعه", "عده", "several"], FEWEST),
];

/// The fewest that a plural without a number means in Arabic: two has a form of its own.
const FEWEST: i64 = 3;

/// The longest unit whose plural is read without a number: «منذ سنوات» is no date.
const LONGEST_BARE_UNIT: i64 = 7 * DAY;

/// Fractions of a unit, folded, by their denominators.
const UNIT_PARTS: &[(&str, i64)] = &[("نصف", 2), ("ثلث", 3), ("ربع", 4)];

/// Words before or between amounts that change nothing, folded.
const FILLER_WORDS: &[&str] =
    &["نحو", "حوالي", "قرابه", "تقريبا", "اكثر", "اقل", "من", "about", "over"];

/// Words behind an amount that say that it is past, folded.
const PAST_WORDS: &[&str] = &["ago", "مضت", "مضي", "مضيا", "مضتا", "خلت"];

/// Words for the time of reading, folded, alone or between words that change nothing.
const NOW_WORDS: &[&str] = &["الان", "للتو", "توا", "now"];

/// Words of a date that are no part of its amount, at most: the label before it, the category behind it.
const MOST_OTHER_WORDS: usize = 3;

/// Words for a negligible amount, folded; they follow `منذ` or `قبل`.
const NEGLIGIBLE: &[&str] = &["قليل", "لحظات", "لحظه", "ثوان", "ثواني", "قليله"];

/// Whether `words` are a date that only the time of reading completes: a relative one, or a day
/// without a year.
pub fn is_relative(words: &str) -> bool {
    let any_time = Timestamp::from_second(30 * 365 * DAY).unwrap_or_default();
    read_relative(words, any_time, None).is_some() && super::read_date(words, None).is_none()
}

/// The instant of a relative date or of a day without a year, counted from `now`, with clock times in
/// `zone` (UTC when `None`). `None`: `words` are no such date.
pub fn read_relative(words: &str, now: Timestamp, zone: Option<&TimeZone>) -> Option<Timestamp> {
    let context = DateContext { zone, now: Some(now), ..DateContext::default() };
    let words = super::trimmed_and_bounded(words)?;
    read_relative_in_context(words, &context).map(|reading| reading.instant)
}

/// The same, with what is doubtful about the date. `None` also without the time of reading.
pub(super) fn read_relative_in_context(
    words: &str,
    context: &DateContext<'_>,
) -> Option<DateReading> {
    let now = context.now?;
    let may_be_relative = may_be_relative(words);
    if !may_be_relative && without_year::has_year_of_four_digits(words) {
        return None;
    }
    let folded = fold_letters(words);
    let without_year = || without_year::read_without_year(&folded, context);
    if !may_be_relative {
        return without_year();
    }
    let pieces = split_into_pieces(&folded);
    let piece_words: Vec<&str> = pieces.iter().map(word_of).collect();
    if is_now(&pieces) {
        return Some(DateReading { instant: now, doubts: Vec::new() });
    }
    let ago = || {
        let seconds = seconds_ago(&pieces, &piece_words)?;
        let instant = now.checked_sub(SignedDuration::from_secs(seconds)).ok()?;
        (instant.as_second() > 0).then_some(DateReading { instant, doubts: Vec::new() })
    };
    let on_named_day = || named_days::read_named_day(&pieces, &folded, context);
    on_named_day().or_else(ago).or_else(without_year)
}

/// A quick check, as nearly all dates are absolute: a relative date in ASCII letters contains one
/// of these words.
fn may_be_relative(words: &str) -> bool {
    let lower = words.to_ascii_lowercase();
    !words.is_ascii()
        || ["ago", "day", "hier", "il y a", "now"].iter().any(|sign| lower.contains(sign))
}

/// The letters of a piece; empty when it has none.
fn word_of(piece: &DatePiece) -> &str {
    match piece {
        DatePiece::Word(word) => word,
        DatePiece::Number(..) | DatePiece::Mark(_) => "",
    }
}

/// Whether the pieces say «now» and nothing else.
fn is_now(pieces: &[DatePiece]) -> bool {
    let is_now_word = |piece: &DatePiece| NOW_WORDS.contains(&word_of(piece));
    let mut others = pieces.iter().filter(|piece| !is_now_word(piece));
    pieces.iter().any(is_now_word)
        && others.all(|piece| is_quiet(piece) || word_of(piece) == "just")
}

/// How many seconds ago.
fn seconds_ago(pieces: &[DatePiece], piece_words: &[&str]) -> Option<i64> {
    let starts = |start: usize, amount: usize| {
        let rest = pieces.get(amount..)?;
        if piece_words.get(amount).is_some_and(|word| NEGLIGIBLE.contains(word)) {
            return is_alone(pieces, start..amount + 1).then_some(0);
        }
        let (seconds, used) = amount_at_front(rest)?;
        is_alone(pieces, start..amount + used).then_some(seconds)
    };
    if let Some(at) = piece_words.iter().position(|word| matches!(*word, "منذ" | "قبل")) {
        return starts(at, at + 1);
    }
    if let Some(at) = piece_words.windows(3).position(|three| three == ["il", "y", "a"]) {
        return starts(at, at + 3);
    }
    let end = piece_words.iter().position(|word| PAST_WORDS.contains(word))?;
    (0..end).find_map(|start| {
        let (seconds, used) = amount_at_front(pieces.get(start..end)?)?;
        (start + used == end && is_alone(pieces, start..end + 1)).then_some(seconds)
    })
}

/// Whether the rest of a date leaves its amount what it is: no number and no weekday directly behind it,
/// few other words.
fn is_alone(pieces: &[DatePiece], amount: std::ops::Range<usize>) -> bool {
    let (Some(before), Some(behind)) = (pieces.get(..amount.start), pieces.get(amount.end..))
    else {
        return false;
    };
    let is_point =
        matches!(behind.first(), Some(DatePiece::Number(..))) || weekday_at(behind).is_some();
    let is_other = |piece: &&DatePiece| matches!(piece, DatePiece::Word(_)) && !is_quiet(piece);
    !is_point && before.iter().chain(behind).filter(is_other).count() <= MOST_OTHER_WORDS
}

/// The amount of time at the front, in seconds, and the number of pieces it uses. `None`: no
/// amount, or more than ten years.
fn amount_at_front(pieces: &[DatePiece]) -> Option<(i64, usize)> {
    let (mut seconds, mut used, mut at) = (0_i64, 0, 0);
    let mut last_unit = HOUR;
    while let Some(rest) = pieces.get(at..).filter(|rest| !rest.is_empty()) {
        if let Some((part, unit, length)) = number_and_unit(rest, last_unit) {
            seconds = seconds.checked_add(part)?;
            last_unit = unit;
            at += length;
            used = at;
        } else if is_between(&rest[0]) {
            at += 1;
        } else {
            break;
        }
    }
    (used > 0 && seconds <= 10 * 365 * DAY).then_some((seconds, used))
}

fn is_between(piece: &DatePiece) -> bool {
    match piece {
        DatePiece::Word(word) => {
            FILLER_WORDS.contains(&word.as_str()) || word == "و" || word == "and"
        }
        DatePiece::Mark(mark) => *mark == ',',
        DatePiece::Number(..) => false,
    }
}

/// One number and its unit: their seconds, those of the unit, and the number of pieces they use. `last_unit`
/// is the one before.
fn number_and_unit(rest: &[DatePiece], last_unit: i64) -> Option<(i64, i64, usize)> {
    match rest {
        [DatePiece::Number(number, digits), DatePiece::Word(unit), ..] if *digits <= 4 => {
            let unit = unit_of(unit)?;
            Some((i64::from(*number) * unit, unit, 2))
        }
        [DatePiece::Word(word), tail @ ..] => {
            // «ساعة ونصف»: the conjunction is part of the word.
            let bare = word.strip_prefix('و').filter(|bare| bare.chars().count() > 1);
            [Some(word.as_str()), bare]
                .into_iter()
                .flatten()
                .find_map(|word| worded_amount(word, tail, last_unit))
        }
        _ => None,
    }
}

/// The same, in words alone.
fn worded_amount(word: &str, tail: &[DatePiece], last_unit: i64) -> Option<(i64, i64, usize)> {
    if let Some((_, unit)) = DUALS.iter().find(|(names, _)| names.contains(&word)) {
        return Some((2 * unit, *unit, 1));
    }
    let next = tail.first().map(word_of).unwrap_or_default();
    if let Some((_, part)) = UNIT_PARTS.iter().find(|(name, _)| *name == word) {
        // «ساعة ونصف» is half of the unit before it.
        let unit = unit_of(next);
        let whole = unit.unwrap_or(last_unit);
        return Some((whole / part, whole, 1 + usize::from(unit.is_some())));
    }
    if let Some((_, number)) = NUMBER_WORDS.iter().find(|(names, _)| names.contains(&word))
        && let Some(unit) = unit_of(next)
    {
        return Some((number * unit, unit, 2));
    }
    if let Some((.., unit)) = UNITS.iter().find(|(one, ..)| one.contains(&word)) {
        return Some((*unit, *unit, 1));
    }
    // A letter alone is the sign of a unit, behind a number only.
    let (.., unit) = UNITS.iter().find(|(_, many, _)| many.contains(&word))?;
    let is_plural = word.chars().count() > 1 && !word.is_ascii() && !word.ends_with('ا');
    (is_plural && *unit <= LONGEST_BARE_UNIT).then_some((FEWEST * unit, *unit, 1))
}

fn unit_of(word: &str) -> Option<i64> {
    let found = UNITS.iter().find(|(one, many, _)| one.contains(&word) || many.contains(&word));
    found.map(|(.., seconds)| *seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `expected` in RFC 3339, UTC; empty: the words are not read. The time of reading is a
    /// Wednesday, half past two in Riyadh.
    fn check(words: &str, expected: &str) {
        let now = "2026-11-25T11:30:00Z".parse().unwrap();
        let got = read_relative(words, now, super::super::parse_zone("Asia/Riyadh").as_ref());
        assert_eq!(got.map(|at| at.to_string()).unwrap_or_default(), expected, "{words:?}");
        assert_eq!(is_relative(words), !expected.is_empty(), "{words:?}");
    }

    #[test]
    fn amounts_of_time_ago() {
        for (words, seconds) in [
            ("منذ دقيقة", MINUTE),
            ("منذ دقيقتين", 2 * MINUTE),
            ("منذ 5 دقائق", 5 * MINUTE),
            ("قبل ١٥ دقيقة", 15 * MINUTE),
            ("منذ ساعة", HOUR),
            ("منذ ساعة واحدة", HOUR),
            ("قبل ساعتين", 2 * HOUR),
            ("منذ 3 ساعات", 3 * HOUR),
            ("منذ ثلاث ساعات", 3 * HOUR),
            ("نُشر منذ خمس دقائق", 5 * MINUTE),
            ("منذ نصف ساعة", HOUR / 2),
            ("قبل ربع ساعة", HOUR / 4),
            ("منذ ساعة ونصف", HOUR + HOUR / 2),
            ("منذ ساعة و 20 دقيقة", HOUR + 20 * MINUTE),
            ("منذ ساعتين و5 دقائق", 2 * HOUR + 5 * MINUTE),
            ("منذ حوالي 4 ساعات", 4 * HOUR),
            ("آخر تحديث: منذ 11 ساعة | اقتصاد", 11 * HOUR),
            ("منذ يوم", DAY),
            ("منذ يومين", 2 * DAY),
            ("قبل 3 أيام", 3 * DAY),
            ("منذ 12 يوماً", 12 * DAY),
            ("منذ أسبوع", 7 * DAY),
            ("منذ أسبوعين", 14 * DAY),
            ("منذ 3 أسابيع", 21 * DAY),
            ("منذ شهر", 30 * DAY),
            ("منذ شهرين", 60 * DAY),
            ("منذ 5 أشهر", 150 * DAY),
            ("منذ سنتين", 730 * DAY),
            ("منذ لحظات", 0),
            ("قبل قليل", 0),
            ("الآن", 0),
            ("3 hours ago", 3 * HOUR),
            ("Posted an hour ago", HOUR),
            ("1 day, 2 hours ago", DAY + 2 * HOUR),
            ("il y a 2 heures", 2 * HOUR),
            ("just now", 0),
            ("3 أيام مضت", 3 * DAY),
            ("ساعتان مضتا", 2 * HOUR),
            ("قبل 5 د", 5 * MINUTE),
            ("منذ 5 د", 5 * MINUTE),
            ("منذ 2 س", 2 * HOUR),
            ("منذ بضع دقائق", 3 * MINUTE),
            ("منذ عدة ساعات", 3 * HOUR),
            ("قبل بضعة أيام", 3 * DAY),
            ("منذ ساعات", 3 * HOUR),
            ("منذ دقائق", 3 * MINUTE),
            ("منذ عام ونصف", 365 * DAY + 365 * DAY / 2),
            ("منذ يوم واحد", DAY),
            ("للتو", 0),
            ("نُشر للتو", 0),
            ("نُشر الآن", 0),
        ] {
            let now: Timestamp = "2026-11-25T11:30:00Z".parse().unwrap();
            let then = now - SignedDuration::from_secs(seconds);
            check(words, &then.to_string());
        }
    }

    #[test]
    fn an_absolute_date_is_not_relative() {
        for words in ["اليوم الأحد 8 أبريل 2018", "اليوم 08/04/2018 10:00", "today 8 Apr 2018"]
        {
            assert!(super::super::read_date(words, None).is_some(), "{words}");
            assert!(!is_relative(words), "{words}");
        }
    }

    #[test]
    fn words_without_a_relative_date() {
        for words in [
            "",
            "منذ",
            "منذ 2018",
            "منذ زمن",
            "قبل الميلاد",
            "3 ساعات",
            "قراءة 5 دقائق",
            "منذ 99999999 ساعة",
            "منذ 9999 شهراً",
            "8 أبريل 2018",
            "عاجل",
            "months ago",
            "two kinds ago",
            "منذ عام 1990",
            "منذ العام 1990",
            "تصدر منذ عام 1990",
            "قبل عام 2000",
            "منذ سنة 2011",
            "منذ شهر 10",
            "منذ يوم الأحد",
            "منذ يوم الأحد الماضي",
            "منذ سنوات",
            "منذ أشهر",
            "منذ قليل من الناس كانوا يعرفون هذا المكان",
            "أعلن قبل شهرين عن خطة جديدة لتوسعة الميناء",
            "الآن في الأسواق",
            "منذ س",
            "5 د",
            "مضت",
        ] {
            check(words, "");
        }
    }
}
