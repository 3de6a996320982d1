//! Raw requests over loopback against the real loop.

mod crowds;
mod feed_readers;
mod malformed;

use std::net::SocketAddr;
use std::sync::Arc;

use jiff::Timestamp;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::*;
use crate::http::{
    CallbackEndpoint, DaemonHealth, Metrics, OutputFormat, RenderRequest, RenditionCache, Resource,
    ServedRendition, encode_rendition,
};
use crate::model::{Notice, Rendition, Scope};
use crate::render::{ASSETS, ROBOTS, notice_page};

struct Served {
    address: SocketAddr,
    render_requests: mpsc::Receiver<RenderRequest>,
    shutdown: CancellationToken,
    health: Arc<DaemonHealth>,
    metrics: Arc<Metrics>,
    task: JoinHandle<ShutdownResult>,
}

fn feed() -> Resource {
    Resource::Feed { scope: Scope::All, format: OutputFormat::Rss }
}

fn rendition(text: &str) -> Arc<Rendition> {
    let at: Timestamp = "2026-11-24T05:02:00Z".parse().unwrap();
    Arc::new(encode_rendition("application/rss+xml; charset=utf-8", text.repeat(50), at, 300))
}

fn served_rendition(rendition: &Arc<Rendition>) -> Arc<ServedRendition> {
    Arc::new(ServedRendition::new(Arc::clone(rendition)))
}

async fn served() -> Served {
    served_with(&rendition("خبر ")).await
}

async fn served_with(ready: &Arc<Rendition>) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let cache = Arc::new(RenditionCache::default());
    cache.put(&feed(), &served_rendition(ready));
    let view = crate::render::masthead::SiteFrame::default();
    cache.put_notices(
        Notice::ALL.map(|it| (it, notice_page::render_notice_page(it, &view).into())).into(),
    );
    let files = ASSETS.iter().chain([&ROBOTS]);
    let file = |it: &crate::render::StaticAsset| {
        (it.file, encode_rendition(it.media_type, it.bytes, Timestamp::UNIX_EPOCH, 0))
    };
    cache.put_files(files.map(file).collect());
    let (sender, render_requests) = mpsc::channel(1);
    let health = Arc::new(DaemonHealth::new(Timestamp::UNIX_EPOCH));
    let metrics = Arc::new(Metrics::default());
    let state = HttpState {
        cache,
        render_requests: sender,
        search_requests: None,
        picture_requests: None,
        stream_requests: mpsc::channel(1).0,
        poll_requests: mpsc::channel(1).0,
        metrics: Arc::clone(&metrics),
        callbacks: Arc::new(CallbackEndpoint::new().0),
        operator_key: None,
        access: Arc::default(),
        health: Arc::clone(&health),
        now: || Timestamp::UNIX_EPOCH,
    };
    let shutdown = CancellationToken::new();
    let task = tokio::spawn(serve_until_shutdown(
        listener,
        Arc::new(ArcSwap::from_pointee(state)),
        shutdown.clone(),
        Duration::from_mins(1),
    ));
    Served { address, render_requests, shutdown, health, metrics, task }
}

/// The head and body of the response to a request with this request line and headers.
async fn send_request(address: SocketAddr, request: &str) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("{request}\r\nHost: a\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    (head, bytes[end + 4..].to_vec())
}

fn field(head: &str, name: &str) -> Option<String> {
    head.lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.to_owned())
}

#[tokio::test]
async fn a_feed_and_its_validators() {
    let served = served().await;
    let (head, body) = send_request(served.address, "GET /feed.xml HTTP/1.1").await;
    assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
    assert_eq!(body, "خبر ".repeat(50).as_bytes());
    let cache = "public, max-age=300, stale-while-revalidate=300, stale-if-error=86400";
    assert_eq!(field(&head, "cache-control").unwrap(), cache);
    assert_eq!(field(&head, "vary").unwrap(), "accept-encoding, a-im, sec-fetch-dest");
    assert_eq!(field(&head, "last-modified").unwrap(), "Tue, 24 Nov 2026 05:02:00 GMT");
    assert_eq!(field(&head, "x-content-type-options").unwrap(), "nosniff");
    let length = field(&head, "content-length").unwrap();

    let (head, body) = send_request(served.address, "HEAD /feed.xml HTTP/1.1").await;
    assert!(head.starts_with("HTTP/1.1 200 OK") && body.is_empty(), "{head}");
    assert_eq!(field(&head, "content-length").unwrap(), length);

    let request = "GET /feed.xml HTTP/1.1\r\nAccept-Encoding: gzip";
    let (head, body) = send_request(served.address, request).await;
    assert_eq!(field(&head, "content-encoding").unwrap(), "gzip");
    assert_eq!(&body[..2], [0x1f, 0x8b]);
    let tag = field(&head, "etag").unwrap();
    assert!(tag.ends_with("-gz\""), "{tag}");

    let (head, body) =
        send_request(served.address, &format!("{request}\r\nIf-None-Match: {tag}")).await;
    assert!(head.starts_with("HTTP/1.1 304") && body.is_empty(), "{head}");
    assert_eq!(field(&head, "etag").unwrap(), tag);
    let plain = format!("GET /feed.xml HTTP/1.1\r\nIf-None-Match: {tag}");
    let (head, _) = send_request(served.address, &plain).await;
    assert!(head.starts_with("HTTP/1.1 200"), "another coding is another representation");
}

