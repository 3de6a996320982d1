//! The health of feeds, with the real binary: a feed that someone else starts to write, one whose dates stand
//! still, one that refuses us. The finding is reported where operators look, unless they switched it off.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};
use rafid::model::StuckDates;
use serde_json::Value;

use crate::support::memory::remember_otherwise;
use crate::support::program::{Home, Program, with_polling};
use crate::support::web::get;
use crate::support::{Origin, Page};

const NEWS: (&str, &str) =
    ("افتتاح مكتبة عامة في حي الزيتون", "تضم المكتبة قاعة للأطفال ومختبرًا صغيرًا.");
const SPAM: (&str, &str) =
    ("Daftar slot gacor gampang menang", "Situs judi online dan bandar togel terpercaya.");

/// A feed of entries with these numbers, all with the same `pubDate` if one is given.
fn rss(entries: &[(u32, (&str, &str))], date: Option<&str>) -> Page {
    let date = date.map(|date| format!("<pubDate>{date}</pubDate>")).unwrap_or_default();
    let items = entries.iter().rev().fold(String::new(), |mut items, (number, (title, text))| {
        let _ = write!(
            items,
            "<item><guid isPermaLink='false'>{number}</guid><title>{title} {number}</title>\
             <link>https://news.example/{number}</link><description>{text}</description>{date}</item>"
        );
        items
    });
    Page::xml(format!(
        "<rss version='2.0'><channel><title>وكالة</title><link>https://news.example/</link>\
         <language>ar</language>{items}</channel></rss>"
    ))
}

fn news(numbers: std::ops::Range<u32>) -> Vec<(u32, (&'static str, &'static str))> {
    numbers.map(|number| (number, NEWS)).collect()
}

fn source(origin: &Origin, id: &str, more: &str) -> String {
    let url = origin.url(&format!("/{id}"));
    format!("[[source]]\nid = \"{id}\"\nname = \"مصدر {id}\"\nurl = \"{url}\"\n{more}\n")
}

/// The report of `rafid status --json` about the only source.
fn status(home: &Home) -> Value {
    let output = home.command(&["status", "--json"]);
    assert!(output.status.success());
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    report["sources"][0].clone()
}

fn for_people(home: &Home) -> String {
    let output = home.command(&["status"]);
    assert!(output.status.success(), "findings are no failure of the command");
    String::from_utf8(output.stdout).unwrap()
}

fn poll(home: &Home, id: &str) {
    // The exit code is that of the poll, which may fail.
    home.command(&["poll", id]);
}

/// The daemon's report once this many sources are reported as hijacked: it may lag behind its log.
fn reported(program: &Program, hijacked: u64) -> Value {
    for _ in 0..20 {
        let report = get(program.address, "/status.json").json();
        if report["totals"]["hijacked"] == hijacked {
            return report;
        }
        program.polled("a");
    }
    panic!("it is never reported that {hijacked} are hijacked");
}

#[test]
fn a_hijacked_feed_is_reported_and_so_is_its_end() {
    let origin = Origin::start();
    origin.put("/a", rss(&news(0..25), None));
    let home = Home::new(&origin, &source(&origin, "a", "every = 1"));
    let program = home.run();
    program.polled("a");
    reported(&program, 0);

    let sold: Vec<_> = (100..104).map(|number| (number, SPAM)).collect();
    origin.put("/a", rss(&sold, None));
    let report = program.wait_for("somebody else seems to write it; look at its site", |_| true);
    assert_eq!(
        (report["source"].as_str(), report["arabic_before"].as_u64()),
        (Some("a"), Some(100))
    );
    let report = reported(&program, 1);
    let of = &report["sources"][0];
    assert_eq!(of["findings"], serde_json::json!(["hijacked"]));
    assert_eq!(
        (&of["hijacked"]["arabic_percent_now"], &report["totals"]["hijacked"]),
        (&0.into(), &1.into())
    );
    let words = of["hijacked"]["words"].to_string();
    assert!(words.contains("slot gacor") && words.contains("bandar togel"), "{words}");
    let page = get(program.address, "/status").text();
    assert!(page.contains("يُشتبه في اختطافه") && page.contains("slot gacor"), "{page}");
    let text = for_people(&home);
    assert!(text.contains("a: somebody else seems to write it, first seen"), "{text}");

    origin.put("/a", rss(&news(200..203), None));
    let ended = program.wait_for("writes as before again", |_| true);
    assert_eq!(ended["source"], "a");
    assert!(reported(&program, 0)["sources"][0]["hijacked"].is_null());
    assert!(program.stop().success());

    // The finding is reported nowhere if the operator ignores it, and again if not.
    let sold: Vec<_> = (300..304).map(|number| (number, SPAM)).collect();
    origin.put("/a", rss(&sold, None));
    poll(&home, "a");
    assert_eq!(status(&home)["findings"], serde_json::json!(["hijacked"]));
    home.write(&with_polling(&origin, &source(&origin, "a", "ignore = [\"hijacked\"]")));
    let of = status(&home);
    assert_eq!((&of["findings"], of["hijacked"].is_null()), (&serde_json::json!([]), true));
    assert!(!for_people(&home).contains("somebody else"));
}

