//! What to request → the lines that an origin receives, with the secrets for this origin only.

use super::*;

#[tokio::test]
async fn the_first_request_is_plain_and_unconditional() {
    let origin = Origin::answering(ok(&[], b"<rss/>"));
    get(&client(&origin), &origin.url("/feed?b=2&a=1#top")).await.unwrap();
    let request = origin.last();
    assert!(request.head.starts_with(b"GET /feed?b=2&a=1 HTTP/1.1\r\n"));
    assert_eq!(request.names(), ["accept", "accept-encoding", "host", "user-agent"]);
    let name = request.header("user-agent").unwrap();
    assert_eq!(name, b"Rafid/0.1.0 (+https://news.example/about; feed aggregator)");
    assert!(
        request.header("accept").unwrap().starts_with(b"application/atom+xml, application/rss")
    );
    assert_eq!(request.header("accept-encoding").unwrap(), b"gzip, deflate, br, zstd");

    let url = origin.url("/");
    let page = FetchRequest { accept: Accept::Page, ..FetchRequest::new(&url) };
    client(&origin).get(&page, now()).await.unwrap();
    assert!(origin.last().header("accept").unwrap().starts_with(b"text/html, "));
}

#[tokio::test]
async fn secrets_stay_with_the_sources_origin() {
    let stranger = Origin::answering(ok(&[], b"<rss/>"));
    let away = format!("Location: {}", stranger.url("/feed"));
    let origin = Origin::scripted(move |request: &ReceivedRequest| {
        vec![Act::Send(match request.path.as_str() {
            "/start" => bare("302 Found", &["Location: /here"]),
            _ => bare("302 Found", &[&away]),
        })]
    });
    let client = Client::new(&settings(&[&origin.url("/"), &stranger.url("/")])).unwrap();
    let headers = [
        ("Authorization".to_owned(), "Bearer secret".to_owned()),
        ("X-Key".to_owned(), "secret".to_owned()),
        ("Accept".to_owned(), "text/xml".to_owned()),
    ];
    let url = origin.url("/start");
    let own =
        FetchRequest { headers: &headers, user_agent: Some("Own/1"), ..FetchRequest::new(&url) };
    client.get(&own, now()).await.unwrap();
    for request in origin.requests() {
        assert_eq!(request.header("authorization").unwrap(), b"Bearer secret");
        assert_eq!(request.header("x-key").unwrap(), b"secret");
        assert_eq!(request.header("accept").unwrap(), b"text/xml");
        assert_eq!(request.header("user-agent").unwrap(), b"Own/1");
    }
    let request = stranger.last();
    assert_eq!(request.names(), ["accept", "accept-encoding", "host", "user-agent"]);
    assert_eq!(request.header("user-agent").unwrap(), b"Own/1");

    let mut url = origin.url("/start");
    url.set_username("me").unwrap();
    url.set_password(Some("سر")).unwrap();
    let answer = get(&client, &url).await.unwrap();
    let sent = origin.last().header("authorization").unwrap();
    assert_eq!(sent, b"Basic bWU62LPYsQ==", "me:سر in base64");
    assert_eq!(stranger.last().header("authorization"), None);
    assert_eq!(hops(&answer)[0].from, origin.url("/start"), "no secret in what is recorded");
}

#[tokio::test]
async fn headers_that_cannot_be_sent_are_named_without_their_value() {
    let client = Client::new(&settings(&[])).unwrap();
    let url = Url::parse("http://a.example/").unwrap();
    let check = async |name: &str, value: &str, expected: &str| {
        let headers = [(name.to_owned(), value.to_owned())];
        let request = FetchRequest { headers: &headers, ..FetchRequest::new(&url) };
        let error = client.get(&request, now()).await.unwrap_err().to_string();
        assert_eq!(error, format!("the header {name:?} cannot be sent: {expected}"));
    };
    let characters = "it has characters that no header may have";
    check("X Key", "secret", characters).await;
    check("X-Key", "secret\r\nHost: b.example", characters).await;
    check("Content-Length", "5", "it belongs to the connection").await;
    check("HOST", "b.example", "it belongs to the address").await;
    check("If-None-Match", "*", "it is sent when the server gave one").await;
    check("Range", "bytes=0-", "a part is no document").await;
    let odd = FetchRequest { user_agent: Some("a\nb"), ..FetchRequest::new(&url) };
    let error = client.get(&odd, now()).await.unwrap_err().to_string();
    assert_eq!(error, format!("the header \"user-agent\" cannot be sent: {characters}"));
}
