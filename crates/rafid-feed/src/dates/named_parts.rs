//! Words of a date → the month or the weekday that they name.

use super::calendar_months::LIBYAN_MONTHS;
use super::known_words::{FILLERS, PLACE_FILLERS, WEEKDAY_PAIRS, WEEKDAYS};
use super::months::{MONTHS, NUMBERED_MONTHS};
use super::numeric::three_numbers_at;
use super::pieces::DatePiece::{self, Mark, Number, Word};

/// The month that begins at `word`, and the pieces it uses. Names of two words are tried first.
pub(super) fn month_at(word: &str, tail: &[DatePiece]) -> Option<(u32, usize)> {
    let row = |name: &str| {
        let rows = MONTHS.iter().chain(LIBYAN_MONTHS);
        rows.into_iter().find(|(row, _)| *row == name).map(|(_, number)| *number)
    };
    // A joiner between two words, which is no white space, is dropped: «تشرين الثاني» may come as one word.
    let joined = |name: &str| {
        let is_joined =
            |row: &str| row.contains(' ') && row.chars().filter(|c| *c != ' ').eq(name.chars());
        let rows = MONTHS.iter().chain(LIBYAN_MONTHS);
        rows.into_iter().find(|(row, _)| is_joined(row)).map(|(_, number)| *number)
    };
    if let [Word(second), ..] = tail
        && let Some(number) = row(&format!("{word} {second}"))
    {
        return Some((u32::try_from(number).ok()?, 2));
    }
    let numbered = match tail {
        [Number(number, 1), ..] => Some((number, 2)),
        [Mark('.'), Number(number, 1), ..] => Some((number, 3)),
        _ => None,
    };
    if let Some((number, used)) = numbered
        && let Some((.., month)) =
            NUMBERED_MONTHS.iter().find(|(letter, row, _)| *letter == word && row == number)
    {
        return Some((u32::try_from(*month).ok()?, used));
    }
    Some((u32::try_from(row(word).or_else(|| joined(word))?).ok()?, 1))
}

/// The weekday at the front, from 1 (Monday), and the pieces it uses.
pub(super) fn weekday_at(rest: &[DatePiece]) -> Option<(i8, usize)> {
    if let [Word(one), Word(two), ..] = rest
        && let Some((.., day)) =
            WEEKDAY_PAIRS.iter().find(|(first, second, _)| one == first && two == second)
    {
        return Some((*day, 2));
    }
    let [Word(word), ..] = rest else { return None };
    let index = WEEKDAYS.iter().position(|names| names.contains(&word.as_str()))?;
    Some((i8::try_from(index).ok()? + 1, 1))
}

/// Whether `rest` contains a month, by name or in numbers.
pub(super) fn contains_month(rest: &[DatePiece]) -> bool {
    (0..rest.len()).filter_map(|at| rest.get(at..)).any(|rest| match rest {
        [Word(word), tail @ ..] => month_at(word, tail).is_some(),
        _ => three_numbers_at(rest).is_some(),
    })
}

/// Whether the next number in `rest` is a year alone, as behind the name of a month.
pub(super) fn year_follows(rest: &[DatePiece]) -> bool {
    let next = rest.iter().position(|piece| matches!(piece, Number(..)));
    next.and_then(|at| rest.get(at..))
        .is_some_and(|rest| matches!(rest, [Number(_, 4), ..]) && three_numbers_at(rest).is_none())
}

/// Whether a piece is a mark or a word that changes nothing in a date.
pub(super) fn is_quiet(piece: &DatePiece) -> bool {
    match piece {
        DatePiece::Mark(_) => true,
        DatePiece::Number(..) => false,
        DatePiece::Word(word) => {
            FILLERS.contains(&word.as_str()) && !PLACE_FILLERS.contains(&word.as_str())
        }
    }
}
