//! Sources that enter and leave the configuration: `add`, `import`, `export`, and what the rest of the
//! program makes of their categories and rules.

use crate::support::program::{Home, err, json, out, with_polling};
use crate::support::{Origin, Page, feeds};

const ONE: [(&str, &str, &str, u8); 1] = [("a1", "افتتاح مكتبة", "نص", 20)];

fn page(html: &str) -> Page {
    Page::xml(html.to_owned()).content_type("text/html")
}

#[test]
fn add_finds_the_feed_of_a_site_and_keeps_the_comments() {
    let origin = Origin::start();
    let page = "<html><head><link rel=alternate type='application/rss+xml' href='/feed'></head>";
    origin.put("/", Page::xml(page).content_type("text/html"));
    let home = Home::new(&origin, "# تعليق يبقى\n");
    origin.put("/empty", Page::xml("<html></html>").content_type("text/html"));
    let none = home.command(&["add", &origin.url("/empty")]);
    assert_eq!(none.status.code(), Some(1));
    assert!(err(&none).contains("no feed was found"), "{}", err(&none));
    assert!(err(&none).contains("[source.page]"), "{}", err(&none));
    origin.put("/feed", Page::xml(feeds::rss("صدى السنديان", &ONE)));
    let dry = home.command(&["add", &origin.url("/"), "--dry-run"]);
    assert!(dry.status.success(), "{}", err(&dry));
    assert!(!std::fs::read_to_string(home.config()).unwrap().contains("[[source]]"));
    let dry = json(&home.command(&["add", &origin.url("/"), "--dry-run", "--json"]));
    let id = format!("127-0-0-1-{}", origin.address.port());
    let source = &dry["added"][0];
    assert_eq!((&dry["schema_version"], &dry["written"]), (&1.into(), &false.into()), "{dry}");
    assert_eq!((&source["id"], &source["name"]), (&id.into(), &"صدى السنديان".into()), "{dry}");
    assert_eq!((&source["url"], &dry["file"]), (&origin.url("/feed").into(), &"feeds.toml".into()));

    let added = home.command(&["add", &origin.url("/"), "--category", "محليات"]);
    assert!(added.status.success(), "{}", err(&added));
    assert!(err(&added).contains("صدى السنديان"), "it shows what it found");
    let text = std::fs::read_to_string(home.config()).unwrap();
    assert!(text.starts_with(&with_polling(&origin, "# تعليق يبقى\n")), "{text}");
    for line in [
        format!("url = \"{}\"", origin.url("/feed")),
        "name = \"صدى السنديان\"".to_owned(),
        "category = \"محليات\"".to_owned(),
    ] {
        assert!(text.contains(&line), "{line} in {text}");
    }
    let line = text.lines().position(|line| line.starts_with("url =")).unwrap() + 1;
    for known in ["/feed", "/feed/", "/"] {
        let again = home.command(&["add", &origin.url(known)]);
        assert_eq!(again.status.code(), Some(0), "{known}: {}", err(&again));
        let there =
            format!("already there as `127-0-0-1-{}` (feeds.toml:{line})", origin.address.port());
        assert!(err(&again).contains(&there), "{there} in {}", err(&again));
    }
    let again = json(&home.command(&["add", &origin.url("/feed"), "--json"]));
    assert_eq!((&again["written"], &again["existing"][0]["line"]), (&false.into(), &line.into()));
    assert_eq!(std::fs::read_to_string(home.config()).unwrap(), text, "nothing was written");

    let private = home.command(&["add", "http://127.0.0.1:1/"]);
    assert!(err(&private).contains("allow_private"), "{}", err(&private));
}

