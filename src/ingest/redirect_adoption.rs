//! Permanent redirects, poll after poll → the address that a source is asked at.
//!
//! | seen | done |
//! | --- | --- |
//! | 301 or 308 on every hop | followed and told; nothing is adopted yet |
//! | the same for 7 days and 3 polls, to a feed that shares an entry with what was known | the new address is asked from then on |
//! | any other way to an answer | the watch begins anew |
//! | no feed at the new address for 7 days and 3 failures, or 410 there | the configured address is asked again |
//! | the operator changes the configured address | that one is asked |
//!
//! Failures say nothing about a move: neither a captive portal nor a page "back soon" is a feed. The
//! first feed read behind a redirect decides whether it is the same one, since its entries are known
//! afterwards. A move from https to http is never adopted: it would give up what protects the feed.

use jiff::{SignedDuration, Timestamp};
use url::Url;

use crate::fetch::FollowedRedirect;
use crate::model::{AdoptedRedirect, Location, PendingRedirect, PollState, Source};

/// A captive portal, a maintenance page or a poisoned answer is gone after hours, at most a few days.
const ADOPT_AFTER: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Three answers on one day prove no more than one; but one in a week is no proof either.
const ADOPT_AFTER_POLLS: u32 = 3;
/// As long as a move must hold to be adopted, it must have failed to be given up…
const GIVE_UP_AFTER: SignedDuration = ADOPT_AFTER;
/// …in as many polls: the machine may have been off meanwhile.
const GIVE_UP_AFTER_FAILURES: u32 = ADOPT_AFTER_POLLS;

/// Where a source is asked; `None`: it is a file.
pub fn poll_address(source: &Source, state: &PollState) -> Option<Url> {
    match &source.location {
        Location::Web(configured) => Some(effective_address(configured, state)),
        Location::File(_) => None,
    }
}

/// The address to ask for a source that is configured at `configured`.
pub(super) fn effective_address(configured: &Url, state: &PollState) -> Url {
    let adopted = state
        .address
        .adopted_redirect
        .as_ref()
        .filter(|adopted| adopted.from == configured.as_str());
    adopted.and_then(|adopted| Url::parse(&adopted.to).ok()).unwrap_or_else(|| configured.clone())
}

/// Forgets what was known of moves where the operator changed the address since.
pub(super) fn reset_if_address_changed(state: &mut PollState, source: &Source) {
    let is_theirs = |adopted: &AdoptedRedirect| adopted.from == source.location.to_string();
    if state.address.adopted_redirect.as_ref().is_some_and(|adopted| !is_theirs(adopted)) {
        (state.address.adopted_redirect, state.address.pending_redirect) = (None, None);
    }
}

/// Takes a good answer into account. `same_feed`: whether it has entries that were known before;
/// `None` where that cannot be told.
pub(super) fn record_redirects(
    state: &mut PollState,
    source: &Source,
    hops: &[FollowedRedirect],
    same_feed: Option<bool>,
    now: Timestamp,
) {
    let is_permanent = hops.iter().all(|hop| matches!(hop.status, 301 | 308));
    let before = state.address.pending_redirect.take();
    let Some(last) = hops.last().filter(|_| is_permanent) else { return };
    let to = last.to.to_string();
    let moved = before.filter(|moved| moved.to == to);
    let mut moved =
        moved.unwrap_or(PendingRedirect { to, since: now, seen_count: 0, same_feed: None });
    moved.seen_count = moved.seen_count.saturating_add(1);
    moved.same_feed = moved.same_feed.or(same_feed);
    match &source.location {
        Location::Web(configured)
            if is_redirect_proven(&moved, now) && is_as_safe(configured, &last.to) =>
        {
            state.address.adopted_redirect = adopt_redirect(moved, configured, now);
        }
        _ => state.address.pending_redirect = Some(moved),
    }
}

/// `None`: it leads back to where it began.
fn adopt_redirect(
    moved: PendingRedirect,
    configured: &Url,
    now: Timestamp,
) -> Option<AdoptedRedirect> {
    let from = configured.to_string();
    let PendingRedirect { to, since, .. } = moved;
    (to != from).then_some(AdoptedRedirect { from, to, since, at: now })
}

fn is_redirect_proven(moved: &PendingRedirect, now: Timestamp) -> bool {
    moved.same_feed == Some(true)
        && moved.seen_count >= ADOPT_AFTER_POLLS
        && now.duration_since(moved.since) >= ADOPT_AFTER
}

fn is_as_safe(from: &Url, to: &Url) -> bool {
    from.scheme() != "https" || to.scheme() == "https"
}

/// Takes a failure into account, once it is counted; gives whether an adopted address was given up:
/// the next poll asks the configured one.
pub(super) fn give_up_redirect_if_failing(state: &mut PollState, now: Timestamp) -> bool {
    let Some(adopted) = &state.address.adopted_redirect else { return false };
    let good_at = state.last_poll.succeeded_at.unwrap_or(adopted.at);
    let has_failed = state.last_poll.failures >= GIVE_UP_AFTER_FAILURES
        && now.duration_since(good_at) >= GIVE_UP_AFTER;
    if has_failed || state.last_poll.status == 410 {
        (state.address.adopted_redirect, state.address.pending_redirect) = (None, None);
        return true;
    }
    false
}
