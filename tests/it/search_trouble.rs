//! A fault of the search index is reported, harms nothing else and is repaired automatically; and a flood of
//! expensive searches blocks no reader, nor a search for a word.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::support::program::{Home, with_polling};
use crate::support::web::get;
use crate::support::{Origin, Page, feeds};

const ENTRIES: [(&str, &str, &str, u8); 3] = [
    ("a1", "افتتاح مكتبة عامة في سورية", "قال المدير إن الكتب للجميع", 20),
    ("a2", "أمطار على الجبال", "لا أضرار في السوريّة الشمالية", 21),
    ("a3", "مكتب البريد", "يفتح غدا", 22),
];
/// A search for «سوريا», as a page, as a feed and for programs.
const SYRIA: &str = "q=%D8%B3%D9%88%D8%B1%D9%8A%D8%A7";

fn home(origin: &Origin) -> Home {
    origin.put("/feed", Page::xml(feeds::rss("وكالة المثال", &ENTRIES)));
    Home::new(origin, &source(origin, "المثال"))
}

fn source(origin: &Origin, name: &str) -> String {
    format!("[[source]]\nid = \"one\"\nname = \"{name}\"\nurl = \"{}\"\n", origin.url("/feed"))
}

fn index_of(home: &Home) -> PathBuf {
    home.folder.path().join("data/search")
}

fn search_response(address: SocketAddr, file: &str) -> (u16, String) {
    let answer = get(address, &format!("/{file}?{SYRIA}"));
    (answer.status, answer.text())
}

/// Checks that everything but the search works.
fn all_else_works(address: SocketAddr) {
    for path in ["/healthz", "/readyz", "/", "/feed.xml", "/atom.xml", "/feed.json", "/status"] {
        assert_eq!(get(address, path).status, 200, "{path}");
    }
    assert!(get(address, "/feed.xml").text().contains("افتتاح مكتبة"));
}

fn gauge(address: SocketAddr, line: &str) -> bool {
    get(address, "/metrics").text().lines().any(|it| it == line)
}

#[test]
fn an_index_that_cannot_be_opened_is_reported_and_built_when_it_can() {
    let origin = Origin::start();
    let home = home(&origin);
    // A file in the place of the folder: no one can use it, whatever their rights.
    fs::create_dir_all(index_of(&home).parent().unwrap()).unwrap();
    fs::write(index_of(&home), "in the way").unwrap();
    let program = home.run();
    program.polled("one");
    program.rendered();
    let address = program.address;
    all_else_works(address);
    let page = get(address, &format!("/search?{SYRIA}"));
    assert_eq!((page.status, page.header("content-type")), (503, "text/html; charset=utf-8"));
    assert_ne!(page.header("retry-after"), "");
    assert!(page.text().contains("فهرس البحث لا يُقرأ الآن"), "{}", page.text());
    for file in ["search/feed.xml", "search/atom.xml", "search/feed.json", "search.json"] {
        let (status, text) = search_response(address, file);
        assert!(status == 503 && text.contains("تعذّر البحث"), "{file}: {status} {text}");
    }
    let search = get(address, "/status.json").json()["search"].clone();
    assert_eq!((search["state"].as_str(), search["entries"].as_u64()), (Some("failed"), Some(0)));
    assert!(search["error"].as_str().unwrap().contains("folder of the search index"), "{search}");
    assert!(search["since"].is_string());
    assert!(get(address, "/status").text().contains("تعذّر فهرس البحث منذ"));
    assert!(gauge(address, "rafid_search_failing 1"));
    let report = home.command(&["status"]);
    assert!(report.status.success());
    let report = String::from_utf8(report.stderr).unwrap();
    assert!(report.contains("searching fails, first seen"), "{report}");

    fs::remove_file(index_of(&home)).unwrap();
    let ready = program.wait_for("search index ready", |_| true);
    assert_eq!(ready["entries"], 3, "made from the store");
    assert!(search_response(address, "search").1.contains("<mark>سورية</mark>"));
    assert!(gauge(address, "rafid_search_failing 0") && gauge(address, "rafid_search_entries 3"));
    assert!(program.stop().success());
}

