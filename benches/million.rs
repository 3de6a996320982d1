//! A store of many entries, and the real binary on it: time and disk of the store, and what the daemon takes of
//! processor and memory while it builds the search index, at a start with a ready index, and for each new entry.
//!
//! | variable | meaning |
//! | --- | --- |
//! | `RAFID_BENCH_ENTRIES` | entries in the store; 20,000 unless set |
//! | `RAFID_BENCH_SOURCES` | sources; 1,000 unless set |
//! | `RAFID_BENCH_CACHE` | the cache of the store, as `cache_bytes` has it (`"16MiB"`); the program's own unless set |
//! | `RAFID_BENCH_PROGRAM` | another build of the program; the one of this build unless set |
//! | `RAFID_BENCH_SEARCH` | `off`: only the part without a search index, which takes minutes to build for a million entries |
//! | `RAFID_BENCH_FOLDER` | where the store is kept: it is used again if it is there; a temporary folder unless set |
//!
//! `RAFID_BENCH_ENTRIES=1000000 cargo bench --bench million`. Only on Linux, which reports a process in `/proc`. It
//! measures; it is no part of the checks of a change.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    unreachable_pub,
    missing_docs
)]

#[path = "support/measured_daemon.rs"]
mod measured_daemon;
#[path = "support/news.rs"]
mod news;
#[path = "support/stored.rs"]
mod stored;

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use rafid::model::{PollState, SourceId, StoredEntry};
use rafid::store::{Commit, Store, StoreOptions};

use measured_daemon::{Daemon, cpu_seconds};

const ENTRIES: usize = 20_000;
const SOURCES: usize = 1_000;
/// Entries that a source adds with one commit.
const PER_COMMIT: usize = 100;
/// Commits that share one sync.
const GROUP: usize = 64;
/// Entries that arrived within the last three days, at most; all others are older.
const RECENT: usize = 50_000;
/// Sources that are polled one after another, a second apart, each with one new entry.
const NEWS: usize = 60;
/// The time from the start of the daemon to the first of these polls.
const BEFORE_NEWS: SignedDuration = SignedDuration::from_secs(30);
/// The time from its start to the first measurement.
const BEFORE_MEASURING: Duration = Duration::from_secs(25);
/// The time after the last of them.
const AFTER_NEWS: Duration = Duration::from_secs(10);
fn main() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let entries = number("RAFID_BENCH_ENTRIES").unwrap_or(ENTRIES);
    let sources = number("RAFID_BENCH_SOURCES").unwrap_or(SOURCES);
    let temporary = tempfile::tempdir().unwrap();
    let kept = std::env::var("RAFID_BENCH_FOLDER").map(PathBuf::from);
    let home = kept.unwrap_or_else(|_| temporary.path().to_owned());
    fs::create_dir_all(&home).unwrap();
    let origin = serve_news();
    fs::write(home.join("feeds.toml"), config(origin, sources, true)).unwrap();
    if home.join("data").exists() {
        println!("the store is there");
    } else {
        fill_store(&home, entries, sources);
    }
    println!("store: {} MB on disk", folder_bytes(&home.join("data")) / 1_000_000);

    if std::env::var("RAFID_BENCH_SEARCH").is_ok_and(|text| text == "off") {
        return measure_without_search(&home, origin, sources);
    }
    set_due_times(&home, sources, false);
    let daemon = Daemon::start(&home);
    daemon.report_start("the index is new");
    daemon.wait_for("search index ready");
    daemon.report("index built");
    std::thread::sleep(Duration::from_secs(10));
    daemon.report("10 s later");
    daemon.stop();
    println!("index: {} MB on disk", folder_bytes(&home.join("data/search")) / 1_000_000);

    set_due_times(&home, sources, true);
    let daemon = Daemon::start(&home);
    daemon.report_start("the index is ready");
    daemon.wait_for("search index ready");
    daemon.report("index compared");
    measure_news(&daemon);
    daemon.measure_explanation(&home, &link(sources / 2, sources / 2));
    daemon.measure_search("%D8%A7%D9%84%D8%AD%D9%83%D9%88%D9%85%D8%A9");
    daemon.report("at the end");
    daemon.stop();
    measure_without_search(&home, origin, sources);
}

fn measure_without_search(home: &Path, origin: SocketAddr, sources: usize) {
    fs::write(home.join("feeds.toml"), config(origin, sources, false)).unwrap();
    set_due_times(home, sources, true);
    let daemon = Daemon::start(home);
    daemon.report_start("without search");
    measure_news(&daemon);
    daemon.stop();
}

/// Fills a new store through its own interface.
fn fill_store(home: &Path, entries: usize, sources: usize) {
    let (began, cpu) = (Instant::now(), cpu_seconds("self"));
    let now = Timestamp::now();
    let store = Store::open(&StoreOptions::new(home.join("data")), now).unwrap().store;
    let per_source = entries.div_ceil(sources);
    for round in 0..per_source.div_ceil(PER_COMMIT) {
        let numbers = round * PER_COMMIT..((round + 1) * PER_COMMIT).min(per_source);
        let sources: Vec<usize> = (0..sources).collect();
        for group in sources.chunks(GROUP) {
            let commits = group.iter().map(|source| {
                let places = numbers.clone().map(|number| number * sources.len() + source);
                let new = places.map(|place| entry(*source, place, entries, now)).collect();
                commit(*source, new, now)
            });
            store.commit(&commits.collect::<Vec<_>>(), per_source + NEWS).unwrap();
        }
    }
    let entries = per_source * sources;
    let (took, cpu) = (began.elapsed(), cpu_seconds("self") - cpu);
    println!("{entries} entries of {sources} sources stored in {took:.0?}, {cpu:.0} s CPU");
}

