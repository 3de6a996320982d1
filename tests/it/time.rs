//! Time, with the real binary: the effect of a changed interval, what is dropped by age and what is not, and
//! a clock that its hosts contradict.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};

use crate::support::memory::remember_otherwise;
use crate::support::program::{Home, with_polling};
use crate::support::web::get;
use crate::support::{Origin, Page, feeds};

const DAY: i64 = 24 * 3600;

fn source(id: &str, url: &str, more: &str) -> String {
    format!("[[source]]\nid = \"{id}\"\nurl = \"{url}\"\n{more}\n")
}

/// A feed with entries of these ages in days.
fn rss(days: impl Iterator<Item = i64>) -> String {
    let now = Timestamp::now();
    let mut items = String::new();
    for age in days {
        let at = now - SignedDuration::from_secs(age * DAY);
        let date = at.strftime("%a, %d %b %Y %H:%M:%S GMT");
        let title = format!("<guid>{age}</guid><title>خبر {age}</title>");
        let _ = write!(items, "<item>{title}<pubDate>{date}</pubDate></item>");
    }
    format!("<rss version=\"2.0\"><channel><title>وكالة</title>{items}</channel></rss>")
}

fn seconds_until(status: &serde_json::Value) -> i64 {
    let next: Timestamp = status["sources"][0]["next_poll"].as_str().unwrap().parse().unwrap();
    next.duration_since(Timestamp::now()).as_secs()
}

#[test]
fn a_shorter_interval_counts_at_once_and_after_a_restart() {
    let origin = Origin::start();
    origin.put("/feed", Page::xml(feeds::rss("وكالة", &[("a1", "افتتاح مكتبة", "نص", 20)])));
    let hours = |every: &str| source("a", &origin.url("/feed"), &format!("every = \"{every}\""));
    let home = Home::new(&origin, &hours("20h"));
    let program = home.run();
    program.polled("a");
    let status = || get(program.address, "/status.json").json();
    assert!(seconds_until(&status()) > 19 * 3600);
    home.write(&with_polling(&origin, &hours("2h")));
    program.wait_for("the configuration was read again", |_| true);
    let left = seconds_until(&status());
    assert!((3_600..=8_000).contains(&left), "{left}");
    assert!(program.stop().success());

    home.write(&with_polling(&origin, &hours("1h")));
    let program = home.run();
    program.wait_for("first pass", |_| true);
    let left = seconds_until(&get(program.address, "/status.json").json());
    assert!((1_000..=4_000).contains(&left), "{left}");
    assert_eq!(origin.requests().len(), 1, "it is not due yet");
    assert!(program.stop().success());

    // The publisher's own interval is a minimum, also after the operator's interval changed.
    origin.put("/slow", {
        let page = Page::xml(feeds::rss("وكالة", &[("b1", "معرض كتب", "نص", 20)]));
        page.header("cache-control", "max-age=36000")
    });
    let slow = |every: &str| source("a", &origin.url("/slow"), &format!("every = \"{every}\""));
    home.write(&with_polling(&origin, &slow("20h")));
    home.command(&["poll"]);
    home.write(&with_polling(&origin, &slow("1h")));
    let program = home.run();
    program.wait_for("first pass", |_| true);
    let left = seconds_until(&get(program.address, "/status.json").json());
    assert!((9 * 3600..=11 * 3600).contains(&left), "{left}");
    assert!(program.stop().success());
}

#[test]
fn the_lifetime_of_outputs_follows_the_interval() {
    let origin = Origin::start();
    origin.put("/feed", Page::xml(feeds::rss("وكالة", &[("a1", "افتتاح مكتبة", "نص", 20)])));
    let one = source("a", &origin.url("/feed"), "");
    let home = Home::new(&origin, &one);
    let with_every = |every: &str| {
        with_polling(&origin, &one).replacen(
            "[polling]\n",
            &format!("[polling]\nevery = \"{every}\"\n"),
            1,
        )
    };
    home.write(&with_every("30m"));
    let program = home.run();
    program.wait_for("first pass", |_| true);
    program.rendered();
    let outputs = ["/feed.xml", "/atom.xml", "/feed.json"];
    let ages = || outputs.map(|path| get(program.address, path).header("cache-control").to_owned());
    let before = ages();
    assert!(before.iter().all(|age| age.contains("max-age=300")), "{before:?}");
    home.write(&with_every("2h"));
    program.wait_for("the configuration was read again", |_| true);
    program.rendered();
    let after = ages();
    assert!(after.iter().all(|age| age.contains("max-age=1200")), "{after:?}");
    assert!(program.stop().success());
}

