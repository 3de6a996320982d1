//! `rafid explain`, with the real binary: why an entry is listed where it is, the same from the running
//! daemon and from the store.

use serde_json::Value;

use crate::support::program::Home;
use crate::support::web::{get, get_with};
use crate::support::{Origin, Page};

type Words = (&'static str, &'static str);

/// One event in three entries: the second has the text of the first under another headline. Then another
/// event, a follow-up that is near, and a line that is too short to compare.
const FIRST: Words = (
    "انهيار جسر المشاة في مدينة الزيتون وإصابة سبعة عمال",
    "أصيب سبعة عمال صباح اليوم عندما انهار جسر المشاة القديم في وسط مدينة الزيتون أثناء أعمال الترميم، وقال رئيس \
     البلدية إن المهندسين كانوا حذروا من تصدع القواعد قبل شهر، وأغلقت الشرطة الشارع الرئيس حتى إشعار آخر ونقل \
     المصابون إلى المستشفى المركزي.",
);
const COPY: Words = ("سبعة جرحى في حادث الجسر", FIRST.1);
const OTHER: Words = (
    "إصابة سبعة عمال بانهيار جسر مشاة في الزيتون أثناء ترميمه",
    "انهار جسر المشاة في مدينة الزيتون أثناء الترميم فأصيب سبعة عمال نقلوا إلى المستشفى المركزي، وأغلقت الشرطة \
     الشارع الرئيس، فيما قال رئيس البلدية إن المهندسين حذروا من تصدع قواعد الجسر القديم.",
);
const NEAR: Words = (
    "رئيس بلدية الزيتون يعد بتحقيق بعد حادث الجسر",
    "وعد رئيس بلدية مدينة الزيتون بتحقيق علني وبتعويض عائلات عمال الترميم، ودعا إلى اجتماع للمجلس مساء غد.",
);
const ELSE: Words = (
    "ارتفاع أسعار القمح في الأسواق العالمية للشهر الثالث",
    "ارتفعت أسعار القمح في بورصة السلع بنسبة أربعة في المئة بعد موجة جفاف في سهول الشمال، وتوقع تجار استمرار \
     الزيادة حتى موسم الحصاد المقبل.",
);
const SHORT: Words = ("عاجل: مؤتمر صحفي", "");
const OLD: Words = ("افتتاح مكتبة الأطفال في حي الورد بعد عامين من أعمال الترميم", "");
/// Four days.
const LONG_AGO: i64 = 4 * 24 * 60;

fn rss(name: &str, items: &[(&str, i64, Words)]) -> Page {
    let items: Vec<String> = items
        .iter()
        .map(|(guid, minutes_ago, (title, text))| {
            let time = today(*minutes_ago);
            format!(
                "<item><guid isPermaLink='false'>{guid}</guid><title>{title}</title>\
                 <link>https://{name}.example/{guid}?utm_source=rss</link>\
                 <description>{text}</description><pubDate>{time}</pubDate></item>"
            )
        })
        .collect();
    Page::xml(format!(
        "<rss version='2.0'><channel><title>صحيفة {name}</title><link>https://{name}.example/</link>\
         <language>ar</language>{}</channel></rss>",
        items.concat()
    ))
}

fn today(minutes_ago: i64) -> String {
    let at = jiff::Timestamp::now() - jiff::SignedDuration::from_mins(minutes_ago);
    jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_string(&at).unwrap()
}

/// Three sources with all of these entries, polled one after another.
fn home(origin: &Origin) -> Home {
    let source = |id: &str, more: &str| {
        let url = origin.url(&format!("/{id}"));
        format!("[[source]]\nid = \"{id}\"\nname = \"صحيفة {id}\"\nurl = \"{url}\"\n{more}\n")
    };
    let sections = "[serve]\ndrop = [\"title:القمح\"]\nentries = 3\n\n\
                    [[output]]\nname = \"كل رواية\"\nid = \"all\"\nstories = \"off\"\nentries = 10\n\n";
    let sources = [source("a", "category = \"محليات\""), source("b", ""), source("c", "cap = 1")];
    let home = Home::new(origin, &[sections, &sources.concat()].concat());
    origin.put("/a", rss("a", &[("1", 50, FIRST), ("2", 55, ELSE), ("3", 70, SHORT)]));
    origin.put("/b", rss("b", &[("1", 60, COPY), ("2", LONG_AGO, OLD)]));
    origin.put("/c", rss("c", &[("1", 10, OTHER), ("2", 300, NEAR)]));
    for id in ["a", "b", "c"] {
        assert!(home.command(&["poll", id]).status.success());
    }
    home
}

