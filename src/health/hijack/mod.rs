//! New entries, document after document → whether someone else seems to write the feed: an expired domain
//! that now sells gambling still serves valid XML, and only the content has changed.
//!
//! The newest entries are compared with the baseline of the entries before them, if that has at least 20
//! entries. A *foreign* entry is hardly in the Arabic script, in a feed that had hardly any such entry; a
//! *spam* entry contains spam terms, in a feed that had hardly any such entry.
//!
//! | of the newest entries | at least this many |
//! | --- | --- |
//! | more than half contain a phrase that only sellers write | 3 |
//! | four in five are foreign, and more than half are spam | 3 |
//! | two in three are spam, with two different terms in each | 8, on three days |
//! | four in five are foreign | 6, on three days |
//!
//! In the first three rows, at least three entries contain spam terms, with at least two different
//! meanings. News about a raid on a casino has one meaning and lasts a day; a day in English ends with the
//! day; an agency's article in English is one of many; a feed in two languages always had foreign entries.
//!
//! The finding ends when two of the three newest entries are again as before. Entries of the time in between
//! never become part of the baseline.

mod spam_terms;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rafid_feed::arabic::{count_if_all_arabic, is_arabic, is_letter};
use rafid_feed::markup::markup_to_text;
use rafid_feed::model::Entry;

use crate::model::{Baseline, EntryProfile, HijackFinding, LetterCounts, WritingProfile};

const DAY: i64 = 24 * 3600;
/// One screen of a small feed: with fewer entries, the baseline is unknown.
const MIN_BASELINE: u32 = 20;
/// From this many entries on, the sums are halved, so that the baseline is that of the last hundreds.
const BASELINE_ENTRIES: u32 = 400;
/// Entries that are not in the baseline yet: all that the rules below need, and some more, as a hijacked
/// source brings its first screen at once.
const MAX_NEWEST: usize = 12;
/// Two can be an accident.
const FEWEST: usize = 3;
/// For terms that newsrooms also use, and for the script alone.
const FEWEST_OF_WORDS: usize = 8;
const FEWEST_OF_SCRIPT: usize = 6;
/// A raid, a scandal or a day in English does not fill a whole feed for this long.
const DAYS: usize = 3;
/// Terms that are stored of one entry, and reported for a source.
const MAX_WORDS: usize = 3;
const MAX_REPORTED_WORDS: usize = 5;
/// This much of an entry's summary is checked, in bytes of markup: two or three sentences are enough.
const SUMMARY_BYTES: usize = 600;
/// This many of a document's newest entries are checked: more would not change the result.
const MAX_OF_DOCUMENT: usize = 24;
/// An entry with fewer letters is ignored for the script: it is a score, a number, a name.
const FEWEST_LETTERS: u32 = 10;
/// A foreign entry has at most this percentage of Arabic letters; an Arabic text about a product has three
/// in four.
const FOREIGN_PERCENT: u32 = 20;
/// An Arabic feed has at least this percentage of Arabic letters.
const ARABIC_PERCENT: u32 = 70;
/// A feed with at most one foreign entry in this many is not bilingual.
const FOREIGN_IN: u32 = 10;
/// A feed with at most one spam entry in this many is not about those topics.
const SPAM_IN: u32 = 20;

/// How an entry is written, whenever it comes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WritingSample {
    /// Its letters.
    pub letters: LetterCounts,
    /// Whether it contains a phrase that only sellers write.
    pub sells: bool,
    /// Its first spam terms, as they are spelled in our table.
    pub words: Vec<&'static str>,
}

/// Records the entries of a first document, oldest first: they are the baseline, whatever they contain.
pub fn learn_baseline(profile: &mut WritingProfile, samples: Vec<WritingSample>, now: Timestamp) {
    for sample in samples {
        profile.baseline = add_to_baseline(profile.baseline, &profile_of_sample(sample, now));
    }
}

/// Records entries that are new at `now`, oldest first, and judges the feed after each of them.
pub fn record_and_judge(profile: &mut WritingProfile, samples: Vec<WritingSample>, now: Timestamp) {
    for sample in samples {
        push_profile(profile, profile_of_sample(sample, now));
        if profile.hijacked.is_some() {
            clear_if_recovered(profile);
        } else {
            judge_profile(profile, now);
        }
    }
}

