//! Every counter and gauge of `/metrics` changes when the counted event happens, every value of a label is
//! there from the start, the text is what Prometheus reads, and the alerts and the dashboard of `packaging` name
//! metrics that exist.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use rafid::http::{ALL_METRICS, MetricKind};
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
/// (`tests/it/full_disk.rs`), findings (`src/poller/report_gauges.rs`), a wrong configuration (`tests/it/journeys.rs`),
/// and what is measured once a minute (`src/poller/recovery_base.rs`) or only for a moment.
const LEFT_OUT: [&str; 14] = [
    "rafid_source_findings",
    "rafid_sources_last_success",
    "rafid_config_refused",
    "rafid_polls_running",
    "rafid_polls_due",
    "rafid_search_entries_pending",
    "rafid_store_database_bytes",
    "rafid_searches_total{outcome=\"cut\"}",
    "rafid_searches_total{outcome=\"refused\"}",
    "rafid_polling_paused",
    "rafid_store_log_bytes",
    "rafid_store_base_bytes",
    "rafid_store_base_timestamp_seconds",
    "rafid_store_set_aside",
];

/// The values of the program's own metrics by their series. Of a histogram it is how many were measured.
fn series(program: &Program) -> BTreeMap<String, f64> {
    let text = get(program.address, "/metrics").text();
    let is_part = |line: &str| line.contains("_bucket{") || line.contains("_sum ");
    let lines = text.lines().filter(|line| line.starts_with("rafid_") && !is_part(line));
    let pairs = lines.map(|line| line.rsplit_once(' ').unwrap());
    pairs.map(|(name, value)| (name.to_owned(), value.parse().unwrap())).collect()
}

/// Every series that had two different values.
#[derive(Default)]
struct Moved {
    last: BTreeMap<String, f64>,
    moved: BTreeSet<String>,
}

impl Moved {
    fn look(&mut self, program: &Program) {
        let now = series(program);
        assert!(self.last.is_empty() || self.last.keys().eq(now.keys()), "a series is new");
        let others = now.iter().filter(|(name, value)| {
            self.last.get(*name).map_or(**value > 0.0, |last| (last - **value).abs() > 0.0)
        });
        self.moved.extend(others.map(|(name, _)| name.clone()));
        self.last = now;
    }
}

/// A source that names a hub, one that fails, and a list that fails.
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
    let _ = write!(rest, "[[list]]\nurl = \"{}\"\n", origin.url("/none.opml"));
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
    let is_left_out = |name: &str| LEFT_OUT.iter().any(|left_out| name.starts_with(left_out));
    let still: Vec<_> = still.filter(|name| !is_left_out(name)).collect();
    assert!(still.is_empty(), "{still:?} of {:#?}", moved.last);
    assert!(program.stop().success());
}

/// A sample of the text format: the name, the labels as they are written, the value.
fn parse_sample(line: &str) -> (&str, &str, f64) {
    let (series, value) = line.rsplit_once(' ').unwrap();
    let (name, labels) = match series.split_once('{') {
        Some((name, rest)) => (name, rest.strip_suffix('}').unwrap()),
        None => (series, ""),
    };
    let is_name = |name: &str| {
        name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    };
    assert!(is_name(name), "{line}");
    for label in labels.split(',').filter(|label| !label.is_empty()) {
        let (key, value) = label.split_once("=\"").unwrap();
        let value = value.strip_suffix('"').unwrap();
        assert!(is_name(key) && !value.contains(['"', '\\', '{']), "{line}");
    }
    (name, labels, value.parse().unwrap())
}

/// Buckets grow, and the last one holds everything.
fn check_histogram(name: &str, samples: &[(&str, &str, f64)]) {
    let buckets = samples.iter().filter(|(it, ..)| *it == format!("{name}_bucket"));
    let bounds: Vec<(f64, f64)> = buckets
        .map(|(_, labels, count)| {
            let bound = labels.strip_prefix("le=\"").unwrap().trim_end_matches('"');
            (bound.replace("+Inf", "inf").parse().unwrap(), *count)
        })
        .collect();
    let grows = |pair: &[(f64, f64)]| pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1;
    assert!(bounds.windows(2).all(grows), "{bounds:?}");
    let count = samples.iter().find(|(it, ..)| *it == format!("{name}_count")).unwrap().2;
    assert_eq!(*bounds.last().unwrap(), (f64::INFINITY, count), "{name}");
    assert!(samples.iter().any(|(it, ..)| *it == format!("{name}_sum")), "{name}");
}

/// The rules of the text format 0.0.4: each metric is described once, before its samples, and its samples stand
/// together, each once.
fn check_text_format(text: &str) -> BTreeMap<String, String> {
    assert!(text.ends_with('\n'));
    let mut kinds = BTreeMap::new();
    let mut rest = text.lines().peekable();
    while let Some(line) = rest.next() {
        let (name, help) = line.strip_prefix("# HELP ").expect(line).split_once(' ').unwrap();
        assert!(help.ends_with('.') && !help.contains('\\'), "{line}");
        let kind = rest.next().and_then(|line| line.strip_prefix("# TYPE ")).expect(line);
        let kind = kind.strip_prefix(name).expect(line).trim_start();
        let mut samples = Vec::new();
        while let Some(line) = rest.next_if(|line| !line.starts_with('#')) {
            samples.push(parse_sample(line));
        }
        let series: BTreeSet<_> = samples.iter().map(|(name, labels, _)| (name, labels)).collect();
        assert!(!samples.is_empty() && series.len() == samples.len(), "{name}: {samples:?}");
        match kind {
            "histogram" => check_histogram(name, &samples),
            "counter" => {
                assert!(name.ends_with("_total"), "{name}");
                assert!(
                    samples.iter().all(|(it, _, value)| *it == name && *value >= 0.0),
                    "{name}"
                );
            }
            "gauge" => assert!(samples.iter().all(|(it, ..)| *it == name), "{name}"),
            other => panic!("{name} is a {other}"),
        }
        assert!(kinds.insert(name.to_owned(), kind.to_owned()).is_none(), "{name} twice");
    }
    kinds
}

