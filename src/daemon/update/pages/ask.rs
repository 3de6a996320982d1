//! The address of an entry's page → the page, asked politely: `robots.txt` first, for every address on its
//! way; one turn at its host for every request; never longer than until a given moment.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Instant, sleep_until, timeout_at};
use url::Url;

use super::super::Hands;
use super::super::search;
use super::rules::{May, Rules, Trouble};
use crate::daemon::fetch::{Accept, Answer, FetchError, Follow, Request, Room};
use crate::feed::model::{Document, Source, Validators};

/// Addresses that are asked one after the other, as each leads to the next: http to https to `www.`, and
/// what a publisher puts before it to count.
const MOST_HOPS: usize = 5;

/// Who asks, and until when.
pub(super) struct Visit<'a> {
    pub(super) hands: &'a Hands,
    pub(super) rules: &'a Rules,
    pub(super) source: &'a Arc<Source>,
    pub(super) until: Instant,
    pub(super) now: Timestamp,
}

/// A page as it came.
#[derive(Debug)]
pub(super) struct Had {
    pub(super) document: Document,
    /// To ask it again with.
    pub(super) validators: Option<Validators>,
    /// Its room in memory, to be held until it was read.
    pub(super) room: Room,
}

/// What came of asking for a page.
#[derive(Debug)]
pub(super) enum Asked {
    /// The page.
    Page(Box<Had>),
    /// It is as it was (304).
    Same,
    /// `robots.txt` forbids it.
    Refused,
    /// There was no time for it, or its host wants rest for so long.
    NotNow(Option<Duration>),
    /// It may work another time.
    Failed(String),
    /// It never will.
    Hopeless(String),
}

impl Visit<'_> {
    /// Asks for a page.
    pub(super) async fn page(&self, url: &Url, validators: Option<&Validators>) -> Asked {
        let mut url = url.clone();
        for _ in 0..=MOST_HOPS {
            match self.once(&url, validators).await {
                Ok(asked) => return asked,
                Err(next) => url = next,
            }
        }
        Asked::Hopeless(format!("more than {MOST_HOPS} redirects"))
    }

    /// One request; an error is where it leads to.
    async fn once(&self, url: &Url, validators: Option<&Validators>) -> Result<Asked, Url> {
        // What the operator says to one host is not for another.
        let is_theirs = search::web(self.source).is_some_and(|own| own.origin() == url.origin());
        let request = Request {
            validators,
            headers: if is_theirs { &self.source.headers } else { &[] },
            user_agent: self.source.user_agent.as_deref(),
            accept: Accept::Page,
            follow: Follow::Nothing,
            ..Request::new(url)
        };
        let client = &self.hands.client;
        match self.rules.may_ask(client, &request, self.until, self.now).await {
            May::At(start_at) => sleep_until(start_at).await,
            May::Refused => return Ok(Asked::Refused),
            May::Unknown(Trouble::Passing(why)) => {
                return Ok(Asked::Failed(format!("no robots.txt: {why}")));
            }
            May::Unknown(Trouble::Lasting(why)) => return Ok(Asked::Hopeless(why)),
            May::NotNow => return Ok(Asked::NotNow(None)),
        }
        match timeout_at(self.until, client.get(&request, self.now)).await {
            Err(_) => Ok(Asked::NotNow(None)),
            Ok(Ok(Answer::Fresh { document, validators, cut, room, .. })) => Ok(match cut {
                Some(reason) => Asked::Failed(format!("the page ends before its end: {reason}")),
                None => of_page(Had { document, validators, room }),
            }),
            Ok(Ok(Answer::NotModified { .. })) => Ok(Asked::Same),
            Ok(Err(FetchError::Elsewhere { to })) => Err(to),
            Ok(Err(error)) => Ok(of_error(&error)),
        }
    }
}

fn of_page(had: Had) -> Asked {
    let said = had.document.content_type.as_deref().unwrap_or_default().to_ascii_lowercase();
    let is_text = ["text/", "html", "xml"].iter().any(|word| said.contains(word));
    if said.is_empty() || is_text {
        Asked::Page(Box::new(had))
    } else {
        Asked::Hopeless(format!("it is no page but {said}"))
    }
}

fn of_error(error: &FetchError) -> Asked {
    let told = error.to_string();
    match error {
        FetchError::HostRests { left, .. } => Asked::NotNow(Some(*left)),
        FetchError::PrivateAddress { .. }
        | FetchError::SchemeRefused { .. }
        | FetchError::BadAddress { .. }
        | FetchError::BadHeader { .. }
        | FetchError::BadRedirect { .. }
        | FetchError::RedirectLoop { .. }
        | FetchError::TooLarge { .. } => Asked::Hopeless(told),
        _ if matches!(error.status(), Some(410 | 451)) => Asked::Hopeless(told),
        _ => Asked::Failed(told),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::model::Freshness;

    #[test]
    fn what_is_tried_again() {
        let status = |code| FetchError::Status {
            code,
            url: "https://news.example/1".to_owned(),
            reason: None,
            freshness: Freshness::default(),
        };
        let check = |error: FetchError, expected: &str| {
            let asked = format!("{:?}", of_error(&error));
            assert!(asked.starts_with(expected), "{asked}");
        };
        check(status(404), "Failed");
        check(status(403), "Failed");
        check(status(503), "Failed");
        check(status(410), "Hopeless");
        check(FetchError::TooLarge { limit: 1 }, "Hopeless");
        check(FetchError::Dns { host: "x".into(), reason: "no".into() }, "Failed");
        let left = Duration::from_mins(1);
        check(FetchError::HostRests { host: "x".into(), left }, "NotNow(Some(60s))");
    }

    #[test]
    fn what_is_no_page_is_not_read() {
        let check = |content_type: Option<&str>, expected: &str| {
            let content_type = content_type.map(str::to_owned);
            let document = Document { content_type, ..Document::default() };
            let had = Had { document, validators: None, room: Room::default() };
            let asked = format!("{:?}", of_page(had));
            assert!(asked.starts_with(expected), "{asked}");
        };
        check(None, "Page");
        check(Some("text/html; charset=utf-8"), "Page");
        check(Some("Application/XHTML+XML"), "Page");
        check(Some("application/pdf"), "Hopeless(\"it is no page but application/pdf\")");
        check(Some("image/jpeg"), "Hopeless");
    }
}
