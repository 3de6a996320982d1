//! Manners, with the real binary: which requests are sent, and which are not, by the origin's own log.

use jiff::{SignedDuration, Timestamp};
use rafid::model::PendingRedirect;

use crate::support::memory::remember_otherwise;
use crate::support::program::{Home, with_polling};
use crate::support::web::get;
use crate::support::{Origin, Page, feeds};

const ONE: [(&str, &str, &str, u8); 1] = [("a1", "افتتاح مكتبة في حي الزيتون", "نص", 20)];

fn source(id: &str, url: &str, more: &str) -> String {
    format!("[[source]]\nid = \"{id}\"\nurl = \"{url}\"\n{more}\n")
}

fn rss() -> Page {
    Page::xml(feeds::rss("وكالة", &ONE))
}

#[test]
fn a_host_that_requests_a_pause_gets_it_from_every_source_also_after_a_restart() {
    // The origin is the proxy: for the daemon, all hosts are public.
    let origin = Origin::start();
    origin.put("http://a.example/1", Page::status(429).header("retry-after", "3600"));
    for path in ["http://a.example/2", "http://a.example/4", "http://b.example/3"] {
        origin.put(path, rss());
    }
    let polling = format!(
        "[polling]\nallow_private = [\"{0}\"]\nproxy = \"http://{0}/\"\nconcurrency = 1\n\n",
        origin.address
    );
    let three = [
        source("one", "http://a.example/1", ""),
        source("two", "http://a.example/2", ""),
        source("three", "http://b.example/3", ""),
    ]
    .concat();
    let home = Home::new(&origin, "");
    home.write(&format!("{polling}{three}"));
    let asked =
        || -> Vec<String> { origin.requests().into_iter().map(|asked| asked.path).collect() };

    let program = home.run();
    let total = program.wait_for("first pass", |_| true);
    assert_eq!((total["polled"].as_u64(), total["failed"].as_u64()), (Some(3), Some(2)));
    assert_eq!(asked(), ["http://a.example/1", "http://b.example/3"]);
    let status = get(program.address, "/status.json").json();
    let two = &status["sources"][1];
    assert_eq!((two["reason"].as_str(), two["failures"].as_u64()), (Some("retry-after"), Some(0)));
    let why = two["last_error"]["message"].as_str().unwrap();
    assert!(why.starts_with("a.example asked to be left alone, for another "), "{why}");
    assert!(program.stop().success());

    home.write(&format!("{polling}{three}{}", source("four", "http://a.example/4", "")));
    let program = home.run();
    let postponed = program.wait_for("poll failed", |line| line["source"] == "four");
    assert_eq!(postponed["reason"], "retry-after");
    assert_eq!(asked().len(), 2, "nobody was asked again");
    assert!(program.stop().success());
}

#[test]
fn a_redirect_that_lasted_a_week_is_adopted_reported_and_undone_by_the_operator() {
    let origin = Origin::start();
    origin.put("/old", Page::status(301).header("location", "/new"));
    origin.put("/new", rss());
    let home = Home::new(&origin, &source("a", &origin.url("/old"), "every = 1"));
    let program = home.run();
    program.polled("a");
    assert!(program.stop().success());
    let status = home.command(&["status"]);
    let said = String::from_utf8(status.stdout).unwrap();
    let new = origin.url("/new");
    assert!(said.contains(&format!("a: moved permanently to {new}; change its url")), "{said}");

    remember_otherwise(home.folder.path(), "a", |state| {
        let since = Timestamp::now() - SignedDuration::from_hours(8 * 24);
        let moved = state.pending_redirect.take().unwrap();
        state.pending_redirect =
            Some(PendingRedirect { since, seen_count: 9, same_feed: Some(true), ..moved });
    });
    let program = home.run();
    let told = program.wait_for("moved and asked there; change its url", |_| true);
    assert_eq!(told["to"], new);
    let count = |path: &str| origin.requests().iter().filter(|asked| asked.path == path).count();
    let (old, before) = (count("/old"), count("/new"));
    while count("/new") < before + 2 {
        program.polled("a");
    }
    assert_eq!(count("/old"), old, "the old address is left alone");
    assert!(get(program.address, "/status").text().contains("صار يُقرأ منه"));
    let said = String::from_utf8(home.command(&["status"]).stdout).unwrap();
    assert!(said.contains(&format!("moved permanently to {new} and is asked there")), "{said}");
    let feed = get(program.address, "/source/a/feed.json").json();
    assert_eq!(feed["items"].as_array().unwrap().len(), 1, "the same entries, once");

    origin.put("/third", rss());
    home.write(&with_polling(&origin, &source("a", &origin.url("/third"), "every = 1")));
    program.wait_for("asked at its configured url again", |_| true);
    assert!(origin.requests().iter().any(|asked| asked.path == "/third"));
    assert!(get(program.address, "/status.json").json()["sources"][0]["moved"].is_null());
    assert!(program.stop().success());
}

#[test]
fn secrets_stay_between_the_operator_and_the_publisher() {
    let (origin, other) = (Origin::start(), Origin::start());
    let away = other.url("/feed");
    let away = Page::status(302).header("location", &away);
    origin.put("/away", away.header("set-cookie", "visited=yes"));
    origin.put("/broken", Page::status(500).header("set-cookie", "visited=yes"));
    other.put("/feed", rss());
    let with_secret = |path: &str| format!("http://ana:sirr-1@{}{path}", origin.address);
    let headers = "headers = { X-Token = \"sirr-2\" }\nevery = 1";
    let sources = [
        source("away", &with_secret("/away"), headers),
        source("broken", &with_secret("/broken?a=b"), headers),
    ]
    .concat();
    let home = Home::new(&origin, "");
    home.write(&format!(
        "[polling]\nallow_private = [\"{}\", \"{}\"]\n\n{sources}",
        origin.address, other.address
    ));
    let mut said = Vec::new();
    for words in [
        &["check"] as &[&str],
        &["poll", "--log-level", "trace"],
        &["poll", "--all", "--log-level", "trace", "--log-format", "json"],
        &["status"],
        &["status", "--json"],
        &["export"],
        &["build", "site"],
    ] {
        let output = home.command(words);
        said.push((words.join(" "), [output.stdout, output.stderr].concat()));
    }
    for page in ["index.html", "feed.xml", "atom.xml", "feed.json", "sources.opml"] {
        let bytes = std::fs::read(home.folder.path().join("site").join(page)).unwrap();
        said.push((page.to_owned(), bytes));
    }
    for (what, bytes) in said {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        // "YW5hOnNpcnItMQ==" is the part after `Basic`.
        for secret in ["sirr-1", "sirr-2", "YW5hOnNpcnItMQ"] {
            assert!(!text.contains(secret), "{what}: {text}");
        }
    }
    let asked = origin.requests();
    assert!(asked.len() >= 4, "{asked:?}");
    for asked in asked {
        assert_eq!(asked.headers["authorization"], "Basic YW5hOnNpcnItMQ==");
        assert_eq!(asked.headers["x-token"], "sirr-2");
    }
    for asked in origin.requests().iter().chain(&other.requests()) {
        for never in ["cookie", "referer", "from", "pragma", "cache-control"] {
            assert!(!asked.headers.contains_key(never), "{asked:?}");
        }
    }
    let seen = other.requests();
    assert!(!seen.is_empty());
    for asked in seen {
        let has = |name| asked.headers.contains_key(name);
        assert!(!has("authorization") && !has("x-token"), "{asked:?}");
    }
}
