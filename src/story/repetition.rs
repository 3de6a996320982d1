//! The words of two entries of one source → whether the later one is the earlier text again, edited or
//! longer, or other news: a source reports an event once, and its other entries must not disappear.
//!
//! | question | the text is a different one if |
//! | --- | --- |
//! | Are the titles one formula? | they have the same words but for numbers and days, and those differ («النشرة رقم 4»): in the same order any of them, and in another order or with other words some of both |
//! | Do both titles name a series? | their numbers or days differ, or they are half a day apart and the long text is not a reprint |
//! | Do the texts agree where they have numbers? | of at least three numbers between the same words, most differ; in a series or after half a day, of at least one |
//! | Are the subjects the same? | each title has a word that also occurs in its own text but nowhere in the other entry; or only the shorter entry's title has, and the signatures of the texts differ |
//! | Are the words the same? | the signatures differ, and the other entry has less than six tenths of the words of the shorter one (less than half if all words of both subjects are in both) |

use super::entry_words::{RUN, WordLists};
use super::shingles::Signature;
use super::thresholds::SAME_TEXT_SHARE;

/// Hours after which the next edition of a series may appear; series with shorter intervals number their
/// titles.
const EDITION_HOURS: f32 = 12.0;
/// The similarity from which a long text is a reprint, and not another edition of a series.
const REPRINT: f32 = 0.9;
/// The minimum number of runs with a number for a comparison of numbers: the runs of three numbers.
const RUNS_MIN: usize = 3 * RUN;
/// The share of the shorter entry's words that the other one must have, in percent.
const SAME_PERCENT: usize = 60;
/// The same if neither title has a subject that the other entry lacks (measured: edited texts of the
/// development window have .47 and more, other news .45 and less).
const KEPT_PERCENT: usize = 46;
/// The same for a headline alone, whose few words match by chance.
const SHORT_PERCENT: usize = 75;
const SHORT_WORDS: usize = 8;
/// The share of common words for two titles to be one formula, in percent of all their words.
const FORMULA_PERCENT: usize = 80;

/// The relation of an entry to an earlier one of its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Repetition {
    /// Another text, about this or something else.
    OtherText,
    /// Another edition of the same series.
    Edition,
    /// The same text, edited or not.
    Text,
}

impl Repetition {
    /// A stable kebab-case word for machines.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::OtherText => "other-text",
            Self::Edition => "edition",
            Self::Text => "text",
        }
    }

    /// Whether both belong to one story.
    pub(super) fn belongs_to_story(self) -> bool {
        self == Self::Text
    }
}

impl WordLists<'_> {
    /// The relation to an earlier entry of the same source. `signatures` are those of the texts, and `hours`
    /// is the time between the entries.
    pub(super) fn compare_with(
        self,
        earlier: WordLists<'_>,
        signatures: [Option<&Signature>; 2],
        hours: f32,
    ) -> Repetition {
        let differ = !is_subset(self.variables(), earlier.variables())
            && !is_subset(earlier.variables(), self.variables());
        let are_of_series = self.is_of_series() && earlier.is_of_series();
        let is_late = hours >= EDITION_HOURS;
        if self.is_next_in_series_of(earlier)
            || (differ && (are_of_series || self.is_one_formula_with(earlier)))
            || (are_of_series && is_late && signature_overlap(signatures) < REPRINT)
            || self.has_other_numbers(earlier, are_of_series || is_late)
        {
            return Repetition::Edition;
        }
        if self.is_same_text(earlier, signatures) {
            Repetition::Text
        } else {
            Repetition::OtherText
        }
    }

    fn is_same_text(self, earlier: WordLists<'_>, signatures: [Option<&Signature>; 2]) -> bool {
        let similarity = signature_overlap(signatures);
        let is_subject_kept = [self.keeps_subject_of(earlier), earlier.keeps_subject_of(self)];
        if similarity >= SAME_TEXT_SHARE {
            return is_subject_kept != [false, false];
        }
        let is_shorter = self.words().len() < earlier.words().len();
        let (shorter, longer) = if is_shorter { (self, earlier) } else { (earlier, self) };
        let fewest = match shorter.words().len() {
            ..SHORT_WORDS => SHORT_PERCENT,
            _ if is_subject_kept == [true, true] => KEPT_PERCENT,
            _ => SAME_PERCENT,
        };
        longer.keeps_subject_of(shorter) && longer.has_words_of(shorter, fewest)
    }

    fn keeps_subject_of(self, other: WordLists<'_>) -> bool {
        other.subject().iter().all(|word| contains_word(self.words(), *word))
    }

    fn is_one_formula_with(self, other: WordLists<'_>) -> bool {
        let common = count_common(self.title(), other.title());
        let all = self.title().len() + other.title().len() - common;
        common * 100 >= all * FORMULA_PERCENT
    }

    /// Whether most numbers between the same words differ.
    fn has_other_numbers(self, other: WordLists<'_>, is_likely: bool) -> bool {
        let masked = |words: WordLists<'_>| -> Vec<u16> {
            let mut masked: Vec<u16> = words.numbered().iter().map(|[masked, _]| *masked).collect();
            masked.dedup();
            masked
        };
        let between = count_common(&masked(self), &masked(other));
        let same = count_common(self.numbered(), other.numbered());
        let fewest = if is_likely { 1 } else { RUNS_MIN };
        between >= fewest && same * 2 < between
    }

    fn has_words_of(self, shorter: WordLists<'_>, percent: usize) -> bool {
        let count = shorter.words().len();
        count > 0 && count_common(self.words(), shorter.words()) * 100 >= count * percent
    }
}

/// The similarity of two texts; 0 if one is too short for a signature.
fn signature_overlap(signatures: [Option<&Signature>; 2]) -> f32 {
    match signatures {
        [Some(one), Some(other)] => one.estimated_overlap(other),
        _ => 0.0,
    }
}

fn contains_word(words: &[u16], word: u16) -> bool {
    words.binary_search(&word).is_ok()
}

/// The number of items of one list that are in another; both are in ascending order.
fn count_common<T: Ord>(one: &[T], other: &[T]) -> usize {
    one.iter().filter(|item| other.binary_search(item).is_ok()).count()
}

/// Whether another list contains all items of this one.
fn is_subset(one: &[u16], other: &[u16]) -> bool {
    count_common(one, other) == one.len()
}
