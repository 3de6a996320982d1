//! The gate: machine instructions of what Rafid does most, compared with `benches/baseline.toml`.
//! Ends with 1 if a row is more than 10 % above its baseline, or alone has none.
//!
//! `cargo bench --profile dev --bench instructions -- [row…]`, as `.ci/run` does; without the profile
//! it measures release builds.
//! `RAFID_BENCH_BASELINE=write` writes the baseline, `RAFID_BENCH_RUNS=3` shows the variance.
//! Skipped where valgrind is missing. `docs/performance.md` has the figures.

#![allow(clippy::unwrap_used, clippy::print_stdout, unreachable_pub, missing_docs)]

mod support {
    pub mod baseline;
    pub mod callgrind;
    pub mod connection;
    pub mod news;
    pub mod river;
    pub mod stored;
}

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use rafid::model::{EntryId, SearchOrder, SourceId, StoryInput};
use rafid::query::{Query, SearchableEntry};
use rafid::search_index::{IndexDocument, SearchIndex, SearchRequest};
use rafid::story::{StoryFeatures, StoryMemory, StorySettings, StoryVectors};
use rafid_feed::model::{Document, Entry, Identity, IdentityKind, PlainText, SafeHtml};
use rafid_feed::normalize::{SourceHints, normalize};
use rafid_feed::{decode, parse, repair};

use support::callgrind::{FOLDER_VARIABLE, ROW_VARIABLE, count_here, count_program, count_row};
use support::{baseline, connection, news, river};

/// Entries of a document.
const ENTRIES: u64 = 30;
/// Documents of a pass.
const FEEDS: u64 = 20;
/// Entries of each of them: few, because a program is 50 times slower under callgrind.
const FEED_ENTRIES: u64 = 10;
/// Entries that a story is looked for among.
const DAY: u64 = 200;
/// Entries of the search index: all in one segment, so that no merge in the background changes what is searched.
const INDEXED: u64 = 2_000;
/// Three words that entries of the search index have.
const WORDS: &str = "مجلس وزير منطقة";
/// The rank of a word that few entries have.
const RARE: u64 = 20_011;
/// Sources of the store that is rendered, with 30 entries each.
const RIVER_SOURCES: u64 = 50;
/// The instant of fixed documents: 2026-11-23 06:00 UTC.
const FIXED: i64 = 1_795_413_600;
/// Passes without news that are counted, of which each leaves the store as it was. One of them varies by 15 %.
const WARM_RUNS: u32 = 4;

/// Something whose instructions are counted.
struct Row {
    name: &'static str,
    meaning: &'static str,
    /// Runs before, and is not counted.
    prepare: fn(&Path),
    work: Work,
}

enum Work {
    /// Calls `count_here` for what counts.
    Library(fn(&Path)),
    /// `rafid` with these arguments, from start to end. The least of as many runs counts: how its threads take turns
    /// decides how many polls are written together.
    Program { args: &'static [&'static str], runs: u32 },
}

const POLL: [&str; 4] = ["poll", "--all", "--log-level", "error"];
const POLL_ONE: [&str; 4] = ["poll", "f0", "--log-level", "error"];
static ROWS: [Row; 15] = [
    library("decode", "the text of a document of 30 entries", nothing, decode_document),
    library("repair", "the same repaired", nothing, repair_document),
    library("parse", "the same understood as RSS", nothing, parse_document),
    library("normalize", "the same as entries, sanitized", nothing, normalize_document),
    library("story", "the story of one entry among 200", nothing, assign_story),
    library("search_newest", "three words among 2,000 entries", build_index, search_newest),
    library("search_best", "the same, the best first", build_index, search_best),
    library("search_forms", "the same, newest first, in all forms", build_index, search_forms),
    library("search_rare", "a rare word, newest first", build_index, search_rare),
    library("search_rare_forms", "the same in all its forms", build_index, search_rare_forms),
    library("render", "one new entry in RSS, Atom, JSON and the page", fill_river, render_news),
    library("not_modified", "500 answers 304, client included", nothing, answer_not_modified),
    program("cold_pass", "poll of 20 new files of 10 entries", (&POLL, 1), write_feeds),
    program("update", "then a poll of 30 new entries of one source", (&POLL_ONE, 1), publish_news),
    program("warm_pass", "poll of the 20 files, unchanged", (&POLL, WARM_RUNS), poll_once),
];

