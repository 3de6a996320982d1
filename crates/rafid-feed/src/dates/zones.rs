//! Pieces of a date → the zone at their front: an offset from Greenwich, the letters of a zone, an
//! IANA name or a place («بتوقيت القاهرة»).

use jiff::tz::{Offset, TimeZone};

use super::pieces::DatePiece::{self, Mark, Number, Word};
use super::tables::{
    AMBIGUOUS_PLACE, GREENWICH_NAMES, IANA_AREAS, PLACE_MARKS, PLACES, ZONES, ZONES_OF_PLACES,
};

/// The number of words that may stand between «بتوقيت» and the name of a place, the name included:
/// «بتوقيت المملكة العربية السعودية».
const PLACE_WORDS: usize = 3;

/// The most pieces behind the area of an IANA name: `America/Argentina/Buenos_Aires` has six.
const IANA_PIECES: usize = 8;

/// No zone is farther from Greenwich, past or present.
pub(super) const MOST_OFFSET_HOURS: i32 = 15;

/// The zone of a fixed offset.
pub(super) fn fixed_zone(minutes: i32) -> Option<TimeZone> {
    Some(TimeZone::fixed(Offset::from_seconds(minutes.checked_mul(60)?).ok()?))
}

/// A zone that is explicit enough to be anywhere in a date; with the pieces it uses.
pub(super) fn named_zone(rest: &[DatePiece]) -> Option<(TimeZone, usize)> {
    match rest {
        [Word(area), Mark('/'), ..] if IANA_AREAS.contains(&area.as_str()) => iana_zone(rest),
        [Word(word), tail @ ..] if PLACE_MARKS.contains(&word.as_str()) => {
            let (zone, used) = zone_letters_at(tail).or_else(|| place_zone(tail))?;
            Some((zone, used + 1))
        }
        _ => None,
    }
}

/// `Asia/Riyadh`, `America/Argentina/Buenos_Aires`, `Etc/GMT-3`: the longest known name.
fn iana_zone(rest: &[DatePiece]) -> Option<(TimeZone, usize)> {
    let mut name = String::new();
    let mut longest = None;
    for (index, piece) in rest.iter().take(IANA_PIECES).enumerate() {
        match piece {
            Word(word) => name.push_str(word),
            Mark(mark @ ('/' | '_' | '-' | '+')) => {
                name.push(*mark);
                continue;
            }
            Number(value, 1 | 2) => name.push_str(&value.to_string()),
            _ => break,
        }
        if let Ok(zone) = TimeZone::get(&name) {
            longest = Some((zone, index + 1));
        }
    }
    longest
}

/// A place within the first words.
fn place_zone(tail: &[DatePiece]) -> Option<(TimeZone, usize)> {
    let words: Vec<&str> = tail
        .iter()
        .take(PLACE_WORDS)
        .map_while(|piece| match piece {
            Word(word) => Some(word.as_str()),
            _ => None,
        })
        .collect();
    (0..words.len()).find_map(|start| {
        let one = *words.get(start)?;
        let two = words.get(start + 1).map(|second| (format!("{one} {second}"), start + 2));
        let names = two.into_iter().chain([(one.to_owned(), start + 1)]);
        names.into_iter().find_map(|(name, used)| {
            let (_, zone) = PLACES.iter().find(|(row, _)| *row == name)?;
            Some((TimeZone::get(zone).ok()?, used))
        })
    })
}

/// The number of pieces of «بتوقيت» and a word behind it that is no known place and not «local».
pub(super) fn unknown_place_at(rest: &[DatePiece]) -> Option<usize> {
    match rest {
        [Word(mark), Word(place), ..] => {
            let is_zone = matches!(mark.as_str(), "بتوقيت" | "لتوقيت");
            let is_local = matches!(place.as_str(), "محلي" | "المحلي");
            (is_zone && !is_local).then_some(2)
        }
        _ => None,
    }
}

/// Whether the pieces of a zone name a place that could be in two zones.
pub(super) fn is_ambiguous_place(pieces: &[DatePiece]) -> bool {
    let words: Vec<_> = pieces.iter().filter_map(DatePiece::text).collect();
    words.last().is_some_and(|word| word == AMBIGUOUS_PLACE)
        && !words.iter().any(|word| word == "سلطنه" || word.starts_with("الاردن"))
}

