//! A client of the real binary that follows the archive (RFC 5005 section 4), as a feed reader would.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};

use crate::support::program::{Home, Program, err};
use crate::support::web::{Response, get, get_with};
use crate::support::{Origin, Page};

/// An item of a feed: its guid, and the minutes since its date.
fn item(guid: &str, minutes: i64) -> String {
    let at = Timestamp::now() - SignedDuration::from_mins(minutes);
    let date = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_string(&at).unwrap();
    format!(
        "<item><guid isPermaLink='false'>{guid}</guid><title>خبر رقم {guid}</title>\
         <link>https://a.example/{guid}</link><pubDate>{date}</pubDate></item>"
    )
}

fn rss(items: &str) -> Page {
    Page::xml(format!(
        "<rss version='2.0'><channel><title>صحيفة</title><link>https://a.example/</link>\
         <language>ar</language>{items}</channel></rss>"
    ))
}

fn home(origin: &Origin, sources: &[&str], rest: &str) -> Home {
    let mut text = rest.to_owned();
    for id in sources {
        let url = origin.url(&format!("/{id}"));
        let _ =
            write!(text, "[[source]]\nid = \"{id}\"\nurl = \"{url}\"\ncategory = \"محليات\"\n\n");
    }
    Home::new(origin, &text)
}

fn poll(home: &Home) {
    let output = home.command(&["poll", "--all"]);
    assert!(output.status.success(), "{}", err(&output));
}

/// The address of a link of an Atom document. `None`: it has none of this relation.
fn link(feed: &atom_syndication::Feed, relation: &str) -> Option<String> {
    feed.links.iter().find(|link| link.rel == relation).map(|link| link.href.clone())
}

/// What a client has after it followed the archive: the guids in every document, the head first.
fn walk(program: &Program, path: &str) -> Vec<(String, Vec<String>)> {
    let here = format!("http://{}", program.address);
    let mut path = path.to_owned();
    let mut documents = Vec::new();
    loop {
        let response = get(program.address, &path);
        assert_eq!(response.status, 200, "{path}");
        let feed = atom_syndication::Feed::read_from(&response.body[..]).unwrap();
        check_document(&response, &feed, &format!("{here}{path}"), documents.is_empty());
        let ids = feed.entries.iter().map(|entry| entry.id.clone()).collect();
        documents.push((path.clone(), ids));
        match link(&feed, "prev-archive") {
            Some(older) => older.strip_prefix(&here).unwrap().clone_into(&mut path),
            None => return documents,
        }
    }
}

fn check_document(response: &Response, feed: &atom_syndication::Feed, own: &str, is_head: bool) {
    assert_eq!(link(feed, "self").as_deref(), Some(own));
    let is_archive = feed.extensions.get("fh").is_some_and(|fh| fh.contains_key("archive"));
    assert_eq!(is_archive, !is_head, "{own}");
    assert_eq!(link(feed, "current").is_some(), !is_head, "{own}");
    let header = response.header("link");
    for relation in ["prev-archive", "next-archive", "current"] {
        let expected = link(feed, relation).map(|address| {
            format!("<{address}>; rel=\"{relation}\"; type=\"application/atom+xml\"")
        });
        match expected {
            Some(expected) => assert!(header.contains(&expected), "{own}: {header}"),
            None => assert!(!header.contains(relation), "{own}: {header}"),
        }
    }
    let age = if is_head { "max-age=300" } else { "max-age=86400" };
    assert!(response.header("cache-control").contains(age), "{own}: {:?}", response.headers);
}

