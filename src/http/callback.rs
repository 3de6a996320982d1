//! Requests of hubs at our callback → calls to the run loop, and its word → responses (W3C WebSub
//! sections 5.3, 7 and 8).
//!
//! | case | status |
//! | --- | --- |
//! | the callback is closed (WebSub is off) | as for any path that does not exist |
//! | a question about what we asked for; about anything else | 200 with the challenge; 404 |
//! | a push for a subscription; for one that is over or never was | 202; 410, which ends it at the hub |
//! | a push that is forged | 202: who sent it learns nothing |
//! | too large, packed, too slow | 413, 415, 408 |
//! | too many of one source; of all sources | 429, 503 with `Retry-After` |
//!
//! The secret is not known here: a push is taken first, and checked by who reads it.

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

/// Where callbacks are, below the public base address; the token follows.
pub const CALLBACK_FOLDER: &str = "websub/";
/// A token is at most so long.
const MAX_TOKEN_LENGTH: usize = 64;
/// The body of a push must be there in this time: a megabyte over a bad line takes ten seconds.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// The loop answers within milliseconds; a hub waits for ten seconds or so.
const LOOP_TIMEOUT: Duration = Duration::from_secs(5);
/// Pushes that are received, waiting and read at the same time: with the largest documents that are
/// allowed by default, 128 MiB. More are brought again later.
const MAX_PUSHES: usize = 8;
/// Calls that may wait.
const MAX_CALLS: usize = 256;
/// What a hub is told to wait when one source is pushed too often.
const TOO_OFTEN_SECONDS: u64 = 60;
/// Section 8 of the recommendation.
const SIGNATURE_HEADER: HeaderName = HeaderName::from_static("x-hub-signature");

/// A hub's request, told to the loop. A reply that is dropped without a word is answered 503. It has no
/// `Debug`: tokens are secrets.
pub enum CallbackRequest {
    /// A question (GET).
    Verification {
        /// The end of the callback's path.
        token: String,
        /// The query.
        query: String,
        /// The body to answer with; `None`: the question is not about anything that was asked for.
        reply: oneshot::Sender<Option<String>>,
    },
    /// A push is about to come (the head of a POST).
    PushHeaders {
        /// The end of the callback's path.
        token: String,
        /// Whether it may.
        reply: oneshot::Sender<PushAdmission>,
    },
    /// A push that was let in.
    Push(DeliveredPush),
}

/// Whether a push may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PushAdmission {
    /// It may.
    Accepted,
    /// There is no such subscription.
    Unknown,
    /// There were too many already.
    TooOften,
}

/// A push as it came.
pub struct DeliveredPush {
    /// The end of the callback's path.
    pub token: String,
    /// The body.
    pub body: Bytes,
    /// The `Content-Type` header.
    pub content_type: Option<String>,
    /// The `X-Hub-Signature` header.
    pub signature: Option<String>,
    /// Its place among those that may be there at the same time; dropped with it.
    pub permit: OwnedSemaphorePermit,
}

/// The callback's door. Closed until it is opened.
#[derive(Debug)]
pub struct CallbackEndpoint {
    is_open: AtomicBool,
    max_bytes: AtomicU64,
    calls: mpsc::Sender<CallbackRequest>,
    permits: Arc<Semaphore>,
}

impl CallbackEndpoint {
    /// A closed door, and where its calls come out.
    pub fn new() -> (Self, mpsc::Receiver<CallbackRequest>) {
        let (calls, inbox) = mpsc::channel(MAX_CALLS);
        let room = Arc::new(Semaphore::new(MAX_PUSHES));
        let (is_open, max_bytes) = (AtomicBool::new(false), AtomicU64::new(0));
        (Self { is_open, max_bytes, calls, permits: room }, inbox)
    }

    /// Lets hubs in, with pushes of at most `max_bytes`.
    pub fn open(&self, max_bytes: u64) {
        self.max_bytes.store(max_bytes, Ordering::Relaxed);
        self.is_open.store(true, Ordering::Relaxed);
    }

    /// Lets nobody in any more.
    pub fn close(&self) {
        self.is_open.store(false, Ordering::Relaxed);
    }

    /// The token of a callback's path; `None`: the path is none, or the door is closed.
    pub(super) fn token(&self, path: &str) -> Option<String> {
        let token = path.strip_prefix('/')?.strip_prefix(CALLBACK_FOLDER)?;
        let is_token = (1..=MAX_TOKEN_LENGTH).contains(&token.len())
            && token.bytes().all(|byte| byte.is_ascii_alphanumeric());
        (self.is_open.load(Ordering::Relaxed) && is_token).then(|| token.to_owned())
    }

    /// Answers a hub.
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
        let refused = |status, words: &'static str| short_response(status, TEXT, words);
        let (head, body) = request.into_parts();
        if header_text(&head.headers, &header::CONTENT_ENCODING)
            .is_some_and(|coding| !coding.eq_ignore_ascii_case("identity"))
        {
            let words = "expected a body without a content coding\n";
            return Err(refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, words));
        }
        let knock = token.clone();
        match self
            .ask_event_loop(|reply| CallbackRequest::PushHeaders { token: knock, reply })
            .await
        {
            Some(PushAdmission::Accepted) => {}
            Some(PushAdmission::Unknown) => {
                return Err(refused(StatusCode::GONE, "there is no such subscription\n"));
            }
            Some(PushAdmission::TooOften) => {
                let mut response = refused(StatusCode::TOO_MANY_REQUESTS, "too many pushes\n");
                let wait = HeaderValue::from(TOO_OFTEN_SECONDS);
                response.headers_mut().insert(header::RETRY_AFTER, wait);
                return Err(response);
            }
            None => return Err(plain_notice(Notice::NotReady)),
        }
        let room = Arc::clone(&self.permits)
            .try_acquire_owned()
            .map_err(|_| plain_notice(Notice::NotReady))?;
        let limit = self.max_bytes.load(Ordering::Relaxed);
        let body = read_body(body, usize::try_from(limit).unwrap_or(usize::MAX)).await?;
        let delivery = DeliveredPush {
            token,
            body,
            content_type: header_text(&head.headers, &header::CONTENT_TYPE),
            signature: header_text(&head.headers, &SIGNATURE_HEADER),
            permit: room,
        };
        self.calls
            .try_send(CallbackRequest::Push(delivery))
            .map_err(|_| plain_notice(Notice::NotReady))
    }

    /// Tells the loop and awaits its word; `None`: it has none now.
    async fn ask_event_loop<T>(
        &self,
        call: impl FnOnce(oneshot::Sender<T>) -> CallbackRequest,
    ) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        self.calls.try_send(call(reply)).ok()?;
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
        Err(_) => (StatusCode::REQUEST_TIMEOUT, "the push came too slowly\n"),
    };
    Err(short_response(status, TEXT, words))
}

fn header_text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

#[cfg(test)]
mod tests;
