//! `full_text = true` with the real binary: which pages are requested and which are not, by the origin's own
//! log; and what is published of them.

use std::sync::Arc;

use serde_json::Value;

use crate::support::origin::{Gate, ReceivedRequest};
use crate::support::program::{Home, Program};
use crate::support::web::get;
use crate::support::{Origin, Page};

/// Title and start of an article, by its number.
const STORIES: [(&str, &str); 4] = [
    ("افتتاح مكتبة في حي الزيتون", "افتتحت البلدية صباح اليوم مكتبة عامة في حي الزيتون"),
    ("السنديان تفوز على الميناء", "فاز فريق السنديان على فريق الميناء في مباراة أمس"),
    ("أمطار غزيرة على الساحل الشرقي", "هطلت أمطار غزيرة على مدن الساحل الشرقي ليلة الثلاثاء"),
    ("أسعار القمح ترتفع في الأسواق", "ارتفعت أسعار القمح في الأسواق العالمية هذا الأسبوع"),
];

/// A note that is on each page of the site.
const NOTE: &str = "هذه المادة من إنتاج غرفة الأخبار في صحيفتنا ولا تعبر عن رأي أحد سواها";

fn article(story: usize) -> String {
    let (title, lead) = STORIES[story];
    format!(
        "<!DOCTYPE html><html lang=ar dir=rtl><head><title>{title}</title></head><body><article>\
         <h1>{title}</h1><p>{lead} بحضور جمع من السكان والمسؤولين.</p><p>{NOTE}</p>\
         <p>وتابع القائلون إن ما جرى في القصة رقم {story} سيبقى في ذاكرة المدينة طويلًا، وإن تفاصيله \
         ستروى مرة بعد أخرى.<script>alert(1)</script></p><p>المصدر: وكالة الأولى</p></article></body></html>"
    )
}

/// A feed whose entries link to these pages of the origin, by path and story; they have no dates, and so are
/// of today.
fn feed(origin: &Origin, entries: &[(&str, usize)]) -> Page {
    let item = |(path, story): &(&str, usize)| {
        let (title, lead) = STORIES[*story];
        let link = origin.url(path);
        format!(
            "<item><guid isPermaLink=\"false\">{path}</guid><title>{title}</title><link>{link}</link>\
             <description>{lead}</description></item>"
        )
    };
    let items = entries.iter().map(item).collect::<Vec<_>>().concat();
    Page::xml(format!(
        "<rss version=\"2.0\"><channel><title>صحيفة</title><link>https://news.example/</link>\
         <description>أخبار</description>{items}</channel></rss>"
    ))
}

/// One source whose pages may be read and published in full.
fn home(origin: &Origin, more: &str) -> Home {
    let url = origin.url("/feed");
    let source = format!("[[source]]\nid = \"a\"\nurl = \"{url}\"\nfull_text = true\n{more}\n");
    Home::new(origin, &format!("[serve]\ncontent = \"full\"\n\n{source}"))
}

fn item(program: &Program, story: usize) -> Value {
    let feed = get(program.address, "/source/a/feed.json").json();
    let items = feed["items"].as_array().unwrap();
    items.iter().find(|item| item["title"] == STORIES[story].0).cloned().unwrap_or_default()
}

fn has_full_text(program: &Program, story: usize) -> bool {
    item(program, story)["_rafid"]["full_text"] == true
}

fn full_text(program: &Program) -> Value {
    get(program.address, "/status.json").json()["sources"][0]["full_text"].clone()
}

/// Polls once and waits until this many pages are read or given up: during the poll or, if the machine is too
/// slow for that, after it.
fn polled_with_pages(program: &Program, done: u64) {
    program.polled("a");
    let is_done = |status: &Value| {
        let of = |key: &str| status[key].as_u64().unwrap_or(0);
        ["taken", "refused", "other", "failed"].into_iter().map(of).sum::<u64>() >= done
    };
    while !is_done(&full_text(program)) {
        program.wait_for("pages fetched", |_| true);
    }
    program.rendered();
}

