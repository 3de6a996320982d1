//! Origins that refuse, fall silent or do not exist → one error that names the fault.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::*;

#[tokio::test]
async fn every_other_status_is_an_error() {
    let check = async |status: &str, lines: &[&str], reason: Option<Waf>| {
        let origin = Origin::answering(bare(status, lines));
        let url = origin.url("/");
        let error = get_error(&client(&origin), &url).await;
        let code: u16 = status[..3].parse().unwrap();
        assert_eq!(error.status(), Some(code), "{error}");
        let FetchError::Status { reason: found, url: responder, .. } = &error else {
            panic!("{error}")
        };
        assert_eq!((*found, responder.as_str()), (reason, url.as_str()), "{error}");
        error.freshness().retry_after_seconds
    };
    for status in ["204 No Content", "206 Partial Content", "226 IM Used", "300 Choices"] {
        assert_eq!(check(status, &[], None).await, None);
    }
    for status in ["400 Bad", "401 No", "403 No", "404 No", "410 Gone", "500 Oh", "799 Odd"] {
        assert_eq!(check(status, &["Retry-After: x"], None).await, None);
    }
    assert_eq!(check("429 Slow", &["Retry-After: 120"], None).await, Some(120));
    let at_eleven = ["Retry-After: Tue, 24 Nov 2026 11:00:00 GMT"];
    assert_eq!(check("503 Busy", &at_eleven, None).await, Some(3600));
    let challenge = ["cf-mitigated: challenge"];
    check("403 Forbidden", &challenge, Some(Waf::Cloudflare)).await;
    check("202 Accepted", &["x-amzn-waf-action: challenge"], Some(Waf::AwsWaf)).await;
}

#[tokio::test]
async fn a_silent_server_is_abandoned() {
    let check = async |script: Vec<Act>, waiting: TimeoutPhase| {
        let origin = Origin::scripted(move |_| script.clone());
        let base = settings(&[&origin.url("/")]);
        for is_in_all in [false, true] {
            let mut silence = Duration::from_millis(200);
            loop {
                let timeouts = Timeouts { silence, ..DEFAULT_TIMEOUTS };
                let short = FetchSettings { timeout: silence, ..base.clone() };
                let client = if is_in_all {
                    Client::new(&short)
                } else {
                    Client::with_timeouts(&base, timeouts)
                };
                let error = get_error(&client.unwrap(), &origin.url("/")).await;
                // On a busy machine not even the head comes so soon.
                let is_early = matches!(&error, FetchError::Timeout { waiting: found, .. } if *found != waiting);
                if is_early && silence < Duration::from_secs(10) {
                    silence *= 3;
                    continue;
                }
                assert_eq!(error, FetchError::Timeout { after: silence, waiting }, "{is_in_all}");
                break;
            }
        }
    };
    check(vec![Act::Hang], TimeoutPhase::Response).await;
    let half = head_of("200 OK", &["Content-Length: 100"]);
    check(vec![Act::Send([half, b"<rss>".to_vec()].concat()), Act::Hang], TimeoutPhase::Body).await;
}

/// An origin that sends interim responses without end while it is hostile, and otherwise one before its
/// response.
fn interim(is_hostile: &Arc<AtomicBool>) -> Origin {
    let hints = head_of("103 Early Hints", &["Link: </a.css>; rel=preload"]).repeat(1000);
    let good = [head_of("103 Hints", &[]), ok(&["ETag: \"1\""], b"<rss/>")].concat();
    let still = Arc::clone(is_hostile);
    Origin::scripted(move |_: &ReceivedRequest| {
        if still.load(Ordering::SeqCst) {
            return vec![Act::Send(hints.clone()), Act::Hang];
        }
        vec![Act::Send(good.clone())]
    })
}

#[tokio::test]
async fn interim_responses_are_limited() {
    let is_hostile = Arc::new(AtomicBool::new(true));
    let (stranger, origin) = (interim(&is_hostile), interim(&is_hostile));
    let base = settings(&[&stranger.url("/"), &origin.url("/")]);
    let silence = Duration::from_millis(300);
    let client = Client::with_timeouts(&base, Timeouts { silence, ..DEFAULT_TIMEOUTS }).unwrap();
    let late = FetchError::Timeout { after: silence, waiting: TimeoutPhase::Response };
    let endless = "no answer from 127.0.0.1: it sends interim answers (1xx) without end";
    // A server without a response so far is never read until the time is over.
    for path in ["/feed", "/other", "/feed"] {
        assert_eq!(until_not(&client, &stranger.url(path), &late).await.to_string(), endless);
    }

    is_hostile.store(false, Ordering::SeqCst);
    answers(&client, &origin, &late).await;
    let first = origin.last();
    is_hostile.store(true, Ordering::SeqCst);
    assert_eq!(get_error(&client, &origin.url("/feed")).await, late, "it was trusted");
    for _ in 0..2 {
        assert_eq!(until_not(&client, &origin.url("/feed"), &late).await.to_string(), endless);
    }
    assert_eq!(get_error(&client, &origin.url("/other")).await, late, "each address by itself");

    is_hostile.store(false, Ordering::SeqCst);
    answers(&client, &origin, &late).await;
    assert_eq!(origin.last().names(), first.names(), "the same request over both routes");
    is_hostile.store(true, Ordering::SeqCst);
    let again = until_not(&client, &origin.url("/feed"), &late).await;
    assert_eq!(again.to_string(), endless, "it is not trusted again");
}

