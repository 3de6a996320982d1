//! Arrivals over days → the bytes that the memory takes: few for each, and no more after ten days than after the first
//! window.

use rafid_feed::arabic::MatchKey;

use super::*;
use crate::story::entry_words::EntryWords;
use crate::story::shingles::Signature;
use crate::story::term_hash::{mix_bits, text_hash};
use crate::story::text_words::TextWord;

/// The bytes of an arrival with a title and a summary as long as those of real feeds, with a vector, in a window of as
/// many as a thousand sources bring in three days.
const ARRIVAL_BYTES: usize = 600;

/// A rank in a vocabulary of 65,536: each is half as frequent as that of half its number.
fn rank(seed: u64) -> u64 {
    let random = mix_bits(seed);
    let smallest = 1 << (random % 16);
    smallest + (random >> 8) % smallest
}

const LETTERS: [char; 28] = [
    'ا', 'ب', 'ت', 'ث', 'ج', 'ح', 'خ', 'د', 'ذ', 'ر', 'ز', 'س', 'ش', 'ص', 'ض', 'ط', 'ظ', 'ع', 'غ',
    'ف', 'ق', 'ك', 'ل', 'م', 'ن', 'ه', 'و', 'ي',
];

fn word(seed: u64) -> String {
    let mut number = rank(seed) * 37 + 1_000;
    let mut word = String::new();
    while number > 0 {
        word.push(LETTERS[usize::try_from(number % 28).unwrap()]);
        number /= 28;
    }
    word
}

fn words(seed: u64, fewest: u64, most: u64) -> String {
    let count = fewest + mix_bits(seed) % (most - fewest + 1);
    let words = (0..count).map(|at| word(mix_bits(seed) ^ (at << 40)));
    words.collect::<Vec<_>>().join(" ")
}

/// What would be computed of an entry with a title, a summary and a vector.
fn features_of_report(title: u64, summary: u64) -> StoryFeatures {
    let (title, summary) = (words(title, 5, 12), words(summary, 18, 42));
    let text_word = |word: &str| TextWord {
        hash: text_hash(word.as_bytes()),
        is_variable: false,
        is_significant: true,
    };
    let text: Vec<TextWord> = summary.split(' ').map(text_word).collect();
    let title_words = title.split(' ').map(|word| (word, 2));
    let counted = title_words.chain(summary.split(' ').map(|word| (word, 1)));
    let vector = [5; SentenceVector::BYTES];
    StoryFeatures {
        fingerprint: TextFingerprint {
            signature: Signature::from_words(&text),
            wording: EntryWords::from_words(&MatchKey::of(&title).tokens(), &text),
        },
        terms: EntryTerms::from_counted(counted),
        vector: SentenceVector::from_bytes(&vector),
    }
}

