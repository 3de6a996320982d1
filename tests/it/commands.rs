//! The commands that end by themselves, as a person at a terminal sees them.

use rafid::model::{ClockState, ClockVerdict, PollState, SourceId};
use rafid::store::{Commit, Store, StoreOptions};
use rafid_feed::model::ClockOffset;

use crate::support::memory::wait_until_free;
use crate::support::program::{Home, err, json, out};
use crate::support::{Origin, Page, feeds};

const ONE: [(&str, &str, &str, u8); 1] = [("a1", "افتتاح مكتبة", "نص", 20)];

#[test]
fn parse_prints_the_feed_or_why_it_is_no_feed() {
    let origin = Origin::start();
    let home = Home::new(&origin, "");
    let text = feeds::rss("وكالة", &ONE).replace("/a1<", "/a1?utm_source=rss<");
    let bytes = encoding_rs::WINDOWS_1256.encode(&text).0.into_owned();
    let words = ["parse", "-", "--format", "json", "--content-type", "text/xml; charset=utf-8"];
    let read = home.command_fed(&words, &bytes);
    assert!(read.status.success());
    let feed = json(&read);
    assert_eq!(feed["version"], "https://jsonfeed.org/version/1.1");
    assert_eq!(feed["items"][0]["title"], "افتتاح مكتبة");
    assert_eq!(feed["items"][0]["url"], "https://news.example/a1?utm_source=rss");
    assert_eq!(feed["items"][0]["_rafid"]["canonical_url"], "https://news.example/a1");
    assert_eq!(feed["_rafid"]["charset"], "windows-1256");
    assert_eq!(feed["_rafid"]["charset_evidence"], "arabic-bytes");
    assert_eq!(feed["_rafid"]["format"], "rss");

    let page = home.command_fed(&["parse", "-"], b"<!doctype html><html>");
    assert_eq!(page.status.code(), Some(1));
    assert_eq!(json(&page)["error"]["kind"], "html");
    assert!(err(&page).contains("repair: this is an HTML page"), "{}", err(&page));
    let missing = home.command(&["parse", "nothing.xml"]);
    assert!(err(&missing).contains("cannot read nothing.xml"), "{}", err(&missing));
    assert_eq!(home.command(&["parse"]).status.code(), Some(2), "wrong usage");
}

#[test]
fn parse_reads_a_page_as_a_source_of_the_configuration() {
    let origin = Origin::start();
    let source = "[[source]]\nid = \"sahel\"\nurl = \"https://sahel.example/news/\"\n\
                  timezone = \"Asia/Beirut\"\npage = { entry = \".card\", date = \"time\" }\n";
    let home = Home::new(&origin, source);
    let page = "<!doctype html><title>بلدية</title><div class=card><a href=7>انقطاع المياه</a>\
                <time>23 تشرين الثاني 2026 14:30</time></div>";
    let read = home.command_fed(&["parse", "-", "--source", "sahel"], page.as_bytes());
    assert!(read.status.success(), "{}", err(&read));
    let feed = json(&read);
    assert_eq!(feed["_rafid"]["format"], "page");
    assert_eq!(feed["items"][0]["title"], "انقطاع المياه");
    assert_eq!(feed["items"][0]["url"], "https://sahel.example/news/7");
    assert_eq!(feed["items"][0]["date_published"], "2026-11-23T12:30:00Z");

    let url = "https://b.example/x/";
    let words = ["parse", "-", "--source", "sahel", "--timezone", "UTC", "--url", url];
    let feed = json(&home.command_fed(&words, page.as_bytes()));
    assert_eq!(feed["items"][0]["url"], "https://b.example/x/7");
    assert_eq!(feed["items"][0]["date_published"], "2026-11-23T14:30:00Z");

    let unknown = home.command_fed(&["parse", "-", "--source", "nobody"], page.as_bytes());
    assert_eq!(unknown.status.code(), Some(2));
    assert!(err(&unknown).contains("no source has the id \"nobody\""), "{}", err(&unknown));
    let other = home.command_fed(&["parse", "-", "--source", "sahel"], b"<p>x");
    assert!(err(&other).contains("`.card` matches nothing"), "{}", err(&other));
}

