//! Our feeds as W3C's feed validator sees them: nothing to say about heads, archive pages, deltas, searches and
//! outlines, whatever the publishers' feeds contain.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::net::SocketAddr;

use crate::support::feed_validator::findings;
use crate::support::program::{Home, Program};
use crate::support::web::{Response, get, get_with};
use crate::support::{Origin, Page};

/// Items with everything that entries can have, and with what publishers write wrongly.
const RICH: &str = "\
<item><guid isPermaLink='false'>1</guid><title>ندوة &lt;/b&gt; عن R&amp;amp;D و&amp;#x627; في «الزيتون»</title>\
<link>https://news.example/أخبار/افتتاح مكتبة?a=1&amp;b=2</link>\
<description>نص أول</description><comments>https://news.example/أخبار/1#تعليقات</comments>\
<category>محليات</category><category> </category><category>&lt;b&gt;ثقافة&lt;/b&gt;</category>\
<dc:creator>منى الكاتبة</dc:creator><dc:creator>سالم &lt;سالم@news.example&gt;</dc:creator>\
<dc:contributor>ليلى المراسلة</dc:contributor><dc:rights>حقوق &lt;i&gt;محفوظة&lt;/i&gt;</dc:rights>\
<enclosure url='https://news.example/صوت 1.mp3' length='' type='audio'/>\
<enclosure url='https://news.example/2.mp3' length='0' type='audio/mpeg'/>\
<media:content url='https://news.example/فيلم.mp4' type='video/mp4' fileSize='0' duration='61'/>\
<media:thumbnail url='https://news.example/صورة.jpg' width='0' height='600'/>\
<itunes:duration>1:02:03</itunes:duration><itunes:episode>4</itunes:episode><itunes:explicit>no</itunes:explicit>\
<content:encoded><![CDATA[<p>نص <a href='/نسبي/1'>بوصلة</a> <q cite='https://a.example/ب'>قول</q></p>\
<figure><img src='/ص.jpg' alt='صورة' width=10 onerror=x><figcaption>تعليق</figcaption></figure>\
<video controls poster=/p.jpg><source src=/f.mp4 type=video/mp4></video><details open><summary>مزيد</summary>نص</details>\
<table border=1><caption>جدول</caption><tr><th scope=col>أ<td colspan=2>ب</table><ul><li>واحد<li>اثنان<ol start=3><li>ثلاثة</ol></ul>\
<p>فقرة<div>كتلة</div>ذيل</p><blockquote><p>اقتباس<hr></blockquote><pre>  سطر</pre><time datetime=2026-11-20>أمس</time>\
<b><i>متداخل</b> خطأ</i><a href=x><a href=y>وصلة في وصلة</a></a><iframe src=//x></iframe><font color=red>أحمر</font>\
<svg><circle/></svg><p dir=rtl lang=ar style='color:red' class=x>نص</p><ruby>漢<rt>كان</ruby>]]></content:encoded></item>\
<item><guid isPermaLink='false'>2</guid><title>خبر بلا وصلة ولا نص</title></item>\
<item><guid isPermaLink='false'>3</guid><description>نص بلا عنوان ولا وصلة &lt;br&gt; وسطر</description></item>\
<item><guid isPermaLink='false'>4</guid><title>Harbour reopens</title><dc:language>en</dc:language>\
<link>HTTPS://News.Example:443/%d8%a3/../x y</link><description>Ships &amp;amp; boats</description>\
<pubDate>Fri, 20 Nov 2026 08:00:00 GMT</pubDate></item>\
<item><guid isPermaLink='false'>5</guid><title>خبر من المستقبل</title><link>https://news.example/5</link>\
<pubDate>Fri, 20 Nov 2099 08:00:00 GMT</pubDate></item>";

const SPACES: &str = "xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:media='http://search.yahoo.com/mrss/' \
     xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd' xmlns:content='http://purl.org/rss/1.0/modules/content/'";

fn rss(title: &str, items: &str) -> Page {
    Page::xml(format!(
        "<rss version='2.0' {SPACES}><channel><title>{title}</title><link>https://news.example/الأخبار</link>\
         <description>أخبار</description><copyright>حقوق &lt;b&gt;محفوظة&lt;/b&gt;</copyright><language>ar</language>\
         <image><url>https://news.example/شعار.png</url><title>شعار</title><link>https://news.example/</link></image>\
         {items}</channel></rss>"
    ))
}

