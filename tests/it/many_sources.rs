//! Ten thousand sources in included files: every output answers, and one more source is one more source.

use std::fmt::Write;
use std::fs;
use std::net::{SocketAddr, TcpListener};

use crate::support::program::{Home, err, out};
use crate::support::web::{Response, get};
use crate::support::{Origin, Page, feeds};

const FILES: usize = 20;
const SOURCES_PER_FILE: usize = 500;

/// A list of sources on a server that never answers: nothing of them is polled to an end.
fn list(server: SocketAddr, file: usize) -> String {
    let mut text = String::new();
    for number in 0..SOURCES_PER_FILE {
        let category = number % 7;
        writeln!(
            text,
            "[[source]]\nid = \"s{file}-{number}\"\nurl = \"http://{server}/{file}/{number}\"\n\
             name = \"مصدر {number}\"\ncategory = \"باب {category}\""
        )
        .unwrap();
    }
    text
}

/// The response; a client that gets a 503 comes again.
fn get_in_the_end(address: SocketAddr, path: &str) -> Response {
    let mut responses = (0..20).map(|_| get(address, path));
    responses.find(|response| response.status != 503).unwrap()
}

#[test]
fn ten_thousand_sources_are_listed_and_one_more_is_added() {
    // The system establishes connections, and nothing answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = silent.local_addr().unwrap();
    let home = Home { folder: tempfile::tempdir().unwrap() };
    home.write(&format!(
        "include = [\"conf.d/*.toml\"]\n[polling]\nconcurrency = 1\nallow_private = [\"{server}\"]\n\
         [serve]\nsearch = false\n"
    ));
    let lists = home.folder.path().join("conf.d");
    fs::create_dir(&lists).unwrap();
    for file in 0..FILES {
        fs::write(lists.join(format!("{file}.toml")), list(server, file)).unwrap();
    }
    let checked = home.command(&["check", "--no-store"]);
    let summary = "feeds.toml and 20 included files: 10000 sources in 7 categories, no mistakes\n";
    assert_eq!(out(&checked), summary, "{}", err(&checked));

    let program = home.run();
    let page = get_in_the_end(program.address, "/");
    assert!(page.status == 200 && page.text().contains("باب 6"));
    let opml = get_in_the_end(program.address, "/sources.opml");
    assert_eq!((opml.status, opml.text().matches("xmlUrl=").count()), (200, 10_000));
    let status = get_in_the_end(program.address, "/status.json").json();
    assert_eq!(status["totals"]["sources"], 10_000);
    let ids: Vec<&str> = status["sources"].as_array().unwrap()[..2]
        .iter()
        .map(|source| source["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["s0-0", "s0-1"]);

    let one = format!("[[source]]\nid = \"new\"\nurl = \"http://{server}/new\"\n");
    fs::write(lists.join("new.toml"), one).unwrap();
    program.wait_for("the configuration was read again", |line| line["sources"] == 10_001);
    assert_eq!(get_in_the_end(program.address, "/source/new/feed.json").status, 200);
    fs::write(lists.join("new.toml"), "[[source]]\nid = \"s0-0\"\nurl = \"https://a.example/\"\n")
        .unwrap();
    let refused = "the configuration is refused; the old one stays in force";
    let refused = program.wait_for(refused, |_| true)["error"].as_str().unwrap().to_owned();
    for place in ["new.toml:2:6", "0.toml:2:6"] {
        assert!(refused.contains(place), "{place} in {refused}");
    }
    fs::remove_file(lists.join("new.toml")).unwrap();
    program.wait_for("the configuration was read again", |line| line["sources"] == 10_000);
    program.rendered();
    assert_eq!(get_in_the_end(program.address, "/source/new/feed.json").status, 404);
    assert!(program.stop().success());
}

#[test]
fn add_knows_the_sources_of_included_files_and_writes_into_the_main_file() {
    let origin = Origin::start();
    for path in ["/one", "/two"] {
        origin.put(path, Page::xml(feeds::rss("وكالة", &[("a", "خبر", "نص", 20)])));
    }
    let home = Home { folder: tempfile::tempdir().unwrap() };
    let main = format!(
        "include = [\"conf.d/*.toml\"]\n[polling]\nallow_private = [\"{}\"]\n",
        origin.address
    );
    home.write(&main);
    fs::create_dir(home.folder.path().join("conf.d")).unwrap();
    let file = home.folder.path().join("conf.d/one.toml");
    let one = format!("# قائمة\n[[source]]\nid = \"one\"\nurl = \"{}\"\n", origin.url("/one"));
    fs::write(&file, &one).unwrap();
    let known = home.command(&["add", &origin.url("/one")]);
    assert!(err(&known).contains("already there as `one` (conf.d/one.toml:4)"), "{}", err(&known));
    let added = home.command(&["add", &origin.url("/two")]);
    assert!(added.status.success(), "{}", err(&added));
    let text = fs::read_to_string(home.config()).unwrap();
    assert!(text.starts_with(&main) && text.contains(&origin.url("/two")), "{text}");
    assert_eq!(fs::read_to_string(&file).unwrap(), one, "it is as it was");
}
