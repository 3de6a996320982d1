//! Every kind of page in a real browser, checked by axe-core: no violation of its rules, in light and dark,
//! on a wide screen and on a narrow one. And one thing that no rule checks: the side of the text of an empty
//! search.
//!
//! axe-core is a package of npm that is not part of this project: the test uses `axe.min.js` from
//! `RAFID_AXE`, or else from npm's folders. If it or Chromium is missing, the test says so and passes.

use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::browser::{BROWSERS, browsed};
use crate::support::program::Program;
use crate::support::web::{get, get_with};
use crate::support::{Origin, Page, site};

/// Seconds of the browser's own clock, many times the time of all pages.
const JUDGING: u32 = 120;

/// Shows every page in a frame of its own and checks it there. `ITEMS` becomes a JSON list of names,
/// addresses and widths. The results are in the document at the end.
const READER: &str = r"<!doctype html><html lang=en><title>x</title><meta charset=utf-8><body><script>
const items = ITEMS, found = [];
async function judge(item) {
  const frame = document.createElement('iframe');
  frame.style.width = item.width + 'px';
  frame.style.height = '900px';
  const loaded = new Promise(done => { frame.onload = done; });
  frame.src = item.page;
  document.body.append(frame);
  await loaded;
  const view = frame.contentWindow, page = frame.contentDocument;
  const script = page.createElement('script');
  const ready = new Promise(done => { script.onload = done; });
  script.src = '/axe.js';
  page.head.append(script);
  await ready;
  const result = await view.axe.run(page, {resultTypes: ['violations']});
  for (const violation of result.violations)
    found.push({page: item.name, rule: violation.id, nodes: violation.nodes.map(
      node => node.html.slice(0, 200) + ' ' + node.failureSummary)});
  const empty = page.querySelector('.search input:placeholder-shown');
  if (empty && view.getComputedStyle(empty).direction !== 'rtl')
    found.push({page: item.name, rule: 'placeholder at the right', nodes: []});
  if (page.documentElement.scrollWidth > item.width)
    found.push({page: item.name, rule: 'wider than the screen', nodes: []});
  frame.remove();
}
(async () => {
  let judged = 0;
  for (const item of items)
    try { await judge(item); judged++; } catch (error) {
      found.push({page: item.name, rule: 'error', nodes: [String(error)]});
    }
  document.documentElement.dataset.found = JSON.stringify(found);
  document.documentElement.dataset.judged = judged;
})();
</script>";

/// `axe.min.js`, if it is installed.
fn axe() -> Option<String> {
    let named = std::env::var_os("RAFID_AXE").map(PathBuf::from);
    let of_npm = |arguments: &[&str]| {
        let output = Command::new("npm").args(arguments).output().ok()?;
        let folder = String::from_utf8(output.stdout).ok()?;
        Some(PathBuf::from(folder.trim()).join("axe-core/axe.min.js"))
    };
    let places = [named, of_npm(&["root"]), of_npm(&["root", "--global"])];
    places.into_iter().flatten().find_map(|file| std::fs::read_to_string(file).ok())
}

/// Every kind of page: its name, and the page as browsers get it.
fn pages(program: &Program) -> Vec<(String, String)> {
    let story = get(program.address, "/feed.json").json();
    let mut stories = story["items"].as_array().unwrap().iter();
    let story = stories.find_map(|item| item["_rafid"]["story"]["url"].as_str()).unwrap();
    let story = url::Url::parse(story).unwrap().path().to_owned();
    let rain = "/search?q=%D8%B9%D9%85%D8%A7%D9%84%20OR%20Ferry";
    let feeds = ["/feed.xml", "/source/gone/atom.xml", "/search/Ferry/feed.json"];
    let about = feeds.into_iter().map(|path| {
        let page = get_with(program.address, path, &[("sec-fetch-dest", "document")]);
        (path.to_owned(), page.text())
    });
    [
        "/",
        "/source/three/",
        "/source/gone/",
        "/output/rain/",
        "/archive/2/",
        "/?after=1",
        &story,
        "/status",
        "/sources",
        "/?density=compact",
        "/search",
        rain,
        "/search?q=%D8%B9%D8%A7%D8%AC%D9%84%20OR%20BREAKING",
        "/search?q=%22",
        "/search?q=nothing-of-that-kind",
        "/nothing",
    ]
    .into_iter()
    .map(|path| {
        let page = get_with(program.address, path, &[("accept", "text/html")]);
        (path.to_owned(), page.text())
    })
    .chain(about)
    .collect()
}

