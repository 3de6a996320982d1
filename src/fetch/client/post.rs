//! A form → a hub accepts it, or the reason why not: the only request that is no GET, under the same rules
//! for addresses, queues and time.
//!
//! W3C WebSub section 5.1: 307 and 308 are followed with the same form, because hubs may move; other
//! redirects are refusals. The form holds a secret, so no redirect leads from `https` to `http`.

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
/// Hubs explain a refusal in a line of text, if at all.
const ACCEPT_REASON: HeaderValue = HeaderValue::from_static("text/plain, */*;q=0.1");
/// At most this much of a hub's explanation is read.
const MAX_ANSWER_BYTES: usize = 4096;

/// Why a form was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PostError {
    /// There was no response.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The response was not 2xx.
    #[error("the hub answered {code}{}", hub_reason(words))]
    Refused {
        /// The status.
        code: u16,
        /// The hub's explanation, as text; may be empty.
        words: String,
        /// `Retry-After`, in seconds.
        retry_after_seconds: Option<u64>,
    },
}

fn hub_reason(words: &str) -> String {
    if words.is_empty() { String::new() } else { format!(": {words}") }
}

impl Client {
    /// Sends a form (`application/x-www-form-urlencoded`); any 2xx means accepted. It first waits in the
    /// queue of the host, for as long as that takes; dates in headers are compared with `now`.
    ///
    /// # Errors
    /// `Fetch` as for `get`; `Refused` for every other response.
    pub async fn post(&self, url: &Url, form: &str, now: Timestamp) -> Result<(), PostError> {
        let mut chain = RedirectChain::new(url);
        let mut deadline = RequestDeadline::new(self.timeout, self.silence);
        loop {
            let current = chain.current().clone();
            let route = self.route_to(&current)?;
            let _permit = route.queues.acquire(&route.queue_key(&current)).await;
            deadline.resume();
            let response = self.send_form(route, &current, form, &deadline).await?;
            match response.status() {
                status if status.is_success() => return Ok(()),
                status @ (StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT) => {
                    let location = response.headers().get(LOCATION);
                    chain.follow(status.as_u16(), location.map(HeaderValue::as_bytes))?;
                    if current.scheme() == "https" && chain.current().scheme() != "https" {
                        return Err(
                            FetchError::SchemeRefused { url: redacted(chain.current()) }.into()
                        );
                    }
                    deadline.pause();
                }
                status => {
                    let allowed = freshness::parse_freshness(response.headers(), now);
                    return Err(PostError::Refused {
                        code: status.as_u16(),
                        words: self.read_hub_message(response, &deadline).await,
                        retry_after_seconds: allowed.retry_after_seconds,
                    });
                }
            }
        }
    }

    async fn send_form(
        &self,
        route: &FetchRoute,
        url: &Url,
        form: &str,
        deadline: &RequestDeadline,
    ) -> Result<Response, FetchError> {
        let mut request = reqwest::Request::new(Method::POST, url.clone());
        let mut headers = HeaderMap::with_capacity(3);
        headers.insert(USER_AGENT, self.user_agent.clone());
        headers.insert(CONTENT_TYPE, FORM_MEDIA_TYPE);
        headers.insert(ACCEPT, ACCEPT_REASON);
        *request.headers_mut() = headers;
        *request.body_mut() = Some(Body::from(form.to_owned()));
        let answer =
            deadline.run_within(TimeoutPhase::Response, route.http.execute(request)).await?;
        answer.map_err(|error| FetchError::from_request_error(&error, url))
    }

    /// The beginning of the hub's explanation, as text; empty if it cannot be read.
    async fn read_hub_message(&self, mut response: Response, deadline: &RequestDeadline) -> String {
        let Ok(mut decompressor) = Decompressor::new(response.headers(), MAX_ANSWER_BYTES) else {
            return String::new();
        };
        let is_page = response
            .headers()
            .get(CONTENT_TYPE)
            .is_some_and(|value| value.as_bytes().starts_with(b"text/html"));
        if is_page {
            return String::new();
        }
        while let Ok(Ok(Some(piece))) = self.read_chunk(&mut response, deadline).await {
            if decompressor.push(&piece).is_err() {
                return String::new();
            }
        }
        let body = decompressor.finish_body().map(|body| body.bytes).unwrap_or_default();
        String::from_utf8_lossy(&body).trim().to_owned()
    }
}
