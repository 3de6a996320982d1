//! Requests of hubs at our callback → messages to the event loop, and its replies → responses (W3C WebSub
//! sections 5.3, 7 and 8).
//!
//! | case | status |
//! | --- | --- |
//! | the callback is closed (WebSub is off) | as for any path that does not exist |
//! | a verification of our own request; of anything else | 200 with the challenge; 404 |
//! | a push for a subscription; for one that ended or never existed | 202; 410, which ends it at the hub |
//! | a forged push | 202: its sender learns nothing |
//! | too large, packed, too slow | 413, 415, 408 |
//! | too many for one source; for all sources | 429, 503 with `Retry-After` |
//!
//! The secret is not known here: a push is accepted first, and its reader checks the signature.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Response, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use super::notice_response::{TEXT, plain_notice, short_response};
use crate::model::Notice;

/// The path of callbacks below the public base address; the token follows.
pub const CALLBACK_FOLDER: &str = "websub/";
/// The longest token, in characters.
const MAX_TOKEN_LENGTH: usize = 64;
/// The time in which the body of a push must arrive: a megabyte over a bad line takes ten seconds.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// The event loop replies within milliseconds; a hub waits for about ten seconds.
const LOOP_TIMEOUT: Duration = Duration::from_secs(5);
/// Pushes that are received, waiting and read at the same time: 128 MiB with the largest documents allowed by
/// default. Hubs deliver further ones again later.
const MAX_PUSHES: usize = 8;
/// Messages to the event loop that may wait.
const MAX_MESSAGES: usize = 256;
/// `Retry-After` for a hub that pushes one source too often.
const TOO_OFTEN_SECONDS: u64 = 60;
/// Section 8 of the recommendation.
const SIGNATURE_HEADER: HeaderName = HeaderName::from_static("x-hub-signature");

/// A hub's request as a message to the event loop. If the reply is dropped, the response is 503. There is no
/// `Debug`: tokens are secrets.
pub enum CallbackRequest {
    /// A verification of intent (GET).
    Verification {
        /// The end of the callback's path.
        token: String,
        /// The query.
        query: String,
        /// The response body; `None`: we did not request what the hub wants to verify.
        reply: oneshot::Sender<Option<String>>,
    },
    /// A push starts (the head of a POST).
    PushHeaders {
        /// The end of the callback's path.
        token: String,
        /// Whether the push is accepted.
        reply: oneshot::Sender<PushAdmission>,
    },
    /// A push whose head was accepted.
    Push(DeliveredPush),
}

/// Whether a push is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PushAdmission {
    /// It is.
    Accepted,
    /// There is no such subscription.
    Unknown,
    /// There were too many.
    TooOften,
}

/// A push as received.
pub struct DeliveredPush {
    /// The end of the callback's path.
    pub token: String,
    /// The body.
    pub body: Bytes,
    /// The `Content-Type` header.
    pub content_type: Option<String>,
    /// The `X-Hub-Signature` header.
    pub signature: Option<String>,
    /// Its permit among the pushes that may be held at the same time; dropped with it.
    pub permit: OwnedSemaphorePermit,
}

/// The endpoint of hubs' callbacks. Closed until it is opened.
#[derive(Debug)]
pub struct CallbackEndpoint {
    is_open: AtomicBool,
    max_bytes: AtomicU64,
    event_loop: mpsc::Sender<CallbackRequest>,
    permits: Arc<Semaphore>,
}

impl CallbackEndpoint {
    /// A closed endpoint, and the receiver of its messages.
    pub fn new() -> (Self, mpsc::Receiver<CallbackRequest>) {
        let (event_loop, messages) = mpsc::channel(MAX_MESSAGES);
        let permits = Arc::new(Semaphore::new(MAX_PUSHES));
        let (is_open, max_bytes) = (AtomicBool::new(false), AtomicU64::new(0));
        (Self { is_open, max_bytes, event_loop, permits }, messages)
    }

    /// Accepts hubs' requests, with pushes of at most `max_bytes`.
    pub fn open(&self, max_bytes: u64) {
        self.max_bytes.store(max_bytes, Ordering::Relaxed);
        self.is_open.store(true, Ordering::Relaxed);
    }

    /// Accepts no further requests.
    pub fn close(&self) {
        self.is_open.store(false, Ordering::Relaxed);
    }

    /// Whether hubs' requests are accepted.
    pub(super) fn is_open(&self) -> bool {
        self.is_open.load(Ordering::Relaxed)
    }