fn explained(home: &Home, entry: &str) -> Value {
    let output = home.command(&["explain", entry, "--json"]);
    assert!(output.status.success(), "{entry}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn in_words(home: &Home, entry: &str) -> String {
    let output = home.command(&["explain", entry]);
    assert!(output.status.success(), "{entry}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// What the report says about an output.
fn output<'a>(report: &'a Value, scope: &str) -> &'a Value {
    let outputs = report["outputs"].as_array().unwrap();
    outputs.iter().find(|output| output["scope"] == scope).unwrap()
}

const LINKS: [&str; 7] = [
    "https://a.example/1",
    "https://a.example/2",
    "https://a.example/3",
    "https://b.example/1",
    "https://c.example/1",
    "https://c.example/2",
    "https://b.example/2",
];

#[test]
fn the_daemon_and_the_store_give_the_same_report() {
    let origin = Origin::start();
    let home = home(&origin);
    let both = |home: &Home| LINKS.map(|link| (explained(home, link), in_words(home, link)));
    let offline = both(&home);
    let program = home.run();
    assert_eq!(both(&home), offline);
    let path = "/explain.json?entry=https%3A%2F%2Fa.example%2F1";
    assert_eq!(get(program.address, path).status, 404, "it is for the operator alone");
    assert_eq!(get_with(program.address, path, &[("x-rafid-key", "0")]).status, 404);
    // The reported entry is in the outputs.
    let feed = get(program.address, "/feed.json").json();
    let places: Vec<&Value> = offline.iter().map(|(report, _)| output(report, "all")).collect();
    let held = places.iter().filter(|place| place["state"] == "holds").count();
    assert_eq!(feed["items"].as_array().unwrap().len(), held);
    assert!(program.stop().success());
}

#[test]
fn an_entry_is_found_by_all_of_its_names() {
    let origin = Origin::start();
    let home = home(&origin);
    let report = explained(&home, LINKS[0]);
    let id = report["entry"]["id"].as_str().unwrap();
    let bare = id.strip_prefix("urn:uuid:").unwrap();
    let story = format!("https://news.example/story/{bare}");
    for name in
        [id, bare, &story, &format!("/entry/{bare}"), "http://www.a.example/1/?utm_source=x"]
    {
        assert_eq!(explained(&home, name)["entry"], report["entry"], "{name}");
    }
    // The publishers' guids are the same: the newest entry is explained, the others are named.
    assert_eq!(explained(&home, "1")["also_at_this_link"].as_array().unwrap().len(), 2);
    for nobody in ["https://a.example/9", "00000000-0000-8000-8000-000000000000", "", "\u{1b}[31m"]
    {
        let missing = home.command(&["explain", nobody]);
        assert_eq!(missing.status.code(), Some(2), "as for sources that are not there");
        let said = String::from_utf8(missing.stderr).unwrap();
        assert!(said.contains("rafid search") && !said.contains('\u{1b}'), "{said}");
        assert!(missing.stdout.is_empty());
    }
}

#[test]
fn every_layer_gives_its_reason() {
    let origin = Origin::start();
    let home = home(&origin);
    let [first, wheat, short, copy, other, near, old] = LINKS.map(|link| explained(&home, link));
    let story = |report: &Value| report["story"].clone();
    let id = |report: &Value| report["entry"]["id"].clone();

    assert_eq!(
        (&story(&first)["method"], &first["entry"]["listed_by"]),
        (&"first".into(), &"published".into())
    );
    assert_eq!(
        (&first["identity"]["rung"], &first["identity"]["key"]),
        (&"guid".into(), &"1".into())
    );
    assert_eq!(first["text_group"]["members"].as_array().unwrap().len(), 2);
    assert_eq!(output(&first, "all")["state"], "holds");
    assert_eq!(story(&first)["stands"]["why"], "arrived-first");

    assert_eq!((&story(&copy)["method"], &story(&copy)["id"]), (&"same-text".into(), &id(&first)));
    assert!(story(&copy)["score"].as_f64().unwrap() > 0.9);
    let collapsed = output(&copy, "all");
    assert_eq!((&collapsed["state"], &collapsed["by"]["id"]), (&"collapsed".into(), &id(&first)));
    assert_eq!(output(&copy, "output")["state"], "holds", "nothing is collapsed there");

    assert_eq!(story(&other)["method"], "same-event");
    assert_eq!(story(&other)["nearest"]["id"], id(&first));
    let words = story(&other)["alike_now"]["words"].as_array().unwrap().clone();
    assert!(words.iter().any(|it| it["word"] == "الزيتون"), "{words:?}");
    let alike = story(&other)["alike_now"].clone();
    assert!(alike["vectors"]["cosine"].as_f64().unwrap() > 0.5, "{alike}");
    assert!(alike["similarity"].as_f64().unwrap() > 0.34, "{alike}");
    assert_eq!((&alike["other_countries"], &alike["same_source"]), (&false.into(), &Value::Null));
    let arrived: Vec<Value> =
        story(&other)["tellings"].as_array().unwrap().iter().map(|it| it["id"].clone()).collect();
    assert_eq!(arrived, [id(&first), id(&copy), id(&other)]);

    assert_eq!(
        (&story(&short)["method"], &story(&short)["tellings"][1]),
        (&"too-short".into(), &Value::Null)
    );
    let held = output(&wheat, "all");
    assert_eq!((&held["state"], &held["rule_of"]), (&"dropped".into(), &"serve".into()));
    assert_eq!(output(&wheat, "source")["state"], "holds", "the rule is for merged outputs");

    assert_eq!(
        (&story(&near)["method"], &story(&near)["related"]["id"]),
        (&"first".into(), &id(&first))
    );
    let full = output(&near, "output");
    assert_eq!((&full["state"], &full["limit"]), (&"source-limit".into(), &1.into()), "by its cap");
    assert_eq!(
        (&story(&old)["method"], &output(&old, "all")["state"]),
        (&"too-old".into(), &"beyond-limit".into())
    );
}

#[test]
fn a_correction_is_reported_and_moves_nothing() {
    let origin = Origin::start();
    let home = home(&origin);
    let before = explained(&home, LINKS[3]);
    let corrected = ("ثمانية جرحى في حادث الجسر", COPY.1);
    origin.put("/b", rss("b", &[("1", 60, corrected)]));
    assert!(home.command(&["poll", "b"]).status.success());
    let after = explained(&home, LINKS[3]);
    assert_eq!(after["entry"]["title"], corrected.0);
    assert_eq!(
        (&before["identity"]["changes_count"], &after["identity"]["changes_count"]),
        (&0.into(), &1.into())
    );
    let kept = |report: &Value| ["id", "method", "score"].map(|key| report["story"][key].clone());
    assert_eq!(kept(&after), kept(&before));
    let said = in_words(&home, LINKS[3]);
    assert!(said.contains("remembered; changed once, last dated 20"), "{said}");
}

#[test]
fn people_get_a_report_in_words() {
    let origin = Origin::start();
    let home = home(&origin);
    let check = |link: &str, expected: &[&str]| {
        let said = in_words(&home, link);
        for words in expected {
            assert!(said.contains(words), "{words} in:\n{said}");
        }
        assert!(!said.contains('\u{1b}'), "no colours where NO_COLOR is set");
    };
    let title = |words: Words| words.0.to_owned();
    let standing = format!("the merged feed: holds the story as {}, صحيفة a (a)", title(FIRST));
    check(
        LINKS[3],
        &[
            &title(COPY),
            "known by its guid 1\n  else by its link b.example/1, its title on ",
            "the publisher's date\n",
            "joined by its text: likeness ",
            "% of the runs of words are the same",
            "represents the story in the merged feed, as it arrived first",
            &standing,
        ],
    );
    check(
        LINKS[4],
        &["joined by its content: score ", "alike by ", "computed now", "(this entry)"],
    );
    check(LINKS[2], &["alone: fewer than four different words", "no other entry belongs to it"]);
    let held = "the merged feed: dropped by title:القمح, a rule of [serve]; \
                title:القمح in the title";
    check(LINKS[1], &[held, "the source's own feed: holds it, 2 of 3"]);
    let full = "output كل رواية: has 1 of its source, and takes no more";
    check(
        LINKS[5],
        &["began a story: the nearest one scored ", "no other entry has its text", full],
    );
    let full = "the merged feed: full, its 3 entries are newer; its pages go on";
    check(LINKS[6], &["alone: it was older than three days", full]);
}

#[test]
fn the_first_published_entry_represents_a_story() {
    let origin = Origin::start();
    let home = home(&origin);
    let config = std::fs::read_to_string(home.config()).unwrap();
    let rule = "category = \"محليات\"\ndrop = [\"title:المشاة\"]";
    std::fs::write(home.config(), config.replace("category = \"محليات\"", rule)).unwrap();
    let [first, copy, other] = [LINKS[0], LINKS[3], LINKS[4]].map(|link| explained(&home, link));
    for scope in ["all", "source"] {
        let held = output(&first, scope);
        assert_eq!((&held["state"], &held["rule_of"]), (&"dropped".into(), &"source".into()));
    }
    assert_eq!(output(&copy, "all")["state"], "holds");
    let stands = &other["story"]["stands"];
    assert_eq!(
        (&stands["id"], &stands["why"]),
        (&copy["entry"]["id"], &"first-that-may-stand".into())
    );
    assert_eq!(output(&other, "all")["by"]["id"], copy["entry"]["id"]);
    assert_eq!(other["story"]["tellings"][0]["is_published"], false);
    assert!(in_words(&home, LINKS[4]).contains("began the story; not published\n"));
    // A source that is removed from the configuration leaves its entries in the store.
    let without = config.split("[[source]]\nid = \"c\"").next().unwrap();
    std::fs::write(home.config(), without).unwrap();
    let other = explained(&home, LINKS[4]);
    assert_eq!(other["entry"]["is_configured"], false);
    assert!(other["outputs"].as_array().unwrap().is_empty());
    assert!(in_words(&home, LINKS[4]).contains("its source is not in the configuration"));
}
