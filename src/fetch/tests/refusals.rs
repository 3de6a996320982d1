//! Forbidden addresses → an error before anything is sent.

use super::*;

#[tokio::test]
async fn private_hosts_get_requests_only_if_they_are_allowed() {
    let origin = Origin::answering(ok(&[], b"<rss/>"));
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
    assert_eq!(origin.requests().len(), 3, "no other request was sent");
}

#[tokio::test]
async fn names_of_this_machine_need_no_resolver_to_be_refused() {
    let client = Client::new(&settings(&[])).unwrap();
    for host in ["localhost", "LOCALHOST.", "printer.localhost", "%6cocalhost"] {
        let error = get_error(&client, &Url::parse(&format!("http://{host}:9/")).unwrap()).await;
        let is_refused = matches!(error, FetchError::PrivateAddress { kind: "loopback", .. });
        assert!(is_refused, "{host}: {error}");
    }
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
async fn a_proxy_does_not_bypass_the_refusals() {
    let proxy = Origin::answering(ok(&[], b"<rss/>"));
    let own = Origin::answering(ok(&[], b"<rss/>"));
    let settings = FetchSettings { proxy: Some(proxy.url("/")), ..settings(&[&own.url("/")]) };
    let client = Client::new(&settings).unwrap();
    for refused in
        ["http://127.0.0.1:9/", "http://localhost/", "http://a.localhost./", "http://[::1]/"]
    {
        let error = get_error(&client, &Url::parse(refused).unwrap()).await;
        assert!(matches!(error, FetchError::PrivateAddress { .. }), "{error}");
    }
    get(&client, &own.url("/")).await.unwrap();
    assert_eq!(own.requests().len(), 1, "the operator's own hosts are requested directly");
    assert_eq!(proxy.requests(), []);
}
