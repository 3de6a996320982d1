//! A feed that has been gone for days → when and where to search for it, and whether a feed that was found is
//! the same one.
//!
//! | what | limit |
//! | --- | --- |
//! | gone | 404, 410, or a web page in place of the feed |
//! | for how long | three days; after 410 at once |
//! | how often it is searched for | once a week, together with a poll that fails in any case |
//! | on which page | the operator's `site`; else the page that the feed named, if it is on the same host; else the root of its host |
//! | which feeds are compared | the first three that the page names |
//!
//! A feed that is found is reported, but never polled automatically: by then, the page may belong to anyone.

use jiff::{SignedDuration, Timestamp};
use rafid_feed::model::Feed;
use url::Url;

use super::redirect_adoption;
use crate::health::duplicate_feeds;
use crate::model::{
    FailureKind, FeedAddress, Location, LostFeed, PollState, RediscoveredFeed, Source,
};

/// A feed that is gone for a shorter time often comes back: servers are moved on weekends.
const SEARCH_AFTER: SignedDuration = SignedDuration::from_hours(3 * 24);
/// A site that names no feed today may name one next week.
const SEARCH_EVERY: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A search that was made, with the feed that was found, if any.
#[derive(Debug)]
pub struct RediscoveryResult(pub(crate) Option<RediscoveredFeed>);

/// The page to search for the feed after a failure. `None`: it is not gone, it is too early for a search, or
/// the source is a file.
pub fn page_to_search(
    source: &Source,
    state: &PollState,
    failure: FailureKind,
    now: Timestamp,
) -> Option<Url> {
    let address = redirect_adoption::poll_address(source, &state.address)?;
    let is_due = is_gone(source, failure)
        && is_search_due(state.address.lost.as_ref(), &address, failure, now);
    if !is_due {
        return None;
    }
    site_of_feed(source, state.document.feed_info.site.as_deref())
}

/// Whether a failure shows that there is no feed at the address any more. A source with selectors for a web
/// page never had one.
fn is_gone(source: &Source, failure: FailureKind) -> bool {
    failure.gone_status().is_some() || failure == FailureKind::NotAFeed && source.page.is_none()
}

fn is_search_due(
    lost: Option<&LostFeed>,
    address: &Url,
    failure: FailureKind,
    now: Timestamp,
) -> bool {
    let is_explicit = failure.gone_status() == Some(410);
    let lost = lost.filter(|lost| lost.address == address.as_str());
    let Some(lost) = lost else { return is_explicit };
    let is_long = is_explicit || now.duration_since(lost.since) >= SEARCH_AFTER;
    is_long && lost.searched_at.is_none_or(|at| now.duration_since(at) >= SEARCH_EVERY)
}

/// After a failure: whether the feed is gone from the polled address, and what was found instead.
pub(super) fn after_failure(
    before: FeedAddress,
    source: &Source,
    failure: FailureKind,
    rediscovery: Option<RediscoveryResult>,
    now: Timestamp,
) -> FeedAddress {
    let address = redirect_adoption::poll_address(source, &before);
    let Some(address) = address.filter(|_| is_gone(source, failure)) else { return before };
    let lost = before.lost.filter(|lost| lost.address == address.as_str());
    let mut lost = lost.unwrap_or_else(|| LostFeed {
        address: address.to_string(),
        since: now,
        searched_at: None,
        rediscovered: None,
    });
    if let Some(RediscoveryResult(found)) = rediscovery {
        lost.searched_at = Some(now);
        lost.rediscovered = found;
    }
    FeedAddress { lost: Some(lost), ..before }
}

/// The page that may name the feed's new address. `None`: the source is a file.
fn site_of_feed(source: &Source, named: Option<&str>) -> Option<Url> {
    let Location::Web(configured) = &source.location else { return None };
    let host = |url: &Url| {
        let host = url.host_str()?;
        Some(host.strip_prefix("www.").unwrap_or(host).to_owned())
    };
    let named = named.and_then(|site| Url::parse(site).ok());
    let named =
        named.filter(|site| host(site) == host(configured) && site.port() == configured.port());
    source.site.clone().or(named).or_else(|| configured.join("/").ok())
}

/// The feed at `url` as a rediscovered one. `None`: it does not seem to be the lost feed.
pub fn compare_with_lost(feed: &Feed, lost: &PollState, url: &Url) -> Option<RediscoveredFeed> {
    let title = feed.title.as_ref().map(ToString::to_string);
    let likeness = duplicate_feeds::likeness_to_lost_feed(
        &feed.entries,
        title.as_deref(),
        &lost.health.article_keys,
        lost.document.feed_info.title.as_deref(),
    )?;
    Some(RediscoveredFeed { url: url.to_string(), title, likeness })
}