#[test]
fn check_reports_mistakes_with_line_and_column() {
    let origin = Origin::start();
    let home = Home::new(&origin, "[[source]]\nurl = \"https://a.example/feed\"\n");
    let good = home.command(&["check"]);
    assert!(good.status.success(), "{}", err(&good));
    assert!(out(&good).contains("1 source in 0 categories, no mistakes"), "{}", out(&good));

    home.write("[site]\ntitel = \"x\"\n\n[[source]]\nurl = \"gopher://a\"\n");
    let bad = home.command(&["check"]);
    assert_eq!(bad.status.code(), Some(78));
    let message = err(&bad);
    for words in ["feeds.toml:2:1", "did you mean `title`", "feeds.toml:5:7", "2 mistakes"] {
        assert!(message.contains(words), "{words} in {message}");
    }
    let bad = home.command(&["check", "--json"]);
    assert_eq!(bad.status.code(), Some(78));
    let verdict = json(&bad);
    assert_eq!(verdict["valid"], false);
    assert_eq!(
        (verdict["mistakes"][1]["line"].as_u64(), verdict["mistakes"][1]["column"].as_u64()),
        (Some(5), Some(7))
    );
    assert_eq!(home.command(&["run"]).status.code(), Some(78), "nothing starts with it");

    let nowhere = home.command(&["check", "--config", "none.toml"]);
    assert_eq!(nowhere.status.code(), Some(78));
    assert!(err(&nowhere).contains("rafid add"), "{}", err(&nowhere));
}

#[test]
fn poll_makes_one_pass_and_build_writes_the_site() {
    let origin = Origin::start();
    origin.put("/rss", Page::xml(feeds::rss("وكالة", &ONE)).etag("\"1\""));
    let sources = format!(
        "[[source]]\nid = \"a\"\nurl = \"{}\"\ncategory = \"محليات\"\n\n[[source]]\nid = \"b\"\nurl = \"{}\"\n",
        origin.url("/rss"),
        origin.url("/gone")
    );
    let home = Home::new(&origin, &sources);
    let first = home.command(&["poll", "--json"]);
    assert!(first.status.success(), "{}", err(&first));
    let totals = json(&first);
    assert_eq!((totals["polled"].as_u64(), totals["failed"].as_u64()), (Some(2), Some(1)));
    assert_eq!(totals["new"], 1);
    let second = home.command(&["poll", "--json", "--log-format", "text"]);
    assert_eq!(json(&second)["not_due"], 2, "nobody is asked too early");
    assert!(err(&second).contains("not due yet"));
    let named = home.command(&["poll", "--json", "a"]);
    assert_eq!(json(&named)["unchanged"], 1);
    assert_eq!(origin.count("/rss", 304), 1);
    assert_eq!(home.command(&["poll", "nobody"]).status.code(), Some(2));

    let built = home.command(&["build", "site"]);
    assert!(built.status.success(), "{}", err(&built));
    for file in [
        "index.html",
        "feed.xml",
        "atom.xml",
        "feed.json",
        "sources.opml",
        "style.css",
        "category/محليات/feed.xml",
        "source/a/index.html",
    ] {
        let text = std::fs::read_to_string(home.folder.path().join("site").join(file)).unwrap();
        assert!(!text.is_empty(), "{file}");
    }
    let status = home.command(&["status"]);
    assert!(
        out(&status).contains("failing (1)") && out(&status).contains("404"),
        "{}",
        out(&status)
    );
}

#[test]
fn probe_prints_what_each_station_finds() {
    let origin = Origin::start();
    origin.put("/old", Page::status(301).header("location", "/rss"));
    let text = feeds::rss("وكالة", &ONE).replace("نص", "A & B");
    origin.put("/rss", Page::xml(text).etag("\"1\""));
    let home = Home::new(&origin, "");
    let probed = home.command(&["probe", &origin.url("/old")]);
    assert!(probed.status.success(), "{}", err(&probed));
    let message = out(&probed);
    for words in [
        "301 → ",
        "with validators",
        "utf-8 (valid-utf-8)",
        "1 entry",
        "افتتاح مكتبة",
        "repaired repair: line 1",
        "known by its guid",
        "next poll in",
    ] {
        assert!(message.contains(words), "{words} in {message}");
    }
    let probed = json(&home.command(&["probe", &origin.url("/old"), "--json"]));
    assert_eq!(probed["fetch"]["redirects"][0]["status"], 301);
    assert_eq!(probed["feed"]["items"][0]["title"], "افتتاح مكتبة");
    let gone = home.command(&["probe", &origin.url("/gone")]);
    assert_eq!(gone.status.code(), Some(1));
    assert!(err(&gone).contains("fetch: ") && err(&gone).contains("404"), "{}", err(&gone));
}

