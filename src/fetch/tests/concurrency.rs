//! Many requests at once → a few at a time to one host.

use super::*;

#[tokio::test]
async fn connections_are_reused() {
    let origin = Origin::answering(bare("304 Not Modified", &[]));
    let (client, url) = (client(&origin), origin.url("/"));
    let sent = given(Some(b"\"1\""), None, &url);
    for _ in 0..4 {
        let request = FetchRequest { validators: Some(&sent), ..FetchRequest::new(&url) };
        client.get(&request, now()).await.unwrap();
    }
    let connections: Vec<_> = origin.requests().iter().map(|request| request.connection).collect();
    assert_eq!(connections, [0, 1, 1, 1], "the first answer makes the origin known");
}

/// Sends 80 requests at once, and releases one whenever as many wait as may; expects `at_once` of them.
async fn crowd(client: Client, origin: &Origin, url: &Url, at_once: usize) {
    let client = std::sync::Arc::new(client);
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..80 {
        let (client, url) = (std::sync::Arc::clone(&client), url.clone());
        tasks.spawn(async move { get(&client, &url).await.map(drop) });
    }
    while !tasks.is_empty() {
        while origin.gate().waiting() < at_once.min(tasks.len()) {
            tokio::task::yield_now().await;
        }
        // Time for one more to start, if it were allowed: the permit, the connection, the request and the
        // origin take a round of the runtime each.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        origin.gate().let_one_pass();
        tasks.join_next().await.unwrap().unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_public_host_gets_two_requests_at_a_time() {
    // A proxy on loopback stands for the public host.
    let proxy = Origin::scripted(|_| vec![Act::Wait, Act::Send(ok(&[], b"<rss/>"))]);
    let url = Url::parse("http://a.example/feed").unwrap();
    for per_host in [2, 1] {
        let settings = FetchSettings { per_host, proxy: Some(proxy.url("/")), ..settings(&[]) };
        let timeouts = Timeouts { gap: Duration::ZERO, ..DEFAULT_TIMEOUTS };
        let client = Client::with_timeouts(&settings, timeouts).unwrap();
        crowd(client, &proxy, &url, per_host).await;
        assert_eq!(proxy.gate().take_most_waiting(), per_host);
    }
    assert!(proxy.last().head.starts_with(b"GET http://a.example/feed HTTP/1.1\r\n"));
}

#[tokio::test]
async fn requests_to_a_public_host_start_apart() {
    let proxy = Origin::answering(ok(&[], b"<rss/>"));
    let settings = FetchSettings { proxy: Some(proxy.url("/")), ..settings(&[]) };
    let gap = Duration::from_millis(20);
    let client = Client::with_timeouts(&settings, Timeouts { gap, ..DEFAULT_TIMEOUTS }).unwrap();
    let begun = std::time::Instant::now();
    for _ in 0..3 {
        get(&client, &Url::parse("http://a.example/feed").unwrap()).await.unwrap();
    }
    assert!(begun.elapsed() >= gap * 2);
}

#[tokio::test]
async fn the_operators_own_hosts_take_more() {
    let origin = Origin::scripted(|_| vec![Act::Wait, Act::Send(ok(&[], b"<rss/>"))]);
    crowd(client(&origin), &origin, &origin.url("/"), 64).await;
    assert_eq!(origin.gate().take_most_waiting(), 64);
}

#[tokio::test]
async fn the_operators_own_servers_do_not_wait_for_each_other() {
    let stuck = Origin::scripted(|_| vec![Act::Wait, Act::Send(ok(&[], b"<rss/>"))]);
    let well = Origin::answering(ok(&[], b"<rss/>"));
    let client = Client::new(&settings(&[&stuck.url("/"), &well.url("/")])).unwrap();
    let client = std::sync::Arc::new(client);
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..64 {
        let (client, url) = (std::sync::Arc::clone(&client), stuck.url("/"));
        tasks.spawn(async move { get(&client, &url).await.map(drop) });
    }
    while stuck.gate().waiting() < 64 {
        tokio::task::yield_now().await;
    }
    get(&client, &well.url("/")).await.unwrap();
}
