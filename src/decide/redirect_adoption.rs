//! Permanent redirects, poll after poll → the address that is polled.
//!
//! | seen | result |
//! | --- | --- |
//! | 301 or 308 on every hop | the redirect is followed and reported, but not adopted yet |
//! | the same for 7 days and 3 polls, to a feed with an entry that was already known | the new address is polled from then on |
//! | any other way to a response | the count starts again |
//! | no feed at the new address for 7 days and 3 failures, or 410 there | the configured address is polled again |
//! | the operator changes the configured address | the configured address is polled |
//! | the document says for 7 days and in 3 polls that the feed is elsewhere (`itunes:new-feed-url`) | one poll requests that address |
//! | a feed with a known entry is there | it is polled from then on, as after a redirect |
//! | anything else is there | nothing of it is taken, and the count starts again |
//!
//! Failures do not count for or against a redirect: neither a captive portal nor a page "back soon" is a
//! feed. The first feed that is read after a redirect decides whether it is the same one, because its entries
//! are known afterwards. A redirect from https to http is never adopted: it would make the feed less secure.

use jiff::{SignedDuration, Timestamp};
use url::Url;

use crate::model::{
    AdoptedRedirect, FailureKind, FeedAddress, FollowedRedirect, LastPoll, Location, MoveSign,
    PendingRedirect, Source,
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
        Location::Web(configured) => Some(address_to_request(configured, address)),
        Location::File(_) => None,
    }
}

/// The address that the next poll requests for a source with the address `configured`.
pub fn address_to_request(configured: &Url, address: &FeedAddress) -> Url {
    trial_address(address).unwrap_or_else(|| effective_address(configured, address))
}

/// The address to which the document has said for days that the feed moves. `None`: it has not.
pub(super) fn trial_address(address: &FeedAddress) -> Option<Url> {
    let pending = address.pending_redirect.as_ref()?;
    Url::parse(&pending.to).ok().filter(|_| pending.sign == MoveSign::Trial)
}

/// What a good response says about where the feed is.
#[derive(Debug, Clone, Copy)]
pub struct SeenAddress<'a> {
    /// The redirects that were followed.
    pub redirects: &'a [FollowedRedirect],
    /// What the document says.
    pub stated: &'a StatedAddress,
}

/// What a document says about where the feed moves (`itunes:new-feed-url`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StatedAddress {
    /// No new document was read: what the last one says still holds.
    Unchanged,
    /// Nothing.
    Nothing,
    /// To this address.
    To(String),
}

impl StatedAddress {
    /// What a document says that was read.
    pub(super) fn of(moved_to: Option<String>) -> Self {
        moved_to.map_or(Self::Nothing, Self::To)
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
    seen: SeenAddress<'_>,
    same_feed: Option<bool>,
    now: Timestamp,
) -> FeedAddress {
    let Location::Web(configured) = &source.location else { return address };
    if trial_address(&address).is_some() {
        return after_trial(address, configured, same_feed, now);
    }
    let is_permanent = |redirect: &FollowedRedirect| matches!(redirect.status, 301 | 308);
    let (to, sign) = match seen.redirects.last() {
        Some(last) if seen.redirects.iter().all(is_permanent) => {
            (Some(last.to.clone()), MoveSign::Redirect)
        }
        Some(_) => (None, MoveSign::Redirect),
        None => (stated_move(&address, configured, seen.stated), MoveSign::Statement),
    };
    let Some(to) = to else { return FeedAddress { pending_redirect: None, ..address } };
    let is_same = |before: &PendingRedirect| before.to == to.as_str() && before.sign == sign;
    let before = address.pending_redirect.filter(is_same);
    let mut pending = before.unwrap_or_else(|| PendingRedirect {
        to: to.to_string(),
        since: now,
        seen_count: 0,
        same_feed: None,
        sign,
    });
    pending.seen_count = pending.seen_count.saturating_add(1);
    let has_lasted = has_lasted(&pending, now) && is_as_safe(configured, &to);
    if sign == MoveSign::Statement {
        // What was read here does not show what is there.
        pending.sign = if has_lasted { MoveSign::Trial } else { sign };
        return FeedAddress { pending_redirect: Some(pending), ..address };
    }
    pending.same_feed = pending.same_feed.or(same_feed);
    if has_lasted && pending.same_feed == Some(true) {
        let adopted_redirect = adopt_redirect(pending, configured, now);
        return FeedAddress { adopted_redirect, pending_redirect: None, ..address };
    }
    FeedAddress { pending_redirect: Some(pending), ..address }
}

/// After a good response of the address to which the document said that the feed moves.
fn after_trial(
    address: FeedAddress,
    configured: &Url,
    same_feed: Option<bool>,
    now: Timestamp,
) -> FeedAddress {
    let proven = address.pending_redirect.filter(|_| same_feed == Some(true));
    match proven {
        Some(pending) => {
            let adopted_redirect = adopt_redirect(pending, configured, now);
            FeedAddress { adopted_redirect, pending_redirect: None, ..address }
        }
        None => FeedAddress { pending_redirect: None, ..address },
    }
}

/// Without a trial that failed: the address that was polled before is polled again. A request that was not sent
/// failed nothing.
pub(super) fn after_failed_trial(address: FeedAddress, kind: FailureKind) -> FeedAddress {
    match trial_address(&address).filter(|_| kind != FailureKind::HostBackoff) {
        Some(_) => FeedAddress { pending_redirect: None, ..address },
        None => address,
    }
}

/// The address to which the document says that the feed moves. `None`: it says nothing, or names its own.
fn stated_move(address: &FeedAddress, configured: &Url, stated: &StatedAddress) -> Option<Url> {
    let to = match stated {
        StatedAddress::Nothing => None,
        StatedAddress::To(to) => Url::parse(to).ok(),
        StatedAddress::Unchanged => {
            let before = address.pending_redirect.as_ref();
            let before = before.filter(|before| before.sign == MoveSign::Statement)?;
            Url::parse(&before.to).ok()
        }
    };
    to.filter(|to| *to != effective_address(configured, address))
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

fn has_lasted(pending: &PendingRedirect, now: Timestamp) -> bool {
    pending.seen_count >= ADOPT_AFTER_POLLS && now.duration_since(pending.since) >= ADOPT_AFTER
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
