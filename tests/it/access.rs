//! Who may see what: reports for everyone, for this machine, for the operator; an address of the operator's own;
//! private outputs at secret addresses; readers who log in.

use std::net::SocketAddr;

use base64::prelude::{BASE64_STANDARD, Engine};

use crate::support::program::{Home, Program, err, json, out, with_polling};
use crate::support::web::{get, get_with, post};
use crate::support::{Origin, Page, feeds};

/// As a proxy on the same machine passes a request on.
const PROXIED: (&str, &str) = ("x-forwarded-for", "192.0.2.7");

const NEWS: [(&str, &str, &str, u8); 2] =
    [("a1", "افتتاح مكتبة", "كتب للأطفال", 20), ("a2", "فوز الفريق", "رياضة", 21)];

/// A configuration with these lines under `[serve]`, and one source.
fn home(origin: &Origin, serve: &str) -> Home {
    origin.put("/one", Page::xml(feeds::rss("وكالة", &NEWS)));
    Home::new(origin, &config(origin, serve))
}

fn config(origin: &Origin, serve: &str) -> String {
    let url = origin.url("/one");
    format!("[serve]\n{serve}\n\n[[source]]\nid = \"one\"\nname = \"وكالة\"\nurl = \"{url}\"\n")
}

fn start(home: &Home) -> Program {
    let program = home.run();
    program.wait_for("first pass", |_| true);
    program.rendered();
    program
}

