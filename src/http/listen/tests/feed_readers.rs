//! Who requests a feed, and what each gets: programs the feed, or the new entries alone (RFC 3229); people the
//! page about it.

use super::*;
use crate::http::Reply;
use crate::model::FeedMark;

/// The headers of Chromium 148 for an address that a person typed.
const BROWSER: &str = "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n\
                       Sec-Fetch-Dest: document\r\nSec-Fetch-Mode: navigate\r\n\
                       Sec-Fetch-Site: none\r\nSec-Fetch-User: ?1";

#[tokio::test]
async fn a_person_gets_the_page_about_a_feed() {
    let mut served = served().await;
    let address = served.address;
    let page = rendition("صفحة ");
    for (method, format) in [("GET", "feed.xml"), ("HEAD", "atom.xml"), ("GET", "feed.json")] {
        let request = format!("{method} /source/bbc/{format} HTTP/1.1\r\n{BROWSER}");
        let client = tokio::spawn(async move { send_request(address, &request).await });
        let render = served.render_requests.recv().await.unwrap();
        assert!(matches!(render.resource, Resource::FeedGuide { .. }), "{:?}", render.resource);
        render.reply.send(Some(served_rendition(&page)).into()).unwrap();
        let (head, body) = client.await.unwrap();
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        assert_eq!(field(&head, "cache-control").unwrap(), "private, max-age=300");
        assert_eq!(field(&head, "vary").unwrap(), "accept-encoding, a-im, sec-fetch-dest");
        assert_eq!(field(&head, "etag").unwrap(), format!("\"{}\"", page.hash));
        assert_eq!(body.is_empty(), method == "HEAD");
    }
}

#[tokio::test]
async fn everyone_else_gets_the_feed() {
    let served = served().await;
    let (expected, body) = send_request(served.address, "GET /feed.xml HTTP/1.1").await;
    let without_date = |head: &str| -> String {
        head.lines().filter(|line| !line.to_ascii_lowercase().starts_with("date:")).collect()
    };
    for other in [
        "Sec-Fetch-Dest: empty",
        "Sec-Fetch-Dest: iframe",
        "Sec-Fetch-Dest: documents",
        "Sec-Fetch-Mode: navigate",
        "Accept: text/html",
        "User-Agent: Mozilla/5.0 (X11; Linux x86_64) Chrome/148.0.0.0 Safari/537.36",
    ] {
        let request = format!("GET /feed.xml HTTP/1.1\r\n{other}");
        let (head, other_body) = send_request(served.address, &request).await;
        assert_eq!(without_date(&head), without_date(&expected), "{other}");
        assert_eq!(other_body, body, "{other}");
    }
    let request = format!("GET /feed.xml?raw HTTP/1.1\r\n{BROWSER}");
    let (head, raw) = send_request(served.address, &request).await;
    assert_eq!((without_date(&head), raw), (without_date(&expected), body));
}

/// A feed at a position of the journal.
fn feed_at(text: &str, position: u64) -> Arc<Rendition> {
    let mark = Some(FeedMark { rules: 1, position });
    let links = Some("<https://a.example/feed.xml>; rel=\"self\"".to_owned());
    Arc::new(Rendition { links, mark, ..Rendition::clone(&rendition(text)) })
}

/// The response to a request for the feed with these headers, and the delta that the renderer has; `None`:
/// it is not requested, as waiting for it would last.
async fn requested_delta(
    served: &mut Served,
    (method, headers): (&str, &str),
    delta: Option<Reply>,
) -> (String, Vec<u8>) {
    let (address, request) = (served.address, format!("{method} /feed.xml HTTP/1.1{headers}"));
    let client = tokio::spawn(async move { send_request(address, &request).await });
    if let Some(delta) = delta {
        let render = served.render_requests.recv().await.unwrap();
        let (scope, format) = (Scope::All, OutputFormat::Rss);
        assert_eq!(render.resource, Resource::DeltaFeed { scope, format, after: 7 });
        render.reply.send(delta).unwrap();
    }
    client.await.unwrap()
}

