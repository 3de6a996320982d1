//! A day of an operator: the commands about sources, as pictures of a terminal.
//!
//! `tests/fixtures/terminal` has one picture for each subject; `UPDATE_GOLDEN=1 cargo test --test it operator::`
//! writes them again: review the difference before you commit it.

use crate::support::command_pictures::Terminal;
use crate::support::program::{Home, Program, err, json, out};
use crate::support::web::{get, post};
use crate::support::{Origin, Page, feeds};

const CONFIG: &str = "\
# ملفي
include = [\"conf.d/*.toml\"]

[serve]
listen = \"127.0.0.1:0\"   # أي منفذ

# صحيفة محلية
[[source]]
id = \"sahel\"
url = \"https://sahel.example/feed\"   # يجيب ببطء
name = \"الساحل\"
category = \"محليات\"
every = \"1h\"   # كل ساعة

[[source]]
url = \"https://reader:secret@jabal.example/rss?token=abc\"
categories = [\"ثقافة\", \"كتب\"]
headers = { X-Token = \"hidden\" }

# ── رياضة ──

[[source]]
id = \"malaab\"
url = \"https://malaab.example/feed\"
name = \"الملعب\"
category = \"رياضة\"
enabled = false
";
const INCLUDED: &str = "\
# من القائمة المشتركة
[[source]]
id = \"souq\"
url = \"https://souq.example/feed\"
name = \"السوق\"
category = \"اقتصاد\"

[[output]]
name = \"مال\"
sources = [\"souq\"]
";

/// A folder with this configuration.
fn configured() -> Terminal {
    let terminal = Terminal::empty();
    std::fs::create_dir(terminal.path("conf.d")).unwrap();
    terminal.write("feeds.toml", CONFIG);
    terminal.write("conf.d/souq.toml", INCLUDED);
    terminal
}

#[test]
fn readers_get_addresses_and_names() {
    let mut terminal = configured();
    let private = "[[output]]\nid = \"kutub\"\nname = \"كتب\"\nprivate = true\n";
    terminal.write("feeds.toml", &format!("{CONFIG}\n{private}"));
    terminal.run(&["output", "list"]);
    terminal.run(&["output", "token", "kitab"]);
    terminal.run(&["output", "token", "مال"]);
    terminal.run(&["output", "token", "kutub", "--revoke"]);
    terminal.run(&["output", "token", "kutub", "--revoke", "--json"]);
    terminal.run(&["passwd", "layla"]);
    terminal.run(&["passwd", "a:b"]);
    terminal.check("readers");
}

#[test]
fn sources_are_listed() {
    let mut terminal = configured();
    terminal.run(&["list"]);
    terminal.run(&["list", "--category", "كُتب"]);
    terminal.run(&["list", "--category", "طقس"]);
    terminal.run(&["list", "--category", "رياضة", "--json"]);
    terminal.check("list");
}

#[test]
fn keys_are_set_and_the_rest_stays() {
    let mut terminal = configured();
    terminal.run(&["set", "sahel", "every=30m", "cap=5", "--dry-run"]);
    assert_eq!(terminal.text("feeds.toml"), CONFIG);
    terminal.run(&["set", "sahel", "every=30m", "cap=5", "categories=محليات", "category="]);
    terminal.run(&["set", "souq", "name=سوق المال", "--json"]);
    terminal.run(&["set", "souq", "name=سوق المال"]);
    terminal.run(&["set", "jabal-example", "url=https://jabal.example/rss?token=def"]);
    terminal.run(&["set", "sahel", "url=https://sahel.example/new"]);
    terminal.show("feeds.toml");
    terminal.show("conf.d/souq.toml");
    terminal.run(&["check", "--no-store"]);
    terminal.check("set");
}

#[test]
fn a_wrong_value_changes_nothing() {
    let mut terminal = configured();
    terminal.run(&["set", "sahel", "every=30min"]);
    terminal.run(&["set", "sahel", "timezone=Riyadh"]);
    terminal.run(&["set", "sahel", "evry=30m"]);
    terminal.run(&["set", "sahel", "listen=127.0.0.1:80"]);
    terminal.run(&["set", "sahel", "every"]);
    terminal.run(&["set", "sahl", "every=30m"]);
    terminal.run(&["set", "sahel", "id=souq"]);
    assert_eq!(
        (terminal.text("feeds.toml"), terminal.text("conf.d/souq.toml")),
        (CONFIG.into(), INCLUDED.into())
    );
    terminal.write("feeds.toml", &CONFIG.replace("\"1h\"", "\"1 hour\""));
    terminal.run(&["set", "sahel", "cap=5"]);
    terminal.run(&["set", "sahel", "every=1h"]);
    assert_eq!(terminal.text("feeds.toml"), CONFIG);
    terminal.check("set-mistakes");
}

#[test]
fn sources_are_disabled_and_enabled() {
    let mut terminal = configured();
    terminal.run(&["disable", "sahel", "malaab"]);
    terminal.run(&["enable", "malaab", "sahel", "jabal-example"]);
    terminal.run(&["disable", "nowhere"]);
    let expected = CONFIG
        .replace("enabled = false", "enabled = true")
        .replace("# كل ساعة\n", "# كل ساعة\nenabled = true\n");
    assert_eq!(terminal.text("feeds.toml"), expected);
    terminal.check("enable");
}

#[test]
fn sources_are_removed_with_their_comments() {
    let mut terminal = configured();
    terminal.run(&["remove", "souq"]);
    terminal.run(&["remove", "sahel", "jabal-example", "--dry-run"]);
    assert_eq!(terminal.text("feeds.toml"), CONFIG);
    terminal.run(&["remove", "jabal-example", "sahel", "jabal-example"]);
    terminal.show("feeds.toml");
    terminal.run(&["remove", "sahel"]);
    terminal.check("remove");
}

#[test]
fn the_configuration_is_edited_on_a_copy() {
    let mut terminal = configured();
    terminal.run_with(&[("EDITOR", "true")], &["edit"]);
    terminal.run_with(&[("EDITOR", "sed -i s/الساحل/الشاطئ/")], &["edit"]);
    assert_eq!(terminal.text("feeds.toml"), CONFIG.replace("الساحل", "الشاطئ"));
    terminal.run_with(&[("EDITOR", "sed -i s/اقتصاد/مال/")], &["edit", "souq"]);
    assert_eq!(terminal.text("conf.d/souq.toml"), INCLUDED.replace("اقتصاد", "مال"));
    let before = terminal.text("feeds.toml");
    terminal.run_with(&[("EDITOR", "sed -i s/1h/1y/")], &["edit"]);
    assert_eq!(terminal.text("feeds.toml"), before);
    terminal.run_with(&[("EDITOR", "false"), ("VISUAL", "sed -i s/1y/2h/")], &["edit"]);
    assert_eq!(terminal.text("feeds.toml"), before.replace("1h", "2h"));
    terminal.run_with(&[("EDITOR", "false")], &["edit"]);
    terminal.run_with(&[("EDITOR", "true")], &["edit"]);
    let meanwhile = "sh -c \"echo '# هنا' >> $0; echo '# وهناك' >> feeds.toml\"";
    terminal.run_with(&[("EDITOR", meanwhile)], &["edit"]);
    terminal.check("edit");
}

#[test]
fn status_is_of_the_sources_that_are_named() {
    let origin = Origin::start();
    let one = [("a1", "افتتاح مكتبة", "نص", 20)];
    origin.put("/good", Page::xml(feeds::rss("وكالة", &one)));
    let source = |id: &str| {
        format!("[[source]]\nid = \"{id}\"\nurl = \"{}\"\n", origin.url(&format!("/{id}")))
    };
    let home = Home::new(&origin, &["good", "gone", "lost"].map(source).concat());
    assert!(home.command(&["poll"]).status.success());
    let ids = |words: &[&str]| {
        let report = json(&home.command(&[&["status", "--json"], words].concat()));
        assert!(report["answered_by"]["kind"] == "store" && report["schema_version"] == 1);
        let sources = report["sources"].as_array().unwrap().clone();
        sources.iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&[]), ["good", "gone", "lost"]);
    assert_eq!(ids(&["--failing"]), ["gone", "lost"]);
    assert_eq!(ids(&["lost", "good"]), ["good", "lost"]);
    let text = out(&home.command(&["status", "lost"]));
    assert!(text.contains("\n lost ") && !text.contains("\n gone "), "{text}");
    let none = home.command(&["status", "good", "--failing", "--exit-code"]);
    assert!(out(&none).ends_with("no source fails\n") && none.status.success(), "{}", out(&none));
    for (words, code) in
        [(&["status"][..], 0), (&["status", "--exit-code"], 1), (&["status", "x"], 2)]
    {
        let ended = home.command(words);
        assert_eq!(ended.status.code(), Some(code), "{words:?}: {}", err(&ended));
    }
}

#[test]
fn a_new_configuration_has_the_sources_of_some_countries() {
    let mut terminal = Terminal::empty();
    terminal.run(&["init"]);
    terminal.run(&["init", "--yes", "--countries", "eg,xx"]);
    terminal.run(&[
        "init",
        "--yes",
        "--countries",
        "eg",
        "--title",
        "أخبار الحي",
        "--contact",
        "me@news.example",
    ]);
    terminal.run(&["init", "--yes"]);
    terminal.run(&["list", "--category", "مصر والسودان"]);
    terminal.run(&["check", "--no-store"]);
    let text = terminal.text("feeds.toml");
    for line in
        ["title = \"أخبار الحي\"", "timezone = \"Africa/Cairo\"", "contact = \"me@news.example\""]
    {
        assert!(text.lines().any(|it| it == line), "{line}");
    }
    terminal.check("init");
}

/// Only those who can read the store's folder may have sources polled.
fn strangers_request_no_polls(origin: &Origin, program: &Program) {
    let count = origin.requests().len();
    assert_eq!(post(program.address, "/poll?source=gone", &[], "").status, 405);
    assert_eq!(
        post(program.address, "/poll?source=gone", &[("x-rafid-key", "guess")], "").status,
        405
    );
    assert_eq!(get(program.address, "/poll?source=gone").status, 404);
    assert_eq!(origin.requests().len(), count);
}

#[test]
fn a_running_daemon_polls_what_the_operator_names() {
    let origin = Origin::start();
    let one = [("a1", "افتتاح مكتبة", "نص", 20)];
    let two = [("a2", "إغلاق جسر", "نص", 21), one[0]];
    origin.put("/news", Page::xml(feeds::rss("وكالة", &one)));
    origin.put(
        "/fresh",
        Page::xml(feeds::rss("صحيفة", &one)).header("cache-control", "max-age=3600"),
    );
    origin.put("/busy", Page::status(429).header("retry-after", "600"));
    let source = |id: &str| {
        format!("[[source]]\nid = \"{id}\"\nurl = \"{}\"\n", origin.url(&format!("/{id}")))
    };
    let sources = ["news", "fresh", "busy", "gone"].map(source).concat();
    let home = Home::new(&origin, &format!("every = \"1h\"\nat_least = \"1s\"\n{sources}"));
    let program = home.run();
    let mut waiting = std::collections::BTreeSet::from(["news", "fresh", "busy", "gone"]);
    while !waiting.is_empty() {
        let line = program.wait_for_any(&["polled", "poll failed"]);
        waiting.remove(line["source"].as_str().unwrap());
    }

    origin.put("/news", Page::xml(feeds::rss("وكالة", &two)));
    // The shortest interval holds for requests as well.
    let polled = loop {
        let polled = json(&home.command(&["poll", "news", "--json"]));
        if polled["polled"] == 1 {
            break polled;
        }
        assert_eq!(polled["sources"][0]["outcome"], "too-early", "{polled}");
        assert_eq!(polled["sources"][0]["reason"], "operator", "{polled}");
    };
    assert_eq!((&polled["new"], &polled["failed"]), (&1.into(), &0.into()), "{polled}");
    assert_eq!(polled["sources"][0]["outcome"], "polled");
    assert_eq!(polled["left_to"], format!("http://{}/", program.address));
    assert_eq!(origin.requests_to("/news").len(), 2);

    let refused = home.command(&["poll", "fresh", "busy"]);
    assert_eq!(refused.status.code(), Some(1), "{}", out(&refused));
    for line in [
        "fresh: not polled: its server says that the last answer is still fresh (Cache-Control); allowed in ",
        "busy: not polled: its server requested a pause; allowed in ",
    ] {
        assert!(out(&refused).contains(line), "{line} in {}", out(&refused));
    }
    assert_eq!((origin.requests_to("/fresh").len(), origin.requests_to("/busy").len()), (1, 1));
    let failed = loop {
        let failed = home.command(&["poll", "gone"]);
        if !out(&failed).contains("not polled") {
            break failed;
        }
    };
    assert!(
        out(&failed).contains("gone: failed: fetch: ") && out(&failed).contains("404"),
        "{}",
        out(&failed)
    );
    assert_eq!(failed.status.code(), Some(1));
    assert_eq!(home.command(&["poll", "nowhere"]).status.code(), Some(2));
    assert_eq!(home.command(&["poll", "news", "--fresh"]).status.code(), Some(1));

    strangers_request_no_polls(&origin, &program);
    assert!(program.stop().success());
}

#[test]
fn help_lists_the_commands_by_task() {
    let mut terminal = Terminal::empty();
    terminal.run(&["--help"]);
    terminal.run(&["set", "--help"]);
    terminal.run(&["status", "-h"]);
    terminal.check("help");
}

#[test]
fn commands_that_end_by_themselves_are_quiet() {
    let origin = Origin::start();
    let one = [("a1", "افتتاح مكتبة", "نص", 20)];
    origin.put("/a", Page::xml(feeds::rss("وكالة", &one)));
    let home =
        Home::new(&origin, &format!("[[source]]\nid = \"a\"\nurl = \"{}\"\n", origin.url("/a")));
    let poll = home.command(&["poll", "--log-format", "json"]);
    assert_eq!((out(&poll) + &err(&poll), poll.status.code()), (String::new(), Some(0)));
    // A poll without news needs more than one that has some.
    for (option, is_logged) in [("-v", false), ("-vv", true)] {
        let poll = home.command(&["poll", "a", option, "--log-format", "json"]);
        assert!(err(&poll).contains("\"message\":\"first pass\""), "{}", err(&poll));
        assert_eq!(err(&poll).contains("\"message\":\"polled\""), is_logged, "{}", err(&poll));
    }
}