#[test]
fn lists_are_imported_and_exported() {
    let origin = Origin::start();
    let home = Home::new(&origin, "[[source]]\nurl = \"https://a.example/feed\"\n");
    let list = "<opml version='2.0'><body><outline text='ثقافة'>\
        <outline text='مجلة' xmlUrl='https://b.example/rss' htmlUrl='https://b.example/'/></outline>\
        <outline text='مكرر' xmlUrl='http://www.a.example/feed/'/></body></opml>";
    std::fs::write(home.folder.path().join("subs.opml"), list).unwrap();
    let dry = json(&home.command(&["import", "subs.opml", "--dry-run", "--json"]));
    assert_eq!((&dry["written"], &dry["skipped"]), (&false.into(), &serde_json::json!([])));
    assert_eq!(dry["existing"][0]["id"], "a-example");
    let source = &dry["added"][0];
    assert_eq!((&source["id"], &source["categories"][0]), (&"b-example".into(), &"ثقافة".into()));
    assert_eq!(dry["added"].as_array().unwrap().len(), 1, "{dry}");
    let imported = home.command(&["import", "subs.opml"]);
    assert!(imported.status.success(), "{}", err(&imported));
    assert!(err(&imported).contains("2 feeds in the list, 1 of them new"), "{}", err(&imported));
    let exported = home.command(&["export", "--opml"]);
    assert!(exported.status.success());
    let list = out(&exported);
    for words in ["<outline text=\"ثقافة\">", "xmlUrl=\"https://b.example/rss\"", "text=\"مجلة\""]
    {
        assert!(list.contains(words), "{words} in {list}");
    }
    assert!(home.command_fed(&["import", "-"], list.as_bytes()).status.success(), "nothing new");
    assert!(err(&exported).is_empty(), "{}", err(&exported));

    let page = "[[source]]\nurl = \"https://c.example/news\"\npage = { entry = \".card\" }\n";
    home.write(&format!("[[source]]\nurl = \"https://a.example/feed\"\n{page}"));
    let exported = home.command(&["export"]);
    assert!(err(&exported).contains("1 page without a feed is listed as links"));
    let list = out(&exported);
    assert!(
        list.contains("type=\"link\"") && !list.contains("xmlUrl=\"https://c.example"),
        "{list}"
    );
    let imported = home.command_fed(&["import", "-"], list.as_bytes());
    assert!(err(&imported).contains("1 feed in the list, 0 of them new"), "{}", err(&imported));
    let wrong = home.command_fed(&["import", "-"], b"<html>");
    assert_eq!(wrong.status.code(), Some(1));
    assert!(err(&wrong).contains("this is no OPML"));
}

#[test]
fn a_long_list_is_imported_and_one_that_does_not_fit_is_split() {
    let home = Home { folder: tempfile::tempdir().unwrap() };
    let outline =
        |number| format!("<outline text='مصدر {number}' xmlUrl='https://h{number}.example/feed'/>");
    let list: String = (0..10_500).map(outline).collect();
    let list = format!("<opml><body><outline text='كل شيء'>{list}</outline></body></opml>");
    let imported = home.command_fed(&["-c", "new.toml", "import", "-"], list.as_bytes());
    assert!(err(&imported).contains("10500 feeds in the list, 10500 of them new"));
    assert!(imported.status.success(), "{}", err(&imported));
    let checked = home.command(&["-c", "new.toml", "check", "--no-store"]);
    assert_eq!(out(&checked), "new.toml: 10500 sources in 1 category, no mistakes\n");

    let one = format!("<opml>{}</opml>", outline(1));
    let line = format!("# {}\n", "س".repeat(500));
    let long = line.repeat((4 << 20) / line.len());
    home.write(&long);
    let list: String = (0..20).map(outline).collect();
    let refused = home.command_fed(&["import", "-"], format!("<opml>{list}</opml>").as_bytes());
    assert_eq!(refused.status.code(), Some(78), "{}", err(&refused));
    for words in ["nothing was written", "at most 4194304", "rafid -c conf.d/1.toml import PART"] {
        assert!(err(&refused).contains(words), "{words} in {}", err(&refused));
    }
    assert_eq!(std::fs::read_to_string(home.config()).unwrap(), long);
    // What the message advises.
    std::fs::create_dir(home.folder.path().join("conf.d")).unwrap();
    std::fs::write(home.folder.path().join("conf.d/1.toml"), "").unwrap();
    home.write("include = [\"conf.d/*.toml\"]\n");
    let part = home.command_fed(&["-c", "conf.d/1.toml", "import", "-"], one.as_bytes());
    assert!(part.status.success(), "{}", err(&part));
    let checked = out(&home.command(&["check", "--no-store"]));
    assert!(checked.starts_with("feeds.toml and 1 included file: 1 source"), "{checked}");
}

#[test]
fn add_creates_the_named_file() {
    let origin = Origin::start();
    origin.put("/feed", Page::xml(feeds::rss("وكالة", &ONE)));
    let home = Home::new(&origin, "");
    // The defaults apply instead, and they allow no private address: everything succeeds but the fetch.
    let outcome = home.command(&["-c", "new.toml", "add", &origin.url("/feed")]);
    assert_eq!(outcome.status.code(), Some(1), "{}", err(&outcome));
    assert!(err(&outcome).contains("allow_private"), "{}", err(&outcome));
    assert!(!err(&outcome).contains("rafid add"), "it advises itself: {}", err(&outcome));
    assert!(!home.folder.path().join("new.toml").exists(), "nothing was found");
    let list = "<opml><outline text='أ' xmlUrl='https://a.example/feed'/></opml>";
    let made = home.command_fed(&["-c", "new.toml", "import", "-"], list.as_bytes());
    assert!(made.status.success(), "{}", err(&made));
    assert!(err(&made).contains("made and written: new.toml"), "{}", err(&made));
    let text = std::fs::read_to_string(home.folder.path().join("new.toml")).unwrap();
    assert!(text.contains("url = \"https://a.example/feed\""), "{text}");
    assert!(home.command(&["-c", "new.toml", "check"]).status.success());
}