fn status_of(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> u16 {
    get_with(address, path, headers).status
}

#[test]
fn everyone_sees_the_public_part_and_this_machine_sees_all() {
    let origin = Origin::start();
    let home = home(&origin, "");
    let program = start(&home);
    home.write("[serve]\nlisten = \"127.0.0.1:0\"\nsecret_key = \"internal\"\n");
    program.wait_for("the configuration is refused; the old one stays in force", |_| true);
    program.rendered();
    let (all, public) = (
        get(program.address, "/status.json"),
        get_with(program.address, "/status.json", &[PROXIED]),
    );
    assert!(all.text().contains("secret_key"), "{}", all.text());
    assert_eq!(all.header("cache-control"), "private, no-store");
    assert!(!public.text().contains("secret_key"), "{}", public.text());
    let public = public.json();
    assert!(public["config_error"].is_string(), "that it is refused is public: {public}");
    assert_eq!(public["sources"][0]["id"], "one");
    let page = get_with(program.address, "/status", &[PROXIED]).text();
    assert!(page.contains("وكالة") && !page.contains("secret_key"), "{page}");
    assert_eq!(status_of(program.address, "/metrics", &[PROXIED]), 200);
    program.stop();
}

#[test]
fn reports_can_be_kept_to_this_machine_and_to_the_operator() {
    let origin = Origin::start();
    let home = home(&origin, "status = \"local\"\nmetrics = \"off\"");
    let program = start(&home);
    let unknown = get_with(program.address, "/nothing.json", &[PROXIED]);
    for (path, local, proxied) in [
        ("/status", 200, 404),
        ("/status.json", 200, 404),
        ("/metrics", 404, 404),
        ("/healthz", 200, 200),
    ] {
        assert_eq!(status_of(program.address, path, &[]), local, "{path}");
        assert_eq!(status_of(program.address, path, &[PROXIED]), proxied, "{path}");
    }
    let hidden = get_with(program.address, "/status.json", &[PROXIED]);
    assert_eq!((&hidden.body, &hidden.headers), (&unknown.body, &unknown.headers));
    let key = std::fs::read_to_string(home.folder.path().join("data/key")).unwrap();
    assert_eq!(status_of(program.address, "/metrics", &[("x-rafid-key", &key), PROXIED]), 200);

    // A change of the configuration counts at once; the operator's commands go on.
    home.write(&with_polling(&origin, &config(&origin, "status = \"off\"")));
    program.wait_for("the configuration was read again", |_| true);
    assert_eq!(status_of(program.address, "/status.json", &[]), 404);
    assert_eq!(status_of(program.address, "/metrics", &[PROXIED]), 200);
    let report = home.command(&["status", "--json"]);
    assert!(report.status.success(), "{}", err(&report));
    let report = json(&report);
    assert_eq!(
        (&report["answered_by"]["kind"], &report["sources"][0]["id"]),
        (&"daemon".into(), &"one".into())
    );
    program.stop();
}

#[test]
fn the_operator_has_an_address_where_everything_is_shown() {
    let origin = Origin::start();
    let home = home(&origin, "admin_listen = \"127.0.0.1:0\"\nstatus = \"local\"");
    let program = start(&home);
    let owner = std::fs::read_to_string(home.folder.path().join("data/owner")).unwrap();
    let admin = owner.lines().find_map(|line| line.strip_prefix("serves http://")).unwrap();
    let admin: SocketAddr = admin.trim_end_matches('/').parse().unwrap();
    assert_ne!(admin, program.address);
    let key = std::fs::read_to_string(home.folder.path().join("data/key")).unwrap();
    let key = [("x-rafid-key", key.as_str())];
    // At the address of readers this machine is a reader, and the key counts for nothing.
    for (path, of_readers, of_operator, with_key) in [
        ("/", 200, 200, 200),
        ("/feed.json", 200, 200, 200),
        ("/status.json", 404, 200, 200),
        ("/metrics", 200, 200, 200),
        ("/readyz", 200, 200, 200),
        ("/export.jsonl", 404, 404, 200),
        ("/filter.json", 404, 404, 200),
    ] {
        assert_eq!(status_of(program.address, path, &[]), of_readers, "{path}");
        assert_eq!(status_of(program.address, path, &key), of_readers, "{path}");
        assert_eq!(status_of(admin, path, &[]), of_operator, "{path}");
        assert_eq!(status_of(admin, path, &key), with_key, "{path}");
    }
    for words in [vec!["status", "--json"], vec!["filter", "--drop", "رياضة"], vec!["backup", "b"]]
    {
        let done = home.command(&words);
        assert!(done.status.success(), "{words:?}: {}", err(&done));
    }
    program.stop();
}

const PRIVATE: &str = "
[[output]]
id = \"kutub\"
name = \"كتب خاصة\"
query = \"مكتبة\"
private = true

[[output]]
id = \"riyada\"
name = \"رياضة\"
query = \"رياضة\"
";

/// The path of the private output that a command prints, and the command's own output.
fn token_path(home: &Home, words: &[&str]) -> String {
    let done = home.command(&[&["output", "token", "kutub"], words].concat());
    assert!(done.status.success(), "{}", err(&done));
    let printed = out(&done);
    let address = printed.lines().next().unwrap();
    assert!(printed.contains(&format!("{address}feed.json")), "{printed}");
    let (_, path) = address.split_once("/private/").unwrap();
    format!("/private/{path}")
}

#[test]
fn a_private_output_is_found_at_its_secret_address_alone() {
    let origin = Origin::start();
    origin.put("/one", Page::xml(feeds::rss("وكالة", &NEWS)));
    let home = Home::new(&origin, &(config(&origin, "") + PRIVATE));
    let path = token_path(&home, &[]);
    assert_eq!(token_path(&home, &[]), path, "it stays");
    let program = start(&home);
    let address = program.address;

    // Everything of the output is there, and speaks of its secret address.
    for file in ["", "feed.xml", "atom.xml", "feed.json", "?density=compact"] {
        let answer = get(address, &format!("{path}{file}"));
        assert_eq!(answer.status, 200, "{file}");
        let text = answer.text();
        assert!(text.contains("افتتاح مكتبة") && !text.contains("فوز الفريق"), "{file}");
        assert!(!text.contains("output/kutub"), "{file}: {text}");
        assert_eq!(answer.header("x-robots-tag"), "noindex, nofollow", "{file}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{file}");
        let cache = answer.header("cache-control");
        assert!(cache.starts_with("private, max-age="), "{file}: {cache}");
        assert!(!cache.contains("stale"), "{file}: {cache}");
    }
    assert_eq!(get(address, &format!("{path}?after=0")).status, 200);
    let page = get(address, &path).text();
    assert!(page.contains("<meta name=\"robots\" content=\"noindex\">"), "{page}");
    assert!(!page.contains("rel=\"canonical\""), "{page}");
    let feed = get(address, &format!("{path}feed.json"));
    assert!(feed.json()["feed_url"].as_str().unwrap().contains(&path), "{}", feed.text());
    assert!(feed.header("link").contains(&path), "{}", feed.header("link"));
    let again =
        get_with(address, &format!("{path}feed.json"), &[("if-none-match", feed.header("etag"))]);
    assert_eq!(again.status, 304);
    assert!(again.header("cache-control").starts_with("private"), "{:?}", again.headers);
    let redirect = get(address, path.trim_end_matches('/'));
    let token = path.trim_start_matches("/private/");
    assert_eq!((redirect.status, redirect.header("location")), (308, token));

    // No list and no other address leads to it.
    for public in ["/", "/feed.xml", "/sources", "/sources.opml", "/status", "/output/riyada/"] {
        let text = get(address, public).text();
        assert!(!text.contains("كتب خاصة") && !text.contains("kutub"), "{public}");
        assert!(!text.contains("/private/"), "{public}");
    }
    let unknown = get(address, "/private/nothing/feed.json");
    for hidden in [
        "/output/kutub/feed.json",
        "/private/00000000000000000000000000000000/feed.json",
        "/private//feed.json",
        "/output/none/feed.json",
    ] {
        let answer = get(address, hidden);
        let same = (answer.status, &answer.body, &answer.headers);
        assert_eq!(same, (404, &unknown.body, &unknown.headers), "{hidden}");
    }
    let listed = json(&home.command(&["output", "list", "--json"]));
    let addresses = [&listed["outputs"][0]["address"], &listed["outputs"][1]["address"]];
    assert!(addresses[0].as_str().unwrap().ends_with(&path), "{listed}");
    assert!(addresses[1].as_str().unwrap().ends_with("/output/riyada/"), "{listed}");
    let site = home.folder.path().join("site");
    let built = home.command(&["build", "site"]);
    assert!(built.status.success(), "{}", err(&built));
    assert!(site.join("output/riyada/feed.xml").exists() && !site.join("output/kutub").exists());
    assert!(!site.join("private").exists());
    program.stop();
}

#[test]
fn a_secret_address_is_renewed_and_revoked_while_the_daemon_runs() {
    let origin = Origin::start();
    origin.put("/one", Page::xml(feeds::rss("وكالة", &NEWS)));
    let home = Home::new(&origin, &(config(&origin, "") + PRIVATE));
    let program = start(&home);
    let address = program.address;
    let read_again = || program.wait_for("the configuration was read again", |_| true);
    let first = token_path(&home, &[]);
    read_again();
    let atom = |path: &str| get(address, &format!("{path}atom.xml"));
    let id =
        |text: String| text.split("<id>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let before = atom(&first);
    assert_eq!(before.status, 200);

    let second = token_path(&home, &["--renew"]);
    assert_ne!(second, first);
    read_again();
    assert_eq!(atom(&first).status, 404);
    program.rendered();
    let after = atom(&second);
    assert_eq!(id(before.text()), id(after.text()), "it is the same feed for its readers");

    let revoked = home.command(&["output", "token", "kutub", "--revoke", "--json"]);
    let revoked = json(&revoked);
    assert_eq!(
        (&revoked["address"], &revoked["changed"]),
        (&serde_json::Value::Null, &true.into())
    );
    read_again();
    assert_eq!(atom(&second).status, 404);
    assert_eq!(get(address, "/output/kutub/").status, 404);
    program.stop();

    // The tokens outlast the daemon.
    let third = token_path(&home, &[]);
    let program = start(&home);
    assert_eq!(get(program.address, &format!("{third}feed.xml")).status, 200);
    program.stop();
    for (words, message) in [
        (["output", "token", "riyada"], "is public"),
        (["output", "token", "none"], "the private outputs are kutub"),
    ] {
        let refused = home.command(&words);
        assert_eq!(refused.status.code(), Some(2));
        assert!(err(&refused).contains(message), "{}", err(&refused));
    }
}

/// The header with a name and a password (RFC 7617).
fn basic(name: &str, password: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("{name}:{password}")))
}

