//! `backup` and `restore`: a store moves to another place with everything in it, also from under a running daemon.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::support::memory::wait_until_free;
use crate::support::program::{Home, Program, err, json, out};
use crate::support::web::get;
use crate::support::{Origin, Page, feeds};

const ONE: [(&str, &str, &str, u8); 2] =
    [("a1", "افتتاح مكتبة", "نص قصير", 20), ("a2", "سعر الخبز", "نص آخر", 22)];
const TWO: [(&str, &str, &str, u8); 1] = [("b1", "معرض كتاب", "في بيروت", 21)];

/// A home with two sources and a public address, so that its feeds do not depend on the port.
fn home(origin: &Origin) -> Home {
    origin.put("/one", Page::xml(feeds::rss("وكالة", &ONE)).etag("\"1\""));
    origin.put("/two", Page::xml(feeds::rss("صحيفة", &TWO)));
    let source = |id: &str| {
        format!("[[source]]\nid = \"{id}\"\nurl = \"{}\"\n", origin.url(&format!("/{id}")))
    };
    let site = "[site]\naddress = \"https://news.example/\"\n\n";
    Home::new(origin, &[site, &source("one"), &source("two")].concat())
}

/// The feeds of a daemon, once its first pass is rendered.
fn feeds_of(program: &Program) -> Vec<Vec<u8>> {
    let paths =
        ["/feed.xml", "/atom.xml", "/feed.json", "/source/one/feed.xml", "/source/two/feed.xml"];
    paths.map(|path| get(program.address, path).body).into()
}

#[test]
fn a_restored_store_gives_the_same_feeds() {
    let origin = Origin::start();
    let home = home(&origin);
    let program = home.run();
    program.wait_for("first pass", |_| true);
    program.rendered();
    let feeds = feeds_of(&program);
    let backup = home.command(&["backup", "store.backup", "--json"]);
    assert!(backup.status.success(), "{}", err(&backup));
    let summary = json(&backup);
    assert_eq!((&summary["entries"], &summary["sources"]), (&3.into(), &2.into()));
    let file = home.folder.path().join("store.backup");
    let metadata = fs::metadata(&file).unwrap();
    assert_eq!(summary["bytes"], metadata.len());
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600, "it holds secrets");
    let refused = home.command(&["restore", "store.backup", "--force"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(err(&refused).contains("is in use by"), "{}", err(&refused));
    assert!(program.stop().success());

    let requests = origin.requests().len();
    let other = self::home(&origin);
    let restored = other.command(&["restore", file.to_str().unwrap()]);
    assert!(restored.status.success(), "{}", err(&restored));
    assert!(err(&restored).starts_with("3 entries of 2 sources ("), "{}", err(&restored));
    let program = other.run();
    program.wait_for("outputs rendered", |_| true);
    assert_eq!(feeds_of(&program), feeds);
    let polled = other.command(&["status", "--json"]);
    assert_eq!(json(&polled)["sources"][0]["entries"], 2);
    assert!(program.stop().success());
    assert_eq!(origin.requests().len(), requests, "the times of the next polls are restored, too");
}

#[test]
fn a_store_at_rest_is_backed_up_and_replaced_only_with_force() {
    let origin = Origin::start();
    let home = home(&origin);
    let nothing = home.command(&["backup", "x"]);
    assert_eq!(nothing.status.code(), Some(1));
    assert!(err(&nothing).contains("there is no store in"), "{}", err(&nothing));
    assert!(home.command(&["poll"]).status.success());
    let entries = out(&home.command(&["export", "--format", "jsonl"]));
    let written = home.command(&["backup", "x"]);
    assert!(err(&written).contains("3 entries of 2 sources ("), "{}", err(&written));
    let piped = home.command(&["backup", "-"]);
    fs::write(home.folder.path().join("piped"), &piped.stdout).unwrap();
    let refused = home.command(&["restore", "x"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(err(&refused).contains("there is a store in"), "{}", err(&refused));
    let data = home.folder.path().join("data");
    for file in ["x", "piped"] {
        let restored = home.command(&["restore", file, "--force", "--json"]);
        assert!(restored.status.success(), "{}", err(&restored));
        let summary = json(&restored);
        assert_eq!((&summary["entries"], &summary["lost_records"]), (&3.into(), &0.into()));
        let aside = summary["set_aside"].as_str().unwrap();
        assert!(Path::new(aside).join("db").exists(), "{aside}");
        wait_until_free(&data);
        assert_eq!(out(&home.command(&["export", "--format", "jsonl"])), entries, "{file}");
    }
    assert_eq!(home.command(&["backup", "-", "--json"]).status.code(), Some(2));
}

#[test]
fn a_damaged_backup_changes_nothing_without_force() {
    let origin = Origin::start();
    let home = home(&origin);
    assert!(home.command(&["poll"]).status.success());
    assert!(home.command(&["backup", "x"]).status.success());
    let (file, data) = (home.folder.path().join("x"), home.folder.path().join("data"));
    let mut bytes = fs::read(&file).unwrap();
    let end = bytes.len();
    bytes.truncate(end - 4);
    fs::write(&file, &bytes).unwrap();
    fs::remove_dir_all(&data).unwrap();
    let refused = home.command(&["restore", "x"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(err(&refused).contains("is damaged in 1 places"), "{}", err(&refused));
    assert!(!data.exists());
    let restored = home.command(&["restore", "x", "--force", "--json"]);
    assert!(restored.status.success(), "{}", err(&restored));
    assert_eq!(json(&restored)["entries"], 3, "only the last block was damaged");
    fs::write(&file, "no backup").unwrap();
    let other = home.command(&["restore", "x", "--force"]);
    assert_eq!(other.status.code(), Some(1));
    assert!(err(&other).contains("x is not a backup of a store"), "{}", err(&other));
}
