//! A daemon whose store takes long to open: its address answers, and says how far it is.

use std::fs::{self, OpenOptions};
use std::process::Command;

use serde_json::Value;

use crate::support::program::Home;
use crate::support::web::{get, get_with, post};
use crate::support::{Origin, Page, feeds};

const TWO: [(&str, &str, &str, u8); 2] = [
    ("a1", "افتتاح مكتبة في حي الزيتون", "نص أول عن المكتبة", 20),
    ("a2", "السنديان تفوز على الميناء", "نص ثانٍ عن المباراة", 21),
];
const BROWSER: (&str, &str) = ("accept", "text/html,application/xml;q=0.9,*/*;q=0.8");

/// The database is lost and is built again. Among the bases is a pipe into which no process writes: looking at it
/// takes until the test lets it end.
#[test]
fn while_a_store_is_recovered_its_address_answers() {
    let origin = Origin::start();
    origin.put("/feed", Page::xml(feeds::rss("وكالة", &TWO)));
    let home =
        Home::new(&origin, &format!("[[source]]\nid = \"a\"\nurl = \"{}\"\n", origin.url("/feed")));
    let program = home.run();
    program.polled("a");
    program.rendered();
    let before: Value = get(program.address, "/feed.json").json();
    assert_eq!(before["items"].as_array().unwrap().len(), 2);
    assert!(program.stop().success());

    let data = home.folder.path().join("data");
    fs::remove_dir_all(data.join("river")).unwrap();
    fs::create_dir_all(data.join("base")).unwrap();
    let pipe = data.join("base/0000000000000000.base");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());

    let program = home.run_with_slow_store();
    let address = program.address;
    // The notice follows the recovery within half a second.
    let reason = loop {
        let ready = get(address, "/readyz");
        assert_eq!(ready.status, 503);
        if ready.text() != "the store is being opened\n" {
            break ready.text();
        }
    };
    assert_eq!(reason, "the store is being recovered: 0 % done\n");
    assert_eq!(get(address, "/healthz").status, 200, "a restart would only begin again");
    for path in ["/feed.xml", "/source/a/feed.json", "/search.xml?q=a", "/status.json"] {
        let feed = get(address, path);
        assert_eq!((feed.status, feed.header("retry-after")), (503, "30"), "{path}");
        assert_eq!(feed.text(), reason, "{path}");
    }
    for path in ["/", "/status", "/source/a/"] {
        let page = get_with(address, path, &[BROWSER]);
        assert_eq!((page.status, page.header("retry-after")), (503, "30"), "{path}");
        assert!(page.text().contains("وأتمّ من ذلك 0 في المئة"), "{path}: {}", page.text());
    }
    assert_eq!(get(address, "/style.css").status, 200, "the page has the site's dress");
    assert_eq!(post(address, "/websub/abc", &[], "خبر").status, 503, "a hub sends it again");

    let status = home.command(&["status"]);
    assert_eq!(status.status.code(), Some(1));
    let message = String::from_utf8_lossy(&status.stderr);
    assert!(message.contains("cannot answer yet"), "{message}");
    assert!(message.contains(&format!("http://{address}/readyz says why")), "{message}");

    let end_of_pipe = OpenOptions::new().write(true).open(&pipe).unwrap();
    fs::remove_file(&pipe).unwrap();
    drop(end_of_pipe);
    program.wait_for("serving", |line| line["address"] == address.to_string());
    program.rendered();
    let after: Value = get(address, "/feed.json").json();
    assert_eq!(after["items"], before["items"]);
    // The daemon is ready when the outputs are rendered.
    while get(address, "/readyz").status != 200 {}
    assert!(program.stop().success());
}