/// The number of requests for a path, whatever the responses.
fn count(origin: &Origin, path: &str) -> usize {
    origin.requests().iter().filter(|asked| asked.path == path).count()
}

#[test]
fn a_page_is_requested_once_before_its_entry_is_listed_and_never_after_a_restart() {
    let origin = Origin::start();
    let rules = "User-agent: *\nDisallow: /\n\nUser-agent: Rafid\nDisallow: /private/\n";
    origin.put("/robots.txt", Page::xml(rules).content_type("text/plain"));
    origin.put("/feed", feed(&origin, &[("/0", 0), ("/1", 1), ("/private/2", 2), ("/gone", 3)]));
    origin.put("/0", Page::html(article(0)));
    origin.put("/1", Page::html(article(1)));
    origin.put("/private/2", Page::html(article(2)));
    let home = home(&origin, "every = 1");

    let program = home.run();
    polled_with_pages(&program, 3);
    while full_text(&program)["last_error"].is_null() {
        program.wait_for("pages fetched", |_| true);
    }
    let first = item(&program, 0);
    assert_eq!(first["_rafid"]["full_text"], true);
    assert_eq!(first["_rafid"]["attributions"][0]["name"], "وكالة الأولى");
    let content = first["content_html"].as_str().unwrap();
    assert!(content.contains("سيبقى في ذاكرة المدينة") && !content.contains("alert"), "{content}");
    assert!(content.ends_with("<p>المصدر: وكالة الأولى</p></div>"), "{content}");
    assert_eq!(first["date_modified"], first["date_published"]);
    assert!(!has_full_text(&program, 2) && !has_full_text(&program, 3));
    assert!(item(&program, 3)["content_html"].as_str().unwrap().contains(STORIES[3].1));
    let page = get(program.address, "/source/a/").text();
    assert!(page.contains("نقلًا عن <bdi>وكالة الأولى</bdi>"), "{page}");

    let status = full_text(&program);
    let tally = ["taken", "refused", "waiting", "failed"].map(|key| status[key].as_u64().unwrap());
    assert_eq!(tally, [2, 1, 1, 0], "{status}");
    assert!(status["last_error"]["message"].as_str().unwrap().contains("404"), "{status}");
    let source = &get(program.address, "/status.json").json()["sources"][0];
    assert_eq!((&source["failures"], &source["last_error"]), (&0.into(), &Value::Null));
    program.polled("a");
    assert!(program.stop().success());

    let program = home.run();
    program.polled("a");
    program.polled("a");
    let asked = ["/0", "/1", "/gone", "/private/2", "/robots.txt"].map(|path| count(&origin, path));
    assert_eq!(asked, [1, 1, 1, 0, 1], "done is done, and a failure waits its time");
    let page = origin.requests().into_iter().find(|asked| asked.path == "/0").unwrap();
    assert!(page.headers["accept"].starts_with("text/html"), "{page:?}");
    assert!(has_full_text(&program, 0));
    assert!(program.stop().success());
    let report = home.command(&["status"]);
    let report = String::from_utf8(report.stdout).unwrap();
    assert!(report.contains("a: pages of entries: 2 taken, 1 refused by robots.txt, 1 waiting"));
}

#[test]
fn sites_without_robots_rules_are_open_and_those_that_do_not_respond_are_closed() {
    for (status, expected) in [(404, 1), (403, 1), (500, 0), (429, 0)] {
        let origin = Origin::start();
        origin.put("/robots.txt", Page::status(status));
        origin.put("/feed", feed(&origin, &[("/0", 0)]));
        origin.put("/0", Page::html(article(0)));
        let home = home(&origin, "");
        assert!(home.command(&["poll"]).status.success());
        assert_eq!(
            (count(&origin, "/robots.txt"), count(&origin, "/0")),
            (1, expected),
            "{status}"
        );
    }
}

