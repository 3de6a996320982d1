//! A site of 65 sources and 1,000 entries: its pages are light, their first entry comes early, and nothing in them
//! moves after it was drawn, as the browser itself measures that. Neither does anything when pictures arrive.
//!
//! With `RAFID_SCREENSHOTS=<folder>` a picture of each page is written there, at four widths, light and dark, for people to
//! look at.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::browser::{BROWSERS, photograph, show};
use crate::support::program::Program;
use crate::support::web::{get, get_with};
use crate::support::{Origin, Page, large_site, site};

/// What a page may have in gzip: a second of a slow mobile connection.
const PACKED_BYTES: usize = 60 * 1024;
/// What may come before the first entry: the first round trip of a connection.
const HEAD_BYTES: usize = 14 * 1024;

/// The widths of the screens in pictures, their height, and what is between them.
const WIDTHS: [u32; 4] = [360, 768, 1280, 1600];
const HEIGHT: u32 = 1200;
const GAP: u32 = 10;

/// Runs in every page, before anything is drawn.
const WATCH: &str = r"<script>
window.shifts = [];
new PerformanceObserver(list => {
  for (const entry of list.getEntries()) shifts.push({value: entry.value, nodes: [...entry.sources].map(
    source => source.node?.outerHTML?.slice(0, 120) ?? source.node?.nodeName)});
}).observe({type: 'layout-shift', buffered: true});
</script>";

/// Shows every page in a frame of its own and posts what moved in it. `ITEMS` becomes a JSON list.
const READER: &str = r"<!doctype html><html lang=en><title>x</title><meta charset=utf-8><body><script>
const items = ITEMS, found = [];
// What moves before the first frame is drawn, no one sees.
async function drawn(view) {
  for (let frames = 0; frames < 12; frames++) await new Promise(done => view.requestAnimationFrame(done));
}
async function watch(item) {
  const frame = document.createElement('iframe');
  frame.style.width = item.width + 'px';
  frame.style.height = '900px';
  const loaded = new Promise(done => { frame.onload = done; });
  frame.src = item.page;
  document.body.append(frame);
  await loaded;
  const view = frame.contentWindow;
  await drawn(view);
  // What pushes a page down by a line counts .01 and more; a single word that finds its place in the first frames, .001.
  for (const shift of view.shifts) if (shift.value >= 0.005) found.push({page: item.name, ...shift});
  if (frame.contentDocument.documentElement.scrollWidth > item.width)
    found.push({page: item.name, nodes: ['wider than the screen']});
  frame.remove();
}
(async () => {
  for (const item of items) await watch(item);
  await fetch('/found', {method: 'POST', body: JSON.stringify(found)});
})();
</script>";

fn page(program: &Program, path: &str) -> String {
    get_with(program.address, path, &[("accept", "text/html")]).text()
}

/// The kinds of pages that grow with the number of sources and entries.
fn pages(program: &Program) -> Vec<(&'static str, String, String)> {
    let feed = get(program.address, "/feed.json").json();
    let items = feed["items"].as_array().unwrap();
    let story = items.iter().find_map(|item| item["_rafid"]["story"]["url"].as_str()).unwrap();
    let story = url::Url::parse(story).unwrap().path().to_owned();
    let front = page(program, "/");
    let (older, _) = front.split_once("\" rel=\"next\"").unwrap();
    let older = older.rsplit('"').next().unwrap().to_owned();
    [
        ("home", "/"),
        ("older", &older),
        ("compact", "/?density=compact"),
        ("category", "/category/%D8%B1%D9%8A%D8%A7%D8%B6%D8%A9/"),
        ("source", "/source/s3/"),
        ("story", &story),
        ("search", "/search?q=%D8%A7%D9%84%D8%AC%D8%B3%D8%B1"),
        ("sources", "/sources"),
        ("status", "/status"),
    ]
    .map(|(name, path)| (name, path.to_owned(), page(program, path)))
    .into()
}

