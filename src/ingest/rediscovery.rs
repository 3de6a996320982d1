//! A feed that has been gone for days → its site, asked once a week for the feeds that it names, and the
//! one of them that seems to be the lost one.
//!
//! | what | bound |
//! | --- | --- |
//! | gone | 404, 410, or a page where the feed stood |
//! | for how long | three days; 410 says it at once |
//! | how often it is looked for | once a week, beside a poll that fails in any case |
//! | which page is asked | the operator's `site`; else the page that the feed named, on its own host; else the root of its host |
//! | which addresses then | the first three that the page names as feeds |
//!
//! What is found is told and never taken: a page can be anybody's by then.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use rafid_feed::model::Document;
use rafid_feed::{decode, discover, pipeline};
use url::Url;

use super::{PollBody, PollResources, PollResult, UpdateError, redirect_adoption};
use crate::fetch::{Accept, FetchRequest, FetchResponse};
use crate::health::duplicate_feeds;
use crate::model::{Likeness, Location, LostFeed, PollState, PublicUrl, RediscoveredFeed, Source};

/// A feed that is gone for less is often back: servers are moved on weekends.
const SEARCH_AFTER: SignedDuration = SignedDuration::from_hours(3 * 24);
/// A site that names no feed today may do so next week.
const SEARCH_EVERY: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Feeds that are asked of those that a page names: the one of all news stands among the first.
const MAX_CANDIDATES: usize = 3;

/// A search that was made; with what was found, if anything was.
#[derive(Debug)]
pub struct RediscoveryResult(Option<RediscoveredFeed>);

/// Looks for a feed that is gone, when it is time for it. `None`: it is not.
pub(super) async fn find_lost_feed(
    hands: &PollResources,
    source: &Arc<Source>,
    state: &PollState,
    polled: &PollResult,
    now: Timestamp,
) -> Option<RediscoveryResult> {
    let PollBody::Failed(error) = &polled.body else { return None };
    let address = redirect_adoption::poll_address(source, state)?;
    let is_due = is_gone(source, error) && is_search_due(state, &address, error, now);
    if !is_due {
        return None;
    }
    let site = site_to_search(source, state)?;
    Some(RediscoveryResult(search_site(hands, source, state, &site, now).await))
}

/// Whether a failure says that there is no feed at the address any more. A page that is read by
/// selectors was never one.
fn is_gone(source: &Source, error: &UpdateError) -> bool {
    match error {
        UpdateError::Fetch(error) => matches!(error.status(), Some(404 | 410)),
        UpdateError::Read(error) => error.is_page() && source.page.is_none(),
        UpdateError::Defect => false,
    }
}

fn is_search_due(state: &PollState, address: &Url, error: &UpdateError, now: Timestamp) -> bool {
    let says_so = matches!(error, UpdateError::Fetch(error) if error.status() == Some(410));
    let lost = state.address.lost.as_ref().filter(|lost| lost.address == address.as_str());
    let Some(lost) = lost else { return says_so };
    let is_long = says_so || now.duration_since(lost.since) >= SEARCH_AFTER;
    is_long && lost.searched_at.is_none_or(|at| now.duration_since(at) >= SEARCH_EVERY)
}

/// Takes a failure into account, before anybody else does: that the feed is gone from the address that
/// was asked, and what was found instead.
pub(super) fn record_loss(
    state: &mut PollState,
    source: &Source,
    error: &UpdateError,
    searched: Option<RediscoveryResult>,
    now: Timestamp,
) {
    let address = redirect_adoption::poll_address(source, state);
    let Some(address) = address.filter(|_| is_gone(source, error)) else { return };
    let before = state.address.lost.take().filter(|lost| lost.address == address.as_str());
    let mut lost = before.unwrap_or_else(|| LostFeed {
        address: address.to_string(),
        since: now,
        searched_at: None,
        rediscovered: None,
    });
    if let Some(RediscoveryResult(found)) = searched {
        lost.searched_at = Some(now);
        lost.rediscovered = found;
    }
    state.address.lost = Some(lost);
}