/// What is wrong with these pages; `None`: there is no axe-core or no browser, and a message says so.
fn verdict(style: &str, pages: &[(String, String)]) -> Option<Vec<Value>> {
    let Some(axe) = axe() else {
        eprintln!("skipped axe-core: npm does not have it here, and RAFID_AXE names no axe.min.js");
        return None;
    };
    let origin = Origin::start();
    origin.put("/axe.js", Page::xml(axe).content_type("text/javascript"));
    let mut items = Vec::new();
    for (scheme, media) in [("light", "not all"), ("dark", "all")] {
        // The browser of a test has no preference: the dark rules apply always or never.
        let sheet = format!("/{scheme}.css");
        let style = style.replace("(prefers-color-scheme: dark)", media);
        origin.put(&sheet, Page::xml(style).content_type("text/css"));
        for (number, (name, page)) in pages.iter().enumerate() {
            let start = page.find("/style.css").unwrap();
            let end = start + page[start..].find('"').unwrap();
            let page = format!("{}{sheet}{}", &page[..start], &page[end..]);
            let address = format!("/{scheme}/{number}");
            origin.put(&address, Page::html(page));
            for width in [1200, 360] {
                let name = format!("{name} ({scheme}, {width})");
                items.push(json!({"name": name, "page": address, "width": width}));
            }
        }
    }
    let list = serde_json::to_string(&items).unwrap().replace('<', "\\u003c");
    origin.put("/reader", Page::html(READER.replace("ITEMS", &list)));
    let Some(seen) = browsed(&origin.url("/reader"), JUDGING) else {
        eprintln!("skipped the browser: none of {BROWSERS:?} starts here");
        return None;
    };
    let seen = scraper::Html::parse_document(&seen);
    let root = seen.root_element().value();
    assert_eq!(root.attr("data-judged"), Some(items.len().to_string().as_str()));
    let found: Value = serde_json::from_str(root.attr("data-found").unwrap()).unwrap();
    Some(found.as_array().unwrap().clone())
}

#[test]
fn every_kind_of_page_is_accessible() {
    let (_origin, home) = site::home();
    site::break_search(&home);
    let program = site::run(&home);
    let failing = get_with(program.address, "/search?q=a", &[("accept", "text/html")]);
    assert_eq!(failing.status, 503);
    let status = get(program.address, "/status").text();
    site::mend_search(&home, &program);
    let mut pages = pages(&program);
    pages.push(("503".to_owned(), failing.text()));
    pages.push(("/status without its search".to_owned(), status));
    let style = get(program.address, "/style.css").text();
    assert!(style.contains("(prefers-color-scheme: dark)"));
    if let Some(found) = verdict(&style, &pages) {
        assert_eq!(found, Vec::<Value>::new(), "{found:#?}");
    }
    assert!(program.stop().success());
}

#[test]
fn the_checker_would_notice() {
    const STYLE: &str = "body { color: #222; background: #fff } a { color: #0b5563; \
                         text-decoration: none } b { color: #ccc }";
    let page = "<!doctype html><html lang=ar><title>x</title><link rel=stylesheet \
                href=\"/style.css\"><main><h1>x</h1><form class=search><input dir=auto \
                placeholder=x></form><p>in a text <a href=/>a link</a> and <b>pale</b> \
                words</p><p style='width: 2000px'>x</p></main>";
    let Some(found) = verdict(STYLE, &[("bad".to_owned(), page.to_owned())]) else { return };
    for rule in [
        "link-in-text-block",
        "color-contrast",
        "placeholder at the right",
        "wider than the screen",
    ] {
        let count = found.iter().filter(|it| it["rule"] == rule).count();
        assert_eq!(count, 4, "{rule} in {found:#?}");
    }
}