#[test]
fn a_client_that_polls_rarely_gets_all_of_three_thousand_arrivals() {
    let origin = Origin::start();
    let sources = ["a", "b", "c", "d", "e", "f"];
    for id in sources {
        origin.put(&format!("/{id}"), rss(&item(&format!("{id}-0"), 60)));
    }
    let home = home(&origin, &sources, "[serve]\nstories = \"off\"\n\n");
    poll(&home);
    let program = home.run();
    let known: BTreeSet<String> =
        walk(&program, "/atom.xml").into_iter().flat_map(|(_, ids)| ids).collect();
    assert_eq!(known.len(), sources.len());
    assert!(program.stop().success());

    // Two polls of the program lie between two visits of the client, and one entry is dated long ago.
    for round in 0..2 {
        for id in sources {
            let items: String = (0..250)
                .map(|number| {
                    let age = if number == 7 { 40 * 60 } else { 50 - round * 10 };
                    item(&format!("{id}-{round}-{number}"), age)
                })
                .collect();
            origin.put(&format!("/{id}"), rss(&items));
        }
        poll(&home);
    }
    let program = home.run();
    let documents = walk(&program, "/atom.xml");
    let mut found = Vec::new();
    for (_, ids) in documents.iter().skip(1) {
        found.extend(ids.iter().cloned());
    }
    let on_pages: BTreeSet<String> = found.iter().cloned().collect();
    assert_eq!(on_pages.len(), found.len(), "none is on two pages");
    let all: BTreeSet<String> = documents.iter().flat_map(|(_, ids)| ids.iter().cloned()).collect();
    assert_eq!(all.difference(&known).count(), 3_000);
    assert_eq!(all.len(), 3_000 + known.len());
    assert_eq!(documents[0].1.len(), 100, "thirty pages took all arrivals");

    // The same for the category, whose address has Arabic letters, and in the other formats.
    let category = walk(&program, "/category/%D9%85%D8%AD%D9%84%D9%8A%D8%A7%D8%AA/atom.xml");
    assert_eq!(category.len(), documents.len());
    let (page, _) = &documents[1];
    let json = get(program.address, &page.replace("atom.xml", "feed.json"));
    let next = json.json()["next_url"].as_str().unwrap().to_owned();
    assert!(next.ends_with("feed.json") && next.contains("/archive/"), "{next}");
    let html = get(program.address, &page.replace("atom.xml", "")).text();
    assert!(html.contains("الأرشيف، الصفحة") && html.matches("<article").count() == 100, "{html}");
    assert_eq!(get(program.address, &page.replace("/atom.xml", "")).status, 308);
    let tag = get(program.address, page).header("etag").to_owned();
    assert_eq!(get_with(program.address, page, &[("if-none-match", &tag)]).status, 304);
    // Without an address of its own the site has that of its port, which is another one after a restart.
    let text = |program: &Program| {
        get(program.address, page).text().replace(&program.address.to_string(), "here")
    };
    let before = text(&program);
    assert!(program.stop().success());
    let program = home.run();
    assert!(text(&program) == before, "a restart changes no page: {}", text(&program));
    assert!(program.stop().success());
}

#[test]
fn a_deleted_page_is_gone_and_one_that_never_was_is_not_found() {
    let origin = Origin::start();
    let days = |days: i64| days * 24 * 60;
    let items = |name: &str, count: usize, minutes: i64| -> String {
        (0..count).map(|number| item(&format!("{name}-{number}"), minutes)).collect()
    };
    origin.put("/a", rss(&items("old", 130, days(5))));
    let home = home(&origin, &["a"], "[store]\nkeep = \"30d\"\n\n");
    poll(&home);
    let program = home.run();
    assert_eq!(get(program.address, "/archive/1/atom.xml").status, 200);
    assert_eq!(walk(&program, "/atom.xml").len(), 3);
    assert!(program.stop().success());

    origin.put("/a", rss(&items("new", 40, 60)));
    poll(&home);
    let text = std::fs::read_to_string(home.config()).unwrap();
    home.write(&text.replace("\"30d\"", "\"2d\""));
    poll(&home);
    let program = home.run();
    for path in ["/archive/1/atom.xml", "/archive/2/feed.json", "/archive/1/"] {
        let response = get(program.address, path);
        assert_eq!(response.status, 410, "{path}");
        let page = get_with(program.address, path, &[("accept", "text/html")]);
        assert!(page.text().contains("حُذفت هذه الصفحة من الأرشيف"), "{path}");
    }
    for path in ["/archive/3/atom.xml", "/archive/01/atom.xml", "/archive/00000000-1/", "/archive/"]
    {
        assert_eq!(get(program.address, path).status, 404, "{path}");
    }
    let documents = walk(&program, "/atom.xml");
    assert_eq!(documents.len(), 1, "the oldest page that is left leads to none");
    assert_eq!(documents[0].1.len(), 40);
    assert!(program.stop().success());
}

#[test]
fn a_page_of_what_is_new_needs_no_cookie() {
    let origin = Origin::start();
    origin.put("/a", rss(&item("first", 60)));
    let home = home(&origin, &["a"], "");
    poll(&home);
    let since = |program: &Program| {
        let page = get(program.address, "/").text();
        let (_, rest) = page.split_once("href=\"/?after=").unwrap();
        format!("/?after={}", rest.split_once('"').unwrap().0)
    };
    let program = home.run();
    let address = since(&program);
    let page = get(program.address, &address).text();
    assert!(page.contains("لم يصل جديد منذ زيارتك"), "{page}");
    assert!(program.stop().success());
    origin.put("/a", rss(&[item("late", 3_000), item("first", 60)].concat()));
    poll(&home);
    let program = home.run();
    let page = get(program.address, &address);
    assert!(page.header("set-cookie").is_empty());
    let page = page.text();
    assert!(page.contains("خبر رقم late") && !page.contains("خبر رقم first"), "{page}");
    assert_ne!(since(&program), address);
    let unknown = get(program.address, "/?after=1").text();
    assert!(unknown.contains("ستجد كل ما فاتك"), "{unknown}");
    assert_eq!(get(program.address, "/?after=x").status, 404);
    assert!(program.stop().success());
}
