//! A picture that a page wants → its copy, requested politely: `robots.txt` is checked for every address on the way,
//! one request at a time goes to a host, and none while the host wants to be left alone.
//!
//! | response | what follows |
//! | --- | --- |
//! | a picture | its copy |
//! | no picture, too large, damaged; 400, 401, 403, 404, 410, 451; not public; forbidden by `robots.txt` | it is never requested again; an icon is after weeks |
//! | anything else | it is requested again later, a few times |
//!
//! The icon of a site is looked for on its page: the first of the icons that the page names of which there can be a copy.
//!
//! An address that is not public is refused, though the operator allowed it for a source: only pictures of that very
//! source may come from there. Otherwise any publisher could have the operator's own servers read, and see what they
//! answer on the page.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rafid_feed::model::Document;
use rafid_feed::{decode, site_icons};
use tokio::sync::Semaphore;
use tokio::time::Instant;
use url::Url;

use super::full_text::RobotsCache;
use super::full_text::robots_cache::{PageRequestError, RobotsError};
use super::resources::configured_url;
use crate::fetch::{
    Accept, Client, FetchError, FetchRequest, FetchResponse, LargeDocPermit, RedirectPolicy,
    server_of_url,
};
use crate::model::{PictureRole, PublicUrl, Source};
use crate::pictures::{PictureOutcome, WantedPicture, make_thumbnail};

/// The maximum length of a picture in bytes.
pub const MAX_PICTURE_BYTES: u64 = 4 << 20;
/// The maximum time of one request.
pub const PICTURE_TIMEOUT: Duration = Duration::from_secs(20);
/// The maximum time for a picture, with `robots.txt`, redirects and the waits that the site requests.
const TIMEOUT_WITH_REDIRECTS: Duration = Duration::from_mins(1);
/// The maximum number of redirects: to https, to another host, to the right size.
const MAX_PICTURE_REDIRECTS: usize = 4;

/// The maximum number of icons of a page that are requested: the first one is nearly always good.
const MAX_SITE_ICONS: usize = 3;

/// Fetches pictures.
pub struct PictureFetcher {
    /// The client for pictures, with queues and a backoff of its own. It requests public addresses alone.
    pub public: Client,
    /// The hosts and ports that may be polled though they are not public, and a client for them. `None`: no server
    /// is allowed.
    pub own_servers: Option<(BTreeSet<(String, u16)>, Client)>,
    /// Decoding takes much memory, so that one picture is decoded at a time.
    pub decoder: Arc<Semaphore>,
}

/// How a request ended.
enum PictureResponse {
    Document(Box<Document>, LargeDocPermit),
    Redirect(Url),
    Failed(String),
    Gone(String),
}

/// What all requests for one picture share.
#[derive(Clone, Copy)]
struct PictureJob<'a> {
    source: &'a Source,
    /// The client of the polls, which knows the hosts that want to be left alone.
    polls: &'a Client,
    robots: &'a RobotsCache,
    /// When the time for the picture is over.
    until: Instant,
    now: Timestamp,
}

/// A document, and the address that it has after redirects.
struct FoundDocument {
    document: Document,
    room: LargeDocPermit,
    url: Url,
}

impl PictureFetcher {
    /// Fetches a picture in the name of its source, and makes its copy. `polls`: the client of the polls, which knows
    /// the hosts that want to be left alone.
    pub async fn fetch(
        &self,
        wanted: &WantedPicture,
        source: &Source,
        (polls, robots): (&Client, &RobotsCache),
        now: Timestamp,
    ) -> PictureOutcome {
        let Ok(url) = Url::parse(&wanted.address) else { return PictureOutcome::Gone };
        let until = Instant::now() + TIMEOUT_WITH_REDIRECTS;
        let job = PictureJob { source, polls, robots, until, now };
        match wanted.role {
            PictureRole::SiteIcon => self.fetch_site_icon(job, url).await,
            PictureRole::Lead | PictureRole::Icon => self.fetch_copy(job, url, wanted.role).await,
        }
    }

    /// Fetches the page of a site, and makes the copy of the first of its icons of which there can be one.
    async fn fetch_site_icon(&self, job: PictureJob<'_>, page: Url) -> PictureOutcome {
        let found = match self.fetch_document(job, page, Accept::Page).await {
            Ok(found) => found,
            Err(outcome) => return outcome,
        };
        let icons = tokio::task::spawn_blocking(move || {
            let FoundDocument { document, room, url } = found;
            let text = decode::decode(&document, None).map(|decoded| decoded.text.into_owned());
            drop((document, room));
            text.map_or_else(|_| Vec::new(), |text| site_icons::icons_in(&text, &url))
        });
        // What reading panics on once, it panics on again.
        let Ok(icons) = icons.await else { return PictureOutcome::Gone };
        let mut outcome = PictureOutcome::Gone;
        for icon in icons.into_iter().take(MAX_SITE_ICONS) {
            match self.fetch_copy(job, icon, PictureRole::SiteIcon).await {
                PictureOutcome::Copied(copy) => return PictureOutcome::Copied(copy),
                PictureOutcome::Failed => outcome = PictureOutcome::Failed,
                PictureOutcome::Gone => {}
            }
        }
        outcome
    }

