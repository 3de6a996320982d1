//! Sites → what their `robots.txt` allows (RFC 9309), requested at most once a day, and when their next page
//! may be requested.
//!
//! | response | meaning |
//! | --- | --- |
//! | a file | its rules, for 24 hours (section 2.4) |
//! | 4xx except 429 | everything is allowed, for 24 hours (section 2.3.1.3) |
//! | 5xx, 429, no response, endless redirects | nothing is allowed, and the file is requested again after an hour (section 2.3.1.4) |
//!
//! Pages and pictures are requested through it. `Crawl-delay` applies between any two of a site, even for different sources.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use rafid_feed::robots::Robots;
use tokio::time::{Instant, sleep_until, timeout_at};
use url::Url;

use crate::fetch::{Accept, Client, FetchError, FetchRequest, FetchResponse};

/// The user agent of the rules that apply to the program.
const USER_AGENT_TOKEN: &str = "Rafid";
/// How long a file is used (RFC 9309 section 2.4), and how long a failure to fetch it.
const CACHE_TIME: Duration = Duration::from_hours(24);
const FAILURE_CACHE_TIME: Duration = Duration::from_hours(1);
/// Unused sites are removed when the map has this many.
const SWEEP_AT: usize = 512;

/// What sites allow, as far as it was requested.
#[derive(Debug, Default)]
pub struct RobotsCache(Mutex<HashMap<String, Arc<tokio::sync::Mutex<CachedSite>>>>);

#[derive(Debug, Default)]
struct CachedSite {
    robots: Option<CachedRobots>,
    next_at: Option<Instant>,
}

#[derive(Debug)]
struct CachedRobots {
    robots: Robots,
    /// Why the file could not be fetched; `None`: it was fetched, or there is no file.
    error: Option<RobotsError>,
    stale_at: Instant,
}

/// Why a site's file could not be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::ingest) enum RobotsError {
    /// It may be fetched later.
    Temporary(String),
    /// Requests to the site are not allowed at all.
    Permanent(String),
}

/// Why a request has no response.
#[derive(Debug)]
pub(in crate::ingest) enum PageRequestError {
    /// The site forbids it.
    Forbidden,
    /// Its `robots.txt` could not be fetched.
    Unavailable(RobotsError),
    /// There is not enough time.
    Postponed,
    /// It failed.
    Failed(FetchError),
}

/// Whether a page may be requested.
#[derive(Debug, PartialEq, Eq)]
enum PageAccess {
    /// It may be requested at this time.
    AllowedAt(Instant),
    /// The site forbids it.
    Forbidden,
    /// Its `robots.txt` could not be fetched.
    Unavailable(RobotsError),
    /// There is not enough time.
    Postponed,
}

impl RobotsCache {
    /// Requests a page before `until`, if its site allows it, and not before its turn.
    pub(in crate::ingest) async fn request_page(
        &self,
        client: &Client,
        page: &FetchRequest<'_>,
        until: Instant,
        now: Timestamp,
    ) -> Result<FetchResponse, PageRequestError> {
        match self.check_access(client, page, until, now).await {
            PageAccess::AllowedAt(start_at) => sleep_until(start_at).await,
            PageAccess::Forbidden => return Err(PageRequestError::Forbidden),
            PageAccess::Unavailable(error) => return Err(PageRequestError::Unavailable(error)),
            PageAccess::Postponed => return Err(PageRequestError::Postponed),
        }
        match timeout_at(until, client.get(page, now)).await {
            Ok(response) => response.map_err(PageRequestError::Failed),
            Err(_) => Err(PageRequestError::Postponed),
        }
    }

    /// Whether and when a page may be requested, before `until`. Fetches the site's file if necessary.
    async fn check_access(
        &self,
        client: &Client,
        page: &FetchRequest<'_>,
        until: Instant,
        now: Timestamp,
    ) -> PageAccess {
        let site = self.cached_site(page.url);
        let Ok(mut site) = timeout_at(until, site.lock()).await else {
            return PageAccess::Postponed;
        };
        if site.robots.as_ref().is_none_or(|read| read.stale_at <= Instant::now()) {
            match timeout_at(until, fetch_robots(client, page, now)).await {
                Ok(Some(read)) => site.robots = Some(read),
                _ => return PageAccess::Postponed,
            }
        }
        site.reserve_time(page.url, until)
    }

    fn cached_site(&self, url: &Url) -> Arc<tokio::sync::Mutex<CachedSite>> {
        // Nothing in here can panic half-way.
        let mut sites = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if sites.len() >= SWEEP_AT {
            sites.retain(|_, site| site.try_lock().map_or(true, |site| site.is_worth_keeping()));
        }
        Arc::clone(sites.entry(url.origin().ascii_serialization()).or_default())
    }
}

