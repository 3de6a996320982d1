//! Addresses of feeds → a database of their entries, as an afternoon's program does it: `reqwest`, the
//! strict parsers, sled; entity tags are honored. No repair, no sanitizing, no identity but the
//! publisher's, no stories, no search.

use std::path::Path;
use std::sync::Arc;

use futures_util::{StreamExt as _, stream};
use reqwest::Client;
use reqwest::header::{ETAG, IF_NONE_MATCH};
use sled::{Db, Tree};

/// Requests at once.
const CONCURRENCY: usize = 64;

/// Polls each address once.
pub fn poll(folder: &Path, addresses: Vec<String>) {
    // Fails only where one is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let db = Arc::new(sled::open(folder.join("naive")).unwrap());
    let tags = db.open_tree("tags").unwrap();
    let client = Client::new();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let polls = addresses.into_iter().map(|address| {
            let (client, db, tags) = (client.clone(), Arc::clone(&db), tags.clone());
            tokio::spawn(async move { poll_one(&client, &db, &tags, &address).await })
        });
        stream::iter(polls)
            .buffer_unordered(CONCURRENCY)
            .for_each(|ended| {
                ended.unwrap();
                std::future::ready(())
            })
            .await;
    });
    db.flush().unwrap();
}

async fn poll_one(client: &Client, db: &Db, tags: &Tree, address: &str) {
    let mut request = client.get(address);
    if let Some(tag) = tags.get(address).unwrap() {
        request = request.header(IF_NONE_MATCH, &tag[..]);
    }
    let response = request.send().await.unwrap();
    if response.status() == 304 {
        return;
    }
    let tag = response.headers().get(ETAG).map(|tag| tag.as_bytes().to_vec());
    let body = response.bytes().await.unwrap();
    for (key, entry) in entries(&body) {
        let key = format!("{address} {key}");
        if !db.contains_key(&key).unwrap() {
            db.insert(key, serde_json::to_vec(&entry).unwrap()).unwrap();
        }
    }
    if let Some(tag) = tag {
        tags.insert(address, tag).unwrap();
    }
}

/// Title, link, date and text of each entry, by the publisher's key.
fn entries(body: &[u8]) -> Vec<(String, [String; 4])> {
    if body.starts_with(b"<feed") {
        let feed = atom_syndication::Feed::read_from(body).unwrap();
        let entries = feed.entries.into_iter().map(|entry| {
            let link = entry.links.first().map(|link| link.href.clone()).unwrap_or_default();
            let text = entry.content.and_then(|content| content.value).unwrap_or_default();
            (entry.id, [entry.title.value, link, entry.updated.to_rfc3339(), text])
        });
        return entries.collect();
    }
    let channel = rss::Channel::read_from(body).unwrap();
    let items = channel.items.into_iter().map(|item| {
        let key = item.guid.map(|guid| guid.value).unwrap_or_default();
        let texts = [item.title, item.link, item.pub_date, item.description];
        (key, texts.map(Option::unwrap_or_default))
    });
    items.collect()
}