#[test]
fn an_index_that_is_lost_at_run_time_still_answers_and_is_rebuilt() {
    let origin = Origin::start();
    let home = home(&origin);
    let program = home.run();
    program.indexed();
    let away = home.folder.path().join("away");
    fs::rename(index_of(&home), away).unwrap();
    fs::write(index_of(&home), "in the way").unwrap();
    // Another name of the source: every entry has to be indexed again.
    home.write(&with_polling(&origin, &source(&origin, "الجديد")));
    program.signal("HUP");
    program.wait_for("the search index does not follow the store", |_| true);
    let (status, text) = search_response(program.address, "search");
    assert!(status == 200 && text.contains("<mark>سورية</mark>"), "as old as that: {text}");
    assert!(text.contains("تعذّر تحديث الفهرس"), "and says so: {text}");
    assert!(gauge(program.address, "rafid_search_failing 1"));
    all_else_works(program.address);
    fs::remove_file(index_of(&home)).unwrap();
    let ready = program.wait_for("search index ready", |_| true);
    assert_eq!((ready["entries"].as_u64(), ready["put"].as_u64()), (Some(3), Some(3)));
    // Another query: the same one is answered from the cached results.
    let text = get(program.address, &format!("/search?{SYRIA}&sort=best")).text();
    assert!(text.contains("<mark>سورية</mark>") && !text.contains("تعذّر تحديث الفهرس"), "{text}");
    assert!(program.stop().success());
}

#[test]
fn a_damaged_index_is_rebuilt_at_the_start() {
    type Damage = (&'static str, fn(&Path));
    let damages: [Damage; 4] = [
        ("flipped", |file| {
            let bytes = fs::read(file).unwrap().into_iter().map(|byte| byte ^ 0x55);
            fs::write(file, bytes.collect::<Vec<u8>>()).unwrap();
        }),
        ("cut", |file| fs::write(file, &fs::read(file).unwrap()[..1]).unwrap()),
        ("empty", |file| fs::write(file, "").unwrap()),
        ("gone", |file| fs::remove_file(file).unwrap()),
    ];
    let origin = Origin::start();
    let home = home(&origin);
    let program = home.run();
    program.indexed();
    assert!(program.stop().success());
    for (name, damage) in damages {
        for entry in fs::read_dir(index_of(&home)).unwrap() {
            let path = entry.unwrap().path();
            if fs::metadata(&path).unwrap().len() > 1 {
                damage(&path);
            }
        }
        let program = home.run();
        let ready = program.wait_for("search index ready", |_| true);
        assert_eq!(
            (ready["entries"].as_u64(), ready["put"].as_u64()),
            (Some(3), Some(3)),
            "{name}"
        );
        assert!(
            search_response(program.address, "search").1.contains("<mark>سورية</mark>"),
            "{name}"
        );
        assert!(program.stop().success());
    }
}

#[test]
fn a_flood_of_expensive_searches_delays_no_one() {
    const ENTRIES: usize = 1_500;
    const ATTACKERS: usize = 40;
    let origin = Origin::start();
    let text = "كلمة أخرى من النص الطويل ".repeat(20);
    let ids: Vec<(String, String)> =
        (0..ENTRIES).map(|number| (format!("e{number}"), format!("سوريا {number}"))).collect();
    let entries: Vec<(&str, &str, &str, u8)> =
        ids.iter().map(|(id, title)| (id.as_str(), title.as_str(), text.as_str(), 20)).collect();
    origin.put("/feed", Page::xml(feeds::rss("وكالة", &entries)));
    let home = Home::new(&origin, &source(&origin, "وكالة"));
    let program = home.run();
    program.indexed();
    let address = program.address;
    // Patterns, each a different one, so that none is answered from cached results.
    let attack = |number: usize| {
        let patterns = (0..8).map(|at| format!("%2F(%5Cw%2B%20)*{number}x{at}%2F"));
        let patterns = patterns.collect::<Vec<_>>().join("+");
        get(address, &format!("/search?q={patterns}")).status
    };
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let attackers: Vec<_> =
            (0..ATTACKERS).map(|number| scope.spawn(move || attack(number))).collect();
        for number in 0..20 {
            assert_eq!(get(address, "/feed.xml").status, 200);
            let path = format!("/search?q=%D8%B3%D9%88%D8%B1%D9%8A%D8%A7+{number}");
            assert_eq!(get(address, &path).status, 200, "an honest word in the flood");
        }
        attackers.into_iter().map(|it| it.join().unwrap()).collect()
    });
    assert!(statuses.iter().all(|status| [200, 503].contains(status)), "{statuses:?}");
    assert!(statuses.contains(&503), "more than may wait are refused: {statuses:?}");
    assert!(statuses.contains(&200), "the first ones are answered: {statuses:?}");
    let metrics = get(address, "/metrics").text();
    let none = "rafid_searches_total{outcome=\"refused\"} 0";
    assert!(metrics.contains("outcome=\"refused\"") && !metrics.contains(none), "{metrics}");
    assert!(program.stop().success());
}
