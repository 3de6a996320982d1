//! Requests of hubs → messages and responses; a table plays the event loop's part.

use jiff::Timestamp;

use super::*;
use crate::http::access_rules::{ListenerKind, RequestOrigin};
use crate::http::dispatch::respond_to_request;
use crate::http::{DaemonHealth, HttpState, Metrics, RenditionCache};

/// A request from elsewhere.
const ORIGIN: RequestOrigin = RequestOrigin { listener: ListenerKind::Sole, is_loopback: false };

/// The state of a server with an open or closed endpoint, and the pushes that its event loop receives.
struct TestEndpoint {
    state: HttpState,
    callbacks: Arc<CallbackEndpoint>,
    pushes: mpsc::UnboundedReceiver<DeliveredPush>,
}

/// An event loop that knows the subscription `good`, confirms verifications with `yes`, accepts no push for
/// `often` and never replies to `silent`.
fn test_endpoint() -> TestEndpoint {
    let (callbacks, mut messages) = CallbackEndpoint::new();
    let callbacks = Arc::new(callbacks);
    let (push_sender, pushes) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Some(message) = messages.recv().await {
            match message {
                CallbackRequest::Verification { token, query, reply } => {
                    let is_ours = token == "good" && query == "hub.mode=yes";
                    let _ = reply.send(is_ours.then(|| "challenge".to_owned()));
                }
                CallbackRequest::PushHeaders { token, reply } => {
                    let _ = match token.as_str() {
                        "good" => reply.send(PushAdmission::Accepted),
                        "often" => reply.send(PushAdmission::TooOften),
                        "silent" => Ok(()),
                        _ => reply.send(PushAdmission::Unknown),
                    };
                }
                CallbackRequest::Push(push) => push_sender.send(push).unwrap(),
            }
        }
    });
    let (render_requests, _) = mpsc::channel(1);
    let state = HttpState {
        cache: Arc::new(RenditionCache::default()),
        render_requests,
        search_requests: None,
        picture_requests: None,
        stream_requests: mpsc::channel(1).0,
        poll_requests: mpsc::channel(1).0,
        metrics: Arc::new(Metrics::default()),
        callbacks: Arc::clone(&callbacks),
        operator_key: None,
        access: Arc::default(),
        health: Arc::new(DaemonHealth::new(Timestamp::UNIX_EPOCH)),
        now: || Timestamp::UNIX_EPOCH,
    };
    TestEndpoint { state, callbacks, pushes }
}

