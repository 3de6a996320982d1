//! Hostile feeds → the real binary → a real browser, in which nothing runs.
//!
//! Every attack of the table is in three feeds, wherever they may have a text or an address. Headless
//! Chromium shows the binary's output in a careless reader: without a Content-Security-Policy, beside a
//! script of ours that attacks could call, with every element clicked, focused and hovered, and parsed a
//! second time from the browser's own serialization. The same reader with the attacks themselves proves that
//! it would notice. Without Chromium, the test says so and passes.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::json;

use crate::support::attacks::{ADDRESSES, MARKUP};
use crate::support::browser::{BROWSERS, browsed};
use crate::support::program::{Home, Program};
use crate::support::web::get;
use crate::support::{Origin, Page};

/// Of the attacks, 162 run in Chromium 148 when they are shown unchanged; far fewer mean that the reader no
/// longer notices them.
const LIVE: usize = 120;

/// Seconds of the browser's own clock: the reader's timers take a tenth.
const READING: u32 = 5;
/// A frame of its own for every text would cost the browser half a minute.
const TEXTS_OF_A_DOCUMENT: usize = 25;

/// The reader. `ITEMS` becomes a JSON list of documents.
const READER: &str = r"<!doctype html><meta charset=utf-8><body><script>
const items = ITEMS, hits = new Set();
function ran(n) { hits.add(n); document.documentElement.dataset.ran = [...hits].join(); }
const prelude = '<!doctype html><meta charset=utf-8><script>function ran(n){parent.ran(n)}' +
  'alert=confirm=prompt=open=()=>{}<\/script><body>';
function provoke(frame) {
  const page = frame.contentDocument;
  if (!page) return;
  for (const element of page.querySelectorAll('*')) {
    for (const kind of ['mouseover', 'pointerover', 'focus', 'focusin', 'wheel', 'copy', 'toggle'])
      element.dispatchEvent(new Event(kind, {bubbles: true}));
    if (element.matches('button, input')) element.click();
    const address = element.href?.baseVal ?? element.href ?? '';
    if (!/^(https?|mailto|file):/.test(address)) element.dispatchEvent(
      new MouseEvent('click', {bubbles: true, cancelable: true, view: frame.contentWindow}));
  }
}
for (const item of items) {
  const frame = document.createElement('iframe');
  let turns = 0;
  frame.onload = () => {
    if (turns++) return;
    provoke(frame);
    setTimeout(() => {
      const body = frame.contentDocument?.body;
      if (!body) return;
      body.innerHTML = body.innerHTML;
      provoke(frame);
    }, 100);
  };
  frame.srcdoc = prelude + item;
  document.body.append(frame);
}
document.documentElement.dataset.shown = items.length;
</script>";

/// Every attack as a document, with its number as its mark.
fn attacks(origin: &Origin) -> Vec<String> {
    let links = ADDRESSES.iter().map(|address| {
        let address = address.replace('"', "&quot;");
        format!("<a href=\"{address}\">x</a><img src=\"{address}\"><q cite=\"{address}\">x</q>")
    });
    let all = MARKUP.iter().map(|markup| (*markup).to_owned()).chain(links);
    all.enumerate().map(|(number, attack)| marked(&attack, number, origin)).collect()
}

fn marked(attack: &str, number: usize, origin: &Origin) -> String {
    let canary = origin.url(&format!("/canary/{number}"));
    attack.replace("RUN", &format!("ran({number})")).replace("CANARY", &canary)
}

/// The address that belongs to an attack.
fn address(number: usize, origin: &Origin) -> String {
    marked(ADDRESSES[number % ADDRESSES.len()], number, origin)
}

fn xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn rss(origin: &Origin) -> String {
    let mut items = String::new();
    for (number, attack) in attacks(origin).iter().enumerate() {
        let (text, link) = (xml(attack), xml(&address(number, origin)));
        let _ = write!(
            items,
            "<item><guid>{link}</guid><title>خبر {number} {text}</title><link>{link}</link>\
             <description>{text}</description><content:encoded>نص {text}</content:encoded>\
             <dc:creator>{text}</dc:creator><author>{text}</author>\
             <category domain=\"{link}\">{text}</category><comments>{link}</comments>\
             <enclosure url=\"{link}\" type=\"image/png\" length=\"9\"/>\
             <media:thumbnail url=\"{link}\"/><source url=\"{link}\">{text}</source></item>"
        );
    }
    let (text, link) = (xml(&attacks(origin)[0]), xml(&address(0, origin)));
    format!(
        "<?xml version=\"1.0\"?><rss version=\"2.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
         xmlns:media=\"http://search.yahoo.com/mrss/\" \
         xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><channel><title>وكالة {text}\
         </title><link>{link}</link><description>{text}</description><image><url>{link}</url>\
         <title>{text}</title><link>{link}</link></image>{items}</channel></rss>"
    )
}

