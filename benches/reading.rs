//! Reading clean Arabic RSS, station by station: CPU time, compared with the time that the `rss`
//! crate alone needs for the same text in the same run, and with Python's feedparser without its
//! sanitizer where that is installed.
//!
//! `cargo bench --bench reading`. The cost of sanitizing is the difference of normalizing with and
//! without bodies.
//!
//! Two feeds with the same entries: one with texts as long as in real Arabic RSS (the median of 38
//! feeds of public corpora is 2,880 bytes an entry), and one with short summaries only.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::cast_precision_loss)]

use std::fmt::Write as _;
use std::hint::black_box;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rafid_feed::model::{Document, RawFeed, ReadHints};
use rafid_feed::normalize::{self, SourceHints};
use rafid_feed::{decode, parse, pipeline, repair};

const ENTRIES: usize = 200;
/// The number of measurements; the fastest counts, because the machine only ever slows a run down.
const ROUNDS: usize = 25;
const PARSE_WITH_FEEDPARSER: &str = "\
import sys, time
try:
    import feedparser
except ImportError:
    sys.exit(3)
data = sys.stdin.buffer.read()
best = min(
    (lambda t: (feedparser.parse(data, sanitize_html=False), time.process_time() - t)[1])(time.process_time())
    for _ in range(5))
print(best)
";

/// The number of sentences in a text, and a description of such an entry.
const LENGTHS: [(usize, &str); 2] = [(15, "as long as real ones"), (6, "short")];

fn main() {
    for (sentences, like) in LENGTHS {
        measure(&feed(sentences), like);
    }
}

fn measure(text: &str, like: &str) {
    let document = Document { bytes: text.as_bytes().to_vec(), ..Document::default() };
    let bytes = text.len() / ENTRIES;
    println!("{ENTRIES} entries of clean Arabic RSS, {like}: {bytes} bytes each");

    let alone = quickest(|| {
        black_box(rss::Channel::read_from(text.as_bytes()).unwrap());
    });
    let show = |name: &str, took: Duration| {
        let ratio = took.as_secs_f64() / alone.as_secs_f64();
        println!("{name:<28} {:>8.2} ms {ratio:>7.2} x", took.as_secs_f64() * 1_000.0);
    };
    show("rss::Channel::read_from", alone);

    let decoding = quickest(|| {
        black_box(decode::decode(&document, None).unwrap());
    });
    show("decode", decoding);
    let decoded = decode::decode(&document, None).unwrap();
    let repairing = quickest(|| {
        black_box(repair::repair(&decoded.text).unwrap());
    });
    show("repair", repairing);
    let parsing = after(
        || repair::repair(&decoded.text).unwrap(),
        |repaired| {
            black_box(parse::parse(repaired).unwrap());
        },
    );
    show("parse", parsing);
    let raw = parse::parse(repair::repair(&decoded.text).unwrap()).unwrap();
    let whole = after(
        || raw.clone(),
        |raw| {
            black_box(normalize::normalize(raw, &SourceHints::default()));
        },
    );
    let bare = without_bodies(&raw);
    let plain = after(
        || bare.clone(),
        |raw| {
            black_box(normalize::normalize(raw, &SourceHints::default()));
        },
    );
    show("normalize, no bodies", plain);
    show("sanitizing the bodies", whole.saturating_sub(plain));
    show("all without sanitizing", decoding + repairing + parsing + plain);
    let all = quickest(|| {
        black_box(pipeline::read_feed(&document, ReadHints::default()).unwrap());
    });
    show("all", all);
    match feedparser(text) {
        Some(took) => {
            show("feedparser, not sanitizing", took);
            let times = took.as_secs_f64() / (decoding + repairing + parsing + plain).as_secs_f64();
            println!("quicker than feedparser: {times:.1} x");
        }
        None => println!("feedparser: skipped, no Python module of that name"),
    }
    println!();
}

fn without_bodies(raw: &RawFeed) -> RawFeed {
    let mut bare = raw.clone();
    for entry in &mut bare.entries {
        entry.summary = None;
        entry.content = None;
    }
    bare
}

fn quickest(mut work: impl FnMut()) -> Duration {
    after(|| (), |()| work())
}

/// The fastest of many rounds, without the preparation of each.
fn after<T>(mut prepare: impl FnMut() -> T, mut work: impl FnMut(T)) -> Duration {
    let round = |_| {
        let prepared = prepare();
        let start = Instant::now();
        work(prepared);
        start.elapsed()
    };
    (0..ROUNDS).map(round).min().unwrap()
}

fn feedparser(text: &str) -> Option<Duration> {
    let mut python = Command::new("python3")
        .args(["-c", PARSE_WITH_FEEDPARSER])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    python.stdin.take()?.write_all(text.as_bytes()).ok()?;
    let output = python.wait_with_output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok().map(Duration::from_secs_f64)
}

fn feed(sentences: usize) -> String {
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><rss version=\"2.0\"><channel><title>صحيفة السنديان</title>\
         <link>https://sindyan.example/</link><description>أخبار المدينة</description><language>ar</language>",
    );
    for number in 0..ENTRIES {
        let body = paragraph(number, sentences).replace('<', "&lt;");
        let (hour, minute) = (number % 24, number % 60);
        write!(
            text,
            "<item><title>افتتاح «مكتبة عامة» رقم {number} في حي الزيتون بحضور أهالي المدينة</title>\
             <link>https://sindyan.example/news/{number}</link>\
             <guid isPermaLink=\"false\">sindyan-{number}</guid><category>محليات</category>\
             <pubDate>Sun, 22 Nov 2026 {hour:02}:{minute:02}:00 +0300</pubDate>\
             <description>{body}</description></item>"
        )
        .unwrap();
    }
    text.push_str("</channel></rss>");
    text
}

fn paragraph(number: usize, sentences: usize) -> String {
    let sentence = "أعلنت الوزارة اليوم عن «خطة جديدة» لتطوير الميناء القديم بعد اجتماع مجلس الإدارة مساء الأحد. ";
    format!(
        "<p>{}</p><p><b>{}</b> <a href=\"https://sindyan.example/t/{number}\">التفاصيل</a></p>",
        sentence.repeat(sentences - 2),
        sentence.repeat(2)
    )
}
