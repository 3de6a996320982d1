//! Permanent redirects, poll after poll → the address that is polled.
//!
//! | seen | result |
//! | --- | --- |
//! | 301 or 308 on every hop | the redirect is followed and reported, but not adopted yet |
//! | the same for 7 days and 3 polls, to a feed with an entry that was already known | the new address is polled from then on |
//! | any other way to a response | the count starts again |
//! | no feed at the new address for 7 days and 3 failures, or 410 there | the configured address is polled again |
//! | the operator changes the configured address | the configured address is polled |
//!
//! Failures do not count for or against a redirect: neither a captive portal nor a page "back soon" is a
//! feed. The first feed that is read after a redirect decides whether it is the same one, because its entries
//! are known afterwards. A redirect from https to http is never adopted: it would make the feed less secure.

use jiff::{SignedDuration, Timestamp};
use url::Url;

use crate::model::{
    AdoptedRedirect, FeedAddress, FollowedRedirect, LastPoll, Location, PendingRedirect, Source,
};

/// A captive portal, a maintenance page or a poisoned response lasts hours, at most a few days.
const ADOPT_AFTER: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Three responses on one day prove no more than one; but one in a week is no proof either.
const ADOPT_AFTER_POLLS: u32 = 3;
/// An adopted address is given up after it has failed as long as it takes to adopt one…
const GIVE_UP_AFTER: SignedDuration = ADOPT_AFTER;
/// …in as many polls: the machine may have been off in between.
const GIVE_UP_AFTER_FAILURES: u32 = ADOPT_AFTER_POLLS;

/// The address that is polled. `None`: the source is a file.
pub fn poll_address(source: &Source, address: &FeedAddress) -> Option<Url> {
    match &source.location {
        Location::Web(configured) => Some(effective_address(configured, address)),
        Location::File(_) => None,
    }
}

/// The address that is polled for a source with the address `configured`.
pub fn effective_address(configured: &Url, address: &FeedAddress) -> Url {
    let adopted =
        address.adopted_redirect.as_ref().filter(|adopted| adopted.from == configured.as_str());
    adopted.and_then(|adopted| Url::parse(&adopted.to).ok()).unwrap_or_else(|| configured.clone())
}

/// Without the redirects of another address, if the operator has changed the configured one.
pub(super) fn for_configured_address(address: FeedAddress, source: &Source) -> FeedAddress {
    let is_current = |adopted: &AdoptedRedirect| adopted.from == source.location.to_string();
    if address.adopted_redirect.as_ref().is_none_or(is_current) {
        return address;
    }
    without_redirects(address)
}

/// Without any redirects: the configured address is polled.
pub(super) fn without_redirects(address: FeedAddress) -> FeedAddress {
    FeedAddress { adopted_redirect: None, pending_redirect: None, ..address }
}

/// After a good response. `same_feed`: whether it has entries that were already known; `None`: unknown.
pub fn after_success(
    address: FeedAddress,
    source: &Source,
    redirects: &[FollowedRedirect],
    same_feed: Option<bool>,
    now: Timestamp,
) -> FeedAddress {
    let is_permanent = redirects.iter().all(|redirect| matches!(redirect.status, 301 | 308));
    let Some(last) = redirects.last().filter(|_| is_permanent) else {
        return FeedAddress { pending_redirect: None, ..address };
    };
    let to = last.to.to_string();
    let before = address.pending_redirect.filter(|before| before.to == to);
    let mut pending =
        before.unwrap_or(PendingRedirect { to, since: now, seen_count: 0, same_feed: None });
    pending.seen_count = pending.seen_count.saturating_add(1);
    pending.same_feed = pending.same_feed.or(same_feed);
    match &source.location {
        Location::Web(configured)
            if is_redirect_proven(&pending, now) && is_as_safe(configured, &last.to) =>
        {
            let adopted_redirect = adopt_redirect(pending, configured, now);
            FeedAddress { adopted_redirect, pending_redirect: None, ..address }
        }
        _ => FeedAddress { pending_redirect: Some(pending), ..address },
    }
}

/// The redirect as an adopted one. `None`: it leads back to the configured address.
fn adopt_redirect(
    pending: PendingRedirect,
    configured: &Url,
    now: Timestamp,
) -> Option<AdoptedRedirect> {
    let from = configured.to_string();
    let PendingRedirect { to, since, .. } = pending;
    (to != from).then_some(AdoptedRedirect { from, to, since, at: now })
}

fn is_redirect_proven(pending: &PendingRedirect, now: Timestamp) -> bool {
    pending.same_feed == Some(true)
        && pending.seen_count >= ADOPT_AFTER_POLLS
        && now.duration_since(pending.since) >= ADOPT_AFTER
}

fn is_as_safe(from: &Url, to: &Url) -> bool {
    from.scheme() != "https" || to.scheme() == "https"
}

/// Whether there is an adopted address that has failed for too long, including the last poll.
pub(super) fn has_failed(address: &FeedAddress, last_poll: &LastPoll, now: Timestamp) -> bool {
    let Some(adopted) = &address.adopted_redirect else { return false };
    let good_at = last_poll.succeeded_at.unwrap_or(adopted.at);
    let is_long = last_poll.failures >= GIVE_UP_AFTER_FAILURES
        && now.duration_since(good_at) >= GIVE_UP_AFTER;
    is_long || last_poll.status == 410
}
