//! A disk that takes nothing: the daemon goes on serving, requests nothing whose answer could not be stored, says so
//! everywhere, and goes on by itself. The same verdicts without a mounted disk are in `src/store/disk_space.rs` and
//! `src/poller/write_pause/tests.rs`.

use std::fs;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::support::origin::Gate;
use crate::support::program::{Home, Program, err, with_polling};
use crate::support::small_disk::SmallDisk;
use crate::support::web::get;
use crate::support::{Origin, Page, feeds};

const OLD: (&str, &str, &str, u8) = ("a1", "افتتاح مكتبة في حي الزيتون", "نص", 20);
const LATE: (&str, &str, &str, u8) = ("a2", "وصول القافلة إلى الميناء", "نص", 21);
const OTHER: (&str, &str, &str, u8) = ("b1", "أمطار على الجبال", "نص", 22);
const PAUSED: &str = "nothing can be stored: polls pause";
const GOES_ON: &str = "the store can be written again: polls go on";
/// The smallest room that is needed is 4 MiB, and the reserve takes as much.
const SIZE: &str = "40m";

fn origin() -> Origin {
    let origin = Origin::start();
    origin.put("/one", Page::xml(feeds::rss("وكالة", &[OLD])).etag("\"1\""));
    origin.put("/two", Page::xml(feeds::rss("صحيفة", &[OTHER])));
    origin
}

/// A configuration that polls these sources every second.
fn every_second(origin: &Origin, sources: &[&str]) -> String {
    let source = |id: &&str| {
        format!("[[source]]\nid = \"{id}\"\nurl = \"{}\"\n\n", origin.url(&format!("/{id}")))
    };
    let sources: String = sources.iter().map(source).collect();
    with_polling(origin, &format!("every = 1\nat_least = 1\n\n{sources}"))
}

fn home(origin: &Origin) -> Home {
    let home = Home::new(origin, "");
    home.write(&every_second(origin, &["one"]));
    home
}

/// Waits until the database was not written for four times the interval at which it is flushed: a flush that meets a
/// full disk ends the daemon, and its supervisor starts it again.
fn wait_until_flushed(disk: &SmallDisk) {
    let written_at = || fs::metadata(disk.path("river/db")).unwrap().modified().unwrap();
    while written_at().elapsed().is_ok_and(|since| since < Duration::from_secs(2)) {
        std::thread::yield_now();
    }
}

fn titles(address: SocketAddr) -> Vec<String> {
    let feed = get(address, "/feed.json").json();
    let items = feed["items"].as_array().unwrap().iter();
    items.map(|item| item["title"].as_str().unwrap().to_owned()).collect()
}

fn has_gauge(address: SocketAddr, line: &str) -> bool {
    get(address, "/metrics").text().lines().any(|it| it == line)
}

/// Checks what a daemon on a full disk serves and says.
fn serves_and_says_so(address: SocketAddr) {
    assert_eq!(titles(address), [OLD.1]);
    for path in ["/healthz", "/", "/feed.xml", "/atom.xml", "/search?q=x", "/status"] {
        assert_eq!(get(address, path).status, 200, "{path}");
    }
    let ready = get(address, "/readyz");
    assert_eq!((ready.status, &*ready.text()), (503, "polls pause: the disk is full\n"));
    let paused = get(address, "/status.json").json()["polling_paused"].clone();
    assert_eq!(paused["reason"], "disk-full", "{paused}");
    assert!(paused["free_bytes"].as_u64() < paused["needed_bytes"].as_u64(), "{paused}");
    assert!(paused["error"].as_str().unwrap().contains("make room on that disk"), "{paused}");
    let page = get(address, "/status").text();
    assert!(page.contains("توقفت قراءة المصادر") && page.contains("لامتلاء القرص"), "{page}");
    assert!(has_gauge(address, "rafid_polling_paused 1"));
}