#[test]
fn an_arrival_takes_few_bytes() {
    const ARRIVALS: usize = 50_000;
    let mut memory = StoryMemory::new(StorySettings::new(true), Vec::new());
    let start = entry("a", 0, "", "").at;
    for number in 0..ARRIVALS {
        let seed = u64::try_from(number).unwrap() << 8;
        let source = SourceId::new(&format!("s{}", number % 1_000)).unwrap();
        let seen_at = start + SignedDuration::from_secs(5 * i64::try_from(number).unwrap());
        let id = EntryId::from_bytes(u128::from(mix_bits(seed)).to_be_bytes());
        // Every fourth has the summary of the entry before, under its own title.
        let text = if number % 4 == 3 { seed - (1 << 8) } else { seed };
        let arrival = StoryArrival { id, source: &source, listed_at: seen_at, seen_at };
        let assignment = assignment_alone(id, StoryMethod::First);
        let assignment = StoryAssignment { closeness: Some(0.1), ..assignment };
        memory.restore_features(&arrival, || features_of_report(seed, text + 1), assignment);
    }
    let of_each = memory.heap_bytes() / ARRIVALS;
    let each = |(part, bytes): (&'static str, usize)| (part, bytes / ARRIVALS);
    let parts = (memory.window.bytes_by_part().map(each), memory.index.bytes_by_part().map(each));
    println!("{of_each} bytes an arrival: {parts:?}");
    assert!(of_each <= ARRIVAL_BYTES, "{of_each} bytes an arrival: {parts:?}");
}

/// What would be computed of an entry with a headline of a few words, and of a text in every eighth.
fn features(number: u64) -> StoryFeatures {
    let headline: Vec<String> = (0..8).map(|at| word(number << 8 | at)).collect();
    let text = |at: u64| TextWord {
        hash: mix_bits(number << 8 | at),
        is_variable: false,
        is_significant: true,
    };
    let words: Vec<TextWord> =
        if number.is_multiple_of(8) { (0..25).map(text).collect() } else { Vec::new() };
    StoryFeatures {
        fingerprint: TextFingerprint {
            signature: Signature::from_words(&words),
            wording: EntryWords::from_words(&MatchKey::of("زلزال").tokens(), &words),
        },
        terms: EntryTerms::from_counted(headline.iter().map(|word| (word.as_str(), 1))),
        vector: None,
    }
}

#[test]
fn ten_days_take_no_more_than_a_window() {
    const A_DAY: u64 = 10_000;
    let mut memory = StoryMemory::default();
    let source = SourceId::new("a").unwrap();
    let start = entry("a", 0, "", "").at;
    let mut of_days = Vec::new();
    for number in 0..A_DAY * 10 {
        let seconds = i64::try_from(number * 86_400 / A_DAY).unwrap();
        let seen_at = start + SignedDuration::from_secs(seconds);
        // Some were published long before they arrive.
        let age = SignedDuration::from_mins(i64::from(number.is_multiple_of(16)) * 60 * 70);
        let id = EntryId::from_bytes(u128::from(mix_bits(number)).to_be_bytes());
        let listed_at = seen_at - age;
        let arrival = StoryArrival { id, source: &source, listed_at, seen_at };
        let assignment = assignment_alone(id, StoryMethod::First);
        memory.restore_features(&arrival, || features(number), assignment);
        if (number + 1).is_multiple_of(A_DAY) {
            of_days.push((memory.entries_count(), memory.heap_bytes()));
        }
    }
    println!("entries and bytes after each day: {of_days:?}");
    let most_entries = of_days.iter().map(|(entries, _)| *entries).max().unwrap();
    assert!(most_entries <= 30_001, "three days of arrivals: {of_days:?}");
    // The words of seven days count, so that the seventh is the first that is full.
    let (_, full) = of_days[6];
    for (_, bytes) in &of_days[7..] {
        assert!(*bytes * 100 <= full * 103, "{of_days:?}");
    }
    assert!(full <= 30_000 * 420, "{full} bytes");
}

#[test]
fn what_leaves_takes_nothing_with_it_but_its_bytes() {
    let mut memory = StoryMemory::default();
    let entries = stream(6, 1);
    let assignments = assign_all(&mut memory, &entries);
    let source = SourceId::new("a").unwrap();
    let of_source = entries.iter().filter(|entry| entry.source == source).count();
    memory.drop_beyond_newest(&source, of_source);
    assert_eq!(memory.entries_count(), entries.len());
    memory.drop_beyond_newest(&source, 4);
    assert_eq!(memory.entries_count(), entries.len() - of_source + 4);
    let mut kept: Vec<bool> = vec![true; entries.len()];
    let of_source: Vec<usize> =
        (0..entries.len()).filter(|at| entries[*at].source == source).collect();
    of_source[..of_source.len() - 4].iter().for_each(|at| kept[*at] = false);
    for (entry, kept) in entries.iter().zip(&kept) {
        assert_eq!(memory.contains(entry.id), *kept);
    }
    // As after a restart with what the store still holds: the same decisions about what comes.
    let mut other = StoryMemory::default();
    for ((entry, assignment), _) in entries.iter().zip(&assignments).zip(&kept).filter(|it| *it.1) {
        other.restore(&entry.story_input(), *assignment);
    }
    let stories = |memory: &StoryMemory| {
        let of_all = entries.iter().map(|entry| {
            memory.window.of_story(entry.id).map(|(_, member)| member.id()).collect::<Vec<_>>()
        });
        of_all.collect::<Vec<_>>()
    };
    assert_eq!(stories(&memory), stories(&other));
}
