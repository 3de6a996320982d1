//! Sites → what their `robots.txt` allows us (RFC 9309), asked at most once a day, and when their next page
//! may be asked.
//!
//! | answer | meaning |
//! | --- | --- |
//! | a file | what it says, for 24 hours (section 2.4) |
//! | 4xx, but for 429 | everything is allowed, for 24 hours (section 2.3.1.3) |
//! | 5xx, 429, no answer, no end of redirects | nothing is allowed, and it is asked again after an hour (section 2.3.1.4) |
//!
//! `Crawl-delay` is kept between two pages of a site, whoever of our sources wants them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Instant, timeout_at};
use url::Url;

use crate::daemon::fetch::{Accept, Answer, Client, FetchError, Request};
use crate::feed::robots::Robots;

/// The name that a site's rules are looked up under.
const PRODUCT: &str = "Rafid";
/// How long a file holds (RFC 9309 section 2.4), and the lack of an answer.
const HOLDS: Duration = Duration::from_hours(24);
const TROUBLE_HOLDS: Duration = Duration::from_hours(1);
/// The map is swept when it has grown to this many sites.
const SWEEP_AT: usize = 512;

/// What sites allow, as far as it was asked.
#[derive(Debug, Default)]
pub struct Rules(Mutex<HashMap<String, Arc<tokio::sync::Mutex<Site>>>>);

#[derive(Debug, Default)]
struct Site {
    read: Option<Read>,
    next_at: Option<Instant>,
}

#[derive(Debug)]
struct Read {
    robots: Robots,
    /// Why the file could not be had; `None`: it could, or there is none.
    trouble: Option<Trouble>,
    stale_at: Instant,
}

/// Why a site's file could not be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    /// It may be had another time.
    Passing(String),
    /// The site may not be asked at all.
    Lasting(String),
}

/// Whether a page may be asked.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum May {
    /// It may, at this moment.
    At(Instant),
    /// The site forbids it.
    Refused,
    /// Its `robots.txt` could not be had.
    Unknown(Trouble),
    /// Not in the time that there is.
    NotNow,
}

impl Rules {
    /// Whether and when a page may be asked, before `until`. It asks for the site's file, if it must.
    pub(super) async fn may_ask(
        &self,
        client: &Client,
        page: &Request<'_>,
        until: Instant,
        now: Timestamp,
    ) -> May {
        let site = self.site(page.url);
        let Ok(mut site) = timeout_at(until, site.lock()).await else { return May::NotNow };
        if site.read.as_ref().is_none_or(|read| read.stale_at <= Instant::now()) {
            match timeout_at(until, read(client, page, now)).await {
                Ok(Some(read)) => site.read = Some(read),
                _ => return May::NotNow,
            }
        }
        site.claim(page.url, until)
    }

    fn site(&self, url: &Url) -> Arc<tokio::sync::Mutex<Site>> {
        // Nothing in here can panic half-way.
        let mut sites = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if sites.len() >= SWEEP_AT {
            sites.retain(|_, site| site.try_lock().map_or(true, |site| site.is_worth_keeping()));
        }
        Arc::clone(sites.entry(url.origin().ascii_serialization()).or_default())
    }
}

impl Site {
    fn is_worth_keeping(&self) -> bool {
        let now = Instant::now();
        self.read.as_ref().is_some_and(|read| read.stale_at > now)
            || self.next_at.is_some_and(|at| at > now)
    }

    /// Takes the next moment at which a page may be asked.
    fn claim(&mut self, url: &Url, until: Instant) -> May {
        let Some(Read { robots, trouble, .. }) = &self.read else { return May::NotNow };
        if let Some(trouble) = trouble {
            return May::Unknown(trouble.clone());
        }
        if !robots.allows(url) {
            return May::Refused;
        }
        let now = Instant::now();
        let start_at = self.next_at.map_or(now, |at| at.max(now));
        if start_at > until {
            return May::NotNow;
        }
        let delay = robots.crawl_delay_millis().map(Duration::from_millis);
        self.next_at = delay.map(|delay| start_at + delay);
        May::At(start_at)
    }
}

/// Asks for a site's file. `None`: its host wants rest.
async fn read(client: &Client, page: &Request<'_>, now: Timestamp) -> Option<Read> {
    let url = page.url.join("/robots.txt").ok()?;
    let request =
        Request { accept: Accept::Page, user_agent: page.user_agent, ..Request::new(&url) };
    let (robots, trouble) = match client.get(&request, now).await {
        Ok(Answer::Fresh { document, .. }) => {
            (Robots::read(&String::from_utf8_lossy(&document.bytes), PRODUCT), None)
        }
        Err(FetchError::HostRests { .. }) => return None,
        Err(error) if error.status().is_some_and(|code| code != 429 && code / 100 == 4) => {
            (Robots::open(), None)
        }
        Err(error @ (FetchError::PrivateAddress { .. } | FetchError::SchemeRefused { .. })) => {
            (Robots::closed(), Some(Trouble::Lasting(error.to_string())))
        }
        Err(error) => (Robots::closed(), Some(Trouble::Passing(error.to_string()))),
        // Nothing was asked that could be answered so.
        Ok(Answer::NotModified { .. }) => {
            (Robots::closed(), Some(Trouble::Passing("it answered 304".to_owned())))
        }
    };
    let holds = if trouble.is_some() { TROUBLE_HOLDS } else { HOLDS };
    Some(Read { robots, trouble, stale_at: Instant::now() + holds })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(text: &str) -> Site {
        let robots = Robots::read(text, PRODUCT);
        let stale_at = Instant::now() + HOLDS;
        Site { read: Some(Read { robots, trouble: None, stale_at }), next_at: None }
    }

    #[tokio::test(start_paused = true)]
    async fn a_delay_is_kept_between_pages_or_they_wait() {
        let url = Url::parse("https://news.example/1").unwrap();
        let start = Instant::now();
        let at = |seconds| May::At(start + Duration::from_secs(seconds));
        let until = start + Duration::from_secs(15);
        let mut slow = site("User-agent: Rafid\nCrawl-delay: 10");
        assert_eq!(slow.claim(&url, until), at(0));
        assert_eq!(slow.claim(&url, until), at(10));
        assert_eq!(slow.claim(&url, until), May::NotNow);
        tokio::time::advance(Duration::from_mins(1)).await;
        assert_eq!(slow.claim(&url, until + Duration::from_mins(1)), at(60));
        let mut quick = site("");
        assert_eq!((quick.claim(&url, Instant::now()), quick.next_at), (at(60), None));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_forbidden_and_what_is_not_known_is_not_asked() {
        let url = Url::parse("https://news.example/1").unwrap();
        let now = Instant::now();
        assert_eq!(site("User-agent: *\nDisallow: /").claim(&url, now), May::Refused);
        let mut unknown = site("");
        let trouble = Trouble::Passing("503".to_owned());
        unknown.read.as_mut().unwrap().trouble = Some(trouble.clone());
        assert_eq!(unknown.claim(&url, now), May::Unknown(trouble));
        assert_eq!(Site::default().claim(&url, now), May::NotNow);
    }

    #[tokio::test(start_paused = true)]
    async fn sites_that_nobody_asks_are_forgotten() {
        let rules = Rules::default();
        for index in 0..2 * SWEEP_AT {
            let url = Url::parse(&format!("https://{index}.example/")).unwrap();
            rules.site(&url);
            assert!(rules.0.lock().unwrap().len() <= SWEEP_AT, "{index}");
        }
    }
}
