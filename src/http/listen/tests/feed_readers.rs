//! Who requests a feed, and what each gets: programs the feed, people the page about it.

use super::*;

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
        render.reply.send(Some(Arc::clone(&page)).into()).unwrap();
        let (head, body) = client.await.unwrap();
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        assert_eq!(field(&head, "cache-control").unwrap(), "private, max-age=300");
        assert_eq!(field(&head, "vary").unwrap(), "accept-encoding, sec-fetch-dest");
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