/// Of a document's new entries, oldest first, those that are recorded.
pub fn newest_entries<T>(entries: &[T]) -> &[T] {
    entries.get(entries.len().saturating_sub(MAX_OF_DOCUMENT)..).unwrap_or_default()
}

fn push_profile(profile: &mut WritingProfile, sample: EntryProfile) {
    if profile.newest.len() >= MAX_NEWEST {
        let oldest = profile.newest.remove(0);
        if profile.hijacked.is_none() {
            profile.baseline = add_to_baseline(profile.baseline, &oldest);
        }
    }
    profile.newest.push(sample);
}

fn add_to_baseline(mut baseline: Baseline, sample: &EntryProfile) -> Baseline {
    if baseline.entries >= BASELINE_ENTRIES {
        let letters = &mut baseline.letters;
        for sum in [
            &mut baseline.entries,
            &mut baseline.foreign,
            &mut baseline.spam,
            &mut letters.arabic,
            &mut letters.latin,
            &mut letters.other,
        ] {
            *sum /= 2;
        }
    }
    let add = |sum: u32, more: u32| sum.saturating_add(more);
    Baseline {
        entries: baseline.entries + 1,
        letters: LetterCounts {
            arabic: add(baseline.letters.arabic, sample.letters.arabic),
            latin: add(baseline.letters.latin, sample.letters.latin),
            other: add(baseline.letters.other, sample.letters.other),
        },
        foreign: add(baseline.foreign, u32::from(is_foreign(sample))),
        spam: add(baseline.spam, u32::from(has_spam_terms(sample))),
    }
}

/// How an entry is written.
pub fn sample_writing(entry: &Entry) -> WritingSample {
    let html = entry.summary.as_ref().or(entry.content.as_ref());
    let html = html.map_or("", |html| html.as_str());
    let html = html.get(..html.floor_char_boundary(SUMMARY_BYTES)).unwrap_or(html);
    let text = format!("{}\n{}", entry.title.as_str(), markup_to_text(html));
    let found = spam_terms::find_spam_terms(&text);
    WritingSample {
        letters: count_letters(&text),
        sells: found.sells,
        words: found.words.into_iter().take(MAX_WORDS).collect(),
    }
}

/// The profile of an entry that is new at `now`.
fn profile_of_sample(sample: WritingSample, now: Timestamp) -> EntryProfile {
    EntryProfile {
        day: i32::try_from(now.as_second().div_euclid(DAY)).unwrap_or_default(),
        letters: sample.letters,
        sells: sample.sells,
        words: sample.words.into_iter().map(str::to_owned).collect(),
    }
}

/// The letters of a text, without those of addresses.
fn count_letters(text: &str) -> LetterCounts {
    let mut letters = LetterCounts::default();
    if text.contains("://") {
        let words = text.split_whitespace().filter(|word| !word.contains("://"));
        words.for_each(|word| add_letters(&mut letters, word));
    } else {
        add_letters(&mut letters, text);
    }
    letters
}

fn add_letters(letters: &mut LetterCounts, text: &str) {
    if let Some(count) = count_if_all_arabic(text) {
        letters.arabic = letters.arabic.saturating_add(u32::try_from(count).unwrap_or(u32::MAX));
        return;
    }
    for c in text.chars() {
        let sum = match c {
            c if !is_letter(c) => continue,
            c if is_arabic(c) => &mut letters.arabic,
            // Basic Latin to Latin Extended-B, and Latin Extended Additional (Unicode 16, Blocks.txt).
            '\0'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}' => &mut letters.latin,
            _ => &mut letters.other,
        };
        *sum = sum.saturating_add(1);
    }
}

/// The percentage of Arabic letters; 0 for a feed without letters.
fn arabic_percent(letters: LetterCounts) -> u32 {
    let all = sum_letters(letters).max(1);
    u32::try_from(u64::from(letters.arabic) * 100 / all).unwrap_or_default()
}