    /// The token of a callback's path; `None`: it is another path, or the endpoint is closed.
    pub(super) fn token(&self, path: &str) -> Option<String> {
        let token = path.strip_prefix('/')?.strip_prefix(CALLBACK_FOLDER)?;
        let is_token = (1..=MAX_TOKEN_LENGTH).contains(&token.len())
            && token.bytes().all(|byte| byte.is_ascii_alphanumeric());
        (self.is_open() && is_token).then(|| token.to_owned())
    }

    /// Responds to a hub.
    pub(super) async fn respond(&self, token: String, request: Request) -> Response<Body> {
        match request.method().clone() {
            Method::GET => {
                let query = request.uri().query().unwrap_or_default().to_owned();
                match self
                    .ask_event_loop(|reply| CallbackRequest::Verification { token, query, reply })
                    .await
                {
                    Some(Some(words)) => short_response(StatusCode::OK, TEXT, words),
                    Some(None) => plain_notice(Notice::NotFound),
                    None => plain_notice(Notice::NotReady),
                }
            }
            Method::POST => match self.receive_push(token, request).await {
                Ok(()) => short_response(StatusCode::ACCEPTED, TEXT, ""),
                Err(refusal) => refusal,
            },
            _ => {
                let words = "GET or POST only\n";
                let mut response = short_response(StatusCode::METHOD_NOT_ALLOWED, TEXT, words);
                let allowed = HeaderValue::from_static("GET, POST");
                response.headers_mut().insert(header::ALLOW, allowed);
                response
            }
        }
    }

    async fn receive_push(&self, token: String, request: Request) -> Result<(), Response<Body>> {
        let error_response = |status, words: &'static str| short_response(status, TEXT, words);
        let (head, body) = request.into_parts();
        if header_text(&head.headers, &header::CONTENT_ENCODING)
            .is_some_and(|coding| !coding.eq_ignore_ascii_case("identity"))
        {
            let words = "expected a body without a content coding\n";
            return Err(error_response(StatusCode::UNSUPPORTED_MEDIA_TYPE, words));
        }
        let push_token = token.clone();
        match self
            .ask_event_loop(|reply| CallbackRequest::PushHeaders { token: push_token, reply })
            .await
        {
            Some(PushAdmission::Accepted) => {}
            Some(PushAdmission::Unknown) => {
                return Err(error_response(StatusCode::GONE, "there is no such subscription\n"));
            }
            Some(PushAdmission::TooOften) => {
                let mut response =
                    error_response(StatusCode::TOO_MANY_REQUESTS, "too many pushes\n");
                let wait = HeaderValue::from(TOO_OFTEN_SECONDS);
                response.headers_mut().insert(header::RETRY_AFTER, wait);
                return Err(response);
            }
            None => return Err(plain_notice(Notice::NotReady)),
        }
        let permit = Arc::clone(&self.permits)
            .try_acquire_owned()
            .map_err(|_| plain_notice(Notice::NotReady))?;
        let limit = self.max_bytes.load(Ordering::Relaxed);
        let body = read_body(body, usize::try_from(limit).unwrap_or(usize::MAX)).await?;
        let push = DeliveredPush {
            token,
            body,
            content_type: header_text(&head.headers, &header::CONTENT_TYPE),
            signature: header_text(&head.headers, &SIGNATURE_HEADER),
            permit,
        };
        self.event_loop
            .try_send(CallbackRequest::Push(push))
            .map_err(|_| plain_notice(Notice::NotReady))
    }

    /// Sends a message to the event loop and waits for its reply; `None`: it gives none in time.
    async fn ask_event_loop<T>(
        &self,
        message: impl FnOnce(oneshot::Sender<T>) -> CallbackRequest,
    ) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        self.event_loop.try_send(message(reply)).ok()?;
        tokio::time::timeout(LOOP_TIMEOUT, answer).await.ok()?.ok()
    }
}

async fn read_body(body: Body, limit: usize) -> Result<Bytes, Response<Body>> {
    let reading = tokio::time::timeout(BODY_TIMEOUT, Limited::new(body, limit).collect()).await;
    let (status, words) = match reading {
        Ok(Ok(whole)) => return Ok(whole.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            (StatusCode::PAYLOAD_TOO_LARGE, "the push is too large\n")
        }
        Ok(Err(_)) => (StatusCode::BAD_REQUEST, "the push broke off\n"),
        Err(_) => (StatusCode::REQUEST_TIMEOUT, "the push arrived too slowly\n"),
    };
    Err(short_response(status, TEXT, words))
}

fn header_text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

#[cfg(test)]
mod tests;
