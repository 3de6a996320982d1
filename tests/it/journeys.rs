//! Journeys: the real binary, a real origin on loopback, real requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::support::program::{Home, with_polling};
use crate::support::web::{self, get, get_with};
use crate::support::{Origin, Page, feeds};

const TWO: [(&str, &str, &str, u8); 2] = [
    ("a1", "افتتاح مكتبة في حي الزيتون", "نص أول عن المكتبة", 20),
    ("a2", "السنديان تفوز على الميناء", "نص ثانٍ عن المباراة", 21),
];

fn source(origin: &Origin, id: &str, path: &str, more: &str) -> String {
    format!("[[source]]\nid = \"{id}\"\nurl = \"{}\"\n{more}\n", origin.url(path))
}

fn titles(feed: &Value) -> Vec<String> {
    let items = feed["items"].as_array().unwrap();
    items.iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect()
}

/// `id`, `date_published`, `date_modified` of an item by its title.
fn names(feed: &Value, title: &str) -> [String; 3] {
    let items = feed["items"].as_array().unwrap();
    let item = items.iter().find(|item| item["title"] == title).unwrap();
    ["id", "date_published", "date_modified"].map(|key| item[key].as_str().unwrap().to_owned())
}

/// A windows-1256 RSS, an Atom, a document that is cut in the middle, and a page.
fn four_sources() -> (Origin, Home) {
    let origin = Origin::start();
    let text = feeds::rss("وكالة", &TWO);
    let bytes = encoding_rs::WINDOWS_1256.encode(&text).0.into_owned();
    origin.put("/1256", Page::xml(bytes).content_type("text/xml"));
    origin.put("/atom", Page::xml(feeds::atom("صحيفة", &[("b", "خبر ذري", "نص", 22)])));
    let cut = feeds::rss("مقطوع", &[("c", "خبر قبل القطع", "نص", 19), ("d", "لا يصل", "نص", 18)]);
    let cut = &cut[..cut.find("لا يصل").unwrap()];
    origin.put("/cut", Page::xml(cut));
    origin.put("/page", Page::xml("<!doctype html><html><body>صفحة").content_type("text/html"));
    let home = Home::new(
        &origin,
        &[
            source(&origin, "wikala", "/1256", "category = \"محليات\""),
            source(&origin, "sahifa", "/atom", "name = \"صحيفة الميزان\"\ncategory = \"عالم\""),
            source(&origin, "maqtu", "/cut", ""),
            source(&origin, "safha", "/page", ""),
        ]
        .concat(),
    );
    (origin, home)
}

#[test]
fn the_first_poll_merges_every_kind_of_feed() {
    let (origin, home) = four_sources();
    let program = home.run();
    let total = program.wait_for("first pass", |_| true);
    assert_eq!((total["polled"].as_u64(), total["failed"].as_u64()), (Some(4), Some(1)));
    program.rendered();

    let feed = get(program.address, "/feed.json").json();
    assert_eq!(
        titles(&feed)[..4],
        ["خبر ذري", "السنديان تفوز على الميناء", "افتتاح مكتبة في حي الزيتون", "خبر قبل القطع"]
    );
    assert_eq!(feed["items"][0]["_rafid"]["source"]["name"], "صحيفة الميزان");
    assert_eq!(feed["items"][1]["authors"][0]["name"], "وكالة");
    assert_eq!(feed["items"][0]["_rafid"]["direction"], "rtl");

    let rss = rss::Channel::read_from(&get(program.address, "/feed.xml").body[..]).unwrap();
    let named = rss.items[1].source.as_ref().unwrap();
    assert_eq!(named.title.as_deref(), Some("وكالة"));
    assert_eq!(named.url, origin.url("/1256"));
    let atom = atom_syndication::Feed::read_from(&get(program.address, "/atom.xml").body[..]);
    let atom = atom.unwrap();
    let copied = atom.entries[0].source.as_ref().unwrap();
    assert_eq!(copied.title.value, "صحيفة الميزان");
    assert_eq!(copied.links[0].href, "https://atom.example/");

    let category = get(program.address, "/category/محليات/feed.json").json();
    assert_eq!(titles(&category).len(), 2);
    let encoded = "/category/%D9%85%D8%AD%D9%84%D9%8A%D8%A7%D8%AA/feed.json";
    assert_eq!(get(program.address, encoded).json(), category);
    assert_eq!(titles(&get(program.address, "/source/sahifa/feed.json").json()).len(), 1);
    assert_eq!(get(program.address, "/category/لا-شيء/feed.json").status, 404);
    let opml = get(program.address, "/sources.opml").text();
    assert!(opml.contains("صحيفة الميزان") && opml.contains("محليات"), "{opml}");
    let page = get(program.address, "/").text();
    assert!(page.contains("<html lang=\"ar\" dir=\"rtl\">") && page.contains("خبر ذري"));

    let status = get(program.address, "/status.json").json();
    let sources = status["sources"].as_array().unwrap();
    let failing = sources.iter().find(|source| source["id"] == "safha").unwrap();
    assert_eq!(failing["last_error"]["stage"], "repair");
    assert!(failing["last_error"]["message"].as_str().unwrap().contains("HTML page"));
    assert!(get(program.address, "/status").text().contains("متعثّر"));
    assert_eq!(get(program.address, "/healthz").status, 200);
    assert_eq!(get(program.address, "/readyz").status, 200);
    let metrics = get(program.address, "/metrics").text();
    assert!(metrics.contains("rafid_polls_total{outcome=\"failed\"} 1"), "{metrics}");
    assert!(program.stop().success());
}

