//! Connections → which one a request uses: none on which the protocol broke, and a new one if the server
//! closed a used one.

use super::*;

const OTHER: &[u8] = b"HTTP/1.1 200 OK\r\nETag: \"evil\"\r\nContent-Length: 7\r\n\r\n<other>";

async fn check(what: &str, acts: Vec<Act>, is_kept: bool) {
    let script = move |request: &ReceivedRequest| match request.path.as_str() {
        "/broken" => acts.clone(),
        _ => vec![Act::Send(ok(&[], b"<rss/>"))],
    };
    let origin = Origin::scripted(script);
    let client = client(&origin);
    // An origin without a response so far gets the request over a separate connection.
    get(&client, &origin.url("/first")).await.unwrap();
    let url = origin.url("/broken");
    let sent = given(Some(b"\"1\""), None, &url);
    let conditional = FetchRequest { validators: Some(&sent), ..FetchRequest::new(&url) };
    drop(client.get(&conditional, now()).await);
    for _ in 0..2 {
        let (document, validators, cut) = fresh(
            get(&client, &origin.url("/next"))
                .await
                .unwrap_or_else(|error| panic!("{what}: {error}")),
        );
        assert_eq!(
            (document.bytes.as_slice(), validators, cut),
            (&b"<rss/>"[..], None, None),
            "{what}"
        );
    }
    let connections: Vec<_> = origin.requests().iter().map(|request| request.connection).collect();
    let expected = if is_kept { [0, 1, 1, 1] } else { [0, 1, 2, 2] };
    assert_eq!(connections, expected, "{what}");
}

#[tokio::test]
async fn a_connection_on_which_the_protocol_broke_is_not_used_again() {
    let send = |parts: &[&[u8]]| vec![Act::Send(parts.concat())];
    let head = |lines: &[&str]| head_of("200 OK", lines);
    check("nothing is wrong", send(&[&ok(&[], b"<rss/>")]), true).await;
    check("nothing is wrong with 304", send(&[&head_of("304 Not Modified", &[])]), true).await;
    check("bytes behind the body", send(&[&ok(&[], b"<rss/>"), b"more"]), false).await;
    check("an answer behind the answer", send(&[&ok(&[], b"<rss/>"), OTHER]), false).await;
    let unchanged = head_of("304 Not Modified", &["Content-Length: 6"]);
    check("304 with a body", send(&[&unchanged, b"<rss/>"]), false).await;
    check("304 with an answer for a body", send(&[&unchanged, OTHER]), false).await;
    check("204 with a body", send(&[&head_of("204 No Content", &[]), OTHER]), false).await;
    let lengths = head(&["Content-Length: 6", "Content-Length: 5"]);
    check("two lengths", send(&[&lengths, b"<rss/>"]), false).await;
    let odd = head(&["Content-Length: +6"]);
    check("a length that is no number", send(&[&odd, b"<rss/>"]), false).await;
    let chunked = head(&["Transfer-Encoding: chunked"]);
    check("chunks that are none", send(&[&chunked, b"six\r\n<rss/>\r\n0\r\n\r\n"]), false).await;
    check("a chunk too long", send(&[&chunked, b"5\r\n<rss/>\r\n0\r\n\r\n", OTHER]), false).await;
    let both = head(&["Content-Length: 3", "Transfer-Encoding: chunked"]);
    check("two ways to end", send(&[&both, b"6\r\n<rss/>\r\n0\r\n\r\n", OTHER]), false).await;
    check("no answer at all", send(&[b"SSH-2.0-x\r\n\r\n"]), false).await;
    let large = head(&["Content-Length: 10001"]);
    check("more than is read", send(&[&large, &[b' '; 5000]]), false).await;
    let broken = [gzip(b"")[..10].to_vec(), vec![0xff; 5000]].concat();
    let packed = head(&["Content-Encoding: gzip", "Content-Length: 9000"]);
    check("a body that cannot be unpacked", send(&[&packed, &broken]), false).await;
    let gone = head_of("404 Not Found", &["Content-Length: 9000"]);
    check("a body that is not read", send(&[&gone, &[b' '; 5000]]), false).await;
}

/// A server that responds to the first request of each connection, and does `acts` for all others.
fn answering_first(acts: Vec<Act>) -> Origin {
    let seen = std::sync::Mutex::new(std::collections::BTreeSet::new());
    Origin::scripted(move |request| {
        if seen.lock().unwrap().insert(request.connection) {
            return vec![Act::Send(ok(&[], b"<rss/>"))];
        }
        acts.clone()
    })
}

fn over(origin: &Origin) -> Vec<(usize, String)> {
    origin.requests().iter().map(|request| (request.connection, request.path.clone())).collect()
}

#[tokio::test]
async fn a_used_connection_that_the_server_closes_costs_no_poll() {
    let half = Act::Send(b"HTTP/1.1 20".to_vec());
    for acts in [vec![Act::Close], vec![half, Act::Close]] {
        let origin = answering_first(acts);
        let client = client(&origin);
        for path in ["/0", "/1", "/2", "/3"] {
            let (document, ..) = fresh(get(&client, &origin.url(path)).await.unwrap());
            assert_eq!(document.bytes, b"<rss/>");
        }
        let expected = [(0, "/0"), (1, "/1"), (1, "/2"), (2, "/2"), (3, "/3")];
        assert_eq!(over(&origin), expected.map(|(over, path)| (over, path.to_owned())));
    }
}

#[tokio::test]
async fn no_other_request_is_repeated() {
    // A new connection that is closed is the server's response.
    let origin = Origin::scripted(|_| vec![Act::Close]);
    get_error(&client(&origin), &origin.url("/1")).await;
    assert_eq!(over(&origin), [(0, "/1".to_owned())]);

    // So is the second one, and a form is never sent twice.
    let origin = Origin::scripted(|request| match request.path.as_str() {
        "/good" => vec![Act::Send(ok(&[], b"<rss/>"))],
        _ => vec![Act::Close],
    });
    let client = client(&origin);
    for _ in 0..2 {
        get(&client, &origin.url("/good")).await.unwrap();
    }
    get_error(&client, &origin.url("/1")).await;
    get(&client, &origin.url("/good")).await.unwrap();
    let error = client.post(&origin.url("/hub"), "a=b", now()).await.unwrap_err();
    assert!(matches!(error, PostError::Fetch(FetchError::NoResponse { .. })), "{error}");
    let expected = [(0, "/good"), (1, "/good"), (1, "/1"), (2, "/1"), (3, "/good"), (3, "/hub")];
    assert_eq!(over(&origin), expected.map(|(over, path)| (over, path.to_owned())));

    // A response that breaks off later is a response.
    let head = head_of("200 OK", &["Content-Length: 100"]);
    let origin = answering_first(vec![Act::Send(head), Act::Close]);
    let client = self::client(&origin);
    for path in ["/0", "/1"] {
        get(&client, &origin.url(path)).await.unwrap();
    }
    get_error(&client, &origin.url("/2")).await;
    let expected = [(0, "/0"), (1, "/1"), (1, "/2")];
    assert_eq!(over(&origin), expected.map(|(over, path)| (over, path.to_owned())));
}
