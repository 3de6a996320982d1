//! The first pass of a day and a pass without news, over 1,000 feeds on loopback: CPU time of the
//! real binary (user and system, as the kernel counts them for the finished child), compared with
//! the time that the strict parsers alone need for the same documents, and with a naive program
//! (`support/naive.rs`) in the same run; with the stories of the news, and without.
//!
//! `cargo bench --bench pass`; `RAFID_BENCH_FEEDS=100` makes it smaller. Memory:
//! `/usr/bin/time -v rafid poll`.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    unreachable_pub,
    missing_docs
)]

#[path = "support/naive.rs"]
mod naive;
#[path = "support/news.rs"]
mod news;

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};

const FEEDS: usize = 1_000;
const ENTRIES: usize = 30;
/// How often the programs pass over all feeds, each time into a new store, and then once more.
const TURNS: u32 = 5;
const PASSES: [&str; 2] = ["first pass", "pass without news"];
/// Ticks of `/proc/self/stat` in a second (`getconf CLK_TCK` on every Linux).
const TICKS: f64 = 100.0;

/// Names the origin for the naive program, which is this one, started again.
const NAIVE_VARIABLE: &str = "RAFID_BENCH_NAIVE";

fn main() {
    let count = std::env::var("RAFID_BENCH_FEEDS").ok().and_then(|n| n.parse().ok());
    let count: usize = count.unwrap_or(FEEDS);
    if let Ok(address) = std::env::var(NAIVE_VARIABLE) {
        let addresses = (0..count).map(|number| format!("http://{address}/{number}")).collect();
        naive::poll(&std::env::current_dir().unwrap(), addresses);
        return;
    }
    let feeds: Arc<Vec<String>> = Arc::new((0..count).map(feed).collect());
    let bytes: usize = feeds.iter().map(String::len).sum();
    println!("{count} feeds of {ENTRIES} entries, {} MB", bytes / 1_000_000);

    let start = own_cpu();
    let parsed: usize = feeds.iter().map(|text| entries_by_crates(text)).sum();
    let alone = own_cpu() - start;
    println!("the strict parsers alone, {parsed} entries: {alone:.2} s CPU");

    let address = serve(Arc::clone(&feeds));
    let turns = f64::from(TURNS);
    for stories in ["collapse", "off"] {
        let sums = measure(&address, &config(&address, count, stories));
        for (name, Sums { cpu, wall, naive }) in PASSES.iter().zip(sums) {
            println!(
                "{name}, stories {stories}: {:.2} s CPU, {:.2} s wall, {:.1} x the parsers alone, {:.2} x a naive program ({:.2} s), mean of {TURNS}",
                cpu / turns,
                wall / turns,
                cpu / turns / alone,
                cpu / naive,
                naive / turns
            );
        }
    }
}

/// Both programs in turn, and not one after the other: the load of a machine changes within a minute.
fn measure(address: &str, config: &str) -> [Sums; PASSES.len()] {
    let mut sums = [Sums::default(); PASSES.len()];
    for _ in 0..TURNS {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("feeds.toml"), config).unwrap();
        for sum in &mut sums {
            let mut naive = Command::new(std::env::current_exe().unwrap());
            naive.env(NAIVE_VARIABLE, address);
            sum.naive += pass(home.path(), naive).0;
            let mut rafid = Command::new(env!("CARGO_BIN_EXE_rafid"));
            rafid.args(["poll", "--all", "--log-level", "error"]);
            let (cpu, wall) = pass(home.path(), rafid);
            (sum.cpu, sum.wall) = (sum.cpu + cpu, sum.wall + wall);
        }
    }
    sums
}

/// Seconds of all turns.
#[derive(Clone, Copy, Default)]
struct Sums {
    cpu: f64,
    wall: f64,
    /// The CPU time of the naive program.
    naive: f64,
}