#[test]
fn unchanged_feeds_are_neither_sent_nor_published_again() {
    let origin = Origin::start();
    let etag = "W/\"odd, but theirs\"";
    let modified = "Sat, 21 Nov 2026 05:00:00 GMT";
    let page = Page::xml(feeds::rss("وكالة", &TWO)).etag(etag).header("last-modified", modified);
    origin.put("/rss", page);
    let home = Home::new(&origin, &source(&origin, "a", "/rss", "every = 1"));
    let program = home.run();
    program.polled("a");
    program.rendered();
    let before = get(program.address, "/feed.xml");
    let first = origin.wait_for(|asked| asked.status == 200);
    assert!(!first.headers.contains_key("if-none-match"), "the first question is unconditional");
    let again = origin.wait_for(|asked| asked.status == 304);
    assert_eq!(again.headers["if-none-match"], etag, "echoed byte for byte");
    assert_eq!(again.headers["if-modified-since"], modified);
    assert!(again.headers["user-agent"].starts_with("Rafid/"));
    program.wait_for("polled", |line| line["status"] == 304);
    let after = get(program.address, "/feed.xml");
    assert_eq!(
        (before.body, before.headers["etag"].clone()),
        (after.body.clone(), after.headers["etag"].clone())
    );

    let tag = after.headers["etag"].clone();
    let date = after.headers["last-modified"].clone();
    assert_eq!(get_with(program.address, "/feed.xml", &[("if-none-match", &tag)]).status, 304);
    assert_eq!(get_with(program.address, "/feed.xml", &[("if-modified-since", &date)]).status, 304);
    let head = web::request(program.address, "HEAD", "/feed.xml", &[]).unwrap();
    assert_eq!((head.status, head.body.len()), (200, 0));
    for coding in ["gzip", "br", "zstd"] {
        let coded = get_with(program.address, "/feed.xml", &[("accept-encoding", coding)]);
        assert_eq!(coded.header("content-encoding"), coding);
        assert_ne!(coded.headers["etag"], tag, "another coding is another representation");
    }
    assert!(after.header("cache-control").starts_with("public, max-age="));
    assert!(program.stop().success());
}

#[test]
fn a_new_entry_is_added_and_an_edited_one_stays_the_same_entry() {
    let origin = Origin::start();
    origin.put("/rss", Page::xml(feeds::rss("وكالة", &TWO)));
    let home = Home::new(&origin, &source(&origin, "a", "/rss", "every = 1"));
    let program = home.run();
    program.polled("a");
    program.rendered();
    let first = get(program.address, "/feed.json").json();
    let old = names(&first, TWO[0].1);

    let three = [TWO[0], TWO[1], ("a3", "عاجل: وصول القافلة", "نص ثالث", 22)];
    origin.put("/rss", Page::xml(feeds::rss("وكالة", &three)));
    program.wait_for("polled", |line| line["new"] == 1);
    program.rendered();
    let second = get(program.address, "/feed.json").json();
    assert_eq!(titles(&second)[0], "عاجل: وصول القافلة");
    assert_eq!(titles(&second).len(), 3);
    assert_eq!(names(&second, TWO[0].1), old, "nothing else moved");

    let edited = "افتتاح مكتبة عامة في حي الزيتون";
    let three = [("a1", edited, TWO[0].2, 20), TWO[1], three[2]];
    origin.put("/rss", Page::xml(feeds::rss("وكالة", &three)));
    program.wait_for("polled", |line| line["changed"] == 1);
    program.rendered();
    let third = get(program.address, "/feed.json").json();
    assert_eq!(titles(&third).len(), 3);
    let new = names(&third, edited);
    assert_eq!(new[..2], old[..2], "id and date stay");
    assert!(new[2] > old[2], "updated moves: {} after {}", new[2], old[2]);
    assert!(program.stop().success());
}

