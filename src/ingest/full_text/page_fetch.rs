//! The address of an entry's page → the page, asked politely: `robots.txt` first, for every address on its
//! way; one turn at its host for every request; never longer than until a given moment.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rafid_feed::model::{Document, Validators};
use tokio::time::{Instant, sleep_until, timeout_at};
use url::Url;

use super::super::{PollResources, rediscovery};
use super::robots_cache::{PageAccess, RobotsCache, RobotsError};
use crate::fetch::{
    Accept, FetchError, FetchRequest, FetchResponse, LargeDocPermit, RedirectPolicy,
};
use crate::model::Source;

/// Addresses that are asked one after the other, as each leads to the next: http to https to `www.`, and
/// what a publisher puts before it to count.
const MAX_REDIRECTS: usize = 5;

/// Who asks, and until when.
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
    /// To ask it again with.
    pub(super) validators: Option<Validators>,
    /// Its room in memory, to be held until it was read.
    pub(super) room: LargeDocPermit,
}

/// What came of asking for a page.
#[derive(Debug)]
pub(super) enum PageResponse {
    /// The page.
    Page(Box<FetchedPage>),
    /// It is as it was (304).
    NotModified,
    /// `robots.txt` forbids it.
    Forbidden,
    /// There was no time for it, or its host wants rest for so long.
    Postponed(Option<Duration>),
    /// It may work another time.
    Failed(String),
    /// It never will.
    PermanentFailure(String),
}

impl PageFetcher<'_> {
    /// Asks for a page.
    pub(super) async fn fetch(&self, url: &Url, validators: Option<&Validators>) -> PageResponse {
        let mut url = url.clone();
        for _ in 0..=MAX_REDIRECTS {
            match self.request_once(&url, validators).await {
                Ok(asked) => return asked,
                Err(next) => url = next,
            }
        }
        PageResponse::PermanentFailure(format!("more than {MAX_REDIRECTS} redirects"))
    }

    /// One request; an error is where it leads to.
    async fn request_once(
        &self,
        url: &Url,
        validators: Option<&Validators>,
    ) -> Result<PageResponse, Url> {
        // What the operator says to one host is not for another.
        let is_theirs = rediscovery::configured_url(self.source)
            .is_some_and(|own| own.origin() == url.origin());
        let request = FetchRequest {
            validators,
            headers: if is_theirs { &self.source.headers } else { &[] },
            user_agent: self.source.user_agent.as_deref(),
            accept: Accept::Page,
            follow: RedirectPolicy::Refuse,
            ..FetchRequest::new(url)
        };
        let client = &self.resources.client;
        match self.robots.check_access(client, &request, self.until, self.now).await {
            PageAccess::AllowedAt(start_at) => sleep_until(start_at).await,
            PageAccess::Forbidden => return Ok(PageResponse::Forbidden),
            PageAccess::Unavailable(RobotsError::Temporary(why)) => {
                return Ok(PageResponse::Failed(format!("no robots.txt: {why}")));
            }
            PageAccess::Unavailable(RobotsError::Permanent(why)) => {
                return Ok(PageResponse::PermanentFailure(why));
            }
            PageAccess::Postponed => return Ok(PageResponse::Postponed(None)),
        }
        match timeout_at(self.until, client.get(&request, self.now)).await {
            Err(_) => Ok(PageResponse::Postponed(None)),
            Ok(Ok(FetchResponse::Fresh { document, validators, cut, room, .. })) => Ok(match cut {
                Some(reason) => {
                    PageResponse::Failed(format!("the page ends before its end: {reason}"))
                }
                None => response_of_page(FetchedPage { document, validators, room }),
            }),
            Ok(Ok(FetchResponse::NotModified { .. })) => Ok(PageResponse::NotModified),
            Ok(Err(FetchError::RedirectRefused { to })) => Err(to),
            Ok(Err(error)) => Ok(response_of_error(&error)),
        }
    }
}

fn response_of_page(had: FetchedPage) -> PageResponse {
    let said = had.document.content_type.as_deref().unwrap_or_default().to_ascii_lowercase();
    let is_text = ["text/", "html", "xml"].iter().any(|word| said.contains(word));
    if said.is_empty() || is_text {
        PageResponse::Page(Box::new(had))
    } else {
        PageResponse::PermanentFailure(format!("it is no page but {said}"))
    }
}

fn response_of_error(error: &FetchError) -> PageResponse {
    let told = error.to_string();
    match error {
        FetchError::HostBackoff { left, .. } => PageResponse::Postponed(Some(*left)),
        FetchError::PrivateAddress { .. }
        | FetchError::SchemeRefused { .. }
        | FetchError::BadAddress { .. }
        | FetchError::BadHeader { .. }
        | FetchError::BadRedirect { .. }
        | FetchError::RedirectLoop { .. }
        | FetchError::TooLarge { .. } => PageResponse::PermanentFailure(told),
        _ if matches!(error.status(), Some(410 | 451)) => PageResponse::PermanentFailure(told),
        _ => PageResponse::Failed(told),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Freshness;

    #[test]
    fn what_is_tried_again() {
        let status = |code| FetchError::Status {
            code,
            url: "https://news.example/1".to_owned(),
            reason: None,
            freshness: Freshness::default(),
        };
        let check = |error: FetchError, expected: &str| {
            let asked = format!("{:?}", response_of_error(&error));
            assert!(asked.starts_with(expected), "{asked}");
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
    fn what_is_no_page_is_not_read() {
        let check = |content_type: Option<&str>, expected: &str| {
            let content_type = content_type.map(str::to_owned);
            let document = Document { content_type, ..Document::default() };
            let had = FetchedPage { document, validators: None, room: LargeDocPermit::default() };
            let asked = format!("{:?}", response_of_page(had));
            assert!(asked.starts_with(expected), "{asked}");
        };
        check(None, "Page");
        check(Some("text/html; charset=utf-8"), "Page");
        check(Some("Application/XHTML+XML"), "Page");
        check(Some("application/pdf"), "PermanentFailure(\"it is no page but application/pdf\")");
        check(Some("image/jpeg"), "PermanentFailure");
    }
}