    /// Fetches a picture, and makes its copy.
    async fn fetch_copy(&self, job: PictureJob<'_>, url: Url, role: PictureRole) -> PictureOutcome {
        match self.fetch_document(job, url, Accept::Picture).await {
            Ok(found) => self.copy_document(found, role).await,
            Err(outcome) => outcome,
        }
    }

    /// Fetches a document, and follows redirects. An error is what that means for the picture.
    async fn fetch_document(
        &self,
        job: PictureJob<'_>,
        mut url: Url,
        accept: Accept,
    ) -> Result<FoundDocument, PictureOutcome> {
        for _ in 0..=MAX_PICTURE_REDIRECTS {
            let response = if job.polls.remaining_backoff(&url).is_some() {
                PictureResponse::Failed("its host wants to be left alone".to_owned())
            } else {
                job.request_once(self.client_for(&url, job.source), &url, accept).await
            };
            match response {
                PictureResponse::Redirect(to) => url = to,
                PictureResponse::Document(document, room) => {
                    return Ok(FoundDocument { document: *document, room, url });
                }
                PictureResponse::Failed(why) => {
                    log_failure(&url, &why);
                    return Err(PictureOutcome::Failed);
                }
                PictureResponse::Gone(why) => {
                    log_failure(&url, &why);
                    return Err(PictureOutcome::Gone);
                }
            }
        }
        Err(PictureOutcome::Gone)
    }

    /// The client that requests an address: one that may reach the operator's own servers only for a source that is
    /// read from that very server.
    fn client_for(&self, url: &Url, source: &Source) -> &Client {
        let Some((servers, own)) = &self.own_servers else { return &self.public };
        let is_of_source =
            configured_url(source).is_some_and(|configured| configured.origin() == url.origin());
        if is_of_source && servers.contains(&server_of_url(url)) { own } else { &self.public }
    }

    /// Makes the copy, off the async threads. A decoder that panics harms this picture only.
    async fn copy_document(&self, found: FoundDocument, role: PictureRole) -> PictureOutcome {
        let FoundDocument { document, room, url } = found;
        let Ok(permit) = self.decoder.acquire().await else { return PictureOutcome::Failed };
        let made = tokio::task::spawn_blocking(move || {
            let made = make_thumbnail(&document.bytes, role);
            drop((document, room));
            made
        });
        let made = made.await;
        drop(permit);
        match made {
            Ok(Ok(copy)) => PictureOutcome::Copied(copy),
            Ok(Err(error)) => {
                log_failure(&url, &error.to_string());
                PictureOutcome::Gone
            }
            Err(_) => {
                tracing::error!(url = %PublicUrl::redact(&url), "decoding a picture panicked; please report it");
                PictureOutcome::Gone
            }
        }
    }
}

impl PictureJob<'_> {
    /// Sends one request.
    async fn request_once(self, client: &Client, url: &Url, accept: Accept) -> PictureResponse {
        let request = FetchRequest {
            accept,
            follow: RedirectPolicy::Refuse,
            user_agent: self.source.user_agent.as_deref(),
            ..FetchRequest::new(url)
        };
        match self.robots.request_page(client, &request, self.until, self.now).await {
            Ok(FetchResponse::Fresh { cut: Some(why), .. }) => {
                PictureResponse::Failed(format!("it ends early: {why}"))
            }
            Ok(FetchResponse::Fresh { document, room, .. }) => {
                PictureResponse::Document(Box::new(document), room)
            }
            Ok(FetchResponse::NotModified { .. }) => {
                PictureResponse::Failed("it answered 304".to_owned())
            }
            Err(PageRequestError::Failed(FetchError::RedirectRefused { to })) => {
                PictureResponse::Redirect(to)
            }
            Err(PageRequestError::Failed(error)) => response_of_error(&error),
            Err(PageRequestError::Forbidden) => {
                PictureResponse::Gone("robots.txt forbids it".to_owned())
            }
            Err(PageRequestError::Unavailable(RobotsError::Temporary(why))) => {
                PictureResponse::Failed(format!("no robots.txt: {why}"))
            }
            Err(PageRequestError::Unavailable(RobotsError::Permanent(why))) => {
                PictureResponse::Gone(why)
            }
            Err(PageRequestError::Postponed) => PictureResponse::Failed("it takes long".to_owned()),
        }
    }
}

fn log_failure(url: &Url, why: &str) {
    tracing::debug!(url = %PublicUrl::redact(url), why, "no copy of a picture");
}

fn response_of_error(error: &FetchError) -> PictureResponse {
    let is_gone = matches!(error.status(), Some(400 | 401 | 403 | 404 | 410 | 451));
    let message = error.to_string();
    if is_gone || error.is_permanent() {
        PictureResponse::Gone(message)
    } else {
        PictureResponse::Failed(message)
    }
}