#[tokio::test]
async fn refusals_and_redirects() {
    let served = served().await;
    let (head, _) =
        send_request(served.address, "POST /feed.xml HTTP/1.1\r\nContent-Length: 0").await;
    assert!(head.starts_with("HTTP/1.1 405"), "{head}");
    assert_eq!(field(&head, "allow").unwrap(), "GET, HEAD");
    let (head, body) = send_request(served.address, "GET /nothing HTTP/1.1").await;
    assert!(head.starts_with("HTTP/1.1 404"), "{head}");
    assert!(String::from_utf8(body).unwrap().contains("الصفحة غير موجودة"));
    assert!(field(&head, "content-security-policy").unwrap().starts_with("default-src 'none'"));
    let (head, _) = send_request(served.address, "GET /source/bbc?before=1 HTTP/1.1").await;
    assert!(head.starts_with("HTTP/1.1 308"), "{head}");
    assert_eq!(field(&head, "location").unwrap(), "bbc/?before=1");
}

#[tokio::test]
async fn what_is_not_in_the_cache_is_requested() {
    let mut served = served().await;
    let address = served.address;
    let paths = ["/category/اقتصاد/", "/category/%D8%A7%D9%82%D8%AA%D8%B5%D8%A7%D8%AF/"];
    for path in paths {
        let client =
            tokio::spawn(
                async move { send_request(address, &format!("GET {path} HTTP/1.1")).await },
            );
        let request = served.render_requests.recv().await.unwrap();
        let scope = Scope::Category("اقتصاد".to_owned());
        assert_eq!(request.resource, Resource::Page { scope, before: None });
        request.reply.send(Some(served_rendition(&rendition("صفحة "))).into()).unwrap();
        let (head, _) = client.await.unwrap();
        assert!(head.starts_with("HTTP/1.1 200"), "{path}: {head}");
    }
    let client =
        tokio::spawn(async move { send_request(address, "GET /source/none/ HTTP/1.1").await });
    served.render_requests.recv().await.unwrap().reply.send(crate::http::Reply::NotFound).unwrap();
    assert!(client.await.unwrap().0.starts_with("HTTP/1.1 404"));
    served.render_requests.close();
    let (head, _) = send_request(address, "GET /atom.xml HTTP/1.1").await;
    assert!(head.starts_with("HTTP/1.1 503"), "{head}");
    assert_eq!(field(&head, "retry-after").unwrap(), "30");
}

#[tokio::test]
async fn health_metrics_and_style() {
    let served = served().await;
    let (head, _) = send_request(served.address, "GET /readyz HTTP/1.1").await;
    assert!(head.starts_with("HTTP/1.1 503"), "{head}");
    served.health.set_ready();
    for path in ["/readyz", "/healthz"] {
        let (head, _) = send_request(served.address, &format!("GET {path} HTTP/1.1")).await;
        assert!(head.starts_with("HTTP/1.1 200"), "{path}: {head}");
    }
    let (_, body) = send_request(served.address, "GET /metrics HTTP/1.1").await;
    let body = String::from_utf8(body).unwrap();
    assert!(body.contains("rafid_http_requests_total{status=\"2xx\"} 2"), "{body}");
    let (head, body) = send_request(served.address, "GET /metrics HTTP/1.1").await;
    assert_eq!(field(&head, "content-type").unwrap(), "text/plain; version=0.0.4; charset=utf-8");
    assert!(!String::from_utf8(body).unwrap().contains("# EOF"));
    let scraper = "GET /metrics HTTP/1.1\r\nAccept: application/openmetrics-text;version=1.0.0;\
                   escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
    let (head, body) = send_request(served.address, scraper).await;
    assert!(field(&head, "content-type").unwrap().starts_with("application/openmetrics-text"));
    assert!(String::from_utf8(body).unwrap().ends_with("# EOF\n"));
}

#[tokio::test]
async fn files_have_their_validators_codings_and_versions() {
    let served = served().await;
    for asset in ASSETS.iter().chain([&ROBOTS]) {
        let path = format!("GET /{} HTTP/1.1", asset.file);
        let (head, body) = send_request(served.address, &path).await;
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        assert_eq!(field(&head, "content-type").unwrap(), asset.media_type);
        assert_eq!(body, asset.bytes);
        assert!(field(&head, "cache-control").unwrap().starts_with("public, max-age=3600"));
        let tag = field(&head, "etag").unwrap();
        let again = format!("{path}\r\nIf-None-Match: {tag}");
        assert!(send_request(served.address, &again).await.0.starts_with("HTTP/1.1 304"), "{tag}");
    }
    let (head, body) =
        send_request(served.address, "GET /style.css HTTP/1.1\r\nAccept-Encoding: br").await;
    assert_eq!(field(&head, "content-encoding").unwrap(), "br");
    assert!(body.len() < ASSETS[0].bytes.len() / 2);
    let page = notice_page::render_notice_page(
        Notice::NotFound,
        &crate::render::masthead::SiteFrame::default(),
    );
    let at = page.find("style.css?v=").unwrap();
    let request = format!("GET /{} HTTP/1.1", &page[at..at + "style.css?v=".len() + 16]);
    let (head, _) = send_request(served.address, &request).await;
    assert!(field(&head, "cache-control").unwrap().ends_with("immutable"), "{head}");
    let (head, _) =
        send_request(served.address, "GET /style.css?v=0123456789abcdef HTTP/1.1").await;
    assert!(!field(&head, "cache-control").unwrap().ends_with("immutable"), "{head}");
}

