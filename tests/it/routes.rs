//! Every route with every status, as a stranger sees it: a crawler that starts at the front page and follows
//! all links of pages, feeds and headers, and a table of other requests. Each response is checked: a whole
//! Arabic page or a valid document, links that lead somewhere, and no trace of a template.

#[allow(unused_imports)]
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use scraper::{Html, Selector};

use crate::support::program::Program;
use crate::support::site;
use crate::support::web::{Response, get, get_with, request};

/// The `Accept` header of browsers.
const BROWSER: (&str, &str) =
    ("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");
const HTML: &str = "text/html; charset=utf-8";
/// What a browser adds for an address that a person opened.
const PERSON: (&str, &str) = ("sec-fetch-dest", "document");

/// Checks what is true of every response.
fn check_response(place: &str, response: &Response) {
    let policy = response.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("img-src 'self'"), "{place}");
    assert_eq!(response.header("x-content-type-options"), "nosniff", "{place}");
    assert_ne!(response.header("cache-control"), "", "{place}");
    let text = String::from_utf8_lossy(&response.body);
    assert!(!text.contains("{%") && !text.contains("{{"), "{place}: {text}");
    match response.header("content-type") {
        HTML => judge_page(place, &text),
        kind if kind.contains("xml") && !response.body.is_empty() => {
            let mut reader = quick_xml::Reader::from_str(&text);
            while !matches!(reader.read_event().unwrap(), quick_xml::events::Event::Eof) {}
        }
        kind if kind.contains("json") => assert!(response.json().is_object(), "{place}"),
        _ => {}
    }
}

fn judge_page(place: &str, text: &str) {
    let start = "<!DOCTYPE html>\n<html lang=\"ar\" dir=\"rtl\">";
    assert!(text.starts_with(start), "{place}: {text}");
    let page = Html::parse_document(text);
    let texts = |selector: &str| -> Vec<String> {
        let selector = Selector::parse(selector).unwrap();
        page.select(&selector).map(|it| it.text().collect::<String>().trim().to_owned()).collect()
    };
    let count = |selector: &str| texts(selector).len();
    for one in [
        "head > title",
        "head > meta[charset=utf-8]",
        "head > meta[name=viewport]",
        "head > link[rel=stylesheet]",
        "head > link[rel=icon][type='image/svg+xml']",
        "head > link[rel=icon][href$='favicon.ico']",
        "main#main",
        "h1",
    ] {
        assert_eq!(count(one), 1, "{place}: {one} in {text}");
    }
    for tag in ["title", "h1", "h2", "a", "button", "summary"] {
        assert!(texts(tag).iter().all(|text| !text.is_empty()), "{place}: an empty {tag}");
    }
    assert_eq!(count("script, style, iframe, [style], [onclick]"), 0, "{place}");
    assert_eq!(count("time"), count("time[datetime]"), "{place}: a time without its instant");
    assert_eq!(count("[dir]"), count("[dir=rtl], [dir=ltr], [dir=auto]"), "{place}");
    assert_eq!(count("[lang='']"), 0, "{place}");
    let every = Selector::parse("[id]").unwrap();
    let ids: Vec<_> = page.select(&every).filter_map(|it| it.value().id()).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{place}: {ids:?}");
    let times = Selector::parse("time").unwrap();
    for time in page.select(&times) {
        let at = time.value().attr("datetime").unwrap();
        assert!(at.parse::<jiff::Timestamp>().is_ok(), "{place}: {at}");
    }
}