#[test]
fn frozen_dates_are_reported_and_hide_nothing() {
    let origin = Origin::start();
    let long_ago = Some("Tue, 01 Jan 2019 00:00:00 GMT");
    origin.put("/b", rss(&news(0..10), long_ago));
    let home = Home::new(&origin, &source(&origin, "b", ""));
    poll(&home, "b");
    origin.put("/b", rss(&news(0..12), long_ago));
    poll(&home, "b");
    assert_eq!(status(&home)["findings"], serde_json::json!([]), "one day proves nothing");
    // As if these had arrived on two earlier days.
    remember_otherwise(home.folder.path(), "b", |state| {
        let stuck = state.health.dates.stuck.unwrap();
        assert_eq!((stuck.entries, stuck.days), (2, 1));
        let ago = |days: i64| Timestamp::now() - SignedDuration::from_hours(24 * days);
        let stuck = StuckDates { entries: 4, days: 2, since: ago(2), until: ago(1) };
        state.health.dates.stuck = Some(stuck);
    });
    origin.put("/b", rss(&news(0..14), long_ago));
    poll(&home, "b");
    let of = status(&home);
    assert_eq!(of["findings"], serde_json::json!(["frozen-dates"]));
    let frozen = &of["frozen_dates"];
    assert_eq!(frozen["kind"], "still");
    assert_eq!(frozen["newest"], "2019-01-01T00:00:00Z");
    assert!(
        for_people(&home)
            .contains("b: new entries come, and the newest date that they claim stays 2019")
    );
    let program = home.run();
    assert!(get(program.address, "/status").text().contains("لم يتقدّم منذ"));
    let feed = get(program.address, "/feed.json").json();
    let newest = &feed["items"][0];
    assert!(newest["title"].as_str().unwrap().ends_with("13"), "{newest}");
    let date: Timestamp = newest["date_published"].as_str().unwrap().parse().unwrap();
    assert!(date > Timestamp::now() - SignedDuration::from_hours(1), "{date}");
    assert!(program.stop().success());
    home.write(&with_polling(&origin, &source(&origin, "b", "ignore = [\"frozen-dates\"]")));
    assert_eq!(status(&home)["findings"], serde_json::json!([]));
}

#[test]
fn a_refusal_is_reported_with_advice() {
    let origin = Origin::start();
    origin.put("/c", rss(&news(0..3), None));
    let home = Home::new(&origin, &source(&origin, "c", ""));
    poll(&home, "c");
    origin.put("/c", Page::status(403).header("cf-mitigated", "challenge"));
    for _ in 0..2 {
        poll(&home, "c");
        assert_eq!(status(&home)["findings"], serde_json::json!([]), "it may be an accident");
    }
    poll(&home, "c");
    let of = status(&home);
    assert_eq!(of["findings"], serde_json::json!(["refused"]));
    let refused = &of["refused"];
    assert_eq!((&refused["by"], &refused["status"]), (&"cloudflare".into(), &403.into()));
    assert_eq!(refused["answered_before"], true);
    let text = for_people(&home);
    let expected =
        "c: refuses our requests with 403 (a browser challenge of Cloudflare), first seen";
    assert!(text.contains(expected) && text.contains("write to the publisher"), "{text}");
    let program = home.run();
    let page = get(program.address, "/status").text();
    assert!(page.contains("راسل الناشر") && page.contains("وكان يجيب قبل ذلك"), "{page}");
    assert!(program.stop().success());

    home.write(&with_polling(&origin, &source(&origin, "c", "ignore = [\"refused\", \"quiet\"]")));
    let of = status(&home);
    assert_eq!((&of["findings"], &of["failures"]), (&serde_json::json!([]), &3.into()));
    home.write(&with_polling(&origin, &source(&origin, "c", "")));
    origin.put("/c", rss(&news(0..4), None));
    poll(&home, "c");
    assert!(status(&home)["refused"].is_null(), "it answers again");
}