/// RSS and Atom alternately, with news of the last six days, and about 1.5 KB of HTML in each entry.
fn feed(number: usize) -> String {
    let mut text = String::new();
    let is_atom = number % 3 == 2;
    if is_atom {
        write!(text, "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"ar\"><id>urn:f:{number}</id><title>مصدر {number}</title><updated>2026-11-23T06:00:00Z</updated>").unwrap();
    } else {
        write!(text, "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>مصدر {number}</title><link>https://f{number}.example/</link><language>ar</language>").unwrap();
    }
    for entry in 0..ENTRIES {
        let [title, summary, body] = news::entry(u64::try_from(number * ENTRIES + entry).unwrap());
        let body = format!(
            "&lt;p&gt;{summary}&lt;/p&gt;&lt;p&gt;&lt;b&gt;{title}&lt;/b&gt; {body} &lt;a href=\"https://f{number}.example/t/{entry}\"&gt;{title}&lt;/a&gt;&lt;/p&gt;"
        );
        let (atom, rss) = dates(number, entry);
        if is_atom {
            write!(text, "<entry><id>urn:f:{number}:{entry}</id><title>{title}</title><link href=\"https://f{number}.example/{entry}\"/><updated>{atom}</updated><content type=\"html\">{body}</content></entry>").unwrap();
        } else {
            write!(text, "<item><guid isPermaLink=\"false\">{number}-{entry}</guid><title>{title}</title><link>https://f{number}.example/{entry}</link><pubDate>{rss}</pubDate><description>{body}</description></item>").unwrap();
        }
    }
    text.push_str(if is_atom { "</feed>" } else { "</channel></rss>" });
    text
}

/// The date of an entry in Atom and in RSS: five hours before the one above it. So those of a feed are of six days, and half
/// of them young enough for stories.
fn dates(number: usize, entry: usize) -> (String, String) {
    let minutes = i64::try_from(entry * 300 + number % 300).unwrap();
    let at = Timestamp::now() - SignedDuration::from_mins(minutes);
    (
        at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        at.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string(),
    )
}

fn entries_by_crates(text: &str) -> usize {
    if text.starts_with("<feed") {
        atom_syndication::Feed::read_from(text.as_bytes()).unwrap().entries.len()
    } else {
        rss::Channel::read_from(text.as_bytes()).unwrap().items.len()
    }
}

fn config(address: &str, count: usize, stories: &str) -> String {
    let mut text = format!(
        "[polling]\nallow_private = [\"{address}\"]\nconcurrency = 64\n[serve]\nstories = \"{stories}\"\n"
    );
    for number in 0..count {
        write!(text, "\n[[source]]\nid = \"f{number}\"\nurl = \"http://{address}/{number}\"\n")
            .unwrap();
    }
    text
}

/// An origin that supports entity tags.
fn serve(feeds: Arc<Vec<String>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let feeds = Arc::clone(&feeds);
            std::thread::spawn(move || answer(stream, &feeds));
        }
    });
    address
}

fn answer(mut stream: TcpStream, feeds: &[String]) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    loop {
        let (mut line, mut knows) = (String::new(), false);
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        let number: usize = line.split(' ').nth(1)?.trim_start_matches('/').parse().ok()?;
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).ok().filter(|read| *read > 2)?;
            knows |= header.to_ascii_lowercase().starts_with("if-none-match");
            if reader.buffer().starts_with(b"\r\n") {
                reader.consume(2);
                break;
            }
        }
        let body = if knows { "" } else { feeds.get(number)?.as_str() };
        let status = if knows { "304 Not Modified" } else { "200 OK" };
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/xml\r\netag: \"{number}\"\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).ok()?;
        stream.write_all(body.as_bytes()).ok()?;
    }
}

/// CPU and wall time of a program that polls each source once.
fn pass(home: &std::path::Path, mut program: Command) -> (f64, f64) {
    let (cpu, wall) = (childrens_cpu(), Instant::now());
    let status = program.current_dir(home).status().unwrap();
    assert!(status.success());
    (childrens_cpu() - cpu, wall.elapsed().as_secs_f64())
}

fn own_cpu() -> f64 {
    stat(13) + stat(14)
}

fn childrens_cpu() -> f64 {
    stat(15) + stat(16)
}

/// A field of `/proc/self/stat`, in seconds (proc(5); counted from 0).
fn stat(field: usize) -> f64 {
    let text = fs::read_to_string("/proc/self/stat").unwrap();
    let after_name = text.rsplit_once(')').unwrap().1;
    after_name.split_whitespace().nth(field - 2).unwrap().parse::<f64>().unwrap() / TICKS
}
