//! Armor, documents, and Poisoning: what a feed can contain, whatever its bytes.

use Verdict::{Failed, Read};

use super::codings::gzip;
use super::rows::{Row, Verdict, row, rows_of, sends};
use crate::hostile::inputs;
use crate::support::origin::{Act, Origin, ReceivedRequest, ok};

/// A guid that an honest source lists, and that others claim.
pub const HONEST_GUID: &str = "honest-0-1";
pub const HONEST_LINK: &str = "https://news.example/honest-0-1";

pub fn rows(origin: &Origin) -> Vec<Row> {
    let mut rows = heavy();
    rows.extend(poison());
    rows.push(sends("names-everything", ok(&[], names_everything(origin).as_bytes()), Read(1)));
    rows
}

/// The documents that could make parsing expensive.
fn heavy() -> Vec<Row> {
    let small = ["100,000 nested elements", "entities that grow by ten", "100,000 namespaces"];
    let names = ["deep", "entities", "namespaces"];
    let all = inputs::all().filter(|hostile| small.contains(&hostile.name));
    all.zip(names)
        .map(|(hostile, name)| {
            row(
                name,
                vec![Act::Send(ok(&["Content-Encoding: gzip"], &gzip(&hostile.bytes)))],
                Verdict::AtLeast(1),
            )
        })
        .collect()
}

fn item(guid: &str, link: &str, title: &str, date: &str) -> String {
    format!(
        "<item><guid isPermaLink=\"false\">{guid}</guid><title>{title}</title><link>{link}</link>\
         <pubDate>{date}</pubDate></item>"
    )
}

fn rss(items: &str) -> Vec<u8> {
    let head = "<rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\"><channel>";
    ok(&[], format!("{head}<title>سم</title>{items}</channel></rss>").as_bytes())
}

const DAY: &str = "Fri, 20 Nov 2026 08:00:00 +0300";

fn poison() -> Vec<Row> {
    let claim = item(HONEST_GUID, HONEST_LINK, "خبر مزوّر", DAY)
        + "<atom:link rel=\"self\" href=\"http://127.0.0.1/honest-0\"/>";
    let absurd = ["Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 GMT", "0", "غدا"];
    let absurd: String = absurd
        .iter()
        .enumerate()
        .map(|(n, date)| {
            item(&format!("absurd-{n}"), &format!("https://p.example/a{n}"), "خبر", date)
        })
        .collect();
    let long = item("long", "https://p.example/long", &"عنوان ".repeat(90_000), DAY);
    let flood: String = (0..5_500)
        .map(|n| {
            item(&format!("f{n}"), &format!("https://p.example/f{n}"), &format!("خبر {n}"), DAY)
        })
        .collect();
    let churn = |round: usize| -> Vec<u8> {
        let items: String = (0..5)
            .map(|n| {
                let guid = format!("churn-{round}-{n}");
                item(&guid, &format!("https://p.example/c{n}"), &format!("مقال رقم {n}"), DAY)
            })
            .collect();
        rss(&items)
    };
    let churns = (0..4).map(|round| vec![Act::Send(churn(round))]).collect();
    vec![
        sends("claims-another-guid", rss(&claim), Read(1)),
        sends("absurd-dates", rss(&absurd), Read(4)),
        sends("a-title-of-a-megabyte", rss(&long), Read(1)),
        sends("a-flood", rss(&flood), Verdict::AtLeast(1)),
        rows_of("new-guids-each-time", churns, Read(5)).judged(4, |_| {}),
        sends(
            "no-feed-at-all",
            ok(&[], b"<html><body>x</body></html>"),
            Failed("repair", "HTML page"),
        ),
    ]
}

/// Everything that a document can name, each with a path of its own below `/named/`.
fn names_everything(origin: &Origin) -> String {
    let url = |what: &str| origin.url(&format!("/named/{what}"));
    let [dtd, entity, style, include, schema, picture, video, enclosure, next, first, hub_page] = [
        "dtd",
        "entity",
        "style",
        "include",
        "schema",
        "picture",
        "video",
        "enclosure",
        "next",
        "self",
        "comments",
    ]
    .map(url);
    format!(
        "<?xml version=\"1.0\"?><?xml-stylesheet type=\"text/xsl\" href=\"{style}\"?>\
         <!DOCTYPE rss SYSTEM \"{dtd}\" [<!ENTITY x SYSTEM \"{entity}\">\
         <!ENTITY % y SYSTEM \"{entity}\"> %y;]>\
         <rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\" \
         xmlns:xi=\"http://www.w3.org/2001/XInclude\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
         xsi:schemaLocation=\"urn:x {schema}\"><channel><title>x</title>\
         <image><url>{picture}</url></image><docs>{dtd}</docs>\
         <atom:link rel=\"next\" href=\"{next}\"/><atom:link rel=\"self\" href=\"{first}\"/>\
         <xi:include href=\"{include}\"/>\
         <item><title>خبر &x;</title><link>{}</link><comments>{hub_page}</comments>\
         <description>&lt;img src=\"{picture}\"&gt;&lt;video src=\"{video}\"&gt;\
         &lt;script src=\"{style}\"&gt;&lt;/script&gt;</description>\
         <enclosure url=\"{enclosure}\" length=\"1\" type=\"audio/mpeg\"/></item></channel></rss>",
        url("article")
    )
}

/// Checks that none of these was requested.
pub fn nothing_named_was_asked(requests: &[ReceivedRequest]) {
    let named: Vec<_> =
        requests.iter().filter(|requests| requests.path.starts_with("/named/")).collect();
    assert!(named.is_empty(), "{named:?}");
}
