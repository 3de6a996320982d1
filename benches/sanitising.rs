//! The cost of sanitizing publishers' texts: texts that are made to be slow, one by one; honest
//! texts with markup; and, for comparison, a feed of the maximum number of entries without any
//! markup.
//!
//! `cargo bench --bench sanitising`. Wall time of one run each, so a busy machine affects the
//! figures. Only the first 256 KiB of a text are read, as in the program.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::format_push_string,
    unreachable_pub,
    missing_docs
)]

#[path = "../tests/it/hostile/texts.rs"]
mod texts;

use std::time::{Duration, Instant};

use rafid_feed::model::{Feed, RawCategory, RawEntry, RawFeed, RawLink, RawText, TextKind};
use rafid_feed::normalize::{SourceHints, normalize};

/// More than the program reads of one text.
const HOSTILE_BYTES: usize = 1024 * 1024;
/// The most entries that the program reads of one feed.
const ENTRIES: usize = 5_000;
const SENTENCE: &str =
    "افتتح مجلس المدينة صباح اليوم مكتبة جديدة في حي السنديان بحضور السكان والطلاب. ";

fn main() {
    for (name, text) in texts::all(HOSTILE_BYTES) {
        let (bytes, entry) = (text.len(), with_content(text, TextKind::Html));
        let (feed, took) = timed(vec![entry]);
        let content = feed.entries.first().and_then(|entry| entry.content.as_ref());
        let out = content.map_or(0, |html| html.as_str().len());
        println!("{name:<28} {bytes:>8} bytes {:>7.1} ms {out:>8} bytes out", milliseconds(took));
    }
    let paragraph =
        format!("<p dir=\"rtl\">{SENTENCE}<a href=\"/x?i=1&amp;b=2\">رابط</a> {SENTENCE}</p>\n");
    let text = paragraph.repeat(4) + "<img src=\"/1.jpg\" alt=\"x\"><br>";
    let bytes = text.len();
    let honest = (0..ENTRIES).map(|_| with_content(text.clone(), TextKind::Unspecified)).collect();
    measure(&format!("{ENTRIES} texts of {bytes} bytes with markup"), honest);
    measure(&format!("{ENTRIES} entries of plain text"), (0..ENTRIES).map(plain).collect());
}

fn measure(name: &str, entries: Vec<RawEntry>) {
    let count = entries.len();
    let (feed, took) = timed(entries);
    assert_eq!(feed.entries.len(), count);
    println!("{name}: {:.1} ms", milliseconds(took));
}

fn timed(entries: Vec<RawEntry>) -> (Feed, Duration) {
    let raw = RawFeed { entries, ..RawFeed::default() };
    let start = Instant::now();
    let feed = normalize(raw, &SourceHints::default());
    (feed, start.elapsed())
}

fn milliseconds(took: Duration) -> f64 {
    took.as_secs_f64() * 1_000.0
}

fn with_content(value: String, kind: TextKind) -> RawEntry {
    let content = RawText { value, kind, ..RawText::default() };
    RawEntry { content: Some(content), ..RawEntry::default() }
}

fn plain(number: usize) -> RawEntry {
    let text = |value: String| Some(RawText { value, ..RawText::default() });
    let address = format!("https://a.example/news/{number}?utm_source=rss");
    RawEntry {
        guid: Some(format!("https://a.example/?p={number}")),
        title: text(format!("خبر {number}: {SENTENCE}")),
        links: vec![RawLink { href: address, ..RawLink::default() }],
        summary: text(SENTENCE.repeat(4)),
        published: Some("Mon, 23 Nov 2026 10:00:00 +0300".to_owned()),
        categories: vec![RawCategory { term: "اقتصاد".into(), ..RawCategory::default() }],
        ..RawEntry::default()
    }
}