/// The names of the rows as the text format writes them.
fn exported_names() -> BTreeMap<String, String> {
    let name = |name: &str, kind| match kind {
        MetricKind::Counter => format!("{name}_total"),
        MetricKind::Gauge | MetricKind::Histogram => name.to_owned(),
    };
    ALL_METRICS.iter().map(|row| (name(row.name, row.kind), row.kind.as_str().to_owned())).collect()
}

/// The metrics that a text names: of a histogram, any of its series.
fn named_metrics(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    let names = words.filter(|word| word.starts_with("rafid_") || word.starts_with("process_"));
    names.map(ToOwned::to_owned).collect()
}

fn check_names(file: &str, text: &str) -> BTreeSet<String> {
    let exported = exported_names();
    let named = named_metrics(text);
    for name in &named {
        let ends = ["_bucket", "_sum", "_count"];
        let histogram = ends.iter().find_map(|end| exported.get(name.strip_suffix(end)?));
        let is_known = exported.contains_key(name) || histogram.is_some_and(|it| it == "histogram");
        assert!(is_known, "{file} names {name}, which does not exist");
    }
    named
}

fn packaged(file: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

/// The parentheses and braces of an expression match.
fn check_expression(expression: &str) {
    let mut open = Vec::new();
    for letter in expression.chars() {
        match letter {
            '(' | '{' | '[' => open.push(letter),
            ')' => assert_eq!(open.pop(), Some('('), "{expression}"),
            '}' => assert_eq!(open.pop(), Some('{'), "{expression}"),
            ']' => assert_eq!(open.pop(), Some('['), "{expression}"),
            _ => {}
        }
    }
    assert!(open.is_empty(), "{expression}");
}

#[test]
fn the_alerts_name_metrics_that_exist() {
    let text = packaged("packaging/alerts.yml");
    assert!(check_names("alerts.yml", &text).len() >= 8);
    let rules: Vec<&str> = text.split("      - alert: ").skip(1).collect();
    let names: BTreeSet<&str> = rules.iter().filter_map(|rule| rule.lines().next()).collect();
    assert_eq!(names.len(), rules.len(), "each alert has a name of its own");
    for rule in rules {
        let value = |key: &str| {
            let mut values = rule.lines().filter_map(|line| line.trim().strip_prefix(key));
            values.next().unwrap_or_else(|| panic!("no {key} in {rule}")).trim().to_owned()
        };
        check_expression(&value("expr:"));
        assert!(["warning", "critical"].contains(&value("severity:").as_str()), "{rule}");
        assert!(value("for:").ends_with(['m', 'h']), "{rule}");
        assert!(value("summary:").len() > 10 && value("description:").len() > 20, "{rule}");
    }
    if let Some(said) = promtool(&["check", "rules", "packaging/alerts.yml"], "") {
        assert!(said.contains("SUCCESS"), "{said}");
    }
}

#[test]
fn the_dashboard_names_metrics_that_exist() {
    let text = packaged("packaging/grafana.json");
    let dashboard: serde_json::Value = serde_json::from_str(&text).unwrap();
    let named = check_names("grafana.json", &text);
    assert!(named.len() >= 20, "{named:?}");
    let panels = dashboard["panels"].as_array().unwrap();
    let ids: BTreeSet<u64> = panels.iter().map(|panel| panel["id"].as_u64().unwrap()).collect();
    assert_eq!(ids.len(), panels.len());
    let mut places = BTreeSet::new();
    for panel in panels {
        let title = panel["title"].as_str().unwrap();
        assert!(!panel["description"].as_str().unwrap().is_empty(), "{title}");
        let place = &panel["gridPos"];
        let [x, y, width, height] = ["x", "y", "w", "h"].map(|key| place[key].as_u64().unwrap());
        assert!(x + width <= 24, "{title}");
        for cell in (x..x + width).flat_map(|x| (y..y + height).map(move |y| (x, y))) {
            assert!(places.insert(cell), "{title} covers another panel");
        }
        let targets = panel["targets"].as_array().unwrap();
        assert!(!targets.is_empty(), "{title}");
        for target in targets {
            check_expression(target["expr"].as_str().unwrap());
        }
    }
}

/// What promtool says; `None`: it is not here.
fn promtool(args: &[&str], input: &str) -> Option<String> {
    let child = Command::new("promtool")
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = child else {
        eprintln!("skipped promtool: it is not here (Debian has it in its package prometheus)");
        return None;
    };
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(output.status.success(), "{said}");
    Some(said)
}

#[test]
fn prometheus_reads_the_text() {
    let (_origin, home) = origin();
    let program = site::run(&home);
    let text = get(program.address, "/metrics").text();
    assert!(program.stop().success());
    assert_eq!(check_text_format(&text), exported_names());
    assert_eq!(promtool(&["check", "metrics"], &text).unwrap_or_default(), "");
}