const fn library(
    name: &'static str,
    meaning: &'static str,
    prepare: fn(&Path),
    work: fn(&Path),
) -> Row {
    Row { name, meaning, prepare, work: Work::Library(work) }
}

const fn program(
    name: &'static str,
    meaning: &'static str,
    (args, runs): (&'static [&'static str], u32),
    prepare: fn(&Path),
) -> Row {
    Row { name, meaning, prepare, work: Work::Program { args, runs } }
}

fn main() -> ExitCode {
    if let Ok(name) = std::env::var(ROW_VARIABLE) {
        let folder = PathBuf::from(std::env::var_os(FOLDER_VARIABLE).unwrap());
        let row = ROWS.iter().find(|row| row.name == name).unwrap();
        if let Work::Library(work) = row.work {
            work(&folder);
        }
        return ExitCode::SUCCESS;
    }
    if !support::callgrind::is_installed() {
        println!("instructions: skipped, valgrind is not installed");
        return ExitCode::SUCCESS;
    }
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let is_wanted = |row: &&Row| wanted.is_empty() || wanted.iter().any(|name| name == row.name);
    let rows: Vec<&Row> = ROWS.iter().filter(is_wanted).collect();
    let counts = count_all(&rows);
    let profile = baseline::profile();
    if std::env::var("RAFID_BENCH_BASELINE").is_ok_and(|value| value == "write") {
        let day = Timestamp::now().strftime("%Y-%m-%d").to_string();
        baseline::write_counts(profile, &counts, &day);
        baseline::write_figures(profile, &counts);
    }
    print_table(&rows, &counts, profile)
}

/// The table, and the verdict of the gate.
fn print_table(rows: &[&Row], counts: &BTreeMap<String, u64>, profile: &str) -> ExitCode {
    let before = baseline::counts_of(profile);
    println!("| row ({profile}) | baseline | now | ratio | |\n| --- | --: | --: | --: | --- |");
    let mut failures = 0;
    for row in rows {
        let count = counts[row.name];
        let verdict =
            baseline::compare(row.name, row.meaning, count, before.get(row.name).copied());
        println!("{}", verdict.line);
        failures += u32::from(verdict.is_failure);
    }
    if before.is_empty() {
        println!("{profile} has no baseline: nothing is compared.");
        return ExitCode::SUCCESS;
    }
    if failures == 0 {
        return ExitCode::SUCCESS;
    }
    println!(
        "{failures} rows have no baseline or are above {:.2} of it. Make them fast again, or write the \
         baseline in the same commit and say why.",
        baseline::ALLOWED
    );
    ExitCode::FAILURE
}

/// Counts the rows, as many at once as there are cores: that changes no count.
fn count_all(rows: &[&Row]) -> BTreeMap<String, u64> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let runs =
        std::env::var("RAFID_BENCH_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(1);
    let (next, counts) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                // The longest rows are the last ones, and start first.
                while let Some(row) = rows.iter().rev().nth(next.fetch_add(1, Ordering::Relaxed)) {
                    let count = (0..runs).map(|_| count_one(row)).min().unwrap();
                    counts.lock().unwrap().insert(row.name.to_owned(), count);
                }
            });
        }
    });
    counts.into_inner().unwrap()
}

