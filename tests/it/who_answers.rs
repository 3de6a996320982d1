//! Who answers a command: the running daemon, whatever this user may read and whatever the content of
//! `feeds.toml`; or else the store at rest, which a reading command never creates, changes or replaces.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::program::{Home, err, out, with_polling};
use crate::support::web::get;
use crate::support::{Origin, Page, feeds};

const ONE: [(&str, &str, &str, u8); 1] = [("a1", "افتتاح مكتبة", "نص", 20)];

/// A home with one source.
fn home() -> (Origin, Home) {
    let origin = Origin::start();
    origin.put("/rss", Page::xml(feeds::rss("وكالة", &ONE)));
    let source = format!("[[source]]\nid = \"a\"\nurl = \"{}\"\n", origin.url("/rss"));
    let home = Home::new(&origin, &source);
    (origin, home)
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// The commands that only read, with words that find something in `home`.
const READING: [&[&str]; 5] =
    [&["status"], &["search", "مكتبة"], &["filter"], &["explain", "x"], &["build", "site"]];

#[test]
fn a_command_that_reads_makes_no_store() {
    let (origin, home) = home();
    for words in READING {
        let output = home.command(words);
        assert_eq!(output.status.code(), Some(1), "{words:?}: {}", err(&output));
        assert!(err(&output).contains("there is no store in"), "{words:?}: {}", err(&output));
        assert!(err(&output).contains("`rafid poll`"), "{words:?}: {}", err(&output));
        assert_eq!(names(home.folder.path()), ["feeds.toml"], "{words:?}");
    }
    assert!(origin.requests().is_empty());
}

#[test]
fn a_store_at_rest_is_read_and_says_so() {
    let (_origin, home) = home();
    assert!(home.command(&["poll"]).status.success());
    let before = names(&home.folder.path().join("data"));
    let status = home.command(&["status"]);
    let first = out(&status).lines().next().unwrap().to_owned();
    assert!(first.starts_with("no daemon runs; the store in "), "{first}");
    assert!(first.contains("data is at rest since 20"), "{first}");
    let report: Value =
        serde_json::from_slice(&home.command(&["status", "--json"]).stdout).unwrap();
    assert_eq!(report["answered_by"]["kind"], "store");
    assert!(report["answered_by"]["since"].is_string() && report["sources"][0]["entries"] == 1);
    let found = home.command(&["search", "مكتبة"]);
    assert!(out(&found).contains("1 of 1"), "{}{}", out(&found), err(&found));
    assert!(out(&home.command(&["filter"])).starts_with("1 entry judged"));
    assert_eq!(names(&home.folder.path().join("data")), before, "nothing is made by reading");
}

#[test]
fn a_broken_store_is_set_aside_by_a_writer_and_reported_until_it_is_gone() {
    let (_origin, home) = home();
    assert!(home.command(&["poll"]).status.success());
    let data = home.folder.path().join("data");
    fs::write(data.join("river/db"), vec![7; 100_000]).unwrap();
    let before = names(&data);
    for words in READING {
        let output = home.command(words);
        assert_eq!(output.status.code(), Some(1), "{words:?}");
        assert!(err(&output).contains("is broken: "), "{words:?}: {}", err(&output));
        assert_eq!(names(&data), before, "{words:?}");
    }
    let program = home.run();
    let report = get(program.address, "/status.json").json();
    assert_eq!(report["store"]["set_aside"][0]["restored"], "all");
    assert_eq!(report["sources"][0]["entries"], 1, "nothing is lost");
    let name = report["store"]["set_aside"][0]["name"].as_str().unwrap().to_owned();
    assert!(name.starts_with("river.broken-") && data.join(&name).is_dir(), "{name}");
    let page = get(program.address, "/status").text();
    assert!(page.contains(&name) && page.contains("مخزن تالف"), "{page}");
    assert!(page.contains("واستُعيد كل ما فيه في مخزن جديد"), "{page}");
    let status = home.command(&["status"]);
    assert!(err(&status).contains(&name) && status.status.success(), "{}", err(&status));
    assert!(program.stop().success());
    assert!(err(&home.command(&["status"])).contains(&name), "at rest, too");
    fs::remove_dir_all(data.join(&name)).unwrap();
    assert!(!err(&home.command(&["status"])).contains("set aside"), "confirmed");
}

#[test]
fn a_daemon_answers_though_the_file_is_broken() {
    let (origin, home) = home();
    let program = home.run();
    program.polled("a");
    home.write("[serve]\nlisten = 8080\n[[source\n");
    let status = home.command(&["status"]);
    assert!(status.status.success(), "{}", err(&status));
    let first = out(&status).lines().next().unwrap().to_owned();
    let expected = format!("a running daemon at http://{}/ since 20", program.address);
    assert!(first.starts_with(&expected), "{first}");
    assert!(err(&status).contains("feeds.toml:"), "what is wrong is told: {}", err(&status));
    let report: Value =
        serde_json::from_slice(&home.command(&["status", "--json"]).stdout).unwrap();
    assert_eq!(report["answered_by"]["kind"], "daemon");
    assert_eq!(report["answered_by"]["since"], report["started_at"]);
    assert!(home.command(&["search", "مكتبة"]).status.success());
    let judged = home.command(&["filter"]);
    assert!(out(&judged).contains("judged"), "{}{}", out(&judged), err(&judged));
    let unknown = home.command(&["explain", "x"]);
    assert!(err(&unknown).contains("no stored entry has the id"), "{}", err(&unknown));

    // The lock cannot be checked: the response at `listen` says whose daemon it is.
    let listen = format!("[serve]\nlisten = \"{}\"\n", program.address);
    home.write(&format!("[store]\npath = \"feeds.toml/x\"\n{listen}[x]\n"));
    let status = home.command(&["status"]);
    assert!(out(&status).starts_with(&expected), "{}{}", out(&status), err(&status));
    let other = Home::new(&origin, &format!("[store]\npath = \"feeds.toml/x\"\n{listen}"));
    let refused = other.command(&["status"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(err(&refused).contains("a daemon of another store"), "{}", err(&refused));
    let other = Home::new(&origin, &listen);
    let refused = other.command(&["status"]);
    assert!(err(&refused).contains("there is no store in"), "{}", err(&refused));
    assert!(program.stop().success());

    let broken = home.command(&["status"]);
    assert_eq!(broken.status.code(), Some(78), "nobody knows the sources: {}", err(&broken));
}

/// An ordinary user, who may read neither the configuration nor the store. Only root can become one.
#[test]
fn a_daemon_answers_an_ordinary_user() {
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        return;
    }
    let (_origin, home) = home();
    let program = home.run();
    program.polled("a");
    program.indexed();
    let rights = |path: PathBuf, mode: u32| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    rights(home.folder.path().to_owned(), 0o755);
    rights(home.config(), 0o640);
    // The folder of the program itself may be closed to others, too.
    let program_copy = home.folder.path().join("rafid");
    // Not copied by this process: children of other tests would inherit its files that are open for writing.
    let copied = Command::new("cp").arg(env!("CARGO_BIN_EXE_rafid")).arg(&program_copy).status();
    assert!(copied.unwrap().success());
    let listen = program.address.to_string();
    let run = |words: &[&str]| {
        Command::new(&program_copy)
            .args(words)
            .env("RAFID_LISTEN", &listen)
            .current_dir(home.folder.path())
            .uid(65_534)
            .gid(65_534)
            .output()
            .unwrap()
    };
    let status = run(&["status"]);
    assert!(out(&status).starts_with("a running daemon at "), "{}{}", out(&status), err(&status));
    let found = run(&["search", "مكتبة"]);
    assert!(out(&found).contains("1 of 1"), "{}", err(&found));
    rights(home.config(), 0o644);
    let secret = run(&["explain", "x"]);
    assert_eq!(secret.status.code(), Some(1));
    assert!(err(&secret).contains("data/key: Permission denied"), "{}", err(&secret));
    assert!(err(&secret).contains("as root"), "{}", err(&secret));
    assert!(program.stop().success());
    let status = run(&["status"]);
    assert_eq!(status.status.code(), Some(1), "{}", out(&status));
    assert!(err(&status).contains("no daemon answers at"), "{}", err(&status));
    std::os::unix::fs::chown(home.folder.path().join("data"), Some(65_534), None).unwrap();
    let poll = home.command(&["poll", "--log-format", "text"]);
    assert!(err(&poll).contains("belongs to another user"), "{}", err(&poll));
}

#[test]
fn publishers_get_no_requests_from_a_daemon_and_a_poll_at_once() {
    let (origin, home) = home();
    let program = home.run();
    program.polled("a");
    let asked = origin.requests().len();
    let poll = home.command(&["poll", "--json"]);
    assert!(poll.status.success(), "{}", err(&poll));
    assert!(err(&poll).contains(&program.address.to_string()), "{}", err(&poll));
    let report: Value = serde_json::from_slice(&poll.stdout).unwrap();
    assert_eq!(report["polled"], 0);
    assert_eq!(report["left_to"], format!("http://{}/", program.address));
    let all = home.command(&["poll", "--all"]);
    assert_eq!(all.status.code(), Some(1), "{}", err(&all));
    assert!(err(&all).contains("stop it for --all"), "{}", err(&all));
    let named = home.command(&["poll", "a"]);
    assert_eq!(named.status.code(), Some(1), "{}", err(&named));
    assert!(out(&named).contains("the shortest interval"), "{}", out(&named));
    assert_eq!(origin.requests().len(), asked);
    assert!(program.stop().success());
}

#[test]
fn files_deleted_under_a_daemon_are_noticed() {
    let (_origin, home) = home();
    let program = home.run();
    program.polled("a");
    program.rendered();
    assert_eq!(get(program.address, "/readyz").status, 200);
    let (data, away) = (home.folder.path().join("data"), home.folder.path().join("away"));
    fs::rename(&data, &away).unwrap();
    program.wait_for("the store is not where it was", |_| true);
    assert_eq!(get(program.address, "/readyz").status, 503);
    let report = get(program.address, "/status.json").json();
    let error = report["store"]["error"].as_str().unwrap().to_owned();
    assert!(error.contains("data was deleted or moved away"), "{error}");
    assert!(get(program.address, "/status").text().contains("فُقد المخزن"));
    fs::rename(&away, &data).unwrap();
    program.wait_for("the store is where it was again", |_| true);
    assert_eq!(get(program.address, "/readyz").status, 200);

    let text = fs::read_to_string(home.config()).unwrap();
    fs::remove_file(home.config()).unwrap();
    program.wait_for(
        "the configuration file is gone; the loaded configuration stays in force",
        |_| true,
    );
    // A rendered page may be a second old.
    let error = || get(program.address, "/status.json").json()["config_error"].clone();
    while error().is_null() {
        std::thread::yield_now();
    }
    let said = error().as_str().unwrap().to_owned();
    assert!(said.contains("feeds.toml is gone (No such file"), "{said}");
    home.write(&text);
    program.wait_for("the configuration file is back, unchanged", |_| true);
    while !error().is_null() {
        std::thread::yield_now();
    }
    assert!(program.stop().success());
}

#[test]
fn a_store_at_its_earlier_place_is_not_lost_silently() {
    let (origin, home) = home();
    let own = home.folder.path().join("config/rafid");
    fs::create_dir_all(&own).unwrap();
    let source = format!("[[source]]\nid = \"a\"\nurl = \"{}\"\n", origin.url("/rss"));
    fs::write(own.join("feeds.toml"), with_polling(&origin, &source)).unwrap();
    fs::remove_file(home.config()).unwrap();
    let run = |words: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_rafid"))
            .args(words)
            .current_dir(home.folder.path())
            .env("XDG_CONFIG_HOME", home.folder.path().join("config"))
            .env("XDG_DATA_HOME", home.folder.path().join("share"))
            .output()
            .unwrap()
    };
    let (earlier, now) = (own.join("data"), home.folder.path().join("share/rafid"));
    assert!(run(&["poll", "--data", earlier.to_str().unwrap()]).status.success());
    for words in [&["status"][..], &["poll"], &["run"]] {
        let output = run(words);
        assert_eq!(output.status.code(), Some(78), "{words:?}: {}", err(&output));
        for place in [&earlier, &now] {
            assert!(err(&output).contains(place.to_str().unwrap()), "{words:?}: {}", err(&output));
        }
    }
    assert!(!now.exists());
    fs::create_dir_all(now.parent().unwrap()).unwrap();
    fs::rename(&earlier, &now).unwrap();
    let status = run(&["status"]);
    assert!(out(&status).contains(now.to_str().unwrap()), "{}{}", out(&status), err(&status));
}
