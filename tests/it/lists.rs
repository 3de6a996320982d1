//! Lists of feeds that are kept elsewhere: their feeds are sources, which come and go with them; a list that cannot be
//! used takes nothing away.

use serde_json::json;

use crate::support::command_pictures::Terminal;
use crate::support::program::{Home, err, json as json_of, out, with_polling};
use crate::support::web::get;
use crate::support::{Origin, Page, feeds};

/// An OPML list of these feeds of the origin, with their names, in a folder.
fn opml(origin: &Origin, outlines: &[(&str, &str)]) -> String {
    let outlines: String = outlines
        .iter()
        .map(|(path, name)| {
            format!("<outline type=\"rss\" text=\"{name}\" xmlUrl=\"{}\"/>\n", origin.url(path))
        })
        .collect();
    format!(
        "<opml version=\"2.0\"><body>\n<outline text=\"محليات\">\n{outlines}</outline>\n</body></opml>"
    )
}

/// A list of the origin, and an output of what its folder names.
fn list(origin: &Origin, path: &str) -> String {
    let url = origin.url(path);
    let output = "[[output]]\nid = \"local\"\nname = \"محليات\"\ncategories = [\"محليات\"]\n";
    format!("[[list]]\nid = \"dawn\"\nurl = \"{url}\"\n\n{output}")
}

/// The id of the source of a path.
fn id_of(origin: &Origin, path: &str) -> String {
    format!("dawn-127-0-0-1-{}{}", origin.address.port(), path.replace('/', "-"))
}

/// An origin with feeds of one entry each.
fn origin_with(paths: &[&str]) -> Origin {
    let origin = Origin::start();
    for path in paths {
        let title = format!("خبر {path}");
        origin.put(path, Page::xml(feeds::rss("صحيفة", &[(path, &title, "نص", 20)])));
    }
    origin
}

#[test]
fn sources_come_and_go_with_a_list_while_the_daemon_runs() {
    let origin = origin_with(&["/a", "/b", "/c"]);
    origin.put("/one.opml", Page::xml(opml(&origin, &[("/a", "الأولى"), ("/b", "الثانية")])));
    origin.put("/two.opml", Page::xml(opml(&origin, &[("/b", "اسم آخر"), ("/c", "الثالثة")])));
    let [a, b, c] = ["/a", "/b", "/c"].map(|path| id_of(&origin, path));
    let home = Home::new(&origin, &list(&origin, "/one.opml"));
    let program = home.run();
    program.wait_for("the list has changed", |line| line["added"] == 2 && line["list"] == "dawn");
    let added = json!(format!("{a}, {b}"));
    program.wait_for("the configuration was read again", |line| line["added"] == added);
    program.polled(&a);
    // An output that was being rendered when the polls were stored may be served first.
    let titles = |path: &str| {
        let feed = get(program.address, path).json();
        let items = feed["items"].as_array().unwrap().clone();
        let mut titles: Vec<String> =
            items.iter().map(|it| it["title"].as_str().unwrap().to_owned()).collect();
        titles.sort();
        titles
    };
    while titles("/output/local/feed.json").len() != 2 {
        program.rendered();
    }
    assert!(get(program.address, &format!("/source/{a}/")).text().contains("الأولى"));

    // The list is elsewhere now, and says something else.
    home.write(&with_polling(&origin, &list(&origin, "/two.opml")));
    program.wait_for("the list has changed", |line| {
        (&line["added"], &line["removed"], &line["changed"]) == (&json!(1), &json!(1), &json!(1))
    });
    program.wait_for("the configuration was read again", |line| {
        (&line["added"], &line["removed"]) == (&json!(c), &json!(a))
            && line["changed"] == format!("{b} (name)")
    });
    program.polled(&c);
    while titles("/output/local/feed.json") != ["خبر /b", "خبر /c"] {
        program.rendered();
    }
    assert_eq!(get(program.address, &format!("/source/{a}/feed.xml")).status, 404);
    assert_eq!(origin.count("/b", 200), 1, "a source that stays is not polled again");
    let status = get(program.address, "/status.json").json();
    assert_eq!(
        (&status["lists"][0]["feeds"], &status["lists"][0]["problem"]),
        (&json!(2), &json!(null))
    );
    assert_eq!(status["sources"][0]["list"], "dawn");
    let metrics = get(program.address, "/metrics").text();
    assert!(metrics.lines().any(|line| line == "rafid_lists 1"), "{metrics}");
    assert!(metrics.lines().any(|line| line == "rafid_lists_failing 0"), "{metrics}");
    assert!(program.stop().success());

    // A daemon that starts again knows the sources without the list.
    let refreshes = origin.requests_to("/two.opml").len();
    let program = home.run();
    let status = get(program.address, "/status.json").json();
    assert_eq!(status["totals"]["sources"], 2);
    assert!(program.stop().success());
    assert_eq!(origin.requests_to("/two.opml").len(), refreshes, "it is not due");
}