#[test]
fn every_offered_feed_was_read() {
    let origin = Origin::start();
    let home = Home::new(&origin, "");
    let rss = "rel=alternate type='application/rss+xml'";
    origin.put(
        "/",
        page(&format!(
            "<link {rss} href=/gone><link {rss} href=/one><link {rss} href=/two><a href=/three.rss>\
             <a href=/page.rss>"
        )),
    );
    origin.put("/page.rss", page("<html>"));
    for (path, title) in [("/one", "الأولى"), ("/two", "الثانية"), ("/three.rss", "الثالثة")]
    {
        origin.put(path, Page::xml(feeds::rss(title, &ONE)));
    }
    let dry = |more: &[&str]| {
        let site = origin.url("/");
        let outcome = home.command(&[&["add", &site, "--dry-run"], more].concat());
        let urls = ["/gone", "/one", "/two", "/three.rss", "/page.rss"];
        let written = out(&outcome);
        let taken = urls.into_iter().filter(|path| written.contains(&origin.url(path)));
        (taken.collect::<Vec<_>>(), err(&outcome), outcome.status.code())
    };
    let (taken, message, code) = dry(&[]);
    assert_eq!((taken, code), (vec!["/one"], Some(0)), "{message}");
    for words in ["1: found ", "2: found ", "3: found ", "--pick N", "الثالثة"] {
        assert!(message.contains(words), "{words} in {message}");
    }
    assert!(!message.contains("/gone") && !message.contains("/page.rss"), "{message}");
    assert_eq!(dry(&["-y"]).0, ["/one"]);
    assert_eq!(dry(&["--pick", "3"]).0, ["/three.rss"]);
    assert_eq!(dry(&["--all"]).0, ["/one", "/two", "/three.rss"]);
    let (taken, message, code) = dry(&["--pick", "4"]);
    assert_eq!((taken, code), (vec![], Some(2)), "{message}");
    let added = home.command(&["add", &origin.url("/"), "--all"]);
    assert!(added.status.success(), "{}", err(&added));
    assert!(home.command(&["check"]).status.success());
}

#[test]
fn the_feed_of_a_part_of_a_site_comes_first() {
    let origin = Origin::start();
    let home = Home::new(&origin, "");
    origin.put("/feed/", Page::xml(feeds::rss("الموقع", &ONE)));
    origin.put("/blog/", page("<html>"));
    let found = || {
        let outcome = home.command(&["add", &origin.url("/blog/"), "--dry-run"]);
        assert!(outcome.status.success(), "{}", err(&outcome));
        out(&outcome)
    };
    assert!(found().contains(&format!("\"{}\"", origin.url("/feed/"))));
    origin.put("/blog/rss.xml", Page::xml(feeds::rss("المدونة", &ONE)));
    assert!(found().contains(&origin.url("/blog/rss.xml")));
}

#[test]
fn a_list_keeps_its_folders_and_reports_what_is_no_feed() {
    let origin = Origin::start();
    let home = Home::new(&origin, "");
    let list = "<opml version='2.0'><body><outline text='العالم'><outline text='آسيا'>\
        <outline text='أ' xmlUrl='feed://a.example/rss'/></outline></outline>\
        <outline text='طقس'><outline text='أ' xmlUrl='https://a.example/rss/'/>\
        <outline text='ب' xmlUrl='https://a.example/feed'/></outline>\
        <outline text='ج' type='HTML+XPath' xmlUrl='https://c.example/'/>\
        <outline text='د' xmlUrl='d.example'/></body></opml>";
    let imported = home.command_fed(&["import", "-"], list.as_bytes());
    assert_eq!(imported.status.code(), Some(1), "{}", err(&imported));
    let message = err(&imported);
    for words in [
        "3 feeds in the list, 2 of them new",
        "2 outlines are not imported",
        "  ج: it is no feed",
        "  د: ",
    ] {
        assert!(message.contains(words), "{words} in {message}");
    }
    let text = std::fs::read_to_string(home.config()).unwrap();
    assert!(text.contains("categories = [\"آسيا\", \"العالم\", \"طقس\"]"), "{text}");
    assert!(text.contains("url = \"http://a.example/rss\""), "{text}");
    assert!(text.contains("id = \"a-example-2\""), "two feeds of one host: {text}");
    let more = "\n[[source]]\nid = \"here\"\nurl = \"file:feed.xml\"\ncategories = [\"آسيا\", \"محليات\"]\n";
    std::fs::write(home.config(), text + more).unwrap();
    let exported = home.command(&["export"]);
    assert_eq!(exported.status.code(), Some(0));
    assert!(err(&exported).contains("1 source is left out") && err(&exported).contains("here"));
    let list = out(&exported);
    assert!(list.contains("category=\"/آسيا,/العالم,/طقس\""), "{list}");
    let again = Home::new(&origin, "");
    assert!(again.command_fed(&["import", "-"], list.as_bytes()).status.success());
    let text = std::fs::read_to_string(again.config()).unwrap();
    assert!(text.contains("categories = [\"آسيا\", \"العالم\", \"طقس\"]"), "{text}");
}