#[tokio::test]
async fn a_client_that_takes_new_entries_gets_them_alone() {
    let (feed, before) = (feed_at("خبر ", 12), feed_at("قديم ", 7));
    let mut served = served_with(&feed).await;
    let (tag, old_tag) =
        (format!("\"{}.00000001.12\"", feed.hash), format!("\"{}.00000001.7\"", before.hash));
    let delta = feed_at("جديد ", 12);
    for (method, more) in
        [("GET", ""), ("HEAD", ""), ("GET", "\r\nIf-Modified-Since: Tue, 24 Nov 2026 05:02:00 GMT")]
    {
        let headers = format!("\r\nA-IM: vcdiff, Feed;q=0.5\r\nIf-None-Match: {old_tag}{more}");
        let reply = Some(Reply::Ready(served_rendition(&delta)));
        let (head, body) = requested_delta(&mut served, (method, &headers), reply).await;
        assert!(head.starts_with("HTTP/1.1 226 IM Used"), "{head}");
        for (name, value) in [
            ("im", "feed"),
            ("delta-base", &*old_tag),
            ("etag", &*tag),
            ("cache-control", "private, no-store, im"),
            ("vary", "accept-encoding, a-im, sec-fetch-dest"),
            ("last-modified", "Tue, 24 Nov 2026 05:02:00 GMT"),
            ("link", "<https://a.example/feed.xml>; rel=\"self\""),
            ("access-control-allow-origin", "*"),
        ] {
            assert_eq!(field(&head, name).as_deref(), Some(value), "{name}");
        }
        let expected = if method == "HEAD" { "" } else { &*"جديد ".repeat(50) };
        assert_eq!(String::from_utf8(body).unwrap(), expected, "{method}");
    }
    // The tag names the version of the feed in the coding that the client gets.
    let headers = format!("\r\nA-IM: feed\r\nAccept-Encoding: gzip\r\nIf-None-Match: W/{old_tag}");
    let reply = Some(Reply::Ready(served_rendition(&delta)));
    let (head, body) = requested_delta(&mut served, ("GET", &headers), reply).await;
    assert_eq!(field(&head, "etag").unwrap(), format!("\"{}.00000001.12-gz\"", feed.hash));
    assert_eq!(&body[..2], [0x1f, 0x8b]);
    let headers = format!("\r\nA-IM: feed\r\nIf-None-Match: {tag}");
    let (head, _) = requested_delta(&mut served, ("GET", &headers), None).await;
    assert!(head.starts_with("HTTP/1.1 304"), "{head}");
}

#[tokio::test]
async fn new_entries_in_several_answers_continue_where_they_ended() {
    let (feed, before) = (feed_at("خبر ", 12), feed_at("قديم ", 7));
    let mut served = served_with(&feed).await;
    let headers =
        format!("\r\nA-IM: feed\r\nIf-None-Match: \"x\", \"{}.00000001.7-br\"", before.hash);
    let first = feed_at("جديد ", 9);
    let reply = Some(Reply::Ready(served_rendition(&first)));
    let (head, _) = requested_delta(&mut served, ("GET", &headers), reply).await;
    assert!(head.starts_with("HTTP/1.1 226"), "{head}");
    assert_eq!(field(&head, "etag").unwrap(), format!("\"{}.00000001.9\"", first.hash));
    assert_eq!(field(&head, "last-modified"), None, "that is the date of the whole feed");
}

#[tokio::test]
async fn every_other_client_gets_the_whole_feed() {
    let (feed, before) = (feed_at("خبر ", 12), feed_at("قديم ", 7).hash.clone());
    let mut served = served_with(&feed).await;
    let old = format!("\r\nIf-None-Match: \"{before}.00000001.7\"");
    let tag = format!("\"{}.00000001.12\"", feed.hash);
    let delta_base = |tag: &str| format!("\r\nA-IM: feed\r\nIf-None-Match: {tag}");
    for (why, headers, delta) in [
        ("it does not take deltas", old.clone(), None),
        ("it refuses feeds", format!("{old}\r\nA-IM: feed;q=0, vcdiff"), None),
        ("it takes others", format!("{old}\r\nA-IM: vcdiff, feeds"), None),
        ("it has nothing yet", "\r\nA-IM: feed".to_owned(), None),
        ("other rules", delta_base(&format!("\"{before}.00000002.7\"")), None),
        ("a later version", delta_base(&format!("\"{before}.00000001.13\"")), None),
        ("the same position", delta_base(&format!("\"{before}.00000001.12\"")), None),
        ("a tag of a page", delta_base(&format!("\"{before}\"")), None),
        ("not that far back", format!("{old}\r\nA-IM: feed"), Some(Reply::NotFound)),
        ("not readable now", format!("{old}\r\nA-IM: feed"), Some(Reply::Unavailable)),
    ] {
        let (head, body) = requested_delta(&mut served, ("GET", &headers), delta).await;
        assert!(head.starts_with("HTTP/1.1 200 OK"), "{why}: {head}");
        assert_eq!(field(&head, "etag").as_ref(), Some(&tag), "{why}");
        assert_eq!(field(&head, "im"), None, "{why}");
        assert_eq!(body, "خبر ".repeat(50).as_bytes(), "{why}");
    }
    let headers = format!("{old}\r\nA-IM: feed\r\nIf-Match: \"x\"");
    let (head, _) = requested_delta(&mut served, ("GET", &headers), None).await;
    assert!(head.starts_with("HTTP/1.1 412"), "{head}");
    // The same bytes at another position of the journal are the same version, under the client's tag.
    let same = format!("\"{}.00000001.3\"", feed.hash);
    let (head, _) = requested_delta(&mut served, ("GET", &delta_base(&same)), None).await;
    assert!(head.starts_with("HTTP/1.1 304"), "{head}");
    assert_eq!(field(&head, "etag"), Some(same));
}