/// The addresses in a response, as written.
fn links_in(response: &Response) -> Vec<String> {
    let text = String::from_utf8_lossy(&response.body).into_owned();
    let mut found = Vec::new();
    let kind = response.header("content-type");
    if kind == HTML {
        let page = Html::parse_document(&text);
        let linked = Selector::parse("[href], form[action]").unwrap();
        let linked = page.select(&linked).map(|it| it.value());
        found.extend(
            linked.filter_map(|it| it.attr("href").or(it.attr("action"))).map(String::from),
        );
    } else if kind.starts_with("application/rss") {
        let channel = rss::Channel::read_from(&response.body[..]).unwrap();
        let image = channel.image.unwrap();
        found.extend([channel.link, image.url, image.link]);
        let texts = channel.items.iter().filter_map(|item| item.description.as_deref());
        found.extend(texts.flat_map(links));
    } else if kind.starts_with("application/atom") {
        let feed = atom_syndication::Feed::read_from(&response.body[..]).unwrap();
        found.extend(feed.links.into_iter().map(|link| link.href).chain(feed.icon));
    } else if kind.starts_with("application/feed+json") {
        let feed = response.json();
        let keys = ["home_page_url", "feed_url", "icon", "favicon"];
        found.extend(keys.map(|key| feed[key].as_str().unwrap().to_owned()));
        let items = feed["items"].as_array().unwrap().iter();
        let stories = items.filter_map(|item| item["_rafid"]["story"]["url"].as_str());
        found.extend(stories.map(ToOwned::to_owned));
    }
    // The addresses of a `Link` header are between angle brackets.
    let header = response.header("link").split('<').skip(1);
    found.extend(header.map(|rest| rest.split('>').next().unwrap().to_owned()));
    found
}

fn links(html: &str) -> Vec<String> {
    let page = Html::parse_fragment(html);
    let linked = Selector::parse("a[href]").unwrap();
    page.select(&linked).filter_map(|it| it.value().attr("href")).map(String::from).collect()
}

/// Requests everything that the front page leads to; the paths and their statuses.
fn crawled(program: &Program) -> BTreeMap<String, u16> {
    let here = url::Url::parse(&format!("http://{}/", program.address)).unwrap();
    let mut statuses = BTreeMap::new();
    let mut waiting = vec![here.clone()];
    while let Some(url) = waiting.pop() {
        let path = url[url::Position::BeforePath..url::Position::AfterQuery].to_owned();
        if statuses.contains_key(&path) {
            continue;
        }
        let response = get_with(program.address, &path, &[BROWSER]);
        check_response(&path, &response);
        let mut leads = links_in(&response);
        if response.header("vary").contains(PERSON.0) && !path.ends_with("?raw") {
            let page = get_with(program.address, &path, &[BROWSER, PERSON]);
            check_response(&format!("the page about {path}"), &page);
            assert_eq!((page.status, page.header("content-type")), (200, HTML), "{path}");
            leads.extend(links_in(&page));
        }
        statuses.insert(path, response.status);
        for lead in leads {
            let lead = url.join(&lead).unwrap();
            assert!(["http", "https"].contains(&lead.scheme()), "{url} leads to {lead}");
            if lead.origin() == here.origin() {
                waiting.push(lead);
            }
        }
    }
    statuses
}

#[test]
fn every_link_of_the_site_leads_somewhere() {
    let (_origin, home) = site::home();
    let program = site::run(&home);
    program.indexed();
    let statuses = crawled(&program);
    let wrong: Vec<_> = statuses.iter().filter(|(_, status)| **status != 200).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    for start in [
        "/?before=",
        "/category/%D9%85%D8%AD%D9%84%D9%8A%D8%A7%D8%AA/atom.xml",
        "/output/rain/feed.json",
        "/source/three/feed.xml",
        "/source/three/feed.xml?raw",
        "/source/gone/",
        "/story/",
        "/search",
        "/status",
        "/status.json",
        "/sources.opml",
        "/style.css?v=",
        "/icon.svg",
        "/icon.png",
        "/favicon.ico",
        "/manifest.webmanifest",
    ] {
        assert!(statuses.keys().any(|path| path.starts_with(start)), "{start} in {statuses:?}");
    }
    assert!(program.stop().success());
}