fn count_one(row: &Row) -> u64 {
    let folder = tempfile::tempdir().unwrap();
    (row.prepare)(folder.path());
    let start = Instant::now();
    let count = match row.work {
        Work::Library(_) => count_row(row.name, folder.path()),
        Work::Program { args, runs } => {
            let count = |_| count_program(env!("CARGO_BIN_EXE_rafid"), args, folder.path());
            (0..runs).map(count).min().unwrap()
        }
    };
    println!("{}: {} in {:.0?}", row.name, baseline::grouped(count), start.elapsed());
    count
}

fn nothing(_: &Path) {}

/// An RSS document with entries of the synthetic newspaper, an hour apart.
fn document(number: u64, entries: u64, newest: Timestamp) -> String {
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><rss version=\"2.0\"><channel><title>مصدر {number}</title>\
         <link>https://f{number}.example/</link><description>أخبار</description><language>ar</language>"
    );
    for place in 0..entries {
        let entry = number * entries + place;
        let [title, summary, body] = news::entry(entry);
        let hours = i64::try_from(place).unwrap();
        let date =
            (newest - SignedDuration::from_hours(hours)).strftime("%a, %d %b %Y %H:%M:%S GMT");
        write!(
            text,
            "<item><title>{title}</title><link>https://f{number}.example/news/{entry}</link>\
             <guid isPermaLink=\"false\">{number}-{entry}</guid><category>محليات</category><pubDate>{date}</pubDate>\
             <description>&lt;p&gt;{summary}&lt;/p&gt;&lt;p&gt;&lt;b&gt;{title}&lt;/b&gt; {body} \
             &lt;a href=\"https://f{number}.example/t/{entry}?a=1&amp;amp;b=2\"&gt;التفاصيل&lt;/a&gt;&lt;/p&gt;\
             </description></item>"
        )
        .unwrap();
    }
    text + "</channel></rss>"
}

fn fixed_document() -> Document {
    let text = document(0, ENTRIES, Timestamp::from_second(FIXED).unwrap());
    Document { bytes: text.into_bytes(), ..Document::default() }
}

/// Counts the second run: the first one builds tables that are made once in the life of a program.
fn count_second<T, R>(mut prepare: impl FnMut() -> T, work: impl Fn(T) -> R) {
    black_box(work(prepare()));
    let mut input = Some(prepare());
    let mut output = None;
    count_here(&mut || output = input.take().map(&work));
    black_box(output.unwrap());
}

fn decode_document(_: &Path) {
    let document = fixed_document();
    count_second(|| (), |()| decode::decode(&document, None).unwrap());
}

fn repair_document(_: &Path) {
    let document = fixed_document();
    let decoded = decode::decode(&document, None).unwrap();
    count_second(|| (), |()| repair::repair(&decoded.text).unwrap());
}

fn parse_document(_: &Path) {
    let document = fixed_document();
    let decoded = decode::decode(&document, None).unwrap();
    count_second(
        || repair::repair(&decoded.text).unwrap(),
        |repaired| parse::parse(repaired).unwrap(),
    );
}

fn normalize_document(_: &Path) {
    let document = fixed_document();
    let decoded = decode::decode(&document, None).unwrap();
    let raw = parse::parse(repair::repair(&decoded.text).unwrap()).unwrap();
    count_second(|| raw.clone(), |raw| normalize(raw, &SourceHints::default()));
}

fn assign_story(_: &Path) {
    let mut memory = StoryMemory::new(StorySettings::new(true), Vec::new());
    for number in 0..DAY {
        assign(&mut memory, number, number);
    }
    // The texts of an entry of the day again, under another name: its story is found and joined.
    count_here(&mut || assign(&mut memory, DAY, DAY / 2));
    black_box(memory);
}

fn assign(memory: &mut StoryMemory, number: u64, texts: u64) {
    let source = SourceId::new(&format!("source-{}", number % 40)).unwrap();
    let [title, summary, text] = news::entry(texts);
    let minutes = i64::try_from(number).unwrap();
    let at = Timestamp::from_second(FIXED).unwrap() + SignedDuration::from_mins(minutes);
    let input = StoryInput {
        id: EntryId::for_identity(&source, &identity(number)),
        source: &source,
        listed_at: at,
        seen_at: at,
        title: &title,
        summary: &summary,
        text: &text,
    };
    let vectors = StoryVectors::default();
    let features = || StoryFeatures::from_input(&input, vectors.vectors());
    black_box(memory.assign_features(&input.arrival(), features));
}