impl TestEndpoint {
    /// The status, the headers and the body of the response to a request.
    async fn request(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header("host", "a");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let response = respond_to_request(&self.state, ORIGIN, request).await;
        let (head, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer {
            status: head.status.as_u16(),
            headers: head.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    async fn status(&self, method: &str, path: &str) -> u16 {
        self.request(method, path, &[], "x").await.status
    }
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    body: String,
}

#[tokio::test]
async fn a_closed_endpoint_does_not_exist() {
    let endpoint = test_endpoint();
    assert_eq!(endpoint.status("GET", "/websub/good?hub.mode=yes").await, 404);
    assert_eq!(endpoint.status("POST", "/websub/good").await, 405);
    endpoint.callbacks.open(10);
    assert_eq!(endpoint.status("GET", "/websub/good?hub.mode=yes").await, 200);
    assert_eq!(endpoint.status("POST", "/websub/good").await, 202);
    for path in ["/websub/", "/websub", "/websub/a/b", "/websub/a-b", "/feed.xml", "/websub/%61"] {
        assert_eq!(endpoint.status("POST", path).await, 405, "{path}");
    }
    let long = format!("/websub/{}", "a".repeat(65));
    assert_eq!(endpoint.status("POST", &long).await, 405);
    endpoint.callbacks.close();
    assert_eq!(endpoint.status("POST", "/websub/good").await, 405);
}

#[tokio::test]
async fn verifications_are_answered_by_the_event_loop() {
    let endpoint = test_endpoint();
    endpoint.callbacks.open(10);
    let yes = endpoint.request("GET", "/websub/good?hub.mode=yes", &[], "").await;
    assert_eq!((yes.status, yes.body.as_str()), (200, "challenge"));
    assert_eq!(yes.headers["content-type"], "text/plain; charset=utf-8");
    assert_eq!(yes.headers["x-content-type-options"], "nosniff");
    assert_eq!(yes.headers["cache-control"], "no-store");
    assert_eq!(endpoint.status("GET", "/websub/good?hub.mode=no").await, 404);
    assert_eq!(endpoint.status("GET", "/websub/good").await, 404);
    assert_eq!(endpoint.status("GET", "/websub/bad?hub.mode=yes").await, 404);
    let other = endpoint.request("HEAD", "/websub/good", &[], "").await;
    assert_eq!(
        (other.status, &other.headers["allow"]),
        (405, &HeaderValue::from_static("GET, POST"))
    );
}

#[tokio::test]
async fn a_push_is_passed_on_unchanged() {
    let mut endpoint = test_endpoint();
    endpoint.callbacks.open(10);
    let headers = [("content-type", "application/atom+xml"), ("x-hub-signature", "sha256=00")];
    assert_eq!(endpoint.request("POST", "/websub/good", &headers, "0123456789").await.status, 202);
    let push = endpoint.pushes.recv().await.unwrap();
    assert_eq!((push.token.as_str(), &push.body[..]), ("good", &b"0123456789"[..]));
    assert_eq!(push.content_type.as_deref(), Some("application/atom+xml"));
    assert_eq!(push.signature.as_deref(), Some("sha256=00"));
    assert_eq!(endpoint.status("POST", "/websub/good").await, 202);
    assert_eq!(endpoint.pushes.recv().await.unwrap().signature, None);
}

#[tokio::test]
async fn what_cannot_be_accepted_is_refused() {
    let mut endpoint = test_endpoint();
    endpoint.callbacks.open(10);
    let long = endpoint.request("POST", "/websub/good", &[], "0123456789a").await;
    assert_eq!((long.status, long.body.as_str()), (413, "the push is too large\n"));
    let packed = [("content-encoding", "gzip")];
    assert_eq!(endpoint.request("POST", "/websub/good", &packed, "x").await.status, 415);
    let plain = [("content-encoding", "Identity")];
    assert_eq!(endpoint.request("POST", "/websub/good", &plain, "x").await.status, 202);
    assert_eq!(endpoint.status("POST", "/websub/unknown").await, 410);
    let often = endpoint.request("POST", "/websub/often", &[], "x").await;
    assert_eq!(
        (often.status, &often.headers["retry-after"]),
        (429, &HeaderValue::from_static("60"))
    );
    assert_eq!(endpoint.status("POST", "/websub/silent").await, 503);
    assert!(endpoint.pushes.recv().await.is_some());
    assert!(endpoint.pushes.try_recv().is_err(), "nothing of it reached the event loop");
}

#[tokio::test]
async fn at_most_eight_pushes_are_held() {
    let mut endpoint = test_endpoint();
    endpoint.callbacks.open(10);
    for _ in 0..MAX_PUSHES {
        assert_eq!(endpoint.status("POST", "/websub/good").await, 202);
    }
    let full = endpoint.request("POST", "/websub/good", &[], "x").await;
    assert_eq!((full.status, &full.headers["retry-after"]), (503, &HeaderValue::from_static("30")));
    drop(endpoint.pushes.recv().await.unwrap());
    assert_eq!(endpoint.status("POST", "/websub/good").await, 202, "the first was read meanwhile");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_arrive_times_out() {
    let endpoint = test_endpoint();
    endpoint.callbacks.open(10);
    let body = Body::from_stream(futures_util::stream::pending::<std::io::Result<Bytes>>());
    let request = Request::builder()
        .method("POST")
        .uri("/websub/good")
        .header("host", "a")
        .body(body)
        .unwrap();
    let response = respond_to_request(&endpoint.state, ORIGIN, request).await;
    assert_eq!(response.status(), StatusCode::REQUEST_TIMEOUT);
    let broken = futures_util::stream::iter([Err::<Bytes, _>(std::io::Error::other("gone"))]);
    let body = Body::from_stream(broken);
    let request = Request::builder()
        .method("POST")
        .uri("/websub/good")
        .header("host", "a")
        .body(body)
        .unwrap();
    let response = respond_to_request(&endpoint.state, ORIGIN, request).await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert_eq!(
        endpoint.callbacks.permits.available_permits(),
        MAX_PUSHES,
        "both permits are free again"
    );
}