/// Paths that a stranger may type, and their statuses.
const PATHS: [(&str, u16); 33] = [
    ("/robots.txt", 200),
    ("/healthz", 200),
    ("/readyz", 200),
    ("/metrics", 200),
    ("/status.json", 200),
    ("/search", 200),
    ("/sources", 200),
    ("/?density=odd", 404),
    ("/search?q=", 200),
    ("/search?q=%22", 200),
    ("/search?q=nothing-of-that-kind", 200),
    ("/search?q=%D8%A3%D9%85%D8%B7%D8%A7%D8%B1&sort=best", 200),
    ("/search/%D8%A3%D9%85%D8%B7%D8%A7%D8%B1/feed.xml", 200),
    ("/search.json?q=%D8%A3%D9%85%D8%B7%D8%A7%D8%B1", 200),
    ("/source/one", 308),
    ("/category/World", 404),
    ("/category/world", 308),
    ("/nothing", 404),
    ("/feed", 404),
    ("/index.html", 404),
    ("/wp-login.php", 404),
    ("/apple-touch-icon.png", 404),
    ("/category/none/", 404),
    ("/category/none/feed.xml", 404),
    ("/source/none/atom.xml", 404),
    ("/output/none/feed.json", 404),
    ("/story/none", 404),
    ("/?before=none", 404),
    ("/search?q=a&sort=odd", 404),
    ("/search/%22/feed.xml", 404),
    ("/explain.json?entry=x", 404),
    ("/filter.json?drop=x", 404),
    ("/websub/token", 404),
];

/// Sends a request as a browser and as a program.
fn request_as_both(address: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)]) -> u16 {
    let as_browser = request(address, method, path, &[headers, &[BROWSER]].concat()).unwrap();
    let place = format!("{method} {path} gave {}", as_browser.status);
    check_response(&place, &as_browser);
    if as_browser.status >= 400 {
        assert_eq!(as_browser.header("content-type"), HTML, "{place}");
        assert_eq!(as_browser.header("vary"), "accept", "{place}");
    }
    let plain = request(address, method, path, headers).unwrap();
    check_response(&format!("{place}, without Accept"), &plain);
    assert_eq!(plain.status, as_browser.status, "{place}");
    as_browser.status
}

#[test]
fn every_status_has_a_complete_response() {
    let (_origin, home) = site::home();
    site::break_search(&home);
    let program = site::run(&home);
    let address = program.address;
    for path in ["/search?q=a", "/search/a/", "/search/a/feed.xml", "/search.json?q=a"] {
        assert_eq!(request_as_both(address, "GET", path, &[]), 503, "{path}");
    }
    let program_says = get(address, "/search/a/feed.json");
    assert_eq!(program_says.header("content-type"), "text/plain; charset=utf-8");
    assert!(program_says.text().starts_with("تعذّر البحث"), "{}", program_says.text());
    site::mend_search(&home, &program);

    for (path, status) in PATHS {
        assert_eq!(request_as_both(address, "GET", path, &[]), status, "{path}");
    }
    let tag = get(address, "/feed.xml").header("etag").to_owned();
    assert_eq!(request_as_both(address, "GET", "/feed.xml", &[("if-none-match", &tag)]), 304);
    assert_eq!(request_as_both(address, "GET", "/feed.xml", &[("if-match", "\"x\"")]), 412);
    assert_eq!(request_as_both(address, "GET", "/", &[("host", "twice")]), 400);
    assert_eq!(request_as_both(address, "POST", "/", &[]), 405);
    let long = "a".repeat(33_000);
    assert_eq!(request_as_both(address, "GET", "/", &[("x-long", &long)]), 431);

    let robots = get(address, "/robots.txt").text();
    for path in ["/search", "/status", "/metrics"] {
        assert!(robots.lines().any(|line| line == format!("Disallow: {path}")), "{robots}");
    }
    assert!(program.stop().success());
}