/// Makes all sources due tomorrow, but for those that bring news.
fn set_due_times(home: &Path, sources: usize, with_news: bool) {
    let now = Timestamp::now();
    let store = Store::open(&StoreOptions::new(home.join("data")), now).unwrap().store;
    let commits: Vec<Commit> = (0..sources)
        .map(|source| {
            // Of its state nothing else changes: another name would have all of its entries indexed again.
            let state = store.poll_state(&source_id(source)).unwrap().unwrap();
            let mut due = Commit { state, ..commit(source, Vec::new(), now) };
            due.state.schedule.due_at = now + SignedDuration::from_hours(20);
            due.state.last_poll.polled_at = Some(now);
            if with_news && source < NEWS {
                let seconds = i64::try_from(source).unwrap();
                due.state.schedule.due_at = now + BEFORE_NEWS + SignedDuration::from_secs(seconds);
            }
            due
        })
        .collect();
    commits.chunks(GROUP).for_each(|group| store.commit(group, usize::MAX).unwrap());
}

fn source_id(source: usize) -> SourceId {
    SourceId::new(&format!("s{source}")).unwrap()
}

fn link(source: usize, place: usize) -> String {
    format!("https://s{source}.example/news/{place}")
}

/// A commit of a source with new entries, after which it is due tomorrow.
fn commit(source: usize, new: Vec<StoredEntry>, now: Timestamp) -> Commit {
    let mut state = PollState::new([1; 16], now + SignedDuration::from_hours(20));
    state.document.feed_info.title = Some(format!("صحيفة {source}"));
    state.last_poll.polled_at = Some(now);
    state.last_poll.succeeded_at = Some(now);
    stored::commit_of(&source_id(source), state, new)
}

/// The entry at a place in the order of arrival, from the oldest.
fn entry(source: usize, place: usize, all: usize, now: Timestamp) -> StoredEntry {
    // The recent ones fill three days, all others the year before.
    let age = all.saturating_sub(place);
    let seconds = if age <= RECENT { age * 5 } else { 260_000 + (age - RECENT) * 30 };
    let at = now - SignedDuration::from_secs(i64::try_from(seconds).unwrap());
    let number = u64::try_from(place).unwrap();
    stored::entry(&source_id(source), &link(source, place), number, at)
}

fn config(origin: SocketAddr, sources: usize, search: bool) -> String {
    let mut text =
        format!("[serve]\nsearch = {search}\n\n[polling]\nallow_private = [\"{origin}\"]\n");
    // By default the older ones would be deleted while the rest is measured.
    text.push_str("\n[store]\nkeep = \"forever\"\n");
    if let Ok(size) = std::env::var("RAFID_BENCH_CACHE") {
        writeln!(text, "cache_bytes = \"{size}\"").unwrap();
    }
    for source in 0..sources {
        let id = source_id(source);
        write!(text, "\n[[source]]\nid = \"{id}\"\nurl = \"http://{origin}/{source}\"\n").unwrap();
    }
    text
}

/// Answers each request for a source with a feed of one new entry.
fn serve_news() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for (number, stream) in listener.incoming().flatten().enumerate() {
            answer(stream, number);
        }
    });
    address
}

fn answer(mut stream: TcpStream, number: usize) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut line = String::new();
    while reader.read_line(&mut line).ok()? > 2 {
        line.clear();
    }
    let seed = u64::try_from(number).ok()? + 5_000_000;
    let [title, summary, text] = news::entry(seed);
    let now = jiff::fmt::rfc2822::to_string(&Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC));
    let body = format!(
        "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>صحيفة</title><link>https://n.example/</link><language>ar</language><item><guid isPermaLink=\"false\">new-{number}</guid><title>{title}</title><link>https://n.example/{number}</link><pubDate>{}</pubDate><description>{summary}. {text}</description></item></channel></rss>",
        now.ok()?
    );
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/rss+xml\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body.as_bytes()).ok()
}

/// The processor time for each of the entries that arrive one after another.
fn measure_news(daemon: &Daemon) {
    let start = daemon.began + BEFORE_MEASURING;
    std::thread::sleep(start.saturating_duration_since(Instant::now()));
    let before = daemon.cpu();
    daemon.report("before the news");
    std::thread::sleep(Duration::from_secs(NEWS as u64 + 5) + AFTER_NEWS);
    let each = (daemon.cpu() - before) / NEWS as f64 * 1_000.0;
    daemon.report(&format!("{NEWS} new entries: {each:.0} ms CPU each"));
}

fn folder_bytes(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).unwrap().flatten();
    entries
        .map(|entry| {
            let kind = entry.metadata().unwrap();
            if kind.is_dir() { folder_bytes(&entry.path()) } else { kind.len() }
        })
        .sum()
}
