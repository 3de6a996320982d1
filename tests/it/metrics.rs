//! Every counter and gauge of `/metrics` changes when the counted event happens, every value of a label is
//! there from the start, and Prometheus' own tool accepts the text without remarks.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use url::Url;

use crate::support::origin::ReceivedRequest;
use crate::support::program::{Home, Program};
use crate::support::web::{get, post, request};
use crate::support::{Origin, Page, feeds, site};

const FIRST: (&str, &str, &str, u8) = ("a1", "افتتاح مكتبة في حي الزيتون", "نص أول", 20);
const OTHER: (&str, &str, &str, u8) = ("a1", "افتتاح مكتبة في حي الزيتون", "نص صُحّح", 20);
const PUSHED: (&str, &str, &str, u8) = ("a2", "وصول القافلة", "نص ثانٍ", 21);

/// The series that this journey does not change: a search that is cut off by time, one that is refused because
/// too many wait (`tests/it/search_trouble.rs` covers those), a pause
/// (`tests/it/full_disk.rs`), and what is measured once a minute (`src/poller/recovery_base.rs`).
const LEFT_OUT: [&str; 7] = [
    "rafid_searches_total{outcome=\"cut\"}",
    "rafid_searches_total{outcome=\"refused\"}",
    "rafid_polling_paused",
    "rafid_store_log_bytes",
    "rafid_store_base_bytes",
    "rafid_store_base_timestamp_seconds",
    "rafid_store_set_aside",
];

/// The values of `/metrics` by their series.
fn series(program: &Program) -> BTreeMap<String, u64> {
    let text = get(program.address, "/metrics").text();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let pairs = lines.map(|line| line.rsplit_once(' ').unwrap());
    pairs.map(|(name, value)| (name.to_owned(), value.parse().unwrap())).collect()
}

/// Every series that had two different values.
#[derive(Default)]
struct Moved {
    last: BTreeMap<String, u64>,
    moved: BTreeSet<String>,
}

impl Moved {
    fn look(&mut self, program: &Program) {
        let now = series(program);
        assert!(self.last.is_empty() || self.last.keys().eq(now.keys()), "a series is new");
        let others = now.iter().filter(|(name, value)| {
            self.last.get(*name).map_or(**value > 0, |last| last != *value)
        });
        self.moved.extend(others.map(|(name, _)| name.clone()));
        self.last = now;
    }
}

/// A source that names a hub, and one that fails.
fn origin() -> (Origin, Home) {
    let origin = Origin::start();
    let page = Page::xml(feeds::rss("وكالة", &[FIRST])).etag("\"1\"");
    origin.put("/rss", page.header("link", &links(&origin)));
    origin.put("/hub", Page::status(202));
    origin.put("/gone", Page::status(404));
    let mut rest = "every = 1\nat_least = 1\n\n[websub]\nenabled = true\n\
                    callback = \"https://hooks.example/\"\n\n"
        .to_owned();
    for (id, path) in [("a", "/rss"), ("gone", "/gone")] {
        let _ = write!(rest, "[[source]]\nid = \"{id}\"\nurl = \"{}\"\n\n", origin.url(path));
    }
    let home = Home::new(&origin, &rest);
    (origin, home)
}

fn links(origin: &Origin) -> String {
    format!("<{}>; rel=\"hub\", <{}>; rel=\"self\"", origin.url("/hub"), origin.url("/rss"))
}

/// Confirms the daemon's request to the hub; returns the callback's path and its secret.
fn subscribed(origin: &Origin, program: &Program) -> (String, String) {
    let asked = origin.wait_for(|asked: &ReceivedRequest| asked.path == "/hub");
    let form: BTreeMap<String, String> =
        url::form_urlencoded::parse(asked.body.as_bytes()).into_owned().collect();
    let path = Url::parse(&form["hub.callback"]).unwrap().path().to_owned();
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("hub.mode", "subscribe").append_pair("hub.topic", &form["hub.topic"]);
    query.append_pair("hub.challenge", "ch-1").append_pair("hub.lease_seconds", "3600");
    let answer = get(program.address, &format!("{path}?{}", query.finish()));
    assert_eq!(answer.status, 200);
    (path, form["hub.secret"].clone())
}

fn push(program: &Program, path: &str, body: &str, secret: &str) {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret.as_bytes());
    let mut signature = "sha256=".to_owned();
    for byte in ring::hmac::sign(&key, body.as_bytes()).as_ref() {
        let _ = write!(signature, "{byte:02x}");
    }
    let headers = [("content-type", "text/xml"), ("x-hub-signature", signature.as_str())];
    assert_eq!(post(program.address, path, &headers, body).status, 202);
}

#[test]
fn every_counter_changes() {
    let (origin, home) = origin();
    site::break_search(&home);
    let program = home.run();
    let mut moved = Moved::default();
    moved.look(&program);
    program.wait_for("first pass", |_| true);
    moved.look(&program);
    for (path, status) in [("/search?q=x", 503), ("/nothing", 404), ("/source/a", 308)] {
        assert_eq!(request(program.address, "GET", path, &[]).unwrap().status, status);
    }
    moved.look(&program);

    program.wait_for("polled", |line| line["source"] == "a" && line["status"] == 304);
    // Another title of the feed: other bytes, but no news.
    let next = |title: &str, entry| {
        let page = Page::xml(feeds::rss(title, &[entry]));
        origin.put("/rss", page.header("link", &links(&origin)));
    };
    next("وكالة الأنباء", FIRST);
    let is_of = |changed: u64| {
        move |line: &serde_json::Value| {
            line["source"] == "a" && line["status"] == 200 && line["changed"] == changed
        }
    };
    program.wait_for("polled", is_of(0));
    next("وكالة الأنباء", OTHER);
    program.wait_for("polled", is_of(1));
    moved.look(&program);

    // Last, because pushes make polls rare.
    let (path, secret) = subscribed(&origin, &program);
    push(&program, &path, "no feed", &secret);
    program.wait_for("a push cannot be read; the source is polled", |_| true);
    push(&program, &path, "forged", "not the secret");
    program.wait_for("a push without a good signature was dropped", |_| true);
    push(&program, &path, &feeds::rss("وكالة", &[PUSHED, FIRST]), &secret);
    program.wait_for("pushed", |_| true);
    moved.look(&program);

    site::mend_search(&home, &program);
    assert_eq!(get(program.address, "/search?q=x").status, 200);
    moved.look(&program);
    let still = moved.last.keys().filter(|name| !moved.moved.contains(*name));
    let still: Vec<_> = still.filter(|name| !LEFT_OUT.contains(&name.as_str())).collect();
    assert!(still.is_empty(), "{still:?} of {:#?}", moved.last);
    assert!(program.stop().success());
}

#[test]
fn prometheus_accepts_the_text_without_remarks() {
    let (_origin, home) = origin();
    let program = site::run(&home);
    let text = get(program.address, "/metrics").text();
    assert!(program.stop().success());
    let child = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = child else {
        eprintln!("skipped promtool: it is not here (Debian has it in its package prometheus)");
        return;
    };
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success() && said.is_empty(), "{said}");
}
