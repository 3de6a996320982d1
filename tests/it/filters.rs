//! Rules and named outputs, with the real binary: what is published where, and what `rafid filter` prints
//! about it.

use serde_json::Value;

use crate::support::program::Home;
use crate::support::web::{get, get_with};
use crate::support::{Origin, Page, feeds};

const ONE: [(&str, &str, &str, u8); 4] = [
    ("a1", "افتتاح مكتبة في دمشق", "تضم المكتبة كتباً للأطفال", 20),
    ("a2", "فوز فريق كرة القدم", "رياضة", 21),
    ("a3", "أسعار الخبز في سورية", "اقتصاد", 22),
    ("a4", "نشرة الأسعار اليومية", "اقتصاد", 23),
];
const TWO: [(&str, &str, &str, u8); 2] =
    [("b1", "السوريون يعودون إلى بيوتهم", "نص", 24), ("b2", "معرض كتاب في بيروت", "نص", 25)];

const RULES: &str = r#"
[serve]
drop = ["كرة"]

[[output]]
name = "أخبار سوريا"
id = "syria"
query = "سوريا OR سوري OR دمشق"

[[output]]
name = "كتب"
categories = ["عالم"]
keep = ["كتاب أو كتب"]
entries = 5
"#;

fn home(origin: &Origin) -> Home {
    origin.put("/one", Page::xml(feeds::rss("وكالة", &ONE)));
    origin.put("/two", Page::xml(feeds::rss("صحيفة", &TWO)));
    let source = |id: &str, more: &str| {
        format!("[[source]]\nid = \"{id}\"\nurl = \"{}\"\n{more}\n", origin.url(&format!("/{id}")))
    };
    let one = source("one", "category = \"محليات\"\ndrop = [\"title:\\\"نشرة الأسعار\\\"\"]");
    Home::new(origin, &[RULES, &one, &source("two", "category = \"عالم\"")].concat())
}

