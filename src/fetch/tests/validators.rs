//! The validators of the last response → those of the next request, byte for byte.

use super::*;

#[tokio::test]
async fn validators_are_echoed_byte_for_byte() {
    let origin = Origin::answering(bare("304 Not Modified", &[]));
    let (client, url) = (client(&origin), origin.url("/feed"));
    let values: [&[u8]; 8] = [
        b"\"plain\"",
        b"W/\"weak\"",
        b"\"a, b\"",
        b"unquoted",
        b"\"never closed",
        b"Thu, 01 Jan 1980 00:00:00 +0000",
        b"\"\xd8\xa3\xff\"",
        b"in  between\ttab",
    ];
    for value in values {
        let both = given(Some(value), Some(value), &url);
        let request = FetchRequest { validators: Some(&both), ..FetchRequest::new(&url) };
        let answer = client.get(&request, now()).await.unwrap();
        let expected = FetchResponse::NotModified {
            validators: None,
            freshness: Freshness::default(),
            hops: Vec::new(),
        };
        assert_eq!(answer, expected);
        assert_eq!(origin.last().header("if-none-match").unwrap(), value);
        assert_eq!(origin.last().header("if-modified-since").unwrap(), value);
    }
}

#[tokio::test]
async fn what_cannot_be_echoed_is_left_out() {
    let origin = Origin::answering(ok(&[], b""));
    let (client, url) = (client(&origin), origin.url("/feed"));
    let other = origin.url("/other");
    let long = [b'x'; 5000];
    let good: Option<&[u8]> = Some(b"\"good\"");
    let check = async |sent: Validators, etag: bool, last_modified: bool| {
        let request = FetchRequest { validators: Some(&sent), ..FetchRequest::new(&url) };
        client.get(&request, now()).await.unwrap();
        let has = |name: &str| origin.last().header(name).is_some();
        assert_eq!(has("if-none-match"), etag, "{sent:?}");
        assert_eq!(has("if-modified-since"), last_modified, "{sent:?}");
    };
    check(given(good, None, &url), true, false).await;
    check(given(None, good, &url), false, true).await;
    check(given(Some(b"a\r\nX: y"), good, &url), false, true).await;
    check(given(Some(b""), good, &url), false, true).await;
    check(given(Some(&long), good, &url), false, true).await;
    check(given(good, good, &other), false, false).await;
}

#[tokio::test]
async fn not_modified_renews_validators() {
    let lines: &[&[&str]] = &[
        &[],
        &["ETag: \"1\""],
        &["ETag: \"2\"", "Cache-Control: max-age=7"],
        &["Last-Modified: later"],
    ];
    let origin = Origin::scripted(move |request: &ReceivedRequest| {
        let index: usize = request.path[1..].parse().unwrap();
        vec![Act::Send(bare("304 Not Modified", lines[index]))]
    });
    let client = client(&origin);
    let check = async |index: usize, etag: &[u8], last_modified: &[u8], is_new: bool| {
        let url = origin.url(&format!("/{index}"));
        let sent = given(Some(b"\"1\""), Some(b"now"), &url);
        let request = FetchRequest { validators: Some(&sent), ..FetchRequest::new(&url) };
        let answer = client.get(&request, now()).await.unwrap();
        let FetchResponse::NotModified { validators, freshness, .. } = answer else {
            panic!("fresh")
        };
        let expected = is_new.then(|| given(Some(etag), Some(last_modified), &url));
        assert_eq!(validators, expected, "{index}");
        freshness.fresh_seconds
    };
    assert_eq!(check(0, b"", b"", false).await, None);
    assert_eq!(check(1, b"", b"", false).await, None);
    assert_eq!(check(2, b"\"2\"", b"now", true).await, Some(7));
    assert_eq!(check(3, b"\"1\"", b"later", true).await, None);
}

#[tokio::test]
async fn not_modified_needs_a_conditional_request() {
    let origin = Origin::answering(bare("304 Not Modified", &["ETag: \"1\""]));
    let (client, url) = (client(&origin), origin.url("/feed"));
    let expected = FetchError::UnexpectedNotModified { url: url.to_string() };
    assert_eq!(get_error(&client, &url).await, expected);
    let elsewhere = given(Some(b"\"1\""), None, &origin.url("/old"));
    let request = FetchRequest { validators: Some(&elsewhere), ..FetchRequest::new(&url) };
    assert_eq!(client.get(&request, now()).await, Err(expected));
}

#[tokio::test]
async fn untrusted_validators_are_dropped() {
    let check = async |answer: Vec<u8>, expected: bool| {
        let response = String::from_utf8_lossy(&answer).into_owned();
        let script = move |_: &ReceivedRequest| vec![Act::Send(answer.clone()), Act::Close];
        let origin = Origin::scripted(script);
        let (_, validators, _) = fresh(get(&client(&origin), &origin.url("/")).await.unwrap());
        assert_eq!(validators.is_some(), expected, "{response}");
    };
    check(ok(&["ETag: \"1\""], b"<rss/>"), true).await;
    check(ok(&["Last-Modified: now"], b"<rss/>"), true).await;
    check(ok(&[], b"<rss/>"), false).await;
    check(ok(&["ETag:", "Last-Modified:"], b"<rss/>"), false).await;
    check(ok(&[&format!("ETag: \"{}\"", "x".repeat(5000))], b"<rss/>"), false).await;
    check(bare("203 Non-Authoritative", &["ETag: \"1\""]), false).await;
    let short = head_of("200 OK", &["ETag: \"1\"", "Content-Length: 100"]);
    check([short, b"<rss/>".to_vec()].concat(), false).await;
}
