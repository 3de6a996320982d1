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

use crate::daemon::fetch::Hop;
use crate::feed::model::{Adopted, Location, Moved, PollState, Source};

/// A captive portal, a maintenance page or a poisoned answer is gone after hours, at most a few days.
const HELD: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Three answers on one day prove no more than one; but one in a week is no proof either.
const SIGHTINGS: u32 = 3;
/// As long as a move must hold to be adopted, it must have failed to be given up…
const FAILED: SignedDuration = HELD;
/// …in as many polls: the machine may have been off meanwhile.
const FAILURES: u32 = SIGHTINGS;

/// Where a source is asked; `None`: it is a file.
pub fn address_of(source: &Source, state: &PollState) -> Option<Url> {
    match &source.location {
        Location::Web(configured) => Some(address(configured, state)),
        Location::File(_) => None,
    }
}

/// The address to ask for a source that is configured at `configured`.
pub(super) fn address(configured: &Url, state: &PollState) -> Url {
    let adopted = state.adopted.as_ref().filter(|adopted| adopted.from == configured.as_str());
    adopted.and_then(|adopted| Url::parse(&adopted.to).ok()).unwrap_or_else(|| configured.clone())
}

/// Forgets what was known of moves where the operator changed the address since.
pub(super) fn forget_if_changed(state: &mut PollState, source: &Source) {
    let is_theirs = |adopted: &Adopted| adopted.from == source.location.to_string();
    if state.adopted.as_ref().is_some_and(|adopted| !is_theirs(adopted)) {
        (state.adopted, state.moved) = (None, None);
    }
}

/// Takes a good answer into account. `same_feed`: whether it has entries that were known before;
/// `None` where that cannot be told.
pub(super) fn note_success(
    state: &mut PollState,
    source: &Source,
    hops: &[Hop],
    same_feed: Option<bool>,
    now: Timestamp,
) {
    let is_permanent = hops.iter().all(|hop| matches!(hop.status, 301 | 308));
    let before = state.moved.take();
    let Some(last) = hops.last().filter(|_| is_permanent) else { return };
    let to = last.to.to_string();
    let moved = before.filter(|moved| moved.to == to);
    let mut moved = moved.unwrap_or(Moved { to, since: now, sightings: 0, same_feed: None });
    moved.sightings = moved.sightings.saturating_add(1);
    moved.same_feed = moved.same_feed.or(same_feed);
    match &source.location {
        Location::Web(configured) if is_proven(&moved, now) && is_as_safe(configured, &last.to) => {
            state.adopted = adopt(moved, configured, now);
        }
        _ => state.moved = Some(moved),
    }
}

/// `None`: it leads back to where it began.
fn adopt(moved: Moved, configured: &Url, now: Timestamp) -> Option<Adopted> {
    let from = configured.to_string();
    let Moved { to, since, .. } = moved;
    (to != from).then_some(Adopted { from, to, since, at: now })
}

fn is_proven(moved: &Moved, now: Timestamp) -> bool {
    moved.same_feed == Some(true)
        && moved.sightings >= SIGHTINGS
        && now.duration_since(moved.since) >= HELD
}

fn is_as_safe(from: &Url, to: &Url) -> bool {
    from.scheme() != "https" || to.scheme() == "https"
}

/// Takes a failure into account, once it is counted; gives whether an adopted address was given up:
/// the next poll asks the configured one.
pub(super) fn note_failure(state: &mut PollState, now: Timestamp) -> bool {
    let Some(adopted) = &state.adopted else { return false };
    let good_at = state.succeeded_at.unwrap_or(adopted.at);
    let has_failed = state.failures >= FAILURES && now.duration_since(good_at) >= FAILED;
    if has_failed || state.status == 410 {
        (state.adopted, state.moved) = (None, None);
        return true;
    }
    false
}