#[test]
fn a_source_of_several_categories_is_in_the_output_of_each() {
    let origin = Origin::start();
    origin.put("/rss", Page::xml(feeds::rss("وكالة", &ONE)));
    let source = format!(
        "[[source]]\nid = \"a\"\nurl = \"{}\"\ncategory = \"محليات\"\ncategories = [\"ثقافة\"]\n",
        origin.url("/rss")
    );
    let home = Home::new(&origin, &source);
    assert!(home.command(&["poll"]).status.success());
    assert!(home.command(&["build", "site"]).status.success());
    for (slug, title) in [("محليات", "محليات — "), ("ثقافة", "ثقافة — ")]
    {
        let file = home.folder.path().join("site/category").join(slug).join("feed.xml");
        let text = std::fs::read_to_string(file).unwrap();
        assert!(
            text.contains("افتتاح مكتبة") && text.contains(&format!("<title>{title}")),
            "{text}"
        );
    }
    let status = json(&home.command(&["status", "--json"]));
    let source = &status["sources"][0];
    assert_eq!(
        (&source["category"], &source["categories"][1]),
        (&"محليات".into(), &"ثقافة".into())
    );
    let checked = out(&home.command(&["check"]));
    assert!(checked.contains("1 source in 2 categories"), "{checked}");
}

#[test]
fn a_rule_that_holds_everything_back_gives_a_warning() {
    let origin = Origin::start();
    let entries: Vec<(String, String)> =
        (1..=6).map(|at| (format!("e{at}"), format!("خبر رقم {at}"))).collect();
    let entries: Vec<(&str, &str, &str, u8)> =
        entries.iter().map(|(id, title)| (id.as_str(), title.as_str(), "نص", 20)).collect();
    origin.put("/rss", Page::xml(feeds::rss("وكالة", &entries)));
    let source = |rules: &str| {
        format!("[[source]]\nid = \"a\"\nurl = \"{}\"\n{rules}\n", origin.url("/rss"))
    };
    let home = Home::new(&origin, &source("keep = [\"مكتبة\"]"));
    assert!(!err(&home.command(&["check"])).contains("holds back"));
    assert!(!home.folder.path().join("data").exists(), "a check begins no store");
    assert!(home.command(&["poll"]).status.success());
    let checked = home.command(&["check"]);
    assert!(checked.status.success(), "it is a warning");
    let warning = "`keep` \"مكتبة\" of source `a` holds back all of its newest 6 stored entries";
    assert!(err(&checked).contains(warning), "{}", err(&checked));
    let alone = home.command(&["check", "--no-store"]);
    assert!(!err(&alone).contains("holds back"), "the file alone: {}", err(&alone));
    assert!(out(&checked).contains("no mistakes, 1 warning"), "{}", out(&checked));
    let verdict = json(&home.command(&["check", "--json"]));
    assert_eq!(
        (&verdict["rules"][0]["holds"], &verdict["rules"][0]["judged"]),
        (&"all".into(), &6.into())
    );

    let program = home.run();
    let line = program.wait_for("a rule holds back all stored entries", |_| true);
    assert_eq!((&line["owner"], &line["judged"]), (&"source `a`".into(), &6.into()));
    // «او» without hamza is «أو»: the rule matches the news that has one of the words.
    home.write(&with_polling(&origin, &source("keep = [\"مكتبة او خبر\"]")));
    program.signal("HUP");
    program.wait_for("the configuration was read again", |_| true);
    assert!(program.stop().success());
    assert!(!err(&home.command(&["check"])).contains("holds back all"));
}

#[test]
fn warnings_of_the_configuration_are_one_line_except_in_check() {
    let origin = Origin::start();
    let home = Home::new(&origin, "[[source]]\nurl = \"https://a.example/\"\nevery = \"5m\"\n");
    let exported = home.command(&["export"]);
    assert_eq!(err(&exported), "feeds.toml: 1 warning; `rafid check` shows them\n");
    let checked = home.command(&["check"]);
    assert!(err(&checked).contains("impolite"), "{}", err(&checked));
    assert!(out(&checked).contains("no mistakes, 1 warning"));
}
