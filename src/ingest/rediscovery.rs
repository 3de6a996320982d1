//! A feed that has been gone for days → a search on its site for the feeds that it names, and the one that
//! seems to be the lost feed (`decide::lost_feed` has the rules).

use std::sync::Arc;

use jiff::Timestamp;
use rafid_feed::model::Document;
use rafid_feed::{decode, discover, pipeline};
use url::Url;

use super::poll_result::{PollBody, PollResult};
use super::resources::{PollResources, configured_url, request_for};
use crate::decide::lost_feed::{self, RediscoveryResult};
use crate::decide::redirect_adoption;
use crate::fetch::{Accept, FetchRequest, FetchResponse};
use crate::model::{Likeness, PollState, PublicUrl, RediscoveredFeed, Source};

/// How many of the feeds that a page names are compared: the feed of all news is among the first.
const MAX_CANDIDATES: usize = 3;

/// Searches for a lost feed, if a search is due. `None`: it is not.
pub(super) async fn find_lost_feed(
    resources: &PollResources,
    source: &Arc<Source>,
    state: &PollState,
    result: &PollResult,
    now: Timestamp,
) -> Option<RediscoveryResult> {
    let PollBody::Failed(error) = &result.body else { return None };
    let page = lost_feed::page_to_search(source, state, error.kind(), now)?;
    Some(RediscoveryResult(search_page(resources, source, state, &page, now).await))
}

async fn search_page(
    resources: &PollResources,
    source: &Arc<Source>,
    state: &PollState,
    page: &Url,
    now: Timestamp,
) -> Option<RediscoveredFeed> {
    let document = fetch_document(resources, source, page, Accept::Page, now).await?;
    let base = document.url.clone().unwrap_or_else(|| page.clone());
    let named = resources.run_blocking(move || {
        let text = decode::decode(&document, None).ok()?.text.into_owned();
        Some(discover::feeds_in(&text, &base))
    });
    let polled =
        [redirect_adoption::poll_address(source, &state.address), configured_url(source).cloned()];
    let mut best: Option<RediscoveredFeed> = None;
    let candidates = named.await??.into_iter().map(|candidate| candidate.url);
    let candidates = candidates.filter(|url| polled.iter().flatten().all(|polled| polled != url));
    for url in candidates.take(MAX_CANDIDATES) {
        let Some(document) = fetch_document(resources, source, &url, Accept::Feed, now).await
        else {
            continue;
        };
        let (source, lost) = (Arc::clone(source), state.clone());
        let found = resources.run_blocking(move || {
            let feed = pipeline::read_feed(&document, source.read_hints()).ok()?.feed;
            lost_feed::compare_with_lost(&feed, &lost, &url)
        });
        if let Some(found) = found.await?
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

/// A document, requested in the name of the source. `None`: no response.
async fn fetch_document(
    resources: &PollResources,
    source: &Source,
    url: &Url,
    accept: Accept,
    now: Timestamp,
) -> Option<Document> {
    let request = FetchRequest { accept, ..request_for(source, url) };
    match resources.client.get(&request, now).await {
        Ok(FetchResponse::Fresh { document, .. }) => Some(document),
        Ok(FetchResponse::NotModified { .. }) => None,
        Err(error) => {
            let (url, error) = (PublicUrl::redact(url), source.published_text(&error.to_string()));
            let source = source.id.as_str();
            tracing::debug!(source, %url, error, "not found while searching for a feed");
            None
        }
    }
}
