//! Redirects → where they lead, and what is recorded of them.

use super::*;

#[tokio::test]
async fn redirects_are_followed_and_recorded() {
    let script = |request: &ReceivedRequest| {
        let path = request.path.clone();
        vec![Act::Send(match path[1..].parse::<u16>() {
            Ok(status) => bare(&format!("{status} Moved"), &["Location: /أخبار?x=1#top"]),
            Err(_) => ok(&["ETag: \"1\""], b"<rss/>"),
        })]
    };
    let origin = Origin::scripted(script);
    let client = client(&origin);
    let end = origin.url("/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1?x=1");
    for status in [301, 302, 303, 307, 308] {
        let start = origin.url(&format!("/{status}"));
        let sent = given(Some(b"\"0\""), None, &start);
        let request = FetchRequest { validators: Some(&sent), ..FetchRequest::new(&start) };
        let answer = client.get(&request, now()).await.unwrap();
        let hop = FollowedRedirect { status, from: start, to: end.clone() };
        assert_eq!(hops(&answer), [hop]);
        let (document, validators, _) = fresh(answer);
        assert_eq!(document.url, Some(end.clone()));
        assert_eq!(validators, Some(given(Some(b"\"1\""), None, &end)));
        let requests = origin.requests();
        let [.., first, last] = requests.as_slice() else { panic!("{requests:?}") };
        assert!(first.header("if-none-match").is_some(), "the source's address gave them");
        assert_eq!(last.header("if-none-match"), None, "this one did not");
        assert!(last.head.starts_with(b"GET "));
    }
}

#[tokio::test]
async fn a_redirect_target_may_get_a_conditional_request() {
    let script = |request: &ReceivedRequest| {
        vec![Act::Send(match request.path.as_str() {
            "/old" => bare("302 Found", &["Location: /new"]),
            _ => bare("304 Not Modified", &[]),
        })]
    };
    let origin = Origin::scripted(script);
    let start = origin.url("/old");
    let sent = given(Some(b"\"1\""), None, &origin.url("/new"));
    let request = FetchRequest { validators: Some(&sent), ..FetchRequest::new(&start) };
    let answer = client(&origin).get(&request, now()).await.unwrap();
    assert!(matches!(answer, FetchResponse::NotModified { validators: None, .. }), "{answer:?}");
    assert_eq!(hops(&answer).len(), 1);
    let conditions: Vec<_> =
        origin.requests().iter().map(|request| request.header("if-none-match").is_some()).collect();
    assert_eq!(conditions, [false, true]);
}

#[tokio::test]
async fn every_redirect_is_reported_with_its_status() {
    let script = |request: &ReceivedRequest| {
        vec![Act::Send(match request.path.as_str() {
            "/1" => bare("301 Moved", &["Location: /2"]),
            "/2" => bare("302 Found", &["Location: /3"]),
            _ => ok(&[], b""),
        })]
    };
    let origin = Origin::scripted(script);
    let answer = get(&client(&origin), &origin.url("/1")).await.unwrap();
    let statuses: Vec<u16> = hops(&answer).iter().map(|hop| hop.status).collect();
    assert_eq!(statuses, [301, 302]);
}

#[tokio::test]
async fn redirects_that_fail() {
    let script = |request: &ReceivedRequest| {
        let endless = format!("Location: {}x", request.path);
        vec![Act::Send(match request.path.as_str() {
            "/a" => bare("302 Found", &["Location: /b"]),
            "/b" => bare("302 Found", &["Location: /a"]),
            "/file" => bare("301 Moved", &["Location: file:///etc/passwd"]),
            "/data" => bare("301 Moved", &["Location: data:text/xml,<rss/>"]),
            "/metadata" => bare("302 Found", &["Location: http://169.254.169.254/latest/"]),
            "/other-port" => bare("302 Found", &["Location: //127.0.0.1:9/"]),
            "/six" => bare("302 Found", &["Location: http://[::ffff:10.0.0.1]/"]),
            "/octal" => bare("302 Found", &["Location: http://0177.1/"]),
            "/name" => bare("302 Found", &["Location: http://localhost:9/"]),
            "/nowhere" => bare("302 Found", &[]),
            _ => bare("302 Found", &[&endless]),
        })]
    };
    let origin = Origin::scripted(script);
    let client = client(&origin);
    let at = |path: &str| origin.url(path).to_string();
    let check = async |path: &str, expected: String| {
        assert_eq!(get_error(&client, &origin.url(path)).await.to_string(), expected);
    };
    let private = |host: &str, ip: &str, kind: &str, port: u16| {
        let named = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        let allow = format!("(name \"{named}:{port}\" in `allow_private` to allow it)");
        format!("{host} is refused: {ip} is {kind} {allow}")
    };
    check("/a", format!("the redirects come back to {}", at("/a"))).await;
    check("/file", "file:///etc/passwd is refused: expected http or https".to_owned()).await;
    check("/data", "data:text/xml,<rss/> is refused: expected http or https".to_owned()).await;
    let metadata = "169.254.169.254";
    check("/metadata", private(metadata, metadata, "link-local", 80)).await;
    check("/other-port", private("127.0.0.1", "127.0.0.1", "loopback", 9)).await;
    check("/six", private("::ffff:a00:1", "::ffff:10.0.0.1", "private", 80)).await;
    check("/octal", private("127.0.0.1", "127.0.0.1", "loopback", 80)).await;
    let nowhere = "answered 302 with no address to go to: it has no `Location`";
    check("/nowhere", format!("{} {nowhere}", at("/nowhere"))).await;
    let by_name = get_error(&client, &origin.url("/name")).await;
    let is_private =
        matches!(&by_name, FetchError::PrivateAddress { host, port: 9, .. } if host == "localhost");
    assert!(is_private, "{by_name}");

    let before = origin.requests().len();
    check("/endless", "more than 10 redirects".to_owned()).await;
    assert_eq!(origin.requests().len() - before, 11, "the first request and ten hops");
}

#[tokio::test]
async fn a_redirect_may_request_a_wait() {
    let script = |request: &ReceivedRequest| {
        vec![Act::Send(match request.path.as_str() {
            "/old" => bare("301 Moved", &["Location: /new", "Retry-After: 60"]),
            _ => bare("503 Busy", &[]),
        })]
    };
    let origin = Origin::scripted(script);
    let error = get_error(&client(&origin), &origin.url("/old")).await;
    assert_eq!(error.freshness().retry_after_seconds, Some(60));
}