/// Items that differ in their numbers only.
fn numbered(numbers: std::ops::Range<usize>) -> String {
    let item = |number| {
        format!(
            "<item><guid isPermaLink='false'>n{number}</guid><title>خبر رقم {number}</title>\
             <link>https://news.example/خبر/{number}</link><description>نص {number}</description></item>"
        )
    };
    numbers.map(item).collect()
}

/// An article that names two agencies as the origins of its text.
fn article() -> Page {
    let sentence =
        "افتتحت البلدية صباح اليوم مكتبة عامة في حي الزيتون بحضور جمع من السكان والمسؤولين. ";
    Page::html(format!(
        "<!DOCTYPE html><html lang=ar dir=rtl><head><title>افتتاح مكتبة</title></head><body><article>\
         <h1>افتتاح مكتبة</h1><p>{0}</p><p>{0}</p><p>المصدر: رويترز + وكالة الأنباء السعودية</p></article></body></html>",
        sentence.repeat(4)
    ))
}

/// A site with feeds of several kinds, pages in full, a category, an output and a story of two sources.
fn home(origin: &Origin) -> Home {
    origin.put("/rich", rss("وكالة &lt;الأنهار&gt; &amp;amp; غيرها", RICH));
    origin.put("/many", rss("صحيفة الميناء", &numbered(0..12)));
    let link = origin.url("/article");
    let item = format!(
        "<item><guid isPermaLink='false'>p</guid><title>افتتاح مكتبة</title><link>{link}</link>\
         <description>خبر</description></item>"
    );
    origin.put("/paged", rss("جريدة المكتبة", &item));
    origin.put("/article", article());
    let mut config = "[serve]\nentries = 5\ncontent = \"full\"\n\n\
         [[output]]\nid = \"rain\"\nname = \"أخبار «المطر» و<غيرها>\"\nkeep = [\"خبر\"]\n\n"
        .to_owned();
    for (id, more) in [
        ("rich", "category = \"محليات وثقافة\""),
        ("many", "category = \"World/News\"\nevery = 1"),
        ("paged", "full_text = true"),
    ] {
        let url = origin.url(&format!("/{id}"));
        let _ = write!(config, "[[source]]\nid = \"{id}\"\nurl = \"{url}\"\n{more}\n\n");
    }
    Home::new(origin, &config)
}

/// Every feed of the site at this path, RSS and Atom.
fn feeds_at(folder: &str) -> [String; 2] {
    [format!("{folder}feed.xml"), format!("{folder}atom.xml")]
}

/// The findings about a document, each with the path it is served at.
fn check(address: SocketAddr, path: &str, response: &Response) -> BTreeSet<String> {
    let here = format!("http://{address}{path}");
    let media_type = response.header("content-type");
    let expected = match path {
        _ if path.contains("opml") => "text/x-opml",
        _ if path.contains("atom.xml") => "application/atom+xml",
        _ => "application/rss+xml",
    };
    assert!(media_type.starts_with(expected), "{path}: {media_type}: {}", response.text());
    findings(&response.text(), &here)
        .into_iter()
        .map(|finding| format!("{path}: {finding}"))
        .collect()
}

/// Checks a feed and every page of its archive. Returns the number of pages.
fn check_chain(program: &Program, path: &str, found: &mut BTreeSet<String>) -> usize {
    let here = format!("http://{}", program.address);
    let (mut path, mut pages) = (path.to_owned(), 0);
    let mut last = BTreeSet::new();
    loop {
        let response = get(program.address, &path);
        assert_eq!(response.status, 200, "{path}: {}", response.text());
        found.append(&mut last);
        last = check(program.address, &path, &response);
        let text = response.text();
        let mut links = text.split('<').filter(|tag| tag.contains("rel=\"prev-archive\""));
        let previous = links.find_map(|tag| tag.split("href=\"").nth(1)?.split('"').next());
        let Some(previous) = previous else {
            // The only page of an archive has no other one to name (RFC 5005 section 4).
            last.retain(|finding| pages != 1 || !finding.ends_with("without another one"));
            found.append(&mut last);
            return pages;
        };
        previous.strip_prefix(&here).unwrap().clone_into(&mut path);
        pages += 1;
    }
}

/// How many pages of articles were read.
fn pages_read(program: &Program) -> u64 {
    let status = get(program.address, "/status.json").json();
    let counts = status["sources"].as_array().unwrap().iter();
    counts.filter_map(|source| source["full_text"]["taken"].as_u64()).sum()
}