/// The ids of the sources that `rafid list` shows.
fn listed(home: &Home) -> Vec<String> {
    let sources =
        json_of(&home.command(&["list", "--json"]))["sources"].as_array().unwrap().clone();
    sources.iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_list_that_cannot_be_used_takes_nothing_away() {
    let origin = origin_with(&["/a", "/b", "/c"]);
    let whole = opml(&origin, &[("/a", "الأولى"), ("/b", "الثانية"), ("/c", "الثالثة")]);
    let home = Home::new(&origin, &list(&origin, "/list.opml"));
    let poll = || home.command(&["poll", "--all", "--json"]);
    let problem = || {
        let status = json_of(&home.command(&["status", "--json"]));
        status["lists"][0]["problem"]["kind"].as_str().map(ToOwned::to_owned)
    };

    // Nothing is there yet: the configuration is sound without it.
    assert!(poll().status.success());
    assert!(listed(&home).is_empty());
    assert_eq!(problem().as_deref(), Some("fetch"));
    let check = home.command(&["check"]);
    assert!(out(&check).contains("0 of them from 1 list (1 not read yet)"), "{}", out(&check));
    assert!(
        err(&check).contains("no source has the category `محليات` at present"),
        "{}",
        err(&check)
    );

    origin.put("/list.opml", Page::xml(whole.clone()).etag("\"1\""));
    assert_eq!(json_of(&poll())["polled"], 3, "its sources are part of the same pass");
    let all = ["/a", "/b", "/c"].map(|path| id_of(&origin, path));
    assert_eq!((listed(&home).as_slice(), problem()), (&all[..], None));
    assert!(out(&home.command(&["check"])).contains("3 of them from 1 list, no mistakes"));
    assert!(poll().status.success());
    let last = origin.requests_to("/list.opml").pop().unwrap();
    assert_eq!((last.status, last.headers["if-none-match"].as_str()), (304, "\"1\""));
    assert!(last.headers["accept"].starts_with("text/x-opml, "), "{:?}", last.headers);
    assert!(!last.headers.contains_key("a-im"), "a part of a list is no list");

    let short = opml(&origin, &[("/a", "الأولى")]);
    for (page, kind) in [
        (Page::status(500), "fetch"),
        (Page::html("<html><body>صيانة</body></html>"), "unreadable"),
        (Page::xml(&whole.as_bytes()[..whole.len() / 2]), "unreadable"),
        (Page::xml("<opml><body></body></opml>"), "empty"),
        (Page::xml(short), "shrunk"),
    ] {
        origin.put("/list.opml", page.etag("\"2\""));
        let polled = poll();
        assert_eq!(json_of(&polled)["polled"], 3, "{kind}");
        assert_eq!((listed(&home).as_slice(), problem().as_deref()), (&all[..], Some(kind)));
    }
    let status = err(&home.command(&["status"]));
    assert!(status.contains("the list `dawn` cannot be used"), "{status}");
    assert!(status.contains("its last good copy (3 feeds,"), "{status}");
    origin.put("/list.opml", Page::xml(whole).etag("\"1\""));
    poll();
    assert_eq!(problem(), None);
    assert_eq!(
        origin.requests_to("/list.opml").pop().unwrap().status,
        304,
        "the copy has its validators"
    );

    // A server that wants to be left alone is left alone.
    origin.put("/list.opml", Page::status(503).header("retry-after", "3600"));
    poll();
    let refreshes = origin.requests_to("/list.opml").len();
    poll();
    assert_eq!(origin.requests_to("/list.opml").len(), refreshes);
}

#[test]
fn a_source_of_a_list_is_changed_by_a_source_in_its_place() {
    let origin = origin_with(&["/a", "/b"]);
    let home = Home::new(&origin, "[[list]]\nid = \"dawn\"\nurl = \"file:lists/dawn.txt\"\n");
    std::fs::create_dir(home.folder.path().join("lists")).unwrap();
    let file = home.folder.path().join("lists/dawn.txt");
    let text = format!("# ملفي\n{} الأولى\nlocalhost\n{}\n", origin.url("/a"), origin.url("/b"));
    std::fs::write(&file, text).unwrap();
    assert!(home.command(&["poll"]).status.success());
    let [a, b] = ["/a", "/b"].map(|path| id_of(&origin, path));
    assert_eq!(listed(&home), [a.as_str(), b.as_str()]);
    let program = home.run();
    let whole = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, whole.replace(" الأولى", " الصحيفة")).unwrap();
    program.signal("HUP");
    let renamed = format!("{a} (name)");
    program.wait_for("the configuration was read again", |line| line["changed"] == renamed);
    assert!(program.stop().success());

    let table = out(&home.command(&["list"]));
    assert!(table.contains("LIST") && table.contains(" dawn "), "{table}");
    let check = err(&home.command(&["check"]));
    assert!(
        check.contains("the list `dawn`, line 3: expected an http or https address"),
        "{check}"
    );

    std::fs::write(home.folder.path().join("a.opml"), opml(&origin, &[("/a", "x")])).unwrap();
    let imported = home.command(&["import", "a.opml", "--json"]);
    let known = json_of(&imported)["existing"][0].clone();
    assert_eq!(
        (&known["id"], &known["list"]),
        (&json!(a), &json!("dawn")),
        "it is not added again"
    );
    let added = home.command(&["add", &origin.url("/b")]);
    let place = format!("already there as `{b}` (from the list `dawn`)");
    assert!(err(&added).contains(&place), "{}", err(&added));

    for words in [&["set", &a, "every=2h"][..], &["disable", &a], &["remove", &a], &["edit", &a]] {
        let refused = home.command(words);
        assert_eq!(refused.status.code(), Some(2), "{words:?}");
        let message = err(&refused);
        assert!(message.contains("comes from the list `dawn`"), "{message}");
        assert!(message.contains(&format!("id = \"{a}\"")), "{message}");
    }
    let url = origin.url("/a");
    let own = format!("[[source]]\nid = \"{a}\"\nurl = \"{url}\"\n");
    let text = std::fs::read_to_string(home.config()).unwrap();
    home.write(&format!("{text}\n{own}"));
    assert!(home.command(&["disable", &a]).status.success(), "now it is a source of its own");
    let sources = json_of(&home.command(&["list", "--json"]))["sources"].clone();
    let shown = |at: usize| {
        (sources[at]["id"].clone(), sources[at]["enabled"].clone(), sources[at]["list"].clone())
    };
    assert_eq!(shown(0), (json!(b), json!(true), json!("dawn")));
    assert_eq!(shown(1), (json!(a), json!(false), json!(null)));
}