#[test]
fn a_pass_requests_allowed_pages_and_none_twice() {
    let origin = Origin::start();
    let paths: Vec<String> = (0..40).map(|number| format!("/{number}")).collect();
    let entries: Vec<(&str, usize)> = paths.iter().map(|path| (path.as_str(), 0)).collect();
    origin.put("/feed", feed(&origin, &entries));
    for path in &paths {
        origin.put(path, Page::html(article(0)));
    }
    let home = home(&origin, "");
    assert!(home.command(&["poll"]).status.success());
    let asked = |times: usize| paths.iter().filter(|path| count(&origin, path) == times).count();
    assert_eq!((asked(1), asked(0)), (30, 10), "ten before they are listed and twenty behind");
    assert!(home.command(&["poll", "--all"]).status.success());
    assert_eq!(asked(1), 40);
}

#[test]
fn robots_rules_apply_to_every_hop() {
    let (origin, other) = (Origin::start(), Origin::start());
    other
        .put("/robots.txt", Page::xml("User-agent: *\nDisallow: /deep").content_type("text/plain"));
    let to = |url: String| Page::status(302).header("location", &url);
    origin.put("/0", to(other.url("/0")));
    origin.put("/1", to(other.url("/deep/1")));
    origin.put("/2", to(other.url("/")));
    origin.put("/3", to("http://10.0.0.1/3".to_owned()));
    other.put("/0", Page::html(article(0)));
    other.put("/deep/1", Page::html(article(1)));
    other.put("/", Page::html(article(2)));
    origin.put("/feed", feed(&origin, &[("/0", 0), ("/1", 1), ("/2", 2), ("/3", 3)]));
    let home = home(&origin, "headers = { X-Token = \"sirr\" }");
    let config = std::fs::read_to_string(home.config()).unwrap();
    let both = format!("\"{}\", \"{}\"", origin.address, other.address);
    home.write(&config.replace(&format!("\"{}\"", origin.address), &both));

    let program = home.run();
    polled_with_pages(&program, 4);
    assert_eq!(
        [0, 1, 2, 3].map(|story| has_full_text(&program, story)),
        [true, false, false, false]
    );
    assert_eq!(["/0", "/deep/1", "/"].map(|path| count(&other, path)), [1, 0, 1]);
    assert!(other.requests().iter().all(|asked| !asked.headers.contains_key("x-token")));
    let status = full_text(&program);
    let tally = ["taken", "refused", "other", "failed"].map(|key| status[key].as_u64().unwrap());
    assert_eq!(tally, [1, 1, 1, 1], "{status}");
    assert!(status["last_error"]["message"].as_str().unwrap().contains("10.0.0.1"), "{status}");
}

#[test]
fn pages_of_other_texts_and_hostile_ones_leave_the_feeds_own() {
    let origin = Origin::start();
    let paths = [("/wall", 0), ("/other", 1), ("/hostile", 2), ("/file", 3)];
    origin.put("/feed", feed(&origin, &paths));
    let wall = "<html><title>تسجيل الدخول</title><body><article><p>سجل الدخول إلى حسابك لمتابعة القراءة \
                في موقعنا، أو أنشئ حسابًا جديدًا لتتابع ما يهمك من المواد كل يوم.</p></article>";
    origin.put("/wall", Page::html(wall));
    origin.put("/other", Page::html(article(3)));
    let nested = format!("<html><body>{}<p>نص", "<div><b>".repeat(200_000));
    origin.put("/hostile", Page::html(nested));
    origin.put("/file", Page::xml("%PDF-1.7").content_type("application/pdf"));
    let home = home(&origin, "");
    let program = home.run();
    polled_with_pages(&program, 4);
    for (path, story) in paths {
        // A slow machine has no time to read the hostile page during the poll, and requests it again.
        assert!(count(&origin, path) >= 1, "{path}");
        assert!(!has_full_text(&program, story), "{path}");
        let own = item(&program, story)["content_html"].as_str().unwrap().to_owned();
        assert!(own.contains(STORIES[story].1), "{path}: {own}");
    }
    let status = full_text(&program);
    assert_eq!((&status["taken"], &status["waiting"]), (&0.into(), &0.into()), "{status}");
    assert_eq!((&status["other"], &status["failed"]), (&2.into(), &2.into()), "{status}");
}

