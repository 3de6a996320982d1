//! Deltas (RFC 3229): the real binary, and subscribers that request only the new entries of a feed. One of them
//! is the real binary, too.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::program::{Home, Program, err, json, out};
use crate::support::web::{Response, get, get_with};
use crate::support::{Origin, Page, feeds};

/// Room for all entries of a test in one source.
const KEEP: &str = "[store]\nkeep_entries = 10000\n\n";

/// An origin with one source that has numbered entries, and a site of ten entries a feed that reads it.
fn numbered_site(entries: std::ops::Range<usize>) -> (Origin, Home) {
    let origin = Origin::start();
    put_entries(&origin, entries);
    let site = format!(
        "{KEEP}[serve]\nentries = 10\nstories = \"off\"\n\n[[source]]\nid = \"a\"\nurl = \"{}\"\nevery = 1\n",
        origin.url("/a")
    );
    let home = Home::new(&origin, &site);
    (origin, home)
}

fn title(number: usize) -> String {
    format!("خبر رقم {number} من أخبار الحي القديم")
}

/// The source has these entries from now on.
fn put_entries(origin: &Origin, entries: std::ops::Range<usize>) {
    let texts: Vec<(String, String)> =
        entries.map(|number| (format!("n{number}"), title(number))).collect();
    let texts: Vec<(&str, &str, &str, u8)> =
        texts.iter().map(|(guid, title)| (guid.as_str(), title.as_str(), "نص", 20)).collect();
    origin.put("/a", Page::xml(feeds::rss("وكالة الحي", &texts)));
}

/// Waits until as many new entries are read and in the outputs.
fn wait_for_new(program: &Program, count: usize) {
    program.wait_for("polled", |line| line["new"] == count);
    program.rendered();
}

/// A subscriber of a JSON Feed that takes deltas.
struct Subscriber {
    address: SocketAddr,
    path: &'static str,
    tag: String,
    /// The titles of all entries so far, each as often as it came.
    titles: Vec<String>,
}

impl Subscriber {
    /// Reads the whole feed.
    fn start(address: SocketAddr, path: &'static str) -> Self {
        let mut subscriber = Self { address, path, tag: String::new(), titles: Vec::new() };
        let whole = get(address, path);
        assert_eq!(whole.status, 200);
        subscriber.record(&whole);
        subscriber
    }

    fn record(&mut self, response: &Response) {
        response.header("etag").clone_into(&mut self.tag);
        if response.status == 304 {
            return;
        }
        let feed: Value = response.json();
        let items = feed["items"].as_array().unwrap().iter();
        self.titles.extend(items.map(|item| item["title"].as_str().unwrap().to_owned()));
    }

    /// Requests what is new.
    fn poll(&mut self) -> Response {
        let headers = [("a-im", "feed"), ("if-none-match", self.tag.as_str())];
        let response = get_with(self.address, self.path, &headers);
        self.record(&response);
        response
    }

    fn distinct(&self) -> BTreeSet<&str> {
        self.titles.iter().map(String::as_str).collect()
    }
}

#[test]
fn three_thousand_entries_arrive_in_three_answers() {
    let (origin, home) = numbered_site(0..5);
    let program = home.run();
    wait_for_new(&program, 5);
    let mut subscriber = Subscriber::start(program.address, "/feed.json");
    put_entries(&origin, 5..1_505);
    wait_for_new(&program, 1_500);
    let first = subscriber.poll();
    assert_eq!((first.status, first.header("im")), (226, "feed"));
    assert_eq!(first.json()["items"].as_array().unwrap().len(), 1_000);
    put_entries(&origin, 1_505..3_005);
    wait_for_new(&program, 1_500);
    for _ in 0..2 {
        assert_eq!(subscriber.poll().status, 226);
    }
    assert_eq!(subscriber.titles.len(), 3_005, "none came twice");
    let expected: Vec<String> = (0..3_005).map(title).collect();
    assert_eq!(subscriber.distinct(), expected.iter().map(String::as_str).collect());
    assert_eq!(subscriber.poll().status, 304, "it has everything, and the tag says so");

    assert!(program.stop().success());
}

#[test]
fn every_format_has_its_delta_also_after_a_restart() {
    let (origin, home) = numbered_site(0..5);
    let program = home.run();
    wait_for_new(&program, 5);
    let paths = ["/feed.xml", "/atom.xml", "/feed.json", "/source/a/feed.xml"];
    let tags = paths.map(|path| get(program.address, path).header("etag").to_owned());
    assert!(program.stop().success());

    put_entries(&origin, 3..40);
    let program = home.run();
    wait_for_new(&program, 35);
    for (path, tag) in paths.into_iter().zip(&tags) {
        let headers = [("a-im", "feed"), ("if-none-match", tag.as_str())];
        let delta = get_with(program.address, path, &headers);
        assert_eq!(delta.status, 226, "{path}");
        let whole = get(program.address, path);
        for name in ["etag", "content-type", "last-modified", "link"] {
            assert_eq!(delta.header(name), whole.header(name), "{path} {name}");
        }
        let text = delta.text();
        let counted = |number| {
            text.matches(&format!("{}<", title(number))).count()
                + text.matches(&format!("{}\"", title(number))).count()
        };
        assert!((5..40).all(|number| counted(number) > 0), "{path}: {text}");
        assert!((0..5).all(|number| counted(number) == 0), "{path}: {text}");
    }
    assert!(program.stop().success());
}