impl CachedSite {
    fn is_worth_keeping(&self) -> bool {
        let now = Instant::now();
        self.robots.as_ref().is_some_and(|read| read.stale_at > now)
            || self.next_at.is_some_and(|at| at > now)
    }

    /// Reserves the next time when a page may be requested.
    fn reserve_time(&mut self, url: &Url, until: Instant) -> PageAccess {
        let Some(CachedRobots { robots, error, .. }) = &self.robots else {
            return PageAccess::Postponed;
        };
        if let Some(error) = error {
            return PageAccess::Unavailable(error.clone());
        }
        if !robots.allows(url) {
            return PageAccess::Forbidden;
        }
        let now = Instant::now();
        let start_at = self.next_at.map_or(now, |at| at.max(now));
        if start_at > until {
            return PageAccess::Postponed;
        }
        let delay = robots.crawl_delay_millis().map(Duration::from_millis);
        self.next_at = delay.map(|delay| start_at + delay);
        PageAccess::AllowedAt(start_at)
    }
}

/// Fetches a site's file. `None`: its host's `Retry-After` has not passed yet.
async fn fetch_robots(
    client: &Client,
    page: &FetchRequest<'_>,
    now: Timestamp,
) -> Option<CachedRobots> {
    let url = page.url.join("/robots.txt").ok()?;
    let request = FetchRequest {
        accept: Accept::Page,
        user_agent: page.user_agent,
        ..FetchRequest::new(&url)
    };
    let (robots, error) = match client.get(&request, now).await {
        Ok(FetchResponse::Fresh { document, .. }) => {
            (Robots::parse(&String::from_utf8_lossy(&document.bytes), USER_AGENT_TOKEN), None)
        }
        Err(FetchError::HostBackoff { .. }) => return None,
        Err(error) if error.status().is_some_and(|code| code != 429 && code / 100 == 4) => {
            (Robots::allow_all(), None)
        }
        Err(error @ (FetchError::PrivateAddress { .. } | FetchError::SchemeRefused { .. })) => {
            (Robots::deny_all(), Some(RobotsError::Permanent(error.to_string())))
        }
        Err(error) => (Robots::deny_all(), Some(RobotsError::Temporary(error.to_string()))),
        // The request was not conditional.
        Ok(FetchResponse::NotModified { .. }) => {
            (Robots::deny_all(), Some(RobotsError::Temporary("it answered 304".to_owned())))
        }
    };
    let cache_time = if error.is_some() { FAILURE_CACHE_TIME } else { CACHE_TIME };
    Some(CachedRobots { robots, error, stale_at: Instant::now() + cache_time })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(text: &str) -> CachedSite {
        let robots = Robots::parse(text, USER_AGENT_TOKEN);
        let stale_at = Instant::now() + CACHE_TIME;
        CachedSite { robots: Some(CachedRobots { robots, error: None, stale_at }), next_at: None }
    }

    #[tokio::test(start_paused = true)]
    async fn a_crawl_delay_applies_between_pages() {
        let url = Url::parse("https://news.example/1").unwrap();
        let start = Instant::now();
        let at = |seconds| PageAccess::AllowedAt(start + Duration::from_secs(seconds));
        let until = start + Duration::from_secs(15);
        let mut slow = site("User-agent: Rafid\nCrawl-delay: 10");
        assert_eq!(slow.reserve_time(&url, until), at(0));
        assert_eq!(slow.reserve_time(&url, until), at(10));
        assert_eq!(slow.reserve_time(&url, until), PageAccess::Postponed);
        tokio::time::advance(Duration::from_mins(1)).await;
        assert_eq!(slow.reserve_time(&url, until + Duration::from_mins(1)), at(60));
        let mut quick = site("");
        assert_eq!((quick.reserve_time(&url, Instant::now()), quick.next_at), (at(60), None));
    }

    #[tokio::test(start_paused = true)]
    async fn forbidden_and_unknown_pages_are_not_requested() {
        let url = Url::parse("https://news.example/1").unwrap();
        let now = Instant::now();
        assert_eq!(
            site("User-agent: *\nDisallow: /").reserve_time(&url, now),
            PageAccess::Forbidden
        );
        let mut unknown = site("");
        let error = RobotsError::Temporary("503".to_owned());
        unknown.robots.as_mut().unwrap().error = Some(error.clone());
        assert_eq!(unknown.reserve_time(&url, now), PageAccess::Unavailable(error));
        assert_eq!(CachedSite::default().reserve_time(&url, now), PageAccess::Postponed);
    }

    #[tokio::test(start_paused = true)]
    async fn unused_sites_are_removed() {
        let rules = RobotsCache::default();
        for index in 0..2 * SWEEP_AT {
            let url = Url::parse(&format!("https://{index}.example/")).unwrap();
            rules.cached_site(&url);
            assert!(rules.0.lock().unwrap().len() <= SWEEP_AT, "{index}");
        }
    }
}