fn titles(feed: &Value) -> Vec<String> {
    let items = feed["items"].as_array().unwrap();
    items.iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn rules_and_queries_decide_what_is_published_where() {
    let origin = Origin::start();
    let home = home(&origin);
    assert!(home.command(&["poll", "--all"]).status.success());
    let program = home.run();
    let check = |path: &str, expected: &[&str]| {
        let answer = get(program.address, path);
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(titles(&answer.json()), expected, "{path}");
    };
    let (fair, home_again, bread, library, ball) =
        (TWO[1].1, TWO[0].1, ONE[2].1, ONE[0].1, ONE[1].1);
    check("/feed.json", &[fair, home_again, bread, library]);
    check("/source/one/feed.json", &[bread, ball, library]);
    check("/output/syria/feed.json", &[home_again, bread, library]);
    let books = "/output/%D9%83%D8%AA%D8%A8/feed.json";
    check(books, &[fair]);
    let feed = get(program.address, books).json();
    assert_eq!(feed["title"], "كتب — الرافد");
    assert!(feed["feed_url"].as_str().unwrap().ends_with(books));

    let page = get(program.address, "/output/syria/").text();
    assert!(
        page.contains("أخبار سوريا — الرافد") && page.contains(library) && !page.contains(fair)
    );
    assert!(page.contains("href=\"/output/syria/\" aria-current=\"page\""), "the menu names it");
    assert_eq!(get(program.address, "/output/none/feed.json").status, 404);
    let redirect = get(program.address, "/output/syria");
    assert_eq!((redirect.status, redirect.header("location")), (308, "syria/"));
}

#[test]
fn breaking_news_is_an_output_unless_a_source_overuses_the_label() {
    let origin = Origin::start();
    let named = |words: &str, id: &str, day: u8| {
        let titles: Vec<(String, String, u8)> = (0..10)
            .map(|n| (format!("{id}{n}"), format!("{words}خبر من {id} رقم {n}"), day + n))
            .collect();
        let rows: Vec<_> =
            titles.iter().map(|(id, title, at)| (&**id, &**title, "نص", *at)).collect();
        Page::xml(feeds::rss("وكالة", &rows))
    };
    let calm = [("c1", "عاجل: زلزال يضرب الساحل", "نص", 24), ("c2", "عاجل الشفاء", "نص", 25)];
    origin.put("/calm", Page::xml(feeds::rss("صحيفة", &calm)));
    origin.put("/loud", named("عاجل | ", "loud", 1));
    origin.put("/sure", named("عاجل | ", "sure", 11));
    let source = |id: &str, more: &str| {
        format!("[[source]]\nid = \"{id}\"\nurl = \"{}\"\n{more}\n", origin.url(&format!("/{id}")))
    };
    let output = "[[output]]\nname = \"عاجل\"\nquery = \"عاجل:نعم\"\nstories = \"off\"\n";
    let sources = [source("calm", ""), source("loud", ""), source("sure", "breaking = true")];
    let home = Home::new(&origin, &format!("{output}{}", sources.concat()));
    assert!(home.command(&["poll", "--all"]).status.success());
    let program = home.run();
    let feed = get(program.address, "/output/%D8%B9%D8%A7%D8%AC%D9%84/feed.json").json();
    let items = feed["items"].as_array().unwrap();
    let of = |id: &str| items.iter().filter(|item| item["_rafid"]["source"]["id"] == id).count();
    assert_eq!((of("calm"), of("loud"), of("sure")), (1, 0, 10), "{feed}");
    assert!(items.iter().all(|item| item["_rafid"]["breaking"] == true));
    assert!(items.iter().all(|item| item["tags"][0] == "عاجل"));
    let loud = get(program.address, "/source/loud/feed.json").json();
    assert!(titles(&loud)[0].starts_with("عاجل | "), "titles are never touched");
    assert!(loud["items"][0]["_rafid"].get("breaking").is_none());
    let page = get(program.address, "/source/calm/").text();
    assert!(page.contains("<bdi class=\"breaking\">عاجل</bdi>: زلزال يضرب الساحل"), "{page}");
    let report = get(program.address, "/status.json").json();
    let warned = |id: &str| {
        let source = report["sources"].as_array().unwrap().iter().find(|it| it["id"] == id);
        source.unwrap().to_string().contains("none is believed")
    };
    assert!(warned("loud") && !warned("calm") && !warned("sure"), "{report}");
}

#[test]
fn a_dry_run_reports_what_is_held_back_and_why() {
    let origin = Origin::start();
    let home = home(&origin);
    assert!(home.command(&["poll", "--all"]).status.success());
    let words = ["filter", "--drop", "سوريا", "--explain"];
    let offline = String::from_utf8(home.command(&words).stdout).unwrap();
    for expected in [
        "6 entries judged, the newest: 3 pass, 3 are excluded",
        "dropped by كرة, a rule of [serve]; كرة in the title",
        "dropped by title:\"نشرة الأسعار\", a rule of its source",
        "dropped by سوريا, a rule on trial",
    ] {
        assert!(offline.contains(expected), "{expected} in:\n{offline}");
    }

    assert!(!offline.contains(['\u{2068}', '\u{2069}']), "isolates are for terminals");

    let program = home.run();
    let running = String::from_utf8(home.command(&words).stdout).unwrap();
    assert_eq!(running, offline, "the daemon says the same");
    let json = home.command(&["filter", "--output", "syria", "--json"]);
    let json: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!((&json["judged"], &json["passes"]), (&Value::from(6), &Value::from(3)));
    assert_eq!(json["entries"][0]["verdict"], "not-found");

    let path = "/filter.json?drop=x";
    assert_eq!(get(program.address, path).status, 404, "it is for the operator alone");
    let guess = get_with(program.address, path, &[("x-rafid-key", "0")]);
    assert_eq!(guess.status, 404);
    let kept = get(program.address, "/feed.json").json();
    assert_eq!(titles(&kept).len(), 4, "nothing was changed");
}

#[test]
fn wrong_words_are_wrong_usage() {
    let origin = Origin::start();
    let home = home(&origin);
    let check = |words: &[&str], expected: &str| {
        let output = home.command(words);
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(message.contains(expected), "{message}");
    };
    check(&["filter", "--drop", "\"x"], "is no query: at character 1");
    check(
        &["filter", "--output", "none"],
        "no output has the id \"none\": the outputs are syria, كتب",
    );
    check(&["filter", "--source", "none"], "no source has the id \"none\"");
}