fn atom(origin: &Origin) -> String {
    let mut entries = String::new();
    for (number, attack) in attacks(origin).iter().enumerate() {
        let (text, link) = (xml(attack), xml(&address(number, origin)));
        let _ = write!(
            entries,
            "<entry xml:lang=\"{link}\"><id>urn:x:{number}</id><title type=\"html\">خبر {number} \
             {text}</title><link href=\"{link}\"/><summary type=\"html\">{text}</summary>\
             <content type=\"html\" xml:base=\"{link}\">نص {text}</content>\
             <author><name>{text}</name><uri>{link}</uri></author><category term=\"{text}\"/>\
             <updated>2026-11-20T09:00:00Z</updated></entry>"
        );
    }
    let (text, link) = (xml(&attacks(origin)[0]), xml(&address(0, origin)));
    format!(
        "<feed xmlns=\"http://www.w3.org/2005/Atom\"><id>{link}</id><title type=\"html\">صحيفة \
         {text}</title><link href=\"{link}\"/><icon>{link}</icon><logo>{link}</logo>\
         <updated>2026-11-24T09:00:00Z</updated>{entries}</feed>"
    )
}

fn json_feed(origin: &Origin) -> String {
    let attacks = attacks(origin);
    let items = attacks.iter().enumerate().map(|(number, attack)| {
        let link = address(number, origin);
        json!({
            "id": number.to_string(), "title": format!("خبر {number} {attack}"), "url": link,
            "external_url": link, "image": link, "banner_image": link, "summary": attack,
            "content_html": format!("نص {attack}"), "tags": [attack], "language": attack,
            "authors": [{"name": attack, "url": link, "avatar": link}],
            "attachments": [{"url": link, "mime_type": "image/png", "title": attack}],
        })
    });
    let items: Vec<_> = items.collect();
    let (text, link) = (&attacks[0], address(0, origin));
    json!({
        "version": "https://jsonfeed.org/version/1.1", "title": format!("مجلة {text}"),
        "home_page_url": link, "icon": link, "favicon": link, "description": text, "items": items,
    })
    .to_string()
}

/// The three feeds, polled and served.
fn served(origin: &Origin) -> (Home, Program) {
    origin.put("/rss", Page::xml(rss(origin)));
    origin.put("/atom", Page::xml(atom(origin)));
    origin.put("/json", Page::xml(json_feed(origin)).content_type("application/feed+json"));
    origin.put("/broken", Page::xml(attacks(origin).concat()).content_type("text/html"));
    let mut rest = "[serve]\nentries = 1000\npage_entries = 200\n\n".to_owned();
    for id in ["rss", "atom", "json", "broken"] {
        let url = origin.url(&format!("/{id}"));
        let _ = write!(rest, "[[source]]\nid = \"{id}\"\nurl = \"{url}\"\n\n");
    }
    let home = Home::new(origin, &rest);
    let program = home.run();
    program.wait_for("first pass", |_| true);
    program.rendered();
    (home, program)
}

/// Every page, and every text with markup or a title of every feed, as a reader shows it: many texts in one
/// document.
fn documents(program: &Program) -> Vec<String> {
    let mut documents = pages(program);
    let texts: Vec<String> = texts(program).into_iter().collect();
    let shown = texts.iter().map(|text| format!("<div>{text}</div>")).collect::<Vec<_>>();
    documents.extend(shown.chunks(TEXTS_OF_A_DOCUMENT).map(<[String]>::concat));
    documents
}

fn pages(program: &Program) -> Vec<String> {
    let mut documents = Vec::new();
    for path in ["/", "/source/rss/", "/source/atom/", "/source/json/", "/status", "/nothing"] {
        let mut query = String::new();
        loop {
            let page = get(program.address, &format!("{path}{query}"));
            let policy = page.header("content-security-policy");
            assert!(
                policy.starts_with("default-src 'none'") && !policy.contains("script"),
                "{path}"
            );
            assert_still(&page.text(), path);
            documents.push(page.text());
            // The link to the next older page: the one to the newer page has the same form.
            let text = page.text();
            let Some((link, _)) = text.split_once("\" rel=\"next\"") else { break };
            let (_, cursor) = link.rsplit_once("?before=").unwrap();
            query = format!("?before={cursor}");
        }
    }
    documents
}