#[test]
fn the_validator_has_nothing_to_say_about_our_feeds() {
    let origin = Origin::start();
    let home = home(&origin);
    let program = home.run();
    let mut polled = BTreeSet::new();
    while polled.len() < 3 {
        polled.insert(program.wait_for("polled", |_| true)["source"].to_string());
    }
    while pages_read(&program) == 0 {
        program.wait_for("pages fetched", |_| true);
    }
    program.rendered();
    program.indexed();
    let head = get(program.address, "/source/many/atom.xml");
    origin.put("/many", rss("صحيفة الميناء", &numbered(6..24)));
    program.wait_for("polled", |line| line["source"] == "many" && line["new"] == 12);
    program.rendered();

    let mut found = BTreeSet::new();
    let category =
        "/category/%D9%85%D8%AD%D9%84%D9%8A%D8%A7%D8%AA-%D9%88%D8%AB%D9%82%D8%A7%D9%81%D8%A9/";
    let folders = [
        "/",
        category,
        "/category/world-news/",
        "/source/rich/",
        "/source/many/",
        "/source/paged/",
    ];
    let mut pages = 0;
    for folder in folders.iter().chain(&["/output/rain/"]) {
        for path in feeds_at(folder) {
            pages += check_chain(&program, &path, &mut found);
        }
    }
    assert!(pages >= 4, "{pages} archive pages");
    for path in [
        "/search/%D8%AE%D8%A8%D8%B1/feed.xml",
        "/search/%D8%AE%D8%A8%D8%B1/atom.xml",
        "/sources.opml",
    ] {
        found.extend(check(program.address, path, &get(program.address, path)));
    }
    let headers = [("a-im", "feed"), ("if-none-match", head.header("etag"))];
    let delta = get_with(program.address, "/source/many/atom.xml", &headers);
    assert_eq!(delta.status, 226, "{}", delta.text());
    found.extend(check(program.address, "/source/many/atom.xml", &delta));
    let found: Vec<String> = found.into_iter().collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert!(program.stop().success());
}

/// The checks themselves: documents with one mistake each.
#[test]
fn the_checks_find_mistakes() {
    let feed = |rest: &str| {
        format!(
            "<feed xmlns='http://www.w3.org/2005/Atom'><title>ت</title><id>tag:a.example,2026:x</id>\
             <updated>2026-11-20T08:00:00Z</updated><link rel='self' href='https://a.example/atom.xml'/>{rest}</feed>"
        )
    };
    let entry = |id: &str, rest: &str| {
        format!(
            "<entry><title>خ</title><id>{id}</id><author><name>ك</name></author>\
             <link href='https://a.example/{id}'/>{rest}</entry>"
        )
    };
    let (one, two) = (
        "urn:uuid:0190a5d0-0000-7000-8000-000000000001",
        "urn:uuid:0190a5d0-0000-7000-8000-000000000002",
    );
    let updated = "<updated>2026-11-20T08:00:00Z</updated><summary>ن</summary>";
    let at = "https://a.example/atom.xml";
    assert_eq!(findings(&feed(&entry(one, updated)), at), Vec::<String>::new());
    for (document, mistake) in [
        (feed(&(entry(one, updated) + &entry(one, updated))), "the id of another entry"),
        (
            feed(&(entry(one, updated) + &entry(two, updated))),
            "updated at the time of another entry",
        ),
        (
            feed(&entry(one, "<updated>2026-11-20</updated><summary>ن</summary>")),
            "updated: 2026-11-20",
        ),
        (feed(&entry("x", updated)), "the id x"),
        (feed(&entry(one, &format!("{updated}<content/>"))), "it is empty"),
        (feed(&entry(one, &format!("{updated}<rights>&lt;b&gt;x&lt;/b&gt;</rights>"))), "markup"),
        (
            feed(&entry(
                one,
                &format!("{updated}<content type='html'>&lt;p&gt;&lt;div&gt;</content>"),
            )),
            "is read as",
        ),
        (
            feed(&entry(
                one,
                &format!("{updated}<content type='html'>&lt;bdo&gt;&lt;/bdo&gt;</content>"),
            )),
            "the element bdo",
        ),
        (feed(&entry(one, &format!("{updated}<link rel='self' href='/x'/>"))), "the address"),
        (feed("<x:y xmlns:x='urn:x'/>"), "unknown namespace"),
        (
            feed("<archive xmlns='http://purl.org/syndication/history/1.0'/>"),
            "an archive page without",
        ),
        (feed("") + "<", "not well-formed"),
    ] {
        let found = findings(&document, at).join("\n");
        assert!(found.contains(mistake), "{mistake}: {found}\n{document}");
    }
    assert!(findings(&feed(""), "https://a.example/other").join("\n").contains("self is"));
}