fn identity(number: u64) -> Identity {
    Identity { kind: IdentityKind::Guid, key: number.to_string(), weaker_names: Vec::new() }
}

fn build_index(folder: &Path) {
    let search = SearchIndex::open(&folder.join("index")).unwrap();
    let mut writer = search.writer().unwrap();
    let source = SourceId::new("bench").unwrap();
    let html = |words: &str| {
        (!words.is_empty()).then(|| SafeHtml::from_trusted(format!("<p>{words}</p>")))
    };
    for number in 0..INDEXED {
        let [title, summary, text] = news::entry(number);
        let entry = Entry {
            summary: html(&summary),
            content: html(&text),
            ..Entry::titled(identity(number), PlainText::from_trusted(title))
        };
        let subject = SearchableEntry::new(&entry, &source, "وكالة", &[], None);
        let id = EntryId::for_identity(&source, &identity(number));
        let listed_at = Timestamp::from_second(FIXED + i64::try_from(number).unwrap()).unwrap();
        let document = IndexDocument { id, listed_at, stamp: number, subject: &subject };
        writer.upsert(&document).unwrap();
    }
    writer.commit().unwrap();
}

fn search_newest(folder: &Path) {
    search(folder, SearchOrder::Newest, (WORDS, false));
}

fn search_best(folder: &Path) {
    search(folder, SearchOrder::Best, (WORDS, false));
}

fn search_forms(folder: &Path) {
    search(folder, SearchOrder::Newest, (WORDS, true));
}

fn search_rare(folder: &Path) {
    search(folder, SearchOrder::Newest, (&news::word(RARE), false));
}

fn search_rare_forms(folder: &Path) {
    search(folder, SearchOrder::Newest, (&news::word(RARE), true));
}

fn search(folder: &Path, order: SearchOrder, (words, has_forms): (&str, bool)) {
    let search = SearchIndex::open(&folder.join("index")).unwrap();
    let find = |()| {
        let query = Query::parse_rule(words, has_forms).unwrap();
        search.find(&request(&query, order)).unwrap().count
    };
    count_second(|| (), find);
}

fn request(query: &Query, order: SearchOrder) -> SearchRequest<'_> {
    SearchRequest { query, order, limit: 50, limit_unsure: 50, after: None, since: None }
}

fn fill_river(folder: &Path) {
    river::fill_store(folder, RIVER_SOURCES);
}

fn render_news(folder: &Path) {
    river::count_round("all", folder, RIVER_SOURCES);
}

fn answer_not_modified(_: &Path) {
    connection::serve_and_request("rafid");
}

/// Files with entries of the last ten hours: older ones would be other work as time goes by.
fn write_feeds(folder: &Path) {
    let newest = Timestamp::now() - SignedDuration::from_mins(5);
    let mut config = String::new();
    for number in 0..FEEDS {
        let path = folder.join(format!("{number}.xml"));
        fs::write(&path, document(number, FEED_ENTRIES, newest)).unwrap();
        write!(config, "[[source]]\nid = \"f{number}\"\nurl = \"file:{}\"\n\n", path.display())
            .unwrap();
    }
    fs::write(folder.join("feeds.toml"), config).unwrap();
}

fn poll_once(folder: &Path) {
    write_feeds(folder);
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_rafid"));
    assert!(command.args(POLL).current_dir(folder).status().unwrap().success());
}

/// After a pass the first source publishes a document of new entries.
fn publish_news(folder: &Path) {
    poll_once(folder);
    let newest = Timestamp::now() - SignedDuration::from_mins(1);
    fs::write(folder.join("0.xml"), document(FEEDS, ENTRIES, newest)).unwrap();
}