/// The pieces of a place, for a warning.
pub(super) fn place_text(pieces: &[DatePiece]) -> String {
    pieces.iter().skip(1).filter_map(DatePiece::text).collect::<Vec<_>>().join(" ")
}

/// The zone of an offset or of letters at the front, with the pieces it uses.
pub(super) fn zone_letters_at(rest: &[DatePiece]) -> Option<(TimeZone, usize)> {
    if let [Word(name), ..] = rest
        && let Some((_, zone)) = ZONES_OF_PLACES.iter().find(|(row, _)| *row == name)
    {
        return Some((TimeZone::get(zone).ok()?, 1));
    }
    let (minutes, used) = offset_at(rest)?;
    Some((fixed_zone(minutes)?, used))
}

/// An offset that no zone has (`+16:00`, `+3000`) at the front, as text, with the pieces it uses.
pub(super) fn impossible_offset_at(rest: &[DatePiece]) -> Option<(String, usize)> {
    let (offset, used) = match rest {
        [Mark('+'), Number(hours, 1 | 2), Mark(':'), Number(minutes, 2), ..] => {
            (format!("+{hours}:{minutes:02}"), 4)
        }
        [Mark('+'), Number(both, 4), ..] => (format!("+{both:04}"), 2),
        _ => return None,
    };
    offset_at(rest).is_none().then_some((offset, used))
}

/// An offset or the letters of a zone at the front, in minutes: `+0300`, `+03:00`, `+3`, `GMT+3`,
/// `UTC`, `EET`; with the pieces it uses.
pub(super) fn offset_at(rest: &[DatePiece]) -> Option<(i32, usize)> {
    match rest {
        [Word(name), tail @ ..] if GREENWICH_NAMES.contains(&name.as_str()) => {
            let (minutes, used) = offset_behind_greenwich(tail).unwrap_or((0, 0));
            Some((minutes, used + 1))
        }
        [Mark(sign @ ('+' | '-')), tail @ ..] => {
            signed_offset(*sign, tail).map(|(minutes, used)| (minutes, used + 1))
        }
        // «ت غ», and «ت م» in the copy of the Saudi agency: Greenwich time, not «مساءً».
        [Word(first), Word(second), ..] if is_greenwich(first, second) => Some((0, 2)),
        [Word(first), Mark('.'), Word(second), ..] if is_greenwich(first, second) => Some((0, 3)),
        [Word(name), ..] => {
            let row = ZONES.iter().find(|(row, _)| *row == name)?;
            Some((row.1, 1))
        }
        _ => None,
    }
}

fn is_greenwich(first: &str, second: &str) -> bool {
    first == "ت" && matches!(second, "غ" | "م")
}

/// `GMT+3`, and `GMT 3+` as typing from right to left produces it.
fn offset_behind_greenwich(tail: &[DatePiece]) -> Option<(i32, usize)> {
    match tail {
        [Mark(sign @ ('+' | '-')), tail @ ..] => {
            signed_offset(*sign, tail).map(|(minutes, used)| (minutes, used + 1))
        }
        [Number(.., 1 | 2), Mark(sign @ ('+' | '-')), ..] => {
            signed_offset(*sign, tail.get(..1)?).map(|(minutes, used)| (minutes, used + 1))
        }
        _ => None,
    }
}

fn signed_offset(sign: char, tail: &[DatePiece]) -> Option<(i32, usize)> {
    let (hours, minutes, used) = match tail {
        [Number(hours, 1 | 2), Mark(':'), Number(minutes, 2), ..] => (*hours, *minutes, 3),
        [Number(hours, 1 | 2), ..] => (*hours, 0, 1),
        [Number(both, 3 | 4), ..] => (both / 100, both % 100, 1),
        _ => return None,
    };
    let (hours, minutes) = (i32::try_from(hours).ok()?, i32::try_from(minutes).ok()?);
    if hours > MOST_OFFSET_HOURS || minutes > 59 {
        return None;
    }
    let total = hours * 60 + minutes;
    Some((if sign == '-' { -total } else { total }, used))
}
