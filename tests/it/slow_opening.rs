//! A daemon whose store takes long to open: its address answers, and says how far it is.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

use crate::support::program::Home;
use crate::support::web::{get, get_with, post, request};
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

/// A feed of many entries without dates, with texts that hardly compress: most of their records are not read at a
/// start.
fn long_feed() -> String {
    let mut seed: u32 = 7;
    let mut letter = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from_u32(0x628 + (seed >> 16) % 18).unwrap()
    };
    let mut text = || (0..1_500).map(|at| if at % 6 == 5 { ' ' } else { letter() }).collect();
    let items = (0..400).map(|number| {
        let text: String = text();
        format!(
            "<item><guid>g{number}</guid><title>خبر رقم {number}</title><description>{text}</description></item>"
        )
    });
    let items: String = items.collect();
    format!("<rss version=\"2.0\"><channel><title>وكالة</title>{items}</channel></rss>")
}

/// Damages a file in place, everywhere.
fn damage_everywhere(file: &Path) {
    use std::os::unix::fs::FileExt;
    let bytes = fs::read(file).unwrap();
    let file = OpenOptions::new().write(true).open(file).unwrap();
    for at in (0..bytes.len()).step_by(64) {
        file.write_at(&[bytes[at] ^ 0x55], at as u64).unwrap();
    }
}

/// The link of a page to the one with older entries.
fn link_to_older(page: &str) -> Option<&str> {
    page.split('"').find(|part| part.starts_with("/?before="))
}

/// Ends the requests of another thread, also when the test fails.
struct EndOnDrop<'a>(&'a AtomicBool);

impl Drop for EndOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Requests addresses one after another until the end is reported, and counts the statuses. Every connection must be
/// answered.
fn request_until(address: SocketAddr, is_over: &AtomicBool) -> BTreeMap<u16, u32> {
    let mut statuses = BTreeMap::new();
    while !is_over.load(Ordering::SeqCst) {
        for path in ["/feed.xml", "/source/a/atom.xml", "/status.json", "/healthz"] {
            let answer = request(address, "GET", path, &[]);
            let answer = answer.unwrap_or_else(|| panic!("{path}: refused or broken off"));
            if answer.status == 503 {
                assert_eq!(answer.header("retry-after"), "30", "{path}: {}", answer.text());
            }
            *statuses.entry(answer.status).or_default() += 1;
        }
    }
    statuses
}

/// What was not rendered is answered with the notice; `page` is a page that cannot be read.
fn check_notice(address: SocketAddr, page: &str) {
    let reason = "the store is damaged and is being opened again\n";
    for path in ["/readyz", "/status.json", "/source/a/feed.json"] {
        let answer = get(address, path);
        assert_eq!((answer.status, answer.text().as_str()), (503, reason), "{path}");
    }
    let page = get_with(address, page, &[BROWSER]);
    assert!(page.status == 503 && page.text().contains("نعود بعد قليل"), "{}", page.text());
    assert_eq!(get(address, "/healthz").status, 200);
    assert_eq!(post(address, "/websub/abc", &[], "خبر").status, 503);
}

/// Old entries cannot be read any more while the daemon runs. In the place of the lock is a pipe, so that opening the
/// store again takes until the test lets it end.
#[test]
fn a_daemon_whose_disk_is_damaged_opens_its_store_again_and_refuses_no_one() {
    let origin = Origin::start();
    origin.put("/feed", Page::xml(long_feed()));
    let source = format!("[[source]]\nid = \"a\"\nurl = \"{}\"\n", origin.url("/feed"));
    let home = Home::new(&origin, &format!("[serve]\nstories = \"off\"\n\n{source}"));
    let program = home.run();
    program.polled("a");
    program.rendered();
    program.indexed();
    assert!(program.stop().success());

    let program = home.run();
    program.rendered();
    let address = program.address;
    while get(address, "/readyz").status != 200 {}
    let warm = ["/feed.xml", "/atom.xml", "/feed.json", "/"];
    let before = warm.map(|path| get(address, path).body);

    let data = home.folder.path().join("data");
    let (lock, pipe) = (data.join("lock"), home.folder.path().join("pipe"));
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    fs::hard_link(&pipe, data.join("new")).unwrap();
    fs::rename(data.join("new"), &lock).unwrap();
    damage_everywhere(&data.join("river/db"));
    let is_over = AtomicBool::new(false);
    let statuses = std::thread::scope(|scope| {
        let requests = scope.spawn(|| request_until(address, &is_over));
        let end = EndOnDrop(&is_over);
        let mut path = "/".to_owned();
        let unreadable = loop {
            let page = get(address, &path);
            if page.status == 503 {
                break path;
            }
            // The newest entries are in memory.
            path = link_to_older(&page.text()).expect("old entries are not in memory").to_owned();
        };
        program.wait_for("the store is damaged; it is opened again", |_| true);

        for (path, before) in warm.iter().zip(&before) {
            assert!(get(address, path).body == *before, "{path} is served as it was");
        }
        check_notice(address, &unreadable);
        // It is open when the daemon has opened it, too.
        drop(fs::File::open(&pipe).unwrap());
        fs::write(data.join("new"), "").unwrap();
        fs::rename(data.join("new"), &lock).unwrap();
        program.wait_for("the database was damaged and is restored completely", |_| true);
        program.wait_for("serving", |line| line["address"] == address.to_string());
        while get(address, "/readyz").status != 200 {}
        assert_eq!(get(address, &unreadable).status, 200, "nothing is lost");
        drop(end);
        requests.join().unwrap()
    });
    assert!(statuses.keys().all(|status| [200, 503].contains(status)), "{statuses:?}");
    assert!(statuses[&503] > 0 && statuses[&200] > 0, "{statuses:?}");
    let after: Value = get(address, "/feed.json").json();
    let before: Value = serde_json::from_slice(&before[2]).unwrap();
    assert_eq!(after["items"], before["items"]);
    assert!(program.stop().success());
}
