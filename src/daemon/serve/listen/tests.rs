//! Raw requests over loopback against the real loop.

mod crowds;
mod malformed;

use std::net::SocketAddr;
use std::sync::Arc;

use jiff::Timestamp;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::*;
use crate::daemon::serve::{Callbacks, Health, Metrics, OutputFormat, Shelf, Wanted, Wish, finish};
use crate::feed::model::{Rendition, Scope};

struct Served {
    address: SocketAddr,
    wishes: mpsc::Receiver<Wish>,
    shutdown: CancellationToken,
    health: Arc<Health>,
    metrics: Arc<Metrics>,
    task: JoinHandle<Drained>,
}

fn feed() -> Wanted {
    Wanted::Feed { scope: Scope::All, format: OutputFormat::Rss }
}

fn rendition(text: &str) -> Arc<Rendition> {
    let at: Timestamp = "2026-11-24T05:02:00Z".parse().unwrap();
    Arc::new(finish("application/rss+xml; charset=utf-8", text.repeat(50), at, 300))
}

async fn served() -> Served {
    served_with(&rendition("خبر ")).await
}

async fn served_with(ready: &Arc<Rendition>) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let shelf = Arc::new(Shelf::default());
    shelf.put(&feed(), ready);
    let (wish, wishes) = mpsc::channel(1);
    let health = Arc::new(Health::new(Timestamp::UNIX_EPOCH));
    let metrics = Arc::new(Metrics::default());
    let state = ServeState {
        shelf,
        wish,
        search: None,
        metrics: Arc::clone(&metrics),
        callbacks: Arc::new(Callbacks::new().0),
        key: None,
        health: Arc::clone(&health),
        now: || Timestamp::UNIX_EPOCH,
    };
    let shutdown = CancellationToken::new();
    let task = tokio::spawn(run(listener, state, shutdown.clone(), Duration::from_mins(1)));
    Served { address, wishes, shutdown, health, metrics, task }
}

/// The head and body of the answer to a request with these first line and headers.
async fn ask(address: SocketAddr, request: &str) -> (String, Vec<u8>) {
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
    let (head, body) = ask(served.address, "GET /feed.xml HTTP/1.1").await;
    assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
    assert_eq!(body, "خبر ".repeat(50).as_bytes());
    assert_eq!(field(&head, "cache-control").unwrap(), "public, max-age=300");
    assert_eq!(field(&head, "vary").unwrap(), "accept-encoding");
    assert_eq!(field(&head, "last-modified").unwrap(), "Tue, 24 Nov 2026 05:02:00 GMT");
    assert_eq!(field(&head, "x-content-type-options").unwrap(), "nosniff");
    let length = field(&head, "content-length").unwrap();

    let (head, body) = ask(served.address, "HEAD /feed.xml HTTP/1.1").await;
    assert!(head.starts_with("HTTP/1.1 200 OK") && body.is_empty(), "{head}");
    assert_eq!(field(&head, "content-length").unwrap(), length);

    let request = "GET /feed.xml HTTP/1.1\r\nAccept-Encoding: gzip";
    let (head, body) = ask(served.address, request).await;
    assert_eq!(field(&head, "content-encoding").unwrap(), "gzip");
    assert_eq!(&body[..2], [0x1f, 0x8b]);
    let tag = field(&head, "etag").unwrap();
    assert!(tag.ends_with("-gz\""), "{tag}");

    let (head, body) = ask(served.address, &format!("{request}\r\nIf-None-Match: {tag}")).await;
    assert!(head.starts_with("HTTP/1.1 304") && body.is_empty(), "{head}");
    assert_eq!(field(&head, "etag").unwrap(), tag);
    let plain = format!("GET /feed.xml HTTP/1.1\r\nIf-None-Match: {tag}");
    let (head, _) = ask(served.address, &plain).await;
    assert!(head.starts_with("HTTP/1.1 200"), "another coding is another representation");
}