#[test]
fn listed_entries_stay_and_the_others_are_dropped_by_age_also_from_cron() {
    let origin = Origin::start();
    origin.put("/old", Page::xml(rss(200..260)).etag("\"1\""));
    let store = "[store]\nkeep = \"90d\"\n\n";
    let old = format!("{store}{}", source("old", &origin.url("/old"), ""));
    let home = Home::new(&origin, &old);
    let entries = || {
        let status = home.command(&["status", "--json"]);
        let status: serde_json::Value = serde_json::from_slice(&status.stdout).unwrap();
        status["sources"][0]["entries"].as_u64().unwrap()
    };
    let totals = |words: &[&str]| -> serde_json::Value {
        let output = home.command(words);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    assert_eq!(totals(&["poll", "--json"])["new"], 60);
    assert_eq!(entries(), 60, "a slow feed shows what it lists");
    totals(&["poll", "--all", "--json"]);
    assert_eq!((entries(), origin.count("/old", 304)), (60, 1));
    // The feed lists newer entries now: of the others the twenty newest stay.
    origin.put("/old", Page::xml(rss(0..5)).etag("\"2\""));
    totals(&["poll", "--all", "--json"]);
    assert_eq!(entries(), 20);
    // Listed again, they return to their positions.
    origin.put("/old", Page::xml(rss((0..5).chain(200..260))).etag("\"3\""));
    let again = totals(&["poll", "--all", "--json"]);
    assert_eq!((again["new"].as_u64(), entries()), (Some(0), 65));
    // `keep_entries` is higher: the whole document is requested, though it did not change.
    let responses = |status: u16| origin.count("/old", status);
    let before = (responses(200), responses(304));
    home.write(&with_polling(&origin, &old).replace("90d", "91d"));
    totals(&["poll", "--all", "--json"]);
    assert_eq!((responses(200), responses(304)), (before.0 + 1, before.1));
    totals(&["poll", "--all", "--json"]);
    totals(&["poll", "--fresh", "--json"]);
    assert_eq!((responses(200), responses(304)), (before.0 + 2, before.1 + 1));
}

#[test]
fn only_what_is_kept_is_counted() {
    let origin = Origin::start();
    origin.put("/long", Page::xml(rss(0..50)));
    let store = "[store]\nkeep_entries = 12\n\n";
    let home = Home::new(&origin, &format!("{store}{}", source("a", &origin.url("/long"), "")));
    let program = home.run();
    let polled = program.polled("a");
    assert_eq!((polled["new"].as_u64(), polled["entries"].as_u64()), (Some(12), Some(50)));
    assert!(get(program.address, "/metrics").text().contains("rafid_entries_new_total 12\n"));
    assert_eq!(get(program.address, "/status.json").json()["sources"][0]["entries"], 12);
    assert!(program.stop().success());
}

#[test]
fn a_clock_that_several_hosts_contradict_drops_nothing() {
    // The origin is the proxy: for the daemon, all hosts are public.
    let origin = Origin::start();
    let hosts = ["a", "b", "c"];
    let put = |days: std::ops::Range<i64>, date: &str| {
        for host in hosts {
            let page = Page::xml(rss(days.clone())).header("date", date);
            origin.put(&format!("http://{host}.example/"), page);
        }
    };
    let http = |at: Timestamp| at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let now = http(Timestamp::now());
    put(100..150, &now);
    let home = Home::new(&origin, "");
    let sources = hosts.map(|host| source(host, &format!("http://{host}.example/"), "")).concat();
    home.write(&format!(
        "[polling]\nallow_private = [\"{0}\"]\nproxy = \"http://{0}/\"\n\n[store]\nkeep = \"90d\"\n\n{sources}",
        origin.address
    ));
    let status = || -> serde_json::Value {
        serde_json::from_slice(&home.command(&["status", "--json"]).stdout).unwrap()
    };
    home.command(&["poll", "--all"]);
    assert_eq!(
        (status()["totals"]["entries"].as_u64(), &status()["system_clock"]),
        (Some(150), &serde_json::Value::Null)
    );
    // None of these is listed any more, but all hosts say that it is ten years earlier.
    put(0..2, &http(Timestamp::now() - SignedDuration::from_hours(10 * 365 * 24)));
    home.command(&["poll", "--all"]);
    let doubted = status();
    assert_eq!(doubted["system_clock"]["contradicted_by"], "hosts", "{doubted:#}");
    assert_eq!(doubted["totals"]["entries"], 156);
    let output = home.command(&["status"]);
    let output = [output.stdout, output.stderr].concat();
    assert!(
        String::from_utf8_lossy(&output)
            .contains("the system clock may be wrong: it is 3650 d ahead of")
    );
    // They agree again.
    put(0..3, &http(Timestamp::now()));
    home.command(&["poll", "--all"]);
    let confirmed = status();
    assert_eq!(
        (confirmed["totals"]["entries"].as_u64(), confirmed["system_clock"].is_null()),
        (Some(60), true)
    );
}

#[test]
fn a_poll_that_is_late_waits_for_the_end_of_skipped_hours() {
    let origin = Origin::start();
    let feed = feeds::rss("وكالة", &[("a1", "افتتاح مكتبة", "نص", 20)]);
    origin.put("/feed", Page::xml(feed));
    let home = Home::new(&origin, &source("a", &origin.url("/feed"), ""));
    home.command(&["poll"]);
    assert_eq!(origin.requests().len(), 1);
    // It was due a while ago, and its publisher skips the hour that has started since.
    let late = |skip_hours: u32| {
        remember_otherwise(home.folder.path(), "a", |state| {
            state.schedule.poll_hints.skip_hours = skip_hours;
            state.schedule.due_at = Timestamp::now() - SignedDuration::from_hours(1);
            state.schedule.reason = rafid::model::PollReason::New;
        });
    };
    // This hour and the next, which may start while the test runs.
    let hour = Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).hour().unsigned_abs();
    late(1 << hour | 1 << ((hour + 1) % 24));
    home.command(&["poll"]);
    assert_eq!(origin.requests().len(), 1, "not from cron");
    let program = home.run();
    program.wait_for("first pass", |_| true);
    let source = &get(program.address, "/status.json").json()["sources"][0];
    assert_eq!((origin.requests().len(), source["reason"].as_str()), (1, Some("skip")));
    assert!(program.stop().success());
    late(0);
    home.command(&["poll"]);
    assert_eq!(origin.requests().len(), 2);
}
