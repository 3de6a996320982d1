//! The cost of one new entry against a day of 5,000: reading it, counting, finding its text group
//! and its story. Synthetic news: words of two to four syllables with the frequencies of a language
//! (Zipf), three versions of each event, every fourth entry a wire copy.
//!
//! `cargo bench --bench stories`. Wall time, the fastest of three.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    missing_docs
)]

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use rafid::model::{EntryId, SourceId, StoryInput, StoryMethod};
use rafid::story::StoryMemory;
use rafid_feed::model::{Identity, IdentityKind};

/// The number of entries of the day before, and of measured entries.
const DAY: u64 = 5_000;
const MEASURED: u64 = 1_000;
const SYLLABLES: [&str; 24] = [
    "با", "تو", "جي", "حا", "دو", "را", "زي", "سا", "شو", "صا", "ضي", "طا", "عو", "غا", "في", "قا",
    "كو", "لا", "مي", "نا", "هو", "وا", "ير", "ست",
];

fn main() {
    let sources: Vec<SourceId> =
        (0..40).map(|number| SourceId::new(&format!("source-{number}")).unwrap()).collect();
    let mut memory = StoryMemory::default();
    let start = Instant::now();
    for number in 0..DAY {
        add_entry(&mut memory, &sources, number);
    }
    let filled = start.elapsed();
    let mut memories = [memory.clone(), memory.clone(), memory];
    let mut times: Vec<Duration> = Vec::new();
    let mut methods = [0; 3];
    for number in DAY..DAY + MEASURED {
        let mut method = StoryMethod::First;
        // Added to three memories; the fastest counts, because the others were interrupted.
        let quickest = memories.iter_mut().map(|memory| {
            let start = Instant::now();
            method = add_entry(memory, &sources, number);
            start.elapsed()
        });
        times.extend(quickest.min());
        match method {
            StoryMethod::SameText => methods[0] += 1,
            StoryMethod::SameEvent => methods[1] += 1,
            _ => methods[2] += 1,
        }
    }
    times.sort_unstable();
    let mean = times.iter().sum::<Duration>() / u32::try_from(times.len()).unwrap();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100];
    println!("a day of {DAY} entries, added to an empty memory: {filled:.1?}");
    println!(
        "one more entry: mean {mean:.0?}, half below {:.0?}, 99 % below {:.0?}, worst {:.0?}",
        at(50),
        at(99),
        at(100)
    );
    let [text, event, other] = methods;
    println!("(of {MEASURED}: {text} by the same text, {event} by the same event, {other} new)");
}

fn add_entry(memory: &mut StoryMemory, sources: &[SourceId], number: u64) -> StoryMethod {
    // Every fourth entry has the text of a recent one.
    let copied = if number % 4 == 3 { number - 2 } else { number };
    let event = copied / 3 * 7_919;
    let title = words(event, number, 9);
    let summary = words(event, copied + 1_000_000, 30);
    let text = words(copied.wrapping_mul(31), copied, 200);
    let source = &sources[usize::try_from(mixed(number) % 40).unwrap()];
    let identity =
        Identity { kind: IdentityKind::Guid, key: number.to_string(), weaker_names: Vec::new() };
    let at = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(400_000);
    let at = at + SignedDuration::from_secs(i64::try_from(number * 86_400 / DAY).unwrap());
    let telling = StoryInput {
        id: EntryId::for_identity(source, &identity),
        source,
        listed_at: at,
        seen_at: at,
        title: &title,
        summary: &summary,
        text: &text,
    };
    memory.assign(&telling).method
}

/// Words, half of which belong to the event and half to the entry.
fn words(event: u64, entry: u64, count: u64) -> String {
    let word = |place: u64| {
        let seed = if place.is_multiple_of(2) {
            mixed(event + place)
        } else {
            mixed(mixed(entry) + place)
        };
        // Inverse of Zipf's distribution over some 30,000 words.
        let rank = 30_000_f64.powf((seed % 10_000) as f64 / 10_000.0) as u64;
        spell_word(rank)
    };
    (0..count).map(word).collect::<Vec<_>>().join(" ")
}

fn spell_word(rank: u64) -> String {
    let mut seed = mixed(rank);
    let mut word = String::new();
    for _ in 0..2 + rank % 3 {
        word.push_str(SYLLABLES[usize::try_from(seed % 24).unwrap()]);
        seed /= 24;
    }
    word
}

/// `splitmix64`.
fn mixed(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}