#[test]
fn sources_of_lists_are_shown_with_their_lists() {
    let mut terminal = Terminal::empty();
    let output = "[[output]]\nname = \"طقس\"\ncategories = [\"طقس\"]\n";
    let list = "[[list]]\nid = \"dawn\"\nurl = \"file:dawn.opml\"\ncategory = \"من غيرنا\"\n";
    terminal.write("feeds.toml", &format!("{list}\n{output}"));
    let outline = |name: &str, url: &str| format!("<outline text=\"{name}\" xmlUrl=\"{url}\"/>\n");
    // Requests to this machine are refused before they are sent.
    let outlines = [
        ("الفجر", "http://127.0.0.1:1/fajr"),
        ("سر", "exec:rm"),
        ("الضحى", "http://127.0.0.1:1/duha"),
    ];
    let outlines = outlines.map(|(name, url)| outline(name, url)).concat();
    terminal.write("dawn.opml", &format!("<opml>\n<body>\n{outlines}</body>\n</opml>\n"));
    terminal.run(&["check"]);
    terminal.run_unseen(&["poll"]);
    terminal.run(&["list"]);
    terminal.run(&["check", "--no-store"]);
    terminal.run(&["disable", "dawn-127-0-0-1-1-fajr"]);
    terminal.check("lists");
}