#[test]
fn a_source_that_fails_keeps_its_entries_and_comes_back() {
    let origin = Origin::start();
    origin.put("/rss", Page::xml(feeds::rss("وكالة", &TWO)));
    let home = Home::new(&origin, &source(&origin, "a", "/rss", "every = 1"));
    let program = home.run();
    program.polled("a");
    program.rendered();
    origin.put("/rss", Page::status(500));
    let failed = program.wait_for("poll failed", |_| true);
    assert_eq!((failed["stage"].as_str(), failed["status"].as_u64()), (Some("fetch"), Some(500)));
    let status = get(program.address, "/status.json").json();
    assert_eq!(status["sources"][0]["last_error"]["stage"], "fetch");
    assert_eq!(status["sources"][0]["reason"], "backoff");
    assert_eq!(titles(&get(program.address, "/feed.json").json()).len(), 2);
    origin.put("/rss", Page::xml(feeds::rss("وكالة", &TWO)));
    program.polled("a");
    let status = get(program.address, "/status.json").json();
    assert_eq!(status["sources"][0]["failures"], 0);
    assert!(status["sources"][0]["last_error"].is_null());
    assert!(program.stop().success());
}

#[test]
fn a_kill_in_the_middle_loses_nothing_and_doubles_nothing() {
    const SOURCES: usize = 60;
    let origin = Origin::start();
    let mut text = String::new();
    for number in 0..SOURCES {
        let path = format!("/f{number}");
        let entries = [("x", "خبر", "نص", 20), ("y", "آخر", "نص", 21)];
        let entries = entries.map(|(id, title, text, day)| {
            (format!("{id}{number}"), format!("{title} {number}"), text, day)
        });
        let entries: Vec<_> =
            entries.iter().map(|(id, t, x, day)| (id.as_str(), t.as_str(), *x, *day)).collect();
        origin.put(&path, Page::xml(feeds::rss("مصدر", &entries)).etag(&format!("\"{number}\"")));
        text.push_str(&source(&origin, &format!("s{number}"), &path, ""));
    }
    let config =
        with_polling(&origin, &format!("concurrency = 2\n\n[serve]\nentries = 500\n\n{text}"));
    let home = Home::new(&origin, "");
    home.write(&config);
    let program = home.run();
    let mut kept = Vec::new();
    for _ in 0..SOURCES / 3 {
        let line = program.wait_for("polled", |_| true);
        kept.push(line["source"].as_str().unwrap().to_owned());
    }
    program.kill();
    let asked_before = origin.requests().len();

    let program = home.run();
    program.wait_for("first pass", |_| true);
    program.rendered();
    let feed = get(program.address, "/feed.json").json();
    let mut all = titles(&feed);
    assert_eq!(all.len(), SOURCES * 2);
    all.sort();
    all.dedup();
    assert_eq!(all.len(), SOURCES * 2, "nothing doubled");
    let asked: Vec<String> =
        origin.requests()[asked_before..].iter().map(|asked| asked.path.clone()).collect();
    for source in kept {
        let path = format!("/f{}", source.trim_start_matches('s'));
        assert!(!asked.contains(&path), "{source} was kept and is asked again too early");
    }
    assert!(program.stop().success());
}

#[test]
fn an_edited_configuration_takes_effect_and_a_bad_one_does_not() {
    let origin = Origin::start();
    origin.put("/one", Page::xml(feeds::rss("الأول", &TWO)));
    origin.put("/two", Page::xml(feeds::rss("الثاني", &[("b", "خبر الثاني", "نص", 22)])));
    let one = source(&origin, "one", "/one", "");
    let two = source(&origin, "two", "/two", "");
    let home = Home::new(&origin, &one);
    let program = home.run();
    program.polled("one");

    home.write(&with_polling(&origin, &[one.clone(), two.clone()].concat()));
    program.wait_for("the configuration was read again", |line| line["added"] == "two");
    program.polled("two");
    // An output that was being rendered when the poll was stored may be served first.
    while titles(&get(program.address, "/feed.json").json()).len() != 3 {
        program.rendered();
    }

    home.write(&with_polling(&origin, "[[source]]\nurll = \"x\"\n"));
    program.wait_for("the configuration is refused; the old one stays in force", |_| true);
    let is_refused = |value: u8| {
        let line = format!("rafid_config_refused {value}");
        get(program.address, "/metrics").text().lines().any(|it| it == line)
    };
    assert!(is_refused(1));
    let status = get(program.address, "/status.json").json();
    let refused = status["config_error"].as_str().unwrap();
    assert!(refused.contains("did you mean `url`"), "{refused}");
    assert!(get(program.address, "/status").text().contains("لم تُقبل الإعدادات الجديدة"));
    assert_eq!(titles(&get(program.address, "/feed.json").json()).len(), 3);

    let renamed = two.replace("[[source]]", "[[source]]\nname = \"اسم\"");
    home.write(&with_polling(&origin, &renamed));
    program.signal("HUP");
    program.wait_for("the configuration was read again", |line| {
        (&line["removed"], &line["changed"]) == (&json!("one"), &json!("two (name)"))
            && line.get("settings").is_none()
    });
    assert!(is_refused(0));
    program.rendered();
    let feed = get(program.address, "/feed.json").json();
    assert_eq!(titles(&feed), ["خبر الثاني"], "a removed source leaves the outputs");
    assert_eq!(get(program.address, "/source/one/feed.xml").status, 404);
    assert!(get(program.address, "/status.json").json()["config_error"].is_null());
    assert!(program.stop().success());
}

