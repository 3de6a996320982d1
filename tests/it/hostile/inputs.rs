//! Documents made to harm a reader: each is small to make and large to read.

use std::io::Write;

/// A document and its name.
pub struct Hostile {
    pub name: &'static str,
    pub bytes: Vec<u8>,
    /// Whether it contains a feed nevertheless.
    pub is_feed: bool,
}

/// Name, whether it contains a feed, and the function that makes it.
type Row = (&'static str, bool, fn() -> Vec<u8>);

/// All of them, made one at a time, because some are large.
pub fn all() -> impl Iterator<Item = Hostile> {
    let rows: [Row; 15] = [
        ("100,000 nested elements", true, nested_elements),
        ("100,000 nested elements that never end", true, nested_without_end),
        ("10 MB of <", false, less_thans),
        ("10 MB of < in a title", true, less_thans_in_a_title),
        ("a million attributes", true, attributes),
        ("an attribute that never ends", true, endless_attribute),
        ("entities that grow by ten", true, entity_bomb),
        ("entities that grow by repetition", true, quadratic_entities),
        ("100,000 namespaces", true, namespaces),
        ("a title of 32 MB", true, long_title),
        ("200,000 entries", true, entries),
        ("1 MB of nested div in a description", true, nested_divs),
        ("1 MB of open tables in a description", true, open_tables),
        ("300,000 categories and references", true, categories),
        ("gzip of 1 GB", false, gzip_bomb),
    ];
    rows.into_iter().map(|(name, is_feed, make)| Hostile { name, bytes: make(), is_feed })
}

const HEAD: &str = "<rss version=\"2.0\"><channel><title>صحيفة</title>\
                    <item><title>خبر أول</title><link>https://a.example/1</link></item>";
const FOOT: &str = "</channel></rss>";

fn between(middle: &str) -> Vec<u8> {
    format!("{HEAD}{middle}{FOOT}").into_bytes()
}

fn described(body: &str) -> Vec<u8> {
    between(&format!("<item><title>ثان</title><description>{body}</description></item>"))
}

fn nested_elements() -> Vec<u8> {
    between(&("<a>".repeat(100_000) + &"</a>".repeat(100_000)))
}

fn nested_without_end() -> Vec<u8> {
    between(&"<item><x:group>".repeat(100_000))
}

fn less_thans() -> Vec<u8> {
    vec![b'<'; 10_000_000]
}

fn less_thans_in_a_title() -> Vec<u8> {
    let flood = "<".repeat(10_000_000);
    between(&format!("<item><title>{flood}</title><link>https://a.example/2</link></item>"))
}

fn attributes() -> Vec<u8> {
    let many: String = (0..1_000_000).map(|n| format!(" a{n}=\"x\"")).collect();
    between(&format!("<item><enclosure{many}/><title>ثان</title></item>"))
}

fn endless_attribute() -> Vec<u8> {
    between(&format!("<item><title>ثان</title><enclosure url=\"{}", "x ".repeat(2_000_000)))
}

fn entity_bomb() -> Vec<u8> {
    let mut dtd = String::from("<!DOCTYPE rss [<!ENTITY a0 \"ha\">");
    for n in 1..20 {
        let before = format!("&a{};", n - 1).repeat(10);
        dtd.push_str(&format!("<!ENTITY a{n} \"{before}\">"));
    }
    let mut bytes = format!("{dtd}]>").into_bytes();
    bytes.extend(between("<item><title>&a19;</title></item>"));
    bytes
}

fn quadratic_entities() -> Vec<u8> {
    let long = "x".repeat(100_000);
    let mut bytes = format!("<!DOCTYPE rss [<!ENTITY a \"{long}\">]>").into_bytes();
    bytes.extend(between(&format!("<item><title>{}</title></item>", "&a;".repeat(100_000))));
    bytes
}

fn namespaces() -> Vec<u8> {
    let many: String =
        (0..100_000).map(|n| format!(" xmlns:n{n}=\"http://n{n}.example/\"")).collect();
    between(&format!("<item{many}><n5:x>y</n5:x><title>ثان</title></item>"))
}

fn long_title() -> Vec<u8> {
    between(&format!("<item><title>{}</title></item>", "عنوان ".repeat(32_000_000 / 11)))
}

fn entries() -> Vec<u8> {
    let many: String = (0..200_000)
        .map(|n| format!("<item><title>خبر {n}</title><link>https://a.example/{n}</link></item>"))
        .collect();
    between(&many)
}

fn nested_divs() -> Vec<u8> {
    described(&"&lt;div>".repeat(1_000_000 / 8))
}

fn open_tables() -> Vec<u8> {
    described(&"&lt;table>&lt;tr>&lt;td>&lt;b>&lt;a href=x>".repeat(1_000_000 / 42))
}

fn categories() -> Vec<u8> {
    let many = "<category>&#x627;&amp;</category>".repeat(300_000);
    between(&format!("<item><title>ثان</title>{many}</item>"))
}

fn gzip_bomb() -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let block = vec![b' '; 1_000_000];
    for _ in 0..1_000 {
        writer.write_all(&block).unwrap();
    }
    writer.finish().unwrap()
}