#[test]
fn a_person_who_opens_a_feed_reads_about_it() {
    let (_origin, home) = site::home();
    let program = site::run(&home);
    program.indexed();
    let address = program.address;
    let folders = ["", "source/one/", "output/rain/", "search/%D8%A3%D9%85%D8%B7%D8%A7%D8%B1/"];
    for folder in folders {
        for file in ["feed.xml", "atom.xml", "feed.json"] {
            let path = format!("/{folder}{file}");
            let page = get_with(address, &path, &[BROWSER, PERSON]);
            check_response(&path, &page);
            assert_eq!((page.status, page.header("content-type")), (200, HTML), "{path}");
            let text = page.text();
            assert!(text.contains(&format!(">http://{address}{path}</code>")), "{path}: {text}");
            assert!(text.contains("أمطار على الجبال الغربية"), "{path}: {text}");
            assert!(page.header("cache-control").starts_with("private, "), "{path}");
            let tag = page.header("etag").to_owned();
            let again = get_with(address, &path, &[PERSON, ("if-none-match", &tag)]);
            assert_eq!(again.status, 304, "{path}");

            let feed = get(address, &path);
            assert_ne!(feed.header("etag"), tag, "{path}");
            assert_eq!(feed.header("vary"), page.header("vary"), "{path}");
            let again = get_with(address, &path, &[("if-none-match", &tag)]);
            assert_eq!((again.status, again.body), (200, feed.body.clone()), "{path}");
            let raw = get_with(address, &format!("{path}?raw"), &[BROWSER, PERSON]);
            assert_eq!(raw.body, feed.body, "{path}");
        }
    }
    for path in ["/archive/1/feed.xml", "/source/one/archive/1/atom.xml"] {
        let page = get_with(address, path, &[BROWSER, PERSON]);
        check_response(path, &page);
        assert_eq!((page.status, page.header("content-type")), (200, HTML), "{path}");
        assert!(page.header("cache-control").starts_with("private, "), "{path}");
        let feed = get(address, path);
        assert!(feed.header("content-type").contains("xml"), "{path}");
        assert_eq!(feed.header("vary"), page.header("vary"), "{path}");
    }
    for path in ["/source/none/feed.xml", "/search/%22/feed.xml", "/archive/99/feed.xml"] {
        let page = get_with(address, path, &[BROWSER, PERSON]);
        check_response(path, &page);
        assert_eq!((page.status, page.header("content-type")), (404, HTML), "{path}");
    }
    assert!(program.stop().success());
}

#[test]
fn all_places_give_the_same_lifetime_of_a_feed() {
    let (_origin, home) = site::home();
    let text = std::fs::read_to_string(home.config()).unwrap();
    home.write(&text.replace("[polling]\n", "[polling]\nevery = \"45m\"\n"));
    let program = site::run(&home);
    let max_age = |path: &str| -> u64 {
        let response = get(program.address, path);
        let cache = response.header("cache-control").to_owned();
        assert!(
            cache.contains("stale-if-error=") && !response.header("link").is_empty(),
            "{cache}"
        );
        let (_, rest) = cache.split_once("max-age=").unwrap();
        rest.split(',').next().unwrap().parse().unwrap()
    };
    let feeds = ["/feed.xml", "/atom.xml", "/feed.json", "/source/one/feed.xml"];
    let ages: BTreeSet<u64> = feeds.into_iter().chain(["/"]).map(max_age).collect();
    let channel = rss::Channel::read_from(&get(program.address, "/feed.xml").body[..]).unwrap();
    let ttl: u64 = channel.ttl.unwrap().parse().unwrap();
    assert_eq!(ages, BTreeSet::from([ttl * 60]), "HTTP counts seconds, RSS minutes");
    for path in feeds {
        let feed = get(program.address, path);
        assert_eq!(feed.header("access-control-allow-origin"), "*", "{path}");
        let own = format!("<http://{}{path}>; rel=\"self\"", program.address);
        assert!(feed.header("link").starts_with(&own), "{}", feed.header("link"));
    }
    assert!(program.stop().success());
}