#[test]
fn a_graceful_stop_finishes_the_requests() {
    let origin = Origin::start();
    origin.put("/rss", Page::xml(feeds::rss("وكالة", &TWO)));
    let home = Home::new(&origin, &source(&origin, "a", "/rss", ""));
    let program = home.run();
    program.polled("a");
    program.rendered();
    let address = program.address;
    let stopping = Arc::new(AtomicBool::new(false));
    let whole = Arc::new(AtomicUsize::new(0));
    let readers: Vec<_> = (0..4)
        .map(|_| {
            let (stopping, whole) = (Arc::clone(&stopping), Arc::clone(&whole));
            std::thread::spawn(move || {
                while let Some(response) = web::request(address, "GET", "/feed.xml", &[]) {
                    assert_eq!(response.status, 200);
                    whole.fetch_add(1, Ordering::SeqCst);
                }
                assert!(stopping.load(Ordering::SeqCst), "refused before it was asked to stop");
            })
        })
        .collect();
    while whole.load(Ordering::SeqCst) < 50 {
        std::thread::yield_now();
    }
    stopping.store(true, Ordering::SeqCst);
    assert!(program.stop().success(), "exit 0");
    for reader in readers {
        reader.join().unwrap();
    }
}

#[test]
fn one_process_owns_the_store_and_answers_for_it() {
    let origin = Origin::start();
    origin.put("/rss", Page::xml(feeds::rss("وكالة", &TWO)));
    let home = Home::new(&origin, &source(&origin, "a", "/rss", "name = \"وكالة النخيل\""));
    let program = home.run();
    program.polled("a");

    let second = home.command(&["run", "--listen", "127.0.0.1:0"]);
    assert_eq!(second.status.code(), Some(1));
    let message = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(message.contains(&program.pid().to_string()), "{message}");
    assert!(message.contains(&program.address.to_string()), "{message}");

    let status = home.command(&["status"]);
    assert!(status.status.success());
    let table = String::from_utf8(status.stdout).unwrap();
    assert!(table.contains("وكالة النخيل") && table.contains("ok"), "{table}");
    let json = home.command(&["status", "--json"]);
    let json: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["sources"][0]["entries"], 2);

    let build = home.command(&["build", "site"]);
    assert!(build.status.success(), "{}", String::from_utf8_lossy(&build.stderr));
    let page = home.folder.path().join("site/source/a/index.html");
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains("افتتاح مكتبة"));
    assert!(program.stop().success());
}

#[test]
fn a_supervisor_is_notified_of_the_start_every_heartbeat_and_the_end() {
    let origin = Origin::start();
    origin.put("/rss", Page::xml(feeds::rss("وكالة", &TWO)));
    let home = Home::new(&origin, &source(&origin, "a", "/rss", ""));
    let place = home.folder.path().join("notify");
    let socket = std::os::unix::net::UnixDatagram::bind(&place).unwrap();
    socket.set_read_timeout(Some(crate::support::origin::DEADLINE)).unwrap();
    let program = home.run_supervised(&place);
    let heard = |expected: &str| {
        let mut bytes = [0; 256];
        loop {
            let length = socket.recv(&mut bytes).unwrap();
            if String::from_utf8_lossy(&bytes[..length]).lines().any(|line| line == expected) {
                return;
            }
        }
    };
    heard("READY=1");
    heard("WATCHDOG=1");
    heard("WATCHDOG=1");
    program.signal("TERM");
    heard("STOPPING=1");
    assert!(program.ended().success());
}
