//! A form → a hub's yes, or why not: the only request that is no GET, under the same rules for
//! addresses, turns and time.
//!
//! W3C WebSub section 5.1: 307 and 308 are followed with the same form, as hubs may move; other
//! redirects are no answer. The form holds a secret, so that no redirect leads from `https` to `http`.

use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION, USER_AGENT};
use http::{Method, StatusCode};
use jiff::Timestamp;
use reqwest::{Body, Response};
use url::Url;

use super::super::body::Decompressor;
use super::super::fetch_error::{FetchError, TimeoutPhase, redacted};
use super::super::freshness;
use super::super::redirect_chain::RedirectChain;
use super::{Client, FetchRoute, RequestDeadline};

const FORM_MEDIA_TYPE: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
/// Hubs say why they refuse in some line of text, if they say it at all.
const REASON: HeaderValue = HeaderValue::from_static("text/plain, */*;q=0.1");
/// Of what a hub says no more is read.
const MAX_ANSWER_BYTES: usize = 4096;

/// Why a form was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PostError {
    /// There was no answer.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// It answered something else than 2xx.
    #[error("the hub answered {code}{}", hub_reason(words))]
    Refused {
        /// The status.
        code: u16,
        /// What it said, as text; may be empty.
        words: String,
        /// `Retry-After`, in seconds.
        retry_after_seconds: Option<u64>,
    },
}

fn hub_reason(words: &str) -> String {
    if words.is_empty() { String::new() } else { format!(": {words}") }
}

impl Client {
    /// Sends a form (`application/x-www-form-urlencoded`); any 2xx is a yes. It first waits for a turn
    /// at the host, for as long as that takes; `now` is what dates in headers are compared with.
    ///
    /// # Errors
    /// `Fetch` as for `get`; `Refused` for every other answer.
    pub async fn post(&self, url: &Url, form: &str, now: Timestamp) -> Result<(), PostError> {
        let mut trail = RedirectChain::new(url);
        let mut clock = RequestDeadline::new(self.timeout, self.silence);
        loop {
            let here = trail.current().clone();
            let way = self.route_to(&here)?;
            let _turn = way.turns.acquire(&way.queue_key(&here)).await;
            clock.resume();
            let response = self.send_form(way, &here, form, &clock).await?;
            match response.status() {
                status if status.is_success() => return Ok(()),
                status @ (StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT) => {
                    let location = response.headers().get(LOCATION);
                    trail.follow(status.as_u16(), location.map(HeaderValue::as_bytes))?;
                    if here.scheme() == "https" && trail.current().scheme() != "https" {
                        return Err(
                            FetchError::SchemeRefused { url: redacted(trail.current()) }.into()
                        );
                    }
                    clock.pause();
                }
                status => {
                    let allowed = freshness::parse_freshness(response.headers(), now);
                    return Err(PostError::Refused {
                        code: status.as_u16(),
                        words: self.read_hub_message(response, &clock).await,
                        retry_after_seconds: allowed.retry_after_seconds,
                    });
                }
            }
        }
    }

    async fn send_form(
        &self,
        way: &FetchRoute,
        url: &Url,
        form: &str,
        clock: &RequestDeadline,
    ) -> Result<Response, FetchError> {
        let mut request = reqwest::Request::new(Method::POST, url.clone());
        let mut headers = HeaderMap::with_capacity(3);
        headers.insert(USER_AGENT, self.user_agent.clone());
        headers.insert(CONTENT_TYPE, FORM_MEDIA_TYPE);
        headers.insert(ACCEPT, REASON);
        *request.headers_mut() = headers;
        *request.body_mut() = Some(Body::from(form.to_owned()));
        let answer = clock.run_within(TimeoutPhase::Response, way.http.execute(request)).await?;
        answer.map_err(|error| FetchError::from_request_error(&error, url))
    }

    /// The beginning of what a hub says, as text; nothing where it cannot be read.
    async fn read_hub_message(&self, mut response: Response, clock: &RequestDeadline) -> String {
        let Ok(mut unpacker) = Decompressor::new(response.headers(), MAX_ANSWER_BYTES) else {
            return String::new();
        };
        let is_page = response
            .headers()
            .get(CONTENT_TYPE)
            .is_some_and(|said| said.as_bytes().starts_with(b"text/html"));
        if is_page {
            return String::new();
        }
        while let Ok(Ok(Some(piece))) = self.read_chunk(&mut response, clock).await {
            if unpacker.push(&piece).is_err() {
                return String::new();
            }
        }
        let body = unpacker.finish_body().map(|body| body.bytes).unwrap_or_default();
        String::from_utf8_lossy(&body).trim().to_owned()
    }
}
