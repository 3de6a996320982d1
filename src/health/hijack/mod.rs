//! New entries, reading after reading → whether somebody else seems to write the feed: a lapsed domain
//! that sells gambling still answers with good XML, and only what it says has changed.
//!
//! The newest entries are compared with what was usual before them, once that stands on 20 entries. By
//! *foreign* an entry is meant that is hardly in the Arabic script, in a feed that hardly had any; by
//! *trading* one with words of the trades that take over feeds, in a feed that hardly had any.
//!
//! | of the newest entries | so many, at least |
//! | --- | --- |
//! | more than half hold a phrase that only sellers write | 3 |
//! | four in five are foreign, and more than half trade | 3 |
//! | two in three trade, with two different words in each | 8, on three days |
//! | four in five are foreign | 6, on three days |
//!
//! In each of the first three, at least two different things are named, and three entries at least do so. News of a raid on a casino name a
//! casino, and are a day's; a day of English ends with the day; an agency's piece in English is one of
//! many; a feed in two languages has had foreign entries all the time.
//!
//! It is over when two of the three newest entries are again as they were before. What came meanwhile is
//! never taken for usual.

mod spam_terms;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rafid_feed::arabic::{is_arabic, is_letter};
use rafid_feed::markup::markup_to_text;
use rafid_feed::model::Entry;

use crate::model::{Baseline, EntryProfile, HijackFinding, LetterCounts, WritingProfile};

const DAY: i64 = 24 * 3600;
/// One screen of a small feed: by fewer, nobody knows yet what is usual.
const KNOWN: u32 = 20;
/// From so many on the sums are halved, so that what is usual is what was usual in the last hundreds.
const MOST_USUAL: u32 = 400;
/// Entries that are not taken for usual yet: all that the rules below look at, and some more, as sources
/// that were taken over bring their first screen at once.
const MOST_NEWEST: usize = 12;
/// Two can be an accident.
const FEWEST: usize = 3;
/// By words that newsrooms write, too, and by script alone.
const FEWEST_OF_WORDS: usize = 8;
const FEWEST_OF_SCRIPT: usize = 6;
/// A raid, a scandal, a day of English: none keeps a whole newsroom busy for longer.
const DAYS: usize = 3;
/// Words that are kept of one entry, and told of a source.
const MOST_WORDS: usize = 3;
const MOST_TOLD: usize = 5;
/// So much of an entry's summary is looked at, in bytes of markup: two or three sentences say what it is.
const LOOKED_AT: usize = 600;
/// So many entries of one reading, the newest: more would tell nothing that these do not.
const MOST_OF_READING: usize = 24;
/// An entry of fewer letters says nothing about the script: a score, a number, a name.
const FEWEST_LETTERS: u32 = 10;
/// Percent of an entry's letters; an Arabic text about a product keeps three in four.
const FOREIGN_PERCENT: u32 = 20;
/// Percent of a feed's letters from which on it is an Arabic one.
const ARABIC_PERCENT: u32 = 70;
/// One foreign entry in so many makes a feed no bilingual one.
const FOREIGN_IN: u32 = 10;
/// One trading entry in so many makes a feed none about those trades.
const TRADING_IN: u32 = 20;

/// Takes note of entries of a first reading, oldest first: whatever they are is usual.
pub fn learn_baseline(voice: &mut WritingProfile, entries: &[&Entry], now: Timestamp) {
    for entry in newest_entries(entries) {
        voice.baseline = add_to_baseline(voice.baseline, &profile_entry(entry, now));
    }
}

/// Takes note of entries that are new at `now`, oldest first, and judges after each of them.
pub fn record_and_judge(voice: &mut WritingProfile, entries: &[&Entry], now: Timestamp) {
    for entry in newest_entries(entries) {
        push_profile(voice, profile_entry(entry, now));
        if voice.hijacked.is_some() {
            clear_if_recovered(voice);
        } else {
            judge_profile(voice, now);
        }
    }
}

fn newest_entries<'e, 'a>(entries: &'e [&'a Entry]) -> &'e [&'a Entry] {
    entries.get(entries.len().saturating_sub(MOST_OF_READING)..).unwrap_or_default()
}

fn push_profile(voice: &mut WritingProfile, sample: EntryProfile) {
    if voice.newest.len() >= MOST_NEWEST {
        let oldest = voice.newest.remove(0);
        if voice.hijacked.is_none() {
            voice.baseline = add_to_baseline(voice.baseline, &oldest);
        }
    }
    voice.newest.push(sample);
}

