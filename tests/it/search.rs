//! Search, with the real binary: the page, the feeds of a query, the command line, and the index that is
//! complete again after a kill or a loss.

use std::net::SocketAddr;

use crate::support::program::{Home, Program};
use crate::support::web::{get, get_with};
use crate::support::{Origin, Page, feeds};

const ENTRIES: [(&str, &str, &str, u8); 3] = [
    ("a1", "افتتاح مكتبة عامة في سورية", "قال المدير إن الكتب للجميع", 20),
    ("a2", "أمطار على الجبال", "لا أضرار في السوريّة الشمالية", 21),
    ("a3", "مكتب البريد", "يفتح غدا", 22),
];
/// The path of a search for «سوريا».
const SYRIA: &str = "/search?q=%D8%B3%D9%88%D8%B1%D9%8A%D8%A7";

fn home(origin: &Origin) -> Home {
    origin.put("/feed", Page::xml(feeds::rss("وكالة المثال", &ENTRIES)));
    let url = origin.url("/feed");
    Home::new(origin, &format!("[[source]]\nid = \"one\"\nurl = \"{url}\"\n"))
}

fn followed(program: &Program) {
    program.indexed();
}

fn titles(address: SocketAddr, path: &str) -> Vec<String> {
    let report = get(address, path).json();
    let hits = report["hits"].as_array().unwrap().iter();
    hits.map(|hit| {
        let pieces = hit["title"].as_array().unwrap().iter();
        pieces.map(|piece| piece["text"].as_str().unwrap()).collect()
    })
    .collect()
}

#[test]
fn the_page_finds_and_marks_in_the_original_spelling() {
    let origin = Origin::start();
    let home = home(&origin);
    let program = home.run();
    followed(&program);
    let page = get(program.address, SYRIA);
    let text = page.text();
    assert!(page.header("content-security-policy").contains("form-action 'self'"));
    for needle in ["<mark>سورية</mark>", "<mark>السوريّة</mark>", "خبران", "rel=\"alternate\""]
    {
        assert!(text.contains(needle), "{needle} in {text}");
    }
    assert!(!text.contains("مكتب البريد"));
    let wrong = get(program.address, "/search?q=a+%22b").text();
    assert!(wrong.contains("عند الحرف 3") && wrong.contains("فُتحت ولم تُغلق"), "{wrong}");
    let period = get(program.address, "/search?q=a&within=decade").text();
    assert!(period.contains("«decade» ليست مدة"), "{period}");
    // «كتاب» is found as «الكتب», and «*كتب» is explained.
    let forms = get(program.address, "/search?q=%D9%83%D8%AA%D8%A7%D8%A8").text();
    assert!(forms.contains("<mark>الكتب</mark>"), "{forms}");
    let star = get(program.address, "/search?q=*%D9%83%D8%AA%D8%A8").text();
    assert!(star.contains("<mark>الكتب</mark>") && star.contains("لا أثر للنجمة"), "{star}");
    let none = get(program.address, "/search?q=zzz").text();
    assert!(none.contains("لا نتائج"), "{none}");
    assert!(get(program.address, "/search").text().contains("اكتب كلمة"));
    assert!(get(program.address, "/").text().contains("action=\"/search\""));
    assert!(program.stop().success());
}

/// The address in the link with this relation.
fn linked_page(page: &str, relation: &str) -> Option<String> {
    let (link, _) = page.split_once(&format!(" rel=\"{relation}\">"))?;
    let (_, address) = link.rsplit_once("href=\"")?;
    Some(address.trim_end_matches('"').replace("&#38;", "&"))
}

/// The results on a page.
fn results(page: &str) -> &str {
    let (_, results) = page.split_once("<article").unwrap();
    results.rsplit_once("</article>").unwrap().0
}