/// Repeats the request until a response came in time, and checks it.
async fn answers(client: &Client, origin: &Origin, late: &FetchError) {
    let answer = loop {
        match get(client, &origin.url("/feed")).await {
            Err(error) if error == *late => {}
            answer => break answer,
        }
    };
    let (document, validators, cut) = fresh(answer.unwrap());
    assert_eq!((document.bytes, cut), (b"<rss/>".to_vec(), None));
    assert!(validators.is_some());
}

/// The first error other than `late`: on a slow machine even a fast response may be late.
async fn until_not(client: &Client, url: &Url, late: &FetchError) -> FetchError {
    loop {
        let error = get_error(client, url).await;
        if error != *late {
            return error;
        }
    }
}

#[tokio::test]
async fn all_hops_share_one_time() {
    let script = |request: &ReceivedRequest| match request.path.as_str() {
        "/1" => vec![Act::Send(bare("302 Found", &["Location: /2"]))],
        _ => vec![Act::Hang],
    };
    let origin = Origin::scripted(script);
    let timeout = Duration::from_millis(50);
    let client = Client::new(&FetchSettings { timeout, ..settings(&[&origin.url("/")]) }).unwrap();
    let expected = FetchError::Timeout { after: timeout, waiting: TimeoutPhase::Response };
    assert_eq!(get_error(&client, &origin.url("/1")).await, expected);
}

#[tokio::test]
async fn no_connection_and_no_answer() {
    let check = async |script: Vec<Act>, expected: &str| {
        let origin = Origin::scripted(move |_| script.clone());
        let error = get_error(&client(&origin), &origin.url("/")).await;
        assert!(matches!(error, FetchError::NoResponse { .. }), "{error}");
        assert!(!error.is_unreachable());
        assert_eq!(error.to_string(), format!("no answer from 127.0.0.1: {expected}"));
    };
    check(vec![Act::Close], "connection closed before message completed").await;
    check(vec![Act::Send(b"SSH-2.0-x\r\n\r\n".to_vec())], "invalid HTTP version parsed").await;
    let flood = (0..200).fold(String::new(), |mut lines, index| {
        write!(lines, "X-{index}: y\r\n").unwrap();
        lines
    });
    let flood = format!("HTTP/1.1 200 OK\r\n{flood}\r\n").into_bytes();
    check(vec![Act::Send(flood)], "message head is too large").await;

    let long = format!("X: {}", "y".repeat(70_000));
    let reason = "the head of the answer is larger than 65536 bytes";
    check(vec![Act::Send(ok(&[&long], b"<rss/>"))], reason).await;

    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    drop(listener);
    let client = Client::new(&settings(&[&closed])).unwrap();
    let error = get_error(&client, &closed).await;
    assert!(error.is_unreachable());
    let refused = "no connection to 127.0.0.1: tcp connect error: Connection refused";
    assert!(error.to_string().starts_with(refused), "{error}");
}

#[tokio::test]
async fn tls_to_a_port_without_it_says_so() {
    let origin = Origin::answering(ok(&[], b""));
    let mut url = origin.url("/");
    url.set_scheme("https").unwrap();
    let error = get_error(&client(&origin), &url).await.to_string();
    let expected = "the server does not speak TLS on this port";
    assert_eq!(error, format!("no secure connection to 127.0.0.1: {expected}"));
}

#[tokio::test]
async fn a_name_that_cannot_be_resolved() {
    // RFC 1035 section 2.3.4: a label has at most 63 letters, so no query reaches the network.
    let host = format!("{}.example", "x".repeat(64));
    let client = Client::new(&settings(&[])).unwrap();
    let error = get_error(&client, &Url::parse(&format!("http://{host}/")).unwrap()).await;
    assert!(matches!(&error, FetchError::Dns { host: found, .. } if *found == host), "{error}");
    assert!(error.is_unreachable());
}
