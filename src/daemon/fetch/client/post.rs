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

use super::super::body::Unpacker;
use super::super::error::{FetchError, Waiting, shown};
use super::super::freshness;
use super::super::redirect::Trail;
use super::{Client, Clock, Way};

const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
/// Hubs say why they refuse in some line of text, if they say it at all.
const REASON: HeaderValue = HeaderValue::from_static("text/plain, */*;q=0.1");
/// Of what a hub says no more is read.
const LONGEST_ANSWER: usize = 4096;

/// Why a form was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PostError {
    /// There was no answer.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// It answered something else than 2xx.
    #[error("the hub answered {code}{}", said(words))]
    Refused {
        /// The status.
        code: u16,
        /// What it said, as text; may be empty.
        words: String,
        /// `Retry-After`, in seconds.
        retry_after_seconds: Option<u64>,
    },
}

fn said(words: &str) -> String {
    if words.is_empty() { String::new() } else { format!(": {words}") }
}

impl Client {
    /// Sends a form (`application/x-www-form-urlencoded`); any 2xx is a yes. It first waits for a turn
    /// at the host, for as long as that takes; `now` is what dates in headers are compared with.
    ///
    /// # Errors
    /// `Fetch` as for `get`; `Refused` for every other answer.
    pub async fn post(&self, url: &Url, form: &str, now: Timestamp) -> Result<(), PostError> {
        let mut trail = Trail::new(url);
        let mut clock = Clock::new(self.timeout, self.silence);
        loop {
            let here = trail.here().clone();
            let way = self.way_to(&here)?;
            let _turn = way.turns.wait(&way.queue(&here)).await;
            clock.start();
            let response = self.send_form(way, &here, form, &clock).await?;
            match response.status() {
                status if status.is_success() => return Ok(()),
                status @ (StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT) => {
                    let location = response.headers().get(LOCATION);
                    trail.follow(status.as_u16(), location.map(HeaderValue::as_bytes))?;
                    if here.scheme() == "https" && trail.here().scheme() != "https" {
                        return Err(FetchError::SchemeRefused { url: shown(trail.here()) }.into());
                    }
                    clock.stop();
                }
                status => {
                    let allowed = freshness::read(response.headers(), now);
                    return Err(PostError::Refused {
                        code: status.as_u16(),
                        words: self.words_of(response, &clock).await,
                        retry_after_seconds: allowed.retry_after_seconds,
                    });
                }
            }
        }
    }

    async fn send_form(
        &self,
        way: &Way,
        url: &Url,
        form: &str,
        clock: &Clock,
    ) -> Result<Response, FetchError> {
        let mut request = reqwest::Request::new(Method::POST, url.clone());
        let mut headers = HeaderMap::with_capacity(3);
        headers.insert(USER_AGENT, self.user_agent.clone());
        headers.insert(CONTENT_TYPE, FORM);
        headers.insert(ACCEPT, REASON);
        *request.headers_mut() = headers;
        *request.body_mut() = Some(Body::from(form.to_owned()));
        let answer = clock.within(Waiting::Answer, way.http.execute(request)).await?;
        answer.map_err(|error| FetchError::of_request(&error, url))
    }

    /// The beginning of what a hub says, as text; nothing where it cannot be read.
    async fn words_of(&self, mut response: Response, clock: &Clock) -> String {
        let Ok(mut unpacker) = Unpacker::new(response.headers(), LONGEST_ANSWER) else {
            return String::new();
        };
        let is_page = response
            .headers()
            .get(CONTENT_TYPE)
            .is_some_and(|said| said.as_bytes().starts_with(b"text/html"));
        if is_page {
            return String::new();
        }
        while let Ok(Ok(Some(piece))) = self.piece(&mut response, clock).await {
            if unpacker.push(&piece).is_err() {
                return String::new();
            }
        }
        let body = unpacker.end().map(|body| body.bytes).unwrap_or_default();
        String::from_utf8_lossy(&body).trim().to_owned()
    }
}
