//! Bodies, complete, cut, compressed and endless → the document that is kept of them.

use super::*;

#[tokio::test]
async fn a_document_comes_as_it_was_sent() {
    let body = [0xc7, 0xe1, b'<', 0, 0xff];
    let lines = [
        TYPE,
        "ETag: W/\"a,b\"",
        "Last-Modified: now",
        "Cache-Control: max-age=60",
        "Link: </h>; rel=hub",
    ];
    let origin = Origin::answering(ok(&lines, &body));
    let url = origin.url("/feed");
    let answer = get(&client(&origin), &url).await.unwrap();
    let expected = FetchResponse::Fresh {
        document: Document {
            bytes: body.to_vec(),
            content_type: Some("Application/RSS+xml;charset=\"Windows-1256\"".to_owned()),
            url: Some(url.clone()),
        },
        validators: Some(given(Some(b"W/\"a,b\""), Some(b"now"), &url)),
        freshness: Freshness { fresh_seconds: Some(60), ..Freshness::default() },
        status: 200,
        hops: Vec::new(),
        links: vec!["</h>; rel=hub".to_owned()],
        wire_bytes: 5,
        cut: None,
        room: LargeDocPermit::default(),
    };
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn a_compressed_document_is_decompressed() {
    let packed = gzip(&b"<rss/>".repeat(1000));
    let origin = Origin::answering(ok(&["Content-Encoding: gzip"], &packed));
    let answer = get(&client(&origin), &origin.url("/")).await.unwrap();
    let FetchResponse::Fresh { document, wire_bytes, .. } = answer else { panic!("not modified") };
    assert_eq!(document.bytes, b"<rss/>".repeat(1000));
    assert_eq!(wire_bytes, packed.len() as u64);
}

#[tokio::test]
async fn mangled_header_lines_are_skipped() {
    let lines = ["Warning: x in /a.php on line 1", "no colon", "Bad Name: x", "ETag : \"a\""];
    let origin = Origin::answering(ok(&lines, b"<rss/>"));
    let (document, ..) = fresh(get(&client(&origin), &origin.url("/")).await.unwrap());
    assert_eq!(document.bytes, b"<rss/>");
}

#[tokio::test]
async fn a_cut_body_is_kept_as_far_as_it_came() {
    let check = async |head: Vec<u8>, body: &[u8], expected: &[u8], reason: &str| {
        let answer = [&head, body].concat();
        let script = move |_: &ReceivedRequest| vec![Act::Send(answer.clone()), Act::Close];
        let origin = Origin::scripted(script);
        let (document, _, cut) = fresh(get(&client(&origin), &origin.url("/")).await.unwrap());
        assert_eq!(document.bytes, expected);
        let cut = cut.expect("the cut is detected");
        assert!(cut.contains(reason), "{cut}");
    };
    let short = head_of("200 OK", &["Content-Length: 100"]);
    check(short, b"<rss>", b"<rss>", "end of file before message length reached").await;
    let chunked = head_of("200 OK", &["Transfer-Encoding: chunked"]);
    check(chunked, b"5\r\n<rss>\r\n", b"<rss>", "unexpected EOF").await;
    let packed = gzip(b"<rss>");
    let packed = &packed[..packed.len() - 8];
    let length = format!("Content-Length: {}", packed.len());
    let packed_head = head_of("200 OK", &["Content-Encoding: gzip", &length]);
    check(packed_head, packed, b"<rss>", "what is packed is broken").await;
}

#[tokio::test]
async fn a_body_that_gave_nothing_is_an_error() {
    let head = head_of("200 OK", &["Content-Length: 100"]);
    let origin = Origin::scripted(move |_| vec![Act::Send(head.clone()), Act::Close]);
    let error = get_error(&client(&origin), &origin.url("/")).await;
    assert!(matches!(&error, FetchError::Body { .. }), "{error}");
}

#[tokio::test]
async fn an_empty_body_is_an_empty_document() {
    let origin = Origin::answering(ok(&[], b""));
    let (document, _, cut) = fresh(get(&client(&origin), &origin.url("/")).await.unwrap());
    assert_eq!((document.bytes, cut), (Vec::new(), None));
}

#[tokio::test]
async fn documents_beyond_the_cap_are_refused() {
    let bomb = gzip(&vec![b' '; 1_000_000]);
    assert!(bomb.len() < 10_000);
    let scripts = [
        // A declared length is checked before the body comes.
        vec![Act::Send(head_of("200 OK", &["Content-Length: 10001"])), Act::Hang],
        vec![
            Act::Send(head_of("200 OK", &["Transfer-Encoding: chunked"])),
            Act::Send([b"2711\r\n".to_vec(), vec![b' '; 10_001]].concat()),
            Act::Hang,
        ],
        vec![Act::Send(ok(&["Content-Encoding: gzip"], &bomb)), Act::Hang],
    ];
    for script in scripts {
        let origin = Origin::scripted(move |_| script.clone());
        let error = get_error(&client(&origin), &origin.url("/")).await;
        assert_eq!(error, FetchError::TooLarge { limit: 10_000 });
    }
    let origin = Origin::answering(ok(&[], &vec![b' '; 10_000]));
    let (document, ..) = fresh(get(&client(&origin), &origin.url("/")).await.unwrap());
    assert_eq!(document.bytes.len(), 10_000, "the cap itself is allowed");
}

#[tokio::test]
async fn large_documents_wait_for_memory_and_small_ones_do_not() {
    let large = ok(&[], &vec![b' '; LARGE_BYTES + 1]);
    let script = move |request: &ReceivedRequest| match request.path.as_str() {
        "/large" => vec![Act::Send(large.clone())],
        _ => vec![Act::Send(ok(&[], b"<rss/>"))],
    };
    let origin = Origin::scripted(script);
    let max_bytes = 4 * LARGE_BYTES as u64;
    let settings = FetchSettings { max_bytes, ..settings(&[&origin.url("/")]) };
    let client = std::sync::Arc::new(Client::new(&settings).unwrap());
    let mut held = Vec::new();
    for _ in 0..2 {
        held.push(get(&client, &origin.url("/large")).await.unwrap());
    }
    let (third, url) = (std::sync::Arc::clone(&client), origin.url("/large"));
    let third = tokio::spawn(async move { get(&third, &url).await });
    while origin.requests().len() < 3 {
        tokio::task::yield_now().await;
    }
    get(&client, &origin.url("/small")).await.unwrap();
    // Time to finish, if there were memory for it.
    for _ in 0..10_000 {
        tokio::task::yield_now().await;
    }
    assert!(!third.is_finished());
    held.pop();
    third.await.unwrap().unwrap();
}
