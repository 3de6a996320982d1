//! Clients that have a feed already, and servers that say so: Rafid and others, over one connection that stays open.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use axum::Router;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use jiff::Timestamp;
use rafid::http::{
    DaemonHealth, HttpState, OutputFormat, RenditionCache, Resource, ServedRendition,
    encode_rendition, rendition_hash, serve_until_shutdown,
};
use rafid::model::Scope;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use super::callgrind::count_here;

/// Requests that are counted.
pub const REQUESTS: u64 = 500;
/// Requests before: what is made once is made by then.
const FIRST_REQUESTS: u64 = 20;
const TEXT: &str = "خبر ";

fn tag() -> String {
    format!("\"{}-gz\"", rendition_hash(text()))
}

fn text() -> String {
    TEXT.repeat(10_000)
}

/// Server and client share one thread, so that both are counted.
pub fn serve_and_request(name: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut client = runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        match name {
            "rafid" => drop(tokio::spawn(serve_until_shutdown(
                listener,
                Arc::new(ArcSwap::from_pointee(rafid_state())),
                CancellationToken::new(),
                Duration::ZERO,
            ))),
            "axum" => drop(tokio::spawn(async { axum::serve(listener, bare_axum()).await })),
            _ => drop(tokio::spawn(answer_blindly(listener))),
        }
        TcpStream::connect(address).await.unwrap()
    });
    let request = format!(
        "GET /feed.xml HTTP/1.1\r\nHost: news.example:8080\r\nUser-Agent: reader/1.0\r\n\
         Accept: */*\r\nAccept-Encoding: gzip\r\nIf-None-Match: {}\r\n\r\n",
        tag()
    );
    runtime.block_on(exchange(&mut client, &request, FIRST_REQUESTS));
    count_here(&mut || runtime.block_on(exchange(&mut client, &request, REQUESTS)));
}

async fn exchange(client: &mut TcpStream, request: &str, times: u64) {
    let mut answer = [0; 4096];
    for _ in 0..times {
        client.write_all(request.as_bytes()).await.unwrap();
        let mut length = 0;
        while !answer[..length].ends_with(b"\r\n\r\n") {
            let count = client.read(&mut answer[length..]).await.unwrap();
            assert!(count > 0, "the connection ended");
            length += count;
        }
        assert!(answer.starts_with(b"HTTP/1.1 304"));
    }
}

fn rafid_state() -> HttpState {
    let media_type = "application/rss+xml; charset=utf-8";
    let rendition = encode_rendition(media_type, text(), Timestamp::UNIX_EPOCH, 300);
    let feed = Resource::Feed { scope: Scope::All, format: OutputFormat::Rss };
    let cache = Arc::new(RenditionCache::default());
    cache.put(&feed, &Arc::new(ServedRendition::new(Arc::new(rendition))));
    let health = Arc::new(DaemonHealth::new(Timestamp::UNIX_EPOCH));
    HttpState::without_store(cache, health, || Timestamp::UNIX_EPOCH)
}

fn bare_axum() -> Router {
    let tag = HeaderValue::from_str(&tag()).unwrap();
    let handler = move |headers: HeaderMap| {
        let response = compare(&headers, &tag);
        async { response }
    };
    Router::new().route("/feed.xml", get(handler))
}

fn compare(headers: &HeaderMap, tag: &HeaderValue) -> Response {
    let is_known = headers.get(header::IF_NONE_MATCH) == Some(tag);
    let status = if is_known { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
    (status, [(header::ETAG, tag.clone())]).into_response()
}

async fn answer_blindly(listener: TcpListener) {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut request = [0; 4096];
    while stream.read(&mut request).await.is_ok_and(|count| count > 0) {
        stream.write_all(b"HTTP/1.1 304 Not Modified\r\n\r\n").await.unwrap();
    }
}
