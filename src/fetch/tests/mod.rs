//! Real requests over loopback to an origin that follows a script, by subject, and what these tests share.

mod backoff;
mod concurrency;
mod connections;
mod documents;
mod failures;
mod posts;
mod redirects;
mod refusals;
mod requests;
mod setup;
mod validators;

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::Timestamp;

use super::test_server::{Act, Origin, ReceivedRequest, bare, head_of, ok};
use super::timeouts::{DEFAULT_TIMEOUTS, Timeouts};
use super::*;

const TYPE: &str = "Content-Type: Application/RSS+xml;charset=\"Windows-1256\"";

fn now() -> Timestamp {
    "2026-11-24T10:00:00Z".parse().unwrap()
}

fn settings(allowed: &[&Url]) -> FetchSettings {
    FetchSettings {
        user_agent: user_agent("0.1.0", Some("https://news.example/about")),
        timeout: Duration::from_secs(30),
        max_bytes: 10_000,
        per_host: 2,
        allow_private: allowed.iter().map(|url| fetch_error::server_of_url(url)).collect(),
        proxy: None,
    }
}

/// A client that may request `origin` by its address.
fn client(origin: &Origin) -> Client {
    Client::new(&settings(&[&origin.url("/")])).unwrap()
}

async fn get(client: &Client, url: &Url) -> Result<FetchResponse, FetchError> {
    client.get(&FetchRequest::new(url), now()).await
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

/// The parts of a fresh response that most tests check.
fn fresh(answer: FetchResponse) -> (Document, Option<Validators>, Option<String>) {
    match answer {
        FetchResponse::Fresh { document, validators, cut, .. } => (document, validators, cut),
        FetchResponse::NotModified { .. } => panic!("not modified"),
    }
}

/// The redirects that led to a response.
fn hops(answer: &FetchResponse) -> &[FollowedRedirect] {
    match answer {
        FetchResponse::Fresh { hops, .. } | FetchResponse::NotModified { hops, .. } => hops,
    }
}