/// The page that may name the feed's new address. `None`: the source is a file.
fn site_to_search(source: &Source, state: &PollState) -> Option<Url> {
    let Location::Web(configured) = &source.location else { return None };
    let host = |url: &Url| {
        let host = url.host_str()?;
        Some(host.strip_prefix("www.").unwrap_or(host).to_owned())
    };
    let named = state.document.feed_info.site.as_deref().and_then(|site| Url::parse(site).ok());
    let named =
        named.filter(|site| host(site) == host(configured) && site.port() == configured.port());
    source.site.clone().or(named).or_else(|| configured.join("/").ok())
}

async fn search_site(
    hands: &PollResources,
    source: &Arc<Source>,
    state: &PollState,
    site: &Url,
    now: Timestamp,
) -> Option<RediscoveredFeed> {
    let page = fetch_document(hands, source, site, Accept::Page, now).await?;
    let base = page.url.clone().unwrap_or_else(|| site.clone());
    let named = run_blocking(hands, move || {
        let text = decode::decode(&page, None).ok()?.text.into_owned();
        Some(discover::feeds_in(&text, &base))
    });
    let asked = [redirect_adoption::poll_address(source, state), configured_url(source).cloned()];
    let mut best: Option<RediscoveredFeed> = None;
    let candidates = named.await??.into_iter().map(|candidate| candidate.url);
    let candidates = candidates.filter(|url| asked.iter().flatten().all(|asked| asked != url));
    for url in candidates.take(MAX_CANDIDATES) {
        let Some(document) = fetch_document(hands, source, &url, Accept::Feed, now).await else {
            continue;
        };
        let (source, known) = (Arc::clone(source), state.clone());
        let found =
            run_blocking(hands, move || compare_with_lost(&document, &source, &known, &url))
                .await?;
        if let Some(found) = found
            && best.as_ref().is_none_or(|best| found.likeness < best.likeness)
        {
            best = Some(found);
        }
        if best.as_ref().is_some_and(|best| matches!(best.likeness, Likeness::Entries(_))) {
            break;
        }
    }
    best
}

pub(super) fn configured_url(source: &Source) -> Option<&Url> {
    match &source.location {
        Location::Web(configured) => Some(configured),
        Location::File(_) => None,
    }
}

/// A document, as the source's own client would get it. `None`: there is none.
async fn fetch_document(
    hands: &PollResources,
    source: &Source,
    url: &Url,
    accept: Accept,
    now: Timestamp,
) -> Option<Document> {
    // What the operator says to one host is not for another.
    let is_theirs =
        configured_url(source).is_some_and(|configured| configured.origin() == url.origin());
    let headers = if is_theirs { &source.headers[..] } else { &[] };
    let user_agent = source.user_agent.as_deref();
    let request = FetchRequest { headers, user_agent, accept, ..FetchRequest::new(url) };
    match hands.client.get(&request, now).await {
        Ok(FetchResponse::Fresh { document, .. }) => Some(document),
        Ok(FetchResponse::NotModified { .. }) => None,
        Err(error) => {
            let (url, error) = (PublicUrl::redact(url), source.published_text(&error.to_string()));
            let source = source.id.as_str();
            tracing::debug!(source, %url, error, "not found while looking for a feed");
            None
        }
    }
}

fn compare_with_lost(
    document: &Document,
    source: &Source,
    known: &PollState,
    url: &Url,
) -> Option<RediscoveredFeed> {
    let feed = pipeline::read_feed(document, source.read_hints()).ok()?.feed;
    let title = feed.title.as_ref().map(ToString::to_string);
    let known_title = known.document.feed_info.title.as_deref();
    let likeness = duplicate_feeds::likeness_to_lost_feed(
        &feed.entries,
        title.as_deref(),
        &known.health.article_keys,
        known_title,
    )?;
    Some(RediscoveredFeed { url: url.to_string(), title, likeness })
}

/// Reading is CPU work: off the async threads, and a panic harms this piece of work only.
pub(super) async fn run_blocking<T: Send + 'static>(
    hands: &PollResources,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let _turn = hands.readers.acquire().await.ok()?;
    tokio::task::spawn_blocking(work).await.ok()
}
