//! Real requests over loopback to an origin that answers as it is told.

use std::fmt::Write as _;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::Timestamp;

use super::client::{PATIENCE, Patience};
use super::origin::{Act, Asked, Origin, bare, ok, with};
use super::*;

const TYPE: &str = "Content-Type: Application/RSS+xml;charset=\"Windows-1256\"";

fn now() -> Timestamp {
    "2026-11-24T10:00:00Z".parse().unwrap()
}

fn settings(allowed: &[&Url]) -> Settings {
    Settings {
        user_agent: user_agent("0.1.0", Some("https://news.example/about")),
        timeout: Duration::from_secs(30),
        max_bytes: 10_000,
        per_host: 2,
        allow_private: allowed.iter().map(|url| (error::host(url), error::port(url))).collect(),
        proxy: None,
    }
}

/// A client that may ask `origin` by its address.
fn client(origin: &Origin) -> Client {
    Client::new(&settings(&[&origin.url("/")])).unwrap()
}

async fn get(client: &Client, url: &Url) -> Result<Answer, FetchError> {
    client.get(&Request::new(url), now()).await
}

async fn get_error(client: &Client, url: &Url) -> FetchError {
    get(client, url).await.unwrap_err()
}

fn given(etag: Option<&[u8]>, last_modified: Option<&[u8]>, url: &Url) -> Validators {
    let owned = |bytes: Option<&[u8]>| bytes.map(<[u8]>::to_vec);
    Validators {
        etag: owned(etag),
        last_modified: owned(last_modified),
        url: url.as_str().to_owned(),
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// What a fresh answer holds, as far as most tests care.
fn fresh(answer: Answer) -> (Document, Option<Validators>, Option<String>) {
    match answer {
        Answer::Fresh { document, validators, cut, .. } => (document, validators, cut),
        Answer::NotModified { .. } => panic!("not modified"),
    }
}

#[test]
fn the_program_has_one_name() {
    let check = |contact, expected| assert_eq!(user_agent("0.1.0", contact), expected);
    check(None, "Rafid/0.1.0 (feed aggregator)");
    check(Some(""), "Rafid/0.1.0 (feed aggregator)");
    check(Some("me@news.example"), "Rafid/0.1.0 (+me@news.example; feed aggregator)");
    check(Some("https://a.example/"), "Rafid/0.1.0 (+https://a.example/; feed aggregator)");
    check(Some("a)\r\nX: y\\(ب"), "Rafid/0.1.0 (+aX:y; feed aggregator)");
}

#[test]
fn a_client_is_shared_between_tasks() {
    fn shared<T: Send + Sync + 'static>(_: &T) {}
    fn sent<T: Send>(_: &T) {}
    let client = Client::new(&settings(&[])).unwrap();
    shared(&client);
    let url = Url::parse("http://a.example/").unwrap();
    sent(&get(&client, &url));
}

#[test]
fn settings_that_cannot_be_used() {
    let check = |settings: Settings, expected: &str| {
        let error = Client::new(&settings).err().unwrap().to_string();
        assert_eq!(error, format!("the HTTP client cannot be set up: {expected}"));
    };
    let base = settings(&[]);
    check(
        Settings { user_agent: "a\nb".to_owned(), ..base.clone() },
        "no header can hold the user agent \"a\\nb\"",
    );
    let proxy = Some(Url::parse("socks5://me:secret@127.0.0.1:9050").unwrap());
    check(
        Settings { proxy, ..base },
        "the proxy socks5://127.0.0.1:9050 is refused: expected http or https",
    );
}

#[tokio::test]
async fn the_first_request_is_plain_and_unconditional() {
    let origin = Origin::answering(ok(&[], b"<rss/>")).await;
    get(&client(&origin), &origin.url("/feed?b=2&a=1#top")).await.unwrap();
    let asked = origin.last();
    assert!(asked.head.starts_with(b"GET /feed?b=2&a=1 HTTP/1.1\r\n"));
    assert_eq!(asked.names(), ["accept", "accept-encoding", "host", "user-agent"]);
    let name = asked.header("user-agent").unwrap();
    assert_eq!(name, b"Rafid/0.1.0 (+https://news.example/about; feed aggregator)");
    assert!(asked.header("accept").unwrap().starts_with(b"application/atom+xml, application/rss"));
    assert_eq!(asked.header("accept-encoding").unwrap(), b"gzip, deflate, br, zstd");

    let url = origin.url("/");
    let page = Request { accept: Accept::Page, ..Request::new(&url) };
    client(&origin).get(&page, now()).await.unwrap();
    assert!(origin.last().header("accept").unwrap().starts_with(b"text/html, "));
}

#[tokio::test]
async fn a_document_comes_as_it_was_sent() {
    let body = [0xc7, 0xe1, b'<', 0, 0xff];
    let lines = [TYPE, "ETag: W/\"a,b\"", "Last-Modified: now", "Cache-Control: max-age=60"];
    let origin = Origin::answering(ok(&lines, &body)).await;
    let url = origin.url("/feed");
    let answer = get(&client(&origin), &url).await.unwrap();
    let expected = Answer::Fresh {
        document: Document {
            bytes: body.to_vec(),
            content_type: Some("Application/RSS+xml;charset=\"Windows-1256\"".to_owned()),
            url: Some(url.clone()),
        },
        validators: Some(given(Some(b"W/\"a,b\""), Some(b"now"), &url)),
        freshness: Freshness { fresh_seconds: Some(60), retry_after_seconds: None },
        status: 200,
        hops: Vec::new(),
        wire_bytes: 5,
        cut: None,
    };
    assert_eq!(answer, expected);
    assert_eq!(answer.moved_to(), None);
}

#[tokio::test]
async fn a_packed_document_is_unpacked() {
    let packed = gzip(&b"<rss/>".repeat(1000));
    let origin = Origin::answering(ok(&["Content-Encoding: gzip"], &packed)).await;
    let answer = get(&client(&origin), &origin.url("/")).await.unwrap();
    let Answer::Fresh { document, wire_bytes, .. } = answer else { panic!("not modified") };
    assert_eq!(document.bytes, b"<rss/>".repeat(1000));
    assert_eq!(wire_bytes, packed.len() as u64);
}

#[tokio::test]
async fn mangled_header_lines_are_passed_over() {
    let lines = ["Warning: x in /a.php on line 1", "no colon", "Bad Name: x", "ETag : \"a\""];
    let origin = Origin::answering(ok(&lines, b"<rss/>")).await;
    let (document, ..) = fresh(get(&client(&origin), &origin.url("/")).await.unwrap());
    assert_eq!(document.bytes, b"<rss/>");
}

#[tokio::test]
async fn validators_are_echoed_byte_for_byte() {
    let origin = Origin::answering(bare("304 Not Modified", &[])).await;
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
        let request = Request { validators: Some(&both), ..Request::new(&url) };
        let answer = client.get(&request, now()).await.unwrap();
        let expected = Answer::NotModified {
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
    let origin = Origin::answering(ok(&[], b"")).await;
    let (client, url) = (client(&origin), origin.url("/feed"));
    let other = origin.url("/other");
    let long = [b'x'; 5000];
    let good: Option<&[u8]> = Some(b"\"good\"");
    let check = async |sent: Validators, etag: bool, last_modified: bool| {
        let request = Request { validators: Some(&sent), ..Request::new(&url) };
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
    let origin = Origin::start(move |asked: &Asked| {
        let index: usize = asked.path()[1..].parse().unwrap();
        vec![Act::Send(bare("304 Not Modified", lines[index]))]
    })
    .await;
    let client = client(&origin);
    let check = async |index: usize, etag: &[u8], last_modified: &[u8], is_new: bool| {
        let url = origin.url(&format!("/{index}"));
        let sent = given(Some(b"\"1\""), Some(b"now"), &url);
        let request = Request { validators: Some(&sent), ..Request::new(&url) };
        let answer = client.get(&request, now()).await.unwrap();
        let Answer::NotModified { validators, freshness, .. } = answer else { panic!("fresh") };
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
async fn not_modified_must_be_asked_for() {
    let origin = Origin::answering(bare("304 Not Modified", &["ETag: \"1\""])).await;
    let (client, url) = (client(&origin), origin.url("/feed"));
    let expected = FetchError::UnaskedNotModified { url: url.to_string() };
    assert_eq!(get_error(&client, &url).await, expected);
    let elsewhere = given(Some(b"\"1\""), None, &origin.url("/old"));
    let request = Request { validators: Some(&elsewhere), ..Request::new(&url) };
    assert_eq!(client.get(&request, now()).await, Err(expected));
}

#[tokio::test]
async fn validators_that_may_not_be_believed_are_dropped() {
    let check = async |answer: Vec<u8>, expected: bool| {
        let shown = String::from_utf8_lossy(&answer).into_owned();
        let script = move |_: &Asked| vec![Act::Send(answer.clone()), Act::Close];
        let origin = Origin::start(script).await;
        let (_, validators, _) = fresh(get(&client(&origin), &origin.url("/")).await.unwrap());
        assert_eq!(validators.is_some(), expected, "{shown}");
    };
    check(ok(&["ETag: \"1\""], b"<rss/>"), true).await;
    check(ok(&["Last-Modified: now"], b"<rss/>"), true).await;
    check(ok(&[], b"<rss/>"), false).await;
    check(ok(&["ETag:", "Last-Modified:"], b"<rss/>"), false).await;
    check(ok(&[&format!("ETag: \"{}\"", "x".repeat(5000))], b"<rss/>"), false).await;
    check(bare("203 Non-Authoritative", &["ETag: \"1\""]), false).await;
    let short = with("200 OK", &["ETag: \"1\"", "Content-Length: 100"]);
    check([short, b"<rss/>".to_vec()].concat(), false).await;
}

#[tokio::test]
async fn a_cut_body_is_kept_as_far_as_it_came() {
    let check = async |head: Vec<u8>, body: &[u8], expected: &[u8], reason: &str| {
        let answer = [&head, body].concat();
        let script = move |_: &Asked| vec![Act::Send(answer.clone()), Act::Close];
        let origin = Origin::start(script).await;
        let (document, _, cut) = fresh(get(&client(&origin), &origin.url("/")).await.unwrap());
        assert_eq!(document.bytes, expected);
        let cut = cut.expect("the cut is noticed");
        assert!(cut.contains(reason), "{cut}");
    };
    let short = with("200 OK", &["Content-Length: 100"]);
    check(short, b"<rss>", b"<rss>", "end of file before message length reached").await;
    let chunked = with("200 OK", &["Transfer-Encoding: chunked"]);
    check(chunked, b"5\r\n<rss>\r\n", b"<rss>", "unexpected EOF").await;
    let packed = gzip(b"<rss>");
    let packed = &packed[..packed.len() - 8];
    let length = format!("Content-Length: {}", packed.len());
    let packed_head = with("200 OK", &["Content-Encoding: gzip", &length]);
    check(packed_head, packed, b"<rss>", "what is packed is broken").await;
}

#[tokio::test]
async fn a_body_that_gave_nothing_is_an_error() {
    let head = with("200 OK", &["Content-Length: 100"]);
    let origin = Origin::start(move |_| vec![Act::Send(head.clone()), Act::Close]).await;
    let error = get_error(&client(&origin), &origin.url("/")).await;
    assert!(matches!(&error, FetchError::Body { .. }), "{error}");
}

#[tokio::test]
async fn an_empty_body_is_an_empty_document() {
    let origin = Origin::answering(ok(&[], b"")).await;
    let (document, _, cut) = fresh(get(&client(&origin), &origin.url("/")).await.unwrap());
    assert_eq!((document.bytes, cut), (Vec::new(), None));
}

#[tokio::test]
async fn documents_beyond_the_cap_are_refused() {
    let bomb = gzip(&vec![b' '; 1_000_000]);
    assert!(bomb.len() < 10_000);
    let scripts = [
        // A length is believed before the body comes.
        vec![Act::Send(with("200 OK", &["Content-Length: 10001"])), Act::Hang],
        vec![
            Act::Send(with("200 OK", &["Transfer-Encoding: chunked"])),
            Act::Send([b"2711\r\n".to_vec(), vec![b' '; 10_001]].concat()),
            Act::Hang,
        ],
        vec![Act::Send(ok(&["Content-Encoding: gzip"], &bomb)), Act::Hang],
    ];
    for script in scripts {
        let origin = Origin::start(move |_| script.clone()).await;
        let error = get_error(&client(&origin), &origin.url("/")).await;
        assert_eq!(error, FetchError::TooLarge { limit: 10_000 });
    }
    let origin = Origin::answering(ok(&[], &vec![b' '; 10_000])).await;
    let (document, ..) = fresh(get(&client(&origin), &origin.url("/")).await.unwrap());
    assert_eq!(document.bytes.len(), 10_000, "the cap itself is allowed");
}

#[tokio::test]
async fn every_other_status_is_an_error() {
    let check = async |status: &str, lines: &[&str], reason: Option<Blocked>| {
        let origin = Origin::answering(bare(status, lines)).await;
        let url = origin.url("/");
        let error = get_error(&client(&origin), &url).await;
        let code: u16 = status[..3].parse().unwrap();
        assert_eq!(error.status(), Some(code), "{error}");
        let FetchError::Status { reason: found, url: who, .. } = &error else { panic!("{error}") };
        assert_eq!((*found, who.as_str()), (reason, url.as_str()), "{error}");
        error.retry_after()
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
    check("403 Forbidden", &challenge, Some(Blocked::Cloudflare)).await;
    check("202 Accepted", &["x-amzn-waf-action: challenge"], Some(Blocked::AwsWaf)).await;
}

#[tokio::test]
async fn redirects_are_followed_and_written_down() {
    let script = |asked: &Asked| {
        let path = asked.path();
        vec![Act::Send(match path[1..].parse::<u16>() {
            Ok(status) => bare(&format!("{status} Moved"), &["Location: /أخبار?x=1#top"]),
            Err(_) => ok(&["ETag: \"1\""], b"<rss/>"),
        })]
    };
    let origin = Origin::start(script).await;
    let client = client(&origin);
    let end = origin.url("/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1?x=1");
    for status in [301, 302, 303, 307, 308] {
        let start = origin.url(&format!("/{status}"));
        let sent = given(Some(b"\"0\""), None, &start);
        let request = Request { validators: Some(&sent), ..Request::new(&start) };
        let answer = client.get(&request, now()).await.unwrap();
        let hop = Hop { status, from: start, to: end.clone() };
        assert_eq!(answer.hops(), [hop]);
        let for_ever = matches!(status, 301 | 308);
        assert_eq!(answer.moved_to(), for_ever.then_some(&end), "{status}");
        let (document, validators, _) = fresh(answer);
        assert_eq!(document.url, Some(end.clone()));
        assert_eq!(validators, Some(given(Some(b"\"1\""), None, &end)));
        let asked = origin.asked();
        let [.., first, last] = asked.as_slice() else { panic!("{asked:?}") };
        assert!(first.header("if-none-match").is_some(), "the source's address gave them");
        assert_eq!(last.header("if-none-match"), None, "this one did not");
        assert!(last.head.starts_with(b"GET "));
    }
}

#[tokio::test]
async fn a_redirect_target_may_be_asked_conditionally() {
    let script = |asked: &Asked| {
        vec![Act::Send(match asked.path().as_str() {
            "/old" => bare("302 Found", &["Location: /new"]),
            _ => bare("304 Not Modified", &[]),
        })]
    };
    let origin = Origin::start(script).await;
    let start = origin.url("/old");
    let sent = given(Some(b"\"1\""), None, &origin.url("/new"));
    let request = Request { validators: Some(&sent), ..Request::new(&start) };
    let answer = client(&origin).get(&request, now()).await.unwrap();
    assert!(matches!(answer, Answer::NotModified { validators: None, .. }), "{answer:?}");
    assert_eq!(answer.hops().len(), 1);
    let conditions: Vec<_> =
        origin.asked().iter().map(|asked| asked.header("if-none-match").is_some()).collect();
    assert_eq!(conditions, [false, true]);
}

#[tokio::test]
async fn one_redirect_for_now_makes_the_move_unsure() {
    let script = |asked: &Asked| {
        vec![Act::Send(match asked.path().as_str() {
            "/1" => bare("301 Moved", &["Location: /2"]),
            "/2" => bare("302 Found", &["Location: /3"]),
            _ => ok(&[], b""),
        })]
    };
    let origin = Origin::start(script).await;
    let answer = get(&client(&origin), &origin.url("/1")).await.unwrap();
    assert_eq!(answer.hops().len(), 2);
    assert_eq!(answer.moved_to(), None);
}

#[tokio::test]
async fn redirects_that_do_not_end_well() {
    let script = |asked: &Asked| {
        let endless = format!("Location: {}x", asked.path());
        vec![Act::Send(match asked.path().as_str() {
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
    let origin = Origin::start(script).await;
    let client = client(&origin);
    let at = |path: &str| origin.url(path).to_string();
    let check = async |path: &str, expected: String| {
        assert_eq!(get_error(&client, &origin.url(path)).await.to_string(), expected);
    };
    let private = |host: &str, ip: &str, kind: &str, port: u16| {
        let allow = format!("(name \"{host}:{port}\" in `allow_private` to allow it)");
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

    let before = origin.asked().len();
    check("/endless", "more than 10 redirects".to_owned()).await;
    assert_eq!(origin.asked().len() - before, 11, "the first request and ten hops");
}

#[tokio::test]
async fn a_redirect_may_ask_to_wait() {
    let script = |asked: &Asked| {
        vec![Act::Send(match asked.path().as_str() {
            "/old" => bare("301 Moved", &["Location: /new", "Retry-After: 60"]),
            _ => bare("503 Busy", &[]),
        })]
    };
    let origin = Origin::start(script).await;
    assert_eq!(get_error(&client(&origin), &origin.url("/old")).await.retry_after(), Some(60));
}

#[tokio::test]
async fn private_hosts_are_asked_only_where_they_are_allowed() {
    let origin = Origin::answering(ok(&[], b"<rss/>")).await;
    let (by_ip, by_name) = (origin.url("/"), origin.url_by_name("/"));
    let check = async |allowed: &[&Url], url: &Url, expected: bool| {
        let client = Client::new(&settings(allowed)).unwrap();
        match get(&client, url).await {
            Ok(_) => assert!(expected, "{url}"),
            Err(error) => {
                let is_private =
                    matches!(error, FetchError::PrivateAddress { kind: "loopback", .. });
                assert!(!expected && is_private, "{url}: {error}");
            }
        }
    };
    let other_port = Url::parse("http://localhost:9/").unwrap();
    check(&[], &by_ip, false).await;
    check(&[], &by_name, false).await;
    check(&[&by_ip], &by_ip, true).await;
    check(&[&by_ip], &by_name, false).await;
    check(&[&by_name], &by_name, true).await;
    check(&[&by_name], &by_ip, false).await;
    check(&[&other_port], &by_name, false).await;
    check(&[&other_port, &by_name], &by_name, true).await;
    assert_eq!(origin.asked().len(), 3, "nobody else was asked");
}

#[tokio::test]
async fn a_scheme_that_is_not_the_webs_is_refused() {
    let client = Client::new(&settings(&[])).unwrap();
    for scheme in ["ftp", "file", "gopher", "ws"] {
        let url = Url::parse(&format!("{scheme}://me:secret@a.example/x"));
        let Ok(url) = url.or_else(|_| Url::parse(&format!("{scheme}://a.example/x"))) else {
            panic!("{scheme}")
        };
        let expected = FetchError::SchemeRefused { url: format!("{scheme}://a.example/x") };
        assert_eq!(get_error(&client, &url).await, expected);
    }
}

#[tokio::test]
async fn secrets_stay_with_the_sources_origin() {
    let stranger = Origin::answering(ok(&[], b"<rss/>")).await;
    let away = format!("Location: {}", stranger.url("/feed"));
    let origin = Origin::start(move |asked: &Asked| {
        vec![Act::Send(match asked.path().as_str() {
            "/start" => bare("302 Found", &["Location: /here"]),
            _ => bare("302 Found", &[&away]),
        })]
    })
    .await;
    let client = Client::new(&settings(&[&origin.url("/"), &stranger.url("/")])).unwrap();
    let headers = [
        ("Authorization".to_owned(), "Bearer secret".to_owned()),
        ("X-Key".to_owned(), "secret".to_owned()),
        ("Accept".to_owned(), "text/xml".to_owned()),
    ];
    let url = origin.url("/start");
    let own = Request { headers: &headers, user_agent: Some("Own/1"), ..Request::new(&url) };
    client.get(&own, now()).await.unwrap();
    for asked in origin.asked() {
        assert_eq!(asked.header("authorization").unwrap(), b"Bearer secret");
        assert_eq!(asked.header("x-key").unwrap(), b"secret");
        assert_eq!(asked.header("accept").unwrap(), b"text/xml");
        assert_eq!(asked.header("user-agent").unwrap(), b"Own/1");
    }
    let asked = stranger.last();
    assert_eq!(asked.names(), ["accept", "accept-encoding", "host", "user-agent"]);
    assert_eq!(asked.header("user-agent").unwrap(), b"Own/1");

    let mut url = origin.url("/start");
    url.set_username("me").unwrap();
    url.set_password(Some("سر")).unwrap();
    let answer = get(&client, &url).await.unwrap();
    let sent = origin.last().header("authorization").unwrap();
    assert_eq!(sent, b"Basic bWU62LPYsQ==", "me:سر in base64");
    assert_eq!(stranger.last().header("authorization"), None);
    assert_eq!(answer.hops()[0].from, origin.url("/start"), "no secret in what is written down");
}

#[tokio::test]
async fn headers_that_cannot_be_sent_are_named_without_their_value() {
    let client = Client::new(&settings(&[])).unwrap();
    let url = Url::parse("http://a.example/").unwrap();
    let check = async |name: &str, value: &str, expected: &str| {
        let headers = [(name.to_owned(), value.to_owned())];
        let request = Request { headers: &headers, ..Request::new(&url) };
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
    let odd = Request { user_agent: Some("a\nb"), ..Request::new(&url) };
    let error = client.get(&odd, now()).await.unwrap_err().to_string();
    assert_eq!(error, format!("the header \"user-agent\" cannot be sent: {characters}"));
}

#[tokio::test]
async fn a_silent_server_is_given_up() {
    let check = async |script: Vec<Act>, waiting: Waiting| {
        let origin = Origin::start(move |_| script.clone()).await;
        let settings = settings(&[&origin.url("/")]);
        let silence = Duration::from_millis(200);
        let patience = Patience { silence, ..PATIENCE };
        let client = Client::with_patience(&settings, patience).unwrap();
        let expected = FetchError::Timeout { after: silence, waiting };
        assert_eq!(get_error(&client, &origin.url("/")).await, expected);

        let short = Settings { timeout: silence, ..settings };
        let client = Client::new(&short).unwrap();
        assert_eq!(get_error(&client, &origin.url("/")).await, expected, "in all");
    };
    check(vec![Act::Hang], Waiting::Answer).await;
    let half = with("200 OK", &["Content-Length: 100"]);
    check(vec![Act::Send([half, b"<rss>".to_vec()].concat()), Act::Hang], Waiting::Body).await;
}

#[tokio::test]
async fn time_for_all_hops_is_one_time() {
    let script = |asked: &Asked| match asked.path().as_str() {
        "/1" => vec![Act::Send(bare("302 Found", &["Location: /2"]))],
        _ => vec![Act::Hang],
    };
    let origin = Origin::start(script).await;
    let timeout = Duration::from_millis(50);
    let client = Client::new(&Settings { timeout, ..settings(&[&origin.url("/")]) }).unwrap();
    let expected = FetchError::Timeout { after: timeout, waiting: Waiting::Answer };
    assert_eq!(get_error(&client, &origin.url("/1")).await, expected);
}

#[tokio::test]
async fn no_connection_and_no_answer() {
    let check = async |script: Vec<Act>, expected: &str| {
        let origin = Origin::start(move |_| script.clone()).await;
        let error = get_error(&client(&origin), &origin.url("/")).await;
        assert!(matches!(error, FetchError::NoAnswer { .. }), "{error}");
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

    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    drop(listener);
    let client = Client::new(&settings(&[&nobody])).unwrap();
    let error = get_error(&client, &nobody).await;
    assert!(error.is_unreachable());
    let refused = "no connection to 127.0.0.1: tcp connect error: Connection refused";
    assert!(error.to_string().starts_with(refused), "{error}");
}

#[tokio::test]
async fn tls_to_a_port_without_it_says_so() {
    let origin = Origin::answering(ok(&[], b"")).await;
    let mut url = origin.url("/");
    url.set_scheme("https").unwrap();
    let error = get_error(&client(&origin), &url).await.to_string();
    let expected = "the server does not speak TLS on this port";
    assert_eq!(error, format!("no secure connection to 127.0.0.1: {expected}"));
}

#[tokio::test]
async fn a_name_that_cannot_be_resolved() {
    // RFC 1035 section 2.3.4: a label has at most 63 letters, so nobody on the network is asked.
    let host = format!("{}.example", "x".repeat(64));
    let client = Client::new(&settings(&[])).unwrap();
    let error = get_error(&client, &Url::parse(&format!("http://{host}/")).unwrap()).await;
    assert!(matches!(&error, FetchError::Dns { host: found, .. } if *found == host), "{error}");
    assert!(error.is_unreachable());
}

#[tokio::test]
async fn connections_are_used_again() {
    let origin = Origin::answering(bare("304 Not Modified", &[])).await;
    let (client, url) = (client(&origin), origin.url("/"));
    let sent = given(Some(b"\"1\""), None, &url);
    for _ in 0..3 {
        let request = Request { validators: Some(&sent), ..Request::new(&url) };
        client.get(&request, now()).await.unwrap();
    }
    let connections: Vec<_> = origin.asked().iter().map(|asked| asked.connection).collect();
    assert_eq!(connections, [0, 0, 0]);
}

/// Asks 40 times at once, and lets one go whenever all that may wait do; `at_once` should.
async fn crowd(client: Client, origin: &Origin, url: &Url, at_once: usize) {
    let client = std::sync::Arc::new(client);
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..40 {
        let (client, url) = (std::sync::Arc::clone(&client), url.clone());
        tasks.spawn(async move { get(&client, &url).await.map(drop) });
    }
    while !tasks.is_empty() {
        while origin.waiting() < at_once.min(tasks.len()) {
            tokio::task::yield_now().await;
        }
        // Time for one more to start, were it allowed: it takes a round of the runtime each for the
        // turn, the connection, the request and the origin.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        origin.go();
        tasks.join_next().await.unwrap().unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_public_host_is_asked_twice_at_a_time() {
    // A proxy on loopback stands for the public host.
    let proxy = Origin::start(|_| vec![Act::Wait, Act::Send(ok(&[], b"<rss/>"))]).await;
    let url = Url::parse("http://a.example/feed").unwrap();
    for per_host in [2, 1] {
        let settings = Settings { per_host, proxy: Some(proxy.url("/")), ..settings(&[]) };
        let patience = Patience { gap: Duration::ZERO, ..PATIENCE };
        let client = Client::with_patience(&settings, patience).unwrap();
        crowd(client, &proxy, &url, per_host).await;
        assert_eq!(proxy.take_most_waiting(), per_host);
    }
    assert!(proxy.last().head.starts_with(b"GET http://a.example/feed HTTP/1.1\r\n"));
}

#[tokio::test]
async fn requests_to_a_public_host_start_apart() {
    let proxy = Origin::answering(ok(&[], b"<rss/>")).await;
    let settings = Settings { proxy: Some(proxy.url("/")), ..settings(&[]) };
    let gap = Duration::from_millis(20);
    let client = Client::with_patience(&settings, Patience { gap, ..PATIENCE }).unwrap();
    let begun = std::time::Instant::now();
    for _ in 0..3 {
        get(&client, &Url::parse("http://a.example/feed").unwrap()).await.unwrap();
    }
    assert!(begun.elapsed() >= gap * 2);
}

#[tokio::test]
async fn the_operators_own_hosts_take_more() {
    let origin = Origin::start(|_| vec![Act::Wait, Act::Send(ok(&[], b"<rss/>"))]).await;
    crowd(client(&origin), &origin, &origin.url("/"), 16).await;
    assert_eq!(origin.take_most_waiting(), 16);
}

#[tokio::test]
async fn a_proxy_is_no_way_round_the_refusals() {
    let proxy = Origin::answering(ok(&[], b"<rss/>")).await;
    let own = Origin::answering(ok(&[], b"<rss/>")).await;
    let settings = Settings { proxy: Some(proxy.url("/")), ..settings(&[&own.url("/")]) };
    let client = Client::new(&settings).unwrap();
    for refused in
        ["http://127.0.0.1:9/", "http://localhost/", "http://a.localhost./", "http://[::1]/"]
    {
        let error = get_error(&client, &Url::parse(refused).unwrap()).await;
        assert!(matches!(error, FetchError::PrivateAddress { .. }), "{error}");
    }
    get(&client, &own.url("/")).await.unwrap();
    assert_eq!(own.asked().len(), 1, "the operator's own hosts are asked directly");
    assert_eq!(proxy.asked(), []);
}