#[test]
fn a_slow_page_delays_no_entry_and_its_text_is_added_later() {
    let origin = Origin::start();
    origin.put("/feed", feed(&origin, &[("/0", 0)]));
    let gate = Arc::new(Gate::default());
    origin.put("/0", Page::html(article(0)).behind(&gate));
    let home = home(&origin, "");
    let program = home.run();
    program.polled("a");
    program.rendered();
    let before = item(&program, 0);
    assert!(before["content_html"].as_str().unwrap().contains(STORIES[0].1));
    assert_eq!(before["_rafid"].get("full_text"), None);
    gate.open();
    let asked = program.wait_for("pages fetched", |line| line["source"] == "a");
    assert_eq!(asked["texts"], 1);
    program.rendered();
    let after = item(&program, 0);
    assert_eq!(after["_rafid"]["full_text"], true);
    for key in ["id", "date_published", "date_modified"] {
        assert_eq!(after[key], before[key], "{key} moved: it would be news twice");
    }
}

#[test]
fn large_feeds_and_large_pages_wait_only_for_memory() {
    let origin = Origin::start();
    let padding = format!("<!-- {} -->", "x".repeat(1_200_000));
    let large = feed(&origin, &[("/0", 0)]).body;
    origin.put("/feed", Page::xml([&large[..], padding.as_bytes()].concat()));
    let page = article(0).replace("<body>", &format!("<body>{padding}"));
    origin.put("/0", Page::html(page));
    let home = home(&origin, "");
    let program = home.run();
    program.polled("a");
    let asked = program.wait_for("pages fetched", |line| line["source"] == "a");
    assert_eq!((&asked["texts"], count(&origin, "/0")), (&1.into(), 1));
    program.rendered();
    assert!(has_full_text(&program, 0));
}

#[test]
fn a_text_survives_a_change_in_the_feed_and_its_page_is_requested_with_its_tag() {
    let origin = Origin::start();
    origin.put("/feed", feed(&origin, &[("/0", 0)]));
    origin.put("/0", Page::html(article(0)).etag("\"1\""));
    let home = home(&origin, "every = 1");
    let program = home.run();
    polled_with_pages(&program, 1);
    assert!(has_full_text(&program, 0));
    let changed = feed(&origin, &[("/0", 0)]);
    let text = String::from_utf8(changed.body).unwrap().replace(STORIES[0].0, "افتتاح مكتبة عامة");
    origin.put("/feed", Page::xml(text));
    origin.wait_for(|asked: &ReceivedRequest| asked.path == "/0" && asked.status == 304);
    program.wait_for("polled", |line| line["changed"] == 1);
    program.rendered();
    let feed = get(program.address, "/source/a/feed.json").json();
    assert_eq!(feed["items"][0]["title"], "افتتاح مكتبة عامة");
    assert_eq!(feed["items"][0]["_rafid"]["full_text"], true);
    assert_eq!(count(&origin, "/0"), 2);
}

#[test]
fn text_on_every_page_of_a_site_is_removed_from_the_third() {
    let origin = Origin::start();
    let paths = ["/0", "/1", "/2", "/3"];
    let entries: Vec<(&str, usize)> = paths.into_iter().zip(0..4).collect();
    origin.put("/feed", feed(&origin, &entries));
    for (path, story) in &entries {
        origin.put(path, Page::html(article(*story)));
    }
    let home = home(&origin, "");
    let program = home.run();
    polled_with_pages(&program, 4);
    let with_note = |story: usize| {
        let item = item(&program, story);
        assert_eq!(item["_rafid"]["full_text"], true, "{item}");
        item["content_html"].as_str().unwrap().contains(NOTE)
    };
    assert_eq!((0..4).filter(|story| with_note(*story)).count(), 2);
}