fn sum_letters(letters: LetterCounts) -> u64 {
    [letters.arabic, letters.latin, letters.other].into_iter().map(u64::from).sum()
}

fn is_foreign(sample: &EntryProfile) -> bool {
    let is_text = sum_letters(sample.letters) >= u64::from(FEWEST_LETTERS);
    is_text && arabic_percent(sample.letters) <= FOREIGN_PERCENT
}

fn has_spam_terms(sample: &EntryProfile) -> bool {
    !sample.words.is_empty()
}

/// Sets the finding when the newest entries differ from those before them.
fn judge_profile(profile: &mut WritingProfile, now: Timestamp) {
    let count = profile.newest.len();
    for newest in FEWEST..=count {
        let (before, newest) = profile.newest.split_at(count - newest);
        let before = before.iter().fold(profile.baseline, add_to_baseline);
        if differs_from_baseline(&before, newest) {
            let hijacked = hijack_finding(&before, newest, now);
            profile.newest.drain(..count - newest.len());
            (profile.baseline, profile.hijacked) = (before, Some(hijacked));
            return;
        }
    }
}

/// The rules of the table above.
fn differs_from_baseline(before: &Baseline, newest: &[EntryProfile]) -> bool {
    if before.entries < MIN_BASELINE {
        return false;
    }
    let count = newest.len();
    let of =
        |is_so: fn(&EntryProfile) -> bool| newest.iter().filter(|sample| is_so(sample)).count();
    let is_arabic = arabic_percent(before.letters) >= ARABIC_PERCENT
        && before.foreign.saturating_mul(FOREIGN_IN) <= before.entries;
    let has_turned = is_arabic && of(is_foreign) * 5 >= count * 4;
    let days: BTreeSet<i32> = newest.iter().map(|sample| sample.day).collect();
    let is_long = days.len() >= DAYS;
    if has_turned && is_long && count >= FEWEST_OF_SCRIPT {
        return true;
    }
    let had_no_spam = before.spam.saturating_mul(SPAM_IN) <= before.entries;
    let words = newest.iter().flat_map(|sample| &sample.words).map(String::as_str);
    let are_most = |some: usize| some >= FEWEST && some * 2 > count;
    if !had_no_spam || !are_most(of(has_spam_terms)) || spam_terms::count_meanings(words) < 2 {
        return false;
    }
    let names_two = |sample: &EntryProfile| {
        sample.sells || spam_terms::count_meanings(sample.words.iter().map(String::as_str)) >= 2
    };
    are_most(of(|sample| sample.sells))
        || has_turned
        || is_long && count >= FEWEST_OF_WORDS && of(names_two) * 3 >= count * 2
}

fn hijack_finding(before: &Baseline, newest: &[EntryProfile], now: Timestamp) -> HijackFinding {
    let percent = |letters| u8::try_from(arabic_percent(letters)).unwrap_or(100);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for word in newest.iter().flat_map(|sample| &sample.words) {
        *counts.entry(word).or_default() += 1;
    }
    let mut words: Vec<_> = counts.into_iter().collect();
    words.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    HijackFinding {
        since: now,
        arabic_before: percent(before.letters),
        arabic_now: percent(newest.iter().fold(Baseline::default(), add_to_baseline).letters),
        words: words
            .into_iter()
            .take(MAX_REPORTED_WORDS)
            .map(|(word, _)| word.to_owned())
            .collect(),
    }
}

/// Clears the finding when the newest entries are again like the baseline.
fn clear_if_recovered(profile: &mut WritingProfile) {
    let Some(newest) = profile.newest.len().checked_sub(FEWEST) else { return };
    let is_arabic = arabic_percent(profile.baseline.letters) >= ARABIC_PERCENT;
    let is_odd = |sample: &&EntryProfile| has_spam_terms(sample) || is_arabic && is_foreign(sample);
    let odd = profile.newest.iter().skip(newest).filter(is_odd).count();
    if odd * 2 < FEWEST {
        profile.hijacked = None;
        profile.newest.drain(..newest);
    }
}

#[cfg(test)]
mod tests;