#[test]
fn a_site_with_users_is_closed_to_strangers() {
    let origin = Origin::start();
    origin.put("/one", Page::xml(feeds::rss("وكالة", &NEWS)));
    let home = Home::new(&origin, "");
    let made = home.command_fed(&["passwd", "ليلى"], "سرّ المكتبة\n".as_bytes());
    assert!(made.status.success(), "{}", err(&made));
    let users = out(&made);
    assert!(users.starts_with("users = [\"ليلى:$argon2id$v=19$m="), "{users}");
    let text = config(&origin, &users) + PRIVATE;
    home.write(&with_polling(&origin, &text));
    let private = token_path(&home, &[]);
    let program = start(&home);
    let address = program.address;
    let login = basic("ليلى", "سرّ المكتبة");
    let login = [("authorization", login.as_str())];

    for (path, stranger) in [
        ("/", 401),
        ("/feed.xml", 401),
        ("/search?q=a", 401),
        ("/sources.opml", 401),
        ("/status.json", 401),
        ("/metrics", 401),
        ("/export.jsonl", 401),
        ("/healthz", 200),
        ("/readyz", 200),
        ("/style.css", 200),
        ("/robots.txt", 200),
        (&*private, 200),
        (&*format!("{private}feed.json"), 200),
    ] {
        assert_eq!(status_of(address, path, &[]), stranger, "{path}");
        let reader = get_with(address, path, &login);
        assert_eq!(reader.status, if path == "/export.jsonl" { 404 } else { 200 }, "{path}");
        let cache = reader.header("cache-control");
        let is_for_all = ["/style.css", "/robots.txt"].contains(&path);
        assert_eq!(cache.starts_with("public"), is_for_all, "{path}: {cache}");
    }
    // Also what does not exist, and what may not be done, is not for strangers.
    assert_eq!(status_of(address, "/nothing", &[]), 401);
    assert_eq!(status_of(address, "/nothing", &login), 404);
    assert_eq!(status_of(address, "/private/00/", &[]), 401);
    assert_eq!(post(address, "/poll?source=one", &[], "").status, 401);

    let refused = get_with(address, "/", &[("accept", "text/html")]);
    assert_eq!(refused.header("www-authenticate"), "Basic realm=\"Rafid\", charset=\"UTF-8\"");
    let page = refused.text();
    assert!(page.contains("الدخول باسم وكلمة سر") && !page.contains("رياضة"), "{page}");
    for (name, password) in [("ليلى", "سر"), ("عمر", "سرّ المكتبة")] {
        let wrong = basic(name, password);
        assert_eq!(status_of(address, "/", &[("authorization", &wrong)]), 401, "{name}");
    }

    // The operator's commands need no password.
    for words in [vec!["status", "--json"], vec!["healthcheck"], vec!["search", "مكتبة"]] {
        let listen = address.to_string();
        let done = home.command(&[words.as_slice(), &["--listen", &listen]].concat());
        assert!(done.status.success(), "{words:?}: {}", err(&done));
    }
    // Without users the site is open again, at once.
    home.write(&with_polling(&origin, &(config(&origin, "") + PRIVATE)));
    program.wait_for("the configuration was read again", |_| true);
    assert_eq!(status_of(address, "/", &[]), 200);
    program.stop();
}

#[test]
fn a_password_makes_a_line_of_its_own() {
    let origin = Origin::start();
    let home = Home::new(&origin, "");
    let line = |words: &[&str], input: &str| {
        let done = home.command_fed(&[&["passwd"], words].concat(), input.as_bytes());
        assert!(done.status.success(), "{}", err(&done));
        out(&done)
    };
    let one = line(&["--bare", "layla"], "secret\n");
    assert!(one.starts_with("layla:$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
    assert_ne!(line(&["--bare", "layla"], "secret\n"), one, "each has its own salt");
    assert!(!one.contains("secret"));
    std::fs::write(home.folder.path().join("layla.user"), &one).unwrap();
    home.write("[serve]\nusers = [{ file = \"layla.user\" }]\nlisten = \"0.0.0.0:8080\"\n");
    let checked = home.command(&["check"]);
    assert!(checked.status.success(), "{}", err(&checked));
    assert!(err(&checked).contains("0.0.0.0:8080 has no TLS"), "{}", err(&checked));
    for (words, input) in [(vec!["passwd"], "\n"), (vec!["passwd", "a:b"], "secret\n")] {
        let refused = home.command_fed(&words, input.as_bytes());
        assert_eq!(refused.status.code(), Some(2), "{words:?}");
    }
}