fn says_nothing(address: SocketAddr) {
    assert_eq!(get(address, "/readyz").status, 200);
    assert!(get(address, "/status.json").json()["polling_paused"].is_null());
    assert!(has_gauge(address, "rafid_polling_paused 0"));
}

/// Adds the source `two` and waits until the daemon knows it.
fn add_source(program: &Program, home: &Home, origin: &Origin) {
    home.write(&every_second(origin, &["one", "two"]));
    program.signal("HUP");
    program.wait_for("the configuration was read again", |_| true);
    let sources = get(program.address, "/status.json").json()["sources"].clone();
    assert_eq!(sources.as_array().unwrap().len(), 2);
}

#[test]
fn polls_pause_on_a_full_disk_and_nothing_is_missed() {
    let origin = origin();
    let home = home(&origin);
    let Some(disk) = SmallDisk::mount(&home.folder.path().join("data"), SIZE) else { return };
    let program = home.run_on(&disk);
    program.polled("one");
    program.rendered();
    // Searches answer from now on: an index cannot be made on a full disk.
    program.indexed();
    says_nothing(program.address);
    // A response that arrives when the disk is full already.
    let gate = Arc::new(Gate::default());
    let late = Page::xml(feeds::rss("وكالة", &[OLD, LATE])).etag("\"2\"");
    origin.put("/one", late.clone().behind(&gate));
    while gate.waiting() == 0 {
        std::thread::yield_now();
    }
    wait_until_flushed(&disk);
    disk.fill();
    program.wait_for(PAUSED, |_| true);
    serves_and_says_so(program.address);
    let before = origin.requests_to("/one").len();
    gate.open();
    add_source(&program, &home, &origin);
    serves_and_says_so(program.address);
    assert!(origin.requests_to("/two").is_empty(), "a new source is due at once");
    assert_eq!(origin.requests_to("/one").len(), before, "and this one every second");
    origin.put("/one", late);

    disk.free();
    program.wait_for(GOES_ON, |_| true);
    program.wait_for("polled", |line| line["source"] == "one" && line["new"] == 1);
    program.wait_for("polled", |line| line["source"] == "two");
    let repeated = &origin.requests_to("/one")[before];
    let validator = repeated.header("if-none-match");
    assert_eq!(validator.as_deref(), Some(&b"\"1\""[..]), "of what is stored");
    program.rendered();
    assert_eq!(titles(program.address), [OTHER.1, LATE.1, OLD.1]);
    says_nothing(program.address);
    assert!(program.stop().success());
}

#[test]
fn a_daemon_starts_on_a_full_disk() {
    let origin = origin();
    let home = home(&origin);
    let Some(disk) = SmallDisk::mount(&home.folder.path().join("data"), SIZE) else { return };
    let program = home.run_on(&disk);
    program.polled("one");
    program.indexed();
    assert!(program.stop().success());
    assert!(disk.path("reserve").exists());
    disk.fill();
    home.write(&every_second(&origin, &["one", "two"]));
    let asked = origin.requests().len();
    for _ in 0..2 {
        let program = home.run_on(&disk);
        program.wait_for(PAUSED, |_| true);
        serves_and_says_so(program.address);
        assert!(program.stop().success());
        assert!(!disk.path("reserve").exists(), "it made room for the database");
    }
    assert_eq!(origin.requests().len(), asked);
    let poll = home.command_on(&disk, &["poll", "--all"]);
    assert_eq!(poll.status.code(), Some(1), "{}", err(&poll));
    assert!(err(&poll).contains("is full") && err(&poll).contains("make room"), "{}", err(&poll));
    assert_eq!(origin.requests().len(), asked, "nothing is requested that cannot be stored");

    // What the reserve left is taken by another program, too: nothing is left to open the store with.
    disk.fill();
    let refused = home.command_on(&disk, &["run", "--listen", "127.0.0.1:0"]);
    assert_eq!(refused.status.code(), Some(1), "{}", err(&refused));
    assert!(
        err(&refused).contains("0.0 MiB are free, and 2.0 MiB are needed"),
        "{}",
        err(&refused)
    );
    disk.free();
    disk.leave(3 * 1024 * 1024);

    let program = home.run_on(&disk);
    program.wait_for(PAUSED, |_| true);
    serves_and_says_so(program.address);
    disk.free();
    program.wait_for(GOES_ON, |_| true);
    program.polled("two");
    program.rendered();
    assert_eq!(titles(program.address), [OTHER.1, OLD.1]);
    assert!(disk.path("reserve").exists(), "made again");
    assert!(program.stop().success());
}

