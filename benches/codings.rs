//! The content codings of a feed of a hundred entries, at every level that comes into question: how small it
//! becomes, and how long that takes.
//!
//! `cargo bench --bench codings`; `docs/serving.md` has the table and what follows from it.
//! The time is that on a processor, and the mean of many runs, since the system counts it in steps of milliseconds.

#![allow(clippy::unwrap_used, clippy::print_stdout, unreachable_pub, missing_docs)]
#![allow(clippy::cast_precision_loss)] // measurements are printed, not compared

mod support {
    pub mod news;
}

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::{Duration, Instant};

use support::news;

/// Entries of the feed.
const ENTRIES: u64 = 100;
/// Runs of each level.
const RUNS: u32 = 40;
/// As in `src/http/content_coding.rs`.
const BROTLI_WINDOW: u32 = 22;
const BROTLI_BUFFER_BYTES: usize = 16 * 1024;

fn main() {
    let text = feed();
    println!("a feed of {ENTRIES} entries, {} bytes\n", text.len());
    println!(
        "| coding | level | bytes | share | time of gzip 6 |\n| --- | --: | --: | --: | --: |"
    );
    let (_, unit) = measure(&|| gzip(&text, 6));
    let show = |coding: &str, level: u32, (bytes, time): (usize, Duration)| {
        let share = bytes as f64 * 100.0 / text.len() as f64;
        let ratio = time.as_secs_f64() / unit.as_secs_f64();
        println!("| {coding} | {level} | {bytes} | {share:.1} % | {ratio:.2} |");
    };
    for level in 1..=9 {
        show("gzip", level, measure(&|| gzip(&text, level)));
    }
    for level in 1..=9 {
        show("brotli", level, measure(&|| brotli(&text, level)));
    }
    for level in [1, 2, 3, 4, 5, 6, 7, 9, 12] {
        let code = || zstd::encode_all(text.as_bytes(), level.try_into().unwrap()).unwrap();
        show("zstd", level, measure(&code));
    }
    println!("\ngzip 6: {unit:.2?}");
}

/// An RSS feed as it is published: headline, link and summary of each entry, and the text of every third.
fn feed() -> String {
    let mut text = "<rss version=\"2.0\"><channel><title>أخبار</title>".to_owned();
    for number in 0..ENTRIES {
        let [title, summary, body] = news::entry(number);
        let source = number % 40;
        write!(
            text,
            "<item><title>{title}</title><link>https://f{source}.example/news/2026/11/{number}</link>\
             <guid isPermaLink=\"false\">urn:uuid:0190{number:04x}-7c2b-5e1d-9f{source:02x}-{:012x}</guid>\
             <pubDate>Mon, 23 Nov 2026 {:02}:{:02}:00 GMT</pubDate><dc:creator>مراسل {source}</dc:creator>\
             <source url=\"https://f{source}.example/rss\">وكالة {source}</source>\
             <description>&lt;p&gt;{summary}&lt;/p&gt;</description>\
             <content:encoded>&lt;p&gt;{summary}&lt;/p&gt;&lt;p&gt;{body}&lt;/p&gt;</content:encoded></item>",
            number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 16,
            number / 5 % 24,
            number * 7 % 60,
        )
        .unwrap();
    }
    text + "</channel></rss>"
}

/// The size, and the mean time of one run.
fn measure(code: &dyn Fn() -> Vec<u8>) -> (usize, Duration) {
    let bytes = code().len();
    let (start, on_cpu) = (Instant::now(), time_on_cpu());
    for _ in 0..RUNS {
        std::hint::black_box(code());
    }
    let time = time_on_cpu().zip(on_cpu).map(|(after, before)| after.saturating_sub(before));
    (bytes, time.unwrap_or_else(|| start.elapsed()) / RUNS)
}

/// How long this thread has been running, without what it waited for; `None`: the system does not say.
fn time_on_cpu() -> Option<Duration> {
    let words = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    words.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

fn gzip(text: &str, level: u32) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(level));
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn brotli(text: &str, quality: u32) -> Vec<u8> {
    let mut coded = Vec::new();
    let mut encoder =
        brotli::CompressorWriter::new(&mut coded, BROTLI_BUFFER_BYTES, quality, BROTLI_WINDOW);
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.flush().unwrap();
    drop(encoder);
    coded
}