/// What is shown in the browser: pages, their style sheet, and the pictures in them.
struct Copies<'a> {
    pages: &'a [(&'a str, String)],
    style: &'a str,
    pictures: &'a [(String, Page)],
}

/// Puts copies of pages on an origin, in each scheme and with `head` before their own. The style sheet is written into
/// them: with one that arrives by itself, the browser sometimes counts the step from no style to style in pages with
/// pictures, which says nothing about the pictures.
fn put_copies(origin: &Origin, copies: &Copies<'_>, head: &str) {
    let Copies { pages, style, pictures } = copies;
    for (path, picture) in *pictures {
        origin.put(path, picture.clone());
    }
    for (scheme, media) in [("light", "not all"), ("dark", "all")] {
        let style = style.replace("(prefers-color-scheme: dark)", media);
        for (name, page) in *pages {
            let page = page.replacen("<head>", &format!("<head>{head}<style>{style}</style>"), 1);
            let link = page.find("<link rel=\"stylesheet\"").unwrap_or(page.len());
            let end = page[link..].find('>').map_or(page.len(), |length| link + length + 1);
            let page = format!("{}{}", &page[..link], &page[end..]);
            origin.put(&format!("/{scheme}/{name}"), Page::html(page));
        }
    }
}

/// What moves in these pages; `None`: there is no browser, and a message says so.
fn shifts(copies: &Copies<'_>) -> Option<Vec<Value>> {
    let origin = Origin::start();
    put_copies(&origin, copies, WATCH);
    let mut items = Vec::new();
    for (name, _) in copies.pages {
        for width in [360, 1280] {
            let shown = format!("{name} ({width})");
            items.push(json!({"name": shown, "page": format!("/light/{name}"), "width": width}));
        }
    }
    let list = serde_json::to_string(&items).unwrap();
    origin.put("/reader", Page::html(READER.replace("ITEMS", &list)));
    let Some(_browser) = show(&origin.url("/reader")) else {
        eprintln!("skipped the browser: none of {BROWSERS:?} starts here");
        return None;
    };
    let posted = origin.wait_for(|request| request.path == "/found");
    let found: Value = serde_json::from_str(&posted.body).unwrap();
    Some(found.as_array().unwrap().clone())
}

/// Writes a picture of each page, if someone wants to look at them: at all widths, light above dark.
fn photograph_all(copies: &Copies<'_>) {
    let Some(folder) = std::env::var_os("RAFID_SCREENSHOTS") else { return };
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder).unwrap();
    let origin = Origin::start();
    put_copies(&origin, copies, "");
    for (name, _) in copies.pages {
        let mut sheet = "<!doctype html><body style='margin: 0; background: #808'>".to_owned();
        for scheme in ["light", "dark"] {
            for width in WIDTHS {
                let _ = write!(
                    sheet,
                    "<iframe src='/{scheme}/{name}' style='border: 0; float: left; margin: 0 {GAP}px {GAP}px 0; \
                     width: {width}px; height: {HEIGHT}px'></iframe>"
                );
            }
        }
        origin.put(&format!("/sheet/{name}"), Page::html(sheet));
        let width = WIDTHS.iter().map(|width| width + GAP).sum();
        let file = folder.join(format!("{name}.png"));
        let address = origin.url(&format!("/sheet/{name}"));
        if !photograph(&address, (width, 2 * (HEIGHT + GAP)), &file) {
            eprintln!("no pictures: none of {BROWSERS:?} starts here");
            return;
        }
    }
}

