//! The cost and the results of folding, compared with common libraries on the same texts: megabytes
//! per second, and verdicts on the pairs of `support/variants.rs`.
//!
//! `cargo bench --bench folding`. Each contender cuts a text into words in their final form and
//! adds up their lengths; the fastest of many rounds counts.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    unreachable_pub,
    missing_docs
)]

mod support {
    pub mod news;
    pub mod variants;
}

use std::hint::black_box;
use std::time::{Duration, Instant};

use rafid_feed::arabic::MatchKey;
use tantivy::tokenizer::{
    AsciiFoldingFilter, Language, LowerCaser, SimpleTokenizer, Stemmer, TextAnalyzer, TokenStream,
};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::UnicodeSegmentation;

use support::{news, variants};

const ROUNDS: usize = 25;
/// The number of newspaper entries in a text.
const ENTRIES: u64 = 400;
const LATIN: &str = "The ministry announced a new plan for the old harbour after a meeting of its board on \
                     Sunday evening, and 1,200 people came to see it. ";

/// Passes each word of a text in its final form to a callback.
type Cut = Box<dyn FnMut(&str, &mut dyn FnMut(&[u8]))>;

fn main() {
    let plain: Vec<String> = (0..ENTRIES).map(|number| news::entry(number).join(" ")).collect();
    let vowelled: Vec<String> = plain.iter().map(|text| with_vowels(text)).collect();
    let latin = vec![LATIN.repeat(12); 100];
    let corpora = [("Arabic", plain), ("Arabic with vowels", vowelled), ("English", latin)];
    for (name, texts) in &corpora {
        let bytes: usize = texts.iter().map(String::len).sum();
        let mut ours = None;
        for (contender, mut cut) in contenders() {
            let took = quickest(|| {
                let mut letters = 0;
                for text in texts {
                    cut(text, &mut |word| letters += word.len());
                }
                black_box(letters);
            });
            let ours = *ours.get_or_insert(took);
            let speed = bytes as f64 / took.as_secs_f64() / 1e6;
            let times = took.as_secs_f64() / ours.as_secs_f64();
            println!("{name:<20} {contender:<40} {speed:>7.0} MB/s, takes {times:.2} x ours");
        }
    }
    judge("meant to meet, and do", &variants::SAME);
    judge("meant to stay apart, and meet", &variants::APART);
}

/// Counts the pairs of each group that get the same words.
fn judge(what: &str, groups: &[(&str, &[(&str, &str)])]) {
    println!("\n{what}:");
    for (contender, mut cut) in
        contenders().into_iter().filter(|(name, _)| !name.starts_with("ours,"))
    {
        let mut results = Vec::new();
        let (mut together, mut all) = (0, 0);
        for (_, pairs) in groups {
            let pairs_met = pairs.iter().filter(|(one, other)| {
                let [one, other] = [one, other].map(|text| {
                    let mut words = Vec::new();
                    cut(text, &mut |word| words.push(word.to_vec()));
                    words
                });
                one == other
            });
            let meet = pairs_met.count();
            results.push(format!("{meet}/{}", pairs.len()));
            (together, all) = (together + meet, all + pairs.len());
        }
        println!("{contender:<40} {together:>3} of {all}: {}", results.join(" "));
    }
    let reasons: Vec<&str> = groups.iter().map(|(reason, _)| *reason).collect();
    println!("({})", reasons.join("; "));
}

fn contenders() -> Vec<(&'static str, Cut)> {
    let analyzer = |mut analyzer: TextAnalyzer| -> Cut {
        Box::new(move |text, emit| {
            let mut stream = analyzer.token_stream(text);
            while stream.advance() {
                emit(stream.token().text.as_bytes());
            }
        })
    };
    let simple = || TextAnalyzer::builder(SimpleTokenizer::default());
    vec![
        (
            "ours",
            Box::new(|text, emit| {
                MatchKey::of(text).stems().for_each(emit);
            }),
        ),
        (
            "ours, and stop words marked",
            Box::new(|text, emit| {
                let key = MatchKey::of(text);
                key.tokens().iter().for_each(|token| emit(token.as_bytes()));
            }),
        ),
        ("ours, only the match key", Box::new(|text, emit| emit(MatchKey::of(text).as_bytes()))),
        ("tantivy: simple, lower case", analyzer(simple().filter(LowerCaser).build())),
        (
            "tantivy: simple, lower case, ASCII folding",
            analyzer(simple().filter(LowerCaser).filter(AsciiFoldingFilter).build()),
        ),
        (
            "tantivy: simple, lower case, Arabic stemmer",
            analyzer(simple().filter(LowerCaser).filter(Stemmer::new(Language::Arabic)).build()),
        ),
        ("unicode-normalization: NFKD, no marks", Box::new(normalized)),
        ("unicode-segmentation: words, lower case", Box::new(segmented)),
    ]
}

/// The usual code with the crate for normal forms.
fn normalized(text: &str, emit: &mut dyn FnMut(&[u8])) {
    let letters = text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
    let letters: String = letters.collect();
    let words = letters.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.for_each(|word| emit(word.as_bytes()));
}

/// The usual code with the crate for words.
fn segmented(text: &str, emit: &mut dyn FnMut(&[u8])) {
    text.unicode_words().for_each(|word| emit(word.to_lowercase().as_bytes()));
}

fn with_vowels(text: &str) -> String {
    let vowels = ['\u{64E}', '\u{650}', '\u{64F}', '\u{652}'].into_iter().cycle();
    let letters = text.chars().zip(vowels);
    letters.flat_map(|(c, vowel)| [Some(c), (c != ' ').then_some(vowel)]).flatten().collect()
}

fn quickest(mut work: impl FnMut()) -> Duration {
    let rounds = (0..ROUNDS).map(|_| {
        let start = Instant::now();
        work();
        start.elapsed()
    });
    rounds.min().unwrap()
}
