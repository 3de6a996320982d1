//! The address of an entry's page → the page, requested politely: `robots.txt` is checked for every address
//! on the way, each request waits for its turn at the host, and a given time is never exceeded.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rafid_feed::model::{Document, Validators};
use tokio::time::Instant;
use url::Url;

use super::super::resources::{PollResources, request_for};
use super::robots_cache::{PageRequestError, RobotsCache, RobotsError};
use crate::fetch::{
    Accept, FetchError, FetchRequest, FetchResponse, LargeDocPermit, RedirectPolicy,
};
use crate::model::Source;

/// The most redirects that are followed: http to https to `www.`, and a publisher's click counters.
const MAX_REDIRECTS: usize = 5;

/// Fetches pages of one source until a given time.
pub(super) struct PageFetcher<'a> {
    pub(super) resources: &'a PollResources,
    pub(super) robots: &'a RobotsCache,
    pub(super) source: &'a Arc<Source>,
    pub(super) until: Instant,
    pub(super) now: Timestamp,
}

/// A page as it came.
#[derive(Debug)]
pub(super) struct FetchedPage {
    pub(super) document: Document,
    /// For the next conditional request.
    pub(super) validators: Option<Validators>,
    /// Its reserved memory, which must be held until it is read.
    pub(super) room: LargeDocPermit,
}

/// The response to a page request.
#[derive(Debug)]
pub(super) enum PageResponse {
    /// The page.
    Page(Box<FetchedPage>),
    /// It has not changed (304).
    NotModified,
    /// `robots.txt` forbids it.
    Forbidden,
    /// There was no time for it, or its host's `Retry-After` has not passed yet.
    Postponed(Option<Duration>),
    /// It failed, but may succeed later.
    Failed(String),
    /// It will never succeed.
    PermanentFailure(String),
}

impl PageFetcher<'_> {
    /// Fetches a page.
    pub(super) async fn fetch(&self, url: &Url, validators: Option<&Validators>) -> PageResponse {
        let mut url = url.clone();
        for _ in 0..=MAX_REDIRECTS {
            match self.request_once(&url, validators).await {
                Ok(response) => return response,
                Err(next) => url = next,
            }
        }
        PageResponse::PermanentFailure(format!("more than {MAX_REDIRECTS} redirects"))
    }

    /// Sends one request; an error is the address that it redirects to.
    async fn request_once(
        &self,
        url: &Url,
        validators: Option<&Validators>,
    ) -> Result<PageResponse, Url> {
        let request = FetchRequest {
            validators,
            accept: Accept::Page,
            follow: RedirectPolicy::Refuse,
            ..request_for(self.source, url)
        };
        let client = &self.resources.client;
        match self.robots.request_page(client, &request, self.until, self.now).await {
            Ok(FetchResponse::Fresh { document, validators, cut, room, .. }) => Ok(match cut {
                Some(reason) => {
                    PageResponse::Failed(format!("the page ends before its end: {reason}"))
                }
                None => response_of_page(FetchedPage { document, validators, room }),
            }),
            Ok(FetchResponse::NotModified { .. }) => Ok(PageResponse::NotModified),
            Err(PageRequestError::Failed(FetchError::RedirectRefused { to })) => Err(to),
            Err(PageRequestError::Failed(error)) => Ok(response_of_error(&error)),
            Err(PageRequestError::Forbidden) => Ok(PageResponse::Forbidden),
            Err(PageRequestError::Unavailable(RobotsError::Temporary(why))) => {
                Ok(PageResponse::Failed(format!("no robots.txt: {why}")))
            }
            Err(PageRequestError::Unavailable(RobotsError::Permanent(why))) => {
                Ok(PageResponse::PermanentFailure(why))
            }
            Err(PageRequestError::Postponed) => Ok(PageResponse::Postponed(None)),
        }
    }
}

fn response_of_page(page: FetchedPage) -> PageResponse {
    let media_type = page.document.content_type.as_deref().unwrap_or_default().to_ascii_lowercase();
    let is_text = ["text/", "html", "xml"].iter().any(|word| media_type.contains(word));
    if media_type.is_empty() || is_text {
        PageResponse::Page(Box::new(page))
    } else {
        PageResponse::PermanentFailure(format!("it is no page but {media_type}"))
    }
}

fn response_of_error(error: &FetchError) -> PageResponse {
    let message = error.to_string();
    match error {
        FetchError::HostBackoff { left, .. } => PageResponse::Postponed(Some(*left)),
        _ if error.is_permanent() => PageResponse::PermanentFailure(message),
        _ if matches!(error.status(), Some(410 | 451)) => PageResponse::PermanentFailure(message),
        _ => PageResponse::Failed(message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Freshness;

    #[test]
    fn failures_that_may_be_retried() {
        let status = |code| FetchError::Status {
            code,
            url: "https://news.example/1".to_owned(),
            reason: None,
            freshness: Freshness::default(),
        };
        let check = |error: FetchError, expected: &str| {
            let response = format!("{:?}", response_of_error(&error));
            assert!(response.starts_with(expected), "{response}");
        };
        check(status(404), "Failed");
        check(status(403), "Failed");
        check(status(503), "Failed");
        check(status(410), "PermanentFailure");
        check(FetchError::TooLarge { limit: 1 }, "PermanentFailure");
        check(FetchError::Dns { host: "x".into(), reason: "no".into() }, "Failed");
        let left = Duration::from_mins(1);
        check(FetchError::HostBackoff { host: "x".into(), left }, "Postponed(Some(60s))");
    }

    #[test]
    fn other_media_types_are_not_read() {
        let check = |content_type: Option<&str>, expected: &str| {
            let content_type = content_type.map(str::to_owned);
            let document = Document { content_type, ..Document::default() };
            let page = FetchedPage { document, validators: None, room: LargeDocPermit::default() };
            let response = format!("{:?}", response_of_page(page));
            assert!(response.starts_with(expected), "{response}");
        };
        check(None, "Page");
        check(Some("text/html; charset=utf-8"), "Page");
        check(Some("Application/XHTML+XML"), "Page");
        check(Some("application/pdf"), "PermanentFailure(\"it is no page but application/pdf\")");
        check(Some("image/jpeg"), "PermanentFailure");
    }
}
