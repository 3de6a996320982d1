//! A siege: one daemon, subscribed to every hostile source at once and to ten honest ones. The row of a
//! source has its responses, the expected result, and the expected requests.
//!
//! Sources that never end have a daemon of their own, which gives a poll 5 seconds; nothing is checked there
//! that depends on the speed of the machine. All others have as much time as they need.

mod bytes;
mod codings;
mod documents;
mod redirects;
mod rows;
mod validators;

use std::fs;
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

use crate::support::origin::{Act, Origin, ReceivedRequest, head_of};
use crate::support::program::{Home, Program};
use crate::support::web::get;
use rows::{Row, Verdict};

/// Honest sources beside the hostile ones.
const HONEST: usize = 10;
/// The number of polls of each honest source before the siege is checked.
const HONEST_POLLS: usize = 3;
/// The maximum memory of the daemon at any time, in KB: half of what packaging/rafid.service allows. Some 190 MB are usual, as the
/// allocator keeps for a second what is free.
const MOST_KB: u64 = 256_000;

/// The sieges run one after the other: each alone opens some two hundred connections. Other tests run beside
/// them, and no verdict of a siege depends on that.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// The hostile servers, the servers that may also get requests, and those that must never get one.
struct Camp {
    origin: Origin,
    other: Origin,
    inside: Origin,
    rows: Vec<Row>,
}

#[test]
fn the_worst_of_them_together_harm_no_one() {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let camp = Camp::new(|row| !row.is_endless());
    let (_home, program) = camp.besiege("10m");
    let Camp { origin, other, inside, rows } = &camp;
    let count = |request: &[ReceivedRequest], path: &str| {
        request.iter().filter(|one| one.path == path).count()
    };
    other.wait_until(|request| {
        (0..HONEST).all(|honest| count(request, &format!("/honest-{honest}")) >= HONEST_POLLS)
    });
    origin.wait_until(|request| {
        rows.iter().all(|row| count(request, &format!("/{}", row.name)) >= row.requests)
    });

    let mut wrong = judge(&program, rows, origin);
    wrong.extend(harmed(&program));
    assert!(wrong.is_empty(), "{} rows:\n{}", wrong.len(), wrong.join("\n"));
    judge_manners(origin, other);
    assert!(inside.requests().is_empty(), "{:?}", inside.requests());
    judge_outputs(&program);
    judge_memory(&program);
    assert!(program.stop().success());
}

#[test]
fn sources_that_never_end_are_given_up() {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let camp = Camp::new(Row::is_endless);
    let (_home, program) = camp.besiege("5s");
    let wrong = judge(&program, &camp.rows, &camp.origin);
    assert!(wrong.is_empty(), "{} rows:\n{}", wrong.len(), wrong.join("\n"));
    // A poll of an honest source that was given up as well is repeated.
    while !harmed(&program).is_empty() {
        program.wait_for("polled", |line| is_honest(&line["source"]));
    }
    judge_memory(&program);
    assert!(program.stop().success());
}

impl Camp {
    fn new(takes_part: impl Fn(&Row) -> bool) -> Self {
        let (origin, other, inside) = (Origin::start(), Origin::start(), Origin::start());
        let mut rows = all_rows(&origin, &other, &inside);
        rows.retain(takes_part);
        for honest in 0..HONEST {
            let name = format!("honest-{honest}");
            let tag = format!("ETag: \"{honest}\"");
            let first = vec![Act::Send(rows::good(&name, &[&tag]))];
            let again = vec![Act::Send(head_of("304 S", &[]))];
            other.put(&format!("/{name}"), vec![first, again]);
        }
        Self { origin, other, inside, rows }
    }

    /// A daemon that has polled every source once, with this timeout for each poll, and its folder.
    fn besiege(&self, timeout: &str) -> (Home, Program) {
        let home = tempfile::tempdir().map(|folder| Home { folder }).unwrap();
        home.write(&config(&self.origin, &self.other, &self.rows, timeout));
        let program = home.run();
        program.wait_for("first pass", |_| true);
        (home, program)
    }
}

fn judge_memory(program: &Program) {
    match peak_kb(program) {
        Some(peak) => {
            println!("{} MB were held at most", peak / 1_000);
            assert!(peak < MOST_KB, "{peak} KB were held");
        }
        None => println!("skipped: /proc tells nothing about memory here"),
    }
}

fn all_rows(origin: &Origin, other: &Origin, inside: &Origin) -> Vec<Row> {
    let mut rows = bytes::rows();
    rows.extend(codings::rows());
    rows.extend(redirects::rows(origin, other, inside));
    rows.extend(validators::rows());
    rows.extend(documents::rows(origin));
    for row in &rows {
        if !row.script.is_empty() {
            origin.put(&format!("/{}", row.name), row.script.clone());
        }
    }
    rows
}