#[test]
fn a_read_only_folder_is_refused_with_its_name_and_reason() {
    let origin = origin();
    let home = home(&origin);
    let data = home.folder.path().join("data");
    let Some(disk) = SmallDisk::mount(&data, SIZE) else { return };
    disk.remount("ro");
    for words in [&["run", "--listen", "127.0.0.1:0"][..], &["poll"]] {
        let refused = home.command_on(&disk, words);
        assert_eq!(refused.status.code(), Some(1), "{}", err(&refused));
        let message = format!("cannot write to the store's folder {}: Read-only", data.display());
        assert!(err(&refused).contains(&message), "{}", err(&refused));
        assert!(err(&refused).contains("mount that file system for writing"), "{}", err(&refused));
    }
    assert!(origin.requests().is_empty());
    disk.remount("rw");
    let program = home.run_on(&disk);
    program.polled("one");
    assert!(program.stop().success());
}

#[test]
fn a_store_that_is_moved_away_pauses_polls_until_it_is_back() {
    let origin = origin();
    let home = home(&origin);
    let program = home.run();
    program.polled("one");
    program.rendered();
    let (data, away) = (home.folder.path().join("data"), home.folder.path().join("away"));
    fs::rename(&data, &away).unwrap();
    program.wait_for("the store is not where it was", |_| true);
    let ready = get(program.address, "/readyz");
    assert_eq!((ready.status, &*ready.text()), (503, "polls pause: the store is lost\n"));
    let paused = get(program.address, "/status.json").json()["polling_paused"].clone();
    assert_eq!(paused["reason"], "store-lost", "{paused}");
    add_source(&program, &home, &origin);
    assert_eq!(titles(program.address), [OLD.1], "still served");
    assert!(origin.requests_to("/two").is_empty());
    fs::rename(&away, &data).unwrap();
    program.wait_for("the store is where it was again", |_| true);
    program.polled("two");
    program.rendered();
    assert_eq!(titles(program.address), [OTHER.1, OLD.1]);
    says_nothing(program.address);
    assert!(program.stop().success());
    let program = home.run();
    program.rendered();
    assert_eq!(titles(program.address), [OTHER.1, OLD.1], "nothing went elsewhere");
    assert!(program.stop().success());
}

#[test]
fn a_search_index_on_a_full_disk_stops_nothing_else() {
    let origin = origin();
    let home = home(&origin);
    let (data, volume) = (home.folder.path().join("data"), home.folder.path().join("volume"));
    let Some(disk) = SmallDisk::mount(&volume, "8m") else { return };
    fs::create_dir(disk.path("search")).unwrap();
    fs::create_dir(&data).unwrap();
    std::os::unix::fs::symlink(volume.join("search"), data.join("search")).unwrap();
    disk.fill();
    let program = home.run_on(&disk);
    let failed = |line: &Value| line["error"].as_str().is_some_and(|it| it.contains("No space"));
    program.wait_for("the search index does not follow the store", failed);
    program.polled("one");
    program.rendered();
    assert_eq!(titles(program.address), [OLD.1]);
    says_nothing(program.address);
    assert!(has_gauge(program.address, "rafid_search_failing 1"));
    disk.free();
    program.wait_for("search index ready", |line| line["entries"] == 1);
    assert!(has_gauge(program.address, "rafid_search_failing 0"));
    assert!(program.stop().success());
}