#[test]
fn an_edit_of_the_configuration_gives_the_whole_feed() {
    let (origin, home) = numbered_site(0..5);
    let program = home.run();
    wait_for_new(&program, 5);
    let tag = get(program.address, "/feed.json").header("etag").to_owned();
    let text = std::fs::read_to_string(home.config()).unwrap();
    home.write(&text.replace("[serve]\n", "[site]\ntitle = \"الرافد الجديد\"\n\n[serve]\n"));
    program.signal("HUP");
    program.wait_for("outputs are to be rendered", |_| true);
    program.rendered();
    let headers = [("a-im", "feed"), ("if-none-match", tag.as_str())];
    let whole = get_with(program.address, "/feed.json", &headers);
    assert_eq!((whole.status, whole.json()["title"].as_str()), (200, Some("الرافد الجديد")));

    // Rules decide which entries a feed has: what a subscriber lacks is not what arrived since.
    home.write(&text.replace("[serve]\n", "[serve]\ndrop = [\"رقم 3\"]\n"));
    program.signal("HUP");
    program.wait_for("outputs are to be rendered", |_| true);
    put_entries(&origin, 5..10);
    wait_for_new(&program, 5);
    assert_eq!(get_with(program.address, "/feed.json", &headers).status, 200);
    assert!(program.stop().success());
}

#[test]
fn an_edit_of_an_entry_is_in_the_delta() {
    let (origin, home) = numbered_site(0..8);
    let program = home.run();
    wait_for_new(&program, 8);
    let mut subscriber = Subscriber::start(program.address, "/source/a/feed.json");
    let edited = feeds::rss("وكالة الحي", &[("n2", "خبر مصحَّح عن الحي القديم كله", "نص", 20)]);
    origin.put("/a", Page::xml(edited));
    program.wait_for("polled", |line| line["changed"] == 1);
    program.rendered();
    let delta = subscriber.poll();
    assert_eq!(delta.status, 226);
    let items = delta.json()["items"].as_array().unwrap().clone();
    assert_eq!(items.len(), 1, "{items:?}");
    assert_eq!(items[0]["title"], "خبر مصحَّح عن الحي القديم كله");
    assert!(program.stop().success());
}

#[test]
fn one_daemon_loses_no_entry_of_another() {
    let (origin, home) = numbered_site(0..5);
    let program = home.run();
    wait_for_new(&program, 5);
    let reader = Home { folder: tempfile::tempdir().unwrap() };
    let address = program.address;
    reader.write(&format!(
        "[polling]\nallow_private = [\"{address}\"]\n\n{KEEP}[[source]]\nid = \"rafid\"\n\
         url = \"http://{address}/atom.xml\"\n"
    ));
    let poll = |new: usize, status: u16| {
        let polled = reader.command(&["poll", "rafid", "-vv", "--json", "--log-format", "json"]);
        assert_eq!(json(&polled)["new"], new, "{}", err(&polled));
        let log = err(&polled);
        assert!(log.contains(&format!("\"status\":{status},")), "{log}");
    };
    poll(5, 200);
    put_entries(&origin, 5..705);
    wait_for_new(&program, 700);
    poll(700, 226);
    poll(0, 304);
    put_entries(&origin, 705..2_205);
    wait_for_new(&program, 1_500);
    poll(1_000, 226);
    poll(500, 226);
    poll(0, 304);
    assert!(program.stop().success());
}

/// Lets newsboat read its feeds; how many entries it then has. `None`: it does not start here.
fn read_with_newsboat(folder: &Path) -> Option<usize> {
    let mut command = Command::new("newsboat");
    let files = [("-u", "urls"), ("-C", "config"), ("-c", "cache.db")];
    command.args(files.iter().flat_map(|(flag, file)| [*flag, *file]));
    command.args(["-x", "reload", "print-unread"]);
    let read =
        command.current_dir(folder).env("HOME", folder).stdin(Stdio::null()).output().ok()?;
    let text = out(&read);
    let count = text.split_whitespace().next().and_then(|word| word.parse().ok());
    Some(count.unwrap_or_else(|| panic!("{text} {}", err(&read))))
}

#[test]
fn newsboat_gets_every_entry_of_a_burst() {
    let (origin, home) = numbered_site(0..5);
    let program = home.run();
    wait_for_new(&program, 5);
    let folder = tempfile::tempdir().unwrap();
    let urls = format!("http://{}/atom.xml\n", program.address);
    std::fs::write(folder.path().join("urls"), urls).unwrap();
    std::fs::write(folder.path().join("config"), "").unwrap();
    let read = || read_with_newsboat(folder.path());
    if read().is_none() {
        eprintln!("skipped newsboat: it does not start here");
        return;
    }
    // It stores the tag of a feed from the second time on.
    assert_eq!(read(), Some(5));
    put_entries(&origin, 5..305);
    wait_for_new(&program, 300);
    assert_eq!(read(), Some(305), "thirty times as many as the feed holds");
    put_entries(&origin, 305..1_605);
    wait_for_new(&program, 1_300);
    assert_eq!([read(), read(), read()], [Some(1_305), Some(1_605), Some(1_605)]);
    assert!(program.stop().success());
}