fn config(origin: &Origin, other: &Origin, rows: &[Row], timeout: &str) -> String {
    let mut text = format!(
        "[polling]\nallow_private = [\"{}\", \"{}\"]\ntimeout = \"{timeout}\"\n\n",
        origin.address, other.address
    );
    let mut source = |id: &str, url: &str| {
        text.push_str(&format!("[[source]]\nid = \"{id}\"\nurl = \"{url}\"\nevery = 1\n\n"));
    };
    for row in rows {
        let own = origin.url(&format!("/{}", row.name));
        source(row.name, row.url.as_deref().unwrap_or(&own));
    }
    // The honest sources come last: none is served first.
    for honest in 0..HONEST {
        source(&format!("honest-{honest}"), &other.url(&format!("/honest-{honest}")));
    }
    text
}

/// What is wrong with each row: what the daemon reports about the source, and the requests that the origin
/// got.
fn judge(program: &Program, rows: &[Row], origin: &Origin) -> Vec<String> {
    let status = get(program.address, "/status.json").json();
    let sources = status["sources"].as_array().unwrap();
    let mut wrong = Vec::new();
    for row in rows {
        let source = sources.iter().find(|source| source["id"] == row.name).unwrap();
        let entries = source["feed_entries"].as_u64().unwrap();
        let error = &source["last_error"];
        let is_cut = source["warnings"].as_array().unwrap().iter().any(says_cut);
        let is_right = match &row.verdict {
            Verdict::Read(count) => error.is_null() && !is_cut && entries == *count as u64,
            Verdict::AtLeast(count) => error.is_null() && entries >= *count as u64,
            Verdict::Cut(count) => error.is_null() && is_cut && entries == *count as u64,
            Verdict::Broken => error["stage"] == "fetch" || is_cut,
            Verdict::Failed(stage, reason) => {
                let is_there = stage.is_empty() || error["stage"] == *stage;
                is_there && error["message"].as_str().unwrap_or_default().contains(reason)
            }
            Verdict::Endless => error["stage"] == "fetch",
        };
        if !is_right {
            let found = format!("{entries} entries, error {error}, {}", source["warnings"]);
            wrong.push(format!("{}: expected {:?}, found {found}", row.name, row.verdict));
        }
        let judged = std::panic::AssertUnwindSafe(|| {
            (row.judge)(&origin.requests_to(&format!("/{}", row.name)));
        });
        if std::panic::catch_unwind(judged).is_err() {
            wrong.push(format!("{}: its requests are not those expected", row.name));
        }
    }
    wrong
}

/// The honest sources that do not have their publishers' entries.
fn harmed(program: &Program) -> Vec<String> {
    let status = get(program.address, "/status.json").json();
    let honest = status["sources"].as_array().unwrap().iter().filter(|it| is_honest(&it["id"]));
    let harmed = honest.filter(|it| !it["last_error"].is_null() || it["entries"] != 2);
    harmed.map(|source| format!("an honest source was harmed: {source}")).collect()
}

fn is_honest(id: &Value) -> bool {
    id.as_str().is_some_and(|id| id.starts_with("honest-"))
}

fn says_cut(warning: &Value) -> bool {
    let words = warning.to_string();
    words.contains("ends before its end") || words.contains("ends badly")
}

/// What is true of every request, whatever its server.
fn judge_manners(origin: &Origin, other: &Origin) {
    for request in origin.requests().iter().chain(&other.requests()) {
        let found = request.header("user-agent").unwrap_or_default();
        assert!(found.starts_with(b"Rafid/"), "{request:?}");
        assert!(request.header("accept").is_some(), "{request:?}");
        assert!(request.head.starts_with(b"GET "), "{request:?}");
        for name in request.names() {
            let never = ["cookie", "referer", "pragma", "cache-control", "range"];
            assert!(!never.contains(&name.as_str()), "{request:?}");
        }
        if request.path != "/away" {
            assert_eq!(request.header("authorization"), None, "{request:?}");
        }
    }
    // What the target of a redirect gave belongs to it and not to the addresses that redirect there.
    for name in ["/found", "/for-ever"] {
        for request in origin.requests_to(name) {
            assert_eq!(request.header("if-none-match"), None, "{request:?}");
        }
    }
    documents::nothing_named_was_asked(&origin.requests());
}

/// The honest entries are as their publishers wrote them, whichever source claimed them.
fn judge_outputs(program: &Program) {
    let feed = get(program.address, "/source/honest-0/feed.json").json();
    let items = feed["items"].as_array().unwrap();
    assert_eq!(items.len(), 2, "{feed}");
    let titles: Vec<_> = items.iter().map(|item| item["title"].as_str().unwrap()).collect();
    assert!(titles.contains(&"افتتاح مكتبة في حي الزيتون"), "{titles:?}");
    let churn = get(program.address, "/source/new-guids-each-time/feed.json").json();
    assert_eq!(churn["items"].as_array().unwrap().len(), 5, "{churn}");
    let absurd = get(program.address, "/source/absurd-dates/feed.json").json();
    let now = jiff::Timestamp::now();
    for item in absurd["items"].as_array().unwrap() {
        if let Some(date) = item["date_published"].as_str() {
            assert!(date.parse::<jiff::Timestamp>().unwrap() <= now, "{item}");
        }
    }
}

/// The maximum memory of the daemon so far, in KB; `None`: it is unknown.
fn peak_kb(program: &Program) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", program.pid())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}