/// Whatever the status, people get a whole page and programs get one line.
#[tokio::test]
async fn every_error_is_a_page_for_people() {
    let mut served = served().await;
    served.render_requests.close();
    let accept = "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    let long = format!("GET /{} HTTP/1.1", "a".repeat(MAX_HEAD_BYTES));
    for (request, status) in [
        ("GET /nothing HTTP/1.1", 404),
        ("GET /source/none/feed.xml HTTP/1.1", 503),
        ("GET / HTTP/1.1", 503),
        ("GET /search?q=a HTTP/1.1", 404),
        ("POST / HTTP/1.1", 405),
        ("GET / HTTP/1.1\r\nHost: b", 400),
        ("GET /feed.xml HTTP/1.1\r\nIf-Match: \"x\"", 412),
        (&long, 431),
    ] {
        let (head, body) = send_request(served.address, &format!("{request}\r\n{accept}")).await;
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{request:.40}: {head}");
        assert_eq!(field(&head, "content-type").unwrap(), "text/html; charset=utf-8");
        let body = String::from_utf8(body).unwrap();
        assert!(body.starts_with("<!DOCTYPE html>\n<html lang=\"ar\" dir=\"rtl\">"), "{body}");
        assert!(body.contains("<title>") && !body.contains("{%") && !body.contains("{{"), "{body}");
        let (head, body) =
            send_request(served.address, &format!("{request}\r\nAccept: application/json")).await;
        assert_eq!(field(&head, "content-type").unwrap(), "text/plain; charset=utf-8");
        assert_eq!(String::from_utf8(body).unwrap().lines().count(), 1, "{head}");
    }
}

#[tokio::test]
async fn heads_end_at_the_stated_limit() {
    let served = served().await;
    // `request` adds these.
    let rest = "\r\nHost: a\r\nConnection: close\r\n\r\n".len();
    for (start, end) in [("GET /feed.xml?", " HTTP/1.1"), ("GET /feed.xml HTTP/1.1\r\nX: ", "")] {
        for (bytes, status) in [(MAX_HEAD_BYTES, 200), (MAX_HEAD_BYTES + 1, 431)] {
            let filling = "a".repeat(bytes - rest - start.len() - end.len());
            let (head, _) = send_request(served.address, &format!("{start}{filling}{end}")).await;
            assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{bytes}: {head}");
        }
    }
}

#[tokio::test]
async fn heads_have_as_many_fields_as_stated() {
    let served = served().await;
    // `send_request` adds two.
    for (fields, status) in [(MAX_HEAD_FIELDS - 2, 200), (MAX_HEAD_FIELDS - 1, 431)] {
        let request = format!("GET /feed.xml HTTP/1.1{}", "\r\nX: y".repeat(fields));
        let (head, _) = send_request(served.address, &request).await;
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{fields}: {head}");
    }
}

/// More than the 128 that were once the limit, while no connection is accepted.
#[tokio::test]
async fn many_clients_at_once_wait_to_be_accepted() {
    const CROWD: usize = 600;
    let most = std::fs::read_to_string("/proc/sys/net/core/somaxconn");
    if most.is_ok_and(|most| most.trim().parse::<usize>().is_ok_and(|most| most < CROWD)) {
        return; // The system does not allow this many.
    }
    let listener = bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = listener.local_addr().unwrap();
    let mut crowd = Vec::new();
    for number in 0..CROWD {
        // A full queue answers nothing: the deadline only ends a test that would hang.
        let next = tokio::time::timeout(Duration::from_mins(1), TcpStream::connect(address)).await;
        crowd.push(next.unwrap_or_else(|_| panic!("connection {number} waits in vain")).unwrap());
    }
    assert_eq!(crowd.len(), CROWD);
}

#[tokio::test]
async fn shutdown_waits_for_requests_in_progress() {
    let mut served = served().await;
    let address = served.address;
    let client = tokio::spawn(async move { send_request(address, "GET /atom.xml HTTP/1.1").await });
    let request = served.render_requests.recv().await.unwrap();
    served.shutdown.cancel();
    request.reply.send(Some(served_rendition(&rendition("متأخر "))).into()).unwrap();
    assert!(client.await.unwrap().0.starts_with("HTTP/1.1 200"));
    assert_eq!(served.task.await.unwrap(), ShutdownResult::Clean);
    assert!(TcpStream::connect(address).await.is_err(), "nothing listens any more");
}