#[tokio::test]
async fn refusals_and_redirects() {
    let served = served().await;
    let (head, _) = ask(served.address, "POST /feed.xml HTTP/1.1\r\nContent-Length: 0").await;
    assert!(head.starts_with("HTTP/1.1 405"), "{head}");
    assert_eq!(field(&head, "allow").unwrap(), "GET, HEAD");
    let (head, body) = ask(served.address, "GET /nothing HTTP/1.1").await;
    assert!(head.starts_with("HTTP/1.1 404"), "{head}");
    assert!(String::from_utf8(body).unwrap().contains("الصفحة غير موجودة"));
    assert!(field(&head, "content-security-policy").unwrap().starts_with("default-src 'none'"));
    let (head, _) = ask(served.address, "GET /source/bbc?before=1 HTTP/1.1").await;
    assert!(head.starts_with("HTTP/1.1 308"), "{head}");
    assert_eq!(field(&head, "location").unwrap(), "bbc/?before=1");
}

#[tokio::test]
async fn what_is_not_ready_is_wished_for() {
    let mut served = served().await;
    let address = served.address;
    let paths = ["/category/اقتصاد/", "/category/%D8%A7%D9%82%D8%AA%D8%B5%D8%A7%D8%AF/"];
    for path in paths {
        let client =
            tokio::spawn(async move { ask(address, &format!("GET {path} HTTP/1.1")).await });
        let wish = served.wishes.recv().await.unwrap();
        let scope = Scope::Category("اقتصاد".to_owned());
        assert_eq!(wish.wanted, Wanted::Page { scope, before: None });
        wish.reply.send(Some(rendition("صفحة ")).into()).unwrap();
        let (head, _) = client.await.unwrap();
        assert!(head.starts_with("HTTP/1.1 200"), "{path}: {head}");
    }
    let client = tokio::spawn(async move { ask(address, "GET /source/none/ HTTP/1.1").await });
    served.wishes.recv().await.unwrap().reply.send(crate::daemon::serve::Reply::None).unwrap();
    assert!(client.await.unwrap().0.starts_with("HTTP/1.1 404"));
    served.wishes.close();
    let (head, _) = ask(address, "GET /atom.xml HTTP/1.1").await;
    assert!(head.starts_with("HTTP/1.1 503"), "{head}");
    assert_eq!(field(&head, "retry-after").unwrap(), "30");
}

#[tokio::test]
async fn health_metrics_and_style() {
    let served = served().await;
    let (head, _) = ask(served.address, "GET /readyz HTTP/1.1").await;
    assert!(head.starts_with("HTTP/1.1 503"), "{head}");
    served.health.set_ready();
    for path in ["/readyz", "/healthz"] {
        let (head, _) = ask(served.address, &format!("GET {path} HTTP/1.1")).await;
        assert!(head.starts_with("HTTP/1.1 200"), "{path}: {head}");
    }
    let (_, body) = ask(served.address, "GET /metrics HTTP/1.1").await;
    let body = String::from_utf8(body).unwrap();
    assert!(body.contains("rafid_http_requests_total{status=\"2xx\"} 2"), "{body}");
    let (head, _) = ask(served.address, "GET /style.css HTTP/1.1").await;
    assert_eq!(field(&head, "content-type").unwrap(), "text/css; charset=utf-8");
}

#[tokio::test]
async fn the_end_waits_for_requests_under_way() {
    let mut served = served().await;
    let address = served.address;
    let client = tokio::spawn(async move { ask(address, "GET /atom.xml HTTP/1.1").await });
    let wish = served.wishes.recv().await.unwrap();
    served.shutdown.cancel();
    wish.reply.send(Some(rendition("متأخر ")).into()).unwrap();
    assert!(client.await.unwrap().0.starts_with("HTTP/1.1 200"));
    assert_eq!(served.task.await.unwrap(), Drained::Clean);
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
}