fn add_to_baseline(mut usual: Baseline, sample: &EntryProfile) -> Baseline {
    if usual.entries >= MOST_USUAL {
        let letters = &mut usual.letters;
        for sum in [
            &mut usual.entries,
            &mut usual.foreign,
            &mut usual.spam,
            &mut letters.arabic,
            &mut letters.latin,
            &mut letters.other,
        ] {
            *sum /= 2;
        }
    }
    let add = |sum: u32, more: u32| sum.saturating_add(more);
    Baseline {
        entries: usual.entries + 1,
        letters: LetterCounts {
            arabic: add(usual.letters.arabic, sample.letters.arabic),
            latin: add(usual.letters.latin, sample.letters.latin),
            other: add(usual.letters.other, sample.letters.other),
        },
        foreign: add(usual.foreign, u32::from(is_foreign(sample))),
        spam: add(usual.spam, u32::from(has_spam_terms(sample))),
    }
}

/// How an entry that is new at `now` is written.
fn profile_entry(entry: &Entry, now: Timestamp) -> EntryProfile {
    let html = entry.summary.as_ref().or(entry.content.as_ref());
    let html = html.map_or("", |html| html.as_str());
    let html = html.get(..html.floor_char_boundary(LOOKED_AT)).unwrap_or(html);
    let text = format!("{}\n{}", entry.title.as_str(), markup_to_text(html));
    let found = spam_terms::find_spam_terms(&text);
    EntryProfile {
        day: i32::try_from(now.as_second().div_euclid(DAY)).unwrap_or_default(),
        letters: count_letters(&text),
        sells: found.sells,
        words: found.words.into_iter().take(MOST_WORDS).map(str::to_owned).collect(),
    }
}

/// The letters of a text; those of addresses are nobody's language.
fn count_letters(text: &str) -> LetterCounts {
    let mut letters = LetterCounts::default();
    let words = text.split_whitespace().filter(|word| !word.contains("://"));
    for letter in words.flat_map(str::chars).filter(|c| is_letter(*c)) {
        let sum = match letter {
            c if is_arabic(c) => &mut letters.arabic,
            // Basic Latin to Latin Extended-B, and Latin Extended Additional (Unicode 16, Blocks.txt).
            '\0'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}' => &mut letters.latin,
            _ => &mut letters.other,
        };
        *sum = sum.saturating_add(1);
    }
    letters
}

/// Of all letters, in percent; a feed without any is told as without Arabic.
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

/// Tells when the newest entries are not as those before them.
fn judge_profile(voice: &mut WritingProfile, now: Timestamp) {
    let count = voice.newest.len();
    for newest in FEWEST..=count {
        let (before, newest) = voice.newest.split_at(count - newest);
        let before = before.iter().fold(voice.baseline, add_to_baseline);
        if differs_from_baseline(&before, newest) {
            let hijacked = hijack_finding(&before, newest, now);
            voice.newest.drain(..count - newest.len());
            (voice.baseline, voice.hijacked) = (before, Some(hijacked));
            return;
        }
    }
}

/// The rules of the table above.
fn differs_from_baseline(before: &Baseline, newest: &[EntryProfile]) -> bool {
    if before.entries < KNOWN {
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
    let is_sober = before.spam.saturating_mul(TRADING_IN) <= before.entries;
    let words = newest.iter().flat_map(|sample| &sample.words).map(String::as_str);
    let are_most = |some: usize| some >= FEWEST && some * 2 > count;
    if !is_sober || !are_most(of(has_spam_terms)) || spam_terms::count_meanings(words) < 2 {
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
        words: words.into_iter().take(MOST_TOLD).map(|(word, _)| word.to_owned()).collect(),
    }
}

/// Ends it when the newest entries are again as those before.
fn clear_if_recovered(voice: &mut WritingProfile) {
    let Some(newest) = voice.newest.len().checked_sub(FEWEST) else { return };
    let is_arabic = arabic_percent(voice.baseline.letters) >= ARABIC_PERCENT;
    let is_odd = |sample: &&EntryProfile| has_spam_terms(sample) || is_arabic && is_foreign(sample);
    let odd = voice.newest.iter().skip(newest).filter(is_odd).count();
    if odd * 2 < FEWEST {
        voice.hijacked = None;
        voice.newest.drain(..newest);
    }
}

#[cfg(test)]
mod tests;
