//! Requests that no honest client sends → the statuses of the responses, and a connection that ends.

use super::*;

/// Everything that the server sends until it ends the connection. Time is paused: an idle connection ends at
/// once.
async fn exchange(address: SocketAddr, request: &[u8]) -> String {
    let (mut from, mut to) = TcpStream::connect(address).await.unwrap().into_split();
    let request = request.to_vec();
    let writing = tokio::spawn(async move {
        // The server may close before everything is sent.
        let _ = to.write_all(&request).await;
        to
    });
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    // A reset is an end, too.
    while let Ok(count @ 1..) = from.read(&mut piece).await {
        bytes.extend_from_slice(&piece[..count]);
    }
    writing.abort();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn statuses(answer: &str) -> Vec<&str> {
    answer.split("HTTP/1.").skip(1).map(|rest| &rest[2..5]).collect()
}

/// `request`, its lines written with `\n`, gives these statuses.
async fn check(request: &str, expected: &[&str]) {
    let served = served().await;
    let answer = exchange(served.address, request.replace('\n', "\r\n").as_bytes()).await;
    assert_eq!(statuses(&answer), expected, "{request:?} gave {answer}");
}

#[tokio::test(start_paused = true)]
async fn targets_that_are_no_paths() {
    for path in [
        "/../../etc/passwd",
        "/..%2f..%2fetc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/%252e%252e/feed.xml",
        "/source/../feed.xml",
        "/./feed.xml",
        "//feed.xml",
        "/feed.xml/",
        "/feed.xml%00",
        "/feed.xml%0d%0aX:1",
        "/feed%2exml",
        "/%66eed.xml",
        "/..\\..\\etc\\passwd",
        "/source/..%5c..%5cetc/",
        "/%c0%ae%c0%ae/etc/passwd",
        "/source/%ff%fe/",
        "/source/%",
        "/source/%zz/",
        "/FEED.XML",
        "/feed.xml;jsessionid=1",
        "/websub/anything",
        "/server-status",
        "/.git/config",
        "/.env",
    ] {
        check(&format!("GET {path} HTTP/1.1\nHost: a\n\n"), &["404"]).await;
    }
    check("GET http://evil.example/feed.xml HTTP/1.1\nHost: a\n\n", &["200"]).await;
    check("GET * HTTP/1.1\nHost: a\n\n", &["404"]).await;
    check("GET feed.xml HTTP/1.1\nHost: a\n\n", &["404"]).await;
    check("GET /feed.xml?a=%00&b=../../&c=%3Cscript%3E HTTP/1.1\nHost: a\n\n", &["200"]).await;
    let long = format!("GET /feed.xml?{} HTTP/1.1\nHost: a\n\n", "q=1&".repeat(5_000));
    check(&long, &["200"]).await;
}

#[tokio::test(start_paused = true)]
async fn methods_that_change_nothing_here() {
    for method in ["POST", "PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "PROPFIND", "get", "X"] {
        check(&format!("{method} /feed.xml HTTP/1.1\nHost: a\n\n"), &["405"]).await;
    }
    check("CONNECT news.example:443 HTTP/1.1\nHost: news.example:443\n\n", &["405"]).await;
    check("OPTIONS * HTTP/1.1\nHost: a\n\n", &["405"]).await;
    check("HEAD /feed.xml HTTP/1.1\nHost: a\n\n", &["200"]).await;
}

#[tokio::test(start_paused = true)]
async fn requests_that_are_none() {
    for request in [
        "GET /\n\n",
        "GET\n\n",
        "GET / HTTP/1.1 \nHost: a\n\n",
        "GET  / HTTP/1.1\nHost: a\n\n",
        "GET / HTTP/1.7\nHost: a\n\n",
        "GET / HTTP/3.0\nHost: a\n\n",
        "GET / http/1.1\nHost: a\n\n",
        "GET / HTTP/1.1\nHost : a\n\n",
        "GET / HTTP/1.1\nHost: a\n folded: b\n\n",
        "GET / HTTP/1.1\nHost: a\nno colon\n\n",
        "GET / HTTP/1.1\nHost: a\n: nameless\n\n",
        "GET / HTTP/1.1\nHost: a\nX: \u{1}\n\n",
        "GET / HTTP/1.1\nHost: a\nX: \u{0}\n\n",
        "G\u{0}T / HTTP/1.1\nHost: a\n\n",
        "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\n\n",
        "GET / HTTP/1.1\nHost: a\nContent-Length: x\n\n",
        "GET / HTTP/1.1\nHost: a\nContent-Length: -1\n\n",
        "GET / HTTP/1.1\nHost: a\nContent-Length: +1\n\n",
        "GET / HTTP/1.1\nHost: a\nContent-Length: 99999999999999999999\n\n",
        "GET / HTTP/1.1\nHost: a\nContent-Length: 1\nContent-Length: 2\n\nxx",
        "GET / HTTP/1.1\nHost: a\nTransfer-Encoding: gzip\n\n",
        "GET / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked, gzip\n\n",
        "GET / HTTP/1.0\nTransfer-Encoding: chunked\n\n0\n\n",
        "PRI * HTTP/2.0\n\nSM\n\n",
    ] {
        let served = served().await;
        let answer = exchange(served.address, request.replace('\n', "\r\n").as_bytes()).await;
        let refused = answer.is_empty() || statuses(&answer) == ["400"];
        assert!(refused, "{request:?} gave {answer}");
        assert!(!answer.contains("Host") && !answer.contains('\u{1}'), "{answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn hosts() {
    let with_headers = |headers: &str| format!("GET /feed.xml HTTP/1.1\n{headers}\n");
    for refused in [
        "",
        "Host: a\nHost: a\n",
        "Host: a\nHost: b\n",
        "Host: a/b\n",
        "Host: a b\n",
        "Host: a@b\n",
        "Host: <script>\n",
        "Host: http://a/\n",
    ] {
        check(&with_headers(refused), &["400"]).await;
    }
    for accepted in
        ["Host:\n", "Host: a:8080\n", "Host: a,b\n", "Host: [::1]:80\n", "HOST: evil.example\n"]
    {
        check(&with_headers(accepted), &["200"]).await;
    }
    check("GET /feed.xml HTTP/1.0\n\n", &["200"]).await;
    let served = served().await;
    for path in ["/feed.xml", "/nothing", "/source/a?b", "/status.json"] {
        let request = format!("GET {path} HTTP/1.0\r\nHost: evil.example\r\n\r\n");
        let answer = exchange(served.address, request.as_bytes()).await;
        assert!(!answer.is_empty() && !answer.contains("evil.example"), "{answer}");
    }
}

/// The bytes after a body that is not read are never another request.
#[tokio::test(start_paused = true)]
async fn bodies() {
    let second = "GET /feed.xml HTTP/1.1\nHost: a\n\n";
    for head in [
        "GET /feed.xml HTTP/1.1\nHost: a\nContent-Length: 10000000000\n\n",
        "GET /feed.xml HTTP/1.1\nHost: a\nContent-Length: 5\n\nabcde",
        "GET /feed.xml HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n0\n\n",
        "GET /feed.xml HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n5\nabcde\n",
        "GET /feed.xml HTTP/1.1\nHost: a\nExpect: 100-continue\nContent-Length: 9\n\n",
    ] {
        check(&format!("{head}{second}"), &["200"]).await;
    }
    for head in [
        "GET /feed.xml HTTP/1.1\nHost: a\nContent-Length: 5\nTransfer-Encoding: chunked\n\n0\n\n",
        "GET /feed.xml HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\nContent-Length: 5\n\n0\n\n",
        "GET /feed.xml HTTP/1.1\nHost: a\nContent-Length: 5\nContent-Length: 0\n\nabcde",
        "GET /feed.xml HTTP/1.1\nHost: a\nTransfer-Encoding: xchunked\n\n0\n\n",
        "GET /feed.xml HTTP/1.1\nHost: a\nTransfer-Encoding : chunked\n\n0\n\n",
    ] {
        let served = served().await;
        let request = format!("{head}{second}").replace('\n', "\r\n");
        let answer = exchange(served.address, request.as_bytes()).await;
        assert!(statuses(&answer).len() <= 1, "{head:?} gave {answer}");
    }
    check(&format!("GET /feed.xml HTTP/1.1\nHost: a\nContent-Length: 00\n\n{second}"), &["200"; 2])
        .await;
}

#[tokio::test(start_paused = true)]
async fn persistence() {
    let request = |headers: &str| format!("GET /feed.xml HTTP/1.1\nHost: a\n{headers}\n");
    check(&request("").repeat(3), &["200"; 3]).await;
    check(&format!("{}{}", request("Connection: close\n"), request("")), &["200"]).await;
    check(&"GET /feed.xml HTTP/1.0\n\n".repeat(2), &["200"]).await;
    check(&"GET /feed.xml HTTP/1.0\nConnection: keep-alive\n\n".repeat(2), &["200"; 2]).await;
    check(&request("Upgrade: websocket\nConnection: upgrade\n"), &["200"]).await;
    check(&request("Upgrade: h2c\nHTTP2-Settings: AAMAAABk\nConnection: upgrade\n"), &["200"])
        .await;
}

#[tokio::test(start_paused = true)]
async fn ranges_and_conditions() {
    let request = |headers: &str| format!("GET /feed.xml HTTP/1.1\nHost: a\n{headers}\n\n");
    for range in [
        "bytes=0-0",
        "bytes=0-1,5-9",
        "bytes=0-,0-,0-",
        "bytes=-1",
        "bytes=-0",
        "bytes=9-1",
        "bytes=99999999999999999999-",
        "lines=1-2",
        "bytes=",
        "=",
    ] {
        check(&request(&format!("Range: {range}")), &["200"]).await;
    }
    check(&request("Range: bytes=0-0\nIf-Range: \"x\""), &["200"]).await;
    check(&request("If-None-Match: *"), &["304"]).await;
    check(
        &request("If-None-Match: \"x\"\nIf-Modified-Since: Tue, 24 Nov 2026 06:00:00 GMT"),
        &["200"],
    )
    .await;
    check(&request("If-Modified-Since: Tue, 24 Nov 2026 06:00:00 GMT"), &["304"]).await;
    check(&request("If-Modified-Since: 0"), &["200"]).await;
    check(&request("If-Match: \"x\""), &["412"]).await;
    check(&request("If-Match: *"), &["200"]).await;
    check(&request("If-Unmodified-Since: Tue, 24 Nov 2020 06:00:00 GMT"), &["412"]).await;
    for accept in ["Accept: nothing/*;q=0", "Accept: ;;;,,", "Accept-Encoding: identity;q=0, *;q=0"]
    {
        check(&request(accept), &["200"]).await;
    }
}

/// `request` is refused long before its end; if there is a response, it has this status.
async fn check_flood(request: String) {
    let served = served().await;
    let answer = exchange(served.address, request.as_bytes()).await;
    // Closing with unread bytes resets the connection, and the reset may overtake the response.
    let refused = answer.is_empty() || statuses(&answer) == ["431"];
    assert!(refused, "{} bytes gave {answer}", request.len());
    let (head, _) = send_request(served.address, "GET /feed.xml HTTP/1.1").await;
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
}

#[tokio::test(start_paused = true)]
async fn floods() {
    let start = "GET /feed.xml HTTP/1.1\r\nHost: a\r\n";
    let long = "a".repeat(1_000_000);
    check_flood(format!("GET /{long} HTTP/1.1\r\nHost: a\r\n\r\n")).await;
    check_flood(format!("GET /?{long} HTTP/1.1\r\nHost: a\r\n\r\n")).await;
    check_flood(format!("{start}X: {long}\r\n\r\n")).await;
    check_flood(format!("{start}{long}: x\r\n\r\n")).await;
    check_flood(format!("{long} / HTTP/1.1\r\nHost: a\r\n\r\n")).await;
    check_flood(format!("{start}{}\r\n", "X: y\r\n".repeat(101))).await;
    check_flood(format!("{start}{}\r\n", "X: y\r\n".repeat(1_000_000))).await;
    check_flood(format!("{start}If-None-Match: {}\r\n\r\n", "\"a\",".repeat(500_000))).await;
    check_flood("\r\n".repeat(1_000_000)).await;
    check_flood(long).await;
}