#[test]
fn a_large_site_has_light_pages_in_which_nothing_moves() {
    let (_origin, home) = large_site::home();
    let program = site::run(&home);
    program.indexed();
    let style = get(program.address, "/style.css").text();
    let all = pages(&program);
    for (name, path, page) in &all {
        let packed = get_with(
            program.address,
            path,
            &[("accept", "text/html"), ("accept-encoding", "gzip")],
        );
        assert_eq!((packed.status, packed.header("content-encoding")), (200, "gzip"), "{name}");
        let bytes = packed.body.len();
        eprintln!("{name}: {bytes} bytes in gzip, of {}", page.len());
        assert!(bytes <= PACKED_BYTES, "{name}: {bytes} bytes in gzip, of {}", page.len());
        if let Some(head) = page.find("<article") {
            assert!(head <= HEAD_BYTES, "{name}: {head} bytes before the first entry");
        }
    }
    let source = &all.iter().find(|(name, ..)| *name == "source").unwrap().2;
    assert!(source.contains("<p class=\"about\" dir=\"auto\" lang=\"ar\">"), "{source}");
    let status = &all.iter().find(|(name, ..)| *name == "status").unwrap().2;
    assert!(status.matches("class=\"row\"").count() >= large_site::SOURCES, "all are listed");
    let pages: Vec<(&str, String)> =
        all.iter().map(|(name, _, page)| (*name, page.clone())).collect();
    let copies = Copies { pages: &pages, style: &style, pictures: &[] };
    if let Some(found) = shifts(&copies) {
        assert_eq!(found, Vec::<Value>::new(), "{found:#?}");
    }
    photograph_all(&copies);
    assert!(program.stop().success());
}

/// The front page, once every entry on it has its picture, and every source its icon.
fn page_with_pictures(program: &Program) -> String {
    loop {
        let front = page(program, "/");
        let entries = front.matches("<article").count();
        let count = |class: &str| front.matches(&format!("<img class=\"{class}\"")).count();
        if entries > 0 && count("lead") == entries && count("icon") == entries {
            return front;
        }
        program.wait_for("outputs rendered", |_| true);
    }
}

#[test]
fn pictures_have_their_place_before_they_arrive() {
    let (_origin, home) = large_site::home_with_pictures();
    let program = site::run(&home);
    let front = page_with_pictures(&program);
    let story = front.split("href=\"/story/").nth(1).and_then(|rest| rest.split('"').next());
    let story = page(&program, &format!("/story/{}", story.unwrap()));
    let pages = [
        ("pictures", front),
        ("pictures-compact", page(&program, "/?density=compact")),
        ("pictures-source", page(&program, "/source/s3/")),
        ("pictures-story", story),
    ];
    let all: String = pages.iter().map(|(_, page)| page.as_str()).collect();
    let paths = all.split("src=\"/picture/").skip(1).filter_map(|rest| rest.split('"').next());
    let paths: std::collections::BTreeSet<String> =
        paths.map(|id| format!("/picture/{id}")).collect();
    let pictures: Vec<(String, Page)> = paths
        .into_iter()
        .map(|path| {
            let copy = get(program.address, &path);
            assert_eq!(copy.status, 200, "{path}");
            let is_jpeg = copy.header("content-type") == "image/jpeg";
            let media_type = if is_jpeg { "image/jpeg" } else { "image/webp" };
            (path, Page::xml(copy.body).content_type(media_type))
        })
        .collect();
    let style = get(program.address, "/style.css").text();
    let copies = Copies { pages: &pages, style: &style, pictures: &pictures };
    if let Some(found) = shifts(&copies) {
        assert_eq!(found, Vec::<Value>::new(), "{found:#?}");
    }
    photograph_all(&copies);
    assert!(program.stop().success());
}

#[test]
fn the_watcher_would_notice() {
    let page = "<!doctype html><html lang=en><head><title>x</title></head><body><p>some text</p>\
                <div style='height: 200px; background: red'>x</div><script>let frames = 0;\
                function next() { if (++frames < 6) return requestAnimationFrame(next); \
                const late = document.createElement('div'); late.style.height = '150px'; \
                document.body.prepend(late); } requestAnimationFrame(next)</script>";
    let pages = [("late", page.to_owned())];
    let copies = Copies { pages: &pages, style: "", pictures: &[] };
    let Some(found) = shifts(&copies) else { return };
    assert_eq!(found.len(), 2, "once at each width: {found:#?}");
    assert!(found.iter().all(|shift| shift["value"].as_f64() > Some(0.0)), "{found:#?}");
}
