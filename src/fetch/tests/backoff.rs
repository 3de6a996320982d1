//! A host that requests a pause → no request goes to it, whatever the address.

use super::*;

/// A proxy on loopback stands for all public hosts.
fn with_proxy(
    script: impl Fn(&ReceivedRequest) -> Vec<u8> + Send + Sync + 'static,
) -> (Client, Origin) {
    let proxy = Origin::scripted(move |request: &ReceivedRequest| vec![Act::Send(script(request))]);
    let settings = FetchSettings { proxy: Some(proxy.url("/")), ..settings(&[&proxy.url("/")]) };
    let timeouts = Timeouts { gap: Duration::ZERO, ..DEFAULT_TIMEOUTS };
    (Client::with_timeouts(&settings, timeouts).unwrap(), proxy)
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

#[tokio::test]
async fn a_pause_of_a_host_holds_for_every_address() {
    let check = async |answer: Vec<u8>, seconds: Option<u64>| {
        let response = String::from_utf8_lossy(&answer).into_owned();
        let (client, proxy) = with_proxy(move |request| match request.path.as_str() {
            "http://a.example/busy" => answer.clone(),
            "http://b.example/away" => bare("302 Found", &["Location: http://a.example/other"]),
            _ => ok(&[], b"<rss/>"),
        });
        get_error(&client, &url("http://a.example/busy")).await;
        for (address, expected_requests) in
            [("http://a.example/other", 0), ("http://b.example/away", 1)]
        {
            let before = proxy.requests().len();
            let found = get(&client, &url(address)).await.map(drop);
            let left = match &found {
                Err(FetchError::HostBackoff { host, left }) if host == "a.example" => Some(*left),
                _ => None,
            };
            let is_near =
                |left: Duration, seconds| (seconds - 60..=seconds).contains(&left.as_secs());
            assert_eq!(left.is_some(), seconds.is_some(), "{response}: {found:?}");
            assert!(
                left.zip(seconds).is_none_or(|(left, seconds)| is_near(left, seconds)),
                "{left:?}"
            );
            if seconds.is_some() {
                assert_eq!(proxy.requests().len() - before, expected_requests, "{response}");
            }
        }
        get(&client, &url("http://c.example/")).await.unwrap();
    };
    check(bare("429 Slow", &["Retry-After: 3600"]), Some(3600)).await;
    check(bare("429 Slow", &["Retry-After: Tue, 24 Nov 2026 11:00:00 GMT"]), Some(3600)).await;
    check(bare("429 Slow", &["Retry-After: 0"]), Some(600)).await;
    check(bare("429 Slow", &[]), Some(600)).await;
    check(bare("503 Busy", &["Retry-After: 120"]), Some(120)).await;
    check(bare("503 Busy", &["Retry-After: 99999999999999999999"]), Some(3600)).await;
    check(bare("503 Busy", &[]), None).await;
    check(bare("500 Oh", &["Retry-After: 120"]), None).await;
}

#[tokio::test]
async fn one_address_of_a_host_is_paused_for_days_and_the_others_for_an_hour() {
    let (client, proxy) = with_proxy(|request| {
        if request.path.contains("bad") {
            return bare("503 Busy", &["Retry-After: 432000"]);
        }
        ok(&[], b"<rss/>")
    });
    let left = async |path: &str| match get_error(&client, &url(path)).await {
        FetchError::HostBackoff { left, .. } => left.as_secs(),
        error => panic!("{error}"),
    };
    assert_eq!(get_error(&client, &url("http://a.example/bad")).await.status(), Some(503));
    assert!((431_000..=432_000).contains(&left("http://a.example/bad").await));
    assert!((3500..=3600).contains(&left("http://a.example/good").await));
    assert_eq!(proxy.requests().len(), 1);
    for other in ["http://a.example/bad?2", "http://a.example/bad?3"] {
        client.set_backoff(&url(other), 86_400);
    }
    assert!((86_000..=86_400).contains(&left("http://a.example/good").await));
}

#[tokio::test]
async fn the_operators_own_hosts_are_not_paused() {
    let origin = Origin::answering(bare("429 Slow", &["Retry-After: 3600"]));
    let client = client(&origin);
    for path in ["/1", "/2", "/1"] {
        assert_eq!(get_error(&client, &origin.url(path)).await.status(), Some(429));
    }
}

#[tokio::test]
async fn waiting_requests_respect_a_new_pause() {
    let (client, proxy) = with_proxy(|_| bare("429 Slow", &["Retry-After: 3600"]));
    let client = std::sync::Arc::new(client);
    let mut tasks = tokio::task::JoinSet::new();
    for index in 0..20 {
        let client = std::sync::Arc::clone(&client);
        let url = url(&format!("http://a.example/{index}"));
        tasks.spawn(async move { get_error(&client, &url).await });
    }
    let errors = tasks.join_all().await;
    let sent = proxy.requests().len();
    assert!(sent <= 2, "{sent}: those that were running already");
    let paused = errors.iter().filter(|error| matches!(error, FetchError::HostBackoff { .. }));
    assert_eq!(paused.count(), 20 - sent);
}

#[tokio::test]
async fn a_pause_from_before_the_start_holds() {
    let (client, proxy) = with_proxy(|_| ok(&[], b"<rss/>"));
    client.set_backoff(&url("http://a.example/1"), 60);
    client.set_backoff(&proxy.url("/"), 60);
    let error = get_error(&client, &url("http://a.example/2")).await;
    assert!(matches!(error, FetchError::HostBackoff { .. }), "{error}");
    get(&client, &proxy.url("/")).await.unwrap();
    let other = Client::new(&settings(&[])).unwrap().inherit_backoff_from(&client);
    let error = get_error(&other, &url("http://a.example/2")).await.to_string();
    assert!(error.starts_with("a.example asked to be left alone, for another "), "{error}");
}