fn texts(program: &Program) -> BTreeSet<String> {
    let mut texts = BTreeSet::new();
    for id in ["rss", "atom", "json"] {
        let of = |file: &str| get(program.address, &format!("/source/{id}/{file}"));
        let feed = of("feed.json").json();
        let items = feed["items"].as_array().unwrap();
        assert_eq!(items.len(), MARKUP.len() + ADDRESSES.len(), "{id}");
        let htmls = items.iter().filter_map(|item| item["content_html"].as_str());
        texts.extend(htmls.map(ToOwned::to_owned));
        let rss = rss::Channel::read_from(&of("feed.xml").body[..]).unwrap();
        for item in rss.items {
            texts.extend([item.title, item.description, item.content].into_iter().flatten());
            texts.extend(item.categories.into_iter().map(|category| category.name));
            texts.extend(item.dublin_core_ext.into_iter().flat_map(|core| core.creators));
            texts.extend(item.source.and_then(|source| source.title));
        }
        let atom = atom_syndication::Feed::read_from(&of("atom.xml").body[..]).unwrap();
        for entry in atom.entries {
            texts.extend(entry.content.and_then(|content| content.value));
            texts.extend(entry.summary.map(|summary| summary.value));
        }
    }
    texts
}

/// Checks that there is no element that runs or loads, no handler, no style, and only web addresses.
fn assert_still(page: &str, place: &str) {
    const RUNNING: &str = "script, iframe, frame, object, embed, applet, form, base, style, svg, \
                           math, template, noscript, [http-equiv]";
    let page = scraper::Html::parse_document(page);
    let running = scraper::Selector::parse(RUNNING).unwrap();
    // The search, once, and only where the page's own head has it: it contains no word of a feed.
    let own = scraper::Selector::parse(
        "body > header.masthead:first-of-type > form.search[action=\"/search\"][method=\"get\"]",
    )
    .unwrap();
    let own: Vec<_> = page.select(&own).map(|form| form.id()).collect();
    assert!(own.len() <= 1, "{place}: a second search");
    let foreign = page.select(&running).find(|element| !own.contains(&element.id()));
    assert!(foreign.is_none(), "{place}: an element that runs");
    for element in page.root_element().descendent_elements() {
        for (name, value) in element.value().attrs() {
            let runs = name.starts_with("on") || ["style", "srcdoc", "is", "ping"].contains(&name);
            assert!(!runs, "{place}: {name}={value}");
            if element.value().name() == "img" && name == "src" {
                assert!(value.starts_with("http://") || value.starts_with("https://"), "{value}");
            }
            let relative = url::Url::parse("http://here.example/").unwrap();
            if ["href", "src", "cite"].contains(&name) {
                let scheme = relative.join(value).unwrap().scheme().to_owned();
                assert!(["http", "https", "mailto"].contains(&scheme.as_str()), "{place}: {value}");
            }
        }
    }
}

/// The numbers of the attacks that ran when the reader showed these documents.
fn ran(origin: &Origin, documents: impl IntoIterator<Item = String>) -> Option<BTreeSet<usize>> {
    let items: Vec<String> = documents.into_iter().collect();
    let list = serde_json::to_string(&items).unwrap().replace('<', "\\u003c");
    let page = Page::xml(READER.replace("ITEMS", &list)).content_type("text/html; charset=utf-8");
    origin.put("/reader", page);
    let seen = browsed(&origin.url("/reader"), READING)?;
    let seen = scraper::Html::parse_document(&seen);
    let root = seen.root_element().value();
    let shown = root.attr("data-shown").expect("the browser showed no reader");
    assert_eq!(shown, items.len().to_string());
    let marks = root.attr("data-ran").unwrap_or_default().split(',');
    Some(marks.filter_map(|mark| mark.parse().ok()).collect())
}

fn canaries(origin: &Origin) -> Vec<String> {
    let paths = origin.requests().into_iter().map(|request| request.path);
    paths.filter(|path| path.starts_with("/canary")).collect()
}

#[test]
fn nothing_of_a_feed_runs_in_a_browser() {
    let origin = Origin::start();
    let (_home, program) = served(&origin);
    let documents = documents(&program);
    let Some(marks) = ran(&origin, documents) else {
        eprintln!("skipped the browser: none of {BROWSERS:?} starts here");
        return;
    };
    let attacks = attacks(&origin);
    let ran_attacks: Vec<_> = marks.iter().map(|number| attacks.get(*number)).collect();
    assert!(marks.is_empty(), "these ran: {ran_attacks:?}");
    assert_eq!(canaries(&origin), Vec::<String>::new(), "requested");
    let page = browsed(&format!("http://{}/", program.address), READING).unwrap();
    assert!(page.contains("خبر"), "{page}");
    assert_still(&page, "the page in the browser");
    assert_eq!(canaries(&origin), Vec::<String>::new(), "requested");
}

#[test]
fn the_reader_would_notice() {
    let origin = Origin::start();
    let Some(marks) = ran(&origin, attacks(&origin)) else {
        eprintln!("skipped the browser: none of {BROWSERS:?} starts here");
        return;
    };
    assert!(marks.len() >= LIVE, "only {} attacks ran: {marks:?}", marks.len());
    assert!(!canaries(&origin).is_empty(), "no canary was requested");
}