#[test]
fn the_way_back_from_the_last_results_has_the_same_pages() {
    let origin = Origin::start();
    let titles: Vec<String> = (0..11).map(|number| format!("أمطار في البلدة {number}")).collect();
    let guids: Vec<String> = (0..11).map(|number| format!("a{number}")).collect();
    let words = guids.iter().zip(&titles).zip(10..);
    let entries: Vec<_> =
        words.map(|((guid, title), day)| (guid.as_str(), title.as_str(), "رياح", day)).collect();
    origin.put("/feed", Page::xml(feeds::rss("وكالة المثال", &entries)));
    let url = origin.url("/feed");
    let home = Home::new(
        &origin,
        &format!(
            "[site]\naddress = \"https://x.example/news/\"\n\n[serve]\npage_entries = 3\n\n\
             [[source]]\nid = \"one\"\nurl = \"{url}\"\n"
        ),
    );
    let program = home.run();
    followed(&program);
    let rain = "/news/search?q=%D8%A3%D9%85%D8%B7%D8%A7%D8%B1";
    for (start, plain) in [
        (rain.to_owned(), rain.to_owned()),
        (format!("{rain}&source=one"), format!("{rain}%20source%3A%22one%22")),
        (format!("{rain}&sort=best"), format!("{rain}&sort=best")),
    ] {
        let read = |address: &str| {
            let page = get(program.address, address);
            assert_eq!(page.status, 200, "{address}");
            page.text()
        };
        let mut pages = vec![(plain, read(&start))];
        while let Some(next) = linked_page(&pages.last().unwrap().1, "next") {
            let page = read(&next);
            pages.push((next, page));
        }
        assert_eq!(pages.len(), 4, "{start}");
        assert!(!pages[0].1.contains("prev\">"), "{start}");
        for pair in pages.windows(2) {
            let [(above, expected), (_, page)] = pair else { continue };
            let back = ["prev", "first prev"].iter().find_map(|it| linked_page(page, it)).unwrap();
            assert_eq!(&back, above, "{start}");
            assert_eq!(results(&read(&back)), results(expected), "{back}");
            assert!(page.contains("<meta name=\"robots\" content=\"noindex\">"), "{page}");
        }
    }
    assert!(program.stop().success());
}

#[test]
fn a_query_is_a_feed_to_subscribe_to() {
    let origin = Origin::start();
    let home = home(&origin);
    let program = home.run();
    followed(&program);
    let folder = "/search/%D8%B3%D9%88%D8%B1%D9%8A%D8%A7/";
    for file in ["feed.xml", "atom.xml", "feed.json"] {
        let path = format!("{folder}{file}");
        let feed = get(program.address, &path);
        let text = feed.text();
        assert!(text.contains("افتتاح مكتبة") && !text.contains("مكتب البريد"), "{text}");
        assert!(text.contains(&path), "{file} names its own address: {text}");
        let tag = feed.header("etag");
        let again = get_with(program.address, &path, &[("if-none-match", tag)]);
        assert_eq!(again.status, 304, "{file}");
    }
    assert_eq!(get(program.address, "/search/feed.xml?q=%22").status, 404, "no query, no feed");
    assert!(program.stop().success());
}

#[test]
fn everything_is_found_after_a_kill_and_after_the_index_was_lost() {
    let origin = Origin::start();
    let home = home(&origin);
    let program = home.run();
    program.polled("one");
    program.kill();

    let program = home.run();
    let ready = program.wait_for("search index ready", |_| true);
    assert_eq!(ready["entries"], 3, "what was not indexed before the kill is now");
    assert_eq!(titles(program.address, "/search.json?q=%D9%85%D9%83%D8%AA%D8%A8*").len(), 2);
    assert!(program.stop().success());

    std::fs::remove_dir_all(home.folder.path().join("data/search")).unwrap();
    let program = home.run();
    let ready = program.wait_for("search index ready", |_| true);
    assert_eq!((ready["entries"].as_u64(), ready["put"].as_u64()), (Some(3), Some(3)));

    let result = home.command(&["search", "سوريا", "-أمطار"]);
    let text = String::from_utf8(result.stdout).unwrap();
    assert!(text.contains("افتتاح مكتبة") && text.ends_with("1 of 1\n"), "the daemon says {text}");
    assert!(program.stop().success());

    let result = home.command(&["search", "--json", "--sort", "best", "مكتبة"]);
    let report: serde_json::Value = serde_json::from_slice(&result.stdout).unwrap();
    assert_eq!((report["count"].as_u64(), report["sort"].as_str()), (Some(1), Some("best")));
    let result = home.command(&["search", "=سورية"]);
    assert!(
        String::from_utf8(result.stdout).unwrap().ends_with("1 of 1\n"),
        "letters are looked at"
    );
    let result = home.command(&["search", "(a"]);
    assert_eq!(result.status.code(), Some(2));
}
