//! Forms sent to hubs → whether they are accepted.

use std::collections::BTreeSet;

use super::*;

const FORM: &str = "hub.mode=subscribe&hub.secret=word";

async fn post(client: &Client, url: &Url) -> Result<(), PostError> {
    client.post(url, FORM, now()).await
}

/// A response on a separate connection.
fn once(bytes: Vec<u8>) -> Vec<Act> {
    vec![Act::Send(bytes), Act::Close]
}

#[tokio::test]
async fn a_form_is_sent_and_every_2xx_is_acceptance() {
    for status in ["200 OK", "202 Accepted", "204 No Content"] {
        let origin = Origin::scripted(move |_| once(bare(status, &["Connection: close"])));
        assert_eq!(post(&client(&origin), &origin.url("/hub?a=b")).await, Ok(()), "{status}");
        let request = origin.last();
        assert!(request.head.starts_with(b"POST /hub?a=b HTTP/1.1"));
        assert_eq!(
            request.names(),
            ["accept", "content-length", "content-type", "host", "user-agent"],
            "no header of a source"
        );
        let header = |name| String::from_utf8(request.header(name).unwrap()).unwrap();
        assert_eq!(header("content-type"), "application/x-www-form-urlencoded");
        assert_eq!(header("content-length"), FORM.len().to_string());
    }
}

#[tokio::test]
async fn a_refusal_is_reported_in_the_hubs_words() {
    let check = async |lines: &[&str], body: &[u8], words: &str| {
        let length = format!("Content-Length: {}", body.len());
        let lines = [lines, &["Retry-After: 60", &length]].concat();
        let answer = [&head_of("429 Too Many Requests", &lines), body].concat();
        let origin = Origin::scripted(move |_| once(answer.clone()));
        let refused = PostError::Refused {
            code: 429,
            words: words.to_owned(),
            retry_after_seconds: Some(60),
        };
        assert_eq!(post(&client(&origin), &origin.url("/")).await, Err(refused));
    };
    check(&[], b" not so fast\n", "not so fast").await;
    check(&[], b"", "").await;
    check(&["Content-Type: text/html"], b"<h1>no</h1>", "").await;
    check(&[], &[b'x'; 5000], "").await;
    let error = PostError::Refused { code: 429, words: "no".into(), retry_after_seconds: None };
    assert_eq!(error.to_string(), "the hub answered 429: no");
}

#[tokio::test]
async fn only_307_and_308_are_followed_and_with_the_form() {
    for (status, is_followed) in [
        ("307 Temporary Redirect", true),
        ("308 Permanent Redirect", true),
        ("301 Moved Permanently", false),
        ("302 Found", false),
        ("303 See Other", false),
    ] {
        let origin = Origin::scripted(move |request| {
            once(match request.path.as_str() {
                "/new" => bare("202 Accepted", &[]),
                _ => bare(status, &["Location: /new"]),
            })
        });
        let result = post(&client(&origin), &origin.url("/old")).await;
        assert_eq!(result.is_ok(), is_followed, "{status}: {result:?}");
        assert_eq!(origin.requests().len(), if is_followed { 2 } else { 1 }, "{status}");
        assert!(origin.last().head.starts_with(b"POST"), "{status}");
    }
    let origin = Origin::scripted(|_| once(bare("307 X", &["Location: /"])));
    let result = post(&client(&origin), &origin.url("/")).await;
    assert!(matches!(result, Err(PostError::Fetch(FetchError::RedirectLoop { .. }))), "{result:?}");
}

#[tokio::test]
async fn private_addresses_are_refused_on_every_hop() {
    let refused = |result: Result<(), PostError>| {
        matches!(result, Err(PostError::Fetch(FetchError::PrivateAddress { .. })))
    };
    let inner = Origin::answering(bare("200 OK", &[]));
    let closed =
        Client::new(&FetchSettings { allow_private: BTreeSet::new(), ..settings(&[]) }).unwrap();
    assert!(refused(post(&closed, &inner.url("/")).await));
    let to = format!("Location: {}", inner.url("/"));
    let origin = Origin::scripted(move |_| once(bare("307 X", &[&to])));
    assert!(refused(post(&client(&origin), &origin.url("/")).await));
    assert_eq!(inner.requests(), []);
}