#[test]
fn an_article_is_printed_with_the_selectors_of_its_source_and_nothing_else_is_fetched() {
    let origin = Origin::start();
    origin.put("/feed", feed(&origin, &[("/0", 0)]));
    let page = "<html><body><div class=x><p>هذا نص الخبر كما يراه صاحب الموقع.</p><p class=ad>إعلان \
                كبير عن شيء لا يهم القارئ.</p></div><article><p>نص آخر طويل لا شأن له بالخبر ولا \
                بصاحبه، وهو أطول منه بكثير.</p></article></body></html>";
    origin.put("/0", Page::html(page));
    let home = Home::new(&origin, "");
    let url = origin.url("/feed");
    let selectors = "[source.article]\nkeep = \".x\"\ndrop = \".ad\"\n";
    let source = format!("[[source]]\nid = \"a\"\nurl = \"{url}\"\n{selectors}");
    home.write(&crate::support::program::with_polling(&origin, &source));
    let text = |words: &[&str]| String::from_utf8(home.command(words).stdout).unwrap();
    let expected = "هذا نص الخبر كما يراه صاحب الموقع.\n";
    assert_eq!(text(&["article", &origin.url("/0"), "--source", "a"]), expected);
    assert_ne!(text(&["article", &origin.url("/0")]), expected);
    assert_ne!(
        text(&["article", &origin.url("/0"), "--source", "a", "--keep", "article"]),
        expected
    );
    let unknown = home.command(&["article", &origin.url("/0"), "--source", "b"]);
    assert!(String::from_utf8(unknown.stderr).unwrap().contains("has no source `b`"));
    // Without `full_text` a poll requests only the feed.
    let before = origin.requests().len();
    assert!(home.command(&["poll"]).status.success());
    let asked: Vec<String> = origin.requests().drain(before..).map(|asked| asked.path).collect();
    assert_eq!(asked, ["/feed"]);
}

#[test]
fn all_received_bytes_are_counted() {
    let origin = Origin::start();
    let packed = |page: Page, cut: usize| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut encoder, &page.body).unwrap();
        let mut body = encoder.finish().unwrap();
        body.truncate(body.len() - cut);
        Page { body, ..page }.header("content-encoding", "gzip")
    };
    let pages = [
        ("/robots.txt", Page::xml("User-agent: *\nAllow: /\n").content_type("text/plain")),
        ("/feed", packed(feed(&origin, &[("/0", 0)]), 0)),
        ("/0", Page::html(article(0))),
        ("/cut", packed(Page::xml(article(1)), 30)),
        ("/page", Page::html(article(2))),
    ];
    let expected: usize = pages.iter().map(|(_, page)| page.body.len()).sum();
    for (path, page) in pages {
        origin.put(path, page);
    }
    let failing = ["cut", "page"].map(|id| {
        let url = origin.url(&format!("/{id}"));
        format!("[[source]]\nid = \"{id}\"\nurl = \"{url}\"\n")
    });
    let home = home(&origin, &failing.concat());
    let program = home.run();
    let total = program.wait_for("first pass", |_| true);
    assert_eq!((total["polled"].as_u64(), total["failed"].as_u64()), (Some(3), Some(2)));
    let counted = || -> usize {
        let metrics = get(program.address, "/metrics").text();
        let line = metrics.lines().find(|line| line.starts_with("rafid_fetched_bytes_total "));
        line.unwrap().rsplit(' ').next().unwrap().parse().unwrap()
    };
    // A slow machine requests pages after the pass.
    if counted() != expected {
        program.wait_for("pages fetched", |_| true);
    }
    assert_eq!(counted(), expected);
    assert!(program.stop().success());
}