#[test]
fn a_page_without_a_feed_is_read_by_selectors() {
    let origin = Origin::start();
    let page = std::fs::read_to_string(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/fixtures/feeds/page-by-selectors/feed.html"),
    )
    .unwrap();
    origin.put("/news/", Page::xml(page.clone()).content_type("text/html; charset=utf-8"));
    let source = format!(
        "[[source]]\nid = \"sahel\"\nurl = \"{}\"\ntimezone = \"Asia/Beirut\"\n\n[source.page]\n\
         entry = \"article.card\"\ntitle = \"h2\"\ndate = \".when\"\nsummary = \".lead\"\n",
        origin.url("/news/")
    );
    let home = Home::new(&origin, &source);
    assert!(home.command(&["check"]).status.success());
    let first = home.command(&["poll", "--json"]);
    assert!(first.status.success(), "{}", err(&first));
    assert_eq!(json(&first)["new"], 3);
    let probed = out(&home.command(&["probe", &origin.url("/news/")]));
    assert!(probed.contains("repair     page") && probed.contains("3 entries"), "{probed}");
    home.command(&["build", "site"]);
    let built = std::fs::read_to_string(home.folder.path().join("site/feed.xml")).unwrap();
    for words in ["افتتاح الحديقة العامة بعد ترميمها", "/ar/news/312<", "فُتحت أبواب"]
    {
        assert!(built.contains(words), "{words} in {built}");
    }

    let rebuilt = page.replace("class=\"card", "class=\"tile");
    origin.put("/news/", Page::xml(rebuilt).content_type("text/html"));
    let second = home.command(&["poll", "--json", "sahel"]);
    assert_eq!(json(&second)["failed"], 1);
    let status = out(&home.command(&["status"]));
    for words in ["sahel", "parse", "`article.card` matches nothing"] {
        assert!(status.contains(words), "{words} in {status}");
    }
}

#[test]
fn a_wrong_clock_is_corrected_and_reported() {
    let origin = Origin::start();
    let home =
        Home::new(&origin, &format!("[[source]]\nid = \"a\"\nurl = \"{}\"", origin.url("/")));
    let behind = feeds::rss("وكالة", &ONE).replace("+0000", "+0300").replace("GMT", "+0300");
    let date = |words: &[&str]| {
        let read = json(&home.command_fed(&[&["parse", "-"], words].concat(), behind.as_bytes()));
        read["items"][0]["date_published"].as_str().unwrap().to_owned()
    };
    let wall = date(&["--clock", "wall"]);
    assert!(wall > date(&[]), "three hours later");
    assert_eq!(date(&["--clock", "-03:00"]), wall);
    let refused = home.command(&["parse", "-", "--clock", "3h"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(err(&refused).contains("such as \"+03:00\""), "{}", err(&refused));

    let at = "2026-11-23T10:00:00Z".parse().unwrap();
    let verdict = ClockVerdict::Off(ClockOffset::from_minutes(-180).unwrap());
    let clock = ClockState { verdict, since: Some(at), ..ClockState::default() };
    let mut state = PollState::new([0; 16], at);
    state.health.clock = clock;
    let folder = home.folder.path().join("data");
    let store = Store::open(&StoreOptions::new(folder.clone()), at).unwrap().store;
    let commit = Commit {
        source: SourceId::new("a").unwrap(),
        state,
        new: Vec::new(),
        changed: Vec::new(),
        restored: Vec::new(),
        story_records: Vec::new(),
        observed: Vec::new(),
        is_whole: true,
    };
    store.commit(&[commit], 1).unwrap();
    drop(store);
    wait_until_free(&folder);
    let report = out(&home.command(&["status"]));
    assert!(report.contains("\na: its clock is 3 hours behind, dates are moved;"), "{report}");
    let report = json(&home.command(&["status", "--json"]));
    let clock = &report["sources"][0]["clock"];
    assert_eq!((&clock["verdict"], &clock["corrected"]), (&"off".into(), &true.into()));
    assert_eq!(clock["offset_minutes"], -180);
}

#[test]
fn the_manual_is_in_the_program() {
    let origin = Origin::start();
    let home = Home::new(&origin, "");
    for shell in ["bash", "zsh", "fish"] {
        let script = home.command(&["completions", shell]);
        assert!(script.status.success() && out(&script).contains("rafid"), "{shell}");
    }
    assert!(home.command(&["man", "man1"]).status.success());
    let page = home.folder.path().join("man1/rafid-poll.1");
    assert!(std::fs::read_to_string(page).unwrap().contains("cron"));
    let page = std::fs::read_to_string(home.folder.path().join("man1/feeds.toml.5")).unwrap();
    assert!(page.contains("\\fBat_least\\fR"), "{page}");
    let help = out(&home.command(&["--help"]));
    for command in [
        "run", "poll", "check", "add", "import", "export", "build", "parse", "probe", "status",
        "explain",
    ] {
        assert!(help.contains(&format!("\n  {command} ")), "{command} in {help}");
    }
    assert!(help.contains("Exit codes"), "{help}");
}
